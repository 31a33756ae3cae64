"""The measure of the diagnosis: its right forms are right, its operators make mistakes, its counts add up."""

from __future__ import annotations

import random

from autograder.misconceptions import CATALOGUE
from autograder.misconceptions.wording import diagnosis_of
from benchmarks.diagnosis import Figures, accuse_right, draw_pairs, draw_singles, passes
from benchmarks.operators import OPERATORS
from benchmarks.student_forms import forms, rewritings


def test_there_are_forms_enough_and_a_sample_of_each_scheme_is_right() -> None:
    assert len({form.text() for form in forms()}) >= 40
    assert len(set(rewritings())) >= 5000
    sample = {(form.scheme, form.name.partition("-")[0]): form for form in forms()}
    assert all(passes(form.scheme, form.text()) for form in sample.values())


def test_every_operator_names_entries_and_applies_to_some_form() -> None:
    for operator in OPERATORS:
        assert set(operator.ids) <= set(CATALOGUE), operator.name
        assert any(operator.change(form) for form in forms() if form.scheme in operator.schemes), (
            operator.name
        )


def test_the_same_seed_draws_the_same_wrong_functions() -> None:
    first, again = (draw_singles(6, random.Random(1))[0] for _ in range(2))
    assert first == again
    assert all(not passes(mutant.case.scheme, mutant.case.source) for mutant in first)


def test_a_pair_is_wrong_in_two_ways() -> None:
    (pair,), _ = draw_pairs(1, random.Random(2))
    assert len(pair.operators) == 2
    assert all(not passes(pair.case.scheme, text) for text in pair.case.id.split("\0"))


def test_what_is_not_found_does_not_count_as_named() -> None:
    operator = next(one for one in OPERATORS if one.ids == ("seed-missing",))
    figures = Figures("all")
    for found in (
        None,
        diagnosis_of("error-other"),
        diagnosis_of("seed-missing"),
        diagnosis_of("seed-in-loop"),
    ):
        figures.add(found, (operator,))
    counts = (figures.total, figures.named, figures.right, figures.first_right, figures.both, figures.more)
    assert counts == (4, 2, 1, 1, 1, 1)


def test_a_sample_of_rewritings_is_not_accused() -> None:
    assert accuse_right(40, random.Random(3)) == ([], 40)
