/* What stands in the fields of a form to begin with, and below them; see
 * form.h. */
#include <sys/stat.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "core/base/units.h"
#include "tui/form.h"
#include "tui/patient.h"

void
form_set_note(struct prepare_view *v, size_t field, enum style style,
    const char *text)
{
	const size_t n = strnlen(text, sizeof(v->note[field]) - 1);

	memcpy(v->note[field], text, n);
	v->note[field][n] = '\0';
	v->note_style[field] = style;
}

struct stat_answer {
	struct stat	 st;
	int		 sys;		/* errno, or 0 */
};

static void *
ask_stat(const char *path)
{
	struct stat_answer *a = calloc(1, sizeof(*a));

	if (a != NULL && stat(path, &a->st) == -1)
		a->sys = errno;
	return a;
}

/* What stat(2) says; EAGAIN: nothing yet. */
static int
look_at(const char *path, struct stat *st)
{
	static struct patient patient = PATIENT_INIT(ask_stat, free);
	struct stat_answer *a = patient_ask(&patient, path);
	int sys = a == NULL ? EAGAIN : a->sys;

	if (sys == 0)
		*st = a->st;
	free(a);
	return sys;
}

/* Say under a field what its path leads to, or what it is for. */
void
form_look(const struct model *m, struct prepare_view *v, size_t field)
{
	const struct recipe_field *f = &v->recipe->field[field];
	const char *path = v->field[field].text;
	const struct recipe_choice *choice;
	const struct fleet_image *image;
	struct buf b = BUF_INIT;
	char size[UNITS_MAX];
	struct stat st;
	bool made;
	int sys;

	if ((f->flags & (FIELD_NEW | FIELD_AGAIN)) != 0) {
		form_hint(v);
		return;
	}
	if ((f->flags & FIELD_MADE) != 0)
		v->is_new = false;
	if ((f->flags & FIELD_TARGET) != 0)
		form_set_note(v, field, STYLE_DIM, v->target[v->at].brief);
	else if ((choice = form_choice(v, field)) != NULL &&
	    choice->note != NULL)
		form_set_note(v, field, STYLE_DIM, choice->note);
	else
		form_set_note(v, field, STYLE_DIM, f->note != NULL ? f->note :
		    "");
	if (*path == '\0' || (f->flags & FIELD_PATH) == 0)
		return;
	if ((sys = look_at(path, &st)) != 0) {
		made = sys == ENOENT && (f->flags & FIELD_MADE) != 0;
		v->is_new |= made;
		if (made)
			form_set_note(v, field, STYLE_DIM, "is not there: "
			    "it will be made");
		else
			form_set_note(v, field, STYLE_WARN, sys == EAGAIN ?
			    "its disk or server does not answer" :
			    strerror(sys));
		return;
	}
	if (S_ISDIR(st.st_mode)) {
		if ((f->flags & FIELD_IMAGE) == 0)
			form_set_note(v, field, STYLE_WARN, "a folder: "
			    "Tab lists it");
		return;
	}
	(void)buf_str(&b, units_format(size, (uint64_t)st.st_size));
	if ((image = image_of_stat(m->fleet, &st)) != NULL) {
		(void)buf_str(&b, ", used by ");
		(void)describe_users(m->fleet, image, NULL, 6, &b);
	}
	if (!b.failed)
		form_set_note(v, field, STYLE_DIM, b.p);
	buf_dispose(&b);
}

/* Where to begin to look for an image: beside the one in place. */
static void
folder_of(const struct fleet_domu *d, enum fleet_role role, char *path,
    size_t cap)
{
	const struct fleet_disk *disk = fleet_disk_of(d, role);
	const char *image = disk == NULL || disk->image == NULL ? "" :
	    disk->image->path;

	(void)snprintf(path, cap, "%.*s", (int)(base_name(image) - image),
	    image);
}

/* What a field begins with; known: the domU tells it. */
static void
preset(const struct model *m, struct prepare_view *v, size_t i,
    const struct fleet_domu *d, enum fleet_role role, bool *known)
{
	const struct recipe_field *f = &v->recipe->field[i];
	const char *told = d == NULL || f->of_domu == NULL ? NULL :
	    f->of_domu(d);
	struct order o = { .recipe = v->recipe };
	char path[INPUT_MAX];

	*known = told != NULL;
	if (told == NULL)
		told = f->preset != NULL ? f->preset : "";
	if (f->choices != NULL)
		told = f->choices[0].label;
	*known |= (f->flags & (FIELD_TARGET | FIELD_CHOICE)) != 0;
	if ((f->flags & FIELD_TARGET) != 0)
		told = v->target[v->at].word;
	else if (d != NULL && (f->flags & FIELD_FIXED) != 0) {
		order_set_target(&o, i, d, role);
		told = o.value[i];
	} else if (d != NULL && (f->flags & FIELD_IMAGE) != 0) {
		folder_of(d, role, path, sizeof(path));
		told = path;
	}
	input_set(&v->field[i], told);
	form_look(m, v, i);
}

/* What is known goes in; the focus goes to the first field whose value the
 * domU did not tell. */
void
form_fill(const struct model *m, struct prepare_view *v,
    const struct fleet_domu *d, enum fleet_role role)
{
	const size_t n = v->recipe->nfields;
	bool known;
	size_t i;

	form_find_targets(v, d, role);
	v->focus = n;
	for (i = 0; i < n; i++) {
		preset(m, v, i, d, role, &known);
		if (!known && v->focus == n && form_asks(v, i))
			v->focus = i;
	}
	if (v->focus == n)
		v->focus = 0;
}
