/* drydock create: a new image, empty or filled. */
#include <string.h>

#include "core/base/bytes.h"
#include "core/base/units.h"
#include "core/cmd/copying.h"
#include "core/cmd/passphrase.h"
#include "core/recipe/kind.h"

/* What is asked for. */
struct request {
	struct copying		 copying;
	struct image_create	 make;
	enum image_kind		 kind;		/* KIND_UNKNOWN: none named */
	struct arg_list		 from;
	uint64_t		 version, bsize, fsize, density, sector_size;
	const char		*params_path;
	struct passphrase_args	 passphrase;
	/* An encrypted image's. */
	struct cgd_params	 params;
	struct secret		 key;
};

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
	json_set_bool(doc, "encrypted", made->params != NULL);
	if (copying_report(c, doc, e) == -1) {
		json_object_put(doc);
		return -1;
	}
	return cmd_print_json(doc, e);
}

static int
report_swap(const struct request *r, const char *path, struct dd_err *e)
{
	struct json_object *doc;
	char size[UNITS_MAX];

	if (!r->copying.json) {
		printf("%s: %s, a disklabel with swap as partition b%s\n",
		    path, units_format(size, r->make.size),
		    r->make.dry_run ? " (not made)" : "");
		return cmd_finish_stdout(e);
	}
	doc = json_object_new_object();
	json_set_string(doc, "image", path);
	json_set_size(doc, "size", r->make.size);
	json_set_bool(doc, "dry_run", r->make.dry_run);
	return cmd_print_json(doc, e);
}

static int
create_swap(struct request *r, const char *path, struct dd_err *e)
{
	if (r->version != 2 || r->bsize != 0 || r->fsize != 0 ||
	    r->density != 0 || r->from.n != 0 || r->make.label != NULL) {
		(void)dd_fail(e, ERR_USAGE, "swap has no file system");
		return dd_hint(e, "it takes -s SIZE, and is labelled by "
		    "itself");
	}
	if (r->params_path != NULL) {
		(void)dd_fail(e, ERR_USAGE, "swap is encrypted by the domU, "
		    "with a new key at each boot");
		return dd_hint(e, "leave -c out");
	}
	image_kind_defaults(KIND_SWAP, &r->make);
	if (image_create_swap(path, r->make.size, r->make.sector_size,
	    r->make.dry_run, e) == -1)
		return -1;
	if (!r->make.dry_run)
		cmd_done();
	return report_swap(r, path, e);
}

/* Read the parameters of an encrypted image, and make its key. */
static int
make_key(struct request *r, const char *path, struct dd_err *e)
{
	struct passphrase_asker asker;

	if (r->params_path == NULL)
		return passphrase_none(&r->passphrase, e);
	if (passphrase_init(&asker, &r->passphrase, path, e) == -1 ||
	    cgd_params_read(r->params_path, &r->params, e) == -1 ||
	    cgd_key_new(&r->params, &asker.asker,
	    passphrase_interactive(&asker), &r->key, e) == -1)
		return -1;
	r->make.params = &r->params;
	r->make.key = &r->key;
	return 0;
}

static int
create_ffs(struct request *r, const char *path, struct dd_err *e)
{
	struct image_create *m = &r->make;

	if ((r->version != 1 && r->version != 2) || r->bsize > UINT32_MAX ||
	    r->fsize > UINT32_MAX || r->density > UINT32_MAX) {
		(void)dd_fail(e, ERR_USAGE, "no file system is like that");
		return dd_hint(e, "-O 1 or 2; blocks of 4k to 64k; "
		    "fragments of an eighth of a block to a block");
	}
	m->format = (struct ffs_format){ .version = (int)r->version,
	    .bsize = (uint32_t)r->bsize, .fsize = (uint32_t)r->fsize,
	    .bytes_per_inode = (uint32_t)r->density };
	m->from = r->from.v;
	m->nfrom = r->from.n;
	if (r->kind != KIND_UNKNOWN)
		image_kind_defaults(r->kind, m);
	if (make_key(r, path, e) == -1 || image_create(path, m, e) == -1)
		return -1;
	if (!m->dry_run)
		cmd_done();
	return report(&r->copying, path, m, e);
}

static int
parse_kind(const char *word, enum image_kind *kind, struct dd_err *e)
{
	if ((*kind = image_kind_parse(word)) != KIND_UNKNOWN)
		return 0;
	(void)dd_fail(e, ERR_USAGE, "%s: no such kind of image", word);
	return dd_hint(e, "root, local, pkg or swap; without a kind give one "
	    "image");
}

int
cmd_create(const struct cmd_env *env, int argc, char **argv,
    struct dd_err *e)
{
	struct request r = { .version = 2 };
	const struct arg args[] = {
		{ 's', "size", ARG_SIZE, &r.make.size, "SIZE",
		    "size of the image (default: follows from the sources, "
		    "or the kind)" },
		{ 'O', "version", ARG_NUMBER, &r.version, "1|2",
		    "FFSv1 or FFSv2 (default: 2)" },
		{ 'b', "block-size", ARG_SIZE, &r.bsize, "BYTES",
		    "as newfs -b" },
		{ 'f', "fragment-size", ARG_SIZE, &r.fsize, "BYTES",
		    "as newfs -f" },
		{ 'i', "bytes-per-inode", ARG_SIZE, &r.density, "BYTES",
		    "as newfs -i" },
		{ 0, "label", ARG_STRING, &r.make.label, "NAME",
		    "a disklabel in front, the file system is partition a" },
		{ 0, "from", ARG_LIST, &r.from, "ARCHIVE|DIR",
		    "what to put in; may be repeated" },
		{ 'c', "params", ARG_STRING, &r.params_path, "PARAMS",
		    "make it encrypted, with these cgd parameters" },
		PASSPHRASE_ARGS(r.passphrase),
		{ 0, "sector-size", ARG_SIZE, &r.sector_size, "BYTES",
		    "sectors of 512 (the default) to 4096 bytes" },
		COPYING_ARGS(r.copying),
		{ 0, NULL, ARG_FLAG, NULL, NULL, NULL }
	};
	const char *path;
	int rc;

	if ((rc = args_parse(args, &argc, argv, 1, 2, e)) != 0)
		return rc == 1 ? 0 : -1;
	path = argv[argc - 1];
	if (argc == 3 && parse_kind(argv[1], &r.kind, e) == -1)
		return -1;
	r.make.copy = &r.copying.o;
	r.make.filled = preview;
	r.make.arg = &r.copying;
	r.make.dry_run = r.copying.dry_run;
	r.make.sector_size = (uint32_t)min64(r.sector_size, UINT32_MAX);
	if ((rc = copying_begin(&r.copying, env, e)) == 0)
		rc = r.kind == KIND_SWAP ? create_swap(&r, path, e) :
		    create_ffs(&r, path, e);
	cgd_params_dispose(&r.params);
	secret_free(&r.key);
	copying_dispose(&r.copying);
	return rc;
}
