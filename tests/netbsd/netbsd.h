/*
 * core/host/netbsd*.c with a model of the kernel under it, for the tests of
 * them.  On other systems tests/netbsd/include stands in for NetBSD's headers.
 */
#ifndef TESTS_NETBSD_NETBSD_H
#define TESTS_NETBSD_NETBSD_H

#include <sys/param.h>
#include <sys/types.h>
#include <sys/stat.h>
#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* The host's own stay beside these. */
#define host_devices		model_devices
#define host_room		model_room
#define host_holders		model_holders
#define host_device_holders	model_device_holders
#define host_backing_file	model_backing_file
#define host_process_start	model_process_start
#define host_process_alive	model_process_alive
#define netbsd_sys		model_calls
#define netbsd_kernel		model_netbsd

#include "core/base/buf.h"
#include "core/host/host.h"
#include "core/host/kernel.h"
#include "core/host/netbsd_impl.h"
#include "tests/unit/t.h"

/* The compiler's own headers, which look at that, are included by now. */
#ifndef __NetBSD__
#define __NetBSD__	1
#endif
#include "core/host/netbsd_units.c"
#undef SECTOR
#include "core/host/netbsd_attach.c"
#undef SECTOR
#include "core/host/netbsd_holders.c"
#include "core/host/netbsd_kernel.c"
#include "core/host/netbsd_process.c"
#include "core/host/netbsd_room.c"
#include "core/host/netbsd_under.c"
#undef DEPTH
#include "core/host/netbsd_walk.c"
#define tell			tell_devices
#include "core/host/netbsd_devices.c"
#undef tell
#include "tests/netbsd/model_calls.h"

static const struct host_kernel *const k = &netbsd_kernel;
static struct dd_err e;

static const struct host_part all = { .image = "/xen/a.img", .dev = 7,
    .ino = 100, .len = 1 << 20 };

static unsigned char bytes[] = "0123456789abcdef0123456789abcdef";
static const struct secret key = { .p = bytes, .len = 32 };
static const struct host_cipher xts = { .algorithm = "aes-xts",
    .ivmethod = "encblkno1", .keybits = 256, .key = &key };

/* The unit of another process that shows that file. */
static inline void
another(int n, ino_t ino)
{
	m.unit[MODEL_VND][n].set = true;
	m.unit[MODEL_VND][n].dev = 7;
	m.unit[MODEL_VND][n].ino = ino;
	m.unit[MODEL_VND][n].size = 1 << 20;
}

#endif
