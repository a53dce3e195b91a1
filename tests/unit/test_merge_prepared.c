/*
 * merge_etc where it is meant to be: roots that prepare root made, a local
 * image that prepare local made from the old one, and then another release.
 */
#include "core/ffs/ffs.h"
#include "core/recipe/local.h"
#include "core/recipe/merge_etc.h"
#include "core/tree/copy.h"
#include "tests/unit/memblk.h"
#include "tests/unit/scratch.h"
#include "tests/unit/t.h"

static struct memdisk disks[3];
static struct dd_err e;

static struct tree *
new_tree(struct memdisk *disk)
{
	struct ffs_format f = { .version = 2 };
	struct ffs *fs = NULL;
	struct tree *t = NULL;
	struct blk *b;

	T_EQ(memdisk_init(disk, 8 << 20), 0);
	b = memblk_open(disk, true);
	T_OK(ffs_format(b, &f, &e));
	T_OK(blk_flush(b, &e));
	blk_close(b);
	T_OK(ffs_open(memblk_open(disk, true), FFS_WRITE, &fs, &e));
	T_OK(tree_ffs_open(fs, true, &t, &e));
	return t;
}

static void
fill(struct tree *t)
{
	struct copy_opts o = { .recursive = true, .keep_owner = true };
	char cmd[2000];

	(void)snprintf(cmd, sizeof(cmd), "sed \"s|@E|$PWD/tests/demo/today|; "
	    "s|@C|$PWD/tests/demo/common|\" tests/demo/root.spec >'%s'",
	    scratch("spec"));
	T_EQ(system(cmd), 0);
	T_OK(tree_extract(t, "/", scratch("spec"), &o, &e));
}

/* Put a line in front of a file, or behind it. */
static void
add_line(struct tree *t, const char *path, const char *before,
    const char *after)
{
	struct buf b = BUF_INIT, all = BUF_INIT;

	T_OK(tree_read_file(t, path, 65536, &b, &e));
	(void)buf_printf(&all, "%s%s%s", before, b.p, after);
	T_OK(tree_write_file(t, path, all.p, all.len, NULL, &e));
	buf_dispose(&b);
	buf_dispose(&all);
}

static void
prepare(struct tree *t)
{
	static const char kernel[] = "\177ELF\002\001\001 a kernel";
	struct prepare_root p = { .disks = 4, .kernel = scratch_file(
	    "netbsd-XENU", sizeof(kernel), kernel, sizeof(kernel), 0) };

	T_OK(prepare_root(t, &p, &e));
}

static char *
text_of(struct tree *t, const char *path)
{
	struct buf b = BUF_INIT;

	T_OK(tree_read_file(t, path, 65536, &b, &e));
	return buf_steal(&b);
}

static void
has_text(struct tree *t, const char *path, const char *part)
{
	char *text = text_of(t, path);

	if (text == NULL || strstr(text, part) == NULL)
		T_FAIL("%s has no \"%s\": %s", path, part, text);
	free(text);
}

static int
add_path(void *arg, const char *path, struct dd_err *err)
{
	(void)err;
	return buf_printf(arg, "%s ", path);
}

static void
another_release(void)
{
	struct tree *old = new_tree(&disks[0]), *new = new_tree(&disks[1]),
	    *local = new_tree(&disks[2]);
	struct prepare_local p = { .hostname = "web1" };
	struct merge_etc o = { .progress = NULL };
	struct buf attention = BUF_INIT;
	char *rc, *orig;
	int again;

	fill(old);
	fill(new);
	add_line(new, "/etc/rc", "", "# at its end\n");
	add_line(new, "/etc/rc.conf", "# a new header\n", "");
	add_line(new, "/etc/ttys", "# a new header\n", "");
	add_line(new, "/etc/group", "", "_new:*:99:\n");
	add_line(new, "/etc/master.passwd", "",
	    "_new:*:99:99::0:0::/nonexistent:/sbin/nologin\n");
	T_OK(tree_write_file(new, "/etc/rc.d/new", "x\n", 2,
	    &(struct tree_attr){ .mask = TREE_SET_PERM, .perm = 0555 }, &e));
	prepare(old);
	prepare(new);
	T_OK(prepare_local(old, local, &p, &e));
	add_line(local, "/etc/hosts", "192.0.2.1 mine\n", "");
	for (again = 0; again < 2; again++) {
		T_OK(merge_etc(old, new, local, &o, &e));
		rc = text_of(local, "/etc/rc");
		orig = text_of(new, "/etc/rc.orig");
		T_STR(rc, orig);
		free(rc);
		free(orig);
		has_text(local, "/etc/rc.conf", "# a new header\n");
		has_text(local, "/etc/rc.conf", "hostname=web1\n");
		has_text(local, "/etc/ttys", "# a new header\n");
		has_text(local, "/etc/group", "_new");
		has_text(local, "/etc/hosts", "mine");
		has_text(local, "/etc/fstab", "/local/etc /etc null rw\n");
		T(tree_exists(local, "/etc/rc.d/new"));
		T(!tree_exists(local, "/etc/rc.pre-hooks"));
		T_EQ(o.taken, again ? 0 : 2);	/* rc, group */
		T_EQ(o.merged, again ? 0 : 2);	/* rc.conf, ttys */
		T_EQ(o.added, again ? 0 : 1);
		T_EQ(o.removed, 0);
		T_EQ(o.left.n, 4);
		merge_etc_dispose(&o);
		o = (struct merge_etc){ .progress = NULL };
	}
	/* what prepare local does to its own etc stands as before */
	T_OK(prepare_local(new, local, &p, &e));
	has_text(local, "/etc/rc.conf", "# a new header\n");
	T_OK(etc_changed(old, new, local, add_path, &attention, &e));
	T_STR(attention.p, "/etc/rc.conf /etc/ttys ");
	buf_dispose(&attention);
	tree_close(old);
	tree_close(new);
	tree_close(local);
	memdisk_dispose(&disks[0]);
	memdisk_dispose(&disks[1]);
	memdisk_dispose(&disks[2]);
}

int
main(void)
{
	T_RUN(another_release);
	return t_done();
}
