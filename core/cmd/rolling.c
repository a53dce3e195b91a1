/* Several domUs, one after the other; see rolling.h. */
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "core/cmd/fleet_out.h"
#include "core/cmd/rolling.h"

int
rolling_init(struct rolling *r, size_t n, struct dd_err *e)
{
	r->n = 0;
	r->v = calloc(n + 1, sizeof(*r->v));
	return r->v == NULL ? dd_fail_nomem(e) : 0;
}

int
rolling_add(struct rolling *r, const char *domu, const char *role,
    uint32_t n, bool there, struct dd_err *e)
{
	struct buf word = BUF_INIT;

	(void)buf_printf(&word, "%s:%s", domu, role);
	if (n != 0)
		(void)buf_printf(&word, "@%u", n);
	r->v[r->n] = (struct rolling_member){ .name = domu,
	    .word = buf_steal(&word), .state = there ? ROLLING_THERE :
	    ROLLING_UNTOUCHED, .child = CHILD_INIT, .why = DD_ERR_INIT };
	return r->v[r->n++].word == NULL ? dd_fail_nomem(e) : 0;
}

void
rolling_dispose(struct rolling *r)
{
	size_t i;

	for (i = 0; i < r->n; i++) {
		child_dispose(&r->v[i].child);
		free(r->v[i].word);
	}
	free(r->v);
	r->v = NULL;
	r->n = 0;
}

static struct rolling_member *
next(const struct rolling *r)
{
	size_t i;

	for (i = 0; i < r->n; i++)
		if (r->v[i].state == ROLLING_UNTOUCHED)
			return &r->v[i];
	return NULL;
}

static size_t
count(const struct rolling *r, enum rolling_state state)
{
	size_t i, n = 0;

	for (i = 0; i < r->n; i++)
		n += r->v[i].state == state;
	return n;
}

static int
begin(const struct cmd_env *env, struct rolling *r, struct rolling_member *m)
{
	const char *words[CHILD_ARGS + 1];

	r->words(r->arg, m, words);
	m->state = ROLLING_AT_WORK;
	if (child_start(env, words, CHILD_TAKEN, false, &m->child,
	    &m->why) == 0)
		return 0;
	m->state = ROLLING_FAILED;
	return -1;
}

/* Until one of those at work has ended. */
static int
wait_for_one(struct rolling *r, struct dd_err *e)
{
	struct rolling_member *at_work[CHILD_AT_ONCE], *m;
	struct child *children[CHILD_AT_ONCE];
	size_t i, n = 0;
	int at;

	for (i = 0; i < r->n; i++)
		if (r->v[i].state == ROLLING_AT_WORK) {
			at_work[n] = &r->v[i];
			children[n++] = &r->v[i].child;
		}
	if ((at = child_wait_any(children, n, e)) == -1)
		return -1;
	m = at_work[at];
	m->state = child_result(&m->child, &m->why) == 0 ?
	    ROLLING_DONE : ROLLING_FAILED;
	return 0;
}

static void
tell(const struct cmd_env *env, const struct rolling *r)
{
	struct dd_err ignored = DD_ERR_INIT;
	char what[160] = "";
	size_t i, len;

	for (i = 0; i < r->n; i++) {
		if (r->v[i].state != ROLLING_AT_WORK)
			continue;
		len = strlen(what);
		(void)snprintf(what + len, sizeof(what) - len, "%s%s",
		    len > 0 ? ", " : "", r->v[i].name);
	}
	(void)progress_tick(env->progress, what, count(r, ROLLING_DONE) +
	    count(r, ROLLING_THERE) + count(r, ROLLING_FAILED), r->n,
	    &ignored);
}

static int
roll(const struct cmd_env *env, struct rolling *r, struct dd_err *e)
{
	const size_t width = r->width > CHILD_AT_ONCE ? CHILD_AT_ONCE :
	    r->width == 0 ? 1 : (size_t)r->width;
	volatile int *cancel = env->progress->cancel;
	struct rolling_member *m;
	bool stop, canary = false;
	size_t at_work;

	for (;;) {
		stop = count(r, ROLLING_FAILED) > 0 ||
		    (cancel != NULL && *cancel != 0);
		canary = canary || count(r, ROLLING_DONE) > 0;
		at_work = count(r, ROLLING_AT_WORK);
		if (!stop && at_work < (canary ? width : 1) &&
		    (m = next(r)) != NULL) {
			(void)begin(env, r, m);
			tell(env, r);
		} else if (at_work == 0)
			return 0;
		else if (wait_for_one(r, e) == -1)
			return -1;
	}
}

/* What something that is left of one outweighs. */
static enum dd_code
gravest(const struct rolling *r, const struct rolling_member *failed)
{
	size_t i;

	for (i = 0; i < r->n; i++)
		if (r->v[i].state == ROLLING_FAILED &&
		    r->v[i].why.code == ERR_RECOVER)
			return ERR_RECOVER;
	return count(r, ROLLING_DONE) + count(r, ROLLING_THERE) > 0 ?
	    ERR_PARTLY : failed->why.code;
}

/* What failed first, and what became of the others. */
static int
judge(const struct rolling *r, struct dd_err *e)
{
	size_t i, done = count(r, ROLLING_DONE);

	for (i = 0; i < r->n; i++) {
		if (r->v[i].state != ROLLING_FAILED)
			continue;
		(void)dd_fail(e, gravest(r, &r->v[i]), "%s: %s",
		    r->v[i].word, r->v[i].why.msg);
		return dd_hint(e, "%s", r->v[i].why.hint[0] != '\0' ?
		    r->v[i].why.hint : "mend that, and repeat the command: "
		    "it goes on where it stopped");
	}
	if (count(r, ROLLING_UNTOUCHED) == 0)
		return 0;
	(void)dd_fail(e, done > 0 ? ERR_PARTLY : ERR_CANCEL, "stopped, as you "
	    "asked");
	return dd_hint(e, "the same command goes on where it stopped");
}

int
rolling_run(const struct cmd_env *env, struct rolling *r, struct dd_err *e)
{
	struct sigaction was, ignore = { .sa_handler = SIG_IGN };
	int rc;

	/* a line that hangs up must not leave the fleet half-way */
	(void)sigaction(SIGHUP, &ignore, &was);
	rc = roll(env, r, e);
	(void)sigaction(SIGHUP, &was, NULL);
	if (rc == -1) {
		/* they are still at work */
		e->code = ERR_PARTLY;
		return -1;
	}
	return judge(r, e);
}

static const char *
state_text(const struct rolling_member *m, bool planned)
{
	switch (m->state) {
	case ROLLING_THERE:
		return "has it already";
	case ROLLING_AT_WORK:
		return "at work";
	case ROLLING_DONE:
		return "done";
	case ROLLING_FAILED:
		return "failed";
	case ROLLING_UNTOUCHED:
		break;
	}
	return planned ? "would take it" : "untouched";
}

void
rolling_text(const struct rolling *r, bool planned, struct buf *b)
{
	const struct rolling_member *m;
	size_t i;

	for (i = 0; i < r->n; i++) {
		m = &r->v[i];
		(void)buf_str(b, "  ");
		fleet_out_text(b, m->name);
		(void)buf_printf(b, ": %s%s%s\n", state_text(m, planned),
		    m->state == ROLLING_FAILED ? ": " : "",
		    m->state == ROLLING_FAILED ? m->why.msg : "");
	}
}

struct json_object *
rolling_json(const struct rolling *r)
{
	static const char *const states[] = { "untouched", "there",
	    "at-work", "done", "failed" };
	struct json_object *list = json_object_new_array(), *o;
	size_t i;

	for (i = 0; i < r->n; i++) {
		o = json_object_new_object();
		json_set_string(o, "domu", r->v[i].name);
		json_set_string(o, "state", states[r->v[i].state]);
		json_set_string(o, "message", r->v[i].state ==
		    ROLLING_FAILED ? r->v[i].why.msg : NULL);
		(void)json_object_array_add(list, o);
	}
	return list;
}
