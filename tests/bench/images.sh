#!/bin/sh
# Images, with a tree of 10,000 files and 200 MB: create against makefs, cp
# from image to image against pax between two loop-mounted file systems (both
# with the final sync), resident memory, and opening a 1 GiB image.  What is
# compared runs in turns; the best of each counts.
set -u
cd "$(dirname "$0")/../.." || exit 1
: "${DRYDOCK:=./drydock}" "${FILES:=10000}" "${ROUNDS:=5}"
T=$(mktemp -d) || exit 1
cleanup() {
	for m in "$T/from" "$T/to"; do
		mountpoint -q "$m" 2>/dev/null && umount "$m"
	done
	rm -rf "$T"
}
trap cleanup EXIT
trap 'exit 1' HUP INT TERM
python3 - "$DRYDOCK" "$T" "$FILES" "$ROUNDS" <<'END'
import os, random, resource, shutil, subprocess, sys, time
drydock, top, files, rounds = sys.argv[1], sys.argv[2], int(sys.argv[3]), int(sys.argv[4])
os.chdir(top)

def make_tree():
    random.seed(1)
    noise = os.urandom(1 << 20)
    total = 0
    for i in range(files):
        folder = f"src/d{i % 50:02}/e{i % 7}"
        os.makedirs(folder, exist_ok=True)
        size = min(int(random.expovariate(1 / 20480)), len(noise))
        at = random.randrange(len(noise) - size + 1)
        with open(f"{folder}/f{i}", "wb") as f:
            f.write(noise[at:at + size])
        total += size
    return total

def quiet(*command):
    subprocess.run(command, check=True, stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL)

def seconds(prepare, *command):
    """Of one run; what is prepared before does not count."""
    prepare()
    os.sync()
    os.sync()
    start = time.monotonic()
    quiet(*command)
    return time.monotonic() - start

def in_turns(a, b):
    """The best seconds of each."""
    times = [(seconds(*a), seconds(*b)) for _ in range(rounds)]
    return min(t[0] for t in times), min(t[1] for t in times)

def peak(*command):
    """Resident memory of one run, in bytes."""
    pid = os.posix_spawn(command[0], command, os.environ, file_actions=[
        (os.POSIX_SPAWN_OPEN, 1, "/dev/null", os.O_WRONLY, 0)])
    _, status, usage = os.wait4(pid, 0)
    assert status == 0, command
    return usage.ru_maxrss * 1024

def remove(*paths):
    for path in paths:
        if os.path.isdir(path): shutil.rmtree(path)
        elif os.path.lexists(path): os.unlink(path)

def tell(what, ours, theirs, name, wanted):
    print(f"{what}: {ours:.3f} s, {name}: {theirs:.3f} s, "
        f"{theirs / ours:.2f} times as fast ({wanted} wanted)", flush=True)

total = make_tree()
print(f"{files} files, {total / 1e6:.0f} MB")

if shutil.which("makefs"):
    ours, theirs = in_turns(
        (lambda: remove("a.img"), drydock, "create", "a.img", "--from", "src"),
        (lambda: remove("m.img"), "sh", "-c",
            "makefs -t ffs -o version=2 m.img src && sync m.img"))
    tell("create --from DIR", ours, theirs, "makefs and sync", "1")
    remove("m.img")

quiet(drydock, "create", "a.img", "--from", "src") if not os.path.exists("a.img") else None
quiet(drydock, "create", "empty.img", "-s", "400m")
def fresh():
    remove("b.img")
    quiet("cp", "--sparse=always", "empty.img", "b.img")
copy = ("sh", "-c", f"'{drydock}' cp -r a.img:/ b.img:/new && sync b.img")

def loop_mounts():
    for name in "from", "to":
        os.makedirs(name, exist_ok=True)
        with open(name + ".ext4", "wb") as f: f.truncate(600 << 20)
        quiet("mkfs.ext4", "-q", name + ".ext4")
        quiet("mount", "-o", "loop", name + ".ext4", name)
    quiet("cp", "-a", "src", "from/")
try:
    loop_mounts()
except (subprocess.CalledProcessError, OSError):
    print("# skip pax between loop mounts: they need root and loop devices")
    print(f"cp -r image to image: {min(seconds(fresh, *copy) for _ in range(rounds)):.3f} s")
else:
    ours, theirs = in_turns((fresh, *copy),
        (lambda: remove("to/src"), "sh", "-c",
            "cd from && pax -rw -pe src ../to && sync -f ../to"))
    tell("cp -r image to image", ours, theirs, "pax between loop mounts", "2")

memory = {}
remove("a.img")
memory["create"] = peak(drydock, "create", "a.img", "--from", "src")
fresh()
memory["cp -r"] = peak(drydock, "cp", "-r", "a.img:/", "b.img:/new")
fresh()
memory["cp -r --dry-run"] = peak(drydock, "cp", "-rn", "a.img:/", "b.img:/new")
memory["tree --manifest"] = peak(drydock, "tree", "--manifest", "a.img")
print("resident memory: " + ", ".join(f"{k} {v / 2**20:.0f} MiB"
    for k, v in memory.items()) + " (under 64 wanted)")

remove("big.img")
quiet(drydock, "create", "big.img", "-s", "1g", "--from", "src")
open_ls = min(seconds(lambda: None, drydock, "ls", "big.img") for _ in range(20))
print(f"open a 1 GiB image and ls /: {open_ls * 1000:.1f} ms (under 10 wanted)")
END
