/*
 * drydock rollback: an earlier generation comes back.  drydock snapshot: the
 * one in place is kept as it is now, and the domU goes on with a copy.
 */
#include "core/cmd/managing.h"

static int
want_one(const struct managing *m, const char *word, uint64_t to,
    struct dd_err *e)
{
	if (m->t.n != 0) {
		(void)dd_fail(e, ERR_USAGE, "%s and --to name a generation "
		    "each", word);
		return dd_hint(e, "leave one of them out");
	}
	if (to >= 1 && to <= GEN_MAX)
		return 0;
	(void)dd_fail(e, ERR_USAGE, "--to %llu: no generation has that number",
	    (unsigned long long)to);
	return dd_hint(e, "drydock generations %s lists them", word);
}

int
cmd_rollback(const struct cmd_env *env, int argc, char **argv,
    struct dd_err *e)
{
	struct managing m = { .dry_run = false };
	struct dd_err why = DD_ERR_INIT;
	bool pristine = false;
	uint64_t to = UINT64_MAX;
	const struct arg args[] = {
		{ 0, "to", ARG_NUMBER, &to, "N",
		    "to generation N, forward, too" },
		{ 0, "pristine", ARG_FLAG, &pristine, NULL,
		    "to a copy of it as it came in" },
		{ 0, "note", ARG_STRING, &m.p.note, "TEXT",
		    "why, for the history" },
		MANAGING_ARGS(m),
		MANAGING_BOOT_ARGS(m),
		{ 0, NULL, ARG_FLAG, NULL, NULL, NULL }
	};
	int rc;

	if ((rc = args_parse(args, &argc, argv, 1, 1, e)) != 0)
		return rc == 1 ? 0 : -1;
	rc = managing_find(&m, env, argv[1], "rollback", e);
	/* 0 is not "the one before": who computed it wants a certain one */
	if (rc == 0 && to != UINT64_MAX)
		rc = want_one(&m, argv[1], to, e);
	m.p.how = pristine ? PLACING_PRISTINE : PLACING_BACK;
	m.p.n = to != UINT64_MAX ? (uint32_t)to : m.t.n;
	if (rc == 0)
		rc = managing_run(&m, e);
	if (rc == 0) {
		rc = managing_report(&m, NULL, NULL, NULL, e);
		/* also where nobody reads the report */
		if (managing_watch(&m, env, &why) == -1) {
			*e = why;
			rc = -1;
		}
	}
	return managing_end(&m, rc, e);
}

int
cmd_snapshot(const struct cmd_env *env, int argc, char **argv,
    struct dd_err *e)
{
	struct managing m = { .dry_run = false };
	const struct arg args[] = {
		{ 0, "note", ARG_STRING, &m.p.note, "TEXT",
		    "why, for generations and history" },
		MANAGING_ARGS(m),
		{ 0, NULL, ARG_FLAG, NULL, NULL, NULL }
	};
	int rc;

	if ((rc = args_parse(args, &argc, argv, 1, 1, e)) != 0)
		return rc == 1 ? 0 : -1;
	rc = managing_find(&m, env, argv[1], "snapshot", e);
	m.p.how = PLACING_WORK;
	if (rc == 0 && m.t.n != 0)
		rc = dd_fail(e, ERR_USAGE, "%s: a snapshot is made of the one "
		    "in place", argv[1]);
	/* by whomever, writing or not: it must hold still */
	if (rc == 0)
		rc = holders_refuse(m.fleet, m.p.image, true, e);
	if (rc == 0)
		rc = managing_run(&m, e);
	if (rc == 0)
		rc = managing_report(&m, NULL, NULL, NULL, e);
	return managing_end(&m, rc, e);
}
