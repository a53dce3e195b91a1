/*
 * core/ffs against a model: thousands of random operations (seeded) on a file
 * system and on a tree in memory.  After every commit the image is opened anew
 * and must hold the model's tree, and ffs_check must have nothing to say.
 * Now and then a transaction is dropped: the image must then be as it was
 * committed.
 *
 *	test_ffs_model [DIR]	DIR: leave the images there, for other checkers
 */
#include "core/base/map.h"
#include "core/ffs/ffs.h"
#include "tests/unit/memblk.h"
#include "tests/unit/t.h"

#define PAGE	4096
#define NODES	400
#define NAMES	8		/* names of one node */

struct page {
	uint8_t	bytes[PAGE];
};

/* A file of the model.  Directories know their parent, not their children. */
struct node {
	enum ffs_type	 type;		/* 0: free slot */
	uint32_t	 ino;
	uint16_t	 perm;
	uint32_t	 uid, gid, flags, rdev;
	struct ffs_time	 mtime;
	uint64_t	 size;
	struct map	 pages;		/* of content: index -> page */
	char		*target;
	unsigned	 nnames;
	struct {
		int	 dir;		/* index of its directory */
		char	 name[FFS_NAME_MAX + 1];
	} names[NAMES];
};

struct model {
	struct node	nodes[NODES];	/* 0 is the root */
};

static struct dd_err e;
static struct model now, committed;
static struct ffs *fs;
static struct memdisk disk;
static uint64_t seed;
static uint32_t most_uid;
static const struct ffs_time stamp = { 1234567890, 123456789 };

static uint32_t
rnd(uint32_t n)
{
	seed = seed * 6364136223846793005ULL + 1442695040888963407ULL;
	return n == 0 ? 0 : (uint32_t)(seed >> 33) % n;
}

static void
node_free(struct node *n)
{
	struct page *p;
	size_t at = 0;
	uint64_t key;

	while ((p = map_next(&n->pages, &at, &key)) != NULL)
		free(p);
	map_dispose(&n->pages);
	free(n->target);
	memset(n, 0, sizeof(*n));
}

static void
model_copy(struct model *to, const struct model *from)
{
	struct page *p, *copy;
	size_t i, at;
	uint64_t key;

	for (i = 0; i < NODES; i++) {
		struct node *n = &to->nodes[i];

		node_free(n);
		*n = from->nodes[i];
		n->pages = (struct map)MAP_INIT;
		if (n->target != NULL)
			n->target = strdup(n->target);
		at = 0;
		while ((p = map_next(&from->nodes[i].pages, &at, &key)) !=
		    NULL) {
			copy = malloc(sizeof(*copy));
			*copy = *p;
			(void)map_put(&n->pages, key, copy);
		}
	}
}

/* A random node that is not free; type 0: of any type. */
static int
pick(enum ffs_type type)
{
	int i, k;

	i = (int)rnd(NODES);
	for (k = 0; k < NODES; k++, i = (i + 1) % NODES)
		if (now.nodes[i].type != 0 &&
		    (type == 0 || now.nodes[i].type == type))
			return i;
	return 0;
}

static int
find(int dir, const char *name, unsigned *which)
{
	unsigned k;
	int i;

	for (i = 1; i < NODES; i++)
		for (k = 0; k < now.nodes[i].nnames; k++)
			if (now.nodes[i].names[k].dir == dir &&
			    strcmp(now.nodes[i].names[k].name, name) == 0) {
				*which = k;
				return i;
			}
	return -1;
}

static bool
has_children(int dir)
{
	unsigned k;
	int i;

	for (i = 1; i < NODES; i++)
		for (k = 0; k < now.nodes[i].nnames; k++)
			if (now.nodes[i].names[k].dir == dir)
				return true;
	return false;
}

static uint32_t
nlink_of(const struct model *m, int node)
{
	uint32_t n = 2;
	int i;

	if (m->nodes[node].type != FFS_DIR)
		return m->nodes[node].nnames;
	for (i = 1; i < NODES; i++)
		n += m->nodes[i].type == FFS_DIR && i != node &&
		    m->nodes[i].names[0].dir == node;
	return n;
}

static void
add_name(int node, int dir, const char *name)
{
	struct node *n = &now.nodes[node];

	n->names[n->nnames].dir = dir;
	(void)snprintf(n->names[n->nnames].name, FFS_NAME_MAX + 1, "%s",
	    name);
	n->nnames++;
}

static void
drop_name(int node, unsigned which)
{
	struct node *n = &now.nodes[node];

	n->names[which] = n->names[--n->nnames];
	if (n->nnames == 0)
		node_free(n);
}

static const char *
random_name(void)
{
	static char name[FFS_NAME_MAX + 1];
	uint32_t len = rnd(20) == 0 ? 200 + rnd(56) : 3 + rnd(30);

	/* few different ones, so that they meet */
	(void)snprintf(name, sizeof(name), "%c%02u%0*d", 'a' + rnd(3),
	    rnd(30), len > 3 ? (int)len - 3 : 0, 0);
	return name;
}

/* Content as the model has it. */
static void
model_read(const struct node *n, uint8_t *p, size_t len, uint64_t off)
{
	const struct page *pg;
	size_t k;

	for (; len > 0; p += k, len -= k, off += k) {
		k = PAGE - off % PAGE;
		if (k > len)
			k = len;
		pg = map_get(&n->pages, off / PAGE);
		if (pg == NULL)
			memset(p, 0, k);
		else
			memcpy(p, pg->bytes + off % PAGE, k);
	}
}

static void
model_write(struct node *n, const uint8_t *p, size_t len, uint64_t off)
{
	struct page *pg;
	size_t k;

	if (off + len > n->size)
		n->size = off + len;
	for (; len > 0; p += k, len -= k, off += k) {
		k = PAGE - off % PAGE;
		if (k > len)
			k = len;
		if ((pg = map_get(&n->pages, off / PAGE)) == NULL) {
			pg = calloc(1, sizeof(*pg));
			(void)map_put(&n->pages, off / PAGE, pg);
		}
		memcpy(pg->bytes + off % PAGE, p, k);
	}
}

static void
model_truncate(struct node *n, uint64_t size)
{
	struct map kept = MAP_INIT;
	struct page *pg;
	size_t at = 0;
	uint64_t key;

	n->size = size;
	while ((pg = map_next(&n->pages, &at, &key)) != NULL) {
		if (key * PAGE >= size)
			free(pg);
		else {
			if ((key + 1) * PAGE > size)
				memset(pg->bytes + size % PAGE, 0,
				    PAGE - size % PAGE);
			(void)map_put(&kept, key, pg);
		}
	}
	map_dispose(&n->pages);
	n->pages = kept;
}

/* Did it end as it must?  NOSPC is always fine: then nothing changed. */
static bool
ended(int rc, enum dd_code want, const char *what)
{
	if (rc == -1 && e.code == ERR_NOSPC)
		return false;
	if (rc == (want == ERR_NONE ? 0 : -1) &&
	    (rc == 0 || e.code == want))
		return rc == 0;
	T_FAIL("%s: %s, not %s", what, rc == 0 ? "succeeded" : e.msg,
	    dd_code_name(want));
	return false;
}

static struct ffs_attr
random_attr(struct node *n)
{
	struct ffs_attr a = {
		.mask = FFS_SET_PERM | FFS_SET_OWNER | FFS_SET_FLAGS |
		    FFS_SET_MTIME,
		.perm = (uint16_t)rnd(010000),
		.uid = rnd(most_uid), .gid = rnd(most_uid), .flags = rnd(2),	/* nodump */
		.mtime = { rnd(2000000000), (int32_t)rnd(1000000000) },
	};

	n->perm = a.perm;
	n->uid = a.uid;
	n->gid = a.gid;
	n->flags = a.flags;
	n->mtime = a.mtime;
	return a;
}

static void
touch(int dir)
{
	now.nodes[dir].mtime = stamp;
}

static void
op_make(void)
{
	static const enum ffs_type types[] = {
		FFS_REG, FFS_REG, FFS_REG, FFS_DIR, FFS_DIR, FFS_LNK,
		FFS_FIFO, FFS_CHR, FFS_BLK, FFS_SOCK,
	};
	enum ffs_type type = types[rnd(10)];
	const char *name = random_name();
	int dir = pick(FFS_DIR), slot;
	struct node n = { .type = type };
	struct ffs_attr a = random_attr(&n);
	uint32_t dirino = now.nodes[dir].ino;
	char target[1001];
	unsigned which;
	size_t len;
	int rc;

	for (slot = 1; slot < NODES && now.nodes[slot].type != 0; slot++)
		;
	if (slot == NODES)
		return;
	dd_err_clear(&e);
	switch (type) {
	case FFS_REG:
		rc = ffs_create(fs, dirino, name, &a, &n.ino, &e);
		break;
	case FFS_DIR:
		rc = ffs_mkdir(fs, dirino, name, &a, &n.ino, &e);
		break;
	case FFS_LNK:
		len = 1 + rnd(rnd(4) == 0 ? 1000 : 130);
		memset(target, 'x', len);
		target[len] = '\0';
		rc = ffs_symlink(fs, dirino, name, target, &a, &n.ino, &e);
		n.size = len;
		break;
	default:
		n.rdev = type == FFS_CHR || type == FFS_BLK ? rnd(1 << 30) :
		    0;
		rc = ffs_mknod(fs, dirino, name, type, n.rdev, &a, &n.ino,
		    &e);
		break;
	}
	if (!ended(rc, find(dir, name, &which) >= 0 ? ERR_EXIST : ERR_NONE,
	    "make"))
		return;
	if (type == FFS_LNK)
		n.target = strdup(target);
	now.nodes[slot] = n;
	add_name(slot, dir, name);
	touch(dir);
}

static void
op_link(void)
{
	const char *name = random_name();
	int dir = pick(FFS_DIR), node = pick(0);
	struct node *n = &now.nodes[node];
	enum dd_code want = ERR_NONE;
	unsigned which;

	if (n->nnames >= NAMES)
		return;
	if (find(dir, name, &which) >= 0)
		want = ERR_EXIST;
	else if (n->type == FFS_DIR)
		want = ERR_TYPE;
	dd_err_clear(&e);
	if (!ended(ffs_link(fs, n->ino, now.nodes[dir].ino, name, &e), want,
	    "link"))
		return;
	add_name(node, dir, name);
	touch(dir);
}

static void
op_remove(void)
{
	int node = pick(0), dir;
	struct node *n = &now.nodes[node];
	enum dd_code want = ERR_NONE;
	unsigned which;
	int rc;

	if (node == 0)
		return;
	which = rnd(n->nnames);
	dir = n->names[which].dir;
	dd_err_clear(&e);
	if (n->type == FFS_DIR) {
		rc = ffs_rmdir(fs, now.nodes[dir].ino, n->names[which].name,
		    &e);
		want = has_children(node) ? ERR_EXIST : ERR_NONE;
	} else
		rc = ffs_unlink(fs, now.nodes[dir].ino,
		    n->names[which].name, &e);
	if (!ended(rc, want, "remove"))
		return;
	drop_name(node, which);
	touch(dir);
}

static bool
is_below(int dir, int top)
{
	while (dir != 0 && dir != top)
		dir = now.nodes[dir].names[0].dir;
	return dir == top;
}

static void
op_rename(void)
{
	const char *name = random_name();
	int node = pick(0), todir = pick(FFS_DIR), dir, old;
	struct node *n = &now.nodes[node];
	enum dd_code want = ERR_NONE;
	unsigned which, oldname = 0;

	if (node == 0)
		return;
	which = rnd(n->nnames);
	dir = n->names[which].dir;
	old = find(todir, name, &oldname);
	if (old == node)
		want = ERR_NONE;
	else if (n->type == FFS_DIR && is_below(todir, node))
		want = ERR_USAGE;
	else if (old >= 0 && (now.nodes[old].type == FFS_DIR) !=
	    (n->type == FFS_DIR))
		want = ERR_TYPE;
	else if (old >= 0 && n->type == FFS_DIR && has_children(old))
		want = ERR_EXIST;
	dd_err_clear(&e);
	if (!ended(ffs_rename(fs, now.nodes[dir].ino, n->names[which].name,
	    now.nodes[todir].ino, name, &e), want, "rename") || old == node)
		return;
	if (old >= 0)
		drop_name(old, oldname);
	n->names[which].dir = todir;
	(void)snprintf(n->names[which].name, FFS_NAME_MAX + 1, "%s", name);
	touch(dir);
	touch(todir);
	if (n->type == FFS_DIR && dir != todir)
		touch(node);		/* its ".." */
}

static uint64_t
random_offset(const struct node *n)
{
	switch (rnd(8)) {
	case 0:
		return rnd(1 << 20);
	case 1:
		return (uint64_t)rnd(1 << 16) << rnd(16);
	case 2:
	case 3:
		return n->size == 0 ? 0 : rnd((uint32_t)n->size);
	default:
		return n->size;
	}
}

static void
op_write(void)
{
	static uint8_t buf[300000];
	int node = pick(FFS_REG);
	struct node *n = &now.nodes[node];
	uint64_t off = random_offset(n);
	size_t len = 1 + rnd(rnd(6) == 0 ? sizeof(buf) - 1 :
	    rnd(2) == 0 ? 2000 : 20000), i;

	if (n->type != FFS_REG)
		return;
	for (i = 0; i < len; i++)
		buf[i] = (uint8_t)(rnd(256) | 1);
	dd_err_clear(&e);
	if (!ended(ffs_write(fs, n->ino, buf, len, off, &e), ERR_NONE,
	    "write"))
		return;
	model_write(n, buf, len, off);
	n->mtime = stamp;
}

static void
op_truncate(void)
{
	int node = pick(FFS_REG);
	struct node *n = &now.nodes[node];
	uint64_t size = rnd(4) == 0 ? 0 : random_offset(n) + rnd(2) * rnd(9000);

	if (n->type != FFS_REG)
		return;
	if (rnd(3) == 0)
		size -= size % 4096;
	dd_err_clear(&e);
	if (!ended(ffs_truncate(fs, n->ino, size, &e), ERR_NONE, "truncate"))
		return;
	model_truncate(n, size);
	n->mtime = stamp;
}

static void
op_setattr(void)
{
	int node = pick(0);
	struct node copy = now.nodes[node];
	struct ffs_attr a = random_attr(&copy);

	dd_err_clear(&e);
	if (ended(ffs_setattr(fs, copy.ino, &a, &e), ERR_NONE, "setattr"))
		now.nodes[node] = copy;
}

/* Every byte: what is allocated, and that what is not is zero. */
static void
compare_content(struct ffs *r, const struct node *n)
{
	static uint8_t got_buf[100000], want[100000];
	uint64_t start, end, off = 0, key;
	struct page *pg;
	size_t got, len, at = 0;

	for (;;) {
		T_OK(ffs_next_data(r, n->ino, off, &start, &end, &e));
		if (e.code != ERR_NONE || start == end)
			break;
		for (off = start; off < end; off += len) {
			len = end - off < sizeof(want) ? end - off :
			    sizeof(want);
			T_OK(ffs_read(r, n->ino, got_buf, len, off, &got,
			    &e));
			T_EQ(got, len);
			model_read(n, want, len, off);
			if (memcmp(got_buf, want, len) != 0) {
				T_FAIL("inode %u: content differs in [%llu, "
				    "+%zu)", n->ino, (unsigned long long)off,
				    len);
				return;
			}
		}
	}
	/* model pages outside of all ranges: must be zero */
	while ((pg = map_next(&n->pages, &at, &key)) != NULL) {
		T_OK(ffs_read(r, n->ino, got_buf, PAGE, key * PAGE, &got,
		    &e));
		if (memcmp(got_buf, pg->bytes, got) != 0)
			T_FAIL("inode %u: page %llu differs", n->ino,
			    (unsigned long long)key);
	}
}

static void
compare_node(struct ffs *r, const struct model *m, int i)
{
	const struct node *n = &m->nodes[i];
	struct ffs_stat st = { 0 };
	char target[2000];

	T_OK(ffs_stat(r, n->ino, &st, &e));
	T_EQ(st.type, n->type);
	T_EQ(st.perm, n->perm);
	T_EQ(st.uid, n->uid);
	T_EQ(st.gid, n->gid);
	T_EQ(st.flags, n->flags);
	T_EQ(st.rdev, n->rdev);
	T_EQ(st.nlink, nlink_of(m, i));
	T_EQ(st.mtime.sec, n->mtime.sec);
	T_EQ(st.mtime.nsec, n->mtime.nsec);
	if (n->type != FFS_DIR)
		T_EQ(st.size, n->size);
	if (n->type == FFS_REG)
		compare_content(r, n);
	if (n->type == FFS_LNK) {
		T_OK(ffs_readlink(r, n->ino, target, sizeof(target), &e));
		T_STR(target, n->target);
	}
}

static void
compare_tree(struct ffs *r, const struct model *m)
{
	struct ffs_dirent d;
	uint64_t at;
	size_t names = 0, seen = 0;
	uint32_t ino;
	unsigned k;
	int i, rc = 0;

	for (i = 0; i < NODES && !t_bad; i++) {
		const struct node *n = &m->nodes[i];

		if (n->type == 0)
			continue;
		compare_node(r, m, i);
		names += n->nnames;
		for (k = 0; k < n->nnames; k++) {
			T_OK(ffs_lookup(r, m->nodes[n->names[k].dir].ino,
			    n->names[k].name, &ino, &e));
			T_EQ(ino, n->ino);
		}
		if (n->type != FFS_DIR)
			continue;
		at = 0;
		dd_err_clear(&e);
		while ((rc = ffs_readdir(r, n->ino, &at, &d, &e)) == 1)
			seen++;
		T_EQ(rc, 0);
	}
	if (!t_bad)
		T_EQ(seen, names);
}

static void
complain(void *arg, const struct ffs_finding *f)
{
	(void)arg;
	T_FAIL("check: inode %u: %s", f->ino, f->text);
}

static void
check_disk(const struct model *m)
{
	struct ffs *r = NULL;
	unsigned found = 0;

	T_OK(ffs_open(memblk_open(&disk, false), 0, &r, &e));
	if (r == NULL)
		return;
	compare_tree(r, m);
	T_OK(ffs_check(r, complain, NULL, NULL, &found, &e));
	T_EQ(found, 0);
	ffs_close(r);
}

static void
drop(void)
{
	ffs_close(fs);
	fs = NULL;
}

static bool
reopen(void)
{
	T_OK(ffs_open(memblk_open(&disk, true), FFS_WRITE, &fs, &e));
	if (fs != NULL)
		ffs_set_time(fs, stamp);
	return fs != NULL;
}

static void
one_operation(void)
{
	static void (*const ops[])(void) = {
		op_make, op_make, op_make, op_make, op_link, op_remove,
		op_remove, op_rename, op_rename, op_write, op_write,
		op_write, op_write, op_truncate, op_truncate, op_setattr,
	};

	ops[rnd(sizeof(ops) / sizeof(ops[0]))]();
}

/* An image of our own format. */
static void
make_image(const struct ffs_format *f, uint64_t size, bool garbage)
{
	struct blk *b;

	seed = 42 + f->bsize + f->fsize + (uint64_t)f->version;
	T_EQ(memdisk_init(&disk, size), 0);
	/* What is not written holds garbage; but old kernels of NetBSD rely
	 * on zeros where inodes were never used. */
	if (garbage)
		memset(disk.data, 0xa5, size);
	b = memblk_open(&disk, true);
	T_OK(ffs_format(b, f, &e));
	T_OK(blk_flush(b, &e));
	blk_close(b);
}

/* Operations in a new directory of whatever is on the disk. */
static void
run(int operations, const char *keep)
{
	static const struct ffs_attr attr = {
		.mask = FFS_SET_PERM | FFS_SET_OWNER, .perm = 0755,
	};
	struct node *root = &now.nodes[0];
	FILE *out;
	int i;

	if (!reopen())
		return;
	*root = (struct node){ .type = FFS_DIR, .perm = 0755,
	    .mtime = stamp };
	T_OK(ffs_mkdir(fs, FFS_ROOT, "model", &attr, &root->ino, &e));
	T_OK(ffs_commit(fs, &e));
	model_copy(&committed, &now);
	for (i = 1; i <= operations && !t_bad; i++) {
		one_operation();
		if (rnd(60) != 0 && i != operations)
			continue;
		if (rnd(4) == 0 && i != operations) {
			/* as it is, or right before the end of a commit */
			if (rnd(2) == 0) {
				disk.fail_flush = 1;
				(void)ffs_commit(fs, &e);
				disk.fail_flush = 0;
			}
			model_copy(&now, &committed);
			drop();
		} else {
			T_OK(ffs_commit(fs, &e));
			model_copy(&committed, &now);
			if (rnd(2) == 0 && i != operations) {
				check_disk(&committed);
				continue;
			}
			drop();
		}
		check_disk(&committed);
		if (!t_bad && !reopen())
			break;
	}
	drop();
	if (keep != NULL && (out = fopen(keep, "wb")) != NULL) {
		(void)fwrite(disk.data, 1, disk.size, out);
		(void)fclose(out);
	}
	for (i = 0; i < NODES; i++) {
		node_free(&now.nodes[i]);
		node_free(&committed.nodes[i]);
	}
	memdisk_dispose(&disk);
}

static const char *kept;		/* directory for the images, or NULL */

static void
report(const char *name, int operations)
{
	char path[1000];

	(void)snprintf(path, sizeof(path), "%s/%s.img",
	    kept == NULL ? "" : kept, name);
	if (!t_bad)
		run(operations, kept == NULL ? NULL : path);
	t_count++;
	t_failed += t_bad;
	printf("%s %d - model_holds_on_%s\n", t_bad ? "not ok" : "ok",
	    t_count, name);
	fflush(stdout);
}

int
main(int argc, char **argv)
{
	/* made by NetBSD */
	static const char *const images[] = {
		"ffsv1", "ffsv2-4k4k", "makefs-v1", "log", "newfs-O0",
	};
	static const struct {
		int		version;
		uint32_t	bsize, fsize;
		unsigned	mib;
		int		operations;
	} geometries[] = {
		{ 1, 4096, 512, 4, 6000 }, { 2, 4096, 512, 4, 6000 },
		{ 1, 8192, 1024, 8, 4000 }, { 2, 8192, 8192, 8, 4000 },
		{ 1, 16384, 2048, 12, 4000 }, { 2, 16384, 4096, 12, 4000 },
		{ 1, 65536, 8192, 24, 2000 }, { 2, 65536, 65536, 32, 1000 },
		{ 2, 32768, 4096, 24, 2000 },
	};
	char path[1000], name[100];
	size_t i;

	kept = argc > 1 ? argv[1] : NULL;
	most_uid = 1 << 20;
	for (i = 0; i < sizeof(geometries) / sizeof(geometries[0]); i++) {
		const struct ffs_format f = {
			.version = geometries[i].version,
			.bsize = geometries[i].bsize,
			.fsize = geometries[i].fsize,
			.time = { 1000000000, 0 },
		};

		(void)snprintf(name, sizeof(name), "v%d-%u-%u", f.version,
		    f.bsize, f.fsize);
		t_bad = 0;
		make_image(&f, (uint64_t)geometries[i].mib << 20,
		    kept == NULL);
		report(name, geometries[i].operations);
	}
	for (i = 0; i < sizeof(images) / sizeof(images[0]); i++) {
		(void)snprintf(path, sizeof(path),
		    "tests/vectors/ffs/%s.img.zst", images[i]);
		t_bad = 0;
		most_uid = UINT16_MAX;
		T_EQ(memdisk_load(&disk, path), 0);
		report(images[i], 2000);
	}
	return t_done();
}
