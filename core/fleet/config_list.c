/* Lists in drydock.conf whose entries are told by their lines. */
#include <stdlib.h>
#include <string.h>

#include "core/fleet/config_list.h"

void
config_list_dispose(struct config_list *l)
{
	size_t i;

	for (i = 0; i < l->n; i++)
		free(l->v[i]);
	free(l->v);
	free(l->lines);
	*l = (struct config_list){ .n = 0 };
}

/* The lines of the n strings of the list that begins in that line. */
static void
find_lines(const struct buf *text, unsigned line, unsigned *lines, size_t n)
{
	const char *s = text->p, *end = text->p + text->len;
	unsigned at = 1;
	size_t i = 0;
	char quote;

	for (; s < end && at < line; s++)
		at += *s == '\n';
	while (s < end && *s != '[')
		s++;
	for (; s < end && i < n; s++) {
		if (*s == '#') {
			while (s + 1 < end && s[1] != '\n')
				s++;
			continue;
		}
		at += *s == '\n';
		if (*s != '"' && *s != '\'')
			continue;
		lines[i++] = at;
		for (quote = *s++; s < end && *s != quote; s++)
			s += *s == '\\';
	}
	for (; i < n; i++)
		lines[i] = line;
}

int
config_list_read(const struct xen_ops *ops, const struct xen_cfg *cfg,
    const struct buf *text, const char *name, unsigned line,
    struct config_list *field, struct dd_err *e)
{
	int i, n = ops->cfg_list(cfg, name);
	struct config_list l = { .n = 0 };
	const char *item = "";

	if (n < 0) {
		(void)dd_fail(e, ERR_CONFIG, "%s wants a list", name);
		return dd_hint(e, "write %s = [ \"...\", \"...\" ]", name);
	}
	l.v = calloc((size_t)n + 1, sizeof(*l.v));
	l.lines = calloc((size_t)n + 1, sizeof(*l.lines));
	for (i = 0; l.v != NULL && l.lines != NULL && i < n; i++) {
		if ((item = ops->cfg_item(cfg, name, i)) == NULL)
			break;
		if ((l.v[i] = strdup(item)) == NULL)
			break;
		l.n++;
	}
	if (l.n < (size_t)n && l.lines != NULL && l.v != NULL &&
	    item == NULL) {
		config_list_dispose(&l);
		return dd_fail(e, ERR_CONFIG, "%s: entry %d is not a text",
		    name, i + 1);
	}
	if (l.n < (size_t)n || l.v == NULL || l.lines == NULL) {
		config_list_dispose(&l);
		return dd_fail_nomem(e);
	}
	find_lines(text, line, l.lines, l.n);
	config_list_dispose(field);
	*field = l;
	return 0;
}
