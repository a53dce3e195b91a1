/*
 * An index of one large directory: the one that is being worked in.
 *
 * Directories are lists; making ten thousand files in one would mean reading
 * it from its start ten thousand times.  The index knows for each name, by its
 * hash, in which chunk it stands, and for each chunk how many bytes are free.
 * It is made when the same directory is searched twice in a row, and kept up
 * by whatever changes entries.  Two names with one hash, a directory that is
 * too large or damaged: there is no index then, and everything still works.
 */
#include <stdlib.h>

#include "core/ffs/ffs_impl.h"

#define INDEX_FROM	(16 * FFS_DIRBLK)	/* bytes of directory */
#define INDEX_TO	(4 << 20)

struct dir_index {
	uint32_t	 last;		/* the directory searched last */
	uint32_t	 ino;		/* the one indexed; 0: none */
	struct map	 names;		/* hash -> 1 + chunk */
	uint16_t	*room;		/* free bytes of each chunk */
	size_t		 chunks, cap;
};

static uint64_t
hash(const char *name, size_t len)	/* FNV-1a */
{
	uint64_t h = 0xcbf29ce484222325ULL;

	for (; len > 0; len--, name++)
		h = (h ^ (uint8_t)*name) * 0x100000001b3ULL;
	return h;
}

static void
forget(struct dir_index *x)
{
	map_dispose(&x->names);
	x->chunks = 0;
	x->ino = 0;
}

static int
add_chunk(struct dir_index *x)
{
	uint16_t *more;

	if (x->chunks == x->cap) {
		x->cap = x->cap == 0 ? 64 : x->cap * 2;
		if ((more = realloc(x->room, x->cap * sizeof(*more))) == NULL)
			return -1;
		x->room = more;
	}
	x->room[x->chunks++] = FFS_DIRBLK;
	return 0;
}

static int
put_name(struct dir_index *x, const char *name, size_t len, uint64_t chunk)
{
	const uint64_t h = hash(name, len);

	while (chunk >= x->chunks)
		if (add_chunk(x) == -1)
			return -1;
	x->room[chunk] = (uint16_t)(x->room[chunk] -
	    dir_entry_size((uint32_t)len));
	if (map_get(&x->names, h) != NULL)
		return -1;
	return map_put(&x->names, h, (void *)(uintptr_t)(chunk + 1));
}

static int
take(void *arg, const struct dir_entry *d)
{
	struct dir_index *x = arg;

	while (d->off / FFS_DIRBLK >= x->chunks)
		if (add_chunk(x) == -1)
			return 1;
	if (d->ino == 0)
		return 0;
	return put_name(x, d->name, d->namlen, d->off / FFS_DIRBLK) == -1;
}

static void
make(struct ffs *fs, const struct ffs_inode *ip)
{
	struct dir_index *x = fs->dir_index;
	struct dd_err none = DD_ERR_INIT;

	forget(x);
	if (dir_scan(fs, ip, 0, take, x, &none) == 0)
		x->ino = ip->ino;
	else
		forget(x);
}

bool
dir_index_search(struct ffs *fs, const struct ffs_inode *ip,
    const char *name, size_t len, uint64_t *chunk, uint64_t *room)
{
	struct dir_index *x = fs->dir_index;
	const bool again = x != NULL && x->last == ip->ino;
	void *at;
	size_t i;

	if (ip->size < INDEX_FROM || ip->size > INDEX_TO || fs->untrusted)
		return false;
	if (x == NULL && (x = calloc(1, sizeof(*x))) == NULL)
		return false;
	fs->dir_index = x;
	x->last = ip->ino;
	if (again && x->ino != ip->ino)
		make(fs, ip);
	if (x->ino != ip->ino)
		return false;
	at = map_get(&x->names, hash(name, len));
	*chunk = at == NULL ? DIR_NONE :
	    ((uintptr_t)at - 1) * (uint64_t)FFS_DIRBLK;
	for (i = 0; i < x->chunks; i++)
		if (x->room[i] >= dir_entry_size((uint32_t)len))
			break;
	*room = i == x->chunks ? DIR_NONE : i * (uint64_t)FFS_DIRBLK;
	return true;
}

void
dir_index_added(struct ffs *fs, uint32_t dir, const char *name, size_t len,
    uint64_t off)
{
	struct dir_index *x = fs->dir_index;

	if (x != NULL && x->ino == dir &&
	    put_name(x, name, len, off / FFS_DIRBLK) == -1)
		forget(x);
}

void
dir_index_removed(struct ffs *fs, uint32_t dir, const char *name, size_t len,
    uint64_t off)
{
	struct dir_index *x = fs->dir_index;
	uint16_t *room;

	if (x == NULL || x->ino != dir)
		return;
	(void)map_del(&x->names, hash(name, len));
	room = &x->room[off / FFS_DIRBLK];
	*room = (uint16_t)(*room + dir_entry_size((uint32_t)len));
}

void
dir_index_forget(struct ffs *fs, uint32_t dir)
{
	if (fs->dir_index != NULL && fs->dir_index->ino == dir)
		forget(fs->dir_index);
}

void
dir_index_dispose(struct ffs *fs)
{
	if (fs->dir_index == NULL)
		return;
	forget(fs->dir_index);
	free(fs->dir_index->room);
	free(fs->dir_index);
	fs->dir_index = NULL;
}
