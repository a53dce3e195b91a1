/*
 * drydock tree: everything below a place, as names, as a manifest, or as JSON
 * (with --manifest: and the sums).
 */
#include <string.h>

#include "core/base/vis.h"
#include "core/cmd/json_out.h"
#include "core/cmd/place.h"
#include "core/tree/content.h"
#include "core/tree/copy.h"

struct show {
	bool			 manifest, json;
	struct image_args	 image;
	struct place		 at;
	struct place_list	 list;
	struct buf		 line, scratch;
	struct hash		*sum;
	struct progress		*progress;
};

static int
put_line(void *arg, const char *text, struct dd_err *e)
{
	(void)e;
	(void)fputs(text, stdout);
	(void)fputc('\n', stdout);
	return progress_tick(((struct show *)arg)->progress, "reading", 0, 0,
	    e);
}

static int
put_name(void *arg, const struct tree_visit *v, struct dd_err *e)
{
	struct show *s = arg;
	char target[TREE_PATH_MAX];

	buf_reset(&s->line);
	(void)vis_buf(&s->line, v->path, strlen(v->path));
	if (v->st->type == TREE_DIR && v->path[1] != '\0')
		(void)buf_str(&s->line, "/");
	if (v->st->type == TREE_LNK) {
		if (s->at.tree->ops->readlink(s->at.tree, v->node, target,
		    sizeof(target), e) == -1)
			return -1;
		(void)buf_str(&s->line, " -> ");
		(void)vis_buf(&s->line, target, strlen(target));
	}
	return s->line.failed ? dd_fail_nomem(e) : put_line(s, s->line.p, e);
}

static int
put_json(void *arg, const struct tree_visit *v, struct dd_err *e)
{
	struct show *s = arg;
	char hex[HASH_HEX];
	struct json_object *o;

	o = place_json(s->at.tree, v->node, v->st, "path", v->path, e);
	if (o == NULL)
		return -1;
	if (s->manifest && v->st->type == TREE_REG) {
		if (content_sum(s->at.tree, v->node, s->sum, &s->scratch,
		    s->progress, hex, e) == -1) {
			json_object_put(o);
			return dd_context(e, "%s", v->path);
		}
		json_set_string(o, "sha256", hex);
	}
	place_list_add(&s->list, o);
	return progress_tick(s->progress, "reading", 0, 0, e);
}

static int
show(struct show *s, struct dd_err *e)
{
	const char *path = s->at.path;
	int rc;

	if (!s->json && s->manifest)
		return tree_manifest(s->at.tree, path, put_line, s,
		    s->progress, e);
	if (!s->json)
		return tree_walk(s->at.tree, path, put_name, s, e);
	if (hash_open(HASH_SHA256, &s->sum, e) == -1)
		return -1;
	place_list_begin(&s->list, &s->at);
	rc = tree_walk(s->at.tree, path, put_json, s, e);
	place_list_end(&s->list);
	hash_close(s->sum);
	return rc;
}

int
cmd_tree(const struct cmd_env *env, int argc, char **argv, struct dd_err *e)
{
	struct show s = { .at = PLACE_INIT, .line = BUF_INIT,
	    .scratch = BUF_INIT, .progress = env->progress };
	const struct arg args[] = {
		{ 'm', "manifest", ARG_FLAG, &s.manifest, NULL,
		    "all attributes and the SHA-256 of each file" },
		{ 0, "json", ARG_FLAG, &s.json, NULL, "as JSON" },
		IMAGE_ARGS(s.image),
		{ 0, NULL, ARG_FLAG, NULL, NULL, NULL }
	};
	int rc;

	if ((rc = args_parse(args, &argc, argv, 1, 1, e)) != 0)
		return rc == 1 ? 0 : -1;
	rc = place_open(&s.at, argv[1], &s.image, e);
	if (rc == 0 && (rc = show(&s, e)) == -1)
		(void)place_fail(&s.at, e);
	if (rc == 0)
		rc = cmd_finish_stdout(e);
	place_close(&s.at);
	buf_dispose(&s.line);
	buf_dispose(&s.scratch);
	return rc;
}
