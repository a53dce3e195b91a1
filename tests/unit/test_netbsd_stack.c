/*
 * Stacks (core/host/stack.h) of NetBSD's devices, on the model of its kernel:
 * whichever call fails, and whenever the process ends, what is left is known by
 * its record and comes down.
 */
#include "core/host/stack_impl.h"
#include "tests/unit/scratch.h"
#include "tests/netbsd/netbsd.h"

static const struct stack_ask wanted = {
	.part = { .image = "/xen/a.img", .dev = 7, .ino = 100, .len = 1 << 20 },
	.fstype = "ffs", .cipher = &xts
};

/* All that there are records of comes down; how many there were. */
static size_t
take_down_all(void)
{
	struct dd_err why = DD_ERR_INIT;
	struct stack_left *v = NULL;
	size_t i, n = 0;

	if (stacks_read(&v, &n, &why) == -1)
		T_FAIL("records: %s", why.msg);
	for (i = 0; i < n; i++)
		if (stack_take_down(k, &v[i], &why) == -1)
			T_FAIL("%s: %s", v[i].record, why.msg);
	stacks_free(v, n);
	return n;
}

static void
a_stack_goes_up_and_comes_down(void)
{
	struct stack *s = NULL;

	model_reset();
	stack_dir = scratch("run");
	T_OK(stack_open(k, &wanted, &s, &e));
	T_STR(stack_device(s)->path, "/dev/cgd0d");
	T_EQ(m.nmounts, 1);
	T_STR(m.mount[0].on, stack_mount_point(s));
	T_OK(stack_close(s, &e));
	T(model_is_clean());
	T_EQ(take_down_all(), 0);
}

static void
each_call_fails_under_a_stack(void)
{
	unsigned at, n, opens = 0, closes = 0;
	struct stack *s;

	model_reset();
	stack_dir = scratch("run");
	T_OK(stack_open(k, &wanted, &s, &e));
	T_OK(stack_close(s, &e));
	for (n = m.calls, at = 1; at <= n; at++) {
		model_reset();
		m.fail[0] = at;
		dd_err_clear(&e);
		if (stack_open(k, &wanted, &s, &e) == -1) {
			opens++;
			T(model_is_clean());
			T_EQ(take_down_all(), 0);
			continue;
		}
		if (stack_close(s, &e) == -1) {
			closes++;
			T_EQ(e.code, ERR_RECOVER);
			T_EQ(take_down_all(), 1);
		}
		if (!model_is_clean())
			T_FAIL("call %u: left behind:\n%s", at, m.log);
		T_EQ(take_down_all(), 0);
	}
	T(opens > 0 && closes > 0);
	printf("# %u calls failed in turn: %u opens, %u closes failed\n", n,
	    opens, closes);
}

/* From that call on nothing works, as if the process had ended there. */
static void
a_process_ends_at_each_call(void)
{
	unsigned at, n, left = 0;
	struct stack *s;

	model_reset();
	stack_dir = scratch("run");
	T_OK(stack_open(k, &wanted, &s, &e));
	T_OK(stack_close(s, &e));
	for (n = m.calls, at = 1; at <= n; at++) {
		model_reset();
		m.dead = at;
		dd_err_clear(&e);
		if (stack_open(k, &wanted, &s, &e) == 0)
			(void)stack_close(s, &e);
		m.dead = 0;
		T(model_none_open());
		left += take_down_all() > 0;
		if (!model_is_clean())
			T_FAIL("%u: left behind:\n%s", at, m.log);
	}
	T(left > n / 2);
	printf("# the process ended at %u calls; %u records were left\n", n,
	    left);
}

/* What lies on a vnd that shows another image by now is another's. */
static void
a_cgd_on_what_is_another_s_stays(void)
{
	struct dd_err why = DD_ERR_INIT;
	struct stack_left l = { .dev = 7, .ino = 100,
	    .crypt_name = "drydock-x" };

	model_reset();
	another(0, 101);
	m.unit[MODEL_CGD][0].set = true;
	m.unit[MODEL_CGD][0].dev = model_rdev(MODEL_VND, 0, MODEL_RAW);
	(void)strcpy(l.device.path, "/dev/vnd0d");
	(void)strcpy(l.device.raw, "/dev/rvnd0d");
	l.device.rdev = model_rdev(MODEL_VND, 0, MODEL_RAW);
	l.record = strdup(scratch("no record"));
	T_EQ(stack_take_down(k, &l, &why), 0);
	T_STR(m.log, "");
	T(m.unit[MODEL_CGD][0].set && m.unit[MODEL_VND][0].set);
	/* and of one that is unused it is not asked */
	model_reset();
	T_EQ(stack_take_down(k, &l, &why), 0);
	stack_left_dispose(&l);
}

int
main(void)
{
	T_RUN(a_stack_goes_up_and_comes_down);
	T_RUN(each_call_fails_under_a_stack);
	T_RUN(a_process_ends_at_each_call);
	T_RUN(a_cgd_on_what_is_another_s_stays);
	return t_done();
}
