#!/bin/sh
# drydock list and show: tables, JSON, errors.  What they print is compared
# with tests/golden/list; UPDATE=1 writes those files anew.
. tests/cmd/lib.sh
: "${UPDATE:=}"
golden=tests/golden/list

run() { COLUMNS=${columns:-80} LC_ALL=C.UTF-8 "$DRYDOCK" --config "$T/drydock.conf" "$@"; }

# golden NAME FILE: what the last command printed.  What depends on the place,
# the host's file system and Xen is made equal.
golden() {
	sed -e '/^no Xen here: /d' -e 's/ (no Xen here)//' -e "s|$T|/fleet|g" \
	    -e 's/, [^,]* of it allocated/, N of it allocated/' "$T/out" >"$T/plain"
	[ -z "$UPDATE" ] || cp "$T/plain" "$golden/$2"
	same "$1" "$golden/$2" "$T/plain"
}

# passes NAME COMMAND...: a check by another program
passes() {
	name=$1; shift
	if "$@" >"$T/log" 2>&1; then pass "$name"; else fail "$name" "$(cat "$T/log")"; fi
}

# ---- a fleet
mkdir -p "$T/xen/auto" "$T/img"
vector ffs/ffsv2 "$T/img/root.img"
for who in web1 web2 mail; do
	head -c 1024 /dev/zero >"$T/img/$who-swap.img"
	vector ffs/ffsv1 "$T/img/$who-local.img"
	vector ffs/makefs-v1 "$T/img/$who-pkg.img"
done
vector ffs/unclean "$T/img/mail-local.img"
vector ffs/logdirty "$T/img/mail-pkg.img"
vector disk "$T/img/label.img"
gzip -nc tests/vectors/disk.img.zst >"$T/img/set.tgz"

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
works "list says nothing on standard error" run list
golden "list in 80 columns" list-80
cat >"$T/check_width.py" <<'END'
import sys, unicodedata
text = open(sys.argv[1], encoding="utf-8").read().replace("\r", "")
longest = max(sum(2 if unicodedata.east_asian_width(c) == "W" else 1
    for c in line) for line in text.split("\n"))
assert int(sys.argv[2]) <= longest <= int(sys.argv[3]), longest
END
passes "no line is wider than 80 columns" python3 "$T/check_width.py" "$T/out" 0 80
passes "no Xen is said once at most" test "$(grep -c '^no Xen' "$T/out")" -le 1
columns=1000 works "list in 1000 columns" run list
golden "list with room for findings" list-wide

cat >"$T/on_tty.py" <<'END'
# run a command in a terminal of 100 columns; its output goes to a file
import fcntl, os, pty, struct, subprocess, sys, termios
master, slave = pty.openpty()
fcntl.ioctl(slave, termios.TIOCSWINSZ, struct.pack("HHHH", 24, 100, 0, 0))
env = {k: v for k, v in os.environ.items() if k != "COLUMNS"}
env["LC_ALL"] = "C.UTF-8"
p = subprocess.Popen(sys.argv[2:], stdout=slave, env=env)
os.close(slave)
with open(sys.argv[1], "wb") as out:
    while True:
        try:
            piece = os.read(master, 65536)
        except OSError:
            break
        if not piece:
            break
        out.write(piece)
sys.exit(p.wait())
END
passes "list on a terminal" python3 "$T/on_tty.py" "$T/out" \
	"$DRYDOCK" --config "$T/drydock.conf" list
passes "list fits a terminal of 100 columns and uses it" \
	python3 "$T/check_width.py" "$T/out" 81 100

# ---- JSON
works "list --json says nothing on standard error" run list --json
cat >"$T/check_json.py" <<'END'
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
passes "list --json tells all of it" python3 "$T/check_json.py" "$T/out" "$T"

# ---- show
works "show" run show web2
golden "show of a domU that shares" show-web2
works "show of odd disks" run show a-domu-with-a-rather-long-name
golden "show of odd disks: what it says" show-odd
works "show of a configuration that xl refuses" run show dos
golden "show of it: what it says" show-dos
works "show --json" run show --json web1
passes "show --json is that domU" python3 -c 'import json, sys
assert json.load(open(sys.argv[1]))["name"] == "web1"' "$T/out"

# ---- what may not be read
mkdir "$T/closed"
chmod 755 "$T"
printf 'name = "secret"\n' >"$T/closed/secret.cfg"
printf 'name = "open"\ndisk = [ "%s/closed/root.img,raw,xvda,r" ]\n' "$T" \
    >"$T/closed/open.cfg"
cp "$T/img/root.img" "$T/closed/root.img"
chmod 000 "$T/closed/secret.cfg" "$T/closed/root.img"
printf 'config_dirs = [ "closed" ]\n' >"$T/closed.conf"
if nobody test -x "$DRYDOCK"; then
	nobody "$DRYDOCK" --config "$T/closed.conf" list --json >"$T/out" 2>"$T/err"
	passes "what may not be read is said in its place" python3 -c '
import json, sys
opened, secret = json.load(open(sys.argv[1]))["domus"]
assert "Permission denied" in secret["error"]
image = opened["disks"][0]["image"]
assert "Permission denied" in image["error"] and not image["missing"]
assert opened["findings"]' "$T/out"
else
	echo "# skip what may not be read: nobody can't run the program"
fi

# ---- what goes wrong
fails "an unknown domU" 1 "wbe1: no such domU" run show wbe1
is "the nearest name is the hint" "$(sed -n 's/^hint: //p' "$T/err")" \
	"did you mean web1?"
fails "show without a name" 2 "" run show
fails "list with a name" 2 "web1" run list web1
fails "an unknown option" 2 "jsno" run list --jsno
fails "a missing drydock.conf" 1 "none.conf: No such file" \
	"$DRYDOCK" --config "$T/none.conf" list
if [ -w /dev/full ]; then
	run list >/dev/full 2>"$T/err"
	is "a full standard output is an error" \
	    "$? $(grep -c 'standard output' "$T/err")" "1 1"
else
	echo "# skip a full standard output: no /dev/full"
fi
printf 'config_dirs = [ "absent" ]\n' >"$T/drydock.conf"
run list >"$T/out" 2>"$T/err"
is "a missing folder is said, and list goes on" \
	"$? $(grep -c 'absent: No such file' "$T/err") $(grep -c '^no domUs' "$T/out")" \
	"0 1 1"
printf 'config_dir = [ "xen" ]\n' >"$T/drydock.conf"
fails "an unknown key in drydock.conf: its line" 1 \
	"drydock.conf:1: unknown key config_dir" run list
is "and the nearest key" "$(sed -n 's/^hint: //p' "$T/err")" \
	"did you mean config_dirs?"

is "the images are as they were" "$(cat "$T"/img/* | cksum)" "$before"
