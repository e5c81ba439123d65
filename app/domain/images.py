"""Opening pictures of strangers safely, and scaling them (FACTS 13).

Everything here takes up to some tenths of a second: call it by `apart`. Pillow takes a while to
import, and few requests need it: it is imported in functions.
"""

import asyncio
import io
import struct
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from typing import TYPE_CHECKING, TypeVar

from app.domain.errors import Invalid

if TYPE_CHECKING:
    from PIL import Image

Result = TypeVar("Result")

# Larger ones would take hundreds of megabytes to open, however small the file.
MAX_PIXELS = 40_000_000
# Opening one of these takes three times the memory of others.
MAX_PIXELS_OF_WEBP = 16_000_000
# A JPEG may ask for all of its pixels to be gone through again for every hundred bytes of it.
MAX_SCANS = 200
JPEG, START_OF_SCAN = b"\xff\xd8", b"\xff\xda"
FORMATS = ("JPEG", "PNG", "GIF", "WEBP")
QUALITY = 90
WEBP_QUALITY = 82
# What Pillow raises for files that are not what they begin as.
DAMAGED = (OSError, SyntaxError, ValueError, EOFError, OverflowError, struct.error)

# Each of them may take many megabytes for a moment.
_threads = ThreadPoolExecutor(2, thread_name_prefix="pictures")


async def apart(work: Callable[[], Result]) -> Result:
    """What `work` returns, worked out beside the event loop, two at a time in a process."""
    return await asyncio.get_running_loop().run_in_executor(_threads, work)


@contextmanager
def opened(
    content: bytes, *, field: str, formats: tuple[str, ...] = FORMATS
) -> Iterator["Image.Image"]:
    """A picture whose size was looked at before any of its pixels. What goes wrong with it in
    the block is said to be wrong with `field`.

    :raises Invalid: if it is not a picture, is damaged, or has too many pixels
    """
    from PIL import Image, UnidentifiedImageError

    # Pillow looks at every frame's size as well: it warns of more, and gives up at twice as many.
    Image.MAX_IMAGE_PIXELS = MAX_PIXELS
    try:
        # Within what it encodes, the bytes cannot be. Other formats have them by chance.
        if content.startswith(JPEG) and content.count(START_OF_SCAN) > MAX_SCANS:
            raise Invalid(field, "The picture is made of too many passes.")
        with Image.open(io.BytesIO(content), formats=formats) as image:
            most = MAX_PIXELS_OF_WEBP if image.format == "WEBP" else MAX_PIXELS
            if image.width * image.height > most:
                raise Invalid(field, _too_large(f" ({image.width} x {image.height})", most))
            yield image
    except (Image.DecompressionBombError, Image.DecompressionBombWarning):
        raise Invalid(field, _too_large("", MAX_PIXELS)) from None
    except (UnidentifiedImageError, *DAMAGED) as error:
        raise Invalid(field, "The file is no picture, or a damaged one.") from error


def _too_large(size: str, most: int) -> str:
    return f"The picture has too many pixels{size}: {most:,} are accepted."


def scaled(content: bytes, *, size: int, field: str = "qa_blobid") -> bytes:
    """The picture as a JPEG whose sides are at most `size` pixels, never larger than it is.

    :raises Invalid: if it is not a picture, is damaged, or has too many pixels
    """
    with opened(content, field=field) as image:
        # A JPEG can be opened at a half, a quarter or an eighth of its size.
        image.draft("RGB", (size, size))
        return as_jpeg(opaque(fitting(upright(image), size)))


def fitting(image: "Image.Image", size: int) -> "Image.Image":
    """The picture itself or a smaller one, which fits into a square of `size` pixels."""
    if max(image.size) <= size:
        return image
    width, height = (max(1, round(side * size / max(image.size))) for side in image.size)
    return image.resize((width, height), reducing_gap=2.0)


def upright(image: "Image.Image") -> "Image.Image":
    """The first frame as it is to be seen, in eight bits of sRGB, with nothing but its pixels.

    Its mode is L, RGB, or RGBA for what is partly transparent. It may be `image` itself, changed:
    forty million pixels are not copied without need.
    """
    from PIL import ImageOps

    ImageOps.exif_transpose(image, in_place=True)
    if image.mode.startswith("I"):
        # Grey of 16 bits: converted as it is, all but the darkest would become white.
        plain = image.convert("I").point(lambda grey: grey * (1 / 256)).convert("L")
    elif image.mode == "RGBA" or not image.has_transparency_data:
        plain = image if image.mode in ("L", "RGBA") else _in_srgb(image)
    else:
        plain = image.convert("RGBA")
    # Comments, EXIF, XMP and profiles would be written again by some formats.
    plain.info = {}
    return plain


def _in_srgb(image: "Image.Image") -> "Image.Image":
    """The picture in the colours that browsers expect where no profile is sent along."""
    from PIL import ImageCms

    if image.mode == "1":
        return image.convert("L")
    profile = image.info.get("icc_profile")
    if profile and image.mode in ("RGB", "CMYK"):
        try:
            source = ImageCms.ImageCmsProfile(io.BytesIO(profile))
            target = ImageCms.createProfile("sRGB")
            converted = ImageCms.profileToProfile(image, source, target, outputMode="RGB")
            if converted is not None:
                return converted
        except (ImageCms.PyCMSError, OSError):
            # Profiles are often broken; the colours are then as good as without.
            pass
    return image if image.mode == "RGB" else image.convert("RGB")


def opaque(image: "Image.Image") -> "Image.Image":
    """The picture on white, as pages mostly are: a JPEG has no transparency."""
    from PIL import Image

    if image.mode != "RGBA":
        return image if image.mode == "RGB" else image.convert("RGB")
    white = Image.new("RGBA", image.size, "white")
    return Image.alpha_composite(white, image).convert("RGB")


def as_jpeg(image: "Image.Image") -> bytes:
    output = io.BytesIO()
    image.save(output, "JPEG", quality=QUALITY, optimize=True)
    return output.getvalue()


def as_webp(image: "Image.Image") -> bytes:
    output = io.BytesIO()
    image.save(output, "WEBP", quality=WEBP_QUALITY)
    return output.getvalue()
