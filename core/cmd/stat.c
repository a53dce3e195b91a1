/* drydock stat: everything that an inode says. */
#include <string.h>

#include <json-c/json.h>

#include "core/base/vis.h"
#include "core/cmd/place.h"

static void
put_time(const char *what, struct tree_time t)
{
	char text[PLACE_TIME];

	printf("%-10s %s\n", what, place_time(text, t));
}

static void
put_name(const char *what, const char *name)
{
	char text[4 * TREE_PATH_MAX];

	vis_str(text, sizeof(text), name);
	printf("%-10s %s\n", what, text);
}

static int
put_text(struct tree *t, struct tree_node node, const struct tree_stat *st,
    const char *path, struct dd_err *e)
{
	char mode[PLACE_MODE], flags[TREE_FLAGS_TEXT], target[TREE_PATH_MAX];

	if (st->type == TREE_LNK && t->ops->readlink(t, node, target,
	    sizeof(target), e) == -1)
		return -1;
	put_name("path", path);
	printf("%-10s %s\n", "type", place_type_name(st->type));
	printf("%-10s %04o %s\n", "mode", st->perm, place_mode(mode, st));
	printf("%-10s %u:%u\n", "owner", st->uid, st->gid);
	printf("%-10s %s\n", "flags", tree_flags_text(flags, st->flags));
	printf("%-10s %llu\n", "inode", (unsigned long long)st->id);
	printf("%-10s %u\n", "links", st->nlink);
	printf("%-10s %llu\n", "size", (unsigned long long)st->size);
	printf("%-10s %llu (of 512 bytes)\n", "blocks",
	    (unsigned long long)st->blocks);
	if (st->type == TREE_CHR || st->type == TREE_BLK)
		printf("%-10s %u,%u\n", "device", tree_major(st->rdev),
		    tree_minor(st->rdev));
	if (st->type == TREE_LNK)
		put_name("target", target);
	put_time("accessed", st->atime);
	put_time("modified", st->mtime);
	put_time("changed", st->ctime);
	put_time("born", st->birthtime);
	return cmd_finish_stdout(e);
}

static int
show(const struct place *at, bool json, struct dd_err *e)
{
	const char *path = at->path[0] != '\0' ? at->path : "/";
	struct tree *t = at->tree;
	struct json_object *o;
	struct tree_node node;
	struct tree_stat st;
	int rc;

	if (tree_lookup(t, path, false, &node, &st, e) == -1)
		return -1;
	if (!json)
		rc = put_text(t, node, &st, path, e);
	else if ((o = place_json(t, node, &st, "path", path,
	    e)) == NULL)
		rc = -1;
	else
		rc = cmd_print_json(o, e);
	t->ops->put(t, node);
	return rc;
}

int
cmd_stat(const struct cmd_env *env, int argc, char **argv, struct dd_err *e)
{
	struct image_args image = { .part = NULL };
	struct place at = PLACE_INIT;
	bool json = false;
	const struct arg args[] = {
		{ 0, "json", ARG_FLAG, &json, NULL, "as JSON" },
		IMAGE_ARGS(image),
		{ 0, NULL, ARG_FLAG, NULL, NULL, NULL }
	};
	int rc;

	(void)env;
	if ((rc = args_parse(args, &argc, argv, 1, 1, e)) != 0)
		return rc == 1 ? 0 : -1;
	rc = place_open(&at, argv[1], &image, e);
	if (rc == 0 && (rc = show(&at, json, e)) == -1)
		(void)place_fail(&at, e);
	place_close(&at);
	return rc;
}
