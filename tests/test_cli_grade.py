"""The verb `grade`: what it prints, writes and exits with. The run itself is replaced here."""

from __future__ import annotations

import dataclasses
import json
from pathlib import Path
from typing import Any

import pytest

from autograder import class_run, cli
from autograder.cli import grade as verb
from autograder.cli import run_display
from autograder.course import CourseError
from autograder.verdicts import HandGrade, Status, SubmissionResult, TestResult, Verdict

ADA = SubmissionResult(
    "ada", "ps1", Status.GRADED, score=15.0, max_score=19.0, seconds=0.84, isolation="full",
    tests=(TestResult("a_shapes", 15.0, 15.0, Verdict.PASSED),),
    hand_grades=(HandGrade("why", None, 4.0),),
)  # fmt: skip
NOTE = "Keys shifted by one (W0 ...)."
ALAN = SubmissionResult(
    "alan", "ps1", Status.GRADED, score=3.5, max_score=19.0, seconds=1.0, isolation="full", reused=True,
    tests=(
        TestResult("a_shapes", 0.0, 15.0, Verdict.RAISED, misconception="keys-shifted", teacher_note=NOTE),
        TestResult("a_values", 0.0, 0.5, Verdict.RAISED, misconception="keys-shifted", teacher_note=NOTE),
        *(TestResult(f"{name}_values", 0.0, 0.5, Verdict.TIMEOUT) for name in "bcd"),
        TestResult("a_seed", 3.5, 4.0, Verdict.PARTIAL),
    ),
    late_penalty=1.0,
)  # fmt: skip
GRACE = SubmissionResult("grace", "ps1", Status.REJECTED, reason="The file\nis empty.")


@pytest.fixture
def options(monkeypatch: pytest.MonkeyPatch) -> list[Any]:
    """The run is replaced by these three results; what it was asked for is remembered."""
    asked: list[Any] = []

    def run(course: Any, assignment: str, options: Any, progress: Any) -> list[SubmissionResult]:
        asked.append((course.root, assignment, options))
        progress(class_run.Progress(1, 3, 0, 2.0, rate=0.5, seconds_left=4.0, last=ADA))
        return [ADA, ALAN, GRACE]

    monkeypatch.setattr(class_run, "grade", run)
    return asked


def test_one_line_a_student_with_points_time_and_each_finding_once(
    options: list[Any], capsys: pytest.CaptureFixture[str]
) -> None:
    code = cli.main(["grade", "ps1", "--course", "here", "--isolation", "full"])
    assert capsys.readouterr().out == (
        "ada        15/19    0.8 s  4 points by hand\n"
        "alan      3.5/19     kept  keys shifted by one (W0 ...) (a_shapes, a_values); took too long "
        "(3 tests); partly right (a_seed); late: 1 points off\n"
        "grace          -    0.0 s  rejected: The file is empty.\n"
        "2 graded, 1 rejected (1 of these kept from before). Isolation: full.\n"
    )
    assert code == 1


def test_ids_of_findings_are_told_with_v(options: list[Any], capsys: pytest.CaptureFixture[str]) -> None:
    cli.main(["grade", "ps1", "--course", "here", "--isolation", "full", "-v"])
    said = "keys-shifted (a_shapes, a_values); timeout (3 tests); partial (a_seed); late: 1 points off"
    assert said in capsys.readouterr().out


@pytest.mark.parametrize(
    ("note", "said"),
    [
        ("NaN or infinity among the values.", "NaN or infinity among the values (every test)"),
        ("W has a wrong shape.", "W has a wrong shape (every test)"),
        ("A wrong shape.", "a wrong shape (every test)"),
        ("np.float was removed.", "np.float was removed (every test)"),
        ("'W' + l without str.", "'W' + l without str (every test)"),
    ],
)
def test_findings_are_told_in_words_that_fit_the_line(note: str, said: str) -> None:
    tests = tuple(TestResult(name, 0.0, 1.0, Verdict.RAISED, teacher_note=note) for name in "abc")
    result = dataclasses.replace(ALAN, tests=tests, late_penalty=0.0)
    assert run_display.reason(result) == said


def test_the_last_line_says_what_nobody_looked_at(
    options: list[Any], tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / "submitted" / "eve" / "PS1").mkdir(parents=True)
    words = ["grade", "ps1", "--course", str(tmp_path), "--json", str(tmp_path / "grades.json")]
    cli.main(words)
    last = capsys.readouterr().out.splitlines()[-1]
    assert last == "Ignored because of their location: submitted/eve/PS1 (is ps1 meant?)."
    assert "PS1" not in (tmp_path / "grades.json").read_text()
    cli.main([*words, "--student", "ada"])
    assert "Ignored" not in capsys.readouterr().out


@pytest.mark.parametrize(
    ("running", "last", "shown"),
    [
        ((), None, "warming up"),
        (("ada", "alan"), None, "grading ada, alan"),
        (("ada", "alan", "grace"), ADA, "grading 3 at a time"),
        (("grace",), ADA, "grading grace"),
        ((), ADA, "writing grades"),
    ],
)
def test_the_bar_says_whom_one_waits_for(
    running: tuple[str, ...], last: SubmissionResult | None, shown: str
) -> None:
    assert run_display.doing(class_run.Progress(1, 3, 0, 2.0, last=last, running=running)) == shown


def test_the_exit_code_is_zero_when_all_are_graded_and_hand_grading_is_open(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(class_run, "grade", lambda *arguments: [ADA])
    assert cli.main(["grade", "ps1"]) == 0


def test_the_words_reach_the_run(options: list[Any]) -> None:
    words = ["grade", "ps1", "--course", "c", "--student", "ada", "--student", "alan", "--workers", "3"]
    cli.main([*words, "--isolation", "none", "--force", "--show-hidden"])
    ((root, assignment, asked),) = options
    assert (root, assignment) == (Path("c"), "ps1")
    assert asked == class_run.Options(("ada", "alan"), 3, "none", force=True, show_hidden=True)


def test_json_holds_every_student_in_the_agreed_form(options: list[Any], tmp_path: Path) -> None:
    path = tmp_path / "out" / "grades.json"
    cli.main(["grade", "ps1", "--json", str(path)])
    document = json.loads(path.read_text(encoding="utf-8"))
    assert (document["schema_version"], document["assignment"]) == (1, "ps1")
    ada, alan, grace = document["submissions"]
    wanted = {"student", "status", "reason", "score", "max_score", "needs_manual_grade", "seconds"}
    assert wanted | {"isolation", "reused", "tests"} <= set(ada)
    assert (ada["needs_manual_grade"], ada["reused"], ada["score"]) == (True, False, 15.0)
    first = alan["tests"][0]
    assert (first["grade_id"], first["score"], first["max_score"]) == ("a_shapes", 0.0, 15.0)
    assert (first["verdict"], first["message"], first["misconception"]) == ("raised", "", "keys-shifted")
    assert (grace["status"], grace["score"], grace["reason"]) == ("rejected", None, "The file\nis empty.")


def test_a_fault_of_the_set_up_is_two_and_one_sentence_on_stderr(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    def refuse(*arguments: Any) -> None:
        raise CourseError("nothing to grade.")

    monkeypatch.setattr(class_run, "grade", refuse)
    assert cli.main(["grade", "ps1", "--isolation", "full"]) == 2
    assert capsys.readouterr().err == "autograder grade: nothing to grade.\n"


def test_a_weaker_tier_is_announced(options: list[Any], capsys: pytest.CaptureFixture[str]) -> None:
    cli.main(["grade", "ps1", "--isolation", "none"])
    assert capsys.readouterr().err.startswith("Isolation none: students' code runs with your rights.")


@pytest.mark.parametrize("words", [["--workers", "0"], ["--isolation", "some"], []])
def test_wrong_words_are_two(words: list[str], capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit) as stopped:
        cli.main(["grade", *(["ps1", *words] if words else [])])
    assert stopped.value.code == 2
    assert "usage: autograder grade" in capsys.readouterr().err


def test_ctrl_c_is_said_to_have_kept_what_was_finished(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    def interrupted(*arguments: Any) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr(class_run, "grade", interrupted)
    assert cli.main(["grade", "ps1"]) == 130
    assert "What was finished is kept" in capsys.readouterr().err


def test_help_teaches_with_an_example(capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit):
        cli.main(["grade", "--help"])
    shown = capsys.readouterr().out
    assert "autograder grade initialization --course ~/course --json grades.json" in shown
    assert verb.__doc__ is not None
