/* The hidden line editor; see hidden.h.  It has no cursor to move: who has
 * mistyped what can't be seen types it anew. */
#include <string.h>

#include "tui/hidden.h"
#include "tui/keys.h"

int
hidden_init(struct hidden *h, struct dd_err *e)
{
	*h = (struct hidden){ .text = SECRET_INIT };
	return secret_alloc(&h->text, HIDDEN_MAX, e);
}

void
hidden_dispose(struct hidden *h)
{
	secret_free(&h->text);
	h->len = 0;
}

static void
cut(struct hidden *h, size_t len)
{
	secret_wipe(h->text.p + len, h->len - len);
	h->len = len;
}

/* The start of the last character. */
static size_t
last(const struct hidden *h)
{
	size_t at = h->len;

	if (at > 0)
		at--;
	while (at > 0 && (h->text.p[at] & 0xc0) == 0x80)
		at--;
	return at;
}

bool
hidden_key(struct hidden *h, uint32_t key)
{
	char out[4];
	size_t n;

	switch (key) {
	case K_BACKSPACE:
	case K_CTRL('h'):
	case K_DEL:
		cut(h, last(h));
		return true;
	case K_CTRL('u'):
	case K_CTRL('w'):
		cut(h, 0);
		return true;
	default:
		if (key < ' ' || key >= K_UP)
			return false;
		n = canvas_encode(out, key);
		if (n <= HIDDEN_MAX - h->len) {
			memcpy(h->text.p + h->len, out, n);
			h->len += n;
		}
		secret_wipe(out, sizeof(out));
		return true;
	}
}

int
hidden_copy(const struct hidden *h, struct secret *s, struct dd_err *e)
{
	if (secret_alloc(s, h->len, e) == -1)
		return -1;
	memcpy(s->p, h->text.p, h->len);
	return 0;
}

void
hidden_render(const struct hidden *h, struct canvas *c, int y, int x,
    int width, bool focused)
{
	size_t i, n = 0;
	int at;

	for (i = 0; i < h->len; i++)
		n += (h->text.p[i] & 0xc0) != 0x80;
	canvas_fill(c, (struct rect){ y, x, 1, width }, STYLE_FIELD);
	for (at = 0; (size_t)at < n && at < width - 1; at++)
		(void)canvas_text(c, y, x + at, 1, STYLE_FIELD, "*");
	if (!focused)
		return;
	c->cursor_y = y;
	c->cursor_x = x + at;
	c->cursor_shown = true;
}
