"""An assignment of several notebooks: the results of its notebooks as one, and what of it is one notebook's.

Grade ids are unique in a notebook only. Where there are several, what belongs to a cell is kept under
`notebook/grade_id`, which is the `name` of a test or a hand grade there. Pure: results in, results out.
"""

from __future__ import annotations

import dataclasses
from collections.abc import Collection, Mapping

from autograder.storage import StoredResult
from autograder.verdicts import HandGrade, Status, SubmissionResult, TestResult, cell_name


def joined(parts: Mapping[str, StoredResult]) -> StoredResult:
    """The result of a submission of which each notebook, by name, ended so.

    A notebook that was rejected leaves the submission without a score, as it does with nbgrader.
    """
    first = next(iter(parts.values()))
    results = {name: part.result for name, part in parts.items()}
    status = _status([result.status for result in results.values()])
    graded = status is Status.GRADED
    result = dataclasses.replace(
        first.result,
        status=status,
        reason=" ".join(f"{name}.ipynb: {one.reason}" for name, one in results.items() if one.reason),
        score=sum(one.score or 0.0 for one in results.values()) if graded else None,
        max_score=sum(one.max_score or 0.0 for one in results.values()) if graded else None,
        seconds=round(sum(one.seconds for one in results.values()), 3),
        tests=tuple(
            dataclasses.replace(test, notebook=name) for name, one in results.items() for test in one.tests
        ),
        hand_grades=tuple(
            dataclasses.replace(hand, notebook=name)
            for name, one in results.items()
            for hand in one.hand_grades
        ),
        flags=_flags({name: one.flags for name, one in results.items()}),
        limits_hit=tuple(dict.fromkeys(hit for one in results.values() for hit in one.limits_hit)),
        alone=any(one.alone for one in results.values()),
    )
    return StoredResult(
        result,
        frozenset(cell_name(name, one) for name, part in parts.items() for one in part.untouched),
        first.timestamp,
        _named({name: part.texts for name, part in parts.items()}),
        _named({name: part.shown for name, part in parts.items()}),
        _named({name: part.given for name, part in parts.items()}),
        {mistake: texts for part in parts.values() for mistake, texts in part.met.items()},
    )


def result_of(result: SubmissionResult, notebook: str) -> SubmissionResult:
    """What of a submission's result is one notebook's, as if the assignment had no other."""
    tests = tuple(
        dataclasses.replace(test, notebook="") for test in result.tests if test.notebook == notebook
    )
    by_hand = tuple(
        dataclasses.replace(hand, notebook="") for hand in result.hand_grades if hand.notebook == notebook
    )
    graded = result.status is Status.GRADED
    cells: tuple[TestResult | HandGrade, ...] = (*tests, *by_hand)
    begin = f"{notebook}.ipynb: "
    return dataclasses.replace(
        result,
        score=sum(cell.score or 0.0 for cell in cells) if graded else None,
        max_score=sum(cell.max_score for cell in cells) if graded else None,
        tests=tests,
        hand_grades=by_hand,
        flags=tuple(flag.removeprefix(begin) for flag in result.flags if flag.startswith(begin)),
        late_penalty=0.0,
        comments=_of(result.comments, notebook),
    )


def notebooks_of(result: SubmissionResult) -> tuple[str, ...]:
    """The notebooks whose cells stand in the result; () where the assignment has one."""
    cells: tuple[TestResult | HandGrade, ...] = (*result.tests, *result.hand_grades)
    return tuple(dict.fromkeys(cell.notebook for cell in cells if cell.notebook))


def with_notebook(before: StoredResult | None, notebook: str, part: StoredResult) -> StoredResult:
    """A submission's result after one of its notebooks has been graded, for the first time or again."""
    names = dict.fromkeys([*(() if before is None else notebooks_of(before.result)), notebook])
    return joined(
        {name: part if name == notebook or before is None else _part(before, name) for name in names}
    )


def _part(stored: StoredResult, notebook: str) -> StoredResult:
    """One notebook's part of a result that `joined` made; it had points."""
    begin = cell_name(notebook, "")
    return dataclasses.replace(
        stored,
        result=dataclasses.replace(result_of(stored.result, notebook), status=Status.GRADED, reason=""),
        untouched=frozenset(name.removeprefix(begin) for name in stored.untouched if name.startswith(begin)),
        texts=_of(stored.texts, notebook),
        shown=_of(stored.shown, notebook),
        given=_of(stored.given, notebook),
    )


def _status(each: Collection[Status]) -> Status:
    if Status.REJECTED in each:
        return Status.REJECTED
    return Status.INTERNAL_ERROR if set(each) == {Status.INTERNAL_ERROR} else Status.GRADED


def _flags(each: Mapping[str, tuple[str, ...]]) -> tuple[str, ...]:
    """What is said of all notebooks once (a file was left out), then what is said of one, with its name."""
    common = set.intersection(*map(set, each.values()))
    everywhere = dict.fromkeys(flag for flags in each.values() for flag in flags if flag in common)
    own = (f"{name}.ipynb: {flag}" for name, flags in each.items() for flag in flags if flag not in common)
    return (*everywhere, *own)


def _named(each: Mapping[str, Mapping[str, str]]) -> dict[str, str]:
    """By name of the notebook and grade id: by both together."""
    return {cell_name(name, one): text for name, texts in each.items() for one, text in texts.items()}


def _of(texts: Mapping[str, str], notebook: str) -> dict[str, str]:
    begin = cell_name(notebook, "")
    return {name.removeprefix(begin): text for name, text in texts.items() if name.startswith(begin)}
