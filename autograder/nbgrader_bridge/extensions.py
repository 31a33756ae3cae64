"""Extra days for a student, in nbgrader's own gradebook: formgrader, reports and penalties read the same."""

from __future__ import annotations

import datetime
from dataclasses import dataclass

from autograder.assignment import load_notebooks
from autograder.course import Course, CourseError, UnknownStudentError
from autograder.nbgrader_bridge.book import ClassGradebook


@dataclass(frozen=True)
class Extension:
    """One student's extension of one assignment.

    Attributes
    ----------
    days : float
        Added to the due date; at least 0.
    """

    student: str
    days: float


def extensions(course: Course, assignment: str) -> list[Extension]:
    """Who has extra days, by student.

    Raises
    ------
    GradebookError
        The gradebook cannot be read.
    """
    with ClassGradebook(course, *load_notebooks(course, assignment)) as book:
        return [Extension(student, days) for student, days in sorted(book.extra_days().items())]


def set_extension(course: Course, assignment: str, students: list[str], days: float) -> None:
    """Give `students` (all who have handed in, if none are named) so many days; 0 takes them away.

    Raises
    ------
    UnknownStudentError
        One of them has no submission in the gradebook: nbgrader keeps extra days with the submission.
    CourseError
        The assignment has no due date.
    GradebookError
        The gradebook cannot be written.
    """
    with ClassGradebook(course, *load_notebooks(course, assignment)) as book:
        known = book.extra_days(everyone=True)
        missing = sorted(set(students) - known.keys())
        if missing:
            raise UnknownStudentError(
                f"{', '.join(missing)} {'is' if len(missing) == 1 else 'are'} not graded in "
                f"{assignment}: nbgrader "
                f"keeps extra days with the submission. Grade first: autograder grade {assignment}"
            )
        if days and book.due is None:
            raise CourseError(
                f"{assignment} has no due date, and extra days are counted from it. Set one first: "
                "formgrader, Manage Assignments, the pencil under Edit."
            )
        book.set_extra_days(students or sorted(known), datetime.timedelta(days=days))
