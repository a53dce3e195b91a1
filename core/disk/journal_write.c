/*
 * Writing a journal: front to back through one buffer, the header, which makes
 * it whole, last.  The way back has old and new exchanged, and the same marks.
 */
#include <sys/stat.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "core/base/bytes.h"
#include "core/base/hash.h"
#include "core/disk/file.h"
#include "core/disk/journal_impl.h"

struct writer {
	const struct disk_io	*io;
	const struct blk	*file;
	struct journal		*j;
	struct hash		*hash;
	uint8_t			*chunk;
	size_t			 fill;
	uint64_t		 at;		/* where the chunk goes */
	enum journal_way	 way;
	size_t			 nmarks;	/* so far */
	uint8_t			 old[PAGE_BYTES], new[PAGE_BYTES];
};

/* What is done with each page of a list. */
typedef int page_fn(struct writer *, uint64_t off, uint32_t mask,
	    struct dd_err *);

static int
drain(struct writer *w, struct dd_err *e)
{
	if (w->io->write(w->j->fd, w->chunk, w->fill, w->at, w->j->path,
	    e) == -1)
		return -1;
	hash_add(w->hash, w->chunk, w->fill);
	w->at += w->fill;
	w->fill = 0;
	return 0;
}

static int
emit(struct writer *w, const void *p, size_t len, struct dd_err *e)
{
	if (w->fill + len > CHUNK && drain(w, e) == -1)
		return -1;
	memcpy(w->chunk + w->fill, p, len);
	w->fill += len;
	return 0;
}

static int
read_old(struct writer *w, uint64_t off, struct dd_err *e)
{
	size_t len = (size_t)min64(PAGE_BYTES, w->file->size - off);

	return w->io->read(file_fd(w->file), w->old, len, off,
	    file_path(w->file), e);
}

static int
emit_entries(struct writer *w, uint64_t off, uint32_t mask, struct dd_err *e)
{
	bool undo = w->way == JOURNAL_UNDO;
	const uint8_t *from = undo ? w->new : w->old;
	const uint8_t *to = undo ? w->old : w->new;
	uint8_t raw[ENTRY_LEN];
	unsigned i;

	if (read_old(w, off, e) == -1)
		return -1;
	for (i = 0; i < PAGE_SECTORS; i++) {
		if ((mask >> i & 1) == 0)
			continue;
		put64le(raw, off + i * SECTOR);
		journal_sum(from + i * SECTOR, raw + ENTRY_OLD);
		journal_sum(to + i * SECTOR, raw + ENTRY_NEW);
		if (emit(w, raw, ENTRY_LEN, e) == -1)
			return -1;
	}
	return 0;
}

static int
emit_marks(struct writer *w, uint64_t off, uint32_t mask, struct dd_err *e)
{
	struct journal_mark *mark;
	uint8_t raw[MARK_LEN];
	unsigned i;

	for (i = 0; i < PAGE_SECTORS; i++) {
		if ((mask >> i & 1) == 0)
			continue;
		mark = &w->j->marks[w->nmarks++];
		mark->off = off + i * SECTOR;
		journal_sum(w->new + i * SECTOR, mark->sum);
		put64le(raw, mark->off);
		memcpy(raw + 8, mark->sum, JOURNAL_SUM);
		if (emit(w, raw, MARK_LEN, e) == -1)
			return -1;
	}
	return 0;
}

static int
emit_sectors(struct writer *w, const uint8_t *page, uint32_t mask,
    struct dd_err *e)
{
	unsigned i;

	for (i = 0; i < PAGE_SECTORS; i++)
		if ((mask >> i & 1) != 0 &&
		    emit(w, page + i * SECTOR, SECTOR, e) == -1)
			return -1;
	return 0;
}

static int
emit_new(struct writer *w, uint64_t off, uint32_t mask, struct dd_err *e)
{
	(void)off;
	return emit_sectors(w, w->new, mask, e);
}

static int
emit_old(struct writer *w, uint64_t off, uint32_t mask, struct dd_err *e)
{
	if (read_old(w, off, e) == -1)
		return -1;
	return emit_sectors(w, w->old, mask, e);
}

/* fn for each page, with its sectors in w->new. */
static int
each_page(struct writer *w, const struct pages *ps, const uint64_t *list,
    size_t n, page_fn *fn, struct dd_err *e)
{
	uint64_t off;
	uint32_t mask;
	size_t i;

	for (i = 0; i < n; i++) {
		off = list[i] * PAGE_BYTES;
		mask = pages_mask(ps, list[i]);
		if (mask != 0 && (pages_lay(ps, w->new, PAGE_BYTES, off,
		    e) == -1 || fn(w, off, mask, e) == -1))
			return -1;
	}
	return 0;
}

static int
seal(struct writer *w, uint8_t header[JOURNAL_HEADER], struct dd_err *e)
{
	struct journal *j = w->j;

	if (w->fill > 0 && drain(w, e) == -1)
		return -1;
	hash_result(w->hash, header + JOURNAL_HASH);
	if (w->io->write(j->fd, header, JOURNAL_HEADER, 0, j->path,
	    e) == -1 ||
	    w->io->sync(j->fd, j->path, e) == -1)
		return -1;
	/* the folder of an undo journal is synced with the redo journal that
	 * follows it there */
	return w->way == JOURNAL_UNDO ? 0 : w->io->sync_dir(j->path, e);
}

static void
make_header(const struct writer *w, uint8_t h[JOURNAL_HEADER])
{
	memset(h, 0, JOURNAL_HEADER);
	memcpy(h, JOURNAL_MAGIC, 16);
	put64le(h + H_DEV, (uint64_t)file_dev(w->file));
	put64le(h + H_INO, w->j->ino);
	put64le(h + H_IMAGE_SIZE, w->j->size);
	put64le(h + H_ENTRIES, w->j->nentries);
	put64le(h + H_MARKS, w->j->nmarks);
}

static int
write_all(struct writer *w, const struct pages *pages,
    const struct pages *marks, struct dd_err *e)
{
	uint8_t header[JOURNAL_HEADER];
	page_fn *data = w->way == JOURNAL_UNDO ? emit_old : emit_new;
	uint64_t *list = NULL, *mlist = NULL;
	size_t n, m;
	int rc = -1;

	if (pages_list(pages, &list, &n, e) == -1 ||
	    pages_list(marks, &mlist, &m, e) == -1)
		goto out;
	make_header(w, header);
	hash_add(w->hash, header, JOURNAL_HEADER);
	w->at = JOURNAL_HEADER;
	if (each_page(w, pages, list, n, emit_entries, e) == -1 ||
	    each_page(w, marks, mlist, m, emit_marks, e) == -1 ||
	    each_page(w, pages, list, n, data, e) == -1 ||
	    each_page(w, marks, mlist, m, emit_new, e) == -1 ||
	    seal(w, header, e) == -1)
		goto out;
	rc = 0;
out:
	free(list);
	free(mlist);
	return rc;
}

/* It may have become whole: the error is grave when it can't be removed. */
static void
give_up(struct journal *j, const struct blk *file, enum journal_way way,
    struct dd_err *e)
{
	struct dd_err again = DD_ERR_INIT;

	if (journal_remove(j, file, &again) == 0 || way == JOURNAL_UNDO)
		return;
	e->code = ERR_RECOVER;
	e->hint[0] = '\0';
	(void)dd_hint(e, "%s could not be removed: remove it, or the next "
	    "change of the image begins by finishing this one", j->path);
}

int
journal_write(const char *path, const struct blk *file,
    const struct pages *pages, const struct pages *marks,
    enum journal_way way, struct journal *out, struct dd_err *e)
{
	struct journal j = { .fd = -1, .ino = (uint64_t)file_ino(file),
	    .nentries = pages->bytes / SECTOR,
	    .nmarks = marks->bytes / SECTOR };
	struct writer *w = calloc(1, sizeof(*w));
	struct stat st;
	int rc = -1;

	if (w == NULL)
		return dd_fail_nomem(e);
	if (fstat(file_fd(file), &st) == -1) {
		(void)dd_fail_sys(e, errno, "%s", file_path(file));
		goto out;
	}
	j.size = (uint64_t)st.st_size;
	w->io = file_io(file);
	w->file = file;
	w->j = &j;
	w->way = way;
	if ((w->chunk = malloc(CHUNK)) == NULL || (j.nmarks > 0 &&
	    (j.marks = calloc(j.nmarks, sizeof(*j.marks))) == NULL) ||
	    (j.path = strdup(path)) == NULL) {
		(void)dd_fail_nomem(e);
		goto out;
	}
	if (hash_open(HASH_BLAKE2B, &w->hash, e) == -1)
		goto out;
	if (w->io->create(path, &j.fd, e) == -1) {
		(void)dd_hint(e, "the journal of a change lies beside the "
		    "image: its folder must be writable");
		goto out;
	}
	if (write_all(w, pages, marks, e) == -1) {
		give_up(&j, file, way, e);
		goto out;
	}
	*out = j;
	j = (struct journal)JOURNAL_INIT;
	rc = 0;
out:
	journal_close(&j);
	hash_close(w->hash);
	free(w->chunk);
	free(w);
	return rc;
}
