# Disks that dom0 decrypts: script=block-drydock, with the key in the parameters
# file, and with one that waits for drydock unlock.
. tests/xen/lib.sh
D=$DRYDOCK
P=$T/d1/pkg.img

# encrypt FILE MARKER PARAMS
encrypt() {
	rm -rf "$T/tree"
	mkdir -p "$T/tree/bin" "$T/tree/pkgdb/$2-1.0"
	echo "@name $2-1.0" >"$T/tree/pkgdb/$2-1.0/+CONTENTS"
	echo "$2" >"$T/tree/marker"
	echo secret | "$D" create pkg "$1" -s 2m --from "$T/tree" --owner 0:0 \
	    -c "$3" --passphrase-fd 0 >/dev/null 2>"$T/err" ||
	    fail "make $1" "$(cat "$T/err")"
}
# decrypted NAME: its pkg disk is one that dom0 decrypts, by that file
decrypted() {
	echo "drydock_pkg_params = \"$T/params\"" >>"$T/xen/$1.cfg"
	sed -i "s,access=\(.\)\,target=$T/$1/pkg,access=\1\,script=block-drydock\,target=$T/$1/pkg," \
	    "$T/xen/$1.cfg"
}
mappings() { cat /sys/block/dm-*/dm/name 2>/dev/null | tr '\n' ' '; }
no_mappings() { [ -z "$(mappings)" ]; }
backend() { echo "/local/domain/0/backend/vbd/$(xl domid "$1")/51760"; }

# ---- the key is stored
"$D" cgd params new -k storedkey -V ffs -o "$T/params" aes-xts || fail "params"
linux d1
rm "$P"
encrypt "$P" first "$T/params"
decrypted d1
create d1
ready d1
is "the guest reads what is encrypted" "$(marker d1)" first
is "through a mapping" "$(mappings)" "drydock-$(xl domid d1)-51760 "
dm=/dev/$(basename /sys/block/dm-*)
is "xenstore has the device" "$(xenstore-read "$(backend d1)/physical-device-path" \
    "$(backend d1)/hotplug-status" | tr '\n' ' ')" "$dm connected "
"$D" tree --manifest "$dm" >"$T/a"
"$D" tree --manifest -c "$T/params" "$P" >"$T/b"
same "dm-crypt shows what drydock decrypts" "$T/a" "$T/b"
cmp -s "$dm" "$P" && fail "it is not encrypted"
XENBUS_PATH=$(backend d1) works "adding once more" \
    /etc/xen/scripts/block-drydock add
is "makes nothing new" "$(mappings)" "drydock-$(xl domid d1)-51760 "
"$D" show d1 >"$T/out"
is "no finding speaks of the disk" "$(grep -c 'pkg: ' "$T/out")" 0
fails "nothing writes to it" 1 "attached to d1 as xvdd" "$D" cp \
    -c "$T/params" "$T/a" "$P:/x"

# another that would write to it
xl block-attach d1 "format=raw,vdev=xvde,access=w,script=block-drydock,target=$P" \
    >"$T/out" 2>&1
rc=$?
is "a second writer is refused" \
    "$rc $(grep -c "script: .*is in use: loop device" "$T/out")" "1 1"
# xl would give it to the domU at its next reboot
works "it is taken back" xl block-detach d1 xvde
is "the first has it still" "$(mappings)" "drydock-$(xl domid d1)-51760 "

# running, and in place; a reboot takes what is in place
encrypt "$T/new.img" second "$T/params"
works "swap" "$D" swap --next-boot -c "$T/params" d1 "$T/new.img"
"$D" show d1 >"$T/out"
is "running and in place are told apart" \
    "$(grep -c 'runs with generation 1; 2 is in place' "$T/out")" 1
was=$(xl domid d1)
rm -f "$CONSOLES/guest-d1.log"
works "reboot" "$D" reboot -y d1
ready d1
is "it comes up again, and reads the new one" \
    "$(marker d1) $(is_another d1 "$was" && echo anew)" "second anew"
is "through a mapping of its own" "$(mappings)" "drydock-$(xl domid d1)-51760 "
stop d1
wait_for "the mapping goes with the guest" no_mappings

# what is written through it
xenstore-write backend/vbd/99/1/params "$P" backend/vbd/99/1/mode w \
    /local/domain/99/name d1
XENBUS_PATH=backend/vbd/99/1
export XENBUS_PATH
works "add without a guest" /etc/xen/scripts/block-drydock add
dm=$(xenstore-read backend/vbd/99/1/node)
rm -rf "$T/tree"
mkdir "$T/tree"
cp "$T/a" "$T/tree/written"
"$D" create pkg "$T/plain" -s 2m --from "$T/tree" --owner 0:0 >/dev/null
works "write to it" dd if="$T/plain" of="$dm" bs=64k conv=fsync status=none
works "remove" /etc/xen/scripts/block-drydock remove
works "remove again" /etc/xen/scripts/block-drydock remove
is "nothing is left" "$(mappings)$(loops_of d1)" 0
"$D" tree --manifest -c "$T/params" "$P" >"$T/b"
"$D" tree --manifest "$T/plain" >"$T/c"
same "drydock reads what went through dm-crypt" "$T/b" "$T/c"
is "which is all there is" "$(grep -c ' /written' "$T/b")" 1
/etc/xen/scripts/block-drydock add
xenstore-write backend/vbd/99/1/mode r
works "read-only, where another was left" /etc/xen/scripts/block-drydock add
is "it is" "$(cat /sys/block/dm-*/ro) $(losetup -n -O RO | tr -d ' ')" "1 1"
fails_to_write() { ! dd if="$T/plain" of="$(xenstore-read backend/vbd/99/1/node)" \
    bs=4k count=1 conv=fsync 2>/dev/null; }
works "and can't be written to" fails_to_write
xenstore-write backend/vbd/98/1/params "$P" backend/vbd/98/1/mode r \
    /local/domain/98/name d1
XENBUS_PATH=backend/vbd/98/1 works "two that only read" \
    /etc/xen/scripts/block-drydock add
is "share it" "$(mappings | tr ' ' '\n' | sort | tr '\n' ' ' | sed 's/^ //')" "drydock-98-1 drydock-99-1 "
XENBUS_PATH=backend/vbd/98/1 works "one goes" \
    /etc/xen/scripts/block-drydock remove
works "and the other" /etc/xen/scripts/block-drydock remove
is "nothing is left of both" "$(mappings)$(loops_of d1)" 0

# ---- a passphrase
unset XENBUS_PATH
rm -rf "$T/d1/.pkg.img.d" "$P" "$T/params"
cat >"$T/params" <<END
algorithm aes-xts;
keylength 512;
verify_method ffs;
keygen pkcs5_pbkdf2/sha1 {
	iterations 10;
	salt AAAAgKChoqOkpaanqKmqq6ytrq8=;
};
END
encrypt "$P" locked "$T/params"
sed -i 's,/run/vmlinux,/run/idle,; /^extra/d' "$T/xen/d1.cfg"
xl create -q "$T/xen/d1.cfg" >"$T/out" 2>&1
is "a locked disk does not start" $? 3
is "and says what to do" "$(grep -c 'script: .*is locked: drydock unlock d1:pkg' "$T/out")" 1
wait_for "nothing of it is left" no_mappings
echo wrong | "$D" unlock --passphrase-fd 0 d1 >"$T/out" 2>"$T/err"
is "a wrong passphrase" "$? $(grep -c 'wrong passphrase' "$T/err")" "1 1"
keys() { awk '$2 !~ /R/' /proc/keys | grep -c 'drydock:'; }
is "leaves no key" "$(keys)" 0

# unlocked while it waits
xl create -q "$T/xen/d1.cfg" >"$T/create" 2>&1 &
waits() {
	for b in $(xenstore-list /local/domain/0/backend/vbd); do
		xenstore-read "/local/domain/0/backend/vbd/$b/51760/hotplug-error" \
		    2>/dev/null | grep -q 'unlock d1:pkg' && return 0
	done
	return 1
}
wait_for "it waits" waits
tr '\0' ' ' </proc/"$(pgrep -f 'hotplug add')"/cmdline >"$T/args"
is "by a process that shows no more than this" \
    "$(sed 's,/[0-9]*/,/N/,' "$T/args")" \
    "/run/lab/drydock hotplug add backend/vbd/N/51760 "
echo secret >"$T/secret"
works "unlock" "$D" unlock --passphrase-fd 3 d1 3<"$T/secret"
wait
"$D" cat "/dev/$(basename /sys/block/dm-*):/marker" >"$T/out"
is "it starts" "$(cat "$T/create" "$T/out")" locked
is "the key is not left" "$(keys)" 0
is "the error is gone" "$(xenstore-read "$(backend d1)/hotplug-error" 2>/dev/null)" ""
xl destroy d1
wait_for "the mapping goes with it" no_mappings

# unlocked before, for every start
works "unlock --keep" "$D" unlock --keep --passphrase-fd 3 d1:pkg 3<"$T/secret"
create d1
is "it starts without being asked" "$(mappings)" "drydock-$(xl domid d1)-51760 "
is "the key is kept" "$(keys)" 1
works "lock" "$D" lock d1
is "and then is not" "$(keys)" 0
is "which takes nothing away" "$(mappings)" "drydock-$(xl domid d1)-51760 "
