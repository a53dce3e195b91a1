/* drydock unlock, lock: the key of an image that the block script attaches. */
#include <stdio.h>
#include <unistd.h>

#include "core/base/vis.h"
#include "core/cmd/fleet_out.h"
#include "core/cmd/managing.h"
#include "core/cmd/passphrase.h"
#include "core/fleet/unlock.h"

struct unlocking {
	struct managing		 m;
	const struct fleet_domu	*d;
	const struct fleet_disk	*disk;
	struct unlock		 image;
	bool			 keep;
	const char		*allow_cmd;
	struct passphrase_args	 passphrase;
	char			 what[256];	/* "web1:local", escaped */
	struct record		 record;
};

/* Where no role is named: the one disk that the script attaches. */
static int
only_disk(struct unlocking *u, struct dd_err *e)
{
	size_t i;

	for (i = 0; i < u->d->ndisks; i++) {
		if (!unlock_is_ours(&u->d->disks[i]))
			continue;
		if (u->disk != NULL) {
			(void)dd_fail(e, ERR_USAGE, "%s: has several disks "
			    "with script=" UNLOCK_SCRIPT, u->d->name);
			return dd_hint(e, "say which: %s:%s, %s:%s",
			    u->d->name, fleet_role_name(u->disk->role),
			    u->d->name,
			    fleet_role_name(u->d->disks[i].role));
		}
		u->disk = &u->d->disks[i];
	}
	if (u->disk != NULL)
		return 0;
	(void)dd_fail(e, ERR_NOENT, "%s: has no disk with script="
	    UNLOCK_SCRIPT, u->d->name);
	return dd_hint(e, "drydock(8), ENCRYPTED DISKS, says how to give it "
	    "one");
}

static int
find(struct unlocking *u, const struct cmd_env *env, const char *word,
    struct dd_err *e)
{
	if (managing_load(&u->m, env, e) == -1)
		return -1;
	if ((u->d = fleet_find(u->m.fleet, word)) != NULL) {
		if (only_disk(u, e) == -1)
			return -1;
	} else {
		if (target_find(u->m.fleet, word, &u->m.t, e) == -1)
			return -1;
		u->d = u->m.t.domu;
		u->disk = u->m.t.disk;
	}
	(void)snprintf(u->what, sizeof(u->what), "%s:%s", u->d->name,
	    fleet_role_name(u->disk->role));
	if (!unlock_is_ours(u->disk)) {
		(void)dd_fail(e, ERR_CONFIG, "%s: its disk has no script="
		    UNLOCK_SCRIPT ", which would take the key", u->what);
		return dd_hint(e, "drydock(8), ENCRYPTED DISKS, says how to "
		    "give it one");
	}
	if (u->disk->image == NULL)
		return dd_fail(e, ERR_NOENT, "%s: has no image", u->what);
	u->image.image = u->disk->image->path;
	return 0;
}

static int
unlock(void *ctx, struct dd_err *e)
{
	struct unlocking *u = ctx;
	struct passphrase_asker asker;
	struct blk *b;
	int rc;

	if (u->passphrase.key_fd == NULL &&
	    !cgd_params_wants_passphrase(&u->image.params)) {
		(void)dd_fail(e, ERR_USAGE, "%s: needs no passphrase: the key "
		    "is in its parameters file", u->what);
		return dd_hint(e, "it is attached without unlocking");
	}
	if (passphrase_init(&asker, &u->passphrase, u->what, e) == -1 ||
	    unlock_open(&u->image, false, true, &b, e) == -1)
		return -1;
	asker.allow_cmd = u->allow_cmd;
	rc = unlock_put(&u->image, host_crypt, b, &asker.asker,
	    passphrase_interactive(&asker), u->keep ? u->image.kept :
	    u->image.once, u->keep ? HOST_KEY_KEPT : HOST_KEY_ONCE, e);
	/* who mistypes it keeps the one that is there */
	if (rc == 0)
		host_crypt->key_drop(u->keep ? u->image.once :
		    u->image.kept);
	blk_close(b);
	return rc;
}

static int
lock(void *ctx, struct dd_err *e)
{
	struct unlocking *u = ctx;

	return unlock_forget(u->image.image, host_crypt, e);
}

static int
report(const struct unlocking *u, bool locks, struct dd_err *e)
{
	struct buf b = BUF_INIT;

	fleet_out_text(&b, u->what);
	if (locks)
		(void)buf_str(&b, ": is locked\n");
	else if (u->keep)
		(void)buf_str(&b, ": is unlocked until drydock lock, or until "
		    "this host stops\n");
	else
		(void)buf_printf(&b, ": is unlocked for one start within %d "
		    "minutes\n", HOST_KEY_SECONDS / 60);
	if (!locks && u->image.params.verify == CGD_VERIFY_NONE)
		(void)buf_str(&b, "Its parameters have no verify_method: a "
		    "wrong passphrase is not noticed here.\n");
	return fleet_out_print(&b, e);
}

static int
act(struct unlocking *u, const struct cmd_env *env, const char *word,
    bool locks, struct dd_err *e)
{
	const struct job_step steps[] = {
		{ .name = locks ? "forget the key" : "make the key",
		    .run = locks ? lock : unlock },
		{ .name = NULL }
	};
	const struct job job = { .name = locks ? "lock" : "unlock",
	    .steps = steps, .ctx = u, .progress = env->progress,
	    .log = &record_log, .log_arg = &u->record };

	if (geteuid() != 0) {
		(void)dd_fail(e, ERR_PERM, "keys are root's");
		return dd_hint(e, "run it as root");
	}
	if (find(u, env, word, e) == -1)
		return -1;
	/* to forget a key nothing need be in order but the path */
	if (!locks && unlock_find(&u->image, host_crypt, u->disk,
	    u->image.image, e) == -1)
		return -1;
	u->record = (struct record){ .state_dir = u->m.conf.state_dir,
	    .command = u->m.command, .action = job.name,
	    .domu = u->d->name, .image = u->image.image };
	if (job_run(&job, e) == -1)
		return -1;
	cmd_done();
	return report(u, locks, e);
}

static int
cmd(const struct cmd_env *env, int argc, char **argv, bool locks,
    struct dd_err *e)
{
	struct unlocking u = { .keep = false };
	const struct arg unlocks[] = {
		{ 'k', "keep", ARG_FLAG, &u.keep, NULL,
		    "for every start, until drydock lock" },
		PASSPHRASE_ARGS(u.passphrase),
		{ 0, "allow-cmd", ARG_STRING, &u.allow_cmd, "HASH",
		    "with --events: a keygen may run the command of that "
		    "hash" },
		{ 0, NULL, ARG_FLAG, NULL, NULL, NULL }
	};
	const struct arg none[] = { { 0, NULL, ARG_FLAG, NULL, NULL, NULL } };
	int rc;

	if ((rc = args_parse(locks ? none : unlocks, &argc, argv, 1, 1,
	    e)) != 0)
		return rc == 1 ? 0 : -1;
	rc = act(&u, env, argv[1], locks, e);
	unlock_dispose(&u.image);
	record_dispose(&u.record);
	managing_dispose(&u.m);
	return rc;
}

int
cmd_unlock(const struct cmd_env *env, int argc, char **argv, struct dd_err *e)
{
	return cmd(env, argc, argv, false, e);
}

int
cmd_lock(const struct cmd_env *env, int argc, char **argv, struct dd_err *e)
{
	return cmd(env, argc, argv, true, e);
}
