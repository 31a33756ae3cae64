"""The course's own settings are obeyed, and what cannot be followed is refused by its name."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from nbgrader.api import Gradebook

from autograder import cli
from autograder.course import Course, CourseError
from autograder.course_settings import course_config, notebook_settings, open_course
from autograder.grading.defaults import course_limits
from autograder.grading.test_plan import Plan
from autograder.marks import marks_of
from autograder.nbgrader_bridge.database import (
    GradebookError,
    gradebook_exists,
    gradebook_name,
    gradebook_url,
    other_gradebook,
)
from tests import small_course


@pytest.fixture(autouse=True)
def _nothing_planned(monkeypatch: pytest.MonkeyPatch) -> None:
    """The instructor's own run has its own tests."""
    monkeypatch.setattr("autograder.cli.release.plan_of", lambda *args, **more: Plan())


FOLDERS = """\
c = get_config()
c.CourseDirectory.source_directory = "masters"
c.CourseDirectory.release_directory = "handouts/2026"
c.CourseDirectory.submitted_directory = "collected"
c.CourseDirectory.autograded_directory = "marked"
c.CourseDirectory.feedback_directory = "returned"
c.CourseDirectory.db_url = "sqlite:///grades/all.db"
"""


def configured(root: Path, text: str) -> Course:
    root.mkdir(exist_ok=True)
    (root / "nbgrader_config.py").write_text(text)
    return open_course(root)


def test_every_verb_uses_the_folders_and_the_gradebook_that_the_configuration_names(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    root = tmp_path / "course"
    small_course.make_course(root)
    (root / "source").rename(root / "masters")
    (root / "grades").mkdir()
    course = configured(root, FOLDERS)
    small_course.hand_in(course, "ada")
    monkeypatch.chdir(tmp_path)  # the address is relative to the course, not to where a person stands
    where = ["ps1", "--course", str(root)]
    assert cli.main(["release", *where]) == 0
    assert cli.main(["grade", *where, "--isolation", "none"]) == 0
    for verb in ("feedback", "report"):
        assert cli.main([verb, *where]) == 0
    assert cli.main(["export", "csv", *where]) == 0
    for path in (
        "handouts/2026/ps1/ps1.ipynb",
        "marked/ada/ps1/ps1.ipynb",
        "returned/ada/ps1/ps1.html",
        "grades/all.db",
    ):
        assert (root / path).is_file(), path
    for name in ("source", "release", "submitted", "autograded", "feedback", "gradebook.db"):
        assert not (root / name).exists(), name
    with Gradebook(f"sqlite:///{root}/grades/all.db", "") as book:
        assert [student.id for student in book.students] == ["ada"]
    assert f"1 feedback page in {root / 'returned'}." in capsys.readouterr().out


def test_a_folder_may_lie_outside_the_course(tmp_path: Path) -> None:
    course = configured(
        tmp_path / "course", f"c = get_config()\nc.CourseDirectory.submitted_directory = '{tmp_path}/inbox'\n"
    )
    small_course.hand_in(course, "ada")
    (tmp_path / "inbox" / "loose.ipynb").write_text("{}")
    assert course.students("ps1") == ["ada"]
    assert course.misplaced("ps1") == [
        f"{tmp_path}/inbox/loose.ipynb (only {tmp_path}/inbox/STUDENT/ps1/ is)"
    ]


@pytest.mark.parametrize(
    ("setting", "said"),
    [
        (
            "root = '/elsewhere'",
            "c.CourseDirectory.root = '/elsewhere', which is another folder. Name that one: --course "
            "/elsewhere",
        ),
        (
            "directory_structure = '{student_id}/{nbgrader_step}/{assignment_id}'",
            "this program knows '{nbgrader_step}/{student_id}/{assignment_id}' only. Take that line out, "
            "or name "
            "the folders one by one: c.CourseDirectory.submitted_directory and the others.",
        ),
        ("feedback_directory = ''", "c.CourseDirectory.feedback_directory = ''; a folder's name is wanted."),
        ("db_url = 3", "c.CourseDirectory.db_url = 3; an address is wanted."),
    ],
)
def test_a_setting_that_cannot_be_followed_is_refused_by_its_name(
    setting: str, said: str, tmp_path: Path
) -> None:
    with pytest.raises(CourseError) as caught:
        configured(tmp_path, f"c = get_config()\nc.CourseDirectory.{setting}\n")
    assert str(caught.value).startswith(f"{tmp_path}/nbgrader_config.py sets c.CourseDirectory.")
    assert str(caught.value).endswith(said)


def test_the_courses_own_folder_and_structure_may_be_spelled_out(tmp_path: Path) -> None:
    text = (
        f"c = get_config()\nc.CourseDirectory.root = '{tmp_path}'\n"
        "c.CourseDirectory.directory_structure = '{nbgrader_step}/{student_id}/{assignment_id}'\n"
    )
    assert configured(tmp_path, text) == Course(tmp_path)


def test_a_server_of_databases_is_named_without_its_password(tmp_path: Path) -> None:
    course = Course(tmp_path, db_url="postgresql://me:secret@db.school.example/grades")
    assert gradebook_name(course) == "postgresql://me:***@db.school.example/grades"
    assert gradebook_exists(course)


def test_an_address_that_is_none_is_refused_with_one_that_would_do(tmp_path: Path) -> None:
    with pytest.raises(GradebookError) as caught:
        gradebook_url(Course(tmp_path, db_url="grades.db"))
    assert str(caught.value) == (
        "c.CourseDirectory.db_url = 'grades.db' is no address of a database; one like "
        "sqlite:////home/me/course/gradebook.db is wanted."
    )


@pytest.mark.parametrize("name", ["Is it ML? 2026", "ML%20course", "50% off #1 & more", "a?b=c"])
def test_each_folder_has_a_gradebook_of_its_own_whatever_its_name(name: str, tmp_path: Path) -> None:
    root = tmp_path / name
    small_course.make_course(root)
    small_course.hand_in(Course(root), "ada")
    assert cli.main(["grade", "ps1", "--course", str(root), "--isolation", "none"]) == 0
    assert [path.name for path in tmp_path.iterdir()] == [name]
    assert (root / "gradebook.db").is_file()


def test_where_nbgrader_itself_would_open_another_gradebook_the_line_to_add_is_said(tmp_path: Path) -> None:
    assert other_gradebook(Course(tmp_path)) == ""
    root = tmp_path / "ML? 2026"
    line = f'c.CourseDirectory.db_url = "sqlite:///{tmp_path}/ML%3F 2026/gradebook.db"'
    assert other_gradebook(Course(root)) == (
        f"nbgrader's own programs (formgrader among them) would open {tmp_path}/ML instead of "
        f"{root}/gradebook.db, because of the folder's name. Rename the folder, or add to "
        "nbgrader_config.py: "
        f"{line}"
    )
    course = configured(root, f"c = get_config()\n{line}\n")
    assert gradebook_url(course).database == f"{root}/gradebook.db"
    assert other_gradebook(course) == ""


def test_a_bad_name_of_an_assignment_is_refused_in_every_verb_and_the_others_are_released(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    course = small_course.make_course(tmp_path)
    bad = course.source("a+1")
    bad.mkdir()
    (bad / "a+1.ipynb").write_text(json.dumps({"cells": [], "nbformat": 4, "nbformat_minor": 5}))
    said = (
        f"{bad} cannot be used: an assignment's name is made of letters, digits, spaces and any of "
        "_ . @ = ~ , ' ( ) -; it begins with a letter, a digit or _, does not end in a space or a dot, "
        "and has at "
        "most 120 characters. Rename the folder.\n"
    )
    assert cli.main(["release", "--course", str(tmp_path)]) == cli.EXIT_SOME_FAILED
    shown = capsys.readouterr()
    assert shown.err == f"autograder release: {said}"
    assert shown.out.splitlines()[0] == f"{course.release('ps1')} written (1 file)."
    assert cli.main(["release", "--check", "--course", str(tmp_path)]) == cli.EXIT_USAGE
    capsys.readouterr()
    for verb in (["grade"], ["feedback"], ["report"], ["export", "csv"]):
        assert cli.main([*verb, "a+1", "--course", str(tmp_path)]) == cli.EXIT_USAGE
        assert capsys.readouterr().err == f"autograder {verb[0]}: {said}"


def test_marks_and_time_limit_go_elsewhere_as_plain_values_and_nothing_else_does(tmp_path: Path) -> None:
    here, there = small_course.make_course(tmp_path / "here"), small_course.make_course(tmp_path / "there")
    (here.root / "nbgrader_config.py").write_text(
        "import pathlib\n"
        "c = get_config()\n"
        'c.CourseDirectory.db_url = "sqlite:///elsewhere.db"\n'
        'c.ClearHiddenTests.begin_test_delimeter = "## " + "SECRET"\n'
        'c.ClearSolutions.code_stub = {"python": "..."}\n'
        "c.Execute.timeout = 7\n"
        "c.Execute.errored = pathlib.Path\n"
    )
    assert notebook_settings(here) == (
        "c = get_config()\n"
        "c.ClearSolutions.code_stub = {'python': '...'}\n"
        "c.ClearHiddenTests.begin_test_delimeter = '## SECRET'\n"
        "c.Execute.timeout = 7\n"
    )
    (there.root / "nbgrader_config.py").write_text(notebook_settings(here))
    assert marks_of(course_config(there)) == marks_of(course_config(here))
    assert course_limits(there, "full") == course_limits(here, "full")
    (here.root / "nbgrader_config.py").write_text("c = get_config()\n")
    assert notebook_settings(here) == ""
