/* Passphrases in a form; see form.h. */
#include <string.h>

#include "core/base/strength.h"
#include "tui/form.h"

bool
form_is(const struct prepare_view *v, size_t field, unsigned flags)
{
	return (v->recipe->field[field].flags & flags) != 0;
}

int
form_hide(struct prepare_view *v, struct dd_err *e)
{
	size_t i;

	for (i = 0; i < v->recipe->nfields; i++)
		if (form_is(v, i, FIELD_SECRET) &&
		    hidden_init(&v->hidden[i], e) == -1)
			return -1;
	return 0;
}

void
form_unhide(struct prepare_view *v)
{
	size_t i;

	for (i = 0; i < RECIPE_FIELDS; i++)
		hidden_dispose(&v->hidden[i]);
}

/* Does it begin as the other does, in the bytes that it has? */
static bool
begins(const struct hidden *is, const struct hidden *was)
{
	return is->len <= was->len && memcmp(is->text.p, was->text.p,
	    is->len) == 0;
}

/* Once more, of the field before it. */
static void
hint_again(struct prepare_view *v, size_t field)
{
	const struct hidden *was = &v->hidden[field - 1];
	const struct hidden *is = &v->hidden[field];

	if (is->len == 0)
		form_set_note(v, field, STYLE_DIM, "");
	else if (begins(is, was) && is->len == was->len)
		form_set_note(v, field, STYLE_OK, "the same");
	else if (begins(is, was) && v->focus == field)
		form_set_note(v, field, STYLE_DIM, "the same so far");
	else
		form_set_note(v, field, STYLE_ERROR, "not the same: ^U begins "
		    "anew");
}

static void
hint_new(struct prepare_view *v, size_t field)
{
	static const enum style styles[] = { [STRENGTH_WEAK] = STYLE_WARN,
	    [STRENGTH_FAIR] = STYLE_NORMAL, [STRENGTH_STRONG] = STYLE_OK };
	const struct hidden *is = &v->hidden[field];
	char words[STRENGTH_WORDS];
	struct strength s;

	if (is->len == 0) {
		form_set_note(v, field, STYLE_DIM, form_may_lack(v, field) ?
		    "that of the file; empty: it asks for none" :
		    "several words that nobody would put together are good");
		return;
	}
	s = strength_of((const char *)is->text.p, is->len);
	form_set_note(v, field, styles[s.level], strength_words(words, &s));
}

void
form_hint(struct prepare_view *v)
{
	size_t i;

	for (i = 0; i < v->recipe->nfields; i++)
		if (form_is(v, i, FIELD_NEW))
			hint_new(v, i);
		else if (form_is(v, i, FIELD_AGAIN))
			hint_again(v, i);
}

const char *
form_secrets_why_not(struct prepare_view *v)
{
	size_t i;

	for (i = 0; i < v->recipe->nfields; i++) {
		if (!form_is(v, i, FIELD_SECRET) || !form_asks(v, i))
			continue;
		if (v->hidden[i].len == 0 && !form_may_lack(v, i)) {
			v->focus = i;
			return "a passphrase is missing";
		}
		if (form_is(v, i, FIELD_AGAIN) && (v->hidden[i].len !=
		    v->hidden[i - 1].len || !begins(&v->hidden[i],
		    &v->hidden[i - 1]))) {
			v->focus = i;
			return "not the same as before";
		}
	}
	return NULL;
}

int
form_take_secrets(const struct prepare_view *v, struct order *o,
    struct dd_err *e)
{
	struct secrets *s = NULL;
	size_t i;

	for (i = 0; i < v->recipe->nfields; i++) {
		if (!form_is(v, i, FIELD_OLD | FIELD_NEW | FIELD_PASS) ||
		    !form_asks(v, i) || v->hidden[i].len == 0)
			continue;
		if ((s == NULL && (s = secrets_new(e)) == NULL) ||
		    secrets_add(s, v->hidden[i].text.p, v->hidden[i].len, e) ==
		    -1) {
			secrets_unref(s);
			return -1;
		}
	}
	o->secrets = s;
	return 0;
}
