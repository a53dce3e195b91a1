/* What differs between two directories, and how it is shown. */
#include <sys/stat.h>
#include <unistd.h>

#include "core/tree/copy.h"
#include "tests/unit/t.h"

static char top[] = "/tmp/drydock-preview.XXXXXX";
static struct tree *a, *b;
static struct dd_err e;

static const struct tree_attr plain = {
	.mask = TREE_SET_PERM | TREE_SET_MTIME, .perm = 0644,
	.mtime = { 1000000000, 0 }
};
static const struct tree_attr folder = { .mask = TREE_SET_PERM,
    .perm = 0755 };

/* A file of that content, with a fixed time. */
static void
put(struct tree *t, const char *path, const char *text, size_t len,
    unsigned perm)
{
	struct tree_attr attr = plain;
	struct tree_node n;

	attr.perm = (uint16_t)perm;
	T_OK(tree_write_file(t, path, text, len, &plain, &e));
	T_OK(tree_lookup(t, path, false, &n, NULL, &e));
	T_OK(t->ops->setattr(t, n, &attr, &e));
	t->ops->put(t, n);
}

static void
symlink_at(struct tree *t, const char *name, const char *target)
{
	struct tree_attr attr = { .mask = TREE_SET_MTIME,
	    .mtime = { 5, 0 } };
	struct tree_node root = t->ops->root(t), n;

	T_OK(t->ops->symlink(t, root, name, target, &attr, &n, &e));
	t->ops->put(t, n);
	t->ops->put(t, root);
}

static void
clear(void)
{
	static const char *const names[] = { "/d", "/d-x", "/f", "/g", "/l",
	    "/t" };
	size_t i;

	for (i = 0; i < sizeof(names) / sizeof(names[0]); i++) {
		T_OK(tree_remove(a, names[i], &e));
		T_OK(tree_remove(b, names[i], &e));
	}
}

static int
append(void *arg, const struct change *ch, const char *text,
    struct dd_err *err)
{
	(void)ch;
	(void)err;
	return buf_str(arg, text);
}

static char *
preview(char hash[HASH_HEX])
{
	struct buf text = BUF_INIT;

	T_OK(tree_preview(a, b, append, &text, NULL, hash, &e));
	return buf_steal(&text);
}

static void
shows(const char *want)
{
	char hash[HASH_HEX], all[2000], owner[32], *got, *at;
	const char *from;
	size_t n = 0;

	/* in the text that is wanted, $ stands for who we are */
	(void)snprintf(owner, sizeof(owner), "%u:%u", getuid(), getgid());
	for (from = want; *from != '\0'; from++)
		n += (size_t)snprintf(all + n, sizeof(all) - n, *from == '$' ?
		    "%s" : "%.1s", *from == '$' ? owner : from);
	all[n] = '\0';
	at = got = preview(hash);
	T_STR(at, all);
	free(got);
	T_EQ(strlen(hash), HASH_HEX - 1);
}

static void
nothing_for_nothing(void)
{
	put(a, "/f", "same", 4, 0644);
	put(b, "/f", "same", 4, 0644);
	shows("");
	clear();
}

static void
one_line_each(void)
{
	put(a, "/f", "x", 1, 0644);
	put(b, "/f", "x", 1, 0755);
	put(a, "/g", "x\0y", 3, 0644);
	put(b, "/g", "x\0yz", 4, 0644);
	symlink_at(a, "l", "one");
	symlink_at(b, "l", "two");
	T_OK(tree_mkdirs(a, "/d", &folder, &e));
	put(a, "/d/old", "", 0, 0644);
	T_OK(tree_mkdirs(b, "/d-x", &folder, &e));
	put(b, "/d-x/new\033", "", 0, 0600);
	shows("removed  d0755 $ /d\n"
	    "removed  -0644 $ 0 /d/old\n"
	    "added    d0755 $ /d-x\n"
	    "added    -0600 $ 0 /d-x/new\\033\n"
	    "changed  /f: mode 0644 -> 0755\n"
	    "changed  /g: content (3 B -> 4 B)\n"
	    "changed  /l: target\n");
	clear();
}

static void
texts_as_diffs(void)
{
	put(a, "/t", "1\n2\n", 4, 0644);
	put(b, "/t", "1\n3\n", 4, 0600);
	shows("--- /t\n+++ /t\n@@ -1,2 +1,2 @@\n 1\n-2\n+3\n"
	    "changed  /t: mode 0644 -> 0600\n");
	clear();
}

static void
another_type_is_removed_and_added(void)
{
	put(a, "/f", "", 0, 0644);
	T_OK(tree_mkdirs(b, "/f/sub", &folder, &e));
	shows("removed  -0644 $ 0 /f\nadded    d0755 $ /f\n"
	    "added    d0755 $ /f/sub\n");
	clear();
}

static void
holes_and_zeros_are_the_same(void)
{
	static char zeros[300000];
	struct tree_attr attr = plain;
	struct tree_node root, n;

	memcpy(zeros + 200000, "x", 1);
	put(a, "/f", zeros, sizeof(zeros), 0644);
	root = b->ops->root(b);
	T_OK(b->ops->create(b, root, "f", &plain, &n, &e));
	T_OK(b->ops->write(b, n, "x", 1, 200000, &e));
	T_OK(b->ops->truncate(b, n, sizeof(zeros), &e));
	T_OK(b->ops->setattr(b, n, &attr, &e));
	b->ops->put(b, n);
	b->ops->put(b, root);
	shows("");
	put(b, "/f", "y", 1, 0644);
	shows("changed  /f: content (293 KiB -> 1 B)\n");
	clear();
}

static void
the_sum_follows_the_change_not_the_time(void)
{
	char first[HASH_HEX], later[HASH_HEX], other[HASH_HEX];
	struct tree_attr now = { .mask = TREE_SET_MTIME,
	    .mtime = { 2000000000, 0 } };
	struct tree_node n;

	put(b, "/f", "content", 7, 0644);
	free(preview(first));
	T_OK(tree_lookup(b, "/f", false, &n, NULL, &e));
	T_OK(b->ops->setattr(b, n, &now, &e));
	b->ops->put(b, n);
	free(preview(later));
	T_STR(later, first);
	put(b, "/f", "CONTENT", 7, 0644);
	free(preview(other));
	T(strcmp(other, first) != 0);
	put(a, "/f", "before", 6, 0644);
	free(preview(first));
	put(a, "/f", "BEFORE", 6, 0644);
	free(preview(later));
	T(strcmp(later, first) != 0);
	clear();
}

int
main(void)
{
	char path[sizeof(top) + 2];
	struct tree *up;

	if (mkdtemp(top) == NULL)
		return 1;
	(void)snprintf(path, sizeof(path), "%s/a", top);
	T_EQ(mkdir(path, 0755), 0);
	T_OK(tree_mounted_open(path, true, &a, &e));
	path[strlen(path) - 1] = 'b';
	T_EQ(mkdir(path, 0755), 0);
	T_OK(tree_mounted_open(path, true, &b, &e));
	T_RUN(nothing_for_nothing);
	T_RUN(one_line_each);
	T_RUN(texts_as_diffs);
	T_RUN(another_type_is_removed_and_added);
	T_RUN(holes_and_zeros_are_the_same);
	T_RUN(the_sum_follows_the_change_not_the_time);
	tree_close(a);
	tree_close(b);
	T_OK(tree_mounted_open("/tmp", true, &up, &e));
	T_OK(tree_remove(up, top + strlen("/tmp/"), &e));
	tree_close(up);
	return t_done();
}
