/*
 * While an image is under two keys no command touches it, nor makes anything
 * of it, nor starts who has it: each is run and refused, and afterwards the
 * image, its state and its generations are what they were.
 */
#include <stdarg.h>

#include "core/disk/file.h"
#include "core/fleet/life.h"
#include "core/fleet/unlock.h"
#include "tests/unit/rekey_sides.h"
#include "tests/unit/scratch.h"
#include "xen/xen.h"

static struct dd_err e;
static const char *drydock;
static struct side from, to;
static char image[600];

/* Run a shell command in the scratch folder; its output lives until the next
 * call. */
static const char *
sh(int *status, const char *fmt, ...) DD_PRINTF(2, 3);

static const char *
sh(int *status, const char *fmt, ...)
{
	static char out[65536];
	char what[2048], cmd[4096];
	va_list ap;
	size_t n;
	FILE *f;
	int r;

	va_start(ap, fmt);
	(void)vsnprintf(what, sizeof(what), fmt, ap);
	va_end(ap);
	(void)snprintf(cmd, sizeof(cmd), "cd '%s' && export "
	    "DRYDOCK_CONF=$PWD/drydock.conf && { %s; } 2>&1", scratch_dir,
	    what);
	f = popen(cmd, "r");
	n = fread(out, 1, sizeof(out) - 1, f);
	out[n] = '\0';
	r = pclose(f);
	if (status != NULL)
		*status = WIFEXITED(r) ? WEXITSTATUS(r) : 255;
	return out;
}

static void
must(const char *what)
{
	const char *out;
	int status;

	out = sh(&status, "%s", what);
	if (status != 0) {
		printf("not ok - %s: %s\n", what, out);
		exit(1);
	}
}

/* All that is there: names, inodes, contents (not the history). */
static void
look(char sum[65])
{
	const char *out = sh(NULL, "{ find . -path ./state -prune -o -type f "
	    "-printf '%%p %%i %%s\\n' | sort; find . -path ./state -prune -o "
	    "-type f -print0 | sort -z | xargs -0 sha256sum; } | sha256sum");

	memcpy(sum, out, 64);
	sum[64] = '\0';
}

static void
set_up(void)
{
	static const char *const makes[] = {
		"mkdir -p xen web1 tree/bin tree/pkgdb",
		"printf 'config_dirs = [ \"xen\" ]\\nstate_dir = \"state\"\\n'"
		    " >drydock.conf",
		"echo tool >tree/bin/tool",
		"$D create pkg web1/pkg.img -s 4m --from tree --owner 0:0",
		"cp web1/pkg.img other.img",
		"printf \"name='web1'\\ntype='pv'\\nmemory=64\\n"
		    "kernel='$PWD/kernel'\\ndrydock_pkg='xvda'\\n"
		    "disk=['$PWD/web1/pkg.img,raw,xvda,w']\\n\" >xen/web1.cfg",
		"echo kernel >kernel",
		"$D snapshot web1:pkg && $D snapshot web1:pkg",
	};
	size_t i;

	(void)scratch("");
	(void)setenv("D", drydock, 1);
	for (i = 0; i < sizeof(makes) / sizeof(makes[0]); i++)
		must(makes[i]);
	(void)snprintf(image, sizeof(image), "%s", scratch("web1/pkg.img"));
}

static void
stop_early(struct progress *p, const char *what, uint64_t done,
    uint64_t total)
{
	(void)what;
	if (done >= total / 4)
		*p->cancel = 1;
}

/* Until it is done, or about a quarter is. */
static void
rekey(bool begin, bool whole)
{
	static volatile int cancel;
	struct progress p = { .report = stop_early, .cancel = &cancel };
	struct inplace_plan plan = { .from = from.side, .to = to.side,
	    .to_path = "/etc/cgd/new", .area = 65536 };
	struct inplace *ip = NULL;
	struct blk *file = NULL;
	bool paused = false;

	cancel = 0;
	T_OK(file_open(image, FILE_WRITE | FILE_REKEY, 0, &file, &e));
	if (file == NULL)
		return;
	plan.len = file->size;
	if (begin)
		T_OK(inplace_begin(file, &plan, &e));
	T_OK(inplace_open(file, &from.side, &to.side, &ip, &e));
	T_OK(inplace_run(ip, whole ? NULL : &p, &paused, &e));
	T(paused == !whole);
	if (whole)
		T_OK(inplace_finish(ip, &e));
	inplace_close(ip);
	blk_close(file);
}

static const char *const refused[] = {
	"cat web1/pkg.img:/bin/tool",
	"check web1/pkg.img",
	"check --repair web1/pkg.img",
	"cp kernel web1/pkg.img:/bin/new",
	"cp -n kernel web1/pkg.img:/bin/new",
	"cp web1/pkg.img:/bin/tool copy",
	"cp web1/pkg.img:/bin/tool other.img:/bin/copy",
	"disk web1/pkg.img",
	"ls web1/pkg.img:/",
	"stat web1/pkg.img:/bin/tool",
	"tree web1/pkg.img",
	"prepare root -k kernel web1/pkg.img",
	"prepare local web1/pkg.img web1/local.img",
	"swap web1:pkg other.img",
	"swap -n web1:pkg other.img",
	"swap --next-boot web1:pkg other.img",
	"rollback web1:pkg",
	"rollback --to 1 web1:pkg",
	"snapshot web1:pkg",
	"prune --keep 0 --yes web1:pkg",
	"destroy --yes web1:pkg@1",
	"adopt web1",
	"start web1",
};

static void
every_command_refuses_it(void)
{
	char before[65], after[65];
	const char *out;
	int status;
	size_t i;

	look(before);
	for (i = 0; i < sizeof(refused) / sizeof(refused[0]); i++) {
		out = sh(&status, "'%s' %s", drydock, refused[i]);
		if (status == 0 || strstr(out, "is being encrypted: 2") ==
		    NULL || strstr(out, "drydock rekey --resume") == NULL)
			T_FAIL("%s: %d: %s", refused[i], status, out);
		look(after);
		if (strcmp(before, after) != 0)
			T_FAIL("%s: has changed something", refused[i]);
		memcpy(before, after, sizeof(before));
	}
}

/* Nothing else is made of one either. */
static void
it_does_not_come_in(void)
{
	char kept[600];
	const char *out;
	int status;

	memcpy(kept, image, sizeof(kept));
	must("cp other.img third.img");
	(void)snprintf(image, sizeof(image), "%s", scratch("third.img"));
	rekey(true, false);
	memcpy(image, kept, sizeof(image));
	must("mv web1/pkg.img first && cp other.img web1/pkg.img");
	out = sh(&status, "'%s' swap web1:pkg third.img", drydock);
	T(status != 0 && strstr(out, "third.img: is being encrypted") != NULL);
	out = sh(&status, "'%s' swap --move web1:pkg third.img", drydock);
	T(status != 0 && strstr(out, "third.img: is being encrypted") != NULL);
	must("mv first web1/pkg.img && rm third.img");
}

/* It is a row of the list, with a finding. */
static void
lists_show_it(void)
{
	const char *out;
	int status;

	out = sh(&status, "'%s' list", drydock);
	T_EQ(status, 0);
	T(strstr(out, "pkg.img rekey ") != NULL);
	T(strstr(out, "error") != NULL);
	out = sh(&status, "'%s' show web1", drydock);
	T_EQ(status, 0);
	T(strstr(out, "pkg: 26% re-encrypted so far: /") != NULL);
	T(strstr(out, "drydock rekey --resume IMAGE goes on") != NULL);
	out = sh(&status, "'%s' list --json", drydock);
	T_EQ(status, 0);
	T(strstr(out, "pkg: 26% re-encrypted so far: /") != NULL);
}

/* Nobody can finish it without the keys; but it is said. */
static void
recover_says_so(void)
{
	char before[65], after[65];
	struct blk *file = NULL;
	const char *out;
	int status;

	look(before);
	out = sh(&status, "'%s' recover", drydock);
	T_EQ(status, 3);
	T(strstr(out, "is being encrypted: 2") != NULL);
	T(strstr(out, "hint: drydock rekey --resume") != NULL);
	look(after);
	T_STR(before, after);
	/* who is at work needs no help */
	T_OK(file_open(image, FILE_WRITE | FILE_REKEY, 0, &file, &e));
	out = sh(&status, "'%s' recover", drydock);
	T_EQ(status, 0);
	T_STR(out, "nothing to recover\n");
	blk_close(file);
}

static int
nobody(bool disks, struct xen_domain **v, size_t *n, struct dd_err *err)
{
	(void)disks;
	(void)err;
	*v = NULL;
	*n = 0;
	return 0;
}

static void
free_nobody(struct xen_domain *v, size_t n)
{
	(void)v;
	(void)n;
}

static bool started;

static int
start(const char *cfg, const char *instead, unsigned limit,
    struct dd_err *err)
{
	(void)cfg;
	(void)instead;
	(void)limit;
	(void)err;
	started = true;
	return 0;
}

/* Whoever starts a domU, for whatever job. */
static void
its_domu_is_not_started(bool may)
{
	struct xen_ops ops = xen_ops;
	struct fleet_image img = { .path = image };
	struct fleet_disk disk = { .image = &img };
	struct fleet_domu d = { .name = (char *)(uintptr_t)"web1",
	    .cfg = image, .disks = &disk, .ndisks = 1 };
	struct life life = { .xen = &ops };

	ops.domains = nobody;
	ops.domains_free = free_nobody;
	ops.start = start;
	started = false;
	if (may)
		T_OK(life_start(&life, &d, &e));
	else {
		T_ERR(life_start(&life, &d, &e), ERR_HELD);
		T(strncmp(e.msg, "web1: ", 6) == 0);
		T_ERR(life_start_with(&life, &d, "disk = []", &e), ERR_HELD);
	}
	T(started == may);
}

static void
not_while_it_lasts(void)
{
	struct host_crypt none = { .takes_params = false };
	struct unlock u;

	its_domu_is_not_started(false);
	T_ERR(unlock_find(&u, &none, NULL, image, &e), ERR_HELD);
	unlock_dispose(&u);
}

/* Another file in its place is free; what told of the first is left. */
static void
a_replaced_one_is_told(void)
{
	const char *out;
	int status;

	must("cp other.img new.img && mv web1/pkg.img first && "
	    "mv new.img web1/pkg.img");
	out = sh(&status, "'%s' ls web1/pkg.img:/bin", drydock);
	T_EQ(status, 0);
	T(strstr(out, "tool") != NULL);
	out = sh(&status, "'%s' recover", drydock);
	T_EQ(status, 3);
	T(strstr(out, "of an image that is not there any more") != NULL);
	must("mv first web1/pkg.img");
}

static void
afterwards_all_is_allowed(void)
{
	const char *out;
	int status;

	rekey(false, true);
	its_domu_is_not_started(true);
	out = sh(&status, "'%s' list", drydock);
	T_EQ(status, 0);
	T(strstr(out, "crypted") == NULL && strstr(out, "rekey") == NULL);
	out = sh(&status, "'%s' recover", drydock);
	T(strstr(out, "crypted") == NULL);
	out = sh(&status, "'%s' swap web1:pkg other.img", drydock);
	if (status != 0)
		T_FAIL("swap: %s", out);
}

int
main(void)
{
	drydock = getenv("DRYDOCK");
	if (drydock == NULL)
		drydock = realpath("./drydock", NULL);
	set_up();
	side_make(&from, "", 0, 512, 0);
	side_make(&to, "adiantum", 256, 512, 2);
	rekey(true, false);
	T_RUN(every_command_refuses_it);
	T_RUN(it_does_not_come_in);
	T_RUN(lists_show_it);
	T_RUN(recover_says_so);
	T_RUN(not_while_it_lasts);
	T_RUN(a_replaced_one_is_told);
	T_RUN(afterwards_all_is_allowed);
	side_make(&to, "", 0, 512, 0);
	return t_done();
}
