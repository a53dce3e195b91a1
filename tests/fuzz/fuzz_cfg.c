/* xl.cfg files: any text ends in an error row or a domU, and libxlutil knows
 * every key that our scan sees in a text that it takes. */
#include "core/fleet/fleet_impl.h"
#include "tests/fuzz/fuzz.h"
#include "xen/xen.h"

static void
compare(const char *text, size_t len)
{
	struct dd_err e = DD_ERR_INIT;
	struct scan scan = SCAN_INIT;
	struct xen_cfg *cfg;
	size_t i;

	if (scan_text(text, len, &scan, &e) == -1)
		return;
	if (xen_ops.cfg_open(text, len, "fuzz", &cfg, &e) == 0) {
		for (i = 0; i < scan.n; i++)
			if (xen_ops.cfg_string(cfg, scan.v[i].name) == NULL &&
			    xen_ops.cfg_list(cfg, scan.v[i].name) == -1)
				abort();
		xen_ops.cfg_close(cfg);
	}
	scan_dispose(&scan);
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t len)
{
	struct dd_err e = DD_ERR_INIT;
	struct buf text = BUF_INIT;
	struct fleet_domu d;

	if (buf_add(&text, data, len) == 0) {
		compare(text.p, text.len);
		if (domu_read(&xen_ops, "fuzz", &text, &d, &e) == -1)
			abort();
		domu_dispose(&d);
	}
	buf_dispose(&text);
	return 0;
}
