/*
 * drydock rekey --in-place, from the begin; see rekey_place.h.  There is no way
 * back, but to the same again.
 */
#include <sys/stat.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "core/base/fsutil.h"
#include "core/cmd/confirm.h"
#include "core/cmd/fleet_out.h"
#include "core/cmd/rekey_place.h"
#include "core/disk/file.h"

int
rekey_place_names(struct rekey_place *w, uint64_t ino, struct dd_err *e)
{
	struct buf from = BUF_INIT, to = BUF_INIT;
	char *state;

	if (rekey_path(w->image, (ino_t)ino, &state, e) == -1)
		return -1;
	(void)buf_printf(&from, "%s.from", state);
	(void)buf_printf(&to, "%s.to", state);
	free(state);
	w->from_path = buf_steal(&from);
	w->to_path = buf_steal(&to);
	return w->from_path != NULL && w->to_path != NULL ? 0 :
	    dd_fail_nomem(e);
}

/* -- what is to be done ---------------------------------------------------- */

/* The file whose content is replaced in the end. */
static int
choose_dest(struct rekey_place *w, struct dd_err *e)
{
	struct rekeying *k = w->k;
	char *path = NULL;

	if (w->store != NULL && w->store->place != NULL &&
	    (path = store_beside(w->store, w->store->place->name.n,
	    "params")) == NULL)
		return dd_fail_nomem(e);
	if (path == NULL && k->shared_with != NULL) {
		(void)dd_fail(e, ERR_HELD, "%s: %s has these parameters, too",
		    k->x.disk->params, k->shared_with);
		return dd_hint(e, "give it a file of its own first, in its "
		    "configuration; or leave --in-place out");
	}
	if (path == NULL && k->tells != NULL && !k->plain &&
	    (path = strdup(k->tells)) == NULL)
		return dd_fail_nomem(e);
	if (path == NULL && !k->plain && k->new_params == NULL) {
		(void)dd_fail(e, ERR_USAGE, "%s: where are its new parameters "
		    "to be?", w->image);
		return dd_hint(e, "drydock cgd params new -o FILE makes some: "
		    "--new-params FILE");
	}
	(void)snprintf(w->dest, sizeof(w->dest), "%s", path != NULL ? path :
	    "");
	free(path);
	return 0;
}

static int
ask(const struct rekey_place *w, struct dd_err *e)
{
	const char *slash = strrchr(w->image, '/');
	const char *name = slash != NULL ? slash + 1 : w->image;
	struct buf b = BUF_INIT;
	int rc;

	if (w->k->yes)
		return 0;
	if (!confirm_possible()) {
		(void)dd_fail(e, ERR_USAGE, "%s: nobody can be asked",
		    w->image);
		return dd_hint(e, "what is changed in place has no way back: "
		    "--yes does it without a question");
	}
	fleet_out_text(&b, w->image);
	(void)buf_str(&b, ", which is ");
	rekey_put_side(&b, w->k->r.at.params);
	(void)buf_str(&b, ", becomes ");
	rekey_put_side(&b, w->k->r.params);
	(void)buf_str(&b, " in place: no copy of it is kept, and nothing else "
	    "can use it until all is done.");
	rc = b.failed ? dd_fail_nomem(e) : confirm_typed(b.p, name, e);
	buf_dispose(&b);
	return rc;
}

static int
lock_store(struct rekey_place *w, struct dd_err *e)
{
	if (!store_managed(w->image))
		return 0;
	w->managed = true;
	if (store_open(w->image, &w->store, e) == -1)
		return -1;
	return w->k->m.dry_run ? 0 : store_lock(w->store, e);
}

/* -- the steps ------------------------------------------------------------- */

static int
shut_down(void *ctx, struct dd_err *e)
{
	struct rekey_place *w = ctx;
	const struct fleet_domu *d = w->k->m.p.restart;

	if (d == NULL)
		return 0;
	if (life_can_start(d, e) == -1 ||
	    life_hold(d, &w->domu_lock, e) == -1 ||
	    life_shutdown(&w->k->m.life, d->name, e) == -1)
		return -1;
	w->down = true;
	return 0;
}

static int
start(void *ctx, struct dd_err *e)
{
	struct rekey_place *w = ctx;

	if (!w->down || w->paused)
		return 0;
	rekey_place_release(w);		/* to whoever attaches it */
	if (rekey_unlock(w->k, false, e) == -1)
		return -1;
	return life_start(&w->k->m.life, w->k->m.p.restart, e);
}

static int
start_again(void *ctx, struct dd_err *e)
{
	struct dd_err ignored = DD_ERR_INIT;
	struct rekey_place *w = ctx;

	/* what is half done has no use for it */
	if (!w->down || (w->begun && !w->done))
		return 0;
	rekey_place_release(w);
	(void)rekey_unlock(w->k, !w->done, &ignored);
	return life_start(&w->k->m.life, w->k->m.p.restart, e);
}

static int
examine(void *ctx, struct dd_err *e)
{
	struct rekey_place *w = ctx;
	struct newkey *r = &w->k->r;

	/* nobody else from here on */
	if (file_open(w->image, FILE_WRITE, r->at.sector_size, &w->file, e) ==
	    -1 || newkey_again(r, w->down, e) == -1 ||
	    newkey_before(r, e) == -1)
		return -1;
	(void)snprintf(w->manifest, sizeof(w->manifest), "%s",
	    r->manifest);
	return 0;
}

static int
write_copies(struct rekey_place *w, struct dd_err *e)
{
	const struct rekeying *k = w->k;

	if (rekey_place_names(w, file_ino(w->file), e) == -1)
		return -1;
	if (k->r.at.params != NULL && fs_replace_file(w->from_path,
	    k->r.at.params->text.p, k->r.at.params->text.len, 0600, e) == -1)
		return -1;
	if (k->plain)
		return 0;
	return fs_replace_file(w->to_path, k->is.text.p, k->is.text.len, 0600,
	    e);
}

static int
drop_copies(void *ctx, struct dd_err *e)
{
	struct rekey_place *w = ctx;

	if (w->from_path != NULL && unlink(w->from_path) == -1 &&
	    errno != ENOENT)
		return dd_fail_sys(e, errno, "%s", w->from_path);
	if (w->to_path != NULL && unlink(w->to_path) == -1 && errno != ENOENT)
		return dd_fail_sys(e, errno, "%s", w->to_path);
	return 0;
}

/* Of what a crash left beside the state, or of a state that had gone. */
static int
drop_rests(const char *image, ino_t ino, bool *removed, struct dd_err *e)
{
	static const char *const suffixes[] = { "", ".from", ".to", ".new",
	    ".pause" };
	char *state, path[REKEY_TEXT + 16];
	int rc = rekey_path(image, ino, &state, e);
	size_t i;

	if (rc == -1)
		return -1;
	for (i = 0; i < sizeof(suffixes) / sizeof(suffixes[0]) && rc == 0;
	    i++) {
		(void)snprintf(path, sizeof(path), "%s%s", state,
		    suffixes[i]);
		if (unlink(path) == 0)
			*removed = true;
		else if (errno != ENOENT)
			rc = dd_fail_sys(e, errno, "%s", path);
	}
	free(state);
	return rc;
}

int
rekey_place_sweep(const char *image, bool *removed, struct dd_err *e)
{
	struct dd_err held = DD_ERR_INIT;
	bool at_work = false;
	struct stat st;

	*removed = false;
	if (stat(image, &st) == -1 || !S_ISREG(st.st_mode) ||
	    rekey_refuse(image, st.st_ino, &held) == -1)
		return 0;
	if (rekey_at_work(image, &at_work, e) == -1)
		return -1;
	return at_work ? 0 : drop_rests(image, st.st_ino, removed, e);
}

static int
begin(void *ctx, struct dd_err *e)
{
	struct rekey_place *w = ctx;
	const struct newkey *r = &w->k->r;
	char note[REKEY_TEXT];
	struct inplace_plan plan = { .off = r->at.off, .len = r->at.len,
	    .note = note };

	w->from = (struct recrypt_side){ r->at.params, r->at.key,
	    r->at.sector_size };
	w->to = (struct recrypt_side){ r->params, r->key, r->sector_size };
	plan.from = w->from;
	plan.to = w->to;
	if (snprintf(note, sizeof(note), "%s\n%s", w->dest, w->manifest) >=
	    (int)sizeof(note))
		return dd_fail(e, ERR_UNSUP, "%s: its path is too long",
		    w->dest);
	if (write_copies(w, e) == 0) {
		plan.from_path = r->at.params != NULL ? w->from_path : NULL;
		plan.to_path = r->params != NULL ? w->to_path : NULL;
		w->begun = inplace_begin(w->file, &plan, e) == 0;
		if (w->begun)
			return 0;
	}
	(void)drop_copies(w, &(struct dd_err)DD_ERR_INIT);
	return -1;
}

/* -- all of it ------------------------------------------------------------- */

int
rekey_place_job(struct rekey_place *w, const struct job_step *steps,
    struct dd_err *e)
{
	struct managing *m = &w->k->m;
	const struct job job = { .name = "rekey in place", .steps = steps,
	    .ctx = w, .progress = w->env->progress, .log = &record_log,
	    .log_arg = &w->record };

	w->record = (struct record){ .state_dir = m->conf.state_dir,
	    .command = m->command, .action = job.name,
	    .domu = w->k->x.domu, .image = w->image };
	/* what fails then has not undone it */
	if (job_run(&job, e) == -1)
		return w->done ? dd_context(e, "%s: all of it is under the "
		    "new key; but then", w->image) : -1;
	return 0;
}

static const struct job_step all_steps[] = {
	{ .name = "shut the domU down", .run = shut_down,
	    .undo = start_again },
	{ .name = "look at it as it is", .run = examine },
	{ .name = "write down what is to be done", .run = begin },
	{ .name = "re-encrypt it", .run = rekey_place_go },
	{ .name = "start the domU", .run = start },
	{ .name = NULL }
};

/* Nobody may have it, but the domU that is shut down for it. */
static int
check_users(struct rekey_place *w, struct dd_err *e)
{
	if (managing_want_restart(&w->k->m, e) == -1)
		return -1;
	return w->k->m.p.restart != NULL ? 0 :
	    holders_refuse(w->k->m.fleet, w->image, false, e);
}

int
rekey_place(struct rekeying *k, const struct cmd_env *env, struct dd_err *e)
{
	struct rekey_place w = { .k = k, .env = env, .image = k->x.image };
	int rc = -1;

	if (k->r.sparse) {
		(void)dd_fail(e, ERR_USAGE, "--sparse does not go with "
		    "--in-place");
		(void)dd_hint(e, "all of it is written: leave one of them "
		    "out");
	} else if (lock_store(&w, e) == 0 && choose_dest(&w, e) == 0 &&
	    check_users(&w, e) == 0) {
		if (k->m.dry_run)
			rc = rekey_place_report(&w, e);
		else if (ask(&w, e) == 0 && rekey_place_job(&w, all_steps, e) ==
		    0) {
			cmd_done();
			rc = rekey_place_report(&w, e);
		}
	}
	rekey_place_dispose(&w);
	return rc;
}
