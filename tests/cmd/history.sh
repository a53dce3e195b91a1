# history: what is written down of jobs, and what is left when it is lost.
. tests/cmd/lib.sh

run() { "$DRYDOCK" --config "$T/drydock.conf" "$@"; }
# get EXPRESSION: of d, the JSON that the last command printed
get() { python3 -c 'import json,sys
d = json.load(open(sys.argv[1]))
print(eval(sys.argv[2]))' "$T/out" "$1"; }
# jobs: "ID OUTCOME ACTION FROM->TO" of each, newest first
jobs() { run history --json "$@" >"$T/out" && get '"; ".join("{job} {outcome} {action} {from}->{to}".format(**j) for j in d)'; }
# all that the images' folder holds, to see that nothing was changed
state() { (cd "$T/img" && find . -type f -exec ls -li {} + | sort && find . -type l -exec readlink {} +); }
D=$T/img/.pkg.img.d
db=$T/state/history.db

mkdir -p "$T/xen" "$T/img"
for i in 1 2 3; do
	mkdir -p "$T/from$i/pkgdb"
	echo "$i" >"$T/from$i/it"
	"$DRYDOCK" create pkg -s 256k --from "$T/from$i" "$T/$i.img" >/dev/null
done
cp "$T/1.img" "$T/img/pkg.img"
cp "$T/1.img" "$T/img/other.img"
: >"$T/empty.img"
for i in pkg:web1 other:web2; do
	cat >"$T/xen/${i#*:}.cfg" <<-END2
	name = "${i#*:}"
	disk = [ "$T/img/${i%:*}.img,raw,xvda,w" ]
	drydock_pkg = "xvda"
	END2
done
printf 'config_dirs = [ "xen" ]\nstate_dir = "state"\n' >"$T/drydock.conf"

# ---- nothing yet
works "history before anything" run history
is "says so" "$(cat "$T/out")" "the history has nothing"
works "and as JSON" run history --json
is "an empty list" "$(get 'd')" "[]"

# ---- done, refused, failed, cancelled
run --events 9 swap web1:pkg "$T/2.img" --note "with tools" 9>"$T/events" >/dev/null
is "a swap" "$(jobs)" "1 done swap 1->2"
before=$(state)
fails "an empty file is refused" 1 "is empty" run swap web1:pkg "$T/empty.img"
is "which changes nothing" "$(state)" "$before"
is "and is written down" "$(jobs -m 1)" "2 failed swap None->None"

# somebody has the folder, until the fifo is closed
mkfifo "$T/ready" "$T/release"
flock "$D" sh -c "echo >'$T/ready'; read x <'$T/release'" &
holder=$!
read -r x <"$T/ready"
fails "one that is held is refused" 1 "another drydock is at work" run swap web1:pkg "$T/3.img"
echo >"$T/release"
wait "$holder"
is "and nothing was changed either" "$(state)" "$before"

# no file may become as large as the image: the job begins, and fails
fails "a job that can't be done" 1 "incoming" sh -c 'ulimit -f 400; exec "$@"' sh "$DRYDOCK" --config "$T/drydock.conf" snapshot web1:pkg
is "nothing was changed by it either" "$(state)" "$before"

# ---- two at once: the first waits for who reads its events
# held WORDS...: run a swap that stops at its first step, since the pipe of its
# events is full, and meanwhile WORDS; then tell it to stop
cat >"$T/held.py" <<'END2'
import fcntl, json, os, signal, subprocess, sys
top, program, *words = sys.argv[1:]
config = [program, "--config", top + "/drydock.conf"]
first = open(top + "/events").readline()       # as it was the last time
r, w = os.pipe()
fcntl.fcntl(w, 1031, 4096)              # F_SETPIPE_SZ
# room for the job, not for its step
os.write(w, b"\n" * (4096 - len(first) - 20))
job = subprocess.Popen(config + ["--events", str(w), "swap", "web1:pkg",
    top + "/3.img"], pass_fds=[w], stdout=subprocess.DEVNULL,
    stderr=subprocess.PIPE, text=True)
os.close(w)
for _ in range(10000):
    assert job.poll() is None, job.stderr.read()
    jobs = json.loads(subprocess.run(config + ["history", "--json"],
        capture_output=True, check=True).stdout)
    if jobs[0]["outcome"] == "at work": break
print(f'{jobs[0]["job"]} {job.pid}', file=open(top + "/held", "w"))
other = subprocess.run(words, stderr=subprocess.STDOUT, stdout=open(top + "/said", "w"))
job.send_signal(signal.SIGTERM)
while os.read(r, 65536): pass
print(job.wait(), job.stderr.read(), end="", file=open(top + "/first", "w"))
sys.exit(other.returncode)
END2
held() { python3 "$T/held.py" "$T" "$DRYDOCK" "$@"; }
held "$DRYDOCK" --config "$T/drydock.conf" swap web1:pkg "$T/3.img"
is "the second of two is refused" "$?" 1
read -r id pid <"$T/held"
is "by name, and job" "$(grep -c "hint: wait for job $id, swap of web1 by .* (pid $pid)\$" "$T/said")" 1
is "the first was told to stop" "$(sed 's/: .*//' "$T/first" | head -n 1)" "1 drydock"
is "and nothing was changed" "$(state)" "$before"
works "what was held can be done" run swap web1:pkg "$T/3.img"
works "and another domU's" run swap web2:pkg "$T/2.img"

# ---- what it tells
is "every outcome" "$(jobs | sed 's/None/-/g')" \
    "8 done swap 1->2; 7 done swap 2->3; 6 failed swap -->-; 5 cancelled swap 2->3; 4 failed snapshot 2->3; 3 failed swap -->-; 2 failed swap -->-; 1 done swap 1->2"
is "of one domU" "$(jobs web2)" "8 done swap 1->2"
is "the last two" "$(jobs -m 2)" "8 done swap 1->2; 7 done swap 2->3"
works "in words" run history web1
is "a line of each" "$(grep -cE '^ +[0-9]+  [0-9-]+ [0-9:]+ +[0-9.]+s  (done|cancelled|failed) ' "$T/out")" 7
is "with the command" "$(grep -c "by $(id -un): drydock .*swap web1:pkg $T/2.img" "$T/out")" 1
is "and why it failed" "$(grep -c 'incoming' "$T/out")" 1
if [ "$(id -u)" -eq 0 ]; then
	SUDO_USER=jlam run rollback web2:pkg >/dev/null 2>&1
	run history --json web2 >"$T/out"
	is "who it was before sudo" "$(get 'd[0]["who"]')" "jlam (sudo)"
	(unset SUDO_USER; DOAS_USER=ann run rollback --to 2 web2:pkg >/dev/null 2>&1)
	run history --json web2 >"$T/out"
	is "and before doas" "$(get 'd[0]["who"]')" "ann (doas)"
fi

# ---- the history is lost: the generations are not
marks() { run generations --json web1:pkg >"$T/out" && get '[(g["n"], g["in_place"], g["mark"], g["pinned"], g["sha256"], g["note"]) for g in d["generations"]]'; }
run good web1:pkg@2 >/dev/null
run pin web1:pkg@1 >/dev/null
with=$(marks)
s2=$(sum "$T/2.img") s3=$(sum "$T/3.img")
is "generations, with the history" "$with" \
    "[(3, True, None, False, '$s3', None), (2, False, 'good', False, '$s2', 'with tools'), (1, False, None, True, None, None)]"
after="[(3, True, None, False, '$s3', None), (2, False, 'good', False, '$s2', None), (1, False, None, True, None, None)]"
bare=$(echo "$after" | sed "s/'$s3'/None/; s/'$s2'/None/")
rm "$db" "$db-wal" "$db-shm"
is "generations, without" "$(marks)" "$bare"
works "rescan" run rescan
is "counts" "$(cat "$T/out")" "2 images, 5 generations"
is "generations, after a rescan" "$(marks)" "$after"
works "rollback goes on" run rollback web1:pkg
is "in a new history" "$(jobs web1)" "1 done rollback 3->2"

# damaged WHERE COMMAND: it is damaged by that command; said, moved aside, and
# made anew
damaged() {
	where=$1; shift
	run rollback --to 3 web1:pkg >/dev/null 2>&1
	python3 -c 'import sqlite3, sys
sqlite3.connect(sys.argv[1]).execute("PRAGMA wal_checkpoint(TRUNCATE)")' "$db"
	rm -rf "$db-wal" "$db-shm"
	"$@"
	is "$where: generations are all there" "$(marks | sed "s/'$s3'/None/; s/'$s2'/None/")" "$bare"
	fails "$where: history says so" 1 "history.db" run history
	is "$where: and what helps" "$(grep -c 'hint: drydock rescan' "$T/err")" 1
	n=$((n + 1))
	works "$where: rescan" run rescan
	is "$where: it is said where the old one is" "$(grep -c "the history was damaged: it is now $db.damaged-$n;" "$T/out")" 1
	is "$where: and it is there" "$(ls "$db.damaged-$n")" "$db.damaged-$n"
	is "$where: generations, after the rescan" "$(marks)" "$after"
	is "$where: history is empty" "$(jobs)" ""
	works "$where: rollback works" run rollback web1:pkg
	is "$where: and is written down" "$(jobs)" "1 done rollback 3->2"
}
n=0
damaged "the header" dd if=/dev/urandom of="$db" bs=512 count=1 conv=notrunc status=none
damaged "the middle" python3 -c 'import os, sys
f = open(sys.argv[1], "r+b")
size = os.fstat(f.fileno()).st_size
f.seek(4096)
f.write(b"\xa5" * (size - 4096))' "$db"

# a command that finds it damaged does its work all the same
dd if=/dev/urandom of="$db" bs=512 count=1 conv=notrunc status=none
rm -f "$db-wal" "$db-shm"
run rollback --to 3 web1:pkg >"$T/out" 2>"$T/err"
is "a rollback with a damaged history works" "$?" 0
is "says so" "$(grep -c '^drydock: the history was damaged: it is now .*damaged-3' "$T/err")" 1
is "and begins a new one" "$(jobs)" "1 done rollback 2->3"

# a history that can't be written: told, and the work is done
rm -rf "$T/state"
: >"$T/state"
run rollback web1:pkg >"$T/out" 2>"$T/err"
is "a rollback without a history works" "$?" 0
is "and says so" "$(grep -c "the history can't be written" "$T/err")" 1
