# Standard input, output and error that are closed or full.
. tests/cmd/lib.sh
mkdir "$T/tree"
echo text >"$T/tree/file"
python3 -c "import socket; socket.socket(socket.AF_UNIX).bind('$T/tree/s')"
# a history that can't be written: its database would take the free number
printf 'state_dir = "%s/tree/file/x"\n' "$T" >"$T/drydock.conf"
works "an image" "$DRYDOCK" create "$T/a.img" -s 4m

"$DRYDOCK" --config "$T/drydock.conf" cp -r "$T/tree" "$T/a.img:/" 2>&-
is "with standard error closed" $? 0
"$DRYDOCK" --config "$T/drydock.conf" cp -r "$T/tree" "$T/a.img:/b" >&- 2>&- <&-
is "or all of them" $? 0
is "no message goes into the image" "$(head -c 8192 "$T/a.img" | tr -d '\0' | wc -c)" 0
clean "it" "$T/a.img"
"$DRYDOCK" ls "$T/a.img:/" >&- 2>"$T/err"
is "nothing to write to is an error" "$?:$(grep -c 'standard output: write failed' "$T/err")" 1:1

# what everybody tries first
for word in --version -V version; do
	works "$word" "$DRYDOCK" $word
	is "$word says which" "$(grep -c '^drydock [0-9][0-9.]*$' "$T/out")" 1
done
fails "version takes nothing" 2 "" "$DRYDOCK" version x
"$DRYDOCK" --version >&- 2>"$T/err"
is "and it is an error where it can't be read" $? 1
