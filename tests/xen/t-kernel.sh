# --driver kernel: what drydock made in process, as Linux's own ufs, dm-crypt
# and ext4 see it; and what is left when it is killed.
. tests/xen/lib.sh
D=$DRYDOCK
k() { "$D" "$@" --driver kernel; }
# flags are not seen here, nor NetBSD's device numbers
manifest() { "$D" tree --manifest "$@" | sed 's/ flags=[^ ]*//; /\/dev/d'; }
mappings() { cat /sys/block/dm-*/dm/name 2>/dev/null | tr '\n' ' '; }
two_mounted() { [ "$(grep -c /drydock/mnt/ /proc/mounts)" = 2 ]; }
nothing_left() {
	is "$1: nothing is left" "$(losetup -a)$(mappings)$(grep -c /drydock/mnt/ \
	    /proc/mounts) $(ls -A /run/drydock/stack "$T" | grep -c 'copy-\|^[0-9]')" "0 0"
}
. tests/demo/fill.sh
fill "$PWD/tests/demo" today >"$T/spec"
mkdir "$T/big"
head -c 3000000 /dev/urandom >"$T/big/of-indirect-blocks"
ln "$T/big/of-indirect-blocks" "$T/big/linked"
"$D" cgd params new -k storedkey -V none -o "$T/params" aes-xts 256 || fail "params"

# ---- FFS, read by the kernel's ufs
for version in 1 2; do
	"$D" create "$T/f$version.img" -O $version -s 10m --from "$T/spec" \
	    --from "$T/big" >/dev/null || fail "create"
	# Linux has no fractions of seconds in FFSv1
	cut=; [ $version = 2 ] || cut='s/\.[0-9]\{9\} / /'
	manifest "$T/f$version.img" | sed "$cut" >"$T/a"
	manifest "$T/f$version.img" --driver kernel | sed "$cut" >"$T/b"
	is "FFSv$version has files" "$(($(wc -l <"$T/a") > 30))" 1
	same "Linux's ufs sees the same in FFSv$version" "$T/a" "$T/b"
done
fails "it is not written" 1 "does not write FFS" k cp "$T/spec" "$T/f2.img:/x"
nothing_left "ufs"

# ---- encrypted, with a label inside
"$D" create "$T/c.img" -s 10m -c "$T/params" --from "$T/spec" --from "$T/big" \
    >/dev/null || fail "create"
manifest "$T/c.img" -c "$T/params" >"$T/a"
manifest "$T/c.img" -c "$T/params" --driver kernel >"$T/b"
is "the encrypted one has files" "$(($(wc -l <"$T/a") > 30))" 1
same "dm-crypt and ufs see the same" "$T/a" "$T/b"
nothing_left "dm-crypt"

# ---- encrypted, and written
python3 - "$T/params" >"$T/key" <<'E'
import base64, re, sys
word = re.search(r"key\s+(\S+?);", open(sys.argv[1]).read()).group(1)
print(base64.b64decode(word)[4:].hex())
E
truncate -s 8M "$T/x.img"
loop=$(losetup -f --show "$T/x.img")
dmsetup create --noudevsync lab --table \
    "0 16384 crypt aes-xts-plain64 $(cat "$T/key") 0 $loop 0" &&
    mkfs.ext4 -q "/dev/$(basename /sys/block/dm-*)" || fail "an encrypted ext4"
dmsetup remove --noudevsync lab
losetup -d "$loop"
wait_for "the loop device goes" no_loops
works "an encrypted ext4 is written" k cp -c "$T/params" "$T/spec" "$T/x.img:/spec"
k cat -c "$T/params" "$T/x.img:/spec" >"$T/a"
same "and read" "$T/spec" "$T/a"
nothing_left "encrypted ext4"

# ---- killed
truncate -s 16M "$T/e.img"
mkfs.ext4 -q -F "$T/e.img"
printf '\177ELF' >"$T/netbsd-XENU"
"$D" prepare root -k "$T/netbsd-XENU" "$T/f2.img" >/dev/null || fail "prepare root"
before=$(sum "$T/e.img")
mkfifo "$T/archive"
"$D" prepare local --driver kernel --overlay "$T/archive" "$T/f2.img" \
    "$T/e.img" >"$T/out" 2>&1 &
pid=$!
exec 3<>"$T/archive"	# from which nothing comes
wait_for "the image and its copy are mounted" two_mounted
fails "who is at work is left alone" 1 "in use\|locked" k cp "$T/spec" "$T/e.img:/x"
kill -9 $pid
wait $pid 2>/dev/null
exec 3>&-
is "mounted still, and written down" \
    "$(two_mounted && ls /run/drydock/stack | wc -l)" 2
"$D" recover >"$T/out" 2>&1
is "recover takes them down" "$? $(grep -c 'took down' "$T/out")" "0 2"
nothing_left "killed"
is "and the image is as it was" "$(sum "$T/e.img")" "$before"
works "so it can be written again" k prepare local "$T/f2.img" "$T/e.img"
nothing_left "the end"
