/* Marks of a list: the identities of rows, few enough to search through. */
#include <stdlib.h>
#include <string.h>

#include "tui/list_impl.h"

static size_t
find(const struct list *l, const char *id)
{
	size_t i = 0;

	while (i < l->nmarked && strcmp(l->marked[i], id) != 0)
		i++;
	return i;
}

static void
drop(struct list *l, size_t i)
{
	free(l->marked[i]);
	l->marked[i] = l->marked[--l->nmarked];
}

static int
add(struct list *l, const char *id, struct dd_err *e)
{
	char **v = realloc(l->marked, (l->nmarked + 1) * sizeof(*v));

	if (v == NULL)
		return dd_fail_nomem(e);
	l->marked = v;
	if ((v[l->nmarked] = strdup(id)) == NULL)
		return dd_fail_nomem(e);
	l->nmarked++;
	return 0;
}

bool
list_is_marked(const struct list *l, size_t row)
{
	return find(l, l->source->id(l->rows, row)) < l->nmarked;
}

int
list_mark(struct list *l, struct dd_err *e)
{
	const char *id;
	size_t row, i;

	if (!list_selected(l, &row))
		return 0;
	id = l->source->id(l->rows, row);
	if ((i = find(l, id)) < l->nmarked)
		drop(l, i);
	else if (add(l, id, e) == -1)
		return -1;
	(void)list_command(l, CMD_DOWN);
	return 0;
}

int
list_mark_all(struct list *l, struct dd_err *e)
{
	bool any = false;
	size_t i;

	for (i = 0; i < l->n; i++)
		if (!list_is_marked(l, l->order[i])) {
			any = true;
			if (add(l, l->source->id(l->rows, l->order[i]), e) ==
			    -1)
				return -1;
		}
	if (!any)
		list_unmark(l);
	return 0;
}

void
list_unmark(struct list *l)
{
	while (l->nmarked > 0)
		drop(l, l->nmarked - 1);
	free(l->marked);
	l->marked = NULL;
}

void
list_drop_marks(struct list *l)
{
	size_t i, row, n = l->rows == NULL ? 0 : l->source->count(l->rows);

	for (i = l->nmarked; i-- > 0;) {
		row = 0;
		while (row < n && strcmp(l->source->id(l->rows, row),
		    l->marked[i]) != 0)
			row++;
		if (row == n)
			drop(l, i);
	}
}
