/*
 * drydock rekey: an image that is re-encrypted in place goes its way to the
 * end, also after a pause or a cut; see rekey_place.h.
 */
#include <sys/stat.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "core/cmd/fleet_out.h"
#include "core/cmd/rekey_place.h"
#include "core/disk/file.h"
#include "core/disk/journal.h"

/* -- from an open state to the end ----------------------------------------- */

static int
finish(struct rekey_place *w, struct dd_err *e)
{
	if (rekey_place_deliver(w, e) == -1) {
		e->code = ERR_RECOVER;
		return dd_hint(e, "all of the image is under the new key; "
		    "drydock rekey --resume %s tries again", w->image);
	}
	return inplace_finish(w->ip, e);
}

/* Is the tree what it was?  It has been written down before. */
static int
examine(struct rekey_place *w, struct dd_err *e)
{
	char is[HASH_HEX] = "";

	if (w->manifest[0] == '\0')
		return 0;
	if (newkey_manifest(w->image, w->k->args.part, w->to.params != NULL ?
	    w->to_path : NULL, &w->to, w->env->progress, is, e) == -1)
		return -1;
	if (strcmp(is, w->manifest) == 0)
		return 0;
	(void)dd_fail(e, ERR_FAULTS, "%s: what is in it is not what was in it "
	    "before", w->image);
	return dd_hint(e, "both keys still open what they opened: keep the "
	    "old parameters, and look at it with drydock check and ls");
}

int
rekey_place_go(void *ctx, struct dd_err *e)
{
	struct rekey_place *w = ctx;
	const struct rekey_state *st;
	int rc;

	if (inplace_open(w->file, &w->from, &w->to, &w->ip, e) == -1 ||
	    inplace_run(w->ip, w->env->progress, &w->paused, e) == -1)
		return -1;
	st = inplace_state(w->ip);
	w->percent = rekey_percent(st);
	if (w->paused)
		return 0;
	if (finish(w, e) == -1)
		return -1;
	w->done = true;
	rc = examine(w, e);
	(void)unlink(w->from_path);
	(void)unlink(w->to_path);
	return rc;
}

int
rekey_place_report(struct rekey_place *w, struct dd_err *e)
{
	const struct rekeying *k = w->k;
	struct json_object *o;
	struct buf b = BUF_INIT;
	bool done = !k->m.dry_run && !w->paused;

	if (k->m.json) {
		o = json_object_new_object();
		json_set_string(o, "action", "rekey in place");
		json_set_string(o, "image", w->image);
		json_set_size(o, "percent", k->m.dry_run ? 0 : w->percent);
		json_set_bool(o, "paused", w->paused);
		json_set_bool(o, "done", done);
		return cmd_print_json(o, e);
	}
	fleet_out_text(&b, w->image);
	if (w->paused)
		(void)buf_printf(&b, ": paused, %u%% is under the new key; "
		    "nothing can use it until it is done\nOn: drydock rekey "
		    "--resume ", w->percent);
	else {
		(void)buf_str(&b, k->m.dry_run ? ": would be, in place, " :
		    ": is now ");
		rekey_put_side(&b, w->to.params != NULL ? w->to.params :
		    k->r.params);
	}
	if (w->paused)
		fleet_out_text(&b, w->image);
	(void)buf_str(&b, "\n");
	if (w->paused && w->down) {
		fleet_out_text(&b, k->m.p.restart->name);
		(void)buf_str(&b, " is off until then; afterwards drydock "
		    "start starts it\n");
	}
	if (done && w->dest[0] != '\0' && w->to.params != NULL) {
		fleet_out_text(&b, w->dest);
		(void)buf_str(&b, " has the new parameters; the old ones are "
		    "beside it (.old)\n");
	}
	if (done && w->to.params == NULL && k->x.disk != NULL &&
	    k->x.disk->params != NULL && !w->managed) {
		(void)buf_str(&b, "Take the key that names ");
		fleet_out_text(&b, k->x.disk->params);
		(void)buf_str(&b, " out of the domU's configuration.\n");
	}
	if (done)
		(void)buf_str(&b, w->manifest[0] != '\0' ? "File system and "
		    "tree are as before.\n" : "Not verified afterwards: it "
		    "holds no file system of ours, or --no-readback.\n");
	return fleet_out_print(&b, e);
}

void
rekey_place_release(struct rekey_place *w)
{
	inplace_close(w->ip);
	blk_close(w->file);
	store_close(w->store);
	w->ip = NULL;
	w->file = NULL;
	w->store = NULL;
}

void
rekey_place_dispose(struct rekey_place *w)
{
	rekey_place_release(w);
	if (w->domu_lock > 0)
		(void)close(w->domu_lock);
	cgd_params_dispose(&w->from_params);
	cgd_params_dispose(&w->to_params);
	secret_free(&w->from_key);
	secret_free(&w->to_key);
	record_dispose(&w->record);
	free(w->from_path);
	free(w->to_path);
}

/* -- going on -------------------------------------------------------------- */

static void
read_note(struct rekey_place *w, const struct rekey_state *st)
{
	const char *nl = strchr(st->note, '\n');
	size_t n = nl != NULL ? (size_t)(nl - st->note) : strlen(st->note);

	(void)snprintf(w->dest, sizeof(w->dest), "%.*s", (int)n, st->note);
	(void)snprintf(w->manifest, sizeof(w->manifest), "%s", nl != NULL ?
	    nl + 1 : "");
}

/* They may name a command: of a stranger's nothing is taken. */
static int
check_owner(const char *path, const char *image, struct dd_err *e)
{
	struct stat st, of;

	if (lstat(path, &st) == -1)
		return dd_fail_sys(e, errno, "%s", path);
	if (stat(image, &of) == -1)
		return dd_fail_sys(e, errno, "%s", image);
	return journal_check_owner(path, &st, of.st_uid, e);
}

/* One side's parameters, and the key that they make. */
static int
make_side(struct passphrase_asker *a, const char *image,
    const struct rekey_side *is,
    struct cgd_params *p, struct secret *key, struct recrypt_side *side,
    struct dd_err *e)
{
	*side = (struct recrypt_side){ .sector_size = is->sector_size };
	if (is->params[0] == '\0')
		return 0;
	if (check_owner(is->params, image, e) == -1 ||
	    cgd_params_read(is->params, p, e) == -1 ||
	    cgd_key_make(p, &a->asker, key, e) == -1)
		return -1;
	side->params = p;
	side->key = key;
	return 0;
}

static int
make_sides(struct rekey_place *w, const struct rekey_state *st,
    struct dd_err *e)
{
	struct passphrase_asker a;

	if (passphrase_init(&a, &w->k->passphrase, "the old key", e) == -1)
		return -1;
	a.allow_cmd = w->k->args.allow_cmd;
	if (make_side(&a, w->image, &st->from, &w->from_params, &w->from_key, &w->from,
	    e) == -1)
		return -1;
	a.what = "the new key";
	return make_side(&a, w->image, &st->to, &w->to_params, &w->to_key, &w->to, e);
}

static const struct job_step steps[] = {
	{ .name = "go on", .run = rekey_place_go }, { .name = NULL }
};

static int
resume(struct rekey_place *w, struct dd_err *e)
{
	struct rekey_state st;
	int r = rekey_read(w->image, &st, e);

	if (r == -1)
		return -1;
	if (r == 0) {
		(void)dd_fail(e, ERR_NOENT, "%s: nothing is to go on with",
		    w->image);
		return dd_hint(e, "it is not being re-encrypted");
	}
	if (holders_refuse(w->k->m.fleet, w->image, false, e) == -1)
		return -1;
	w->managed = store_managed(w->image);
	if (w->managed && (store_open(w->image, &w->store, e) ==
	    -1 || store_lock(w->store, e) == -1))
		return -1;
	read_note(w, &st);
	if (file_open(w->image, FILE_WRITE | FILE_REKEY, 0, &w->file, e) ==
	    -1 || rekey_place_names(w, st.ino, e) == -1 ||
	    make_sides(w, &st, e) == -1)
		return -1;
	return rekey_place_job(w, steps, e);
}

int
rekey_resume(struct rekeying *k, const struct cmd_env *env, struct dd_err *e)
{
	struct rekey_place w = { .k = k, .env = env, .image = k->x.image };
	int rc = resume(&w, e);

	if (rc == 0) {
		cmd_done();
		rc = rekey_place_report(&w, e);
	}
	rekey_place_dispose(&w);
	return rc;
}

int
rekey_pause(struct rekeying *k, struct dd_err *e)
{
	struct json_object *o;
	struct buf b = BUF_INIT;

	if (inplace_ask_pause(k->x.image, e) == -1)
		return -1;
	if (k->m.json) {
		o = json_object_new_object();
		json_set_string(o, "action", "pause");
		json_set_string(o, "image", k->x.image);
		json_set_bool(o, "done", true);
		return cmd_print_json(o, e);
	}
	fleet_out_text(&b, k->x.image);
	(void)buf_str(&b, ": will pause after the step that it is at\n");
	return fleet_out_print(&b, e);
}
