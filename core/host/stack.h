/*
 * An image mounted by the kernel: device, decrypted device, fsck, mount, one
 * upon the other, and taken down in reverse.
 *
 * Before each thing is made it is written down, in a file of its own below
 * stack_dir (of root's alone, and in memory where the host has /var/run there).
 * So what a dead process has left is known, and only that is taken down: by
 * `drydock devices --clean` and `drydock recover`.
 *
 *	/var/run/drydock/stack/1234-987654-0
 *		image 2049 1234567 /xen/a.img		dev, ino, escaped path
 *		device 0				before it is made
 *		device 1793 /dev/loop3 /dev/loop3	and when it is there
 *		crypt 0 drydock-1234-987654-0
 *		crypt 64512 drydock-1234-987654-0 /dev/dm-0 /dev/dm-0
 *		mount /var/run/drydock/mnt/1234-987654-0
 *
 * Its name is the owner: pid, host_process_start(), and a number.  The last line
 * of a kind counts; a line without its end is none.
 */
#ifndef DD_HOST_STACK_H
#define DD_HOST_STACK_H

#include "core/host/kernel.h"

struct stack_ask {
	struct host_part	 part;
	const char		*fstype;	/* NULL: no mount, only devices */
	const struct host_cipher *cipher;	/* NULL: it is not encrypted */
};

struct stack;

/* Records are in stack/ of it, mount points in mnt/; tests have their own. */
extern const char *stack_dir;

/* ERR_UNSUP before anything is attached where this kernel can't.  What is to be
 * written is fsck'ed before it is mounted. */
int	stack_open(const struct host_kernel *, const struct stack_ask *,
	    struct stack **, struct dd_err *);
/* The mount point; or NULL. */
const char *stack_mount_point(const struct stack *);
/* The topmost device. */
const struct host_device *stack_device(const struct stack *);
/* Unmount alone, and check as a boot would: from here on all that was written
 * is on the devices, and good.  ERR_HELD where somebody is in there. */
int	stack_settle(struct stack *, struct dd_err *);
/* In reverse; stops at the first that fails, so that nothing is pulled from
 * under what stands on it, with ERR_RECOVER: what is left is written down
 * still.  Frees it in any case; NULL is fine. */
int	stack_close(struct stack *, struct dd_err *);

/* ---- what others have left */

struct stack_left {
	char		*record;	/* the file's path */
	pid_t		 pid;
	bool		 alive;		/* its process is at work still */
	dev_t		 dev;		/* of the image */
	ino_t		 ino;
	char		*image;		/* its path, as it was, escaped */
	char		*mount;		/* or NULL */
	/* path[0] '\0': none, or one that was about to be made */
	struct host_device device, crypt;
	char		 crypt_name[HOST_DEVICE_PATH];	/* or "" */
};

/* All records; *v in fresh memory, for stacks_free().  None at all where there
 * is no such folder; ERR_PERM where it is another's. */
int	stacks_read(struct stack_left **v, size_t *n, struct dd_err *);
void	stacks_free(struct stack_left *, size_t n);
/* Take down what a dead process has left, in reverse, as far as it is still
 * what is written down; ERR_HELD where its process lives. */
int	stack_clean(const struct host_kernel *, const struct stack_left *,
	    struct dd_err *);

#endif
