/*
 * An image re-encrypted in place, a step at a time; see inplace.h, and
 * core/disk/rekey_format.c for why no cut does harm.
 *
 * While the threads of the crew work on one area, this one writes the one
 * before: they need the processor, and it waits for the disk.
 */
#include <sys/stat.h>
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "core/cgd/inplace_impl.h"
#include "core/disk/journal.h"

int
area_alloc(struct area *a, size_t len, struct dd_err *e)
{
	a->raw = calloc(1, REKEY_SLOT + len);
	return a->raw == NULL ? dd_fail_nomem(e) : 0;
}

/* It may hold what is plain. */
void
area_free(struct area *a, size_t len)
{
	if (a->raw != NULL)
		secret_wipe(a->raw, REKEY_SLOT + len);
	free(a->raw);
	a->raw = NULL;
}

void
inplace_close(struct inplace *ip)
{
	if (ip == NULL)
		return;
	crew_close(ip->crew);
	area_free(&ip->areas[0], ip->st.area);
	area_free(&ip->areas[1], ip->st.area);
	if (ip->fd != -1)
		(void)close(ip->fd);
	free(ip->path);
	free(ip);
}

const struct rekey_state *
inplace_state(const struct inplace *ip)
{
	return &ip->st;
}

/* -- steps ----------------------------------------------------------------- */

/* Where the step is in memory: the crew is at work there while the one before
 * is written. */
static struct area *
area_of(struct inplace *ip, uint64_t seq)
{
	return &ip->areas[seq % 2];
}

/* Move 1, if there is such a step: read its area, and give it to the crew. */
static int
begin_step(struct inplace *ip, uint64_t seq, struct dd_err *e)
{
	struct area *a = area_of(ip, seq);
	struct rekey_slot *s = &a->slot;
	size_t len;

	if (seq > rekey_steps(&ip->st))
		return 0;
	rekey_step(&ip->st, seq, &s->off, &len);
	if (blk_pread(ip->file, area_data(a), len, ip->st.off + s->off,
	    e) == -1)
		return -1;
	s->seq = seq;
	s->len = len;
	crew_start(ip->crew, area_data(a), len, s->off, s->sums);
	return 0;
}

/* Where the image is a sparse file its space must be had first: the lack of it
 * then stops a step before it began. */
static int
allocate(struct inplace *ip, const struct area *a, struct dd_err *e)
{
	uint64_t bytes;

	if (file_allocated(ip->file, &bytes, e) == -1)
		return -1;
	if (bytes >= ip->st.image_size)
		return 0;
	return file_allocate(ip->file, ip->st.off + a->slot.off, a->slot.len,
	    e);
}

int
inplace_commit(struct inplace *ip, const struct area *a, struct dd_err *e)
{
	const struct disk_io *io = file_io(ip->file);

	if (allocate(ip, a, e) == -1)
		return -1;
	rekey_slot_encode(&ip->st, &a->slot, a->raw);
	if (io->write(ip->fd, a->raw, REKEY_SLOT + a->slot.len,
	    rekey_slot_at(&ip->st, a->slot.seq), ip->path, e) == -1 ||
	    io->sync(ip->fd, ip->path, e) == -1)
		return -1;
	if (blk_pwrite(ip->file, area_data(a), a->slot.len,
	    ip->st.off + a->slot.off, BLK_DIRECT, e) == -1)
		return -1;
	return blk_flush(ip->file, e);
}

/* -- a request to pause -------------------------------------------------- */

int
inplace_pause_path(const struct blk *file, char **path, struct dd_err *e)
{
	return journal_beside(file_path(file), file_ino(file), "rekey.pause",
	    path, e);
}

/* Told how far it is, does the operator want to stop? */
static int
look_up(struct inplace *ip, const char *pause, struct progress *p,
    bool *stop, struct dd_err *e)
{
	struct dd_err cancel = DD_ERR_INIT;
	struct stat st;

	*stop = progress_tick(p, "re-encrypting", ip->st.done, ip->st.len,
	    &cancel) == -1;
	if (lstat(pause, &st) == -1)
		return 0;
	*stop = true;
	return file_io(ip->file)->unlink(pause, e);
}

static int
not_at_work(const char *image, bool begun, struct dd_err *e)
{
	(void)dd_fail(e, ERR_NOENT, "%s: is not being re-encrypted%s", image,
	    begun ? " just now" : "");
	return begun ? dd_hint(e, "it is paused; drydock rekey --resume %s "
	    "goes on", image) : dd_hint(e, "there is nothing to pause");
}

int
inplace_ask_pause(const char *image, struct dd_err *e)
{
	struct blk *file = NULL;
	bool begun, locked;
	char *path = NULL;
	struct stat st;
	int fd, rc = -1;

	if (file_open(image, FILE_REKEY, 0, &file, e) == -1 ||
	    rekey_path(image, file_ino(file), &path, e) == -1)
		goto out;
	begun = lstat(path, &st) == 0;
	if (rekey_at_work(image, &locked, e) == -1)
		goto out;
	if (!begun || !locked) {
		(void)not_at_work(image, begun, e);
		goto out;
	}
	free(path);
	path = NULL;
	if (inplace_pause_path(file, &path, e) == -1)
		goto out;
	fd = open(path, O_WRONLY | O_CREAT | O_NOFOLLOW | O_CLOEXEC, 0600);
	if (fd == -1) {
		(void)dd_fail_sys(e, errno, "%s", path);
		goto out;
	}
	(void)close(fd);
	rc = 0;
out:
	free(path);
	blk_close(file);
	return rc;
}

/* -- all of it ----------------------------------------------------------- */

static int
run(struct inplace *ip, const char *pause, struct progress *p, bool *stop,
    struct dd_err *e)
{
	const struct area *a;

	if (look_up(ip, pause, p, stop, e) == -1)
		return -1;
	if (*stop)
		return 0;
	if (begin_step(ip, ip->seq + 1, e) == -1)
		return -1;
	while (ip->seq < rekey_steps(&ip->st) && !*stop) {
		a = area_of(ip, ip->seq + 1);
		if (crew_wait(ip->crew, e) == -1 ||
		    begin_step(ip, ip->seq + 2, e) == -1 ||
		    inplace_commit(ip, a, e) == -1)
			return -1;
		ip->seq = a->slot.seq;
		ip->st.done = a->slot.off + a->slot.len;
		if (look_up(ip, pause, p, stop, e) == -1)
			return -1;
	}
	return 0;
}

/* The state stays, and with it all that is needed. */
static int
failed(struct inplace *ip, struct dd_err *e)
{
	ip->broken = true;
	e->code = ERR_RECOVER;
	e->hint[0] = '\0';
	return dd_hint(e, "nothing is lost: %sdrydock rekey --resume %s goes "
	    "on", e->sys == ENOSPC ? "make room, and " : "",
	    file_path(ip->file));
}

int
inplace_run(struct inplace *ip, struct progress *p, bool *paused,
    struct dd_err *e)
{
	struct dd_err ignored = DD_ERR_INIT;
	bool stop = false;
	char *pause;
	int rc;

	if (ip->broken) {
		(void)dd_fail(e, ERR_RECOVER, "%s: a step failed",
		    file_path(ip->file));
		return failed(ip, e);
	}
	if (inplace_pause_path(ip->file, &pause, e) == -1)
		return -1;
	rc = run(ip, pause, p, &stop, e);
	free(pause);
	/* of what was begun ahead nothing is needed */
	(void)crew_wait(ip->crew, &ignored);
	if (rc == -1)
		return failed(ip, e);
	*paused = ip->seq < rekey_steps(&ip->st);
	return 0;
}

int
inplace_finish(struct inplace *ip, struct dd_err *e)
{
	const struct disk_io *io = file_io(ip->file);

	if (ip->broken || (ip->st.done != 0 && ip->st.done != ip->st.len)) {
		(void)dd_fail(e, ERR_RECOVER, "%s: is under two keys",
		    file_path(ip->file));
		return dd_hint(e, "drydock rekey --resume %s goes on",
		    file_path(ip->file));
	}
	if (io->truncate(ip->fd, ip->path, e) == -1 ||
	    io->sync(ip->fd, ip->path, e) == -1 ||
	    io->unlink(ip->path, e) == -1 ||
	    io->sync_dir(ip->path, e) == -1)
		return failed(ip, e);
	return 0;
}
