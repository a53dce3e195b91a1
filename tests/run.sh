#!/bin/sh
# Run every test program and script there is, JOBS at a time, and close with
# one line "N passed, N failed".  Each prints TAP lines; one that ends badly
# without a "not ok" line, or prints no result at all, counts as a failure.
#
#	DRYDOCK=./drydock O=obj [JOBS=2] [LABEL=…] [RESULTS=FILE] sh tests/run.sh [PATTERN]
set -u
cd "$(dirname "$0")/.." || exit 1
: "${O:=obj}" "${JOBS:=2}" "${LABEL:=}" "${DRYDOCK:=./drydock}"
pattern=${1:-}
logs=$O/test-logs
rm -rf "$logs"
mkdir -p "$logs"
case $DRYDOCK in /*) ;; *) DRYDOCK=$PWD/$DRYDOCK ;; esac
export DRYDOCK O
LSAN_OPTIONS=suppressions=$PWD/tests/lsan.supp:print_suppressions=0
export LSAN_OPTIONS
# without the program that names functions, sanitizers complain of its absence
if ! command -v llvm-symbolizer >/dev/null; then
	ASAN_OPTIONS=symbolize=0
	UBSAN_OPTIONS=symbolize=0
	export ASAN_OPTIONS UBSAN_OPTIONS
fi

list() {
	for src in tests/unit/*.c tests/fault/*.c; do
		[ -f "$src" ] && echo "$O/${src%.c}"
	done
	for src in tests/cmd/*.sh tests/golden/*.sh tests/fault/*.sh \
	    tests/tty/*.sh tests/fuzz/*.sh; do
		case $src in */lib.sh) continue ;; esac
		[ -f "$src" ] && echo "$src"
	done
}

one='
	log=$0/$(echo "$1" | tr / _).log
	# nothing of this host: a fleet of nobody, a history of its own
	conf=$(mktemp -d) && chmod 755 "$conf" && mkdir "$conf/xen"
	printf "config_dirs = [ \"xen\" ]\nstate_dir = \"state\"\n" \
	    >"$conf/drydock.conf"
	DRYDOCK_CONF=$conf/drydock.conf
	export DRYDOCK_CONF
	case $1 in
	*.sh) sh "$1" >"$log" 2>&1 </dev/null ;;
	*) "$1" >"$log" 2>&1 </dev/null ;;
	esac
	rc=$?
	rm -rf "$conf"
	if [ $rc -ne 0 ] && ! grep -q "^not ok" "$log"; then
		echo "not ok - $1 ended with status $rc" >>"$log"
	elif ! grep -Eq "^(not )?ok" "$log"; then
		echo "not ok - $1 printed no result" >>"$log"
	fi
	if grep -q "^not ok" "$log"; then
		echo "== $1"; tail -n 60 "$log"
	fi
'
list | grep -e "$pattern" | xargs -n 1 -P "$JOBS" sh -c "$one" "$logs"

passed=$(cat "$logs"/*.log 2>/dev/null | grep -c '^ok')
failed=$(cat "$logs"/*.log 2>/dev/null | grep -c '^not ok')
skips=$(cat "$logs"/*.log 2>/dev/null | sed -n 's/^# skip/skipped/p' | sort | uniq -c)
[ -z "$skips" ] || echo "$skips"
[ -z "${RESULTS:-}" ] || echo "$passed $failed" >>"$RESULTS"
echo "$LABEL$passed passed, $failed failed"
[ "$failed" -eq 0 ] && [ "$passed" -gt 0 ]
