#!/bin/sh
# Another passphrase for an encrypted image: the key stays, the image is not
# touched, and until the new parameters have opened it the old ones are there.
. tests/cmd/lib.sh
mkdir "$T/xen" "$T/tree"
DRYDOCK_CONF=$T/drydock.conf
export DRYDOCK_CONF
printf 'config_dirs = [ "xen" ]\nstate_dir = "state"\n' >"$T/drydock.conf"
D=$DRYDOCK
P=$T/web1.params

cat >"$P" <<'END'
# the params of web1
algorithm aes-xts;
keylength 256;	# bits
verify_method ffs;
later_setting 7;
keygen pkcs5_pbkdf2/sha1 {
	iterations 10;	# for a test
	salt AAAAgKChoqOkpaanqKmqq6ytrq8=;
};
# the end
END
cp "$P" "$T/first"
echo text >"$T/tree/file"
echo old | "$D" create "$T/img" -s 2m --from "$T/tree" -c "$P" \
    --passphrase-fd 0 >/dev/null || fail "an image"
before=$(sum "$T/img")

# change OLD NEW ARGUMENT...
change() {
	printf '%s\n%s\n' "$1" "$2" >"$T/pass"; shift 2
	"$D" cgd passwd --passphrase-fd 3 "$@" 3<"$T/pass"
}
opens() { echo "$1" | "$D" cat -c "$2" --passphrase-fd 0 "$T/img:/file" 2>&1; }
# key PASSPHRASE PARAMS: what NetBSD's cgdconfig makes of it: PBKDF2, and what is
# stored
key() {
	python3 - "$@" <<'END'
import base64, hashlib, re, sys
text = open(sys.argv[2]).read()
bits = lambda s: base64.b64decode(s)[4:]
key = bytes(32)
for m in re.finditer(r'keygen (\S+) (?:\{(.*?)\}|key (\S+));', text, re.S):
    if m[1] == 'storedkey':
        k = bits(m[3])
    else:
        k = hashlib.pbkdf2_hmac('sha1', sys.argv[1].encode(),
            bits(re.search(r'salt (\S+);', m[2])[1]),
            int(re.search(r'iterations (\d+);', m[2])[1]), 32)
    key = bytes(a ^ b for a, b in zip(key, k))
print(key.hex())
END
}

# ---- refused, and nothing is changed
kept() { same "$1: the file stays" "$P" "$T/first"; is "$1: nothing is left" "$(ls -A "$T" | grep -c new)" 0; }
fails "a wrong passphrase" 1 "wrong passphrase" change wrong new -c "$P" "$T/img"
kept "a wrong passphrase"
fails "no new one" 2 "is empty" change old "" -c "$P" "$T/img"
kept "no new one"
fails "a keygen that can't be" 2 "can't be a new keygen" change old new -k randomkey -c "$P" "$T/img"
kept "a keygen that can't be"
fails "no image" 1 "no image of the fleet" change old new -c "$P"
fails "nobody" 2 "whose passphrase" "$D" cgd passwd
works "a dry run" change old new -n -c "$P" "$T/img"
kept "a dry run"
printf 'algorithm aes-xts;\nkeygen urandomkey;\n' >"$T/random"
fails "a random key" 2 "a new one each time" change old new -c "$T/random" "$T/img"

# ---- changed
works "passwd" change old "new one" -c "$P" "$T/img"
is "says what it does not do" "$(grep -c 'The key is the one that it was' "$T/out")" 1
is "the new one opens it" "$(opens "new one" "$P")" text
is "the old one does not" "$(opens old "$P" | grep -c 'wrong passphrase')" 1
is "the image is untouched" "$(sum "$T/img")" "$before"
is "what stood there stays" \
    "$(grep -c -e '^# the params of web1$' -e '^keylength 256;.# bits$' -e '^later_setting 7;$' -e '^# the end$' "$P")" 4
is "but for the keygens" "$(grep -c -e 'iterations 10;' -e oKGio6Slpqeo "$P")" 0
is "it is its owner's alone" "$(ls -l "$P" | cut -c1-10)" "-rw-------"
is "nothing is left beside it" "$(ls -A "$T" | grep -c new)" 0
is "by cgdconfig's rules it is the same key" "$(key "new one" "$P")" "$(key old "$T/first")"
works "and again" change "new one" third -c "$P" "$T/img"
is "by another keygen of the same kind" "$(key third "$P")" "$(key old "$T/first")"
is "stored keys don't pile up" "$(grep -c '^keygen' "$P")" 2
works "to argon2id" change third fourth -k argon2id -c "$P" "$T/img"
is "it opens" "$(opens fourth "$P")" text
is "it is argon2id" "$(grep -c '^keygen argon2id' "$P")" 1
works "to two" sh -c 'printf "fourth\none\ntwo\n" | "$0" cgd passwd --passphrase-fd 0 -k argon2id -k pkcs5_pbkdf2/sha1 -c "$1" "$2"' "$D" "$P" "$T/img"
is "both are needed" "$(printf 'one\ntwo\n' | "$D" cat -c "$P" --passphrase-fd 0 "$T/img:/file")" text
works "to a stored one" sh -c 'printf "one\ntwo\n" | "$0" cgd passwd --passphrase-fd 0 -k storedkey -c "$1" "$2"' "$D" "$P" "$T/img"
is "it opens without" "$("$D" cat -c "$P" "$T/img:/file")" text
works "and back" sh -c 'echo last | "$0" cgd passwd --passphrase-fd 0 -c "$1" "$2"' "$D" "$P" "$T/img"
is "it opens" "$(opens last "$P")" text
ln -s web1.params "$T/link"
works "by a symbolic link" change last older -c "$T/link" "$T/img"
is "which stays one" "$(readlink "$T/link") $(opens older "$P")" "web1.params text"

# ---- without a method that would notice a wrong one
sed 's/^verify_method.*/verify_method none;/' "$P" >"$T/unverified"
fails "a wrong passphrase, unverified" 1 "wrong passphrase" change wrong new -c "$T/unverified" "$T/img"
works "the right one" change older old -c "$T/unverified" "$T/img"
works "and that" change older old -c "$P" "$T/img"

# ---- a method that asks again, a second factor, another at the same time
sed 's/^verify_method.*/verify_method re-enter;/' "$P" >"$T/asks"
printf 'old\nold\nasked\nasked\n' >"$T/pass"
works "re-enter" sh -c '"$0" cgd passwd --passphrase-fd 3 -c "$1" "$2" 3<"$3"' "$D" "$T/asks" "$T/img" "$T/pass"
is "it opens" "$(printf 'asked\nasked\n' | "$D" cat -c "$T/asks" --passphrase-fd 0 "$T/img:/file")" text
printf 'keygen shell_cmd cmd "head -c 32 /dev/zero";\n' | cat "$P" - >"$T/two"
fails "a command that makes a part" 2 "a command makes a part" change old new -c "$T/two" "$T/img"
works "where that is meant" change old new -k argon2id -c "$T/two" "$T/img"
is "it opens" "$(opens new "$T/two") $(grep -c shell_cmd "$T/two")" "text 0"
fails "while another changes it" 1 "another command changes it" python3 -c '
import fcntl, subprocess, sys
f = open(sys.argv[1])
fcntl.flock(f, fcntl.LOCK_EX)
sys.exit(subprocess.call(sys.argv[2:]))' "$P" "$D" cgd passwd --passphrase-command 'echo old; echo new' -c "$P" "$T/img"
fails "one that was changed meanwhile" 1 "was changed meanwhile" "$D" cgd passwd \
    --passphrase-command "[ -e '$T/once' ] && echo '#' >>'$P'; : >'$T/once'; echo old; echo new" -c "$P" "$T/img"
is "it stays" "$(opens old "$P") $(ls -A "$T" | grep -c new)" "text 0"
printf 'keygen shell_cmd cmd "open;\n' | cat "$P" - >"$T/quote"
fails "a quote that nothing closes" 1 "nothing closes a quote" change old new -c "$T/quote" "$T/img"
printf '# "\nodd "a\nkeygen b" x;\n' | cat - "$P" >"$T/quote"
works "one over lines" change old new -c "$T/quote" "$T/img"
is "stays as it is" "$(head -n 3 "$T/quote" | cksum)" "$(printf '# "\nodd "a\nkeygen b" x;\n' | cksum)"
is "it opens" "$(opens new "$T/quote")" text

# ---- from a vault
vault() { "$D" "$1" --passphrase-command "$2" -c "$P" "$T/img$3"; }
is "a command prints it" "$(vault cat 'echo old' :/file)" text
fails "one that nobody could type" 2 "carriage return" "$D" cgd passwd --passphrase-command 'printf "old\nnew\r\n"' -c "$P" "$T/img"
fails "a long one" 1 "of over 1024 bytes" vault cat 'head -c 2000 /dev/zero | tr "\0" x' :/file
is "behind others" "$("$D" cat --passphrase-command 'printf "old\nother"' -c "$P" "$T/img:/file")" text
fails "a command that prints none" 1 "prints no line 1" vault cat true :/file
fails "one that fails" 1 "ended with status 7" vault cat 'echo old; exit 7' :/file
fails "one that prints another" 1 "wrong passphrase" vault cat 'echo another' :/file
fails "one and a descriptor" 2 "which of them" "$D" ls --passphrase-fd 0 --passphrase-command true -c "$P" "$T/img:/"
fails "without parameters" 2 "goes with -c" "$D" ls --passphrase-command true "$T/img:/"
works "passwd, with both" "$D" cgd passwd --passphrase-command 'echo old; echo older' -c "$P" "$T/img"
is "it opens" "$(opens older "$P")" text

# ---- of a domU
cat >"$T/xen/web1.cfg" <<END
name = "web1"
disk = [ "vdev=xvda,access=r,target=$T/root", "vdev=xvdb,access=w,target=$T/swap",
    "vdev=xvdc,access=w,target=$T/img" ]
drydock_local_params = "$P"
END
works "by its domU" change older d1 web1
works "by domU and role" change d1 d2 web1:local
works "by its parameters alone" change d2 d3 -c "$P"
is "it opens" "$(opens d3 "$P")" text
fails "another role" 1 "no parameters file is known" change d3 d4 web1:root
cp "$T/img" "$T/other.img"
cp "$P" "$T/other.params"
echo d3 | "$D" swap -c "$T/other.params" --passphrase-fd 0 web1:local "$T/other.img" >/dev/null 2>"$T/err" ||
    fail "a generation with its own" "$(cat "$T/err")"
cp "$P" "$T/first"
works "of that" change d3 d4 web1:local
is "its own are changed" "$(opens d4 "$T/.img.d/2.params")" text
same "those of the configuration are not" "$P" "$T/first"
is "the history tells" "$("$D" history --json | python3 -c 'import json, sys; x = json.load(sys.stdin)[0]; print(x["action"], x["outcome"])')" "cgd passwd done"

# ---- after rekey the file of the configuration follows the generations
"$D" rollback web1:local >/dev/null || fail "back to the first"
printf 'd3\nk1\n' | "$D" rekey web1:local --algorithm aes-xts --passphrase-fd 0 >/dev/null 2>"$T/err" ||
    fail "another key" "$(cat "$T/err")"
same "it follows rekey" "$P" "$T/.img.d/3.params"
works "of that" change k1 k2 web1:local
is "it opens" "$(opens k2 "$T/.img.d/3.params")" text
same "it follows the passphrase, too" "$P" "$T/.img.d/3.params"
"$D" rollback web1:local >/dev/null || fail "back once more"
same "and still goes back" "$P" "$T/.img.d/2.params"

# ---- what is told of it, without a key
told() { "$D" show --json web1 | python3 -c 'import json, sys
e = json.load(sys.stdin)["disks"][2]["encryption"]
print(*(e[k] if k != "keygens" else [x["method"] for x in e[k]] for k in sys.argv[1:]))' "$@"; }
is "how it is encrypted" "$(told algorithm keylength verify_method keygens)" \
    "aes-xts 256 ffs ['pkcs5_pbkdf2/sha1', 'storedkey']"
"$D" rollback --to 3 web1:local >/dev/null || fail "to the one of rekey"
is "since when rekey's key is in use" "$([ "$(told key_time)" -gt 1700000000 ] && echo known)" known
is "in words" "$("$D" show web1 | grep -c 'key since 20')" 1
