/*
 * core/ffs, check and repair of damage that is made here: each kind is found
 * under its name and path, and either mended or left alone whole.
 */
#include "core/base/buf.h"
#include "core/ffs/ffs_impl.h"
#include "tests/unit/memblk.h"
#include "tests/unit/t.h"

static struct dd_err e;
static struct buf lines = BUF_INIT;

static void
take(void *arg, const struct ffs_finding *f)
{
	(void)arg;
	(void)buf_printf(&lines, "%d %u %s %s\n", f->severity, f->ino,
	    f->path == NULL ? "-" : f->path, f->text);
}

static bool
told(const char *text)
{
	if (lines.p != NULL && strstr(lines.p, text) != NULL)
		return true;
	T_FAIL("\"%s\" is not in:\n%s", text, lines.p == NULL ? "" : lines.p);
	return false;
}

static unsigned
check(struct memdisk *d)
{
	struct ffs *fs;
	unsigned n = 0;

	buf_reset(&lines);
	T_OK(ffs_open(memblk_open(d, false), FFS_ANY, &fs, &e));
	T_OK(ffs_check(fs, take, NULL, NULL, &n, &e));
	ffs_close(fs);
	return n;
}

/* The tree that the damage is done to. */
#define BIG	(14UL * 4096)		/* two blocks past the direct ones */
struct scene {
	struct memdisk	disk;
	struct ffs	*fs;		/* open for writing */
	uint32_t	a, b, big, dir, sub, deep;
};

static void
build(struct scene *s, int version)
{
	struct ffs_format f = { .version = version, .bsize = 4096,
	    .fsize = 512 };
	struct ffs_attr at = { .mask = 0 };
	static uint8_t data[BIG];
	struct blk *b;

	T_EQ(memdisk_init(&s->disk, 2UL << 20), 0);
	b = memblk_open(&s->disk, true);
	T_OK(ffs_format(b, &f, &e));
	T_OK(ffs_open(b, FFS_WRITE, &s->fs, &e));
	memset(data, 7, sizeof(data));
	T_OK(ffs_create(s->fs, FFS_ROOT, "a", &at, &s->a, &e));
	T_OK(ffs_write(s->fs, s->a, data, 5000, 0, &e));
	T_OK(ffs_create(s->fs, FFS_ROOT, "b", &at, &s->b, &e));
	T_OK(ffs_write(s->fs, s->b, data, 5000, 0, &e));
	T_OK(ffs_create(s->fs, FFS_ROOT, "big", &at, &s->big, &e));
	T_OK(ffs_write(s->fs, s->big, data, BIG, 0, &e));
	T_OK(ffs_mkdir(s->fs, FFS_ROOT, "dir", &at, &s->dir, &e));
	T_OK(ffs_mkdir(s->fs, s->dir, "sub", &at, &s->sub, &e));
	T_OK(ffs_mkdir(s->fs, s->sub, "deep", &at, &s->deep, &e));
	T_OK(ffs_commit(s->fs, &e));
}

/* Damage goes down as any write; then the disk is looked at. */
static void
done(struct scene *s)
{
	T_OK(ffs_commit(s->fs, &e));
	ffs_close(s->fs);
	s->fs = NULL;
}

/* Rewrite an entry of a directory: its inode number. */
static void
redirect(struct scene *s, uint32_t dir, const char *name, uint32_t ino)
{
	struct dir_pos pos;
	struct ffs_inode ip;
	struct ffs_buf *b;

	T_OK(dir_find(s->fs, dir, name, &pos, &e));
	T_OK(ffs_iget(s->fs, dir, &ip, &e));
	T_OK(dir_block(s->fs, &ip, 0, &b, &e));
	put32le(b->data + pos.at, ino);
	cache_dirty(s->fs, b);
	cache_put(s->fs, b);
}

static int64_t
first_block(struct scene *s, uint32_t ino)
{
	struct ffs_inode ip;

	T_OK(ffs_iget(s->fs, ino, &ip, &e));
	return ip.db[0];
}

/* Mend; then it must be clean. */
static void
mend(struct scene *s)
{
	struct ffs *fs;
	unsigned n = 0;

	buf_reset(&lines);
	T_OK(ffs_open(memblk_open(&s->disk, true), FFS_WRITE | FFS_ANY, &fs,
	    &e));
	T_OK(ffs_repair(fs, take, NULL, NULL, &n, &e));
	T(n > 0);
	T_OK(ffs_commit(fs, &e));
	ffs_close(fs);
	T_EQ(check(&s->disk), 0);
	T(lines.len == 0);
}

/* Refuse; then nothing is changed. */
static void
refuse(struct scene *s)
{
	uint8_t *before = malloc(s->disk.size);
	struct ffs *fs;
	unsigned n = 0;

	memcpy(before, s->disk.data, s->disk.size);
	T_OK(ffs_open(memblk_open(&s->disk, true), FFS_WRITE | FFS_ANY, &fs,
	    &e));
	T_ERR(ffs_repair(fs, NULL, NULL, NULL, &n, &e), ERR_FAULTS);
	T(strstr(e.hint, "fsck_ffs") != NULL);
	T_ERR(ffs_commit(fs, &e), ERR_FAULTS);
	ffs_close(fs);
	T_EQ(memcmp(before, s->disk.data, s->disk.size), 0);
	free(before);
}

static bool
finds(struct scene *s, const char *path, uint32_t *ino)
{
	struct ffs *fs;
	struct dd_err none = DD_ERR_INIT;
	char name[256];
	uint32_t at = FFS_ROOT;
	const char *p = path;
	size_t len;
	bool ok = true;

	T_OK(ffs_open(memblk_open(&s->disk, false), 0, &fs, &e));
	while (ok && *p == '/') {
		len = strcspn(++p, "/");
		memcpy(name, p, len);
		name[len] = '\0';
		ok = ffs_lookup(fs, at, name, &at, &none) == 0;
		p += len;
	}
	*ino = at;
	ffs_close(fs);
	return ok;
}

/* "/lost+found/#NNN" as fsck would name it. */
static const char *
lost_path(struct scene *s, uint32_t ino, const char *below, char path[64])
{
	struct ffs *fs;
	uint32_t most;

	T_OK(ffs_open(memblk_open(&s->disk, false), 0, &fs, &e));
	most = fs->sb.ncg * fs->sb.ipg;
	ffs_close(fs);
	(void)snprintf(path, 64, "/lost+found/#%0*u%s",
	    snprintf(NULL, 0, "%u", most), ino, below);
	return path;
}

/* In the superblock and all its copies. */
static void
set_magic(struct memdisk *d, uint32_t magic)
{
	struct blk *b = memblk_open(d, false);
	struct ffs_sb sb;
	uint64_t at;
	uint32_t cg;

	T_OK(sb_find(b, &sb, &e));
	for (cg = 0; cg < sb.ncg; cg++) {
		at = (uint64_t)sb_cgsblock(&sb, cg) << sb.fshift;
		put32le(d->data + at + SB_O_MAGIC, magic);
	}
	put32le(d->data + sb.at + SB_O_MAGIC, magic);
	blk_close(b);
}

#define EACH_VERSION(s, v)						\
	for (v = 1; v <= 2 && (build(s, v), true); v++,			\
	    memdisk_dispose(&(s)->disk))

static void
a_lost_file_gets_a_name(void)
{
	struct scene s;
	char path[64];
	uint64_t at;
	uint32_t ino;
	int v;

	EACH_VERSION(&s, v) {
		redirect(&s, FFS_ROOT, "a", 0);
		put32le(s.fs->sb.raw + SB_O_PENDINGINODES, 7);
		at = s.fs->sb.at;
		done(&s);
		T_EQ(check(&s.disk), 1);
		told("is a file that no directory names");
		mend(&s);
		T_EQ(get32le(s.disk.data + at + SB_O_PENDINGINODES), 0);
		T(finds(&s, lost_path(&s, s.a, "", path), &ino));
		T_EQ(ino, s.a);
	}
}

static void
a_lost_directory_gets_a_name(void)
{
	struct scene s;
	char path[64];
	uint32_t ino;
	int v;

	EACH_VERSION(&s, v) {
		redirect(&s, s.dir, "sub", 0);
		done(&s);
		/* /dir/sub, and not what is below it as well; /dir has one
		 * link more than it should after that. */
		T_EQ(check(&s.disk), 1);
		told("is a directory that no directory names");
		mend(&s);
		T(finds(&s, lost_path(&s, s.sub, "/deep", path), &ino));
		T_EQ(ino, s.deep);
	}
}

static void
lost_and_found_is_used_again(void)
{
	struct scene s;
	struct ffs_attr at = { .mask = 0 };
	char path[64];
	uint32_t lost, ino;
	int v;

	EACH_VERSION(&s, v) {
		T_OK(ffs_mkdir(s.fs, FFS_ROOT, "lost+found", &at, &lost, &e));
		redirect(&s, FFS_ROOT, "a", 0);
		redirect(&s, FFS_ROOT, "dir", 0);
		done(&s);
		mend(&s);
		T(finds(&s, lost_path(&s, s.dir, "/sub", path), &ino));
		T(finds(&s, "/lost+found", &ino));
		T_EQ(ino, lost);
	}
}

/* An empty file that nobody names, and one that was removed while open. */
static void
what_was_removed_is_freed(void)
{
	struct scene s;
	struct ffs_inode ip;
	struct ffs_attr at = { .mask = 0 };
	uint32_t empty, ino;
	int v;

	EACH_VERSION(&s, v) {
		T_OK(ffs_create(s.fs, FFS_ROOT, "empty", &at, &empty, &e));
		redirect(&s, FFS_ROOT, "empty", 0);
		redirect(&s, FFS_ROOT, "big", 0);
		T_OK(ffs_iget(s.fs, s.big, &ip, &e));
		ip.nlink = 0;
		T_OK(ffs_iput(s.fs, &ip, &e));
		done(&s);
		T_EQ(check(&s.disk), 2);
		told("was removed, but is not free");
		mend(&s);
		T(!finds(&s, "/lost+found", &ino));
	}
}

static void
link_counts_are_lowered_not_raised(void)
{
	struct scene s;
	struct ffs_inode ip;
	int v;

	EACH_VERSION(&s, v) {
		T_OK(ffs_iget(s.fs, s.a, &ip, &e));
		ip.nlink = 3;
		T_OK(ffs_iput(s.fs, &ip, &e));
		T_OK(ffs_iget(s.fs, s.sub, &ip, &e));
		ip.nlink = 7;
		T_OK(ffs_iput(s.fs, &ip, &e));
		done(&s);
		T_EQ(check(&s.disk), 2);
		told("/a has a link count of 3, should be 1");
		told("/dir/sub has a link count of 7, should be 3");
		mend(&s);
	}
	EACH_VERSION(&s, v) {
		T_OK(ffs_iget(s.fs, FFS_ROOT, &ip, &e));
		ip.nlink++;
		T_OK(ffs_iput(s.fs, &ip, &e));
		done(&s);
		T_EQ(check(&s.disk), 1);
		told("/ has a link count of 4, should be 3");
		mend(&s);
	}
	EACH_VERSION(&s, v) {
		T_OK(ffs_iget(s.fs, s.dir, &ip, &e));
		ip.nlink = 2;
		T_OK(ffs_iput(s.fs, &ip, &e));
		done(&s);
		T_EQ(check(&s.disk), 1);
		told("/dir has a link count of 2, should be 3");
		refuse(&s);
	}
}

static void
counts_and_tails_are_mended(void)
{
	struct scene s;
	struct ffs_inode ip;
	struct ffs_buf *b;
	int v;

	EACH_VERSION(&s, v) {
		T_OK(ffs_iget(s.fs, s.a, &ip, &e));
		ip.blocks += 5;
		T_OK(ffs_iput(s.fs, &ip, &e));
		T_OK(ffs_iget(s.fs, s.big, &ip, &e));
		T_OK(cache_get(s.fs, ip.ib[0], 4096, false, &b, &e));
		put32le(b->data + 100 * (v == 1 ? 4 : 8), 300);
		cache_dirty(s.fs, b);
		cache_put(s.fs, b);
		T_OK(ffs_iget(s.fs, s.deep, &ip, &e));
		ip.size -= 100;
		T_OK(ffs_iput(s.fs, &ip, &e));
		done(&s);
		T_EQ(check(&s.disk), 3);
		told("/a has a block count");
		told("/big is truncated in part");
		told("/dir/sub/deep is a directory of 412 bytes");
		mend(&s);
	}
}

/* UFS2EA: blocks of extended attributes count, and go with their inode. */
static void
extended_attributes_have_blocks(void)
{
	struct scene s;
	struct ffs_inode ip;
	int64_t frag;
	unsigned lost;

	for (lost = 0; lost < 2; lost++) {
		build(&s, 2);
		s.fs->sb.magic = FS_UFS2EA_MAGIC;
		T_OK(ffs_iget(s.fs, s.a, &ip, &e));
		T_OK(alloc_frags(s.fs, &ip, 0, 1, &frag, &e));
		ip.extsize = 300;
		ip.extb[0] = frag;
		ip.blocks += lost == 0;
		ip.nlink = lost == 0;
		T_OK(ffs_iput(s.fs, &ip, &e));
		if (lost)
			redirect(&s, FFS_ROOT, "a", 0);
		s.fs->dirty = true;
		done(&s);
		set_magic(&s.disk, FS_UFS2EA_MAGIC);
		T_EQ(check(&s.disk), lost * 2);
		if (lost)
			mend(&s);
		memdisk_dispose(&s.disk);
	}
}

static void
empty_directories_go(void)
{
	struct scene s;
	struct ffs_inode ip;
	uint32_t ino;
	int v;

	EACH_VERSION(&s, v) {
		T_OK(ffs_iget(s.fs, s.deep, &ip, &e));
		T_OK(free_frags(s.fs, ip.db[0], 1, &e));
		ip.db[0] = 0;
		ip.size = ip.blocks = 0;
		T_OK(ffs_iput(s.fs, &ip, &e));
		T_OK(ffs_iget(s.fs, s.sub, &ip, &e));
		done(&s);
		/* Its parent has one link less: its ".." is gone. */
		T(check(&s.disk) > 0);
		told("/dir/sub/deep is a directory of size zero");
		mend(&s);
		T(finds(&s, "/dir/sub", &ino));
		T(!finds(&s, "/dir/sub/deep", &ino));
	}
}

static void
blocks_of_two_files_name_both(void)
{
	struct scene s;
	struct ffs_inode ip;
	char text[64];
	int v;

	EACH_VERSION(&s, v) {
		T_OK(ffs_iget(s.fs, s.b, &ip, &e));
		ip.db[0] = first_block(&s, s.a);
		T_OK(ffs_iput(s.fs, &ip, &e));
		done(&s);
		T(check(&s.disk) > 0);
		told("/b has fragments");
		(void)snprintf(text, sizeof(text), "as has inode %u (/a)",
		    s.a);
		told(text);
		refuse(&s);
	}
}

static void
blocks_where_none_can_be(void)
{
	static const int64_t where[] = { -5, 1, 30, 0x7ffffff0, 3 };
	struct scene s;
	struct ffs_inode ip;
	size_t i;
	int v;

	for (i = 0; i < sizeof(where) / sizeof(where[0]); i++)
		EACH_VERSION(&s, v) {
			T_OK(ffs_iget(s.fs, s.b, &ip, &e));
			ip.db[0] = where[i];
			T_OK(ffs_iput(s.fs, &ip, &e));
			done(&s);
			T(check(&s.disk) > 0);
			told("/b has a block at address");
			refuse(&s);
		}
}

/* An indirect block that names itself, at every level, thousands of times. */
static void
blocks_that_bite_their_tail(void)
{
	struct scene s;
	struct ffs_inode ip;
	struct ffs_buf *b;
	uint32_t i, n;
	int v;

	EACH_VERSION(&s, v) {
		T_OK(ffs_iget(s.fs, s.big, &ip, &e));
		ip.ib[1] = ip.ib[2] = ip.ib[0];
		ip.size = 1ULL << 33;
		n = v == 1 ? 1024 : 512;
		T_OK(cache_get(s.fs, ip.ib[0], 4096, false, &b, &e));
		for (i = 0; i < n; i++)
			if (v == 1)
				put32le(b->data + i * 4, (uint32_t)ip.ib[0]);
			else
				put64le(b->data + i * 8, (uint64_t)ip.ib[0]);
		cache_dirty(s.fs, b);
		cache_put(s.fs, b);
		T_OK(ffs_iput(s.fs, &ip, &e));
		s.disk.reads = 0;
		done(&s);
		T(check(&s.disk) > 0);
		told("/big has fragments");
		told("twice");
		T(s.disk.reads < 1000);
	}
}

static void
directories_in_a_ring(void)
{
	struct scene s;
	int v;

	EACH_VERSION(&s, v) {
		/* /dir is named only by /dir/sub/deep, its own child. */
		redirect(&s, FFS_ROOT, "dir", 0);
		redirect(&s, s.dir, "sub", s.sub);
		redirect(&s, s.sub, "deep", s.sub);
		done(&s);
		T(check(&s.disk) > 0);
		refuse(&s);
	}
	EACH_VERSION(&s, v) {
		redirect(&s, FFS_ROOT, "dir", 0);
		redirect(&s, s.sub, "deep", s.dir);
		done(&s);
		T(check(&s.disk) > 0);
		told("is in a loop of directories");
		refuse(&s);
	}
}

static void
directories_that_lie(void)
{
	static const struct {
		uint16_t	off;	/* in /dir */
		uint8_t		width;
		uint32_t	val;
		const char	*text;
	} lies[] = {
		{ 0, 4, 9, "/dir has a '.' that names inode 9" },
		{ 8, 1, 'x', "/dir does not begin with '.'" },
		{ 12, 4, 4, "/dir has a '..' that names inode 4" },
		{ 20, 1, 'x', "/dir has no '..' behind '.'" },
		{ 6, 1, 8, "/dir has an entry '.' of type 8" },
		{ 28, 2, 3, "/dir is damaged at byte 24: a length" },
		{ 28, 2, 0, "/dir is damaged at byte 24: a length" },
		{ 31, 1, 200, "a name that can't be" },
		{ 32, 1, '/', "a name that can't be" },
		{ 30, 1, 8, "/dir has an entry 'sub' of type 8" },
		{ 30, 1, 99, "a type that can't be" },
		{ 30, 1, 14, "half a whiteout" },
		{ 24, 4, 200, "names inode 200, which is free" },
		{ 24, 4, 200000, "an inode number that is too high" },
		{ 24, 4, 2, "one more link to directory inode 2 (/)" },
	};
	struct scene s;
	struct ffs_buf *b;
	struct ffs_inode ip;
	uint8_t *p;
	size_t i;
	int v;

	for (i = 0; i < sizeof(lies) / sizeof(lies[0]); i++)
		EACH_VERSION(&s, v) {
			T_OK(ffs_iget(s.fs, s.dir, &ip, &e));
			T_OK(dir_block(s.fs, &ip, 0, &b, &e));
			p = b->data + lies[i].off;
			if (lies[i].width == 1)
				*p = (uint8_t)lies[i].val;
			else if (lies[i].width == 2)
				put16le(p, (uint16_t)lies[i].val);
			else
				put32le(p, lies[i].val);
			cache_dirty(s.fs, b);
			cache_put(s.fs, b);
			done(&s);
			T(check(&s.disk) > 0);
			told(lies[i].text);
			refuse(&s);
		}
}

static void
holes_in_directories(void)
{
	struct scene s;
	struct ffs_inode ip;
	int v;

	EACH_VERSION(&s, v) {
		T_OK(ffs_iget(s.fs, s.dir, &ip, &e));
		ip.size = 0x40000000;
		T_OK(ffs_iput(s.fs, &ip, &e));
		done(&s);
		T(check(&s.disk) > 0);
		told("/dir has holes");
		refuse(&s);
	}
}

static void
copies_of_the_superblock(void)
{
	struct scene s;
	uint64_t at;
	uint32_t cg, ncg;
	int v;

	EACH_VERSION(&s, v) {
		ncg = s.fs->sb.ncg;
		for (cg = 0; cg < ncg; cg++) {
			at = (uint64_t)sb_cgsblock(&s.fs->sb, cg) <<
			    s.fs->sb.fshift;
			s.disk.data[at + SB_O_IPG] ^= 1;
			T_EQ(check(&s.disk), 1);
			told("the superblock's copy in cylinder group");
			if (cg == ncg - 1)
				refuse(&s);
			else
				mend(&s);
		}
		ffs_close(s.fs);
	}
}

int
main(void)
{
	T_RUN(a_lost_file_gets_a_name);
	T_RUN(a_lost_directory_gets_a_name);
	T_RUN(lost_and_found_is_used_again);
	T_RUN(what_was_removed_is_freed);
	T_RUN(link_counts_are_lowered_not_raised);
	T_RUN(counts_and_tails_are_mended);
	T_RUN(extended_attributes_have_blocks);
	T_RUN(empty_directories_go);
	T_RUN(blocks_of_two_files_name_both);
	T_RUN(blocks_where_none_can_be);
	T_RUN(blocks_that_bite_their_tail);
	T_RUN(directories_in_a_ring);
	T_RUN(directories_that_lie);
	T_RUN(holes_in_directories);
	T_RUN(copies_of_the_superblock);
	buf_dispose(&lines);
	return t_done();
}
