/*
 * Names of generations.  What a generation is stands in its name, so that ls
 * shows it and nothing else has to be believed:
 *
 *	4-20261126T115035Z+good+pinned
 *
 * its number, when it came in (UTC), and the marks that it has.
 */
#ifndef DD_STORE_NAMES_H
#define DD_STORE_NAMES_H

#include <stdbool.h>
#include <stdint.h>

#define GEN_NAME	64		/* bytes, with the NUL */
#define GEN_MAX		999999999U	/* the largest number */

enum gen_mark { GEN_UNMARKED, GEN_GOOD, GEN_BAD };

struct gen_name {
	uint32_t	n;		/* from 1 */
	int64_t		time;		/* seconds since 1970 */
	enum gen_mark	mark;
	bool		pinned;
};

char	*gen_name_format(char buf[GEN_NAME], const struct gen_name *);
/* false: it is the name of something else. */
bool	 gen_name_parse(const char *, struct gen_name *);

/* The same followed by "@INODE": who is in place, as the link in-place says. */
#define GEN_PLACE	(GEN_NAME + 24)
char	*gen_place_format(char buf[GEN_PLACE], const struct gen_name *,
	    uint64_t ino);
bool	 gen_place_parse(const char *, struct gen_name *, uint64_t *ino);

const char *gen_mark_name(enum gen_mark);	/* "", "good", "bad" */

#endif
