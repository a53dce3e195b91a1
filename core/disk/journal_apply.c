/*
 * Reading a journal: is it for what stands in the file, and making it
 * so.  It is read in batches, so that its size does not matter.
 */
#include <sys/stat.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "core/base/bytes.h"
#include "core/base/fsutil.h"
#include "core/disk/file.h"
#include "core/disk/journal_impl.h"

/* What is done with each run of sectors that follow each other. */
struct sink {
	int	(*put)(struct sink *, const void *, size_t, uint64_t off,
		    struct dd_err *);
	const struct blk *file;
	struct pages	*pages;
};

enum which { ALL, MARKED, UNMARKED };

static int
mark_cmp(const void *key, const void *mark)
{
	uint64_t off = *(const uint64_t *)key;
	uint64_t at = ((const struct journal_mark *)mark)->off;

	return off < at ? -1 : off > at;
}

static const struct journal_mark *
mark_of(const struct journal *j, uint64_t off)
{
	return j->nmarks == 0 ? NULL : bsearch(&off, j->marks, j->nmarks,
	    sizeof(*j->marks), mark_cmp);
}

static bool
chosen(const struct journal *j, enum which which, uint64_t off)
{
	return which == ALL || (mark_of(j, off) != NULL) == (which == MARKED);
}

static uint64_t
entry_off(const uint8_t *entries, size_t i)
{
	return get64le(entries + i * ENTRY_LEN);
}

/* A batch of n entries with their data, to the sink run by run. */
static int
batch_runs(const struct journal *j, const uint8_t *entries,
    const uint8_t *data, size_t n, enum which which, struct sink *sink,
    struct dd_err *e)
{
	size_t i, len;
	uint64_t off;

	for (i = 0; i < n; i += len) {
		off = entry_off(entries, i);
		len = 1;
		if (!chosen(j, which, off))
			continue;
		while (i + len < n &&
		    entry_off(entries, i + len) == off + len * SECTOR &&
		    chosen(j, which, off + len * SECTOR))
			len++;
		if (sink->put(sink, data + i * SECTOR, len * SECTOR, off,
		    e) == -1)
			return -1;
	}
	return 0;
}

static int
each_run(const struct journal *j, enum which which, struct sink *sink,
    struct dd_err *e)
{
	uint8_t entries[CHUNK_SECTORS * ENTRY_LEN], *data;
	uint64_t i;
	size_t n;
	int rc = -1;

	if ((data = malloc(CHUNK)) == NULL)
		return dd_fail_nomem(e);
	for (i = 0; i < j->nentries; i += n) {
		n = (size_t)min64(CHUNK_SECTORS, j->nentries - i);
		if (fs_pread(j->fd, entries, n * ENTRY_LEN, JOURNAL_HEADER +
		    i * ENTRY_LEN, j->path, e) == -1 ||
		    fs_pread(j->fd, data, n * SECTOR, journal_data_at(j) +
		    i * SECTOR, j->path, e) == -1 ||
		    batch_runs(j, entries, data, n, which, sink, e) == -1)
			goto out;
	}
	rc = 0;
out:
	free(data);
	return rc;
}

/* Does this sector of the file hold what the journal knows? */
static int
sector_fits(const struct journal *j, const struct blk *file,
    const uint8_t *entry, bool begun, bool *fits, struct dd_err *e)
{
	uint64_t off = get64le(entry);
	const struct journal_mark *mark;
	uint8_t sector[SECTOR], sum[JOURNAL_SUM];

	if (file_io(file)->read(file_fd(file), sector, SECTOR, off,
	    file_path(file), e) == -1)
		return -1;
	journal_sum(sector, sum);
	mark = mark_of(j, off);
	*fits = memcmp(sum, entry + ENTRY_OLD, JOURNAL_SUM) == 0 ||
	    (begun && memcmp(sum, entry + ENTRY_NEW, JOURNAL_SUM) == 0) ||
	    (begun && mark != NULL &&
	    memcmp(sum, mark->sum, JOURNAL_SUM) == 0);
	return 0;
}

/* Sectors inside the file, and ascending. */
static bool
marks_are_sound(const struct journal *j)
{
	uint64_t i;

	for (i = 0; i < j->nmarks; i++)
		if (j->marks[i].off % SECTOR != 0 ||
		    j->marks[i].off > j->size - SECTOR ||
		    (i > 0 && j->marks[i].off <= j->marks[i - 1].off))
			return false;
	return true;
}

int
journal_fits(const struct journal *j, const struct blk *file, bool begun,
    bool *fits, struct dd_err *e)
{
	uint8_t entry[ENTRY_LEN];
	uint64_t i, off, next = 0;
	struct stat st;

	if (fstat(file_fd(file), &st) == -1)
		return dd_fail_sys(e, errno, "%s", file_path(file));
	*fits = j->ino == (uint64_t)st.st_ino &&
	    j->size == (uint64_t)st.st_size && j->size >= SECTOR &&
	    marks_are_sound(j);
	for (i = 0; *fits && i < j->nentries; i++) {
		if (fs_pread(j->fd, entry, ENTRY_LEN, JOURNAL_HEADER +
		    i * ENTRY_LEN, j->path, e) == -1)
			return -1;
		off = get64le(entry);
		if (off % SECTOR != 0 || off < next || off > j->size - SECTOR)
			*fits = false;
		else if (sector_fits(j, file, entry, begun, fits,
		    e) == -1)
			return -1;
		next = off + SECTOR;
	}
	return 0;
}

static int
put_to_file(struct sink *s, const void *p, size_t len, uint64_t off,
    struct dd_err *e)
{
	return file_io(s->file)->write(file_fd(s->file), p, len, off,
	    file_path(s->file), e);
}

static int
sync_file(const struct blk *file, struct dd_err *e)
{
	return file_io(file)->sync(file_fd(file), file_path(file), e);
}

static int
write_marks(const struct journal *j, struct sink *sink, struct dd_err *e)
{
	uint8_t sector[SECTOR];
	uint64_t i;

	for (i = 0; i < j->nmarks; i++)
		if (fs_pread(j->fd, sector, SECTOR, journal_data_at(j) +
		    (j->nentries + i) * SECTOR, j->path, e) == -1 ||
		    sink->put(sink, sector, SECTOR, j->marks[i].off, e) == -1)
			return -1;
	return 0;
}

int
journal_apply(const struct journal *j, const struct blk *file,
    struct dd_err *e)
{
	struct sink sink = { .put = put_to_file, .file = file };

	if (j->nmarks > 0 && (write_marks(j, &sink, e) == -1 ||
	    sync_file(file, e) == -1))
		return -1;
	if (each_run(j, UNMARKED, &sink, e) == -1 ||
	    sync_file(file, e) == -1)
		return -1;
	if (j->nmarks > 0 && (each_run(j, MARKED, &sink, e) == -1 ||
	    sync_file(file, e) == -1))
		return -1;
	return 0;
}

static int
put_to_pages(struct sink *s, const void *p, size_t len, uint64_t off,
    struct dd_err *e)
{
	return pages_put(s->pages, p, len, off, e);
}

int
journal_lay(const struct journal *j, struct pages *ps, struct dd_err *e)
{
	struct sink sink = { .put = put_to_pages, .pages = ps };

	return each_run(j, ALL, &sink, e);
}
