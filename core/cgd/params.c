/*
 * Parameters files: reading.
 *
 * One pass over the text with a lexer that gives words, braces and ends of
 * statements.  A statement is looked up in a table; one that is not there is
 * passed over (and named to the caller), since the file belongs to cgdconfig
 * and its next release may know more than we do.
 */
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "core/base/buf.h"
#include "core/base/units.h"
#include "core/cgd/cipher.h"
#include "core/cgd/params.h"

enum token {
	TOK_WORD, TOK_OPEN, TOK_CLOSE, TOK_EOL, TOK_END,
	TOK_OPEN_QUOTE		/* a quote that nothing closes, to the end */
};

struct lexer {
	const char	*text, *name;
	size_t		 len, at;
	unsigned	 line;
	const char	*word;		/* of TOK_WORD */
	size_t		 wlen;
};

static const char *const methods[] = {
	[CGD_PBKDF2_SHA1] = "pkcs5_pbkdf2/sha1",
	[CGD_PBKDF2_OLD] = "pkcs5_pbkdf2",
	[CGD_STOREDKEY] = "storedkey",
	[CGD_RANDOMKEY] = "randomkey",
	[CGD_URANDOMKEY] = "urandomkey",
	[CGD_SHELL_CMD] = "shell_cmd",
	[CGD_ARGON2ID] = "argon2id",
};

static const char *const verifies[] = {
	[CGD_VERIFY_NONE] = "none",
	[CGD_VERIFY_DISKLABEL] = "disklabel",
	[CGD_VERIFY_FFS] = "ffs",
	[CGD_VERIFY_MBR] = "mbr",
	[CGD_VERIFY_GPT] = "gpt",
	[CGD_VERIFY_REENTER] = "re-enter",
};

#define COUNT(a)	(sizeof(a) / sizeof((a)[0]))

static int
find(const char *const *names, size_t n, const char *word)
{
	size_t i;

	for (i = 0; i < n; i++)
		if (strcmp(names[i], word) == 0)
			return (int)i;
	return -1;
}

int
cgd_method_parse(const char *s)
{
	return find(methods, COUNT(methods), s);
}

int
cgd_verify_parse(const char *s)
{
	return find(verifies, COUNT(verifies), s);
}

const char *
cgd_method_name(enum cgd_method m)
{
	return methods[m];
}

const char *
cgd_verify_name(enum cgd_verify v)
{
	return verifies[v];
}

static enum token
next(struct lexer *l)
{
	const char *t = l->text;

	for (; l->at < l->len; l->at++) {
		if (t[l->at] == '\\' && l->at + 1 < l->len &&
		    t[l->at + 1] == '\n') {
			l->at++;
			l->line++;
		} else if (t[l->at] == '#') {
			while (l->at + 1 < l->len && t[l->at + 1] != '\n' &&
			    t[l->at + 1] != ';')
				l->at++;
		} else if (t[l->at] != ' ' && t[l->at] != '\t' &&
		    t[l->at] != '\r')
			break;
	}
	if (l->at == l->len)
		return TOK_END;
	switch (t[l->at]) {
	case '\n':
		l->line++;
		l->at++;
		return TOK_EOL;
	case ';':
		l->at++;
		return TOK_EOL;
	case '{':
		l->at++;
		return TOK_OPEN;
	case '}':
		l->at++;
		return TOK_CLOSE;
	case '"':
		l->word = t + ++l->at;
		/* over line ends, too */
		for (; l->at < l->len && t[l->at] != '"'; l->at++)
			l->line += t[l->at] == '\n';
		l->wlen = (size_t)(t + l->at - l->word);
		if (l->at == l->len)
			return TOK_OPEN_QUOTE;
		l->at++;
		return TOK_WORD;
	default:
		l->word = t + l->at;
		while (l->at < l->len && strchr(" \t\r\n{};\"", t[l->at]) ==
		    NULL && t[l->at] != '\0' &&
		    !(t[l->at] == '\\' && l->at + 1 < l->len &&
		    t[l->at + 1] == '\n'))
			l->at++;
		if (l->at < l->len && t[l->at] == '\0')
			l->at++;
		l->wlen = (size_t)(t + l->at - l->word);
		return TOK_WORD;
	}
}

static enum token
peek(const struct lexer *l)
{
	struct lexer copy = *l;

	return next(&copy);
}

static int
bad(const struct lexer *l, struct dd_err *e, const char *what)
{
	(void)dd_fail(e, ERR_FORMAT, "%s: line %u: %s", l->name, l->line,
	    what);
	return dd_hint(e, "see cgdconfig(8), PARAMETERS FILE");
}

/* The words up to the end of the statement, joined, into *s. */
static int
value(struct lexer *l, struct secret *s, struct dd_err *e)
{
	struct secret v = SECRET_INIT;
	size_t n = 0;

	if (secret_alloc(&v, l->len, e) == -1)
		return -1;
	while (peek(l) == TOK_WORD) {
		(void)next(l);
		memcpy(v.p + n, l->word, l->wlen);
		n += l->wlen;
	}
	if (n == 0) {
		secret_free(&v);
		return bad(l, e, "a value is missing");
	}
	secret_cut(&v, n);
	*s = v;
	return 0;
}

static int
value_string(struct lexer *l, char **out, struct dd_err *e)
{
	enum token t = next(l);
	char *copy;

	if (t != TOK_WORD)
		return bad(l, e, t == TOK_OPEN_QUOTE ?
		    "nothing closes a quote" : "a value is missing");
	if ((copy = strndup(l->word, l->wlen)) == NULL)
		return dd_fail_nomem(e);
	free(*out);
	*out = copy;
	return 0;
}

static int
value_number(struct lexer *l, uint32_t *out, struct dd_err *e)
{
	char *word = NULL;
	uint64_t n;
	int rc = -1;

	if (value_string(l, &word, e) == -1)
		return -1;
	if (units_number(word, 1, INT32_MAX, "number", &n, e) == -1) {
		dd_err_clear(e);
		(void)bad(l, e, "wants a number from 1 up");
	} else {
		*out = (uint32_t)n;
		rc = 0;
	}
	free(word);
	return rc;
}

static int
value_bits(struct lexer *l, struct cgd_bits *out, struct dd_err *e)
{
	struct cgd_bits bits = { .bits = 0 };
	struct secret s = SECRET_INIT;
	int rc;

	if (value(l, &s, e) == -1)
		return -1;
	rc = cgd_bits_decode((const char *)s.p, s.len, &bits, e);
	secret_free(&s);
	if (rc == -1)
		return dd_context(e, "%s: line %u", l->name, l->line);
	secret_free(&out->bytes);
	*out = bits;
	return 0;
}

/* The end of a statement: EOL, or what closes the block around it. */
static int
end(struct lexer *l, struct dd_err *e)
{
	enum token t = peek(l);

	if (t == TOK_EOL) {
		(void)next(l);
		return 0;
	}
	if (t == TOK_END || t == TOK_CLOSE)
		return 0;
	if (t == TOK_OPEN_QUOTE)
		return bad(l, e, "nothing closes a quote");
	return bad(l, e, "something follows that does not belong there");
}

/* Pass over a statement that is not known, with a block if it has one. */
static void
skip(struct lexer *l)
{
	unsigned depth = 0;
	enum token t;

	for (;;) {
		t = peek(l);
		if (t == TOK_END || t == TOK_OPEN_QUOTE || (depth == 0 && (t == TOK_EOL ||
		    t == TOK_CLOSE)))
			return;
		(void)next(l);
		if (t == TOK_OPEN)
			depth++;
		else if (t == TOK_CLOSE)
			depth--;
	}
}

static bool
is(const struct lexer *l, const char *word)
{
	return strlen(word) == l->wlen && memcmp(word, l->word, l->wlen) == 0;
}

static int
note_unknown(const struct lexer *l, struct cgd_params *p, struct dd_err *e)
{
	struct buf b = BUF_INIT;

	if (p->unknown != NULL)
		return 0;
	(void)buf_printf(&b, "line %u: %.*s", l->line, (int)l->wlen, l->word);
	if ((p->unknown = buf_steal(&b)) == NULL)
		return dd_fail_nomem(e);
	return 0;
}

/* shared "ID" algorithm hkdf-hmac-sha256 subkey B64 */
static int
keygen_shared(struct lexer *l, struct cgd_keygen *kg, struct dd_err *e)
{
	char *alg = NULL;
	int rc = -1;

	if (value_string(l, &kg->shared_id, e) == -1)
		return -1;
	if (next(l) != TOK_WORD || !is(l, "algorithm"))
		return bad(l, e, "shared: wants `algorithm'");
	if (value_string(l, &alg, e) == -1)
		return -1;
	if (strcmp(alg, "hkdf-hmac-sha256") != 0)
		(void)bad(l, e, "shared: the algorithm is not "
		    "hkdf-hmac-sha256");
	else if (next(l) != TOK_WORD || !is(l, "subkey"))
		(void)bad(l, e, "shared: wants `subkey'");
	else
		rc = value_bits(l, &kg->subkey, e);
	free(alg);
	return rc;
}

/* One variable of a keygen; the lexer stands behind its name. */
static int
keygen_var(struct lexer *l, struct cgd_params *p, struct cgd_keygen *kg,
    struct dd_err *e)
{
	if (is(l, "iterations"))
		return value_number(l, &kg->iterations, e);
	if (is(l, "memory"))
		return value_number(l, &kg->memory, e);
	if (is(l, "parallelism"))
		return value_number(l, &kg->parallelism, e);
	if (is(l, "version"))
		return value_number(l, &kg->version, e);
	if (is(l, "salt"))
		return value_bits(l, &kg->salt, e);
	if (is(l, "key"))
		return value_bits(l, &kg->key, e);
	if (is(l, "cmd"))
		return value_string(l, &kg->cmd, e);
	if (is(l, "shared"))
		return keygen_shared(l, kg, e);
	if (note_unknown(l, p, e) == -1)
		return -1;
	skip(l);
	return 0;
}

static struct cgd_keygen *
keygen_add(struct lexer *l, struct cgd_params *p, const char *method,
    struct dd_err *e)
{
	struct cgd_keygen *kg;
	int m;

	if ((m = cgd_method_parse(method)) == -1) {
		(void)bad(l, e, "unknown key generation method");
		return NULL;
	}
	if (p->nkeygens == CGD_KEYGENS_MAX) {
		(void)bad(l, e, "too many keygens");
		return NULL;
	}
	kg = &p->keygens[p->nkeygens++];
	*kg = (struct cgd_keygen){ .method = (enum cgd_method)m };
	return kg;
}

static int
keygen(struct lexer *l, struct cgd_params *p, struct dd_err *e)
{
	struct cgd_keygen *kg;
	char *method = NULL;
	enum token t;

	if (value_string(l, &method, e) == -1)
		return -1;
	kg = keygen_add(l, p, method, e);
	free(method);
	if (kg == NULL)
		return -1;
	if (peek(l) != TOK_OPEN) {
		if (peek(l) != TOK_WORD)
			return 0;
		(void)next(l);
		return keygen_var(l, p, kg, e);
	}
	(void)next(l);
	for (;;) {
		switch (t = next(l)) {
		case TOK_CLOSE:
			return 0;
		case TOK_EOL:
			continue;
		case TOK_WORD:
			if (keygen_var(l, p, kg, e) == -1 || end(l, e) == -1)
				return -1;
			continue;
		case TOK_OPEN:
		case TOK_END:
		case TOK_OPEN_QUOTE:
			return bad(l, e, t != TOK_OPEN ?
			    "keygen: `}' is missing" : "keygen: `{' again");
		}
	}
}

/*
 * The spelling of before 2003: keygen_method, keygen_salt,
 * keygen_iterations and xor_key stand for one keygen, which counts before all
 * others, with xor_key as a storedkey in front of it.
 */
struct old_style {
	char		*method;
	struct cgd_bits	 salt, xor_key;
	uint32_t	 iterations;
};

#define OLD_ITERATIONS	128		/* where none are said */

static int
old_style_finish(struct lexer *l, struct cgd_params *p, struct old_style *o,
    struct dd_err *e)
{
	struct cgd_keygen front[2];
	unsigned n = 0;
	int m;

	if (o->method == NULL && o->xor_key.bytes.p == NULL &&
	    o->salt.bytes.p == NULL && o->iterations == 0)
		return 0;
	if (o->method == NULL || (m = cgd_method_parse(o->method)) == -1)
		return bad(l, e, "keygen_method is missing or unknown");
	if (p->nkeygens + 2 > CGD_KEYGENS_MAX)
		return bad(l, e, "too many keygens");
	if (o->xor_key.bytes.p != NULL) {
		front[n++] = (struct cgd_keygen){ .method = CGD_STOREDKEY,
		    .key = o->xor_key };
		o->xor_key.bytes = (struct secret)SECRET_INIT;
	}
	front[n++] = (struct cgd_keygen){ .method = (enum cgd_method)m,
	    .salt = o->salt, .iterations = o->iterations == 0 ?
	    OLD_ITERATIONS : o->iterations };
	o->salt.bytes = (struct secret)SECRET_INIT;
	memmove(p->keygens + n, p->keygens, p->nkeygens *
	    sizeof(p->keygens[0]));
	memcpy(p->keygens, front, n * sizeof(front[0]));
	p->nkeygens += n;
	return 0;
}

static int
statement(struct lexer *l, struct cgd_params *p, struct old_style *o,
    struct dd_err *e)
{
	char *word = NULL;
	uint32_t ignored;
	int v;

	if (is(l, "algorithm"))
		return value_string(l, &p->algorithm, e);
	if (is(l, "iv-method"))
		return value_string(l, &p->ivmethod, e);
	if (is(l, "keylength"))
		return value_number(l, &p->keylen, e);
	if (is(l, "blocksize"))
		return value_number(l, &ignored, e);
	if (is(l, "verify_method")) {
		if (value_string(l, &word, e) == -1)
			return -1;
		v = cgd_verify_parse(word);
		free(word);
		if (v == -1)
			return bad(l, e, "unknown verify_method");
		p->verify = (enum cgd_verify)v;
		return 0;
	}
	if (is(l, "keygen"))
		return keygen(l, p, e);
	if (is(l, "keygen_method"))
		return value_string(l, &o->method, e);
	if (is(l, "keygen_salt"))
		return value_bits(l, &o->salt, e);
	if (is(l, "keygen_iterations"))
		return value_number(l, &o->iterations, e);
	if (is(l, "xor_key"))
		return value_bits(l, &o->xor_key, e);
	if (note_unknown(l, p, e) == -1)
		return -1;
	skip(l);
	return 0;
}

static int
check_keygen(const struct lexer *l, const struct cgd_keygen *kg,
    struct dd_err *e)
{
	switch (kg->method) {
	case CGD_PBKDF2_SHA1:
	case CGD_PBKDF2_OLD:
		if (kg->iterations == 0 || kg->salt.bytes.p == NULL)
			return bad(l, e, "pkcs5_pbkdf2 needs iterations and "
			    "a salt");
		return 0;
	case CGD_ARGON2ID:
		if (kg->iterations == 0 || kg->salt.bytes.p == NULL ||
		    kg->memory == 0 || kg->parallelism == 0)
			return bad(l, e, "argon2id needs iterations, memory, "
			    "parallelism and a salt");
		if (kg->version != 0 && kg->version != 19)
			return bad(l, e, "argon2id: only version 19 is known");
		return 0;
	case CGD_STOREDKEY:
		if (kg->key.bytes.p == NULL)
			return bad(l, e, "storedkey needs a key");
		return 0;
	case CGD_SHELL_CMD:
		if (kg->cmd == NULL)
			return bad(l, e, "shell_cmd needs a cmd");
		return 0;
	case CGD_RANDOMKEY:
	case CGD_URANDOMKEY:
		return 0;
	}
	return 0;
}

static int
finish(const struct lexer *l, struct cgd_params *p, struct dd_err *e)
{
	const struct cgd_algorithm *alg;
	unsigned i;

	if (p->algorithm == NULL)
		return bad(l, e, "no algorithm is said");
	if ((alg = cgd_algorithm_find(p->algorithm)) == NULL) {
		(void)dd_fail(e, ERR_UNSUP, "%s: unknown algorithm: %s",
		    l->name, p->algorithm);
		return dd_hint(e, "known: %s", cgd_algorithm_names());
	}
	if (p->ivmethod == NULL &&
	    (p->ivmethod = strdup("encblkno1")) == NULL)
		return dd_fail_nomem(e);
	if (p->keylen == 0)
		p->keylen = alg->default_bits;
	if (!cgd_algorithm_takes(alg, p->keylen))
		return dd_fail(e, ERR_FORMAT, "%s: %s does not take keys of "
		    "%u bits", l->name, p->algorithm, p->keylen);
	if (cgd_ivmethod_rounds(p->ivmethod) == 0)
		return dd_fail(e, ERR_UNSUP, "%s: unknown iv-method: %s",
		    l->name, p->ivmethod);
	for (i = 0; i < p->nkeygens; i++)
		if (check_keygen(l, &p->keygens[i], e) == -1)
			return -1;
	return 0;
}

int
cgd_params_parse(const void *text, size_t len, const char *name,
    struct cgd_params *out, struct dd_err *e)
{
	struct cgd_params p = { .verify = CGD_VERIFY_NONE };
	struct old_style old = { .method = NULL };
	struct lexer l = { .text = text, .len = len, .name = name, .line = 1 };
	enum token t;
	int rc = -1;

	if (len > CGD_PARAMS_MAX)
		return dd_fail(e, ERR_FORMAT, "%s: too large for a "
		    "parameters file", name);
	if (secret_alloc(&p.text, len, e) == -1)
		return -1;
	if (len > 0)
		memcpy(p.text.p, text, len);
	l.text = (const char *)p.text.p;
	while ((t = next(&l)) != TOK_END) {
		if (t == TOK_EOL)
			continue;
		if (t != TOK_WORD) {
			(void)bad(&l, e, "a brace without a keygen");
			goto out;
		}
		if (statement(&l, &p, &old, e) == -1 || end(&l, e) == -1)
			goto out;
	}
	if (old_style_finish(&l, &p, &old, e) == -1 ||
	    finish(&l, &p, e) == -1)
		goto out;
	*out = p;
	rc = 0;
out:
	free(old.method);
	secret_free(&old.salt.bytes);
	secret_free(&old.xor_key.bytes);
	if (rc == -1)
		cgd_params_dispose(&p);
	return rc;
}

static bool
says_key(const struct lexer *l)
{
	return is(l, "keygen") || is(l, "keygen_method") ||
	    is(l, "keygen_salt") || is(l, "keygen_iterations") ||
	    is(l, "xor_key");
}

int
cgd_params_cut_keygens(const struct cgd_params *p, struct secret *text,
    struct dd_err *e)
{
	const char *t = (const char *)p->text.p, *from = t, *start;
	struct lexer l = { .text = t, .len = p->text.len, .line = 1 };
	size_t n = 0;
	enum token k;
	bool cut;

	/* and a newline where the last statement has none */
	if (secret_alloc(text, p->text.len + 1, e) == -1)
		return -1;
	while ((k = next(&l)) != TOK_END) {
		if (k != TOK_WORD)
			continue;
		start = l.word > t && l.word[-1] == '"' ? l.word - 1 : l.word;
		cut = says_key(&l);
		skip(&l);
		if (peek(&l) == TOK_EOL)
			(void)next(&l);
		if (!cut)
			continue;
		memcpy(text->p + n, from, (size_t)(start - from));
		n += (size_t)(start - from);
		from = t + l.at;
	}
	memcpy(text->p + n, from, (size_t)(t + l.len - from));
	n += (size_t)(t + l.len - from);
	if (n > 0 && text->p[n - 1] != '\n')
		text->p[n++] = '\n';
	secret_cut(text, n);
	return 0;
}

int
cgd_params_read(const char *path, struct cgd_params *p, struct dd_err *e)
{
	struct secret text = SECRET_INIT;
	int fd, rc;

	if ((fd = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK)) == -1)
		return dd_fail_sys(e, errno, "%s", path);
	rc = secret_read_fd(fd, CGD_PARAMS_MAX, path, &text, e);
	(void)close(fd);
	if (rc == 0)
		rc = cgd_params_parse(text.p, text.len, path, p, e);
	secret_free(&text);
	return rc;
}

void
cgd_params_dispose(struct cgd_params *p)
{
	unsigned i;

	secret_free(&p->text);
	free(p->algorithm);
	free(p->ivmethod);
	free(p->unknown);
	for (i = 0; i < p->nkeygens; i++) {
		secret_free(&p->keygens[i].salt.bytes);
		secret_free(&p->keygens[i].key.bytes);
		secret_free(&p->keygens[i].subkey.bytes);
		free(p->keygens[i].cmd);
		free(p->keygens[i].shared_id);
	}
	*p = (struct cgd_params){ .verify = CGD_VERIFY_NONE };
}

bool
cgd_params_wants_passphrase(const struct cgd_params *p)
{
	unsigned i;

	for (i = 0; i < p->nkeygens; i++)
		if (p->keygens[i].method == CGD_PBKDF2_SHA1 ||
		    p->keygens[i].method == CGD_PBKDF2_OLD ||
		    p->keygens[i].method == CGD_ARGON2ID)
			return true;
	return false;
}

bool
cgd_params_is_random(const struct cgd_params *p)
{
	unsigned i;

	for (i = 0; i < p->nkeygens; i++)
		if (p->keygens[i].method == CGD_RANDOMKEY ||
		    p->keygens[i].method == CGD_URANDOMKEY)
			return true;
	return false;
}
