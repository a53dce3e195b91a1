#!/bin/sh
# drydock doctor: what is found in a fleet of real images, how it is told, what
# it fails on, and that what it says mends it does.  In a /var/run of its own.
if [ -z "${DOCTOR_APART:-}" ] && [ "$(uname -s)" = Linux ] &&
    [ "$(id -u)" -eq 0 ] && unshare -m --propagation private true 2>/dev/null
then
	DOCTOR_APART=1
	export DOCTOR_APART
	exec unshare -m --propagation private sh "$0"
fi
. tests/cmd/lib.sh
case $O in /*) ;; *) O=$PWD/$O ;; esac
if [ -z "${DOCTOR_APART:-}" ]; then
	fails "no severity" 2 "is no severity" "$DRYDOCK" doctor --fail-on bad
	echo "# skip the doctor's findings: that is for root, on Linux with mount namespaces"
	exit 0
fi
mount -t tmpfs -o mode=755 none /var/run || exit 1
F=$T/fleet
mkdir -p "$F/xen" "$F/web1" "$F/web2"
chmod 755 "$T" "$F" "$F"/*
printf 'config_dirs = [ "xen" ]\nstate_dir = "state"\nkeep = 1\n' >"$F/drydock.conf"
d() { "$DRYDOCK" --config "$F/drydock.conf" "$@"; }
# value EXPRESSION: of the JSON document in $T/json, as d, its findings as f
value() { python3 -c "import json
d = json.load(open('$T/json'))
f = d['findings']
print($1)" 2>&1; }
json_of() { d doctor --json "$@" >"$T/json" 2>"$T/err"; }
# doctor STATUS OPTION...: what it prints, in $T/out
doctor() {
	want=$1; shift
	d doctor "$@" >"$T/out" 2>"$T/err"
	rc=$?
	[ $rc -eq "$want" ] || fail "doctor $*" "status $rc, not $want" "$(cat "$T/out" "$T/err")"
}
domu() {	# domu NAME [MORE]
	cat >"$F/xen/$1.cfg" <<-END
	name = "$1"
	disk = [ "$F/root.img,raw,xvda,r", "$F/$1/swap.img,raw,xvdb,w",
	    "$F/$1/local.img,raw,xvdc,w", "$F/$1/pkg.img,raw,xvdd,w" ]
	${2:-}
	END
}
vector ffs/ffsv2 "$F/root.img"
for who in web1 web2; do
	head -c 65536 /dev/zero >"$F/$who/swap.img"
	vector ffs/ffsv1 "$F/$who/local.img"
	vector ffs/makefs-v1 "$F/$who/pkg.img"
	domu $who
done

# ---- all is well
works "a fleet that is well" d doctor
is "says so" "$(cat "$T/out")" "no Xen here: what runs was not looked at
all is well: 2 domUs"
works "quiet" d doctor -q
is "says nothing" "$(wc -c <"$T/out")" 0
works "JSON" d doctor --json
cp "$T/out" "$T/json"
is "is a document" "$(value "(sorted(d), d['xen'], d['checked'], f)")" \
    "(['checked', 'errors', 'findings', 'notes', 'warnings', 'xen'], 'no Xen here', 2, [])"
works "its help" d doctor --help
is "tells the options" "$(grep -c -e --json -e --quiet -e --fail-on -e --watch "$T/out")" 5
works "a watch without Xen ends at once" d doctor --watch 3600
fails "no severity" 2 "is no severity" d doctor --fail-on bad
fails "JSON is not quiet" 2 "don't go together" d doctor -q --json
fails "no such domU" 1 "no such domU" d doctor wbe1
is "but one like it" "$(grep -c "did you mean web1" "$T/err")" 1

# ---- a note
domu web3
cp -r "$F/web2" "$F/web3"
sed -i "s,/root.img,/other.img," "$F/xen/web3.cfg"
vector ffs/ffsv2 "$F/other.img"
works "a note does not fail" d doctor
is "but is told" "$(tail -n 3 "$T/out")" \
    "note: web3: root: $F/other.img (2 MiB) is the root of 1 domU, and $F/root.img (2 MiB) that of 2
    hint: if it is meant to be another root, all is well; else name the shared one in the configuration
1 note"
works "quiet" d doctor -q
is "passes over it" "$(wc -c <"$T/out")" 0
doctor 4 -q --fail-on note
is "unless it counts" "$(head -n 1 "$T/out" | cut -d' ' -f1-2) $(sed -n 's/^drydock: //p' "$T/err")" "note: web3: 1 note"
rm -rf "$F/web3" "$F/xen/web3.cfg" "$F/other.img"

# ---- warnings
vector ffs/unclean "$F/web1/local.img"
doctor 4
is "not clean" "$(grep -A 2 "^warning" "$T/out")" \
    "warning: web1: local: $F/web1/local.img was not unmounted cleanly
    hint: boot the domU, which checks it, or run: drydock check --repair IMAGE
    mend: drydock check --repair $F/web1/local.img"
is "fails with" "$(cat "$T/err")" "drydock: 1 warning
hint: drydock doctor tells what mends them; --fail-on says which count"
doctor 4 -q
is "quiet says that alone" "$(grep -c . "$T/out") $(head -n 1 "$T/out" | cut -d: -f1)" "3 warning"
doctor 0 -q --fail-on error
is "which is no error" "$(wc -c <"$T/out")" 0
doctor 4 web1
doctor 0 web2
is "and not of web2" "$(tail -n 1 "$T/out")" "all is well: 1 domU"
json_of
is "as JSON" "$? $(value "[(x['severity'], x['id'], x['domus'], x['role'], x['image'], x['device'], x['mend']) for x in f]")" \
    "4 [('warning', 'not-clean', ['web1'], 'local', '$F/web1/local.img', None, ['drydock', 'check', '--repair', '$F/web1/local.img'])]"
is "counted" "$(value "(d['errors'], d['warnings'], d['notes'], f[0]['text'], f[0]['hint'] is None)")" \
    "(0, 1, 0, 'local: $F/web1/local.img was not unmounted cleanly', False)"
d check --repair "$F/web1/local.img" >/dev/null 2>&1
doctor 0
is "what mends it mends it" "$(tail -n 1 "$T/out")" "all is well: 2 domUs"

# ---- how full is full
full() { value "sorted({x['severity'] for x in f if x['id'] == 'nearly-full'})"; }
cp "$F/drydock.conf" "$T/as-it-was.conf"
echo 'full_warning = 1' >>"$F/drydock.conf"
json_of
is "where one says so, what is hardly full" "$? $(full)" "4 ['warning']"
echo 'full_error = 2' >>"$F/drydock.conf"
json_of
is "and as an error" "$? $(full)" "4 ['error']"
cp "$T/as-it-was.conf" "$F/drydock.conf"

# ---- errors, the gravest first
mv "$F/root.img" "$F/away.img"
vector ffs/logdirty "$F/web2/local.img"
doctor 4
is "a root that is missing is told once" "$(grep -v "^ " "$T/out" | tail -n +2)" \
    "error: web1 and 1 more: root: $F/root.img: No such file or directory
warning: web2: local: $F/web2/local.img was not unmounted: its journal needs replay
1 error, 1 warning"
json_of --fail-on error
is "of all domUs" "$(value "(f[0]['id'], f[0]['domus'], f[0]['mend'])")" "('missing-image', ['web1', 'web2'], None)"
mv "$F/away.img" "$F/root.img"
vector ffs/ffsv1 "$F/web2/local.img"
cat >"$F/xen/web3.cfg" <<-END
name = "web3"
disk = [ "$F/root.img,raw,xvda,r", "$F/web2/swap.img,raw,xvdb,w" ]
END
json_of
is "two writers" "$? $(value "[(x['id'], x['domus'], x['image']) for x in f]")" \
    "4 [('two-writers', ['web2', 'web3'], '$F/web2/swap.img')]"
rm "$F/xen/web3.cfg"

# ---- generations, and what recover finishes
cp "$F/web1/pkg.img" "$T/new.img"
for i in 1 2 3; do d swap web1:pkg "$T/new.img" >/dev/null 2>&1; echo $i >>"$T/new.img"; done
doctor 0
is "old generations of little size are no matter" "$(tail -n 1 "$T/out")" "all is well: 2 domUs"
S=$F/web1/.pkg.img.d
: >"$S/1.going"
json_of
is "what a deletion left" "$? $(value "[(x['severity'], x['id'], x['mend']) for x in f]")" \
    "4 [('warning', 'leftover', ['drydock', 'recover'])]"
ln -s "9-20260101T000000Z@1" "$S/in-place.new"
json_of
is "a swap that was cut short" "$? $(value "[(x['severity'], x['id'], x['mend']) for x in f]")" \
    "4 [('error', 'interrupted', ['drydock', 'recover']), ('warning', 'leftover', ['drydock', 'recover'])]"
d recover >/dev/null 2>&1
doctor 0
is "recover mends both" "$(tail -n 1 "$T/out")" "all is well: 2 domUs"
: >"$F/web2/.drydock-$(stat -c %i "$F/web2/pkg.img").copy-0"
json_of
is "a copy that was left" "$? $(value "[(x['severity'], x['id'], x['domus']) for x in f]")" \
    "4 [('warning', 'leftover', ['web2'])]"
d recover >/dev/null 2>&1
doctor 0
is "recover takes it away" "$(tail -n 1 "$T/out")" "all is well: 2 domUs"

# ---- nothing is changed, and who may not look says so
before=$(cd "$F" && find . | sort | xargs stat -c '%n %s %Y %Z %a' | cksum)
doctor 0
json_of
is "it changes nothing" "$(cd "$F" && find . | sort | xargs stat -c '%n %s %Y %Z %a' | cksum)" "$before"
chmod 700 "$F/web1" "$F/state"
mkdir -p -m 700 /var/run/drydock/stack
nobody "$DRYDOCK" --config "$F/drydock.conf" doctor --json >"$T/json" 2>"$T/err"
is "somebody else" "$? $(cat "$T/err")" "0 "
is "is told what was not looked at" "$(value "sorted((x['severity'], x['id']) for x in f)")" \
    "[('note', 'not-seen'), ('note', 'not-seen'), ('note', 'not-seen')]"
is "files in one line" "$(value "[x['text'] for x in f if 'files' in x['text']]")" \
    "[\"3 files can't be looked at, such as: swap: $F/web1/swap.img: Permission denied\"]"
rm -r /var/run/drydock

# ---- on a Xen that the test makes up
FAKE_XEN=$T/fake
export FAKE_XEN
mkfifo "$T/fake.events"
f() { "$O/tests/tty/drydock-fake-xen" --config "$F/drydock.conf" doctor "$@"; }
host="host 4.17.3 8192 1229 4"
printf '%s\n' "$host" "domain 3 web1 c 64 1 0 9" "domain 4 stray r 64 1 0 9" >"$T/fake"
f >"$T/out" 2>"$T/err"
is "a domU that has crashed, and one of nobody" "$? $(grep -v "^ " "$T/out")" \
    "4 error: web1: has crashed, and is kept as it was
note: stray: runs without a configuration here
1 error, 1 note"
printf '%s\n' "$host" "domain 3 web1 r 64 1 0 9" >"$T/fake"
f --watch 0 >"$T/out" 2>"$T/err"
is "one that is started once" "$? $(cat "$T/out")" "0 all is well: 2 domUs"
echo denied >"$T/fake"
f >"$T/out" 2>"$T/err"
is "a Xen that is not for us" "$? $(grep -c "^note: Xen can't be asked: Permission denied" "$T/out")" "0 1"
echo deaf >"$T/fake"
f >"$T/out" 2>"$T/err"
is "one that does not answer" "$? $(grep -c "^warning: " "$T/out")" "4 1"

# ---- the manual has them all
sed -n 's/^[[:space:]]*X(FOUND_[A-Z_]*, "\([a-z-]*\)".*/\1/p' core/fleet/finding.h | sort >"$T/ids"
sed -n '/^\.Sh FINDINGS/,/^\.Sh CON/s/^\.It Cm //p' man/drydock.8 | tr -d ',' | tr ' ' '\n' | grep . | sort >"$T/told"
same "each kind is in the manual" "$T/ids" "$T/told"

# ---- names
printf 'name = "o\033[31mdd"\nmemory = yes\n' >"$F/xen/odd.cfg"
echo none >"$T/fake"
f >"$T/out" 2>"$T/err"
is "names don't reach the terminal" "$? $(LC_ALL=C grep -c "$(printf '\033')" "$T/out" "$T/err" | cut -d: -f2 | tr '\n' ' ')" "4 0 0 "
