/*
 * Directories that no kernel makes: loops, knots with 2^60 paths, names that
 * lead nowhere.  Every traversal must end with an error, soon.
 */
#include "core/base/bytes.h"
#include "core/ffs/ffs.h"
#include "core/tree/copy.h"
#include "tests/unit/memblk.h"
#include "tests/unit/scratch.h"
#include "tests/unit/t.h"

static struct memdisk disk;
static struct tree *t;
static struct dd_err e;

static const struct tree_attr folder = { .mask = TREE_SET_PERM,
    .perm = 0755 };

static void
open_tree(void)
{
	struct ffs *fs = NULL;

	T_OK(ffs_open(memblk_open(&disk, true), FFS_WRITE, &fs, &e));
	T_OK(tree_ffs_open(fs, true, &t, &e));
}

static void
begin(void)
{
	struct ffs_format f = { .version = 2 };
	struct blk *b;

	T_EQ(memdisk_init(&disk, 8 << 20), 0);
	b = memblk_open(&disk, true);
	T_OK(ffs_format(b, &f, &e));
	T_OK(blk_flush(b, &e));
	blk_close(b);
	open_tree();
}

static void
end(void)
{
	tree_close(t);
	memdisk_dispose(&disk);
}

static uint32_t
ino_of(const char *path)
{
	struct tree_node n;
	struct tree_stat st = { .id = 0 };

	T_OK(tree_lookup(t, path, false, &n, &st, &e));
	return (uint32_t)st.id;
}

/* Let the entry of that name, wherever it is, point at another inode. */
static void
redirect(const char *name, uint32_t ino)
{
	size_t len = strlen(name), at;

	T_OK(tree_commit(t, &e));
	tree_close(t);
	for (at = 0; at + 8 + len < disk.size; at += 4)
		if (disk.data[at + 7] == len &&
		    memcmp(disk.data + at + 8, name, len + 1) == 0)
			break;
	T(at + 8 + len < disk.size);
	put32le(disk.data + at, ino);
	open_tree();
}

static int
count(void *arg, const struct tree_visit *v, struct dd_err *err)
{
	(void)v;
	(void)err;
	++*(unsigned *)arg;
	return 0;
}

static int
ignore_line(void *arg, const char *line, struct dd_err *err)
{
	(void)arg;
	(void)line;
	(void)err;
	return 0;
}

static int
ignore_change(void *arg, const struct change *ch, struct dd_err *err)
{
	(void)arg;
	(void)ch;
	(void)err;
	return 0;
}

/* Each way through the tree refuses it. */
static void
all_refuse(void)
{
	struct copy_opts o = { .recursive = true, .fits = true };
	struct measure m = { .bytes = 0 };
	struct tree *host;
	unsigned seen = 0;

	T_ERR(tree_walk(t, "/", count, &seen, &e), ERR_CORRUPT);
	T(seen < 300);
	T_ERR(tree_manifest(t, "/", ignore_line, NULL, NULL, &e),
	    ERR_CORRUPT);
	T_ERR(tree_measure(t, "/", 512, &m, NULL, &e), ERR_CORRUPT);
	T_ERR(tree_compare(t, t, ignore_change, NULL, &e), ERR_CORRUPT);
	T_ERR(tree_compare(NULL, t, ignore_change, NULL, &e), ERR_CORRUPT);
	(void)mkdir(scratch("out"), 0700);
	T_OK(tree_mounted_open(scratch("out"), true, &host, &e));
	T_ERR(tree_copy(t, "/", host, "/", &o, &e), ERR_CORRUPT);
	tree_close(host);
	T_ERR(tree_remove(t, "/top", &e), ERR_CORRUPT);
}

static void
a_loop_to_the_top(void)
{
	begin();
	T_OK(tree_mkdirs(t, "/top/middle/bottom-entry", &folder, &e));
	redirect("bottom-entry", FFS_ROOT);
	all_refuse();
	end();
}

static void
a_directory_in_itself(void)
{
	begin();
	T_OK(tree_mkdirs(t, "/top/self-entry", &folder, &e));
	redirect("self-entry", ino_of("/top"));
	all_refuse();
	end();
}

static void
a_knot_of_2_to_60_paths(void)
{
	char path[TREE_PATH_MAX] = "/top", twin[TREE_PATH_MAX + 32], name[32];
	size_t n;
	int i;

	begin();
	for (i = 0; i < 60; i++) {
		T_OK(tree_mkdirs(t, path, &folder, &e));
		(void)snprintf(name, sizeof(name), "twin-of-x-%d", i);
		(void)snprintf(twin, sizeof(twin), "%s/%s", path, name);
		T_OK(tree_mkdirs(t, twin, &folder, &e));
		n = strlen(path);
		(void)snprintf(path + n, sizeof(path) - n, "/x");
		T_OK(tree_mkdirs(t, path, &folder, &e));
		redirect(name, ino_of(path));
	}
	all_refuse();
	end();
}

static void
an_entry_of_a_free_inode(void)
{
	begin();
	T_OK(tree_mkdirs(t, "/top/ghost-entry", &folder, &e));
	redirect("ghost-entry", 500);
	all_refuse();
	end();
}

static void
too_deep(void)
{
	struct copy_opts o = { .recursive = true, .fits = true };
	struct tree_node dir, next;
	unsigned seen = 0;
	int i;

	begin();
	dir = t->ops->root(t);
	for (i = 0; i < TREE_DEPTH_MAX + 10; i++) {
		T_OK(t->ops->mkdir(t, dir, "d", &folder, &next, &e));
		dir = next;
	}
	T_ERR(tree_walk(t, "/", count, &seen, &e), ERR_CORRUPT);
	T_EQ(seen, TREE_DEPTH_MAX + 2);
	T_ERR(tree_copy(t, "/d", t, "/copy", &o, &e), ERR_CORRUPT);
	T_ERR(tree_remove(t, "/d", &e), ERR_CORRUPT);
	end();
}

int
main(void)
{
	T_RUN(a_loop_to_the_top);
	T_RUN(a_directory_in_itself);
	T_RUN(a_knot_of_2_to_60_paths);
	T_RUN(an_entry_of_a_free_inode);
	T_RUN(too_deep);
	return t_done();
}
