/* drydock swap: another image takes the place of a domU's, or of several. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "core/base/fsutil.h"
#include "core/base/vis.h"
#include "core/cmd/etc_attention.h"
#include "core/cmd/managing.h"
#include "core/cmd/swap_many.h"
#include "core/fleet/examine.h"
#include "core/recipe/kernel.h"

struct swapping {
	struct managing		 m;
	struct image_args	 image;
	bool			 strict, all;
	const char		*role;		/* with all, or NULL */
	const char		*source;
	char			*source_path, *params;
	unsigned		 warnings;
	char			 first[256];
};

static void
warn(void *arg, const char *text)
{
	struct swapping *s = arg;
	char name[512];

	if (s->warnings++ == 0)
		(void)snprintf(s->first, sizeof(s->first), "%s", text);
	vis_str(name, sizeof(name), s->source);
	if (!s->strict)
		fprintf(stderr, "drydock: warning: %s: %s\n", name, text);
}

/* Look at what shall come. */
static int
examine(struct swapping *s, struct dd_err *e)
{
	struct image_opts opts = { .write = false };

	if (image_args_opts(&s->image, &opts, e) == -1 ||
	    examine_image(s->source, s->m.t.role, &opts, warn, s, e) == -1)
		return -1;
	if (s->warnings == 0 || !s->strict)
		return 0;
	(void)dd_fail(e, ERR_FORMAT, "%s: %s", s->source, s->first);
	return dd_hint(e, "without --strict that is only a warning");
}

static int
take_kernel(struct swapping *s, const struct cmd_env *env, struct dd_err *e)
{
	const struct fleet_image *img = s->m.t.disk->image;
	const char *kernel = s->m.p.kernel, *other;
	size_t i;

	if (s->m.p.new_kernel == NULL)
		return 0;
	if (s->m.t.role != ROLE_ROOT) {
		(void)dd_fail(e, ERR_USAGE, "--kernel goes with a root");
		return dd_hint(e, "DOMU:root");
	}
	if (kernel == NULL) {
		(void)dd_fail(e, ERR_NOENT, "%s: its configuration names no "
		    "kernel", s->m.t.domu->name);
		return dd_hint(e, "kernel = \"/path\" says which file is to "
		    "change");
	}
	for (i = 0; i < img->nusers; i++) {
		other = s->m.fleet->domus[img->users[i]].kernel;
		if (other != NULL && strcmp(other, kernel) == 0)
			continue;
		(void)dd_fail(e, ERR_CONFIG, "%s starts with another kernel "
		    "than %s: %s", s->m.fleet->domus[img->users[i]].name,
		    s->m.t.domu->name, other != NULL ? other : "none");
		return dd_hint(e, "all domUs of a root must name the same "
		    "file for --kernel");
	}
	return kernel_check(s->m.p.new_kernel, env->progress, e);
}

static int
swap(struct swapping *s, const struct cmd_env *env, const char *word,
    struct dd_err *e)
{
	struct managing *m = &s->m;

	if (managing_find(m, env, word, "swap", e) == -1)
		return -1;
	if (m->t.n != 0) {
		(void)dd_fail(e, ERR_USAGE, "%s: swap takes a file from "
		    "outside", word);
		return dd_hint(e, "drydock rollback --to %u goes to a "
		    "generation", m->t.n);
	}
	if ((s->source_path = fs_absolute(s->source, e)) == NULL ||
	    take_kernel(s, env, e) == -1 || examine(s, e) == -1)
		return -1;
	if (s->image.params != NULL &&
	    (s->params = fs_absolute(s->image.params, e)) == NULL)
		return -1;
	m->p.source = s->source_path;
	m->p.params = s->params;
	return managing_run(m, e);
}

static int
report(struct swapping *s, struct dd_err *e)
{
	struct etc_attention a = ETC_ATTENTION_INIT;
	struct managing *m = &s->m;
	int rc = -1;

	if (m->t.role != ROLE_ROOT)
		return managing_report(m, NULL, NULL, NULL, e);
	if (etc_attention(&a, m, e) == 0)
		rc = managing_report(m, "etc", json_object_get(a.json),
		    &a.text, e);
	etc_attention_dispose(&a);
	return rc;
}

static int
role_of(const struct swapping *s, enum fleet_role *role, struct dd_err *e)
{
	int r;

	*role = ROLE_PKG;
	if (s->role == NULL)
		return 0;
	if (!s->all)
		return dd_fail(e, ERR_USAGE, "--role goes with --all");
	if ((r = fleet_role_parse(s->role)) == -1 || r == ROLE_OTHER) {
		(void)dd_fail(e, ERR_USAGE, "--role %s: not a role", s->role);
		return dd_hint(e, "root, swap, local or pkg");
	}
	*role = (enum fleet_role)r;
	return 0;
}

static int
swap_several(struct swapping *s, const struct cmd_env *env, char **words,
    size_t n, struct dd_err *e)
{
	struct swap_many many = { .m = &s->m, .env = env,
	    .kernel = s->m.p.new_kernel, .strict = s->strict };
	char width[24], sector_size[24];

	if (s->image.passphrase.fd != NULL ||
	    s->image.passphrase.command != NULL ||
	    s->image.passphrase.key_fd != NULL) {
		(void)dd_fail(e, ERR_USAGE, "a passphrase is for one image");
		return dd_hint(e, "swap them one by one, or give parameters "
		    "with a stored key");
	}
	if (s->all && n > 0) {
		(void)dd_fail(e, ERR_USAGE, "--all and %s: which of them?",
		    words[0]);
		return dd_hint(e, "leave one of them out");
	}
	if (role_of(s, &s->m.t.role, e) == -1 ||
	    managing_load(&s->m, env, e) == -1 ||
	    (n > 0 && target_find(s->m.fleet, words[0], &s->m.t, e) == -1) ||
	    (s->source_path = fs_absolute(s->source, e)) == NULL ||
	    examine(s, e) == -1)
		return -1;
	if (s->image.params != NULL &&
	    (s->params = fs_absolute(s->image.params, e)) == NULL)
		return -1;
	many.source = s->source_path;
	many.params = s->params;
	if (s->m.rolling.width != 0) {
		(void)snprintf(width, sizeof(width), "%llu",
		    (unsigned long long)s->m.rolling.width);
		many.width = width;
	}
	many.part = s->image.part;
	if (s->image.sector_size != 0) {
		(void)snprintf(sector_size, sizeof(sector_size), "%llu",
		    (unsigned long long)s->image.sector_size);
		many.sector_size = sector_size;
	}
	if (s->m.p.new_kernel != NULL && s->m.t.role != ROLE_ROOT) {
		(void)dd_fail(e, ERR_USAGE, "--kernel goes with a root");
		return dd_hint(e, "DOMU:root, or --all --role root");
	}
	return swap_many(&many, words, n, s->m.t.role, e);
}

static int
swap_one(struct swapping *s, const struct cmd_env *env, const char *word,
    struct dd_err *e)
{
	struct dd_err why = DD_ERR_INIT;
	int rc = swap(s, env, word, e);

	if (rc == 0) {
		rc = report(s, e);
		/* also where nobody reads the report */
		if (managing_watch(&s->m, env, &why) == -1) {
			*e = why;
			rc = -1;
		}
	}
	return managing_end(&s->m, rc, e);
}

int
cmd_swap(const struct cmd_env *env, int argc, char **argv, struct dd_err *e)
{
	struct swapping s = { .strict = false };
	const struct arg args[] = {
		{ 0, "all", ARG_FLAG, &s.all, NULL,
		    "of every domU, one after the other" },
		{ 0, "role", ARG_STRING, &s.role, "ROLE",
		    "with --all: which disk (pkg)" },
		{ 0, "move", ARG_FLAG, &s.m.p.move, NULL,
		    "move the file instead of copying it" },
		{ 0, "keep-original", ARG_FLAG, &s.m.p.keep_orig, NULL,
		    "keep an untouched copy, for rollback --pristine" },
		{ 0, "note", ARG_STRING, &s.m.p.note, "TEXT",
		    "why, for generations and history" },
		{ 0, "kernel", ARG_STRING, &s.m.p.new_kernel, "FILE",
		    "with a root: the kernel that goes with it" },
		{ 0, "strict", ARG_FLAG, &s.strict, NULL,
		    "refuse what else is a warning" },
		MANAGING_ARGS(s.m),
		MANAGING_BOOT_ARGS(s.m),
		IMAGE_ARGS(s.image),
		{ 0, NULL, ARG_FLAG, NULL, NULL, NULL }
	};
	int rc;

	if ((rc = args_parse(args, &argc, argv, 1, -1, e)) != 0)
		return rc == 1 ? 0 : -1;
	s.source = argv[argc - 1];
	if (s.all || argc > 3) {
		rc = swap_several(&s, env, argv + 1, (size_t)argc - 2, e);
		managing_dispose(&s.m);
	} else if (argc == 3)
		rc = s.role != NULL ? role_of(&s, &s.m.t.role, e) :
		    swap_one(&s, env, argv[1], e);
	else
		rc = args_missing(e);
	free(s.source_path);
	free(s.params);
	return rc;
}
