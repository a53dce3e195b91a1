#!/bin/sh
# An image is encrypted anew in place, by the console: its name has to be typed;
# and one that was cut short is seen, and goes on.
. tests/tty/lib.sh
f=$dir/f
fleet "$f" 2
mkdir "$dir/t" "$dir/tmp"
echo text >"$dir/t/file"
for n in 1 2; do
	cat >"$f/local$n.params" <<-'E'
	algorithm aes-cbc;
	keylength 128;
	verify_method ffs;
	keygen pkcs5_pbkdf2/sha1 {
		iterations 10;
		salt AAAAgKChoqOkpaanqKmqq6ytrq8=;
	};
	E
	rm "$f/img/local$n.img"
	echo 'the old one' | "$DRYDOCK" create "$f/img/local$n.img" -s 40m \
		--from "$dir/t" -c "$f/local$n.params" --passphrase-fd 0 \
		>/dev/null || {
		echo "not ok - an image to work on"
		exit 1
	}
	cat >>"$f/cfg/dom$n.cfg" <<-E
	drydock_local = "xvdc"
	drydock_local_params = "$f/local$n.params"
	E
done
dd() { "$DRYDOCK" --config "$f/drydock.conf" "$@"; }
opens() {	# opens N PASSPHRASE
	echo "$2" | "$DRYDOCK" cat -c "$f/local$1.params" --passphrase-fd 0 \
		"$f/img/local$1.img:/file" 2>/dev/null | grep -q '^text$'
}
shut() { ! opens "$@"; }
algorithm() { grep -q "^algorithm $2" "$f/local$1.params"; }

# The second is cut short, where a file may not become larger: what tells how far
# it is takes 16 MiB.
(
	ulimit -f 49152		# 24 MiB
	printf 'the old one\nQuartz lamp\n' | dd rekey dom2:local --in-place \
		--yes --algorithm adiantum --passphrase-fd 0
) >"$dir/out" 2>&1
check "one is cut short" [ $? -ne 0 ]
check "what tells how far it is stands there" \
	sh -c 'ls -A "$1"/img | grep -q rekey$' sh "$f"

start 80x24 "TMPDIR='$dir/tmp' '$DRYDOCK' --config '$f/drydock.conf'; \
	echo status \$?; exec cat"
wait_for '^!! dom2 .*1 error' "the fleet tells that it is"
keys Down
wait_for '[0-9][0-9]*% re-encrypted' "how far"
wait_for 'rw re-encrypting, [0-9][0-9]*%' "in the pane, too"
keys e
wait_for 'p *Passphrase *it is being re-encrypted' "no other passphrase now"
keys o
wait_for 'Go on with a re-encryption' "o opens the form"
keys 'not the one' Down 'Quartz lamp' Enter
wait_for 'Failed' "a wrong passphrase is refused"
check "the image stays as it is" shut 2 'Quartz lamp'
keys o
wait_for 'Go on with a re-encryption' "the form again"
keys 'the old one' Down 'Quartz lamp' Enter
wait_for 'Done\.' "it goes on to its end"
check "the new passphrase opens it" opens 2 'Quartz lamp'
check "with the new cipher" algorithm 2 adiantum
check "nothing is left beside it" sh -c '! ls -A "$1"/img | grep -q rekey' \
	sh "$f"
keys Enter
wait_for 'adiantum 256' "and the fleet is well"
check "what was typed stands nowhere" sh -c \
	'! grep -rqF -e Quartz -e "the old one" "$1/state" "$1/cfg" "$2"' \
	sh "$f" "$dir/tmp"

# The first, from the form to the end.
keys Home e r
wait_for 'Another key' "the form for another key"
keys 'the old one' Down 'Zebra kite' Down 'Zebra kite' Down Down Down Space
wait_for 'there is no way back' "in place"
keys Enter
wait_for 'Type local1.img:' "the preview asks for the name"
keys Enter
wait_for 'Another key' "Enter alone is no answer"
keys Enter
wait_for 'Type local1.img:' "once more"
check "nothing is changed yet" opens 1 'the old one'
keys 'local1.img'
wait_for 'Type local1.img: local1.img' "typed"
keys Enter
wait_for 'Done\.' "it is encrypted anew"
check "the new passphrase opens it" opens 1 'Zebra kite'
check "with the new cipher" algorithm 1 aes-xts
keys q q
wait_for '^status 0' "and leaves"
