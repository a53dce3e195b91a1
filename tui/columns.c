/* Columns that the configuration names; see columns.h. */
#include <stdio.h>
#include <string.h>
#include <strings.h>

#include "core/base/nearest.h"
#include "core/base/vis.h"
#include "tui/columns.h"
#include "tui/files.h"
#include "tui/generations.h"
#include "tui/history.h"
#include "tui/views.h"

/* The lists whose columns can be named. */
static const struct {
	const char			*key;
	size_t				 field;	/* in struct config */
	const struct list_source	*source;
} lists[] = {
	{ "columns_fleet", offsetof(struct config, columns_fleet),
	    &fleet_rows },
	{ "columns_generations", offsetof(struct config,
	    columns_generations), &gen_rows },
	{ "columns_history", offsetof(struct config, columns_history),
	    &hist_rows },
	{ "columns_files", offsetof(struct config, columns_files),
	    &file_rows },
};
#define NLISTS	(sizeof(lists) / sizeof(lists[0]))

static const struct config_list *
list_of(const struct config *c, size_t i)
{
	return (const struct config_list *)(const void *)((const char *)c +
	    lists[i].field);
}

/* The column of that title, in any case; -1: there is none. */
static int
find(const struct list_source *s, const char *title)
{
	int col;

	for (col = 0; col < s->ncolumns; col++)
		if (title[0] != '\0' && strcasecmp(s->columns[col].title,
		    title) == 0)
			return col;
	return -1;
}

static int
check(const struct config *c, size_t i, size_t item, struct dd_err *e)
{
	const struct config_list *l = list_of(c, i);
	const struct list_source *s = lists[i].source;
	const char *names[LIST_COLUMNS + 1], *meant;
	char shown[64], all[256] = "";
	size_t n = 0, at = 0;
	int col;

	if (find(s, l->v[item]) != -1)
		return 0;
	for (col = 0; col < s->ncolumns; col++) {
		if (s->columns[col].title[0] == '\0')
			continue;
		names[n++] = s->columns[col].title;
		at += (size_t)snprintf(all + at, sizeof(all) - at, "%s%s",
		    n == 1 ? "" : ", ", s->columns[col].title);
	}
	names[n] = NULL;
	vis_str(shown, sizeof(shown), l->v[item]);
	(void)dd_fail(e, ERR_CONFIG, "%s:%u: %s: no column is called %s",
	    c->path, l->lines[item], lists[i].key, shown);
	meant = nearest(l->v[item], names);
	return meant != NULL ? dd_hint(e, "did you mean %s?", meant) :
	    dd_hint(e, "there are: %s", all);
}

int
columns_check(const struct config *c, struct dd_err *e)
{
	size_t i, j;

	for (i = 0; i < NLISTS; i++)
		for (j = 0; j < list_of(c, i)->n; j++)
			if (check(c, i, j, e) == -1)
				return -1;
	return 0;
}

void
columns_apply(const struct config *c, struct list *list)
{
	const struct config_list *l = NULL;
	size_t i;
	int col;

	for (i = 0; c != NULL && i < NLISTS; i++)
		if (lists[i].source == list->source)
			l = list_of(c, i);
	if (l == NULL || l->n == 0)
		return;
	for (col = 0; col < list->source->ncolumns; col++)
		list->hidden[col] = list->source->columns[col].title[0] !=
		    '\0';
	for (i = 0; i < l->n; i++)
		if ((col = find(list->source, l->v[i])) != -1)
			list->hidden[col] = false;
}
