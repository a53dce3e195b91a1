/* The files of themes/, as the build found them. */
#include <string.h>

#include "core/theme/theme_impl.h"

const struct theme_source theme_builtins[] = {
#include "themes.inc"
	{ NULL, NULL }
};

int
theme_builtin_text(const char *name, struct buf *text, struct dd_err *e)
{
	const struct theme_source *b = theme_builtins;

	while (b->name != NULL && strcmp(b->name, name) != 0)
		b++;
	if (b->name == NULL)
		return dd_fail(e, ERR_NOENT, "no theme %s", name);
	return buf_str(text, b->text) == -1 ? dd_fail_nomem(e) : 0;
}

int
theme_builtin(const struct xen_ops *ops, const char *name, struct theme *t,
    struct dd_err *e)
{
	struct buf text = BUF_INIT;
	int rc;

	rc = theme_builtin_text(name, &text, e);
	if (rc == 0)
		rc = theme_parse(ops, &text, name, t, e);
	buf_dispose(&text);
	return rc;
}
