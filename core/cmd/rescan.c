/*
 * drydock rescan: make the history know the generations that the images'
 * folders hold.  A damaged history is moved aside first.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "core/base/fsutil.h"
#include "core/cmd/fleet_out.h"
#include "core/cmd/managing.h"

struct scanning {
	struct managing	 m;
	struct db	*db;
	char		*moved;		/* the damaged one */
	unsigned	 images, generations;
	unsigned	 failed;	/* images that can't be looked at */
	struct dd_err	 first;
};

/* The checksum that stands beside a generation; "" where there is none. */
static void
read_sum(const struct store *s, uint32_t n, char sum[65])
{
	struct dd_err ignored = DD_ERR_INIT;
	char *path = store_beside(s, n, "sha256");
	struct buf b = BUF_INIT;

	sum[0] = '\0';
	if (path != NULL && fs_read_regular(path, 8192, &b, NULL,
	    &ignored) == 0 && b.len > 64 && strspn(b.p,
	    "0123456789abcdef") == 64)
		(void)snprintf(sum, 65, "%s", b.p);
	buf_dispose(&b);
	free(path);
}

static int
scan_image(struct scanning *sc, const char *image, struct dd_err *e)
{
	struct db_generation g;
	struct store *s = NULL;
	char sum[65];
	size_t i;
	int rc;

	if (store_open(image, &s, e) == -1)
		return -1;
	sc->images++;
	for (i = 0, rc = 0; i < s->n && rc == 0; i++) {
		read_sum(s, s->v[i].name.n, sum);
		g = (struct db_generation){ .image = s->image,
		    .n = s->v[i].name.n, .time = s->v[i].name.time,
		    .sha256 = sum[0] != '\0' ? sum : NULL };
		rc = db_put_generation(sc->db, &g, e);
		sc->generations++;
	}
	store_close(s);
	return rc;
}

/* One that can't be looked at does not keep the others out. */
static void
scan_or_tell(struct scanning *sc, const char *image)
{
	struct dd_err why = DD_ERR_INIT;

	if (scan_image(sc, image, &why) == -1 && sc->failed++ == 0)
		sc->first = why;
}

static int
scan(struct scanning *sc, struct dd_err *e)
{
	const struct fleet *f = sc->m.fleet;
	char *moved = NULL;
	size_t i;

	if (db_mend(sc->m.conf.state_dir, &sc->moved, e) == -1 ||
	    db_open(sc->m.conf.state_dir, &sc->db, &moved, e) == -1)
		return -1;
	if (sc->moved == NULL)
		sc->moved = moved;
	else
		free(moved);
	if (db_begin(sc->db, e) == -1)
		return -1;
	for (i = 0; i < f->nimages; i++)
		if (store_managed(f->images[i]->path))
			scan_or_tell(sc, f->images[i]->path);
	return db_commit(sc->db, e);
}

static int
report(const struct scanning *sc, struct dd_err *e)
{
	struct json_object *o;
	struct buf b = BUF_INIT;

	if (sc->m.json) {
		o = json_object_new_object();
		json_set_string(o, "moved_aside", sc->moved);
		json_set_size(o, "images", sc->images);
		json_set_size(o, "generations", sc->generations);
		return cmd_print_json(o, e);
	}
	if (sc->moved != NULL) {
		(void)buf_str(&b, "the history was damaged: it is now ");
		fleet_out_text(&b, sc->moved);
		(void)buf_str(&b, "; notes and old jobs stay there\n");
	}
	(void)buf_printf(&b, "%u images, %u generations\n", sc->images,
	    sc->generations);
	return fleet_out_print(&b, e);
}

int
cmd_rescan(const struct cmd_env *env, int argc, char **argv,
    struct dd_err *e)
{
	struct scanning sc = { .db = NULL, .first = DD_ERR_INIT };
	const struct arg args[] = {
		{ 0, "json", ARG_FLAG, &sc.m.json, NULL, "as JSON" },
		{ 0, NULL, ARG_FLAG, NULL, NULL, NULL }
	};
	int rc;

	if ((rc = args_parse(args, &argc, argv, 0, 0, e)) != 0)
		return rc == 1 ? 0 : -1;
	rc = managing_load(&sc.m, env, e);
	if (rc == 0)
		rc = scan(&sc, e);
	if (rc == 0) {
		cmd_done();
		rc = report(&sc, e);
	}
	if (rc == 0 && sc.failed > 0) {
		rc = dd_fail(e, ERR_PARTLY, "%u could not be looked at: %s",
		    sc.failed, sc.first.msg);
		(void)dd_hint(e, "%s", sc.first.hint[0] != '\0' ?
		    sc.first.hint : "mend that, then repeat the command");
	}
	db_close(sc.db);
	free(sc.moved);
	managing_dispose(&sc.m);
	return rc;
}
