/*
 * The life of domUs, by xl: a domU that xl has started has a process of xl's
 * that handles its reboots, and xl's own messages say what went wrong.
 */
#include <sys/wait.h>
#include <errno.h>
#include <signal.h>
#include <spawn.h>
#include <stdio.h>
#include <string.h>

#include "core/base/buf.h"
#include "core/base/spawn.h"
#include "xen/xen.h"

#define CONSOLE_LIMIT	10	/* seconds, to be told where it is */

extern char **environ;

static const char *const verbs[] = {
	[XEN_SHUTDOWN] = "shutdown",
	[XEN_REBOOT] = "reboot",
	[XEN_DESTROY] = "destroy",
	[XEN_PAUSE] = "pause",
	[XEN_UNPAUSE] = "unpause",
};

/* The line in which at is. */
static const char *
line_of(struct buf *b, char *at)
{
	at[strcspn(at, "\n")] = '\0';
	while (at > b->p && at[-1] != '\n')
		at--;
	return at;
}

/* Why it failed: in the words of a hotplug script, else what libxl met first.
 * What follows that are its consequences; where there is no such line, xl's last
 * one says most. */
static const char *
reason(struct buf *b)
{
	static const char script[] = ": script: ";
	char *at;

	while (b->len > 0 && b->p[b->len - 1] == '\n')
		b->p[--b->len] = '\0';
	if (b->len == 0)
		return "it said nothing";
	if ((at = strstr(b->p, script)) != NULL) {
		at += sizeof(script) - 1;
		at[strcspn(at, "\n")] = '\0';
		return at;
	}
	if ((at = strstr(b->p, "libxl: error: ")) == NULL &&
	    (at = strrchr(b->p, '\n')) != NULL)
		return at + 1;
	return line_of(b, at != NULL ? at : b->p);
}

static int
missing(struct dd_err *e)
{
	if (e->sys != ENOENT)
		return -1;
	return dd_hint(e, "xl comes with Xen's tools: is this a dom0?");
}

static int
run(const char *const *argv, unsigned limit, struct dd_err *e)
{
	struct buf out = BUF_INIT;
	int status = 0, rc;

	rc = spawn_run(argv, limit, &out, &status, e);
	if (rc == -1)
		(void)missing(e);
	else if (status != 0) {
		rc = dd_fail(e, ERR_IO, "xl %s: %s", argv[1],
		    reason(&out));
		(void)dd_hint(e, "xl -v %s says more", argv[1]);
	}
	buf_dispose(&out);
	return rc;
}

int
xen_start(const char *cfg, const char *instead, unsigned limit,
    struct dd_err *e)
{
	const char *const argv[] = { "xl", "create", cfg, instead, NULL };

	return run(argv, limit, e);
}

int
xen_act(unsigned id, enum xen_act act, unsigned limit, struct dd_err *e)
{
	char word[16];
	const char *const argv[] = { "xl", verbs[act], word, NULL };

	(void)snprintf(word, sizeof(word), "%u", id);
	return run(argv, limit, e);
}

static int
block(unsigned id, const char *verb, const char *disk, unsigned limit,
    struct dd_err *e)
{
	char word[16];
	const char *const argv[] = { "xl", verb, word, disk, NULL };

	(void)snprintf(word, sizeof(word), "%u", id);
	return run(argv, limit, e);
}

int
xen_attach(unsigned id, const char *spec, unsigned limit, struct dd_err *e)
{
	return block(id, "block-attach", spec, limit, e);
}

int
xen_detach(unsigned id, const char *vdev, unsigned limit, struct dd_err *e)
{
	return block(id, "block-detach", vdev, limit, e);
}

int
xen_console_path(unsigned id, char *path, size_t cap, struct dd_err *e)
{
	char key[64];
	const char *const argv[] = { "xenstore-read", key, NULL };
	struct buf out = BUF_INIT;
	int status = 0, rc;

	(void)snprintf(key, sizeof(key), "/local/domain/%u/console/tty", id);
	rc = spawn_run(argv, CONSOLE_LIMIT, &out, &status, e);
	if (rc == 0 && (status != 0 || out.len < 2 || out.p[0] != '/'))
		rc = dd_fail(e, ERR_NOENT, "it has no console");
	if (rc == 0)
		(void)snprintf(path, cap, "%.*s", (int)strcspn(out.p, "\n"),
		    out.p);
	buf_dispose(&out);
	return rc;
}

/* ^C belongs to the guest while xl has the terminal. */
int
xen_console(unsigned id, struct dd_err *e)
{
	char word[16];
	const char *const argv[] = { "xl", "console", word, NULL };
	struct sigaction was, ignore = { .sa_handler = SIG_IGN };
	int status, r;
	pid_t pid;

	(void)snprintf(word, sizeof(word), "%u", id);
	if ((r = posix_spawnp(&pid, argv[0], NULL, NULL,
	    (char *const *)(uintptr_t)argv, environ)) != 0) {
		(void)dd_fail_sys(e, r, "xl");
		return missing(e);
	}
	(void)sigaction(SIGINT, &ignore, &was);
	while (waitpid(pid, &status, 0) == -1 && errno == EINTR)
		continue;
	(void)sigaction(SIGINT, &was, NULL);
	return WIFEXITED(status) && WEXITSTATUS(status) == 0 ? 0 :
	    dd_fail(e, ERR_IO, "xl console ended with an error");
}
