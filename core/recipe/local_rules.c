/* The edits of text files in a domU's own etc and var; see local.h. */
#include <arpa/inet.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "core/recipe/local.h"

/*
 * ttys: the console on, every other terminal off.  The first field names the
 * terminal, the status is a word `on' or `off' behind the getty command,
 * which may be quoted.
 */
static bool
status_word(const struct line *l, const char **word, size_t *len)
{
	const char *end = l->p + l->len, *p = l->p;
	bool quoted = false;

	for (; p < end; p++) {
		if (*p == '"')
			quoted = !quoted;
		if (quoted || p == l->p || (p[-1] != ' ' && p[-1] != '\t'))
			continue;
		for (*len = 0; p + *len < end && p[*len] != ' ' &&
		    p[*len] != '\t'; (*len)++)
			;
		*word = p;
		if ((*len == 2 && memcmp(p, "on", 2) == 0) ||
		    (*len == 3 && memcmp(p, "off", 3) == 0))
			return true;
	}
	return false;
}

static bool
is_on(const struct line *l)
{
	const char *word;
	size_t len;

	return status_word(l, &word, &len) && len == 2;
}

static int
set_status(struct buf *out, const struct line *l, const char *status)
{
	const char *word = l->p + l->len;
	size_t len = 0;

	(void)status_word(l, &word, &len);
	return buf_add(out, l->p, (size_t)(word - l->p)) |
	    buf_str(out, status) |
	    buf_add(out, word + len, (size_t)(l->p + l->len - word) - len) |
	    buf_str(out, "\n");
}

static bool
first_is(const struct line *l, const char *name)
{
	const char *word;
	size_t len = line_word(l, 0, &word);

	return len == strlen(name) && memcmp(word, name, len) == 0;
}

/* constty is the console where there is one (9.0 and later). */
static enum verdict
console_judge(const struct line *l, const void *arg)
{
	(void)arg;
	if (!first_is(l, "console") && !first_is(l, "constty"))
		return LINE_KEEP;
	return is_on(l) ? LINE_DONE : LINE_MATCH;
}

static int
console_edit(struct buf *out, const struct line *l, const void *arg)
{
	(void)arg;
	return set_status(out, l, "on");
}

const struct rule local_ttys_console = {
	.name = "ttys: the console is on",
	.looks_for = "the console",
	.min = 1, .max = 2,
	.judge = console_judge, .edit = console_edit,
};

static enum verdict
others_judge(const struct line *l, const void *arg)
{
	(void)arg;
	return line_starts(l, "tty") && is_on(l) ? LINE_MATCH : LINE_KEEP;
}

static int
others_edit(struct buf *out, const struct line *l, const void *arg)
{
	(void)arg;
	return set_status(out, l, "off");
}

const struct rule local_ttys_others = {
	.name = "ttys: every other terminal is off",
	.looks_for = "a terminal that is on",
	.min = 0, .max = 0,
	.judge = others_judge, .edit = others_edit,
};

/* crontab of root: no daily and weekly checks on every domU at one time. */
static enum verdict
crontab_judge(const struct line *l, const void *arg)
{
	(void)arg;
	if (l->len == 0 || l->p[0] == '#')
		return LINE_KEEP;
	return line_has(l, "/etc/daily") || line_has(l, "/etc/weekly") ?
	    LINE_MATCH : LINE_KEEP;
}

static int
crontab_edit(struct buf *out, const struct line *l, const void *arg)
{
	(void)arg;
	return buf_str(out, "#") | buf_add(out, l->p, l->len) |
	    buf_str(out, "\n");
}

const struct rule local_crontab = {
	.name = "crontab: no daily and weekly checks",
	.looks_for = "/etc/daily or /etc/weekly",
	.min = 0, .max = 0,
	.judge = crontab_judge, .edit = crontab_edit,
};

/* rc.conf: a block of ours at its end. */

#define BLOCK_BEGIN	"# drydock: begin (this block is rewritten)"
#define BLOCK_END	"# drydock: end"

/* Releases that had the thing first. */
#define HAS_POSTFIX	6
#define HAS_RANDOM_FILE	6

/* "192.0.2.7/24" into ifconfig's words: old releases know no prefix length
 * for IPv4. */
static int
put_address(struct buf *out, const char *ip, struct dd_err *e)
{
	const char *slash = strchr(ip, '/');
	char addr[INET6_ADDRSTRLEN], *end;
	unsigned char bytes[16];
	long prefix = -1;
	uint32_t mask;
	bool v6;

	if (slash != NULL && (size_t)(slash - ip) < sizeof(addr)) {
		memcpy(addr, ip, (size_t)(slash - ip));
		addr[slash - ip] = '\0';
		prefix = strtol(slash + 1, &end, 10);
		if (*end != '\0' || slash[1] == '\0')
			prefix = -1;
		v6 = strchr(addr, ':') != NULL;
		if (prefix >= 0 && prefix <= (v6 ? 128 : 32) &&
		    inet_pton(v6 ? AF_INET6 : AF_INET, addr, bytes) == 1) {
			if (v6)
				return buf_printf(out, "ifconfig_xennet0="
				    "\"inet6 %s prefixlen %ld\"\n", addr,
				    prefix);
			mask = prefix == 0 ? 0 : ~(uint32_t)0 << (32 - prefix);
			return buf_printf(out, "ifconfig_xennet0=\"inet %s "
			    "netmask %u.%u.%u.%u\"\n", addr, mask >> 24,
			    mask >> 16 & 255, mask >> 8 & 255, mask & 255);
		}
	}
	(void)dd_fail(e, ERR_USAGE, "not an address with its prefix: %s", ip);
	return dd_hint(e, "write it like 192.0.2.7/24 or 2001:db8::7/64");
}

/* Values end up in a shell script. */
static int
check_plain(const char *what, const char *s, struct dd_err *e)
{
	if (s == NULL || (s[0] != '\0' && strspn(s, "abcdefghijklmnopqrstuvwxyz"
	    "ABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789.:-_%") == strlen(s)))
		return 0;
	(void)dd_fail(e, ERR_USAGE, "not a %s: %s", what, s);
	return dd_hint(e, "letters, digits, dots, colons and hyphens");
}

static int
put_block(const struct prepare_local *p, struct buf *out, struct dd_err *e)
{
	if (check_plain("host name", p->hostname, e) == -1 ||
	    check_plain("gateway", p->gateway, e) == -1)
		return -1;
	(void)buf_str(out, BLOCK_BEGIN "\n"
	    "rc_configured=YES\n"
	    "critical_filesystems_local=\"/local /etc /tmp /var\"\n"
	    "savecore=NO\n"
	    "powerd=NO\n"
	    "wscons=NO\n");
	(void)buf_str(out, p->release.major >= HAS_POSTFIX ? "postfix=NO\n" :
	    "sendmail=NO\n");
	if (p->release.major >= HAS_RANDOM_FILE)
		(void)buf_str(out, "random_file=/local" LOCAL_ENTROPY "\n");
	if (p->hostname != NULL)
		(void)buf_printf(out, "hostname=%s\n", p->hostname);
	if (p->ip != NULL && put_address(out, p->ip, e) == -1)
		return -1;
	if (p->gateway != NULL)
		(void)buf_printf(out, "%s=%s\n", strchr(p->gateway, ':') !=
		    NULL ? "defaultroute6" : "defaultroute", p->gateway);
	return buf_str(out, BLOCK_END "\n");
}

/* What the block that is there says of a variable, or false. */
static bool
said_before(const char *text, size_t len, const char *var, struct buf *value)
{
	struct line l = { .number = 0 };
	bool inside = false;
	size_t at = 0, n = strlen(var);

	while (line_next(text, len, &at, &l)) {
		if (line_is(&l, BLOCK_BEGIN))
			inside = true;
		else if (line_is(&l, BLOCK_END))
			inside = false;
		else if (inside && line_starts(&l, var) && l.p[n] == '=')
			return buf_add(value, l.p, l.len) == 0 &&
			    buf_str(value, "\n") == 0;
	}
	return false;
}

/* What an earlier run was told stays unless it is told otherwise. */
static int
keep_said(const struct prepare_local *p, const char *text, size_t len,
    struct buf *block)
{
	const struct {
		const char	*var;
		bool		 given;
	} vars[] = {
		{ "hostname", p->hostname != NULL },
		{ "ifconfig_xennet0", p->ip != NULL },
		{ "defaultroute", p->gateway != NULL },
		{ "defaultroute6", p->gateway != NULL },
	};
	size_t i, tail = strlen(BLOCK_END "\n");

	block->len -= tail;
	for (i = 0; i < sizeof(vars) / sizeof(vars[0]); i++)
		if (!vars[i].given)
			(void)said_before(text, len, vars[i].var, block);
	return buf_str(block, BLOCK_END "\n");
}

int
local_rc_conf(const struct prepare_local *p, const char *text, size_t len,
    struct buf *out, struct dd_err *e)
{
	struct buf block = BUF_INIT;
	struct line l = { .number = 0 };
	bool inside = false;
	unsigned blocks = 0;
	size_t at = 0;
	int rc = -1;

	if (put_block(p, &block, e) == -1)
		goto out;
	if (keep_said(p, text, len, &block) == -1) {
		(void)dd_fail_nomem(e);
		goto out;
	}
	while (line_next(text, len, &at, &l)) {
		if (line_is(&l, BLOCK_BEGIN)) {
			inside = true;
			if (blocks++ == 0)
				(void)buf_add(out, block.p, block.len);
		} else if (line_is(&l, BLOCK_END))
			inside = false;
		else if (!inside) {
			(void)buf_add(out, l.p, l.len);
			(void)buf_str(out, "\n");
		}
	}
	if (inside || blocks > 1) {
		(void)dd_fail(e, ERR_RULE, "/etc/rc.conf: line %u: the block "
		    "of drydock %s (rule: rc.conf: settings of a domU)",
		    l.number, inside ? "has no end" : "is there twice");
		(void)dd_hint(e, "nothing was changed; mend the block's "
		    "begin and end lines by hand");
		goto out;
	}
	if (blocks == 0)
		(void)buf_add(out, block.p, block.len);
	rc = out->failed || block.failed ? dd_fail_nomem(e) : 0;
out:
	buf_dispose(&block);
	return rc;
}
