/*
 * drydock disk: what an image holds.  Reads only; an interrupted change is
 * shown as if it were finished, as every reader sees it.
 */
#include <stdlib.h>
#include <string.h>

#include "core/base/units.h"
#include "core/base/vis.h"
#include "core/cmd/json_out.h"
#include "core/cmd/place.h"
#include "core/disk/file.h"
#include "core/disk/overlay.h"
#include "core/disk/part.h"
#include "core/disk/window.h"

/* A partition and what was found in it. */
struct found {
	struct part	 part;
	bool		 probed;	/* else: see why */
	struct probe	 probe;
	char		 why[128];
};

struct report {
	const char	*path;
	uint64_t	 size, allocated;
	bool		 pending;
	struct part_table table;
	unsigned	 n;
	struct found	 found[PART_MAX];
};

static int
look_into(struct blk *b, struct found *f, struct dd_err *e)
{
	struct blk *w = NULL;
	int rc;

	if (f->part.off > b->size || f->part.len > b->size - f->part.off) {
		(void)snprintf(f->why, sizeof(f->why),
		    "reaches past the end of the image");
		return 0;
	}
	if (f->part.kind == PART_UNUSED) {
		(void)snprintf(f->why, sizeof(f->why), "%s",
		    f->part.off == 0 && f->part.len == b->size ?
		    "the whole disk" : "-");
		return 0;
	}
	if (window_open(b, f->part.off, f->part.len, &w, e) == -1)
		return -1;
	rc = probe_layer(w, &f->probe, e);
	(void)window_release(w);
	f->probed = rc == 0;
	return rc;
}

static int
look(struct blk *b, const char *letter, struct report *r, struct dd_err *e)
{
	unsigned i;

	if (part_read(b, &r->table, e) == -1)
		return -1;
	if (letter != NULL || r->table.scheme == PART_NONE) {
		if (part_find(&r->table, letter != NULL ? letter[0] : 0,
		    b->size, &r->found[0].part, e) == -1)
			return -1;
		r->n = 1;
	} else
		for (i = 0; i < r->table.n; i++)
			r->found[r->n++].part = r->table.parts[i];
	for (i = 0; i < r->n; i++)
		if (look_into(b, &r->found[i], e) == -1)
			return -1;
	return 0;
}

/* What the host has of it. */
static int
weigh(const char *path, struct report *r, struct dd_err *e)
{
	struct blk *b;
	int rc = -1;

	if (file_open(path, 0, 0, &b, e) == -1)
		return -1;
	r->size = b->size;
	if (file_allocated(b, &r->allocated, e) == 0)
		rc = overlay_pending(path, &r->pending, e);
	blk_close(b);
	return rc;
}

/* Of an encrypted one: what is in the cgd, and -p names where that lies. */
static int
gather(const char *path, struct image_args *a, struct report *r,
    struct dd_err *e)
{
	struct image_opts o = { .disk = true };
	struct image *im = NULL;
	int rc = -1;

	r->path = path;
	if (image_args_opts(a, &o, e) == 0 && weigh(path, r, e) == 0 &&
	    image_open(path, &o, &im, e) == 0 &&
	    (rc = look(image_blk(im), a->params != NULL ? NULL : a->part, r,
	    e)) == -1)
		(void)dd_context(e, "%s", path);
	image_close(im);
	return rc;
}

static const char *
holds(const struct found *f, char buf[128])
{
	static const char *const names[] = {
		[PROBE_EMPTY] = "empty",
		[PROBE_EXT] = "ext2, 3 or 4",
		[PROBE_XFS] = "XFS",
		[PROBE_ISO9660] = "ISO 9660",
		[PROBE_QCOW2] = "qcow2: convert it with qemu-img",
		[PROBE_ARCHIVE] = "an archive, not a disk",
		[PROBE_ENCRYPTED] = "looks encrypted",
		[PROBE_UNKNOWN] = "unknown",
	};
	const struct probe_ffs *p = &f->probe.ffs;

	if (!f->probed)
		return f->why;
	if (f->probe.kind == PROBE_FFS_BE)
		(void)snprintf(buf, 128, "FFSv%d, big-endian: not supported",
		    p->version);
	else if (f->probe.kind == PROBE_FFS)
		(void)snprintf(buf, 128, "FFSv%d%s, %s", p->version,
		    p->ea ? " (UFS2EA)" : "", p->journal_dirty ?
		    "journal needs replay" : p->clean ? "clean" :
		    "not clean");
	else
		return names[f->probe.kind];
	return buf;
}

static void
print_sizes(const struct probe_ffs *p)
{
	char size[UNITS_MAX], used[UNITS_MAX], left[UNITS_MAX];
	char bsize[UNITS_MAX], fsize[UNITS_MAX];

	printf("   %s: %s used, %s free\n", units_format(size, p->size),
	    units_format(used, p->data > p->free ? p->data - p->free : 0),
	    units_format(left, p->free));
	printf("   blocks of %s, fragments of %s; %llu of %llu inodes used\n",
	    units_format(bsize, p->bsize), units_format(fsize, p->fsize),
	    (unsigned long long)(p->inodes > p->inodes_free ?
	    p->inodes - p->inodes_free : 0), (unsigned long long)p->inodes);
}

static void
print_ffs(const struct found *f)
{
	const struct probe_ffs *p = &f->probe.ffs;
	char buf[128];

	printf("\n%c: %s%s%s%s\n", f->part.letter, holds(f, buf),
	    p->volname[0] != '\0' ? ", volume \"" : "", p->volname,
	    p->volname[0] != '\0' ? "\"" : "");
	print_sizes(p);
	if (p->mounted_on[0] != '\0')
		printf("   last mounted on %s\n", p->mounted_on);
	if (p->journal)
		printf("   journal (WAPBL)%s\n", p->journal_dirty ?
		    ", needs replay" : "");
	if (p->quota)
		printf("   quotas\n");
	if (p->size > f->part.len)
		printf("   larger than its place: the image is truncated\n");
}

static void
print_table(const struct report *r)
{
	char size[UNITS_MAX], buf[128];
	unsigned i;

	printf("\n%-3s %-16s %12s %9s  %s\n", "", "TYPE", "START", "SIZE",
	    "HOLDS");
	for (i = 0; i < r->n; i++) {
		const struct found *f = &r->found[i];

		printf("%-3c %-16.16s %12llu %9s  %s\n", f->part.letter != 0 ?
		    f->part.letter : '-', r->table.scheme == PART_NONE ?
		    "whole" : f->part.name, (unsigned long long)(f->part.off /
		    r->table.sector_size), units_format(size, f->part.len),
		    holds(f, buf));
	}
}

static int
print_report(const struct report *r, struct dd_err *e)
{
	char name[512], size[UNITS_MAX], allocated[UNITS_MAX];
	const char *label = r->table.label;
	unsigned i;

	vis_str(name, sizeof(name), r->path);
	printf("%s: %s, %s allocated\n", name, units_format(size, r->size),
	    units_format(allocated, r->allocated));
	if (r->pending)
		printf("a change was cut short; the next drydock command that "
		    "writes finishes it\n");
	if (r->table.scheme == PART_NONE)
		printf("no partition table\n");
	else
		printf("%s%s%s%s, sectors of %u bytes\n",
		    part_scheme_name(r->table.scheme), label[0] != '\0' ?
		    " \"" : "", label, label[0] != '\0' ? "\"" : "",
		    r->table.sector_size);
	print_table(r);
	for (i = 0; i < r->n; i++)
		if (r->found[i].probed && r->found[i].probe.kind == PROBE_FFS)
			print_ffs(&r->found[i]);
	return cmd_finish_stdout(e);
}

static struct json_object *
json_found(const struct report *r, const struct found *f)
{
	struct json_object *o = json_object_new_object();
	char letter[2] = { f->part.letter, '\0' };
	bool whole = r->table.scheme == PART_NONE;

	json_set_string(o, "letter", letter[0] != '\0' ? letter : NULL);
	json_set_string(o, "type", whole ? "whole" : f->part.name);
	json_set_string(o, "kind", whole ? "whole" :
	    part_kind_name(f->part.kind));
	json_set_size(o, "offset", f->part.off);
	json_set_size(o, "size", f->part.len);
	json_set_string(o, "holds", f->probed ?
	    probe_kind_name(f->probe.kind) : NULL);
	json_set_bool(o, "truncated", !f->probed ? f->part.kind !=
	    PART_UNUSED : f->probe.ffs.size > f->part.len);
	json_set(o, "filesystem", f->probed && f->probe.kind == PROBE_FFS ?
	    json_ffs(&f->probe.ffs) : NULL);
	return o;
}

static int
print_json(const struct report *r, struct dd_err *e)
{
	struct json_object *o = json_object_new_object();
	struct json_object *list = json_object_new_array();
	unsigned i;

	json_set_string(o, "image", r->path);
	json_set_size(o, "size", r->size);
	json_set_size(o, "allocated", r->allocated);
	json_set_bool(o, "pending", r->pending);
	json_set_string(o, "table", part_scheme_name(r->table.scheme));
	json_set_string(o, "label", r->table.label);
	json_set_size(o, "sector_size", r->table.sector_size);
	for (i = 0; i < r->n; i++)
		(void)json_object_array_add(list,
		    json_found(r, &r->found[i]));
	json_set(o, "partitions", list);
	return cmd_print_json(o, e);
}

int
cmd_disk(const struct cmd_env *env, int argc, char **argv, struct dd_err *e)
{
	struct image_args image = { .part = NULL };
	bool json = false;
	const struct arg args[] = {
		{ 0, "json", ARG_FLAG, &json, NULL, "print JSON" },
		IMAGE_ARGS(image),
		{ 0, NULL, ARG_FLAG, NULL, NULL, NULL }
	};
	struct report *r = NULL;
	int rc;

	(void)env;
	if ((rc = args_parse(args, &argc, argv, 1, 1, e)) != 0)
		return rc == 1 ? 0 : -1;
	if ((r = calloc(1, sizeof(*r))) == NULL)
		return dd_fail_nomem(e);
	rc = gather(argv[1], &image, r, e);
	if (rc == 0)
		rc = json ? print_json(r, e) : print_report(r, e);
	free(r);
	return rc;
}
