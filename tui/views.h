/* The views, by how they are opened. */
#ifndef DD_TUI_VIEWS_H
#define DD_TUI_VIEWS_H

#include "tui/app.h"
#include "tui/list.h"
#include "tui/pager.h"
#include "tui/recipe.h"

/* The first view: all domUs. */
int	view_fleet_open(struct app *, struct dd_err *);
/* The rows of its list: a struct fleet.  beside: where a pane stands beside,
 * which says more of the row selected; the columns are the same. */
extern const struct list_source fleet_rows, fleet_rows_beside;
#define FLEET_SORT_NAME	1
/* What tells a domU from others, also after the fleet was read anew. */
const char *domu_id(const struct fleet_domu *);
/* One domU. */
void	view_domu_open(struct app *, const struct fleet_domu *);
/* The generations of its image of that role. */
void	view_generations_open(struct app *, const struct fleet_domu *,
	    enum fleet_role);
/* The files inside an image. */
struct browse {
	const char	*name;		/* for the path: "web1 > pkg" */
	const char	*image;
	const char	*params;	/* it is encrypted; or NULL */
	char		 part;		/* 0: the only one */
	bool		 written;	/* a domU is at work on it */
};
void	view_browser_open(struct app *, const struct browse *);
/* All that is wrong with the fleet and its host. */
void	view_findings_open(struct app *);
/* The host: Xen, space, devices. */
void	view_host_open(struct app *);
/* The commands that were run. */
void	view_log_open(struct app *);
/* What drydock.conf says. */
void	view_settings_open(struct app *);
/* What was started since the console runs. */
void	view_jobs_open(struct app *);
/* The history, of one domU or (NULL) of all. */
void	view_history_open(struct app *, const char *domu);
/* The console's themes. */
void	view_themes_open(struct app *);
/* The commands of the view that asks, then all others. */
void	view_help_open(struct app *, const struct view_ops *of);
/* The form of a recipe, with what is known of the domU, which may be NULL; of
 * its image of that role, where the recipe is about one. */
void	view_prepare_open(struct app *, const struct recipe *,
	    const struct fleet_domu *, enum fleet_role);

/* The same for several domUs; takes the batch over. */
struct batch;
void	view_prepare_many(struct app *, const struct recipe *,
	    struct batch *);

/* What an action does, and how it ended. */
void	view_job_open(struct app *, struct action *);
/*
 * The same for a preview: leaving it stops it, and where it ended well the
 * preview takes the view's place.
 */
void	view_job_preview(struct app *, struct action *, const struct order *);
void	view_preview_open(struct app *, struct action *, const struct order *);
/* The question of a brief recipe, with what its preview said. */
void	view_ask_open(struct app *, struct action *, const struct order *);
/* Start the order's dry run, and show it. */
void	view_preview_run(struct app *, const struct order *);

/*
 * A question.  Its answers are Cancel and yes.  Cancel is marked first, but
 * where yes_first: that is for what can be undone, and then Enter means
 * nothing until the question was on the screen.  typed, or NULL, is for what
 * can't be undone: yes can be chosen once that word (a name) was typed, letter
 * by letter; Cancel stands first then.  fill says what happens, wrapped at
 * width.  run is called when yes is chosen, after the dialog is
 * gone.  done, or NULL, is called last, whatever was chosen: it frees data,
 * which must else outlive the view below.
 */
struct question {
	const char	*title;
	const char	*yes;
	bool		 yes_first;
	const char	*typed;		/* as long as the question stands */
	void		(*fill)(struct text *, const struct model *,
			    const void *data, int width);
	void		(*run)(struct app *, void *data);
	void		(*done)(void *data);
};
void	view_confirm_open(struct app *, const struct question *, void *data);

/*
 * Ask for a passphrase, in a dialog.  run is given it, for the time of the
 * call, after the dialog is gone; cancelled, or NULL, is called when the
 * operator leaves it.  data must outlive the view below.
 */
struct passphrase_question {
	const char	*title, *about;
	void		(*run)(struct app *, void *data,
			    const struct secret *);
	void		(*cancelled)(struct app *, void *data);
};
bool	view_passphrase_open(struct app *, const struct passphrase_question *,
	    void *data);

/*
 * What can be done with a domU wherever one is selected.  d may be NULL.
 */
#define DOMU_COMMANDS	CMD_ROLLBACK, CMD_SWAP, CMD_LIFE, CMD_START, \
	CMD_CONSOLE, CMD_GENERATIONS, CMD_PREPARE, CMD_PREPARE_LOCAL, \
	CMD_ENCRYPTION
/* Why not; NULL: it can be done, or it is another command.  Valid until the
 * next call. */
const char *domu_why_not(const struct model *, const struct fleet_domu *d,
	    enum cmd);
/* Why its image of that role can't be worked on; NULL: it can. */
const char *role_why_not(const struct fleet_domu *d, enum fleet_role);
/* false: it is another command. */
bool	domu_command(struct app *, const struct fleet_domu *d, enum cmd);

/*
 * What views with a pager have in common: movement and search; title and
 * position above the text.
 */
#define PAGING_COMMANDS	CMD_UP, CMD_DOWN, CMD_LEFT, CMD_RIGHT, CMD_PAGE_UP, \
	CMD_PAGE_DOWN, CMD_HOME, CMD_END
const char *paging_why_not(const struct pager *, enum cmd);
bool	paging_command(struct app *, struct pager *, enum cmd);
void	paging_prompted(struct app *, struct pager *, const char *text,
	    enum prompt_step);
void	paging_render(const struct pager *, struct canvas *, struct rect,
	    const char *title);

/* A line across r's first row with a title in it and a note at its end. */
void	chrome_title(struct canvas *, struct rect r, const char *title,
	    const char *note);

/* What is known of a domU: in a pane of width columns, or in full, with each
 * disk as the stack that it is; lines of its disks, ndisks of them, get the
 * line where each begins. */
void	describe_short(struct text *, const struct model *,
	    const struct fleet_domu *, int width);
void	describe_full(struct text *, const struct model *,
	    const struct fleet_domu *, int width, size_t *lines);
/* Is a domU at work on the image, so that what was read from it may be
 * stale? */
bool	describe_is_written(const struct fleet *, const struct fleet_image *);
/* Its name, and its figures while it runs: "web1: 12.3% CPU, 64 MiB, up 3d5h";
 * returns buf. */
const char *describe_title(const struct fleet_domu *, int64_t now, char *buf,
	    size_t cap);
/* The image of the fleet that this path leads to, or NULL.  Asks the file
 * system. */
const struct fleet_image *image_of_path(const struct fleet *, const char *);
/* The same of what stat(2) told. */
struct stat;
const struct fleet_image *image_of_stat(const struct fleet *,
	    const struct stat *);
/* Findings, with signs and hints, wrapped. */
void	describe_findings(struct text *, const struct fleet_findings *,
	    int width);
/* Who uses the image, but `except` (or NULL): "db1, mail"; at most max
 * names.  Returns how many there are. */
size_t	describe_users(const struct fleet *, const struct fleet_image *,
	    const struct fleet_domu *except, size_t max, struct buf *);
/* How the disk is encrypted, where that is known: ", aes-xts 256"; and all of
 * it, wrapped, as lines of their own. */
void	describe_cipher(struct text *, const struct fleet_disk *);
void	describe_encryption(struct text *, const struct fleet_disk *,
	    int indent, int width);
/* For how full a file system is. */
enum style describe_fill_style(int permille);
/* The last component of a path. */
const char *base_name(const char *path);

#endif
