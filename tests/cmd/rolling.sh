# swap of several domUs: one after the other, none after one that failed, and
# the same command goes on from there.
. tests/cmd/lib.sh
F=$T/fleet
mkdir -p "$F/xen" "$F/in"
printf 'config_dirs = [ "xen" ]\nstate_dir = "state"\n' >"$F/drydock.conf"
d() { "$DRYDOCK" --config "$F/drydock.conf" "$@"; }
value() { python3 -c "import json,sys; d=json.load(open('$T/json')); print($1)"; }
states() { value "' '.join(x['domu'] + ':' + x['state'] for x in d['rolling'])"; }

pkg() {
	rm -rf "$T/tree"
	mkdir -p "$T/tree/bin" "$T/tree/pkgdb/$2"
	echo "@name $2" >"$T/tree/pkgdb/$2/+CONTENTS"
	echo "$2" >"$T/tree/bin/x"
	"$DRYDOCK" create pkg "$1" -s 2m --from "$T/tree" --owner 0:0 >/dev/null ||
	    fail "make $1"
}
pkg "$F/a.img" a-1
for w in web1 web2 web3 web4; do
	mkdir "$F/$w"
	cp "$F/a.img" "$F/$w/pkg.img"
	printf '%s\n' "name = \"$w\"" 'memory = 64' 'kernel = "/k"' \
	    'drydock_pkg = "xvdd"' "disk = [ 'format=raw,vdev=xvda,access=r,target=$F/shared.img'," \
	    "'format=raw,vdev=xvdd,access=w,target=$F/$w/pkg.img' ]" >"$F/xen/$w.cfg"
done
cp "$F/web1/pkg.img" "$F/shared.img"
pkg "$F/in/b.img" b-2
pkg "$F/in/c.img" c-3
old=$(sum "$F/web1/pkg.img")
b=$(sum "$F/in/b.img")
c=$(sum "$F/in/c.img")
sums() { for w in web1 web2 web3 web4; do sum "$F/$w/pkg.img"; done | tr '\n' ' '; }

d swap --json -n --all "$F/in/b.img" >"$T/json"
is "a dry run names all" "$(states)" \
    "web1:untouched web2:untouched web3:untouched web4:untouched"
is "and does nothing" "$(sums)" "$old $old $old $old "
plan=$(value "d['plan']")
fails "another plan" 1 "not what was planned" d swap --plan 1234 --all "$F/in/b.img"
works "two by name" d swap web2 web3:pkg "$F/in/b.img"
is "have it, and no other" "$(sums)" "$old $b $b $old "
fails "it is no more as planned" 1 "not what was planned" \
    d swap --plan "$plan" --all "$F/in/b.img"
d swap --json --all "$F/in/b.img" >"$T/json"
is "all: who has it is left alone" "$(states)" \
    "web1:done web2:there web3:there web4:done"
is "all have it" "$(sums)" "$b $b $b $b "
works "again" d swap --all "$F/in/b.img"
is "there is nothing to do" "$(grep -c 'has it already' "$T/out")" 4
is "and nothing was done" "$(d generations web2 --json >"$T/json"; value "len(d['generations'])")" 2

# one that has been rolled back does not count as having it
works "rollback" d rollback web2
works "all again" d swap --all "$F/in/b.img"
is "it gets it again" "$(grep -c 'web2: done' "$T/out") $(sums)" "1 $b $b $b $b "

# by another name the same file is the same, and another file is not
ln -s b.img "$F/in/latest.img"
d swap --json -n --all "$F/in/latest.img" >"$T/json"
is "a link to what they have" "$(states)" "web1:there web2:there web3:there web4:there"
ln -sfn c.img "$F/in/latest.img"
d swap --json -n --all "$F/in/latest.img" >"$T/json"
is "and to another file" "$(states)" \
    "web1:untouched web2:untouched web3:untouched web4:untouched"
cp "$F/in/b.img" "$F/in/copy.img"
touch -r "$F/in/b.img" "$F/in/copy.img"
mv "$F/in/b.img" "$F/in/b.old"
mv "$F/in/copy.img" "$F/in/b.img"
d swap --json -n --all "$F/in/b.img" >"$T/json"
is "and to one that took its name" "$(states)" \
    "web1:untouched web2:untouched web3:untouched web4:untouched"

# at the first that fails, no more
mkfifo "$T/held"
(
	exec 9<"$F/web2/.pkg.img.d"
	flock -n 9
	echo >"$T/held"
	exec sleep 1000
) &
holder=$!
read -r now <"$T/held"
d swap --json --all "$F/in/c.img" >"$T/json" 2>"$T/err"
is "one fails" $? 5
is "it says which" "$(grep -c '^drydock: web2:pkg: .*' "$T/err")" 1
is "those behind it are untouched" "$(states)" \
    "web1:done web2:failed web3:untouched web4:untouched"
is "truly" "$(sums)" "$c $b $b $b "
kill "$holder"
wait "$holder" 2>/dev/null
d swap --json --max-unavailable 2 --all "$F/in/c.img" >"$T/json"
is "mended, it goes on from there" "$(states) $?" \
    "web1:there web2:done web3:done web4:done 0"
is "all have it" "$(sums)" "$c $c $c $c "

# an image that all share is one
d swap --json -n --all --role root "$F/in/b.img" >"$T/json"
is "a shared image counts once" "$(states)" "web1:untouched"
d swap --all --role root "$F/in/b.img" >/dev/null 2>&1
is "a swap of it puts it in place" "$(sum "$F/shared.img")" "$b"

fails "no such domU" 1 "web9: no such domU" d swap web1 web9 "$F/in/b.img"
fails "of two roles" 2 "two roles" d swap web1:pkg web2:root "$F/in/b.img"
fails "all, and one" 2 "which of them" d swap --all web1 "$F/in/b.img"
fails "a role without all" 2 "goes with --all" d swap --role pkg web1 "$F/in/b.img"
fails "no such role" 2 "not a role" d swap --all --role x "$F/in/b.img"
d swap --all --role swap "$F/in/b.img" >"$T/out" 2>"$T/err"
is "a role that nobody has" "$? $(grep -c '^drydock: no domU has a swap image' "$T/err")" "1 1"
fails "--move" 2 "has one file for one" d swap --move --all "$F/in/b.img"
fails "an image alone" 2 "something is missing" d swap "$F/in/b.img"
fails "try without a number" 2 "which generation" d try web1:root
fails "try of what is written to" 1 "would change a generation" d try web1:pkg@1
fails "try where no Xen is" 1 "Xen" d try web1:root@1
fails "two ways at a time" 2 "which of them" d swap --restart --next-boot web1 "$F/in/c.img"
fails "a passphrase for several" 2 "is for one image" d swap --passphrase-fd 0 web1 web2 "$F/in/b.img"
fails "a kernel with packages" 2 "goes with a root" d swap --kernel /k web1 web2 "$F/in/b.img"
d swap --live --unmounted --json web1 web2 "$F/in/b.img" >"$T/json" 2>"$T/err"
is "live, of several that are off" "$? $(states)" "1 web1:failed web2:untouched"
fails "live" 1 "no domU runs with it" d swap --live web1 "$F/in/b.img"
fails "live with a root" 1 "can't unmount its root" d rollback --live web1:root
is "no name is left of it" "$(ls "$F/.shared.img.d" | grep -c run)" 0
