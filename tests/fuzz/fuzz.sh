#!/bin/sh
# Every fuzz target that is built, over its kept corpus (tests/fuzz/corpus/NAME
# for fuzz_NAME): the whole corpus once, and for FUZZ_SECONDS each (default 0)
# on from there where libFuzzer is built in.  Inputs kept as .zst are unpacked
# first.  What breaks a target is left in $O/fuzz.
set -u
cd "$(dirname "$0")/../.." || exit 1
: "${O:=obj}" "${FUZZ_SECONDS:=0}"

tmp=$(mktemp -d)
trap 'rm -rf "$tmp"' EXIT
trap 'exit 1' HUP INT TERM

tried=0
limits="-rss_limit_mb=512 -malloc_limit_mb=256 -timeout=10 -max_len=1048576"

for src in tests/fuzz/fuzz_*.c; do
	name=$(basename "$src" .c)
	bin=$O/tests/fuzz/$name
	if [ ! -x "$bin" ]; then
		echo "# skip $name: not built (make fuzzers)"
		continue
	fi
	tried=$((tried + 1))
	corpus=$tmp/$name
	mkdir "$corpus" "$corpus.new"
	for f in "tests/fuzz/corpus/${name#fuzz_}"/*; do
		case $f in
		*.zst) zstd -qdc "$f" >"$corpus/$(basename "$f" .zst)" ;;
		*) cp "$f" "$corpus/" ;;
		esac
	done 2>/dev/null
	if [ -z "$(ls "$corpus")" ]; then
		echo "not ok - $name: no corpus"
		continue
	fi
	if "$bin" -help=1 2>/dev/null | grep -q max_total_time; then
		mkdir -p "$O/fuzz"
		how="fuzzed for $FUZZ_SECONDS s"
		if [ "$FUZZ_SECONDS" -gt 0 ]; then
			set -- "-max_total_time=$FUZZ_SECONDS" "$corpus.new" "$corpus"
		else
			set -- -runs=0 "$corpus"
		fi
		# shellcheck disable=SC2086
		"$bin" $limits -artifact_prefix="$O/fuzz/$name-" "$@"
	else
		how="replayed $(ls "$corpus" | wc -l | tr -d ' ') inputs"
		"$bin" "$corpus"/*
	fi >"$tmp/log" 2>&1
	if [ $? -eq 0 ]; then
		echo "ok - $name: $how"
	else
		echo "not ok - $name: $how"
		tail -n 40 "$tmp/log" | sed 's/^/# /'
	fi
done
[ "$tried" -gt 0 ] || echo "ok - no fuzz target is built"
