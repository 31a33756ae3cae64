"""A graded class on paper: its results with hand grades, each student's feedback page, and the report."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from autograder.class_answers import autograded_notebook, similar_answers
from autograder.collected import read_collected
from autograder.course import Course, NoSubmissionsError, UnknownStudentError
from autograder.grading.defaults import DEFAULT_TIER
from autograder.grading.plan_store import stored_plan_sentences
from autograder.grading.unknown_kinds import counted
from autograder.pages.class_summary import ClassSummary, summarize
from autograder.pages.report import report_page, report_tables
from autograder.pages.safe_feedback import safe_feedback_page
from autograder.removed_points import removed_sentence
from autograder.storage import write_whole
from autograder.teacher_comments import commented, comments_path, read_comments
from autograder.untrusted.text import printable
from autograder.verdicts import SubmissionResult

# `nbgrader release_feedback` looks for these beside the page; its exchange put them into the submission.
_FOR_RELEASE_FEEDBACK = ("timestamp.txt", "submission_secret.txt")
_MOST_BYTES = 1_000
_MOST_NAMED = 5  # students in one line

# Why a student has no points; after a number.
NOT_GRADED = "handed in, not graded yet"
NEVER_HANDED_IN = "never handed in"


@dataclass(frozen=True)
class WrittenPages:
    """The feedback pages of one call.

    Attributes
    ----------
    results : sequence of SubmissionResult
        Whose page was written.
    plain : mapping of str to str
        Student -> why texts on their page are shown plain.
    unchanged : int
        How many pages were there already, word for word.
    """

    results: Sequence[SubmissionResult]
    plain: Mapping[str, str] = field(default_factory=dict)
    unchanged: int = 0


def course_results(course: Course, assignment: str) -> list[SubmissionResult]:
    """The class's results with hand grades merged in.

    Raises
    ------
    NoSubmissionsError
        Nobody's submission has been graded yet.
    """
    course.require_assignment(assignment)
    # nbgrader takes a second to import; a wrong name is told at once.
    from autograder.nbgrader_bridge.book import class_results

    texts = read_comments(comments_path(course)).get(assignment, {})
    results = [commented(result, texts) for result in class_results(course, assignment)]
    if not results:
        raise NoSubmissionsError(
            f"no results of {assignment!r} in {course.root.resolve()}. Grade first: "
            f"autograder grade {assignment} --course {course.root}"
        )
    return results


def write_feedback(
    course: Course, assignment: str, students: Collection[str] = (), title: str = ""
) -> WrittenPages:
    """Write the feedback pages of `students` (all without any); nobody's text keeps others from theirs.

    Parameters
    ----------
    title : str
        The course's name, above the title.

    Raises
    ------
    NoSubmissionsError
        Nobody's submission has been graded yet.
    UnknownStudentError
        One of `students` has no result.
    """
    results = course_results(course, assignment)
    missing = sorted(set(students) - {result.student for result in results})
    if missing:
        raise UnknownStudentError(
            f"no result of {', '.join(missing)} for {assignment!r} in {course.root.resolve()}. "
            f"Check the id, or grade first: autograder grade {assignment} --student {missing[0]}"
        )
    chosen = [result for result in results if not students or result.student in students]
    notebooks = course.notebook_names(assignment)
    plain: dict[str, str] = {}
    written = 0
    for result in chosen:
        folder = course.feedback(result.student, result.assignment)
        is_new = False
        for notebook in notebooks:
            part = notebook if len(notebooks) > 1 else ""
            page = safe_feedback_page(result, _notebook(course, result, notebook), course=title, part=part)
            path, content = folder / f"{notebook}.html", page.html.encode("utf-8", "replace")
            if not path.is_file() or path.read_bytes() != content:
                write_whole(path, content)
                is_new = True
            if page.plain:
                plain[result.student] = page.plain
        written += is_new
        for name in _FOR_RELEASE_FEEDBACK:
            told = _regular_file(course.submitted(result.student, result.assignment) / name)
            if told is not None:
                write_whole(folder / name, told)
    return WrittenPages(chosen, plain, len(chosen) - written)


def feedback_lines(course: Course, assignment: str, written: WrittenPages) -> list[str]:
    """What to tell whoever had these pages written."""
    waiting = sum(result.needs_manual_grade for result in written.results)
    folder = course.root / course.feedback_directory
    count = len(written.results)
    anew = f", {count - written.unchanged} written anew, the others unchanged" if written.unchanged else ""
    lines = [f"{count} feedback page{'s' * (count != 1)} in {folder}{anew}."]
    lines += [
        f"{printable(student)}: texts are shown plain, for {why}." for student, why in written.plain.items()
    ]
    if waiting:
        lines.append(
            f"{waiting} of them still wait{'s' * (waiting == 1)} for hand grading. When that is done, "
            f"write again: autograder feedback {assignment} --course {course.root}"
        )
    return lines


def class_summary(course: Course, assignment: str) -> ClassSummary:
    """What the report on the assignment shows.

    Raises
    ------
    NoSubmissionsError
        Nobody's submission has been graded yet.
    """
    results = course_results(course, assignment)
    known = read_collected(course, assignment)
    marked_late = {student for student, about in known.items() if about.late}
    tier = next((result.isolation for result in results if result.isolation), DEFAULT_TIER)
    told = [*stored_plan_sentences(course, assignment, tier), removed_sentence(course, assignment)]
    return summarize(
        assignment,
        results,
        marked_late,
        who_is_missing(course, assignment, results),
        [
            *(sentence for sentence in told if sentence),
            *counted(flag for result in results for flag in result.flags),
        ],
        similar_answers(course, assignment, [result.student for result in results]),
    )


def write_report(course: Course, assignment: str, folder: Path | None = None) -> list[str]:
    """Write the report and its tables into `folder` (by default reports/ASSIGNMENT); what to tell of it.

    Raises
    ------
    NoSubmissionsError
        Nobody's submission has been graded yet.
    """
    summary = class_summary(course, assignment)
    page = write_report_files(summary, folder or course.root / "reports" / assignment)
    return _report_lines(page, summary)


def write_report_files(summary: ClassSummary, folder: Path) -> Path:
    """Write the report and its tables into `folder`; the path of the page."""
    for name, text in report_tables(summary).items():
        write_whole(folder / name, text.encode("utf-8-sig"))  # the mark tells Excel that it is UTF-8
    page = folder / "report.html"
    write_whole(page, report_page(summary).encode())
    return page


def who_is_missing(
    course: Course, assignment: str, results: Sequence[SubmissionResult]
) -> Mapping[str, Sequence[str]]:
    """Why students have no points, in words -> who, sorted: handed in and not graded, never handed in.

    Who should have handed in is known from the roster that was collected with, and from the gradebook.
    """
    from autograder.nbgrader_bridge.book import gradebook_students

    graded, handed_in = {result.student for result in results}, set(course.students(assignment))
    listed = {student for student, about in read_collected(course, assignment).items() if about.listed}
    absent = (listed | gradebook_students(course)) - graded - handed_in
    groups = {NOT_GRADED: handed_in - graded, NEVER_HANDED_IN: absent}
    return {why: sorted(students) for why, students in groups.items() if students}


def missing_lines(missing: Mapping[str, Sequence[str]]) -> list[str]:
    """A sentence for each reason, with the first of the students."""
    return [
        f"{len(students)} {why}: {', '.join(map(printable, students[:_MOST_NAMED]))}"
        f"{f' and {len(students) - _MOST_NAMED} more' if len(students) > _MOST_NAMED else ''}."
        for why, students in missing.items()
    ]


def _report_lines(path: Path, summary: ClassSummary) -> list[str]:
    lines = [f"{path}: {len(summary.results)} submissions, {summary.graded} graded."]
    lines += missing_lines(summary.missing)
    if summary.attention:
        lines.append(f"{_with_verb(len(summary.attention), 'need')} a person: the report says why.")
    if summary.waiting:
        lines.append(f"{_with_verb(summary.waiting, 'wait')} for hand grading; scores are provisional.")
    return lines


def _regular_file(path: Path) -> bytes | None:
    """The beginning of the file; None where there is none, or a link, which could lead anywhere."""
    if path.is_symlink() or path.parent.is_symlink() or not path.is_file():
        return None
    try:
        with path.open("rb") as file:
            return file.read(_MOST_BYTES)
    except OSError:
        return None


def _with_verb(number: int, verb: str) -> str:
    return f"{number} {verb}{'s' * (number == 1)}"


def _notebook(course: Course, result: SubmissionResult, name: str) -> Mapping[str, Any] | None:
    return autograded_notebook(course.autograded(result.student, result.assignment) / f"{name}.ipynb")
