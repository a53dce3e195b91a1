/*
 * core/host/netbsd*.c on a model of the kernel: what is asked of it in which
 * order, and that nothing stays behind whichever call fails.  Who has a file:
 * test_netbsd_holders.c.
 */
#include "tests/netbsd/netbsd.h"

static const struct host_part all_read = { .image = "/xen/a.img", .dev = 7,
    .ino = 100, .len = 1 << 20, .readonly = true };

/* ---- up and down again */

enum { ATTACHED = 1, DECRYPTED = 2, MOUNTED = 4 };

struct stand {
	unsigned made;
	struct host_device disk, plain;
};

static int
go_up(struct stand *s)
{
	const struct host_need need = { .fstype = "ffs", .cipher = &xts };

	if (k->check(&need, &e) == -1 ||
	    k->attach(&all, &s->disk, &e) == -1)
		return -1;
	s->made |= ATTACHED;
	if (k->decrypt(&s->disk, &xts, "x", false, &s->plain, &e) == -1)
		return -1;
	s->made |= DECRYPTED;
	if (k->fsck(&s->plain, "ffs", &e) == -1 ||
	    k->mount(&s->plain, "ffs", "/mnt", false, &e) == -1)
		return -1;
	s->made |= MOUNTED;
	return 0;
}

/* In reverse, and no further than the first that fails. */
static int
go_down(struct stand *s)
{
	if ((s->made & MOUNTED) != 0 && k->unmount("/mnt", &e) == -1)
		return -1;
	s->made &= ~(unsigned)MOUNTED;
	if ((s->made & DECRYPTED) != 0 &&
	    k->undecrypt(&s->plain, "x", &e) == -1)
		return -1;
	s->made &= ~(unsigned)DECRYPTED;
	if ((s->made & ATTACHED) == 0)
		return 0;
	if (k->shows(&s->disk, 7, 100, &e) != 1 ||
	    k->detach(&s->disk, &e) == -1)
		return -1;
	s->made = 0;
	return 0;
}

static void
all_of_it_goes_up_and_comes_down(void)
{
	struct stand s = { .made = 0 };

	model_reset();
	dd_err_clear(&e);
	T_EQ(go_up(&s), 0);
	T_STR(s.disk.path, "/dev/vnd0d");
	T_STR(s.disk.raw, "/dev/rvnd0d");
	T(s.disk.rdev == model_rdev(MODEL_VND, 0, 3));
	T_STR(s.plain.path, "/dev/cgd0d");
	T(s.plain.rdev == model_rdev(MODEL_CGD, 0, 3));
	T(m.unit[MODEL_CGD][0].dev == s.disk.rdev);
	T_EQ(m.mount[0].flags, MNT_NOSUID | MNT_NODEV | MNT_NOEXEC);
	T(!m.unit[MODEL_VND][0].readonly);
	T_EQ(go_down(&s), 0);
	T_STR(m.log, "set vnd0\nset cgd0\nmount /mnt0\nunmount /mnt0\n"
	    "clear cgd0\nclear vnd0\n");
	T(model_is_clean());
	T_STR(e.msg, "");
}

/* Nothing is pulled from under what stands on it. */
static void
what_is_in_use_stays(void)
{
	struct stand s = { .made = 0 };

	model_reset();
	dd_err_clear(&e);
	T_EQ(go_up(&s), 0);
	T_ERR(k->undecrypt(&s.plain, "x", &e), ERR_HELD);
	T_ERR(k->detach(&s.disk, &e), ERR_HELD);
	T_STR(e.msg, "vnd0: is in use still: cgd device /dev/cgd0 (on vnd0)");
	m.unit[MODEL_CGD][0].set = false;
	T_ERR(k->detach(&s.disk, &e), ERR_HELD);
	T_STR(e.msg, "vnd0: is in use still");
	m.unit[MODEL_CGD][0].set = true;
	dd_err_clear(&e);
	T_EQ(k->shows(&s.plain, 7, 100, &e), 1);
	T_EQ(k->shows(&s.plain, 7, 101, &e), 0);
	m.fail[0] = m.calls + 1;
	m.fail_with = EBUSY;
	T_ERR(k->unmount("/mnt", &e), ERR_HELD);
	T(strstr(e.hint, "fstat") != NULL);
	dd_err_clear(&e);
	T_EQ(go_down(&s), 0);
	T(model_is_clean());
}

/* Each call fails once, on the way up or down; what was made comes down. */
static void
each_call_fails_in_turn(void)
{
	unsigned at, n, failed = 0;
	struct stand s = { .made = 0 };

	model_reset();
	if (go_up(&s) == -1 || go_down(&s) == -1)
		T_FAIL("without a fault: %s", e.msg);
	n = m.calls;
	for (at = 1; at <= n; at++) {
		model_reset();
		dd_err_clear(&e);
		s = (struct stand){ .made = 0 };
		m.fail[0] = at;
		if (go_up(&s) == -1)
			failed++;
		T(model_none_open());
		dd_err_clear(&e);
		if (go_down(&s) == -1) {
			failed++;
			T(e.code != ERR_NONE);
			T(model_none_open());
			dd_err_clear(&e);
			T_EQ(go_down(&s), 0);
		}
		if (!model_is_clean())
			T_FAIL("call %u of %u: not clean:\n%s", at, n, m.log);
	}
	T(failed > n / 2);
	printf("# %u calls, each failed in turn; %u of them were noticed\n",
	    n, failed);
}

static unsigned
pairs_of(int (*make)(struct stand *), const char *name)
{
	unsigned a, b, n, runs = 0;
	struct stand s = { .made = 0 };

	model_reset();
	dd_err_clear(&e);
	if (make(&s) == -1)
		T_FAIL("%s: %s", name, e.msg);
	n = m.calls;
	for (a = 1; a <= n; a++) {
		/* more calls than without a fault: those of the clean-up */
		for (b = a + 1; b <= n + 8; b++, runs++) {
			model_reset();
			dd_err_clear(&e);
			s = (struct stand){ .made = 0 };
			m.fail[0] = a;
			m.fail[1] = b;
			if (make(&s) == 0 || e.code == ERR_RECOVER) {
				T(e.code == ERR_NONE ||
				    strstr(e.msg, "0 stays: ") != NULL);
				T(e.code == ERR_NONE ||
				    strstr(e.hint, "config -u ") != NULL);
				T(!model_is_clean());
				T(model_none_open());
			} else if (strcmp(name, "attach") == 0 &&
			    !model_is_clean())
				T_FAIL("%u, %u: left behind: %s", a, b, e.msg);
			else if (m.unit[MODEL_CGD][0].set)
				T_FAIL("%u, %u: cgd left: %s", a, b, e.msg);
		}
	}
	return runs;
}

static int
make_vnd(struct stand *s)
{
	return k->attach(&all, &s->disk, &e);
}

static int
make_cgd(struct stand *s)
{
	static const struct host_device under = { .path = "/dev/vnd0d" };
	struct host_device d = under;

	another(0, 100);
	d.rdev = model_rdev(MODEL_VND, 0, 3);
	return k->decrypt(&d, &xts, "x", false, &s->plain, &e);
}

/* Where the clean-up fails as well, it is said what stays. */
static void
two_calls_fail(void)
{
	unsigned n = pairs_of(make_vnd, "attach");

	n += pairs_of(make_cgd, "decrypt");
	printf("# %u pairs of calls failed\n", n);
}

/* ---- attach */

static void
take_first_two(const char *what, int n)
{
	if (strcmp(what, "VNDIOCSET") == 0 && n < 2 &&
	    !m.unit[MODEL_VND][n].set)
		another(n, 101);
}

static void
a_unit_that_is_taken_meanwhile_is_passed_over(void)
{
	struct host_device d = { .rdev = 0 };

	model_reset();
	m.others = take_first_two;
	T_OK(k->attach(&all, &d, &e));
	T_STR(d.path, "/dev/vnd2d");
	T(m.unit[MODEL_VND][0].set && m.unit[MODEL_VND][1].set);
	T_OK(k->detach(&d, &e));
	T(!m.unit[MODEL_VND][2].set);
	T(model_none_open());
}

static void
all_units_are_in_use(void)
{
	struct host_device d = { .rdev = 0 };
	int n;

	model_reset();
	for (n = 0; n < 4; n++)
		another(n, 101);
	T_ERR(k->attach(&all, &d, &e), ERR_NOSPC);
	T_STR(e.msg, "no vnd device is free");
	T(strstr(e.hint, "MAKEDEV vnd4") != NULL);
	T(model_none_open());
	/* one that is made is found */
	m.unit[MODEL_VND][4].node = true;
	T_OK(k->attach(&all, &d, &e));
	T_STR(d.path, "/dev/vnd4d");
}

static void
replace_file(const char *what, int n)
{
	(void)n;
	if (strcmp(what, "VNDIOCSET") == 0)
		m.file[0].ino = 200;
}

static void
a_file_that_is_replaced_meanwhile_is_let_go(void)
{
	struct host_device d = { .rdev = 0 };

	model_reset();
	m.others = replace_file;
	T_ERR(k->attach(&all, &d, &e), ERR_HELD);
	T_STR(e.msg, "/xen/a.img: was replaced meanwhile");
	T_STR(m.log, "set vnd0\nclear vnd0\n");
	T(model_is_clean());
}

/* After ours was set up, somebody clears it and takes the unit. */
static void
steal_unit(const char *what, int n)
{
	(void)n;
	if (strcmp(what, "getvfsstat") == 0 && m.unit[MODEL_VND][0].set)
		m.unit[MODEL_VND][0].ino = 300;
}

static void
a_unit_that_shows_another_file_is_left_alone(void)
{
	struct host_device d = { .rdev = 0 };

	model_reset();
	m.others = steal_unit;
	T_ERR(k->attach(&all, &d, &e), ERR_HELD);
	T_STR(d.path, "");
	d.rdev = model_rdev(MODEL_VND, 0, MODEL_RAW);
	T_STR(m.log, "set vnd0\n");
	T(m.unit[MODEL_VND][0].set);
	dd_err_clear(&e);
	T_EQ(k->shows(&d, 7, 100, &e), 0);
	T_EQ(k->shows(&d, 7, 300, &e), 1);
	T_EQ(k->shows(&d, 8, 300, &e), 0);
	T(model_none_open());
}

static void
a_second_writer_is_refused(void)
{
	struct host_device d = { .rdev = 0 };

	model_reset();
	another(1, 100);
	T_ERR(k->attach(&all, &d, &e), ERR_HELD);
	T_STR(e.msg, "/xen/a.img: is in use: vnd device /dev/vnd1");
	T_STR(m.log, "");
	T(model_none_open());
}

static void
come_second(const char *what, int n)
{
	(void)n;
	if (strcmp(what, "VNDIOCSET") == 0)
		another(3, 100);
}

static void
two_writers_at_the_same_time_both_let_go(void)
{
	struct host_device d = { .rdev = 0 };

	model_reset();
	m.others = come_second;
	T_ERR(k->attach(&all, &d, &e), ERR_HELD);
	T_STR(m.log, "set vnd0\nclear vnd0\n");
	T(m.unit[MODEL_VND][3].set);
	T(model_none_open());
}

/* A vnd does not tell whether it only reads. */
static void
a_reader_keeps_away_from_what_may_be_written(void)
{
	struct host_device d = { .rdev = 0 };

	model_reset();
	T_OK(k->attach(&all_read, &d, &e));
	T(m.unit[MODEL_VND][0].readonly);
	T_OK(k->detach(&d, &e));
	d.path[0] = '\0';
	another(1, 100);
	T_ERR(k->attach(&all_read, &d, &e), ERR_HELD);
	T_STR(e.msg, "/xen/a.img: is in use: vnd device /dev/vnd1");
	T(model_none_open());
}

static void
a_partition_is_that_of_the_label(void)
{
	struct host_part p = all;
	struct host_device d = { .rdev = 0 };

	model_reset();
	p.off = 64 * 512;
	p.len = 1024 * 512;
	T_OK(k->attach(&p, &d, &e));
	T_STR(d.path, "/dev/vnd0e");
	T_STR(d.raw, "/dev/rvnd0e");
	T(d.rdev == model_rdev(MODEL_VND, 0, 4));
	T_EQ(k->shows(&d, 7, 100, &e), 1);
	T_OK(k->detach(&d, &e));
	T(model_is_clean());

	/* one that is unused, one that is none, the image's beginning */
	p.off = 1088 * 512;
	p.len = 512 * 512;
	T_ERR(k->attach(&p, &d, &e), ERR_UNSUP);
	p.off = 64 * 512 + 1;
	p.len = 1024 * 512;
	T_ERR(k->attach(&p, &d, &e), ERR_UNSUP);
	p.off = 0;
	p.len = 512;
	T_ERR(k->attach(&p, &d, &e), ERR_UNSUP);
	T(model_is_clean());
	/* sectors of another size */
	m.label.d_secsize = 2048;
	p.off = 64 * 2048;
	p.len = 1024 * 2048;
	T_OK(k->attach(&p, &d, &e));
	T_STR(d.path, "/dev/vnd0e");
	/* a tail that is no sector belongs to nobody */
	T_OK(k->detach(&d, &e));
	p.off = 0;
	p.len = (1 << 20) + 100;
	T_OK(k->attach(&p, &d, &e));
	T_STR(d.path, "/dev/vnd0d");
}

static void
wedges_keep_partitions_away(void)
{
	struct host_part p = all;
	struct host_device d = { .rdev = 0 };

	model_reset();
	m.nwedges = 2;
	m.wedge[0] = (struct model_wedge){ .parent = 2, .first = 64,
	    .count = 1024 };
	m.wedge[1] = (struct model_wedge){ .parent = 0, .first = 64,
	    .count = 1024 };
	p.off = 64 * 512;
	p.len = 1024 * 512;
	T_OK(k->attach(&p, &d, &e));
	T_STR(d.path, "/dev/dk1");
	T_STR(d.raw, "/dev/rdk1");
	T_EQ(k->shows(&d, 7, 100, &e), 1);
	T_OK(k->mount(&d, "ffs", "/mnt", true, &e));
	T_EQ(m.mount[0].flags & MNT_RDONLY, MNT_RDONLY);
	T_ERR(k->detach(&d, &e), ERR_HELD);
	T_OK(k->unmount("/mnt", &e));
	T_OK(k->detach(&d, &e));
	T(model_is_clean());
	p.off += 512;
	d.path[0] = '\0';
	T_ERR(k->attach(&p, &d, &e), ERR_UNSUP);
	T(model_is_clean());
}

static void
a_unit_is_chosen_before_it_is_taken(void)
{
	struct host_part p = all;
	struct host_device d = { .rdev = 0 };

	model_reset();
	another(0, 101);
	T_OK(k->choose(&d, &e));
	T_STR(d.path, "/dev/vnd1d");
	T_STR(d.raw, "/dev/rvnd1d");
	T(d.rdev == model_rdev(MODEL_VND, 1, MODEL_RAW));
	T_STR(m.log, "");
	another(1, 101);
	T_ERR(k->attach(&p, &d, &e), ERR_EXIST);
	T_STR(m.log, "");
	T_OK(k->choose(&d, &e));
	p.off = 64 * 512;
	p.len = 1024 * 512;
	T_OK(k->attach(&p, &d, &e));
	T_STR(d.path, "/dev/vnd2e");
	another(3, 101);
	T_ERR(k->choose(&d, &e), ERR_NOSPC);
	T_ERR(k->attach(&p, &(struct host_device){ .path = "/dev/wd0a" }, &e),
	    ERR_HELD);
	T_OK(k->detach(&d, &e));
	T_ERR(k->attach(&p, &(struct host_device){ .path = "/dev/wd0a" }, &e),
	    ERR_TYPE);
	T(model_none_open());
}

static void
what_has_gone_is_no_error(void)
{
	struct host_device d = { .rdev = 0 }, c;

	model_reset();
	T_OK(k->attach(&all, &d, &e));
	T_OK(k->decrypt(&d, &xts, "x", false, &c, &e));
	T_OK(k->undecrypt(&c, "x", &e));
	T_OK(k->undecrypt(&c, "x", &e));
	T_OK(k->detach(&d, &e));
	T_OK(k->detach(&d, &e));
	T_EQ(k->shows(&d, 7, 100, &e), 0);
	T_EQ(k->shows(&c, 7, 100, &e), 0);
	T_EQ(k->shows(&(struct host_device){
	    .rdev = model_rdev(MODEL_VND, 5, MODEL_RAW) }, 7, 100, &e), 0);
	T_OK(k->unmount("/mnt", &e));
	/* the node was made anew, for another device */
	d.rdev++;
	T_ERR(k->detach(&d, &e), ERR_TYPE);
	(void)strcpy(d.path, "/dev/wd0a");
	T_ERR(k->detach(&d, &e), ERR_TYPE);
	T_ERR(k->undecrypt(&d, "x", &e), ERR_TYPE);
	d.path[0] = '\0';
	d.rdev = 0;
	T_OK(k->undecrypt(&d, "x", &e));
	T(model_is_clean());
}

/* ---- decrypt */

static void
a_cipher_that_is_not_there_is_said(void)
{
	struct host_cipher c = xts;
	struct host_device d = { .rdev = 0 }, out;

	model_reset();
	T_OK(k->attach(&all, &d, &e));
	c.algorithm = "adiantum";
	T_ERR(k->decrypt(&d, &c, "x", false, &out, &e), ERR_UNSUP);
	T(strstr(e.msg, "adiantum") != NULL);
	c = xts;
	c.keybits = 512;
	T_ERR(k->decrypt(&d, &c, "x", false, &out, &e), ERR_FORMAT);
	c = xts;
	c.sector_size = 4096;
	T_ERR(k->decrypt(&d, &c, "x", false, &out, &e), ERR_UNSUP);
	c = xts;
	c.first = 1;
	T_ERR(k->decrypt(&d, &c, "x", false, &out, &e), ERR_UNSUP);
	T(!m.unit[MODEL_CGD][0].set);
	T(model_none_open());
}

static void
take_cgd(const char *what, int n)
{
	if (strcmp(what, "CGDIOCSET") == 0 && n == 0) {
		m.unit[MODEL_CGD][0].set = true;
		m.unit[MODEL_CGD][0].dev = 1;
	}
}

static void
busy_is_the_unit_or_what_is_under_it(void)
{
	struct host_device d = { .rdev = 0 }, c, more;
	int n;

	model_reset();
	T_OK(k->attach(&all, &d, &e));
	m.others = take_cgd;
	T_OK(k->decrypt(&d, &xts, "x", false, &c, &e));
	T_STR(c.path, "/dev/cgd1d");
	m.others = NULL;
	T_ERR(k->decrypt(&d, &xts, "x", false, &more, &e), ERR_HELD);
	T_STR(e.msg, "/dev/vnd0d: is in use");
	T(!m.unit[MODEL_CGD][2].set);
	for (n = 2; n < 4; n++)
		m.unit[MODEL_CGD][n] = (struct model_unit){ .node = true,
		    .set = true, .dev = 1 };
	T_ERR(k->decrypt(&d, &xts, "x", false, &more, &e), ERR_NOSPC);
	T(strstr(e.hint, "MAKEDEV cgd4") != NULL);
	T(model_none_open());
}

static void
a_cgd_on_something_else_is_let_go(void)
{
	struct host_device d = { .rdev = 0 }, c;

	model_reset();
	T_OK(k->attach(&all, &d, &e));
	d.rdev++;
	T_ERR(k->decrypt(&d, &xts, "x", false, &c, &e), ERR_HELD);
	T_STR(m.log, "set vnd0\nset cgd0\nclear cgd0\n");
	T(model_none_open());
}

/* ---- file systems, and what can be done */

static void
fsck_that_fails_wants_somebody(void)
{
	struct host_device d = { .path = "/dev/vnd0d", .raw = "/dev/rvnd0d" };

	model_reset();
	T_OK(k->fsck(&d, "ffs", &e));
	m.fsck_status = 8;
	m.fsck_says = "/dev/rvnd0d: ONE\n/dev/rvnd0d: UNEXPECTED "
	    "INCONSISTENCY; RUN fsck_ffs MANUALLY.\n\n";
	T_ERR(k->fsck(&d, "ffs", &e), ERR_FORMAT);
	T_STR(e.msg, "/dev/vnd0d: fsck_ffs -p: /dev/rvnd0d: UNEXPECTED "
	    "INCONSISTENCY; RUN fsck_ffs MANUALLY.");
	m.fsck_says = "";
	T_ERR(k->fsck(&d, "ffs", &e), ERR_FORMAT);
	T_ERR(k->fsck(&d, "ext4", &e), ERR_UNSUP);
	T_ERR(k->mount(&d, "ext4", "/mnt", true, &e), ERR_UNSUP);
	T(model_is_clean());
}

static void
no_file_system_is_no_fault_of_the_disk(void)
{
	struct host_device d = { .rdev = 0 };

	model_reset();
	T_OK(k->attach(&all, &d, &e));
	m.fail[0] = m.calls + 2;
	m.fail_with = EINVAL;
	T_ERR(k->mount(&d, "ffs", "/mnt", true, &e), ERR_FORMAT);
	T_OK(k->mount(&d, "ffs", "/mnt", true, &e));
	/* a block device is open once */
	T_ERR(k->mount(&d, "ffs", "/other", true, &e), ERR_HELD);
}

static void
what_is_missing_is_said_before(void)
{
	struct host_cipher big = xts;
	struct host_need need = { .fstype = "ffs" };
	int n;

	model_reset();
	T_OK(k->check(&need, &e));
	need.fstype = NULL;
	T_OK(k->check(&need, &e));
	need.fstype = "ext4";
	T_ERR(k->check(&need, &e), ERR_UNSUP);
	need.fstype = "ffs";
	m.driver[MODEL_CGD] = false;
	T_OK(k->check(&need, &e));
	need.cipher = &xts;
	T_ERR(k->check(&need, &e), ERR_UNSUP);
	T_STR(e.msg, "this kernel has no cgd");
	m.driver[MODEL_CGD] = true;
	T_OK(k->check(&need, &e));
	big.sector_size = 4096;
	need.cipher = &big;
	T_ERR(k->check(&need, &e), ERR_UNSUP);
	big.sector_size = 512;
	T_OK(k->check(&need, &e));
	/* the first node is gone, then all are */
	m.unit[MODEL_VND][0].node = false;
	T_OK(k->check(&need, &e));
	for (n = 0; n < 4; n++)
		m.unit[MODEL_VND][n].node = false;
	T_ERR(k->check(&need, &e), ERR_UNSUP);
	T(strstr(e.hint, "MAKEDEV vnd0") != NULL);
	model_reset();
	m.uid = 1;
	T_ERR(k->check(&need, &e), ERR_PERM);
	T(model_is_clean());
}

/* ---- numbers and processes */

static void
names_of_units_are_read(void)
{
	T_EQ(netbsd_unit_of("/dev/vnd3d", "vnd"), 3);
	T_EQ(netbsd_unit_of("vnd12", "vnd"), 12);
	T_EQ(netbsd_unit_of("/dev/vnd255d", "vnd"), 255);
	T_EQ(netbsd_unit_of("/dev/vnd256d", "vnd"), -1);
	T_EQ(netbsd_unit_of("/dev/vndd", "vnd"), -1);
	T_EQ(netbsd_unit_of("/dev/vnd", "vnd"), -1);
	T_EQ(netbsd_unit_of("/dev/vnd3dd", "vnd"), -1);
	T_EQ(netbsd_unit_of("/dev/vnd-1d", "vnd"), -1);
	T_EQ(netbsd_unit_of("/dev/vnd99999999999999999999d", "vnd"), -1);
	T_EQ(netbsd_unit_of("/dev/cgd0d", "vnd"), -1);
	T_EQ(netbsd_unit_of("/dev/rvnd0d", "vnd"), -1);
}

static void
processes_are_told_apart(void)
{
	model_reset();
	T_EQ(host_process_start(10), 1000000007);
	T_EQ(host_process_start(11), 0);
	T_EQ(host_process_start(12), 0);
	T_EQ(host_process_start(13), 0);
	T_EQ(host_process_start(-1), 0);
	T(host_process_alive(10));
	T(!host_process_alive(11));
	T(host_process_alive(12));
	T(!host_process_alive(13));
	T(!host_process_alive(0));
}

/* As on a 64-bit NetBSD. */
static void
requests_have_netbsds_numbers(void)
{
	if (sizeof(void *) != 8)
		return;
	T_EQ(VNDIOCSET, 0xc0284600);
	T_EQ(VNDIOCCLR, 0x80284601);
	T_EQ(VNDIOCGET, 0xc0184603);
	T_EQ(CGDIOCSET, 0xc0404612);
	T_EQ(CGDIOCCLR, 0x80404613);
	T_EQ(CGDIOCGET, 0xc0404614);
}

int
main(void)
{
	T_RUN(all_of_it_goes_up_and_comes_down);
	T_RUN(what_is_in_use_stays);
	T_RUN(each_call_fails_in_turn);
	T_RUN(two_calls_fail);
	T_RUN(a_unit_that_is_taken_meanwhile_is_passed_over);
	T_RUN(all_units_are_in_use);
	T_RUN(a_file_that_is_replaced_meanwhile_is_let_go);
	T_RUN(a_unit_that_shows_another_file_is_left_alone);
	T_RUN(a_second_writer_is_refused);
	T_RUN(two_writers_at_the_same_time_both_let_go);
	T_RUN(a_reader_keeps_away_from_what_may_be_written);
	T_RUN(a_partition_is_that_of_the_label);
	T_RUN(wedges_keep_partitions_away);
	T_RUN(a_unit_is_chosen_before_it_is_taken);
	T_RUN(what_has_gone_is_no_error);
	T_RUN(a_cipher_that_is_not_there_is_said);
	T_RUN(busy_is_the_unit_or_what_is_under_it);
	T_RUN(a_cgd_on_something_else_is_let_go);
	T_RUN(fsck_that_fails_wants_somebody);
	T_RUN(no_file_system_is_no_fault_of_the_disk);
	T_RUN(what_is_missing_is_said_before);
	T_RUN(names_of_units_are_read);
	T_RUN(processes_are_told_apart);
	T_RUN(requests_have_netbsds_numbers);
	return t_done();
}
