/*
 * cgdconfig's verify methods: does what the key decrypts look like a disk?
 * A wrong key yields noise, in which none of these turns up by chance.
 */
#include <string.h>

#include "core/base/bytes.h"
#include "core/cgd/keygen.h"

#define SCAN		8192
#define LABEL_MAGIC	0x82564557U
#define LABEL_MAGIC2	132		/* offsets in struct disklabel */
#define LABEL_NPARTS	138
#define LABEL_PARTS	148
#define FFS_MAGIC	1372

static bool
label_at(const uint8_t *p, size_t room)
{
	unsigned n, sum = 0;
	size_t len, i;

	if (room < LABEL_PARTS || get32le(p) != LABEL_MAGIC ||
	    get32le(p + LABEL_MAGIC2) != LABEL_MAGIC)
		return false;
	n = get16le(p + LABEL_NPARTS);
	len = LABEL_PARTS + 16 * (size_t)n;
	if (n > 22 || len > room)
		return false;
	for (i = 0; i < len; i += 2)
		sum ^= get16le(p + i);
	return sum == 0;
}

static bool
has_label(const uint8_t *p)
{
	size_t i;

	for (i = 0; i + LABEL_PARTS <= SCAN; i += 4)
		if (label_at(p + i, SCAN - i))
			return true;
	return false;
}

static bool
is_superblock(const uint8_t *p)
{
	static const uint32_t magics[] = { 0x011954, 0x19540119, 0x19012038 };
	size_t i;

	for (i = 0; i < sizeof(magics) / sizeof(magics[0]); i++)
		if (get32le(p + FFS_MAGIC) == magics[i] ||
		    get32be(p + FFS_MAGIC) == magics[i])
			return true;
	return false;
}

static int
has_ffs(struct blk *plain, uint8_t *p, bool *fits, struct dd_err *e)
{
	static const uint64_t at[] = { 65536, 8192, 0, 262144 };
	size_t i;

	*fits = false;
	for (i = 0; i < sizeof(at) / sizeof(at[0]) && !*fits; i++) {
		if (at[i] + SCAN > plain->size)
			continue;
		if (blk_pread(plain, p, SCAN, at[i], e) == -1)
			return -1;
		*fits = is_superblock(p);
	}
	return 0;
}

int
cgd_verify_layer(struct blk *plain, enum cgd_verify method, bool *fits,
    struct dd_err *e)
{
	uint8_t p[SCAN] = { 0 };

	if (method == CGD_VERIFY_FFS)
		return has_ffs(plain, p, fits, e);
	if (blk_pread(plain, p, min64(SCAN, plain->size), 0, e) == -1)
		return -1;
	switch (method) {
	case CGD_VERIFY_DISKLABEL:
		*fits = has_label(p);
		break;
	case CGD_VERIFY_MBR:
		*fits = get16le(p + 510) == 0xaa55;
		break;
	case CGD_VERIFY_GPT:
		*fits = memcmp(p + plain->sector_size, "EFI PART", 8) == 0;
		break;
	case CGD_VERIFY_NONE:
	case CGD_VERIFY_REENTER:
	case CGD_VERIFY_FFS:
		*fits = true;
		break;
	}
	return 0;
}
