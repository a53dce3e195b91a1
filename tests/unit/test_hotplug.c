/*
 * What xl's block script does, with a xenstore and a kernel that this test
 * plays: what is asked of the kernel is written down, and each call may fail.
 */
#include <sys/file.h>
#include <unistd.h>

#include "core/cgd/cgd.h"
#include "core/cgd/keygen.h"
#include "core/disk/file.h"
#include "core/fleet/hotplug.h"
#include "core/fleet/unlock.h"
#include "tests/unit/rekey_sides.h"
#include "tests/unit/scratch.h"
#include "tests/unit/t.h"
#include "xen/xen.h"

#define BACKEND	"backend/vbd/7/51714"

static struct dd_err e;

/* ---- xenstore */

static struct entry { char path[160], value[512]; } store[32];
static size_t nstore;
static unsigned reads_until_gone;	/* 0: it stays */

static struct entry *
entry(const char *path)
{
	size_t i;

	for (i = 0; i < nstore; i++)
		if (strcmp(store[i].path, path) == 0)
			return &store[i];
	return NULL;
}

static void
put(const char *path, const char *value)
{
	struct entry *x = entry(path);

	if (x == NULL)
		x = &store[nstore++];
	(void)snprintf(x->path, sizeof(x->path), "%s", path);
	(void)snprintf(x->value, sizeof(x->value), "%s", value);
}

static const char *
got(const char *key)
{
	char path[160];
	struct entry *x;

	(void)snprintf(path, sizeof(path), BACKEND "/%s", key);
	x = entry(path);
	return x == NULL ? "" : x->value;
}

/* ---- the kernel */

static struct {
	char		calls[512], prefixes[2048];
	unsigned	n, fails_at;	/* of them; 0: none fails */
	bool		there;		/* a device */
	struct host_crypt_device device;
	char		key_name[HOST_CRYPT_NAME];	/* "" none is there */
	unsigned char	key[CGD_KEY_MAX];
	unsigned	looks, appears_at;	/* looks at keys until one is */
	unsigned	lingers, held;	/* so many looks, attempts */
	bool		misfits;		/* the key does */
	struct host_crypt_disk disk;
	char		disk_key[HOST_CRYPT_NAME];
} kernel;

/* What a device shows: the image decrypted, or with another key. */
static void
show(const struct host_crypt_disk *disk, bool fits)
{
	static const char stored_key[] = "algorithm aes-xts;\nkeylength 256;\n"
	    "keygen storedkey key "
	    "AAABACMqMTg/Rk1UW2JpcHd+hYyTmqGor7a9xMvS2eDn7vX8;\n";
	struct cgd_asker none = { .passphrase = NULL };
	struct secret key = SECRET_INIT;
	static char plain[1 << 20];
	struct cgd_params p;
	struct blk *file, *b;

	T_OK(cgd_params_parse(stored_key, sizeof(stored_key) - 1, "test", &p,
	    &e));
	T_OK(cgd_key_make(&p, &none, &key, &e));
	if (!fits)
		key.p[0] ^= 1;
	T_OK(file_open(disk->image, 0, 0, &file, &e));
	T_OK(cgd_open(file, &p, &key, false, &b, &e));
	T_OK(blk_pread(b, plain, sizeof(plain), 0, &e));
	(void)scratch_file("dm", sizeof(plain), plain, sizeof(plain), 0);
	blk_close(b);
	secret_free(&key);
	cgd_params_dispose(&p);
}

static bool
fails(const char *call, struct dd_err *err)
{
	(void)strcat(strcat(kernel.calls, kernel.n > 0 ? " " : ""), call);
	if (++kernel.n != kernel.fails_at)
		return false;
	(void)dd_fail(err, ERR_IO, "%s failed", call);
	return true;
}

static int
store_read(const char *path, struct buf *b, struct dd_err *err)
{
	struct entry *x = entry(path);

	if (reads_until_gone > 0 && --reads_until_gone == 0) {
		nstore = 0;
		x = NULL;
	}
	return x != NULL ? buf_str(b, x->value) :
	    dd_fail(err, ERR_NOENT, "%s: not in xenstore", path);
}

static int
store_write(const char *const *w, struct dd_err *err)
{
	/* an error is told whatever fails */
	if (strstr(w[0], "hotplug-error") == NULL && fails("tell", err))
		return -1;
	for (; *w != NULL; w += 2)
		put(w[0], w[1]);
	return 0;
}

static int
store_remove(const char *path, struct dd_err *err)
{
	(void)err;
	if (entry(path) != NULL)
		entry(path)->path[0] = '\0';
	return 0;
}

static int
check(const char *algorithm, struct dd_err *err)
{
	if (strcmp(algorithm, "aes-xts") != 0)
		return dd_fail(err, ERR_UNSUP, "no %s", algorithm);
	return fails("check", err) ? -1 : 0;
}

static int
find(const char *name, struct host_crypt_device *d, struct dd_err *err)
{
	T_STR(name, "drydock-7-51714");
	if (fails("find", err))
		return -1;
	if (kernel.lingers > 0 && --kernel.lingers > 0)
		return dd_fail(err, ERR_EXIST, "%s: goes", name);
	*d = kernel.device;
	return kernel.there;
}

static int
attach(const struct host_crypt_disk *disk, struct host_crypt_device *d,
    struct dd_err *err)
{
	kernel.disk = *disk;
	(void)snprintf(kernel.disk_key, sizeof(kernel.disk_key), "%s",
	    disk->key);
	if (fails("attach", err))
		return -1;
	if (kernel.held > 0) {
		kernel.held--;
		return dd_fail(err, ERR_HELD, "in use");
	}
	kernel.there = true;
	kernel.device = (struct host_crypt_device){ .rdev = 0xfd03,
	    .dev = disk->dev, .ino = disk->ino, .readonly = disk->readonly };
	(void)snprintf(kernel.device.path, sizeof(kernel.device.path), "%s",
	    scratch("dm"));
	show(disk, !kernel.misfits);
	*d = kernel.device;
	return 0;
}

static int
detach(const char *name, struct dd_err *err)
{
	T_STR(name, "drydock-7-51714");
	if (fails("detach", err))
		return -1;
	kernel.there = false;
	return 0;
}

static int
key_put(const char *key, const struct secret *s, enum host_key_life life,
    struct dd_err *err)
{
	if (fails(life == HOST_KEY_OURS ? "key-ours" : life == HOST_KEY_ONCE ?
	    "key-once" : "key-kept", err))
		return -1;
	(void)snprintf(kernel.key_name, sizeof(kernel.key_name), "%s", key);
	memcpy(kernel.key, s->p, s->len);
	return 0;
}

static bool
key_there(const char *key)
{
	if (kernel.appears_at != 0 && ++kernel.looks == kernel.appears_at)
		(void)snprintf(kernel.key_name, sizeof(kernel.key_name),
		    "%s", key);
	return strcmp(key, kernel.key_name) == 0;
}

static void
key_drop(const char *key)
{
	if (strcmp(key, kernel.key_name) == 0)
		kernel.key_name[0] = '\0';
}

static int
key_drop_all(const char *prefix, struct dd_err *err)
{
	if (fails("forget", err))
		return -1;
	(void)strcat(strcat(kernel.prefixes, prefix), " ");
	if (strncmp(kernel.key_name, prefix, strlen(prefix)) == 0)
		kernel.key_name[0] = '\0';
	return 0;
}

static const struct host_crypt host = { .check = check, .find = find,
    .attach = attach, .detach = detach, .key_put = key_put,
    .key_there = key_there, .key_drop = key_drop,
    .key_drop_all = key_drop_all };

/* ---- a fleet of one */

static struct xen_ops xen;
static struct config conf;
static struct hotplug plug;
static char image[600], params[600];

static const char stored[] = "algorithm aes-xts;\nkeylength 256;\n"
    "verify_method ffs;\nkeygen storedkey key "
    "AAABACMqMTg/Rk1UW2JpcHd+hYyTmqGor7a9xMvS2eDn7vX8;\n";
static const char asked[] = "algorithm aes-xts;\nkeylength 256;\n"
    "verify_method ffs;\nkeygen pkcs5_pbkdf2/sha1 {\n\titerations 10;\n"
    "\tsalt AAAAgKChoqOkpaanqKmqq6ytrq8=;\n};\n";

static const char drydock_conf[] = "config_dirs = [ \"xen\" ]\n";

static void
set_params(const char *text)
{
	(void)scratch_file("params", (off_t)strlen(text), text, strlen(text),
	    0);
}

static void
begin(const char *text)
{
	char cfg[2048];

	memset(&kernel, 0, sizeof(kernel));
	nstore = 0;
	reads_until_gone = 0;
	if (image[0] == '\0')
		(void)snprintf(image, sizeof(image), "%s",
		    scratch_vector("cgd/cgd-aes-xts-256-encblkno1.img"));
	(void)snprintf(params, sizeof(params), "%s", scratch("params"));
	set_params(text);
	(void)mkdir(scratch("xen"), 0755);
	(void)snprintf(cfg, sizeof(cfg), "name = \"web1\"\n"
	    "disk = [ \"vdev=xvdc,access=w,script=block-drydock,target=%s\" "
	    "]\ndrydock_local = \"xvdc\"\ndrydock_local_params = \"%s\"\n",
	    image, params);
	(void)scratch_file("xen/web1.cfg", (off_t)strlen(cfg), cfg,
	    strlen(cfg), 0);
	(void)scratch_file("drydock.conf", sizeof(drydock_conf) - 1,
	    drydock_conf, sizeof(drydock_conf) - 1, 0);
	xen = xen_ops;
	xen.store_read = store_read;
	xen.store_write = store_write;
	xen.store_remove = store_remove;
	config_dispose(&conf);
	T_OK(config_load(&xen, scratch("drydock.conf"), &conf, &e));
	plug = (struct hotplug){ .xen = &xen, .conf = &conf, .host = &host,
	    .backend = BACKEND };
	put(BACKEND "/params", image);
	put(BACKEND "/mode", "w");
	put("/local/domain/7/name", "web1");
}

static void
attaches(void)
{
	struct stat st;

	begin(stored);
	T_OK(hotplug_add(&plug, &e));
	T_STR(kernel.calls, "check find key-ours attach tell");
	T_EQ(stat(image, &st), 0);
	T_EQ(kernel.disk.ino, st.st_ino);
	T_EQ(kernel.disk.sectors, st.st_size / 512);
	T_EQ(kernel.disk.keybits, 256);
	T(!kernel.disk.readonly);
	T_EQ(kernel.key[0], 0x23);
	T_EQ(kernel.key[31], 0xfc);
	T_STR(got("hotplug-status"), "connected");
	T_STR(got("physical-device-path"), scratch("dm"));
	T_STR(got("node"), scratch("dm"));
#ifdef __linux__
	T_STR(got("physical-device"), "fd:3");
#endif
	T_STR(got("hotplug-error"), "");
	T_STR(kernel.key_name, "");
	/* again: the same, and nothing is made */
	kernel.calls[0] = '\0';
	kernel.n = 0;
	T_OK(hotplug_add(&plug, &e));
	T_STR(kernel.calls, "check find tell");
	/* and where it fails, the guest that runs with it is not hit */
	kernel.fails_at = kernel.n + 3;
	T_ERR(hotplug_add(&plug, &e), ERR_IO);
	T(kernel.there);
	T_OK(hotplug_remove(&plug, &e));
	T(!kernel.there);
	T_OK(hotplug_remove(&plug, &e));
}

/* As xl block-attach does it; the image's own domU knows the parameters. */
static void
attaches_to_another(void)
{
	static const char other[] = "algorithm aes-cbc;\nkeygen storedkey key "
	    "AAAAgAUQGyYxPEdSXWhzfomUn6o=;\n";
	char cmd[2048];

	begin(asked);
	put("/local/domain/7/name", "rescue");
	T_ERR(hotplug_add(&plug, &e), ERR_PERM);
	T(strstr(e.msg, "drydock unlock web1:local") != NULL);
	begin(stored);
	store_remove("/local/domain/7/name", &e);
	T_OK(hotplug_add(&plug, &e));
	/* but its own configuration goes first */
	begin(stored);
	(void)scratch_file("other", sizeof(other) - 1, other,
	    sizeof(other) - 1, 0);
	(void)snprintf(cmd, sizeof(cmd), "cd %s && sed 's,web1,aaa,; "
	    "s,/params,/other,' xen/web1.cfg >xen/aaa.cfg", scratch_dir);
	T_EQ(system(cmd), 0);
	T_OK(hotplug_add(&plug, &e));
	put("/local/domain/7/name", "aaa");
	T_ERR(hotplug_add(&plug, &e), ERR_UNSUP);
	(void)unlink(scratch("xen/aaa.cfg"));
}

static void
read_only_is_read_only(void)
{
	begin(stored);
	put(BACKEND "/mode", "r");
	T_OK(hotplug_add(&plug, &e));
	T(kernel.disk.readonly);
	/* the one that is there shows the image otherwise */
	put(BACKEND "/mode", "w");
	kernel.device.open = true;
	T_ERR(hotplug_add(&plug, &e), ERR_HELD);
	T(strstr(e.msg, "read-only") != NULL);
	T(kernel.there);
	kernel.device.open = false;
	T_OK(hotplug_add(&plug, &e));
	T(strstr(kernel.calls, "find detach key-ours attach tell") != NULL);
	T(!kernel.disk.readonly);
}

/* Whatever fails: no device is left, and xenstore says why. */
static void
each_failure_is_taken_back(void)
{
	static const char *const left[] = {
		"check",
		"check find detach key-ours attach tell",
		"check find key-ours",
		"check find key-ours attach",
		"check find key-ours attach tell detach" };
	unsigned i;

	for (i = 0; i < 5; i++) {
		begin(stored);
		kernel.fails_at = i + 1;
		dd_err_clear(&e);
		/* one that can't be looked at is made anew */
		T_EQ(hotplug_add(&plug, &e), i == 1 ? 0 : -1);
		T_STR(kernel.calls, left[i]);
		T_EQ(kernel.there, i == 1);
		T_STR(kernel.key_name, "");
		T_STR(got("hotplug-status"), i == 1 ? "connected" : "error");
		T_EQ(strstr(got("hotplug-error"), " failed") != NULL, i != 1);
	}
}

static void
replaces_what_a_crash_left(void)
{
	begin(stored);
	kernel.there = true;
	kernel.device.ino = 1;
	T_OK(hotplug_add(&plug, &e));
	T_STR(kernel.calls, "check find detach key-ours attach tell");
	begin(stored);
	kernel.there = true;
	kernel.fails_at = 3;		/* and can't */
	T_ERR(hotplug_add(&plug, &e), ERR_IO);
	T_STR(kernel.calls, "check find detach");
	begin(stored);
	kernel.there = true;
	kernel.fails_at = 1;
	T_ERR(hotplug_remove(&plug, &e), ERR_IO);
	T_STR(got("hotplug-error"), "detach failed: the host's log may "
	    "tell more: is a disk failing?");
}

/* A guest that reboots: its device goes late. */
static void
waits_for_what_goes(void)
{
	begin(stored);
	plug.wait = 60;
	kernel.held = 2;
	T_OK(hotplug_add(&plug, &e));
	T_STR(kernel.calls, "check find key-ours attach attach attach tell");
	T_STR(got("hotplug-error"), "");
	/* it goes after the script has ended, which nobody waits for */
	kernel.calls[0] = '\0';
	kernel.lingers = 3;
	T_OK(hotplug_remove(&plug, &e));
	T_STR(kernel.calls, " detach");
	/* not without end, and only when that is why */
	begin(stored);
	kernel.held = 1;
	T_ERR(hotplug_add(&plug, &e), ERR_HELD);
	T_STR(got("hotplug-status"), "busy");
	T_STR(kernel.calls, "check find key-ours attach");
	kernel.there = true;
	kernel.lingers = 2;
	T_OK(hotplug_remove(&plug, &e));
	begin(stored);
	plug.wait = 60;
	kernel.fails_at = 4;
	T_ERR(hotplug_add(&plug, &e), ERR_IO);
	T_STR(kernel.calls, "check find key-ours attach");
	/* who stops it is obeyed */
	begin(stored);
	plug.wait = 60;
	kernel.held = 1000;
	plug.progress = &(struct progress){ .cancel = &(volatile int){ 1 } };
	T_ERR(hotplug_add(&plug, &e), ERR_CANCEL);
	kernel.there = true;
	kernel.lingers = 1000;
	T_OK(hotplug_remove(&plug, &e));
}

static void
waits_to_be_unlocked(void)
{
	static const char again[] = "# rekeyed\nalgorithm aes-xts;\n"
	    "keylength 256;\nverify_method ffs;\n"
	    "keygen pkcs5_pbkdf2/sha1 {\n\titerations 10;\n"
	    "\tsalt AAAAgKChoqOkpaanqKmqq6ytrq8=;\n};\n";
	char said[700];

	begin(asked);
	(void)snprintf(said, sizeof(said), "%s: is locked: drydock unlock "
	    "web1:local", image);
	T_ERR(hotplug_add(&plug, &e), ERR_PERM);
	T_STR(e.msg, said);
	T_STR(kernel.calls, "check find");
	T(strncmp(got("hotplug-error"), said, strlen(said)) == 0);
	T_STR(got("hotplug-status"), "error");

	/* it comes at the third look */
	begin(asked);
	plug.wait = 60;
	kernel.appears_at = 3;
	T_OK(hotplug_add(&plug, &e));
	T_STR(kernel.calls, "check find attach tell");
	T(strncmp(kernel.disk_key, "drydock:once-", 13) == 0);
	T_STR(kernel.key_name, "");	/* taken, and wiped */
	T_STR(got("hotplug-error"), "");

	/* one that is kept stays; one that was not used, too */
	begin(asked);
	kernel.appears_at = 2;
	T_OK(hotplug_add(&plug, &e));
	T(strncmp(kernel.disk_key, "drydock:kept-", 13) == 0);
	T_STR(kernel.key_name, kernel.disk_key);
	begin(asked);
	kernel.appears_at = 1;
	kernel.fails_at = 3;
	T_ERR(hotplug_add(&plug, &e), ERR_IO);
	T_STR(kernel.key_name, kernel.disk_key);

	/* what it decrypts is nothing: no device is left */
	begin(asked);
	kernel.appears_at = 2;
	kernel.misfits = true;
	T_ERR(hotplug_add(&plug, &e), ERR_PERM);
	T_STR(kernel.calls, "check find attach detach");
	T(!kernel.there);
	T(strstr(got("hotplug-error"), "key does not fit") != NULL);

	/* what no configuration has nobody can unlock: it is not waited for */
	begin(asked);
	plug.wait = 60;
	(void)mkdir(scratch(".cgd-aes-xts-256-encblkno1.img.d"), 0755);
	(void)scratch_file(".cgd-aes-xts-256-encblkno1.img.d/1.params",
	    (off_t)strlen(asked), asked, strlen(asked), 0);
	(void)unlink(scratch("xen/web1.cfg"));
	T_ERR(hotplug_add(&plug, &e), ERR_PERM);
	T(strstr(e.msg, "no domU's configuration has it") != NULL);
	T(strstr(got("hotplug-error"), "has it") != NULL);
	(void)unlink(scratch(".cgd-aes-xts-256-encblkno1.img.d/1.params"));
	(void)rmdir(scratch(".cgd-aes-xts-256-encblkno1.img.d"));

	/* one that was put for other parameters is not the image's */
	begin(asked);
	kernel.appears_at = 1;
	kernel.fails_at = 3;
	T_ERR(hotplug_add(&plug, &e), ERR_IO);
	kernel.appears_at = kernel.fails_at = 0;
	set_params(again);
	T_ERR(hotplug_add(&plug, &e), ERR_PERM);
	T(strstr(e.msg, "is locked") != NULL);
	set_params(asked);
	T_OK(hotplug_add(&plug, &e));

	/* who stops it is obeyed */
	begin(asked);
	plug.wait = 60;
	plug.progress = &(struct progress){ .cancel =
	    &(volatile int){ 1 } };
	T_ERR(hotplug_add(&plug, &e), ERR_CANCEL);
}

/* xl removed the disk while we attached it. */
static void
gives_up_what_is_not_wanted(void)
{
	begin(stored);
	reads_until_gone = 4;		/* params, mode, name, params */
	T_ERR(hotplug_add(&plug, &e), ERR_NOENT);
	T_STR(kernel.calls, "check find key-ours attach detach");
	T(!kernel.there);
	T_EQ(nstore, 0);		/* and nothing of it is brought back */
}

static void
refuses(void)
{
	char path[700];
	int fd;

	begin(stored);
	put(BACKEND "/params", "web1.img");
	T_ERR(hotplug_add(&plug, &e), ERR_CONFIG);
	begin(stored);
	put(BACKEND "/params", "/nowhere/at/all");
	T_ERR(hotplug_add(&plug, &e), ERR_NOENT);
	begin(stored);
	put(BACKEND "/params", scratch(""));
	T_ERR(hotplug_add(&plug, &e), ERR_TYPE);
	/* nobody says what the key is */
	begin(stored);
	put(BACKEND "/params", scratch_vector("ffs/ffsv1.img"));
	T_ERR(hotplug_add(&plug, &e), ERR_CONFIG);
	T(strstr(got("hotplug-error"), "drydock_local_params") != NULL);
	begin("algorithm aes-cbc; keylength 128;\nkeygen urandomkey;\n");
	T_ERR(hotplug_add(&plug, &e), ERR_UNSUP);
	begin("algorithm aes-xts; keylength 256;\nkeygen urandomkey;\n");
	T_ERR(hotplug_add(&plug, &e), ERR_USAGE);
	begin("algorithm aes-xts; keylength 256;\nverify_method ffs;\nkeygen "
	    "storedkey key "
	    "AAABAAAqMTg/Rk1UW2JpcHd+hYyTmqGor7a9xMvS2eDn7vX8;\n");
	T_ERR(hotplug_add(&plug, &e), ERR_PERM);	/* it does not fit */
	T_STR(kernel.calls, "check find");
	T(!kernel.there);

	/* a job of drydock's has it in hand */
	begin(stored);
	fd = open(image, O_RDWR);
	T_EQ(flock(fd, LOCK_EX), 0);
	T_ERR(hotplug_add(&plug, &e), ERR_HELD);
	T_STR(got("hotplug-status"), "busy");
	put(BACKEND "/mode", "r");
	T_ERR(hotplug_add(&plug, &e), ERR_HELD);
	T_EQ(flock(fd, LOCK_SH), 0);	/* who reads is in no reader's way */
	T_OK(hotplug_add(&plug, &e));
	(void)close(fd);

	/* a change of it was cut short */
	begin(stored);
	(void)snprintf(path, sizeof(path), "python3 tests/cut_short.py "
	    "%s", image);
	T_EQ(system(path), 0);
	T_ERR(hotplug_add(&plug, &e), ERR_UNCLEAN);
	(void)snprintf(path, sizeof(path), "rm %s/.drydock-*.redo",
	    scratch_dir);
	T_EQ(system(path), 0);

	/* one with partitions */
	begin(stored);
	put(BACKEND "/params", scratch_vector("disk.img"));
	(void)snprintf(path, sizeof(path), "sed -i 's,target=[^\"]*,target=%s,' "
	    "%s", scratch("disk.img"), scratch("xen/web1.cfg"));
	T_EQ(system(path), 0);
	T_ERR(hotplug_add(&plug, &e), ERR_UNSUP);
	T(strstr(e.msg, "partitions") != NULL);
}

/* At once, before anything is asked of the kernel. */
static void
refuses_what_is_under_two_keys(void)
{
	struct inplace_plan plan = { .from.sector_size = 512, .area = 4096 };
	struct side other = { .key = SECRET_INIT };
	struct inplace *ip = NULL;
	struct blk *b = NULL;

	begin(stored);
	side_make(&other, "aes-xts", 256, 512, 1);
	plan.to = other.side;
	T_OK(file_open(image, FILE_WRITE | FILE_REKEY, 0, &b, &e));
	plan.len = b->size;
	T_OK(inplace_begin(b, &plan, &e));
	T_OK(inplace_open(b, &plan.from, &plan.to, &ip, &e));
	T_ERR(hotplug_add(&plug, &e), ERR_HELD);
	T(strstr(got("hotplug-error"), "is being encrypted: 0%") != NULL);
	T_STR(kernel.calls, "");
	T_OK(inplace_finish(ip, &e));
	inplace_close(ip);
	blk_close(b);
	begin(stored);
	T_OK(hotplug_add(&plug, &e));
	side_make(&other, "", 0, 512, 0);
}

/* A command that never ends is not waited for without end. */
static void
ends_a_command(void)
{
	begin("algorithm aes-xts; keylength 256;\nkeygen shell_cmd cmd "
	    "\"tail -f /dev/null\";\n");
	T_ERR(hotplug_add(&plug, &e), ERR_IO);
	T(strstr(got("hotplug-error"), "takes too long") != NULL);
	begin("algorithm aes-xts; keylength 256;\nkeygen shell_cmd cmd "
	    "\"exec >/dev/null; exec tail -f /dev/null\";\n");
	T_ERR(hotplug_add(&plug, &e), ERR_IO);
}

static void
knows_backends(void)
{
	static const char *const bad[] = { "", "7", "backend", "a/b", "7/x",
	    "backend/vbd/7/51714/", "backend/vbd/7/51714x", "/", "/7/",
	    "backend/vbd/-7/1" };
	size_t i;

	for (i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
		begin(stored);
		plug.backend = bad[i];
		T_ERR(hotplug_add(&plug, &e), ERR_USAGE);
		T_ERR(hotplug_remove(&plug, &e), ERR_USAGE);
		T_STR(kernel.calls, "");
	}
}

static void
knows_its_script(void)
{
	struct fleet_disk d = { .script = NULL };

	T(!unlock_is_ours(&d));
	d.script = (char []){ "block-drydock" };
	T(unlock_is_ours(&d));
	d.script = (char []){ "/etc/xen/scripts/block-drydock" };
	T(unlock_is_ours(&d));
	d.script = (char []){ "block-drydock-2" };
	T(!unlock_is_ours(&d));
	d.script = (char []){ "/block-drydock/x" };
	T(!unlock_is_ours(&d));
}

/* Not only the one in place; and there need be nothing but the path. */
static void
forgets(void)
{
	char want[200], cmd[2048];
	struct stat st;

	begin(asked);
	(void)snprintf(cmd, sizeof(cmd), "cd %s && mkdir .img.d && "
	    ": >img && : >.img.d/1-20261126T115035Z", scratch_dir);
	T_EQ(system(cmd), 0);
	T_EQ(stat(scratch("img"), &st), 0);
	(void)snprintf(kernel.key_name, sizeof(kernel.key_name),
	    "drydock:kept-%llx-%llu-0123456789ab",
	    (unsigned long long)st.st_dev, (unsigned long long)st.st_ino);
	T_OK(unlock_forget(scratch("img"), &host, &e));
	T_STR(kernel.key_name, "");
	T_EQ(stat(scratch(".img.d/1-20261126T115035Z"), &st), 0);
	(void)snprintf(want, sizeof(want), "drydock:once-%llx-%llu- ",
	    (unsigned long long)st.st_dev, (unsigned long long)st.st_ino);
	T(strstr(kernel.prefixes, want) != NULL);
	/* the image is gone, its generation is not */
	kernel.prefixes[0] = '\0';
	(void)unlink(scratch("img"));
	T_OK(unlock_forget(scratch("img"), &host, &e));
	T(strstr(kernel.prefixes, want) != NULL);
	T_ERR(unlock_forget("/nowhere/at/all", &host, &e), ERR_NOENT);
	kernel.fails_at = kernel.n + 2;
	T_ERR(unlock_forget(scratch("img"), &host, &e), ERR_IO);
}

int
main(void)
{
	T_RUN(attaches);
	T_RUN(attaches_to_another);
	T_RUN(read_only_is_read_only);
	T_RUN(each_failure_is_taken_back);
	T_RUN(replaces_what_a_crash_left);
	T_RUN(waits_for_what_goes);
	T_RUN(waits_to_be_unlocked);
	T_RUN(forgets);
	T_RUN(gives_up_what_is_not_wanted);
	T_RUN(refuses);
	T_RUN(refuses_what_is_under_two_keys);
	T_RUN(ends_a_command);
	T_RUN(knows_backends);
	T_RUN(knows_its_script);
	config_dispose(&conf);
	return t_done();
}
