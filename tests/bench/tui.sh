#!/bin/sh
# The console on 1,000 domUs, and on 10,000, in a pty: the time to the first frame
# and to that with the fleet, from a key to the last byte of its frame, processor
# time of a key, bytes of a line scrolled, bytes and processor time while idle;
# and beside it, where they are there, htop's start and xentop -b.
set -u
cd "$(dirname "$0")/../.." || exit 1
: "${DRYDOCK:=./drydock}" "${DOMUS:=1000}"
T=$(mktemp -d) || exit 1
trap 'rm -rf "$T"' EXIT
cat >"$T/bench.py" <<'END'
import fcntl, os, pty, select, struct, sys, termios, time
program, folder, count = sys.argv[1], sys.argv[2], int(sys.argv[3])
os.makedirs(folder)
os.makedirs(folder + "/xen")
for name in ["root"] + [f"local{i}" for i in range(count)]:
    with open(f"{folder}/{name}.img", "wb") as f:
        f.truncate(1 << 20)
for i in range(count):
    with open(f"{folder}/xen/domu{i}.cfg", "w") as f:
        f.write(f'name = "domu{i}"\nmemory = 256\ndisk = [ '
            f'"{folder}/root.img,raw,xvda,r", '
            f'"{folder}/local{i}.img,raw,xvdb,w" ]\n')
with open(folder + "/drydock.conf", "w") as f:
    f.write(f'config_dirs = [ "{folder}/xen" ]\n'
        f'state_dir = "{folder}/state"\n')

def read_until_quiet(fd, quiet):
    n, last = 0, None
    while select.select([fd], [], [], quiet)[0]:
        n += len(os.read(fd, 65536))
        last = time.monotonic()
    return n, last

def session(term, keys, idle):
    start = time.monotonic()
    pid, fd = pty.fork()
    if pid == 0:
        os.environ.update(TERM=term, LANG="C.UTF-8")
        os.execv(program, [program, "--config", folder + "/drydock.conf"])
    fcntl.ioctl(fd, termios.TIOCSWINSZ, struct.pack("HHHH", 24, 80, 0, 0))
    seen = os.read(fd, 65536)
    first = [time.monotonic() - start]
    while b" domUs" not in seen:
        seen += os.read(fd, 65536)
    first.append(time.monotonic() - start)
    read_until_quiet(fd, 0.3)
    frames = {}
    for name, key in keys:
        start = time.monotonic()
        os.write(fd, key)
        n, last = read_until_quiet(fd, 0.1)
        frames.setdefault(name, []).append(
            (((last or start) - start) * 1000, n))
    used = lambda: sum(map(int, open(f"/proc/{pid}/stat").read()
        .split()[13:15]))
    # up and down, each drawn before the next
    before = used()
    for i in range(200):
        os.write(fd, b"kj"[i % 2:i % 2 + 1])
        if select.select([fd], [], [], 0.1)[0]:
            os.read(fd, 65536)
    cpu = (used() - before) * 1000 / os.sysconf("SC_CLK_TCK") / 200
    read_until_quiet(fd, 0.1)
    before = used()
    silent, _ = read_until_quiet(fd, idle)
    ticks = used() - before
    os.write(fd, b"q")
    try:
        read_until_quiet(fd, 1)
    except OSError:
        pass
    os.waitpid(pid, 0)
    return first, frames, silent, ticks, cpu

keys = [("down", b"j")] * 40 + [("page", b"\x06")] * 5 + [("end", b"G"),
    ("home", b"<"), ("sort", b"s"), ("filter", b"/"), ("filter", b"9"),
    ("filter", b"9"), ("filter", b"\r"), ("all", b"\x1b"), ("help", b"?"),
    ("back", b"q"), ("domU", b"\r"), ("back", b"q")]
idle = 12 if count <= 1000 else 0.2
first, frames, silent, ticks, cpu = session("xterm-256color", keys, idle)
worst = max((f[0], name) for name in frames for f in frames[name])
print(f"tui: {count} domUs: first frame in {first[0] * 1000:.0f} ms, the fleet "
    f"in {first[1] * 1000:.0f} ms; a key in {worst[0]:.1f} ms at worst "
    f"({worst[1]}), {cpu:.2f} ms of the processor each; idle for {idle} s: "
    f"{silent} bytes, {ticks} ticks")
_, frames, _, _, _ = session("vt100", [("down", b"j")] * 60, 0.1)
print(f"tui: a line further on a vt100: {max(f[1] for f in frames['down'])} "
    "bytes at most")
END
for domus in "$DOMUS" "${MANY:-10000}"; do
	timeout 120 python3 "$T/bench.py" "$DRYDOCK" "$T/$domus" "$domus" ||
		echo "tui: the bench of $domus domUs did not end"
	rm -rf "${T:?}/$domus"
done

# The same terminal, the same wait for the first bytes.
python3 - <<'END'
import os, pty, shutil, signal, subprocess, time
if shutil.which("htop"):
    start = time.monotonic()
    pid, fd = pty.fork()
    if pid == 0:
        os.environ.update(TERM="xterm-256color", LANG="C.UTF-8")
        os.execvp("htop", ["htop"])
    seen = b""
    while b"PID" not in seen:
        seen += os.read(fd, 65536)
    print(f"htop: its list in {(time.monotonic() - start) * 1000:.0f} ms")
    os.kill(pid, signal.SIGTERM)
    os.waitpid(pid, 0)
else:
    print("htop: not installed")
if shutil.which("xentop"):
    start = time.monotonic()
    r = subprocess.run(["xentop", "-b", "-i", "1"], capture_output=True)
    print(f"xentop -b: in {(time.monotonic() - start) * 1000:.0f} ms, "
        f"status {r.returncode}")
else:
    print("xentop: not installed")
END
