/*
 * Configurations and disk specifications, read with xl's own parser,
 * libxlutil, so that what drydock understands is what xl understands.
 *
 * The parser reports to a stdio stream.  A stream in memory catches its words;
 * the first line becomes the error, and for what xl users trip over most a
 * hint is added.
 */
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <libxlutil.h>

#include "xen/xen.h"

/* A parser and what it said. */
struct xen_cfg {
	XLU_Config	*xlu;
	FILE		*report;
	char		*words;
	size_t		 nwords;
};

static void
cfg_dispose(struct xen_cfg *c)
{
	if (c->xlu != NULL)
		xlu_cfg_destroy(c->xlu);
	if (c->report != NULL)
		(void)fclose(c->report);
	free(c->words);
}

static int
cfg_init(struct xen_cfg *c, const char *name, struct dd_err *e)
{
	*c = (struct xen_cfg){ .xlu = NULL };
	if ((c->report = open_memstream(&c->words, &c->nwords)) != NULL &&
	    (c->xlu = xlu_cfg_init(c->report, name)) != NULL)
		return 0;
	cfg_dispose(c);
	return dd_fail_nomem(e);
}

/* The first line of the report, in place; never NULL. */
static const char *
first_words(struct xen_cfg *c)
{
	if (fflush(c->report) == EOF || c->words == NULL ||
	    c->words[0] == '\0')
		return "the parser gave up without a word";
	c->words[strcspn(c->words, "\n")] = '\0';
	return c->words;
}

static bool
near_any(const char *words, const char *const *list)
{
	char near[32];

	for (; *list != NULL; list++) {
		(void)snprintf(near, sizeof(near), "near `%s'", *list);
		if (strstr(words, near) != NULL)
			return true;
	}
	return false;
}

/* What the operator does about a file that xl can't read. */
static const char *
cfg_hint(const char *text, size_t len, const char *words)
{
	static const char *const truths[] = { "yes", "no", "true", "false",
	    "on", "off", "True", "False", "None", "Yes", "No", NULL };
	const char *last = text + len;

	while (last > text && last[-1] != '\n')
		last--;
	if (memchr(text, '\r', len) != NULL)
		return "the file has DOS line ends: take the carriage returns "
		    "out, as with tr -d '\\r'";
	if (near_any(words, truths))
		return "xl takes numbers and quoted strings only: write 1 or "
		    "0 for yes or no";
	if (memchr(last, '#', (size_t)(text + len - last)) != NULL)
		return "a comment on the last line needs a newline behind it";
	if (strstr(words, "unexpected IDENT") != NULL)
		return "values that are not numbers stand in quotes";
	if (strstr(words, "backslash") != NULL ||
	    strstr(words, "backlash") != NULL)
		return "write a backslash in a string twice";
	return "one `key = \"value\"` or `key = [ \"a\", \"b\" ]` a line; "
	    "xl.cfg(5) has the syntax";
}

static int
cfg_open(const char *text, size_t len, const char *name, struct xen_cfg **out,
    struct dd_err *e)
{
	struct xen_cfg *c;
	const char *words;

	/* The parser takes strings apart with strlen and asserts. */
	if (memchr(text, '\0', len) != NULL) {
		(void)dd_fail(e, ERR_CONFIG, "%s: has a NUL byte: not a text "
		    "file", name);
		return dd_hint(e, "xl configurations are plain text");
	}
	if (len > INT_MAX)
		return dd_fail(e, ERR_CONFIG, "%s: too long", name);
	if ((c = malloc(sizeof(*c))) == NULL)
		return dd_fail_nomem(e);
	if (cfg_init(c, name, e) == -1) {
		free(c);
		return -1;
	}
	if (xlu_cfg_readdata(c->xlu, text, (int)len) != 0) {
		words = first_words(c);
		(void)dd_fail(e, ERR_CONFIG, "%s", words);
		(void)dd_hint(e, "%s", cfg_hint(text, len, words));
		cfg_dispose(c);
		free(c);
		return -1;
	}
	*out = c;
	return 0;
}

static void
cfg_close(struct xen_cfg *c)
{
	if (c == NULL)
		return;
	cfg_dispose(c);
	free(c);
}

static const char *
cfg_string(const struct xen_cfg *c, const char *key)
{
	const char *value;

	if (xlu_cfg_get_string(c->xlu, key, &value, 1) != 0)
		return NULL;
	return value;
}

static int
cfg_list(const struct xen_cfg *c, const char *key)
{
	XLU_ConfigList *list;
	int n;

	return xlu_cfg_get_list(c->xlu, key, &list, &n, 1) == 0 ? n : -1;
}

static const char *
cfg_item(const struct xen_cfg *c, const char *key, int i)
{
	XLU_ConfigList *list;
	int n;

	if (xlu_cfg_get_list(c->xlu, key, &list, &n, 1) != 0)
		return NULL;
	return xlu_cfg_get_listitem(list, i);
}

/* NULL for "", too: an empty drive's target is either. */
static int
copy(char **dst, const char *src, struct dd_err *e)
{
	if (src == NULL || src[0] == '\0')
		return 0;
	if ((*dst = strdup(src)) == NULL)
		return dd_fail_nomem(e);
	return 0;
}

void
xen_disk_dispose(struct xen_disk *d)
{
	free(d->spec);
	free(d->vdev);
	free(d->target);
	free(d->format);
	free(d->backend);
	free(d->script);
	free(d->status);
	free(d->error);
	*d = (struct xen_disk){ .spec = NULL };
}

static int
disk_fail(const char *words, struct dd_err *e)
{
	(void)dd_fail(e, ERR_CONFIG, "%s", words);
	if (strstr(e->msg, "deprecated disk prefix") != NULL)
		return dd_hint(e, "xl attaches files without a prefix: "
		    "\"/path,raw,xvda,w\"");
	return dd_hint(e, "write \"/path,raw,xvda,w\" (w: read-write, r: "
	    "read-only) or \"vdev=xvda,format=raw,access=rw,"
	    "target=/path\"");
}

/* What went wrong, without the parser's name for where: that the caller knows
 * better. */
static const char *
disk_words(struct xen_cfg *c)
{
	static const char lead[] = "in disk specification: ";
	const char *words = first_words(c), *at = strstr(words, lead);

	return at == NULL ? words : at + sizeof(lead) - 1;
}

static int
disk_parse(const char *spec, struct xen_disk *out, struct dd_err *e)
{
	struct xen_cfg c;
	struct xen_disk d = { .readwrite = false };
	libxl_device_disk xl;
	int rc = -1;

	/* The lexer of specifications has no rule for one that stands behind
	 * something odd, and exits. */
	if (strchr(spec, '\n') != NULL)
		return disk_fail("has a line break", e);
	libxl_device_disk_init(&xl);
	if (cfg_init(&c, "xl", e) == -1)
		return -1;
	if (xlu_disk_parse(c.xlu, 1, &spec, &xl) != 0) {
		(void)disk_fail(disk_words(&c), e);
		goto out;
	}
	if (xl.vdev == NULL || xl.vdev[0] == '\0') {
		(void)disk_fail("no vdev specified", e);
		goto out;
	}
	if (copy(&d.spec, spec, e) == -1 || copy(&d.vdev, xl.vdev, e) == -1 ||
	    copy(&d.target, xl.pdev_path, e) == -1 ||
	    copy(&d.format, libxl_disk_format_to_string(xl.format), e) == -1 ||
	    copy(&d.backend, libxl_disk_backend_to_string(xl.backend), e) ==
	    -1 || copy(&d.script, xl.script, e) == -1)
		goto out;
	d.readwrite = xl.readwrite != 0;
	d.cdrom = xl.is_cdrom != 0;
	*out = d;
	d = (struct xen_disk){ .spec = NULL };
	rc = 0;
out:
	xen_disk_dispose(&d);
	libxl_device_disk_dispose(&xl);
	cfg_dispose(&c);
	return rc;
}

const struct xen_ops xen_ops = {
	.cfg_open = cfg_open,
	.cfg_close = cfg_close,
	.cfg_string = cfg_string,
	.cfg_list = cfg_list,
	.cfg_item = cfg_item,
	.disk_parse = disk_parse,
	.disk_dispose = xen_disk_dispose,
	.domains = xen_domains,
	.domains_free = xen_domains_free,
	.host = xen_host,
	.watch_open = xen_watch_open,
	.watch_fd = xen_watch_fd,
	.watch_read = xen_watch_read,
	.watch_kick = xen_watch_kick,
	.watch_close = xen_watch_close,
	.start = xen_start,
	.act = xen_act,
	.attach = xen_attach,
	.detach = xen_detach,
	.console_path = xen_console_path,
	.console = xen_console,
	.store_read = xen_store_read,
	.store_write = xen_store_write,
	.store_remove = xen_store_remove,
};
