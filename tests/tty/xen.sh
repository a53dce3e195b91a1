#!/bin/sh
# A Xen that comes, goes, changes and hangs while the console is up: the
# console follows, and answers keys whatever Xen does.
. tests/tty/lib.sh
fleet "$dir/f" 3
case $O in /*) ;; *) O=$PWD/$O ;; esac
fake=$O/tests/tty/drydock-fake-xen
FAKE_XEN=$dir/xen FAKE_XEN_PIDS=$dir/pids
export FAKE_XEN FAKE_XEN_PIDS
mkfifo "$dir/xen.events"
exec 9<>"$dir/xen.events"
host="host 4.17.3 8192 1024 4"
one="domain 1 dom1 r 256 1 250 7500"

# xen LINE...: what Xen has from now on, whether or not it tells
xen() {
	printf '%s\n' "$@" >"$dir/xen.new"
	mv "$dir/xen.new" "$dir/xen"
}
tell() { printf d >&9; }
# refresh SECONDS: how often figures are asked for
refresh() {
	sed -i '/^refresh/d' "$dir/f/drydock.conf"
	echo "refresh = $1" >>"$dir/f/drydock.conf"
}
console() {
	start "$1" "FAKE_XEN='$dir/xen' FAKE_XEN_PIDS='$dir/pids' \
	    exec '$fake' --config '$dir/f/drydock.conf'"
}

# What happens is told, with an hour between two questions.
refresh 3600
xen "$host" "$one"
console 132x43
wait_for '^.. dom1 *running  *-  *256M  *2h05m ' "memory and uptime"
check "the host" shows ' Xen 4.17.3, 4 CPUs, 1 GiB of 8 GiB free  '
check "off" shows '^.. dom2 *off'
check "the pane stands beside, and tells the findings" gone FINDINGS
keys j Space j
wait_for '1 marked' "one is marked"
check "the next is selected" shows '│ dom3 '
xen "$host" "$one" "domain 2 dom2 p 128 1 0 3"
tell
wait_for '^.* dom2 *paused' "a domU that was started elsewhere"
check "the cursor stays" shows '│ dom3 '
check "and the mark" shows '1 marked'
keys /
keys dom2
wait_gone '^.. dom1 ' "a filter"
xen "$host" "domain 2 dom2 c 128 1 0 3"
tell
wait_for '^.* dom2 *crashed' "a domU crashes"
check "the filter stays" gone '^.. dom1 '
keys Escape
wait_for ' dom1 *off' "and one has gone"
xen "$host" "domain 7 stray r 64 2 0 3"
tell
wait_for '^. *-* stray *running' "one that has no configuration"
wait_for 'dom2 *off' "the crashed one is gone"
xen "$host" "domain 7 stray g 64 2 0 3" "$one"
tell
wait_for ' dom1 *running' "one goes while they are listed: the rest is told"
wait_gone ' stray ' "and it is gone"

# In the view of one domU.
keys Home Enter
wait_for 'drydock > dom1' "the view of a domU"
check "its state" shows '^ *state *running'
check "its uptime" shows '^ *up *2h05m'
check "its CPU time" shows '^ *cpu .* s since it was started'
xen "$host" "domain 1 dom1 d 256 1 250 7500"
tell
wait_for '^ *state *dying' "follows, too"
keys q

# xenstored hangs.
xen "$host" "$one" hang
tell
keys '?'
wait_for 'On the screen that you came from' "while Xen hangs keys are answered"
keys q
wait_for ' waiting for Xen (xenstored does not answer), [0-9]* s' \
	"what is waited for"
check "the states are not known" shows 'dom1 *unknown'
keys G
wait_for '│ dom3 ' "and keys are answered"
wait_for 'look whether xenstored runs' "what to do"
keys g
wait_for 'drydock > dom3 > root' "and views opened"
keys q
xen "$host" "$one"
wait_for ' dom1 *running' "when it answers again the states are known"
wait_gone 'waiting for Xen' "and nothing is waited for"
wait_gone 'look whether xenstored runs' "nor said of it"

# Nothing stays when the console goes, even when it is killed.
dead() {
	while read -r pid; do
		! kill -0 "$pid" 2>/dev/null || return 1
	done <"$dir/pids"
}
keeper() { ps -o pid= --ppid "$(tm display -p '#{pane_pid}')"; }
keeper >>"$dir/pids"
check "there are processes that ask" [ "$(wc -l <"$dir/pids")" -gt 1 ]
kill -9 "$(tm display -p '#{pane_pid}')"
check "which end with it" until_true dead

# From the start: it hangs, it is not for us, it is not there.
: >"$dir/pids"
xen "$host" "$one" hang
console 80x24
wait_for '^.. dom1 *unknown' "hung at the start: the configurations"
keys G
wait_for '^[-─] dom3' "and keys"
wait_for 'waiting for Xen (xenstored does not answer), [0-9]* s' "and why"
keeper >>"$dir/pids"
keys q
check "and all ends" until_true dead
: >"$dir/pids"
xen denied
console 80x24
wait_for "Xen can't be asked: Permission denied" "not for us"
check "and that is for root" shows 'only root may'
keys q
xen none
console 80x24
wait_for 'no Xen here' "none"
check "so all are off" shows 'dom1 *off'
xen "$host" "$one"
keys r
wait_for ' dom1 *running' "r asks again"
check "and the host's memory is there" shows ' 1 GiB .*free '
keys q

# Figures are asked for.
refresh 1
console 132x43
wait_for '^.. dom1 *running *2[345]\.[0-9]% ' "CPU share"
xen "$host" "domain 1 dom1 r 512 1 250 7500"
wait_for '^.. dom1 *running .* 512M ' "memory, when nothing happened"
refresh 0
console 80x24
wait_for ' dom1 *running' "without refresh: the state at the start"
