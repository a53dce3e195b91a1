# What make install puts where, against what the packages list: Debian's
# (debian/drydock.install) and pkgsrc's (pkg/pkgsrc/PLIST), each way, with GNU
# make and NetBSD's.  Nothing is built.
. tests/cmd/lib.sh
unset MAKEFLAGS MFLAGS MAKELEVEL

# run TARGET MAKE FOLDER VARIABLE...: with what is being tested
run() {
	target=$1 make=$2 dest=$3; shift 3
	"$make" "$target" "O=$O" "PROG=$DRYDOCK" "DESTDIR=$dest" "$@" \
	    >"$T/log" 2>&1 || fail "$make $target" "$(tail -n 20 "$T/log")"
}
files() { (cd "$1" && find . -type f -o -type l) | sed 's|^\./||' | sort; }

gnu=make
case $(make --version 2>/dev/null) in *GNU*) ;; *) gnu=gmake ;; esac
command -v $gnu >/dev/null || gnu=make
bsd=bmake
command -v bmake >/dev/null || bsd=make

# Debian, as debian/rules says it
flags=$(sed -n 's/.*dh_auto_install .* -- //p' debian/rules)
is "debian/rules has the variables" "${flags%% *}" PREFIX=/usr
run install $gnu "$T/deb" OS=Linux $flags
files "$T/deb" >"$T/got"
sort debian/drydock.install >"$T/listed"
same "Debian's list is what is installed" "$T/got" "$T/listed"
is "the block script runs the program that is installed" \
    "$(sed -n 's/.*DRYDOCK:=\(.*\)}"/\1/p' \
    "$T/deb/etc/xen/scripts/block-drydock")" /usr/sbin/drydock
works "the program that is installed runs" "$T/deb/usr/sbin/drydock" --version
run uninstall $gnu "$T/deb" OS=Linux $flags
is "uninstall leaves nothing" "$(files "$T/deb")" ""

# pkgsrc: rc.d scripts and what is copied to etc are not in a PLIST
p=/usr/pkg
set -- OS=NetBSD PREFIX=$p MANDIR=$p/man EXAMPLES=$p/share/examples/drydock \
    XEN_SCRIPTS=$p/share/examples/drydock
run install $bsd "$T/bsd" "$@"
rcd=share/examples/rc.d/drydock
files "$T/bsd" >"$T/got"
{ grep -v '^@' pkg/pkgsrc/PLIST; echo $rcd; } | sed 's|^|usr/pkg/|' |
    sort >"$T/listed"
same "pkgsrc's list is what is installed" "$T/got" "$T/listed"
run uninstall $bsd "$T/bsd" "$@"
is "NetBSD: uninstall leaves nothing" "$(files "$T/bsd")" ""

# the same without a package: xl of pkgsrc finds its script
run install $bsd "$T/own" OS=NetBSD
is "NetBSD: scripts go where xl looks" \
    "$(cd "$T/own" && ls usr/pkg/etc/xen/scripts)" block-drydock
is "NetBSD: pages go where man looks" \
    "$(cd "$T/own" && ls usr/local/man/man8)" drydock.8

for page in man/*.[0-9]; do
	for list in pkg/pkgsrc/PLIST debian/drydock.install; do
		grep -q "man${page##*.}/${page#man/}\$" $list ||
		    fail "$list has $page"
	done
done
for theme in themes/*.theme; do
	for list in pkg/pkgsrc/PLIST debian/drydock.install; do
		grep -q "share/drydock/$theme\$" $list ||
		    fail "$list has $theme"
	done
done
for page in $(sed -n 's|^man/man[0-9]/||p' pkg/pkgsrc/PLIST); do
	[ -f "man/$page" ] || fail "man/$page, which PLIST has, exists"
done
pass "manual pages and lists agree"

# at boot
for f in "$T/own/usr/local/$rcd" debian/drydock.drydock-recover.init \
    pkg/pkgsrc/files/drydock.sh; do
	works "${f##*/} is a script" sh -n "$f"
done
grep -q @ "$T/own/usr/local/$rcd" && fail "the rc.d script has its paths" \
    "$(grep @ "$T/own/usr/local/$rcd")"
cat >"$T/rc.subr" <<'EOF'
load_rc_config() { :; }
run_rc_command() { [ "$drydock" = NO ] || "$start_cmd"; }
EOF
sed "s|^\. /etc/rc\.subr|. $T/rc.subr|; s|/usr/local/sbin/drydock|echo RUN|" \
    "$T/own/usr/local/$rcd" >"$T/rc"
is "the rc.d script recovers, when it is asked to" \
    "$(drydock=YES sh "$T/rc" start | tail -n 1)" "RUN recover"
is "and not else" "$(sh "$T/rc" start)" ""

# a version in three places, a configuration that is understood
version=$("$DRYDOCK" --version | sed 's/[^0-9]*\([0-9][0-9.]*\).*/\1/')
is "Debian's version" "$(sed -n '1s/.*(\(.*\)).*/\1/p' debian/changelog)" \
    "$version"
is "pkgsrc's version" \
    "$(sed -n 's/^DISTNAME=[[:space:]]*drydock-//p' pkg/pkgsrc/Makefile)" \
    "$version"
mkdir "$T/etc"
cp pkg/drydock.conf "$T/etc/drydock.conf"
works "the example says nothing new" "$DRYDOCK" \
    --config "$T/etc/drydock.conf" list
sed 's/^#\([a-z_]* = \)/\1/; s|/etc/xen|xen|; s|/var/db/drydock|state|' \
    pkg/drydock.conf >"$T/etc/drydock.conf"
mkdir "$T/etc/xen"
works "each of its lines is understood" "$DRYDOCK" \
    --config "$T/etc/drydock.conf" list
is "it has every key" "$(sed -n 's/^\([a-z_]*\) = .*/\1/p' \
    "$T/etc/drydock.conf" | sort)" "$(sed -n '/^\.It Cm/{
s/^\.It Cm //;/^drydock_/d;p;}' man/drydock.conf.5 | sort)"
