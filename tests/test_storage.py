"""On disk: folders hold exactly what was asked, and a result that cannot be read counts as absent."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from autograder.course import Course
from autograder.storage import (
    StoredResult,
    read_result,
    result_path,
    stored_results,
    write_folder,
    write_result,
)
from autograder.verdicts import HandGrade, Status, SubmissionResult, TestResult, Verdict

PASSED = TestResult("he", 5.0, 5.0, Verdict.PASSED)
STORED = StoredResult(SubmissionResult("ada", "ps1", Status.GRADED, 5.0, 5.0, tests=(PASSED,)))


def written(root: Path) -> Path:
    """A result file."""
    course = Course(root)
    write_result(course, "ps1", STORED)
    return result_path(course, "ps1", "ada")


def contents(folder: Path) -> dict[str, bytes]:
    files = (path for path in folder.rglob("*") if path.is_file())
    return {path.relative_to(folder).as_posix(): path.read_bytes() for path in files}


def test_a_name_that_leads_through_a_file_is_left_out(tmp_path: Path) -> None:
    write_folder(tmp_path, {"a.ipynb": b"{}", "a.ipynb/x": b"1", "data": b"2", "data/x/y": b"3"}, "a.ipynb")
    assert contents(tmp_path) == {"a.ipynb": b"{}", "data": b"2"}


def test_a_file_replaces_a_folder_of_the_last_run_and_the_reverse(tmp_path: Path) -> None:
    write_folder(tmp_path, {"a.ipynb": b"{}", "figures": b"1", "data/x/y": b"2"}, "a.ipynb")
    write_folder(tmp_path, {"a.ipynb": b"{}", "figures/one": b"3", "data": b"4"}, "a.ipynb")
    assert contents(tmp_path) == {"a.ipynb": b"{}", "figures/one": b"3", "data": b"4"}


def test_what_the_results_of_a_class_have_in_common_is_held_once(tmp_path: Path) -> None:
    course = Course(tmp_path)
    passed = TestResult("q1", 1.0, 1.0, Verdict.PASSED, "Right.")
    tests = (passed, TestResult("q2", 0.0, 1.0, Verdict.RAISED, "No."))
    hand = (HandGrade("q3", None, 2.0),)
    written = {
        student: StoredResult(
            SubmissionResult(student, "ps1", Status.GRADED, tests=tests, hand_grades=hand),
            texts={"q3": "digest"},
        )
        for student in ("ada", "bob")
    }
    for stored in written.values():
        write_result(course, "ps1", stored)
    read = stored_results(course, "ps1")
    assert read == written
    ada, bob = read["ada"], read["bob"]
    for one, other in (
        *zip(ada.result.tests, bob.result.tests, strict=True),
        (ada.result.hand_grades[0], bob.result.hand_grades[0]),
        (ada.result.assignment, bob.result.assignment),
        (ada.texts["q3"], bob.texts["q3"]),
    ):
        assert one is other


def test_a_result_comes_back_as_it_was_written(tmp_path: Path) -> None:
    assert read_result(written(tmp_path)) == STORED


@pytest.mark.parametrize("damaged", [b"", b"\xff", b"null", b"[]", b'"x"', b"{}", b"[" * 100_000])
def test_a_file_that_is_no_result_counts_as_absent(tmp_path: Path, damaged: bytes) -> None:
    path = written(tmp_path)
    path.write_bytes(damaged)
    assert read_result(path) is None


@pytest.mark.parametrize(
    "changed",
    [
        {"tests": ["x"]}, {"tests": 1}, {"tests": [{}]}, {"met": [1]}, {"texts": 1}, {"texts": {"q1": []}},
        {"status": "no word of ours"},
    ],
)  # fmt: skip
def test_a_result_with_a_field_of_another_form_counts_as_absent(
    tmp_path: Path, changed: dict[str, object]
) -> None:
    path = written(tmp_path)
    path.write_text(json.dumps(json.loads(path.read_text(encoding="utf-8")) | changed), encoding="utf-8")
    assert stored_results(Course(tmp_path), "ps1") == {}
