#!/bin/sh
# Encrypted images: those that NetBSD made read as NetBSD sees them; wrong keys
# are noticed; parameters files are made.
set -u
tmp=$(mktemp -d) || exit 1
trap 'rm -rf "$tmp"' EXIT
v=tests/vectors
n=0
check() {	# check TEXT STATUS
	n=$((n + 1))
	if [ "$2" -eq 0 ]; then echo "ok $n - $1"; else echo "not ok $n - $1"; fi
}

bad=0
for params in $v/cgd/*.params; do
	name=${params##*/}
	name=${name%.params}
	zstd -qdfc "$v/cgd/$name.img.zst" >"$tmp/img"
	"$DRYDOCK" tree --manifest -c "$params" "$tmp/img" >"$tmp/out" &&
	    cmp -s "$tmp/out" "$v/cgd/$name.tree" ||
	    { echo "# $name"; bad=1; }
done
check "every encrypted image reads as its .tree says" $bad

zstd -qdfc $v/disk.img.zst >"$tmp/disk"
"$DRYDOCK" cat -p e -c $v/part-e.params "$tmp/disk:/s513" | cksum >"$tmp/a"
"$DRYDOCK" cat -p ee -c $v/part-e.params "$tmp/disk:/s49153" | cksum >"$tmp/b"
[ "$(cut -d' ' -f2 "$tmp/a") $(cut -d' ' -f2 "$tmp/b")" = "513 49153" ]
check "a label inside a cgd inside a label" $?

"$DRYDOCK" disk -p e -c $v/part-e.params "$tmp/disk" >"$tmp/out" &&
    grep -q '^a .* FFSv1, clean' "$tmp/out" && grep -q '^e .* FFSv2, clean' "$tmp/out"
check "disk shows the label inside" $?

zstd -qdfc $v/vnd1024.img.zst >"$tmp/vnd"
"$DRYDOCK" cat --sector-size 1024 -c $v/cgd/cgd-aes-cbc-128-encblkno1.params \
    "$tmp/vnd:/f" | wc -c | grep -qx ' *49153'
check "a cgd on sectors of 1024 bytes" $?

# A passphrase: right, wrong, missing; nothing of it is left anywhere.
cat >"$tmp/pass.params" <<E
algorithm aes-xts;
keylength 256;
verify_method ffs;
keygen pkcs5_pbkdf2/sha1 {
	iterations 10;
	salt AAAAgKChoqOkpaanqKmqq6ytrq8=;
};
keygen storedkey key AAABACMqMTg/Rk1UW2JpcHd+hYyTmqGor7a9xMvS2eDn7vX8;
E
zstd -qdfc $v/cgd/cgd-aes-xts-256-encblkno1.img.zst >"$tmp/img"
sum=$(cksum <"$tmp/img")
echo "wrong one" | "$DRYDOCK" ls -c "$tmp/pass.params" --passphrase-fd 0 \
    "$tmp/img" >"$tmp/out" 2>"$tmp/err"
[ $? -eq 1 ] && grep -q "^drydock: .*wrong passphrase" "$tmp/err" &&
    grep -q "^hint: " "$tmp/err" && ! grep -q "wrong one" "$tmp/err" &&
    [ ! -s "$tmp/out" ] && [ "$(cksum <"$tmp/img")" = "$sum" ]
check "a wrong passphrase is noticed, and nothing is changed" $?

bad=0
mkdir -p "$tmp/alone/tmp"
mv "$tmp/img" "$tmp/alone/img"
for args in "cp C Makefile IMG:/new" "cp -n C Makefile IMG:/new" \
    "cp -r C core/base IMG:/" "cp C IMG:/f $tmp/alone/f" "tree C IMG" \
    "check --repair C IMG" "cgd key-check C IMG"; do
	args=$(echo "$args" | sed "s|IMG|$tmp/alone/img|
	    s|C |-c $tmp/pass.params --passphrase-fd 0 |")
	echo "wrong one" | TMPDIR=$tmp/alone/tmp "$DRYDOCK" $args \
	    >"$tmp/out" 2>"$tmp/err"
	[ $? -eq 1 ] && grep -q "wrong passphrase" "$tmp/err" ||
	    { echo "# $args: $(cat "$tmp/err")"; bad=1; }
done
[ "$(cd "$tmp/alone" && find . | sort | tr '\n' ' ')" = ". ./img ./tmp " ] &&
    [ "$(cksum <"$tmp/alone/img")" = "$sum" ] || bad=1
mv "$tmp/alone/img" "$tmp/img"
check "a wrong passphrase leaves nothing behind" $bad

"$DRYDOCK" ls -c "$tmp/pass.params" --passphrase-fd 0 "$tmp/img" \
    </dev/null >/dev/null 2>"$tmp/err"
[ $? -eq 1 ] && grep -q "no passphrase there" "$tmp/err"
check "a passphrase that does not come" $?

"$DRYDOCK" cgd params new aes-xts 512 -k storedkey -V ffs -o "$tmp/new" &&
    [ "$(stat -c %a "$tmp/new")" = 600 ] &&
    grep -q '^algorithm aes-xts;$' "$tmp/new" &&
    ! "$DRYDOCK" cgd params new aes-xts -k storedkey -o "$tmp/new" 2>"$tmp/err" &&
    grep -q "never written over" "$tmp/err"
check "a new parameters file is private and replaces nothing" $?

"$DRYDOCK" cgd params new aes-xts -k storedkey -k storedkey -o "$tmp/two" &&
    [ "$(grep -c '^keygen storedkey' "$tmp/two")" = 2 ] &&
    "$DRYDOCK" create -c "$tmp/two" -s 4m "$tmp/two.img" >/dev/null &&
    "$DRYDOCK" ls -c "$tmp/two" "$tmp/two.img" >/dev/null &&
    awk '!/storedkey/ || n++' "$tmp/two" >"$tmp/one" &&
    ! "$DRYDOCK" ls -c "$tmp/one" "$tmp/two.img" >/dev/null 2>&1
check "several keygens make one key" $?

# A key that a command makes: run by another program, only once it was seen.
cat >"$tmp/cmd.params" <<E
algorithm aes-cbc;
keylength 128;
keygen shell_cmd cmd "sh -c 'echo ran >>$tmp/ran; printf 0123456789abcdef'";
E
"$DRYDOCK" create -c "$tmp/cmd.params" -s 4m "$tmp/cmd.img" >/dev/null &&
    [ -s "$tmp/ran" ] && rm "$tmp/ran" &&
    ! "$DRYDOCK" --events 3 ls -c "$tmp/cmd.params" "$tmp/cmd.img" \
	3>"$tmp/events" >"$tmp/out" 2>"$tmp/err" &&
    [ ! -e "$tmp/ran" ] && grep -q "nobody has allowed it" "$tmp/err" &&
    hash=$(sed -n 's/.*"answer":\["--allow-cmd","\([0-9a-f]*\)"\].*/\1/p' "$tmp/events") &&
    "$DRYDOCK" --events 3 ls --allow-cmd "$hash" -c "$tmp/cmd.params" \
	"$tmp/cmd.img" 3>/dev/null >"$tmp/out" && [ -s "$tmp/ran" ]
check "a key's command is asked about where another program runs drydock" $?
cat >"$tmp/fds.params" <<E
algorithm aes-cbc;
keylength 128;
keygen shell_cmd cmd "sh -c 'for n in 7 8; do (: >&\$n) && echo \$n >>$tmp/fds; done 2>/dev/null; printf 0123456789abcdef'";
keygen pkcs5_pbkdf2/sha1 {
	iterations 10;
	salt AAAAgKChoqOkpaanqKmqq6ytrq8=;
};
E
hash=$(printf '%s' "$(sed -n 's/.*cmd "\(.*\)";/\1/p' "$tmp/fds.params")" | sha256sum | cut -d' ' -f1)
: >"$tmp/fds"
echo secret >"$tmp/pass"
"$DRYDOCK" create -c "$tmp/fds.params" --passphrase-fd 7 -s 4m "$tmp/fds.img" \
    7<>"$tmp/pass" >/dev/null &&
    "$DRYDOCK" --events 8 ls --allow-cmd "$hash" --passphrase-fd 7 \
    -c "$tmp/fds.params" "$tmp/fds.img" 7<>"$tmp/pass" 8>/dev/null >"$tmp/out" &&
    [ ! -s "$tmp/fds" ]
check "and gets neither passphrases nor events" $?

"$DRYDOCK" cgd key-check -c $v/cgd/cgd-aes-xts-256-encblkno1.params \
    "$tmp/img" | grep -q "^the key fits" &&
    ! "$DRYDOCK" cgd key-check -c "$tmp/new" "$tmp/img" >/dev/null 2>&1
check "key-check tells a key that fits from one that does not" $?

bad=0
for args in "rot13" "aes-cbc 100" "aes-xts -k nonsense" "aes-cbc -V nothing"; do
	"$DRYDOCK" cgd params new $args >/dev/null 2>"$tmp/err"
	[ $? -eq 2 ] && grep -q "^hint: " "$tmp/err" || bad=1
done
check "wrong arguments are refused with a hint" $bad
echo "1..$n"
