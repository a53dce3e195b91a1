#!/bin/sh
# The pictures of docs: the real console on the demo's fleet, in tmux, driven by
# keys; each screen becomes an SVG.
#
#	DRYDOCK=./drydock sh tests/screenshots/screenshots.sh [FOLDER]
#
# The fleet lies where nobody's paths are seen: in /srv, on a host called dom0,
# of a mount namespace of its own.  Nothing of that is left.
set -u
cd "$(dirname "$0")/../.." || exit 1
: "${DRYDOCK:=./drydock}"
case $DRYDOCK in /*) ;; *) DRYDOCK=$PWD/$DRYDOCK ;; esac
docs=${1:-docs}

die() {
	echo "screenshots: $1" >&2
	[ -z "${2:-}" ] || echo "hint: $2" >&2
	exit 1
}

if [ "${SCREENSHOTS_INSIDE:-}" != yes ]; then
	own="unshare --mount --uts"
	[ "$(id -u)" -eq 0 ] || own="$own --user --map-root-user"
	$own true 2>/dev/null || die "no namespace of its own can be had" \
	    "run it as root, on Linux"
	exec env SCREENSHOTS_INSIDE=yes "DRYDOCK=$DRYDOCK" $own sh "$0" "$docs"
fi

. tests/tty/lib.sh
mkdir "$dir/srv" && mount --bind "$dir/srv" /srv && hostname dom0 || exit 1
# what jobs on this host have left is no matter here
[ ! -d /var/run/drydock ] || mount -t tmpfs none /var/run/drydock || exit 1
fleet=/srv/xen
TZ=UTC
export TZ
mkdir -p "$docs"
# tmux takes any colour, which terminfo does not say of it everywhere.
cat >"$dir/terminfo" <<'EOF'
screen-direct|any colour,
	RGB, colors#0x1000000, pairs#0x10000,
	setaf=\E[%?%p1%{8}%<%t3%p1%d%e38;2;%p1%{65536}%/%d;%p1%{256}%/%{255}%&%d;%p1%{255}%&%d%;m,
	setab=\E[%?%p1%{8}%<%t4%p1%d%e48;2;%p1%{65536}%/%d;%p1%{256}%/%{255}%&%d;%p1%{255}%&%d%;m,
	use=screen,
EOF
tic -x -o "$dir/ti" "$dir/terminfo" || exit 1

# console COLSxROWS [ARGUMENT...]: the demo, as `make demo` starts it first
console() {
	size=$1
	shift
	start "$size" "TERM=screen-direct TERMINFO=$dir/ti \
	    DRYDOCK='$DRYDOCK' sh tests/demo/demo.sh $fleet"
	see '6 domUs'
}
# The same with arguments of its own.
themed() {
	size=$1
	start "$size" "cd $fleet && TERM=screen-direct TERMINFO=$dir/ti \
	    '$DRYDOCK' --config drydock.conf --theme $2"
	see '6 domUs'
}
see() {
	until_true shows "$1" && return
	screen >&2
	die "$1 is not on the screen"
}
# shot NAME TITLE: the screen as it is now
shot() {
	tm capture-pane -e -p -N | python3 tests/screenshots/svg.py "$size" \
	    "$2" >"$docs/$1.svg.new" && mv "$docs/$1.svg.new" "$docs/$1.svg" ||
	    die "$docs/$1.svg can't be made"
	echo "$docs/$1.svg"
}
in_fleet() {
	(cd "$fleet" && "$DRYDOCK" --config drydock.conf "$@" >/dev/null) ||
	    die "drydock $*"
}

console 96x30
keys G k
see '─ web1'
shot fleet "The fleet: domUs, their images, what is wrong"

keys Enter
see 'drydock > web1'
shot domu "A domU: its disks as the stacks that they are"
keys f
see ' etc/'
keys j j Enter
see 'fstab'
shot files "The files inside an image"
keys q q !
see 'an image has one writer'
shot findings "What is wrong, and the key that mends it"
keys q p
see 'Prepare a root image'
keys Enter
see '^ *+'
shot preview "A preview: what a change would change"
keys q
see '6 domUs'
keys q

in_fleet swap web2 images/pkg-2026Q4.img --note "packages of 2026Q4"
console 96x30
keys G g
see 'packages of 2026Q4'
shot generations "Generations of an image"
keys u
see '\[ Roll back \]'
shot confirm "A question says what happens, and how to get back"
keys Escape
see 'packages of 2026Q4'
keys q

themed 96x30 solarized-light
keys T
see 'what each role looks like'
shot themes "Themes: chosen at once"
