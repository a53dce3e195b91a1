#!/bin/sh
# Swap a real image in by the form, see it among the generations, roll back with
# two keys; and a console that is killed while a swap runs.
. tests/tty/lib.sh
f=$dir/f
fleet "$f" 2
mkdir "$f/in" "$dir/bin"
# all four images, so that the last is pkg
for d in dom1 dom2; do
	cp "$f/img/root.img" "$f/img/swap-$d.img"
	sed -i.old "s|'file:[^']*/pkg.img,xvdb,r'|'file:$f/img/swap-$d.img,xvdb,w'|
		s|,xvdc,w'|&, 'file:$f/img/pkg.img,xvdd,r'|" "$f/cfg/$d.cfg"
	rm "$f/cfg/$d.cfg.old"
done
for image in img/pkg in/pkg-new in/pkg-newer; do
	rm -f "$f/$image.img"
	mkdir -p "$dir/t/bin" "$dir/t/sbin" "$dir/t/share"
	echo "$image" >"$dir/t/share/which"
	"$DRYDOCK" create pkg "$f/$image.img" -s 4m --from "$dir/t" \
		>/dev/null || {
		echo "not ok - an image to work on"
		exit 1
	}
done
echo 'no image' >"$f/in/notes"

# The console runs itself by the name it was started with: this takes that name
# once it is up, and can hold a job back.
cat >"$dir/holder" <<EOF
#!/bin/sh
case " \$* " in
*' --plan '*)
	until [ ! -e "$dir/hold" ]; do
		: >"$dir/held"
		sleep 0.05
	done
	;;
esac
exec "$DRYDOCK" "\$@"
EOF
chmod +x "$dir/holder"
console() {
	rm -f "$dir/bin/drydock"
	cp "$DRYDOCK" "$dir/bin/drydock"
	start "$1" "PATH='$dir/bin':\$PATH drydock --config \
		'$f/drydock.conf'; echo status \$?; exec cat"
	wait_for '2 domUs' "$2"
	# Running programs can't be written over everywhere: a new file.
	cp "$dir/holder" "$dir/bin/new" && mv "$dir/bin/new" "$dir/bin/drydock"
}
# in_place N: does the command say the same?
in_place() {
	"$DRYDOCK" --config "$f/drydock.conf" generations --json dom1 |
		tr -d ' \n' | grep -q "\"n\":$1,\"came_in\":[0-9]*,\"in_place\":true"
}
holds() {
	"$DRYDOCK" cat "$f/img/pkg.img:/share/which" | grep -q "^$1\$"
}

console 80x24 "the fleet"
keys w
wait_for 'Swap in another image' "w opens the form"
wait_for '^ *pkg.img .*pkg, FFSv2, clean' "it says what the files are"
keys C-u "$f/in/"
wait_for '^ *pkg-newer.img .*pkg, FFSv2, clean' "those of the folder typed"
wait_for '^ *notes .*not an image' "and what is no image"
keys p Down Enter
wait_for "Image .*in/pkg-new.img" "Down and Enter take one"
keys 'the new one' Enter
wait_for 'generation 2 would be in place, 1 would be kept' "the preview"
check "who else uses it" shows 'used by dom1 and dom2'
check "nothing is changed yet" holds img/pkg
keys Enter
wait_for 'Done\.' "Enter swaps"
check "the image is another one" holds in/pkg-new
check "so says the command" in_place 2
keys Enter g
wait_for '^ > *2 .*in place .*the new one' "among the generations"
check "the one before is kept" shows '^  *1 '
keys Down +
wait_for '^  *1 .* good' "+ marks one good"
keys Up u
wait_for 'generation 1 would be in place, 2 would be kept' "u previews"
check "its button is marked" shows '\[ Roll back \]  \[ Cancel \]'
check "nothing is changed yet" in_place 2
keys Enter
wait_for 'Done\.' "Enter rolls back"
check "the image is the first one" holds img/pkg
check "so says the command" in_place 1
keys Enter
wait_for '^ > *1 .*in place, good' "and the list"
keys d
wait_for '/share/which' "d says what differs"
keys Enter H
wait_for 'done *rollback of dom1 *2 -> 1' "the history has it"
keys Enter
wait_for 'dom1:pkg --plan' "with its command line"
keys Escape
wait_for 'History of dom1' "back to the history"
keys u g Home Escape
wait_for 'Generations of dom1:pkg' "to the generations"

# Forward again, and back from the fleet.
keys Home u
wait_for 'generation 2 would be in place' "u on a later one goes forward"
keys Enter
wait_for 'Done\.' "it is done"
check "the new one is in place" in_place 2
keys Enter
wait_for 'Generations of dom1:pkg' "seen"
keys Escape
wait_for 'FINDINGS' "on the fleet"
keys u
wait_for '\[ Roll back \]' "u asks"
keys Enter
wait_for 'Done\.' "and Enter does it"
check "the first one is in place" in_place 1
keys Enter
wait_for 'FINDINGS' "and back"

# The console is killed while a swap runs.
: >"$dir/hold"
keys w
wait_for 'Swap in another image' "the form again"
keys C-u "$f/in/pkg-newer.img" Enter
wait_for '\[ Swap \]' "another swap"
keys Enter
check "it runs" until_true exists "$dir/held"
wait_for 'the command goes on' "and the console shows it"
console_pid=$(pgrep -P "$(tm display-message -p '#{pane_pid}')")
check "the console's process" [ -n "$console_pid" ]
[ -z "$console_pid" ] || kill -9 "$console_pid"
wait_for 'status 137' "the console is killed"
check "nothing is done yet" in_place 1
rm "$dir/hold"
check "the job goes on to its end" until_true in_place 3
check "the image is whole" holds in/pkg-newer
ended() {
	"$DRYDOCK" --config "$f/drydock.conf" history -m 1 |
		grep -q 'done .*swap .* 1 -> 3'
}
check "the history has it as done" until_true ended
check "nothing is left to recover" sh -c '"$1" --config "$2" recover |
	grep -q "nothing to recover"' sh "$DRYDOCK" "$f/drydock.conf"
console 132x43 "a new console"
check "nothing was cut short" gone 'cut short'
keys g
wait_for '^ > *3 .*in place' "it shows what was done"
keys q q
wait_for '^status 0' "and leaves"
