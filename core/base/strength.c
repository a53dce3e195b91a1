/*
 * The estimate; see strength.h.  Bits are counted in tenths.
 *
 * A character is worth what its kinds are, once each is known to be used.  One
 * that continues a repeat or a row ("aaa", "345", "qwer") is worth one bit.  A
 * run of letters that can be pronounced counts as words of a list of some
 * thousands: 13 bits for each eight letters, and one for each that is written
 * otherwise ("P4ssw0rd").
 */
#include <stdbool.h>
#include <stdio.h>
#include <string.h>

#include "core/base/strength.h"

#define BIT		10
#define WORD_BITS	(13 * BIT)
#define WORD_LETTERS	8
#define WORD_MIN	4
#define CONSONANTS_MAX	3	/* one after the other, in a word */

enum kind { LOWER = 1, UPPER = 2, DIGIT = 4, OTHER = 8, FOREIGN = 16 };

static const struct {
	enum kind	 kind;
	unsigned	 pool;
} kinds[] = {
	{ LOWER, 26 }, { UPPER, 26 }, { DIGIT, 10 }, { OTHER, 33 },
	{ FOREIGN, 100 },
};

/* log2 of pools. */
static const struct {
	unsigned	 pool, bits;
} worths[] = {
	{ 10, 33 }, { 26, 47 }, { 36, 52 }, { 43, 54 }, { 52, 57 }, { 62, 59 },
	{ 69, 61 }, { 95, 66 }, { ~0U, 70 },
};

/* Neighbours of the keyboard; those of the alphabet and of numbers are their
 * codes' neighbours. */
static const char *const rows[] = { "qwertyuiop", "asdfghjkl", "zxcvbnm",
    "7890" };

/* What stands for a letter. */
static const char looks[] = "4@310!5$7", letters[] = "aaeioisst";

static enum kind
kind_of(char c)
{
	if (c >= 'a' && c <= 'z')
		return LOWER;
	if (c >= 'A' && c <= 'Z')
		return UPPER;
	if (c >= '0' && c <= '9')
		return DIGIT;
	return (c & 0x80) != 0 ? FOREIGN : OTHER;
}

/* The lower-case letter that it is or stands for, or 0. */
static char
letter_of(char c)
{
	const char *at;

	if (kind_of(c) == UPPER)
		return (char)(c - 'A' + 'a');
	if (kind_of(c) == LOWER)
		return c;
	at = c == '\0' ? NULL : strchr(looks, c);
	return at == NULL ? '\0' : letters[at - looks];
}

static char
lower(char c)
{
	return kind_of(c) == UPPER ? letter_of(c) : c;
}

static bool
in_row(char a, char b)
{
	const char *at;
	size_t i;

	for (i = 0; a != '\0' && i < sizeof(rows) / sizeof(rows[0]); i++)
		if ((at = strchr(rows[i], a)) != NULL && b != '\0' &&
		    (at[1] == b || (at > rows[i] && at[-1] == b)))
			return true;
	return false;
}

/* Does b add little to what stands before it? */
static bool
follows(char a, char b)
{
	a = lower(a);
	b = lower(b);
	if (a == b)
		return true;
	if (kind_of(a) == kind_of(b) && (kind_of(a) == LOWER ||
	    kind_of(a) == DIGIT) && (a + 1 == b || b + 1 == a))
		return true;
	return in_row(a, b);
}

/* What a character is worth by itself. */
static unsigned
worth_of(const char *s, size_t len)
{
	unsigned seen = 0, pool = 0;
	size_t i;

	for (i = 0; i < len; i++)
		seen |= kind_of(s[i]);
	for (i = 0; i < sizeof(kinds) / sizeof(kinds[0]); i++)
		if ((seen & kinds[i].kind) != 0)
			pool += kinds[i].pool;
	for (i = 0; worths[i].pool < pool; i++)
		continue;
	return worths[i].bits;
}

/* How many characters from s on make what may be words; 0: none. */
static size_t
word_length(const char *s, size_t len)
{
	size_t n, real = 0, consonants = 0;

	for (n = 0; n < len && letter_of(s[n]) != '\0'; n++) {
		real += kind_of(s[n]) == LOWER || kind_of(s[n]) == UPPER;
		consonants = strchr("aeiouy", letter_of(s[n])) != NULL ? 0 :
		    consonants + 1;
		if (consonants > CONSONANTS_MAX)
			break;
	}
	return n >= WORD_MIN && real * 2 > n ? n : 0;
}

/* Of n characters that are no word: each by itself, or as it follows. */
static unsigned
characters(const char *s, size_t at, size_t n, unsigned worth)
{
	unsigned bits = 0;
	size_t i;

	for (i = at; i < at + n; i++) {
		if ((s[i] & 0xc0) == 0x80)
			continue;	/* of the character before */
		bits += s[i] == ' ' || (i > 0 && follows(s[i - 1], s[i])) ?
		    BIT : worth;
	}
	return bits;
}

static unsigned
word(const char *s, size_t n)
{
	unsigned bits = WORD_BITS * (unsigned)((n + WORD_LETTERS - 1) /
	    WORD_LETTERS);
	size_t i;

	for (i = 0; i < n; i++)
		bits += kind_of(s[i]) == LOWER ? 0 : BIT;
	return bits;
}

struct strength
strength_of(const char *s, size_t len)
{
	const unsigned worth = worth_of(s, len);
	unsigned bits = 0, as_word, as_noise;
	size_t i, n;

	for (i = 0; i < len; i += n) {
		n = word_length(s + i, len - i);
		as_word = word(s + i, n);
		if (n == 0)
			n = 1;
		as_noise = characters(s, i, n, worth);
		bits += n > 1 && as_word < as_noise ? as_word : as_noise;
	}
	bits /= BIT;
	return (struct strength){ bits < 43 ? STRENGTH_WEAK : bits < 58 ?
	    STRENGTH_FAIR : STRENGTH_STRONG, bits };
}

/* Of somebody who tries a million a second, of a keygen that takes a second
 * here: at that many bits half of all are tried in less than it says. */
static const struct {
	unsigned	 bits;
	const char	*time;
} needs[] = {
	{ 27, "seconds" }, { 33, "minutes" }, { 38, "hours" }, { 43, "days" },
	{ 46, "months" }, { 53, "years" }, { 58, "centuries" },
};

char *
strength_words(char buf[STRENGTH_WORDS], const struct strength *s)
{
	size_t i;

	for (i = 0; i < sizeof(needs) / sizeof(needs[0]); i++)
		if (s->bits < needs[i].bits) {
			(void)snprintf(buf, STRENGTH_WORDS, "%s, about %u "
			    "bits: a guesser needs %s",
			    s->level == STRENGTH_WEAK ? "weak" : "fair",
			    s->bits, needs[i].time);
			return buf;
		}
	(void)snprintf(buf, STRENGTH_WORDS, "strong, about %u bits, if nobody "
	    "can know how it was made", s->bits);
	return buf;
}
