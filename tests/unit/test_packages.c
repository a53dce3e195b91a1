/* The packages of images made here, and how two lists of them differ. */
#include "core/ffs/ffs.h"
#include "core/recipe/packages.h"
#include "tests/unit/memblk.h"
#include "tests/unit/t.h"

static const struct tree_attr folder = { .mask = TREE_SET_PERM,
    .perm = 0755 };

static struct memdisk disk;
static struct tree *t;
static struct packages p;
static struct dd_err e;

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

	T_EQ(memdisk_init(&disk, 6 << 20), 0);
	b = memblk_open(&disk, true);
	T_OK(ffs_format(b, &f, &e));
	T_OK(blk_flush(b, &e));
	blk_close(b);
	open_tree();
}

static void
end(void)
{
	packages_dispose(&p);
	packages_dispose(&p);
	tree_close(t);
	memdisk_dispose(&disk);
}

static void
install(const char *db, const char *full)
{
	char path[TREE_PATH_MAX];

	(void)snprintf(path, sizeof(path), "/%s/%s", db, full);
	T_OK(tree_mkdirs(t, path, &folder, &e));
	(void)snprintf(path, sizeof(path), "/%s/%s/+CONTENTS", db, full);
	T_OK(tree_write_file(t, path, "@name\n", 6, &folder, &e));
}

static void
link_to(const char *path, const char *target)
{
	struct tree_attr a = { .mask = 0 };
	struct tree_node dir, node;
	const char *name;

	T_OK(tree_parent(t, path, &dir, &name, &e));
	T_OK(t->ops->symlink(t, dir, name, target, &a, &node, &e));
	t->ops->put(t, node);
	t->ops->put(t, dir);
}

/* "name version", one a line. */
static char *
list(void)
{
	struct buf b = BUF_INIT;
	size_t i;

	packages_dispose(&p);
	T_OK(packages_read(t, &p, &e));
	(void)buf_str(&b, "");
	for (i = 0; i < p.n; i++)
		(void)buf_printf(&b, "%s %s\n", p.v[i].name, p.v[i].version);
	return buf_steal(&b);
}

static void
has(const char *want)
{
	char *got = list();

	T_STR(got, want);
	free(got);
}

static void
names_and_versions(void)
{
	begin();
	install("pkgdb", "vim-9.1.0");
	install("pkgdb", "py312-setuptools-69.5.1nb1");
	install("pkgdb", "foo-bar-1");
	install("pkgdb", "foo-2");
	install("pkgdb", "foo-10");
	install("pkgdb", "plain");
	install("pkgdb", "a\033[2J-1");
	has("a\033[2J 1\nfoo 10\nfoo 2\nfoo-bar 1\nplain \n"
	    "py312-setuptools 69.5.1nb1\nvim 9.1.0\n");
	end();
}

static void
what_is_no_package(void)
{
	begin();
	has("");
	T_OK(tree_mkdirs(t, "/pkgdb", &folder, &e));
	has("");
	T_OK(tree_write_file(t, "/pkgdb/pkgdb.byfile.db", "x", 1, &folder,
	    &e));
	T_OK(tree_mkdirs(t, "/pkgdb/half-1.0", &folder, &e));
	T_OK(tree_mkdirs(t, "/pkgdb/odd-1.0/+CONTENTS", &folder, &e));
	install("pkgdb", "real-1.0");
	link_to("/pkgdb/again-1.0", "real-1.0");
	has("real 1.0\n");
	T_EQ(p.n, 1);
	end();
}

static void
where_the_database_is(void)
{
	begin();
	install(".pkgdb", "a-1");
	has("a 1\n");
	/* a symlink is none, wherever it points */
	link_to("/pkgdb", ".pkgdb");
	has("a 1\n");
	T_OK(tree_remove(t, "/pkgdb", &e));
	install("pkgdb", "b-1");
	has("b 1\n");
	end();
}

static void
errors(void)
{
	struct packages none = PACKAGES_INIT;
	struct tree_node n;
	struct tree_stat st = { .id = 0 };
	size_t at;

	begin();
	install("pkgdb", "ghost-entry-1");
	T_OK(tree_lookup(t, "/pkgdb/ghost-entry-1", false, &n, &st, &e));
	T_OK(tree_commit(t, &e));
	tree_close(t);
	/* let it be an inode that is free */
	for (at = 0; at + 24 < disk.size; at += 4)
		if (memcmp(disk.data + at + 8, "ghost-entry-1", 14) == 0)
			disk.data[at + 1] = 1;
	open_tree();
	T_ERR(packages_read(t, &none, &e), ERR_CORRUPT);
	T(none.n == 0 && none.v == NULL);
	T(strstr(e.msg, "package database") != NULL);
	end();
}

/* Lists for packages_diff, which owns nothing: "name", "version", ... */
static struct package *
of(char *const *words, size_t *n)
{
	static struct package room[2][16];
	static unsigned next;
	struct package *v = room[next++ % 2];

	for (*n = 0; words[2 * *n] != NULL; ++*n)
		v[*n] = (struct package){ words[2 * *n], words[2 * *n + 1] };
	return v;
}

static int
add_diff(void *arg, const char *name, const char *old, const char *new)
{
	return buf_printf(arg, "%s %s %s\n", name, old != NULL ? old : "-",
	    new != NULL ? new : "-");
}

static int
stop(void *arg, const char *name, const char *old, const char *new)
{
	(void)name;
	(void)old;
	(void)new;
	++*(unsigned *)arg;
	return 7;
}

static void
differ(char *const *a, char *const *b, const char *want)
{
	struct packages old, new;
	struct buf out = BUF_INIT;

	old.v = of(a, &old.n);
	new.v = of(b, &new.n);
	(void)buf_str(&out, "");
	T_EQ(packages_diff(&old, &new, add_diff, &out), 0);
	T_STR(out.p, want);
	buf_dispose(&out);
}

#define L(...)	(char *const []){ __VA_ARGS__, NULL }
#define NONE	(char *const []){ NULL }

static void
differences(void)
{
	struct packages old, new;
	unsigned calls = 0;

	differ(NONE, NONE, "");
	differ(L("a", "1", "b", "1"), L("a", "1", "b", "1"), "");
	differ(L("a", "1", "b", "1", "d", "1"), L("b", "2", "c", "1"),
	    "a 1 -\nb 1 2\nc - 1\nd 1 -\n");
	differ(NONE, L("a", "1"), "a - 1\n");
	differ(L("a", "1"), NONE, "a 1 -\n");
	/* several versions of one: what both have is no difference */
	differ(L("a", "1", "a", "2", "a", "3"), L("a", "2", "a", "4"),
	    "a 1 4\na 3 -\n");
	differ(L("a", "2"), L("a", "1", "a", "2", "a", "3"),
	    "a - 1\na - 3\n");
	old.v = of(L("a", "1", "b", "1"), &old.n);
	new.v = of(NONE, &new.n);
	T_EQ(packages_diff(&old, &new, stop, &calls), 7);
	T_EQ(calls, 1);
}

int
main(void)
{
	T_RUN(names_and_versions);
	T_RUN(what_is_no_package);
	T_RUN(where_the_database_is);
	T_RUN(errors);
	T_RUN(differences);
	return t_done();
}
