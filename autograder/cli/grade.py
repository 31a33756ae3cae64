"""Grade what students handed in.

Reads submitted/STUDENT/ASSIGNMENT/ASSIGNMENT.ipynb, runs every notebook in a sandbox of its own, runs the
tests outside it, and writes autograded/ (the notebooks with fresh outputs, for the formgrader), .autograder/
(results, one JSON file a student) and nbgrader's gradebook.db. Hand grades and comments given before stay.

What has not changed since the last run is not run again: stop it at any moment and give the same command
again. Prints one line a student: points of the tests, seconds, and what went wrong, with the tests it cost;
at the end, what lies in submitted/ where nobody looks (a wrong name of a folder, a loose notebook).

Example:
  autograder grade initialization --course ~/course
  autograder grade initialization --course ~/course --student ada --force
  autograder grade initialization --course ~/course --json grades.json

Exit code: 0 all graded (hand grading may still be open), 1 some were rejected or hit an internal error,
2 the command or the set-up is wrong.
"""

from __future__ import annotations

import argparse
import json
import sys
from pathlib import Path
from typing import Any

from rich.console import Console
from rich.progress import (
    BarColumn,
    MofNCompleteColumn,
    Progress,
    TextColumn,
    TimeElapsedColumn,
    TimeRemainingColumn,
)

from autograder import class_run
from autograder.cli import EXIT_OK, EXIT_SOME_FAILED
from autograder.course import Course, not_looked_at
from autograder.grading.defaults import DEFAULT_TIER
from autograder.sandbox import TIERS
from autograder.storage import write_whole
from autograder.verdicts import Status, SubmissionResult, results_document

_WARNINGS = {
    "landlock": "landlock: files and network are closed to students' code; processes of other users show.",
    "none": "none: students' code runs with your rights. Only for notebooks you trust.",
}

_NAMED_STUDENTS = 2  # being graded at the same time; the bar has one line
_NAMED_TESTS = 2  # more of them are counted: one line a student


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
        "--isolation",
        choices=TIERS,
        default=DEFAULT_TIER,
        help="the sandbox tier that must hold (default: %(default)s); see autograder doctor",
    )
    parser.add_argument("--json", type=Path, metavar="FILE", help="write the results to FILE as well")
    parser.add_argument("--force", action="store_true", help="grade again what has not changed, too")
    parser.add_argument(
        "--show-hidden", action="store_true", help="leave hidden tests in the autograded notebooks"
    )


def run(arguments: argparse.Namespace) -> int:
    """Grade; the exit code."""
    options = class_run.Options(
        students=tuple(arguments.student) if arguments.student else None,
        workers=arguments.workers,
        isolation=arguments.isolation,
        force=arguments.force,
        show_hidden=arguments.show_hidden,
    )
    if arguments.isolation in _WARNINGS:
        print(f"Isolation {_WARNINGS[arguments.isolation]}", file=sys.stderr)
    course = Course(arguments.course)
    with progress_bar() as show:
        results = class_run.grade(course, arguments.assignment, options, show)
    width = max(len(result.student) for result in results)
    for result in results:
        print(line(result, width))
    print(summary(results))
    overlooked = "" if arguments.student else not_looked_at(course, arguments.assignment)
    if overlooked:
        print(overlooked)
    if arguments.json is not None:
        document = json.dumps(results_document(arguments.assignment, results), indent=1, ensure_ascii=False)
        write_whole(arguments.json, document.encode() + b"\n")
    failed = any(result.status is not Status.GRADED for result in results)
    return EXIT_SOME_FAILED if failed else EXIT_OK


def line(result: SubmissionResult, width: int) -> str:
    """One student's line: id, points, seconds, and the reason where points are missing."""
    points = "-" if result.score is None else f"{result.score:g}/{result.max_score:g}"
    time_taken = "kept" if result.reused else f"{result.seconds:.1f} s"
    return f"{result.student:<{width}}  {points:>9}  {time_taken:>7}  {reason(result)}".rstrip()


def reason(result: SubmissionResult) -> str:
    """Why points are missing, each finding once with the tests it cost, or who still has to give some.

    >>> from autograder.verdicts import Status, SubmissionResult
    >>> reason(SubmissionResult("ada", "deeper", Status.REJECTED, reason="The file is empty."))
    'rejected: The file is empty.'
    """
    if result.status is not Status.GRADED:
        return f"{result.status}: {_one_line(result.reason)}"
    parts = [f"{finding} ({_few(tests)})" for finding, tests in _findings(result).items()]
    waiting = sum(hand.max_score for hand in result.hand_grades if hand.score is None)
    if waiting:
        parts.append(f"{waiting:g} points by hand")
    if result.late_penalty:
        parts.append(f"late: {result.late_penalty:g} points off")
    return "; ".join(parts)


def summary(results: list[SubmissionResult]) -> str:
    """The last line: how many ended how, in which tier."""
    counts = {status: sum(result.status is status for result in results) for status in Status}
    kept = sum(result.reused for result in results)
    tiers = ", ".join(sorted({result.isolation for result in results if result.isolation})) or "none"
    parts = [f"{count} {status}" for status, count in counts.items() if count]
    of_these = f" ({kept} of these kept from before)" if kept else ""
    return f"{', '.join(parts)}{of_these}. Isolation: {tiers}."


class progress_bar:  # noqa: N801 -- reads as a context manager
    """A progress bar on a terminal's stderr: who is being graded, rate and time; nothing elsewhere."""

    def __init__(self) -> None:
        console = Console(stderr=True)
        self._bar = Progress(
            TextColumn("{task.description}"),
            BarColumn(),
            MofNCompleteColumn(),
            TextColumn("{task.fields[rate]}"),
            TimeElapsedColumn(),
            TextColumn("left:"),
            TimeRemainingColumn(),
            console=console,
            transient=True,
            disable=not console.is_terminal,
        )

    def __enter__(self) -> Any:
        self._bar.start()
        self._task = self._bar.add_task("warming up", total=None, rate="")
        return self._show

    def __exit__(self, *exception: object) -> None:
        self._bar.stop()

    def _show(self, progress: class_run.Progress) -> None:
        rate = f"{progress.rate * 60:.0f} a minute" if progress.rate else ""
        self._bar.update(
            self._task, completed=progress.done, total=progress.total, rate=rate, description=doing(progress)
        )


def doing(progress: class_run.Progress) -> str:
    """What the run is at: an endless loop takes minutes, and this says whose it is.

    >>> doing(class_run.Progress(8, 9, 0, 20.0, running=("marek",)))
    'grading marek'
    """
    if not progress.running:
        return "warming up" if progress.last is None else "writing grades"
    if len(progress.running) > _NAMED_STUDENTS:
        return f"grading {len(progress.running)} at a time"
    return f"grading {', '.join(progress.running)}"


def _findings(result: SubmissionResult) -> dict[str, list[str]]:
    """What cost points, in the order of the tests, and which tests each finding cost."""
    findings: dict[str, list[str]] = {}
    for test in result.tests:
        if test.score < test.max_score:
            findings.setdefault(test.misconception or str(test.verdict), []).append(test.grade_id)
    return findings


def _few(tests: list[str]) -> str:
    return ", ".join(tests) if len(tests) <= _NAMED_TESTS else f"{len(tests)} tests"


def _one_line(text: str) -> str:
    return " ".join(text.split())[:300]


def _positive(text: str) -> int:
    number = int(text)
    if number < 1:
        raise argparse.ArgumentTypeError(f"{text} workers; at least 1 wanted")
    return number
