/* A re-encryption in place begins: its state is made; see inplace.h. */
#include <sys/stat.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <gcrypt.h>

#include "core/base/bytes.h"
#include "core/base/fsutil.h"
#include "core/cgd/inplace_impl.h"
#include "core/disk/journal.h"
#include "core/disk/overlay.h"

#define CHECK_TEXT	"drydock rekey: is it this key?\n"

int
inplace_check(const struct secret *key, const uint8_t salt[REKEY_CHECK],
    uint8_t check[REKEY_CHECK], struct dd_err *e)
{
	uint8_t mac[HASH_LEN];
	size_t len = sizeof(mac);
	gcry_mac_hd_t hd;
	gcry_error_t r;

	r = gcry_mac_open(&hd, GCRY_MAC_HMAC_SHA256, GCRY_MAC_FLAG_SECURE,
	    NULL);
	if (r != 0)
		return dd_fail(e, ERR_NOMEM, "libgcrypt: %s",
		    gcry_strerror(r));
	if ((r = gcry_mac_setkey(hd, key->p, key->len)) == 0 &&
	    (r = gcry_mac_write(hd, CHECK_TEXT, strlen(CHECK_TEXT))) == 0 &&
	    (r = gcry_mac_write(hd, salt, REKEY_CHECK)) == 0)
		r = gcry_mac_read(hd, mac, &len);
	gcry_mac_close(hd);
	if (r != 0)
		return dd_fail(e, ERR_UNSUP, "libgcrypt: %s",
		    gcry_strerror(r));
	memcpy(check, mac, REKEY_CHECK);
	return 0;
}

/* -- what is asked for --------------------------------------------------- */

static int
copy_text(char *to, size_t room, const char *text, const char *what,
    struct dd_err *e)
{
	if (text == NULL)
		text = "";
	if (strlen(text) >= room)
		return dd_fail(e, ERR_UNSUP, "%s is too long (%zu bytes)",
		    what, strlen(text));
	memcpy(to, text, strlen(text) + 1);
	return 0;
}

static int
fill_side(const struct recrypt_side *from, const char *path,
    struct rekey_side *s, struct dd_err *e)
{
	s->sector_size = from->sector_size;
	if (from->params == NULL)
		return 0;
	s->keylen = from->params->keylen;
	gcry_create_nonce(s->salt, REKEY_CHECK);
	if (copy_text(s->algorithm, REKEY_NAME, from->params->algorithm,
	    "the algorithm's name", e) == -1 ||
	    copy_text(s->ivmethod, REKEY_NAME, from->params->ivmethod,
	    "the IV method's name", e) == -1 ||
	    copy_text(s->params, REKEY_TEXT, path,
	    "the path of the parameters file", e) == -1)
		return -1;
	return inplace_check(from->key, s->salt, s->check, e);
}

static int
fits_sectors(const struct rekey_state *st, struct dd_err *e)
{
	uint32_t size = st->from.sector_size > st->to.sector_size ?
	    st->from.sector_size : st->to.sector_size;

	if (st->len % size == 0)
		return 0;
	(void)dd_fail(e, ERR_UNSUP, "its %llu bytes are no whole number of "
	    "%u-byte sectors", (unsigned long long)st->len, size);
	return dd_hint(e, "without --in-place the new image may be longer");
}

static int
fill(const struct blk *file, const struct stat *image,
    const struct inplace_plan *p, struct rekey_state *st, struct dd_err *e)
{
	char *path;
	int rc;

	*st = (struct rekey_state){ .ino = (uint64_t)image->st_ino,
	    .image_size = (uint64_t)image->st_size, .off = p->off,
	    .len = p->len, .area = p->area != 0 ? p->area : INPLACE_AREA,
	    .begun = time(NULL) };
	if ((p->from.params == NULL && p->to.params == NULL) ||
	    st->len == 0 || st->len > file->size ||
	    st->off > file->size - st->len)
		return dd_fail(e, ERR_USAGE, "there is nothing to re-encrypt");
	gcry_create_nonce(st->id, REKEY_ID);
	if (fill_side(&p->from, p->from_path, &st->from, e) == -1 ||
	    fill_side(&p->to, p->to_path, &st->to, e) == -1 ||
	    fits_sectors(st, e) == -1 || copy_text(st->note, REKEY_TEXT,
	    p->note, "the note", e) == -1 ||
	    (path = fs_absolute(file_path(file), e)) == NULL)
		return -1;
	rc = copy_text(st->image, REKEY_TEXT, path, "the image's path", e);
	free(path);
	return rc;
}

static int
check_image(const struct blk *file, struct stat *st, struct dd_err *e)
{
	if (file_is_device(file)) {
		(void)dd_fail(e, ERR_UNSUP, "%s: a block device is not "
		    "re-encrypted in place", file_path(file));
		return dd_hint(e, "copy it to a file, re-encrypt that, and "
		    "copy it back");
	}
	if (fstat(file_fd(file), st) == -1)
		return dd_fail_sys(e, errno, "%s", file_path(file));
	if (st->st_nlink == 1)
		return 0;
	(void)dd_fail(e, ERR_UNSUP, "%s: has %lu names: who opens it by "
	    "another would not know that it is being re-encrypted",
	    file_path(file), (unsigned long)st->st_nlink);
	return dd_hint(e, "leave it one name, or re-encrypt a copy: without "
	    "--in-place");
}

/* -- the file -------------------------------------------------------------- */

/* To its full length, so that nothing of it lacks space later. */
static int
write_state(const struct disk_io *io, int fd, const char *path,
    const struct rekey_state *st, struct dd_err *e)
{
	uint64_t off, size = rekey_file_size(st);
	size_t n, room = 16 * REKEY_HEADER;
	uint8_t *raw = calloc(1, room);
	int rc = -1;

	if (raw == NULL)
		return dd_fail_nomem(e);
	rekey_encode(st, raw);
	for (off = 0; off < size; off += n) {
		n = (size_t)min64(size - off, room);
		if (io->write(fd, raw, n, off, path, e) == -1)
			goto out;
		memset(raw, 0, REKEY_HEADER);
	}
	rc = io->sync(fd, path, e);
out:
	free(raw);
	return rc;
}

/* Whole under a name of its own, then by one rename. */
static int
publish(struct blk *file, const struct rekey_state *st, const char *path,
    const char *made, struct dd_err *e)
{
	const struct disk_io *io = file_io(file);
	struct dd_err ignored = DD_ERR_INIT;
	const char *left = made;
	int fd, rc = -1;

	if (io->create(made, &fd, e) == -1)
		return dd_hint(e, "what is done is kept beside the image: its "
		    "folder must be writable");
	if (write_state(io, fd, made, st, e) == -1 ||
	    overlay_forget(file, e) == -1 ||
	    io->rename(made, path, e) == -1)
		goto out;
	left = path;
	rc = io->sync_dir(path, e);
out:
	(void)close(fd);
	if (rc == -1 && io->unlink(left, &ignored) == 0)
		(void)io->sync_dir(left, &ignored);
	return rc;
}

static bool
is_there(const char *path, off_t least)
{
	struct stat st;

	return lstat(path, &st) == 0 && st.st_size >= least;
}

static int
make_state(struct blk *file, const struct rekey_state *st, struct dd_err *e)
{
	char *path = NULL, *made = NULL;
	int rc = -1;

	if (rekey_path(file_path(file), file_ino(file), &path, e) == -1 ||
	    journal_beside(file_path(file), file_ino(file), "rekey.new",
	    &made, e) == -1)
		goto out;
	if (is_there(path, 1)) {
		(void)dd_fail(e, ERR_EXIST, "%s: is being re-encrypted "
		    "already", file_path(file));
		(void)dd_hint(e, "drydock rekey --resume %s goes on",
		    file_path(file));
		goto out;
	}
	/* of one who was cut short here */
	if (is_there(made, 0) && file_io(file)->unlink(made, e) == -1)
		goto out;
	rc = publish(file, st, path, made, e);
out:
	free(path);
	free(made);
	return rc;
}

int
inplace_begin(struct blk *file, const struct inplace_plan *p,
    struct dd_err *e)
{
	struct rekey_state *st = malloc(sizeof(*st));
	struct stat image;
	int rc = -1;

	if (st == NULL)
		return dd_fail_nomem(e);
	if (check_image(file, &image, e) == 0 &&
	    fill(file, &image, p, st, e) == 0)
		rc = make_state(file, st, e);
	free(st);
	return rc;
}
