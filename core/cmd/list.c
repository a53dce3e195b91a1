/*
 * drydock list: a line a domU, or the whole fleet as JSON.
 *
 * The table fits the terminal: names and images are cut first, and what is
 * left at the end of the line goes to the findings.
 */
#include <sys/ioctl.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "core/base/units.h"
#include "core/base/width.h"
#include "core/cmd/fleet_out.h"
#include "core/cmd/json_out.h"

enum column { NAME, STATE, UP, MEMORY, ROOT, LOCAL, PKG, SHARED, FINDINGS,
	NCOLUMNS };

#define GAP		2
#define SHRINK_TO	8
#define SENTENCE	30	/* columns worth filling with a finding */

static const struct {
	const char	*title;
	bool		 shrinks;
	bool		 spare;		/* left out where all is empty */
} columns[NCOLUMNS] = {
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

/* text on the left, which may be cut; tail on the right, which stays. */
struct cell {
	char	*text;
	char	 tail[FLEET_OUT_SIZE];
};

struct row {
	struct cell	 cells[NCOLUMNS];
	const struct fleet_finding *gravest;
};

struct table {
	struct row	*rows;
	size_t		 n;
	size_t		 width[NCOLUMNS];
};

static size_t
terminal_width(void)
{
	const char *columns_env = getenv("COLUMNS");
	struct dd_err ignored = DD_ERR_INIT;
	struct winsize ws;
	uint64_t n;

	if (columns_env != NULL && units_number(columns_env, 20, 10000,
	    "COLUMNS", &n, &ignored) == 0)
		return (size_t)n;
	if (ioctl(STDOUT_FILENO, TIOCGWINSZ, &ws) == 0 && ws.ws_col >= 20)
		return ws.ws_col;
	return 80;
}

static int
set_text(struct cell *c, const char *text, struct dd_err *e)
{
	struct buf b = BUF_INIT;

	fleet_out_text(&b, text);
	if ((c->text = buf_steal(&b)) == NULL)
		return dd_fail_nomem(e);
	return 0;
}

static void
image_tail(char tail[FLEET_OUT_SIZE], const struct fleet_image *img)
{
	int use = fleet_image_use(img);

	if (img->missing)
		(void)strcpy(tail, "gone");
	else if (img->error != NULL)
		(void)strcpy(tail, "?");
	else if (use >= 0)
		(void)snprintf(tail, FLEET_OUT_SIZE, "%d%%", use / 10);
	else
		(void)fleet_out_size(tail, img->size);
}

static int
image_cell(struct cell *c, const struct fleet_domu *d, enum fleet_role role,
    struct dd_err *e)
{
	const struct fleet_disk *disk = fleet_disk_of(d, role);
	const char *path, *slash;

	if (disk == NULL)
		return set_text(c, NULL, e);
	path = disk->image != NULL ? disk->image->path : disk->target;
	slash = path == NULL ? NULL : strrchr(path, '/');
	if (disk->image != NULL)
		image_tail(c->tail, disk->image);
	return set_text(c, slash != NULL ? slash + 1 : path, e);
}

/* "2 errors": how many findings there are of the gravest kind. */
static int
findings_cell(struct row *r, const struct fleet_domu *d, struct dd_err *e)
{
	char text[32];
	size_t i, n = 0;

	if ((r->gravest = fleet_gravest(&d->findings)) == NULL)
		return set_text(&r->cells[FINDINGS], NULL, e);
	for (i = 0; i < d->findings.n; i++)
		n += d->findings.v[i].severity == r->gravest->severity;
	(void)snprintf(text, sizeof(text), "%zu %s%s", n,
	    fleet_severity_name(r->gravest->severity), n == 1 ? "" : "s");
	return set_text(&r->cells[FINDINGS], text, e);
}

static int
fill_row(struct row *r, const struct fleet_domu *d, struct dd_err *e)
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
	if (set_text(&r->cells[NAME], d->name, e) == -1 ||
	    set_text(&r->cells[STATE], fleet_state_name(d->state), e) == -1 ||
	    set_text(&r->cells[UP], seconds < 0 ? "" :
	    units_while(up, (uint64_t)seconds), e) == -1 ||
	    set_text(&r->cells[MEMORY], memory, e) == -1 ||
	    image_cell(&r->cells[ROOT], d, ROLE_ROOT, e) == -1 ||
	    image_cell(&r->cells[LOCAL], d, ROLE_LOCAL, e) == -1 ||
	    image_cell(&r->cells[PKG], d, ROLE_PKG, e) == -1 ||
	    set_text(&r->cells[SHARED], shared, e) == -1)
		return -1;
	return findings_cell(r, d, e);
}

/* The columns that a cell would like to have. */
static size_t
natural(const struct cell *c)
{
	size_t tail = strlen(c->tail);

	return width_of(c->text) + (tail > 0 ? tail + 1 : 0);
}

/* 0: not shown. */
static size_t
natural_column(const struct table *t, size_t c)
{
	const size_t title = strlen(columns[c].title);
	size_t i, n, most = columns[c].spare ? 0 : title;

	for (i = 0; i < t->n; i++)
		if ((n = natural(&t->rows[i].cells[c])) > most)
			most = n;
	return most > 0 && most < title ? title : most;
}

static void
measure(struct table *t, size_t width)
{
	size_t c, widest, total = 0;

	for (c = 0; c < NCOLUMNS; c++) {
		t->width[c] = natural_column(t, c);
		total += t->width[c] + (t->width[c] > 0 && c > 0 ? GAP : 0);
	}
	while (total > width) {
		widest = NCOLUMNS;
		for (c = 0; c < NCOLUMNS; c++)
			if (columns[c].shrinks && t->width[c] > SHRINK_TO &&
			    (widest == NCOLUMNS ||
			    t->width[c] > t->width[widest]))
				widest = c;
		if (widest == NCOLUMNS)
			break;
		t->width[widest]--;
		total--;
	}
	if (total < width)
		t->width[FINDINGS] += width - total;
}

/* text in exactly width columns, a cut marked with '~'. */
static void
put_text(struct buf *b, const char *text, size_t width)
{
	size_t used, n = width_fit(text, width, &used);

	if (text[n] != '\0' && width > 0)
		n = width_fit(text, width - 1, &used);
	(void)buf_add(b, text, n);
	if (text[n] != '\0' && width > 0) {
		(void)buf_str(b, "~");
		used++;
	}
	(void)buf_printf(b, "%*s", (int)(width - used), "");
}

static void
put_cell(struct buf *b, const struct cell *c, size_t width)
{
	size_t tail = strlen(c->tail);

	if (tail > 0 && tail + 1 < width) {
		put_text(b, c->text, width - tail - 1);
		(void)buf_printf(b, " %s", c->tail);
	} else
		put_text(b, c->text, width);
}

static void
end_line(struct buf *b)
{
	while (b->len > 0 && b->p[b->len - 1] == ' ')
		b->len--;
	(void)buf_str(b, "\n");
}

static void
put_row(struct buf *b, const struct table *t, const struct row *r)
{
	struct buf sentence = BUF_INIT;
	size_t c;

	for (c = 0; c < FINDINGS; c++) {
		if (t->width[c] == 0)
			continue;
		put_cell(b, &r->cells[c], t->width[c]);
		(void)buf_printf(b, "%*s", GAP, "");
	}
	if (r->gravest != NULL && t->width[FINDINGS] >= SENTENCE) {
		(void)buf_printf(&sentence, "%s: %s",
		    fleet_severity_name(r->gravest->severity),
		    r->gravest->text);
		b->failed |= sentence.failed;
		if (!sentence.failed)
			put_text(b, sentence.p, t->width[FINDINGS]);
	} else
		put_cell(b, &r->cells[FINDINGS], t->width[FINDINGS]);
	buf_dispose(&sentence);
	end_line(b);
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
	size_t i, c;

	if (f->xen != NULL) {
		fleet_out_text(b, f->xen);
		(void)buf_printf(b, ": these are the configurations, %s\n",
		    t->n > 0 && f->domus[0].state == STATE_UNKNOWN ?
		    "states not known" : "all shown off");
	} else if (f->host.cpus > 0)
		put_host(b, &f->host);
	if (t->n == 0) {
		(void)buf_str(b, "no domUs: config_dirs has no configuration "
		    "(*.cfg)\n");
		return;
	}
	for (c = 0; c < NCOLUMNS; c++)
		if (t->width[c] > 0)
			(void)buf_printf(b, "%-*s%*s", (int)t->width[c],
			    columns[c].title, GAP, "");
	end_line(b);
	for (i = 0; i < t->n; i++)
		put_row(b, t, &t->rows[i]);
}

static int
print_table(const struct fleet *f, struct dd_err *e)
{
	struct table t = { .n = f->ndomus };
	struct buf b = BUF_INIT;
	size_t i, c;
	int rc = -1;

	if ((t.rows = calloc(t.n + 1, sizeof(*t.rows))) == NULL)
		return dd_fail_nomem(e);
	for (i = 0; i < t.n; i++)
		if (fill_row(&t.rows[i], &f->domus[i], e) == -1)
			goto out;
	measure(&t, terminal_width());
	put_table(&b, f, &t);
	rc = fleet_out_print(&b, e);
out:
	for (i = 0; i < t.n; i++)
		for (c = 0; c < NCOLUMNS; c++)
			free(t.rows[i].cells[c].text);
	free(t.rows);
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
