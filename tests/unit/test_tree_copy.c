/* Copies and manifests, between directories of the host. */
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <fcntl.h>
#include <unistd.h>

#include "core/tree/copy.h"
#include "tests/unit/t.h"

static char top[] = "/tmp/drydock-copy.XXXXXX";
static struct tree *t;
static struct dd_err e;

static const struct tree_attr plain = {
	.mask = TREE_SET_PERM | TREE_SET_MTIME | TREE_SET_ATIME,
	.perm = 0640, .mtime = { 1000000000, 123456789 },
	.atime = { 1000000001, 1 }
};
static const struct tree_attr folder = { .mask = TREE_SET_PERM,
    .perm = 0755 };

static void
put_file(const char *path, const char *text)
{
	T_OK(tree_write_file(t, path, text, strlen(text), &plain, &e));
}

static int
add_line(void *arg, const char *text, struct dd_err *err)
{
	(void)err;
	return buf_printf(arg, "%s\n", text);
}

/* The manifest of path, with the path's own length cut off each name. */
static char *
manifest(const char *path)
{
	struct buf b = BUF_INIT, out = BUF_INIT;
	char *at, *end, *name;

	T_OK(tree_manifest(t, path, add_line, &b, NULL, &e));
	for (at = b.p; at != NULL && (end = strchr(at, '\n')) != NULL;
	    at = end + 1) {
		*end = '\0';
		name = strstr(at, path);
		if (name == NULL)
			name = at;
		(void)buf_printf(&out, "%.*s%s\n", (int)(name - at), at,
		    name + strlen(path));
	}
	buf_dispose(&b);
	return buf_steal(&out);
}

static void
same_manifest(const char *a, const char *b)
{
	char *ma = manifest(a), *mb = manifest(b);

	T_STR(mb, ma);
	free(ma);
	free(mb);
}

static void
make_source(void)
{
	struct tree_attr old = { .mask = TREE_SET_MTIME,
	    .mtime = { 500000000, 0 } };
	struct tree_node d, n;
	const char *name;
	int fd;
	char path[200];

	T_OK(tree_mkdirs(t, "/src/d/e", &folder, &e));
	put_file("/src/a", "hello\n");
	put_file("/src/d/\002 odd\\name", "odd");
	put_file("/src/d/empty", "");
	T_OK(tree_parent(t, "/src/d/x", &d, &name, &e));
	T_OK(tree_lookup(t, "/src/a", false, &n, NULL, &e));
	T_OK(t->ops->link(t, n, d, "hard", &e));
	t->ops->put(t, n);
	T_OK(t->ops->symlink(t, d, "sym", "../a", &old, &n, &e));
	t->ops->put(t, n);
	T_OK(t->ops->mknod(t, d, "fifo", TREE_FIFO, 0, &plain, &n, &e));
	t->ops->put(t, n);
	if (t->makes_owners) {
		struct tree_attr suid = { .mask = TREE_SET_OWNER |
		    TREE_SET_PERM, .perm = 04755, .uid = 5, .gid = 6 };

		T_OK(t->ops->mknod(t, d, "null", TREE_CHR, 514, &plain, &n,
		    &e));
		t->ops->put(t, n);
		T_OK(t->ops->create(t, d, "suid", &suid, &n, &e));
		t->ops->put(t, n);
	}
	T_OK(t->ops->setattr(t, d, &old, &e));
	t->ops->put(t, d);
	(void)snprintf(path, sizeof(path), "%s/src/sparse", top);
	fd = creat(path, 0600);
	T(pwrite(fd, "begin", 5, 0) == 5 && pwrite(fd, "end", 3, 5000000) == 3
	    && ftruncate(fd, 9000000) == 0);
	(void)close(fd);
}

static void
a_tree_with_everything(void)
{
	struct copy_opts o = { .recursive = true, .keep_owner = true };
	struct tree_node n;
	struct tree_stat st;

	T_OK(tree_copy(t, "/src", t, "/new", &o, &e));
	same_manifest("/src", "/new");
	T_OK(tree_lookup(t, "/new/sparse", false, &n, &st, &e));
	t->ops->put(t, n);
	T(st.blocks < 2000);
	T_EQ(st.size, 9000000);
	T_EQ(o.bytes < 2000000, 1);
}

static void
into_the_root_of_another_tree(void)
{
	struct copy_opts o = { .recursive = true, .keep_owner = true };
	char path[200];
	struct tree *other;

	(void)snprintf(path, sizeof(path), "%s/other", top);
	(void)mkdir(path, 0700);
	T_OK(tree_mounted_open(path, true, &other, &e));
	T_OK(tree_copy(t, "/src", other, "/", &o, &e));
	tree_close(other);
	same_manifest("/src", "/other");
}

static void
replacing_and_merging(void)
{
	struct copy_opts o = { .recursive = true, .keep_owner = true };
	struct buf b = BUF_INIT;

	T_OK(tree_mkdirs(t, "/merge/d", &folder, &e));
	put_file("/merge/a", "old, and longer than the new content");
	put_file("/merge/d/hard", "old");
	put_file("/merge/d/sym", "old");
	put_file("/merge/d/kept", "kept");
	T_OK(tree_copy(t, "/src", t, "/merge", &o, &e));
	T_OK(tree_read_file(t, "/merge/d/kept", 100, &b, &e));
	T_STR(b.p, "kept");
	buf_dispose(&b);
	T_OK(tree_remove(t, "/merge/d/kept", &e));
	/* again, over what is the same */
	T_OK(tree_copy(t, "/src", t, "/merge", &o, &e));
	same_manifest("/src", "/merge");
}

static void
refusals(void)
{
	struct copy_opts o = { .keep_owner = true };

	T_ERR(tree_copy(t, "/src", t, "/x", &o, &e), ERR_USAGE);
	T(!tree_exists(t, "/x"));
	T_ERR(tree_copy(t, "/nothing", t, "/x", &o, &e), ERR_NOENT);
	o.recursive = true;
	T_ERR(tree_copy(t, "/src", t, "/src/d/into", &o, &e), ERR_USAGE);
	T_OK(tree_remove(t, "/src/d/into", &e));
	T_ERR(tree_copy(t, "/src/a", t, "/src/a", &o, &e), ERR_USAGE);
	T_ERR(tree_copy(t, "/src/a", t, "/src/d/hard", &o, &e), ERR_USAGE);
	T_ERR(tree_copy(t, "/src/a", t, "/src/d", &o, &e), ERR_EXIST);
	T_ERR(tree_copy(t, "/src/a", t, "/", &o, &e), ERR_EXIST);
	T_ERR(tree_copy(t, "/src/d", t, "/src/a", &o, &e), ERR_EXIST);
	T_ERR(tree_copy(t, "/src/a", t, "/src/d/sym/x", &o, &e), ERR_TYPE);
}

static void
symlinks_are_copied_and_replaced_as_such(void)
{
	struct copy_opts o = { .keep_owner = true };
	struct buf b = BUF_INIT;

	T_OK(tree_mkdirs(t, "/l", &folder, &e));
	put_file("/l/f", "kept");
	T_OK(tree_copy(t, "/src/d/sym", t, "/l/sym", &o, &e));
	same_manifest("/src/d/sym", "/l/sym");
	/* a file over a symlink replaces the symlink */
	T_OK(tree_copy(t, "/src/a", t, "/l/sym", &o, &e));
	T_OK(tree_read_file(t, "/l/sym", 100, &b, &e));
	T_STR(b.p, "hello\n");
	buf_dispose(&b);
}

static void
note_skipped(void *arg, const char *path, const char *why)
{
	(void)buf_printf(arg, "%s: %s\n", path, why);
}

static void
sockets_are_left_out(void)
{
	struct buf b = BUF_INIT;
	struct copy_opts o = { .recursive = true, .keep_owner = true,
	    .skipped = note_skipped, .arg = &b };
	struct sockaddr_un sun = { .sun_family = AF_UNIX };
	int s = socket(AF_UNIX, SOCK_STREAM, 0);

	T_OK(tree_mkdirs(t, "/sock", &folder, &e));
	(void)snprintf(sun.sun_path, sizeof(sun.sun_path), "%s/sock/s", top);
	T_EQ(bind(s, (struct sockaddr *)&sun, sizeof(sun)), 0);
	T_OK(tree_copy(t, "/sock", t, "/sock2", &o, &e));
	T(!tree_exists(t, "/sock2/s"));
	T_STR(b.p, "/sock2/s: a socket\n");
	(void)close(s);
	buf_dispose(&b);
}

static void
cancel_stops_it(void)
{
	volatile int yes = 1;
	struct progress p = { .cancel = &yes };
	struct copy_opts o = { .recursive = true, .progress = &p };

	T_ERR(tree_copy(t, "/src", t, "/never", &o, &e), ERR_CANCEL);
	T(!tree_exists(t, "/never"));
}

static void
manifest_lines(void)
{
	struct tree_attr a = { .mask = TREE_SET_ALL & ~TREE_SET_OWNER,
	    .perm = 0604, .mtime = { -5, 7 } };
	struct buf b = BUF_INIT;
	struct tree_node d, n;
	const char *name;
	char want[200];

	T_OK(tree_parent(t, "/m \n", &d, &name, &e));
	T_OK(t->ops->create(t, d, name, &a, &n, &e));
	t->ops->put(t, n);
	t->ops->put(t, d);
	T_OK(tree_manifest(t, "/m \n", add_line, &b, NULL, &e));
	(void)snprintf(want, sizeof(want), "- 0604   1 %5u %5u          0 "
	    "-5.000000007 /m\\s\\n sha256=e3b0c44298fc1c149afbf4c8996fb92427a"
	    "e41e4649b934ca495991b7852b855\n", getuid(), getgid());
	T_STR(b.p, want);
	buf_dispose(&b);
}

int
main(void)
{
	struct tree *up;

	if (mkdtemp(top) == NULL ||
	    tree_mounted_open(top, true, &t, &e) == -1)
		return 1;
	make_source();
	T_RUN(a_tree_with_everything);
	T_RUN(into_the_root_of_another_tree);
	T_RUN(replacing_and_merging);
	T_RUN(refusals);
	T_RUN(symlinks_are_copied_and_replaced_as_such);
	T_RUN(sockets_are_left_out);
	T_RUN(cancel_stops_it);
	T_RUN(manifest_lines);
	tree_close(t);
	T_OK(tree_mounted_open("/tmp", true, &up, &e));
	T_OK(tree_remove(up, top + strlen("/tmp/"), &e));
	tree_close(up);
	return t_done();
}
