/* core/ffs, reading: against images made by NetBSD. */
#include <gcrypt.h>

#include "core/base/buf.h"
#include "core/base/bytes.h"
#include "core/base/fsutil.h"
#include "core/base/vis.h"
#include "core/ffs/ffs_disk.h"
#include "tests/unit/memblk.h"
#include "tests/unit/t.h"

#define DIR "tests/vectors/ffs/"

static struct dd_err e;

static void
superblocks_survive_decode_and_encode(void)
{
	static const char *const images[] = {
		"ffsv1", "ffsv2", "ffsv2-4k4k", "makefs-v1", "tpl2", "log",
		"logdirty", "unclean",
	};
	char path[100];
	struct memdisk d;
	struct blk *b;
	struct ffs_sb s;
	size_t i;

	for (i = 0; i < sizeof(images) / sizeof(images[0]); i++) {
		(void)snprintf(path, sizeof(path), DIR "%s.img.zst",
		    images[i]);
		T_EQ(memdisk_load(&d, path), 0);
		b = memblk_open(&d, false);
		T_OK(sb_find(b, &s, &e));
		sb_encode(&s);
		T_EQ(memcmp(s.raw, d.data + s.at, SB_SIZE), 0);
		T_EQ(s.at, s.version == 1 ? 8192 : 65536);
		blk_close(b);
		memdisk_dispose(&d);
	}
}

static void
superblocks_that_lie_are_refused(void)
{
	/* field at off gets val: what comes of it */
	static const struct {
		uint16_t	off;
		uint32_t	val;
		enum dd_code	want;
	} lies[] = {
		{ 8, 0xffffffff, ERR_CORRUPT },		/* sblkno */
		{ 12, 0, ERR_CORRUPT },			/* cblkno */
		{ 8, 158, ERR_CORRUPT },		/* sblkno, too near */
		{ 16, 0x7ffffff8, ERR_CORRUPT },	/* iblkno */
		{ 20, 0x7ffffff8, ERR_CORRUPT },	/* dblkno */
		{ 44, 0, ERR_CORRUPT },			/* ncg */
		{ 44, 0xffffffff, ERR_CORRUPT },
		{ 48, 0, ERR_CORRUPT },			/* bsize */
		{ 48, 131072, ERR_CORRUPT },
		{ 52, 0, ERR_CORRUPT },			/* fsize */
		{ 52, 3, ERR_CORRUPT },
		{ 56, 16, ERR_CORRUPT },		/* frag */
		{ 80, 33, ERR_CORRUPT },		/* bshift */
		{ 104, 100, ERR_CORRUPT },		/* sbsize */
		{ 116, 1, ERR_CORRUPT },		/* nindir */
		{ 120, 0, ERR_CORRUPT },		/* inopb */
		{ 156, 0, ERR_CORRUPT },		/* cssize */
		{ 160, 0x7fffffff, ERR_CORRUPT },	/* cgsize */
		{ 184, 0, ERR_CORRUPT },		/* ipg */
		{ 184, 0x80000000, ERR_CORRUPT },
		{ 188, 0, ERR_CORRUPT },		/* fpg */
		{ 188, 0xfffffff8, ERR_CORRUPT },
		{ 1084, 0x7fffffff, ERR_CORRUPT },	/* size, high half */
		{ 1096, 0x7fffffff, ERR_CORRUPT },	/* csaddr */
		{ 1096, 160, ERR_CORRUPT },
		{ 1316, 0x40000000, ERR_CORRUPT },	/* contigsumsize */
		{ 1320, 1000, ERR_CORRUPT },		/* maxsymlinklen */
		{ 1372, 0x19015419, ERR_UNSUP },	/* big-endian */
		{ 1372, 0x38200119, ERR_UNSUP },
		{ 1372, 0, ERR_FORMAT },
		{ 1000, 8192, ERR_FORMAT },		/* sblockloc */
	};
	struct memdisk d;
	struct blk *b;
	struct ffs_sb s;
	uint8_t keep[4];
	size_t i;

	T_EQ(memdisk_load(&d, DIR "ffsv2.img.zst"), 0);
	b = memblk_open(&d, false);
	for (i = 0; i < sizeof(lies) / sizeof(lies[0]); i++) {
		uint8_t *p = d.data + 65536 + lies[i].off;

		memcpy(keep, p, 4);
		put32le(p, lies[i].val);
		dd_err_clear(&e);
		if (sb_find(b, &s, &e) == 0 || e.code != lies[i].want)
			T_FAIL("%u <- %#x: %s", lies[i].off, lies[i].val,
			    e.code == ERR_NONE ? "accepted" : e.msg);
		memcpy(p, keep, 4);
	}
	blk_close(b);
	d.size -= 65536;
	b = memblk_open(&d, false);
	T_ERR(sb_find(b, &s, &e), ERR_CORRUPT);
	T(strstr(e.hint, "cut off") != NULL);
	blk_close(b);
	memdisk_dispose(&d);
}

/* One line of a manifest, as in the .tree files. */
static void
manifest_line(struct ffs *fs, const char *path, const struct ffs_stat *st,
    struct buf *out)
{
	static uint8_t part[100000];
	gcry_md_hd_t md;
	const uint8_t *sum;
	uint64_t off;
	size_t got = 0;
	int i;

	(void)buf_printf(out, "%c %04o %3u %5u %5u %10llu %lld.%09d ",
	    "?pc?d?b?-?l?s?w?"[st->type], st->perm, st->nlink, st->uid,
	    st->gid, st->type == FFS_CHR || st->type == FFS_BLK ?
	    (unsigned long long)st->rdev : (unsigned long long)st->size,
	    (long long)st->mtime.sec, st->mtime.nsec);
	(void)vis_manifest(out, path, strlen(path));
	if (st->type == FFS_LNK) {
		T_OK(ffs_readlink(fs, st->ino, (char *)part, sizeof(part),
		    &e));
		(void)buf_str(out, " -> ");
		(void)vis_manifest(out, (char *)part, strlen((char *)part));
	} else if (st->type == FFS_REG) {
		(void)gcry_md_open(&md, GCRY_MD_SHA256, 0);
		for (off = 0; off < st->size; off += got) {
			/* odd lengths: bounce and straight reads both */
			T_OK(ffs_read(fs, st->ino, part, sizeof(part) - 77,
			    off, &got, &e));
			if (got == 0)
				break;
			gcry_md_write(md, part, got);
		}
		sum = gcry_md_read(md, GCRY_MD_SHA256);
		(void)buf_str(out, " sha256=");
		for (i = 0; i < 32; i++)
			(void)buf_printf(out, "%02x", sum[i]);
		gcry_md_close(md);
	}
	(void)buf_str(out, "\n");
}

static void
manifest(struct ffs *fs, uint32_t ino, const char *path, struct buf *out)
{
	struct ffs_stat st;
	struct ffs_dirent d;
	char sub[2000];
	uint64_t at = 0;
	int rc;

	T_OK(ffs_stat(fs, ino, &st, &e));
	manifest_line(fs, *path == '\0' ? "/" : path, &st, out);
	if (st.type != FFS_DIR)
		return;
	dd_err_clear(&e);
	while ((rc = ffs_readdir(fs, ino, &at, &d, &e)) == 1) {
		(void)snprintf(sub, sizeof(sub), "%s/%s", path, d.name);
		manifest(fs, d.ino, sub, out);
	}
	if (rc == -1)
		T_FAIL("%s: %s", path, e.msg);
}

static int
by_path(const void *a, const void *b)
{
	const char *l[2] = { *(char *const *)a, *(char *const *)b };
	int i, n;

	/* path: behind the seventh blank-separated word */
	for (i = 0; i < 2; i++)
		for (n = 0; n < 7; n++) {
			l[i] += strcspn(l[i], " ");
			l[i] += strspn(l[i], " ");
		}
	return strcmp(l[0], l[1]);
}

/* Sort both by path and compare line by line. */
static void
compare_lines(const char *what, char *got, char *want)
{
	static char *lines[2][2000];
	char *text[2] = { got, want }, *l;
	size_t n[2] = { 0, 0 }, i;

	for (i = 0; i < 2; i++) {
		for (l = strtok(text[i], "\n"); l != NULL && n[i] < 2000;
		    l = strtok(NULL, "\n"))
			lines[i][n[i]++] = l;
		qsort(lines[i], n[i], sizeof(lines[i][0]), by_path);
	}
	T_EQ(n[0], n[1]);
	for (i = 0; i < n[0] && i < n[1]; i++)
		if (strcmp(lines[0][i], lines[1][i]) != 0)
			T_FAIL("%s:\n#  %s\n#  not\n#  %s", what, lines[0][i],
			    lines[1][i]);
}

static void
trees_read_as_netbsd_saw_them(void)
{
	static const struct {
		const char *image, *tree;
	} both[] = {
		{ "ffsv1", "ffsv1.tree" }, { "ffsv2", "ffsv2.tree" },
		{ "ffsv2-4k4k", "ffsv2-4k4k.tree" },
		{ "makefs-v1", "makefs-v1.tree" }, { "log", "log.tree" },
	};
	struct buf got = BUF_INIT, want = BUF_INIT;
	char path[100];
	struct memdisk d;
	struct ffs *fs;
	size_t i;

	for (i = 0; i < sizeof(both) / sizeof(both[0]); i++) {
		(void)snprintf(path, sizeof(path), DIR "%s.img.zst",
		    both[i].image);
		T_EQ(memdisk_load(&d, path), 0);
		T_OK(ffs_open(memblk_open(&d, false), 0, &fs, &e));
		buf_reset(&got);
		buf_reset(&want);
		manifest(fs, FFS_ROOT, "", &got);
		(void)snprintf(path, sizeof(path), DIR "%s", both[i].tree);
		T_OK(fs_read_file(path, 1 << 20, &want, &e));
		compare_lines(both[i].image, got.p, want.p);
		ffs_close(fs);
		memdisk_dispose(&d);
	}
	buf_dispose(&got);
	buf_dispose(&want);
}

static void
sparse_files_reach_triple_indirect_blocks(void)
{
	static const struct {
		uint64_t	off;
		const char	*text;
	} parts[] = {
		{ 0, "start" }, { 3000000, "dbl" }, { 1500000000, "near" },
		{ 5000000000, "triple" },
	};
	struct memdisk d;
	struct ffs *fs;
	struct ffs_stat st;
	char buf[16];
	uint32_t ino = 0;
	uint64_t start, end, off = 0;
	size_t got, i;

	T_EQ(memdisk_load(&d, DIR "tpl2.img.zst"), 0);
	T_OK(ffs_open(memblk_open(&d, false), 0, &fs, &e));
	T_OK(ffs_lookup(fs, FFS_ROOT, "big", &ino, &e));
	T_OK(ffs_stat(fs, ino, &st, &e));
	T_EQ(st.size, 5000000006);
	for (i = 0; i < 4; i++) {
		T_OK(ffs_next_data(fs, ino, off, &start, &end, &e));
		T(start <= parts[i].off && parts[i].off < end);
		T_OK(ffs_read(fs, ino, buf, sizeof(buf), parts[i].off, &got,
		    &e));
		T_EQ(got, i == 3 ? 6 : 16);
		T_EQ(memcmp(buf, parts[i].text, strlen(parts[i].text)), 0);
		off = end;
	}
	T_EQ(end, st.size);
	T_OK(ffs_next_data(fs, ino, end, &start, &end, &e));
	T_EQ(start, st.size);
	T_ERR(ffs_lookup(fs, FFS_ROOT, "none", &ino, &e), ERR_NOENT);
	ffs_close(fs);
	memdisk_dispose(&d);
}

/* Byte place of inode ino, and of its first block. */
static uint64_t
place(struct memdisk *d, uint32_t ino, uint64_t *content)
{
	struct ffs_inode in;
	struct ffs_sb s;
	struct blk *b = memblk_open(d, false);
	uint64_t at;

	T_OK(sb_find(b, &s, &e));
	blk_close(b);
	at = ((uint64_t)sb_ino_frag(&s, ino) << s.fshift) +
	    (uint64_t)(ino % s.inopb) * sb_dinode_size(&s);
	inode_decode(&s, ino, d->data + at, &in);
	*content = (uint64_t)in.db[0] << s.fshift;
	return at;
}

static void
damaged_directories_are_named_and_left(void)
{
	/* byte of the root's first chunk gets val; entry 0 is ".", 12 "..",
	 * 24 the first file */
	static const struct {
		unsigned	at;
		uint8_t		val;
	} spots[] = {
		{ 4, 0 }, { 4, 2 }, { 4, 8 }, { 28, 4 }, { 28, 0xfe },
		{ 29, 2 }, { 29, 0xff }, { 31, 0 }, { 31, 255 }, { 32, '/' },
		{ 33, 0 },
	};
	struct memdisk d;
	struct ffs *fs;
	struct ffs_dirent ent;
	uint64_t root, at;
	uint32_t ino;
	uint8_t keep;
	size_t i, n;
	int rc;

	T_EQ(memdisk_load(&d, DIR "ffsv2.img.zst"), 0);
	(void)place(&d, FFS_ROOT, &root);
	for (i = 0; i < sizeof(spots) / sizeof(spots[0]); i++) {
		keep = d.data[root + spots[i].at];
		d.data[root + spots[i].at] = spots[i].val;
		T_OK(ffs_open(memblk_open(&d, false), 0, &fs, &e));
		at = 0;
		dd_err_clear(&e);
		for (n = 0; (rc = ffs_readdir(fs, FFS_ROOT, &at, &ent, &e))
		    == 1 && n < 10000; n++)
			;
		if (rc != -1 || e.code != ERR_CORRUPT ||
		    strstr(e.msg, "inode 2") == NULL)
			T_FAIL("byte %u <- %u: %d %s", spots[i].at,
			    spots[i].val, rc, e.msg);
		T_ERR(ffs_lookup(fs, FFS_ROOT, "no such name", &ino, &e),
		    ERR_CORRUPT);
		ffs_close(fs);
		d.data[root + spots[i].at] = keep;
	}
	memdisk_dispose(&d);
}

static void
block_maps_in_circles_come_to_an_end(void)
{
	struct memdisk d;
	struct ffs *fs;
	uint64_t start, end, off = 0, fp[2], content, at, indirect;
	static uint8_t buf[1 << 20];
	uint32_t ino = 0;
	size_t got, n;
	int rc = 0;

	T_EQ(memdisk_load(&d, DIR "ffsv2-4k4k.img.zst"), 0);
	T_OK(ffs_open(memblk_open(&d, false), 0, &fs, &e));
	T_OK(ffs_lookup(fs, FFS_ROOT, "s150000", &ino, &e));
	ffs_close(fs);
	/* the indirect block is the double and the triple one, too, and all
	 * that it leads to is itself */
	at = place(&d, ino, &content);
	indirect = get64le(d.data + at + 208);
	put64le(d.data + at + 216, indirect);
	put64le(d.data + at + 224, indirect);
	for (n = 0; n < 512; n++)
		put64le(d.data + indirect * 4096 + n * 8, indirect);
	put64le(d.data + at + 16, 1ULL << 38);		/* size */
	T_OK(ffs_open(memblk_open(&d, false), 0, &fs, &e));
	T_ERR(ffs_fingerprint(fs, ino, fp, &e), ERR_CORRUPT);
	T_ERR(ffs_next_data(fs, ino, 0, &start, &end, &e), ERR_CORRUPT);
	dd_err_clear(&e);
	for (n = 0; n < 100 && rc == 0; n++, off += sizeof(buf))
		rc = ffs_read(fs, ino, buf, sizeof(buf), off, &got, &e);
	T_EQ(rc, -1);
	T_EQ(e.code, ERR_CORRUPT);
	put64le(d.data + at + 16, 1ULL << 62);
	ffs_close(fs);
	T_OK(ffs_open(memblk_open(&d, false), 0, &fs, &e));
	T_ERR(ffs_read(fs, ino, buf, 1, 0, &got, &e), ERR_CORRUPT);
	ffs_close(fs);
	/* and can't be freed twice */
	put64le(d.data + at + 16, 1ULL << 38);
	T_OK(ffs_open(memblk_open(&d, true), FFS_WRITE, &fs, &e));
	T_ERR(ffs_unlink(fs, FFS_ROOT, "s150000", &e), ERR_CORRUPT);
	T_ERR(ffs_commit(fs, &e), ERR_CORRUPT);
	ffs_close(fs);
	memdisk_dispose(&d);
}

static void
images_not_to_be_written_are_refused(void)
{
	struct memdisk d;
	struct blk *b;
	struct ffs *fs;

	T_EQ(memdisk_load(&d, DIR "unclean.img.zst"), 0);
	b = memblk_open(&d, true);
	T_ERR(ffs_open(b, FFS_WRITE, &fs, &e), ERR_UNCLEAN);
	T(strstr(e.hint, "shut the domU down") != NULL);
	T_OK(ffs_open(b, 0, &fs, &e));
	ffs_close(fs);
	memdisk_dispose(&d);
	T_EQ(memdisk_load(&d, DIR "ffsv2.img.zst"), 0);
	b = memblk_open(&d, true);
	put32le(d.data + 65536 + 1312, FS_FLAG_DOQUOTA2);
	memcpy(((struct memblk *)b)->now, d.data, d.size);
	T_ERR(ffs_open(b, FFS_WRITE, &fs, &e), ERR_UNSUP);
	put32le(d.data + 65536 + 1312, 0x400);
	memcpy(((struct memblk *)b)->now, d.data, d.size);
	T_ERR(ffs_open(b, FFS_WRITE, &fs, &e), ERR_UNSUP);
	blk_close(b);
	memdisk_dispose(&d);
}

int
main(void)
{
	T_RUN(superblocks_survive_decode_and_encode);
	T_RUN(superblocks_that_lie_are_refused);
	T_RUN(trees_read_as_netbsd_saw_them);
	T_RUN(sparse_files_reach_triple_indirect_blocks);
	T_RUN(damaged_directories_are_named_and_left);
	T_RUN(block_maps_in_circles_come_to_an_end);
	T_RUN(images_not_to_be_written_are_refused);
	return t_done();
}
