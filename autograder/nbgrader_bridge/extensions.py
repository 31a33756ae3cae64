"""Extra days for a student, in nbgrader's own gradebook: formgrader, reports and penalties read the same."""

from __future__ import annotations

import datetime
from collections.abc import Mapping
from dataclasses import dataclass, field

from autograder.assignment import load_notebooks
from autograder.course import Course, CourseError, UnknownStudentError
from autograder.nbgrader_bridge.book import ClassGradebook
from autograder.nbgrader_bridge.database import clear_errors, gradebook_exists
from autograder.nbgrader_bridge.opening import open_book
from autograder.nbgrader_bridge.patches import importing_nbgrader

with importing_nbgrader():
    from nbgrader.api import MissingEntry


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


@dataclass(frozen=True)
class DueDate:
    """When an assignment is due.

    Attributes
    ----------
    moment : datetime.datetime
        In UTC, with its zone.
    extra_days : mapping of str to float
        Days added for a student.
    """

    moment: datetime.datetime
    extra_days: Mapping[str, float] = field(default_factory=dict)

    def of(self, student: str) -> datetime.datetime:
        """When it is due for the student."""
        return self.moment + datetime.timedelta(days=self.extra_days.get(student, 0.0))


def due_date(course: Course, assignment: str) -> DueDate | None:
    """When the assignment is due; None without a gradebook, or a due date in it. Nothing is written.

    Raises
    ------
    GradebookError
        The gradebook cannot be read.
    """
    if not gradebook_exists(course):
        return None
    with clear_errors(course), open_book(course) as book, book.reading():
        try:
            due = book.find_assignment(assignment).duedate
        except MissingEntry:
            return None
        if due is None:
            return None
        given = {
            one.student.id: one.extension.total_seconds() / 86_400
            for one in book.assignment_submissions(assignment)
            if one.extension
        }
        return DueDate(due.replace(tzinfo=datetime.UTC), given)


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
