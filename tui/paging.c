/* What views with a pager have in common; see views.h. */
#include <stdio.h>

#include "tui/views.h"

const char *
paging_why_not(const struct pager *p, enum cmd cmd)
{
	if ((cmd == CMD_NEXT || cmd == CMD_PREV) && p->search[0] == '\0')
		return "nothing was searched for yet";
	return NULL;
}

static void
find(struct app *app, struct pager *p, int direction, bool again)
{
	if (p->search[0] != '\0' && !pager_find(p, direction, again))
		app_say(app, STYLE_WARN, "not found: %s", p->search);
}

bool
paging_command(struct app *app, struct pager *p, enum cmd cmd)
{
	switch (cmd) {
	case CMD_SEARCH:
		app_prompt(app, "/", "");
		return true;
	case CMD_NEXT:
	case CMD_PREV:
		find(app, p, cmd == CMD_NEXT ? 1 : -1, true);
		return true;
	default:
		return pager_command(p, cmd);
	}
}

void
paging_prompted(struct app *app, struct pager *p, const char *text,
    enum prompt_step step)
{
	if (step == PROMPT_CANCELLED)
		text = "";
	(void)snprintf(p->search, sizeof(p->search), "%s", text);
	if (step == PROMPT_ACCEPTED)
		find(app, p, 1, false);
	else if (step == PROMPT_CHANGED && text[0] != '\0')
		(void)pager_find(p, 1, false);
}

void
paging_render(const struct pager *p, struct canvas *c, struct rect r,
    const char *title)
{
	char where[PAGER_WHERE];

	pager_where(p, where);
	chrome_title(c, r, title, where);
	pager_render(p, c, (struct rect){ r.y + 1, r.x + 1, r.rows - 1,
	    r.cols - 2 });
}
