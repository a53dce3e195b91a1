# swap, rollback, snapshot, marks, prune: generations as an operator uses them.
. tests/cmd/lib.sh
D=$PWD/tests/demo
F=$T/fleet
mkdir -p "$F/xen" "$F/web1" "$F/web2" "$F/in"
printf 'config_dirs = [ "xen" ]\nstate_dir = "state"\nkeep = 1\n' >"$F/drydock.conf"
d() { "$DRYDOCK" --config "$F/drydock.conf" "$@"; }
# value EXPRESSION: of the JSON that the command behind printed
value() { python3 -c "import json,sys; d=json.load(open('$T/json')); print($1)"; }
json_of() { d "$@" --json >"$T/json" 2>"$T/err"; }

# pkg FILE NAME-VERSION...: a pkg image
pkg() {
	image=$1; shift
	rm -rf "$T/tree"
	mkdir -p "$T/tree/bin" "$T/tree/sbin" "$T/tree/share"
	for p; do
		mkdir -p "$T/tree/pkgdb/$p"
		echo "@name $p" >"$T/tree/pkgdb/$p/+CONTENTS"
		echo "$p" >"$T/tree/bin/${p%-*}"
	done
	"$DRYDOCK" create pkg "$image" -s 4m --from "$T/tree" --owner 0:0 >/dev/null ||
	    fail "make $image"
}
pkg "$F/web1/pkg.img" nginx-1.22.1 php-8.1.24
pkg "$F/web2/pkg.img" nginx-1.22.1
pkg "$F/in/new.img" nginx-1.24.0 php-8.1.24 curl-8.4.0
pkg "$F/in/third.img" nginx-1.26.0

# roots of two releases, and locals of each domU
for v in 9.3 10.0; do
	rm -rf "$T/era"; cp -r "$D/today" "$T/era"
	sed -i "s/9\.3/$v/" "$T/era/etc/release"
	[ $v = 9.3 ] || sed -i "1i # new in $v" "$T/era/etc/rc.conf"
	sed "s,@E,$T/era,; s,@C,$D/common,; s,@,$D," "$D/root.spec" >"$T/spec"
	"$DRYDOCK" create "$F/root-$v.img" -s 24m --from "$T/spec" >/dev/null
	{ printf '\177ELF'; head -c 200 /dev/zero; printf 'NetBSD %s (XEN3_DOMU) #0: a day\n' $v
	    head -c 300 /dev/zero; } >"$F/netbsd-$v"
	"$DRYDOCK" prepare root -k "$F/netbsd-$v" "$F/root-$v.img" >/dev/null ||
	    fail "prepare the root of $v"
done
cp "$F/root-9.3.img" "$F/root.img"
cp "$F/netbsd-9.3" "$F/netbsd-XENU"
for w in web1 web2; do
	"$DRYDOCK" create swap "$F/$w/swap.img" -s 2m >/dev/null
	"$DRYDOCK" prepare local -s 16m --hostname $w "$F/root.img" \
	    "$F/$w/local.img" >/dev/null || fail "local of $w"
	cat >"$F/xen/$w.cfg" <<-E
	name = "$w"
	type = "pv"
	memory = 256
	kernel = "$F/netbsd-XENU"
	disk = [ 'format=raw,vdev=xvda,access=r,target=$F/root.img',
	  'format=raw,vdev=xvdb,access=w,target=$F/$w/swap.img',
	  'format=raw,vdev=xvdc,access=w,target=$F/$w/local.img',
	  'format=raw,vdev=xvdd,access=w,target=$F/$w/pkg.img' ]
	E
done
P=$F/web1/pkg.img
S=$F/web1/.pkg.img.d
old=$(sum "$P")
new=$(sum "$F/in/new.img")

works "an image without generations has one" json_of generations web1
is "which is in place" "$(value "[(g['n'], g['in_place']) for g in d['generations']]")" "[(1, True)]"
is "and is not managed" "$(value "d['managed']")" "False"
fails "nothing to roll back to" 1 "no generation before 1" d rollback web1

# look, then leap
plan=$(d swap -n web1 "$F/in/new.img" | sed -n 's/^plan: //p')
is "a dry run leaves no folder" "$(ls -A "$F/web1" | tr '\n' ' ')" "local.img pkg.img swap.img "
works "swap as planned" d swap --plan "$plan" --note "nginx 1.24" web1 "$F/in/new.img"
is "the new one is in place" "$(sum "$P")" "$new"
is "by copy" "$(sum "$F/in/new.img")" "$new"
is "the old one is kept" "$(sum "$S"/1-*)" "$old"
is "with one link each" "$(stat -c %h "$P" "$S"/1-* | tr '\n' ' ')" "1 1 "
is "ls shows who is in place" "$(readlink "$S/in-place" | sed 's/-.*@/@/')" "2@$(stat -c %i "$P")"
is "its checksum stands beside it" "$(cut -d' ' -f1 "$S/2.sha256")" "$new"
fails "the plan is no longer that" 1 "not what was planned" \
    d swap --plan "$plan" web1 "$F/in/third.img"
json_of generations web1
is "its note and checksum" "$(value "[d['generations'][0]['note'], d['generations'][0]['sha256'] == '$new']")" "['nginx 1.24', True]"
works "list knows the generation" json_of list
is "of the image" "$(value "[x['image']['generation'] for x in d['domus'][0]['disks']]")" "[None, None, None, 2]"

# what differs
works "diff" d diff web1:pkg@1 @2
grep -q '^package  nginx 1.22.1 -> 1.24.0$' "$T/out" && grep -q '^package  curl added: 8.4.0$' "$T/out"
is "shows the packages" $? 0
grep -q '^added .*/bin/curl$' "$T/out" && grep -q '^changed  /bin/nginx$' "$T/out"
is "and the files" $? 0
works "diff of the one before and the one in place" json_of diff web1
is "is the same" "$(value "[d['from'], d['to'], len(d['packages'])]")" "[1, 2, 2]"

# back, and not forward by accident
works "rollback" d rollback web1
is "the old one is back" "$(sum "$P")" "$old"
is "the other is kept" "$(sum "$S"/2-*)" "$new"
fails "a second press does not go forward" 1 "no generation before 1" d rollback web1
is "and changes nothing" "$(sum "$P")" "$old"
works "--to does" d rollback --to 2 web1
is "the new one again" "$(sum "$P")" "$new"
fails "to where it is" 1 "is in place" d rollback --to 2 web1
fails "to none" 2 "no generation has that number" d rollback --to 0 web1
fails "to two" 2 "a generation each" d rollback --to 1 web1@2
fails "merge from none" 2 "no generation has that number" d merge etc --from 0 web1
fails "merge without a swap" 1 "before the one in place to compare" d merge etc web1
fails "diff of one" 1 "before the one in place to compare" d diff web2
fails "to one that is not there" 1 "there is no generation 9" d rollback --to 9 web1

# bad ones are passed over
works "a third" d swap --move web1 "$F/in/third.img"
is "was moved" "$(ls "$F/in")" "new.img"
works "mark the second bad" d bad web1@2
works "rollback" d rollback web1
is "passes over it" "$(sum "$P")" "$old"
works "to the third again" d rollback --to 3 web1:pkg
works "which is good" d good web1
works "and pinned" d pin web1@2
json_of generations web1
is "marks" "$(value "[(g['n'], g['mark'], g['pinned']) for g in d['generations']]")" \
    "[(3, 'good', False), (2, 'bad', True), (1, None, False)]"
is "stand in the names" "$(ls "$S" | sed -n 's/^2-.*Z//p')" "+bad+pinned"

# snapshots
third=$(sum "$P")
works "a snapshot" d snapshot web1 --note "before I try"
is "goes on with a copy" "$(sum "$P")" "$third"
echo tried >"$T/tried"
works "cp into a managed image" d cp "$T/tried" "$P:/tried"
is "makes a generation" "$(readlink "$S/in-place" | sed 's/-.*//')" 5
works "rollback" d rollback web1
is "takes the change back" "$(sum "$P")" "$third"
works "and the one before that" d rollback web1
is "is the one that was kept" "$(readlink "$S/in-place" | sed 's/-.*//')" 3

# pruning
works "prune looks" d prune web1
is "and deletes nothing" "$(ls "$S" | grep -c '^[0-9]*-')" 4
works "prune --yes" d prune --yes web1
is "keeps the newest, the pinned" "$(ls "$S" | sed -n 's/^\([0-9]*\)-.*/\1/p' | sort | tr '\n' ' ')" "2 5 "
works "unpin" d unpin web1@2
works "prune --keep 0" d prune --yes --keep 0 web1
is "leaves only the one in place" "$(ls "$S" | sed -n 's/^\([0-9]*\)-.*/\1/p')" ""
is "which is as it was" "$(sum "$P")" "$third"

fails "a generation is not prune's to be told" 2 "chooses the generations itself" \
    d prune --keep 0 -y web1@3
d snapshot web2 >/dev/null
mv "$F/web2/pkg.img" "$F/web2/away"
works "with no image in place" d generations web2
grep -q '^no file is in place' "$T/out"
is "generations says so" $? 0
works "and prune" d prune --keep 0 -y web2
grep -q 'stays.*the last copy' "$T/out"
is "what is left is kept" "$?:$(ls "$F/web2/.pkg.img.d" | grep -c '^1-')" 0:1
works "and comes back" d rollback web2
rm "$F/web2/away"

# originals
pkg "$F/in/orig.img" zsh-5.9
orig=$(sum "$F/in/orig.img")
works "keep an original" d swap --keep-original web1 "$F/in/orig.img"
works "cp into it in place" "$DRYDOCK" cp "$T/tried" "$F/in/orig.img:/x"
works "the domU writes" d cp "$T/tried" "$P:/tried"
works "back to the original" d rollback --pristine --to 6 web1
is "as it came in" "$(sum "$P")" "$orig"
fails "of one that has none" 1 "no untouched copy" d rollback --pristine --to 3 web1

# what is refused, or warned about
before=$(readlink "$S/in-place")
: >"$F/in/empty.img"
fails "an empty file" 1 "is empty" d swap web1 "$F/in/empty.img"
fails "a missing one" 1 "No such file" d swap web1 "$F/in/none.img"
(cd "$T" && tar cf "$F/in/archive.img" tree)
fails "an archive" 1 "archive" d swap web1 "$F/in/archive.img"
d swap web1 "$F/web2/local.img" >"$T/out" 2>"$T/err"
is "a local for a pkg is a warning" $?:$(grep -c 'warning: .*looks like a local image' "$T/err") 0:1
d rollback web1 >/dev/null
fails "or an error with --strict" 1 "looks like a local" d swap --strict web1 "$F/web2/local.img"
fails "moving another domU's image" 1 "is an image of web2" d swap --move web1 "$F/web2/pkg.img"
ln "$F/in/new.img" "$F/in/twice.img"
fails "moving a file with two names" 1 "other names" d swap --move web1 "$F/in/new.img"
fails "no such domU" 1 "no such domU" d swap web3 "$F/in/new.img"
fails "no such role" 2 "not a role" d swap web1:kernel "$F/in/new.img"
fails "the one in place itself" 1 "in place already" d swap web1 "$P"
ln -s pkg.img "$F/web2/link.img"
sed -i "s,$F/web2/pkg.img,$F/web2/link.img," "$F/xen/web2.cfg"
fails "a symlink" 1 "is a symlink" d swap web2 "$F/in/new.img"
sed -i "s,$F/web2/link.img,$F/web2/pkg.img," "$F/xen/web2.cfg"
is "nothing of this changed anything" "$(readlink "$S/in-place" | sed 's/@.*//')" "${before%@*}"

# somebody is at work on it
mkfifo "$T/go"
flock "$P" sh -c "cat '$T/go' >/dev/null" &
exec 9>"$T/go"
fails "an image in somebody's hands" 1 "another program is at work" d rollback web1
exec 9>&-
wait
# replaced by hand
cp "$P" "$P.copy" && mv "$P.copy" "$P"
works "an image replaced by hand" json_of show web1
is "is a finding" "$(value "[f['text'] for f in d['findings'] if 'not the file that drydock put' in f['text']] != []")" True
works "and is kept by the next swap" d swap web1 "$F/in/new.img"
d rollback web1 >/dev/null
is "which leads back to it" "$(sum "$P")" "$orig"

# a root for all, with its kernel
root=$(sum "$F/root.img")
works "kernel and root go together" json_of list
is "so far" "$(value "[f['text'] for x in d['domus'] for f in x['findings'] if 'the kernel' in f['text']]")" "[]"
echo "mine=YES" >"$T/mine"
"$DRYDOCK" cat "$F/web1/local.img:/etc/rc.conf" >"$T/rc.conf" && cat "$T/mine" >>"$T/rc.conf"
d cp "$T/rc.conf" "$F/web1/local.img:/etc/rc.conf" >/dev/null
works "a new root" json_of swap web1:root "$F/root-10.0.img" --kernel "$F/netbsd-10.0"
is "is for both" "$(value "[d['users'], d['is'], d['kernel']]")" "[['web1', 'web2'], 2, 2]"
is "with what wants a look in etc" "$(value "[(x['domu'], x['files'], x['error']) for x in d['etc']]")" \
    "[('web1', ['/etc/rc.conf'], None), ('web2', ['/etc/rc.conf'], None)]"
is "both files are new" "$(sum "$F/root.img") $(sum "$F/netbsd-XENU")" \
    "$(sum "$F/root-10.0.img") $(sum "$F/netbsd-10.0")"
works "merge etc looks" d merge etc web1 -n
grep -q '^+# new in 10.0$' "$T/out"
is "and shows what comes" $? 0
works "merge etc" d merge etc web1
"$DRYDOCK" cat "$F/web1/local.img:/etc/rc.conf" >"$T/merged"
is "has both changes" "$(grep -c '^# new in 10.0$\|^mine=YES$\|^hostname=web1$' "$T/merged")" 3
works "a second time" d merge etc web1
grep -q "nothing to change" "$T/out"
is "there is nothing to do" $? 0
works "rollback of the root" d rollback web1:root
is "brings both back" "$(sum "$F/root.img") $(sum "$F/netbsd-XENU")" "$root $(sum "$F/netbsd-9.3")"
works "a root without its kernel" d rollback --to 2 web1:root
cp "$F/netbsd-9.3" "$F/netbsd-XENU"
works "and the kernel by hand" json_of list
is "is a finding" "$(value "[f['severity'] for x in d['domus'] for f in x['findings'] if 'the kernel' in f['text']]")" "['warning', 'warning']"

# one image by two names
works "both domUs of one root" json_of prune --keep 0 web1:root web2:root web1:root
is "have its generations once" "$(value "len(d['generations'])")" 1
works "which go" d prune --keep 0 -y web1:root web2:root

# what is done but can't be told is not called undone
is "a swap that nobody hears of" "$(d swap web2 "$F/in/new.img" 2>&1 >/dev/full; echo $?)" \
    "drydock: it is done, but standard output could not be written
hint: don't repeat it: look at what it has made
5"
d rollback -n web2 >/dev/full 2>"$T/err"
is "but a dry run has done nothing" $? 1
works "a mark" d bad web2
d good web2 >/dev/full 2>"$T/err"
is "nor is a mark" $? 5
works "back" d rollback web2

# names that look like something else
for n in "x@3" "a:b" "a:root" "in side" "it's"; do
	sed "s,\"web2\",\"$n\"," "$F/xen/web2.cfg" >"$F/xen/odd$((i = ${i:-0} + 1)).cfg"
	works "generations of $n" d generations "$n"
	works "a role of $n" d generations "$n:local"
	works "a mark of $n" d good "$n:pkg@1"
	works "a snapshot of $n" d snapshot "$n"
	eval "d $(sed -n 's/^Back: drydock //p' "$T/out")" >"$T/out" 2>"$T/err"
	is "the way back can be typed" $? 0
done
fails "a role behind the number" 2 "whole number" d good web1@2:local
rm "$F"/xen/odd?.cfg

# by a symbolic link, and by a name that means something here only
in_place() { readlink "$S/in-place" | sed 's/-.*//'; }
before=$(in_place)
ln -s web1/pkg.img "$F/link.img"
fails "undo of a managed image by a link" 1 "has generations" d undo "$F/link.img"
works "cp by a symbolic link" d cp "$T/tried" "$F/link.img:/linked"
is "makes a generation, too" "$(($(in_place) > before))" 1
works "check" d check "$F/link.img"
(cd "$F/in" && d cp "$T/tried" new.img:/relative && d undo new.img) >/dev/null
is "the history has whole paths" "$(d history -m 1 | sed -n 's/.* undo //p' | head -n 1)" \
    "$(cd "$F/in" && pwd -P)/new.img"

works "recover" d recover
works "history" json_of history web1
is "knows who marked what" "$(value "sorted({x['action'] for x in d if x['action'] in ('good', 'bad', 'pin', 'unpin') and x['from']})")" \
    "['bad', 'good', 'pin', 'unpin']"
works "history of nobody" d history web11
is "says that there is none" "$(cat "$T/out")" "the history has nothing of web11"
works "history" json_of history web1
is "has prunes, too" "$(value "len([x for x in d if x['action'] == 'prune']) > 2")" True
is "knows what was done" "$(value "len(d) > 20 and {x['outcome'] for x in d} == {'done', 'failed'}")" True
