/*
 * Pass 1: every inode that may be in use: its type, size, block pointers and
 * block count.  Afterwards it is known which inodes there are, which
 * fragments they have, and which fragments more than one has.
 */
#include <stdlib.h>
#include <string.h>

#include "core/ffs/check_impl.h"

#define IFMT		0170000
#define DIR_SIZE_MAX	0x7fffffffU

static bool
is_zero(const uint8_t *p, size_t len)
{
	return p[0] == 0 && memcmp(p, p + 1, len - 1) == 0;
}

static bool
type_known(enum ffs_type type)
{
	switch (type) {
	case FFS_FIFO:
	case FFS_CHR:
	case FFS_DIR:
	case FFS_BLK:
	case FFS_REG:
	case FFS_LNK:
	case FFS_SOCK:
		return true;
	default:
		return false;
	}
}

/* Logical blocks whose pointers may be set; inline content counts as far as
 * it reaches into the pointers. */
static uint64_t
pointers_used(const struct ffs_sb *s, const struct ffs_inode *ip)
{
	uint64_t n = (ip->size + s->bsize - 1) >> s->bshift;
	uint64_t over, width = s->version == 1 ? 4 : 8;

	if (inode_type(ip) == FFS_CHR || inode_type(ip) == FFS_BLK)
		return n + 1;
	if (!dinode_is_inline(s, ip))
		return n;
	n = (ip->size + width - 1) / width;
	if (n <= FFS_NDADDR)
		return n;
	over = n - FFS_NDADDR;
	for (n = 1; over > 1; over--)
		n *= s->nindir;
	return n + FFS_NDADDR;
}

/* What is wrong with an inode as such, or NULL. */
static const char *
judge(const struct ffs_sb *s, const struct ffs_inode *ip)
{
	uint64_t most = s->version == 1 ? (uint64_t)0x80000000U * s->bsize - 1
	    : s->maxfilesize;
	enum ffs_type type = inode_type(ip);
	uint64_t n;
	unsigned i;

	if (ip->size > most || (type == FFS_DIR && ip->size > DIR_SIZE_MAX))
		return "its size can't be";
	if (!type_known(type))
		return "it is of no known type";
	n = pointers_used(s, ip);
	for (i = 0; i < FFS_NDADDR; i++)
		if (i >= n && ip->db[i] != 0)
			return "it has block pointers behind its size";
	n = n > FFS_NDADDR ? n - FFS_NDADDR : 0;
	for (i = 0; i < FFS_NIADDR; i++) {
		if (n == 0 && ip->ib[i] != 0)
			return "it has indirect blocks behind its size";
		n /= s->nindir;
	}
	return NULL;
}

/* One block or tail of fragments is claimed. */
static enum ck_step
claim(struct ck_walk *w, int64_t frag, uint32_t n)
{
	bool before, dup = false;
	uint32_t i;

	w->frags += n;
	if (!ck_frags_ok(&w->c->fs->sb, frag, n)) {
		if (w->bad++ < CK_BAD_MAX && ck_finding(w->c, CK_WORSE,
		    w->ip->ino, 0, "has a block at address %lld, where no "
		    "data can be", (long long)frag) == -1)
			return CK_STOP;
		return w->bad > CK_BAD_MAX ? CK_STOP : CK_SKIP;
	}
	for (i = 0; i < n; i++) {
		if (ck_mark(w->c, frag + i, &before) == -1)
			return CK_STOP;
		dup |= before;
	}
	if (!dup)
		return CK_GO_ON;
	return ck_add_dup(w, frag, n) == -1 ? CK_STOP : CK_SKIP;
}

static int
check_blocks(struct check *c, struct ffs_inode *ip, struct ck_ino *info)
{
	struct ck_walk w = {
		.c = c, .ip = ip, .step = claim, .clear_tail = true,
	};
	uint64_t units;

	if (ck_walk(&w) == -1)
		return -1;
	if (c->e->code != ERR_NONE)
		return -1;
	if (w.tail && ck_finding(c, CK_MENDABLE, ip->ino, 0,
	    "is truncated in part: its indirect blocks name blocks behind its "
	    "end") == -1)
		return -1;
	if (w.bad > CK_BAD_MAX && ck_finding(c, CK_WORSE, ip->ino, 0,
	    "has more bad blocks; the rest was not looked at") == -1)
		return -1;
	info->bad = w.bad > 0 || w.dups > 0;
	if (info->state == CK_DIR)
		ck_dir(c, ip->ino)->bad = info->bad;
	units = w.frags * (c->fs->sb.fsize / 512);
	if (info->bad || units == ip->blocks)
		return 0;
	if (c->fix) {
		struct ffs_inode mended = *ip;

		mended.blocks = units;
		if (ffs_iput(c->fs, &mended, c->e) == -1)
			return -1;
	}
	return ck_finding(c, CK_MENDABLE, ip->ino, 0, "has a block count of "
	    "%llu, should be %llu", (unsigned long long)ip->blocks,
	    (unsigned long long)units);
}

static int
add_dir(struct check *c, const struct ffs_inode *ip)
{
	struct ck_dir *d, **more;
	size_t cap;

	if (c->ndirs == c->dirs_cap) {
		cap = c->dirs_cap == 0 ? 1024 : c->dirs_cap * 2;
		more = realloc(c->dirs, cap * sizeof(struct ck_dir *));
		if (more == NULL)
			return dd_fail_nomem(c->e);
		c->dirs = more;
		c->dirs_cap = cap;
	}
	if ((d = calloc(1, sizeof(*d))) == NULL ||
	    map_put(&c->dirmap, ip->ino, d) == -1) {
		free(d);
		return dd_fail_nomem(c->e);
	}
	d->ino = ip->ino;
	d->parent = ip->ino == FFS_ROOT ? FFS_ROOT : 0;
	d->empty = ip->size == 0;
	c->dirs[c->ndirs++] = d;
	return 0;
}

static int
check_inode(struct check *c, uint32_t ino, const uint8_t *raw,
    struct ck_ino *info)
{
	const struct ffs_sb *s = &c->fs->sb;
	struct ffs_inode ip;
	const char *why;

	inode_decode(s, ino, raw, &ip);
	if ((ip.mode & IFMT) == 0) {
		if (ip.size == 0 && is_zero(ip.inl, s->version == 1 ? 60 :
		    sizeof(ip.inl)))
			return 0;
		return ck_finding(c, CK_WORSE, ino, 0, "is allocated in part: "
		    "it has no type, but a size or blocks");
	}
	info->state = inode_type(&ip) == FFS_DIR ? CK_DIR : CK_FILE;
	info->type = (uint8_t)inode_type(&ip);
	info->missing = ip.nlink;
	info->no_link = ip.nlink <= 0;
	if ((why = judge(s, &ip)) != NULL) {
		info->state = CK_FILE;
		info->type = 0;
		info->bad = true;
		return ck_finding(c, CK_WORSE, ino, 0, "can't be: %s", why);
	}
	if (info->state == CK_DIR && add_dir(c, &ip) == -1)
		return -1;
	return check_blocks(c, &ip, info);
}

/* How many inodes of a group may be in use: all, or those initialised. */
static int
inodes_to_scan(struct check *c, uint32_t cg, uint32_t *n)
{
	const struct ffs_sb *s = &c->fs->sb;

	*n = s->ipg;
	if (s->version == 1)
		return 0;
	if (ffs_frag_read(c->fs, c->block, s->cgsize, sb_cgtod(s, cg), c->e)
	    == -1)
		return -1;
	*n = (uint32_t)min64(s->ipg, get32le(c->block + CG_O_INITEDIBLK));
	return 0;
}

static int
scan_group(struct check *c, uint32_t cg)
{
	const struct ffs_sb *s = &c->fs->sb;
	const uint32_t size = sb_dinode_size(s);
	struct ck_group *g = &c->groups[cg];
	struct ffs_buf *b;
	struct ck_ino *less;
	uint32_t n, i, k, ino, last = 0;
	const uint8_t *raw;
	int rc = 0;

	if (inodes_to_scan(c, cg, &n) == -1)
		return -1;
	if (n == 0)
		return 0;
	if ((g->inos = calloc(n, sizeof(*g->inos))) == NULL)
		return dd_fail_nomem(c->e);
	g->ninos = n;
	for (i = 0; i < n && rc == 0; i += s->inopb) {
		ino = cg * s->ipg + i;
		if (cache_get(c->fs, sb_ino_frag(s, ino), s->bsize, false, &b,
		    c->e) == -1)
			return -1;
		for (k = 0; k < s->inopb && i + k < n && rc == 0; k++) {
			raw = b->data + k * size;
			if (ino + k < FFS_ROOT || is_zero(raw, size))
				continue;
			rc = check_inode(c, ino + k, raw, &g->inos[i + k]);
			last = i + k + 1;
		}
		cache_put(c->fs, b);
	}
	/* Most groups are not full. */
	less = realloc(g->inos, (last == 0 ? 1 : last) * sizeof(*g->inos));
	if (less != NULL)
		g->inos = less;
	g->ninos = last;
	return rc;
}

int
ck_inodes(struct check *c)
{
	uint32_t cg;

	for (cg = 0; cg < c->fs->sb.ncg; cg++) {
		if (progress_tick(c->progress, "inodes", cg, c->fs->sb.ncg,
		    c->e) == -1 || scan_group(c, cg) == -1)
			return -1;
	}
	return ck_dups(c);
}
