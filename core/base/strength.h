/*
 * About how hard a passphrase is to guess, as a hint while it is typed.
 *
 * An estimate from what can be seen: how many characters of how many kinds,
 * less where they repeat, follow each other, or look like a word.  It knows no
 * dictionary and nobody's birthday: what is made of things that others know is
 * weaker than it says.
 */
#ifndef DD_BASE_STRENGTH_H
#define DD_BASE_STRENGTH_H

#include <stddef.h>

enum strength_level { STRENGTH_WEAK, STRENGTH_FAIR, STRENGTH_STRONG };

struct strength {
	enum strength_level	 level;
	unsigned		 bits;	/* 2^bits guesses find it */
};

/* s is UTF-8; nothing of it is kept. */
struct strength strength_of(const char *s, size_t len);

/* "weak, about 30 bits: a guesser needs minutes"; returns buf. */
#define STRENGTH_WORDS	80
char	*strength_words(char buf[STRENGTH_WORDS], const struct strength *);

#endif
