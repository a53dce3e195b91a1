/* Parameters files: base64 bit strings, and writing as cgdconfig does. */
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "core/base/bytes.h"
#include "core/cgd/params.h"

static const char digits[] =
    "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";

/*
 * Decode standard base64 into out, which has room for len * 3 / 4 bytes.
 * Padding ends it.  Returns -1 for a character that does not belong.
 */
static int
decode64(const char *s, size_t len, unsigned char *out, size_t *n)
{
	uint32_t acc = 0;
	unsigned have = 0;
	const char *at;
	size_t i;

	*n = 0;
	for (i = 0; i < len && s[i] != '='; i++) {
		if (s[i] == '\0' || (at = strchr(digits, s[i])) == NULL)
			return -1;
		acc = acc << 6 | (uint32_t)(at - digits);
		have += 6;
		if (have >= 8) {
			have -= 8;
			out[(*n)++] = (unsigned char)(acc >> have);
		}
	}
	for (; i < len; i++)
		if (s[i] != '=')
			return -1;
	return 0;
}

int
cgd_bits_decode(const char *b64, size_t len, struct cgd_bits *out,
    struct dd_err *e)
{
	struct secret raw = SECRET_INIT, bytes = SECRET_INIT;
	size_t n, need;
	uint32_t bits;
	int rc = -1;

	if (secret_alloc(&raw, len, e) == -1)
		return -1;
	if (decode64(b64, len, raw.p, &n) == -1 || n < 4) {
		(void)dd_fail(e, ERR_FORMAT, "not base64 of a bit string");
		goto out;
	}
	bits = get32be(raw.p);
	need = ((size_t)bits + 7) / 8;
	if (bits == 0 || need > n - 4) {
		(void)dd_fail(e, ERR_FORMAT,
		    "says %u bits, but has %zu bytes", bits, n - 4);
		goto out;
	}
	if (secret_alloc(&bytes, need, e) == -1)
		goto out;
	memcpy(bytes.p, raw.p + 4, need);
	out->bytes = bytes;
	out->bits = bits;
	rc = 0;
out:
	secret_free(&raw);
	return rc;
}

int
cgd_bits_encode(const struct cgd_bits *b, struct secret *text,
    struct dd_err *e)
{
	struct secret raw = SECRET_INIT, s = SECRET_INIT;
	size_t i, n = 0;
	uint32_t v;

	if (secret_alloc(&raw, b->bytes.len + 4 + 2, e) == -1)
		return -1;
	raw.len -= 2;			/* two zero bytes to read over */
	if (secret_alloc(&s, (raw.len + 2) / 3 * 4, e) == -1) {
		secret_free(&raw);
		return -1;
	}
	put32be(raw.p, b->bits);
	memcpy(raw.p + 4, b->bytes.p, b->bytes.len);
	for (i = 0; i < raw.len; i += 3) {
		v = (uint32_t)raw.p[i] << 16 | (uint32_t)raw.p[i + 1] << 8 |
		    raw.p[i + 2];
		s.p[n++] = (unsigned char)digits[v >> 18];
		s.p[n++] = (unsigned char)digits[v >> 12 & 63];
		s.p[n++] = (unsigned char)(i + 1 < raw.len ?
		    digits[v >> 6 & 63] : '=');
		s.p[n++] = (unsigned char)(i + 2 < raw.len ?
		    digits[v & 63] : '=');
	}
	secret_free(&raw);
	*text = s;
	return 0;
}

/* Append to the text under construction, which has room enough. */
static void
put(struct secret *t, size_t *n, const char *fmt, ...)
    DD_PRINTF(3, 4);

static void
put(struct secret *t, size_t *n, const char *fmt, ...)
{
	va_list ap;
	int r;

	va_start(ap, fmt);
	r = vsnprintf((char *)t->p + *n, t->len + 1 - *n, fmt, ap);
	va_end(ap);
	if (r > 0)
		*n += (size_t)r < t->len - *n ? (size_t)r : t->len - *n;
}

static int
put_bits(struct secret *t, size_t *n, const char *key,
    const struct cgd_bits *b, struct dd_err *e)
{
	struct secret text = SECRET_INIT;

	if (cgd_bits_encode(b, &text, e) == -1)
		return -1;
	put(t, n, "%s %s;\n", key, (const char *)text.p);
	secret_free(&text);
	return 0;
}

static int
put_keygen(struct secret *t, size_t *n, const struct cgd_keygen *kg,
    struct dd_err *e)
{
	put(t, n, "keygen %s", cgd_method_name(kg->method));
	switch (kg->method) {
	case CGD_RANDOMKEY:
	case CGD_URANDOMKEY:
		put(t, n, ";\n");
		return 0;
	case CGD_STOREDKEY:
		put(t, n, " ");
		return put_bits(t, n, "key", &kg->key, e);
	case CGD_SHELL_CMD:
		put(t, n, " cmd \"%s\";\n", kg->cmd);
		return 0;
	case CGD_PBKDF2_SHA1:
	case CGD_PBKDF2_OLD:
	case CGD_ARGON2ID:
		break;
	}
	put(t, n, " {\n        iterations %u;\n", kg->iterations);
	if (kg->method == CGD_ARGON2ID)
		put(t, n, "        memory %u;\n        parallelism %u;\n"
		    "        version 19;\n", kg->memory, kg->parallelism);
	put(t, n, "        ");
	if (put_bits(t, n, "salt", &kg->salt, e) == -1)
		return -1;
	put(t, n, "};\n");
	return 0;
}

static int
put_keygens(struct secret *t, size_t *n, const struct cgd_params *p,
    struct dd_err *e)
{
	unsigned i;

	for (i = 0; i < p->nkeygens; i++)
		if (put_keygen(t, n, &p->keygens[i], e) == -1)
			return -1;
	return 0;
}

int
cgd_params_keygens_text(const struct cgd_params *p, struct secret *text,
    struct dd_err *e)
{
	size_t n = 0;

	if (secret_alloc(text, CGD_PARAMS_MAX, e) == -1)
		return -1;
	if (put_keygens(text, &n, p, e) == -1) {
		secret_free(text);
		return -1;
	}
	secret_cut(text, n);
	return 0;
}

int
cgd_params_generate(struct cgd_params *p, struct dd_err *e)
{
	struct secret t = SECRET_INIT;
	size_t n = 0;

	if (secret_alloc(&t, CGD_PARAMS_MAX, e) == -1)
		return -1;
	put(&t, &n, "algorithm %s;\niv-method %s;\nkeylength %u;\n"
	    "verify_method %s;\n", p->algorithm, p->ivmethod, p->keylen,
	    cgd_verify_name(p->verify));
	if (put_keygens(&t, &n, p, e) == -1) {
		secret_free(&t);
		return -1;
	}
	secret_cut(&t, n);
	secret_free(&p->text);
	p->text = t;
	return 0;
}
