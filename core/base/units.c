/* Sizes and numbers from the command line and for people; see units.h. */
#include <ctype.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "core/base/units.h"

int
units_parse(const char *s, uint64_t *bytes, struct dd_err *e)
{
	static const char letters[] = "kmgtp";
	unsigned long long n;
	const char *at;
	char *end;
	uint64_t mul = 1;
	int i;

	errno = 0;
	n = isdigit((unsigned char)s[0]) ? strtoull(s, &end, 10) : 0;
	if (!isdigit((unsigned char)s[0]) || errno == ERANGE)
		goto bad;
	if (*end != '\0') {
		at = strchr(letters, tolower((unsigned char)*end));
		if (at != NULL) {
			for (i = 0; i <= at - letters; i++)
				mul *= 1024;
			end++;
			if (strcasecmp(end, "b") != 0 &&
			    strcasecmp(end, "ib") != 0 && *end != '\0')
				goto bad;
		} else if (strcasecmp(end, "b") == 0)
			mul = 512;
		else
			goto bad;
	}
	if (__builtin_mul_overflow((uint64_t)n, mul, bytes) ||
	    *bytes > INT64_MAX)
		goto bad;
	return 0;
bad:
	(void)dd_fail(e, ERR_USAGE, "not a size: %s", s);
	return dd_hint(e, "write bytes, or a number with k, m, g or t: 64m");
}

char *
units_format(char buf[UNITS_MAX], uint64_t bytes)
{
	static const char *const names[] = { "B", "KiB", "MiB", "GiB", "TiB",
	    "PiB", "EiB" };
	double v = (double)bytes;
	size_t i = 0;

	while (v >= 999.5 && i < sizeof(names) / sizeof(names[0]) - 1) {
		v /= 1024;
		i++;
	}
	if (bytes == 0)
		(void)snprintf(buf, UNITS_MAX, "0");
	else if (i == 0 || v >= 9.95 || v == (double)(int)v)
		(void)snprintf(buf, UNITS_MAX, "%.0f %s", v, names[i]);
	else
		(void)snprintf(buf, UNITS_MAX, "%.1f %s", v, names[i]);
	return buf;
}

char *
units_while(char buf[UNITS_MAX], uint64_t seconds)
{
	const unsigned m = seconds / 60 > 99999 * 1440U ? 99999 * 1440U :
	    (unsigned)(seconds / 60);

	if (m == 0)
		(void)snprintf(buf, UNITS_MAX, "%us", (unsigned)seconds);
	else if (m < 60)
		(void)snprintf(buf, UNITS_MAX, "%um", m);
	else if (m < 1440)
		(void)snprintf(buf, UNITS_MAX, "%uh%02um", m / 60, m % 60);
	else if (m < 100 * 1440)
		(void)snprintf(buf, UNITS_MAX, "%ud%uh", m / 1440,
		    m / 60 % 24);
	else
		(void)snprintf(buf, UNITS_MAX, "%ud", m / 1440);
	return buf;
}

int
units_number(const char *s, uint64_t min, uint64_t max, const char *what,
    uint64_t *v, struct dd_err *e)
{
	unsigned long long n = 0;
	char *end = NULL;

	errno = 0;
	if (isdigit((unsigned char)s[0]))
		n = strtoull(s, &end, 10);
	if (end == NULL || *end != '\0' || errno == ERANGE || n < min ||
	    n > max)
		return dd_fail(e, ERR_USAGE,
		    "%s: %s: wants a whole number from %llu to %llu", what, s,
		    (unsigned long long)min, (unsigned long long)max);
	*v = n;
	return 0;
}
