/*
 * An image mounted by the kernel; see stack.h.  What is made is kept as what a
 * record would say of it, so that there is one way down, for us and for
 * who comes after us.
 */
#include <sys/stat.h>
#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "core/base/fsutil.h"
#include "core/base/vis.h"
#include "core/host/host.h"
#include "core/host/stack_impl.h"

#define ATTACH_TRIES	64	/* others take devices, too */

struct stack {
	const struct host_kernel *kernel;
	char			*name;		/* "1234-987654-0" */
	char			*fstype;	/* or NULL */
	bool			 readonly;
	int			 fd;		/* of the record */
	struct stack_left	 made;
};

/* ---- the record */

static int
own_folder(const char *kind, struct dd_err *e)
{
	char *dir = stack_path(kind, "", e);
	int rc;

	if (dir == NULL)
		return -1;
	rc = fs_mkdirs(dir, 0700, e);
	if (rc == 0)
		rc = stack_check_folder(dir, e);
	free(dir);
	return rc;
}

/* One whole line, at once: who reads it sees all of it, or nothing. */
static int
note(struct stack *s, const struct buf *line, struct dd_err *e)
{
	ssize_t n;

	if (line->failed)
		return dd_fail_nomem(e);
	n = write(s->fd, line->p, line->len);
	if (n == (ssize_t)line->len)
		return 0;
	return dd_fail_sys(e, n == -1 ? errno : ENOSPC, "%s",
	    s->made.record);
}

static int
note_text(struct stack *s, const char *kind, const char *text,
    struct dd_err *e)
{
	struct buf b = BUF_INIT;
	int rc;

	(void)buf_printf(&b, "%s %s\n", kind, text);
	rc = note(s, &b, e);
	buf_dispose(&b);
	return rc;
}

/* name: "" where there is none. */
static int
note_device(struct stack *s, const char *kind, const char *name,
    const struct host_device *d, struct dd_err *e)
{
	struct buf b = BUF_INIT;
	int rc;

	(void)buf_printf(&b, "%s %" PRIu64 "%s%s", kind, (uint64_t)d->rdev,
	    name[0] != '\0' ? " " : "", name);
	if (d->path[0] != '\0')
		(void)buf_printf(&b, " %s %s", d->path, d->raw);
	(void)buf_str(&b, "\n");
	rc = note(s, &b, e);
	buf_dispose(&b);
	return rc;
}

/* The first name of ours that is free, and its file. */
static int
make_record(struct stack *s, struct dd_err *e)
{
	uint64_t start = host_process_start(getpid());
	char name[64];
	unsigned i;

	for (i = 0; s->fd == -1; i++) {
		(void)snprintf(name, sizeof(name), "%ld-%" PRIu64 "-%u",
		    (long)getpid(), start, i);
		free(s->made.record);
		s->made.record = stack_path(STACK_RECORDS, name, e);
		if (s->made.record == NULL)
			return -1;
		s->fd = open(s->made.record, O_WRONLY | O_CREAT | O_EXCL |
		    O_APPEND | O_CLOEXEC, 0600);
		if (s->fd == -1 && errno != EEXIST)
			return dd_fail_sys(e, errno, "%s", s->made.record);
	}
	s->name = strdup(name);
	return s->name != NULL ? 0 : dd_fail_nomem(e);
}

static int
note_image(struct stack *s, const struct host_part *part, struct dd_err *e)
{
	char *real = realpath(part->image, NULL);
	const char *image = real != NULL ? real : part->image;
	struct buf b = BUF_INIT;
	int rc;

	s->made.dev = part->dev;
	s->made.ino = part->ino;
	(void)buf_printf(&b, "image %" PRIu64 " %" PRIu64 " ",
	    (uint64_t)part->dev, (uint64_t)part->ino);
	if (vis_buf(&b, image, strlen(image)) != 0)
		b.failed = true;
	free(real);
	(void)buf_str(&b, "\n");
	rc = note(s, &b, e);
	buf_dispose(&b);
	return rc;
}

/* ---- up */

static int
pass_on(const struct dd_err *why, struct dd_err *e)
{
	(void)dd_fail(e, why->code, "%s", why->msg);
	return why->hint[0] != '\0' ? dd_hint(e, "%s", why->hint) : -1;
}

static int
attach(struct stack *s, const struct host_part *part, struct dd_err *e)
{
	const struct host_kernel *k = s->kernel;
	struct dd_err why = DD_ERR_INIT;
	struct host_device d;
	int tries = 0;

	do {
		dd_err_clear(&why);
		d = (struct host_device){ .rdev = 0 };
		if ((k->choose != NULL && k->choose(&d, e) == -1) ||
		    note_device(s, "device", "", &d, e) == -1)
			return -1;
		if (k->attach(part, &d, &why) == 0) {
			s->made.device = d;
			return note_device(s, "device", "", &d, e);
		}
	} while (k->choose != NULL && why.code == ERR_EXIST &&
	    ++tries < ATTACH_TRIES);
	/* it could not be taken back: the one that was chosen is ours */
	if (why.code == ERR_RECOVER)
		s->made.device = d;
	return pass_on(&why, e);
}

static int
decrypt(struct stack *s, const struct host_cipher *cipher, struct dd_err *e)
{
	struct host_device d = { .rdev = 0 };
	char name[HOST_DEVICE_PATH];

	(void)snprintf(name, sizeof(name), "drydock-%s", s->name);
	if (note_device(s, "crypt", name, &d, e) == -1 ||
	    s->kernel->decrypt(&s->made.device, cipher, name, s->readonly, &d,
	    e) == -1)
		return -1;
	s->made.crypt = d;
	memcpy(s->made.crypt_name, name, sizeof(name));
	return note_device(s, "crypt", name, &d, e);
}

static int
mount_it(struct stack *s, struct dd_err *e)
{
	char *dir = stack_path(STACK_MOUNTS, s->name, e);

	if (dir == NULL)
		return -1;
	/* the folder is to go in any case */
	s->made.mount = dir;
	if (note_text(s, "mount", dir, e) == -1)
		return -1;
	if (mkdir(dir, 0700) == -1)
		return dd_fail_sys(e, errno, "%s", dir);
	if (!s->readonly && s->kernel->fsck(stack_device(s), s->fstype, e) ==
	    -1)
		return -1;
	return s->kernel->mount(stack_device(s), s->fstype, dir, s->readonly,
	    e);
}

static int
build(struct stack *s, const struct stack_ask *ask, struct dd_err *e)
{
	if (own_folder(STACK_RECORDS, e) == -1 ||
	    own_folder(STACK_MOUNTS, e) == -1 ||
	    make_record(s, e) == -1 || note_image(s, &ask->part, e) == -1 ||
	    attach(s, &ask->part, e) == -1)
		return -1;
	if (ask->cipher != NULL && decrypt(s, ask->cipher, e) == -1)
		return -1;
	return s->fstype != NULL ? mount_it(s, e) : 0;
}

static void
free_stack(struct stack *s)
{
	if (s->fd != -1)
		(void)close(s->fd);
	stack_left_dispose(&s->made);
	free(s->name);
	free(s->fstype);
	free(s);
}

int
stack_open(const struct host_kernel *k, const struct stack_ask *ask,
    struct stack **out, struct dd_err *e)
{
	struct host_need need = { .readonly = ask->part.readonly,
	    .fstype = ask->fstype, .cipher = ask->cipher };
	struct dd_err why = DD_ERR_INIT, down = DD_ERR_INIT;
	struct stack *s;

	if (k->check(&need, e) == -1)
		return -1;
	if ((s = calloc(1, sizeof(*s))) == NULL)
		return dd_fail_nomem(e);
	s->kernel = k;
	s->readonly = ask->part.readonly;
	s->fd = -1;
	if (ask->fstype != NULL && (s->fstype = strdup(ask->fstype)) == NULL)
		(void)dd_fail_nomem(&why);
	else if (build(s, ask, &why) == 0) {
		*out = s;
		return 0;
	}
	if (stack_close(s, &down) == -1) {
		(void)dd_fail(e, ERR_RECOVER, "%s; then: %s", why.msg,
		    down.msg);
		return dd_hint(e, "%s", down.hint);
	}
	return pass_on(&why, e);
}

const char *
stack_mount_point(const struct stack *s)
{
	return s->made.mount;
}

const struct host_device *
stack_device(const struct stack *s)
{
	return s->made.crypt_name[0] != '\0' ? &s->made.crypt :
	    &s->made.device;
}

/* ---- down */

int
stack_settle(struct stack *s, struct dd_err *e)
{
	if (s->made.mount == NULL)
		return 0;
	if (s->kernel->sync != NULL &&
	    s->kernel->sync(s->made.mount, e) == -1)
		return -1;
	if (s->kernel->unmount(s->made.mount, e) == -1)
		return -1;
	return s->kernel->fsck(stack_device(s), s->fstype, e);
}

int
stack_close(struct stack *s, struct dd_err *e)
{
	struct dd_err why = DD_ERR_INIT;
	int rc = 0;

	if (s == NULL)
		return 0;
	if (s->fd != -1 && stack_take_down(s->kernel, &s->made, &why) == -1) {
		rc = dd_fail(e, ERR_RECOVER, "%s", why.msg);
		(void)dd_hint(e, "%s%sdrydock recover takes down what is "
		    "left", why.hint, why.hint[0] != '\0' ? "; then " : "");
	}
	free_stack(s);
	return rc;
}
