/*
 * Files inside an image; see files.h.  Each entry stands on a line of its own,
 * so that a list that was cut short is good for what it has.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include <json-c/json.h>

#include "core/base/units.h"
#include "core/base/vis.h"
#include "tui/files.h"
#include "tui/generations.h"

/* -- from JSON ----------------------------------------------------------- */

static const char *
string(struct json_object *o, const char *key)
{
	struct json_object *v;

	return json_object_object_get_ex(o, key, &v) &&
	    json_object_is_type(v, json_type_string) ?
	    json_object_get_string(v) : "";
}

static int64_t
number(struct json_object *o, const char *key)
{
	struct json_object *v;

	return json_object_object_get_ex(o, key, &v) ?
	    json_object_get_int64(v) : 0;
}

/* The bytes of a name; NULL: out of memory, or there is none that could be
 * one. */
static char *
name_of(struct json_object *o)
{
	const char *hex = string(o, "name_hex"), *name = string(o, "name");
	size_t i, n = strlen(hex) / 2;
	unsigned byte;
	char *s;

	if (n == 0)
		return *name == '\0' ? NULL : strdup(name);
	if ((s = malloc(n + 1)) == NULL)
		return NULL;
	for (i = 0; i < n; i++) {
		if (sscanf(hex + 2 * i, "%2x", &byte) != 1 || byte == 0) {
			free(s);
			return NULL;
		}
		s[i] = (char)byte;
	}
	s[n] = '\0';
	return s;
}

static char *
visible(const char *s)
{
	struct buf b = BUF_INIT;

	(void)vis_buf(&b, s, strlen(s));
	return buf_steal(&b);
}

/* "drwxr-xr-x" of "directory" and "0755". */
static void
put_mode(char mode[11], const char *type, const char *octal)
{
	static const char bits[] = "rwxrwxrwx";
	static const struct { const char *name; char letter; } types[] = {
		{ "file", '-' }, { "directory", 'd' }, { "symlink", 'l' },
		{ "character device", 'c' }, { "block device", 'b' },
		{ "fifo", 'p' }, { "socket", 's' },
	};
	const long perm = strtol(octal, NULL, 8);
	size_t i;

	mode[0] = '?';
	for (i = 0; i < sizeof(types) / sizeof(types[0]); i++)
		if (strcmp(types[i].name, type) == 0)
			mode[0] = types[i].letter;
	for (i = 0; i < 9; i++)
		mode[1 + i] = perm >> (8 - i) & 1 ? bits[i] : '-';
	if ((perm & 04000) != 0)
		mode[3] = mode[3] == 'x' ? 's' : 'S';
	if ((perm & 02000) != 0)
		mode[6] = mode[6] == 'x' ? 's' : 'S';
	if ((perm & 01000) != 0)
		mode[9] = mode[9] == 'x' ? 't' : 'T';
	mode[10] = '\0';
}

static void
row_dispose(struct file_row *r)
{
	free(r->name);
	free(r->shown);
	free(r->target);
}

/* false: it is none. */
static bool
row_of(struct json_object *o, struct file_row *r)
{
	const char *target = string(o, "target");

	*r = (struct file_row){ .name = name_of(o) };
	if (r->name == NULL)
		return false;
	r->shown = visible(r->name);
	r->target = *target != '\0' ? visible(target) : NULL;
	if (r->shown == NULL) {
		row_dispose(r);
		return false;
	}
	put_mode(r->mode, string(o, "type"), string(o, "mode"));
	(void)snprintf(r->owner, sizeof(r->owner), "%lld:%lld",
	    (long long)number(o, "uid"), (long long)number(o, "gid"));
	r->size = number(o, "size") > 0 ? (uint64_t)number(o, "size") : 0;
	r->mtime = strtoll(string(o, "mtime"), NULL, 10);
	return true;
}

/* false: out of memory. */
static bool
take_line(struct files *f, size_t *cap, const char *line, size_t len)
{
	struct json_tokener *parser;
	struct json_object *o;
	struct file_row *v;

	while (len > 0 && (line[len - 1] == ',' || line[len - 1] == ']'))
		len--;
	if (len < 2 || len > INT32_MAX || line[0] != '{')
		return true;
	if (f->n == *cap) {
		*cap = *cap == 0 ? 64 : *cap * 2;
		if ((v = realloc(f->v, *cap * sizeof(*v))) == NULL)
			return false;
		f->v = v;
	}
	if ((parser = json_tokener_new()) == NULL)
		return false;
	o = json_tokener_parse_ex(parser, line, (int)len);
	if (json_object_is_type(o, json_type_object) &&
	    row_of(o, &f->v[f->n]))
		f->n++;
	json_object_put(o);
	json_tokener_free(parser);
	return true;
}

struct files *
files_parse(const struct buf *json)
{
	struct files *f = calloc(1, sizeof(*f));
	const char *at = json->p, *end;
	size_t cap = 0;

	for (; f != NULL && at != NULL && *at != '\0'; at = end) {
		end = at + strcspn(at, "\n");
		if (!take_line(f, &cap, at, (size_t)(end - at))) {
			files_free(f);
			return NULL;
		}
		end += *end == '\n';
	}
	if (f != NULL)
		f->cut = f->n >= FILES_MAX;
	return f;
}

void
files_free(struct files *f)
{
	size_t i;

	for (i = 0; f != NULL && i < f->n; i++)
		row_dispose(&f->v[i]);
	if (f != NULL)
		free(f->v);
	free(f);
}

/* -- rows ---------------------------------------------------------------- */

static const struct list_column columns[FILE_COLS] = {
	[FILE_COL_MODE] = { "MODE", .min = 10, .max = 10, .rank = 2 },
	[FILE_COL_OWNER] = { "OWNER", .min = 5, .max = 12, .rank = 4 },
	[FILE_COL_SIZE] = { "SIZE", .min = 8, .max = 9, .rank = 1,
	    .right = true },
	[FILE_COL_TIME] = { "CHANGED", .min = 16, .max = 16, .rank = 3 },
	[FILE_COL_NAME] = { "NAME", .min = 12, .rank = 0 },
};

static const struct file_row *
row_at(const void *rows, size_t row)
{
	return &((const struct files *)rows)->v[row];
}

static size_t
count(const void *rows)
{
	return ((const struct files *)rows)->n;
}

static const char *
id(const void *rows, size_t row)
{
	return row_at(rows, row)->shown;
}

static enum style
name_style(const struct file_row *f)
{
	switch (f->mode[0]) {
	case 'd':
		return STYLE_TITLE;
	case 'l':
		return STYLE_HELD;
	case '-':
		return strchr(f->mode, 'x') != NULL ? STYLE_OK : STYLE_NORMAL;
	default:
		return STYLE_PENDING;
	}
}

static void
cell(const void *rows, size_t row, int column, struct list_cell *c)
{
	const struct file_row *f = row_at(rows, row);
	char size[UNITS_MAX], when[TIME_TEXT];

	switch (column) {
	case FILE_COL_MODE:
		(void)snprintf(c->text, sizeof(c->text), "%s", f->mode);
		c->style = STYLE_DIM;
		break;
	case FILE_COL_OWNER:
		(void)snprintf(c->text, sizeof(c->text), "%s", f->owner);
		c->style = STYLE_DIM;
		break;
	case FILE_COL_SIZE:
		if (f->mode[0] == '-')
			(void)snprintf(c->text, sizeof(c->text), "%s",
			    units_format(size, f->size));
		break;
	case FILE_COL_TIME:
		(void)snprintf(c->text, sizeof(c->text), "%s",
		    time_text(when, f->mtime));
		break;
	default:
		(void)snprintf(c->text, sizeof(c->text), "%.*s%s%s%.*s",
		    LIST_CELL / 2, f->shown, f->mode[0] == 'd' ? "/" : "",
		    f->target != NULL ? " -> " : "", LIST_CELL / 3,
		    f->target != NULL ? f->target : "");
		c->style = name_style(f);
	}
}

/* Directories stand before all else, but not among equals in time or size. */
static int
compare(const void *rows, size_t a, size_t b, int column)
{
	const struct file_row *x = row_at(rows, a), *y = row_at(rows, b);
	const int name = strcmp(x->shown, y->shown);
	int c = 0;

	switch (column) {
	case FILE_COL_MODE:
		c = strcmp(x->mode, y->mode);
		break;
	case FILE_COL_OWNER:
		c = strcmp(x->owner, y->owner);
		break;
	case FILE_COL_SIZE:
		c = (x->size > y->size) - (x->size < y->size);
		break;
	case FILE_COL_TIME:
		c = (x->mtime > y->mtime) - (x->mtime < y->mtime);
		break;
	default:
		c = (y->mode[0] == 'd') - (x->mode[0] == 'd');
	}
	return c != 0 ? c : name;
}

static bool
match(const void *rows, size_t row, const char *filter)
{
	return strcasestr(row_at(rows, row)->shown, filter) != NULL;
}

const struct list_source file_rows = {
	.columns = columns, .ncolumns = FILE_COLS, .count = count, .id = id,
	.cell = cell, .compare = compare, .match = match,
};
