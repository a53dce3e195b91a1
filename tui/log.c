/* The command lines that the console ran; see log.h. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "tui/log.h"

static void
entry_dispose(struct log_entry *l)
{
	free(l->command);
	free(l->message);
}

/* Room for one more, the oldest given up for it if need be; NULL: there is no
 * memory. */
static struct log_entry *
room(struct log *log)
{
	struct log_entry *v;

	if (log->n == LOG_MAX) {
		entry_dispose(&log->v[0]);
		memmove(log->v, log->v + 1, (LOG_MAX - 1) *
		    sizeof(*log->v));
		log->n--;
	}
	if ((v = realloc(log->v, (log->n + 1) * sizeof(*v))) == NULL)
		return NULL;
	log->v = v;
	return &v[log->n];
}

static struct log_entry *
find(struct log *log, const struct action *a)
{
	struct log_entry *l;
	size_t i;

	for (i = log->n; i-- > 0;)
		if (strcmp(log->v[i].id, a->id) == 0)
			return &log->v[i];
	if ((l = room(log)) == NULL)
		return NULL;
	*l = (struct log_entry){ .command = strdup(a->command),
	    .began = a->began };
	if (l->command == NULL)
		return NULL;
	(void)snprintf(l->id, sizeof(l->id), "%s", a->id);
	log->n++;
	return l;
}

void
log_action(struct log *log, const struct action *a)
{
	struct log_entry *l = find(log, a);

	if (l == NULL)
		return;
	(void)snprintf(l->state, sizeof(l->state), "%s", action_state(a));
	l->ended = a->running ? 0 : a->ended;
	l->failed = !a->running && a->status != 0;
	if (l->failed && l->message == NULL && a->message[0] != '\0')
		l->message = strdup(a->message);
}

void
log_dispose(struct log *log)
{
	while (log->n > 0)
		entry_dispose(&log->v[--log->n]);
	free(log->v);
	log->v = NULL;
}
