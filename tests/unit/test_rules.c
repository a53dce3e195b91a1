/* Rules and texts of prepare root, on strings. */
#include "core/recipe/release.h"
#include "core/recipe/root_rules.h"
#include "tests/unit/t.h"

static struct dd_err e;

#define RC_TODAY							\
	"export PATH=/sbin\n"						\
	"\n"								\
	"if [ -e ./rc.subr ] ; then\n"					\
	"\t. ./rc.subr # for testing\n"					\
	"else\n"							\
	"\t. /etc/rc.subr\n"						\
	"fi\n"								\
	". /etc/rc.conf\n"

#define RC_2006								\
	"umask 022\n"							\
	". /etc/rc.subr\n"						\
	". /etc/rc.conf\n"

#define HOOK	". /etc/rc.pre-hooks\n"

/* The edited text, or "" with e; a second run must find all done. */
static const char *
edit(const struct rule *rule, unsigned disks, const char *text)
{
	static struct buf out;
	struct buf again = BUF_INIT;

	dd_err_clear(&e);
	buf_reset(&out);
	if (rule_apply(rule, &disks, "/f", text, strlen(text), &out,
	    &e) == -1)
		return "";
	T_OK(rule_apply(rule, &disks, "/f", out.p, out.len, &again, &e));
	T_STR(again.p, out.p);
	buf_dispose(&again);
	return out.p;
}

static const char *
rc(const char *text)
{
	return edit(&root_rc, 0, text);
}

static void
the_hook_in_both_forms_of_rc(void)
{
	T_STR(rc(RC_2006), "umask 022\n" HOOK ". /etc/rc.subr\n"
	    ". /etc/rc.conf\n");
	T_STR(rc(RC_TODAY), "export PATH=/sbin\n\n" HOOK
	    "if [ -e ./rc.subr ] ; then\n\t. ./rc.subr # for testing\nelse\n"
	    "\t. /etc/rc.subr\nfi\n. /etc/rc.conf\n");
	T_STR(rc("#!/bin/sh\n. /etc/rc.subr"), "#!/bin/sh\n" HOOK
	    ". /etc/rc.subr\n");
	/* a mention in a comment is none */
	T_STR(rc("# /etc/rc.pre-hooks, . /etc/rc.subr\n" RC_2006),
	    "# /etc/rc.pre-hooks, . /etc/rc.subr\numask 022\n" HOOK
	    ". /etc/rc.subr\n. /etc/rc.conf\n");
}

static void
rc_that_no_release_has(void)
{
	T_STR(rc("umask 022\n. /etc/rc.conf\n"), "");
	T_EQ(e.code, ERR_RULE);
	T_STR(e.msg, "/f: the place where rc.subr is sourced is not there "
	    "(rule: rc: source rc.pre-hooks)");
	T(e.hint[0] != '\0');
	T_STR(rc(RC_2006 RC_TODAY), "");
	T_STR(e.msg, "/f: line 6: the place where rc.subr is sourced is "
	    "there too often (rule: rc: source rc.pre-hooks)");
	T_STR(rc(HOOK HOOK RC_2006), "");
	T_STR(e.msg, "/f: line 2: what the rule makes is there too often "
	    "(rule: rc: source rc.pre-hooks)");
	T_STR(rc(RC_2006 HOOK), "");
	T_STR(e.msg, "/f: line 4: /etc/rc.pre-hooks is named otherwise than "
	    "by `. /etc/rc.pre-hooks' in front of the place where rc.subr is "
	    "sourced (rule: rc: source rc.pre-hooks)");
	T_STR(rc("[ -f /etc/rc.pre-hooks ] && . /etc/rc.pre-hooks\n" RC_2006),
	    "");
	T_EQ(e.code, ERR_RULE);
	T_STR(rc(""), "");
	T_EQ(e.code, ERR_RULE);
}

#define MAKEDEV_2006							\
	"#\txbd*\tXen virtual disks\n"					\
	"#\tmakedev xbd0 xbd1 xencons\n"				\
	"init)\n"							\
	"\tmakedev std wscons fd0 fd1\n"				\
	"\tmakedev st0 st1 ch0 cd0 vnd0\n"				\
	"\tmakedev iop0 mlx0\n"						\
	"\tmakedev ed0 ed1\n"						\
	"\tmakedev ld0 ld1 ld2 ld3\n"					\
	"\tmakedev xbd0 xbd1 xencons\n"					\
	"\tmakedev local\n"						\
	"\t;;\n"							\
	"floppy)\n"							\
	"\tmakedev std fd0 st0 ld0\n"					\
	"\t;;\n"

static void
makedev_of_2006(void)
{
	T_STR(edit(&root_makedev_2006, 4, MAKEDEV_2006),
	    "#\txbd*\tXen virtual disks\n"
	    "#\tmakedev xbd0 xbd1 xencons\n"
	    "init)\n"
	    "\tmakedev std wscons fd0 fd1\n"
	    "\tmakedev st0 st1 ch0 cd0 vnd0\n"
	    "\tmakedev iop0 mlx0\n"
	    "\tmakedev ed0 ed1\n"
	    "\tmakedev ld0 ld1 ld2 ld3\n"
	    "\tmakedev xbd0 xbd1 xbd2 xbd3 xbd4 xencons\n"
	    "\tmakedev sysmon\n"
	    "\tmakedev clockctl\n"
	    "\tmakedev ipl pf crypto systrace\n"
	    "\tmakedev tun0 tun1 tun2 tun3\n"
	    "\tmakedev tap tap0 tap1 tap2 tap3\n"
	    "\tmakedev kttcp\n"
	    "\tmakedev local\n"
	    "\t;;\n"
	    "floppy)\n"
	    "\tmakedev std fd0 st0 ld0\n"
	    "\t;;\n");
	T_STR(edit(&root_no_hardware, 4, MAKEDEV_2006),
	    "#\txbd*\tXen virtual disks\n"
	    "#\tmakedev xbd0 xbd1 xencons\n"
	    "init)\n"
	    "\tmakedev std wscons fd0 fd1\n"
	    "\tmakedev vnd0\n"
	    "\tmakedev xbd0 xbd1 xencons\n"
	    "\tmakedev local\n"
	    "\t;;\n"
	    "floppy)\n"
	    "\tmakedev std fd0 st0 ld0\n"
	    "\t;;\n");
	/* more disks later: the line grows, the rest stands */
	T_STR(edit(&root_makedev_2006, 6,
	    "\tmakedev xbd0 xbd1 xbd2 xbd3 xbd4 xencons\n"),
	    "\tmakedev xbd0 xbd1 xbd2 xbd3 xbd4 xbd5 xencons\n");
	/* a port without Xen's nodes in init */
	T_STR(edit(&root_makedev_2006, 4, "init)\n\tmakedev st0\n\t;;\n"),
	    "");
	T_STR(e.msg, "/f: `makedev xbd0 xbd1 xencons' is not there (rule: "
	    "MAKEDEV: disks and devices of a domU)");
	T_STR(edit(&root_makedev_2006, 4, "makedev xbd0 xbd1 xencons\n"
	    "makedev xbd0 xbd1 xencons\n"), "");
	T_EQ(e.code, ERR_RULE);
}

static void
makedev_of_today(void)
{
	static const char text[] = "all_md)\n"
	    "\tmakedev ld0 ld1 ld2 ld3\n"
	    "\tmakedev xbd0 xbd1 xbd2 xbd3 xen\n"
	    "\tmakedev usbs\n";

	T_STR(edit(&root_makedev, 4, text), text);
	T_STR(edit(&root_makedev, 6, text), "all_md)\n"
	    "\tmakedev ld0 ld1 ld2 ld3\n"
	    "\tmakedev xbd0 xbd1 xbd2 xbd3 xbd4 xbd5 xen\n"
	    "\tmakedev usbs\n");
	T_STR(edit(&root_makedev, 6, "all_md)\n\tmakedev xbd0 xbd2 xen\n"),
	    "");
	T_EQ(e.code, ERR_RULE);
}

/* One line of very many words: time must not go with their square. */
static void
a_hostile_line(void)
{
	struct buf b = BUF_INIT;
	unsigned i;

	(void)buf_str(&b, "makedev");
	for (i = 0; b.len < 1000000; i++)
		(void)buf_printf(&b, " xbd%u", i);
	T_STR(edit(&root_makedev, 5, b.p), "");
	buf_reset(&b);
	while (b.len < 1000000)
		(void)buf_str(&b, HOOK);
	T_STR(rc(b.p), "");
	buf_dispose(&b);
}

static bool
serves(const char *text)
{
	return root_fstab_serves(text, strlen(text));
}

static void
an_fstab_that_boots_a_shared_root(void)
{
	T(serves(root_fstab));
	T(serves("/dev/xbd0a / ffs ro\n/dev/xbd2a /local ffs rw,log\n"));
	T(serves("/dev/xbd0a / ffs log,ro 0 0\n# x\n\n/dev/xbd2a /local ffs "
	    "rw 0 0\nkernfs /kern kernfs rw\n"));
	T(!serves(""));
	T(!serves("/dev/xbd0a / ffs ro 0 0\n"));
	T(!serves("/dev/xbd0a / ffs ro 1 1\n/dev/xbd2a /local ffs rw 0 0\n"));
	T(!serves("/dev/xbd0a / ffs rw 0 0\n/dev/xbd2a /local ffs rw 0 0\n"));
	T(!serves("/dev/wd0a / ffs ro 0 0\n/dev/xbd2a /local ffs rw 0 0\n"));
	T(!serves("/dev/xbd0a / ffs ro 0 0\n/dev/xbd2a /local ffs rw 0 0\n"
	    "/dev/xbd0a / ffs rw 1 1\n"));
	T(!serves("/dev/xbd0a / ffs ro 0 0\n/dev/xbd2a /local ffs rw 1 2\n"));
	T(!serves("/dev/xbd0a / ffs ro 0 0\n/dev/xbd2a /local\n"));
}

static void
the_hook_is_a_script(void)
{
	struct line l = { .number = 0 };
	FILE *f = popen("/bin/sh -n", "w");
	size_t at = 0;

	T(f != NULL && fputs(root_pre_hooks, f) >= 0 && pclose(f) == 0);
	while (line_next(root_pre_hooks, strlen(root_pre_hooks), &at, &l))
		T(l.len <= 79);
	T(strstr(root_pre_hooks, "\nexec /bin/sh /etc/rc ${1+\"$@\"}\n") !=
	    NULL);
	T(strstr(root_pre_hooks, "/sbin/fsck -p /dev/rxbd2a") != NULL);
	T(strstr(root_pre_hooks, "\nexport rc_pre_hooks_done\n") != NULL);
}

static int
parse(const char *text, struct release *r)
{
	return release_parse(text, strlen(text), r);
}

static void
releases(void)
{
	struct release r;

	T_EQ(parse("NetBSD 9.3/amd64\n\nCopyright\n", &r), 0);
	T(r.major == 9 && r.minor == 3);
	T_STR(r.name, "NetBSD 9.3");
	T_EQ(parse("NetBSD 4.0_STABLE/i386\n", &r), 0);
	T(r.major == 4 && r.minor == 0);
	T_STR(r.name, "NetBSD 4.0_STABLE");
	T_EQ(parse("NetBSD 10.99.12/amd64", &r), 0);
	T(r.major == 10 && r.minor == 99);
	T_EQ(parse("NetBSD current\n", &r), -1);
	T_EQ(parse("FreeBSD 14.0\n", &r), -1);
	T_EQ(parse("NetBSD ", &r), -1);
	T_EQ(parse("", &r), -1);
}

int
main(void)
{
	T_RUN(the_hook_in_both_forms_of_rc);
	T_RUN(rc_that_no_release_has);
	T_RUN(makedev_of_2006);
	T_RUN(makedev_of_today);
	T_RUN(a_hostile_line);
	T_RUN(an_fstab_that_boots_a_shared_root);
	T_RUN(the_hook_is_a_script);
	T_RUN(releases);
	return t_done();
}
