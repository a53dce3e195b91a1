/* Fleets from folders of xl.cfg files and images. */
#include <errno.h>

#include "core/base/bytes.h"
#include "core/disk/file.h"
#include "core/disk/overlay.h"
#include "core/fleet/fleet.h"
#include "core/fleet/target.h"
#include "core/host/host.h"
#include "tests/unit/scratch.h"
#include "tests/unit/t.h"
#include "xen/xen.h"

static struct dd_err e;
static struct fleet *fleet;

/* The Xen of a test: cfg and disks by libxlutil, domains from here. */
static struct xen_ops ops;
static struct xen_domain domains[8];
static size_t ndomains;
static struct dd_err xen_answer;

static int
fake_domains(bool disks, struct xen_domain **v, size_t *n, struct dd_err *err)
{
	(void)disks;
	if (xen_answer.code != ERR_NONE) {
		*err = xen_answer;
		return -1;
	}
	*v = domains;
	*n = ndomains;
	return 0;
}

static void
fake_domains_free(struct xen_domain *v, size_t n)
{
	(void)v;
	(void)n;
}

/* An empty folder NAME of configurations. */
static void
fresh_dir(const char *name)
{
	char cmd[1400];

	(void)snprintf(cmd, sizeof(cmd), "rm -rf '%s' && mkdir -p '%s'",
	    scratch(name), scratch(name));
	T_EQ(system(cmd), 0);
}

/* A configuration; '@' in text stands for the scratch folder. */
static void
put(const char *name, const char *text)
{
	FILE *f = fopen(scratch(name), "w");

	if (f == NULL) {
		T_FAIL("%s: %s", name, strerror(errno));
		return;
	}
	for (; *text != '\0'; text++)
		if (*text == '@')
			fputs(scratch_dir, f);
		else
			fputc(*text, f);
	fclose(f);
}

static void
image(const char *name, off_t size)
{
	(void)scratch_file(name, size, "", 0, 0);
}

static void
load_dirs(const char *one, const char *two)
{
	char *dirs[] = { strdup(scratch(one)),
	    two != NULL ? strdup(scratch(two)) : NULL, NULL };
	struct config conf = { .config_dirs = dirs };

	fleet_free(fleet);
	fleet = NULL;
	T_OK(fleet_load(&ops, &conf, &fleet, &e));
	free(dirs[0]);
	free(dirs[1]);
	if (fleet == NULL)
		exit(1);
}

static const struct fleet_domu *
domu(const char *name)
{
	static const struct fleet_domu none = { .name = NULL };
	const struct fleet_domu *d = fleet_find(fleet, name);

	if (d == NULL)
		T_FAIL("%s: not in the fleet", name);
	return d != NULL ? d : &none;
}

/* How many findings of the domU have text in text or hint. */
static unsigned
count(const char *name, enum fleet_severity severity, const char *text)
{
	const struct fleet_domu *d = domu(name);
	unsigned n = 0;
	size_t i;

	for (i = 0; i < d->findings.n; i++) {
		const struct fleet_finding *f = &d->findings.v[i];

		n += f->severity == severity &&
		    (strstr(f->text, text) != NULL ||
		    (f->hint != NULL && strstr(f->hint, text) != NULL));
	}
	return n;
}

static void
expect(const char *name, enum fleet_severity severity, const char *text)
{
	const struct fleet_domu *d = domu(name);
	size_t i;

	if (count(name, severity, text) == 1)
		return;
	T_FAIL("%s: not one %s with \"%s\", but:", name,
	    fleet_severity_name(severity), text);
	for (i = 0; i < d->findings.n; i++)
		printf("#   %s: %s\n#     %s\n",
		    fleet_severity_name(d->findings.v[i].severity),
		    d->findings.v[i].text, d->findings.v[i].hint != NULL ?
		    d->findings.v[i].hint : "-");
}

static void
expect_none(const char *name)
{
	const struct fleet_domu *d = domu(name);
	size_t i;

	for (i = 0; i < d->findings.n; i++)
		T_FAIL("%s: %s", name, d->findings.v[i].text);
}

#define FOUR(who)							\
	"disk = [ '@/root.img,raw,xvda,r', '@/" who "swap,raw,xvdb,w',\n"	\
	"    '@/" who "local,raw,xvdc,w', '@/" who "pkg,raw,xvdd,w' ]\n"

static void
images_for(const char *who)
{
	char name[64];

	(void)snprintf(name, sizeof(name), "%sswap", who);
	image(name, 4096);
	(void)snprintf(name, sizeof(name), "%slocal", who);
	image(name, 65536);
	(void)snprintf(name, sizeof(name), "%spkg", who);
	image(name, 1 << 20);
}

static void
scheme(void)
{
	static const enum fleet_role roles[] = { ROLE_ROOT, ROLE_SWAP,
	    ROLE_LOCAL, ROLE_PKG };
	const struct fleet_domu *d;
	size_t i;

	fresh_dir("x");
	image("root.img", 1 << 20);
	images_for("a");
	images_for("b");
	put("x/web2.cfg", "name='web2'\n" FOUR("b"));
	put("x/web1.cfg", "name='web1'\nmemory=256\nvcpus=2\n"
	    "kernel='/netbsd'\nuuid='u'\ntype='pv'\n" FOUR("a"));
	load_dirs("x", NULL);
	T_EQ(fleet->ndomus, 2);
	T_EQ(fleet->nimages, 7);
	T_STR(fleet->domus[0].name, "web1");
	d = domu("web1");
	T_EQ(d->memory, 256 << 20);
	T_EQ(d->vcpus, 2);
	T_STR(d->kernel, "/netbsd");
	T_STR(d->uuid, "u");
	T_STR(d->type, "pv");
	T_STR(d->cfg, scratch("x/web1.cfg"));
	T(d->error == NULL);
	T_EQ(d->ndisks, 4);
	for (i = 0; i < d->ndisks; i++)
		T_EQ(d->disks[i].role, roles[i]);
	T(fleet_disk_of(d, ROLE_PKG) == &d->disks[3]);
	T(fleet_disk_of(d, ROLE_OTHER) == NULL);
	T_STR(d->disks[0].image->path, scratch("root.img"));
	T(d->disks[0].image == domu("web2")->disks[0].image);
	T_EQ(d->disks[0].image->nusers, 2);
	T_EQ(d->disks[0].image->users[1], 1);
	T_EQ(d->disks[0].image->nwriters, 0);
	T_EQ(d->disks[2].image->size, 65536);
	T_EQ(d->disks[2].image->nusers, 1);
	T(!d->disks[0].readwrite && d->disks[2].readwrite);
	expect_none("web1");
	expect_none("web2");
}

static void
roles_by_key(void)
{
	fresh_dir("x");
	images_for("a");
	image("root.img", 4096);
	put("x/three.cfg", "name='three'\ndrydock_swap='none'\n"
	    "drydock_local='xvdb'\ndrydock_pkg='@/apkg'\n"
	    "disk = [ '@/root.img,raw,xvda,r', '@/alocal,raw,xvdb,w',\n"
	    "  '@/apkg,raw,xvdc,w', '@/aswap,raw,xvdd,w' ]\n");
	put("x/cd.cfg", "name='cd'\ndisk = [ ',,hdc:cdrom,r',\n"
	    "  '@/root.img,raw,xvda,r', '@/c.iso,raw,hdd:cdrom,r',\n"
	    "  '@/bswap,raw,xvdb,w' ]\n");
	put("x/odd.cfg", "name='odd'\ndrydock_root='xvdq'\n"
	    "drydock_pkg=['xvda']\ndrydock_local='xvda'\n"
	    "drydock_swap='xvda'\ndrydock_lokal='xvdb'\ndrydock_zz=1\n"
	    "disk = [ '@/root.img,raw,xvda,r' ]\n");
	images_for("b");
	load_dirs("x", NULL);

	T_EQ(domu("three")->disks[0].role, ROLE_ROOT);
	T_EQ(domu("three")->disks[1].role, ROLE_LOCAL);
	T_EQ(domu("three")->disks[2].role, ROLE_PKG);
	T_EQ(domu("three")->disks[3].role, ROLE_OTHER);
	expect("three", SEV_WARNING, "local: xvdb becomes xbd1 in the guest; "
	    "a prepared root mounts xbd2a");
	expect("three", SEV_WARNING, "pkg: xvdc becomes xbd2");
	T_EQ(domu("three")->findings.n, 2);

	T_EQ(domu("cd")->disks[0].role, ROLE_OTHER);
	T(domu("cd")->disks[0].image == NULL);
	T_EQ(domu("cd")->disks[1].role, ROLE_ROOT);
	T_EQ(domu("cd")->disks[2].role, ROLE_OTHER);
	T_EQ(domu("cd")->disks[3].role, ROLE_SWAP);

	expect("odd", SEV_ERROR, "odd.cfg:2: drydock_root names none of the "
	    "disks");
	expect("odd", SEV_ERROR, "odd.cfg:3: drydock_pkg is not a string");
	expect("odd", SEV_ERROR, "odd.cfg:4: drydock_local names a disk that "
	    "another key names, too");
	T_EQ(domu("odd")->disks[0].role, ROLE_SWAP);
	expect("odd", SEV_WARNING, "odd.cfg:6: unknown key drydock_lokal");
	expect("odd", SEV_WARNING, "did you mean drydock_local?");
	expect("odd", SEV_WARNING, "odd.cfg:7: unknown key drydock_zz");
}

static void
sharing(void)
{
	fresh_dir("x");
	image("one.img", 4096);
	image("two.img", 4096);
	(void)symlink(scratch("one.img"), scratch("alias.img"));
	(void)link(scratch("one.img"), scratch("hard.img"));
	put("x/w1.cfg", "name='w1'\ndisk=[ '@/one.img,raw,xvda,w' ]\n");
	put("x/w2.cfg", "name='w2'\ndisk=[ '@/alias.img,raw,xvda,w' ]\n");
	put("x/r.cfg", "name='r'\ndisk=[ '@/hard.img,raw,xvda,r' ]\n");
	put("x/self.cfg", "name='self'\ndisk=[ '@/two.img,raw,xvda,r',\n"
	    "'@/two.img,raw,xvdb,w' ]\n");
	load_dirs("x", NULL);
	T_EQ(fleet->nimages, 2);
	T(domu("w1")->disks[0].image == domu("r")->disks[0].image);
	T_EQ(domu("r")->disks[0].image->nusers, 3);
	T_EQ(domu("r")->disks[0].image->nwriters, 2);
	expect("w1", SEV_ERROR, "is attached read-write by w2 and here");
	expect("w2", SEV_ERROR, "is attached read-write by w1 and here");
	expect("r", SEV_ERROR, "is attached read-write by w1 while it is "
	    "read here");
	expect("w1", SEV_NOTE, "attached read-only (r), one image serves");
	T_EQ(count("self", SEV_ERROR, "more than once"), 2);

	put("x/w2.cfg", "name='w2'\ndisk=[ '@/alias.img,raw,xvda,r' ]\n");
	load_dirs("x", NULL);
	expect("w1", SEV_ERROR, "read-write here, and also used by r");
	T_EQ(count("r", SEV_ERROR, "by w1 while"), 1);

	put("x/third.cfg", "name='third'\ndisk=[ '@/two.img,raw,xvda,r' "
	    "]\n");
	load_dirs("x", NULL);
	T_EQ(count("self", SEV_ERROR, "two.img"), 1);
	expect("self", SEV_ERROR, "swap: ");
	expect("third", SEV_ERROR, "by self while it is read here");
}

static void
files(void)
{
	fresh_dir("x");
	put("x/gone.cfg", "name='gone'\ndisk=[ '@/none.img,raw,xvda,r' ]\n");
	put("x/gone2.cfg", "name='gone2'\n"
	    "disk=[ '@/none.img,raw,xvda,r' ]\n");
	put("x/rel.cfg", "name='rel'\ndisk=[ 'none.img,raw,xvda,r' ]\n");
	put("x/dir.cfg", "name='dir'\ndisk=[ '@/x,raw,xvda,r' ]\n");
	put("x/script.cfg", "name='script'\ndisk=[ "
	    "'script=block-x,vdev=xvda,target=pool/one' ]\n");
	load_dirs("x", NULL);
	T_EQ(fleet->nimages, 3);
	T(domu("gone")->disks[0].image->missing);
	T_EQ(domu("gone")->disks[0].image->nusers, 2);
	expect("gone", SEV_ERROR, "none.img: No such file or directory");
	expect("gone2", SEV_ERROR, "bring the file back");
	expect("rel", SEV_WARNING, "none.img is a relative path");
	T(domu("dir")->disks[0].image->error != NULL);
	expect("dir", SEV_WARNING, "is a directory, not a disk image");
	T(domu("script")->disks[0].image == NULL);
	expect_none("script");
}

/* A vector as NAME in the folder. */
static void
vector(const char *which, const char *name)
{
	T_EQ(rename(scratch_vector(which), scratch(name)), 0);
}

static void
patch(const char *name, off_t off, const void *data, size_t len)
{
	int fd = open(scratch(name), O_WRONLY);

	T_EQ(pwrite(fd, data, len, off), len);
	(void)close(fd);
}

/* Turn the bytes of an FFSv2 superblock round, which has words of four bytes
 * but for fs_sblockloc. */
static void
swap_superblock(const char *name)
{
	uint8_t sb[1376];
	int fd = open(scratch(name), O_RDWR);
	size_t i;

	T_EQ(pread(fd, sb, sizeof(sb), 65536), sizeof(sb));
	for (i = 0; i < sizeof(sb); i += 4)
		put32be(sb + i, get32le(sb + i));
	put32be(sb + 1000, 0);
	put32be(sb + 1004, 65536);
	T_EQ(pwrite(fd, sb, sizeof(sb), 65536), sizeof(sb));
	(void)close(fd);
}

static int
no_truncate(int fd, const char *name, struct dd_err *err)
{
	(void)fd;
	return dd_fail(err, ERR_IO, "%s: cut", name);
}

/* Write to an image and stop before the journal goes. */
static void
interrupt(const char *name)
{
	struct disk_io io = disk_io_host;
	static const char sector[512] = "new";
	struct blk *b = NULL;

	io.truncate = no_truncate;
	T_OK(file_open(scratch(name), FILE_WRITE, 0, &b, &e));
	file_set_io(b, &io);
	T_OK(overlay_open(b, 0, &b, &e));
	T_OK(blk_pwrite(b, sector, 512, 4096, BLK_JOURNALED, &e));
	T(blk_flush(b, &e) == -1);
	blk_close(b);
}

static void
contents(void)
{
	static const uint8_t none[32], qcow2[] = { 'Q', 'F', 'I', 0xfb, 0, 0,
	    0, 3 };

	mkdir(scratch("ffs"), 0755);
	fresh_dir("x");
	vector("ffs/ffsv2.img", "good.img");
	vector("ffs/ffsv2.img", "full.img");
	/* fs_cstotal of the FFSv2 superblock: no blocks, no fragments */
	patch("full.img", 65536 + 1016, none, 8);
	patch("full.img", 65536 + 1032, none, 8);
	vector("ffs/unclean.img", "unclean.img");
	vector("ffs/logdirty.img", "log.img");
	vector("ffs/ffsv2.img", "big.img");
	swap_superblock("big.img");
	vector("ffs/ffsv2.img", "pending.img");
	interrupt("pending.img");
	image("q.img", 65536);
	patch("q.img", 0, qcow2, sizeof(qcow2));

	put("x/rw.cfg", "name='rw'\ndrydock_root='none'\n"
	    "drydock_local='none'\ndrydock_pkg='none'\ndisk=[\n"
	    "'@/good.img,raw,xvda,w', '@/full.img,raw,xvdb,w',\n"
	    "'@/unclean.img,raw,xvdc,w', '@/log.img,raw,xvdd,w',\n"
	    "'@/big.img,raw,xvde,w', '@/pending.img,raw,xvdf,w',\n"
	    "'@/q.img,raw,xvdg,w' ]\n");
	load_dirs("x", NULL);
	T_EQ(domu("rw")->findings.n, 6);
	expect("rw", SEV_ERROR, "full.img is 100% full");
	expect("rw", SEV_WARNING, "unclean.img was not unmounted cleanly");
	expect("rw", SEV_WARNING, "log.img was not unmounted: its journal");
	expect("rw", SEV_NOTE, "big.img is a big-endian file system");
	expect("rw", SEV_ERROR, "pending.img: a change of drydock's was "
	    "interrupted");
	expect("rw", SEV_NOTE, "q.img is a qcow2 image");
	T_EQ(fleet_image_use(domu("rw")->disks[1].image), 1000);
	T_EQ(fleet_image_use(domu("rw")->disks[6].image), -1);

	/* read-only and full is as it should be; what runs is not clean */
	put("x/rw.cfg", "name='rw'\ndrydock_root='none'\n"
	    "disk=[ '@/full.img,raw,xvda,r', '@/unclean.img,raw,xvdb,w' "
	    "]\n");
	dd_err_clear(&xen_answer);
	ndomains = 1;
	domains[0] = (struct xen_domain){ .name = (char *)"rw", .id = 1 };
	load_dirs("x", NULL);
	expect_none("rw");
	(void)dd_fail(&xen_answer, ERR_NOENT, "no Xen here");
}

/* 90 % is worth a word, 97 % is an error. */
static void
full_images(void)
{
	static const struct {
		int	 percent, severity;	/* -1: none */
	} cases[] = { { 89, -1 }, { 90, SEV_WARNING }, { 96, SEV_WARNING },
	    { 97, SEV_ERROR } };
	struct fleet_image *img;
	uint8_t sb[1376], word[8] = { 0 };
	uint64_t data, free_blocks;
	size_t i;
	int fd;

	for (i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		fresh_dir("x");
		vector("ffs/ffsv2.img", "full.img");
		fd = open(scratch("full.img"), O_RDONLY);
		T_EQ(pread(fd, sb, sizeof(sb), 65536), sizeof(sb));
		(void)close(fd);
		/* fs_dsize in fragments; fs_cstotal: no blocks, and as many
		 * fragments as are to be free, half a percent less */
		data = get64le(sb + 1088);
		free_blocks = data * (uint64_t)(1000 -
		    10 * cases[i].percent - 5) / 1000;
		patch("full.img", 65536 + 1016, word, 8);
		put64le(word, free_blocks);
		patch("full.img", 65536 + 1032, word, 8);
		memset(word, 0, sizeof(word));
		put("x/a.cfg", "name='a'\ndrydock_root='none'\n"
		    "drydock_pkg='xvda'\ndisk=[ '@/full.img,raw,xvda,w' ]\n");
		load_dirs("x", NULL);
		img = domu("a")->disks[0].image;
		T_EQ(fleet_image_use(img) / 10, cases[i].percent);
		T_EQ(count("a", SEV_WARNING, "full"),
		    cases[i].severity == SEV_WARNING);
		T_EQ(count("a", SEV_ERROR, "full"),
		    cases[i].severity == SEV_ERROR);
	}
}

/* A generation in the folder, of 64 KiB. */
static void
generation(const char *name)
{
	static char bytes[65536];
	char path[128];

	memset(bytes, 'x', sizeof(bytes));
	(void)snprintf(path, sizeof(path), ".pkg.img.d/%s", name);
	(void)scratch_file(path, 0, bytes, sizeof(bytes), 0);
}

static void
old_generations(void)
{
	const struct fleet_image *img;
	struct stat st;

	fresh_dir("x");
	fresh_dir(".pkg.img.d");
	image("pkg.img", 65536);
	put("x/a.cfg", "name='a'\ndisk=[ '@/pkg.img,raw,xvda,r' ]\n");
	generation("1-20260101T000000Z");
	generation("2-20260102T000000Z+good");
	generation("3-20260103T000000Z+pinned");
	generation("4-20260104T000000Z");
	load_dirs("x", NULL);
	img = domu("a")->disks[0].image;
	T_EQ(stat(scratch(".pkg.img.d/1-20260101T000000Z"), &st), 0);
	T_EQ(img->nold, 2);
	T_EQ(img->old, 2 * (uint64_t)st.st_blocks * 512);
	T(!img->leftover && !img->interrupted);
	T_EQ(count("a", SEV_WARNING, "cut short"), 0);

	generation("4.going");
	load_dirs("x", NULL);
	T(domu("a")->disks[0].image->leftover);
	expect("a", SEV_WARNING, "what a copy or a deletion left that was cut "
	    "short");
}

/* Who may not look says so, and not that it is not there. */
static void
nothing_for_the_curious(void)
{
	const struct fleet_image *img;

	if (geteuid() == 0 && seteuid(65534) == -1) {
		printf("# no other user to be: not tried\n");
		return;
	}
	(void)seteuid(0);
	fresh_dir("x");
	fresh_dir("closed");
	image("closed/a.img", 4096);
	image("b.img", 4096);
	put("x/a.cfg", "name='a'\ndisk=[ '@/closed/a.img,raw,xvda,r',"
	    "'@/b.img,raw,xvdb,r' ]\n");
	T_EQ(chmod(scratch("closed"), 0700), 0);
	T_EQ(chmod(scratch("b.img"), 0), 0);
	T_EQ(chmod(scratch_dir, 0755), 0);
	(void)seteuid(65534);
	load_dirs("x", NULL);
	(void)seteuid(0);
	img = domu("a")->disks[0].image;
	T(img->denied && !img->missing);
	T(domu("a")->disks[1].image->denied);
	T_EQ(count("a", SEV_NOTE, "Permission denied"), 2);
	T_EQ(domu("a")->findings.n, 2);
}

static void
broken_configurations(void)
{
	char *big = malloc(2 << 20);

	fresh_dir("x");
	put("x/syntax.cfg", "name='a'\nmemory=yes\n");
	put("x/noname.cfg", "memory=64\ndisk=[ '@/one.img,raw,xvda,r' ]\n");
	put("x/disk.cfg", "name='disk'\n\ndisk=[ '@/one.img,raw,xvda,r',\n"
	    "  'vnd:/x,xvdb,w', [ 'x' ] ]\n");
	put("x/string.cfg", "name='string'\ndisk='@/one.img,raw,xvda,w'\n");
	put("x/twice.cfg", "name='twice'\nmemory=1\nmemory=2\n");
	put("x/same1.cfg", "name='same'\n");
	put("x/same2.cfg", "name='same'\n");
	memset(big, '\n', 2 << 20);
	(void)scratch_file("x/big.cfg", 0, big, 2 << 20, 0);
	free(big);
	T_EQ(mkfifo(scratch("x/fifo"), 0600), 0);
	T_EQ(symlink("/no/such/file", scratch("x/dangling.cfg")), 0);
	load_dirs("x", NULL);
	T_EQ(fleet->ndomus, 10);
	T(strstr(domu("syntax")->error, "syntax.cfg:2: ") != NULL);
	expect("syntax", SEV_ERROR, "write 1 or 0 for yes or no");
	T(strstr(domu("noname")->error, "has no name") != NULL);
	T_EQ(domu("noname")->ndisks, 1);
	T(strstr(domu("disk")->error, "disk.cfg:3: disk 2: unknown "
	    "deprecated disk prefix") != NULL);
	expect("disk", SEV_ERROR, "disk 3: not a string");
	T_EQ(domu("disk")->ndisks, 1);
	T(strstr(domu("string")->error, "disk is not a list") != NULL);
	T(domu("twice")->error == NULL);
	T_EQ(domu("twice")->memory, 2 << 20);
	expect("twice", SEV_WARNING, "twice.cfg:3: memory stands in line 2 "
	    "already");
	expect("same", SEV_ERROR, "same2.cfg has the same name");
	T(strstr(domu("big")->error, "larger than") != NULL);
	T(strstr(domu("fifo")->error, "not a regular file") != NULL);
	T(strstr(domu("dangling")->error, "No such file") != NULL);
}

static void
which_files_count(void)
{
	static const char *const others[] = { "x/drydock.conf", "x/xl.conf",
	    "x/README", "x/xlexample.cfg", "x/web.cfg~", "x/web~",
	    "x/.hidden.cfg", "x/notes.txt", "x/web.cfg.bak" };
	size_t i;

	fresh_dir("x");
	fresh_dir("auto");
	fresh_dir("x/folder.cfg");
	fresh_dir("x/folder");
	for (i = 0; i < sizeof(others) / sizeof(others[0]); i++)
		put(others[i], "name='other'\n");
	put("x/web.cfg", "name='web'\n");
	put("x/plain", "name='plain'\n");
	T_EQ(symlink("../x/web.cfg", scratch("auto/web.cfg")), 0);
	T_EQ(symlink("../x/plain", scratch("auto/10plain")), 0);
	put("auto/own", "name='own'\n");
	load_dirs("x", "auto");
	T_EQ(fleet->ndomus, 3);
	T_STR(domu("web")->cfg, scratch("x/web.cfg"));
	T_STR(domu("plain")->cfg, scratch("x/plain"));
	T_STR(domu("own")->cfg, scratch("auto/own"));

	load_dirs("x", "absent");
	T_EQ(fleet->ndomus, 2);
	T_EQ(fleet->findings.n, 1);
	T(strstr(fleet->findings.v[0].text, "absent") != NULL);
}

static void
running(void)
{
	struct xen_disk disks[] = {
		{ .vdev = (char *)"xvda", .target = strdup(scratch(
		    "one.img")), .readwrite = true },
		{ .vdev = (char *)"xvdb" },
	};

	fresh_dir("x");
	image("one.img", 4096);
	put("x/a.cfg", "name='a'\nmemory=1\n");
	put("x/b.cfg", "name='b'\ndisk=[ '@/one.img,raw,xvda,r' ]\n");
	put("x/c1.cfg", "name='c'\n");
	put("x/c2.cfg", "name='c'\n");
	put("x/d.cfg", "name='d'\n");
	dd_err_clear(&xen_answer);
	ndomains = 4;
	domains[0] = (struct xen_domain){ .name = (char *)"a", .id = 1,
	    .state = XEN_PAUSED, .memory = 7 };
	domains[1] = (struct xen_domain){ .name = (char *)"c", .id = 2,
	    .state = XEN_RUNNING };
	domains[2] = (struct xen_domain){ .name = (char *)"aa", .id = 3,
	    .state = XEN_CRASHED, .memory = 64, .vcpus = 2, .disks = disks,
	    .ndisks = 2 };
	domains[3] = (struct xen_domain){ .id = 4, .state = XEN_DYING };
	load_dirs("x", NULL);
	T(fleet->xen == NULL);
	T_EQ(fleet->ndomus, 7);
	T_EQ(domu("a")->state, STATE_PAUSED);
	T_EQ(domu("a")->memory, 7);
	T_EQ(domu("a")->vcpus, 1);
	T_EQ(domu("b")->state, STATE_OFF);
	T_EQ(domu("c")->state, STATE_RUNNING);
	T_EQ((domu("c") + 1)->state, STATE_RUNNING);
	T_EQ(domu("?")->state, STATE_DYING);
	T_EQ(domu("aa")->state, STATE_CRASHED);
	T_EQ(domu("aa")->memory, 64);
	T(domu("aa")->cfg == NULL);
	T_EQ(domu("aa")->disks[0].role, ROLE_ROOT);
	expect("aa", SEV_NOTE, "runs without a configuration");
	expect("aa", SEV_ERROR, "read-write here, and also used by b");
	expect("b", SEV_ERROR, "read-write by aa while it is read here");

	free(disks[0].target);

	ndomains = 0;
	load_dirs("x", NULL);
	T(fleet->xen == NULL);
	T_EQ(domu("a")->state, STATE_OFF);
	T_EQ(domu("a")->memory, 1 << 20);

	(void)dd_fail(&xen_answer, ERR_PERM, "not you");
	load_dirs("x", NULL);
	T_STR(fleet->xen, "not you");
	T_EQ(domu("d")->state, STATE_UNKNOWN);
	T_EQ(fleet->findings.n, 1);

	dd_err_clear(&xen_answer);
	(void)dd_fail(&xen_answer, ERR_NOENT, "no Xen here");
	load_dirs("x", NULL);
	T_STR(fleet->xen, "no Xen here");
	T_EQ(domu("d")->state, STATE_OFF);
	T_EQ(fleet->findings.n, 0);
}

/* Whatever this machine is, its own Xen answers or says why not. */
static void
asking_for_real(void)
{
	struct xen_domain *v;
	size_t n;

	dd_err_clear(&e);
	if (xen_ops.domains(true, &v, &n, &e) == 0)
		xen_ops.domains_free(v, n);
	else
		T(e.code != ERR_NONE && e.msg[0] != '\0');
}

static void
wanted(void)
{
	fresh_dir("x");
	put("x/a.cfg", "name='mailserver'\n");
	load_dirs("x", NULL);
	T(fleet_want(fleet, "mailserver", &e) != NULL);
	dd_err_clear(&e);
	T(fleet_want(fleet, "mialserver", &e) == NULL);
	T_EQ(e.code, ERR_NOENT);
	T_STR(e.hint, "did you mean mailserver?");
	dd_err_clear(&e);
	T(fleet_want(fleet, "zz", &e) == NULL);
	T(strstr(e.hint, "drydock list") != NULL);
}

static void
names(void)
{
	int i;

	for (i = 0; i < ROLE_COUNT; i++)
		T_EQ(fleet_role_parse(fleet_role_name((enum fleet_role)i)),
		    i);
	T_EQ(fleet_role_parse("rot"), -1);
	T_STR(fleet_state_name(STATE_OFF), "off");
}

/* A domU that was started from another configuration than it has now. */
static void
what_it_really_has(void)
{
	struct xen_disk has[] = {
		{ .vdev = (char *)"xvda", .target = strdup(scratch("one.img")),
		    .readwrite = true },
		{ .vdev = (char *)"xvdb", .target = NULL },
		{ .vdev = (char *)"xvdc", .target = strdup(scratch("ro.img")) },
		{ .vdev = (char *)"xvdd", .target = strdup(scratch("far.img")),
		    .readwrite = true, .elsewhere = true }
	};

	fresh_dir("x");
	image("one.img", 65536);
	image("two.img", 65536);
	image("ro.img", 65536);
	image("far.img", 65536);
	put("x/moved.cfg", "name='moved'\ndisk=[ '@/two.img,raw,xvda,w' ]\n");
	dd_err_clear(&xen_answer);
	ndomains = 1;
	domains[0] = (struct xen_domain){ .name = (char *)"moved", .id = 1,
	    .disks = has, .ndisks = 4 };
	load_dirs("x", NULL);
	T_ERR(holders_refuse(fleet, scratch("one.img"), true, &e), ERR_HELD);
	T(strstr(e.msg, "attached to moved as xvda") != NULL);
	T_ERR(holders_refuse(fleet, scratch("two.img"), true, &e), ERR_HELD);
	T_ERR(holders_refuse(fleet, scratch("ro.img"), false, &e), ERR_HELD);
	T_OK(holders_refuse(fleet, scratch("ro.img"), true, &e));
	free(has[0].target);
	/* a file of another domain's, of the same name */
	T_OK(holders_refuse(fleet, scratch("far.img"), false, &e));
	free(has[2].target);
	free(has[3].target);
	ndomains = 0;
	(void)dd_fail(&xen_answer, ERR_NOENT, "no Xen here");
}

/* A block device is one by its number. */
static void
devices_are_held(void)
{
	struct xen_domain d = { .name = (char *)"lv", .id = 1 };
	char *node = strdup(scratch("node"));

	fresh_dir("x");
	(void)unlink(node);
	/* a loop device that nobody has */
	if (mknod(node, S_IFBLK | 0600, host_makedev(7, 243)) == -1) {
		printf("# no right to make device nodes: not tried\n");
		free(node);
		return;
	}
	put("x/lv.cfg", "name='lv'\ndisk=[ 'phy:@/node,xvda,w' ]\n");
	dd_err_clear(&xen_answer);
	domains[0] = d;
	ndomains = 1;
	load_dirs("x", NULL);
	T_ERR(holders_refuse(fleet, node, false, &e), ERR_HELD);
	T(fleet_image_at(fleet, node) != NULL);
	ndomains = 0;
	(void)dd_fail(&xen_answer, ERR_NOENT, "no Xen here");
	load_dirs("x", NULL);
	T_OK(holders_refuse(fleet, node, false, &e));
	free(node);
}

int
main(void)
{
	ops = xen_ops;
	ops.domains = fake_domains;
	ops.domains_free = fake_domains_free;
	(void)dd_fail(&xen_answer, ERR_NOENT, "no Xen here");
	T_RUN(scheme);
	T_RUN(roles_by_key);
	T_RUN(sharing);
	T_RUN(files);
	T_RUN(contents);
	T_RUN(full_images);
	T_RUN(old_generations);
	T_RUN(nothing_for_the_curious);
	T_RUN(broken_configurations);
	T_RUN(which_files_count);
	T_RUN(running);
	T_RUN(asking_for_real);
	T_RUN(wanted);
	T_RUN(names);
	T_RUN(what_it_really_has);
	T_RUN(devices_are_held);
	fleet_free(fleet);
	return t_done();
}
