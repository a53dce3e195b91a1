/* How a disk is encrypted, in words; see views.h. */
#include "core/fleet/encryption.h"
#include "tui/views.h"

static bool
known(const struct fleet_disk *disk)
{
	return disk->encryption != NULL && disk->encryption->error == NULL;
}

void
describe_cipher(struct text *t, const struct fleet_disk *disk)
{
	struct buf b = BUF_INIT;

	/* while it has two it is said how far that is */
	if (!known(disk) || (disk->image != NULL && disk->image->rekeying))
		return;
	encryption_cipher(disk->encryption, &b);
	if (!b.failed)
		text_add(t, disk->encryption->weak != 0 ? STYLE_WARN :
		    STYLE_DIM, ", %s", b.p);
	buf_dispose(&b);
}

void
describe_encryption(struct text *t, const struct fleet_disk *disk,
    int indent, int width)
{
	const struct encryption *c = disk->encryption;
	struct buf b = BUF_INIT;

	if (!known(disk))
		return;
	encryption_cipher(c, &b);
	(void)buf_str(&b, ", ");
	encryption_key(c, &b);
	(void)buf_str(&b, "; ");
	encryption_age(c, &b);
	text_tab(t, indent);
	if (!b.failed)
		text_wrap(t, c->weak != 0 ? STYLE_WARN : STYLE_NORMAL, indent,
		    width, b.p);
	else
		text_end(t);
	buf_dispose(&b);
}
