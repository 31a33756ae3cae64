"""Identities of the schemes: colour, mark and dash of one run are never those of another."""

from __future__ import annotations

import itertools
import re

import numpy as np
import pytest
from matplotlib.path import Path as MarkPath

from init_utils.lab.candidates import built_in_candidates
from init_utils.schemes import CLASSES, MARKS, REPEAT_DASHES, RESERVE, SCHEMES, Identity, identify

ALL = (*SCHEMES, *RESERVE)


@pytest.mark.parametrize("attribute", ["name", "colour", "dark_colour", "mark", "dash"])
def test_no_two_schemes_share_anything(attribute):
    values = [getattr(scheme, attribute) for scheme in ALL]
    assert len(set(values)) == len(values)


def test_the_colours_and_marks_of_the_classes_appear_in_no_run():
    assert {one.mark for one in CLASSES}.isdisjoint(scheme.mark for scheme in ALL)
    assert {one.colour for one in CLASSES}.isdisjoint(scheme.colour for scheme in ALL)
    assert all(scheme.mark in MARKS for scheme in ALL)


def luminance(colour: str) -> float:
    """Relative luminance (WCAG 2.2)."""
    channels = [int(colour[place : place + 2], 16) / 255 for place in (1, 3, 5)]
    linear = [c / 12.92 if c <= 0.04045 else ((c + 0.055) / 1.055) ** 2.4 for c in channels]
    return sum(weight * c for weight, c in zip((0.2126, 0.7152, 0.0722), linear, strict=True))


@pytest.mark.parametrize("scheme", ALL, ids=lambda scheme: scheme.name)
def test_a_scheme_stands_out_on_light_and_on_dark_paper(scheme):
    for colour, paper in ((scheme.colour, "#ffffff"), (scheme.dark_colour, "#111111")):
        assert re.fullmatch("#[0-9a-f]{6}", colour)
        high, low = sorted((luminance(colour), luminance(paper)), reverse=True)
        assert (high + 0.05) / (low + 0.05) >= 4.5  # text in that colour, WCAG 1.4.3


@pytest.mark.parametrize(
    ("name", "expected"),
    [
        ("initialize_parameters_zeros", "zeros"),
        ("random", "random"),
        ("random x0.3", "random"),
        ("he", "He"),
        ("xavier", "Xavier"),
        ("orthogonal", "orthogonal"),
        ("initialize_parameters", "reserve 1"),
        ("hero", "reserve 1"),
    ],
)
def test_a_run_has_the_scheme_that_it_is_named_after(name, expected):
    assert identify([name]) == [Identity(expected)]


def test_the_built_in_initializers_have_schemes_of_their_own():
    names = [candidate.name for candidate in built_in_candidates()]
    assert [one.scheme for one in identify(names)] == ["He", "Xavier", "constant", "small"]


def test_unknown_functions_get_the_reserves_in_order_of_the_call():
    assert [one.scheme for one in identify(["mine", "he", "yours"])] == ["reserve 1", "He", "reserve 2"]


def test_runs_of_one_scheme_are_counted():
    found = identify(["random", "random x0.3", "he", "random x3"])
    assert [one.repeat for one in found] == [0, 1, 0, 2]
    assert all(first != second for first, second in itertools.combinations(found, 2))


SIDE = 41  # cells a side of a mark drawn coarsely, about as large as in a legend
# Severity 1 (Machado, Oliveira and Fernandes 2009), for linear RGB.
SEEN_BY = {
    "protanopia": [
        (0.152286, 1.052583, -0.204868),
        (0.114503, 0.786281, 0.099216),
        (-0.003882, -0.048116, 1.051998),
    ],
    "deuteranopia": [
        (0.367322, 0.860646, -0.227968),
        (0.280085, 0.672501, 0.047413),
        (-0.011820, 0.042940, 0.968881),
    ],
    "tritanopia": [
        (1.255528, -0.076749, -0.178779),
        (-0.078411, 0.930809, 0.147602),
        (0.004733, 0.691367, 0.303900),
    ],
}


def covered(mark: str) -> np.ndarray:
    """Which cells of the square a mark fills."""
    places = np.linspace(-1.2, 1.2, SIDE)
    cells = np.array([(x, y) for y in places for x in places])
    outline = MARKS[mark]
    return MarkPath(outline).contains_points(cells) if outline else np.hypot(*cells.T) < 1


def inked(dash: tuple[float, ...], pixels: int = 240) -> np.ndarray:
    """Which pixels of a curve are drawn."""
    if not dash:
        return np.ones(pixels, dtype=bool)
    pattern = [
        on
        for on, length in zip(itertools.cycle((True, False)), dash, strict=False)
        for _ in range(int(length))
    ]
    return np.resize(np.array(pattern), pixels)


def test_in_grey_marks_tell_every_two_runs_and_classes_apart():
    for one, other in itertools.combinations((*ALL, *CLASSES), 2):
        first, second = covered(one.mark), covered(other.mark)
        shared = (first & second).sum() / (first | second).sum()
        assert shared < 0.82, (one.name, other.name)


def test_in_grey_dashes_tell_every_two_curves_apart():
    dashes = [*(scheme.dash for scheme in ALL), *REPEAT_DASHES]
    for one, other in itertools.combinations(dashes, 2):
        second = inked(other)
        differing = [(inked(one) != np.roll(second, shift)).mean() for shift in range(60)]
        assert min(differing) > 0.1, (one, other)  # wherever the patterns begin


def lab_colour(linear: np.ndarray) -> np.ndarray:
    """CIELAB of linear sRGB, D65."""
    to_xyz = [(0.4124, 0.3576, 0.1805), (0.2126, 0.7152, 0.0722), (0.0193, 0.1192, 0.9505)]
    x, y, z = np.cbrt(np.clip(np.array(to_xyz) @ linear, 0.00886, None) / [0.9505, 1.0, 1.089])
    return np.array([116 * y - 16, 500 * (x - y), 200 * (y - z)])


@pytest.mark.parametrize("kind", SEEN_BY)
@pytest.mark.parametrize("part", ["colour", "dark_colour", "region", "dark_region"])
def test_the_classes_stay_apart_in_every_kind_of_colour_blindness(kind, part):
    seen = []
    for one in CLASSES:
        channels = [int(getattr(one, part)[place : place + 2], 16) / 255 for place in (1, 3, 5)]
        linear = [c / 12.92 if c <= 0.04045 else ((c + 0.055) / 1.055) ** 2.4 for c in channels]
        seen.append(lab_colour(np.clip(np.array(SEEN_BY[kind]) @ linear, 0, 1)))
    assert np.linalg.norm(seen[0] - seen[1]) > 20
