# The demo's tour: what it makes, that it runs again, and that it touches
# nothing else.
. tests/cmd/lib.sh
: "${DRYDOCK:=$PWD/drydock}"
export DRYDOCK
top=$PWD
mkdir "$T/here"
echo keep >"$T/here/kept"

cd "$T/here" || exit 1
works "the tour" sh "$top/tests/demo/demo.sh"
cp "$T/out" "$T/tour"
is "it makes one folder" "$(ls -A | tr '\n' ' ')" "demo-fleet kept "
grep '^\$ drydock' "$T/tour" | sed 's/^\$ drydock //; s/--config drydock.conf //; s/ .*//' |
    uniq | tr '\n' ' ' >"$T/words"
is "its commands" "$(cat "$T/words")" "list show disk prepare check tree swap generations diff bad rollback history "
for d in web1 web2 mail db old lab; do
	grep -q "^$d  *off" "$T/tour"
	is "it shows $d" $? 0
done
grep -q '^+\. /etc/rc.pre-hooks$' "$T/tour" &&
    grep -q "is prepared now" "$T/tour" &&
    grep -q "^images/root.img: clean" "$T/tour"
is "it previews, prepares and checks" $? 0

for i in demo-fleet/images/*.img demo-fleet/images/*/pkg.img \
    demo-fleet/images/web?/local.img; do
	"$DRYDOCK" check "$i" >/dev/null || fail "$i is clean"
done
pass "its images were checked"

grep -q '^web2:pkg: generation 2 is in place, 1 is kept$' "$T/tour" &&
    grep -q '^package  php 8.1.24 removed$' "$T/tour" &&
    grep -q '^web2:pkg: generation 1 is in place, 2 is kept$' "$T/tour"
is "it breaks a package image, shows it, and rolls back" $? 0

sums=$(cat demo-fleet/images/*.img demo-fleet/images/*/*.img | cksum)
works "the tour again" sh "$top/tests/demo/demo.sh"
is "finds the fleet as it was left" \
    "$(cat demo-fleet/images/*.img demo-fleet/images/*/*.img | cksum)" "$sums"
grep -q "nothing to change" "$T/out"
is "prepared already" $? 0

echo making >demo-fleet/.drydock-demo
rm demo-fleet/images/root.img
works "what was interrupted is made anew" sh "$top/tests/demo/demo.sh"
grep -q "^making the demo" "$T/out"
is "and it says so" $? 0

mkdir other
echo mine >other/file
sh "$top/tests/demo/demo.sh" other >"$T/out" 2>"$T/err"
is "a folder of somebody else's is refused" $? 1
is "and left alone" "$(ls -A other):$(cat other/file)" "file:mine"
works "a folder with a blank in its name" \
    sh "$top/tests/demo/demo.sh" "$T/here/a demo, here"
is "all else is as it was" "$(cat kept)" keep
