/*
 * Instead of /etc/xen/scripts/block, in a lab where that takes four seconds a
 * disk: a file gets a loop device.  Like that script on Linux, nothing keeps
 * two domUs from sharing one.
 */
#include <sys/ioctl.h>
#include <sys/stat.h>
#include <sys/sysmacros.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <linux/loop.h>
#include <xenstore.h>

#define TRIES	50

static struct xs_handle *xs;
static const char *base;	/* of the backend, in xenstore */

static char *
get(const char *key)
{
	char path[512];
	unsigned len;

	(void)snprintf(path, sizeof(path), "%s/%s", base, key);
	return xs_read(xs, XBT_NULL, path, &len);
}

static void
put(const char *key, const char *value)
{
	char path[512];

	(void)snprintf(path, sizeof(path), "%s/%s", base, key);
	(void)xs_write(xs, XBT_NULL, path, value, (unsigned)strlen(value));
}

static int
failed(const char *what)
{
	char text[256];

	(void)snprintf(text, sizeof(text), "%s: %s", what, strerror(errno));
	put("hotplug-error", text);
	put("hotplug-status", "error");
	return 1;
}

/* The name of a loop device made of the file. */
static int
make_loop(const char *file, int writable, char *name, size_t cap)
{
	struct loop_config c = { .info.lo_flags =
	    writable ? 0 : LO_FLAGS_READ_ONLY };
	int i, n, fd, control;

	c.fd = (unsigned)open(file, (writable ? O_RDWR : O_RDONLY) |
	    O_CLOEXEC);
	control = open("/dev/loop-control", O_RDWR | O_CLOEXEC);
	if ((int)c.fd == -1 || control == -1)
		return -1;
	(void)snprintf((char *)c.info.lo_file_name,
	    sizeof(c.info.lo_file_name), "%s", file);
	for (i = 0; i < TRIES; i++) {
		if ((n = ioctl(control, LOOP_CTL_GET_FREE)) == -1)
			return -1;
		(void)snprintf(name, cap, "/dev/loop%d", n);
		if ((fd = open(name, O_RDWR | O_CLOEXEC)) == -1)
			return -1;
		if (ioctl(fd, LOOP_CONFIGURE, &c) == 0)
			return 0;
		/* somebody else was faster */
		(void)close(fd);
		if (errno != EBUSY)
			return -1;
	}
	return -1;
}

static int
add(void)
{
	char *file = get("params"), *mode = get("mode"), name[64], numbers[32];
	struct stat st;

	if (get("physical-device") != NULL)
		return 0;
	if (file == NULL || stat(file, &st) == -1)
		return failed("params");
	if (S_ISREG(st.st_mode)) {
		if (make_loop(file, mode != NULL && strchr(mode, 'w') != NULL,
		    name, sizeof(name)) == -1)
			return failed("loop device");
		file = name;
		put("node", name);
	}
	if (stat(file, &st) == -1 || !S_ISBLK(st.st_mode))
		return failed("not a block device");
	(void)snprintf(numbers, sizeof(numbers), "%x:%x", major(st.st_rdev),
	    minor(st.st_rdev));
	put("physical-device", numbers);
	put("physical-device-path", file);
	put("hotplug-status", "connected");
	return 0;
}

static int
take_away(void)
{
	const char *node = get("node");
	int fd;

	if (node == NULL || strncmp(node, "/dev/loop", 9) != 0)
		return 0;
	if ((fd = open(node, O_RDONLY | O_CLOEXEC)) == -1)
		return 0;
	(void)ioctl(fd, LOOP_CLR_FD, 0);
	(void)close(fd);
	return 0;
}

int
main(int argc, char **argv)
{
	if (argc < 2 || (base = getenv("XENBUS_PATH")) == NULL ||
	    (xs = xs_open(0)) == NULL)
		return 1;
	if (strcmp(argv[1], "add") == 0)
		return add();
	return strcmp(argv[1], "remove") == 0 ? take_away() : 1;
}
