#!/bin/sh
# Kinds of terminals: what each is sent, and that all can be worked with; names
# that are wide, that combine, that are no text at all; a screen that somebody
# else wrote on.
. tests/tty/lib.sh
fleet "$dir/f" 3
printf 'name = "xx漢字e\314\201|"\nmemory = 256\n' >"$dir/f/cfg/odd.cfg"
printf 'name = "yy\033[31m\007|"\nmemory = 256\n' >"$dir/f/cfg/esc.cfg"
conf=$dir/f/drydock.conf
esc=$(printf '\033')

begin() { start "$1" "env $2 '$DRYDOCK' --config '$conf'; echo \
	status \$?; exec cat"; }
# The same on each: look, filter, in, out, leave; with keys that all have.
work() {
	wait_for '5 domUs' "$1: the fleet"
	keys / d o m 2 Enter
	wait_for '1 of 5 domUs' "$1: the filter"
	keys l
	wait_for 'drydock > dom2' "$1: in"
	keys h
	wait_gone 'drydock > dom2' "$1: out"
	keys '?'
	wait_for 'On the screen that you came from' "$1: help"
	keys C-c
	wait_gone 'On the screen that you came from' "$1: ^C leaves it"
	keys q
	wait_for '^status 0' "$1: q leaves"
}
for term in xterm xterm-256color tmux screen linux wsvt25 vt220 vt100; do
	infocmp "$term" >/dev/null 2>&1 || {
		echo "# skip $term is not in terminfo"
		continue
	}
	# Curses asks libgpm for a mouse there, which leaks, and is unloaded
	# before a suppression could name it.
	leaks=
	[ $term = linux ] && leaks=ASAN_OPTIONS=symbolize=0:detect_leaks=0
	begin 80x24 "TERM=$term $leaks"
	work $term
done
begin 80x24 'TERM=vt100 LC_ALL=C NO_COLOR=1'
work "vt100, ASCII, no colour"

# Arrows, page keys and function keys, whatever TERM says of them.
begin 80x24 TERM=vt100
wait_for '5 domUs' "vt100: the fleet"
keys F1
wait_for 'On the screen that you came from' "vt100: F1"
keys PPage NPage F10
wait_gone 'On the screen that you came from' "vt100: F10"
keys End
wait_for '─ yy' "vt100: End"
keys Up
wait_for '─ xx' "vt100: Up"

# Each name is as wide as it is, and is text alone: what follows stands in the
# same column.
acute=$(printf 'e\314\201')
check "wide and combining characters" \
	shows "^   xx漢字$acute|  *off"
check "what is no text is escaped" shows '^   yy\\033\[31.*off'
at() { tm capture-pane -p | python3 -c '
import sys, unicodedata
for line in sys.stdin:
    if line.startswith("   " + sys.argv[1]):
        print(sum(0 if unicodedata.combining(c) else
            2 if unicodedata.east_asian_width(c) in "WF" else 1
            for c in line[:line.index(" off")]))' "$1"; }
check "and all columns stand in line" [ "$(at xx)" = "$(at dom3)" ]
check "also behind what is escaped" [ "$(at yy)" = "$(at dom3)" ]
begin 80x24 'TERM=vt100 LC_ALL=C'
wait_for '5 domUs' "ASCII: the fleet"
check "ASCII: other bytes are escaped" shows '^   xx\\346'

begin 80x24 TERM=dumb
wait_for 'terminal dumb cannot place its cursor' "dumb: says so"
check "dumb: with a hint" shows '^hint: set TERM'

# Somebody writes on the screen: ^L draws all of it.
begin 80x24 TERM=screen
wait_for '5 domUs' "^L: the fleet"
printf "$esc[5;10Hwritten by wall$esc[20;1HBroadcast" >"$(tm display-message \
    -p '#{pane_tty}')"
wait_for 'Broadcast' "^L: others wrote"
keys C-l
wait_gone 'Broadcast' "^L: draws all anew"
check "^L: all of it" until_true gone 'wall'
check "^L: the fleet is there" until_true shows '^   dom3'

# No room: it says so, and is as it was when there is.
keys G k
wait_for '─ xx' "resize: the selection"
for size in 39x24 80x9 10x4 2x1; do
	tm resize-window -x "${size%x*}" -y "${size#*x}"
done
tm resize-window -x 30 -y 8
wait_for '30x8 is too small' "resize: says how small it is"
tm resize-window -x 40 -y 10
wait_for '^   xx' "resize: 40x10 is enough"
tm resize-window -x 200 -y 60
wait_for '│ xx' "resize: more room is used, the same is selected"
