#!/bin/sh
# drydock on a real Xen: QEMU boots Xen with a Linux as dom0, and the scripts
# t-*.sh here run in it as root, with real domUs.  Each prints TAP lines.
# cut-*.sh do, too, in this order; at the end of each but the last QEMU is
# killed, and the next one begins when dom0 is up again.  Closes with one line,
# "N passed, N failed".
#
# There are two such machines at a time, since one has use for little more than
# one core.  Each takes the next test that neither has begun.
#
#	DRYDOCK=./drydock O=obj [LABEL=…] [RESULTS=FILE] sh tests/xen/lab.sh [PATTERN]
#
# All is emulated: that needs no rights and works in a virtual machine.  What
# is booted lies in $O/xenlab and is made once; see build.sh.  What was printed,
# and the consoles of both dom0, are in $O/xenlab-logs afterwards.  LIMIT and
# TEST_LIMIT are seconds, for all of a dom0's and for each.
set -u
cd "$(dirname "$0")/../.." || exit 1
: "${O:=obj}" "${DRYDOCK:=./drydock}" "${LABEL:=real Xen: }" "${LIMIT:=2400}"
pattern=${1:-}
lab=$O/xenlab
logs=$O/xenlab-logs
rm -rf "$logs"
mkdir -p "$logs"

finish() {	# finish PASSED FAILED
	[ -z "${RESULTS:-}" ] || echo "$1 $2" >>"$RESULTS"
	echo "$LABEL$1 passed, $2 failed"
	[ "$2" -eq 0 ] && [ "$1" -gt 0 ]
	exit
}

skip() {
	echo "# skip real Xen: $1"
	echo "ok - real Xen"
	finish 1 0
}

broken() {	# broken WHAT LOGFILE
	echo "not ok - real Xen: $1"
	tail -n 60 "$2" | tr -d '\r' | sed 's/^/# /'
}

case $(uname -s)-$(uname -m) in
Linux-x86_64) ;;
*) skip "it is for Linux on amd64" ;;
esac
command -v apt-get >/dev/null || skip "it is made of Debian's packages"
sh tests/deps.sh xen >"$logs/deps.log" 2>&1 ||
    skip "packages are missing: $(tail -n 1 "$logs/deps.log" | sed 's/^ *//')"

# Made anew when what it is made of has changed.
key=$({ pkg-config --modversion xenlight; cat tests/xen/build.sh tests/xen/initramfs.py tests/xen/*-init \
    tests/xen/block.c tests/xen/idle.c; } | cksum)
if [ "$(cat "$lab/key" 2>/dev/null)" != "$key" ]; then
	rm -rf "$lab" "$lab.new"
	if ! sh tests/xen/build.sh "$lab.new" >"$logs/build.log" 2>&1; then
		if grep -Eq '^(E: (Unable to locate|Failed to fetch)|no package)' \
		    "$logs/build.log"; then
			skip "$(grep -E '^(E:|no package)' "$logs/build.log" |
			    head -n 1)"
		fi
		broken "it can't be built" "$logs/build.log"
		finish 0 1
	fi
	echo "$key" >"$lab.new/key"
	mv "$lab.new" "$lab"
fi

# QEMU runs as nobody where we are root, so what it uses goes where nobody may
# look.
run=$(mktemp -d) || exit 1
trap 'rm -rf "$run"' EXIT
stop() {
	for lane in 1 2; do
		[ ! -f "$run/share/qemu.$lane" ] ||
		    kill -9 "$(cat "$run/share/qemu.$lane")" 2>/dev/null
	done
	exit 1
}
trap stop HUP INT TERM
cp -r "$lab/." "$run/"
share=$run/share
mkdir -p "$share/tests" "$share/results" "$share/begun"
cp "$DRYDOCK" "$share/drydock"
cp xen/block-drydock "$share/"
cp -r tests/cmd tests/demo tests/xen "$share/tests/"
# the longest first, or about so
tests=$(ls -S tests/xen/t-*.sh | grep -e "$pattern")
cuts=$(ls tests/xen/cut-[0-9].sh | grep -e "$pattern")
[ -n "$tests$cuts" ] || { echo "no test is named so" >&2; exit 2; }
echo "${TEST_LIMIT:-900}" >"$share/limit"
# what a dom0 has left of a power cut
for lane in 1 2; do truncate -s 192M "$run/disk.$lane"; done
as=
if [ "$(id -u)" -eq 0 ]; then
	chmod 755 "$run"
	chown -R 65534:65534 "$share" "$run"/disk.*
	as="setpriv --reuid 65534 --regid 65534 --clear-groups --"
fi

# qemu64: with more of a CPU, dom0's memory is damaged under load.
disk() {
	echo "-fsdev local,id=$1,path=$2,security_model=none,multidevs=remap$3"
	echo "-device virtio-9p-pci,fsdev=$1,mount_tag=$1"
}
qemu() {
	exec timeout -k 5 "$LIMIT" $as qemu-system-x86_64 \
    -nodefaults -no-user-config -no-reboot -display none -serial stdio \
    -pidfile "$share/qemu.$1" -m 1536 -smp 2 \
    -accel tcg,thread=multi,tb-size=512 -cpu qemu64 -kernel "$run/xen" \
    -append "console=com1 com1=115200,8n1 dom0_mem=640M,max:640M dom0_max_vcpus=1 spec-ctrl=no bootscrub=0 loglvl=warning guest_loglvl=warning" \
    -initrd "$run/vmlinuz console=hvc0 quiet loglevel=4 mitigations=off init_on_alloc=0 rcupdate.rcu_expedited=1 panic=-1 lane=$1,$run/dom0.cpio.gz" \
    -drive "file=$run/disk.$1,format=raw,if=virtio" \
    $(disk hostroot / ,readonly=on) $(disk tools "$run/tools" ,readonly=on) \
    $(disk share "$share" "") </dev/null >>"$logs/console-$1.log" 2>&1
}

# boot LANE TEST...: run them in dom0, but for those that another has begun.  One
# that ends with a power cut is the last.
boot() {
	lane=$1; shift
	rm -f "$share/done.$lane" "$share/cut.$lane" "$share/qemu.$lane"
	for t; do echo "$t"; done >"$share/tests.$lane"
	qemu $lane &
	booted=$!
	while kill -0 $booted 2>/dev/null; do
		if [ -f "$share/cut.$lane" ]; then
			kill -9 "$(cat "$share/qemu.$lane")"
			echo 0 >"$share/results/${1##*/}.rc"
			echo ok >"$share/done.$lane"
			break
		fi
		sleep 0.2
	done
	wait $booted 2>/dev/null
	rc=$?
	why=$(cat "$share/done.$lane" 2>/dev/null)
	[ "$why" != ok ] || return 0
	[ $rc -ne 124 ] || why="not done after $LIMIT seconds"
	echo "${why:-QEMU ended with status $rc}" >"$share/broken.$lane"
	return 1
}
# the power cuts, and then what is left
lane_2() {
	set -- $cuts
	while [ $# -gt 1 ]; do
		boot 2 "$1" || return
		shift
	done
	boot 2 "$@" $tests
}
[ "$(echo $tests | wc -w)" -lt 2 ] && [ -z "$cuts" ] || lane_2 &
[ -z "$tests" ] || boot 1 $tests
wait
cp -r "$share/results/." "$logs/"

# A test that printed no result, or ended badly without "not ok", has failed.
for t in $tests $cuts; do
	log=$logs/${t##*/}.log
	trc=$(cat "${log%.log}.rc" 2>/dev/null)
	[ -f "$log" ] || : >"$log"
	if [ "${trc:-none}" != 0 ] && ! grep -q '^not ok' "$log"; then
		echo "not ok - $t ended with status ${trc:-none}" >>"$log"
	elif ! grep -Eq '^(not )?ok' "$log"; then
		echo "not ok - $t printed no result" >>"$log"
	fi
	if grep -q '^not ok' "$log"; then
		echo "== $t"
		tail -n 60 "$log"
	fi
done
passed=$(cat "$logs"/*.sh.log | grep -c '^ok')
failed=$(cat "$logs"/*.sh.log | grep -c '^not ok')
for lane in 1 2; do
	[ -f "$share/broken.$lane" ] || continue
	broken "$(cat "$share/broken.$lane")" "$logs/console-$lane.log"
	failed=$((failed + 1))
done
finish "$passed" "$failed"
