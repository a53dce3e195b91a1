/*
 * The files inside an image: the state of the view.  Its commands stand in
 * view_browser.c, what it reads in browser_read.c, what it copies in
 * browser_copy.c.
 */
#ifndef DD_TUI_BROWSER_H
#define DD_TUI_BROWSER_H

#include "tui/files.h"
#include "tui/input.h"
#include "tui/views.h"

#define BROWSER_PATH	4096	/* of a file inside the image */

struct browser {
	struct list	 list;
	struct files	*files;		/* NULL: nothing was read yet */
	char		*name;		/* "web1 > pkg" */
	char		*image;
	char		*params;	/* it is encrypted; or NULL */
	char		 part[2];	/* "" for the only one */
	bool		 written;	/* a domU is at work on it */
	char		 dir[BROWSER_PATH];	/* that is shown */
	struct text	 head;
	char		 why[INPUT_MAX], hint[384];	/* it can't be read */

	struct action	*reading;	/* or NULL */
	char		 wanted[BROWSER_PATH];	/* what it reads */
	struct action	*read;		/* that is done, and long: a look goes
					 * through what it said; or NULL */
	unsigned	 parse;		/* the look's ticket */
	char		*select;	/* the name to be selected then */

	unsigned	 ticket;	/* of the look at the parameters */
	bool		 knows_keys;	/* it is done */
	bool		 wants_passphrase;
	struct secret	 passphrase;	/* p NULL: not given */

	enum { BROWSER_FILTERS, BROWSER_COPIES } prompt;
	struct action	*checking;	/* the dry run of a copy, or NULL */
	/* What is copied, as it was selected when that was asked for. */
	char		 source[BROWSER_PATH], target[INPUT_MAX + 2];
	bool		 whole;		/* the source is a directory */
	bool		 asked;		/* the question stands, or stood */
	struct question	 question;
	char		 title[INPUT_MAX + 32];
};

/* The file selected, or NULL. */
const struct file_row *browser_selected(const struct browser *);
/* "DIR/name" to path; false: it is too long. */
bool	browser_path(const struct browser *, const char *name,
	    char path[BROWSER_PATH]);
/* Run a drydock command on it: words, NULL-terminated, then the options that
 * open the image, then "IMAGE:PATH", then more (or NULL). */
struct action *browser_run(struct app *, const struct browser *,
	    const char *title, bool changes, const char *const *words,
	    const char *path, const char *more);

/* Read a directory; the one shown stays until then. */
void	browser_read(struct app *, struct browser *, const char *dir);
/* As view_ops. */
void	browser_changed(struct app *, void *);
bool	browser_looked(struct app *, void *, struct look *);
/* Don't wait any longer. */
void	browser_stop(struct app *, struct browser *);

/* Copy the source to the host: find out what that replaces, ask where it
 * replaces something, and do it. */
void	browser_copy(struct app *, struct browser *, const char *target);
void	browser_copy_changed(struct app *, struct browser *);

/* What a file holds, as cat prints it; takes a reference.  size: of the
 * file. */
void	view_file_open(struct app *, struct action *, const char *path,
	    uint64_t size);
#define FILE_VIEW_MAX	(256 * 1024)	/* bytes that are shown */
#define FILE_VIEW_TEXT	"262144"

#endif
