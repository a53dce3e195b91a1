/* Devices as JSON, and what of them was left; see devices_out.h. */
#include "core/cmd/cmd.h"
#include "core/cmd/devices_out.h"
#include "core/cmd/json_out.h"

void
devices_out_disks(const struct fleet *f, const struct device *d,
    devices_out_disk_fn *fn, void *arg)
{
	size_t i, j;

	for (i = 0; i < f->ndomus; i++)
		for (j = 0; j < f->domus[i].ndisks; j++)
			if (device_is_of(d, &f->domus[i].disks[j]))
				fn(arg, &f->domus[i], &f->domus[i].disks[j]);
}

bool
devices_out_is_made(const struct devices *all, size_t record)
{
	size_t i;

	for (i = 0; i < all->n; i++)
		if (all->v[i].left == record)
			return true;
	return false;
}

static void
add_disk(void *arg, const struct fleet_domu *d, const struct fleet_disk *disk)
{
	struct json_object *o = json_object_new_object();

	json_set_string(o, "domu", d->name);
	json_set_string(o, "role", fleet_role_name(disk->role));
	json_set_string(o, "vdev", disk->vdev);
	(void)json_object_array_add(arg, o);
}

static struct json_object *
json_holders(const struct device *d)
{
	static const char *const kinds[] = {
		[DEVICE_MOUNT] = "mount", [DEVICE_UPON] = "device",
		[DEVICE_DOMU] = "domu", [DEVICE_JOB] = "drydock"
	};
	struct json_object *list = json_object_new_array(), *o;
	size_t i;

	for (i = 0; i < d->nholders; i++) {
		const struct device_holder *h = &d->holders[i];

		o = json_object_new_object();
		json_set_string(o, "kind", kinds[h->kind]);
		json_set_string(o, "what", h->what);
		json_set_string(o, "vdev", h->vdev);
		json_set(o, "pid", h->kind != DEVICE_JOB ? NULL :
		    json_object_new_int64(h->pid));
		(void)json_object_array_add(list, o);
	}
	return list;
}

static struct json_object *
json_device(const struct devices *all, const struct fleet *f,
    const struct device *d)
{
	static const char *const kinds[] = {
		[HOST_MADE_OF_FILE] = "file", [HOST_MADE_PART] = "partition",
		[HOST_MADE_UPON] = "device"
	};
	const struct device *under = &all->v[d->under];
	struct json_object *o = json_object_new_object();
	struct json_object *disks = json_object_new_array();

	json_set_string(o, "device", d->path);
	json_set_string(o, "name", d->name);
	json_set_string(o, "made_of", kinds[d->kind]);
	json_set_string(o, "under", under == d ? NULL : under->path);
	json_set_string(o, "image", d->image);
	json_set(o, "inode", d->ino == 0 ? NULL :
	    json_object_new_int64((int64_t)d->ino));
	devices_out_disks(f, d, add_disk, disks);
	json_set(o, "disks", disks);
	json_set_bool(o, "readonly", d->readonly);
	json_set(o, "opens", d->opens < 0 ? NULL :
	    json_object_new_int64(d->opens));
	json_set(o, "holders", json_holders(d));
	json_set_string(o, "stale", d->stale);
	return o;
}

static struct json_object *
json_record(const struct devices *all, size_t i)
{
	const struct stack_left *l = &all->left[i];
	struct json_object *o = json_object_new_object();

	json_set_string(o, "record", l->record);
	json_set(o, "pid", json_object_new_int64(l->pid));
	json_set_bool(o, "alive", l->alive);
	json_set_string(o, "image", l->image);
	json_set_string(o, "mount", l->mount);
	json_set_bool(o, "devices", devices_out_is_made(all, i));
	return o;
}

/* How many there are, and can be. */
static struct json_object *
json_room(void)
{
	struct json_object *o = json_object_new_object();
	struct host_room room = { .kind = NULL };

	host_room(&room);
	json_set_string(o, "kind", room.kind);
	json_set_size(o, "used", room.used);
	json_set(o, "all", room.all == 0 ? NULL :
	    json_object_new_int64(room.all));
	return o;
}

int
devices_out_json(const struct devices *all, const struct fleet *f,
    struct dd_err *e)
{
	struct json_object *doc = json_object_new_object();
	struct json_object *devices = json_object_new_array();
	struct json_object *records = json_object_new_array();
	size_t i;

	for (i = 0; i < all->n; i++)
		(void)json_object_array_add(devices,
		    json_device(all, f, &all->v[i]));
	for (i = 0; i < all->nleft; i++)
		(void)json_object_array_add(records, json_record(all, i));
	json_set_string(doc, "xen", all->xen);
	json_set_string(doc, "untold", all->untold);
	json_set(doc, "room", json_room());
	json_set(doc, "devices", devices);
	json_set(doc, "records", records);
	return cmd_print_json(doc, e);
}

void
devices_out_leaving(struct buf *b, const struct devices_leaving *l,
    bool dry_run)
{
	(void)buf_printf(b, "%s %s (left by %s)", dry_run ? l->why != NULL ?
	    "would not take down" : "would take down" : l->why != NULL ?
	    "could not take down" : "took down", l->what, l->by);
	if (l->why != NULL)
		(void)buf_printf(b, ": %s", l->why->msg);
}
