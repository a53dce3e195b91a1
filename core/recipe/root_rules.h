/*
 * What prepare root does to text files, as rules and texts only; root.c
 * applies them to a tree.
 */
#ifndef DD_RECIPE_ROOT_RULES_H
#define DD_RECIPE_ROOT_RULES_H

#include "core/recipe/rule.h"

/* /etc/rc: source the hook before anything else, in all of its forms. */
extern const struct rule root_rc;

/*
 * /dev/MAKEDEV; arg: unsigned *, the disks that a domU may have.  Before 5.0
 * root_makedev_2006 and root_no_hardware, always.  From 5.0 on four disks are
 * there by themselves, and root_makedev adds more.
 */
extern const struct rule root_makedev_2006, root_no_hardware, root_makedev;

/* The hook that /etc/rc sources. */
#define HOOK_FILE	"/etc/rc.pre-hooks"
#define HOOK_LINE	". " HOOK_FILE

/* /etc/rc.pre-hooks. */
extern const char root_pre_hooks[];

/* /etc/fstab, and whether a text serves a shared root as well. */
extern const char root_fstab[];
bool	root_fstab_serves(const char *text, size_t len);

#endif
