"""Pictures of a stranger: of a known type by their content, of bounded size, as base64 or a `data:` address.

An SVG is cleaned (`drawings`) and shown by an `img` element alone, where it runs no script and loads nothing.
"""

from __future__ import annotations

import base64
import binascii
import re
from dataclasses import dataclass

from autograder.untrusted.drawings import UnfitDrawingError, clean_drawing
from autograder.untrusted.picture_sizes import READERS, UnreadablePictureError, picture_size

SVG = "image/svg+xml"
PICTURE_TYPES = tuple(READERS)
MOST_PIXELS = 50_000_000  # of one picture, all its frames together: 200 MB unpacked; a phone takes 12,000,000
MOST_SIDE = 20_000
MOST_CHARACTERS = 6_000_000  # in base64
_MOST_DRAWING_CHARACTERS = 1_000_000

_ADDRESS = re.compile(
    r"\s*data:(image/[a-z+]{1,9})(?:;[\w=-]{1,30})?;base64,([A-Za-z0-9+/=\s]*+)", re.IGNORECASE
)
_OTHER_NAMES = {"image/jpg": "image/jpeg", "image/pjpeg": "image/jpeg", "image/x-ms-bmp": "image/bmp"}
PICTURE_ADDRESS = re.compile(r"data:image/[a-z+]{1,9};base64,[A-Za-z0-9+/=\s]*+")


class UnfitPictureError(ValueError):
    """It is not shown; the text says why, as a clause: "it has 900,960,256 pixels; ..."."""


@dataclass(frozen=True)
class Picture:
    """A picture that may be shown.

    Attributes
    ----------
    mime : str
        One of `PICTURE_TYPES`, or `SVG`.
    encoded : str
        Base64 on one line.
    pixels : int
        What it unpacks to; of a drawing, what the pictures inside it do.
    """

    mime: str
    encoded: str
    pixels: int

    @property
    def address(self) -> str:
        """The picture as a `data:` address."""
        return f"data:{self.mime};base64,{self.encoded}"


def read_picture(mime: str, encoded: str, most_pixels: int = MOST_PIXELS) -> Picture:
    """The picture that a notebook holds.

    Parameters
    ----------
    mime : str
        One of `PICTURE_TYPES`, or `SVG`.
    encoded : str
        Base64, with or without line breaks; of an SVG its text.
    most_pixels : int
        What it may unpack to, if that is less than `MOST_PIXELS`.

    Raises
    ------
    UnfitPictureError
        It is no picture of that type, or too large.
    """
    if mime == SVG:
        return _drawing(encoded, min(MOST_PIXELS, most_pixels))
    if len(encoded) > 2 * MOST_CHARACTERS:
        raise UnfitPictureError("it is too long")
    text = "".join(encoded.split())
    if len(text) > MOST_CHARACTERS:
        raise UnfitPictureError(
            f"it has {len(text) * 3 // 4:,} bytes; at most {MOST_CHARACTERS * 3 // 4:,} are shown"
        )
    try:
        size = picture_size(mime, base64.b64decode(text, validate=True))
    except UnreadablePictureError as error:
        raise UnfitPictureError(str(error)) from error
    except (binascii.Error, ValueError) as error:  # ValueError: letters that are not ASCII
        raise UnfitPictureError("it is not in base64") from error
    if max(size.width, size.height) > MOST_SIDE:
        raise UnfitPictureError(
            f"it is {size.width:,} x {size.height:,} pixels; a side has at most {MOST_SIDE:,}"
        )
    most = min(MOST_PIXELS, most_pixels)
    if size.pixels > most:
        raise UnfitPictureError(f"it has {size.pixels:,} pixels; at most {most:,} are shown")
    return Picture(mime, text, size.pixels)


def read_address(address: str, most_pixels: int = MOST_PIXELS, *, drawings: bool = True) -> Picture:
    """The picture in a `data:` address.

    Parameters
    ----------
    address : str
    most_pixels : int
    drawings : bool
        Whether it may be an SVG.

    Raises
    ------
    UnfitPictureError
        Any other address, or a picture that is not shown.
    """
    found = _ADDRESS.fullmatch(address)
    mime = _OTHER_NAMES.get(found[1].lower(), found[1].lower()) if found else ""
    if found is None or (mime not in READERS and not (drawings and mime == SVG)):
        raise UnfitPictureError("its address is not one of a picture inside the page")
    text = found[2]
    if mime == SVG:
        try:
            text = base64.b64decode("".join(text.split()), validate=True).decode()
        except ValueError as error:  # binascii.Error and UnicodeDecodeError among them
            raise UnfitPictureError("it is not SVG in base64") from error
    return read_picture(mime, text, most_pixels)


def _drawing(text: str, most_pixels: int) -> Picture:
    if len(text) > _MOST_DRAWING_CHARACTERS:
        raise UnfitPictureError(
            f"it has {len(text):,} characters; at most {_MOST_DRAWING_CHARACTERS:,} are shown"
        )
    left = most_pixels

    def inside(address: str) -> str:
        nonlocal left
        try:
            picture = read_address(address, left, drawings=False)
        except UnfitPictureError:
            return ""
        left -= picture.pixels
        return picture.address

    try:
        cleaned = clean_drawing(text, inside)
    except UnfitDrawingError as error:
        raise UnfitPictureError(str(error)) from error
    return Picture(SVG, base64.b64encode(cleaned.encode()).decode(), most_pixels - left)
