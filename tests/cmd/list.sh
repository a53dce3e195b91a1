#!/bin/sh
# drydock list and show: tables, JSON, errors.  What they print is compared
# with tests/golden/list; UPDATE=1 writes those files anew.
set -u
: "${UPDATE:=}"
T=$(mktemp -d) || exit 1
trap 'rm -rf "$T"' EXIT
golden=$PWD/tests/golden/list
vectors=$PWD/tests/vectors
n=0

result() {	# result STATUS TEXT
	n=$((n + 1))
	[ "$1" -eq 0 ] && echo "ok $n - $2" || echo "not ok $n - $2"
}

dd_run() {	# status in $status, streams in $T/out and $T/err
	COLUMNS=${columns:-80} LC_ALL=${locale:-C.UTF-8} \
	    "$DRYDOCK" --config "$T/drydock.conf" "$@" >"$T/out" 2>"$T/err"
	status=$?
}

# What depends on the place, the host's file system and Xen is made equal.
same() {	# same FILE GOLDEN
	sed -e '/^no Xen here: /d' -e 's/ (no Xen here)//' \
	    -e "s|$T|/fleet|g" -e 's/, [^,]* of it allocated/, N of it allocated/' \
	    -e 's/"allocated": [0-9]*/"allocated": N/' "$1" >"$1.plain"
	[ -z "$UPDATE" ] || cp "$1.plain" "$golden/$2"
	diff -u "$golden/$2" "$1.plain"
}

# ---- a fleet
mkdir -p "$T/xen/auto" "$T/img"
unpack() { zstd -qdfo "$T/img/$2" "$vectors/$1.zst"; }
unpack ffs/ffsv2.img root.img
for who in web1 web2 mail; do
	dd if=/dev/zero of="$T/img/$who-swap.img" bs=1024 count=1 2>/dev/null
	unpack ffs/ffsv1.img $who-local.img
	unpack ffs/makefs-v1.img $who-pkg.img
done
unpack ffs/unclean.img mail-local.img
unpack ffs/logdirty.img mail-pkg.img
unpack disk.img label.img
gzip -nc "$vectors/disk.img.zst" >"$T/img/set.tgz"

domu() {	# domu FILE NAME IMAGES
	cat >"$T/xen/$1" <<-END
	name = "$2"
	memory = 256
	kernel = "/xen/netbsd-XENU"
	disk = [ "$T/img/root.img,raw,xvda,r",
	    "file:$T/img/$3-swap.img,xvdb,w",
	    "$T/img/$3-local.img,raw,xvdc,w",
	    "phy:$T/img/$3-pkg.img,xvdd,w" ]
	END
}
domu web1.cfg web1 web1
domu web2.cfg web2 web2
domu mail.cfg 'mail\n\a' mail
domu wide.cfg 日本の計算機 web2
ln -s ../web1.cfg "$T/xen/auto/web1.cfg"
cat >"$T/xen/odd.cfg" <<END
name = "a-domu-with-a-rather-long-name"
drydock_rot = "xvda"
disk = [ "$T/img/label.img,raw,xvda,r", ",,hdc:cdrom,r",
    "$T/img/none.img,raw,xvdb,w", "$T/img/set.tgz,raw,xvdc,r" ]
END
printf 'name = "dos"\r\n' >"$T/xen/dos.cfg"
printf 'config_dirs = [ "xen", "xen/auto" ]\nstate_dir = "state"\n' \
    >"$T/drydock.conf"
before=$(cat "$T"/img/* | cksum)

# ---- list
dd_run list
result $status "list succeeds"
same "$T/out" list-80
result $? "list in 80 columns"
[ ! -s "$T/err" ]
result $? "list says nothing on standard error"
[ "$(grep -c '^no Xen here: ' "$T/out")" -le 1 ]
result $? "no Xen is said once at most"
python3 - "$T/out" <<'END'
import sys, unicodedata
for line in open(sys.argv[1], encoding="utf-8"):
    assert sum(2 if unicodedata.east_asian_width(c) == "W" else 1
        for c in line.rstrip("\n")) <= 80, line
END
result $? "no line is wider than 80 columns"

columns=1000 dd_run list
same "$T/out" list-wide
result $? "list with room for findings"

python3 - "$DRYDOCK" "$T" <<'END'
# a terminal of 100 columns: some line must be longer than 80, none than 100
import fcntl, os, pty, struct, subprocess, sys, termios, unicodedata
program, folder = sys.argv[1:]
master, slave = pty.openpty()
fcntl.ioctl(slave, termios.TIOCSWINSZ, struct.pack("HHHH", 24, 100, 0, 0))
env = {k: v for k, v in os.environ.items() if k != "COLUMNS"}
env["LC_ALL"] = "C.UTF-8"
p = subprocess.Popen([program, "--config", folder + "/drydock.conf", "list"],
    stdout=slave, env=env)
os.close(slave)
text = b""
while True:
    try:
        piece = os.read(master, 65536)
    except OSError:
        break
    if not piece:
        break
    text += piece
p.wait()
width = lambda s: sum(2 if unicodedata.east_asian_width(c) == "W" else 1
    for c in s)
longest = max(width(l) for l in text.decode().replace("\r", "").split("\n"))
sys.exit(not 80 < longest <= 100)
END
result $? "list fits a terminal of 100 columns and uses it"

# ---- JSON
dd_run list --json
python3 - "$T/out" "$T" <<'END'
import json, sys
doc = json.load(open(sys.argv[1]))
folder = sys.argv[2]
domus = {d["name"]: d for d in doc["domus"]}
assert len(doc["domus"]) == 6, len(doc["domus"])
web1 = domus["web1"]
assert web1["state"] in ("off", "unknown") and web1["memory"] == 256 << 20
assert web1["error"] is None
assert [d["role"] for d in web1["disks"]] == ["root", "swap", "local", "pkg"]
root = web1["disks"][0]
assert root["path"] == folder + "/img/root.img" and root["mode"] == "r"
image = root["image"]
assert image["kind"] == "ffs" and image["filesystem"]["version"] == 2
assert image["filesystem"]["clean"] is True
assert image["size"] == 2 << 20
assert sorted(image["shared_by"]) == sorted(["web2", "mail\\n\\a",
    "日本の計算機"])
assert web1["disks"][1]["image"]["kind"] == "empty"
assert web1["disks"][3]["mode"] == "w"
mail = domus["mail\\n\\a"]
assert mail["disks"][2]["image"]["filesystem"]["clean"] is False
assert {f["severity"] for f in mail["findings"]} == {"warning"}
assert any("read-write" in f["text"] and f["hint"]
    for f in domus["web2"]["findings"] if f["severity"] == "error")
odd = domus["a-domu-with-a-rather-long-name"]
assert odd["disks"][0]["image"]["labelled"] is True
assert odd["disks"][1]["image"] is None and odd["disks"][1]["cdrom"] is True
assert odd["disks"][2]["image"]["missing"] is True
assert odd["disks"][3]["image"]["kind"] == "archive"
assert domus["dos"]["error"] and domus["dos"]["disks"] == []
END
result $? "list --json tells all of it"
[ ! -s "$T/err" ]
result $? "list --json says nothing on standard error"

# ---- show
dd_run show web2
result $status "show succeeds"
same "$T/out" show-web2
result $? "show of a domU that shares"
dd_run show a-domu-with-a-rather-long-name
same "$T/out" show-odd
result $? "show of odd disks"
dd_run show dos
same "$T/out" show-dos
result $? "show of a configuration that xl refuses"
dd_run show --json web1
python3 -c 'import json, sys
assert json.load(open(sys.argv[1]))["name"] == "web1"' "$T/out"
result $? "show --json"

# ---- what goes wrong
dd_run show wbe1
[ $status -eq 1 ] && same "$T/err" show-unknown && [ ! -s "$T/out" ]
result $? "an unknown domU: status 1, and the nearest name"
dd_run show
[ $status -eq 2 ]
result $? "show without a name: status 2"
dd_run list web1
[ $status -eq 2 ]
result $? "list with a name: status 2"
dd_run list --jsno
[ $status -eq 2 ]
result $? "an unknown option: status 2"
"$DRYDOCK" --config "$T/none.conf" list >"$T/out" 2>"$T/err"
[ $? -eq 1 ] && grep -q '^drydock: .*none.conf: No such file' "$T/err" &&
    grep -q '^hint: ' "$T/err"
result $? "a missing drydock.conf: status 1, and a hint"
if [ -w /dev/full ]; then
	"$DRYDOCK" --config "$T/drydock.conf" list >/dev/full 2>"$T/err"
	[ $? -eq 1 ] && grep -q 'standard output' "$T/err"
	result $? "a full standard output is an error"
else
	echo "# skip no /dev/full"
fi
printf 'config_dirs = [ "absent" ]\n' >"$T/drydock.conf"
dd_run list
[ $status -eq 0 ] && grep -q 'absent: No such file' "$T/err" &&
    grep -q '^no domUs' "$T/out"
result $? "a missing folder is said, and list goes on"
printf 'config_dir = [ "xen" ]\n' >"$T/drydock.conf"
dd_run list
[ $status -eq 1 ] && grep -q 'drydock.conf:1: unknown key config_dir' "$T/err" &&
    grep -q '^hint: did you mean config_dirs' "$T/err"
result $? "an unknown key in drydock.conf: line and nearest key"

[ "$before" = "$(cat "$T"/img/* | cksum)" ]
result $? "the images are as they were"
echo "1..$n"
