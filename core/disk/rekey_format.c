/*
 * The state of a re-encryption in place, as a file.
 *
 *	header	20480 bytes: magic; inode and size of the image; offset and
 *		length of the cgd in it; bytes of a step (area); when begun; a
 *		random id; checksum over the header (taken as zeros itself);
 *		the two sides; then, each 4096 bytes and ended by NUL, the
 *		paths of the old and the new parameters file, that of the
 *		image, and a note of the caller's
 *	slots	two, each 4096 bytes (sequence number, offset and length in the
 *		cgd, a checksum for each 256 KiB of data, checksum over the id
 *		and all that) and area bytes of data: the new content
 *
 * A side: sector size, bits of the key, names of algorithm and IV method, and
 * a salt with HMAC-SHA256(key, text, salt), cut to 16 bytes.  Integers are
 * little-endian; checksums are BLAKE2b-256.
 *
 * Step n goes from old to new in these moves, each after the one before:
 *
 *	1. the old content is read, and the new one made, in memory
 *	2. the new content is written to slot (n - 1) % 2; fsync of the state
 *	3. it is written to the image; fsync of the image
 *
 * and step n + 1 begins its move 2 after that.  So whenever it stops, let n be
 * the highest number of a slot whose checksums are right (0: none):
 *
 *  - What the steps up to n - 1 wrote to the image is durable: n - 1 had ended
 *    before slot n was begun.
 *  - Of area n any sectors may be new and the others old: slot n has them all,
 *    and writing it again, as often as it takes, makes them new.
 *  - No byte behind area n is touched: move 3 of step n + 1 comes after its
 *    move 2 is durable, and then n + 1 would be the highest.
 *
 * A slot torn in move 2 of step n + 1 is that of step n - 1, of which nothing
 * is needed any more, and slot n stands untouched beside it.  (The file is
 * written with zeros to its full length when it is made: the first slot may be
 * torn, too, and then the second is zero.)  So the state is the slots, and the
 * progress needs no place of its own.
 *
 * When all is done it is cut to no length before it is unlinked: an empty one
 * counts as none.
 *
 * What is read back need not be durable: who was killed before an fsync, or
 * whose fsync failed, leaves a slot that is right in memory only.  Hence who
 * goes on writes slot n once more as it stands, and syncs that, before
 * anything is written to the image.  A sector, 512 bytes, is written whole or
 * not at all.
 */
#include <string.h>

#include "core/base/bytes.h"
#include "core/disk/rekey_format.h"

enum {
	H_INO = 24,
	H_IMAGE_SIZE = 32,
	H_OFF = 40,
	H_LEN = 48,
	H_AREA = 56,
	H_BEGUN = 64,
	H_ID = 72,
	H_SUM = 96,
	H_FROM = 128,
	H_TO = 256,
	H_TEXTS = 4096,
	SIDE_SECTOR = 0,
	SIDE_KEYLEN = 4,
	SIDE_ALGORITHM = 8,
	SIDE_IVMETHOD = SIDE_ALGORITHM + REKEY_NAME,
	SIDE_SALT = SIDE_IVMETHOD + REKEY_NAME,
	SIDE_CHECK = SIDE_SALT + REKEY_CHECK,
	S_SEQ = 0,
	S_OFF = 8,
	S_LEN = 16,
	S_SUM = 32,
	S_CHUNKS = 64
};

_Static_assert(H_TEXTS + 4 * REKEY_TEXT == REKEY_HEADER, "header");
_Static_assert(S_CHUNKS + REKEY_CHUNKS * HASH_LEN <= REKEY_SLOT, "slot");

static void
put_side(uint8_t *p, const struct rekey_side *s)
{
	put32le(p + SIDE_SECTOR, s->sector_size);
	put32le(p + SIDE_KEYLEN, s->keylen);
	memcpy(p + SIDE_ALGORITHM, s->algorithm, REKEY_NAME);
	memcpy(p + SIDE_IVMETHOD, s->ivmethod, REKEY_NAME);
	memcpy(p + SIDE_SALT, s->salt, REKEY_CHECK);
	memcpy(p + SIDE_CHECK, s->check, REKEY_CHECK);
}

void
rekey_encode(const struct rekey_state *st, uint8_t raw[REKEY_HEADER])
{
	const char *const texts[] = { st->from.params, st->to.params,
	    st->image, st->note };
	uint8_t sum[HASH_LEN];
	size_t i;

	memset(raw, 0, REKEY_HEADER);
	memcpy(raw, REKEY_MAGIC, 16);
	put64le(raw + H_INO, st->ino);
	put64le(raw + H_IMAGE_SIZE, st->image_size);
	put64le(raw + H_OFF, st->off);
	put64le(raw + H_LEN, st->len);
	put64le(raw + H_AREA, st->area);
	put64le(raw + H_BEGUN, (uint64_t)st->begun);
	memcpy(raw + H_ID, st->id, REKEY_ID);
	put_side(raw + H_FROM, &st->from);
	put_side(raw + H_TO, &st->to);
	for (i = 0; i < 4; i++)
		memcpy(raw + H_TEXTS + i * REKEY_TEXT, texts[i],
		    strnlen(texts[i], REKEY_TEXT - 1));
	hash_once(HASH_BLAKE2B, raw, REKEY_HEADER, sum);
	memcpy(raw + H_SUM, sum, HASH_LEN);
}

static bool
get_text(char *to, const uint8_t *p, size_t room)
{
	memcpy(to, p, room);
	return memchr(to, '\0', room) != NULL;
}

static bool
get_side(const uint8_t *p, struct rekey_side *s)
{
	s->sector_size = get32le(p + SIDE_SECTOR);
	s->keylen = get32le(p + SIDE_KEYLEN);
	memcpy(s->salt, p + SIDE_SALT, REKEY_CHECK);
	memcpy(s->check, p + SIDE_CHECK, REKEY_CHECK);
	return get_text(s->algorithm, p + SIDE_ALGORITHM, REKEY_NAME) &&
	    get_text(s->ivmethod, p + SIDE_IVMETHOD, REKEY_NAME) &&
	    s->sector_size >= 512 && s->sector_size <= REKEY_AREA_UNIT &&
	    (s->sector_size & (s->sector_size - 1)) == 0;
}

static bool
sum_is_right(const uint8_t raw[REKEY_HEADER])
{
	static const uint8_t zeros[HASH_LEN];
	uint8_t sum[HASH_LEN];
	struct dd_err ignored = DD_ERR_INIT;
	struct hash *h;

	if (hash_open(HASH_BLAKE2B, &h, &ignored) == -1)
		return false;
	hash_add(h, raw, H_SUM);
	hash_add(h, zeros, HASH_LEN);
	hash_add(h, raw + H_SUM + HASH_LEN, REKEY_HEADER - H_SUM - HASH_LEN);
	hash_result(h, sum);
	hash_close(h);
	return memcmp(raw + H_SUM, sum, HASH_LEN) == 0;
}

/* What comes of these numbers must not overflow, nor leave the image. */
static bool
numbers_are_sound(const struct rekey_state *st)
{
	uint64_t end;

	return st->len > 0 && st->len % st->from.sector_size == 0 &&
	    st->len % st->to.sector_size == 0 &&
	    !__builtin_add_overflow(st->off, st->len, &end) &&
	    end <= st->image_size && st->image_size <= INT64_MAX &&
	    st->area > 0 && st->area % REKEY_AREA_UNIT == 0 &&
	    st->area <= REKEY_AREA_MAX;
}

bool
rekey_decode(const uint8_t raw[REKEY_HEADER], struct rekey_state *st)
{
	char *const texts[] = { st->from.params, st->to.params, st->image,
	    st->note };
	size_t i;

	if (memcmp(raw, REKEY_MAGIC, 16) != 0 || !sum_is_right(raw))
		return false;
	st->ino = get64le(raw + H_INO);
	st->image_size = get64le(raw + H_IMAGE_SIZE);
	st->off = get64le(raw + H_OFF);
	st->len = get64le(raw + H_LEN);
	st->area = get64le(raw + H_AREA);
	st->begun = (time_t)get64le(raw + H_BEGUN);
	memcpy(st->id, raw + H_ID, REKEY_ID);
	st->done = 0;
	for (i = 0; i < 4; i++)
		if (!get_text(texts[i], raw + H_TEXTS + i * REKEY_TEXT,
		    REKEY_TEXT))
			return false;
	return get_side(raw + H_FROM, &st->from) &&
	    get_side(raw + H_TO, &st->to) && numbers_are_sound(st);
}

/* -- slots --------------------------------------------------------------- */

uint64_t
rekey_steps(const struct rekey_state *st)
{
	return (st->len - 1) / st->area + 1;
}

void
rekey_step(const struct rekey_state *st, uint64_t seq, uint64_t *off,
    size_t *len)
{
	*off = (seq - 1) * st->area;
	*len = (size_t)min64(st->len - *off, st->area);
}

size_t
rekey_chunks(uint64_t len)
{
	return (size_t)((len + REKEY_CHUNK - 1) / REKEY_CHUNK);
}

uint64_t
rekey_slot_at(const struct rekey_state *st, uint64_t seq)
{
	return REKEY_HEADER + (seq - 1) % REKEY_SLOTS *
	    (REKEY_SLOT + st->area);
}

uint64_t
rekey_file_size(const struct rekey_state *st)
{
	return REKEY_HEADER + REKEY_SLOTS * (REKEY_SLOT + st->area);
}

static void
sum_slot(const struct rekey_state *st, const uint8_t raw[REKEY_SLOT],
    uint8_t sum[HASH_LEN])
{
	uint8_t all[REKEY_ID + REKEY_SLOT];

	memcpy(all, st->id, REKEY_ID);
	memcpy(all + REKEY_ID, raw, REKEY_SLOT);
	memset(all + REKEY_ID + S_SUM, 0, HASH_LEN);
	hash_once(HASH_BLAKE2B, all, sizeof(all), sum);
}

void
rekey_slot_encode(const struct rekey_state *st, const struct rekey_slot *s,
    uint8_t raw[REKEY_SLOT])
{
	uint8_t sum[HASH_LEN];

	memset(raw, 0, REKEY_SLOT);
	put64le(raw + S_SEQ, s->seq);
	put64le(raw + S_OFF, s->off);
	put64le(raw + S_LEN, s->len);
	memcpy(raw + S_CHUNKS, s->sums, rekey_chunks(s->len) * HASH_LEN);
	sum_slot(st, raw, sum);
	memcpy(raw + S_SUM, sum, HASH_LEN);
}

static bool
all_zero(const uint8_t *p, size_t len)
{
	while (len > 0 && *p == 0) {
		p++;
		len--;
	}
	return len == 0;
}

enum rekey_slot_is
rekey_slot_decode(const struct rekey_state *st,
    const uint8_t raw[REKEY_SLOT], struct rekey_slot *s)
{
	uint8_t sum[HASH_LEN];
	uint64_t off;
	size_t len;

	if (all_zero(raw, REKEY_SLOT))
		return REKEY_SLOT_ZERO;
	sum_slot(st, raw, sum);
	if (memcmp(raw + S_SUM, sum, HASH_LEN) != 0)
		return REKEY_SLOT_TORN;
	s->seq = get64le(raw + S_SEQ);
	s->off = get64le(raw + S_OFF);
	s->len = get64le(raw + S_LEN);
	if (s->seq == 0 || s->seq > rekey_steps(st))
		return REKEY_SLOT_TORN;
	rekey_step(st, s->seq, &off, &len);
	if (s->off != off || s->len != len)
		return REKEY_SLOT_TORN;
	memcpy(s->sums, raw + S_CHUNKS, sizeof(s->sums));
	return REKEY_SLOT_WHOLE;
}
