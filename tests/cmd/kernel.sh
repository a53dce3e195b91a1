# --driver kernel: an ext4 that the host's kernel mounts gets from the recipes
# what an FFS gets in process; previews, plans, undo; images that are out to
# harm; what can't be done is refused first; nothing is left behind.
. tests/cmd/lib.sh
D=$PWD/tests/demo
unset DRYDOCK_CONF
printf 'config_dirs = [ "xen" ]\nstate_dir = "state"\n' >"$T/drydock.conf"
mkdir "$T/xen" "$T/m" "$T/victim"
d() { "$DRYDOCK" --config "$T/drydock.conf" "$@"; }
k() { d "$@" --driver kernel; }
trap 'umount "$T/m" 2>/dev/null; chmod -R u+rwx "$T" 2>/dev/null; rm -rf "$T"' EXIT

fails "no such driver" 2 "not a driver" d ls --driver usb "$T/drydock.conf"
if ! command -v mkfs.ext4 >/dev/null; then
	echo "# skip --driver kernel: no mkfs.ext4"
	exit 0
fi
# ext4 FILE SIZE [OPTION...]
ext4() {
	file=$1 size=$2; shift 2
	rm -f "$file"
	truncate -s "$size" "$file" && mkfs.ext4 -q -F -I 256 "$@" "$file"
}
ext4 "$T/e.img" 48m -N 8192
fails "in process it is not read" 1 "not read in process" d ls "$T/e.img"
is "and the way is told" "$(sed -n 's/^hint: //p' "$T/err")" \
    "--driver kernel has the host's kernel mount it"
chmod 755 "$T"; chmod 644 "$T/e.img"
if [ "$(id -u)" -ne 0 ]; then
	fails "only root can have it mounted" 1 "only root" k ls "$T/e.img"
	echo "# skip --driver kernel: not root"
	exit 0
fi
fails "only root can have it mounted" 1 "only root" nobody "$DRYDOCK" \
    ls --driver kernel "$T/e.img"
if ! k ls "$T/e.img" >"$T/out" 2>"$T/err"; then
	echo "# skip --driver kernel: $(sed -n 1p "$T/err")"
	exit 0
fi

# ---- what can't be done
d create -s 4m "$T/f.img" >/dev/null
before=$(sum "$T/f.img")
fails "FFS is not written" 1 "Linux does not write FFS" k cp "$T/drydock.conf" "$T/f.img:/x"
is "and is as it was" "$(sum "$T/f.img")" "$before"
fails "check is in process" 1 "done in process" k check "$T/e.img"
truncate -s 4m "$T/empty.img"
fails "nothing to mount" 1 "no file system" k ls "$T/empty.img"
d cgd params new -k storedkey -V none -o "$T/c.params" aes-cbc 128 >/dev/null
truncate -s 4m "$T/c.img"
fails "a cipher that Linux has not" 1 "Linux can't decrypt aes-cbc" k ls -c "$T/c.params" "$T/c.img"
printf 'driver = "kernel"\nstate_dir = "state"\nconfig_dirs = [ "xen" ]\n' >"$T/kernel.conf"
works "the configuration's driver" "$DRYDOCK" --config "$T/kernel.conf" ls "$T/e.img"
fails "which an option overrules" 1 "not read in process" "$DRYDOCK" \
    --config "$T/kernel.conf" ls --driver direct "$T/e.img"
works "check is in process all the same" "$DRYDOCK" --config "$T/kernel.conf" check "$T/f.img"

# ---- the recipes, as on FFS in process
# manifest OPTION... IMAGE: without what is each file system's own
manifest() {
	d tree --manifest "$@" | awk '
	$NF ~ /^\/lost\+found$/ { next }
	$NF == "/" { $3 = "-" }			# lost+found is one more
	$1 == "d" { $6 = "-" }			# sizes of folders
	$1 == "l" { $2 = "-" }			# modes of symlinks
	$7 > 1750000000 { $7 = "now" }
	{ sub(/ flags=[^ ]*/, ""); sub(/ sha256=.*/, " &"); print }' |
	    sed '/entropy-file/s/sha256=.*//'
}
sed "s,@E,$D/today,; s,@C,$D/common,; s,@,$D," "$D/root.spec" >"$T/spec"
d create "$T/f.img" --replace -s 24m --from "$T/spec" >/dev/null 2>&1 || {
	rm -f "$T/f.img"; d create "$T/f.img" -s 24m --from "$T/spec" >/dev/null; }
k cp -r "$T/f.img:/" "$T/e.img:/" >/dev/null 2>"$T/err"
is "a root is copied to ext4" $? 0
manifest "$T/f.img" >"$T/a"; manifest --driver kernel "$T/e.img" >"$T/b"
same "it is the same tree" "$T/a" "$T/b"
printf '\177ELF' >"$T/netbsd-XENU"
before=$(sum "$T/e.img")
k prepare root -n -k "$T/netbsd-XENU" "$T/e.img" >"$T/e.plan"
d prepare root -n -k "$T/netbsd-XENU" "$T/f.img" >"$T/f.plan"
is "a dry run writes nothing" "$(sum "$T/e.img")" "$before"
sed '/^plan: /d; /\/dev\/log/d' "$T/e.plan" >"$T/a"; sed '/^plan: /d; /\/dev\/log/d' "$T/f.plan" >"$T/b"
same "the preview is that of FFS" "$T/b" "$T/a"
fails "another plan" 1 "not what was planned" k prepare root --plan \
    "$(printf %064d 0)" -k "$T/netbsd-XENU" "$T/e.img"
is "and nothing is written" "$(sum "$T/e.img")" "$before"
inode=$(ls -i "$T/e.img")
works "prepare root with its plan" k prepare root --plan \
    "$(sed -n 's/^plan: //p' "$T/e.plan")" -k "$T/netbsd-XENU" "$T/e.img"
d prepare root -k "$T/netbsd-XENU" "$T/f.img" >/dev/null
is "in place" "$(ls -i "$T/e.img")" "$inode"
manifest "$T/f.img" >"$T/a"; manifest --driver kernel "$T/e.img" >"$T/b"
same "what it has made is the same" "$T/a" "$T/b"
works "its file system is good" sh -c "fsck.ext4 -fn $T/e.img 2>/dev/null"
ext4 "$T/el.img" 32m -N 4096
works "prepare local" k prepare local --hostname web1 --ip 192.0.2.7/24 "$T/f.img" "$T/el.img"
d prepare local -s 16m --hostname web1 --ip 192.0.2.7/24 "$T/f.img" "$T/fl.img" >/dev/null
manifest "$T/fl.img" >"$T/a"; manifest --driver kernel "$T/el.img" >"$T/b"
same "what it has made is the same, too" "$T/a" "$T/b"
works "again, from a root that is mounted" k prepare local "$T/e.img" "$T/el.img"
is "changes nothing" "$(sed -n 's/.*: \(nothing to change\)$/\1/p' "$T/out")" "nothing to change"
works "undo" d undo "$T/e.img"
is "the image is as before, to the byte" "$(sum "$T/e.img")" "$before"

# ---- a journal that must be replayed: read from a copy, and the image stays
ext4 "$T/j.img" 16m
mount -o loop "$T/j.img" "$T/m" && echo hello >"$T/m/hello" && sync -f "$T/m" &&
    cp "$T/j.img" "$T/dirty.img"
umount "$T/m"
before=$(sum "$T/dirty.img")
is "of one that was not unmounted" "$(k cat "$T/dirty.img:/hello" 2>&1)" "hello"
is "nothing is written" "$(sum "$T/dirty.img")" "$before"
works "it is written to" k cp "$T/drydock.conf" "$T/dirty.img:/x"
works "and good then" sh -c "fsck.ext4 -fn $T/dirty.img 2>/dev/null"

# ---- what is in use
mount -o loop "$T/j.img" "$T/m"
is "read from a copy while another writes" "$(k cat "$T/j.img:/hello" 2>&1)" hello
works "a dry run, too" k cp -n "$T/drydock.conf" "$T/j.img:/x"
fails "but not written" 1 "in use" k cp "$T/drydock.conf" "$T/j.img:/x"
umount "$T/m"

# ---- images that are out to harm: each path that is written leads outside
# planted IMAGE PATH: a symlink in its place, to something of the host's
planted() {
	mount -o loop "$1" "$T/m" || return 1
	if [ -d "$T/m$2" ] && [ ! -L "$T/m$2" ]; then to=$T/victim
	else to=$T/victim/file; fi
	rm -rf "$T/m$2"; mkdir -p "$T/m${2%/*}"; ln -s "$to" "$T/m$2"
	umount "$T/m"
}
victims() { (cd "$T/victim" && find . -exec ls -ldn --time-style=full-iso {} + && cat file); }
echo precious >"$T/victim/file"; chmod 640 "$T/victim/file"
victims >"$T/victims"
sed -n 's/^\(added\|changed\|removed\) .* \(\/[^ ,]*\).*/\2/p; s/^--- \(\/[^ ]*\).*/\1/p' \
    "$T/e.plan" | grep -v '^/dev/' >"$T/paths"
printf '/etc\n/dev\n/usr\n' >>"$T/paths"
ext4 "$T/new.img" 32m -N 4096
k prepare local -n "$T/f.img" "$T/new.img" |
    sed -n 's/^added .* \(\/[^ ,]*\).*/\1/p' | grep -v '^/$' >"$T/local-paths"
n=0
while read -r path; do
	cp --reflink=auto "$T/e.img" "$T/h.img"
	planted "$T/h.img" "$path" || fail "planted $path"
	k prepare root -k "$T/netbsd-XENU" "$T/h.img" >"$T/out" 2>&1
	n=$((n + 1))
done <"$T/paths"
is "paths were planted in a root" "$((n > 14)) $(grep -c '^/etc/rc$' "$T/paths")" "1 1"
n=0
while read -r path; do
	cp --reflink=auto "$T/new.img" "$T/h.img"
	planted "$T/h.img" "$path" || fail "planted $path"
	k prepare local "$T/f.img" "$T/h.img" >"$T/out" 2>&1
	n=$((n + 1))
done <"$T/local-paths"
is "and in a local" "$((n > 30))" 1
victims >"$T/victims.now"
same "nothing outside was touched" "$T/victims" "$T/victims.now"

# ---- nothing is left
is "no device, nor what would keep one" "$(losetup -a | grep -c "$T")" 0
is "no mount of the test" "$(grep -c "$T" /proc/mounts)" 0
is "no copy" "$(ls -A "$T" | grep -c copy-)" 0
is "no record" "$(cat /var/run/drydock/stack/* 2>/dev/null | grep -c "$T")" 0
