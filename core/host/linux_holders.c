/*
 * Who has a file or a device: what is made of it is looked for from the
 * bottom up.  A device has mounts, partitions, devices stacked upon it, and
 * loop devices made of it; each of these is a device again.
 */
#ifdef __linux__
#include <sys/ioctl.h>
#include <sys/stat.h>
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include <linux/loop.h>

#include "core/base/vis.h"
#include "core/host/linux_impl.h"
#include "core/host/linux_parse.h"

#define SYSFS	1024		/* of a path in /sys with two such names */
#define DEPTH	8		/* of mappings on mappings */

/* What is asked about. */
struct thing {
	bool	device;
	dev_t	dev;		/* the device's own number, or the file's */
	ino_t	ino;
};

struct look {
	host_holder_fn *fn;
	void	*arg;
	struct buf mounts;	/* /proc/self/mountinfo */
	struct buf seen;	/* devices, dev_t: both halves of a mirror
				 * lead to it */
	bool	unknown;	/* that was reported */
};

enum made { MADE_NO, MADE_YES, MADE_UNKNOWN };

static int	look_at_device(struct look *, dev_t, const char *name,
		    struct dd_err *);

int
linux_read_dev(const char *path, dev_t *dev, struct dd_err *e)
{
	struct buf b = BUF_INIT;
	uint32_t maj, min;
	int rc = linux_read(path, &b, e);

	if (rc == 1) {
		if (proc_dev(b.p, &maj, &min))
			*dev = host_makedev(maj, min);
		else
			rc = dd_fail(e, ERR_FORMAT,
			    "%s: not a device's number", path);
	}
	buf_dispose(&b);
	return rc;
}

dev_t
linux_loop_dev(uint64_t v)
{
	return host_makedev((uint32_t)(v >> 8 & 0xfff),
	    (uint32_t)((v & 0xff) | (v >> 12 & 0xfff00)));
}

static bool
is_made_of(const struct thing *t, dev_t dev, ino_t ino, dev_t rdev)
{
	return t->device ? rdev == t->dev :
	    dev == t->dev && ino == t->ino;
}

/* Ask the loop device itself. */
static enum made
ask_loop(const char *name, dev_t rdev, const struct thing *t, bool *writable)
{
	enum made made = MADE_UNKNOWN;
	struct loop_info64 info;
	struct stat st;
	char path[LINUX_NAME + 8];
	int fd;

	(void)snprintf(path, sizeof(path), "/dev/%s", name);
	fd = open(path, O_RDONLY | O_NONBLOCK | O_NOCTTY | O_CLOEXEC);
	if (fd == -1)
		return MADE_UNKNOWN;
	memset(&info, 0, sizeof(info));
	if (fstat(fd, &st) == -1 || !S_ISBLK(st.st_mode) ||
	    st.st_rdev != rdev)
		goto out;
	if (ioctl(fd, LOOP_GET_STATUS64, &info) == -1) {
		/* detached meanwhile */
		made = errno == ENXIO ? MADE_NO : MADE_UNKNOWN;
		goto out;
	}
	made = is_made_of(t, linux_loop_dev(info.lo_device),
	    (ino_t)info.lo_inode, linux_loop_dev(info.lo_rdevice)) ?
	    MADE_YES : MADE_NO;
	*writable = !(info.lo_flags & LO_FLAGS_READ_ONLY);
out:
	(void)close(fd);
	return made;
}

/*
 * Where it can't be asked: the file that has its file's name now.  One that
 * has lost its name, " (deleted)", isn't found so, and may have another.
 */
static enum made
judge_by_name(struct buf *name, const struct thing *t)
{
	struct stat st;

	if (name->len > 0 && name->p[name->len - 1] == '\n')
		name->p[--name->len] = '\0';
	if (name->len == 0)
		return MADE_NO;
	if (name->p[0] != '/' || stat(name->p, &st) == -1)
		return MADE_UNKNOWN;
	return is_made_of(t, st.st_dev, st.st_ino,
	    S_ISBLK(st.st_mode) ? st.st_rdev : 0) ? MADE_YES : MADE_NO;
}

static bool
loop_may_write(const char *name)
{
	struct dd_err ignored = DD_ERR_INIT;
	struct buf b = BUF_INIT;
	char path[SYSFS];
	bool ro;

	(void)snprintf(path, sizeof(path), "/sys/block/%s/ro", name);
	ro = linux_read(path, &b, &ignored) == 1 && b.p[0] == '1';
	buf_dispose(&b);
	return !ro;
}

static enum made
judge_loop(const char *name, dev_t rdev, const struct thing *t,
    bool *writable)
{
	struct dd_err ignored = DD_ERR_INIT;
	struct buf file = BUF_INIT;
	enum made made = MADE_NO;
	char path[SYSFS];
	int rc;

	/* what isn't attached has no such file, and is left alone */
	(void)snprintf(path, sizeof(path), "/sys/block/%s/loop/backing_file",
	    name);
	rc = linux_read(path, &file, &ignored);
	if (rc == 0)
		goto out;
	made = ask_loop(name, rdev, t, writable);
	if (made == MADE_UNKNOWN && rc == 1) {
		made = judge_by_name(&file, t);
		*writable = loop_may_write(name);
	}
out:
	buf_dispose(&file);
	return made;
}

static int
report_unknown(struct look *l, const char *name, struct dd_err *e)
{
	struct host_holder h = { .kind = HOST_UNKNOWN, .writable = true };
	char shown[LINUX_NAME];

	if (l->unknown)
		return 0;
	l->unknown = true;
	vis_str(shown, sizeof(shown), name);
	(void)snprintf(h.text, sizeof(h.text),
	    "perhaps loop device /dev/%s, whose file can't be told", shown);
	return l->fn(l->arg, &h, e);
}

static int
look_at_loop(struct look *l, const char *name, const struct thing *t,
    struct dd_err *e)
{
	struct host_holder h = { .kind = HOST_LOOP, .writable = true };
	char path[SYSFS], shown[LINUX_NAME];
	dev_t rdev;
	int rc;

	(void)snprintf(path, sizeof(path), "/sys/block/%s/dev", name);
	if ((rc = linux_read_dev(path, &rdev, e)) != 1)
		return rc;
	switch (judge_loop(name, rdev, t, &h.writable)) {
	case MADE_NO:
		return 0;
	case MADE_UNKNOWN:
		return report_unknown(l, name, e);
	case MADE_YES:
		break;
	}
	vis_str(shown, sizeof(shown), name);
	(void)snprintf(h.text, sizeof(h.text), "loop device /dev/%s", shown);
	if (l->fn(l->arg, &h, e) == -1)
		return -1;
	return look_at_device(l, rdev, name, e);
}

/* Call fn for each entry of a folder, which need not be there. */
static int
each_entry(struct look *l, const char *dir, int (*fn)(struct look *,
    const char *dir, const char *name, const void *arg, struct dd_err *),
    const void *arg, struct dd_err *e)
{
	DIR *d = opendir(dir);
	struct dirent *de;
	int rc = 0;

	if (d == NULL)
		return errno == ENOENT || errno == ENOTDIR ? 0 :
		    dd_fail_sys(e, errno, "%s", dir);
	while (rc == 0 && (errno = 0, de = readdir(d)) != NULL)
		if (de->d_name[0] != '.')
			rc = fn(l, dir, de->d_name, arg, e);
	/* a device that has gone ends its folder with ENOENT */
	if (rc == 0 && errno != 0 && errno != ENOENT)
		rc = dd_fail_sys(e, errno, "%s", dir);
	(void)closedir(d);
	return rc;
}

static int
look_at_block(struct look *l, const char *dir, const char *name,
    const void *thing, struct dd_err *e)
{
	(void)dir;
	if (strncmp(name, "loop", 4) != 0)
		return 0;
	return look_at_loop(l, name, thing, e);
}

static int
look_at_loops(struct look *l, const struct thing *t, struct dd_err *e)
{
	return each_entry(l, "/sys/block", look_at_block, t, e);
}

bool
linux_is_mount_of(const struct proc_mount *m, dev_t dev)
{
	struct stat st;

	if (m->major != 0)
		return host_makedev(m->major, m->minor) == dev;
	return strncmp(m->source, "/dev/", 5) == 0 &&
	    stat(m->source, &st) == 0 && S_ISBLK(st.st_mode) &&
	    st.st_rdev == dev;
}

static int
look_at_mounts(struct look *l, dev_t dev, const char *name,
    struct dd_err *e)
{
	const char *text = l->mounts.p != NULL ? l->mounts.p : "";
	char point[384], shown[96];
	struct proc_mount m;

	vis_str(shown, sizeof(shown), name);
	while (proc_next_mount(&text, &m)) {
		struct host_holder h = { .kind = HOST_MOUNT };

		if (!linux_is_mount_of(&m, dev))
			continue;
		vis_str(point, sizeof(point), m.point);
		h.writable = !m.read_only;
		(void)snprintf(h.text, sizeof(h.text),
		    "mounted on %s (from /dev/%s)", point, shown);
		if (l->fn(l->arg, &h, e) == -1)
			return -1;
	}
	return 0;
}

/* A partition has a file `partition`; other folders have no such thing. */
static int
look_at_partition(struct look *l, const char *dir, const char *name,
    const void *arg, struct dd_err *e)
{
	char path[SYSFS];
	dev_t dev;
	int rc;

	(void)arg;
	(void)snprintf(path, sizeof(path), "%s/%s/partition", dir, name);
	if (access(path, F_OK) == -1)
		return 0;
	(void)snprintf(path, sizeof(path), "%s/%s/dev", dir, name);
	if ((rc = linux_read_dev(path, &dev, e)) != 1)
		return rc;
	return look_at_device(l, dev, name, e);
}

static int
look_at_stacked(struct look *l, const char *dir, const char *name,
    const void *arg, struct dd_err *e)
{
	char path[SYSFS];
	dev_t dev;
	int rc;

	(void)arg;
	(void)snprintf(path, sizeof(path), "%s/%s/dev", dir, name);
	if ((rc = linux_read_dev(path, &dev, e)) != 1)
		return rc;
	return look_at_device(l, dev, name, e);
}

/* 1: seen before; 0: noted now. */
static int
seen_before(struct look *l, dev_t dev, struct dd_err *e)
{
	size_t at;

	for (at = 0; at < l->seen.len; at += sizeof(dev))
		if (memcmp(l->seen.p + at, &dev, sizeof(dev)) == 0)
			return 1;
	return buf_add(&l->seen, &dev, sizeof(dev)) == -1 ?
	    dd_fail_nomem(e) : 0;
}

static int
look_at_device(struct look *l, dev_t dev, const char *name,
    struct dd_err *e)
{
	struct thing t = { .device = true, .dev = dev };
	char dir[64], stacked[80];
	int rc = seen_before(l, dev, e);

	if (rc != 0)
		return rc == 1 ? 0 : -1;
	(void)snprintf(dir, sizeof(dir), "/sys/dev/block/%u:%u",
	    host_major(dev), host_minor(dev));
	(void)snprintf(stacked, sizeof(stacked), "%s/holders", dir);
	if (look_at_mounts(l, dev, name, e) == -1 ||
	    each_entry(l, dir, look_at_partition, NULL, e) == -1 ||
	    each_entry(l, stacked, look_at_stacked, NULL, e) == -1)
		return -1;
	return look_at_loops(l, &t, e);
}

void
linux_device_name(dev_t dev, char name[LINUX_NAME])
{
	char dir[64], link[SYSFS], *slash;
	ssize_t n;

	(void)snprintf(dir, sizeof(dir), "/sys/dev/block/%u:%u",
	    host_major(dev), host_minor(dev));
	n = readlink(dir, link, sizeof(link) - 1);
	if (n > 0) {
		link[n] = '\0';
		slash = strrchr(link, '/');
		(void)snprintf(name, LINUX_NAME, "%.*s", LINUX_NAME - 1,
		    slash == NULL ? link : slash + 1);
	} else
		(void)snprintf(name, LINUX_NAME, "block/%u:%u", host_major(dev),
		    host_minor(dev));
}

static int
look_begin(struct look *l, struct dd_err *e)
{
	return linux_read("/proc/self/mountinfo", &l->mounts, e) == -1 ? -1 :
	    0;
}

static void
look_end(struct look *l)
{
	buf_dispose(&l->mounts);
	buf_dispose(&l->seen);
}

int
host_holders(dev_t dev, ino_t ino, host_holder_fn *fn, void *arg,
    struct dd_err *e)
{
	struct thing t = { .dev = dev, .ino = ino };
	struct look l = { .fn = fn, .arg = arg };
	int rc = -1;

	if (look_begin(&l, e) == 0)
		rc = look_at_loops(&l, &t, e);
	look_end(&l);
	return rc;
}

int
host_device_holders(dev_t rdev, host_holder_fn *fn, void *arg,
    struct dd_err *e)
{
	struct look l = { .fn = fn, .arg = arg };
	char name[LINUX_NAME];
	int rc = -1;

	linux_device_name(rdev, name);
	if (look_begin(&l, e) == 0)
		rc = look_at_device(&l, rdev, name, e);
	look_end(&l);
	return rc;
}

/* The one device that a mapping lies on; false: it is no mapping, or it lies on
 * several. */
static bool
device_under(dev_t rdev, dev_t *under)
{
	struct dd_err ignored = DD_ERR_INIT;
	char dir[64], path[SYSFS];
	struct dirent *de;
	unsigned n = 0;
	DIR *d;

	(void)snprintf(dir, sizeof(dir), "/sys/dev/block/%u:%u/slaves",
	    host_major(rdev), host_minor(rdev));
	if ((d = opendir(dir)) == NULL)
		return false;
	while ((de = readdir(d)) != NULL)
		if (de->d_name[0] != '.' && n++ == 0)
			(void)snprintf(path, sizeof(path), "%s/%s/dev", dir,
			    de->d_name);
	(void)closedir(d);
	return n == 1 && linux_read_dev(path, under, &ignored) == 1;
}

bool
host_backing_file(dev_t rdev, dev_t *dev, ino_t *ino)
{
	struct loop_info64 info;
	char name[LINUX_NAME], path[LINUX_NAME + 8];
	struct stat st;
	bool told = false;
	dev_t under;
	int fd, depth;

	for (depth = 0; depth < DEPTH && device_under(rdev, &under); depth++)
		rdev = under;
	linux_device_name(rdev, name);
	(void)snprintf(path, sizeof(path), "/dev/%s", name);
	fd = open(path, O_RDONLY | O_NONBLOCK | O_NOCTTY | O_CLOEXEC);
	if (fd == -1)
		return false;
	memset(&info, 0, sizeof(info));
	if (fstat(fd, &st) == 0 && S_ISBLK(st.st_mode) &&
	    st.st_rdev == rdev && ioctl(fd, LOOP_GET_STATUS64, &info) == 0) {
		*dev = linux_loop_dev(info.lo_device);
		*ino = (ino_t)info.lo_inode;
		told = true;
	}
	(void)close(fd);
	return told;
}
#endif
