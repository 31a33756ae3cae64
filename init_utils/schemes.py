"""What stands for what in every picture: the two classes, and each initialization scheme.

A scheme has one colour, one mark, one dash; a class has one colour and one mark, which no scheme has. The
only table of them; the lab's front end reads it too.
"""

from __future__ import annotations

import math
import re
from collections.abc import Sequence
from dataclasses import dataclass


@dataclass(frozen=True)
class Scheme:
    """How a scheme is drawn. Colour, mark and dash each tell it from the others.

    Attributes
    ----------
    name : str
    colour, dark_colour : str
        `#rrggbb`, on light and on dark paper.
    mark : str
        Shape of its points.
    dash : tuple of float
        Lengths of dashes and gaps of its curve in pixels; empty for a solid line.
    """

    name: str
    colour: str
    dark_colour: str
    mark: str
    dash: tuple[float, ...]


@dataclass(frozen=True)
class PointClass:
    """How the points of one class are drawn, and the region where a network answers it.

    Attributes
    ----------
    name : str
        What texts call it.
    colour, dark_colour, region, dark_region : str
        `#rrggbb`, on light and on dark paper.
    mark : str
    """

    name: str
    colour: str
    dark_colour: str
    region: str
    dark_region: str
    mark: str


@dataclass(frozen=True)
class Identity:
    """How one run is drawn.

    Attributes
    ----------
    scheme : str
        Name of a row of `SCHEMES` or `RESERVE`.
    repeat : int
        How many runs before it have the same scheme; each has its own dash.
    """

    scheme: str
    repeat: int = 0


CLASSES = (
    PointClass("red", "#b02a1c", "#ff9d8a", "#ee9f8d", "#7c3226", "disc"),
    PointClass("blue", "#0b5394", "#8fc7ff", "#8dbbe3", "#1f5480", "cross"),
)
SCHEMES = (
    Scheme("zeros", "#00775a", "#3fcfa4", "bar", ()),
    Scheme("random", "#b85c00", "#f2a541", "square", (7, 3)),
    Scheme("He", "#9c3f86", "#e58fce", "triangle", (2, 3)),
    Scheme("Xavier", "#44546a", "#b7c4d6", "diamond", (9, 3, 2, 3)),
    Scheme("constant", "#7a6200", "#d9c24a", "triangle-down", (12, 4)),
    Scheme("small", "#5b3fa8", "#b9a6ff", "plus", (4, 2)),
    Scheme("orthogonal", "#7a4a2b", "#d9a887", "star", (9, 3, 2, 3, 2, 3)),
)
# For functions that no scheme is named after, in order of the call.
RESERVE = (
    Scheme("reserve 1", "#4d7c0f", "#a3d65c", "pentagon", (5, 3)),
    Scheme("reserve 2", "#be185d", "#f9a8d4", "hourglass", (10, 2, 4, 2)),
    Scheme("reserve 3", "#57534e", "#d6d3d1", "triangle-left", (1, 3)),
    Scheme("reserve 4", "#0e7490", "#67d4e8", "triangle-right", (14, 3, 1, 3)),
)
# Of the second, third and fourth run of one scheme.
REPEAT_DASHES: tuple[tuple[float, ...], ...] = ((1, 2), (6, 2, 1, 2), (3, 6))


Outline = tuple[tuple[float, float], ...]


def _corners(count: int, start_degrees: float = -90, inner: float = 1.0) -> Outline:
    """Corners on the unit circle, clockwise from the start; every other one at `inner`."""
    angles = [math.radians(start_degrees + 360 * place / count) for place in range(count)]
    radii = [inner if place % 2 else 1.0 for place in range(count)]
    return tuple(
        (round(radius * math.cos(angle), 3), round(radius * math.sin(angle), 3))
        for radius, angle in zip(radii, angles, strict=True)
    )


def _arms(half: float, start_degrees: float) -> Outline:
    """A cross of four arms, each twice `half` wide."""
    corners = [(half, -half), (half, -1.0), (-half, -1.0), (-half, -half)]
    turned: list[tuple[float, float]] = []
    for turn in range(4):
        angle = math.radians(start_degrees - 90 * turn)
        across, down = math.cos(angle), math.sin(angle)
        turned += [(round(x * across - y * down, 3), round(x * down + y * across, 3)) for x, y in corners[1:]]
    return tuple(turned)


# Corners of each mark in a square of -1 to 1, y downwards. A disc is what has no corners.
MARKS: dict[str, Outline] = {
    "disc": (),
    "cross": _arms(0.3, 45),
    "square": _corners(4, -135),
    "triangle": _corners(3),
    "triangle-down": _corners(3, 90),
    "triangle-left": _corners(3, 180),
    "triangle-right": _corners(3, 0),
    "diamond": _corners(4),
    "pentagon": _corners(5),
    "star": _corners(10, inner=0.42),
    "hourglass": ((-0.8, -0.9), (0.8, -0.9), (-0.8, 0.9), (0.8, 0.9)),
    "bar": ((-1.0, -0.34), (1.0, -0.34), (1.0, 0.34), (-1.0, 0.34)),
    "plus": _arms(0.34, 0),
}


def scheme_of(identity: Identity) -> Scheme:
    """The row of the table that an identity names."""
    return next(scheme for scheme in (*SCHEMES, *RESERVE) if scheme.name == identity.scheme)


def dash_of(identity: Identity) -> tuple[float, ...]:
    """The dash of a run's curve: that of its scheme, or another one for a further run of the same scheme."""
    if identity.repeat == 0:
        return scheme_of(identity).dash
    return REPEAT_DASHES[(identity.repeat - 1) % len(REPEAT_DASHES)]


def identify(names: Sequence[str]) -> list[Identity]:
    """The identity of each run, from the names of the runs.

    Examples
    --------
    >>> [one.scheme for one in identify(["zeros", "initialize_parameters_he", "mine", "constant 0.5"])]
    ['zeros', 'He', 'reserve 1', 'constant']
    >>> identify(["random", "random x0.3"])[1]
    Identity(scheme='random', repeat=1)
    """
    found: list[Identity] = []
    reserve = 0
    for name in names:
        scheme = _scheme_named(name)
        if scheme is None:
            scheme = RESERVE[reserve % len(RESERVE)].name
            reserve += 1
        found.append(Identity(scheme, sum(one.scheme == scheme for one in found)))
    return found


def _scheme_named(name: str) -> str | None:
    """The scheme whose name is the first word of a run's name."""
    word = re.split(r"[ _]", name.casefold().removeprefix("initialize_parameters_"), maxsplit=1)[0]
    return next((scheme.name for scheme in SCHEMES if scheme.name.casefold() == word), None)
