/* What a form lets choose: images of the domU, and answers; see form.h. */
#include <stdio.h>
#include <string.h>

#include "core/fleet/encryption.h"
#include "tui/form.h"

/* -- images -------------------------------------------------------------- */

static void
put_target(struct form_target *t, const struct fleet_domu *d,
    const struct fleet_disk *disk)
{
	const struct encryption *c = disk->encryption;
	struct buf all = BUF_INIT, few = BUF_INIT;

	(void)snprintf(t->word, sizeof(t->word), "%s:%s", d->name,
	    fleet_role_name(disk->role));
	(void)snprintf(t->name, sizeof(t->name), "%s",
	    base_name(disk->image->path));
	t->asks = c != NULL && c->error == NULL && c->passphrases > 0;
	if (c == NULL || c->error != NULL) {
		(void)buf_str(&all, c != NULL ? c->error :
		    disk->image->probe.kind != PROBE_ENCRYPTED ?
		    "not encrypted" : "encrypted, it seems: no parameters "
		    "are known");
		(void)buf_str(&few, all.failed ? "" : all.p);
	} else {
		encryption_cipher(c, &few);
		(void)buf_str(&few, ", ");
		encryption_age(c, &few);
		encryption_cipher(c, &all);
		(void)buf_str(&all, ", ");
		encryption_key(c, &all);
		(void)buf_str(&all, "; ");
		encryption_age(c, &all);
	}
	(void)snprintf(t->note, sizeof(t->note), "%s", all.failed ? "" :
	    all.p);
	(void)snprintf(t->brief, sizeof(t->brief), "%s", few.failed ? "" :
	    few.p);
	buf_dispose(&all);
	buf_dispose(&few);
}

void
form_find_targets(struct prepare_view *v, const struct fleet_domu *d,
    enum fleet_role role)
{
	const struct fleet_disk *disk;
	int i;

	v->runs = d != NULL && d->state != STATE_OFF;
	for (i = ROLE_ROOT; d != NULL && v->recipe->target_why_not != NULL &&
	    i < ROLE_COUNT; i++) {
		disk = fleet_disk_of(d, (enum fleet_role)i);
		if (disk == NULL || disk->image == NULL ||
		    v->recipe->target_why_not(d, disk) != NULL)
			continue;
		if (i == (int)role)
			v->at = v->ntargets;
		put_target(&v->target[v->ntargets++], d, disk);
	}
}

/* -- answers ------------------------------------------------------------- */

const struct recipe_choice *
form_choice(const struct prepare_view *v, size_t field)
{
	const struct recipe_choice *c = v->recipe->field[field].choices;

	while (c != NULL && c->label != NULL &&
	    strcmp(c->label, v->field[field].text) != 0)
		c++;
	return c == NULL || c->label == NULL ? NULL : c;
}

unsigned
form_dropped(const struct prepare_view *v)
{
	const struct recipe_choice *c;
	unsigned dropped = 0;
	size_t i;

	/* one that is left out itself leaves nothing out */
	for (i = 0; i < v->recipe->nfields; i++)
		if ((dropped & 1u << i) == 0 && (c = form_choice(v, i)) !=
		    NULL)
			dropped |= c->drops;
	return dropped;
}

static size_t
count(const struct prepare_view *v, size_t field)
{
	const struct recipe_choice *c = v->recipe->field[field].choices;
	size_t n = 0;

	if (c == NULL)
		return v->ntargets;
	while (c[n].label != NULL)
		n++;
	return n;
}

static size_t
chosen(const struct prepare_view *v, size_t field)
{
	const struct recipe_choice *c = form_choice(v, field);

	return v->recipe->field[field].choices == NULL ? v->at : c == NULL ?
	    0 : (size_t)(c - v->recipe->field[field].choices);
}

bool
form_may_lack(const struct prepare_view *v, size_t field)
{
	const unsigned dropped = form_dropped(v);
	const struct recipe_choice *c;
	bool may = form_is(v, field, FIELD_OPTIONAL);
	size_t i;

	for (i = 0; i < v->recipe->nfields; i++)
		if ((dropped & 1u << i) == 0 && (c = form_choice(v, i)) !=
		    NULL)
			may |= (c->frees & 1u << field) != 0;
	return may;
}

void
form_take_in_place(const struct prepare_view *v, const char *warning,
    struct order *o)
{
	o->in_place = o->grave = true;
	(void)snprintf(o->remark, sizeof(o->remark), "%s", warning);
	(void)snprintf(o->typed, sizeof(o->typed), "%s",
	    v->target[v->at].name);
}

bool
form_choose(struct prepare_view *v, size_t field, uint32_t key)
{
	const size_t n = count(v, field);
	size_t i = chosen(v, field);

	if (key == ' ' || key == K_RIGHT)
		i = (i + 1) % n;
	else if (key == K_LEFT)
		i = (i + n - 1) % n;
	else	/* what is no character moves on */
		return key >= ' ' && key < K_UP && key != K_DEL;
	if (v->recipe->field[field].choices != NULL) {
		input_set(&v->field[field],
		    v->recipe->field[field].choices[i].label);
		return true;
	}
	v->at = i;
	input_set(&v->field[field], v->target[i].word);
	return true;
}
