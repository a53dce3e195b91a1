/*
 * Directories, reading.
 *
 * A directory is made of chunks of 512 bytes; entries never cross them, and
 * fill them whole: what is free belongs to the entry before it, or is an entry
 * of inode 0.  Everything is checked before it is used; one damaged entry ends
 * the walk, as nothing behind it in its chunk can be trusted.
 */
#include <string.h>

#include "core/ffs/ffs_impl.h"

bool
dir_is_old(const struct ffs_sb *s)
{
	return s->maxsymlinklen == 0;
}

/* Entry at byte `at` of its chunk. */
static int
decode(const struct ffs_sb *s, const uint8_t *chunk, uint32_t at,
    struct dir_entry *d)
{
	const uint8_t *p = chunk + at;

	if (FFS_DIRBLK - at < DIR_HEAD)
		return -1;
	d->ino = get32le(p);
	d->reclen = get16le(p + 4);
	/* The old format has 16 bits of length where type and length are. */
	d->type = dir_is_old(s) ? 0 : p[6];
	d->namlen = dir_is_old(s) ? p[6] : p[7];
	d->name = (const char *)p + DIR_HEAD;
	if (d->reclen % 4 != 0 || d->reclen < DIR_HEAD ||
	    d->reclen > FFS_DIRBLK - at)
		return -1;
	if (d->ino == 0)
		return 0;
	if (d->namlen == 0 || dir_entry_size(d->namlen) > d->reclen ||
	    memchr(d->name, '\0', d->namlen) != NULL ||
	    memchr(d->name, '/', d->namlen) != NULL)
		return -1;
	return 0;
}

int
dir_block(struct ffs *fs, const struct ffs_inode *ip, uint64_t lbn,
    struct ffs_buf **bp, struct dd_err *e)
{
	int64_t frag;

	if (bmap_get(fs, ip, lbn, &frag, e) == -1)
		return -1;
	if (frag == 0)
		return dd_fail(e, ERR_CORRUPT, "inode %u: the directory has a "
		    "hole in block %llu", ip->ino, (unsigned long long)lbn);
	if (cache_get(fs, frag, block_bytes(&fs->sb, ip->size, lbn), false,
	    bp, e) == -1)
		return dd_context(e, "inode %u", ip->ino);
	return 0;
}

bool
dir_is_dots(const struct dir_entry *d)
{
	return d->name[0] == '.' && (d->namlen == 1 ||
	    (d->namlen == 2 && d->name[1] == '.'));
}

/* The entries of one chunk from byte `from` of the directory on. */
static int
scan_chunk(struct ffs *fs, const struct ffs_inode *ip, const uint8_t *chunk,
    uint64_t chunk_off, uint64_t from, dir_fn *fn, void *arg,
    struct dd_err *e)
{
	struct dir_entry d;
	uint32_t at;
	int rc;

	for (at = 0; at < FFS_DIRBLK; at += d.reclen) {
		if (decode(&fs->sb, chunk, at, &d) == -1) {
			(void)dd_fail(e, ERR_CORRUPT, "inode %u: the "
			    "directory is damaged at byte %llu", ip->ino,
			    (unsigned long long)(chunk_off + at));
			return dd_hint(e, "run fsck_ffs on the image on "
			    "NetBSD, or take it from a backup");
		}
		d.off = chunk_off + at;
		if (d.off >= from && (rc = fn(arg, &d)) != 0)
			return rc;
	}
	return 0;
}

int
dir_scan(struct ffs *fs, const struct ffs_inode *ip, uint64_t from,
    dir_fn *fn, void *arg, struct dd_err *e)
{
	const uint32_t bsize = fs->sb.bsize;
	struct ffs_buf *b;
	uint64_t off, lbn;
	int rc = 0;

	if (inode_type(ip) != FFS_DIR)
		return dd_fail(e, ERR_TYPE, "inode %u is not a directory",
		    ip->ino);
	off = round_down(from, FFS_DIRBLK);
	while (rc == 0 && off < ip->size) {
		lbn = off / bsize;
		if (dir_block(fs, ip, lbn, &b, e) == -1)
			return -1;
		do {
			rc = scan_chunk(fs, ip, b->data + off % bsize, off,
			    from, fn, arg, e);
			off += FFS_DIRBLK;
		} while (rc == 0 && off < ip->size && off / bsize == lbn);
		cache_put(fs, b);
	}
	return rc;
}

struct lookup {
	const char	*name;
	size_t		 len;
	uint32_t	 ino;
};

static int
match(void *arg, const struct dir_entry *d)
{
	struct lookup *l = arg;

	if (d->ino == 0 || d->namlen != l->len ||
	    memcmp(d->name, l->name, l->len) != 0)
		return 0;
	l->ino = d->ino;
	return 1;
}

int
ffs_lookup(struct ffs *fs, uint32_t dir, const char *name, uint32_t *ino,
    struct dd_err *e)
{
	struct lookup l = { name, strlen(name), 0 };
	struct ffs_inode in;
	uint64_t chunk = 0, room;
	int rc = 0;

	if (ffs_iget_used(fs, dir, &in, e) == -1)
		return -1;
	(void)dir_index_search(fs, &in, name, l.len, &chunk, &room);
	if (chunk != DIR_NONE)
		rc = dir_scan(fs, &in, chunk, match, &l, e);
	if (rc == 0)
		return dd_fail(e, ERR_NOENT, "%s: no such file", name);
	if (rc == 1)
		*ino = l.ino;
	return rc == 1 ? 0 : -1;
}

struct reader {
	struct ffs_dirent	*ent;
	uint64_t		 next;
};

static int
take(void *arg, const struct dir_entry *d)
{
	struct reader *r = arg;

	r->next = d->off + d->reclen;
	if (d->ino == 0 || dir_is_dots(d))
		return 0;
	r->ent->ino = d->ino;
	r->ent->type = (enum ffs_type)d->type;
	memcpy(r->ent->name, d->name, d->namlen);
	r->ent->name[d->namlen] = '\0';
	return 1;
}

/* Old directories have no types, and other systems leave them 0. */
static int
complete_type(struct ffs *fs, struct ffs_dirent *ent, struct dd_err *e)
{
	struct ffs_inode in;

	if (ent->type != 0)
		return 0;
	if (ffs_iget_used(fs, ent->ino, &in, e) == -1)
		return -1;
	ent->type = inode_type(&in);
	return 0;
}

int
ffs_readdir(struct ffs *fs, uint32_t dir, uint64_t *at,
    struct ffs_dirent *ent, struct dd_err *e)
{
	struct reader r = { ent, *at };
	struct ffs_inode in;
	int rc;

	if (ffs_iget_used(fs, dir, &in, e) == -1)
		return -1;
	rc = dir_scan(fs, &in, *at, take, &r, e);
	if (rc == 1 && complete_type(fs, ent, e) == -1)
		return -1;
	if (rc != -1)
		*at = r.next;
	return rc;
}
