# SPDX-License-Identifier: GPL-3.0-or-later
"""What the pages of w_swapped have (tests/dumps/guest/l2u/w_swapped.c), which are in swap."""
import functools
import struct

PAGE = 4096
PAGES = 150
MASK = (1 << 64) - 1


class Random:
    """xorshift64"""
    def __init__(self, state):
        self.state = state & MASK

    def next(self):
        x = self.state
        x ^= x << 13 & MASK
        x ^= x >> 7
        x ^= x << 17 & MASK
        self.state = x
        return x

    def bytes(self, count):
        return b"".join(struct.pack("<Q", self.next()) for _ in range(count // 8))


@functools.cache
def page(i):
    random, turn = Random(0x9e3779b97f4a7c15 * (i + 1)), i // 6
    if i % 6 == 0:  # zeros
        return bytes(PAGE)
    if i % 6 == 1:  # one word
        return random.bytes(8) * (PAGE // 8)
    if i % 6 == 2:  # text
        text = b""
        while len(text) + 64 <= PAGE:
            text += f"line at {len(text)} of page {i}\n".encode()
        return text.ljust(PAGE, b"\0")
    if i % 6 == 3:  # random
        return random.bytes(PAGE)
    data = bytearray(PAGE)
    if i % 6 == 4:  # runs of zeros
        at = 0
        while at < PAGE:
            data[at:at + 8] = random.bytes(8)
            at += 16 + 8 * (random.state % (4 << turn % 6))
        return bytes(data)
    start = 512 + 128 * (turn % 24)  # repetitions
    data[:start] = random.bytes(start)
    for at in range(start, PAGE):
        data[at] = data[(at * 7 // 8 & ~3) % 512 + at % 4]
    return bytes(data)
