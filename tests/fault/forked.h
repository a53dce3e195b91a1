/*
 * Runs a function in a child, and interferes with one of its system calls that
 * change something: kills the child before the call, after it, or when a write
 * is half done; or makes the call fail.  The calls are numbered from 1 in the
 * order in which they are made.  Linux: ptrace(2) with a seccomp filter, so
 * that no other call is stopped at.
 *
 * What waits for the disk (fsync) is counted, and not done: to a kill what is
 * written is written.
 */
#ifndef DD_TESTS_FORKED_H
#define DD_TESTS_FORKED_H

#include "tests/fault/tracer.h"

#if defined(TRACE_WORKS)
#include <sys/file.h>
#include <sys/ioctl.h>
#include <sys/prctl.h>
#include <linux/filter.h>
#include <linux/fs.h>
#include <linux/seccomp.h>
#include <stddef.h>

enum forked_how {
	FORKED_LET, FORKED_KILL, FORKED_KILL_AFTER, FORKED_KILL_HALF,
	FORKED_FAIL
};

struct forked {
	/* in */
	int	(*fn)(void *arg);	/* returns the exit status */
	void	*arg;
	enum forked_how how;
	long	 at;			/* which call */
	int	 error;			/* FORKED_FAIL: errno */
	/* NULL, or called for every call that changes something */
	void	(*look)(void *arg, pid_t, long call, const char *name,
		    const struct user_regs_struct *);
	void	*look_arg;
	/* out */
	long	 calls, syncs;
	const char *last;		/* the call interfered with */
	int	 status;		/* exit status, or 128 + signal */
};

static const int forked_traced[] = {
	SYS_write, SYS_writev, SYS_pwrite64, SYS_pwritev, SYS_fsync,
	SYS_fdatasync, SYS_sync_file_range, SYS_truncate, SYS_ftruncate,
	SYS_fallocate, SYS_rename, SYS_renameat, SYS_renameat2, SYS_unlink,
	SYS_unlinkat, SYS_rmdir, SYS_link, SYS_linkat, SYS_symlink,
	SYS_symlinkat, SYS_mkdir, SYS_mkdirat, SYS_mknod, SYS_mknodat,
	SYS_chmod, SYS_fchmod, SYS_fchmodat, SYS_chown, SYS_fchown,
	SYS_fchownat, SYS_lchown, SYS_utimensat, SYS_open, SYS_openat,
	SYS_copy_file_range, SYS_sendfile, SYS_ioctl, SYS_flock,
};

#define FORKED_TRACED	(sizeof(forked_traced) / sizeof(forked_traced[0]))

/* What trace_name does not know. */
static inline const char *
forked_name(const struct user_regs_struct *r)
{
	switch ((long)r->orig_rax) {
	case SYS_ioctl:
		return r->rsi == FICLONE ? "clone" : NULL;
	case SYS_flock:
		return r->rsi & LOCK_UN ? NULL : "flock";
	case SYS_utimensat:
		return "attributes";
	case SYS_sendfile:
		return "write";
	case SYS_rmdir:
		return "rmdir";
	case SYS_fdatasync:
		return "fdatasync";
	default:
		return trace_name(r);
	}
}

static inline bool
forked_is_write(const struct user_regs_struct *r)
{
	return r->orig_rax == SYS_write || r->orig_rax == SYS_pwrite64;
}

static inline bool
forked_waits(const struct user_regs_struct *r)
{
	return r->orig_rax == SYS_fsync || r->orig_rax == SYS_fdatasync ||
	    (r->orig_rax == SYS_sync_file_range &&
	    r->r10 & SYNC_FILE_RANGE_WAIT_AFTER);
}

/* Stop at those calls, and at no other. */
static inline void
forked_filter(void)
{
	struct sock_filter code[2 * FORKED_TRACED + 2];
	struct sock_fprog prog = { .filter = code };
	unsigned short n = 0;
	size_t i;

	code[n++] = (struct sock_filter)BPF_STMT(BPF_LD | BPF_W | BPF_ABS,
	    offsetof(struct seccomp_data, nr));
	for (i = 0; i < FORKED_TRACED; i++) {
		code[n++] = (struct sock_filter)BPF_JUMP(BPF_JMP | BPF_JEQ |
		    BPF_K, (unsigned)forked_traced[i], 0, 1);
		code[n++] = (struct sock_filter)BPF_STMT(BPF_RET | BPF_K,
		    SECCOMP_RET_TRACE);
	}
	code[n++] = (struct sock_filter)BPF_STMT(BPF_RET | BPF_K,
	    SECCOMP_RET_ALLOW);
	prog.len = n;
	if (prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) == -1 ||
	    prctl(PR_SET_SECCOMP, SECCOMP_MODE_FILTER, &prog) == -1)
		_exit(126);
}

/* The call is not made, and has that result. */
static inline void
forked_answer(pid_t pid, struct user_regs_struct *r, int result)
{
	r->orig_rax = (unsigned long long)-1;
	r->rax = (unsigned long long)(long)result;
	(void)ptrace(PTRACE_SETREGS, pid, NULL, r);
}

/* It stands before a call; whether it shall stop after it, too. */
static inline bool
forked_stop(struct forked *f, pid_t pid)
{
	struct user_regs_struct r;
	const char *name;
	bool there;

	(void)ptrace(PTRACE_GETREGS, pid, NULL, &r);
	if ((name = forked_name(&r)) == NULL)
		return false;
	f->calls++;
	f->syncs += forked_waits(&r);
	if (f->look != NULL)
		f->look(f->look_arg, pid, f->calls, name, &r);
	there = f->how != FORKED_LET && f->calls == f->at;
	if (there)
		f->last = name;
	if (there && f->how == FORKED_KILL)
		(void)kill(pid, SIGKILL);
	else if (there && f->how == FORKED_FAIL)
		forked_answer(pid, &r, -f->error);
	else if (there && f->how == FORKED_KILL_HALF) {
		r.rdx /= 2;
		(void)ptrace(PTRACE_SETREGS, pid, NULL, &r);
	} else if (forked_waits(&r)) {
		forked_answer(pid, &r, 0);
		if (there)
			(void)kill(pid, SIGKILL);
		return false;
	}
	return there && (f->how == FORKED_KILL_AFTER ||
	    f->how == FORKED_KILL_HALF);
}

static inline void
forked_follow(struct forked *f, pid_t pid)
{
	enum __ptrace_request go = PTRACE_CONT;
	int status, sig = 0;

	for (;;) {
		(void)ptrace(go, pid, NULL, (void *)(long)sig);
		sig = 0;
		if (waitpid(pid, &status, 0) == -1 || !WIFSTOPPED(status))
			break;
		if (status >> 8 == (SIGTRAP | PTRACE_EVENT_SECCOMP << 8))
			go = forked_stop(f, pid) ? PTRACE_SYSCALL :
			    PTRACE_CONT;
		else if (WSTOPSIG(status) == (SIGTRAP | 0x80)) {
			/* after the call that it was to be killed at */
			(void)kill(pid, SIGKILL);
			go = PTRACE_CONT;
		} else
			sig = WSTOPSIG(status);
	}
	f->status = WIFEXITED(status) ? WEXITSTATUS(status) :
	    128 + WTERMSIG(status);
}

static inline void
forked_run(struct forked *f)
{
	int status;
	pid_t pid;

	f->calls = f->syncs = 0;
	f->last = "";
	(void)fflush(stdout);
	if ((pid = fork()) == 0) {
		(void)ptrace(PTRACE_TRACEME, 0, NULL, NULL);
		(void)raise(SIGSTOP);
		forked_filter();
		_exit(f->fn(f->arg));
	}
	(void)waitpid(pid, &status, 0);
	(void)ptrace(PTRACE_SETOPTIONS, pid, NULL,
	    (void *)(PTRACE_O_TRACESYSGOOD | PTRACE_O_EXITKILL |
	    PTRACE_O_TRACESECCOMP));
	forked_follow(f, pid);
}
#endif

#endif
