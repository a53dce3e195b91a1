/* drydock cat: files of an image to standard output. */
#include <errno.h>

#include "core/base/bytes.h"
#include "core/cmd/place.h"
#include "core/tree/content.h"

static int
put(const void *p, size_t len, struct dd_err *e)
{
	if (fwrite(p, 1, len, stdout) != len)
		return dd_fail_sys(e, errno, "standard output");
	return 0;
}

struct catting {
	struct progress	*progress;
	uint64_t	 left;		/* bytes that are still wanted */
};

static int
put_piece(void *arg, const void *p, uint64_t len, uint64_t off,
    struct dd_err *e)
{
	static const char zeros[65536];
	struct catting *c = arg;
	uint64_t now;

	len = min64(len, c->left);
	c->left -= len;
	for (; len > 0; len -= now) {
		now = p != NULL ? len : min64(len, sizeof(zeros));
		if (put(p != NULL ? p : zeros, (size_t)now, e) == -1 ||
		    progress_tick(c->progress, "reading", off, 0, e) == -1)
			return -1;
	}
	return c->left == 0;
}

static int
cat(const struct cmd_env *env, const struct place *at, uint64_t max,
    struct dd_err *e)
{
	struct catting c = { env->progress, max };
	struct buf scratch = BUF_INIT;
	struct tree_node node;
	struct tree_stat st;
	int rc;

	if (at->path[0] == '\0') {
		(void)dd_fail(e, ERR_USAGE, "no file is named");
		return dd_hint(e, "name a file in it: IMAGE:/path");
	}
	if (tree_lookup(at->tree, at->path, true, &node, &st, e) == -1)
		return -1;
	if (st.type == TREE_REG)
		rc = content_each(at->tree, node, &scratch, put_piece, &c,
		    e);
	else {
		(void)dd_fail(e, ERR_TYPE, "%s: a %s, not a regular file",
		    at->path, place_type_name(st.type));
		rc = dd_hint(e, "drydock stat %s:%s tells more", at->name,
		    at->path);
	}
	at->tree->ops->put(at->tree, node);
	buf_dispose(&scratch);
	return rc;
}

int
cmd_cat(const struct cmd_env *env, int argc, char **argv, struct dd_err *e)
{
	struct image_args image = { .part = NULL };
	uint64_t max = 0;
	const struct arg args[] = {
		{ 'm', "max", ARG_SIZE, &max, "BYTES",
		    "no more than that of each file" },
		IMAGE_ARGS(image),
		{ 0, NULL, ARG_FLAG, NULL, NULL, NULL }
	};
	struct place at = PLACE_INIT;
	int i, rc;

	if ((rc = args_parse(args, &argc, argv, 1, -1, e)) != 0)
		return rc == 1 ? 0 : -1;
	for (i = 1; i < argc && rc == 0; i++) {
		rc = place_open(&at, argv[i], &image, e);
		if (rc == 0 && (rc = cat(env, &at,
		    max > 0 ? max : UINT64_MAX, e)) == -1)
			(void)place_fail(&at, e);
		place_close(&at);
	}
	return rc == 0 ? cmd_finish_stdout(e) : -1;
}
