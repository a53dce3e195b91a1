/* Fleets as JSON and as text; see fleet_out.h. */
#include <stdlib.h>
#include <string.h>

#include <json-c/json.h>

#include "core/base/units.h"
#include "core/base/vis.h"
#include "core/cmd/fleet_out.h"

/* Names of sharers in one entry: a root may serve a thousand domUs, and each
 * of them would list the others.  "users" counts them all. */
#define SHARERS_MAX	16

int
fleet_out_load(const struct cmd_env *env, struct fleet **out,
    struct dd_err *e)
{
	struct config conf;
	size_t i;
	int rc;

	if (config_load(env->xen, env->config_path, &conf, e) == -1)
		return -1;
	rc = fleet_load(env->xen, &conf, out, e);
	config_dispose(&conf);
	for (i = 0; rc == 0 && i < (*out)->findings.n; i++) {
		const struct fleet_finding *f = &(*out)->findings.v[i];

		fprintf(stderr, "drydock: %s\n", f->text);
		if (f->hint != NULL)
			fprintf(stderr, "hint: %s\n", f->hint);
	}
	return rc;
}

void
fleet_out_text(struct buf *b, const char *s)
{
	if (s == NULL)
		s = "-";
	(void)vis_buf(b, s, strlen(s));
}

char *
fleet_out_size(char out[FLEET_OUT_SIZE], uint64_t bytes)
{
	char text[UNITS_MAX], *p, *o = out;

	for (p = units_format(text, bytes); *p != '\0'; p++)
		if (*p != ' ' && *p != 'i' && (*p != 'B' || p[-1] != 'i'))
			*o++ = *p;
	*o = '\0';
	return out;
}

int
fleet_out_print(struct buf *b, struct dd_err *e)
{
	int rc = -1;

	if (b->failed)
		(void)dd_fail_nomem(e);
	else {
		(void)fwrite(b->p, 1, b->len, stdout);
		rc = cmd_finish_stdout(e);
	}
	buf_dispose(b);
	return rc;
}

struct json_object *
fleet_out_json_string(const char *s)
{
	struct json_object *o;
	struct buf b = BUF_INIT;

	if (s == NULL)
		return NULL;
	fleet_out_text(&b, s);
	o = json_object_new_string(b.failed || b.p == NULL ? "" : b.p);
	buf_dispose(&b);
	return o;
}

static void
add(struct json_object *o, const char *key, struct json_object *value)
{
	(void)json_object_object_add(o, key, value);
}

static void
add_string(struct json_object *o, const char *key, const char *value)
{
	add(o, key, fleet_out_json_string(value));
}

static void
add_size(struct json_object *o, const char *key, uint64_t value)
{
	add(o, key, json_object_new_int64(value > INT64_MAX ? INT64_MAX :
	    (int64_t)value));
}

static void
add_bool(struct json_object *o, const char *key, bool value)
{
	add(o, key, json_object_new_boolean(value));
}

static struct json_object *
json_ffs(const struct probe_ffs *p)
{
	struct json_object *o = json_object_new_object();

	add(o, "version", json_object_new_int(p->version));
	add_bool(o, "extended_attributes", p->ea);
	add_string(o, "volume", p->volname);
	add_string(o, "mounted_on", p->mounted_on);
	add_size(o, "size", p->size);
	add_size(o, "used", p->data > p->free ? p->data - p->free : 0);
	add_size(o, "free", p->free);
	add_bool(o, "clean", p->clean && !p->journal_dirty);
	return o;
}

static struct json_object *
json_image(const struct fleet *f, const struct fleet_image *img,
    const struct fleet_domu *self)
{
	struct json_object *o = json_object_new_object();
	struct json_object *sharers = json_object_new_array();
	const struct fleet_domu *d;
	size_t i;

	add_string(o, "path", img->path);
	add_bool(o, "missing", img->missing);
	add_string(o, "error", img->error);
	add_size(o, "size", img->size);
	add_size(o, "allocated", img->allocated);
	add_bool(o, "labelled", img->labelled);
	add_bool(o, "pending", img->pending);
	add(o, "filesystem", img->error == NULL &&
	    img->probe.kind == PROBE_FFS ? json_ffs(&img->probe.ffs) : NULL);
	add_size(o, "users", img->nusers);
	for (i = 0; i < img->nusers; i++) {
		d = &f->domus[img->users[i]];
		if (d != self && json_object_array_length(sharers) <
		    SHARERS_MAX)
			(void)json_object_array_add(sharers,
			    fleet_out_json_string(d->name));
	}
	add(o, "shared_by", sharers);
	return o;
}

static struct json_object *
json_disk(const struct fleet *f, const struct fleet_domu *self,
    const struct fleet_disk *d)
{
	struct json_object *o = json_object_new_object();

	add_string(o, "role", fleet_role_name(d->role));
	add_string(o, "vdev", d->vdev);
	add_string(o, "path", d->image != NULL ? d->image->path : d->target);
	add_string(o, "mode", d->readwrite ? "w" : "r");
	add_string(o, "format", d->format);
	add_string(o, "script", d->script);
	add_bool(o, "cdrom", d->cdrom);
	add(o, "image", d->image != NULL ? json_image(f, d->image, self) :
	    NULL);
	return o;
}

static struct json_object *
json_findings(const struct fleet_findings *f)
{
	struct json_object *list = json_object_new_array(), *o;
	size_t i;

	for (i = 0; i < f->n; i++) {
		o = json_object_new_object();
		add_string(o, "severity",
		    fleet_severity_name(f->v[i].severity));
		add_string(o, "text", f->v[i].text);
		add_string(o, "hint", f->v[i].hint);
		(void)json_object_array_add(list, o);
	}
	return list;
}

struct json_object *
fleet_out_json(const struct fleet *f, const struct fleet_domu *d)
{
	struct json_object *o = json_object_new_object();
	struct json_object *disks = json_object_new_array();
	size_t i;

	add_string(o, "name", d->name);
	add_string(o, "state", fleet_state_name(d->state));
	add_string(o, "cfg", d->cfg);
	add_string(o, "error", d->error);
	add_string(o, "type", d->type);
	add_string(o, "uuid", d->uuid);
	add_string(o, "kernel", d->kernel);
	add_size(o, "memory", d->memory);
	add(o, "vcpus", json_object_new_int64(d->vcpus));
	for (i = 0; i < d->ndisks; i++)
		(void)json_object_array_add(disks,
		    json_disk(f, d, &d->disks[i]));
	add(o, "disks", disks);
	add(o, "findings", json_findings(&d->findings));
	return o;
}
