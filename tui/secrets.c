/* See secrets.h. */
#include <stdlib.h>
#include <string.h>

#include "tui/secrets.h"

struct secrets *
secrets_new(struct dd_err *e)
{
	struct secrets *s = calloc(1, sizeof(*s));

	if (s == NULL) {
		(void)dd_fail_nomem(e);
		return NULL;
	}
	s->refs = 1;
	return s;
}

int
secrets_add(struct secrets *s, const void *line, size_t len,
    struct dd_err *e)
{
	const size_t before = s->lines.p == NULL ? 0 : s->lines.len + 1;
	struct secret all = SECRET_INIT;

	if (secret_alloc(&all, before + len, e) == -1)
		return -1;
	if (before > 0) {
		memcpy(all.p, s->lines.p, s->lines.len);
		all.p[s->lines.len] = '\n';
	}
	memcpy(all.p + before, line, len);
	secret_free(&s->lines);
	s->lines = all;
	return 0;
}

struct secrets *
secrets_ref(struct secrets *s)
{
	if (s != NULL)
		s->refs++;
	return s;
}

void
secrets_unref(struct secrets *s)
{
	if (s == NULL || --s->refs > 0)
		return;
	secret_free(&s->lines);
	free(s);
}
