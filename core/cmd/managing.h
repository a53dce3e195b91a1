/*
 * What the commands on generations share: the fleet, what is meant, and how it
 * is told what was done.
 */
#ifndef DD_CMD_MANAGING_H
#define DD_CMD_MANAGING_H

#include "core/cmd/json_out.h"
#include "core/cmd/place.h"
#include "core/cmd/rolling.h"
#include "core/fleet/placing.h"

struct managing {
	bool		 dry_run, json;
	bool		 restart, next_boot, live;	/* one of them at most */
	bool		 no_watch, unmounted;
	/* Several domUs run with the image: they take it one after the other,
	 * and only then it is put in place. */
	struct rolling	 rolling;	/* n 0: not so */
	/* set by managing_load */
	const struct cmd_env *env;
	struct config	 conf;
	struct fleet	*fleet;
	const char	*command;	/* line */
	struct target	 t;		/* once managing_find was called */
	struct life	 life;
	struct placing	 p;
};

#define MANAGING_ARGS(m)						\
	{ 'n', "dry-run", ARG_FLAG, &(m).dry_run, NULL,			\
	    "say what would be done, and do nothing" },			\
	{ 0, "plan", ARG_STRING, &(m).p.plan, "HASH",			\
	    "only if just that would be done: from --dry-run" },	\
	{ 0, "json", ARG_FLAG, &(m).json, NULL, "as JSON" }

/* For what running domUs are to take. */
#define MANAGING_BOOT_ARGS(m)						\
	{ 0, "restart", ARG_FLAG, &(m).restart, NULL,			\
	    "restart those that run with it: the default" },		\
	{ 0, "next-boot", ARG_FLAG, &(m).next_boot, NULL,		\
	    "don't restart the domU that runs with it" },		\
	{ 0, "live", ARG_FLAG, &(m).live, NULL,				\
	    "take the disk from the domU and give it the other one" },	\
	{ 0, "unmounted", ARG_FLAG, &(m).unmounted, NULL,		\
	    "with --live: the guest has unmounted it" },		\
	{ 0, "no-watch", ARG_FLAG, &(m).no_watch, NULL,			\
	    "don't watch it after the restart" },			\
	ROLLING_ARG((m).rolling.width)

/* Configuration and fleet, without a look into the images. */
int	managing_load(struct managing *, const struct cmd_env *,
	    struct dd_err *);
/* The target that word names, for an action on the one in place. */
int	managing_find(struct managing *, const struct cmd_env *,
	    const char *word, const char *action, struct dd_err *);
/* Plan, and unless it is a dry run do it.  domUs that run with the image are
 * restarted: see shared.c for several. */
int	managing_run(struct managing *, struct dd_err *);
/* The one domU that runs with it is m->p.restart then, if that was allowed;
 * else ERR_HELD. */
int	managing_want_restart(struct managing *, struct dd_err *);
/* The same where several run with it; for managing_run. */
int	managing_roll(struct managing *, size_t running, struct dd_err *);
/* After that, and once the report is written: watch a domU that was restarted,
 * in a process that outlives us.  ERR_FAULTS: it was not well, and was rolled
 * back. */
int	managing_watch(struct managing *, const struct cmd_env *,
	    struct dd_err *);
/* Begin such a watch, and don't wait for it.  false: it did not begin. */
bool	managing_watch_begin(const struct cmd_env *, const char *word);
/* The one before the one in place, to compare that with; where there is none
 * the error says so, with that hint. */
const struct generation *managing_before(const struct store *,
	    const char *hint, struct dd_err *);
/* Tell what was done, or would be.  extra: text at the end, or NULL; with
 * --json a member of that name. */
int	managing_report(struct managing *, const char *extra_name,
	    struct json_object *extra_json, const struct buf *extra,
	    struct dd_err *);
void	managing_dispose(struct managing *);
/* The end of an action: one that was refused before it began is written down,
 * too.  Disposes of it, and returns rc. */
int	managing_end(struct managing *, int rc, struct dd_err *);

/* "2026-11-26 12:03", in local time. */
#define MANAGING_TIME	24
char	*managing_time(char [MANAGING_TIME], int64_t);

/*
 * For the commands that write to an image by its path.  A managed image
 * becomes a new generation, which work is done on; another one is changed in
 * place.  Either way it is refused while somebody has the image in use, and
 * written down.  A dry run calls work alone.
 */
struct writing {
	const struct cmd_env	*env;
	const char		*image;
	const char		*action;	/* "prepare root" */
	bool			 dry_run;
	/* path: what to change; in_place: that is the image itself.
	 * *changed: was there anything to change? */
	int			(*work)(void *arg, const char *path,
				    bool in_place, bool *changed,
				    struct dd_err *);
	void			*arg;
	/* out */
	uint32_t		 was, is;	/* generations; 0: not managed */
};
int	writing_run(struct writing *, struct dd_err *);
/* The path of a managed image, also by a symbolic link, in fresh memory; NULL
 * where image is none. */
char	*writing_managed(const char *image);
/* "generation 4 is in place, 3 is kept", where a new one was made; on standard
 * output. */
void	writing_tell(const struct writing *);

#endif
