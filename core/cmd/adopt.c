/* drydock adopt: say in a domU's xl.cfg what its images are. */
#include <stdlib.h>
#include <string.h>

#include "core/base/fsutil.h"
#include "core/base/udiff.h"
#include "core/cmd/fleet_out.h"
#include "core/cmd/json_out.h"
#include "core/cmd/passphrase.h"
#include "core/fleet/adopt.h"

static const char *
why_name(enum adopt_why why)
{
	static const char *const names[] = {
		[ADOPT_NONE] = NULL,
		[ADOPT_KEY] = "key",
		[ADOPT_CONTENT] = "content",
		[ADOPT_PARAMS] = "params",
		[ADOPT_POSITION] = "position",
	};

	return names[why];
}

static void
put_what(struct buf *b, const struct adopt_disk *ad)
{
	const struct recognized *w = &ad->what;

	if (ad->trouble != NULL)
		(void)buf_str(b, ad->trouble);
	else if (!ad->looked)
		(void)buf_str(b, "not an image");
	else if (w->probe.kind == PROBE_FFS) {
		if (w->release.name[0] != '\0') {
			fleet_out_text(b, w->release.name);
			(void)buf_str(b, ", ");
		}
		(void)buf_printf(b, "FFSv%d%s", w->probe.ffs.version,
		    w->probe.ffs.ea ? " (UFS2EA)" : "");
	} else if (w->kind == KIND_SWAP && w->probe.kind != PROBE_EMPTY)
		(void)buf_str(b, "a swap partition");
	else
		(void)buf_str(b, probe_kind_name(w->probe.kind));
	if (ad->params != NULL) {
		(void)buf_str(b, ", a cgd with the parameters of ");
		fleet_out_text(b, ad->params);
	}
}

static void
put_disk(struct buf *b, const struct fleet_disk *d,
    const struct adopt_disk *ad)
{
	const char *why = why_name(ad->why);

	(void)buf_str(b, "  ");
	fleet_out_text(b, d->vdev);
	(void)buf_printf(b, "  %-6s by %-9s ", fleet_role_name(ad->role),
	    why != NULL ? why : "nothing");
	fleet_out_text(b, d->target);
	(void)buf_str(b, "\n         ");
	put_what(b, ad);
	(void)buf_str(b, "\n");
}

static int
put_diff(struct buf *b, const struct adoption *a, struct dd_err *e)
{
	struct buf name = BUF_INIT;
	int rc;

	fleet_out_text(&name, a->domu.cfg);
	if (name.failed || udiff(b, name.p, a->was.p, a->was.len, name.p,
	    a->now.p, a->now.len) == -1)
		rc = dd_fail_nomem(e);
	else
		rc = 0;
	buf_dispose(&name);
	return rc;
}

static int
print_text(const struct adoption *a, bool dry_run, struct dd_err *e)
{
	struct buf b = BUF_INIT;
	size_t i;

	fleet_out_text(&b, a->domu.name);
	(void)buf_str(&b, ": ");
	fleet_out_text(&b, a->domu.cfg);
	(void)buf_str(&b, "\n");
	for (i = 0; i < a->domu.ndisks; i++)
		put_disk(&b, &a->domu.disks[i], &a->disks[i]);
	if (!adopt_changes(a))
		(void)buf_str(&b, a->keys.len == 0 ? "The positions tell it "
		    "all: nothing to write.\n" : "The configuration says so "
		    "already: nothing to write.\n");
	else if (dry_run) {
		if (put_diff(&b, a, e) == -1) {
			buf_dispose(&b);
			return -1;
		}
	} else
		(void)buf_str(&b, "Written to the configuration.\n");
	return fleet_out_print(&b, e);
}

static struct json_object *
json_disk(const struct fleet_disk *d, const struct adopt_disk *ad)
{
	struct json_object *o = json_object_new_object();
	const struct recognized *w = &ad->what;

	json_set_string(o, "vdev", d->vdev);
	json_set_string(o, "path", d->target);
	json_set_string(o, "role", fleet_role_name(ad->role));
	json_set_string(o, "by", why_name(ad->why));
	json_set_string(o, "kind", ad->looked && w->kind != KIND_SWAP ?
	    probe_kind_name(w->probe.kind) : ad->looked ? "swap" : NULL);
	json_set_string(o, "release", w->release.name[0] != '\0' ?
	    w->release.name : NULL);
	json_set_bool(o, "encrypted", w->encrypted);
	json_set_string(o, "params", ad->params);
	json_set(o, "filesystem", ad->looked && w->probe.kind == PROBE_FFS ?
	    json_ffs(&w->probe.ffs) : NULL);
	json_set_string(o, "error", ad->trouble);
	return o;
}

static int
print_json(const struct adoption *a, bool dry_run, struct dd_err *e)
{
	struct json_object *doc = json_object_new_object();
	struct json_object *disks = json_object_new_array();
	size_t i;

	json_set_string(doc, "domu", a->domu.name);
	json_set_string(doc, "cfg", a->domu.cfg);
	for (i = 0; i < a->domu.ndisks; i++)
		(void)json_object_array_add(disks,
		    json_disk(&a->domu.disks[i], &a->disks[i]));
	json_set(doc, "disks", disks);
	json_set_string(doc, "keys", a->keys.len > 0 ? a->keys.p : "");
	json_set_bool(doc, "changed", adopt_changes(a));
	json_set_bool(doc, "dry_run", dry_run);
	return cmd_print_json(doc, e);
}

/* The path of the one xl.cfg that configures the domU; fresh memory. */
static char *
find_cfg(const struct cmd_env *env, const char *name, struct dd_err *e)
{
	const struct fleet_domu *d, *end;
	struct fleet *f = NULL;
	char *cfg = NULL;

	if (fleet_out_load(env, &f, e) == -1)
		return NULL;
	end = f->domus + f->ndomus;
	if ((d = fleet_want(f, name, e)) == NULL)
		;
	else if (d->cfg == NULL) {
		(void)dd_fail(e, ERR_NOENT, "%s: runs without a "
		    "configuration here", name);
		(void)dd_hint(e, "put its xl.cfg into one of config_dirs");
	} else if (d + 1 < end && strcmp(d[1].name, name) == 0) {
		(void)dd_fail(e, ERR_CONFIG, "%s: %s and %s are both called "
		    "that", name, d->cfg, d[1].cfg);
		(void)dd_hint(e, "xl runs one domU of a name: rename one");
	} else if ((cfg = strdup(d->cfg)) == NULL)
		(void)dd_fail_nomem(e);
	fleet_free(f);
	return cfg;
}

struct request {
	const char	*params;
	struct passphrase_args	 passphrase;
	bool		 dry_run, json;
};

static int
adopt(const struct cmd_env *env, const char *cfg, const struct request *r,
    struct dd_err *e)
{
	struct adopt_opts o = { .ops = env->xen };
	struct passphrase_asker asker;
	struct adoption a = { .disks = NULL };
	char *params = NULL;
	int rc = -1;

	if (r->params != NULL) {
		if ((params = fs_absolute(r->params, e)) == NULL ||
		    passphrase_init(&asker, &r->passphrase, params, e) == -1)
			goto out;
		o.params = params;
		o.asker = &asker.asker;
	}
	if (adopt_plan(cfg, &o, &a, e) == -1)
		goto out;
	if (!r->dry_run && adopt_apply(&a, e) == -1)
		goto out;
	if (!r->dry_run)
		cmd_done();
	rc = r->json ? print_json(&a, r->dry_run, e) :
	    print_text(&a, r->dry_run, e);
out:
	adopt_dispose(&a);
	free(params);
	return rc;
}

int
cmd_adopt(const struct cmd_env *env, int argc, char **argv, struct dd_err *e)
{
	struct request r = { .params = NULL };
	const struct arg args[] = {
		{ 'n', "dry-run", ARG_FLAG, &r.dry_run, NULL,
		    "show what would be written, and write nothing" },
		{ 'c', "params", ARG_STRING, &r.params, "PARAMS",
		    "an encrypted disk's cgd parameters file" },
		PASSPHRASE_ARGS(r.passphrase),
		{ 0, "json", ARG_FLAG, &r.json, NULL, "as JSON" },
		{ 0, NULL, ARG_FLAG, NULL, NULL, NULL }
	};
	char *cfg;
	int rc;

	if ((rc = args_parse(args, &argc, argv, 1, 1, e)) != 0)
		return rc == 1 ? 0 : -1;
	if (r.params == NULL && passphrase_none(&r.passphrase, e) == -1)
		return -1;
	if ((cfg = find_cfg(env, argv[1], e)) == NULL)
		return -1;
	rc = adopt(env, cfg, &r, e);
	free(cfg);
	return rc;
}
