/* File flags by name, as chflags(1) and mtree(5) have them; the bits are
 * NetBSD's (sys/sys/stat.h). */
#include <stdio.h>
#include <string.h>

#include "core/tree/tree.h"

/* The first name of a bit is the one that is shown. */
static const struct {
	const char	*name;
	uint32_t	 bit;
} known[] = {
	{ "nodump", 0x00000001 },
	{ "uchg", 0x00000002 },
	{ "uchange", 0x00000002 },
	{ "uimmutable", 0x00000002 },
	{ "uappnd", 0x00000004 },
	{ "uappend", 0x00000004 },
	{ "opaque", 0x00000008 },
	{ "arch", 0x00010000 },
	{ "archived", 0x00010000 },
	{ "schg", 0x00020000 },
	{ "schange", 0x00020000 },
	{ "simmutable", 0x00020000 },
	{ "sappnd", 0x00040000 },
	{ "sappend", 0x00040000 },
};

#define NKNOWN	(sizeof(known) / sizeof(known[0]))

uint32_t
tree_flags_parse(const char *text)
{
	uint32_t flags = 0;
	size_t i, n;

	for (; *text != '\0'; text += n) {
		text += strspn(text, ", ");
		n = strcspn(text, ", ");
		for (i = 0; i < NKNOWN; i++)
			if (strlen(known[i].name) == n &&
			    memcmp(known[i].name, text, n) == 0)
				flags |= known[i].bit;
	}
	return flags;
}

char *
tree_flags_text(char text[TREE_FLAGS_TEXT], uint32_t flags)
{
	size_t i, n = 0;

	for (i = 0; i < NKNOWN; i++)
		if ((flags & known[i].bit) != 0) {
			n += (size_t)snprintf(text + n, TREE_FLAGS_TEXT - n,
			    "%s%s", n > 0 ? "," : "", known[i].name);
			flags &= ~known[i].bit;
		}
	if (flags != 0)
		(void)snprintf(text + n, TREE_FLAGS_TEXT - n, "%s0x%x",
		    n > 0 ? "," : "", flags);
	else if (n == 0)
		(void)strcpy(text, "-");
	return text;
}
