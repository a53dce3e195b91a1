/*
 * The console without a terminal: events come in, a canvas goes out.
 *
 *	event -> model -> view -> canvas -> terminal
 *
 * Views stand on a stack; the top one gets the keys.  Each view is a table of
 * functions over a state of its own.  What touches the world (reading the
 * fleet, running children, the terminal) is asked for through flags and the
 * runner's table, so that tests drive all of this by keys alone.
 */
#ifndef DD_TUI_APP_H
#define DD_TUI_APP_H

#include "core/theme/theme.h"
#include "tui/input.h"
#include "tui/keys.h"
#include "tui/look.h"
#include "tui/model.h"

#define APP_DEPTH	8
#define APP_LINES	20	/* of the command line that are kept */
#define APP_MIN_ROWS	10
#define APP_MIN_COLS	40

struct app;
struct list;

enum prompt_step { PROMPT_CHANGED, PROMPT_ACCEPTED, PROMPT_CANCELLED };

/* Functions may be NULL where a view has no use for them. */
struct view_ops {
	bool		 overlay;	/* the view below stays visible */
	bool		 passing;	/* gone once what it leads to begins */
	bool		 paged;		/* the state begins with a struct
					 * pager, which takes movement and
					 * search */
	const enum cmd	*commands;	/* in the order of the key bar */
	size_t		 ncommands;
	/* For the path in the header; "" for none. */
	void		(*title)(const void *state, char *buf, size_t cap);
	/* Where in a list one is, for the status line; "" for nowhere. */
	void		(*where)(const void *state, char *buf, size_t cap);
	/* Why a command does not work now; NULL: it does; "": there is no such
	 * command now, and its key may mean another. */
	const char	*(*why_not)(const struct app *, const void *state,
			    enum cmd);
	/* Before the commands: a key for an editor.  true: taken. */
	bool		(*key)(struct app *, void *state, uint32_t key);
	/* Is it text now what a letter's key types?  NULL: never. */
	bool		(*typing)(const void *state);
	/* What a pager did not take.  NULL: the view just closes. */
	void		(*command)(struct app *, void *state, enum cmd);
	/* What is typed after app_prompt. */
	void		(*prompted)(struct app *, void *state,
			    const char *text, enum prompt_step);
	/* The list that a mouse selects in. */
	struct list	*(*list)(void *state);
	/* Or, where there is none, what it does. */
	void		(*click)(struct app *, void *state, int y, int x);
	/* The model changed, or the view came to the top.  A view on top may
	 * leave or replace itself here. */
	void		(*changed)(struct app *, void *state);
	/* A look is done, perhaps one that this view asked for: by the ticket.
	 * It is freed afterwards; true: it was that. */
	bool		(*looked)(struct app *, void *state, struct look *);
	/* Fit the state to the room; then render, which changes nothing. */
	void		(*layout)(const struct model *, void *state, int rows,
			    int cols);
	void		(*render)(const struct model *, const void *state,
			    struct canvas *, struct rect);
	void		(*free)(void *state);
};

struct view {
	const struct view_ops	*ops;
	void			*state;
};

struct app {
	struct model		 model;
	const struct runner_ops	*runner;
	const char		*program;	/* how to run ourselves */
	const char		*config_path;	/* --config, or NULL */
	const struct xen_ops	*xen;		/* for the syntax of themes */
	struct theme		 theme;		/* in use */
	const char *const	*commands;	/* names of drydock's, NULL at
						 * the end; or NULL */

	struct view		 stack[APP_DEPTH];
	size_t			 depth;
	bool			 small;		/* the terminal is too: nothing
						 * can be read, nor meant */
	char			 message[512];	/* until the next key */
	enum style		 message_style;
	struct {
		bool		 active;
		bool		 command;	/* it is the command line */
		const char	*label;
		struct input	 input;
		struct buf	 offers;	/* what Tab could complete */
	} prompt;
	struct {
		char		*v[APP_LINES];	/* typed there, newest last */
		size_t		 n, at;
	} lines;

	/* What the loop is asked for. */
	bool			 want_quit, want_refresh, want_redraw;
	bool			 want_theme;	/* another one */
	/* What has the terminal, or is to get it once it is given; or NULL. */
	struct action		*lent;
	struct look		*looks;		/* oldest first */
	char			*copy;		/* for the clipboard; or NULL */
	unsigned		 tickets, nactions;
};

/* Starts with the fleet view.  config outlives it. */
int	app_init(struct app *, bool utf8, const struct config *,
	    struct dd_err *);
void	app_dispose(struct app *);

/* Events. */
void	app_key(struct app *, uint32_t key);
/* Takes fleet over; NULL: reading failed with e. */
void	app_fleet(struct app *, struct fleet *, const struct dd_err *e);
/* What Xen has now, which must live until the next call; or NULL and why it does
 * not tell.  heard: when it told last (clock_ms). */
void	app_xen(struct app *, const struct xen_now *, const struct dd_err *why,
	    int64_t heard);
/* What is wrong with the fleet that follows; taken over. */
void	app_doctor(struct app *, struct doctor *);
/* An action told something, or ended. */
void	app_action(struct app *, struct action *);

/* It was given the terminal; or could not be started. */
void	app_lent(struct app *);
void	app_lend_failed(struct app *, const struct dd_err *);

/* A look is done; takes it over. */
void	app_looked(struct app *, struct look *);

/* Lay out and draw everything into c, which was cleared. */
void	app_render(struct app *, struct canvas *);

/* For views. */
/* Put a view on the stack, which owns its state from now on; false: no room,
 * the state is freed. */
bool	app_push(struct app *, const struct view_ops *, void *state);
void	app_pop(struct app *);
/* Leave the views that only led to what begins now. */
void	app_pop_passing(struct app *);
void	app_say(struct app *, enum style, const char *fmt, ...)
	    DD_PRINTF(3, 4);
void	app_say_error(struct app *, const struct dd_err *);
void	app_say_nomem(struct app *);
/* Why a command does not work in the view on top; NULL: it does. */
const char *app_why_not(const struct app *, enum cmd);
void	app_prompt(struct app *, const char *label, const char *text);
/* What every view has beside its own commands. */
#define APP_EVERYWHERE	5
extern const enum cmd app_everywhere[APP_EVERYWHERE];
/* What a key means now, or CMD_NONE. */
enum cmd app_meaning(const struct app *, uint32_t key);
/* Do a command as its key would; why it does not work is said. */
void	app_command(struct app *, enum cmd);
/* Send text to the terminal's clipboard. */
void	app_copy(struct app *, const char *);
/* The terminal has taken it; or takes none. */
void	app_copied(struct app *, bool taken);
/* Run a drydock command (NULL-terminated words behind the program's name) and
 * hand out a reference; changes: it is no mere look.  NULL: it did not start,
 * e says why. */
struct action *app_run(struct app *, const char *title, bool changes,
	    const char *const *args, struct dd_err *);
/* The same, for a command that has --passphrase-fd ACTION_PASSPHRASE_FD among
 * its words: it reads that passphrase there, and a newline.  pass NULL: there
 * is none. */
struct action *app_run_passphrase(struct app *, const char *title,
	    bool changes, const char *const *args, const struct secret *pass,
	    struct dd_err *);
/* Lend the terminal to a drydock command; when it ends the screen comes back,
 * and tells why it failed. */
int	app_lend(struct app *, const char *title, const char *const *args,
	    struct dd_err *);
/* Ask for a look, which is taken over; returns its ticket, never 0. */
unsigned app_look(struct app *, struct look *);
/* Use that theme from now on. */
void	app_theme(struct app *, const struct theme *);
bool	app_on_top(const struct app *, const void *state);

#endif
