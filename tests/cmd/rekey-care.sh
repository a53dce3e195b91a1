#!/bin/sh
# Another key for an image: what an operator who is tired, or not alone, would
# lose by it.
. tests/cmd/lib.sh
mkdir "$T/xen" "$T/tree" "$T/real"
DRYDOCK_CONF=$T/drydock.conf
export DRYDOCK_CONF
printf 'config_dirs = [ "%s/xen" ]\nstate_dir = "%s/state"\n' "$T" "$T" >"$T/drydock.conf"
D=$DRYDOCK
echo text >"$T/tree/file"
stored() { "$D" cgd params new -k storedkey -V "$2" -o "$T/$1" aes-xts; }
for n in 1 2; do
	stored ffs.$n ffs
	stored none.$n none
done
"$D" cgd params new -k argon2id -V none -o "$T/asks" adiantum

# ---- what is encrypted is not encrypted a second time
"$D" create "$T/a.img" -s 2m --from "$T/tree" -c "$T/ffs.1" >/dev/null
before=$(sum "$T/a.img")
fails "without its parameters" 1 "is encrypted already" "$D" rekey -a adiantum -k storedkey "$T/a.img"
cat >"$T/xen/a.cfg" <<END
name = "a"
disk = [ "$T/a.img,raw,xvda,w" ]
drydock_local = "xvda"
drydock_local_params = "$T/gone"
name = "a"
disk = [ "$T/a.img,raw,xvda,w" ]
drydock_local = "xvda"
drydock_local_params = "$T/gone"
END
fails "with parameters that are not there now" 1 "is encrypted already" "$D" rekey --in-place -y -a adiantum -k storedkey a:local
is "it stays" "$(sum "$T/a.img")" "$before"
rm "$T/xen/a.cfg"

# ---- what is of no known kind can be had back
yes text | head -c 1048576 >"$T/b.img"
before=$(sum "$T/b.img")
works "of no known kind" "$D" rekey --new-params "$T/none.1" "$T/b.img"
fails "by another key" 1 "does not fit" "$D" rekey -c "$T/none.2" --plain "$T/b.img"
works "another key" "$D" rekey --in-place -y -c "$T/none.1" --new-params "$T/none.2" "$T/b.img"
works "and plain again" "$D" rekey --plain -c "$T/none.2" "$T/b.img"
is "as it was" "$(sum "$T/b.img")" "$before"

# ---- a folder by a symlink: the file that others use follows, and comes back
ln -s real "$T/link"
cp "$T/ffs.1" "$T/c.params"
"$D" create "$T/real/c.img" -s 2m --from "$T/tree" -c "$T/ffs.1" >/dev/null
cat >"$T/xen/c.cfg" <<END
name = "c"
disk = [ "$T/link/c.img,raw,xvda,w" ]
drydock_local = "xvda"
drydock_local_params = "$T/c.params"
END
works "through a symlink" "$D" rekey -a adiantum -k storedkey c:local
same "it follows" "$T/c.params" "$T/real/.c.img.d/2.params"
works "rolled back" "$D" rollback c:local
same "it is back" "$T/c.params" "$T/ffs.1"
rm "$T/xen/c.cfg"

# ---- two at once: one has looked at it, and waits for a passphrase, while
# another gives it another key
cat >"$T/vault" <<END
#!/bin/sh
[ -e "$T/was" ] || "$D" rekey \$FIRST "$T/d.img" >"$T/out1" 2>&1
: >"$T/was"
echo one
END
chmod +x "$T/vault"
# second FIRST'S-OPTIONS OPTION...
second() { FIRST=$1; export FIRST; rm -f "$T/was"; shift; "$D" rekey --new-params "$T/asks" "$@" --passphrase-command "$T/vault" "$T/d.img"; }
yes text | head -c 1048576 >"$T/d.img"
before=$(sum "$T/d.img")
"$D" rekey --in-place -y --new-params "$T/none.1" "$T/d.img" >/dev/null
fails "in place, after another" 1 "was changed since" second "--in-place -y -c $T/none.1 --new-params $T/none.2" -c "$T/none.1" --in-place -y
fails "as a generation" 1 "was changed since" second "-c $T/none.2 --new-params $T/none.1" -c "$T/none.2"
works "it is under the one key" "$D" rekey --plain -c "$T/none.1" "$T/d.img"
is "and whole" "$(sum "$T/d.img")" "$before"

# ---- a pause, as JSON; and on, while a folder is missing that is not needed
"$D" create "$T/e.img" -s 200m -c "$T/ffs.1" >/dev/null
python3 - "$D" "$T" >"$T/told" 2>&1 <<'END'
import json, subprocess, sys
drydock, t = sys.argv[1:]
image = t + "/e.img"
p = subprocess.Popen([drydock, "rekey", "--in-place", "-y", "-c", t + "/ffs.1",
    "--new-params", t + "/ffs.2", image], stdout=subprocess.DEVNULL)
told = None
while p.poll() is None:
    r = subprocess.run([drydock, "rekey", "--json", "--pause", image],
        stdout=subprocess.PIPE, stderr=subprocess.DEVNULL)
    if r.returncode == 0:
        told = json.loads(r.stdout)
print(told["image"] == image and told["done"], p.wait())
END
is "a pause, as JSON" "$(cat "$T/told")" "True 0"
cat >"$T/xen/e.cfg" <<END
name = "e"
disk = [ "$T/e.img,raw,xvda,w" ]
drydock_local = "xvda"
drydock_local_params = "$T/usb/e.params"
END
works "on" "$D" rekey --resume "$T/e.img"
clean "it" "$T/e.img" -c "$T/ffs.2"
