#!/bin/sh
# Filter, help, one domU, refresh, resize, suspend: in a real terminal.
. tests/tty/lib.sh
fleet "$dir/f" 12
conf=$dir/f/drydock.conf
echo 'name = "broken' >"$dir/f/cfg/broken.cfg"

# An interactive shell, for job control.
start 80x24 "env PS1='ready> ' ENV= sh -i"
wait_for '^ready>' "a shell"
keys "'$DRYDOCK' --config $conf" Enter
wait_for '13 domUs' "the fleet"
check "a configuration that can't be parsed is a row" \
	shows '^!! broken .*config parsing error'

keys / d o m 1 1
wait_gone '^.. dom2 ' "the filter works while it is typed"
check "what matches stays" shows '^.. dom11 '
keys Escape
wait_for '^.. dom2 ' "Esc ends it"

keys /
keys 'no such domU'
wait_for 'no domU matches the filter' "nothing matches"
keys Enter
wait_for '0 of 13 domUs match'
keys Escape
wait_for '^.. dom2 ' "Esc shows all again"

keys '?'
wait_for 'On the screen that you came from' "help"
check "help tells keys" shows 'u F7 *bring the image before back'
keys / 'leave drydock' Enter
wait_for 'q ^C F10 *leave drydock' "all of them, wherever they stand"
keys q
wait_gone 'On the screen that you came from' "q leaves help, not drydock"

keys G Enter
wait_for 'drydock > dom9' "Enter shows the domU"
check "its configuration" shows "config .*/dom9.cfg"
keys h
wait_gone 'drydock > dom9' "h leads back"

echo 'name = "brandnew"' >"$dir/f/cfg/new.cfg"
keys r
wait_for '14 domUs' "r reads the fleet anew"
check "the same domU is selected" shows '^. dom9 '

tm resize-window -x 132 -y 43
wait_for '│ dom9 .*dom9.cfg' "132x43: the pane moves beside"
tm resize-window -x 39 -y 12
wait_for '39x12 is too small' "39x12: says so"
tm resize-window -x 80 -y 24
wait_for '^. dom9 ' "80x24 again"

keys C-z
wait_for 'ready>' "^Z gives the shell back"
keys 'stty -a' Enter
wait_for '[^-]echo ' "and its terminal"
keys fg Enter
wait_for '^. dom9 ' "fg draws the screen again"

# Not a byte while nothing happens: what the console writes is counted.
quiet() {
	last=-1 same=0 looks=0
	while [ $same -lt 30 ]; do
		now=$(wc -c <"$dir/bytes")
		if [ "$now" -eq "$last" ]; then
			same=$((same + 1))
		else
			same=0 last=$now
		fi
		looks=$((looks + 1))
		[ "$looks" -lt "$LOOKS" ] || return 1
		sleep 0.05
	done
}
: >"$dir/bytes"
tm pipe-pane "cat >>'$dir/bytes'"
keys Up
wait_for '^. dom8 ' "up"
check "then it writes no more" quiet
before=$(wc -c <"$dir/bytes")
keys '%'	# no command
check "a key without a meaning: quiet" quiet
after=$(wc -c <"$dir/bytes")
check "and not a byte" [ "$before" -eq "$after" ]
tm pipe-pane

keys q
wait_for '^ready> *$' "q leaves"
