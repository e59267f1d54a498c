"""Picture files as people send them, made anew: small enough, and with nothing in them but the picture.

What a camera writes beside it (where it was taken, when, by whom) does not survive, nor do later frames of one that
moves. How many points a file claims is read from its head: one that would fill the memory is refused undecoded.
"""

from __future__ import annotations

import io
import struct
from dataclasses import dataclass
from typing import TYPE_CHECKING

from haln.errors import Invalid

if TYPE_CHECKING:
    from PIL.Image import Image

FORMATS = ("JPEG", "PNG", "WEBP", "GIF")
LARGEST_FILE = 10 * 1024 * 1024
MOST_POINTS = 40_000_000
LARGEST_SIDE, SMALL_SIDE = 1600, 320
MOST_BYTES, MOST_SMALL_BYTES = 400_000, 40_000
QUALITIES = (82, 70, 55, 40)
TYPE = "image/webp"

_UNREADABLE = "This is no picture that we can read. Choose a JPEG, PNG, WebP or GIF file."
_TOO_LARGE = "This file is larger than 10 megabytes. Make the picture smaller first, and choose it again."
_TOO_MANY = "This picture has more than 40 million points. Make it smaller first, and choose it again."


@dataclass(frozen=True, slots=True)
class Size:
    """A picture's width and height in points."""

    width: int
    height: int


@dataclass(frozen=True, slots=True)
class Prepared:
    """A picture in the two sizes in which it is shown, both WebP."""

    data: bytes
    size: Size
    small: bytes
    small_size: Size


def prepared(content: bytes) -> Prepared:
    """Make a picture anew from a file. Raises Invalid, at the field "file", for what is none or too large."""
    from PIL import Image, ImageOps

    if len(content) > LARGEST_FILE:
        raise _refused(_TOO_LARGE)
    try:
        with Image.open(io.BytesIO(content), formats=FORMATS) as found:
            if found.width * found.height > MOST_POINTS:
                raise _refused(_TOO_MANY)
            found.draft("RGB", (LARGEST_SIDE, LARGEST_SIDE))
            found.seek(0)
            upright = ImageOps.exif_transpose(found)
            clean = _clean(upright)
    except (Image.DecompressionBombError, Image.DecompressionBombWarning) as error:
        raise _refused(_TOO_MANY) from error
    except (OSError, ValueError, SyntaxError, EOFError, IndexError, KeyError, struct.error) as error:
        raise _refused(_UNREADABLE) from error
    data, size = _encoded(clean, LARGEST_SIDE, MOST_BYTES)
    small, small_size = _encoded(clean, SMALL_SIDE, MOST_SMALL_BYTES)
    return Prepared(data, size, small, small_size)


def _refused(sentence: str) -> Invalid:
    return Invalid(sentence, {"file": sentence})


def _clean(found: Image) -> Image:
    """The points alone, in colours: nothing that the file says besides."""
    from PIL import Image

    clear = found.mode in ("RGBA", "LA", "PA") or "transparency" in found.info
    mode = "RGBA" if clear else "RGB"
    found.thumbnail((LARGEST_SIDE, LARGEST_SIDE))
    points = found.convert(mode)
    made = Image.new(mode, points.size)
    made.paste(points)
    return made


def _encoded(found: Image, side: int, most: int) -> tuple[bytes, Size]:
    """As WebP, as good as fits into so many bytes."""
    while True:
        one = found.copy()
        one.thumbnail((side, side))
        for quality in QUALITIES:
            written = io.BytesIO()
            one.save(written, "WEBP", quality=quality, method=4)
            if written.tell() <= most:
                return written.getvalue(), Size(one.width, one.height)
        side = side * 3 // 4  # noise: no quality makes it small enough
