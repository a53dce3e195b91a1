/*
 * prepare root: make an installed NetBSD the read-only root of a fleet.
 *
 * What the setup_root of 2006 did, with what was seen when the scheme was
 * booted on today's NetBSD; root_rules.c has the edits.
 */
#include <stdio.h>
#include <string.h>

#include "core/recipe/kernel.h"
#include "core/recipe/recipe.h"
#include "core/recipe/root_rules.h"

/* Releases whose `MAKEDEV init' knows the domU's devices by itself. */
#define MAKEDEV_KNOWS_XEN	5

static int
step_release(struct tree *t, struct prepare_root *p, struct dd_err *e)
{
	return release_find(t, &p->release, e);
}

static int
step_kernel(struct tree *t, struct prepare_root *p, struct dd_err *e)
{
	return kernel_install(t, p->kernel, p->progress, e);
}

static int
step_makedev(struct tree *t, struct prepare_root *p, struct dd_err *e)
{
	static const char path[] = "/dev/MAKEDEV";
	struct tree_stat st;

	if (p->release.major < MAKEDEV_KNOWS_XEN) {
		if (recipe_edit(t, path, &root_makedev_2006, &p->disks,
		    e) == -1)
			return -1;
		return recipe_edit(t, path, &root_no_hardware, NULL, e);
	}
	if (p->disks > 4)
		return recipe_edit(t, path, &root_makedev, &p->disks, e);
	return recipe_expect(t, path, "init makes /dev with it", &st, e);
}

/* The names in /dev that go, each terminated. */
static int
nodes_of_dev(struct tree *t, struct buf *names, struct dd_err *e)
{
	struct tree_dirent d;
	struct tree_node dev;
	struct tree_stat st;
	uint64_t at = 0;
	int r;

	if (tree_lookup(t, "/dev", false, &dev, &st, e) == -1)
		return -1;
	r = st.type == TREE_DIR ? 1 : dd_fail(e, ERR_RULE, "/dev: is no "
	    "directory (rule: init makes /dev)");
	while (r == 1 &&
	    (r = t->ops->readdir(t, dev, &at, &d, e)) == 1)
		if (d.name[0] >= 'a' && d.name[0] <= 'z' &&
		    buf_add(names, d.name, strlen(d.name) + 1) == -1)
			r = dd_fail_nomem(e);
	t->ops->put(t, dev);
	return r;
}

/*
 * init(8) makes a memory /dev only where there is no /dev/console.  What
 * begins with a small ASCII letter is a node, or a folder of nodes; MAKEDEV and
 * MAKEDEV.local stay.
 */
static int
step_dev(struct tree *t, struct prepare_root *p, struct dd_err *e)
{
	char path[TREE_NAME_MAX + 8];
	struct buf names = BUF_INIT;
	size_t at;
	int rc = nodes_of_dev(t, &names, e);

	(void)p;
	for (at = 0; rc == 0 && at < names.len;
	    at += strlen(names.p + at) + 1) {
		(void)snprintf(path, sizeof(path), "/dev/%s", names.p + at);
		rc = tree_remove(t, path, e);
	}
	buf_dispose(&names);
	return rc;
}

static int
step_directories(struct tree *t, struct prepare_root *p, struct dd_err *e)
{
	static const char *const dirs[] = { "/emul", "/local", "/usr/pkg",
	    "/kern", "/proc" };
	size_t i;

	(void)p;
	for (i = 0; i < sizeof(dirs) / sizeof(dirs[0]); i++)
		if (recipe_mkdir(t, dirs[i], e) == -1)
			return -1;
	return 0;
}

/* Whoever has changed fstab since, and kept what matters, keeps it all. */
static int
step_fstab(struct tree *t, struct prepare_root *p, struct dd_err *e)
{
	static const char path[] = "/etc/fstab";
	struct buf text = BUF_INIT;
	bool serves = false;
	int rc = 0;

	(void)p;
	if (tree_exists(t, path)) {
		rc = tree_read_file(t, path, RECIPE_TEXT_MAX, &text, e);
		serves = rc == 0 && root_fstab_serves(text.p, text.len);
	}
	buf_dispose(&text);
	if (rc == -1 || serves)
		return rc;
	return recipe_write(t, path, root_fstab, strlen(root_fstab), 0644,
	    true, e);
}

static int
step_hook(struct tree *t, struct prepare_root *p, struct dd_err *e)
{
	(void)p;
	if (recipe_write(t, "/etc/rc.pre-hooks", root_pre_hooks,
	    strlen(root_pre_hooks), 0644, false, e) == -1)
		return -1;
	return recipe_edit(t, "/etc/rc", &root_rc, NULL, e);
}

static const struct {
	const char	*what;
	int		(*run)(struct tree *, struct prepare_root *,
			    struct dd_err *);
} steps[] = {
	{ "looking for the release", step_release },
	{ "copying the kernel", step_kernel },
	{ "editing /dev/MAKEDEV", step_makedev },
	{ "hooking /etc/rc", step_hook },
	{ "writing /etc/fstab", step_fstab },
	{ "making directories", step_directories },
	{ "emptying /dev", step_dev },
};

#define NSTEPS	(sizeof(steps) / sizeof(steps[0]))

int
prepare_root(struct tree *t, struct prepare_root *p, struct dd_err *e)
{
	size_t i;

	for (i = 0; i < NSTEPS; i++)
		if (progress_tick(p->progress, steps[i].what, i, NSTEPS,
		    e) == -1 || steps[i].run(t, p, e) == -1)
			return -1;
	return 0;
}
