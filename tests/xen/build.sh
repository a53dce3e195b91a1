#!/bin/sh
# Make what the lab boots, in a new folder DIR, from packages of Debian that
# are downloaded and unpacked.  Installed is none of them: a machine with the
# hypervisor's package would boot Xen the next time.
#
#	sh tests/xen/build.sh DIR
#
#	DIR/xen, vmlinuz, dom0.cpio.gz	what QEMU starts
#	DIR/tools			Xen's programs, laid over dom0's root
#	DIR/share/vmlinux, domU.cpio.gz	what domUs start
#	DIR/share/idle			a domU that only shuts down
#	DIR/share/block			instead of Xen's script of that name
set -eu
here=$(cd "$(dirname "$0")" && pwd)
mkdir -p "$1"
cd "$1"
mkdir -p share tools debs

# The libxl that drydock is linked with takes programs of its own version.
version=$(pkg-config --modversion xenlight | cut -d. -f1,2)

# Package lists of our own, where the machine has none.
apt=
if ! apt-cache show "xen-utils-$version" >/dev/null 2>&1; then
	mkdir -p apt/lists/partial apt/cache/archives/partial
	apt="-o Dir::State::Lists=$PWD/apt/lists -o Dir::Cache=$PWD/apt/cache"
	apt-get $apt -q update
fi
kernel=$(apt-cache $apt depends linux-image-amd64 |
    sed -n 's/.*Depends: \(linux-image-[^ ]*\)$/\1/p' | head -n 1)
[ -n "$kernel" ] || { echo "no package linux-image-amd64" >&2; exit 1; }
(cd debs && apt-get $apt -q download "$kernel" "xen-utils-$version" \
    "xen-hypervisor-$version-amd64" xen-utils-common xenstore-utils)
for deb in debs/*.deb; do
	case $deb in
	*/linux-image-*) dpkg -x "$deb" kernel ;;
	*) dpkg -x "$deb" tools ;;
	esac
done
rm -rf debs apt
# /lib would hide the link of that name
rm -rf tools/lib tools/usr/share

release=$(ls kernel/lib/modules)
modules=kernel/lib/modules/$release
[ -f "$modules/modules.dep" ] || depmod -b kernel "$release"
gzip -dc tools/boot/xen-"$version"-amd64.gz >xen
rm -rf tools/boot
cp "kernel/boot/vmlinuz-$release" vmlinuz
# Unpacked here once, rather than by Xen at every start of a domU.
python3 "$here/initramfs.py" --vmlinux vmlinuz share/vmlinux
python3 "$here/initramfs.py" dom0.cpio.gz "$modules" "$here/dom0-init" \
	virtio_pci virtio_blk crc32c_generic ext4 9pnet_virtio 9p overlay \
	ufs loop dm-crypt xts ecb xen-evtchn xen-gntdev xen-gntalloc \
	xen-privcmd xenfs xen-blkback
python3 "$here/initramfs.py" share/domU.cpio.gz "$modules" \
	"$here/domU-init" xen-blkfront ufs
rm -rf kernel
${CC:-cc} -O1 -Wall -ffreestanding -fno-pic -mno-red-zone -mgeneral-regs-only \
	-fno-stack-protector -fno-asynchronous-unwind-tables \
	-fcf-protection=none -nostdlib -static -no-pie -Wl,-N \
	-Wl,--build-id=none -Wl,-Ttext=0x1000 \
	-Wl,--section-start=.note.Xen=0x5000 -o share/idle "$here/idle.c"
${CC:-cc} -std=c11 -D_GNU_SOURCE -Wall -O1 -static "$here/block.c" \
	-o share/block -lxenstore -lxentoolcore -lpthread
