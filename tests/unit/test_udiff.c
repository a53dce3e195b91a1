/* udiff against known outputs, and against an independent applier. */
#include "core/base/buf.h"
#include "core/base/udiff.h"
#include "tests/unit/t.h"

static char *
diff(const char *a, const char *b)
{
	struct buf out = BUF_INIT;

	T_EQ(udiff(&out, "a", a, strlen(a), "b", b, strlen(b)), 0);
	return buf_steal(&out);
}

static void
known(const char *a, const char *b, const char *want)
{
	char *got = diff(a, b);

	T_STR(got, want);
	free(got);
}

static void
known_outputs(void)
{
	known("", "", "");
	known("x\ny\n", "x\ny\n", "");
	known("", "x\n", "--- a\n+++ b\n@@ -0,0 +1 @@\n+x\n");
	known("x\ny\n", "", "--- a\n+++ b\n@@ -1,2 +0,0 @@\n-x\n-y\n");
	known("a\nb\nc\n", "a\nB\nc\n",
	    "--- a\n+++ b\n@@ -1,3 +1,3 @@\n a\n-b\n+B\n c\n");
	known("1\n2\n3\n4\n5\n", "1\n2\n3\n4\n5\n6\n",
	    "--- a\n+++ b\n@@ -3,3 +3,4 @@\n 3\n 4\n 5\n+6\n");
	known("a", "a\n", "--- a\n+++ b\n@@ -1 +1 @@\n-a\n"
	    "\\ No newline at end of file\n+a\n");
}

static void
hunks_apart_and_joined(void)
{
	/* seven equal lines between: two hunks; six: one */
	known("x\n1\n2\n3\n4\n5\n6\n7\ny\n", "X\n1\n2\n3\n4\n5\n6\n7\nY\n",
	    "--- a\n+++ b\n@@ -1,4 +1,4 @@\n-x\n+X\n 1\n 2\n 3\n"
	    "@@ -6,4 +6,4 @@\n 5\n 6\n 7\n-y\n+Y\n");
	known("x\n1\n2\n3\n4\n5\n6\ny\n", "X\n1\n2\n3\n4\n5\n6\nY\n",
	    "--- a\n+++ b\n@@ -1,8 +1,8 @@\n-x\n+X\n 1\n 2\n 3\n 4\n 5\n 6\n"
	    "-y\n+Y\n");
}

static void
escapes_stay_off_the_terminal(void)
{
	known("", "\033[2J\tx\n",
	    "--- a\n+++ b\n@@ -0,0 +1 @@\n+\\033[2J\tx\n");
}

/* Apply a diff to a, by the numbers in its hunks. */
static char *
apply(const char *a, const char *d)
{
	struct buf out = BUF_INIT;
	size_t at = 1, from, lines;

	while (*d != '\0') {
		const char *nl = strchr(d, '\n') + 1;

		if (strncmp(d, "---", 3) == 0 || strncmp(d, "+++", 3) == 0)
			;
		else if (d[0] == '@') {
			lines = 1;
			(void)sscanf(d, "@@ -%zu,%zu", &from, &lines);
			for (from += lines == 0; at < from; at++) {
				size_t n = strcspn(a, "\n") + 1;

				(void)buf_add(&out, a, n);
				a += n;
			}
		} else {
			if (d[0] != '-')
				(void)buf_add(&out, d + 1,
				    (size_t)(nl - d - 1));
			if (d[0] != '+') {
				T(strncmp(a, d + 1, (size_t)(nl - d - 1)) ==
				    0);
				a += strcspn(a, "\n") + 1;
				at++;
			}
		}
		d = nl;
	}
	(void)buf_str(&out, a);
	return buf_steal(&out);
}

static void
random_text(char *p, unsigned lines, unsigned letters)
{
	while (lines-- > 0) {
		*p++ = (char)('a' + (unsigned)rand() % letters);
		*p++ = '\n';
	}
	*p = '\0';
}

static void
random_texts_apply(void)
{
	char a[200], b[200];
	int i;

	srand(1);
	for (i = 0; i < 4000 && !t_bad; i++) {
		char *d, *got;

		random_text(a, (unsigned)rand() % 40, 1 + (unsigned)i % 9);
		random_text(b, (unsigned)rand() % 40, 1 + (unsigned)i % 9);
		d = diff(a, b);
		got = apply(a, d);
		T_STR(got, b);
		free(got);
		free(d);
	}
}

/* Shortest edit for known cases: one line moved is one removed, one added. */
static void
edits_are_few(void)
{
	char *d = diff("1\n2\n3\n4\n5\n6\n7\n8\n9\n",
	    "2\n3\n4\n5\n6\n7\n8\n9\n1\n");
	const char *p;
	int n = 0;

	for (p = d; (p = strchr(p, '\n')) != NULL; p++)
		n += p[1] == '+' || p[1] == '-';
	T_EQ(n, 3);		/* the "+++" line, -1 and +1 */
	free(d);
}

static void
too_different_is_one_hunk(void)
{
	struct buf a = BUF_INIT, b = BUF_INIT, out = BUF_INIT;
	char *got;
	int i;

	for (i = 0; i < 4000; i++) {
		(void)buf_printf(&a, "a%d\n", i);
		(void)buf_printf(&b, "b%d\n", i);
	}
	T_EQ(udiff(&out, "a", a.p, a.len, "b", b.p, b.len), 0);
	T(strncmp(out.p, "--- a\n+++ b\n@@ -1,4000 +1,4000 @@\n", 34) == 0);
	got = apply(a.p, out.p);
	T_STR(got, b.p);
	free(got);
	buf_dispose(&a);
	buf_dispose(&b);
	buf_dispose(&out);
}

static void
text_or_not(void)
{
	T(udiff_is_text("", 0));
	T(udiff_is_text("abc", 3));
	T(!udiff_is_text("a\0c", 3));
}

int
main(void)
{
	T_RUN(known_outputs);
	T_RUN(hunks_apart_and_joined);
	T_RUN(escapes_stay_off_the_terminal);
	T_RUN(random_texts_apply);
	T_RUN(edits_are_few);
	T_RUN(too_different_is_one_hunk);
	T_RUN(text_or_not);
	return t_done();
}
