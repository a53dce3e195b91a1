#!/bin/sh
# Jobs: progress, cancel, leaving while one runs, hang-up.  The console runs
# itself by the name it was started with; once it is up, a script that plays
# prepare root takes that name.
. tests/tty/lib.sh
fleet "$dir/f" 2
mkdir "$dir/bin" "$dir/job"

cat >"$dir/fake" <<EOF
#!/bin/sh
event() { echo "{\"event\":\$1}" >&3; }
result() {
	event "\"result\",\"status\":\$1,\"code\":\"x\",\"message\":\"\$2\",\"hint\":\"\""
	exit \$1
}
case " \$* " in
*' --dry-run '*)
	printf '%s\n' '--- /etc/rc' '+++ /etc/rc' '@@ -1 +1 @@' '-old' '+new'
	event '"plan","hash":"feed1234"'
	result 0 ''
	;;
*' --plan feed1234 '*)
	trap 'result 1 "cancelled"' INT
	echo \$\$ >"$dir/job/pid"
	event '"progress","what":"halfway","done":5,"total":10'
	until [ -e "$dir/job/go" ]; do sleep 0.05; done
	echo 'all is prepared'
	: >"$dir/job/finished"
	result 0 ''
	;;
esac
exit 9
EOF
chmod +x "$dir/fake"

begin() {
	rm -f "$dir/bin/drydock" "$dir/job/"*
	cp "$DRYDOCK" "$dir/bin/drydock"
	start 80x24 "PATH='$dir/bin':\$PATH drydock --config \
		'$dir/f/drydock.conf'; echo status \$?; exec cat"
	wait_for '2 domUs' "$1"
	# Running programs can't be written over everywhere: a new file.
	cp "$dir/fake" "$dir/bin/new" && mv "$dir/bin/new" "$dir/bin/drydock"
	keys p
	wait_for 'Prepare a root image' "$1: the form"
	check "$1: the domU's root image" shows "Image .*/img/root.img"
	keys Enter
	wait_for '^ +new' "$1: the preview"
	keys Enter
	wait_for '\[ Cancel \]' "$1: the question"
	check "$1: who uses the image" shows 'used by dom1, dom2'
	keys Tab Enter
	wait_for '50%' "$1: progress"
	check "$1: the command line is shown" shows \
		'-k netbsd-XENU --plan feed1234'
}
alive() { kill -0 "$(cat "$dir/job/pid")" 2>/dev/null; }
dead() { ! alive; }

begin whole
: >"$dir/job/go"
wait_for 'Done\.' "whole: the result"
check "whole: what the command printed" shows 'all is prepared'
keys Enter
wait_for 'FINDINGS' "whole: back on the fleet"

begin cancel
tm resize-window -x 132 -y 43
wait_for '50%' "cancel: resized in the middle"
tm resize-window -x 39 -y 9
wait_for '39x9 is too small' "cancel: no room for the job"
check "cancel: it goes on" alive
tm resize-window -x 80 -y 24
wait_for '50%' "cancel: and is shown as it was"
keys c
wait_for 'Cancelled\.' "cancel: c stops the job"
check "cancel: it did not finish" [ ! -e "$dir/job/finished" ]

begin leave
keys Escape
wait_for '50 %, v shows it' "leave: the job stays in the status line"
keys q
wait_for 'Leave drydock?' "leave: q asks while a job runs"
keys Tab Enter
wait_for '^status 0' "leave: and leaves"
check "leave: the job goes on" alive
: >"$dir/job/go"
check "leave: to its end" until_true exists "$dir/job/finished"

begin hang-up
tm kill-server
check "hang-up: the job goes on" alive
: >"$dir/job/go"
check "hang-up: to its end" until_true exists "$dir/job/finished"
check "hang-up: and ends" until_true dead
