/* Fleets as JSON and as text; see fleet_out.h. */
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "core/base/units.h"
#include "core/base/vis.h"
#include "core/cmd/fleet_out.h"
#include "core/cmd/json_out.h"
#include "core/fleet/encryption.h"

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

static struct json_object *
json_image(const struct fleet *f, const struct fleet_image *img,
    const struct fleet_domu *self)
{
	struct json_object *o = json_object_new_object();
	struct json_object *sharers = json_object_new_array();
	const struct fleet_domu *d;
	size_t i;

	json_set_string(o, "path", img->path);
	json_set_bool(o, "missing", img->missing);
	json_set_string(o, "error", img->error);
	json_set_size(o, "size", img->size);
	json_set_size(o, "allocated", img->allocated);
	json_set_string(o, "kind", img->error != NULL ? NULL :
	    probe_kind_name(img->probe.kind));
	json_set_bool(o, "labelled", img->labelled);
	json_set_bool(o, "pending", img->pending);
	json_set(o, "generation", img->generation == 0 ? NULL :
	    json_object_new_int64(img->generation));
	json_set_size(o, "generations", img->ngenerations);
	json_set_bool(o, "interrupted", img->interrupted);
	json_set_bool(o, "foreign", img->foreign);
	json_set(o, "filesystem", img->error == NULL &&
	    img->probe.kind == PROBE_FFS ? json_ffs(&img->probe.ffs) : NULL);
	json_set_size(o, "users", img->nusers);
	for (i = 0; i < img->nusers; i++) {
		d = &f->domus[img->users[i]];
		if (d != self && json_object_array_length(sharers) <
		    SHARERS_MAX)
			(void)json_object_array_add(sharers,
			    json_text(d->name));
	}
	json_set(o, "shared_by", sharers);
	return o;
}

static void
json_set_number(struct json_object *o, const char *key, int64_t n)
{
	json_set(o, key, n == 0 ? NULL : json_object_new_int64(n));
}

/* What the parameters tell of how the disk is encrypted. */
static struct json_object *
json_encryption(const struct encryption *c)
{
	struct json_object *o, *list, *k;
	unsigned i;

	if (c == NULL)
		return NULL;
	o = json_object_new_object();
	json_set_string(o, "error", c->error);
	if (c->error != NULL)
		return o;
	list = json_object_new_array();
	json_set_string(o, "algorithm", c->algorithm);
	json_set_size(o, "keylength", c->keylen);
	json_set_string(o, "verify_method", c->verify);
	for (i = 0; i < c->nkeygens; i++) {
		k = json_object_new_object();
		json_set_string(k, "method", c->keygens[i].method);
		json_set_number(k, "iterations", c->keygens[i].iterations);
		json_set_number(k, "memory",
		    (int64_t)c->keygens[i].memory * 1024);
		(void)json_object_array_add(list, k);
	}
	json_set(o, "keygens", list);
	json_set_number(o, "params_time", c->file_time);
	json_set_number(o, "key_time", c->key_time);
	return o;
}

static struct json_object *
json_disk(const struct fleet *f, const struct fleet_domu *self,
    const struct fleet_disk *d)
{
	struct json_object *o = json_object_new_object();

	json_set_string(o, "role", fleet_role_name(d->role));
	json_set_string(o, "vdev", d->vdev);
	json_set_string(o, "path", d->image != NULL ? d->image->path :
	    d->target);
	json_set_string(o, "mode", d->readwrite ? "w" : "r");
	json_set_string(o, "format", d->format);
	json_set_string(o, "script", d->script);
	json_set_string(o, "params", d->params);
	json_set(o, "encryption", json_encryption(d->encryption));
	json_set_bool(o, "cdrom", d->cdrom);
	json_set(o, "runs_with", d->runs_with == 0 ? NULL :
	    json_object_new_int64(d->runs_with));
	json_set_string(o, "hotplug_error", d->trouble);
	json_set(o, "image", d->image != NULL ? json_image(f, d->image, self) :
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
		json_set_string(o, "severity",
		    fleet_severity_name(f->v[i].severity));
		json_set_string(o, "id", fleet_kind_id(f->v[i].kind));
		json_set_string(o, "text", f->v[i].text);
		json_set_string(o, "hint", f->v[i].hint);
		(void)json_object_array_add(list, o);
	}
	return list;
}

struct json_object *
fleet_out_json(const struct fleet *f, const struct fleet_domu *d)
{
	struct json_object *o = json_object_new_object();
	struct json_object *disks = json_object_new_array();
	int64_t up;
	size_t i;

	json_set_string(o, "name", d->name);
	json_set_string(o, "state", fleet_state_name(d->state));
	json_set(o, "id", d->state == STATE_OFF || d->id == 0 ? NULL :
	    json_object_new_int64(d->id));
	json_set_size(o, "cpu_time", d->cpu_time);
	up = fleet_uptime(d, (int64_t)time(NULL));
	json_set(o, "uptime", up < 0 ? NULL : json_object_new_int64(up));
	json_set_string(o, "cfg", d->cfg);
	json_set_string(o, "error", d->error);
	json_set_string(o, "type", d->type);
	json_set_string(o, "uuid", d->uuid);
	json_set_string(o, "kernel", d->kernel);
	json_set_size(o, "memory", d->memory);
	json_set(o, "vcpus", json_object_new_int64(d->vcpus));
	for (i = 0; i < d->ndisks; i++)
		(void)json_object_array_add(disks,
		    json_disk(f, d, &d->disks[i]));
	json_set(o, "disks", disks);
	json_set(o, "findings", json_findings(&d->findings));
	return o;
}
