/* What drydock devices --json says; see host_made.h.  It is the same as the
 * command shows. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <json-c/json.h>

#include "core/base/vis.h"
#include "tui/host_made.h"

static const char *
string(struct json_object *o, const char *key)
{
	struct json_object *v;
	const char *s = NULL;

	if (json_object_object_get_ex(o, key, &v))
		s = json_object_get_string(v);
	return s == NULL ? "" : s;
}

static int
number(struct json_object *o, const char *key)
{
	struct json_object *v;

	return json_object_object_get_ex(o, key, &v) ?
	    json_object_get_int(v) : 0;
}

static bool
yes(struct json_object *o, const char *key)
{
	struct json_object *v;

	return json_object_object_get_ex(o, key, &v) &&
	    json_object_get_boolean(v);
}

/* A member that is an array, or NULL; its length in *n. */
static struct json_object *
array(struct json_object *o, const char *key, size_t *n)
{
	struct json_object *v;

	*n = 0;
	if (!json_object_object_get_ex(o, key, &v) ||
	    !json_object_is_type(v, json_type_array))
		return NULL;
	*n = json_object_array_length(v);
	return v;
}

static void
put_holder(struct buf *b, struct json_object *h)
{
	const char *kind = string(h, "kind");

	if (b->len > 0)
		(void)buf_str(b, ", ");
	if (strcmp(kind, "mount") == 0)
		(void)buf_printf(b, "mounted on %s", string(h, "what"));
	else if (strcmp(kind, "domu") == 0)
		(void)buf_printf(b, "%s as %s", string(h, "what"),
		    string(h, "vdev"));
	else if (strcmp(kind, "drydock") == 0)
		(void)buf_printf(b, "drydock process %d", number(h, "pid"));
	else
		(void)buf_printf(b, "under %s", string(h, "what"));
}

static void
take_device(struct host_device *d, struct json_object *o)
{
	struct json_object *holders;
	struct buf b = BUF_INIT;
	size_t i, n;

	vis_str(d->name, sizeof(d->name), *string(o, "name") != '\0' ?
	    string(o, "name") : string(o, "device"));
	vis_str(d->image, sizeof(d->image), string(o, "image"));
	vis_str(d->stale, sizeof(d->stale), string(o, "stale"));
	d->upon = strcmp(string(o, "made_of"), "file") != 0;
	holders = array(o, "holders", &n);
	for (i = 0; i < n; i++)
		put_holder(&b, json_object_array_get_idx(holders, i));
	if (b.p != NULL && !b.failed)
		vis_str(d->holders, sizeof(d->holders), b.p);
	buf_dispose(&b);
}

static void
take_record(struct host_record *r, struct json_object *o)
{
	const char *mount = string(o, "mount");
	struct buf b = BUF_INIT;

	r->alive = yes(o, "alive");
	(void)buf_printf(&b, "process %d%s: %s%s%s", number(o, "pid"),
	    r->alive ? "" : ", which is dead", string(o, "image"),
	    *mount != '\0' ? " on " : "", mount);
	if (b.p != NULL && !b.failed)
		vis_str(r->what, sizeof(r->what), b.p);
	buf_dispose(&b);
}

static void
take_room(struct host_devices_said *said, struct json_object *o)
{
	struct json_object *room;

	if (!json_object_object_get_ex(o, "room", &room) ||
	    !json_object_is_type(room, json_type_object))
		return;
	vis_str(said->kind, sizeof(said->kind), string(room, "kind"));
	said->used = (unsigned)number(room, "used");
	said->all = (unsigned)number(room, "all");
}

struct host_devices_said *
host_devices_parse(const struct buf *json)
{
	struct host_devices_said *said = calloc(1, sizeof(*said));
	struct json_object *o, *devices, *records;
	size_t n = 0, m = 0;

	if (said == NULL || json->p == NULL ||
	    (o = json_tokener_parse(json->p)) == NULL) {
		free(said);
		return NULL;
	}
	devices = array(o, "devices", &n);
	records = array(o, "records", &m);
	said->v = calloc(n + 1, sizeof(*said->v));
	said->records = calloc(m + 1, sizeof(*said->records));
	if (said->v == NULL || said->records == NULL) {
		json_object_put(o);
		host_devices_free(said);
		return NULL;
	}
	for (; said->n < n; said->n++)
		take_device(&said->v[said->n],
		    json_object_array_get_idx(devices, said->n));
	for (; said->nrecords < m; said->nrecords++)
		take_record(&said->records[said->nrecords],
		    json_object_array_get_idx(records, said->nrecords));
	take_room(said, o);
	json_object_put(o);
	return said;
}

void
host_devices_free(struct host_devices_said *said)
{
	if (said == NULL)
		return;
	free(said->v);
	free(said->records);
	free(said);
}
