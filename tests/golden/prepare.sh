#!/bin/sh
# prepare root on the demo's roots of both eras: the preview as it was approved
# (UPDATE=1 writes it anew), the same done, nothing to do the second time, and
# what is refused leaves every byte of the image alone.
. tests/cmd/lib.sh
. tests/demo/fill.sh
: "${DRYDOCK:=$PWD/drydock}"
demo=$PWD/tests/demo
printf '\177ELF a kernel of the test' >"$T/netbsd-XENU"
touch -d 2023-11-14T22:13:20Z "$T/netbsd-XENU"

# root ERA [AWK]: $T/img is a root of that era; AWK may edit its spec
root() {
	rm -f "$T/img"
	fill "$demo" "$1" | T=$T awk "${2:-}{ print }" >"$T/spec"
	"$DRYDOCK" create "$T/img" -s 8m --from "$T/spec" >/dev/null ||
	    fail "create a root of $1"
	before=$(sum "$T/img")
}
prepare() { "$DRYDOCK" prepare root "$T/img" -k "$T/netbsd-XENU" "$@"; }
untouched() { is "$1: the image is as it was" "$(sum "$T/img")" "$before"; }

for era in today 2006; do
	root $era
	prepare --dry-run >"$T/preview" 2>"$T/err"
	is "$era: the preview" $? 0
	sed '/^plan: [0-9a-f]\{64\}$/d' "$T/preview" >"$T/text"
	[ -z "${UPDATE:-}" ] || cp "$T/text" tests/golden/prepare/$era
	same "$era: it is the approved one" "$T/text" tests/golden/prepare/$era
	untouched "$era, dry run"
	plan=$(sed -n 's/^plan: //p' "$T/preview")
	prepare -n | cmp -s - "$T/preview"
	is "$era: and the same again" $? 0
	prepare --json -n >"$T/json"
	python3 - "$T/json" "$plan" <<-'E'
	import json, sys
	d = json.load(open(sys.argv[1]))
	rc = [c for c in d["changes"] if c["path"] == "/etc/rc"][0]
	assert rc["kind"] == "changed" and "+. /etc/rc.pre-hooks" in rc["diff"]
	assert d["plan"] == sys.argv[2] and d["committed"] is False
	E
	is "$era: as JSON" $? 0
	works "$era: done with that plan" prepare --plan "$plan"
	works "$era: the image is clean" "$DRYDOCK" check "$T/img"
	"$DRYDOCK" cat "$T/img:/etc/rc.orig" |
	    cmp -s - "tests/demo/$era/etc/rc"
	is "$era: the original is kept" $? 0
	once=$(sum "$T/img")
	prepare >"$T/out"
	is "$era: the second time succeeds" $? 0
	grep -q "nothing to change" "$T/out"
	is "$era: and says so" $? 0
	is "$era: and changes no byte" "$(sum "$T/img")" "$once"
	fails "$era: the plan of another image" 1 "not what was planned" \
	    prepare --plan "$plan"
done

# What is refused.  refused NAME PATTERN [ARGUMENT...]
refused() {
	name=$1 pattern=$2
	shift 2
	fails "$name" 1 "$pattern" prepare "$@"
	fails "$name, dry run" 1 "$pattern" prepare "$@" -n
	untouched "$name"
}
# instead PATH: its content comes from $T/text
instead() { echo "\$1 == \".$1\" { sub(/contents=.*/, \"contents=\" ENVIRON[\"T\"] \"/text\") }"; }

echo "NetBSD 99.0/amd64" >"$T/text"
root today "$(instead /etc/release)"
refused "an unknown release" "/etc/release: .*NetBSD 99.0"
echo "Plan 9" >"$T/text"
root today "$(instead /etc/release)"
refused "another system" "/etc/release"
root today '$1 == "./etc/release" { next }'
refused "no release" "/etc/release is missing, and /sbin/init"
root today '$1 == "./etc/rc" { next }'
refused "no rc" "/etc/rc is missing (rule: rc: "
sed '/rc\.subr/d' "$demo/2006/etc/rc" >"$T/text"
root 2006 "$(instead /etc/rc)"
refused "rc without the place" "/etc/rc: the place where rc.subr.*(rule: rc: "
cat "$demo/2006/etc/rc" "$demo/today/etc/rc" >"$T/text"
root 2006 "$(instead /etc/rc)"
refused "rc with two such places" "/etc/rc: line 34: .* too often (rule: rc: "
sed 's,^\. /etc/rc.subr,. /etc/rc.pre-hooks\n. /etc/rc.pre-hooks\n&,' \
    "$demo/2006/etc/rc" >"$T/text"
root 2006 "$(instead /etc/rc)"
refused "rc with two hooks" "/etc/rc: line 11: .* too often (rule: rc: "
cp "$demo/today/dev/MAKEDEV" "$T/text"
root 2006 "$(instead /dev/MAKEDEV)"
refused "MAKEDEV of another era" "/dev/MAKEDEV: .*xencons.*(rule: MAKEDEV: "

root today
refused "no kernel" "netbsd-none: No such file" -k "$T/netbsd-none"
echo "#!/bin/sh" >"$T/script"
refused "a kernel that is a script" "not an ELF file" -k "$T/script"
gzip -c "$T/script" >"$T/script.gz"
refused "the same in gzip" "not an ELF file" -k "$T/script.gz"
refused "a kernel that is a folder" "not a regular file" -k "$T"
{ printf '\177ELF'; dd if=/dev/zero bs=1048576 count=9 2>/dev/null; } >"$T/large"
refused "a kernel that does not fit" "needed.*free" -k "$T/large"
chmod 755 "$T"
chmod 444 "$T/img"
if nobody test -r "$T/img" && ! nobody test -w "$T/img"; then
	fails "no permission" 1 "Permission denied" \
	    nobody "$DRYDOCK" prepare root "$T/img" -k "$T/netbsd-XENU"
	nobody "$DRYDOCK" prepare root "$T/img" -k "$T/netbsd-XENU" -n \
	    >/dev/null 2>"$T/err"
	is "a preview needs none" $? 0
else
	echo "# skip no user without permission"
fi
untouched "no permission"

fails "no such image" 1 "No such file" \
    "$DRYDOCK" prepare root "$T/none" -k "$T/netbsd-XENU"
dd if=/dev/zero of="$T/zeros" bs=65536 count=4 2>/dev/null
fails "an empty image" 1 "zeros" \
    "$DRYDOCK" prepare root "$T/zeros" -k "$T/netbsd-XENU"
fails "no disks" 2 "disks" prepare --disks 0
fails "too many disks" 2 "disks" prepare --disks 17

# The default kernel, under its own name, and events.
chmod 644 "$T/img"
(cd "$T" && "$DRYDOCK" --events 3 prepare root img -n 3>events >/dev/null)
is "netbsd-XENU of the folder is the default" $? 0
grep -q '"event": *"plan"' "$T/events"
is "the plan is an event, too" $? 0
gzip -c "$T/netbsd-XENU" >"$T/netbsd"
works "a gzip'ed kernel that is called netbsd" prepare -k "$T/netbsd"
"$DRYDOCK" stat "$T/img:/netbsd" | grep -q '^links *1$'
is "needs no link" $? 0
works "more disks" prepare --disks 6
"$DRYDOCK" cat "$T/img:/dev/MAKEDEV" | grep -q "xbd3 xbd4 xbd5 xen$"
is "are in MAKEDEV" $? 0
"$DRYDOCK" stat "$T/img:/netbsd" | grep -q '^links *2$'
is "the other kernel is /netbsd now" $? 0
