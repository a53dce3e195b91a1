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
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
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

/* It, or another that has its name. */
static void
unlink_from(long id, long ring)
{
	(void)syscall(SYS_keyctl, KEYCTL_UNLINK, id, ring);
}

/* Revoked, nobody who still holds it can use it; the kernel wipes it. */
static void
wipe(long id)
{
	(void)syscall(SYS_keyctl, KEYCTL_REVOKE, id);
	unlink_from(id, KEY_SPEC_USER_KEYRING);
	unlink_from(id, KEY_SPEC_PROCESS_KEYRING);
}

/* It is in our process's keyring, and has its end, before others can find it:
 * so who is killed in between leaves nothing.  The one before goes when the new
 * one is in its place. */
int
linux_key_put(const char *key, const struct secret *s,
    enum host_key_life life, struct dd_err *e)
{
	long id, before;

	if (reach_user_keyring() == -1)
		return fail(key, e);
	before = search(key);
	id = syscall(SYS_add_key, TYPE, key, s->p, s->len,
	    KEY_SPEC_PROCESS_KEYRING);
	if (id == -1)
		return fail(key, e);
	if ((life == HOST_KEY_ONCE && syscall(SYS_keyctl, KEYCTL_SET_TIMEOUT,
	    id, HOST_KEY_SECONDS) == -1) || (life != HOST_KEY_OURS &&
	    syscall(SYS_keyctl, KEYCTL_LINK, id, KEY_SPEC_USER_KEYRING) ==
	    -1)) {
		(void)fail(key, e);
		(void)syscall(SYS_keyctl, KEYCTL_REVOKE, id);
		unlink_from(id, KEY_SPEC_PROCESS_KEYRING);
		return -1;
	}
	if (before != -1 && before != id)
		(void)syscall(SYS_keyctl, KEYCTL_REVOKE, before);
	unlink_from(id, life == HOST_KEY_OURS ? KEY_SPEC_USER_KEYRING :
	    KEY_SPEC_PROCESS_KEYRING);
	return 0;
}

bool
linux_key_there(const char *key)
{
	return search(key) != -1;
}

void
linux_key_drop(const char *key)
{
	long id = search(key);

	if (id != -1)
		wipe(id);
}

/* Is it one of ours whose name begins so?  "logon;0;0;3f010000;drydock:..." */
static bool
begins_with(int32_t id, const char *prefix)
{
	char text[512], type[16];
	int at = 0;
	long n = syscall(SYS_keyctl, KEYCTL_DESCRIBE, (long)id, text,
	    sizeof(text));

	return n > 0 && n <= (long)sizeof(text) &&
	    sscanf(text, "%15[^;];%*d;%*d;%*x;%n", type, &at) == 1 &&
	    at > 0 && strcmp(type, TYPE) == 0 &&
	    strncmp(text + at, prefix, strlen(prefix)) == 0;
}

int
linux_key_drop_all(const char *prefix, struct dd_err *e)
{
	int32_t *ids = NULL, *more;
	size_t room = 0, i;
	long n = 0;

	if (reach_user_keyring() == -1)
		return fail(prefix, e);
	/* there may be more of them the next moment */
	do {
		room = (size_t)n + 64 * sizeof(*ids);
		if ((more = realloc(ids, room)) == NULL) {
			free(ids);
			return dd_fail_nomem(e);
		}
		ids = more;
		n = syscall(SYS_keyctl, KEYCTL_READ, KEY_SPEC_USER_KEYRING,
		    ids, room);
	} while (n > (long)room);
	if (n == -1)
		(void)fail(prefix, e);
	for (i = 0; n > 0 && i < (size_t)n / sizeof(*ids); i++)
		if (begins_with(ids[i], prefix))
			wipe(ids[i]);
	free(ids);
	return n == -1 ? -1 : 0;
}
#endif
