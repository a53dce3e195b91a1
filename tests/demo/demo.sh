#!/bin/sh
# The demo: a fleet of domUs with real images, made by drydock, and the console
# on it.  Without a terminal the same tour as commands.
#
#	DRYDOCK=./drydock sh tests/demo/demo.sh [FOLDER]
#
# All is in FOLDER (demo-fleet), and nothing outside is touched.  A folder that
# this has made is used again, with what was done to it; remove it for a new
# one.
set -eu

demo=$(cd "$(dirname "$0")" && pwd)
: "${DRYDOCK:=./drydock}"
fleet=${1:-demo-fleet}
mark=.drydock-demo

die() {
	echo "demo: $1" >&2
	[ -z "${2:-}" ] || echo "hint: $2" >&2
	exit 1
}

case $DRYDOCK in
/*) ;;
*) DRYDOCK=$PWD/$DRYDOCK ;;
esac
[ -x "$DRYDOCK" ] || die "$DRYDOCK: not there" "make builds it"
if [ -e "$fleet" ] && [ ! -f "$fleet/$mark" ]; then
	die "$fleet: is there, and was not made by this demo" \
	    "name another folder: sh tests/demo/demo.sh FOLDER"
fi
mkdir -p "$fleet"
fleet=$(cd "$fleet" && pwd)
case $fleet in
*[\"\\\\]*) die "$fleet: a quote or backslash can't stand in an xl.cfg" ;;
esac
. "$demo/fill.sh"

# A kernel to copy: the head of an ELF program for amd64 and no program.
kernel() {
	printf '\177ELF\002\001\001\000\000\000\000\000\000\000\000\000'
	printf '\002\000\076\000\001\000\000\000'
	printf '\000\000\000\000\000\000\000\000'
	printf '\000\000\000\000\000\000\000\000'
	printf '\000\000\000\000\000\000\000\000'
	printf '\000\000\000\000\100\000\070\000\000\000\100\000\000\000\000\000'
	printf 'NetBSD 9.3 (DEMO) #0: not a program\n'
}

# zeros FILE KIB: something that takes room
zeros() {
	dd if=/dev/zero of="$1" bs=1024 count="$2" 2>/dev/null
}

# entry PATH MODE FILE: a line of a spec
entry() {
	printf '%s mode=%s contents=%s\n' "$1" "$2" "$(spec_word "$3")"
}

# create IMAGE SIZE SPEC
create() {
	"$DRYDOCK" create "$1" -s "$2" -i 4096 --from "$3" >/dev/null
}

# make_root IMAGE ERA KIB
make_root() {
	zeros "$2.sets" "$3"
	{
		fill "$demo" "$2"
		entry ./usr/share/sets 0444 "$PWD/$2.sets"
	} >"$2.spec"
	create "$1" 64m "$2.spec"
}

# make_swap IMAGE: a hole of 32 MiB
make_swap() {
	dd if=/dev/zero of="$1" bs=1 count=0 seek=33554432 2>/dev/null
}

# make_local IMAGE ERA HOSTNAME KIB: etc, tmp and var of the root
make_local() {
	echo "$3" >"$3.myname"
	zeros "$3.log" "$4"
	{
		fill "$demo" "$2" | awk '/^(#mtree|\/set)/ ||
		    $1 ~ "^[.](/(etc|tmp|var)(/|$)|$)"'
		entry ./etc/myname 0644 "$PWD/$3.myname"
		entry ./var/log/messages 0600 "$PWD/$3.log"
	} >"$3.spec"
	create "$1" 32m "$3.spec"
}

# make_pkg IMAGE KIB PACKAGE:PROGRAM...: what is mounted on /usr/pkg
make_pkg() {
	pkg_image=$1
	zeros pkg.share "$2"
	shift 2
	{
		echo "#mtree"
		echo "/set type=file uid=0 gid=0 time=1700000000.0"
		for dir in . ./bin ./etc ./pkgdb ./sbin ./share; do
			echo "$dir type=dir mode=0755"
		done
		entry ./share/data 0444 "$PWD/pkg.share"
		for p; do
			echo "${p%%:*}: a package of the demo" >"${p%%:*}.comment"
			echo "./pkgdb/${p%%:*} type=dir mode=0755"
			entry "./pkgdb/${p%%:*}/+COMMENT" 0444 \
			    "$PWD/${p%%:*}.comment"
			echo "@name ${p%%:*}" >"${p%%:*}.contents"
			entry "./pkgdb/${p%%:*}/+CONTENTS" 0444 \
			    "$PWD/${p%%:*}.contents"
			entry "./${p#*:}" 0555 "$demo/common/stand-in"
		done
	} >pkg.spec
	create "$pkg_image" 48m pkg.spec
}

# domu NAME MEMORY DISK:ACCESS...: its xl.cfg
domu() {
	{
		printf 'name = "%s"\ntype = "pv"\nmemory = %s\n' "$1" "$2"
		printf 'kernel = "%s/netbsd-XENU"\nextra = "root=xbd0"\n' \
		    "$fleet"
		printf 'vif = [ "bridge=bridge0" ]\ndisk = [\n'
		n=a
		shift 2
		for d; do
			printf '    "format=raw, vdev=xvd%s, access=%s, target=%s",\n' \
			    $n "${d##*:}" "$fleet/images/${d%:*}"
			n=$(echo $n | tr abcd bcde)
		done
		printf ']\n'
	} >"$fleet/domus/$1.cfg"
}

make_fleet() {
	echo "making the demo's fleet in $fleet"
	echo making >"$fleet/$mark"
	rm -rf "$fleet/domus" "$fleet/images" "$fleet/state" "$fleet/work"
	mkdir "$fleet/domus" "$fleet/state" "$fleet/work"
	for d in web1 web2 mail db old lab; do
		mkdir -p "$fleet/images/$d"
	done
	cd "$fleet/work"
	cat >"$fleet/drydock.conf" <<-'E'
	config_dirs = [ "domus" ]
	state_dir = "state"
	E
	kernel >"$fleet/netbsd-XENU"
	make_root "$fleet/images/root.img" today 20480
	make_root "$fleet/images/root-2006.img" 2006 14336
	for d in web1 web2 mail db old lab; do
		make_swap "$fleet/images/$d/swap.img"
	done
	make_local "$fleet/images/web1/local.img" today web1 3072
	make_local "$fleet/images/web2/local.img" today web2 9216
	make_local "$fleet/images/mail/local.img" today mail 25600
	make_local "$fleet/images/lab/local.img" today lab 1024
	make_local "$fleet/images/old/local.img" 2006 old 2048
	# db's /local is a cgd: to everybody else it is noise
	dd if=/dev/urandom of="$fleet/images/db/local.img" bs=65536 \
	    count=128 2>/dev/null
	make_pkg "$fleet/images/web1/pkg.img" 9216 nginx-1.24.0:sbin/nginx \
	    php-8.2.11:bin/php
	make_pkg "$fleet/images/web2/pkg.img" 8192 nginx-1.22.1:sbin/nginx \
	    php-8.1.24:bin/php
	make_pkg "$fleet/images/mail/pkg.img" 14336 \
	    postfix-3.8.2:sbin/postfix dovecot-2.3.21:sbin/dovecot
	make_pkg "$fleet/images/db/pkg.img" 32768 \
	    postgresql15-server-15.4:bin/postgres
	make_pkg "$fleet/images/old/pkg.img" 2048 screen-4.0.2:bin/screen
	# newer packages for web2: nobody noticed that php is not among them
	make_pkg "$fleet/images/pkg-2026Q4.img" 8192 nginx-1.26.2:sbin/nginx \
	    curl-8.11.0:bin/curl
	for d in web1 web2 mail db; do
		domu $d 512 root.img:r $d/swap.img:w $d/local.img:w \
		    $d/pkg.img:w
	done
	domu old 128 root-2006.img:r old/swap.img:w old/local.img:w \
	    old/pkg.img:w
	# a mistake to be shown: web1's packages, written by two
	domu lab 256 root.img:r lab/swap.img:w lab/local.img:w web1/pkg.img:w
	cd "$fleet"
	rm -rf work
	echo complete >"$mark"
}

# run ARGUMENT...: as typed in the fleet's folder
run() {
	echo
	echo "\$ drydock $*"
	"$DRYDOCK" "$@"
}

tour() {
	run --config drydock.conf list
	run --config drydock.conf show web1
	run disk images/root.img
	run prepare root images/root.img -k netbsd-XENU --dry-run
	run prepare root images/root.img -k netbsd-XENU
	run prepare root images/root-2006.img -k netbsd-XENU
	run check images/root.img
	run tree images/root.img:/etc
	# newer packages, which break the domU, and back
	run --config drydock.conf swap web2 images/pkg-2026Q4.img \
	    --note "packages of 2026Q4"
	run --config drydock.conf generations web2
	run --config drydock.conf diff web2
	run --config drydock.conf bad web2
	run --config drydock.conf rollback web2
	run --config drydock.conf history web2
}

[ "$(cat "$fleet/$mark" 2>/dev/null)" = complete ] || make_fleet
cd "$fleet"
if [ -t 0 ] && [ -t 1 ]; then
	exec "$DRYDOCK" --config "$fleet/drydock.conf"
fi
tour
