/*
 * All that is known of a domU.  Its disks are shown as the stacks that they
 * are, from what the domU sees down to the file system and the generation.
 */
#include <stdio.h>

#include "core/base/units.h"
#include "tui/describe.h"

#define FACT_COL	10	/* of what stands behind a name */
#define LAYER_COL	6
#define LAYER_TEXT	19
#define LAYER_NARROW	9	/* where lines are short the names go above */
#define NARROW		60
#define WIDE		90	/* from which states are told in full */

static void
fact(struct text *t, const char *name, const char *value)
{
	if (value == NULL)
		return;
	text_add(t, STYLE_DIM, "%s", name);
	text_tab(t, FACT_COL);
	text_line(t, STYLE_NORMAL, "%s", value);
}

/* What Xen says of a domU that runs. */
static void
running_facts(struct text *t, const struct fleet_domu *d, int64_t now)
{
	const int64_t up = fleet_uptime(d, now);
	char buf[UNITS_MAX], line[64];

	if (d->id == 0)
		return;
	if (up >= 0)
		fact(t, "up", units_while(buf, (uint64_t)up));
	(void)snprintf(line, sizeof(line), "%llu s since it was started",
	    (unsigned long long)(d->cpu_time / 1000000000));
	if (d->cpu >= 0)
		(void)snprintf(line, sizeof(line), "%d.%d%% of one, %llu s "
		    "since it was started", d->cpu / 10, d->cpu % 10,
		    (unsigned long long)(d->cpu_time / 1000000000));
	fact(t, "cpu", line);
}

/* -- a disk, layer by layer ---------------------------------------------- */

/* Begin a layer: its name, and then what is said of it. */
static int
layer(struct text *t, const char *name, int width)
{
	const int indent = width < NARROW ? LAYER_NARROW : LAYER_TEXT;

	text_tab(t, LAYER_COL);
	text_add(t, STYLE_DIM, "%s", name);
	if (width < NARROW)
		text_end(t);
	text_tab(t, indent);
	return indent;
}

static void
layer_line(struct text *t, const char *name, int width, struct buf *b)
{
	const int indent = layer(t, name, width);

	if (b->p != NULL && !b->failed)
		text_wrap(t, STYLE_NORMAL, indent, width, b->p);
	else
		text_end(t);
	buf_reset(b);
}

static void
vdev_layer(struct text *t, const struct fleet_disk *disk, int width,
    struct buf *b)
{
	(void)buf_printf(b, "%s, %s%s", disk->vdev != NULL ? disk->vdev :
	    "not said", disk->readwrite ? "read-write" : "read-only",
	    disk->cdrom ? ", CD-ROM" : "");
	if (disk->backend != NULL)
		(void)buf_printf(b, ", backend %s", disk->backend);
	if (disk->script != NULL)
		(void)buf_printf(b, ", script %s", disk->script);
	if (disk->trouble != NULL)
		(void)buf_printf(b, ", trouble: %s", disk->trouble);
	layer_line(t, "vdev", width, b);
}

static void
image_layer(struct text *t, const struct fleet *fleet,
    const struct fleet_domu *d, const struct fleet_disk *disk, int width,
    struct buf *b)
{
	const struct fleet_image *image = disk->image;
	char size[UNITS_MAX], here[UNITS_MAX];
	struct buf users = BUF_INIT;

	if (describe_readable(disk))
		(void)buf_printf(b, "%s, %s of it on this host",
		    units_format(size, image->size),
		    units_format(here, image->allocated));
	else
		(void)buf_str(b, image->missing ? "missing" : image->error);
	if (describe_users(fleet, image, d, 64, &users) > 0)
		(void)buf_printf(b, ", with %s", users.p);
	buf_dispose(&users);
	layer_line(t, "image", width, b);
}

static void
part_layer(struct text *t, const struct fleet_image *image, int width,
    struct buf *b)
{
	if (image->part != 0)
		(void)buf_printf(b, "%c", image->part);
	else
		(void)buf_str(b, image->labelled ? "a label, and none of its "
		    "partitions was looked into" : "none: the whole image");
	layer_line(t, "partition", width, b);
}

static void
cgd_layer(struct text *t, const struct fleet_disk *disk, int width,
    struct buf *b)
{
	const char *params = disk->params != NULL ? disk->params :
	    disk->image->params;
	int indent = width < NARROW ? LAYER_NARROW : LAYER_TEXT;

	if (params == NULL)
		return;
	(void)buf_printf(b, "parameters %s", params);
	layer_line(t, "cgd", width, b);
	describe_encryption(t, disk, indent, width);
}

static void
ffs_more(const struct probe_ffs *f, struct buf *b)
{
	char one[UNITS_MAX], two[UNITS_MAX];

	(void)buf_printf(b, "FFSv%d%s, blocks of %s/%s, %llu of %llu inodes "
	    "free", f->version, f->ea ? " (ea)" : "",
	    units_format(one, f->bsize), units_format(two, f->fsize),
	    (unsigned long long)f->inodes_free,
	    (unsigned long long)f->inodes);
	if (f->journal)
		(void)buf_str(b, ", with log");
	if (f->volname[0] != '\0')
		(void)buf_printf(b, ", volume %s", f->volname);
	if (f->mounted_on[0] != '\0')
		(void)buf_printf(b, ", last mounted on %s", f->mounted_on);
}

static void
system_layer(struct text *t, const struct fleet *fleet,
    const struct fleet_image *image, int width, struct buf *b)
{
	int indent = layer(t, "file system", width);
	char left[UNITS_MAX];

	if (fleet_image_use(image) >= 0) {
		describe_fill(t, image, width < NARROW ? 8 : 16);
		text_add(t, STYLE_NORMAL, "  %s free, ",
		    units_format(left, image->probe.ffs.free));
	}
	describe_image_state(t, fleet, image, width < WIDE);
	text_end(t);
	if (image->probe.kind != PROBE_FFS)
		return;
	ffs_more(&image->probe.ffs, b);
	text_tab(t, indent);
	if (!b->failed)
		text_wrap(t, STYLE_DIM, indent, width, b->p);
	buf_reset(b);
}

static void
generation_layer(struct text *t, const struct fleet_disk *disk, int width,
    struct buf *b)
{
	const struct fleet_image *image = disk->image;

	if (image->generation == 0)
		return;
	(void)buf_printf(b, "%u in place, of %zu", image->generation,
	    image->ngenerations);
	if (disk->runs_with != 0 && disk->runs_with != image->generation)
		(void)buf_printf(b, "; the domU still runs with %u",
		    disk->runs_with);
	layer_line(t, "generation", width, b);
}

static void
disk_stack(struct text *t, const struct fleet *fleet,
    const struct fleet_domu *d, size_t i, int width)
{
	const struct fleet_disk *disk = &d->disks[i];
	struct buf b = BUF_INIT;

	describe_guest_name(t, d, i);
	text_tab(t, LAYER_COL);
	if (disk->role != ROLE_OTHER)
		text_add(t, STYLE_NORMAL, "%s  ",
		    fleet_role_name(disk->role));
	text_line(t, STYLE_TITLE, "%s", disk->target != NULL ? disk->target :
	    "(empty drive)");
	vdev_layer(t, disk, width, &b);
	if (disk->image != NULL) {
		image_layer(t, fleet, d, disk, width, &b);
		if (describe_readable(disk)) {
			part_layer(t, disk->image, width, &b);
			cgd_layer(t, disk, width, &b);
			system_layer(t, fleet, disk->image, width, &b);
		}
		generation_layer(t, disk, width, &b);
	}
	buf_dispose(&b);
}

void
describe_full(struct text *t, const struct model *m,
    const struct fleet_domu *d, int width, size_t *lines)
{
	char buf[UNITS_MAX], line[64];
	size_t i;

	if (d->findings.n > 0) {
		describe_findings(t, &d->findings, width);
		text_end(t);
	}
	fact(t, "state", fleet_state_name(d->state));
	running_facts(t, d, m->now);
	fact(t, "config", d->cfg);
	fact(t, "type", d->type);
	fact(t, "kernel", d->kernel);
	fact(t, "uuid", d->uuid);
	if (d->memory > 0) {
		(void)snprintf(line, sizeof(line), "%s, %u vcpu%s",
		    units_format(buf, d->memory), d->vcpus,
		    d->vcpus == 1 ? "" : "s");
		fact(t, "memory", line);
	}
	for (i = 0; i < d->ndisks; i++) {
		text_end(t);
		lines[i] = t->nlines;
		disk_stack(t, m->fleet, d, i, width);
	}
}
