"""Compares the corpus's results in the tier `wasm` with those in the tier `full`, field by field.

    python -m tests.wasm_parity RESULTS [--only 'hostile/*'] [--workers 1] [--tier wasm] [--messages]

RESULTS is a folder that keeps a course for each tier: what was graded there is not graded again as long as
code and corpus are the same, so that a run may be stopped and gone on with. A case that was graded in the
tier wasm alone is compared with what the corpus demands of the tier full. Each difference is one line: case,
field, what full says, what wasm says, and the kind in `tests/wasm_differences.txt` that explains it. The
program ends with 1 where a difference has no kind there, or a test gives points that full does not give.
"""

from __future__ import annotations

import argparse
import shutil
import sys
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from fnmatch import fnmatchcase
from pathlib import Path

from autograder import class_run
from autograder.class_options import Progress
from autograder.course import Course
from autograder.storage import stored_results
from autograder.verdicts import Status, SubmissionResult, TestResult
from tests.corpus_files import ROOT, VERDICTS, all_cases
from tests.corpus_notebooks import ASSIGNMENT, hand_in, student_of
from tests.test_corpus import LIMITS

KINDS = ROOT / "tests" / "wasm_differences.txt"
TIERS = ("full", "wasm")
LINKED_TO = "right/plain"  # a link in a case leads there


@dataclass(frozen=True)
class Difference:
    """A field of a case that the two tiers tell otherwise."""

    case: str
    field: str
    full: str
    wasm: str

    def __str__(self) -> str:
        return f"{self.case}: {self.field}: {self.full} | {self.wasm}"


def told(result: SubmissionResult, *, messages: bool = False) -> dict[str, str]:
    """What a result says, by field; times, versions and texts of the catalogue are left out."""
    fields = {
        "status": str(result.status),
        "reason": result.reason,
        "flags": "; ".join(sorted(result.flags)),
        "answered": ", ".join(hand.grade_id for hand in result.hand_grades if hand.answered),
        "stopped cells": ", ".join(result.limits_hit),
    }
    for test in result.tests:
        fields[test.grade_id] = _verdict(test)
        if messages:
            fields[f"{test.grade_id} message"] = test.message
            fields[f"{test.grade_id} mistake"] = test.misconception or ""
    return fields


def _verdict(test: TestResult) -> str:
    points = f" {test.score:g}" if test.score else ""
    return f"{test.verdict}{points}{' open' if test.open else ''}"


def differences(
    case: str, full: SubmissionResult, wasm: SubmissionResult, *, messages: bool = False
) -> list[Difference]:
    """Where the two results differ."""
    one, other = (told(result, messages=messages) for result in (full, wasm))
    return [
        Difference(case, field, one.get(field, "-"), other.get(field, "-"))
        for field in {**one, **other}
        if one.get(field) != other.get(field)
    ]


def differences_from_corpus(case: str, wasm: SubmissionResult) -> list[Difference]:
    """Where a result differs from what the corpus demands of the tier full (`tests/test_corpus.py`)."""
    wanted = all_cases()[case].expected
    if wanted.rejected is not None:
        is_same = wasm.status is Status.REJECTED and wanted.rejected in wasm.reason
        return [] if is_same else [Difference(case, "status", "rejected", f"{wasm.status} {wasm.reason}")]
    if wasm.status is not Status.GRADED:
        return [Difference(case, "status", "graded", f"{wasm.status} {wasm.reason}")]
    allowed = {test.grade_id: wanted.verdicts.get(test.grade_id, ("passed",)) for test in wasm.tests}
    if wanted.no_points:
        allowed = dict.fromkeys(allowed, tuple(sorted(VERDICTS - {"internal-error"})))
    found = [
        Difference(case, test.grade_id, " or ".join(allowed[test.grade_id]), _verdict(test))
        for test in wasm.tests
        if str(test.verdict) not in allowed[test.grade_id]
    ]
    flags = "; ".join(sorted(wasm.flags))
    found += [Difference(case, "flags", flag, flags) for flag in wanted.flags if flag not in flags]
    answered = {hand.grade_id for hand in wasm.hand_grades if hand.answered}
    if answered != wanted.answered:
        words = [", ".join(sorted(names)) for names in (wanted.answered, answered)]
        found.append(Difference(case, "answered", *words))
    return found


def gains(case: str, wasm: SubmissionResult) -> list[str]:
    """The tests that give points here where the corpus demands that they give none."""
    wanted = all_cases()[case].expected
    if wanted.rejected is not None or wanted.no_points:
        return [test.grade_id for test in wasm.tests if test.score]
    return [test.grade_id for test in wasm.tests if test.score and test.grade_id in wanted.verdicts]


def kinds(text: str) -> dict[str, str]:
    """The kind that explains each case's difference: headings `== KIND`, and below them the cases.

    >>> kinds("== no such function\\nhostile/fork\\nhostile/kill\\n")
    {'hostile/fork': 'no such function', 'hostile/kill': 'no such function'}
    """
    found: dict[str, str] = {}
    kind = ""
    for line in text.splitlines():
        if line.startswith("== "):
            kind = line.removeprefix("== ")
        elif line and not line.startswith("#"):
            found[line] = kind
    return found


def known() -> dict[str, str]:
    """The kinds of the project's list."""
    return kinds(KINDS.read_text(encoding="utf-8"))


def grade_in(tier: str, root: Path, cases: Iterable[str], workers: int = 1) -> dict[str, SubmissionResult]:
    """The results of the cases in the course `root`, of which is graded only what was not graded yet."""
    course = Course(root)
    if not course.source(ASSIGNMENT).is_dir():
        shutil.copytree(ROOT / "source" / ASSIGNMENT, course.source(ASSIGNMENT))
    chosen = [*dict.fromkeys([*cases, LINKED_TO])]
    for case in chosen:
        if not course.submitted(student_of(case), ASSIGNMENT).exists():
            hand_in(case, all_cases()[case], root / "submitted")
    students = tuple(map(student_of, chosen))
    options = class_run.Options(students=students, workers=workers, isolation=tier, limits=LIMITS)
    class_run.grade(course, ASSIGNMENT, options, _show)
    return kept(root, chosen)


def kept(root: Path, cases: Iterable[str]) -> dict[str, SubmissionResult]:
    """What has been graded there, by case."""
    found = stored_results(Course(root), ASSIGNMENT)
    return {case: found[student_of(case)].result for case in cases if student_of(case) in found}


def _show(progress: Progress) -> None:
    if progress.last is not None:
        sys.stderr.write(f"{progress.done}/{progress.total} {progress.last.student}\n")


def compared(
    cases: Iterable[str],
    full: Mapping[str, SubmissionResult],
    wasm: Mapping[str, SubmissionResult],
    *,
    messages: bool = False,
) -> Iterator[Difference]:
    """All differences of what was graded: from the tier full, else from what the corpus demands of it."""
    for case in cases:
        if case in wasm and case in full:
            yield from differences(case, full[case], wasm[case], messages=messages)
        elif case in wasm:
            yield from differences_from_corpus(case, wasm[case])


def main(words: list[str]) -> int:
    """Grade, compare, print; 1 where a difference is of no known kind, or gives points."""
    reader = argparse.ArgumentParser(prog="python -m tests.wasm_parity", description=__doc__)
    reader.add_argument("results", type=Path, help="folder that keeps what was graded")
    reader.add_argument("--only", default="*", help="cases, for example 'hostile/*'")
    reader.add_argument("--workers", type=int, default=1)
    reader.add_argument("--tier", choices=(*TIERS, "neither"), help="grade in this one alone; default: both")
    reader.add_argument("--messages", action="store_true", help="compare messages and mistakes, too")
    chosen = reader.parse_args(words)
    cases = [case for case in all_cases() if fnmatchcase(case, chosen.only)]
    for tier in TIERS:
        if chosen.tier in (None, tier):
            grade_in(tier, chosen.results / tier, cases, chosen.workers)
    full, wasm = (kept(chosen.results / tier, cases) for tier in TIERS)
    kind_of = known()
    counts: Counter[str] = Counter()
    for difference in compared(cases, full, wasm, messages=chosen.messages):
        kind = kind_of.get(difference.case, "NEW")
        counts[kind] += 1
        sys.stdout.write(f"{difference} [{kind}]\n")
    more = [case for case in cases if case in wasm and gains(case, wasm[case])]
    sys.stdout.write(
        f"{len(wasm)} of {len(cases)} cases graded in wasm, {len(full)} in full, too: {dict(counts)}\n"
    )
    sys.stdout.write(f"Points that full does not give: {', '.join(more) or 'none'}\n")
    return 1 if more or "NEW" in counts else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
