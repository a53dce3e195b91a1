/* Archives, made here by libarchive, extracted into a directory. */
#include <sys/stat.h>
#include <fcntl.h>
#include <unistd.h>

#include <archive.h>
#include <archive_entry.h>

#include "core/tree/copy.h"
#include "tests/unit/t.h"

static char top[] = "/tmp/drydock-archive.XXXXXX";
static char file[sizeof(top) + 16];
static struct tree *t;
static struct dd_err e;
static struct archive *w;

static void
begin(int (*format)(struct archive *))
{
	w = archive_write_new();
	T_EQ(format(w), ARCHIVE_OK);
	T_EQ(archive_write_open_filename(w, file), ARCHIVE_OK);
}

static struct archive_entry *
entry(const char *name, unsigned type, unsigned perm)
{
	struct archive_entry *en = archive_entry_new();

	archive_entry_set_pathname(en, name);
	archive_entry_set_filetype(en, type);
	archive_entry_set_perm(en, perm);
	archive_entry_set_uid(en, getuid());
	archive_entry_set_gid(en, getgid());
	archive_entry_set_mtime(en, 1000000000, 123456789);
	return en;
}

/* Write the entry out, with that content, and free it. */
static void
put(struct archive_entry *en, const char *text)
{
	size_t len = text == NULL ? 0 : strlen(text);

	archive_entry_set_size(en, (int64_t)len);
	/* a warning: the C locale has no such letters */
	T(archive_write_header(w, en) >= ARCHIVE_WARN);
	if (len > 0)
		T_EQ(archive_write_data(w, text, len), len);
	archive_entry_free(en);
}

static void
end(void)
{
	T_EQ(archive_write_free(w), ARCHIVE_OK);
}

static void
raw(const char *text)
{
	int fd = open(file, O_WRONLY | O_CREAT | O_TRUNC, 0600);

	T_EQ(write(fd, text, strlen(text)), strlen(text));
	(void)close(fd);
}

static int
extract(void)
{
	struct copy_opts o = { .keep_owner = true };

	dd_err_clear(&e);
	T_EQ(tree_remove(t, "/x", &e), 0);
	T_EQ(tree_mkdirs(t, "/x", &(struct tree_attr){
	    .mask = TREE_SET_PERM, .perm = 0755 }, &e), 0);
	return tree_extract(t, "/x", file, &o, &e);
}

static void
content_is(const char *path, const char *want)
{
	struct buf b = BUF_INIT;

	T_OK(tree_read_file(t, path, 1 << 20, &b, &e));
	T_STR(b.p, want);
	buf_dispose(&b);
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
common_kinds(void)
{
	struct archive_entry *en;
	struct tree_stat st;

	begin(archive_write_set_format_pax);
	put(entry(".", AE_IFDIR, 0711), NULL);
	put(entry("./d", AE_IFDIR, 0751), NULL);
	put(entry("./d/r", AE_IFDIR, 0555), NULL);
	put(entry("./d/r/f", AE_IFREG, 0444), "");
	put(entry("./d/f", AE_IFREG, 0640), "content");
	en = entry("./d/l", AE_IFLNK, 0777);
	archive_entry_set_symlink(en, "f");
	put(en, NULL);
	en = entry("./h", AE_IFREG, 0640);
	archive_entry_set_hardlink(en, "./d/f");
	put(en, NULL);
	put(entry("fifo", AE_IFIFO, 0600), NULL);
	put(entry("no/parent/given", AE_IFREG, 0600), "x");
	en = entry("caf\303\251", AE_IFREG, 04711);
	archive_entry_copy_pathname(en, "caf\303\251");
	put(en, "");
	end();
	T_OK(extract());
	content_is("/x/d/f", "content");
	content_is("/x/d/l", "content");
	T_EQ(stat_at("/x").perm, 0711);
	st = stat_at("/x/d");
	T_EQ(st.perm, 0751);
	T_EQ(stat_at("/x/d/r").perm, 0555);
	T_EQ(st.mtime.sec, 1000000000);
	st = stat_at("/x/d/f");
	T_EQ(st.perm, 0640);
	T_EQ(st.nlink, 2);
	T_EQ(st.mtime.nsec, 123456789);
	T_EQ(st.id, stat_at("/x/h").id);
	T_EQ(stat_at("/x/d/l").mtime.sec, 1000000000);
	T_EQ(stat_at("/x/fifo").type, TREE_FIFO);
	T_EQ(stat_at("/x/no/parent").perm, 0755);
	T_EQ(stat_at("/x/caf\303\251").size, 0);
}

static void
twice_is_the_same(void)
{
	struct copy_opts o = { .keep_owner = true };
	struct archive_entry *en;

	begin(archive_write_set_format_pax);
	put(entry("d", AE_IFDIR, 0700), NULL);
	put(entry("d/f", AE_IFREG, 0640), "content");
	en = entry("h", AE_IFREG, 0640);
	archive_entry_set_hardlink(en, "d/f");
	put(en, NULL);
	end();
	T_OK(extract());
	T_OK(tree_extract(t, "/x", file, &o, &e));
	content_is("/x/h", "content");
	T_EQ(stat_at("/x/h").nlink, 2);
}

static void
hostile_names_stay_inside(void)
{
	begin(archive_write_set_format_pax);
	put(entry("/abs", AE_IFREG, 0600), "a");
	put(entry("../../../up", AE_IFREG, 0600), "b");
	put(entry("d/../../e/./../f//g", AE_IFREG, 0600), "c");
	end();
	T_OK(extract());
	content_is("/x/abs", "a");
	content_is("/x/up", "b");
	content_is("/x/f/g", "c");
}

static void
no_write_through_a_symlink(void)
{
	struct archive_entry *en;

	begin(archive_write_set_format_pax);
	put(entry("real", AE_IFDIR, 0755), NULL);
	en = entry("l", AE_IFLNK, 0777);
	archive_entry_set_symlink(en, "real");
	put(en, NULL);
	put(entry("l/f", AE_IFREG, 0600), "bad");
	end();
	T_EQ(extract(), -1);
	T_EQ(e.code, ERR_TYPE);
	T(!tree_exists(t, "/x/real/f"));

	/* a file that takes a symlink's place does not follow it */
	begin(archive_write_set_format_pax);
	put(entry("kept", AE_IFREG, 0600), "kept");
	en = entry("l", AE_IFLNK, 0777);
	archive_entry_set_symlink(en, "kept");
	put(en, NULL);
	put(entry("l", AE_IFREG, 0600), "new");
	end();
	T_OK(extract());
	content_is("/x/kept", "kept");
	content_is("/x/l", "new");

	/* nor does a hard link to something behind one */
	begin(archive_write_set_format_pax);
	put(entry("d", AE_IFDIR, 0755), NULL);
	put(entry("d/f", AE_IFREG, 0600), "kept");
	en = entry("l", AE_IFLNK, 0777);
	archive_entry_set_symlink(en, "d");
	put(en, NULL);
	en = entry("h", AE_IFREG, 0600);
	archive_entry_set_hardlink(en, "l/f");
	put(en, NULL);
	end();
	T_EQ(extract(), -1);
	T_EQ(e.code, ERR_TYPE);
}

static void
cpio_links_with_content_at_the_last(void)
{
	struct archive_entry *en;
	struct archive_entry_linkresolver *r;
	struct archive_entry *spare = NULL;
	int i;

	begin(archive_write_set_format_cpio_newc);
	r = archive_entry_linkresolver_new();
	archive_entry_linkresolver_set_strategy(r, archive_format(w));
	for (i = 0; i < 2; i++) {
		en = entry(i == 0 ? "a" : "b", AE_IFREG, 0600);
		archive_entry_set_nlink(en, 2);
		archive_entry_set_ino(en, 77);
		archive_entry_set_dev(en, 1);
		archive_entry_set_size(en, 4);
		archive_entry_linkify(r, &en, &spare);
		if (en != NULL) {
			int64_t size = archive_entry_size(en);

			T_EQ(archive_write_header(w, en), ARCHIVE_OK);
			if (size > 0)
				T_EQ(archive_write_data(w, "text", 4), 4);
			archive_entry_free(en);
		}
		if (spare != NULL) {
			T_EQ(archive_write_header(w, spare), ARCHIVE_OK);
			T_EQ(archive_write_data(w, "text", 4), 4);
			archive_entry_free(spare);
		}
	}
	archive_entry_linkresolver_free(r);
	end();
	T_OK(extract());
	content_is("/x/a", "text");
	content_is("/x/b", "text");
	T_EQ(stat_at("/x/a").nlink, 2);
}

static void
sparse_files_keep_holes(void)
{
	static const int64_t size = 20000000;
	struct archive_entry *en;
	struct measure m = { .bytes = 0 };
	char *zeros = calloc(1, (size_t)size);

	begin(archive_write_set_format_pax);
	en = entry("s", AE_IFREG, 0600);
	archive_entry_set_size(en, size);
	archive_entry_sparse_add_entry(en, 0, 4096);
	archive_entry_sparse_add_entry(en, 10000000, 4096);
	memcpy(zeros, "head", 4);
	memcpy(zeros + 10000000, "middle", 6);
	T_EQ(archive_write_header(w, en), ARCHIVE_OK);
	T_EQ(archive_write_data(w, zeros, (size_t)size), size);
	archive_entry_free(en);
	end();
	free(zeros);
	T_OK(extract());
	T_EQ(stat_at("/x/s").size, size);
	T(stat_at("/x/s").blocks < 200);
	T_OK(archive_measure(file, 2048, &m, NULL, &e));
	T_EQ(m.bytes, 8192);
	T_EQ(m.inodes, 1);
}

static void
mtree_with_contents(void)
{
	char text[1000];
	struct tree_stat st;

	(void)snprintf(text, sizeof(text), "%s/data", top);
	T_OK(tree_write_file(t, "/data", "from the host", 13,
	    &(struct tree_attr){ .mask = TREE_SET_PERM, .perm = 0600 }, &e));
	(void)snprintf(text, sizeof(text), "#mtree\n"
	    "/set type=file uid=%u gid=%u\n"
	    ". type=dir mode=0755\n"
	    "./etc type=dir mode=0750 time=1000000000.5\n"
	    "./etc/f mode=0444 contents=%s/data flags=schg,nodump\n"
	    "./etc/l type=link link=f mode=0755\n%s",
	    getuid(), getgid(), top, t->makes_owners ?
	    "./null type=char mode=0666 device=netbsd,2,2\n"
	    "./blk type=block mode=0600 device=netbsd,14,300\n" : "");
	raw(text);
	T_OK(extract());
	content_is("/x/etc/f", "from the host");
	T_EQ(stat_at("/x/etc/f").perm, 0444);
	st = stat_at("/x/etc");
	T_EQ(st.perm, 0750);
	T_EQ(st.mtime.sec, 1000000000);
	T_EQ(stat_at("/x/etc/l").type, TREE_LNK);
	if (t->makes_owners) {
		T_EQ(stat_at("/x/null").rdev, 514);
		T_EQ(stat_at("/x/blk").rdev, 1052204);
	}
	raw("#mtree\n./f type=file mode=0644 contents=/nonexistent\n");
	T_EQ(extract(), -1);
	T_EQ(e.code, ERR_NOENT);
}

static void
what_is_no_archive(void)
{
	struct copy_opts o = { .keep_owner = true };

	raw("just a text\n");
	T_EQ(extract(), -1);
	T_EQ(e.code, ERR_FORMAT);
	T(e.hint[0] != '\0');
	raw("");
	T_EQ(extract(), -1);
	T_EQ(e.code, ERR_FORMAT);
	T_ERR(tree_extract(t, "/x", top, &o, &e), ERR_TYPE);
	T_ERR(tree_extract(t, "/x", "/nonexistent", &o, &e), ERR_NOENT);
}

static void
truncated_archive(void)
{
	char big[100000];

	memset(big, 'x', sizeof(big) - 1);
	big[sizeof(big) - 1] = '\0';
	begin(archive_write_set_format_pax);
	put(entry("f", AE_IFREG, 0600), big);
	end();
	T_EQ(truncate(file, 50000), 0);
	T_EQ(extract(), -1);
	T_EQ(e.code, ERR_CORRUPT);
	T(e.hint[0] != '\0');
}

int
main(void)
{
	struct tree *up;

	if (mkdtemp(top) == NULL ||
	    tree_mounted_open(top, true, &t, &e) == -1)
		return 1;
	(void)snprintf(file, sizeof(file), "%s/archive", top);
	T_RUN(common_kinds);
	T_RUN(twice_is_the_same);
	T_RUN(hostile_names_stay_inside);
	T_RUN(no_write_through_a_symlink);
	T_RUN(cpio_links_with_content_at_the_last);
	T_RUN(sparse_files_keep_holes);
	T_RUN(mtree_with_contents);
	T_RUN(what_is_no_archive);
	T_RUN(truncated_archive);
	tree_close(t);
	T_OK(tree_mounted_open("/tmp", true, &up, &e));
	T_OK(tree_remove(up, top + strlen("/tmp/"), &e));
	tree_close(up);
	return t_done();
}
