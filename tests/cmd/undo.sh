# undo: the last change of an image is taken back, when nobody else has written.
. tests/cmd/lib.sh

I=$T/image
manifest() { "$DRYDOCK" tree --manifest "$I" >"$1"; }
beside() { find "$T" -name '.drydock-*' | wc -l | tr -d ' '; }

mkdir "$T/src"
head -c 300000 /dev/urandom >"$T/src/large"
for i in 1 2 3 4 5 6 7 8 9; do echo "file $i" >"$T/src/$i"; done

for O in 1 2; do
	rm -f "$I"
	"$DRYDOCK" create "$I" -O $O -s 8m --from "$T/src" >/dev/null
	cp "$I" "$T/fresh"
	manifest "$T/before"
	fails "v$O: nothing yet" 1 "nothing to undo" "$DRYDOCK" undo "$I"

	# replaces files, so that blocks are freed and others are taken
	"$DRYDOCK" cp "$T/src/1" "$I:/large"
	works "v$O: a change" "$DRYDOCK" cp -r "$T/src" "$I:/new"
	is "v$O: one file is kept" "$(beside)" 1
	"$DRYDOCK" undo "$I" >/dev/null
	"$DRYDOCK" ls "$I:/new" >/dev/null 2>&1
	is "v$O: the second goes" $? 1
	fails "v$O: the first is the last no more" 1 "nothing to undo" \
	    "$DRYDOCK" undo "$I"

	cat "$T/fresh" >"$I"
	"$DRYDOCK" cp "$T/src/1" "$I:/large"
	manifest "$T/changed"
	works "v$O: a dry run" "$DRYDOCK" undo -n "$I"
	is "v$O: says when" "$(sed 's/[0-9]/N/g' "$T/out")" \
	    "$(echo "$I: the change of NNNN-NN-NN NN:NN can be taken back" |
	    sed 's/[0-9]/N/g')"
	manifest "$T/after"
	same "v$O: and does nothing" "$T/changed" "$T/after"
	works "v$O: undo" "$DRYDOCK" undo "$I"
	grep -q "^$I: the change of .* is taken back$" "$T/out"
	is "v$O: says so" $? 0
	manifest "$T/after"
	same "v$O: the tree is what it was" "$T/before" "$T/after"
	clean "v$O: it" "$I"
	is "v$O: nothing is left beside" "$(beside)" 0
done

# Every commit that keeps none, and every write of somebody else, ends it.
"$DRYDOCK" cp "$T/src/1" "$I:/new"
python3 - "$I" <<'PY'
import sys
f = open(sys.argv[1], "r+b")
f.seek(65536 + 680)
c = f.read(1)
f.seek(65536 + 680)
f.write(bytes([c[0] ^ 1]))
PY
s=$(sum "$I")
fails "refused when another has written" 1 "written to since" \
    "$DRYDOCK" undo "$I"
fails "by the dry run, too" 1 "written to since" "$DRYDOCK" undo -n "$I"
is "nothing is written" "$(sum "$I") $(beside)" "$s 1"

# A small change that the recipe makes, and its JSON.
cat "$T/fresh" >"$I"
"$DRYDOCK" cp "$T/src/2" "$I:/1"
"$DRYDOCK" undo -n --json "$I" >"$T/out"
json <"$T/out"
is "JSON" "$? $(grep -c '"undone": false' "$T/out")" "0 1"
"$DRYDOCK" cp -n "$T/src/3" "$I:/1" >/dev/null
"$DRYDOCK" check --repair "$I" >/dev/null
works "a dry run and a repair without faults change nothing" \
    "$DRYDOCK" undo --json "$I"
is "undone, in JSON" "$(grep -c '"undone": true' "$T/out")" 1

# check --repair, in a vector that needs it
vector ffs/logdirty "$I"
cp "$I" "$T/fresh"
"$DRYDOCK" check --repair "$I" >/dev/null
works "a repair is taken back" "$DRYDOCK" undo "$I"
same "byte for byte" "$I" "$T/fresh"

# Encrypted: without the key.
"$DRYDOCK" cgd params new -k storedkey -V ffs -o "$T/params" aes-xts 256
rm -f "$I"
"$DRYDOCK" create "$I" -s 8m -c "$T/params" --from "$T/src" >/dev/null
"$DRYDOCK" tree --manifest -c "$T/params" "$I" >"$T/before"
"$DRYDOCK" cp -c "$T/params" "$T/src/1" "$I:/large"
works "an encrypted image" "$DRYDOCK" undo "$I"
"$DRYDOCK" tree --manifest -c "$T/params" "$I" >"$T/after"
same "is what it was" "$T/before" "$T/after"
clean "the encrypted image" "$I" -c "$T/params"

# A folder full of surprises.
fails "no image" 1 "No such file" "$DRYDOCK" undo "$T/none"
fails "a folder" 1 "is a directory" "$DRYDOCK" undo "$T"
fails "no argument" 2 "missing" "$DRYDOCK" undo
