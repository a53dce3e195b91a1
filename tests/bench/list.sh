#!/bin/sh
# drydock list on 1,000 xl.cfg files with four disks each: a shared root and
# three images of its own for every domU; and drydock doctor on them.  Prints a
# line each with the seconds of the best of five runs.
set -u
cd "$(dirname "$0")/../.." || exit 1
: "${DRYDOCK:=./drydock}" "${DOMUS:=1000}"
T=$(mktemp -d) || exit 1
trap 'rm -rf "$T"' EXIT
python3 - "$T" "$DOMUS" <<'END'
import os, subprocess, sys
folder, count = sys.argv[1], int(sys.argv[2])
os.makedirs(folder + "/xen")
os.makedirs(folder + "/img")
ffs = subprocess.run(["zstd", "-qdc", "tests/vectors/ffs/ffsv2.img.zst"],
    check=True, capture_output=True).stdout
# sparse: all but the blocks that are in use are holes
def image(name):
    with open(f"{folder}/img/{name}", "wb") as f:
        for at in range(0, len(ffs), 4096):
            block = ffs[at:at + 4096]
            if block.strip(b"\0"):
                f.seek(at)
                f.write(block)
        f.truncate(len(ffs))
image("root.img")
for i in range(count):
    for role in "swap", "local", "pkg":
        image(f"{role}{i}.img")
    with open(f"{folder}/xen/domu{i}.cfg", "w") as f:
        f.write(f'''name = "domu{i}"
memory = 256
disk = [ "{folder}/img/root.img,raw,xvda,r",
    "{folder}/img/swap{i}.img,raw,xvdb,w",
    "{folder}/img/local{i}.img,raw,xvdc,w",
    "{folder}/img/pkg{i}.img,raw,xvdd,w" ]
''')
with open(folder + "/drydock.conf", "w") as f:
    f.write('config_dirs = [ "xen" ]\nstate_dir = "state"\n')
END
python3 - "$DRYDOCK" "$T" "$DOMUS" <<'END'
import subprocess, sys, time
program, folder, count = sys.argv[1:]
def best(*args):
    times = []
    for _ in range(5):
        start = time.monotonic()
        out = subprocess.run([program, "--config", folder + "/drydock.conf",
            *args], check=True, capture_output=True).stdout
        times.append(time.monotonic() - start)
    return min(times), out
text, out = best("list")
assert len(out.splitlines()) >= int(count)
json, _ = best("list", "--json")
print(f"list: {count} domUs in {text:.3f} s, as JSON in {json:.3f} s")
doctor, _ = best("doctor", "-q")
print(f"doctor: {count} domUs in {doctor:.3f} s, {doctor / text:.2f} times list")
END
