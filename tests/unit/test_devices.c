/*
 * Devices made of files: who has them and what is stale, on a host and a Xen
 * that are made up; and what is taken down of that, in which order, and what
 * never.
 */
#include <sys/wait.h>

#include "core/fleet/devices.h"
#include "tests/unit/fake_kernel.h"
#include "tests/unit/t.h"

static struct dd_err e;
static struct devices *all;

/* ---- the host: a list that each test fills */

#define DEV	2049
#define INO	77
#define LOOP	host_makedev(7, 3)
#define DM	host_makedev(253, 0)

static struct host_made made[16];
static size_t nmade;

static struct host_made *
add(enum host_making kind, dev_t rdev, const char *path)
{
	struct host_made *m = &made[nmade++];

	*m = (struct host_made){ .kind = kind, .rdev = rdev, .path = path,
	    .opens = -1 };
	return m;
}

static void
add_loop(void)
{
	struct host_made *m = add(HOST_MADE_OF_FILE, LOOP, "/dev/loop3");

	m->image = "/xen/a.img";
	m->dev = DEV;
	m->ino = INO;
}

static void
add_mapping(const char *name)
{
	struct host_made *m = add(HOST_MADE_UPON, DM, "/dev/dm-0");

	m->under = LOOP;
	m->name = name;
	m->opens = 1;
}

static int
list(host_made_fn *fn, void *arg, struct dd_err *err)
{
	size_t i;

	for (i = 0; i < nmade; i++)
		if (fn(arg, &made[i], err) == -1)
			return -1;
	return 0;
}

/* ---- its mappings by block-drydock */

static int crypt_found;			/* 1, 0, -1 */
static bool crypt_open;
static char crypt_log[256];

static int
crypt_find(const char *name, struct host_crypt_device *d, struct dd_err *err)
{
	(void)name;
	*d = (struct host_crypt_device){ .open = crypt_open };
	return crypt_found == -1 ? dd_fail(err, ERR_IO, "find fails") :
	    crypt_found;
}

static int
crypt_detach(const char *name, struct dd_err *err)
{
	(void)err;
	(void)snprintf(crypt_log, sizeof(crypt_log), "detach %s", name);
	return 0;
}

static const struct host_crypt mappings = { .find = crypt_find,
    .detach = crypt_detach };
static const struct devices_host host = { .list = list,
    .kernel = &fake_kernel, .crypt = &mappings };

/* ---- Xen */

static struct xen_disk disk;
static struct xen_domain domain;
static enum dd_code silent;		/* it fails so */

static int
domains(bool disks, struct xen_domain **v, size_t *n, struct dd_err *err)
{
	T(disks);
	if (silent != ERR_NONE)
		return dd_fail(err, silent, "it does not answer");
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

/* ---- records */

static void
start(void)
{
	char cmd[1300];

	if (stack_dir[0] == '/' && strncmp(stack_dir, "/var", 4) == 0) {
		static char dir[600];

		(void)snprintf(dir, sizeof(dir), "%s", scratch("run"));
		stack_dir = dir;
	}
	(void)snprintf(cmd, sizeof(cmd), "rm -rf '%s' '%s' && mkdir -p -m 700 "
	    "'%s/stack' '%s/mnt'", stack_dir, scratch("kernel"), stack_dir,
	    stack_dir);
	T_EQ(system(cmd), 0);
	fake.dir[0] = '\0';
	fake_start(FAKE_LET, 0);
	nmade = 0;
	silent = ERR_NONE;
	crypt_found = 1;
	crypt_open = false;
	crypt_log[0] = '\0';
	disk = (struct xen_disk){ .vdev = (char *)(uintptr_t)"xvdb" };
	domain = (struct xen_domain){ .name = (char *)(uintptr_t)"web1",
	    .id = 7, .disks = &disk, .ndisks = 1 };
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

/* A record of that process's; n: the number at its end. */
static void
record(pid_t pid, uint64_t began, unsigned n, const void *text, size_t len)
{
	char path[800];
	FILE *f;

	(void)snprintf(path, sizeof(path), "%s/stack/%ld-%" PRIu64 "-%u",
	    stack_dir, (long)pid, began, n);
	if ((f = fopen(path, "w")) == NULL ||
	    fwrite(text, 1, len, f) != len || fclose(f) != 0)
		T_FAIL("%s: not written", path);
}

/* One that has made the loop device, and mounted it. */
static void
record_loop(pid_t pid, uint64_t began, unsigned n)
{
	char text[800];

	(void)snprintf(text, sizeof(text), "image %d %d /xen/a.img\n"
	    "device %" PRIu64 " /dev/loop3 /dev/loop3\n"
	    "mount %s/mnt/x\n", DEV, INO, (uint64_t)LOOP, stack_dir);
	record(pid, began, n, text, strlen(text));
}

static int
records(void)
{
	struct stack_left *v = NULL;
	size_t n = 0;

	T_OK(stacks_read(&v, &n, &e));
	stacks_free(v, n);
	return (int)n;
}

static void
load(void)
{
	devices_free(all);
	all = NULL;
	T_OK(devices_load(&host, &xen, &all, &e));
	if (all == NULL)
		exit(1);
}

static const char *
held(size_t i)
{
	static char text[512];
	struct buf b = BUF_INIT;

	device_holders(&all->v[i], &b);
	(void)snprintf(text, sizeof(text), "%s", b.p != NULL ? b.p : "");
	buf_dispose(&b);
	return text;
}

/* ---- what is told */

static void
all_holders_are_told(void)
{
	struct host_made *m;

	start();
	add_loop();
	add(HOST_MADE_MOUNT, LOOP, "/a\033b");
	add_mapping("drydock-7-51714");
	m = add(HOST_MADE_PART, host_makedev(7, 9), "/dev/loop3p1");
	m->under = LOOP;
	m->readonly = true;
	add(HOST_MADE_MOUNT, host_makedev(9, 9), "/elsewhere");
	disk.phys_major = 253;
	load();
	T_EQ(all->n, 3);
	T_STR(held(0), "mounted on /a\\033b, drydock-7-51714");
	T_STR(held(1), "web1 as xvdb");
	T_STR(held(2), "");
	T_STR(device_name(&all->v[0]), "/dev/loop3");
	T_STR(device_name(&all->v[1]), "drydock-7-51714");
	T_STR(all->v[2].image, "/xen/a.img");
	T_EQ(all->v[2].ino, INO);
	T_EQ(all->v[0].under, 0);
	T_EQ(all->v[1].under, 0);
	T_EQ(all->v[1].opens, 1);
	T(all->v[2].readonly && !all->v[0].readonly);
	T(all->v[0].stale == NULL && all->v[1].stale == NULL);
	T(all->xen == NULL);
	/* a backend elsewhere has other numbers */
	disk.elsewhere = true;
	load();
	T_STR(held(1), "");
	/* a domain that is about to have a name */
	disk.elsewhere = false;
	domain.name = NULL;
	load();
	T_STR(held(1), "domain 7 as xvdb");
}

static void
disks_go_by_file(void)
{
	struct fleet_image image = { .dev = DEV, .ino = INO };
	struct fleet_disk d = { .image = &image };
	struct device dev = { .dev = DEV, .ino = INO };

	T(device_is_of(&dev, &d));
	image.missing = true;
	T(!device_is_of(&dev, &d));
	image.missing = false;
	image.ino++;
	T(!device_is_of(&dev, &d));
	/* it runs with a file that has gone from its path */
	d.run_known = true;
	d.run_dev = DEV;
	d.run_ino = INO;
	T(device_is_of(&dev, &d));
	/* none is known */
	dev.ino = image.ino = d.run_ino = 0;
	T(!device_is_of(&dev, &d));
}

static void
the_dead_leave_what_is_stale(void)
{
	char want[128];
	pid_t dead;

	start();
	add_loop();
	dead = dead_pid();
	record_loop(dead, 5, 0);
	load();
	(void)snprintf(want, sizeof(want), "drydock process %ld, which made "
	    "it, is dead", (long)dead);
	T_STR(all->v[0].stale, want);
	T_STR(held(0), "");
	T_EQ(all->v[0].left, 0);
	/* the number was given anew */
	made[0].ino++;
	load();
	T(all->v[0].stale == NULL);
	made[0].ino--;
	made[0].rdev = host_makedev(7, 4);
	load();
	T(all->v[0].stale == NULL);
}

static void
the_living_hold_theirs(void)
{
	char want[128];

	start();
	add_loop();
	record_loop(dead_pid(), 5, 0);
	record_loop(getpid(), host_process_start(getpid()), 0);
	load();
	(void)snprintf(want, sizeof(want), "drydock process %ld",
	    (long)getpid());
	T(all->v[0].stale == NULL);
	T_STR(held(0), want);
	add(HOST_MADE_MOUNT, LOOP, "/x");
	load();
	T_STR(held(0) + strlen(want), ", mounted on /x");
	nmade--;
#ifdef __linux__
	/* whatever comes first */
	record_loop(1, 5, 0);
	load();
	T(all->v[0].stale == NULL);
	T_STR(held(0), want);
	/* another one of that number, before us */
	start();
	add_loop();
	record_loop(getpid(), host_process_start(getpid()) + 1, 0);
	load();
	T(all->v[0].stale != NULL);
#endif
}

static void
mappings_go_by_name(void)
{
	const char *name = "drydock-44-5-0";
	char text[200];

	start();
	add_loop();
	add_mapping(name);
	(void)snprintf(text, sizeof(text), "image %d %d /xen/a.img\n"
	    "crypt 0 %s\n", DEV, INO, name);
	record(dead_pid(), 5, 0, text, strlen(text));
	load();
	T(all->v[0].stale == NULL);
	T(all->v[1].stale != NULL && strstr(all->v[1].stale, "process"));
	T(!all->v[1].orphan);
}

static void
mappings_outlive_domains(void)
{
	static const char *const not[] = { "drydock-7-51714", "drydock-0-1",
	    "drydock-8", "drydock-8-", "drydock-8-1x", "drydock-8-1-0",
	    "drydock- 8-1", "drydock--8-1", "xdrydock-8-1", "drydock-x-1", "" };
	size_t i;

	start();
	add_loop();
	add_mapping("drydock-8-51714");
	load();
	T(all->v[1].orphan);
	T_STR(all->v[1].stale, "domain 8, for which block-drydock made it, is "
	    "not there any more");
	T(!all->v[0].orphan && all->v[0].stale == NULL);
	for (i = 0; i < sizeof(not) / sizeof(not[0]); i++) {
		made[1].name = not[i];
		load();
		if (all->v[1].stale != NULL)
			T_FAIL("\"%s\" is stale", not[i]);
	}
	/* who can't tell says nothing */
	made[1].name = "drydock-8-51714";
	silent = ERR_IO;
	load();
	T(all->v[1].stale == NULL && !all->no_xen);
	T_STR(all->xen, "it does not answer");
	silent = ERR_NOENT;
	load();
	T(all->v[1].stale == NULL && all->no_xen);
}

/* ---- what is taken down */

static char told[2000];
static int ntold;

static void
take_leaving(void *arg, const struct devices_leaving *l)
{
	(void)arg;
	ntold++;
	(void)snprintf(told + strlen(told), sizeof(told) - strlen(told),
	    "%s%s%s\n", l->what, l->why != NULL ? ": " : "",
	    l->why != NULL ? l->why->msg : "");
}

static int
clean(bool dry_run, struct dd_err *err)
{
	load();
	told[0] = '\0';
	ntold = 0;
	fake_start(FAKE_LET, 0);
	dd_err_clear(err);
	return devices_clean(&host, all, dry_run, take_leaving, NULL, err);
}

static const struct host_cipher cipher = {
	.algorithm = "aes-xts", .ivmethod = "encblkno1", .keybits = 256
};

/* A process makes a whole stack, and dies; the host's list has it. */
static void
leave_stack(char name[80], char mount[700])
{
	struct stack_ask ask = { .part = { .image = "/xen/a.img", .dev = DEV,
	    .ino = INO }, .fstype = "ext4", .cipher = &cipher };
	struct stack_left *v = NULL;
	struct stack *s = NULL;
	size_t n = 0;
	char *path;
	pid_t pid = fork();

	if (pid == 0)
		_exit(stack_open(&fake_kernel, &ask, &s, &e) != 0);
	(void)waitpid(pid, NULL, 0);
	T_OK(stacks_read(&v, &n, &e));
	T_EQ(n, 1);
	if (n != 1)
		exit(1);
	(void)snprintf(name, 80, "%s", v[0].crypt_name);
	/* as the kernel has it */
	(void)snprintf(mount, 700, "%s", v[0].mount);
	if ((path = realpath(mount, NULL)) != NULL)
		(void)snprintf(mount, 700, "%s", path);
	free(path);
	add_loop();
	made[0].rdev = v[0].device.rdev;
	add_mapping(name);
	made[1].under = v[0].device.rdev;
	made[1].rdev = v[0].crypt.rdev;
	add(HOST_MADE_MOUNT, v[0].crypt.rdev, mount);
	stacks_free(v, n);
}

static void
a_dead_stack_goes(void)
{
	char name[80], mount[700], want[900];

	start();
	leave_stack(name, mount);
	(void)snprintf(want, sizeof(want), "the mount on %s, %s, /dev/loop3\n",
	    mount, name);
	T_OK(clean(true, &e));
	T_STR(told, want);
	T_STR(fake.log, "");
	T_EQ(records(), 1);
	T_OK(clean(false, &e));
	T_STR(told, want);
	T_STR(fake.log, "unmount undecrypt detach");
	T_EQ(fake_count(""), 0);
	T_EQ(records(), 0);
	T(access(mount, F_OK) == -1);
	nmade = 0;
	T_OK(clean(false, &e));
	T_EQ(ntold, 0);
}

/* Another one's mount on any part of it, a device upon it, a domU's disk: then
 * nothing of it is touched, and that is told in a dry run, too. */
static void
others_keep_it_whole(void)
{
	static const char *const who[] = { "drydock-", "/dev/loop3 is in use: "
	    "mounted on /mnt", "/dev/loop3 is in use: /dev/loop4",
	    "is in use: web1 as xvdb", "/dev/loop3p1 is in use: mounted on "
	    "/mnt" };
	char name[80], mount[700];
	struct host_made *m;
	int i;

	for (i = 0; i < 5; i++) {
		start();
		leave_stack(name, mount);
		switch (i) {
		case 0:
			add(HOST_MADE_MOUNT, made[1].rdev, "/mnt");
			break;
		case 1:
			add(HOST_MADE_MOUNT, made[0].rdev, "/mnt");
			break;
		case 2:
			m = add(HOST_MADE_UPON, host_makedev(7, 4),
			    "/dev/loop4");
			m->under = made[0].rdev;
			break;
		case 3:
			disk.phys_major = host_major(made[1].rdev);
			disk.phys_minor = host_minor(made[1].rdev);
			if (disk.phys_major == 0) {
				made[1].rdev = made[2].rdev = DM;
				disk.phys_major = 253;
				disk.phys_minor = 0;
			}
			break;
		case 4:
			m = add(HOST_MADE_PART, host_makedev(7, 4),
			    "/dev/loop3p1");
			m->under = made[0].rdev;
			add(HOST_MADE_MOUNT, m->rdev, "/mnt");
			break;
		}
		T_ERR(clean(true, &e), ERR_RECOVER);
		T(strstr(told, who[i]) != NULL);
		T_ERR(clean(false, &e), ERR_RECOVER);
		if (strstr(told, who[i]) == NULL)
			T_FAIL("%d: %s", i, told);
		T(strstr(told, mount) != NULL);
		T(strstr(e.hint, "unmount and detach") != NULL);
		T_STR(fake.log, "");
		T_EQ(fake_count(""), 3);
		T_EQ(records(), 1);
	}
}

static void
the_living_keep_theirs(void)
{
	start();
	add_loop();
	record_loop(getpid(), host_process_start(getpid()), 0);
	T_OK(clean(false, &e));
	T_EQ(ntold, 0);
	T_STR(fake.log, "");
	T_EQ(records(), 1);
	/* which it may have got after another that wrote the same down */
	record_loop(dead_pid(), 5, 0);
	T_ERR(clean(false, &e), ERR_RECOVER);
	T_EQ(ntold, 1);
	T(strstr(told, "/dev/loop3 is in use: drydock process") != NULL);
	T_STR(fake.log, "");
	T_EQ(records(), 2);
	/* nor is what nobody wrote down */
	start();
	add_loop();
	add_mapping("home");
	T_OK(clean(false, &e));
	T_EQ(ntold, 0);
	T_STR(fake.log, "");
	T_STR(crypt_log, "");
}

/* One that fails stays; where another goes it is tried once more. */
static void
what_fails_is_told(void)
{
	char name[80], mount[700];

	start();
	leave_stack(name, mount);
	record(dead_pid(), 5, 0, "", 0);
	load();
	told[0] = '\0';
	fake_start(FAKE_FAIL, 1);
	T_OK(devices_clean(&host, all, false, take_leaving, NULL, &e));
	T(strstr(told, "a record without a device\n") != NULL);
	T_STR(fake.log, "unmount unmount undecrypt detach");
	T_EQ(records(), 0);
	start();
	leave_stack(name, mount);
	load();
	told[0] = '\0';
	ntold = 0;
	fake_start(FAKE_FAIL, 1);
	T_ERR(devices_clean(&host, all, false, take_leaving, NULL, &e),
	    ERR_RECOVER);
	T_STR(e.msg, "1 could not be taken down: unmount fails");
	T_EQ(ntold, 1);
	T_EQ(fake_count(""), 3);
	T_EQ(records(), 1);
}

/* What stands upon another thing that is stale goes first, whatever their
 * names are. */
static void
the_topmost_goes_first(void)
{
	pid_t dead = dead_pid();
	char text[300];
	struct host_made *m;
	int i;

	for (i = 0; i < 2; i++) {
		start();
		add_loop();
		m = add(HOST_MADE_UPON, host_makedev(7, 4), "/dev/loop4");
		m->under = LOOP;
		m->dev = DEV;
		m->ino = INO;
		(void)snprintf(text, sizeof(text), "image %d %d /xen/a.img\n"
		    "device %" PRIu64 " /dev/loop3 /dev/loop3\n", DEV, INO,
		    (uint64_t)LOOP);
		record(dead, 5, i == 0, text, strlen(text));
		(void)snprintf(text, sizeof(text), "image %d %d /xen/a.img\n"
		    "device %" PRIu64 " /dev/loop4 /dev/loop4\n", DEV, INO,
		    (uint64_t)m->rdev);
		record(dead, 5, i == 1, text, strlen(text));
		T_OK(clean(true, &e));
		T_EQ(ntold, 2);
		T_OK(clean(false, &e));
		T_EQ(records(), 0);
	}
}

static void
orphans_go(void)
{
	start();
	add_loop();
	add_mapping("drydock-8-51714");
	T_OK(clean(true, &e));
	T_STR(told, "drydock-8-51714\n");
	T_STR(crypt_log, "");
	T_OK(clean(false, &e));
	T_STR(told, "drydock-8-51714\n");
	T_STR(crypt_log, "detach drydock-8-51714");
	/* it has gone meanwhile */
	crypt_log[0] = '\0';
	crypt_found = 0;
	T_OK(clean(false, &e));
	T_STR(crypt_log, "");
	/* a guest that goes down has it still */
	crypt_found = 1;
	crypt_open = true;
	T_ERR(clean(false, &e), ERR_RECOVER);
	T_STR(told, "drydock-8-51714: drydock-8-51714: is open still\n");
	crypt_open = false;
	crypt_found = -1;
	T_ERR(clean(false, &e), ERR_RECOVER);
	crypt_found = 1;
	add(HOST_MADE_MOUNT, DM, "/mnt");
	T_ERR(clean(false, &e), ERR_RECOVER);
	T_STR(crypt_log, "");
}

/* ---- records that are not as they should be */

static void
odd_records_do_no_harm(void)
{
	static const char *const odd[] = {
		"", "\n\n\n", "image", "image \n", "image x y z\n",
		"image 2049 77", "device 1\ndevice\ndevice x\n",
		"image 2049 77 /a\033[31m\n",
		"mount /\nimage 2049 77 /xen/a.img\n",
		"mount /../../etc\n", "crypt 1 ../../x\n",
		"image 99999999999999999999999 77 /a\n",
		"image 2049 77 /x\ndevice 1795 /dev/loop3 /dev/loop3 /dev and\n",
	};
	static char longest[60000];
	size_t i;

	for (i = 0; i <= sizeof(odd) / sizeof(odd[0]) + 1; i++) {
		start();
		add_loop();
		memset(longest, 'x', sizeof(longest));
		memcpy(longest, "device 1795 ", 12);
		if (i < sizeof(odd) / sizeof(odd[0]))
			record(dead_pid(), 5, 0, odd[i], strlen(odd[i]));
		else {
			if (i > sizeof(odd) / sizeof(odd[0]))
				memcpy(longest, "crypt 1 ", 8);
			record(dead_pid(), 5, 0, longest, sizeof(longest));
		}
		(void)clean(false, &e);
		T_EQ(ntold, 1);
		T(strchr(told, '\033') == NULL);
		T(access("/", F_OK) == 0 && strstr(fake.log, "unmount") ==
		    NULL);
	}
	/* names that are none of a record's */
	start();
	{
		char cmd[1000];

		(void)snprintf(cmd, sizeof(cmd), "cd '%s/stack' && touch -- "
		    "a 1-2 1-2-3x -1-2-3 .1-2-3 && mkdir 5-6-7x", stack_dir);
		T_EQ(system(cmd), 0);
	}
	T_EQ(records(), 0);
	T_OK(clean(false, &e));
	T_EQ(ntold, 0);
}

static void
a_folder_of_others_is_refused(void)
{
	char path[700];

	if (geteuid() != 0) {
		printf("# skip who refuses a folder of others: not root\n");
		return;
	}
	start();
	add_loop();
	record_loop(dead_pid(), 5, 0);
	(void)snprintf(path, sizeof(path), "%s/stack", stack_dir);
	T_EQ(chmod(path, 0770), 0);
	devices_free(all);
	all = NULL;
	T_ERR(devices_load(&host, &xen, &all, &e), ERR_PERM);
	T_EQ(chmod(path, 0700), 0);
	T_EQ(chown(path, 65534, 0), 0);
	T_ERR(devices_load(&host, &xen, &all, &e), ERR_PERM);
	T(all == NULL);
	T_EQ(chown(path, 0, 0), 0);
	load();
	T(all->v[0].stale != NULL);
}

int
main(void)
{
	T_RUN(all_holders_are_told);
	T_RUN(disks_go_by_file);
	T_RUN(the_dead_leave_what_is_stale);
	T_RUN(the_living_hold_theirs);
	T_RUN(mappings_go_by_name);
	T_RUN(mappings_outlive_domains);
	T_RUN(a_dead_stack_goes);
	T_RUN(others_keep_it_whole);
	T_RUN(the_living_keep_theirs);
	T_RUN(what_fails_is_told);
	T_RUN(the_topmost_goes_first);
	T_RUN(orphans_go);
	T_RUN(odd_records_do_no_harm);
	T_RUN(a_folder_of_others_is_refused);
	devices_free(all);
	return t_done();
}
