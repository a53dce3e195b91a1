/* The mouse: a click selects, two open, the wheel scrolls. */
#ifndef DD_TUI_MOUSE_H
#define DD_TUI_MOUSE_H

#include "tui/app.h"

/* shown: what is on the screen; key: K_MOUSE and more. */
void	app_mouse(struct app *, const struct canvas *shown, uint32_t key);

#endif
