/* Options by table; see cmd.h.  Built on getopt_long(3). */
#include <getopt.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <json-c/json.h>

#include "core/base/units.h"
#include "core/cmd/cmd.h"

#define ARGS_MAX	32

static const struct cmd *current;
static bool done;		/* what was asked for */

void
args_set_command(const struct cmd *c)
{
	current = c;
}

static void
help(const struct arg *args)
{
	const struct arg *a;
	char left[64];

	printf("usage: drydock %s %s\n%s.\n", current->name, current->args,
	    current->summary);
	for (a = args; a->letter != 0 || a->name != NULL; a++) {
		(void)snprintf(left, sizeof(left), "%s%c%s%s%s%s%s",
		    a->letter != 0 ? "-" : " ", a->letter != 0 ? a->letter :
		    ' ', a->letter != 0 && a->name != NULL ? ", " : "  ",
		    a->name != NULL ? "--" : "", a->name != NULL ? a->name :
		    "", a->value != NULL ? " " : "", a->value != NULL ?
		    a->value : "");
		printf("  %-26s %s\n", left, a->help);
	}
}

static int
store(const struct arg *a, const char *value, struct dd_err *e)
{
	struct arg_list *list;

	switch (a->kind) {
	case ARG_FLAG:
		*(bool *)a->dst = true;
		return 0;
	case ARG_STRING:
		*(const char **)a->dst = value;
		return 0;
	case ARG_SIZE:
		return units_parse(value, a->dst, e);
	case ARG_NUMBER:
		return units_number(value, 0, UINT32_MAX, a->name != NULL ?
		    a->name : "option", a->dst, e);
	case ARG_LIST:
		list = a->dst;
		if (list->n == ARG_LIST_MAX)
			return dd_fail(e, ERR_USAGE, "too many --%s", a->name);
		list->v[list->n++] = value;
		return 0;
	}
	return -1;
}

static int
usage(struct dd_err *e)
{
	return dd_hint(e, "usage: drydock %s %s", current->name,
	    current->args);
}

int
args_missing(struct dd_err *e)
{
	(void)dd_fail(e, ERR_USAGE, "something is missing");
	return usage(e);
}

int
args_parse(const struct arg *args, int *argc, char **argv, int min, int max,
    struct dd_err *e)
{
	struct option longs[ARGS_MAX + 2];
	char shorts[2 * ARGS_MAX + 3];
	size_t n = 0, s = 0, i;
	int c, count;

	shorts[s++] = ':';
	for (n = 0; args[n].letter != 0 || args[n].name != NULL; n++) {
		int has = args[n].kind == ARG_FLAG ? no_argument :
		    required_argument;

		longs[n] = (struct option){ args[n].name != NULL ?
		    args[n].name : "", has, NULL, (int)(256 + n) };
		if (args[n].letter != 0) {
			shorts[s++] = args[n].letter;
			if (has == required_argument)
				shorts[s++] = ':';
		}
	}
	longs[n] = (struct option){ "help", no_argument, NULL, 'h' };
	longs[n + 1] = (struct option){ NULL, 0, NULL, 0 };
	shorts[s++] = 'h';
	shorts[s] = '\0';

	optind = 0;
	opterr = 0;
#ifdef __NetBSD__
	optreset = 1;
	optind = 1;
#endif
	while ((c = getopt_long(*argc, argv, shorts, longs, NULL)) != -1) {
		if (c == 'h') {
			help(args);
			return 1;
		}
		if (c == '?' || c == ':') {
			(void)dd_fail(e, ERR_USAGE, c == ':' ?
			    "%s: wants a value" : "%s: unknown option",
			    argv[optind - 1]);
			return usage(e);
		}
		for (i = 0; i < n; i++)
			if (c == (int)(256 + i) || (args[i].letter != 0 &&
			    c == args[i].letter))
				break;
		if (i < n && store(&args[i], optarg, e) == -1)
			return usage(e);
	}
	count = *argc - optind;
	for (c = 0; c < count; c++)
		argv[1 + c] = argv[optind + c];
	*argc = 1 + count;
	if (count < min)
		return args_missing(e);
	if (max < 0 || count <= max)
		return 0;
	(void)dd_fail(e, ERR_USAGE, "%s: one too many", argv[1 + max]);
	return usage(e);
}

void
cmd_done(void)
{
	done = true;
}

int
cmd_finish_stdout(struct dd_err *e)
{
	if (fflush(stdout) != EOF && !ferror(stdout))
		return 0;
	if (!done)
		return dd_fail(e, ERR_IO, "standard output: write failed");
	(void)dd_fail(e, ERR_PARTLY, "it is done, but standard output could "
	    "not be written");
	return dd_hint(e, "don't repeat it: look at what it has made");
}

int
cmd_print_json(struct json_object *doc, struct dd_err *e)
{
	const char *text = json_object_to_json_string_ext(doc,
	    JSON_C_TO_STRING_PRETTY | JSON_C_TO_STRING_SPACED |
	    JSON_C_TO_STRING_NOSLASHESCAPE);
	int rc = -1;

	if (text == NULL)
		(void)dd_fail_nomem(e);
	else {
		puts(text);
		rc = cmd_finish_stdout(e);
	}
	json_object_put(doc);
	return rc;
}
