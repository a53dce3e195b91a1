/*
 * Archives, by libarchive: opening, stepping, and what an entry says in the
 * words of struct tree.  File flags are taken as text: libarchive's numbers
 * are the host's, ours are NetBSD's.
 */
#include <sys/stat.h>
#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <unistd.h>

#include "core/base/bytes.h"
#include "core/tree/archive.h"
#include "core/tree/copy.h"

#define READ_BLOCK	(256 * 1024)

static int
fail(struct archive_in *in, enum dd_code code, struct dd_err *e)
{
	const char *why = archive_error_string(in->a);

	(void)dd_fail(e, code, "%s: %s", in->path, why != NULL ? why :
	    "can't be read");
	return dd_hint(e, code == ERR_FORMAT ?
	    "tar, pax, cpio, zip, mtree and what else libarchive reads, "
	    "compressed or not" :
	    "the archive is damaged or incomplete: fetch it again");
}

int
archive_in_open(struct archive_in *in, const char *path,
    struct progress *progress, struct dd_err *e)
{
	struct stat st;

	in->path = path;
	in->progress = progress;
	if ((in->fd = open(path, O_RDONLY | O_CLOEXEC)) == -1 ||
	    fstat(in->fd, &st) == -1)
		return dd_fail_sys(e, errno, "%s", path);
	if (S_ISDIR(st.st_mode))
		return dd_fail(e, ERR_TYPE, "%s: a directory", path);
	in->size = (uint64_t)st.st_size;
	if ((in->a = archive_read_new()) == NULL)
		return dd_fail_nomem(e);
	(void)archive_read_support_filter_all(in->a);
	(void)archive_read_support_format_all(in->a);
	/* an mtree's contents= are files of this host */
	(void)archive_read_set_format_option(in->a, "mtree", "checkfs", "1");
	if (archive_read_open_fd(in->a, in->fd, READ_BLOCK) != ARCHIVE_OK)
		return fail(in, ERR_FORMAT, e);
	return 0;
}

void
archive_in_close(struct archive_in *in)
{
	if (in->a != NULL)
		(void)archive_read_free(in->a);
	if (in->fd != -1)
		(void)close(in->fd);
	in->a = NULL;
	in->fd = -1;
}

static int
tick(struct archive_in *in, struct dd_err *e)
{
	return progress_tick(in->progress, "extracting",
	    (uint64_t)archive_filter_bytes(in->a, -1), in->size, e);
}

/* A warning is about an odd name or key, and we go on; but an mtree whose
 * file can't be opened comes with that file's errno.  (libarchive's own are
 * -1, and EILSEQ or EINVAL for what is wrong in the archive.) */
static bool
is_harmless(struct archive_in *in)
{
	int sys = archive_errno(in->a);

	return archive_format(in->a) != ARCHIVE_FORMAT_MTREE || sys <= 0 ||
	    sys == EILSEQ || sys == EINVAL;
}

int
archive_in_next(struct archive_in *in, struct archive_entry **entry,
    struct dd_err *e)
{
	bool first = archive_file_count(in->a) == 0;
	int r = archive_read_next_header(in->a, entry);

	if (archive_format(in->a) == ARCHIVE_FORMAT_EMPTY)
		return dd_fail(e, ERR_FORMAT, "%s: empty", in->path);
	if (r == ARCHIVE_EOF)
		return 0;
	if (r == ARCHIVE_WARN && !is_harmless(in))
		return dd_fail(e, ERR_NOENT, "%s: %s", in->path,
		    archive_error_string(in->a));
	if (r != ARCHIVE_OK && r != ARCHIVE_WARN)
		return fail(in, first ? ERR_FORMAT : ERR_CORRUPT, e);
	return tick(in, e) == -1 ? -1 : 1;
}

int
archive_in_data(struct archive_in *in, const void **p, size_t *len,
    uint64_t *off, struct dd_err *e)
{
	int64_t at;
	int r = archive_read_data_block(in->a, p, len, &at);

	if (r == ARCHIVE_EOF)
		return 0;
	if ((r != ARCHIVE_OK && r != ARCHIVE_WARN) || at < 0)
		return fail(in, ERR_CORRUPT, e);
	*off = (uint64_t)at;
	return tick(in, e) == -1 ? -1 : 1;
}

/* In the C locale a name that is kept as UTF-8 can only be had as UTF-8. */
const char *
entry_name(struct archive_entry *entry)
{
	const char *s = archive_entry_pathname(entry);

	return s != NULL ? s : archive_entry_pathname_utf8(entry);
}

const char *
entry_symlink(struct archive_entry *entry)
{
	const char *s = archive_entry_symlink(entry);

	return s != NULL ? s : archive_entry_symlink_utf8(entry);
}

const char *
entry_hardlink(struct archive_entry *entry)
{
	const char *s = archive_entry_hardlink(entry);

	return s != NULL ? s : archive_entry_hardlink_utf8(entry);
}

enum tree_type
entry_type(struct archive_entry *entry)
{
	switch (archive_entry_filetype(entry)) {
	case AE_IFREG:
		return TREE_REG;
	case AE_IFDIR:
		return TREE_DIR;
	case AE_IFLNK:
		return TREE_LNK;
	case AE_IFCHR:
		return TREE_CHR;
	case AE_IFBLK:
		return TREE_BLK;
	case AE_IFIFO:
		return TREE_FIFO;
	case AE_IFSOCK:
		return TREE_SOCK;
	}
	return 0;
}

uint32_t
entry_rdev(struct archive_entry *entry)
{
	return tree_makedev((uint32_t)archive_entry_rdevmajor(entry),
	    (uint32_t)archive_entry_rdevminor(entry));
}

void
entry_attr(struct archive_entry *entry, struct tree_attr *a)
{
	const char *flags = archive_entry_fflags_text(entry);

	*a = (struct tree_attr){
		.mask = TREE_SET_PERM | TREE_SET_OWNER | TREE_SET_FLAGS,
		.perm = archive_entry_perm(entry) & 07777,
		.uid = (uint32_t)archive_entry_uid(entry),
		.gid = (uint32_t)archive_entry_gid(entry),
		.flags = flags != NULL ? tree_flags_parse(flags) : 0,
	};
	if (archive_entry_mtime_is_set(entry)) {
		a->mask |= TREE_SET_MTIME;
		a->mtime = (struct tree_time){
		    .sec = archive_entry_mtime(entry),
		    .nsec = (int32_t)archive_entry_mtime_nsec(entry) };
		/* what says no more is taken for old, not for new */
		a->mask |= TREE_SET_ATIME;
		a->atime = a->mtime;
	}
	if (archive_entry_atime_is_set(entry)) {
		a->mask |= TREE_SET_ATIME;
		a->atime = (struct tree_time){
		    .sec = archive_entry_atime(entry),
		    .nsec = (int32_t)archive_entry_atime_nsec(entry) };
	}
	if (archive_entry_birthtime_is_set(entry)) {
		a->mask |= TREE_SET_BIRTH;
		a->birthtime = (struct tree_time){
		    .sec = archive_entry_birthtime(entry),
		    .nsec = (int32_t)archive_entry_birthtime_nsec(entry) };
	}
}

int
entry_path(struct buf *out, const char *name, struct dd_err *e)
{
	size_t n;

	buf_reset(out);
	(void)buf_str(out, "");
	for (; *name != '\0'; name += n) {
		name += strspn(name, "/");
		n = strcspn(name, "/");
		if (n == 0 || (n == 1 && name[0] == '.'))
			continue;
		if (n == 2 && name[0] == '.' && name[1] == '.') {
			while (out->len > 0 && out->p[--out->len] != '/')
				;
			if (out->p != NULL)
				out->p[out->len] = '\0';
			continue;
		}
		if (out->len > 0)
			(void)buf_str(out, "/");
		(void)buf_add(out, name, n);
	}
	if (out->failed)
		return dd_fail_nomem(e);
	if (out->len >= TREE_PATH_MAX)
		return dd_fail(e, ERR_UNSUP, "a path longer than %d bytes",
		    TREE_PATH_MAX - 1);
	return 0;
}

/* Bytes of data that the entry brings: without its holes. */
static int
data_of(struct archive_in *in, struct archive_entry *entry, uint64_t *data,
    struct dd_err *e)
{
	const void *p;
	int64_t off, len;
	uint64_t at;
	size_t n;
	int more;

	*data = 0;
	if (entry_type(entry) == TREE_DIR)
		*data = 1;
	if (entry_type(entry) != TREE_REG)
		return 0;
	if (archive_entry_sparse_reset(entry) > 0) {
		while (archive_entry_sparse_next(entry, &off, &len) ==
		    ARCHIVE_OK)
			*data += len > 0 ? (uint64_t)len : 0;
	} else if (archive_entry_size_is_set(entry)) {
		*data = (uint64_t)archive_entry_size(entry);
	} else {
		while ((more = archive_in_data(in, &p, &n, &at, e)) == 1)
			*data += n;
		return more;
	}
	return 0;
}

int
archive_measure(const char *path, uint32_t unit, struct measure *m,
    struct progress *progress, struct dd_err *e)
{
	struct archive_in in = ARCHIVE_IN_INIT;
	struct archive_entry *entry;
	uint64_t data;
	int more, rc = -1;

	if (archive_in_open(&in, path, progress, e) == -1)
		goto out;
	while ((more = archive_in_next(&in, &entry, e)) == 1) {
		if (entry_hardlink(entry) != NULL)
			continue;
		if (data_of(&in, entry, &data, e) == -1)
			goto out;
		m->dirs += entry_type(entry) == TREE_DIR;
		if (measure_add(m, unit, data) == -1) {
			(void)dd_fail(e, ERR_NOSPC, "%s: impossibly large",
			    path);
			goto out;
		}
	}
	rc = more;
out:
	archive_in_close(&in);
	return rc;
}
