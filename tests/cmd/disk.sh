#!/bin/sh
# drydock disk: against what was printed before (tests/golden/disk; made anew
# with UPDATE=1), and in its ends.
set -u
: "${DRYDOCK:=$PWD/drydock}" "${UPDATE:=}"
golden=$PWD/tests/golden/disk
vectors=$PWD/tests/vectors
cut_short=$PWD/tests/cut_short.py

tmp=$(mktemp -d)
trap 'rm -rf "$tmp"' EXIT
trap 'exit 1' HUP INT TERM
cd "$tmp" || exit 1

result() {	# result STATUS-OF-TEST TEXT
	if [ "$1" -eq 0 ]; then echo "ok - $2"; else echo "not ok - $2"; fi
}

same() {	# same NAME ARGUMENT...: text and JSON as they were
	name=$1
	shift
	for json in "" --json; do
		# how much is allocated depends on the host's file system
		"$DRYDOCK" disk $json "$@" 2>&1 | sed '
			s/^\(.*\.img: .*, \).* allocated$/\1N allocated/
			s/\("allocated": \)[0-9]*/\1"N"/' >out
		want=$golden/$name${json:+.json}
		[ -z "$UPDATE" ] || cp out "$want"
		diff -u "$want" out
		result $? "disk ${json:+$json }of $name"
	done
}

refused() {	# refused STATUS PATTERN ARGUMENT...
	want=$1 pattern=$2
	shift 2
	"$DRYDOCK" disk "$@" >out 2>err
	rc=$?
	[ $rc -eq "$want" ] && [ ! -s out ] && grep -q "^drydock: .*$pattern" err
	result $? "disk $*: status $rc, $(head -n 1 err)"
}

for v in disk vnd1024 ffs/log ffs/logdirty ffs/unclean ffs/ffsv1 ffs/tpl2; do
	zstd -qdf "$vectors/$v.img.zst" -o "$(basename $v).img"
done
truncate -s 64M empty.img
head -c 2097152 disk.img >short.img
head -c 1000000 ffsv1.img >cut.img
printf 'QFI\373' | cat - empty.img | head -c 1048576 >qcow2.img
head -c 1024 disk.img | tr '\002' '\003' >damaged.img
: >nothing.img

for v in disk log logdirty unclean tpl2 empty short cut qcow2 nothing; do
	same $v $v.img
done
same part-f -p f disk.img
same sectors --sector-size 1024 vnd1024.img

refused 1 "No such file" missing.img
grep -q '^hint: ' err
result $? "a missing file has a hint"
refused 1 "is a directory" .
refused 1 "is damaged" damaged.img
refused 1 "no partition c" -p c disk.img
refused 1 "no partition e" -p e ffsv1.img
refused 1 "ends at byte" -p f short.img
refused 2 "not a partition" -p aa disk.img
refused 2 "no sectors have 768 bytes" --sector-size 768 disk.img
refused 2 "something is missing"
refused 2 "one too many" disk.img disk.img
mkfifo fifo
refused 1 "is a fifo" fifo

before=$(cksum <disk.img)
chmod 400 disk.img
"$DRYDOCK" disk disk.img >/dev/null && [ "$before" = "$(cksum <disk.img)" ]
result $? "an image that can only be read is enough"

"$DRYDOCK" disk --json -p a disk.img | python3 -c '
import json, sys
d = json.load(sys.stdin)
p, = d["partitions"]
assert p["letter"] == "a" and p["offset"] == 32768, p
assert p["filesystem"]["version"] == 1, p'
result $? "JSON is JSON, and nothing else"

# A change that was cut short: its journal, made by another hand.
python3 "$cut_short" ffsv1.img
same pending ffsv1.img
printf x | dd of=ffsv1.img bs=1 seek=8300 conv=notrunc 2>/dev/null
refused 3 "another program has written" ffsv1.img
ls .drydock-*.redo >/dev/null 2>&1
result $? "a reader leaves the journal where it is"
rm .drydock-*.redo
: >".drydock-$(ls -i ffsv1.img | awk '{print $1}').redo"
"$DRYDOCK" disk ffsv1.img | grep -q 'cut short'
[ $? -eq 1 ]
result $? "an incomplete journal counts as none"

if [ -w /dev/full ]; then
	"$DRYDOCK" disk disk.img >/dev/full 2>err
	[ $? -eq 1 ] && grep -q 'write failed' err
	result $? "standard output that is full"
fi
