"""`benchmarks.foreign`: the courses are what their files say, and the page tells what differs."""

from __future__ import annotations

import dataclasses
import itertools
import json
import re
from pathlib import Path

import pytest

from benchmarks import foreign_course
from benchmarks.foreign import Compared, Larger, main, page_of
from benchmarks.foreign_course import CourseFileError, course_names, read_courses
from benchmarks.installed import environment
from benchmarks.process_tree import Cost

EVERY = read_courses(course_names())


def test_the_courses_are_of_different_kinds() -> None:
    assert course_names() == [
        "files", "objects", "parts", "plots", "recursion", "tables", "vectors", "words", "written",
    ]  # fmt: skip
    assert {course.name for course in EVERY if len(course.notebooks) > 1} == {"parts"}
    assert {course.name for course in EVERY if course.has_autotests} == {"written"}
    assert {course.name for course in EVERY if course.files} == {"files", "tables"}


@pytest.mark.parametrize("course", EVERY, ids=course_names())
def test_a_class_of_eight_has_right_wrong_and_untouched_submissions(
    course: foreign_course.ForeignCourse,
) -> None:
    kinds = [name.split("-")[1] for name, _ in itertools.islice(course.students(), 8)]
    assert {"solution", "right", "wrong", "untouched"} == set(kinds)
    assert kinds[0] == "solution"


def test_a_solution_has_no_marks_left_and_an_untouched_release_changes_nothing() -> None:
    [course] = read_courses(["parts"])
    students = dict(itertools.islice(course.students(), 5))
    assert list(students["s01-solution"]) == ["digits", "sort"]
    assert "###" not in "".join(students["s01-solution"].values())
    assert students["s05-untouched"] == {}


def test_an_instructors_notebook_has_nbgraders_cells_and_the_files_lie_beside_it(tmp_path: Path) -> None:
    [course] = read_courses(["tables"])
    course.write_source(tmp_path)
    folder = tmp_path / "source" / "tables"
    assert sorted(path.name for path in folder.iterdir()) == ["rain.csv", "tables.ipynb"]
    cells = json.loads((folder / "tables.ipynb").read_text(encoding="utf-8"))["cells"]
    flags = [cell["metadata"]["nbgrader"] for cell in cells]
    assert [(flag["grade_id"], flag.get("points")) for flag in flags if flag["grade"]] == [
        ("read_rows", 2), ("totals_order", 2), ("totals_values", 3), ("wettest_row", 2),
    ]  # fmt: skip


def test_a_handed_in_notebook_is_the_release_with_the_students_answers(tmp_path: Path) -> None:
    [course] = read_courses(["words"])
    course.write_source(tmp_path)
    (tmp_path / "source").rename(tmp_path / "release")
    course.hand_in(tmp_path, 6)
    students = sorted(path.name for path in (tmp_path / "submitted").iterdir())
    assert students[3:] == ["s04-wrong-primes", "s05-wrong-initials", "s06-untouched"]
    path = tmp_path / "submitted" / "s04-wrong-primes" / "words" / "words.ipynb"
    cells = {
        cell["metadata"]["nbgrader"]["grade_id"]: cell["source"]
        for cell in json.loads(path.read_text(encoding="utf-8"))["cells"]
    }
    assert cells["primes"].startswith("def primes(limit):\n    return [n")
    assert cells["average_of_three"].startswith("assert average([1, 2, 6]) == 3")


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("# T\n=== quiz one\nx\n", "odd.txt has the block quiz 'one'; the kinds and their words are"),
        ("# T\n=== test one\nx\n", "odd.txt has the block test 'one'; the kinds and their words are"),
        ("# T\n=== variant wrong f\nx\n", "odd.txt has variants of f: no such answer."),
    ],
)
def test_a_file_of_another_form_is_refused(
    text: str, told: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "odd.txt").write_text(text, encoding="utf-8")
    monkeypatch.setattr(foreign_course, "FOLDER", tmp_path)
    with pytest.raises(CourseFileError, match=told):
        read_courses(["odd"])


def test_a_course_that_is_not_there_is_named(capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit):
        main(["words", "poems"])
    assert "no course poems; there are files, objects, parts," in capsys.readouterr().err


def compared(theirs: float, ours: float, *differing: str) -> Compared:
    costs = [Cost(0, "", wall=2 * cpu, cpu=cpu, source="cgroup") for cpu in (theirs, ours)]
    return Compared("Words", 4, costs[0], costs[1], 20, list(differing))


def test_the_page_has_costs_of_a_submission_their_ratios_and_the_median() -> None:
    page = page_of([compared(12, 3), compared(8, 4), compared(9, 3)], "full", "python -m x", 0.5)
    assert "| Words | 20 | 20 | 3.00 | 0.75 | 4.0 | 6.00 | 1.50 | 4.0 |" in page
    assert "median 3.0 in a class of 4. Wanted: 3. Points: 60 of 60 test cells are equal." in page
    assert "The machine had a load of 0.5 when it began" in " ".join(page.split())


def test_a_larger_class_has_columns_and_a_median_of_its_own() -> None:
    one = compared(12, 3)
    many = Larger(40, 100.0, Cost(0, "", wall=30.0, cpu=20.0, source="cgroup"))
    page = page_of([dataclasses.replace(one, larger=many)], "full", "python -m x", 0.5)
    assert "| ratio | CPU s each of 40, nbgrader | CPU s each of 40, ours | ratio |\n" in page
    assert "| 3.00 | 0.75 | 4.0 | 6.00 | 1.50 | 4.0 | 2.50 | 0.50 | 5.0 |\n" in page
    assert "median 4.0 in a class of 4, 5.0 in a class of 40. Wanted: 3." in page
    assert "nbgrader, which takes a submission after another" in " ".join(page.split())


def test_the_page_names_each_test_cell_with_other_points() -> None:
    page = page_of([compared(12, 3, "words, s01, words, t: nbgrader 2.0, ours 0.0")], "full", "x", 0.0)
    assert (
        "Points: 19 of 20 test cells are equal.\n\n- words, s01, words, t: nbgrader 2.0, ours 0.0\n" in page
    )


def test_what_is_measured_may_keep_its_bytecode(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PYTHONDONTWRITEBYTECODE", "1")
    assert "PYTHONDONTWRITEBYTECODE" not in environment()


def test_the_figures_of_the_manual_are_those_of_the_page() -> None:
    root = Path(__file__).resolve().parents[1]
    measured = (root / "benchmarks" / "foreign.md").read_text(encoding="utf-8")
    manual = (root / "docs" / "any-course.md").read_text(encoding="utf-8")
    told = " ".join(manual.split("## What it costs")[1].split("\n## ")[0].split())
    flat = " ".join(measured.split())
    ratios = re.findall(r"^\|(?:[^|]*\|){5} (\d+\.\d) \|", measured, re.MULTILINE)
    median = re.findall(r"median (\d+\.\d)", flat)
    assert re.findall(r"takes (\d+\.\d) times", told) == median
    of_thirty = r"(\d+\.\d) in a class of 30"
    assert re.findall(of_thirty, told) == re.findall(of_thirty, flat)
    span = (min(ratios, key=float), max(ratios, key=float))
    assert re.findall(r"\(median; (\d+\.\d) to (\d+\.\d)\)", told) == [span]
    assert re.findall(r"(\d+ of \d+) test cells", told) == re.findall(r"(\d+ of \d+) test cells", flat)
