/* core/ffs, check: finds what fsck_ffs finds, and nothing else. */
#include "core/base/buf.h"
#include "core/ffs/ffs_impl.h"
#include "tests/unit/memblk.h"
#include "tests/unit/t.h"

#define DIR	"tests/vectors/ffs/"

static struct dd_err e;

/* Findings of the last check, as lines. */
static struct buf lines = BUF_INIT;

static void
take(void *arg, const struct ffs_finding *f)
{
	(void)arg;
	(void)buf_printf(&lines, "%d %u %s: %s\n", f->severity, f->ino,
	    f->path == NULL ? "-" : f->path, f->text);
}

/* How many faults are on this disk?  -1: it could not be opened. */
static int
faults(struct memdisk *d)
{
	struct blk *b = memblk_open(d, false);
	struct ffs *fs;
	unsigned n = 0;

	buf_reset(&lines);
	dd_err_clear(&e);
	if (ffs_open(b, FFS_ANY, &fs, &e) == -1) {
		blk_close(b);
		return -1;
	}
	T_OK(ffs_check(fs, take, NULL, NULL, &n, &e));
	ffs_close(fs);
	return (int)n;
}

static bool
told(const char *text)
{
	return lines.p != NULL && strstr(lines.p, text) != NULL;
}

static void
images_of_netbsd_are_clean(void)
{
	static const char *const images[] = {
		"ffsv1", "ffsv2", "ffsv2-4k4k", "makefs-v1", "tpl2", "log",
	};
	struct memdisk d;
	char path[100];
	size_t i;

	for (i = 0; i < sizeof(images) / sizeof(images[0]); i++) {
		(void)snprintf(path, sizeof(path), DIR "%s.img.zst",
		    images[i]);
		T_EQ(memdisk_load(&d, path), 0);
		T_EQ(faults(&d), 0);
		T(lines.len == 0);
		memdisk_dispose(&d);
	}
}

static void
an_inconsistent_image_is_not(void)
{
	struct memdisk d;

	T_EQ(memdisk_load(&d, DIR "unclean.img.zst"), 0);
	T(faults(&d) > 0);
	T(told("not marked clean"));
	memdisk_dispose(&d);
}

/*
 * Single fields changed, and whether NetBSD's fsck_ffs -n -f called the image
 * clean then.  Places are relative to `where`.
 */
enum where { SB, CSAREA, CG, INODE, ROOTDIR, IUSED, FREE_END, CLUSTER, CSUM1,
	FREE_INODE };
enum change { ADD, FLIP, ZERO };

static const struct {
	const char	*name;
	enum where	 where;
	int16_t		 v1, v2;	/* offset; -1: not there */
	enum change	 change;
	uint8_t		 by;
	bool		 clean1, clean2;
} mutations[] = {
	{ "fs_cstotal.cs_ndir", SB, 1008, 1008, ADD, 1, false, false },
	{ "fs_cstotal.cs_nbfree", SB, 1016, 1016, ADD, 1, false, false },
	{ "fs_cstotal.cs_nifree", SB, 1024, 1024, ADD, 1, false, false },
	{ "fs_cstotal.cs_nffree", SB, 1032, 1032, ADD, 1, false, false },
	{ "fs_old_cstotal.cs_nbfree", SB, 196, 196, ADD, 1, true, true },
	{ "fs_time", SB, 1072, 1072, ADD, 1, true, true },
	{ "fs_old_time", SB, 32, 32, ADD, 1, true, true },
	{ "fs_fmod", SB, 208, 208, ADD, 1, true, true },
	{ "fs_ronly", SB, 210, 210, ADD, 1, true, true },
	{ "fs_cgrotor", SB, 724, 724, ADD, 1, true, true },
	{ "fs_fsmnt", SB, 212, 212, ADD, 1, true, true },
	{ "fs_pendingblocks", SB, 1104, 1104, ADD, 1, true, true },
	{ "fs_pendinginodes", SB, 1112, 1112, ADD, 1, true, true },
	{ "fs_id", SB, 144, 144, ADD, 1, true, true },
	{ "fs_minfree", SB, 60, 60, ADD, 1, true, true },
	{ "fs_optim", SB, 128, 128, FLIP, 1, true, true },
	{ "fs_dsize", SB, 1088, 1088, ADD, 1, true, true },
	{ "fs_old_dsize", SB, 40, 40, ADD, 1, true, true },
	{ "fs_old_size", SB, 36, 36, ADD, 1, true, true },
	{ "fs_old_csaddr", SB, 152, 152, ADD, 1, true, true },
	{ "fs_avgfilesize", SB, 1196, 1196, ADD, 1, true, true },
	{ "fs_maxfilesize", SB, 1328, 1328, ADD, 1, false, false },
	{ "fs_swuid", SB, 712, 712, ADD, 1, true, true },
	{ "fs_clean=0", SB, 209, 209, ZERO, 0, true, true },
	{ "fs_journal_flags", SB, 870, 870, ADD, 1, false, false },
	{ "fs_journal_flags: create", SB, 868, 868, ADD, 1, false, false },
	{ "fs_journal_flags: clear", SB, 868, 868, ADD, 2, true, true },
	{ "csarea[0].cs_ndir", CSAREA, 0, 0, ADD, 1, false, false },
	{ "csarea[0].cs_nbfree", CSAREA, 4, 4, ADD, 1, false, false },
	{ "csarea[0].cs_nifree", CSAREA, 8, 8, ADD, 1, false, false },
	{ "csarea[0].cs_nffree", CSAREA, 12, 12, ADD, 1, false, false },
	{ "cg_cs.cs_ndir", CG, 24, 24, ADD, 1, false, false },
	{ "cg_cs.cs_nbfree", CG, 28, 28, ADD, 1, false, false },
	{ "cg_cs.cs_nifree", CG, 32, 32, ADD, 1, false, false },
	{ "cg_cs.cs_nffree", CG, 36, 36, ADD, 1, false, false },
	{ "cg_frsum[1]", CG, 56, 56, ADD, 1, false, false },
	{ "cg_time", CG, 136, 136, ADD, 1, true, true },
	{ "cg_old_time", CG, 8, 8, ADD, 1, true, true },
	{ "cg_rotor", CG, 40, 40, FLIP, 8, true, true },
	{ "cg_frotor", CG, 44, 44, FLIP, 8, true, true },
	{ "cg_irotor", CG, 48, 48, FLIP, 8, true, true },
	{ "cg_initediblk", CG, 120, 120, ADD, 1, false, true },
	{ "cg_ndblk", CG, 20, 20, ADD, 1, false, false },
	{ "cg_niblk", CG, 116, 116, ADD, 1, false, false },
	{ "cg_old_niblk", CG, 18, 18, ADD, 1, false, false },
	{ "cg_old_ncyl", CG, 16, 16, ADD, 1, false, false },
	{ "cg_nclusterblks", CG, 112, 112, ADD, 1, false, false },
	{ "cg_cgx", CG, 12, 12, ADD, 1, false, false },
	{ "cg_magic", CG, 4, 4, ADD, 1, false, false },
	{ "cg_firstfield", CG, 0, 0, ADD, 1, false, false },
	{ "inode map, free to used", IUSED, 0, 0, FLIP, 0x80, false, false },
	{ "fragment map, last byte", FREE_END, 0, 0, FLIP, 1, false, false },
	{ "cluster map", CLUSTER, 0, 0, FLIP, 1, false, false },
	{ "clustersum[1]", CSUM1, 0, 0, ADD, 1, false, false },
	{ "di_nlink", INODE, 2, 2, ADD, 1, false, false },
	{ "di_blocks", INODE, 104, 24, ADD, 1, false, false },
	{ "di_size + 1", INODE, 8, 16, ADD, 1, true, true },
	{ "di_gen", INODE, 108, 80, ADD, 1, true, true },
	{ "di_uid", INODE, 112, 4, ADD, 1, true, true },
	{ "di_mode, permissions", INODE, 0, 0, FLIP, 1, true, true },
	{ "di_oldids", INODE, 4, -1, ADD, 1, true, true },
	{ "type of '.'", ROOTDIR, 6, 6, ZERO, 0, false, false },
	{ "inode of '..'", ROOTDIR, 12, 12, ADD, 1, false, false },
	{ "namlen of '.'", ROOTDIR, 7, 7, ADD, 1, false, false },
	{ "di_mode of a free inode", FREE_INODE, 0, 0, ADD, 1, true, true },
	{ "di_gen of a free inode", FREE_INODE, 108, 80, ADD, 1, true, true },
};

static uint64_t
place(const struct memdisk *d, const struct ffs_sb *s, enum where where)
{
	uint64_t cg = (uint64_t)sb_cgtod(s, 0) << s->fshift;
	uint64_t ino = (uint64_t)sb_ino_frag(s, 2) << s->fshift;
	uint32_t size = sb_dinode_size(s);
	struct cg_layout l;
	uint64_t i;

	T(cg_layout(s, &l));
	switch (where) {
	case SB:
		return s->at;
	case CSAREA:
		return (uint64_t)s->csaddr << s->fshift;
	case CG:
		return cg;
	case INODE:
		return ino + 3 * size;
	case ROOTDIR:
		ino += 2 * size + (s->version == 1 ? 40 : 112);
		return (uint64_t)get32le(d->data + ino) << s->fshift;
	case IUSED:
		return cg + l.iusedoff + s->ipg / 8 - 1;
	case FREE_END:
		return cg + l.freeoff + (s->fpg - 1) / 8;
	case CLUSTER:
		/* The last block that is free. */
		for (i = l.nclusters - 1; !bit_test(d->data + cg +
		    l.clusteroff, i); i--)
			;
		return cg + l.clusteroff + i / 8;
	case CSUM1:
		return cg + l.clustersumoff + 4;
	case FREE_INODE:
		return ((uint64_t)sb_ino_frag(s, 200) << s->fshift) +
		    200 % s->inopb * size;
	}
	return 0;
}

static void
verdicts_are_those_of_fsck(void)
{
	static const char *const images[] = { "ffsv1", "ffsv2" };
	struct memdisk d;
	struct ffs_sb s;
	struct blk *b;
	char path[100];
	uint8_t *p, old;
	size_t i, k;
	int off, n, v;

	for (v = 0; v < 2; v++) {
		(void)snprintf(path, sizeof(path), DIR "%s.img.zst",
		    images[v]);
		T_EQ(memdisk_load(&d, path), 0);
		b = memblk_open(&d, false);
		T_OK(sb_find(b, &s, &e));
		blk_close(b);
		for (i = 0; i < sizeof(mutations) / sizeof(mutations[0]);
		    i++) {
			off = v == 0 ? mutations[i].v1 : mutations[i].v2;
			if (off < 0)
				continue;
			p = d.data + place(&d, &s, mutations[i].where) + off;
			old = *p;
			k = mutations[i].by;
			*p = mutations[i].change == ADD ? (uint8_t)(old + k) :
			    mutations[i].change == FLIP ? (uint8_t)(old ^ k) :
			    0;
			n = faults(&d);
			if ((n == 0) != (v == 0 ? mutations[i].clean1 :
			    mutations[i].clean2))
				T_FAIL("%s: %s: %d faults", images[v],
				    mutations[i].name, n);
			*p = old;
		}
		T_EQ(faults(&d), 0);
		memdisk_dispose(&d);
	}
}

int
main(void)
{
	T_RUN(images_of_netbsd_are_clean);
	T_RUN(an_inconsistent_image_is_not);
	T_RUN(verdicts_are_those_of_fsck);
	buf_dispose(&lines);
	return t_done();
}
