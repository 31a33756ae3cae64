"""A whole course on paper: the page over all assignments, and the report on each that has results."""

from __future__ import annotations

from pathlib import Path

from autograder.class_pages import NOT_GRADED, class_summary, missing_lines, write_report_files
from autograder.course import Course, CourseError, NoSubmissionsError
from autograder.pages.class_summary import ClassSummary, summarize
from autograder.pages.overview import overview_page, overview_table, summarize_course
from autograder.storage import write_whole


def write_overview(course: Course, folder: Path | None = None) -> list[str]:
    """Write the page over all assignments, its table, and each assignment's report; what to tell of them.

    Parameters
    ----------
    folder : Path, optional
        By default reports/ in the course. An assignment's report goes into a folder of its name there.

    Raises
    ------
    CourseError
        The course has no assignment.
    """
    names = course.assignments()
    if not names:
        raise CourseError(
            f"no assignment in {(course.root / course.source_directory).resolve()}. An assignment is a "
            "folder with a notebook of the same name; `autograder new` makes one."
        )
    folder = folder or course.root / "reports"
    summaries = [_summary(course, name) for name in names]
    for summary in summaries:
        if summary.results:
            write_report_files(summary, folder / summary.assignment)
    whole = summarize_course(summaries, course.root.resolve().name)
    write_whole(folder / "course.csv", overview_table(whole).encode("utf-8-sig"))
    write_whole(folder / "course.html", overview_page(whole).encode())
    students = len(whole.students)
    lines = [
        f"{folder / 'course.html'}: {len(names)} assignment{'s' * (len(names) != 1)}, "
        f"{students} student{'s' * (students != 1)}."
    ]
    return lines + [line for summary in summaries for line in _assignment_lines(summary)]


def _summary(course: Course, assignment: str) -> ClassSummary:
    try:
        return class_summary(course, assignment)
    except NoSubmissionsError:
        waiting = course.students(assignment)
        return summarize(assignment, [], missing={NOT_GRADED: waiting} if waiting else {})


def _assignment_lines(summary: ClassSummary) -> list[str]:
    handed_in = len(summary.results)
    if not handed_in:
        missing = " ".join(missing_lines(summary.missing)) or "nothing handed in yet."
        return [f"{summary.assignment}: {missing}"]
    mean = "no score yet" if summary.mean is None else f"mean {summary.mean:.1f} of {summary.max_score:g}"
    said = f"{summary.assignment}: {handed_in} submission{'s' * (handed_in != 1)}, {summary.graded} graded, "
    waiting = f"; {summary.waiting} open by hand" if summary.waiting else ""
    missing = "".join(f"; {line.rstrip('.')}" for line in missing_lines(summary.missing))
    return [f"{said}{mean}{waiting}{missing}."]
