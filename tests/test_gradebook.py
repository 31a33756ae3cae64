"""nbgrader's gradebook through `ClassGradebook`, on a small assignment without any notebook being run."""

from __future__ import annotations

import dataclasses
import json
import shutil
import sqlite3
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy.exc import IntegrityError

from autograder.assignment import load_assignment
from autograder.collected import KnownStudent, write_collected
from autograder.course import Course
from autograder.exporters.moodle import feedback_text
from autograder.nbgrader_bridge.book import ClassGradebook, Entry, class_results
from autograder.nbgrader_bridge.database import GradebookError, clear_errors, gradebook_url
from autograder.nbgrader_bridge.opening import Gradebook
from autograder.pages.feedback import feedback_page
from autograder.removed_points import RemovedWork, read_removed, removed_path, removed_sentence
from autograder.storage import StorageError, StoredResult, write_result
from autograder.verdicts import HandGrade, Status, SubmissionResult, TestResult, Verdict

LATE = "2026-02-02 15:00:00 UTC"
DUE = "2026-02-02 14:00:00 UTC"


def cell(source: str, cell_type: str = "code", **nbgrader: Any) -> dict[str, Any]:
    return {
        "cell_type": cell_type,
        "metadata": {"nbgrader": {"schema_version": 3} | nbgrader},
        "source": source,
    }


CELLS = [
    cell("def f(): ...", grade_id="f", solution=True),
    cell("assert f()", grade_id="f_test", grade=True, points=10),
    cell("assert f() == 2", grade_id="f_more", grade=True, points=5),
    cell("Why?", "markdown", grade_id="why", grade=True, solution=True, points=4),
    cell("Draw.", "markdown", grade_id="draw", task=True, points=2),
]


def write_source(root: Path, cells: list[dict[str, Any]]) -> None:
    folder = root / "source" / "ps1"
    folder.mkdir(parents=True, exist_ok=True)
    notebook = {"nbformat": 4, "nbformat_minor": 5, "cells": cells, "metadata": {}}
    (folder / "ps1.ipynb").write_text(json.dumps(notebook), encoding="utf-8")


@pytest.fixture(scope="module")
def empty_gradebook(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A new gradebook, made once: nbgrader starts a program of its own for each."""
    course = Course(tmp_path_factory.mktemp("new"))
    write_source(course.root, CELLS)
    with ClassGradebook(course, load_assignment(course, "ps1")):
        return course.gradebook


@pytest.fixture
def course(tmp_path: Path, empty_gradebook: Path) -> Course:
    write_source(tmp_path, CELLS)
    shutil.copy(empty_gradebook, tmp_path / "gradebook.db")
    return Course(tmp_path)


def opened(course: Course) -> ClassGradebook:
    return ClassGradebook(course, load_assignment(course, "ps1"))


def result(student: str = "ada", first: float = 10.0, second: float = 5.0) -> SubmissionResult:
    return SubmissionResult(
        student,
        "ps1",
        Status.GRADED,
        score=first + second,
        max_score=21.0,
        tests=(
            TestResult("f_test", first, 10.0, Verdict.PASSED),
            TestResult("f_more", second, 5.0, Verdict.PASSED),
        ),
        hand_grades=(HandGrade("why", None, 4.0), HandGrade("draw", None, 2.0)),
    )


def grade_by_hand(course: Course, grade_id: str, **fields: Any) -> None:
    with Gradebook(gradebook_url(course), "") as book:
        grade = book.find_grade(grade_id, "ps1", "ps1", "ada")
        for name, value in fields.items():
            setattr(grade, name, value)
        book.db.commit()


def test_the_assignment_is_registered_as_nbgrader_would(course: Course) -> None:
    with opened(course), Gradebook(gradebook_url(course), "") as book:
        notebook = book.find_notebook("ps1", "ps1")
        assert {item.name: item.max_score for item in notebook.grade_cells} == {
            "f_test": 10,
            "f_more": 5,
            "why": 4,
        }
        assert {item.name for item in notebook.solution_cells} == {"f", "why"}
        assert {item.name for item in notebook.task_cells} == {"draw"}
        assert {item.name for item in notebook.source_cells} == {"f", "f_test", "f_more", "why", "draw"}
        assert notebook.max_score == 21


def test_scores_are_written_and_written_twice_is_written_once(course: Course) -> None:
    with opened(course) as book:
        entry = Entry(result())
        assert not book.agrees(entry)
        book.write(entry)
        book.write(entry)
        assert book.agrees(entry)
        assert book.merged(result()).score == 15.0
    with Gradebook(gradebook_url(course), "") as gradebook:
        assert [submission.student.id for submission in gradebook.assignment_submissions("ps1")] == ["ada"]


def test_an_answer_waits_for_a_person_and_an_untouched_one_does_not(course: Course) -> None:
    with opened(course) as book:
        book.write(Entry(result(), untouched=frozenset({"why", "f"})))
        merged = book.merged(result())
    assert [(hand.grade_id, hand.score, hand.comment) for hand in merged.hand_grades] == [
        ("why", 0.0, "No response."),
        ("draw", None, ""),
    ]


def test_points_given_inside_are_said_in_a_comment_under_the_answer(course: Course) -> None:
    tests = tuple(dataclasses.replace(test, inside=True) for test in result().tests)

    def comment() -> str | None:
        with Gradebook(gradebook_url(course), "") as gradebook:
            found: str | None = gradebook.find_comment("f", "ps1", "ps1", "ada").comment
            return found

    with opened(course) as book:
        book.write(Entry(dataclasses.replace(result(), tests=tests)))
        assert book.merged(result()).comments == {}  # for people who look at the gradebook, not for the page
    assert comment() == (
        "10 points of f_test, 5 points of f_more: given in the student's process, where a result can be "
        "forged."
    )
    with opened(course) as book:
        book.write(Entry(result()))
    assert comment() is None


def test_a_hand_grade_and_a_comment_survive_a_regrade(course: Course) -> None:
    with opened(course) as book:
        book.write(Entry(result()))
    grade_by_hand(course, "why", manual_score=3.0, needs_manual_grade=False)
    with Gradebook(gradebook_url(course), "") as gradebook:
        gradebook.find_comment("why", "ps1", "ps1", "ada").manual_comment = "well seen"
        gradebook.db.commit()
    with opened(course) as book:
        book.write(Entry(result(first=2.0)))
        merged = book.merged(result(first=2.0))
    assert merged.hand_grades[0] == HandGrade("why", 3.0, 4.0, "well seen")
    assert merged.score == 2.0 + 5.0 + 3.0


def test_a_test_that_a_person_overrode_keeps_the_persons_points(course: Course) -> None:
    with opened(course) as book:
        book.write(Entry(result(first=0.0)))
    grade_by_hand(course, "f_test", manual_score=8.0)
    with opened(course) as book:
        book.write(Entry(result(first=0.0)))
        merged = book.merged(result(first=0.0))
    assert merged.tests[0].score == 8.0
    assert merged.tests[0].notes == ("A person set this to 8 points.",)
    assert merged.score == 13.0


def test_a_comment_on_a_code_cell_comes_with_the_result(course: Course) -> None:
    with opened(course) as book:
        book.write(Entry(result()))
    with Gradebook(gradebook_url(course), "") as gradebook:
        gradebook.find_comment("f", "ps1", "ps1", "ada").manual_comment = "Use a **name**."
        gradebook.find_comment("why", "ps1", "ps1", "ada").manual_comment = "well seen"
        gradebook.db.commit()
    with opened(course) as book:
        merged = book.merged(result())
    assert merged.comments == {"f": "Use a **name**."}
    assert SubmissionResult.from_dict(merged.to_dict()) == merged
    page = feedback_page(merged)
    assert "Your grader on your code" in page
    assert "<strong>name</strong>" in page
    assert "f: Use a **name**." in feedback_text(merged)


def test_extra_credit_counts(course: Course) -> None:
    with opened(course) as book:
        book.write(Entry(result()))
    grade_by_hand(course, "f_test", extra_credit=2.0)
    with opened(course) as book:
        assert book.merged(result()).score == 17.0


@pytest.mark.parametrize(
    ("config", "penalty"),
    [
        ("", 0.0),
        ("c.LateSubmissionPlugin.penalty_method = 'zero'", 15.0),
        ("c.AssignLatePenalties.plugin_class = 'late_by_the_hour.ByTheHour'", 3.0),
    ],
)
def test_a_late_penalty_is_what_the_courses_plugin_says(course: Course, config: str, penalty: float) -> None:
    (course.root / "nbgrader_config.py").write_text(f"c = get_config()\n{config}\n")
    (course.root / "late_by_the_hour.py").write_text(
        "from nbgrader.plugins import BasePlugin\n"
        "class ByTheHour(BasePlugin):\n"
        "    def late_submission_penalty(self, student_id, score, total_seconds_late):\n"
        "        return 3 * total_seconds_late / 3600\n"
    )
    opened(course).close()
    with Gradebook(gradebook_url(course), "") as gradebook:
        gradebook.update_or_create_assignment("ps1", duedate=DUE)
    with opened(course) as book:
        book.write(Entry(result(), timestamp=LATE))
        merged = book.merged(result())
        assert (merged.late_seconds, merged.late_penalty, merged.score) == (3600.0, penalty, 15.0 - penalty)
        book.write(Entry(result(), timestamp=DUE))
        assert book.merged(result()).late_penalty == 0.0


def test_a_rejected_submission_withdraws_the_scores_of_an_earlier_one(course: Course) -> None:
    rejected = SubmissionResult("ada", "ps1", Status.REJECTED, reason="empty")
    with opened(course) as book:
        book.write(Entry(rejected))
        assert book.agrees(Entry(rejected))
        book.write(Entry(result()))
        assert not book.agrees(Entry(rejected))
        book.write(Entry(rejected))
        assert book.agrees(Entry(rejected))
        assert book.merged(rejected) == rejected


def test_names_of_a_roster_are_written_where_the_gradebook_has_none(course: Course) -> None:
    with opened(course) as book:
        for student in ("ada", "alan"):
            book.write(Entry(result(student)))
    with Gradebook(gradebook_url(course), "") as gradebook:
        gradebook.update_or_create_student("alan", last_name="T.")
    write_collected(course, "ps1", {
        "ada": KnownStudent("Ada", "Lovelace", "ada@x.edu"),
        "alan": KnownStudent("Alan", "Turing", "alan@x.edu"),
        "grace": KnownStudent("Grace", "Hopper"),
    })  # fmt: skip
    rejected = SubmissionResult("grace", "ps1", Status.REJECTED, reason="empty")
    with opened(course) as book:
        for student in ("ada", "alan"):
            assert not book.agrees(Entry(result(student)))
            book.write(Entry(result(student)))
            assert book.agrees(Entry(result(student)))
        people = [book.merged(one) for one in (result("ada"), result("alan"), rejected)]
    assert [(one.first_name, one.last_name, one.email) for one in people] == [
        ("Ada", "Lovelace", "ada@x.edu"),
        ("", "T.", "alan@x.edu"),
        ("Grace", "Hopper", ""),
    ]


def test_who_was_rejected_is_listed_with_a_name_and_without_a_submission(course: Course) -> None:
    write_collected(course, "ps1", {"grace": KnownStudent("Grace", "Hopper")})
    rejected = SubmissionResult("grace", "ps1", Status.REJECTED, reason="empty")
    with opened(course) as book:
        assert not book.agrees(Entry(rejected))
        book.write(Entry(rejected))
        assert book.agrees(Entry(rejected))
    with Gradebook(gradebook_url(course), "") as gradebook:
        assert gradebook.find_student("grace").last_name == "Hopper"
        assert gradebook.assignment_submissions("ps1") == []


def test_new_points_and_new_words_reach_the_gradebook(course: Course) -> None:
    with opened(course) as book:
        book.write(Entry(result()))
    cells = [*CELLS[:1], cell("assert f() > 0", grade_id="f_test", grade=True, points=12), *CELLS[2:]]
    write_source(course.root, cells)
    with opened(course), Gradebook(gradebook_url(course), "") as gradebook:
        notebook = gradebook.find_notebook("ps1", "ps1")
        assert notebook.max_score == 23
        assert {item.source for item in notebook.source_cells} >= {"assert f() > 0"}


def test_tests_that_come_go_and_weigh_otherwise_keep_what_people_gave(course: Course) -> None:
    more = [*CELLS, cell("assert g()", grade_id="g_test", grade=True, points=1)]
    write_source(course.root, more)
    with opened(course) as book:
        book.write(Entry(result()))
    grade_by_hand(course, "why", manual_score=3.0, needs_manual_grade=False)
    with Gradebook(gradebook_url(course), "") as gradebook:
        gradebook.find_comment("why", "ps1", "ps1", "ada").manual_comment = "well seen"
        gradebook.db.commit()
    weighed = cell("assert f()", grade_id="f_test", grade=True, points=12)
    new = cell("assert h()", grade_id="h_test", grade=True, points=2)
    kept = [item for item in CELLS if item["metadata"]["nbgrader"]["grade_id"] != "f_test"]
    write_source(course.root, [*kept, weighed, new])
    with opened(course) as book:
        book.write(Entry(result(first=12.0)))
        merged = book.merged(result(first=12.0))
    assert merged.hand_grades[0] == HandGrade("why", 3.0, 4.0, "well seen")
    assert merged.score == 12.0 + 5.0 + 3.0
    with Gradebook(gradebook_url(course), "") as gradebook:
        notebook = gradebook.find_submission_notebook("ps1", "ps1", "ada")
        assert {grade.name: grade.max_score for grade in notebook.grades} == {
            "f_test": 12, "f_more": 5, "why": 4, "draw": 2, "h_test": 2,
        }  # fmt: skip


def test_what_a_person_gave_for_a_cell_that_is_gone_is_kept_in_a_table_and_named(course: Course) -> None:
    with opened(course) as book:
        book.write(Entry(result()))
    grade_by_hand(course, "why", manual_score=3.0)
    with Gradebook(gradebook_url(course), "") as gradebook:
        gradebook.find_comment("why", "ps1", "ps1", "ada").manual_comment = "=well, \nseen"
        gradebook.db.commit()
    assert removed_sentence(course, "ps1") == ""
    write_source(course.root, [item for item in CELLS if item["metadata"]["nbgrader"]["grade_id"] != "why"])
    opened(course).close()
    with Gradebook(gradebook_url(course), "") as gradebook:
        notebook = gradebook.find_submission_notebook("ps1", "ps1", "ada")
        assert "why" not in {grade.name for grade in notebook.grades}
    work = [RemovedWork("ada", "ps1", "why", "3", "", "4", "=well, \nseen")]
    assert read_removed(course, "ps1") == work
    opened(course).close()
    assert read_removed(course, "ps1") == work  # not twice
    assert removed_sentence(course, "ps1") == (
        "Points and comments that people gave 1 student for cells that are gone (why) no longer count and "
        f"are kept in {removed_path(course, 'ps1')}. Put the cell back and type them in again, or delete "
        "that file."
    )
    write_source(course.root, CELLS)
    opened(course).close()
    with Gradebook(gradebook_url(course), "") as gradebook:
        assert gradebook.find_grade("why", "ps1", "ps1", "ada").manual_score is None


def test_where_the_table_cannot_be_written_the_gradebook_is_as_it_was(
    course: Course, monkeypatch: pytest.MonkeyPatch
) -> None:
    def full(*arguments: object) -> None:
        raise StorageError("the disk is full")

    with opened(course) as book:
        book.write(Entry(result()))
    grade_by_hand(course, "why", manual_score=3.0)
    write_source(course.root, [item for item in CELLS if item["metadata"]["nbgrader"]["grade_id"] != "why"])
    monkeypatch.setattr("autograder.removed_points.write_whole", full)
    with pytest.raises(StorageError):
        opened(course)
    with Gradebook(gradebook_url(course), "") as gradebook:
        assert gradebook.find_grade("why", "ps1", "ps1", "ada").manual_score == 3.0


def test_a_locked_gradebook_is_said_to_be_locked(course: Course) -> None:
    with opened(course) as book:
        other = sqlite3.connect(course.gradebook)
        other.execute("BEGIN EXCLUSIVE")
        try:
            book._book.db.connection().exec_driver_sql("PRAGMA busy_timeout = 10")
            with pytest.raises(GradebookError, match="another program is writing to the gradebook"):
                book.write(Entry(result()))
        finally:
            other.close()


def test_what_a_student_wrote_is_not_taken_for_words_of_the_database(course: Course) -> None:
    fault = sqlite3.IntegrityError("UNIQUE constraint failed: comment.id")
    written = {"comment": "the connection is closed, database is locked"}
    with (
        pytest.raises(GradebookError, match=r"\(sqlite3\.IntegrityError\) UNIQUE constraint failed") as told,
        clear_errors(course),
    ):
        raise IntegrityError("INSERT INTO comment VALUES (:comment)", written, fault)
    assert not told.value.may_pass


def test_a_file_that_is_no_gradebook_is_said_to_be_none(course: Course) -> None:
    course.gradebook.write_bytes(b"this is not SQLite at all" * 100)
    with pytest.raises(GradebookError, match="this is not an SQLite file"):
        opened(course)


def test_class_results_merges_what_is_stored_with_what_people_gave(course: Course) -> None:
    stored = result()
    write_result(course, "ps1", StoredResult(stored))
    assert class_results(course, "ps1") == [stored]
    with opened(course) as book:
        book.write(Entry(stored))
    grade_by_hand(course, "why", manual_score=4.0)
    (merged,) = class_results(course, "ps1")
    assert merged == dataclasses.replace(
        stored, score=19.0, hand_grades=(HandGrade("why", 4.0, 4.0), HandGrade("draw", None, 2.0))
    )


def test_the_course_id_of_the_configuration_is_used(course: Course) -> None:
    (course.root / "nbgrader_config.py").write_text("c = get_config()\nc.CourseDirectory.course_id = 'nn'\n")
    opened(course).close()
    with Gradebook(gradebook_url(course), "nn") as gradebook:
        assert gradebook.find_assignment("ps1").course_id == "nn"
