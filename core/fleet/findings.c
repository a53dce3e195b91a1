/*
 * What is wrong with a fleet: each check looks at one disk of one domU and
 * says what the operator sees and what to do about it.
 */
#include <string.h>

#include "core/fleet/encryption.h"
#include "core/fleet/fleet_impl.h"
#include "core/fleet/unlock.h"

/* One disk in its surroundings. */
struct place {
	const struct fleet	*fleet;
	int			 full_warning, full_error;	/* permille */
	size_t			 domu;		/* index */
	struct fleet_domu	*d;
	const struct fleet_disk	*disk;
	unsigned		 position;	/* xbd number in the guest */
};

/* "pkg", or the vdev of a disk that plays no role. */
static const char *
label(const struct fleet_disk *d)
{
	return d->role != ROLE_OTHER ? fleet_role_name(d->role) : d->vdev;
}

#define ADD(p, kind, severity, hint, ...) \
	finding_add(&(p)->d->findings, kind, severity, hint, e, __VA_ARGS__)

static int
check_there(const struct place *p, struct dd_err *e)
{
	const struct fleet_image *img = p->disk->image;

	if (img->error == NULL)
		return 0;
	if (img->denied)
		return ADD(p, FOUND_NOT_SEEN, SEV_NOTE, "root may look",
		    "%s: %s", label(p->disk), img->error);
	if (img->rekeying)
		return ADD(p, FOUND_HALF_REKEYED, SEV_ERROR,
		    "drydock rekey --resume IMAGE goes on; until all is done "
		    "the domU can't be started", "%s: %u%% re-encrypted so "
		    "far: %s", label(p->disk), img->rekey_percent, img->path);
	if (img->missing)
		return ADD(p, FOUND_MISSING_IMAGE, SEV_ERROR,
		    "xl won't start the domU: bring the file back, or correct "
		    "the disk in its configuration", "%s: %s", label(p->disk),
		    img->error);
	return ADD(p, FOUND_UNREADABLE, SEV_WARNING, NULL, "%s: %s",
	    label(p->disk), img->error);
}

static int
check_path(const struct place *p, struct dd_err *e)
{
	const struct fleet_disk *d = p->disk;

	if (check_there(p, e) == -1)
		return -1;
	if (d->target[0] == '/')
		return 0;
	return ADD(p, FOUND_RELATIVE_PATH, SEV_WARNING, "write the whole path",
	    "%s: %s is a relative path: which file it is depends on where xl "
	    "is started", label(d), d->target);
}

/* Another domU that uses the image, one that writes if there is; or NULL. */
static const struct fleet_domu *
rival(const struct place *p, bool *writes)
{
	const struct fleet_image *img = p->disk->image;
	const struct fleet_domu *d, *found = NULL;
	size_t i, j;

	*writes = false;
	for (i = 0; i < img->nusers && !*writes; i++) {
		if (img->users[i] == p->domu)
			continue;
		d = &p->fleet->domus[img->users[i]];
		if (found == NULL)
			found = d;
		for (j = 0; j < d->ndisks; j++)
			if (d->disks[j].image == img &&
			    d->disks[j].readwrite) {
				*writes = true;
				found = d;
			}
	}
	return found;
}

/* An image is written by one, or read by many. */
static int
check_sharing(const struct place *p, struct dd_err *e)
{
	const struct fleet_image *img = p->disk->image;
	const struct fleet_domu *other;
	bool writes;

	if (img->ndisks < 2 || img->nwriters == 0)
		return 0;
	if ((other = rival(p, &writes)) == NULL)
		return ADD(p, FOUND_TWO_WRITERS, SEV_ERROR, "each would ruin "
		    "what the other wrote: name it once", "%s: %s is attached "
		    "more than once, read-write", label(p->disk), img->path);
	if (!writes && !p->disk->readwrite)
		return 0;
	return ADD(p, FOUND_TWO_WRITERS, SEV_ERROR, "an image has one writer, "
	    "or readers only: give each domU its own copy, or attach it "
	    "read-only (r) everywhere", "%s: %s is attached read-write %s "
	    "%s %s",
	    label(p->disk), img->path,
	    writes ? "by" : "here, and also used by", other->name,
	    writes && p->disk->readwrite ? "and here" :
	    writes ? "while it is read here" : "");
}

static int
check_position(const struct place *p, struct dd_err *e)
{
	static const struct {
		enum fleet_role	 role;
		unsigned	 position;
		const char	*hint;
	} wanted[] = {
		{ ROLE_LOCAL, 2, "put three disks in front of it: root, swap, "
		    "local, pkg is the order" },
		{ ROLE_PKG, 3, "the order of the disks is root, swap, local, "
		    "pkg" },
	};
	size_t i;

	for (i = 0; i < 2; i++)
		if (p->disk->role == wanted[i].role &&
		    p->position != wanted[i].position)
			return ADD(p, FOUND_DISK_ORDER, SEV_WARNING,
			    wanted[i].hint, "%s: %s becomes xbd%u in the "
			    "guest; a prepared root mounts xbd%ua",
			    label(p->disk), p->disk->vdev, p->position,
			    wanted[i].position);
	return 0;
}

static int
check_root(const struct place *p, struct dd_err *e)
{
	if (p->disk->role != ROLE_ROOT || !p->disk->readwrite)
		return 0;
	return ADD(p, FOUND_ROOT_WRITABLE, SEV_NOTE, "attached read-only (r), "
	    "one image serves every domU", "root: %s is attached read-write",
	    p->disk->image->path);
}

/* Does any domU that uses the image run, or perhaps run? */
static bool
in_use(const struct place *p)
{
	const struct fleet_image *img = p->disk->image;
	size_t i;

	for (i = 0; i < img->nusers; i++)
		if (p->fleet->domus[img->users[i]].state != STATE_OFF)
			return true;
	return false;
}

static int
check_ffs(const struct place *p, struct dd_err *e)
{
	const struct fleet_image *img = p->disk->image;
	int use = fleet_image_use(img);

	if (img->probe.kind != PROBE_FFS)
		return 0;
	if (p->disk->readwrite && use >= p->full_warning && ADD(p,
	    FOUND_NEARLY_FULL, use >= p->full_error ? SEV_ERROR : SEV_WARNING,
	    "remove files, or give it a larger image", "%s: %s is %d%% full",
	    label(p->disk), img->path, use / 10) == -1)
		return -1;
	if (in_use(p))
		return 0;
	if (img->probe.ffs.journal_dirty)
		return ADD(p, FOUND_NOT_CLEAN, SEV_WARNING, "boot the domU: it "
		    "replays its journal", "%s: %s was not unmounted: its "
		    "journal needs replay", label(p->disk), img->path);
	if (!img->probe.ffs.clean)
		return ADD(p, FOUND_NOT_CLEAN, SEV_WARNING, "boot the domU, "
		    "which checks it, or run: drydock check --repair IMAGE",
		    "%s: %s was not unmounted cleanly", label(p->disk),
		    img->path);
	return 0;
}

static int
check_content(const struct place *p, struct dd_err *e)
{
	const struct fleet_image *img = p->disk->image;
	const char *hint = NULL, *what = NULL;

	if (img->pending && ADD(p, FOUND_INTERRUPTED, SEV_ERROR, "run: "
	    "drydock recover", "%s: %s: a change of drydock's was "
	    "interrupted", label(p->disk), img->path) == -1)
		return -1;
	switch (img->probe.kind) {
	case PROBE_FFS_BE:
		what = "a big-endian file system, which drydock can't read";
		break;
	case PROBE_ARCHIVE:
		what = "an archive, not a disk image";
		hint = "unpack it into an image: drydock create --from";
		break;
	case PROBE_QCOW2:
		what = "a qcow2 image, which drydock only lists";
		hint = "qemu-img convert -O raw makes one that drydock can "
		    "work on";
		break;
	default:
		return check_ffs(p, e);
	}
	return ADD(p, FOUND_NO_IMAGE, SEV_NOTE, hint, "%s: %s is %s",
	    label(p->disk), img->path, what);
}

static int
check_params(const struct place *p, struct dd_err *e)
{
	if (unlock_is_ours(p->disk) && p->disk->image->plain)
		return ADD(p, FOUND_CONFIG, SEV_ERROR, "take script="
		    UNLOCK_SCRIPT " out of the disk's line in the domU's "
		    "configuration", "%s: %s is not encrypted any more, and "
		    UNLOCK_SCRIPT " decrypts", label(p->disk),
		    p->disk->image->path);
	if (p->disk->params == NULL && unlock_is_ours(p->disk))
		return ADD(p, FOUND_MISSING_PARAMS, SEV_ERROR,
		    "drydock_local_params = \"FILE\" "
		    "(or drydock_pkg_params) in the domU's configuration "
		    "names it", "%s: no parameters file is known for %s, "
		    "which " UNLOCK_SCRIPT " needs", label(p->disk),
		    p->disk->image->path);
	return encryption_check(&p->d->findings, p->disk, label(p->disk), e);
}

/* Running and in place are two things. */
static int
check_running(const struct place *p, struct dd_err *e)
{
	const struct fleet_disk *d = p->disk;

	if (d->trouble != NULL && ADD(p, FOUND_HOTPLUG, SEV_ERROR, "the "
	    "backend could not attach it: look into xen's log files",
	    "%s: %s: %s", label(d), d->image->path, d->trouble) == -1)
		return -1;
	if (!d->run_known || (d->run_dev == d->image->dev &&
	    d->run_ino == d->image->ino))
		return 0;
	if (d->runs_with != 0)
		return ADD(p, FOUND_OLD_GENERATION, SEV_NOTE, "a restart makes "
		    "it take effect", "%s: runs with generation %u; %u is in "
		    "place, and takes effect at the next start", label(d),
		    d->runs_with, d->image->generation);
	return ADD(p, FOUND_OLD_GENERATION, SEV_WARNING, "a restart makes it "
	    "take effect", "%s: runs with another file than the one at %s now",
	    label(d), d->image->path);
}

static int
check_generations(const struct place *p, struct dd_err *e)
{
	const struct fleet_image *img = p->disk->image;

	if (img->interrupted && ADD(p, FOUND_INTERRUPTED, SEV_ERROR,
	    "run: drydock recover", "%s: %s: another generation was being put "
	    "in place, and that was cut short", label(p->disk), img->path) ==
	    -1)
		return -1;
	if (img->leftover && ADD(p, FOUND_LEFTOVER, SEV_WARNING, "run: drydock "
	    "recover", "%s: %s: among its generations lies what a copy or a "
	    "deletion left that was cut short", label(p->disk),
	    img->path) == -1)
		return -1;
	if (check_running(p, e) == -1)
		return -1;
	if (!img->foreign || img->missing)
		return 0;
	return ADD(p, FOUND_REPLACED, SEV_WARNING, "if that is what you want, "
	    "all is well: the next swap keeps it as a generation of its own",
	    "%s: %s is not the file that drydock put there: it was restored, "
	    "or replaced by hand", label(p->disk), img->path);
}

static int
check_disk(const struct place *p, struct dd_err *e)
{
	if (check_position(p, e) == -1 || check_params(p, e) == -1)
		return -1;
	if (p->disk->image == NULL)
		return 0;
	if (check_path(p, e) == -1 || check_generations(p, e) == -1)
		return -1;
	if (p->disk->image->error != NULL)
		return 0;
	if (check_sharing(p, e) == -1 || check_root(p, e) == -1)
		return -1;
	return check_content(p, e);
}

static int
check_name(const struct fleet *f, size_t i, struct dd_err *e)
{
	struct fleet_domu *d = &f->domus[i];
	const struct fleet_domu *twin = NULL;

	if (i > 0 && strcmp(f->domus[i - 1].name, d->name) == 0)
		twin = &f->domus[i - 1];
	else if (i + 1 < f->ndomus &&
	    strcmp(f->domus[i + 1].name, d->name) == 0)
		twin = &f->domus[i + 1];
	if (d->cfg == NULL)
		return finding_add(&d->findings, FOUND_NO_CONFIG, SEV_NOTE,
		    "put its xl.cfg into one of config_dirs", e, "runs "
		    "without a configuration here");
	if (twin == NULL)
		return 0;
	return finding_add(&d->findings, FOUND_SAME_NAME, SEV_ERROR, "xl runs "
	    "one domU of a name: rename one", e, "%s has the same name",
	    twin->cfg);
}

static int
permille(unsigned percent, unsigned usual)
{
	return 10 * (int)(percent == 0 ? usual : percent);
}

int
findings_make(struct fleet *f, const struct config *conf, struct dd_err *e)
{
	struct place p = { .fleet = f,
	    .full_warning = permille(conf->full_warning, CONFIG_FULL_WARNING),
	    .full_error = permille(conf->full_error, CONFIG_FULL_ERROR) };
	size_t i, j, n;

	for (i = 0; i < f->ndomus; i++) {
		if (check_name(f, i, e) == -1)
			return -1;
		p.domu = i;
		p.d = &f->domus[i];
		p.position = 0;
		for (j = 0; j < p.d->ndisks; j++) {
			p.disk = &p.d->disks[j];
			n = p.d->findings.n;
			if (check_disk(&p, e) == -1)
				return -1;
			findings_about(&p.d->findings, n, p.disk);
			if (roles_counts(p.disk))
				p.position++;
		}
	}
	return 0;
}
