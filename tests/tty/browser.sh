#!/bin/sh
# The files inside images, in the whole program: walk in and out, look into a
# file, copy out, what a hostile image may call its files; and an encrypted one,
# whose passphrase is asked for once and is never shown.
. tests/tty/lib.sh
f=$dir/f
fleet "$f" 1
mkdir -p "$dir/t/etc/rc.d" "$dir/out" "$dir/tmp"
echo 'hostname=here' >"$dir/t/etc/rc.conf"
printf 'a\033[2Jb\n' >"$dir/t/etc/escapes"
echo hidden >"$dir/t/etc/$(printf 'evil\033[31m')"
printf '\177ELF\001\002' >"$dir/t/etc/program"
rm "$f/img/root.img"
cat >"$f/params" <<'E'
algorithm aes-xts;
keylength 256;
verify_method ffs;
keygen pkcs5_pbkdf2/sha1 {
	iterations 10;
	salt AAAAgKChoqOkpaanqKmqq6ytrq8=;
};
E
"$DRYDOCK" create "$f/img/root.img" -s 4m --from "$dir/t" >/dev/null &&
    rm "$f/img/local1.img" &&
    echo 'right one' | "$DRYDOCK" create "$f/img/local1.img" -s 4m \
	-c "$f/params" --passphrase-fd 0 --from "$dir/t" >/dev/null || {
	echo "not ok - images to work on"
	exit 1
}
cat >>"$f/cfg/dom1.cfg" <<E
drydock_pkg = "xvdb"
drydock_local = "xvdc"
drydock_local_params = "$f/params"
E

start 80x24 "cd '$dir/out'; TMPDIR='$dir/tmp' '$DRYDOCK' --config \
	'$f/drydock.conf'; echo status \$?; exec cat"
wait_for '1 domU' "the fleet"
keys Enter
wait_for 'xbd0  root' "its disks"
check "as stacks" shows 'partition  *none: the whole image'
keys f
wait_for '^ drwx.* etc/' "f shows the files"
check "the path says where" shows 'drydock > dom1 > root > /'
keys Enter
wait_for 'rc.conf' "Enter goes in"
check "a name with an escape is shown escaped" shows 'evil.033\[31m'
keys / rc.c Enter
wait_gone escapes "/ filters"
keys Enter
wait_for 'hostname=here' "and looks into a file"
keys q
wait_gone 'hostname=here' "back"
keys Escape
wait_for escapes "all are shown again"
keys / escapes Enter
wait_gone program "another"
keys Enter
wait_for 'a.033\[2Jb' "escapes in a file are shown as such"
keys q
wait_for CHANGED "back again"
keys / C-u program Enter
wait_gone escapes "a program"
keys Enter
wait_for '00000000  7f 45 4c 46 01 02' "bytes of what is no text"
keys q
wait_for CHANGED "and back"
keys / C-u evil Enter
wait_gone program "the odd one"
keys c
wait_for "copy to .*$dir/out/" "c asks where to"
keys C-u copied Enter
wait_for 'Done\.' "copies out"
check "to a file of that content" grep -q hidden "$dir/out/copied"
keys Enter
wait_for CHANGED "back in the list"
keys c C-u copied Enter
wait_for 'would be replaced' "asks before it replaces one"
keys Enter
wait_gone 'would be replaced' "Enter alone is Cancel"
keys -- -
wait_for '^ drwx.* etc/' "- goes up"
keys Enter
wait_for 'rc.conf' "and in again"
keys q
wait_for 'xbd0  root' "q leaves"

keys Tab Tab f
wait_for 'The image is encrypted' "an encrypted one: asked for"
keys 'wrong one'
wait_for '[*]\{9\}' "stars"
keys Enter
wait_for 'wrong passphrase' "a wrong one is noticed"
keys r
wait_for 'The image is encrypted' "r asks again"
keys 'right one' Enter
wait_for '^ drwx.* etc/' "the right one opens it"
keys Enter
wait_for 'rc.conf' "and does so for the next directory"
check "what was typed is not shown" gone 'right one'
keys q
wait_for 'xbd2  local' "left"
keys f
wait_for 'The image is encrypted' "and come back: asked for anew"
keys Escape
wait_for 'xbd2  local' "Esc leaves"
keys q
wait_for FINDINGS "the fleet"
keys q
wait_for '^status 0' "and out"
check "nothing is left behind" sh -c '[ -z "$(ls -A "$1")" ]' sh "$dir/tmp"
