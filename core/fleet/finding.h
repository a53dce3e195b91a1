/*
 * What is wrong, or odd, with a fleet: of what kind it is, how grave, and what
 * mends it.
 */
#ifndef DD_FLEET_FINDING_H
#define DD_FLEET_FINDING_H

#include <stdbool.h>
#include <stddef.h>

#include "core/base/err.h"

enum fleet_severity { SEV_NOTE, SEV_WARNING, SEV_ERROR, SEV_COUNT };

/* What is to be done about it, as far as one command does it. */
enum fleet_mend {
	MEND_NONE,		/* the operator decides: see the hint */
	MEND_RECOVER,		/* drydock recover */
	MEND_RESTART,		/* drydock reboot DOMU */
	MEND_REPAIR,		/* drydock check --repair IMAGE */
	MEND_CLEAN,		/* drydock devices --clean */
	MEND_PRUNE		/* drydock prune --yes */
};

enum fleet_subject { OF_DOMU, OF_IMAGE, OF_HOST };

/*
 * X(kind, id, what mends it, whose it is)
 * The id is the manual's, JSON's and a script's: it stays.  What is an image's
 * is told once, however many domUs use it.
 */
#define FLEET_KINDS(X)							\
	X(FOUND_CONFIG, "config", MEND_NONE, OF_DOMU)			\
	X(FOUND_NO_CONFIG, "no-config", MEND_NONE, OF_DOMU)		\
	X(FOUND_CONFIG_DIR, "config-dir", MEND_NONE, OF_HOST)		\
	X(FOUND_SAME_NAME, "same-name", MEND_NONE, OF_DOMU)		\
	X(FOUND_CRASHED, "crashed", MEND_NONE, OF_DOMU)			\
	X(FOUND_REBOOT_LOOP, "reboot-loop", MEND_NONE, OF_DOMU)		\
	X(FOUND_HOTPLUG, "hotplug", MEND_NONE, OF_DOMU)			\
	X(FOUND_DISK_ORDER, "disk-order", MEND_NONE, OF_DOMU)		\
	X(FOUND_RELATIVE_PATH, "relative-path", MEND_NONE, OF_DOMU)	\
	X(FOUND_MISSING_IMAGE, "missing-image", MEND_NONE, OF_IMAGE)	\
	X(FOUND_UNREADABLE, "unreadable", MEND_NONE, OF_IMAGE)		\
	X(FOUND_MISSING_PARAMS, "missing-params", MEND_NONE, OF_DOMU)	\
	X(FOUND_BAD_PARAMS, "bad-params", MEND_NONE, OF_DOMU)		\
	X(FOUND_WEAK_KEYGEN, "weak-keygen", MEND_NONE, OF_DOMU)		\
	X(FOUND_WEAK_CIPHER, "weak-cipher", MEND_NONE, OF_DOMU)		\
	X(FOUND_OPEN_KEY, "open-key", MEND_NONE, OF_DOMU)		\
	X(FOUND_TWO_WRITERS, "two-writers", MEND_NONE, OF_IMAGE)	\
	X(FOUND_INTERRUPTED, "interrupted", MEND_RECOVER, OF_IMAGE)	\
	X(FOUND_LEFTOVER, "leftover", MEND_RECOVER, OF_IMAGE)		\
	X(FOUND_HALF_REKEYED, "half-rekeyed", MEND_NONE, OF_IMAGE)	\
	X(FOUND_NOT_CLEAN, "not-clean", MEND_REPAIR, OF_IMAGE)		\
	X(FOUND_NEARLY_FULL, "nearly-full", MEND_NONE, OF_IMAGE)	\
	X(FOUND_OLD_GENERATION, "old-generation", MEND_RESTART, OF_DOMU) \
	X(FOUND_ROOT_DIFFERS, "root-differs", MEND_NONE, OF_IMAGE)	\
	X(FOUND_KERNEL_DIFFERS, "kernel-differs", MEND_NONE, OF_DOMU)	\
	X(FOUND_REPLACED, "replaced", MEND_NONE, OF_IMAGE)		\
	X(FOUND_ROOT_WRITABLE, "root-writable", MEND_NONE, OF_DOMU)	\
	X(FOUND_NO_IMAGE, "no-image", MEND_NONE, OF_IMAGE)		\
	X(FOUND_STALE_DEVICE, "stale-device", MEND_CLEAN, OF_HOST)	\
	X(FOUND_STALE_MOUNT, "stale-mount", MEND_CLEAN, OF_HOST)	\
	X(FOUND_VND_EXHAUSTED, "vnd-exhausted", MEND_NONE, OF_HOST)	\
	X(FOUND_LOOP_EXHAUSTED, "loop-exhausted", MEND_NONE, OF_HOST)	\
	X(FOUND_HISTORY, "history", MEND_NONE, OF_HOST)			\
	X(FOUND_PRUNABLE, "prunable", MEND_PRUNE, OF_HOST)		\
	X(FOUND_XEN, "xen", MEND_NONE, OF_HOST)				\
	X(FOUND_NOT_SEEN, "not-seen", MEND_NONE, OF_HOST)

enum fleet_kind {
#define X(kind, id, mend, subject) kind,
	FLEET_KINDS(X)
#undef X
	FOUND_KINDS
};

struct fleet_finding {
	enum fleet_kind		 kind;
	enum fleet_severity	 severity;
	char			*text;	/* one line, escaped */
	char			*hint;	/* or NULL */
	/* Of its domU's; NULL: it is about none. */
	const struct fleet_disk	*disk;
};

struct fleet_findings {
	struct fleet_finding	*v;
	size_t			 n;
};

const char *fleet_severity_name(enum fleet_severity);
/* -1: not one. */
int	fleet_severity_parse(const char *);
const char *fleet_kind_id(enum fleet_kind);
enum fleet_mend fleet_kind_mend(enum fleet_kind);
enum fleet_subject fleet_kind_subject(enum fleet_kind);
/* The gravest finding, the first among equals, or NULL. */
const struct fleet_finding *fleet_gravest(const struct fleet_findings *);

/* Add one finding, escaping the text; hint may be NULL. */
int	finding_add(struct fleet_findings *, enum fleet_kind,
	    enum fleet_severity, const char *hint, struct dd_err *e,
	    const char *fmt, ...) DD_PRINTF(6, 7);
/* Add an error as a finding. */
int	finding_add_err(struct fleet_findings *, enum fleet_kind,
	    enum fleet_severity, const struct dd_err *why, struct dd_err *e);
/* Those from n on are about that disk. */
void	findings_about(struct fleet_findings *, size_t n,
	    const struct fleet_disk *);
void	findings_dispose(struct fleet_findings *);

#endif
