/* An image's file system mounted by the kernel; see image_mount.h. */
#include <stdlib.h>
#include <unistd.h>
#include <string.h>

#include "core/host/stack.h"
#include "core/tree/image_mount.h"

struct image_mount {
	const struct host_kernel *kernel;
	struct image_mount_ask	 ask;	/* strings and cipher: the caller's */
	struct image_copy	 copy;	/* what is mounted, if not the image */
	struct stack		*stack;
	bool			 stays;	/* what could not be taken down */
	struct tree		*tree;
};

/* What is mounted is the image, or its copy. */
static int
build(struct image_mount *m, struct dd_err *e)
{
	const struct image_mount_ask *a = &m->ask;
	bool copied = m->copy.path != NULL;
	const struct stack_ask ask = {
		.part = { .image = copied ? m->copy.path : a->path,
		    .dev = copied ? m->copy.dev : a->dev,
		    .ino = copied ? m->copy.ino : a->ino,
		    .off = a->off, .len = a->len, .readonly = !copied },
		.fstype = a->fstype, .cipher = a->cipher,
	};

	return stack_open(m->kernel, &ask, &m->stack, e);
}

static int
build_on_copy(struct image_mount *m, struct dd_err *e)
{
	const struct host_need need = { .fstype = m->ask.fstype,
	    .cipher = m->ask.cipher };

	/* before all that is copied */
	if (m->kernel->check(&need, e) == -1 ||
	    image_copy_make(&m->ask, &m->copy, e) == -1)
		return -1;
	return build(m, e);
}

/* What changes under a mount would confuse the kernel, and a journal can't be
 * replayed where nothing is written: a copy does for both. */
static int
build_to_read(struct image_mount *m, struct dd_err *e)
{
	struct dd_err why = DD_ERR_INIT;

	if (build(m, &why) == 0)
		return 0;
	if (why.code == ERR_UNCLEAN || why.code == ERR_HELD)
		return build_on_copy(m, e);
	(void)dd_fail(e, why.code, "%s", why.msg);
	return why.hint[0] != '\0' ? dd_hint(e, "%s", why.hint) : -1;
}

int
image_mount(const struct host_kernel *k, const struct image_mount_ask *ask,
    struct image_mount **out, struct dd_err *e)
{
	struct image_mount *m = calloc(1, sizeof(*m));
	struct dd_err down = DD_ERR_INIT;

	if (m == NULL)
		return dd_fail_nomem(e);
	m->kernel = k;
	m->ask = *ask;
	m->copy = (struct image_copy)IMAGE_COPY_INIT;
	if ((ask->write ? build_on_copy(m, e) : build_to_read(m, e)) == 0 &&
	    tree_mounted_open(stack_mount_point(m->stack), ask->write,
	    &m->tree, e) == 0) {
		*out = m;
		return 0;
	}
	/* what stays is for recover, and so the exit status is */
	if (image_mount_close(m, &down) == -1)
		*e = down;
	return -1;
}

struct tree *
image_mount_tree(const struct image_mount *m)
{
	return m->tree;
}

int
image_mount_save(struct image_mount *m, struct blk *overlay,
    struct dd_err *e)
{
	struct stack *s = m->stack;

	if (tree_commit(m->tree, e) == -1)
		return -1;
	tree_close(m->tree);
	m->tree = NULL;
	if (stack_settle(s, e) == -1)
		return -1;
	m->stack = NULL;
	m->stays = stack_close(s, e) == -1;
	if (m->stays || image_copy_differences(&m->copy, &m->ask, overlay, e) == -1)
		return -1;
	return blk_flush(overlay, e);
}

int
image_mount_close(struct image_mount *m, struct dd_err *e)
{
	int rc;

	if (m == NULL)
		return 0;
	tree_close(m->tree);
	rc = stack_close(m->stack, e);
	/* what stays attached is found by that name */
	if (rc == 0 && !m->stays)
		image_copy_dispose(&m->copy);
	else if (m->copy.fd != -1)
		(void)close(m->copy.fd);
	free(m->copy.path);
	free(m);
	return rc;
}
