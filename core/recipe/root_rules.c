/*
 * The rules and texts of prepare root; see root_rules.h.
 *
 *   /etc/rc   up to 6, ". /etc/rc.subr" stands at the beginning of a line;
 *             from 7 on that is the else branch of "if [ -e ./rc.subr ]".
 *   MAKEDEV   up to 4, `init' makes few nodes, and of Xen's disks two; from 5
 *             on it makes all there are, and four.
 */
#include <stdio.h>
#include <string.h>

#include "core/recipe/recipe.h"
#include "core/recipe/root_rules.h"

static bool
word_is(const struct line *l, unsigned n, const char *s)
{
	const char *word;
	size_t len = line_word(l, n, &word);

	return len == strlen(s) && memcmp(word, s, len) == 0;
}

/* /etc/rc */

static bool
sources_rc_subr(const struct line *l)
{
	return line_is(l, ". /etc/rc.subr") ||
	    line_starts(l, "if [ -e ./rc.subr ]");
}

/* Is rc.subr sourced in front of this line? */
static bool
is_too_late(const struct line *hook)
{
	struct line l = { .number = 0 };
	size_t at = 0;

	while (line_next(hook->text, (size_t)(hook->p - hook->text), &at, &l))
		if (sources_rc_subr(&l))
			return true;
	return false;
}

static enum verdict
rc_judge(const struct line *l, const void *arg)
{
	(void)arg;
	if (line_idle(l))
		return LINE_KEEP;
	if (line_has(l, HOOK_FILE))
		return line_is(l, HOOK_LINE) && !is_too_late(l) ? LINE_DONE :
		    LINE_WRONG;
	return sources_rc_subr(l) ? LINE_MATCH : LINE_KEEP;
}

static int
rc_edit(struct buf *out, const struct line *l, const void *arg)
{
	(void)arg;
	return buf_str(out, HOOK_LINE "\n") | buf_add(out, l->p, l->len) |
	    buf_str(out, "\n");
}

const struct rule root_rc = {
	.name = "rc: source rc.pre-hooks",
	.looks_for = "the place where rc.subr is sourced",
	.wrong = HOOK_FILE " is named otherwise than by `" HOOK_LINE "' in "
	    "front of the place where rc.subr is sourced",
	.min = 1, .max = 1,
	.judge = rc_judge, .edit = rc_edit,
};

/* MAKEDEV */

/*
 * "makedev xbd0 xbd1 ... what": how many disks there are in a row, 0 for
 * another line; *end points behind the last.
 */
static unsigned
disk_row(const struct line *l, const char *what, const char **end)
{
	const char *word;
	unsigned disks;
	char name[16];
	size_t len;

	if (line_idle(l) || !word_is(l, 0, "makedev"))
		return 0;
	for (disks = 0; disks < PREPARE_DISKS_MAX; disks++) {
		(void)snprintf(name, sizeof(name), "xbd%u", disks);
		if (!word_is(l, disks + 1, name))
			break;
		len = line_word(l, disks + 1, &word);
		*end = word + len;
	}
	return word_is(l, disks + 1, what) ? disks : 0;
}

static enum verdict
judge_disks(const struct line *l, const char *what, unsigned want)
{
	const char *end;
	unsigned have = disk_row(l, what, &end);

	return have == 0 ? LINE_KEEP : have < want ? LINE_MATCH : LINE_DONE;
}

static int
edit_disks(struct buf *out, const struct line *l, const char *what,
    unsigned want)
{
	const char *end = l->p;
	unsigned i = disk_row(l, what, &end);
	int rc = buf_add(out, l->p, (size_t)(end - l->p));

	for (; i < want; i++)
		rc |= buf_printf(out, " xbd%u", i);
	return rc | buf_add(out, end, (size_t)(l->p + l->len - end)) |
	    buf_str(out, "\n");
}

/* Five at least, as the scripts of 2006 have it. */
static unsigned
disks_2006(const void *arg)
{
	unsigned disks = *(const unsigned *)arg;

	return disks > 5 ? disks : 5;
}

static enum verdict
makedev_2006_judge(const struct line *l, const void *arg)
{
	return judge_disks(l, "xencons", disks_2006(arg));
}

/* With the first edit come the other nodes that init lacks. */
static int
makedev_2006_edit(struct buf *out, const struct line *l, const void *arg)
{
	const char *end;
	int rc = edit_disks(out, l, "xencons", disks_2006(arg));

	if (disk_row(l, "xencons", &end) > 2)
		return rc;
	return rc | buf_str(out,
	    "\tmakedev sysmon\n"
	    "\tmakedev clockctl\n"
	    "\tmakedev ipl pf crypto systrace\n"
	    "\tmakedev tun0 tun1 tun2 tun3\n"
	    "\tmakedev tap tap0 tap1 tap2 tap3\n"
	    "\tmakedev kttcp\n");
}

const struct rule root_makedev_2006 = {
	.name = "MAKEDEV: disks and devices of a domU",
	.looks_for = "`makedev xbd0 xbd1 xencons'",
	.min = 1, .max = 1,
	.judge = makedev_2006_judge, .edit = makedev_2006_edit,
};

/* Nodes of hardware that no domU has make room for these in the small memory
 * file system; a release without some of them is as good. */
static enum verdict
hardware_judge(const struct line *l, const void *arg)
{
	(void)arg;
	return word_is(l, 0, "makedev") && (word_is(l, 1, "st0") ||
	    word_is(l, 1, "iop0") || word_is(l, 1, "ed0") ||
	    word_is(l, 1, "ld0")) ? LINE_MATCH : LINE_KEEP;
}

/* vnd0 stands in the line of the tapes. */
static int
hardware_edit(struct buf *out, const struct line *l, const void *arg)
{
	(void)arg;
	return word_is(l, 1, "st0") ? buf_str(out, "\tmakedev vnd0\n") : 0;
}

const struct rule root_no_hardware = {
	.name = "MAKEDEV: no hardware",
	.looks_for = "hardware that a domU does not have",
	.min = 0, .max = 0,
	.judge = hardware_judge, .edit = hardware_edit,
};

static enum verdict
makedev_judge(const struct line *l, const void *arg)
{
	return judge_disks(l, "xen", *(const unsigned *)arg);
}

static int
makedev_edit(struct buf *out, const struct line *l, const void *arg)
{
	return edit_disks(out, l, "xen", *(const unsigned *)arg);
}

const struct rule root_makedev = {
	.name = "MAKEDEV: more than four disks",
	.looks_for = "`makedev xbd0 xbd1 xbd2 xbd3 xen'",
	.min = 1, .max = 1,
	.judge = makedev_judge, .edit = makedev_edit,
};

/* The files that are written whole. */

const char root_pre_hooks[] =
"# rc.pre-hooks: sourced by /etc/rc before anything else.\n"
"#\n"
"# The root file system is shared and read-only.  What belongs to this machine\n"
"# lies on its third disk: mount that on /local, its etc over /etc, and run\n"
"# /etc/rc from there.  It must be checked now, since nothing can be mended\n"
"# once the other file systems are mounted on it.\n"
"\n"
"if [ -n \"$rc_pre_hooks_done\" ]; then\n"
"	echo \"/local/etc/rc sources /etc/rc.pre-hooks, too.\"\n"
"	echo \"Restore it from rc.orig there.  Multiuser boot aborted.\"\n"
"	exit 1\n"
"fi\n"
"rc_pre_hooks_done=yes\n"
"export rc_pre_hooks_done\n"
"\n"
"if ! /sbin/fsck -p /dev/rxbd2a; then\n"
"	echo \"Unable to check /local.  Multiuser boot aborted.\"\n"
"	echo \"Run \\`fsck /dev/rxbd2a' and leave this shell.\"\n"
"	exit 1\n"
"fi\n"
"if ! mount -t ffs /dev/xbd2a /local; then\n"
"	echo \"Unable to mount /local.  Multiuser boot aborted.\"\n"
"	exit 1\n"
"fi\n"
"if ! mount -t null /local/etc /etc; then\n"
"	echo \"Unable to mount /etc.  Multiuser boot aborted.\"\n"
"	umount /local\n"
"	exit 1\n"
"fi\n"
"\n"
"# Again, with this machine's configuration, and with rc's own arguments:\n"
"# without `autoboot' a failing fsck would not stop the boot.\n"
"exec /bin/sh /etc/rc ${1+\"$@\"}\n";

const char root_fstab[] =
"# Read before /local/etc is mounted over /etc.\n"
"/dev/xbd0a	/	ffs	ro	0 0\n"
"/dev/xbd2a	/local	ffs	rw	0 0\n";

/* Is `option' among those of the fourth word, which commas divide? */
static bool
has_option(const struct line *l, const char *option)
{
	const char *word, *end, *comma;
	size_t len = line_word(l, 3, &word), n = strlen(option), part;

	for (end = word + len; word < end; word += part + 1) {
		comma = memchr(word, ',', (size_t)(end - word));
		part = (size_t)((comma != NULL ? comma : end) - word);
		if (part == n && memcmp(word, option, n) == 0)
			return true;
	}
	return false;
}

/* The device on the directory that the line names, and not checked at boot:
 * a check of a read-only disk stops the boot. */
static bool
serves(const struct line *l, const char *dev, const char *mode)
{
	const char *word;

	return word_is(l, 0, dev) && word_is(l, 2, "ffs") &&
	    has_option(l, mode) &&
	    (line_word(l, 5, &word) == 0 || word_is(l, 5, "0"));
}

bool
root_fstab_serves(const char *text, size_t len)
{
	struct line l = { .number = 0 };
	unsigned root = 0, local = 0;
	size_t at = 0;
	bool good = true;

	while (good && line_next(text, len, &at, &l)) {
		if (line_idle(&l))
			continue;
		if (word_is(&l, 1, "/"))
			good = root++ == 0 && serves(&l, "/dev/xbd0a", "ro");
		else if (word_is(&l, 1, "/local"))
			good = local++ == 0 && serves(&l, "/dev/xbd2a", "rw");
	}
	return good && root == 1 && local == 1;
}
