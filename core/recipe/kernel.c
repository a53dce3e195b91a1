/* A kernel from the host, put into a root image; see kernel.h. */
#include <sys/stat.h>
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <archive.h>
#include <archive_entry.h>

#include "core/base/bytes.h"
#include "core/base/fsutil.h"
#include "core/recipe/kernel.h"

#define CHUNK		(1024 * 1024)
#define KERNEL_MODE	0755

struct kernel {
	const char	*path, *name;
	int		 fd;
	uint64_t	 size;
	char		*a, *b;		/* CHUNK bytes each */
	struct progress	*progress;
};

/* libarchive's raw format unpacks gzip and passes anything else through. */
static bool
is_elf(const char *path)
{
	struct archive *a = archive_read_new();
	struct archive_entry *entry;
	char magic[4] = { 0 };
	bool elf = false;

	if (a == NULL)
		return false;
	(void)archive_read_support_filter_gzip(a);
	(void)archive_read_support_format_raw(a);
	if (archive_read_open_filename(a, path, 65536) == ARCHIVE_OK &&
	    archive_read_next_header(a, &entry) == ARCHIVE_OK)
		elf = archive_read_data(a, magic, sizeof(magic)) ==
		    sizeof(magic) && memcmp(magic, "\177ELF", 4) == 0;
	(void)archive_read_free(a);
	return elf;
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
	if (!S_ISREG(st.st_mode) || !is_elf(k->path)) {
		(void)dd_fail(e, ERR_FORMAT,
		    "kernel: %s: not an ELF file, plain or gzip'ed", k->path);
		return dd_hint(e, "a domU kernel is a file like netbsd-XENU "
		    "or netbsd-XEN3_DOMU.gz");
	}
	k->size = (uint64_t)st.st_size;
	k->a = malloc(CHUNK);
	k->b = malloc(CHUNK);
	return k->a != NULL && k->b != NULL ? 0 : dd_fail_nomem(e);
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
		if (fs_pread(k->fd, k->a, n, off, k->path, e) == -1 ||
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

/* /NAME becomes the kernel, if it is not.  What stood there goes: a hard link
 * to another kernel must not be written through. */
static int
put_kernel(struct tree *t, struct tree_node root, struct kernel *k,
    struct dd_err *e)
{
	const struct tree_attr attr = { .mask = TREE_SET_PERM |
	    TREE_SET_OWNER, .perm = KERNEL_MODE };
	struct tree_node node;
	struct tree_stat st;
	bool same = false;
	int rc;

	if (tree_exists(t, k->name)) {
		if (tree_lookup(t, k->name, false, &node, &st, e) == -1)
			return -1;
		rc = 0;
		if (st.type == TREE_REG && st.size == k->size)
			rc = is_there(t, node, k, &same, e);
		t->ops->put(t, node);
		if (rc == -1 || same)
			return rc;
		if (tree_remove(t, k->name, e) == -1)
			return -1;
	}
	if (t->ops->create(t, root, k->name, &attr, &node, e) == -1)
		return -1;
	rc = write_kernel(t, node, k, e);
	t->ops->put(t, node);
	return rc;
}

/* /netbsd is a link to /NAME. */
static int
link_netbsd(struct tree *t, struct tree_node root, const char *name,
    struct dd_err *e)
{
	struct tree_node kernel, old;
	struct tree_stat kst, ost = { .id = 0 };
	int rc = -1;

	if (tree_lookup(t, name, false, &kernel, &kst, e) == -1)
		return -1;
	if (tree_exists(t, "netbsd")) {
		if (tree_lookup(t, "netbsd", false, &old, &ost, e) == -1)
			goto out;
		t->ops->put(t, old);
		if (ost.id == kst.id) {
			rc = 0;
			goto out;
		}
		if (tree_remove(t, "netbsd", e) == -1)
			goto out;
	}
	rc = t->ops->link(t, kernel, root, "netbsd", e);
out:
	t->ops->put(t, kernel);
	return rc;
}

int
kernel_install(struct tree *t, const char *path, struct progress *progress,
    struct dd_err *e)
{
	struct kernel k = { .path = path, .fd = -1, .progress = progress };
	struct tree_node root = t->ops->root(t);
	int rc = -1;

	if (kernel_open(&k, e) == -1 || put_kernel(t, root, &k, e) == -1)
		goto out;
	if (strcmp(k.name, "netbsd") != 0 &&
	    link_netbsd(t, root, k.name, e) == -1)
		goto out;
	rc = 0;
out:
	t->ops->put(t, root);
	if (k.fd != -1)
		(void)close(k.fd);
	free(k.a);
	free(k.b);
	return rc;
}
