/* drydock undo: take back the last change of an image. */
#include <stdio.h>
#include <stdlib.h>
#include <time.h>

#include "core/base/vis.h"
#include "core/cmd/json_out.h"
#include "core/cmd/managing.h"
#include "core/disk/overlay.h"

struct undoing {
	const char	*image;
	bool		 dry_run, json;
	time_t		 made;		/* the change */
};

static int
print_json(const struct undoing *u, struct dd_err *e)
{
	struct json_object *o = json_object_new_object();

	if (o == NULL)
		return dd_fail_nomem(e);
	json_set_string(o, "image", u->image);
	json_set(o, "changed", json_object_new_int64(u->made));
	json_set_bool(o, "undone", !u->dry_run);
	return cmd_print_json(o, e);
}

static int
report(const struct undoing *u, struct dd_err *e)
{
	char name[512], when[MANAGING_TIME];

	if (u->json)
		return print_json(u, e);
	vis_str(name, sizeof(name), u->image);
	printf("%s: the change of %s %s\n", name, managing_time(when,
	    (int64_t)u->made), u->dry_run ? "can be taken back" :
	    "is taken back");
	return cmd_finish_stdout(e);
}

static int
work(void *arg, const char *path, bool in_place, bool *changed,
    struct dd_err *e)
{
	struct undoing *u = arg;

	(void)in_place;
	*changed = true;
	return u->dry_run ? overlay_undo_check(path, &u->made, e) :
	    overlay_undo(path, &u->made, e);
}

int
cmd_undo(const struct cmd_env *env, int argc, char **argv, struct dd_err *e)
{
	struct undoing u = { .image = NULL };
	const struct arg args[] = {
		{ 'n', "dry-run", ARG_FLAG, &u.dry_run, NULL,
		    "tell whether there is one, and change nothing" },
		{ 0, "json", ARG_FLAG, &u.json, NULL, "as JSON" },
		{ 0, NULL, ARG_FLAG, NULL, NULL, NULL }
	};
	struct writing w = { .env = env, .action = "undo", .work = work,
	    .arg = &u };
	char *managed;
	int rc;

	if ((rc = args_parse(args, &argc, argv, 1, 1, e)) != 0)
		return rc == 1 ? 0 : -1;
	u.image = argv[1];
	if ((managed = writing_managed(u.image)) != NULL) {
		free(managed);
		(void)dd_fail(e, ERR_UNSUP, "%s: has generations", u.image);
		return dd_hint(e, "drydock rollback takes back what made the "
		    "last one");
	}
	w.image = u.image;
	w.dry_run = u.dry_run;
	return writing_run(&w, e) == -1 ? -1 : report(&u, e);
}
