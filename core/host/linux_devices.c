/*
 * Devices made of files, and what stands upon them: as linux_holders.c, from
 * the bottom up, but of all files.
 */
#ifdef __linux__
#include <sys/ioctl.h>
#include <sys/stat.h>
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <linux/loop.h>

#include "core/host/linux_impl.h"

#define PATH	(LINUX_NAME + 64)	/* in /sys, with one such name */

struct loop {
	char	 name[LINUX_NAME];
	dev_t	 rdev;
	dev_t	 on;		/* the block device that it is made of; 0: a
				 * file */
	dev_t	 dev;
	ino_t	 ino;
	bool	 foreign;
	char	*image;		/* or NULL */
};

struct walk {
	host_made_fn	*fn;
	void		*arg;
	struct buf	 mounts;	/* /proc/self/mountinfo */
	struct buf	 seen;		/* dev_t of devices told */
	struct loop	*loops;
	size_t		 nloops;
};

static int	tell_device(struct walk *, struct host_made *,
		    const char *name, struct dd_err *);

/* ---- loop devices, all of them at once */

static bool
ask_loop(struct loop *l)
{
	struct loop_info64 info;
	char path[LINUX_NAME + 8];
	struct stat st;
	bool told;
	int fd;

	(void)snprintf(path, sizeof(path), "/dev/%s", l->name);
	fd = open(path, O_RDONLY | O_NONBLOCK | O_NOCTTY | O_CLOEXEC);
	if (fd == -1)
		return false;
	memset(&info, 0, sizeof(info));
	told = fstat(fd, &st) == 0 && S_ISBLK(st.st_mode) &&
	    st.st_rdev == l->rdev && ioctl(fd, LOOP_GET_STATUS64, &info) == 0;
	(void)close(fd);
	if (told) {
		l->dev = linux_loop_dev(info.lo_device);
		l->ino = (ino_t)info.lo_inode;
		l->on = linux_loop_dev(info.lo_rdevice);
		l->foreign = strcmp((const char *)info.lo_file_name,
		    LINUX_LOOP_OURS) != 0;
	}
	return told;
}

/* Where it can't be asked: the file that has its file's name now. */
static void
stat_image(struct loop *l)
{
	struct stat st;

	if (l->image == NULL || l->image[0] != '/' ||
	    stat(l->image, &st) == -1)
		return;
	l->dev = st.st_dev;
	l->ino = st.st_ino;
	l->on = S_ISBLK(st.st_mode) ? st.st_rdev : 0;
}

/* 1: it is attached. */
static int
read_loop(const char *name, struct loop *l, struct dd_err *e)
{
	struct buf file = BUF_INIT;
	char path[PATH];
	int rc;

	*l = (struct loop){ .rdev = 0 };
	(void)snprintf(l->name, sizeof(l->name), "%s", name);
	(void)snprintf(path, sizeof(path), "/sys/block/%s/dev", name);
	if ((rc = linux_read_dev(path, &l->rdev, e)) != 1)
		return rc;
	(void)snprintf(path, sizeof(path), "/sys/block/%s/loop/backing_file",
	    name);
	rc = linux_read(path, &file, e);
	if (rc == 1 && file.len > 0 && file.p[file.len - 1] == '\n')
		file.p[--file.len] = '\0';
	if (rc == 1 && file.len == 0)
		rc = 0;
	if (rc == 1 && (l->image = buf_steal(&file)) == NULL)
		rc = dd_fail_nomem(e);
	buf_dispose(&file);
	if (rc == 1 && !ask_loop(l))
		stat_image(l);
	return rc;
}

static int
add_loop(struct walk *w, const char *name, struct dd_err *e)
{
	struct loop *v, l;
	int rc = read_loop(name, &l, e);

	if (rc != 1)
		return rc;
	v = realloc(w->loops, (w->nloops + 1) * sizeof(*v));
	if (v == NULL) {
		free(l.image);
		return dd_fail_nomem(e);
	}
	w->loops = v;
	v[w->nloops++] = l;
	return 0;
}

static int
compare(const void *a, const void *b)
{
	const struct loop *x = a, *y = b;

	return x->rdev < y->rdev ? -1 : x->rdev > y->rdev;
}

static int
read_loops(struct walk *w, struct dd_err *e)
{
	DIR *d = opendir("/sys/block");
	struct dirent *de;
	int rc = 0;

	if (d == NULL)
		return errno == ENOENT || errno == ENOTDIR ? 0 :
		    dd_fail_sys(e, errno, "/sys/block");
	while (rc == 0 && (errno = 0, de = readdir(d)) != NULL)
		if (strncmp(de->d_name, "loop", 4) == 0)
			rc = add_loop(w, de->d_name, e);
	if (rc == 0 && errno != 0 && errno != ENOENT)
		rc = dd_fail_sys(e, errno, "/sys/block");
	(void)closedir(d);
	if (w->nloops > 1)
		qsort(w->loops, w->nloops, sizeof(*w->loops), compare);
	return rc;
}

/* ---- what stands upon a device */

static int
tell_mounts(struct walk *w, dev_t dev, struct dd_err *e)
{
	const char *text = w->mounts.p != NULL ? w->mounts.p : "";
	struct proc_mount m;

	while (proc_next_mount(&text, &m)) {
		const struct host_made made = { .kind = HOST_MADE_MOUNT,
		    .rdev = dev, .path = m.point, .readonly = m.read_only,
		    .opens = -1 };

		if (linux_is_mount_of(&m, dev) &&
		    w->fn(w->arg, &made, e) == -1)
			return -1;
	}
	return 0;
}

/* Devices in a folder of another's in /sys: of the device itself its
 * partitions (which have a file `partition`), of its holders all. */
static int
tell_folder(struct walk *w, dev_t under, const char *dir, bool partitions,
    struct dd_err *e)
{
	DIR *d = opendir(dir);
	struct dirent *de;
	int rc = 0;

	if (d == NULL)
		return errno == ENOENT || errno == ENOTDIR ? 0 :
		    dd_fail_sys(e, errno, "%s", dir);
	while (rc == 0 && (errno = 0, de = readdir(d)) != NULL) {
		struct host_made made = { .kind = partitions ?
		    HOST_MADE_PART : HOST_MADE_UPON, .under = under };
		char path[PATH + LINUX_NAME];

		(void)snprintf(path, sizeof(path), "%s/%s/partition", dir,
		    de->d_name);
		if (de->d_name[0] == '.' ||
		    (partitions && access(path, F_OK) == -1))
			continue;
		(void)snprintf(path, sizeof(path), "%s/%s/dev", dir,
		    de->d_name);
		if ((rc = linux_read_dev(path, &made.rdev, e)) == 1)
			rc = tell_device(w, &made, de->d_name, e);
	}
	if (rc == 0 && errno != 0 && errno != ENOENT)
		rc = dd_fail_sys(e, errno, "%s", dir);
	(void)closedir(d);
	return rc;
}

static int
tell_loops_on(struct walk *w, dev_t on, struct dd_err *e)
{
	size_t i;

	for (i = 0; i < w->nloops; i++) {
		const struct loop *l = &w->loops[i];
		struct host_made made = { .kind = on == 0 ?
		    HOST_MADE_OF_FILE : HOST_MADE_UPON, .rdev = l->rdev,
		    .under = on, .dev = l->dev, .ino = l->ino,
		    .foreign = l->foreign, .image = l->image };

		if (l->on != on)
			continue;
		if (on != 0) {
			made.image = NULL;
			made.dev = made.ino = 0;
		}
		if (tell_device(w, &made, l->name, e) == -1)
			return -1;
	}
	return 0;
}

/* 1: seen before; 0: noted now. */
static int
seen_before(struct walk *w, dev_t dev, struct dd_err *e)
{
	size_t at;

	for (at = 0; at < w->seen.len; at += sizeof(dev))
		if (memcmp(w->seen.p + at, &dev, sizeof(dev)) == 0)
			return 1;
	return buf_add(&w->seen, &dev, sizeof(dev)) == -1 ?
	    dd_fail_nomem(e) : 0;
}

static bool
is_readonly(const char *dir)
{
	struct dd_err ignored = DD_ERR_INIT;
	struct buf b = BUF_INIT;
	char path[PATH];
	bool ro;

	(void)snprintf(path, sizeof(path), "%s/ro", dir);
	ro = linux_read(path, &b, &ignored) == 1 && b.p[0] == '1';
	buf_dispose(&b);
	return ro;
}

/* The name of a mapping; "" where it is none. */
static void
mapping_name(const char *dir, char name[LINUX_NAME])
{
	struct dd_err ignored = DD_ERR_INIT;
	struct buf b = BUF_INIT;
	char path[PATH];

	name[0] = '\0';
	(void)snprintf(path, sizeof(path), "%s/dm/name", dir);
	if (linux_read(path, &b, &ignored) == 1)
		(void)snprintf(name, LINUX_NAME, "%.*s",
		    (int)strcspn(b.p, "\n"), b.p);
	buf_dispose(&b);
}

/* Others than root can't ask. */
static int
count_opens(const char *mapping)
{
	struct dd_err ignored = DD_ERR_INIT;
	struct linux_mapping m;

	return linux_dm_find(mapping, &m, &ignored) == 1 ? m.opens : -1;
}

static int
tell_device(struct walk *w, struct host_made *made, const char *name,
    struct dd_err *e)
{
	char dir[64], holders[80], path[LINUX_NAME + 8], mapping[LINUX_NAME];
	int rc = seen_before(w, made->rdev, e);

	if (rc != 0)
		return rc == 1 ? 0 : -1;
	(void)snprintf(dir, sizeof(dir), "/sys/dev/block/%u:%u",
	    host_major(made->rdev), host_minor(made->rdev));
	(void)snprintf(holders, sizeof(holders), "%s/holders", dir);
	(void)snprintf(path, sizeof(path), "/dev/%s", name);
	mapping_name(dir, mapping);
	made->path = path;
	made->name = mapping[0] != '\0' ? mapping : NULL;
	made->readonly = is_readonly(dir);
	made->opens = made->name != NULL ? count_opens(mapping) : -1;
	if (w->fn(w->arg, made, e) == -1 ||
	    tell_mounts(w, made->rdev, e) == -1 ||
	    tell_folder(w, made->rdev, dir, true, e) == -1 ||
	    tell_folder(w, made->rdev, holders, false, e) == -1)
		return -1;
	return tell_loops_on(w, made->rdev, e);
}

int
host_devices(host_made_fn *fn, void *arg, struct dd_err *e)
{
	struct walk w = { .fn = fn, .arg = arg };
	int rc = -1;

	if (linux_read("/proc/self/mountinfo", &w.mounts, e) != -1 &&
	    read_loops(&w, e) == 0)
		rc = tell_loops_on(&w, 0, e);
	while (w.nloops > 0)
		free(w.loops[--w.nloops].image);
	free(w.loops);
	buf_dispose(&w.mounts);
	buf_dispose(&w.seen);
	return rc;
}
#endif
