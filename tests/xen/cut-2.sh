# It is on again: what a power cut left is brought to its end.  Then it fails
# once more, while a copy comes in.
. tests/xen/cut-lib.sh
"$D" recover >"$T/out" 2>"$T/err"
is "recover" "$? $(cat "$T/err")" "0 "
is "the image is whole, and the new one or the old one" \
    "$(sum "$P" | grep -cxf "$T/old.sum" -f "$T/new.sum")" 1
is "which one is said" "$(readlink "$S/in-place" | sed 's/.*@//')" "$(stat -c %i "$P")"
is "the swap was decided before" "$(sum "$P")" "$(cat "$T/new.sum")"
is "the old one is kept" "$(sum "$S"/1-*)" "$(cat "$T/old.sum")"
"$D" history --json d1 >"$T/json"
# that a job began is not waited for: the images tell
is "the history knows nothing else" \
    "$(json "[x for x in d if (x['action'], x['outcome']) != ('swap', 'done')]")" "[]"
works "nothing is left to recover" "$D" recover
is "and it says so" "$(cat "$T/out")" "nothing to recover"
rm -f "$CONSOLES/guest-d1.log"
works "start" "$D" start d1
ready d1
is "it has the new packages" "$(marker d1)" new-packages
pkg "$T/third.img" third-packages
sync
cut_at "shut the domU down" swap d1 "$T/third.img"
