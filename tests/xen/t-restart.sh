# A running domU is restarted with what is swapped in, and watched: it comes up
# well, or what was good comes back by itself.
. tests/xen/lib.sh
echo 'watch = 20' >>"$T/drydock.conf"

linux d1 'drydock_health_console = "domU: ready"' \
    'drydock_health = "xl domid d1"'
pkg "$T/new.img" new-packages
pkg "$T/broken.img" broken
D=$DRYDOCK
runs() { "$D" list --json >"$T/json" && json "u['$1']['state']"; }

works "start" "$D" start d1
ready d1
first=$(xl domid d1)
is "it runs" "$(runs d1)" running
fails "start again" 1 "runs already" "$D" start d1
works "pause" "$D" pause d1
is "it is paused" "$(runs d1)" paused
works "unpause" "$D" unpause d1
is "it goes on" "$(runs d1)" running

# what is in place and what runs
works "swap for the next start" "$D" swap --next-boot d1 "$T/new.img"
"$D" show d1 >"$T/out"
is "running and in place are told apart" \
    "$(grep -c 'runs with generation 1; 2 is in place' "$T/out")" 1
is "it was left alone" "$(xl domid d1)" "$first"
works "rollback" "$D" rollback --next-boot d1
is "now they are the same" "$("$D" show d1 | grep -c 'runs with generation')" 0

# a good one
rm -f "$CONSOLES/guest-d1.log"
works "a dry run of the restart" "$D" swap -n d1 "$T/new.img"
is "says so" "$(grep -c 'd1 would be shut down for it' "$T/out")" 1
works "swap" "$D" swap d1 "$T/new.img"
is "restarts it" "$(grep -c 'd1 was shut down for it' "$T/out")" 1
is "and finds it well" "$(grep -c 'd1: is well, and generation 3 marked good' "$T/out")" 1
second=$(xl domid d1)
is "another domain runs" "$([ "$second" -gt "$first" ] && runs d1)" running
is "with the new packages" "$(marker d1)" new-packages

# one that makes it go down: what was good comes back, once
"$D" swap d1 "$T/broken.img" >"$T/out" 2>"$T/err"
is "a broken one" $? 4
is "is noticed" "$(grep -c '^drydock: d1: .*generation 3 is in place again' "$T/err")" 1
wait_for "d1 comes up" is_ready d1
is "and it runs" "$(runs d1)" running
is "with the good packages" "$(marker d1)" new-packages
"$D" generations d1 --json >"$T/json"
is "who is in place, and who is good" \
    "$(json "[(g['n'], g['in_place'], g['mark']) for g in d['generations']]")" \
    "[(4, False, None), (3, True, 'good'), (2, False, None), (1, False, None)]"
"$D" history d1 --json >"$T/json"
is "the history tells all" \
    "$(json "[(x['action'], x['outcome']) for x in d[:3]]")" \
    "[('rollback', 'done'), ('watch', 'failed'), ('swap', 'done')]"

# it gets another disk while it runs
pkg "$T/live.img" live-packages
id=$(xl domid d1)
serves() { losetup -n -O BACK-INO | grep -cx " *$(stat -c %i "$T/d1/pkg.img")"; }
fails "live" 1 "may have it mounted" "$D" swap --live d1 "$T/live.img"
works "live, unmounted" "$D" swap --live --unmounted d1 "$T/live.img"
is "it runs on with the other disk" "$(xl domid d1) $(serves)" "$id 1"
works "and back" "$D" rollback --live --unmounted d1
is "it runs on with the one before" "$(xl domid d1) $(serves)" "$id 1"

# as quick as by hand?  A domU that is there at once, so that the rest counts.
idle d2
pkg "$T/other.img" other
works "start" "$D" start d2
works "swap" "$D" swap --no-watch d2 "$T/other.img"
now() { cut -d' ' -f1 /proc/uptime; }
a=$(now)
works "rollback" "$D" rollback --no-watch d2
b=$(now)
xl shutdown -w d2 >/dev/null
cp "$T/other.img" "$T/d2/new.img" && mv "$T/d2/new.img" "$T/d2/pkg.img"
xl create -q "$T/xen/d2.cfg"
c=$(now)
python3 -c "print('# rollback took %.1f s; xl shutdown, cp, xl create %.1f s' %
    ($b - $a, $c - $b))"
works "kill" "$D" kill --yes d2

# nothing of this holds when it can't be started
cp "$T/xen/d1.cfg" "$T/d1.cfg"
sed 's,^kernel.*,kernel = "/nowhere",' "$T/d1.cfg" >"$T/xen/d1.cfg"
before=$(readlink "$T/d1/.pkg.img.d/in-place")
"$D" swap d1 "$T/new.img" >"$T/out" 2>"$T/err"
rc=$?
is "a domU that can't be started again" "$([ $rc -eq 1 ] || [ $rc -eq 3 ]; echo $?)" 0
is "has its image back" "$(readlink "$T/d1/.pkg.img.d/in-place")" "$before"
cp "$T/d1.cfg" "$T/xen/d1.cfg"
"$D" start d1 >/dev/null 2>&1

works "shutdown" "$D" shutdown d1
is "waits until all is gone" "$(loops_of d1)" 0
fails "again" 1 "does not run" "$D" shutdown d1
works "start" "$D" start d1
works "kill" "$D" kill --yes d1
is "is quick" "$(runs d1)" off
