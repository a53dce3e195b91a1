#!/bin/sh
# The mouse of a terminal that has one: asked for, unless drydock.conf says no,
# and given back.  Presses are typed as such a terminal sends them.
. tests/tty/lib.sh
infocmp xterm-256color >/dev/null 2>&1 || {
	echo "# skip xterm-256color is not known here"
	echo "ok - skipped"
	exit 0
}
fleet "$dir/f" 9
asked() { [ "$(tm display-message -p '#{mouse_any_flag}')" = "$1" ]; }
mouse() { keys -l "$(printf '\033[<%s' "$1")"; }
click() { mouse "0;$1M"; mouse "0;$1m"; }

start 80x24 "TERM=xterm-256color '$DRYDOCK' --config '$dir/f/drydock.conf'
	echo status \$?; exec cat"
wait_for '9 domUs' "the fleet"
check "the mouse is asked for" until_true asked 1
click '5;5'
wait_for '─ dom3 ─' "a click selects"
mouse '65;5;5M'
wait_for '─ dom6 ─' "the wheel scrolls"
keys -l "$(printf '\033[<0;5;5M\033[<0;5;5m\033[<0;5;5M\033[<0;5;5m')"
wait_for 'drydock > dom3' "two clicks open"
keys q
wait_for FINDINGS "back"
keys q
wait_for '^status 0' "and out"
check "it is given back" until_true asked 0

echo 'mouse = 0' >>"$dir/f/drydock.conf"
start 80x24 "TERM=xterm-256color '$DRYDOCK' --config '$dir/f/drydock.conf'
	echo status \$?; exec cat"
wait_for '9 domUs' "mouse = 0"
keys Down
wait_for '─ dom2 ─' "it works"
check "without a mouse" asked 0
keys q
wait_for '^status 0' "and out"

start 80x24 "TERM=vt100 '$DRYDOCK' --config '$dir/f/drydock.conf'"
wait_for '9 domUs' "a terminal without one"
check "is not asked" asked 0
