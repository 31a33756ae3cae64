"""A run of the grader on a terminal: the bar while it runs, a line per student, the totals."""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING, Any

from autograder import class_run
from autograder.verdict_words import VERDICT_WORDS
from autograder.verdicts import Status, SubmissionResult, TestResult

if TYPE_CHECKING:
    from rich.progress import Progress

_NAMED_STUDENTS = 2  # being graded at the same time; the bar has one line
_NAMED_TESTS = 2  # more of them are counted: one line a student


class progress_bar:  # noqa: N801 -- reads as a context manager
    """A progress bar on a terminal's stderr: who is being graded, rate and time; nothing elsewhere."""

    def __enter__(self) -> Any:
        self._bar = _bar() if sys.stderr.isatty() else None
        if self._bar is not None:
            self._bar.start()
            self._task = self._bar.add_task("warming up", total=None, rate="")
        return self._show

    def __exit__(self, *exception: object) -> None:
        if self._bar is not None:
            self._bar.stop()

    def _show(self, progress: class_run.Progress) -> None:
        if self._bar is None:
            return
        rate = f"{progress.rate * 60:.0f} a minute" if progress.rate else ""
        self._bar.update(
            self._task, completed=progress.done, total=progress.total, rate=rate, description=doing(progress)
        )


def _bar() -> Progress:
    from rich.console import Console
    from rich.progress import (
        BarColumn,
        MofNCompleteColumn,
        Progress,
        TextColumn,
        TimeElapsedColumn,
        TimeRemainingColumn,
    )

    return Progress(
        TextColumn("{task.description}"),
        BarColumn(),
        MofNCompleteColumn(),
        TextColumn("{task.fields[rate]}"),
        TimeElapsedColumn(),
        TextColumn("left:"),
        TimeRemainingColumn(),
        console=Console(stderr=True),
        transient=True,
    )


def doing(progress: class_run.Progress) -> str:
    """What the run is at: an endless loop takes minutes, and this says whose it is.

    >>> doing(class_run.Progress(8, 9, 0, 20.0, running=("marek",)))
    'grading marek'
    >>> doing(class_run.Progress(8, 9, 0, 20.0, running=("marek",), again_alone=("marek",)))
    'grading marek again, alone'
    """
    if not progress.running:
        return "warming up" if progress.last is None else "writing grades"
    if len(progress.running) > _NAMED_STUDENTS:
        return f"grading {len(progress.running)} at a time"
    again = " again, alone" * (set(progress.running) <= set(progress.again_alone))
    return f"grading {', '.join(progress.running)}{again}"


def line(result: SubmissionResult, width: int, *, ids: bool = False) -> str:
    """One student's line: id, points, seconds, and the reason where points are missing.

    Parameters
    ----------
    width : int
        Of the column of students.
    ids : bool
        Name findings by their ids, as the JSON does, in place of words.
    """
    points = "-" if result.score is None else f"{result.score:g}/{result.max_score:g}"
    time_taken = "kept" if result.reused else f"{result.seconds:.1f} s"
    return f"{result.student:<{width}}  {points:>9}  {time_taken:>7}  {reason(result, ids=ids)}".rstrip()


def reason(result: SubmissionResult, *, ids: bool = False) -> str:
    """Why points are missing, each finding once with the tests it cost, or who still has to give some.

    >>> from autograder.verdicts import Status, SubmissionResult
        >>> reason(SubmissionResult("ada", "deeper", Status.REJECTED, reason="The file is empty."))
        'rejected: The file is empty.'
    """
    if result.status is not Status.GRADED:
        return f"{result.status}: {_one_line(result.reason)}"
    number = len(result.tests)
    parts = [f"{finding} ({_few(tests, number)})" for finding, tests in _findings(result, ids).items()]
    waiting = sum(hand.max_score for hand in result.hand_grades if hand.score is None)
    if result.open_points:
        parts.append(f"{result.open_points:g} points open: the grader failed there")
    if waiting:
        proposed = sum(hand.proposal or 0.0 for hand in result.hand_grades)
        was = f" ({proposed:g} were given for an earlier text)" * bool(proposed)
        parts.append(f"{waiting:g} points by hand{was}")
    parts += [
        f"{test.name}: {test.proposal:g} points by hand were given for an earlier text"
        for test in result.tests
        if test.proposal is not None
    ]
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
    alone = sum(result.alone and not result.reused for result in results)
    again = f" {alone} ran again alone, since the machine was busy." if alone else ""
    return f"{', '.join(parts)}{of_these}. Isolation: {tiers}.{again}"


def _findings(result: SubmissionResult, ids: bool) -> dict[str, list[str]]:
    """What cost points, in the order of the tests, and which tests each finding cost."""
    findings: dict[str, list[str]] = {}
    for test in result.tests:
        if test.score < test.max_score:
            name = (test.misconception or str(test.verdict)) if ids else words(test)
            findings.setdefault(name, []).append(test.name)
    return findings


def words(test: TestResult) -> str:
    """What was found, as a clause: the catalogue's sentence for teachers, else how the test ended.

    >>> from autograder.verdicts import Verdict
    >>> lost = TestResult("he_seed", 0.0, 5.0, Verdict.RAISED, teacher_note="The function sets no seed.")
    >>> words(lost), words(TestResult("he_seed", 0.0, 5.0, Verdict.TIMEOUT))
    ('the function sets no seed', 'took too long')
    """
    note = "" if test.unnamed else test.teacher_note
    said = note.rstrip(".") or VERDICT_WORDS[test.verdict][1]
    first = said.split(" ")[0]
    # `NaN`, `W` and `np.zeros` stay as they are; a word at the beginning of a sentence becomes small.
    is_word = first == "A" or (first.isalpha() and len(first) > 1 and first.istitle())
    return said[:1].lower() + said[1:] if is_word else said


def _few(tests: list[str], number: int) -> str:
    """Which tests, of `number`."""
    if len(tests) <= _NAMED_TESTS:
        return ", ".join(tests)
    return "every test" if len(tests) == number else f"{len(tests)} tests"


def _one_line(text: str) -> str:
    return " ".join(text.split())[:300]
