/*
 * Pass 5: the cylinder groups.  From what the other passes learned, each
 * group's block is made anew as it should be, and held against the one there.
 */
#include <stdlib.h>
#include <string.h>

#include "core/ffs/check_impl.h"

#define CG_O_SPARE	124		/* cg_sparecon32 */

/* The fields of a header, by offset, for messages. */
static const struct {
	uint16_t	end;
	const char	*name;
} header_fields[] = {
	{ CG_O_MAGIC, "cg_firstfield" },
	{ CG_O_OLD_TIME, "cg_magic" },
	{ CG_O_CGX, "cg_old_time" },
	{ CG_O_OLD_NCYL, "cg_cgx" },
	{ CG_O_OLD_NIBLK, "cg_old_ncyl" },
	{ CG_O_NDBLK, "cg_old_niblk" },
	{ CG_O_CS, "cg_ndblk" },
	{ CG_O_CS + 4, "its number of directories" },
	{ CG_O_CS + 8, "its number of free blocks" },
	{ CG_O_CS + 12, "its number of free inodes" },
	{ CG_O_ROTOR, "its number of free fragments" },
	{ CG_O_FROTOR, "cg_rotor" },
	{ CG_O_IROTOR, "cg_frotor" },
	{ CG_O_FRSUM, "cg_irotor" },
	{ CG_O_OLD_BTOTOFF, "cg_frsum" },
	{ CG_O_IUSEDOFF, "cg_old_btotoff" },
	{ CG_O_FREEOFF, "cg_iusedoff" },
	{ CG_O_NEXTFREEOFF, "cg_freeoff" },
	{ CG_O_CLUSTERSUMOFF, "cg_nextfreeoff" },
	{ CG_O_CLUSTEROFF, "cg_clustersumoff" },
	{ CG_O_NCLUSTERBLKS, "cg_clusteroff" },
	{ CG_O_NIBLK, "cg_nclusterblks" },
	{ CG_O_INITEDIBLK, "cg_niblk" },
	{ CG_O_SPARE, "cg_initediblk" },
	{ CG_SIZE, "a spare field" },
};

/* Fields that nobody can derive, kept where they make sense. */
static void
keep_fields(const struct ffs_sb *s, uint32_t cg, const uint8_t *is,
    uint8_t *want)
{
	static const uint16_t rotors[] = {
		CG_O_ROTOR, CG_O_FROTOR, CG_O_IROTOR
	};
	uint32_t limit, v;
	size_t i;

	memcpy(want + CG_O_OLD_TIME, is + CG_O_OLD_TIME, 4);
	if (!sb_is_old(s))
		memcpy(want + CG_O_TIME, is + CG_O_TIME, 8);
	for (i = 0; i < sizeof(rotors) / sizeof(rotors[0]); i++) {
		limit = rotors[i] == CG_O_IROTOR ? s->ipg : sb_cg_frags(s, cg);
		v = get32le(is + rotors[i]);
		put32le(want + rotors[i], v < limit ? v : 0);
	}
	if (s->version == 2) {
		v = get32le(is + CG_O_INITEDIBLK);
		put32le(want + CG_O_INITEDIBLK, v < s->ipg ? v : s->ipg);
	}
}

/* The file system's own fragments in a group, in its free map. */
static void
clear_own(const struct ffs_sb *s, uint32_t cg, uint8_t *map)
{
	int64_t base = sb_cgbase(s, cg), i, end;
	int64_t cs_end = s->csaddr + (s->cssize + s->fsize - 1) / s->fsize;

	i = cg == 0 ? base : sb_cgsblock(s, cg);
	for (; i < sb_cgdmin(s, cg); i++)
		bit_clear(map, (uint64_t)(i - base));
	i = s->csaddr > base ? s->csaddr : base;
	end = base + sb_cg_frags(s, cg);
	for (; i < cs_end && i < end; i++)
		bit_clear(map, (uint64_t)(i - base));
}

/* The block as it should be. */
static void
make_group(struct check *c, uint32_t cg, const uint8_t *is, uint8_t *want)
{
	const struct ffs_sb *s = &c->fs->sb;
	const struct ck_group *g = &c->groups[cg];
	uint32_t n = sb_cg_frags(s, cg), i;
	int32_t ndir = 0;
	struct cg_layout l;
	uint8_t *map;

	(void)cg_layout(s, &l);
	memset(want, 0, s->bsize);
	keep_fields(s, cg, is, want);
	for (i = 0; i < g->ninos; i++) {
		if (g->inos[i].state == CK_FREE)
			continue;
		bit_set(want + l.iusedoff, i);
		ndir += g->inos[i].state == CK_DIR;
	}
	for (i = 0; cg == 0 && i < FFS_ROOT; i++)
		bit_set(want + l.iusedoff, i);
	map = want + l.freeoff;
	memset(map, 0xff, n / 8);
	for (i = n - n % 8; i < n; i++)
		bit_set(map, i);
	for (i = 0; g->used != NULL && i < (n + 7) / 8; i++)
		map[i] = (uint8_t)(map[i] & ~g->used[i]);
	clear_own(s, cg, map);
	cg_recompute(s, cg, want, ndir);
	/* What stands behind the maps is nobody's. */
	memcpy(want + l.nextfreeoff, is + l.nextfreeoff,
	    s->bsize - l.nextfreeoff);
}

static int
check_header(struct check *c, uint32_t cg, const uint8_t *is,
    const uint8_t *want)
{
	unsigned i;
	size_t k = 0;

	if (get32le(is + CG_O_MAGIC) != CG_MAGIC && ck_finding(c, CK_WORSE,
	    0, 0, "cylinder group %u has no magic number", cg) == -1)
		return -1;
	for (i = 0; i < CG_SIZE; i++) {
		if (is[i] == want[i] || (i >= CG_O_MAGIC &&
		    i < CG_O_OLD_TIME))
			continue;
		while (i >= header_fields[k].end)
			k++;
		if (ck_finding(c, CK_MENDABLE, 0, 0, "cylinder group %u: %s "
		    "is wrong", cg, header_fields[k].name) == -1)
			return -1;
		i = header_fields[k].end - 1U;
	}
	return 0;
}

/* One map of n bits: how many stand wrong each way? */
static int
check_map(struct check *c, uint32_t cg, const uint8_t *is,
    const uint8_t *want, uint32_t n, const char *set, const char *clear)
{
	uint32_t lacking = 0, extra = 0, first = n, i;

	for (i = 0; i < n; i++) {
		if (i % 8 == 0 && n - i >= 8 && is[i / 8] == want[i / 8]) {
			i += 7;
			continue;
		}
		if (bit_test(is, i) == bit_test(want, i))
			continue;
		if (first == n)
			first = i;
		if (bit_test(want, i))
			lacking++;
		else
			extra++;
	}
	if (first == n)
		return 0;
	return ck_finding(c, CK_MENDABLE, 0, 0, "cylinder group %u: its map "
	    "has %u %s and %u %s (the first is number %u of the group)", cg,
	    extra, set, lacking, clear, first);
}

static int
check_maps(struct check *c, uint32_t cg, const uint8_t *is,
    const uint8_t *want)
{
	const struct ffs_sb *s = &c->fs->sb;
	unsigned before = ck_count(c, CK_MENDABLE);
	struct cg_layout l;
	uint32_t end;

	(void)cg_layout(s, &l);
	if (sb_is_old(s) && memcmp(is + l.btotoff, want + l.btotoff,
	    l.iusedoff - l.btotoff) != 0 && ck_finding(c, CK_MENDABLE, 0, 0,
	    "cylinder group %u: its rotational tables are wrong", cg) == -1)
		return -1;
	if (check_map(c, cg, is + l.iusedoff, want + l.iusedoff, s->ipg,
	    "free inodes marked used", "used inodes marked free") == -1 ||
	    check_map(c, cg, is + l.freeoff, want + l.freeoff, s->fpg,
	    "used fragments marked free", "free fragments marked used") == -1)
		return -1;
	if (l.clusteroff != 0) {
		end = l.clustersumoff + 4;
		if (memcmp(is + end, want + end, l.clusteroff - end) != 0 &&
		    ck_finding(c, CK_MENDABLE, 0, 0, "cylinder group %u: its "
		    "cluster sums are wrong", cg) == -1)
			return -1;
		if (check_map(c, cg, is + l.clusteroff, want + l.clusteroff,
		    l.nclusters, "used blocks marked as free clusters",
		    "free blocks not marked so") == -1)
			return -1;
	}
	/* Bits that belong to nothing. */
	if (before == ck_count(c, CK_MENDABLE) && memcmp(is + l.iusedoff,
	    want + l.iusedoff, l.nextfreeoff - l.iusedoff) != 0)
		return ck_finding(c, CK_MENDABLE, 0, 0, "cylinder group %u: "
		    "its maps have bits behind their end", cg);
	return 0;
}

static int
check_group(struct check *c, uint32_t cg, uint8_t *is, uint8_t *want)
{
	struct ffs *fs = c->fs;
	const struct ffs_sb *s = &fs->sb;
	struct ffs_csum cs;

	if (ffs_frag_read(fs, is, s->bsize, sb_cgtod(s, cg), c->e) == -1)
		return -1;
	make_group(c, cg, is, want);
	if (check_header(c, cg, is, want) == -1 ||
	    check_maps(c, cg, is, want) == -1)
		return -1;
	if (c->fix && memcmp(is, want, s->cgsize) != 0 &&
	    ffs_frag_write(fs, want, s->cgsize, sb_cgtod(s, cg), c->e) == -1)
		return -1;
	cs = (struct ffs_csum){ (int32_t)get32le(want + CG_O_CS),
	    (int32_t)get32le(want + CG_O_CS + 4),
	    (int32_t)get32le(want + CG_O_CS + 8),
	    (int32_t)get32le(want + CG_O_CS + 12) };
	if (memcmp(&cs, &fs->cs[cg], sizeof(cs)) != 0) {
		if (ck_finding(c, CK_MENDABLE, 0, 0, "the summary area is "
		    "wrong about cylinder group %u", cg) == -1)
			return -1;
		if (c->fix)
			fs->cs[cg] = cs;
	}
	c->total_ndir += cs.ndir;
	c->total_nbfree += cs.nbfree;
	c->total_nifree += cs.nifree;
	c->total_nffree += cs.nffree;
	return 0;
}

static int
check_total(struct check *c, int64_t *is, int64_t want, const char *what)
{
	int64_t was = *is;

	if (was == want)
		return 0;
	if (c->fix)
		*is = want;
	return ck_finding(c, CK_MENDABLE, 0, 0, "the superblock counts %lld "
	    "%s, there are %lld", (long long)was, what, (long long)want);
}

int
ck_maps(struct check *c)
{
	struct ffs_sb *s = &c->fs->sb;
	uint8_t *want;
	uint32_t cg;
	int rc = 0;

	if ((want = malloc(s->bsize)) == NULL)
		return dd_fail_nomem(c->e);
	for (cg = 0; cg < s->ncg && rc == 0; cg++) {
		rc = progress_tick(c->progress, "cylinder groups", cg, s->ncg,
		    c->e);
		if (rc == 0)
			rc = ck_alternate(c, cg);
		if (rc == 0)
			rc = check_group(c, cg, c->block, want);
	}
	free(want);
	if (rc == -1)
		return -1;
	if (check_total(c, &s->cs_ndir, c->total_ndir, "directories") == -1 ||
	    check_total(c, &s->cs_nbfree, c->total_nbfree, "free blocks")
	    == -1 ||
	    check_total(c, &s->cs_nifree, c->total_nifree, "free inodes")
	    == -1 ||
	    check_total(c, &s->cs_nffree, c->total_nffree, "free fragments")
	    == -1)
		return -1;
	return 0;
}
