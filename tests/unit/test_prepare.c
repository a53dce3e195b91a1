/*
 * prepare root on the demo's roots, on an image and on a directory of the
 * host.  What the command prints is in tests/golden.
 */
#include "core/disk/file.h"
#include "core/ffs/ffs.h"
#include "core/recipe/recipe.h"
#include "core/tree/copy.h"
#include "core/tree/image.h"
#include "tests/unit/scratch.h"
#include "tests/unit/t.h"

#define IMAGE_SIZE	(8 << 20)

static struct dd_err e;
static const char *kernel;

/* tests/demo/root.spec with the folders filled in. */
static const char *
spec(const char *era)
{
	const char *path = scratch("spec");
	char cmd[2000];

	(void)snprintf(cmd, sizeof(cmd), "sed \"s|@E|$PWD/tests/demo/%s|; "
	    "s|@C|$PWD/tests/demo/common|\" tests/demo/root.spec >'%s'", era,
	    path);
	T_EQ(system(cmd), 0);
	return path;
}

static void
fill(struct tree *t, const char *era)
{
	struct copy_opts o = { .recursive = true, .keep_owner = true };

	T_OK(tree_extract(t, "/", spec(era), &o, &e));
	T_OK(tree_commit(t, &e));
}

/* A root on an image, in the file that path names. */
static const char *
make_image(const char *era)
{
	const struct ffs_format fmt = { .version = 2 };
	const char *path = scratch_file("root.img", IMAGE_SIZE, "", 1, 0);
	struct image_opts o = { .write = true };
	struct image *im;
	struct tree *t;
	struct blk *b;

	T_OK(file_open(path, FILE_WRITE, 0, &b, &e));
	T_OK(ffs_format(b, &fmt, &e));
	T_OK(blk_flush(b, &e));
	blk_close(b);
	T_OK(image_open(path, &o, &im, &e));
	T_OK(image_tree(im, &t, &e));
	fill(t, era);
	image_close(im);
	return path;
}

static struct tree *
make_dir(const char *era)
{
	static unsigned n;
	char name[16];
	struct tree *t;

	(void)snprintf(name, sizeof(name), "dir%u", n++);
	T_EQ(mkdir(scratch(name), 0755), 0);
	T_OK(tree_mounted_open(scratch(name), true, &t, &e));
	fill(t, era);
	return t;
}

static int
add_line(void *arg, const char *text, struct dd_err *err)
{
	(void)err;
	return buf_printf(arg, "%s\n", text);
}

static char *
manifest(struct tree *t)
{
	struct buf b = BUF_INIT;

	T_OK(tree_manifest(t, "/", add_line, &b, NULL, &e));
	return buf_steal(&b);
}

static int
prepare(struct tree *t, const char *with, unsigned disks)
{
	struct prepare_root p = { .kernel = with, .disks = disks };

	dd_err_clear(&e);
	return prepare_root(t, &p, &e);
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
		T_FAIL("%s has no \"%s\"", path, part);
	free(text);
}

static struct tree_stat
stat_of(struct tree *t, const char *path)
{
	struct tree_node node;
	struct tree_stat st = { .id = 0 };

	T_OK(tree_lookup(t, path, false, &node, &st, &e));
	t->ops->put(t, node);
	return st;
}

static void
prepared_as_it_should_be(struct tree *t, const char *era)
{
	bool old = strcmp(era, "2006") == 0;
	static const char *const dirs[] = { "/emul", "/kern", "/local",
	    "/proc", "/usr/pkg" };
	struct tree_stat a, b;
	size_t i;
	char *orig, *text;

	a = stat_of(t, "/netbsd-XENU");
	b = stat_of(t, "/netbsd");
	T(a.type == TREE_REG && a.id == b.id && a.nlink == 2);
	T_EQ(a.perm, 0755);
	for (i = 0; i < sizeof(dirs) / sizeof(dirs[0]); i++)
		T_EQ(stat_of(t, dirs[i]).type, TREE_DIR);
	T(!tree_exists(t, "/dev/console") && !tree_exists(t, "/dev/fd") &&
	    !tree_exists(t, "/dev/log"));
	T(tree_exists(t, "/dev/MAKEDEV.local"));
	T_EQ(stat_of(t, "/dev/MAKEDEV").perm, 0555);
	T_EQ(tree_exists(t, "/dev/MAKEDEV.orig"), old);
	has_text(t, "/dev/MAKEDEV", old ?
	    "makedev xbd0 xbd1 xbd2 xbd3 xbd4 xencons\n\tmakedev sysmon\n" :
	    "makedev xbd0 xbd1 xbd2 xbd3 xen\n");
	has_text(t, "/etc/rc", old ?
	    "\n. /etc/rc.pre-hooks\n. /etc/rc.subr\n" :
	    "\n. /etc/rc.pre-hooks\nif [ -e ./rc.subr ] ; then\n");
	has_text(t, "/etc/fstab", "/dev/xbd0a\t/\tffs\tro\t0 0\n");
	has_text(t, "/etc/fstab.orig", "/dev/wd0a");
	has_text(t, "/etc/rc.pre-hooks", "exec /bin/sh /etc/rc");
	orig = text_of(t, "/etc/rc.orig");
	text = text_of(t, "/etc/rc");
	T(strlen(text) == strlen(orig) + strlen(". /etc/rc.pre-hooks\n"));
	free(orig);
	free(text);
	a = stat_of(t, "/etc/rc");
	b = stat_of(t, "/etc/rc.orig");
	T(a.perm == b.perm && a.uid == b.uid && a.flags == b.flags);
	T(b.mtime.sec == 1700000000 && a.mtime.sec != b.mtime.sec);
	if (t->makes_flags)
		T_EQ(a.flags, 0x20000);		/* schg */
}

/* Prepared twice: the second time nothing changes, not even a time. */
static void
on_image(const char *era)
{
	const char *path = make_image(era);
	struct image_opts o = { .write = true };
	struct image *im;
	struct tree *t;
	char *once, *twice;

	T_OK(image_open(path, &o, &im, &e));
	T_OK(image_tree(im, &t, &e));
	T_EQ(prepare(t, kernel, 4), 0);
	T_STR(e.msg, "");
	T_OK(image_commit(im, &e));
	image_close(im);

	T_OK(image_open(path, &o, &im, &e));
	T_OK(image_tree(im, &t, &e));
	prepared_as_it_should_be(t, era);
	once = manifest(t);
	T_EQ(prepare(t, kernel, 4), 0);
	twice = manifest(t);
	T_STR(twice, once);
	image_close(im);
	free(once);
	free(twice);
}

static void
on_directory(const char *era)
{
	struct tree *t = make_dir(era);
	char *once, *twice;

	T_EQ(prepare(t, kernel, 4), 0);
	T_STR(e.msg, "");
	prepared_as_it_should_be(t, era);
	once = manifest(t);
	T_EQ(prepare(t, kernel, 4), 0);
	twice = manifest(t);
	T_STR(twice, once);
	free(once);
	free(twice);
	tree_close(t);
}

static void
image_of_today(void)
{
	on_image("today");
}

static void
image_of_2006(void)
{
	on_image("2006");
}

static void
directory_of_today(void)
{
	on_directory("today");
}

static void
directory_of_2006(void)
{
	on_directory("2006");
}

static const char *
make_kernel(const char *name, const char *content)
{
	char path[600];

	(void)snprintf(path, sizeof(path), "%s", scratch(name));
	(void)scratch_file(name, (off_t)strlen(content), content,
	    strlen(content), 0);
	return scratch(name);
}

static void
another_kernel_later(void)
{
	struct tree *t = make_dir("today");
	struct tree_stat a, b;

	T_EQ(prepare(t, kernel, 4), 0);
	a = stat_of(t, "/netbsd-XENU");
	T_EQ(prepare(t, make_kernel("netbsd-10", "\177ELF ten"), 4), 0);
	b = stat_of(t, "/netbsd");
	T(b.id != a.id && b.id == stat_of(t, "/netbsd-10").id);
	T_EQ(stat_of(t, "/netbsd-XENU").id, a.id);
	/* new content under the old name: never written through a link */
	T_EQ(prepare(t, make_kernel("netbsd", "\177ELF itself"), 4), 0);
	T_EQ(stat_of(t, "/netbsd").nlink, 1);
	has_text(t, "/netbsd-10", "ELF ten");
	tree_close(t);
}

static void
wrong_kernels(void)
{
	struct tree *t = make_dir("today");
	char *before = manifest(t), *after, cmd[1400];
	const char *gz;

	T_EQ(prepare(t, scratch("nothing"), 4), -1);
	T_EQ(e.code, ERR_NOENT);
	T(strstr(e.hint, "-k") != NULL);
	T_EQ(prepare(t, scratch_dir, 4), -1);
	T_EQ(e.code, ERR_FORMAT);
	T_EQ(prepare(t, make_kernel("empty", ""), 4), -1);
	T_EQ(e.code, ERR_FORMAT);
	T_EQ(prepare(t, make_kernel("text", "#!/bin/sh\n"), 4), -1);
	T_EQ(e.code, ERR_FORMAT);
	T_EQ(prepare(t, make_kernel("etc", "\177ELF"), 4), -1);
	T_EQ(e.code, ERR_RULE);
	after = manifest(t);
	T_STR(after, before);
	free(before);
	free(after);

	gz = scratch("netbsd.gz");
	(void)snprintf(cmd, sizeof(cmd), "{ printf '\\177ELF'; head -c 100000"
	    " /dev/urandom; } | gzip >'%s' && head -c 50000 '%s' >'%s.cut' &&"
	    " echo hello | gzip >'%s.text'", gz, gz, gz, gz);
	T_EQ(system(cmd), 0);
	T_EQ(prepare(t, scratch("netbsd.gz.cut"), 4), -1);
	T_EQ(e.code, ERR_FORMAT);
	T(strstr(e.msg, "cut off") != NULL);
	T_EQ(prepare(t, scratch("netbsd.gz.text"), 4), -1);
	T_EQ(e.code, ERR_FORMAT);
	T_EQ(prepare(t, gz, 4), 0);
	T_EQ(stat_of(t, "/netbsd").id, stat_of(t, "/netbsd.gz").id);
	tree_close(t);
}

/* schg on the old kernel is lifted for the new one, and put back. */
static void
flags_of_the_kernel_stay(void)
{
	const struct tree_attr schg = { .mask = TREE_SET_FLAGS,
	    .flags = 0x20000 };
	struct image_opts o = { .write = true };
	struct tree_node node;
	struct image *im;
	struct tree *t;

	T_OK(image_open(make_image("today"), &o, &im, &e));
	T_OK(image_tree(im, &t, &e));
	T_EQ(prepare(t, kernel, 4), 0);
	T_OK(tree_lookup(t, "/netbsd-XENU", false, &node, NULL, &e));
	T_OK(t->ops->setattr(t, node, &schg, &e));
	t->ops->put(t, node);
	T_OK(tree_remove(t, "/netbsd", &e));
	T_EQ(prepare(t, kernel, 4), 0);
	T_EQ(stat_of(t, "/netbsd").flags, schg.flags);
	T_EQ(prepare(t, make_kernel("other/netbsd-XENU", "\177ELF new"), 4),
	    0);
	T_EQ(stat_of(t, "/netbsd").flags, schg.flags);
	has_text(t, "/netbsd", "ELF new");
	image_close(im);
}

static void
write_text(struct tree *t, const char *path, const char *text)
{
	const struct tree_attr a = { .mask = TREE_SET_PERM, .perm = 0644 };

	T_OK(tree_remove(t, path, &e));
	T_OK(tree_write_file(t, path, text, strlen(text), &a, &e));
}

static void
link_to(struct tree *t, const char *path, const char *target)
{
	const struct tree_attr a = { .mask = 0 };
	struct tree_node dir, node;
	const char *name;

	T_OK(tree_remove(t, path, &e));
	T_OK(tree_parent(t, path, &dir, &name, &e));
	T_OK(t->ops->symlink(t, dir, name, target, &a, &node, &e));
	t->ops->put(t, node);
	t->ops->put(t, dir);
}

static void
refused(struct tree *t, const char *file)
{
	T_EQ(prepare(t, kernel, 4), -1);
	T(e.code == ERR_RULE || e.code == ERR_TYPE);
	T(e.hint[0] != '\0');
	if (strstr(e.msg, file) == NULL)
		T_FAIL("\"%s\" does not name %s", e.msg, file);
	tree_close(t);
}

static void
roots_that_are_refused(void)
{
	const struct tree_attr folder = { .mask = TREE_SET_PERM,
	    .perm = 0755 };
	struct tree *t;

	t = make_dir("today");
	T_OK(tree_remove(t, "/etc/rc", &e));
	refused(t, "/etc/rc is missing");
	t = make_dir("today");
	T_OK(tree_remove(t, "/dev/MAKEDEV", &e));
	refused(t, "/dev/MAKEDEV is missing");
	t = make_dir("today");
	write_text(t, "/etc/release", "NetBSD 99.0/amd64\n");
	refused(t, "/etc/release");
	t = make_dir("today");
	T_OK(tree_remove(t, "/etc/release", &e));
	refused(t, "/etc/release is missing");
	t = make_dir("today");
	write_text(t, "/etc/rc", "exit 0\n");
	refused(t, "/etc/rc:");
	t = make_dir("today");
	T_OK(tree_mkdirs(t, "/netbsd/kept", &folder, &e));
	T_EQ(prepare(t, kernel, 4), -1);
	T(tree_exists(t, "/netbsd/kept"));
	refused(t, "/netbsd: is a directory");
	t = make_dir("2006");
	write_text(t, "/dev/MAKEDEV", "init)\n\tmakedev std\n\t;;\n");
	refused(t, "/dev/MAKEDEV:");
}

/* Whatever points out of the image is refused, or replaced itself. */
static void
hostile_symlinks(void)
{
	const char *victim = make_kernel("victim", "of the host\n");
	char kept[64] = "", path[600];
	struct tree *t;
	FILE *f;

	(void)snprintf(path, sizeof(path), "%s", victim);
	t = make_dir("today");
	link_to(t, "/etc/rc", path);
	refused(t, "/etc/rc: is a symbolic link");
	t = make_dir("today");
	link_to(t, "/etc/rc.pre-hooks", path);
	refused(t, "/etc/rc.pre-hooks: is a symbolic link");
	t = make_dir("today");
	link_to(t, "/dev/MAKEDEV", path);
	refused(t, "/dev/MAKEDEV: is a symbolic link");
	t = make_dir("today");
	link_to(t, "/emul", "/tmp");
	refused(t, "/emul");
	t = make_dir("today");
	link_to(t, "/netbsd-XENU", path);
	refused(t, "/netbsd-XENU");
	t = make_dir("today");
	link_to(t, "/netbsd", path);
	T_EQ(prepare(t, kernel, 4), 0);
	T_EQ(stat_of(t, "/netbsd").type, TREE_REG);
	tree_close(t);
	f = fopen(path, "r");
	T(f != NULL && fgets(kept, sizeof(kept), f) != NULL);
	T_STR(kept, "of the host\n");
	(void)fclose(f);
}

static void
more_disks(void)
{
	struct tree *t = make_dir("today");

	T_EQ(prepare(t, kernel, 6), 0);
	has_text(t, "/dev/MAKEDEV",
	    "\tmakedev xbd0 xbd1 xbd2 xbd3 xbd4 xbd5 xen\n");
	has_text(t, "/dev/MAKEDEV.orig",
	    "\tmakedev xbd0 xbd1 xbd2 xbd3 xen\n");
	T_EQ(prepare(t, kernel, 4), 0);
	has_text(t, "/dev/MAKEDEV", "xbd5 xen\n");
	tree_close(t);
}

/* A later change of the operator's stays. */
static void
an_fstab_of_ones_own(void)
{
	static const char own[] = "/dev/xbd0a / ffs ro 0 0\n"
	    "/dev/xbd2a /local ffs rw,noatime 0 0\n";
	struct tree *t = make_dir("today");
	char *text;

	write_text(t, "/etc/fstab", own);
	T_EQ(prepare(t, kernel, 4), 0);
	text = text_of(t, "/etc/fstab");
	T_STR(text, own);
	free(text);
	tree_close(t);
}

int
main(void)
{
	static char path[600];

	(void)snprintf(path, sizeof(path), "%s", make_kernel("netbsd-XENU",
	    "\177ELF\002\001\001 the kernel of this test"));
	kernel = path;
	(void)mkdir(scratch("other"), 0755);
	T_RUN(image_of_today);
	T_RUN(image_of_2006);
	T_RUN(directory_of_today);
	T_RUN(directory_of_2006);
	T_RUN(another_kernel_later);
	T_RUN(wrong_kernels);
	T_RUN(flags_of_the_kernel_stay);
	T_RUN(roots_that_are_refused);
	T_RUN(hostile_symlinks);
	T_RUN(more_disks);
	T_RUN(an_fstab_of_ones_own);
	return t_done();
}
