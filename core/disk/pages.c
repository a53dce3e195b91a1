/* Loose sectors; see pages.h. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>
#include <errno.h>
#include <fcntl.h>

#include "core/base/bytes.h"
#include "core/base/fsutil.h"
#include "core/disk/pages.h"

int
pages_init(struct pages *ps, size_t memory, struct dd_err *e)
{
	*ps = (struct pages){ .map = MAP_INIT, .spill = -1,
	    .mem_max = (uint32_t)(memory / PAGE_BYTES) };
	if ((ps->mem = calloc(ps->mem_max, sizeof(*ps->mem))) == NULL)
		return dd_fail_nomem(e);
	return 0;
}

void
pages_reset(struct pages *ps)
{
	struct page *p;
	uint64_t number;
	size_t at = 0;
	uint32_t i;

	while ((p = map_next(&ps->map, &at, &number)) != NULL)
		free(p);
	map_dispose(&ps->map);
	for (i = 0; i < ps->slots && i < ps->mem_max; i++) {
		free(ps->mem[i]);
		ps->mem[i] = NULL;
	}
	ps->slots = 0;
	ps->bytes = 0;
	if (ps->spill != -1)
		(void)close(ps->spill);
	ps->spill = -1;
}

void
pages_dispose(struct pages *ps)
{
	if (ps->mem == NULL)
		return;
	pages_reset(ps);
	free(ps->mem);
	ps->mem = NULL;
}

static int
open_spill(struct pages *ps, struct dd_err *e)
{
	const char *dir = getenv("TMPDIR");
	char *path;
	int rc = -1;

	if (dir == NULL || dir[0] == '\0')
		dir = "/var/tmp";
	if ((path = fs_join(dir, "drydock.XXXXXX")) == NULL)
		return dd_fail_nomem(e);
	if ((ps->spill = mkstemp(path)) == -1) {
		(void)dd_fail_sys(e, errno, "%s", path);
		(void)dd_hint(e, "large changes wait in a file there; TMPDIR "
		    "names another folder");
	} else {
		(void)unlink(path);
		(void)fcntl(ps->spill, F_SETFD, FD_CLOEXEC);
		rc = 0;
	}
	free(path);
	return rc;
}

/* Give p a slot, in memory while there is room. */
static int
place(struct pages *ps, struct page *p, struct dd_err *e)
{
	if (ps->slots < ps->mem_max) {
		ps->mem[ps->slots] = malloc(PAGE_BYTES);
		if (ps->mem[ps->slots] == NULL)
			return dd_fail_nomem(e);
	} else if (ps->slots == UINT32_MAX)
		return dd_fail(e, ERR_NOSPC, "the change is too large");
	else if (ps->spill == -1 && open_spill(ps, e) == -1)
		return -1;
	p->slot = ps->slots++;
	return 0;
}

/* Page number, made where it is missing; NULL: the error is in e. */
static struct page *
page_make(struct pages *ps, uint64_t number, struct dd_err *e)
{
	struct page *p = map_get(&ps->map, number);

	if (p != NULL)
		return p;
	if ((p = calloc(1, sizeof(*p))) == NULL) {
		(void)dd_fail_nomem(e);
		return NULL;
	}
	if (place(ps, p, e) == -1) {
		free(p);
		return NULL;
	}
	/* a slot lost to a failing map_put goes at the next reset */
	if (map_put(&ps->map, number, p) == -1) {
		(void)dd_fail_nomem(e);
		free(p);
		return NULL;
	}
	return p;
}

static int
page_write(struct pages *ps, const struct page *p, const void *data,
    size_t len, size_t at, struct dd_err *e)
{
	if (p->slot < ps->mem_max) {
		memcpy(ps->mem[p->slot] + at, data, len);
		return 0;
	}
	if (fs_pwrite(ps->spill, data, len, (uint64_t)(p->slot -
	    ps->mem_max) * PAGE_BYTES + at, "temporary file", e) == -1)
		return dd_hint(e, "large changes wait in a file in /var/tmp; "
		    "TMPDIR names another folder");
	return 0;
}

static int
page_read(const struct pages *ps, const struct page *p, void *data,
    size_t len, size_t at, struct dd_err *e)
{
	if (p->slot < ps->mem_max) {
		memcpy(data, ps->mem[p->slot] + at, len);
		return 0;
	}
	return fs_pread(ps->spill, data, len, (uint64_t)(p->slot -
	    ps->mem_max) * PAGE_BYTES + at, "temporary file", e);
}

/* Where a range meets a page. */
struct piece {
	uint64_t	number;		/* of the page */
	size_t		at, len;	/* bytes in the page */
	uint32_t	mask;
};

static struct piece
piece_at(uint64_t off, size_t len)
{
	struct piece c;
	uint32_t n;

	c.number = off / PAGE_BYTES;
	c.at = (size_t)(off % PAGE_BYTES);
	c.len = (size_t)min64(len, PAGE_BYTES - c.at);
	n = (uint32_t)(c.len / SECTOR);
	c.mask = n == PAGE_SECTORS ? UINT32_MAX :
	    ((1U << n) - 1) << c.at / SECTOR;
	return c;
}

static unsigned
count(uint32_t mask)
{
	return (unsigned)__builtin_popcount(mask);
}

int
pages_put(struct pages *ps, const void *data, size_t len, uint64_t off,
    struct dd_err *e)
{
	const uint8_t *from = data;
	struct page *p;
	struct piece c;

	for (; len > 0; off += c.len, from += c.len, len -= c.len) {
		c = piece_at(off, len);
		if ((p = page_make(ps, c.number, e)) == NULL ||
		    page_write(ps, p, from, c.len, c.at, e) == -1)
			return -1;
		ps->bytes += SECTOR * count(c.mask & ~p->held);
		p->held |= c.mask;
	}
	return 0;
}

int
pages_lay(const struct pages *ps, void *buf, size_t len, uint64_t off,
    struct dd_err *e)
{
	uint8_t *to = buf;
	const struct page *p;
	struct piece c;
	uint32_t want;
	size_t from, n;

	if (ps->map.len == 0)
		return 0;
	for (; len > 0; off += c.len, to += c.len, len -= c.len) {
		c = piece_at(off, len);
		if ((p = map_get(&ps->map, c.number)) == NULL)
			continue;
		want = c.mask & p->held;
		/* runs of sectors */
		for (; want != 0; want &= ~(uint32_t)(((1ULL << n) - 1) <<
		    from)) {
			from = (size_t)__builtin_ctz(want);
			for (n = 1; from + n < PAGE_SECTORS &&
			    (want >> (from + n) & 1) != 0; n++)
				;
			if (page_read(ps, p, to + from * SECTOR - c.at,
			    n * SECTOR, from * SECTOR, e) == -1)
				return -1;
		}
	}
	return 0;
}

void
pages_forget(struct pages *ps, uint64_t number, uint32_t mask)
{
	struct page *p = map_get(&ps->map, number);

	if (p == NULL)
		return;
	ps->bytes -= SECTOR * count(mask & p->held);
	p->held &= ~mask;
}

void
pages_drop(struct pages *ps, size_t len, uint64_t off)
{
	struct piece c;

	if (ps->map.len == 0)
		return;
	for (; len > 0; off += c.len, len -= c.len) {
		c = piece_at(off, len);
		pages_forget(ps, c.number, c.mask);
	}
}

uint32_t
pages_mask(const struct pages *ps, uint64_t number)
{
	const struct page *p = map_get(&ps->map, number);

	return p == NULL ? 0 : p->held;
}

static int
by_number(const void *a, const void *b)
{
	uint64_t x = *(const uint64_t *)a, y = *(const uint64_t *)b;

	return x < y ? -1 : x > y;
}

int
pages_list(const struct pages *ps, uint64_t **out, size_t *n,
    struct dd_err *e)
{
	uint64_t *list;
	size_t at = 0, i = 0;

	*out = NULL;
	*n = 0;
	if (ps->map.len == 0)
		return 0;
	if ((list = calloc(ps->map.len, sizeof(*list))) == NULL)
		return dd_fail_nomem(e);
	while (map_next(&ps->map, &at, &list[i]) != NULL)
		i++;
	qsort(list, i, sizeof(*list), by_number);
	*out = list;
	*n = i;
	return 0;
}

bool
pages_run(uint32_t mask, unsigned *at, unsigned *n)
{
	while (*at < PAGE_SECTORS && (mask >> *at & 1) == 0)
		(*at)++;
	for (*n = 0; *at + *n < PAGE_SECTORS &&
	    (mask >> (*at + *n) & 1) != 0; (*n)++)
		;
	return *n > 0;
}
