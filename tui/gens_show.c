/* What the generations view shows; see gens_view.h. */
#include <stdio.h>
#include <string.h>

#include "tui/gens_view.h"

#define DETAIL_ROWS	5	/* below the list, where there is room */
#define LIST_ROWS	6	/* that the list keeps then */

const struct fleet_domu *
gens_domu(const struct model *m, const struct gens_view *v)
{
	size_t i;

	for (i = 0; m->fleet != NULL && i < m->fleet->ndomus; i++)
		if (strcmp(domu_id(&m->fleet->domus[i]), v->id) == 0)
			return &m->fleet->domus[i];
	return NULL;
}

const struct fleet_image *
gens_image(const struct model *m, const struct gens_view *v)
{
	const struct fleet_domu *d = gens_domu(m, v);
	const struct fleet_disk *disk = d == NULL ? NULL :
	    fleet_disk_of(d, v->role);

	return disk == NULL ? NULL : disk->image;
}

const struct gen_row *
gens_selected(const struct gens_view *v)
{
	size_t row;

	return v->gens == NULL || !list_selected(&v->list, &row) ? NULL :
	    &v->gens->v[row];
}

static void
fill_head(const struct model *m, struct gens_view *v, int width)
{
	const struct fleet_image *img = gens_image(m, v);
	struct buf users = BUF_INIT;
	struct text *t = &v->head;

	text_reset(t);
	if (img != NULL && img->nusers > 1) {
		(void)buf_str(&users, "used by ");
		(void)describe_users(m->fleet, img, NULL, 6, &users);
		text_wrap(t, STYLE_DIM, 0, width, users.p);
	}
	buf_dispose(&users);
	if (v->error.code != ERR_NONE) {
		text_wrap(t, STYLE_ERROR, 0, width, v->error.msg);
		if (v->error.hint[0] != '\0')
			text_wrap(t, STYLE_DIM, 0, width, v->error.hint);
	}
	if (v->history.code != ERR_NONE)
		text_wrap(t, STYLE_WARN, 0, width, v->history.msg);
	if (v->gens == NULL) {
		if (v->ticket != 0)
			text_line(t, STYLE_DIM, "reading the generations");
		return;
	}
	if (v->gens->foreign)
		text_wrap(t, STYLE_WARN, 0, width, "The file in place is not "
		    "the one that drydock put there: it is shown as a new "
		    "generation.");
	if (v->gens->interrupted)
		text_wrap(t, STYLE_ERROR, 0, width, "A change was cut short: "
		    "drydock recover brings it to an end.");
	if (!v->gens->managed)
		text_wrap(t, STYLE_DIM, 0, width, "Nothing was put in its "
		    "place yet: a swap keeps this one.");
}

static void
detail_line(struct text *t, const char *name, const char *value, int width)
{
	if (value[0] == '\0')
		return;
	text_add(t, STYLE_DIM, "%s", name);
	text_tab(t, 9);
	text_wrap(t, STYLE_NORMAL, 9, width, value);
}

static void
fill_detail(struct gens_view *v, int width)
{
	const struct gen_row *g = gens_selected(v);
	struct text *t = &v->detail;
	char line[64];

	text_reset(t);
	if (g == NULL)
		return;
	detail_line(t, "note", g->note, width);
	detail_line(t, "from", g->source, width);
	detail_line(t, "by", g->who, width);
	detail_line(t, "kernel", g->kernel, width);
	detail_line(t, "sha256", g->sha256, width);
	(void)snprintf(line, sizeof(line), "%s%s", g->orig ? "an untouched "
	    "copy is kept" : "", g->params ? g->orig ? ", and its parameters "
	    "file" : "its parameters file is kept" : "");
	detail_line(t, "also", line, width);
}

void
gens_layout(const struct model *m, void *state, int rows, int cols)
{
	struct gens_view *v = state;
	int room;

	fill_head(m, v, cols - 2);
	fill_detail(v, cols - 2);
	if (v->gens != NULL)
		v->gens->now = m->now;
	room = rows - 1 - (int)v->head.nlines;
	v->detail_rows = room >= LIST_ROWS + DETAIL_ROWS + 1 ?
	    DETAIL_ROWS + 1 : 0;
	list_layout(&v->list, room - v->detail_rows);
}

static void
render_lines(const struct text *t, struct canvas *c, struct rect r)
{
	int i;

	for (i = 0; i < r.rows; i++)
		text_draw(t, (size_t)i, c, r.y + i, r.x, r.cols, 0, NULL);
}

void
gens_render(const struct model *m, const void *state, struct canvas *c,
    struct rect r)
{
	const struct gens_view *v = state;
	const struct fleet_image *img = gens_image(m, v);
	const struct gen_row *g = gens_selected(v);
	const int head = (int)v->head.nlines;
	char line[INPUT_MAX];

	(void)snprintf(line, sizeof(line), "Generations of %s:%s", v->name,
	    fleet_role_name(v->role));
	chrome_title(c, r, line, img != NULL ? img->path : "the domU is "
	    "gone");
	render_lines(&v->head, c, (struct rect){ r.y + 1, r.x + 1, head,
	    r.cols - 2 });
	r.y += 1 + head;
	r.rows -= 1 + head + v->detail_rows;
	if (v->gens == NULL || r.rows < 2)
		return;
	list_render(&v->list, c, (struct rect){ r.y, r.x + 1, r.rows,
	    r.cols - 2 });
	if (v->detail_rows == 0 || g == NULL)
		return;
	r.y += r.rows;
	(void)snprintf(line, sizeof(line), "Generation %s", g->id);
	chrome_title(c, (struct rect){ r.y, r.x, 1, r.cols }, line, "");
	render_lines(&v->detail, c, (struct rect){ r.y + 1, r.x + 1,
	    v->detail_rows - 1, r.cols - 2 });
}
