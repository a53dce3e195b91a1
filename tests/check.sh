#!/bin/sh
# make check: build every way, run every test, close with one line
# "N passed, N failed".
set -u
cd "$(dirname "$0")/.." || exit 1
: "${MAKE:=make}" "${JOBS:=2}"
unset MAKEFLAGS MFLAGS MAKELEVEL
results=$(mktemp)
trap 'rm -f "$results"' EXIT
export RESULTS=$results

step() {	# step NAME COMMAND...: counts as one test
	name=$1
	shift
	if "$@" >"$results.log" 2>&1; then
		echo "ok - $name"
		echo "1 0" >>"$results"
	else
		echo "not ok - $name"
		tail -n 80 "$results.log"
		echo "0 1" >>"$results"
	fi
	rm -f "$results.log"
}

have() { command -v "$1" >/dev/null 2>&1; }

# 1. gcc, warnings as errors, the whole suite
step "gcc builds without a warning" \
	$MAKE -j"$JOBS" CC=gcc WERROR=-Werror O=obj PROG=drydock all tests fuzzers
step "layers: every include is an arrow of the design" sh tests/layers.sh
step "manual pages are clean" sh -c 'mandoc -Tlint -Wwarning man/*.[0-9]'
DRYDOCK=./drydock O=obj LABEL="gcc: " sh tests/run.sh

# 2. clang with sanitizers, the whole suite again
san="-O1 -g -fsanitize=address,undefined -fno-sanitize-recover=all -fno-omit-frame-pointer"
step "clang builds without a warning, with sanitizers" \
	$MAKE -j"$JOBS" CC=clang WERROR=-Werror CFLAGS="$san" O=obj-san \
	PROG=drydock-san all tests fuzzers
DRYDOCK=./drydock-san O=obj-san LABEL="sanitizers: " sh tests/run.sh

# 3. the fuzz targets: over their corpus and on from there, a while each
step "fuzz targets build with libFuzzer" \
	$MAKE -j"$JOBS" CC=clang WERROR=-Werror O=obj-fuzz FUZZ_FLAGS=-fsanitize=fuzzer \
	CFLAGS="-O1 -g -fsanitize=fuzzer-no-link,address,undefined -fno-sanitize-recover=all" \
	fuzzers
DRYDOCK=./drydock O=obj-fuzz LABEL="fuzzing: " FUZZ_SECONDS="${FUZZ_SECONDS:-20}" \
	sh tests/run.sh '^tests/fuzz/'

# 4. the other make
other=bmake
case $($MAKE --version 2>/dev/null) in *GNU*) ;; *) other=gmake ;; esac
have "$other" || other=make
step "$other builds it, too" \
	$other -j"$JOBS" CC=clang WERROR=-Werror O=obj-other PROG=drydock-other all
rm -rf obj-other drydock-other

# 5. what gcc built, in the dom0 of a real Xen
DRYDOCK=./drydock O=obj sh tests/xen/lab.sh

awk '{ p += $1; f += $2 } END { printf "%d passed, %d failed\n", p, f; exit f > 0 || p == 0 }' "$results"
