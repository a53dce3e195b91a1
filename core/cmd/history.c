/* drydock history: who did what, and how it ended; newest first. */
#include <stdio.h>
#include <string.h>

#include "core/cmd/fleet_out.h"
#include "core/cmd/managing.h"

struct telling {
	struct buf		 text;
	struct json_object	*list;		/* with --json */
};

/* In words; NULL code: it has not ended. */
static const char *
outcome(const struct db_job *j)
{
	if (j->code == NULL)
		return record_alive(j) ? "at work" : "cut short";
	if (strcmp(j->code, "none") == 0)
		return "done";
	return strcmp(j->code, "cancelled") == 0 ? "cancelled" : "failed";
}

static void
put_duration(struct buf *b, int64_t ms)
{
	if (ms < 0)
		(void)buf_str(b, "     -");
	else if (ms < 10000)
		(void)buf_printf(b, "%5.2fs", (double)ms / 1000);
	else
		(void)buf_printf(b, "%5llds", (long long)(ms / 1000));
}

static void
put_text(struct buf *b, const struct db_job *j)
{
	char at[MANAGING_TIME];

	(void)buf_printf(b, "%5lld  %s  ", (long long)j->id,
	    managing_time(at, j->started));
	put_duration(b, j->duration);
	(void)buf_printf(b, "  %-9s  ", outcome(j));
	fleet_out_text(b, j->action);
	if (j->image != NULL) {
		(void)buf_str(b, " ");
		fleet_out_text(b, j->image);
	}
	if (j->from != 0)
		(void)buf_printf(b, " %u", j->from);
	if (j->to != 0)
		(void)buf_printf(b, " -> %u", j->to);
	(void)buf_str(b, "\n       by ");
	fleet_out_text(b, j->who);
	(void)buf_str(b, ": ");
	fleet_out_text(b, j->command);
	if (j->message != NULL && j->message[0] != '\0') {
		(void)buf_str(b, "\n       ");
		fleet_out_text(b, j->message);
	}
	(void)buf_str(b, "\n");
}

static struct json_object *
json_of(const struct db_job *j)
{
	struct json_object *o = json_object_new_object();

	json_set_size(o, "job", (uint64_t)j->id);
	json_set(o, "started", json_object_new_int64(j->started));
	json_set(o, "milliseconds", j->duration < 0 ? NULL :
	    json_object_new_int64(j->duration));
	json_set_string(o, "outcome", outcome(j));
	json_set_string(o, "action", j->action);
	json_set_string(o, "domu", j->domu);
	json_set_string(o, "image", j->image);
	json_set(o, "from", j->from == 0 ? NULL :
	    json_object_new_int64(j->from));
	json_set(o, "to", j->to == 0 ? NULL : json_object_new_int64(j->to));
	json_set_string(o, "who", j->who);
	json_set_string(o, "command", j->command);
	json_set_string(o, "code", j->code);
	json_set_string(o, "message", j->message);
	return o;
}

static int
take(void *arg, const struct db_job *j, struct dd_err *e)
{
	struct telling *t = arg;

	if (t->list != NULL)
		return json_object_array_add(t->list, json_of(j)) == 0 ? 0 :
		    dd_fail_nomem(e);
	put_text(&t->text, j);
	return t->text.failed ? dd_fail_nomem(e) : 0;
}

/* A history that was never written is an empty one. */
static int
read_jobs(const struct config *conf, const char *domu, uint64_t max,
    struct telling *t, struct dd_err *e)
{
	struct db *db;
	int rc;

	if (db_open_read(conf->state_dir, &db, e) == -1) {
		if (e->code != ERR_NOENT)
			return -1;
		dd_err_clear(e);
		return 0;
	}
	rc = db_jobs(db, domu, NULL, false, (unsigned)max, take, t, e);
	db_close(db);
	return rc;
}

/* An empty answer might as well be a name that was mistyped. */
static void
put_nothing(struct buf *b, const char *domu)
{
	(void)buf_str(b, "the history has nothing");
	if (domu != NULL) {
		(void)buf_str(b, " of ");
		fleet_out_text(b, domu);
	}
	(void)buf_str(b, "\n");
}

int
cmd_history(const struct cmd_env *env, int argc, char **argv,
    struct dd_err *e)
{
	struct telling t = { .list = NULL };
	struct config conf;
	uint64_t max = 0;
	bool json = false;
	const struct arg args[] = {
		{ 'm', "max", ARG_NUMBER, &max, "N", "the last N only" },
		{ 0, "json", ARG_FLAG, &json, NULL, "as JSON" },
		{ 0, NULL, ARG_FLAG, NULL, NULL, NULL }
	};
	int rc;

	if ((rc = args_parse(args, &argc, argv, 0, 1, e)) != 0)
		return rc == 1 ? 0 : -1;
	if (config_load(env->xen, env->config_path, &conf, e) == -1)
		return -1;
	if (json)
		t.list = json_object_new_array();
	rc = read_jobs(&conf, argc > 1 ? argv[1] : NULL, max, &t, e);
	if (rc == 0 && t.text.len == 0 && !json)
		put_nothing(&t.text, argc > 1 ? argv[1] : NULL);
	if (rc == 0 && json)
		rc = cmd_print_json(json_object_get(t.list), e);
	else if (rc == 0)
		rc = fleet_out_print(&t.text, e);
	json_object_put(t.list);
	buf_dispose(&t.text);
	config_dispose(&conf);
	return rc;
}
