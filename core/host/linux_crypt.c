/*
 * A loop device with dm-crypt on it; see crypt.h.
 *
 * The loop device clears itself with its last user, and that is first this
 * process and then dm-crypt.  So whatever ends us, at any instant, what can be
 * left is a mapping at most, and that has a name; and taking that away takes
 * all away.
 */
#ifdef __linux__
#include <sys/stat.h>
#include <sys/statfs.h>
#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include <linux/magic.h>

#include "core/host/host.h"
#include "core/host/linux_impl.h"
#include "core/host/linux_keys.h"

bool
host_is_memory(const char *dir)
{
	struct statfs fs;

	return statfs(dir, &fs) == 0 && (fs.f_type == TMPFS_MAGIC ||
	    fs.f_type == RAMFS_MAGIC);
}

static int
check(const char *algorithm, struct dd_err *e)
{
	if (strcmp(algorithm, "aes-xts") == 0)
		return 0;
	(void)dd_fail(e, ERR_UNSUP, "Linux can't decrypt %s of cgd's: only "
	    "aes-xts is the same here", algorithm);
	return dd_hint(e, "make a new image with aes-xts (drydock cgd params "
	    "new aes-xts, drydock create -c), and copy the files with drydock "
	    "cp");
}

static void
tell(const struct linux_mapping *m, struct host_crypt_device *d)
{
	d->rdev = m->rdev;
	d->readonly = m->readonly;
	d->open = m->opens > 0;
	memcpy(d->path, m->path, sizeof(d->path));
}

static int
find(const char *name, struct host_crypt_device *out, struct dd_err *e)
{
	struct host_crypt_device d = { .rdev = 0 };
	struct linux_mapping m;
	int rc = linux_dm_find(name, &m, e);

	if (rc != 1)
		return rc;
	tell(&m, &d);
	if (!m.whole || !host_backing_file(d.rdev, &d.dev, &d.ino))
		return dd_fail(e, ERR_EXIST, "%s: is half set up", name);
	*out = d;
	return 1;
}

static int
attach(const struct host_crypt_disk *disk, struct host_crypt_device *out,
    struct dd_err *e)
{
	const struct linux_loop l = { .image = disk->image,
	    .name = disk->name, .readonly = disk->readonly };
	struct linux_map map = { .name = disk->name, .sectors = disk->sectors,
	    .readonly = disk->readonly, .keybits = disk->keybits,
	    .key = disk->key };
	struct host_crypt_device d = { .dev = disk->dev, .ino = disk->ino };
	int dm, file = -1, loop = -1, rc = -1;
	struct linux_mapping m;
	struct stat st;

	if (linux_loop_refuse_held(&l, disk->dev, disk->ino, e) == -1 ||
	    (dm = linux_dm_open(e)) == -1)
		return -1;
	if ((file = linux_loop_open_image(&l, disk->dev, disk->ino, e)) ==
	    -1 || (loop = linux_loop_of(file, &l, e)) == -1)
		goto out;
	if (fstat(loop, &st) == -1) {
		(void)dd_fail_sys(e, errno, "loop device");
		goto out;
	}
	map.under = st.st_rdev;
	rc = linux_dm_map(dm, &map, &m, e);
out:
	if (loop != -1)
		(void)close(loop);
	if (file != -1)
		(void)close(file);
	(void)close(dm);
	if (rc == 0) {
		tell(&m, &d);
		d.readonly = disk->readonly;
		*out = d;
	}
	return rc;
}

static const struct host_crypt linux_crypt = {
	.check = check,
	.find = find,
	.attach = attach,
	.detach = linux_dm_remove,
	.key_put = linux_key_put,
	.key_there = linux_key_there,
	.key_drop = linux_key_drop,
	.key_drop_all = linux_key_drop_all,
};

const struct host_crypt *const host_crypt = &linux_crypt;
#endif
