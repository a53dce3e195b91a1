/*
 * Linux: loop devices, and dm-crypt on them; see kernel.h.  Mounts:
 * linux_mount.c.
 *
 * A loop device clears itself with its last user.  Until something stands on
 * it that is a descriptor of this process, which is kept here; so a process
 * that ends at any instant leaves a mapping or a mount at most, and these have
 * names.
 */
#ifdef __linux__
#include <sys/ioctl.h>
#include <sys/stat.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <linux/loop.h>

#include "core/host/linux_impl.h"
#include "core/host/linux_keys.h"

/* ---- what stands on a device, in one message */

static int
refuse_held(void *arg, const struct host_holder *h, struct dd_err *e)
{
	const struct host_device *d = arg;

	(void)dd_fail(e, ERR_HELD, "%s: is in use: %s", d->path, h->text);
	return dd_hint(e, "unmount or detach that first");
}

static int
nobody_on(const struct host_device *d, struct dd_err *e)
{
	return host_device_holders(d->rdev, refuse_held,
	    (void *)(uintptr_t)d, e);
}

/* ---- loop devices that we attached */

struct held {
	dev_t		 rdev;
	int		 fd;
	struct held	*next;
};

static struct held *held;

static int
hold(int fd, struct host_device *d, struct dd_err *e)
{
	struct held *h = malloc(sizeof(*h));
	char name[LINUX_NAME];
	struct stat st;

	if (h == NULL)
		return dd_fail_nomem(e);
	if (fstat(fd, &st) == -1) {
		free(h);
		return dd_fail_sys(e, errno, "loop device");
	}
	*h = (struct held){ .rdev = st.st_rdev, .fd = fd, .next = held };
	held = h;
	d->rdev = st.st_rdev;
	/* its minor is not its number where loop devices have partitions */
	linux_device_name(st.st_rdev, name);
	(void)snprintf(d->path, sizeof(d->path), "/dev/%.70s", name);
	memcpy(d->raw, d->path, sizeof(d->raw));
	return 0;
}

/* false: it is none of ours. */
static bool
let_go(dev_t rdev)
{
	struct held **at, *h;

	for (at = &held; (h = *at) != NULL; at = &h->next)
		if (h->rdev == rdev) {
			*at = h->next;
			(void)close(h->fd);
			free(h);
			return true;
		}
	return false;
}

static int
attach(const struct host_part *part, struct host_device *out,
    struct dd_err *e)
{
	const struct linux_loop l = { .image = part->image,
	    .name = LINUX_LOOP_OURS, .off = part->off, .len = part->len,
	    .readonly = part->readonly };
	struct host_device d = { .rdev = 0 };
	int file, loop = -1, rc = -1;

	if (linux_loop_refuse_held(&l, part->dev, part->ino, e) == -1 ||
	    (file = linux_loop_open_image(&l, part->dev, part->ino, e)) == -1)
		return -1;
	if ((loop = linux_loop_of(file, &l, e)) != -1 &&
	    (rc = hold(loop, &d, e)) == -1)
		(void)close(loop);
	(void)close(file);
	if (rc == 0)
		*out = d;
	return rc;
}

static int
shows(const struct host_device *d, dev_t dev, ino_t ino, struct dd_err *e)
{
	dev_t has_dev;
	ino_t has_ino;

	(void)e;
	return host_backing_file(d->rdev, &has_dev, &has_ino) &&
	    has_dev == dev && has_ino == ino;
}

/* 1, 0; -1 with errno. */
static int
is_ours(int fd)
{
	struct loop_info64 info;

	memset(&info, 0, sizeof(info));
	if (ioctl(fd, LOOP_GET_STATUS64, &info) == -1)
		return -1;
	return strcmp((const char *)info.lo_file_name, LINUX_LOOP_OURS) == 0;
}

static int
detach(const struct host_device *d, struct dd_err *e)
{
	int fd, rc;

	fd = open(d->path, O_RDONLY | O_NONBLOCK | O_NOCTTY | O_CLOEXEC);
	if (fd == -1)
		return errno == ENOENT || errno == ENXIO ? 0 :
		    dd_fail_sys(e, errno, "%s", d->path);
	/* ours has gone where another has its number */
	if ((rc = is_ours(fd)) == -1)
		rc = errno == ENXIO ? 0 : dd_fail_sys(e, errno, "%s", d->path);
	else if (rc == 1 && (rc = nobody_on(d, e)) == 0 &&
	    !let_go(d->rdev) && ioctl(fd, LOOP_CLR_FD, 0) == -1 &&
	    errno != ENXIO)
		rc = dd_fail_sys(e, errno, "%s", d->path);
	(void)close(fd);
	return rc;
}

/* ---- decrypted */

static int
device_sectors(const struct host_device *d, uint64_t *sectors,
    struct dd_err *e)
{
	int fd = open(d->path, O_RDONLY | O_CLOEXEC);
	off_t end;

	if (fd == -1)
		return dd_fail_sys(e, errno, "%s", d->path);
	end = lseek(fd, 0, SEEK_END);
	(void)close(fd);
	if (end < 512)
		return dd_fail(e, ERR_FORMAT, "%s: is empty", d->path);
	*sectors = (uint64_t)end / 512;
	return 0;
}

static int
decrypt(const struct host_device *under, const struct host_cipher *c,
    const char *name, bool readonly, struct host_device *out,
    struct dd_err *e)
{
	char key[HOST_DEVICE_PATH + 16];
	struct linux_map map = { .name = name, .under = under->rdev,
	    .first = c->first, .readonly = readonly, .keybits = c->keybits,
	    .key = key };
	struct host_device d = { .rdev = 0 };
	struct linux_mapping m;
	int dm, rc;

	(void)snprintf(key, sizeof(key), "drydock:%s", name);
	if (device_sectors(under, &map.sectors, e) == -1 ||
	    (dm = linux_dm_open(e)) == -1)
		return -1;
	rc = linux_key_put(key, c->key, HOST_KEY_OURS, e);
	if (rc == 0)
		rc = linux_dm_map(dm, &map, &m, e);
	/* dm-crypt has its own copy */
	linux_key_drop(key);
	(void)close(dm);
	if (rc == -1)
		return -1;
	d.rdev = m.rdev;
	(void)snprintf(d.path, sizeof(d.path), "%s", m.path);
	memcpy(d.raw, d.path, sizeof(d.raw));
	*out = d;
	return 0;
}

static int
undecrypt(const struct host_device *d, const char *name, struct dd_err *e)
{
	struct host_device is = { .rdev = 0 };
	struct linux_mapping m;
	int rc = linux_dm_find(name, &m, e);

	(void)d;
	if (rc != 1)
		return rc;
	is.rdev = m.rdev;
	memcpy(is.path, m.path, sizeof(is.path));
	return nobody_on(&is, e) == -1 ? -1 : linux_dm_remove(name, e);
}

static const struct host_kernel linux_kernel = {
	.name = "Linux",
	.check = linux_check,
	.attach = attach,
	.shows = shows,
	.detach = detach,
	.decrypt = decrypt,
	.undecrypt = undecrypt,
	.fsck = linux_fsck,
	.mount = linux_mount,
	.sync = linux_sync,
	.unmount = linux_unmount,
};

const struct host_kernel *const host_kernel = &linux_kernel;
#endif
