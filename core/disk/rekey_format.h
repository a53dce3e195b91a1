/*
 * Inside core/disk, and for core/cgd/inplace*.c: the layout of the state of a
 * re-encryption in place, and how two slots make it safe; see rekey_format.c.
 */
#ifndef DD_DISK_REKEY_FORMAT_H
#define DD_DISK_REKEY_FORMAT_H

#include "core/base/hash.h"
#include "core/disk/rekey_state.h"

#define REKEY_MAGIC	"drydock rekey 1\n"
#define REKEY_HEADER	((size_t)20480)
#define REKEY_SLOTS	2
#define REKEY_SLOT	((size_t)4096)		/* in front of its data */
#define REKEY_CHUNK	((size_t)256 * 1024)	/* data of one checksum */
#define REKEY_CHUNKS	64
#define REKEY_AREA_MAX	(REKEY_CHUNKS * REKEY_CHUNK)
#define REKEY_AREA_UNIT	((size_t)4096)		/* areas are multiples */

/* The data of a slot is not part of it. */
struct rekey_slot {
	uint64_t	seq;		/* from 1 on */
	uint64_t	off, len;	/* of the area, in the cgd */
	uint8_t		sums[REKEY_CHUNKS][HASH_LEN];
};

enum rekey_slot_is {
	REKEY_SLOT_ZERO,		/* never written */
	REKEY_SLOT_TORN,
	REKEY_SLOT_WHOLE		/* the data is still to be compared */
};

void	rekey_encode(const struct rekey_state *, uint8_t raw[REKEY_HEADER]);
/* false: damaged. */
bool	rekey_decode(const uint8_t raw[REKEY_HEADER], struct rekey_state *);

void	rekey_slot_encode(const struct rekey_state *,
	    const struct rekey_slot *, uint8_t raw[REKEY_SLOT]);
enum rekey_slot_is rekey_slot_decode(const struct rekey_state *,
	    const uint8_t raw[REKEY_SLOT], struct rekey_slot *);

/* The steps that make len, and what the one numbered seq (from 1 on) is. */
uint64_t rekey_steps(const struct rekey_state *);
void	rekey_step(const struct rekey_state *, uint64_t seq, uint64_t *off,
	    size_t *len);
size_t	rekey_chunks(uint64_t len);

/* Where the slot of a step stands in the file, and how long that is. */
uint64_t rekey_slot_at(const struct rekey_state *, uint64_t seq);
uint64_t rekey_file_size(const struct rekey_state *);

/* As rekey_read, but the file stays open as *fd when it is there, and its
 * path is in fresh memory as *path; .done is 0. */
int	rekey_open(const char *image, bool write, struct rekey_state *,
	    int *fd, char **path, struct dd_err *);

#endif
