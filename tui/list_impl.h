/* What the files of the list widget share. */
#ifndef DD_TUI_LIST_IMPL_H
#define DD_TUI_LIST_IMPL_H

#include "tui/list.h"

/* Forget marks of rows that are gone. */
void	list_drop_marks(struct list *);

#endif
