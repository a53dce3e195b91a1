/*
 * What is known of a domU and its images, in words: one line a disk for the
 * pane, more for the view of its own.
 */
#include <sys/stat.h>
#include <stdio.h>
#include <string.h>

#include "core/base/units.h"
#include "tui/describe.h"

const char *
base_name(const char *path)
{
	const char *slash = strrchr(path, '/');

	return slash == NULL || slash[1] == '\0' ? path : slash + 1;
}

enum style
describe_fill_style(int permille)
{
	return permille >= 950 ? STYLE_ERROR : permille >= 850 ? STYLE_WARN :
	    STYLE_OK;
}

size_t
describe_users(const struct fleet *fleet, const struct fleet_image *image,
    const struct fleet_domu *except, size_t max, struct buf *b)
{
	const struct fleet_domu *d;
	size_t i, n = 0, total = image->nusers - (except != NULL);

	/* "and 1 more" takes no less room than the name. */
	if (total == max + 1)
		max = total;
	for (i = 0; i < image->nusers; i++) {
		d = &fleet->domus[image->users[i]];
		if (d == except)
			continue;
		if (n++ < max)
			(void)buf_printf(b, "%s%s", n > 1 ? ", " : "",
			    d->name);
	}
	if (n > max)
		(void)buf_printf(b, " and %zu more", n - max);
	return n;
}

const struct fleet_image *
image_of_stat(const struct fleet *fleet, const struct stat *st)
{
	size_t i;

	for (i = 0; fleet != NULL && i < fleet->nimages; i++)
		if (!fleet->images[i]->missing &&
		    fleet->images[i]->dev == st->st_dev &&
		    fleet->images[i]->ino == st->st_ino)
			return fleet->images[i];
	return NULL;
}

const struct fleet_image *
image_of_path(const struct fleet *fleet, const char *path)
{
	struct stat st;

	return stat(path, &st) == -1 ? NULL : image_of_stat(fleet, &st);
}

bool
describe_readable(const struct fleet_disk *disk)
{
	return disk->image != NULL && !disk->image->missing &&
	    disk->image->error == NULL;
}

void
describe_guest_name(struct text *t, const struct fleet_domu *d, size_t disk)
{
	size_t i, n = 0;

	for (i = 0; i < disk; i++)
		n += !d->disks[i].cdrom && d->disks[i].target != NULL;
	if (d->disks[disk].cdrom || d->disks[disk].target == NULL)
		text_add(t, STYLE_DIM, "%s", d->disks[disk].cdrom ? "cd" :
		    "-");
	else
		text_add(t, STYLE_TITLE, "xbd%zu", n);
}

/* A file system that is mounted is never clean either. */
bool
describe_is_written(const struct fleet *fleet, const struct fleet_image *image)
{
	size_t i;

	for (i = 0; image->nwriters > 0 && i < image->nusers; i++)
		if (fleet->domus[image->users[i]].state != STATE_OFF)
			return true;
	return false;
}

/* What the operator should notice first about an image's content. */
void
describe_image_state(struct text *t, const struct fleet *fleet,
    const struct fleet_image *image, bool brief)
{
	const struct probe_ffs *f = &image->probe.ffs;

	if (image->missing)
		text_add(t, STYLE_ERROR, "missing");
	else if (image->rekeying)
		text_add(t, STYLE_PENDING, "re-encrypting, %u%%",
		    image->rekey_percent);
	else if (image->error != NULL)
		text_add(t, STYLE_ERROR, "%s", image->error);
	else if (image->pending)
		text_add(t, STYLE_PENDING, "unfinished change");
	else if (image->probe.kind != PROBE_FFS)
		text_add(t, STYLE_DIM, "%s",
		    probe_kind_name(image->probe.kind));
	else if (describe_is_written(fleet, image))
		text_add(t, STYLE_HELD, brief ? "attached" :
		    "attached, figures may be stale");
	else if (f->journal_dirty)
		text_add(t, STYLE_WARN, "log not replayed");
	else if (!f->clean)
		text_add(t, STYLE_WARN, "not clean");
	else
		text_add(t, STYLE_OK, "clean");
}

void
describe_fill(struct text *t, const struct fleet_image *image, int width)
{
	int permille = fleet_image_use(image);

	if (permille < 0)
		return;
	text_gauge(t, describe_fill_style(permille), width,
	    (unsigned)permille);
	text_add(t, STYLE_NORMAL, " %3d%%", permille / 10);
}

static const char *
role(const struct fleet_disk *disk)
{
	return disk->role == ROLE_OTHER ? "" : fleet_role_name(disk->role);
}

static const char *
target(const struct fleet_disk *disk)
{
	return disk->target != NULL ? disk->target : "(empty drive)";
}

/* xbd0 root root.img 64 MiB ######.. 62% ro clean, with db1 */
static void
disk_line(struct text *t, const struct fleet *fleet,
    const struct fleet_domu *d, size_t i, int width)
{
	const struct fleet_disk *disk = &d->disks[i];
	struct buf users = BUF_INIT;
	char buf[UNITS_MAX];
	int col = 12, room = width - 62;

	room = room < 12 ? 12 : room > 28 ? 28 : room;
	text_add(t, STYLE_NORMAL, " ");
	describe_guest_name(t, d, i);
	text_tab(t, 6);
	text_add(t, STYLE_NORMAL, "%s", role(disk));
	text_tab(t, col);
	text_cut(t, STYLE_TITLE, room, base_name(target(disk)));
	text_tab(t, col += room + 1);
	if (describe_readable(disk)) {
		text_add(t, STYLE_NORMAL, "%8s",
		    units_format(buf, disk->image->size));
		text_tab(t, col + 9);
		describe_fill(t, disk->image, 8);
	}
	text_tab(t, col += 23);
	text_add(t, disk->readwrite ? STYLE_NORMAL : STYLE_DIM, "%s ",
	    disk->readwrite ? "rw" : "ro");
	if (disk->image != NULL) {
		describe_image_state(t, fleet, disk->image, true);
		describe_cipher(t, disk);
		if (describe_users(fleet, disk->image, d, 3, &users) > 0)
			text_add(t, STYLE_DIM, ", with %s", users.p);
	}
	text_end(t);
	buf_dispose(&users);
}

#define BLOCK_INDENT	6

/* The same in a few lines, for narrow places. */
static void
disk_block(struct text *t, const struct fleet *fleet,
    const struct fleet_domu *d, size_t i, int width)
{
	const struct fleet_disk *disk = &d->disks[i];
	const struct fleet_image *image = disk->image;
	struct buf b = BUF_INIT;
	char one[UNITS_MAX], two[UNITS_MAX];

	describe_guest_name(t, d, i);
	text_tab(t, BLOCK_INDENT);
	text_add(t, STYLE_NORMAL, "%s", role(disk));
	text_tab(t, BLOCK_INDENT + 6);
	text_cut(t, STYLE_TITLE, width - BLOCK_INDENT - 6,
	    base_name(target(disk)));
	text_end(t);
	if (image == NULL)
		return;
	text_tab(t, BLOCK_INDENT);
	if (describe_readable(disk)) {
		text_add(t, STYLE_NORMAL, "%-9s",
		    units_format(one, image->size));
		describe_fill(t, image, 8);
		if (fleet_image_use(image) >= 0 && width >= 46)
			text_add(t, STYLE_NORMAL, "  %s free",
			    units_format(two, image->probe.ffs.free));
		text_end(t);
		text_tab(t, BLOCK_INDENT);
	}
	text_add(t, disk->readwrite ? STYLE_NORMAL : STYLE_DIM, "%s",
	    disk->readwrite ? "read-write, " : "read-only, ");
	describe_image_state(t, fleet, image, false);
	describe_cipher(t, disk);
	if (describe_users(fleet, image, d, 3, &b) > 0) {
		text_add(t, STYLE_DIM, ", ");
		buf_reset(&b);
		(void)buf_str(&b, "with ");
		(void)describe_users(fleet, image, d, 3, &b);
		text_wrap(t, STYLE_DIM, BLOCK_INDENT, width, b.p);
	} else
		text_end(t);
	buf_dispose(&b);
}

/* The next finding of this severity from i on, or n. */
static size_t
next_finding(const struct fleet_findings *f, size_t i, int severity)
{
	while (i < f->n && (int)f->v[i].severity != severity)
		i++;
	return i;
}

static bool
same_hint(const struct fleet_finding *a, const struct fleet_finding *b)
{
	return a->hint != NULL && b->hint != NULL &&
	    strcmp(a->hint, b->hint) == 0;
}

void
describe_findings(struct text *t, const struct fleet_findings *f, int width)
{
	size_t i, next;
	int severity;

	for (severity = SEV_ERROR; severity >= SEV_NOTE; severity--)
		for (i = next_finding(f, 0, severity); i < f->n; i = next) {
			next = next_finding(f, i + 1, severity);
			text_add(t, severity_style(severity), "%2s ",
			    severity_sign(severity));
			text_wrap(t, severity_style(severity), 3, width,
			    f->v[i].text);
			/* Several that one thing mends: said once. */
			if (f->v[i].hint == NULL || (next < f->n &&
			    same_hint(&f->v[i], &f->v[next])))
				continue;
			text_tab(t, 3);
			text_wrap(t, STYLE_DIM, 3, width, f->v[i].hint);
		}
}

const char *
describe_title(const struct fleet_domu *d, int64_t now, char *buf, size_t cap)
{
	const int64_t up = fleet_uptime(d, now);
	char cpu[24] = "", text[UNITS_MAX], memory[UNITS_MAX];

	if (d->cpu >= 0)
		(void)snprintf(cpu, sizeof(cpu), "%d.%d%% CPU, ", d->cpu / 10,
		    d->cpu % 10);
	if (d->id == 0)
		(void)snprintf(buf, cap, "%s", d->name);
	else
		(void)snprintf(buf, cap, "%s: %s%s%s%s", d->name, cpu,
		    units_format(memory, d->memory), up >= 0 ? ", up " : "",
		    up >= 0 ? units_while(text, (uint64_t)up) : "");
	return buf;
}

void
describe_short(struct text *t, const struct model *m,
    const struct fleet_domu *d, int width)
{
	size_t i;

	if (d->findings.n > 0) {
		describe_findings(t, &d->findings, width);
		text_end(t);
	}
	for (i = 0; i < d->ndisks; i++)
		if (width >= 74)
			disk_line(t, m->fleet, d, i, width);
		else
			disk_block(t, m->fleet, d, i, width);
}
