# And on again: nothing of what came in is left, and all can be worked with.
. tests/xen/cut-lib.sh
"$D" recover >"$T/out" 2>"$T/err"
is "recover" "$? $(cat "$T/err")" "0 "
is "what was in place still is" "$(sum "$P") $(ls "$S" | grep -c incoming)" "$(cat "$T/new.sum") 0"
"$D" history --json d1 >"$T/json"
is "the history has no second swap that was done" \
    "$(json "len([x for x in d if (x['action'], x['outcome']) == ('swap', 'done')]) < 2")" True
works "swap" "$D" swap d1 "$T/third.img"
works "check" "$D" check "$P"
works "rollback" "$D" rollback d1
is "leads back" "$(sum "$P")" "$(cat "$T/new.sum")"
