/* What cp and create share; see copying.h. */
#include <string.h>

#include "core/base/events.h"
#include "core/base/units.h"
#include "core/base/vis.h"
#include "core/cmd/copying.h"

static int
parse_owner(struct copying *c, struct dd_err *e)
{
	const char *colon = strchr(c->owner, ':');
	char uid[16];
	uint64_t u, g;

	if (colon == NULL || (size_t)(colon - c->owner) >= sizeof(uid)) {
		(void)dd_fail(e, ERR_USAGE, "%s: not an owner", c->owner);
		return dd_hint(e, "two numbers: --owner 0:0");
	}
	memcpy(uid, c->owner, (size_t)(colon - c->owner));
	uid[colon - c->owner] = '\0';
	if (units_number(uid, 0, UINT32_MAX, "--owner", &u, e) == -1 ||
	    units_number(colon + 1, 0, UINT32_MAX, "--owner", &g, e) == -1)
		return dd_hint(e, "two numbers: --owner 0:0");
	c->o.uid = (uint32_t)u;
	c->o.gid = (uint32_t)g;
	return 0;
}

static void
skipped(void *arg, const char *path, const char *why)
{
	struct copying *c = arg;
	char text[1024];

	vis_str(text, sizeof(text), path);
	fprintf(stderr, "drydock: %s: left out: %s\n", text, why);
	if (c->skipped != NULL)
		(void)json_object_array_add(c->skipped, json_text(path));
}

int
copying_begin(struct copying *c, const struct cmd_env *env, struct dd_err *e)
{
	c->o.keep_owner = c->owner == NULL;
	if (c->owner != NULL && parse_owner(c, e) == -1)
		return -1;
	c->o.progress = env->progress;
	c->o.skipped = skipped;
	c->o.arg = c;
	c->skipped = json_object_new_array();
	c->changes = json_object_new_array();
	return c->skipped == NULL || c->changes == NULL ? dd_fail_nomem(e) :
	    0;
}

void
copying_change(struct copying *c, enum change_kind kind, const char *path,
    const char *text)
{
	if (c->dry_run && c->json)
		change_add_json(c->changes, kind, path, text);
	else if (c->dry_run)
		(void)fputs(text, stdout);
}

static int
take(void *arg, const struct change *ch, const char *text, struct dd_err *e)
{
	(void)e;
	if (text[0] != '\0')
		copying_change(arg, ch->kind, ch->path, text);
	return 0;
}

int
copying_preview(struct copying *c, struct tree *before, struct tree *after,
    struct dd_err *e)
{
	return tree_preview(before, after, take, c, c->o.progress,
	    c->plan, e);
}

void
copying_tell_lost(const struct copying *c)
{
	if ((c->o.lost & COPY_LOST_OWNERS) != 0)
		fprintf(stderr, "drydock: owners and set-id bits are not "
		    "kept: only root can do that here\n");
	if ((c->o.lost & COPY_LOST_FLAGS) != 0)
		fprintf(stderr, "drydock: file flags are not kept: this host "
		    "has none\n");
}

int
copying_report(struct copying *c, struct json_object *doc, struct dd_err *e)
{
	if (c->json) {
		json_set_size(doc, "files", c->o.files);
		json_set_size(doc, "bytes", c->o.bytes);
		json_set(doc, "skipped", json_object_get(c->skipped));
		json_set_bool(doc, "dry_run", c->dry_run);
		if (c->dry_run) {
			json_set(doc, "changes",
			    json_object_get(c->changes));
			json_set_string(doc, "plan", c->plan[0] != '\0' ?
			    c->plan : NULL);
		}
	} else if (c->dry_run && c->plan[0] != '\0')
		printf("plan: %s\n", c->plan);
	if (c->dry_run && c->plan[0] != '\0')
		events_plan(c->plan);
	return cmd_finish_stdout(e);
}

void
copying_dispose(struct copying *c)
{
	json_object_put(c->skipped);
	json_object_put(c->changes);
	c->skipped = c->changes = NULL;
}
