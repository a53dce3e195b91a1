/* drydock ls: a directory of an image, or one file. */
#include <string.h>
#include <time.h>

#include <json-c/json.h>

#include "core/base/vis.h"
#include "core/cmd/json_out.h"
#include "core/cmd/place.h"
#include "core/tree/list.h"

struct ls {
	bool			 all, full, json;
	uint64_t		 max;		/* names */
	struct image_args	 image;
	struct place		 at;
	struct place_list	 list;
	struct buf		 line;
};

/* "2009-02-13 23:31", in the operator's time. */
static void
put_time(struct buf *b, struct tree_time t)
{
	time_t sec = (time_t)t.sec;
	struct tm tm;
	char text[64];

	if (localtime_r(&sec, &tm) != NULL &&
	    strftime(text, sizeof(text), "%Y-%m-%d %H:%M", &tm) > 0)
		(void)buf_printf(b, "%s ", text);
	else
		(void)buf_printf(b, "%lld ", (long long)t.sec);
}

static int
put_long(struct ls *ls, struct tree_node node, const struct tree_stat *st,
    const char *name, struct dd_err *e)
{
	char mode[PLACE_MODE], target[TREE_PATH_MAX];

	(void)buf_printf(&ls->line, "%s %3u %5u %5u ", place_mode(mode, st),
	    st->nlink, st->uid, st->gid);
	if (st->type == TREE_CHR || st->type == TREE_BLK)
		(void)buf_printf(&ls->line, "%4u,%5u ", tree_major(st->rdev),
		    tree_minor(st->rdev));
	else
		(void)buf_printf(&ls->line, "%10llu ",
		    (unsigned long long)st->size);
	put_time(&ls->line, st->mtime);
	(void)vis_buf(&ls->line, name, strlen(name));
	if (st->type != TREE_LNK)
		return 0;
	if (ls->at.tree->ops->readlink(ls->at.tree, node, target,
	    sizeof(target), e) == -1)
		return -1;
	(void)buf_str(&ls->line, " -> ");
	(void)vis_buf(&ls->line, target, strlen(target));
	return 0;
}

/* A name that is not shown as it is can be had byte by byte. */
static void
add_bytes(struct json_object *o, const char *name)
{
	struct buf shown = BUF_INIT, hex = BUF_INIT;
	size_t i;

	(void)vis_buf(&shown, name, strlen(name));
	if (shown.p != NULL && strcmp(shown.p, name) != 0) {
		for (i = 0; name[i] != '\0'; i++)
			(void)buf_printf(&hex, "%02x", (unsigned char)name[i]);
		if (!hex.failed)
			json_set(o, "name_hex",
			    json_object_new_string(hex.p));
	}
	buf_dispose(&shown);
	buf_dispose(&hex);
}

static int
show(struct ls *ls, struct tree_node node, const struct tree_stat *st,
    const char *name, struct dd_err *e)
{
	struct json_object *o;

	if (ls->json) {
		if ((o = place_json(ls->at.tree, node, st, "name", name,
		    e)) == NULL)
			return -1;
		add_bytes(o, name);
		place_list_add(&ls->list, o);
		return 0;
	}
	buf_reset(&ls->line);
	if (!ls->full)
		(void)vis_buf(&ls->line, name, strlen(name));
	else if (put_long(ls, node, st, name, e) == -1)
		return -1;
	if (ls->line.failed)
		return dd_fail_nomem(e);
	puts(ls->line.p);
	return 0;
}

static int
show_entry(struct ls *ls, struct tree_node dir, const struct tree_list *list,
    size_t i, struct dd_err *e)
{
	const char *name = tree_list_name(list, i);
	struct tree *t = ls->at.tree;
	struct tree_stat st = { .type = 0 };
	struct tree_node node = { .v = 0 };
	int rc;

	if (name[0] == '.' && !ls->all)
		return 0;
	if (!ls->full && !ls->json)
		return show(ls, node, &st, name, e);
	if (tree_list_node(list, i, t, dir, &node, e) == -1)
		return -1;
	rc = t->ops->stat(t, node, &st, e);
	if (rc == 0)
		rc = show(ls, node, &st, name, e);
	t->ops->put(t, node);
	return rc;
}

static int
list_place(struct ls *ls, const struct cmd_env *env, struct dd_err *e)
{
	const char *path = ls->at.path[0] != '\0' ? ls->at.path : "/";
	struct tree_list list = TREE_LIST_INIT;
	struct tree *t = ls->at.tree;
	struct tree_node node;
	struct tree_stat st;
	size_t i;
	int rc;

	if (tree_lookup(t, path, !ls->full, &node, &st, e) == -1)
		return -1;
	if (ls->json)
		place_list_begin(&ls->list, &ls->at);
	if (st.type != TREE_DIR)
		rc = show(ls, node, &st, path, e);
	else
		rc = tree_list_read(&list, t, node, e);
	for (i = 0; rc == 0 && i < list.n && i < ls->max; i++) {
		rc = show_entry(ls, node, &list, i, e);
		if (rc == 0)
			rc = progress_tick(env->progress, "listing", i,
			    list.n, e);
	}
	if (ls->json)
		place_list_end(&ls->list);
	tree_list_dispose(&list);
	t->ops->put(t, node);
	return rc;
}

int
cmd_ls(const struct cmd_env *env, int argc, char **argv, struct dd_err *e)
{
	struct ls ls = { .at = PLACE_INIT, .line = BUF_INIT,
	    .max = UINT64_MAX };
	const struct arg args[] = {
		{ 'a', "all", ARG_FLAG, &ls.all, NULL,
		    "also names that begin with a dot" },
		{ 'l', "long", ARG_FLAG, &ls.full, NULL,
		    "mode, links, owner, size, time" },
		{ 'm', "max", ARG_NUMBER, &ls.max, "N",
		    "no more than the first N" },
		{ 0, "json", ARG_FLAG, &ls.json, NULL, "as JSON" },
		IMAGE_ARGS(ls.image),
		{ 0, NULL, ARG_FLAG, NULL, NULL, NULL }
	};
	int rc;

	if ((rc = args_parse(args, &argc, argv, 1, 1, e)) != 0)
		return rc == 1 ? 0 : -1;
	rc = place_open(&ls.at, argv[1], &ls.image, e);
	if (rc == 0 && (rc = list_place(&ls, env, e)) == -1)
		(void)place_fail(&ls.at, e);
	if (rc == 0)
		rc = cmd_finish_stdout(e);
	place_close(&ls.at);
	buf_dispose(&ls.line);
	return rc;
}
