/*
 * Mappings of dm's, by ioctl: no program that might be missing, and nothing to
 * be seen in a list of processes.
 *
 * cgd's aes-xts is dm-crypt's aes-xts-plain64: the tweak is the number of the
 * 512-byte sector, from 0, as a 64-bit little-endian number, and the key is the
 * data's half and then the tweak's.
 */
#ifdef __linux__
#include <sys/ioctl.h>
#include <sys/stat.h>
#include <sys/sysmacros.h>
#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include <linux/dm-ioctl.h>

#include "core/host/linux_impl.h"

#define CIPHER		"aes-xts-plain64"

/* udev is not to look into what a guest has written: flags of libdevmapper's,
 * which its rules are told by the kernel. */
#define UDEV_LEAVE_IT	((0x02u | 0x04u | 0x08u) << 16)

/* A call of dm's: its head, and what goes with it. */
union dm_call {
	struct dm_ioctl	 head;
	char		 room[2048];
};

static int
dm_call(int dm, unsigned long request, const char *name, uint32_t flags,
    union dm_call *c)
{
	struct dm_ioctl *h = &c->head;

	h->version[0] = 4;
	h->data_size = sizeof(*c);
	h->flags = flags;
	(void)snprintf(h->name, sizeof(h->name), "%s", name);
	return ioctl(dm, request, h);
}

int
linux_dm_open(struct dd_err *e)
{
	int dm = open("/dev/mapper/control", O_RDWR | O_CLOEXEC);

	if (dm == -1) {
		(void)dd_fail_sys(e, errno, "/dev/mapper/control");
		(void)dd_hint(e, "load the module dm-crypt: modprobe "
		    "dm-crypt");
	}
	return dm;
}

/* For looking: 1 with *dm; 0: without dm there is nothing; -1. */
static int
look(int *dm, struct dd_err *e)
{
	*dm = open("/dev/mapper/control", O_RDWR | O_CLOEXEC);
	if (*dm != -1)
		return 1;
	return errno == ENOENT || errno == ENODEV || errno == ENXIO ? 0 :
	    dd_fail_sys(e, errno, "/dev/mapper/control");
}

/* The kernel's huge_encode_dev(), as for loop devices. */
static dev_t
dm_dev(uint64_t v)
{
	return makedev((unsigned)(v >> 8 & 0xfff),
	    (unsigned)((v & 0xff) | (v >> 12 & 0xfff00)));
}

static void
tell_device(const struct dm_ioctl *h, struct linux_mapping *m)
{
	m->rdev = dm_dev(h->dev);
	m->readonly = (h->flags & DM_READONLY_FLAG) != 0;
	m->opens = h->open_count;
	m->whole = (h->flags & DM_ACTIVE_PRESENT_FLAG) != 0 &&
	    (h->flags & (DM_SUSPEND_FLAG | DM_DEFERRED_REMOVE)) == 0;
	(void)snprintf(m->path, sizeof(m->path), "/dev/dm-%u",
	    minor(m->rdev));
}

int
linux_dm_find(const char *name, struct linux_mapping *m, struct dd_err *e)
{
	union dm_call c = { .room = { 0 } };
	int dm, rc = look(&dm, e);

	if (rc != 1)
		return rc;
	if (dm_call(dm, DM_DEV_STATUS, name, 0, &c) == -1)
		rc = errno == ENXIO ? 0 : dd_fail_sys(e, errno, "%s", name);
	else
		tell_device(&c.head, m);
	(void)close(dm);
	return rc;
}

/* One that is in use this very moment goes with its last user. */
int
linux_dm_remove(const char *name, struct dd_err *e)
{
	union dm_call c = { .room = { 0 } };
	int dm, rc = look(&dm, e);

	if (rc != 1)
		return rc;
	rc = dm_call(dm, DM_DEV_REMOVE, name, DM_DEFERRED_REMOVE, &c);
	if (rc == -1)
		rc = errno == ENXIO ? 0 : dd_fail_sys(e, errno, "%s", name);
	(void)close(dm);
	return rc;
}

/* A row of targets' names and versions, each with where the next begins. */
static bool
lists_crypt(const union dm_call *c)
{
	struct dm_target_versions v;
	size_t at = c->head.data_start;

	while (at <= sizeof(c->room) - sizeof(v) - sizeof("crypt")) {
		memcpy(&v, c->room + at, sizeof(v));
		if (strcmp(c->room + at + sizeof(v), "crypt") == 0)
			return true;
		if (v.next == 0)
			break;
		at += v.next;
	}
	return false;
}

int
linux_dm_has_crypt(struct dd_err *e)
{
	union dm_call c = { .room = { 0 } };
	int dm, rc = look(&dm, e);

	if (rc != 1)
		return rc;
	c.head.data_start = sizeof(c.head);
	rc = dm_call(dm, DM_LIST_VERSIONS, "", 0, &c) == -1 ?
	    dd_fail_sys(e, errno, "/dev/mapper/control") : lists_crypt(&c);
	(void)close(dm);
	return rc;
}

/* Its one table row: all of what is asked for, decrypted. */
static void
fill_table(const struct linux_map *map, union dm_call *c)
{
	struct dm_ioctl *h = &c->head;
	struct dm_target_spec *spec;
	char *params;

	h->data_start = sizeof(*h);
	h->target_count = 1;
	spec = (struct dm_target_spec *)(void *)(c->room + sizeof(*h));
	spec->length = map->sectors;
	(void)snprintf(spec->target_type, sizeof(spec->target_type), "crypt");
	params = (char *)(spec + 1);
	(void)snprintf(params, sizeof(c->room) - sizeof(*h) - sizeof(*spec),
	    CIPHER " :%u:logon:%s %" PRIu64 " %u:%u 0", map->keybits / 8,
	    map->key, map->first, major(map->under), minor(map->under));
}

int
linux_dm_map(int dm, const struct linux_map *map, struct linux_mapping *out,
    struct dd_err *e)
{
	uint32_t ro = map->readonly ? DM_READONLY_FLAG : 0;
	union dm_call c = { .room = { 0 } };
	struct dd_err ignored = DD_ERR_INIT;

	if (dm_call(dm, DM_DEV_CREATE, map->name, 0, &c) == -1) {
		(void)dd_fail_sys(e, errno, "%s", map->name);
		return dd_hint(e, "where one of that name is in use still, it "
		    "goes with its last user: dmsetup info -c");
	}
	c = (union dm_call){ .room = { 0 } };
	fill_table(map, &c);
	if (dm_call(dm, DM_TABLE_LOAD, map->name, ro, &c) == -1) {
		(void)dd_fail_sys(e, errno, "dm-crypt, %s with %u bits",
		    CIPHER, map->keybits);
		(void)dd_hint(e, e->sys == ENOKEY ? "its key has gone from the "
		    "keyring: drydock unlock" : "does the kernel have dm-crypt "
		    "and xts(aes)? modprobe dm-crypt; modprobe xts");
		goto fail;
	}
	c = (union dm_call){ .room = { 0 } };
	c.head.event_nr = UDEV_LEAVE_IT;
	if (dm_call(dm, DM_DEV_SUSPEND, map->name, 0, &c) == -1) {
		(void)dd_fail_sys(e, errno, "%s", map->name);
		goto fail;
	}
	tell_device(&c.head, out);
	return 0;
fail:
	(void)linux_dm_remove(map->name, &ignored);
	return -1;
}
#endif
