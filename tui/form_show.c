/* What a form shows; see form.h. */
#include <stdio.h>

#include "tui/form.h"

#define LABEL_COLS	12
#define ABOUT_ROWS	5	/* so many at least, before fields get blanks */
#define FILE_ROWS	4

bool
form_asks(const struct prepare_view *v, size_t field)
{
	if (form_is(v, field, FIELD_TARGET))
		return v->ntargets > 1;
	if (form_is(v, field, FIELD_FIXED) ||
	    (form_is(v, field, FIELD_FOR_NEW) && !v->is_new) ||
	    (form_is(v, field, FIELD_RUNNING) && !v->runs) ||
	    (form_is(v, field, FIELD_OLD) && !v->target[v->at].asks))
		return false;
	return (form_dropped(v) & 1u << field) == 0;
}

static bool
chooses(const struct prepare_view *v)
{
	return (v->recipe->field[v->focus].flags & FIELD_IMAGE) != 0;
}

static size_t
count_asked(const struct prepare_view *v)
{
	size_t i, n = 0;

	for (i = 0; i < v->recipe->nfields; i++)
		n += form_asks(v, i);
	return n;
}

/* The field to begin with, so that the one being typed in is among those that
 * have room. */
static size_t
first_shown(const struct prepare_view *v, int room)
{
	size_t i = v->focus;

	while (i > 0 && (room -= form_asks(v, i)) > 0)
		i--;
	return i;
}

/* Which fields are shown, in how many rows each, and what room they leave. */
static void
fit(struct prepare_view *v, int rows)
{
	const int n = (int)count_asked(v);
	int shown;

	v->step = rows >= 2 + 3 * n + ABOUT_ROWS && !chooses(v) ? 3 : 2;
	/* Where it is narrow the field alone, and its files. */
	shown = chooses(v) && rows < 2 + 2 * n + FILE_ROWS ? 1 :
	    (rows - 2) / v->step;
	v->first = first_shown(v, shown);
	v->last = v->recipe->nfields;
	if (chooses(v) && shown == 1)
		v->last = v->focus + 1;
	if (shown > n)
		shown = n;
	chooser_layout(&v->chooser, rows - 2 - shown * v->step);
}

void
form_layout(const struct model *m, void *state, int rows, int cols)
{
	struct prepare_view *v = state;
	struct text *t = &v->about;

	(void)m;
	fit(v, rows);
	text_reset(t);
	if (v->names.len > 0) {
		text_wrap(t, STYLE_NORMAL, 0, cols - 4, v->names.p);
		return;
	}
	if (v->ntargets == 1) {
		text_wrap(t, STYLE_NORMAL, 0, cols - 4, v->target[0].note);
		text_end(t);
	}
	text_wrap(t, STYLE_DIM, 0, cols - 4, v->recipe->about);
	text_end(t);
	text_wrap(t, STYLE_DIM, 0, cols - 4, v->recipe->preview != NULL ?
	    v->recipe->preview : "The preview shows each change before "
	    "anything is written.");
}

static void
render_field(const struct prepare_view *v, size_t i, struct canvas *c,
    struct rect r)
{
	const int x = r.x + LABEL_COLS, width = r.cols - LABEL_COLS;
	const bool focused = v->focus == i;

	(void)canvas_text(c, r.y, r.x, LABEL_COLS, focused ? STYLE_TITLE :
	    STYLE_NORMAL, v->recipe->field[i].label);
	if (form_is(v, i, FIELD_SECRET))
		hidden_render(&v->hidden[i], c, r.y, x, width, focused);
	else
		input_render(&v->field[i], c, r.y, x, width, focused);
	(void)canvas_text(c, r.y + 1, x, width, v->note_style[i], v->note[i]);
}

void
form_render(const struct model *m, const void *state, struct canvas *c,
    struct rect r)
{
	const struct prepare_view *v = state;
	const struct recipe *recipe = v->recipe;
	int y = r.y + 2;
	char note[32] = "";
	size_t i;

	(void)m;
	if (v->batch != NULL)
		(void)snprintf(note, sizeof(note), "for %zu image%s",
		    v->batch->n, v->batch->n == 1 ? "" : "s");
	chrome_title(c, r, recipe->heading, v->batch != NULL ? note :
	    !form_asks(v, recipe->image) ? v->field[recipe->image].text :
	    "");
	for (i = v->first; i < v->last && y + 1 < r.y + r.rows; i++) {
		if (!form_asks(v, i))
			continue;
		render_field(v, i, c, (struct rect){ y, r.x + 2, 2,
		    r.cols - 4 });
		y += v->step;
	}
	if (chooses(v)) {
		chooser_render(&v->chooser, c, (struct rect){ y, r.x + 2,
		    r.y + r.rows - y, r.cols - 4 });
		return;
	}
	for (i = 0; i < v->about.nlines && y < r.y + r.rows; i++)
		text_draw(&v->about, i, c, y++, r.x + 2, r.cols - 4, 0, NULL);
}
