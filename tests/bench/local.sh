#!/bin/sh
# prepare local from a root of 400 MB with 2,500 files in etc, tmp and var,
# against pax between two loop-mounted file systems, as the scripts of 2006
# did it: sync and umount count on both sides.
set -u
cd "$(dirname "$0")/../.." || exit 1
: "${DRYDOCK:=./drydock}" "${ROUNDS:=5}"
T=$(mktemp -d) || exit 1
cleanup() {
	for m in "$T/root" "$T/local"; do
		mountpoint -q "$m" 2>/dev/null && umount "$m"
	done
	rm -rf "$T"
}
trap cleanup EXIT
trap 'exit 1' HUP INT TERM
D=$PWD/tests/demo
sed "s,@E,$D/today,; s,@C,$D/common,; s,@,$D," "$D/root.spec" >"$T/root.mtree"
python3 - "$DRYDOCK" "$T" "$ROUNDS" <<'END'
import os, random, subprocess, sys, time
drydock, top, rounds = sys.argv[1], sys.argv[2], int(sys.argv[3])
os.chdir(top)

def quiet(*command):
    subprocess.run(command, check=True, stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL)

random.seed(1)
noise = os.urandom(1 << 20)
for i in range(2500):
    folder = "src/" + ("etc/x", "var/db/x", "tmp/x")[i % 3] + str(i % 20)
    os.makedirs(folder, exist_ok=True)
    with open(f"{folder}/f{i}", "wb") as f:
        f.write(noise[:min(int(random.expovariate(1 / 4096)), 65536)])
os.makedirs("src/usr")
for i in range(380):
    with open(f"src/usr/big{i}", "wb") as f: f.write(noise)

quiet(drydock, "create", "root.img", "-s", "600m", "--from", "root.mtree", "--from", "src")
def fresh():
    if os.path.exists("l.img"): os.unlink("l.img")
    quiet(drydock, "create", "l.img", "-s", "128m", "-i", "4096")
def fresh_ext4():
    if os.path.ismount("local"): quiet("umount", "local")
    quiet("mkfs.ext4", "-q", "-F", "local.ext4")

def seconds(prepare, command):
    prepare()
    os.sync()
    os.sync()
    start = time.monotonic()
    quiet("sh", "-c", command)
    return time.monotonic() - start

ours = f"'{drydock}' prepare local root.img l.img && sync l.img"
try:
    for name, size in ("root", 900), ("local", 256):
        os.makedirs(name, exist_ok=True)
        with open(name + ".ext4", "wb") as f: f.truncate(size << 20)
        quiet("mkfs.ext4", "-q", name + ".ext4")
    quiet("mount", "-o", "loop", "root.ext4", "root")
    quiet("cp", "-a", "src/.", "root/")
    quiet("umount", "root")
except (subprocess.CalledProcessError, OSError):
    print("# skip pax between loop mounts: they need root and loop devices")
    print(f"prepare local: {min(seconds(fresh, ours) for _ in range(rounds)):.3f} s")
    sys.exit()
theirs = ("mount -o loop,ro root.ext4 root && mount -o loop local.ext4 local &&"
    " (cd root && pax -rw -pe etc tmp var ../local) && sync -f local &&"
    " umount local root && sync local.ext4")
times = [(seconds(fresh, ours), seconds(fresh_ext4, theirs)) for _ in range(rounds)]
a, b = min(t[0] for t in times), min(t[1] for t in times)
print(f"prepare local, 2500 files: {a:.3f} s, pax between loop mounts: "
    f"{b:.3f} s, {b / a:.2f} times as fast (3 wanted)")
END
