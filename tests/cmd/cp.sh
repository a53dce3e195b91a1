# cp: into, out of and between images.
. tests/cmd/lib.sh

# What is in two folders, as the host sees it: type, mode, owner, link
# structure, size, time, content, holes.
cat >"$T/tree.py" <<'PY'
import hashlib, os, stat, sys
top, owners = sys.argv[1], len(sys.argv) < 3
first = {}
for where, dirs, files in os.walk(top):
    dirs.sort()
    for name in sorted(files + [d for d in dirs if os.path.islink(os.path.join(where, d))] + ['.']):
        path = os.path.join(where, name)
        st = os.lstat(path)
        rel = os.path.relpath(path, top)
        what = [rel, oct(st.st_mode), st.st_mtime_ns]
        if owners: what += [st.st_uid, st.st_gid]
        if not stat.S_ISDIR(st.st_mode): what += [st.st_nlink, first.setdefault(st.st_ino, rel), st.st_size]
        if stat.S_ISREG(st.st_mode):
            what += [hashlib.sha256(open(path, 'rb').read()).hexdigest(), st.st_blocks * 512 < st.st_size - 65536]
        if stat.S_ISLNK(st.st_mode): what += [os.readlink(path)]
        if stat.S_ISCHR(st.st_mode) or stat.S_ISBLK(st.st_mode): what += [st.st_rdev]
        print(what)
PY
host_tree() { python3 "$T/tree.py" "$@"; }

mkdir -p "$T/src/d/e" "$T/src/many"
echo hello >"$T/src/a"
ln "$T/src/a" "$T/src/d/hard"
ln -s ../a "$T/src/d/sym"
ln -s nowhere/at/all "$T/src/dangling"
mkfifo "$T/src/d/fifo"
: >"$T/src/empty"
printf odd >"$T/src/ odd \\ name"
python3 - "$T/src" <<'PY'
import os, sys
os.chdir(sys.argv[1])
with open('sparse', 'wb') as f:
    f.write(b'begin'); f.seek(3000000); f.write(b'middle'); f.truncate(8000000)
with open('big', 'wb') as f: f.write(bytes(range(256)) * 12000)
for i in range(300):
    with open('many/file-%d' % i, 'w') as f: f.write('content %d' % i)
    os.utime('many/file-%d' % i, ns=(10**18 + i, 10**18 + i))
os.chmod('big', 0o4751)
os.chmod('d/e', 0o1777)
if os.getuid() == 0:
    os.mknod('d/null', 0o20666, os.makedev(2, 2))
    os.mknod('d/blk', 0o60600, os.makedev(14, 300))
    os.chown('empty', 4000000000, 65535)
    os.chown('big', 1000, 1001); os.chmod('big', 0o4751)
PY
host_tree "$T/src" >"$T/src.list"

for O in 1 2; do
	I=$T/v$O.img
	"$DRYDOCK" create "$I" -O $O -s 24m >/dev/null
	works "v$O: a folder into an image" "$DRYDOCK" cp -r "$T/src" "$I:/new"
	if [ "$(id -u)" -eq 0 ]; then
		works "v$O: and out again" "$DRYDOCK" cp -r "$I:/new" "$T/out$O"
		grep -v flags "$T/err" >/dev/null
		host_tree "$T/out$O" >"$T/out.list"
	else
		"$DRYDOCK" cp -r "$I:/new" "$T/out$O" 2>"$T/err"
		is "v$O: owners are told about once" "$(grep -c owners "$T/err")" 1
		chmod 4751 "$T/out$O/big"
		host_tree "$T/out$O" >"$T/out.list"
	fi
	same "v$O: and it is the same" "$T/out.list" "$T/src.list"
done
is "no temporary name is left" "$(ls -a "$T" | grep -c drydock-cp)" 0

# between images, and inside one
I=$T/v1.img J=$T/v2.img
works "from image to image" "$DRYDOCK" cp -r "$I:/new" "$J:/from-v1"
list() { "$DRYDOCK" tree --manifest "$1" | sed "s,$2,," |
	awk '{ if ($1 == "d") $6 = "-"; print }'; }
list "$I:/new" /new >"$T/a.list"
list "$J:/from-v1" /from-v1 >"$T/b.list"
same "is a copy of it" "$T/b.list" "$T/a.list"
works "inside one image" "$DRYDOCK" cp -r "$I:/new/a" "$I:/new/many" "$I:/new/d/e"
is "under their own names" "$("$DRYDOCK" ls "$I:/new/d/e" | tr '\n' ' ')" "a many "
works "the whole of an image" "$DRYDOCK" cp -r "$J:/from-v1/" "$I:/again"
list "$I:/again" /again >"$T/b.list"
list "$J:/from-v1" /from-v1 >"$T/a.list"
same "is a copy as well" "$T/b.list" "$T/a.list"

# as cp does
works "into a folder that exists" "$DRYDOCK" cp "$T/src/a" "$T/src/empty" "$I:/"
is "under their names" "$("$DRYDOCK" ls "$I:/" | tr '\n' ' ')" "a again empty new "
echo other >"$T/other"
works "over a file" "$DRYDOCK" cp "$T/other" "$I:/a"
is "which is replaced" "$("$DRYDOCK" cat "$I:/a")" other
works "out over a file" "$DRYDOCK" cp "$I:/new/a" "$T/other"
is "which is replaced, too" "$(cat "$T/other")" hello
mkdir "$T/there"
works "out into a folder" "$DRYDOCK" cp -r "$I:/new/d" "$I:/a" "$T/there"
is "under their names there" "$(ls "$T/there" | tr '\n' ' ')" "a d "
works "given an owner" "$DRYDOCK" cp -r --owner 7:8 "$T/src/d" "$I:/owned"
is "all of it has it" "$("$DRYDOCK" ls -l "$I:/owned" | awk '{ print $3 ":" $4 }' | sort -u | grep -v "^7:8" | wc -l | tr -d ' ')" 0
if "$DRYDOCK" cp --json "$T/other" "$I:/json" | json; then pass "--json is JSON"; else fail "--json is JSON"; fi

clean "the first image" "$I"
clean "the second" "$J"

# flags: kept between images, and no hindrance
vector ffs/ffsv2 "$T/flags.img"
works "a file with flags" "$DRYDOCK" cp "$T/flags.img:/s4096" "$I:/flagged"
is "keeps them" "$("$DRYDOCK" stat "$I:/flagged" | sed -n 's/^flags *//p')" nodump
works "is replaced" "$DRYDOCK" cp "$T/other" "$I:/flagged"

# a dry run
before=$(sum "$I")
echo "one more line" >>"$T/other"
"$DRYDOCK" cp --dry-run "$T/other" "$I:/json" >"$T/out" 2>&1
is "a dry run shows a diff" "$(sed -n '4,5p' "$T/out" | tr '\n' ' ')" " hello +one more line "
plan=$(sed -n 's/^plan: //p' "$T/out")
"$DRYDOCK" cp --dry-run -r "$T/src/d" "$I:/dry" >"$T/out" 2>&1
is "or a line for each file" "$(grep -c '^added ' "$T/out")" "$(find "$T/src/d" | wc -l | tr -d ' ')"
is "and writes nothing" "$(sum "$I")" "$before"
chmod a-w "$I"
"$DRYDOCK" cp -n -r "$I:/new/d" "$T/dry" >"$T/out" 2>&1
is "to the host, too" "$(grep -c "^added  *$T/dry" "$T/out")" "$("$DRYDOCK" tree "$I:/new/d" | wc -l | tr -d ' ')"
is "makes nothing" "$(ls -d "$T/dry" 2>/dev/null)" ""
chmod u+w "$I"
"$DRYDOCK" tree --manifest "$I" >"$T/a.list"
fails "another plan is refused" 1 "planned" "$DRYDOCK" cp --plan 0123 "$T/other" "$I:/json"
"$DRYDOCK" tree --manifest "$I" >"$T/b.list"
same "and nothing is changed" "$T/b.list" "$T/a.list"
works "the plan that was shown is carried out" "$DRYDOCK" cp --plan "$plan" "$T/other" "$I:/json"

# refusals, each of which leaves the image as it was
before=$(sum "$I")
fails "a missing source" 1 "nothing" "$DRYDOCK" cp "$T/nothing" "$I:/x"
fails "a missing image" 1 "nothing.img" "$DRYDOCK" cp "$T/other" "$T/nothing.img:/x"
fails "a missing place in it" 1 "/no/where" "$DRYDOCK" cp "$T/other" "$I:/no/where"
fails "a missing source in it" 1 "/nothing" "$DRYDOCK" cp "$I:/nothing" "$T/x"
fails "a folder without -r" 2 "directory" "$DRYDOCK" cp "$T/src" "$I:/x"
fails "several into what is no folder" 1 "not a directory" "$DRYDOCK" cp "$T/other" "$T/src/a" "$I:/x"
fails "no image at all" 2 "neither" "$DRYDOCK" cp "$T/other" "$T/x"
fails "an image into itself" 2 "itself" "$DRYDOCK" cp "$I" "$I:/x"
fails "a folder into itself" 2 "itself" "$DRYDOCK" cp -r "$I:/new/d" "$I:/new/d/e/x"
fails "a copy over its own image" 2 "replace the image" "$DRYDOCK" cp "$I:/a" "$I"
fails "a file over a folder" 1 "directory" "$DRYDOCK" cp -r "$T/src/a" "$T/src/d" "$I:/x/../new/a"
fails "an owner that is none" 2 "owner" "$DRYDOCK" cp --owner me "$T/other" "$I:/x"
ln -s d "$T/there/link"
"$DRYDOCK" cp "$T/there/link" "$I:/link" && before=$(sum "$I")
fails "through a symlink in the image" 1 "symlink" "$DRYDOCK" cp "$T/other" "$I:/link/x"
head -c 30000000 /dev/zero | tr '\0' x >"$T/large"
fails "what does not fit" 1 "needed.*free" "$DRYDOCK" cp "$T/large" "$T/src/a" "$I:/"
mkdir "$T/part"
fails "the second of two out of it" 5 "nothing" "$DRYDOCK" cp "$I:/a" "$I:/nothing" "$T/part"
is "the first stands" "$(ls "$T/part")" a
chmod 755 "$T"
chmod 644 "$I"
chmod 600 "$T/other"
if [ "$(id -u)" -eq 0 ]; then
	fails "an image that may not be written" 1 "ermission" nobody "$DRYDOCK" cp "$T/src/a" "$I:/x"
	fails "a source that may not be read" 1 "ermission" nobody "$DRYDOCK" cp "$T/other" "$T/v2.img:/x"
	fails "a folder that may not be written" 1 "ermission" nobody "$DRYDOCK" cp "$I:/a" "$T/x"
fi
is "nothing of all this changed the image" "$(sum "$I")" "$before"
clean "it" "$I"
is "or left anything on the host" "$(ls -a "$T" |
    grep -v '^[.]drydock-[0-9]*[.]undo$' | grep -c 'drydock-\|^x$')" 0
vector ffs/unclean "$T/unclean.img"
before=$(sum "$T/unclean.img")
fails "an image that is not clean" 1 "clean" "$DRYDOCK" cp "$T/src/a" "$T/unclean.img:/x"
is "stays as it is" "$(sum "$T/unclean.img")" "$before"

# the host's disk is full: a file may have no more than 4 MiB
"$DRYDOCK" create "$T/full.img" -s 64m >/dev/null
before=$(sum "$T/full.img")
fails "the host's disk is full" 1 "" sh -c 'ulimit -f 8192; exec "$@"' _ \
	"$DRYDOCK" cp -r "$T/src" "$T/large" "$T/full.img:/"
is "the image is the old one" "$("$DRYDOCK" ls "$T/full.img" | wc -l | tr -d ' ')" 0
clean "it" "$T/full.img"
mkdir "$T/small"
if [ "$(id -u)" -eq 0 ] && mount -t tmpfs -o size=2m none "$T/small" 2>/dev/null; then
	fails "out to a full disk" 1 "" "$DRYDOCK" cp "$I:/new/big" "$T/small/big"
	is "leaves nothing there" "$(ls -A "$T/small")" ""
	"$DRYDOCK" create "$T/small/i.img" -s 40m >/dev/null
	before=$(sum "$T/small/i.img")
	fails "an image on a full disk" 1 "" "$DRYDOCK" cp "$T/src/big" "$T/small/i.img:/"
	is "is the old one" "$("$DRYDOCK" ls "$T/small/i.img" | wc -l | tr -d ' ')" 0
	clean "it" "$T/small/i.img"
	umount "$T/small"
else
	echo "# skip a tiny tmpfs needs root"
fi
