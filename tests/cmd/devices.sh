#!/bin/sh
# drydock devices: what is made of images, who has it, what is stale, and what
# is taken down of that.  With real loop devices, and records of dead processes
# in a /var/run of its own.
if [ -z "${DEVICES_APART:-}" ] && [ "$(uname -s)" = Linux ] &&
    [ "$(id -u)" -eq 0 ] && unshare -m --propagation private true 2>/dev/null
then
	DEVICES_APART=1
	export DEVICES_APART
	exec unshare -m --propagation private sh "$0"
fi
. tests/cmd/lib.sh
trap 'umount "$T/mnt" "$RUN"/mnt/* 2>/dev/null; for l in ${loops:-}; do losetup -d $l 2>/dev/null; done; chmod -R u+rwx "$T" 2>/dev/null; rm -rf "$T"' EXIT
RUN=/var/run/drydock
mkdir -p "$T/xen" "$T/mnt"
printf 'config_dirs = [ "xen" ]\nstate_dir = "state"\n' >"$T/drydock.conf"
DRYDOCK_CONF=$T/drydock.conf
export DRYDOCK_CONF
d() { "$DRYDOCK" devices "$@"; }
# value EXPRESSION: of the JSON document in $T/out, as d
value() { python3 -c "import json, sys
d = json.load(open('$T/out'))
print($1)" 2>&1; }

# what it can't look into it says, where others have records here
quietly() { d "$@" 2>/dev/null; }
works "devices" quietly
works "as JSON" quietly --json
is "which is a document" "$(value "sorted(d)")" \
    "['devices', 'records', 'room', 'untold', 'xen']"
works "its help" d --help
is "which tells the options" "$(grep -c -e --clean -e --dry-run -e --json "$T/out")" 4
fails "no operands" 2 "one too many" d x
fails "a dry run of nothing" 2 "is for --clean" d -n
chmod 755 "$T"
fails "to take down is root's" 1 "are root's" nobody "$DRYDOCK" devices --clean

if [ -z "${DEVICES_APART:-}" ]; then
	echo "# skip stale devices: that is for root, on Linux with mount namespaces"
	exit 0
fi
mount -t tmpfs -o mode=755 none /var/run || exit 1
works "nothing is stale" d --clean
is "and it says so" "$(cat "$T/out")" "nothing is stale"

truncate -s 8M "$T/a.img" "$T/b
\"c\".img"
mkfs.ext4 -q -F "$T/a.img"
cat >"$T/xen/web1.cfg" <<END
name = "web1"
disk = [ "vdev=xvda,access=r,target=$T/root", "vdev=xvdb,access=w,target=$T/a.img" ]
END
cp "$T/xen/web1.cfg" "$T/xen/web2.cfg"
sed -i s/web1/web2/ "$T/xen/web2.cfg"

# attach VARIABLE FILE [OPTION]: a loop device, whose number is set
attach() {
	var=$1; file=$2; shift 2
	got=$(losetup -f --show "$@" "$file" 2>/dev/null) || return 1
	loops="${loops:-} $got"
	eval "$var=$got"
}
if ! attach loop "$T/a.img" || ! attach other "$T/b
\"c\".img" -r || ! mount "$loop" "$T/mnt" 2>/dev/null; then
	echo "# skip loop devices: there are none to be had"
	exit 0
fi
# line DEVICE: of the table
line() { grep "^$1 " "$T/out" | grep -v " is stale: "; }
# of DEVICE MEMBER: in the JSON
of() { value "[x['$2'] for x in d['devices'] if x['device'] == '$1'][0]"; }

COLUMNS=200
export COLUMNS
works "loop devices" d
is "the one that is mounted" "$(line "$loop" | tr -s ' ')" \
    "$loop $T/a.img web1:swap +1 w mounted on $T/mnt"
is "and one that nobody has, its name escaped" "$(line "$other" | tr -s ' ')" \
    "$other $T/b\\n\"c\".img - r -"
is "nothing is stale" "$(grep -c stale "$T/out")" 0
COLUMNS=80 works "on 80 columns" d
is "no line is wider" "$(awk 'length($0) > 80' "$T/out" | wc -l)" 0
is "what is too long is cut" "$(line "$loop" | grep -c '~')" 1
works "as JSON" d --json
is "image" "$(of "$loop" image)" "$T/a.img"
is "its number" "$(of "$loop" inode)" "$(stat -c %i "$T/a.img")"
is "the domUs" "$(of "$loop" disks)" \
    "[{'domu': 'web1', 'role': 'swap', 'vdev': 'xvdb'}, {'domu': 'web2', 'role': 'swap', 'vdev': 'xvdb'}]"
is "who has it" "$(of "$loop" holders)" \
    "[{'kind': 'mount', 'what': '$T/mnt', 'vdev': None, 'pid': None}]"
is "mode" "$(of "$loop" readonly) $(of "$other" readonly)" "False True"
is "not stale" "$(of "$loop" stale)" None
works "somebody else sees them" nobody "$DRYDOCK" devices
is "all of them" "$(grep -c "^$loop\|^$other" "$T/out")" 2

# what lies on a device
attach upon "$loop" -r
works "a loop device on a loop device" d
is "lies on it" "$(line "$upon" | tr -s ' ')" "$upon $loop web1:swap +1 r -"
is "and has it" "$(line "$loop" | grep -c "mounted on $T/mnt, $upon\$")" 1
losetup -d "$upon"

# ---- records
mkdir -m 700 "$RUN" "$RUN/stack" "$RUN/mnt"
# record PID START FILE DEVICE
record() {
	mkdir -p "$RUN/mnt/$1-$2-0"
	{
		echo "image $(stat -c '%d %i' "$3") $3"
		echo "device 0"
		echo "device $(python3 -c "import os
print(os.stat('$4').st_rdev)") $4 $4"
		echo "mount $RUN/mnt/$1-$2-0"
	} >"$RUN/stack/$1-$2-0"
}
sh -c 'exit 0' & dead=$!
wait "$dead"
left() { ls "$RUN/stack" | tr '\n' ' '; }
attached() { losetup -n -O BACK-FILE "$1" 2>/dev/null; }

# ours DEVICE: a loop device as the kernel driver attaches it
ours() {
	python3 - "$1" <<'END'
import fcntl, sys
with open(sys.argv[1], 'rb') as f:
    info = bytearray(232)
    fcntl.ioctl(f, 0x4C05, info)        # LOOP_GET_STATUS64
    info[56:120] = b'drydock, kernel driver'.ljust(64, b'\0')
    fcntl.ioctl(f, 0x4C04, bytes(info))  # LOOP_SET_STATUS64
END
}

record "$dead" 5 "$T/a.img" "$loop"
works "another's device that got the number of one that has gone" d --clean
is "is not taken down" "$(attached "$loop") $(left)$(cat "$T/out")" \
    "$T/a.img $T/a.img: took down a record without a device (left by drydock process $dead, which is dead)"
ours "$loop"
record "$dead" 5 "$T/a.img" "$loop"
works "a record of a dead process" d
is "is stale" "$(line "$loop" | tr -s ' ')" \
    "$loop $T/a.img web1:swap +1 w stale mounted on $T/mnt"
is "and why" "$(grep "is stale:" "$T/out")" \
    "$loop is stale: drydock process $dead, which made it, is dead"
is "the other is not" "$(grep -c "$other is stale" "$T/out")" 0
works "as JSON" d --json
is "why" "$(of "$loop" stale)" "drydock process $dead, which made it, is dead"
is "the record" "$(value "[(r['pid'], r['alive'], r['devices'], r['mount']) for r in d['records']]")" \
    "[($dead, False, True, '$RUN/mnt/$dead-5-0')]"
works "somebody else sees them still" sh -c 'setpriv --reuid 65534 --regid 65534 --clear-groups -- "$1" devices 2>"$2"' \
    sh "$DRYDOCK" "$T/told"
is "but not what is stale" "$(grep -c "Permission denied: what is stale is not known" "$T/told") $(grep -c "is stale" "$T/out")" "1 0"

stays() {	# stays NAME OPTION...: the other mount keeps it
	name=$1; shift
	d --clean "$@" >"$T/out" 2>"$T/err"
	is "$name" "$? $(cut -d: -f2- "$T/err" | head -1)" \
	    "3  1 $why: $loop is in use: mounted on $T/mnt"
}
why="would stay"
stays "a mount of another's, dry" -n
why="could not be taken down"
stays "a mount of another's"
is "it says what" "$(cat "$T/out")" \
    "$T/a.img: could not take down $loop (left by drydock process $dead, which is dead): $loop is in use: mounted on $T/mnt"
is "with a hint" "$(grep -c "^hint: unmount and detach" "$T/err")" 1
is "and nothing was touched" "$(attached "$loop") $(left)$(grep -c "$T/mnt " /proc/mounts)" \
    "$T/a.img $dead-5-0 1"
d --clean --json >"$T/out" 2>"$T/err"
is "as JSON" "$? $(value "(d['done'], [x['why'] for x in d['what']])")" \
    "3 (True, ['$loop is in use: mounted on $T/mnt'])"
"$DRYDOCK" recover >"$T/out" 2>"$T/err"
is "recover says it, too" "$? $(grep -c "could not take down $loop" "$T/out")" "3 1"
umount "$T/mnt"

mount "$loop" "$RUN/mnt/$dead-5-0"
d --clean >"$T/out" 2>"$T/err" <"$RUN/mnt/$dead-5-0"
is "who is in there keeps it" "$? $(grep -c "somebody is in there" "$T/out") $(attached "$loop") $(left)" \
    "3 1 $T/a.img $dead-5-0 "
works "clean -n" d --clean -n
would=$(cat "$T/out")
is "tells" "$would" "$T/a.img: would take down the mount on $(realpath "$RUN/mnt/$dead-5-0"), $loop (left by drydock process $dead, which is dead)"
is "and does nothing" "$(attached "$loop") $(left)$(grep -c "drydock/mnt/" /proc/mounts)" \
    "$T/a.img $dead-5-0 1"
works "clean" d --clean
is "tells the same" "$(cat "$T/out")" "$(echo "$would" | sed 's/would take/took/')"
is "and does it" "$(attached "$loop")|$(left)$(ls "$RUN/mnt")|$(grep -c "drydock/mnt/" /proc/mounts)" "||0"
is "the other stays" "$(attached "$other" | wc -l)" 1
works "again" d --clean
is "nothing is stale" "$(cat "$T/out")" "nothing is stale"

attach loop "$T/a.img"
ours "$loop"
record "$dead" 5 "$T/a.img" "$loop"
works "recover" "$DRYDOCK" recover
is "takes it down, too" "$(cat "$T/out")" \
    "$T/a.img: took down $loop (left by drydock process $dead, which is dead)"
is "all of it" "$(attached "$loop")|$(left)" "|"
works "again" "$DRYDOCK" recover
is "it is silent about that" "$(cat "$T/out")" "nothing to recover"
attach loop "$T/a.img"
ours "$loop"
record "$dead" 5 "$T/a.img" "$loop"
works "recover as JSON" "$DRYDOCK" recover --json
is "has it" "$(value "(d['recovered'], d['failed'], d['what'][0]['image'])")" "(1, 0, '$T/a.img')"

# ---- a job that is killed in the middle
mkdir "$T/files"
head -c 1000000 /dev/zero >"$T/files/big"
truncate -s 16M "$T/d.img"
mkfs.ext4 -q -F -d "$T/files" "$T/d.img"
mkfifo "$T/pipe"
(cd "$T" && exec "$DRYDOCK" cat --driver kernel d.img:/big) >"$T/pipe" 2>"$T/err" &
job=$!
exec 3<"$T/pipe"
if [ "$(dd bs=1 count=1 <&3 2>/dev/null | wc -c)" -eq 1 ]; then
	works "while it is at work" d
	is "it has its device" "$(grep -c "drydock process $job, mounted on .*/drydock/mnt/" "$T/out") $(grep -c stale "$T/out")" "1 0"
	works "clean" d --clean
	is "leaves it alone" "$(cat "$T/out")" "nothing is stale"
	kill -9 "$job"
	wait "$job" 2>/dev/null
	works "when it is dead" d
	is "that is stale" "$(grep -c "is stale: drydock process $job, " "$T/out")" 1
	works "clean" d --clean
	is "takes down what it left" "$(sed 's/the mount on [^ ]*, .dev.loop[0-9]* (/(/' "$T/out")" \
	    "$T/d.img: took down (left by drydock process $job, which is dead)"
	is "all of it" "$(losetup -n -O NAME -j "$T/d.img")|$(left)$(ls "$RUN/mnt")|$(grep -c "drydock/mnt/" /proc/mounts)" "||0"
else
	fail "a job that mounts an image" "$(cat "$T/err")"
fi
exec 3<&-

# ---- what is not a dead one's
attach loop "$T/a.img"
start=$(python3 -c "import hashlib
s = open('/proc/$$/stat').read().rsplit(')', 1)[1].split()[19]
h = hashlib.sha256(open('/proc/sys/kernel/random/boot_id', 'rb').read() + s.encode())
print(int.from_bytes(h.digest()[:8], 'little'))")
ours "$loop"
record $$ "$start" "$T/a.img" "$loop"
works "a living process" d
is "has its device" "$(line "$loop" | tr -s ' ')" "$loop $T/a.img web1:swap +1 w drydock process $$"
works "clean" d --clean
is "leaves it alone" "$(cat "$T/out") $(attached "$loop") $(left)" "nothing is stale $T/a.img $$-$start-0 "
rm "$RUN/stack/$$-$start-0"
# its number belongs to another by now
record "$dead" 5 "$T/a.img" "$other"
works "a device of another file" d --clean
is "is not the one that was left" "$(attached "$other" | wc -l) $(cat "$T/out")" \
    "1 $T/a.img: took down a record without a device (left by drydock process $dead, which is dead)"

# ---- records that are not as they should be
hostile() {	# hostile NAME: what is in the record
	cat >"$RUN/stack/$dead-5-0"
	d >"$T/out" 2>"$T/err"
	rc=$?
	d --json >"$T/out2" 2>>"$T/err"
	is "$1" "$rc $? $(LC_ALL=C grep -c "$(printf '\033')" "$T/out" "$T/out2" "$T/err" | cut -d: -f2 | tr '\n' ' ')" "0 0 0 0 0 "
	if json <"$T/out2"; then pass "$1: a document"; else fail "$1: a document"; fi
	d --clean >"$T/out" 2>"$T/err"
	rc=$?
	if [ $rc -eq 0 ] || [ $rc -eq 3 ]; then pass "$1: clean"; else fail "$1: clean" "status $rc" "$(cat "$T/err")"; fi
	is "$1: nothing was taken" "$(attached "$loop") $(LC_ALL=C grep -c "$(printf '\033')" "$T/out" "$T/err" | cut -d: -f2 | tr '\n' ' ')" "$T/a.img 0 0 "
	rm -f "$RUN/stack/$dead-5-0"
}
: | hostile "an empty record"
printf 'image 1 2 /\033]0;x\007\033[31m\nmount \033[2J\n' | hostile "escapes"
head -c 60000 /dev/zero | tr '\0' x | hostile "one long line"
{ printf 'image 1 2 '; head -c 60000 /dev/zero | tr '\0' x; echo; printf 'crypt 1 '; head -c 3000 /dev/zero | tr '\0' y; echo; } | hostile "long lines"
head -c 4096 /dev/urandom | hostile "noise"
printf 'image 1 2 x\nmount %s/../../../etc\n' "$RUN/mnt" | hostile "a mount point that is not ours"
printf 'image %s %s\ndevice 18446744073709551616 %s %s\n' "$(stat -c '%d %i' "$T/a.img")" x "$loop" "$loop" | hostile "a number that is too large"
mkdir "$RUN/stack/$dead-6-0"
d >"$T/out" 2>"$T/err"
is "a folder in a record's place is an error" "$? $(grep -c "^drydock: .*$dead-6-0" "$T/err")" "1 1"
rmdir "$RUN/stack/$dead-6-0"
for how in "chmod 777" "chown 65534"; do
	$how "$RUN/stack"
	fails "records that others may write ($how)" 1 "nobody else may enter" d
	fails "nothing is taken down by those" 1 "nobody else may enter" d --clean
	chmod 700 "$RUN/stack"
	chown 0 "$RUN/stack"
done
