/* Command lines; see quote.h. */
#include <string.h>

#include "core/base/quote.h"

int
quote_word(struct buf *b, const char *word)
{
	const char *at;

	if (b->len > 0)
		(void)buf_str(b, " ");
	if (*word != '\0' && strspn(word, "abcdefghijklmnopqrstuvwxyz"
	    "ABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789%+,-./:=@_") ==
	    strlen(word)) {
		(void)buf_str(b, word);
		return b->failed ? -1 : 0;
	}
	(void)buf_str(b, "'");
	for (at = word; *at != '\0'; at++)
		if (*at == '\'')
			(void)buf_str(b, "'\\''");
		else
			(void)buf_add(b, at, 1);
	(void)buf_str(b, "'");
	return b->failed ? -1 : 0;
}
