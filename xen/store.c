/*
 * Keys of xenstore, by its programs: libxenstore waits for a daemon that does
 * not answer without end, and a program can be given up.
 */
#include <string.h>

#include "core/base/spawn.h"
#include "xen/xen.h"

#define LIMIT		10	/* seconds */
#define WORDS_MAX	32

/* out: what it prints, on standard error too. */
static int
run(const char *const *argv, struct buf *out, struct dd_err *e)
{
	int status = 0;

	if (spawn_run(argv, LIMIT, out, &status, e) == -1)
		return dd_hint(e, "xenstore's programs come with Xen's "
		    "tools; does xenstored run?");
	while (out->len > 0 && out->p[out->len - 1] == '\n')
		out->p[--out->len] = '\0';
	return status;
}

int
xen_store_read(const char *path, struct buf *value, struct dd_err *e)
{
	const char *const argv[] = { "xenstore-read", "--", path, NULL };
	struct buf out = BUF_INIT;
	int rc = run(argv, &out, e);

	if (rc > 0)
		rc = dd_fail(e, ERR_NOENT, "%s: not in xenstore", path);
	if (rc == 0 && buf_add(value, out.p != NULL ? out.p : "",
	    out.len) == -1)
		rc = dd_fail_nomem(e);
	buf_dispose(&out);
	return rc;
}

/* The program's own transaction makes them one. */
int
xen_store_write(const char *const *words, struct dd_err *e)
{
	const char *argv[WORDS_MAX + 1] = { "xenstore-write", "--" };
	struct buf out = BUF_INIT;
	size_t n;
	int rc;

	for (n = 0; words[n] != NULL; n++) {
		if (n + 3 > WORDS_MAX)
			return dd_fail(e, ERR_USAGE, "xenstore: too much");
		argv[n + 2] = words[n];
	}
	rc = run(argv, &out, e);
	if (rc > 0)
		rc = dd_fail(e, ERR_IO, "%s: xenstore-write: %s", words[0],
		    out.p != NULL ? out.p : "it failed");
	buf_dispose(&out);
	return rc;
}

int
xen_store_remove(const char *path, struct dd_err *e)
{
	const char *const argv[] = { "xenstore-rm", "--", path, NULL };
	struct buf out = BUF_INIT;
	int rc = run(argv, &out, e);

	buf_dispose(&out);
	return rc == -1 ? -1 : 0;	/* none there is fine */
}
