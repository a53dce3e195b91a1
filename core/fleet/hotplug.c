/* The block script's work; see hotplug.h. */
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "core/base/clock.h"
#include "core/base/quote.h"
#include "core/fleet/hotplug_impl.h"
#include "core/fleet/target.h"

#define LOOK_MS		100	/* between two looks */

static int
nobody(bool disks, struct xen_domain **v, size_t *n, struct dd_err *e)
{
	(void)disks;
	(void)v;
	(void)n;
	return dd_fail(e, ERR_NOENT, "not asked");
}

/* Is that target a disk of d, by its configuration? */
static bool
take_disk_of(struct plug *p, const struct fleet_domu *d)
{
	size_t i;

	for (i = 0; i < d->ndisks; i++)
		if (d->disks[i].image != NULL &&
		    strcmp(d->disks[i].target, p->image) == 0) {
			p->owner = d;
			p->disk = &d->disks[i];
			return true;
		}
	return false;
}

/* The domU's own goes first.  xl block-attach may give a domU the image of
 * another, which knows the parameters. */
static bool
find_disk(struct plug *p)
{
	const struct fleet_domu *d = p->domu == NULL ? NULL :
	    fleet_find(p->fleet, p->domu);
	size_t i;

	if (d != NULL && take_disk_of(p, d))
		return true;
	for (i = 0; i < p->fleet->ndomus; i++)
		if (take_disk_of(p, &p->fleet->domus[i]))
			return true;
	return false;
}

/* Xen itself is not asked: it is about to make this very domU.  A disk that no
 * configuration has may have parameters that belong to its generation. */
static int
find_configured(struct plug *p, struct dd_err *e)
{
	struct xen_ops quiet = *p->h->xen;

	quiet.domains = nobody;
	if (fleet_load_quick(&quiet, p->h->conf, &p->fleet, e) == -1)
		return -1;
	if (!find_disk(p)) {
		p->stray_image.path = p->image;
		p->stray.image = &p->stray_image;
		p->disk = &p->stray;
	}
	return 0;
}

/* ---- attaching */

/* Says what to type while it waits. */
static void
tell_locked(const struct plug *p, struct dd_err *e)
{
	struct buf word = BUF_INIT, cmd = BUF_INIT;

	(void)buf_str(&word, p->owner->name);
	if (p->disk->role != ROLE_OTHER)
		(void)buf_printf(&word, ":%s", fleet_role_name(p->disk->role));
	if (!word.failed)
		(void)quote_word(&cmd, word.p);
	(void)dd_fail(e, ERR_PERM, "%s: is locked: drydock unlock %s",
	    p->image, cmd.p != NULL ? cmd.p : "DOMU");
	(void)dd_hint(e, "unlocking works before the start, too");
	buf_dispose(&word);
	buf_dispose(&cmd);
}

/* A moment between two looks; the time to look is over at end. */
static int
pause_until(const struct plug *p, int64_t end, const char *what,
    struct dd_err *e)
{
	const struct timespec ts = { 0, LOOK_MS * 1000000L };

	if (clock_ms() >= end)
		return 0;
	if (progress_tick(p->h->progress, what, 0, 0, e) == -1)
		return -1;
	(void)nanosleep(&ts, NULL);
	return 1;
}

static int64_t
end_after(const struct plug *p, unsigned most)
{
	return clock_ms() + (int64_t)(p->h->wait < most ? p->h->wait : most) *
	    1000;
}

/* What no configuration has can't be unlocked: nobody is waited for. */
static int
refuse_stray(const struct plug *p, const char **key, struct dd_err *e)
{
	if ((*key = unlock_there(&p->unlock, p->h->host)) != NULL)
		return 0;
	(void)dd_fail(e, ERR_PERM, "%s: is locked, and no domU's configuration "
	    "has it", p->image);
	return dd_hint(e, "drydock unlock works on what a configuration "
	    "names");
}

static int
wait_for_key(const struct plug *p, const char **key, struct dd_err *e)
{
	const int64_t end = clock_ms() + (int64_t)p->h->wait * 1000;
	struct dd_err locked = DD_ERR_INIT;
	bool told = false;
	int r;

	if (p->owner == NULL)
		return refuse_stray(p, key, e);
	tell_locked(p, &locked);
	while ((*key = unlock_there(&p->unlock, p->h->host)) == NULL) {
		if (!told && clock_ms() < end)
			plug_tell(p, NULL, locked.msg);
		told = true;
		if ((r = pause_until(p, end, "unlock", e)) == 0)
			*e = locked;
		if (r != 1)
			return -1;
	}
	return 0;
}

/* Where no passphrase is needed, the key is made here and for us alone. */
static int
get_key(const struct plug *p, const char **key, struct dd_err *e)
{
	struct cgd_asker nobody_asks = { .passphrase = NULL,
	    .limit = p->h->wait > 0 ? p->h->wait : 1 };
	struct blk *b;
	int rc;

	if (cgd_params_wants_passphrase(&p->unlock.params))
		return wait_for_key(p, key, e);
	if (unlock_open(&p->unlock, false, true, &b, e) == -1)
		return -1;
	rc = unlock_put(&p->unlock, p->h->host, b, &nobody_asks, false,
	    p->unlock.once, HOST_KEY_OURS, e);
	blk_close(b);
	*key = p->unlock.once;
	return rc;
}

/* The image is locked while it is attached: no job of drydock's begins to
 * write to it in between. */
static int
attach(const struct plug *p, const char *key, struct host_crypt_device *d,
    struct dd_err *e)
{
	struct host_crypt_disk disk = { .name = p->name, .image = p->image,
	    .dev = p->unlock.dev, .ino = p->unlock.ino,
	    .readonly = p->readonly, .keybits = p->unlock.params.keylen,
	    .key = key };
	struct blk *b;
	int rc;

	if (unlock_open(&p->unlock, true, p->readonly, &b, e) == -1)
		return -1;
	disk.sectors = b->size / 512;
	if (disk.sectors == 0)
		rc = dd_fail(e, ERR_FORMAT, "%s: is empty", p->image);
	else
		rc = p->h->host->attach(&disk, d, e);
	blk_close(b);
	return rc;
}

/* What has the image may be the device of the guest's last run. */
static int
attach_free(const struct plug *p, const char *key,
    struct host_crypt_device *d, struct dd_err *e)
{
	const int64_t end = end_after(p, HOTPLUG_HELD);
	struct dd_err held;

	while (attach(p, key, d, e) == -1) {
		held = *e;
		if (held.code != ERR_HELD)
			return -1;
		dd_err_clear(e);
		if (pause_until(p, end, "another that has the image", e) == 1)
			continue;
		if (e->code == ERR_NONE)
			*e = held;
		return -1;
	}
	return 0;
}

/* A key that was put before may be another image's, which had the same inode:
 * nothing is written with one that does not fit. */
static int
attach_verified(const struct plug *p, const char *key,
    struct host_crypt_device *d, struct dd_err *e)
{
	struct dd_err ignored = DD_ERR_INIT;

	if (attach_free(p, key, d, e) == -1)
		return -1;
	if (unlock_verify(&p->unlock, d->path, e) == 0)
		return 0;
	(void)p->h->host->detach(p->name, &ignored);
	return -1;
}

static int
attach_anew(const struct plug *p, struct host_crypt_device *d,
    struct dd_err *e)
{
	const char *key = NULL;
	int rc = get_key(p, &key, e);

	if (rc == 0)
		rc = attach_verified(p, key, d, e);
	/* one that was kept stays for the next start */
	if (rc == 0 || !cgd_params_wants_passphrase(&p->unlock.params))
		p->h->host->key_drop(p->unlock.once);
	return rc;
}

/* One that shows this image already is what an add before us has made, and
 * not *anew; any other was left by a crash, unless a guest writes to it. */
static int
attach_once(const struct plug *p, struct host_crypt_device *d, bool *anew,
    struct dd_err *e)
{
	struct dd_err why = DD_ERR_INIT;
	int found = p->h->host->find(p->name, d, &why);

	*anew = found != 1 || d->dev != p->unlock.dev ||
	    d->ino != p->unlock.ino || d->readonly != p->readonly;
	if (!*anew)
		return 0;
	if (found == 1 && d->open) {
		(void)dd_fail(e, ERR_HELD, "%s: is in use, and shows %s",
		    p->name, d->dev == p->unlock.dev && d->ino ==
		    p->unlock.ino ? d->readonly ? "the image read-only" :
		    "the image read-write" : "another image");
		return dd_hint(e, "drydock hotplug remove %s takes it away",
		    p->h->backend);
	}
	if (found != 0 && p->h->host->detach(p->name, e) == -1)
		return -1;
	return attach_anew(p, d, e);
}

static int
add(struct plug *p, struct dd_err *e)
{
	struct dd_err ignored = DD_ERR_INIT;
	struct host_crypt_device d;
	bool anew;

	if (plug_read(p, e) == -1 || find_configured(p, e) == -1 ||
	    unlock_find(&p->unlock, p->h->host, p->disk, p->image, e) == -1 ||
	    attach_once(p, &d, &anew, e) == -1)
		return -1;
	if (plug_still_wanted(p, e) == 0 && plug_tell_device(p, &d, e) == 0)
		return 0;
	if (anew)
		(void)p->h->host->detach(p->name, &ignored);
	return -1;
}

int
hotplug_add(const struct hotplug *h, struct dd_err *e)
{
	struct plug p = { .h = h };
	int rc;

	if (plug_parse(&p, e) == -1)
		return -1;
	rc = add(&p, e);
	if (rc == -1)
		plug_tell_failure(&p, e);
	unlock_dispose(&p.unlock);
	fleet_free(p.fleet);
	free(p.image);
	free(p.domu);
	return rc;
}

int
hotplug_refuse(const struct hotplug *h, struct dd_err *e)
{
	struct dd_err ignored = DD_ERR_INIT;
	struct plug p = { .h = h };

	if (plug_parse(&p, &ignored) == 0)
		plug_tell_failure(&p, e);
	return -1;
}

/* Linux's backend driver lets go of the device when xl removes its folder in
 * xenstore, which is after this: it goes by itself then, and whoever adds the
 * image next waits for that. */
int
hotplug_remove(const struct hotplug *h, struct dd_err *e)
{
	struct plug p = { .h = h };

	if (plug_parse(&p, e) == -1)
		return -1;
	if (h->host->detach(p.name, e) == 0)
		return 0;
	plug_tell_failure(&p, e);
	return -1;
}
