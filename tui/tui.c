/*
 * The loop of the console: one poll(2) over keys, signals, snapshots of the
 * fleet, what Xen tells and events of children; then one drawing.  It waits
 * without a timeout: where nothing happens, nothing runs.
 */
#include <sys/ioctl.h>
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <termios.h>
#include <time.h>
#include <unistd.h>

#include "core/theme/theme.h"
#include "tui/app.h"
#include "tui/columns.h"
#include "tui/follower.h"
#include "tui/keymap.h"
#include "tui/loader.h"
#include "tui/mouse.h"
#include "tui/term.h"
#include "tui/tui.h"

struct loop {
	const struct term_ops	*term;
	struct app		 app;
	struct loader		*loader;
	struct looker		*looker;
	struct follower		 follower;
	struct dd_err		 unwatched;	/* why Xen is not followed */
	struct canvas		 canvas;
	struct theme		 theme;
	int			 wake[2];	/* the pipe of both */
	bool			 hung_up;
	/* While the terminal is lent: what it was like before. */
	bool			 lent;
	int			 flags[2];
	struct sigaction	 quit;
};

/* Signals become bytes in a pipe, and are handled where it is safe. */
static int signal_pipe[2] = { -1, -1 };

static const int signals[] = { SIGWINCH, SIGTSTP, SIGCHLD, SIGINT, SIGTERM,
	SIGHUP };
#define NSIGNALS	(sizeof(signals) / sizeof(signals[0]))

static void
on_signal(int sig)
{
	const char c = (char)sig;
	int saved = errno;

	/* A full pipe will wake the loop as well. */
	if (write(signal_pipe[1], &c, 1) == -1)
		errno = saved;
	errno = saved;
}

static void
catch_signals(struct sigaction old[NSIGNALS])
{
	struct sigaction sa = { .sa_handler = on_signal,
	    .sa_flags = SA_RESTART };
	size_t i;

	(void)sigemptyset(&sa.sa_mask);
	for (i = 0; i < NSIGNALS; i++)
		(void)sigaction(signals[i], &sa, old == NULL ? NULL :
		    &old[i]);
}

static void
restore_signals(const struct sigaction old[NSIGNALS])
{
	size_t i;

	for (i = 0; i < NSIGNALS; i++)
		(void)sigaction(signals[i], &old[i], NULL);
}

/* Stop as the shell expects it, with the terminal given back meanwhile. */
static void
suspend(struct loop *l)
{
	struct sigaction dfl = { .sa_handler = SIG_DFL };

	l->term->leave();
	(void)sigemptyset(&dfl.sa_mask);
	(void)sigaction(SIGTSTP, &dfl, NULL);
	(void)raise(SIGTSTP);
	/* Going on again. */
	catch_signals(NULL);
	l->term->forget();
}

/* -- a command that has the terminal for a while ------------------------- */

static const int lent_fds[] = { STDIN_FILENO, STDOUT_FILENO };

/* ^C and ^\\ belong to the command; ^Z would leave nobody to go on. */
static void
lend(struct loop *l)
{
	struct sigaction ignore = { .sa_handler = SIG_IGN };
	struct dd_err e = DD_ERR_INIT;
	size_t i;

	l->term->leave();
	for (i = 0; i < 2; i++)
		l->flags[i] = fcntl(lent_fds[i], F_GETFL);
	(void)sigemptyset(&ignore.sa_mask);
	(void)sigaction(SIGTSTP, &ignore, NULL);
	(void)sigaction(SIGQUIT, &ignore, &l->quit);
	l->lent = true;
	if (l->app.runner->lend(l->app.lent, &e) == -1)
		app_lend_failed(&l->app, &e);
	else
		app_lent(&l->app);
}

/* What was typed for the command's eyes is not for ours. */
static void
take_back(struct loop *l)
{
	size_t i;

	for (i = 0; i < 2; i++)
		if (l->flags[i] != -1)
			(void)fcntl(lent_fds[i], F_SETFL, l->flags[i]);
	(void)tcflush(STDIN_FILENO, TCIFLUSH);
	catch_signals(NULL);
	(void)sigaction(SIGQUIT, &l->quit, NULL);
	l->lent = false;
}

static void
reap(struct loop *l)
{
	struct action *a = l->app.model.actions;

	while (a != NULL) {
		if (!runner_reap(a)) {
			a = a->next;
			continue;
		}
		(void)action_ref(a);
		app_action(&l->app, a);
		action_unref(a);
		/* A view may have begun another: the list is a new one. */
		a = l->app.model.actions;
	}
}

static void
take_signals(struct loop *l)
{
	char sig;

	while (read(signal_pipe[0], &sig, 1) == 1)
		switch (sig) {
		case SIGTSTP:
			if (!l->lent)
				suspend(l);
			break;
		case SIGCHLD:
			reap(l);
			break;
		case SIGINT:
			if (!l->lent)
				app_key(&l->app, K_CTRL('c'));
			break;
		case SIGTERM:
		case SIGHUP:
			l->hung_up = true;
			break;
		default:	/* SIGWINCH: each drawing asks for the size */
			break;
		}
}

static void
take_news(struct loop *l)
{
	struct dd_err e = DD_ERR_INIT;
	struct fleet *fleet;
	struct look *look;
	struct doctor *doctor;
	char c[64];

	while (read(l->wake[0], c, sizeof(c)) > 0)
		;
	if (loader_take(l->loader, &fleet, &doctor, &e)) {
		/* Xen was asked just when it did not answer. */
		if (fleet != NULL && fleet->xen != NULL &&
		    follower_answers(&l->follower))
			loader_request_later(l->loader, NULL);
		if (fleet != NULL)	/* else the one before stays, too */
			app_doctor(&l->app, doctor);
		app_fleet(&l->app, fleet, &e);
	}
	while ((look = looker_take(l->looker)) != NULL)
		app_looked(&l->app, look);
}

static void
take_xen(struct loop *l)
{
	const struct follower *f = &l->follower;
	enum news news = follower_read(&l->follower);

	if (news == NEWS_NONE)
		return;
	app_xen(&l->app, f->why.code == ERR_NONE ? &f->now : NULL, &f->why,
	    f->heard);
	if (news != NEWS_SET)
		return;
	loader_restarts(l->loader, &f->restarts);
	if (l->app.model.fleet == NULL)
		loader_request(l->loader, follower_why_not(f));
	else
		loader_request_later(l->loader, follower_why_not(f));
}

static void
take_keys(struct loop *l)
{
	uint32_t key;

	/* All that wait, before the screen is drawn once. */
	while (!l->app.want_quit && l->term->key(&key))
		if ((key & K_MOUSE) != 0)
			app_mouse(&l->app, &l->canvas, key);
		else
			app_key(&l->app, key);
}

static void
take_events(struct loop *l)
{
	struct action *a;

	for (a = l->app.model.actions; a != NULL; a = a->next)
		if (a->events != -1 && runner_read(a))
			app_action(&l->app, a);
}

static int
draw(struct loop *l, struct dd_err *e)
{
	int rows, cols;

	l->term->size(&rows, &cols);
	if (rows != l->canvas.rows || cols != l->canvas.cols) {
		canvas_dispose(&l->canvas);
		if (canvas_init(&l->canvas, rows, cols, l->app.model.utf8,
		    e) == -1)
			return -1;
	}
	canvas_clear(&l->canvas);
	l->app.model.now = (int64_t)time(NULL);
	app_render(&l->app, &l->canvas);
	l->term->draw(&l->canvas);
	return 0;
}

/* Do what the views asked for. */
static void
grant(struct loop *l)
{
	struct look *look;

	while ((look = l->app.looks) != NULL) {
		l->app.looks = look->next;
		looker_put(l->looker, look);
	}
	if (l->app.want_refresh) {
		follower_kick(&l->follower);
		loader_request(l->loader, follower_why_not(&l->follower));
	}
	if (l->app.lent != NULL && !l->lent)
		lend(l);
	if (l->app.lent == NULL && l->lent)
		take_back(l);
	if (l->app.want_theme) {
		l->theme = l->app.theme;
		l->term->theme(&l->theme);
	}
	if (l->app.copy != NULL)
		app_copied(&l->app, l->term->copy(l->app.copy));
	if (l->app.want_redraw)
		l->term->forget();
	l->app.want_refresh = l->app.want_redraw = l->app.want_theme = false;
}

enum { FD_KEYS, FD_SIGNALS, FD_WAKE, FD_XEN, FD_EVENTS };

#define MAX_FDS		32	/* events of more children wait a little */

static nfds_t
gather(const struct loop *l, struct pollfd fds[MAX_FDS])
{
	const struct action *a;
	nfds_t n = FD_EVENTS;

	fds[FD_KEYS].fd = l->lent ? -1 : l->term->fd();
	fds[FD_SIGNALS].fd = signal_pipe[0];
	fds[FD_WAKE].fd = l->wake[0];
	fds[FD_XEN].fd = follower_fd(&l->follower);
	for (a = l->app.model.actions; a != NULL && n < MAX_FDS; a = a->next)
		if (a->events != -1)
			fds[n++].fd = a->events;
	return n;
}

/* A terminal that hung up can be read, but has nothing to say. */
static bool
is_gone(int fd, short revents)
{
	int waiting = 1;

	return (revents & (POLLHUP | POLLERR | POLLNVAL)) != 0 ||
	    (ioctl(fd, FIONREAD, &waiting) == 0 && waiting == 0);
}

static int
run(struct loop *l, struct dd_err *e)
{
	struct pollfd fds[MAX_FDS];
	nfds_t i, n;

	/* Who has the terminal is waited for: it would be left to both. */
	while (!l->app.want_quit && !(l->hung_up && l->app.lent == NULL)) {
		/* Some may have come already, with the terminal's size. */
		if (!l->lent)
			take_keys(l);
		if (l->app.want_quit)
			break;
		grant(l);
		if (!l->lent && draw(l, e) == -1)
			return -1;
		n = gather(l, fds);
		for (i = 0; i < n; i++) {
			fds[i].events = POLLIN;
			fds[i].revents = 0;
		}
		if (poll(fds, n, -1) == -1 && errno != EINTR)
			return dd_fail_sys(e, errno, "poll");
		if (fds[FD_KEYS].revents != 0 &&
		    is_gone(fds[FD_KEYS].fd, fds[FD_KEYS].revents))
			break;
		if (fds[FD_SIGNALS].revents)
			take_signals(l);
		if (fds[FD_WAKE].revents)
			take_news(l);
		if (fds[FD_XEN].revents)
			take_xen(l);
		take_events(l);
	}
	return 0;
}

static void
close_pipe(int p[2])
{
	if (p[0] != -1) {
		(void)close(p[0]);
		(void)close(p[1]);
	}
	p[0] = p[1] = -1;
}

static int
open_pipe(int p[2], struct dd_err *e)
{
	return pipe2(p, O_CLOEXEC | O_NONBLOCK) == -1 ?
	    dd_fail_sys(e, errno, "pipe") : 0;
}

/*
 * The theme that is asked for.  What was asked for just now must be there; for
 * the sake of a setting nobody is kept out: without it the default is used, and
 * why says it.
 */
static int
choose_theme(struct loop *l, const struct tui_params *p,
    const struct config *config, struct dd_err *why, struct dd_err *e)
{
	const char *set = getenv("DRYDOCK_THEME");

	if (p->theme != NULL)
		return theme_load(p->xen, p->config_path, p->theme, &l->theme,
		    e);
	if (set == NULL || set[0] == '\0')
		set = config->theme;
	if (set != NULL && theme_load(p->xen, p->config_path, set, &l->theme,
	    why) == 0)
		return 0;
	return theme_builtin(p->xen, "default", &l->theme, e);
}

/* Open all that the loop needs, and run it. */
static int
run_on(struct loop *l, const struct tui_params *p, const struct config *config,
    struct dd_err *e)
{
	struct dd_err no_theme = DD_ERR_INIT;
	struct sigaction old[NSIGNALS];
	int rc = -1;

	if (choose_theme(l, p, config, &no_theme, e) == -1)
		return -1;
	if (open_pipe(signal_pipe, e) == -1 || open_pipe(l->wake, e) == -1)
		return -1;
	if (l->term->open(&l->theme, e) == -1)
		return -1;
	if (config->mouse != 0)
		l->term->mouse();
	catch_signals(old);
	if (app_init(&l->app, l->term->utf8(), config, e) == -1)
		goto out;
	if (l->unwatched.code != ERR_NONE)
		app_say_error(&l->app, &l->unwatched);
	l->app.program = p->program;
	l->app.config_path = p->config_path;
	l->app.xen = p->xen;
	l->app.theme = l->theme;
	if (no_theme.code != ERR_NONE)
		app_say_error(&l->app, &no_theme);
	l->app.commands = p->commands;
	if (loader_start(p->xen, config, follower_why_not(&l->follower),
	    l->wake[1], &l->loader, e) == -1 ||
	    looker_start(l->wake[1], &l->looker, e) == -1)
		goto out;
	rc = run(l, e);
out:
	l->term->close();
	restore_signals(old);
	return rc;
}

int
tui_run(const struct tui_params *p, struct dd_err *e)
{
	struct loop l = { .term = &term_curses, .wake = { -1, -1 } };
	struct config config = { .path = NULL };
	bool idle;
	int rc;

	if (config_load(p->xen, p->config_path, &config, e) == -1)
		return -1;
	if (keymap_set(&config, e) == -1 || columns_check(&config, e) == -1) {
		config_dispose(&config);
		return -1;
	}
	/* before there is a thread, or anything that must not be inherited */
	(void)follower_open(&l.follower, p->xen, config.refresh,
	    &l.unwatched);
	rc = run_on(&l, p, &config, e);
	app_dispose(&l.app);
	follower_close(&l.follower);
	canvas_dispose(&l.canvas);
	/* A reading that hangs may still need these. */
	idle = looker_stop(l.looker);
	if (loader_stop(l.loader) && idle) {
		config_dispose(&config);
		close_pipe(l.wake);
	}
	close_pipe(signal_pipe);
	return rc;
}
