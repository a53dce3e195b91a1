/* Keys on the way to the kernel: who finds them, and for how long. */
#include <sys/wait.h>
#include <unistd.h>

#include "core/host/crypt.h"
#include "tests/unit/t.h"

#ifdef __linux__
#include <sys/prctl.h>

#include "core/host/host.h"
#include "core/host/linux_keys.h"

static struct dd_err e;
static struct secret key;
static char name[64];

/* Who has had a secret leaves no core dump, where that goes to a program,
 * either. */
static void
is_not_dumped(void)
{
	T_EQ(prctl(PR_GET_DUMPABLE, 0, 0, 0, 0), 0);
}

/* In a process of its own, which ends without dropping anything. */
static int
put_elsewhere(enum host_key_life life)
{
	int status = -1;
	pid_t pid = fork();

	if (pid == 0)
		_exit(linux_key_put(name, &key, life, &e) == 0 &&
		    linux_key_there(name) ? 0 : 1);
	return waitpid(pid, &status, 0) == pid ? status : -1;
}

static void
finds_what_another_put(void)
{
	T(!linux_key_there(name));
	T_EQ(put_elsewhere(HOST_KEY_ONCE), 0);
	T(linux_key_there(name));
	T_EQ(put_elsewhere(HOST_KEY_KEPT), 0);	/* in its place */
	T(linux_key_there(name));
	linux_key_drop(name);
	T(!linux_key_there(name));
	linux_key_drop(name);
}

static void
ends_with_its_process(void)
{
	T_EQ(put_elsewhere(HOST_KEY_OURS), 0);
	T(!linux_key_there(name));
	T_OK(linux_key_put(name, &key, HOST_KEY_OURS, &e));
	T(linux_key_there(name));
	linux_key_drop(name);
	T(!linux_key_there(name));
}

/* What /proc/keys says of it: "21fc92ae I--Q---     1   9m 3d010000 ..." */
static void
is_for_a_while(void)
{
	static const char *const lives[] = { [HOST_KEY_ONCE] = "9m",
	    [HOST_KEY_KEPT] = "perm" };
	char line[512], flags[16], left[16];
	int life, seen;
	FILE *f;

	/* those of processes that ended are listed for a moment still */
	(void)strcat(name, "-b");
	for (life = HOST_KEY_ONCE; life <= HOST_KEY_KEPT; life++) {
		T_OK(linux_key_put(name, &key, (enum host_key_life)life,
		    &e));
		f = fopen("/proc/keys", "r");
		for (seen = 0; f != NULL && fgets(line, sizeof(line), f) !=
		    NULL;)
			if (strstr(line, name) != NULL &&
			    strstr(line, "logon") != NULL &&
			    sscanf(line, "%*s %15s %*s %15s", flags, left) ==
			    2 && strchr(flags, 'R') == NULL)	/* revoked */
				seen += strcmp(left, lives[life]) == 0 ||
				    (life == HOST_KEY_ONCE &&
				    strcmp(left, "10m") == 0);
		if (f != NULL)
			(void)fclose(f);
		T_EQ(seen, 1);
	}
	linux_key_drop(name);
}

/* One that can't be put leaves the one that is there. */
static void
keeps_what_it_can_not_replace(void)
{
	struct secret huge = { .p = key.p, .len = 1 << 20 };

	T_OK(linux_key_put(name, &key, HOST_KEY_KEPT, &e));
	T_ERR(linux_key_put(name, &huge, HOST_KEY_KEPT, &e), ERR_IO);
	T(linux_key_there(name));
	linux_key_drop(name);
}

static void
drops_all_of_a_prefix(void)
{
	char a[90], b[90], other[90], prefix[80];

	(void)snprintf(prefix, sizeof(prefix), "%s-p-", name);
	(void)snprintf(a, sizeof(a), "%sa", prefix);
	(void)snprintf(b, sizeof(b), "%sb", prefix);
	(void)snprintf(other, sizeof(other), "%s-p2-a", name);
	T_OK(linux_key_put(a, &key, HOST_KEY_KEPT, &e));
	T_OK(linux_key_put(b, &key, HOST_KEY_ONCE, &e));
	T_OK(linux_key_put(other, &key, HOST_KEY_KEPT, &e));
	T_OK(linux_key_drop_all(prefix, &e));
	T(!linux_key_there(a));
	T(!linux_key_there(b));
	T(linux_key_there(other));
	T_OK(linux_key_drop_all(prefix, &e));
	linux_key_drop(other);
}

int
main(void)
{
	(void)snprintf(name, sizeof(name), "drydock:test-%ld",
	    (long)getpid());
	secret_first = host_no_dumps;
	T_OK(secret_alloc(&key, 32, &e));
	if (linux_key_put(name, &key, HOST_KEY_OURS, &e) == -1) {
		printf("# skip keys: %s\nok 1 - skipped\n", e.msg);
		return 0;
	}
	linux_key_drop(name);
	T_RUN(is_not_dumped);
	T_RUN(finds_what_another_put);
	T_RUN(keeps_what_it_can_not_replace);
	T_RUN(drops_all_of_a_prefix);
	T_RUN(ends_with_its_process);
	T_RUN(is_for_a_while);
	secret_free(&key);
	return t_done();
}
#else
int
main(void)
{
	printf("# skip keys: they are Linux's\nok 1 - skipped\n");
	return 0;
}
#endif
