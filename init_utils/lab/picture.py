"""The lab as a still picture: what an executed page, a printout or a repository's viewer shows.

A small SVG (a matplotlib figure alone would take longer than opening the lab): of each run its boundary, its
figures and its sentence, and the costs. It is put into HTML as an image with alt text, so it survives
exporters that strip scripts.
"""

from __future__ import annotations

import base64
import html
import math
import textwrap
from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from init_utils.lab.frames import Scene
from init_utils.lab.layout import Frame
from init_utils.lab.raster import field_png
from init_utils.lab.runs import Run, RunSummary, summarise
from init_utils.lab.session import LabSession
from init_utils.lab.settings import LabSettings
from init_utils.lab.words import cost, percent
from init_utils.schemes import CLASSES, MARKS, Identity, dash_of, identify, scheme_of

WIDTH, MARGIN, GAP = 860, 16, 16
SIDE = 190  # of a boundary, at most, in pixels
COST_HEIGHT = 110
MOST_POINTS = 400  # drawn of the training examples
LINE = 15  # between two lines of text
CHARACTER = 6.3  # width of one, about, at 12 pixels
INK, MUTED = "#1c2127", "#5b6470"


def describe(settings: LabSettings, summaries: Sequence[RunSummary]) -> str:
    """The lab's state in plain sentences: the alt text.

    Examples
    --------
    >>> row = RunSummary("he", "he", "", "", "not trained yet", 0.7, 0.7, 0.5, 0.5, 0.0)
    >>> describe(LabSettings(), [row])
    'Initialization lab. 300 training points, circles, noise 0.05; layers 2-10-5-1, relu; learning rate \
0.01; iteration 0 of 15,000. he: cost 0.700, test accuracy 50.0 %, not trained yet.'
    """
    head = f"Initialization lab. {_settings_in_words(settings, summaries)}."
    return " ".join([head, *(_row_in_words(row) for row in summaries)])


def picture_svg(session: LabSession) -> str:
    """The session as it is now, as SVG of some ten kilobytes."""
    summaries = [summarise(run) for run in session.runs]
    identities = identify([run.candidate.name for run in session.runs])
    count = len(session.runs)
    wide = (WIDTH - 2 * MARGIN - GAP * (count - 1)) / count
    side = min(SIDE, wide)
    parts, bottoms = [_points(session.scene, side)], []
    for place, (run, row, identity) in enumerate(zip(session.runs, summaries, identities, strict=True)):
        column, bottom = _column(run, row, identity, session.scene, (wide, side))
        parts.append(f'<g transform="translate({MARGIN + place * (wide + GAP):.1f} 64)">{column}</g>')
        bottoms.append(64 + bottom)
    floor = max(bottoms) + 8
    parts.append(f'<g transform="translate({MARGIN} {floor:.0f})">{_costs(session, identities)}</g>')
    height = floor + COST_HEIGHT + 40
    label = html.escape(describe(session.settings, summaries), quote=True)
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {WIDTH} {height:.0f}" width="{WIDTH}" '
        f'height="{height:.0f}" role="img" aria-label="{label}" font-family="system-ui, sans-serif" '
        f'font-size="12" fill="{INK}"><title>Initialization lab</title><desc>{label}</desc>'
        f'<rect width="{WIDTH}" height="{height:.0f}" fill="#fff"/>'
        f'<text x="{MARGIN}" y="26" font-size="15" font-weight="600">Initialization lab</text>'
        f'<text x="{MARGIN}" y="46" fill="{MUTED}">'
        f"{html.escape(_settings_in_words(session.settings, summaries))}</text>"
        f"{''.join(parts)}"
        f'<text x="{MARGIN}" y="{height - 12:.0f}" font-family="monospace">'
        f"{html.escape(_cut(session.code, 112))}</text></svg>"
    )


def picture_html(
    svg: str, alt: str, note: str = "", classes: str = "initlab-still", made: str | None = None
) -> str:
    """The picture as an image with alt text and a note below, for exporters and viewers that show HTML.

    Parameters
    ----------
    svg : str
    alt, note : str
        Escaped here.
    classes : str
        Of the element, by which the front end finds it.
    made : str, optional
        The packed experiment, from which `living` makes the lab of an exported page.
    """
    data = base64.b64encode(svg.encode()).decode()
    alt = html.escape(alt, quote=True)
    image = f'<img alt="{alt}" style="max-width:100%" src="data:image/svg+xml;base64,{data}">'
    below = f"<p>{html.escape(note)}</p>" if note else ""
    experiment = f' data-initlab="{made}"' if made else ""
    return f'<div class="{classes}"{experiment}>{image}{below}</div>'


def _settings_in_words(settings: LabSettings, summaries: Sequence[RunSummary]) -> str:
    layers = "-".join(map(str, settings.layers_dims))
    return (
        f"{settings.points:,} training points, {settings.dataset}, noise {settings.noise:g}; "
        f"layers {layers}, {settings.hidden}; learning rate {settings.learning_rate:g}; "
        f"iteration {max((row.iteration for row in summaries), default=0):,} of {settings.iterations:,}"
    )


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


def _column(
    run: Run, row: RunSummary, identity: Identity, scene: Scene, size: tuple[float, float]
) -> tuple[str, float]:
    """One run, and how far down it reaches."""
    wide, side = size
    colour = scheme_of(identity).colour
    parts = [
        _mark(scheme_of(identity).mark, colour, 7, 7, 6.2),
        f'<text x="20" y="12" font-size="14" font-weight="600">'
        f"{html.escape(_cut(row.name, int(wide / 8)))}</text>",
    ]
    if not run.frames:
        lines = textwrap.wrap(row.message, max(12, int(wide / CHARACTER)))
        return "".join(parts) + _lines(lines, 34), 34 + LINE * len(lines)
    field = base64.b64encode(_field(run.frames[-1], scene, run)).decode()
    parts += [
        f'<image x="0" y="22" width="{side:.1f}" height="{side:.1f}" href="data:image/png;base64,{field}"/>',
        '<use href="#points" x="0" y="22"/>',
        f'<rect x="0" y="22" width="{side:.1f}" height="{side:.1f}" fill="none" stroke="#999"/>',
    ]
    top = 22 + side + 18
    if row.cost is not None and row.train_accuracy is not None and row.test_accuracy is not None:
        figures = f"cost {cost(row.cost)}, train {percent(row.train_accuracy, 1)},"
        parts.append(_lines([figures, f"test {percent(row.test_accuracy, 1)}"], top))
    words = f"{row.diagnosis} ({row.note})" if row.note else row.diagnosis
    lines = textwrap.wrap(words[:1].upper() + words[1:], int(wide / CHARACTER))
    parts.append(f'<g fill="{MUTED}">{_lines(lines, top + 2 * LINE)}</g>')
    return "".join(parts), top + LINE * (2 + len(lines))


def _lines(lines: Sequence[str], top: float) -> str:
    return "".join(
        f'<text y="{top + LINE * place:.0f}">{html.escape(line)}</text>' for place, line in enumerate(lines)
    )


def _field(frame: Frame, scene: Scene, run: Run) -> bytes:
    return field_png(frame, scene.bounds, run.hidden, (CLASSES[0].region, CLASSES[1].region))


def _points(scene: Scene, side: float) -> str:
    """The training points once, to be used in every boundary; each class has its colour and its mark."""
    left, right, bottom, top = scene.bounds
    x = (scene.train.X[0] - left) / (right - left) * side
    y = (top - scene.train.X[1]) / (top - bottom) * side
    first = scene.train.Y.ravel() == 0
    kept = np.arange(x.size) < MOST_POINTS
    return (
        '<defs><g id="points" fill="none">'
        f'<path d="{_marks(x, y, first & kept, "h0")}" stroke="{CLASSES[0].colour}" stroke-width="4" '
        'stroke-linecap="round"/>'
        f'<path d="{_marks(x, y, ~first & kept, "m-2-2l4 4m0-4l-4 4")}" stroke="{CLASSES[1].colour}" '
        'stroke-width="1.4"/></g></defs>'
    )


def _marks(x: NDArray[np.float64], y: NDArray[np.float64], chosen: NDArray[np.bool_], mark: str) -> str:
    return "".join(
        f"M{across:.1f} {down:.1f}{mark}" for across, down in zip(x[chosen], y[chosen], strict=True)
    )


def _mark(mark: str, colour: str, x: float, y: float, radius: float) -> str:
    corners = " ".join(f"{x + radius * across:.1f},{y + radius * down:.1f}" for across, down in MARKS[mark])
    return f'<polygon points="{corners}" fill="{colour}"/>'


def _costs(session: LabSession, identities: Sequence[Identity]) -> str:
    """Costs over iterations on a logarithmic axis; what is 0 or not finite is left out."""
    wide = WIDTH - 2 * MARGIN
    curves = [
        [(frame.iteration, frame.figure("cost")) for frame in run.frames if 0 < frame.figure("cost") < np.inf]
        for run in session.runs
    ]
    logarithms = [math.log10(value) for curve in curves for _, value in curve]
    low, high = (min(logarithms), max(logarithms)) if logarithms else (-1.0, 0.0)
    span = max(high - low, 0.2)
    left, right = 46, wide - 4
    parts = [
        f'<text x="0" y="12" fill="{MUTED}">Cost</text>',
        f'<path d="M{left} 4V{COST_HEIGHT}H{right}" fill="none" stroke="{MUTED}"/>',
        f'<text x="{left}" y="{COST_HEIGHT + 14}" fill="{MUTED}">0</text>',
        f'<text x="{right}" y="{COST_HEIGHT + 14}" fill="{MUTED}" text-anchor="end">'
        f"iteration {session.settings.iterations:,}</text>",
    ]
    for value, y in ((low + span, 26.0), (low, COST_HEIGHT)):
        parts.append(
            f'<text x="{left - 4}" y="{y}" fill="{MUTED}" text-anchor="end">{cost(10**value)}</text>'
        )
    for curve, identity in zip(curves, identities, strict=True):
        places = " ".join(
            f"{left + iteration / session.settings.iterations * (right - left):.1f},"
            f"{COST_HEIGHT - 2 - (math.log10(value) - low) / span * (COST_HEIGHT - 12):.1f}"
            for iteration, value in curve
        )
        dash = " ".join(f"{length:g}" for length in dash_of(identity))
        parts.append(
            f'<polyline points="{places}" fill="none" stroke="{scheme_of(identity).colour}" '
            f'stroke-width="2" stroke-dasharray="{dash or "none"}"/>'
        )
    return "".join(parts)


def _cut(text: str, width: int) -> str:
    return text if len(text) <= width else text[: width - 1] + "…"
