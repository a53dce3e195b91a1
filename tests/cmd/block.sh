#!/bin/sh
# xl's block script, with a xenstore of files: what it is told and what it
# tells, keys, and where the kernel has dm-crypt the device itself.
. tests/cmd/lib.sh
trap '[ -z "${left:-}" ] || kill $left 2>/dev/null; block remove >/dev/null 2>&1; "$DRYDOCK" lock web1 >/dev/null 2>&1; chmod -R u+rwx "$T"; rm -rf "$T"' EXIT
B=backend/vbd/7/51714
mkdir -p "$T/bin" "$T/xs" "$T/xen" "$T/script"

# ---- the script alone
printf '#!/bin/sh\necho "$*"\nexit ${STATUS:-3}\n' >"$T/bin/record"
printf '#!/bin/sh\necho rm "$*"\n' >"$T/bin/xenstore-rm"
chmod 755 "$T/bin/record" "$T/bin/xenstore-rm"
script() { (PATH=$T/bin:$PATH; DRYDOCK=$T/bin/record; export PATH DRYDOCK
	sh xen/block-drydock "$@"; echo "$?") 2>/dev/null | tr '\n' ' '; }
is "Linux: add" "$(XENBUS_PATH=$B script add)" "hotplug add $B 3 "
is "Linux: remove" "$(XENBUS_PATH=$B script remove)" "hotplug remove $B 3 "
is "NetBSD: state 2" "$(script /local/x/$B 2)" "hotplug add /local/x/$B 3 "
is "NetBSD: state 6" "$(STATUS=0; export STATUS; script /local/x/$B 6)" \
    "hotplug remove /local/x/$B rm /local/x/$B 0 "
is "NetBSD: what failed is not forgotten" "$(script /local/x/$B 6)" \
    "hotplug remove /local/x/$B 3 "
is "NetBSD: other states are nothing to it" "$(script /local/x/$B 5)" "0 "
is "anything else is refused" "$(script) $(script start) $(script a b c)" "2  2  2 "

if [ "$(uname -s)" != Linux ] || [ "$(id -u)" -ne 0 ]; then
	echo "# skip block-drydock's work: it is for Linux, and for root"
	exit 0
fi

# ---- a xenstore of files; what is written to it is told in a pipe, too
cat >"$T/bin/xenstore-read" <<'END'
#!/bin/sh
[ "$1" = -- ] && shift
[ -f "$XS/$1" ] && cat "$XS/$1" && echo
END
cat >"$T/bin/xenstore-write" <<'END'
#!/bin/sh
[ "$1" = -- ] && shift
echo "$*" >>"$XS/written"
env >>"$XS/environment"
while [ $# -gt 1 ]; do
	mkdir -p "$XS/${1%/*}"
	printf %s "$2" >"$XS/$1"
	[ ! -p "$XS/pipe" ] || echo "$1" >"$XS/pipe"
	shift 2
done
END
printf '#!/bin/sh\n[ "$1" = -- ] && shift\nrm -f "$XS/$1"\n' >"$T/bin/xenstore-rm"
chmod 755 "$T"/bin/*
PATH=$T/bin:$PATH XS=$T/xs
DRYDOCK_CONF=$T/drydock.conf
export PATH XS DRYDOCK_CONF
printf 'config_dirs = [ "xen" ]\nstate_dir = "state"\n' >"$T/drydock.conf"
img=$T/img
domu() {	# domu PARAMS
	cat >"$T/xen/web1.cfg" <<-END
	name = "web1"
	disk = [ "vdev=xvda,access=r,target=$T/root",
	    "vdev=xvdb,access=w,target=$T/swap",
	    "vdev=xvdc,access=w,script=block-drydock,target=$img" ]
	drydock_local_params = "$1"
	END
}
backend() {
	rm -rf "$T/xs/backend"
	xenstore-write "$B/params" "$img" "$B/mode" "${1:-w}" \
	    /local/domain/7/name web1
}
block() { XENBUS_PATH=$B sh xen/block-drydock "$@"; }
told() { cat "$T/xs/$B/$1" 2>/dev/null; }
loops() { losetup -n -O BACK-FILE,BACK-INO | grep -c " $(stat -c %i "$img")\$"; }
# those that are not revoked, and go the next moment
list_keys() { awk '$2 !~ /R/' /proc/keys | grep " drydock:[a-z]*-[0-9a-f]*-$(stat -c %i "$img")-[0-9a-f]*:"; }
keys() { list_keys | wc -l; }

"$DRYDOCK" cgd params new -k storedkey -V ffs -o "$T/stored" aes-xts
cat >"$T/asked" <<'END'
algorithm aes-xts;
keylength 512;
verify_method ffs;
keygen pkcs5_pbkdf2/sha1 {
	iterations 10;
	salt AAAAgKChoqOkpaanqKmqq6ytrq8=;
};
END
"$DRYDOCK" create local "$img" -s 4m -c "$T/stored" >/dev/null
"$DRYDOCK" cp -c "$T/stored" Makefile "$img:/Makefile" >/dev/null
: >"$T/root"; : >"$T/swap"
domu "$T/stored"

dm=
if [ -c /dev/mapper/control ] && dd if=/dev/mapper/control count=0 2>/dev/null
then
	backend
	block add >/dev/null 2>"$T/err" && dm=yes
	block remove >/dev/null 2>&1
fi

backend
block add >"$T/out" 2>"$T/err"
rc=$?
if [ -n "$dm" ]; then
	node=$(told node)
	is "add" "$rc $(told hotplug-status) $(told hotplug-error)" "0 connected "
	is "xenstore has its number" "$(told physical-device)" \
	    "$(stat -c %t:%T "$node")"
	is "one loop device" "$(loops)" 1
	"$DRYDOCK" tree --manifest "$node" >"$T/a"
	"$DRYDOCK" tree --manifest -c "$T/stored" "$img" >"$T/b"
	same "dm-crypt shows what drydock decrypts" "$T/a" "$T/b"
	works "add again" block add
	is "makes nothing new" "$(told node) $(loops)" "$node 1"
	"$DRYDOCK" create local "$T/plain" -s 4m --from man >/dev/null
	works "what is written to it" dd if="$T/plain" of="$node" bs=64k conv=fsync status=none
	works "remove" block remove
	is "leaves nothing" "$(loops) $(ls /dev/mapper | grep -c drydock-7)" "0 0"
	"$DRYDOCK" tree --manifest -c "$T/stored" "$img" >"$T/a"
	"$DRYDOCK" tree --manifest "$T/plain" >"$T/b"
	same "drydock reads" "$T/a" "$T/b"
	backend r
	works "read-only" block add
	is "it is" "$(cat "/sys/class/block/$(basename "$(told node)")/ro")" 1
	block remove
else
	echo "# skip the device itself: this kernel has no dm-crypt"
	is "without dm-crypt it says so" \
	    "$rc $(told hotplug-status) $(told hotplug-error | grep -c dm-crypt)" \
	    "1 error 1"
	is "and leaves nothing" "$(loops) $(keys)" "0 0"
fi
works "remove what is not there" block remove
if nobody test -x "$DRYDOCK" && [ -e /dev/mapper/control ]; then
	chmod 755 "$T"
	fails "remove by who is not root" 1 "mapper/control: Permission denied" \
	    nobody "$DRYDOCK" hotplug remove "$B"
fi

# ---- what is refused, in xenstore's words and in ours
refused() {	# refused NAME PATTERN
	block add >"$T/out" 2>"$T/err"
	is "$1" "$? $(told hotplug-error | grep -c "$2") $(grep -c "^drydock: .*$2" "$T/err") $(loops)" "1 1 1 0"
}
backend
xenstore-write "$B/params" "$T/xs/written"
refused "a disk whose parameters nobody knows" "no parameters file"
"$DRYDOCK" cgd params new -k storedkey -V ffs -o "$T/other" aes-xts
domu "$T/other"
backend
refused "a key that does not fit" "the key does not fit"
"$DRYDOCK" cgd params new -k storedkey -V ffs -o "$T/cbc" aes-cbc
domu "$T/cbc"
backend
refused "a cipher that Linux has not" "only aes-xts"
domu "$T/stored"
backend
loop=$(losetup -f --show "$img") || loop=
if [ -n "$loop" ]; then
	if [ -n "$dm" ]; then
		"$DRYDOCK" hotplug add --wait 0 $B >"$T/out" 2>"$T/err"
		is "an image that another has" \
		    "$? $(told hotplug-status) $(told hotplug-error | grep -c "in use: loop device $loop")" \
		    "1 busy 1"
	fi
	losetup -d "$loop"
fi
if [ -n "$dm" ]; then
	# as qemu has a disk without a lock
	exec 9<>"$img"
	"$DRYDOCK" hotplug add --wait 0 $B 9>&- >"$T/out" 2>"$T/err"
	is "an image that a process writes to" \
	    "$? $(told hotplug-status) $(told hotplug-error | grep -c "open for writing in process $$")" \
	    "1 busy 1"
	exec 9>&-
fi
flock "$img" "$DRYDOCK" hotplug add --wait 0 $B >/dev/null 2>&1
is "an image that a job has in hand" \
    "$(told hotplug-status) $(told hotplug-error | grep -c 'has locked it')" "busy 1"
printf 'no = such file' >"$T/bad.conf"
DRYDOCK_CONF=$T/bad.conf block add >"$T/out" 2>"$T/err"
is "a drydock.conf that can't be read is told" \
    "$? $(told hotplug-error | grep -c 'bad.conf:1')" "1 1"
fails "no backend" 2 "not a backend's path" "$DRYDOCK" hotplug add web1

# ---- what can be seen before
domu "$T/stored"
"$DRYDOCK" show web1 >"$T/out"
is "show has no complaint" "$(grep -c 'parameters file' "$T/out")" 0
sed -i '/drydock_local_params/d' "$T/xen/web1.cfg"
"$DRYDOCK" show web1 >"$T/out"
is "and sees that parameters are missing" \
    "$(grep -c 'error: .*no parameters file is known' "$T/out")" 1
domu "$T/stored"
mv "$img" "$T/gone"
"$DRYDOCK" show web1 >"$T/out"
is "and a missing image" "$(grep -c "error: .*$img: No such file" "$T/out")" 1
mv "$T/gone" "$img"

# ---- unlock
fails "what needs no passphrase" 2 "needs no passphrase" "$DRYDOCK" unlock web1
fails "a disk without the script" 1 "has no script=block-drydock" "$DRYDOCK" unlock web1:swap
fails "a role that it has not" 1 "has no pkg disk" "$DRYDOCK" unlock web1:pkg
fails "a domU that there is not" 1 "wbe1: no such domU" "$DRYDOCK" unlock wbe1
rm "$img"
echo secret | "$DRYDOCK" create local "$img" -s 4m -c "$T/asked" --passphrase-fd 0 >/dev/null
domu "$T/asked"
echo wrong >"$T/wrong"
fails "a wrong passphrase" 1 "wrong passphrase" "$DRYDOCK" unlock --passphrase-fd 3 web1 3<"$T/wrong"
is "leaves no key" "$(keys)" 0
if nobody test -x "$DRYDOCK"; then
	chmod 755 "$T"
	fails "who is not root" 1 "root's" nobody "$DRYDOCK" unlock web1
fi
echo secret >"$T/right"
if ! "$DRYDOCK" unlock --keep --passphrase-fd 3 web1 3<"$T/right" >/dev/null 2>"$T/err"; then
	echo "# skip keys: $(head -n 1 "$T/err")"
	exit 0
fi
is "unlock --keep puts a key in the kernel" "$(keys)" 1
is "which nobody can read" "$(list_keys | grep -c ' logon ')" 1
fails "a wrong passphrase after that" 1 "wrong passphrase" "$DRYDOCK" unlock --keep --passphrase-fd 3 web1 3<"$T/wrong"
is "leaves the key" "$(keys)" 1
"$DRYDOCK" unlock --passphrase-fd 3 web1 3<"$T/right" >"$T/out" 2>"$T/err"
is "a key for one start takes its place" "$(keys) $(list_keys | grep -c drydock:once-)" "1 1"
domu "$T/nowhere"
works "lock needs no parameters" "$DRYDOCK" lock web1
is "to forget it" "$(keys)" 0
domu "$T/asked"
"$DRYDOCK" unlock --keep --passphrase-fd 3 web1 3<"$T/right" >"$T/out" 2>"$T/err"
works "lock" "$DRYDOCK" lock web1
is "forgets it" "$(keys)" 0
"$DRYDOCK" history --json >"$T/json"
is "the history has both" "$(python3 -c "import json
print([j['action'] for j in json.load(open('$T/json'))][:2])")" "['lock', 'unlock']"

# it waits; the xenstore tells when
backend
rm -f "$T/xs/written" "$T/xs/environment"
mkfifo "$T/xs/pipe"
(XENBUS_PATH=$B exec sh xen/block-drydock add) >"$T/out" 2>"$T/add-err" &
left=$!
read -r first <"$T/xs/pipe"
is "a locked disk is told" "$first $(told hotplug-error)" \
    "$B/hotplug-error $img: is locked: drydock unlock web1:local"
is "and not that it has failed" "$(told hotplug-status)" ""
tr '\0' '\n' <"/proc/$left/cmdline" >"$T/seen"
tr '\0' '\n' <"/proc/$left/environ" >>"$T/seen"
is "by drydock itself, which libxl can kill" \
    "$(sed -n '2,4p' "$T/seen" | tr '\n' ' ')" "hotplug add $B "
rm "$T/xs/pipe"
"$DRYDOCK" unlock --passphrase-fd 3 web1:local 3<"$T/right" >"$T/out" 2>"$T/err"
is "unlock while it waits" "$? $(cat "$T/err")" "0 "
wait "$left"
rc=$?
left=
if [ -n "$dm" ]; then
	is "it is attached" "$rc $(told hotplug-status) $(told hotplug-error)" "0 connected "
	"$DRYDOCK" tree --manifest "$(told node)" >"$T/a"
	"$DRYDOCK" tree --manifest -c "$T/asked" --passphrase-fd 3 "$img" 3<"$T/right" >"$T/b"
	same "and decrypted" "$T/a" "$T/b"
	block remove
else
	is "it takes the key" "$rc $(told hotplug-error | grep -c dm-crypt)" "1 1"
	is "one that was not used stays" "$(keys)" 1
	works "and can be wiped" "$DRYDOCK" lock web1:local
	is "it is" "$(keys)" 0
fi
# the key in no argument and no environment: not as text, bytes or base64
"$DRYDOCK" cat -c "$T/asked" --passphrase-fd 3 "$img:/nothing" 3<"$T/right" >/dev/null 2>&1
python3 - "$T" >"$T/key" <<'END'
import base64, hashlib, sys
salt = base64.b64decode("AAAAgKChoqOkpaanqKmqq6ytrq8=")[4:]
key = hashlib.pbkdf2_hmac("sha1", b"secret", salt, 10, 64)
words = [b"secret", key, key.hex().encode(), base64.b64encode(key)[:40]]
seen = b"".join(open(sys.argv[1] + f, "rb").read()
                for f in ("/seen", "/xs/written", "/xs/environment"))
print(len(seen) > 200, [w in seen for w in words])
END
is "no argument or environment has passphrase or key" "$(cat "$T/key")" \
    "True [False, False, False, False]"
is "no loop device is left" "$(loops)" 0
