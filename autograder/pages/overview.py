"""All assignments of a course on one page: how each went, and each student's points across them.

Pure text from the summaries of the assignments; `autograder report` without an assignment fetches the results
and writes the files. An average counts what has a score; what is missing is counted beside it, never as zero.
"""

from __future__ import annotations

import statistics
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from autograder.exporters.tables import Cell, write_table
from autograder.pages import charts, render
from autograder.pages.class_summary import ClassSummary
from autograder.pages.feedback import assignment_title, student_name
from autograder.verdicts import Status, SubmissionResult


@dataclass(frozen=True)
class CourseStudent:
    """One student across the assignments.

    Attributes
    ----------
    student, name : str
    results : tuple of (SubmissionResult or None)
        In the order of the assignments; None where there is no result.
    missing : tuple of str
        In the order of the assignments: why there is no result, in words; "" where nothing is missing.
    """

    student: str
    name: str
    results: tuple[SubmissionResult | None, ...]
    missing: tuple[str, ...]

    @property
    def average(self) -> float | None:
        """Mean share of the points over the assignments that have a score, 0 to 1; None without any."""
        shares = [
            result.score / result.max_score
            for result in self.results
            if result is not None and result.score is not None and result.max_score
        ]
        return statistics.fmean(shares) if shares else None

    @property
    def count_missing(self) -> int:
        """How many assignments have no score: never handed in, rejected, not graded yet."""
        rejected = (result is not None and result.status is not Status.GRADED for result in self.results)
        return sum(map(bool, self.missing)) + sum(rejected)

    @property
    def waiting(self) -> int:
        """How many of the assignments wait for hand grading."""
        return sum(result is not None and result.needs_manual_grade for result in self.results)


@dataclass(frozen=True)
class CourseSummary:
    """What the page shows.

    Attributes
    ----------
    title : str
        The course's name; may be empty.
    assignments : tuple of ClassSummary
        In the order of the page.
    students : tuple of CourseStudent
        Everybody who has handed in something, or should have, by id.
    """

    title: str
    assignments: tuple[ClassSummary, ...]
    students: tuple[CourseStudent, ...]

    @property
    def average(self) -> float | None:
        """Mean of the students' averages, 0 to 1."""
        averages = [student.average for student in self.students if student.average is not None]
        return statistics.fmean(averages) if averages else None


def summarize_course(assignments: Sequence[ClassSummary], title: str = "") -> CourseSummary:
    """The figures of a course, from those of its assignments.

    Parameters
    ----------
    assignments : sequence of ClassSummary
        In the order of the page.
    title : str
    """
    results = [{result.student: result for result in summary.results} for summary in assignments]
    missing = [
        {student: why for why, students in summary.missing.items() for student in students}
        for summary in assignments
    ]
    everybody = sorted(set().union(*results, *missing))
    return CourseSummary(
        title,
        tuple(assignments),
        tuple(
            CourseStudent(
                student,
                _name(student, results),
                tuple(known.get(student) for known in results),
                tuple(known.get(student, "") for known in missing),
            )
            for student in everybody
        ),
    )


def overview_page(summary: CourseSummary) -> str:
    """The page as HTML text; an assignment's own report is linked as `ASSIGNMENT/report.html`."""
    return render(
        "overview.html.j2",
        summary=summary,
        bar=charts.bar,
        assignment_title=assignment_title,
        Status=Status,
    )


def overview_table(summary: CourseSummary) -> str:
    """The same as CSV text: a row a student, a column an assignment; cells are safe for spreadsheets."""
    names = [one.assignment for one in summary.assignments]
    header = ["student", "name", *names, "average", "missing", "waiting_for_a_person"]
    rows: list[list[Cell]] = [
        [
            student.student,
            student.name,
            *(result.score if result is not None else None for result in student.results),
            None if student.average is None else round(student.average, 4),
            student.count_missing,
            student.waiting,
        ]
        for student in summary.students
    ]
    return write_table(header, rows)


def _name(student: str, results: Sequence[Mapping[str, SubmissionResult]]) -> str:
    named = [student_name(known[student]) for known in results if student in known]
    return next((name for name in named if name != student), student)
