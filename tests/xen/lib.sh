# For the tests on a real Xen, besides what tests/cmd/lib.sh has: a fleet in $T
# (which is memory), and domUs of it.
. tests/cmd/lib.sh
trap 'destroy_all; rm -rf "$T"' EXIT
mkdir "$T/xen" "$T/other" "$T/state"
printf 'config_dirs = [ "xen" ]\nstate_dir = "state"\n' >"$T/drydock.conf"
DRYDOCK_CONF=$T/drydock.conf
export DRYDOCK_CONF
CONSOLES=/var/log/xen/console

xl() { timeout 60 xl "$@"; }

# pkg FILE MARKER: an image with a marker, which a domU prints
pkg() {
	rm -rf "$T/tree"
	mkdir -p "$T/tree/bin" "$T/tree/pkgdb/$2-1.0"
	echo "@name $2-1.0" >"$T/tree/pkgdb/$2-1.0/+CONTENTS"
	echo "$2" >"$T/tree/marker"
	"$DRYDOCK" create pkg "$1" -s 2m --from "$T/tree" --owner 0:0 \
	    >/dev/null || fail "make $1"
}

# config NAME FOLDER LINE...: its xl.cfg in $T/FOLDER; its disks are $T/root.img
# and those in $T/NAME
DISKS="swap=b local=c pkg=d"
config() {
	name=$1
	file=$T/$2/$1.cfg
	shift 2
	{
		printf 'name = "%s"\ntype = "pv"\nvcpus = 1\n' "$name"
		for line; do echo "$line"; done
		echo "disk = [ 'format=raw,vdev=xvda,access=r,target=$T/root.img',"
		for disk in $DISKS; do
			echo "'format=raw,vdev=xvd${disk#*=},access=w,target=$T/$name/${disk%=*}.img',"
		done
		echo "]"
	} >"$file"
}

# images NAME
images() {
	if [ ! -f "$T/root.img" ]; then
		"$DRYDOCK" create "$T/root.img" -s 2m >/dev/null ||
		    fail "make an image"
		cp "$T/root.img" "$T/empty.img"
	fi
	mkdir "$T/$1"
	truncate -s 1M "$T/$1/swap.img"
	cp "$T/empty.img" "$T/$1/local.img"
	cp "$T/empty.img" "$T/$1/pkg.img"
}

# linux NAME [LINE...]: a domU that looks at its disks
linux() {
	name=$1; shift
	images "$name"
	rm "$T/$name/pkg.img"
	pkg "$T/$name/pkg.img" "pkg-of-$name"
	config "$name" xen 'kernel = "/run/vmlinux"' 'memory = 128' \
	    'ramdisk = "/run/domU.cpio.gz"' \
	    'extra = "console=hvc0 quiet mitigations=off init_on_alloc=0"' "$@"
}

# idle NAME [FOLDER [LINE...]]: one that is there at once, and only shuts down
idle() {
	images "$1"
	name=$1; folder=${2:-xen}
	[ $# -lt 2 ] && shift || shift 2
	config "$name" "$folder" 'kernel = "/run/idle"' 'memory = 32' "$@"
}

# wait_for WHAT COMMAND...: until it succeeds, for two minutes
wait_for() {
	what=$1; shift
	read -r now rest </proc/uptime
	end=$((${now%.*} + 120))
	until "$@" >/dev/null 2>&1; do
		read -r now rest </proc/uptime
		if [ "${now%.*}" -gt $end ]; then
			fail "$what" "$(xl list)" "$(tail -n 20 $CONSOLES/* \
			    /var/log/xen/xl-*.log)"
			return 1
		fi
		sleep 0.5
	done
}

console() { tr -d '\r' <"$CONSOLES/guest-$1.log"; }
is_ready() { grep -q "domU: ready" "$CONSOLES/guest-$1.log"; }
is_another() { now=$(xl domid "$1" 2>/dev/null) && [ "$now" != "$2" ]; }
is_gone() { ! xl domid "$1"; }
no_loops() { [ -z "$(losetup -a)" ]; }
loops_of() { losetup -n -O BACK-INO,BACK-FILE | grep -c " $T/$1/"; }
has_no_loops() { [ "$(loops_of "$1")" -eq 0 ]; }

# create NAME...: and don't wait
create() {
	for domu; do
		rm -f "$CONSOLES/guest-$domu.log"
		xl create -q "$T"/*/"$domu.cfg" >"$T/create" 2>&1 ||
		    fail "start $domu" "$(cat "$T/create")"
	done
}

# ready NAME...: each has said what there is to say
ready() { for domu; do wait_for "$domu starts" is_ready "$domu"; done; }

# stop NAME: until it is gone, and its loop devices are.  xl shutdown -w ends
# before that.
stop() {
	xl shutdown -w "$1" >/dev/null 2>&1
	wait_for "$1 goes" is_gone "$1" &&
	    wait_for "the disks of $1 go" has_no_loops "$1"
}

destroy_all() {
	for domid in $(xl list | awk 'NR > 1 && $2 > 0 { print $2 }'); do
		xl destroy "$domid"
	done >/dev/null 2>&1
	wait_for "all loop devices go" no_loops
}

# marker NAME: what it has said of its pkg disk
marker() { console "$1" | sed -n 's/^domU: xvdd .*marker=//p' | tail -n 1; }

# json EXPRESSION: of the JSON in $T/json, with its domUs by name in u
json() {
	python3 -c "
import json
d = json.load(open('$T/json'))
u = {x['name']: x for x in d['domus']} if 'domus' in d else {}
print($1)"
}
list_json() { "$DRYDOCK" list --json >"$T/json" 2>"$T/err"; }
