#!/bin/sh
# The life of domUs on a Xen that is made up: see fake_xen.c.  Start, shutdown,
# kill, several at once, the console of a domU, and a program behind it that
# leaves the terminal in a mess.
. tests/tty/lib.sh
f=$dir/f
case $O in /*) ;; *) O=$PWD/$O ;; esac
fake=$O/tests/tty/drydock-fake-xen
fleet "$f" 3
FAKE_XEN=$dir/xen
export FAKE_XEN
mkdir "$dir/bin"
mkfifo "$dir/xen.events"
exec 9<>"$dir/xen.events"
# xen LINE...: what Xen has from now on
xen() {
	printf '%s\n' 'host 4.17.3 8192 1024 4' "$@" >"$dir/xen.new"
	mv "$dir/xen.new" "$dir/xen"
	printf d >&9
}
xen

# This xl does what it is asked at once, but for what $dir/xl.* says.
cat >"$dir/bin/xl" <<'EOF'
#!/bin/sh
dir=${FAKE_XEN%/*}
echo "$*" >>"$dir/asked"
name_of() { sed -n "s/^domain $1 \([^ ]*\) .*/\1/p" "$dir/xen"; }
# put NAME [ID STATE]
put() {
	sed "/^domain [0-9]* $1 /d" "$dir/xen" >"$dir/new"
	[ $# -eq 1 ] || echo "domain $2 $1 $3 256 1 0 7" >>"$dir/new"
	mv "$dir/new" "$dir/xen"
	printf d >"$dir/xen.events"
}
case $1 in
create)
	echo x >>"$dir/created"
	name=$(sed -n 's/^name = "\(.*\)"/\1/p' "$2")
	put "$name" "$(grep -c x "$dir/created")" r
	;;
shutdown) [ -e "$dir/xl.deaf" ] || put "$(name_of "$2")" ;;
destroy) put "$(name_of "$2")" ;;
pause) put "$(name_of "$2")" "$2" p ;;
unpause) put "$(name_of "$2")" "$2" r ;;
console)
	[ ! -e "$dir/xl.mute" ] || { echo 'no console for you' >&2; exit 1; }
	[ ! -e "$dir/xl.slow" ] || { echo connecting; exec cat; }
	stty raw -echo
	printf 'login on %s: ' "$2"
	# line drawing, reverse, a scrolling region, other keys, pastes with
	# marks, no cursor, inserting
	[ ! -e "$dir/xl.messy" ] ||
	    printf '\033(0\033[7m\033[3;5r\033[?1h\033=\033[?2004h\033[?25l\033[4h'
	# until ^]; the terminal stays as it is
	until [ "$c" = 1d ]; do
		c=$(dd bs=1 count=1 2>/dev/null | od -An -tx1 | tr -d ' ')
		echo "$c" >>"$dir/typed"
	done
	;;
esac
exit 0
EOF
chmod +x "$dir/bin/xl"

cat >"$dir/run" <<EOF
set -m
stty -g >"$dir/before"
"$fake" --config "$f/drydock.conf"
echo "status \$?"
stty -g >"$dir/after"
echo end >"$dir/ended"
exec cat
EOF
# console COLSxROWS TERM
console() {
	rm -f "$dir/ended"
	start "$1" "env TERM=$2 PATH='$dir/bin:$PATH' sh '$dir/run'"
	wait_for '3 domUs' "$1, $2: the fleet"
}
# command ARGUMENT...: on a terminal
command() {
	start 80x24 "PATH='$dir/bin:$PATH' '$fake' --config \
		'$f/drydock.conf' $*; echo status \$?; exec cat"
}
asked() { grep -qx "$1" "$dir/asked" 2>/dev/null; }
not_asked() { ! asked "$1"; }
same_settings() {
	until_true exists "$dir/ended" && cmp -s "$dir/before" "$dir/after"
}
typed() { [ "$(tail -n 4 "$dir/typed" | tr '\n' ' ')" = "$1" ]; }

console 80x24 screen-256color
keys Down x
wait_for '─ dom2, off ─' "x is the menu of the domU under the cursor"
check "what can be done" shows 't  Start .*start the domU'
check "and what can't, with the reason" shows 'K  Kill .*it does not run'
keys d
wait_for '^ it does not run' "its key says it, too"
keys t
wait_for 'Start dom2?' "t asks"
keys Enter
wait_for 'Done\.' "Enter starts it"
check "through xl" asked "create $f/cfg/dom2.cfg"
keys Enter
wait_for 'dom2  *running' "the fleet is read anew"
keys C
wait_for 'login on 1:' "C is the console of the same domU"
check "how to leave it stands above" shows 'dom2: ^\] leaves its console'
check "the screen is the domU's" gone 'Start/stop'

# What is typed goes to the domU: ^C, ^Z, ^\ and q among it.
keys C-c C-z q 'C-\'
check "^C, ^Z, q and ^\\ are the domU's" until_true typed '03 1a 71 1c '
keys 'C-]'
wait_for 'back from the console of dom2' "^] comes back"
until_true shows 'dom2: 0.0% CPU'
styled >"$dir/clean"
check "the cursor stands where it was" shows '─ dom2:'
keys '?'
wait_for 'On the screen that you came from' "keys are the fleet's again"
keys q
wait_for '─ dom2:' "and back"

# A domU that leaves the terminal as full-screen programs do.
: >"$dir/xl.messy"
keys C
wait_for 'login on 1:' "a messy console"
check "nothing is mixed with what stood there" shows 'may show a prompt$'
keys a b c 'C-]'
wait_for 'back from the console of dom2' "is left"
as_before() { styled | cmp -s - "$dir/clean"; }
check "the screen is as it was" until_true as_before
keys Down
wait_for '─ dom3 ─' "so are the arrows"
keys Up
wait_for '─ dom2:' "back to it"
rm "$dir/xl.messy"

# Why it fails is not lost with the screen.
: >"$dir/xl.mute"
keys C
wait_for 'xl console ended with an error' "a console that fails is told about"
check "with xl's words" shows 'no console for you'
rm "$dir/xl.mute"
keys Enter
wait_for '─ dom2:' "and back"
: >"$dir/xl.slow"
keys C
wait_for '^connecting' "an xl that does not get that far"
keys C-z C-c
wait_for 'xl console ended with an error' "^Z does nothing, ^C ends it alone"
rm "$dir/xl.slow"
keys Enter
wait_for '─ dom2:' "and back"
mv "$dir/bin/xl" "$dir/bin/away"
keys C
wait_for 'xl: No such file or directory' "so is an xl that is not there"
check "with a hint" shows 'is this a dom0'
keys Enter
wait_for '─ dom2:' "and back again"
mv "$dir/bin/away" "$dir/bin/xl"

# SIGTERM while the domU has the terminal: it is not taken from it.
keys C
wait_for 'login on 1:' "the console once more"
kill -TERM "$(pgrep -P "$(tm display-message -p '#{pane_pid}')")"
keys a b c d
check "SIGTERM leaves it alone" until_true typed '61 62 63 64 '
keys 'C-]'
wait_for '^status 0' "and ends drydock once it is left"
check "the terminal is as it was" same_settings

# Waited for, and no longer.
console 132x43 screen-256color
: >"$dir/xl.deaf"
keys Down x d
wait_for 'Shut down dom2?' "a shutdown asks"
keys Enter
wait_gone 'Shut down dom2?' "Cancel is the first answer"
check "nothing is asked" not_asked 'shutdown 1'
keys x d
wait_for 'Shut down dom2?' "once more"
keys Tab Enter
wait_for 'waiting for dom2 to be gone, [0-9]* s of at most 180' "it is waited for"
check "xl was asked" asked 'shutdown 1'
keys c
wait_for 'Cancelled\.' "c ends the waiting"
check "and says what that means" shows 'asked to end, and may still do so'
keys Enter
wait_for 'dom2  *running' "it runs still"
keys x K
wait_for 'THIS IS A POWER CUT' "kill asks sternly"
keys Enter
wait_gone 'POWER CUT' "Cancel is the first answer"
check "nothing is done" not_asked 'destroy 1'
keys x K
wait_for 'THIS IS A POWER CUT' "once more"
keys Tab Enter
wait_for 'dom2: is ended' "Kill kills"
keys Enter
wait_for 'dom2  *off' "it is gone"
rm "$dir/xl.deaf"

# All that are marked.
keys '*' t
wait_for 'Start 3 domUs?' "t is for all marked"
keys Enter
wait_for '3 of 3 done' "all are started"
keys Enter
wait_for 'dom3  *running' "they run"
keys x d
wait_for 'Shut down 3 domUs?' "shut down, too"
keys Tab Enter
wait_for '3 of 3 done' "all are down"
check "each says so" [ "$(screen | grep -c 'done .*is shut down')" = 3 ]
keys Enter q
wait_for '^status 0' "q leaves"
check "the terminal is as it was" same_settings

# The smallest screen, and an old terminal.
console 40x12 vt100
keys t
wait_for 'Start dom1?' "the question"
keys Enter
wait_for 'is started' "it is started"
keys Enter x
wait_for 'K  Kill' "the menu"
keys C
wait_for 'login on 5:' "the console"
keys 'C-]'
wait_for 'back from' "and back"
check "the fleet is there" shows '3 domUs'
keys q
wait_for '^status 0' "q leaves"
check "the terminal is as it was" same_settings

# Nobody to ask.
xen denied
console 80x24 screen-256color
keys x
wait_for "^ Xen can't be asked: .*: domUs are started" "a silent Xen is told at once"
xen none
keys r
wait_for 'no Xen here' "no Xen"
keys C
wait_for '^ no Xen here: domUs are started and stopped on a dom0' "so is none"
keys q
wait_for '^status 0' "q leaves"

# The same as commands.
xen "domain 7 dom1 r 256 1 0 7"
command kill dom1
wait_for '^dom1: end it as a power cut does?' "kill asks"
keys Enter
wait_for '^status 1' "an empty answer is no"
check "nothing was asked" not_asked 'destroy 7'
command kill dom1
wait_for '\[y/N\]' "again"
keys C-c
wait_for '^status 1' "^C is no, too"
check "nothing was asked" not_asked 'destroy 7'
: >"$dir/xl.deaf"
command shutdown dom1
wait_for '^dom1: shut it down? \[y/N\]' "shutdown asks"
keys y Enter
wait_for 'waiting until it is down, 180 seconds at most' "it says that it waits"
check "xl was asked" until_true asked 'shutdown 7'
keys C-c
wait_for '^hint: dom1 was asked to end, and may still do so' "^C ends the waiting"
rm "$dir/xl.deaf"
command kill -y dom1
wait_for '^dom1: is ended' "kill -y does without"
command shutdown dom1
wait_for '^drydock: dom1: does not run' "what does not run is not asked about"

# And without a terminal.
xen "domain 8 dom1 r 256 1 0 7"
run() {
	PATH="$dir/bin:$PATH" "$fake" --config "$f/drydock.conf" "$@" \
		</dev/null >"$dir/out" 2>&1
}
run kill dom1
check "kill is refused" [ $? -eq 2 ]
check "with a hint" grep -q '^hint: --yes' "$dir/out"
check "nothing was asked" not_asked 'destroy 8'
run pause dom1
check "pause goes ahead" asked 'pause 8'
run shutdown dom1
check "what is paused is not shut down" [ $? -eq 1 ]
check "with a hint" grep -q '^hint: drydock unpause dom1' "$dir/out"
check "nothing was asked" not_asked 'shutdown 8'
run unpause dom1 && run shutdown dom1
check "shutdown goes ahead" asked 'shutdown 8'
