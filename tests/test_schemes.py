"""Identities of the schemes: colour, mark and dash of one run are never those of another."""

from __future__ import annotations

import itertools
import re

import pytest

from init_utils.lab.candidates import built_in_candidates
from init_utils.schemes import CLASSES, MARKS, RESERVE, SCHEMES, Identity, identify

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
