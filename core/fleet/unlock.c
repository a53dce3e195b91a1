/* Keys of images that a block script attaches; see unlock.h. */
#include <sys/file.h>
#include <sys/stat.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "core/base/hash.h"
#include "core/disk/file.h"
#include "core/disk/overlay.h"
#include "core/disk/part.h"
#include "core/disk/rekey_state.h"
#include "core/fleet/target.h"
#include "core/fleet/unlock.h"

#define SUM_DIGITS	12	/* of the parameters' checksum, in a name */

bool
unlock_is_ours(const struct fleet_disk *d)
{
	const char *slash;

	if (d->script == NULL)
		return false;
	slash = strrchr(d->script, '/');
	return strcmp(slash != NULL ? slash + 1 : d->script,
	    UNLOCK_SCRIPT) == 0;
}

static int
find_params(struct unlock *u, const struct fleet_disk *d, struct dd_err *e)
{
	if (target_params(d, &u->path, e) == -1)
		return -1;
	if (u->path == NULL) {
		(void)dd_fail(e, ERR_CONFIG, "%s: no parameters file is known "
		    "for it", u->image);
		return dd_hint(e, "drydock_local_params = \"FILE\" in the "
		    "domU's configuration names it; an image that is not "
		    "encrypted needs no script=" UNLOCK_SCRIPT);
	}
	return cgd_params_read(u->path, &u->params, e);
}

/* All keys of a file begin so.  Not in the name of one of another inode: a
 * dash follows. */
static void
name_of(const char *life, dev_t dev, ino_t ino, char name[HOST_CRYPT_NAME])
{
	(void)snprintf(name, HOST_CRYPT_NAME, "drydock:%s-%llx-%llu-", life,
	    (unsigned long long)dev, (unsigned long long)ino);
}

static void
name_keys(struct unlock *u)
{
	uint8_t sum[HASH_LEN];
	char hex[HASH_HEX];

	hash_once(HASH_SHA256, u->params.text.p, u->params.text.len, sum);
	(void)hash_hex(hex, sum);
	hex[SUM_DIGITS] = '\0';
	name_of("once", u->dev, u->ino, u->once);
	(void)strcat(u->once, hex);
	name_of("kept", u->dev, u->ino, u->kept);
	(void)strcat(u->kept, hex);
}

int
unlock_find(struct unlock *u, const struct host_crypt *host,
    const struct fleet_disk *d, const char *path, struct dd_err *e)
{
	struct stat st;

	*u = (struct unlock){ .image = path };
	if (stat(path, &st) == -1)
		return dd_fail_sys(e, errno, "%s", path);
	if (!S_ISREG(st.st_mode))
		return dd_fail(e, ERR_TYPE, "%s: is not a regular file",
		    path);
	u->dev = st.st_dev;
	u->ino = st.st_ino;
	if (rekey_refuse(path, st.st_ino, e) == -1)
		return -1;
	if (find_params(u, d, e) == -1)
		return -1;
	name_keys(u);
	if (host->check(u->params.algorithm, e) == -1)
		return dd_context(e, "%s", path);
	if (cgd_params_is_random(&u->params)) {
		(void)dd_fail(e, ERR_USAGE, "%s: its key is a new one each "
		    "time", path);
		return dd_hint(e, "that is for swap, which the domU encrypts "
		    "itself");
	}
	return 0;
}

void
unlock_dispose(struct unlock *u)
{
	free(u->path);
	u->path = NULL;
	cgd_params_dispose(&u->params);
}

/* Ciphertext may look like an MBR by chance. */
static int
check_whole(struct blk *b, const char *path, struct dd_err *e)
{
	struct part_table *table = malloc(sizeof(*table));
	int rc;

	if (table == NULL)
		return dd_fail_nomem(e);
	rc = part_read(b, table, e);
	if (rc == 0 && table->scheme != PART_NONE &&
	    table->scheme != PART_MBR) {
		rc = dd_fail(e, ERR_UNSUP, "%s: has partitions, and a cgd in "
		    "one of them", path);
		(void)dd_hint(e, UNLOCK_SCRIPT " attaches a cgd that takes "
		    "up the whole image");
	}
	free(table);
	return rc;
}

static int
lock_for_reading(const struct blk *b, struct dd_err *e)
{
	if (flock(file_fd(b), LOCK_SH | LOCK_NB) == 0)
		return 0;
	if (errno != EWOULDBLOCK)
		return dd_fail_sys(e, errno, "%s: flock", file_path(b));
	return dd_fail(e, ERR_HELD, "%s: another program has locked it",
	    file_path(b));
}

int
unlock_open(const struct unlock *u, bool lock, bool readonly,
    struct blk **out, struct dd_err *e)
{
	bool pending = false;
	struct blk *b;
	int rc = -1;

	if (file_open(u->image, lock && !readonly ? FILE_WRITE : 0, 0, &b,
	    e) == -1)
		return -1;
	if (file_dev(b) != u->dev || file_ino(b) != u->ino) {
		(void)dd_fail(e, ERR_HELD, "%s: was replaced meanwhile",
		    u->image);
		goto out;
	}
	if ((lock && readonly && lock_for_reading(b, e) == -1) ||
	    overlay_pending(u->image, &pending, e) == -1)
		goto out;
	if (pending) {
		(void)dd_fail(e, ERR_UNCLEAN, "%s: a change of it was cut "
		    "short", u->image);
		(void)dd_hint(e, "drydock recover finishes it");
		goto out;
	}
	rc = check_whole(b, u->image, e);
out:
	if (rc == 0)
		*out = b;
	else
		blk_close(b);
	return rc;
}

/* The text of a parameters file with that key stored in it. */
static int
stored(const struct unlock *u, const struct secret *key, struct secret *text,
    struct dd_err *e)
{
	struct cgd_params p = { .keylen = u->params.keylen,
	    .verify = CGD_VERIFY_NONE, .nkeygens = 1 };
	struct cgd_keygen *kg = &p.keygens[0];
	int rc = -1;

	kg->method = CGD_STOREDKEY;
	kg->key.bits = p.keylen;
	p.algorithm = strdup(u->params.algorithm);
	p.ivmethod = strdup(u->params.ivmethod);
	if (p.algorithm == NULL || p.ivmethod == NULL)
		(void)dd_fail_nomem(e);
	else if (secret_alloc(&kg->key.bytes, key->len, e) == 0) {
		memcpy(kg->key.bytes.p, key->p, key->len);
		rc = cgd_params_generate(&p, e);
	}
	if (rc == 0) {
		*text = p.text;
		p.text = (struct secret)SECRET_INIT;
	}
	cgd_params_dispose(&p);
	return rc;
}

int
unlock_put(const struct unlock *u, const struct host_crypt *host,
    struct blk *b, struct cgd_asker *asker, bool retry, const char *name,
    enum host_key_life life, struct dd_err *e)
{
	struct secret key = SECRET_INIT, text = SECRET_INIT;
	int rc = -1;

	if (cgd_key_verified(b, &u->params, asker, retry, &key, e) == -1)
		(void)dd_context(e, "%s", u->image);
	else if (!host->takes_params)
		rc = host->key_put(name, &key, life, e);
	else if (stored(u, &key, &text, e) == 0)
		rc = host->key_put(name, &text, life, e);
	secret_free(&key);
	secret_free(&text);
	return rc;
}

const char *
unlock_there(const struct unlock *u, const struct host_crypt *host)
{
	if (host->key_there(u->once))
		return u->once;
	return host->key_there(u->kept) ? u->kept : NULL;
}

int
unlock_verify(const struct unlock *u, const char *path, struct dd_err *e)
{
	bool fits = false;
	struct blk *b;
	int rc;

	if (file_open(path, 0, 0, &b, e) == -1)
		return -1;
	rc = cgd_verify_layer(b, u->params.verify, &fits, e);
	blk_close(b);
	if (rc == -1 || fits)
		return rc;
	(void)dd_fail(e, ERR_PERM, "%s: the key does not fit: what it decrypts "
	    "is no %s", u->image, cgd_verify_name(u->params.verify));
	return dd_hint(e, "drydock lock forgets the key; then unlock anew");
}

static int
forget(dev_t dev, ino_t ino, const struct host_crypt *host,
    struct dd_err *e)
{
	char name[HOST_CRYPT_NAME];

	name_of("once", dev, ino, name);
	if (host->key_drop_all(name, e) == -1)
		return -1;
	name_of("kept", dev, ino, name);
	return host->key_drop_all(name, e);
}

int
unlock_forget(const char *path, const struct host_crypt *host,
    struct dd_err *e)
{
	struct store *s = NULL;
	struct stat st;
	bool there;
	size_t i;
	int rc = 0;

	there = stat(path, &st) == 0;
	if (!there && !store_managed(path))
		return dd_fail_sys(e, errno, "%s", path);
	if (there && forget(st.st_dev, st.st_ino, host, e) == -1)
		return -1;
	/* where a symlink is the path it has no generations */
	if (!store_managed(path))
		return 0;
	if (store_open(path, &s, e) == -1)
		return -1;
	/* they all lie in its folder, be there one in place or not */
	if (s->fd != -1 && fstat(s->fd, &st) == -1)
		rc = dd_fail_sys(e, errno, "%s", s->dir);
	for (i = 0; rc == 0 && i < s->n; i++)
		rc = forget(st.st_dev, (ino_t)s->v[i].ino, host, e);
	store_close(s);
	return rc;
}
