/*
 * Shared by programs_*.c: the folder host_crypt_places.run, the keys in it, and
 * the lists of units.
 *
 * A key that somebody else is to find is a file there, which must be one that
 * is in memory; a key of our own stays in this process.
 */
#ifndef DD_HOST_PROGRAMS_IMPL_H
#define DD_HOST_PROGRAMS_IMPL_H

#include "core/host/crypt.h"

#define PROGRAMS_PATH	512

/* The path of a file in that folder, which is made; ERR_PERM where others may
 * enter it. */
int	programs_path(const char *name, char path[PROGRAMS_PATH],
	    struct dd_err *);

/* As in struct host_crypt. */
int	programs_key_put(const char *key, const struct secret *,
	    enum host_key_life, struct dd_err *);
bool	programs_key_there(const char *key);
void	programs_key_drop(const char *key);
int	programs_key_drop_all(const char *prefix, struct dd_err *);

/*
 * A line of `vnconfig -l` or `cgdconfig -l`:
 *	vnd0: not in use
 *	vnd0: /xen (/dev/wd0e) inode 38
 *	vnd0: wd0e inode 38
 *	vnd0: dev 0,4 inode 38
 *	cgd0: vnd0d
 *	cgd0: dev 14,3
 */
struct unit_line {
	int			 n;
	bool			 in_use;
	bool			 dev_known, ino_known;
	dev_t			 dev;	/* what it lies on; of a vnd the file's
					 * file system */
	unsigned long long	 ino;	/* of a vnd's file */
	char			 text[512];
};

/* The next line of that kind ("vnd") of *list, which moves behind it; false: none
 * is left. */
bool	programs_next_unit(const char **list, const char *kind,
	    struct unit_line *);

/* Ours, or the one in the file. */
int	programs_key_read(const char *key, struct secret *, struct dd_err *);

#endif
