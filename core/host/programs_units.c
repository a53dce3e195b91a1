/* The lists of units that vnconfig and cgdconfig print; see programs_impl.h. */
#include <sys/stat.h>
#include <stdio.h>
#include <string.h>

#include "core/host/host.h"
#include "core/host/programs_impl.h"

static bool
is_block(const char *path, struct unit_line *l)
{
	struct stat st;

	if (stat(path, &st) == -1 || !S_ISBLK(st.st_mode))
		return false;
	l->dev = st.st_rdev;
	return true;
}

/* "/xen (/dev/wd0e)": the device, or what is mounted at the point. */
static bool
is_mount(char *text, struct unit_line *l)
{
	size_t len = strlen(text);
	char *from = NULL, *at;
	struct stat st;

	for (at = text; (at = strstr(at, " (")) != NULL; at++)
		from = at;
	if (from == NULL || text[len - 1] != ')')
		return false;
	text[len - 1] = *from = '\0';
	if (is_block(from + 2, l))
		return true;
	if (stat(text, &st) == -1)
		return false;
	l->dev = st.st_dev;
	return true;
}

static void
parse_unit(struct unit_line *l)
{
	static const char inode[] = " inode ";
	char text[sizeof(l->text)], path[PROGRAMS_PATH], *at, *last = NULL;
	unsigned maj, min;

	memcpy(text, l->text, sizeof(text));
	for (at = text; (at = strstr(at, inode)) != NULL; at++)
		last = at;
	if (last != NULL) {
		l->ino_known = sscanf(last + sizeof(inode) - 1, "%llu",
		    &l->ino) == 1;
		*last = '\0';
	}
	if (sscanf(text, "dev %u,%u", &maj, &min) == 2) {
		l->dev = host_makedev(maj, min);
		l->dev_known = true;
	} else if (text[0] == '/')
		l->dev_known = is_mount(text, l);
	else {
		(void)snprintf(path, sizeof(path), "%s/%.*s",
		    host_crypt_places.dev, (int)strcspn(text, " "), text);
		l->dev_known = is_block(path, l);
	}
}

bool
programs_next_unit(const char **list, const char *kind, struct unit_line *l)
{
	const char *at, *nl;
	int end;

	for (at = *list; *at != '\0'; at = *list) {
		nl = strchr(at, '\n');
		*list = nl != NULL ? nl + 1 : at + strlen(at);
		*l = (struct unit_line){ .n = -1 };
		end = 0;
		if (strncmp(at, kind, strlen(kind)) != 0 ||
		    sscanf(at + strlen(kind), "%d: %n", &l->n, &end) != 1 ||
		    end == 0)
			continue;
		at += strlen(kind) + (size_t)end;
		(void)snprintf(l->text, sizeof(l->text), "%.*s",
		    (int)strcspn(at, "\n"), at);
		l->in_use = strncmp(at, "not in use", 10) != 0;
		if (l->in_use)
			parse_unit(l);
		return true;
	}
	return false;
}
