/*
 * Commands of the console and the keys that give them: one table, from which
 * the key bar, the help and the dispatch are made.
 *
 * A key is a Unicode character (controls included), or a K_ code.
 */
#ifndef DD_TUI_KEYS_H
#define DD_TUI_KEYS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum {
	K_TAB = 9, K_ENTER = 13, K_ESC = 27, K_DEL = 127,
	K_UP = 0x110000, K_DOWN, K_LEFT, K_RIGHT, K_PAGE_UP, K_PAGE_DOWN,
	K_HOME, K_END, K_BACKSPACE, K_DELETE, K_BACKTAB,
	K_F1			/* K_F1 + n - 1: Fn, up to F12 */
};
#define K_CTRL(c)	((c) & 0x1f)

/* What a mouse does comes as a key, too, with where it did it. */
#define K_MOUSE			0x80000000U
enum mouse { MOUSE_PRESS, MOUSE_TWICE, MOUSE_UP, MOUSE_DOWN };
#define K_MOUSE_AT(kind, y, x)	(K_MOUSE | (uint32_t)(kind) << 28 |	\
	((uint32_t)(y) & 0x3fff) << 14 | ((uint32_t)(x) & 0x3fff))
#define K_MOUSE_KIND(key)	((key) >> 28 & 7)
#define K_MOUSE_Y(key)		((key) >> 14 & 0x3fff)
#define K_MOUSE_X(key)		((key) & 0x3fff)

/*
 * X(id, name, keys, label, help)
 * keys: names as key_name gives them, separated by blanks; the first stands in
 * the bar.  label "": not in the bar.
 */
#define COMMANDS(X)							\
	X(CMD_UP,	"up",		"Up k ^P",	"",		\
	    "one line up")						\
	X(CMD_DOWN,	"down",		"Down j ^N",	"",		\
	    "one line down")						\
	X(CMD_LEFT,	"left",		"Left h",	"",		\
	    "to the left; in a list: back")				\
	X(CMD_RIGHT,	"right",	"Right l",	"",		\
	    "to the right; in a list: open")				\
	X(CMD_PAGE_UP,	"page-up",	"PgUp ^B",	"",		\
	    "one page up")						\
	X(CMD_PAGE_DOWN, "page-down",	"PgDn ^F Space", "",		\
	    "one page down")						\
	X(CMD_HOME,	"home",		"Home g <",	"",		\
	    "to the first line")					\
	X(CMD_END,	"end",		"End G >",	"",		\
	    "to the last line")						\
	X(CMD_OPEN,	"open",		"Enter",	"Open",		\
	    "show what is selected")					\
	X(CMD_APPLY,	"apply",	"Enter",	"Apply",	\
	    "do what the preview shows, after a question")		\
	X(CMD_CHOOSE,	"choose",	"Enter",	"Choose",	\
	    "take the answer that is marked")				\
	X(CMD_ACCEPT,	"accept",	"Enter",	"Go on",	\
	    "take what was typed")					\
	X(CMD_PREVIEW,	"preview",	"Enter",	"Preview",	\
	    "show what would change; changes nothing")			\
	X(CMD_CLOSE,	"close",	"Enter",	"Close",	\
	    "seen: back to where this was started")			\
	X(CMD_TAKE,	"take",		"Enter Right",	"Take",		\
	    "take the file, or open the folder, that is marked")	\
	X(CMD_NEXT_FIELD, "next-field",	"Down ^N",	"Next",		\
	    "to the next field")					\
	X(CMD_PREV_FIELD, "prev-field",	"Up BackTab ^P", "",		\
	    "to the field before")					\
	X(CMD_COMPLETE,	"complete",	"Tab",		"Complete",	\
	    "complete the path that is being typed")			\
	X(CMD_NEXT_ANSWER, "next-answer", "Tab Right l", "Other",	\
	    "to the next answer")					\
	X(CMD_PREV_ANSWER, "prev-answer", "BackTab Left h", "",		\
	    "to the answer before")					\
	X(CMD_ROLLBACK,	"rollback",	"u F7",		"Roll back",	\
	    "bring the image before back: says which, then asks")	\
	X(CMD_SWAP,	"swap",		"w F8",		"Swap",		\
	    "put another image in place: previews, then asks")		\
	X(CMD_LIFE,	"life",		"x F9",		"Start/stop",	\
	    "a menu: start the domU, stop it, its console")		\
	X(CMD_START,	"start",	"t",		"Start",	\
	    "start the domU, after a question")				\
	X(CMD_SHUTDOWN,	"shutdown",	"d",		"Shut down",	\
	    "let the domU shut down, and wait for that")		\
	X(CMD_REBOOT,	"reboot",	"b",		"Reboot",	\
	    "let the domU reboot")					\
	X(CMD_CONSOLE,	"console",	"C",		"Console",	\
	    "go to the domU's console; ^] comes back")			\
	X(CMD_PAUSE,	"pause",	"p",		"Pause",	\
	    "stop the domU where it is")				\
	X(CMD_UNPAUSE,	"unpause",	"o",		"Unpause",	\
	    "let the domU go on where it was paused")			\
	X(CMD_KILL,	"kill",		"K",		"Kill",		\
	    "end the domU at once, as a power cut does")		\
	X(CMD_ENCRYPTION, "encryption",	"e",		"Encryption",	\
	    "a menu: another passphrase for an image, or another key")	\
	X(CMD_PASSPHRASE, "passphrase",	"p",		"Passphrase",	\
	    "another passphrase; the key stays")			\
	X(CMD_REKEY,	"rekey",	"r",		"Another key",	\
	    "encrypt the image anew, with another key, or none")	\
	X(CMD_REKEY_PAUSE, "rekey-pause", "P p",	"Pause",	\
	    "let a re-encryption in place pause; it goes on later")	\
	X(CMD_REKEY_RESUME, "rekey-resume", "o",	"Go on",	\
	    "go on with one that paused, or was cut short")		\
	X(CMD_GENERATIONS, "generations", "g",		"Generations",	\
	    "the generations of the domU's images")			\
	X(CMD_NEXT_IMAGE, "next-image",	"Tab",		"Other image",	\
	    "to the domU's next image: pkg, root, local, swap")		\
	X(CMD_DIFF,	"diff",		"d",		"Diff",		\
	    "what differs from the generation in place")		\
	X(CMD_GOOD,	"good",		"+",		"Good",		\
	    "mark the generation good: the last good one stays")	\
	X(CMD_BAD,	"bad",		"-",		"Bad",		\
	    "mark the generation bad: rolling back goes past it")	\
	X(CMD_PIN,	"pin",		"P",		"Pin",		\
	    "pin the generation, so that it stays; or unpin it")	\
	X(CMD_PRUNE,	"prune",	"D",		"Prune",	\
	    "delete old generations: says which, then asks")		\
	X(CMD_FILES,	"files",	"f Enter",	"Files",	\
	    "the files inside the image that is selected")		\
	X(CMD_NEXT_DISK, "next-disk",	"Tab",		"Other disk",	\
	    "select the next disk")					\
	X(CMD_PREV_DISK, "prev-disk",	"BackTab [",	"",		\
	    "select the disk before")					\
	X(CMD_UP_DIR,	"up-dir",	"- BS",		"Up",		\
	    "to the directory above")					\
	X(CMD_COPY_OUT,	"copy-out",	"c",		"Copy out",	\
	    "copy the file or directory to the host")			\
	X(CMD_BYTES,	"bytes",	"x",		"Text/bytes",	\
	    "show the file as text, or byte by byte")			\
	X(CMD_DESTROY,	"destroy",	"X",		"Destroy",	\
	    "destroy the generation; its name has to be typed")		\
	X(CMD_PREPARE,	"prepare",	"p",		"Prepare root",	\
	    "prepare the domU's root image: previews, then asks")	\
	X(CMD_PREPARE_ANY, "prepare-any", "P",		"",		\
	    "prepare any root image: previews, then asks")		\
	X(CMD_PREPARE_LOCAL, "prepare-local", "L",	"Prepare local", \
	    "prepare the domU's local image: previews, then asks")	\
	X(CMD_MARK,	"mark",		"Space",	"",		\
	    "mark the domU; u, w, x and t are then for all marked")	\
	X(CMD_MARK_ALL,	"mark-all",	"*",		"",		\
	    "mark all that are shown; once more: take all marks away")	\
	X(CMD_UNMARK,	"unmark",	"Esc",		"Unmark",	\
	    "take all marks away")					\
	X(CMD_FILTER,	"filter",	"/ F4",		"Filter",	\
	    "show only what holds the words typed")			\
	X(CMD_UNFILTER,	"unfilter",	"Esc",		"Show all",	\
	    "take the filter away")					\
	X(CMD_SEARCH,	"search",	"/ F3",		"Search",	\
	    "find text")						\
	X(CMD_NEXT,	"next",		"n",		"Next",		\
	    "to the next place found")					\
	X(CMD_PREV,	"prev",		"N",		"",		\
	    "to the place found before")				\
	X(CMD_SORT,	"sort",		"s F6",		"Sort",		\
	    "sort by the next column")					\
	X(CMD_REVERSE,	"reverse",	"S",		"",		\
	    "sort the other way round")					\
	X(CMD_COLUMNS,	"columns",	"|",		"",		\
	    "choose the columns that the list shows, and sort by any")	\
	X(CMD_SHOW,	"show-column",	"Space",	"Show/hide",	\
	    "show the column, or hide it")				\
	X(CMD_SORT_BY,	"sort-by",	"Enter",	"Sort by it",	\
	    "sort by the column; once more: the other way round")	\
	X(CMD_REFRESH,	"refresh",	"r F5",		"Refresh",	\
	    "read the fleet anew")					\
	X(CMD_RECOVER,	"recover",	"R",		"Recover",	\
	    "bring what was cut short to its end, after a question")	\
	X(CMD_JOB,	"job",		"v",		"View job",	\
	    "show the job that runs, or the last one")			\
	X(CMD_JOBS,	"jobs",		"J",		"Jobs",		\
	    "what was started since the console runs, and how far it is") \
	X(CMD_LOG,	"log",		"V",		"Log",		\
	    "the commands that the console ran, to be copied")		\
	X(CMD_EDIT,	"edit",		"e",		"To the : line", \
	    "take the command into the command line")			\
	X(CMD_COPY,	"copy",		"y",		"Copy",		\
	    "send the command to the terminal's clipboard")		\
	X(CMD_HISTORY,	"history",	"H",		"History",	\
	    "who did what when, and how it ended")			\
	X(CMD_FINDINGS,	"findings",	"!",		"Findings",	\
	    "all that is wrong with domUs and host, the gravest first")	\
	X(CMD_MEND,	"mend",		"m",		"Mend",		\
	    "do what mends the finding, after a question")		\
	X(CMD_HOST,	"host",		"I",		"Host",		\
	    "the host: Xen, memory, space for images, devices")		\
	X(CMD_STOP,	"stop",		"c ^C",		"Cancel job",	\
	    "ask the running job to stop; it undoes what it began")	\
	X(CMD_SETTINGS,	"settings",	"O F2",		"Settings",	\
	    "what drydock.conf says, and all keys")			\
	X(CMD_COMMAND,	"command",	":",		"",		\
	    "type a command by name; Tab completes it")			\
	X(CMD_HELP,	"help",		"? F1",		"Help",		\
	    "this list")						\
	X(CMD_THEMES,	"themes",	"T",		"",		\
	    "the console's colours: choose, and see at once")		\
	X(CMD_KEEP,	"keep",		"Enter",	"Keep",		\
	    "keep this theme until the console ends")			\
	X(CMD_REDRAW,	"redraw",	"^L",		"",		\
	    "draw the screen anew")					\
	X(CMD_BACK,	"back",		"Esc q ^C F10",	"Back",		\
	    "leave this screen; nothing is changed")			\
	X(CMD_QUIT,	"quit",		"q ^C F10",	"Quit",		\
	    "leave drydock; a running job goes on")

enum cmd {
#define X(id, name, keys, label, help) id,
	COMMANDS(X)
#undef X
	CMD_COUNT,
	CMD_NONE = CMD_COUNT
};

struct command {
	const char	*name;
	const char	*keys;
	const char	*label;
	const char	*help;
};

/* id < CMD_COUNT.  What drydock.conf says of keys is in it. */
const struct command *command_info(enum cmd id);
/* The first of the n commands that the key gives, or CMD_NONE. */
enum cmd command_find(const enum cmd *, size_t n, uint32_t key);

/* Give it other keys; false: they are too many. */
bool	command_set_keys(enum cmd id, const char *keys);
/* Its keys where nobody gave it others; give all theirs again. */
const char *command_usual(enum cmd id);
void	command_reset(void);

/* The name of its first key, as the bar shows it: valid until the next call. */
const char *command_key(enum cmd id);

/* The key that s names up to a blank, moving *s behind it; 0: at the end,
 * or no key's name. */
uint32_t key_parse(const char **s);

/* The keys that have names, NULL at the end. */
#define KEY_NAMES	26
void	key_names(const char *names[KEY_NAMES + 1]);

#endif
