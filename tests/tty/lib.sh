# For the tests of the console in a real terminal: a tmux server of its own
# for each test.  Source it; then: start, keys, wait_for, ...
#
# Nothing here waits for a time: wait_for and its like look until a condition
# holds, and give up after many looks.

command -v tmux >/dev/null 2>&1 || {
	echo "# skip tmux is not installed"
	echo "ok - skipped"
	exit 0
}

dir=$(mktemp -d)
terminals=0
tm() { tmux -S "$dir/tmux.$terminals" -f /dev/null "$@"; }
trap 'tm kill-server 2>/dev/null; rm -rf "$dir"' EXIT
trap 'exit 1' HUP INT TERM
LOOKS=300	# 20 a second: for slow builds on busy machines

# A UTF-8 locale for the console, whatever the tests are run in.
unset LC_ALL LC_CTYPE NO_COLOR COLORTERM DRYDOCK_THEME
LANG=C.UTF-8
export LANG

ok() { echo "ok - $1"; }
not_ok() {
	echo "not ok - $1"
	screen | sed 's/^/# /'
}
# check TEXT COMMAND...: a result line by the command's status
check() {
	check_text=$1
	shift
	if "$@"; then ok "$check_text"; else not_ok "$check_text"; fi
}

# fleet DIR N: configurations of N domUs on images that hold nothing, and a
# drydock.conf.
fleet() {
	mkdir -p "$1/cfg" "$1/img"
	printf 'config_dirs = [ "%s/cfg" ]\nstate_dir = "%s/state"\n' "$1" \
	    "$1" >"$1/drydock.conf"
	for image in root pkg; do
		dd if=/dev/zero of="$1/img/$image.img" bs=1024 count=64 2>/dev/null
	done
	i=1
	while [ "$i" -le "$2" ]; do
		cp "$1/img/pkg.img" "$1/img/local$i.img"
		cat >"$1/cfg/dom$i.cfg" <<-EOF
		name = "dom$i"
		memory = 256
		disk = [ 'file:$1/img/root.img,xvda,r',
		  'file:$1/img/pkg.img,xvdb,r',
		  'file:$1/img/local$i.img,xvdc,w' ]
		EOF
		i=$((i + 1))
	done
}

# start COLSxROWS COMMAND: a shell command in a terminal of that size, in place
# of the one before
start() {
	tm kill-server 2>/dev/null
	terminals=$((terminals + 1))
	tm new-session -d -x "${1%x*}" -y "${1#*x}" "$2"
}
screen() { tm capture-pane -p 2>&1; }
# The same with the escapes of colours and attributes.
styled() { tm capture-pane -p -e 2>&1; }
keys() { tm send-keys "$@"; }

shows() { screen | grep -q -e "$1"; }
gone() { ! shows "$1"; }
exists() { [ -e "$1" ]; }

# until_true COMMAND...: look until it holds
until_true() {
	looks=0
	until "$@"; do
		looks=$((looks + 1))
		[ "$looks" -lt "$LOOKS" ] || return 1
		sleep 0.05
	done
}
# wait_for PATTERN [TEXT]: a result line once the screen shows the pattern
wait_for() { check "${2:-shows $1}" until_true shows "$1"; }
wait_gone() { check "${2:-no longer shows $1}" until_true gone "$1"; }
