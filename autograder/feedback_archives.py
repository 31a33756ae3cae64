"""Feedback pages as a platform's bulk upload takes them, or for mail merge. Pure: pages in, files out.

Moodle (*Upload multiple feedback files in a zip*, where the feedback type *Feedback files* is on) reads the
participant's number in `NAME_NUMBER_assignsubmission_file_PAGE`; Canvas (*Upload Submissions*) reads the
numbers of student and attachment in `NAME_USER_ATTACHMENT_PAGE`. Both are known where the submissions came
in that platform's zip file through `collect`. Sources: Moodle, mod/assign/feedback/file/importziplib.php;
Canvas, `Assignment#generate_comments_from_files`.
"""

from __future__ import annotations

import io
import zipfile
from collections.abc import Mapping, Sequence

from autograder.collected import KnownStudent
from autograder.course import CourseError
from autograder.exporters.tables import Cell, write_table
from autograder.untrusted.text import printable
from autograder.verdicts import SubmissionResult

PLATFORMS = ("moodle", "canvas")
Pages = Mapping[str, Mapping[str, bytes]]  # student -> file name -> page
_DATE = (2000, 1, 1, 0, 0, 0)  # of every member, so that equal pages make equal archives
_MOST_NAMED = 5


class FeedbackArchiveError(CourseError):
    """No page can be named as the platform wants it; the text says what to do."""


def archive(
    platform: str, assignment: str, pages: Pages, known: Mapping[str, KnownStudent]
) -> tuple[bytes, list[str]]:
    """The zip file, and sentences on those who are not in it.

    Parameters
    ----------
    platform : str
        One of `PLATFORMS`.
    assignment : str
    pages : mapping of str to mapping of str to bytes
        Student -> feedback pages by file name.
    known : mapping of str to KnownStudent
        What `collect` has learned.

    Raises
    ------
    FeedbackArchiveError
        It has learned of none of them what the platform calls their files.
    """
    named = {
        student: known[student].entry
        for student in pages
        if student in known and known[student].platform == platform and known[student].entry
    }
    title = platform.title()
    again = f"Collect {title}'s zip file again (nothing is replaced): autograder collect ZIP {assignment}"
    if not named:
        raise FeedbackArchiveError(
            f"it is not known what {title} calls the students' files; its bulk upload needs that. {again}"
        )
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w", zipfile.ZIP_DEFLATED) as made:
        for student, entry in sorted(named.items()):
            for name, page in pages[student].items():
                made.writestr(zipfile.ZipInfo(f"{entry}{name}", _DATE), page, zipfile.ZIP_DEFLATED)
    left_out = sorted(set(pages) - set(named))
    notes = []
    if left_out:
        some = ", ".join(map(printable, left_out[:_MOST_NAMED]))
        more = f" and {len(left_out) - _MOST_NAMED} more" if len(left_out) > _MOST_NAMED else ""
        notes.append(f"Not in it, because they did not come in {title}'s zip file: {some}{more}. {again}")
    return file.getvalue(), notes


def mail_merge(results: Sequence[SubmissionResult], pages: Pages) -> dict[str, bytes]:
    """Each student's pages, and `students.csv` with address, names, points and the pages' file names.

    Parameters
    ----------
    results : sequence of SubmissionResult
    pages : mapping of str to mapping of str to bytes
        Student -> feedback pages by file name.
    """
    header = ["student", "first_name", "last_name", "email", "score", "max_score", "file"]
    files: dict[str, bytes] = {}
    rows: list[list[Cell]] = []
    for one in results:
        own = pages.get(one.student, {})
        named = {f"{one.student}{f'-{name}' if len(own) > 1 else '.html'}": own[name] for name in own}
        files |= named
        told: list[Cell] = [one.student, one.first_name, one.last_name, one.email, one.score, one.max_score]
        rows.append([*told, " ".join(named)])
    return files | {"students.csv": write_table(header, rows).encode("utf-8-sig")}
