/* drydock hotplug add, hotplug remove: what the block script runs. */
#include "core/cmd/cmd.h"
#include "core/fleet/hotplug.h"

static int
plug(const struct cmd_env *env, int argc, char **argv, bool add,
    struct dd_err *e)
{
	struct hotplug h = { .xen = env->xen, .host = host_crypt,
	    .wait = HOTPLUG_WAIT, .progress = env->progress };
	struct config conf = { .path = NULL };
	uint64_t wait = HOTPLUG_WAIT;
	const struct arg waits[] = {
		{ 0, "wait", ARG_NUMBER, &wait, "SECONDS",
		    "how long to wait for unlock" },
		{ 0, NULL, ARG_FLAG, NULL, NULL, NULL }
	};
	const struct arg none[] = { { 0, NULL, ARG_FLAG, NULL, NULL, NULL } };
	int rc;

	if ((rc = args_parse(add ? waits : none, &argc, argv, 1, 1, e)) != 0)
		return rc == 1 ? 0 : -1;
	h.wait = (unsigned)wait;
	h.backend = argv[1];
	h.conf = &conf;
	/* taking away needs no configuration */
	if (!add)
		return hotplug_remove(&h, e);
	rc = config_load(env->xen, env->config_path, &conf, e);
	rc = rc == -1 ? hotplug_refuse(&h, e) : hotplug_add(&h, e);
	config_dispose(&conf);
	return rc;
}

int
cmd_hotplug_add(const struct cmd_env *env, int argc, char **argv,
    struct dd_err *e)
{
	return plug(env, argc, argv, true, e);
}

int
cmd_hotplug_remove(const struct cmd_env *env, int argc, char **argv,
    struct dd_err *e)
{
	return plug(env, argc, argv, false, e);
}
