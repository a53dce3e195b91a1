/*
 * The files of the folder that is being typed, with what each of them is, to
 * be chosen by the arrow keys.  Folders and images are read by looks; of
 * images only those that are on the screen.
 */
#ifndef DD_TUI_CHOOSER_H
#define DD_TUI_CHOOSER_H

#include "tui/app.h"
#include "tui/list.h"

struct choice {
	char		*name;
	bool		 folder;
	uint64_t	 size;
	bool		 known;		/* what is told */
	char		 what[128];	/* "pkg, FFSv2, clean" */
	enum style	 style;
};

struct choices {
	struct choice	*v;
	size_t		 n;
};

struct chooser {
	struct list	 list;
	struct choices	*files;		/* NULL: not read */
	char		*folder;	/* that is shown; "" is here */
	char		 why[256];	/* it can't be read, or "" */
	bool		 active;	/* one is marked */
	unsigned	 folder_ticket, kind_ticket;
	size_t		 kind_of;	/* whose kind is looked for */
};

enum chosen { CHOSEN_NOT,	/* the key is for somebody else */
	CHOSEN_MOVED, CHOSEN_FOLDER, CHOSEN_FILE };

void	chooser_init(struct chooser *, bool utf8);
void	chooser_dispose(struct chooser *);
/* What stands in the field now. */
void	chooser_typed(struct app *, struct chooser *, const char *path);
/* Where something was chosen its path goes to path. */
enum chosen chooser_key(struct app *, struct chooser *, uint32_t key,
	    char *path, size_t cap);
/* As view_ops.looked. */
bool	chooser_looked(struct app *, struct chooser *, struct look *);
void	chooser_layout(struct chooser *, int rows);
void	chooser_render(const struct chooser *, struct canvas *, struct rect);

/* A look at what is in a folder, and at what a file is; for the chooser, and
 * for tests. */
struct folder_look {
	struct look	 look;
	char		*folder;
	struct choices	*found;		/* NULL: why */
	char		 why[256];
};
struct kind_look {
	struct look	 look;
	char		*path;
	char		 what[128];
	enum style	 style;
};
struct folder_look *folder_look_new(const char *folder);
struct kind_look *kind_look_new(const char *path);
void	choices_free(struct choices *);

#endif
