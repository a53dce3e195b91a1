/* The edits of prepare local, on texts. */
#include "core/recipe/local.h"
#include "tests/unit/t.h"

static struct dd_err e;

/* The rule's output; applied again it must stay. */
static const char *
edit(const struct rule *r, const char *text)
{
	static struct buf out, again;

	buf_dispose(&out);
	buf_dispose(&again);
	dd_err_clear(&e);
	if (rule_apply(r, NULL, "file", text, strlen(text), &out, &e) == -1)
		return e.msg;
	if (rule_apply(r, NULL, "file", out.p, out.len, &again, &e) == -1 ||
	    strcmp(out.p, again.p) != 0)
		T_FAIL("%s: not the same the second time: %s", r->name,
		    e.code != ERR_NONE ? e.msg : again.p);
	return out.p;
}

static void
the_console_on_and_all_else_off(void)
{
	static const char old[] =
	    "# name	getty			type	status	comments\n"
	    "console	\"/usr/libexec/getty Pc\"	vt100	on secure\n"
	    "ttyE0	\"/usr/libexec/getty Pc on\"	vt220	off secure\n"
	    "ttyE1	\"/usr/libexec/getty Pc\"	vt220	on secure\n"
	    "tty00	\"/usr/libexec/getty std.9600\"	unknown	on secure local\n"
	    "ttyp0	none	network\n";
	static const char today[] =
	    "console	\"/usr/libexec/getty Pc\"	wsvt25	off secure\n"
	    "constty	\"/usr/libexec/getty Pc\"	wsvt25	on secure\n"
	    "ttyE0	\"/usr/libexec/getty Pc\"	wsvt25	off secure\n";

	T_STR(edit(&local_ttys_console, old), old);
	T_STR(edit(&local_ttys_others, old),
	    "# name	getty			type	status	comments\n"
	    "console	\"/usr/libexec/getty Pc\"	vt100	on secure\n"
	    "ttyE0	\"/usr/libexec/getty Pc on\"	vt220	off secure\n"
	    "ttyE1	\"/usr/libexec/getty Pc\"	vt220	off secure\n"
	    "tty00	\"/usr/libexec/getty std.9600\"	unknown	off secure local\n"
	    "ttyp0	none	network\n");
	/* constty is on, so console may be off */
	T_STR(edit(&local_ttys_console, today), today);
	T_STR(edit(&local_ttys_console,
	    "console \"getty\" vt100 off secure\n"),
	    "console \"getty\" vt100 on secure\n");
	T(strstr(edit(&local_ttys_console, "ttyE0 \"getty\" vt100 on\n"),
	    "is not there") != NULL);
}

static void
no_daily_and_weekly(void)
{
	T_STR(edit(&local_crontab,
	    "SHELL=/bin/sh\n#\n"
	    "15 3 * * *	/bin/sh /etc/daily 2>&1 | tee /var/log/daily.out\n"
	    "30	4 * * 6	/bin/sh /etc/weekly 2>&1\n"
	    "#30 5 1 * *	/bin/sh /etc/monthly\n"
	    "0 * * * *	/usr/bin/newsyslog\n"),
	    "SHELL=/bin/sh\n#\n"
	    "#15 3 * * *	/bin/sh /etc/daily 2>&1 | tee /var/log/daily.out\n"
	    "#30	4 * * 6	/bin/sh /etc/weekly 2>&1\n"
	    "#30 5 1 * *	/bin/sh /etc/monthly\n"
	    "0 * * * *	/usr/bin/newsyslog\n");
}

static const char *
conf(struct prepare_local *p, const char *text)
{
	static struct buf out[4];
	static unsigned n;
	struct buf *b = &out[n++ % 4];

	buf_dispose(b);
	dd_err_clear(&e);
	return local_rc_conf(p, text, strlen(text), b, &e) == 0 ? b->p :
	    e.msg;
}

#define BEGIN	"# drydock: begin (this block is rewritten)\n"
#define END	"# drydock: end\n"
#define COMMON	"rc_configured=YES\n"					\
	"critical_filesystems_local=\"/local /etc /tmp /var\"\n"	\
	"savecore=NO\npowerd=NO\nwscons=NO\n"

static void
the_block_of_rc_conf(void)
{
	struct prepare_local old = { .release = { .major = 3 } };
	struct prepare_local new = { .release = { .major = 10 },
	    .hostname = "web1", .ip = "192.0.2.7/26",
	    .gateway = "192.0.2.1" };
	struct prepare_local plain = { .release = { .major = 10 } };
	const char *first, *second;

	T_STR(conf(&old, "wscons=YES"), "wscons=YES\n" BEGIN COMMON
	    "sendmail=NO\n" END);
	first = conf(&new, "a=1\n");
	T_STR(first, "a=1\n" BEGIN COMMON "postfix=NO\n"
	    "random_file=/local/var/db/entropy-file\n"
	    "hostname=web1\n"
	    "ifconfig_xennet0=\"inet 192.0.2.7 netmask 255.255.255.192\"\n"
	    "defaultroute=192.0.2.1\n" END);
	/* again, and again without being told: the same */
	second = conf(&new, first);
	T_STR(second, first);
	T_STR(conf(&plain, second), first);
	/* what follows the block stays where it is */
	T_STR(conf(&old, BEGIN "junk\n" END "after=1\n"), BEGIN COMMON
	    "sendmail=NO\n" END "after=1\n");
	T(strstr(conf(&old, BEGIN "x=1\n"), "has no end") != NULL);
	T_EQ(e.code, ERR_RULE);
	T(strstr(conf(&old, BEGIN END BEGIN END), "is there twice") != NULL);
}

static void
values_are_checked(void)
{
	static const char *const bad_ip[] = { "192.0.2.7", "192.0.2.7/33",
	    "192.0.2.777/24", "x/24", "192.0.2.7/", "192.0.2.7/2 4",
	    "2001:db8::7/129", "\"; reboot\"/1" };
	struct prepare_local p = { .release = { .major = 9 } };
	size_t i;

	for (i = 0; i < sizeof(bad_ip) / sizeof(bad_ip[0]); i++) {
		p.ip = bad_ip[i];
		(void)conf(&p, "");
		T_EQ(e.code, ERR_USAGE);
	}
	p.ip = "2001:db8::7/64";
	T(strstr(conf(&p, ""), "\"inet6 2001:db8::7 prefixlen 64\"") != NULL);
	p.hostname = "a;reboot";
	(void)conf(&p, "");
	T_EQ(e.code, ERR_USAGE);
	p.hostname = NULL;
	p.gateway = "$(reboot)";
	(void)conf(&p, "");
	T_EQ(e.code, ERR_USAGE);
	p.gateway = "fe80::1%xennet0";
	T(strstr(conf(&p, ""), "defaultroute6=fe80::1%xennet0\n") != NULL);
}

int
main(void)
{
	T_RUN(the_console_on_and_all_else_off);
	T_RUN(no_daily_and_weekly);
	T_RUN(the_block_of_rc_conf);
	T_RUN(values_are_checked);
	return t_done();
}
