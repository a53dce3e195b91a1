/*
 * Secrets in libgcrypt's secure memory.  It is set up once, before anything
 * else of libgcrypt can do so with a smaller pool: cipher contexts with their
 * key schedules live there, too.
 */
#include <sys/resource.h>
#include <errno.h>
#include <poll.h>
#include <pthread.h>
#include <stdbool.h>
#include <string.h>
#include <unistd.h>

#include <gcrypt.h>

#include "core/base/clock.h"
#include "core/base/secret.h"

#define POOL	(512 * 1024)

void (*secret_first)(void);

static pthread_once_t once = PTHREAD_ONCE_INIT;

static void
begin(void)
{
	const struct rlimit none = { 0, 0 };

	(void)setrlimit(RLIMIT_CORE, &none);
	if (secret_first != NULL)
		secret_first();
	(void)gcry_check_version(NULL);
	(void)gcry_control(GCRYCTL_SUSPEND_SECMEM_WARN);
	(void)gcry_control(GCRYCTL_INIT_SECMEM, POOL, 0);
	(void)gcry_control(GCRYCTL_INITIALIZATION_FINISHED, 0);
}

int
secret_alloc(struct secret *s, size_t len, struct dd_err *e)
{
	unsigned char *p;

	(void)pthread_once(&once, begin);
	if ((p = gcry_calloc_secure(1, len + 1)) == NULL)
		return dd_fail(e, ERR_NOMEM, "no locked memory for a key");
	*s = (struct secret){ .p = p, .len = len };
	return 0;
}

void
secret_wipe(void *p, size_t len)
{
	volatile unsigned char *at = p;

	while (len-- > 0)
		*at++ = 0;
}

void
secret_free(struct secret *s)
{
	if (s->p != NULL) {
		secret_wipe(s->p, s->len);
		gcry_free(s->p);
	}
	*s = (struct secret)SECRET_INIT;
}

void
secret_cut(struct secret *s, size_t len)
{
	if (len < s->len) {
		secret_wipe(s->p + len, s->len - len);
		s->len = len;
	}
}

/* Can it be read from before that moment (0: no matter when)? */
static bool
readable(int fd, int64_t end)
{
	struct pollfd p = { .fd = fd, .events = POLLIN };
	int64_t left;
	int r = -1;

	if (end == 0)
		return true;
	while (r == -1 && (left = end - clock_ms()) > 0)
		if ((r = poll(&p, 1, (int)left)) == -1 && errno != EINTR)
			return false;
	return r > 0;
}

static int
read_fd(int fd, size_t max, bool line, int64_t end, const char *name,
    struct secret *out, struct dd_err *e)
{
	struct secret s = SECRET_INIT;
	size_t n = 0;
	ssize_t r;

	if (secret_alloc(&s, max + 1, e) == -1)
		return -1;
	while (n <= max) {
		if (!readable(fd, end)) {
			(void)dd_fail(e, ERR_IO, "%s: takes too long", name);
			goto fail;
		}
		/* a line byte by byte: what follows is somebody else's */
		r = read(fd, s.p + n, line ? 1 : max + 1 - n);
		if (r == -1 && errno == EINTR)
			continue;
		if (r == -1) {
			(void)dd_fail_sys(e, errno, "%s", name);
			goto fail;
		}
		if (r == 0 || (line && s.p[n] == '\n')) {
			if (r == 0 && line && n == 0) {
				(void)dd_fail(e, ERR_NOENT,
				    "%s: no passphrase there", name);
				goto fail;
			}
			secret_cut(&s, n);
			*out = s;
			return 0;
		}
		n += (size_t)r;
	}
	(void)dd_fail(e, ERR_FORMAT, "%s: longer than %zu bytes", name, max);
fail:
	secret_free(&s);
	return -1;
}

int
secret_read_fd(int fd, size_t max, const char *name, struct secret *s,
    struct dd_err *e)
{
	return read_fd(fd, max, false, 0, name, s, e);
}

int
secret_read_until(int fd, size_t max, int64_t end, const char *name,
    struct secret *s, struct dd_err *e)
{
	return read_fd(fd, max, false, end, name, s, e);
}

int
secret_read_line(int fd, size_t max, const char *name, struct secret *s,
    struct dd_err *e)
{
	return read_fd(fd, max, true, 0, name, s, e);
}
