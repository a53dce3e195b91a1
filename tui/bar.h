/* The last line: the keys that work here and now. */
#ifndef DD_TUI_BAR_H
#define DD_TUI_BAR_H

#include "tui/app.h"

void	bar_render(const struct app *, struct canvas *, int y);
/* The command that stands in column x of a bar of that width, or CMD_NONE. */
enum cmd bar_at(const struct app *, int cols, int x);

#endif
