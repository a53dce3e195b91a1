/* xl.conf syntax: libxlutil behind its table, our scan beside it, and
 * drydock.conf read through both. */
#include <libxlutil.h>

#include "core/base/nearest.h"
#include "core/fleet/config.h"
#include "core/fleet/scan.h"
#include "tests/unit/scratch.h"
#include "tests/unit/t.h"
#include "xen/xen.h"

static struct dd_err e;

static int
open_text(const char *text, struct xen_cfg **cfg)
{
	dd_err_clear(&e);
	return xen_ops.cfg_open(text, strlen(text), "a.cfg", cfg, &e);
}

static void
values(void)
{
	struct xen_cfg *cfg = NULL;

	T_OK(open_text("name = \"web1\"\nmemory=0x40; n='a\\\"b'\n"
	    "disk = [ 'one', # two\n \"three\",\n 4 ]\nnest=[['x'],'y']\n"
	    "add = 'a'\nadd += 'b'\nlast=1\nlast=2", &cfg));
	T_STR(xen_ops.cfg_string(cfg, "name"), "web1");
	T_STR(xen_ops.cfg_string(cfg, "memory"), "0x40");
	T_STR(xen_ops.cfg_string(cfg, "n"), "a\"b");
	T_STR(xen_ops.cfg_string(cfg, "add"), "ab");
	T_STR(xen_ops.cfg_string(cfg, "last"), "2");
	T(xen_ops.cfg_string(cfg, "disk") == NULL);
	T(xen_ops.cfg_string(cfg, "none") == NULL);
	T_EQ(xen_ops.cfg_list(cfg, "disk"), 3);
	T_EQ(xen_ops.cfg_list(cfg, "name"), -1);
	T_EQ(xen_ops.cfg_list(cfg, "none"), -1);
	T_STR(xen_ops.cfg_item(cfg, "disk", 1), "three");
	T_STR(xen_ops.cfg_item(cfg, "disk", 2), "4");
	T(xen_ops.cfg_item(cfg, "disk", 3) == NULL);
	T(xen_ops.cfg_item(cfg, "disk", -1) == NULL);
	T(xen_ops.cfg_item(cfg, "nest", 0) == NULL);
	xen_ops.cfg_close(cfg);
	xen_ops.cfg_close(NULL);
}

/* What xl refuses: its words and line, and a hint. */
static void
refused(void)
{
	static const struct {
		const char *text, *says, *hint;
	} cases[] = {
		{ "name = \"a\"\nbuilder = yes\n",
		    "a.cfg:2: config parsing error near `yes'",
		    "write 1 or 0" },
		{ "a = True\n", "a.cfg:1: config parsing error near `True'",
		    "write 1 or 0" },
		{ "name = \"a\"\r\n", "a.cfg:1: ", "DOS line ends" },
		{ "a = 1\n# end", "a.cfg:2: config parsing error near `#'",
		    "newline" },
		{ "a = web\n", "near `web'", "quotes" },
		{ "a = \"C:\\x\"\n", "backslash", "backslash in a string "
		    "twice" },
		{ "a = 1\nb=2 ]\n", "a.cfg:2: ", "xl.cfg(5)" },
		{ "a = [ 1\n", "expecting ']'", "xl.cfg(5)" },
		{ "a = 1 b = 2\n", "near `b'", NULL },
		{ "a = \"\033[31m\n", "\\033[31m", NULL },
	};
	struct xen_cfg *cfg;
	size_t i;

	for (i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		T_ERR(open_text(cases[i].text, &cfg), ERR_CONFIG);
		if (strstr(e.msg, cases[i].says) == NULL)
			T_FAIL("%s: no %s", e.msg, cases[i].says);
		if (e.hint[0] == '\0' || (cases[i].hint != NULL &&
		    strstr(e.hint, cases[i].hint) == NULL))
			T_FAIL("%s: hint %s", e.msg, e.hint);
	}
	dd_err_clear(&e);
	T_ERR(xen_ops.cfg_open("a=\"x\0y\"\n", 8, "a.cfg", &cfg, &e),
	    ERR_CONFIG);
	T(strstr(e.msg, "NUL") != NULL);
}

static void
deep_nesting(void)
{
	static char text[200001];
	struct xen_cfg *cfg;

	memcpy(text, "a=", 2);
	memset(text + 2, '[', sizeof(text) - 3);
	T_ERR(open_text(text, &cfg), ERR_CONFIG);
}

static void
disks(void)
{
	static const struct {
		const char *spec, *vdev, *target, *format, *script;
		bool readwrite, cdrom;
	} cases[] = {
		{ "/a.img,raw,xvda,w", "xvda", "/a.img", "raw", NULL, true,
		    false },
		{ "/a.img,raw,xvda,r", "xvda", "/a.img", "raw", NULL, false,
		    false },
		{ "/a.img, raw, 0x1, rw", "0x1", "/a.img", "raw", NULL, true,
		    false },
		{ "/a.img,,hda", "hda", "/a.img", "raw", NULL, true, false },
		{ "file:/a.img,hda,ro", "hda", "/a.img", "raw", NULL, false,
		    false },
		{ "phy:/dev/vg/a,xvdb,w", "xvdb", "/dev/vg/a", "raw", NULL,
		    true, false },
		{ "tap:aio:/a.img,xvda,w", "xvda", "/a.img", "raw", NULL,
		    true, false },
		{ "iscsi:iqn.x,xvda,w", "xvda", "iqn.x", "raw",
		    "block-iscsi", true, false },
		{ "vdev=xvda,format=qcow2,access=ro,target=/a,b:c.img",
		    "xvda", "/a,b:c.img", "qcow2", NULL, false, false },
		{ "script=block-x,vdev=xvda,target=thing", "xvda", "thing",
		    "raw", "block-x", true, false },
		{ "/c.iso,raw,hdc,devtype=cdrom", "hdc", "/c.iso", "raw",
		    NULL, false, true },
		{ ",,hdc:cdrom,r", "hdc", NULL, "empty", NULL, false, true },
		{ "cdrom,vdev=hdd", "hdd", NULL, "empty", NULL, false,
		    true },
	};
	struct xen_disk d;
	size_t i;

	for (i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		T_OK(xen_ops.disk_parse(cases[i].spec, &d, &e));
		if (e.code != ERR_NONE)
			continue;
		T_STR(d.spec, cases[i].spec);
		T_STR(d.vdev, cases[i].vdev);
		T_STR(d.format, cases[i].format);
		if (cases[i].target != NULL)
			T_STR(d.target, cases[i].target);
		else
			T(d.target == NULL);
		if (cases[i].script != NULL)
			T_STR(d.script, cases[i].script);
		else
			T(d.script == NULL);
		T_EQ(d.readwrite, cases[i].readwrite);
		T_EQ(d.cdrom, cases[i].cdrom);
		xen_ops.disk_dispose(&d);
		xen_ops.disk_dispose(&d);
	}
}

static void
disks_refused(void)
{
	static const struct {
		const char *spec, *says, *hint;
	} cases[] = {
		{ "vnd:/a.img,xvda,w", "unknown deprecated disk prefix: near "
		    "`vnd:'", "without a prefix" },
		{ "cgd:/a.img,xvda,w", "`cgd:'", "without a prefix" },
		{ "/a.img,zap,xvda,w", "unknown value for format: near "
		    "`zap' in `/a.img,zap,xvda,w'", "raw,xvda,w" },
		{ "/a.img,raw,xvda,x", "unknown value for access",
		    "read-only" },
		{ "/a.img", "no vdev specified", "raw,xvda,w" },
		{ "target=/a.img,vdev=xvda", "no vdev", "vdev=xvda" },
		{ "vdev=,target=/a.img", "no vdev", "vdev=xvda" },
		{ "/a.img,raw,xvda,w,more", "too many positional",
		    "raw,xvda,w" },
		{ "=\n", "line break", "raw,xvda,w" },
		{ "vdev=xvda", "no target", "target=/path" },
		{ "", "no vdev", "raw,xvda,w" },
	};
	struct xen_disk d;
	size_t i;

	for (i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		T_ERR(xen_ops.disk_parse(cases[i].spec, &d, &e), ERR_CONFIG);
		if (strstr(e.msg, cases[i].says) == NULL ||
		    strstr(e.hint, cases[i].hint) == NULL)
			T_FAIL("%s: %s; %s", cases[i].spec, e.msg, e.hint);
	}
}

static void
scanning(void)
{
	static const char text[] =
	    "# comment = 1\n"
	    "name = \"a # b = c\" ; memory=1\n"
	    "disk = [ 'x=1', # y = 2\n"
	    "\t'key = \\' [', [ \"]\" ],\n"
	    "]\n"
	    "a.b_2+=1 # z=1\n"
	    "disk = []\n"
	    "disk += []\n"
	    "last='v'";
	static const struct {
		const char	*name;
		unsigned	 line;
		bool		 add;
	} want[] = {
		{ "name", 2, false },
		{ "memory", 2, false },
		{ "disk", 3, false },
		{ "a.b_2", 6, true },
		{ "disk", 7, false },
		{ "disk", 8, true },
		{ "last", 9, false },
	};
	const size_t n = sizeof(want) / sizeof(want[0]);
	const struct scan_key *dup, *first = NULL;
	struct scan s = SCAN_INIT;
	size_t i, at = 0;

	T_OK(scan_text(text, strlen(text), &s, &e));
	T_EQ(s.n, n);
	for (i = 0; i < n && i < s.n; i++) {
		T_STR(s.v[i].name, want[i].name);
		T_EQ(s.v[i].line, want[i].line);
		T_EQ(s.v[i].add, want[i].add);
	}
	T(scan_find(&s, "none") == NULL);
	dup = scan_duplicate(&s, &at, &first);
	T(dup == &s.v[4] && first == &s.v[2]);
	T(scan_duplicate(&s, &at, &first) == NULL);
	scan_dispose(&s);
}

static void
scan_limit(void)
{
	struct scan s = SCAN_INIT;
	char *text = malloc(4 * (SCAN_MAX + 2));
	size_t n = 0;

	while (n < 4 * (SCAN_MAX + 1)) {
		memcpy(text + n, "a=1\n", 4);
		n += 4;
	}
	T_ERR(scan_text(text, n, &s, &e), ERR_CONFIG);
	T_OK(scan_text(text, n - 4, &s, &e));
	T_EQ(s.n, SCAN_MAX);
	scan_dispose(&s);
	free(text);
}

/*
 * The two parsers held against each other on texts made of these pieces: where
 * libxlutil takes the text, it knows exactly the keys of the scan, and
 * has them on the same lines.
 */
static const char *const pool[] = { "a", "bb", "c.d", "e_1", "f2f", NULL };
static const char *const pieces[] = { "a", "bb", "c.d", "e_1", "f2f", " = ",
	"=", "+=", " += ", "=", "\n", "\n", "\n", ";", " ; ", "1", "0x2f",
	"\"s\"", "'t'", "\"# a = 1\"", "'\\'bb='", "\"\\\\\"", "\"; c.d=[\"",
	"[", "]", "[]", ",", " , ", "[ 1, 'x' ]", "['a=1',\n\"b\"\n]",
	"[ # bb = 2\n'y' ]", "# a = 3\n", "#'\n", "# \"[\n", "\t", " ",
	"= 1\n", "= 'v'\n", "=[ 'w' ]\n" };

/* The line on which libxlutil has the last value of key; 0: it has none. */
static unsigned
line_in_xl(const char *text, const char *key, bool *taken)
{
	char *words = NULL, *colon;
	size_t nwords = 0;
	FILE *report = open_memstream(&words, &nwords);
	XLU_Config *xlu = xlu_cfg_init(report, "t");
	const char *value;
	unsigned line = 0;

	*taken = xlu_cfg_readdata(xlu, text, (int)strlen(text)) == 0;
	/* one of the two has the wrong type in mind, and says where */
	if (*taken) {
		(void)xlu_cfg_get_string(xlu, key, &value, 0);
		(void)xlu_cfg_get_list(xlu, key, NULL, NULL, 0);
		fflush(report);
		if ((colon = strchr(words, ':')) != NULL)
			line = (unsigned)strtoul(colon + 1, NULL, 10);
	}
	xlu_cfg_destroy(xlu);
	fclose(report);
	free(words);
	return line;
}

static void
compare(const char *text, unsigned *ntaken)
{
	struct scan s = SCAN_INIT;
	bool taken = false;
	unsigned line, want;
	size_t i, k;

	T_OK(scan_text(text, strlen(text), &s, &e));
	for (k = 0; pool[k] != NULL; k++) {
		line = line_in_xl(text, pool[k], &taken);
		if (!taken)
			break;
		for (i = 0, want = 0; i < s.n; i++)
			if (strcmp(s.v[i].name, pool[k]) == 0)
				want = s.v[i].line;
		if (line != want)
			T_FAIL("%s: line %u, not %u, in <<%s>>", pool[k],
			    want, line, text);
	}
	for (i = 0; taken && i < s.n; i++) {
		for (k = 0; pool[k] != NULL; k++)
			if (strcmp(s.v[i].name, pool[k]) == 0)
				break;
		/* words joined by chance: still a key of libxlutil's */
		if (pool[k] == NULL && line_in_xl(text, s.v[i].name,
		    &taken) == 0)
			T_FAIL("%s: no key, in <<%s>>", s.v[i].name, text);
	}
	*ntaken += taken;
	scan_dispose(&s);
}

static void
parsers_agree(void)
{
	uint32_t seed = 1;
	unsigned ntaken = 0, i, n;
	char text[512];

	for (i = 0; i < 200000; i++) {
		text[0] = '\0';
		seed = seed * 1664525 + 1013904223;
		for (n = 1 + (seed >> 16) % 9; n > 0; n--) {
			seed = seed * 1664525 + 1013904223;
			strcat(text, pieces[(seed >> 16) %
			    (sizeof(pieces) / sizeof(pieces[0]))]);
			/* mostly statements, else few texts would be taken */
			seed = seed * 1664525 + 1013904223;
			if ((seed >> 16) % 3 == 0) {
				strcat(text, "\n");
				strcat(text, pool[(seed >> 20) % 5]);
				strcat(text, (seed >> 24) % 2 == 0 ?
				    "=" : " += ");
				strcat(text, pieces[15 + (seed >> 26) % 10]);
				strcat(text, "\n");
			}
		}
		compare(text, &ntaken);
	}
	if (ntaken < 5000)
		T_FAIL("only %u of %u texts are good", ntaken, i);
}

/* Write drydock.conf and load it. */
static int
load(const char *text, struct config *c)
{
	dd_err_clear(&e);
	return config_load(&xen_ops, scratch_file("drydock.conf", 0, text,
	    strlen(text), 0), c, &e);
}

/* What is quoted reads back as what it was, whatever bytes it has. */
static void
quoted(void)
{
	struct xen_cfg *cfg = NULL;
	struct buf text = BUF_INIT;
	char all[257] = "a b", *at = all + 3;
	int c;

	for (c = 1; c < 256; c++) {
		char one[] = { (char)c, '\0' };

		buf_reset(&text);
		(void)buf_str(&text, "k = ");
		T_EQ(scan_quote(&text, one), 0);
		T_OK(open_text(text.p, &cfg));
		T_STR(xen_ops.cfg_string(cfg, "k"), one);
		xen_ops.cfg_close(cfg);
		if (c != 'a' && c != 'b' && c != ' ')
			*at++ = (char)c;
	}
	*at = '\0';
	buf_reset(&text);
	(void)buf_str(&text, "k = ");
	T_EQ(scan_quote(&text, all), 0);
	T_OK(open_text(text.p, &cfg));
	T_STR(xen_ops.cfg_string(cfg, "k"), all);
	xen_ops.cfg_close(cfg);
	buf_dispose(&text);
}

static void
config_values(void)
{
	struct config c;

	T_OK(load("config_dirs = [ \"/etc/xen\", \"here\" ]\n"
	    "state_dir = \"st\"\ndriver = \"direct\"\ntheme = \"dark\"\n"
	    "keep = 7\nwatch = \"0\"\nmax_unavailable = 2\n"
	    "refresh = 0\nfull_warning = 70\nfull_error = 80\n", &c));
	T_STR(c.path, scratch("drydock.conf"));
	T_STR(c.config_dirs[0], "/etc/xen");
	T_STR(c.config_dirs[1], scratch("here"));
	T(c.config_dirs[2] == NULL);
	T_STR(c.state_dir, scratch("st"));
	T_STR(c.driver, "direct");
	T_STR(c.theme, "dark");
	T_EQ(c.keep, 7);
	T_EQ(c.watch, 0);
	T_EQ(c.max_unavailable, 2);
	T_EQ(c.refresh, 0);
	T_EQ(c.full_warning, 70);
	T_EQ(c.full_error, 80);
	config_dispose(&c);
	config_dispose(&c);
	T_OK(load("driver = \"kernel\"\ntheme = \"my.theme\"\n", &c));
	T_STR(c.driver, "kernel");
	T_STR(c.theme, scratch("my.theme"));
	config_dispose(&c);
	T_OK(load("", &c));
	T(c.driver == NULL);
	T(c.theme == NULL && c.state_dir != NULL && c.keep > 0);
	T_EQ(c.refresh, 5);
	T_EQ(c.full_warning, 90);
	T_EQ(c.full_error, 97);
	config_dispose(&c);
}

static void
take_line(void *arg, const char *name, const char *value, unsigned line)
{
	(void)buf_printf(arg, "%s %s %u\n", name, value, line);
}

/* Entries of a list know their lines, and each key its own. */
static void
config_lines(void)
{
	struct buf all = BUF_INIT;
	struct config c;

	T_OK(load("\nkeep = 3\n# keys = [ 'no' ]\nkeys = [ 'a=1', # 'not'\n"
	    "\"b='2\", 'c=\\'',\n\n  'd=4' ]\nmouse = 0\n"
	    "bar = 'functions'\n", &c));
	T_EQ(c.keys.n, 4);
	T_STR(c.keys.v[1], "b='2");
	T_STR(c.keys.v[3], "d=4");
	T_EQ(c.keys.lines[0], 4);
	T_EQ(c.keys.lines[1], 5);
	T_EQ(c.keys.lines[2], 5);
	T_EQ(c.keys.lines[3], 7);
	T_EQ(c.mouse, 0);
	T_STR(c.bar, "functions");
	T_EQ(config_line(&c, "keep"), 2);
	T_EQ(config_line(&c, "keys"), 4);
	T_EQ(config_line(&c, "watch"), 0);
	T_EQ(config_line(&c, "none"), 0);
	config_each(&c, take_line, &all);
	T(strstr(all.p, "keep 3 2\n") != NULL);
	T(strstr(all.p, "watch 60 0\n") != NULL);
	T(strstr(all.p, "mouse 0 8\n") != NULL);
	T(strstr(all.p, "bar \"functions\" 9\n") != NULL);
	T(strstr(all.p, "keys [ \"a=1\", ") != NULL);
	buf_dispose(&all);
	config_dispose(&c);
	T_OK(load("keys = [ ]\n", &c));
	T_EQ(c.keys.n, 0);
	T_EQ(c.mouse, 1);
	config_dispose(&c);
}

static void
config_refused(void)
{
	static const struct {
		const char *text, *says, *hint;
	} cases[] = {
		{ "\nconfig_dir = [ 'x' ]\n", "drydock.conf:2: unknown key "
		    "config_dir", "did you mean config_dirs?" },
		{ "zzz = 1\n", "drydock.conf:1: unknown key zzz",
		    "config_dirs, state_dir" },
		{ "keep = 1\nkeep = 2\n", "drydock.conf:2: keep stands in "
		    "line 1 already", "one of the two" },
		{ "keep = 0\n", "drydock.conf:1: keep: 0: ", "" },
		{ "keep = [ 1 ]\n", "drydock.conf:1: keep wants one value",
		    "keep = 5" },
		{ "keep = 'x'\n", "drydock.conf:1: keep: x: ", "" },
		{ "config_dirs = 'x'\n", "drydock.conf:1: config_dirs wants "
		    "a list", "[ \"/etc/xen\" ]" },
		{ "config_dirs = []\n", "names no folder", "" },
		{ "config_dirs = [ [ 'x' ] ]\n", "entry 1 is not", "" },
		{ "keys = 'x'\n", "drydock.conf:1: keys wants a list", "[" },
		{ "keys = [ 'a', [ 'x' ] ]\n", "keys: entry 2 is not a text",
		    "" },
		{ "mouse = 2\n", "drydock.conf:1: mouse: 2: ", "" },
		{ "bar = 'x'\n", "bar can't be \"x\"", "\"functions\"" },
		{ "driver = 'fast'\n", "driver can't be \"fast\"",
		    "\"direct\" or \"kernel\"" },
		{ "state_dir = ''\n", "state_dir is empty", "" },
		{ "keep = yes\n", "drydock.conf:1: ", "1 or 0" },
	};
	struct config c;
	size_t i;

	for (i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		T_ERR(load(cases[i].text, &c), ERR_CONFIG);
		if (strstr(e.msg, cases[i].says) == NULL ||
		    strstr(e.hint, cases[i].hint) == NULL)
			T_FAIL("%s; %s", e.msg, e.hint);
	}
	T_ERR(config_load(&xen_ops, scratch("none.conf"), &c, &e),
	    ERR_NOENT);
	T_ERR(config_load(&xen_ops, "/", &c, &e), ERR_TYPE);
}

static void
nearest_names(void)
{
	static const char *const names[] = { "root", "local", "pkg",
	    "config_dirs", NULL };

	T_STR(nearest("rooot", names), "root");
	T_STR(nearest("lcoal", names), "local");
	T_STR(nearest("config_dir", names), "config_dirs");
	T_STR(nearest("pkgs", names), "pkg");
	T(nearest("swap", names) == NULL);
	T(nearest("", names) == NULL);
}

int
main(void)
{
	T_RUN(values);
	T_RUN(refused);
	T_RUN(deep_nesting);
	T_RUN(disks);
	T_RUN(disks_refused);
	T_RUN(scanning);
	T_RUN(scan_limit);
	T_RUN(parsers_agree);
	T_RUN(quoted);
	T_RUN(config_values);
	T_RUN(config_lines);
	T_RUN(config_refused);
	T_RUN(nearest_names);
	return t_done();
}
