#!/bin/sh
# Themes in a real terminal: which one is used, choosing one, terminals with
# more and with fewer colours.
. tests/tty/lib.sh
fleet "$dir/f" 3
conf=$dir/f/drydock.conf
esc=$(printf '\033')

# run VARIABLE=VALUE... -- ARGUMENT...
run() {
	set_for=
	while [ "$1" != -- ]; do
		set_for="$set_for $1"
		shift
	done
	shift
	start 80x24 "env $set_for '$DRYDOCK' --config '$conf' $*; exec cat"
	until_true shows '3 domUs\|^hint: ' || not_ok "$set_for $* starts"
}
# The escapes of a line hold that parameter.
has() { styled | grep -q "$esc\[\([0-9:]*;\)*$1[;:m]"; }
hasnt() { ! has "$1"; }
# The header, and nothing else here, is bold on 24: the default; amber's is on
# 214.
default=48';*:*5[;:]24' amber='48[;:]5[;:]214'

run TERM=screen-256color --
check "default" has "$default"
keys T
wait_for 'what each role looks like' "T shows the themes"
keys Home
check "the one that is selected is used at once" until_true has "$amber"
check "and the one before no longer" hasnt "$default"
keys Escape
wait_gone 'what each role looks like' "Esc leaves"
check "and brings the one before back" until_true has "$default"
keys T Home Enter
wait_for 'theme = "amber" in drydock.conf' "Enter keeps it, and says for how long"
check "it is used" has "$amber"

keys : 'theme def' Tab Enter
check ":theme" until_true has "$default"
keys : 'theme ambr' Enter
wait_for 'no theme ambr: did you mean amber?' ":theme, of one that is not there"

run TERM=screen-256color -- --theme amber
check "--theme" has "$amber"
run TERM=screen-256color DRYDOCK_THEME=amber --
check "DRYDOCK_THEME" has "$amber"
run TERM=screen-256color DRYDOCK_THEME=amber -- --theme default
check "--theme goes before it" hasnt "$amber"
echo 'theme = "amber"' >>"$conf"
run TERM=screen-256color --
check "drydock.conf" has "$amber"
run TERM=screen-256color DRYDOCK_THEME=default --
check "DRYDOCK_THEME goes before it" hasnt "$amber"
run TERM=screen-256color -- --theme ambr
check "an unknown one is an error" shows '^drydock: no theme ambr'
check "with what was meant" shows '^hint: did you mean amber?'
run TERM=screen-256color DRYDOCK_THEME=ambr --
check "in the environment it is no reason to stop" \
	shows 'no theme ambr: did you mean amber?'
check "the default is used" has "$default"
echo 'header = "#fff"' >"$dir/f/bad.theme"
sed -i.old 's/^theme.*/theme = "bad.theme"/' "$conf"
run TERM=screen-256color --
wait_for 'bad.theme:1: header: "#fff" is no colour' "nor is a fault"
sed -i.old '/^theme/d' "$conf"

# more colours, and fewer
if ! command -v tic >/dev/null; then
	echo "# skip tic is not installed"
else
	cat >"$dir/terminfo" <<-'EOF'
	screen-direct|any colour,
	 RGB, colors#0x1000000, pairs#0x10000,
	 setaf=\E[%?%p1%{8}%<%t3%p1%d%e38;2;%p1%{65536}%/%d;%p1%{256}%/%{255}%&%d;%p1%{255}%&%d%;m,
	 setab=\E[%?%p1%{8}%<%t4%p1%d%e48;2;%p1%{65536}%/%d;%p1%{256}%/%{255}%&%d;%p1%{255}%&%d%;m,
	 use=screen,
	EOF
	tic -x -o "$dir/ti" "$dir/terminfo"
	run TERM=screen-direct TERMINFO="$dir/ti" -- --theme amber
	check "every colour: as the theme says it" has '38[;:]2[;:]255[;:]176[;:]0'
	run TERM=screen-direct TERMINFO="$dir/ti" --
	check "numbers above 15 keep their colour" has '48[;:]2[;:]0[;:]95[;:]135'
	run TERM=screen-256color COLORTERM=truecolor TERMINFO="$dir/ti" -- \
	    --theme amber
	check "COLORTERM: the same" has '38[;:]2[;:]255[;:]176[;:]0'
	echo 'screen-direct|useless, RGB, colors#0x1000000,' >"$dir/terminfo"
	tic -x -o "$dir/bad" "$dir/terminfo"
	run TERM=screen-256color COLORTERM=truecolor TERMINFO="$dir/bad" -- \
	    --theme amber
	check "COLORTERM, of a sibling that can't be used: 256" has "$amber"
	run TERM=screen-256color TERMINFO="$dir/ti" -- --theme amber
	check "without it: 256" has "$amber"
fi
run TERM=screen-256color COLORTERM=truecolor -- --theme amber
check "COLORTERM, of a terminal without a sibling: 256" has "$amber"
run TERM=screen -- --theme amber
check "8 colours" has 33
check "no more than those" hasnt '[34]8'
run TERM=linux -- --theme solarized-dark
check "linux: 8 colours" hasnt '[34]8'
check "linux: its ground is black" has 40
run TERM=linux --
keys / x
wait_for '/x' "linux: a filter is typed"
check "linux: it is underlined, as no colour forbids" has 4
run NO_COLOR=1 TERM=screen-256color -- --theme amber
check "NO_COLOR: none" hasnt '[34][0-8]'
check "but attributes" has 7
keys T End
wait_for 'what each role looks like' "NO_COLOR: themes can be chosen"
check "NO_COLOR: still none" hasnt '[34][0-8]'
