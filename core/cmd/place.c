/* Places in images; see place.h. */
#include <stdlib.h>
#include <string.h>

#include "core/cmd/json_out.h"
#include "core/cmd/place.h"

static const struct cmd_env *env;

void
image_args_env(const struct cmd_env *of_command)
{
	env = of_command;
}

static bool
driver_parse(const char *name, enum image_driver *d)
{
	if (strcmp(name, "direct") == 0)
		*d = IMAGE_DIRECT;
	else if (strcmp(name, "kernel") == 0)
		*d = IMAGE_KERNEL;
	else
		return false;
	return true;
}

/*
 * Asked for here, or in the configuration; else in process, on NetBSD, too:
 * that needs no copy of the image to be whole and undone, and a file system
 * that somebody has prepared can't harm dom0's kernel.  A configuration that
 * can't be read is no reason to keep an image shut; the commands that need it
 * say what is wrong with it.
 */
static int
choose_driver(const struct image_args *a, struct image_opts *o,
    struct dd_err *e)
{
	struct dd_err ignored = DD_ERR_INIT;
	struct config conf;

	if (a->driver != NULL) {
		if (driver_parse(a->driver, &o->driver))
			return 0;
		(void)dd_fail(e, ERR_USAGE, "%s: not a driver", a->driver);
		return dd_hint(e, "direct or kernel");
	}
	o->driver = IMAGE_DIRECT;
	if (env == NULL || config_load(env->xen, env->config_path, &conf,
	    &ignored) == -1)
		return 0;
	if (conf.driver != NULL)
		(void)driver_parse(conf.driver, &o->driver);
	config_dispose(&conf);
	return 0;
}

int
image_args_opts(struct image_args *a, struct image_opts *o, struct dd_err *e)
{
	size_t n;

	if (a->part != NULL) {
		n = strspn(a->part, "abcdefghijklmnop");
		if (n == 0 || a->part[n] != '\0' ||
		    n > (a->params != NULL ? 2 : 1)) {
			(void)dd_fail(e, ERR_USAGE, "%s: not a partition",
			    a->part);
			return dd_hint(e, "partitions are letters, a to p: "
			    "drydock disk shows them");
		}
		o->parts = a->part;
	}
	if (a->sector_size != 0 && (a->sector_size < 512 ||
	    a->sector_size > 4096 ||
	    (a->sector_size & (a->sector_size - 1)) != 0)) {
		(void)dd_fail(e, ERR_USAGE, "no sectors have %llu bytes",
		    (unsigned long long)a->sector_size);
		return dd_hint(e, "512, 1024, 2048 or 4096");
	}
	o->sector_size = (uint32_t)a->sector_size;
	if (choose_driver(a, o, e) == -1)
		return -1;
	if (a->beside && o->driver == IMAGE_KERNEL)
		o->driver = IMAGE_FITTING;
	o->progress = env != NULL ? env->progress : NULL;
	if (a->params == NULL)
		return passphrase_none(&a->passphrase, e);
	if (passphrase_init(&a->asker, &a->passphrase, a->params, e) == -1)
		return -1;
	a->asker.allow_cmd = a->allow_cmd;
	o->params = a->params;
	o->asker = &a->asker.asker;
	o->retry = passphrase_interactive(&a->asker);
	return 0;
}

int
place_open(struct place *p, const char *arg, struct image_args *a,
    struct dd_err *e)
{
	struct image_opts o = { .write = false };

	if (image_args_opts(a, &o, e) == -1 ||
	    image_split(arg, &p->name, &p->path, e) == -1 ||
	    image_open(p->name, &o, &p->image, e) == -1)
		return -1;
	return image_tree(p->image, &p->tree, e);
}

void
place_close(struct place *p)
{
	image_close(p->image);
	free(p->name);
	free(p->path);
	*p = (struct place)PLACE_INIT;
}

int
place_fail(const struct place *p, struct dd_err *e)
{
	if (e->code == ERR_NOENT)
		(void)dd_hint(e, "drydock ls %s:/ shows what there is",
		    p->name);
	return dd_context(e, "%s", p->name);
}

const char *
place_type_name(enum tree_type type)
{
	switch (type) {
	case TREE_REG:
		return "file";
	case TREE_DIR:
		return "directory";
	case TREE_LNK:
		return "symlink";
	case TREE_CHR:
		return "character device";
	case TREE_BLK:
		return "block device";
	case TREE_FIFO:
		return "fifo";
	case TREE_SOCK:
		return "socket";
	}
	return "unknown";
}

char *
place_mode(char mode[PLACE_MODE], const struct tree_stat *st)
{
	static const char bits[] = "rwxrwxrwx";
	static const struct {
		uint16_t	bit;
		int		at;
		char		with_x, without;
	} special[] = {
		{ 04000, 3, 's', 'S' },
		{ 02000, 6, 's', 'S' },
		{ 01000, 9, 't', 'T' },
	};
	size_t i;

	mode[0] = tree_type_letter(st->type);
	for (i = 0; i < 9; i++)
		mode[1 + i] = st->perm >> (8 - i) & 1 ? bits[i] : '-';
	for (i = 0; i < sizeof(special) / sizeof(special[0]); i++)
		if ((st->perm & special[i].bit) != 0)
			mode[special[i].at] = mode[special[i].at] == 'x' ?
			    special[i].with_x : special[i].without;
	mode[10] = '\0';
	return mode;
}

char *
place_time(char text[PLACE_TIME], struct tree_time t)
{
	(void)snprintf(text, PLACE_TIME, "%lld.%09ld", (long long)t.sec,
	    (long)t.nsec);
	return text;
}

static void
add_time(struct json_object *o, const char *key, struct tree_time t)
{
	char text[PLACE_TIME];

	json_set(o, key, json_object_new_string(place_time(text, t)));
}

struct json_object *
place_json(struct tree *t, struct tree_node node, const struct tree_stat *st,
    const char *key, const char *name, struct dd_err *e)
{
	char text[TREE_FLAGS_TEXT], target[TREE_PATH_MAX];
	struct json_object *o;

	if (st->type == TREE_LNK && t->ops->readlink(t, node, target,
	    sizeof(target), e) == -1)
		return NULL;
	if ((o = json_object_new_object()) == NULL) {
		(void)dd_fail_nomem(e);
		return NULL;
	}
	json_set_string(o, key, name);
	json_set_string(o, "type", place_type_name(st->type));
	(void)snprintf(text, sizeof(text), "%04o", st->perm);
	json_set_string(o, "mode", text);
	json_set_size(o, "inode", st->id);
	json_set_size(o, "links", st->nlink);
	json_set_size(o, "uid", st->uid);
	json_set_size(o, "gid", st->gid);
	json_set_size(o, "size", st->size);
	json_set_size(o, "blocks", st->blocks);
	json_set_string(o, "flags", tree_flags_text(text, st->flags));
	if (st->type == TREE_CHR || st->type == TREE_BLK) {
		json_set_size(o, "major", tree_major(st->rdev));
		json_set_size(o, "minor", tree_minor(st->rdev));
	}
	if (st->type == TREE_LNK)
		json_set_string(o, "target", target);
	add_time(o, "atime", st->atime);
	add_time(o, "mtime", st->mtime);
	add_time(o, "ctime", st->ctime);
	add_time(o, "birthtime", st->birthtime);
	return o;
}

void
place_list_begin(struct place_list *l, const struct place *p)
{
	struct json_object *name = json_text(p->name);
	struct json_object *path = json_text(p->path[0] != '\0' ?
	    p->path : "/");

	l->any = false;
	printf("{\n\"image\": %s,\n", json_object_to_json_string_ext(name,
	    JSON_C_TO_STRING_NOSLASHESCAPE));
	printf("\"path\": %s,\n\"entries\": [",
	    json_object_to_json_string_ext(path,
	    JSON_C_TO_STRING_NOSLASHESCAPE));
	json_object_put(name);
	json_object_put(path);
}

void
place_list_add(struct place_list *l, struct json_object *o)
{
	printf("%s\n%s", l->any ? "," : "", json_object_to_json_string_ext(o,
	    JSON_C_TO_STRING_SPACED | JSON_C_TO_STRING_NOSLASHESCAPE));
	l->any = true;
	json_object_put(o);
}

void
place_list_end(struct place_list *l)
{
	printf("%s]\n}\n", l->any ? "\n" : "");
}
