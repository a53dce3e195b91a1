/*
 * What the commands on images share: their options, "IMG:/path", how an inode
 * is shown, and lists in JSON that are written as they are made.
 */
#ifndef DD_CMD_PLACE_H
#define DD_CMD_PLACE_H

#include "core/cmd/cmd.h"
#include "core/cmd/passphrase.h"
#include "core/tree/image.h"

/* Options of every command that opens an image. */
struct image_args {
	const char	*part;
	uint64_t	 sector_size;
	const char	*params, *allow_cmd;
	struct passphrase_args passphrase;
	const char	*driver;
	bool		 beside;	/* a second image, which is read: in
					 * process what can be */
	struct passphrase_asker asker;
};

#define IMAGE_ARGS(v)							\
	{ 'p', "partition", ARG_STRING, &(v).part, "LETTER",		\
	    "the partition (default: a, or the whole image)" },		\
	{ 'c', "params", ARG_STRING, &(v).params, "PARAMS",		\
	    "it is encrypted: its cgd parameters file" },		\
	PASSPHRASE_ARGS((v).passphrase),				\
	{ 0, "allow-cmd", ARG_STRING, &(v).allow_cmd, "HASH",		\
	    "with --events: a keygen may run the command of that hash" },	\
	{ 0, "sector-size", ARG_SIZE, &(v).sector_size, "BYTES",	\
	    "sectors of 512 (the default) to 4096 bytes" },		\
	{ 0, "driver", ARG_STRING, &(v).driver, "DRIVER",		\
	    "direct: in process; kernel: the host mounts it, as root" }

/* What the commands below take from the command's surroundings: where the
 * configuration is, and who is told of progress (set by main). */
void	image_args_env(const struct cmd_env *);
/* Fill in *o what the options say; it refers to the args.  Without --driver
 * it is the configuration's. */
int	image_args_opts(struct image_args *, struct image_opts *o,
	    struct dd_err *);

/* "IMG:/path", opened for reading.  Starts as PLACE_INIT; close is
 * idempotent. */
struct place {
	char		*name;		/* of the image */
	char		*path;		/* in it; "" where none is given */
	struct image	*image;
	struct tree	*tree;
};

#define PLACE_INIT	{ .name = NULL }

int	place_open(struct place *, const char *arg, struct image_args *,
	    struct dd_err *);
void	place_close(struct place *);
/* Say in e which image it was; returns -1. */
int	place_fail(const struct place *, struct dd_err *e);

/* "file", "directory", ... */
const char *place_type_name(enum tree_type);
/* "-rwsr-xr-t" */
#define PLACE_MODE	11
char	*place_mode(char [PLACE_MODE], const struct tree_stat *);
/* "1234567890.000000000" */
#define PLACE_TIME	32
char	*place_time(char [PLACE_TIME], struct tree_time);

/* Everything about an inode; key is what its name is called.  NULL with e. */
struct json_object *place_json(struct tree *, struct tree_node,
	    const struct tree_stat *, const char *key, const char *name,
	    struct dd_err *);

/* {"image": …, "path": …, "entries": [ … ]}, written entry by entry, so that
 * a large tree takes no memory.  The end is written after an error, too:
 * what was printed is JSON in any case. */
struct place_list {
	bool	 any;
};
void	place_list_begin(struct place_list *, const struct place *);
void	place_list_add(struct place_list *, struct json_object *);
void	place_list_end(struct place_list *);

#endif
