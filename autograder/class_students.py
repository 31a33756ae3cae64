"""Whose submissions are graded: everyone who handed in, or those who are named."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from autograder.course import Course, NoSubmissionsError, UnknownStudentError, ignored_files, is_safe_name


def chosen_students(course: Course, assignment: str, wanted: Iterable[str] | None) -> list[str]:
    """The students `wanted`, or all who have handed in, sorted.

    Raises
    ------
    UnknownStudentError
        One of them has handed in nothing.
    NoSubmissionsError
        Nobody has.
    """
    everyone = course.students(assignment)
    if wanted is not None:
        chosen = sorted(set(wanted))
        for student in chosen:
            if not is_safe_name(student) or student not in everyone:
                raise UnknownStudentError(
                    f"{student!r} has handed in nothing for {assignment}: no folder "
                    f"{course.submitted(student, assignment)}. Handed in: {_few(everyone)}."
                    + _elsewhere(course, assignment)
                )
        return chosen
    if not everyone:
        raise NoSubmissionsError(
            f"nothing to grade: no folder {course.submitted_directory}/STUDENT/{assignment} in "
            f"{course.root.resolve()}."
            + _elsewhere(course, assignment)
            + f" Take in the zip that a learning platform gives you: autograder collect FILE.zip {assignment}"
        )
    return everyone


def _elsewhere(course: Course, assignment: str) -> str:
    ignored = ignored_files(course, assignment)
    return f" {ignored}" if ignored else ""


def _few(names: Sequence[str]) -> str:
    shown = ", ".join(names[:5])
    return shown + (f" and {len(names) - 5} more" if len(names) > 5 else "") if names else "nobody"
