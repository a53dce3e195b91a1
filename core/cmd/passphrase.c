/*
 * Passphrases; see passphrase.h.  On the terminal, echo is off while one is
 * typed; the signals that would leave it off are held back meanwhile, or end
 * the waiting.
 */
#include <sys/select.h>
#include <sys/types.h>
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <termios.h>
#include <unistd.h>

#include "core/base/events.h"
#include "core/base/hash.h"
#include "core/base/spawn.h"
#include "core/base/units.h"
#include "core/cmd/passphrase.h"

#define PASSPHRASE_MAX	1024
#define OUTPUT_MAX	8192	/* of a command: some passphrases */
#define COMMAND_LIMIT	120	/* seconds: a vault may ask somebody */

/* The signals that want us to end, and only they, end the waiting. */
static int
wait_for_line(int fd, struct dd_err *e)
{
	fd_set readers;
	sigset_t mask;
	int r;

	(void)sigprocmask(SIG_BLOCK, NULL, &mask);
	(void)sigdelset(&mask, SIGINT);
	(void)sigdelset(&mask, SIGTERM);
	(void)sigdelset(&mask, SIGHUP);
	if (fd >= FD_SETSIZE)
		return 0;
	FD_ZERO(&readers);
	FD_SET(fd, &readers);
	r = pselect(fd + 1, &readers, NULL, NULL, NULL, &mask);
	if (r == -1 && errno == EINTR)
		return dd_fail(e, ERR_CANCEL, "cancelled");
	return 0;
}

static int
from_terminal(const char *what, const char *prompt, struct secret *pass,
    struct dd_err *e)
{
	struct termios was, quiet;
	sigset_t held, before;
	int fd, rc;

	if ((fd = open("/dev/tty", O_RDWR | O_NOCTTY | O_CLOEXEC)) == -1 ||
	    tcgetattr(fd, &was) == -1) {
		if (fd != -1)
			(void)close(fd);
		(void)dd_fail(e, ERR_NOENT,
		    "%s needs a passphrase, and there is no terminal", what);
		return dd_hint(e, "run the command on a terminal, or hand it in "
		    "with --passphrase-fd N");
	}
	(void)sigemptyset(&held);
	(void)sigaddset(&held, SIGINT);
	(void)sigaddset(&held, SIGTERM);
	(void)sigaddset(&held, SIGHUP);
	(void)sigaddset(&held, SIGTSTP);
	(void)sigaddset(&held, SIGQUIT);
	(void)sigprocmask(SIG_BLOCK, &held, &before);
	quiet = was;
	quiet.c_lflag &= ~(tcflag_t)(ECHO | ECHONL);
	(void)tcsetattr(fd, TCSAFLUSH, &quiet);
	(void)dprintf(fd, "%s: %s", what, prompt);
	rc = wait_for_line(fd, e);
	if (rc == 0)
		rc = secret_read_line(fd, PASSPHRASE_MAX, "passphrase", pass,
		    e);
	(void)dprintf(fd, "\n");
	(void)tcsetattr(fd, TCSAFLUSH, &was);
	(void)sigprocmask(SIG_SETMASK, &before, NULL);
	(void)close(fd);
	return rc;
}

/*
 * The line of that number of what the command prints.  It is run for each:
 * nothing of it is kept.
 */
static int
from_command(const char *cmd, unsigned number, struct secret *pass,
    struct dd_err *e)
{
	struct secret out = SECRET_INIT;
	const unsigned char *at, *end, *nl;
	unsigned i;
	int rc = -1;

	if (spawn_output(cmd, OUTPUT_MAX, COMMAND_LIMIT, &out, e) == -1)
		return dd_hint(e, "it is to print the passphrase, and to end "
		    "with status 0 within %d seconds", COMMAND_LIMIT);
	at = out.p;
	end = out.p + out.len;
	for (i = 0; at < end; i++, at = nl + 1) {
		if ((nl = memchr(at, '\n', (size_t)(end - at))) == NULL)
			nl = end;
		if (i < number)
			continue;
		/* what no other way could give again */
		if (nl - at > PASSPHRASE_MAX ||
		    memchr(at, '\0', (size_t)(nl - at)) != NULL)
			(void)dd_fail(e, ERR_FORMAT, "--passphrase-command: "
			    "prints a line of over %d bytes, or with a byte "
			    "of zero", PASSPHRASE_MAX);
		else if ((rc = secret_alloc(pass, (size_t)(nl - at), e)) == 0)
			memcpy(pass->p, at, (size_t)(nl - at));
		break;
	}
	secret_free(&out);
	if (rc == 0 || e->code != ERR_NONE)
		return rc;
	(void)dd_fail(e, ERR_PERM, "--passphrase-command: it prints no line "
	    "%u", number + 1);
	return dd_hint(e, "one passphrase a line, in the order in which they "
	    "are asked for");
}

static int
ask(struct cgd_asker *a, const char *prompt, struct secret *pass,
    struct dd_err *e)
{
	struct passphrase_asker *p = (struct passphrase_asker *)a;

	if (p->fd != -1)
		return secret_read_line(p->fd, PASSPHRASE_MAX,
		    "--passphrase-fd", pass, e);
	if (p->command != NULL)
		return from_command(p->command, p->asked++, pass, e);
	return from_terminal(p->what, prompt, pass, e);
}

/* The key itself: as many bytes as it has. */
static int
read_key(struct cgd_asker *a, size_t len, struct secret *key,
    struct dd_err *e)
{
	struct passphrase_asker *p = (struct passphrase_asker *)a;
	size_t got = 0;
	ssize_t n = 1;

	if (secret_alloc(key, len, e) == -1)
		return -1;
	while (got < len && (n = read(p->key_fd, key->p + got, len - got)) !=
	    0) {
		if (n == -1 && errno != EINTR)
			break;
		got += n > 0 ? (size_t)n : 0;
	}
	if (got == len)
		return 0;
	secret_free(key);
	if (n == -1)
		return dd_fail_sys(e, errno, "--key-fd");
	(void)dd_fail(e, ERR_PERM, "--key-fd: the key has %zu bytes, and %zu "
	    "came", len, got);
	return dd_hint(e, "as they are, not as base64; with several keys one "
	    "behind the other");
}

/* The text of a file that a stranger may have written is not run unseen. */
static int
may_run(struct cgd_asker *a, const char *cmd, struct dd_err *e)
{
	const struct passphrase_asker *p = (struct passphrase_asker *)a;
	uint8_t sum[HASH_LEN];
	char hex[HASH_HEX];

	if (!events_wanted())
		return 0;
	hash_once(HASH_SHA256, cmd, strlen(cmd), sum);
	if (p->allow_cmd != NULL &&
	    strcmp(p->allow_cmd, hash_hex(hex, sum)) == 0)
		return 0;
	events_question("A command makes the key of this image.  Run it?", cmd,
	    "--allow-cmd", hash_hex(hex, sum));
	(void)dd_fail(e, ERR_PERM, "%s: a command makes its key, and nobody "
	    "has allowed it to run", p->what);
	return dd_hint(e, "look at it in the file; --allow-cmd %s allows it",
	    hex);
}

static int
take_fd(const char *word, const char *name, int *fd, struct dd_err *e)
{
	uint64_t n;

	if (word == NULL)
		return 0;
	if (units_number(word, 0, 1023, name, &n, e) == -1)
		return -1;
	*fd = (int)n;
	/* what follows in it is not for a command that makes a key */
	if (*fd > STDERR_FILENO)
		(void)fcntl(*fd, F_SETFD, FD_CLOEXEC);
	return 0;
}

int
passphrase_init(struct passphrase_asker *p,
    const struct passphrase_args *args, const char *what, struct dd_err *e)
{
	*p = (struct passphrase_asker){ .asker = { .passphrase = ask,
	    .may_run = may_run }, .fd = -1, .key_fd = -1,
	    .command = args->command, .what = what };
	if ((args->fd != NULL) + (args->command != NULL) +
	    (args->key_fd != NULL) > 1) {
		(void)dd_fail(e, ERR_USAGE, "--passphrase-fd, "
		    "--passphrase-command, --key-fd: which of them?");
		return dd_hint(e, "leave the others out");
	}
	if (args->key_fd != NULL)
		p->asker.key = read_key;
	if (take_fd(args->fd, "--passphrase-fd", &p->fd, e) == -1)
		return -1;
	return take_fd(args->key_fd, "--key-fd", &p->key_fd, e);
}

int
passphrase_none(const struct passphrase_args *args, struct dd_err *e)
{
	if (args->fd == NULL && args->command == NULL && args->key_fd == NULL)
		return 0;
	(void)dd_fail(e, ERR_USAGE, "%s goes with -c PARAMS",
	    args->fd != NULL ? "--passphrase-fd" : args->command != NULL ?
	    "--passphrase-command" : "--key-fd");
	return dd_hint(e, "without it nothing is encrypted");
}

bool
passphrase_interactive(const struct passphrase_asker *p)
{
	return p->fd == -1 && p->key_fd == -1 && p->command == NULL;
}
