/*
 * drydock rekey --in-place: the new parameters reach who uses them, once all of
 * the image is under the new key.  All of this may be done twice.
 */
#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <time.h>

#include "core/base/fsutil.h"
#include "core/cmd/rekey_place.h"

#define OLD_MAX		1000

static void
forget(struct buf *b)
{
	if (b->p != NULL)
		secret_wipe(b->p, b->len);	/* it may hold a key */
	buf_dispose(b);
}

static bool
same(const struct buf *a, const struct buf *b)
{
	return a->len == b->len && (a->len == 0 ||
	    memcmp(a->p, b->p, a->len) == 0);
}

/* A copy of the image may be in a backup, under the old key: its parameters
 * stay, as PATH.old, PATH.old.2, ... */
static int
keep_old(const char *path, const struct buf *text, struct dd_err *e)
{
	char name[REKEY_TEXT + 16];
	struct dd_err why;
	unsigned n;

	for (n = 1; n <= OLD_MAX; n++) {
		struct buf is = BUF_INIT;
		bool there;

		why = (struct dd_err)DD_ERR_INIT;
		(void)snprintf(name, sizeof(name), n == 1 ? "%s.old" :
		    "%s.old.%u", path, n);
		there = fs_read_regular(name, CGD_PARAMS_MAX, &is, NULL,
		    &why) == 0 && same(&is, text);
		forget(&is);
		if (there)
			return 0;
		/* what has that name, and can't be read, stays */
		if (why.sys != ENOENT)
			continue;
		if (fs_create_file(name, text->p, text->len, 0600, e) == 0)
			return 0;
		if (e->code != ERR_EXIST && e->sys != EEXIST)
			return -1;
		dd_err_clear(e);
	}
	return dd_fail(e, ERR_EXIST, "%s.old: there are too many of them",
	    path);
}

/* May be done again. */
static int
replace(const char *path, const struct secret *text, struct dd_err *e)
{
	struct buf was = BUF_INIT, now = BUF_INIT;
	int rc = -1;

	(void)buf_add(&now, text->p, text->len);
	if (now.failed)
		(void)dd_fail_nomem(e);
	else if (fs_read_regular(path, CGD_PARAMS_MAX, &was, NULL, e) == -1) {
		if (e->sys == ENOENT) {
			dd_err_clear(e);
			rc = fs_create_file(path, now.p, now.len, 0600, e);
		}
	} else if (same(&was, &now))
		rc = 0;
	else if (keep_old(path, &was, e) == 0)
		rc = fs_update_file(path, &was, &now, e);
	forget(&was);
	forget(&now);
	return rc;
}

static int
say_plain(struct store *s, const char *path, struct dd_err *e)
{
	const uint32_t n = s->place->name.n;
	struct buf was = BUF_INIT;
	int rc = 0;

	if (fs_read_regular(path, CGD_PARAMS_MAX, &was, NULL, e) == 0)
		rc = keep_old(path, &was, e);
	else if (e->sys == ENOENT)
		dd_err_clear(e);
	else
		rc = -1;
	forget(&was);
	if (rc == -1 || store_link(s, n, "plain", "-", e) == -1 ||
	    store_drop(s, n, "key", e) == -1)
		return -1;
	return store_drop(s, n, "params", e);
}

static int
say_key(struct store *s, const struct secret *was, struct dd_err *e)
{
	const uint32_t n = s->place->name.n;
	char since[24];

	(void)snprintf(since, sizeof(since), "%lld", (long long)time(NULL));
	if (store_drop(s, n, "plain", e) == -1 ||
	    store_link(s, n, "key", since, e) == -1 ||
	    store_reread(s, e) == -1)
		return -1;
	return store_told(s, was, e);
}

int
rekey_place_deliver(struct rekey_place *w, struct dd_err *e)
{
	struct store *s = w->store;

	if (w->dest[0] == '\0')
		return 0;
	if (w->to.params == NULL)
		return s == NULL || s->place == NULL ? 0 :
		    say_plain(s, w->dest, e);
	if (replace(w->dest, &w->to.params->text, e) == -1)
		return -1;
	return s == NULL || s->place == NULL ? 0 : say_key(s,
	    w->from.params != NULL ? &w->from.params->text : NULL, e);
}
