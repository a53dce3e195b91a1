/*
 * check: is the file system consistent?
 *
 * The passes of fsck_ffs: inodes and their blocks, directories, connections,
 * link counts, maps and totals.  What is known of inodes and fragments is
 * kept by cylinder group, and only for groups that have any; memory goes with
 * what is in use, not with the size of the disk.
 */
#include <stdlib.h>
#include <string.h>

#include "core/ffs/check_impl.h"

struct ck_ino *
ck_ino(struct check *c, uint32_t ino)
{
	const struct ffs_sb *s = &c->fs->sb;
	uint32_t cg = ino / s->ipg, i = ino % s->ipg;

	if (cg >= s->ncg || i >= c->groups[cg].ninos ||
	    c->groups[cg].inos[i].state == CK_FREE)
		return NULL;
	return &c->groups[cg].inos[i];
}

struct ck_dir *
ck_dir(struct check *c, uint32_t ino)
{
	return map_get(&c->dirmap, ino);
}

int
ck_init(struct check *c, struct ffs *fs, ffs_finding_fn *fn, void *arg,
    struct progress *progress, struct dd_err *e)
{
	memset(c, 0, sizeof(*c));
	c->fs = fs;
	c->progress = progress;
	c->e = e;
	c->groups = calloc(fs->sb.ncg, sizeof(*c->groups));
	c->block = malloc(fs->sb.bsize);
	if (c->groups == NULL || c->block == NULL)
		return dd_fail_nomem(e);
	return ck_report_init(c, fn, arg);
}

void
ck_dispose(struct check *c)
{
	uint32_t cg;
	size_t i;

	for (cg = 0; c->groups != NULL && cg < c->fs->sb.ncg; cg++) {
		free(c->groups[cg].used);
		free(c->groups[cg].inos);
	}
	for (i = 0; i < c->ndirs; i++)
		free(c->dirs[i]);
	free(c->groups);
	free(c->dirs);
	free(c->lost);
	free(c->block);
	map_dispose(&c->dirmap);
	map_dispose(&c->dup_blocks);
	buf_dispose(&c->names);
	ck_report_dispose(c);
}

int
ck_run(struct check *c)
{
	if (ck_super(c) == -1 || ck_inodes(c) == -1 || ck_dirs(c) == -1 ||
	    ck_connect(c) == -1 || ck_links(c) == -1 || ck_maps(c) == -1)
		return -1;
	return ck_report_flush(c);
}

int
ffs_check(struct ffs *fs, ffs_finding_fn *fn, void *arg,
    struct progress *progress, unsigned *found, struct dd_err *e)
{
	struct check *c = malloc(sizeof(*c));
	int rc = -1;

	if (c == NULL)
		return dd_fail_nomem(e);
	if (ck_init(c, fs, fn, arg, progress, e) == 0 && ck_run(c) == 0) {
		*found = ck_count(c, CK_MENDABLE) + ck_count(c, CK_WORSE);
		rc = 0;
	}
	ck_dispose(c);
	free(c);
	return rc;
}
