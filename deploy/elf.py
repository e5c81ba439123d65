"""Compiled modules without what only debuggers read, which is a third of SQLAlchemy's."""

import struct

MAGIC_64_LITTLE = b"\x7fELF\x02\x01"
# In the header of a file, and of a segment in it: offset, format.
SEGMENTS_AT, SECTIONS_AT = 0x20, 0x28
SEGMENT_SIZE_AND_COUNT, SECTION_COUNTS = 0x36, 0x3C
OFFSET_IN_SEGMENT, LENGTH_IN_SEGMENT = 0x08, 0x20
HEADER_BYTES = 64


def stripped(content: bytes) -> bytes:
    """The part of a shared library that is loaded; what is no 64-bit ELF file stays as it is.

    Programs are loaded by segments. Sections, which name the same bytes and more for linkers and
    debuggers, follow behind the last segment and are cut off, with any kind of processor.
    """
    if not content.startswith(MAGIC_64_LITTLE):
        return content
    [first] = struct.unpack_from("<Q", content, SEGMENTS_AT)
    size, count = struct.unpack_from("<HH", content, SEGMENT_SIZE_AND_COUNT)
    end = HEADER_BYTES
    for number in range(count):
        at = first + number * size
        [offset] = struct.unpack_from("<Q", content, at + OFFSET_IN_SEGMENT)
        [length] = struct.unpack_from("<Q", content, at + LENGTH_IN_SEGMENT)
        end = max(end, at + size, offset + length)
    kept = bytearray(content[:end])
    struct.pack_into("<Q", kept, SECTIONS_AT, 0)
    struct.pack_into("<HH", kept, SECTION_COUNTS, 0, 0)
    return bytes(kept)
