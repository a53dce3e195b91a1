/*
 * drydock show: everything about one domU.  Each disk is a stack: what the
 * guest sees on top, then the file of the host, then what is in it.
 */
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "core/base/units.h"
#include "core/cmd/fleet_out.h"
#include "core/fleet/encryption.h"

static void
put_size(struct buf *b, uint64_t bytes)
{
	char text[UNITS_MAX];

	(void)buf_str(b, units_format(text, bytes));
}

/* What only a domU that runs has. */
static void
put_running(struct buf *b, const struct fleet_domu *d)
{
	int64_t up = fleet_uptime(d, (int64_t)time(NULL));
	char text[UNITS_MAX];

	if (d->id == 0)
		return;
	if (up >= 0)
		(void)buf_printf(b, "\n  up             %s",
		    units_while(text, (uint64_t)up));
	(void)buf_printf(b, "\n  CPU time       %llu.%llu s",
	    (unsigned long long)(d->cpu_time / 1000000000),
	    (unsigned long long)(d->cpu_time / 100000000 % 10));
}

static void
put_head(struct buf *b, const struct fleet *f, const struct fleet_domu *d)
{
	fleet_out_text(b, d->name);
	(void)buf_printf(b, ": %s", fleet_state_name(d->state));
	if (f->xen != NULL) {
		(void)buf_str(b, " (");
		fleet_out_text(b, f->xen);
		(void)buf_str(b, ")");
	}
	(void)buf_str(b, "\n  configuration  ");
	fleet_out_text(b, d->cfg);
	if (d->memory > 0) {
		(void)buf_str(b, "\n  memory         ");
		put_size(b, d->memory);
	}
	if (d->vcpus > 0)
		(void)buf_printf(b, "\n  processors     %u", d->vcpus);
	put_running(b, d);
	if (d->type != NULL) {
		(void)buf_str(b, "\n  type           ");
		fleet_out_text(b, d->type);
	}
	if (d->kernel != NULL) {
		(void)buf_str(b, "\n  kernel         ");
		fleet_out_text(b, d->kernel);
	}
	(void)buf_str(b, "\n");
}

static void
put_sharers(struct buf *b, const struct fleet *f,
    const struct fleet_domu *self, const struct fleet_image *img)
{
	size_t i, n = 0;

	if (img->nusers < 2)
		return;
	(void)buf_printf(b, "           shared with %zu: ", img->nusers - 1);
	for (i = 0; i < img->nusers; i++) {
		const struct fleet_domu *d = &f->domus[img->users[i]];

		if (d == self)
			continue;
		(void)buf_str(b, n++ > 0 ? ", " : "");
		fleet_out_text(b, d->name);
	}
	(void)buf_str(b, "\n");
}

static void
put_ffs(struct buf *b, const struct fleet_image *img)
{
	const struct probe_ffs *p = &img->probe.ffs;
	int use = fleet_image_use(img);

	(void)buf_printf(b, "FFSv%d%s", p->version, p->ea ? " (UFS2EA)" : "");
	if (p->volname[0] != '\0')
		(void)buf_printf(b, " \"%s\"", p->volname);
	(void)buf_str(b, ", ");
	put_size(b, p->size);
	(void)buf_printf(b, ", %d%% used, ", use < 0 ? 0 : use / 10);
	put_size(b, p->free);
	(void)buf_printf(b, " free, %s", p->journal_dirty ?
	    "journal needs replay" : p->clean ? "clean" : "not clean");
}

static void
put_image(struct buf *b, const struct fleet_image *img)
{
	(void)buf_str(b, "           file of ");
	put_size(b, img->size);
	(void)buf_str(b, ", ");
	put_size(b, img->allocated);
	(void)buf_str(b, " of it allocated\n           ");
	if (img->part != 0)
		(void)buf_printf(b, "partition %c: ", img->part);
	if (img->probe.kind == PROBE_FFS)
		put_ffs(b, img);
	else
		(void)buf_str(b, probe_kind_name(img->probe.kind));
	if (img->pending)
		(void)buf_str(b, ", an interrupted change is pending");
	(void)buf_str(b, "\n");
	if (img->generation != 0)
		(void)buf_printf(b, "           generation %u of %zu\n",
		    img->generation, img->ngenerations);
}

/* What the parameters tell; why they don't is a finding. */
static void
put_encryption(struct buf *b, const struct encryption *c)
{
	if (c == NULL || c->error != NULL)
		return;
	(void)buf_str(b, "           ");
	encryption_cipher(c, b);
	(void)buf_str(b, ", ");
	encryption_key(c, b);
	(void)buf_str(b, "\n           ");
	encryption_age(c, b);
	(void)buf_str(b, "\n");
}

/* xbd: the guest's number for it, or -1. */
static void
put_disk(struct buf *b, const struct fleet *f, const struct fleet_domu *d,
    const struct fleet_disk *disk, int xbd)
{
	(void)buf_printf(b, "  %-6s", fleet_role_name(disk->role));
	fleet_out_text(b, disk->vdev);
	if (xbd >= 0)
		(void)buf_printf(b, " (xbd%d)", xbd);
	(void)buf_printf(b, ", %s%s", disk->readwrite ? "read-write" :
	    "read-only", disk->cdrom ? ", CD-ROM" : "");
	if (disk->script != NULL) {
		(void)buf_str(b, ", script ");
		fleet_out_text(b, disk->script);
	}
	(void)buf_str(b, "\n         ");
	fleet_out_text(b, disk->target);
	if (disk->params != NULL) {
		(void)buf_str(b, "\n           a cgd with the parameters of ");
		fleet_out_text(b, disk->params);
	}
	(void)buf_str(b, "\n");
	put_encryption(b, disk->encryption);
	if (disk->image == NULL)
		return;
	if (disk->image->error != NULL)
		(void)buf_printf(b, "           %s\n", disk->image->error);
	else
		put_image(b, disk->image);
	put_sharers(b, f, d, disk->image);
}

static void
put_findings(struct buf *b, const struct fleet_findings *f)
{
	size_t i;

	for (i = 0; i < f->n; i++) {
		(void)buf_printf(b, "  %s: %s\n",
		    fleet_severity_name(f->v[i].severity), f->v[i].text);
		if (f->v[i].hint != NULL)
			(void)buf_printf(b, "    hint: %s\n", f->v[i].hint);
	}
}

static int
print_text(const struct fleet *f, const struct fleet_domu *d,
    struct dd_err *e)
{
	struct buf b = BUF_INIT;
	int xbd = 0;
	size_t i;

	put_head(&b, f, d);
	if (d->ndisks > 0)
		(void)buf_str(&b, "disks\n");
	for (i = 0; i < d->ndisks; i++) {
		bool counts = !d->disks[i].cdrom &&
		    d->disks[i].target != NULL;

		put_disk(&b, f, d, &d->disks[i], counts ? xbd++ : -1);
	}
	if (d->findings.n > 0)
		(void)buf_str(&b, "findings\n");
	put_findings(&b, &d->findings);
	return fleet_out_print(&b, e);
}

int
cmd_show(const struct cmd_env *env, int argc, char **argv, struct dd_err *e)
{
	bool json = false;
	const struct arg args[] = {
		{ .name = "json", .kind = ARG_FLAG, .dst = &json,
		    .help = "print one JSON document" },
		{ .name = NULL }
	};
	const struct fleet_domu *d;
	struct fleet *f = NULL;
	int rc;

	if ((rc = args_parse(args, &argc, argv, 1, 1, e)) != 0)
		return rc == 1 ? 0 : -1;
	if (fleet_out_load(env, &f, e) == -1)
		return -1;
	if ((d = fleet_want(f, argv[1], e)) == NULL)
		rc = -1;
	else if (json)
		rc = cmd_print_json(fleet_out_json(f, d), e);
	else
		rc = print_text(f, d, e);
	fleet_free(f);
	return rc;
}
