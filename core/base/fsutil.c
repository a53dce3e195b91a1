/* Files of the host; see fsutil.h. */
#include <sys/stat.h>
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "core/base/fsutil.h"

int
fs_pread(int fd, void *p, size_t len, uint64_t off, const char *name,
    struct dd_err *e)
{
	char *at = p;
	ssize_t n;

	while (len > 0) {
		n = pread(fd, at, len, (off_t)off);
		if (n == -1 && errno == EINTR)
			continue;
		if (n == -1)
			return dd_fail_sys(e, errno, "%s: read", name);
		if (n == 0)
			return dd_fail(e, ERR_CORRUPT,
			    "%s: ends at byte %llu, more was expected", name,
			    (unsigned long long)off);
		at += n;
		off += (uint64_t)n;
		len -= (size_t)n;
	}
	return 0;
}

int
fs_pwrite(int fd, const void *p, size_t len, uint64_t off, const char *name,
    struct dd_err *e)
{
	const char *at = p;
	ssize_t n;

	while (len > 0) {
		n = pwrite(fd, at, len, (off_t)off);
		if (n == -1 && errno == EINTR)
			continue;
		if (n == -1)
			return dd_fail_sys(e, errno, "%s: write", name);
		at += n;
		off += (uint64_t)n;
		len -= (size_t)n;
	}
	return 0;
}

/* The rest of fd, of at most max bytes, appended to b. */
static int
read_all(int fd, const char *path, size_t max, struct buf *b,
    struct dd_err *e)
{
	size_t start = b->len;
	ssize_t n;
	char *p;

	for (;;) {
		if ((p = buf_room(b, 65536)) == NULL)
			return dd_fail_nomem(e);
		n = read(fd, p, 65536);
		if (n == -1 && errno == EINTR)
			continue;
		if (n == -1)
			return dd_fail_sys(e, errno, "%s", path);
		if (n == 0)
			break;
		b->len += (size_t)n;
		if (b->len - start > max)
			return dd_fail(e, ERR_FORMAT,
			    "%s: larger than %zu bytes", path, max);
	}
	b->p[b->len] = '\0';
	return 0;
}

int
fs_read_file(const char *path, size_t max, struct buf *b, struct dd_err *e)
{
	int fd, rc;

	if ((fd = open(path, O_RDONLY | O_CLOEXEC)) == -1)
		return dd_fail_sys(e, errno, "%s", path);
	rc = read_all(fd, path, max, b, e);
	(void)close(fd);
	return rc;
}

int
fs_read_regular(const char *path, size_t max, struct buf *b,
    struct stat *stp, struct dd_err *e)
{
	struct stat st;
	int fd, rc = -1;

	/* non-blocking: a fifo without a writer would hold us up */
	fd = open(path, O_RDONLY | O_NONBLOCK | O_NOCTTY | O_CLOEXEC);
	if (fd == -1)
		return dd_fail_sys(e, errno, "%s", path);
	if (fstat(fd, &st) == -1) {
		(void)dd_fail_sys(e, errno, "%s", path);
		goto out;
	}
	if (!S_ISREG(st.st_mode)) {
		(void)dd_fail(e, ERR_TYPE, "%s: not a regular file", path);
		goto out;
	}
	if (read_all(fd, path, max, b, e) == -1)
		goto out;
	if (stp != NULL)
		*stp = st;
	rc = 0;
out:
	(void)close(fd);
	return rc;
}

char *
fs_parent(const char *path)
{
	const char *slash = strrchr(path, '/');

	if (slash == NULL)
		return strdup(".");
	if (slash == path)
		return strdup("/");
	return strndup(path, (size_t)(slash - path));
}

int
fs_sync_parent(const char *path, struct dd_err *e)
{
	char *dir = fs_parent(path);
	int fd = -1, rc = -1;

	if (dir == NULL)
		return dd_fail_nomem(e);
	if ((fd = open(dir, O_RDONLY | O_DIRECTORY | O_CLOEXEC)) == -1 ||
	    fsync(fd) == -1) {
		(void)dd_fail_sys(e, errno, "%s", dir);
		goto out;
	}
	rc = 0;
out:
	if (fd != -1)
		(void)close(fd);
	free(dir);
	return rc;
}

/* A temporary file beside path, with that content.  Its descriptor, or -1. */
static int
write_temp(const char *path, const void *data, size_t len, char tmp[PATH_MAX],
    struct dd_err *e)
{
	int fd, n;

	n = snprintf(tmp, PATH_MAX, "%s.XXXXXX", path);
	if (n < 0 || n >= PATH_MAX)
		return dd_fail_sys(e, ENAMETOOLONG, "%s", path);
	if ((fd = mkstemp(tmp)) == -1)
		return dd_fail_sys(e, errno, "%s", tmp);
	if (fs_pwrite(fd, data, len, 0, tmp, e) == -1) {
		(void)close(fd);
		(void)unlink(tmp);
		return -1;
	}
	return fd;
}

/* owner: NULL, or whose the file shall be. */
static int
replace(const char *path, const void *data, size_t len, mode_t mode,
    const struct stat *owner, struct dd_err *e)
{
	char tmp[PATH_MAX];
	int fd, rc = -1;

	if ((fd = write_temp(path, data, len, tmp, e)) == -1)
		return -1;
	if ((owner != NULL &&
	    fchown(fd, owner->st_uid, owner->st_gid) == -1) ||
	    fchmod(fd, mode) == -1 || fsync(fd) == -1) {
		(void)dd_fail_sys(e, errno, "%s", tmp);
		goto out;
	}
	if (rename(tmp, path) == -1) {
		(void)dd_fail_sys(e, errno, "%s", path);
		goto out;
	}
	rc = fs_sync_parent(path, e);
out:
	(void)close(fd);
	if (rc == -1)
		(void)unlink(tmp);
	return rc;
}

int
fs_publish(int fd, const char *tmp, const char *path, mode_t mode,
    struct dd_err *e)
{
	if (fchmod(fd, mode) == -1 || fsync(fd) == -1)
		return dd_fail_sys(e, errno, "%s", tmp);
	if (link(tmp, path) == -1)
		return dd_fail_sys(e, errno, "%s", path);
	if (fs_sync_parent(path, e) == -1) {
		(void)unlink(path);
		return -1;
	}
	(void)unlink(tmp);
	return 0;
}

int
fs_create_file(const char *path, const void *data, size_t len, mode_t mode,
    struct dd_err *e)
{
	char tmp[PATH_MAX];
	int fd, rc;

	if ((fd = write_temp(path, data, len, tmp, e)) == -1)
		return -1;
	rc = fs_publish(fd, tmp, path, mode, e);
	(void)close(fd);
	if (rc == -1)
		(void)unlink(tmp);
	return rc;
}

mode_t
fs_new_mode(void)
{
	mode_t mask = umask(022);

	(void)umask(mask);
	return 0666 & ~mask;
}

int
fs_replace_file(const char *path, const void *data, size_t len, mode_t mode,
    struct dd_err *e)
{
	return replace(path, data, len, mode, NULL, e);
}

int
fs_update_file(const char *path, const struct buf *was,
    const struct buf *now, struct dd_err *e)
{
	struct buf is = BUF_INIT;
	char *real = NULL;
	struct stat st;
	int rc = -1;

	if ((real = realpath(path, NULL)) == NULL) {
		(void)dd_fail_sys(e, errno, "%s", path);
		goto out;
	}
	if (fs_read_regular(real, SIZE_MAX, &is, &st, e) == -1)
		goto out;
	if (is.len != was->len || (is.len > 0 &&
	    memcmp(is.p, was->p, is.len) != 0)) {
		(void)dd_fail(e, ERR_PLAN, "%s: was changed meanwhile", path);
		(void)dd_hint(e, "look at it, then repeat the command");
		goto out;
	}
	rc = replace(real, now->p, now->len, st.st_mode & 07777, &st, e);
out:
	free(real);
	buf_dispose(&is);
	return rc;
}

char *
fs_absolute(const char *path, struct dd_err *e)
{
	char *copy = strdup(path), *dir = NULL, *real = NULL, *out = NULL;
	const char *name;
	size_t n;

	if (copy == NULL) {
		(void)dd_fail_nomem(e);
		return NULL;
	}
	for (n = strlen(copy); n > 1 && copy[n - 1] == '/'; n--)
		copy[n - 1] = '\0';
	name = strrchr(copy, '/') != NULL ? strrchr(copy, '/') + 1 : copy;
	if (name[0] == '\0' || strcmp(name, ".") == 0 ||
	    strcmp(name, "..") == 0) {
		if ((out = realpath(path, NULL)) == NULL)
			(void)dd_fail_sys(e, errno, "%s", path);
	} else if ((dir = fs_parent(copy)) == NULL)
		(void)dd_fail_nomem(e);
	else if ((real = realpath(dir, NULL)) == NULL)
		(void)dd_fail_sys(e, errno, "%s", dir);
	else if ((out = fs_join(real, name)) == NULL)
		(void)dd_fail_nomem(e);
	free(copy);
	free(dir);
	free(real);
	return out;
}

int
fs_mkdirs(const char *path, mode_t mode, struct dd_err *e)
{
	char *copy = strdup(path), *p;
	int rc = -1;

	if (copy == NULL)
		return dd_fail_nomem(e);
	for (p = copy + 1; *p != '\0'; p++) {
		if (*p != '/')
			continue;
		*p = '\0';
		if (mkdir(copy, 0755) == -1 && errno != EEXIST) {
			(void)dd_fail_sys(e, errno, "%s", copy);
			goto out;
		}
		*p = '/';
	}
	if (mkdir(copy, mode) == -1 && errno != EEXIST) {
		(void)dd_fail_sys(e, errno, "%s", copy);
		goto out;
	}
	rc = 0;
out:
	free(copy);
	return rc;
}

char *
fs_join(const char *a, const char *b)
{
	struct buf path = BUF_INIT;
	size_t n = strlen(a);

	if (b[0] == '/')
		return strdup(b);
	(void)buf_printf(&path, "%s%s%s", a, n > 0 && a[n - 1] == '/' ?
	    "" : "/", b);
	return buf_steal(&path);
}
