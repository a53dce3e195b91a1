#!/bin/sh
# Another key for an image that a domU runs with, on a Xen that is made up: it is
# refused, or the domU is shut down meanwhile and started again.
. tests/tty/lib.sh
f=$dir/f
case $O in /*) ;; *) O=$PWD/$O ;; esac
fake=$O/tests/tty/drydock-fake-xen
fleet "$f" 1
echo "watch = 1" >>"$f/drydock.conf"
FAKE_XEN=$dir/xen
export FAKE_XEN
mkdir "$dir/bin" "$dir/t"
mkfifo "$dir/xen.events"
exec 9<>"$dir/xen.events"
printf '%s\n' 'host 4.17.3 8192 1024 4' 'domain 5 dom1 r 256 1 0 7' >"$dir/xen"
cat >"$dir/bin/xl" <<'EOF'
#!/bin/sh
dir=${FAKE_XEN%/*}
echo "$1" >>"$dir/asked"
grep -v '^domain' "$dir/xen" >"$dir/new"
[ "$1" != create ] || echo 'domain 6 dom1 r 256 1 0 7' >>"$dir/new"
mv "$dir/new" "$dir/xen"
printf d >"$dir/xen.events"
EOF
chmod +x "$dir/bin/xl"
cat >"$f/local.params" <<'E'
algorithm aes-xts;
keylength 256;
verify_method ffs;
keygen pkcs5_pbkdf2/sha1 {
	iterations 10;
	salt AAAAgKChoqOkpaanqKmqq6ytrq8=;
};
E
rm "$f/img/local1.img"
echo text >"$dir/t/file"
echo 'the old one' | "$DRYDOCK" create "$f/img/local1.img" -s 4m \
	--from "$dir/t" -c "$f/local.params" --passphrase-fd 0 >/dev/null || {
	echo "not ok - an image to work on"
	exit 1
}
cat >>"$f/cfg/dom1.cfg" <<E
drydock_local = "xvdc"
drydock_local_params = "$f/local.params"
E
opens() {
	echo "$1" | "$DRYDOCK" cat -c "$f/local.params" --passphrase-fd 0 \
		"$f/img/local1.img:/file" 2>/dev/null | grep -q '^text$'
}
asked() { [ "$(tr '\n' ' ' <"$dir/asked" 2>/dev/null)" = "$1" ]; }

start 80x24 "PATH='$dir/bin:$PATH' '$fake' --config '$f/drydock.conf'; \
	echo status \$?; exec cat"
wait_for 'dom1 *running' "the domU runs"
keys e r
wait_for 'Another key' "the form"
keys 'the old one' Down 'Quartz lamp' Down 'Quartz lamp' Enter
wait_for 'Failed: nothing was changed' "refused while it runs"
check "and the way told" shows 'restart'
keys Enter
wait_for 'the same$' "back in the form"
keys Down Down Down Down
wait_for 'the domU is shut down meanwhile' "the last field"
keys Space Enter
wait_for '\[ Encrypt \]' "then it is taken"
check "what it means stands in the preview" shows 'shut down'
check "it was not asked for yet" asked ''
keys Tab Enter
wait_for 'Done\.' "done"
check "it was shut down, and started" asked 'shutdown create '
check "the new passphrase opens the image" opens 'Quartz lamp'
keys Enter
wait_for 'dom1 *running' "and it runs"
keys q
wait_for '^status 0' "and leaves"
