/*
 * Keys in keyrings; see linux_keys.h.
 *
 * The one who unlocks and the one who attaches are processes of different
 * sessions, whose session keyrings have nothing in common; what both have is
 * the keyring of their user, root.  A session need not be linked with that (a
 * service's isn't), so each of us links it to its own process keyring, where
 * dm-crypt's request_key() finds what is in it.
 */
#ifdef __linux__
#include <sys/syscall.h>
#include <errno.h>
#include <unistd.h>

#include <linux/keyctl.h>

#include "core/host/linux_keys.h"

#define TYPE	"logon"

static int
reach_user_keyring(void)
{
	return syscall(SYS_keyctl, KEYCTL_LINK, KEY_SPEC_USER_KEYRING,
	    KEY_SPEC_PROCESS_KEYRING) == -1 ? -1 : 0;
}

/* Ours, or in the user's. */
static long
search(const char *key)
{
	if (reach_user_keyring() == -1)
		return -1;
	return syscall(SYS_keyctl, KEYCTL_SEARCH, KEY_SPEC_PROCESS_KEYRING,
	    TYPE, key, 0);
}

static int
fail(const char *key, struct dd_err *e)
{
	(void)dd_fail_sys(e, errno, "the kernel's keyring, %s", key);
	return dd_hint(e, "drydock needs a Linux with CONFIG_KEYS, 4.10 or "
	    "later");
}

int
linux_key_put(const char *key, const struct secret *s,
    enum host_key_life life, struct dd_err *e)
{
	long ring = life == HOST_KEY_OURS ? KEY_SPEC_PROCESS_KEYRING :
	    KEY_SPEC_USER_KEYRING;
	long id;

	if (reach_user_keyring() == -1)
		return fail(key, e);
	linux_key_drop(key);
	id = syscall(SYS_add_key, TYPE, key, s->p, s->len, ring);
	if (id == -1)
		return fail(key, e);
	if (life == HOST_KEY_ONCE && syscall(SYS_keyctl, KEYCTL_SET_TIMEOUT,
	    id, HOST_KEY_SECONDS) == -1) {
		(void)fail(key, e);
		linux_key_drop(key);
		return -1;
	}
	return 0;
}

bool
linux_key_there(const char *key)
{
	return search(key) != -1;
}

/* Revoked, nobody who still holds it can use it; the kernel wipes it. */
void
linux_key_drop(const char *key)
{
	long id = search(key);

	if (id == -1)
		return;
	(void)syscall(SYS_keyctl, KEYCTL_REVOKE, id);
	(void)syscall(SYS_keyctl, KEYCTL_UNLINK, id, KEY_SPEC_USER_KEYRING);
	(void)syscall(SYS_keyctl, KEYCTL_UNLINK, id,
	    KEY_SPEC_PROCESS_KEYRING);
}
#endif
