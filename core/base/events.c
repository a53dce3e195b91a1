/* Events for the TUI and scripts; see events.h. */
#include <sys/uio.h>
#include <errno.h>
#include <fcntl.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include <json-c/json.h>

#include "core/base/events.h"

static struct {
	int	 fd;
	double	 last;
	/* of what progress is told about: when it began, and where */
	char	 what[64];
	double	 began;
	uint64_t began_at;
} out = { .fd = -1 };

void
events_open(int fd)
{
	out.fd = fd;
	/* programs that we run have no business with it */
	if (fd > STDERR_FILENO)
		(void)fcntl(fd, F_SETFD, FD_CLOEXEC);
}

bool
events_wanted(void)
{
	return out.fd != -1;
}

/* Write one object as a line and drop it. */
static void
emit(struct json_object *o)
{
	const char *text;

	text = json_object_to_json_string_ext(o, JSON_C_TO_STRING_PLAIN |
	    JSON_C_TO_STRING_NOSLASHESCAPE);
	if (text != NULL) {
		struct iovec line[] = {
			{ (char *)(uintptr_t)text, strlen(text) },
			{ (char []){ '\n' }, 1 }
		};

		/* A reader that is stopped must not stop us, and a signal in
		 * between does not end it: the result is still to come. */
		if (writev(out.fd, line, 2) == -1 && errno != EAGAIN &&
		    errno != EINTR)
			out.fd = -1;
	}
	json_object_put(o);
}

static struct json_object *
event(const char *kind)
{
	struct json_object *o;

	if (out.fd == -1 || (o = json_object_new_object()) == NULL)
		return NULL;
	json_object_object_add(o, "event", json_object_new_string(kind));
	return o;
}

void
events_job(const char *name)
{
	struct json_object *o = event("job");

	if (o == NULL)
		return;
	json_object_object_add(o, "name", json_object_new_string(name));
	emit(o);
}

void
events_step(const char *name, size_t n, size_t of)
{
	struct json_object *o = event("step");

	if (o == NULL)
		return;
	json_object_object_add(o, "name", json_object_new_string(name));
	json_object_object_add(o, "n", json_object_new_int64((int64_t)n));
	json_object_object_add(o, "of", json_object_new_int64((int64_t)of));
	emit(o);
}

void
events_message(const char *fmt, ...)
{
	struct json_object *o = event("message");
	char text[1024];
	va_list ap;

	if (o == NULL)
		return;
	va_start(ap, fmt);
	(void)vsnprintf(text, sizeof(text), fmt, ap);
	va_end(ap);
	json_object_object_add(o, "text", json_object_new_string(text));
	emit(o);
}

/* How fast it goes, and how long it will take, once that can be told. */
static void
add_rate(struct json_object *o, const char *what, uint64_t done,
    uint64_t total, double now)
{
	double rate;

	if (strncmp(out.what, what, sizeof(out.what) - 1) != 0 ||
	    done < out.began_at) {
		(void)snprintf(out.what, sizeof(out.what), "%s", what);
		out.began = now;
		out.began_at = done;
	}
	if (now - out.began < 0.5 || done == out.began_at)
		return;
	rate = (double)(done - out.began_at) / (now - out.began);
	json_object_object_add(o, "rate",
	    json_object_new_int64((int64_t)rate));
	if (total > done && (double)(total - done) / rate < 1e9)
		json_object_object_add(o, "eta", json_object_new_int64(
		    (int64_t)((double)(total - done) / rate + 0.5)));
}

void
events_progress(const char *what, uint64_t done, uint64_t total)
{
	struct json_object *o;
	struct timespec ts;
	double now;

	if (out.fd == -1)
		return;
	(void)clock_gettime(CLOCK_MONOTONIC, &ts);
	now = (double)ts.tv_sec + (double)ts.tv_nsec / 1e9;
	if (now - out.last < 0.1 && (total == 0 || done < total))
		return;
	out.last = now;
	if ((o = event("progress")) == NULL)
		return;
	json_object_object_add(o, "what", json_object_new_string(what));
	json_object_object_add(o, "done",
	    json_object_new_int64((int64_t)done));
	json_object_object_add(o, "total",
	    json_object_new_int64((int64_t)total));
	add_rate(o, what, done, total, now);
	emit(o);
}

void
events_question(const char *text, const char *detail, const char *option,
    const char *value)
{
	struct json_object *o = event("question"), *answer;

	if (o == NULL)
		return;
	json_object_object_add(o, "text", json_object_new_string(text));
	json_object_object_add(o, "detail", json_object_new_string(detail));
	if ((answer = json_object_new_array()) != NULL) {
		json_object_array_add(answer, json_object_new_string(option));
		json_object_array_add(answer, json_object_new_string(value));
	}
	json_object_object_add(o, "answer", answer);
	emit(o);
}

void
events_plan(const char *hash)
{
	struct json_object *o = event("plan");

	if (o == NULL)
		return;
	json_object_object_add(o, "hash", json_object_new_string(hash));
	emit(o);
}

void
events_result(const struct dd_err *e)
{
	struct json_object *o = event("result");

	if (o == NULL)
		return;
	json_object_object_add(o, "status",
	    json_object_new_int(dd_exit_status(e)));
	json_object_object_add(o, "code",
	    json_object_new_string(dd_code_name(e->code)));
	json_object_object_add(o, "message", json_object_new_string(
	    e->code == ERR_NONE ? "" : e->msg));
	json_object_object_add(o, "hint", json_object_new_string(
	    e->code == ERR_NONE ? "" : e->hint));
	emit(o);
}
