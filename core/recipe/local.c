/*
 * prepare local; see local.h.  What the seed's setup_local did, with what
 * was seen when the scheme was booted on today's NetBSD.
 */
#include <stdio.h>
#include <string.h>

#include <gcrypt.h>

#include "core/base/bytes.h"
#include "core/recipe/local.h"
#include "core/recipe/root_rules.h"
#include "core/tree/copy.h"

/* What is copied from the root; all else of /local is the domU's. */
static const char *const dirs[] = { "/etc", "/tmp", "/var" };

#define NDIRS	(sizeof(dirs) / sizeof(dirs[0]))

/* The hook is the root's: here it would loop. */
static bool
wanted(void *arg, const char *path)
{
	(void)arg;
	return strcmp(path, HOOK_FILE) != 0 &&
	    strcmp(path, "/etc/rc") != 0 && strcmp(path, "/etc/rc.orig") != 0;
}

struct work {
	struct tree		*root, *local;
	struct prepare_local	*p;
};

static int
step_release(struct work *w, struct dd_err *e)
{
	return release_find(w->root, &w->p->release, e);
}

static int
step_copy(struct work *w, struct dd_err *e)
{
	struct copy_opts o = { .recursive = true, .keep_owner = true,
	    .keep_existing = true, .want = wanted,
	    .progress = w->p->progress, .skipped = w->p->skipped,
	    .arg = w->p->arg };
	struct measure all = { 0, 0, 0 };
	size_t i;

	for (i = 0; i < NDIRS; i++)
		if (copy_measure(w->root, dirs[i], w->local, dirs[i], &o,
		    &all, e) == -1)
			return -1;
	if (tree_fits(w->local, &all, e) == -1)
		return -1;
	o.fits = true;
	for (i = 0; i < NDIRS; i++)
		if (tree_copy(w->root, dirs[i], w->local, dirs[i], &o,
		    e) == -1)
			return -1;
	w->p->files = o.files;
	w->p->bytes = o.bytes;
	return 0;
}

/* Does local's rc source the hook, which would loop there? */
static int
is_hooked(struct work *w, bool *hooked, struct dd_err *e)
{
	struct buf rc = BUF_INIT;
	struct line l = { .number = 0 };
	size_t at = 0;
	int r = 0;

	*hooked = false;
	if (tree_exists(w->local, "/etc/rc")) {
		r = tree_read_file(w->local, "/etc/rc", RECIPE_TEXT_MAX, &rc,
		    e);
		while (r == 0 && line_next(rc.p, rc.len, &at, &l))
			*hooked = *hooked || line_is(&l, HOOK_LINE);
	}
	buf_dispose(&rc);
	return r;
}

/* The rc of the release, as it was before prepare root hooked it. */
static int
step_rc(struct work *w, struct dd_err *e)
{
	const char *from = tree_exists(w->root, "/etc/rc.orig") ?
	    "/etc/rc.orig" : "/etc/rc";
	struct copy_opts o = { .keep_owner = true };
	bool hooked;

	if (is_hooked(w, &hooked, e) == -1 ||
	    tree_remove(w->local, HOOK_FILE, e) == -1)
		return -1;
	o.keep_existing = !hooked;
	return tree_copy(w->root, from, w->local, "/etc/rc", &o, e);
}

/* rc.conf.d/root. */
static const char rc_conf_root[] =
"start_postcmd=\"root_poststart\"\n"
"\n"
"root_poststart()\n"
"{\n"
"	# Re-mount /local as a read-write file system.\n"
"	mount -uw /local\n"
"}\n";

/* The label of the cgd has an `a' that is made up and a `d' that is all of
 * it: swapctl takes only a partition of type swap. */
static const char rc_conf_cgd[] =
"swap_device=\"cgd0\"\n"
"swap_disklabel=\"/etc/cgd/xbd1d.disklabel\"\n"
"start_postcmd=\"cgd_swap\"\n"
"\n"
"cgd_swap()\n"
"{\n"
"	# Make all of this disk, which has a new key at each boot, swap.\n"
"	disklabel $swap_device 2>/dev/null |\n"
"	while read line; do\n"
"		case \"$line\" in\n"
"		d:*)	bline=\" b:${line#d:}\"\n"
"			echo \"${bline%%unused*}  swap${bline##*unused}\"\n"
"			echo \" $line\"\n"
"			;;\n"
"		[a-z]:*) ;;\n"
"		*)	echo \"$line\"\n"
"			;;\n"
"		esac\n"
"	done > $swap_disklabel\n"
"	if ! disklabel -R -r $swap_device $swap_disklabel; then\n"
"		echo 1>&2 \"Could not write $swap_disklabel to $swap_device:\" \\\n"
"		    \"no swap.\"\n"
"	fi\n"
"}\n";

static int
write_text(struct work *w, const char *path, const char *text, uint16_t mode,
    struct dd_err *e)
{
	return recipe_write(w->local, path, text, strlen(text), mode, true, e);
}

static int
step_rc_conf_d(struct work *w, struct dd_err *e)
{
	if (recipe_mkdir(w->local, "/etc/rc.conf.d", e) == -1)
		return -1;
	return write_text(w, "/etc/rc.conf.d/root", rc_conf_root, 0644, e);
}

static int
step_swap(struct work *w, struct dd_err *e)
{
	unsigned major = w->p->release.major;
	const char *alg;
	char params[256];

	alg = major < 7 ? "algorithm blowfish-cbc;\nkeylength 128;\n" :
	    major < 8 ? "algorithm aes-cbc;\nkeylength 256;\n" :
	    major < 10 ? "algorithm aes-xts;\nkeylength 512;\n" :
	    "algorithm adiantum;\nkeylength 256;\n";
	/* encblkno1 came with 5.0 */
	(void)snprintf(params, sizeof(params), "%siv-method %s;\n"
	    "verify_method none;\nkeygen urandomkey;\n", alg,
	    major < 5 ? "encblkno" : "encblkno1");
	if (recipe_mkdir(w->local, "/etc/cgd", e) == -1 ||
	    write_text(w, "/etc/cgd/cgd.conf", "cgd0	/dev/xbd1d\n", 0600,
	    e) == -1 ||
	    write_text(w, "/etc/cgd/xbd1d", params, 0600, e) == -1)
		return -1;
	return write_text(w, "/etc/rc.conf.d/cgd", rc_conf_cgd, 0644, e);
}

static int
step_fstab(struct work *w, struct dd_err *e)
{
	char text[1024];

	/* The root is attached read-only: with pass 1 its fsck would stop the
	 * boot.  /local was checked by the hook. */
	(void)snprintf(text, sizeof(text),
	    "/dev/xbd0a / ffs ro 0 0\n"
	    "/dev/cgd0b none swap sw 0 0\n"
	    "/dev/xbd2a /local ffs rw 0 0\n"
	    "/dev/xbd3a /usr/pkg ffs %s\n"
	    "/local/etc /etc null rw\n"
	    "/local/tmp /tmp null rw\n"
	    "/local/var /var null rw\n"
	    "kernfs /kern kernfs rw\n"
	    "procfs /proc procfs rw,noauto\n"
	    "ptyfs /dev/pts ptyfs rw\n",
	    w->p->pkg_readonly ? "ro 0 0" : "rw 1 2");
	return write_text(w, "/etc/fstab", text, 0644, e);
}

static int
step_rc_conf(struct work *w, struct dd_err *e)
{
	struct buf in = BUF_INIT, out = BUF_INIT;
	int rc = -1;

	if (tree_read_file(w->local, "/etc/rc.conf", RECIPE_TEXT_MAX, &in,
	    e) == -1)
		goto out;
	if (local_rc_conf(w->p, in.p, in.len, &out, e) == 0)
		rc = recipe_write(w->local, "/etc/rc.conf", out.p, out.len,
		    0644, true, e);
out:
	buf_dispose(&in);
	buf_dispose(&out);
	return rc;
}

static int
step_ttys(struct work *w, struct dd_err *e)
{
	if (recipe_edit(w->local, "/etc/ttys", &local_ttys_console, NULL,
	    e) == -1)
		return -1;
	return recipe_edit(w->local, "/etc/ttys", &local_ttys_others, NULL,
	    e);
}

static int
step_crontab(struct work *w, struct dd_err *e)
{
	return recipe_edit(w->local, "/var/cron/tabs/root", &local_crontab,
	    NULL, e);
}

/*
 * A first entropy file, as rndctl(8) writes it: the bits that it is worth,
 * 512 random bytes, SHA-1 of both.  A root's own would be the same in every
 * domU.
 */
#define SEED_BITS	4096
#define SEED_BYTES	(SEED_BITS / 8)

int
prepare_local_entropy(struct tree *local, struct dd_err *e)
{
	unsigned char seed[4 + SEED_BYTES + 20];

	if (tree_exists(local, LOCAL_ENTROPY))
		return 0;
	if (recipe_mkdir(local, "/var/db", e) == -1)
		return -1;
	put32le(seed, SEED_BITS);
	gcry_randomize(seed + 4, SEED_BYTES, GCRY_STRONG_RANDOM);
	gcry_md_hash_buffer(GCRY_MD_SHA1, seed + 4 + SEED_BYTES, seed,
	    4 + SEED_BYTES);
	return recipe_write(local, LOCAL_ENTROPY, (const char *)seed,
	    sizeof(seed), 0600, false, e);
}

static const struct {
	const char	*what;
	int		(*run)(struct work *, struct dd_err *);
} steps[] = {
	{ "looking for the release", step_release },
	{ "copying etc, tmp and var", step_copy },
	{ "restoring rc", step_rc },
	{ "writing rc.conf.d", step_rc_conf_d },
	{ "setting up encrypted swap", step_swap },
	{ "writing fstab", step_fstab },
	{ "editing rc.conf", step_rc_conf },
	{ "editing ttys", step_ttys },
	{ "editing root's crontab", step_crontab },
};

#define NSTEPS	(sizeof(steps) / sizeof(steps[0]))

int
prepare_local(struct tree *root, struct tree *local, struct prepare_local *p,
    struct dd_err *e)
{
	struct work w = { .root = root, .local = local, .p = p };
	size_t i;

	for (i = 0; i < NSTEPS; i++)
		if (progress_tick(p->progress, steps[i].what, i, NSTEPS,
		    e) == -1 || steps[i].run(&w, e) == -1)
			return -1;
	return 0;
}
