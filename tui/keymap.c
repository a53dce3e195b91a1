/* The operator's own keys; see keymap.h. */
#include <stdio.h>
#include <string.h>

#include "core/base/nearest.h"
#include "core/base/vis.h"
#include "tui/all_views.h"
#include "tui/keymap.h"

static enum cmd
find(const char *name)
{
	int id;

	for (id = 0; id < CMD_COUNT; id++)
		if (strcmp(command_info((enum cmd)id)->name, name) == 0)
			return (enum cmd)id;
	return CMD_NONE;
}

static int
unknown_command(const char *name, struct dd_err *e)
{
	const char *names[CMD_COUNT + 1], *meant;
	int id;

	for (id = 0; id < CMD_COUNT; id++)
		names[id] = command_info((enum cmd)id)->name;
	names[CMD_COUNT] = NULL;
	(void)dd_fail(e, ERR_CONFIG, "keys: %s is no command of the console",
	    name);
	if ((meant = nearest(name, names)) != NULL)
		return dd_hint(e, "did you mean %s?", meant);
	return dd_hint(e, "drydock(8), THE CONSOLE, lists them");
}

static int
unknown_key(const char *key, struct dd_err *e)
{
	const char *names[KEY_NAMES + 1], *meant;

	key_names(names);
	(void)dd_fail(e, ERR_CONFIG, "keys: %s is no key", key);
	if ((meant = nearest(key, names)) != NULL)
		return dd_hint(e, "did you mean %s?", meant);
	return dd_hint(e, "a key is a character, ^A to ^Z, or a name such as "
	    "Enter, Tab, PgUp, F7");
}

/* ^Q ^S ^Z never reach us. */
static bool
is_terminals(const char *key)
{
	return key[0] == '^' && key[1] != '\0' && key[2] == '\0' &&
	    strchr("QSZ", key[1]) != NULL;
}

static int
check_key(const char *key, bool known, struct dd_err *e)
{
	if (!known)
		return unknown_key(key, e);
	if (!is_terminals(key))
		return 0;
	(void)dd_fail(e, ERR_CONFIG, "keys: the terminal takes %s for "
	    "itself", key);
	return dd_hint(e, "choose another one: F1 to F12 and most letters "
	    "with ^ are free");
}

/* Each of them, and at least one. */
static int
check_keys(const char *name, const char *keys, struct dd_err *e)
{
	const char *at = keys, *from;
	char one[64];
	bool any = false;

	for (;;) {
		from = at + strspn(at, " ");
		if (*from == '\0')
			break;
		any = true;
		vis_str(one, sizeof(one), from);
		one[strcspn(one, " ")] = '\0';
		if (check_key(one, key_parse(&at) != 0, e) == -1)
			return -1;
	}
	if (any)
		return 0;
	(void)dd_fail(e, ERR_CONFIG, "keys: no key is named for %s", name);
	return dd_hint(e, "write \"%s=%s\"", name, command_key(find(name)));
}

static int
set_one(const char *item, bool set[CMD_COUNT], struct dd_err *e)
{
	const char *equals = strchr(item, '=');
	char name[32], shown[64];
	enum cmd id;

	if (equals == NULL || equals == item ||
	    (size_t)(equals - item) >= sizeof(name)) {
		vis_str(shown, sizeof(shown), item);
		(void)dd_fail(e, ERR_CONFIG, "keys: \"%s\" is not of the form "
		    "COMMAND=KEY", shown);
		return dd_hint(e, "such as keys = [ \"rollback=u F7\" ]");
	}
	(void)snprintf(shown, sizeof(shown), "%.*s", (int)(equals - item),
	    item);
	vis_str(name, sizeof(name), shown);
	if ((id = find(name)) == CMD_NONE)
		return unknown_command(name, e);
	if (check_keys(name, equals + 1, e) == -1)
		return -1;
	if (set[id])
		return dd_fail(e, ERR_CONFIG, "keys: %s stands there twice",
		    name);
	if (!command_set_keys(id, equals + 1))
		return dd_fail(e, ERR_CONFIG, "keys: too many keys for %s",
		    name);
	set[id] = true;
	return 0;
}

/* -- clashes ------------------------------------------------------------- */

/* A key of both, with its name in text; keys: of a and b. */
static bool
common(const char *a, const char *b, char text[16])
{
	const char *from, *rest;
	uint32_t x, y;

	for (from = a; (x = key_parse(&a)) != 0; from = a)
		for (rest = b; (y = key_parse(&rest)) != 0;)
			if (x == y) {
				from += strspn(from, " ");
				(void)snprintf(text, 16, "%.*s",
				    (int)(a - from), from);
				return true;
			}
	return false;
}

/* Moving about gives way to others, but only with keys beside the first. */
static bool
gives_way(enum cmd id, const char *key)
{
	return id <= CMD_END && strcmp(command_key(id), key) != 0;
}

static bool
clash(enum cmd a, enum cmd b, char key[16])
{
	char usual[16];

	return common(command_info(a)->keys, command_info(b)->keys, key) &&
	    !gives_way(a, key) && !gives_way(b, key) &&
	    !(common(command_usual(a), command_usual(b), usual) &&
	    strcmp(usual, key) == 0);
}

/* The line of the entry that sets it; 0: none does. */
static unsigned
line_of(const struct config *c, enum cmd id)
{
	const char *name = command_info(id)->name;
	const size_t n = strlen(name);
	size_t i;

	for (i = 0; i < c->keys.n; i++)
		if (strncmp(c->keys.v[i], name, n) == 0 &&
		    c->keys.v[i][n] == '=')
			return c->keys.lines[i];
	return 0;
}

static int
check_pair(const struct config *c, const struct named_view *v, enum cmd a,
    enum cmd b, const bool set[CMD_COUNT], struct dd_err *e)
{
	char key[16];

	if (a == b || (!set[a] && !set[b]) || !clash(a, b, key))
		return 0;
	(void)dd_fail(e, ERR_CONFIG, "%s:%u: keys: %s would be %s and %s %s",
	    c->path, line_of(c, set[a] ? a : b), key, command_info(a)->name,
	    command_info(b)->name, v->name);
	return dd_hint(e, "give one of the two another key");
}

/* Its commands against each other, and against those that are everywhere. */
static int
check_view(const struct config *c, const struct named_view *v,
    const bool set[CMD_COUNT], struct dd_err *e)
{
	const enum cmd *cmds = v->ops->commands;
	size_t i, j;
	int rc = 0;

	for (i = 0; i < v->ops->ncommands && rc == 0; i++) {
		for (j = i + 1; j < v->ops->ncommands && rc == 0; j++)
			rc = check_pair(c, v, cmds[i], cmds[j], set, e);
		for (j = 0; j < APP_EVERYWHERE && rc == 0; j++)
			rc = check_pair(c, v, cmds[i], app_everywhere[j],
			    set, e);
	}
	return rc;
}

int
keymap_set(const struct config *c, struct dd_err *e)
{
	bool set[CMD_COUNT] = { false };
	const struct named_view *v;
	size_t i;
	int rc = 0;

	command_reset();
	for (i = 0; i < c->keys.n && rc == 0; i++)
		if ((rc = set_one(c->keys.v[i], set, e)) == -1)
			(void)dd_context(e, "%s:%u", c->path,
			    c->keys.lines[i]);
	for (i = 0; rc == 0 && (v = all_views(i)) != NULL; i++)
		rc = check_view(c, v, set, e);
	if (rc == -1)
		command_reset();
	return rc;
}
