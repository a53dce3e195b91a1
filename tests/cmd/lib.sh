# For the tests of commands: a folder of their own in $T (removed at the end),
# and checks that print TAP lines.  The scripts run from the repository's top.
set -u
T=$(mktemp -d "${TMPDIR:-/tmp}/drydock-test.XXXXXX") || exit 1
trap 'chmod -R u+rwx "$T" 2>/dev/null; rm -rf "$T"' EXIT
trap 'exit 1' HUP INT TERM

pass() { echo "ok - $1"; }
fail() { echo "not ok - $1"; shift; for l in "$@"; do echo "$l" | sed 's/^/# /'; done; }

# is NAME ACTUAL WANTED
is() {
	if [ "$2" = "$3" ]; then pass "$1"; else fail "$1" "got:" "$2" "wanted:" "$3"; fi
}

# same NAME FILE FILE
same() {
	if cmp -s "$2" "$3"; then pass "$1"; else fail "$1" "$(diff "$2" "$3" 2>&1 | head -n 20)"; fi
}

# works NAME COMMAND...: status 0, nothing on standard error
works() {
	name=$1; shift
	"$@" >"$T/out" 2>"$T/err"; rc=$?
	if [ $rc -eq 0 ] && [ ! -s "$T/err" ]; then pass "$name"
	else fail "$name" "status $rc" "$(cat "$T/err")"; fi
}

# fails NAME STATUS PATTERN COMMAND...: that status, one line of message that
# matches, one hint, nothing on standard output
fails() {
	name=$1; want=$2; pattern=$3; shift 3
	"$@" >"$T/out" 2>"$T/err"; rc=$?
	if [ $rc -eq "$want" ] && [ ! -s "$T/out" ] &&
	    [ "$(grep -c '^drydock: ' "$T/err")" -eq 1 ] &&
	    [ "$(grep -c '^hint: ' "$T/err")" -eq 1 ] &&
	    [ "$(wc -l <"$T/err")" -eq 2 ] &&
	    grep -q "^drydock: .*$pattern" "$T/err"; then pass "$name"
	else fail "$name" "status $rc, wanted $want with: $pattern" "$(cat "$T/err")" "$(head -n 5 "$T/out")"; fi
}

# clean NAME IMAGE [OPTION...]: check finds no fault
clean() {
	name=$1; image=$2; shift 2
	works "$name is clean" "$DRYDOCK" check "$@" "$image"
}

vector() { zstd -qdf "tests/vectors/$1.img.zst" -o "$2" && chmod u+w "$2"; }
sum() { sha256sum "$1" 2>/dev/null | cut -d' ' -f1 || sha256 -q "$1"; }
json() { python3 -m json.tool >/dev/null 2>&1; }

# Run as somebody who is not root.
nobody() {
	if [ "$(id -u)" -ne 0 ]; then "$@"
	else setpriv --reuid 65534 --regid 65534 --clear-groups -- "$@"; fi
}
