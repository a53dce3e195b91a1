# create: empty images, and from folders and archives.
. tests/cmd/lib.sh
manifest() { "$DRYDOCK" tree --manifest "$@"; }
# Lines of the host's own look at a folder: mode, size, name.
names() { (cd "$1" && find . -type f | sort); }

# empty
for O in 1 2; do
	works "v$O: an empty image" "$DRYDOCK" create "$T/e$O.img" -s 20m -O $O
	is "v$O: has the size" "$(wc -c <"$T/e$O.img" | tr -d ' ')" 20971520
	is "v$O: is empty" "$("$DRYDOCK" ls -a "$T/e$O.img")" ""
	clean "v$O: it" "$T/e$O.img"
	is "v$O: is what it says" "$("$DRYDOCK" disk "$T/e$O.img" | grep -c "^a: FFSv$O, clean")" 1
done
is "holes stay holes" "$([ "$(du -k "$T/e2.img" | cut -f1)" -lt 4000 ] && echo yes)" yes
works "block, fragment and inode density" "$DRYDOCK" create "$T/b.img" -s 20m -b 32k -f 4k -i 65536 --json
is "are as asked for" "$(python3 -c 'import json,sys; d=json.load(open(sys.argv[1])); print(d["block_size"], d["fragment_size"], d["inodes"] < 1000, d["size"])' "$T/out")" "32768 4096 True 20971520"

# a label
works "with a disklabel" "$DRYDOCK" create "$T/l.img" -s 20m --label mydisk
is "the label has the name" "$("$DRYDOCK" disk "$T/l.img" | grep -c mydisk)" 1
echo text >"$T/file"
works "partition a is written to" "$DRYDOCK" cp "$T/file" "$T/l.img:/"
is "and read" "$("$DRYDOCK" cat -p a "$T/l.img:/file")" text
clean "it" "$T/l.img" -p a

# a folder
mkdir -p "$T/src/d"
echo one >"$T/src/d/one"
ln "$T/src/d/one" "$T/src/two"
ln -s two "$T/src/link"
head -c 3000000 /dev/zero | tr '\0' z >"$T/src/large"
chmod 2750 "$T/src/d"
touch -d '2001-09-09 01:46:40.5 UTC' "$T/src/d" "$T/src"
works "from a folder" "$DRYDOCK" create "$T/f.img" --from "$T/src"
is "with what is in it" "$("$DRYDOCK" tree "$T/f.img" | tr '\n' ' ')" "/ /d/ /d/one /large /link -> two /two "
is "links and modes" "$("$DRYDOCK" ls -l "$T/f.img" | awk '{ print $1, $2 }' | tr '\n' ' ')" "drwxr-s--- 2 -rw-r--r-- 1 lrwxrwxrwx 1 -rw-r--r-- 2 "
is "the top's own time" "$("$DRYDOCK" stat "$T/f.img:/" | sed -n 's/^modified *//p')" 1000000000.500000000
clean "it" "$T/f.img"
"$DRYDOCK" cat "$T/f.img:/large" | cmp -s - "$T/src/large" && pass "contents" || fail "contents"
size=$(wc -c <"$T/f.img")
is "the size follows" "$([ "$size" -gt 3000000 ] && [ "$size" -lt 12000000 ] && echo yes)" yes
if command -v fls >/dev/null; then
	is "another reader finds the names" "$(fls -rpu -f ufs2 "$T/f.img" 2>/dev/null | sed 's/.*:	//' | grep -v '^\$' | sort | tr '\n' ' ')" "d d/one large link two "
	inode=$(fls -rpu -f ufs2 "$T/f.img" 2>/dev/null | sed -n 's/.* \([0-9]*\):	large$/\1/p')
	is "and the contents" "$(icat -f ufs2 "$T/f.img" "$inode" | sum -)" "$(sum "$T/src/large")"
fi

# archives, as a release's sets are: root's files, devices, links, flags
python3 - "$T" <<'PY'
import io, os, sys, tarfile
def add(t, name, type=tarfile.REGTYPE, mode=0o644, data=b'', **kw):
    i = tarfile.TarInfo(name); i.type, i.mode, i.mtime, i.size = type, mode, 1000000000, len(data)
    i.pax_headers = kw.pop('pax', {})
    for k, v in kw.items(): setattr(i, k, v)
    t.addfile(i, io.BytesIO(data))
with tarfile.open(sys.argv[1] + '/base.tgz', 'w:gz', format=tarfile.PAX_FORMAT) as t:
    add(t, '.', tarfile.DIRTYPE, 0o755)
    add(t, './bin', tarfile.DIRTYPE, 0o755)
    add(t, './bin/sh', mode=0o555, data=b'\x7fELF' * 5000, pax={'SCHILY.fflags': 'schg'})
    add(t, './bin/rsh', tarfile.LNKTYPE, linkname='./bin/sh')
    add(t, './dev', tarfile.DIRTYPE, 0o755)
    add(t, './dev/null', tarfile.CHRTYPE, 0o666, devmajor=2, devminor=2)
    add(t, './dev/wd0a', tarfile.BLKTYPE, 0o640, devmajor=14, devminor=300, gid=5)
    add(t, './tmp', tarfile.SYMTYPE, 0o777, linkname='var/tmp')
    add(t, './usr/bin/su', mode=0o4555, data=b'su', gid=0)
with tarfile.open(sys.argv[1] + '/etc.tar.xz', 'w:xz', format=tarfile.PAX_FORMAT) as t:
    add(t, './etc', tarfile.DIRTYPE, 0o755)
    add(t, './etc/passwd', data=b'root:*:0:0::/root:/bin/sh\n')
    add(t, './etc/master.passwd', mode=0o600, data=b'root:secret\n', uid=0, gid=0)
    add(t, './bin/sh', mode=0o555, data=b'newer')
with tarfile.open(sys.argv[1] + '/evil.tar', 'w') as t:
    add(t, '../../../tmp/drydock-evil', data=b'x')
    add(t, '/etc/drydock-evil', data=b'x')
    add(t, 'l', tarfile.SYMTYPE, linkname='/tmp')
    add(t, 'l/drydock-evil', data=b'x')
PY
chmod 755 "$T"
mkdir "$T/nobody"
chmod 777 "$T/nobody"
works "from archives, without root" nobody "$DRYDOCK" create "$T/nobody/a.img" -O 1 --from "$T/base.tgz" --from "$T/etc.tar.xz"
manifest "$T/nobody/a.img" | awk '{ print $1, $2, $3, $4, $5, $1 == "d" ? "-" : $6, $8, $9 == "->" ? $10 : "" }' >"$T/list"
cat >"$T/want" <<'END'
d 0755 6 0 0 - / 
d 0755 2 0 0 - /bin 
- 0555 1 0 0 20000 /bin/rsh 
- 0555 1 0 0 5 /bin/sh 
d 0755 2 0 0 - /dev 
c 0666 1 0 0 514 /dev/null 
b 0640 1 0 5 1052204 /dev/wd0a 
d 0755 2 0 0 - /etc 
- 0600 1 0 0 12 /etc/master.passwd 
- 0644 1 0 0 26 /etc/passwd 
l 0777 1 0 0 7 /tmp var/tmp
d 0755 3 0 0 - /usr 
d 0755 2 0 0 - /usr/bin 
- 4555 1 0 0 2 /usr/bin/su 
END
same "all is as in the archives, the later over the earlier" "$T/list" "$T/want"
clean "it" "$T/nobody/a.img"
is "file flags" "$("$DRYDOCK" stat "$T/nobody/a.img:/bin/rsh" | sed -n 's/^flags *//p')" schg
works "all for one owner" "$DRYDOCK" create "$T/o.img" --owner 3:4 --from "$T/base.tgz"
is "who owns all of it" "$(manifest "$T/o.img" | awk '{ print $4 ":" $5 }' | sort -u | tr '\n' ' ')" "3:4 "
fails "no way out through a symlink" 1 "symlink" "$DRYDOCK" create "$T/evil.img" --from "$T/evil.tar"
is "nothing came out" "$(ls /tmp/drydock-evil /etc/drydock-evil 2>/dev/null)" ""

# refusals; nothing is left by any
echo "not an archive" >"$T/text"
head -c 300 "$T/base.tgz" >"$T/short.tgz"
left() { ls -a "$T" | grep -v '^\(out\|err\|ls\|ls2\)$'; }
left >"$T/ls"
fails "an image that exists" 1 "already" "$DRYDOCK" create "$T/file" -s 20m
is "stays" "$(cat "$T/file")" text
fails "no size" 2 "how large" "$DRYDOCK" create "$T/x.img"
fails "a size that is none" 2 "size" "$DRYDOCK" create "$T/x.img" -s big
fails "too small for a file system" 1 "" "$DRYDOCK" create "$T/x.img" -s 10k
fails "too small for the folder" 1 "needed.*free" "$DRYDOCK" create "$T/x.img" -s 2m --from "$T/src"
fails "too small for the archive" 1 "" "$DRYDOCK" create "$T/x.img" -s 300k --from "$T/etc.tar.xz" --from "$T/src"
fails "a missing source" 1 "nothing" "$DRYDOCK" create "$T/x.img" --from "$T/nothing"
fails "what is no archive" 1 "text" "$DRYDOCK" create "$T/x.img" --from "$T/text"
fails "a truncated archive" 1 "short.tgz" "$DRYDOCK" create "$T/x.img" -s 20m --from "$T/short.tgz"
fails "odd blocks" 2 "" "$DRYDOCK" create "$T/x.img" -s 20m -b 5000
fails "no such version" 2 "" "$DRYDOCK" create "$T/x.img" -s 20m -O 3
fails "a folder that is missing" 1 "nothing" "$DRYDOCK" create "$T/nothing/x.img" -s 20m
fails "a folder that may not be written" 1 "ermission" nobody "$DRYDOCK" create "$T/x.img" -s 20m
fails "the host's disk is full" 1 "" sh -c 'ulimit -f 2048; exec "$@"' _ "$DRYDOCK" create "$T/x.img" --from "$T/src"
left >"$T/ls2"
same "nothing is left" "$T/ls2" "$T/ls"

# a dry run
TMPDIR=$T/nobody "$DRYDOCK" create -n "$T/x.img" --from "$T/base.tgz" >"$T/out" 2>&1
is "a dry run shows what would be in it" "$(sed -n '5,6p' "$T/out" | awk '{ print $1, $2, $NF }' | tr '\n' ' ')" "added d0755 /dev added c0666 /dev/null "
is "ends with a plan" "$(tail -n 1 "$T/out" | sed 's/[0-9a-f]\{64\}/HASH/')" "plan: HASH"
is "and leaves nothing" "$(ls "$T/nobody" "$T/x.img" 2>/dev/null | tr '\n' ' ')" "$T/nobody: a.img " 
