/* What a new root asks a domU to look at; see merge_etc.h. */
#include <string.h>

#include "core/recipe/etc_walk.h"
#include "core/recipe/merge_etc.h"

struct report {
	int	(*fn)(void *arg, const char *path, struct dd_err *);
	void	*arg;
};

static int
visit(struct etc_walk *w, struct etc_spot s[ETC_TREES], bool *enter,
    struct dd_err *e)
{
	static const int pairs[][2] = { { ETC_OLD, ETC_NEW },
	    { ETC_OLD, ETC_LOCAL }, { ETC_NEW, ETC_LOCAL } };
	const struct report *r = w->arg;
	unsigned how;
	size_t i;

	*enter = etc_is(&s[ETC_OLD], TREE_DIR) ||
	    etc_is(&s[ETC_NEW], TREE_DIR);
	if (strcmp(w->path.p, "/etc/pwd.db") == 0 ||
	    strcmp(w->path.p, "/etc/spwd.db") == 0)
		return 0;
	for (i = 0; i < sizeof(pairs) / sizeof(pairs[0]); i++) {
		int a = pairs[i][0], b = pairs[i][1];

		if (etc_differ(w, a, &s[a], b, &s[b], &how, e) == -1)
			return -1;
		if (how == 0)
			return 0;
	}
	return r->fn(r->arg, w->path.p, e);
}

int
etc_changed(struct tree *old_root, struct tree *new_root, struct tree *local,
    int (*fn)(void *arg, const char *path, struct dd_err *), void *arg,
    struct dd_err *e)
{
	struct report r = { .fn = fn, .arg = arg };
	struct etc_walk w = { .t = { old_root, new_root, local },
	    .visit = visit, .arg = &r };

	return etc_walk(&w, e);
}
