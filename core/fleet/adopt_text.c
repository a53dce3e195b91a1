/* The marked block in an xl.cfg; see adopt.h. */
#include <string.h>

#include "core/fleet/adopt.h"
#include "core/fleet/fleet_impl.h"

#define BLOCK_BEGIN	"# drydock: begin (this block is rewritten)"
#define BLOCK_END	"# drydock: end"

/* Bytes of a text: [from, to). */
struct range {
	size_t	from, to;
};

/* The line at `at` is this one?  *next is where the following one starts. */
static bool
line_at(const struct buf *text, size_t at, const char *line, size_t *next)
{
	const char *p = text->p + at;
	const char *nl = memchr(p, '\n', text->len - at);
	size_t len = nl != NULL ? (size_t)(nl - p) : text->len - at;

	*next = at + len + (nl != NULL);
	return len == strlen(line) && memcmp(p, line, len) == 0;
}

/* Where the block stands, its marks included; at the end, where there is
 * none. */
static int
find_block(const char *name, const struct buf *text, struct range *block,
    struct dd_err *e)
{
	unsigned begins = 0, ends = 0;
	size_t at, next;

	*block = (struct range){ text->len, text->len };
	for (at = 0; at < text->len; at = next) {
		if (line_at(text, at, BLOCK_BEGIN, &next)) {
			block->from = at;
			begins++;
		} else if (line_at(text, at, BLOCK_END, &next)) {
			block->to = next;
			ends++;
		}
	}
	if ((begins == 0 && ends == 0) ||
	    (begins == 1 && ends == 1 && block->from < block->to))
		return 0;
	(void)dd_fail(e, ERR_CONFIG, "%s: the block of drydock %s", name,
	    begins > 1 ? "is there twice" : begins > ends ? "has no end" :
	    "has no beginning");
	return dd_hint(e, "mend the lines \"" BLOCK_BEGIN "\" and \""
	    BLOCK_END "\" by hand");
}

int
adopt_splice(const char *name, const struct buf *text, const char *keys,
    struct buf *out, struct dd_err *e)
{
	struct range block;

	if (find_block(name, text, &block, e) == -1)
		return -1;
	(void)buf_add(out, text->p, block.from);
	if (keys[0] != '\0') {
		if (block.from > 0 && text->p[block.from - 1] != '\n')
			(void)buf_str(out, "\n");
		(void)buf_printf(out, BLOCK_BEGIN "\n%s" BLOCK_END "\n",
		    keys);
	}
	(void)buf_add(out, text->p + block.to, text->len - block.to);
	return out->failed ? dd_fail_nomem(e) : 0;
}
