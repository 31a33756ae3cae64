"""The three parts of a hint: what happened, why it matters, what to try; how long, how plain, no solution."""

from __future__ import annotations

import itertools
import json
import re
from pathlib import Path

import pytest
import textstat

from autograder.misconceptions import CATALOGUE
from autograder.misconceptions.catalogue import EXAMPLES
from autograder.misconceptions.catalogue.explanations import EXPERIMENTS, OF_ENTRY, OF_GROUP, WHY
from autograder.misconceptions.entry import Misconception
from autograder.storage import StoredResult
from autograder.verdicts import Status, SubmissionResult, TestResult, Verdict
from benchmarks.diagnosis import passes
from tests.mistakes.reader import Case, read_cases

ROOT = Path(__file__).parents[1]
CODE = re.compile(r"`[^`]*`|\([^)]*\)|\S*[_\[\]{}=*/()^+'\"]\S*?(?=[.,:;?!]?(?:\s|$))")
SPANS = re.compile(r"`([^`]+)`|([\w.']+(?: \+ )?[\w.]*[(\[][^)\]]*[)\]])")
STUDENTS_OWN = (("{error}. ", ""), (": {error}", ""), ("with {error}", "with an error"), (" ({found})", ""))


def happened(entry: Misconception) -> str:
    """The first part, without what is the student's own."""
    hint = entry.hint
    for own, instead in STUDENTS_OWN:
        hint = hint.replace(own, instead)
    return entry.checked or hint.format(**EXAMPLES)


def whole(entry: Misconception) -> str:
    return f"{happened(entry)} {entry.why} {entry.experiment}"


@pytest.mark.parametrize("entry", CATALOGUE.values(), ids=lambda entry: entry.id)
def test_all_three_parts_have_40_to_120_words_that_a_ninth_grader_reads(entry: Misconception) -> None:
    assert 40 <= len(whole(entry).split()) <= 120
    assert textstat.flesch_kincaid_grade(CODE.sub("this", whole(entry))) <= 9


def test_why_is_one_sentence_and_an_experiment_holds_no_code() -> None:
    assert all(re.fullmatch(r"[^.?!]+\.", sentence) for sentence in WHY.values())
    assert not any(SPANS.search(text) for text in (*WHY.values(), *EXPERIMENTS.values()))


def test_every_explanation_is_used_and_every_exception_is_an_entry() -> None:
    assert set(OF_ENTRY) <= set(CATALOGUE)
    assert set(OF_GROUP) == {entry.group for entry in CATALOGUE.values()}
    used = [*OF_ENTRY.values(), *OF_GROUP.values()]
    assert {why for why, _ in used} == set(WHY)
    assert {experiment for _, experiment in used} == set(EXPERIMENTS)


def public_text() -> str:
    """What students have before them: both released notebooks."""
    notebooks = (ROOT / "release" / name / f"{name}.ipynb" for name in ("initialization", "deeper"))
    cells = itertools.chain.from_iterable(json.loads(path.read_text("utf-8"))["cells"] for path in notebooks)
    return "\n".join("".join(cell["source"]) for cell in cells)


def spans(entry: Misconception) -> list[str]:
    public = public_text()
    found = [one or two for one, two in SPANS.findall(whole(entry))]
    return [span for span in dict.fromkeys(found) if span not in public]


def with_line(case: Case, number: int, text: str) -> str:
    lines = case.source.split("\n")
    indent = lines[number][: len(lines[number]) - len(lines[number].lstrip())]
    lines[number] = "\n".join(indent + part for part in text.split("\n"))
    return "\n".join(lines)


@pytest.mark.parametrize(
    "case",
    [case for case in read_cases("known") if case.scheme != "general" and spans(CATALOGUE[case.id])],
    ids=str,
)
def test_no_code_of_a_hint_is_the_line_that_was_wanted(case: Case) -> None:
    texts = spans(CATALOGUE[case.id])
    for number, line in enumerate(case.source.split("\n")):
        if line.strip():
            for text in (*texts, "\n".join(texts)):
                assert not passes(case.scheme, with_line(case, number, text)), (number, text)


# ---------------------------------------------------------------- the third part comes with the second try


def stored(code: str, mistake: str) -> StoredResult:
    test = TestResult("he_values", 0.0, 5.0, Verdict.WRONG_ANSWER, "", mistake, "What.", experiment="Do.")
    result = SubmissionResult("ada", "initialization", Status.GRADED, tests=(test,))
    return StoredResult(result, texts={"he_values": code})


def told(*submissions: StoredResult) -> list[bool]:
    """Whether the third part is told, submission after submission."""
    earlier, said = None, []
    for submission in submissions:
        earlier = submission.after(earlier)
        said.append(earlier.result.tests[0].repeated)
    return said


def test_the_third_part_is_told_from_the_second_different_submission_with_the_same_mistake() -> None:
    first, second, third = (stored(code, "factor-xavier") for code in ("one", "two", "three"))
    other = stored("other", "factor-he")
    assert told(first, second, third) == [False, True, True]
    assert told(first, other, second) == [False, False, True]


def test_a_regrade_never_raises_the_level() -> None:
    first, second = (stored(code, "factor-xavier") for code in ("one", "two"))
    assert told(first, first, first, second, second) == [False, False, False, True, True]
