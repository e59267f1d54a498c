"""Picture files as people send them, made anew: small enough, and with nothing in them but the picture.

What a camera writes beside it (where it was taken, when, by whom) does not survive, nor do later frames of one that
moves. How many points a file claims is read from its head: one that would fill the memory is refused undecoded.
"""

from __future__ import annotations

import io
import struct
import threading
from dataclasses import dataclass
from typing import TYPE_CHECKING

from haln.errors import Busy, Invalid

if TYPE_CHECKING:
    from PIL.Image import Image

FORMATS = ("JPEG", "PNG", "WEBP", "GIF")
LARGEST_FILE = 10 * 1024 * 1024
MOST_POINTS = 25_000_000
LARGEST_SIDE, SMALL_SIDE = 1600, 320
MOST_BYTES, MOST_SMALL_BYTES = 400_000, 40_000
QUALITIES = (82, 70, 55, 40)
TYPE = "image/webp"

LONGEST_WAIT = 15
"""So many seconds a file waits for those before it."""

_ORIENTATION = 0x0112
_ODD = (
    OSError,
    ValueError,
    SyntaxError,
    EOFError,
    LookupError,
    TypeError,
    AttributeError,
    ArithmeticError,
    struct.error,
)
"""What the readers of files raise for bytes that are not what they expect."""
_one_at_a_time = threading.Lock()
_UNREADABLE = "This is no picture that we can read. Choose a JPEG, PNG, WebP or GIF file."
_TOO_LARGE = "This file is larger than 10 megabytes. Make the picture smaller first, and choose it again."
_TOO_MANY = "This picture has more than 25 million points. Make it smaller first, and choose it again."


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
    """Make a picture anew from a file. Raises Invalid, at the field "file", for what is none or too large; Busy.

    It takes seconds, and memory (`docs/deployment.md`): one at a time in a process, and never while rows are held.
    """
    if len(content) > LARGEST_FILE:
        raise _refused(_TOO_LARGE)
    if not _one_at_a_time.acquire(timeout=LONGEST_WAIT):
        raise Busy("Much is being saved just now, and yours is not. Try again in a minute.")
    try:
        return _prepared(content)
    finally:
        _one_at_a_time.release()


def _prepared(content: bytes) -> Prepared:
    from PIL import Image

    try:
        with Image.open(io.BytesIO(content), formats=FORMATS) as found:
            if found.width * found.height > MOST_POINTS:
                raise _refused(_TOO_MANY)
            found.draft("RGB", (LARGEST_SIDE, LARGEST_SIDE))
            found.seek(0)
            found.load()
            clean = _clean(found, _turned(found))
    except (Image.DecompressionBombError, Image.DecompressionBombWarning) as error:
        raise _refused(_TOO_MANY) from error
    except _ODD as error:
        raise _refused(_UNREADABLE) from error
    data, size = _encoded(clean, LARGEST_SIDE, MOST_BYTES)
    small, small_size = _encoded(clean, SMALL_SIDE, MOST_SMALL_BYTES)
    return Prepared(data, size, small, small_size)


def _refused(sentence: str) -> Invalid:
    return Invalid(sentence, {"file": sentence})


def _turned(found: Image) -> int:
    """How the camera was held, as it wrote: 1 to 8; what it wrote besides is not read, and may be anything."""
    try:
        said = found.getexif().get(_ORIENTATION, 1)
    except _ODD:
        return 1
    return said if isinstance(said, int) else 1


def _clean(found: Image, turned: int) -> Image:
    """The points alone, upright and in colours: nothing that the file says besides."""
    from PIL import Image

    if found.mode.startswith("I"):  # 16 bits of grey: the upper eight are what a page shows
        found = found.convert("I").convert("F").point(lambda value: value * (1 / 256) + 0.0).convert("L")
        found.info.pop("transparency", None)
    key = "transparency" in found.info
    mode = "RGBA" if key or found.mode in ("RGBA", "LA", "PA") else "RGB"
    if key or found.mode in ("P", "PA", "1"):  # between two colours of a palette there is none
        found = found.convert(mode)
    found.thumbnail((LARGEST_SIDE, LARGEST_SIDE))
    points = found.convert(mode)
    made = Image.new(mode, points.size)
    made.paste(points)
    way = {
        2: Image.Transpose.FLIP_LEFT_RIGHT,
        3: Image.Transpose.ROTATE_180,
        4: Image.Transpose.FLIP_TOP_BOTTOM,
        5: Image.Transpose.TRANSPOSE,
        6: Image.Transpose.ROTATE_270,
        7: Image.Transpose.TRANSVERSE,
        8: Image.Transpose.ROTATE_90,
    }.get(turned)
    return made if way is None else made.transpose(way)


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
