/* What is told of an image's encryption by its parameters file alone. */
#include <time.h>

#include "core/base/fsutil.h"
#include "core/fleet/encryption.h"
#include "core/fleet/fleet_impl.h"
#include "tests/unit/scratch.h"
#include "tests/unit/t.h"

#define SALT	"salt AAAAgKChoqOkpaanqKmqq6ytrq8="
#define KEY	"key AAAAgKChoqOkpaanqKmqq6ytrq8="

/* A file with that text; not before 2024-03-01 it was changed. */
static const char *
params(const char *name, const char *text, mode_t mode)
{
	const struct timespec then[2] = { { .tv_sec = 1709290000 },
	    { .tv_sec = 1709290000 } };
	const char *path = scratch_file(name, (off_t)strlen(text), text,
	    strlen(text), 0);

	T(chmod(path, mode) == 0);
	T(utimensat(AT_FDCWD, path, then, 0) == 0);
	return path;
}

/* All the words on it. */
static void
says(const struct encryption *c, const char *want)
{
	struct buf b = BUF_INIT;

	T(c != NULL && c->error == NULL);
	if (c == NULL || c->error != NULL)
		return;
	encryption_cipher(c, &b);
	(void)buf_str(&b, ", ");
	encryption_key(c, &b);
	(void)buf_str(&b, "; ");
	encryption_age(c, &b);
	T_STR(b.p, want);
	buf_dispose(&b);
}

static void
words(void)
{
	struct encryption *c;

	c = encryption_read(params("one", "algorithm aes-xts;\n"
	    "keygen pkcs5_pbkdf2/sha1 { iterations 50000; " SALT " };\n"
	    "keygen storedkey " KEY ";\nverify_method ffs;\n", 0600));
	says(c, "aes-xts 256, pkcs5_pbkdf2/sha1 of 50000 iterations and "
	    "storedkey; verified by ffs; parameters since 2024-03-01, the key may "
	    "be older");
	T_EQ(c->weak, 0);
	encryption_free(c);
	c = encryption_read(params("two", "algorithm adiantum; keygen argon2id "
	    "{ iterations 1; memory 65536; parallelism 2; " SALT "; };",
	    0600));
	says(c, "adiantum 256, argon2id of 1 iteration in 64 MiB; not "
	    "verified; parameters since 2024-03-01, the key may be older");
	T_EQ(c->weak, 0);
	c->key_time = 1712000000;
	says(c, "adiantum 256, argon2id of 1 iteration in 64 MiB; not "
	    "verified; key since 2024-04-01");
	encryption_free(c);
	c = encryption_read(params("swap", "algorithm aes-cbc; keylength 192;\n"
	    "keygen urandomkey;\n", 0644));
	says(c, "aes-cbc 192, urandomkey; not verified; a new key each time");
	T_EQ(c->weak, 0);
	encryption_free(c);
	/* a command is named, and not run */
	c = encryption_read(params("cmd", "algorithm aes-cbc;\n"
	    "keygen shell_cmd { cmd \"touch ran\"; };\n", 0600));
	says(c, "aes-cbc 128, shell_cmd; not verified; parameters since "
	    "2024-03-01, the key may be older");
	encryption_free(c);
	T(access("ran", F_OK) == -1);
}

/* Findings of a disk with that file. */
static struct fleet_findings
findings_of(const char *path)
{
	struct fleet_disk d = { .params = (char *)(uintptr_t)path };
	struct fleet_findings f = { .v = NULL };
	struct dd_err e = DD_ERR_INIT;

	d.encryption = encryption_read(path);
	T(d.encryption != NULL);
	T_OK(encryption_check(&f, &d, "pkg", &e));
	encryption_free(d.encryption);
	return f;
}

/* One finding, with a hint. */
static void
finds(const char *path, enum fleet_severity severity, const char *what)
{
	struct fleet_findings f = findings_of(path);

	T_EQ(f.n, 1);
	if (f.n > 0) {
		T_EQ(f.v[0].severity, severity);
		if (strstr(f.v[0].text, what) == NULL)
			T_FAIL("no \"%s\" in: %s", what, f.v[0].text);
		T(f.v[0].hint != NULL);
	}
	findings_dispose(&f);
}

static void
weak(void)
{
	struct fleet_findings f;

	finds(params("few", "algorithm aes-xts;\nkeygen pkcs5_pbkdf2/sha1 { "
	    "iterations 9999; " SALT " };\n", 0600), SEV_NOTE,
	    "fewer than 10000 iterations");
	finds(params("old", "algorithm aes-xts;\nkeygen pkcs5_pbkdf2 { "
	    "iterations 1; " SALT " };\n", 0600), SEV_NOTE,
	    "fewer than 10000 iterations");
	finds(params("open", "algorithm aes-xts;\nkeygen storedkey " KEY ";\n",
	    0640), SEV_NOTE, "(mode 0640)");
	finds(params("small", "algorithm 3des-cbc;\nkeygen storedkey " KEY
	    ";\n", 0600), SEV_NOTE, "3des-cbc has blocks of 64 bits");
	f = findings_of(params("all", "algorithm blowfish-cbc;\nkeygen "
	    "storedkey " KEY ";\nkeygen pkcs5_pbkdf2/sha1 { iterations 7; "
	    SALT " };\n", 0604));
	T_EQ(f.n, 3);
	findings_dispose(&f);
	/* few iterations are no fault of argon2id, nor is who may read a
	 * file that holds no key */
	f = findings_of(params("well", "algorithm aes-cbc; keygen argon2id "
	    "{ iterations 1; memory 65536; parallelism 2; " SALT "; };"
	    "keygen pkcs5_pbkdf2/sha1 { iterations 10000; " SALT " };\n",
	    0644));
	T_EQ(f.n, 0);
	findings_dispose(&f);
}

/* Whatever stands there, it is said and nothing waits for it. */
static void
hostile(void)
{
	static char huge[1 << 20];
	const char *fifo = scratch("fifo");

	finds(scratch("nowhere"), SEV_WARNING, "No such file");
	T(mkfifo(fifo, 0600) == 0);
	finds(fifo, SEV_WARNING, "not a regular file");
	finds("/dev/zero", SEV_WARNING, "not a regular file");
	finds("/", SEV_WARNING, "not a regular file");
	memset(huge, '\n', sizeof(huge));
	finds(scratch_file("huge", sizeof(huge), huge, sizeof(huge), 0),
	    SEV_WARNING, "too large");
	finds(params("empty", "", 0600), SEV_WARNING, "no algorithm");
	finds(params("odd", "algorithm rot13;\n", 0600), SEV_WARNING,
	    "unknown algorithm: rot13");
	finds(params("noise", "\x1b[2J{;\"", 0600), SEV_WARNING,
	    "parameters file");
	if (geteuid() == 0)
		return;
	finds(params("private", "algorithm aes-xts;\n", 0), SEV_NOTE,
	    "Permission denied");
}

/* The generation says since when it has its key. */
static void
age(void)
{
	struct fleet_image img = { .path = (char *)(uintptr_t)"/xen/local.img",
	    .generation = 3, .key_since = 1712000000 };
	struct fleet_disk disk = { .image = &img };
	struct fleet_domu domu = { .disks = &disk, .ndisks = 1 };
	struct fleet f = { .domus = &domu, .ndomus = 1 };
	struct dd_err e = DD_ERR_INIT;

	disk.params = strdup(params("it", "algorithm aes-xts;\n"
	    "keygen storedkey " KEY ";\n", 0600));
	img.params = disk.params;
	T_OK(encryption_load(&f, &e));
	T_EQ(disk.encryption->key_time, 1712000000);
	T_EQ(disk.encryption->file_time, 1709290000);
	encryption_free(disk.encryption);
	/* parameters that are not the generation's may have another key */
	img.params = NULL;
	T_OK(encryption_load(&f, &e));
	T_EQ(disk.encryption->key_time, 0);
	encryption_free(disk.encryption);
	free(disk.params);
}

int
main(void)
{
	T(setenv("TZ", "UTC", 1) == 0);
	T_RUN(words);
	T_RUN(weak);
	T_RUN(hostile);
	T_RUN(age);
	return t_done();
}
