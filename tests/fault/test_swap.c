/*
 * Who is in place changes all or nothing: kill -9 and failing system calls, at
 * every call that changes something, in every command on generations.
 * Afterwards, and after drydock recover, everything below the images' folder is
 * as it was, or as the command wanted it; the history says the same; and it
 * can be worked with.
 */
#include <sys/uio.h>

#include "tests/fault/small_fleet.h"

#ifdef TRACE_WORKS

#define CALLS_MAX	400
#define SEEN_MAX	64

struct scenario {
	const char	*name;
	const char	*before[6];	/* commands that lead there */
	const char	*command;
	bool		 no_job;	/* the history has nothing of it */
	const char	*back;		/* works afterwards */
};

/* Words with a slash are paths below the work folder. */
static const struct scenario scenarios[] = {
	{ "the first swap", { NULL },
	    "swap web1:pkg in/b.img", false, "rollback web1:pkg" },
	{ "swap by copy", { "swap web1:pkg in/b.img" },
	    "swap web1:pkg in/c.img", false, "rollback web1:pkg" },
	{ "swap --move", { "swap web1:pkg in/b.img" },
	    "swap --move web1:pkg in/c.img", false, "rollback web1:pkg" },
	{ "the first swap --move", { "snapshot web1:root" },
	    "swap --move web1:pkg in/c.img", false, "rollback web1:pkg" },
	{ "swap --keep-original", { "swap web1:pkg in/b.img" },
	    "swap --keep-original web1:pkg in/c.img", false,
	    "rollback --pristine --to 3 web1:pkg" },
	{ "rollback", { "swap web1:pkg in/b.img", "swap web1:pkg in/c.img" },
	    "rollback web1:pkg", false, "rollback --to 3 web1:pkg" },
	{ "rollback forward", { "swap web1:pkg in/b.img",
	    "swap web1:pkg in/c.img", "rollback web1:pkg" },
	    "rollback --to 3 web1:pkg", false, "rollback web1:pkg" },
	{ "rollback --pristine", { "swap --keep-original web1:pkg in/b.img" },
	    "rollback --pristine --to 2 web1:pkg", false,
	    "rollback web1:pkg" },
	{ "snapshot", { "swap web1:pkg in/b.img" }, "snapshot web1:pkg",
	    false, "rollback web1:pkg" },
	{ "the first snapshot", { "snapshot web1:root" },
	    "snapshot web1:pkg", false, "rollback web1:pkg" },
	{ "the first swap of root and kernel", { "snapshot web1:pkg" },
	    "swap web1:root in/b.img --kernel in/k2", false,
	    "rollback web1:root" },
	{ "swap of root and kernel", { "swap web1:root in/b.img --kernel in/k2" },
	    "swap web1:root in/c.img --kernel in/k3", false,
	    "rollback web1:root" },
	{ "rollback of root and kernel", {
	    "swap web1:root in/b.img --kernel in/k2" },
	    "rollback web1:root", false, "rollback --to 2 web1:root" },
	{ "try of a root that is out", { "snapshot web1:root" },
	    "try --no-watch web1:root@1", false, "rollback web1:root" },
	{ "rollback to a root that was tried", { "snapshot web1:root",
	    "try --no-watch web1:root@1" },
	    "rollback web1:root", false, "rollback --to 2 web1:root" },
	{ "away from a root that was tried", { "snapshot web1:root",
	    "try --no-watch web1:root@1", "rollback web1:root" },
	    "rollback --to 2 web1:root", false, "rollback --to 1 web1:root" },
	{ "rollback to a root and kernel that were tried", {
	    "swap web1:root in/b.img --kernel in/k2", "rollback web1:root",
	    "try --no-watch web1:root@2" }, "rollback --to 2 web1:root", false,
	    "rollback web1:root" },
	{ "cp into a managed image", { "snapshot web1:pkg" },
	    "cp in/k2 img/pkg.img:/k2", false, "rollback web1:pkg" },
	{ "good", { "swap web1:pkg in/b.img" }, "good web1:pkg", false,
	    "rollback web1:pkg" },
	{ "pin of one that is out", { "swap web1:pkg in/b.img" },
	    "pin web1:pkg@1", false, "rollback web1:pkg" },
	{ "the first mark", { NULL }, "good web1:pkg", false,
	    "snapshot web1:pkg" },
	{ "the first key", { NULL },
	    "rekey --new-params in/one.params web1:pkg", false,
	    "rollback web1:pkg" },
	{ "another key", { "rekey --new-params in/one.params web1:pkg" },
	    "rekey --new-params in/two.params web1:pkg", false,
	    "rollback web1:pkg" },
	{ "back to the key before", {
	    "rekey --new-params in/one.params web1:pkg",
	    "rekey --new-params in/two.params web1:pkg" },
	    "rollback web1:pkg", false, "rollback --to 3 web1:pkg" },
	{ "no key", { "rekey --new-params in/one.params web1:pkg" },
	    "rekey --plain web1:pkg", false, "rollback web1:pkg" },
	{ "destroy", { "rekey --new-params in/one.params web1:pkg",
	    "rekey --new-params in/two.params web1:pkg" },
	    "destroy -y web1:pkg@1", false, "rollback web1:pkg" },
	{ "prune", { "swap --keep-original web1:pkg in/b.img",
	    "swap web1:pkg in/c.img", "snapshot web1:pkg" },
	    "prune --keep 2 --yes", false, "rollback web1:pkg" },
};

static struct {
	const struct scenario *s;
	struct fleet_line line;
	char	 old[FLEET_TEXT], new[FLEET_TEXT];
	char	 again[FLEET_TEXT];	/* new, and back from it */
	int	 jobs;			/* that were there before */
	/* of the undisturbed run */
	struct {
		const char	*name;
		char		 path[200];
		bool		 is_write;
	} calls[CALLS_MAX];
	long	 ncalls, cases;
	char	*seen[SEEN_MAX];
	size_t	 nseen;
} now;

/* -- what there is to interfere with ------------------------------------- */

static void
copy_string(pid_t pid, unsigned long long at, char *text, size_t cap)
{
	struct iovec to = { text, cap - 1 };
	struct iovec from = { (void *)(uintptr_t)at, cap - 1 };
	ssize_t n = process_vm_readv(pid, &to, 1, &from, 1, 0);

	text[n > 0 ? n : 0] = '\0';
}

/* Which file it is about, for messages. */
static void
note_call(void *arg, pid_t pid, long call, const char *name,
    const struct user_regs_struct *r)
{
	char fd[64];
	ssize_t n;

	(void)arg;
	if (call >= CALLS_MAX)
		return;
	now.calls[call].name = name;
	now.calls[call].is_write = forked_is_write(r);
	switch ((long)r->orig_rax) {
	case SYS_open: case SYS_rename: case SYS_unlink: case SYS_mkdir:
	case SYS_link: case SYS_symlink: case SYS_rmdir:
		copy_string(pid, r->rdi, now.calls[call].path, 200);
		return;
	case SYS_symlinkat:
		copy_string(pid, r->rdx, now.calls[call].path, 200);
		return;
	case SYS_openat: case SYS_unlinkat: case SYS_renameat:
	case SYS_linkat:
		copy_string(pid, r->rsi, now.calls[call].path, 200);
		return;
	default:
		break;
	}
	(void)snprintf(fd, sizeof(fd), "/proc/%d/fd/%d", (int)pid,
	    (int)r->rdi);
	n = readlink(fd, now.calls[call].path, 199);
	now.calls[call].path[n > 0 ? n : 0] = '\0';
}

static const int *
errors_of(const char *name, const char *path)
{
	static const int all[] = { EIO, ENOSPC, EDQUOT, EROFS, 0 };
	static const int writing[] = { EIO, ENOSPC, EDQUOT, 0 };
	static const int removing[] = { EIO, EROFS, 0 };
	static const int locking[] = { ENOLCK, 0 };
	static const int one[] = { EIO, 0 };
	static const int sqlite[] = { EIO, ENOSPC, 0 };

	if (strcmp(name, "flock") == 0)
		return locking;
	if (FEWER || strcmp(name, "clone") == 0)
		return one;
	/* which knows these two apart */
	if (strstr(path, "/history.db") != NULL)
		return sqlite;
	if (strcmp(name, "unlink") == 0 || strcmp(name, "rmdir") == 0 ||
	    strcmp(name, "attributes") == 0)
		return removing;
	if (strstr(name, "write") != NULL || strstr(name, "sync") != NULL ||
	    strcmp(name, "truncate") == 0)
		return writing;
	return all;
}

/* -- and what must come of it -------------------------------------------- */

#define BAD(f, ...) do {						\
	T_FAIL("%s: %s", now.s->name, told(f));				\
	printf("#   " __VA_ARGS__);					\
	printf("\n");							\
} while (0)

static const char *
told(const struct forked *f)
{
	static char text[512];

	(void)snprintf(text, sizeof(text), "call %ld, %s of %s, %s, ended "
	    "with %d", f->at, f->last, now.calls[f->at].path, f->how ==
	    FORKED_FAIL ? strerror(f->error) : f->how == FORKED_KILL ?
	    "killed before" : f->how == FORKED_KILL_AFTER ? "killed after" :
	    "killed half way", f->status);
	return text;
}

/* What is neither old nor new: the lines that are too many, or missing. */
static void
show_difference(const char *is)
{
	char cmd[1300];

	fleet_write("is", is);
	fleet_write("old", now.old);
	fleet_write("new", now.new);
	(void)snprintf(cmd, sizeof(cmd), "cd '%s'; for w in old new; do "
	    "echo \"# against $w:\"; diff $w is | grep '^[<>]' | "
	    "sed 's/^/#   /'; done", scratch_dir);
	(void)fflush(stdout);
	(void)system(cmd);
}

static bool
seen_before(const char *text)
{
	size_t i;

	for (i = 0; i < now.nseen; i++)
		if (strcmp(now.seen[i], text) == 0)
			return true;
	if (now.nseen < SEEN_MAX)
		now.seen[now.nseen++] = strdup(text);
	return false;
}

/* How a try ended shows in the domU: in the folder it leaves a name that can
 * stay. */
static bool
is_try(void)
{
	return strncmp(now.s->command, "try ", 4) == 0;
}

/* It may be done, and say that the disk would not have it wiped. */
static bool
is_destroy(void)
{
	return strncmp(now.s->command, "destroy ", 8) == 0;
}

/* It can be worked with: what was cut short can be done again, what was done
 * can be gone back from.  The same state need not be tried twice. */
static void
judge_use(const struct forked *f, bool is_new, const char *history)
{
	const char *line = is_new ? now.s->back : now.s->command;
	char text[FLEET_TEXT];
	int status;

	(void)snprintf(text, sizeof(text), "%s\n%s", is_new ? "new" : "old",
	    history);
	if (seen_before(text))
		return;
	status = fleet_run("generations --json web1:pkg");
	if (status != 0 || strstr(fleet_said(), "\"interrupted\": true") !=
	    NULL || strstr(fleet_said(), "\"foreign\": true") != NULL)
		BAD(f, "generations ends with %d: %s", status, fleet_said());
	status = fleet_run(line);
	if (status != 0)
		BAD(f, "then %s ends with %d: %s", line, status,
		    fleet_said());
	fleet_look(text);
	if (strcmp(text, is_new ? now.again : now.new) != 0) {
		BAD(f, "going on does not lead where it should");
		show_difference(text);
	}
}

static void
judge_history(const struct forked *f, bool is_new, bool was_said)
{
	struct fleet_history h;
	int jobs;

	if (fleet_history(&h) == -1) {
		BAD(f, "the history can't be read: %s", h.text);
		return;
	}
	jobs = h.jobs - now.jobs;
	if (h.open > 0)
		BAD(f, "unfinished jobs: %s", h.text);
	if (jobs < 0 || jobs > 1)
		BAD(f, "%d new jobs", jobs);
	if (!is_try() && !is_destroy() && (now.s->no_job ? jobs != 0 : jobs == 1 ? h.done != is_new :
	    is_new && !was_said))
		BAD(f, "it is %s, the history says %s", is_new ? "new" :
		    "old", h.text);
	judge_use(f, is_new, h.text);
}

static void
judge(const struct forked *f)
{
	char is[FLEET_TEXT];
	bool is_new, said;
	int status;

	said = strstr(fleet_said(), "history can't be written") != NULL;
	now.cases++;
	fleet_look(is);
	is_new = strcmp(is, now.new) == 0;
	if (f->how == FORKED_FAIL) {
		if ((f->status != (is_new ? 0 : 1) && !is_try() &&
		    !(is_new && is_destroy())) ||
		    (!is_new && strcmp(is, now.old) != 0)) {
			BAD(f, "but it is %s: %s", is_new ? "new" : strcmp(is,
			    now.old) == 0 ? "old" : "neither", fleet_said());
			show_difference(is);
		}
		if (f->status != 0 && strstr(now.calls[f->at].path,
		    "/work/state") != NULL)
			BAD(f, "because of its history: %s", fleet_said());
	}
	if ((status = fleet_run("recover")) != 0)
		BAD(f, "recover ends with %d: %s", status, fleet_said());
	fleet_look(is);
	is_new = strcmp(is, now.new) == 0;
	if (!is_new && strcmp(is, now.old) != 0) {
		BAD(f, "recovered to neither");
		show_difference(is);
		return;
	}
	judge_history(f, is_new, said);
}

/* -- running it ---------------------------------------------------------- */

static void
fresh(void)
{
	fleet_remove(scratch("work"));
	fleet_copy(scratch("template"), scratch("work"));
}

static void
disturb(enum forked_how how, long at, int error)
{
	struct forked f = { .fn = fleet_command, .arg = &now.line,
	    .how = how, .at = at, .error = error };

	fresh();
	(void)truncate(scratch("out"), 0);
	forked_run(&f);
	if (how != FORKED_FAIL && f.status != 128 + SIGKILL)
		BAD(&f, "it was not killed");
	judge(&f);
}

static void
disturb_call(long n)
{
	const int *error;

	/* after one call is before the next one, as far as disks know */
	disturb(FORKED_KILL, n, 0);
	if (n == now.ncalls)
		disturb(FORKED_KILL_AFTER, n, 0);
	if (now.calls[n].is_write && !FEWER)
		disturb(FORKED_KILL_HALF, n, 0);
	for (error = errors_of(now.calls[n].name,
	    now.calls[n].path); *error != 0; error++)
		disturb(FORKED_FAIL, n, *error);
}

static void
begin(struct scenario *s)
{
	struct forked f = { .fn = fleet_command, .arg = &now.line,
	    .look = note_call };
	static char command[1024];
	struct fleet_history h;
	char text[1024];
	int i;

	fleet_remove(scratch("work"));
	fleet_remove(scratch("template"));
	fleet_make();
	for (i = 0; i < 6 && s->before[i] != NULL; i++) {
		fleet_expand(text, s->before[i]);
		fleet_must(text);
	}
	fleet_copy(scratch("work"), scratch("template"));
	fleet_expand(command, s->command);
	s->command = command;
	fleet_cut(&now.line, command);
	(void)fleet_history(&h);
	now.jobs = h.jobs;
	fleet_look(now.old);
	fresh();
	(void)truncate(scratch("out"), 0);
	forked_run(&f);
	if (f.status != 0)
		BAD(&f, "undisturbed: %s", fleet_said());
	now.ncalls = f.calls < CALLS_MAX ? f.calls : CALLS_MAX - 1;
	fleet_look(now.new);
	T(strcmp(now.old, now.new) != 0);
	fleet_must(s->back);
	fleet_look(now.again);
}

static void
run_scenario(const struct scenario *which)
{
	struct scenario s = *which;
	long n;

	memset(&now, 0, sizeof(now));
	now.s = &s;
	t_bad = 0;
	begin(&s);
	for (n = 1; n <= now.ncalls && !t_bad; n += FEWER ? 3 : 1)
		disturb_call(n);
	while (now.nseen > 0)
		free(now.seen[--now.nseen]);
	t_count++;
	t_failed += t_bad;
	printf("# %s: %ld calls, %ld cases\n%s %d - %s\n", s.name,
	    now.ncalls, now.cases, t_bad ? "not ok" : "ok", t_count, s.name);
	(void)fflush(stdout);
}

static int
nothing(void *arg)
{
	(void)arg;
	return 0;
}

int
main(int argc, char **argv)
{
	struct forked f = { .fn = nothing };
	size_t i;

	forked_run(&f);
	if (f.status != 0) {
		printf("# skip ptrace or seccomp does not work here\n"
		    "ok 1 - skipped\n");
		return 0;
	}
	for (i = 0; i < sizeof(scenarios) / sizeof(scenarios[0]); i++)
		if (argc < 2 || strcmp(argv[1], scenarios[i].name) == 0)
			run_scenario(&scenarios[i]);
	return t_done();
}

#else

int
main(void)
{
	printf("# skip system calls are traced on x86-64 only\n"
	    "ok 1 - skipped\n");
	return 0;
}

#endif
