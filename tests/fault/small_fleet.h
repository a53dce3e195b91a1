/*
 * A small fleet in a scratch folder, for tests that run drydock's commands in
 * children of their own: one domU web1 with a pkg image, a root and a kernel.
 *
 *	work/drydock.conf, work/xen/web1.cfg, work/state
 *	work/img/pkg.img, root.img, netbsd
 *	work/in/b.img, c.img, k2, k3	what can come in
 *	work/in/one.params, two.params	keys; pkg.params, which is not there,
 *					is what the configuration names
 *
 * Commands are run by fork(2) alone: what main does before is left out.  There
 * is a Xen on which nothing runs, and the time stands still, so that the same command makes the
 * same files.
 */
#ifndef DD_TESTS_SMALL_FLEET_H
#define DD_TESTS_SMALL_FLEET_H

#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <pthread.h>
#include <stdbool.h>
#include <time.h>
#include <unistd.h>

#include "core/cmd/cmd.h"
#include "core/store/db.h"
#include "core/store/names.h"
#include "tests/fault/forked.h"
#include "tests/unit/scratch.h"
#include "tests/unit/t.h"
#include "xen/xen.h"

/* Sanitizers make it slow: fewer cases. */
#if defined(__SANITIZE_ADDRESS__)
#define FEWER	1
#elif defined(__has_feature)
#if __has_feature(address_sanitizer)
#define FEWER	1
#endif
#endif
#ifndef FEWER
#define FEWER	0
#endif

#define FLEET_NOW	1798000000
#define FLEET_TEXT	16384		/* of what fleet_look writes */
#define FLEET_WORDS	16

/* -- no Xen, no time, no chance ------------------------------------------ */

time_t
time(time_t *t)
{
	if (t != NULL)
		*t = FLEET_NOW;
	return FLEET_NOW;
}

int
clock_gettime(clockid_t id, struct timespec *ts)
{
	if (id != CLOCK_REALTIME)
		return (int)syscall(SYS_clock_gettime, id, ts);
	*ts = (struct timespec){ .tv_sec = FLEET_NOW };
	return 0;
}

uint32_t
arc4random(void)
{
	return 4;
}

/* No threads: nobody would trace them. */
int
pthread_create(pthread_t *t, const pthread_attr_t *a, void *(*fn)(void *),
    void *arg)
{
	(void)t;
	(void)a;
	(void)fn;
	(void)arg;
	return EAGAIN;
}

static inline int
fleet_no_domains(bool disks, struct xen_domain **v, size_t *n, struct dd_err *e)
{
	(void)disks;
	(void)e;
	*v = NULL;
	*n = 0;
	return 0;
}

/* It starts, and is gone at once. */
static inline int
fleet_start(const char *cfg, const char *instead, unsigned limit,
    struct dd_err *e)
{
	(void)cfg;
	(void)limit;
	return instead != NULL && strstr(instead, ".run") != NULL ? 0 :
	    dd_fail(e, ERR_IO, "not with its own path");
}

/* -- commands ------------------------------------------------------------ */

static const struct fleet_cmd {
	const char	*words;
	int		(*run)(const struct cmd_env *, int, char **,
			    struct dd_err *);
} fleet_cmds[] = {
	{ "cp", cmd_cp }, { "create", cmd_create },
	{ "generations", cmd_generations }, { "good", cmd_good },
	{ "bad", cmd_bad }, { "history", cmd_history }, { "pin", cmd_pin },
	{ "destroy", cmd_destroy }, { "prune", cmd_prune },
	{ "recover", cmd_recover }, { "rekey", cmd_rekey },
	{ "rollback", cmd_rollback }, { "snapshot", cmd_snapshot },
	{ "swap", cmd_swap }, { "try", cmd_try },
};

/* A command line, cut into words at blanks. */
struct fleet_line {
	char	 text[1024];
	char	*argv[FLEET_WORDS];
	int	 argc;
};

static inline void
fleet_cut(struct fleet_line *l, const char *line)
{
	char *at;

	(void)snprintf(l->text, sizeof(l->text), "%s", line);
	l->argc = 0;
	for (at = strtok(l->text, " "); at != NULL && l->argc <
	    FLEET_WORDS - 1; at = strtok(NULL, " "))
		l->argv[l->argc++] = at;
	l->argv[l->argc] = NULL;
}

/* Words with a slash become paths below the work folder. */
static inline void
fleet_expand(char *text, const char *line)
{
	struct fleet_line l;
	int i;

	fleet_cut(&l, line);
	text[0] = '\0';
	for (i = 0; i < l.argc; i++) {
		if (i > 0)
			(void)strcat(text, " ");
		if (strchr(l.argv[i], '/') != NULL)
			(void)sprintf(text + strlen(text), "%s/work/",
			    scratch_dir);
		(void)strcat(text, l.argv[i]);
	}
}

/* Everything it says goes to the file out, which is there, and empty. */
static inline int
fleet_command(void *arg)
{
	struct progress progress = { .report = NULL };
	struct fleet_line *l = arg;
	char path[600], conf[600];
	struct xen_ops ops = xen_ops;
	struct cmd_env env = { .xen = &ops, .events_fd = -1,
	    .progress = &progress, .argv0 = "drydock", .config_path = conf,
	    .command = "drydock ..." };
	struct dd_err e = DD_ERR_INIT;
	size_t i;
	int fd;

	(void)snprintf(path, sizeof(path), "%s/out", scratch_dir);
	(void)snprintf(conf, sizeof(conf), "%s/work/drydock.conf",
	    scratch_dir);
	if ((fd = open(path, O_WRONLY | O_APPEND)) == -1)
		_exit(125);
	(void)dup2(fd, 1);
	(void)dup2(fd, 2);
	ops.domains = fleet_no_domains;
	ops.start = fleet_start;
	for (i = 0; i < sizeof(fleet_cmds) / sizeof(fleet_cmds[0]); i++)
		if (strcmp(fleet_cmds[i].words, l->argv[0]) == 0)
			(void)fleet_cmds[i].run(&env, l->argc, l->argv, &e);
	dd_default_hint(&e);
	if (e.code != ERR_NONE)
		fprintf(stderr, "drydock: %s\n", e.msg);
	(void)fflush(stdout);
	return e.code == ERR_NONE ? 0 : dd_exit_status(&e);
}

/* What the last command said. */
static inline const char *
fleet_said(void)
{
	static char text[65536];
	int fd = open(scratch("out"), O_RDONLY);
	ssize_t n = read(fd, text, sizeof(text) - 1);

	(void)close(fd);
	text[n > 0 ? n : 0] = '\0';
	return text;
}

/* Run a command, with nothing in its way. */
static inline int
fleet_run(const char *line)
{
	struct fleet_line l;
	struct forked f = { .fn = fleet_command, .arg = &l };

	fleet_cut(&l, line);
	(void)truncate(scratch("out"), 0);
	forked_run(&f);
	return f.status;
}

static inline void
fleet_must(const char *line)
{
	int status = fleet_run(line);

	if (status == 0)
		return;
	printf("# %s: status %d: %s\nnot ok - the fleet\n", line, status,
	    fleet_said());
	exit(1);
}

/* -- the folder ---------------------------------------------------------- */

static inline void
fleet_write(const char *name, const char *text)
{
	(void)scratch_file(name, (off_t)strlen(text), text, strlen(text), 0);
}

/* An image of 256 KiB, in the middle of which that letter stands. */
static inline void
fleet_fill(const char *name, int letter)
{
	static char data[32 * 1024];

	memset(data, letter, sizeof(data));
	(void)scratch_file(name, 256 * 1024, data, sizeof(data), 64 * 1024);
}

static inline void
fleet_make(void)
{
	static const char *const folders[] = { "work", "work/xen", "work/img",
	    "work/in" };
	char text[2700], line[700];
	size_t i;

	/* in memory, where that can be: thousands of copies are made */
	if (access("/dev/shm", W_OK) == 0)
		(void)setenv("TMPDIR", "/dev/shm", 0);
	for (i = 0; i < sizeof(folders) / sizeof(folders[0]); i++)
		(void)mkdir(scratch(folders[i]), 0755);
	fleet_write("out", "");
	fleet_write("work/drydock.conf", "config_dirs = [ \"xen\" ]\n"
	    "state_dir = \"state\"\n");
	(void)snprintf(text, sizeof(text), "name = \"web1\"\n"
	    "kernel = \"%s/work/img/netbsd\"\n"
	    "drydock_root = \"xvda\"\ndrydock_pkg = \"xvdb\"\n"
	    "drydock_pkg_params = \"%s/work/in/pkg.params\"\n"
	    "disk = [ \"%s/work/img/root.img,raw,xvda,r\",\n"
	    "    \"%s/work/img/pkg.img,raw,xvdb,w\" ]\n", scratch_dir,
	    scratch_dir, scratch_dir, scratch_dir);
	fleet_write("work/xen/web1.cfg", text);
	fleet_write("work/img/netbsd", "\177ELF the first kernel");
	fleet_write("work/in/k2", "\177ELF the second");
	fleet_write("work/in/k3", "\177ELF the third");
	fleet_write("work/in/one.params", "algorithm aes-xts;\n"
	    "verify_method ffs;\nkeygen storedkey key "
	    "AAABACMqMTg/Rk1UW2JpcHd+hYyTmqGor7a9xMvS2eDn7vX8;\n");
	fleet_write("work/in/two.params", "algorithm adiantum;\n"
	    "verify_method ffs;\nkeygen storedkey key "
	    "AAABAAMqMTg/Rk1UW2JpcHd+hYyTmqGor7a9xMvS2eDn7vX8;\n");
	fleet_fill("work/img/root.img", 'r');
	fleet_fill("work/in/b.img", 'b');
	fleet_fill("work/in/c.img", 'c');
	(void)snprintf(line, sizeof(line), "create -s 256k %s",
	    scratch("work/img/pkg.img"));
	fleet_must(line);
}

/* Copies of a folder: who stands in place is said by inode, so those links
 * are made last. */
struct fleet_copy {
	char	 places[8][1300];
	size_t	 nplaces;
	struct { ino_t from, to; char path[600]; } files[64];
	size_t	 nfiles;
};

static inline void
fleet_die(const char *path)
{
	printf("# %s: %s\nnot ok - the fleet\n", path, strerror(errno));
	exit(1);
}

static inline void
fleet_join(char path[600], const char *dir, const char *name)
{
	int n = snprintf(path, 600, "%s/%s", dir, name);

	if (n < 0 || n >= 600)
		fleet_die(name);
}

static inline void
fleet_copy_file(struct fleet_copy *c, const char *from, const char *to,
    const struct stat *st)
{
	/* in 2100: that it is read changes nothing then */
	const struct timespec times[2] = { { .tv_sec = 4102444800 },
	    st->st_mtim };
	static char data[512 * 1024];
	int in = open(from, O_RDONLY), out;
	ssize_t n = st->st_blocks == 0 ? st->st_size :
	    read(in, data, sizeof(data)), at = 0, len;
	struct stat made;
	size_t i;

	for (i = 0; i < c->nfiles; i++)
		if (c->files[i].from == st->st_ino) {
			(void)close(in);
			if (link(c->files[i].path, to) == -1)
				fleet_die(to);
			return;
		}
	out = open(to, O_WRONLY | O_CREAT | O_EXCL, st->st_mode & 0777);
	if (n != st->st_size || out == -1 || ftruncate(out, n) == -1)
		fleet_die(to);
	for (; st->st_blocks != 0 && at < n; at += len) {
		len = n - at < 16384 ? n - at : 16384;
		if ((data[at] != 0 || memcmp(data + at, data + at + 1,
		    (size_t)len - 1) != 0) && pwrite(out, data + at,
		    (size_t)len, at) != len)
			fleet_die(to);
	}
	(void)fchmod(out, st->st_mode & 0777);
	(void)futimens(out, times);
	(void)fstat(out, &made);
	c->files[c->nfiles].from = st->st_ino;
	(void)snprintf(c->files[c->nfiles].path, 600, "%s", to);
	c->files[c->nfiles++].to = made.st_ino;
	(void)close(in);
	(void)close(out);
}

static inline void
fleet_copy_link(struct fleet_copy *c, const char *from, const char *to)
{
	char text[600];
	ssize_t n = readlink(from, text, sizeof(text) - 1);

	text[n > 0 ? n : 0] = '\0';
	if (strstr(to, "/in-place") != NULL)
		(void)snprintf(c->places[c->nplaces++], 1300, "%s\n%s", text,
		    to);
	else if (symlink(text, to) == -1)
		fleet_die(to);
}

static inline void
fleet_copy_tree(struct fleet_copy *c, const char *from, const char *to)
{
	DIR *d = opendir(from);
	struct dirent *entry;
	char a[600], b[600];
	struct stat st;

	if (d == NULL || lstat(from, &st) == -1 ||
	    mkdir(to, st.st_mode & 0777) == -1)
		fleet_die(to);
	while ((entry = readdir(d)) != NULL) {
		if (strcmp(entry->d_name, ".") == 0 ||
		    strcmp(entry->d_name, "..") == 0)
			continue;
		fleet_join(a, from, entry->d_name);
		fleet_join(b, to, entry->d_name);
		if (lstat(a, &st) == -1)
			fleet_die(a);
		if (S_ISDIR(st.st_mode))
			fleet_copy_tree(c, a, b);
		else if (S_ISLNK(st.st_mode))
			fleet_copy_link(c, a, b);
		else
			fleet_copy_file(c, a, b, &st);
	}
	(void)closedir(d);
}

static inline void
fleet_copy(const char *from, const char *to)
{
	struct fleet_copy c = { .nplaces = 0 };
	char text[GEN_PLACE], *path;
	struct gen_name name;
	uint64_t ino;
	size_t i, k;

	fleet_copy_tree(&c, from, to);
	for (i = 0; i < c.nplaces; i++) {
		path = strchr(c.places[i], '\n');
		*path++ = '\0';
		if (!gen_place_parse(c.places[i], &name, &ino))
			fleet_die(path);
		for (k = 0; k < c.nfiles && c.files[k].from != ino; k++)
			;
		if (k < c.nfiles)
			ino = c.files[k].to;
		if (symlink(gen_place_format(text, &name, ino), path) == -1)
			fleet_die(path);
	}
}

static inline void
fleet_remove(const char *path)
{
	DIR *d = opendir(path);
	struct dirent *entry;
	char sub[600];

	while (d != NULL && (entry = readdir(d)) != NULL) {
		fleet_join(sub, path, entry->d_name);
		if (strcmp(entry->d_name, ".") != 0 &&
		    strcmp(entry->d_name, "..") != 0 && unlink(sub) == -1)
			fleet_remove(sub);
	}
	if (d != NULL)
		(void)closedir(d);
	(void)rmdir(path);
}

/* -- what is there ------------------------------------------------------- */

/* Blocks of zeros and holes are the same. */
static inline uint64_t
fleet_sum(const char *path)
{
	static uint64_t data[2048];
	int fd = open(path, O_RDONLY);
	uint64_t sum = 0;
	off_t at = 0;
	ssize_t n;
	size_t i;

	while ((at = lseek(fd, at, SEEK_DATA)) != -1 &&
	    (n = pread(fd, data, sizeof(data), at)) > 0) {
		memset((char *)data + n, 0, sizeof(data) - (size_t)n);
		for (i = 0; i < sizeof(data) / 8; i++)
			sum += (data[i] ^ data[i] >> 31) *
			    (0x9e3779b97f4a7c15U ^ ((uint64_t)at + 8 * i + 1) *
			    0xff51afd7ed558ccdU);
		at += n;
	}
	(void)close(fd);
	return sum;
}

static inline void
fleet_add(char *text, const char *fmt, ...) DD_PRINTF(2, 3);

static inline void
fleet_add(char *text, const char *fmt, ...)
{
	size_t n = strlen(text);
	va_list ap;

	va_start(ap, fmt);
	(void)vsnprintf(text + n, FLEET_TEXT - n, fmt, ap);
	va_end(ap);
}

/* A link in-place: does the image have that inode? */
static inline void
fleet_look_place(char *text, const char *path, const char *to)
{
	char image[600], *d = strrchr(strcpy(image, path), '/');
	char *dot, name[GEN_NAME];
	struct gen_name g;
	struct stat st;
	uint64_t ino;

	if (!gen_place_parse(to, &g, &ino)) {
		fleet_add(text, " -> %s\n", to);
		return;
	}
	*d = '\0';				/* img/.pkg.img.d */
	dot = strrchr(image, '/') + 1;
	d[-2] = '\0';
	memmove(dot, dot + 1, strlen(dot));	/* img/pkg.img */
	fleet_add(text, " -> %s@%s\n", gen_name_format(name, &g),
	    lstat(image, &st) == 0 && st.st_ino == ino ? "it" : "another");
}

static inline void
fleet_look_at(char *text, const char *path)
{
	char to[600];
	struct stat st;
	ssize_t n;

	if (lstat(path, &st) == -1)
		fleet_die(path);
	fleet_add(text, "%s %o %u", strstr(path, "work/") + 5, st.st_mode,
	    S_ISDIR(st.st_mode) ? 0 : (unsigned)st.st_nlink);
	if (S_ISREG(st.st_mode))
		fleet_add(text, " %llu %016llx\n",
		    (unsigned long long)st.st_size,
		    (unsigned long long)fleet_sum(path));
	else if (strlen(path) > 5 && strcmp(path + strlen(path) - 5,
	    ".from") == 0)
		fleet_add(text, " says which file came in, and when\n");
	else if (S_ISLNK(st.st_mode) && (n = readlink(path, to,
	    sizeof(to) - 1)) > 0) {
		to[n] = '\0';
		fleet_look_place(text, path, to);
	} else
		fleet_add(text, "\n");
}

static inline void
fleet_look_tree(char *text, const char *path)
{
	struct dirent **v;
	char sub[600];
	struct stat st;
	int i, n = scandir(path, &v, NULL, alphasort);

	for (i = 0; i < n; i++) {
		fleet_join(sub, path, v[i]->d_name);
		if (strcmp(v[i]->d_name, ".") != 0 &&
		    strcmp(v[i]->d_name, "..") != 0) {
			fleet_look_at(text, sub);
			if (lstat(sub, &st) == 0 && S_ISDIR(st.st_mode))
				fleet_look_tree(text, sub);
		}
		free(v[i]);
	}
	if (n >= 0)
		free(v);
}

/* Every name, mode, number of links and content below img and in. */
static inline void
fleet_look(char text[FLEET_TEXT])
{
	text[0] = '\0';
	fleet_look_tree(text, scratch("work/img"));
	fleet_look_tree(text, scratch("work/in"));
}

/* -- the history --------------------------------------------------------- */

struct fleet_history {
	char	 text[4096];	/* a line a job */
	int	 jobs, open;
	bool	 done;		/* the last one */
};

static inline int
fleet_take_job(void *arg, const struct db_job *j, struct dd_err *e)
{
	struct fleet_history *h = arg;
	size_t n = strlen(h->text);

	(void)e;
	(void)snprintf(h->text + n, sizeof(h->text) - n,
	    "%lld %s %u -> %u: %s\n", (long long)j->id, j->action, j->from,
	    j->to, j->code != NULL ? j->code : "open");
	if (h->jobs++ == 0)
		h->done = j->code != NULL && strcmp(j->code, "none") == 0;
	h->open += j->code == NULL;
	return 0;
}

/* -1: it can't be read.  None at all is an empty one. */
static inline int
fleet_history(struct fleet_history *h)
{
	struct dd_err e = DD_ERR_INIT;
	struct db *db;
	int rc;

	*h = (struct fleet_history){ .jobs = 0 };
	if (db_open_read(scratch("work/state"), &db, &e) == -1) {
		(void)snprintf(h->text, sizeof(h->text), "%s", e.msg);
		return e.code == ERR_NOENT ? 0 : -1;
	}
	rc = db_jobs(db, NULL, NULL, false, 0, fleet_take_job, h, &e);
	db_close(db);
	if (rc == -1)
		(void)snprintf(h->text, sizeof(h->text), "%s", e.msg);
	return rc;
}

#endif
