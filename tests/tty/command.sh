#!/bin/sh
# The command line, the log of what was run and its copies, and keys of the
# operator's own, with what is wrong about them.
. tests/tty/lib.sh
f=$dir/f
fleet "$f" 3
cp "$f/drydock.conf" "$dir/plain.conf"

begin() {
	start 80x24 "${2:-} '$DRYDOCK' --config '$f/drydock.conf'
		echo status \$?; exec cat"
}
begin
wait_for '3 domUs' "the fleet"
keys : sho Tab dom2
wait_for '^ *:show dom2' "Tab completes a command"
keys Enter
wait_for 'processors' "and it is run"
check "as a command of its own" shows '\$ drydock .* show dom2'
keys Enter : 'open dom' Tab
wait_for 'dom1  dom2  dom3' "Tab says which domUs there are"
keys 3 Enter
wait_for 'drydock > dom3' "a command of the console, on a domU"
keys : hsot Enter
wait_for 'did you mean host' "a slip"
keys : Up
wait_for '^ *:hsot' "Up brings it back"
keys Escape q V
wait_for 'show dom2' "the log"
check "with its result" shows 'done .*show dom2'
keys e
wait_for '^ *:show dom2' "e takes it into the command line"
keys Escape
wait_gone '^ *:show' "Esc leaves"
keys q q
wait_for '^status 0' "and out"

if TERM=tmux-256color infocmp -x 2>/dev/null | grep -q 'Ms='; then
	begin . TERM=tmux-256color
	tm set-option -s set-clipboard on
	wait_for '3 domUs' "on a terminal with a clipboard"
	keys : 'show dom1' Enter
	wait_for 'processors' "a command"
	keys Enter V y
	wait_for "sent to the terminal's clipboard" "y copies it"
	copied() { tm show-buffer 2>/dev/null | grep -q 'show dom1$'; }
	check "the terminal has it" until_true copied
fi

echo "keys = [ \"rollback=U\",
	\"host=u F12\" ]" >>"$f/drydock.conf"
begin
wait_for '3 domUs' "own keys"
keys u
wait_for 'File systems that hold images' "one of them"
keys q O
wait_for 'keys  *line 3' "the settings say from where"
keys q q
wait_for '^status 0' "and out"

for wrong in 'host=w:5: keys: w would be swap and host' \
	'hos=u:5: keys: hos is no command' \
	'host=Entr:5: keys: Entr is no key'; do
	cp "$dir/plain.conf" "$f/drydock.conf"
	echo "keys = [ \"rollback=U\",
		# a line that says nothing
		\"${wrong%%:*}\" ]" >>"$f/drydock.conf"
	begin
	wait_for '^status [1-9]' "$wrong"
	check "which line, and why" shows "drydock.conf:${wrong#*:}"
	check "with a hint" shows '^hint: '
done
