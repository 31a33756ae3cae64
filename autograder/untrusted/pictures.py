"""Pictures of a stranger: only what begins as a picture of its type does, as base64 or a `data:` address.

An SVG is shown by an `img` element alone, where it runs no script and loads nothing.
"""

from __future__ import annotations

import base64
import binascii
import re
from collections.abc import Mapping
from types import MappingProxyType

# Type -> what a picture of it starts with.
_BEGINNINGS: Mapping[str, bytes] = MappingProxyType(
    {"image/png": b"\x89PNG\r\n\x1a\n", "image/jpeg": b"\xff\xd8\xff", "image/gif": b"GIF8"}
)
PICTURE_TYPES = tuple(_BEGINNINGS)
SVG = "image/svg+xml"
PICTURE_ADDRESS = re.compile(r"data:image/(?:png|jpeg|gif|svg\+xml);base64,[A-Za-z0-9+/=\s]*+")


def picture_base64(mime: str, encoded: str) -> str | None:
    """The picture in base64 on one line; None when it is no picture of that type.

    Parameters
    ----------
    mime : str
        One of `PICTURE_TYPES`.
    encoded : str
        What a notebook holds: base64, with or without line breaks.
    """
    text = "".join(encoded.split())
    try:
        content = base64.b64decode(text, validate=True)
    except (binascii.Error, ValueError):  # ValueError: letters that are not ASCII
        return None
    return text if content.startswith(_BEGINNINGS[mime]) else None


def picture_address(mime: str, encoded: str) -> str | None:
    """The same as a `data:` address."""
    text = picture_base64(mime, encoded)
    return None if text is None else f"data:{mime};base64,{text}"


def svg_address(text: str) -> str | None:
    """The drawing as a `data:` address for an `img` element; None when it is no SVG."""
    if not text.lstrip().startswith("<") or "<svg" not in text:
        return None
    return f"data:image/svg+xml;base64,{base64.b64encode(text.encode('utf-8', 'replace')).decode()}"
