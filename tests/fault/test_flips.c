/*
 * What a flip costs, and what others see of it: the calls that wait for the
 * disk, the same number of calls whatever the size, and at no instant a path
 * that is missing or half written.
 */
#include "tests/fault/small_fleet.h"

#ifdef TRACE_WORKS

#include "core/fleet/placing.h"

#define ROUNDS	(FEWER ? 100 : 1000)
#define WAITS_MAX	6
#define HUGE_SIZE	((off_t)100 << 30)

/* Run a command line of which words are paths below the work folder. */
static struct forked
run(const char *line)
{
	struct fleet_line l;
	struct forked f = { .fn = fleet_command, .arg = &l };
	char text[1024];

	fleet_expand(text, line);
	fleet_cut(&l, text);
	(void)truncate(scratch("out"), 0);
	forked_run(&f);
	if (f.status != 0)
		T_FAIL("%s: status %d: %s", line, f.status, fleet_said());
	return f;
}

static void
begin(void)
{
	fleet_remove(scratch("work"));
	fleet_make();
	(void)run("swap web1:pkg in/b.img");
}

static void
at_most_six_waits_for_the_disk(void)
{
	struct forked back, forward, move;

	begin();
	back = run("rollback web1:pkg");
	forward = run("rollback --to 2 web1:pkg");
	move = run("swap --move web1:pkg in/c.img");
	printf("# waits for the disk: rollback %ld, forward %ld, "
	    "swap --move %ld\n", back.syncs, forward.syncs, move.syncs);
	T(back.syncs > 0 && back.syncs <= WAITS_MAX);
	T(forward.syncs > 0 && forward.syncs <= WAITS_MAX);
	T(move.syncs > 0 && move.syncs <= WAITS_MAX);
}

/* -- size does not matter ------------------------------------------------ */

/* How many system calls of any kind are made between the two. */
static long
all_calls(const char *line)
{
	struct fleet_line l;
	char text[1024];
	long n = 0;
	int status;
	pid_t pid;

	fleet_expand(text, line);
	fleet_cut(&l, text);
	(void)truncate(scratch("out"), 0);
	(void)fflush(stdout);
	if ((pid = fork()) == 0) {
		(void)ptrace(PTRACE_TRACEME, 0, NULL, NULL);
		(void)raise(SIGSTOP);
		_exit(fleet_command(&l));
	}
	(void)waitpid(pid, &status, 0);
	(void)ptrace(PTRACE_SETOPTIONS, pid, NULL,
	    (void *)(PTRACE_O_TRACESYSGOOD | PTRACE_O_EXITKILL));
	do {
		(void)ptrace(PTRACE_SYSCALL, pid, NULL, NULL);
		(void)waitpid(pid, &status, 0);
		n++;
	} while (WIFSTOPPED(status));
	if (!WIFEXITED(status) || WEXITSTATUS(status) != 0)
		T_FAIL("%s: %s", line, fleet_said());
	return n / 2;
}

/* Both ways, and moved in. */
static bool
count(off_t size, long calls[3])
{
	begin();
	if (truncate(scratch("work/in/c.img"), size) == -1)
		return false;
	calls[0] = all_calls("swap --move web1:pkg in/c.img");
	calls[1] = all_calls("rollback web1:pkg");
	calls[2] = all_calls("rollback --to 3 web1:pkg");
	return true;
}

static void
a_large_image_takes_no_more_calls(void)
{
	long small[3], large[3];
	int i;

	T(count((off_t)1 << 20, small));
	if (!count(HUGE_SIZE, large)) {
		printf("# skip no file of 100 GiB can be made here\n");
		return;
	}
	printf("# calls: 1 MiB %ld %ld %ld, 100 GiB %ld %ld %ld\n", small[0],
	    small[1], small[2], large[0], large[1], large[2]);
	/* a few are of what other processes do: the lists of the system's locks
	 * and mounts get longer and shorter */
	for (i = 0; i < 3; i++)
		T(labs(large[i] - small[i]) <= 16);
}

/* -- what others see ----------------------------------------------------- */

static void
flip(const struct config *conf, const struct fleet *f, uint32_t n)
{
	struct placing p = { .conf = conf, .fleet = f, .how = PLACING_BACK,
	    .action = "rollback", .image = scratch("work/img/pkg.img"),
	    .command = "test", .n = n };
	struct dd_err e = DD_ERR_INIT;

	T_OK(placing_run(&p, &e));
	placing_dispose(&p);
}

static int
flip_all(void *arg)
{
	char path[600];
	struct config conf;
	struct fleet *f = NULL;
	struct dd_err e = DD_ERR_INIT;
	struct xen_ops ops = xen_ops;
	int i;

	(void)arg;
	ops.domains = fleet_no_domains;
	(void)snprintf(path, sizeof(path), "%s",
	    scratch("work/drydock.conf"));
	T_OK(config_load(&ops, path, &conf, &e));
	T_OK(fleet_load_quick(&ops, &conf, &f, &e));
	for (i = 0; i < ROUNDS && !t_bad; i++)
		flip(&conf, f, i % 2 == 0 ? 1 : 2);
	fleet_free(f);
	config_dispose(&conf);
	return t_bad;
}

/* The letter in the first block and in the last; 0: it is not there. */
static int
sample(const char *path, size_t size)
{
	char first[512], last[512];
	int fd = open(path, O_RDONLY);
	struct stat st;

	if (fd == -1) {
		T_FAIL("%s", strerror(errno));
		return 0;
	}
	if (fstat(fd, &st) == -1 || (size_t)st.st_size != size ||
	    pread(fd, first, 512, 0) != 512 ||
	    pread(fd, last, 512, st.st_size - 512) != 512)
		T_FAIL("it has %lld bytes", (long long)st.st_size);
	else if (memcmp(first, last, 512) != 0 ||
	    (first[0] != '1' && first[0] != '2'))
		T_FAIL("it begins with %d and ends with %d", first[0],
		    last[0]);
	(void)close(fd);
	return first[0];
}

static void
at_any_instant_one_of_the_two(void)
{
	static char data[64 * 1024];
	char path[600];
	unsigned long n = 0, seen[256] = { 0 };
	int status = 0;
	pid_t pid;

	fleet_remove(scratch("work"));
	fleet_make();
	memset(data, '1', sizeof(data));
	(void)scratch_file("work/img/pkg.img", sizeof(data), data,
	    sizeof(data), 0);
	memset(data, '2', sizeof(data));
	(void)scratch_file("work/in/c.img", sizeof(data), data,
	    sizeof(data), 0);
	(void)run("swap web1:pkg in/c.img");
	(void)snprintf(path, sizeof(path), "%s", scratch("work/img/pkg.img"));
	(void)fflush(stdout);
	if ((pid = fork()) == 0) {
		status = flip_all(NULL);
		(void)fflush(stdout);
		_exit(status);
	}
	while (!t_bad && waitpid(pid, &status, WNOHANG) == 0) {
		seen[(unsigned char)sample(path, sizeof(data))]++;
		n++;
	}
	if (t_bad)
		(void)waitpid(pid, &status, 0);
	T_EQ(status, 0);
	printf("# %d flips, %lu samples: %lu of the one, %lu of the other\n",
	    ROUNDS, n, seen['1'], seen['2']);
	T(seen['1'] > 0 && seen['2'] > 0);
}

static int
nothing(void *arg)
{
	(void)arg;
	return 0;
}

int
main(void)
{
	struct forked f = { .fn = nothing };

	forked_run(&f);
	if (f.status != 0) {
		printf("# skip ptrace or seccomp does not work here\n"
		    "ok 1 - skipped\n");
		return 0;
	}
	T_RUN(at_most_six_waits_for_the_disk);
	T_RUN(a_large_image_takes_no_more_calls);
	T_RUN(at_any_instant_one_of_the_two);
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
