"""Grade what students handed in.

Reads the notebooks in submitted/STUDENT/ASSIGNMENT/, runs every notebook in a sandbox of its own, runs the
tests outside it, and writes autograded/ (the notebooks with fresh outputs, for the formgrader), .autograder/
(results, one JSON file a student) and nbgrader's gradebook. Hand grades and comments given before stay.

What has not changed since the last run is not run again: stop it at any moment and give the same command
again. Prints one line per student: points of the tests, seconds, and what went wrong, with the tests it
cost; at the end, what in submitted/ is ignored because of its location (a wrong name of a folder, a loose
notebook).

Example:
  autograder grade initialization --course ~/course
  autograder grade initialization --course ~/course --student ada --force
  autograder grade initialization --course ~/course --json grades.json
  autograder grade initialization --course ~/course --dask tls://scheduler.school.example:8786
  autograder grade initialization --course ~/course -v

Exit code: 0 all graded (hand grading may still be open), 1 some were rejected or have tests on which the
grader itself failed (their points are open), 2 the command or the set-up is wrong.
"""

from __future__ import annotations

import argparse
import json
import sys
from collections.abc import Mapping, Sequence
from pathlib import Path

from autograder import class_run
from autograder.cli import EXIT_OK, EXIT_SOME_FAILED
from autograder.cli.chosen_tier import chosen_tier
from autograder.cli.run_display import line, progress_bar, summary
from autograder.course import Course, ignored_files
from autograder.course_settings import open_course
from autograder.grading.plan_store import stored_plan_sentences
from autograder.grading.unknown_kinds import counted
from autograder.lacking_modules import lacking_sentences
from autograder.regrading import change_lines, change_table, changes, reworded
from autograder.removed_points import removed_sentence
from autograder.sandbox import TIERS
from autograder.storage import StoredResult, stored_results, turn_sentence, write_whole
from autograder.verdicts import Status, SubmissionResult, results_document

_WARNINGS = {
    "landlock": "landlock: files and network are closed to students' code; processes of other users show.",
    "wasm": "wasm (experimental): students' code runs in a WebAssembly interpreter, without threads or "
    "subprocesses.",
    "none": "none: students' code runs with your rights. Only for notebooks you trust.",
}


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """The words this verb understands."""
    parser.add_argument("assignment", metavar="ASSIGNMENT")
    parser.add_argument(
        "--course", type=Path, default=Path(), metavar="DIR", help="the folder of source/ (default: here)"
    )
    parser.add_argument("--student", action="append", metavar="ID", help="only this student; may be repeated")
    parser.add_argument(
        "--workers", type=_positive, metavar="N", help="submissions side by side (default: one a core)"
    )
    parser.add_argument(
        "--dask",
        default="",
        metavar="ADDRESS",
        help="grade on the workers of this Dask scheduler, tls://HOST:PORT, or on a cluster of this machine: "
        "local",
    )
    parser.add_argument(
        "--isolation",
        choices=TIERS,
        help="the sandbox tier that must hold (default: full where it can be had, else wasm where it is "
        "installed; a weaker one has to be named); see autograder doctor",
    )
    parser.add_argument(
        "--cgroup", default="", metavar="PATH", help="a cgroup (v2) for the submissions' limits; see doctor"
    )
    parser.add_argument("--json", type=Path, metavar="FILE", help="write the results to FILE as well")
    parser.add_argument("--force", action="store_true", help="grade again what has not changed, too")
    parser.add_argument(
        "--show-hidden", action="store_true", help="leave hidden tests in the autograded notebooks"
    )
    parser.add_argument(
        "-v", "--verbose", action="store_true", help="name findings by their ids, as in the JSON"
    )
    strict = "refuse an assignment of which a test runs in the student's process"
    parser.add_argument("--strict", action="store_true", help=strict)


def run(arguments: argparse.Namespace) -> int:
    """Grade; the exit code."""
    isolation = chosen_tier(arguments.isolation, lambda why: print(why, file=sys.stderr))
    options = class_run.Options(
        students=tuple(arguments.student) if arguments.student else None,
        workers=arguments.workers,
        isolation=isolation,
        force=arguments.force,
        show_hidden=arguments.show_hidden,
        strict=arguments.strict,
        dask=arguments.dask,
        cgroup=arguments.cgroup,
    )
    if isolation in _WARNINGS:
        print(f"Isolation {_WARNINGS[isolation]}", file=sys.stderr)
    course = open_course(arguments.course)
    for sentence in lacking_sentences(course, arguments.assignment, isolation):
        print(sentence, file=sys.stderr)
    before = stored_results(course, arguments.assignment)
    if before and not (course.db_url or course.gradebook.is_file()):
        print(
            f"{course.gradebook} is gone, and with it the points and comments that people gave. It is "
            "made anew from "
            "the results of the tests; put a copy of it back first if you have one.",
            file=sys.stderr,
        )
    if sentence := turn_sentence(course):
        print(sentence, file=sys.stderr)
    with progress_bar() as show:
        results = class_run.grade(course, arguments.assignment, options, show)
    for sentence in stored_plan_sentences(course, arguments.assignment, options.isolation):
        print(sentence)
    for sentence in counted(flag for result in results for flag in result.flags):
        print(sentence)
    width = max(len(result.student) for result in results)
    for result in results:
        print(line(result, width, ids=arguments.verbose))
    print(summary(results))
    for sentence in _what_changed(course, arguments.assignment, before, results):
        print(sentence)
    from autograder.nbgrader_bridge.database import other_gradebook  # slow to import, and known by now

    if sentence := removed_sentence(course, arguments.assignment):
        print(sentence)
    if sentence := other_gradebook(course):
        print(sentence, file=sys.stderr)
    overlooked = "" if arguments.student else ignored_files(course, arguments.assignment)
    if overlooked:
        print(overlooked)
    if arguments.json is not None:
        document = json.dumps(results_document(arguments.assignment, results), indent=1, ensure_ascii=False)
        write_whole(arguments.json, document.encode() + b"\n")
    failed = any(result.status is not Status.GRADED or result.open_points for result in results)
    return EXIT_SOME_FAILED if failed else EXIT_OK


def _what_changed(
    course: Course,
    assignment: str,
    before: Mapping[str, StoredResult],
    results: Sequence[SubmissionResult],
) -> list[str]:
    """Sentences on what grading again changed, and the table of the points written to reports/."""
    again = [result for result in results if not result.reused and result.student in before]
    was, now = (
        {student: stored.result for student, stored in stored_then.items()}
        for stored_then in (before, stored_results(course, assignment))
    )
    found = changes(was, now, again)
    lines = change_lines(found, len(again))
    if found:
        table = course.root / "reports" / assignment / "changes.csv"
        write_whole(table, change_table(found).encode("utf-8-sig"))
        lines.append(f"The same as a table: {table}")
    changed = {one.student for one in found} | set(reworded(was, now))
    old = [one for one in sorted(changed) if any(course.feedback(one, assignment).glob("*.html"))]
    if old:
        lines.append(
            f"Feedback pages that are now old: {', '.join(old)}. Write them again: autograder "
            f"feedback {assignment}"
        )
    return lines


def _positive(text: str) -> int:
    number = int(text)
    if number < 1:
        raise argparse.ArgumentTypeError(f"{text} workers; at least 1 wanted")
    return number
