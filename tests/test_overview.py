"""The page over all assignments: averages by hand, what is missing named, the page whole, the table safe."""

from __future__ import annotations

import dataclasses
import shutil
from pathlib import Path

import pytest

from autograder.cli import main
from autograder.course import Course
from autograder.exporters.tables import read_table
from autograder.pages.class_summary import summarize
from autograder.pages.overview import overview_page, overview_table, summarize_course
from autograder.storage import StoredResult, write_result
from tests.example_results import ada, alan, grace, small_class
from tests.html_checks import Page, problems

ROOT = Path(__file__).resolve().parents[1]


def course_summary():
    second = [dataclasses.replace(ada(), assignment="deeper-nets", score=20.0)]
    missing = {"never handed in": ["alan"], "handed in, not graded yet": ["zoe"]}
    return summarize_course(
        [
            summarize("initialization", [ada(), alan(), grace()]),
            summarize("deeper-nets", second, missing=missing),
            summarize("week3", []),
        ],
        "Networks",
    )


def test_averages_count_what_has_a_score_and_name_what_has_none() -> None:
    summary = course_summary()
    by_id = {student.student: student for student in summary.students}
    assert list(by_id) == ["ada", "alan", "grace", "zoe"]
    assert by_id["ada"].average == pytest.approx((48 / 80 + 20 / 80) / 2)
    assert (by_id["ada"].count_missing, by_id["ada"].waiting) == (0, 2)
    assert (by_id["alan"].average, by_id["alan"].count_missing) == (1.0, 1)
    assert (by_id["grace"].average, by_id["grace"].count_missing) == (None, 1)  # rejected
    assert (by_id["zoe"].average, by_id["zoe"].count_missing) == (None, 1)
    assert summary.average == pytest.approx((0.425 + 1.0) / 2)


def test_the_page_says_who_what_average_missing_and_open_hand_grading() -> None:
    page = overview_page(course_summary())
    assert problems(page) == []
    words = Page(page).words
    assert "3 assignments, 4 students. Scores are provisional: 2 submissions wait for hand grading." in words
    assert "Ada Lovelace ada 42 % 0 open 48 of 80 open 20 of 80" in words
    assert "Alan Turing alan 100 % 1 80 of 80 never handed in" in words
    assert "grace – 1 rejected –" in words
    assert "zoe – 1 – handed in, not graded yet" in words
    assert "Week3 Nothing handed in yet." in words
    assert 'href="deeper-nets/report.html"' in page


def test_every_cell_carries_its_columns_name_for_narrow_screens() -> None:
    cells = Page(overview_page(course_summary())).all("td")
    named = [cell for cell in cells if "colspan" not in cell and "wide" not in cell["class"]]
    assert all(cell.get("data-label") for cell in named)


def test_nothing_that_a_student_wrote_runs_in_the_page_or_the_table() -> None:
    hostile = "=cmd|'<script>alert(1)</script>'!A0"
    result = dataclasses.replace(ada(), student=hostile, first_name=hostile, last_name="")
    summary = summarize_course([summarize("initialization", [result])], hostile)
    assert problems(overview_page(summary)) == []
    assert len(Page(overview_page(summary)).all("script")) == 1
    table = overview_table(summary)
    assert not table.splitlines()[1].startswith("=")
    assert read_table(table)[1][0] == hostile


def test_report_without_an_assignment_writes_the_overview_and_every_report(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    for name in ("initialization", "deeper"):
        shutil.copytree(ROOT / "source" / name, tmp_path / "source" / name)
    course = Course(tmp_path)
    for result in small_class():
        write_result(course, "initialization", StoredResult(result))
    course.submitted("ada", "deeper").mkdir(parents=True)
    assert main(["report", "--course", str(tmp_path)]) == 0
    assert capsys.readouterr().out.splitlines() == [
        f"{tmp_path / 'reports' / 'course.html'}: 2 assignments, 4 students.",
        "deeper: 1 handed in, not graded yet: ada.",
        "initialization: 4 submissions, 2 graded, mean 64.0 of 80; 1 open by hand.",
    ]
    written = sorted(
        str(path.relative_to(tmp_path / "reports")) for path in (tmp_path / "reports").rglob("*.*")
    )
    assert [name for name in written if name.endswith("html")] == [
        "course.html",
        "initialization/report.html",
    ]
    assert read_table((tmp_path / "reports" / "course.csv").read_text("utf-8"))[0][:4] == [
        "student", "name", "deeper", "initialization",
    ]  # fmt: skip


def test_a_course_without_an_assignment_is_told_the_next_step(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / "source").mkdir()
    assert main(["report", "--course", str(tmp_path)]) == 2
    assert "`autograder new` makes one." in capsys.readouterr().err
