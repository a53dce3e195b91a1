/*
 * Keys in the kernel's keyrings.  Their type is `logon`: the kernel uses them,
 * and no process, not even root's, can read them again.
 */
#ifndef DD_HOST_LINUX_KEYS_H
#define DD_HOST_LINUX_KEYS_H

#include "core/host/crypt.h"

int	linux_key_put(const char *key, const struct secret *,
	    enum host_key_life, struct dd_err *);
bool	linux_key_there(const char *key);
void	linux_key_drop(const char *key);
int	linux_key_drop_all(const char *prefix, struct dd_err *);

#endif
