/* A change of an image; see change_out.h. */
#include <string.h>

#include "core/cmd/change_out.h"

bool
change_is_diff(const char *text)
{
	return strncmp(text, "--- ", 4) == 0;
}

void
change_add_json(struct json_object *list, enum change_kind kind,
    const char *path, const char *text)
{
	static const char *const kinds[] = { [CHANGE_ADDED] = "added",
	    [CHANGE_REMOVED] = "removed", [CHANGE_CHANGED] = "changed" };
	struct json_object *o = json_object_new_object();

	json_set_string(o, "path", path);
	json_set_string(o, "kind", kinds[kind]);
	json_set(o, change_is_diff(text) ? "diff" : "text",
	    json_object_new_string(text));
	(void)json_object_array_add(list, o);
}
