/*
 * drydock rekey: an image under another key, or under none, or under its first
 * one; as a new generation.
 */
#include <sys/stat.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "core/base/fsutil.h"
#include "core/cmd/fleet_out.h"
#include "core/cmd/rekey_place.h"
#include "core/fleet/unlock.h"

/* -- which image ----------------------------------------------------------- */

/* Does another image have this parameters file, by its configuration?  NULL:
 * it is not there, and goes by its name. */
static const char *
other_user(const struct rekeying *k, const char *path,
    const struct stat *file)
{
	const struct fleet *f = k->m.fleet;
	const struct fleet_disk *d;
	struct stat st;
	size_t i, j;

	for (i = 0; i < f->ndomus; i++)
		for (j = 0; j < f->domus[i].ndisks; j++) {
			d = &f->domus[i].disks[j];
			if (d->image == k->x.disk->image || d->params == NULL)
				continue;
			if (file == NULL ? strcmp(d->params, path) == 0 :
			    stat(d->params, &st) == 0 && st.st_dev ==
			    file->st_dev && st.st_ino == file->st_ino)
				return f->domus[i].name;
		}
	return NULL;
}

/* The file that the configuration names follows, if it is this image's
 * alone. */
static int
find_follower(struct rekeying *k, struct dd_err *e)
{
	const struct fleet_disk *d = k->x.disk;
	const char *other;
	struct stat st;
	bool there;

	if (d == NULL || d->params == NULL)
		return 0;
	there = stat(d->params, &st) == 0;
	if (!there && errno != ENOENT)
		return 0;
	k->missing = !there;
	if ((other = other_user(k, d->params, there ? &st : NULL)) != NULL)
		return (k->shared_with = strdup(other)) != NULL ? 0 :
		    dd_fail_nomem(e);
	k->change.makes = !there;
	if (!there)
		k->tells = fs_absolute(d->params, e);
	else if ((k->tells = realpath(d->params, NULL)) == NULL)
		(void)dd_fail_sys(e, errno, "%s", d->params);
	return k->tells == NULL ? -1 : 0;
}

static bool
same_file(const char *a, const char *b)
{
	struct stat x, y;

	return stat(a, &x) == 0 && stat(b, &y) == 0 && x.st_dev == y.st_dev &&
	    x.st_ino == y.st_ino;
}

/* A configuration may name the parameters that the image is to have: it is
 * plain till now. */
static void
see_plain(struct rekeying *k)
{
	const struct fleet_disk *d = k->x.disk;

	if (k->args.params != NULL || d == NULL || d->params == NULL ||
	    k->x.params == NULL || strcmp(k->x.params, d->params) != 0 ||
	    (!k->missing && (k->new_params == NULL ||
	    !same_file(k->new_params, d->params))))
		return;
	free(k->x.params);
	k->x.params = NULL;
}

static int
find(struct rekeying *k, const char *word, struct dd_err *e)
{
	struct stat st;

	if (strchr(word, '/') != NULL || (fleet_find(k->m.fleet, word) ==
	    NULL && stat(word, &st) == 0)) {
		if (encrypted_find_path(&k->m, word, k->args.params, &k->x,
		    e) == -1)
			return -1;
	} else if (encrypted_find(&k->m, word, true, &k->x, e) == -1)
		return -1;
	else if (k->args.params != NULL) {
		free(k->x.params);
		if ((k->x.params = fs_absolute(k->args.params, e)) == NULL)
			return -1;
	}
	/* what was begun says itself what it needs */
	if (!k->pause && !k->resume && find_follower(k, e) == -1)
		return -1;
	see_plain(k);
	k->args.params = k->x.params;
	k->m.t.domu = k->x.domu_of;
	k->m.t.disk = k->x.disk;
	return 0;
}

/* -- what it is to have ---------------------------------------------------- */

static int
check_words(const struct rekeying *k, struct dd_err *e)
{
	if (k->pause || k->resume) {
		if (k->new_params == NULL && k->wanted.algorithm == NULL &&
		    !k->plain && !(k->pause && k->resume))
			return 0;
		(void)dd_fail(e, ERR_USAGE, "--pause and --resume go with "
		    "nothing else");
		return dd_hint(e, "what it is to become was said at its "
		    "begin");
	}
	if ((k->new_params != NULL) + (k->wanted.algorithm != NULL) +
	    k->plain != 1) {
		(void)dd_fail(e, ERR_USAGE, "which key is it to have?");
		return dd_hint(e, "one of --algorithm ALGORITHM, --new-params "
		    "FILE, --plain");
	}
	if (k->passphrase.key_fd != NULL && k->wanted.keygens.n > 0) {
		(void)dd_fail(e, ERR_USAGE, "-k and --key-fd: where does the "
		    "new key come from?");
		return dd_hint(e, "leave one of them out");
	}
	if (k->wanted.algorithm == NULL && (k->wanted.bits != NULL ||
	    k->wanted.verify != NULL || k->wanted.keygens.n > 0)) {
		(void)dd_fail(e, ERR_USAGE, "--keylen, -k and -V go with "
		    "--algorithm");
		return dd_hint(e, "leave them out");
	}
	return 0;
}

/* The parameters; their key is asked for later. */
static int
make_params(struct rekeying *k, struct dd_err *e)
{
	if (k->plain)
		return 0;
	if (k->wanted.algorithm != NULL) {
		k->wanted.keyless = k->passphrase.key_fd != NULL;
		if (k->wanted.verify == NULL)
			k->wanted.verify = cgd_verify_name(
			    newkey_verify(&k->r));
		if (cgd_wanted_make(&k->wanted, &k->is, e) == -1)
			return -1;
	} else if (cgd_params_read(k->new_params, &k->is, e) == -1)
		return -1;
	k->r.params = &k->is;
	k->change.params = &k->is.text;
	if (!cgd_params_is_random(&k->is) || k->passphrase.key_fd != NULL)
		return 0;
	(void)dd_fail(e, ERR_USAGE, "the new key would be a random one, which "
	    "nobody could make again");
	return dd_hint(e, "randomkey and urandomkey are for swap");
}

static bool
differs(const struct secret *a, const struct secret *b)
{
	unsigned char d = 0;
	size_t i;

	if (a->len != b->len)
		return true;
	for (i = 0; i < a->len; i++)
		d |= a->p[i] ^ b->p[i];
	return d != 0;
}

static int
make_key(struct rekeying *k, struct dd_err *e)
{
	if (k->plain)
		return 0;
	/* the lines behind those of the old one */
	k->fresh.asked = k->args.asker.asked;
	remember_init(&k->answers, &k->fresh.asker);
	if (cgd_key_new(&k->is, &k->answers.asker,
	    passphrase_interactive(&k->fresh), &k->key, e) == -1)
		return -1;
	k->r.key = &k->key;
	if (k->r.at.params == NULL || differs(&k->key, k->r.at.key))
		return 0;
	(void)dd_fail(e, ERR_USAGE, "the new key is the one that it has");
	return dd_hint(e, "for another passphrase alone there is drydock cgd "
	    "passwd");
}

/* -- doing it -------------------------------------------------------------- */

static int
work(void *arg, const char *path, bool *changed, struct dd_err *e)
{
	struct rekeying *k = arg;
	char *params = NULL;
	int rc;

	*changed = true;
	if (newkey_again(&k->r, k->m.p.down, e) == -1)
		return -1;
	if (!k->plain && (params = store_beside(k->m.p.store, k->m.p.next.n,
	    "params")) == NULL)
		return dd_fail_nomem(e);
	remember_replay(&k->answers);
	rc = newkey_copy(&k->r, path, params, &k->answers.asker, e);
	free(params);
	return rc;
}

/* Gives a key that is known. */
struct knowing {
	struct cgd_asker	 asker;
	const struct secret	*key;
};

static int
give(struct cgd_asker *a, size_t len, struct secret *key, struct dd_err *e)
{
	const struct secret *known = ((struct knowing *)a)->key;

	if (known->len != len)
		return dd_fail(e, ERR_PERM, "the key has another length");
	if (secret_alloc(key, len, e) == -1)
		return -1;
	memcpy(key->p, known->p, len);
	return 0;
}

int
rekey_unlock(void *arg, bool old, struct dd_err *e)
{
	struct rekeying *k = arg;
	const struct cgd_params *p = old ? k->r.at.params : k->r.params;
	struct knowing known = { .asker = { .key = give }, .key = old ?
	    k->r.at.key : k->r.key };
	struct unlock u = { .image = NULL };
	struct blk *b;
	int rc;

	if (p == NULL || k->x.disk == NULL || !unlock_is_ours(k->x.disk) ||
	    !cgd_params_wants_passphrase(p))
		return 0;
	rc = unlock_find(&u, host_crypt, k->x.disk, k->x.image, e);
	if (rc == 0 && (rc = unlock_open(&u, false, true, &b, e)) == 0) {
		rc = unlock_put(&u, host_crypt, b, &known.asker, false,
		    u.once, HOST_KEY_ONCE, e);
		blk_close(b);
	}
	unlock_dispose(&u);
	return rc;
}

/* The passphrases are the image's and the new ones, whichever there are. */
static int
prepare_askers(struct rekeying *k, struct dd_err *e)
{
	k->args.passphrase = (struct passphrase_args){ .fd = NULL };
	if (k->args.params != NULL)
		k->args.passphrase = k->passphrase;
	else if (k->plain && passphrase_none(&k->passphrase, e) == -1)
		return -1;
	if (image_args_opts(&k->args, &k->r.was, e) == -1 ||
	    passphrase_init(&k->fresh, &k->passphrase, "the new key", e) ==
	    -1)
		return -1;
	k->args.asker.what = k->x.image;
	k->fresh.allow_cmd = k->args.allow_cmd;
	return 0;
}

static int
look(struct rekeying *k, const struct cmd_env *env, struct dd_err *e)
{
	k->r.image = k->x.image;
	k->r.progress = env->progress;
	k->r.sector_size = (uint32_t)k->new_sector_size;
	if (prepare_askers(k, e) == -1 || newkey_open(&k->r, e) == -1 ||
	    make_params(k, e) == -1)
		return -1;
	rekey_put_side(&k->what, k->r.at.params);
	(void)buf_str(&k->what, " to ");
	rekey_put_side(&k->what, k->r.params);
	if (k->what.failed)
		return dd_fail_nomem(e);
	k->change.what = k->what.p;
	return newkey_check(&k->r, e);
}

static int
run(struct rekeying *k, const struct cmd_env *env, const char *word,
    struct dd_err *e)
{
	struct placing *p = &k->m.p;

	if (check_words(k, e) == -1 || managing_load(&k->m, env, e) == -1 ||
	    find(k, word, e) == -1)
		return -1;
	k->m.life = (struct life){ .xen = env->xen,
	    .progress = env->progress };
	p->image = k->x.image;
	if (k->pause)
		return rekey_pause(k, e);
	if (k->resume)
		return rekey_resume(k, env, e);
	if (look(k, env, e) == -1 || (!k->m.dry_run && make_key(k, e) == -1))
		return -1;
	if (k->in_place)
		return rekey_place(k, env, e);
	k->change.was = k->x.params;
	k->change.tells = k->plain ? NULL : k->tells;
	k->change.ready = rekey_unlock;
	k->change.arg = k;
	p->conf = &k->m.conf;
	p->fleet = k->m.fleet;
	p->progress = env->progress;
	p->how = PLACING_WORK;
	p->action = "rekey";
	p->domu = k->x.domu;
	p->command = k->m.command;
	p->key = &k->change;
	p->work = work;
	p->arg = k;
	return managing_run(&k->m, e);
}

static void
dispose(struct rekeying *k)
{
	newkey_dispose(&k->r);
	remember_dispose(&k->answers);
	secret_free(&k->key);
	cgd_params_dispose(&k->is);
	encrypted_dispose(&k->x);
	buf_dispose(&k->what);
	free(k->tells);
	free(k->shared_with);
}

int
cmd_rekey(const struct cmd_env *env, int argc, char **argv, struct dd_err *e)
{
	struct rekeying k = { .wanted = { .ivmethod = "encblkno1" } };
	const struct arg args[] = {
		{ 'a', "algorithm", ARG_STRING, &k.wanted.algorithm, "NAME",
		    "a new key, for this cipher: adiantum, aes-xts, aes-cbc" },
		{ 0, "keylen", ARG_STRING, &k.wanted.bits, "BITS",
		    "of that key (default: the cipher's)" },
		{ 'k', "keygen", ARG_LIST, &k.wanted.keygens, "METHOD",
		    "where that key comes from (pkcs5_pbkdf2/sha1); several "
		    "are XORed" },
		{ 'V', "verify", ARG_STRING, &k.wanted.verify, "METHOD",
		    "how a wrong one is noticed (default: what fits)" },
		{ 0, "new-params", ARG_STRING, &k.new_params, "PARAMS",
		    "a new key, of that parameters file" },
		{ 0, "plain", ARG_FLAG, &k.plain, NULL,
		    "no key: decrypt it for good" },
		{ 0, "whole", ARG_FLAG, &k.r.whole, NULL,
		    "encrypt all of the image, not its partition alone" },
		{ 0, "new-sector-size", ARG_SIZE, &k.new_sector_size, "BYTES",
		    "of the new cgd's sectors (default: as before)" },
		{ 0, "sparse", ARG_FLAG, &k.r.sparse, NULL,
		    "leave holes that no file has as they are" },
		{ 0, "no-readback", ARG_FLAG, &k.r.no_readback, NULL,
		    "don't verify what was written" },
		{ 0, "in-place", ARG_FLAG, &k.in_place, NULL,
		    "change the image itself: no copy, no way back" },
		{ 'y', "yes", ARG_FLAG, &k.yes, NULL,
		    "with --in-place: don't ask" },
		{ 0, "pause", ARG_FLAG, &k.pause, NULL,
		    "ask the one that is at work in place to pause" },
		{ 0, "resume", ARG_FLAG, &k.resume, NULL,
		    "go on with one that was paused, or cut short" },
		{ 0, "restart", ARG_FLAG, &k.m.restart, NULL,
		    "shut the domU down meanwhile, and start it again" },
		{ 0, "no-watch", ARG_FLAG, &k.m.no_watch, NULL,
		    "don't watch it after that" },
		{ 0, "note", ARG_STRING, &k.m.p.note, "TEXT",
		    "why, for generations and history" },
		MANAGING_ARGS(k.m),
		IMAGE_ARGS(k.args),
		{ 0, NULL, ARG_FLAG, NULL, NULL, NULL }
	};
	struct dd_err why = DD_ERR_INIT;
	int rc;

	if ((rc = args_parse(args, &argc, argv, 1, 1, e)) != 0)
		return rc == 1 ? 0 : -1;
	k.passphrase = k.args.passphrase;
	rc = run(&k, env, argv[1], e);
	if (k.in_place || k.pause || k.resume) {
		managing_dispose(&k.m);
		dispose(&k);
		return rc;
	}
	if (rc == 0)
		rc = rekey_report(&k, e);
	if (rc == 0 && managing_watch(&k.m, env, &why) == -1) {
		*e = why;
		rc = -1;
	}
	rc = managing_end(&k.m, rc, e);
	dispose(&k);
	return rc;
}
