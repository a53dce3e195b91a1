/* The image browser: what it shows of what drydock ls and cat say, what it runs,
 * and that it can be left. */
#include <time.h>
#include <unistd.h>

#include "tests/unit/tui_play.h"

#define LIST_HEAD "{\n\"image\": \"/xen/root.img\",\n\"path\": \"/\",\n"	\
	"\"entries\": [\n"

/* An entry as ls --json has it. */
#define ENTRY(name, type, mode, size, more)				\
	"{ \"name\": \"" name "\", \"type\": \"" type "\", \"mode\": \"" \
	mode "\", \"inode\": 7, \"links\": 1, \"uid\": 0, \"gid\": 20, "\
	"\"size\": " size ", \"mtime\": \"1795867200.000000000\"" more " }"

static const char top[] = LIST_HEAD
	ENTRY("etc", "directory", "0755", "512", "") ",\n"
	ENTRY("netbsd", "file", "0755", "9437184", "") ",\n"
	ENTRY("bin", "directory", "1777", "512", "") ",\n"
	ENTRY("null", "character device", "0666", "0", "") ",\n"
	ENTRY("su", "file", "4555", "40960", "") ",\n"
	ENTRY("tmp", "symlink", "0777", "9", ", \"target\": \"/local/tmp\"")
	",\n" ENTRY("evil\\\\033[31m", "file", "0644", "3",
	", \"name_hex\": \"6576696c1b5b33316d\"") ",\n"
	ENTRY("j\xc3\xb6rg", "file", "0600", "12", "") "\n]\n}\n";

static void
open_browser(struct app *app)
{
	open_app(app);
	press(app, "Enter f");
}

static void
list_screens(void)
{
	struct app app;

	open_browser(&app);
	T_STR(child->command, "drydock --config '/etc/my dock.conf' ls -a "
	    "--json -m 20000 /xen/root.img:/");
	T(!child->changes);
	T(shows(&app, "reading /"));
	end(&app, 0, top, "");
	golden_sizes(&app, "browser");
	press(&app, "/");
	type(&app, "ET");
	T(shows(&app, "netbsd"));
	T(!shows(&app, "null"));
	press(&app, "Enter Esc");
	T(shows(&app, "null"));
	press(&app, "s S");
	golden_at(&app, "browser-sorted", 80, 24);
	app_dispose(&app);
}

/* In, and out to the directory that one came from. */
static void
directories(void)
{
	struct app app;

	open_browser(&app);
	end(&app, 0, top, "");
	press(&app, "Down Enter");
	T_STR(child->command, "drydock --config '/etc/my dock.conf' ls -a "
	    "--json -m 20000 /xen/root.img:/etc");
	/* what was there stays until the new is */
	T(shows(&app, "netbsd"));
	T(shows(&app, "reading /etc"));
	end(&app, 0, LIST_HEAD ENTRY("rc.d", "directory", "0755", "512", "")
	    "\n]\n}\n", "");
	T(shows(&app, "db1 > root > /etc"));
	T(!shows(&app, "netbsd"));
	press(&app, "Right");
	T_STR(child->command, "drydock --config '/etc/my dock.conf' ls -a "
	    "--json -m 20000 /xen/root.img:/etc/rc.d");
	end(&app, 0, LIST_HEAD "]\n}\n", "");
	T(shows(&app, "the directory is empty"));
	press(&app, "h");
	end(&app, 0, LIST_HEAD ENTRY("a", "file", "0644", "1", "") ",\n"
	    ENTRY("rc.d", "directory", "0755", "512", "") "\n]\n}\n", "");
	press(&app, "-");
	end(&app, 0, top, "");
	/* etc is selected, and a name that is not what it looks like is
	 * handed on byte by byte */
	press(&app, "/");
	type(&app, "evil");
	press(&app, "Enter Enter");
	T_STR(child->argv[7], "262144");
	T_STR(child->argv[8], "/xen/root.img:/evil\033[31m");
	app_dispose(&app);
}

/* A symlink is followed in the image; it may lead to a file, or nowhere. */
static void
symlinks(void)
{
	struct app app;

	open_browser(&app);
	end(&app, 0, top, "");
	press(&app, "End Enter");
	T_STR(child->command, "drydock --config '/etc/my dock.conf' ls -a "
	    "--json -m 20000 /xen/root.img:/tmp");
	end(&app, 0, LIST_HEAD ENTRY("/tmp", "file", "0644", "5", "")
	    "\n]\n}\n", "");
	T_STR(child->command, "drydock --config '/etc/my dock.conf' cat -m "
	    "262144 /xen/root.img:/tmp");
	end(&app, 0, "five\n", "");
	T(shows(&app, "five"));
	press(&app, "q Enter");
	end(&app, 0, LIST_HEAD ENTRY("/tmp", "fifo", "0644", "0", "")
	    "\n]\n}\n", "");
	T(shows(&app, "no file and no directory"));
	T(shows(&app, "netbsd"));
	press(&app, "Up Up Enter");		/* a device */
	T(shows(&app, "null is no file and no directory"));
	app_dispose(&app);
}

/* The selection follows the way that one came. */
static void
up_selects(void)
{
	struct app app;

	open_browser(&app);
	end(&app, 0, top, "");
	press(&app, "Down Enter");
	end(&app, 0, LIST_HEAD "]\n}\n", "");
	press(&app, "BS");
	end(&app, 0, top, "");
	press(&app, "Enter");
	T_STR(child->command, "drydock --config '/etc/my dock.conf' ls -a "
	    "--json -m 20000 /xen/root.img:/etc");
	app_dispose(&app);
}

static void
text_file(void)
{
	struct app app;

	open_browser(&app);
	end(&app, 0, top, "");
	press(&app, "/");
	type(&app, "rg");
	press(&app, "Enter Enter");
	T_STR(child->command, "drydock --config '/etc/my dock.conf' cat -m "
	    "262144 '/xen/root.img:/j\xc3\xb6rg'");
	T(shows(&app, "reading j"));
	end(&app, 0, "one\n\ttwo\n\033[2Jthree \033]0;title\007\nj\xc3\xb6rg\n",
	    "");
	golden_sizes(&app, "file");
	press(&app, "/");
	type(&app, "TWO");
	press(&app, "Enter x");
	T(shows(&app, "00000000  6f 6e 65 0a"));
	press(&app, "q");
	T(shows(&app, "CHANGED"));
	app_dispose(&app);
}

static void
binary_file(void)
{
	static const char elf[] = "\177ELF\2\1\1\0\0\0\0\0\0\0\0\0ab\xff\n";
	struct app app;

	open_browser(&app);
	end(&app, 0, top, "");
	press(&app, "/");
	type(&app, "netbsd");
	press(&app, "Enter Enter");
	(void)buf_add(&child->out, elf, sizeof(elf) - 1);
	end(&app, 0, "", "");
	golden_sizes(&app, "file-bytes");
	app_dispose(&app);
}

/* What takes long can be left, and is stopped then. */
static void
leaving(void)
{
	struct app app;
	struct action *a;

	open_browser(&app);
	a = action_ref(child);
	press(&app, "Esc");
	T(shows(&app, "─ db1 ──"));
	T(a->stopping);
	action_unref(a);

	press(&app, "f");
	end(&app, 0, top, "");
	press(&app, "Down Enter");
	a = action_ref(child);
	press(&app, "Esc");
	T(a->stopping);
	T(shows(&app, "netbsd"));
	T(shows(&app, "not waited for any longer"));
	action_unref(a);

	press(&app, "End Up Enter");
	a = action_ref(child);
	T(shows(&app, "Esc ends the waiting"));
	press(&app, "Esc");
	T(a->stopping);
	T(shows(&app, "netbsd"));
	action_unref(a);
	app_dispose(&app);
}

static void
failures(void)
{
	struct app app;

	open_browser(&app);
	tell(&app, "{\"event\":\"result\",\"status\":1,\"code\":\"format\","
	    "\"message\":\"/xen/root.img: no FFS here\",\"hint\":\"'drydock "
	    "disk' says what the image holds\"}");
	end(&app, 1 << 8, "", "");
	golden_at(&app, "browser-failed", 80, 24);
	press(&app, "Enter");
	T(shows(&app, "no file is selected"));
	press(&app, "r");
	end(&app, 0, top, "");
	/* a directory that is good only in part shows that part */
	press(&app, "Enter");
	tell(&app, "{\"event\":\"result\",\"status\":1,\"code\":\"corrupt\","
	    "\"message\":\"inode 7: nonsense\",\"hint\":\"\"}");
	end(&app, 1 << 8, LIST_HEAD ENTRY("first", "file", "0644", "1", "")
	    ",\n{ \"name\": \"cut", "");
	T(shows(&app, "inode 7: nonsense"));
	T(shows(&app, "first"));
	/* one that can't be read at all leaves what there was */
	press(&app, "-");
	end(&app, 1 << 8, "", "");
	T(shows(&app, "the image could not be read"));
	T(shows(&app, "first"));
	app_dispose(&app);
}

/* Nonsense where JSON should be, and one that never ends. */
static void
hostile_output(void)
{
	struct buf b = BUF_INIT;
	struct app app;
	int i;

	open_browser(&app);
	end(&app, 0, "[[[[\n{}\n{ \"name\": 7 }\n{ \"name\": \"\" },\n"
	    "{ \"name\": \"x\", \"name_hex\": \"zz\" }\n{ \"name\": \"\\u0000"
	    "\" }\n{ \"name\": \"ok\", \"type\": 3, \"mode\": [], \"size\": "
	    "-5, \"mtime\": {} }\n", "");
	T(shows(&app, "ok"));
	T(shows(&app, "?---------"));
	press(&app, "r");
	for (i = 0; i < 200000; i++)
		(void)buf_str(&b, "{");
	end(&app, 0, b.p, "");
	T(shows(&app, "the directory is empty"));
	buf_dispose(&b);
	app_dispose(&app);
}

/* A directory that is long to go through is so beside the keys. */
static void
large_directory(void)
{
	struct buf b = BUF_INIT;
	struct app app;
	int i;

	(void)buf_str(&b, LIST_HEAD);
	for (i = 0; i < 3000; i++)
		(void)buf_printf(&b, "%s{ \"name\": \"file%d\", \"type\": "
		    "\"file\", \"mode\": \"0644\", \"uid\": 0, \"gid\": 0, "
		    "\"size\": 1, \"mtime\": \"1795867200.000000000\" }",
		    i > 0 ? ",\n" : "", i);
	(void)buf_str(&b, "\n]\n}\n");
	open_browser(&app);
	end(&app, 0, b.p, "");
	T(shows(&app, "reading /"));
	T(app.looks != NULL);
	look(&app);
	T(shows(&app, "file0"));
	T(shows(&app, "1/3000"));
	/* left in the middle of it */
	press(&app, "r");
	end(&app, 0, b.p, "");
	press(&app, "Esc");
	T(shows(&app, "not waited for any longer"));
	press(&app, "q");
	look(&app);
	T(shows(&app, "xbd0  root"));
	buf_dispose(&b);
	app_dispose(&app);
}

/* Of what a child says only so much is kept. */
static void
said_too_much(void)
{
	struct app app;

	open_browser(&app);
	child->cut = true;
	end(&app, 0, top, "");
	T(shows(&app, "Only the first 8 names are shown."));
	press(&app, "r");
	end(&app, 0, top, "");
	T(!shows(&app, "Only the first"));
	app_dispose(&app);
}

static void
copy_out(void)
{
	struct app app;

	open_browser(&app);
	end(&app, 0, top, "");
	press(&app, "c");
	T(shows(&app, "copy to /"));
	/* what was selected then is meant, whatever is pressed */
	press(&app, "^U Down");
	type(&app, "-dir");
	press(&app, "Enter");
	T_STR(child->command, "drydock --config '/etc/my dock.conf' cp -r -n "
	    "/xen/root.img:/bin ./-dir");
	T(shows(&app, "looking what the copy would replace"));
	end(&app, 0, "added    /a/bin\n", "");
	T_STR(child->command, "drydock --config '/etc/my dock.conf' cp -r "
	    "/xen/root.img:/bin ./-dir");
	T(child->changes);
	T(shows(&app, "copy to ./-dir"));
	end(&app, 0, "", "");
	press(&app, "Enter");
	T(shows(&app, "netbsd"));
	app_dispose(&app);
}

static void
copy_that_replaces(void)
{
	struct action *dry;
	struct app app;

	open_browser(&app);
	end(&app, 0, top, "");
	press(&app, "End Up Up c ^U");
	type(&app, "/tmp/x");
	press(&app, "Enter");
	T_STR(child->command, "drydock --config '/etc/my dock.conf' cp -n "
	    "/xen/root.img:/null /tmp/x");
	end(&app, 0, "changed  /tmp/x\n", "");
	dry = child;
	golden_sizes(&app, "browser-copy");
	press(&app, "Enter");		/* Cancel */
	T(child == dry);
	T(shows(&app, "netbsd"));
	T(!shows(&app, "looking what"));
	press(&app, "c ^U");
	type(&app, "/tmp/x");
	press(&app, "Enter");
	end(&app, 0, "changed  /tmp/x\n", "");
	press(&app, "Tab Enter");
	T_STR(child->command, "drydock --config '/etc/my dock.conf' cp "
	    "/xen/root.img:/null /tmp/x");
	end(&app, 0, "", "");
	press(&app, "Enter c ^U");
	type(&app, "/nowhere/x");
	press(&app, "Enter");
	tell(&app, "{\"event\":\"result\",\"status\":1,\"code\":\"noent\","
	    "\"message\":\"/nowhere: no such directory\",\"hint\":\"\"}");
	end(&app, 1 << 8, "", "");
	T(shows(&app, "/nowhere: no such directory"));
	app_dispose(&app);
}

/* Asked for once, handed to each child, wiped when the view is left. */
static void
encrypted(void)
{
	char path[] = "/tmp/drydock-test.XXXXXX";
	static const char params[] = "algorithm aes-xts;\niv-method "
	    "encblkno1;\nkeylength 256;\nverify_method ffs;\nkeygen "
	    "pkcs5_pbkdf2/sha1 {\n\titerations 1000;\n\tsalt "
	    "AAAAgHfJzR9O1xUxwdbBQ3JbJzA=;\n};\n";
	struct dd_err e = DD_ERR_INIT;
	struct fleet *f = fix_fleet();
	struct app app;
	int fd = mkstemp(path);

	T(fd != -1 && write(fd, params, strlen(params)) ==
	    (ssize_t)strlen(params));
	open_app(&app);
	f->domus[0].disks[0].params = strdup(path);
	app_fleet(&app, f, &e);
	press(&app, "Enter f");
	T(child == NULL);
	look(&app);
	golden_sizes(&app, "passphrase");
	press(&app, "Enter");
	T(shows(&app, "nothing was typed"));
	type(&app, "s3cret q");
	app_key(&app, 0xf6);
	app_key(&app, K_BACKSPACE);
	T(shows(&app, "********"));
	T(!shows(&app, "s3cret"));
	golden_at(&app, "passphrase-typed", 40, 12);
	press(&app, "Enter");
	T(child != NULL && strstr(child->command, " --passphrase-fd 4 ") !=
	    NULL && strstr(child->command, "s3cret") == NULL);
	T(child->passphrases.len == 9 && memcmp(child->passphrases.p,
	    "s3cret q\n", 9) == 0);
	end(&app, 0, top, "");
	press(&app, "Enter");
	T(child->passphrases.len == 9);
	end(&app, 0, top, "");
	/* left and come back: it is forgotten */
	press(&app, "q f");
	look(&app);
	T(shows(&app, "The image is encrypted."));
	type(&app, "wrong");
	press(&app, "Enter");
	end(&app, 1 << 8, "", "");
	press(&app, "r");
	T(shows(&app, "The image is encrypted."));
	press(&app, "Esc");
	T(shows(&app, "kernel    /netbsd"));
	app_dispose(&app);
	(void)unlink(path);
	(void)close(fd);
}

int
main(void)
{
	(void)setenv("TZ", "UTC", 1);
	tzset();
	if (!utf8_locale()) {
		printf("# skip no UTF-8 locale\nok 1 - skipped\n");
		return 0;
	}
	T_RUN_BOTH(list_screens);
	T_RUN(directories);
	T_RUN(symlinks);
	T_RUN(up_selects);
	T_RUN_BOTH(text_file);
	T_RUN_BOTH(binary_file);
	T_RUN(leaving);
	T_RUN_BOTH(failures);
	T_RUN(hostile_output);
	T_RUN(large_directory);
	T_RUN(said_too_much);
	T_RUN(copy_out);
	T_RUN_BOTH(copy_that_replaces);
	T_RUN_BOTH(encrypted);
	return t_done();
}
