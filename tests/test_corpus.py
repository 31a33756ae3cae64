"""The corpus: right, accepted, mistaken, broken and hostile submissions get exactly the expected verdicts.

All of a selection are graded in one run by the engine as it is, two workers side by side, in the strongest
sandbox of this machine, with limits small enough for tests.
"""

from __future__ import annotations

import dataclasses
import functools
import json
import shutil
from collections.abc import Mapping
from pathlib import Path

import psutil
import pytest

from autograder import class_run
from autograder.course import Course
from autograder.grading.defaults import LIMITS as DEFAULT_LIMITS
from autograder.sandbox import best_tier, is_configuration, is_data_file_name
from autograder.untrusted.text import printable
from autograder.verdicts import Status, SubmissionResult, Verdict
from tests.corpus_files import ROOT, all_cases
from tests.corpus_notebooks import ASSIGNMENT, NOTEBOOK, hand_in, student_of

CASES = all_cases()
FAST = [name for name, case in CASES.items() if case.fast]
CONFINED = ("hostile", "leaks", "limits")  # classes that only run where they cannot do harm
LIMITS = dataclasses.replace(
    DEFAULT_LIMITS,
    cell_s=6.0,
    patience=3.0,  # by the clock: some of the cases only sleep
    submission_s=90.0,
    cpu_s=90.0,
    memory_bytes=600_000_000,
    processes=32,
    output_hard_bytes=16_000_000,
    disk_bytes=64_000_000,
    files=2_000,
)
# Nobody's answer and no output may hold these: pieces of hidden tests, and what another student wrote.
SECRETS = ("BEGIN HIDDEN TESTS", "7, 4, 6, 3, 2", "6, 3, 7, 4, 2", "5, 3, 8, 4, 2", "CANARY-7f3a")


@functools.cache
def tier() -> str:
    """The sandbox of this machine; trying it out takes a second, so not while tests are collected."""
    return best_tier(weakest="none")


@dataclasses.dataclass(frozen=True)
class Graded:
    """One graded selection of the corpus."""

    course: Course
    results: Mapping[str, SubmissionResult]
    left_behind: list[str]


def grade_cases(cases: list[str], root: Path, dask: str = "") -> Graded:
    """Hand the cases in to a course of their own and grade them, here or on a cluster."""
    shutil.copytree(ROOT / "source" / ASSIGNMENT, root / "source" / ASSIGNMENT)
    course = Course(root)
    for case in cases:
        hand_in(case, CASES[case], root / "submitted")
    neighbour = root / "submitted" / "neighbour" / ASSIGNMENT
    neighbour.mkdir(parents=True)
    text = (ROOT / "release" / ASSIGNMENT / NOTEBOOK).read_text(encoding="utf-8")
    neighbour.joinpath(NOTEBOOK).write_text(text.replace("YOUR ANSWER HERE", SECRETS[-1]), encoding="utf-8")
    options = class_run.Options(workers=2, isolation=tier(), limits=LIMITS, dask=dask)
    others = psutil.Process().children()  # of other tests: a browser, a server
    results = class_run.grade(course, ASSIGNMENT, options)
    left = [process for process in psutil.Process().children() if process not in others]
    left_behind = [str(process) for one in left for process in (one, *one.children(recursive=True))]
    return Graded(course, {result.student: result for result in results}, left_behind)


def check(case: str, graded: Graded) -> None:
    """Compare everything that the case names, and what holds for all."""
    if case.startswith(CONFINED) and tier() == "none":
        pytest.skip("hostile code only runs in a sandbox; this machine has none")
    wanted = CASES[case].expected
    result = graded.results[student_of(case)]
    if wanted.rejected is not None:
        assert (result.status, result.score) == (Status.REJECTED, None), result.reason
        assert wanted.rejected in result.reason
        assert result.reason.count("\n") == 0
        return
    assert (result.status, result.reason) == (Status.GRADED, "")
    verdicts = {
        test.grade_id: str(test.verdict) for test in result.tests if test.verdict is not Verdict.PASSED
    }
    if wanted.no_points:
        assert len(verdicts) == 8
        assert Verdict.INTERNAL_ERROR not in verdicts.values()
    else:
        # "memory or timeout": which limit comes first is the machine's affair.
        allowed = wanted.verdicts
        assert verdicts.keys() == allowed.keys(), {test.grade_id: test.message for test in result.tests}
        assert all(verdicts[name] in allowed[name] for name in allowed), verdicts
    assert len(result.tests) == 8
    for test in result.tests:
        assert test.score == (0.0 if test.grade_id in verdicts else test.max_score)
    for text in wanted.flags:
        assert any(text in flag for flag in result.flags), result.flags
    assert {hand.grade_id for hand in result.hand_grades} == {"observations_random", "observations_he"}
    assert {hand.grade_id for hand in result.hand_grades if hand.answered} == wanted.answered
    _check_notebook(graded.course, case)


def _check_notebook(course: Course, case: str) -> None:
    """The autograded notebook holds no secret, nothing that acts, and every graded cell once."""
    folder = course.autograded(student_of(case), ASSIGNMENT)
    text = (folder / NOTEBOOK).read_text(encoding="utf-8")
    for secret in SECRETS:
        assert secret not in text
    handed_in = {printable(step.words[0]) for step in CASES[case].operations if step.name == "file"}
    for path in folder.rglob("*"):
        assert not path.is_symlink()
        if path.is_file():
            name = path.relative_to(folder).as_posix()
            assert path == folder / NOTEBOOK or is_data_file_name(name) or name in handed_in
            assert not is_configuration(name)
            content = path.read_bytes()
            assert not [secret for secret in SECRETS if secret.encode() in content], path
    notebook = json.loads(text)
    ids = [cell["metadata"].get("nbgrader", {}).get("grade_id") for cell in notebook["cells"]]
    for grade_id in ("zeros_values", "he_seed", "observations_he", "setup"):
        assert ids.count(grade_id) == 1
    for cell in notebook["cells"]:
        for output in cell.get("outputs", []):
            html = str(output.get("data", {}).get("text/html", ""))
            assert not [acting for acting in ("<script", "<iframe", "srcdoc", "sandbox=") if acting in html]
            assert "application/javascript" not in output.get("data", {})


def _gradable(cases: list[str]) -> list[str]:
    return [case for case in cases if tier() != "none" or not case.startswith(CONFINED)]


@pytest.fixture(scope="module")
def graded_fast(tmp_path_factory: pytest.TempPathFactory) -> Graded:
    """The representative part."""
    return grade_cases(_gradable(FAST), tmp_path_factory.mktemp("fast"))


@pytest.fixture(scope="module")
def graded_all(tmp_path_factory: pytest.TempPathFactory) -> Graded:
    """The rest."""
    rest = [case for case in CASES if case not in FAST]
    # A link in a case leads to this one.
    return grade_cases(_gradable([*rest, "right/plain"]), tmp_path_factory.mktemp("all"))


@pytest.mark.parametrize("case", FAST)
def test_a_representative_submission_gets_its_verdicts(case: str, graded_fast: Graded) -> None:
    check(case, graded_fast)


def test_nothing_of_the_representative_part_is_left_running(graded_fast: Graded) -> None:
    assert graded_fast.left_behind == []
    assert graded_fast.results["neighbour"].status is Status.GRADED


@pytest.mark.slow
@pytest.mark.parametrize("case", [case for case in CASES if case not in FAST])
def test_a_submission_gets_its_verdicts(case: str, graded_all: Graded) -> None:
    check(case, graded_all)


@pytest.mark.slow
def test_nothing_of_the_corpus_is_left_running(graded_all: Graded) -> None:
    assert graded_all.left_behind == []
    assert graded_all.results["neighbour"].status is Status.GRADED


@pytest.mark.slow
def test_what_is_hostile_gets_its_verdicts_on_a_cluster(tmp_path: Path) -> None:
    pytest.importorskip("distributed", reason="Dask is not installed (the extra `dask`)")
    pytest.importorskip("cryptography", reason="cryptography is not installed (the extra `dask`)")
    if tier() == "none":
        pytest.skip("hostile code only runs in a sandbox; this machine has none")
    cases = [case for case in CASES if case.startswith(("hostile", "leaks"))]
    graded = grade_cases([*cases, "right/plain"], tmp_path, dask="local")
    for case in cases:
        check(case, graded)
