/* What is told of Xen, and what that makes of a fleet. */
#include <poll.h>

#include "core/fleet/live.h"
#include "tests/unit/t.h"
#include "xen/told.h"
#include "xen/xen.h"

static struct dd_err e;

/* -- shares of processors ------------------------------------------------- */

static void
cpu_share(void)
{
	const uint64_t s = 1000000000;

	T_EQ(live_cpu_share(0, s, 1000), 1000);		/* one, all the time */
	T_EQ(live_cpu_share(5 * s, 5 * s + s / 4, 1000), 250);
	T_EQ(live_cpu_share(0, 8 * s, 1000), 8000);	/* eight of them */
	T_EQ(live_cpu_share(s, s, 1000), 0);
	T_EQ(live_cpu_share(0, 60 * s, 3600000), 16);
	/* it started anew; no time; a clock that went back */
	T_EQ(live_cpu_share(s, s - 1, 1000), -1);
	T_EQ(live_cpu_share(s, s - 1, 100000000), -1);
	T_EQ(live_cpu_share(0, s, 0), -1);
	T_EQ(live_cpu_share(0, s, -5), -1);
	T_EQ(live_cpu_share(0, UINT64_MAX, 1), -1);
}

static void
shares(void)
{
	struct xen_domain d[3] = { { .id = 1, .cpu_time = 0 },
	    { .id = 2, .cpu_time = 7000000000 } };
	struct xen_now now = { .at = 5000, .domains = d, .ndomains = 2 };
	struct live_shares s = { .v = NULL };

	T_OK(live_shares_take(&s, &now, &e));
	T_EQ(d[0].cpu, -1);		/* the first time */
	T_EQ(d[1].cpu, -1);

	now.at = 7000;			/* two seconds later */
	d[0].cpu_time = 1000000000;
	T_OK(live_shares_take(&s, &now, &e));
	T_EQ(d[0].cpu, 500);
	T_EQ(d[1].cpu, 0);

	now.at = 7300;			/* too soon: as it was */
	d[0].cpu_time = 9000000000;
	d[2] = (struct xen_domain){ .id = 3 };
	now.ndomains = 3;
	T_OK(live_shares_take(&s, &now, &e));
	T_EQ(d[0].cpu, 500);
	T_EQ(d[2].cpu, -1);

	now.at = 9000;			/* from the moment that counted */
	d[0].cpu_time = 1500000000;
	d[1].cpu_time = 6000000000;	/* less than it had: another one */
	T_OK(live_shares_take(&s, &now, &e));
	T_EQ(d[0].cpu, 250);
	T_EQ(d[1].cpu, -1);
	T_EQ(d[2].cpu, -1);
	live_shares_dispose(&s);
	live_shares_dispose(&s);
}

static void
marks(void)
{
	struct xen_domain d[2] = { { .id = 1, .name = (char *)"a" },
	    { .id = 2 } };
	struct xen_now now = { .at = 1, .domains = d, .ndomains = 2 };
	const uint64_t mark = live_mark(&now);

	now.at = 2;
	d[0].cpu_time = 5;
	d[0].memory = 7;
	T(live_mark(&now) == mark);	/* figures alone */
	d[0].state = XEN_PAUSED;
	T(live_mark(&now) != mark);
	d[0].state = XEN_RUNNING;
	d[1].id = 3;
	T(live_mark(&now) != mark);
	d[1].id = 2;
	d[0].name = (char *)"b";
	T(live_mark(&now) != mark);
	d[0].name = (char *)"a";
	now.changes++;
	T(live_mark(&now) != mark);
	now.changes--;
	T(live_mark(&now) == mark);
	now.ndomains = 1;
	T(live_mark(&now) != mark);
}

/* -- laid over a fleet ---------------------------------------------------- */

static struct fleet *
small_fleet(void)
{
	static const char *const names[] = { "?", "?", "a", "b", "b" };
	struct fleet *f = calloc(1, sizeof(*f));
	size_t i;

	f->ndomus = 5;
	f->domus = calloc(f->ndomus, sizeof(*f->domus));
	for (i = 0; i < f->ndomus; i++) {
		f->domus[i].name = strdup(names[i]);
		if (i >= 2)
			f->domus[i].cfg = strdup("x.cfg");
		else
			f->domus[i].id = 4 + (unsigned)i;
		f->domus[i].memory = 512;
		f->domus[i].cpu = -1;
	}
	f->asked = 100;
	return f;
}

static void
followed(void)
{
	struct fleet *f = small_fleet();
	struct xen_domain d[] = {
		{ .name = (char *)"a", .id = 9, .state = XEN_PAUSED,
		    .memory = 64, .vcpus = 2, .cpu_time = 5, .started = 1000,
		    .cpu = 123 },
		{ .id = 5, .state = XEN_DYING, .cpu = -1 },
		{ .name = (char *)"new", .id = 11 },
	};
	struct xen_now now = { .at = 200, .domains = d, .ndomains = 3,
	    .host = { .version = "4.17", .cpus = 4 } };

	f->xen = strdup("Xen has not answered yet");
	f->domus[3].state = STATE_UNKNOWN;
	live_follow(f, &now);
	T(f->xen == NULL);
	T_EQ(f->host.cpus, 4);
	T_EQ(f->ndomus, 5);
	T_EQ(f->domus[2].state, STATE_PAUSED);
	T_EQ(f->domus[2].id, 9);
	T_EQ(f->domus[2].memory, 64);
	T_EQ(f->domus[2].vcpus, 2);
	T_EQ(f->domus[2].cpu_time, 5);
	T_EQ(f->domus[2].cpu, 123);
	T_EQ(fleet_uptime(&f->domus[2], 1060), 60);
	T_EQ(fleet_uptime(&f->domus[2], 999), -1);
	/* those without a name, by number */
	T_EQ(f->domus[0].state, STATE_OFF);
	T_EQ(f->domus[1].state, STATE_DYING);
	T_EQ(f->domus[1].memory, 512);
	T_EQ(f->domus[3].state, STATE_OFF);

	/* it goes: nothing of it stays but what is configured */
	now.ndomains = 0;
	live_follow(f, &now);
	T_EQ(f->domus[2].state, STATE_OFF);
	T_EQ(f->domus[2].id, 0);
	T_EQ(f->domus[2].cpu, -1);
	T_EQ(fleet_uptime(&f->domus[2], 1060), -1);

	/* two configurations of a name */
	d[0].name = (char *)"b";
	now.ndomains = 1;
	live_follow(f, &now);
	T_EQ(f->domus[3].state, STATE_PAUSED);
	T_EQ(f->domus[4].state, STATE_PAUSED);

	/* what the fleet knows is newer: only the share is taken, and only
	 * where it is the same one */
	f->asked = 300;
	d[0].state = XEN_CRASHED;
	d[0].cpu = 7;
	f->domus[4].id = 8;
	live_follow(f, &now);
	T_EQ(f->domus[3].state, STATE_PAUSED);
	T_EQ(f->domus[3].cpu, 7);
	T_EQ(f->domus[4].cpu, 123);
	fleet_free(f);
}

static void
lost(void)
{
	struct fleet *f = small_fleet();
	struct dd_err why = DD_ERR_INIT;

	f->domus[2].state = STATE_RUNNING;
	f->domus[2].id = 3;
	f->domus[2].started = 50;
	f->host.cpus = 4;
	(void)dd_fail(&why, ERR_IO, "xenstored does not answer");
	live_lose(f, &why);
	T_STR(f->xen, "xenstored does not answer");
	T_EQ(f->domus[2].state, STATE_UNKNOWN);
	T_EQ(f->domus[2].id, 0);
	T_EQ(fleet_uptime(&f->domus[2], 60), -1);
	T_EQ(f->host.cpus, 0);
	dd_err_clear(&why);
	(void)dd_fail(&why, ERR_NOENT, "no Xen here");
	live_lose(f, &why);
	T_STR(f->xen, "no Xen here");
	T_EQ(f->domus[2].state, STATE_OFF);
	fleet_free(f);
}

/* -- what is told --------------------------------------------------------- */

/* The words of one message, each ending in '|'. */
static void
put(struct buf *b, const char *words)
{
	char length[24], *p;

	(void)snprintf(length, sizeof(length), "%zu", strlen(words));
	T(buf_add(b, length, strlen(length) + 1) == 0);
	T(buf_str(b, words) == 0);
	for (p = b->p + b->len - strlen(words); p < b->p + b->len; p++)
		if (*p == '|')
			*p = '\0';
}

static void
told(void)
{
	struct buf all = BUF_INIT, b = BUF_INIT;
	int got[4] = { 0 };
	struct told t;
	size_t i;

	put(&all, "host|4.17.3|8589934592|1073741824|4|");
	put(&all, "domains|77|3|"
	    "domain|1|1|2048|2|99|1000|end|"
	    "disk|xvda|/a b|block|w|||connected||7:1f|"
	    "disk|xvdb||||cdrom|elsewhere|||:|"
	    "domain|2|0|0|0|0|0||");
	put(&all, "silent|");
	/* byte by byte: nothing is taken before it is whole */
	for (i = 0; i < all.len; i++) {
		T(buf_add(&b, all.p + i, 1) == 0);
		dd_err_clear(&e);
		switch (told_take(&b, &t, &e)) {
		case 0:
			continue;
		case -1:
			T_FAIL("%s", e.msg);
			continue;
		}
		T_EQ(b.len, 0);
		got[t.kind == TOLD_HOST ? 0 : t.kind == TOLD_DOMAINS ? 1 :
		    t.kind == TOLD_SILENT ? 2 : 3]++;
		if (t.kind == TOLD_HOST) {
			T_STR(t.now.host.version, "4.17.3");
			T_EQ(t.now.host.memory, 8589934592);
			T_EQ(t.now.host.free, 1073741824);
			T_EQ(t.now.host.cpus, 4);
		} else if (t.kind == TOLD_DOMAINS) {
			T_EQ(t.now.at, 77);
			T_EQ(t.now.changes, 3);
			T_EQ(t.now.ndomains, 2);
			T_STR(t.now.domains[0].name, "end");
			T_EQ(t.now.domains[0].state, XEN_PAUSED);
			T_EQ(t.now.domains[0].memory, 2048 << 10);
			T_EQ(t.now.domains[0].started, 1000);
			T_EQ(t.now.domains[0].cpu, -1);
			T_EQ(t.now.domains[0].ndisks, 2);
			T_STR(t.now.domains[0].disks[0].target, "/a b");
			T_EQ(t.now.domains[0].disks[0].phys_minor, 0x1f);
			T(!t.now.domains[0].disks[0].elsewhere);
			T(t.now.domains[0].disks[1].cdrom);
			T(t.now.domains[0].disks[1].elsewhere);
			T(t.now.domains[0].disks[1].target == NULL);
			T_EQ(t.now.domains[1].id, 2);
			T(t.now.domains[1].name == NULL);
		}
		told_dispose(&t);
	}
	T_EQ(got[0], 1);
	T_EQ(got[1], 1);
	T_EQ(got[2], 1);
	T_EQ(got[3], 0);
	buf_dispose(&all);
	buf_dispose(&b);
}

static void
told_nonsense(void)
{
	static const char *const rows[] = { "x", "0", "17000000",
	    "123456789012345678901234567890" };
	struct buf b = BUF_INIT;
	struct told t;
	size_t i;

	for (i = 0; i < 4; i++) {
		buf_reset(&b);
		T(buf_add(&b, rows[i], strlen(rows[i]) + 1) == 0);
		T_ERR(told_take(&b, &t, &e), ERR_FORMAT);
	}
	buf_reset(&b);
	put(&b, "domains|1|0|domain|1|0|1|1|1|1|a|more|");
	T_ERR(told_take(&b, &t, &e), ERR_FORMAT);
	buf_reset(&b);
	put(&b, "host|4|1|1|1|more|");
	T_ERR(told_take(&b, &t, &e), ERR_FORMAT);
	buf_dispose(&b);
}

static void
failures(void)
{
	struct told t = { .kind = TOLD_NONE };

	T_ERR(told_failure(&t, true, &e), ERR_NOENT);
	T_STR(e.msg, "no Xen here");
	t.kind = TOLD_SILENT;
	T_ERR(told_failure(&t, true, &e), ERR_IO);
	T_STR(e.msg, "xenstored does not answer");
	T_ERR(told_failure(&t, false, &e), ERR_IO);
	T_STR(e.msg, "Xen does not answer");
	t = (struct told){ .kind = TOLD_FAILED, .sys = 13 };
	T_ERR(told_failure(&t, false, &e), ERR_PERM);
	T_STR(e.hint, "only root may");
	t.sys = 0;
	T_ERR(told_failure(&t, false, &e), ERR_IO);
}

/* Whatever this machine is, its own Xen answers or says why not, each way. */
static void
for_real(void)
{
	struct xen_watch *w = NULL;
	struct xen_now now = { .at = 0 };
	struct pollfd p = { .events = POLLIN };
	struct xen_host host;
	int rc;

	dd_err_clear(&e);
	if (xen_host(&host, &e) == -1)
		T(e.code != ERR_NONE && e.msg[0] != '\0');
	T_OK(xen_watch_open(3600, &w, &e));
	dd_err_clear(&e);
	while ((rc = xen_watch_read(w, &now, &e)) == 0) {
		p.fd = xen_watch_fd(w);
		(void)poll(&p, 1, -1);
	}
	T(rc == 1 || e.msg[0] != '\0');
	xen_domains_free(now.domains, now.ndomains);
	xen_watch_kick(w);
	xen_watch_close(w);
}

int
main(void)
{
	T_RUN(cpu_share);
	T_RUN(shares);
	T_RUN(marks);
	T_RUN(followed);
	T_RUN(lost);
	T_RUN(told);
	T_RUN(told_nonsense);
	T_RUN(failures);
	T_RUN(for_real);
	return t_done();
}
