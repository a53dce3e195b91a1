/* Names of generations; see names.h. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "core/base/units.h"
#include "core/store/names.h"

#define STAMP	"%Y%m%dT%H%M%SZ"
#define STAMP_LEN	16

const char *
gen_mark_name(enum gen_mark mark)
{
	return mark == GEN_GOOD ? "good" : mark == GEN_BAD ? "bad" : "";
}

char *
gen_name_format(char buf[GEN_NAME], const struct gen_name *g)
{
	time_t t = (time_t)g->time;
	char stamp[STAMP_LEN + 1] = "19700101T000000Z";
	struct tm tm;

	if (gmtime_r(&t, &tm) != NULL && tm.tm_year <= 9999 - 1900)
		(void)strftime(stamp, sizeof(stamp), STAMP, &tm);
	(void)snprintf(buf, GEN_NAME, "%u-%s%s%s%s", g->n, stamp,
	    g->mark != GEN_UNMARKED ? "+" : "", gen_mark_name(g->mark),
	    g->pinned ? "+pinned" : "");
	return buf;
}

/* Days since 1970 of a date of the Gregorian calendar. */
static int64_t
days(int64_t y, int64_t m, int64_t d)
{
	int64_t era;

	y -= m <= 2;
	m += m <= 2 ? 9 : -3;
	era = y / 400;
	y -= era * 400;
	return era * 146097 + y * 365 + y / 4 - y / 100 + (153 * m + 2) / 5 +
	    d - 1 - 719468;
}

static bool
digits(const char *s, size_t n, int64_t *v)
{
	size_t i;

	*v = 0;
	for (i = 0; i < n; i++) {
		if (s[i] < '0' || s[i] > '9')
			return false;
		*v = *v * 10 + (s[i] - '0');
	}
	return true;
}

static bool
parse_stamp(const char *s, int64_t *t)
{
	int64_t y, mo, d, h, mi, sec;

	if (!digits(s, 4, &y) || !digits(s + 4, 2, &mo) ||
	    !digits(s + 6, 2, &d) || s[8] != 'T' || !digits(s + 9, 2, &h) ||
	    !digits(s + 11, 2, &mi) || !digits(s + 13, 2, &sec) ||
	    s[15] != 'Z' || y < 1970 || mo < 1 || mo > 12 || d < 1 ||
	    d > 31 || h > 23 || mi > 59 || sec > 60)
		return false;
	*t = days(y, mo, d) * 86400 + h * 3600 + mi * 60 + sec;
	return true;
}

/* The word at *s is taken off. */
static bool
take(const char **s, const char *word)
{
	size_t n = strlen(word);

	if (strncmp(*s, word, n) != 0)
		return false;
	*s += n;
	return true;
}

/* What stands behind the name, or NULL where there is none. */
static const char *
parse(const char *s, struct gen_name *g)
{
	size_t n = strspn(s, "0123456789");
	int64_t v;

	*g = (struct gen_name){ .n = 0 };
	if (n < 1 || n > 9 || s[0] == '0' || s[n] != '-' ||
	    strlen(s) < n + 1 + STAMP_LEN || !digits(s, n, &v) ||
	    !parse_stamp(s + n + 1, &g->time))
		return NULL;
	g->n = (uint32_t)v;
	s += n + 1 + STAMP_LEN;
	if (take(&s, "+good"))
		g->mark = GEN_GOOD;
	else if (take(&s, "+bad"))
		g->mark = GEN_BAD;
	g->pinned = take(&s, "+pinned");
	return s;
}

bool
gen_name_parse(const char *s, struct gen_name *g)
{
	const char *end = parse(s, g);

	return end != NULL && *end == '\0';
}

char *
gen_place_format(char buf[GEN_PLACE], const struct gen_name *g, uint64_t ino)
{
	char name[GEN_NAME];

	(void)snprintf(buf, GEN_PLACE, "%s@%llu", gen_name_format(name, g),
	    (unsigned long long)ino);
	return buf;
}

bool
gen_place_parse(const char *s, struct gen_name *g, uint64_t *ino)
{
	struct dd_err ignored = DD_ERR_INIT;
	const char *end = parse(s, g);

	return end != NULL && *end == '@' && units_number(end + 1, 0,
	    UINT64_MAX, "inode", ino, &ignored) == 0;
}
