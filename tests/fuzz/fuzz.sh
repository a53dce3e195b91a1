#!/bin/sh
# Every fuzz target that is built, over its kept corpus (tests/fuzz/corpus/NAME
# for fuzz_NAME): the whole corpus once, and for FUZZ_SECONDS each (default 0)
# on from there where libFuzzer is built in.  Inputs kept as .zst are unpacked
# first.  What breaks a target is left in $O/fuzz.
#
#	sh tests/fuzz/fuzz.sh [fuzz_NAME]
set -u
cd "$(dirname "$0")/../.." || exit 1
: "${O:=obj}" "${FUZZ_SECONDS:=0}" "${JOBS:=2}"
export O FUZZ_SECONDS

if [ $# -eq 0 ]; then
	for src in tests/fuzz/fuzz_*.c; do
		basename "$src" .c
	done | xargs -n 1 -P "$JOBS" sh tests/fuzz/fuzz.sh
	echo "ok - every fuzz target was looked for"
	exit 0
fi

name=$1
bin=$O/tests/fuzz/$name
if [ ! -x "$bin" ]; then
	echo "# skip $name: not built (make fuzzers)"
	exit 0
fi

tmp=$(mktemp -d)
trap 'rm -rf "$tmp"' EXIT
trap 'exit 1' HUP INT TERM
mkdir "$tmp/corpus" "$tmp/new" "$tmp/tmp"
for f in "tests/fuzz/corpus/${name#fuzz_}"/*; do
	case $f in
	*'*') ;;
	*.zst) zstd -qdc "$f" >"$tmp/corpus/$(basename "$f" .zst)" ;;
	*) cp "$f" "$tmp/corpus/" ;;
	esac
done
inputs=$(ls "$tmp/corpus" | wc -l | tr -d ' ')
if [ "$inputs" -eq 0 ]; then
	echo "not ok - $name: no corpus in tests/fuzz/corpus/${name#fuzz_}"
	exit 0
fi

if "$bin" -help=1 2>&1 | grep -q max_total_time; then
	mkdir -p "$O/fuzz"
	how="$inputs inputs, then fuzzed for $FUZZ_SECONDS s"
	set -- -rss_limit_mb=512 -malloc_limit_mb=256 -timeout=10 \
	    "-artifact_prefix=$O/fuzz/$name-"
	if [ "$FUZZ_SECONDS" -gt 0 ]; then
		set -- "$@" "-max_total_time=$FUZZ_SECONDS" "$tmp/new"
	else
		set -- "$@" -runs=0
	fi
	TMPDIR=$tmp/tmp "$bin" "$@" "$tmp/corpus" >"$tmp/log" 2>&1
else
	how="replayed $inputs inputs"
	TMPDIR=$tmp/tmp "$bin" "$tmp/corpus"/* >"$tmp/log" 2>&1
fi
if [ $? -eq 0 ]; then
	echo "ok - $name: $how"
else
	echo "not ok - $name: $how"
	tail -n 40 "$tmp/log" | sed 's/^/# /'
fi
