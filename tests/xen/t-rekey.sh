# Another key for the image of a domU that runs: it is shut down meanwhile, and
# started with it; dom0 decrypts.
. tests/xen/lib.sh
D=$DRYDOCK
P=$T/d1/pkg.img

"$D" cgd params new -k storedkey -V ffs -o "$T/params" aes-xts || fail "params"
cp "$T/params" "$T/first"
cat >"$T/second" <<END
algorithm aes-xts;
keylength 512;
verify_method ffs;
keygen pkcs5_pbkdf2/sha1 {
	iterations 10;
	salt AAAAgKChoqOkpaanqKmqq6ytrq8=;
};
END
linux d1
rm -rf "$P" "$T/tree"
mkdir -p "$T/tree/bin"
echo marked >"$T/tree/marker"
"$D" create pkg "$P" -s 2m --from "$T/tree" --owner 0:0 -c "$T/params" \
    >/dev/null || fail "make $P"
echo "drydock_pkg_params = \"$T/params\"" >>"$T/xen/d1.cfg"
sed -i "s,access=w\,target=$P,access=w\,script=block-drydock\,target=$P," "$T/xen/d1.cfg"
create d1
ready d1
is "it runs" "$(marker d1)" marked

# rekey ARGUMENT...: its first answer is the new passphrase
rekey() { echo new >"$T/pass"; "$D" rekey --no-watch --passphrase-fd 3 "$@" 3<"$T/pass"; }
was=$(xl domid d1)
fails "unasked" 1 "d1 runs with it" rekey --new-params "$T/second" d1:pkg
fails "in place" 1 "d1 runs with it" rekey --in-place -y --new-params "$T/second" d1:pkg
is "it runs on" "$(xl domid d1)" "$was"
rm -f "$CONSOLES/guest-d1.log"
works "with a restart" rekey --restart --new-params "$T/second" d1:pkg
ready d1
is "it is another run" "$(is_another d1 "$was" && echo yes)" yes
is "which reads the same" "$(marker d1)" marked
same "by the new key" "$T/params" "$T/second"
"$D" tree --manifest "/dev/$(basename /sys/block/dm-*)" >"$T/a"
echo new | "$D" tree --manifest -c "$T/second" --passphrase-fd 0 "$P" >"$T/b"
same "dm-crypt shows what drydock decrypts" "$T/a" "$T/b"
is "the key is not left" "$(awk '$2 !~ /R/' /proc/keys | grep -c 'drydock:')" 0

# and back
rm -f "$CONSOLES/guest-d1.log"
works "rollback" "$D" rollback --no-watch d1:pkg
ready d1
is "it reads the same" "$(marker d1)" marked
same "by the old key" "$T/params" "$T/first"

# what fails leaves it running with what it had
was=$(xl domid d1)
rm -f "$CONSOLES/guest-d1.log"
"$D" rekey --restart --no-watch --passphrase-command 'echo' --new-params "$T/second" \
    d1:pkg >"$T/out" 2>&1
is "an empty passphrase is refused before" "$? $(xl domid d1)" "2 $was"
works "in place, with a restart" rekey --in-place -y --restart --new-params "$T/second" d1:pkg
ready d1
is "it reads the same" "$(marker d1)" marked
stop d1
