"""Folders of a course and safe names."""

from __future__ import annotations

from pathlib import Path

import pytest

from autograder.course import Course, UnknownAssignmentError, ignored_files, is_safe_name


@pytest.fixture
def course(tmp_path: Path) -> Course:
    """A course with one assignment and two students, one of them with an unsafe folder name."""
    notebook = tmp_path / "source" / "first" / "first.ipynb"
    notebook.parent.mkdir(parents=True)
    notebook.write_text("{}")
    (tmp_path / "source" / "second").mkdir()
    for student in ("ada", "-rf"):
        (tmp_path / "submitted" / student / "first").mkdir(parents=True)
    return Course(tmp_path)


def test_an_assignment_is_a_folder_with_a_notebook_of_its_name(course: Course) -> None:
    assert course.assignments() == ["first"]


def test_a_student_whose_folder_name_is_unsafe_is_left_out(course: Course) -> None:
    assert course.students("first") == ["ada"]


def lay(course: Course, *paths: str) -> None:
    for path in paths:
        file = course.root / "submitted" / path
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text("{}")


def test_what_lies_where_nobody_looks_is_named_with_what_may_be_meant(course: Course) -> None:
    lay(
        course, "eve/First/first.ipynb", "loose.ipynb", "bob/all.zip", "zoe/hw/first.ipynb", "zoe/fisrt/a.txt"
    )
    assert course.misplaced("first") == [
        "submitted/-rf (cannot be a student's id)",
        "submitted/bob/all.zip (only submitted/STUDENT/first/ is)",
        "submitted/eve/First (is first meant?)",
        "submitted/loose.ipynb (only submitted/STUDENT/first/ is)",
        "submitted/zoe/fisrt (is first meant?)",
        "submitted/zoe/hw (is first meant?)",
    ]
    assert ignored_files(course, "first") == (
        f"Ignored because of their location: {'; '.join(course.misplaced('first')[:5])}; and 1 more."
    )


def test_other_assignments_and_what_a_submission_holds_are_in_their_place(course: Course) -> None:
    (course.root / "submitted" / "-rf" / "first").rmdir()
    (course.root / "source" / "firsts").mkdir()
    (course.root / "source" / "firsts" / "firsts.ipynb").write_text("{}")
    lay(course, "ada/first/other.ipynb", "ada/first/First/first.ipynb", "ada/firsts/firsts.ipynb")
    lay(course, "ada/first2/x.ipynb", "ada/.ipynb_checkpoints/x.ipynb", "README.md", "ada/firsts.ipynb")
    assert ignored_files(course, "first") == ""
    assert ignored_files(Course(course.root / "empty"), "first") == ""


def test_a_name_that_is_shown_has_no_control_characters(course: Course) -> None:
    (course.root / "submitted" / "-rf" / "first").rmdir()
    lay(course, "\x1b[2J.ipynb")
    said = "Ignored because of their location: submitted/?[2J.ipynb (only submitted/STUDENT/first/ is)."
    assert ignored_files(course, "first") == said


def test_an_assignment_is_a_folder_with_a_notebook_of_any_name(course: Course) -> None:
    for name in (
        "week 2/Übung 1.2.ipynb",
        ".ipynb_checkpoints/first.ipynb",
        "data/points.csv",
        "hidden/.a.ipynb",
    ):
        path = course.root / "source" / name
        path.parent.mkdir()
        path.write_text("{}")
    assert course.assignments() == ["first", "week 2"]
    assert course.notebook_names("week 2") == ["Übung 1.2"]


def test_an_unknown_assignment_is_named_with_those_that_are_known(course: Course) -> None:
    with pytest.raises(UnknownAssignmentError) as caught:
        course.require_assignment("frist")
    assert str(caught.value) == (
        f"no assignment 'frist' in {course.root}: expected source/frist/NOTEBOOK.ipynb. Known here: first. "
        "Did you mean first?"
    )
    with pytest.raises(UnknownAssignmentError, match=r"Known here: first\. Take one of these\.$"):
        course.require_assignment("deeper")


def test_a_folder_without_assignments_is_named_in_full_with_the_next_step(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    with pytest.raises(UnknownAssignmentError) as caught:
        Course(Path()).require_assignment("first")
    assert str(caught.value) == (
        f"no assignment 'first' in {tmp_path}: expected source/first/NOTEBOOK.ipynb. Known here: none. "
        "Go into the folder that holds source/, or name it: --course DIR"
    )


@pytest.mark.parametrize("name", ["../first", "first/../first", "", ".", "..", "first\x00"])
def test_a_name_that_leaves_the_folder_is_unknown_even_where_the_path_exists(
    course: Course, name: str
) -> None:
    with pytest.raises(UnknownAssignmentError):
        course.require_assignment(name)


@pytest.mark.parametrize(
    "name", ["ada", "ada.lovelace", "ada@school.example", "Łukasz Ż", "o'neil", "s-123", "a" * 120]
)
def test_names_people_have_are_safe(name: str) -> None:
    assert is_safe_name(name)


@pytest.mark.parametrize(
    "name", ["", ".", "..", "a/b", "a\\b", "-x", " a", "a ", "a\n", "a\x00b", "a..b", "a" * 121, "a."]
)
def test_names_that_could_leave_a_folder_or_read_as_an_option_are_not(name: str) -> None:
    assert not is_safe_name(name)


def test_every_folder_of_the_course_lies_under_its_root(course: Course) -> None:
    folders = [
        course.source("first"),
        course.release("first"),
        course.submitted("ada", "first"),
        course.autograded("ada", "first"),
        course.feedback("ada", "first"),
        course.results("first"),
        course.gradebook,
    ]
    relative = [str(folder.relative_to(course.root)) for folder in folders]
    assert relative == [
        "source/first",
        "release/first",
        "submitted/ada/first",
        "autograded/ada/first",
        "feedback/ada/first",
        ".autograder/first",
        "gradebook.db",
    ]
