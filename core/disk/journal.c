/*
 * A journal as a file; see journal.h.
 *
 *	header	512 bytes: magic, version, device, inode and size of the image
 *		file, number of entries, number of marks, checksum over the
 *		whole journal (taken as zeros itself)
 *	entries	each 40 bytes: offset, checksum of the old and of the new
 *		content; ascending
 *	marks	each 24 bytes: offset, checksum; ascending
 *	data	512 bytes for each entry, then for each mark
 *
 * Integers are little-endian, offsets in bytes of the image file, sectors
 * always of 512 bytes.  Checksums of sectors are the first 16 bytes of
 * BLAKE2b-256.
 *
 * A journal that is torn anywhere fails its checksum and counts as none.  The
 * device number may change with a reboot, so it is kept for people only; that
 * the file is the right one is shown by its inode, its size and every
 * sector's checksum (which cover the file system's id in its superblock).
 */
#include <sys/stat.h>
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "core/base/bytes.h"
#include "core/base/fsutil.h"
#include "core/base/hash.h"
#include "core/disk/file.h"
#include "core/disk/journal.h"
#include "core/disk/journal_impl.h"

int
journal_beside(const char *image, ino_t ino, const char *kind, char **path,
    struct dd_err *e)
{
	struct buf b = BUF_INIT;
	char *real = NULL;
	const char *slash;
	struct stat st;
	int rc = -1;

	/* only a link in the last place leads into another folder */
	if (lstat(image, &st) == 0 && S_ISLNK(st.st_mode)) {
		if ((real = realpath(image, NULL)) == NULL)
			return dd_fail_sys(e, errno, "%s", image);
		image = real;
	}
	slash = strrchr(image, '/');
	if (slash != NULL)
		(void)buf_add(&b, image, (size_t)(slash + 1 - image));
	(void)buf_printf(&b, ".drydock-%llu.%s", (unsigned long long)ino,
	    kind);
	if ((*path = buf_steal(&b)) == NULL)
		(void)dd_fail_nomem(e);
	else
		rc = 0;
	buf_dispose(&b);
	free(real);
	return rc;
}

int
journal_path(const char *image, ino_t ino, char **path, struct dd_err *e)
{
	return journal_beside(image, ino, "redo", path, e);
}

void
journal_close(struct journal *j)
{
	if (j->fd != -1)
		(void)close(j->fd);
	free(j->path);
	free(j->marks);
	*j = (struct journal)JOURNAL_INIT;
}

void
journal_sum(const void *sector, uint8_t sum[JOURNAL_SUM])
{
	uint8_t whole[HASH_LEN];

	hash_once(HASH_BLAKE2B, sector, SECTOR, whole);
	memcpy(sum, whole, JOURNAL_SUM);
}

/* A file of ours, as far as anybody can tell? */
int
journal_check_owner(const char *path, const struct stat *st, uid_t owner,
    struct dd_err *e)
{
	if (S_ISREG(st->st_mode) && st->st_nlink == 1 &&
	    (st->st_uid == 0 || st->st_uid == geteuid() ||
	    st->st_uid == owner))
		return 0;
	(void)dd_fail(e, ERR_PERM,
	    "%s: is not a journal of drydock's: a file of user %lu, %lu "
	    "link(s)", path, (unsigned long)st->st_uid,
	    (unsigned long)st->st_nlink);
	return dd_hint(e, "find out who made it; remove it if nobody needs "
	    "it");
}

static bool
header_is_sound(struct journal *j, const uint8_t *h, uint64_t len)
{
	uint64_t entries, marks, need;

	if (memcmp(h, JOURNAL_MAGIC, 16) != 0)
		return false;
	j->ino = get64le(h + H_INO);
	j->size = get64le(h + H_IMAGE_SIZE);
	j->nentries = get64le(h + H_ENTRIES);
	j->nmarks = get64le(h + H_MARKS);
	return j->nmarks <= JOURNAL_MARKS &&
	    !__builtin_mul_overflow(j->nentries,
	    (uint64_t)ENTRY_LEN + SECTOR, &entries) &&
	    !__builtin_mul_overflow(j->nmarks,
	    (uint64_t)MARK_LEN + SECTOR, &marks) &&
	    !__builtin_add_overflow(entries, marks, &need) &&
	    len >= JOURNAL_HEADER && need == len - JOURNAL_HEADER;
}

/* Is the checksum over the whole right?  h is the header. */
static int
check_whole(const struct journal *j, uint8_t *h, uint64_t len, bool *right,
    struct dd_err *e)
{
	uint8_t want[HASH_LEN], got[HASH_LEN], *chunk = NULL;
	struct hash *hash = NULL;
	uint64_t off;
	size_t n;
	int rc = -1;

	if ((chunk = malloc(CHUNK)) == NULL)
		return dd_fail_nomem(e);
	if (hash_open(HASH_BLAKE2B, &hash, e) == -1)
		goto out;
	memcpy(want, h + JOURNAL_HASH, HASH_LEN);
	memset(h + JOURNAL_HASH, 0, HASH_LEN);
	hash_add(hash, h, JOURNAL_HEADER);
	for (off = JOURNAL_HEADER; off < len; off += n) {
		n = (size_t)min64(len - off, CHUNK);
		if (fs_pread(j->fd, chunk, n, off, j->path, e) == -1)
			goto out;
		hash_add(hash, chunk, n);
	}
	hash_result(hash, got);
	*right = memcmp(want, got, HASH_LEN) == 0;
	rc = 0;
out:
	hash_close(hash);
	free(chunk);
	return rc;
}

static int
read_marks(struct journal *j, struct dd_err *e)
{
	uint8_t raw[MARK_LEN];
	uint64_t i;

	if (j->nmarks == 0)
		return 0;
	if ((j->marks = calloc(j->nmarks, sizeof(*j->marks))) == NULL)
		return dd_fail_nomem(e);
	for (i = 0; i < j->nmarks; i++) {
		if (fs_pread(j->fd, raw, MARK_LEN, journal_marks_at(j) +
		    i * MARK_LEN, j->path, e) == -1)
			return -1;
		j->marks[i].off = get64le(raw);
		memcpy(j->marks[i].sum, raw + 8, JOURNAL_SUM);
	}
	return 0;
}

static int
read_journal(struct journal *j, uint64_t len, bool *whole, struct dd_err *e)
{
	uint8_t h[JOURNAL_HEADER];

	*whole = false;
	if (len < JOURNAL_HEADER)
		return 0;
	if (fs_pread(j->fd, h, sizeof(h), 0, j->path, e) == -1)
		return -1;
	if (!header_is_sound(j, h, len))
		return 0;
	if (check_whole(j, h, len, whole, e) == -1)
		return -1;
	return *whole ? read_marks(j, e) : 0;
}

bool
journal_vanished(const struct journal *j)
{
	struct stat st;

	return fstat(j->fd, &st) == 0 && (st.st_nlink == 0 || st.st_size == 0);
}

int
journal_open(const char *path, uid_t owner, bool write, struct journal *out,
    bool *torn, struct dd_err *e)
{
	struct journal j = JOURNAL_INIT;
	bool whole = false;
	struct stat st;
	int rc = -1;

	if ((j.path = strdup(path)) == NULL)
		return dd_fail_nomem(e);
	j.fd = open(path, (write ? O_RDWR : O_RDONLY) | O_NOFOLLOW |
	    O_NONBLOCK | O_CLOEXEC);
	if (j.fd == -1 && errno == ENOENT) {
		rc = 0;
		goto out;
	}
	if (j.fd == -1) {
		(void)dd_fail_sys(e, errno, "%s: journal", path);
		goto out;
	}
	if (fstat(j.fd, &st) == -1) {
		(void)dd_fail_sys(e, errno, "%s", path);
		goto out;
	}
	if (journal_check_owner(path, &st, owner, e) == -1)
		goto out;
	if (read_journal(&j, (uint64_t)st.st_size, &whole, e) == -1) {
		if (!journal_vanished(&j))
			goto out;
		dd_err_clear(e);
		rc = 0;
		goto out;
	}
	if (!whole) {
		if (torn != NULL)
			*torn = true;
		rc = 0;
		goto out;
	}
	*out = j;
	return 1;
out:
	journal_close(&j);
	return rc;
}

int
journal_move(struct journal *j, const struct blk *file, const char *to,
    struct dd_err *e)
{
	const struct disk_io *io = file_io(file);
	char *path = strdup(to);

	if (path == NULL)
		return dd_fail_nomem(e);
	if (io->rename(j->path, path, e) == -1) {
		free(path);
		return -1;
	}
	free(j->path);
	j->path = path;
	if (io->sync_dir(path, e) == -1) {
		e->code = ERR_RECOVER;
		return -1;
	}
	return 0;
}

int
journal_remove(struct journal *j, const struct blk *file, struct dd_err *e)
{
	const struct disk_io *io = file_io(file);

	if (io->truncate(j->fd, j->path, e) == -1 ||
	    io->sync(j->fd, j->path, e) == -1 ||
	    io->unlink(j->path, e) == -1 ||
	    io->sync_dir(j->path, e) == -1)
		return -1;
	return 0;
}

int
journal_set_aside(struct journal *j, const struct blk *file, char **to,
    struct dd_err *e)
{
	const struct disk_io *io = file_io(file);
	struct buf b = BUF_INIT;
	struct stat st;
	unsigned i;

	for (i = 1; i < 1000; i++) {
		buf_reset(&b);
		if (buf_printf(&b, "%s.refused-%u", j->path, i) == -1 ||
		    lstat(b.p, &st) == -1)
			break;
	}
	if ((*to = buf_steal(&b)) == NULL) {
		buf_dispose(&b);
		return dd_fail_nomem(e);
	}
	if (io->rename(j->path, *to, e) == -1 ||
	    io->sync_dir(j->path, e) == -1) {
		free(*to);
		return -1;
	}
	return 0;
}
