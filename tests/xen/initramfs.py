#!/usr/bin/env python3
"""What Linux starts with: busybox, kernel modules and an init.

initramfs.py OUT MODULES-DIR INIT MODULE...
initramfs.py --vmlinux VMLINUZ OUT      unpack a kernel; as it is if it can't
"""
import gzip
import io
import lzma
import os
import stat
import sys

FOLDERS = "bin sbin dev proc sys mod ro tools rw newroot mnt"
APPLETS = "sh mount cat echo mkdir insmod switch_root sleep dd cut head tr"


def vmlinux(packed, out):
    data = open(packed, "rb").read()
    at = data.find(b"\xfd7zXZ\x00")
    try:
        data = lzma.LZMADecompressor().decompress(data[at:])
    except lzma.LZMAError:
        pass
    open(out, "wb").write(data)


class Archive:
    """A cpio archive as the kernel reads it ("newc")."""

    def __init__(self):
        self.buf = io.BytesIO()
        self.ino = 0

    def put(self, name, mode, data=b"", rdev=(0, 0)):
        name = name.encode() + b"\0"
        self.ino += 1
        fields = (self.ino, mode, 0, 0, 1, 0, len(data), 0, 0, *rdev,
                  len(name), 0)
        head = b"070701" + b"".join(b"%08X" % f for f in fields) + name
        for part in head, data:
            self.buf.write(part + b"\0" * (-len(part) % 4))

    def folder(self, name):
        self.put(name, stat.S_IFDIR | 0o755)

    def program(self, name, data):
        self.put(name, stat.S_IFREG | 0o755, data)


def in_order(modules_dir, wanted):
    """The files of the modules wanted, each behind those it needs."""
    needs = {}
    for line in open(os.path.join(modules_dir, "modules.dep")):
        file, _, others = line.partition(":")
        needs[file] = others.split()
    by_name = {os.path.basename(f).split(".")[0].replace("-", "_"): f
               for f in needs}
    order = []

    def visit(file):
        if file not in order:
            for other in needs[file]:
                visit(other)
            order.append(file)

    for name in wanted:
        visit(by_name[name.replace("-", "_")])
    return order


def module(path):
    data = open(path, "rb").read()
    return lzma.decompress(data) if path.endswith(".xz") else data


def main(out, modules_dir, init, *wanted):
    a = Archive()
    for name in FOLDERS.split():
        a.folder(name)
    a.put("dev/console", stat.S_IFCHR | 0o600, rdev=(5, 1))
    a.put("dev/null", stat.S_IFCHR | 0o666, rdev=(1, 3))
    a.program("bin/busybox", open("/bin/busybox", "rb").read())
    for name in APPLETS.split():
        a.put("bin/" + name, stat.S_IFLNK | 0o777, b"busybox")
    # what the kernel runs when Xen asks a domU to go
    for name in "poweroff", "reboot":
        a.program("sbin/" + name,
                  b"#!/bin/sh\nexec /bin/busybox %s -f\n" % name.encode())
    a.program("init", open(init, "rb").read())
    names = []
    for file in in_order(modules_dir, wanted):
        names.append(os.path.basename(file).removesuffix(".xz"))
        a.program("mod/" + names[-1], module(os.path.join(modules_dir, file)))
    a.program("mod/list", "".join(n + "\n" for n in names).encode())
    a.put("TRAILER!!!", 0)
    open(out, "wb").write(gzip.compress(a.buf.getvalue(), 1))


if sys.argv[1] == "--vmlinux":
    vmlinux(*sys.argv[2:])
else:
    main(*sys.argv[1:])
