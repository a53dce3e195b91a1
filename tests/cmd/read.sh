# ls, cat, stat, tree: what NetBSD wrote is read as NetBSD says.
. tests/cmd/lib.sh

for v in ffsv1 ffsv2 ffsv2-4k4k makefs-v1 log; do
	vector ffs/$v "$T/$v.img"
	"$DRYDOCK" tree --manifest "$T/$v.img" >"$T/tree" 2>&1
	same "manifest of $v" "$T/tree" tests/vectors/ffs/$v.tree
done
vector ffs/logdirty "$T/logdirty.img"
before=$(sum "$T/logdirty.img")
"$DRYDOCK" tree --manifest "$T/logdirty.img" >"$T/tree" 2>&1
same "manifest of logdirty, its journal replayed in memory" "$T/tree" \
	tests/vectors/ffs/logdirty.replayed.tree
is "reading logdirty wrote nothing" "$(sum "$T/logdirty.img")" "$before"

# triple-indirect blocks, 5 GB of hole
vector ffs/tpl2 "$T/tpl2.img"
is "manifest of tpl2" \
    "$("$DRYDOCK" tree --manifest "$T/tpl2.img" | sed 's/ [0-9]*\.[0-9]* / TIME /')" \
"d 0755   2     0     0        512 TIME /
- 0644   1     0     0 5000000006 TIME /big sha256=27fe60db2abdba180caf65131fdd4c2baf9a1890b43bd7f91b133193fc714ca2"

# partitions
zstd -qdf tests/vectors/disk.img.zst -o "$T/disk.img"
is "partition a is the default" "$("$DRYDOCK" ls "$T/disk.img")" "on-a.txt"
is "another by letter" "$("$DRYDOCK" ls -p f "$T/disk.img:/")" "s4097"
is "cat" "$("$DRYDOCK" cat "$T/disk.img:/on-a.txt")" "hello, netbsd"
fails "no such partition" 1 "partition" "$DRYDOCK" ls -p h "$T/disk.img"
fails "a letter that is none" 2 "not a partition" "$DRYDOCK" ls -p 7 "$T/disk.img"

I=$T/ffsv1.img
is "ls hides dots" "$("$DRYDOCK" ls "$I" | head -n 2 | tr '\n' ' ')" "UPPER café-日本.txt "
is "ls -a does not" "$("$DRYDOCK" ls -a "$I" | head -n 1)" ".dotfile"
is "ls of a directory" "$("$DRYDOCK" ls "$I:/dir/sub")" "subsub"
is "ls of a file" "$("$DRYDOCK" ls "$I:/hello.txt")" "/hello.txt"
is "ls -l" "$(TZ=UTC "$DRYDOCK" ls -l "$I:/dir" | sed -n '1,3p;5,6p')" \
"brw-r--r--   1     0     0   14,  300 2009-02-13 23:31 blk
prw-r--r--   1     0     0          0 2009-02-13 23:31 fifo
-rw-r--r--   2     0     0         14 2009-02-13 23:31 hard
crw-r--r--   1     0     0    2,    2 2009-02-13 23:31 null
drwxrwxrwt   3     0     0        512 2009-02-13 23:31 sub"
is "cat follows symlinks inside" "$("$DRYDOCK" cat "$I:/dir/sym")" "hello, netbsd"
"$DRYDOCK" cat "$I:/s49153" "$I:/one" "$I:/sparse" >"$T/cat"
is "cat of several, holes as zeros" "$(wc -c <"$T/cat" | tr -d ' ')" $((49153 + 1 + 6000000))
is "cat is byte for byte" "$(head -c 49153 "$T/cat" | sum -)" \
	"$(sed -n 's/.* \/s49153 sha256=//p' tests/vectors/ffs/ffsv1.tree)"
is "cat -m: the first bytes" "$("$DRYDOCK" cat -m 3 "$I:/s49153" "$I:/s4096" |
	wc -c | tr -d ' ')" 6
is "cat -m: also of a hole" "$("$DRYDOCK" cat -m 100k "$I:/sparse" |
	wc -c | tr -d ' ')" 102400
is "cat -m: not more than there is" "$("$DRYDOCK" cat -m 9 "$I:/one" |
	wc -c | tr -d ' ')" 1
is "ls -m: the first names" "$("$DRYDOCK" ls -m 2 "$I:/dir" | tr '\n' ' ')" \
	"blk fifo "
is "ls -m: as JSON" "$("$DRYDOCK" ls -m 2 --json "$I:/dir" | grep -c '"name"')" 2
is "stat" "$("$DRYDOCK" stat "$I:/s4096" | sed -n '1,7p;9,11p')" \
"path       /s4096
type       file
mode       0644 -rw-r--r--
owner      0:0
flags      nodump
inode      9
links      1
blocks     8 (of 512 bytes)
accessed   -86400.000000000
modified   -86400.000000000"
is "stat of a symlink" "$("$DRYDOCK" stat "$I:/dir/sym" | sed -n 's/^target *//p')" "../hello.txt"
is "tree" "$("$DRYDOCK" tree "$I:/dir" | head -n 4 | tr '\n' ' ')" "/dir/ /dir/blk /dir/fifo /dir/hard "
is "manifest of a folder" "$("$DRYDOCK" tree --manifest "$I:/dir" | sum -)" \
	"$(grep ' /dir\( \|/\|$\)' tests/vectors/ffs/ffsv1.tree | sum -)"
for c in "ls --json" "ls --json -a" "stat --json" "tree --json" "tree --json --manifest"; do
	if "$DRYDOCK" $c "$I:/dir" | json; then pass "$c is JSON"; else fail "$c is JSON"; fi
done
if "$DRYDOCK" ls --json "$I:/dir/sub/subsub" | grep -q '"size": 513'; then
	pass "sizes in JSON"; else fail "sizes in JSON"; fi

# names: a file that exists wins, else the last ":/" parts
cp "$T/ffsv1.img" "$T/a:"
mkdir "$T/x:"
cp "$T/ffsv1.img" "$T/x:/y"
is "a file with :/ in its path" "$("$DRYDOCK" cat "$T/x:/y:/hello.txt")" "hello, netbsd"
is "and without a place" "$("$DRYDOCK" ls "$T/x:/y" | head -n 1)" "UPPER"

# refusals
fails "a missing image" 1 "nothing.img" "$DRYDOCK" ls "$T/nothing.img"
fails "a directory" 1 "directory" "$DRYDOCK" ls "$T"
fails "a missing path" 1 "/nothing: no such" "$DRYDOCK" cat "$I:/nothing"
fails "cat of a directory" 1 "directory" "$DRYDOCK" cat "$I:/dir"
fails "cat of nothing" 2 "no file" "$DRYDOCK" cat "$I"
fails "no operand" 2 "missing" "$DRYDOCK" ls
fails "odd sectors" 2 "700" "$DRYDOCK" ls --sector-size 700 "$I"
echo "just text" >"$T/text"
fails "a text file" 1 "text" "$DRYDOCK" ls "$T/text"
: >"$T/empty"
fails "an empty file" 1 "empty" "$DRYDOCK" ls "$T/empty"
head -c 40000 "$I" >"$T/short.img"
fails "a truncated image" 1 "short.img" "$DRYDOCK" ls "$T/short.img"
mkfifo "$T/fifo"
fails "a fifo" 1 "fifo" "$DRYDOCK" ls "$T/fifo"
cp "$I" "$T/secret.img"
chmod 000 "$T/secret.img"
chmod 755 "$T"
fails "no permission" 1 "secret.img" nobody "$DRYDOCK" ls "$T/secret.img"
if "$DRYDOCK" cat "$I:/s150000" >/dev/full 2>"$T/err"; then rc=0; else rc=$?; fi
is "standard output is full" "$rc" 1
