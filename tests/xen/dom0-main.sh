#!/bin/sh
# dom0, process 1: start what Xen needs, then run the tests one by one.  What
# they print goes to /share/results, and the end is told in /share/done.LANE.
xen=$(echo /usr/lib/xen-[0-9]*/bin)
export PATH=$xen:/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin
export HOME=/root LANG=C.UTF-8
exec </dev/hvc0 >/dev/hvc0 2>&1
# which of the machines that run at a time this is
lane=$(sed 's/.*lane=\([0-9]*\).*/\1/' /proc/cmdline)
export lane

end() {
	echo "$1" >/share/done.$lane
	sync
	echo o >/proc/sysrq-trigger
	sleep 60
}

hostname dom0
# no udev here, and scripts that lock through /dev/stdin
ln -sfn /proc/self/fd /dev/fd
ln -sfn fd/0 /dev/stdin
ln -sfn fd/1 /dev/stdout
ln -sfn fd/2 /dev/stderr
mkdir -p /dev/pts /dev/shm
mount -t devpts devpts /dev/pts
mount -t tmpfs tmpfs /dev/shm
mount -t xenfs xenfs /proc/xen
grep -q control_d /proc/xen/capabilities || end "this is not Xen's dom0"
mkdir -p /run/xen /run/xenstored /run/lock /var/log/xen/console \
    /var/lib/xen/dump
# the one in C: emulated, a domU starts in two thirds of the time
XENSTORED_ROOTDIR=/run/xenstored xenstored --internal-db \
    --pid-file /run/xenstored.pid
# libxl hangs where xenstored does not answer: wait for it first
n=0
until timeout 5 xenstore-read -s / >/dev/null 2>&1; do
	n=$((n + 1))
	[ $n -lt 100 ] || end "xenstored does not start"
	sleep 0.1
done
timeout 20 xen-init-dom0 &&
    timeout 20 xenconsoled --log=all --pid-file=/run/xenconsoled.pid ||
    end "xenconsoled does not start"
mount --bind /share/block /etc/xen/scripts/block
sed "s|@DRYDOCK@|/run/lab/drydock|" /share/block-drydock \
    >/etc/xen/scripts/block-drydock
chmod 755 /etc/xen/scripts/block-drydock
cp /share/vmlinux /share/domU.cpio.gz /share/idle /run/
# /run/drydock is a folder of its own
mkdir /run/lab
cp /share/drydock /run/lab/
echo "lab: dom0 is up after $(cut -d' ' -f1 /proc/uptime) s"

export DRYDOCK=/run/lab/drydock
cd /share || end "no /share"
for t in $(cat tests.$lane); do
	name=${t##*/}
	mkdir begun/$name 2>/dev/null || continue
	echo "lab: $t"
	timeout -k 5 "$(cat limit)" sh "$t" >"results/$name.log" 2>&1 </dev/null
	rc=$?
	echo "$rc" >"results/$name.rc"
	echo "lab: $t ended with $rc at $(cut -d' ' -f1 /proc/uptime) s"
done
end ok
