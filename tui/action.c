/* What an action says and how it ended; spawn.c runs it.  See action.h. */
#include <sys/wait.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <json-c/json.h>

#include "core/base/quote.h"
#include "core/base/units.h"
#include "core/base/vis.h"
#include "tui/action.h"

#define LINE_MAX_EVENTS	8192	/* longer lines are no events of ours */

static char *
command_line(const char *config, const char *const *args)
{
	struct buf b = BUF_INIT;
	char *line;

	(void)quote_word(&b, "drydock");
	if (config != NULL) {
		(void)quote_word(&b, "--config");
		(void)quote_word(&b, config);
	}
	for (; *args != NULL; args++)
		(void)quote_word(&b, *args);
	line = buf_steal(&b);
	buf_dispose(&b);
	return line;
}

static char **
full_argv(const char *program, const char *config, const char *const *args)
{
	char fd[8], **argv;
	size_t n, i = 0;

	for (n = 0; args[n] != NULL; n++)
		;
	if ((argv = calloc(n + 6, sizeof(*argv))) == NULL)
		return NULL;
	(void)snprintf(fd, sizeof(fd), "%d", ACTION_EVENTS_FD);
	argv[i++] = strdup(program);
	if (config != NULL) {
		argv[i++] = strdup("--config");
		argv[i++] = strdup(config);
	}
	argv[i++] = strdup("--events");
	argv[i++] = strdup(fd);
	for (; *args != NULL; args++)
		argv[i++] = strdup(*args);
	for (n = 0; n < i; n++)
		if (argv[n] == NULL)
			break;
	if (n == i)
		return argv;
	for (n = 0; n < i; n++)
		free(argv[n]);
	free(argv);
	return NULL;
}

struct action *
action_new(const char *program, const char *config, const char *const *args,
    const char *title)
{
	struct action *a = calloc(1, sizeof(*a));

	if (a == NULL)
		return NULL;
	a->refs = 1;
	a->events = a->out_fd = a->err_fd = -1;
	a->title = strdup(title);
	a->command = command_line(config, args);
	a->argv = full_argv(program, config, args);
	if (a->title == NULL || a->command == NULL || a->argv == NULL) {
		action_unref(a);
		return NULL;
	}
	return a;
}

struct action *
action_ref(struct action *a)
{
	a->refs++;
	return a;
}

void
action_unref(struct action *a)
{
	const int fds[] = { a == NULL ? -1 : a->events,
	    a == NULL ? -1 : a->out_fd, a == NULL ? -1 : a->err_fd };
	size_t i;

	if (a == NULL || --a->refs > 0)
		return;
	for (i = 0; i < sizeof(fds) / sizeof(fds[0]); i++)
		if (fds[i] != -1)
			(void)close(fds[i]);
	for (i = 0; a->argv != NULL && a->argv[i] != NULL; i++)
		free(a->argv[i]);
	free(a->argv);
	secret_free(&a->passphrases);
	free(a->pause);
	free(a->title);
	free(a->command);
	free(a->detail);
	buf_dispose(&a->line);
	buf_dispose(&a->out);
	buf_dispose(&a->err);
	free(a);
}

/* A member as a string, "" where there is none; owned by o. */
static const char *
string(struct json_object *o, const char *key)
{
	struct json_object *v;
	const char *s = NULL;

	if (json_object_object_get_ex(o, key, &v))
		s = json_object_get_string(v);
	return s == NULL ? "" : s;
}

static uint64_t
number(struct json_object *o, const char *key)
{
	struct json_object *v;
	int64_t n = 0;

	if (json_object_object_get_ex(o, key, &v))
		n = json_object_get_int64(v);
	return n < 0 ? 0 : (uint64_t)n;
}

static void
take_question(struct action *a, struct json_object *o)
{
	struct json_object *words;
	struct buf b = BUF_INIT;
	const char *s = string(o, "detail");
	size_t i;

	if (!json_object_object_get_ex(o, "answer", &words) ||
	    json_object_get_type(words) != json_type_array ||
	    json_object_array_length(words) != 2)
		return;
	for (i = 0; i < 2; i++)
		(void)snprintf(a->answer[i], sizeof(a->answer[i]), "%s",
		    json_object_get_string(json_object_array_get_idx(words,
		    i)));
	vis_str(a->question, sizeof(a->question), string(o, "text"));
	free(a->detail);
	(void)vis_buf(&b, s, strlen(s));
	a->detail = buf_steal(&b);
}

static void
take_event(struct action *a, const char *line)
{
	struct json_object *o = json_tokener_parse(line);
	const char *kind;

	if (o == NULL)
		return;
	kind = string(o, "event");
	if (strcmp(kind, "progress") == 0) {
		vis_str(a->what, sizeof(a->what), string(o, "what"));
		a->done = number(o, "done");
		a->total = number(o, "total");
		a->rate = number(o, "rate");
		a->eta = number(o, "eta");
	} else if (strcmp(kind, "step") == 0) {
		vis_str(a->step, sizeof(a->step), string(o, "name"));
		a->step_n = number(o, "n");
		a->step_of = number(o, "of");
		a->what[0] = '\0';
		a->done = a->total = a->rate = a->eta = 0;
	} else if (strcmp(kind, "message") == 0)
		vis_str(a->what, sizeof(a->what), string(o, "text"));
	else if (strcmp(kind, "plan") == 0)
		vis_str(a->plan, sizeof(a->plan), string(o, "hash"));
	else if (strcmp(kind, "question") == 0)
		take_question(a, o);
	else if (strcmp(kind, "result") == 0) {
		vis_str(a->message, sizeof(a->message), string(o, "message"));
		vis_str(a->hint, sizeof(a->hint), string(o, "hint"));
	}
	json_object_put(o);
}

/* Items are never that many, bytes of what takes long always are. */
#define BYTES_FROM	((uint64_t)1 << 20)

static void
put_amount(const struct action *a, struct buf *b)
{
	char done[UNITS_MAX], total[UNITS_MAX], rate[UNITS_MAX];
	char left[UNITS_MAX];

	if (a->total == 0)
		return;
	if (a->total < BYTES_FROM)
		(void)buf_printf(b, ", %llu of %llu",
		    (unsigned long long)a->done,
		    (unsigned long long)a->total);
	else
		(void)buf_printf(b, ", %s of %s", units_format(done, a->done),
		    units_format(total, a->total));
	if (a->rate > 0 && a->total >= BYTES_FROM)
		(void)buf_printf(b, ", %s/s", units_format(rate, a->rate));
	if (a->eta > 0)
		(void)buf_printf(b, ", %s left", units_while(left, a->eta));
}

void
action_progress(const struct action *a, char text[ACTION_PROGRESS])
{
	struct buf b = BUF_INIT;

	if (a->step_of > 0)
		(void)buf_printf(&b, "step %llu of %llu, %s",
		    (unsigned long long)a->step_n,
		    (unsigned long long)a->step_of, a->step);
	if (a->what[0] != '\0')
		(void)buf_printf(&b, "%s%s", b.len > 0 ? ": " : "", a->what);
	put_amount(a, &b);
	(void)snprintf(text, ACTION_PROGRESS, "%s", b.len > 0 ? b.p : "");
	buf_dispose(&b);
}

const char *
action_state(const struct action *a)
{
	if (a->running)
		return a->stopping ? "stopping" : "running";
	if (a->status == 0)
		return "done";
	return a->stopping ? "cancelled" : a->status == 5 ? "partly done" :
	    "failed";
}

void
action_feed(struct action *a, const char *p, size_t len)
{
	size_t i;

	for (i = 0; i < len; i++) {
		if (p[i] != '\n') {
			if (a->line.len < LINE_MAX_EVENTS)
				(void)buf_add(&a->line, p + i, 1);
			continue;
		}
		if (a->line.len > 0)
			take_event(a, a->line.p);
		buf_reset(&a->line);
	}
}

void
action_end(struct action *a, int wait_status)
{
	a->running = false;
	if (WIFEXITED(wait_status)) {
		a->status = WEXITSTATUS(wait_status);
		return;
	}
	a->status = -1;
	(void)snprintf(a->message, sizeof(a->message),
	    "the command was killed by signal %d", WTERMSIG(wait_status));
	(void)snprintf(a->hint, sizeof(a->hint),
	    "if it was writing, the next command on the image finishes or "
	    "drops what it began");
}
