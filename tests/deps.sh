#!/bin/sh
# Make sure that the packages drydock needs are there: install what is missing
# when run as root or through sudo/doas without a question, and otherwise print
# the one command to run.
#
#	sh tests/deps.sh [bench|xen]	bench: also what `make bench` compares with
#					xen: also what tests/xen/lab.sh boots
set -u
want=${1:-}

have() { command -v "$1" >/dev/null 2>&1; }
pc() { pkg-config --exists "$@" 2>/dev/null; }

# Each line: test | Debian package | pkgsrc package.  "-": part of the system.
needs='
have cc || have gcc|gcc libc6-dev|-
have make || have gmake|make|-
have clang|clang|clang
ls /usr/lib/*/clang/*/lib/*/libclang_rt.asan*.a /usr/lib/llvm-*/lib/clang/*/lib/*/libclang_rt.asan*.a /usr/pkg/lib/clang/*/lib/*/libclang_rt.asan*.a 2>/dev/null \| grep -q .|@rt|compiler-rt
have bmake || test "$(uname -s)" = NetBSD|bmake|-
have pkg-config|pkg-config|pkgconf
pc libarchive|libarchive-dev|libarchive
pc json-c|libjson-c-dev|json-c
pc ncursesw|libncurses-dev|ncursesw
pc libgcrypt|libgcrypt20-dev|libgcrypt
pc sqlite3|libsqlite3-dev|sqlite3
pc xenlight xlutil|libxen-dev|xentools418
have mandoc|mandoc|-
have tmux|tmux|tmux
have ps && have pgrep|procps|-
have zstd|zstd|zstd
have losetup && have mount|mount|-
have mke2fs|e2fsprogs|-
have python3|python3|python312
have grub-fstest|grub-common|-
have fls|sleuthkit|sleuthkit
'
[ "$want" = bench ] && needs="$needs
have makefs|makefs|-
have pax|pax|-
have qemu-img|qemu-utils|qemu
"
[ "$want" = xen ] && needs="$needs
have qemu-system-x86_64|qemu-system-x86|-
have busybox && ! ldd /bin/busybox >/dev/null|busybox-static|-
have depmod|kmod|-
"

os=$(uname -s)
missing=
IFS='
'
for line in $needs; do
	[ -n "$line" ] || continue
	line=$(echo "$line" | sed 's/||/@OR@/g; s/\\|/@PIPE@/g')
	test=$(echo "$line" | cut -d'|' -f1 | sed 's/@OR@/||/g; s/@PIPE@/|/g')
	case $os in
	NetBSD) pkg=$(echo "$line" | cut -d'|' -f3) ;;
	*) pkg=$(echo "$line" | cut -d'|' -f2) ;;
	esac
	[ "$pkg" = - ] && continue
	eval "$test" >/dev/null 2>&1 || missing="$missing $pkg"
done
unset IFS
[ -z "$missing" ] && exit 0

# clang's runtime goes by clang's own version, where that is known
rt() {
	v=$(apt-cache depends clang 2>/dev/null |
	    sed -n 's/.*Depends: clang-\([0-9][0-9]*\)$/\1/p' | head -n 1)
	echo "libclang-rt-${v:-14}-dev"
}

if have apt-get; then
	kind=apt
elif [ "$os" = NetBSD ] && have pkgin; then
	kind=pkgin
elif [ "$os" = NetBSD ]; then
	kind=pkg_add
else
	echo "drydock needs packages that are missing here, by Debian's names:" >&2
	echo "   $missing" | sed 's/@rt/libclang-rt-14-dev/' >&2
	exit 1
fi

as=
if [ "$(id -u)" -ne 0 ]; then
	if have sudo && sudo -n true 2>/dev/null; then
		as="sudo -n"
	elif have doas && doas -n true 2>/dev/null; then
		as="doas -n"
	else
		case $kind in
		apt) missing=$(echo "$missing" | sed "s/@rt/$(rt)/")
		    cmd="apt-get install -y$missing" ;;
		pkgin) cmd="pkgin -y install$missing" ;;
		*) cmd="pkg_add$missing" ;;
		esac
		echo "drydock needs packages that are missing here.  Run as root:" >&2
		echo "    $cmd" >&2
		exit 1
	fi
fi

echo "installing:$missing" | sed 's/@rt/libclang-rt/'
case $kind in
apt)
	export DEBIAN_FRONTEND=noninteractive
	$as apt-get update -q >/dev/null
	missing=$(echo "$missing" | sed "s/@rt/$(rt)/")
	$as apt-get install -y -q --no-install-recommends $missing >/dev/null ;;
pkgin)	$as pkgin -y install $missing ;;
*)	$as pkg_add $missing ;;
esac || {
	echo "hint: the package manager failed; run it by hand to see why" >&2
	exit 1
}
