# Six domUs share a root: a new one goes through them, one after the other; at
# the one that is not well it stops, and the same command goes on from there.
. tests/xen/lib.sh
echo 'watch = 3' >>"$T/drydock.conf"
D=$DRYDOCK
all="d1 d2 d3 d4 d5 d6"
S=$T/.root.img.d

images d1
pkg "$T/old.img" old-root
pkg "$T/new.img" new-root
cp "$T/old.img" "$T/root.img"
rm -r "$T/d1"
for d in $all; do linux $d; done
sed -i 's/^memory.*/memory = 96/' "$T"/xen/*.cfg
echo 'drydock_health = "exit 3"' >>"$T/xen/d4.cfg"
create $all
ready $all
# root NAME: what it has said of its root
root() { console "$1" | sed -n 's/^domU: xvda .*marker=//p' | tail -n 1; }
roots() { for d in $all; do root $d; done | tr '\n' ' '; }
ids() { for d in $all; do xl domid $d; done | tr '\n' ' '; }
# with NAME: the file that its root is made of
with() { "$D" show --json "$1" >"$T/json"; json "d['disks'][0].get('runs_with')"; }
in_place() { readlink "$S/in-place" 2>/dev/null | sed 's/-.*//'; }
members() { json "' '.join(x['domu'] + ':' + x['state'] for x in d['rolling'])"; }
is "six domUs run" "$(roots)" "old-root old-root old-root old-root old-root old-root "
before=$(ids)

"$D" swap -n d1:root "$T/new.img" >"$T/out" 2>/dev/null
is "a dry run tells who would take it" "$(grep -c 'would take it' "$T/out")" 6

"$D" swap --json d1:root "$T/new.img" >"$T/json" 2>"$T/err"
is "one of them is not well" $? 5
cat "$T/err"
is "it stops there" "$(members)" \
    "d1:done d2:done d3:done d4:failed d5:untouched d6:untouched"
is "and says why" "$(grep -c '^drydock: d4:root@2: .*status 3.*in place again' "$T/err") $(cat "$T/err")" "1 $(cat "$T/err")"
is "the old root stays in place" "$(in_place)" 1
wait_for "d4 is back" is_ready d4
is "those that are well keep it, d4 has the old one" "$(roots)" \
    "new-root new-root new-root old-root old-root old-root "
is "the others have not noticed" "$(ids | cut -d' ' -f5-6)" "$(echo "$before" | cut -d' ' -f5-6)"
"$D" list --json >"$T/json"
is "list tells who runs with what" \
    "$(json "[(u['d' + str(i)]['disks'][0].get('runs_with') or u['d' + str(i)]['disks'][0]['image']['generation']) for i in (1, 3, 4, 6)]")" "[2, 2, 1, 1]"

# it can reboot by itself meanwhile
rm -f "$CONSOLES/guest-d2.log"
works "reboot" "$D" reboot d2
ready d2
is "it keeps the new root" "$(root d2)" new-root

# mended, it goes on
sed -i '/^drydock_health/d' "$T/xen/d4.cfg"
"$D" swap --json --max-unavailable 2 d1:root "$T/new.img" >"$T/json" 2>"$T/err"
cat "$T/err"
is "the same command goes on" $? 0
is "with the rest" "$(json "d['is']") $(members)" \
    "2 d1:there d2:there d3:there d4:done d5:done d6:done"
is "now the new root is in place" "$(in_place)" 2
ready $all
is "all have it" "$(roots)" "new-root new-root new-root new-root new-root new-root "
"$D" generations d1:root --json >"$T/json"
is "it is good" "$(json "[(g['n'], g['in_place'], g['mark']) for g in d['generations']]")" \
    "[(2, True, 'good'), (1, False, None)]"

# and after it has been put in place
rm -f "$CONSOLES/guest-d3.log"
works "reboot" "$D" reboot d3
ready d3
is "it comes up with what is in place" "$(root d3) $(with d3)" "new-root 2"

# packages, each its own
pkg "$T/packages.img" new-packages
pkg "$T/broken.img" broken
"$D" swap --json d1 d2 "$T/broken.img" >"$T/json" 2>"$T/err"
is "packages that break the canary" $? 4
is "go no further" "$(members)" "d1:failed d2:untouched"
wait_for "d1 is back" is_ready d1
is "and it has what it had" "$(marker d1)" pkg-of-d1

# live: while it runs
fails "live" 1 "may have it mounted" "$D" swap --live d6 "$T/packages.img"
id=$(xl domid d6)
"$D" swap --live --unmounted d6 "$T/packages.img" >"$T/out" 2>"$T/err"
is "live, unmounted" "$? $(cat "$T/err")" "0 "
is "it ran on" "$(xl domid d6)" "$id"
is "with the new packages" "$(losetup -n -O BACK-INO | grep -cx " *$(stat -c %i "$T/d6/pkg.img")")" 1
works "and back" "$D" rollback --live --unmounted d6
is "it has the old ones" "$(losetup -n -O BACK-INO | grep -cx " *$(stat -c %i "$T/d6/pkg.img")")" 1
