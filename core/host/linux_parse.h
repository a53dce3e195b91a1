/*
 * Linux's text files in /proc, line by line.  Pure functions on text; a line
 * that isn't as it should be is passed over.
 */
#ifndef DD_HOST_LINUX_PARSE_H
#define DD_HOST_LINUX_PARSE_H

#include <sys/types.h>
#include <stdbool.h>
#include <stdint.h>

/* A line of /proc/PID/mountinfo, its escapes decoded. */
struct proc_mount {
	uint32_t major, minor;
	bool	 read_only;	/* the file system is, not just this mount */
	char	 point[1024];	/* cut where it is longer */
	char	 source[1024];	/* "" where it is longer */
};

/* A line of /proc/locks, or of those in /proc/PID/fdinfo/FD. */
struct proc_lock {
	uint32_t major, minor;	/* of the file system */
	uint64_t ino;
	pid_t	 pid;		/* -1: belongs to an open file description */
	bool	 waiting;	/* it wants the lock, and hasn't got it */
};

/* The next good line of *text, which moves behind it; false: none is left. */
bool	proc_next_mount(const char **text, struct proc_mount *);
bool	proc_next_lock(const char **text, struct proc_lock *);

/* When the process of that /proc/PID/stat started, in clock ticks. */
bool	proc_stat_start(const char *text, uint64_t *ticks);

/* "7:3\n", as /sys writes a device's number. */
bool	proc_dev(const char *text, uint32_t *major, uint32_t *minor);

#endif
