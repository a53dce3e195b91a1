# drydock devices: what domUs are served, as xenstore says; what block-drydock
# has left of a domain that is gone, and a killed command of dm-crypt.
. tests/xen/lib.sh
D=$DRYDOCK
P=$T/d1/pkg.img
COLUMNS=200
export COLUMNS
"$D" cgd params new -k storedkey -V ffs -o "$T/params" aes-xts || fail "params"
mkdir "$T/files"
head -c 1500000 /dev/urandom >"$T/files/big"
encrypt() {
	rm -f "$1"
	"$D" create pkg "$1" -s 4m --from "$T/files" --owner 0:0 \
	    -c "$T/params" >/dev/null || fail "make $1"
}
devices() { "$D" devices "$@" >"$T/out" 2>"$T/err" || fail "devices $*" "$(cat "$T/err")"; }
line() { grep "^$1 " "$T/out" | grep -v " is stale: " | tr -s ' '; }
mappings() { cat /sys/block/dm-*/dm/name 2>/dev/null | tr '\n' ' '; }

idle d1
encrypt "$P"
echo "drydock_pkg_params = \"$T/params\"" >>"$T/xen/d1.cfg"
sed -i "s,target=$T/d1/pkg,script=block-drydock\,target=$T/d1/pkg," "$T/xen/d1.cfg"
create d1
map=drydock-$(xl domid d1)-51760
loop=$(losetup -n -O NAME -j "$P")
devices
is "a mapping is a domU's" "$(line "$map")" "$map $loop d1:pkg w d1 as xvdd"
is "what it lies on is its" "$(line "$loop")" "$loop $P d1:pkg w $map"
loop=$(losetup -n -O NAME -j "$T/d1/local.img")
is "a loop device is a domU's" "$(line "$loop")" "$loop $T/d1/local.img d1:local w d1 as xvdc"
is "nothing is stale" "$(grep -c stale "$T/out")" 0
works "clean" "$D" devices --clean
is "takes nothing from a domU" "$(cat "$T/out") $(mappings)" "nothing is stale $map "
devices --json
is "as JSON" "$(python3 -c "import json
d = [x for x in json.load(open('$T/out'))['devices'] if x['name'] == '$map'][0]
print(d['opens'] > 0, d['holders'], d['stale'])")" \
    "True [{'kind': 'domu', 'what': 'd1', 'vdev': 'xvdd', 'pid': None}] None"

# ---- partitions
truncate -s 4M "$T/parts.img"
printf '\0\0\0\0\203\0\0\0\010\0\0\0\0\020\0\0' |
    dd of="$T/parts.img" bs=1 seek=446 conv=notrunc status=none
printf '\125\252' | dd of="$T/parts.img" bs=1 seek=510 conv=notrunc status=none
loop=$(losetup -f --show -P "$T/parts.img")
devices
is "a partition lies on its device" "$(line "${loop}p1")" "${loop}p1 $loop - w -"
is "and does not hold it" "$(line "$loop")" "$loop $T/parts.img - w -"
devices --json
is "it is one" "$(python3 -c "import json
d = [x for x in json.load(open('$T/out'))['devices'] if x['device'] == '${loop}p1'][0]
print(d['made_of'], d['under'], d['image'])")" "partition $loop $T/parts.img"
losetup -d "$loop"

# ---- of a domain that is not there
encrypt "$T/left.img"
cat >"$T/xen/left.cfg" <<END
name = "left"
disk = [ 'vdev=xvda,access=w,target=$T/left.img' ]
drydock_pkg = "xvda"
drydock_pkg_params = "$T/params"
END
xenstore-write backend/vbd/99/1/params "$T/left.img" backend/vbd/99/1/mode w \
    /local/domain/99/name left
XENBUS_PATH=backend/vbd/99/1 works "add without a guest" \
    /etc/xen/scripts/block-drydock add
devices
is "is stale" "$(line drydock-99-1 | cut -d' ' -f1,4-)" "drydock-99-1 w stale -"
is "and why" "$(grep "is stale: " "$T/out")" \
    "drydock-99-1 is stale: domain 99, for which block-drydock made it, is not there any more"
works "clean -n" "$D" devices --clean -n
is "tells" "$(cat "$T/out")" \
    "$T/left.img: would take down drydock-99-1 (left by domain 99, which is not there any more)"
exec 3</dev/"$(basename "$(grep -lx drydock-99-1 /sys/block/dm-*/dm/name | sed 's,/dm/name,,')")"
"$D" devices --clean >"$T/out" 2>"$T/err"
is "who has it open keeps it" "$? $(grep -c "is open still" "$T/out") $(mappings | wc -w)" "3 1 2"
exec 3<&-
works "clean" "$D" devices --clean
is "takes it down" "$(cat "$T/out")" \
    "$T/left.img: took down drydock-99-1 (left by domain 99, which is not there any more)"
is "and leaves the domU's" "$(mappings)" "$map "
gone() { [ -z "$(losetup -n -O NAME -j "$T/left.img")" ]; }
wait_for "its loop device goes" gone

# ---- of a command that was killed
mkfifo "$T/pipe"
"$D" cat --driver kernel -c "$T/params" "$T/left.img:/big" >"$T/pipe" 2>"$T/err" &
job=$!
exec 3<"$T/pipe"
is "it reads" "$(dd bs=1 count=1 <&3 2>/dev/null | wc -c)" 1
devices
is "it is at work" "$(grep -c "^drydock-$job-.* drydock process $job, mounted on " "$T/out")" 1
kill -9 $job
wait $job 2>/dev/null
exec 3<&-
devices
is "it is dead" "$(grep -c "is stale: drydock process $job, which made it, is dead" "$T/out")" 2
works "clean" "$D" devices --clean
is "takes down all three" "$(grep -c "^$T/left.img: took down the mount on [^ ]*/mnt/$job-[^ ]*, drydock-$job-[^ ]*, /dev/loop[0-9]* (left by drydock process $job, which is dead)\$" "$T/out")" 1
is "and leaves the domU's" "$(mappings)" "$map "
wait_for "its loop device goes" gone
works "nothing is stale" "$D" devices --clean
stop d1
