# For the tests around a power cut: the fleet lies on dom0's disk, in /disk/fleet,
# and is still there when dom0 comes up again.
. tests/xen/lib.sh
rm -rf "$T"
trap - EXIT
if ! grep -q ' /disk ' /proc/mounts; then
	mkdir -p /disk
	mount /dev/vda /disk 2>/dev/null ||
	    { mkfs.ext4 -q -F /dev/vda && mount /dev/vda /disk; } ||
	    fail "dom0 has a disk"
fi
T=/disk/fleet
DRYDOCK_CONF=$T/drydock.conf
D=$DRYDOCK
P=$T/d1/pkg.img
S=$T/d1/.pkg.img.d

# cut_at STEP COMMAND...: run drydock, and when it is about to take that step cut
# the power of the machine
cut_at() {
	step=$1; shift
	rm -f /run/events
	mkfifo /run/events
	"$D" --events 3 "$@" 3>/run/events >/dev/null 2>&1 &
	while read -r line; do
		case $line in
		*'"step"'*"\"$step\""*)
			kill -STOP $!
			pass "drydock $1 is about to $step when the power fails"
			sync /share/results/*
			echo >/share/cut.$lane
			sleep 1000 ;;
		esac
	done </run/events
	fail "drydock $1 does not $step"
}
