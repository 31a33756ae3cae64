"""What grading again changed, and who is missing, is said."""

from __future__ import annotations

import dataclasses
import json
from pathlib import Path

import pytest

from autograder import cli
from autograder.class_pages import missing_lines, who_is_missing
from autograder.collected import KnownStudent, write_collected
from autograder.regrading import Change, change_lines, change_table, changes
from autograder.verdicts import Status, SubmissionResult, TestResult, Verdict
from tests.small_course import NAME, hand_in, make_course

ADA = SubmissionResult(
    "ada",
    NAME,
    Status.GRADED,
    score=10.0,
    max_score=19.0,
    tests=(
        TestResult("double_two", 10.0, 10.0, Verdict.PASSED),
        TestResult("double_more", 0.0, 5.0, Verdict.WRONG_ANSWER),
    ),
)


def mistakes(said: str) -> str:
    """A course's own catalogue, with this sentence for whoever hands a number back."""
    return (
        f'[[mistake]]\nid = "as-it-came"\ntests = ["double_two"]\nwhat = "{said}"\n'
        'when.calls = [{ function = "double", arguments = [2], returns = 2 }]\n'
    )


def with_points(*points: float) -> SubmissionResult:
    tests = tuple(
        dataclasses.replace(test, score=score) for test, score in zip(ADA.tests, points, strict=True)
    )
    return dataclasses.replace(ADA, tests=tests, score=sum(points))


def test_points_before_and_after_stand_side_by_side() -> None:
    after = with_points(10.0, 5.0)
    merged = dataclasses.replace(after, score=18.0)  # 3 by hand
    found = changes({"ada": ADA}, {"ada": after}, [merged])
    assert found == [Change("ada", 13.0, 18.0, {"double_more": (0.0, 5.0)})]
    assert change_lines(found, 2) == [
        "Points changed for 1 of the 2 graded again:",
        "  ada  13 -> 18  (double_more 0 -> 5)",
    ]
    assert change_table(found) == "student,test,before,after\r\nada,all,13,18\r\nada,double_more,0,5\r\n"


def test_what_a_person_set_has_not_changed_and_a_rejection_has() -> None:
    after = with_points(10.0, 5.0)
    assert changes({"ada": ADA}, {"ada": after}, [with_points(10.0, 2.0)]) == []
    rejected = SubmissionResult("ada", NAME, Status.REJECTED, reason="torn")
    found = changes({"ada": ADA}, {"ada": rejected}, [rejected])
    assert change_lines(found, 1)[1] == "  ada  10 -> none  (double_two 10 -> none, double_more 0 -> none)"
    assert change_lines([], 2) == ["No points changed for the 2 graded again."]
    assert changes({}, {"ada": ADA}, [ADA]) == []


def test_a_corrected_test_is_told_with_its_points_and_the_pages_that_are_old(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    course = make_course(tmp_path)
    hand_in(course, "ada")
    hand_in(course, "bob", "def double(x):\n    return x")
    where = [NAME, "--course", str(tmp_path)]
    assert cli.main(["grade", *where, "--isolation", "none"]) == 0
    assert cli.main(["feedback", *where]) == 0
    assert "Points changed" not in capsys.readouterr().out
    path = course.source(NAME) / f"{NAME}.ipynb"
    path.write_text(
        path.read_text().replace(json.dumps("assert double(2) == 4")[1:-1], "assert double(2) in (2, 4)")
    )
    assert cli.main(["grade", *where, "--isolation", "none"]) == 0
    said = capsys.readouterr().out.splitlines()
    start = said.index("Points changed for 1 of the 2 graded again:")
    assert said[start:] == [
        "Points changed for 1 of the 2 graded again:",
        "  bob  2 -> 12  (double_two 0 -> 10)",
        f"The same as a table: {tmp_path}/reports/{NAME}/changes.csv",
        f"Feedback pages that are now old: bob. Write them again: autograder feedback {NAME}",
    ]
    assert cli.main(["feedback", *where]) == 0
    assert capsys.readouterr().out.startswith("2 feedback pages in ")
    assert cli.main(["feedback", *where]) == 0
    assert (
        f"2 feedback pages in {tmp_path}/feedback, 0 written anew, the others unchanged."
        in capsys.readouterr().out
    )
    course.gradebook.unlink()
    assert cli.main(["grade", *where, "--isolation", "none"]) == 0
    assert (
        f"{course.gradebook} is gone, and with it the points and comments that people gave. It is made "
        "anew from the "
        "results of the tests; put a copy of it back first if you have one.\n"
    ) in capsys.readouterr().err


def test_a_page_is_old_when_only_a_hint_of_the_course_has_changed(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    course = make_course(tmp_path)
    hand_in(course, "ada")
    hand_in(course, "bob", "def double(x):\n    return x")
    own = course.source(NAME) / "mistakes.toml"
    own.write_text(mistakes("Double it."))
    where = [NAME, "--course", str(tmp_path)]
    assert cli.main(["grade", *where, "--isolation", "none"]) == 0
    assert cli.main(["feedback", *where]) == 0
    own.write_text(mistakes("What is twice 2?"))
    capsys.readouterr()
    assert cli.main(["grade", *where, "--isolation", "none"]) == 0
    assert capsys.readouterr().out.splitlines()[-2:] == [
        "No points changed for the 2 graded again.",
        f"Feedback pages that are now old: bob. Write them again: autograder feedback {NAME}",
    ]


def test_who_handed_in_and_who_never_did_is_said(tmp_path: Path) -> None:
    course = make_course(tmp_path)
    for student in ("ada", "bob"):
        hand_in(course, student)
    people = {
        "ada": KnownStudent(listed=True),
        "zoe": KnownStudent("Zoë", listed=True),
        "yan": KnownStudent("Yan"),
    }
    write_collected(course, NAME, people)
    missing = who_is_missing(course, NAME, [ADA])
    assert missing == {"handed in, not graded yet": ["bob"], "never handed in": ["zoe"]}
    assert missing_lines(missing) == ["1 handed in, not graded yet: bob.", "1 never handed in: zoe."]
    assert missing_lines({"never handed in": list("abcdefg")}) == [
        "7 never handed in: a, b, c, d, e and 2 more."
    ]
