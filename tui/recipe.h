/*
 * What the console can prepare: a table from which the form, the preview, the
 * question and the command lines are made.
 */
#ifndef DD_TUI_RECIPE_H
#define DD_TUI_RECIPE_H

#include "core/fleet/fleet.h"
#include "tui/input.h"

#define RECIPE_FIELDS	7	/* at most */
#define RECIPE_WORDS	(4 + 2 * RECIPE_FIELDS)	/* of a command line */

enum field_flags {
	FIELD_PATH	= 1,
	FIELD_OPTIONAL	= 2,
	FIELD_MADE	= 4,	/* a path whose file is made if it is missing */
	FIELD_FOR_NEW	= 8	/* asked only if the recipe's image is missing */
};

struct recipe_field {
	const char	*label;
	const char	*option;	/* NULL: an operand */
	unsigned	 flags;
	const char	*preset;	/* NULL: none */
	/* What the domU's configuration tells; NULL: nothing. */
	const char	*(*of_domu)(const struct fleet_domu *);
	const char	*note;		/* beside no path's state; NULL: none */
};

struct recipe {
	const char		*words[2];	/* of the command */
	const char		*title;		/* "prepare root" */
	const char		*heading;
	const char		*about;
	const char		*question;
	const char		*warning;	/* before it is done */
	size_t			 image;		/* the field that is changed */
	size_t			 nfields;
	struct recipe_field	 field[RECIPE_FIELDS];
};

extern const struct recipe recipe_root, recipe_local;

/* A form filled in; values of fields that are not used are "". */
struct order {
	const struct recipe	*recipe;
	char			 value[RECIPE_FIELDS][INPUT_MAX + 2];
	char			 answer[2][129];	/* more words, or "" */
};

/* The value as a command line can have it: a path that begins with '-' must
 * not become an option. */
void	order_set(struct order *, size_t field, const char *value);
/* The path of the image that changes. */
const char *order_image(const struct order *);
/* The words of the command, then mode and its argument (or NULL), then NULL.
 * They point into the order. */
void	order_words(const struct order *, const char *mode, const char *arg,
	    const char *words[RECIPE_WORDS + 3]);

#endif
