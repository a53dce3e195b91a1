#!/bin/sh
# Start at each size and on each kind of terminal; leaving gives the terminal
# back as it was.
. tests/tty/lib.sh
fleet "$dir/f" 3
conf=$dir/f/drydock.conf

# A shell notes the terminal's settings before and after, and outlives ^C.
cat >"$dir/run" <<EOF
trap : INT
stty -g >"$dir/before"
"$DRYDOCK" --config "$conf"
echo "status \$?"
stty -g >"$dir/after"
echo end >"$dir/ended"
exec cat
EOF
same_settings() {
	until_true exists "$dir/ended" && cmp -s "$dir/before" "$dir/after"
}
# run COLSxROWS [VARIABLE=VALUE...]
run() {
	rm -f "$dir/ended"
	size=$1
	shift
	start "$size" "env $* sh '$dir/run'"
}
no_style() { ! styled | grep -q "$1"; }
has_style() { styled | grep -q "$1"; }
esc=$(printf '\033')
colour="${esc}\[[0-9;]*[34][0-8][;m]"

run 80x24 TERM=screen-256color
wait_for '3 domUs' "80x24: shows the fleet"
wait_for '^. dom1 ' "80x24: the pane stands below the list"
check "256 colours: colour" has_style "$colour"
keys q
wait_for '^status 0' "q leaves"
check "q: the terminal is as it was" same_settings
check "q: the shell's screen is back" gone '3 domUs'

run 132x43 TERM=screen
wait_for ' │ dom1 .*dom1.cfg' "132x43: the pane stands beside the list"
keys C-c
wait_for '^status 0' "^C leaves"
check "^C: the terminal is as it was" same_settings

run 40x12
wait_for '3 domUs' "40x12: shows the fleet"
check "40x12: the way out is in the bar" shows 'qQuit'
program() { pgrep -P "$(tm display-message -p '#{pane_pid}')"; }
kill -TERM "$(program)"
wait_for '^status 0' "SIGTERM ends it"
check "SIGTERM: the terminal is as it was" same_settings

run 80x24
wait_for '3 domUs' "SIGHUP: shows the fleet"
kill -HUP "$(program)"
wait_for '^status 0' "SIGHUP ends it"
check "SIGHUP: the terminal is as it was" same_settings

run 80x24 TERM=vt100
wait_for '3 domUs' "vt100: shows the fleet"
check "vt100: no colour" no_style "$colour"
check "vt100: what is selected is reversed" \
	has_style "${esc}\[[0-9;]*7m.*dom1"
keys q
wait_for '^status 0' "vt100: leaves"

run 80x24 NO_COLOR=1 TERM=screen-256color
wait_for '3 domUs' "NO_COLOR: shows the fleet"
check "NO_COLOR: no colour" no_style "$colour"

run 80x24 LC_ALL=C
wait_for '3 domUs' "LC_ALL=C: shows the fleet"
no_byte() { ! screen | LC_ALL=C grep -q "$1"; }
check "LC_ALL=C: nothing but ASCII" no_byte '[^ -~]'

run 80x24 TERM=no-such-terminal
wait_for 'no-such-terminal: unknown terminal' "an unknown TERM is said"
check "with a hint" until_true shows '^hint: set TERM'
check "status 2" until_true shows '^status 2'

"$DRYDOCK" --config "$conf" >"$dir/out" 2>&1 </dev/null
check "without a terminal: status 2" [ $? -eq 2 ]
check "without a terminal: says so" grep -q 'needs a terminal' "$dir/out"
