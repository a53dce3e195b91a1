/* A question on the terminal; see confirm.h. */
#include <stdio.h>
#include <strings.h>
#include <string.h>
#include <unistd.h>

#include "core/base/vis.h"
#include "core/cmd/confirm.h"

bool
confirm_possible(void)
{
	return isatty(STDIN_FILENO) && isatty(STDERR_FILENO);
}

/* The terminal hands out a line; a signal ends the waiting. */
static void
answer(char *line, size_t cap)
{
	ssize_t n = read(STDIN_FILENO, line, cap - 1);

	if (n <= 0)
		fputc('\n', stderr);
	line[n < 0 ? 0 : n] = '\0';
	line[strcspn(line, "\r\n")] = '\0';
}

int
confirm(const char *question, struct dd_err *e)
{
	char line[64] = "";

	(void)fflush(stdout);
	fprintf(stderr, "%s [y/N] ", question);
	answer(line, sizeof(line));
	if (strcasecmp(line, "y") == 0 || strcasecmp(line, "yes") == 0)
		return 0;
	(void)dd_fail(e, ERR_CANCEL, "cancelled");
	return dd_hint(e, "only y or yes goes on; --yes does without asking");
}

int
confirm_typed(const char *question, const char *word, struct dd_err *e)
{
	char line[512] = "", shown[512];

	vis_str(shown, sizeof(shown), word);
	(void)fflush(stdout);
	fprintf(stderr, "%s\nType %s to go on: ", question, shown);
	answer(line, sizeof(line));
	if (strcmp(line, word) == 0)
		return 0;
	(void)dd_fail(e, ERR_CANCEL, "cancelled");
	return dd_hint(e, "only %s goes on", shown);
}
