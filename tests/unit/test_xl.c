/* What is said of an xl that failed; the test plays xl. */
#include "tests/unit/scratch.h"
#include "tests/unit/t.h"
#include "xen/xen.h"

static struct dd_err e;

/* What is said where xl prints that and fails. */
static const char *
said(const char *printed)
{
	static struct dd_err kept;
	char text[2048];

	(void)snprintf(text, sizeof(text), "#!/bin/sh\ncat <<'END' >&2\n%sEND\n"
	    "exit 3\n", printed);
	(void)scratch_file("bin/xl", (off_t)strlen(text), text, strlen(text),
	    0);
	(void)chmod(scratch("bin/xl"), 0755);
	T_ERR(xen_start("a.cfg", NULL, 30, &e), ERR_IO);
	kept = e;
	return kept.msg;
}

#define FROM	"libxl: error: libxl_"
#define AFTER	\
	FROM "create.c:1672:domcreate_launch_dm: Domain 2:unable to add disk devices\n" \
	FROM "domain.c:1064:domain_destroy_cb: Domain 2:Destruction of domain failed\n"

static void
a_script_has_the_word(void)
{
	T_STR(said("Parsing config from a.cfg\n"
	    FROM "exec.c:117:libxl_report_child_exitstatus: /etc/xen/scripts/block-drydock add [37] exited with error status 1\n"
	    FROM "device.c:1337:device_hotplug_child_death_cb: script: /x/pkg.img: is locked\n"
	    AFTER), "xl create: /x/pkg.img: is locked");
}

static void
else_what_came_first(void)
{
	T_STR(said("Parsing config from a.cfg\n" AFTER),
	    "xl create: " FROM "create.c:1672:domcreate_launch_dm: Domain 2:unable to add disk devices");
	T_STR(said(FROM "x.c:1:f: it\n"), "xl create: " FROM "x.c:1:f: it");
}

static void
else_what_came_last(void)
{
	T_STR(said("Parsing config from a.cfg\nFailed to parse config\n\n"),
	    "xl create: Failed to parse config");
	T_STR(said("no\n"), "xl create: no");
	T_STR(said(""), "xl create: it said nothing");
}

int
main(void)
{
	char path[2048];

	(void)mkdir(scratch("bin"), 0755);
	(void)snprintf(path, sizeof(path), "%s:%s", scratch("bin"),
	    getenv("PATH"));
	(void)setenv("PATH", path, 1);
	T_RUN(a_script_has_the_word);
	T_RUN(else_what_came_first);
	T_RUN(else_what_came_last);
	return t_done();
}
