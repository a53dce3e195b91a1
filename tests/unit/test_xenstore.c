/* xenstore by its programs, which this test plays. */
#include "core/base/buf.h"
#include "tests/unit/scratch.h"
#include "tests/unit/t.h"
#include "xen/xen.h"

static struct dd_err e;

static void
program(const char *name, const char *text)
{
	char path[64];

	(void)snprintf(path, sizeof(path), "bin/%s", name);
	(void)scratch_file(path, (off_t)strlen(text), text, strlen(text), 0);
	(void)chmod(scratch(path), 0755);
}

/* What is read where xenstore-read prints that, as printf(1) has it. */
static const char *
reads(const char *printed)
{
	static struct buf b;
	char text[512];

	(void)snprintf(text, sizeof(text), "#!/bin/sh\necho a warning >&2\n"
	    "printf '%%s\\n' '%s'\n", printed);
	program("xenstore-read", text);
	buf_reset(&b);
	T_OK(xen_store_read("a/b", &b, &e));
	return b.p;
}

static void
values_are_read_as_they_are(void)
{
	T_STR(reads("/xen/a b.img"), "/xen/a b.img");
	T_STR(reads(""), "");
	T_STR(reads("/xen/m\\xc3\\xbcll\\\\x\\t\\n\\r.img"),
	    "/xen/m\303\274ll\\x\t\n\r.img");
	T_STR(reads("\\001\\0072"), "\001\0072");
	T_STR(reads("end\\"), "end");
	T_STR(reads("\\x4"), "\x04");
}

static void
what_is_not_there(void)
{
	struct buf b = BUF_INIT;

	program("xenstore-read", "#!/bin/sh\necho no such thing\nexit 1\n");
	T_ERR(xen_store_read("a/b", &b, &e), ERR_NOENT);
	T_EQ(b.len, 0);
	buf_dispose(&b);
}

static void
backslashes_are_written_twice(void)
{
	static const char *const words[] = { "a\\b", "c\\d\\", "e", "f g",
	    NULL };
	static const char *const many[] = { "1", "2", "3", "4", "5", "6", "7",
	    "8", "9", "0", "1", "2", "3", "4", "5", "6", "7", "8", "9", "0",
	    "1", "2", "3", "4", "5", "6", "7", "8", "9", "0", "1", "2",
	    NULL };
	char got[256] = "";
	FILE *f;

	program("xenstore-write", "#!/bin/sh\nprintf '%s|' \"$@\" >\"$SAID\"\n");
	T_OK(xen_store_write(words, &e));
	f = fopen(scratch("said"), "r");
	T(f != NULL && fgets(got, sizeof(got), f) != NULL);
	if (f != NULL)
		(void)fclose(f);
	T_STR(got, "--|a\\b|c\\\\d\\\\|e|f g|");
	T_ERR(xen_store_write(many, &e), ERR_USAGE);
	program("xenstore-write", "#!/bin/sh\necho broken >&2; exit 1\n");
	T_ERR(xen_store_write(words, &e), ERR_IO);
	T(strstr(e.msg, "broken") != NULL);
}

int
main(void)
{
	char path[2048];

	(void)mkdir(scratch("bin"), 0755);
	(void)snprintf(path, sizeof(path), "%s:%s", scratch("bin"),
	    getenv("PATH"));
	(void)setenv("PATH", path, 1);
	(void)setenv("SAID", scratch("said"), 1);
	T_RUN(values_are_read_as_they_are);
	T_RUN(what_is_not_there);
	T_RUN(backslashes_are_written_twice);
	return t_done();
}
