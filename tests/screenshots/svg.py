#!/usr/bin/env python3
"""A terminal's screen as SVG: from what `tmux capture-pane -e -p -N` prints.

	svg.py COLUMNSxROWS TITLE <screen >picture.svg

The same screen gives the same bytes.  What is another each time (dates, how
long something took, hashes) is given a value of its own first, as wide as it
was, so that a picture only changes where the program does.
"""
import re
import sys
import unicodedata
from xml.sax.saxutils import escape

# DejaVu Sans Mono of 13.29 pixels is 8 wide.
CELL_W, CELL_H, BASE, EDGE = 8, 17, 13, 8
INK, GROUND = "#d4d7db", "#16181d"
FIRST_16 = ("#2b2f36 #d05a5a #5fa85f #c59a3f #5a86d0 #a970c0 #3fa5a5 #c8ccd1 "
    "#6b7078 #e88080 #86cc86 #e6c26c #86aaf0 #cc98e0 #6cc8c8 #f2f4f6").split()

STEADY = [
    (r"20\d\d-\d\d-\d\d( \d\d:\d\d(:\d\d)?)?",
        lambda m: "2026-11-02 09:30:00"[:len(m.group())]),
    (r"\b[0-9a-f]{16,64}\b", lambda m: ("3fa9c0de" * 8)[:len(m.group())]),
    (r"(?<= )\d+s(?= )", lambda m: "1s".rjust(len(m.group()))),
    (r"\b\d+\.\d+ ?s\b", lambda m: "0.3 s".rjust(len(m.group()))),
]


def colour(n):
    if n < 16:
        return FIRST_16[n]
    if n >= 232:
        return "#" + 3 * f"{8 + 10 * (n - 232):02x}"
    levels = (0, 95, 135, 175, 215, 255)
    n -= 16
    return "#%02x%02x%02x" % (levels[n // 36], levels[n // 6 % 6],
        levels[n % 6])


class Look:
    """What SGR sequences have set so far."""

    def __init__(self):
        self.fg = self.bg = None
        self.on = set()

    def colour(self, codes):
        """What stands behind 38 or 48."""
        if codes[:1] == [5]:
            n = codes[1]
            del codes[:2]
            return colour(n)
        rgb = codes[1:4]
        del codes[:4]
        return "#%02x%02x%02x" % tuple(rgb)

    def set(self, text):
        codes = [int(c or 0) for c in re.split("[;:]", text)]
        while codes:
            c = codes.pop(0)
            if c == 0:
                self.__init__()
            elif c in (1, 2, 3, 4, 7):
                self.on.add(c)
            elif c == 22:
                self.on -= {1, 2}
            elif c in (23, 24, 27):
                self.on.discard(c - 20)
            elif c in (38, 48):
                setattr(self, "fg" if c == 38 else "bg", self.colour(codes))
            elif c in (39, 49):
                setattr(self, "fg" if c == 39 else "bg", None)
            elif 30 <= c <= 37 or 90 <= c <= 97:
                self.fg = colour(c - 30 if c < 90 else c - 82)
            elif 40 <= c <= 47 or 100 <= c <= 107:
                self.bg = colour(c - 40 if c < 100 else c - 92)

    def key(self):
        fg, bg = self.fg or INK, self.bg or GROUND
        if 7 in self.on:
            fg, bg = bg, fg
        return fg, bg, 1 in self.on, 2 in self.on, 4 in self.on


def width(c):
    if unicodedata.combining(c):
        return 0
    return 2 if unicodedata.east_asian_width(c) in "WF" else 1


def steady(text):
    for pattern, instead in STEADY:
        text = re.sub(pattern, instead, text)
    return text


def runs(line, look):
    """(column, cells, text, key) for each stretch that looks the same."""
    parts = re.split("\033\\[([0-9;:]*)m", line.replace("\016", "")
        .replace("\017", ""))
    whole = steady("".join(parts[::2]))
    at = x = 0
    for i, part in enumerate(parts):
        if i % 2:
            look.set(part)
        elif part:
            text = whole[at:at + len(part)]
            at += len(part)
            cells = sum(map(width, text))
            yield x, cells, text, look.key()
            x += cells


def words(x, text):
    """Stretches without two blanks in a row: so text stays on the grid."""
    for m in re.finditer(r"\S+(?: \S+)*", text):
        yield x + sum(map(width, text[:m.start()])), m.group()


class Picture:
    def __init__(self, cols, rows, title):
        self.size = cols * CELL_W + 2 * EDGE, rows * CELL_H + 2 * EDGE
        self.title, self.classes = title, {}
        self.cells, self.grounds, self.texts = {}, [], []

    def style(self, fg, bold, dim, underline):
        css = f"fill:{fg}" + (";font-weight:bold" if bold else "") + \
            (";opacity:.65" if dim else "") + \
            (";text-decoration:underline" if underline else "")
        return self.classes.setdefault(css, f"s{len(self.classes)}")

    def add(self, y, x, cells, text, key):
        fg, bg, bold, dim, underline = key
        top = EDGE + y * CELL_H
        self.cells[bg] = self.cells.get(bg, 0) + cells
        self.grounds.append((bg, f'<rect x="{EDGE + x * CELL_W}" y="{top}" '
            f'width="{cells * CELL_W}" height="{CELL_H}" fill="{bg}"/>'))
        if underline and not text.strip():
            self.texts.append(f'<rect x="{EDGE + x * CELL_W}" '
                f'y="{top + BASE + 2}" width="{cells * CELL_W}" height="1" '
                f'fill="{fg}"/>')
        name = self.style(fg, bold, dim, underline) if text.strip() else ""
        for at, word in words(x, text):
            wide = sum(map(width, word)) * CELL_W
            self.texts.append(f'<text class="{name}" '
                f'x="{EDGE + at * CELL_W}" y="{top + BASE}" '
                f'textLength="{wide}" lengthAdjust="spacingAndGlyphs">'
                f'{escape(word)}</text>')

    def __str__(self):
        w, h = self.size
        ground = max(self.cells, key=self.cells.get, default=GROUND)
        css = "".join(f".{name}{{{what}}}" for what, name in
            self.classes.items())
        return "\n".join([
            f'<svg xmlns="http://www.w3.org/2000/svg" width="{w}" '
            f'height="{h}" viewBox="0 0 {w} {h}">',
            f"<title>{escape(self.title)}</title>",
            "<style>text{font:13.29px 'DejaVu Sans Mono',Menlo,Consolas,"
            f"monospace;white-space:pre}}{css}</style>",
            f'<rect width="{w}" height="{h}" rx="6" fill="{ground}"/>',
            *(rect for bg, rect in self.grounds if bg != ground), *self.texts, "</svg>", ""])


def main():
    cols, rows = map(int, sys.argv[1].split("x"))
    picture, look = Picture(cols, rows, sys.argv[2]), Look()
    screen = sys.stdin.buffer.read().decode("utf-8")
    for y, line in enumerate(screen.split("\n")[:rows]):
        for x, cells, text, key in runs(line, look):
            picture.add(y, x, cells, text, key)
    sys.stdout.buffer.write(str(picture).encode())


main()
