#!/bin/sh
# list and show on a Xen that the test makes up (tests/tty/fake_xen.c): figures,
# a domU that goes while they are listed, and each way in which Xen can't be
# asked.
. tests/cmd/lib.sh
case $O in /*) ;; *) O=$PWD/$O ;; esac
drydock=$O/tests/tty/drydock-fake-xen
mkdir "$T/xen"
printf 'config_dirs = [ "xen" ]\nstate_dir = "state"\n' >"$T/drydock.conf"
for name in a b; do
	printf 'name = "%s"\nmemory = 64\n' $name >"$T/xen/$name.cfg"
done
FAKE_XEN=$T/fake FAKE_XEN_PIDS=$T/pids
export FAKE_XEN FAKE_XEN_PIDS
mkfifo "$T/fake.events"
xen() { printf '%s\n' "$@" >"$T/fake"; }
run() { COLUMNS=80 "$drydock" --config "$T/drydock.conf" "$@"; }
json() {
	run list --json >"$T/json" 2>"$T/err"
	python3 -c "
import json
d = json.load(open('$T/json'))
u = {x['name']: x for x in d['domus']}
print($1)"
}
host="host 4.17.3 8192 1229 4"

xen "$host" "domain 1 a r 128 2 0 7500" "domain 2 stray p 64 1 0 90061" \
    "domain 3 gone g 64 1 0 1"
works "list" run list
cat >"$T/want" <<'E2'
Xen 4.17.3, 4 processors, 1.2 GiB of 8 GiB free
NAME   STATE    UP     MEM   ROOT  LOCAL  PKG  SHR  FINDINGS
a      running  2h05m  128M  -     -      -    -    -
b      off             64M   -     -      -    -    -
stray  paused   1d1h   64M   -     -      -    -    1 note
E2
same "as a table" "$T/want" "$T/out"
is "the host" "$(json "d['host']")" "{'version': '4.17.3', 'cpus': 4, 'memory': 8589934592, 'free_memory': 1288699904}"
is "who is up, and how long" \
    "$(json "[(n, x['uptime'] is not None and x['uptime'] // 60) for n, x in u.items()]")" \
    "[('a', 125), ('b', False), ('stray', 1501)]"
xen "$host" "domain 1 a r 128 2 1 7500"
works "show" run show a
is "its uptime and CPU time" "$(grep -cE '^  up             2h05m$|^  CPU time       [0-9]+\.[0-9] s$' "$T/out")" 2
works "show of one that is off" run show b
is "has neither" "$(grep -cE '^  (up|CPU time) ' "$T/out")" 0

# each way not to be told
xen none
run list >"$T/out" 2>"$T/err"
is "no Xen" "$? $(cat "$T/err") $(head -n 1 "$T/out")" \
    "0  no Xen here: these are the configurations, all shown off"
is "no host" "$(json "(d['host'], u['a']['state'])")" "(None, 'off')"
xen denied
run list >"$T/out" 2>"$T/err"
is "not for us" "$? $(head -n 1 "$T/out")" \
    "0 Xen can't be asked: Permission denied: these are the configurations, states not known"
is "with a hint" "$(sed -n 's/^hint: //p' "$T/err")" "only root may"
xen "$host" "domain 1 - r 128 2 0 7500"
works "one without a name" run list
is "is a line, and none that is configured is meant" \
    "$(json "[(n, x['state']) for n, x in u.items()]")" \
    "[('?', 'running'), ('a', 'off'), ('b', 'off')]"
xen "$host" "domain 1 a r 128 2 0 7500" deaf
is "but where xenstored can't tell names, nothing is known" \
    "$(json "[(n, x['state']) for n, x in u.items()]")" \
    "[('a', 'unknown'), ('b', 'unknown')]"
: >"$T/pids"
xen "$host" "domain 1 a r 128 2 0 7500" hang
run list >"$T/out" 2>"$T/err"
is "xenstored hangs" "$? $(head -n 1 "$T/out")" \
    "0 xenstored does not answer: these are the configurations, states not known"
is "with a hint, too" "$(sed -n 's/^hint: //p' "$T/err")" \
    "look whether xenstored runs"
is "what asked has ended" "$(for pid in $(cat "$T/pids"); do
    kill -0 "$pid" 2>/dev/null && echo "$pid"; done)" ""
