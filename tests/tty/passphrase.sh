#!/bin/sh
# Passphrases on a terminal: not shown, asked for again where a wrong one is
# noticed, given up after three, and nothing is left.
. tests/tty/lib.sh
cat >"$dir/params" <<'E'
algorithm aes-xts;
keylength 256;
verify_method ffs;
keygen pkcs5_pbkdf2/sha1 {
	iterations 10;
	salt AAAAgKChoqOkpaanqKmqq6ytrq8=;
};
E
printf 'right one\nright one\n' | "$DRYDOCK" create -s 8m -c "$dir/params" \
	--passphrase-fd 0 "$dir/img" >/dev/null || {
	echo "not ok - an image to work on"
	exit 1
}
cp "$dir/img" "$dir/before"
mkdir "$dir/tmp"
cp Makefile "$dir/file"
start 80x24 "cd '$dir'; export TMPDIR='$dir/tmp'; '$DRYDOCK' cp -c params \
	file img:/new; echo status \$?; cat"
wait_for 'passphrase' "asked for"
keys 'wrong one' Enter
asked() { [ "$(screen | grep -c 'params: ')" -ge "$1" ]; }
check "asked for again" until_true asked 2
check "what was typed is not shown" gone 'wrong one'
keys 'right one' Enter
wait_for 'status 0' "the right one is taken"
check "nor is that shown" gone 'right one'
check "and opens the image" sh -c 'echo "right one" | "$1" cat -c "$2/params" \
	--passphrase-fd 0 "$2/img:/new" | cmp - "$2/file"' sh "$DRYDOCK" "$dir"

cp "$dir/before" "$dir/img"
start 80x24 "cd '$dir'; export TMPDIR='$dir/tmp'; '$DRYDOCK' cp -c params \
	file img:/new; echo status \$?; cat"
for n in 1 2 3; do
	check "asked, $n" until_true asked $n
	keys "wrong $n" Enter
done
wait_for 'status 1' "given up after three"
check "why" shows 'wrong passphrase'
check "the image is as it was" cmp -s "$dir/before" "$dir/img"
check "nothing is left behind" sh -c '[ -z "$(ls -A "$1/tmp")" ] &&
	[ -z "$(ls -A "$1" | grep redo)" ]' sh "$dir"

start 80x24 "cd '$dir'; trap : INT; '$DRYDOCK' cat -c params img:/new; \
	echo status \$?; stty -a | grep -ow -e -*echo; cat"
wait_for 'passphrase' "asked for"
keys C-c
wait_for 'status 1' "^C ends it"
check "and says so" shows 'cancelled'
wait_for '^echo' "what is typed is shown again"
