/*
 * What was begun is opened again, and a step that was cut short done anew; why
 * that is right stands in core/disk/rekey_format.c.
 */
#include <sys/stat.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "core/base/bytes.h"
#include "core/base/events.h"
#include "core/cgd/inplace_impl.h"
#include "core/disk/journal.h"

/* -- is it what was begun? --------------------------------------------- */

static int
other(const struct inplace *ip, const char *which, const char *what,
    struct dd_err *e)
{
	(void)dd_fail(e, ERR_PERM, "%s: the %s %s is not the one that its "
	    "re-encryption began with", file_path(ip->file), which, what);
	return dd_hint(e, "give the parameters file and passphrase of that "
	    "time");
}

static int
check_side(const struct inplace *ip, const struct recrypt_side *side,
    const struct rekey_side *was, const char *which, struct dd_err *e)
{
	const struct cgd_params *p = side->params;
	uint8_t check[REKEY_CHECK];

	if (side->sector_size != was->sector_size)
		return other(ip, which, "sector size", e);
	if ((p == NULL) != (was->algorithm[0] == '\0'))
		return other(ip, which, "side", e);
	if (p == NULL)
		return 0;
	if (strcmp(p->algorithm, was->algorithm) != 0 ||
	    p->keylen != was->keylen ||
	    strcmp(p->ivmethod, was->ivmethod) != 0)
		return other(ip, which, "algorithm", e);
	if (inplace_check(side->key, was->salt, check, e) == -1)
		return -1;
	return memcmp(check, was->check, REKEY_CHECK) == 0 ? 0 :
	    other(ip, which, "key", e);
}

static int
changed(const struct inplace *ip, struct dd_err *e)
{
	(void)dd_fail(e, ERR_CORRUPT, "%s: somebody else has written to it "
	    "since its re-encryption stopped", file_path(ip->file));
	return dd_hint(e, "restore the image from a backup, then remove %s",
	    ip->path);
}

static int
check_image(const struct inplace *ip, struct dd_err *e)
{
	struct stat st;

	if (fstat(file_fd(ip->file), &st) == -1)
		return dd_fail_sys(e, errno, "%s", file_path(ip->file));
	if ((uint64_t)st.st_ino != ip->st.ino) {
		(void)dd_fail(e, ERR_HELD, "%s: was replaced meanwhile",
		    file_path(ip->file));
		return dd_hint(e, "repeat the command");
	}
	return (uint64_t)st.st_size == ip->st.image_size ? 0 :
	    changed(ip, e);
}

/* -- what was done ----------------------------------------------------- */

static int
read_slot(const struct inplace *ip, uint64_t number, struct area *a,
    enum rekey_slot_is *is, struct dd_err *e)
{
	uint8_t sum[HASH_LEN];
	size_t at, n;

	if (file_io(ip->file)->read(ip->fd, a->raw, REKEY_SLOT + ip->st.area,
	    rekey_slot_at(&ip->st, number), ip->path, e) == -1)
		return -1;
	a->slot.seq = 0;
	*is = rekey_slot_decode(&ip->st, a->raw, &a->slot);
	if (*is != REKEY_SLOT_WHOLE)
		return 0;
	if (rekey_slot_at(&ip->st, a->slot.seq) !=
	    rekey_slot_at(&ip->st, number))
		*is = REKEY_SLOT_TORN;
	for (at = 0; at < a->slot.len; at += n) {
		n = (size_t)min64(a->slot.len - at, REKEY_CHUNK);
		hash_once(HASH_BLAKE2B, area_data(a) + at, n, sum);
		if (memcmp(sum, a->slot.sums[at / REKEY_CHUNK],
		    HASH_LEN) != 0)
			*is = REKEY_SLOT_TORN;
	}
	return 0;
}

/* Which of the states that a stop can leave is it?  *last: the last step's,
 * NULL: none was begun; *durable: one that is on the image for certain, or
 * NULL. */
static int
find_last(struct inplace *ip, struct area **last, struct area **durable,
    struct dd_err *e)
{
	enum rekey_slot_is is[REKEY_SLOTS];
	struct area *a = &ip->areas[0], *b = &ip->areas[1];

	if (read_slot(ip, 1, a, &is[0], e) == -1 ||
	    read_slot(ip, 2, b, &is[1], e) == -1)
		return -1;
	*last = *durable = NULL;
	if (is[0] == REKEY_SLOT_WHOLE && is[1] == REKEY_SLOT_WHOLE) {
		*last = a->slot.seq > b->slot.seq ? a : b;
		*durable = *last == a ? b : a;
		if ((*last)->slot.seq == (*durable)->slot.seq + 1)
			return 0;
	} else if (is[0] == REKEY_SLOT_WHOLE) {
		*last = a;
		/* in the second the next step's data was begun, or nothing */
		*durable = is[1] == REKEY_SLOT_TORN ? a : NULL;
		if (*durable != NULL || a->slot.seq == 1)
			return 0;
	} else if (is[1] == REKEY_SLOT_WHOLE) {
		*last = *durable = b;
		return 0;
	} else if (is[1] == REKEY_SLOT_ZERO)
		return 0;
	(void)dd_fail(e, ERR_CORRUPT, "%s: is damaged: how far the "
	    "re-encryption of %s had come can't be told", ip->path,
	    file_path(ip->file));
	return dd_hint(e, "restore the image from a backup, then remove the "
	    "file");
}

/* Does the image hold what the step wrote? */
static int
holds(const struct inplace *ip, const struct area *a, bool *yes,
    struct dd_err *e)
{
	uint8_t *now = malloc(a->slot.len);
	int rc;

	if (now == NULL)
		return dd_fail_nomem(e);
	rc = blk_pread(ip->file, now, a->slot.len, ip->st.off + a->slot.off,
	    e);
	if (rc == 0)
		*yes = memcmp(now, area_data(a), a->slot.len) == 0;
	secret_wipe(now, a->slot.len);
	free(now);
	return rc;
}

static int
recover(struct inplace *ip, struct dd_err *e)
{
	struct area *last, *durable;
	bool same = true;

	if (find_last(ip, &last, &durable, e) == -1)
		return -1;
	if (last == NULL)
		return 0;
	if (durable != NULL && holds(ip, durable, &same, e) == -1)
		return -1;
	if (!same)
		return changed(ip, e);
	if (inplace_commit(ip, last, e) == -1)
		return -1;
	ip->seq = last->slot.seq;
	ip->st.done = last->slot.off + last->slot.len;
	return 0;
}

/* A request of earlier, which nobody saw. */
static int
forget_pause(const struct inplace *ip, struct dd_err *e)
{
	struct stat st;
	char *path;
	int rc = 0;

	if (inplace_pause_path(ip->file, &path, e) == -1)
		return -1;
	if (lstat(path, &st) == 0)
		rc = file_io(ip->file)->unlink(path, e);
	free(path);
	return rc;
}

static int
prepare(struct inplace *ip, const struct recrypt_side *from,
    const struct recrypt_side *to, struct dd_err *e)
{
	if (check_image(ip, e) == -1 ||
	    check_side(ip, from, &ip->st.from, "old", e) == -1 ||
	    check_side(ip, to, &ip->st.to, "new", e) == -1 ||
	    area_alloc(&ip->areas[0], ip->st.area, e) == -1 ||
	    area_alloc(&ip->areas[1], ip->st.area, e) == -1 ||
	    crew_open(from, to, REKEY_CHUNK, &ip->crew, e) == -1)
		return -1;
	return recover(ip, e) == -1 ? -1 : forget_pause(ip, e);
}

int
inplace_open(struct blk *file, const struct recrypt_side *from,
    const struct recrypt_side *to, struct inplace **out, struct dd_err *e)
{
	struct inplace *ip = calloc(1, sizeof(*ip));
	int rc;

	if (ip == NULL)
		return dd_fail_nomem(e);
	ip->file = file;
	ip->fd = -1;
	rc = rekey_open(file_path(file), true, &ip->st, &ip->fd, &ip->path,
	    e);
	if (rc == 0) {
		(void)dd_fail(e, ERR_NOENT, "%s: is not being re-encrypted",
		    file_path(file));
		(void)dd_hint(e, "there is nothing to resume");
	}
	if (rc != 1 || prepare(ip, from, to, e) == -1) {
		inplace_close(ip);
		return -1;
	}
	*out = ip;
	return 0;
}
