"""Rewrites a kdump file of uncompressed pages with snappy: to_snappy.py RAW OUTPUT.

Layout: header block, sub-header, bitmaps, one descriptor a stored page, page
data. Everything before the descriptors is kept, but for the status bit.
"""

import ctypes
import struct
import sys

SIGNATURE = b"KDUMP   "
STATUS_AT, BLOCK_SIZE_AT, SUB_HEADER_BLOCKS_AT, BITMAP_BLOCKS_AT = 424, 428, 432, 436
SNAPPY = 0x4  # of the header's status and of a page's flags
DESCRIPTOR = struct.Struct("<QIIQ")  # offset, size, flags, page flags


class Snappy:
    def __init__(self):
        self.library = ctypes.CDLL("libsnappy.so.1")
        self.library.snappy_max_compressed_length.restype = ctypes.c_size_t
        self.library.snappy_max_compressed_length.argtypes = [ctypes.c_size_t]

    def compress(self, data):
        size = ctypes.c_size_t(self.library.snappy_max_compressed_length(len(data)))
        out = ctypes.create_string_buffer(size.value)
        if self.library.snappy_compress(data, ctypes.c_size_t(len(data)), out, ctypes.byref(size)):
            sys.exit("to_snappy: snappy_compress failed")
        return out.raw[: size.value]


def u32(data, at):
    return struct.unpack_from("<I", data, at)[0]


def recode(dump):
    if dump[:8] != SIGNATURE:
        sys.exit("to_snappy: not a kdump file")
    block = u32(dump, BLOCK_SIZE_AT)
    bitmap_blocks = u32(dump, BITMAP_BLOCKS_AT)
    table = (1 + u32(dump, SUB_HEADER_BLOCKS_AT) + bitmap_blocks) * block
    # The second half of the bitmaps says which pages are stored.
    stored = dump[table - bitmap_blocks // 2 * block : table]
    count = sum(byte.bit_count() for byte in stored)
    head = bytearray(dump[:table])
    struct.pack_into("<I", head, STATUS_AT, u32(dump, STATUS_AT) | SNAPPY)

    snappy = Snappy()
    placed = {}  # pages of zeros share one place: keep that
    descriptors, pages = [], []
    position = table + count * DESCRIPTOR.size
    for index in range(count):
        offset, size, flags, page_flags = DESCRIPTOR.unpack_from(dump, table + index * DESCRIPTOR.size)
        if offset not in placed:
            if flags or size != block:
                sys.exit(f"to_snappy: page {index} is compressed already")
            page = dump[offset : offset + size]
            packed = snappy.compress(page)
            # A writer keeps a page as it is when compression gains nothing; the zero page too.
            use = len(packed) < block and any(page)
            data = packed if use else page
            placed[offset] = (position, len(data), SNAPPY if use else 0)
            pages.append(data)
            position += len(data)
        descriptors.append(DESCRIPTOR.pack(*placed[offset], page_flags))
    return b"".join([head, *descriptors, *pages])


def main():
    with open(sys.argv[1], "rb") as raw:
        dump = raw.read()
    with open(sys.argv[2], "wb") as output:
        output.write(recode(dump))


main()
