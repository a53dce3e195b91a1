/*
 * drydock swap of several; see swap_many.h.  Each image is one member, named
 * after the first domU that has it: what several share is swapped once, by a
 * drydock that rolls through them (shared.c).
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "core/base/events.h"
#include "core/cmd/fleet_out.h"
#include "core/cmd/swap_many.h"

/* Those that are meant, each image once. */
struct meant {
	struct target		*v;
	size_t			 n;
};

static bool
is_there(const struct meant *l, const struct target *t)
{
	size_t i;

	for (i = 0; i < l->n; i++)
		if (l->v[i].disk->image == t->disk->image)
			return true;
	return false;
}

static void
take(struct meant *l, const struct target *t)
{
	if (!is_there(l, t))
		l->v[l->n++] = *t;
}

static int
take_words(const struct swap_many *s, struct meant *l, char *const *words,
    size_t n, struct dd_err *e)
{
	struct target t;
	size_t i;

	for (i = 0; i < n; i++) {
		if (target_find(s->m->fleet, words[i], &t, e) == -1)
			return -1;
		if (t.n != 0) {
			(void)dd_fail(e, ERR_USAGE, "%s: swap takes a file "
			    "from outside", words[i]);
			return dd_hint(e, "drydock rollback --to %u goes to "
			    "a generation", t.n);
		}
		if (t.role != (l->n > 0 ? l->v[0].role : t.role)) {
			(void)dd_fail(e, ERR_USAGE, "%s: one image can't be "
			    "of two roles", words[i]);
			return dd_hint(e, "name disks of one role");
		}
		take(l, &t);
	}
	return 0;
}

/* A domU without such a disk isn't meant; one whose configuration can't be read
 * is left out, and said. */
static int
take_all(const struct swap_many *s, struct meant *l, enum fleet_role role,
    struct dd_err *e)
{
	const struct fleet *f = s->m->fleet;
	struct buf word = BUF_INIT;
	struct dd_err why;
	struct target t;
	size_t i;

	for (i = 0; i < f->ndomus; i++) {
		buf_reset(&word);
		if (buf_printf(&word, "%s:%s", f->domus[i].name,
		    fleet_role_name(role)) == -1) {
			buf_dispose(&word);
			return dd_fail_nomem(e);
		}
		why = (struct dd_err)DD_ERR_INIT;
		if (target_find(f, word.p, &t, &why) == 0)
			take(l, &t);
		else if (why.code != ERR_NOENT)
			fprintf(stderr, "drydock: warning: left out: %s\n",
			    why.msg);
	}
	buf_dispose(&word);
	if (l->n > 0)
		return 0;
	(void)dd_fail(e, ERR_NOENT, "no domU has a %s image",
	    fleet_role_name(role));
	return dd_hint(e, "--role names another disk; drydock list shows what "
	    "there is");
}

/* Does the domU run with another one than that in place? */
static bool
runs_with_another(const struct fleet_domu *d, const struct fleet_image *img,
    const struct store *store)
{
	const struct fleet_disk *disk;
	size_t i;

	for (i = 0; d->state != STATE_OFF && i < d->ndisks; i++) {
		disk = &d->disks[i];
		if (disk->image == img && disk->run_known &&
		    (disk->run_dev != store->dev ||
		    (uint64_t)disk->run_ino != store->place->ino))
			return true;
	}
	return false;
}

/* Is a copy of it in place already, and do they run with that? */
static bool
has_it(const struct swap_many *s, const struct target *t)
{
	const struct fleet_image *img = t->disk->image;
	struct dd_err ignored = DD_ERR_INIT;
	struct store *store = NULL;
	bool yes;
	size_t i;

	if (store_open(target_image(t), &store, &ignored) == -1)
		return false;
	yes = store->place != NULL && store->place->name.mark != GEN_BAD &&
	    store_came_from(store, store->place->name.n, s->source);
	for (i = 0; yes && !s->m->next_boot && i < img->nusers; i++)
		yes = !runs_with_another(&s->m->fleet->domus[img->users[i]],
		    img, store);
	store_close(store);
	return yes;
}

/* What would be done to one, as a hash; it is refused here, before anything is
 * done to any. */
static int
plan_one(struct swap_many *s, const struct target *t, struct hash *sum,
    struct dd_err *e)
{
	struct placing p = { .conf = &s->m->conf, .fleet = s->m->fleet,
	    .how = PLACING_COMES, .action = "swap", .domu = t->domu->name,
	    .image = target_image(t), .source = s->source,
	    .params = s->params, .dry_run = true };
	int rc = placing_plan(&p, e);

	if (rc == 0)
		hash_add(sum, p.hash, strlen(p.hash));
	else
		(void)dd_context(e, "%s", t->domu->name);
	placing_dispose(&p);
	return rc;
}

static int
plan(struct swap_many *s, const struct meant *l, char hash[HASH_HEX],
    struct dd_err *e)
{
	struct rolling *r = &s->m->rolling;
	uint8_t sum[HASH_LEN];
	struct hash *h;
	int rc = 0;
	size_t i;
	bool has;

	if (rolling_init(r, l->n, e) == -1 ||
	    hash_open(HASH_SHA256, &h, e) == -1)
		return -1;
	for (i = 0; i < l->n && rc == 0; i++) {
		has = has_it(s, &l->v[i]);
		rc = rolling_add(r, l->v[i].domu->name,
		    fleet_role_name(l->v[i].role), 0, has, e);
		if (rc == 0 && !has)
			rc = plan_one(s, &l->v[i], h, e);
	}
	hash_result(h, sum);
	hash_close(h);
	(void)hash_hex(hash, sum);
	if (rc == -1 || s->m->p.plan == NULL ||
	    strcmp(s->m->p.plan, hash) == 0)
		return rc;
	(void)dd_fail(e, ERR_PLAN, "what would be done now is not what was "
	    "planned");
	return dd_hint(e, "somebody else was there meanwhile: look at it "
	    "again");
}

static void
words_of(void *arg, const struct rolling_member *r, const char **v)
{
	const struct swap_many *s = arg;
	const struct { bool given; const char *word; } flags[] = {
		{ s->m->next_boot, "--next-boot" },
		{ s->m->live, "--live" }, { s->m->unmounted, "--unmounted" },
		{ s->m->no_watch, "--no-watch" },
		{ s->m->p.keep_orig, "--keep-original" },
		{ s->strict, "--strict" },
	};
	const struct { const char *option, *value; } options[] = {
		{ "--note", s->m->p.note }, { "--kernel", s->kernel },
		{ "--params", s->params }, { "--partition", s->part },
		{ "--sector-size", s->sector_size },
		/* what each of several takes down adds up */
		{ "--max-unavailable", s->m->rolling.n == 1 ? s->width :
		    NULL },
	};
	size_t i;

	*v++ = "swap";
	for (i = 0; i < sizeof(flags) / sizeof(flags[0]); i++)
		if (flags[i].given)
			*v++ = flags[i].word;
	for (i = 0; i < sizeof(options) / sizeof(options[0]); i++) {
		if (options[i].value == NULL)
			continue;
		*v++ = options[i].option;
		*v++ = options[i].value;
	}
	*v++ = "--";
	*v++ = r->word;
	*v++ = s->source;
	*v = NULL;
}

static int
print(const struct swap_many *s, const char *hash, bool done,
    struct dd_err *e)
{
	const struct managing *m = s->m;
	struct json_object *o;
	struct buf b = BUF_INIT;

	if (m->json) {
		o = json_object_new_object();
		json_set_string(o, "action", "swap");
		json_set_string(o, "source", s->source);
		json_set(o, "rolling", rolling_json(&m->rolling));
		json_set_string(o, "plan", hash);
		json_set_bool(o, "done", done);
		return cmd_print_json(o, e);
	}
	(void)buf_str(&b, "swap, one after the other, by ");
	fleet_out_text(&b, s->source);
	(void)buf_str(&b, ":\n");
	rolling_text(&m->rolling, m->dry_run, &b);
	if (m->dry_run)
		(void)buf_printf(&b, "plan: %s\n", hash);
	return fleet_out_print(&b, e);
}

static int
run(struct swap_many *s, const struct meant *l, struct dd_err *e)
{
	struct rolling *r = &s->m->rolling;
	struct dd_err ignored = DD_ERR_INIT;
	char hash[HASH_HEX];
	int rc;

	if (plan(s, l, hash, e) == -1)
		return -1;
	if (s->m->dry_run) {
		events_plan(hash);
		return print(s, hash, false, e);
	}
	r->words = words_of;
	r->arg = s;
	if (r->width == 0)
		r->width = s->m->conf.max_unavailable;
	rc = rolling_run(s->env, r, e);
	cmd_done();
	if (rc == 0)
		return print(s, hash, true, e);
	(void)print(s, hash, false, &ignored);
	return -1;
}

int
swap_many(struct swap_many *s, char *const *words, size_t n,
    enum fleet_role role, struct dd_err *e)
{
	struct meant l = { .v = calloc(n + s->m->fleet->ndomus + 1,
	    sizeof(*l.v)) };
	int rc = -1;

	if (l.v == NULL)
		return dd_fail_nomem(e);
	if (s->m->p.move) {
		(void)dd_fail(e, ERR_USAGE, "--move has one file for one "
		    "domU");
		(void)dd_hint(e, "leave it out, to have a copy for each");
	} else if ((n > 0 ? take_words(s, &l, words, n, e) :
	    take_all(s, &l, role, e)) == 0)
		rc = run(s, &l, e);
	free(l.v);
	return rc;
}
