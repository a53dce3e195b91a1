/*
 * Unit tests: checks that count, TAP lines out.
 *
 *	int main(void) { T_RUN(name_of_test); ...; return t_done(); }
 *
 * A test function uses T(cond), T_EQ(a, b), T_STR(a, b), T_OK(call) (a call
 * that must return 0 and fills `e`).  It goes on after a failure.
 */
#ifndef DD_TESTS_T_H
#define DD_TESTS_T_H

#include <inttypes.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "core/base/err.h"

static int t_bad, t_failed, t_count;

#define T_FAIL(...) do {						\
	t_bad = 1;							\
	printf("# %s:%d: ", __FILE__, __LINE__);			\
	printf(__VA_ARGS__);						\
	printf("\n");							\
} while (0)

#define T(cond) do {							\
	if (!(cond))							\
		T_FAIL("%s", #cond);					\
} while (0)

#define T_EQ(a, b) do {							\
	int64_t t_a = (int64_t)(a), t_b = (int64_t)(b);			\
	if (t_a != t_b)							\
		T_FAIL("%s is %" PRId64 ", not %" PRId64, #a, t_a, t_b);\
} while (0)

#define T_STR(a, b) do {						\
	const char *t_a = (a), *t_b = (b);				\
	if (t_a == NULL || strcmp(t_a, t_b) != 0)			\
		T_FAIL("%s is \"%s\", not \"%s\"", #a,			\
		    t_a == NULL ? "(null)" : t_a, t_b);			\
} while (0)

/* `e` is the test's struct dd_err. */
#define T_OK(call) do {							\
	dd_err_clear(&e);						\
	if ((call) != 0)						\
		T_FAIL("%s: %s", #call, e.msg);				\
} while (0)

#define T_ERR(call, want) do {						\
	dd_err_clear(&e);						\
	if ((call) == 0)						\
		T_FAIL("%s: succeeded", #call);				\
	else if (e.code != (want))					\
		T_FAIL("%s: %s (%s), not %s", #call, e.msg,		\
		    dd_code_name(e.code), dd_code_name(want));		\
} while (0)

#define T_RUN(fn) do {							\
	t_bad = 0;							\
	fn();								\
	t_count++;							\
	t_failed += t_bad;						\
	printf("%s %d - %s\n", t_bad ? "not ok" : "ok", t_count, #fn);	\
	fflush(stdout);							\
} while (0)

static inline int
t_done(void)
{
	printf("1..%d\n", t_count);
	return t_failed != 0;
}

#endif
