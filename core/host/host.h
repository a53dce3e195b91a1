/*
 * What only this kernel knows.  linux*.c and netbsd.c each fill all of it.
 */
#ifndef DD_HOST_HOST_H
#define DD_HOST_HOST_H

#include <sys/types.h>
#include <stdint.h>

/* The two halves of a device number in the host's own encoding. */
uint32_t host_major(dev_t);
uint32_t host_minor(dev_t);
dev_t	 host_makedev(uint32_t major, uint32_t minor);

/* Begin to write this range of the file to the disk, without waiting.  A
 * hint: it may do nothing. */
void	 host_start_writing(int fd, uint64_t off, uint64_t len);

/* When the process pid started, as a number that tells it from a later process
 * of the same pid, after a reboot too; 0: there is none, or it can't be
 * told.  The number isn't a time. */
uint64_t host_process_start(pid_t pid);

#endif
