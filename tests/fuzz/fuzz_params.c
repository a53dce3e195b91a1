/* The parameters parser: any text ends in an error or reads back the same. */
#include <string.h>

#include "core/cgd/params.h"
#include "tests/fuzz/fuzz.h"

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t len)
{
	struct dd_err e = DD_ERR_INIT;
	struct cgd_params p, q;

	if (cgd_params_parse(data, len, "fuzz", &p, &e) == -1)
		return 0;
	if (cgd_params_generate(&p, &e) == 0 && cgd_params_parse(p.text.p,
	    p.text.len, "again", &q, &e) == 0) {
		if (q.nkeygens != p.nkeygens || q.keylen != p.keylen ||
		    strcmp(q.algorithm, p.algorithm) != 0)
			abort();
		cgd_params_dispose(&q);
	}
	cgd_params_dispose(&p);
	return 0;
}
