"""`autograder gradebook copy`: whole or not at all, from file to file and from file to server and back."""

from __future__ import annotations

import datetime
import itertools
import sqlite3
from collections.abc import Iterator
from pathlib import Path

import pytest
import sqlalchemy

from autograder import cli
from autograder.assignment import load_assignment
from autograder.course import Course
from autograder.course_settings import open_course
from autograder.nbgrader_bridge import copying
from autograder.nbgrader_bridge.book import ClassGradebook, Entry
from autograder.nbgrader_bridge.database import GradebookError
from autograder.nbgrader_bridge.opening import Gradebook
from autograder.verdicts import HandGrade, Status, SubmissionResult, TestResult, Verdict
from tests import postgres_server, small_course
from tests.postgres_server import PostgresServer

STUDENTS = ("ada", "bob", "zoë")
COUNTED = "3 students, 1 assignments, 9 grades, 6 comments"
needs_server = [
    pytest.mark.slow,
    pytest.mark.skipif(bool(postgres_server.missing()), reason=postgres_server.missing()),
]


@pytest.fixture(scope="module")
def graded(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A gradebook with all that people put into one: points, comments, extra days, a due date."""
    course = small_course.make_course(tmp_path_factory.mktemp("graded"))
    tests = (TestResult("double_two", 10.0, 10.0, Verdict.PASSED),)
    with ClassGradebook(course, load_assignment(course, small_course.NAME)) as book:
        for student in STUDENTS:
            hand = (HandGrade("why", None, 4.0),)
            book.write(
                Entry(
                    SubmissionResult(student, "ps1", Status.GRADED, tests=tests, hand_grades=hand),
                    timestamp="2026-02-02 15:00:00 UTC",
                )
            )
    with Gradebook(f"sqlite:///{course.gradebook}", "") as book:
        book.find_assignment("ps1").duedate = datetime.datetime(2026, 2, 2, 14)
        book.find_student("zoë").last_name = "O'Neil; DROP TABLE grade"
        [notebook] = book.find_submission("ps1", "ada").notebooks
        book.find_submission("ps1", "ada").extension = datetime.timedelta(days=1.5)
        for grade in notebook.grades:
            grade.manual_score, grade.extra_credit = 2.5, 0.25
        for comment in notebook.comments:
            comment.manual_comment = "naïve: 4 €\nand more"
        book.db.commit()
    return course.gradebook


@pytest.fixture
def course(graded: Path, tmp_path: Path) -> Course:
    return small_course.make_course(tmp_path / "course", graded)


def contents(url: str) -> dict[str, list[tuple[object, ...]]]:
    """Every row of every table of nbgrader's, by id."""
    engine = sqlalchemy.create_engine(url)
    with engine.connect() as connection:
        found = {
            table.name: sorted(tuple(row) for row in connection.execute(sqlalchemy.select(table)))
            if table.name == "course"
            else sorted((tuple(row) for row in connection.execute(sqlalchemy.select(table))), key=str)
            for table in copying._TABLES
        }
    engine.dispose()
    return found


def test_a_copy_is_the_same_in_every_row_and_the_line_to_set_is_said(
    course: Course, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    there = f"sqlite:///{tmp_path}/there.db"
    assert cli.main(["gradebook", "copy", "--course", str(course.root), "--to", there]) == cli.EXIT_OK
    shown = capsys.readouterr().out.splitlines()
    assert shown[0] == f"{course.gradebook} copied to {tmp_path}/there.db, and counted:"
    assert "  student                      3" in shown
    assert shown[-2:] == ["To use it, set in nbgrader_config.py:", f'  c.CourseDirectory.db_url = "{there}"']
    before, after = contents(f"sqlite:///{course.gradebook}"), contents(there)
    assert after.pop("course") == [("",)]  # assignments name it, a server insists on it
    assert before.pop("course") == []
    assert after == before


def test_a_copy_is_a_gradebook_that_every_verb_goes_on_with(course: Course, tmp_path: Path) -> None:
    copying.copy_gradebook(course, f"sqlite:///{tmp_path}/there.db")
    (course.root / "nbgrader_config.py").write_text(
        f'c = get_config()\nc.CourseDirectory.db_url = "sqlite:///{tmp_path}/there.db"\n'
    )
    moved = open_course(course.root)
    with ClassGradebook(moved, load_assignment(moved, "ps1")) as book:
        assert book.extra_days() == {"ada": 1.5}


def test_progress_counts_every_row(course: Course, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(copying, "_ROWS", 4)
    told: list[tuple[int, int]] = []
    rows = copying.copy_gradebook(
        course, f"sqlite:///{tmp_path}/there.db", progress=lambda *seen: told.append(seen)
    )
    total = sum(rows.values()) - 1  # the course without an id was not there
    assert told[0] == (0, total)
    assert told[-1] == (total, total)
    assert max(late[0] - early[0] for early, late in itertools.pairwise(told)) == 4


def test_a_target_that_holds_something_is_refused_and_stays_until_it_is_to_be_replaced(
    course: Course, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    words = ["gradebook", "copy", "--course", str(course.root), "--to", f"sqlite:///{tmp_path}/there.db"]
    assert cli.main(words) == cli.EXIT_OK
    with sqlite3.connect(tmp_path / "there.db") as database:
        database.execute("UPDATE student SET first_name = 'Kept' WHERE id = 'ada'")
    database.close()
    capsys.readouterr()
    assert cli.main(words) == cli.EXIT_USAGE
    assert capsys.readouterr().err == (
        f"autograder gradebook: {tmp_path}/there.db holds a gradebook already: {COUNTED}. Nothing was "
        "copied. Name an empty database, or add --replace to delete what is there.\n"
    )
    assert ("ada", "Kept") in [row[:2] for row in contents(f"sqlite:///{tmp_path}/there.db")["student"]]
    assert cli.main([*words, "--replace"]) == cli.EXIT_OK
    assert ("ada", None) in [row[:2] for row in contents(f"sqlite:///{tmp_path}/there.db")["student"]]


def test_a_fault_in_the_middle_leaves_the_target_as_it_was(
    course: Course, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    copying.copy_gradebook(course, f"sqlite:///{tmp_path}/there.db")
    before = contents(f"sqlite:///{tmp_path}/there.db")
    counts = iter(range(10**6))
    count = copying._count
    monkeypatch.setattr(copying, "_count", lambda *where: count(*where) + (next(counts) > 30))
    with pytest.raises(GradebookError, match=r"instead of .* Nothing was copied\. Has another program"):
        copying.copy_gradebook(course, f"sqlite:///{tmp_path}/there.db", replace=True)
    assert contents(f"sqlite:///{tmp_path}/there.db") == before


@pytest.mark.parametrize(
    ("address", "said"),
    [
        (
            "sqlite:///gradebook.db",
            "{root}/gradebook.db is this course's gradebook already. --to names another database.",
        ),
        (
            "there.db",
            "--to 'there.db' is no address of a database; one like sqlite:////home/me/course/gradebook.db "
            "is wanted.",
        ),
        (
            "sqlite:///no/such.db",
            "copying {root}/gradebook.db to {root}/no/such.db: no such folder, or no right to write there. "
            "Correct that and try again. Nothing was copied.",
        ),
        (
            "oracle+cx_oracle://me:secret@db/grades",
            "oracle+cx_oracle://me:***@db/grades: the package 'cx_Oracle', which speaks with this database, "
            "is not installed. Install it beside the grader: python -m pip install 'cx_Oracle'",
        ),
    ],
)  # fmt: skip
def test_a_target_that_cannot_be_one_is_told(course: Course, address: str, said: str) -> None:
    with pytest.raises(GradebookError) as caught:
        copying.copy_gradebook(course, address)
    assert str(caught.value) == said.format(root=course.root)


def test_without_a_gradebook_there_is_nothing_to_copy(tmp_path: Path) -> None:
    with pytest.raises(GradebookError) as caught:
        copying.copy_gradebook(small_course.make_course(tmp_path), f"sqlite:///{tmp_path}/there.db")
    assert str(caught.value) == f"{tmp_path}/gradebook.db: there is no gradebook to copy. Grade first."
    assert not (tmp_path / "there.db").exists()


def test_without_its_driver_a_server_is_one_sentence(course: Course, monkeypatch: pytest.MonkeyPatch) -> None:
    def absent(cls: object) -> None:
        raise ModuleNotFoundError("No module named 'psycopg'", name="psycopg")

    dialect = sqlalchemy.make_url("postgresql+psycopg://").get_dialect()
    monkeypatch.setattr(dialect, "import_dbapi", classmethod(absent))
    with pytest.raises(GradebookError) as caught:
        copying.copy_gradebook(course, "postgresql+psycopg://me:secret@db/grades")
    assert str(caught.value) == (
        "postgresql+psycopg://me:***@db/grades: the package 'psycopg', which speaks with this database, "
        "is not installed. Install it beside the grader: python -m pip install 'psycopg[binary]'"
    )


def test_a_gradebook_of_an_older_nbgrader_is_not_copied(course: Course, tmp_path: Path) -> None:
    with sqlite3.connect(course.gradebook) as database:
        database.execute("UPDATE alembic_version SET version_num = '50a4d84c131a'")
    database.close()
    with pytest.raises(GradebookError) as caught:
        copying.copy_gradebook(course, f"sqlite:///{tmp_path}/there.db")
    assert str(caught.value) == (
        f"{course.gradebook}: made by an older nbgrader. Back it up and run `nbgrader db upgrade`."
    )


@pytest.fixture(scope="module")
def server() -> Iterator[PostgresServer]:
    with PostgresServer() as running:
        yield running


class TestWithAServer:
    pytestmark = needs_server

    def test_there_and_back_every_row_is_the_same(
        self, course: Course, server: PostgresServer, tmp_path: Path
    ) -> None:
        copying.copy_gradebook(course, server.url, replace=True)
        before = contents(f"sqlite:///{course.gradebook}") | {"course": [("",)]}
        assert contents(server.url) == before
        there = Course(course.root, db_url=server.url)
        copying.copy_gradebook(there, f"sqlite:///{tmp_path}/back.db")
        assert contents(f"sqlite:///{tmp_path}/back.db") == before

    def test_a_row_that_the_server_does_not_take_is_named_and_nothing_is_copied(
        self, course: Course, server: PostgresServer
    ) -> None:
        copying.copy_gradebook(course, server.url, replace=True)
        before = contents(server.url)
        with sqlite3.connect(course.gradebook) as database:
            database.execute("UPDATE student SET email = ? WHERE id = 'bob'", ("x" * 200,))
        database.close()
        with pytest.raises(GradebookError) as caught:
            copying.copy_gradebook(course, server.url, replace=True)
        assert str(caught.value) == (
            f"{server.url} does not take the row 'bob' of the table 'student': value too long for type "
            "character varying(128). Nothing was copied. Correct it in the gradebook that is copied."
        )
        assert contents(server.url) == before
