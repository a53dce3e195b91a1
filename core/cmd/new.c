/* drydock new: a whole domU, images and xl.cfg. */
#include <stdlib.h>
#include <string.h>

#include "core/base/units.h"
#include "core/cmd/copying.h"
#include "core/cmd/fleet_out.h"
#include "core/cmd/passphrase.h"
#include "core/fleet/newdomu.h"

/* What is asked for, beyond what newdomu_opts holds as it is. */
struct request {
	struct newdomu_opts	 o;
	struct copying		 copying;
	const char		*memory;
	struct passphrase_args	 passphrase;
	uint64_t		 vcpus;
	struct passphrase_asker	 asker;
};

/* MiB, as xl.cfg(5) counts, or a size with its unit. */
static int
parse_memory(const char *s, uint64_t *mib, struct dd_err *e)
{
	const uint64_t unit = 1024 * 1024;
	uint64_t bytes;

	if (s[0] != '\0' && strspn(s, "0123456789") == strlen(s))
		return units_number(s, 1, INT32_MAX, "--memory", mib, e);
	if (units_parse(s, &bytes, e) == -1)
		return -1;
	if (bytes < unit || bytes % unit != 0 || bytes / unit > INT32_MAX) {
		(void)dd_fail(e, ERR_USAGE, "--memory %s: not a number of MiB",
		    s);
		return dd_hint(e, "such as 256, 256m or 1g");
	}
	*mib = bytes / unit;
	return 0;
}

/* Fill in the rest of o. */
static int
complete(const struct cmd_env *env, const char *name,
    const struct config *conf, struct request *r, struct dd_err *e)
{
	struct newdomu_opts *o = &r->o;

	o->ops = env->xen;
	o->config = conf;
	o->name = name;
	o->copy = &r->copying.o;
	if (o->root == NULL) {
		(void)dd_fail(e, ERR_USAGE, "which root shall it have?");
		return dd_hint(e, "name the root image that it shares: "
		    "--root IMAGE");
	}
	if (r->memory != NULL && parse_memory(r->memory, &o->memory, e) == -1)
		return -1;
	if (r->vcpus > 4096) {
		(void)dd_fail(e, ERR_USAGE, "no domU has so many processors");
		return dd_hint(e, "such as --vcpus 2");
	}
	o->vcpus = (unsigned)r->vcpus;
	if (o->params == NULL)
		return passphrase_none(&r->passphrase, e);
	if (passphrase_init(&r->asker, &r->passphrase, name, e) == -1)
		return -1;
	o->asker = &r->asker.asker;
	o->confirm = passphrase_interactive(&r->asker);
	return 0;
}

static void
put_image(struct buf *b, const char *role, const char *path, uint64_t size)
{
	char text[UNITS_MAX];

	(void)buf_printf(b, "  %-6s ", role);
	fleet_out_text(b, path);
	if (size > 0)
		(void)buf_printf(b, ", %s", units_format(text, size));
	(void)buf_str(b, "\n");
}

static int
print_text(const struct newdomu *n, bool dry_run, struct dd_err *e)
{
	const char *release = n->root_is.release.name;
	struct buf b = BUF_INIT;
	size_t i;

	fleet_out_text(&b, n->o->name);
	(void)buf_str(&b, ": ");
	fleet_out_text(&b, n->cfg);
	(void)buf_str(&b, "\n  kernel ");
	fleet_out_text(&b, n->kernel);
	(void)buf_str(&b, "\n");
	put_image(&b, "root", n->root, 0);
	if (release[0] != '\0') {
		(void)buf_str(&b, "         ");
		fleet_out_text(&b, release);
		(void)buf_str(&b, "\n");
	}
	for (i = 0; i < NEWDOMU_IMAGES; i++)
		put_image(&b, image_kind_name(n->images[i].kind),
		    n->images[i].path, n->images[i].size);
	if (dry_run)
		(void)buf_printf(&b, "\n%s", n->text.p);
	return fleet_out_print(&b, e);
}

static int
print_json(const struct newdomu *n, bool dry_run, struct dd_err *e)
{
	struct json_object *doc = json_object_new_object();
	struct json_object *list = json_object_new_array(), *o;
	size_t i;

	json_set_string(doc, "domu", n->o->name);
	json_set_string(doc, "cfg", n->cfg);
	json_set_string(doc, "root", n->root);
	json_set_string(doc, "release", n->root_is.release.name[0] != '\0' ?
	    n->root_is.release.name : NULL);
	json_set_string(doc, "kernel", n->kernel);
	json_set_string(doc, "mac", n->mac);
	json_set_string(doc, "params", n->params);
	for (i = 0; i < NEWDOMU_IMAGES; i++) {
		o = json_object_new_object();
		json_set_string(o, "role",
		    image_kind_name(n->images[i].kind));
		json_set_string(o, "path", n->images[i].path);
		json_set_size(o, "size", n->images[i].size);
		(void)json_object_array_add(list, o);
	}
	json_set(doc, "images", list);
	json_set(doc, "text", json_object_new_string(n->text.p));
	json_set_bool(doc, "dry_run", dry_run);
	return cmd_print_json(doc, e);
}

static int
make(const struct request *r, struct dd_err *e)
{
	bool dry_run = r->copying.dry_run;
	struct newdomu n = { .o = NULL };
	int rc = -1;

	if (newdomu_plan(&r->o, &n, e) == 0 &&
	    newdomu_make(&n, dry_run, e) == 0) {
		if (!dry_run)
			cmd_done();
		copying_tell_lost(&r->copying);
		if (!n.root_is.prepared)
			fprintf(stderr, "drydock: the root image is not made "
			    "ready to be shared\nhint: drydock prepare root "
			    "does that\n");
		rc = r->copying.json ? print_json(&n, dry_run, e) :
		    print_text(&n, dry_run, e);
	}
	newdomu_dispose(&n);
	return rc;
}

int
cmd_new(const struct cmd_env *env, int argc, char **argv, struct dd_err *e)
{
	struct request r = { .memory = NULL };
	const struct arg args[] = {
		{ 0, "root", ARG_STRING, &r.o.root, "IMAGE",
		    "the root image that it shares" },
		{ 'm', "memory", ARG_STRING, &r.memory, "SIZE",
		    "in MiB, or with a unit (default: 256)" },
		{ 0, "vcpus", ARG_NUMBER, &r.vcpus, "N",
		    "virtual processors (default: 1)" },
		{ 'k', "kernel", ARG_STRING, &r.o.kernel, "FILE",
		    "default: that of a domU with this root, or beside it" },
		{ 0, "dir", ARG_STRING, &r.o.dir, "DIR",
		    "for its images (default: DOMU beside the root image)" },
		{ 0, "swap-size", ARG_SIZE, &r.o.swap_size, "SIZE",
		    "default: 256m" },
		{ 0, "local-size", ARG_SIZE, &r.o.local_size, "SIZE",
		    "default: 256m" },
		{ 0, "pkg-size", ARG_SIZE, &r.o.pkg_size, "SIZE",
		    "default: 2g, or what the packages need" },
		{ 0, "pkg-from", ARG_STRING, &r.o.pkg_from, "ARCHIVE|DIR",
		    "what /usr/pkg has in it (default: nothing)" },
		{ 0, "bridge", ARG_STRING, &r.o.bridge, "BRIDGE",
		    "its network (default: xl's own)" },
		{ 0, "mac", ARG_STRING, &r.o.mac, "ADDRESS",
		    "of its interface (default: made of host and name)" },
		{ 0, "hostname", ARG_STRING, &r.o.hostname, "NAME",
		    "its host name (default: DOMU)" },
		{ 0, "ip", ARG_STRING, &r.o.ip, "ADDRESS/PREFIX",
		    "the address of xennet0" },
		{ 0, "gateway", ARG_STRING, &r.o.gateway, "ADDRESS",
		    "the default route" },
		{ 'c', "params", ARG_STRING, &r.o.params, "PARAMS",
		    "make local encrypted, with these cgd parameters" },
		PASSPHRASE_ARGS(r.passphrase),
		COPYING_ARGS(r.copying),
		{ 0, NULL, ARG_FLAG, NULL, NULL, NULL }
	};
	struct config conf;
	int rc;

	if ((rc = args_parse(args, &argc, argv, 1, 1, e)) != 0)
		return rc == 1 ? 0 : -1;
	if (config_load(env->xen, env->config_path, &conf, e) == -1)
		return -1;
	if ((rc = copying_begin(&r.copying, env, e)) == 0 &&
	    (rc = complete(env, argv[1], &conf, &r, e)) == 0)
		rc = make(&r, e);
	copying_dispose(&r.copying);
	config_dispose(&conf);
	return rc;
}
