"""Scaling pictures as q2a does: always to JPEG, never larger than they are (FACTS 13)."""

import io
from typing import TYPE_CHECKING

from app.domain.errors import Invalid

if TYPE_CHECKING:
    from PIL import Image

# Larger ones would take hundreds of megabytes to open, however small the file.
MAX_PIXELS = 40_000_000
FORMATS = ("JPEG", "PNG", "GIF", "WEBP")
QUALITY = 90


def scaled(content: bytes, *, size: int) -> bytes:
    """The picture as a JPEG whose sides are at most `size` pixels.

    Takes up to some tenths of a second: call it in a thread.

    :raises Invalid: if it is not a picture, is damaged, or has too many pixels
    """
    # Pillow takes a while to import, and few requests need it.
    from PIL import Image, ImageOps, UnidentifiedImageError

    try:
        with Image.open(io.BytesIO(content), formats=FORMATS) as image:
            if image.width * image.height > MAX_PIXELS:
                raise Invalid("qa_blobid", "The picture has too many pixels to be scaled.")
            # A JPEG can be opened at a half, a quarter or an eighth of its size.
            image.draft("RGB", (size, size))
            opaque = _opaque(ImageOps.exif_transpose(image))
            opaque.thumbnail((size, size))
            return _jpeg(opaque)
    except (Image.DecompressionBombError, Image.DecompressionBombWarning):
        raise Invalid("qa_blobid", "The picture has too many pixels to be scaled.") from None
    except (UnidentifiedImageError, OSError, SyntaxError, ValueError) as error:
        raise Invalid("qa_blobid", "The file is not a picture that can be scaled.") from error


def _opaque(image: "Image.Image") -> "Image.Image":
    """The picture on white, as pages mostly are: a JPEG has no transparency."""
    from PIL import Image

    if image.mode == "RGB":
        return image
    if image.mode.startswith("I"):
        # Grey of 16 bits: converted as it is, all but the darkest would become white.
        return image.convert("I").point(lambda grey: grey * (1 / 256)).convert("L").convert("RGB")
    if not image.has_transparency_data:
        return image.convert("RGB")
    colours = image.convert("RGBA")
    white = Image.new("RGBA", colours.size, "white")
    return Image.alpha_composite(white, colours).convert("RGB")


def _jpeg(image: "Image.Image") -> bytes:
    output = io.BytesIO()
    image.save(output, "JPEG", quality=QUALITY, optimize=True)
    return output.getvalue()
