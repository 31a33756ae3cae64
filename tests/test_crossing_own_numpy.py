"""Values cross whatever a notebook has written over NumPy's names, and its own code finds what it wrote."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from autograder.sandbox.inside import crossing
from autograder.sandbox.inside.crossing import look_for_overwritten_names
from autograder.sandbox.inside.crossing.own_numpy import numpy_as_loaded
from tests.test_crossing import ARRAYS, GENERATORS, PANDAS, SPARSE, crossed

CODE = Path(crossing.__file__).parents[1]
TEXT = "\n".join(path.read_text("utf-8") for path in sorted(CODE.rglob("*.py")))
LINES = re.findall(r"^from numpy import (.+)$", TEXT, re.MULTILINE)
IMPORTED = {name for line in LINES for name in line.split(", ")}
TOUCHED = {name.split(" as ")[0] for name in IMPORTED} | set(re.findall(r"\bnp\.([a-z]\w*)", TEXT))
# What NumPy, SciPy and pandas look up when they make such values.
LOOKED_UP = {
    "abs", "add", "any", "append", "arange", "argwhere", "array", "asanyarray", "atleast_1d", "atleast_2d",
    "bool", "bool_", "can_cast", "common_type", "concatenate", "errstate", "full", "intp", "ones", "prod",
    "result_type",
}  # fmt: skip
VALUES: list[Any] = [*ARRAYS, *GENERATORS, *SPARSE, *PANDAS]
NAMES = sorted(name for name in TOUCHED | LOOKED_UP if hasattr(np, name) and name != "typing")


@pytest.mark.parametrize("name", NAMES)
def test_a_name_that_is_written_over_costs_no_value(name: str, monkeypatch: pytest.MonkeyPatch) -> None:
    with monkeypatch.context() as patch:
        patch.setattr(np, name, None)
        look_for_overwritten_names()
        results = [crossed(value) for value in VALUES]
        assert getattr(np, name) is None
    look_for_overwritten_names()
    assert [type(result) for result in results] == [type(value) for value in VALUES]


@pytest.mark.parametrize("module", [np, np.ma, np.random], ids=lambda module: module.__name__)
def test_all_names_at_once_may_be_written_over_or_deleted(
    module: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    with monkeypatch.context() as patch:
        for place, name in enumerate(one for one in dir(module) if not one.startswith("_")):
            patch.setattr(module, name, place) if place % 2 else patch.delattr(module, name, raising=False)
        look_for_overwritten_names()
        results = [crossed(value) for value in VALUES]
    look_for_overwritten_names()
    assert [type(result) for result in results] == [type(value) for value in VALUES]


def test_a_block_within_another_leaves_the_names_alone(monkeypatch: pytest.MonkeyPatch) -> None:
    own = np.zeros
    with monkeypatch.context() as patch:
        patch.setattr(np, "zeros", None)
        look_for_overwritten_names()
        with numpy_as_loaded():
            with numpy_as_loaded():
                pass
            assert np.zeros is own
        assert np.zeros is None
    look_for_overwritten_names()
