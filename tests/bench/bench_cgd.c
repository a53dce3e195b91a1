/*
 * The cgd layer over a file in the page cache, against libgcrypt called
 * sector by sector with its IV on memory; with one thread, and with two.
 */
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include <gcrypt.h>

#include "core/base/bytes.h"
#include "core/cgd/cgd.h"
#include "core/disk/file.h"

#define SIZE	(256 << 20)
#define CHUNK	(1 << 20)
#define SECTOR	512
#define ROUNDS	5

static double
now(void)
{
	struct timespec ts;

	(void)clock_gettime(CLOCK_MONOTONIC, &ts);
	return (double)ts.tv_sec + (double)ts.tv_nsec / 1e9;
}

static void
must(int r, const struct dd_err *e)
{
	if (r == -1) {
		fprintf(stderr, "bench: %s\n", e->msg);
		exit(1);
	}
}

/* Decrypt as much as the file holds, in memory. */
static double
alone(bool xts, const uint8_t *key, size_t len, uint8_t *buf)
{
	gcry_cipher_hd_t hd, ecb = NULL;
	int algo = len == 16 ? GCRY_CIPHER_AES128 : GCRY_CIPHER_AES256;
	double start;
	uint64_t n, i;

	(void)gcry_cipher_open(&hd, algo, xts ? GCRY_CIPHER_MODE_XTS :
	    GCRY_CIPHER_MODE_CBC, GCRY_CIPHER_SECURE);
	(void)gcry_cipher_setkey(hd, key, len);
	if (!xts) {
		(void)gcry_cipher_open(&ecb, algo, GCRY_CIPHER_MODE_ECB,
		    GCRY_CIPHER_SECURE);
		(void)gcry_cipher_setkey(ecb, key, len);
	}
	start = now();
	for (n = 0; n < SIZE / SECTOR; n++) {
		uint8_t iv[16] = { 0 };

		i = n % (CHUNK / SECTOR);
		put64le(iv, n);
		if (!xts)
			(void)gcry_cipher_encrypt(ecb, iv, 16, NULL, 0);
		(void)gcry_cipher_setiv(hd, iv, 16);
		(void)gcry_cipher_decrypt(hd, buf + i * SECTOR, SECTOR, NULL,
		    0);
	}
	start = now() - start;
	gcry_cipher_close(hd);
	gcry_cipher_close(ecb);
	return start;
}

static double
layer(const char *path, const struct cgd_params *p, const struct secret *key,
    bool threads, uint8_t *buf)
{
	struct dd_err e = DD_ERR_INIT;
	struct blk *file, *b;
	double start;
	uint64_t off;

	must(file_open(path, 0, 0, &file, &e), &e);
	must(cgd_open(file, p, key, threads, &b, &e), &e);
	start = now();
	for (off = 0; off < SIZE; off += CHUNK)
		must(blk_pread(b, buf, CHUNK, off, &e), &e);
	start = now() - start;
	blk_close(b);
	return start;
}

static void
compare(const char *path, const char *alg, uint32_t bits, double wanted,
    uint8_t *buf)
{
	struct cgd_params p = { .keylen = bits };
	struct secret key = SECRET_INIT;
	struct dd_err e = DD_ERR_INIT;
	bool xts = strcmp(alg, "aes-xts") == 0;
	double ours = 1e9, both = 1e9, theirs = 1e9, t;
	int i;

	p.algorithm = strdup(alg);
	p.ivmethod = strdup("encblkno1");
	must(secret_alloc(&key, bits / 8, &e), &e);
	memset(key.p, 0x5a, key.len);
	key.p[0] = 1;
	for (i = 0; i < ROUNDS; i++) {
		if ((t = layer(path, &p, &key, false, buf)) < ours)
			ours = t;
		if ((t = layer(path, &p, &key, true, buf)) < both)
			both = t;
		if ((t = alone(xts, key.p, key.len, buf)) < theirs)
			theirs = t;
	}
	printf("cgd layer, %s %u: %.2f GB/s, libgcrypt alone: %.2f GB/s, "
	    "%.0f %% (%.0f wanted); with a second core %.2f GB/s, %.0f %%\n",
	    alg, bits, SIZE / ours / 1e9, SIZE / theirs / 1e9,
	    100 * theirs / ours, wanted, SIZE / both / 1e9,
	    100 * theirs / both);
	secret_free(&key);
	cgd_params_dispose(&p);
}

int
main(int argc, char **argv)
{
	uint8_t *buf = malloc(CHUNK);
	int fd, i;

	if (argc != 2 || buf == NULL)
		return 2;
	memset(buf, 0xa5, CHUNK);
	fd = open(argv[1], O_RDWR | O_CREAT | O_TRUNC, 0600);
	for (i = 0; i < SIZE / CHUNK; i++)
		if (write(fd, buf, CHUNK) != CHUNK)
			return 1;
	(void)close(fd);
	compare(argv[1], "aes-xts", 256, 70, buf);
	compare(argv[1], "aes-xts", 512, 70, buf);
	compare(argv[1], "aes-cbc", 128, 55, buf);
	compare(argv[1], "aes-cbc", 256, 55, buf);
	(void)unlink(argv[1]);
	free(buf);
	return 0;
}
