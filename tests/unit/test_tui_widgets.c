/* Canvas, text, list, pager, line editor, completion, children: each alone. */
#include <sys/stat.h>
#include <sys/wait.h>
#include <poll.h>
#include <unistd.h>

#include "tests/unit/tui_help.h"
#include "tui/complete.h"
#include "tui/list.h"
#include "tui/pager.h"

static struct dd_err e;

static char *
dump(const struct canvas *c)
{
	static struct buf b = BUF_INIT;

	buf_reset(&b);
	T(canvas_dump(c, &b) == 0);
	return b.p;
}

static void
canvas_cuts_by_width(void)
{
	struct canvas c;

	T_OK(canvas_init(&c, 4, 8, true, &e));
	T_EQ(canvas_text(&c, 0, 0, 8, STYLE_NORMAL, "12345678"), 8);
	T_EQ(canvas_text(&c, 1, 0, 6, STYLE_NORMAL, "12345678"), 6);
	/* Wide characters are never halved. */
	T_EQ(canvas_text(&c, 2, 0, 6, STYLE_NORMAL, "日本語語"), 5);
	T_EQ(canvas_cut(&c, 3, 0, 6, STYLE_NORMAL, CUT_START, "/a/b/c/d"),
	    6);
	T_STR(dump(&c), "12345678\n12345…\n日本…\n…b/c/d\n");
	/* Writing over one half blanks the other. */
	(void)canvas_text(&c, 2, 1, 1, STYLE_NORMAL, "x");
	(void)canvas_text(&c, 2, 2, 1, STYLE_NORMAL, "y");
	T_STR(dump(&c), "12345678\n12345…\n xy …\n…b/c/d\n");
	canvas_dispose(&c);
}

static void
canvas_lets_nothing_bad_through(void)
{
	struct canvas c;
	size_t i;

	T_OK(canvas_init(&c, 4, 30, true, &e));
	(void)canvas_text(&c, 0, 0, 30, STYLE_NORMAL, "a\x1b[2J\tb\xff\xc3");
	(void)canvas_text(&c, 1, 0, 30, STYLE_NORMAL, "e\xcc\x81\xcc\x81"
	    "\xcc\x81|");
	(void)canvas_text(&c, 2, 0, 30, STYLE_NORMAL, "\xe2\x80\xae" "abc");
	/* Outside of the canvas. */
	(void)canvas_text(&c, 9, 0, 30, STYLE_NORMAL, "no");
	(void)canvas_text(&c, 3, 28, 30, STYLE_NORMAL, "12345");
	canvas_frame(&c, (struct rect){ -5, -5, 100, 100 }, STYLE_FRAME);
	T_STR(dump(&c), "a\\033[2J\\tb\\377\\303\n"
	    "e\xcc\x81\xcc\x81|\n\\342\\200\\256abc\n"
	    "                            12\n");
	for (i = 0; i < 120; i++)
		T(c.cells[i].ch >= ' ' && c.cells[i].ch != 0x7f);
	canvas_dispose(&c);
}

static void
canvas_in_plain_ascii(void)
{
	struct canvas c;

	T_OK(canvas_init(&c, 4, 12, false, &e));
	canvas_frame(&c, (struct rect){ 0, 0, 3, 12 }, STYLE_FRAME);
	(void)canvas_text(&c, 1, 1, 10, STYLE_NORMAL, "j\xc3\xb6rg rot");
	canvas_gauge(&c, 3, 0, 10, STYLE_OK, 995);
	T_STR(dump(&c), "+----------+\n|j\\303\\266~|\n+----------+\n"
	    "#########.\n");
	canvas_gauge(&c, 3, 0, 10, STYLE_OK, 1);
	T_STR(dump(&c) + 39, "#.........\n");
	canvas_dispose(&c);
}

static void
text_wraps_at_words(void)
{
	struct text t = TEXT_INIT(true);
	struct canvas c;

	T_OK(canvas_init(&c, 7, 12, true, &e));
	text_add(&t, STYLE_KEY, "!! ");
	text_wrap(&t, STYLE_NORMAL, 3, 12, "one two three");
	text_wrap(&t, STYLE_NORMAL, 0, 12, "/a/path/too/long/for it");
	text_content(&t, "a\tb\n\nlast", 9, NULL);
	T_EQ(t.nlines, 7);
	for (int i = 0; i < 7; i++)
		text_draw(&t, (size_t)i, &c, i, 0, 12, 0, NULL);
	T_STR(dump(&c), "!! one two\n   three\n/a/path/too/\nlong/for it\n"
	    "a       b\n\nlast\n");
	T(!t.failed);
	canvas_dispose(&c);
	text_dispose(&t);
}

static void
pager_scrolls_and_finds(void)
{
	struct pager p;
	char where[PAGER_WHERE];
	int i;

	pager_init(&p, true);
	for (i = 0; i < 100; i++)
		text_line(&p.text, STYLE_NORMAL, "line %d of a long text", i);
	pager_layout(&p, 10, 12);
	T(pager_command(&p, CMD_PAGE_DOWN));
	pager_where(&p, where);
	T_STR(where, "11-20 of 100");
	T(pager_command(&p, CMD_END));
	T_EQ(p.top, 90);
	T(pager_command(&p, CMD_DOWN));
	T_EQ(p.top, 90);
	T(pager_command(&p, CMD_RIGHT));
	T_EQ(p.left, 8);
	T(pager_command(&p, CMD_HOME));
	T_EQ(p.top + (size_t)p.left, 0);
	(void)snprintf(p.search, sizeof(p.search), "LINE 5");
	T(pager_find(&p, 1, false));
	T_EQ(p.found, 5);
	T(pager_find(&p, 1, true));
	T_EQ(p.found, 50);
	T_EQ(p.top, 50);
	T(pager_find(&p, -1, true));
	T(pager_find(&p, -1, true));
	T_EQ(p.found, 59);
	(void)snprintf(p.search, sizeof(p.search), "nowhere");
	T(!pager_find(&p, 1, true));
	/* Less text, or more room: no empty screen. */
	text_reset(&p.text);
	text_line(&p.text, STYLE_NORMAL, "short");
	pager_layout(&p, 10, 12);
	T_EQ(p.top, 0);
	T(!pager_find(&p, 1, false));
	pager_dispose(&p);
}

/* -- list ---------------------------------------------------------------- */

struct rows {
	const char	*v[16];
	size_t		 n;
};

static size_t
count(const void *rows)
{
	return ((const struct rows *)rows)->n;
}

static const char *
id(const void *rows, size_t row)
{
	return ((const struct rows *)rows)->v[row];
}

static void
cell(const void *rows, size_t row, int column, struct list_cell *c)
{
	(void)snprintf(c->text, sizeof(c->text), "%.*s", column == 0 ? 99 : 1,
	    id(rows, row));
}

static int
compare(const void *rows, size_t a, size_t b, int column)
{
	if (column == 0)
		return strcmp(id(rows, a), id(rows, b));
	return id(rows, a)[0] - id(rows, b)[0];
}

static bool
match(const void *rows, size_t row, const char *filter)
{
	return strstr(id(rows, row), filter) != NULL;
}

static const struct list_column columns[] = {
	{ "NAME", .min = 4 }, { "K", .min = 1, .rank = 1 },
};

static const struct list_source source = { .columns = columns, .ncolumns = 2,
	.count = count, .id = id, .cell = cell, .compare = compare,
	.match = match };

static void
list_sorts_filters_and_keeps_its_place(void)
{
	struct rows r = { { "cat", "ant", "bee", "cow", "bat", "asp" }, 6 };
	struct list l;
	struct canvas c;
	size_t row;

	list_init(&l, &source, true);
	T_OK(list_update(&l, &r, &e));
	T(list_command(&l, CMD_DOWN));
	T(list_command(&l, CMD_DOWN));
	T(list_selected(&l, &row));
	T_STR(r.v[row], "bat");
	/* Stable: within a letter the order by name stays. */
	T_OK(list_sort_next(&l, &e));
	T_OK(list_sort_reverse(&l, &e));
	T_OK(canvas_init(&c, 8, 8, true, &e));
	list_layout(&l, 8);
	list_render(&l, &c, (struct rect){ 0, 0, 8, 8 });
	T_STR(dump(&c), "NAME K↓\ncat  c\ncow  c\nbee  b\nbat  b\nant  a\n"
	    "asp  a\n\n");
	T(list_selected(&l, &row));
	T_STR(r.v[row], "bat");
	T_OK(list_filter(&l, "b", &e));
	T_EQ(l.n, 2);
	T_STR(l.sel_id, "bat");
	T_OK(list_filter(&l, "zzz", &e));
	T(!list_selected(&l, &row));
	T(list_command(&l, CMD_DOWN));
	T(list_command(&l, CMD_PAGE_DOWN));
	T_OK(list_filter(&l, "", &e));
	T(list_selected(&l, &row));
	T_STR(r.v[row], "bat");
	/* The row goes away, then all do. */
	r.v[4] = "bug";
	T_OK(list_update(&l, &r, &e));
	T(list_selected(&l, &row));
	r.n = 0;
	T_OK(list_update(&l, &r, &e));
	T(!list_selected(&l, &row));
	T_OK(list_update(&l, NULL, &e));
	canvas_dispose(&c);
	list_dispose(&l);
}

static void
list_scrolls_with_the_selection(void)
{
	struct rows r = { { "a", "b", "c", "d", "e", "f", "g", "h" }, 8 };
	struct list l;

	list_init(&l, &source, true);
	T_OK(list_update(&l, &r, &e));
	list_layout(&l, 4);
	T(list_command(&l, CMD_END));
	list_layout(&l, 4);
	T_EQ(l.top, 5);
	T(list_command(&l, CMD_PAGE_UP));
	list_layout(&l, 4);
	T_EQ(l.sel, 4);
	T_EQ(l.top, 4);
	list_layout(&l, 20);
	T_EQ(l.top, 0);
	T(!list_command(&l, CMD_QUIT));
	list_dispose(&l);
}

/* -- input --------------------------------------------------------------- */

static void
input_edits_whole_characters(void)
{
	struct input in = { .len = 0 };
	struct canvas c;
	const uint32_t keys[] = { 'a', 0xf6, 'b', K_LEFT, K_LEFT, K_BACKSPACE,
	    'x', K_END, K_BACKSPACE };
	size_t i;

	for (i = 0; i < sizeof(keys) / sizeof(keys[0]); i++)
		T(input_key(&in, keys[i]));
	T_STR(in.text, "x\xc3\xb6");
	T(!input_key(&in, K_UP));
	T(!input_key(&in, K_ENTER));
	T(!input_key(&in, K_ESC));
	input_set(&in, "/xen/web1/root.img");
	T(input_key(&in, K_CTRL('w')));
	T_STR(in.text, "/xen/web1/");
	T(input_key(&in, K_CTRL('w')));
	T_STR(in.text, "/xen/");
	T_OK(canvas_init(&c, 1, 8, true, &e));
	input_set(&in, "0123456789");
	input_render(&in, &c, 0, 0, 8, true);
	T_STR(dump(&c), "…456789\n");
	T_EQ(c.cursor_x, 7);
	T(input_key(&in, K_HOME));
	input_render(&in, &c, 0, 0, 8, true);
	T_EQ(c.cursor_x, 0);
	canvas_dispose(&c);
	/* Full is full. */
	for (i = 0; i < 2 * INPUT_MAX; i++)
		(void)input_key(&in, 'y');
	T_EQ(in.len, INPUT_MAX - 1);
}

static void
completion_of_paths(void)
{
	char dir[] = "/tmp/drydock-test.XXXXXX", path[128];
	static const char *const names[] = { "netbsd-XEN3", "netbsd-XENU",
	    "other" };
	struct buf out = BUF_INIT, all = BUF_INIT;
	size_t i;

	T(mkdtemp(dir) != NULL);
	for (i = 0; i < 3; i++) {
		(void)snprintf(path, sizeof(path), "%s/%s", dir, names[i]);
		T(mkdir(path, 0700) == 0);
	}
	(void)snprintf(path, sizeof(path), "%s/n", dir);
	T_EQ(complete_path(path, &out, &all), 2);
	T_STR(out.p, "etbsd-XEN");
	T(strstr(all.p, "netbsd-XEN3") != NULL);
	buf_reset(&out);
	(void)snprintf(path, sizeof(path), "%s/o", dir);
	T_EQ(complete_path(path, &out, &all), 1);
	T_STR(out.p, "ther/");
	(void)snprintf(path, sizeof(path), "%s/x", dir);
	T_EQ(complete_path(path, &out, &all), 0);
	for (i = 0; i < 3; i++) {
		(void)snprintf(path, sizeof(path), "%s/%s", dir, names[i]);
		(void)rmdir(path);
	}
	(void)rmdir(dir);
	buf_dispose(&out);
	buf_dispose(&all);
}

/* -- children ------------------------------------------------------------ */

/* Run `sh -c script` as an action, to its end. */
static struct action *
run(const char *script)
{
	struct action *a = action_new("sh", NULL, (const char *[]){ NULL },
	    "test");
	struct pollfd fd = { .events = POLLIN };
	size_t i;

	for (i = 1; a->argv[i] != NULL; i++) {
		free(a->argv[i]);
		a->argv[i] = strdup(i == 1 ? "-c" : script);
	}
	T_OK(runner_posix.start(a, &e));
	while (a->running) {
		fd.fd = a->events;
		(void)poll(&fd, 1, a->events == -1 ? 1 : -1);
		(void)runner_read(a);
		(void)runner_reap(a);
	}
	return a;
}

static void
children_are_heard_to_the_end(void)
{
	struct action *a;

	a = run("echo out; echo err >&2; echo "
	    "'{\"event\":\"plan\",\"hash\":\"abc\"}' >&3; exit 5");
	T_EQ(a->status, 5);
	T_STR(a->out.p, "out\n");
	T_STR(a->err.p, "err\n");
	T_STR(a->plan, "abc");
	action_unref(a);
	a = run("kill -9 $$");
	T_EQ(a->status, -1);
	T_STR(a->message, "the command was killed by signal 9");
	action_unref(a);
	/* Output larger than any pipe blocks nobody. */
	a = run("i=0; while [ $i -lt 3000 ]; do echo "
	    "0123456789012345678901234567890123456789012345678901234567890; "
	    "i=$((i + 1)); done");
	T_EQ(a->out.len, 3000 * 62);
	action_unref(a);
	/* In a group of its own: what the terminal sends does not reach it. */
	a = run("ps -o pgid= -p $$; echo $$");
	T_EQ(atoi(a->out.p), atoi(strchr(a->out.p, '\n')));
	action_unref(a);
}

static void
commands_are_shown_as_typed(void)
{
	const char *const args[] = { "cp", "a b", "it's", "", "x=1", NULL };
	struct action *a = action_new("./drydock", "c.conf", args, "t");

	T_STR(a->command, "drydock --config c.conf cp 'a b' 'it'\\''s' '' "
	    "x=1");
	T_STR(a->argv[0], "./drydock");
	T_STR(a->argv[3], "--events");
	action_unref(a);
}

static int gate[2];

/* It hangs until somebody opens the gate. */
static void *
hang(const char *key)
{
	char c;

	return read(gate[0], &c, 1) == 1 ? strdup(key) : NULL;
}

static void
a_disk_that_does_not_answer(void)
{
	static struct patient p = PATIENT_INIT(hang, free);
	char *answer;

	T(pipe(gate) == 0);
	patient_ms = 1;
	T(patient_ask(&p, "one") == NULL);
	T(patient_ask(&p, "two") == NULL);	/* one hangs still */
	T(write(gate[1], "x", 1) == 1);
	patient_ms = 60000;
	answer = patient_ask(&p, "one");
	T_STR(answer, "one");
	free(answer);
	T(write(gate[1], "xx", 2) == 2);
	answer = patient_ask(&p, "two");
	T_STR(answer, "two");
	free(answer);
	/* an answer that nobody came for is dropped for the next question */
	patient_ms = 0;
	answer = patient_ask(&p, "three");
	patient_ms = 60000;
	while (answer == NULL && (answer = patient_ask(&p, "three")) == NULL)
		continue;
	T_STR(answer, "three");
	free(answer);
	(void)close(gate[0]);
	(void)close(gate[1]);
}

int
main(void)
{
	if (!utf8_locale()) {
		printf("# skip no UTF-8 locale\nok 1 - skipped\n");
		return 0;
	}
	T_RUN(canvas_cuts_by_width);
	T_RUN(canvas_lets_nothing_bad_through);
	T_RUN(canvas_in_plain_ascii);
	T_RUN(text_wraps_at_words);
	T_RUN(pager_scrolls_and_finds);
	T_RUN(list_sorts_filters_and_keeps_its_place);
	T_RUN(list_scrolls_with_the_selection);
	T_RUN(input_edits_whole_characters);
	T_RUN(completion_of_paths);
	T_RUN(children_are_heard_to_the_end);
	T_RUN(commands_are_shown_as_typed);
	T_RUN(a_disk_that_does_not_answer);
	return t_done();
}
