"""How large a picture of a stranger is once it is unpacked, read from its headers; nothing is unpacked here.

A hundred kilobytes of PNG can hold gigabytes of pixels, and an animation unpacks every frame. Where headers
contradict each other the largest size counts, as a browser may follow either. Refused: what has no size, and
what is cut into more pieces than any program writes.
"""

from __future__ import annotations

import re
import struct
from collections.abc import Callable, Iterator, Mapping
from types import MappingProxyType
from typing import NamedTuple

_MOST_SCANS = 64  # of a JPEG: each goes over all pixels again; programs write ten
_MOST_PIECES = 20_000  # chunks, segments or frames; one for each 64 bytes beyond that
_SCAN_END = re.compile(
    rb"\xff[^\x00\xff\xd0-\xd7]"
)  # in a JPEG's packed data a byte 255 is followed by these
_FRAMES_OF_JPEG = frozenset(range(0xC0, 0xD0)) - {0xC4, 0xC8, 0xCC}


class UnreadablePictureError(ValueError):
    """It is no picture of its type, or its headers cannot be followed."""


class PictureSize(NamedTuple):
    """What a picture unpacks to.

    Attributes
    ----------
    width, height : int
        Of the largest frame, in pixels.
    frames : int
        One for a still picture.
    """

    width: int
    height: int
    frames: int = 1

    @property
    def pixels(self) -> int:
        """Of all frames together."""
        return self.width * self.height * self.frames


def picture_size(mime: str, content: bytes) -> PictureSize:
    """The size of `content`, which should be a picture of type `mime` (one of `READERS`).

    Raises
    ------
    UnreadablePictureError

    Examples
    --------
    >>> picture_size("image/bmp", b"BM" + bytes(12) + b"\\x0c\\0\\0\\0" + b"\\x05\\0\\x03\\0\\x01\\0\\x18\\0")
    PictureSize(width=5, height=3, frames=1)
    """
    try:
        size = READERS[mime](content)
    except (struct.error, IndexError) as error:
        raise UnreadablePictureError("its header is cut off") from error
    if size.width < 1 or size.height < 1:
        raise UnreadablePictureError(f"its size is {size.width} x {size.height}")
    return size


def _png(content: bytes) -> PictureSize:
    if not content.startswith(b"\x89PNG\r\n\x1a\n") or content[12:16] != b"IHDR":
        raise UnreadablePictureError("it does not begin as a PNG does")
    width = height = frames = 0
    for kind, start in _chunks(content, 8, ">I", 4, 12):
        if kind == b"IHDR":
            found = struct.unpack_from(">II", content, start)
            width, height = max(width, found[0]), max(height, found[1])
        elif kind == b"fcTL":
            found = struct.unpack_from(">II", content, start + 4)
            width, height = max(width, found[0]), max(height, found[1])
            frames += 1
        elif kind == b"IEND":
            break
    return PictureSize(width, height, max(frames, 1))


def _webp(content: bytes) -> PictureSize:
    if content[:4] != b"RIFF" or content[8:12] != b"WEBP":
        raise UnreadablePictureError("it does not begin as a WebP does")
    width = height = frames = 0
    for kind, start in _chunks(content, 12, "<I", -4, 8, even=True):
        found = (0, 0)
        if kind == b"VP8X":
            found = _three_bytes(content, start + 4)
        elif kind == b"ANMF":
            found = _three_bytes(content, start + 6)
            frames += 1
        elif kind == b"VP8L":
            bits = struct.unpack_from("<I", content, start + 1)[0]
            found = (bits & 0x3FFF) + 1, (bits >> 14 & 0x3FFF) + 1
        elif kind == b"VP8 ":
            sides = struct.unpack_from("<HH", content, start + 6)
            found = sides[0] & 0x3FFF, sides[1] & 0x3FFF
        width, height = max(width, found[0]), max(height, found[1])
    return PictureSize(width, height, max(frames, 1))


def _three_bytes(content: bytes, start: int) -> tuple[int, int]:
    sides = content[start : start + 6]
    if len(sides) < 6:
        raise UnreadablePictureError("its header is cut off")
    return int.from_bytes(sides[:3], "little") + 1, int.from_bytes(sides[3:], "little") + 1


def _chunks(
    content: bytes, place: int, length_form: str, kind_at: int, around: int, *, even: bool = False
) -> Iterator[tuple[bytes, int]]:
    """Kind and place of each chunk's data: PNG has length, kind, data, sum; WebP kind, length, data."""
    count = _Pieces(content)
    while place + 8 <= len(content):
        count.another()
        at = place if kind_at > 0 else place + 4
        length = struct.unpack_from(length_form, content, at)[0]
        kind = content[at + kind_at : at + kind_at + 4]
        yield kind, place + 8
        place += around + length + (length % 2 if even else 0)


def _gif(content: bytes) -> PictureSize:
    if content[:6] not in (b"GIF87a", b"GIF89a"):
        raise UnreadablePictureError("it does not begin as a GIF does")
    width, height, flags = struct.unpack_from("<HHB", content, 6)
    place = 13 + _colours(flags)
    frames = 0
    count = _Pieces(content)
    while place < len(content) and content[place] != 0x3B:
        count.another()
        if content[place] == 0x2C:
            left, top, wide, high, flags = struct.unpack_from("<HHHHB", content, place + 1)
            width, height = max(width, left + wide), max(height, top + high)
            frames += 1
            place = _behind_blocks(content, place + 11 + _colours(flags), count)
        elif content[place] == 0x21:
            place = _behind_blocks(content, place + 2, count)
        else:
            break
    if not frames:
        raise UnreadablePictureError("it holds no picture")
    return PictureSize(width, height, frames)


def _colours(flags: int) -> int:
    return 3 << (flags & 7) + 1 if flags & 0x80 else 0


def _behind_blocks(content: bytes, place: int, count: _Pieces) -> int:
    while place < len(content) and content[place]:
        count.another()
        place += content[place] + 1
    return place + 1


def _jpeg(content: bytes) -> PictureSize:
    if not content.startswith(b"\xff\xd8\xff"):
        raise UnreadablePictureError("it does not begin as a JPEG does")
    width = height = scans = 0
    place = 2
    count = _Pieces(content)
    while place + 4 <= len(content) and content[place] == 0xFF:
        count.another()
        marker = content[place + 1]
        if marker in (0xFF, 0x01) or 0xD0 <= marker <= 0xD8:  # filling, and markers without data
            place += 1 if marker == 0xFF else 2
            continue
        if marker == 0xD9:
            break
        if marker in _FRAMES_OF_JPEG:
            found = struct.unpack_from(">HH", content, place + 5)
            width, height = max(width, found[1]), max(height, found[0])
        place += 2 + struct.unpack_from(">H", content, place + 2)[0]
        if marker == 0xDA:
            scans += 1
            end = _SCAN_END.search(content, place)
            if end is None:
                break
            place = end.start()
    if scans > _MOST_SCANS:
        raise UnreadablePictureError(f"it has {scans} scans; at most {_MOST_SCANS} are followed")
    return PictureSize(width, height)


def _bmp(content: bytes) -> PictureSize:
    if not content.startswith(b"BM"):
        raise UnreadablePictureError("it does not begin as a BMP does")
    (header,) = struct.unpack_from("<I", content, 14)
    width, height = struct.unpack_from("<HH" if header == 12 else "<ii", content, 18)
    return PictureSize(abs(width), abs(height))


class _Pieces:
    """Counts the pieces of a file; a step for each must not cost seconds."""

    def __init__(self, content: bytes) -> None:
        self._left = _MOST_PIECES + len(content) // 64

    def another(self) -> None:
        """Count one more.

        Raises
        ------
        UnreadablePictureError
        """
        self._left -= 1
        if self._left < 0:
            raise UnreadablePictureError("it is cut into more pieces than any program writes")


READERS: Mapping[str, Callable[[bytes], PictureSize]] = MappingProxyType(
    {"image/png": _png, "image/jpeg": _jpeg, "image/gif": _gif, "image/webp": _webp, "image/bmp": _bmp}
)
