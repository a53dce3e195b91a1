/* What the files that describe domUs share; what views use is in views.h. */
#ifndef DD_TUI_DESCRIBE_H
#define DD_TUI_DESCRIBE_H

#include "tui/views.h"

/* Was something read from the image? */
bool	describe_readable(const struct fleet_disk *);
/* The disk's name in a NetBSD guest, which numbers its disks in order. */
void	describe_guest_name(struct text *, const struct fleet_domu *,
	    size_t disk);
/* What the operator should notice first about an image's content. */
void	describe_image_state(struct text *, const struct fleet *,
	    const struct fleet_image *, bool brief);
/* How full its file system is, with a gauge; nothing where it has none. */
void	describe_fill(struct text *, const struct fleet_image *, int width);

#endif
