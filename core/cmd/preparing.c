/* What the recipes' commands share; see preparing.h. */
#include <string.h>

#include "core/base/events.h"
#include "core/base/vis.h"
#include "core/cmd/managing.h"
#include "core/cmd/preparing.h"

int
preparing_begin(struct preparing *p, const struct cmd_env *env,
    const char *image, struct dd_err *e)
{
	p->image = image;
	p->progress = env->progress;
	if (p->json && (p->list = json_object_new_array()) == NULL)
		return dd_fail_nomem(e);
	return 0;
}

#define ADDED_SHOWN	24

/* One line, and the many nodes of /dev and new files counted only. */
static void
add_summary(struct preparing *p, const struct change *ch, const char *text)
{
	if (ch->kind == CHANGE_REMOVED &&
	    strncmp(ch->path, "/dev/", 5) == 0) {
		p->nodes++;
		return;
	}
	if (ch->kind == CHANGE_ADDED && ++p->added > ADDED_SHOWN)
		return;
	(void)buf_str(&p->text, "  ");
	if (!change_is_diff(text)) {
		(void)buf_str(&p->text, text);
		return;
	}
	(void)buf_str(&p->text, "changed  ");
	(void)vis_buf(&p->text, ch->path, strlen(ch->path));
	(void)buf_str(&p->text, "\n");
}

static int
take(void *arg, const struct change *ch, const char *text, struct dd_err *e)
{
	struct preparing *p = arg;

	if (text[0] == '\0')
		return 0;
	p->changes++;
	if (p->json)
		change_add_json(p->list, ch->kind, ch->path, text);
	else if (p->dry_run)
		(void)buf_str(&p->text, text);
	else
		add_summary(p, ch, text);
	return p->text.failed ? dd_fail_nomem(e) : 0;
}

static int
check_plan(const struct preparing *p, struct dd_err *e)
{
	if (p->plan == NULL || strcmp(p->plan, p->hash) == 0)
		return 0;
	(void)dd_fail(e, ERR_PLAN, "%s: what would be done now is not what "
	    "was planned", p->image);
	return dd_hint(e, "the image, or what is put into it, has changed "
	    "since: look at --dry-run again");
}

int
preparing_compare(struct preparing *p, struct tree *before,
    struct tree *after, struct dd_err *e)
{
	/* the plan is for who asked, and for who is held to it */
	bool wanted = p->dry_run || p->json || p->plan != NULL;

	if (tree_preview(before, after, take, p, p->progress, wanted ?
	    p->hash : NULL, e) == -1)
		return dd_context(e, "%s", p->image);
	return check_plan(p, e);
}

int
preparing_note_added(struct preparing *p, const char *path, const char *what,
    struct dd_err *e)
{
	p->changes++;
	if (!p->json) {
		(void)buf_printf(&p->text, "%sadded    %s, %s\n",
		    p->dry_run ? "" : "  ", path, what);
		return p->text.failed ? dd_fail_nomem(e) : 0;
	}
	change_add_json(p->list, CHANGE_ADDED, path, what);
	return 0;
}

int
preparing_commit(struct preparing *p, struct image *im, struct tree *after,
    struct dd_err *e)
{
	struct tree *before;

	if (image_tree_before(im, &before, e) == -1 ||
	    preparing_compare(p, before, after, e) == -1)
		return -1;
	return p->dry_run || p->changes == 0 ? 0 : image_commit(im, e);
}

static int
print_json(struct preparing *p, const struct writing *w, const char *release,
    struct dd_err *e)
{
	struct json_object *o = json_object_new_object();

	if (o == NULL)
		return dd_fail_nomem(e);
	json_set_string(o, "image", p->image);
	json_set_string(o, "release", release);
	json_set(o, "changes", json_object_get(p->list));
	json_set_string(o, "plan", p->hash);
	json_set(o, "generation", w->is == 0 ? NULL :
	    json_object_new_int64(w->is));
	json_set_bool(o, "committed", !p->dry_run && p->changes > 0);
	return cmd_print_json(o, e);
}

int
preparing_report(struct preparing *p, const struct writing *w,
    const char *release, const char *next, struct dd_err *e)
{
	const char *done = p->done != NULL ? p->done : "prepared";
	char image[512];

	if (p->dry_run)
		events_plan(p->hash);
	if (p->json)
		return print_json(p, w, release, e);
	vis_str(image, sizeof(image), p->image);
	if (p->changes == 0)
		printf("%s: %s, %s already: nothing to change\n", image,
		    release, done);
	else if (!p->dry_run)
		printf("%s: %s, is %s now\n", image, release, done);
	if (p->text.p != NULL)
		(void)fputs(p->text.p, stdout);
	if (p->added > ADDED_SHOWN)
		printf("  added    %zu more\n", p->added - ADDED_SHOWN);
	if (p->nodes > 0)
		printf("  removed  %zu entries of /dev: init(8) makes them in "
		    "memory\n", p->nodes);
	if (p->dry_run)
		printf("plan: %s\n", p->hash);
	else if (p->changes > 0) {
		writing_tell(w);
		if (next != NULL)
			(void)fputs(next, stdout);
	}
	return cmd_finish_stdout(e);
}

void
preparing_dispose(struct preparing *p)
{
	json_object_put(p->list);
	buf_dispose(&p->text);
}
