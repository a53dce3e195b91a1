/*
 * A folder of the test's own, removed at its end, and files in it.
 */
#ifndef DD_TESTS_SCRATCH_H
#define DD_TESTS_SCRATCH_H

#include <sys/stat.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

static char scratch_dir[512];

static inline void
scratch_remove(void)
{
	char cmd[600];

	(void)snprintf(cmd, sizeof(cmd), "rm -rf '%s'", scratch_dir);
	if (system(cmd) != 0)
		printf("# %s: left behind\n", scratch_dir);
}

/* The path of a file in the folder; the last eight stay valid. */
static inline const char *
scratch(const char *name)
{
	static char paths[8][600];
	static unsigned next;
	char *path = paths[next++ % 8];
	const char *tmp = getenv("TMPDIR");

	if (scratch_dir[0] == '\0') {
		(void)snprintf(scratch_dir, sizeof(scratch_dir),
		    "%s/drydock-test.XXXXXX", tmp != NULL ? tmp : "/tmp");
		if (mkdtemp(scratch_dir) == NULL) {
			perror(scratch_dir);
			exit(1);
		}
		(void)atexit(scratch_remove);
	}
	(void)snprintf(path, sizeof(paths[0]), "%s/%s", scratch_dir, name);
	return path;
}

/* A file of that size, zeros, with data at off. */
static inline const char *
scratch_file(const char *name, off_t size, const void *data, size_t len,
    off_t off)
{
	const char *path = scratch(name);
	int fd = open(path, O_RDWR | O_CREAT | O_TRUNC, 0644);

	if (fd == -1 || ftruncate(fd, size) == -1 ||
	    pwrite(fd, data, len, off) != (ssize_t)len) {
		perror(path);
		exit(1);
	}
	(void)close(fd);
	return path;
}

/* tests/vectors/NAME.zst, unpacked. */
static inline const char *
scratch_vector(const char *name)
{
	const char *slash = strrchr(name, '/');
	const char *path = scratch(slash == NULL ? name : slash + 1);
	char cmd[1400];

	(void)snprintf(cmd, sizeof(cmd),
	    "zstd -qdfc 'tests/vectors/%s.zst' >'%s'", name, path);
	if (system(cmd) != 0) {
		printf("# %s: cannot unpack\n", name);
		exit(1);
	}
	return path;
}

#endif
