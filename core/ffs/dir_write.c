/*
 * Directories, writing: entries come, go, and change what they name.
 *
 * A new entry goes to the first chunk with enough free bytes in all; the chunk
 * is then packed, so that they lie together.  A removed one is given to the
 * entry before it.  Directories grow by one chunk; they never shrink.
 */
#include <string.h>

#include "core/ffs/ffs_impl.h"

static void
put_entry(const struct ffs_sb *s, uint8_t *p, uint32_t ino, uint8_t type,
    const char *name, size_t len, uint32_t reclen)
{
	memset(p, 0, reclen);
	put32le(p, ino);
	put16le(p + 4, (uint16_t)reclen);
	if (dir_is_old(s))
		put16le(p + 6, (uint16_t)len);
	else {
		p[6] = type;
		p[7] = (uint8_t)len;
	}
	memcpy(p + DIR_HEAD, name, len);
}

struct finder {
	const char	*name;
	size_t		 len;
	struct dir_pos	*pos;
	uint64_t	 chunk;		/* the one being scanned */
	uint32_t	 room;		/* free bytes in it so far */
	uint64_t	 last;		/* entry before, in this chunk */
};

static int
find(void *arg, const struct dir_entry *d)
{
	struct finder *f = arg;
	const uint64_t chunk = round_down(d->off, FFS_DIRBLK);

	if (d->off == chunk) {
		f->room = 0;
		f->last = DIR_NONE;
	}
	if (d->ino != 0 && d->namlen == f->len &&
	    memcmp(d->name, f->name, f->len) == 0) {
		f->pos->ino = d->ino;
		f->pos->at = d->off;
		f->pos->before = f->last;
		return 1;
	}
	f->last = d->off;
	f->room += d->reclen;
	if (d->ino != 0)
		f->room -= dir_entry_size(d->namlen);
	if (f->pos->room == DIR_NONE &&
	    f->room >= dir_entry_size((uint32_t)f->len))
		f->pos->room = chunk;
	return 0;
}

int
dir_find(struct ffs *fs, uint32_t dir, const char *name,
    struct dir_pos *pos, struct dd_err *e)
{
	struct finder f = { .name = name, .len = strlen(name), .pos = pos };
	struct ffs_inode in;
	uint64_t chunk = 0, room;
	bool indexed;

	*pos = (struct dir_pos){ 0, DIR_NONE, DIR_NONE, DIR_NONE };
	if (ffs_iget_used(fs, dir, &in, e) == -1)
		return -1;
	if (in.size % FFS_DIRBLK != 0)
		return dd_fail(e, ERR_CORRUPT, "inode %u: a directory of %llu "
		    "bytes can't be", dir, (unsigned long long)in.size);
	indexed = dir_index_search(fs, &in, name, f.len, &chunk, &room);
	if (chunk != DIR_NONE && dir_scan(fs, &in, chunk, find, &f, e) == -1)
		return -1;
	if (indexed && pos->ino == 0)
		pos->room = room;
	return 0;
}

/* The bytes of a directory at off, in a buffer that is held. */
static int
get_bytes(struct ffs *fs, const struct ffs_inode *ip, uint64_t off,
    struct ffs_buf **b, uint8_t **p, struct dd_err *e)
{
	const uint32_t bsize = fs->sb.bsize;

	if (dir_block(fs, ip, off / bsize, b, e) == -1)
		return -1;
	*p = (*b)->data + off % bsize;
	return 0;
}

/* The directory has changed: its times, and out. */
static int
put_dir(struct ffs *fs, struct ffs_inode *ip, struct dd_err *e)
{
	ip->mtime = ip->ctime = fs->now;
	return ffs_iput(fs, ip, e);
}

/* Fragments that one more chunk needs; 0: none. */
static uint32_t
growth(const struct ffs *fs, const struct ffs_inode *ip)
{
	const struct ffs_sb *s = &fs->sb;
	uint64_t lbn = ip->size >> s->bshift;
	uint32_t now = block_bytes(s, ip->size, lbn);
	uint32_t then = block_bytes(s, ip->size + FFS_DIRBLK, lbn);

	/* Behind the 12th block, `now` is a whole one even before it is. */
	if (ip->size % s->bsize == 0)
		now = 0;
	return now == then ? 0 : then >> s->fshift;
}

int
dir_need(struct ffs *fs, uint32_t dir, const struct dir_pos *pos,
    uint64_t *blocks, struct dd_err *e)
{
	struct ffs_inode in;

	*blocks = 0;
	if (pos->room != DIR_NONE)
		return 0;
	if (ffs_iget_used(fs, dir, &in, e) == -1)
		return -1;
	if (growth(fs, &in) > 0)
		*blocks = 1;
	if (in.size >> fs->sb.bshift >= FFS_NDADDR &&
	    in.size % fs->sb.bsize == 0)
		*blocks += FFS_NIADDR;
	return 0;
}

/* Make the last block of the directory nfrags long, in place or elsewhere. */
static int
grow_block(struct ffs *fs, struct ffs_inode *ip, uint32_t nfrags,
    struct dd_err *e)
{
	const struct ffs_sb *s = &fs->sb;
	const uint64_t lbn = ip->size >> s->bshift;
	const uint32_t old = ip->size % s->bsize == 0 ? 0 :
	    block_bytes(s, ip->size, lbn);
	struct ffs_buf *b;
	int64_t from = 0, to, prev = 0;
	bool done = false;

	if (old > 0) {
		if (dir_block(fs, ip, lbn, &b, e) == -1)
			return -1;
		memcpy(fs->block, b->data, old);
		from = b->frag;
		cache_put(fs, b);
		if (extend_frags(fs, from, old >> s->fshift, nfrags, &done,
		    e) == -1)
			return -1;
	} else if (lbn > 0 && bmap_get(fs, ip, lbn - 1, &prev, e) == -1)
		return -1;
	to = from;
	if (!done && bmap_alloc(fs, ip, lbn, nfrags, prev, 1, &to, e) == -1)
		return -1;
	if (done)
		cache_drop(fs, from, old >> s->fshift);
	else if (from != 0 &&
	    free_frags(fs, from, old >> s->fshift, e) == -1)
		return -1;
	if (old > 0)
		inode_add_frags(fs, ip, done ? nfrags - (old >> s->fshift) :
		    -(int64_t)(old >> s->fshift));
	if (cache_get(fs, to, nfrags << s->fshift, true, &b, e) == -1)
		return -1;
	memcpy(b->data, fs->block, old);
	cache_dirty(fs, b);
	cache_put(fs, b);
	return 0;
}

static int
append_chunk(struct ffs *fs, struct ffs_inode *ip, uint32_t ino,
    enum ffs_type type, const char *name, struct dd_err *e)
{
	const uint64_t at = ip->size;
	const uint32_t nfrags = growth(fs, ip);
	struct ffs_buf *b;
	uint8_t *p;

	if (nfrags > 0 && grow_block(fs, ip, nfrags, e) == -1)
		return -1;
	ip->size += FFS_DIRBLK;
	if (get_bytes(fs, ip, at, &b, &p, e) == -1)
		return -1;
	put_entry(&fs->sb, p, ino, (uint8_t)type, name, strlen(name),
	    FFS_DIRBLK);
	cache_dirty(fs, b);
	cache_put(fs, b);
	dir_index_added(fs, ip->ino, name, strlen(name), at);
	return put_dir(fs, ip, e);
}

/* Pack a chunk and put the new entry behind the others. */
static void
pack_chunk(const struct ffs_sb *s, uint8_t *chunk, uint32_t ino,
    enum ffs_type type, const char *name)
{
	uint8_t old[FFS_DIRBLK];
	uint32_t from, to = 0, n;

	memcpy(old, chunk, sizeof(old));
	for (from = 0; from < FFS_DIRBLK; from += get16le(old + from + 4)) {
		if (get32le(old + from) == 0)
			continue;
		n = dir_entry_size(dir_is_old(s) ? old[from + 6] :
		    old[from + 7]);
		memcpy(chunk + to, old + from, n);
		put16le(chunk + to + 4, (uint16_t)n);
		to += n;
	}
	put_entry(s, chunk + to, ino, (uint8_t)type, name, strlen(name),
	    FFS_DIRBLK - to);
}

int
dir_add(struct ffs *fs, uint32_t dir, const struct dir_pos *pos,
    const char *name, uint32_t ino, enum ffs_type type, struct dd_err *e)
{
	struct ffs_inode in;
	struct ffs_buf *b;
	uint8_t *p;

	if (ffs_iget_used(fs, dir, &in, e) == -1)
		return -1;
	if (pos->room == DIR_NONE)
		return append_chunk(fs, &in, ino, type, name, e);
	if (get_bytes(fs, &in, pos->room, &b, &p, e) == -1)
		return -1;
	pack_chunk(&fs->sb, p, ino, type, name);
	cache_dirty(fs, b);
	cache_put(fs, b);
	dir_index_added(fs, dir, name, strlen(name), pos->room);
	return put_dir(fs, &in, e);
}

int
dir_remove(struct ffs *fs, uint32_t dir, const struct dir_pos *pos,
    struct dd_err *e)
{
	const uint64_t chunk = round_down(pos->at, FFS_DIRBLK);
	struct ffs_inode in;
	struct ffs_buf *b;
	uint8_t *p, *gone, *before;

	if (ffs_iget_used(fs, dir, &in, e) == -1 ||
	    get_bytes(fs, &in, chunk, &b, &p, e) == -1)
		return -1;
	gone = p + (pos->at - chunk);
	dir_index_removed(fs, dir, (const char *)gone + DIR_HEAD,
	    dir_is_old(&fs->sb) ? gone[6] : gone[7], chunk);
	if (pos->before == DIR_NONE)
		put32le(gone, 0);
	else {
		before = p + (pos->before - chunk);
		put16le(before + 4, (uint16_t)(get16le(before + 4) +
		    get16le(gone + 4)));
	}
	cache_dirty(fs, b);
	cache_put(fs, b);
	return put_dir(fs, &in, e);
}

int
dir_redirect(struct ffs *fs, uint32_t dir, const struct dir_pos *pos,
    uint32_t ino, enum ffs_type type, struct dd_err *e)
{
	struct ffs_inode in;
	struct ffs_buf *b;
	uint8_t *p;

	if (ffs_iget_used(fs, dir, &in, e) == -1 ||
	    get_bytes(fs, &in, pos->at, &b, &p, e) == -1)
		return -1;
	put32le(p, ino);
	if (!dir_is_old(&fs->sb))
		p[6] = (uint8_t)type;
	cache_dirty(fs, b);
	cache_put(fs, b);
	return put_dir(fs, &in, e);
}

/* "." and "..": the content of a fresh directory, one chunk. */
int
dir_make(struct ffs *fs, struct ffs_inode *ip, uint32_t parent,
    struct dd_err *e)
{
	const struct ffs_sb *s = &fs->sb;
	const uint32_t dot = dir_entry_size(1);
	struct ffs_buf *b;
	uint8_t *p;

	if (grow_block(fs, ip, growth(fs, ip), e) == -1)
		return -1;
	ip->size = FFS_DIRBLK;
	if (get_bytes(fs, ip, 0, &b, &p, e) == -1)
		return -1;
	put_entry(s, p, ip->ino, FFS_DIR, ".", 1, dot);
	put_entry(s, p + dot, parent, FFS_DIR, "..", 2, FFS_DIRBLK - dot);
	cache_dirty(fs, b);
	cache_put(fs, b);
	return 0;
}

static int
is_not_dots(void *arg, const struct dir_entry *d)
{
	(void)arg;
	return d->ino != 0 && !dir_is_dots(d);
}

int
dir_is_empty(struct ffs *fs, const struct ffs_inode *ip, bool *empty,
    struct dd_err *e)
{
	int rc = dir_scan(fs, ip, 0, is_not_dots, NULL, e);

	*empty = rc == 0;
	return rc == -1 ? -1 : 0;
}
