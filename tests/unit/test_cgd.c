/*
 * core/cgd: parameters files, key generation and ciphers, against what
 * NetBSD's own code made, published vectors, and each other.
 */
#include <fcntl.h>
#include <unistd.h>

#include <gcrypt.h>

#include "core/cgd/adiantum.h"
#include "core/cgd/cgd.h"
#include "core/cgd/cipher.h"
#include "core/cgd/keygen.h"
#include "core/disk/file.h"
#include "tests/unit/scratch.h"
#include "tests/unit/t.h"

#define DIR	"tests/vectors/"

static struct dd_err e;

/* Gives the passphrases of a list, one after the other. */
struct answers {
	struct cgd_asker	 asker;
	const char *const	*next;
};

static int
answer(struct cgd_asker *a, const char *prompt, struct secret *pass,
    struct dd_err *err)
{
	struct answers *s = (struct answers *)a;

	(void)prompt;
	if (*s->next == NULL)
		return dd_fail(err, ERR_NOENT, "no more passphrases");
	if (secret_alloc(pass, strlen(*s->next), err) == -1)
		return -1;
	memcpy(pass->p, *s->next++, pass->len);
	return 0;
}

static void
hex(char *out, const void *p, size_t len)
{
	const unsigned char *b = p;
	size_t i;

	out[0] = '\0';
	for (i = 0; i < len; i++)
		(void)sprintf(out + 2 * i, "%02x", b[i]);
}

static void
unhex(unsigned char *out, const char *s)
{
	unsigned v;

	for (; s[0] != '\0'; s += 2) {
		(void)sscanf(s, "%2x", &v);
		*out++ = (unsigned char)v;
	}
}

static void
sha(char out[65], const void *p, size_t len)
{
	unsigned char digest[32];

	gcry_md_hash_buffer(GCRY_MD_SHA256, digest, p, len);
	hex(out, digest, sizeof(digest));
}

static const char *
key_of(const char *file, const char *const *passphrases)
{
	static char out[2 * CGD_KEY_MAX + 1];
	struct answers a = { { .passphrase = answer }, passphrases };
	struct cgd_params p;
	struct secret key = SECRET_INIT;
	char path[256];

	(void)snprintf(path, sizeof(path), DIR "keygen/%s.params", file);
	out[0] = '\0';
	dd_err_clear(&e);
	if (cgd_params_read(path, &p, &e) == -1)
		return e.msg;
	if (cgd_key_make(&p, &a.asker, &key, &e) == 0)
		hex(out, key.p, key.len);
	secret_free(&key);
	cgd_params_dispose(&p);
	return e.code == ERR_NONE ? out : e.msg;
}

#define PASS(...)	(const char *const[]){ __VA_ARGS__ }

static void
keygens_give_netbsds_keys(void)
{
	T_STR(key_of("pbkdf2-sha1-128", PASS("correct horse", NULL)),
	    "513214c4764bf42ee1c4360cd18c4b5e");
	T_STR(key_of("pbkdf2-old-192", PASS("oldpass", NULL)),
	    "aeca31ffaaedf6c343e130dd9c3fd2c59be768b3f707cd51");
	T_STR(key_of("stored-blowfish", PASS(NULL)),
	    "05101b26313c47525d68737e89949faa");
	T_STR(key_of("xor-two-passes", PASS("first", "second", NULL)),
	    "397931970186259dbef1a8dcfc2ca205110e436aea98b978f4046d15e2cedab5");
	T_STR(key_of("xor-short-stored", PASS(NULL)),
	    "0000000000000000000000000000000000000000000000000000000000000000");
	T_STR(key_of("deprecated", PASS("dep", NULL)),
	    "8f98a95dcac0188984b38a15c31e0c14");
	T_STR(key_of("G-pbkdf2-sha1-128", PASS("new1", NULL)),
	    "513214c4764bf42ee1c4360cd18c4b5e");
	T_STR(key_of("G-xor-two-passes", PASS("new2", NULL)),
	    "397931970186259dbef1a8dcfc2ca205110e436aea98b978f4046d15e2cedab5");
}

static int
parse(const char *text, struct cgd_params *p)
{
	return cgd_params_parse(text, strlen(text), "test", p, &e);
}

static const char *
key_of_text(const char *text, const char *const *passphrases)
{
	static char out[2 * CGD_KEY_MAX + 1];
	struct answers a = { { .passphrase = answer }, passphrases };
	struct cgd_params p;
	struct secret key = SECRET_INIT;

	dd_err_clear(&e);
	if (parse(text, &p) == -1)
		return e.msg;
	if (cgd_key_make(&p, &a.asker, &key, &e) == 0)
		hex(out, key.p, key.len);
	secret_free(&key);
	cgd_params_dispose(&p);
	return e.code == ERR_NONE ? out : e.msg;
}

static void
argon2_shared_and_commands(void)
{
	/* libargon2's own test: "password", "somesalt", t=2 m=2^16 p=1 */
	T_STR(key_of_text("algorithm aes-cbc; keylength 256;\n"
	    "keygen argon2id { iterations 2; memory 65536; parallelism 1;\n"
	    " version 19; salt AAAAQHNvbWVzYWx0; };\n", PASS("password", NULL)),
	    "09316115d5cf24ed5a15a31a3ba326e5cf32edc24702987c02b6566f61913cf7");
	/* RFC 5869, A.1: PRK and info, the first 32 bytes of the output */
	T_STR(key_of_text("algorithm aes-cbc; keylength 256;\nkeygen storedkey"
	    " { key AAABAAd3CTYsLjLfDdw/DcR7umOQtsc7tQ+cMSLshErXwrPl;\n"
	    "shared \"id\" algorithm hkdf-hmac-sha256 subkey "
	    "AAAAUPDx8vP09fb3+Pk=; };\n", PASS(NULL)),
	    "3cb25f25faacd57a90434f64d0362f2a2d2d0a90cf1a5a4c5db02d56ecc4c5bf");
	T_STR(key_of_text("algorithm aes-cbc;\n"
	    "keygen shell_cmd cmd \"printf 0123456789abcdef\";\n", PASS(NULL)),
	    "30313233343536373839616263646566");
	T_STR(key_of_text("algorithm aes-cbc;\n"
	    "keygen shell_cmd cmd \"echo 0123456789abcdef | tr a-f A-F | "
	    "head -c 16\";\n", PASS(NULL)), "30313233343536373839414243444546");
	T(strstr(key_of_text("algorithm aes-cbc;\n"
	    "keygen shell_cmd cmd \"echo short\";\n", PASS(NULL)), "6 bytes") !=
	    NULL);
	T(strstr(key_of_text("algorithm aes-cbc;\n"
	    "keygen shell_cmd cmd \"false\";\n", PASS(NULL)), "status 1") != NULL);
}

static void
the_grammar_with_its_oddities(void)
{
	struct cgd_params p;

	T_OK(parse("# comment; algorithm aes-xts # c\n;;\nkeylength 256;"
	    "keylength \\\n512\nverify_method re-enter; keygen randomkey\n",
	    &p));
	T_STR(p.algorithm, "aes-xts");
	T_STR(p.ivmethod, "encblkno1");
	T_EQ(p.keylen, 512);
	T_EQ(p.verify, CGD_VERIFY_REENTER);
	T_EQ(p.nkeygens, 1);
	T(cgd_params_is_random(&p));
	T(!cgd_params_wants_passphrase(&p));
	cgd_params_dispose(&p);

	T_OK(parse("algorithm blowfish-cbc;\ncolour { of the { bike } shed };\n"
	    "keygen pkcs5_pbkdf2/sha1 { iterations 9;; salt AAAAgKCh oqOkpaan\\"
	    "\n qKmqq6ytrq8=; };\n", &p));
	T_EQ(p.keylen, 128);
	T_STR(p.unknown, "line 2: colour");
	T_EQ(p.keygens[0].iterations, 9);
	T_EQ(p.keygens[0].salt.bits, 128);
	T_EQ(p.keygens[0].salt.bytes.p[15], 0xaf);
	T(cgd_params_wants_passphrase(&p));
	cgd_params_dispose(&p);

	T_ERR(parse("keylength 128;\n", &p), ERR_FORMAT);
	T_ERR(parse("algorithm rot13;\n", &p), ERR_UNSUP);
	T_ERR(parse("algorithm aes-cbc; keylength 100;\n", &p), ERR_FORMAT);
	T_ERR(parse("algorithm aes-cbc; iv-method plain;\n", &p), ERR_UNSUP);
	T_ERR(parse("algorithm aes-cbc; keygen storedkey;\n", &p), ERR_FORMAT);
	T_ERR(parse("algorithm aes-cbc; keygen storedkey key AAAB;\n", &p),
	    ERR_FORMAT);
	T_ERR(parse("algorithm aes-cbc; keygen storedkey key "
	    "AAABAAUQGyYxPEdSXWhzfomUn6o=;\n", &p), ERR_FORMAT);
	T_ERR(parse("algorithm aes-cbc; keygen storedkey key AA*=;\n", &p),
	    ERR_FORMAT);
	T_ERR(parse("algorithm aes-cbc; keygen pkcs5_pbkdf2 { iterations 1;",
	    &p), ERR_FORMAT);
	T_ERR(parse("algorithm aes-cbc extra;\n", &p), ERR_FORMAT);
	T_ERR(parse("algorithm aes-cbc;\n}\n", &p), ERR_FORMAT);
	T(strstr(e.msg, "line 2") != NULL);
}

static void
what_is_generated_reads_back(void)
{
	static const enum cgd_method methods[] = { CGD_PBKDF2_SHA1,
	    CGD_STOREDKEY, CGD_URANDOMKEY, CGD_ARGON2ID };
	struct cgd_params p = { .keylen = 256 }, q;
	struct secret text = SECRET_INIT;
	size_t i;

	p.algorithm = strdup("adiantum");
	p.ivmethod = strdup("encblkno1");
	p.verify = CGD_VERIFY_GPT;
	for (i = 0; i < sizeof(methods) / sizeof(methods[0]); i++) {
		p.keygens[i].method = methods[i];
		T_OK(cgd_keygen_fresh(&p.keygens[i], p.keylen, &e));
		p.nkeygens++;
	}
	T(p.keygens[0].iterations >= 1000);
	T_OK(cgd_params_generate(&p, &e));
	T_OK(cgd_params_parse(p.text.p, p.text.len, "generated", &q, &e));
	T_EQ(q.nkeygens, p.nkeygens);
	T_EQ(q.verify, CGD_VERIFY_GPT);
	T_EQ(q.keygens[1].key.bits, 256);
	T(memcmp(q.keygens[1].key.bytes.p, p.keygens[1].key.bytes.p, 32) == 0);
	T_EQ(q.keygens[3].memory, p.keygens[3].memory);
	/* as read, byte for byte; and made anew, the same again */
	T_EQ(q.text.len, p.text.len);
	T(memcmp(q.text.p, p.text.p, p.text.len) == 0);
	T_OK(cgd_params_generate(&q, &e));
	T_EQ(q.text.len, p.text.len);
	T(memcmp(q.text.p, p.text.p, p.text.len) == 0);
	secret_free(&text);
	cgd_params_dispose(&p);
	cgd_params_dispose(&q);
}

static void
published_adiantum_vectors(void)
{
	static const struct {
		size_t		 len;
		const char	*sha;
	} made[] = {	/* by an independent implementation, see the bytes */
		{ 512, "6b8d41347dd9dbf24684f2ee45f0ac81"
		    "757246f6ed757bbd4ba015b82cab680b" },
		{ 1024, "695b4ac65f1cd11d9546feadeeebcf25"
		    "2aebddb389ad4b3be2967ce1de722886" },
		{ 1040, "d750cbd373c7ca4b30938f67904e2255"
		    "6cb46eaf13644ec67d2fe15588a83fd4" },
		{ 2048, "1260827479414796946efe9b6cde2886"
		    "0bdeed605e01ec76f440d9be817aa19c" },
		{ 4096, "970f4469e86facbda1f07022d535f4a0"
		    "2ad504f50fe201b8ee8cbb60d5acc6ea" },
	};
	/* Adiantum_XChaCha12_32_AES256.json, the first */
	static const char key[] = "7fc7152ae1f5fda4176769aec92bba82"
	    "a314e7cfadfd8540da7b7d24bdf17d07";
	unsigned char k[32], buf[4096], tweak[16] = { 0x89, 0x67, 0x45,
	    0x23, 0x01 };
	struct adiantum *a;
	char out[65];
	size_t i, j;

	unhex(k, key);
	T_OK(adiantum_open(k, &a, &e));
	unhex(buf, "9be382c65ac19fad4659b80bacc857a0");
	T_OK(adiantum_run(a, true, buf, 16, tweak, 0, &e));
	hex(out, buf, 16);
	T_STR(out, "820ae44477dd9a186f80288b25070e85");
	for (i = 0; i < sizeof(made) / sizeof(made[0]); i++) {
		for (j = 0; j < made[i].len; j++)
			buf[j] = (unsigned char)(j * 7 + j / 256);
		T_OK(adiantum_run(a, true, buf, made[i].len, tweak,
		    sizeof(tweak), &e));
		sha(out, buf, made[i].len);
		T_STR(out, made[i].sha);
		T_OK(adiantum_run(a, false, buf, made[i].len, tweak,
		    sizeof(tweak), &e));
		T_EQ(buf[made[i].len - 1], (unsigned char)
		    ((made[i].len - 1) * 7 + (made[i].len - 1) / 256));
	}
	adiantum_close(a);
}

static const struct {
	const char	*name, *sha;
} images[] = {
	{ "cgd-aes-cbc-128-encblkno1", "074a447be54db13a41540ff2b6f0f068"
	    "02e110f1bce3c79240ea765e9fffc42a" },
	{ "cgd-aes-cbc-256-encblkno8", "c0425b274a3200985bfdffe840dab72e"
	    "1a46402a0f5ef8fcd8e0cbddd50a8ccb" },
	{ "cgd-aes-xts-256-encblkno1", "398244fed8d09891a5649d794c94c6a4"
	    "748edd4e4bd5938a49ffb3403e7444d4" },
	{ "cgd-blowfish-cbc-128-encblkno1", "f102b0d31f80f8cad1a9a0bacbea5990"
	    "2f61bcb5d7eecd18e962903c4f55273b" },
	{ "cgd-3des-cbc-192-encblkno1", "cd1e753eb0332b58a43629004eb3e538"
	    "d216e44d65266a82d4e9383f055b4e2b" },
	{ "cgd-adiantum-256-encblkno1", "852e594eaef93963b2fd68df83aa9799"
	    "4e4a9a1c6380a222f50299f979e19e98" },
};

/* Decrypts as NetBSD does, and what we encrypt is what NetBSD wrote. */
static void
images_made_by_netbsd(void)
{
	struct answers a = { { .passphrase = answer }, PASS(NULL) };
	struct cgd_params p;
	struct secret key = SECRET_INIT;
	struct blk *b, *raw;
	unsigned char *plain, *cipher;
	char name[64], path[256], out[65];
	bool fits;
	size_t i, size;
	int fd;

	for (i = 0; i < sizeof(images) / sizeof(images[0]); i++) {
		(void)snprintf(path, sizeof(path), DIR "cgd/%s.params",
		    images[i].name);
		T_OK(cgd_params_read(path, &p, &e));
		T_OK(cgd_key_make(&p, &a.asker, &key, &e));
		(void)snprintf(name, sizeof(name), "%s.img", images[i].name);
		(void)mkdir(scratch("cgd"), 0755);
		(void)snprintf(path, sizeof(path), "zstd -qdf -o '%s' " DIR
		    "cgd/%s.zst", scratch(name), name);
		T_EQ(system(path), 0);

		T_OK(file_open(scratch(name), FILE_WRITE, 0, &raw, &e));
		size = raw->size;
		T_OK(cgd_open(raw, &p, &key, true, &b, &e));
		plain = malloc(size);
		cipher = malloc(2 * size);
		T_OK(blk_pread(b, plain, size, 0, &e));
		sha(out, plain, size);
		T_STR(out, images[i].sha);
		T_OK(cgd_verify_layer(b, CGD_VERIFY_FFS, &fits, &e));
		T(fits);
		T_OK(cgd_verify_layer(b, CGD_VERIFY_DISKLABEL, &fits, &e));
		T(!fits);

		/* overwrite it with zeros and put the plaintext back */
		fd = open(scratch(name), O_RDWR);
		T_EQ(pread(fd, cipher, size, 0), size);
		memset(cipher + size, 0, size);
		T_EQ(pwrite(fd, cipher + size, size, 0), size);
		T_OK(blk_pwrite(b, plain, size, 0, BLK_DIRECT, &e));
		T_EQ(pread(fd, cipher + size, size, 0), size);
		T(memcmp(cipher, cipher + size, size) == 0);
		(void)close(fd);

		blk_close(b);
		free(plain);
		free(cipher);
		secret_free(&key);
		cgd_params_dispose(&p);
	}
}

/* Every algorithm, key size and sector size: there and back, and another
 * sector number or key gives something else. */
static void
every_cipher_there_and_back(void)
{
	static const uint32_t sizes[] = { 512, 1024, 2048, 4096 };
	unsigned char key[CGD_KEY_MAX], a[8192], b[8192];
	const struct cgd_algorithm *alg;
	struct cgd_cipher *c;
	size_t n, i, s;
	uint32_t bits;

	for (i = 0; i < sizeof(key); i++)
		key[i] = (unsigned char)(i * 37 + 11);
	for (n = 0; (alg = cgd_algorithm_at(n)) != NULL; n++)
		for (bits = alg->min_bits; bits <= alg->max_bits;
		    bits += alg->step_bits)
			for (s = 0; s < 4; s++) {
				T_OK(cgd_cipher_open(alg->name, bits,
				    "encblkno8", key, sizes[s], &c, &e));
				memset(a, 0x5a, sizeof(a));
				T_OK(cgd_encrypt(c, a, sizeof(a), 7, &e));
				T(memcmp(a, a + sizes[s], sizes[s]) != 0);
				memset(b, 0x5a, sizeof(b));
				T_OK(cgd_encrypt(c, b, sizes[s], 8, &e));
				T(memcmp(b, a + sizes[s], sizes[s]) == 0);
				T_OK(cgd_decrypt(c, a, sizeof(a), 7, &e));
				memset(b, 0x5a, sizeof(b));
				T(memcmp(a, b, sizeof(a)) == 0);
				cgd_cipher_close(c);
			}
	T_ERR(cgd_cipher_open("aes-cbc", 129, "encblkno1", key, 512, &c, &e),
	    ERR_UNSUP);
	T_ERR(cgd_cipher_open("aes-cbc", 128, "null", key, 512, &c, &e),
	    ERR_UNSUP);
}

int
main(void)
{
	T_RUN(keygens_give_netbsds_keys);
	T_RUN(argon2_shared_and_commands);
	T_RUN(the_grammar_with_its_oddities);
	T_RUN(what_is_generated_reads_back);
	T_RUN(published_adiantum_vectors);
	T_RUN(images_made_by_netbsd);
	T_RUN(every_cipher_there_and_back);
	return t_done();
}
