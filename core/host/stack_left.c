/*
 * Records of stacks: reading them, and taking down what they name; see
 * stack.h.  A thing is touched only while it is what was written down: a
 * device must show that image, a mapping has the name, a mount point is in
 * our own folder.
 */
#include <sys/stat.h>
#include <dirent.h>
#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "core/base/fsutil.h"
#include "core/host/host.h"
#include "core/host/stack_impl.h"

#define RECORD_MAX	65536

const char *stack_dir = "/var/run/drydock";

char *
stack_path(const char *kind, const char *name, struct dd_err *e)
{
	struct buf b = BUF_INIT;
	char *path = NULL;

	if (buf_printf(&b, "%s/%s%s%s", stack_dir, kind,
	    name[0] != '\0' ? "/" : "", name) == 0)
		path = buf_steal(&b);
	if (path == NULL)
		(void)dd_fail_nomem(e);
	buf_dispose(&b);
	return path;
}

int
stack_check_folder(const char *dir, struct dd_err *e)
{
	struct stat st;

	if (lstat(dir, &st) == -1)
		return dd_fail_sys(e, errno, "%s", dir);
	if (S_ISDIR(st.st_mode) && st.st_uid == geteuid() &&
	    (st.st_mode & 077) == 0)
		return 0;
	(void)dd_fail(e, ERR_PERM, "%s: must be a folder of ours, which nobody "
	    "else may enter", dir);
	return dd_hint(e, "look what it is, and move it away");
}

void
stack_left_dispose(struct stack_left *l)
{
	free(l->record);
	free(l->image);
	free(l->mount);
	*l = (struct stack_left){ .pid = 0 };
}

void
stacks_free(struct stack_left *v, size_t n)
{
	while (n > 0)
		stack_left_dispose(&v[--n]);
	free(v);
}

/* ---- reading */

/* "1234-987654-0"; false: not a record's name. */
static bool
parse_name(const char *name, struct stack_left *l)
{
	uint64_t start;
	int end = 0;
	long pid;

	if (sscanf(name, "%ld-%" SCNu64 "-%*u%n", &pid, &start, &end) != 2 ||
	    end == 0 || name[end] != '\0' || pid <= 0)
		return false;
	l->pid = (pid_t)pid;
	l->alive = host_process_alive(l->pid) &&
	    (start == 0 || host_process_start(l->pid) == start);
	return true;
}

/* "1793 /dev/loop3 /dev/loop3"; nothing but "0" before it is made. */
static void
parse_device(const char *s, struct host_device *d)
{
	uint64_t rdev;

	*d = (struct host_device){ .rdev = 0 };
	if (sscanf(s, "%" SCNu64 " %79s %79s", &rdev, d->path, d->raw) == 3)
		d->rdev = (dev_t)rdev;
	else
		d->path[0] = d->raw[0] = '\0';
}

static void
parse_crypt(const char *s, struct stack_left *l)
{
	struct host_device *d = &l->crypt;
	uint64_t rdev;

	*d = (struct host_device){ .rdev = 0 };
	switch (sscanf(s, "%" SCNu64 " %79s %79s %79s", &rdev, l->crypt_name,
	    d->path, d->raw)) {
	case 4:
		d->rdev = (dev_t)rdev;
		break;
	case 2:
	case 3:
		d->path[0] = d->raw[0] = '\0';
		break;
	default:
		l->crypt_name[0] = d->path[0] = d->raw[0] = '\0';
	}
}

static int
replace(char **dst, const char *s, struct dd_err *e)
{
	char *copy = strdup(s);

	if (copy == NULL)
		return dd_fail_nomem(e);
	free(*dst);
	*dst = copy;
	return 0;
}

static int
parse_image(const char *s, struct stack_left *l, struct dd_err *e)
{
	uint64_t dev, ino;
	int at = 0;

	if (sscanf(s, "%" SCNu64 " %" SCNu64 " %n", &dev, &ino, &at) != 2 ||
	    at == 0)
		return 0;
	l->dev = (dev_t)dev;
	l->ino = (ino_t)ino;
	return replace(&l->image, s + at, e);
}

static int
parse_line(const char *line, struct stack_left *l, struct dd_err *e)
{
	if (strncmp(line, "image ", 6) == 0)
		return parse_image(line + 6, l, e);
	if (strncmp(line, "device ", 7) == 0)
		parse_device(line + 7, &l->device);
	else if (strncmp(line, "crypt ", 6) == 0)
		parse_crypt(line + 6, l);
	else if (strncmp(line, "mount ", 6) == 0)
		return replace(&l->mount, line + 6, e);
	return 0;
}

/* 1; 0: it has gone meanwhile; -1. */
static int
read_record(struct stack_left *l, struct dd_err *e)
{
	struct dd_err why = DD_ERR_INIT;
	struct buf b = BUF_INIT;
	char *line, *end;
	int rc = 1;

	if (replace(&l->image, "", e) == -1)
		return -1;
	if (fs_read_regular(l->record, RECORD_MAX, &b, NULL, &why) == -1) {
		rc = why.code == ERR_NOENT ? 0 : dd_fail(e, why.code, "%s",
		    why.msg);
		goto out;
	}
	for (line = b.p; rc == 1 && (end = strchr(line, '\n')) != NULL;
	    line = end + 1) {
		*end = '\0';
		if (parse_line(line, l, e) == -1)
			rc = -1;
	}
out:
	buf_dispose(&b);
	return rc;
}

/* One more at the end of *v, if name is a record's. */
static int
add_record(const char *name, struct stack_left **v, size_t *n,
    struct dd_err *e)
{
	struct stack_left l = { .pid = 0 }, *grown;
	int rc;

	if (!parse_name(name, &l))
		return 0;
	if ((l.record = stack_path(STACK_RECORDS, name, e)) == NULL)
		return -1;
	if ((rc = read_record(&l, e)) == 1) {
		grown = realloc(*v, (*n + 1) * sizeof(**v));
		if (grown != NULL) {
			*v = grown;
			(*v)[(*n)++] = l;
			return 0;
		}
		rc = dd_fail_nomem(e);
	}
	stack_left_dispose(&l);
	return rc;
}

static int
by_record(const void *a, const void *b)
{
	return strcmp(((const struct stack_left *)a)->record,
	    ((const struct stack_left *)b)->record);
}

int
stacks_read(struct stack_left **v, size_t *n, struct dd_err *e)
{
	char *dir = stack_path(STACK_RECORDS, "", e);
	struct stack_left *all = NULL;
	size_t count = 0;
	struct dirent *de;
	int rc = 0;
	DIR *d;

	if (dir == NULL)
		return -1;
	if ((d = opendir(dir)) == NULL && errno != ENOENT)
		rc = dd_fail_sys(e, errno, "%s", dir);
	if (d != NULL)
		rc = stack_check_folder(dir, e);
	while (d != NULL && rc == 0 && (de = readdir(d)) != NULL)
		rc = add_record(de->d_name, &all, &count, e);
	if (d != NULL)
		(void)closedir(d);
	free(dir);
	if (rc == -1) {
		stacks_free(all, count);
		return -1;
	}
	if (count > 0)
		qsort(all, count, sizeof(*all), by_record);
	*v = all;
	*n = count;
	return 0;
}

/* ---- taking down */

static int
take_mount(const struct host_kernel *k, const struct stack_left *l,
    struct dd_err *e)
{
	char *ours;
	int rc = -1;

	if (l->mount == NULL)
		return 0;
	if ((ours = stack_path(STACK_MOUNTS, "", e)) == NULL)
		return -1;
	if (strncmp(l->mount, ours, strlen(ours)) != 0 ||
	    l->mount[strlen(ours)] != '/' || strstr(l->mount, "/..") != NULL)
		(void)dd_fail(e, ERR_FORMAT, "%s: names a mount point that is "
		    "not ours: %s", l->record, l->mount);
	else if (k->unmount(l->mount, e) == 0) {
		if (rmdir(l->mount) == 0 || errno == ENOENT)
			rc = 0;
		else
			(void)dd_fail_sys(e, errno, "%s", l->mount);
	}
	free(ours);
	return rc;
}

/* One without a path may have been made, or not: by its name, or where they have
 * none as what lies on the device, while that is ours. */
static int
take_crypt(const struct host_kernel *k, const struct stack_left *l,
    struct dd_err *e)
{
	struct host_device d = l->crypt;
	int rc = 1;

	if (l->crypt_name[0] == '\0')
		return 0;
	if (d.path[0] != '\0')
		rc = k->shows(&d, l->dev, l->ino, e);
	else if (l->device.path[0] != '\0') {
		rc = k->shows(&l->device, l->dev, l->ino, e);
		d.rdev = rc == 1 ? l->device.rdev : 0;
	}
	return rc == -1 || (rc == 0 && d.path[0] != '\0') ? rc :
	    k->undecrypt(&d, l->crypt_name, e);
}

static int
take_device(const struct host_kernel *k, const struct stack_left *l,
    struct dd_err *e)
{
	int rc;

	if (l->device.path[0] == '\0')
		return 0;
	rc = k->shows(&l->device, l->dev, l->ino, e);
	return rc == 1 ? k->detach(&l->device, e) : rc;
}

int
stack_take_down(const struct host_kernel *k, const struct stack_left *l,
    struct dd_err *e)
{
	if (take_mount(k, l, e) == -1 || take_crypt(k, l, e) == -1 ||
	    take_device(k, l, e) == -1)
		return -1;
	return unlink(l->record) == 0 || errno == ENOENT ? 0 :
	    dd_fail_sys(e, errno, "%s", l->record);
}

int
stack_clean(const struct host_kernel *k, const struct stack_left *l,
    struct dd_err *e)
{
	if (l->alive)
		return dd_fail(e, ERR_HELD, "%s: process %ld is at work on it",
		    l->image, (long)l->pid);
	return stack_take_down(k, l, e);
}
