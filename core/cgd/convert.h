/*
 * Another passphrase for the same key, as cgdconfig -G makes it: fresh keygens,
 * and a storedkey that is what they yield XOR the key.  What is encrypted stays
 * as it is; so who knows the key still knows it.
 */
#ifndef DD_CGD_CONVERT_H
#define DD_CGD_CONVERT_H

#include "core/cgd/keygen.h"

/*
 * Parameters that yield the same key, as text and parsed: the old text, with its
 * comments and what we don't know, but for its keygens.  methods: those of the
 * new ones; randomkey, urandomkey and shell_cmd are ERR_USAGE.  The asker is
 * asked for the new passphrases, with confirm twice.  *out is filled on
 * success only.
 */
int	cgd_convert(const struct cgd_params *old, const struct secret *key,
	    const enum cgd_method *methods, unsigned n, struct cgd_asker *,
	    bool confirm, struct cgd_params *out, struct dd_err *);

#endif
