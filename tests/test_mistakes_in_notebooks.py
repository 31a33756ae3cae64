"""The test cells of both assignments on every student function of tests/mistakes/: right passes, wrong not.

Run in one process, as plain nbgrader does; the engine's own way is tested with the engine.
"""

from __future__ import annotations

import contextlib
import io
import json
from functools import cache
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from tests.mistakes.reader import Case, Student, deadline, numpy_as_before, read_cases
from tests.notebook_cells import HELPERS

SOURCE = Path(__file__).parents[1] / "source"
ASSIGNMENT = {"zeros": "initialization", "random": "initialization", "he": "initialization"}
WRONG = [*read_cases("known"), *read_cases("heldout")]
RIGHT = read_cases("right")


@cache
def cells_of(scheme: str) -> dict[str, str]:
    """Sources of the test cells whose grade id starts with `scheme`, hidden parts included."""
    name = ASSIGNMENT.get(scheme, "deeper")
    notebook = json.loads((SOURCE / name / f"{name}.ipynb").read_text(encoding="utf-8"))
    found = {}
    for cell in notebook["cells"]:
        grade_id = cell["metadata"].get("nbgrader", {}).get("grade_id", "")
        if grade_id.startswith(f"{scheme}_"):
            found[grade_id] = "".join(cell["source"])
    assert found
    return found


def failures(case: Case) -> dict[str, str]:
    """The test cells that fail on the function of `case`, and what they say first."""
    failed = {}
    for grade_id, source in cells_of(case.scheme).items():
        with numpy_as_before(), contextlib.redirect_stdout(io.StringIO()), deadline(0.5):
            namespace: dict[str, Any] = {"np": np}
            exec(HELPERS, namespace)  # noqa: S102 -- what the setup cell imports
            function = Student(case).function()
            if function is not None:
                namespace[function_name(case)] = function
            try:
                exec(source, namespace)  # noqa: S102 -- the instructor's test cell
            except BaseException as error:  # noqa: BLE001 -- whatever the student's code raises, exit() too
                failed[grade_id] = f"{type(error).__name__}: {error}"
    return failed


def function_name(case: Case) -> str:
    return "initialize_parameters" + ("" if case.scheme == "general" else f"_{case.scheme}")


@pytest.mark.parametrize("case", RIGHT, ids=str)
def test_every_accepted_form_gets_all_points(case: Case) -> None:
    assert failures(case) == {}


@pytest.mark.parametrize("case", WRONG, ids=str)
def test_every_wrong_function_loses_points(case: Case) -> None:
    assert failures(case) != {}


def test_values_alone_cost_values_alone() -> None:
    zero = "factor-integer-division"  # most of its weights are zero, so there is no seed to see
    shape = "factor-inside-brackets"  # it shows as a shape, which costs more than the values
    one_less = "factor-one-less"  # it divides by zero where a layer has one unit
    others = (zero, shape, one_less)
    factors = [case for case in WRONG if case.id.startswith("factor-") and case.id not in others]
    cases = [case for case in factors if case.scheme != "general"]
    assert len(cases) > 40
    for case in cases:
        assert set(failures(case)) == {f"{case.scheme}_values"}, case.source


def test_a_missing_seed_costs_seed_and_values() -> None:
    cases = [case for case in WRONG if case.id in ("seed-missing", "seed-outside")]
    assert cases
    for case in cases:
        assert set(failures(case)) == {f"{case.scheme}_values", f"{case.scheme}_seed"}
