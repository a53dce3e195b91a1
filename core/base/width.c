/* Text is taken apart by vis_char, so that it is measured as it is shown. */
#include <stdint.h>
#include <string.h>
#include <wchar.h>

#include "core/base/vis.h"
#include "core/base/width.h"

/* The character at s: its bytes, and its columns.  One that the locale can't
 * tell counts as one column. */
static size_t
step(const char *s, size_t *columns)
{
	uint32_t c = 0;
	size_t n = vis_char(s, strnlen(s, 4), &c);
	int w = n > 1 ? wcwidth((wchar_t)c) : 1;

	*columns = w < 0 ? 1 : (size_t)w;
	return n > 0 ? n : 1;
}

size_t
width_of(const char *s)
{
	size_t used;

	(void)width_fit(s, SIZE_MAX, &used);
	return used;
}

size_t
width_fit(const char *s, size_t columns, size_t *used)
{
	size_t at = 0, n, w;

	*used = 0;
	while (s[at] != '\0') {
		n = step(s + at, &w);
		if (w > columns - *used)
			break;
		*used += w;
		at += n;
	}
	return at;
}
