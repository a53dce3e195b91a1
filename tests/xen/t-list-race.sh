# While domUs come and go, list neither fails nor shows what is not.
. tests/xen/lib.sh

idle d1
idle r1
idle r2 other
create d1
mkdir "$T/looks"

# r1 and r2 come and go, until $T/stop is there
come_and_go() {
	while [ ! -e "$T/stop" ]; do
		for domu in r1 r2; do
			xl create -q "$T"/*/$domu.cfg
			echo "$domu" >>"$T/came"
		done
		xl destroy r1
		xl destroy r2
	done
}
: >"$T/came"
come_and_go >"$T/loop.out" 2>&1 &
trap ': >"$T/stop"; wait; destroy_all; rm -rf "$T"' EXIT
i=0
xl list >"$T/looks/0.xl"
while [ $i -lt 12 ]; do
	i=$((i + 1))
	look=$T/looks/$i
	"$DRYDOCK" list --json >"$look.json" 2>"$look.err"
	echo $? >"$look.rc"
	xl list >"$look.xl"
done
: >"$T/stop"
wait
is "list has worked each time" "$(cat "$T"/looks/*.rc | sort -u)" 0
is "without a word" "$(cat "$T"/looks/*.err)" ""
came=$(wc -l <"$T/came")
[ "$came" -gt 3 ]
is "domUs came and went" $? 0
echo "# $came times"

python3 - "$T/looks" >"$T/nonsense" 2>&1 <<'E'
import json, sys

def domains(i):
    """What xl shows: name and number."""
    lines = open("%s/%d.xl" % (sys.argv[1], i)).read().splitlines()[1:]
    rows = [line.split() for line in lines]
    return {(r[0], int(r[1])) for r in rows if int(r[1]) > 0}

for i in range(1, 13):
    look = "%s/%d" % (sys.argv[1], i)
    shown = {}
    for x in json.load(open(look + ".json"))["domus"]:
        if x["name"] == "?":
            continue    # has no name yet, or no more; (null) in xl list
        if x["name"] in shown:
            print(i, x["name"], "is shown twice")
        shown[x["name"]] = x
    if not set(shown) <= {"d1", "r1", "r2"}:
        print(i, "shown:", sorted(shown))
    for name, domid in domains(i - 1) & domains(i):
        if name == "(null)":
            continue
        x = shown.get(name)
        if x is None or x["state"] == "off":
            print(i, name, domid, "runs, shown:", x and x["state"])
        elif name == "d1" and x["state"] != "running":
            print(i, name, "is", x["state"])
    d1 = shown["d1"]
    if d1["memory"] != 32 << 20 or d1["vcpus"] != 1 or len(d1["disks"]) != 4:
        print(i, "d1:", d1)
    if shown["r1"]["cfg"] is None or len(shown["r1"]["disks"]) != 4:
        print(i, "r1:", shown["r1"])
E
is "and has shown no nonsense" "$(cat "$T/nonsense")" ""
