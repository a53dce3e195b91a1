# Six domUs share a root: a new one goes through them, one after the other; at
# the one that is not well it stops, and the same command goes on from there.
. tests/xen/lib.sh
echo 'watch = 2' >>"$T/drydock.conf"
D=$DRYDOCK
all="d1 d2 d3 d4 d5 d6"
S=$T/.root.img.d

# each disk takes half a second of every start
DISKS=pkg=d
for d in $all; do idle $d xen 'drydock_pkg = "xvdd"'; done
pkg "$T/new.img" new-root
echo 'drydock_health = "exit 3"' >>"$T/xen/d4.cfg"
create $all
old=$(stat -c %i "$T/root.img")
# disk NAME DEVICE: the inode of the file that its backend serves
disk() {
	dev=$(xenstore-read "/local/domain/0/backend/vbd/$(xl domid "$1")/$2/physical-device")
	losetup -n -O BACK-INO "/dev/loop$((0x${dev#*:}))" | tr -d ' '
}
# roots: of each, old or new or another
roots() {
	for d in $all; do
		case $(disk $d 51712) in
		"$old") echo old ;;
		"$(stat -c %i "$S"/2.run 2>/dev/null)") echo new ;;
		"$(stat -c %i "$T/root.img")") echo in-place ;;
		*) echo another ;;
		esac
	done | tr '\n' ' '
}
ids() { for d in $all; do xl domid $d; done | tr '\n' ' '; }
in_place() { readlink "$S/in-place" | sed 's/-.*//'; }
members() { json "' '.join(x['domu'] + ':' + x['state'] for x in d['rolling'])"; }
# reboots NAME: by itself, and is there again
reboots() {
	was=$(xl domid "$1")
	works "$1 reboots" "$D" reboot -y "$1"
	wait_for "$1 is there again" is_another "$1" "$was"
	wait_for "$1 has its disk" disk "$1" 51712
}
is "six domUs run" "$(roots)" "old old old old old old "
before=$(ids)

"$D" swap -n d1:root "$T/new.img" >"$T/out" 2>/dev/null
is "a dry run tells who would take it" "$(grep -c 'would take it' "$T/out")" 6

"$D" swap --json d1:root "$T/new.img" >"$T/json" 2>"$T/err"
is "one of them is not well" $? 5
is "it stops there" "$(members)" \
    "d1:done d2:done d3:done d4:failed d5:untouched d6:untouched"
is "and says why" "$(grep -c '^drydock: d4:root@2: .*status 3.*in place again' "$T/err")" 1
is "the old root stays in place" "$(in_place)" 1
is "those that are well keep it, d4 has the old one" "$(roots)" \
    "new new new old old old "
is "the others have not noticed" "$(ids | cut -d' ' -f5-6)" "$(echo "$before" | cut -d' ' -f5-6)"
"$D" list --json >"$T/json"
is "list tells who runs with what" \
    "$(json "[(u['d' + str(i)]['disks'][0].get('runs_with') or u['d' + str(i)]['disks'][0]['image']['generation']) for i in (1, 3, 4, 6)]")" "[2, 2, 1, 1]"

# it can reboot by itself meanwhile
reboots d2
is "it keeps the new root" "$(roots)" "new new new old old old "

# mended, it goes on
sed -i '/^drydock_health/d' "$T/xen/d4.cfg"
"$D" swap --json --max-unavailable 2 d1:root "$T/new.img" >"$T/json" 2>"$T/err"
is "the same command goes on" $? 0
is "with the rest" "$(json "d['is']") $(members)" \
    "2 d1:there d2:there d3:there d4:done d5:done d6:done"
is "now the new root is in place" "$(in_place)" 2
is "all have it" "$(roots)" "in-place in-place in-place in-place in-place in-place "
"$D" generations d1:root --json >"$T/json"
is "it is good" "$(json "[(g['n'], g['in_place'], g['mark']) for g in d['generations']]")" \
    "[(2, True, 'good'), (1, False, None)]"

# and after it has been put in place
reboots d3
is "it comes up with what is in place" "$(disk d3 51712)" "$(stat -c %i "$T/root.img")"

# back, by twos
works "rollback" "$D" rollback --max-unavailable 2 --json d6:root
is "all are back" "$(roots)" "old old old old old old "
is "and so is what is in place" "$(in_place)" 1

# packages, each its own
pkg "$T/packages.img" new-packages
echo 'drydock_health = "exit 3"' >>"$T/xen/d1.cfg"
was=$(stat -c %i "$T/d1/pkg.img")
"$D" swap --json d1 d2 "$T/packages.img" >"$T/json" 2>"$T/err"
is "packages that break the canary" $? 4
is "go no further" "$(members)" "d1:failed d2:untouched"
is "and it has what it had" "$(disk d1 51760) $(stat -c %i "$T/d1/pkg.img")" "$was $was"
