/*
 * A loop device with dm-crypt on it; see crypt.h.  By ioctl: no program that
 * might be missing, and nothing to be seen in a list of processes.
 *
 * The loop device is to clear itself with its last user, and that is first
 * this process and then dm-crypt.  So whatever ends us, at any instant, what
 * can be left is a mapping at most, and that has a name; and taking that away
 * takes all away.
 *
 * cgd's aes-xts is dm-crypt's aes-xts-plain64: the tweak is the number of the
 * 512-byte sector, from 0, as a 64-bit little-endian number, and the key is the
 * data's half and then the tweak's.
 */
#ifdef __linux__
#include <sys/ioctl.h>
#include <sys/stat.h>
#include <sys/statfs.h>
#include <sys/sysmacros.h>
#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include <linux/dm-ioctl.h>
#include <linux/loop.h>
#include <linux/magic.h>

#include "core/host/host.h"
#include "core/host/linux_impl.h"
#include "core/host/linux_keys.h"

#define CIPHER		"aes-xts-plain64"
#define LOOP_TRIES	64	/* another may take the free one before us */

/* udev is not to look into what a guest has written: flags of libdevmapper's,
 * which its rules are told by the kernel. */
#define UDEV_LEAVE_IT	((0x02u | 0x04u | 0x08u) << 16)

/* A call of dm's: its head, and what goes with it. */
union dm_call {
	struct dm_ioctl	 head;
	char		 room[2048];
};

bool
host_is_memory(const char *dir)
{
	struct statfs fs;

	return statfs(dir, &fs) == 0 && (fs.f_type == TMPFS_MAGIC ||
	    fs.f_type == RAMFS_MAGIC);
}

static int
check(const char *algorithm, struct dd_err *e)
{
	if (strcmp(algorithm, "aes-xts") == 0)
		return 0;
	(void)dd_fail(e, ERR_UNSUP, "Linux can't decrypt %s of cgd's: only "
	    "aes-xts is the same here", algorithm);
	return dd_hint(e, "make a new image with aes-xts (drydock cgd params "
	    "new aes-xts, drydock create -c), and copy the files with drydock "
	    "cp");
}

/* ---- dm */

static int
dm_call(int dm, unsigned long request, const char *name, uint32_t flags,
    union dm_call *c)
{
	struct dm_ioctl *h = &c->head;

	h->version[0] = 4;
	h->data_size = sizeof(*c);
	h->flags = flags;
	(void)snprintf(h->name, sizeof(h->name), "%s", name);
	return ioctl(dm, request, h);
}

static int
dm_open(struct dd_err *e)
{
	int dm = open("/dev/mapper/control", O_RDWR | O_CLOEXEC);

	if (dm == -1) {
		(void)dd_fail_sys(e, errno, "/dev/mapper/control");
		(void)dd_hint(e, "load the module dm-crypt: modprobe "
		    "dm-crypt");
	}
	return dm;
}

/* For looking: 1 with *dm; 0: without dm there is nothing; -1. */
static int
dm_look(int *dm, struct dd_err *e)
{
	*dm = open("/dev/mapper/control", O_RDWR | O_CLOEXEC);
	if (*dm != -1)
		return 1;
	return errno == ENOENT || errno == ENODEV || errno == ENXIO ? 0 :
	    dd_fail_sys(e, errno, "/dev/mapper/control");
}

/* The kernel's huge_encode_dev(), as for loop devices. */
static dev_t
dm_dev(uint64_t v)
{
	return makedev((unsigned)(v >> 8 & 0xfff),
	    (unsigned)((v & 0xff) | (v >> 12 & 0xfff00)));
}

static void
tell_device(const struct dm_ioctl *h, struct host_crypt_device *d)
{
	d->rdev = dm_dev(h->dev);
	d->readonly = (h->flags & DM_READONLY_FLAG) != 0;
	d->open = h->open_count > 0;
	(void)snprintf(d->path, sizeof(d->path), "/dev/dm-%u",
	    minor(d->rdev));
}

static int
find(const char *name, struct host_crypt_device *out, struct dd_err *e)
{
	struct host_crypt_device d = { .rdev = 0 };
	union dm_call c = { .room = { 0 } };
	int dm, rc = dm_look(&dm, e);

	if (rc != 1)
		return rc;
	if (dm_call(dm, DM_DEV_STATUS, name, 0, &c) == -1)
		rc = errno == ENXIO ? 0 : dd_fail_sys(e, errno, "%s", name);
	else {
		tell_device(&c.head, &d);
		if ((c.head.flags & DM_ACTIVE_PRESENT_FLAG) == 0 ||
		    (c.head.flags & (DM_SUSPEND_FLAG |
		    DM_DEFERRED_REMOVE)) != 0 ||
		    !host_backing_file(d.rdev, &d.dev, &d.ino))
			rc = dd_fail(e, ERR_EXIST, "%s: is half set up", name);
	}
	(void)close(dm);
	if (rc == 1)
		*out = d;
	return rc;
}

/* One that is in use this very moment goes with its last user. */
static int
detach(const char *name, struct dd_err *e)
{
	union dm_call c = { .room = { 0 } };
	int dm, rc = dm_look(&dm, e);

	if (rc != 1)
		return rc;
	rc = dm_call(dm, DM_DEV_REMOVE, name, DM_DEFERRED_REMOVE, &c);
	if (rc == -1)
		rc = errno == ENXIO ? 0 : dd_fail_sys(e, errno, "%s", name);
	(void)close(dm);
	return rc;
}

/* Its one table row: all of the loop device, decrypted. */
static void
fill_table(const struct host_crypt_disk *disk, dev_t under,
    union dm_call *c)
{
	struct dm_ioctl *h = &c->head;
	struct dm_target_spec *spec;
	char *params;

	h->data_start = sizeof(*h);
	h->target_count = 1;
	spec = (struct dm_target_spec *)(void *)(c->room + sizeof(*h));
	spec->length = disk->sectors;
	(void)snprintf(spec->target_type, sizeof(spec->target_type), "crypt");
	params = (char *)(spec + 1);
	(void)snprintf(params, sizeof(c->room) - sizeof(*h) - sizeof(*spec),
	    CIPHER " :%u:logon:%s 0 %u:%u 0", disk->keybits / 8, disk->key,
	    major(under), minor(under));
}

static int
map(int dm, const struct host_crypt_disk *disk, dev_t under,
    struct host_crypt_device *out, struct dd_err *e)
{
	uint32_t ro = disk->readonly ? DM_READONLY_FLAG : 0;
	union dm_call c = { .room = { 0 } };
	struct dd_err ignored = DD_ERR_INIT;

	if (dm_call(dm, DM_DEV_CREATE, disk->name, 0, &c) == -1) {
		(void)dd_fail_sys(e, errno, "%s", disk->name);
		return dd_hint(e, "where one of that name is in use still, it "
		    "goes with its last user: dmsetup info -c");
	}
	c = (union dm_call){ .room = { 0 } };
	fill_table(disk, under, &c);
	if (dm_call(dm, DM_TABLE_LOAD, disk->name, ro, &c) == -1) {
		(void)dd_fail_sys(e, errno, "dm-crypt, %s with %u bits",
		    CIPHER, disk->keybits);
		(void)dd_hint(e, e->sys == ENOKEY ? "its key has gone from the "
		    "keyring: drydock unlock" : "does the kernel have dm-crypt "
		    "and xts(aes)? modprobe dm-crypt; modprobe xts");
		goto fail;
	}
	c = (union dm_call){ .room = { 0 } };
	c.head.event_nr = UDEV_LEAVE_IT;
	if (dm_call(dm, DM_DEV_SUSPEND, disk->name, 0, &c) == -1) {
		(void)dd_fail_sys(e, errno, "%s", disk->name);
		goto fail;
	}
	tell_device(&c.head, out);
	return 0;
fail:
	(void)detach(disk->name, &ignored);
	return -1;
}

/* ---- loop */

/* Configure the first free one: its descriptor; -1 with errno. */
static int
loop_try(int control, const struct loop_config *conf)
{
	char path[32];
	int loop, sys, n = ioctl(control, LOOP_CTL_GET_FREE);

	if (n == -1)
		return -1;
	(void)snprintf(path, sizeof(path), "/dev/loop%d", n);
	if ((loop = open(path, O_RDWR | O_CLOEXEC)) == -1)
		return -1;
	if (ioctl(loop, LOOP_CONFIGURE, conf) == 0)
		return loop;
	sys = errno;
	(void)close(loop);
	errno = sys;
	return -1;
}

/* Make a free loop device show the file: its descriptor, or -1. */
static int
loop_of(int file, const struct host_crypt_disk *disk, struct dd_err *e)
{
	struct loop_config conf = { .fd = (uint32_t)file };
	int control, loop = -1, tries;

	control = open("/dev/loop-control", O_RDWR | O_CLOEXEC);
	if (control == -1) {
		(void)dd_fail_sys(e, errno, "/dev/loop-control");
		return dd_hint(e, "load the module loop: modprobe loop");
	}
	conf.info.lo_flags = LO_FLAGS_AUTOCLEAR |
	    (disk->readonly ? LO_FLAGS_READ_ONLY : 0);
	(void)snprintf((char *)conf.info.lo_file_name,
	    sizeof(conf.info.lo_file_name), "%s", disk->name);
	for (tries = 0; tries < LOOP_TRIES; tries++)
		if ((loop = loop_try(control, &conf)) != -1 || errno != EBUSY)
			break;
	if (loop == -1) {
		(void)dd_fail_sys(e, errno, "%s: loop device", disk->image);
		(void)dd_hint(e, "drydock needs a Linux of 5.8 or later for "
		    "this");
	}
	(void)close(control);
	return loop;
}

static int
take_holder(void *arg, const struct host_holder *h, struct dd_err *e)
{
	const struct host_crypt_disk *disk = arg;

	if (disk->readonly && !h->writable)
		return 0;
	(void)dd_fail(e, ERR_HELD, "%s: is in use: %s", disk->image, h->text);
	return dd_hint(e, "two that write to one image destroy it: detach "
	    "that first");
}

static int
open_image(const struct host_crypt_disk *disk, struct dd_err *e)
{
	struct stat st;
	int fd = open(disk->image, (disk->readonly ? O_RDONLY : O_RDWR) |
	    O_CLOEXEC | O_NONBLOCK | O_NOCTTY);

	if (fd == -1)
		return dd_fail_sys(e, errno, "%s", disk->image);
	if (fstat(fd, &st) == 0 && st.st_dev == disk->dev &&
	    st.st_ino == disk->ino)
		return fd;
	(void)close(fd);
	return dd_fail(e, ERR_HELD, "%s: was replaced meanwhile",
	    disk->image);
}

static int
attach(const struct host_crypt_disk *disk, struct host_crypt_device *out,
    struct dd_err *e)
{
	struct host_crypt_device d = { .readonly = disk->readonly,
	    .dev = disk->dev, .ino = disk->ino };
	int dm, file = -1, loop = -1, rc = -1;
	struct stat st;

	if (host_holders(disk->dev, disk->ino, take_holder,
	    (void *)(uintptr_t)disk, e) == -1 ||
	    linux_writers(disk->dev, disk->ino, take_holder,
	    (void *)(uintptr_t)disk, e) == -1)
		return -1;
	if ((dm = dm_open(e)) == -1)
		return -1;
	if ((file = open_image(disk, e)) == -1 ||
	    (loop = loop_of(file, disk, e)) == -1)
		goto out;
	if (fstat(loop, &st) == -1)
		(void)dd_fail_sys(e, errno, "loop device");
	else
		rc = map(dm, disk, st.st_rdev, &d, e);
out:
	if (loop != -1)
		(void)close(loop);
	if (file != -1)
		(void)close(file);
	(void)close(dm);
	if (rc == 0)
		*out = d;
	return rc;
}

static const struct host_crypt linux_crypt = {
	.check = check,
	.find = find,
	.attach = attach,
	.detach = detach,
	.key_put = linux_key_put,
	.key_there = linux_key_there,
	.key_drop = linux_key_drop,
	.key_drop_all = linux_key_drop_all,
};

const struct host_crypt *const host_crypt = &linux_crypt;
#endif
