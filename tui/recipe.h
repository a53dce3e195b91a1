/*
 * What the console can do to images, and to domUs: a table from which the form,
 * the preview, the question and the command lines are made.
 */
#ifndef DD_TUI_RECIPE_H
#define DD_TUI_RECIPE_H

#include "core/fleet/fleet.h"
#include "tui/input.h"
#include "tui/secrets.h"

#define RECIPE_FIELDS	11	/* at most */
#define CHOICE_WORDS	4	/* of a choice */
#define RECIPE_WORDS	(6 + CHOICE_WORDS * RECIPE_FIELDS) /* of a command */
#define RECIPE_REMARK	512

enum field_flags {
	FIELD_PATH	= 1,
	FIELD_OPTIONAL	= 2,
	FIELD_MADE	= 4,	/* a path whose file is made if it is missing */
	FIELD_FOR_NEW	= 8,	/* asked only if the recipe's image is new */
	FIELD_FIXED	= 16,	/* not asked: who opens the form knows it */
	FIELD_SWITCH	= 32,	/* an option without a value: yes or no */
	FIELD_IMAGE	= 64,	/* a path, to be chosen among files */
	FIELD_TARGET	= 128,	/* which of the domU's images: asked for where
				 * it may be for several */
	FIELD_CHOICE	= 256,	/* one of .choices */
	FIELD_OLD	= 512,	/* the passphrase that the image has; where it
				 * has one */
	FIELD_NEW	= 1024,	/* that which it gets */
	FIELD_AGAIN	= 2048,	/* the same, in the field behind it */
	FIELD_RUNNING	= 4096,	/* asked only if the domU runs */
	FIELD_PASS	= 8192	/* a passphrase that there is already */
};
#define FIELD_SECRET	(FIELD_OLD | FIELD_NEW | FIELD_AGAIN | FIELD_PASS)

struct recipe_choice {
	const char	*label;		/* NULL: no more */
	const char	*note;		/* or NULL */
	/* Of the command, up to a NULL; none: what it does anyway. */
	const char	*words[CHOICE_WORDS];
	unsigned	 drops;		/* fields not asked for with it: bits */
	unsigned	 frees;		/* passphrases that may stay empty */
	/* The image itself is changed: that is the warning then, the image's
	 * name must be typed, the preview names no plan, and what runs can be
	 * paused.  NULL: it is not. */
	const char	*in_place;
};

struct recipe_field {
	const char	*label;
	const char	*option;	/* NULL: an operand */
	unsigned	 flags;
	const char	*preset;	/* NULL: none */
	/* What the domU's configuration tells; NULL: nothing. */
	const char	*(*of_domu)(const struct fleet_domu *);
	const char	*note;		/* beside no path's state; NULL: none */
	const struct recipe_choice *choices;	/* the first is preset */
};

struct recipe {
	const char		*words[2];	/* of the command; or one and
						 * NULL */
	const char		*title;		/* "prepare root" */
	const char		*what;		/* it is about, where no field
						 * says that; or NULL */
	const char		*heading;
	const char		*about;
	const char		*question;
	const char		*warning;	/* before it is done */
	const char		*yes;		/* the answer that does it */
	const char		*dry;		/* option for a preview;
						 * NULL: without --plan it
						 * is one */
	bool			 brief;		/* the preview is a few lines,
						 * and stands in the question */
	/* Of a domU, not of an image: why it can't be asked for.  There is no
	 * preview then, and one that fails keeps no others from going. */
	const char		*(*why_not)(const struct fleet_domu *);
	const char		*sure;		/* option for one that asks;
						 * NULL: it does not */
	bool			 grave;		/* the warning is a loud one */
	const char		*nothing;	/* what the preview says where
						 * there is nothing to ask */
	bool			 undoable;	/* yes is marked first */
	bool			 planless;	/* its preview names no plan */
	bool			 direct;	/* there is no preview: the form
						 * is the question */
	bool			 pausable;	/* see order.in_place */
	const char		*preview;	/* what that is said to do; NULL:
						 * as for most */
	/* Why it can't be for that image of the domU; NULL: it can.  With
	 * FIELD_TARGET. */
	const char		*(*target_why_not)(const struct fleet_domu *,
				    const struct fleet_disk *);
	size_t			 image;		/* the field that is changed */
	size_t			 nfields;
	struct recipe_field	 field[RECIPE_FIELDS];
};

extern const struct recipe recipe_root, recipe_local, recipe_rollback,
	recipe_prune, recipe_destroy, recipe_swap,
	recipe_swap_many, recipe_passwd, recipe_rekey,
	recipe_pause, recipe_resume;

/* Fields of recipe_rollback. */
enum { ROLLBACK_TARGET, ROLLBACK_TO };
/* Of recipe_swap, and of recipe_swap_many but the last. */
enum { SWAP_TARGET, SWAP_IMAGE, SWAP_NOTE, SWAP_MOVE };

/* A form filled in; values of fields that are not used are "". */
struct order {
	const struct recipe	*recipe;
	char			 value[RECIPE_FIELDS][INPUT_MAX + 2];
	char			 answer[2][129];	/* more words, or "" */
	/* What the question adds to the preview, or "". */
	char			 remark[RECIPE_REMARK];
	bool			 grave;		/* Cancel is marked first */
	char			 typed[128];	/* to be typed for yes, or "" */
	struct secrets		*secrets;	/* for the command, or NULL */
	/* It is changed in place: no plan, and drydock rekey --pause makes what
	 * runs pause. */
	bool			 in_place;
};

/* A copy, which refers to the secrets too; and the end of one. */
void	order_copy(struct order *, const struct order *);
void	order_dispose(struct order *);

/* The value as a command line can have it: a path that begins with '-' must
 * not become an option. */
void	order_set(struct order *, size_t field, const char *value);
/* "web1:pkg", as commands name the image of a domU. */
void	order_set_target(struct order *, size_t field,
	    const struct fleet_domu *, enum fleet_role);
/* Let who shows the action know that it can be paused, if it can. */
struct action;
void	order_tell_pause(const struct order *, struct action *);
/* What the command reads where its words say so, or NULL. */
const struct secret *order_passphrases(const struct order *);
/* The path of the image that changes, or its target. */
const char *order_image(const struct order *);
/* The words of the command as a preview, or as what carries out that plan (NULL
 * where there is no preview); then NULL.  They point into the order, and to
 * plan. */
void	order_preview(const struct order *,
	    const char *words[RECIPE_WORDS + 3]);
void	order_carry_out(const struct order *, const char *plan,
	    const char *words[RECIPE_WORDS + 3]);

#endif
