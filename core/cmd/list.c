/*
 * drydock list: a line a domU, or the whole fleet as JSON.
 *
 * The table fits the terminal: names and images are cut first, and what is
 * left at the end of the line goes to the findings.
 */
#include <string.h>
#include <time.h>

#include "core/base/units.h"
#include "core/cmd/json_out.h"
#include "core/cmd/table.h"

enum column { NAME, STATE, UP, MEMORY, ROOT, LOCAL, PKG, SHARED, FINDINGS,
	NCOLUMNS };

#define SENTENCE	30	/* columns worth filling with a finding */

static const struct table_column columns[NCOLUMNS] = {
	[NAME] = { .title = "NAME", .shrinks = true },
	[STATE] = { .title = "STATE" },
	[UP] = { .title = "UP", .spare = true },
	[MEMORY] = { .title = "MEM" },
	[ROOT] = { .title = "ROOT", .shrinks = true },
	[LOCAL] = { .title = "LOCAL", .shrinks = true },
	[PKG] = { .title = "PKG", .shrinks = true },
	[SHARED] = { .title = "SHR" },
	[FINDINGS] = { .title = "FINDINGS" },
};

static void
image_tail(char tail[FLEET_OUT_SIZE], const struct fleet_image *img)
{
	int use = fleet_image_use(img);

	if (img->missing)
		(void)strcpy(tail, "gone");
	else if (img->rekeying)
		(void)strcpy(tail, "rekey");
	else if (img->error != NULL)
		(void)strcpy(tail, "?");
	else if (use >= 0)
		(void)snprintf(tail, FLEET_OUT_SIZE, "%d%%", use / 10);
	else
		(void)fleet_out_size(tail, img->size);
}

static int
image_cell(const struct table *t, size_t row, enum column c,
    const struct fleet_domu *d, enum fleet_role role, struct dd_err *e)
{
	const struct fleet_disk *disk = fleet_disk_of(d, role);
	const char *path, *slash;

	if (disk == NULL)
		return table_set(t, row, c, NULL, e);
	path = disk->image != NULL ? disk->image->path : disk->target;
	slash = path == NULL ? NULL : strrchr(path, '/');
	if (disk->image != NULL)
		image_tail(table_cell(t, row, c)->tail, disk->image);
	return table_set(t, row, c, slash != NULL ? slash + 1 : path, e);
}

/* "2 errors": how many findings there are of the gravest kind. */
static int
findings_cell(const struct table *t, size_t row, const struct fleet_domu *d,
    struct dd_err *e)
{
	const struct fleet_finding *gravest = fleet_gravest(&d->findings);
	char text[32];
	size_t i, n = 0;

	if (gravest == NULL)
		return table_set(t, row, FINDINGS, NULL, e);
	for (i = 0; i < d->findings.n; i++)
		n += d->findings.v[i].severity == gravest->severity;
	(void)snprintf(text, sizeof(text), "%zu %s%s", n,
	    fleet_severity_name(gravest->severity), n == 1 ? "" : "s");
	return table_set(t, row, FINDINGS, text, e);
}

static int
fill_row(const struct table *t, size_t row, const struct fleet_domu *d,
    struct dd_err *e)
{
	char memory[FLEET_OUT_SIZE] = "-", shared[24] = "-", up[UNITS_MAX];
	int64_t seconds = fleet_uptime(d, (int64_t)time(NULL));
	size_t i, most = 0;

	if (d->memory > 0)
		(void)fleet_out_size(memory, d->memory);
	for (i = 0; i < d->ndisks; i++)
		if (d->disks[i].image != NULL &&
		    d->disks[i].image->nusers > most)
			most = d->disks[i].image->nusers;
	if (most > 1)
		(void)snprintf(shared, sizeof(shared), "%zu", most);
	if (table_set(t, row, NAME, d->name, e) == -1 ||
	    table_set(t, row, STATE, fleet_state_name(d->state), e) == -1 ||
	    table_set(t, row, UP, seconds < 0 ? "" :
	    units_while(up, (uint64_t)seconds), e) == -1 ||
	    table_set(t, row, MEMORY, memory, e) == -1 ||
	    image_cell(t, row, ROOT, d, ROLE_ROOT, e) == -1 ||
	    image_cell(t, row, LOCAL, d, ROLE_LOCAL, e) == -1 ||
	    image_cell(t, row, PKG, d, ROLE_PKG, e) == -1 ||
	    table_set(t, row, SHARED, shared, e) == -1)
		return -1;
	return findings_cell(t, row, d, e);
}

/* The gravest finding itself where there is room for it. */
static void
put_row(struct buf *b, const struct table *t, size_t row,
    const struct fleet_domu *d)
{
	const struct fleet_finding *gravest = fleet_gravest(&d->findings);
	struct buf sentence = BUF_INIT;
	bool whole = gravest != NULL && t->width[FINDINGS] >= SENTENCE;

	table_put_cells(b, t, row, 0, whole ? FINDINGS : NCOLUMNS);
	if (whole) {
		(void)buf_printf(&sentence, "%s: %s",
		    fleet_severity_name(gravest->severity), gravest->text);
		b->failed |= sentence.failed;
		if (!sentence.failed)
			table_put_text(b, sentence.p, t->width[FINDINGS]);
	}
	buf_dispose(&sentence);
	table_end_line(b);
}

/* Xen 4.17.3, 4 processors, 1.2 GiB of 8 GiB free */
static void
put_host(struct buf *b, const struct xen_host *h)
{
	char sizes[2][UNITS_MAX];

	(void)buf_str(b, "Xen ");
	fleet_out_text(b, h->version);
	(void)buf_printf(b, ", %u processor%s, %s of %s free\n", h->cpus,
	    h->cpus == 1 ? "" : "s", units_format(sizes[0], h->free),
	    units_format(sizes[1], h->memory));
}

static void
put_table(struct buf *b, const struct fleet *f, const struct table *t)
{
	size_t i;

	if (f->xen != NULL) {
		fleet_out_text(b, f->xen);
		(void)buf_printf(b, ": these are the configurations, %s\n",
		    f->ndomus > 0 && f->domus[0].state == STATE_UNKNOWN ?
		    "states not known" : "all shown off");
	} else if (f->host.cpus > 0)
		put_host(b, &f->host);
	if (f->ndomus == 0) {
		(void)buf_str(b, "no domUs: config_dirs has no configuration "
		    "(*.cfg)\n");
		return;
	}
	table_put_titles(b, t);
	for (i = 0; i < f->ndomus; i++)
		put_row(b, t, i, &f->domus[i]);
}

static int
print_table(const struct fleet *f, struct dd_err *e)
{
	struct buf b = BUF_INIT;
	struct table t;
	size_t i;
	int rc = 0;

	if (table_init(&t, columns, NCOLUMNS, f->ndomus, e) == -1)
		return -1;
	for (i = 0; rc == 0 && i < f->ndomus; i++)
		rc = fill_row(&t, i, &f->domus[i], e);
	if (rc == 0) {
		table_measure(&t);
		put_table(&b, f, &t);
		rc = fleet_out_print(&b, e);
	}
	table_dispose(&t);
	return rc;
}

/* NULL: not known. */
static struct json_object *
json_host(const struct xen_host *h)
{
	struct json_object *o;

	if (h->cpus == 0)
		return NULL;
	o = json_object_new_object();
	json_set_string(o, "version", h->version);
	json_set(o, "cpus", json_object_new_int64(h->cpus));
	json_set_size(o, "memory", h->memory);
	json_set_size(o, "free_memory", h->free);
	return o;
}

static int
print_json(const struct fleet *f, struct dd_err *e)
{
	struct json_object *doc = json_object_new_object();
	struct json_object *domus = json_object_new_array();
	size_t i;

	for (i = 0; i < f->ndomus; i++)
		(void)json_object_array_add(domus,
		    fleet_out_json(f, &f->domus[i]));
	json_set_string(doc, "xen", f->xen);
	json_set(doc, "host", json_host(&f->host));
	json_set(doc, "domus", domus);
	return cmd_print_json(doc, e);
}

/* What can't be had is left out: the domUs are what was asked for. */
static void
load_host(const struct xen_ops *xen, struct fleet *f)
{
	struct dd_err ignored = DD_ERR_INIT;

	if (f->xen == NULL && xen->host != NULL)
		(void)xen->host(&f->host, &ignored);
}

int
cmd_list(const struct cmd_env *env, int argc, char **argv, struct dd_err *e)
{
	bool json = false;
	const struct arg args[] = {
		{ .name = "json", .kind = ARG_FLAG, .dst = &json,
		    .help = "print one JSON document" },
		{ .name = NULL }
	};
	struct fleet *f = NULL;
	int rc;

	if ((rc = args_parse(args, &argc, argv, 0, 0, e)) != 0)
		return rc == 1 ? 0 : -1;
	if (fleet_out_load(env, &f, e) == -1)
		return -1;
	load_host(env->xen, f);
	rc = json ? print_json(f, e) : print_table(f, e);
	fleet_free(f);
	return rc;
}
