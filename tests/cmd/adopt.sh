# adopt: an existing domU's images are recognized, and its xl.cfg says what the
# positions of its disks don't; every other byte of it stays.
. tests/cmd/lib.sh
# it holds a key: nobody else may read it
P=$T/cgd-aes-xts-256-encblkno1.params
cp "tests/vectors/cgd/${P##*/}" "$P"
chmod 600 "$P"
OTHER=$PWD/tests/vectors/cgd/cgd-aes-cbc-128-encblkno1.params
X=$T/xen
run() { "$DRYDOCK" --config "$T/drydock.conf" "$@"; }
get() { python3 -c 'import json,sys
d = json.load(open(sys.argv[1]))
print(eval(sys.argv[2]))' "$T/out" "$1"; }
# What list makes of a domU: vdev=role of each disk.
roles() { run list --json 2>/dev/null | python3 -c 'import json,sys
for d in json.load(sys.stdin)["domus"]:
    if d["name"] == sys.argv[1]:
        print(*(x["vdev"] + "=" + x["role"] for x in d["disks"]))' "$1"; }
# What it finds, but for the order of disks and images that the domUs share here.
findings() { run list --json 2>/dev/null | python3 -c 'import json,sys
for d in json.load(sys.stdin)["domus"]:
    if d["name"] == sys.argv[1]:
        print(*(f["text"] for f in d["findings"] if "becomes xbd" not in f["text"]
            and "attached read-write" not in f["text"]), sep="\n")' "$1"; }

# ---- images
mkdir -p "$X/auto" "$T/img" "$T/root/sbin" "$T/root/etc" "$T/local/etc" "$T/local/var" "$T/pkg/bin" "$T/pkg/sbin" "$T/pkg/share" "$T/data/home"
echo init >"$T/root/sbin/init"
echo rc >"$T/root/etc/rc"
printf 'NetBSD 9.3/amd64\n' | tee "$T/root/etc/release" >"$T/local/etc/release"
echo rc_configured=YES | tee "$T/root/etc/rc.conf" >"$T/local/etc/rc.conf"
mkdir "$T/root/var"
for i in root local pkg data; do
	"$DRYDOCK" create "$T/img/$i.img" -s 4m --from "$T/$i" >/dev/null
done
"$DRYDOCK" create local "$T/img/cgd.img" -s 4m -c "$P" --from "$T/local" >/dev/null
"$DRYDOCK" create pkg "$T/img/new-pkg.img" -s 4m >/dev/null
"$DRYDOCK" create swap "$T/img/swap.img" -s 1m >/dev/null
"$DRYDOCK" create "$T/img/labelled.img" -s 4m --label disk --from "$T/local" >/dev/null
head -c 1048576 /dev/zero >"$T/img/zero.img"
cp "$T/img/local.img" "$T/img/local2.img"
python3 -c 'import random; random.seed(3); import sys; sys.stdout.buffer.write(random.randbytes(1 << 20))' >"$T/img/noise.img"
images=$(cat "$T"/img/*.img | cksum)
printf 'config_dirs = [ "xen", "xen/auto" ]\n' >"$T/drydock.conf"

# domu NAME IMAGE...: its disks are xvda, xvdb, ...; the first is read-only
domu() {
	name=$1; shift
	{ printf 'name = "%s"\nmemory = 256\ndisk = [\n' "$name"
	  l=a m=r
	  for i; do
		printf '    "vdev=xvd%s, access=%s, target=%s",\n' $l $m "$T/img/$i"
		l=$(echo $l | tr a-y b-z) m=w
	  done
	  echo ']'
	} >"$X/$name.cfg"
	cp "$X/$name.cfg" "$T/$name.was"
}
begin='# drydock: begin (this block is rewritten)'
end='# drydock: end'
# block NAME LINE...: the file is what it was, and this block
block() {
	what=$1 name=$2; shift 2
	{ cat "$T/$name.was"; echo "$begin"; for l; do echo "$l"; done; echo "$end"; } >"$T/want"
	same "$what" "$X/$name.cfg" "$T/want"
}

# ---- in order: nothing to say
domu plain root.img swap.img local.img pkg.img
touch -d '2001-01-01' "$X/plain.cfg"
ls -li "$X/plain.cfg" >"$T/ls"
works "disks in order" run adopt plain --json
is "are recognized" "$(get '" ".join(x["role"] + "/" + x["by"] for x in d["disks"])')" \
    "root/content swap/content local/content pkg/content"
is "and the release" "$(get '" ".join(str(x["release"]) for x in d["disks"])')" "NetBSD 9.3 None NetBSD 9.3 None"
is "nothing to say" "$(get 'd["changed"], d["keys"]')" "(False, '')"
ls -li "$X/plain.cfg" | cmp -s - "$T/ls" && pass "the file is untouched" || fail "the file is untouched"
works "in words" run adopt plain
is "in words: why" "$(tail -n 1 "$T/out")" "The positions tell it all: nothing to write."

# ---- out of order
domu mixed root.img local.img pkg.img zero.img data.img
works "a dry run" run adopt mixed -n
is "shows the diff" "$(grep -c '^+drydock_' "$T/out")" 3
same "and writes nothing" "$X/mixed.cfg" "$T/mixed.was"
works "as JSON" run adopt mixed -n --json
is "is a dry run" "$(get 'd["dry_run"], d["changed"]')" "(True, True)"
same "which writes nothing either" "$X/mixed.cfg" "$T/mixed.was"
works "disks out of order" run adopt mixed
block "get keys" mixed 'drydock_swap = "xvdd"' 'drydock_local = "xvdb"' 'drydock_pkg = "xvdc"'
is "which list understands" "$(roles mixed)" "xvda=root xvdb=local xvdc=pkg xvdd=swap xvde=other"
is "without a finding" "$(findings mixed)" ""
ls -li "$X/mixed.cfg" >"$T/ls"
works "again" run adopt mixed
is "says that it is said" "$(tail -n 1 "$T/out")" "The configuration says so already: nothing to write."
ls -li "$X/mixed.cfg" | cmp -s - "$T/ls" && pass "again: untouched" || fail "again: untouched"

# the block is rewritten where it stands, and goes when there is nothing to say
printf '# after\nvcpus = 2\n' >"$T/tail"
cat "$T/tail" >>"$X/mixed.cfg"
sed -i 's/pkg.img/SWAP/; s/zero.img/pkg.img/; s/SWAP/zero.img/' "$X/mixed.cfg"
works "the disks are changed" run adopt mixed
is "the block in place follows" "$(sed -n "/^$begin/,\$p" "$X/mixed.cfg")" "$begin
drydock_swap = \"xvdc\"
drydock_local = \"xvdb\"
$end
# after
vcpus = 2"
is "and is right" "$(roles mixed)" "xvda=root xvdb=local xvdc=swap xvdd=pkg xvde=other"
sed 's/local.img/X/; s/zero.img/local.img/; s/X/zero.img/' "$X/mixed.cfg" >"$T/m" && cp "$T/m" "$X/mixed.cfg"
works "the disks are in order" run adopt mixed
grep -v "^drydock_\|^$begin\|^$end" "$T/m" >"$T/want"
same "the block goes" "$X/mixed.cfg" "$T/want"

# ---- what else tells
domu three root.img local.img pkg.img
works "no swap" run adopt three
block "no swap: no key for it" three 'drydock_local = "xvdb"' 'drydock_pkg = "xvdc"'
is "no swap: list" "$(roles three)" "xvda=root xvdb=local xvdc=pkg"
domu fresh new-pkg.img root.img labelled.img noise.img
works "an empty pkg by its volume's name, a labelled local, noise" run adopt fresh
block "keys" fresh 'drydock_root = "xvdb"' 'drydock_pkg = "xvda"'
is "roles" "$(roles fresh)" "xvda=pkg xvdb=root xvdc=local xvdd=other"
domu used root.img noise.img local.img pkg.img
works "a swap in use looks encrypted" run adopt used --json
is "and is swap by position" "$(get 'd["disks"][1]["role"], d["disks"][1]["by"], d["disks"][1]["encrypted"], d["changed"]')" "('swap', 'position', True, False)"
domu gone root.img swap.img nothing.img pkg.img
works "an image is missing" run adopt gone --json
is "by position" "$(get 'd["disks"][2]["role"], d["disks"][2]["by"]')" "('local', 'position')"
is "with the reason" "$(get 'd["disks"][2]["error"].count("nothing.img")')" 1

# ---- encrypted
domu crypt root.img local.img pkg.img cgd.img
sed -i 's/local.img/swap.img/' "$X/crypt.cfg" "$T/crypt.was"
works "an encrypted disk, closed" run adopt crypt --json
is "plays no role where it stands" "$(get 'd["disks"][3]["role"], d["disks"][3]["encrypted"]')" "('other', True)"
cp "$T/crypt.was" "$X/crypt.cfg"
works "opened" run adopt crypt -c "$P"
block "is local" crypt 'drydock_local = "xvdd"' "drydock_local_params = \"$P\"" 'drydock_pkg = "xvdc"'
is "as list says" "$(roles crypt)" "xvda=root xvdb=swap xvdc=pkg xvdd=local"
is "without a finding" "$(findings crypt)" ""
is "show names the parameters" "$(run show crypt 2>/dev/null | grep -c "a cgd with the parameters of $P")" 1
works "again, closed" run adopt crypt
block "stays" crypt 'drydock_local = "xvdd"' "drydock_local_params = \"$P\"" 'drydock_pkg = "xvdc"'
works "again, opened" run adopt crypt -c "$P"
block "stays, too" crypt 'drydock_local = "xvdd"' "drydock_local_params = \"$P\"" 'drydock_pkg = "xvdc"'
domu inorder root.img swap.img cgd.img pkg.img
cp "$P" "$T/my params"
works "a relative path" sh -c "cd '$T' && '$DRYDOCK' --config drydock.conf adopt inorder -c 'my params'"
block "is written whole" inorder "drydock_local_params = \"$T/my params\""
rm "$T/my params"
is "a parameters file that is missing is a finding" "$(findings inorder | grep -c 'my params')" 1
cat >"$T/pass.params" <<END
algorithm aes-cbc;
keylength 256;
verify_method ffs;
keygen pkcs5_pbkdf2/sha1 {
	iterations 10;
	salt AAAAgAABAgMEBQYHCAkKCwwNDg8=;
};
END
echo 'open sesame' >"$T/word"
"$DRYDOCK" create local "$T/img/pass.img" -s 4m -c "$T/pass.params" --passphrase-fd 3 --from "$T/local" 3<"$T/word" >/dev/null
domu pass root.img noise.img pass.img noise.img
works "a passphrase, asked for once" run adopt pass -c "$T/pass.params" --passphrase-fd 3 3<"$T/word"
block "opens it" pass "drydock_local_params = \"$T/pass.params\""
works "again" run adopt pass -c "$T/pass.params" --passphrase-fd 3 3<"$T/word"
block "stays" pass "drydock_local_params = \"$T/pass.params\""
echo 'close sesame' >"$T/word"
cp "$T/pass.was" "$X/pass.cfg"
fails "a wrong one" 1 "opens none" run adopt pass -c "$T/pass.params" --passphrase-fd 3 3<"$T/word"
rm "$T/img/pass.img" "$X/pass.cfg"
domu wrong root.img swap.img cgd.img pkg.img
fails "the wrong parameters" 1 "opens none" run adopt wrong -c "$OTHER"
fails "parameters for nothing" 1 "opens none" run adopt plain -c "$P"
fails "no parameters" 1 "none.params" run adopt wrong -c "$T/none.params"
same "nothing written" "$X/wrong.cfg" "$T/wrong.was"

# ---- the operator's word
domu two root.img swap.img local.img pkg.img local2.img
fails "two candidates" 1 "two disks look like local: xvdc .*xvde" run adopt two
grep -q 'drydock_local = "xvdc" or drydock_local = "xvde"' "$T/err" && pass "the choice to make" || fail "the choice to make" "$(cat "$T/err")"
same "nothing written" "$X/two.cfg" "$T/two.was"
echo 'drydock_local = "xvde"' | tee -a "$X/two.cfg" >>"$T/two.was"
works "chosen" run adopt two --json
is "is the one" "$(get 'd["disks"][4]["role"], d["disks"][4]["by"], d["changed"]')" "('local', 'key', False)"
domu own root.img swap.img local.img pkg.img data.img
printf 'drydock_pkg = "xvde"\ndrydock_swap = "none"\n' | tee -a "$X/own.cfg" >>"$T/own.was"
works "against the content" run adopt own
same "the operator is right" "$X/own.cfg" "$T/own.was"
is "as list says" "$(roles own)" "xvda=root xvdb=other xvdc=local xvdd=other xvde=pkg"

domu spare root.img swap.img local2.img local.img
echo 'drydock_local = "xvdc"' | tee -a "$X/spare.cfg" >>"$T/spare.was"
works "a second local at pkg's position" run adopt spare
block "is no pkg" spare 'drydock_pkg = "none"'
is "as list says" "$(roles spare)" "xvda=root xvdb=swap xvdc=local xvdd=other"

# ---- odd texts, byte for byte
odd() {	# odd WHAT: the text on standard input, '@' is the folder of images
	sed "s|@|$T/img|g" | printf '%s' "$(cat; echo x)" | sed '$s/x$//' >"$T/odd.was"
	cp "$T/odd.was" "$X/odd.cfg"
	works "odd: $1" run adopt odd
	head -c "$(wc -c <"$T/odd.was")" "$X/odd.cfg" | cmp -s - "$T/odd.was" && pass "odd: $1: kept" ||
	    fail "odd: $1: kept" "$(diff "$T/odd.was" "$X/odd.cfg")"
	is "odd: $1: list" "$(roles odd)" "xvda=root xvdb=local"
}
printf 'name="odd"\t;  memory = 64 # \r\n\r# a comment\r\n\n\ndisk=[\t"@/root.img,raw,xvda,r" ,  # the root\r\n\t# local\n"@/local.img,raw,xvdb,w"\n ,\n]\n\n\n' | tr -d '\r' | odd "blanks, comments"
printf '#\r\nname="odd" # \r\ndisk=["@/root.img,raw,xvda,r","@/local.img,raw,xvdb,w"] # x\r\n#\r\n' | odd "carriage returns in comments"
printf "# d\303\251j\303\240 \033[31m\nname='odd'\ndisk=['@/root.img,raw,xvda,r','@/local.img,raw,xvdb,w']" | odd "bytes, no newline at the end"
is "odd: then the block starts a line of its own" "$(tail -n 3 "$X/odd.cfg" | head -n 1)" "$begin"
chmod 640 "$X/odd.cfg"
cp "$T/odd.was" "$X/odd.cfg"
[ "$(id -u)" -ne 0 ] || chown 65534:65533 "$X/odd.cfg"
ls -ln "$X/odd.cfg" | awk '{ print $1, $3, $4 }' >"$T/ls"
works "mode and owner" run adopt odd
is "are kept" "$(ls -ln "$X/odd.cfg" | awk '{ print $1, $3, $4 }')" "$(cat "$T/ls")"
mv "$X/odd.cfg" "$X/odd.file"
cp "$T/odd.was" "$X/odd.file"
ln -s ../odd.file "$X/auto/odd.cfg"
works "a symlink" run adopt odd
is "stays one" "$(readlink "$X/auto/odd.cfg")" ../odd.file
is "what it leads to is written" "$(grep -c '^drydock_local' "$X/odd.file")" 1
is "no temporary file is left" "$(ls -A "$X" "$X/auto" | grep -v '\.cfg$\|^odd.file$\|^auto$\|^$\|:$')" ""

# a name and paths that don't fit a terminal, and strings that need escapes
bad=$(printf 'a "b\\c\033[1m')
cp "$T/img/local.img" "$T/img/$bad"
mkdir "$T/q\"q"
cp "$P" "$T/q\"q/p\\p"
printf 'name = "odd\\n1"\ndisk = [ "%s,raw,xvda,r", "%s,raw,xvdb,w", "%s,raw,xvdc,w" ]\n' \
    "$T/img/root.img" "$T/img/a \\\"b\\\\c$(printf '\033')[1m" "$T/img/cgd.img" >"$X/odd1.cfg"
cp "$T/img/cgd.img" "$T/img/cgd2.img"
works "an odd name" run adopt "$(printf 'odd\n1')" -n
is "nothing raw is printed" "$(tr -d '\n\t -~' <"$T/out" | wc -c | tr -d ' ')" 0
domu quotes root.img swap.img cgd.img
works "a path with quotes" run adopt quotes -c "$T/q\"q/p\\p"
is "is read back" "$(run show quotes 2>/dev/null | sed -n 's/.*parameters of //p')" "$T/q\"q/p\\p"

# ---- refusals
printf 'name = "dos"\r\ndisk = [ "%s,raw,xvda,r" ]\r\n' "$T/img/root.img" >"$X/dos.cfg"
fails "DOS line ends" 1 "dos.cfg" run adopt dos
domu twin root.img
cp "$X/twin.cfg" "$X/twin2.cfg"
fails "two of a name" 1 "both called" run adopt twin
for b in "$begin" "$end" "$begin
$end
$begin
$end" "$end
$begin"; do
	domu broken root.img local.img
	echo "$b" >>"$X/broken.cfg"
	cp "$X/broken.cfg" "$T/broken.was"
	fails "a broken block" 1 "block of drydock" run adopt broken
	same "a broken block stays" "$X/broken.cfg" "$T/broken.was"
done
domu badkey root.img local.img
echo 'drydock_local = "xvdz"' >>"$X/badkey.cfg"
fails "a key that names nothing" 1 "drydock_local names none" run adopt badkey
fails "no such domU" 1 "no such domU" run adopt nosuch
fails "no domU" 2 "missing" run adopt
is "no image was written to" "$(rm "$T/img/$bad" "$T/img/cgd2.img"; cat "$T"/img/*.img | cksum)" "$images"
