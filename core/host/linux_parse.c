/*
 * The kernel writes these files, but names in them are anybody's, and kernels
 * differ: nothing is taken for granted.  A line is cut into fields, fields
 * become numbers or fail to.
 */
#include <string.h>

#include "core/host/linux_parse.h"

struct field {
	const char *p;
	size_t	    len;
};

/* The next line of *text, without its newline. */
static bool
next_line(const char **text, struct field *line)
{
	if (**text == '\0')
		return false;
	line->p = *text;
	line->len = strcspn(*text, "\n");
	*text += line->len;
	if (**text == '\n')
		(*text)++;
	return true;
}

/* Cut up to the next `sep` off rest; the last field has none behind it. */
static bool
next_field(struct field *rest, char sep, struct field *f)
{
	const char *end;

	if (rest->p == NULL)
		return false;
	f->p = rest->p;
	end = memchr(rest->p, sep, rest->len);
	if (end == NULL) {
		f->len = rest->len;
		rest->p = NULL;
		return true;
	}
	f->len = (size_t)(end - rest->p);
	rest->p = end + 1;
	rest->len -= f->len + 1;
	return true;
}

/* The same where any number of blanks separates. */
static bool
next_word(struct field *rest, struct field *f)
{
	do {
		if (!next_field(rest, ' ', f))
			return false;
	} while (f->len == 0);
	return true;
}

static bool
is(struct field f, const char *s)
{
	return f.len == strlen(s) && memcmp(f.p, s, f.len) == 0;
}

static int
digit(char c)
{
	if (c >= '0' && c <= '9')
		return c - '0';
	if (c >= 'a' && c <= 'f')
		return c - 'a' + 10;
	return 99;
}

static bool
number(struct field f, unsigned base, uint64_t max, uint64_t *out)
{
	uint64_t v = 0;
	size_t i;

	if (f.len == 0)
		return false;
	for (i = 0; i < f.len; i++) {
		unsigned d = (unsigned)digit(f.p[i]);

		if (d >= base || __builtin_mul_overflow(v, base, &v) ||
		    __builtin_add_overflow(v, d, &v) || v > max)
			return false;
	}
	*out = v;
	return true;
}

/* Cut "major:minor" off rest. */
static bool
device(struct field *rest, unsigned base, uint32_t *major, uint32_t *minor)
{
	struct field f, g;
	uint64_t maj, min;

	if (!next_field(rest, ':', &f) || !next_field(rest, ':', &g) ||
	    !number(f, base, UINT32_MAX, &maj) ||
	    !number(g, base, UINT32_MAX, &min))
		return false;
	*major = (uint32_t)maj;
	*minor = (uint32_t)min;
	return true;
}

bool
proc_dev(const char *text, uint32_t *major, uint32_t *minor)
{
	struct field line;

	return next_line(&text, &line) && device(&line, 10, major, minor) &&
	    line.p == NULL;
}

/* \ooo is the byte of that number, but for 0, which would end the string. */
static size_t
escape(struct field f, size_t at, char *c)
{
	struct field octal = { f.p + at + 1, 3 };
	uint64_t v;

	*c = f.p[at];
	if (*c != '\\' || f.len - at < 4 || !number(octal, 8, 255, &v) ||
	    v == 0)
		return 1;
	*c = (char)v;
	return 4;
}

/* False: cut, as there wasn't room. */
static bool
decode(char *dst, size_t cap, struct field f)
{
	size_t at = 0, n = 0;

	while (at < f.len && n < cap - 1)
		at += escape(f, at, &dst[n++]);
	dst[n] = '\0';
	return at == f.len;
}

/* "ro", "ro,errors=continue" */
static bool
begins_with_ro(struct field options)
{
	struct field first;

	return next_field(&options, ',', &first) && is(first, "ro");
}

/* What stands behind the "-": type, source, options.  A line that ends before
 * is a mount nonetheless. */
static void
mount_tail(struct field rest, struct proc_mount *m)
{
	struct field f;

	m->source[0] = '\0';
	m->read_only = false;
	do {
		if (!next_field(&rest, ' ', &f))
			return;
	} while (!is(f, "-"));
	if (!next_field(&rest, ' ', &f) || !next_field(&rest, ' ', &f))
		return;
	if (!decode(m->source, sizeof(m->source), f))
		m->source[0] = '\0';
	if (next_field(&rest, ' ', &f))
		m->read_only = begins_with_ro(f);
}

/* id parent major:minor root point options [optional ...] - type source
 * options */
static bool
parse_mount(struct field line, struct proc_mount *m)
{
	struct field f;
	int i;

	for (i = 0; i < 3; i++)
		if (!next_field(&line, ' ', &f))
			return false;
	if (!device(&f, 10, &m->major, &m->minor) || f.p != NULL)
		return false;
	for (i = 0; i < 2; i++)
		if (!next_field(&line, ' ', &f))
			return false;
	if (f.len == 0)
		return false;
	(void)decode(m->point, sizeof(m->point), f);
	mount_tail(line, m);
	return true;
}

bool
proc_next_mount(const char **text, struct proc_mount *m)
{
	struct field line;

	while (next_line(text, &line))
		if (parse_mount(line, m))
			return true;
	return false;
}

/* major:minor:inode, the first two in hexadecimal */
static bool
lock_file(struct field f, struct proc_lock *l)
{
	return device(&f, 16, &l->major, &l->minor) && f.p != NULL &&
	    number(f, 10, UINT64_MAX, &l->ino);
}

static bool
lock_pid(struct field f, struct proc_lock *l)
{
	uint64_t v;

	if (is(f, "-1")) {
		l->pid = -1;
		return true;
	}
	if (!number(f, 10, INT32_MAX, &v))
		return false;
	l->pid = (pid_t)v;
	return true;
}

/* "id: [->] kind mode access pid file start end"; in fdinfo "lock:" and a tab
 * stand before that. */
static bool
parse_lock(struct field line, struct proc_lock *l)
{
	struct field f;
	int i;

	if (line.len > 6 && memcmp(line.p, "lock:\t", 6) == 0) {
		line.p += 6;
		line.len -= 6;
	}
	if (!next_word(&line, &f) || f.p[f.len - 1] != ':' ||
	    !next_word(&line, &f))
		return false;
	l->waiting = is(f, "->");
	for (i = l->waiting ? 0 : 1; i < 4; i++)
		if (!next_word(&line, &f))
			return false;
	/* an inode at the line's end may have been cut short */
	return lock_pid(f, l) && next_word(&line, &f) && line.p != NULL &&
	    lock_file(f, l);
}

bool
proc_next_lock(const char **text, struct proc_lock *l)
{
	struct field line;

	while (next_line(text, &line))
		if (parse_lock(line, l))
			return true;
	return false;
}

/* The name, in brackets, may hold anything, so the fields are counted from the
 * last bracket: the state is the third, the start the 22nd. */
bool
proc_stat_start(const char *text, uint64_t *ticks)
{
	const char *bracket = strrchr(text, ')');
	struct field rest, f;
	int i;

	if (bracket == NULL)
		return false;
	rest.p = bracket + 1;
	rest.len = strlen(rest.p);
	for (i = 2; i < 22; i++)
		if (!next_word(&rest, &f))
			return false;
	/* cut short, unless something is behind it */
	return rest.p != NULL && number(f, 10, UINT64_MAX, ticks);
}
