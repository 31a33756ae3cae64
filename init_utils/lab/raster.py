"""What a network answers over the plane, as a small PNG file."""

from __future__ import annotations

import struct
import zlib

import numpy as np
from numpy.typing import NDArray

from init_utils.lab.layout import Frame
from init_utils.network import Hidden, forward_propagation

CELLS = 48  # a side
MIDDLE = "#fbfaf8"  # where a network answers one half


def field_png(
    frame: Frame, bounds: tuple[float, float, float, float], hidden: Hidden, regions: tuple[str, str]
) -> bytes:
    """The network's output over the plane, from the colour of class 0 to that of class 1.

    Parameters
    ----------
    frame : Frame
        Holds the parameters.
    bounds : tuple of float
        Left, right, bottom, top.
    regions : tuple of str
        `#rrggbb` of an output of 0 and of 1.
    """
    left, right, bottom, top = bounds
    x = left + (np.arange(CELLS) + 0.5) / CELLS * (right - left)
    y = top - (np.arange(CELLS) + 0.5) / CELLS * (top - bottom)
    plane = np.vstack([axis.ravel() for axis in np.meshgrid(x, y)])
    with np.errstate(all="ignore"):
        outputs, _ = forward_propagation(plane, frame.as_parameters(), hidden)
    share = np.nan_to_num(outputs.reshape(CELLS, CELLS, 1), nan=0.5)
    low, middle, high = (_channels(colour) for colour in (regions[0], MIDDLE, regions[1]))
    below = low + (middle - low) * np.minimum(share * 2, 1)
    above = (high - middle) * np.maximum(share * 2 - 1, 0)
    return png(np.clip(np.rint(below + above), 0, 255).astype(np.uint8))


def png(pixels: NDArray[np.uint8]) -> bytes:
    """An image file of (height, width, 3) colours (PNG, ISO/IEC 15948, without filters)."""
    height, width, _ = pixels.shape
    rows = np.concatenate([np.zeros((height, 1), np.uint8), pixels.reshape(height, -1)], axis=1)
    header = struct.pack(">IIBBBBB", width, height, 8, 2, 0, 0, 0)
    chunks = ((b"IHDR", header), (b"IDAT", zlib.compress(rows.tobytes(), 6)), (b"IEND", b""))
    return b"\x89PNG\r\n\x1a\n" + b"".join(_chunk(kind, data) for kind, data in chunks)


def _chunk(kind: bytes, data: bytes) -> bytes:
    return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))


def _channels(colour: str) -> NDArray[np.float64]:
    return np.array([int(colour[place : place + 2], 16) for place in (1, 3, 5)], dtype=np.float64)
