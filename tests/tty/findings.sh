#!/bin/sh
# What is wrong, as the console shows it: an image that was not unmounted is
# repaired from there, and what a swap left that was cut short is recovered.
. tests/tty/lib.sh
f=$dir/f
fleet "$f" 2
vector() { zstd -qdfc "tests/vectors/ffs/$1.img.zst" >"$2"; }
vector unclean "$f/img/local1.img"
vector ffsv1 "$f/img/local2.img"
mkdir "$f/img/.local2.img.d"
ln -s '2-20260101T000000Z@1' "$f/img/.local2.img.d/in-place.new"

start 80x24 "'$DRYDOCK' --config '$f/drydock.conf'; echo status \$?; exec cat"
wait_for '2 domUs' "the fleet"
keys '!'
wait_for '1 error, 2 warnings' "! shows what is wrong"
check "the gravest first" until_true shows 'error  *dom2 .*recover'
check "then the others" until_true shows 'warning  *dom1 .*repair'
keys Down
wait_for 'boot the domU, which checks it' "what to do about it"
wait_for 'm  *drydock check --repair .*local1.img' "and the command"
keys m
wait_for 'Repair .*local1.img?' "m asks, with a preview"
wait_for 'mended (dry run: nothing' "which wrote nothing"
keys Enter
wait_for 'Done\.' "and does it"
keys Enter
wait_gone 'was not unmounted' "it is gone from the list"
wait_for '1 error' "the other is there still"
check "the command says the same" sh -c \
    "! '$DRYDOCK' --config '$f/drydock.conf' doctor 2>&1 | grep -q unmounted"
keys /
keys inter Enter m
wait_for 'Recover?' "m recovers what was cut short"
keys Tab Enter
wait_for 'Done\.' "and does it"
keys Enter Escape
wait_for 'All is well' "then all is well"
keys q
wait_for 'NAME' "q goes back to the fleet"
keys q
wait_for 'status 0' "and leaves"
