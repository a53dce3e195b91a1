/*
 * Who has locked a file, or has it open for writing: /proc/locks names the
 * process, but for locks that belong to an open file description.  And it names
 * the file by its file system's device, which isn't what stat(2) tells on btrfs
 * or an overlay.  In both cases, and for who writes, the open files of processes
 * are looked at.
 */
#ifdef __linux__
#include <sys/stat.h>
#include <dirent.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "core/base/vis.h"
#include "core/host/linux_impl.h"
#include "core/host/linux_parse.h"

struct locks {
	dev_t	dev;
	ino_t	ino;
	host_holder_fn *fn;
	void	*arg;
	struct buf seen;	/* processes that were reported, pid_t */
	bool	by_description;	/* there are such locks */
};

static bool
is_reported(const struct locks *l, pid_t pid)
{
	size_t at;

	for (at = 0; at < l->seen.len; at += sizeof(pid))
		if (memcmp(l->seen.p + at, &pid, sizeof(pid)) == 0)
			return true;
	return false;
}

/* " (name)", escaped; "" where it can't be told. */
static void
process_name(pid_t pid, char *dst, size_t cap)
{
	struct dd_err ignored = DD_ERR_INIT;
	struct buf b = BUF_INIT;
	char path[64], shown[128];

	dst[0] = '\0';
	(void)snprintf(path, sizeof(path), "/proc/%ld/comm", (long)pid);
	if (linux_read(path, &b, &ignored) == 1 && b.len > 1) {
		b.p[b.len - 1] = '\0';
		vis_str(shown, sizeof(shown), b.p);
		(void)snprintf(dst, cap, " (%s)", shown);
	}
	buf_dispose(&b);
}

/* pid 0: can't be told. */
static int
report(struct locks *l, enum host_holding kind, pid_t pid, struct dd_err *e)
{
	struct host_holder h = {
		.kind = kind, .writable = true, .pid = pid
	};
	char name[160];

	if (is_reported(l, pid))
		return 0;
	if (buf_add(&l->seen, &pid, sizeof(pid)) == -1)
		return dd_fail_nomem(e);
	if (pid == 0)
		(void)snprintf(h.text, sizeof(h.text),
		    "locked by a process that can't be told");
	else {
		process_name(pid, name, sizeof(name));
		(void)snprintf(h.text, sizeof(h.text), "%s process %ld%s",
		    kind == HOST_OPEN ? "open for writing in" : "locked by",
		    (long)pid, name);
	}
	return l->fn(l->arg, &h, e);
}

/* Has that open file a lock that belongs to its description? */
static bool
has_own_lock(pid_t pid, const char *fd)
{
	struct dd_err ignored = DD_ERR_INIT;
	struct buf b = BUF_INIT;
	struct proc_lock lock;
	char path[320];
	const char *text;
	bool has = false;

	(void)snprintf(path, sizeof(path), "/proc/%ld/fdinfo/%s", (long)pid,
	    fd);
	if (linux_read(path, &b, &ignored) == 1)
		for (text = b.p; !has && proc_next_lock(&text, &lock);)
			has = lock.pid == -1;
	buf_dispose(&b);
	return has;
}

/* Is that open file one that may be written to?  "flags:	0100002", octal. */
static bool
is_for_writing(pid_t pid, const char *fd)
{
	static const char word[] = "\nflags:";
	struct dd_err ignored = DD_ERR_INIT;
	struct buf b = BUF_INIT;
	const char *at;
	char path[320];
	bool is = false;

	(void)snprintf(path, sizeof(path), "/proc/%ld/fdinfo/%s", (long)pid,
	    fd);
	if (linux_read(path, &b, &ignored) == 1 && b.p != NULL &&
	    (at = strstr(b.p, word)) != NULL)
		is = (strtoul(at + sizeof(word) - 1, NULL, 8) & O_ACCMODE) !=
		    O_RDONLY;
	buf_dispose(&b);
	return is;
}

/* Without asking the server of a network file system, which may be dead. */
static bool
is_open_as(const struct locks *l, pid_t pid, const char *fd)
{
	struct statx st;
	char path[320];

	(void)snprintf(path, sizeof(path), "/proc/%ld/fd/%s", (long)pid, fd);
	return statx(AT_FDCWD, path, AT_STATX_DONT_SYNC, STATX_INO, &st) == 0 &&
	    host_makedev(st.stx_dev_major, st.stx_dev_minor) == l->dev &&
	    st.stx_ino == l->ino;
}

/* Has the process the file open, as far as we may see, by a descriptor of that
 * sort (NULL: any)? */
static bool
has_open(const struct locks *l, pid_t pid,
    bool (*sort)(pid_t, const char *fd))
{
	struct dirent *de;
	char dir[64];
	bool has = false;
	DIR *d;

	(void)snprintf(dir, sizeof(dir), "/proc/%ld/fd", (long)pid);
	if ((d = opendir(dir)) == NULL)
		return false;
	while (!has && (de = readdir(d)) != NULL)
		has = de->d_name[0] != '.' && is_open_as(l, pid, de->d_name) &&
		    (sort == NULL || sort(pid, de->d_name));
	(void)closedir(d);
	return has;
}

/* Every process that has a descriptor of that sort; *found: there was one,
 * perhaps ourselves. */
static int
report_having(struct locks *l, enum host_holding kind,
    bool (*sort)(pid_t, const char *fd), bool *found, struct dd_err *e)
{
	DIR *d = opendir("/proc");
	struct dirent *de;
	int rc = 0;

	*found = false;
	if (d == NULL)
		return 0;
	while (rc == 0 && (de = readdir(d)) != NULL) {
		pid_t pid = (pid_t)strtol(de->d_name, NULL, 10);

		if (pid <= 0 || !has_open(l, pid, sort))
			continue;
		*found = true;
		if (pid != getpid())
			rc = report(l, kind, pid, e);
	}
	(void)closedir(d);
	return rc;
}

/* Is it a lock on the file?  Where both device numbers are made up (major 0)
 * and differ, only the open files of its process tell. */
static bool
is_of_file(const struct locks *l, const struct proc_lock *lock, bool *sure)
{
	if (lock->waiting || lock->ino != l->ino)
		return false;
	*sure = host_makedev(lock->major, lock->minor) == l->dev;
	return *sure || (lock->major == 0 && host_major(l->dev) == 0);
}

static int
look_at_lock(struct locks *l, const struct proc_lock *lock, bool *unseen,
    struct dd_err *e)
{
	bool sure;

	if (!is_of_file(l, lock, &sure) || lock->pid == getpid())
		return 0;
	if (lock->pid <= 0) {
		l->by_description = true;
		*unseen |= sure;
		return 0;
	}
	if (!sure && !has_open(l, lock->pid, NULL))
		return 0;
	return report(l, HOST_LOCK, lock->pid, e);
}

int
host_lock_holders(dev_t dev, ino_t ino, host_holder_fn *fn, void *arg,
    struct dd_err *e)
{
	struct locks l = { .dev = dev, .ino = ino, .fn = fn, .arg = arg };
	struct buf b = BUF_INIT;
	struct proc_lock lock;
	const char *text;
	bool found, unseen = false;
	int rc;

	if ((rc = linux_read("/proc/locks", &b, e)) != 1)
		goto out;
	rc = 0;
	for (text = b.p; rc == 0 && proc_next_lock(&text, &lock);)
		rc = look_at_lock(&l, &lock, &unseen, e);
	if (rc == 0 && l.by_description) {
		rc = report_having(&l, HOST_LOCK, has_own_lock, &found, e);
		if (rc == 0 && !found && unseen)
			rc = report(&l, HOST_LOCK, 0, e);
	}
out:
	buf_dispose(&l.seen);
	buf_dispose(&b);
	return rc;
}

int
linux_writers(dev_t dev, ino_t ino, host_holder_fn *fn, void *arg,
    struct dd_err *e)
{
	struct locks l = { .dev = dev, .ino = ino, .fn = fn, .arg = arg };
	bool found;
	int rc = report_having(&l, HOST_OPEN, is_for_writing, &found, e);

	buf_dispose(&l.seen);
	return rc;
}
#endif
