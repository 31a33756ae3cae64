"""Take in submissions from a zip file of Canvas, Moodle, Gradescope, Blackboard or nbgrader.

Puts them where `autograder grade` and nbgrader look: submitted/STUDENT/ASSIGNMENT/NOTEBOOK.ipynb. Prints
who became which student, and what was left out. Of several attempts the latest counts; earlier ones are kept
in downloaded/ASSIGNMENT/earlier/. What is in submitted/ is never overwritten unless you say --replace.

Student ids: Canvas's user number, Gradescope's student number, Moodle's full name, nbgrader's id. A roster
(CSV) turns them into the ids of your course: Canvas: Grades > Export; Moodle: View all submissions > Download
grading worksheet (it also tells the times of submission, which the zip does not); or any CSV with a column
student_id and a column name, email or id. Worksheets in other languages are read as well.

Times without a zone (Moodle, Blackboard) are those of --timezone; without it those of the course's setting
c.Exchange.timezone, else of this machine. Which one it was is printed.

Example:
  autograder collect submissions.zip initialization --course ~/course
  autograder collect submissions.zip initialization --course ~/course --roster canvas.csv --dry-run
  autograder collect assignment_123_export.zip initialization --system gradescope --replace
"""

from __future__ import annotations

import argparse
import datetime
import time
from pathlib import Path

from autograder.cli import EXIT_OK, EXIT_SOME_FAILED
from autograder.collect import CollectOptions, collect, summary
from autograder.course import Course, CourseError
from autograder.course_settings import course_config, open_course
from autograder.downloads.platforms import SYSTEMS
from autograder.downloads.times import zone_named


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """The words this verb understands."""
    parser.add_argument("file", type=Path, metavar="FILE.zip")
    parser.add_argument("assignment", metavar="ASSIGNMENT")
    parser.add_argument(
        "--course", type=Path, default=Path(), metavar="DIR", help="the folder of source/ (default: here)"
    )
    parser.add_argument("--system", choices=sorted(SYSTEMS), help="whose zip it is (default: found out)")
    parser.add_argument("--roster", type=Path, metavar="CSV", help="who is who")
    parser.add_argument("--id-column", default="", metavar="NAME", help="the roster's column of student ids")
    parser.add_argument(
        "--replace", action="store_true", help="replace what is there (it is kept in downloaded/)"
    )
    parser.add_argument(
        "--student",
        action="append",
        default=[],
        metavar="ID",
        help="take in this student only; may be repeated",
    )
    parser.add_argument(
        "--timezone",
        default="",
        metavar="NAME",
        help="of times that name none, as Europe/Berlin (default: the course's, else the machine's)",
    )
    parser.add_argument("--dry-run", action="store_true", help="show what would happen, write nothing")


def run(arguments: argparse.Namespace) -> int:
    """Collect; the exit code: 1 when somebody's submission was not taken in."""
    roster = _roster(arguments.roster) if arguments.roster else ""
    course = open_course(arguments.course)
    zone, zone_words = _zone(course, arguments.timezone)
    try:
        file = arguments.file.open("rb")
    except OSError as error:
        raise _unreadable("zip file", arguments.file, error) from error
    options = CollectOptions(
        system=arguments.system,
        roster=roster,
        id_column=arguments.id_column,
        replace=arguments.replace,
        dry_run=arguments.dry_run,
        students=frozenset(arguments.student),
        zone=zone,
        zone_words=zone_words,
    )
    try:
        with file:
            done = collect(course, arguments.assignment, file, options)
    except OSError as error:
        raise CourseError(
            f"{error.strerror or error} ({error.filename or arguments.file}). What was collected before "
            "stays; put that right, and the same command continues."
        ) from error
    width = max((len(row.student) for row in done.rows), default=0)
    for row in done.rows:
        notes = f"  {'; '.join(row.notes)}" if row.notes else ""
        print(f"{row.outcome:<9}  {row.student:<{width}}  <- {row.source}{notes}")
    for note in done.notes:
        print(f"note: {note}")
    doing = "Would collect" if arguments.dry_run else "Collected"
    print(f"{doing} from {done.system}: {summary(done.rows)}.")
    return EXIT_SOME_FAILED if any(row.outcome in ("kept", "skipped") for row in done.rows) else EXIT_OK


def _zone(course: Course, named: str) -> tuple[datetime.tzinfo | None, str]:
    """The zone of times that name none, and how to name it; None is the machine's."""
    setting = str(course_config(course).Exchange.get("timezone", ""))
    if named or setting:
        return zone_named(named or setting), f"{named}" if named else f"{setting} (c.Exchange.timezone)"
    return None, f"this machine's zone ({time.strftime('%Z, UTC%z')})"


def _roster(path: Path) -> str:
    try:
        return path.read_text(encoding="utf-8-sig")
    except OSError as error:
        raise _unreadable("roster", path, error) from error
    except UnicodeDecodeError as error:
        raise CourseError(
            f"the roster {path} is no text in UTF-8. Save it in the spreadsheet program as CSV UTF-8."
        ) from error


def _unreadable(what: str, path: Path, error: OSError) -> CourseError:
    folder = path.resolve().parent
    if isinstance(error, FileNotFoundError):
        return CourseError(f"no {what} {path.name!r} in {folder}. Check its name, or type its whole path.")
    is_folder = isinstance(error, IsADirectoryError)
    reason = "it is a folder. Name the file itself" if is_folder else error.strerror or error
    return CourseError(f"the {what} {path.name!r} in {folder} cannot be read: {reason}.")
