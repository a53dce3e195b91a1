/*
 * drydock cgd passwd: another passphrase for the key of an encrypted image.
 * Nothing of the image changes but its parameters file.
 */
#include <sys/file.h>
#include <sys/stat.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "core/base/fsutil.h"
#include "core/cgd/convert.h"
#include "core/cmd/encrypted.h"
#include "core/cmd/fleet_out.h"
#include "core/cmd/managing.h"
#include "core/cmd/place.h"
#include "core/cmd/remember.h"
#include "core/disk/probe.h"
#include "core/fleet/unlock.h"

struct passwd {
	struct managing		 m;
	struct image_args	 args;		/* the params: what is known */
	struct arg_list		 keygens;
	enum cgd_method		 methods[CGD_KEYGENS_MAX];
	unsigned		 nmethods;
	char			*image;		/* path */
	char			*path;		/* of the parameters file */
	char			*next;		/* of the new one, beside it */
	const char		*domu;		/* or NULL */
	const struct fleet_disk	*disk;		/* or NULL */
	struct store		*store;		/* or NULL: not managed */
	int			 fd;		/* of the parameters file, locked */
	struct stat		 st;		/* as it was then */
	struct cgd_params	 was, is;
	struct secret		 key;
	struct remembering	 answers;
	struct passphrase_asker	 fresh;
	struct record		 record;
};

/* ---- which image, which parameters */

/* An image of the fleet with these parameters. */
static int
find_by_params(struct passwd *w, const char *params, struct dd_err *e)
{
	const struct fleet *f = w->m.fleet;
	struct stat is, wanted;
	char *path;
	size_t i, k;

	if (stat(params, &wanted) == -1)
		return dd_fail_sys(e, errno, "%s", params);
	for (i = 0; i < f->ndomus; i++)
		for (k = 0; k < f->domus[i].ndisks; k++) {
			if (target_params(&f->domus[i].disks[k], &path, e) ==
			    -1)
				return -1;
			if (path == NULL)
				continue;
			if (stat(path, &is) == 0 && is.st_dev ==
			    wanted.st_dev && is.st_ino == wanted.st_ino) {
				w->path = path;
				w->domu = f->domus[i].name;
				w->disk = &f->domus[i].disks[k];
				w->image = strdup(f->domus[i].disks[k].image->
				    path);
				return w->image != NULL ? 0 : dd_fail_nomem(e);
			}
			free(path);
		}
	(void)dd_fail(e, ERR_NOENT, "%s: no image of the fleet is known to be "
	    "encrypted with it", params);
	return dd_hint(e, "name the image, so that the passphrase can be "
	    "verified: -c PARAMS IMAGE");
}

static int
find_domu(struct passwd *w, const char *word, struct dd_err *e)
{
	struct encrypted x = { .image = NULL };
	int rc = encrypted_find(&w->m, word, false, &x, e);

	w->image = x.image;
	w->path = x.params;
	w->domu = x.domu;
	w->disk = x.disk;
	return rc;
}

static int
find(struct passwd *w, const char *word, struct dd_err *e)
{
	char *real;
	int rc;

	if (word != NULL && w->args.params != NULL) {
		w->image = strdup(word);
		w->path = strdup(w->args.params);
		if (w->image == NULL || w->path == NULL)
			return dd_fail_nomem(e);
		rc = 0;
	} else if (word != NULL)
		rc = find_domu(w, word, e);
	else
		rc = find_by_params(w, w->args.params, e);
	if (rc == -1)
		return -1;
	/* a symbolic link stays one */
	if ((real = realpath(w->path, NULL)) == NULL)
		return dd_fail_sys(e, errno, "%s", w->path);
	free(w->path);
	w->path = real;
	return 0;
}

/* ".NAME.drydock-new" beside it: nobody's name but ours. */
static int
name_next(struct passwd *w, struct dd_err *e)
{
	struct buf b = BUF_INIT;
	const char *slash = strrchr(w->path, '/');

	(void)buf_add(&b, w->path, (size_t)(slash + 1 - w->path));
	(void)buf_printf(&b, ".%s.drydock-new", slash + 1);
	return (w->next = buf_steal(&b)) != NULL ? 0 : dd_fail_nomem(e);
}

/* ---- the steps */

/* Nothing that is known comes to light: is it the wrong key? */
static int
check_content(struct image *im, const char *image, struct dd_err *e)
{
	struct probe probe;

	if (probe_layer(image_blk(im), &probe, e) == -1)
		return -1;
	/* what is no disk has a short magic, which noise may have, too */
	if (probe.kind != PROBE_ENCRYPTED && probe.kind != PROBE_UNKNOWN &&
	    probe.kind != PROBE_ARCHIVE && probe.kind != PROBE_QCOW2)
		return 0;
	(void)dd_fail(e, ERR_PERM, "%s: wrong passphrase: what it decrypts is "
	    "%s", image, probe_kind_name(probe.kind));
	return dd_hint(e, "or the parameters file belongs to another image");
}

/* The image with the parameters at path; its key. */
static int
key_by(struct passwd *w, const char *path, struct cgd_asker *asker,
    bool retry, struct secret *key, struct dd_err *e)
{
	struct image_opts o = { .parts = w->args.part,
	    .sector_size = (uint32_t)w->args.sector_size, .params = path,
	    .asker = asker, .retry = retry };
	struct image *im = NULL;
	int rc = -1;

	if (image_open(w->image, &o, &im, e) == 0 &&
	    check_content(im, w->image, e) == 0 &&
	    secret_alloc(key, image_key(im)->len, e) == 0) {
		memcpy(key->p, image_key(im)->p, key->len);
		rc = 0;
	}
	image_close(im);
	return rc;
}

/* Is the file that was locked the one that is there, as it was? */
static int
check_there(const struct passwd *w, struct dd_err *e)
{
	struct stat st;

	if (stat(w->path, &st) == -1)
		return dd_fail_sys(e, errno, "%s", w->path);
	if (st.st_dev == w->st.st_dev && st.st_ino == w->st.st_ino &&
	    st.st_size == w->st.st_size &&
	    st.st_mtim.tv_sec == w->st.st_mtim.tv_sec &&
	    st.st_mtim.tv_nsec == w->st.st_mtim.tv_nsec)
		return 0;
	(void)dd_fail(e, ERR_HELD, "%s: was changed meanwhile", w->path);
	return dd_hint(e, "it is as somebody else wanted it: look at it, and "
	    "try again");
}

/* Of two that change the same file one is refused. */
static int
lock_params(struct passwd *w, struct dd_err *e)
{
	w->fd = open(w->path, O_RDONLY | O_NONBLOCK | O_CLOEXEC);
	if (w->fd == -1 || fstat(w->fd, &w->st) == -1)
		return dd_fail_sys(e, errno, "%s", w->path);
	if (flock(w->fd, LOCK_EX | LOCK_NB) == 0)
		return check_there(w, e);
	if (errno != EWOULDBLOCK)
		return dd_fail_sys(e, errno, "%s: flock", w->path);
	(void)dd_fail(e, ERR_HELD, "%s: another command changes it", w->path);
	return dd_hint(e, "wait until that is done");
}

static int
lock_all(void *ctx, struct dd_err *e)
{
	struct passwd *w = ctx;

	if (lock_params(w, e) == -1)
		return -1;
	if (!store_managed(w->image))
		return 0;
	if (store_open(w->image, &w->store, e) == -1)
		return -1;
	return store_lock(w->store, e);
}

static int
verify_old(void *ctx, struct dd_err *e)
{
	struct passwd *w = ctx;

	if (cgd_params_read(w->path, &w->was, e) == -1)
		return -1;
	if (cgd_params_is_random(&w->was)) {
		(void)dd_fail(e, ERR_USAGE, "%s: its key is a new one each "
		    "time", w->path);
		return dd_hint(e, "there is no passphrase to change");
	}
	return key_by(w, w->path, &w->args.asker.asker,
	    passphrase_interactive(&w->args.asker), &w->key, e);
}

/* As before, where nothing else is asked for: passphrases where there were
 * some, else one. */
static void
default_methods(struct passwd *w)
{
	unsigned i;

	for (i = 0; i < w->was.nkeygens; i++)
		switch (w->was.keygens[i].method) {
		case CGD_PBKDF2_OLD:
		case CGD_PBKDF2_SHA1:
			w->methods[w->nmethods++] = CGD_PBKDF2_SHA1;
			break;
		case CGD_ARGON2ID:
			w->methods[w->nmethods++] = CGD_ARGON2ID;
			break;
		case CGD_STOREDKEY:
		case CGD_RANDOMKEY:
		case CGD_URANDOMKEY:
		case CGD_SHELL_CMD:
			break;
		}
	if (w->nmethods == 0)
		w->methods[w->nmethods++] = CGD_PBKDF2_SHA1;
}

/* A second factor is not dropped unasked: the new file would hold its part of
 * the key. */
static int
refuse_command(const struct passwd *w, struct dd_err *e)
{
	unsigned i;

	for (i = 0; i < w->was.nkeygens; i++)
		if (w->was.keygens[i].method == CGD_SHELL_CMD) {
			(void)dd_fail(e, ERR_USAGE, "%s: a command makes a "
			    "part of its key, which the new file would hold",
			    w->path);
			return dd_hint(e, "-k pkcs5_pbkdf2/sha1 says that "
			    "this is meant");
		}
	return 0;
}

static int
make_new(void *ctx, struct dd_err *e)
{
	struct passwd *w = ctx;

	if (w->nmethods == 0 && refuse_command(w, e) == -1)
		return -1;
	if (w->nmethods == 0)
		default_methods(w);
	/* the lines behind those of the old one */
	w->fresh.asked = w->args.asker.asked;
	return cgd_convert(&w->was, &w->key, w->methods, w->nmethods,
	    &w->answers.asker, passphrase_interactive(&w->fresh), &w->is, e);
}

static int
write_new(void *ctx, struct dd_err *e)
{
	struct passwd *w = ctx;
	struct stat st;

	if (stat(w->path, &st) == -1)
		return dd_fail_sys(e, errno, "%s", w->path);
	/* what a crash has left */
	if (unlink(w->next) == -1 && errno != ENOENT)
		return dd_fail_sys(e, errno, "%s", w->next);
	if (fs_create_file(w->next, w->is.text.p, w->is.text.len, 0600, e) ==
	    -1)
		return -1;
	if ((st.st_uid == geteuid() && st.st_gid == getegid()) ||
	    chown(w->next, st.st_uid, st.st_gid) == 0)
		return 0;
	(void)dd_fail_sys(e, errno, "%s: its owner", w->next);
	(void)unlink(w->next);
	return -1;
}

static int
drop_new(void *ctx, struct dd_err *e)
{
	struct passwd *w = ctx;

	if (unlink(w->next) == -1 && errno != ENOENT)
		return dd_fail_sys(e, errno, "%s", w->next);
	return 0;
}

/* Read again from where it was written, with the answers that were given. */
static int
prove_new(void *ctx, struct dd_err *e)
{
	struct passwd *w = ctx;
	struct secret key = SECRET_INIT;
	unsigned char differ = 0;
	size_t i;
	int rc;

	remember_replay(&w->answers);
	rc = key_by(w, w->next, &w->answers.asker, false, &key, e);
	if (rc == 0) {
		for (i = 0; i < key.len && i < w->key.len; i++)
			differ |= key.p[i] ^ w->key.p[i];
		if (differ != 0 || key.len != w->key.len)
			rc = dd_fail(e, ERR_IO, "%s: does not yield the key",
			    w->next);
	}
	secret_free(&key);
	return rc == 0 ? 0 : dd_context(e, "the old file stays");
}

static int
put_in_place(void *ctx, struct dd_err *e)
{
	struct dd_err why = DD_ERR_INIT;
	struct passwd *w = ctx;

	if (check_there(w, e) == -1)
		return -1;
	if (rename(w->next, w->path) == -1)
		return dd_fail_sys(e, errno, "%s", w->path);
	if (fs_sync_parent(w->path, &why) == -1) {
		(void)dd_fail(e, ERR_RECOVER, "%s: has the new passphrase, "
		    "which may not be on the disk yet: %s", w->path, why.msg);
		return dd_hint(e, "keep both passphrases until the disk works "
		    "again");
	}
	/* the file of the configuration, where it follows the generations */
	if (w->store == NULL || store_told(w->store, &w->was.text, &why) == 0)
		return 0;
	(void)dd_fail(e, ERR_PARTLY, "%s: has the new passphrase; %s", w->path,
	    why.msg);
	return dd_hint(e, "%s", why.hint);
}

/* ---- */

static int
run(struct passwd *w, const struct cmd_env *env, struct dd_err *e)
{
	const struct job_step all[] = {
		{ .name = "lock the parameters", .run = lock_all },
		{ .name = "verify the passphrase", .run = verify_old },
		{ .name = "make new parameters", .run = make_new },
		{ .name = "write them beside the old", .run = write_new,
		    .undo = drop_new },
		{ .name = "open the image with them", .run = prove_new },
		{ .name = "replace the old", .run = put_in_place },
		{ .name = NULL }
	};
	const struct job_step look[] = { all[1], { .name = NULL } };
	const struct job job = { .name = "cgd passwd",
	    .steps = w->m.dry_run ? look : all, .ctx = w,
	    .progress = env->progress,
	    .log = w->m.dry_run ? NULL : &record_log,
	    .log_arg = &w->record };

	w->record = (struct record){ .state_dir = w->m.conf.state_dir,
	    .command = w->m.command, .action = job.name, .domu = w->domu,
	    .image = w->image };
	return job_run(&job, e);
}

static int
report(const struct passwd *w, struct dd_err *e)
{
	struct buf b = BUF_INIT;

	fleet_out_text(&b, w->path);
	if (w->m.dry_run) {
		(void)buf_str(&b, ": would get another passphrase; the one "
		    "there is opens ");
		fleet_out_text(&b, w->image);
		(void)buf_str(&b, "\n");
		return fleet_out_print(&b, e);
	}
	(void)buf_str(&b, ": has the new passphrase, and opens ");
	fleet_out_text(&b, w->image);
	(void)buf_str(&b, "\nThe key is the one that it was: who has it, or "
	    "an old copy of this file\nand the old passphrase, still reads "
	    "the image.  Where it may have leaked,\ndrydock rekey encrypts "
	    "the image with another.\n");
	if (w->disk != NULL && unlock_is_ours(w->disk)) {
		(void)buf_str(&b, "What drydock unlock holds counts no more: "
		    "drydock unlock -k ");
		fleet_out_text(&b, w->domu);
		(void)buf_printf(&b, ":%s\n", fleet_role_name(w->disk->role));
	}
	return fleet_out_print(&b, e);
}

static int
parse_methods(struct passwd *w, struct dd_err *e)
{
	size_t i;
	int m;

	for (i = 0; i < w->keygens.n && i < CGD_KEYGENS_MAX; i++) {
		m = cgd_method_parse(w->keygens.v[i]);
		if (m != CGD_PBKDF2_SHA1 && m != CGD_ARGON2ID &&
		    m != CGD_STOREDKEY) {
			(void)dd_fail(e, ERR_USAGE, "%s: can't be a new "
			    "keygen", w->keygens.v[i]);
			return dd_hint(e, "pkcs5_pbkdf2/sha1, argon2id, "
			    "storedkey");
		}
		w->methods[w->nmethods++] = (enum cgd_method)m;
	}
	return 0;
}

static int
prepare(struct passwd *w, const struct cmd_env *env, const char *word,
    struct dd_err *e)
{
	struct image_opts unused = { .write = false };

	if (word == NULL && w->args.params == NULL) {
		(void)dd_fail(e, ERR_USAGE, "whose passphrase?");
		return dd_hint(e, "drydock cgd passwd DOMU[:ROLE], or -c "
		    "PARAMS IMAGE");
	}
	if (parse_methods(w, e) == -1 ||
	    managing_load(&w->m, env, e) == -1 || find(w, word, e) == -1 ||
	    name_next(w, e) == -1)
		return -1;
	w->args.params = w->path;
	if (image_args_opts(&w->args, &unused, e) == -1)
		return -1;
	w->args.asker.what = w->image;
	w->fresh = w->args.asker;
	w->fresh.what = "the new one";
	w->fresh.asker.key = NULL;	/* that is of the old ones */
	remember_init(&w->answers, &w->fresh.asker);
	return 0;
}

static void
dispose(struct passwd *w)
{
	remember_dispose(&w->answers);
	secret_free(&w->key);
	cgd_params_dispose(&w->was);
	cgd_params_dispose(&w->is);
	store_close(w->store);
	if (w->fd != -1)
		(void)close(w->fd);
	record_dispose(&w->record);
	managing_dispose(&w->m);
	free(w->image);
	free(w->path);
	free(w->next);
}

int
cmd_cgd_passwd(const struct cmd_env *env, int argc, char **argv,
    struct dd_err *e)
{
	struct passwd w = { .fd = -1 };
	const struct arg args[] = {
		{ 'k', "keygen", ARG_LIST, &w.keygens, "METHOD",
		    "where the new key comes from (default: as before); "
		    "several are XORed" },
		{ 'n', "dry-run", ARG_FLAG, &w.m.dry_run, NULL,
		    "verify the passphrase, and change nothing" },
		IMAGE_ARGS(w.args),
		{ 0, NULL, ARG_FLAG, NULL, NULL, NULL }
	};
	int rc;

	if ((rc = args_parse(args, &argc, argv, 0, 1, e)) != 0)
		return rc == 1 ? 0 : -1;
	rc = prepare(&w, env, argc > 1 ? argv[1] : NULL, e);
	if (rc == 0)
		rc = run(&w, env, e);
	if (rc == 0) {
		if (!w.m.dry_run)
			cmd_done();
		rc = report(&w, e);
	}
	dispose(&w);
	return rc;
}
