/*
 * Which NetBSD is a kernel of?  Its version string says so, "NetBSD 9.3
 * (XEN3_DOMU) #0: ...", somewhere in its data.
 */
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <archive.h>
#include <archive_entry.h>

#include "core/recipe/kernel.h"

#define CHUNK		((size_t)256 * 1024)
#define OVERLAP		((size_t)128)	/* a version string is shorter */
#define KERNEL_MAX	(128ULL << 20)

/* "NetBSD 9.3 (" with a digit behind the name, and not in the middle of a
 * format. */
static bool
parse(const char *p, size_t len, struct release *r)
{
	size_t i;

	if (release_parse(p, len, r) == -1)
		return false;
	for (i = 7; i < len && p[i] != ' '; i++)
		if (p[i] < '!' || p[i] > '~')
			return false;
	return i + 1 < len && p[i + 1] == '(';
}

static bool
search(const char *p, size_t len, struct release *r)
{
	static const char word[] = "NetBSD ";
	const char *at = p, *end = p + len;

	while ((at = memchr(at, 'N', (size_t)(end - at))) != NULL) {
		if ((size_t)(end - at) < OVERLAP)
			return false;
		if (memcmp(at, word, sizeof(word) - 1) == 0 &&
		    parse(at, OVERLAP, r))
			return true;
		at++;
	}
	return false;
}

/* Read on, keeping the end of what was read before. */
static bool
search_all(struct archive *a, char *buf, struct release *r)
{
	size_t kept = 0;
	uint64_t total = 0;
	la_ssize_t n;

	while ((n = archive_read_data(a, buf + kept, CHUNK)) > 0 &&
	    (total += (uint64_t)n) < KERNEL_MAX) {
		if (search(buf, kept + (size_t)n, r))
			return true;
		kept += (size_t)n;
		if (kept > OVERLAP) {
			memmove(buf, buf + kept - OVERLAP, OVERLAP);
			kept = OVERLAP;
		}
	}
	memset(buf + kept, 0, OVERLAP);
	return search(buf, kept + OVERLAP, r);
}

bool
kernel_release(const char *path, bool unpack, struct release *r)
{
	int fd = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK);
	struct archive *a = archive_read_new();
	char *buf = malloc(CHUNK + 2 * OVERLAP);
	struct archive_entry *entry;
	bool found = false;

	if (fd != -1 && a != NULL && buf != NULL &&
	    archive_read_support_format_raw(a) == ARCHIVE_OK &&
	    (!unpack ||
	    archive_read_support_filter_gzip(a) == ARCHIVE_OK) &&
	    archive_read_open_fd(a, fd, CHUNK) == ARCHIVE_OK &&
	    archive_read_next_header(a, &entry) == ARCHIVE_OK)
		found = search_all(a, buf, r);
	(void)archive_read_free(a);
	free(buf);
	if (fd != -1)
		(void)close(fd);
	return found;
}
