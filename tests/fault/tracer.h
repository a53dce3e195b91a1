/*
 * Runs a program and interferes with one of its system calls that change
 * something: kills it just before the call, or makes the call fail.  The calls
 * are numbered from 1 in the order in which they are made.  Linux, ptrace(2).
 */
#ifndef DD_TESTS_TRACER_H
#define DD_TESTS_TRACER_H

#include <sys/ptrace.h>
#include <sys/syscall.h>
#include <sys/types.h>
#include <sys/user.h>
#include <sys/wait.h>
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

struct trace {
	/* in */
	long	 kill_at;	/* 0: don't */
	long	 fail_at;	/* 0: don't */
	int	 fail_with;	/* errno */
	/* NULL, or called before every system call; true: kill it */
	bool	(*look)(void *arg, pid_t, const struct user_regs_struct *);
	void	*arg;
	/* out */
	long	 calls;		/* that change something */
	const char *last;	/* name of the call interfered with */
	int	 status;	/* exit status, or 128 + signal */
};

#if defined(__x86_64__)
#define TRACE_WORKS	1

/* Writes to standard output and error change nothing on disk. */
static inline const char *
trace_name(const struct user_regs_struct *r)
{
	long nr = (long)r->orig_rax;
	long flags;

	switch (nr) {
	case SYS_write: case SYS_writev:
		return r->rdi > 2 ? "write" : NULL;
	case SYS_pwrite64: case SYS_pwritev:
		return "pwrite";
	case SYS_fsync: case SYS_fdatasync:
		return "fsync";
	case SYS_ftruncate: case SYS_truncate:
		return "truncate";
	case SYS_fallocate:
		return "fallocate";
	case SYS_rename: case SYS_renameat: case SYS_renameat2:
		return "rename";
	case SYS_unlink: case SYS_unlinkat: case SYS_rmdir:
		return "unlink";
	case SYS_link: case SYS_linkat:
		return "link";
	case SYS_symlink: case SYS_symlinkat:
		return "symlink";
	case SYS_mkdir: case SYS_mkdirat:
		return "mkdir";
	case SYS_mknod: case SYS_mknodat:
		return "mknod";
	case SYS_chmod: case SYS_fchmod: case SYS_fchmodat:
	case SYS_chown: case SYS_fchown: case SYS_fchownat: case SYS_lchown:
		return "attributes";
	case SYS_open: case SYS_openat:
		flags = (long)(nr == SYS_open ? r->rsi : r->rdx);
		return flags & (O_CREAT | O_TRUNC) ? "open" : NULL;
	case SYS_copy_file_range:
		return "copy_file_range";
	default:
		return NULL;
	}
}

/* Its output goes to the file out, or nowhere. */
static inline void
trace_run(struct trace *t, char *const argv[], const char *out)
{
	struct user_regs_struct regs;
	bool entry = true, failing = false;
	const char *name;
	int status, sig = 0, fd;
	pid_t pid;

	t->calls = 0;
	t->last = "";
	if ((pid = fork()) == 0) {
		fd = open(out != NULL ? out : "/dev/null",
		    O_WRONLY | O_CREAT | O_TRUNC, 0644);
		(void)dup2(fd, 1);
		(void)dup2(fd, 2);
		/* the leak sanitizer wants to be the tracer itself */
		(void)setenv("ASAN_OPTIONS", "detect_leaks=0", 1);
		/* LeakSanitizer needs ptrace for itself */
		(void)setenv("LSAN_OPTIONS", "detect_leaks=0", 1);
		(void)ptrace(PTRACE_TRACEME, 0, NULL, NULL);
		(void)raise(SIGSTOP);
		(void)execv(argv[0], argv);
		_exit(127);
	}
	(void)waitpid(pid, &status, 0);
	(void)ptrace(PTRACE_SETOPTIONS, pid, NULL,
	    (void *)(PTRACE_O_TRACESYSGOOD | PTRACE_O_EXITKILL));
	for (;;) {
		(void)ptrace(PTRACE_SYSCALL, pid, NULL, (void *)(long)sig);
		if (waitpid(pid, &status, 0) == -1)
			break;
		if (WIFEXITED(status) || WIFSIGNALED(status))
			break;
		sig = WSTOPSIG(status);
		if (sig != (SIGTRAP | 0x80)) {
			if (sig == SIGTRAP)
				sig = 0;
			continue;
		}
		sig = 0;
		(void)ptrace(PTRACE_GETREGS, pid, NULL, &regs);
		if (!entry) {
			if (failing) {
				regs.rax = (unsigned long long)-t->fail_with;
				(void)ptrace(PTRACE_SETREGS, pid, NULL, &regs);
				failing = false;
			}
			entry = true;
			continue;
		}
		entry = false;
		if (t->look != NULL && t->look(t->arg, pid, &regs))
			(void)kill(pid, SIGKILL);
		if ((name = trace_name(&regs)) == NULL)
			continue;
		t->calls++;
		if (t->calls == t->kill_at) {
			t->last = name;
			(void)kill(pid, SIGKILL);
		} else if (t->calls == t->fail_at) {
			t->last = name;
			regs.orig_rax = (unsigned long long)-1;
			(void)ptrace(PTRACE_SETREGS, pid, NULL, &regs);
			failing = true;
		}
	}
	t->status = WIFEXITED(status) ? WEXITSTATUS(status) :
	    128 + WTERMSIG(status);
}
#endif

#endif
