/*
 * The history in SQLite; see db.h.
 *
 * WAL with synchronous=FULL: a commit is one fsync of the log, which goes back
 * into the database only when it has grown, not whenever a command ends.  The
 * log's folder is synced when the log is made: SQLite would do so once for
 * each process that writes to it.
 */
#include <sys/stat.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <sqlite3.h>

#include "core/base/fsutil.h"
#include "core/store/db.h"

#define NAME		"history.db"
#define VERSION		1
#define BUSY_MS		5000	/* another drydock writes its line */

struct db {
	sqlite3	*sql;
	char	*path;
};

static const char schema[] =
    "BEGIN IMMEDIATE;"
    "CREATE TABLE IF NOT EXISTS job ("
    " id INTEGER PRIMARY KEY AUTOINCREMENT, started INTEGER NOT NULL,"
    " duration INTEGER, who TEXT, pid INTEGER, pid_start INTEGER,"
    " action TEXT NOT NULL, domu TEXT, image TEXT, gen_from INTEGER,"
    " gen_to INTEGER, command TEXT, code TEXT, message TEXT);"
    "CREATE INDEX IF NOT EXISTS job_domu ON job(domu);"
    "CREATE INDEX IF NOT EXISTS job_image ON job(image);"
    "CREATE INDEX IF NOT EXISTS job_open ON job(id) WHERE duration IS NULL;"
    "CREATE TABLE IF NOT EXISTS generation ("
    " image TEXT NOT NULL, n INTEGER NOT NULL, time INTEGER,"
    " who TEXT, source TEXT, sha256 TEXT, note TEXT,"
    " PRIMARY KEY (image, n)) WITHOUT ROWID;"
    "PRAGMA user_version = 1;"
    "COMMIT;";

static int
fail(const struct db *db, int r, struct dd_err *e)
{
	enum dd_code code = ERR_IO;

	switch (r & 0xff) {
	case SQLITE_CORRUPT:
	case SQLITE_NOTADB:
		code = ERR_CORRUPT;
		break;
	case SQLITE_NOMEM:
		code = ERR_NOMEM;
		break;
	case SQLITE_FULL:
		code = ERR_NOSPC;
		break;
	case SQLITE_BUSY:
	case SQLITE_LOCKED:
		code = ERR_HELD;
		break;
	case SQLITE_CANTOPEN:
		/* of the system's errors only this one is nobody's fault */
		if (db->sql != NULL && sqlite3_system_errno(db->sql) != EACCES)
			break;
		code = ERR_PERM;
		break;
	case SQLITE_READONLY:
	case SQLITE_PERM:
		code = ERR_PERM;
		break;
	default:
		break;
	}
	(void)dd_fail(e, code, "%s: %s", db->path, db->sql != NULL ?
	    sqlite3_errmsg(db->sql) : sqlite3_errstr(r));
	if (code == ERR_CORRUPT)
		(void)dd_hint(e, "drydock rescan moves it aside and makes a "
		    "new one from what the images' folders say");
	return -1;
}

static int
run(const struct db *db, const char *sql, struct dd_err *e)
{
	int r = sqlite3_exec(db->sql, sql, NULL, NULL, NULL);

	return r == SQLITE_OK ? 0 : fail(db, r, e);
}

static int
prepare(const struct db *db, const char *sql, sqlite3_stmt **st,
    struct dd_err *e)
{
	int r = sqlite3_prepare_v2(db->sql, sql, -1, st, NULL);

	return r == SQLITE_OK ? 0 : fail(db, r, e);
}

static void
bind_text(sqlite3_stmt *st, int i, const char *s)
{
	if (s == NULL)
		(void)sqlite3_bind_null(st, i);
	else
		(void)sqlite3_bind_text(st, i, s, -1, SQLITE_TRANSIENT);
}

static const char *
text(sqlite3_stmt *st, int i)
{
	return (const char *)sqlite3_column_text(st, i);
}

/* Run a statement without rows, and finalize it. */
static int
finish(const struct db *db, sqlite3_stmt *st, struct dd_err *e)
{
	int r = sqlite3_step(st);

	(void)sqlite3_finalize(st);
	return r == SQLITE_DONE ? 0 : fail(db, r, e);
}

static int
user_version(const struct db *db, int *v, struct dd_err *e)
{
	sqlite3_stmt *st;
	int r;

	if (prepare(db, "PRAGMA user_version", &st, e) == -1)
		return -1;
	r = sqlite3_step(st);
	*v = r == SQLITE_ROW ? sqlite3_column_int(st, 0) : 0;
	(void)sqlite3_finalize(st);
	return r == SQLITE_ROW ? 0 : fail(db, r, e);
}

static int
set_up(struct db *db, bool write, struct dd_err *e)
{
	int v;

	(void)sqlite3_busy_timeout(db->sql, BUSY_MS);
	(void)sqlite3_db_config(db->sql, SQLITE_DBCONFIG_NO_CKPT_ON_CLOSE, 1,
	    NULL);
	(void)sqlite3_db_config(db->sql, SQLITE_DBCONFIG_DEFENSIVE, 1, NULL);
	if (user_version(db, &v, e) == -1)
		return -1;
	if (v > VERSION) {
		(void)dd_fail(e, ERR_UNSUP, "%s: was written by a newer "
		    "drydock", db->path);
		return -1;
	}
	/* whoever was about to make it was cut short */
	if (!write && v == 0)
		return dd_fail(e, ERR_NOENT, "%s: is empty", db->path);
	if (!write)
		return 0;
	if (run(db, "PRAGMA journal_mode = WAL; PRAGMA synchronous = FULL; "
	    "PRAGMA temp_store = MEMORY; PRAGMA wal_autocheckpoint = 128;",
	    e) == -1)
		return -1;
	return v == VERSION ? 0 : run(db, schema, e);
}

/* The system's files, but that a log which is there is not made. */
static int
open_file(sqlite3_vfs *vfs, const char *name, sqlite3_file *file, int flags,
    int *out)
{
	sqlite3_vfs *base = vfs->pAppData;

	if ((flags & SQLITE_OPEN_WAL) != 0 && access(name, F_OK) == 0)
		flags &= ~SQLITE_OPEN_CREATE;
	return base->xOpen(base, name, file, flags, out);
}

static const char *
vfs_name(void)
{
	static sqlite3_vfs vfs;
	sqlite3_vfs *base;

	if (vfs.zName != NULL)
		return vfs.zName;
	if ((base = sqlite3_vfs_find(NULL)) == NULL)
		return NULL;
	vfs = *base;
	vfs.pNext = NULL;
	vfs.zName = "drydock";
	vfs.pAppData = base;
	vfs.xOpen = open_file;
	if (sqlite3_vfs_register(&vfs, 0) != SQLITE_OK)
		vfs.zName = NULL;
	return vfs.zName;
}

static int
open_path(const char *path, bool write, struct db **out, struct dd_err *e)
{
	struct db *db = calloc(1, sizeof(*db));
	struct stat st;
	int r;

	if (db == NULL || (db->path = strdup(path)) == NULL) {
		free(db);
		return dd_fail_nomem(e);
	}
	if (!write && stat(path, &st) == -1) {
		(void)dd_fail_sys(e, errno, "%s", path);
		goto fail;
	}
	r = sqlite3_open_v2(path, &db->sql, SQLITE_OPEN_NOMUTEX |
	    (write ? SQLITE_OPEN_READWRITE | SQLITE_OPEN_CREATE :
	    SQLITE_OPEN_READWRITE), vfs_name());
	if (r != SQLITE_OK) {
		(void)fail(db, r, e);
		goto fail;
	}
	if (set_up(db, write, e) == -1)
		goto fail;
	*out = db;
	return 0;
fail:
	db_close(db);
	return -1;
}

void
db_close(struct db *db)
{
	if (db == NULL)
		return;
	(void)sqlite3_close(db->sql);
	free(db->path);
	free(db);
}

/* Rename a damaged database, with the files that belong to it. */
static int
move_aside(const char *path, char **moved, struct dd_err *e)
{
	static const char *const tails[] = { "", "-wal", "-shm" };
	char from[4096], to[4096];
	struct stat st;
	unsigned n = 0;
	size_t i;

	do
		(void)snprintf(to, sizeof(to), "%s.damaged-%u", path, ++n);
	while (lstat(to, &st) == 0);
	if ((*moved = strdup(to)) == NULL)
		return dd_fail_nomem(e);
	for (i = 0; i < 3; i++) {
		(void)snprintf(from, sizeof(from), "%s%s", path, tails[i]);
		(void)snprintf(to, sizeof(to), "%s.damaged-%u%s", path, n,
		    tails[i]);
		if (rename(from, to) == -1 && errno != ENOENT)
			return dd_fail_sys(e, errno, "%s", from);
	}
	return 0;
}

/* Is it whole?  Errors other than damage count as yes. */
static bool
is_damaged(const char *path)
{
	struct dd_err why = DD_ERR_INIT;
	struct db *db = NULL;
	sqlite3_stmt *st;
	bool bad = false;

	if (open_path(path, false, &db, &why) == -1)
		return why.code == ERR_CORRUPT;
	if (prepare(db, "PRAGMA quick_check(1)", &st, &why) == 0) {
		bad = sqlite3_step(st) != SQLITE_ROW ||
		    strcmp(text(st, 0), "ok") != 0;
		(void)sqlite3_finalize(st);
	}
	db_close(db);
	return bad || why.code == ERR_CORRUPT;
}

int
db_open(const char *state_dir, struct db **out, char **moved,
    struct dd_err *e)
{
	char *path = fs_join(state_dir, NAME);
	int rc = -1;

	*moved = NULL;
	if (path == NULL)
		return dd_fail_nomem(e);
	if (fs_mkdirs(state_dir, 0755, e) == -1)
		goto out;
	if ((rc = open_path(path, true, out, e)) == -1 &&
	    e->code == ERR_CORRUPT) {
		dd_err_clear(e);
		if (move_aside(path, moved, e) == 0)
			rc = open_path(path, true, out, e);
	}
out:
	free(path);
	return rc;
}

int
db_mend(const char *state_dir, char **moved, struct dd_err *e)
{
	char *path = fs_join(state_dir, NAME);
	int rc = 0;

	*moved = NULL;
	if (path == NULL)
		return dd_fail_nomem(e);
	if (is_damaged(path))
		rc = move_aside(path, moved, e);
	free(path);
	return rc;
}

int
db_open_read(const char *state_dir, struct db **out, struct dd_err *e)
{
	char *path = fs_join(state_dir, NAME);
	int rc;

	if (path == NULL)
		return dd_fail_nomem(e);
	rc = open_path(path, false, out, e);
	free(path);
	return rc;
}

int
db_job_begin(struct db *db, const struct db_job *j, int64_t *id,
    struct dd_err *e)
{
	sqlite3_stmt *st;

	if (prepare(db, "INSERT INTO job (started, who, pid, pid_start, "
	    "action, domu, image, gen_from, gen_to, command) "
	    "VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?)", &st, e) == -1)
		return -1;
	(void)sqlite3_bind_int64(st, 1, j->started);
	bind_text(st, 2, j->who);
	(void)sqlite3_bind_int64(st, 3, j->pid);
	(void)sqlite3_bind_int64(st, 4, (int64_t)j->pid_start);
	bind_text(st, 5, j->action);
	bind_text(st, 6, j->domu);
	bind_text(st, 7, j->image);
	(void)sqlite3_bind_int64(st, 8, j->from);
	(void)sqlite3_bind_int64(st, 9, j->to);
	bind_text(st, 10, j->command);
	if (run(db, "PRAGMA synchronous = NORMAL", e) == -1) {
		(void)sqlite3_finalize(st);
		return -1;
	}
	if (finish(db, st, e) == -1 ||
	    run(db, "PRAGMA synchronous = FULL", e) == -1)
		return -1;
	*id = sqlite3_last_insert_rowid(db->sql);
	return 0;
}

static int
put(struct db *db, const char *sql, const struct db_generation *g,
    struct dd_err *e)
{
	sqlite3_stmt *st;

	if (prepare(db, sql, &st, e) == -1)
		return -1;
	bind_text(st, 1, g->image);
	(void)sqlite3_bind_int64(st, 2, g->n);
	(void)sqlite3_bind_int64(st, 3, g->time);
	bind_text(st, 4, g->who);
	bind_text(st, 5, g->source);
	bind_text(st, 6, g->sha256);
	bind_text(st, 7, g->note);
	return finish(db, st, e);
}

int
db_begin(struct db *db, struct dd_err *e)
{
	return run(db, "BEGIN IMMEDIATE", e);
}

int
db_commit(struct db *db, struct dd_err *e)
{
	return run(db, "COMMIT", e);
}

int
db_put_generation(struct db *db, const struct db_generation *g,
    struct dd_err *e)
{
	return put(db, "INSERT OR IGNORE INTO generation (image, n, time, "
	    "who, source, sha256, note) VALUES (?, ?, ?, ?, ?, ?, ?)", g, e);
}

static int
end_job(struct db *db, int64_t id, int64_t duration, const char *code,
    const char *message, uint32_t from, uint32_t to, struct dd_err *e)
{
	sqlite3_stmt *st;

	if (prepare(db, "UPDATE job SET duration = ?, code = ?, message = ?, "
	    "gen_from = ?, gen_to = ? WHERE id = ?", &st, e) == -1)
		return -1;
	(void)sqlite3_bind_int64(st, 1, duration);
	bind_text(st, 2, code);
	bind_text(st, 3, message);
	(void)sqlite3_bind_int64(st, 4, from);
	(void)sqlite3_bind_int64(st, 5, to);
	(void)sqlite3_bind_int64(st, 6, id);
	return finish(db, st, e);
}

int
db_job_end(struct db *db, int64_t id, int64_t duration, const char *code,
    const char *message, uint32_t from, uint32_t to,
    const struct db_generation *v, size_t n, struct dd_err *e)
{
	struct dd_err again = DD_ERR_INIT;
	size_t i;
	int rc;

	if (run(db, "BEGIN IMMEDIATE", e) == -1)
		return -1;
	rc = end_job(db, id, duration, code, message, from, to, e);
	/* a number may have been given to one that did not come to stay */
	for (i = 0; i < n && rc == 0; i++)
		rc = put(db, "INSERT OR REPLACE INTO generation (image, n, "
		    "time, who, source, sha256, note) VALUES (?, ?, ?, ?, ?, "
		    "?, ?)", &v[i], e);
	if (rc == 0)
		rc = run(db, "COMMIT", e);
	if (rc == -1)
		(void)run(db, "ROLLBACK", &again);
	return rc;
}

static void
job_of(sqlite3_stmt *st, struct db_job *j)
{
	*j = (struct db_job){
		.id = sqlite3_column_int64(st, 0),
		.started = sqlite3_column_int64(st, 1),
		.duration = sqlite3_column_type(st, 2) == SQLITE_NULL ? -1 :
		    sqlite3_column_int64(st, 2),
		.who = text(st, 3),
		.pid = sqlite3_column_int64(st, 4),
		.pid_start = (uint64_t)sqlite3_column_int64(st, 5),
		.action = text(st, 6),
		.domu = text(st, 7),
		.image = text(st, 8),
		.from = (uint32_t)sqlite3_column_int64(st, 9),
		.to = (uint32_t)sqlite3_column_int64(st, 10),
		.command = text(st, 11),
		.code = text(st, 12),
		.message = text(st, 13),
	};
}

int
db_jobs(struct db *db, const char *domu, const char *image, bool unfinished,
    unsigned max, db_job_fn *fn, void *arg, struct dd_err *e)
{
	sqlite3_stmt *st;
	struct db_job j;
	int r, rc = 0;

	if (prepare(db, "SELECT id, started, duration, who, pid, pid_start, "
	    "action, domu, image, gen_from, gen_to, command, code, message "
	    "FROM job WHERE (?1 IS NULL OR domu = ?1) AND "
	    "(?2 IS NULL OR image = ?2) AND (?3 = 0 OR duration IS NULL) "
	    "ORDER BY id DESC LIMIT ?4", &st, e) == -1)
		return -1;
	bind_text(st, 1, domu);
	bind_text(st, 2, image);
	(void)sqlite3_bind_int(st, 3, unfinished);
	(void)sqlite3_bind_int64(st, 4, max == 0 ? -1 : (int64_t)max);
	while (rc == 0 && (r = sqlite3_step(st)) == SQLITE_ROW) {
		job_of(st, &j);
		rc = fn(arg, &j, e);
	}
	if (rc == 0 && r != SQLITE_DONE)
		rc = fail(db, r, e);
	(void)sqlite3_finalize(st);
	return rc;
}

int
db_generations(struct db *db, const char *image, db_generation_fn *fn,
    void *arg, struct dd_err *e)
{
	struct db_generation g;
	sqlite3_stmt *st;
	int r, rc = 0;

	if (prepare(db, "SELECT image, n, time, who, source, sha256, note "
	    "FROM generation WHERE ?1 IS NULL OR image = ?1 "
	    "ORDER BY image, n", &st, e) == -1)
		return -1;
	bind_text(st, 1, image);
	while (rc == 0 && (r = sqlite3_step(st)) == SQLITE_ROW) {
		g = (struct db_generation){ .image = text(st, 0),
		    .n = (uint32_t)sqlite3_column_int64(st, 1),
		    .time = sqlite3_column_int64(st, 2), .who = text(st, 3),
		    .source = text(st, 4), .sha256 = text(st, 5),
		    .note = text(st, 6) };
		rc = fn(arg, &g, e);
	}
	if (rc == 0 && r != SQLITE_DONE)
		rc = fail(db, r, e);
	(void)sqlite3_finalize(st);
	return rc;
}

int
db_forget_generation(struct db *db, const char *image, uint32_t n,
    struct dd_err *e)
{
	sqlite3_stmt *st;

	if (prepare(db, "DELETE FROM generation WHERE image = ? AND n = ?",
	    &st, e) == -1)
		return -1;
	bind_text(st, 1, image);
	(void)sqlite3_bind_int64(st, 2, n);
	return finish(db, st, e);
}
