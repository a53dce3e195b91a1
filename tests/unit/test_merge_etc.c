/*
 * merge_etc and etc_changed on three images: what stands at a path in each of
 * them, and what must stand there afterwards.
 */
#include "core/ffs/ffs.h"
#include "core/recipe/merge_etc.h"
#include "core/tree/copy.h"
#include "tests/unit/memblk.h"
#include "tests/unit/scratch.h"
#include "tests/unit/t.h"

#define DIR	"/"		/* a directory */
#define LINES	"1\n2\n3\n4\n5\n6\n7\n8\n9\n"

enum { OLD, NEW, LOCAL, NTREES };

static struct memdisk disk[NTREES];
static struct tree *t[NTREES];
static struct merge_etc o;
static struct dd_err e;

static void
put(struct tree *to, const char *path, const char *what, uint16_t perm)
{
	struct tree_attr a = { .mask = TREE_SET_PERM | TREE_SET_OWNER,
	    .perm = perm };
	struct tree_node dir, node;
	const char *name;

	T_OK(tree_remove(to, path, &e));
	if (what == NULL)
		return;
	if (strcmp(what, DIR) == 0) {
		T_OK(tree_mkdirs(to, path, &a, &e));
	} else if (what[0] != '>') {
		T_OK(tree_write_file(to, path, what, strlen(what), &a, &e));
	} else {
		T_OK(tree_parent(to, path, &dir, &name, &e));
		T_OK(to->ops->symlink(to, dir, name, what + 1, &a, &node,
		    &e));
		to->ops->put(to, node);
		to->ops->put(to, dir);
	}
}

/* "old", "new", "local": the content at a path; NULL: nothing. */
static void
put3(const char *path, const char *old, const char *new, const char *local)
{
	put(t[OLD], path, old, 0644);
	put(t[NEW], path, new, 0644);
	put(t[LOCAL], path, local, 0644);
}

static void
set_perm(int i, const char *path, uint16_t perm)
{
	struct tree_attr a = { .mask = TREE_SET_PERM, .perm = perm };
	struct tree_node node;

	T_OK(tree_lookup(t[i], path, false, &node, NULL, &e));
	T_OK(t[i]->ops->setattr(t[i], node, &a, &e));
	t[i]->ops->put(t[i], node);
}

static void
begin(void)
{
	struct ffs_format f = { .version = 2 };
	struct ffs *fs = NULL;
	struct blk *b;
	int i;

	for (i = 0; i < NTREES; i++) {
		T_EQ(memdisk_init(&disk[i], 6 << 20), 0);
		b = memblk_open(&disk[i], true);
		T_OK(ffs_format(b, &f, &e));
		T_OK(blk_flush(b, &e));
		blk_close(b);
		T_OK(ffs_open(memblk_open(&disk[i], true), FFS_WRITE, &fs,
		    &e));
		T_OK(tree_ffs_open(fs, true, &t[i], &e));
	}
	put3("/etc", DIR, DIR, DIR);
	put3("/etc/rc.d", DIR, DIR, DIR);
	put3("/etc/rc.d/same", "same\n", "same\n", "same\n");
	o = (struct merge_etc){ .progress = NULL };
	dd_err_clear(&e);
}

static void
end(void)
{
	int i;

	for (i = 0; i < NTREES; i++) {
		tree_close(t[i]);
		memdisk_dispose(&disk[i]);
	}
	merge_etc_dispose(&o);
}

static int
add_line(void *arg, const char *text, struct dd_err *err)
{
	(void)err;
	return buf_printf(arg, "%s\n", text);
}

static char *
manifest(void)
{
	struct buf b = BUF_INIT;

	T_OK(tree_manifest(t[LOCAL], "/", add_line, &b, NULL, &e));
	return buf_steal(&b);
}

static int
run(void)
{
	merge_etc_dispose(&o);
	o = (struct merge_etc){ .keep = o.keep, .arg = o.arg };
	dd_err_clear(&e);
	return merge_etc(t[OLD], t[NEW], t[LOCAL], &o, &e);
}

static struct tree_stat
stat_of(const char *path)
{
	struct tree_stat st = { .id = 0 };
	struct tree_node node;

	T_OK(tree_lookup(t[LOCAL], path, false, &node, &st, &e));
	t[LOCAL]->ops->put(t[LOCAL], node);
	return st;
}

static void
is(const char *path, const char *want)
{
	char target[TREE_PATH_MAX];
	struct buf b = BUF_INIT;
	struct tree_node node;
	struct tree_stat st;

	dd_err_clear(&e);
	if (tree_lookup(t[LOCAL], path, false, &node, &st, &e) == -1) {
		if (want != NULL)
			T_FAIL("%s", e.msg);
		return;
	}
	if (want == NULL) {
		T_FAIL("%s is there", path);
	} else if (strcmp(want, DIR) == 0) {
		T_EQ(st.type, TREE_DIR);
	} else if (want[0] == '>') {
		T_EQ(st.type, TREE_LNK);
		T_OK(t[LOCAL]->ops->readlink(t[LOCAL], node, target,
		    sizeof(target), &e));
		T_STR(target, want + 1);
	} else {
		T_EQ(st.type, TREE_REG);
		T_OK(tree_read_file(t[LOCAL], path, 65536, &b, &e));
		T_STR(b.p, want);
		buf_dispose(&b);
	}
	t[LOCAL]->ops->put(t[LOCAL], node);
}

/* It works, and once more it changes nothing. */
static void
works(void)
{
	unsigned counts[4];
	char *once, *twice;

	T_EQ(run(), 0);
	T_STR(e.msg, "");
	T_EQ(o.conflicts.n, 0);
	counts[0] = o.taken;
	counts[1] = o.merged;
	counts[2] = o.added;
	counts[3] = o.removed;
	once = manifest();
	T_EQ(run(), 0);
	twice = manifest();
	T_STR(twice, once);
	T_EQ(o.taken + o.merged + o.added + o.removed, 0);
	o.taken = counts[0];
	o.merged = counts[1];
	o.added = counts[2];
	o.removed = counts[3];
	free(once);
	free(twice);
}

static bool
has_note(const struct etc_notes *l, const char *path, const char *why)
{
	size_t i;

	for (i = 0; i < l->n; i++)
		if (strcmp(l->v[i].path, path) == 0 &&
		    strstr(l->v[i].why, why) != NULL)
			return true;
	return false;
}

/* Refused for this path, and nothing was changed. */
static void
refused(const char *path, const char *why)
{
	char *before = manifest(), *after;

	T_EQ(run(), -1);
	T_EQ(e.code, ERR_RULE);
	T(e.hint[0] != '\0');
	T(o.conflicts.n > 0 && strstr(e.msg, o.conflicts.v[0].path) != NULL);
	T_EQ(strstr(e.msg, "; and 1 more") != NULL, o.conflicts.n == 2);
	if (!has_note(&o.conflicts, path, why))
		T_FAIL("no conflict \"%s\" at %s, but \"%s\"", why, path,
		    e.msg);
	after = manifest();
	T_STR(after, before);
	free(before);
	free(after);
}

static void
taken(void)
{
	struct tree_attr a = { .mask = TREE_SET_MTIME | TREE_SET_PERM |
	    TREE_SET_OWNER | TREE_SET_FLAGS, .perm = 0555, .uid = 7, .gid = 8,
	    .flags = 0x20000, .mtime = { 1700000000, 5 } };
	struct tree_node node;
	struct tree_stat st;

	begin();
	put3("/etc/daily", "old\n", "new\n", "old\n");
	put3("/etc/link", ">a", ">b", ">a");
	put3("/etc/became-link", "text\n", ">rc.d/same", "text\n");
	put3("/etc/became-file", ">same", "text\n", ">same");
	put3("/etc/mode", "x\n", "x\n", "x\n");
	set_perm(NEW, "/etc/mode", 0600);
	put3("/etc/times", "x\n", "x\n", "x\n");
	set_perm(NEW, "/etc/rc.d", 0700);
	T_OK(tree_lookup(t[NEW], "/etc/daily", false, &node, NULL, &e));
	T_OK(t[NEW]->ops->setattr(t[NEW], node, &a, &e));
	works();
	is("/etc/daily", "new\n");
	st = stat_of("/etc/daily");
	T(st.perm == 0555 && st.uid == 7 && st.gid == 8 &&
	    st.flags == 0x20000 && st.mtime.sec == 1700000000 &&
	    st.mtime.nsec == 5);
	is("/etc/link", ">b");
	is("/etc/became-link", ">rc.d/same");
	is("/etc/became-file", "text\n");
	T_EQ(stat_of("/etc/mode").perm, 0600);
	T_EQ(stat_of("/etc/rc.d").perm, 0700);
	T_EQ(o.taken, 6);
	T_EQ(o.merged + o.added + o.removed + o.kept, 0);
	end();
}

/* Not the root's, not the copy's: only what this domU is. */
static void
kept(void)
{
	begin();
	put3("/etc/rc.conf", "a\n", "a\n", "a\nmine\n");
	put3("/etc/own", NULL, NULL, "mine\n");
	put3("/etc/gone", "x\n", "x\n", NULL);
	put3("/etc/equal", "x\n", "y\n", "y\n");
	put3("/etc/passed", ">x", ">x", "/no link any more\n");
	works();
	is("/etc/rc.conf", "a\nmine\n");
	is("/etc/own", "mine\n");
	is("/etc/gone", NULL);
	is("/etc/equal", "y\n");
	is("/etc/passed", "/no link any more\n");
	T_EQ(o.kept, 3);
	T_EQ(o.taken + o.merged + o.added + o.removed, 0);
	end();
}

static void
merged(void)
{
	struct tree_stat st;

	begin();
	put3("/etc/a.conf", LINES, "1\n2\n3\n4\n5\n6\n7\n8\nnine\n",
	    "one\n2\n3\n4\n5\n6\n7\n8\n9\n");
	set_perm(LOCAL, "/etc/a.conf", 0600);
	/* the root changed the mode, too; text without newline at the end */
	put3("/etc/b.conf", LINES "10", "0\n" LINES "10", LINES "10\n");
	set_perm(NEW, "/etc/b.conf", 0640);
	/* content from the root, mode from here; and the other way */
	put3("/etc/c.conf", "x\n", "y\n", "x\n");
	set_perm(LOCAL, "/etc/c.conf", 0400);
	put3("/etc/d.conf", "x\n", "x\n", "mine\n");
	set_perm(NEW, "/etc/d.conf", 0444);
	/* the domU has the root's change already, and more */
	put3("/etc/e.conf", LINES, "0\n" LINES, "0\n" LINES "10\n");
	works();
	is("/etc/a.conf", "one\n2\n3\n4\n5\n6\n7\n8\nnine\n");
	st = stat_of("/etc/a.conf");
	T_EQ(st.perm, 0600);
	is("/etc/b.conf", "0\n" LINES "10\n");
	T_EQ(stat_of("/etc/b.conf").perm, 0640);
	is("/etc/c.conf", "y\n");
	T_EQ(stat_of("/etc/c.conf").perm, 0400);
	is("/etc/d.conf", "mine\n");
	T_EQ(stat_of("/etc/d.conf").perm, 0444);
	is("/etc/e.conf", "0\n" LINES "10\n");
	T_EQ(o.merged, 2);
	T_EQ(o.taken, 2);
	end();
}

static void
added(void)
{
	struct tree_stat st;

	begin();
	put3("/etc/new", NULL, "new\n", NULL);
	set_perm(NEW, "/etc/new", 0511);
	put3("/etc/dir", NULL, DIR, NULL);
	put3("/etc/dir/sub", NULL, DIR, NULL);
	put3("/etc/dir/sub/file", NULL, "x\n", NULL);
	set_perm(NEW, "/etc/dir/sub", 0700);
	put3("/etc/link", NULL, ">/etc/passwd", NULL);
	/* here already */
	put3("/etc/here", NULL, "x\n", "x\n");
	put3("/etc/here.d", NULL, DIR, DIR);
	put3("/etc/here.d/x", NULL, "x\n", NULL);
	works();
	is("/etc/new", "new\n");
	T_EQ(stat_of("/etc/new").perm, 0511);
	is("/etc/dir/sub/file", "x\n");
	st = stat_of("/etc/dir/sub");
	T(st.type == TREE_DIR && st.perm == 0700);
	is("/etc/link", ">/etc/passwd");
	is("/etc/here.d/x", "x\n");
	T_EQ(o.added, 6);
	T_EQ(o.taken + o.merged + o.removed + o.kept, 0);
	end();
}

static void
removed(void)
{
	begin();
	put3("/etc/a", "x\n", NULL, "x\n");
	put3("/etc/b", "x\n", NULL, "mine\n");
	put3("/etc/c", ">x", NULL, NULL);
	put3("/etc/d", DIR, NULL, DIR);
	put3("/etc/d/sub", DIR, NULL, DIR);
	put3("/etc/d/sub/x", "x\n", NULL, "x\n");
	put3("/etc/e", DIR, NULL, DIR);
	put3("/etc/e/x", "x\n", NULL, "x\n");
	put3("/etc/e/own", NULL, NULL, "mine\n");
	put3("/etc/f", DIR, NULL, ">/etc");
	put(t[OLD], "/etc/f/a", "x\n", 0644);
	/* a symlink's own mode is whatever made it */
	put3("/etc/g", ">x", NULL, NULL);
	put(t[LOCAL], "/etc/g", ">x", 0755);
	works();
	is("/etc/a", NULL);
	is("/etc/b", "mine\n");
	is("/etc/d", NULL);
	is("/etc/e", DIR);
	is("/etc/e/x", NULL);
	is("/etc/e/own", "mine\n");
	is("/etc/f", ">/etc");
	is("/etc/g", NULL);
	T_EQ(o.removed, 6);
	T(has_note(&o.left, "/etc/b", "changed here"));
	T(has_note(&o.left, "/etc/e", "not empty"));
	T(has_note(&o.left, "/etc/f", "changed here"));
	T_EQ(o.left.n, 3);
	end();
}

static void
types_that_change(void)
{
	begin();
	put3("/etc/to-dir", "x\n", DIR, "x\n");
	put(t[NEW], "/etc/to-dir/x", "x\n", 0644);
	put3("/etc/to-file", DIR, "file\n", DIR);
	put(t[OLD], "/etc/to-file/x", "x\n", 0644);
	put(t[LOCAL], "/etc/to-file/x", "x\n", 0644);
	works();
	is("/etc/to-dir/x", "x\n");
	is("/etc/to-file", "file\n");
	T_EQ(o.taken, 2);
	T_EQ(o.added, 1);
	put3("/etc/to-file", DIR, "file\n", DIR);
	put(t[OLD], "/etc/to-file/x", "x\n", 0644);
	put(t[LOCAL], "/etc/to-file/x", "x\n", 0644);
	put(t[LOCAL], "/etc/to-file/y", "mine\n", 0644);
	refused("/etc/to-file", "no directory any more");
	put(t[LOCAL], "/etc/to-file", NULL, 0);
	refused("/etc/to-file", "no directory any more");
	put(t[LOCAL], "/etc/to-file", "file\n", 0644);
	put(t[LOCAL], "/etc/to-dir", "mine\n", 0644);
	refused("/etc/to-dir", "became a directory");
	end();
}

/* Each alone; everything else that could be done is not. */
static void
conflicts(void)
{
	static const struct {
		const char	*old, *new, *local, *why;
		size_t		 line;
	} cases[] = {
		{ LINES, "1\n2\n3\nX\n5\n6\n7\n8\n9\n",
		    "1\n2\n3\nY\n5\n6\n7\n8\n9\n", "same lines", 4 },
		{ "a\n", "b\n", NULL, "removed here", 0 },
		{ "a\n", "b\n", DIR, "is a directory", 0 },
		{ "a\n", "b\n", ">a", "not a file in all", 0 },
		{ ">a", ">b", ">c", "not a file in all", 0 },
		{ ">a", "b\n", "c\n", "not a file in all", 0 },
		{ NULL, "a\n", "b\n", "something else", 0 },
		{ NULL, "a\n", DIR, "something else", 0 },
		{ NULL, "a\n", ">/etc/passwd", "something else", 0 },
		{ NULL, DIR, "a\n", "something else", 0 },
		{ NULL, DIR, ">/etc/rc.d", "something else", 0 },
	};
	size_t i;

	begin();
	put3("/etc/a-first", "old\n", "new\n", "old\n");
	put3("/etc/z-last", "x\n", NULL, "x\n");
	for (i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		put3("/etc/middle", cases[i].old, cases[i].new,
		    cases[i].local);
		refused("/etc/middle", cases[i].why);
		T_EQ(o.conflicts.n, 1);
		T_EQ(o.conflicts.v[0].line, cases[i].line);
	}
	put3("/etc/middle", "a\n", "a\n", "a\n");
	set_perm(NEW, "/etc/middle", 0600);
	set_perm(LOCAL, "/etc/middle", 0640);
	refused("/etc/middle", "permissions");
	put3("/etc/other", "a\n", "b\n", "c\n");
	refused("/etc/middle", "permissions");
	T_EQ(o.conflicts.n, 2);
	end();
}

static bool
keep_middle(void *arg, const char *path)
{
	++*(unsigned *)arg;
	return strcmp(path, "/etc/middle") == 0;
}

static void
conflicts_that_are_kept(void)
{
	unsigned asked = 0;

	begin();
	o.keep = keep_middle;
	o.arg = &asked;
	put3("/etc/middle", "a\n", "b\n", "c\n");
	put3("/etc/other", "a\n", "b\n", "c\n");
	refused("/etc/other", "same lines");
	T_EQ(o.conflicts.n, 1);
	put3("/etc/other", "a\n", "b\n", "a\n");
	works();
	is("/etc/middle", "c\n");
	is("/etc/other", "b\n");
	T_EQ(o.kept, 1);
	T(asked > 0);
	end();
}

/* What the domU's administrator can do to lead writes elsewhere. */
static void
hostile_local(void)
{
	static const struct tree_attr a = { .mask = TREE_SET_PERM };
	struct tree_node dir, node;
	const char *name;

	begin();
	put(t[LOCAL], "/etc/passwd", "secret\n", 0600);
	put(t[LOCAL], "/var", DIR, 0755);
	put(t[LOCAL], "/var/x", "x\n", 0644);
	put3("/etc/x", "old\n", "new\n", ">/etc/passwd");
	refused("/etc/x", "not a file");
	put3("/etc/x", NULL, NULL, NULL);
	/* a directory that is a symlink to one with the same file in it */
	put3("/etc/dir", DIR, DIR, ">/var");
	put(t[OLD], "/etc/dir/x", "x\n", 0644);
	put(t[NEW], "/etc/dir/x", "y\n", 0644);
	refused("/etc/dir/x", "removed here");
	put(t[NEW], "/etc/dir/x", "x\n", 0644);
	put(t[NEW], "/etc/dir/y", "y\n", 0644);
	refused("/etc/dir/y", "its directory");
	put(t[NEW], "/etc/dir/y", NULL, 0);
	works();
	is("/var/x", "x\n");
	/* a hard link out of etc: what it leads to stays */
	put3("/etc/hard", "x\n", "y\n", NULL);
	T_OK(tree_lookup(t[LOCAL], "/var/x", false, &node, NULL, &e));
	T_OK(tree_parent(t[LOCAL], "/etc/hard", &dir, &name, &e));
	T_OK(t[LOCAL]->ops->link(t[LOCAL], node, dir, name, &e));
	works();
	is("/etc/hard", "y\n");
	is("/var/x", "x\n");
	/* a fifo where a file changes */
	put3("/etc/pipe", "x\n", "y\n", NULL);
	T_OK(tree_parent(t[LOCAL], "/etc/pipe", &dir, &name, &e));
	T_OK(t[LOCAL]->ops->mknod(t[LOCAL], dir, name, TREE_FIFO, 0, &a,
	    &node, &e));
	refused("/etc/pipe", "not a file");
	put(t[LOCAL], "/etc", NULL, 0);
	put(t[LOCAL], "/etc", ">/var", 0755);
	T_EQ(run(), -1);
	T_EQ(e.code, ERR_RULE);
	T(strstr(e.msg, "the local image: ") != NULL);
	put(t[LOCAL], "/etc", NULL, 0);
	T_EQ(run(), -1);
	T_EQ(e.code, ERR_RULE);
	end();
}

static void
left_alone(void)
{
	static const struct tree_attr a = { .mask = TREE_SET_PERM };
	struct tree_node dir, node;
	const char *name;

	begin();
	put3("/etc/fstab.orig", "a\n", "b\n", "c\n");
	put3("/etc/rc.pre-hooks", "a\n", "b\n", NULL);
	T_OK(tree_parent(t[NEW], "/etc/dev", &dir, &name, &e));
	T_OK(t[NEW]->ops->mknod(t[NEW], dir, name, TREE_CHR, 5, &a, &node,
	    &e));
	put(t[LOCAL], "/etc/dev", "mine\n", 0644);
	works();
	is("/etc/fstab.orig", "c\n");
	is("/etc/rc.pre-hooks", NULL);
	is("/etc/dev", "mine\n");
	end();
}

/* The domU's rc is the release's; a root's own has the hook. */
static void
rc_without_the_hook(void)
{
	begin();
	put3("/etc/rc", ". /etc/rc.pre-hooks\nold\n",
	    ". /etc/rc.pre-hooks\nnew\n", "old\n");
	put3("/etc/rc.orig", "old\n", "new\n", NULL);
	set_perm(NEW, "/etc/rc.orig", 0444);
	works();
	is("/etc/rc", "new\n");
	T_EQ(stat_of("/etc/rc").perm, 0444);
	is("/etc/rc.orig", NULL);
	T_EQ(o.taken, 1);
	/* changed in both */
	put3("/etc/rc.orig", LINES, "0\n" LINES, NULL);
	put(t[LOCAL], "/etc/rc", LINES "10\n", 0644);
	set_perm(LOCAL, "/etc/rc", 0600);
	works();
	is("/etc/rc", "0\n" LINES "10\n");
	T_EQ(stat_of("/etc/rc").perm, 0600);
	end();
}

static void
password_files(void)
{
	begin();
	put3("/etc/master.passwd", "root\n", "root\n_new\n", "root:x\n");
	put3("/etc/passwd", "root\n", "root\n_new\n", "root\n");
	put3("/etc/pwd.db", "1\n", "2\n", "3\n");
	put3("/etc/spwd.db", "1\n", "2\n", "1\n");
	put3("/etc/group", "wheel\nusers\nnobody\n",
	    "wheel\nusers\nnobody\n_new\n", "wheel:me\nusers\nnobody\n");
	works();
	is("/etc/master.passwd", "root:x\n");
	is("/etc/passwd", "root\n");
	is("/etc/pwd.db", "3\n");
	is("/etc/spwd.db", "1\n");
	is("/etc/group", "wheel:me\nusers\nnobody\n_new\n");
	T_EQ(o.left.n, 4);
	T(has_note(&o.left, "/etc/spwd.db", "pwd_mkdb"));
	/* no user changed: the databases are only made anew */
	put3("/etc/master.passwd", "root\n", "root\n", "root:x\n");
	put3("/etc/passwd", "root\n", "root\n", "root\n");
	works();
	T_EQ(o.left.n, 0);
	is("/etc/pwd.db", "3\n");
	end();
}

/* Too large for a text, and no text. */
static void
large_and_binary_files(void)
{
	size_t len = RECIPE_TEXT_MAX + 1;
	struct tree_attr a = { .mask = TREE_SET_PERM, .perm = 0644 };
	char *big = malloc(len);
	struct buf b = BUF_INIT;
	int i;

	begin();
	memset(big, '\n', len);
	for (i = 0; i < NTREES; i++) {
		big[0] = i == NEW ? 'n' : 'o';
		T_OK(tree_write_file(t[i], "/etc/big", big, len, &a, &e));
		T_OK(tree_write_file(t[i], "/etc/bin", i == NEW ? "a\0n" :
		    "a\0o", 3, &a, &e));
	}
	works();
	T_EQ(o.taken, 2);
	T_OK(tree_read_file(t[LOCAL], "/etc/big", len, &b, &e));
	T(b.len == len && b.p[0] == 'n');
	buf_dispose(&b);
	big[len - 1] = 'x';
	T_OK(tree_write_file(t[LOCAL], "/etc/big", big, len, &a, &e));
	refused("/etc/big", "too large");
	put3("/etc/big", NULL, NULL, NULL);
	T_OK(tree_write_file(t[LOCAL], "/etc/bin", "a\0x", 3, &a, &e));
	refused("/etc/bin", "no text");
	free(big);
	end();
}

static int
add_path(void *arg, const char *path, struct dd_err *err)
{
	(void)err;
	return buf_printf(arg, "%s\n", path);
}

static int
stop(void *arg, const char *path, struct dd_err *err)
{
	(void)arg;
	return dd_fail(err, ERR_CANCEL, "%s", path);
}

static void
what_needs_attention(void)
{
	struct buf b = BUF_INIT;

	begin();
	put3("/etc/a", "old\n", "new\n", "mine\n");
	put3("/etc/b", "old\n", "new\n", "old\n");
	put3("/etc/c", "old\n", "new\n", "new\n");
	put3("/etc/d", "old\n", "old\n", "mine\n");
	put3("/etc/e", NULL, "new\n", NULL);
	put3("/etc/f", NULL, "new\n", "mine\n");
	put3("/etc/g", "old\n", NULL, "mine\n");
	put3("/etc/h", "old\n", "new\n", NULL);
	put3("/etc/pwd.db", "old\n", "new\n", "mine\n");
	put3("/etc/rc.d/z", "old\n", "new\n", "mine\n");
	T_OK(etc_changed(t[OLD], t[NEW], t[LOCAL], add_path, &b, &e));
	T_STR(b.p, "/etc/a\n/etc/f\n/etc/g\n/etc/h\n/etc/rc.d/z\n");
	T_ERR(etc_changed(t[OLD], t[NEW], t[LOCAL], stop, NULL, &e),
	    ERR_CANCEL);
	buf_dispose(&b);
	end();
}

/* A local tree that has neither owners nor flags, as a directory of the host
 * for one who is not root, is not taken for changed in all of them. */
static void
on_a_directory(void)
{
	struct tree *image;

	begin();
	put3("/etc/a", "old\n", "new\n", NULL);
	T_EQ(mkdir(scratch("local"), 0755), 0);
	image = t[LOCAL];
	T_OK(tree_mounted_open(scratch("local"), true, &t[LOCAL], &e));
	t[LOCAL]->makes_owners = t[LOCAL]->makes_flags = false;
	T_OK(tree_mkdirs(t[LOCAL], "/etc/rc.d",
	    &(struct tree_attr){ .mask = TREE_SET_PERM, .perm = 0755 }, &e));
	T_OK(tree_write_file(t[LOCAL], "/etc/a", "old\n", 4,
	    &(struct tree_attr){ .mask = TREE_SET_PERM, .perm = 0644 }, &e));
	works();
	is("/etc/a", "new\n");
	T_EQ(o.taken, 1);
	tree_close(t[LOCAL]);
	t[LOCAL] = image;
	end();
}

int
main(void)
{
	T_RUN(taken);
	T_RUN(kept);
	T_RUN(merged);
	T_RUN(added);
	T_RUN(removed);
	T_RUN(types_that_change);
	T_RUN(conflicts);
	T_RUN(conflicts_that_are_kept);
	T_RUN(hostile_local);
	T_RUN(left_alone);
	T_RUN(rc_without_the_hook);
	T_RUN(password_files);
	T_RUN(large_and_binary_files);
	T_RUN(what_needs_attention);
	T_RUN(on_a_directory);
	return t_done();
}
