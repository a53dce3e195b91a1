/*
 * One suite for every driver of struct tree_ops.  Each test gets an empty,
 * writable tree; `fx` can reopen it as committed.
 */
#include <sys/stat.h>
#include <unistd.h>

#include "core/disk/file.h"
#include "core/disk/overlay.h"
#include "core/ffs/ffs.h"
#include "core/host/stack.h"
#include "core/tree/tree.h"
#include "tests/unit/t.h"

struct fixture {
	const char	*name;
	int		(*make)(void);		/* an empty tree: in place */
	int		(*open)(bool writable, struct tree **,
			    struct dd_err *);
	void		(*drop)(void);
};

static const struct fixture *fx;
static struct tree *t;
static struct dd_err e;
static char dir[] = "/tmp/drydock-tree.XXXXXX";

static const struct tree_attr plain = { .mask = TREE_SET_PERM, .perm = 0644 };
static const struct tree_attr folder = { .mask = TREE_SET_PERM,
    .perm = 0755 };

/* mounted: a directory of the host */

static int
mounted_make(void)
{
	memcpy(dir + sizeof(dir) - 7, "XXXXXX", 6);
	return mkdtemp(dir) == NULL ? -1 : 0;
}

static int
mounted_open(bool writable, struct tree **out, struct dd_err *err)
{
	return tree_mounted_open(dir, writable, out, err);
}

static void
mounted_drop(void)
{
	struct dd_err ignored = DD_ERR_INIT;
	struct tree *up;
	char *base = strrchr(dir, '/');

	*base = '\0';
	if (tree_mounted_open(dir, true, &up, &ignored) == 0) {
		(void)tree_remove(up, base + 1, &ignored);
		tree_close(up);
	}
	*base = '/';
}

/* ffs: a file with an overlay, formatted in its version */

static char image[] = "/tmp/drydock-ffs.XXXXXX";

static int
ffs_make(int version)
{
	struct ffs_format format = { .version = version };
	struct blk *b = NULL;
	int fd, rc = -1;

	memcpy(image + sizeof(image) - 7, "XXXXXX", 6);
	if ((fd = mkstemp(image)) == -1 || ftruncate(fd, 64 << 20) == -1)
		return -1;
	(void)close(fd);
	if (file_open(image, FILE_WRITE, 0, &b, &e) == 0 &&
	    ffs_format(b, &format, &e) == 0)
		rc = blk_flush(b, &e);
	blk_close(b);
	if (rc == -1)
		printf("# %s\n", e.msg);
	return rc;
}

static int
ffs1_make(void)
{
	return ffs_make(1);
}

static int
ffs2_make(void)
{
	return ffs_make(2);
}

static int
ffs_tree_open(bool writable, struct tree **out, struct dd_err *err)
{
	struct blk *file, *over;
	struct ffs *fs;

	if (file_open(image, writable ? FILE_WRITE : 0, 0, &file, err) == -1)
		return -1;
	if (overlay_open(file, 0, &over, err) == -1) {
		blk_close(file);
		return -1;
	}
	if (ffs_open(over, writable ? FFS_WRITE : 0, &fs, err) == -1) {
		blk_close(over);
		return -1;
	}
	if (tree_ffs_open(fs, writable, out, err) == -1) {
		ffs_close(fs);
		return -1;
	}
	return 0;
}

static void
ffs_drop(void)
{
	(void)unlink(image);
}

/* mounted, on an ext4 of its own that this host's kernel mounts */

static char ext4[] = "/tmp/drydock-ext4.XXXXXX";
static char run_dir[] = "/tmp/drydock-run.XXXXXX";
static struct stack *stack;

/* Why that can't be done here; NULL: it can. */
static const char *
ext4_missing(void)
{
	const struct host_need need = { .fstype = "ext4" };
	static struct dd_err why;

	if (host_kernel->check(&need, &why) == -1)
		return why.msg;
	return system("command -v mkfs.ext4 debugfs >/dev/null") != 0 ?
	    "no e2fsprogs" : NULL;
}

static int
ext4_make(void)
{
	char cmd[300];
	int fd;

	memcpy(ext4 + sizeof(ext4) - 7, "XXXXXX", 6);
	memcpy(run_dir + sizeof(run_dir) - 7, "XXXXXX", 6);
	if (mkdtemp(run_dir) == NULL || (fd = mkstemp(ext4)) == -1 ||
	    ftruncate(fd, 16 << 20) == -1)
		return -1;
	(void)close(fd);
	stack_dir = run_dir;
	(void)snprintf(cmd, sizeof(cmd), "{ mkfs.ext4 -q -F -I 256 %s && "
	    "debugfs -w -R 'rmdir lost+found' %s; } >/dev/null 2>&1", ext4,
	    ext4);
	return system(cmd) == 0 ? 0 : -1;
}

static int
ext4_open(bool writable, struct tree **out, struct dd_err *err)
{
	struct stack_ask ask = { .part = { .image = ext4,
	    .readonly = !writable }, .fstype = "ext4" };
	struct stack *before = stack;
	struct stat st;

	stack = NULL;
	if (stack_close(before, err) == -1 || stat(ext4, &st) == -1)
		return -1;
	ask.part.dev = st.st_dev;
	ask.part.ino = st.st_ino;
	return stack_open(host_kernel, &ask, &stack, err) == -1 ? -1 :
	    tree_mounted_open(stack_mount_point(stack), writable, out, err);
}

static void
ext4_drop(void)
{
	char cmd[300];

	T_OK(stack_close(stack, &e));
	stack = NULL;
	/* what is still mounted there is not to be removed */
	(void)snprintf(cmd, sizeof(cmd), "rmdir %s/mnt %s/stack %s", run_dir,
	    run_dir, run_dir);
	T_EQ(system(cmd), 0);
	(void)unlink(ext4);
}

static const struct fixture fixtures[] = {
	{ "ext4", ext4_make, ext4_open, ext4_drop },
	{ "mounted", mounted_make, mounted_open, mounted_drop },
	{ "ffsv1", ffs1_make, ffs_tree_open, ffs_drop },
	{ "ffsv2", ffs2_make, ffs_tree_open, ffs_drop },
};

/* Short cuts on paths. */

static struct tree_node
node_at(const char *path)
{
	struct tree_node n = { .v = 0 };

	T_OK(tree_lookup(t, path, false, &n, NULL, &e));
	return n;
}

static struct tree_stat
stat_at(const char *path)
{
	struct tree_stat st = { .type = 0 };
	struct tree_node n;

	T_OK(tree_lookup(t, path, false, &n, &st, &e));
	if (st.type != 0)
		t->ops->put(t, n);
	return st;
}

static void
put_file(const char *path, const char *text)
{
	T_OK(tree_write_file(t, path, text, strlen(text), &plain, &e));
}

static void
content_is(const char *path, const char *want)
{
	struct buf b = BUF_INIT;

	T_OK(tree_read_file(t, path, 1 << 20, &b, &e));
	T_STR(b.p, want);
	buf_dispose(&b);
}

static void
put_link(const char *path, const char *target)
{
	struct tree_attr a = { .mask = 0 };
	struct tree_node d, n;
	const char *name;

	T_OK(tree_parent(t, path, &d, &name, &e));
	T_OK(t->ops->symlink(t, d, name, target, &a, &n, &e));
	if (e.code == ERR_NONE)
		t->ops->put(t, n);
	t->ops->put(t, d);
}

/* Commit, and open what was committed. */
static void
reopen(bool writable)
{
	T_OK(tree_commit(t, &e));
	tree_close(t);
	t = NULL;
	T_OK(fx->open(writable, &t, &e));
}

/* The tests. */

static void
empty_root(void)
{
	struct tree_stat st = stat_at("/");
	struct tree_dirent d;
	struct tree_node n = node_at("");
	uint64_t at = 0;

	T_EQ(st.type, TREE_DIR);
	T_EQ(t->ops->readdir(t, n, &at, &d, &e), 0);
	t->ops->put(t, n);
}

static void
write_and_read(void)
{
	static char big[300000];
	struct tree_node root = node_at("/"), n;
	static char back[sizeof(big) + 100];
	size_t got, i;

	for (i = 0; i < sizeof(big); i++)
		big[i] = (char)(i * 7 + i / 251);
	T_OK(t->ops->create(t, root, "f", &plain, &n, &e));
	T_OK(t->ops->write(t, n, big, 1000, 0, &e));
	T_OK(t->ops->write(t, n, big + 1000, sizeof(big) - 1000, 1000, &e));
	T_OK(t->ops->write(t, n, "over", 4, 70000, &e));
	memcpy(big + 70000, "over", 4);
	T_OK(t->ops->read(t, n, back, sizeof(back), 0, &got, &e));
	T_EQ(got, sizeof(big));
	T(memcmp(big, back, sizeof(big)) == 0);
	T_OK(t->ops->read(t, n, back, 10, sizeof(big) - 3, &got, &e));
	T_EQ(got, 3);
	T_OK(t->ops->read(t, n, back, 10, sizeof(big) + 5, &got, &e));
	T_EQ(got, 0);
	t->ops->put(t, n);
	t->ops->put(t, root);
	reopen(false);
	n = node_at("/f");
	T_OK(t->ops->read(t, n, back, sizeof(back), 0, &got, &e));
	T_EQ(got, sizeof(big));
	T(memcmp(big, back, sizeof(big)) == 0);
	t->ops->put(t, n);
}

static void
holes_and_truncate(void)
{
	struct tree_node root = node_at("/"), n;
	uint64_t s, end;
	char back[8];
	size_t got;

	T_OK(t->ops->create(t, root, "f", &plain, &n, &e));
	T_OK(t->ops->write(t, n, "head", 4, 0, &e));
	T_OK(t->ops->write(t, n, "tail", 4, 4 << 20, &e));
	T_EQ(stat_at("/f").size, (4 << 20) + 4);
	T(stat_at("/f").blocks < 2048);
	T_OK(t->ops->next_data(t, n, 0, &s, &end, &e));
	T_EQ(s, 0);
	T(end >= 4 && end <= 1 << 20);
	T_OK(t->ops->next_data(t, n, end, &s, &end, &e));
	T(s > 1 << 20 && s <= 4 << 20);
	T_EQ(end, (4 << 20) + 4);
	T_OK(t->ops->next_data(t, n, end, &s, &end, &e));
	T_EQ(s, (4 << 20) + 4);
	T_EQ(s, end);
	T_OK(t->ops->read(t, n, back, 4, 1000000, &got, &e));
	T(memcmp(back, "\0\0\0\0", 4) == 0);
	T_OK(t->ops->truncate(t, n, 2, &e));
	T_OK(t->ops->truncate(t, n, 6, &e));
	T_OK(t->ops->read(t, n, back, 8, 0, &got, &e));
	T_EQ(got, 6);
	T(memcmp(back, "he\0\0\0\0", 6) == 0);
	T_OK(t->ops->truncate(t, n, 9 << 20, &e));
	T_EQ(stat_at("/f").size, 9 << 20);
	T_OK(t->ops->next_data(t, n, 1 << 20, &s, &end, &e));
	T_EQ(s, 9 << 20);
	t->ops->put(t, n);
	t->ops->put(t, root);
}

static void
attributes(void)
{
	struct tree_attr a = {
		.mask = TREE_SET_PERM | TREE_SET_ATIME | TREE_SET_MTIME,
		.perm = 04751,
		.atime = { .sec = -86400, .nsec = 1 },
		.mtime = { .sec = 1234567890, .nsec = 123456789 }
	};
	struct tree_node root = node_at("/"), n;
	struct tree_stat st;

	T_OK(t->ops->create(t, root, "f", &plain, &n, &e));
	T_EQ(stat_at("/f").perm, 0644);
	T_OK(t->ops->setattr(t, n, &a, &e));
	if (t->makes_owners) {
		struct tree_attr o = { .mask = TREE_SET_OWNER,
		    .uid = 4000000000U, .gid = 65535 };

		T_OK(t->ops->setattr(t, n, &o, &e));
	}
	t->ops->put(t, n);
	t->ops->put(t, root);
	reopen(false);
	st = stat_at("/f");
	T_EQ(st.perm, 04751);
	T_EQ(st.atime.sec, -86400);
	T_EQ(st.mtime.sec, 1234567890);
	T_EQ(st.mtime.nsec, 123456789);
	if (t->makes_owners) {
		T_EQ(st.uid, 4000000000U);
		T_EQ(st.gid, 65535);
	}
}

static void
file_flags(void)
{
	struct tree_attr a = { .mask = TREE_SET_FLAGS, .flags = 1 };
	struct tree_node n;

	if (!t->makes_flags) {
		printf("# skip %s: no file flags here\n", fx->name);
		return;
	}
	put_file("/f", "x");
	n = node_at("/f");
	T_OK(t->ops->setattr(t, n, &a, &e));
	T_EQ(stat_at("/f").flags, 1);
	put_file("/f", "over a flag");
	T_EQ(stat_at("/f").flags, 1);
	t->ops->put(t, n);
}

static void
directories(void)
{
	struct tree_node root = node_at("/"), d, n;
	struct tree_dirent de;
	uint64_t at = 0;
	int seen = 0, r;
	unsigned i;
	char name[32], path[48];

	T_OK(t->ops->mkdir(t, root, "d", &folder, &d, &e));
	T_EQ(stat_at("/d").nlink, 2);
	for (i = 0; i < 300; i++) {
		(void)snprintf(name, sizeof(name), "file-with-number-%u", i);
		T_OK(t->ops->create(t, d, name, &plain, &n, &e));
		t->ops->put(t, n);
	}
	for (i = 0; i < 300; i += 2) {
		(void)snprintf(name, sizeof(name), "file-with-number-%u", i);
		T_OK(t->ops->unlink(t, d, name, &e));
	}
	while ((r = t->ops->readdir(t, d, &at, &de, &e)) == 1) {
		(void)snprintf(path, sizeof(path), "/d/%.40s", de.name);
		T(tree_exists(t, path));
		seen++;
	}
	T_EQ(r, 0);
	T_EQ(seen, 150);
	T_ERR(t->ops->rmdir(t, root, "d", &e), ERR_EXIST);
	T_ERR(t->ops->unlink(t, root, "d", &e), ERR_TYPE);
	T_ERR(t->ops->rmdir(t, d, "file-with-number-1", &e), ERR_TYPE);
	T_ERR(t->ops->rmdir(t, root, "nothing", &e), ERR_NOENT);
	T_ERR(t->ops->unlink(t, root, "nothing", &e), ERR_NOENT);
	t->ops->put(t, d);
	T_OK(t->ops->mkdir(t, root, "e", &folder, &d, &e));
	T_OK(t->ops->rmdir(t, root, "e", &e));
	t->ops->put(t, d);
	T(!tree_exists(t, "/e"));
	t->ops->put(t, root);
}

static void
names(void)
{
	struct tree_node root = node_at("/"), n;
	char name[TREE_NAME_MAX + 2];

	memset(name, 'q', sizeof(name));
	name[TREE_NAME_MAX] = '\0';
	T_OK(t->ops->create(t, root, name, &plain, &n, &e));
	t->ops->put(t, n);
	T(tree_exists(t, name));
	name[TREE_NAME_MAX] = 'q';
	name[TREE_NAME_MAX + 1] = '\0';
	T_ERR(t->ops->create(t, root, name, &plain, &n, &e), ERR_USAGE);
	T_ERR(t->ops->create(t, root, "", &plain, &n, &e), ERR_USAGE);
	T_ERR(t->ops->mkdir(t, root, ".", &folder, &n, &e), ERR_USAGE);
	T_ERR(t->ops->mkdir(t, root, "..", &folder, &n, &e), ERR_USAGE);
	T_ERR(t->ops->create(t, root, "a/b", &plain, &n, &e), ERR_USAGE);
	put_file("/x", "");
	T_ERR(t->ops->create(t, root, "x", &plain, &n, &e), ERR_EXIST);
	T_ERR(t->ops->mkdir(t, root, "x", &folder, &n, &e), ERR_EXIST);
	put_file("/\001caf\303\251 \\\n", "odd");
	content_is("/\001caf\303\251 \\\n", "odd");
	t->ops->put(t, root);
}

static void
hard_links(void)
{
	struct tree_node root = node_at("/"), n;

	put_file("/a", "text");
	T_OK(tree_mkdirs(t, "/d", &folder, &e));
	n = node_at("/a");
	T_OK(t->ops->link(t, n, root, "b", &e));
	T_EQ(stat_at("/a").nlink, 2);
	T_EQ(stat_at("/a").id, stat_at("/b").id);
	T_ERR(t->ops->link(t, n, root, "b", &e), ERR_EXIST);
	t->ops->put(t, n);
	n = node_at("/d");
	T_ERR(t->ops->link(t, n, root, "e", &e), ERR_TYPE);
	t->ops->put(t, n);
	T_OK(t->ops->unlink(t, root, "a", &e));
	T_EQ(stat_at("/b").nlink, 1);
	content_is("/b", "text");
	t->ops->put(t, root);
}

static void
symlinks(void)
{
	char target[1024], back[1025];
	static const size_t lengths[] = { 1, 59, 60, 119, 120, 500, 1023 };
	size_t i;

	for (i = 0; i < sizeof(lengths) / sizeof(lengths[0]); i++) {
		char path[16];
		struct tree_node n;

		memset(target, 'z', lengths[i]);
		target[lengths[i]] = '\0';
		(void)snprintf(path, sizeof(path), "/l%zu", i);
		put_link(path, target);
		n = node_at(path);
		T_OK(t->ops->readlink(t, n, back, sizeof(back), &e));
		T_STR(back, target);
		T_EQ(stat_at(path).size, lengths[i]);
		t->ops->put(t, n);
	}
	put_file("/f", "");
	{
		struct tree_node n = node_at("/f");

		T_ERR(t->ops->readlink(t, n, back, sizeof(back), &e),
		    ERR_TYPE);
		t->ops->put(t, n);
	}
}

static void
devices_and_fifos(void)
{
	struct tree_node root = node_at("/"), n;

	T_OK(t->ops->mknod(t, root, "p", TREE_FIFO, 0, &plain, &n, &e));
	t->ops->put(t, n);
	T_EQ(stat_at("/p").type, TREE_FIFO);
	T_EQ(stat_at("/p").perm, 0644);
	if (!t->makes_owners) {
		printf("# skip %s: devices only as root\n", fx->name);
		t->ops->put(t, root);
		return;
	}
	T_OK(t->ops->mknod(t, root, "b", TREE_BLK, tree_makedev(14, 300),
	    &plain, &n, &e));
	t->ops->put(t, n);
	T_OK(t->ops->mknod(t, root, "c", TREE_CHR, tree_makedev(2, 2),
	    &plain, &n, &e));
	t->ops->put(t, n);
	T_EQ(stat_at("/b").type, TREE_BLK);
	T_EQ(stat_at("/b").rdev, 1052204);
	T_EQ(stat_at("/c").type, TREE_CHR);
	T_EQ(stat_at("/c").rdev, 514);
	t->ops->put(t, root);
}

static void
renames(void)
{
	struct tree_node root, d;

	put_file("/a", "a");
	put_file("/b", "b");
	T_OK(tree_mkdirs(t, "/d/sub", &folder, &e));
	T_OK(tree_mkdirs(t, "/e", &folder, &e));
	root = node_at("/");
	d = node_at("/d");
	T_OK(t->ops->rename(t, root, "a", root, "b", &e));
	content_is("/b", "a");
	T_OK(t->ops->rename(t, root, "b", d, "c", &e));
	content_is("/d/c", "a");
	T_ERR(t->ops->rename(t, root, "b", d, "c", &e), ERR_NOENT);
	T_ERR(t->ops->rename(t, root, "e", root, "d", &e), ERR_EXIST);
	T_OK(t->ops->rename(t, d, "sub", root, "e", &e));
	T(!tree_exists(t, "/d/sub"));
	T_EQ(stat_at("/e").nlink, 2);
	T_EQ(stat_at("/d").nlink, 2);
	T_OK(t->ops->rename(t, root, "e", d, "moved", &e));
	T_EQ(stat_at("/d").nlink, 3);
	t->ops->put(t, d);
	t->ops->put(t, root);
}

static void
paths(void)
{
	struct tree_node n;
	struct tree_stat st;
	const char *name;

	T_OK(tree_mkdirs(t, "/d/sub", &folder, &e));
	put_file("/d/f", "in d");
	put_link("/abs", "/d");
	put_link("/d/sub/up", "../../../../d/f");
	put_link("/d/sub/chain", "../../abs/f");
	put_link("/loop", "loop");
	put_link("/out", "/etc/passwd");
	put_link("/none", "nothing");
	content_is("abs/f", "in d");
	content_is("//abs/./sub/..//f", "in d");
	content_is("/../../d/f", "in d");
	content_is("/d/sub/up", "in d");
	content_is("/d/sub/chain", "in d");
	T_ERR(tree_lookup(t, "/loop", true, &n, &st, &e), ERR_TYPE);
	T_ERR(tree_lookup(t, "/out", true, &n, &st, &e), ERR_NOENT);
	T_ERR(tree_lookup(t, "/none", true, &n, &st, &e), ERR_NOENT);
	T_ERR(tree_lookup(t, "/d/f/g", true, &n, &st, &e), ERR_TYPE);
	T_ERR(tree_lookup(t, "/d/f/", true, &n, &st, &e), ERR_TYPE);
	T_OK(tree_lookup(t, "/abs", false, &n, &st, &e));
	T_EQ(st.type, TREE_LNK);
	t->ops->put(t, n);
	T_OK(tree_lookup(t, "/abs/", false, &n, &st, &e));
	T_EQ(st.type, TREE_DIR);
	T_EQ(st.id, stat_at("/d").id);
	t->ops->put(t, n);

	T_ERR(tree_parent(t, "/abs/new", &n, &name, &e), ERR_TYPE);
	T_ERR(tree_parent(t, "/none/new", &n, &name, &e), ERR_TYPE);
	T_ERR(tree_parent(t, "/missing/new", &n, &name, &e), ERR_NOENT);
	T_ERR(tree_parent(t, "/d/f/new", &n, &name, &e), ERR_TYPE);
	T_ERR(tree_parent(t, "/d/", &n, &name, &e), ERR_USAGE);
	T_ERR(tree_parent(t, "/d/..", &n, &name, &e), ERR_USAGE);
	T_OK(tree_parent(t, "/d/sub/../new", &n, &name, &e));
	T_STR(name, "new");
	t->ops->put(t, n);
}

static void
writes_follow_no_symlink(void)
{
	put_file("/f", "kept");
	put_link("/l", "f");
	T_OK(tree_mkdirs(t, "/d", &folder, &e));
	put_link("/dl", "d");
	T_ERR(tree_write_file(t, "/l", "x", 1, &plain, &e), ERR_TYPE);
	T_ERR(tree_write_file(t, "/dl/f", "x", 1, &plain, &e), ERR_TYPE);
	T_ERR(tree_mkdirs(t, "/dl/e", &folder, &e), ERR_TYPE);
	T_ERR(tree_remove(t, "/dl/e", &e), ERR_TYPE);
	content_is("/f", "kept");
	T_OK(tree_remove(t, "/dl", &e));
	T(tree_exists(t, "/d"));
}

static void
replacing_keeps_the_inode(void)
{
	struct tree_stat before, after;

	put_file("/f", "a longer text than the next");
	before = stat_at("/f");
	T_OK(tree_write_file(t, "/f", "short", 5, &folder, &e));
	after = stat_at("/f");
	T_EQ(after.id, before.id);
	T_EQ(after.perm, 0644);
	content_is("/f", "short");
	T_ERR(tree_read_file(t, "/f", 4, &(struct buf)BUF_INIT, &e),
	    ERR_FORMAT);
}

static void
removal(void)
{
	T_OK(tree_mkdirs(t, "/top/a/b/c", &folder, &e));
	put_file("/top/a/f", "x");
	put_file("/top/a/b/g", "x");
	put_file("/kept", "x");
	put_link("/top/a/out", "../../kept");
	T_OK(tree_remove(t, "/top", &e));
	T(!tree_exists(t, "/top"));
	content_is("/kept", "x");
	T_OK(tree_remove(t, "/top", &e));
	T_OK(tree_remove(t, "/top/a", &e));
}

static int
note(void *arg, const struct tree_visit *v, struct dd_err *err)
{
	(void)err;
	(void)buf_printf(arg, "%s%s ", v->path, v->st->type == TREE_DIR ?
	    "+" : "");
	return 0;
}

static void
walks_go_by_path_bytes(void)
{
	static const char *const dirs[] = { "/d", "/d-x", "/d-x/y", "/d-x-z",
	    "/z" };
	struct buf b = BUF_INIT;
	size_t i;

	for (i = 0; i < sizeof(dirs) / sizeof(dirs[0]); i++)
		T_OK(tree_mkdirs(t, dirs[i], &folder, &e));
	put_file("/d/a", "");
	put_file("/d-x-z/a", "");
	put_file("/d.c", "");
	put_file("/d0", "");
	T_OK(tree_walk(t, "/", note, &b, &e));
	T_STR(b.p, "/+ /d+ /d-x+ /d-x-z+ /d-x-z/a /d-x/y+ /d.c /d/a /d0 "
	    "/z+ ");
	buf_reset(&b);
	T_OK(tree_walk(t, "d-x//", note, &b, &e));
	T_STR(b.p, "/d-x+ /d-x/y+ ");
	buf_reset(&b);
	T_OK(tree_walk(t, "/d/a", note, &b, &e));
	T_STR(b.p, "/d/a ");
	buf_dispose(&b);
}

static void
read_only_refuses(void)
{
	struct tree_node root, n;

	put_file("/f", "x");
	reopen(false);
	root = node_at("/");
	n = node_at("/f");
	T(!t->writable);
	T_ERR(t->ops->create(t, root, "g", &plain, &n, &e), ERR_PERM);
	T_ERR(t->ops->mkdir(t, root, "g", &plain, &n, &e), ERR_PERM);
	T_ERR(t->ops->write(t, n, "y", 1, 0, &e), ERR_PERM);
	T_ERR(t->ops->truncate(t, n, 0, &e), ERR_PERM);
	T_ERR(t->ops->setattr(t, n, &plain, &e), ERR_PERM);
	T_ERR(t->ops->unlink(t, root, "f", &e), ERR_PERM);
	T_ERR(t->ops->link(t, n, root, "g", &e), ERR_PERM);
	T_ERR(t->ops->rename(t, root, "f", root, "g", &e), ERR_PERM);
	t->ops->put(t, n);
	t->ops->put(t, root);
	content_is("/f", "x");
}

static void
space_is_told(void)
{
	uint64_t bytes = 0, inodes = 0;

	T_OK(t->ops->space(t, &bytes, &inodes, &e));
	T(bytes > 0);
	T(inodes > 0);
}

static void
run(void (*test)(void))
{
	T_EQ(fx->make(), 0);
	T_OK(fx->open(true, &t, &e));
	if (t != NULL)
		test();
	tree_close(t);
	t = NULL;
	fx->drop();
}

#define CASE(fn) do {							\
	t_bad = 0;							\
	run(fn);							\
	t_count++;							\
	t_failed += t_bad;						\
	printf("%s %d - %s: %s\n", t_bad ? "not ok" : "ok", t_count,	\
	    fx->name, #fn);						\
} while (0)

int
main(void)
{
	size_t i;

	for (i = 0; i < sizeof(fixtures) / sizeof(fixtures[0]); i++) {
		fx = &fixtures[i];
		if (fx->make == ext4_make && ext4_missing() != NULL) {
			printf("# skip ext4: %s\n", ext4_missing());
			continue;
		}
		CASE(empty_root);
		CASE(write_and_read);
		CASE(holes_and_truncate);
		CASE(attributes);
		CASE(file_flags);
		CASE(directories);
		CASE(names);
		CASE(hard_links);
		CASE(symlinks);
		CASE(devices_and_fifos);
		CASE(renames);
		CASE(paths);
		CASE(writes_follow_no_symlink);
		CASE(replacing_keeps_the_inode);
		CASE(removal);
		CASE(walks_go_by_path_bytes);
		CASE(read_only_refuses);
		CASE(space_is_told);
	}
	return t_done();
}
