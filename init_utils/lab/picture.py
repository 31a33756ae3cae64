"""The lab as a still picture: what an executed page, a printout or a repository's viewer shows.

A small SVG (a matplotlib figure alone would take longer than opening the lab): the data, and the settings in
words. It is put into HTML as an image with alt text, so it survives exporters that strip scripts.
"""

from __future__ import annotations

import base64
import html
import math
from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from init_utils.lab.frames import Scene
from init_utils.lab.runs import RunSummary
from init_utils.lab.settings import LabSettings
from init_utils.lab.words import cost, percent

SIDE = 260  # of the square with the data, in pixels
CLASS_COLOURS = ("#c0392b", "#1f6fb4")
MOST_POINTS = 400  # drawn of the training examples


def describe(settings: LabSettings, summaries: Sequence[RunSummary]) -> str:
    """The lab's state in plain sentences: the alt text.

    Examples
    --------
    >>> row = RunSummary("he", "he", "", "", "not trained yet: cost 0.7", 0.7, 0.7, 0.5, 0.5, 0.0)
    >>> describe(LabSettings(), [row])
    'Initialization lab. 300 training points, circles, noise 0.05; layers 2-10-5-1, relu; learning rate \
0.01; iteration 0 of 15,000. he: cost 0.700, test accuracy 50.0 %, not trained yet: cost 0.7.'
    """
    layers = "-".join(map(str, settings.layers_dims))
    head = (
        f"Initialization lab. {settings.points:,} training points, {settings.dataset}, "
        f"noise {settings.noise:g}; "
        f"layers {layers}, {settings.hidden}; learning rate {settings.learning_rate:g}; "
        f"iteration {max((row.iteration for row in summaries), default=0):,} of {settings.iterations:,}."
    )
    return " ".join([head, *(_row_in_words(row) for row in summaries)])


def picture_svg(scene: Scene, settings: LabSettings, summaries: Sequence[RunSummary], code: str) -> str:
    """The data, the settings and the runs as SVG of a few kilobytes.

    Parameters
    ----------
    code : str
        The line of Python that opens this lab.
    """
    rows = describe(settings, summaries).split(". ", 1)[1].split(". ")
    lines = [
        "Initialization lab",
        *_wrapped(rows[0].split("; ")),
        "",
        *_wrapped([row for row in rows[1:] if row]),
    ]
    text = "".join(
        f'<text x="{SIDE + 34}" y="{34 + 19 * index}"{_WEIGHT if index == 0 else ""}>'
        f"{html.escape(line)}</text>"
        for index, line in enumerate(lines)
    )
    height = max(SIDE + 56, 64 + 19 * len(lines))
    label = html.escape(describe(settings, summaries), quote=True)
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 860 {height}" width="860" height="{height}" '
        f'role="img" aria-label="{label}" font-family="system-ui, sans-serif" font-size="13" fill="#222">'
        f"<title>Initialization lab</title><desc>{label}</desc>"
        f'<rect width="860" height="{height}" fill="#fff"/>'
        f'<rect x="16" y="16" width="{SIDE}" height="{SIDE}" fill="#fafafa" stroke="#999"/>'
        f"{_points(scene)}{text}"
        f'<text x="16" y="{height - 16}" font-family="monospace" font-size="12">'
        f"{html.escape(_cut(code, 110))}</text></svg>"
    )


def picture_html(svg: str, alt: str) -> str:
    """The picture as an image with alt text, for exporters and viewers that show HTML."""
    data = base64.b64encode(svg.encode()).decode()
    alt = html.escape(alt, quote=True)
    return f'<img alt="{alt}" style="max-width:100%" src="data:image/svg+xml;base64,{data}">'


_WEIGHT = ' font-weight="600" font-size="15"'


def _row_in_words(row: RunSummary) -> str:
    if row.message:
        return f"{row.name}: {row.message.rstrip('.')}."
    note = f" ({row.note})" if row.note else ""
    if row.cost is None or row.test_accuracy is None or not math.isfinite(row.cost):
        return f"{row.name}: {row.diagnosis}{note}."
    return (
        f"{row.name}: cost {cost(row.cost)}, test accuracy {percent(row.test_accuracy, 1)}, "
        f"{row.diagnosis}{note}."
    )


def _points(scene: Scene) -> str:
    """Class 0 as discs, class 1 as crosses: told apart without colour."""
    left, right, bottom, top = scene.bounds
    x = 16 + (scene.train.X[0] - left) / (right - left) * SIDE
    y = 16 + (top - scene.train.X[1]) / (top - bottom) * SIDE
    first = scene.train.Y.ravel() == 0
    kept = np.arange(x.size) < MOST_POINTS
    return (
        f'<path d="{_marks(x, y, first & kept, "h0")}" stroke="{CLASS_COLOURS[0]}" stroke-width="5" '
        'stroke-linecap="round" fill="none"/>'
        f'<path d="{_marks(x, y, ~first & kept, "m-2.5-2.5l5 5m0-5l-5 5")}" stroke="{CLASS_COLOURS[1]}" '
        'stroke-width="1.4" fill="none"/>'
    )


def _marks(x: NDArray[np.float64], y: NDArray[np.float64], chosen: NDArray[np.bool_], mark: str) -> str:
    return "".join(
        f"M{across:.1f} {down:.1f}{mark}" for across, down in zip(x[chosen], y[chosen], strict=True)
    )


def _wrapped(parts: Sequence[str], width: int = 78) -> list[str]:
    lines: list[str] = []
    for part in parts:
        line = ""
        for word in part.split():
            if line and len(line) + len(word) + 1 > width:
                lines.append(line)
                line = "   " + word
            else:
                line = f"{line} {word}" if line else word
        lines.append(line)
    return lines


def _cut(text: str, width: int) -> str:
    return text if len(text) <= width else text[: width - 1] + "…"
