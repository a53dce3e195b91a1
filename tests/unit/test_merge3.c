/*
 * merge3: what git merge-file -p makes of the same texts, properties that any
 * merge must have on generated ones, and the bounds.
 */
#include "core/base/linediff.h"
#include "core/base/merge3.h"
#include "tests/unit/t.h"

#define ROOM	1024

static struct buf out;
static unsigned conflicts;
static size_t line;

static void
merge(const char *base, const char *ours, const char *theirs)
{
	buf_dispose(&out);
	T_EQ(merge3(base, strlen(base), ours, strlen(ours), theirs,
	    strlen(theirs), &out, &conflicts, &line), 0);
}

static void
makes(const char *base, const char *ours, const char *theirs,
    const char *want)
{
	merge(base, ours, theirs);
	T_EQ(conflicts, 0);
	T_STR(out.p, want);
}

static void
conflict_at(const char *base, const char *ours, const char *theirs,
    size_t want)
{
	merge(base, ours, theirs);
	T(conflicts > 0);
	T_EQ(line, want);
}

static void
as_git_merges(void)
{
	makes("1\n2\n3\n4\n5\n", "1\nB\n3\n4\n5\n", "1\n2\n3\n4\nE\n",
	    "1\nB\n3\n4\nE\n");
	makes("1\n2\n3\n", "1\n2\nmine\n3\n", "1\n2\n3\ntheirs\n",
	    "1\n2\nmine\n3\ntheirs\n");
	makes("a\nb\nc\nd\ne\n", "a\nc\nd\ne\n", "a\nb\nc\nd\n",
	    "a\nc\nd\n");
	makes("a\nb\nc\n", "", "a\nb\nc\n", "");
	makes("", "", "", "");
	/* the same change twice, alone and beside others */
	makes("1\n2\n", "1\n2\nnew\n", "1\n2\nnew\n", "1\n2\nnew\n");
	makes("1\n2\n3\n4\n5\n", "1\n2\n3\n4\nfive\n",
	    "one\n2\n3\n4\nfive\n", "one\n2\n3\n4\nfive\n");
}

static void
conflicts_as_in_git(void)
{
	conflict_at("1\n2\n3\n", "1\nX\n3\n", "1\nY\n3\n", 2);
	/* changes that touch */
	conflict_at("1\n2\n3\n", "1\nX\n3\n", "1\n2\nY\n", 2);
	conflict_at("", "x\n", "y\n", 1);
	conflict_at("a\nb\nc\n", "", "a\nB\nc\n", 1);
	conflict_at("a\nb\nc\n", "a\nB\nc\n", "", 1);
	/* lines of ours are counted, not of base */
	conflict_at("1\n2\n3\n4\n", "0\n0\n1\n2\n3\nX\n", "1\n2\n3\nY\n", 6);
	merge("1\n2\n3\n4\n5\n", "a\n2\n3\n4\nb\n", "c\n2\n3\n4\nd\n");
	T_EQ(conflicts, 2);
	T_EQ(line, 1);
}

static void
no_newline_at_the_end(void)
{
	makes("1\n2\n3", "0\n1\n2\n3", "1\n2\n3\n", "0\n1\n2\n3\n");
	makes("1\n2\n3\n", "0\n1\n2\n3\n", "1\n2\n3", "0\n1\n2\n3");
	makes("1\n2\n3", "0\n1\n2\n3", "1\n2\n3", "0\n1\n2\n3");
	makes("1\n2\n3", "1\n2\n3\n", "1\n2\n3\n", "1\n2\n3\n");
	conflict_at("1\n2", "1\n2\n", "1\n2\n3", 2);
	conflict_at("x", "x\n", "y", 1);
}

/* Random lines of so many different kinds, and edits of them. */
static void
random_text(char *p, unsigned lines, unsigned kinds)
{
	while (lines-- > 0) {
		*p++ = (char)('!' + (unsigned)rand() % kinds);
		*p++ = '\n';
	}
	*p = '\0';
}

static void
edited(const char *from, char *to, unsigned kinds, unsigned edits)
{
	size_t len = strlen(from), at;

	memcpy(to, from, len + 1);
	while (edits-- > 0) {
		unsigned how = (unsigned)rand() % 3;

		at = 2 * ((size_t)rand() % (len / 2 + 1));
		if (how == 0 || at == len) {
			memmove(to + at + 2, to + at, len - at + 1);
			to[at + 1] = '\n';
			len += 2;
		} else if (how == 1) {
			memmove(to + at, to + at + 2, len - at - 1);
			len -= 2;
			continue;
		}
		to[at] = (char)('!' + (unsigned)rand() % kinds);
	}
	if (len > 0 && rand() % 8 == 0)
		to[len - 1] = '\0';
}

static void
properties(void)
{
	char base[ROOM], ours[ROOM], theirs[ROOM], *once;
	unsigned i, kinds, clean = 0;

	srand(1);
	for (i = 0; i < 6000 && !t_bad; i++) {
		kinds = 1 + i % 90;
		random_text(base, (unsigned)rand() % 40, kinds);
		edited(base, ours, kinds, (unsigned)rand() % 5);
		edited(base, theirs, kinds, (unsigned)rand() % 5);
		makes(base, ours, base, ours);
		makes(base, base, theirs, theirs);
		makes(base, ours, ours, ours);
		merge(base, ours, theirs);
		if (conflicts > 0) {
			T(line > 0 && line <= strlen(ours) / 2 + 1);
			continue;
		}
		clean++;
		once = buf_steal(&out);
		makes(base, once, theirs, once);
		free(once);
	}
	T(clean > 3000);
}

/* Edits that keep away from each other in lines that are all different: here
 * it is known what must come out. */
static void
edits_apart(void)
{
	struct buf text[4];
	int i, j, n, whose, how;
	unsigned k;

	srand(2);
	for (i = 0; i < 300 && !t_bad; i++) {
		memset(text, 0, sizeof(text));
		n = 3 + rand() % 60;
		for (j = 0; j < n; j++) {
			/* 0: base, 1: ours, 2: theirs, 3: expected */
			whose = j % 3 == 0 ? 1 + rand() % 3 : 0;
			how = rand() % 3;
			for (k = 0; k < 4; k++) {
				if (whose == 0 || k == 0 ||
				    (whose != 3 && k != 3 && k != (unsigned)
				    whose) || how == 0)
					(void)buf_printf(&text[k], "l%d\n",
					    j);
				if (whose != 0 && k != 0 && how < 2 &&
				    (whose == 3 || k == 3 ||
				    k == (unsigned)whose))
					(void)buf_printf(&text[k],
					    "new %d\n", j);
			}
		}
		for (k = 0; k < 4; k++)
			(void)buf_str(&text[k], "the end\n");
		makes(text[0].p, text[1].p, text[2].p, text[3].p);
		for (k = 0; k < 4; k++)
			buf_dispose(&text[k]);
	}
}

/* In the merge the second v can be matched otherwise than in theirs; that it
 * has all of theirs is seen nevertheless. */
static void
lines_that_repeat(void)
{
	static const char base[] = "b\nu\nv\ne\ny\nt\n",
	    theirs[] = "b\nu\nw\nv\nv\ne\ny\nt\n",
	    want[] = "b\nu\nw\nv\nv\ne\ny\ni\n";

	makes(base, "b\nu\nv\ne\ny\ni\n", theirs, want);
	makes(base, want, theirs, want);
}

/* "b c" was removed before "b", or "c b" behind it: always the latter. */
static void
runs_slide_down(void)
{
	static const char a[] = "x\na\nb\nc\nb\n", b[] = "a\nb\n";
	struct lines la = LINES_INIT, lb = LINES_INIT;
	struct lines_hunk h = { .a0 = 0 };

	T_EQ(lines_split(&la, a, strlen(a)), 0);
	T_EQ(lines_split(&lb, b, strlen(b)), 0);
	T_EQ(lines_compare(&la, &lb), 0);
	lines_slide(&la, &lb);
	T(lines_next(&la, &lb, &h));
	T(h.a0 == 0 && h.a1 == 1 && h.b0 == 0 && h.b1 == 0);
	T(lines_next(&la, &lb, &h));
	T(h.a0 == 3 && h.a1 == 5 && h.b0 == 2 && h.b1 == 2);
	T(!lines_next(&la, &lb, &h));
	lines_dispose(&la);
	lines_dispose(&lb);
}

static void
too_different_is_a_conflict(void)
{
	struct buf a = BUF_INIT, b = BUF_INIT, c = BUF_INIT;
	int i;

	for (i = 0; i < 4000; i++) {
		(void)buf_printf(&a, "a%d\n", i);
		(void)buf_printf(&b, "b%d\n", i);
		(void)buf_printf(&c, "%s%d\n", i == 2000 ? "c" : "a", i);
	}
	conflict_at(a.p, b.p, c.p, 1);
	makes(a.p, b.p, a.p, b.p);
	makes(a.p, b.p, b.p, b.p);
	buf_dispose(&a);
	buf_dispose(&b);
	buf_dispose(&c);
}

/* Nothing that was there before is lost. */
static void
appends(void)
{
	struct buf b = BUF_INIT;

	(void)buf_str(&b, "before ");
	T_EQ(merge3(NULL, 0, "x", 1, NULL, 0, &b, &conflicts, &line), 0);
	T_STR(b.p, "before x");
	buf_dispose(&b);
	T_EQ(merge3("x", 1, NULL, 0, "x", 1, &b, &conflicts, &line), 0);
	T_STR(b.p, "");
	buf_dispose(&b);
}

int
main(void)
{
	T_RUN(as_git_merges);
	T_RUN(conflicts_as_in_git);
	T_RUN(no_newline_at_the_end);
	T_RUN(properties);
	T_RUN(edits_apart);
	T_RUN(lines_that_repeat);
	T_RUN(runs_slide_down);
	T_RUN(too_different_is_a_conflict);
	T_RUN(appends);
	buf_dispose(&out);
	return t_done();
}
