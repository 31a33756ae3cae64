"""Write the grades, or the grader, in the form another system reads.

FORMAT is one of:
  canvas          the CSV that Canvas's gradebook imports; needs --roster, which is Canvas's own export
  moodle          the CSV that Moodle's gradebook imports, points and feedback together
  gradescope      a zip to upload as Gradescope's autograder; needs no grades
  github          a workflow of GitHub Actions and its files for a template repository; needs no grades
  github-result   one submission's result as GitHub Classroom's reporter reads it (the workflow calls this)
  prairielearn    the CSV of points that an assessment's tab Uploads takes
  csv, json       plain files, everything that is known

Examples:
  autograder export canvas initialization --roster ~/Downloads/canvas.csv --column "Initialization (81)"
  autograder export moodle initialization --item "Assignment: Initialization" --by id-number
  autograder export gradescope initialization
  autograder export csv initialization --course ~/course --out /tmp

Canvas makes a new assignment of every column heading it does not know. This program therefore only writes
headings that stand in the roster, and stops when none fits. Who is left out, and why, is printed.
docs/exports.md shows each format step by step.
"""

from __future__ import annotations

import argparse
import json
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path

from autograder.class_pages import course_results, missing_lines, who_is_missing
from autograder.cli import EXIT_OK
from autograder.course import Course, UnknownStudentError
from autograder.course_settings import notebook_settings, open_course
from autograder.exporters import Export, ExportError, canvas, github, gradescope, moodle, plain, prairielearn
from autograder.sandbox import TIERS
from autograder.sandbox.wasm import runtime
from autograder.storage import write_whole
from autograder.verdicts import SubmissionResult
from autograder.wheels import constraints, wheels


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """The words this verb understands."""
    parser.add_argument("format", choices=FORMATS, metavar="FORMAT", help=", ".join(FORMATS))
    parser.add_argument("assignment", metavar="ASSIGNMENT")
    parser.add_argument(
        "--course", type=Path, default=Path(), metavar="DIR", help="the folder of source/ (default: here)"
    )
    parser.add_argument(
        "--out", type=Path, metavar="DIR", help="where to write (default: COURSE/exports/ASSIGNMENT)"
    )
    parser.add_argument(
        "--from",
        dest="document",
        type=Path,
        metavar="FILE",
        help="take the results from this file of `grade --json`, not from the course (no hand grades)",
    )
    parser.add_argument("--student", action="append", default=[], metavar="ID", help="only this student")
    parser.add_argument(
        "--finished-only", action="store_true", help="leave out who still waits for hand grading"
    )
    people = parser.add_argument_group("canvas, moodle and prairielearn")
    people.add_argument("--roster", type=Path, metavar="FILE", help="the other system's own export (CSV)")
    people.add_argument(
        "--column", metavar="TEXT", help="canvas: the assignment's heading, title or number in the roster"
    )
    people.add_argument(
        "--scale",
        action="store_true",
        help="canvas: convert scores to Canvas's points; prairielearn: to percents",
    )
    people.add_argument("--item", metavar="TEXT", help="moodle: the item's name in Moodle's gradebook")
    people.add_argument(
        "--by", choices=tuple(moodle.PERSON), default="email", help="moodle: what names a person"
    )
    bundles = parser.add_argument_group("gradescope and github")
    bundles.add_argument(
        "--wheels",
        type=Path,
        metavar="DIR",
        help="the folder of this program's two wheels (in a clone: built)",
    )
    bundles.add_argument(
        "--isolation",
        choices=TIERS,
        default="wasm",
        help="gradescope: the weakest tier that may give a grade (default: %(default)s)",
    )
    bundles.add_argument(
        "--visibility",
        choices=gradescope.VISIBILITIES,
        default="visible",
        help="gradescope: when students see the tests (default: %(default)s)",
    )


def run(arguments: argparse.Namespace) -> int:
    """Write the files; the exit code."""
    course = open_course(arguments.course)
    if arguments.document is None:
        course.require_assignment(arguments.assignment)
    export = FORMATS[arguments.format](course, arguments)
    folder = arguments.out or course.root / "exports" / arguments.assignment
    for name, content in export.files.items():
        write_whole(folder / name, content)
    for name in list(export.files)[:5]:
        print(folder / name)
    if len(export.files) > 5:
        print(f"and {len(export.files) - 5} more files in {folder}")
    is_of_students = arguments.format not in ("gradescope", "github", "github-result")
    missing: Mapping[str, Sequence[str]] = {}
    if is_of_students and arguments.document is None and not arguments.student:
        results = course_results(course, arguments.assignment)
        missing = who_is_missing(course, arguments.assignment, results)
    for note in (*export.notes, *missing_lines(missing)):
        print(f"Note: {note}")
    return EXIT_OK


def _results(course: Course, arguments: argparse.Namespace) -> list[SubmissionResult]:
    if arguments.document is None:
        results = course_results(course, arguments.assignment)
    else:
        results = read_document(arguments.document)
    missing = sorted(set(arguments.student) - {result.student for result in results})
    if missing:
        raise UnknownStudentError(
            f"no result of {', '.join(missing)} for {arguments.assignment!r}. Check it."
        )
    return [
        result
        for result in results
        if (not arguments.student or result.student in arguments.student)
        and not (arguments.finished_only and result.needs_manual_grade)
    ]


def read_document(path: Path) -> list[SubmissionResult]:
    """The results in a file that `grade --json` wrote.

    Raises
    ------
    ExportError
        It is no such file.
    """
    try:
        document = json.loads(path.read_text(encoding="utf-8"))
        return [SubmissionResult.from_dict(entry) for entry in document["submissions"]]
    except (OSError, ValueError, KeyError, TypeError) as error:
        raise ExportError(
            f"{path} is not a file of `autograder grade --json`: {error}. Make one: "
            "autograder grade ASSIGNMENT --json FILE"
        ) from error


def _read_roster(path: Path | None, system: str) -> str:
    if path is None:
        raise ExportError(
            f"{system} needs --roster FILE: the gradebook as {system} exports it, so that people and columns "
            "are named as it knows them."
        )
    try:
        return path.read_text(encoding="utf-8-sig")
    except (OSError, UnicodeDecodeError) as error:
        raise ExportError(f"--roster {path} cannot be read as UTF-8 text: {error}.") from error


def _canvas(course: Course, arguments: argparse.Namespace) -> Export:
    roster = _read_roster(arguments.roster, "Canvas")
    results = _results(course, arguments)
    return canvas.export(results, arguments.assignment, roster, arguments.column, scale=arguments.scale)


def _moodle(course: Course, arguments: argparse.Namespace) -> Export:
    roster = _read_roster(arguments.roster, "Moodle") if arguments.roster else None
    results = _results(course, arguments)
    return moodle.export(results, arguments.assignment, arguments.item, arguments.by, roster)


def _gradescope(course: Course, arguments: argparse.Namespace) -> Export:
    source = course.source(arguments.assignment)
    files = {
        path.relative_to(source).as_posix(): path.read_bytes()
        for path in sorted(source.rglob("*"))
        if path.is_file() and not any(part.startswith(".") for part in path.relative_to(source).parts)
    }
    bundle = gradescope.bundle(
        arguments.assignment,
        files,
        wheels(arguments.wheels),
        constraints(),
        notebook_settings(course),
        isolation=arguments.isolation,
        wasm="" if arguments.isolation == "full" else runtime.requirements(),
        visibility=arguments.visibility,
    )
    content = gradescope.zip_bytes(bundle)
    return Export(
        {f"gradescope-{arguments.assignment}.zip": content},
        ("the zip holds the solutions and hidden tests: it is for Gradescope, and for nobody else.",),
    )


def _github(course: Course, arguments: argparse.Namespace) -> Export:
    folder = course.release(arguments.assignment)
    released = [folder / path.name for path in course.require_assignment(arguments.assignment)]
    for path in released:
        if not path.is_file():
            raise ExportError(f"{path} is missing. Make it: autograder release {arguments.assignment}")
    files = github.bundle(
        arguments.assignment,
        {path.name: path.read_bytes() for path in released},
        wheels(arguments.wheels),
        constraints(),
    )
    return Export(
        files,
        ("students can read and change what runs in their repository: these grades are for practice.",),
    )


def _github_result(course: Course, arguments: argparse.Namespace) -> Export:
    results = _results(course, arguments)
    if len(results) != 1:
        raise ExportError(f"github-result is about one submission, got {len(results)}. Name it: --student.")
    return Export({"result.txt": f"result={github.encoded_result(results[0])}\n".encode()})


def _prairielearn(course: Course, arguments: argparse.Namespace) -> Export:
    return prairielearn.export(_results(course, arguments), arguments.assignment, scale=arguments.scale)


def _csv(course: Course, arguments: argparse.Namespace) -> Export:
    return plain.export_csv(_results(course, arguments), arguments.assignment)


def _json(course: Course, arguments: argparse.Namespace) -> Export:
    return plain.export_json(_results(course, arguments), arguments.assignment)


FORMATS: dict[str, Callable[[Course, argparse.Namespace], Export]] = {
    "canvas": _canvas,
    "moodle": _moodle,
    "gradescope": _gradescope,
    "github": _github,
    "github-result": _github_result,
    "prairielearn": _prairielearn,
    "csv": _csv,
    "json": _json,
}
