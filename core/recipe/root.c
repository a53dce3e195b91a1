/*
 * prepare root: make an installed NetBSD the read-only root of a fleet.
 *
 * What the seed's setup_root did, with what was seen when the scheme was
 * booted on today's NetBSD.  Before 5.0 the Xen nodes were few and /etc/rc
 * sourced rc.subr at the beginning of a line; from 5.0 on MAKEDEV makes what a
 * domU with four disks needs, and from 7.0 on rc.subr may come from the
 * current directory.
 */
#include <stdio.h>
#include <string.h>

#include "core/recipe/kernel.h"
#include "core/recipe/recipe.h"

/* Releases whose `MAKEDEV init' knows the domU's devices by itself. */
#define MAKEDEV_KNOWS_XEN	5

/* /etc/rc: source the hook before anything else. */

#define HOOK_LINE	". /etc/rc.pre-hooks"

static enum verdict
rc_judge(const struct line *l, const void *arg)
{
	(void)arg;
	if (line_is(l, HOOK_LINE))
		return LINE_DONE;
	if (line_is(l, ". /etc/rc.subr") ||
	    line_starts(l, "if [ -e ./rc.subr ]"))
		return LINE_MATCH;
	return LINE_KEEP;
}

static int
rc_edit(struct buf *out, const struct line *l, const void *arg)
{
	(void)arg;
	return buf_str(out, HOOK_LINE "\n") | buf_add(out, l->p, l->len) |
	    buf_str(out, "\n");
}

static const struct rule rc_rule = {
	.name = "rc: source rc.pre-hooks",
	.looks_for = "the place where rc.subr is sourced",
	.min = 1, .max = 1,
	.judge = rc_judge, .edit = rc_edit,
};

/* MAKEDEV of 2006: the seed's edit. */

#define OLD_DISKS	"makedev xbd0 xbd1 xencons"

/* Lines of `init)' for hardware that a domU does not have. */
static bool
is_hardware(const struct line *l)
{
	return line_has(l, "makedev iop0") || line_has(l, "makedev ed0") ||
	    line_has(l, "makedev ld0");
}

static enum verdict
makedev_judge(const struct line *l, const void *arg)
{
	(void)arg;
	if (line_has(l, OLD_DISKS))
		return LINE_MATCH;
	if (line_has(l, "makedev xbd0 xbd1 xbd2 xbd3 xbd4"))
		return LINE_DONE;
	return LINE_KEEP;
}

static int
makedev_edit(struct buf *out, const struct line *l, const void *arg)
{
	const unsigned *disks = arg;
	const char *at = l->p, *end = l->p + l->len;
	unsigned i;
	int rc = 0;

	while (strncmp(at, OLD_DISKS, sizeof(OLD_DISKS) - 1) != 0)
		at++;
	rc |= buf_add(out, l->p, (size_t)(at - l->p));
	rc |= buf_str(out, "makedev");
	for (i = 0; i <= 4 || i < *disks; i++)
		rc |= buf_printf(out, " xbd%u", i);
	at += strlen("makedev xbd0 xbd1");
	rc |= buf_add(out, at, (size_t)(end - at));
	return rc | buf_str(out, "\n"
	    "\tmakedev sysmon\n"
	    "\tmakedev clockctl\n"
	    "\tmakedev ipl pf crypto systrace\n"
	    "\tmakedev tun0 tun1 tun2 tun3\n"
	    "\tmakedev tap tap0 tap1 tap2 tap3\n"
	    "\tmakedev kttcp\n");
}

static const struct rule makedev_rule = {
	.name = "MAKEDEV: disks and devices of a domU",
	.looks_for = "`" OLD_DISKS "'",
	.min = 1, .max = 1,
	.judge = makedev_judge, .edit = makedev_edit,
};

static enum verdict
hardware_judge(const struct line *l, const void *arg)
{
	(void)arg;
	return line_has(l, "makedev st0") || is_hardware(l) ? LINE_MATCH :
	    LINE_KEEP;
}

static int
hardware_edit(struct buf *out, const struct line *l, const void *arg)
{
	(void)arg;
	return line_has(l, "makedev st0") ? buf_str(out, "\tmakedev vnd0\n") :
	    0;
}

static const struct rule hardware_rule = {
	.name = "MAKEDEV: no hardware",
	.looks_for = "hardware that a domU does not have",
	.min = 0, .max = 0,
	.judge = hardware_judge, .edit = hardware_edit,
};

/* MAKEDEV from 5.0 on: four disks are there; more are added behind them. */

#define NEW_DISKS	"makedev xbd0 xbd1 xbd2 xbd3"

/* Is word one of the line's? */
static bool
has_word(const struct line *l, const char *word)
{
	const char *w;
	unsigned n;
	size_t len;

	for (n = 0; (len = line_word(l, n, &w)) > 0; n++)
		if (len == strlen(word) && memcmp(w, word, len) == 0)
			return true;
	return false;
}

static enum verdict
disks_judge(const struct line *l, const void *arg)
{
	const unsigned *disks = arg;
	char last[16];

	if (!line_has(l, NEW_DISKS))
		return LINE_KEEP;
	(void)snprintf(last, sizeof(last), "xbd%u", *disks - 1);
	return has_word(l, last) ? LINE_DONE : LINE_MATCH;
}

/* Each word from xbd4 on goes, and those wanted stand behind xbd3. */
static int
disks_edit(struct buf *out, const struct line *l, const void *arg)
{
	const unsigned *disks = arg;
	const char *w, *from = l->p;
	unsigned n, i;
	size_t len;
	int rc = 0;

	for (n = 0; (len = line_word(l, n, &w)) > 0; n++) {
		if (len != 4 || memcmp(w, "xbd3", 4) != 0)
			continue;
		rc |= buf_add(out, from, (size_t)(w + len - from));
		for (i = 4; i < *disks; i++)
			rc |= buf_printf(out, " xbd%u", i);
		do {
			from = w + len;
			len = line_word(l, ++n, &w);
		} while (len > 3 && memcmp(w, "xbd", 3) == 0);
		break;
	}
	return rc | buf_add(out, from, (size_t)(l->p + l->len - from)) |
	    buf_str(out, "\n");
}

static const struct rule disks_rule = {
	.name = "MAKEDEV: more than four disks",
	.looks_for = "`" NEW_DISKS "'",
	.min = 1, .max = 1,
	.judge = disks_judge, .edit = disks_edit,
};

/* The files that are written whole. */

static const char pre_hooks[] =
"# rc.pre-hooks: sourced by /etc/rc before anything else.\n"
"#\n"
"# The root file system is shared and read-only.  What belongs to this machine\n"
"# lies on its second disk: mount that on /local, its etc over /etc, and run\n"
"# /etc/rc from there.  It must be checked now, since nothing can be mended\n"
"# once the other file systems are mounted on it.\n"
"\n"
"PATH=/sbin:/bin:/usr/sbin:/usr/bin\n"
"export PATH\n"
"\n"
"if [ -n \"$rc_pre_hooks_done\" ]; then\n"
"	echo \"/local/etc/rc sources /etc/rc.pre-hooks, too.\"\n"
"	echo \"Restore it from rc.orig there.  Multiuser boot aborted.\"\n"
"	exit 1\n"
"fi\n"
"rc_pre_hooks_done=yes\n"
"export rc_pre_hooks_done\n"
"\n"
"fsck -p /dev/rxbd2a\n"
"case $? in\n"
"0)	;;\n"
"*)	echo \"Unable to check /local.  Multiuser boot aborted.\"\n"
"	exit 1\n"
"	;;\n"
"esac\n"
"if ! mount -t ffs /dev/xbd2a /local; then\n"
"	echo \"Unable to mount /local.  Multiuser boot aborted.\"\n"
"	exit 1\n"
"fi\n"
"if ! mount -t null /local/etc /etc; then\n"
"	echo \"Unable to mount /etc.  Multiuser boot aborted.\"\n"
"	exit 1\n"
"fi\n"
"\n"
"# Again, with this machine's configuration, and with rc's own arguments:\n"
"# without `autoboot' a failing fsck would not stop the boot.\n"
"exec /bin/sh /etc/rc ${1+\"$@\"}\n";

static const char fstab[] =
"# Read before /local/etc is mounted over /etc.\n"
"/dev/xbd0a	/	ffs	ro	0 0\n"
"/dev/xbd2a	/local	ffs	rw	0 0\n";

/* Steps. */

static int
step_release(struct tree *t, struct prepare_root *p, struct dd_err *e)
{
	return release_find(t, &p->release, e);
}

static int
step_kernel(struct tree *t, struct prepare_root *p, struct dd_err *e)
{
	return kernel_install(t, p->kernel, p->progress, e);
}

static int
step_makedev(struct tree *t, struct prepare_root *p, struct dd_err *e)
{
	static const char path[] = "/dev/MAKEDEV";

	if (p->release.major < MAKEDEV_KNOWS_XEN) {
		if (recipe_edit(t, path, &makedev_rule, &p->disks, e) == -1)
			return -1;
		return recipe_edit(t, path, &hardware_rule, NULL, e);
	}
	if (p->disks > 4)
		return recipe_edit(t, path, &disks_rule, &p->disks, e);
	if (tree_exists(t, path))
		return 0;
	(void)dd_fail(e, ERR_RULE, "%s is missing (rule: init makes /dev "
	    "with it)", path);
	return dd_hint(e, "install a whole system into the image first");
}

/*
 * init(8) makes a memory /dev only where there is no /dev/console.  What
 * begins with a small ASCII letter is a node, or a folder of nodes; MAKEDEV and
 * MAKEDEV.local stay.  The directory changes under the iteration, so it starts
 * again after each removal.
 */
static int
step_dev(struct tree *t, struct prepare_root *p, struct dd_err *e)
{
	char path[TREE_NAME_MAX + 8];
	struct tree_dirent d;
	struct tree_node dev;
	struct tree_stat st;
	uint64_t at = 0;
	int r;

	(void)p;
	if (tree_lookup(t, "/dev", false, &dev, &st, e) == -1)
		return -1;
	while ((r = t->ops->readdir(t, dev, &at, &d, e)) == 1) {
		if (d.name[0] < 'a' || d.name[0] > 'z')
			continue;
		(void)snprintf(path, sizeof(path), "/dev/%s", d.name);
		if (tree_remove(t, path, e) == -1) {
			r = -1;
			break;
		}
		at = 0;
	}
	t->ops->put(t, dev);
	return r;
}

static int
step_directories(struct tree *t, struct prepare_root *p, struct dd_err *e)
{
	static const char *const dirs[] = { "/emul", "/local", "/usr/pkg",
	    "/kern", "/proc" };
	size_t i;

	(void)p;
	for (i = 0; i < sizeof(dirs) / sizeof(dirs[0]); i++)
		if (recipe_mkdir(t, dirs[i], e) == -1)
			return -1;
	return 0;
}

static int
step_fstab(struct tree *t, struct prepare_root *p, struct dd_err *e)
{
	(void)p;
	return recipe_write(t, "/etc/fstab", fstab, sizeof(fstab) - 1, 0644,
	    true, e);
}

static int
step_hook(struct tree *t, struct prepare_root *p, struct dd_err *e)
{
	(void)p;
	if (recipe_write(t, "/etc/rc.pre-hooks", pre_hooks,
	    sizeof(pre_hooks) - 1, 0644, false, e) == -1)
		return -1;
	return recipe_edit(t, "/etc/rc", &rc_rule, NULL, e);
}

static const struct {
	const char	*what;
	int		(*run)(struct tree *, struct prepare_root *,
			    struct dd_err *);
} steps[] = {
	{ "looking for the release", step_release },
	{ "editing /dev/MAKEDEV", step_makedev },
	{ "hooking /etc/rc", step_hook },
	{ "writing /etc/fstab", step_fstab },
	{ "making directories", step_directories },
	{ "emptying /dev", step_dev },
	{ "copying the kernel", step_kernel },
};

#define NSTEPS	(sizeof(steps) / sizeof(steps[0]))

int
prepare_root(struct tree *t, struct prepare_root *p, struct dd_err *e)
{
	size_t i;

	for (i = 0; i < NSTEPS; i++)
		if (progress_tick(p->progress, steps[i].what, i, NSTEPS,
		    e) == -1 || steps[i].run(t, p, e) == -1)
			return -1;
	return 0;
}
