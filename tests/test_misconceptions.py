"""The catalogue, the diagnosis and the page of the catalogue; the student functions are in tests/mistakes/."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from autograder.misconceptions import CATALOGUE, Outcome, diagnose
from autograder.misconceptions.pages import catalogue_page
from tests.mistakes.reader import Case, Student, read_cases

PAGE = Path(__file__).parents[1] / "docs" / "misconceptions.md"
KNOWN = read_cases("known")


@pytest.mark.parametrize("case", KNOWN, ids=str)
def test_each_entry_recognises_the_function_that_has_its_mistake(case: Case) -> None:
    student = Student(case)
    found = diagnose(case.scheme, student.call, case.source, call_again=student.call_again)
    assert found is not None
    assert (case.id, found.hint) == (found.id, found.hint)


def test_every_entry_has_a_function_that_has_its_mistake() -> None:
    assert set(CATALOGUE) == {case.id for case in KNOWN}
