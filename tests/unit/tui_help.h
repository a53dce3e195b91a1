/*
 * For the tests of the console: a fleet by hand, keys by name, and golden
 * screens.  UPDATE=1 writes the goldens anew.
 */
#ifndef DD_TESTS_TUI_HELP_H
#define DD_TESTS_TUI_HELP_H

#include <locale.h>
#include <stdarg.h>

#include "core/base/fsutil.h"
#include "tests/unit/t.h"
#include "tui/app.h"
#include "tui/patient.h"

/* A loaded machine is no hanging disk. */
__attribute__((constructor)) static inline void
be_patient(void)
{
	patient_ms = 60000;
}

/* -- a fleet by hand; fleet_free disposes of it ------------------------- */

static inline struct fleet_image *
fix_image(struct fleet *f, const char *path, uint64_t mib, int percent)
{
	struct fleet_image *i = calloc(1, sizeof(*i));

	i->path = strdup(path);
	i->ino = f->nimages + 1;
	i->size = mib << 20;
	i->allocated = i->size / 2;
	if (percent >= 0) {
		i->probe.kind = PROBE_FFS;
		i->probe.ffs = (struct probe_ffs){ .version = 2,
		    .bsize = 16384, .fsize = 2048, .size = i->size,
		    .data = i->size, .inodes = 8192, .inodes_free = 5000,
		    .free = i->size / 100 * (uint64_t)(100 - percent),
		    .clean = true };
	}
	f->images = realloc(f->images, (f->nimages + 1) * sizeof(i));
	f->images[f->nimages++] = i;
	return i;
}

static inline size_t
fix_domu(struct fleet *f, const char *name)
{
	struct fleet_domu *d;
	char cfg[256];

	f->domus = realloc(f->domus, (f->ndomus + 1) * sizeof(*d));
	d = &f->domus[f->ndomus];
	*d = (struct fleet_domu){ .name = strdup(name), .memory = 256 << 20,
	    .vcpus = 1, .kernel = strdup("/netbsd-XEN3_DOMU"),
	    .type = strdup("pv") };
	(void)snprintf(cfg, sizeof(cfg), "/etc/xen/%s.cfg", name);
	d->cfg = strdup(cfg);
	return f->ndomus++;
}

static inline void
fix_disk(struct fleet *f, size_t domu, enum fleet_role role, bool rw,
    struct fleet_image *image)
{
	struct fleet_domu *d = &f->domus[domu];
	char vdev[8];

	(void)snprintf(vdev, sizeof(vdev), "xvd%c", (char)('a' + d->ndisks));
	d->disks = realloc(d->disks, (d->ndisks + 1) * sizeof(*d->disks));
	d->disks[d->ndisks++] = (struct fleet_disk){ .vdev = strdup(vdev),
	    .target = strdup(image->path), .role = role, .readwrite = rw,
	    .image = image };
	image->users = realloc(image->users, (image->nusers + 1) *
	    sizeof(*image->users));
	image->users[image->nusers++] = domu;
	image->ndisks++;
	image->nwriters += rw;
}

static inline void
fix_finding(struct fleet_findings *f, enum fleet_severity severity,
    const char *text, const char *hint)
{
	f->v = realloc(f->v, (f->n + 1) * sizeof(*f->v));
	f->v[f->n++] = (struct fleet_finding){ .severity = severity,
	    .text = strdup(text),
	    .hint = hint == NULL ? NULL : strdup(hint) };
}

/* Five domUs on one root: well, full, two writers, missing, unreadable. */
static inline struct fleet *
fix_fleet(void)
{
	struct fleet *f = calloc(1, sizeof(*f));
	struct fleet_image *root, *pkg, *img;
	size_t d;

	f->xen = strdup("no Xen here");
	root = fix_image(f, "/xen/root.img", 256, 61);
	pkg = fix_image(f, "/xen/pkg.img", 1024, 88);

	d = fix_domu(f, "db1");
	fix_disk(f, d, ROLE_ROOT, false, root);
	fix_disk(f, d, ROLE_SWAP, true, fix_image(f, "/xen/db1/swap.img", 64,
	    -1));
	img = fix_image(f, "/xen/db1/local.img", 512, 97);
	fix_disk(f, d, ROLE_LOCAL, true, img);
	fix_disk(f, d, ROLE_PKG, false, pkg);
	f->domus[d].state = STATE_RUNNING;
	fix_finding(&f->domus[d].findings, SEV_WARNING,
	    "local: /xen/db1/local.img is 97% full",
	    "remove files, or give it a larger image");

	d = fix_domu(f, "j\xc3\xb6rg");		/* UTF-8 in a name */
	fix_disk(f, d, ROLE_ROOT, false, root);
	img = fix_image(f, "/xen/j\xc3\xb6rg/local.img", 48, 8);
	img->probe.ffs.clean = false;
	fix_disk(f, d, ROLE_LOCAL, true, img);

	d = fix_domu(f, "odd");
	free(f->domus[d].name);
	f->domus[d].name = strdup("odd\x1b[31m");	/* an escape in one */
	f->domus[d].error = strdup("/etc/xen/odd.cfg:3: syntax error near "
	    "`disk'");
	fix_finding(&f->domus[d].findings, SEV_ERROR, f->domus[d].error,
	    "xl.cfg(5) has the syntax");

	d = fix_domu(f, "web1");
	fix_disk(f, d, ROLE_ROOT, false, root);
	img = fix_image(f, "/xen/web1/local.img", 48, 8);
	fix_disk(f, d, ROLE_LOCAL, true, img);
	fix_disk(f, d, ROLE_PKG, false, pkg);

	d = fix_domu(f, "web2");
	fix_disk(f, d, ROLE_ROOT, true, root);
	fix_disk(f, d, ROLE_LOCAL, true, img);
	img = fix_image(f, "/xen/web2/pkg.img", 0, -1);
	img->missing = true;
	img->error = strdup("/xen/web2/pkg.img: No such file or directory");
	fix_disk(f, d, ROLE_PKG, false, img);
	fix_finding(&f->domus[d].findings, SEV_ERROR,
	    "pkg: /xen/web2/pkg.img: No such file or directory",
	    "xl won't start the domU: bring the file back, or correct the "
	    "disk in its configuration");
	fix_finding(&f->domus[d].findings, SEV_ERROR,
	    "local: /xen/web1/local.img is attached read-write by web1 and "
	    "here", "an image has one writer, or readers only");
	return f;
}

/* -- both character sets ------------------------------------------------- */

/* What a console is opened with. */
static bool in_utf8 = true;

/* Run a test in UTF-8, and again in ASCII. */
#define T_RUN_BOTH(fn) do {						\
	T_RUN(fn);							\
	in_utf8 = false;						\
	printf("# in ASCII:\n");					\
	T_RUN(fn);							\
	in_utf8 = true;							\
} while (0)

/* -- keys and screens ---------------------------------------------------- */

static inline void
press(struct app *app, const char *keys)
{
	uint32_t key;

	while ((key = key_parse(&keys)) != 0)
		app_key(app, key);
}

static inline void
type(struct app *app, const char *s)
{
	for (; *s != '\0'; s++)
		app_key(app, (unsigned char)*s);
}

/* Compare b with tests/golden/tui/NAME.txt. */
static inline void
golden(const char *name, const struct buf *b)
{
	struct dd_err e = DD_ERR_INIT;
	struct buf want = BUF_INIT;
	char path[256];

	(void)snprintf(path, sizeof(path), "tests/golden/tui/%s.txt", name);
	if (getenv("UPDATE") != NULL) {
		T_OK(fs_replace_file(path, b->p, b->len, 0644, &e));
		return;
	}
	T_OK(fs_read_file(path, 1 << 20, &want, &e));
	if (want.p == NULL || strcmp(want.p, b->p) != 0)
		T_FAIL("%s differs; it is now:\n%s", path, b->p);
	buf_dispose(&want);
}

/*
 * Compare the screen, text and roles, with NAME-COLSxROWS; its golden in
 * ASCII has a name of its own.
 */
static inline void
golden_at(struct app *app, const char *name, int cols, int rows)
{
	struct dd_err e = DD_ERR_INIT;
	struct buf b = BUF_INIT;
	struct canvas c;
	char file[64];

	T(app->model.utf8 == in_utf8);
	(void)snprintf(file, sizeof(file), "%s-%dx%d%s", name, cols, rows,
	    app->model.utf8 ? "" : "-ascii");
	T_OK(canvas_init(&c, rows, cols, app->model.utf8, &e));
	app_render(app, &c);
	T(canvas_dump(&c, &b) == 0);
	T(canvas_dump_styles(&c, &b) == 0);
	golden(file, &b);
	buf_dispose(&b);
	canvas_dispose(&c);
}

/* At each size that a view is held to. */
static inline void
golden_sizes(struct app *app, const char *name)
{
	static const struct {
		int	cols, rows;
	} sizes[] = { { 80, 24 }, { 132, 43 }, { 40, 12 } };
	size_t i;

	for (i = 0; i < sizeof(sizes) / sizeof(sizes[0]); i++)
		golden_at(app, name, sizes[i].cols, sizes[i].rows);
}

/* Is the text on the screen? */
static inline bool
shows(struct app *app, const char *text)
{
	struct dd_err e = DD_ERR_INIT;
	struct buf b = BUF_INIT;
	struct canvas c;
	bool yes;

	T_OK(canvas_init(&c, 24, 80, app->model.utf8, &e));
	app_render(app, &c);
	T(canvas_dump(&c, &b) == 0);
	yes = strstr(b.p, text) != NULL;
	if (!yes)
		printf("# no \"%s\" in:\n%s", text, b.p);
	buf_dispose(&b);
	canvas_dispose(&c);
	return yes;
}

static inline bool
utf8_locale(void)
{
	return setlocale(LC_CTYPE, "C.UTF-8") != NULL ||
	    setlocale(LC_CTYPE, "en_US.UTF-8") != NULL;
}

#endif
