/* A change of an image, as the commands show it. */
#ifndef DD_CMD_CHANGE_OUT_H
#define DD_CMD_CHANGE_OUT_H

#include "core/cmd/json_out.h"
#include "core/tree/copy.h"

/* Is the text of a change a unified diff (else one line)? */
bool	change_is_diff(const char *text);
/* Append {"path", "kind", "diff" or "text"} to list. */
void	change_add_json(struct json_object *list, enum change_kind,
	    const char *path, const char *text);

#endif
