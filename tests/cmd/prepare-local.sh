# prepare local: what is made of both eras' roots, twice the same, encrypted,
# refused when it does not fit, and safe with an image that is out to harm.
. tests/cmd/lib.sh

D=$PWD/tests/demo
for era in today 2006; do
	sed "s,@E,$D/$era,; s,@C,$D/common,; s,@,$D," "$D/root.spec" >"$T/$era.mtree"
	"$DRYDOCK" create "$T/$era.img" -s 24m --from "$T/$era.mtree" >/dev/null ||
	    fail "a root of $era"
	printf '\177ELF' >"$T/netbsd-XENU"
	"$DRYDOCK" prepare root -k "$T/netbsd-XENU" "$T/$era.img" >/dev/null ||
	    fail "prepare root of $era"
done
file() { "$DRYDOCK" cat "$1:$2"; }
sum() { cksum <"$1"; }

for era in today 2006; do
	L=$T/local-$era.img
	works "a new local of $era" "$DRYDOCK" prepare local -s 16m \
	    --hostname web1 --ip 192.0.2.7/24 --gateway 192.0.2.1 "$T/$era.img" "$L"
	works "it is clean" "$DRYDOCK" check "$L"
	before=$(sum "$L")
	works "again" "$DRYDOCK" prepare local "$T/$era.img" "$L"
	is "again changes nothing" "$(sum "$L")" "$before"
	file "$T/$era.img" /etc/rc.orig >"$T/a"
	file "$L" /etc/rc >"$T/b"
	same "rc is the vanilla one" "$T/a" "$T/b"
	fails "no rc.pre-hooks in it" 1 "rc.pre-hooks" "$DRYDOCK" cat "$L:/etc/rc.pre-hooks"
	file "$L" /etc/fstab >"$T/fstab"
	is "root is read-only in fstab" "$(sed -n 1p "$T/fstab")" "/dev/xbd0a / ffs ro 0 0"
	is "only the console is on" "$(file "$L" /etc/ttys |
	    awk '/^(console|constty|tty)/ && /[ \t]on[ \t]/{ n++ } END { print n + 0 }')" 1
	is "no daily and weekly checks" "$(file "$L" /var/cron/tabs/root |
	    grep -c '^[^#].*/etc/\(daily\|weekly\)')" 0
	"$DRYDOCK" tree --manifest "$T/$era.img:/var" | grep -v cron/tabs | awk '{ print $1, $2, $4, $5, $7, $8 }' |
	    grep -v ' /var$\| /var/db$\| /var/cron$' >"$T/a"
	"$DRYDOCK" tree --manifest "$L:/var" | grep -v 'cron/tabs\|entropy' | awk '{ print $1, $2, $4, $5, $7, $8 }' |
	    grep -v ' /var$\| /var/db$\| /var/cron$' >"$T/b"
	same "owners, modes and times as in the root" "$T/a" "$T/b"
done
is "the host's name" "$(file "$T/local-today.img" /etc/rc.conf | grep '^hostname=')" "hostname=web1"
is "swap's cipher of 9.3" "$(file "$T/local-today.img" /etc/cgd/xbd1d | sed -n 1p)" "algorithm aes-xts;"
is "and of 2006" "$(file "$T/local-2006.img" /etc/cgd/xbd1d | sed -n 1p)" "algorithm blowfish-cbc;"
is "postfix today" "$(file "$T/local-today.img" /etc/rc.conf | grep -c '^postfix=NO')" 1
is "sendmail then" "$(file "$T/local-2006.img" /etc/rc.conf | grep -c '^sendmail=NO')" 1
is "a random seed of its own" "$("$DRYDOCK" tree --manifest "$T/local-today.img:/var/db/entropy-file" |
    awk '{ print $2, $6 }')" "0600 536"

# the operator's files stay
echo "mine" >"$T/hosts"
"$DRYDOCK" cp "$T/hosts" "$T/local-today.img:/etc/hosts"
"$DRYDOCK" prepare local "$T/today.img" "$T/local-today.img" >/dev/null
is "what is in /local stays" "$(file "$T/local-today.img" /etc/hosts)" "mine"

# previews and plans
before=$(sum "$T/local-today.img")
plan=$("$DRYDOCK" prepare local -n --hostname web9 "$T/today.img" "$T/local-today.img" |
    tee "$T/preview" | sed -n 's/^plan: //p')
is "a dry run writes nothing" "$(sum "$T/local-today.img")" "$before"
is "it shows the change" "$(grep -c '^+hostname=web9' "$T/preview")" 1
fails "another change is not the plan" 1 "not what was planned" \
    "$DRYDOCK" prepare local --plan "$plan" --hostname web8 "$T/today.img" "$T/local-today.img"
works "the planned one is" "$DRYDOCK" prepare local --plan "$plan" \
    --hostname web9 "$T/today.img" "$T/local-today.img"
"$DRYDOCK" prepare local -n --json "$T/today.img" "$T/local-today.img" >"$T/json"
works "JSON" python3 -m json.tool "$T/json"

# an overlay
mkdir -p "$T/over/etc" && echo "nameserver 192.0.2.53" >"$T/over/etc/resolv.conf"
works "an overlay" "$DRYDOCK" prepare local --overlay "$T/over" "$T/today.img" "$T/local-today.img"
is "is laid over /local" "$(file "$T/local-today.img" /etc/resolv.conf)" "nameserver 192.0.2.53"
is "and belongs to root" "$("$DRYDOCK" tree --manifest "$T/local-today.img:/etc/resolv.conf" |
    awk '{ print $4, $5 }')" "0 0"

# encrypted
"$DRYDOCK" cgd params new aes-xts 512 -k storedkey -V ffs -o "$T/params"
works "an encrypted local" "$DRYDOCK" prepare local -s 16m -c "$T/params" "$T/today.img" "$T/crypt.img"
fails "can't be read without its key" 1 "" "$DRYDOCK" ls "$T/crypt.img"
is "and with it can" "$("$DRYDOCK" cat -c "$T/params" "$T/crypt.img:/etc/fstab" | sed -n 1p)" \
    "/dev/xbd0a / ffs ro 0 0"
is "no plaintext in it" "$(grep -c 'critical_filesystems_local\|rc_configured' "$T/crypt.img")" 0
works "prepared again" "$DRYDOCK" prepare local -c "$T/params" --hostname h "$T/today.img" "$T/crypt.img"

# refused whole
truncate -s 200k "$T/tiny.img"
fails "no file system" 1 "" "$DRYDOCK" prepare local "$T/today.img" "$T/tiny.img"
"$DRYDOCK" create "$T/small.img" -s 4m >/dev/null
dd if=/dev/urandom of="$T/big" bs=1M count=3 2>/dev/null
"$DRYDOCK" cp "$T/big" "$T/small.img:/big"
dd if=/dev/urandom of="$T/more" bs=1k count=700 2>/dev/null
"$DRYDOCK" create "$T/bigroot.img" -s 24m --from "$T/today.mtree" >/dev/null
"$DRYDOCK" cp "$T/more" "$T/bigroot.img:/var/more"
before=$(sum "$T/small.img")
fails "what does not fit is refused" 1 "needed.*free" "$DRYDOCK" prepare local "$T/bigroot.img" "$T/small.img"
is "and nothing is changed" "$(sum "$T/small.img")" "$before"
fails "a missing LOCAL" 1 "is not there" "$DRYDOCK" prepare local "$T/today.img" "$T/none.img"
fails "-s for one that is there" 1 "is there" "$DRYDOCK" prepare local -s 20m "$T/today.img" "$T/local-today.img"
fails "a name that is none" 2 "host name" "$DRYDOCK" prepare local --hostname 'a;b' "$T/today.img" "$T/local-today.img"
fails "an address that is none" 2 "address" "$DRYDOCK" prepare local --ip 1.2.3.4 "$T/today.img" "$T/local-today.img"
works "a new one instead of the old" "$DRYDOCK" prepare local --format "$T/today.img" "$T/local-today.img"
is "what was in it is gone" "$(file "$T/local-today.img" /etc/rc.conf | grep -c '^hostname=')" 0

# a hostile local: nothing of the host is opened or written
hostile() {	# hostile NAME MTREE-LINES...
	name=$1
	shift
	{ echo "#mtree"; echo "/set type=file uid=0 gid=0 mode=0644 nlink=1"
	  printf '%s\n' ". type=dir mode=0755" "$@"; } >"$T/evil.mtree"
	rm -f "$T/evil.img"
	"$DRYDOCK" create "$T/evil.img" -s 16m --from "$T/evil.mtree" >/dev/null || fail "$name: make it"
	before=$(sum "$T/evil.img")
	timeout 60 "$DRYDOCK" prepare local "$T/today.img" "$T/evil.img" >"$T/out" 2>"$T/err"
	rc=$?
	if [ $rc -eq 1 ] && grep -q '^drydock: ' "$T/err" && [ "$(sum "$T/evil.img")" = "$before" ] &&
	    ! LC_ALL=C grep -q "$(printf '\033')" "$T/err"; then pass "$name"
	else fail "$name" "status $rc" "$(cat "$T/err")"; fi
}
mkdir -p "$T/victim/etc" "$T/victim/tabs"
echo "untouched" >"$T/victim/etc/fstab"
echo "untouched" >"$T/victim/tabs/root"
hostile "etc is a symlink to the host" "./etc type=link link=$T/victim/etc"
hostile "var/cron is one" "./var type=dir mode=0755" "./var/cron type=link link=$T/victim"
hostile "root's crontab is one" "./var type=dir mode=0755" "./var/cron type=dir mode=0755" \
    "./var/cron/tabs type=dir mode=0755" "./var/cron/tabs/root type=link link=$T/victim/tabs/root"
hostile "fstab is a fifo" "./etc type=dir mode=0755" "./etc/fstab type=fifo"
hostile "rc.conf is a device" "./etc type=dir mode=0755" "./etc/rc.conf type=char device=native,2,2"
hostile "fstab is a directory" "./etc type=dir mode=0755" "./etc/fstab type=dir mode=0755"
hostile "rc.conf.d is a file" "./etc type=dir mode=0755" "./etc/rc.conf.d mode=0644"
is "nothing of the host was written" "$(cat "$T/victim/etc/fstab" "$T/victim/tabs/root" | sort -u)" "untouched"
is "and nothing was added" "$(find "$T/victim" -type f | wc -l | tr -d ' ')" 2
