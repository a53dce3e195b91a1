/* Who has an image; see target.h. */
#include <sys/stat.h>
#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "core/fleet/target.h"
#include "core/host/host.h"

/* What is looked for, and the first that was found. */
struct search {
	bool	readers;		/* pass over those that only read */
	char	*who;
	size_t	 cap;
	bool	 found;
};

static int
take(void *arg, const struct host_holder *h, struct dd_err *e)
{
	struct search *s = arg;

	(void)e;
	if (s->found || (s->readers && !h->writable))
		return 0;
	s->found = true;
	(void)snprintf(s->who, s->cap, "%s", h->text);
	return 0;
}

/* As what does it have it?  NULL: it has not. */
static const char *
vdev_of(const struct fleet_domu *d, dev_t dev, ino_t ino, bool readers)
{
	size_t i;

	for (i = 0; i < d->ndisks; i++)
		if (d->disks[i].image != NULL &&
		    d->disks[i].image->dev == dev &&
		    d->disks[i].image->ino == ino &&
		    (d->disks[i].readwrite || !readers))
			return d->disks[i].vdev;
	for (i = 0; i < d->nattached; i++)
		if (d->attached[i].dev == dev && d->attached[i].ino == ino &&
		    (d->attached[i].readwrite || !readers))
			return d->attached[i].vdev;
	return NULL;
}

/* A domU that has it now, or may have. */
static const struct fleet_domu *
running_user(const struct fleet *f, dev_t dev, ino_t ino, bool readers,
    const char **vdev)
{
	size_t i;

	for (i = 0; i < f->ndomus; i++)
		if (f->domus[i].state != STATE_OFF && (*vdev =
		    vdev_of(&f->domus[i], dev, ino, readers)) != NULL)
			return &f->domus[i];
	return NULL;
}

static int
refuse_domu(const struct fleet *f, const char *path,
    const struct fleet_domu *d, const char *vdev, struct dd_err *e)
{
	if (d->state == STATE_UNKNOWN) {
		(void)dd_fail(e, ERR_HELD, "%s: %s may be running with it: "
		    "%s", path, d->name, f->xen != NULL ? f->xen :
		    "Xen does not tell");
		return dd_hint(e, "run it as root on the dom0, with xenstored "
		    "running, so that drydock can tell");
	}
	(void)dd_fail(e, ERR_HELD, "%s: is attached to %s as %s", path,
	    d->name, vdev);
	return dd_hint(e, "shut the domU down first: drydock shutdown %s",
	    d->name);
}

int
holders_refuse(const struct fleet *f, const char *path, bool readers,
    struct dd_err *e)
{
	const char *vdev = NULL;
	const struct fleet_domu *d;
	char who[sizeof(((struct host_holder *)0)->text)] = "";
	struct search s = { .readers = readers, .who = who,
	    .cap = sizeof(who) };
	struct stat st;
	dev_t dev;
	ino_t ino;

	if (stat(path, &st) == -1)
		return errno == ENOENT ? 0 : dd_fail_sys(e, errno, "%s", path);
	if (!S_ISREG(st.st_mode) && !S_ISBLK(st.st_mode))
		return 0;
	fleet_identify(&st, &dev, &ino);
	if ((d = running_user(f, dev, ino, readers, &vdev)) != NULL)
		return refuse_domu(f, path, d, vdev, e);
	if ((S_ISBLK(st.st_mode) ? host_device_holders(dev, take, &s, e) :
	    host_holders(dev, ino, take, &s, e)) == -1)
		return -1;
	if (!s.found)
		return 0;
	(void)dd_fail(e, ERR_HELD, "%s: is in use: %s", path, who);
	return dd_hint(e, "unmount and detach it first; drydock takes nothing "
	    "away by force");
}

bool
holders_any(const struct fleet *f, dev_t dev, ino_t ino, char *who,
    size_t cap)
{
	struct dd_err why = DD_ERR_INIT;
	struct search s = { .who = who, .cap = cap };
	const struct fleet_domu *d;
	const char *vdev;

	who[0] = '\0';
	if ((d = running_user(f, dev, ino, false, &vdev)) != NULL) {
		(void)snprintf(who, cap, "%s %s", d->state == STATE_UNKNOWN ?
		    "perhaps running:" : "attached to", d->name);
		return true;
	}
	if (host_holders(dev, ino, take, &s, &why) == -1 || (!s.found &&
	    host_lock_holders(dev, ino, take, &s, &why) == -1)) {
		(void)snprintf(who, cap, "%s", why.msg);
		return true;
	}
	return s.found;
}
