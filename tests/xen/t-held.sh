# Images of a running domU are not written to; they are swapped, and it goes on
# with the old one until it starts again.
. tests/xen/lib.sh

idle d1
pkg "$T/new.img" new-packages
echo text >"$T/file"
P=$T/d1/pkg.img
S=$T/d1/.pkg.img.d
L=$T/d1/local.img
ino() { stat -L -c %i "$1"; }
# attached INO: to a loop device; no other file of that name is
attached() { losetup -n -O BACK-INO | grep -cx " *$1"; }

# something to undo
"$DRYDOCK" cp "$T/file" "$L:/file" >/dev/null
"$DRYDOCK" cp "$T/file" "$T/root.img:/file" >/dev/null
for i in "$T/root.img" "$L" "$P" "$T/d1/swap.img"; do sum "$i"; done >"$T/before"
old=$(ino "$P")
create d1
is "d1 has the image in place" "$(attached "$old")" 1

# nothing writes
fails "cp into a running domU's local image" 1 "attached to d1 as xvdc" \
    "$DRYDOCK" cp "$T/file" "$L:/x"
fails "into its pkg image" 1 "attached to d1 as xvdd" \
    "$DRYDOCK" cp "$T/file" "$P:/x"
fails "check --repair" 1 "attached to d1 as xvdc" \
    "$DRYDOCK" check --repair "$L"
fails "undo" 1 "attached to d1 as xvdc" "$DRYDOCK" undo "$L"
fails "prepare local" 1 "attached to d1 as xvdc" \
    "$DRYDOCK" prepare local "$T/root.img" "$L"
fails "prepare root of the root it reads" 1 "attached to d1 as xvda" \
    "$DRYDOCK" prepare root "$T/root.img"
fails "cp into that root" 1 "attached to d1 as xvda" \
    "$DRYDOCK" cp "$T/file" "$T/root.img:/x"
ln "$L" "$T/another-name"
fails "by another name" 1 "attached to d1 as xvdc" \
    "$DRYDOCK" cp "$T/file" "$T/another-name:/x"
for i in "$T/root.img" "$L" "$P" "$T/d1/swap.img"; do sum "$i"; done >"$T/after"
same "no image has changed" "$T/before" "$T/after"

# but another may take the place
works "swap" "$DRYDOCK" swap --next-boot d1 "$T/new.img"
is "says when it takes effect" \
    "$(grep -c 'takes effect at the next start of d1$' "$T/out")" 1
new=$(ino "$P")
is "d1 is still on the old one" "$(attached "$old") $(attached "$new")" "1 0"
is "which is kept" "$(ino "$S"/1-*)" "$old"
works "prune looks" "$DRYDOCK" prune --keep 0 d1
is "and says why it stays" "$(grep -c 'pkg.img: 1 stays, .*: loop device' "$T/out")" 1
works "prune keeps what d1 has" "$DRYDOCK" prune --keep 0 --yes d1
is "it is there" "$(ino "$S"/1-*)" "$old"
stop d1
create d1
is "d1 has the image in place" "$(attached "$old") $(attached "$new")" "0 1"

# and back
works "rollback" "$DRYDOCK" rollback --next-boot d1
is "says when it takes effect, too" \
    "$(grep -c 'takes effect at the next start of d1$' "$T/out")" 1
is "d1 goes on with the new one" "$(attached "$old") $(attached "$new")" "0 1"
works "prune keeps that now" "$DRYDOCK" prune --keep 0 --yes d1
is "it is there, too" "$(ino "$S"/2-*)" "$new"
stop d1
works "prune deletes it when d1 is gone" \
    "$DRYDOCK" prune --keep 0 --yes d1
is "it is gone" "$(ls "$S" | grep -c '^[0-9]*-')" 0
works "and writing works again" "$DRYDOCK" cp "$T/file" "$L:/x"
create d1
is "d1 has its old packages" "$(attached "$old")" 1

# one that no configuration knows
xl block-attach d1 "format=raw,vdev=xvde,access=w,target=$T/new.img" \
    >/dev/null 2>&1
fails "into what was attached by hand" 1 "new.img: is" \
    "$DRYDOCK" cp "$T/file" "$T/new.img:/x"
fails "which can't come in, either" 1 "new.img: is" \
    "$DRYDOCK" swap d1 "$T/new.img"
