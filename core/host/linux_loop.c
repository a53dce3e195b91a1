/*
 * Loop devices.  They are to clear themselves with their last user, and that is
 * first the process that made them, and then what stands on them.  So whatever
 * ends us, at any instant, no device is left on which nothing stands.
 */
#ifdef __linux__
#include <sys/ioctl.h>
#include <sys/stat.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <unistd.h>

#include <linux/loop.h>

#include "core/host/linux_impl.h"

#define TRIES		64	/* another may take the free one before us */

/* Configure the first free one: its descriptor; -1 with errno. */
static int
try(int control, const struct loop_config *conf)
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

int
linux_loop_of(int file, const struct linux_loop *l, struct dd_err *e)
{
	struct loop_config conf = { .fd = (uint32_t)file };
	int control, loop = -1, tries;

	control = open("/dev/loop-control", O_RDWR | O_CLOEXEC);
	if (control == -1) {
		(void)dd_fail_sys(e, errno, "/dev/loop-control");
		return dd_hint(e, "load the module loop: modprobe loop");
	}
	conf.info.lo_offset = l->off;
	conf.info.lo_sizelimit = l->len;
	conf.info.lo_flags = LO_FLAGS_AUTOCLEAR |
	    (l->readonly ? LO_FLAGS_READ_ONLY : 0);
	(void)snprintf((char *)conf.info.lo_file_name,
	    sizeof(conf.info.lo_file_name), "%s", l->name);
	for (tries = 0; tries < TRIES; tries++)
		if ((loop = try(control, &conf)) != -1 || errno != EBUSY)
			break;
	if (loop == -1) {
		(void)dd_fail_sys(e, errno, "%s: loop device", l->image);
		(void)dd_hint(e, "drydock needs a Linux of 5.8 or later for "
		    "this");
	}
	(void)close(control);
	return loop;
}

/* ---- the file */

static int
take_holder(void *arg, const struct host_holder *h, struct dd_err *e)
{
	const struct linux_loop *l = arg;

	if (l->readonly && !h->writable)
		return 0;
	(void)dd_fail(e, ERR_HELD, "%s: is in use: %s", l->image, h->text);
	return dd_hint(e, "two that write to one image destroy it: detach "
	    "that first");
}

int
linux_loop_refuse_held(const struct linux_loop *l, dev_t dev, ino_t ino,
    struct dd_err *e)
{
	void *arg = (void *)(uintptr_t)l;

	return host_holders(dev, ino, take_holder, arg, e) == -1 ? -1 :
	    linux_writers(dev, ino, take_holder, arg, e);
}

int
linux_loop_open_image(const struct linux_loop *l, dev_t dev, ino_t ino,
    struct dd_err *e)
{
	struct stat st;
	int fd = open(l->image, (l->readonly ? O_RDONLY : O_RDWR) |
	    O_CLOEXEC | O_NONBLOCK | O_NOCTTY);

	if (fd == -1)
		return dd_fail_sys(e, errno, "%s", l->image);
	if (fstat(fd, &st) == 0 && st.st_dev == dev && st.st_ino == ino)
		return fd;
	(void)close(fd);
	return dd_fail(e, ERR_HELD, "%s: was replaced meanwhile", l->image);
}
#endif
