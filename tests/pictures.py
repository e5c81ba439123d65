"""Picture files for tests: ordinary, odd and hostile ones."""

import io
import struct
import zlib
from random import Random
from typing import Any

from PIL import Image
from PIL.TiffImagePlugin import IFDRational

PLACE = "Secret garden"
ORIENTATION, GPS, MAKER = 0x0112, 0x8825, 0x010F


def image(width: int = 40, height: int = 20, mode: str = "RGB", colour: Any = None) -> Image.Image:
    return Image.new(mode, (width, height), colour if colour is not None else 200)


def file(picture: Image.Image, format: str = "PNG", **options: Any) -> bytes:
    output = io.BytesIO()
    picture.save(output, format, **options)
    return output.getvalue()


def palette() -> bytes:
    """A PNG of two colours, the first of which cannot be seen."""
    picture = Image.new("P", (40, 20), 0)
    picture.putpalette([200, 30, 30, 30, 30, 200])
    picture.paste(1, (20, 0, 40, 20))
    return file(picture, transparency=0)


def noise(width: int, height: int) -> Image.Image:
    """A picture that cannot be written in few bytes."""
    return Image.frombytes("RGB", (width, height), Random(7).randbytes(width * height * 3))


def photo(width: int = 60, height: int = 40, *, turned: bool = True) -> bytes:
    """A JPEG as telephones make them: lying on its side, with where and on what it was made."""
    exif = Image.Exif()
    exif[ORIENTATION] = 6 if turned else 1
    exif[MAKER] = PLACE
    exif.get_ifd(GPS)[2] = (IFDRational(35), IFDRational(41), IFDRational(22))
    exif[GPS] = {1: "N", 2: (35.0, 41.0, 22.0)}
    picture = image(width, height, colour=(200, 30, 30))
    # What is at the left will be at the top.
    picture.paste((30, 30, 200), (0, 0, width // 2, height))
    return file(picture, "JPEG", exif=exif, comment=PLACE.encode(), quality=95)


def animation(frames: int = 3, side: int = 32) -> bytes:
    shown = [image(side, side, colour=(80 * n % 256, 200, 90)) for n in range(frames)]
    return file(
        shown[0],
        "GIF",
        save_all=True,
        append_images=shown[1:],
        duration=120,
        loop=0,
        comment=PLACE.encode(),
    )


def claiming(width: int, height: int) -> bytes:
    """A PNG of a few bytes that says how large it is, with the right checksums."""
    head = struct.pack(">IIBBBBB", width, height, 8, 2, 0, 0, 0)
    parts = [(b"IHDR", head), (b"IDAT", zlib.compress(bytes(1000))), (b"IEND", b"")]
    chunks = [
        struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))
        for kind, data in parts
    ]
    return b"\x89PNG\r\n\x1a\n" + b"".join(chunks)


def bomb() -> bytes:
    """A real picture of 100 million pixels in some hundred kilobytes."""
    return file(Image.new("1", (10_000, 10_000)), "PNG", optimize=True)


def many_passes() -> bytes:
    """A JPEG whose pixels have to be gone through thousands of times."""
    whole = file(image(64, 64), "JPEG", progressive=True)
    start = whole.index(b"\xff\xda")
    return whole[:start] + whole[start:-2] * 300 + whole[-2:]


SVG = b'<svg xmlns="http://www.w3.org/2000/svg"><script>alert(1)</script></svg>'
HTML = b"\xef\xbb\xbf \n<!doctype html><script>alert(1)</script>"
HEIC = b"\x00\x00\x00\x18ftypheic\x00\x00\x00\x00mif1heic" + bytes(200)
