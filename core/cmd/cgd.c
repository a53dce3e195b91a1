/*
 * cgd params new: make a parameters file.  cgd key-check: does a file's key
 * open an image?
 */
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "core/base/fsutil.h"
#include "core/base/units.h"
#include "core/cgd/cipher.h"
#include "core/cgd/keygen.h"
#include "core/cmd/cmd.h"
#include "core/cmd/place.h"
#include "core/disk/probe.h"

struct wanted {
	struct arg_list	 keygens;
	const char	*verify, *ivmethod, *out;
	bool		 dry_run;
};

static int
unknown(const char *what, const char *given, const char *known,
    struct dd_err *e)
{
	(void)dd_fail(e, ERR_USAGE, "unknown %s: %s", what, given);
	return dd_hint(e, "known: %s", known);
}

/* One more keygen: their keys are XORed. */
static int
add_keygen(const char *name, struct cgd_params *p, struct dd_err *e)
{
	struct cgd_keygen *kg = &p->keygens[p->nkeygens];
	int method = cgd_method_parse(name);

	if (method == -1 || method == CGD_SHELL_CMD ||
	    method == CGD_PBKDF2_OLD)
		return unknown("keygen", name, "pkcs5_pbkdf2/sha1, "
		    "argon2id, storedkey, randomkey, urandomkey", e);
	if (p->nkeygens == CGD_KEYGENS_MAX)
		return dd_fail(e, ERR_USAGE, "more than %u keygens",
		    CGD_KEYGENS_MAX);
	p->nkeygens++;
	kg->method = (enum cgd_method)method;
	return cgd_keygen_fresh(kg, p->keylen, e);
}

/* Fill params from the arguments. */
static int
plan(const struct wanted *w, const char *name, const char *bits_arg,
    struct cgd_params *p, struct dd_err *e)
{
	const struct cgd_algorithm *alg = cgd_algorithm_find(name);
	uint64_t bits;
	size_t i;
	int verify;

	if (alg == NULL)
		return unknown("algorithm", name, cgd_algorithm_names(), e);
	bits = alg->default_bits;
	if (bits_arg != NULL && units_number(bits_arg, 1, 1024, "key length",
	    &bits, e) == -1)
		return -1;
	if (!cgd_algorithm_takes(alg, (uint32_t)bits)) {
		(void)dd_fail(e, ERR_USAGE, "%s does not take keys of %u bits",
		    name, (unsigned)bits);
		return dd_hint(e, "%u to %u bits in steps of %u",
		    alg->min_bits, alg->max_bits, alg->step_bits);
	}
	if ((verify = cgd_verify_parse(w->verify)) == -1)
		return unknown("verify method", w->verify,
		    "none, disklabel, ffs, mbr, gpt, re-enter", e);
	if (cgd_ivmethod_rounds(w->ivmethod) == 0)
		return unknown("iv-method", w->ivmethod,
		    "encblkno1, encblkno8", e);
	p->algorithm = strdup(name);
	p->ivmethod = strdup(w->ivmethod);
	if (p->algorithm == NULL || p->ivmethod == NULL)
		return dd_fail_nomem(e);
	p->keylen = (uint32_t)bits;
	p->verify = (enum cgd_verify)verify;
	for (i = 0; i < w->keygens.n; i++)
		if (add_keygen(w->keygens.v[i], p, e) == -1)
			return -1;
	return w->keygens.n > 0 ? 0 : add_keygen("pkcs5_pbkdf2/sha1", p, e);
}

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
	struct wanted w = { .verify = "none",
	    .ivmethod = "encblkno1" };
	const struct arg args[] = {
		{ 'k', "keygen", ARG_LIST, &w.keygens, "METHOD",
		    "where the key comes from (pkcs5_pbkdf2/sha1); several "
		    "are XORed" },
		{ 'V', "verify", ARG_STRING, &w.verify, "METHOD",
		    "how a wrong key is noticed (none)" },
		{ 'i', "iv-method", ARG_STRING, &w.ivmethod, "METHOD",
		    "encblkno1 or encblkno8" },
		{ 'o', "output", ARG_STRING, &w.out, "FILE",
		    "write a new file, mode 0600" },
		{ 'n', "dry-run", ARG_FLAG, &w.dry_run, NULL,
		    "check the arguments, write nothing" },
		{ 0, NULL, ARG_FLAG, NULL, NULL, NULL }
	};
	struct cgd_params p = { .verify = CGD_VERIFY_NONE };
	int rc;

	(void)env;
	if ((rc = args_parse(args, &argc, argv, 1, 2, e)) != 0)
		return rc == 1 ? 0 : -1;
	rc = plan(&w, argv[1], argc > 2 ? argv[2] : NULL, &p, e);
	if (rc == 0)
		rc = cgd_params_generate(&p, e);
	if (rc == 0 && !w.dry_run) {
		rc = w.out == NULL ? write_stdout(&p.text, e) :
		    fs_create_file(w.out, p.text.p, p.text.len, 0600, e);
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
