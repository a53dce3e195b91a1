/*
 * The entries of a directory, one after the other, as fsck reads them: an
 * entry that makes no sense ends its chunk, not the directory.
 */
#include <stdio.h>
#include <string.h>

#include "core/ffs/check_impl.h"

#define TYPE_MAX	15
/* Directories whose blocks are bad or belong to others as well could send us
 * over the same ground without end; so many blocks of them are read. */
#define BAD_BLOCKS_MAX	4096

/* What is wrong with the entry at byte `at` of a chunk, or NULL. */
static const char *
decode(struct check *c, const uint8_t *chunk, uint32_t at,
    struct ck_entry *ent)
{
	const struct ffs_sb *s = &c->fs->sb;
	const uint8_t *p = chunk + at;
	bool old = dir_is_old(s);

	if (FFS_DIRBLK - at < DIR_HEAD)
		return "no room for an entry";
	ent->ino = get32le(p);
	ent->reclen = get16le(p + 4);
	ent->type = old ? 0 : p[6];
	ent->namlen = old ? p[6] : p[7];
	if (ent->reclen < DIR_HEAD || ent->reclen % 4 != 0 ||
	    ent->reclen > FFS_DIRBLK - at)
		return "a length that can't be";
	if (ent->ino >= (uint64_t)s->ncg * s->ipg)
		return "an inode number that is too high";
	if (ent->ino == 0)
		return NULL;
	if (ent->namlen == 0 || dir_entry_size(ent->namlen) > ent->reclen)
		return "a name's length that can't be";
	if (ent->type > TYPE_MAX)
		return "a type that can't be";
	p += DIR_HEAD;
	if (memchr(p, '\0', ent->namlen) != NULL ||
	    memchr(p, '/', ent->namlen) != NULL || p[ent->namlen] != '\0')
		return "a name that can't be";
	return NULL;
}

static int
scan_chunk(struct check *c, struct ck_entry *ent, uint8_t *chunk,
    uint64_t off, bool quiet, ck_entry_fn *fn, void *arg)
{
	const char *why;
	uint32_t at;

	for (at = 0; at < FFS_DIRBLK; at += ent->reclen) {
		why = decode(c, chunk, at, ent);
		if (why != NULL)
			return quiet ? 0 : ck_finding(c, CK_WORSE,
			    ent->dir->ino, 0, "is damaged at byte %llu: %s",
			    (unsigned long long)(off + at), why);
		ent->raw = chunk + at;
		if (ent->ino != 0) {
			memcpy(ent->name, chunk + at + DIR_HEAD, ent->namlen);
			ent->name[ent->namlen] = '\0';
		}
		if (fn(c, ent, arg) == -1)
			return -1;
		ent->index++;
	}
	return 0;
}

/* One block of the directory. */
static int
scan_block(struct check *c, const struct ffs_inode *ip, uint64_t lbn,
    struct ck_entry *ent, bool quiet, ck_entry_fn *fn, void *arg)
{
	const struct ffs_sb *s = &c->fs->sb;
	struct dd_err odd = DD_ERR_INIT;
	uint64_t off = lbn << s->bshift, len;
	uint32_t at;
	int rc = 0;

	if (ent->dir->bad && c->scanned++ > BAD_BLOCKS_MAX)
		return 0;
	if (dir_block(c->fs, ip, lbn, &ent->buf, &odd) == -1) {
		if (odd.code != ERR_CORRUPT) {
			*c->e = odd;
			return -1;
		}
		return 0;	/* pass 1 has told */
	}
	len = min64(s->bsize, round_up(ip->size - off, FFS_DIRBLK));
	len = min64(len, ent->buf->len);
	for (at = 0; at < len && rc == 0; at += FFS_DIRBLK)
		rc = scan_chunk(c, ent, ent->buf->data + at, off + at, quiet,
		    fn, arg);
	cache_put(c->fs, ent->buf);
	return rc;
}

int
ck_scan(struct check *c, struct ck_dir *d, bool quiet, ck_entry_fn *fn,
    void *arg)
{
	const struct ffs_sb *s = &c->fs->sb;
	struct ck_entry ent = { .dir = d };
	struct dd_err odd = DD_ERR_INIT;
	struct ffs_inode ip;
	uint64_t lbn, end, n, k;
	int64_t frag;
	bool hole = false;

	if (ffs_iget(c->fs, d->ino, &ip, c->e) == -1)
		return -1;
	end = (ip.size + s->bsize - 1) >> s->bshift;
	for (lbn = 0; lbn < end; lbn += n) {
		dd_err_clear(&odd);
		if (bmap_extent(c->fs, &ip, lbn, end - lbn, &frag, &n, &odd)
		    == -1) {
			if (odd.code != ERR_CORRUPT) {
				*c->e = odd;
				return -1;
			}
			if (c->scanned++ > BAD_BLOCKS_MAX)
				break;
			n = 1;
			continue;
		}
		hole |= frag == 0;
		for (k = 0; frag != 0 && k < n; k++)
			if (scan_block(c, &ip, lbn + k, &ent, quiet, fn, arg)
			    == -1)
				return -1;
	}
	if (hole && !quiet)
		return ck_finding(c, CK_WORSE, d->ino, 0, "has holes, which "
		    "no directory may");
	return 0;
}
