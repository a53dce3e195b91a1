#!/bin/sh
# drydock check: verdicts, exit statuses, and that --repair mends or refuses
# whole.
. tests/cmd/lib.sh
: "${DRYDOCK:=$PWD/drydock}"

# put FILE OFFSET BYTE...: bytes in octal
put() {
	f=$1 off=$2
	shift 2
	for b; do printf "\\$b"; done |
	    dd of="$f" bs=1 seek="$off" conv=notrunc 2>/dev/null
}

for v in ffsv1 ffsv2 ffsv2-4k4k makefs-v1 tpl2 log; do
	vector ffs/$v "$T/img"
	is "$v is clean" "$("$DRYDOCK" check "$T/img" 2>&1)" "$T/img: clean"
done

# Not clean, and mended.
vector ffs/unclean "$T/unclean"
before=$(sum "$T/unclean")
"$DRYDOCK" check "$T/unclean" >"$T/out" 2>"$T/err"
is "faults: status 4" $? 4
is "a check writes nothing" "$(sum "$T/unclean")" "$before"
grep -q '^repairable: the superblock counts 448 free blocks, there are 460$' \
    "$T/out" && grep -q "^hint: .*--repair" "$T/err"
is "findings and a hint are printed" $? 0
"$DRYDOCK" check --json "$T/unclean" 2>/dev/null | json
is "check --json is JSON" $? 0
works "repair --dry-run" "$DRYDOCK" check --repair --dry-run "$T/unclean"
is "a dry run writes nothing" "$(sum "$T/unclean")" "$before"
"$DRYDOCK" check --repair --json -n "$T/unclean" | json
is "check --repair --json is JSON" $? 0
works "repair" "$DRYDOCK" check --repair "$T/unclean"
is "and it is clean" "$("$DRYDOCK" check "$T/unclean")" "$T/unclean: clean"
after=$(sum "$T/unclean")
works "repair of a clean one" "$DRYDOCK" check --repair "$T/unclean"
is "changes nothing" "$(sum "$T/unclean")" "$after"

# A journal that needs replay.
vector ffs/logdirty "$T/log"
"$DRYDOCK" tree --manifest "$T/log" >"$T/tree"
same "a journal is replayed for reading" "$T/tree" \
    tests/vectors/ffs/logdirty.replayed.tree
"$DRYDOCK" check "$T/log" >"$T/out" 2>/dev/null
is "a pending journal: status 4" $? 4
works "repair replays it" "$DRYDOCK" check --repair "$T/log"
"$DRYDOCK" tree --manifest "$T/log" >"$T/tree"
same "for good" "$T/tree" tests/vectors/ffs/logdirty.replayed.tree
is "and it is clean" "$("$DRYDOCK" check "$T/log")" "$T/log: clean"

# Worse: the ".." of a directory names another inode.
vector ffs/ffsv2 "$T/bad"
off=$(LC_ALL=C grep -abo '[[:cntrl:]]\.\.' "$T/bad" | head -n 1 | cut -d: -f1)
put "$T/bad" $((off + 1 - 8)) 005
before=$(sum "$T/bad")
"$DRYDOCK" check --repair "$T/bad" >"$T/out" 2>"$T/err"
is "repair of worse: status 4" $? 4
grep -q "^serious: inode 2 (/) has a '\.\.' that names" "$T/out"
is "the finding is told" $? 0
grep -q '^hint: boot it, or run fsck_ffs' "$T/err"
is "with the hint" $? 0
is "and nothing is changed" "$(sum "$T/bad")" "$before"

# A superblock that makes no sense is a fault; no file system is an error.
vector ffs/ffsv2 "$T/sb"
put "$T/sb" $((65536 + 48)) 001
"$DRYDOCK" check "$T/sb" >"$T/out" 2>/dev/null
is "a damaged superblock: status 4" $? 4
grep -q '^serious: ' "$T/out"
is "and a finding" $? 0
head -c 1000000 /dev/zero >"$T/zeros"
fails "no file system" 1 "no FFS" "$DRYDOCK" check "$T/zeros"
fails "no file" 1 "No such file" "$DRYDOCK" check "$T/none"
fails "dry run of nothing" 2 "without --repair" "$DRYDOCK" check -n "$T/sb"

# Who may not write can check, but not repair.
if [ "$(id -u)" -ne 0 ] || command -v setpriv >/dev/null 2>&1; then
	vector ffs/unclean "$T/ro"
	chmod 444 "$T/ro"
	chmod 755 "$T"
	nobody "$DRYDOCK" check "$T/ro" >/dev/null 2>&1
	is "a check needs no write permission" $? 4
	fails "a repair does" 1 "ermission" nobody "$DRYDOCK" check --repair \
	    "$T/ro"
else
	echo "# skip no setpriv"
fi
