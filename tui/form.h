/*
 * The state of a form; its commands stand in view_prepare.c, what stands in it
 * in form_fill.c, the images and answers that can be chosen in form_choice.c,
 * passphrases in form_secret.c, what it draws in form_show.c.
 */
#ifndef DD_TUI_FORM_H
#define DD_TUI_FORM_H

#include "tui/batch.h"
#include "tui/chooser.h"
#include "tui/hidden.h"
#include "tui/views.h"

/* One of the images that a form with FIELD_TARGET may be for, as it was when
 * the form was opened. */
struct form_target {
	char		 word[INPUT_MAX];	/* "web1:local" */
	char		 name[128];		/* "local.img" */
	char		 note[512];		/* how it is encrypted, */
	char		 brief[128];		/* and in a few words */
	bool		 asks;			/* for a passphrase */
};

struct prepare_view {
	const struct recipe *recipe;
	struct input	field[RECIPE_FIELDS];
	struct hidden	hidden[RECIPE_FIELDS];	/* instead, of FIELD_SECRET */
	char		note[RECIPE_FIELDS][512];
	enum style	note_style[RECIPE_FIELDS];
	bool		is_new;		/* the image is missing, and is made */
	bool		runs;		/* the domU */
	struct form_target target[ROLE_COUNT];
	size_t		ntargets, at;	/* at: the one chosen */
	size_t		focus;
	struct buf	names;		/* what could complete the path */
	struct text	about;
	size_t		first, last;	/* fields that are shown */
	int		step;		/* rows of each */
	struct batch	*batch;		/* for several; or NULL */
	struct chooser	chooser;	/* for the field of FIELD_IMAGE */
};

/* Put what is known of the domU (or NULL) and its image of that role in. */
void	form_fill(const struct model *, struct prepare_view *,
	    const struct fleet_domu *, enum fleet_role);
/* Say under a field what its path leads to, or what it is for. */
void	form_look(const struct model *, struct prepare_view *, size_t field);
void	form_set_note(struct prepare_view *, size_t field, enum style,
	    const char *text);

/* Is the field asked for? */
bool	form_asks(const struct prepare_view *, size_t field);
/* The same of its flags. */
bool	form_is(const struct prepare_view *, size_t field, unsigned flags);

/* The images of the domU that the recipe can be for, the first being that of
 * the role, if it is among them. */
void	form_find_targets(struct prepare_view *, const struct fleet_domu *,
	    enum fleet_role);
/* The answer of a field of FIELD_CHOICE, or NULL. */
const struct recipe_choice *form_choice(const struct prepare_view *,
	    size_t field);
/* Fields that the answers leave out: bits. */
unsigned form_dropped(const struct prepare_view *);
/* May the field stay empty? */
bool	form_may_lack(const struct prepare_view *, size_t field);
/* An answer says that the image is changed in place, with that warning. */
void	form_take_in_place(const struct prepare_view *, const char *,
	    struct order *);
/* A key on a field of FIELD_CHOICE or FIELD_TARGET; false: it moves on. */
bool	form_choose(struct prepare_view *, size_t field, uint32_t key);

/* Make room for passphrases; and wipe it, also after a failure. */
int	form_hide(struct prepare_view *, struct dd_err *);
void	form_unhide(struct prepare_view *);
/* Say what is to be said of passphrases while they are typed. */
void	form_hint(struct prepare_view *);
/* Why the passphrases won't do, and where (the focus goes there); NULL: they
 * will. */
const char *form_secrets_why_not(struct prepare_view *);
/* Into the order: the old one first.  None are asked for: nothing. */
int	form_take_secrets(const struct prepare_view *, struct order *,
	    struct dd_err *);

void	form_layout(const struct model *, void *state, int rows, int cols);
void	form_render(const struct model *, const void *state, struct canvas *,
	    struct rect);

#endif
