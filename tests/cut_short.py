#!/usr/bin/env python3
"""A change that was cut short: the redo journal of an image, by another hand.

cut_short.py IMAGE      beside it; it would change byte 209 of sector 16
"""
import hashlib
import os
import struct
import sys

path = sys.argv[1]
img = open(path, "rb").read()
st = os.stat(path)
new = bytearray(img[8192:8192 + 512])
new[209] = 2                    # of an FFSv1: not clean


def digest(b):
    return hashlib.blake2b(b, digest_size=32).digest()


body = (struct.pack("<Q", 8192) + digest(img[8192:8704])[:16] +
        digest(bytes(new))[:16] + bytes(new))
head = bytearray(512)
head[:16] = b"drydock redo 1\n\0"
struct.pack_into("<QQQQQ", head, 16, st.st_dev, st.st_ino, len(img), 1, 0)
head[64:96] = digest(bytes(head) + body)
with open(os.path.join(os.path.dirname(path) or ".",
                       ".drydock-%d.redo" % st.st_ino), "wb") as out:
    out.write(bytes(head) + body)
