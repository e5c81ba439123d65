"""Pictures of the demo site: drawn, not photographed, so that they are the same everywhere."""

from io import BytesIO
from random import Random
from typing import NamedTuple

from PIL import Image, ImageDraw

from app.demo.people import Person

HONEY = ((245, 176, 38), (226, 143, 18), (250, 206, 92), (196, 116, 12), (120, 72, 20))
AVATAR_SIZE = 200
PICTURE_SIZE = (480, 320)
PICTURES = 6


class DemoImage(NamedTuple):
    """One blob."""

    id: int
    format: str
    content: bytes
    filename: str | None
    owner_id: int


def pictures(rng: Random, *, owner_ids: list[int]) -> list[DemoImage]:
    """Pictures for contents, PNG."""
    return [
        DemoImage(_id(rng), "png", _comb(rng, PICTURE_SIZE, "PNG"), f"comb-{number}.png", owner)
        for number, owner in zip(range(1, PICTURES + 1), owner_ids, strict=False)
    ]


def avatar(rng: Random, person: Person) -> DemoImage:
    """A square JPEG for the person."""
    content = _comb(rng, (AVATAR_SIZE, AVATAR_SIZE), "JPEG")
    return DemoImage(_id(rng), "jpeg", content, None, person.id)


def tag(image: DemoImage, *, site_url: str) -> str:
    """The image as q2a's editor puts it into a content: with the absolute address."""
    address = f"{site_url}?qa=blob&amp;qa_blobid={image.id}"
    return f'\n<p><img src="{address}" alt="A comb" width="480" height="320"></p>'


def _id(rng: Random) -> int:
    return rng.randrange(10**12, 18_446_744_000_000_000_000)


def _comb(rng: Random, size: tuple[int, int], format: str) -> bytes:
    """A comb of hexagons in the colours of honey."""
    image = Image.new("RGB", size, HONEY[4])
    draw = ImageDraw.Draw(image)
    width, height = 40, 36
    for row in range(-1, size[1] // height + 2):
        for column in range(-1, size[0] // width + 2):
            x, y = column * width + (row % 2) * width // 2, row * height
            corners = [(x, y - 22), (x + 18, y - 11), (x + 18, y + 11)]
            corners += [(x, y + 22), (x - 18, y + 11), (x - 18, y - 11)]
            draw.polygon(corners, fill=rng.choice(HONEY))
    out = BytesIO()
    image.save(out, format, quality=82)
    return out.getvalue()
