/*
 * A model of what NetBSD's kernel does with vnd, cgd, wedges and mounts, behind
 * the table of core/host/netbsd_impl.h.  It keeps the rules that matter: who
 * may set up and clear a unit, a block device is open once, a label is read when
 * a unit is opened that has a file.  Every call can be made to fail.
 *
 * Others, who come between two calls, are a function that the test sets.
 */
#ifndef TESTS_NETBSD_MODEL_H
#define TESTS_NETBSD_MODEL_H

#define MODEL_UNITS	6
#define MODEL_RAW	3		/* d */
#define MODEL_FILES	3
#define MODEL_FDS	16
#define MODEL_LOG	4096

enum { MAJOR_WD = 5, MAJOR_VND = 14, MAJOR_DM = 41, MAJOR_CGD = 65,
    MAJOR_DK = 168 };

enum model_kind { MODEL_VND, MODEL_CGD, MODEL_DK };

struct model_unit {
	bool	node;			/* is there one in /dev? */
	bool	set;
	bool	label;			/* the kernel has read it */
	bool	readonly;
	dev_t	dev;			/* vnd: of the file; cgd: under it */
	ino_t	ino;
	uint64_t size;
	unsigned chars;			/* open by its raw character device */
	uint32_t blocks;		/* open block devices, by partition */
};

struct model_file {
	const char *path;
	dev_t	 dev;
	ino_t	 ino;
	uint64_t size;
};

struct model_wedge {
	int	 parent;		/* vnd */
	int64_t	 first;
	uint64_t count;
	bool	 open;
};

struct model_mount {
	char	 from[80], on[640];
	int	 flags;
	dev_t	 rdev;
};

static struct model {
	struct model_unit unit[2][MODEL_UNITS];
	bool	 driver[2];
	struct model_file file[MODEL_FILES];
	struct model_wedge wedge[4];
	size_t	 nwedges, nmounts;
	struct model_mount mount[4];
	struct disklabel label;		/* of every file */
	struct { bool open, write; enum model_kind kind; int n; }
		 fd[MODEL_FDS];
	uid_t	 uid;
	unsigned calls, fail[2];	/* the calls that fail, from 1 */
	unsigned dead;			/* and from this one on all; or 0 */
	int	 fail_with;
	bool	 broken;		/* a rule was broken */
	int	 fsck_status;
	const char *fsck_says;
	void	(*others)(const char *what, int n);
	char	 log[MODEL_LOG];
} m;

static void
model_reset(void)
{
	int k, n;

	memset(&m, 0, sizeof(m));
	for (k = 0; k < 2; k++) {
		m.driver[k] = true;
		for (n = 0; n < 4; n++)
			m.unit[k][n].node = true;
	}
	m.file[0] = (struct model_file){ "/xen/a.img", 7, 100, 1 << 20 };
	m.file[1] = (struct model_file){ "/xen/b.img", 7, 101, 1 << 20 };
	m.label.d_secsize = 512;
	m.label.d_npartitions = 8;
	m.label.d_partitions[3] = (struct partition){ 2048, 0, FS_BSDFFS };
	m.label.d_partitions[4] = (struct partition){ 1024, 64, FS_BSDFFS };
	m.label.d_partitions[5] = (struct partition){ 512, 1088, FS_UNUSED };
	m.fail_with = EIO;
	m.fsck_says = "";
}

static void
model_log(const char *what, const char *kind, int n)
{
	size_t len = strlen(m.log);

	(void)snprintf(m.log + len, sizeof(m.log) - len, "%s %s%d\n", what,
	    kind, n);
}

static const char *
model_kind(int kind)
{
	return kind == MODEL_VND ? "vnd" : "cgd";
}

static dev_t
model_rdev(int kind, int n, int part)
{
	return kind == MODEL_DK ? host_makedev(MAJOR_DK, (uint32_t)n) :
	    host_makedev(kind == MODEL_VND ? MAJOR_VND : MAJOR_CGD,
	    (uint32_t)DISKMINOR(n, part));
}

/* -1: not this call. */
static int
model_call(const char *what, int n)
{
	m.calls++;
	if (m.calls == m.fail[0] || m.calls == m.fail[1] ||
	    (m.dead != 0 && m.calls >= m.dead)) {
		errno = m.fail_with;
		return -1;
	}
	if (m.others != NULL)
		m.others(what, n);
	return 0;
}

static int
fails(int sys)
{
	errno = sys;
	return -1;
}

/* ---- nodes */

/* "/dev/rvnd0d", "/dev/dk3". */
static bool
model_node(const char *path, bool *raw, enum model_kind *kind, int *n,
    int *part)
{
	char letter = 'a', end;
	const char *at = path + 5;

	if (strncmp(path, "/dev/", 5) != 0)
		return false;
	*raw = *at == 'r';
	at += *raw;
	if (sscanf(at, "dk%d%c", n, &end) == 1) {
		*kind = MODEL_DK;
		*part = 0;
		return *n >= 0 && (size_t)*n < m.nwedges;
	}
	*kind = strncmp(at, "cgd", 3) == 0 ? MODEL_CGD : MODEL_VND;
	if (strncmp(at, model_kind((int)*kind), 3) != 0 ||
	    sscanf(at + 3, "%d%c%c", n, &letter, &end) != 2)
		return false;
	*part = letter - 'a';
	return *n >= 0 && *n < MODEL_UNITS && m.unit[*kind][*n].node &&
	    *part >= 0 && *part < MAXPARTITIONS;
}

static int
model_stat(const char *path, struct stat *st)
{
	enum model_kind kind;
	int n, part;
	bool raw;

	if (model_call("stat", 0) == -1)
		return -1;
	memset(st, 0, sizeof(*st));
	if (strcmp(path, "/dev/wd0a") == 0 || strcmp(path, "/dev/wd0e") == 0) {
		st->st_rdev = host_makedev(MAJOR_WD,
		    (uint32_t)(path[8] - 'a'));
		st->st_mode = S_IFBLK;
		return 0;
	}
	if (!model_node(path, &raw, &kind, &n, &part))
		return fails(ENOENT);
	st->st_rdev = model_rdev((int)kind, n, part);
	st->st_mode = raw ? S_IFCHR : S_IFBLK;
	return 0;
}

static int
model_open(const char *path, int flags)
{
	enum model_kind kind;
	int n, part, fd;
	bool raw;

	if (model_call("open", 0) == -1)
		return -1;
	if (!model_node(path, &raw, &kind, &n, &part))
		return fails(ENOENT);
	if (m.uid != 0)
		return fails(EACCES);
	if (!raw || (kind != MODEL_DK && part != MODEL_RAW) ||
	    (flags & O_CLOEXEC) == 0)
		m.broken = true;
	if (kind != MODEL_DK) {
		if (!m.driver[kind])
			return fails(ENXIO);
		if (m.unit[kind][n].set)
			m.unit[kind][n].label = true;
		m.unit[kind][n].chars++;
	}
	for (fd = 0; m.fd[fd].open; fd++)
		if (fd == MODEL_FDS - 1)
			return fails(EMFILE);
	m.fd[fd].open = true;
	m.fd[fd].write = (flags & O_ACCMODE) == O_RDWR;
	m.fd[fd].kind = kind;
	m.fd[fd].n = n;
	return fd;
}

static int
model_close(int fd)
{
	if (fd < 0 || fd >= MODEL_FDS || !m.fd[fd].open) {
		m.broken = true;
		return fails(EBADF);
	}
	if (m.fd[fd].kind != MODEL_DK)
		m.unit[m.fd[fd].kind][m.fd[fd].n].chars--;
	m.fd[fd].open = false;
	return 0;
}

/* A block device for oneself; what can't be opened has errno. */
static int
block_open(const char *path, bool open, dev_t *rdev)
{
	enum model_kind kind;
	int n, part;
	bool raw;
	uint32_t bit;

	if (!model_node(path, &raw, &kind, &n, &part) || raw)
		return fails(ENOTBLK);
	*rdev = model_rdev((int)kind, n, part);
	if (kind == MODEL_DK) {
		if (open && m.wedge[n].open)
			return fails(EBUSY);
		m.wedge[n].open = open;
		kind = MODEL_VND;
		n = m.wedge[n].parent;
		part = MODEL_RAW;
	}
	bit = 1U << part;
	if (open && !m.unit[kind][n].set)
		return fails(ENXIO);
	if (open && (m.unit[kind][n].blocks & bit) != 0)
		return fails(EBUSY);
	m.unit[kind][n].blocks = open ? m.unit[kind][n].blocks | bit :
	    m.unit[kind][n].blocks & ~bit;
	return 0;
}

#endif
