/*
 * What a new domU is made of, and whether it can be: all is checked before
 * anything is made.  See newdomu.h.
 */
#include <sys/stat.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "core/base/fsutil.h"
#include "core/base/hash.h"
#include "core/fleet/fleet_impl.h"
#include "core/fleet/newdomu.h"
#include "core/recipe/kernel.h"

#define NAME_MAX_LEN	64
#define LETTERS		"abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ"
#define DIGITS		"0123456789"

/* The name goes into paths, into shell scripts, and to xl. */
static int
check_name(const char *name, struct dd_err *e)
{
	size_t len = strlen(name);

	if (len == 0 || len > NAME_MAX_LEN || name[0] == '-' ||
	    name[0] == '.' || strspn(name, LETTERS DIGITS "-_.") != len) {
		(void)dd_fail(e, ERR_USAGE, "not a name for a domU: %s", name);
		return dd_hint(e, "letters, digits and - _ . but not - or . "
		    "in front, %d at most", NAME_MAX_LEN);
	}
	if (strspn(name, DIGITS) == len) {
		(void)dd_fail(e, ERR_USAGE, "not a name for a domU: %s", name);
		return dd_hint(e, "xl takes a number for a domain's id: use a "
		    "letter, too");
	}
	return 0;
}

static int
check_free(const struct fleet *f, const char *name, struct dd_err *e)
{
	const struct fleet_domu *d = fleet_find(f, name);

	if (d == NULL)
		return 0;
	(void)dd_fail(e, ERR_EXIST, "%s: there is a domU of that name%s%s",
	    name, d->cfg != NULL ? ": " : "", d->cfg != NULL ? d->cfg : "");
	return dd_hint(e, "take another name");
}

static int
check_absent(const char *path, struct dd_err *e)
{
	struct stat st;

	if (lstat(path, &st) == -1 && errno == ENOENT)
		return 0;
	(void)dd_fail(e, ERR_EXIST, "%s: there is something already", path);
	return dd_hint(e, "nothing is written over: take another name or "
	    "--dir, or remove it first");
}

/* The root as the fleet knows it, or NULL. */
static const struct fleet_image *
known_root(const struct fleet *f, const struct stat *st)
{
	size_t i;

	for (i = 0; i < f->nimages; i++)
		if (!f->images[i]->missing && f->images[i]->dev ==
		    st->st_dev && f->images[i]->ino == st->st_ino)
			return f->images[i];
	return NULL;
}

static int
check_root(struct newdomu *n, const struct fleet_image *known,
    struct dd_err *e)
{
	struct image_opts o = { .write = false };

	if (known != NULL && known->nwriters > 0) {
		(void)dd_fail(e, ERR_HELD, "%s: a domU has it attached "
		    "read-write", n->root);
		return dd_hint(e, "drydock show tells which; a shared root is "
		    "read-only (r) for every domU");
	}
	if (image_recognize(n->root, &o, &n->root_is, e) == -1)
		return -1;
	if (n->root_is.probe.kind == PROBE_FFS &&
	    (n->root_is.kind == KIND_ROOT || n->root_is.kind == KIND_UNKNOWN))
		return 0;
	(void)dd_fail(e, ERR_FORMAT, "%s: no root image: it is %s", n->root,
	    n->root_is.kind != KIND_UNKNOWN ?
	    image_kind_name(n->root_is.kind) :
	    probe_kind_name(n->root_is.probe.kind));
	return dd_hint(e, "drydock create root --from base.tgz ... makes one, "
	    "drydock prepare root makes it ready");
}

/* dir/name in *out, where the struct keeps it. */
static int
join(char **out, const char *dir, const char *name, struct dd_err *e)
{
	*out = fs_join(dir, name);
	return *out == NULL ? dd_fail_nomem(e) : 0;
}

static bool
is_file(const char *path)
{
	struct stat st;

	return stat(path, &st) == 0 && S_ISREG(st.st_mode);
}

/* The kernel of a domU that has the same root, or one beside the image. */
static int
find_kernel(struct newdomu *n, const struct fleet *f,
    const struct fleet_image *known, const char *beside, struct dd_err *e)
{
	static const char *const usual[] = { "netbsd-XENU",
	    "netbsd-XEN3_DOMU", "netbsd-XEN3_DOMU.gz", "netbsd" };
	const char *k;
	size_t i;

	for (i = 0; known != NULL && i < known->nusers; i++) {
		k = f->domus[known->users[i]].kernel;
		if (k == NULL || k[0] != '/' || !is_file(k))
			continue;
		n->kernel = strdup(k);
		return n->kernel == NULL ? dd_fail_nomem(e) : 0;
	}
	for (i = 0; i < sizeof(usual) / sizeof(usual[0]); i++) {
		if (join(&n->kernel, beside, usual[i], e) == -1)
			return -1;
		if (is_file(n->kernel))
			return 0;
		free(n->kernel);
		n->kernel = NULL;
	}
	(void)dd_fail(e, ERR_NOENT, "which kernel shall it boot? There is "
	    "none beside %s", n->root);
	return dd_hint(e, "name the domU kernel with -k");
}

static int
choose_kernel(struct newdomu *n, const struct fleet *f,
    const struct fleet_image *known, const char *beside, struct dd_err *e)
{
	if (n->o->kernel == NULL)
		return find_kernel(n, f, known, beside, e);
	if (kernel_check(n->o->kernel, n->o->copy->progress, e) == -1)
		return -1;
	n->kernel = fs_absolute(n->o->kernel, e);
	return n->kernel == NULL ? -1 : 0;
}

/*
 * The address that the operator gives, or one that is the same each time, on
 * this host for this name: a domU whose address changes is another one to
 * its network.
 */
static int
choose_mac(struct newdomu *n, struct dd_err *e)
{
	char seed[512], host[256] = "";
	unsigned char sum[HASH_LEN];
	const char *mac = n->o->mac;
	size_t i;

	if (mac == NULL) {
		(void)gethostname(host, sizeof(host) - 1);
		(void)snprintf(seed, sizeof(seed), "%s/%s", host, n->o->name);
		hash_once(HASH_SHA256, seed, strlen(seed), sum);
		(void)snprintf(n->mac, sizeof(n->mac),
		    "00:16:3e:%02x:%02x:%02x", sum[0] & 0x7fU, sum[1],
		    sum[2]);
		return 0;
	}
	for (i = 0; i < NEWDOMU_MAC - 1 && mac[i] != '\0'; i++)
		if (i % 3 == 2 ? mac[i] != ':' :
		    strchr(DIGITS "abcdefABCDEF", mac[i]) == NULL)
			break;
	if (i < NEWDOMU_MAC - 1 || mac[i] != '\0' ||
	    strchr("02468aceACE", mac[1]) == NULL) {
		(void)dd_fail(e, ERR_USAGE, "not the address of an "
		    "interface: %s", mac);
		return dd_hint(e, "six pairs of hexadecimal digits, such as "
		    "00:16:3e:01:02:03");
	}
	memcpy(n->mac, mac, NEWDOMU_MAC);
	return 0;
}

static int
check_bridge(const char *bridge, struct dd_err *e)
{
	if (bridge == NULL || (bridge[0] != '\0' &&
	    strspn(bridge, LETTERS DIGITS "-_.") == strlen(bridge)))
		return 0;
	(void)dd_fail(e, ERR_USAGE, "not a bridge: %s", bridge);
	return dd_hint(e, "an interface's name, such as bridge0");
}

/* Where the images go. */
static int
choose_dir(struct newdomu *n, const char *beside, struct dd_err *e)
{
	struct stat st;

	if (n->o->dir == NULL) {
		if (join(&n->dir, beside, n->o->name, e) == -1)
			return -1;
	} else if ((n->dir = fs_absolute(n->o->dir, e)) == NULL)
		return dd_hint(e, "--dir is made, but not the folder that it "
		    "is in");
	if (stat(n->dir, &st) == -1 || S_ISDIR(st.st_mode))
		return 0;
	(void)dd_fail(e, ERR_TYPE, "%s: is not a folder", n->dir);
	return dd_hint(e, "name the folder for its images with --dir");
}

static int
choose_images(struct newdomu *n, struct dd_err *e)
{
	static const enum image_kind kinds[NEWDOMU_IMAGES] = {
		[NEWDOMU_SWAP] = KIND_SWAP,
		[NEWDOMU_LOCAL] = KIND_LOCAL,
		[NEWDOMU_PKG] = KIND_PKG,
	};
	char name[32];
	size_t i;

	for (i = 0; i < NEWDOMU_IMAGES; i++) {
		n->images[i].kind = kinds[i];
		(void)snprintf(name, sizeof(name), "%s.img",
		    image_kind_name(kinds[i]));
		if (join(&n->images[i].path, n->dir, name, e) == -1 ||
		    check_absent(n->images[i].path, e) == -1)
			return -1;
	}
	return 0;
}

/* The first folder of configurations, and a name there that the fleet and xl
 * take for one. */
static int
choose_cfg(struct newdomu *n, struct dd_err *e)
{
	const char *dir = n->o->config->config_dirs[0];
	char name[NAME_MAX_LEN + 8];
	char *path;
	int rc;

	if (dir == NULL) {
		(void)dd_fail(e, ERR_CONFIG, "there is no folder for "
		    "configurations");
		return dd_hint(e, "make /etc/xen, or name one in drydock.conf: "
		    "config_dirs = [ \"/etc/xen\" ]");
	}
	(void)snprintf(name, sizeof(name), "%s.cfg", n->o->name);
	if (!fleet_is_cfg_name(name)) {
		(void)dd_fail(e, ERR_USAGE, "not a name for a domU: %s: %s is "
		    "no configuration to xl's folders", n->o->name, name);
		return dd_hint(e, "take another name");
	}
	if (join(&path, dir, name, e) == -1)
		return -1;
	n->cfg = fs_absolute(path, e);
	rc = n->cfg != NULL ? check_absent(n->cfg, e) :
	    dd_hint(e, "make the folder: it is the first of config_dirs");
	free(path);
	return rc;
}

static int
choose_params(struct newdomu *n, struct dd_err *e)
{
	if (n->o->params == NULL)
		return 0;
	n->params = fs_absolute(n->o->params, e);
	return n->params != NULL ? 0 : dd_hint(e, "drydock cgd params new "
	    "makes a parameters file");
}

static int
choose(struct newdomu *n, const struct fleet *f, struct dd_err *e)
{
	const struct fleet_image *known;
	struct stat st;
	char *beside;
	int rc = -1;

	if ((n->root = fs_absolute(n->o->root, e)) == NULL ||
	    stat(n->root, &st) == -1) {
		(void)dd_fail_sys(e, errno, "%s", n->o->root);
		return dd_hint(e, "name the root image with --root");
	}
	if ((beside = fs_parent(n->root)) == NULL)
		return dd_fail_nomem(e);
	known = known_root(f, &st);
	if (check_root(n, known, e) == 0 &&
	    choose_dir(n, beside, e) == 0 && choose_images(n, e) == 0 &&
	    choose_cfg(n, e) == 0 && choose_params(n, e) == 0 &&
	    choose_mac(n, e) == 0)
		rc = choose_kernel(n, f, known, beside, e);
	free(beside);
	return rc;
}

int
newdomu_plan(const struct newdomu_opts *o, struct newdomu *n,
    struct dd_err *e)
{
	struct fleet *f = NULL;
	int rc = -1;

	*n = (struct newdomu){ .o = o };
	if (check_name(o->name, e) == -1 || check_bridge(o->bridge, e) == -1)
		return -1;
	if (fleet_load(o->ops, o->config, &f, e) == -1)
		return -1;
	if (check_free(f, o->name, e) == 0 && choose(n, f, e) == 0)
		rc = newdomu_write_cfg(n, e);
	fleet_free(f);
	return rc;
}

void
newdomu_dispose(struct newdomu *n)
{
	size_t i;

	for (i = 0; i < NEWDOMU_IMAGES; i++)
		free(n->images[i].path);
	free(n->root);
	free(n->dir);
	free(n->kernel);
	free(n->params);
	free(n->cfg);
	buf_dispose(&n->text);
	*n = (struct newdomu){ .o = NULL };
}
