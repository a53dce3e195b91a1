/* Members of JSON objects; see json_out.h. */
#include <string.h>

#include "core/base/buf.h"
#include "core/base/vis.h"
#include "core/cmd/json_out.h"

void
json_set(struct json_object *o, const char *key, struct json_object *value)
{
	(void)json_object_object_add(o, key, value);
}

struct json_object *
json_text(const char *s)
{
	struct json_object *o;
	struct buf b = BUF_INIT;

	if (s == NULL)
		return NULL;
	(void)vis_buf(&b, s, strlen(s));
	o = json_object_new_string(b.failed || b.p == NULL ? "" : b.p);
	buf_dispose(&b);
	return o;
}

void
json_set_string(struct json_object *o, const char *key, const char *value)
{
	json_set(o, key, json_text(value));
}

void
json_set_size(struct json_object *o, const char *key, uint64_t value)
{
	json_set(o, key, json_object_new_int64(value > INT64_MAX ? INT64_MAX :
	    (int64_t)value));
}

void
json_set_bool(struct json_object *o, const char *key, bool value)
{
	json_set(o, key, json_object_new_boolean(value));
}

struct json_object *
json_ffs(const struct probe_ffs *f)
{
	struct json_object *o = json_object_new_object();

	json_set_size(o, "version", (uint64_t)f->version);
	json_set_bool(o, "extended_attributes", f->ea);
	json_set_string(o, "volume", f->volname);
	json_set_string(o, "mounted_on", f->mounted_on);
	json_set_size(o, "block_size", f->bsize);
	json_set_size(o, "fragment_size", f->fsize);
	json_set_size(o, "size", f->size);
	json_set_size(o, "used", f->data > f->free ? f->data - f->free : 0);
	json_set_size(o, "free", f->free);
	json_set_size(o, "inodes", f->inodes);
	json_set_size(o, "inodes_free", f->inodes_free);
	json_set_bool(o, "clean", f->clean);
	json_set_bool(o, "journal", f->journal);
	json_set_bool(o, "journal_dirty", f->journal_dirty);
	json_set_bool(o, "quota", f->quota);
	return o;
}
