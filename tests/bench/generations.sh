#!/bin/sh
# Generations: rollback of a small image and of a huge one, beside a copy; and
# the lists of 200 domUs with 20 generations each.  The best of five runs.
set -u
cd "$(dirname "$0")/../.." || exit 1
: "${DRYDOCK:=./drydock}" "${DOMUS:=200}" "${GENERATIONS:=20}"
T=$(mktemp -d) || exit 1
trap 'rm -rf "$T"' EXIT
python3 - "$DRYDOCK" "$T" "$DOMUS" "$GENERATIONS" <<'END2'
import os, subprocess, sys, time
program, top, domus, generations = sys.argv[1], sys.argv[2], int(sys.argv[3]), int(sys.argv[4])
config = [program, "--config", top + "/drydock.conf"]

def quiet(*command):
    subprocess.run(command, check=True, stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL)

def best(*commands):
    """Of five runs of each, in turns: the best time in ms."""
    times = []
    for _ in range(5):
        for command in commands:
            start = time.monotonic()
            quiet(*command)
            times.append(time.monotonic() - start)
    return min(times) * 1000

def image(path, size, text=b""):
    with open(path, "wb") as f:
        f.write(text)
        f.truncate(size)

for folder in "xen", "img": os.mkdir(f"{top}/{folder}")
with open(top + "/drydock.conf", "w") as f:
    f.write('config_dirs = [ "xen" ]\nstate_dir = "state"\n')
def domu(name):
    with open(f"{top}/xen/{name}.cfg", "w") as f:
        f.write(f'name = "{name}"\ndrydock_pkg = "xvda"\n'
            f'disk = [ "{top}/img/{name}.img,raw,xvda,w" ]\n')

# what it takes to go back, and what it took to copy
def flips(name, size):
    domu(name)
    for path in f"img/{name}.img", "next":
        image(f"{top}/{path}", size, path.encode())
    quiet(*config, "swap", "--move", name, top + "/next")
    return best([*config, "rollback", name], [*config, "rollback", "--to", "2", name])
small = flips("small", 1 << 20)
try:
    huge = f"{flips('huge', 100 << 30):.1f} ms"
except (OSError, subprocess.CalledProcessError):
    huge = "not possible on this file system"
with open(top + "/full", "wb") as f:
    for _ in range(256): f.write(os.urandom(1 << 20))
os.sync()
copy = best(["sh", "-c", f"cp --reflink=never {top}/full {top}/copy && sync {top}/copy"])
print(f"rollback 1 MiB: {small:.1f} ms, 100 GiB sparse: {huge}; cp and sync "
    f"of a 256 MiB image: {copy:.0f} ms", flush=True)
for name in "full", "copy": os.unlink(f"{top}/{name}")
for name in "small", "huge": os.unlink(f"{top}/xen/{name}.cfg")

# 200 domUs with 20 generations each: folders as swaps leave them, and a
# history as long
for i in range(domus):
    name = f"domu{i:03}"
    domu(name)
    path = f"{top}/img/{name}.img"
    image(path, 1 << 20, b"x")
    os.mkdir(f"{top}/img/.{name}.img.d")
    for n in range(1, generations):
        image(f"{top}/img/.{name}.img.d/{n}-20260101T0000{n:02}Z", 1 << 20, b"x")
        with open(f"{top}/img/.{name}.img.d/{n}.sha256", "w") as f:
            f.write("0" * 64 + "  x\n")
    os.symlink(f"{generations}-20260101T000100Z@{os.stat(path).st_ino}",
        f"{top}/img/.{name}.img.d/in-place")
quiet(*config, "rescan")
import sqlite3
db = sqlite3.connect(top + "/state/history.db")
db.executemany("INSERT INTO job (started, duration, who, pid, pid_start, "
    "action, domu, image, gen_from, gen_to, command, code, message) VALUES "
    "(?, 20, 'root', 1, 1, 'swap', ?, ?, ?, ?, 'drydock swap', 'none', '')",
    [(1767225600 + n, f"domu{i:03}", f"{top}/img/domu{i:03}.img", n, n + 1)
    for n in range(1, generations) for i in range(domus)])
db.commit()
db.close()
quiet(*config, "rollback", "domu000")
figures = ", ".join(f"{what[0]} {best([*config, *what]):.0f} ms" for what in
    (["list"], ["generations", "domu100"], ["history"], ["history", "domu100"]))
print(f"{domus} domUs with {generations} generations: {figures} (300 wanted)")
END2
