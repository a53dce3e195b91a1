/*
 * What an encrypted image holds, and what opens it, stays where it belongs.
 *
 * The program is stopped before its system calls: what it is about to write
 * is searched for a known text, and its memory outside locked pages for known
 * keys.  Each search is made where it must find something, too, so that one
 * that never finds anything shows.
 */
#include <sys/mman.h>
#include <sys/resource.h>
#include <sys/uio.h>
#include <stdarg.h>

#include <gcrypt.h>

#include "core/base/bytes.h"
#include "tests/fault/tracer.h"
#include "tests/unit/scratch.h"
#include "tests/unit/t.h"

#ifdef TRACE_WORKS

#define PASSPHRASE	"correct horse battery staple"
#define SALT		"AAAAgKChoqOkpaanqKmqq6ytrq8="	/* a0 a1 a2 ... */
#define STORED		"AAABACMqMTg/Rk1UW2JpcHd+hYyTmqGor7a9xMvS2eDn7vX8"
#define PASS_FD		9
#define TEXT		"plain to see: "
#define NAME		"a-name-to-see"
#define SPILLS		((size_t)36 << 20)	/* more than stays in memory */

/* Sanitizers, built into drydock as into this, keep what is freed. */
#define SANITIZED	0
#ifdef __has_feature
#if __has_feature(address_sanitizer)
#undef SANITIZED
#define SANITIZED	1
#endif
#endif

static const char *drydock;

/* A shell command that must work. */
static void
sh(const char *fmt, ...) DD_PRINTF(1, 2);

static void
sh(const char *fmt, ...)
{
	char cmd[4096];
	va_list ap;

	va_start(ap, fmt);
	(void)vsnprintf(cmd, sizeof(cmd), fmt, ap);
	va_end(ap);
	if (system(cmd) != 0)
		T_FAIL("%s", cmd);
}

/* A file of TEXT over and over. */
static const char *
text_file(size_t len)
{
	const char *path = scratch(NAME);

	sh("yes '%s' | head -c %zu >'%s'", TEXT, len, path);
	return path;
}

static void
offer_passphrase(void)
{
	const char *path = scratch_file("passphrase", 0, PASSPHRASE,
	    strlen(PASSPHRASE), 0);
	int fd = open(path, O_RDONLY);

	if (fd == -1 || dup2(fd, PASS_FD) == -1)
		T_FAIL("%s: %s", path, strerror(errno));
	(void)close(fd);
}

static const char *
params_file(const char *algorithm)
{
	static char path[600];
	FILE *f;

	(void)strcpy(path, scratch("params"));
	if ((f = fopen(path, "w")) == NULL)
		return path;
	(void)fprintf(f, "algorithm %s;\nkeylength 256;\n"
	    "verify_method ffs;\nkeygen pkcs5_pbkdf2/sha1 {\n"
	    "\titerations 10;\n\tsalt " SALT ";\n};\n"
	    "keygen storedkey key " STORED ";\n", algorithm);
	(void)fclose(f);
	return path;
}

/* An empty image, alone in a folder but for TMPDIR. */
static const char *
fresh(const char *params, const char *size)
{
	static char image[600];

	(void)strcpy(image, scratch("work/img"));
	sh("rm -rf '%s'; mkdir -p '%s'", scratch("work"),
	    scratch("work/tmp"));
	(void)setenv("TMPDIR", scratch("work/tmp"), 1);
	offer_passphrase();
	if (params != NULL)
		sh("'%s' create -s %s -c '%s' --passphrase-fd %d '%s' "
		    ">/dev/null", drydock, size, params, PASS_FD, image);
	else
		sh("'%s' create -s %s '%s' >/dev/null", drydock, size, image);
	offer_passphrase();
	return image;
}

/* drydock COMMAND [-n] [-c PARAMS --passphrase-fd N] A [B] */
static void
run(struct trace *t, const char *command, const char *option,
    const char *params, const char *a, const char *b)
{
	static char fd[8];
	const char *argv[12] = { drydock, command };
	int n = 2;

	(void)snprintf(fd, sizeof(fd), "%d", PASS_FD);
	if (option != NULL)
		argv[n++] = option;
	if (params != NULL) {
		argv[n++] = "-c";
		argv[n++] = params;
		argv[n++] = "--passphrase-fd";
		argv[n++] = fd;
	}
	argv[n++] = a;
	argv[n++] = b;
	trace_run(t, (char *const *)(uintptr_t)argv, scratch("work/out"));
}

static bool
holds(const void *p, size_t len, const void *what, size_t n)
{
	return memmem(p, len, what, n) != NULL;
}

static bool
file_holds(const char *path, const void *what, size_t n)
{
	int fd = open(path, O_RDONLY);
	off_t len = lseek(fd, 0, SEEK_END);
	bool found;
	void *p;

	if (len <= 0) {
		T_FAIL("%s: not there, or empty", path);
		return false;
	}
	p = mmap(NULL, (size_t)len, PROT_READ, MAP_PRIVATE, fd, 0);
	(void)close(fd);
	if (p == MAP_FAILED) {
		T_FAIL("%s: %s", path, strerror(errno));
		return false;
	}
	found = holds(p, (size_t)len, what, n);
	(void)munmap(p, (size_t)len);
	return found;
}

static size_t
peek(pid_t pid, uintptr_t at, void *buf, size_t len)
{
	struct iovec to = { buf, len }, from = { (void *)at, len };
	ssize_t r = process_vm_readv(pid, &to, 1, &from, 1, 0);

	return r == -1 ? 0 : (size_t)r;
}

/* What is about to be written, and where. */
struct writes {
	bool		 stop;		/* when a whole journal is there */
	bool		 whole;
	char		 journal[600];
	unsigned	 spilled;
	bool		 text_journal, text_spill, text_other;
};

static bool
watch_writes(void *arg, pid_t pid, const struct user_regs_struct *r)
{
	static uint8_t buf[1 << 20];
	struct writes *w = arg;
	char link[64], path[600];
	bool found;
	ssize_t n;

	if ((r->orig_rax != SYS_write && r->orig_rax != SYS_pwrite64) ||
	    r->rdi <= 2)
		return false;
	(void)snprintf(link, sizeof(link), "/proc/%d/fd/%llu", (int)pid,
	    r->rdi);
	if ((n = readlink(link, path, sizeof(path) - 1)) == -1)
		n = 0;
	path[n] = '\0';
	n = (ssize_t)peek(pid, (uintptr_t)r->rsi, buf, min64(r->rdx,
	    sizeof(buf)));
	/* the history has the command line, and with it the name */
	found = holds(buf, (size_t)n, TEXT, strlen(TEXT)) ||
	    (strstr(path, "history.db") == NULL &&
	    holds(buf, (size_t)n, NAME, strlen(NAME)));
	if (strstr(path, ".redo") != NULL) {
		(void)strcpy(w->journal, path);
		w->whole |= r->r10 == 0;	/* the header comes last */
		w->text_journal |= found;
	} else if (strstr(path, "(deleted)") != NULL) {
		w->spilled++;
		w->text_spill |= found;
	} else {
		w->text_other |= found;
		return w->stop && w->whole;
	}
	return false;
}

static void
copy_killed(const char *params, struct writes *w)
{
	struct trace t = { .look = watch_writes, .arg = w };
	const char *image = fresh(params, "4m");
	char to[700];

	*w = (struct writes){ .stop = true };
	(void)snprintf(to, sizeof(to), "%s:/" NAME, image);
	run(&t, "cp", NULL, params, text_file(80000), to);
	T_EQ(t.status, 128 + SIGKILL);
	T(w->whole);
}

static void
no_plaintext_in_the_journal(void)
{
	const char *params = params_file("aes-cbc");
	struct writes w;

	copy_killed(params, &w);
	T(!w.text_journal);
	T(!w.text_other);
	T(!file_holds(w.journal, NAME, strlen(NAME)));
	T(!file_holds(w.journal, TEXT, strlen(TEXT)));
	T(!file_holds(scratch("work/img"), NAME, strlen(NAME)));
	T(!file_holds(scratch("work/img"), TEXT, strlen(TEXT)));

	copy_killed(NULL, &w);
	T(w.text_journal);
	T(w.text_other);
	T(file_holds(w.journal, NAME, strlen(NAME)));
	T(file_holds(scratch("work/img"), TEXT, strlen(TEXT)));
}

static void
copy_spilling(const char *params, struct writes *w)
{
	struct trace t = { .look = watch_writes, .arg = w };
	const char *image = fresh(params, "64m");
	char to[700];

	*w = (struct writes){ .stop = false };
	(void)snprintf(to, sizeof(to), "%s:/" NAME, image);
	run(&t, "cp", "-n", params, text_file(SPILLS), to);
	T_EQ(t.status, 0);
	T(w->spilled > 0);
}

static void
no_plaintext_in_the_spill(void)
{
	const char *params = params_file("aes-xts");
	struct writes w;

	copy_spilling(params, &w);
	T(!w.text_spill);
	T(!w.text_other);

	copy_spilling(NULL, &w);
	T(w.text_spill);
}

/* Secrets are known by their words of eight bytes: registers are saved so. */
#define PIECE	8

struct needle {
	const char	*what;
	uint8_t		 bytes[64];
	size_t		 len;
	bool		 locked, leaked;	/* is, was seen there */
	bool		 used;			/* was seen locked */
};

struct memory {
	struct needle	 needles[5];
	size_t		 n;
	bool		 started;	/* it is drydock now, not our child */
	bool		 dumps;		/* core dumps, with secrets there */
	bool		 late;		/* locked memory not wiped at the end */
	char		 where[256];	/* the first leak */
};

static void
add(struct memory *m, const char *what, const void *p, size_t len)
{
	struct needle *n = &m->needles[m->n++];

	n->what = what;
	n->len = len;
	memcpy(n->bytes, p, len);
}

static void
search(struct memory *m, const uint8_t *p, size_t len, bool locked,
    const char *where)
{
	struct needle *n;
	size_t i;

	for (n = m->needles; n < m->needles + m->n; n++)
		for (i = 0; i + PIECE <= n->len; i += PIECE) {
			if (!holds(p, len, n->bytes + i, PIECE))
				continue;
			*(locked ? &n->locked : &n->leaked) = true;
			n->used |= locked;
			if (!locked && m->where[0] == '\0')
				(void)snprintf(m->where, sizeof(m->where),
				    "byte %zu of the %s: %s", i, n->what,
				    where);
		}
}

static void
search_file(struct memory *m, pid_t pid, const char *name)
{
	static uint8_t buf[65536];
	char path[64];
	ssize_t n;
	int fd;

	(void)snprintf(path, sizeof(path), "/proc/%d/%s", (int)pid, name);
	if ((fd = open(path, O_RDONLY)) == -1 ||
	    (n = read(fd, buf, sizeof(buf))) <= 0)
		T_FAIL("%s: %s", path, strerror(errno));
	else
		search(m, buf, (size_t)n, false, name);
	(void)close(fd);
}

/* Every writable mapping; returns whether a locked one holds a secret. */
static bool
search_memory(struct memory *m, pid_t pid, long call)
{
	static uint8_t buf[8 << 20];
	char path[64], line[512], where[512] = "";
	unsigned long from = 0, to = 0, a, b;
	bool seen = false;
	char perms[8];
	size_t i, n;
	FILE *f;

	for (i = 0; i < m->n; i++)
		m->needles[i].locked = false;
	(void)snprintf(path, sizeof(path), "/proc/%d/smaps", (int)pid);
	if ((f = fopen(path, "r")) == NULL) {
		T_FAIL("%s: %s", path, strerror(errno));
		return false;
	}
	while (fgets(line, sizeof(line), f) != NULL) {
		if (sscanf(line, "%lx-%lx %7s", &a, &b, perms) == 3) {
			from = a;
			to = perms[1] == 'w' ? b : a;
			(void)snprintf(where, sizeof(where),
			    "before call %ld, in %.400s", call, line);
		} else if (strncmp(line, "VmFlags:", 8) == 0)
			for (; from < to; from += sizeof(buf)) {
				n = peek(pid, from, buf, min64(to - from,
				    sizeof(buf)));
				search(m, buf, n, strstr(line, " lo") != NULL,
				    where);
			}
	}
	(void)fclose(f);
	for (i = 0; i < m->n; i++)
		seen |= m->needles[i].locked;
	return seen;
}

static bool
may_dump(pid_t pid)
{
	struct rlimit core;

	return prlimit(pid, RLIMIT_CORE, NULL, &core) == -1 ||
	    core.rlim_cur != 0 || core.rlim_max != 0;
}

static bool
watch_memory(void *arg, pid_t pid, const struct user_regs_struct *r)
{
	struct memory *m = arg;
	bool ends = r->orig_rax == SYS_exit_group, secrets;

	if (!m->started) {
		m->started = r->orig_rax == SYS_execve;
		return false;
	}
	secrets = search_memory(m, pid, (long)r->orig_rax);
	m->dumps |= secrets && may_dump(pid);
	m->late |= secrets && ends;
	if (ends) {
		search_file(m, pid, "cmdline");
		search_file(m, pid, "environ");
	}
	return false;
}

/*
 * All that leads to the key, and the key.  A cipher's key schedule begins
 * with the key, so it is looked for, too.  Made without core/base/secret.c,
 * which would forbid core dumps here already, and for every child.
 */
static void
know(struct memory *m)
{
	uint8_t salt[16], made[32], stored[32], key[32];
	unsigned i;

	for (i = 0; i < sizeof(salt); i++)
		salt[i] = (uint8_t)(0xa0 + i);
	for (i = 0; i < sizeof(stored); i++)
		stored[i] = (uint8_t)(0x23 + 7 * i);
	T_EQ(gcry_kdf_derive(PASSPHRASE, strlen(PASSPHRASE), GCRY_KDF_PBKDF2,
	    GCRY_MD_SHA1, salt, sizeof(salt), 10, sizeof(made), made), 0);
	for (i = 0; i < sizeof(key); i++)
		key[i] = made[i] ^ stored[i];

	*m = (struct memory){ .n = 0 };
	add(m, "passphrase", PASSPHRASE, strlen(PASSPHRASE));
	add(m, "stored key", stored, sizeof(stored));
	add(m, "stored key's text", &STORED[8], strlen(STORED) - 8);
	add(m, "key", key, sizeof(key));
	add(m, "passphrase's key", made, sizeof(made));
	m->needles[4].used = true;	/* gone before the next call */
}

/* Nothing but locked memory and the parameters hold a secret. */
static void
judge(const struct memory *m, const char *what)
{
	const struct needle *n;
	size_t i;

	for (n = m->needles; n < m->needles + m->n; n++) {
		if (!n->used)
			T_FAIL("%s: never saw the %s", what, n->what);
		if (n->leaked)
			T_FAIL("%s: %s leaks: %s", what, n->what, m->where);
		for (i = 0; i + PIECE <= n->len; i += PIECE) {
			T(!file_holds(scratch("work/out"), n->bytes + i,
			    PIECE));
			T(!file_holds(scratch("work/img"), n->bytes + i,
			    PIECE));
		}
	}
	T(!m->dumps);
	T(!m->late);
}

static void
secrets_are_in_locked_memory_only(void)
{
	static const char *const algorithms[] = { "aes-xts", "aes-cbc",
	    "adiantum" };
	struct memory m;
	struct trace t = { .look = watch_memory, .arg = &m };
	const char *params, *image;
	char to[700];
	size_t i;

	for (i = 0; i < 3; i++) {
		params = params_file(algorithms[i]);
		know(&m);
		image = fresh(params, "4m");
		run(&t, "ls", "--json", params, image, NULL);
		T_EQ(t.status, 0);
		judge(&m, algorithms[i]);
	}
	know(&m);
	offer_passphrase();
	(void)snprintf(to, sizeof(to), "%s:/" NAME, image);
	run(&t, "cp", "--json", params, text_file(3000), to);
	T_EQ(t.status, 0);
	judge(&m, "cp");
}

/* Does the system let us lock as much as drydock does? */
static bool
can_lock(void)
{
	const size_t len = 512 * 1024;
	void *p = mmap(NULL, len, PROT_READ | PROT_WRITE,
	    MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	bool can = p != MAP_FAILED && mlock(p, len) == 0;

	(void)munmap(p, len);
	return can;
}

/* That core dumps are off is drydock's doing only where they were on. */
static void
allow_core(void)
{
	struct rlimit core;

	(void)getrlimit(RLIMIT_CORE, &core);
	core.rlim_cur = core.rlim_max;
	(void)setrlimit(RLIMIT_CORE, &core);
}

int
main(void)
{
	struct trace t = { .kill_at = 0 };
	char *argv[] = { (char *)(uintptr_t)"/bin/true", NULL };

	if ((drydock = getenv("DRYDOCK")) == NULL)
		drydock = "./drydock";
	trace_run(&t, argv, NULL);
	if (t.status != 0 || access("/proc/self/smaps", R_OK) == -1) {
		printf("# skip ptrace or /proc does not work here\n"
		    "ok 1 - skipped\n");
		return 0;
	}
	T_RUN(no_plaintext_in_the_journal);
	T_RUN(no_plaintext_in_the_spill);
	(void)gcry_check_version(NULL);
	(void)gcry_control(GCRYCTL_DISABLE_SECMEM, 0);
	allow_core();
	if (!SANITIZED && can_lock() && geteuid() == 0)
		T_RUN(secrets_are_in_locked_memory_only);
	else
		printf("# skip secrets in memory: it can't be locked here, "
		    "or is a sanitizer's, or only root may look into it\n");
	return t_done();
}

#else

int
main(void)
{
	printf("# skip system calls are traced on x86-64 only\n"
	    "ok 1 - skipped\n");
	return 0;
}

#endif
