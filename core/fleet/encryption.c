/*
 * Reading parameters files for who only looks; see encryption.h.  The file may
 * be anything: what is no small regular file is not read.
 */
#include <sys/stat.h>
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "core/base/units.h"
#include "core/cgd/cipher.h"
#include "core/cgd/params.h"
#include "core/fleet/encryption.h"
#include "core/fleet/fleet_impl.h"

#define OTHERS	077	/* who may not read a key */

static int
read_params(const char *path, struct cgd_params *p, struct stat *st,
    struct dd_err *e)
{
	struct secret text = SECRET_INIT;
	int fd, rc = -1;

	/* non-blocking: a fifo without a writer would hold us up */
	fd = open(path, O_RDONLY | O_NONBLOCK | O_NOCTTY | O_CLOEXEC);
	if (fd == -1 || fstat(fd, st) == -1)
		(void)dd_fail_sys(e, errno, "%s", path);
	else if (!S_ISREG(st->st_mode))
		(void)dd_fail(e, ERR_TYPE, "%s: not a regular file", path);
	else if (st->st_size > CGD_PARAMS_MAX)
		(void)dd_fail(e, ERR_FORMAT, "%s: too large for a parameters "
		    "file", path);
	else
		rc = secret_read_fd(fd, (size_t)st->st_size, path, &text, e);
	if (fd != -1)
		(void)close(fd);
	if (rc == 0)
		rc = cgd_params_parse(text.p, text.len, path, p, e);
	secret_free(&text);
	return rc;
}

static unsigned
weakness_of(const struct cgd_keygen *kg, const struct stat *st)
{
	if ((kg->method == CGD_PBKDF2_SHA1 || kg->method == CGD_PBKDF2_OLD) &&
	    kg->iterations < ENCRYPTION_ITERATIONS)
		return ENCRYPTION_FEW_ITERATIONS;
	if (kg->method == CGD_STOREDKEY && (st->st_mode & OTHERS) != 0)
		return ENCRYPTION_OPEN_KEY;
	return 0;
}

static int
take(struct encryption *c, struct cgd_params *p, const struct stat *st)
{
	const struct cgd_keygen *kg;
	unsigned i;

	c->keygens = calloc(p->nkeygens + 1, sizeof(*c->keygens));
	if (c->keygens == NULL)
		return -1;
	for (i = 0; i < p->nkeygens; i++) {
		kg = &p->keygens[i];
		c->keygens[i] = (struct encryption_keygen){
		    .method = cgd_method_name(kg->method),
		    .iterations = kg->iterations, .memory = kg->memory };
		c->weak |= weakness_of(kg, st);
		c->passphrases += kg->method == CGD_PBKDF2_SHA1 ||
		    kg->method == CGD_PBKDF2_OLD ||
		    kg->method == CGD_ARGON2ID;
	}
	c->nkeygens = p->nkeygens;
	c->algorithm = p->algorithm;
	p->algorithm = NULL;
	c->keylen = p->keylen;
	c->verify = cgd_verify_name(p->verify);
	c->random = cgd_params_is_random(p);
	if (cgd_algorithm_block(c->algorithm) < 16)
		c->weak |= ENCRYPTION_SMALL_BLOCKS;
	c->mode = (unsigned)st->st_mode & 07777;
	c->file_time = (int64_t)st->st_mtime;
	return 0;
}

static int
refuse(struct encryption *c, const struct dd_err *why)
{
	c->code = why->code;
	c->error = strdup(why->msg);
	if (why->hint[0] != '\0' && (c->hint = strdup(why->hint)) == NULL)
		return -1;
	return c->error == NULL ? -1 : 0;
}

struct encryption *
encryption_read(const char *path)
{
	struct encryption *c = calloc(1, sizeof(*c));
	struct cgd_params p = { .verify = CGD_VERIFY_NONE };
	struct dd_err why = DD_ERR_INIT;
	struct stat st;
	int rc;

	if (c == NULL)
		return NULL;
	if (read_params(path, &p, &st, &why) == 0)
		rc = take(c, &p, &st);
	else
		rc = refuse(c, &why);
	cgd_params_dispose(&p);
	if (rc == 0)
		return c;
	encryption_free(c);
	return NULL;
}

void
encryption_free(struct encryption *c)
{
	if (c == NULL)
		return;
	free(c->error);
	free(c->hint);
	free(c->algorithm);
	free(c->keygens);
	free(c);
}

int
encryption_load(struct fleet *f, struct dd_err *e)
{
	struct fleet_disk *d;
	size_t i, j;

	for (i = 0; i < f->ndomus; i++)
		for (j = 0; j < f->domus[i].ndisks; j++) {
			d = &f->domus[i].disks[j];
			if (d->params == NULL)
				continue;
			d->encryption = encryption_read(d->params);
			if (d->encryption == NULL)
				return dd_fail_nomem(e);
			if (d->image != NULL && d->image->params != NULL)
				d->encryption->key_time =
				    d->image->key_since;
		}
	return 0;
}

/* -- in words ------------------------------------------------------------ */

void
encryption_cipher(const struct encryption *c, struct buf *b)
{
	(void)buf_printf(b, "%s %u", c->algorithm, c->keylen);
}

void
encryption_key(const struct encryption *c, struct buf *b)
{
	const struct encryption_keygen *kg;
	char memory[UNITS_MAX];
	unsigned i;

	for (i = 0; i < c->nkeygens; i++) {
		kg = &c->keygens[i];
		(void)buf_printf(b, "%s%s", i > 0 ? " and " : "", kg->method);
		if (kg->iterations > 0)
			(void)buf_printf(b, " of %u iteration%s",
			    kg->iterations, kg->iterations == 1 ? "" : "s");
		if (kg->memory > 0)
			(void)buf_printf(b, " in %s", units_format(memory,
			    (uint64_t)kg->memory * 1024));
	}
	if (c->nkeygens == 0)
		(void)buf_str(b, "no keygen");
	(void)buf_printf(b, strcmp(c->verify, "none") == 0 ? "; not verified" :
	    "; verified by %s", c->verify);
}

void
encryption_age(const struct encryption *c, struct buf *b)
{
	const time_t t = (time_t)(c->key_time != 0 ? c->key_time :
	    c->file_time);
	char text[24];
	struct tm tm;

	if (c->random) {
		(void)buf_str(b, "a new key each time");
		return;
	}
	if (localtime_r(&t, &tm) == NULL ||
	    strftime(text, sizeof(text), "%Y-%m-%d", &tm) == 0)
		(void)buf_str(b, "age not known");
	else if (c->key_time != 0)
		(void)buf_printf(b, "key since %s", text);
	else
		(void)buf_printf(b, "parameters since %s, the key may be older",
		    text);
}
