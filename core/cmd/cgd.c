/*
 * cgd params new: make a parameters file.  cgd key-check: does a file's key
 * open an image?
 */
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "core/base/fsutil.h"
#include "core/cmd/cgd_wanted.h"
#include "core/cmd/place.h"
#include "core/disk/probe.h"

/* Past stdio, whose buffers are not wiped. */
static int
write_stdout(const struct secret *text, struct dd_err *e)
{
	const unsigned char *at = text->p, *end = at + text->len;
	ssize_t n;

	while (at < end) {
		n = write(STDOUT_FILENO, at, (size_t)(end - at));
		if (n == -1 && errno == EINTR)
			continue;
		if (n == -1)
			return dd_fail_sys(e, errno, "standard output");
		at += n;
	}
	return 0;
}

int
cmd_cgd_params_new(const struct cmd_env *env, int argc, char **argv,
    struct dd_err *e)
{
	struct cgd_wanted w = { .verify = "none",
	    .ivmethod = "encblkno1" };
	const char *out = NULL;
	bool dry_run = false;
	const struct arg args[] = {
		{ 'k', "keygen", ARG_LIST, &w.keygens, "METHOD",
		    "where the key comes from (pkcs5_pbkdf2/sha1); several "
		    "are XORed" },
		{ 'V', "verify", ARG_STRING, &w.verify, "METHOD",
		    "how a wrong key is noticed (none)" },
		{ 'i', "iv-method", ARG_STRING, &w.ivmethod, "METHOD",
		    "encblkno1 or encblkno8" },
		{ 'o', "output", ARG_STRING, &out, "FILE",
		    "write a new file, mode 0600" },
		{ 'n', "dry-run", ARG_FLAG, &dry_run, NULL,
		    "check the arguments, write nothing" },
		{ 0, NULL, ARG_FLAG, NULL, NULL, NULL }
	};
	struct cgd_params p = { .verify = CGD_VERIFY_NONE };
	int rc;

	(void)env;
	if ((rc = args_parse(args, &argc, argv, 1, 2, e)) != 0)
		return rc == 1 ? 0 : -1;
	w.algorithm = argv[1];
	w.bits = argc > 2 ? argv[2] : NULL;
	rc = cgd_wanted_make(&w, &p, e);
	if (rc == 0 && !dry_run) {
		rc = out == NULL ? write_stdout(&p.text, e) :
		    fs_create_file(out, p.text.p, p.text.len, 0600, e);
		/* it may be the only copy of a key */
		if (rc == -1 && e->code == ERR_EXIST)
			(void)dd_hint(e, "an existing parameters file is "
			    "never written over");
	}
	cgd_params_dispose(&p);
	return rc;
}

/*
 * Where the parameters say how to verify, opening does it; beyond that the
 * key fits when something known comes to light.
 */
int
cmd_cgd_key_check(const struct cmd_env *env, int argc, char **argv,
    struct dd_err *e)
{
	struct image_args image = { .part = NULL };
	const struct arg args[] = {
		IMAGE_ARGS(image),
		{ 0, NULL, ARG_FLAG, NULL, NULL, NULL }
	};
	struct image_opts o = { .write = false };
	struct image *im = NULL;
	struct probe probe;
	int rc;

	(void)env;
	if ((rc = args_parse(args, &argc, argv, 1, 1, e)) != 0)
		return rc == 1 ? 0 : -1;
	if (image.params == NULL)
		return dd_fail(e, ERR_USAGE, "name the parameters file: "
		    "-c PARAMS");
	if (image_args_opts(&image, &o, e) == -1)
		return -1;
	o.driver = IMAGE_DIRECT;	/* the layer is enough */
	if (image_open(argv[1], &o, &im, e) == -1)
		return -1;
	rc = probe_layer(image_blk(im), &probe, e);
	if (rc == 0 && (probe.kind == PROBE_ENCRYPTED ||
	    probe.kind == PROBE_UNKNOWN)) {
		rc = dd_fail(e, ERR_PERM, "%s: the key does not fit: what it "
		    "decrypts is %s", argv[1], probe_kind_name(probe.kind));
		(void)dd_hint(e, "a wrong passphrase, or the parameters of "
		    "another image");
	} else if (rc == 0) {
		printf("the key fits: %s\n", probe_kind_name(probe.kind));
		rc = cmd_finish_stdout(e);
	}
	image_close(im);
	return rc;
}
