/* What is in the disks of a domU that is adopted; see adopt.h. */
#include <string.h>

#include "core/fleet/adopt.h"
#include "core/fleet/fleet_impl.h"

/* What is in the image?  That it can't be told is no error, unless it may be
 * told later: it is being re-encrypted. */
static int
look(struct adoption *a, size_t i, struct dd_err *e)
{
	const struct fleet_disk *d = &a->domu.disks[i];
	struct adopt_disk *ad = &a->disks[i];
	struct dd_err why = DD_ERR_INIT;
	struct image_opts o = { .write = false };

	if (!roles_counts(d))
		return 0;
	if (image_recognize(d->target, &o, &ad->what, &why) == 0)
		ad->looked = true;
	else if (why.code == ERR_NOMEM || why.code == ERR_HELD) {
		*e = why;
		return -1;
	} else if ((ad->trouble = strdup(why.msg)) == NULL)
		return dd_fail_nomem(e);
	return 0;
}

/*
 * A swap that was in use looks like a cgd, too, so every disk that does is
 * tried.  What is asked for one of them is remembered for the others.
 */
struct memory {
	struct cgd_asker	 asker;
	struct cgd_asker	*real;
	struct secret		 said[2 * CGD_KEYGENS_MAX];	/* re-enter */
	unsigned		 nsaid, at;
};

static int
remember(struct cgd_asker *asker, const char *prompt, struct secret *pass,
    struct dd_err *e)
{
	struct memory *m = (struct memory *)asker;
	struct secret *said = &m->said[m->at];

	if (m->at == m->nsaid) {
		if (m->real->passphrase(m->real, prompt, said, e) == -1)
			return -1;
		m->nsaid++;
	}
	m->at++;
	if (secret_alloc(pass, said->len, e) == -1)
		return -1;
	memcpy(pass->p, said->p, said->len);
	return 0;
}

static int
may_run(struct cgd_asker *asker, const char *cmd, struct dd_err *e)
{
	struct cgd_asker *real = ((struct memory *)asker)->real;

	return real->may_run == NULL ? 0 : real->may_run(real, cmd, e);
}

static void
forget(struct memory *m)
{
	unsigned i;

	for (i = 0; i < m->nsaid; i++)
		secret_free(&m->said[i]);
}

/* Do the params open the disk?  1: yes, and what is in it is known now. */
static int
unlock(struct adoption *a, size_t i, const char *params, struct memory *m,
    struct dd_err *e)
{
	const struct image_opts o = { .params = params, .asker = &m->asker };
	struct adopt_disk *ad = &a->disks[i];
	struct dd_err why = DD_ERR_INIT;
	struct recognized what;

	m->at = 0;
	if (image_recognize(a->domu.disks[i].target, &o, &what, &why) ==
	    -1) {
		if (why.code == ERR_PERM)	/* of another image */
			return 0;
		*e = why;
		return -1;
	}
	if (what.probe.kind == PROBE_ENCRYPTED ||
	    what.probe.kind == PROBE_UNKNOWN)
		return 0;
	ad->what = what;
	ad->params = strdup(params);
	return ad->params == NULL ? dd_fail_nomem(e) : 1;
}

/* Find what the params are for. */
static int
unlock_all(struct adoption *a, const struct adopt_opts *o, struct dd_err *e)
{
	struct memory m = { .asker = { .passphrase = remember,
	    .may_run = may_run }, .real = o->asker };
	unsigned opened = 0;
	size_t i;
	int r = 0;

	for (i = 0; i < a->domu.ndisks && r != -1; i++)
		if (a->disks[i].what.encrypted) {
			r = unlock(a, i, o->params, &m, e);
			opened += r == 1;
		}
	forget(&m);
	if (r == -1)
		return -1;
	if (opened > 0)
		return 0;
	(void)dd_fail(e, ERR_PERM, "%s: opens none of the domU's disks",
	    o->params);
	return dd_hint(e, "a wrong passphrase, or the parameters of another "
	    "image");
}

int
adopt_look(struct adoption *a, const struct adopt_opts *o, struct dd_err *e)
{
	size_t i;

	for (i = 0; i < a->domu.ndisks; i++)
		if (look(a, i, e) == -1)
			return -1;
	return o->params != NULL ? unlock_all(a, o, e) : 0;
}
