#!/bin/sh
# Another passphrase, and another key, for a real image, by the console: the
# wrong old one changes nothing, and what is typed stands nowhere, on the screen
# or on the disk.
. tests/tty/lib.sh
f=$dir/f
fleet "$f" 1
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
mkdir "$dir/t" "$dir/tmp"
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
cp "$f/local.params" "$dir/before"
opens() {
	echo "$1" | "$DRYDOCK" cat -c "$f/local.params" --passphrase-fd 0 \
		"$f/img/local1.img:/file" 2>/dev/null | grep -q '^text$'
}
shut() { ! opens "$1"; }
# nowhere WORD: nor is it in what was written
nowhere() {
	gone "$1" && ! grep -rqF "$1" "$f/state" "$f/local.params" "$dir/tmp"
}

start 80x24 "TMPDIR='$dir/tmp' '$DRYDOCK' --config '$f/drydock.conf'; \
	echo status \$?; exec cat"
wait_for 'fewer than 10000' "a finding says that its keygen is weak"
check "and how it is encrypted" shows 'aes-xts 256'
keys e
wait_for 'p  Passphrase' "e opens the menu"
keys p
wait_for 'Another passphrase' "and p the form"
keys 'not the one' Down 'Zebra kite 4 fog' Down 'Zebra kite 5'
wait_for 'not the same' "what differs is said at once"
keys C-u 'Zebra kite 4 fog'
wait_for 'the same$' "and that it is the same"
check "how strong it is" shows 'about [0-9]* bits'
keys Enter
wait_for 'wrong passphrase' "the preview refuses the wrong one"
check "nothing is changed" cmp -s "$dir/before" "$f/local.params"
check "what was typed is nowhere" nowhere 'Zebra'
keys Enter
wait_for 'Another passphrase' "back in the form"
keys Up Up C-u 'the old one' Enter
wait_for '\[ Change \]' "the preview takes the right one"
check "nothing is changed yet" cmp -s "$dir/before" "$f/local.params"
keys Tab Enter
wait_for 'Done\.' "it is changed"
check "what it does not do is said" shows 'drydock rekey encrypts'
check "the new one opens the image" opens 'Zebra kite 4 fog'
check "the old one does not" shut 'the old one'
check "nor is anything typed anywhere" nowhere 'Zebra'
check "and the old one neither" nowhere 'the old one'
keys Enter
wait_gone 'fewer than 10000' "the finding is gone"
keys H
wait_for 'done .*cgd passwd' "the history has it"
keys q q
wait_for '^status 0' "and leaves"

# The same on a terminal that can do little, with the other keygen.
start 80x24 "TERM=vt100 TMPDIR='$dir/tmp' '$DRYDOCK' --config \
	'$f/drydock.conf'; echo status \$?; exec cat"
wait_for 'local1.img' "on a vt100"
keys e p
wait_for 'Another passphrase' "the form"
keys 'Zebra kite 4 fog' Down 'x' Down 'x'
wait_for 'weak, about' "a weak one is said to be weak"
keys Up Up Up Space
wait_for 'argon2id' "another keygen"
keys Enter
wait_for '\[ Change \]' "and is taken, after a question"
keys Tab Enter
wait_for 'Done\.' "it is changed"
check "it opens the image" opens x
check "the keygen is the other" grep -q '^keygen argon2id' "$f/local.params"
keys Enter
wait_for 'aes-xts 256' "seen"

# Another key, and back.
keys e r
wait_for 'Another key' "the form for another key"
keys 'not the one' Down 'Quartz lamp 7 moss' Down 'Quartz lamp 7 moss'
wait_for 'the same$' "filled in"
keys Up Up Up Up Right Right
wait_for 'adiantum 256' "another cipher is chosen"
keys Enter
wait_for 'wrong passphrase' "the preview refuses the wrong passphrase"
keys Enter
wait_for 'Another key' "the form again"
keys Down Down C-u x Enter
wait_for 'generation 2 would be in place, 1 would be kept' "the preview"
check "from what to what" shows 'is aes-xts 256 (argon2id.*), would be'
check "nothing is changed yet" opens x
keys Tab Enter
wait_for 'Done\.' "it is encrypted anew"
check "the new passphrase opens it" opens 'Quartz lamp 7 moss'
check "the old one does not" shut x
check "nothing typed stands anywhere" nowhere 'Quartz'
keys Enter
wait_for 'adiantum 256' "the console shows the new cipher"
keys Enter
wait_for 'xbd2' "the domU"
keys End
wait_for 'key since [0-9]' "and since when the key is in use"
keys Escape e p
wait_for 'Another passphrase' "the key has another passphrase, too"
keys 'Quartz lamp 7 moss' Down 'y' Down 'y' Enter
wait_for '\[ Change \]' "the preview takes it"
keys Tab Enter
wait_for 'Done\.' "it is changed"
keys Enter g
wait_for 'Generations of dom1:root' "the generations"
keys Tab
wait_for '^ > *2 .*in place' "those of local"
keys Down u
wait_for 'generation 1 would be in place' "u brings the old one back"
keys Tab Enter
wait_for 'Done\.' "done"
check "under the key and passphrase that it had" opens x
keys Enter
wait_for '^ > *1 .*in place' "it is in place"
keys Up X
wait_for 'Type dom1:local@2:' "X asks for the name of the other"
keys 'dom1:local@2' Enter
wait_for 'Done\.' "and destroys it"
check "its parameters too" sh -c '[ -z "$(ls -A "$1" | grep "^2")" ]' \
	sh "$f/img/.local1.img.d"
keys q q q
wait_for '^status 0' "and leaves"
