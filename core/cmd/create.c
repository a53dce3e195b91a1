/* drydock create: a new image, empty or filled. */
#include <string.h>

#include "core/base/units.h"
#include "core/cmd/copying.h"
#include "core/cmd/place.h"
#include "core/tree/create.h"

static int
preview(void *arg, struct tree *t, struct dd_err *e)
{
	struct copying *c = arg;

	return c->dry_run ? copying_preview(c, NULL, t, e) : 0;
}

static int
report(struct copying *c, const char *path, const struct image_create *made,
    struct dd_err *e)
{
	const struct ffs_info *info = &made->info;
	char size[UNITS_MAX], room[UNITS_MAX];
	struct json_object *doc;

	copying_tell_lost(c);
	if (!c->json) {
		if (!c->dry_run)
			printf("%s: %s, FFSv%d, blocks %u, fragments %u, "
			    "%llu inodes, %s for data, %llu files\n", path,
			    units_format(size, made->size), info->version,
			    info->bsize, info->fsize,
			    (unsigned long long)info->inodes,
			    units_format(room, info->bytes_data),
			    (unsigned long long)c->o.files);
		return copying_report(c, NULL, e);
	}
	if ((doc = json_object_new_object()) == NULL)
		return dd_fail_nomem(e);
	json_set_string(doc, "image", path);
	json_set_size(doc, "size", made->size);
	json_set_size(doc, "version", (uint64_t)info->version);
	json_set_size(doc, "block_size", info->bsize);
	json_set_size(doc, "fragment_size", info->fsize);
	json_set_size(doc, "inodes", info->inodes);
	json_set_string(doc, "label", made->label);
	if (copying_report(c, doc, e) == -1) {
		json_object_put(doc);
		return -1;
	}
	return cmd_print_json(doc, e);
}

int
cmd_create(const struct cmd_env *env, int argc, char **argv,
    struct dd_err *e)
{
	struct copying c = { .owner = NULL };
	struct image_create made = { .copy = &c.o, .filled = preview,
	    .arg = &c };
	struct arg_list from = { .n = 0 };
	uint64_t version = 2, bsize = 0, fsize = 0, density = 0, sector = 0;
	const struct arg args[] = {
		{ 's', "size", ARG_SIZE, &made.size, "SIZE",
		    "size of the image (default: follows from the sources)" },
		{ 'O', "version", ARG_NUMBER, &version, "1|2",
		    "FFSv1 or FFSv2 (default: 2)" },
		{ 'b', "block-size", ARG_SIZE, &bsize, "BYTES",
		    "as newfs -b" },
		{ 'f', "fragment-size", ARG_SIZE, &fsize, "BYTES",
		    "as newfs -f" },
		{ 'i', "bytes-per-inode", ARG_SIZE, &density, "BYTES",
		    "as newfs -i" },
		{ 0, "label", ARG_STRING, &made.label, "NAME",
		    "a disklabel in front, the file system is partition a" },
		{ 0, "from", ARG_LIST, &from, "ARCHIVE|DIR",
		    "what to put in; may be repeated" },
		{ 0, "sector-size", ARG_SIZE, &sector, "BYTES",
		    "sectors of 512 (the default) to 4096 bytes" },
		COPYING_ARGS(c),
		{ 0, NULL, ARG_FLAG, NULL, NULL, NULL }
	};
	int rc;

	if ((rc = args_parse(args, &argc, argv, 1, 1, e)) != 0)
		return rc == 1 ? 0 : -1;
	if ((version != 1 && version != 2) || bsize > UINT32_MAX ||
	    fsize > UINT32_MAX || density > UINT32_MAX) {
		(void)dd_fail(e, ERR_USAGE, "no file system is like that");
		return dd_hint(e, "-O 1 or 2; blocks of 4k to 64k; "
		    "fragments of an eighth of a block to a block");
	}
	made.sector_size = (uint32_t)sector;
	made.format = (struct ffs_format){ .version = (int)version,
	    .bsize = (uint32_t)bsize, .fsize = (uint32_t)fsize,
	    .bytes_per_inode = (uint32_t)density };
	made.from = from.v;
	made.nfrom = from.n;
	made.dry_run = c.dry_run;
	if ((rc = copying_begin(&c, env, e)) == 0 &&
	    (rc = image_create(argv[1], &made, e)) == 0)
		rc = report(&c, argv[1], &made, e);
	copying_dispose(&c);
	return rc;
}
