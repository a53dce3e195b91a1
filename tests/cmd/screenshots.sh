# Pictures of the console: that a screen becomes the same SVG each time, and
# that those that README shows are there.
. tests/cmd/lib.sh
esc=$(printf '\033')
svg() { python3 tests/screenshots/svg.py 30x4 "a & b"; }
# screen DATE AGE: two rows of what tmux captures
screen() {
	printf '%s\n' "$esc[1;7m head $esc[0m <&> $esc[38;2;1;2;3mrgb$esc[39m" \
	    "$esc[4mcame in $1 00:11$esc[24m $2 漢  $esc[48;5;196mred$esc[49m"
}
screen 2026-01-31 9s | svg >"$T/a.svg"
screen 2031-12-01 3s | svg >"$T/b.svg"
same "another day, the same picture" "$T/a.svg" "$T/b.svg"
works "it is XML" python3 - "$T/a.svg" <<'END'
import sys, xml.etree.ElementTree as tree
root = tree.parse(sys.argv[1]).getroot()
ns = "{http://www.w3.org/2000/svg}"
css = root.find(ns + "style").text
fill = lambda t: css.split("." + t.get("class") + "{")[1].split("}")[0]
texts = {t.text: t for t in root.iter(ns + "text")}
assert root.find(ns + "title").text == "a & b"
assert "bold" in fill(texts["head"]) and "#16181d" in fill(texts["head"])
assert "#010203" in fill(texts["rgb"]), css
assert "underline" in fill(texts["came in 2026-11-02 09:30"]), css
assert texts["<&>"].get("x") == str(8 + 7 * 8)
# a wide character takes two columns: what follows stands where it stood
assert texts["red"].get("x") == str(8 + 32 * 8), texts["red"].attrib
rects = {r.get("fill"): r for r in root.iter(ns + "rect")}
assert rects["#ff0000"].get("width") == str(3 * 8)
assert root.get("width") == str(30 * 8 + 16)
END
for picture in $(sed -n 's/^!\[.*](\(.*\))$/\1/p' README.md); do
	[ -s "$picture" ] || fail "README's $picture is there"
done
is "all pictures are made by the script" \
    "$(sed -n 's/^shot \([a-z]*\) .*/\1.svg/p' \
    tests/screenshots/screenshots.sh | sort)" "$(cd docs && ls)"
