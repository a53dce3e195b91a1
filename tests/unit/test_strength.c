/* What is said of passphrases: the weak ones must not look strong. */
#include "core/base/strength.h"
#include "tests/unit/t.h"

static unsigned
bits(const char *s)
{
	return strength_of(s, strlen(s)).bits;
}

static void
known_ones(void)
{
	static const struct {
		const char	*pass;
		unsigned	 least, most;
	} cases[] = {
		{ "", 0, 0 },
		{ "a", 4, 5 },
		{ "aaaaaaaaaaaaaaaa", 15, 20 },
		{ "AaAaAaAaAa", 10, 20 },
		{ "1234567890", 10, 13 },
		{ "9876543210", 10, 13 },
		{ "abcdefghijklmnop", 15, 20 },
		{ "qwertyuiop", 10, 15 },
		{ "asdfASDF", 8, 20 },
		{ "password", 12, 14 },
		{ "P4ssw0rd", 14, 17 },
		{ "P@$$word", 14, 18 },
		{ "letmein1", 14, 20 },
		{ "monkey12", 14, 20 },
		{ "internationalization", 30, 42 },
		{ "correct horse battery staple", 48, 58 },
		{ "kT7#mq2!vX9z", 65, 80 },
		{ "xkqzvwtrpmbd", 45, 57 },
		{ "83714920561837", 35, 47 },
	};
	size_t i;

	for (i = 0; i < sizeof(cases) / sizeof(cases[0]); i++)
		if (bits(cases[i].pass) < cases[i].least ||
		    bits(cases[i].pass) > cases[i].most)
			T_FAIL("\"%s\": %u bits, not %u to %u", cases[i].pass,
			    bits(cases[i].pass), cases[i].least,
			    cases[i].most);
}

/* One more character is never worth less than nothing, but where it makes a
 * word of what was none: that may take what a word saves. */
static void
more_is_no_less(void)
{
	const char *pass = "T7#mq2!vX9zk4&Wp8^c1%";
	unsigned before = 0;
	size_t n;

	for (n = 1; n <= strlen(pass); n++) {
		T(strength_of(pass, n).bits >= before);
		before = strength_of(pass, n).bits;
	}
}

/* Characters are counted, not bytes. */
static void
foreign(void)
{
	T_EQ(bits("\xc3\xa4"), 7);
	T_EQ(bits("\xc3\xa4\xc3\xb6\xe2\x82\xac"), 21);
	/* no UTF-8: nothing is read past the end */
	T(bits("\xff\xfe\x80\x80") <= 28);
	T(strength_of("\0\0\0\0", 4).bits <= 10);
}

static void
in_words(void)
{
	char buf[STRENGTH_WORDS];
	struct strength s;
	unsigned n;

	s = (struct strength){ STRENGTH_WEAK, 30 };
	T_STR(strength_words(buf, &s), "weak, about 30 bits: a guesser needs "
	    "minutes");
	s = strength_of("correct horse battery staple", 28);
	T_EQ(s.level, STRENGTH_FAIR);
	T(strstr(strength_words(buf, &s), "fair, about ") == buf);
	s = strength_of("kT7#mq2!vX9z", 12);
	T_EQ(s.level, STRENGTH_STRONG);
	T(strstr(strength_words(buf, &s), "strong, about ") == buf);
	for (n = 0; n < 4000; n += 7) {
		s.bits = n;
		T(strlen(strength_words(buf, &s)) < STRENGTH_WORDS - 1);
	}
}

int
main(void)
{
	T_RUN(known_ones);
	T_RUN(more_is_no_less);
	T_RUN(foreign);
	T_RUN(in_words);
	return t_done();
}
