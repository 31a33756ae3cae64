"""The comparison of tiers; a sample of the corpus gets the verdicts of `full` in `wasm`, or is explained."""

from __future__ import annotations

import dataclasses
import re
from collections import Counter
from pathlib import Path

import pytest

from autograder.sandbox import tier_parts
from autograder.verdicts import Status, SubmissionResult, TestResult, Verdict
from tests import wasm_parity
from tests.corpus_files import ROOT, TESTS, all_cases
from tests.wasm_parity import differences, differences_from_corpus, gains, known, told

# One or two of each class, and of each kind of difference.
SAMPLE = (
    "accepted/callable-object", "broken/deep", "hostile/ast-and-compile", "hostile/close-in-call",
    "leaks/by-error-type", "limits/endless-loop", "limits/huge-array", "limits/many-files",
    "limits/segfault", "mistakes/bias-flat", "readable/bom", "right/plain", "structure/forged-points",
    "written/below-the-prompt",
)  # fmt: skip


def result(case: str, **verdicts: Verdict) -> SubmissionResult:
    """A result in which all tests pass but those that are named."""
    tests = tuple(
        TestResult(name, 0.0 if name in verdicts else 5.0, 5.0, verdicts.get(name, Verdict.PASSED))
        for name in TESTS
    )
    return SubmissionResult(case, "initialization", Status.GRADED, tests=tests)


def test_each_field_that_differs_is_one_line() -> None:
    full = result("x", he_seed=Verdict.MEMORY)
    wasm = dataclasses.replace(result("x", he_seed=Verdict.RAISED), flags=("look",))
    assert list(map(str, differences("right/plain", full, wasm))) == [
        "right/plain: flags:  | look",
        "right/plain: he_seed: memory | raised",
    ]
    assert told(full)["he_values"] == "passed 5"
    assert differences("right/plain", full, full) == []


def test_a_result_is_compared_with_what_the_corpus_demands() -> None:
    wanted = dict.fromkeys(("zeros_shapes", "zeros_values"), Verdict.MEMORY)
    assert differences_from_corpus("limits/huge-array", result("x", **wanted)) == []
    assert gains("limits/huge-array", result("x", **wanted)) == []
    found = differences_from_corpus("limits/huge-array", result("x", zeros_shapes=Verdict.RAISED))
    assert list(map(str, found)) == [
        "limits/huge-array: zeros_shapes: memory | raised",
        "limits/huge-array: zeros_values: memory | passed 5",
    ]
    assert gains("limits/huge-array", result("x", zeros_shapes=Verdict.RAISED)) == ["zeros_values"]


def test_a_submission_that_must_be_rejected_gets_no_points() -> None:
    rejected = next(name for name, case in all_cases().items() if case.expected.rejected is not None)
    assert len(gains(rejected, result("x"))) == len(TESTS)
    assert [one.field for one in differences_from_corpus(rejected, result("x"))] == ["status"]


def test_what_is_explained_is_of_the_corpus_and_stands_on_the_page_with_its_count() -> None:
    kind_of = known()
    assert kind_of.keys() <= all_cases().keys()
    page = (ROOT / "docs" / "security.md").read_text(encoding="utf-8")
    table = page.partition("Verdicts that differ from those of the tier full")[2].partition("\n\nAn earlier")[
        0
    ]
    rows = re.findall(r"(?m)^\| ([^|]+) \| (\d+) \|", table)
    assert {kind: int(count) for kind, count in rows} == dict(Counter(kind_of.values()))


@pytest.mark.slow
def test_a_sample_gets_the_verdicts_of_the_tier_full_but_for_what_the_page_explains(tmp_path: Path) -> None:
    if (obstacle := tier_parts.obstacle("wasm")) is not None:
        pytest.skip(f"no tier wasm here: {obstacle}")
    results = wasm_parity.grade_in("wasm", tmp_path, SAMPLE)
    assert results.keys() == {*SAMPLE}
    found = [one for case in SAMPLE for one in differences_from_corpus(case, results[case])]
    assert [str(one) for one in found if one.case not in known()] == []
    assert {one.case for one in found} == {*SAMPLE} & known().keys()
    assert [case for case in SAMPLE if gains(case, results[case])] == []
