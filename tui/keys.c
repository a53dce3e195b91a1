/* The command table and the names of keys; see keys.h. */
#include <stdio.h>
#include <string.h>

#include "tui/keys.h"

#define KEYS_TEXT	48

/* The keys that the operator gave a command; "": none. */
static char own[CMD_COUNT][KEYS_TEXT];

static struct command commands[CMD_COUNT] = {
#define X(id, cname, ckeys, clabel, chelp)				\
	[id] = { .name = cname, .keys = ckeys, .label = clabel,		\
	    .help = chelp },
	COMMANDS(X)
#undef X
};

static const struct {
	const char	*name;
	uint32_t	 key;
} names[] = {
	{ "Up", K_UP }, { "Down", K_DOWN }, { "Left", K_LEFT },
	{ "Right", K_RIGHT }, { "PgUp", K_PAGE_UP }, { "PgDn", K_PAGE_DOWN },
	{ "Home", K_HOME }, { "End", K_END }, { "Enter", K_ENTER },
	{ "Esc", K_ESC }, { "Tab", K_TAB }, { "BackTab", K_BACKTAB },
	{ "BS", K_BACKSPACE }, { "Space", ' ' }, { "F1", K_F1 }, { "F2", K_F1 + 1 },
	{ "F3", K_F1 + 2 }, { "F4", K_F1 + 3 }, { "F5", K_F1 + 4 },
	{ "F6", K_F1 + 5 }, { "F7", K_F1 + 6 }, { "F8", K_F1 + 7 },
	{ "F9", K_F1 + 8 }, { "F10", K_F1 + 9 }, { "F11", K_F1 + 10 },
	{ "F12", K_F1 + 11 },
};

_Static_assert(sizeof(names) / sizeof(names[0]) == KEY_NAMES,
    "keys.h knows how many there are");

void
key_names(const char *out[KEY_NAMES + 1])
{
	size_t i;

	for (i = 0; i < KEY_NAMES; i++)
		out[i] = names[i].name;
	out[KEY_NAMES] = NULL;
}

const char *
command_usual(enum cmd id)
{
	static const char *const usual[CMD_COUNT] = {
#define X(cid, cname, ckeys, clabel, chelp) [cid] = ckeys,
		COMMANDS(X)
#undef X
	};

	return usual[id];
}

bool
command_set_keys(enum cmd id, const char *keys)
{
	if (strlen(keys) >= KEYS_TEXT)
		return false;
	(void)snprintf(own[id], KEYS_TEXT, "%s", keys + strspn(keys, " "));
	commands[id].keys = own[id];
	return true;
}

void
command_reset(void)
{
	int id;

	for (id = 0; id < CMD_COUNT; id++)
		commands[id].keys = command_usual((enum cmd)id);
}

const struct command *
command_info(enum cmd id)
{
	return &commands[id];
}

uint32_t
key_parse(const char **s)
{
	const char *at = *s + strspn(*s, " ");
	size_t i, n = strcspn(at, " ");

	*s = at + n;
	if (n == 1)
		return (unsigned char)*at;
	if (n == 2 && at[0] == '^' && at[1] >= 'A' && at[1] <= 'Z')
		return K_CTRL((unsigned char)at[1]);
	for (i = 0; i < sizeof(names) / sizeof(names[0]); i++)
		if (strlen(names[i].name) == n &&
		    strncmp(names[i].name, at, n) == 0)
			return names[i].key;
	return 0;
}

const char *
command_key(enum cmd id)
{
	static char name[16];

	(void)snprintf(name, sizeof(name), "%.*s",
	    (int)strcspn(commands[id].keys, " "), commands[id].keys);
	return name;
}

enum cmd
command_find(const enum cmd *ids, size_t n, uint32_t key)
{
	const char *keys;
	uint32_t k;
	size_t i;

	for (i = 0; i < n; i++) {
		keys = commands[ids[i]].keys;
		while ((k = key_parse(&keys)) != 0)
			if (k == key)
				return ids[i];
	}
	return CMD_NONE;
}
