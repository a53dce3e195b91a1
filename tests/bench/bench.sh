#!/bin/sh
# make bench: figures, as ratios in one run.  Each script beside this one
# measures its part and prints lines; this one runs them all.
set -u
cd "$(dirname "$0")/../.." || exit 1
: "${DRYDOCK:=./drydock}"
case $DRYDOCK in /*) ;; *) DRYDOCK=$PWD/$DRYDOCK ;; esac
export DRYDOCK
rc=0
for script in tests/bench/*.sh; do
	[ "$script" = tests/bench/bench.sh ] && continue
	sh "$script" || rc=1
done
exit $rc
