# drydock theme list, show, check.
. tests/cmd/lib.sh
mkdir -p "$T/drydock/themes"
conf=$T/drydock.conf
echo "config_dirs = [ \"$T\" ]" >"$conf"
d() { "$DRYDOCK" --config "$conf" "$@"; }

works "list" d theme list
cp "$T/out" "$T/list"
for file in themes/*.theme; do
	theme=${file#themes/}
	theme=${theme%.theme}
	grep -q "^$theme " "$T/list" ||
	    fail "list has $theme" "$(cat "$T/list")"
	works "$theme has no fault" d theme check "$file"
	is "$theme: it is said" "$(cat "$T/out")" "$file: no fault found"
	works "show $theme" d theme show "$theme"
	same "$theme is built in from its file" "$T/out" "$file"
done

# one's own goes before what comes with it
printf 'about = "of my own"\nok = "green"\n' >"$T/drydock/themes/amber.theme"
echo 'okk = "green"' >"$T/drydock/themes/bad.theme"
works "list, with files" d theme list --json
mv "$T/out" "$T/json"
works "it is JSON" python3 - "$T/json" "$T" <<'END'
import json, sys
themes = {t["name"]: t for t in json.load(open(sys.argv[1]))}
folder = sys.argv[2] + "/drydock/themes/"
assert themes["amber"]["about"] == "of my own", themes["amber"]
assert themes["amber"]["path"] == folder + "amber.theme", themes["amber"]
assert "bad.theme:1: okk" in themes["bad"]["about"], themes["bad"]
assert themes["mono"]["path"] is None, themes["mono"]
END
works "show, of a file" d theme show amber
is "it is that file" "$(head -n 1 "$T/out")" 'about = "of my own"'

# check
fails "a fault" 1 "bad.theme:1: okk: no role of that name" \
    d theme check bad
is "what was meant" "$(sed -n 's/^hint: //p' "$T/err")" "did you mean ok?"
cat >"$T/low.theme" <<'E2'
normal = "#777777 on #666666"

key = [ "red", "mono: reverse" ]
E2
works "warnings are no error" d theme check "$T/low.theme"
is "contrast, with its line" "$(sed -n 1p "$T/out")" \
    "$T/low.theme:1: warning: normal: #777777 on #666666 has a contrast of 1.2, less than 4.5"
is "without colours" "$(grep key "$T/out")" \
    "$T/low.theme:3: warning: key and bar look the same without colours"

# in the file and in its name, what a terminal would take for itself
printf 'ok = "\033[31m"\n' >"$T/esc.theme"
fails "an escape in it" 1 'esc.theme:1: ok: .*no colour' \
    d theme check "$T/esc.theme"
works "is shown as such" d theme show "$T/esc.theme"
is "and not sent" "$(tr -d '\n -~' <"$T/out" | wc -c)" 0
printf 'ok = "red"' >"$T/$(printf 'a\033b').theme"
works "or in its name" d theme check "$T/$(printf 'a\033b').theme"
is "is not sent" "$(tr -d '\n -~' <"$T/out" | wc -c)" 0

# what else is asked for
fails "no such theme" 1 "no theme ambr" d theme check ambr
is "what was meant" "$(sed -n 's/^hint: //p' "$T/err")" "did you mean amber?"
fails "no such file" 1 "none.theme: No such" d theme show "$T/none.theme"
fails "a folder" 1 "not a regular file" d theme check "$T/"
fails "two" 2 "" d theme check amber green
fails "none" 2 "" d theme check
fails "a command has no theme" 2 "--theme is for the console" \
    "$DRYDOCK" --theme amber list
