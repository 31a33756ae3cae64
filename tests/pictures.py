"""Pictures for tests: small files, some of which unpack to much; SVG of a few lines that draws much."""

from __future__ import annotations

import base64
import io
import struct
import zlib

from PIL import Image

SVG_START = "<svg xmlns='http://www.w3.org/2000/svg' xmlns:xlink='http://www.w3.org/1999/xlink'"


def encoded(content: bytes) -> str:
    """Base64, as a notebook has it."""
    return base64.b64encode(content).decode()


def saved(form: str, width: int = 4, height: int = 3, frames: int = 1) -> bytes:
    """A real picture of that form: PNG, JPEG, GIF, WEBP or BMP."""
    stream = io.BytesIO()
    pictures = [Image.new("RGB", (width, height), (40 * place, 0, 0)) for place in range(frames)]
    more = {"save_all": True, "append_images": pictures[1:]} if frames > 1 else {}
    pictures[0].save(stream, form, **more)
    return stream.getvalue()


def chunk(kind: bytes, data: bytes) -> bytes:
    """One chunk of a PNG."""
    return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))


def png(width: int = 1, height: int = 1, *more: bytes) -> bytes:
    """A PNG of one bit a pixel; `more` are chunks in front of its data."""
    header = struct.pack(">IIBBBBB", width, height, 1, 0, 0, 0, 0)
    rows = zlib.compress(bytes((1 + (width + 7) // 8) * min(height, 100)))
    parts = (chunk(b"IHDR", header), *more, chunk(b"IDAT", rows), chunk(b"IEND", b""))
    return b"\x89PNG\r\n\x1a\n" + b"".join(parts)


def nested_use(depth: int) -> str:
    """A drawing of 10**depth circles."""
    groups = "".join(
        f"<g id='a{level}'>" + f"<use xlink:href='#a{level - 1}'/>" * 10 + "</g>"
        for level in range(1, depth + 1)
    )
    return (
        f"{SVG_START}><defs><g id='a0'><circle r='1'/></g>{groups}</defs><use xlink:href='#a{depth}'/></svg>"
    )
