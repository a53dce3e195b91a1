/* drydock version. */
#include <stdio.h>

#include "core/base/version.h"
#include "core/cmd/cmd.h"

int
cmd_version(const struct cmd_env *env, int argc, char **argv,
    struct dd_err *e)
{
	const struct arg none[] = { { 0, NULL, ARG_FLAG, NULL, NULL, NULL } };
	int rc;

	(void)env;
	if ((rc = args_parse(none, &argc, argv, 0, 0, e)) != 0)
		return rc == 1 ? 0 : -1;
	(void)printf("drydock %s\n", DD_VERSION);
	return cmd_finish_stdout(e);
}
