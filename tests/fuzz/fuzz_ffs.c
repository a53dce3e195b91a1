/*
 * A whole file system, damaged anywhere: superblock, groups, inodes, indirect
 * blocks, directories.  Everything is read, then everything is changed.
 */
#include "tests/fuzz/fuzz.h"
#include "tests/fuzz/ffs_base.h"

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t len)
{
	struct memdisk *d = base_patched(data, len);

	if (d == NULL)
		return 0;
	base_read_all(d);
	base_change_all(d);
	return 0;
}
