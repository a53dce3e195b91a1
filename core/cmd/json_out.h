/*
 * JSON for the commands that print it: members of an object, with text from
 * outside escaped.  A member that memory fails for is left out.
 */
#ifndef DD_CMD_JSON_OUT_H
#define DD_CMD_JSON_OUT_H

#include <stdbool.h>
#include <stdint.h>

#include <json-c/json.h>

#include "core/disk/probe.h"

/* value: its reference is taken; NULL is JSON's null. */
void	json_set(struct json_object *, const char *key,
	    struct json_object *value);
void	json_set_string(struct json_object *, const char *key,
	    const char *value);
void	json_set_size(struct json_object *, const char *key, uint64_t);
void	json_set_bool(struct json_object *, const char *key, bool);

/* s escaped, as a string; NULL for NULL. */
struct json_object *json_text(const char *s);
/* What the superblock of an FFS says. */
struct json_object *json_ffs(const struct probe_ffs *);

#endif
