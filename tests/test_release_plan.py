"""`release` grades the instructor's own notebook first: what it says of the tests, and what it refuses."""

from __future__ import annotations

from pathlib import Path

import pytest

from autograder import cli
from autograder.grading.test_plan import Place, Plan, TestPlan
from tests.small_course import NAME, make_course

INSIDE = TestPlan("double_two", Place.INSIDE, "`double` is a class")
WRONG = TestPlan("double_more", Place.NEITHER, "wrong-answer: A check failed")


def released(
    root: Path, plan: Plan, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], *words: str
) -> tuple[int, str, str]:
    course = make_course(root)
    monkeypatch.setattr("autograder.cli.release.plan_of", lambda *args, **more: plan)
    code = cli.main(["release", NAME, "--course", str(root), *words])
    shown = capsys.readouterr()
    return code, shown.out.replace(str(course.release(NAME)), "RELEASE"), shown.err


def test_what_the_plan_says_stands_under_the_release(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    plan = Plan((INSIDE,), is_proved=True, unearned=("double_two gives 1 of 10 points.",))
    code, out, _ = released(tmp_path, plan, monkeypatch, capsys)
    assert (code, out) == (
        cli.EXIT_OK,
        "RELEASE written (1 file).\n"
        "ps1: double_two gives 1 of 10 points.\n"
        "ps1: 1 of 1 tests runs in the student's process, where a result can be forged: double_two (`double` "
        "is a class).\n",
    )


def test_what_the_instructors_own_solution_does_not_pass_is_released_only_on_request(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    code, out, err = released(tmp_path / "a", Plan((WRONG,)), monkeypatch, capsys)
    assert (code, out) == (cli.EXIT_USAGE, "")
    assert err == (
        "autograder release: ps1: double_more does not give your own solution full points: wrong-answer: A "
        "check failed. Correct the test, or the solution; no student can pass it. Not released; --anyway "
        "does it all the same.\n"
    )
    code, out, _ = released(tmp_path / "b", Plan((WRONG,)), monkeypatch, capsys, "--anyway")
    assert code == cli.EXIT_OK
    assert out.startswith("RELEASE written (1 file).\nps1: double_more does not give your own solution")


def test_the_small_course_is_proved_in_a_sandbox(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    make_course(tmp_path)
    assert cli.main(["release", NAME, "--course", str(tmp_path)]) == cli.EXIT_OK
    assert capsys.readouterr().out.splitlines()[1:] == [
        "ps1: Your own solution gets full points, and all 2 tests run outside the student's process."
    ]
