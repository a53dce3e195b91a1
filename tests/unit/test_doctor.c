/*
 * All that is wrong with a fleet, on fleets, hosts and times that are made up:
 * each kind of finding that the fleet's own are not, and how they are put
 * together.  What an image's are is told by test_fleet.c.
 */
#include <sys/file.h>
#include <sys/wait.h>

#include "core/base/clock.h"
#include "core/fleet/devices.h"
#include "core/fleet/doctor.h"
#include "core/fleet/fleet_impl.h"
#include "core/store/db.h"
#include "tests/unit/fake_kernel.h"
#include "tests/unit/t.h"

static struct dd_err e;
static struct fleet fleet;
static struct fleet_domu domus[16];
static struct fleet_image images[16], *pointers[16];
static struct doctor_ask ask;
static struct doctor *found;

/* -- a fleet by hand ---------------------------------------------------- */

static void
empty(void)
{
	size_t i;

	for (i = 0; i < fleet.ndomus; i++) {
		findings_dispose(&domus[i].findings);
		free(domus[i].disks);
	}
	for (i = 0; i < fleet.nimages; i++)
		free(images[i].users);
	findings_dispose(&fleet.findings);
	doctor_free(found);
	found = NULL;
	fleet = (struct fleet){ .domus = domus, .images = pointers };
	ask = (struct doctor_ask){ .xen = NULL };
}

static struct fleet_image *
image(const char *path)
{
	struct fleet_image *img = &images[fleet.nimages];

	*img = (struct fleet_image){ .path = (char *)(uintptr_t)path,
	    .dev = 9, .ino = 100 + fleet.nimages, .size = 64 << 20,
	    .users = calloc(16, sizeof(*img->users)) };
	pointers[fleet.nimages++] = img;
	return img;
}

static struct fleet_domu *
domu(const char *name)
{
	struct fleet_domu *d = &domus[fleet.ndomus++];

	*d = (struct fleet_domu){ .name = (char *)(uintptr_t)name,
	    .disks = calloc(4, sizeof(*d->disks)) };
	return d;
}

static struct fleet_disk *
disk(struct fleet_domu *d, enum fleet_role role, struct fleet_image *img)
{
	struct fleet_disk *k = &d->disks[d->ndisks++];

	*k = (struct fleet_disk){ .role = role, .image = img,
	    .vdev = (char *)(uintptr_t)"xvdq" };
	img->users[img->nusers++] = (size_t)(d - domus);
	return k;
}

/* The domU runs with that file on that disk. */
static void
runs(struct fleet_disk *k, ino_t ino, uint32_t generation)
{
	k->run_known = true;
	k->run_dev = 9;
	k->run_ino = ino;
	k->runs_with = generation;
}

static void
find(struct fleet_domu *d, enum fleet_kind kind, enum fleet_severity s,
    const struct fleet_disk *k)
{
	struct fleet_findings *f = d != NULL ? &d->findings :
	    &fleet.findings;
	size_t n = f->n;

	T_OK(finding_add(f, kind, s, "a hint", &e, "%s of %s",
	    fleet_kind_id(kind), d != NULL ? d->name : "fleet"));
	findings_about(f, n, k);
}

static void
look(void)
{
	doctor_free(found);
	found = NULL;
	T_OK(doctor_look(&fleet, &ask, &found, &e));
	if (found == NULL)
		exit(1);
}

/* The n-th finding. */
static const struct doctor_finding *
nth(size_t n)
{
	static const struct doctor_finding none = { .domus = NULL };

	if (n < found->n)
		return &found->v[n];
	T_FAIL("there are %zu findings", found->n);
	return &none;
}

static void
is(size_t n, enum fleet_kind kind, enum fleet_severity severity,
    const char *text)
{
	T_STR(fleet_kind_id(nth(n)->kind), fleet_kind_id(kind));
	T_EQ(nth(n)->severity, severity);
	if (nth(n)->text == NULL || strstr(nth(n)->text, text) == NULL)
		T_FAIL("\"%s\", not \"%s\"", nth(n)->text, text);
}

static const char *
about(size_t n)
{
	static char text[256];
	struct buf b = BUF_INIT;

	doctor_about(nth(n), &b);
	(void)snprintf(text, sizeof(text), "%s", b.p);
	buf_dispose(&b);
	return text;
}

static const char *
mend(size_t n)
{
	const char *argv[DOCTOR_WORDS];
	static char text[256];
	size_t i;

	text[0] = '\0';
	for (i = 0; doctor_mend(nth(n), argv) && argv[i] != NULL; i++)
		(void)snprintf(text + strlen(text), sizeof(text) -
		    strlen(text), "%s%s", i > 0 ? " " : "", argv[i]);
	return text;
}

/* -- the list ----------------------------------------------------------- */

static void
nothing(void)
{
	empty();
	look();
	T_EQ(found->n, 0);
	(void)domu("web1");
	look();
	T_EQ(found->n, 0);
}

static void
by_severity(void)
{
	struct fleet_domu *a, *b;

	empty();
	a = domu("a");
	b = domu("b");
	find(a, FOUND_NO_CONFIG, SEV_NOTE, NULL);
	find(a, FOUND_CONFIG, SEV_WARNING, NULL);
	find(b, FOUND_CONFIG, SEV_ERROR, NULL);
	find(b, FOUND_CONFIG, SEV_WARNING, NULL);
	find(NULL, FOUND_XEN, SEV_WARNING, NULL);
	look();
	T_EQ(found->n, 5);
	is(0, FOUND_CONFIG, SEV_ERROR, "config of b");
	is(1, FOUND_XEN, SEV_WARNING, "xen of fleet");
	is(2, FOUND_CONFIG, SEV_WARNING, "config of a");
	is(3, FOUND_CONFIG, SEV_WARNING, "config of b");
	is(4, FOUND_NO_CONFIG, SEV_NOTE, "no-config of a");
	T_EQ(found->count[SEV_ERROR], 1);
	T_EQ(found->count[SEV_WARNING], 3);
	T_EQ(found->count[SEV_NOTE], 1);
	T_STR(about(0), "b");
	T_STR(about(1), "the host");
	T_STR(nth(0)->hint, "a hint");
	T(doctor_concerns(nth(0), "b") && !doctor_concerns(nth(0), "a"));
	T(!doctor_concerns(nth(1), "a"));
}

/* What is an image's is told once, what is a domU's of each. */
static void
once_an_image(void)
{
	struct fleet_image *root;
	struct fleet_disk *k[3];
	size_t i;

	empty();
	root = image("/xen/root.img");
	for (i = 0; i < 3; i++)
		k[i] = disk(domu(i == 0 ? "a" : i == 1 ? "b" : "c"),
		    ROLE_ROOT, root);
	for (i = 0; i < 3; i++) {
		find(&domus[i], FOUND_MISSING_IMAGE, SEV_ERROR, k[i]);
		find(&domus[i], FOUND_OLD_GENERATION, SEV_NOTE, k[i]);
	}
	/* twice a disk of the same domU */
	find(&domus[2], FOUND_MISSING_IMAGE, SEV_ERROR, k[2]);
	look();
	T_EQ(found->n, 4);
	is(0, FOUND_MISSING_IMAGE, SEV_ERROR, "missing-image of a");
	T_EQ(nth(0)->ndomus, 3);
	T_STR(nth(0)->domus[2], "c");
	T_STR(nth(0)->image, "/xen/root.img");
	T_STR(nth(0)->role, "root");
	T_STR(about(0), "a and 2 more");
	T(doctor_concerns(nth(0), "c"));
	is(3, FOUND_OLD_GENERATION, SEV_NOTE, "of c");
	T_EQ(nth(3)->ndomus, 1);
	T_STR(nth(3)->image, "/xen/root.img");
}

static void
what_mends_it(void)
{
	struct fleet_domu *d;
	struct fleet_disk *k;

	empty();
	d = domu("web1");
	k = disk(d, ROLE_OTHER, image("/xen/a b.img"));
	find(d, FOUND_INTERRUPTED, SEV_ERROR, k);
	find(d, FOUND_LEFTOVER, SEV_ERROR, k);
	find(d, FOUND_NOT_CLEAN, SEV_ERROR, k);
	find(d, FOUND_OLD_GENERATION, SEV_ERROR, k);
	find(d, FOUND_TWO_WRITERS, SEV_ERROR, k);
	find(NULL, FOUND_NOT_CLEAN, SEV_NOTE, NULL);
	look();
	T_STR(mend(0), "drydock recover");
	T_STR(mend(1), "drydock recover");
	T_STR(mend(2), "drydock check --repair /xen/a b.img");
	T_STR(mend(3), "drydock reboot web1");
	T_STR(mend(4), "");
	T_STR(mend(5), "");		/* of which image? */
	T_STR(nth(0)->role, "xvdq");
	d->name = (char *)(uintptr_t)"-rf";
	look();
	T_STR(mend(3), "drydock reboot -- -rf");
	/* one that is tried comes again with a reboot */
	k->image->generation = 4;
	runs(k, 1, 3);
	look();
	T_STR(mend(3), "drydock reboot -- -rf");
	runs(k, 1, 5);
	look();
	T_STR(mend(3), "");
}

/* Who is not root gets one line for all that is root's. */
static void
what_is_not_seen(void)
{
	struct fleet_domu *d;
	struct fleet_disk *k;

	empty();
	d = domu("web1");
	k = disk(d, ROLE_PKG, image("/xen/pkg.img"));
	find(d, FOUND_NOT_SEEN, SEV_NOTE, k);
	look();
	T_EQ(found->n, 1);
	is(0, FOUND_NOT_SEEN, SEV_NOTE, "1 file can't be looked at: "
	    "not-seen of web1");
	find(d, FOUND_NOT_SEEN, SEV_NOTE, k);
	look();
	T_EQ(found->n, 1);
	is(0, FOUND_NOT_SEEN, SEV_NOTE, "2 files can't be looked at, such "
	    "as: not-seen of web1");
	T_EQ(nth(0)->ndomus, 0);
}

static void
names_are_escaped(void)
{
	struct fleet_domu *d;

	empty();
	d = domu("o\033[31mdd");
	d->state = STATE_CRASHED;
	find(d, FOUND_CONFIG, SEV_ERROR, NULL);
	look();
	T_STR(about(0), "o\\033[31mdd");
	T_STR(nth(0)->text, "config of o\\033[31mdd");
	T_STR(nth(0)->domus[0], "o\033[31mdd");
}

/* -- domUs -------------------------------------------------------------- */

static void
crashes(void)
{
	empty();
	domu("a")->state = STATE_RUNNING;
	domu("b")->state = STATE_CRASHED;
	look();
	T_EQ(found->n, 1);
	is(0, FOUND_CRASHED, SEV_ERROR, "has crashed");
	T_STR(about(0), "b");
}

/* At that second Xen has web1 as id. */
static void
seen(struct restarts *r, unsigned id, int64_t second)
{
	struct xen_domain v[] = { { .id = 77 },	/* without a name yet */
	    { .name = (char *)(uintptr_t)"web1", .id = id } };

	T_OK(restarts_take(r, v, 2, second * 1000, &e));
}

static unsigned
count(const struct restarts *r, int64_t second)
{
	return restarts_count(r, "web1", second * 1000);
}

static void
starts_are_counted(void)
{
	struct restarts r = { .n = 0 }, copy;

	T_EQ(count(&r, 0), 0);
	seen(&r, 5, 0);
	seen(&r, 5, 1);
	T_EQ(count(&r, 1), 0);
	seen(&r, 6, 2);
	T_EQ(count(&r, 2), 1);
	/* the one before is dying still */
	seen(&r, 5, 3);
	seen(&r, 6, 4);
	T_EQ(count(&r, 4), 1);
	seen(&r, 9, 300);
	T_EQ(count(&r, 300), 2);
	T_OK(restarts_copy(&r, &copy, &e));
	T_EQ(count(&copy, 300), 2);
	/* those that are long ago don't count */
	T_EQ(count(&r, 602), 2);
	T_EQ(count(&r, 603), 1);
	T_EQ(count(&r, 901), 0);
	T_EQ(restarts_count(&r, "web2", 300000), 0);
	for (unsigned i = 10; i < 40; i++)
		seen(&r, i, 1000 + i);
	T(count(&r, 1040) >= 3);
	restarts_dispose(&r);
	T_EQ(count(&copy, 300), 2);
	restarts_dispose(&copy);
}

static void
reboots_without_end(void)
{
	const int64_t now = clock_ms() / 1000;
	struct restarts r = { .n = 0 };

	empty();
	(void)domu("web1");
	(void)domu("web2");
	seen(&r, 1, now - 9);
	seen(&r, 2, now - 8);
	ask.restarts = &r;
	look();
	T_EQ(found->n, 0);
	seen(&r, 3, now - 7);
	look();
	T_EQ(found->n, 1);
	is(0, FOUND_REBOOT_LOOP, SEV_WARNING, "was started anew 2 times within "
	    "10 minutes");
	T_STR(about(0), "web1");
	seen(&r, 4, now - 6);
	look();
	is(0, FOUND_REBOOT_LOOP, SEV_ERROR, "3 times");
	restarts_dispose(&r);
}

static struct xen_domain domain;
static unsigned asked;
static enum dd_code silent;

/* One that is started anew whenever it is looked at. */
static int
domains(bool disks, struct xen_domain **v, size_t *n, struct dd_err *err)
{
	(void)disks;
	if (silent != ERR_NONE && asked++ > 0)
		return dd_fail(err, silent, "no answer");
	domain.id++;
	*v = &domain;
	*n = 1;
	return 0;
}

static void
domains_free(struct xen_domain *v, size_t n)
{
	(void)v;
	(void)n;
}

static const struct xen_ops xen = { .domains = domains,
    .domains_free = domains_free };

static unsigned ticks;
static volatile int cancel;

static void
tick(struct progress *p, const char *what, uint64_t done, uint64_t total)
{
	(void)p;
	(void)what;
	(void)done;
	(void)total;
	cancel = ++ticks > 5;
}

static void
watches(void)
{
	struct progress progress = { .report = tick, .cancel = &cancel };
	const struct life life = { .xen = &xen, .progress = &progress };
	struct restarts r = { .n = 0 };

	domain = (struct xen_domain){ .name = (char *)(uintptr_t)"web1" };
	/* until the operator has had enough */
	T_ERR(restarts_watch(&life, 3600, &r, &e), ERR_CANCEL);
	T_EQ(restarts_count(&r, "web1", clock_ms()), 3);
	restarts_dispose(&r);
	/* one look, where there is no time for more */
	T_OK(restarts_watch(&life, 0, &r, &e));
	T_EQ(restarts_count(&r, "web1", clock_ms()), 0);
	T_EQ(r.n, 1);
	restarts_dispose(&r);
	/* a Xen that does not answer at once may do so yet; others won't */
	ticks = 0;
	cancel = 0;
	silent = ERR_IO;
	T_ERR(restarts_watch(&life, 3600, &r, &e), ERR_CANCEL);
	silent = ERR_NOENT;
	T_ERR(restarts_watch(&life, 3600, &r, &e), ERR_NOENT);
	restarts_dispose(&r);
	silent = ERR_NONE;
	asked = 0;
}

/* -- roots and generations ---------------------------------------------- */

static void
another_root(void)
{
	static const char *const names[] = { "a", "b", "c", "d", "e" };
	struct fleet_image *one, *two;
	size_t i;

	empty();
	one = image("/xen/one.img");
	two = image("/xen/two.img");
	one->generation = 7;
	for (i = 0; i < 4; i++)
		(void)disk(domu(names[i]), ROLE_ROOT, i < 3 ? one : two);
	look();
	T_EQ(found->n, 1);
	is(0, FOUND_ROOT_DIFFERS, SEV_NOTE, "/xen/two.img (64 MiB) is the root "
	    "of 1 domU, and /xen/one.img (64 MiB, generation 7) that of 3");
	T_STR(about(0), "d");
	T_STR(nth(0)->image, "/xen/two.img");
	/* one that it writes can't be shared */
	domus[3].disks[0].readwrite = true;
	look();
	T_EQ(found->n, 0);
	/* nor is there a rule where each has its own */
	domus[3].disks[0].readwrite = false;
	one->nusers = 1;
	domus[1].ndisks = domus[2].ndisks = 0;
	look();
	T_EQ(found->n, 0);
}

static void
roots_that_run(void)
{
	static const char *const names[] = { "a", "b", "c", "d" };
	struct fleet_image *root;
	struct fleet_disk *k[4];
	size_t i;

	empty();
	root = image("/xen/root.img");
	root->generation = 4;
	for (i = 0; i < 4; i++) {
		k[i] = disk(domu(names[i]), ROLE_ROOT, root);
		if (i < 3)
			runs(k[i], root->ino, 4);
	}
	look();
	T_EQ(found->n, 0);
	runs(k[1], 5, 3);
	look();
	T_EQ(found->n, 1);
	is(0, FOUND_ROOT_DIFFERS, SEV_WARNING, "root: 1 of the 3 domUs that "
	    "run with /xen/root.img have another file than the one in place, "
	    "as b has (generation 3)");
	T_STR(about(0), "b");
	T_EQ(nth(0)->ndomus, 1);
	/* all of them: then they are merely old */
	runs(k[0], 5, 3);
	runs(k[2], 5, 3);
	look();
	T_EQ(found->n, 0);
}

static void
what_prune_would_free(void)
{
	empty();
	image("/a.img")->nold = 2;
	images[0].old = DOCTOR_PRUNABLE - 2;
	image("/b.img")->nold = 1;
	images[1].old = 1;
	look();
	T_EQ(found->n, 0);
	images[1].old = 2;
	look();
	T_EQ(found->n, 1);
	is(0, FOUND_PRUNABLE, SEV_NOTE, "3 old generations of 2 images take "
	    "1 GiB");
	T_STR(mend(0), "drydock prune --yes");
}

/* -- the host ----------------------------------------------------------- */

static struct host_made made[4];
static size_t nmade;
static enum dd_code unlisted;

static int
list(host_made_fn *fn, void *arg, struct dd_err *err)
{
	size_t i;

	if (unlisted != ERR_NONE)
		return dd_fail(err, unlisted, "can't be listed");
	for (i = 0; i < nmade; i++)
		if (fn(arg, &made[i], err) == -1)
			return -1;
	return 0;
}

static struct devices_host
host(void)
{
	return (struct devices_host){ .list = list, .kernel = &fake_kernel };
}

static pid_t
dead_pid(void)
{
	pid_t pid = fork();

	if (pid == 0)
		_exit(0);
	(void)waitpid(pid, NULL, 0);
	return pid;
}

/* A dead process has left a record of /dev/loop3, made of the image. */
static pid_t
leave(void)
{
	static char dir[600];
	char cmd[1300], path[800];
	pid_t pid = dead_pid();
	FILE *f;

	(void)snprintf(dir, sizeof(dir), "%s", scratch("run"));
	stack_dir = dir;
	(void)snprintf(cmd, sizeof(cmd), "rm -rf '%s' && mkdir -p -m 700 "
	    "'%s/stack'", dir, dir);
	T_EQ(system(cmd), 0);
	(void)snprintf(path, sizeof(path), "%s/stack/%ld-5-0", dir,
	    (long)pid);
	f = fopen(path, "w");
	fprintf(f, "image 9 100 /xen/a.img\ndevice %" PRIu64
	    " /dev/loop3 /dev/loop3\nmount /m\n",
	    (uint64_t)host_makedev(7, 3));
	fclose(f);
	return pid;
}

static void
what_jobs_left(void)
{
	char want[200];
	pid_t pid;

	empty();
	pid = leave();
	(void)disk(domu("web1"), ROLE_PKG, image("/xen/a.img"));
	made[0] = (struct host_made){ .kind = HOST_MADE_OF_FILE,
	    .rdev = host_makedev(7, 3), .path = "/dev/loop3", .dev = 9,
	    .ino = 100, .opens = -1 };
	made[1] = (struct host_made){ .kind = HOST_MADE_MOUNT,
	    .rdev = host_makedev(7, 3), .path = "/m", .opens = -1 };
	nmade = 1;
	ask.host = host;
	look();
	T_EQ(found->n, 1);
	(void)snprintf(want, sizeof(want), "drydock process %ld, which is "
	    "dead, left /dev/loop3 of /xen/a.img", (long)pid);
	is(0, FOUND_STALE_DEVICE, SEV_WARNING, want);
	T_STR(about(0), "web1");
	T_STR(nth(0)->device, "/dev/loop3");
	T_STR(nth(0)->image, "/xen/a.img");
	T_STR(mend(0), "drydock devices --clean");
	nmade = 2;
	look();
	(void)snprintf(want, sizeof(want), "left /dev/loop3, mounted on /m of "
	    "/xen/a.img");
	is(0, FOUND_STALE_MOUNT, SEV_WARNING, want);
	/* mounted elsewhere is another's doing */
	made[1].path = "/elsewhere";
	look();
	is(0, FOUND_STALE_DEVICE, SEV_WARNING, "left /dev/loop3 of");
	nmade = 0;
	look();
	is(0, FOUND_STALE_DEVICE, SEV_NOTE, "left a record without a device");
}

static void
what_block_drydock_left(void)
{
	empty();
	(void)leave();
	made[0] = (struct host_made){ .kind = HOST_MADE_OF_FILE,
	    .rdev = host_makedev(7, 4), .path = "/dev/loop4", .dev = 9,
	    .ino = 200, .opens = -1 };
	made[1] = (struct host_made){ .kind = HOST_MADE_UPON,
	    .rdev = host_makedev(253, 0), .under = host_makedev(7, 4),
	    .path = "/dev/dm-0", .name = "drydock-8-51714", .opens = -1 };
	nmade = 2;
	ask.host = host;
	ask.xen = &xen;
	domain = (struct xen_domain){ .id = 1 };
	look();
	T_EQ(found->n, 2);
	is(0, FOUND_STALE_DEVICE, SEV_WARNING, "drydock-8-51714 is stale: "
	    "domain 8, for which");
	T_STR(about(0), "/dev/dm-0");
	/* Xen is not asked twice where it is known that it does not answer */
	ask.xen = NULL;
	look();
	T_EQ(found->n, 1);
}

static void
devices_that_cannot_be_seen(void)
{
	empty();
	ask.host = host;
	unlisted = ERR_PERM;
	look();
	T_EQ(found->n, 1);
	is(0, FOUND_NOT_SEEN, SEV_NOTE, "devices: can't be listed");
	unlisted = ERR_IO;
	look();
	is(0, FOUND_NOT_SEEN, SEV_WARNING, "devices: can't be listed");
	unlisted = ERR_NONE;
}

static struct host_room room;

static void
tell_room(struct host_room *r)
{
	*r = room;
}

static void
room_for_devices(void)
{
	empty();
	ask.room = tell_room;
	room = (struct host_room){ .kind = "vnd", .used = 4, .all = 8,
	    .next = 8 };
	look();
	T_EQ(found->n, 0);
	room.used = 5;
	look();
	is(0, FOUND_VND_EXHAUSTED, SEV_WARNING, "5 of 8 vnd devices are in "
	    "use: not enough");
	T_STR(nth(0)->hint, "cd /dev && sh MAKEDEV vnd8 makes another");
	room.used = 8;
	look();
	is(0, FOUND_VND_EXHAUSTED, SEV_ERROR, "8 of 8 vnd devices");
	room.kind = "loop";
	look();
	is(0, FOUND_LOOP_EXHAUSTED, SEV_ERROR, "8 of 8 loop devices");
	room = (struct host_room){ .kind = "loop", .used = 9 };
	look();
	T_EQ(found->n, 0);
}

/* -- what was cut short ------------------------------------------------- */

static int
touch(const char *name)
{
	return open(scratch(name), O_RDWR | O_CREAT, 0600);
}

static void
copies_that_were_left(void)
{
	struct fleet_image *img;
	int fd;

	empty();
	(void)mkdir(scratch("img"), 0700);
	img = image(strdup(scratch("img/a.img")));
	(void)disk(domu("web1"), ROLE_PKG, img);
	(void)image(strdup(scratch("img/b.img")));
	fd = touch("img/.drydock-100.copy-0");
	T_EQ(flock(fd, LOCK_EX), 0);
	look();
	T_EQ(found->n, 0);		/* somebody works on it */
	(void)close(fd);
	look();
	T_EQ(found->n, 1);
	is(0, FOUND_LEFTOVER, SEV_WARNING, "img/.drydock-100.copy-0 is a copy");
	T_STR(about(0), "web1");
	T_STR(mend(0), "drydock recover");
	T_EQ(rename(scratch("img/.drydock-100.copy-0"),
	    scratch("img/.drydock-9.copy-0")), 0);
	look();
	T_EQ(nth(0)->ndomus, 0);
	free(images[0].path);
	free(images[1].path);
}

static void
kernels_on_their_way(void)
{
	char *kernel = strdup(scratch("netbsd"));

	empty();
	(void)close(touch("netbsd"));
	(void)mkdir(scratch(".netbsd.d"), 0700);
	domu("a")->kernel = kernel;
	domu("b")->kernel = kernel;
	domu("c")->kernel = (char *)(uintptr_t)"/no/such/kernel";
	look();
	T_EQ(found->n, 0);
	(void)close(touch(".netbsd.d/3.going"));
	look();
	T_EQ(found->n, 1);
	is(0, FOUND_LEFTOVER, SEV_WARNING, "kernel: ");
	(void)close(touch(".netbsd.d/incoming"));
	look();
	T_EQ(found->n, 1);
	is(0, FOUND_INTERRUPTED, SEV_ERROR, "kernel: ");
	T_EQ(nth(0)->ndomus, 2);
	T_STR(about(0), "a and 1 more");
	free(kernel);
}

/* A job in the history, of a process that lives or not. */
static void
job(const char *image_path, pid_t pid)
{
	const struct db_job j = { .started = 1, .who = "me", .pid = pid,
	    .action = "swap", .domu = "web1", .image = image_path,
	    .command = "drydock swap" };
	struct db *db = NULL;
	char *moved = NULL;
	int64_t id;

	T_OK(db_open(scratch("state"), &db, &moved, &e));
	T_OK(db_job_begin(db, &j, &id, &e));
	db_close(db);
	free(moved);
}

static void
jobs_without_an_end(void)
{
	char *state = strdup(scratch("state"));
	struct fleet_disk *a, *b;

	empty();
	ask.state_dir = state;
	look();
	T_EQ(found->n, 0);		/* no history at all is none */
	(void)mkdir(state, 0700);
	job("/xen/a.img", getppid());
	look();
	T_EQ(found->n, 0);		/* at work */
	job("/xen/b.img", dead_pid());
	job("/xen/b.img", dead_pid());
	look();
	T_EQ(found->n, 1);
	is(0, FOUND_INTERRUPTED, SEV_ERROR, "job 3, swap of /xen/b.img, was "
	    "cut short");
	T_STR(about(0), "web1");
	T_STR(mend(0), "drydock recover");
	/* the image shows it already */
	b = disk(domu("web1"), ROLE_PKG, image("/xen/b.img"));
	find(&domus[0], FOUND_INTERRUPTED, SEV_ERROR, b);
	look();
	T_EQ(found->n, 1);
	is(0, FOUND_INTERRUPTED, SEV_ERROR, "interrupted of web1");
	/* and this is a job's that is in the middle of it */
	a = disk(domu("web2"), ROLE_PKG, image("/xen/a.img"));
	find(&domus[1], FOUND_INTERRUPTED, SEV_ERROR, a);
	look();
	T_EQ(found->n, 1);
	/* a history that is none */
	(void)unlink(scratch("state/history.db-wal"));
	(void)scratch_file("state/history.db", 4096, "noise", 5, 0);
	look();
	T(found->n > 0 && nth(found->n - 1)->kind == FOUND_HISTORY);
	free(state);
}

/* -- loop devices ------------------------------------------------------- */

#ifdef __linux__
void	linux_room(const char *control, const char *dir, struct host_room *);

static void
loop_devices(void)
{
	struct host_room r;
	char *control = strdup(scratch("control")), *dir;

	dir = strdup(scratch("block"));
	T_EQ(mkdir(dir, 0700), 0);
	(void)mkdir(scratch("block/loop0"), 0700);
	(void)mkdir(scratch("block/loop0/loop"), 0700);
	(void)mkdir(scratch("block/loop1"), 0700);
	(void)mkdir(scratch("block/sda"), 0700);
	(void)close(touch("block/loop0/loop/backing_file"));
	linux_room(control, dir, &r);
	T_STR(r.kind, "loop");
	T_EQ(r.used, 1);
	T_EQ(r.all, 2);
	/* more are made as they are wanted */
	(void)close(touch("control"));
	linux_room(control, dir, &r);
	T_EQ(r.all, 0);
	free(control);
	free(dir);
}
#endif

/* -- names -------------------------------------------------------------- */

static void
names(void)
{
	int i, j;

	for (i = 0; i < SEV_COUNT; i++)
		T_EQ(fleet_severity_parse(fleet_severity_name(
		    (enum fleet_severity)i)), i);
	T_EQ(fleet_severity_parse("bad"), -1);
	for (i = 0; i < FOUND_KINDS; i++)
		for (j = 0; j < i; j++)
			T(strcmp(fleet_kind_id((enum fleet_kind)i),
			    fleet_kind_id((enum fleet_kind)j)) != 0);
}

int
main(void)
{
	T_RUN(nothing);
	T_RUN(by_severity);
	T_RUN(once_an_image);
	T_RUN(what_mends_it);
	T_RUN(what_is_not_seen);
	T_RUN(names_are_escaped);
	T_RUN(crashes);
	T_RUN(starts_are_counted);
	T_RUN(reboots_without_end);
	T_RUN(watches);
	T_RUN(another_root);
	T_RUN(roots_that_run);
	T_RUN(what_prune_would_free);
	T_RUN(what_jobs_left);
	T_RUN(what_block_drydock_left);
	T_RUN(devices_that_cannot_be_seen);
	T_RUN(room_for_devices);
	T_RUN(copies_that_were_left);
	T_RUN(kernels_on_their_way);
	T_RUN(jobs_without_an_end);
#ifdef __linux__
	T_RUN(loop_devices);
#endif
	T_RUN(names);
	empty();
	return t_done();
}
