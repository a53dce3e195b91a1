/*
 * drydock check: is the file system of an image consistent?  With --repair,
 * what can be mended without a decision is mended, all or nothing.
 *
 * Findings are written as they come, in JSON, too: an image can be arranged
 * to have any number of them.
 */
#include <string.h>

#include "core/cmd/json_out.h"
#include "core/cmd/managing.h"

struct checking {
	bool			 json, repair, dry_run;
	struct image_args	 image;
	const char		*path;
	bool			 any;		/* a finding was written */
	unsigned		 faults, serious;
	struct progress		*progress;
};

static const char *
severity_name(int severity)
{
	return severity == 0 ? "note" : severity == 1 ? "repairable" :
	    "serious";
}

static void
write_json(struct checking *c, const struct ffs_finding *f)
{
	struct json_object *o = json_object_new_object();

	json_set_string(o, "severity", severity_name(f->severity));
	json_set(o, "inode", f->ino == 0 ? NULL :
	    json_object_new_int64(f->ino));
	json_set_string(o, "path", f->path);
	json_set_string(o, "text", f->text);
	printf("%s\n    %s", c->any ? "," : "",
	    json_object_to_json_string_ext(o, JSON_C_TO_STRING_SPACED |
	    JSON_C_TO_STRING_NOSLASHESCAPE));
	json_object_put(o);
}

static void
take(void *arg, const struct ffs_finding *f)
{
	struct checking *c = arg;

	c->faults += f->severity > 0;
	c->serious += f->severity > 1;
	if (c->json)
		write_json(c, f);
	else if (f->ino == 0)
		printf("%s: %s\n", severity_name(f->severity), f->text);
	else if (f->path == NULL)
		printf("%s: inode %u %s\n", severity_name(f->severity), f->ino,
		    f->text);
	else
		printf("%s: inode %u (%s) %s\n", severity_name(f->severity),
		    f->ino, f->path, f->text);
	c->any = true;
}

static void
begin(struct checking *c)
{
	struct json_object *name;

	if (!c->json)
		return;
	name = json_text(c->path);
	printf("{\n  \"image\": %s,\n  \"findings\": [",
	    json_object_to_json_string_ext(name,
	    JSON_C_TO_STRING_NOSLASHESCAPE));
	json_object_put(name);
}

static void
end(const struct checking *c, const char *result)
{
	if (c->json)
		printf("%s],\n  \"result\": \"%s\",\n  \"faults\": %u\n}\n",
		    c->any ? "\n  " : "", result, c->faults);
	else if (strcmp(result, "clean") == 0)
		printf("%s: clean\n", c->path);
	else if (strcmp(result, "consistent") == 0)
		printf("%s: consistent, but not marked clean\n", c->path);
	else if (strcmp(result, "repaired") == 0)
		printf("%s: %u mended%s\n", c->path, c->faults, c->dry_run ?
		    " (dry run: nothing was written)" : "");
}

/* A superblock that makes no sense is a fault, too, if the last word. */
static int
not_opened(struct checking *c, struct dd_err *e)
{
	struct ffs_finding f = { 2, 0, NULL, e->msg };

	if (e->code != ERR_CORRUPT)
		return -1;
	begin(c);
	take(c, &f);
	end(c, "faults");
	e->code = ERR_FAULTS;
	return -1;
}

static int
check(struct checking *c, struct ffs *fs, struct progress *progress,
    struct dd_err *e)
{
	struct ffs_info info;
	unsigned n = 0;

	begin(c);
	if (ffs_check(fs, take, c, progress, &n, e) == -1) {
		end(c, "failed");
		return dd_context(e, "%s", c->path);
	}
	ffs_info(fs, &info);
	end(c, n > 0 ? "faults" : info.clean ? "clean" : "consistent");
	if (n == 0)
		return 0;
	(void)dd_fail(e, ERR_FAULTS, "%s: %u fault%s", c->path, n,
	    n == 1 ? "" : "s");
	return dd_hint(e, c->serious > 0 ? "boot it, or run fsck_ffs on "
	    "NetBSD: drydock mends only what needs no decision" :
	    "'drydock check --repair' mends this");
}

static int
repair(struct checking *c, struct image *im, struct ffs *fs,
    struct progress *progress, bool *changed, struct dd_err *e)
{
	struct ffs_info before;
	unsigned n = 0;
	int rc;

	ffs_info(fs, &before);
	begin(c);
	rc = ffs_repair(fs, take, c, progress, &n, e);
	if (rc == -1)
		(void)dd_context(e, "%s", c->path);
	else
		rc = image_commit(im, e);
	*changed = n > 0 || !before.clean;
	if (rc == -1)
		end(c, e->code == ERR_FAULTS ? "faults" : "failed");
	else
		end(c, n > 0 || !before.clean ? "repaired" : "clean");
	return rc;
}

/* Open what is at path, and check or repair it. */
static int
work(void *arg, const char *path, bool in_place, bool *changed,
    struct dd_err *e)
{
	struct checking *c = arg;
	struct image_opts opts = { .ffs_flags = FFS_ANY, .write = c->repair,
	    .dry_run = c->dry_run, .keep_undo = in_place && c->repair };
	struct image *im = NULL;
	struct ffs *fs;
	int rc;

	if (image_args_opts(&c->image, &opts, e) == -1)
		return -1;
	/* it is what is done in process, unless one insists */
	if (c->image.driver == NULL)
		opts.driver = IMAGE_DIRECT;
	if (image_open(path, &opts, &im, e) == -1)
		return -1;
	if (image_ffs(im, &fs, e) == -1)
		rc = not_opened(c, e);
	else if (c->repair)
		rc = repair(c, im, fs, c->progress, changed, e);
	else
		rc = check(c, fs, c->progress, e);
	image_close(im);
	return rc;
}

int
cmd_check(const struct cmd_env *env, int argc, char **argv, struct dd_err *e)
{
	struct checking c = { .json = false };
	const struct arg args[] = {
		{ 0, "repair", ARG_FLAG, &c.repair, NULL,
		    "replay the journal, mend what fsck_ffs -p mends" },
		{ 'n', "dry-run", ARG_FLAG, &c.dry_run, NULL,
		    "with --repair: show what it does, write nothing" },
		{ 0, "json", ARG_FLAG, &c.json, NULL, "as JSON" },
		IMAGE_ARGS(c.image),
		{ 0, NULL, ARG_FLAG, NULL, NULL, NULL }
	};
	struct writing w = { .env = env, .action = "check --repair",
	    .work = work, .arg = &c };
	bool changed;
	int rc;

	if ((rc = args_parse(args, &argc, argv, 1, 1, e)) != 0)
		return rc == 1 ? 0 : -1;
	if (c.dry_run && !c.repair) {
		(void)dd_fail(e, ERR_USAGE, "--dry-run without --repair");
		return dd_hint(e, "check alone never writes");
	}
	c.path = argv[1];
	c.progress = env->progress;
	w.image = c.path;
	w.dry_run = c.dry_run;
	rc = c.repair ? writing_run(&w, e) : work(&c, c.path, true, &changed,
	    e);
	if (rc == 0 && !c.json)
		writing_tell(&w);
	if (cmd_finish_stdout(e) == -1)
		rc = -1;
	return rc;
}
