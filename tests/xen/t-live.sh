# The console follows Xen: domUs that come and go elsewhere, a xenstored that
# stops answering.
. tests/xen/lib.sh
command -v tmux >/dev/null || { echo "# skip tmux is not installed"; echo "ok - skipped"; exit; }
tm() { tmux -S "$T/tmux" -f /dev/null "$@"; }
trap 'kill -CONT "$(cat /run/xenstored.pid)"; tm kill-server 2>/dev/null; destroy_all; rm -rf "$T"' EXIT

screen() { tm capture-pane -p; }
shows() { screen | grep -q -e "$1"; }
gone() { ! shows "$1"; }
# sees WHAT PATTERN: once the screen shows it
sees() {
	if wait_for "$1" shows "$2"; then pass "$1"; else screen | sed "s/^/# /"; fi
}

idle d1
idle d2
idle stray other
# an hour between two looks: what is seen sooner was told
echo 'refresh = 3600' >>"$T/drydock.conf"
tm new-session -d -x 132 -y 43 "DRYDOCK_CONF='$DRYDOCK_CONF' exec '$DRYDOCK'"
sees "all are off" 'd1 *off'
sees "the host's figures" " Xen $(xl info xen_version), $(xl info nr_cpus) CPU"
tm send-keys j
create d1
sees "one is started" 'd1 *running .*32M'
sees "and its disks are known" 'd1 .*root.img'
create stray
sees "one without a configuration" 'stray *running'
xl destroy d1
sees "one is destroyed" 'd1 *off'
xl destroy stray
wait_for "the other has no row any more" gone stray &&
    pass "the other has no row any more"
tm send-keys q
alive() { pgrep -x drydock; }
is_dead() { ! alive; }
wait_for "it ends, and all of its processes" is_dead &&
    pass "it ends, and all of its processes"

# figures, every second
sed -i 's/^refresh.*/refresh = 1/' "$T/drydock.conf"
create d2
tm new-session -d -x 132 -y 43 "DRYDOCK_CONF='$DRYDOCK_CONF' exec '$DRYDOCK'"
sees "a share of the CPU, and an uptime" 'd2 *running *[0-9.]*% *32M *[0-9]*[sm]'
xl pause d2
sees "paused, which nothing tells of" 'd2 *paused'

# xenstored does not answer
kill -STOP "$(cat /run/xenstored.pid)"
sees "what is waited for" 'waiting for Xen (xenstored does not answer)'
sees "the states are not known" 'd2 *unknown'
tm send-keys '?'
sees "keys are answered" 'On the screen that you came from'
tm send-keys q
kill -CONT "$(cat /run/xenstored.pid)"
sees "it answers again" 'd2 *paused'
tm send-keys q
wait_for "it ends again" is_dead && pass "it ends again"
