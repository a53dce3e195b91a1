/*
 * A libxl that is played: linked before the real one, it makes a drydock whose
 * Xen is the folder $PLAYED_XEN, with a file for each domain, named by it,
 * that holds "ID STATE" (running, paused, crashed or dying).  There is no Xen
 * where that folder is not there; where it holds a file .silent it can't be
 * asked.  What else is asked of Xen goes through a program called xl, which a
 * test plays by a script.
 */
#include <dirent.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <libxl.h>
#include <libxl_utils.h>

#define DOMAINS	16

static char names[DOMAINS][64];
static libxl_dominfo infos[DOMAINS];

int
libxl_ctx_alloc(libxl_ctx **ctx, int version, unsigned flags,
    xentoollog_logger *logger)
{
	const char *folder = getenv("PLAYED_XEN");
	DIR *d = folder == NULL ? NULL : opendir(folder);
	char path[1024];

	(void)version;
	(void)flags;
	(void)logger;
	*ctx = NULL;
	if (d == NULL) {
		errno = ENOENT;
		return -1;
	}
	(void)closedir(d);
	(void)snprintf(path, sizeof(path), "%s/.silent", folder);
	if (fopen(path, "r") == NULL)
		return 0;
	errno = EACCES;
	return -1;
}

static int
take(const char *folder, const char *name, int i)
{
	char path[1024], state[16];
	unsigned id;
	FILE *f;
	int n;

	(void)snprintf(path, sizeof(path), "%s/%s", folder, name);
	if ((f = fopen(path, "r")) == NULL)
		return 0;
	n = fscanf(f, "%u %15s", &id, state);
	(void)fclose(f);
	if (n != 2)
		return 0;	/* it is being written */
	(void)snprintf(names[i], sizeof(names[i]), "%.63s", name);
	infos[i] = (libxl_dominfo){ .domid = id, .current_memkb = 262144,
	    .vcpu_online = 1 };
	infos[i].paused = strcmp(state, "paused") == 0;
	infos[i].dying = strcmp(state, "dying") == 0;
	infos[i].shutdown = strcmp(state, "crashed") == 0;
	infos[i].shutdown_reason = LIBXL_SHUTDOWN_REASON_CRASH;
	return 1;
}

libxl_dominfo *
libxl_list_domain(libxl_ctx *ctx, int *n)
{
	const char *folder = getenv("PLAYED_XEN");
	struct dirent *entry;
	DIR *d = opendir(folder);

	(void)ctx;
	*n = 0;
	while (d != NULL && *n < DOMAINS && (entry = readdir(d)) != NULL)
		if (entry->d_name[0] != '.')
			*n += take(folder, entry->d_name, *n);
	if (d != NULL)
		(void)closedir(d);
	return infos;
}

char *
libxl_domid_to_name(libxl_ctx *ctx, uint32_t id)
{
	int i;

	(void)ctx;
	for (i = 0; i < DOMAINS; i++)
		if (infos[i].domid == id && names[i][0] != '\0')
			return strdup(names[i]);
	return NULL;
}

libxl_device_disk *
libxl_device_disk_list(libxl_ctx *ctx, uint32_t id, int *n)
{
	(void)ctx;
	(void)id;
	*n = 0;
	return NULL;
}
