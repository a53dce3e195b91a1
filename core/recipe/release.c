/*
 * Which NetBSD is it?  /etc/release says so in its first line.  Where it is
 * missing, the ELF note .note.netbsd.ident of /sbin/init does:
 * __NetBSD_Version__, MMmmrrpp00 as in sys/sys/param.h.
 */
#include <ctype.h>
#include <stdio.h>
#include <string.h>

#include "core/base/bytes.h"
#include "core/recipe/release.h"

#define RELEASE_MAX	65536		/* bytes of /etc/release */
#define NOTE_SEARCH	65536		/* the note lies near the start */
#define NOTE_SIZE	24		/* three words, name, version */

static unsigned
number(const char **p, const char *end)
{
	unsigned n = 0;

	while (*p < end && isdigit((unsigned char)**p) && n < 1000)
		n = n * 10 + (unsigned)(*(*p)++ - '0');
	return n;
}

int
release_parse(const char *text, size_t len, struct release *r)
{
	static const char prefix[] = "NetBSD ";
	const char *p = text, *end = text + len, *word;

	if (len < sizeof(prefix) || memcmp(p, prefix, sizeof(prefix) - 1) != 0)
		return -1;
	p += sizeof(prefix) - 1;
	word = p;
	if (!isdigit((unsigned char)*p))
		return -1;
	r->major = number(&p, end);
	r->minor = 0;
	if (p + 1 < end && *p == '.' && isdigit((unsigned char)p[1])) {
		p++;
		r->minor = number(&p, end);
	}
	while (p < end && isgraph((unsigned char)*p) && *p != '/')
		p++;
	(void)snprintf(r->name, sizeof(r->name), "NetBSD %.*s",
	    (int)(p - word < 40 ? p - word : 40), word);
	return 0;
}

static bool
from_note(const unsigned char *p, size_t len, struct release *r)
{
	static const unsigned char head[] = { 7, 0, 0, 0, 4, 0, 0, 0,
	    1, 0, 0, 0, 'N', 'e', 't', 'B', 'S', 'D', 0, 0 };
	uint32_t v;
	size_t i;

	for (i = 0; i + NOTE_SIZE <= len; i += 4) {
		if (memcmp(p + i, head, sizeof(head)) != 0)
			continue;
		v = get32le(p + i + sizeof(head));
		r->major = v / 100000000;
		r->minor = v / 1000000 % 100;
		(void)snprintf(r->name, sizeof(r->name), "NetBSD %u.%u",
		    r->major, r->minor);
		return true;
	}
	return false;
}

static bool
from_init(struct tree *t, struct release *r)
{
	unsigned char head[NOTE_SEARCH];
	struct dd_err e = DD_ERR_INIT;
	struct tree_node node;
	struct tree_stat st;
	bool found = false;
	size_t got;

	if (tree_lookup(t, "/sbin/init", true, &node, &st, &e) == -1)
		return false;
	if (st.type == TREE_REG &&
	    t->ops->read(t, node, head, sizeof(head), 0, &got, &e) == 0)
		found = from_note(head, got, r);
	t->ops->put(t, node);
	return found;
}

static int
unknown(struct dd_err *e, const char *what)
{
	(void)dd_fail(e, ERR_RULE, "%s (rule: the release is known)", what);
	return dd_hint(e, "NetBSD %d to %d are known; install a system into "
	    "the image first", RELEASE_FIRST, RELEASE_LAST);
}

int
release_find(struct tree *t, struct release *r, struct dd_err *e)
{
	struct buf text = BUF_INIT;
	char what[128];
	int parsed;

	if (tree_exists(t, "/etc/release")) {
		if (tree_read_file(t, "/etc/release", RELEASE_MAX, &text,
		    e) == -1) {
			buf_dispose(&text);
			return -1;
		}
		parsed = release_parse(text.p, text.len, r);
		buf_dispose(&text);
		if (parsed == -1)
			return unknown(e, "/etc/release: line 1: does not "
			    "name a release of NetBSD");
		r->source = "/etc/release";
	} else if (from_init(t, r))
		r->source = "/sbin/init";
	else
		return unknown(e, "/etc/release is missing, and /sbin/init "
		    "does not tell the release either");
	if (r->major < RELEASE_FIRST || r->major > RELEASE_LAST) {
		(void)snprintf(what, sizeof(what), "%s: line 1: unknown "
		    "release: %s", r->source, r->name);
		return unknown(e, what);
	}
	return 0;
}
