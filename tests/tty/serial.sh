#!/bin/sh
# A terminal on a serial line: nobody but itself knows its size.
. tests/tty/lib.sh
fleet "$dir/f" 3
fleet "$dir/many" 40
TERM=vt100 python3 - "$DRYDOCK" "$dir" <<'END'
import fcntl, os, pty, re, select, signal, struct, sys, termios, time
program, folder = sys.argv[1:3]
LIMIT = 30	# seconds, for slow builds on busy machines

class Terminal:
    """drydock on a pty; answers is what the terminal says of its size, once
    each, or nothing."""
    def __init__(self, answers=(), size=(0, 0), typed=b"",
        fleet="f", **env):
        self.answers, self.out = list(answers), b""
        self.asked = 0
        self.pid, self.fd = pty.fork()
        if self.pid == 0:
            # until the parent has set the size
            os.read(0, 1)
            for name in ("LINES", "COLUMNS", "LC_ALL"):
                os.environ.pop(name, None)
            os.environ.update(env)
            os.execv(program, [program, "--config",
                f"{folder}/{fleet}/drydock.conf"])
        fcntl.ioctl(self.fd, termios.TIOCSWINSZ,
            struct.pack("HHHH", *size, 0, 0))
        os.write(self.fd, b"\n" + typed)

    def read(self, seconds):
        if not select.select([self.fd], [], [], seconds)[0]:
            return False
        try:
            new = os.read(self.fd, 65536)
        except OSError:
            return False
        self.out += new
        while self.out.count(b"\033[6n") > self.asked:
            self.asked += 1
            if self.answers:
                os.write(self.fd, self.answers.pop(0))
        return bool(new)

    def until(self, what):
        """What was written from the last time to this."""
        end = time.monotonic() + LIMIT
        while not re.search(what, self.out):
            if not self.read(max(0, end - time.monotonic())):
                print(f"# no {what} in {self.out[-400:]}")
                return b""
        said, self.out = self.out, b""
        self.asked = 0
        return said

    def drain(self):
        while self.read(0.2):
            pass
        return self.until(b"")

    def key(self, k, what):
        os.write(self.fd, k)
        return self.until(what)

    def end(self):
        os.write(self.fd, b"q")
        while self.read(LIMIT):
            pass
        os.close(self.fd)
        return self.wait()

    def wait(self):
        """Its status; -1: it had to be killed."""
        end = time.monotonic() + LIMIT
        while time.monotonic() < end:
            pid, status = os.waitpid(self.pid, os.WNOHANG)
            if pid != 0:
                return status
            time.sleep(0.05)
        os.kill(self.pid, signal.SIGKILL)
        os.waitpid(self.pid, 0)
        return -1

def rows(said):
    """How far down a frame goes, by what moves the cursor of a vt100."""
    row = most = 1
    said = re.sub(rb"\0337\033\[999;999H\033\[6n\0338", b"", said)
    for how, at, by, to in re.findall(rb"(\033\[(\d*);\d*H|\033\[(\d*)([ABH])"
            rb"|\033[MD]|\n)", said):
        if at:
            row = int(at)
        elif to == b"H":
            row = 1
        elif to:
            row += int(by or 1) * (1 if to == b"B" else -1)
        else:
            row += -1 if how == b"\033M" else 1
        most = max(most, row)
    return most

n = 0
def check(name, good):
    global n
    n += 1
    print(("ok" if good else "not ok") + f" {n} - {name}")

LAST = rb"Quit"		# in the key bar, in the last row

t = Terminal([b"\033[30;100R"])
said = t.until(LAST)
check("it is asked for its size", b"\033[999;999H\033[6n" in said)
check("and the answer is what is drawn for", rows(said) == 30)
check("it can be left", t.end() == 0)

t = Terminal()
said = t.until(LAST)
check("without an answer it has 24 rows", rows(said) == 24)
said = t.key(b"\x0c", LAST)
check("and is not asked again", b"[6n" not in said and rows(said) == 24)
t.key(b"?", rb"Help.*1-")
check("an answer that comes late is no Esc and no other key",
    b"1-8 of" in t.key(b"\033[12;60R", rb"Help.*1-\d+ of"))
os.write(t.fd, b"q")
t.end()

t = Terminal([b"j\033[30;100R?"], typed=b"j")
check("what is typed meanwhile is not lost",
    b"1-26 of" in t.until(rb"Help.*1-\d+ of"))
os.write(t.fd, b"q")
t.end()

t = Terminal([b"\033[30;100R", b"\033[20;70R"])
t.until(LAST)
check("^L asks anew", rows(t.key(b"\x0c", LAST)) == 20)
t.end()

t = Terminal([b"\033[30;100R"], LINES="16", COLUMNS="60")
said = t.until(LAST)
check("what LINES and COLUMNS say is not asked for",
    b"[6n" not in said and rows(said) == 16)
t.end()

t = Terminal([b"\033[30;100R"], size=(18, 50))
said = t.until(LAST)
check("nor what the kernel knows", b"[6n" not in said and rows(said) == 18)
t.end()

t = Terminal([b"\033[30;100R"], LC_ALL="C")
said = t.until(LAST) + t.key(b"?", rb"Help.*1-")
check("without UTF-8 it gets no byte beyond ASCII", max(said) < 0x80)
os.write(t.fd, b"q")
t.end()

# scrolling, over a slow line
t = Terminal(size=(24, 80), fleet="many")
t.until(rb"40 domUs")
t.drain()
sent = []
for i in range(38):
    sent.append(len(t.key(b"j", b".")))
    sent[-1] += len(t.drain())
check(f"a line further: {max(sent)} bytes at most, below 400",
    0 < min(sent) and max(sent) < 400)
said = t.key(b"?", rb"Help.*1-")
check("nothing is asked of a mouse", b"\033[?100" not in said)
os.write(t.fd, b"q")
t.until(LAST)

# the line goes
os.close(t.fd)
check("a line that hangs up ends it", t.wait() == 0)
END
[ $? -eq 0 ] || echo "not ok - the terminals were played to the end"
