/*
 * drydock doctor: everything that is wrong with the fleet and its host, the
 * gravest first, with what mends it.  For people, and for cron and monitoring.
 * It changes nothing.
 */
#include <stdio.h>
#include <string.h>

#include "core/base/quote.h"
#include "core/cmd/fleet_out.h"
#include "core/cmd/json_out.h"
#include "core/fleet/doctor.h"

struct visit {
	bool		 json, quiet;
	const char	*fail_on;
	uint64_t	 watch;			/* seconds */
	enum fleet_severity worst;		/* to fail on */
	const char	*const *names;		/* domUs; NULL-terminated */
	struct fleet	*fleet;
	struct restarts	 restarts;
	struct doctor	*found;
	size_t		 count[SEV_COUNT];	/* of those asked for */
};

/* -- which of them ------------------------------------------------------ */

static bool
is_asked_for(const struct visit *v, const struct doctor_finding *f)
{
	size_t i;

	for (i = 0; v->names[i] != NULL; i++)
		if (doctor_concerns(f, v->names[i]))
			return true;
	return i == 0;
}

static bool
is_shown(const struct visit *v, const struct doctor_finding *f)
{
	return is_asked_for(v, f) && (!v->quiet || f->severity >= v->worst);
}

static void
count(struct visit *v)
{
	size_t i;

	for (i = 0; i < v->found->n; i++)
		if (is_asked_for(v, &v->found->v[i]))
			v->count[v->found->v[i].severity]++;
}

/* "1 error, 2 warnings", from that severity on. */
static void
put_counts(struct buf *b, const struct visit *v, enum fleet_severity from)
{
	bool any = false;
	size_t n;
	int s;

	for (s = SEV_ERROR; s >= (int)from; s--) {
		if ((n = v->count[s]) == 0)
			continue;
		(void)buf_printf(b, "%s%zu %s%s", any ? ", " : "", n,
		    fleet_severity_name((enum fleet_severity)s),
		    n == 1 ? "" : "s");
		any = true;
	}
}

/* -- text --------------------------------------------------------------- */

/* The line that mends it; nothing where the hint has said it. */
static void
put_mend(struct buf *b, const struct doctor_finding *f)
{
	const char *argv[DOCTOR_WORDS];
	struct buf line = BUF_INIT;
	size_t i;

	if (!doctor_mend(f, argv))
		return;
	for (i = 0; argv[i] != NULL; i++)
		(void)quote_word(&line, argv[i]);
	b->failed |= line.failed;
	if (!line.failed && (f->hint == NULL ||
	    strstr(f->hint, line.p) == NULL)) {
		(void)buf_str(b, "    mend: ");
		fleet_out_text(b, line.p);
		(void)buf_str(b, "\n");
	}
	buf_dispose(&line);
}

static void
put_finding(struct buf *b, const struct doctor_finding *f)
{
	(void)buf_printf(b, "%s: ", fleet_severity_name(f->severity));
	if (f->ndomus > 0) {
		doctor_about(f, b);
		(void)buf_str(b, ": ");
	}
	(void)buf_printf(b, "%s\n", f->text);
	if (f->hint != NULL)
		(void)buf_printf(b, "    hint: %s\n", f->hint);
	put_mend(b, f);
}

static int
print_text(const struct visit *v, struct dd_err *e)
{
	struct buf b = BUF_INIT;
	size_t i, n;

	for (n = 0; v->names[n] != NULL; n++)
		continue;
	n = n > 0 ? n : v->fleet->ndomus;
	if (v->fleet->xen != NULL && !v->quiet) {
		fleet_out_text(&b, v->fleet->xen);
		(void)buf_str(&b, ": what runs was not looked at\n");
	}
	for (i = 0; i < v->found->n; i++)
		if (is_shown(v, &v->found->v[i]))
			put_finding(&b, &v->found->v[i]);
	if (!v->quiet) {
		i = b.len;
		put_counts(&b, v, SEV_NOTE);
		if (b.len == i)
			(void)buf_printf(&b, "all is well: %zu domU%s", n,
			    n == 1 ? "" : "s");
		(void)buf_str(&b, "\n");
	}
	return b.len == 0 && !b.failed ? 0 : fleet_out_print(&b, e);
}

/* -- JSON --------------------------------------------------------------- */

static struct json_object *
json_of(const struct doctor_finding *f)
{
	struct json_object *o = json_object_new_object();
	struct json_object *domus = json_object_new_array(), *mend = NULL;
	const char *argv[DOCTOR_WORDS];
	size_t i;

	json_set_string(o, "severity", fleet_severity_name(f->severity));
	json_set_string(o, "id", fleet_kind_id(f->kind));
	for (i = 0; i < f->ndomus; i++)
		(void)json_object_array_add(domus, json_text(f->domus[i]));
	json_set(o, "domus", domus);
	json_set_string(o, "role", f->role);
	json_set_string(o, "image", f->image);
	json_set_string(o, "device", f->device);
	json_set_string(o, "text", f->text);
	json_set_string(o, "hint", f->hint);
	if (doctor_mend(f, argv)) {
		mend = json_object_new_array();
		for (i = 0; argv[i] != NULL; i++)
			(void)json_object_array_add(mend, json_text(argv[i]));
	}
	json_set(o, "mend", mend);
	return o;
}

static int
print_json(const struct visit *v, struct dd_err *e)
{
	struct json_object *doc = json_object_new_object();
	struct json_object *list = json_object_new_array();
	size_t i;

	for (i = 0; i < v->found->n; i++)
		if (is_shown(v, &v->found->v[i]))
			(void)json_object_array_add(list,
			    json_of(&v->found->v[i]));
	json_set_string(doc, "xen", v->fleet->xen);
	json_set_size(doc, "checked", v->fleet->ndomus);
	json_set_size(doc, "errors", v->count[SEV_ERROR]);
	json_set_size(doc, "warnings", v->count[SEV_WARNING]);
	json_set_size(doc, "notes", v->count[SEV_NOTE]);
	json_set(doc, "findings", list);
	return cmd_print_json(doc, e);
}

/* -- the visit ---------------------------------------------------------- */

/* No Xen is nothing to watch. */
static int
watch(struct visit *v, const struct cmd_env *env, struct dd_err *e)
{
	const struct life life = { .xen = env->xen, .progress = env->progress };
	struct dd_err why = DD_ERR_INIT;

	if (v->watch == 0 || restarts_watch(&life, (unsigned)v->watch,
	    &v->restarts, &why) == 0)
		return 0;
	if (why.code == ERR_NOENT || why.code == ERR_PERM)
		return 0;
	*e = why;
	return -1;
}

static int
look(struct visit *v, const struct cmd_env *env, struct dd_err *e)
{
	struct doctor_ask ask;
	struct config conf;
	size_t i;
	int rc;

	if (config_load(env->xen, env->config_path, &conf, e) == -1)
		return -1;
	ask = doctor_here(env->xen, conf.state_dir, &v->restarts);
	rc = watch(v, env, e);
	if (rc == 0)
		rc = fleet_load(env->xen, &conf, &v->fleet, e);
	for (i = 0; rc == 0 && v->names[i] != NULL; i++)
		if (fleet_want(v->fleet, v->names[i], e) == NULL)
			rc = -1;
	if (rc == 0)
		rc = doctor_look(v->fleet, &ask, &v->found, e);
	config_dispose(&conf);
	return rc;
}

/* What was found is the result: standard output has it. */
static int
judge(const struct visit *v, struct dd_err *e)
{
	struct buf b = BUF_INIT;

	put_counts(&b, v, v->worst);
	if (b.failed)
		(void)dd_fail_nomem(e);
	else if (b.len > 0) {
		(void)dd_fail(e, ERR_FAULTS, "%s", b.p);
		(void)dd_hint(e, "drydock doctor tells what mends them; "
		    "--fail-on says which count");
	}
	buf_dispose(&b);
	return e->code == ERR_NONE ? 0 : -1;
}

static int
parse(struct visit *v, struct dd_err *e)
{
	int worst = v->fail_on == NULL ? SEV_WARNING :
	    fleet_severity_parse(v->fail_on);

	if (worst == -1) {
		(void)dd_fail(e, ERR_USAGE, "%s: is no severity", v->fail_on);
		return dd_hint(e, "--fail-on takes note, warning or error");
	}
	v->worst = (enum fleet_severity)worst;
	if (v->json && v->quiet) {
		(void)dd_fail(e, ERR_USAGE, "--quiet and --json don't go "
		    "together");
		return dd_hint(e, "who reads JSON passes over what does not "
		    "count");
	}
	return 0;
}

int
cmd_doctor(const struct cmd_env *env, int argc, char **argv, struct dd_err *e)
{
	struct visit v = { .json = false };
	const struct arg args[] = {
		{ 'q', "quiet", ARG_FLAG, &v.quiet, NULL,
		    "show only what makes it fail" },
		{ 0, "json", ARG_FLAG, &v.json, NULL, "as JSON" },
		{ 0, "fail-on", ARG_STRING, &v.fail_on, "SEVERITY",
		    "fail from there on: note, warning (the default), error" },
		{ 0, "watch", ARG_NUMBER, &v.watch, "SECONDS",
		    "watch for so long which domUs reboot again and again" },
		{ 0, NULL, ARG_FLAG, NULL, NULL, NULL }
	};
	int rc;

	if ((rc = args_parse(args, &argc, argv, 0, -1, e)) != 0)
		return rc == 1 ? 0 : -1;
	v.names = (const char *const *)(argv + 1);
	argv[argc] = NULL;
	rc = parse(&v, e);
	if (rc == 0)
		rc = look(&v, env, e);
	if (rc == 0) {
		count(&v);
		rc = v.json ? print_json(&v, e) : print_text(&v, e);
	}
	if (rc == 0)
		rc = judge(&v, e);
	doctor_free(v.found);
	restarts_dispose(&v.restarts);
	fleet_free(v.fleet);
	return rc;
}
