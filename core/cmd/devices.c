/*
 * drydock devices: block devices that are made of files, who has them, and what
 * of drydock's own is stale; with --clean that is taken down.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "core/cmd/devices_out.h"
#include "core/cmd/json_out.h"
#include "core/cmd/table.h"
#include "core/tree/image_mount.h"

enum column { DEVICE, ON, DOMU, MODE, STALE, HELD, NCOLUMNS };

static const struct table_column columns[NCOLUMNS] = {
	[DEVICE] = { .title = "DEVICE", .shrinks = true },
	[ON] = { .title = "ON", .shrinks = true },
	[DOMU] = { .title = "DISK OF", .shrinks = true },
	[MODE] = { .title = "MODE" },
	[STALE] = { .title = "STALE", .spare = true },
	[HELD] = { .title = "HELD BY", .shrinks = true },
};

struct showing {
	const struct cmd_env	*env;
	bool			 json, clean, dry_run;
	struct fleet		*fleet;
	struct devices		*devices;
	struct buf		 text;		/* of what was taken down */
	struct json_object	*list;
};

/* ---- showing */

static const char *
role_or_vdev(const struct fleet_disk *disk)
{
	return disk->role != ROLE_OTHER || disk->vdev == NULL ?
	    fleet_role_name(disk->role) : disk->vdev;
}

struct disks {
	struct buf	 first;		/* "web1:local" */
	unsigned	 n;
};

static void
count_disk(void *arg, const struct fleet_domu *d,
    const struct fleet_disk *disk)
{
	struct disks *s = arg;

	if (s->n++ == 0)
		(void)buf_printf(&s->first, "%s:%s", d->name,
		    role_or_vdev(disk));
}

static int
set_disks(const struct table *t, size_t row, const struct fleet *f,
    const struct device *d, struct dd_err *e)
{
	struct disks s = { .n = 0 };
	int rc;

	devices_out_disks(f, d, count_disk, &s);
	if (s.n > 1)
		(void)snprintf(table_cell(t, row, DOMU)->tail,
		    FLEET_OUT_SIZE, "+%u", s.n - 1);
	rc = s.first.failed ? dd_fail_nomem(e) :
	    table_set(t, row, DOMU, s.first.p, e);
	buf_dispose(&s.first);
	return rc;
}

/* What it lies on: a file, or another device. */
static int
set_on(const struct table *t, size_t row, const struct devices *all,
    const struct device *d, struct dd_err *e)
{
	const struct device *under = &all->v[d->under];
	char number[64] = "a file that can't be told";

	if (under != d)
		return table_set(t, row, ON, device_name(under), e);
	if (d->image != NULL)
		return table_set(t, row, ON, d->image, e);
	if (d->ino != 0)
		(void)snprintf(number, sizeof(number), "inode %llu on %u,%u",
		    (unsigned long long)d->ino, host_major(d->dev),
		    host_minor(d->dev));
	return table_set(t, row, ON, number, e);
}

static int
set_held(const struct table *t, size_t row, const struct device *d,
    struct dd_err *e)
{
	struct buf b = BUF_INIT;

	device_holders(d, &b);
	if (d->nholders == 0 && d->opens > 0)
		(void)buf_printf(&b, "open %d time%s", d->opens,
		    d->opens == 1 ? "" : "s");
	if (b.len == 0)
		(void)buf_str(&b, "-");
	table_cell(t, row, HELD)->text = buf_steal(&b);
	return table_cell(t, row, HELD)->text == NULL ? dd_fail_nomem(e) : 0;
}

static int
fill_row(const struct table *t, size_t row, const struct showing *s,
    struct dd_err *e)
{
	const struct device *d = &s->devices->v[row];

	if (table_set(t, row, DEVICE, device_name(d), e) == -1 ||
	    set_on(t, row, s->devices, d, e) == -1 ||
	    set_disks(t, row, s->fleet, d, e) == -1 ||
	    table_set(t, row, MODE, d->readonly ? "r" : "w", e) == -1 ||
	    table_set(t, row, STALE, d->stale != NULL ? "stale" : "", e) == -1)
		return -1;
	return set_held(t, row, d, e);
}

static void
put_stale(struct buf *b, const struct devices *all)
{
	bool any = false;
	size_t i;

	for (i = 0; i < all->n; i++)
		if (all->v[i].stale != NULL) {
			fleet_out_text(b, device_name(&all->v[i]));
			(void)buf_printf(b, " is stale: %s\n",
			    all->v[i].stale);
			any = true;
		}
	for (i = 0; i < all->nleft; i++)
		if (!all->left[i].alive && !devices_out_is_made(all, i)) {
			(void)buf_printf(b, "drydock process %ld, which is "
			    "dead, left a record, and no device\n",
			    (long)all->left[i].pid);
			any = true;
		}
	if (any)
		(void)buf_str(b, "drydock devices --clean takes down what is "
		    "stale\n");
}

static int
print_table(const struct showing *s, struct dd_err *e)
{
	const struct devices *all = s->devices;
	struct buf b = BUF_INIT;
	struct table t;
	size_t i;
	int rc = 0;

	if (table_init(&t, columns, NCOLUMNS, all->n, e) == -1)
		return -1;
	for (i = 0; rc == 0 && i < all->n; i++)
		rc = fill_row(&t, i, s, e);
	if (rc == 0) {
		table_measure(&t);
		if (all->n > 0)
			table_put_titles(&b, &t);
		else
			(void)buf_str(&b, "no device is made of a file\n");
		for (i = 0; i < all->n; i++) {
			table_put_cells(&b, &t, i, 0, NCOLUMNS);
			table_end_line(&b);
		}
		put_stale(&b, all);
		rc = fleet_out_print(&b, e);
	}
	table_dispose(&t);
	return rc;
}

/* What can't be told is not to be taken for what is not there. */
static void
warn(const struct devices *all)
{
	struct buf b = BUF_INIT;

	if (all->xen != NULL && !all->no_xen) {
		fleet_out_text(&b, all->xen);
		(void)buf_str(&b, ": which domUs have these devices is not "
		    "known\n");
	}
	if (all->untold != NULL) {
		fleet_out_text(&b, all->untold);
		(void)buf_str(&b, ": what is stale is not known\n");
	}
	if (!b.failed && b.len > 0)
		fputs(b.p, stderr);
	buf_dispose(&b);
}

static int
show(struct showing *s, struct dd_err *e)
{
	struct config conf;
	int rc;

	if (config_load(s->env->xen, s->env->config_path, &conf, e) == -1)
		return -1;
	rc = fleet_load_quick(s->env->xen, &conf, &s->fleet, e);
	config_dispose(&conf);
	if (rc == -1)
		return -1;
	warn(s->devices);
	return s->json ? devices_out_json(s->devices, s->fleet, e) : print_table(s, e);
}

/* ---- taking down */

static void
take_leaving(void *arg, const struct devices_leaving *l)
{
	struct dd_err ignored = DD_ERR_INIT;
	struct showing *s = arg;
	struct json_object *o;
	unsigned n;

	/* nothing else knows of an image that is none of the fleet's */
	if (!s->dry_run && l->why == NULL && l->image != NULL)
		(void)image_copies_remove(l->image, &n, &ignored);
	if (!s->json) {
		if (l->image != NULL) {
			fleet_out_text(&s->text, l->image);
			(void)buf_str(&s->text, ": ");
		}
		devices_out_leaving(&s->text, l, s->dry_run);
		(void)buf_str(&s->text, "\n");
		return;
	}
	o = json_object_new_object();
	json_set_string(o, "what", l->what);
	json_set_string(o, "image", l->image);
	json_set_string(o, "left_by", l->by);
	json_set_string(o, "why", l->why == NULL ? NULL : l->why->msg);
	(void)json_object_array_add(s->list, o);
}

static int
report(struct showing *s, struct dd_err *e)
{
	struct json_object *o;

	if (!s->json) {
		if (s->text.len == 0)
			(void)buf_str(&s->text, "nothing is stale\n");
		return fleet_out_print(&s->text, e);
	}
	o = json_object_new_object();
	json_set_bool(o, "done", !s->dry_run);
	json_set(o, "what", json_object_get(s->list));
	return cmd_print_json(o, e);
}

static int
clean(struct showing *s, struct dd_err *e)
{
	const struct devices_host host = devices_here();
	struct dd_err why = DD_ERR_INIT;

	(void)devices_clean(&host, s->devices, s->dry_run, take_leaving, s,
	    &why);
	if (why.code != ERR_NONE && why.code != ERR_RECOVER) {
		*e = why;
		return -1;
	}
	if (!s->dry_run && why.code == ERR_NONE)
		cmd_done();
	if (report(s, e) == -1)
		return -1;
	*e = why;
	return why.code == ERR_NONE ? 0 : -1;
}

static int
check(const struct showing *s, struct dd_err *e)
{
	if (s->dry_run && !s->clean) {
		(void)dd_fail(e, ERR_USAGE, "--dry-run is for --clean");
		return dd_hint(e, "without --clean nothing is done");
	}
	if (s->clean && geteuid() != 0) {
		(void)dd_fail(e, ERR_PERM, "devices are root's to take "
		    "down");
		return dd_hint(e, "run it as root");
	}
	return 0;
}

int
cmd_devices(const struct cmd_env *env, int argc, char **argv,
    struct dd_err *e)
{
	const struct devices_host host = devices_here();
	struct showing s = { .env = env };
	const struct arg args[] = {
		{ 0, "clean", ARG_FLAG, &s.clean, NULL,
		    "take down what dead jobs of drydock's have left" },
		{ 'n', "dry-run", ARG_FLAG, &s.dry_run, NULL,
		    "with --clean: say what would be done, and do nothing" },
		{ 0, "json", ARG_FLAG, &s.json, NULL, "as JSON" },
		{ 0, NULL, ARG_FLAG, NULL, NULL, NULL }
	};
	int rc;

	if ((rc = args_parse(args, &argc, argv, 0, 0, e)) != 0)
		return rc == 1 ? 0 : -1;
	s.list = json_object_new_array();
	if (check(&s, e) == -1 ||
	    devices_load(&host, env->xen, &s.devices, e) == -1)
		rc = -1;
	else
		rc = s.clean ? clean(&s, e) : show(&s, e);
	fleet_free(s.fleet);
	devices_free(s.devices);
	json_object_put(s.list);
	buf_dispose(&s.text);
	return rc;
}
