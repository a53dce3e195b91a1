#!/bin/sh
# Another key for an image of 1 GiB in the page cache, beside cp with the same
# fsync; the read-back apart, which reads from the disk; in place; and what else
# one could run, qemu-img convert to LUKS.  The best of ROUNDS, in turns.
set -u
cd "$(dirname "$0")/../.." || exit 1
: "${DRYDOCK:=./drydock}" "${ROUNDS:=5}" "${MIB:=1024}"
T=$(mktemp -d) || exit 1
trap 'rm -rf "$T"' EXIT
python3 - "$DRYDOCK" "$T" "$ROUNDS" "$MIB" <<'END'
import os, resource, shutil, subprocess, sys, time
program, top, rounds, mib = sys.argv[1], sys.argv[2], int(sys.argv[3]), int(sys.argv[4])
image = top + "/a.img"
with open(top + "/drydock.conf", "w") as f:
    f.write(f'config_dirs = [ "{top}" ]\nstate_dir = "{top}/state"\n')
def run(*words):
    subprocess.run(words, check=True, stdout=subprocess.DEVNULL)
def drydock(*words):
    run(program, "--config", top + "/drydock.conf", *words)
for name, *what in (("old", "aes-xts"), ("aes-xts", "aes-xts"),
        ("adiantum", "adiantum"), ("aes-cbc", "aes-cbc")):
    drydock("cgd", "params", "new", "-k", "storedkey", "-V", "ffs", "-o",
        f"{top}/{name}", *what)
os.mkdir(top + "/tree")
with open(top + "/tree/noise", "wb") as f:
    for _ in range(mib * 7 // 8):
        f.write(os.urandom(1 << 20))
drydock("create", "-s", f"{mib}m", "--from", top + "/tree", "-c", top + "/old", image)
shutil.rmtree(top + "/tree")

def clean():
    """As before: the image alone, in the page cache, and a quiet disk."""
    if os.path.isdir(top + "/.a.img.d"):
        for name in os.listdir(top + "/.a.img.d"):
            if name.startswith("1-"):
                os.rename(f"{top}/.a.img.d/{name}", image)
        shutil.rmtree(top + "/.a.img.d")
    for name in "copy", "luks":
        if os.path.exists(f"{top}/{name}"):
            os.unlink(f"{top}/{name}")
    with open(image, "rb") as f:
        while f.read(1 << 20):
            pass
    os.sync()
def rekey(new, *words):
    return lambda: drydock("rekey", *words, "-c", top + "/old", "--new-params",
        f"{top}/{new}", image)
def cp():
    run("cp", "--reflink=never", image, top + "/copy")
    fd = os.open(top + "/copy", os.O_RDONLY)
    os.fsync(fd)
    os.close(fd)
def luks():
    run("qemu-img", "convert", "--object", "secret,id=k,data=x", "-f", "raw",
        "-O", "luks", "-o", "key-secret=k,cipher-alg=aes-256,cipher-mode=xts,"
        "iter-time=10", image, top + "/luks")
    fd = os.open(top + "/luks", os.O_RDONLY)
    os.fsync(fd)
    os.close(fd)
what = {"cp": cp, "aes-xts": rekey("aes-xts", "--no-readback"),
    "adiantum": rekey("adiantum", "--no-readback"),
    "aes-cbc": rekey("aes-cbc", "--no-readback"),
    "verified": rekey("aes-xts")}
if shutil.which("qemu-img"):
    what["luks"] = luks
best = dict.fromkeys(what, 1e9)
for _ in range(rounds):
    for name, fn in what.items():
        clean()
        start = time.monotonic()
        fn()
        best[name] = min(best[name], time.monotonic() - start)
memory = resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss / 1024
clean()
start = time.monotonic()
rekey("aes-xts", "--in-place", "-y", "--no-readback")()
in_place = time.monotonic() - start
def ratio(name):
    return f"{best[name]:.2f} s, {best[name] / best['cp']:.2f} times"
print(f"rekey of {mib} MiB, aes-xts to aes-xts: {ratio('aes-xts')} cp and fsync "
    f"({best['cp']:.2f} s; 1.3 wanted); to adiantum {ratio('adiantum')}, to aes-cbc "
    f"{ratio('aes-cbc')}; read back from the disk, checked and compared: "
    f"{best['verified'] - best['aes-xts']:.2f} s more; in place: {in_place:.2f} s; "
    + (f"qemu-img convert to LUKS, aes-256-xts: {ratio('luks')}" if "luks" in best
    else "no qemu-img here"))
print(f"resident memory of the largest: {memory:.0f} MiB (under 64 wanted)")
END
