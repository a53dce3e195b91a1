#!/bin/sh
# A domU that runs is found by the filter and gets another image: question,
# progress, and done.  In the middle the terminal changes its size, the console
# is left, and a new one finds the job again; and once more it is cancelled in
# the middle.  On a Xen that is made up: see fake_xen.c.
. tests/tty/lib.sh
f=$dir/f
case $O in /*) ;; *) O=$PWD/$O ;; esac
fake=$O/tests/tty/drydock-fake-xen
fleet "$f" 3
echo 'watch = 0' >>"$f/drydock.conf"
FAKE_XEN=$dir/xen
export FAKE_XEN
mkdir "$dir/bin" "$f/in"
mkfifo "$dir/xen.events"
exec 9<>"$dir/xen.events"
xen() {
	printf '%s\n' 'host 4.17.3 8192 1024 4' "$@" >"$dir/xen.new"
	mv "$dir/xen.new" "$dir/xen"
	printf d >&9
}
for d in dom1 dom2 dom3; do
	cp "$f/img/root.img" "$f/img/swap-$d.img"
	cp "$f/img/root.img" "$f/img/pkg-$d.img"
	sed -i.old "s|'file:[^']*/pkg.img,xvdb,r'|'file:$f/img/swap-$d.img,xvdb,w'|
		s|,xvdc,w'|&, 'file:$f/img/pkg-$d.img,xvdd,r'|" "$f/cfg/$d.cfg"
	rm "$f/cfg/$d.cfg.old"
done
mkdir -p "$dir/t/bin"
"$DRYDOCK" create pkg "$f/in/pkg-new.img" -s 4m --from "$dir/t" >/dev/null || {
	echo "not ok - an image to work on"
	exit 1
}

# A domU shuts down once $dir/go is there.
cat >"$dir/bin/xl" <<'EOF'
#!/bin/sh
dir=${FAKE_XEN%/*}
echo "$*" >>"$dir/asked"
case $1 in
create)
	echo "domain 9 dom2 r 256 1 0 7" >>"$dir/xen"
	printf d >"$dir/xen.events"
	;;
shutdown)
	(
		until [ -e "$dir/go" ]; do sleep 0.05; done
		sed '/^domain/d' "$dir/xen" >"$dir/new"
		mv "$dir/new" "$dir/xen"
		printf d >"$dir/xen.events"
	) >/dev/null 2>&1 &
	;;
esac
exit 0
EOF
chmod +x "$dir/bin/xl"
console() {
	start "$1" "PATH='$dir/bin':\$PATH '$fake' --config '$f/drydock.conf'
		echo status \$?; exec cat"
	wait_for '3 domUs' "$2"
}
asked() { grep -q "^$1" "$dir/asked" 2>/dev/null; }

xen 'domain 5 dom2 r 256 1 0 7'
console 80x24 "the fleet"
keys / dom2 Enter
wait_for '1 of 3 domUs match' "the filter"
keys Enter
wait_for 'drydock > dom2' "the domU"
keys w
wait_for 'Swap in another image' "swap"
keys C-u "$f/in/pkg-new.img" Enter
wait_for '\[ Swap \]' "the question"
keys Enter
wait_for 'shut' "progress: it is waited for"
check "xl was asked" until_true asked shutdown
tm resize-window -x 132 -y 43
wait_for 'the command goes on' "resized in the middle"
tm resize-window -x 39 -y 9
wait_for 'is too small' "too small"
check "the job goes on" shows 'the job goes on'
tm resize-window -x 80 -y 24
wait_for 'the command goes on' "and back"
keys Escape Escape q
wait_for 'Leave drydock' "left while it runs"
keys Tab Enter
wait_for '^status 0' "out"

console 80x24 "a new console"
keys H
wait_for 'at work.*swap of dom2' "finds the job again"
: >"$dir/go"
found_done() { keys r; shows 'done .*swap of dom2'; }
check "and its end" until_true found_done
check "the domU was started again" until_true asked create
keys q
wait_for 'FINDINGS' "back on the fleet"

rm "$dir/go" "$dir/asked"
keys / C-u dom2 Enter
wait_for '1 of 3 domUs match' "the filter once more"
keys u
wait_for '\[ Roll back \]' "roll back"
keys Enter
check "xl was asked" until_true asked shutdown
keys c
wait_for 'Stopping' "cancelled in the middle"
: >"$dir/go"
wait_for 'Cancelled' "once the domU is down it ends"
in_place() {
	"$DRYDOCK" --config "$f/drydock.conf" generations --json dom2 |
		tr -d ' \n' | grep -q "\"n\":$1,\"came_in\":[0-9]*,\"in_place\":true"
}
check "the image is the one that it was" in_place 2
check "and the domU runs" until_true asked create
