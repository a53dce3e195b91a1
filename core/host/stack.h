/*
 * An image mounted by the kernel: device, decrypted device, fsck, mount, one
 * upon the other, and taken down in reverse.
 *
 * Before each thing is made it is written down, in a file of its own process's in
 * stack_dir (mode 0700, in memory: nothing of it outlives the kernel that it
 * speaks of).  So what a dead process has left is known, and only that is taken
 * down: by `drydock devices --clean` and `drydock recover`.
 *
 *	/var/run/drydock/stack/1234-987654-0
 *		owner 1234 987654		pid, host_process_start()
 *		image 2049 1234567 /xen/a.img	dev, ino, escaped path
 *		device 1793 /dev/loop3		one line for each thing, written
 *		crypt 64512 drydock-1234-0	before it is made (rdev 0), and
 *		mount /var/run/drydock/mnt/…	once more when it is there
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

/* Where the records and mount points are; tests have their own. */
extern const char *stack_dir;

/* ERR_UNSUP before anything is attached where this kernel can't. */
int	stack_open(const struct host_kernel *, const struct stack_ask *,
	    struct stack **, struct dd_err *);
/* The mount point; or NULL. */
const char *stack_mount_point(const struct stack *);
/* The topmost device. */
const struct host_device *stack_device(const struct stack *);
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
	char		*image;		/* its path, as it was */
	char		*mount;		/* or NULL */
	struct host_device device, crypt;	/* path[0] '\0': none */
	char		 crypt_name[HOST_DEVICE_PATH];
};

/* All records; *v in fresh memory, for stacks_free(). */
int	stacks_read(struct stack_left **v, size_t *n, struct dd_err *);
void	stacks_free(struct stack_left *, size_t n);
/* Take down what a dead process has left, in reverse, as far as it is still
 * what is written down; ERR_HELD where its process lives. */
int	stack_clean(const struct host_kernel *, const struct stack_left *,
	    struct dd_err *);

#endif
