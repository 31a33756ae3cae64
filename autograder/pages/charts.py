"""Charts as inline SVG: numbers in, markup out. Each has a text that says what it shows.

No chart needs a script or a font; colours come from the page's style through classes, so that print and
screen agree. Sizes are in SVG units, scaled by the page.
"""

from __future__ import annotations

import math
from collections.abc import Sequence

from markupsafe import Markup, escape

from autograder.pages import points_text

RING_RADIUS = 52.0
HISTOGRAM_WIDTH, HISTOGRAM_HEIGHT = 640.0, 240.0
LEFT, RIGHT, TOP, BOTTOM = 44.0, 22.0, 26.0, 40.0  # half of "100" in the right one, at a phone's size


def ring(score: float | None, max_score: float | None) -> Markup:
    """A ring filled to score / max_score with the points written inside."""
    share = _share(score, max_score)
    around = 2 * math.pi * RING_RADIUS
    label = f"{points_text(score)} of {points_text(max_score)} points"
    return Markup(
        '<svg class="ring" viewBox="0 0 128 128" role="img" aria-label="{label}">'
        '<circle class="ring-track" cx="64" cy="64" r="{radius}"></circle>'
        '<circle class="ring-fill" cx="64" cy="64" r="{radius}" stroke-dasharray="{filled:.1f} {around:.1f}" '
        'transform="rotate(-90 64 64)"{hidden}></circle>'
        '<text class="ring-score" x="64" y="66">{score}</text>'
        '<text class="ring-of" x="64" y="86">of {max_score}</text></svg>'
    ).format(
        label=label,
        radius=RING_RADIUS,
        filled=share * around,
        around=around,
        hidden=Markup(' visibility="hidden"') if share == 0 else "",
        score=points_text(score),
        max_score=points_text(max_score),
    )


def bar(score: float | None, max_score: float | None, tone: str = "") -> Markup:
    """A thin bar filled to score / max_score; the numbers stand beside it, so readers of text skip it."""
    share = _share(score, max_score)
    return Markup(
        '<svg class="bar {tone}" viewBox="0 0 100 6" preserveAspectRatio="none" aria-hidden="true">'
        '<rect class="bar-track" width="100" height="6"></rect>'
        '<rect class="bar-fill" width="{width:.1f}" height="6"></rect></svg>'
    ).format(tone=tone, width=100 * share)


def histogram(values: Sequence[float], highest: float, bins: int = 10) -> Markup:
    """How many values fall in each of `bins` equal steps from 0 to `highest`, counts written on the bars.

    Parameters
    ----------
    values : sequence of float
        Points; below 0 counts as 0, above `highest` as `highest`.
    highest : float
        Points possible, > 0.
    """
    counts = bin_counts(values, highest, bins)
    most = max([1, *counts])
    wide = HISTOGRAM_WIDTH - LEFT - RIGHT
    high = HISTOGRAM_HEIGHT - TOP - BOTTOM
    step = wide / bins
    drawn = [_grid_line(value, most, high) for value in axis_steps(most)]
    for index, count in enumerate(counts):
        tall = high * count / most
        x, y = LEFT + index * step, TOP + high - tall
        span = f"{points_text(highest * index / bins)} to {points_text(highest * (index + 1) / bins)}"
        if count:
            drawn.append(
                Markup(
                    '<rect class="column" x="{x:.1f}" y="{y:.1f}" width="{width:.1f}" '
                    'height="{tall:.1f}" rx="2">'
                    "<title>{span} points: {count}</title></rect>"
                    '<text class="column-count" x="{middle:.1f}" y="{above:.1f}">{count}</text>'
                ).format(
                    x=x + 2,
                    y=y,
                    width=step - 4,
                    tall=tall,
                    span=span,
                    count=count,
                    middle=x + step / 2,
                    above=y - 6,
                )
            )
    for index in range(0, bins + 1, 1 if bins <= 10 else 2):
        drawn.append(
            Markup('<text class="tick" x="{x:.1f}" y="{y:.1f}">{value}</text>').format(
                x=LEFT + index * step, y=TOP + high + 18, value=points_text(highest * index / bins)
            )
        )
    floor = Markup('<line class="floor" x1="{left}" x2="{right}" y1="{y}" y2="{y}"></line>').format(
        left=LEFT, right=HISTOGRAM_WIDTH - RIGHT, y=TOP + high
    )
    label = histogram_words(counts, highest, bins)
    return Markup(
        '<svg class="histogram" viewBox="0 0 {width:.0f} {height:.0f}" role="img" aria-label="{label}">'
        '{drawn}{floor}<text class="axis" x="{x:.1f}" y="{y:.1f}">points</text></svg>'
    ).format(
        width=HISTOGRAM_WIDTH,
        height=HISTOGRAM_HEIGHT,
        label=label,
        drawn=Markup("").join(drawn),
        floor=floor,
        x=LEFT + wide / 2,
        y=HISTOGRAM_HEIGHT - 4,
    )


def stacked_bar(shares: Sequence[tuple[str, int]], label: str) -> Markup:
    """One bar split by counts, each piece (tone, count) in the tone's colour."""
    total = sum(count for _, count in shares) or 1
    pieces, x = [], 0.0
    for tone, count in shares:
        width = 100 * count / total
        if count:
            pieces.append(
                Markup(
                    '<rect class="piece {tone}" x="{x:.2f}" width="{width:.2f}" height="8"></rect>'
                ).format(tone=tone, x=x, width=width)
            )
        x += width
    return Markup(
        '<svg class="stacked" viewBox="0 0 100 8" preserveAspectRatio="none" role="img" '
        'aria-label="{}">{}</svg>'
    ).format(label, Markup("").join(pieces))


def bin_counts(values: Sequence[float], highest: float, bins: int) -> list[int]:
    """How many values lie in each step; the last step includes its upper end.

    >>> bin_counts([0, 9.9, 10, 55, 100, 101], 100, 10)
    [2, 1, 0, 0, 0, 1, 0, 0, 0, 2]
    """
    counts = [0] * bins
    for value in values:
        place = math.floor(bins * value / highest + 1e-9) if highest > 0 else 0
        counts[min(max(place, 0), bins - 1)] += 1
    return counts


def axis_steps(most: int) -> list[int]:
    """Up to five round numbers from 0 to `most` for the axis of counts.

    >>> axis_steps(3), axis_steps(48), axis_steps(130)
    ([0, 1, 2, 3], [0, 20, 40], [0, 50, 100])
    """
    rough = max(1.0, most / 4)
    power = 10 ** math.floor(math.log10(rough))
    step = next(factor * power for factor in (1, 2, 5, 10) if factor * power >= rough - 1e-9 * power)
    if most / step < 2 and step > 1:
        step = max(1, step // 2)
    return list(range(0, most + 1, int(step)))


def histogram_words(counts: Sequence[int], highest: float, bins: int) -> str:
    """What the histogram shows, for those who do not see it."""
    spans = [
        f"{points_text(highest * index / bins)} to {points_text(highest * (index + 1) / bins)}: {count}"
        for index, count in enumerate(counts)
        if count
    ]
    return "Number of submissions by points. " + ("; ".join(spans) if spans else "None yet") + "."


def _grid_line(value: int, most: int, high: float) -> Markup:
    y = TOP + high - high * value / most
    return Markup(
        '<line class="grid" x1="{left}" x2="{right}" y1="{y:.1f}" y2="{y:.1f}"></line>'
        '<text class="tick side" x="{text}" y="{base:.1f}">{value}</text>'
    ).format(left=LEFT, right=HISTOGRAM_WIDTH - RIGHT, y=y, text=LEFT - 8, base=y + 4, value=escape(value))


def _share(score: float | None, max_score: float | None) -> float:
    if not score or not max_score:
        return 0.0
    return min(max(score / max_score, 0.0), 1.0)
