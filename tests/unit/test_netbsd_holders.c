/*
 * core/host/netbsd_holders.c on a model of the kernel: who has a file or a
 * device, and which file is under one.
 */
#include "tests/netbsd/netbsd.h"

static int
append(void *arg, const struct host_holder *h, struct dd_err *err)
{
	struct buf *b = arg;

	(void)err;
	return buf_printf(b, "%s%s\n", h->text, h->writable ? "" : ", ro");
}

static const char *
holders(dev_t rdev)
{
	static struct buf b = BUF_INIT;

	buf_reset(&b);
	(void)buf_str(&b, "");
	dd_err_clear(&e);
	if ((rdev == 0 ? host_holders(7, 100, append, &b, &e) :
	    host_device_holders(rdev, append, &b, &e)) == -1)
		return e.msg;
	return b.p != NULL ? b.p : "";
}

static void
holders_are_found_from_the_file_up(void)
{
	struct host_device d = { .rdev = 0 }, c;

	model_reset();
	T_STR(holders(0), "");
	another(0, 101);
	T_OK(k->attach(&all, &d, &e));
	T_STR(holders(0), "vnd device /dev/vnd1\n");
	add_mount("/dev/wd0a", "/", 0, host_makedev(MAJOR_WD, 0));
	add_mount("/dev/vnd0a", "/no", 0, model_rdev(MODEL_VND, 0, 0));
	add_mount("/dev/vnd1a", "/a b\n", MNT_RDONLY,
	    model_rdev(MODEL_VND, 1, 0));
	T_STR(holders(0), "vnd device /dev/vnd1\n"
	    "mounted on /a b\\n (from /dev/vnd1a), ro\n");
	/* known by its number where the name is none of /dev */
	(void)strcpy(m.mount[2].from, "/other/node");
	T(strstr(holders(0), "(from /other/node)") != NULL);
	m.nmounts = 2;
	T_OK(k->decrypt(&d, &xts, "x", false, &c, &e));
	T_OK(k->mount(&c, "ffs", "/mnt", false, &e));
	T_STR(holders(0), "vnd device /dev/vnd1\n"
	    "cgd device /dev/cgd0 (on vnd1)\n"
	    "mounted on /mnt (from /dev/cgd0d)\n");
	/* a look opens nothing for good */
	T(model_none_open());
}

static void
wedges_are_devices_of_their_own(void)
{
	model_reset();
	another(1, 100);
	m.nwedges = 2;
	m.wedge[0].parent = 0;
	m.wedge[1].parent = 1;
	add_mount("/dev/dk0", "/zero", 0, model_rdev(MODEL_DK, 0, 0));
	T_STR(holders(0), "vnd device /dev/vnd1\n");
	add_mount("/dev/dk1", "/one", 0, model_rdev(MODEL_DK, 1, 0));
	T_STR(holders(0), "vnd device /dev/vnd1\n"
	    "mounted on /one (from /dev/dk1)\n");
	/* numbers of wedges are no partitions, 3 isn't all of them */
	T_STR(holders(model_rdev(MODEL_DK, 3, 0)), "");
	T_STR(holders(model_rdev(MODEL_DK, 1, 0)),
	    "mounted on /one (from /dev/dk1)\n");
	T_STR(holders(model_rdev(MODEL_VND, 1, 3)),
	    "mounted on /one (from /dev/dk1)\n");
	T_STR(holders(model_rdev(MODEL_VND, 1, 0)), "");
	T(model_none_open());
}

static void
a_device_has_what_overlaps_with_it(void)
{
	static const char root[] = "mounted on / (from /dev/wd0a)\n";

	model_reset();
	add_mount("/dev/wd0a", "/", 0, host_makedev(MAJOR_WD, 0));
	T_STR(holders(host_makedev(MAJOR_WD, 0)), root);
	T_STR(holders(host_makedev(MAJOR_WD, 3)), root);
	T_STR(holders(host_makedev(MAJOR_WD, 4)), "");
	T_STR(holders(host_makedev(MAJOR_WD, 16 + 3)), "");
	T_STR(holders(host_makedev(MAJOR_WD + 1, 0)), "");
	/* all of the disk is mounted */
	m.mount[0].rdev = host_makedev(MAJOR_WD, 3);
	(void)strcpy(m.mount[0].from, "wd0d");
	T_STR(holders(host_makedev(MAJOR_WD, 4)),
	    "mounted on / (from wd0d)\n");
	m.unit[MODEL_CGD][2].set = true;
	m.unit[MODEL_CGD][2].dev = host_makedev(MAJOR_WD + 1, 4);
	T_STR(holders(host_makedev(MAJOR_WD + 1, 4)),
	    "cgd device /dev/cgd2\n");
	T(model_none_open());
}

static void
what_can_not_be_asked_is_unknown(void)
{
	unsigned at, n;

	model_reset();
	m.uid = 1;
	T_STR(holders(0), "perhaps a vnd, which can't be asked: Permission "
	    "denied\n");
	model_reset();
	m.driver[MODEL_VND] = m.driver[MODEL_CGD] = false;
	T_STR(holders(0), "");
	/* each call fails: none of them is "there is nobody" */
	model_reset();
	another(3, 100);
	T_STR(holders(0), "vnd device /dev/vnd3\n");
	for (n = m.calls, at = 1; at <= n; at++) {
		m.calls = 0;
		m.fail[0] = at;
		T(strcmp(holders(0), "vnd device /dev/vnd3\n") != 0);
		T(model_none_open());
	}
	printf("# %u calls of a look, each failed in turn\n", n);
}

static int
stop(void *arg, const struct host_holder *h, struct dd_err *err)
{
	(void)arg;
	return dd_fail(err, ERR_CANCEL, "%.80s", h->text);
}

static void
a_look_can_be_ended(void)
{
	model_reset();
	another(1, 100);
	T_ERR(host_holders(7, 100, stop, NULL, &e), ERR_CANCEL);
	T_STR(e.msg, "vnd device /dev/vnd1");
	T(model_none_open());
}

static void
the_file_under_a_device_is_told(void)
{
	struct host_device d = { .rdev = 0 }, c;
	dev_t dev = 0;
	ino_t ino = 0;

	model_reset();
	another(0, 101);
	T_OK(k->attach(&all, &d, &e));
	T_OK(k->decrypt(&d, &xts, "x", false, &c, &e));
	T(host_backing_file(c.rdev, &dev, &ino));
	T(dev == 7 && ino == 100);
	T(host_backing_file(model_rdev(MODEL_VND, 0, 5), &dev, &ino));
	T(dev == 7 && ino == 101);
	T(!host_backing_file(model_rdev(MODEL_VND, 2, 0), &dev, &ino));
	T(!host_backing_file(host_makedev(MAJOR_WD, 0), &dev, &ino));
	T(!host_backing_file(model_rdev(MODEL_CGD, 1, 3), &dev, &ino));
	m.nwedges = 1;
	m.wedge[0].parent = 1;
	T(host_backing_file(model_rdev(MODEL_DK, 0, 0), &dev, &ino));
	T(dev == 7 && ino == 100);
	T(!host_backing_file(model_rdev(MODEL_DK, 1, 0), &dev, &ino));
	T(model_none_open());
}

static int
append_made(void *arg, const struct host_made *d, struct dd_err *err)
{
	static const char *const kinds[] = { "file", "part", "upon",
	    "mount" };

	(void)err;
	T_EQ(d->opens, -1);
	return buf_printf(arg, "%s %s %" PRIu64 " on %" PRIu64 ", %" PRIu64
	    "%s\n", kinds[d->kind], d->path, (uint64_t)d->rdev,
	    (uint64_t)d->under, (uint64_t)d->ino, d->readonly ? ", ro" : "");
}

static void
all_devices_are_told_from_the_file_up(void)
{
	struct host_device d = { .rdev = 0 }, c;
	struct buf b = BUF_INIT, want = BUF_INIT;
	unsigned at, n;

	model_reset();
	T_OK(host_devices(append_made, &b, &e));
	T_EQ(b.len, 0);
	another(1, 101);
	T_OK(k->attach(&all, &d, &e));
	T_OK(k->decrypt(&d, &xts, "x", false, &c, &e));
	m.unit[MODEL_CGD][1] = (struct model_unit){ .node = true, .set = true,
	    .dev = host_makedev(MAJOR_WD, 4) };
	T_OK(k->mount(&c, "ffs", "/mnt", true, &e));
	m.nwedges = 1;
	m.wedge[0].parent = 1;
	add_mount("/dev/dk0", "/one", 0, model_rdev(MODEL_DK, 0, 0));
	(void)buf_printf(&want,
	    "file /dev/vnd0d %u on 0, 100\n"
	    "upon /dev/cgd0d %u on %u, 0\n"
	    "mount /mnt %u on %u, 0, ro\n"
	    "file /dev/vnd1d %u on 0, 101\n"
	    "part /dev/dk0 %u on %u, 0\n"
	    "mount /one %u on %u, 0\n",
	    (unsigned)d.rdev, (unsigned)c.rdev, (unsigned)d.rdev,
	    (unsigned)c.rdev, (unsigned)c.rdev,
	    (unsigned)model_rdev(MODEL_VND, 1, 3),
	    (unsigned)model_rdev(MODEL_DK, 0, 0),
	    (unsigned)model_rdev(MODEL_VND, 1, 3),
	    (unsigned)model_rdev(MODEL_DK, 0, 0),
	    (unsigned)model_rdev(MODEL_DK, 0, 0));
	m.calls = 0;
	T_OK(host_devices(append_made, &b, &e));
	T_STR(b.p, want.p);
	/* what can't be asked is an error, and not nothing */
	m.nmounts = m.nwedges = 0;
	m.calls = 0;
	T_OK(host_devices(append_made, &b, &e));
	for (n = m.calls, at = 1; at <= n; at++) {
		m.calls = 0;
		m.fail[0] = at;
		dd_err_clear(&e);
		T_EQ(host_devices(append_made, &b, &e), -1);
		T(model_none_open());
	}
	buf_dispose(&b);
	buf_dispose(&want);
}

static void
there_is_room_for_more_devices(void)
{
	struct host_room r;

	model_reset();
	another(1, 101);
	another(3, 100);
	host_room(&r);
	T_STR(r.kind, "vnd");
	T_EQ(r.used, 2);
	T_EQ(r.all, 4);
	T_EQ(r.next, 4);
	/* the driver has units that there is no node of: nobody can use them */
	m.unit[MODEL_VND][0].node = false;
	host_room(&r);
	T_EQ(r.used, 2);
	T_EQ(r.all, 3);
	T_EQ(r.next, 0);
	T(model_none_open());
	/* who may not ask knows nothing */
	m.driver[MODEL_VND] = false;
	host_room(&r);
	T_EQ(r.all, 0);
	T(model_none_open());
}

int
main(void)
{
	T_RUN(holders_are_found_from_the_file_up);
	T_RUN(wedges_are_devices_of_their_own);
	T_RUN(a_device_has_what_overlaps_with_it);
	T_RUN(what_can_not_be_asked_is_unknown);
	T_RUN(a_look_can_be_ended);
	T_RUN(the_file_under_a_device_is_told);
	T_RUN(all_devices_are_told_from_the_file_up);
	T_RUN(there_is_room_for_more_devices);
	return t_done();
}
