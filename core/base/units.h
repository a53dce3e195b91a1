/* Sizes and whiles as operators write and read them. */
#ifndef DD_BASE_UNITS_H
#define DD_BASE_UNITS_H

#include <stddef.h>
#include <stdint.h>

#include "core/base/err.h"

/* "512", "512b" (512-byte blocks, as newfs), "64k", "20m", "2g", "1t", also
 * with a trailing "B" or "iB" and in either case; binary multiples. */
int	units_parse(const char *s, uint64_t *bytes, struct dd_err *e);

/* Short form for people: "0", "512 B", "1.5 KiB", "20 MiB".  buf of at
 * least UNITS_MAX bytes; returns buf. */
#define UNITS_MAX	16
char	*units_format(char buf[UNITS_MAX], uint64_t bytes);

/* A while for people, in six columns at most: "45s", "12m", "4h05m", "3d4h",
 * "120d"; buf of at least UNITS_MAX bytes; returns buf. */
char	*units_while(char buf[UNITS_MAX], uint64_t seconds);

/* "-1", "+5", "12x", "" are errors; what names the thing for the message. */
int	units_number(const char *s, uint64_t min, uint64_t max,
	    const char *what, uint64_t *v, struct dd_err *e);

#endif
