#!/bin/sh
# Prepare a real root and a local image from the screen: form, preview,
# question, result; and what was done is what the command says.
. tests/tty/lib.sh
f=$dir/f
fleet "$f" 2

# A root of today, as the demo's.
sed "s,@E,$PWD/tests/demo/today,; s,@C,$PWD/tests/demo/common," \
	tests/demo/root.spec >"$dir/spec"
rm "$f/img/root.img"
"$DRYDOCK" create "$f/img/root.img" -s 32m --from "$dir/spec" >/dev/null || {
	echo "not ok - an image to work on"
	exit 1
}
# A kernel: the head of an ELF file for amd64.
{
	printf '\177ELF\002\001\001\000\000\000\000\000\000\000\000\000'
	printf '\002\000\076\000\001\000\000\000\000\000\000\000\000\000\000'
	printf '\000\000\000\000\000\000\000\000\000\000\000\000\000\000\000'
	printf '\000\000\000\000\000\000\100\000\070\000\000\000\100\000\000'
	printf '\000\000\000NetBSD'
} >"$dir/netbsd-TEST"
cp "$f/img/root.img" "$dir/before"
unchanged() { cmp -s "$dir/before" "$f/img/root.img"; }

start 80x24 "'$DRYDOCK' --config '$f/drydock.conf'"
wait_for '2 domUs' "the fleet"
keys p
wait_for 'Image .*/img/root.img' "the form knows the domU's root image"
check "it says who else uses it" shows 'used by dom1, dom2'
keys Enter
wait_for 'netbsd-XENU: No such file' "without a kernel: why not"
check "and what to do" shows 'with -k'
check "no plan, no change" unchanged
keys Enter
wait_for 'Prepare a root image' "back to the form"
keys C-u "$dir/netbsd-T" Tab
wait_for 'netbsd-TEST' "Tab completes the path"
keys Enter
wait_for 'Would change .* files: 2 edited' "the preview sums up"
check "a diff" shows '^ +++ /etc/'
keys / pre-hooks Enter
wait_for '^ +. /etc/rc.pre-hooks' "search in the diff"
keys G
wait_for '^ plan: ' "the preview's end"
check "the preview changed nothing" unchanged
keys Enter
wait_for '\[ Cancel \]' "the question"
keys Enter
wait_gone '\[ Cancel \]' "Enter alone is Cancel"
check "nothing is changed" unchanged
keys Enter
wait_for '\[ Cancel \]' "asked again"
keys Right Enter
wait_for 'Done\.' "done"
check "it was the planned command" shows '--plan'
check "what it did" shows 'is prepared now'
check "the image has changed" sh -c '! cmp -s "$1" "$2"' sh \
	"$dir/before" "$f/img/root.img"
keys Enter
wait_for 'FINDINGS' "back on the fleet"

cp "$f/img/root.img" "$dir/before"
keys p
wait_for 'Prepare a root image'
keys C-u "$dir/netbsd-TEST" Enter
wait_for 'Nothing would change' "a second time nothing is to be done"
keys Enter
wait_for 'there is nothing to apply' "and nothing can be"
check "nothing is changed" unchanged
keys Escape Escape
wait_for 'FINDINGS' "left alone"

# The local image of the same domU, which is not there yet, from that root.
rm "$f/img/local1.img"
keys L
wait_for 'Prepare a local image' "the form of prepare local"
check "it knows the domU's local image" shows 'Local .*/img/local1.img'
check "which will be made" shows 'it will be made'
keys 16m Down Down 192.0.2.7/24 Enter
wait_for 'Would change .* files: .* added' "its preview"
check "made nothing" sh -c '! [ -e "$1" ]' sh "$f/img/local1.img"
keys Enter
wait_for '\[ Cancel \]' "the question"
keys Right Enter
wait_for 'Done\.' "made and prepared"
keys Enter
wait_for 'FINDINGS' "back"
check "the local image is sound" sh -c '"$@" >/dev/null' sh \
	"$DRYDOCK" check "$f/img/local1.img"
check "it has the domU's name and address" sh -c \
	'"$1" cat "$2" | grep -c "^hostname=dom1\|192\.0\.2\.7" | grep -q 2' sh \
	"$DRYDOCK" "$f/img/local1.img:/etc/rc.conf"

# Encrypted by a passphrase, which nobody can type here.
"$DRYDOCK" cgd params new aes-xts 256 -k pkcs5_pbkdf2/sha1 -V ffs \
	-o "$dir/params"
keys L
wait_for 'Prepare a local image' "the form again"
keys Down Down "$dir/params" Enter
wait_for 'Failed: nothing was changed' "a passphrase is needed"
check "what to do" shows 'run the command on a terminal'
keys Enter Escape
wait_for 'FINDINGS' "out of it"
keys q
check "the image is sound" sh -c '"$@" >/dev/null' sh \
	"$DRYDOCK" check "$f/img/root.img"
