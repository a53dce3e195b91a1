/*
 * vnd and cgd by their programs; see crypt.h.  For NetBSD, and portable, so
 * that it can be tested with programs that only write down what they are
 * asked for.
 *
 * Units of vnd and cgd have no names.  Which ones were taken is written to
 * run/NAME before each is: "vnd UNIT cgd UNIT MODE DEV INO", a unit that is
 * not taken yet as -1.  Before one is given back, it must still be ours: the
 * vnd must show that file, and the cgd lie on that vnd.
 *
 * cgdconfig reads the parameters, which hold the key, from its standard input;
 * so the key is in a pipe, and never in a file or an argument.
 */
#include <sys/stat.h>
#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "core/base/fsutil.h"
#include "core/base/spawn.h"
#include "core/host/host.h"
#include "core/host/programs_impl.h"

#define LIMIT		20	/* seconds, of a program */
#define STATE_MAX	256

/* The letter of the partition that is the whole disk. */
#if defined(__i386__) || defined(__x86_64__)
#define RAW_PART	'd'
#else
#define RAW_PART	'c'
#endif

struct units {
	int		 vnd, cgd;	/* -1: none */
	char		 mode;		/* 'r', 'w' */
	uint64_t	 dev, ino;	/* of the image */
};

static int
check(const char *algorithm, struct dd_err *e)
{
	(void)algorithm;		/* cgd's own */
	(void)e;
	return 0;
}

/* ---- programs */

static void
device_path(const char *kind, int n, char *path, size_t cap)
{
	(void)snprintf(path, cap, "%s/%s%d%c", host_crypt_places.dev, kind, n,
	    RAW_PART);
}

/* in: what it reads, or NULL. */
static int
run(const char *const *argv, const struct secret *in, struct buf *out,
    struct dd_err *e)
{
	struct buf said = BUF_INIT;
	struct buf *to = out != NULL ? out : &said;
	int status = 0, rc;

	rc = in == NULL ? spawn_run(argv, LIMIT, to, &status, e) :
	    spawn_feed(argv, in, LIMIT, to, &status, e);
	if (rc == 0 && status != 0)
		rc = dd_fail(e, ERR_IO, "%s %s: %.*s", argv[0], argv[1],
		    to->p != NULL ? (int)strcspn(to->p, "\n") : 0,
		    to->p != NULL ? to->p : "");
	buf_dispose(&said);
	return rc;
}

static int
list_units(const char *kind, struct buf *b, struct dd_err *e)
{
	const char *const argv[] = { strcmp(kind, "vnd") == 0 ? "vnconfig" :
	    "cgdconfig", "-l", NULL };

	if (run(argv, NULL, b, e) == -1)
		return -1;
	return buf_str(b, "") == -1 ? dd_fail_nomem(e) : 0;
}

/* Of a file system whose device can't be told the inode is enough. */
static bool
shows(const struct unit_line *l, const struct units *u)
{
	return l->in_use && l->ino_known && l->ino == u->ino &&
	    (!l->dev_known || l->dev == (dev_t)u->dev);
}

/* What one unit is. */
static int
look_at(const char *kind, int n, struct unit_line *l, struct dd_err *e)
{
	struct buf b = BUF_INIT;
	const char *at;
	int rc = list_units(kind, &b, e);

	l->n = -1;
	for (at = b.p; rc == 0 && l->n != n;)
		if (!programs_next_unit(&at, kind, l))
			break;
	buf_dispose(&b);
	if (rc == 0 && l->n != n)
		*l = (struct unit_line){ .n = n };
	if (rc == 0 && l->in_use && !(strcmp(kind, "vnd") == 0 ?
	    l->ino_known : l->dev_known)) {
		(void)dd_fail(e, ERR_FORMAT, "%s%d: can't tell what it is "
		    "made of: %s", kind, n, l->text);
		(void)dd_hint(e, "where it is drydock's: cgdconfig -u, "
		    "vnconfig -u");
		rc = -1;
	}
	return rc;
}

/* The vnd that shows the file, -1: none does. */
static int
find_vnd(const struct units *u, int *n, struct dd_err *e)
{
	struct buf b = BUF_INIT;
	struct unit_line l;
	const char *at;
	int rc = list_units("vnd", &b, e);

	*n = -1;
	for (at = b.p; rc == 0 && *n == -1 && programs_next_unit(&at, "vnd", &l);)
		if (shows(&l, u))
			*n = l.n;
	buf_dispose(&b);
	return rc;
}

/* Does our cgd lie on our vnd? */
static int
cgd_is_ours(const struct units *u, bool *ours, struct dd_err *e)
{
	char path[PROGRAMS_PATH];
	struct unit_line l;
	struct stat st;

	*ours = false;
	if (u->vnd == -1 || u->cgd == -1)
		return 0;
	device_path("vnd", u->vnd, path, sizeof(path));
	if (stat(path, &st) == -1)
		return dd_fail_sys(e, errno, "%s", path);
	if (look_at("cgd", u->cgd, &l, e) == -1)
		return -1;
	*ours = l.in_use && l.dev == st.st_rdev;
	return 0;
}

static int
find_free(const char *kind, int *n, struct dd_err *e)
{
	struct buf b = BUF_INIT;
	struct unit_line l;
	const char *at;
	int rc = list_units(kind, &b, e);

	*n = -1;
	for (at = b.p; rc == 0 && *n == -1 && programs_next_unit(&at, kind, &l);)
		if (!l.in_use)
			*n = l.n;
	buf_dispose(&b);
	if (rc == -1 || *n != -1)
		return rc;
	(void)dd_fail(e, ERR_NOSPC, "no %s device is free", kind);
	return dd_hint(e, "cd /dev && sh MAKEDEV %sN makes another", kind);
}

/* ---- what was taken */

static int
write_units(const char *name, const struct units *u, struct dd_err *e)
{
	char path[PROGRAMS_PATH], text[STATE_MAX];

	if (programs_path(name, path, e) == -1)
		return -1;
	(void)snprintf(text, sizeof(text), "vnd %d cgd %d %c %" PRIu64 " %"
	    PRIu64 "\n", u->vnd, u->cgd, u->mode, u->dev, u->ino);
	return fs_replace_file(path, text, strlen(text), 0600, e);
}

/* 1, 0: nothing was taken, -1. */
static int
read_units(const char *name, struct units *u, struct dd_err *e)
{
	struct dd_err why = DD_ERR_INIT;
	struct buf b = BUF_INIT;
	char path[PROGRAMS_PATH];
	int rc = 1;

	if (programs_path(name, path, e) == -1)
		return -1;
	if (fs_read_file(path, STATE_MAX, &b, &why) == -1)
		rc = why.code == ERR_NOENT ? 0 :
		    dd_fail(e, why.code, "%s", why.msg);
	else if (b.p == NULL || sscanf(b.p, "vnd %d cgd %d %c %" SCNu64
	    " %" SCNu64, &u->vnd, &u->cgd, &u->mode, &u->dev, &u->ino) != 5)
		rc = dd_fail(e, ERR_FORMAT, "%s: can't be read", path);
	buf_dispose(&b);
	return rc;
}

static int
tell_device(const struct units *u, struct host_crypt_device *d,
    struct dd_err *e)
{
	struct stat st;

	device_path("cgd", u->cgd, d->path, sizeof(d->path));
	if (stat(d->path, &st) == -1)
		return dd_fail_sys(e, errno, "%s", d->path);
	if (!S_ISBLK(st.st_mode))
		return dd_fail(e, ERR_TYPE, "%s: is no block device",
		    d->path);
	d->rdev = st.st_rdev;
	d->readonly = u->mode == 'r';
	d->dev = (dev_t)u->dev;
	d->ino = (ino_t)u->ino;
	return 0;
}

/* Ours are those that are what was written down.  One that is in use, and can't
 * be told, may be ours: an error, so that it is not forgotten. */
static int
look_at_ours(const struct units *u, bool *vnd, bool *cgd, struct dd_err *e)
{
	struct unit_line l;

	*vnd = *cgd = false;
	if (u->vnd == -1)
		return 0;
	if (look_at("vnd", u->vnd, &l, e) == -1)
		return -1;
	*vnd = shows(&l, u);
	return *vnd ? cgd_is_ours(u, cgd, e) : 0;
}

static int
find(const char *name, struct host_crypt_device *out, struct dd_err *e)
{
	struct host_crypt_device d = { .readonly = false };
	struct units u = { .vnd = -1, .cgd = -1 };
	int rc = read_units(name, &u, e);
	bool vnd, cgd;

	if (rc != 1)
		return rc;
	if (look_at_ours(&u, &vnd, &cgd, e) == -1)
		return -1;
	if (!cgd)
		return dd_fail(e, ERR_EXIST, "%s: is half set up", name);
	if (tell_device(&u, &d, e) == -1)
		return -1;
	*out = d;
	return 1;
}

/* ---- up and down */

static int
unconfigure(const char *program, const char *kind, int n, struct dd_err *e)
{
	char unit[32];
	const char *const argv[] = { program, "-u", unit, NULL };

	(void)snprintf(unit, sizeof(unit), "%s%d", kind, n);
	return run(argv, NULL, NULL, e);
}

static int
detach(const char *name, struct dd_err *e)
{
	struct units u = { .vnd = -1, .cgd = -1 };
	int rc = read_units(name, &u, e);
	char path[PROGRAMS_PATH];
	bool vnd, cgd;

	if (rc != 1)
		return rc;
	if (look_at_ours(&u, &vnd, &cgd, e) == -1 ||
	    (cgd && unconfigure("cgdconfig", "cgd", u.cgd, e) == -1) ||
	    (vnd && unconfigure("vnconfig", "vnd", u.vnd, e) == -1) ||
	    programs_path(name, path, e) == -1)
		return -1;
	return unlink(path) == 0 || errno == ENOENT ? 0 :
	    dd_fail_sys(e, errno, "%s", path);
}

/* vnconfig opens the path, which may be another file's by now. */
static int
check_vnd(const struct host_crypt_disk *disk, const struct units *u,
    struct dd_err *e)
{
	struct dd_err ignored = DD_ERR_INIT;
	struct unit_line l;

	if (look_at("vnd", u->vnd, &l, e) == -1)
		return -1;
	if (shows(&l, u))
		return 0;
	(void)unconfigure("vnconfig", "vnd", u->vnd, &ignored);
	return dd_fail(e, ERR_HELD, "%s: was replaced meanwhile",
	    disk->image);
}

static int
attach_vnd(const struct host_crypt_disk *disk, struct units *u,
    struct dd_err *e)
{
	char unit[32];
	const char *const rw[] = { "vnconfig", unit, disk->image, NULL };
	const char *const ro[] = { "vnconfig", "-r", unit, disk->image,
	    NULL };
	int n;

	if (find_vnd(u, &n, e) == -1)
		return -1;
	if (n != -1) {
		(void)dd_fail(e, ERR_HELD, "%s: is in use: vnd%d",
		    disk->image, n);
		return dd_hint(e, "two that write to one image destroy it: "
		    "detach that first");
	}
	if (find_free("vnd", &u->vnd, e) == -1 ||
	    write_units(disk->name, u, e) == -1)
		return -1;
	(void)snprintf(unit, sizeof(unit), "vnd%d", u->vnd);
	if (run(disk->readonly ? ro : rw, NULL, NULL, e) == -1)
		return -1;
	return check_vnd(disk, u, e);
}

static int
attach_cgd(const struct host_crypt_disk *disk, struct units *u,
    const struct secret *params, struct dd_err *e)
{
	char unit[32], under[PROGRAMS_PATH];
	const char *const argv[] = { "cgdconfig", unit, under, "/dev/stdin",
	    NULL };

	if (find_free("cgd", &u->cgd, e) == -1 ||
	    write_units(disk->name, u, e) == -1)
		return -1;
	(void)snprintf(unit, sizeof(unit), "cgd%d", u->cgd);
	device_path("vnd", u->vnd, under, sizeof(under));
	return run(argv, params, NULL, e);
}

static int
attach(const struct host_crypt_disk *disk, struct host_crypt_device *out,
    struct dd_err *e)
{
	struct host_crypt_device d = { .readonly = disk->readonly };
	struct units u = { .vnd = -1, .cgd = -1,
	    .mode = disk->readonly ? 'r' : 'w', .dev = (uint64_t)disk->dev,
	    .ino = (uint64_t)disk->ino };
	struct dd_err ignored = DD_ERR_INIT;
	struct secret params = SECRET_INIT;
	int rc = -1;

	if (programs_key_read(disk->key, &params, e) == 0 &&
	    attach_vnd(disk, &u, e) == 0 &&
	    attach_cgd(disk, &u, &params, e) == 0 &&
	    tell_device(&u, &d, e) == 0)
		rc = 0;
	secret_free(&params);
	if (rc == 0)
		*out = d;
	else
		(void)detach(disk->name, &ignored);
	return rc;
}

const struct host_crypt host_crypt_programs = {
	.takes_params = true,
	.check = check,
	.find = find,
	.attach = attach,
	.detach = detach,
	.key_put = programs_key_put,
	.key_there = programs_key_there,
	.key_drop = programs_key_drop,
	.key_drop_all = programs_key_drop_all,
};
