#!/bin/sh
# Prepare a real root image from the screen: form, preview, question, result;
# and what was done is what the command says.
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
keys Escape Escape q
check "the image is sound" sh -c '"$@" >/dev/null' sh \
	"$DRYDOCK" check "$f/img/root.img"
