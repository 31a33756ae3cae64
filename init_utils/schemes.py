"""The identity of each initialization scheme in pictures: one colour, one mark, one dash.

The only table of them; the lab's front end reads it too.
"""

from __future__ import annotations

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


SCHEMES = (
    Scheme("zeros", "#00775a", "#3fcfa4", "circle", ()),
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
    Scheme("reserve 2", "#be185d", "#f9a8d4", "bar", (10, 2, 4, 2)),
    Scheme("reserve 3", "#57534e", "#d6d3d1", "triangle-left", (1, 3)),
    Scheme("reserve 4", "#0e7490", "#67d4e8", "triangle-right", (14, 3, 1, 3)),
)
# Of the second, third and fourth run of one scheme.
REPEAT_DASHES: tuple[tuple[float, ...], ...] = ((1, 2), (6, 2, 1, 2), (3, 6))


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
