/* The mouse: clicks select and open, the wheel scrolls, the last line's keys and
 * the answers of questions are taken. */
#include "tests/unit/tui_play.h"
#include "tui/mouse.h"

static struct canvas screen;

/* What is on the screen, for who clicks there. */
static void
draw(struct app *app)
{
	struct dd_err e = DD_ERR_INIT;

	canvas_dispose(&screen);
	T_OK(canvas_init(&screen, 24, 80, true, &e));
	app_render(app, &screen);
}

/* Click in the row that the text stands in, or on the text itself. */
static void
click(struct app *app, enum mouse kind, const char *text, bool on_it)
{
	struct buf b = BUF_INIT;
	const char *at, *line;
	int y = 0;

	draw(app);
	T(canvas_dump(&screen, &b) == 0);
	at = strstr(b.p, text);
	T(at != NULL);
	for (line = b.p; at != NULL && strchr(line, '\n') != NULL &&
	    strchr(line, '\n') < at; line = strchr(line, '\n') + 1)
		y++;
	if (at != NULL)
		app_mouse(app, &screen, K_MOUSE_AT(kind, y, on_it ?
		    (int)(at - line) : 5));
	buf_dispose(&b);
}

static void
lists(void)
{
	struct app app;

	open_app(&app);
	click(&app, MOUSE_PRESS, " web1 ", false);
	T(shows(&app, "─ web1 ──"));
	click(&app, MOUSE_UP, "drydock", false);
	T(shows(&app, "─ db1 ──"));
	click(&app, MOUSE_DOWN, "drydock", false);
	T(shows(&app, "─ web1 ──"));
	/* where no domU stands */
	click(&app, MOUSE_TWICE, "xbd0", false);
	T(shows(&app, "FINDINGS"));
	click(&app, MOUSE_TWICE, " db1 ", false);
	T(shows(&app, "drydock > db1"));
	app_dispose(&app);
}

static void
last_line(void)
{
	struct app app;

	open_app(&app);
	click(&app, MOUSE_PRESS, "Help", true);
	T(shows(&app, "drydock > help"));
	click(&app, MOUSE_PRESS, "Back", true);
	T(shows(&app, "FINDINGS"));
	draw(&app);
	app_mouse(&app, &screen, K_MOUSE_AT(MOUSE_PRESS, 23, 79));
	app_mouse(&app, &screen, K_MOUSE_AT(MOUSE_PRESS, 16383, 16383));
	T(shows(&app, "FINDINGS"));
	app_dispose(&app);
}

static void
questions(void)
{
	struct action *preview;
	struct app app;

	open_app(&app);
	press(&app, "u");
	previewed(&app, "generation 1 would be in place\n");
	preview = child;
	/* the list below is not the top's */
	click(&app, MOUSE_PRESS, "NAME", false);
	T(child == preview);
	click(&app, MOUSE_PRESS, "Cancel ]", true);
	T(child == preview);
	click(&app, MOUSE_PRESS, "Cancel ]", true);
	T(shows(&app, "FINDINGS"));
	T(child == preview);
	press(&app, "u");
	previewed(&app, "generation 1 would be in place\n");
	preview = child;
	click(&app, MOUSE_PRESS, "[ Roll back", true);
	T(child != preview);
	T(strstr(child->command, "--plan 3fa9c0de") != NULL);
	end(&app, 0, "", "");
	app_dispose(&app);
}

/* A key that typing looks like is none. */
static void
while_typing(void)
{
	struct app app;

	open_app(&app);
	press(&app, "/");
	type(&app, "web");
	click(&app, MOUSE_PRESS, "Help", true);
	T_STR(app.prompt.input.text, "web");
	click(&app, MOUSE_DOWN, "drydock", false);
	T_STR(app.prompt.input.text, "web");
	T(shows(&app, "─ web2 ──"));
	app_dispose(&app);
}

int
main(void)
{
	if (!utf8_locale()) {
		printf("# skip no UTF-8 locale\nok 1 - skipped\n");
		return 0;
	}
	T_RUN(lists);
	T_RUN(last_line);
	T_RUN(questions);
	T_RUN(while_typing);
	canvas_dispose(&screen);
	return t_done();
}
