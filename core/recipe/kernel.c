/*
 * A kernel from the host, put into a root image; see kernel.h.
 *
 * It always becomes a new file: one that is there may have other links, to
 * another kernel's name.  A gzip file is unpacked to its end, into nowhere, so
 * that one cut off in the transfer shows now and not when a domU boots.
 */
#include <sys/stat.h>
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <archive.h>

#include "core/base/bytes.h"
#include "core/base/fsutil.h"
#include "core/recipe/kernel.h"
#include "core/recipe/recipe.h"
#include "core/tree/copy.h"

#define CHUNK		(256 * 1024)
#define UNPACKED_MAX	(1024ULL * 1024 * 1024)
#define KERNEL_MODE	0755
#define NETBSD		"netbsd"

struct kernel {
	const char	*path, *name;
	int		 fd;
	uint64_t	 size;
	struct tree_time mtime;
	char		*a, *b;		/* CHUNK bytes each */
	struct progress	*progress;
};

static int
not_a_kernel(const struct kernel *k, const char *why, struct dd_err *e)
{
	(void)dd_fail(e, ERR_FORMAT, "kernel: %s: %s", k->path, why);
	return dd_hint(e, "a domU kernel is an ELF file, plain or gzip'ed, "
	    "like netbsd-XENU or netbsd-XEN3_DOMU.gz");
}

static bool
is_elf(const char *p, size_t len)
{
	return len >= 4 && memcmp(p, "\177ELF", 4) == 0;
}

static int
check_gzip(const struct kernel *k, struct archive *a, struct dd_err *e)
{
	struct archive_entry *entry;
	uint64_t total = 0;
	la_ssize_t n = -1;

	if (archive_read_support_filter_gzip(a) == ARCHIVE_OK &&
	    archive_read_support_format_raw(a) == ARCHIVE_OK &&
	    archive_read_open_fd(a, k->fd, CHUNK) == ARCHIVE_OK &&
	    archive_read_next_header(a, &entry) == ARCHIVE_OK)
		n = archive_read_data(a, k->a, CHUNK);
	if (n >= 0 && !is_elf(k->a, (size_t)n))
		return not_a_kernel(k, "gzip'ed, but not an ELF file", e);
	for (; n > 0; n = archive_read_data(a, k->a, CHUNK)) {
		if ((total += (uint64_t)n) > UNPACKED_MAX)
			return not_a_kernel(k, "more than 1 GiB unpacked", e);
		if (progress_tick(k->progress, "reading the kernel", total, 0,
		    e) == -1)
			return -1;
	}
	return n == 0 ? 0 :
	    not_a_kernel(k, "damaged gzip data, or cut off", e);
}

static int
check_content(const struct kernel *k, struct dd_err *e)
{
	size_t len = (size_t)min64(k->size, 4);
	struct archive *a;
	int rc;

	if (fs_pread(k->fd, k->a, len, 0, k->path, e) == -1)
		return -1;
	if (is_elf(k->a, len))
		return 0;
	if (len < 2 || memcmp(k->a, "\037\213", 2) != 0)
		return not_a_kernel(k, "not an ELF file, plain or gzip'ed",
		    e);
	if ((a = archive_read_new()) == NULL)
		return dd_fail_nomem(e);
	rc = check_gzip(k, a, e);
	(void)archive_read_free(a);
	return rc;
}

static int
kernel_open(struct kernel *k, struct dd_err *e)
{
	const char *slash = strrchr(k->path, '/');
	struct stat st;

	k->name = slash != NULL ? slash + 1 : k->path;
	k->fd = open(k->path, O_RDONLY | O_CLOEXEC | O_NONBLOCK);
	if (k->fd == -1) {
		(void)dd_fail_sys(e, errno, "kernel: %s", k->path);
		return dd_hint(e, "name the domU kernel with -k");
	}
	if (fstat(k->fd, &st) == -1)
		return dd_fail_sys(e, errno, "kernel: %s", k->path);
	if (!S_ISREG(st.st_mode))
		return not_a_kernel(k, "not a regular file", e);
	k->size = (uint64_t)st.st_size;
	k->mtime = (struct tree_time){ .sec = st.st_mtim.tv_sec,
	    .nsec = (int32_t)st.st_mtim.tv_nsec };
	k->a = malloc(CHUNK);
	k->b = malloc(CHUNK);
	if (k->a == NULL || k->b == NULL)
		return dd_fail_nomem(e);
	return check_content(k, e);
}

/* Is the file of the tree the kernel, byte for byte? */
static int
is_there(struct tree *t, struct tree_node node, struct kernel *k, bool *same,
    struct dd_err *e)
{
	uint64_t off;
	size_t n, got;

	*same = true;
	for (off = 0; off < k->size && *same; off += n) {
		n = (size_t)min64(CHUNK, k->size - off);
		if (progress_tick(k->progress, "comparing the kernel", off,
		    k->size, e) == -1 ||
		    fs_pread(k->fd, k->a, n, off, k->path, e) == -1 ||
		    t->ops->read(t, node, k->b, n, off, &got, e) == -1)
			return -1;
		*same = got == n && memcmp(k->a, k->b, n) == 0;
	}
	return 0;
}

static int
write_kernel(struct tree *t, struct tree_node node, struct kernel *k,
    struct dd_err *e)
{
	uint64_t off;
	size_t n;

	for (off = 0; off < k->size; off += n) {
		n = (size_t)min64(CHUNK, k->size - off);
		if (progress_tick(k->progress, "copying the kernel", off,
		    k->size, e) == -1 ||
		    fs_pread(k->fd, k->a, n, off, k->path, e) == -1 ||
		    t->ops->write(t, node, k->a, n, off, e) == -1)
			return -1;
	}
	return progress_tick(k->progress, "copying the kernel", k->size,
	    k->size, e);
}

/* What stands under the name, in the root.  st->type 0: nothing. */
static int
look(struct tree *t, const char *name, struct tree_node *node,
    struct tree_stat *st, struct dd_err *e)
{
	struct dd_err missing = DD_ERR_INIT;

	if (tree_lookup(t, name, false, node, st, &missing) == 0)
		return 0;
	memset(st, 0, sizeof(*st));
	if (missing.code == ERR_NOENT)
		return 0;
	*e = missing;
	return -1;
}

/* A new file /NAME with the kernel in it; *old lends its attributes. */
static int
make_kernel(struct tree *t, struct tree_node root, struct kernel *k,
    const struct tree_stat *old, struct dd_err *e)
{
	struct tree_attr a = recipe_attr(t, KERNEL_MODE);
	struct measure room = { .bytes = 0 };
	struct tree_node node;
	int rc;

	if (old->type != 0) {
		a.perm = old->perm;
		a.uid = old->uid;
		a.gid = old->gid;
	}
	a.mask |= TREE_SET_MTIME;
	a.mtime = k->mtime;
	if (measure_add(&room, t->unit, k->size) == -1 ||
	    tree_fits(t, &room, e) == -1)
		return dd_context(e, "kernel: %s", k->path);
	if (tree_remove(t, k->name, e) == -1 ||
	    t->ops->create(t, root, k->name,
	    &(struct tree_attr){ .mask = 0 }, &node, e) == -1)
		return -1;
	rc = write_kernel(t, node, k, e);
	if (rc == 0)
		rc = t->ops->setattr(t, node, &a, e);
	t->ops->put(t, node);
	return rc;
}

/* /NAME becomes the kernel, if it is not. */
static int
put_kernel(struct tree *t, struct tree_node root, struct kernel *k,
    struct tree_stat *old, struct dd_err *e)
{
	struct tree_node node;
	bool same = false;
	int rc = 0;

	if (look(t, k->name, &node, old, e) == -1)
		return -1;
	if (old->type == TREE_REG && old->size == k->size)
		rc = is_there(t, node, k, &same, e);
	if (old->type != 0)
		t->ops->put(t, node);
	if (rc == -1 || same)
		return rc;
	if (old->type != 0 && old->type != TREE_REG) {
		(void)dd_fail(e, ERR_RULE, "/%s: is in the image and not a "
		    "regular file (rule: the kernel goes there)", k->name);
		return dd_hint(e, "give the kernel another name");
	}
	return make_kernel(t, root, k, old, e);
}

/* /netbsd is a link to /NAME. */
static int
link_netbsd(struct tree *t, struct tree_node root, const char *name,
    struct dd_err *e)
{
	struct tree_attr no_flags = { .mask = TREE_SET_FLAGS };
	struct tree_node kernel, old;
	struct tree_stat kst, ost;
	int rc = -1;

	if (tree_lookup(t, name, false, &kernel, &kst, e) == -1)
		return -1;
	if (look(t, NETBSD, &old, &ost, e) == -1)
		goto out;
	if (ost.type != 0)
		t->ops->put(t, old);
	if (ost.type == TREE_DIR) {
		(void)dd_fail(e, ERR_RULE, "/" NETBSD ": is a directory (rule:"
		    " the kernel goes there)");
		(void)dd_hint(e, "is it the image of a root?  drydock ls "
		    "shows what it holds");
	} else if (ost.type != 0 && ost.id == kst.id)
		rc = 0;
	else if (tree_remove(t, NETBSD, e) == 0 && (kst.flags == 0 ||
	    t->ops->setattr(t, kernel, &no_flags, e) == 0))
		rc = t->ops->link(t, kernel, root, NETBSD, e);
out:
	t->ops->put(t, kernel);
	return rc;
}

/* Flags such as schg, that the old kernel had and linking has lifted. */
static int
restore_flags(struct tree *t, const char *name, uint32_t flags,
    struct dd_err *e)
{
	struct tree_attr a = { .mask = TREE_SET_FLAGS, .flags = flags };
	struct tree_node node;
	struct tree_stat st;
	int rc = 0;

	if (tree_lookup(t, name, false, &node, &st, e) == -1)
		return -1;
	if (st.flags != flags)
		rc = t->ops->setattr(t, node, &a, e);
	t->ops->put(t, node);
	return rc;
}

static void
kernel_close(struct kernel *k)
{
	if (k->fd != -1)
		(void)close(k->fd);
	free(k->a);
	free(k->b);
}

int
kernel_check(const char *path, struct progress *progress, struct dd_err *e)
{
	struct kernel k = { .path = path, .fd = -1, .progress = progress };
	int rc = kernel_open(&k, e);

	kernel_close(&k);
	return rc;
}

int
kernel_install(struct tree *t, const char *path, struct progress *progress,
    struct dd_err *e)
{
	struct kernel k = { .path = path, .fd = -1, .progress = progress };
	struct tree_node root = t->ops->root(t);
	struct tree_stat old;
	int rc = -1;

	if (kernel_open(&k, e) == -1 ||
	    put_kernel(t, root, &k, &old, e) == -1)
		goto out;
	if (strcmp(k.name, NETBSD) != 0 &&
	    link_netbsd(t, root, k.name, e) == -1)
		goto out;
	rc = restore_flags(t, k.name, old.flags, e);
out:
	t->ops->put(t, root);
	kernel_close(&k);
	return rc;
}
