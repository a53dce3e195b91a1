/* Looking for the state of a re-encryption, and at it; see rekey_state.h. */
#include <sys/file.h>
#include <sys/stat.h>
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "core/base/fsutil.h"
#include "core/disk/journal.h"
#include "core/disk/rekey_format.h"

int
rekey_path(const char *image, ino_t ino, char **path, struct dd_err *e)
{
	return journal_beside(image, ino, "rekey", path, e);
}

static int
damaged(const char *path, struct dd_err *e)
{
	(void)dd_fail(e, ERR_CORRUPT, "%s: is damaged: an image was being "
	    "re-encrypted, and which part of it is under which key was "
	    "written there", path);
	return dd_hint(e, "restore the file, or the image, from a backup; "
	    "then remove the file");
}

static int
read_header(int fd, const char *path, const struct stat *image,
    const struct stat *st, struct rekey_state *s, struct dd_err *e)
{
	uint8_t *raw = malloc(REKEY_HEADER);
	bool sound;
	int rc = -1;

	if (raw == NULL)
		return dd_fail_nomem(e);
	if ((uint64_t)st->st_size < REKEY_HEADER)
		(void)damaged(path, e);
	else if (fs_pread(fd, raw, REKEY_HEADER, 0, path, e) == 0) {
		sound = rekey_decode(raw, s) &&
		    s->ino == (uint64_t)image->st_ino &&
		    (uint64_t)st->st_size == rekey_file_size(s);
		rc = sound ? 0 : damaged(path, e);
	}
	free(raw);
	return rc;
}

static int
open_state(const char *path, const struct stat *image, bool write,
    struct rekey_state *s, int *out, struct dd_err *e)
{
	struct stat st;
	int fd;

	fd = open(path, (write ? O_RDWR : O_RDONLY) | O_NOFOLLOW |
	    O_NONBLOCK | O_CLOEXEC);
	if (fd == -1)
		return errno == ENOENT ? 0 : dd_fail_sys(e, errno, "%s",
		    path);
	if (fstat(fd, &st) == -1)
		(void)dd_fail_sys(e, errno, "%s", path);
	else if (st.st_size == 0) {
		(void)close(fd);
		return 0;
	} else if (journal_check_owner(path, &st, image->st_uid, e) == 0 &&
	    read_header(fd, path, image, &st, s, e) == 0) {
		*out = fd;
		return 1;
	}
	(void)close(fd);
	return -1;
}

int
rekey_open(const char *image, bool write, struct rekey_state *s, int *fd,
    char **out, struct dd_err *e)
{
	struct stat st;
	char *path;
	int rc;

	if (stat(image, &st) == -1)
		return dd_fail_sys(e, errno, "%s", image);
	if (!S_ISREG(st.st_mode))
		return 0;
	if (rekey_path(image, st.st_ino, &path, e) == -1)
		return -1;
	rc = open_state(path, &st, write, s, fd, e);
	if (rc == 1)
		*out = path;
	else
		free(path);
	return rc;
}

/* By the slots' own checksums: their data is not read. */
static int
find_done(int fd, const char *path, struct rekey_state *s, struct dd_err *e)
{
	uint8_t raw[REKEY_SLOT];
	struct rekey_slot slot;
	uint64_t i;

	for (i = 1; i <= REKEY_SLOTS; i++) {
		if (fs_pread(fd, raw, REKEY_SLOT, rekey_slot_at(s, i), path,
		    e) == -1)
			return -1;
		if (rekey_slot_decode(s, raw, &slot) == REKEY_SLOT_WHOLE &&
		    slot.off + slot.len > s->done)
			s->done = slot.off + slot.len;
	}
	return 0;
}

int
rekey_read(const char *image, struct rekey_state *s, struct dd_err *e)
{
	char *path = NULL;
	int fd, rc;

	if ((rc = rekey_open(image, false, s, &fd, &path, e)) != 1)
		return rc;
	if (find_done(fd, path, s, e) == -1)
		rc = -1;
	(void)close(fd);
	free(path);
	return rc;
}

unsigned
rekey_percent(const struct rekey_state *s)
{
	double percent = (double)s->done * 100 / (double)s->len;

	return s->done >= s->len ? 100 : percent < 99 ? (unsigned)percent : 99;
}

static int
say(const char *image, const struct rekey_state *s, struct dd_err *e)
{
	unsigned percent = rekey_percent(s);

	if (s->to.algorithm[0] == '\0')
		(void)dd_fail(e, ERR_HELD, "%s: is being decrypted: %u%% is "
		    "plain", image, percent);
	else
		(void)dd_fail(e, ERR_HELD, "%s: is being %sencrypted: %u%% "
		    "is under the new key", image,
		    s->from.algorithm[0] == '\0' ? "" : "re-", percent);
	return dd_hint(e, "drydock rekey --resume %s goes on", image);
}

int
rekey_refuse(const char *image, ino_t ino, struct dd_err *e)
{
	struct rekey_state *s;
	struct stat st;
	char *path;
	bool there;
	int rc;

	if (rekey_path(image, ino, &path, e) == -1)
		return -1;
	there = lstat(path, &st) == 0;
	free(path);
	if (!there)
		return 0;
	if ((s = malloc(sizeof(*s))) == NULL)
		return dd_fail_nomem(e);
	if ((rc = rekey_read(image, s, e)) == 1)
		rc = say(image, s, e);
	else if (rc == -1 && e->sys == EACCES) {
		dd_err_clear(e);
		(void)dd_fail(e, ERR_HELD, "%s: is being re-encrypted",
		    image);
		(void)dd_hint(e, "who began that, or root, can go on");
	}
	free(s);
	return rc;
}

int
rekey_refuse_at(const char *image, struct dd_err *e)
{
	struct stat st;

	if (stat(image, &st) == -1 || !S_ISREG(st.st_mode))
		return 0;
	return rekey_refuse(image, st.st_ino, e);
}

int
rekey_at_work(const char *image, bool *yes, struct dd_err *e)
{
	int fd = open(image, O_RDONLY | O_NONBLOCK | O_CLOEXEC);
	int rc = 0;

	if (fd == -1)
		return dd_fail_sys(e, errno, "%s", image);
	*yes = flock(fd, LOCK_SH | LOCK_NB) == -1;
	if (*yes && errno != EWOULDBLOCK)
		rc = dd_fail_sys(e, errno, "%s: flock", image);
	(void)close(fd);
	return rc;
}

/* -- what was left ------------------------------------------------------- */

static bool
is_state_name(const char *name)
{
	size_t n = strlen(name);

	return n > 15 && strncmp(name, ".drydock-", 9) == 0 &&
	    strcmp(name + n - 6, ".rekey") == 0;
}

/* Was it begun for that image, as another file?  What can't be read is not. */
static bool
is_stale(const char *path, const char *image, uint64_t ino)
{
	uint8_t *raw = malloc(REKEY_HEADER);
	struct rekey_state *s = malloc(sizeof(*s));
	struct dd_err ignored = DD_ERR_INIT;
	int fd = open(path, O_RDONLY | O_NOFOLLOW | O_NONBLOCK | O_CLOEXEC);
	bool stale;

	stale = raw != NULL && s != NULL && fd != -1 &&
	    fs_pread(fd, raw, REKEY_HEADER, 0, path, &ignored) == 0 &&
	    rekey_decode(raw, s) && s->ino != ino &&
	    strcmp(s->image, image) == 0;
	if (fd != -1)
		(void)close(fd);
	free(raw);
	free(s);
	return stale;
}

int
rekey_stale(const char *image, char **out, struct dd_err *e)
{
	char *whole = fs_absolute(image, e), *dir = NULL, *path;
	struct dirent *de;
	struct stat st;
	DIR *d = NULL;
	int rc = -1;

	*out = NULL;
	if (whole == NULL)
		return -1;
	if ((dir = fs_parent(whole)) == NULL) {
		(void)dd_fail_nomem(e);
		goto out;
	}
	if (stat(whole, &st) == -1)
		st.st_ino = 0;
	if ((d = opendir(dir)) == NULL) {
		(void)dd_fail_sys(e, errno, "%s", dir);
		goto out;
	}
	while (*out == NULL && (de = readdir(d)) != NULL) {
		if (!is_state_name(de->d_name))
			continue;
		if ((path = fs_join(dir, de->d_name)) == NULL) {
			(void)dd_fail_nomem(e);
			goto out;
		}
		if (is_stale(path, whole, (uint64_t)st.st_ino))
			*out = path;
		else
			free(path);
	}
	rc = 0;
out:
	if (d != NULL)
		(void)closedir(d);
	free(dir);
	free(whole);
	return rc;
}
