"""Inline figures for less work: drawn once and cropped, not drawn twice; not drawn, where one is known.

IPython saves a figure with `bbox_inches="tight"`: matplotlib lays everything out once to find the box, then
draws it all again, shifted. Here the figure is drawn once, and the picture cropped to what was drawn, with
the same margin (a few pixels of it are the only difference). Figures that show something over their own
edge, or may (tables, insets, what is not clipped), other formats, other canvases and other options take the
way they always took.
"""

from __future__ import annotations

import os
import struct
from binascii import b2a_base64
from collections.abc import Callable
from math import ceil, floor
from typing import Any
from zlib import compress, crc32

import numpy as np
from numpy import array, asarray, empty, flatnonzero, uint8, uint32, zeros

from .figure_setting import PLAIN, SETTING
from .known_figures import KnownFigures

COMPRESSION = 1
is_installed = False
_known: KnownFigures | None = None


def install() -> None:
    """Let `%matplotlib inline` save figures this way, in this process and its forks; not if that is set."""
    if os.environ.pop(SETTING, "") == PLAIN:
        return
    global is_installed
    from IPython.core import pylabtools

    original = pylabtools.print_figure

    def print_figure(
        figure: Any, fmt: str = "png", bbox_inches: Any = "tight", base64: bool = False, **options: Any
    ) -> Any:
        def draw() -> Any:
            return cropped_png(figure) or original(figure, fmt="png", bbox_inches="tight")  # type: ignore[no-untyped-call]

        if fmt != "png" or bbox_inches != "tight" or options:
            return original(figure, fmt=fmt, bbox_inches=bbox_inches, base64=base64, **options)  # type: ignore[no-untyped-call]
        data = draw() if _known is None else _known.png(figure, draw)
        return b2a_base64(data, newline=False).decode("ascii") if base64 and data else data

    pylabtools.print_figure = print_figure  # type: ignore[assignment]
    is_installed = True


def know(memo: Any) -> None:
    """From now on look figures up in a memo before they are drawn, where they are saved this way."""
    global _known
    if is_installed:
        _known = KnownFigures(memo)


def remember() -> None:
    """From now on remember figures that were drawn, in this process: it runs the instructor's notebook."""
    if _known is not None:
        _known.remembers = True


def cropped_png(figure: Any) -> bytes | None:
    """The PNG that a tight save would give; None when that needs the long way.

    Parameters
    ----------
    figure : matplotlib.figure.Figure
    """
    # A figure that cannot be drawn fails again on the long way, with the traceback a student knows.
    return _or_none(_draw_and_crop, figure)


def _or_none(make: Callable[[Any], bytes | None], figure: Any) -> bytes | None:
    try:
        return make(figure)
    except Exception:  # noqa: BLE001 (a student's artist may raise anything while it is drawn)
        return None


def _draw_and_crop(figure: Any) -> bytes | None:
    from matplotlib import rcParams
    from matplotlib.backends.backend_agg import FigureCanvasAgg

    canvas: Any = figure.canvas
    kind = type(figure.canvas)
    if kind is not FigureCanvasAgg or rcParams["savefig.transparent"] or not (figure.axes or figure.lines):
        return None
    engine = figure.get_layout_engine()
    if engine is not None and not engine.adjust_compatible:
        return None  # a constrained layout pads by its own rule
    if not all(map(_is_clipped, figure.axes)) or figure.subfigs:
        return None
    if figure.stale or not hasattr(canvas, "renderer"):  # else pyplot has drawn it at the end of the cell
        canvas.draw()
    if not all(_is_within(figure, one) for one in _free(figure)):
        return None
    pixels = asarray(canvas.buffer_rgba())
    height, width = pixels.shape[:2]
    background = array([round(255 * part) for part in _rgba(figure.get_facecolor())], dtype=uint8)
    drawn = pixels.view(uint32)[:, :, 0] != background.view(uint32)[0]  # four bytes at a time
    rows, columns = flatnonzero(drawn.any(axis=1)), flatnonzero(drawn.any(axis=0))
    if not rows.size or rows[0] == 0 or columns[0] == 0 or rows[-1] == height - 1 or columns[-1] == width - 1:
        return None  # something may stand out over the edge: only a second drawing shows it
    pad = rcParams["savefig.pad_inches"] * figure.dpi
    left, top = floor(columns[0] - pad), floor(rows[0] - pad)
    right, bottom = ceil(columns[-1] + 1 + pad), ceil(rows[-1] + 1 + pad)
    picture = empty((bottom - top, right - left, 4), dtype=uint8)
    picture[:] = background
    y, x = max(top, 0), max(left, 0)
    part = pixels[y:bottom, x:right]
    picture[y - top : y - top + part.shape[0], x - left : x - left + part.shape[1]] = part
    return png(picture, figure.dpi)


def png(picture: np.ndarray[Any, np.dtype[np.uint8]], dpi: float) -> bytes:
    """A PNG of (height, width, 4) bytes; without the channel of opacity where all of it is opaque.

    Rows are not filtered: a plot is flat colours, and a library's filters take twice the time for a larger
    file.
    """
    opaque = bool((picture[:, :, 3] == 255).all())
    height, width = picture.shape[:2]
    channels = 3 if opaque else 4
    rows = zeros((height, 1 + width * channels), dtype=uint8)  # each row begins with its filter: none
    rows[:, 1:] = picture[:, :, :channels].reshape(height, -1)
    per_metre = round(dpi / 0.0254)
    chunks = (
        (b"IHDR", struct.pack(">IIBBBBB", width, height, 8, 2 if opaque else 6, 0, 0, 0)),
        (b"pHYs", struct.pack(">IIB", per_metre, per_metre, 1)),
        (b"IDAT", compress(rows.data, COMPRESSION)),
        (b"IEND", b""),
    )
    return b"\x89PNG\r\n\x1a\n" + b"".join(
        struct.pack(">I", len(data)) + kind + data + struct.pack(">I", crc32(kind + data))
        for kind, data in chunks
    )


def _is_clipped(axes: Any) -> bool:
    """Whether these axes hold only what is clipped to them; labels, title, legend and texts apart."""
    clipped = (*axes.lines, *axes.collections, *axes.patches, *axes.images)
    return not (axes.artists or axes.tables or axes.child_axes) and all(one.get_clip_on() for one in clipped)


def _free(figure: Any) -> list[Any]:
    """Legends and texts of a drawn figure, which may stand anywhere."""
    free = [*figure.texts, *figure.legends]
    for axes in figure.axes:
        free += [*axes.texts, *filter(None, [axes.get_legend()])]
    return [one for one in free if one.get_visible()]


def _is_within(figure: Any, one: Any) -> bool:
    """Whether a legend or text of a drawn figure is on the canvas, with all of its box."""
    box, page = one.get_tightbbox(figure.canvas.renderer), figure.bbox
    if box is None or not (box.width or box.height):
        return True
    return bool(box.x0 > page.x0 and box.y0 > page.y0 and box.x1 < page.x1 and box.y1 < page.y1)


def _rgba(colour: Any) -> tuple[float, float, float, float]:
    from matplotlib.colors import to_rgba

    return to_rgba(colour)
