/*
 * Keys of xenstore, by its programs: libxenstore waits for a daemon that does
 * not answer without end, and a program can be given up.
 *
 * They read and write values with escapes: \\, \t, \n, \r, \xNN in hexadecimal
 * and \NNN in octal digits.
 */
#include <stdlib.h>
#include <string.h>

#include "core/base/spawn.h"
#include "xen/xen.h"

#define LIMIT		10	/* seconds */
#define WORDS_MAX	32

typedef int spawn_fn(const char *const *argv, unsigned limit, struct buf *out,
	    int *status, struct dd_err *e);

static int
run(spawn_fn *spawn, const char *const *argv, struct buf *out,
    struct dd_err *e)
{
	int status = 0;

	if (spawn(argv, LIMIT, out, &status, e) == -1)
		return dd_hint(e, "xenstore's programs come with Xen's "
		    "tools; does xenstored run?");
	while (out->len > 0 && out->p[out->len - 1] == '\n')
		out->p[--out->len] = '\0';
	return status;
}

/* At most n digits of that base, from *at on. */
static char
take_number(const char **at, int n, int base)
{
	char digits[4] = "", *end;
	unsigned long v;

	(void)strncat(digits, *at, (size_t)n);
	v = strtoul(digits, &end, base);
	*at += end - digits;
	return (char)(unsigned char)v;
}

/* What stands behind a backslash. */
static char
take_escape(const char **at)
{
	const char c = **at;

	if (c >= '0' && c <= '7')
		return take_number(at, 3, 8);
	if (c != '\0')
		(*at)++;
	switch (c) {
	case 't':
		return '\t';
	case 'n':
		return '\n';
	case 'r':
		return '\r';
	case 'x':
		return take_number(at, 2, 16);
	default:
		return c;
	}
}

static int
unescape(const char *from, struct buf *value, struct dd_err *e)
{
	char c;

	while ((c = *from++) != '\0') {
		if (c == '\\')
			c = take_escape(&from);
		if (buf_add(value, &c, 1) == -1)
			return dd_fail_nomem(e);
	}
	return buf_str(value, "") == -1 ? dd_fail_nomem(e) : 0;
}

/* In fresh memory; NULL: there is none left. */
static char *
escape(const char *from)
{
	char *copy = malloc(2 * strlen(from) + 1), *to = copy;

	for (; copy != NULL && *from != '\0'; *to++ = *from++)
		if (*from == '\\')
			*to++ = '\\';
	if (copy != NULL)
		*to = '\0';
	return copy;
}

int
xen_store_read(const char *path, struct buf *value, struct dd_err *e)
{
	const char *const argv[] = { "xenstore-read", "--", path, NULL };
	struct buf out = BUF_INIT;
	int rc = run(spawn_answer, argv, &out, e);

	if (rc > 0)
		rc = dd_fail(e, ERR_NOENT, "%s: not in xenstore", path);
	if (rc == 0)
		rc = unescape(out.p != NULL ? out.p : "", value, e);
	buf_dispose(&out);
	return rc;
}

/* The program's own transaction makes them one. */
int
xen_store_write(const char *const *words, struct dd_err *e)
{
	const char *argv[WORDS_MAX + 1] = { "xenstore-write", "--" };
	char *values[WORDS_MAX / 2] = { NULL };
	struct buf out = BUF_INIT;
	size_t n, i;
	int rc = 0;

	for (n = 0; rc == 0 && words[n] != NULL; n++) {
		argv[n + 2] = words[n];
		if (n + 3 > WORDS_MAX)
			rc = dd_fail(e, ERR_USAGE, "xenstore: too much");
		else if (n % 2 == 1 && (argv[n + 2] = values[n / 2] =
		    escape(words[n])) == NULL)
			rc = dd_fail_nomem(e);
	}
	if (rc == 0)
		rc = run(spawn_run, argv, &out, e);
	if (rc > 0)
		rc = dd_fail(e, ERR_IO, "%s: xenstore-write: %s", words[0],
		    out.p != NULL ? out.p : "it failed");
	for (i = 0; i < WORDS_MAX / 2; i++)
		free(values[i]);
	buf_dispose(&out);
	return rc;
}

int
xen_store_remove(const char *path, struct dd_err *e)
{
	const char *const argv[] = { "xenstore-rm", "--", path, NULL };
	struct buf out = BUF_INIT;
	int rc = run(spawn_run, argv, &out, e);

	buf_dispose(&out);
	return rc == -1 ? -1 : 0;	/* none there is fine */
}
