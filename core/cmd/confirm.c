/* A question on the terminal; see confirm.h. */
#include <stdio.h>
#include <strings.h>
#include <string.h>
#include <unistd.h>

#include "core/cmd/confirm.h"

bool
confirm_possible(void)
{
	return isatty(STDIN_FILENO) && isatty(STDERR_FILENO);
}

int
confirm(const char *question, struct dd_err *e)
{
	char line[64] = "";
	ssize_t n;

	(void)fflush(stdout);
	fprintf(stderr, "%s [y/N] ", question);
	/* The terminal hands out a line; a signal ends the waiting. */
	n = read(STDIN_FILENO, line, sizeof(line) - 1);
	if (n <= 0)
		fputc('\n', stderr);
	line[n < 0 ? 0 : strcspn(line, "\r\n")] = '\0';
	if (strcasecmp(line, "y") == 0 || strcasecmp(line, "yes") == 0)
		return 0;
	(void)dd_fail(e, ERR_CANCEL, "cancelled");
	return dd_hint(e, "only y or yes goes on; --yes does without asking");
}
