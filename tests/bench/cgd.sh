#!/bin/sh
# Encrypted images: the cgd layer against libgcrypt alone.
set -u
cd "$(dirname "$0")/../.." || exit 1
: "${O:=obj}"
T=$(mktemp -d) || exit 1
trap 'rm -rf "$T"' EXIT
"$O/tests/bench/bench_cgd" "$T/file"
