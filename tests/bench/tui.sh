#!/bin/sh
# The console on 1,000 domUs, in a pty: the time to the first frame with the
# fleet, from a key to the last byte of its frame, bytes of a line scrolled,
# bytes and processor time while idle.
set -u
cd "$(dirname "$0")/../.." || exit 1
: "${DRYDOCK:=./drydock}" "${DOMUS:=1000}"
T=$(mktemp -d) || exit 1
trap 'rm -rf "$T"' EXIT
python3 - "$DRYDOCK" "$T" "$DOMUS" <<'END'
import fcntl, os, pty, select, struct, sys, termios, time
program, folder, count = sys.argv[1], sys.argv[2], int(sys.argv[3])
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
    f.write(f'config_dirs = [ "{folder}/xen" ]\n')

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
    seen = b""
    while b" domUs" not in seen:
        seen += os.read(fd, 65536)
    first = time.monotonic() - start
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
    before = used()
    silent, _ = read_until_quiet(fd, idle)
    ticks = used() - before
    os.write(fd, b"q")
    try:
        read_until_quiet(fd, 1)
    except OSError:
        pass
    os.waitpid(pid, 0)
    return first, frames, silent, ticks

keys = [("down", b"j")] * 40 + [("page", b" ")] * 5 + [("end", b"G"),
    ("home", b"g"), ("sort", b"s"), ("filter", b"/"), ("filter", b"9"),
    ("filter", b"9"), ("filter", b"\r"), ("all", b"\x1b"), ("help", b"?"),
    ("back", b"q"), ("domU", b"\r"), ("back", b"q")]
first, frames, silent, ticks = session("xterm-256color", keys, 12)
worst = max((f[0], name) for name in frames for f in frames[name])
print(f"tui: {count} domUs on screen in {first * 1000:.0f} ms; a key in "
    f"{worst[0]:.1f} ms at worst ({worst[1]}); idle for 12 s: {silent} "
    f"bytes, {ticks} ticks")
_, frames, _, _ = session("vt100", [("down", b"j")] * 60, 0.1)
print(f"tui: a line further on a vt100: {max(f[1] for f in frames['down'])} "
    "bytes at most")
END
