"""Making uploaded files into pictures that may be shown: what they are is in their bytes."""

import io
import re
from typing import TYPE_CHECKING, Final, NamedTuple

from app.domain import images
from app.domain.errors import Invalid

if TYPE_CHECKING:
    from PIL import Image

# The media types that may be announced.
MEDIA_TYPES = ("image/jpeg", "image/png", "image/gif", "image/webp")
SIGNATURES = {
    b"\xff\xd8\xff": "JPEG",
    b"\x89PNG\r\n\x1a\n": "PNG",
    b"GIF87a": "GIF",
    b"GIF89a": "GIF",
}
# ISO media files say what they are after the length of their first box.
HEIF_BRANDS = (b"heic", b"heix", b"hevc", b"heim", b"heis", b"mif1", b"msf1", b"avif", b"avis")
_MARKUP: Final = re.compile(rb"\A(\xef\xbb\xbf)?\s*<[!?a-zA-Z]")

# Larger pictures are scaled down: no page shows more.
MAX_SIDE = 2000
MAX_FRAMES = 300
MAX_ANIMATED_PIXELS = 30_000_000
# q2a's column would hold 16 MB, but a statement with as much may be refused by the server, and
# an answer with more than this by Lambda.
MAX_STORED_BYTES = 4_000_000
TOO_LONG = (
    f"The animation is too large: {MAX_FRAMES} frames, {MAX_SIDE:,} pixels wide or high, "
    f"{MAX_ANIMATED_PIXELS:,} pixels in all and {MAX_STORED_BYTES:,} bytes are accepted."
)


class Picture(NamedTuple):
    """A picture as it is stored; `format` is q2a's: jpg, png, gif, or jpeg for an avatar."""

    content: bytes
    format: str
    width: int
    height: int


def kind_of(content: bytes, *, field: str) -> str:
    """What a file is by its first bytes: JPEG, PNG, GIF or WEBP.

    :raises Invalid: if it is anything else
    """
    if not content:
        raise Invalid(field, "The file is empty.")
    for signature, kind in SIGNATURES.items():
        if content.startswith(signature):
            return kind
    if content[:4] == b"RIFF" and content[8:12] == b"WEBP":
        return "WEBP"
    if content[4:8] == b"ftyp" and content[8:12] in HEIF_BRANDS:
        raise Invalid(
            field, "HEIC and AVIF pictures are not accepted: send it as a JPEG, PNG, GIF or WebP."
        )
    if _MARKUP.match(content):
        raise Invalid(field, "The file is SVG, HTML or another text, which could carry scripts.")
    raise Invalid(field, "The file is not a JPEG, PNG, GIF or WebP picture.")


def avatar(content: bytes, *, size: int, field: str) -> Picture:
    """The picture as q2a stores avatars: a JPEG that fits into `size` pixels.

    :raises Invalid: if it is not a picture, is damaged or too large
    """
    kind = kind_of(content, field=field)
    with images.opened(content, field=field, formats=(kind,)) as image:
        image.draft("RGB", (size, size))
        small = images.opaque(images.fitting(images.upright(image), size))
    return Picture(images.as_jpeg(small), "jpeg", small.width, small.height)


def cleaned(content: bytes, *, field: str) -> Picture:
    """The picture written anew, upright and without metadata, in a format that q2a shows.

    A WebP becomes a PNG if it is partly transparent, else a JPEG. Only a GIF goes on moving.

    :raises Invalid: if it is not a picture, is damaged or too large
    """
    kind = kind_of(content, field=field)
    with images.opened(content, field=field, formats=(kind,)) as image:
        if kind == "GIF" and getattr(image, "n_frames", 1) > 1:
            return _moving(image, field)
        image.draft("RGB", (MAX_SIDE, MAX_SIDE))
        plain = images.upright(image)
        is_photo = kind == "JPEG" or (kind == "WEBP" and plain.mode == "RGB")
        return _still(plain, "jpg" if is_photo else "png" if kind != "GIF" else "gif")


def _still(image: "Image.Image", format: str) -> Picture:
    """The picture at the largest size at which it may be stored."""
    size = min(MAX_SIDE, max(image.size))
    while True:
        small = images.fitting(image, size)
        content = _written(small, format)
        if len(content) <= MAX_STORED_BYTES:
            return Picture(content, format, small.width, small.height)
        size = size * 3 // 4


def _written(image: "Image.Image", format: str) -> bytes:
    if format == "jpg":
        return images.as_jpeg(images.opaque(image))
    output = io.BytesIO()
    image.save(output, format.upper(), optimize=True)
    return output.getvalue()


def _moving(image: "Image.Image", field: str) -> Picture:
    """An animation with its frames and times, and nothing else."""
    frames = getattr(image, "n_frames", 1)
    pixels = frames * image.width * image.height
    if frames > MAX_FRAMES or pixels > MAX_ANIMATED_PIXELS or max(image.size) > MAX_SIDE:
        raise Invalid(field, TOO_LONG)
    from PIL import ImageSequence

    shown, durations = [], []
    for frame in ImageSequence.Iterator(image):
        copy = frame.convert("RGBA")
        durations.append(int(frame.info.get("duration", 0)))
        copy.info = {}
        shown.append(copy)
    output = io.BytesIO()
    repeats = {"loop": image.info["loop"]} if "loop" in image.info else {}
    shown[0].save(
        output,
        "GIF",
        save_all=True,
        append_images=shown[1:],
        duration=durations,
        disposal=2,
        **repeats,
    )
    if len(output.getvalue()) > MAX_STORED_BYTES:
        raise Invalid(field, TOO_LONG)
    return Picture(output.getvalue(), "gif", image.width, image.height)
