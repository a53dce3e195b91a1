/*
 * kill -9 and failing system calls, at every call that changes something, in
 * commands that write to an image: afterwards the image is the old or the new
 * one and clean, and what a reader sees in between is one of the two.
 */
#include <stdarg.h>

#include "tests/fault/tracer.h"
#include "tests/unit/scratch.h"
#include "tests/unit/t.h"

#ifdef TRACE_WORKS

static const char *drydock;

/* Run a shell command; its output, which lives until the next call. */
static const char *
sh(int *status, const char *fmt, ...) DD_PRINTF(2, 3);

static const char *
sh(int *status, const char *fmt, ...)
{
	static char out[65536];
	char cmd[2048];
	va_list ap;
	size_t n;
	FILE *f;
	int r;

	va_start(ap, fmt);
	(void)vsnprintf(cmd, sizeof(cmd), fmt, ap);
	va_end(ap);
	f = popen(cmd, "r");
	n = fread(out, 1, sizeof(out) - 1, f);
	out[n] = '\0';
	r = pclose(f);
	if (status != NULL)
		*status = WIFEXITED(r) ? WEXITSTATUS(r) : 255;
	return out;
}

/* What a reader sees, without the times that an action stamps. */
static void
look(char sum[65], const char *img)
{
	const char *out = sh(NULL, "'%s' tree --manifest '%s' 2>&1 | "
	    "sed 's/ [0-9]*\\.[0-9]* / /' | sha256sum", drydock, img);

	memcpy(sum, out, 64);
	sum[64] = '\0';
}

struct scenario {
	const char	*name;
	const char	*vector;	/* the image it starts from */
	const char	*args[6];	/* "IMG": the image */
	bool		 same;		/* a reader sees no change */
	bool		 changed;	/* begins with a change that is kept */
};

static const struct scenario scenarios[] = {
	{ "cp into an image", "ffs/ffsv2.img",
	    { "cp", "-r", "core/base", "IMG:/new", NULL }, false, false },
	{ "cp over a file", "ffs/ffsv1.img",
	    { "cp", "Makefile", "IMG:/hello.txt", NULL }, false, false },
	{ "check --repair", "ffs/logdirty.img",
	    { "check", "--repair", "IMG", NULL }, true, false },
	{ "undo", "ffs/ffsv2.img", { "undo", "IMG", NULL }, false, true },
};

static void
fresh(const struct scenario *s, const char *pristine)
{
	const char *work = scratch("work"), *state = scratch("state");

	/* a history, too, so that each time the same calls are made */
	(void)sh(NULL, "rm -rf '%s' '%s'; mkdir '%s'; cp '%s' '%s/img'; "
	    "cp -r '%s' '%s'", work, state, work, pristine, work,
	    scratch("state0"), state);
	if (s->changed)
		(void)sh(NULL, "'%s' cp Makefile '%s/img:/hello.txt' 2>&1",
		    drydock, work);
}

static void
arguments(const struct scenario *s, const char *img, char *argv[8],
    char store[6][700])
{
	int i;

	argv[0] = (char *)(uintptr_t)drydock;
	for (i = 0; s->args[i] != NULL; i++) {
		if (strncmp(s->args[i], "IMG", 3) == 0)
			(void)snprintf(store[i], 700, "%s%s", img,
			    s->args[i] + 3);
		else
			(void)snprintf(store[i], 700, "%s", s->args[i]);
		argv[1 + i] = store[i];
	}
	argv[1 + i] = NULL;
}

static long taken_back;

/* What is offered to be undone leads to what was there before the change. */
static void
judge_undo(const struct scenario *s, const char *img, const char *was,
    long at)
{
	const char *out;
	char seen[65];
	int status;

	(void)sh(&status, "'%s' undo -n '%s' 2>&1", drydock, img);
	if (status != 0)
		return;
	out = sh(&status, "'%s' undo '%s' 2>&1", drydock, img);
	if (status != 0)
		T_FAIL("%s: call %ld: undo: %s", s->name, at, out);
	look(seen, img);
	if (strcmp(seen, was) != 0)
		T_FAIL("%s: call %ld: undone, but not what was before",
		    s->name, at);
	taken_back++;
}

/* After the interference: a reader, then recovery by the next writer. */
static void
judge(const struct scenario *s, const struct trace *t, const char *img,
    const char *old, const char *new, const char *how)
{
	long at = t->kill_at + t->fail_at;
	char seen[65];
	const char *out;
	int status;

	look(seen, img);
	if (strcmp(seen, old) != 0 && strcmp(seen, new) != 0)
		T_FAIL("%s: %s at call %ld (%s): a reader sees neither the "
		    "old nor the new tree", s->name, how, at, t->last);
	/* any writer replays; this one changes nothing of its own */
	out = sh(&status, "'%s' check --repair '%s' 2>&1", drydock, img);
	if (status != 0)
		T_FAIL("%s: %s at call %ld (%s): recovery ends with %d: %s",
		    s->name, how, at, t->last, status, out);
	look(seen, img);
	if (strcmp(seen, old) != 0 && strcmp(seen, new) != 0)
		T_FAIL("%s: %s at call %ld (%s): neither old nor new after "
		    "recovery", s->name, how, at, t->last);
	out = sh(&status, "'%s' check '%s' 2>&1", drydock, img);
	if (status != 0)
		T_FAIL("%s: %s at call %ld (%s): not clean: %s", s->name,
		    how, at, t->last, out);
	out = sh(&status, "ls -A '%s' | grep -v -e '^img$' -e '[0-9]\\.undo$'",
	    scratch("work"));
	if (status == 0)
		T_FAIL("%s: %s at call %ld (%s): left behind: %s", s->name,
		    how, at, t->last, out);
	judge_undo(s, img, s->changed ? new : old, at);
}

static long
run_scenario(const struct scenario *s)
{
	static const int errors[] = { ENOSPC, EIO };
	char pristine[700], img[700], old[65], new[65], store[6][700];
	struct trace t = { .kill_at = 0 };
	char *argv[8];
	long calls, n, cases = 0;
	size_t i;

	(void)snprintf(pristine, sizeof(pristine), "%s", scratch("pristine"));
	(void)snprintf(img, sizeof(img), "%s", scratch("work/img"));
	(void)sh(NULL, "zstd -qdfc 'tests/vectors/%s.zst' >'%s'", s->vector,
	    pristine);
	arguments(s, img, argv, store);

	fresh(s, pristine);
	look(old, img);
	trace_run(&t, argv, scratch("out"));
	T_EQ(t.status, 0);
	look(new, img);
	calls = t.calls;
	T(calls > 5);
	T(s->same == (strcmp(old, new) == 0));

	for (n = 1; n <= calls; n++) {
		fresh(s, pristine);
		t = (struct trace){ .kill_at = n };
		trace_run(&t, argv, NULL);
		T_EQ(t.status, 128 + SIGKILL);
		judge(s, &t, img, old, new, "killed");
		cases++;
		for (i = 0; i < sizeof(errors) / sizeof(errors[0]); i++) {
			fresh(s, pristine);
			t = (struct trace){ .fail_at = n, .fail_with =
			    errors[i] };
			trace_run(&t, argv, NULL);
			judge(s, &t, img, old, new, strerror(errors[i]));
			cases++;
		}
	}
	return cases;
}

/* A fleet of nobody's, and a history that was begun. */
static void
set_up(void)
{
	const char *conf = scratch("drydock.conf");

	(void)sh(NULL, "mkdir '%s'; printf 'config_dirs = [ \"xen\" ]\n"
	    "state_dir = \"state\"\n' >'%s'", scratch("xen"), conf);
	(void)setenv("DRYDOCK_CONF", conf, 1);
	(void)sh(NULL, "cp tests/vectors/ffs/tpl2.img.zst '%s.zst'; "
	    "zstd -qdf '%s.zst'; '%s' check --repair '%s' 2>&1; "
	    "mv '%s' '%s'", scratch("any"), scratch("any"), drydock,
	    scratch("any"), scratch("state"), scratch("state0"));
}

static void
at_every_call_old_or_new(void)
{
	size_t i;
	long n;

	for (i = 0; i < sizeof(scenarios) / sizeof(scenarios[0]); i++) {
		n = run_scenario(&scenarios[i]);
		printf("# %s: %ld cases, %ld taken back\n",
		    scenarios[i].name, n, taken_back);
		T(taken_back > 0);
		taken_back = 0;
	}
}

int
main(void)
{
	struct trace t = { .kill_at = 0 };
	char *argv[] = { (char *)(uintptr_t)"/bin/true", NULL };

	if ((drydock = getenv("DRYDOCK")) == NULL)
		drydock = "./drydock";
	trace_run(&t, argv, NULL);
	if (t.status != 0) {
		printf("# skip ptrace does not work here\nok 1 - skipped\n");
		return 0;
	}
	set_up();
	T_RUN(at_every_call_old_or_new);
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
