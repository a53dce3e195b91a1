/*
 * Who is in place; see placing.h.  A root can bring its kernel: then both are
 * kept before the root is flipped, which decides; the kernel follows, after a
 * crash too, since N.kernel says which one goes with generation N.
 */
#include <sys/stat.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "core/base/fsutil.h"
#include "core/fleet/placing_impl.h"

/* -- the steps ----------------------------------------------------------- */

/* Parameters go with the file that they are for. */
static int
add_params(struct placing *p, struct dd_err *e)
{
	const struct generation *like = NULL;
	const uint32_t n = p->next.n;
	char *params = NULL, since[24];
	int rc = 0;

	if (p->key != NULL)
		return placing_add_key(p, e);
	if (p->how == PLACING_PRISTINE)
		like = store_find(p->store, p->n);
	else if (p->how == PLACING_WORK)
		like = p->store->place;
	if (like == NULL || (!like->params && !like->plain))
		return p->params == NULL ? 0 : store_add(p->store, n,
		    "params", p->params, e);
	(void)snprintf(since, sizeof(since), "%lld",
	    (long long)like->key_since);
	if (like->params && (params = store_beside(p->store, like->name.n,
	    "params")) == NULL)
		return dd_fail_nomem(e);
	if (params != NULL)
		rc = store_add(p->store, n, "params", params, e);
	free(params);
	if (rc == 0 && like->plain)
		rc = store_link(p->store, n, "plain", "-", e);
	if (rc == 0 && like->key_since != 0)
		rc = store_link(p->store, n, "key", since, e);
	return rc;
}

/* What belongs to a generation that comes in: parameters, and the kernel. */
static int
add_what_belongs(struct placing *p, struct dd_err *e)
{
	return add_params(p, e) == -1 ? -1 : placing_say_kernel(p, e);
}

/* Who wrote the file that is moved need not have waited for the disk. */
static int
sync_source(const struct placing *p, struct dd_err *e)
{
	int fd = open(p->source, O_RDONLY | O_NONBLOCK | O_NOFOLLOW |
	    O_CLOEXEC);
	int rc = 0;

	if (fd == -1 || fsync(fd) == -1)
		rc = dd_fail_sys(e, errno, "%s", p->source);
	if (fd != -1)
		(void)close(fd);
	return rc;
}

static int
bring(void *ctx, struct dd_err *e)
{
	struct placing *p = ctx;

	if (p->how == PLACING_BACK)
		return 0;
	if ((p->move ? sync_source(p, e) : store_bring(p->store, &p->in,
	    e)) == -1)
		return -1;
	if (!p->move) {
		p->cloned = p->in.cloned;
		p->orig = p->in.orig;
		memcpy(p->sha256, p->in.sha256, sizeof(p->sha256));
		p->flip.from = p->in.path;
	}
	if (add_what_belongs(p, e) == 0)
		return 0;
	store_give_back(p->store, &p->in);
	return -1;
}

static int
give_back(void *ctx, struct dd_err *e)
{
	struct placing *p = ctx;

	(void)e;
	if (p->how != PLACING_BACK)
		store_give_back(p->store, &p->in);
	return 0;
}

static int
bring_kernel(void *ctx, struct dd_err *e)
{
	struct placing *p = ctx;

	if (p->new_kernel == NULL)
		return 0;
	if (store_bring(p->kstore, &p->kin, e) == -1)
		return -1;
	p->kflip.from = p->kin.path;
	return 0;
}

static int
give_kernel_back(void *ctx, struct dd_err *e)
{
	struct placing *p = ctx;

	(void)e;
	if (p->new_kernel != NULL)
		store_give_back(p->kstore, &p->kin);
	return 0;
}

static int
work(void *ctx, struct dd_err *e)
{
	struct placing *p = ctx;
	bool changed = true;

	if (p->work == NULL)
		return 0;
	if (p->work(p->arg, p->in.path, &changed, e) == -1) {
		/* of a copy that is given up nothing needs to be finished */
		if (e->code == ERR_RECOVER) {
			e->code = ERR_IO;
			e->hint[0] = '\0';
		}
		return -1;
	}
	p->unchanged = !changed;
	if (p->unchanged) {
		store_give_back(p->store, &p->in);
		}
	return 0;
}

static int
admit(void *ctx, struct dd_err *e)
{
	struct placing *p = ctx;

	if (p->new_kernel != NULL && store_admit(p->kstore, &p->kflip.next,
	    e) == -1)
		return -1;
	if (store_admit(p->store, &p->next, e) == 0)
		return 0;
	if (p->new_kernel != NULL)
		store_unadmit(p->kstore, &p->kflip.next);
	return -1;
}

static int
unadmit(void *ctx, struct dd_err *e)
{
	struct placing *p = ctx;

	(void)e;
	store_unadmit(p->store, &p->next);
	if (p->new_kernel != NULL)
		store_unadmit(p->kstore, &p->kflip.next);
	return 0;
}

#define STEP(name, store_, flip_, fn)					\
static int								\
name(void *ctx, struct dd_err *e)					\
{									\
	struct placing *p = ctx;					\
									\
	return p->unchanged || p->store_ == NULL ? 0 :			\
	    fn(p->store_, &p->flip_, e);				\
}

STEP(keep, store, flip, store_keep)
STEP(unkeep_image, store, flip, store_unkeep)
STEP(flip, store, flip, store_flip)
STEP(unflip, store, flip, store_unflip)
STEP(keep_kernel, kstore, kflip, store_keep)
STEP(unkeep_kernel, kstore, kflip, store_unkeep)
STEP(flip_kernel, kstore, kflip, store_flip)
STEP(unflip_kernel, kstore, kflip, store_unflip)
STEP(settle_kernel, kstore, kflip, store_settle)
STEP(unsettle_kernel, kstore, kflip, store_unsettle)
STEP(settle, store, flip, store_settle)
STEP(unsettle, store, flip, store_unsettle)

/* The one that was in place is again; and what follows it, while that is still
 * said. */
static int
unkeep(void *ctx, struct dd_err *e)
{
	struct placing *p = ctx;

	if (!p->unchanged && p->store != NULL &&
	    (store_reread(p->store, e) == -1 || placing_untell(p, e) == -1))
		return -1;
	return unkeep_image(p, e);
}

/* Wait until the folder of a path is on the disk, unless it is that of one of
 * the paths before. */
static int
wait_for(const char *const paths[], size_t n, struct dd_err *e)
{
	const char *slash = strrchr(paths[n], '/');
	size_t i, len = slash == NULL ? 0 : (size_t)(slash - paths[n]) + 1;

	for (i = 0; i < n; i++)
		if (paths[i] != NULL && strncmp(paths[i], paths[n], len) ==
		    0 && strchr(paths[i] + len, '/') == NULL)
			return 0;
	return fs_sync_parent(paths[n], e);
}

/* The folder that a moved file has left must not give it back, but nor may it
 * be the first to say that it is gone. */
static int
wait_for_all(void *ctx, struct dd_err *e)
{
	struct placing *p = ctx;
	const char *const paths[] = { p->store->image,
	    p->kstore != NULL ? p->kstore->image : NULL,
	    p->move ? p->source : NULL };
	size_t i;

	if (p->unchanged)
		return 0;
	for (i = 0; i < 3; i++)
		if (paths[i] != NULL && wait_for(paths, i, e) == -1)
			return -1;
	return 0;
}

static const struct job_step steps[] = {
	{ .name = "bring it in", .run = bring, .undo = give_back },
	{ .name = "bring the kernel in", .run = bring_kernel,
	    .undo = give_kernel_back },
	{ .name = "change it", .run = work },
	{ .name = "shut the domU down", .run = placing_shut_down,
	    .undo = placing_start_again },
	{ .name = "keep the one in place", .run = keep, .undo = unkeep },
	{ .name = "keep the kernel in place", .run = keep_kernel,
	    .undo = unkeep_kernel },
	{ .name = "put it in place", .run = flip, .undo = unflip },
	{ .name = "put the kernel in place", .run = flip_kernel,
	    .undo = unflip_kernel },
	{ .name = "wait for the disk", .run = wait_for_all },
	{ .name = "say who is in place", .run = settle, .undo = unsettle },
	{ .name = "say which kernel is", .run = settle_kernel,
	    .undo = unsettle_kernel },
	{ .name = "start the domU", .run = placing_start },
	{ .name = NULL }
};

static int
ready(void *ctx, struct dd_err *e)
{
	struct placing *p = ctx;

	return p->key->ready == NULL || !p->down ? 0 :
	    p->key->ready(p->key->arg, false, e);
}

/* It is started, if that is possible, whatever else is not. */
static int
start_again(void *ctx, struct dd_err *e)
{
	struct dd_err ignored = DD_ERR_INIT;
	struct placing *p = ctx;

	if (p->key->ready != NULL && p->down)
		(void)p->key->ready(p->key->arg, true, &ignored);
	return placing_start_again(p, e);
}

/* As steps, but what is in place is read for long: nobody may write to it
 * from the begin on. */
static const struct job_step steps_key[] = {
	{ .name = "shut the domU down", .run = placing_shut_down,
	    .undo = start_again },
	{ .name = "make room for it", .run = bring, .undo = give_back },
	{ .name = "change the key", .run = work },
	{ .name = "keep the one in place", .run = keep, .undo = unkeep },
	{ .name = "put it in place", .run = flip, .undo = unflip },
	{ .name = "wait for the disk", .run = wait_for_all },
	{ .name = "say who is in place", .run = settle, .undo = unsettle },
	{ .name = "unlock it", .run = ready },
	{ .name = "start the domU", .run = placing_start },
	{ .name = NULL }
};

static const struct job_step steps_out[] = {
	{ .name = "bring it in", .run = bring, .undo = give_back },
	{ .name = "bring the kernel in", .run = bring_kernel,
	    .undo = give_kernel_back },
	{ .name = "keep it beside the one in place", .run = admit,
	    .undo = unadmit },
	{ .name = NULL }
};

/* -- and what goes around them ------------------------------------------- */

static void
describe(struct placing *p)
{
	struct record *r = &p->record;

	*r = (struct record){ .state_dir = p->conf->state_dir,
	    .command = p->command, .action = p->stay_out ? "bring" :
	    p->action, .domu = p->domu, .image = p->store->image,
	    .from = p->was, .to = p->next.n };
	if (p->how == PLACING_BACK)
		return;
	r->n = 1;
	r->generations[0] = (struct db_generation){ .image = p->store->image,
	    .n = p->next.n, .time = p->next.time, .source = p->how ==
	    PLACING_WORK ? p->action : p->source, .note = p->note };
}

/* What is only known afterwards. */
static int
end_record(void *arg, const struct dd_err *result, struct dd_err *e)
{
	struct placing *p = arg;
	struct record *r = &p->record;

	if (p->unchanged)
		r->n = 0;
	if (p->unchanged || p->stay_out)
		r->to = p->was;
	if (p->sha256[0] != '\0')
		r->generations[0].sha256 = p->sha256;
	return record_log.end(r, result, e);
}

static int
begin_record(void *arg, struct dd_err *e)
{
	return record_log.begin(&((struct placing *)arg)->record, e);
}

static const struct job_log writer = { begin_record, end_record };

int
placing_run(struct placing *p, struct dd_err *e)
{
	struct job job = { .steps = p->stay_out ? steps_out : p->key != NULL ?
	    steps_key : steps, .ctx = p,
	    .progress = p->progress, .log = &writer, .log_arg = p };
	struct buf name = BUF_INIT;
	int rc;

	if (p->store == NULL && placing_plan(p, e) == -1)
		return -1;
	describe(p);
	(void)buf_printf(&name, "%s of %s", p->action, p->store->image);
	job.name = name.failed ? p->action : name.p;
	rc = job_run(&job, e);
	buf_dispose(&name);
	if (rc == -1)
		return -1;
	p->is = p->unchanged || p->stay_out ? p->was : p->next.n;
	return 0;
}

void
placing_dispose(struct placing *p)
{
	record_dispose(&p->record);
	if (p->lock > 0)
		(void)close(p->lock);
	if (p->domu_lock > 0)
		(void)close(p->domu_lock);
	p->lock = p->domu_lock = 0;
	free(p->spec);
	p->spec = NULL;
	free(p->in.path);
	free(p->kin.path);
	free(p->from);
	free(p->kfrom);
	free(p->kernel_word);
	p->kernel_word = NULL;
	p->in.path = p->kin.path = p->from = p->kfrom = NULL;
	store_close(p->kstore);
	store_close(p->store);
	p->store = p->kstore = NULL;
}
