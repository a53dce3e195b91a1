/*
 * The calls of the model; see model.h.
 */
#ifndef TESTS_NETBSD_MODEL_CALLS_H
#define TESTS_NETBSD_MODEL_CALLS_H

#include "tests/netbsd/model.h"

/* ---- ioctl */

static int
vnd_set(struct model_unit *u, int n, struct vnd_ioctl *v)
{
	size_t i;

	if (u->set)
		return fails(EBUSY);
	for (i = 0; i < MODEL_FILES; i++)
		if (m.file[i].path != NULL &&
		    strcmp(m.file[i].path, v->vnd_file) == 0)
			break;
	if (i == MODEL_FILES)
		return fails(ENOENT);
	u->set = true;
	u->label = false;
	u->readonly = (v->vnd_flags & VNDIOF_READONLY) != 0;
	if ((v->vnd_flags & ~VNDIOF_READONLY) != 0)
		m.broken = true;
	u->dev = m.file[i].dev;
	u->ino = m.file[i].ino;
	u->size = v->vnd_size = m.file[i].size;
	model_log("set", "vnd", n);
	return 0;
}

/* Open by us as character device; a block device of it is somebody's. */
static int
unit_clear(struct model_unit *u, int kind, int n)
{
	const char *path = NULL;
	char under[80];
	dev_t rdev;
	int i;

	if (!u->set)
		return fails(ENXIO);
	if (u->blocks != 0)
		return fails(EBUSY);
	if (kind == MODEL_CGD)
		for (i = 0; i < MODEL_UNITS * MAXPARTITIONS; i++)
			if (u->dev == model_rdev(MODEL_VND,
			    i / MAXPARTITIONS, i % MAXPARTITIONS)) {
				netbsd_node(under, "vnd", i / MAXPARTITIONS,
				    i % MAXPARTITIONS, false);
				path = under;
			}
	if (path != NULL && block_open(path, false, &rdev) == -1)
		m.broken = true;
	u->set = false;
	model_log("clear", model_kind(kind), n);
	return 0;
}

static int
cgd_set(struct model_unit *u, int n, const struct cgd_ioctl *c)
{
	if (u->set)
		return fails(EBUSY);
	if (c->ci_blocksize != (size_t)-1 || c->ci_flags != 0)
		m.broken = true;
	if (strcmp(c->ci_alg, "aes-xts") != 0 ||
	    strcmp(c->ci_ivmethod, "encblkno1") != 0 || c->ci_keylen != 256)
		return fails(EINVAL);
	if (memcmp(c->ci_key, "0123456789abcdef0123456789abcdef", 32) != 0)
		m.broken = true;
	if (block_open(c->ci_disk, true, &u->dev) == -1)
		return -1;
	u->set = true;
	model_log("set", "cgd", n);
	return 0;
}

static void
tell_wedge(struct dkwedge_info *w, int n)
{
	memset(w, 0, sizeof(*w));
	(void)snprintf(w->dkw_devname, sizeof(w->dkw_devname), "dk%d", n);
	(void)snprintf(w->dkw_parent, sizeof(w->dkw_parent), "vnd%d",
	    m.wedge[n].parent);
	w->dkw_offset = m.wedge[n].first;
	w->dkw_size = m.wedge[n].count;
}

static int
list_wedges(int unit, struct dkwedge_list *l)
{
	struct dkwedge_info w;
	size_t i;

	l->dkwl_nwedges = l->dkwl_ncopied = 0;
	for (i = 0; i < m.nwedges; i++) {
		if (m.wedge[i].parent != unit)
			continue;
		if (l->dkwl_bufsize >= (l->dkwl_nwedges + 1) * sizeof(w)) {
			tell_wedge(&w, (int)i);
			memcpy((char *)l->dkwl_buf + l->dkwl_nwedges *
			    sizeof(w), &w, sizeof(w));
			l->dkwl_ncopied++;
		}
		l->dkwl_nwedges++;
	}
	return 0;
}

static int
vnd_get(struct vnd_user *v)
{
	struct model_unit *u;

	if (v->vnu_unit < 0 || v->vnu_unit >= MODEL_UNITS)
		return fails(ENXIO);
	u = &m.unit[MODEL_VND][v->vnu_unit];
	v->vnu_dev = u->set ? u->dev : 0;
	v->vnu_ino = u->set ? u->ino : 0;
	return 0;
}

static int
model_ioctl(int fd, unsigned long request, void *arg)
{
	enum model_kind kind;
	struct model_unit *u;
	bool changes;
	int n;

	if (fd < 0 || fd >= MODEL_FDS || !m.fd[fd].open) {
		m.broken = true;
		return fails(EBADF);
	}
	kind = m.fd[fd].kind;
	n = m.fd[fd].n;
	changes = request == VNDIOCSET || request == VNDIOCCLR ||
	    request == CGDIOCSET || request == CGDIOCCLR;
	if (model_call(request == VNDIOCSET ? "VNDIOCSET" :
	    request == CGDIOCSET ? "CGDIOCSET" : "ioctl", n) == -1)
		return -1;
	if (kind == MODEL_DK) {
		if (request != DIOCGWEDGEINFO)
			return fails(ENOTTY);
		tell_wedge(arg, n);
		return 0;
	}
	u = &m.unit[kind][n];
	if (changes && !m.fd[fd].write)
		return fails(EBADF);
	if (request == DIOCLWEDGES)
		return list_wedges(kind == MODEL_VND ? n : -1, arg);
	if (request == DIOCGDINFO && !u->set)
		return fails(ENXIO);
	if (request == DIOCGDINFO) {
		if (u->label)	/* else an old one */
			memcpy(arg, &m.label, sizeof(m.label));
		return 0;
	}
	if (kind == MODEL_VND && request == VNDIOCGET)
		return vnd_get(arg);
	if (kind == MODEL_VND && request == VNDIOCSET)
		return vnd_set(u, n, arg);
	if (kind == MODEL_VND && request == VNDIOCCLR) {
		if (((struct vnd_ioctl *)arg)->vnd_flags != 0)
			m.broken = true;	/* by force */
		return unit_clear(u, MODEL_VND, n);
	}
	if (kind == MODEL_CGD && request == CGDIOCGET) {
		((struct cgd_user *)arg)->cgu_dev = u->set ? u->dev : 0;
		return 0;
	}
	if (kind == MODEL_CGD && request == CGDIOCSET)
		return cgd_set(u, n, arg);
	if (kind == MODEL_CGD && request == CGDIOCCLR)
		return unit_clear(u, MODEL_CGD, n);
	return fails(ENOTTY);
}

/* ---- mounts */

static int
model_getvfsstat(struct statvfs *v, size_t size, int flags)
{
	size_t i;

	if (model_call("getvfsstat", 0) == -1)
		return -1;
	if (flags != ST_NOWAIT)
		m.broken = true;
	for (i = 0; v != NULL && i < m.nmounts &&
	    (i + 1) * sizeof(*v) <= size; i++) {
		memset(&v[i], 0, sizeof(v[i]));
		v[i].f_flag = (unsigned long)m.mount[i].flags;
		v[i].f_fsid = (unsigned long)m.mount[i].rdev;
		(void)strcpy(v[i].f_fstypename, "ffs");
		(void)strcpy(v[i].f_mntonname, m.mount[i].on);
		(void)strcpy(v[i].f_mntfromname, m.mount[i].from);
	}
	return (int)(v == NULL ? m.nmounts : i);
}

static void
add_mount(const char *from, const char *on, int flags, dev_t rdev)
{
	struct model_mount *p = &m.mount[m.nmounts++];

	(void)snprintf(p->from, sizeof(p->from), "%s", from);
	(void)snprintf(p->on, sizeof(p->on), "%s", on);
	p->flags = flags;
	p->rdev = rdev;
}

static int
model_mount(const char *type, const char *dir, int flags, void *data,
    size_t len)
{
	struct ufs_args *a = data;
	dev_t rdev;

	if (model_call("mount", 0) == -1)
		return -1;
	if (strcmp(type, "ffs") != 0 || len != sizeof(*a) ||
	    (flags & ~MNT_RDONLY) != (MNT_NOSUID | MNT_NODEV | MNT_NOEXEC))
		m.broken = true;
	if (block_open(a->fspec, true, &rdev) == -1)
		return -1;
	add_mount(a->fspec, dir, flags, rdev);
	model_log("mount", dir, 0);
	return 0;
}

static int
model_unmount(const char *dir, int flags)
{
	dev_t rdev;
	size_t i;

	if (model_call("unmount", 0) == -1)
		return -1;
	if (flags != 0)
		m.broken = true;
	for (i = 0; i < m.nmounts; i++)
		if (strcmp(m.mount[i].on, dir) == 0)
			break;
	if (i == m.nmounts)
		return fails(EINVAL);
	if (block_open(m.mount[i].from, false, &rdev) == -1)
		m.broken = true;
	m.mount[i] = m.mount[--m.nmounts];
	model_log("unmount", dir, 0);
	return 0;
}

/* ---- the rest */

static uid_t
model_geteuid(void)
{
	return m.uid;
}

static int
model_getrawpartition(void)
{
	return MODEL_RAW;
}

static int
model_getdevmajor(const char *driver, mode_t type)
{
	if (type != S_IFBLK)
		m.broken = true;
	return strcmp(driver, "vnd") == 0 ? MAJOR_VND :
	    strcmp(driver, "cgd") == 0 ? MAJOR_CGD :
	    strcmp(driver, "dk") == 0 ? MAJOR_DK :
	    strcmp(driver, "dm") == 0 ? MAJOR_DM :
	    strcmp(driver, "wd") == 0 ? MAJOR_WD : -1;
}

/* 10: at work, 11: a zombie, 12: can't be asked after. */
static int
model_process(pid_t pid, struct kinfo_proc2 *p)
{
	memset(p, 0, sizeof(*p));
	if (pid == 12)
		return fails(EPERM);
	p->p_uvalid = pid == 10;
	p->p_ustart_sec = 1000;
	p->p_ustart_usec = 7;
	p->p_realstat = pid == 10 ? SACTIVE : SZOMB;
	return pid == 10 || pid == 11;
}

static int
model_run(const char *const *argv, unsigned limit, struct buf *out,
    int *status, struct dd_err *err)
{
	if (model_call("run", 0) == -1)
		return dd_fail_sys(err, errno, "fsck_ffs");
	if (strcmp(argv[0], "/sbin/fsck_ffs") != 0 ||
	    strcmp(argv[1], "-p") != 0 || strncmp(argv[2], "/dev/r", 6) != 0 ||
	    argv[3] != NULL || limit != 0)
		m.broken = true;
	*status = m.fsck_status;
	return buf_str(out, m.fsck_says);
}

static const struct netbsd_sys model_sys = {
	.open = model_open,
	.close = model_close,
	.ioctl = model_ioctl,
	.stat = model_stat,
	.getvfsstat = model_getvfsstat,
	.mount = model_mount,
	.unmount = model_unmount,
	.geteuid = model_geteuid,
	.getrawpartition = model_getrawpartition,
	.getdevmajor = model_getdevmajor,
	.process = model_process,
	.run = model_run,
};

const struct netbsd_sys *netbsd_sys = &model_sys;

/* Nothing is set up, open or mounted, and no rule was broken. */
static inline bool
model_is_clean(void)
{
	int k, n;

	for (k = 0; k < 2; k++)
		for (n = 0; n < MODEL_UNITS; n++)
			if (m.unit[k][n].set || m.unit[k][n].chars != 0 ||
			    m.unit[k][n].blocks != 0)
				return false;
	for (n = 0; n < MODEL_FDS; n++)
		if (m.fd[n].open)
			return false;
	return m.nmounts == 0 && !m.broken;
}

static inline bool
model_none_open(void)
{
	int n;

	for (n = 0; n < MODEL_FDS; n++)
		if (m.fd[n].open)
			return false;
	return !m.broken;
}

#endif
