/* Distances between words: slips are a wrong, missing, superfluous letter, or
 * two letters swapped. */
#include <stddef.h>
#include <string.h>

#include "core/base/nearest.h"

#define WORD_MAX	64

static unsigned
min3(unsigned a, unsigned b, unsigned c)
{
	if (b < a)
		a = b;
	return c < a ? c : a;
}

/* Optimal string alignment, of words shorter than WORD_MAX. */
static unsigned
slips(const char *a, size_t alen, const char *b, size_t blen)
{
	unsigned d[3][WORD_MAX + 1] = { { 0 } };
	size_t i, j;

	for (j = 0; j <= blen; j++)
		d[0][j] = (unsigned)j;
	for (i = 1; i <= alen; i++) {
		unsigned *row = d[i % 3], *up = d[(i + 2) % 3],
		    *up2 = d[(i + 1) % 3];

		row[0] = (unsigned)i;
		for (j = 1; j <= blen; j++) {
			row[j] = min3(up[j] + 1, row[j - 1] + 1,
			    up[j - 1] + (a[i - 1] != b[j - 1]));
			if (i > 1 && j > 1 && a[i - 1] == b[j - 2] &&
			    a[i - 2] == b[j - 1] && up2[j - 2] + 1 < row[j])
				row[j] = up2[j - 2] + 1;
		}
	}
	return d[alen % 3][blen];
}

const char *
nearest(const char *word, const char *const *names)
{
	size_t len = strlen(word), nlen;
	const char *best = NULL;
	unsigned n, least = 0;

	for (; *names != NULL; names++) {
		nlen = strlen(*names);
		if (len > WORD_MAX || nlen > WORD_MAX)
			continue;
		n = slips(word, len, *names, nlen);
		if (n <= 1 + (len < nlen ? len : nlen) / 4 &&
		    n < nlen && (best == NULL || n < least)) {
			best = *names;
			least = n;
		}
	}
	return best;
}
