/* libgcrypt behind hash.h; it is initialised at the first use. */
#include <gcrypt.h>

#include "core/base/hash.h"

static const int algos[] = {
	[HASH_SHA256] = GCRY_MD_SHA256,
	[HASH_BLAKE2B] = GCRY_MD_BLAKE2B_256,
};

static void
init(void)
{
	if (!gcry_control(GCRYCTL_INITIALIZATION_FINISHED_P)) {
		(void)gcry_check_version(NULL);
		(void)gcry_control(GCRYCTL_INITIALIZATION_FINISHED, 0);
	}
}

/* A struct hash is libgcrypt's handle under another name. */
static gcry_md_hd_t
handle(struct hash *h)
{
	return (gcry_md_hd_t)(void *)h;
}

int
hash_open(enum hash_kind kind, struct hash **out, struct dd_err *e)
{
	gcry_md_hd_t md;
	gcry_error_t err;

	init();
	if ((err = gcry_md_open(&md, algos[kind], 0)) != 0)
		return dd_fail(e, ERR_NOMEM, "libgcrypt: %s",
		    gcry_strerror(err));
	*out = (struct hash *)(void *)md;
	return 0;
}

void
hash_add(struct hash *h, const void *p, size_t len)
{
	gcry_md_write(handle(h), p, len);
}

void
hash_result(struct hash *h, uint8_t sum[HASH_LEN])
{
	const unsigned char *got = gcry_md_read(handle(h), 0);
	int i;

	for (i = 0; i < HASH_LEN; i++)
		sum[i] = got[i];
	gcry_md_reset(handle(h));
}

void
hash_close(struct hash *h)
{
	if (h != NULL)
		gcry_md_close(handle(h));
}

void
hash_once(enum hash_kind kind, const void *p, size_t len,
    uint8_t sum[HASH_LEN])
{
	init();
	gcry_md_hash_buffer(algos[kind], sum, p, len);
}

char *
hash_hex(char hex[HASH_HEX], const uint8_t sum[HASH_LEN])
{
	static const char digits[] = "0123456789abcdef";
	int i;

	for (i = 0; i < HASH_LEN; i++) {
		hex[2 * i] = digits[sum[i] >> 4];
		hex[2 * i + 1] = digits[sum[i] & 15];
	}
	hex[2 * HASH_LEN] = '\0';
	return hex;
}
