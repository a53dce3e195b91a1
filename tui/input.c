/* The line editor; it moves by whole characters.  See input.h. */
#include <stdio.h>
#include <string.h>

#include "tui/input.h"
#include "tui/keys.h"

void
input_set(struct input *in, const char *s)
{
	(void)snprintf(in->text, sizeof(in->text), "%s", s);
	in->len = in->cur = strlen(in->text);
}

/* The byte after the character at `at`, and that before it. */
static size_t
after(const struct input *in, size_t at)
{
	if (at < in->len)
		at++;
	while (at < in->len && (in->text[at] & 0xc0) == 0x80)
		at++;
	return at;
}

static size_t
before(const struct input *in, size_t at)
{
	if (at > 0)
		at--;
	while (at > 0 && (in->text[at] & 0xc0) == 0x80)
		at--;
	return at;
}

/* The start of the word or path component before the cursor. */
static size_t
word_before(const struct input *in)
{
	size_t at = in->cur;

	while (at > 0 && strchr(" /", in->text[at - 1]) != NULL)
		at--;
	while (at > 0 && strchr(" /", in->text[at - 1]) == NULL)
		at--;
	return at;
}

static void
erase(struct input *in, size_t from, size_t to)
{
	memmove(in->text + from, in->text + to, in->len - to + 1);
	in->len -= to - from;
	in->cur = from;
}

void
input_insert(struct input *in, const char *s, size_t len)
{
	if (len >= sizeof(in->text) - in->len)
		return;
	memmove(in->text + in->cur + len, in->text + in->cur,
	    in->len - in->cur + 1);
	memcpy(in->text + in->cur, s, len);
	in->cur += len;
	in->len += len;
}

bool
input_key(struct input *in, uint32_t key)
{
	char out[4];

	switch (key) {
	case K_LEFT:
	case K_CTRL('b'):
		in->cur = before(in, in->cur);
		break;
	case K_RIGHT:
	case K_CTRL('f'):
		in->cur = after(in, in->cur);
		break;
	case K_HOME:
	case K_CTRL('a'):
		in->cur = 0;
		break;
	case K_END:
	case K_CTRL('e'):
		in->cur = in->len;
		break;
	case K_BACKSPACE:
	case K_CTRL('h'):
	case K_DEL:
		erase(in, before(in, in->cur), in->cur);
		break;
	case K_DELETE:
	case K_CTRL('d'):
		erase(in, in->cur, after(in, in->cur));
		break;
	case K_CTRL('w'):
		erase(in, word_before(in), in->cur);
		break;
	case K_CTRL('u'):
		erase(in, 0, in->cur);
		break;
	case K_CTRL('k'):
		erase(in, in->cur, in->len);
		break;
	default:
		if (key < ' ' || key >= K_UP)
			return false;
		input_insert(in, out, canvas_encode(out, key));
	}
	return true;
}

void
input_render(const struct input *in, struct canvas *c, int y, int x,
    int width, bool focused)
{
	char head[INPUT_MAX];
	size_t from = 0;
	int col;

	canvas_fill(c, (struct rect){ y, x, 1, width }, STYLE_FIELD);
	memcpy(head, in->text, in->cur);
	head[in->cur] = '\0';
	/* One column stays free for the cursor at the end. */
	while ((col = canvas_width(c->utf8, head + from)) >= width &&
	    from < in->cur)
		from = after(in, from);
	(void)canvas_text(c, y, x, width, STYLE_FIELD, in->text + from);
	if (from > 0)
		canvas_glyph(c, y, x, STYLE_FIELD, GLYPH_CUT);
	if (!focused)
		return;
	c->cursor_y = y;
	c->cursor_x = x + col;
	c->cursor_shown = true;
}
