#!/bin/sh
# Another key for an image: as a new generation, and in place.  What is in it
# stays; the old key comes back by rollback; nothing of a key is anywhere but in
# parameters files.
. tests/cmd/lib.sh
mkdir "$T/xen" "$T/tree" "$T/tree/sub"
DRYDOCK_CONF=$T/drydock.conf
export DRYDOCK_CONF
printf 'config_dirs = [ "%s/xen" ]\nstate_dir = "%s/state"\n' "$T" "$T" >"$T/drydock.conf"
D=$DRYDOCK
echo text >"$T/tree/file"
head -c 300000 "$DRYDOCK" >"$T/tree/sub/large"

# stored NAME ALGORITHM [BITS]: parameters with the key in them
stored() { name=$1; shift; "$D" cgd params new -k storedkey -V ffs -o "$T/$name" "$@"; }
manifest() { "$D" tree --manifest "$@" 2>&1 | sha256sum; }
# with PARAMS|-: the option
with() { if [ "$1" = - ]; then echo; else echo "-c $T/$1"; fi; }

# ---- every pair, as a generation and in place
n=0
for a in aes-xts aes-cbc adiantum 3des-cbc blowfish-cbc; do
	stored "$a.1" $a || fail "parameters of $a"
	stored "$a.2" $a
done
bad=
for from in - aes-xts.1 aes-cbc.1 adiantum.1 3des-cbc.1 blowfish-cbc.1; do
	# a length that is no multiple of anything but 512
	"$D" create "$T/pair.img" -s 1000k --from "$T/tree" $(with $from) >/dev/null || bad="$bad create:$from"
	want=$(manifest $(with $from) "$T/pair.img:/")
	for to in - aes-xts.2 aes-cbc.2 adiantum.2 3des-cbc.2 blowfish-cbc.2; do
		[ "$from$to" = -- ] && continue
		new="--new-params $T/$to"
		[ $to = - ] && new=--plain
		for how in "" "--in-place -y"; do
			cp "$T/pair.img" "$T/one.img"
			n=$((n + 1))
			"$D" rekey $how $(with $from) $new "$T/one.img" >"$T/out" 2>&1 || bad="$bad $from-$to$how:$(cat "$T/out")"
			[ "$(manifest $(with $to) "$T/one.img:/")" = "$want" ] || bad="$bad $from-$to$how"
			"$D" check $(with $to) "$T/one.img" >/dev/null 2>&1 || bad="$bad check:$from-$to$how"
			rm -rf "$T/one.img" "$T/.one.img.d"
		done
	done
	rm "$T/pair.img"
done
is "$n pairs of $((n / 2))" "$bad$n" 70

# ---- other sectors, a partition, a label within
"$D" create "$T/small.img" -s 1m --from "$T/tree" >/dev/null
fails "sectors larger than fragments" 1 "fragments of 512 bytes" "$D" rekey -a aes-xts -k storedkey --new-sector-size 4096 "$T/small.img"
"$D" create "$T/s.img" -s 4m -f 4096 -b 32768 --from "$T/tree" -c "$T/aes-xts.1" >/dev/null
want=$(manifest -c "$T/aes-xts.1" "$T/s.img:/")
works "sectors of 4096 bytes" "$D" rekey -c "$T/aes-xts.1" --new-params "$T/aes-xts.2" --new-sector-size 4096 "$T/s.img"
is "they are" "$(manifest --sector-size 4096 -c "$T/aes-xts.2" "$T/s.img:/")" "$want"
works "and back" "$D" rekey -y --in-place -c "$T/aes-xts.2" --sector-size 4096 --new-params "$T/adiantum.1" --new-sector-size 512 "$T/s.img"
is "they are" "$(manifest -c "$T/adiantum.1" "$T/s.img:/")" "$want"
vector disk "$T/disk.img"
# the cgd on e has a label of its own
e=tests/vectors/part-e.params
want=$(manifest -p ee -c $e "$T/disk.img:/")
outside() { dd if="$1" bs=512 count=63 2>/dev/null | sha256sum; }
was=$(outside "$T/disk.img")
works "a cgd in a partition" "$D" rekey -p ee -c $e --algorithm adiantum -k storedkey -V none "$T/disk.img"
is "the files are there" "$(manifest -p ee -c "$T/.disk.img.d/2.params" "$T/disk.img:/")" "$want"
is "what is outside stays" "$(outside "$T/disk.img")" "$was"
works "another one of it" "$D" cat -p e -c "$T/.disk.img.d/2.params" "$T/disk.img:/s513"
fails "to plain, with a label within" 1 "there is a label in its partition" "$D" rekey -p ee -c "$T/.disk.img.d/2.params" --plain "$T/disk.img"
vector disk "$T/plain.img"
want=$(manifest -p a "$T/plain.img:/")
works "a partition encrypted" "$D" rekey -p a -a aes-xts -k storedkey "$T/plain.img"
is "the files are there" "$(manifest -p a -c "$T/.plain.img.d/2.params" "$T/plain.img:/")" "$want"
rm -rf "$T/plain.img" "$T/.plain.img.d"
vector disk "$T/plain.img"
works "all of it encrypted" "$D" rekey --whole -p a -a aes-xts -k storedkey "$T/plain.img"
is "with its label" "$(grep verify "$T/.plain.img.d/2.params")" "verify_method disklabel;"
is "the files are there" "$(manifest -p a -c "$T/.plain.img.d/2.params" "$T/plain.img:/")" "$want"

# ---- holes
"$D" create "$T/holes.img" -s 8m --from "$T/tree" >/dev/null
want=$(manifest "$T/holes.img:/")
works "holes stay" "$D" rekey --sparse -a aes-xts -k storedkey "$T/holes.img"
is "some of them" "$(grep -c 'stayed holes' "$T/out")" 1
is "it is small" "$([ "$(du -k "$T/holes.img" | cut -f1)" -lt 4000 ] && echo yes)" yes
is "the files are there" "$(manifest -c "$T/.holes.img.d/2.params" "$T/holes.img:/")" "$want"
works "or not" "$D" rekey -a adiantum -k storedkey "$T/holes.img"
is "it is large" "$([ "$(du -k "$T/holes.img" | cut -f1)" -gt 8000 ] && echo yes)" yes

# ---- a domU: the key belongs to the generation
echo old >"$T/old"
P=$T/web1.params
"$D" cgd params new -k argon2id -V ffs -o "$P" adiantum
"$D" create "$T/local.img" -s 2m --from "$T/tree" -c "$P" --passphrase-fd 0 <"$T/old" >/dev/null
cat >"$T/xen/web1.cfg" <<END
name = "web1"
disk = [ "$T/root.img,raw,xvda,r", "$T/local.img,raw,xvdb,w" ]
drydock_local = "xvdb"
drydock_local_params = "$P"
END
cp "$P" "$T/first"
before=$(sum "$T/local.img")
# rekey OLD NEW ARGUMENT...
rekey() { printf '%s\n%s\n' "$1" "$2" >"$T/pass"; shift 2; "$D" rekey --passphrase-fd 3 "$@" 3<"$T/pass"; }
opens() { echo "$1" | "$D" cat -c "$2" --passphrase-fd 0 "$T/local.img:/file" 2>&1; }
kept() {
	is "$1: the image stays" "$(sum "$T/local.img")" "$before"
	same "$1: its parameters stay" "$P" "$T/first"
	is "$1: nothing is left" "$(ls -A "$T" | grep -c -e drydock-new -e rekey -e '^.local.img.d')" 0
}
fails "a wrong passphrase" 1 "wrong passphrase" rekey wrong new -a aes-xts -k argon2id web1:local
kept "a wrong passphrase"
fails "the wrong parameters" 1 "does not fit" "$D" rekey -c "$T/adiantum.1" -a aes-xts -k storedkey web1:local
kept "the wrong parameters"
fails "an empty passphrase" 2 "is empty" rekey old "" -a aes-xts -k argon2id web1:local
kept "an empty passphrase"
fails "no key at all" 2 "which key" "$D" rekey web1:local
fails "two" 2 "which key" "$D" rekey --plain -a aes-xts -k argon2id web1:local
fails "no such cipher" 2 "unknown algorithm" rekey old new -a rot13 web1:local
fails "a random key" 2 "nobody could make again" rekey old new -a aes-xts -k urandomkey web1:local
fails "a method that would refuse it" 1 "would not accept" rekey old new -a aes-xts -V disklabel web1:local
fails "a generation" 2 "the one in place" rekey old new -a aes-xts -k argon2id web1:local@1
fails "the same key" 2 "is the one that it has" sh -c '"$0" rekey -c "$1" --new-params "$1" "$2"' "$D" "$T/adiantum.1" "$T/s.img"
fails "while another has it" 1 "another program is at work" python3 -c '
import fcntl, subprocess, sys
f = open(sys.argv[1])
fcntl.flock(f, fcntl.LOCK_EX)
sys.exit(subprocess.call(sys.argv[2:]))' "$T/local.img" "$D" rekey --passphrase-command 'echo old; echo new' -a aes-xts -k argon2id web1:local
kept "while another has it"
truncate -s 500T "$T/vast.img" 2>/dev/null && {
	"$D" cgd params new -k storedkey -o "$T/none" aes-xts
	fails "no space" 1 "there is room for" "$D" rekey --new-params "$T/none" --no-readback "$T/vast.img"
	is "nothing is left" "$(ls -A "$T" | grep -c vast)" 1
	rm "$T/vast.img"
}
works "a dry run" rekey old new -n -a aes-xts -k argon2id web1:local
plan=$(sed -n 's/^plan: //p' "$T/out")
kept "a dry run"
fails "another plan" 1 "not what was planned" rekey old new --plan "${plan}0" -a aes-xts -k argon2id web1:local
works "as planned" rekey old new --plan "$plan" -a aes-xts -k argon2id web1:local
is "says how to go back" "$(grep -c -e '^Back: drydock rollback web1:local$' -e '^  drydock destroy web1:local@1$' "$T/out")" 2
is "the new passphrase opens it" "$(opens new "$T/.local.img.d/2.params")" text
same "the file that others use follows" "$P" "$T/.local.img.d/2.params"
same "the old one is with its generation" "$T/first" "$T/.local.img.d/1.params"
is "show says since when" "$("$D" show web1 | grep -c 'key since')" 1
works "rollback" "$D" rollback web1:local
same "the key is back" "$P" "$T/first"
is "and opens it" "$(opens old "$P")" text
works "forward" "$D" rollback --to 2 web1:local
is "it opens" "$(opens new "$P")" text
echo "# another's" >>"$P"
works "rollback again" "$D" rollback web1:local
is "what is not ours is left alone" "$(tail -n 1 "$P")" "# another's"
cp "$T/first" "$P"
works "forward" "$D" rollback --to 2 web1:local
is "the history tells" "$("$D" history --json | python3 -c 'import json, sys
print([j["outcome"] for j in json.load(sys.stdin) if j["action"] == "rekey" and j["domu"] == "web1"][0])')" done
works "to plain" rekey new - --plain web1:local
is "it is" "$("$D" cat "$T/local.img:/file")" text
works "a copy of it" "$D" snapshot web1:local
is "stays plain" "$("$D" show --json web1 | python3 -c 'import json, sys
print([d["params"] for d in json.load(sys.stdin)["disks"] if d["role"] == "local"])')" "[None]"
rm "$P"
works "its first key" sh -c 'echo one | "$0" rekey --passphrase-fd 0 -a aes-xts -k argon2id web1:local' "$D"
is "is where the configuration says" "$(opens one "$P")" text
works "of two domUs" "$D" list
sed 's/web1"/web2"/; s/local.img/other.img/' "$T/xen/web1.cfg" >"$T/xen/web2.cfg"
"$D" create "$T/other.img" -s 2m --from "$T/tree" -c "$P" --passphrase-fd 0 >/dev/null <<END
one
END
cp "$P" "$T/first"
works "of parameters that two have" rekey one two -a aes-cbc -k argon2id web1:local
same "they stay" "$P" "$T/first"
is "it is said" "$(grep -c 'stays as it is: web2 has it' "$T/out")" 1
rm "$T/xen/web2.cfg"
# two whose parameters are not there yet
for n in 3 4; do
	"$D" create "$T/img$n" -s 1m --from "$T/tree" >/dev/null
	sed "s,web1\",web$n\",; s,$T/local.img,$T/img$n,; s,$P,$T/later," "$T/xen/web1.cfg" >"$T/xen/web$n.cfg"
done
works "the first of them" "$D" rekey -a aes-xts -k storedkey web3:local
is "makes no file that would be the other's" "$(ls "$T" | grep -c later)" 0
works "the second" "$D" rekey -a aes-xts -k storedkey web4:local
is "is found" "$("$D" cat -c "$T/.img4.d/2.params" "$T/img4:/file")" text
rm "$T/xen/web3.cfg" "$T/xen/web4.cfg"

# ---- keys from elsewhere
head -c 64 /dev/urandom >"$T/raw"
"$D" create "$T/raw.img" -s 1m --from "$T/tree" >/dev/null
works "a key from a descriptor" "$D" rekey -a aes-xts --key-fd 3 "$T/raw.img" 3<"$T/raw"
is "is in no file" "$(grep -c keygen "$T/.raw.img.d/2.params")" 0
is "opens it" "$("$D" cat --key-fd 0 -c "$T/.raw.img.d/2.params" "$T/raw.img:/file" <"$T/raw")" text
fails "nothing else does" 1 "no keygen" "$D" cat -c "$T/.raw.img.d/2.params" "$T/raw.img:/file"
works "two of them" "$D" rekey -a adiantum --key-fd 3 "$T/raw.img" 3<"$T/raw"
is "the second is the new one" "$(tail -c 32 "$T/raw" | "$D" cat --key-fd 0 -c "$T/.raw.img.d/3.params" "$T/raw.img:/file")" text
fails "a short one" 1 "has 32 bytes, and 5 came" sh -c 'printf 12345 | "$0" cat --key-fd 0 -c "$1" "$2"' "$D" "$T/.raw.img.d/3.params" "$T/raw.img:/file"
fails "a key and keygens" 2 "where does the new key" "$D" rekey -a aes-xts -k argon2id --key-fd 0 "$T/raw.img"
works "a command for both" "$D" rekey --passphrase-command 'echo two; echo three' -a aes-xts -k argon2id web1:local

# ---- in place
"$D" cgd params new -k argon2id -V ffs -o "$T/p2" adiantum
fails "unasked" 2 "nobody can be asked" rekey three four --in-place -a aes-xts -k argon2id web1:local
fails "with holes" 2 "does not go with" rekey three four --in-place --sparse -y -a aes-xts -k argon2id web1:local
works "a dry run" rekey three four --in-place -n -a aes-xts -k argon2id web1:local
works "in place" rekey three four --in-place -y -a adiantum -k argon2id web1:local
n=$(readlink "$T/.local.img.d/in-place"); n=${n%%-*}
is "it opens" "$(opens four "$T/.local.img.d/$n.params")" text
is "the old parameters are kept" "$(ls "$T/.local.img.d" | grep -c "^$n.params.old$")" 1
is "nothing is left" "$(ls -A "$T" | grep -c rekey)" 0
ln -s nowhere "$T/.local.img.d/$n.params.old.2"
works "once more, with a name taken" rekey four three --in-place -y -a aes-xts -k argon2id web1:local
is "the old ones have the next" "$(ls "$T/.local.img.d" | grep -c "^$n.params.old.3$")" 1
works "and back" rekey three four --in-place -y -a adiantum -k argon2id web1:local
fails "nothing to pause" 1 "not being re-encrypted" "$D" rekey --pause web1:local
fails "nothing to go on with" 1 "nothing is to go on" "$D" rekey --resume web1:local
# it is asked to pause until it does
"$D" create "$T/big.img" -s 200m --from "$T/tree" -c "$P" --passphrase-fd 0 >/dev/null <<END
one
END
tree=$(echo one | manifest -c "$P" --passphrase-fd 0 "$T/big.img:/")
python3 - "$D" "$P" "$T/p2" "$T/big.img" >"$T/out" 2>"$T/err" <<'END'
import os, subprocess, sys
drydock, old, new, image = sys.argv[1:]
events = os.open(os.path.dirname(image) + "/events", os.O_WRONLY | os.O_CREAT)
p = subprocess.Popen([drydock, "--events", str(events), "rekey", "--in-place",
    "-y", "-c", old, "--passphrase-command", "echo one; echo two",
    "--new-params", new, image], pass_fds=[events])
core = ""
while p.poll() is None:
    try:
        core = [l for l in open("/proc/%d/limits" % p.pid) if "core" in l][0]
    except (OSError, IndexError):
        pass
    subprocess.call([drydock, "rekey", "--pause", image], stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
print(core)
sys.exit(p.wait())
END
is "no core is left of it" "$(grep 'core file' "$T/out" | tr -s ' ')" "Max core file size 0 0 bytes "
is "it tells how far it is" "$(grep -c re-encrypting "$T/events" | sed 's/[1-9][0-9]*/some/')" some
is "it pauses" "$(grep -c 'paused, ' "$T/out")" 1
fails "nobody else" 1 "is being re-encrypted" sh -c 'echo one | "$0" ls -c "$1" --passphrase-fd 0 "$2:/"' "$D" "$P" "$T/big.img"
fails "nor to write" 1 "is being re-encrypted" sh -c 'echo one | "$0" cp -c "$1" --passphrase-fd 0 "$1" "$2:/"' "$D" "$P" "$T/big.img"
fails "nor from the begin" 1 "is being re-encrypted" "$D" rekey --in-place -y --new-params "$T/p2" "$T/big.img"
fails "on with the wrong key" 1 "" sh -c 'printf "one\nthree\n" | "$0" rekey --resume --passphrase-fd 0 "$1"' "$D" "$T/big.img"
secret=$(python3 - "$T" <<'END'
import base64, os, sys
t = sys.argv[1]
raw = open(t + "/raw", "rb").read()
looked = 0
found = []
keys = [raw[:32], raw[32:]]
for name in os.listdir(t):
    if name.startswith(("aes", "adiantum", "3des", "blowfish")):
        for line in open(os.path.join(t, name)):
            if line.startswith("keygen storedkey key "):
                keys.append(base64.b64decode(line.split()[3].rstrip(";"))[4:])
words = [f(k) for k in keys for f in (bytes, lambda b: b.hex().encode(), base64.b64encode)]
words += [b"argon-secret"]
for top, _, files in os.walk(t):
    for f in files:
        path = os.path.join(top, f)
        if "state" not in top and ".rekey" not in f and f not in ("out", "err", "events"):
            continue
        if f.endswith((".from", ".to")):
            continue
        looked += 1
        text = open(path, "rb").read()
        found += [path for w in words if w in text]
print(looked > 3, found)
END
)
is "no key is in a journal, the history or what is said" "$secret" "True []"
works "on to the end" sh -c 'printf "one\ntwo\n" | "$0" rekey --resume --passphrase-fd 0 "$1"' "$D" "$T/big.img"
is "all is there" "$(echo two | manifest -c "$T/p2" --passphrase-fd 0 "$T/big.img:/")" "$tree"
is "nothing is left" "$(ls -A "$T" | grep -c rekey)" 0
ino=$(ls -i "$T/local.img" | cut -d' ' -f1)
: >"$T/.drydock-$ino.rekey.from"
: >"$T/.drydock-$ino.rekey"
: >"$T/.drydock-$ino.rekey.new"
works "what a crash left" "$D" recover
is "is removed" "$(grep -c 'removed the parameters' "$T/out") $(ls -A "$T" | grep -c rekey)" "1 0"

# ---- destroyed
fails "which one" 2 "which generation" "$D" destroy -y web1:local
fails "the one in place" 1 "is in place" "$D" destroy -y "web1:local@$n"
fails "unasked" 2 "nobody can be asked" "$D" destroy web1:local@1
works "a dry run" "$D" destroy -n web1:local@1
is "leaves it" "$(ls "$T/.local.img.d" | grep -c '^1[-.]')" 2
"$D" pin web1:local@1 >/dev/null
fails "a pinned one" 1 "is pinned" "$D" destroy -y web1:local@1
"$D" unpin web1:local@1 >/dev/null
ln "$T/.local.img.d"/1-* "$T/link"
fails "one with another name" 1 "has other names" "$D" destroy -y web1:local@1
rm "$T/link"
exec 4<"$(ls "$T/.local.img.d"/1-*)" 5<"$T/.local.img.d/1.params"
works "destroyed" "$D" destroy -y --overwrite web1:local@1
is "it is gone" "$(ls "$T/.local.img.d" | grep -c '^1[-.]')" 0
is "nothing was left in it" "$(cat <&4 <&5 | tr -d '\0' | wc -c | tr -d ' ')" 0
exec 4<&- 5<&-
works "another takes its place" "$D" snapshot web1:local
exec 4<"$T/.local.img.d/$n.params.old"
works "what is old of one" "$D" destroy -y "web1:local@$n"
is "goes with it" "$(ls "$T/.local.img.d" | grep -c "^$n.params") $(cat <&4 | tr -d '\0' | wc -c | tr -d ' ')" "0 0"
exec 4<&-
