/* What is kept while the system is up, and keys; see programs_impl.h. */
#include <sys/stat.h>
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "core/base/fsutil.h"
#include "core/base/spawn.h"
#include "core/host/programs_impl.h"

#define KEY_NAMES	"drydock:"	/* begin so */

struct host_crypt_places host_crypt_places = {
	.dev = "/dev", .run = "/var/run/drydock"
};

int
programs_path(const char *name, char path[PROGRAMS_PATH], struct dd_err *e)
{
	const char *run_dir = host_crypt_places.run;
	struct stat st;

	(void)snprintf(path, PROGRAMS_PATH, "%s/%s", run_dir, name);
	if (mkdir(run_dir, 0700) == -1 && errno != EEXIST)
		return dd_fail_sys(e, errno, "%s", run_dir);
	if (lstat(run_dir, &st) == -1 || !S_ISDIR(st.st_mode) ||
	    st.st_uid != geteuid() || (st.st_mode & 077) != 0)
		return dd_fail(e, ERR_PERM, "%s: is not a folder that only "
		    "its owner may enter", run_dir);
	return 0;
}

static bool
is_old(const struct stat *st)
{
	return time(NULL) - st->st_mtime > HOST_KEY_SECONDS;
}

/* Keys that nobody took for so long, and what is left of one that was being
 * put by a process that ended: its name has a suffix. */
static void
sweep(void)
{
	DIR *d = opendir(host_crypt_places.run);
	struct dirent *de;
	struct stat st;

	if (d == NULL)
		return;
	while ((de = readdir(d)) != NULL)
		if (strncmp(de->d_name, KEY_NAMES, strlen(KEY_NAMES)) == 0 &&
		    fstatat(dirfd(d), de->d_name, &st,
		    AT_SYMLINK_NOFOLLOW) == 0 && is_old(&st) &&
		    ((st.st_mode & 0200) == 0 ||
		    strchr(de->d_name, '.') != NULL))
			(void)unlinkat(dirfd(d), de->d_name, 0);
	(void)closedir(d);
}

static struct secret ours;

/* The file of a key for one start can't be written to: so it is told. */
int
programs_key_put(const char *key, const struct secret *s,
    enum host_key_life life, struct dd_err *e)
{
	char path[PROGRAMS_PATH];

	if (life == HOST_KEY_OURS) {
		secret_free(&ours);
		if (secret_alloc(&ours, s->len, e) == -1)
			return -1;
		memcpy(ours.p, s->p, s->len);
		return 0;
	}
	if (programs_path(key, path, e) == -1)
		return -1;
	if (!host_is_memory(host_crypt_places.run)) {
		(void)dd_fail(e, ERR_UNSUP, "%s: is on a disk, which is no "
		    "place for a key", host_crypt_places.run);
		return dd_hint(e, "mount a tmpfs there");
	}
	sweep();
	return fs_replace_file(path, s->p, s->len,
	    life == HOST_KEY_ONCE ? 0400 : 0600, e);
}

/* One that nobody took for so long goes. */
bool
programs_key_there(const char *key)
{
	struct dd_err ignored = DD_ERR_INIT;
	char path[PROGRAMS_PATH];
	struct stat st;

	if (programs_path(key, path, &ignored) == -1 || stat(path, &st) == -1)
		return false;
	if ((st.st_mode & 0200) != 0 || !is_old(&st))
		return true;
	(void)unlink(path);
	return false;
}

void
programs_key_drop(const char *key)
{
	struct dd_err ignored = DD_ERR_INIT;
	char path[PROGRAMS_PATH];

	secret_free(&ours);
	if (programs_path(key, path, &ignored) == -1)
		return;
	(void)unlink(path);
	sweep();
}

int
programs_key_drop_all(const char *prefix, struct dd_err *e)
{
	char path[PROGRAMS_PATH];
	struct dirent *de;
	DIR *d;

	/* also makes the folder */
	if (programs_path("", path, e) == -1)
		return -1;
	if ((d = opendir(path)) == NULL)
		return dd_fail_sys(e, errno, "%s", path);
	while ((de = readdir(d)) != NULL)
		if (strncmp(de->d_name, prefix, strlen(prefix)) == 0)
			(void)unlinkat(dirfd(d), de->d_name, 0);
	(void)closedir(d);
	return 0;
}

int
programs_key_read(const char *key, struct secret *s, struct dd_err *e)
{
	char path[PROGRAMS_PATH];
	FILE *f;
	int rc;

	if (ours.p != NULL) {
		if (secret_alloc(s, ours.len, e) == -1)
			return -1;
		memcpy(s->p, ours.p, ours.len);
		return 0;
	}
	if (programs_path(key, path, e) == -1)
		return -1;
	if ((f = fopen(path, "r")) == NULL)
		return dd_fail_sys(e, errno, "%s", path);
	rc = secret_read_fd(fileno(f), SPAWN_FEED_MAX, path, s, e);
	(void)fclose(f);
	return rc;
}
