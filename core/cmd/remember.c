/* New passphrases; see remember.h. */
#include <string.h>

#include "core/cmd/remember.h"

static int
copy(const struct secret *from, struct secret *to, struct dd_err *e)
{
	if (secret_alloc(to, from->len, e) == -1)
		return -1;
	memcpy(to->p, from->p, from->len);
	return 0;
}

static int
answer_again(struct remembering *r, struct secret *pass, struct dd_err *e)
{
	const struct secret *s;

	if (r->n == 0)
		return dd_fail(e, ERR_PERM, "the new parameters ask for what "
		    "was not asked");
	/* re-enter: again from the first */
	s = &r->said[r->at++ % r->n];
	return copy(s, pass, e);
}

static int
check(const struct secret *pass, struct dd_err *e)
{
	if (pass->len == 0) {
		(void)dd_fail(e, ERR_USAGE, "the new passphrase is empty");
		return dd_hint(e, "all stays as it is; with --passphrase-fd "
		    "the old one comes first, then the new one, a line each");
	}
	if (pass->p[pass->len - 1] == '\r') {
		(void)dd_fail(e, ERR_USAGE, "the new passphrase ends in a "
		    "carriage return");
		return dd_hint(e, "nobody could type it");
	}
	return 0;
}

static int
ask(struct cgd_asker *a, const char *prompt, struct secret *pass,
    struct dd_err *e)
{
	struct remembering *r = (struct remembering *)a;

	if (r->real == NULL)
		return answer_again(r, pass, e);
	if (r->real->passphrase(r->real, prompt, pass, e) == -1)
		return -1;
	if (check(pass, e) == -1) {
		secret_free(pass);
		return -1;
	}
	if (r->n == CGD_KEYGENS_MAX)
		return 0;
	return copy(pass, &r->said[r->n++], e);
}

static int
give_key(struct cgd_asker *a, size_t len, struct secret *key,
    struct dd_err *e)
{
	struct remembering *r = (struct remembering *)a;

	if (r->real == NULL)
		return copy(&r->key, key, e);
	if (r->real->key(r->real, len, key, e) == -1)
		return -1;
	secret_free(&r->key);
	return copy(key, &r->key, e);
}

static int
may_run(struct cgd_asker *a, const char *cmd, struct dd_err *e)
{
	struct cgd_asker *real = ((struct remembering *)a)->real;

	/* it was allowed before */
	return real == NULL || real->may_run == NULL ? 0 :
	    real->may_run(real, cmd, e);
}

void
remember_init(struct remembering *r, struct cgd_asker *real)
{
	*r = (struct remembering){ .asker = { .passphrase = ask,
	    .may_run = may_run, .limit = real->limit, .key = real->key !=
	    NULL ? give_key : NULL }, .real = real };
}

void
remember_replay(struct remembering *r)
{
	r->real = NULL;
	r->at = 0;
}

void
remember_dispose(struct remembering *r)
{
	unsigned i;

	for (i = 0; i < r->n; i++)
		secret_free(&r->said[i]);
	secret_free(&r->key);
	r->n = 0;
}
