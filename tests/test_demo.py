"""The demo: from nothing to a graded class, and what it refuses."""

from __future__ import annotations

import dataclasses
import types
from pathlib import Path

import pytest

from autograder import cli, demo
from autograder.cli import demo as demo_verb
from autograder.course import CourseError
from autograder.demo import ExampleClass, build_course, find_example_class
from autograder.verdicts import Status, SubmissionResult, TestResult, Verdict

ROOT = Path(__file__).resolve().parents[1]
# What nbgrader's libraries warn of on the way to the gradebook; ours are errors still.
pytestmark = [
    pytest.mark.filterwarnings("ignore::sqlalchemy.exc.SAWarning"),
    pytest.mark.filterwarnings("ignore::DeprecationWarning"),
]


def _small(*names: str) -> ExampleClass:
    """The example class with these students only."""
    whole = find_example_class(ROOT)
    few = types.SimpleNamespace(**vars(whole.module))
    few.CLASS = tuple(student for student in whole.module.CLASS if student.name in names)
    few.write_class = lambda released, course: whole.module.write_class(released, course, few.CLASS)
    return dataclasses.replace(whole, module=few)


def _graded(example: ExampleClass) -> list[SubmissionResult]:
    """Results as the grader would give them, all as expected."""
    results = []
    for student in example.module.CLASS:
        if student.rejected:
            results.append(SubmissionResult(student.name, demo.ASSIGNMENT, Status.REJECTED, "cut off"))
            continue
        tests = tuple(
            TestResult(name, points, points, Verdict.PASSED if points else Verdict.WRONG_ANSWER)
            for name, points in example.module.expected_scores(student).items()
        )
        results.append(SubmissionResult(student.name, demo.ASSIGNMENT, Status.GRADED, tests=tests))
    return results


def test_the_course_has_source_settings_release_and_submissions(tmp_path: Path) -> None:
    course = build_course(_small("ada", "zoe"), tmp_path / "course")
    assert sorted(path.name for path in course.root.iterdir()) == [
        ".autograder-demo",
        "nbgrader_config.py",
        "release",
        "source",
        "submitted",
    ]
    assert course.students("initialization") == ["ada", "zoe"]
    released = course.release("initialization") / "initialization.ipynb"
    assert released.read_bytes() == (ROOT / "release/initialization/initialization.ipynb").read_bytes()


def test_a_second_demo_clears_the_first(tmp_path: Path) -> None:
    build_course(_small("ada"), tmp_path / "course")
    course = build_course(_small("zoe"), tmp_path / "course")
    assert course.students("initialization") == ["zoe"]


def test_a_folder_that_is_not_a_demo_is_left_alone(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / "thesis.tex").write_text("years of work")
    assert cli.main(["demo", "--into", str(tmp_path)]) == cli.EXIT_USAGE
    assert capsys.readouterr().err == (
        f"autograder demo: {tmp_path} exists and was not made by the demo; it is left alone. "
        "Name another: --into DIR\n"
    )
    assert (tmp_path / "thesis.tex").read_text() == "years of work"


def test_without_the_clone_the_demo_says_what_it_needs(tmp_path: Path) -> None:
    with pytest.raises(CourseError, match="the demo needs a clone of the repository"):
        find_example_class(tmp_path)


def test_every_kind_of_surprise_is_named() -> None:
    example = _small("ada", "benoit", "chandra", "iris")
    ada, benoit, _chandra, iris = _graded(example)
    assert example.surprises(_graded(example)) == []
    worse = dataclasses.replace(ada.tests[0], score=0.0)
    results = [
        dataclasses.replace(ada, tests=(worse, *ada.tests[1:])),
        dataclasses.replace(benoit, status=Status.INTERNAL_ERROR, reason="disk full"),
        dataclasses.replace(iris, status=Status.GRADED),
    ]
    assert example.surprises(results) == [
        "ada has 0.0 points for zeros_shapes, expected 5.0",
        "benoit is internal-error, expected graded: disk full",
        "chandra was not graded",
        "iris is graded, expected rejected: cut off",
    ]


UNIFORM = "Uniform instead of normal numbers."


def test_the_table_counts_each_finding_once() -> None:
    example = _small("ada")
    tests = [
        TestResult(
            "he_values", 0.0, 20.0, Verdict.WRONG_ANSWER, misconception="rand-for-randn", teacher_note=UNIFORM
        ),
        TestResult(
            "random_values",
            0.0,
            15.0,
            Verdict.WRONG_ANSWER,
            misconception="rand-for-randn",
            teacher_note=UNIFORM,
        ),
        TestResult("he_seed", 0.0, 10.0, Verdict.TIMEOUT),
    ]
    result = SubmissionResult(
        "ada", demo.ASSIGNMENT, Status.GRADED, score=35.0, max_score=100.0, tests=tuple(tests)
    )
    assert demo_verb.table(example, [result]) == [
        "student  points  handed in                       the grader says",
        "ada      35/100  right, as the release suggests  "
        "uniform instead of normal numbers (he_values, random_values); took too long (he_seed)",
    ]


def test_the_demo_grades_a_class_and_says_where_everything_lies(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(demo_verb, "find_example_class", lambda clone: _small("ada", "zoe", "iris"))
    root = tmp_path / "course"
    assert cli.main(["demo", "--into", str(root)]) == cli.EXIT_OK
    lines = capsys.readouterr().out.splitlines()
    assert lines[0] == f"A course in {root}: 3 submissions of initialization, from its release."
    assert "2 graded, 1 rejected." in lines[-1]
    assert lines[-1].endswith("every score is as expected.")
    said = "sqrt(1/n_prev), Xavier's factor (he_values); 20 points by hand"
    assert any(line.startswith("zoe") and line.endswith(said) for line in lines)
    assert (root / "feedback" / "zoe" / "initialization" / "initialization.html").is_file()
    assert (root / "reports" / "initialization" / "report.html").is_file()
    assert (root / "gradebook.db").is_file()


@pytest.mark.slow
def test_the_whole_class_gets_the_expected_scores_from_the_engine(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert cli.main(["demo", "--into", str(tmp_path / "course")]) == cli.EXIT_OK
    assert "34 graded, 1 rejected." in capsys.readouterr().out.splitlines()[-1]
