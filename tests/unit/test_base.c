/* core/base: errors, buffers, maps, escaping, units, files of the host. */
#include "core/base/buf.h"
#include "core/base/fsutil.h"
#include "core/base/hash.h"
#include "core/base/map.h"
#include "core/base/units.h"
#include "core/base/vis.h"
#include "tests/unit/scratch.h"
#include "tests/unit/t.h"

static struct dd_err e;

static void
first_error_wins(void)
{
	dd_err_clear(&e);
	T_EQ(dd_fail(&e, ERR_NOSPC, "first"), -1);
	(void)dd_fail(&e, ERR_IO, "second");
	(void)dd_context(&e, "web1");
	(void)dd_hint(&e, "do this");
	(void)dd_hint(&e, "not that");
	T_STR(e.msg, "web1: first");
	(void)dd_context(&e, "web1");
	(void)dd_context(&e, "web");
	T_STR(e.msg, "web: web1: first");
	T_STR(e.hint, "do this");
	T_EQ(e.code, ERR_NOSPC);
	dd_err_clear(&e);
	(void)dd_fail(&e, ERR_IO, "a\033[31mb\n");
	T_STR(e.msg, "a\\033[31mb\\n");
}

static void
names_are_escaped(void)
{
	char out[64];
	struct buf b = BUF_INIT;

	vis_str(out, sizeof(out), "caf\303\251 \302\205 \342\200\256x \377");
	T_STR(out, "caf\303\251 \\302\\205 \\342\\200\\256x \\377");
	vis_str(out, 5, "ab\303\251\303\251");
	T_STR(out, "ab\303\251");
	(void)vis_manifest(&b, "a b\tc\\d\ne\001\303\251", 12);
	T_STR(b.p, "a\\sb\\tc\\\\d\\ne\\001\303\251");
	buf_dispose(&b);
}

static void
maps_hold_and_forget(void)
{
	struct map m = MAP_INIT;
	static char there[5000];
	uint64_t i, key;
	size_t at = 0, n = 0;

	for (i = 0; i < 5000; i++)
		T_EQ(map_put(&m, i * 4096, &there[i]), 0);
	for (i = 0; i < 5000; i += 2)
		T(map_del(&m, i * 4096) == &there[i]);
	for (i = 0; i < 5000; i++)
		T(map_get(&m, i * 4096) == (i % 2 ? &there[i] : NULL));
	while (map_next(&m, &at, &key) != NULL)
		n++;
	T_EQ(n, 2500);
	map_dispose(&m);
}

static void
sizes_are_read_and_shown(void)
{
	char s[UNITS_MAX];
	uint64_t v = 0;

	T_OK(units_parse("64m", &v, &e));
	T_EQ(v, 64 << 20);
	T_OK(units_parse("2GiB", &v, &e));
	T_EQ(v, 2LL << 30);
	T_OK(units_parse("20480b", &v, &e));
	T_EQ(v, 20480 * 512);
	T_ERR(units_parse("-1", &v, &e), ERR_USAGE);
	T_ERR(units_parse("12q", &v, &e), ERR_USAGE);
	T_ERR(units_parse("99999999999t", &v, &e), ERR_USAGE);
	T_STR(units_format(s, 1536), "1.5 KiB");
	T_STR(units_format(s, 0), "0");
	T_STR(units_format(s, 20 << 20), "20 MiB");
	T_STR(units_while(s, 0), "0s");
	T_STR(units_while(s, 59), "59s");
	T_STR(units_while(s, 60), "1m");
	T_STR(units_while(s, 3599), "59m");
	T_STR(units_while(s, 3600 + 5 * 60), "1h05m");
	T_STR(units_while(s, 86399), "23h59m");
	T_STR(units_while(s, 86400 * 3 + 4 * 3600), "3d4h");
	T_STR(units_while(s, 86400 * 100), "100d");
	T_STR(units_while(s, UINT64_MAX), "99999d");
}

static void
sums_are_those_of_the_standards(void)
{
	uint8_t sum[HASH_LEN];
	char hex[HASH_HEX];
	struct hash *h = NULL;

	hash_once(HASH_SHA256, "abc", 3, sum);
	T_STR(hash_hex(hex, sum), "ba7816bf8f01cfea414140de5dae2223b00361a396"
	    "177a9cb410ff61f20015ad");
	T_OK(hash_open(HASH_SHA256, &h, &e));
	hash_add(h, "a", 1);
	hash_result(h, sum);
	hash_add(h, "ab", 2);
	hash_add(h, "c", 1);
	hash_result(h, sum);
	T_STR(hash_hex(hex, sum), "ba7816bf8f01cfea414140de5dae2223b00361a396"
	    "177a9cb410ff61f20015ad");
	hash_close(h);
	hash_once(HASH_BLAKE2B, "abc", 3, sum);
	T_STR(hash_hex(hex, sum), "bddd813c634239723171ef3fee98579b94964e3bb1"
	    "cb3e427262c8c068d52319");
}

static void
expect(const char *name, const char *want)
{
	struct buf b = BUF_INIT;

	T_OK(fs_read_regular(scratch(name), 4096, &b, NULL, &e));
	T_STR(b.p, want);
	buf_dispose(&b);
}

/* How many names there are in the scratch folder. */
static int
count_names(void)
{
	char cmd[600];
	FILE *f;
	int n = -1;

	(void)snprintf(cmd, sizeof(cmd), "ls -A '%s' | wc -l", scratch_dir);
	if ((f = popen(cmd, "r")) == NULL || fscanf(f, "%d", &n) != 1)
		T_FAIL("%s", cmd);
	if (f != NULL)
		(void)pclose(f);
	return n;
}

static void
files_are_made_and_changed_whole(void)
{
	struct buf was = BUF_INIT, now = BUF_INIT;
	struct stat st;

	T_OK(fs_create_file(scratch("new"), "one", 3, 0640, &e));
	T_ERR(fs_create_file(scratch("new"), "two", 3, 0640, &e), ERR_EXIST);
	expect("new", "one");
	T_EQ(stat(scratch("new"), &st), 0);
	T_EQ(st.st_mode & 07777, 0640);
	T_EQ(st.st_nlink, 1);

	(void)buf_str(&was, "one");
	(void)buf_str(&now, "three");
	T_EQ(symlink("new", scratch("link")), 0);
	T_OK(fs_update_file(scratch("link"), &was, &now, &e));
	expect("new", "three");
	T_EQ(lstat(scratch("link"), &st), 0);
	T(S_ISLNK(st.st_mode));
	T_EQ(stat(scratch("new"), &st), 0);
	T_EQ(st.st_mode & 07777, 0640);
	/* somebody else was faster */
	T_ERR(fs_update_file(scratch("new"), &was, &now, &e), ERR_PLAN);
	(void)buf_str(&was, "xx");
	T_ERR(fs_update_file(scratch("new"), &was, &now, &e), ERR_PLAN);
	T_ERR(fs_update_file(scratch("none"), &was, &now, &e), ERR_NOENT);
	expect("new", "three");
	T_EQ(count_names(), 2);
	buf_dispose(&was);
	buf_dispose(&now);
}

static void
paths_are_made_whole(void)
{
	char *real = realpath(scratch_dir, NULL), *path, want[700];
	const struct {
		const char	*path, *want;	/* behind the folder */
	} cases[] = {
		{ "link", "/link" },		/* not what it leads to */
		{ "./link", "/link" }, { "none//", "/none" }, { ".", "" },
		{ "./", "" }, { "../", NULL }, { "/", NULL }, { "/x", NULL },
	};
	size_t i;

	T_EQ(chdir(scratch_dir), 0);
	for (i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		dd_err_clear(&e);
		T((path = fs_absolute(cases[i].path, &e)) != NULL);
		(void)snprintf(want, sizeof(want), "%s%s", real,
		    cases[i].want != NULL ? cases[i].want : "");
		if (strcmp(cases[i].path, "../") == 0)
			*strrchr(want, '/') = '\0';
		T_STR(path, cases[i].want != NULL ||
		    cases[i].path[0] == '.' ? want : cases[i].path);
		free(path);
	}
	T(fs_absolute("none/file", &e) == NULL);
	T_EQ(e.code, ERR_NOENT);
	dd_err_clear(&e);
	T(fs_absolute("", &e) == NULL);
	T_EQ(chdir("/"), 0);
	free(real);
}

/* Nobody is left alone with an error. */
static void
every_error_has_a_hint(void)
{
	int code;

	for (code = ERR_NONE + 1; code < DD_NCODES; code++) {
		dd_err_clear(&e);
		(void)dd_fail(&e, (enum dd_code)code, "x");
		dd_default_hint(&e);
		if (e.hint[0] == '\0')
			T_FAIL("%s has none", dd_code_name(e.code));
	}
	dd_err_clear(&e);
}

int
main(void)
{
	T_RUN(first_error_wins);
	T_RUN(names_are_escaped);
	T_RUN(maps_hold_and_forget);
	T_RUN(sizes_are_read_and_shown);
	T_RUN(sums_are_those_of_the_standards);
	T_RUN(files_are_made_and_changed_whole);
	T_RUN(paths_are_made_whole);
	T_RUN(every_error_has_a_hint);
	return t_done();
}
