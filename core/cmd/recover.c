/*
 * drydock recover: what crashes left is brought to its end.  Every image of
 * the fleet is looked at, whatever the history knows; then jobs that the
 * history has as unfinished get their end.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "core/cmd/devices_out.h"
#include "core/cmd/fleet_out.h"
#include "core/cmd/managing.h"
#include "core/cmd/rekey_place.h"
#include "core/disk/file.h"
#include "core/disk/overlay.h"
#include "core/disk/rekey_state.h"
#include "core/tree/image_mount.h"

struct recovering {
	struct managing		 m;
	const struct cmd_env	*env;
	struct buf		 text;
	struct json_object	*list;		/* with --json */
	unsigned		 done, failed;
	struct dd_err		 first;		/* of those that failed */
};

static void
tell(struct recovering *r, const char *image, const char *what)
{
	struct json_object *o;

	if (r->list == NULL) {
		fleet_out_text(&r->text, image);
		(void)buf_printf(&r->text, ": %s\n", what);
		return;
	}
	o = json_object_new_object();
	json_set_string(o, "image", image);
	json_set_string(o, "text", what);
	(void)json_object_array_add(r->list, o);
}

static void
tell_failure(struct recovering *r, const char *image,
    const struct dd_err *why)
{
	if (r->failed++ == 0)
		r->first = *why;
	tell(r, image, why->msg);
}

/* A change of the image itself, whose journal is whole. */
static int
finish_change(const struct fleet *f, const char *image, bool *pending,
    struct dd_err *e)
{
	struct blk *file, *b;

	if (overlay_pending(image, pending, e) == -1)
		return -1;
	if (!*pending)
		return 0;
	if (holders_refuse(f, image, false, e) == -1 ||
	    file_open(image, FILE_WRITE, 0, &file, e) == -1)
		return -1;
	if (overlay_open(file, 0, &b, e) == -1) {
		blk_close(file);
		return -1;
	}
	blk_close(b);
	return 0;
}

/* Only who has the keys can go on with a re-encryption. */
static void
tell_rekey(struct recovering *r, const char *image)
{
	struct dd_err why = DD_ERR_INIT;
	bool at_work = false;
	char *stale = NULL;

	if (rekey_stale(image, &stale, &why) == 0 && stale != NULL) {
		(void)dd_fail(&why, ERR_RECOVER, "%s: tells how far a "
		    "re-encryption had come, of an image that is not there "
		    "any more", stale);
		(void)dd_hint(&why, "bring that image back, or remove the "
		    "file");
		tell_failure(r, image, &why);
	}
	free(stale);
	dd_err_clear(&why);
	if (rekey_refuse_at(image, &why) == -1 &&
	    (rekey_at_work(image, &at_work, &(struct dd_err)DD_ERR_INIT) ==
	    -1 || !at_work))
		tell_failure(r, image, &why);
}

/* Its parameters, beside the image, once nothing is to go on with. */
static void
sweep_rekey(struct recovering *r, const char *image)
{
	struct dd_err why = DD_ERR_INIT;
	bool removed = false;

	if (rekey_place_sweep(image, &removed, &why) == -1)
		tell_failure(r, image, &why);
	if (!removed)
		return;
	r->done++;
	tell(r, image, "removed the parameters that a re-encryption had "
	    "beside it");
}

/* Copies that were worked on. */
static void
remove_copies(struct recovering *r, const char *image)
{
	struct dd_err why = DD_ERR_INIT;
	unsigned n = 0;

	if (image_copies_remove(image, &n, &why) == -1)
		tell_failure(r, image, &why);
	if (n == 0)
		return;
	r->done++;
	tell(r, image, "removed a copy that had been left");
}

static void
recover_image(struct recovering *r, const char *image, bool there)
{
	struct dd_err why = DD_ERR_INIT;
	bool cut = false;

	remove_copies(r, image);

	if (placing_recover(image, &cut, &why) == -1) {
		/* a job at work needs no help */
		if (why.code != ERR_HELD && why.code != ERR_TYPE)
			tell_failure(r, image, &why);
		dd_err_clear(&why);
	} else if (cut) {
		r->done++;
		tell(r, image, "its generations are in order again");
	}
	tell_rekey(r, image);
	if (!there || rekey_refuse_at(image, &why) == -1)
		return;
	sweep_rekey(r, image);
	if (finish_change(r->m.fleet, image, &cut, &why) == -1) {
		if (why.code != ERR_TYPE)
			tell_failure(r, image, &why);
	} else if (cut) {
		r->done++;
		tell(r, image, "finished a change that had been cut short");
	}
}

/* Kernels go where their roots went. */
static void
recover_images(struct recovering *r)
{
	const struct fleet *f = r->m.fleet;
	size_t i;

	for (i = 0; i < f->nimages; i++)
		recover_image(r, f->images[i]->path, !f->images[i]->missing);
	for (i = 0; i < f->ndomus; i++)
		if (f->domus[i].kernel != NULL)
			recover_image(r, f->domus[i].kernel, false);
}

/* -- devices and mounts ---------------------------------------------------- */

static void
take_leaving(void *arg, const struct devices_leaving *l)
{
	struct recovering *r = arg;
	struct buf b = BUF_INIT;

	devices_out_leaving(&b, l, false);
	if (l->why == NULL)
		r->done++;
	else if (r->failed++ == 0)
		r->first = *l->why;
	tell(r, l->image != NULL ? l->image : "devices", b.failed ?
	    l->what : b.p);
	buf_dispose(&b);
	if (l->why == NULL && l->image != NULL)
		remove_copies(r, l->image);
}

/* They are root's: nobody else has made any, or may look. */
static void
recover_devices(struct recovering *r)
{
	const struct devices_host host = devices_here();
	struct dd_err why = DD_ERR_INIT;
	struct devices *all = NULL;

	if (geteuid() != 0)
		return;
	if (devices_load(&host, r->env->xen, &all, &why) == -1 ||
	    (devices_clean(&host, all, false, take_leaving, r, &why) == -1 &&
	    why.code != ERR_RECOVER))
		tell_failure(r, "devices", &why);
	devices_free(all);
}

/* -- the history --------------------------------------------------------- */

struct unfinished {
	int64_t		 id, started;
	char		*image, *action, *domu;
	uint32_t	 from, to;
	struct unfinished *next;
};

static int
take(void *arg, const struct db_job *j, struct dd_err *e)
{
	struct unfinished **list = arg, *u;

	if (record_alive(j))
		return 0;
	if ((u = calloc(1, sizeof(*u))) == NULL)
		return dd_fail_nomem(e);
	*u = (struct unfinished){ .id = j->id, .started = j->started,
	    .image = strdup(j->image != NULL ? j->image : ""),
	    .action = strdup(j->action), .domu = strdup(j->domu != NULL ?
	    j->domu : ""), .from = j->from, .to = j->to,
	    .next = *list };
	*list = u;
	return u->image == NULL || u->action == NULL || u->domu == NULL ?
	    dd_fail_nomem(e) : 0;
}

/* Of a generation alone: what was to become of it? */
static bool
is_marked(const char *action, const struct generation *g)
{
	if (strcmp(action, "prune") == 0 || strcmp(action, "destroy") == 0 ||
	    g == NULL)
		return g == NULL;
	if (strcmp(action, "pin") == 0)
		return g->name.pinned;
	if (strcmp(action, "unpin") == 0)
		return !g->name.pinned;
	return strcmp(action, gen_mark_name(g->name.mark)) == 0;
}

/* Which of the two is in place?  Where there are no generations, nobody can
 * tell any more: the image itself is whole in any case. */
static bool
came_through(const struct unfinished *u)
{
	struct dd_err ignored = DD_ERR_INIT;
	struct store *s;
	bool yes;

	if ((u->to == 0 && u->from == 0) || store_open(u->image, &s,
	    &ignored) == -1)
		return false;
	yes = u->to == 0 ? is_marked(u->action, store_find(s, u->from)) :
	    s->place != NULL && s->place->name.n == u->to;
	store_close(s);
	return yes;
}

/* A watch goes on, if what it watched is there still. */
static bool
watch_on(const struct recovering *r, const struct unfinished *u)
{
	const struct fleet_domu *d = fleet_find(r->m.fleet, u->domu);
	const struct fleet_image *img = fleet_image_at(r->m.fleet, u->image);
	struct buf word = BUF_INIT;
	bool on;

	if (d == NULL || img == NULL || d->state != STATE_RUNNING ||
	    target_word(d, img, &word) == NULL)
		return false;
	on = !word.failed && managing_watch_begin(r->env, word.p);
	buf_dispose(&word);
	return on;
}

/* It may have been shut down for the job: whether it is to run, the operator
 * knows. */
static bool
is_off(const struct recovering *r, const char *domu)
{
	const struct fleet_domu *d = fleet_find(r->m.fleet, domu);

	return d != NULL && r->m.fleet->xen == NULL && d->state == STATE_OFF;
}

static int
end_job(struct recovering *r, struct db *db, const struct unfinished *u,
    struct dd_err *e)
{
	bool watch = strcmp(u->action, "watch") == 0;
	bool try = strcmp(u->action, "try") == 0;
	bool yes = watch ? watch_on(r, u) : !try && came_through(u);
	char what[256];

	(void)snprintf(what, sizeof(what), "job %lld, %s, had been cut "
	    "short: %s%s", (long long)u->id, u->action, watch ? (yes ?
	    "it goes on" : "there is nothing to watch any more") : yes ?
	    "it is done" : try ? "nothing was put in place" :
	    u->to == 0 && u->from == 0 ? "the image is whole" :
	    "it is undone", is_off(r, u->domu) ? "; its domU is off" : "");
	r->done++;
	tell(r, u->image, what);
	return db_job_end(db, u->id, 0, yes ? "none" : "cancelled",
	    yes ? "cut short, and finished by drydock recover" :
	    "cut short, and undone by drydock recover", u->from, u->to, NULL,
	    0, e);
}

static void
recover_history(struct recovering *r)
{
	struct unfinished *list = NULL, *u;
	struct dd_err why = DD_ERR_INIT;
	struct db *db = NULL;
	int rc;

	if (db_open_read(r->m.conf.state_dir, &db, &why) == -1) {
		if (why.code != ERR_NOENT)
			tell_failure(r, r->m.conf.state_dir, &why);
		return;
	}
	rc = db_jobs(db, NULL, NULL, true, 0, take, &list, &why);
	while ((u = list) != NULL) {
		if (rc == 0)
			rc = end_job(r, db, u, &why);
		list = u->next;
		free(u->image);
		free(u->action);
		free(u->domu);
		free(u);
	}
	if (rc == -1)
		tell_failure(r, r->m.conf.state_dir, &why);
	db_close(db);
}

static int
report(struct recovering *r, struct dd_err *e)
{
	struct json_object *o;

	if (r->list != NULL) {
		o = json_object_new_object();
		json_set_size(o, "recovered", r->done);
		json_set_size(o, "failed", r->failed);
		json_set(o, "what", json_object_get(r->list));
		if (cmd_print_json(o, e) == -1)
			return -1;
	} else {
		if (r->done == 0 && r->failed == 0)
			(void)buf_str(&r->text, "nothing to recover\n");
		if (fleet_out_print(&r->text, e) == -1)
			return -1;
	}
	if (r->failed == 0)
		return 0;
	(void)dd_fail(e, ERR_RECOVER, "%u could not be recovered: %s",
	    r->failed, r->first.msg);
	return dd_hint(e, "%s", r->first.hint[0] != '\0' ? r->first.hint :
	    "mend what is said above, then repeat the command");
}

int
cmd_recover(const struct cmd_env *env, int argc, char **argv,
    struct dd_err *e)
{
	struct recovering r = { .first = DD_ERR_INIT, .env = env };
	const struct arg args[] = {
		{ 0, "json", ARG_FLAG, &r.m.json, NULL, "as JSON" },
		{ 0, NULL, ARG_FLAG, NULL, NULL, NULL }
	};
	int rc;

	if ((rc = args_parse(args, &argc, argv, 0, 0, e)) != 0)
		return rc == 1 ? 0 : -1;
	if (r.m.json)
		r.list = json_object_new_array();
	if ((rc = managing_load(&r.m, env, e)) == 0) {
		recover_devices(&r);
		recover_images(&r);
		recover_history(&r);
		rc = report(&r, e);
	}
	managing_dispose(&r.m);
	json_object_put(r.list);
	buf_dispose(&r.text);
	return rc;
}
