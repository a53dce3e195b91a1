/* Another key for an image; see newkey.h. */
#include <sys/stat.h>
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "core/base/bytes.h"
#include "core/cgd/cgd.h"
#include "core/disk/file.h"
#include "core/disk/part.h"
#include "core/disk/probe.h"
#include "core/disk/window.h"
#include "core/host/copy.h"
#include "core/host/host.h"
#include "core/recipe/newkey.h"
#include "core/tree/copy.h"

/* -- what is there --------------------------------------------------------- */

/* Under two keys nobody could use it, and the one that it has is forgotten
 * soon. */
static int
refuse_twice(const struct newkey *r, struct dd_err *e)
{
	(void)dd_fail(e, ERR_PERM, "%s: is encrypted already, it seems: what "
	    "is in it is noise", r->image);
	return dd_hint(e, "-c PARAMS names the parameters that it has");
}

/* Nothing that is known comes to light: is it the wrong key? */
static int
look_inside(struct newkey *r, struct dd_err *e)
{
	struct probe probe;

	if (probe_layer(image_blk(r->im), &probe, e) == -1)
		return -1;
	r->ffs = probe.kind == PROBE_FFS;
	r->fsize = r->ffs ? probe.ffs.fsize : 0;
	if (r->at.params == NULL)
		return probe.kind != PROBE_ENCRYPTED ? 0 : refuse_twice(r, e);
	/* a wrong key leaves noise, in which a short magic may be; something
	 * of no known kind is no noise */
	if (probe.kind != PROBE_ENCRYPTED && probe.kind != PROBE_ARCHIVE &&
	    probe.kind != PROBE_QCOW2)
		return 0;
	(void)dd_fail(e, ERR_PERM, "%s: the key does not fit: what it "
	    "decrypts is %s", r->image, probe_kind_name(probe.kind));
	return dd_hint(e, "a wrong passphrase, or the parameters of another "
	    "image");
}

/* With the key, where that is known. */
static int
look(struct newkey *r, const struct secret *key, struct dd_err *e)
{
	struct image_opts o = r->was;
	struct image *im;

	o.write = false;
	o.driver = IMAGE_DIRECT;
	if (image_open_key(r->image, &o, key, &im, e) == -1)
		return -1;
	image_close(r->im);
	r->im = im;
	image_crypt(im, &r->at);
	if (stat(r->image, &r->seen) == -1)
		return dd_fail_sys(e, errno, "%s", r->image);
	r->size = (uint64_t)r->seen.st_size;
	if (r->whole && r->at.params == NULL) {
		r->at.inner = r->at.off;
		r->at.off = 0;
		r->at.len = round_down(r->size, r->at.sector_size);
	}
	return look_inside(r, e);
}

int
newkey_open(struct newkey *r, struct dd_err *e)
{
	if (look(r, NULL, e) == -1)
		return -1;
	if (r->sector_size == 0)
		r->sector_size = r->at.sector_size;
	return 0;
}

int
newkey_again(struct newkey *r, bool written, struct dd_err *e)
{
	const struct stat *was = &r->seen;
	struct stat is;

	if (stat(r->image, &is) == -1)
		return dd_fail_sys(e, errno, "%s", r->image);
	if (is.st_dev == was->st_dev && is.st_ino == was->st_ino &&
	    is.st_size == was->st_size && (written ||
	    (is.st_mtim.tv_sec == was->st_mtim.tv_sec &&
	    is.st_mtim.tv_nsec == was->st_mtim.tv_nsec)))
		return written ? look(r, image_key(r->im), e) : 0;
	(void)dd_fail(e, ERR_HELD, "%s: was changed since it was looked at",
	    r->image);
	return dd_hint(e, "another command was at work on it: look at it "
	    "again, then repeat this one");
}

/* The layer that the cgd is, or will be, in plaintext. */
static int
plain_layer(const struct newkey *r, struct blk **out, struct dd_err *e)
{
	struct blk *b, *upper;

	if (file_open(r->image, 0, r->at.sector_size, &b, e) == -1)
		return -1;
	if (window_open(b, r->at.off, r->at.len, &upper, e) == -1) {
		blk_close(b);
		return -1;
	}
	b = upper;
	if (r->at.params != NULL && cgd_open(b, r->at.params, r->at.key,
	    false, &upper, e) == -1) {
		blk_close(b);
		return -1;
	}
	*out = upper;
	return 0;
}

static int
fits(const struct newkey *r, enum cgd_verify method, bool *yes,
    struct dd_err *e)
{
	struct blk *b;
	int rc;

	if (plain_layer(r, &b, e) == -1)
		return -1;
	rc = cgd_verify_layer(b, method, yes, e);
	blk_close(b);
	return rc;
}

enum cgd_verify
newkey_verify(struct newkey *r)
{
	static const enum cgd_verify methods[] = { CGD_VERIFY_DISKLABEL,
	    CGD_VERIFY_FFS, CGD_VERIFY_GPT, CGD_VERIFY_MBR };
	struct dd_err ignored = DD_ERR_INIT;
	bool yes = false;
	size_t i;

	for (i = 0; i < sizeof(methods) / sizeof(methods[0]); i++)
		if (fits(r, methods[i], &yes, &ignored) == 0 && yes)
			return methods[i];
	return CGD_VERIFY_NONE;
}

/* -- is it possible? ------------------------------------------------------- */

/* Where it is partitioned inside and outside, nothing that is plain could be
 * found any more. */
static int
check_plain(const struct newkey *r, struct dd_err *e)
{
	struct part_table *table;
	struct blk *b;
	int rc = -1;

	if (r->at.params == NULL) {
		(void)dd_fail(e, ERR_USAGE, "%s: is not encrypted", r->image);
		return dd_hint(e, "-c PARAMS says with what it is; --algorithm "
		    "encrypts it");
	}
	if (r->at.off == 0)
		return 0;
	if ((table = malloc(sizeof(*table))) == NULL)
		return dd_fail_nomem(e);
	if (plain_layer(r, &b, e) == 0) {
		rc = part_read(b, table, e);
		blk_close(b);
	}
	if (rc == 0 && table->scheme != PART_NONE) {
		rc = dd_fail(e, ERR_UNSUP, "%s: there is a label in its "
		    "partition, which nobody would look for", r->image);
		(void)dd_hint(e, "copy the files into a plain image: drydock "
		    "create, drydock cp");
	}
	free(table);
	return rc;
}

static int
check_sectors(const struct newkey *r, struct dd_err *e)
{
	const uint32_t s = r->sector_size;

	if (r->ffs && r->fsize < s) {
		(void)dd_fail(e, ERR_UNSUP, "%s: its file system has fragments "
		    "of %u bytes: nobody could read it on sectors of %u",
		    r->image, r->fsize, s);
		return dd_hint(e, "leave --new-sector-size out");
	}
	if (s <= r->at.sector_size || (r->at.off % s == 0 &&
	    r->at.len % s == 0))
		return 0;
	(void)dd_fail(e, ERR_UNSUP, "%s: what is encrypted is not made of whole "
	    "sectors of %u bytes", r->image, s);
	return dd_hint(e, "leave --new-sector-size out");
}

int
newkey_check(struct newkey *r, struct dd_err *e)
{
	bool yes;

	if (check_sectors(r, e) == -1)
		return -1;
	if (r->params == NULL)
		return check_plain(r, e);
	if (fits(r, r->params->verify, &yes, e) == -1)
		return -1;
	if (yes)
		return 0;
	(void)dd_fail(e, ERR_UNSUP, "%s: verify_method %s would not accept "
	    "what is in it", r->image, cgd_verify_name(r->params->verify));
	return dd_hint(e, "%s would", cgd_verify_name(newkey_verify(r)));
}

/* -- holes that nobody needs ----------------------------------------------- */

struct holes {
	struct newkey	*r;
	int		 fd;
	uint64_t	 base;		/* of the file system, in the file */
};

static int
add_skip(struct newkey *r, uint64_t off, uint64_t end, struct dd_err *e)
{
	struct recrypt_range *v;

	/* whole units of both sides' sectors */
	off = r->at.off + round_up(off - r->at.off, RECRYPT_UNIT);
	end = r->at.off + round_down(end - r->at.off, RECRYPT_UNIT);
	if (off >= end)
		return 0;
	/* full at each power of two */
	if ((r->nskip & (r->nskip - 1)) == 0) {
		v = realloc(r->skip, (r->nskip == 0 ? 1 : 2 * r->nskip) *
		    sizeof(*v));
		if (v == NULL)
			return dd_fail_nomem(e);
		r->skip = v;
	}
	r->skip[r->nskip++] = (struct recrypt_range){ off, end - off };
	r->holes += end - off;
	return 0;
}

/* Of what is free, what is a hole. */
static int
take_free(void *arg, uint64_t off, uint64_t len, struct dd_err *e)
{
	struct holes *h = arg;
	uint64_t at = h->base + off, end = at + len, data, data_end;

	for (; at < end; at = data_end) {
		if (host_next_data(h->fd, h->r->image, h->r->size, at, &data,
		    &data_end, e) == -1)
			return -1;
		if (data_end == data)
			data = data_end = end;
		if (data > at && add_skip(h->r, at, min64(data, end), e) ==
		    -1)
			return -1;
	}
	return 0;
}

static int
find_holes(struct newkey *r, int fd, struct dd_err *e)
{
	struct holes h = { .r = r, .fd = fd,
	    .base = r->at.off + r->at.inner };
	struct ffs *fs;

	if (!r->sparse)
		return 0;
	if (!r->ffs) {
		(void)dd_fail(e, ERR_UNSUP, "%s: no FFS is in it that could "
		    "tell which holes nobody needs", r->image);
		return dd_hint(e, "leave --sparse out");
	}
	return image_ffs(r->im, &fs, e) == -1 ? -1 :
	    ffs_free_ranges(fs, take_free, &h, e);
}

/* -- before and after ------------------------------------------------------ */

static void
count(void *arg, const struct ffs_finding *f)
{
	(void)arg;
	(void)f;
}

static int
add_line(void *arg, const char *text, struct dd_err *e)
{
	(void)e;
	hash_add(arg, text, strlen(text));
	hash_add(arg, "\n", 1);
	return 0;
}

static int
sum_tree(struct image *im, struct progress *progress, char *hex,
    struct dd_err *e)
{
	uint8_t sum[HASH_LEN];
	struct hash *hash;
	struct tree *t;
	int rc;

	if (image_tree(im, &t, e) == -1 ||
	    hash_open(HASH_SHA256, &hash, e) == -1)
		return -1;
	rc = tree_manifest(t, "/", add_line, hash, progress, e);
	if (rc == 0) {
		hash_result(hash, sum);
		(void)hash_hex(hex, sum);
	}
	hash_close(hash);
	return rc;
}

/* The file system is consistent; and what its tree looks like. */
static int
examine(struct image *im, const char *name, struct progress *progress,
    char *hex, struct dd_err *e)
{
	struct ffs *fs;
	unsigned n = 0;

	if (image_ffs(im, &fs, e) == -1 || ffs_check(fs, count, NULL,
	    progress, &n, e) == -1)
		return dd_context(e, "%s", name);
	if (n > 0)
		return dd_fail(e, ERR_FAULTS, "%s: its file system has %u "
		    "fault%s", name, n, n == 1 ? "" : "s");
	return sum_tree(im, progress, hex, e);
}

int
newkey_before(struct newkey *r, struct dd_err *e)
{
	if (r->no_readback || !r->ffs || examine(r->im, r->image,
	    r->progress, r->manifest, e) == 0)
		return 0;
	return e->code != ERR_FAULTS ? -1 : dd_hint(e, "'drydock check' shows "
	    "them, --repair mends what can be: mend it first, so that one can "
	    "tell afterwards");
}

int
newkey_manifest(const char *path, const char *parts, const char *params,
    const struct recrypt_side *side, struct progress *progress,
    char hex[HASH_HEX], struct dd_err *e)
{
	struct image_opts o = { .parts = parts, .params = params,
	    .sector_size = side->sector_size };
	struct image *im = NULL;
	int rc;

	if (image_open_key(path, &o, side->key, &im, e) == -1)
		return -1;
	rc = examine(im, path, progress, hex, e);
	image_close(im);
	return rc;
}

/* What was written, opened as anybody would. */
static int
examine_after(const struct newkey *r, const char *target, const char *params,
    struct cgd_asker *asker, struct dd_err *e)
{
	struct image_opts o = { .parts = r->was.parts, .params =
	    r->params != NULL ? params : NULL, .asker = asker,
	    .sector_size = r->sector_size };
	char hex[HASH_HEX] = "";
	struct image *im = NULL;
	int rc;

	if (image_open(target, &o, &im, e) == -1)
		return dd_context(e, "what was written can't be opened");
	rc = !r->ffs || r->no_readback ? 0 : examine(im, target, r->progress, hex,
	    e);
	image_close(im);
	if (rc == 0 && !r->no_readback && strcmp(hex, r->manifest) != 0)
		rc = dd_fail(e, ERR_IO, "%s: the files in it are not those of "
		    "%s", target, r->image);
	return rc;
}

/* -- the new file ---------------------------------------------------------- */

static int
write_it(const struct newkey *r, const struct recrypt_copy *c,
    struct dd_err *e)
{
	struct recrypt_copy again = *c;

	if (recrypt_copy(c, e) == -1)
		return -1;
	if (fsync(c->to) == -1)
		return dd_fail_sys(e, errno, "%s: fsync", c->target);
	if (r->no_readback)
		return 0;
	/* from the disk: what is in memory proves nothing */
	(void)posix_fadvise(c->to, 0, 0, POSIX_FADV_DONTNEED);
	again.what = "reading back";
	return recrypt_compare(&again, e);
}

static int
copy(struct newkey *r, int from, int to, const char *target, struct dd_err *e)
{
	struct recrypt_copy c = { .from = from, .to = to,
	    .source = r->image, .target = target, .size = r->size,
	    .cgd = { r->at.off, r->at.len },
	    .was = { r->at.params, r->at.key, r->at.sector_size },
	    .is = { r->params, r->key, r->sector_size },
	    .what = r->params == NULL ? "deciphering" :
	    r->at.params == NULL ? "enciphering" : "changing the key",
	    .soon = host_start_writing, .progress = r->progress };

	if (find_holes(r, from, e) == -1)
		return -1;
	c.skip = r->skip;
	c.nskip = r->nskip;
	if (host_has_room(to, r->image, r->size - r->holes, e) == -1)
		return e->code != ERR_NOSPC ? -1 : dd_hint(e, "drydock prune "
		    "makes room; --in-place needs none");
	return write_it(r, &c, e);
}

int
newkey_copy(struct newkey *r, const char *target, const char *params,
    struct cgd_asker *asker, struct dd_err *e)
{
	int from = -1, to = -1, rc = -1;

	if (newkey_before(r, e) == -1)
		return -1;
	if ((from = open(r->image, O_RDONLY | O_NONBLOCK | O_CLOEXEC)) == -1)
		(void)dd_fail_sys(e, errno, "%s", r->image);
	else if ((to = open(target, O_RDWR | O_NOFOLLOW | O_CLOEXEC)) == -1)
		(void)dd_fail_sys(e, errno, "%s", target);
	else
		rc = copy(r, from, to, target, e);
	if (from != -1)
		(void)close(from);
	if (to != -1)
		(void)close(to);
	return rc == -1 ? -1 : examine_after(r, target, params, asker, e);
}

void
newkey_dispose(struct newkey *r)
{
	image_close(r->im);
	free(r->skip);
	r->im = NULL;
	r->skip = NULL;
}
