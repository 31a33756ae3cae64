"""Distinct submissions for the soak: right, wrong, broken and hostile ones, in a fixed mixture.

A right one has three functions of `student_forms.rewritings`; in a wrong one an operator changed one of them;
a broken or hostile one is a case of tests/corpus whose remaining functions and answers are exchanged. The
same seed gives the same submissions, another seed others. The last block repeats the stories of the first
(the same operator, the same case) with other functions and answers, so that their rates can be compared.
"""

from __future__ import annotations

import dataclasses
import hashlib
import random
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from pathlib import Path

from benchmarks.operators import OPERATORS
from benchmarks.student_forms import forms, rewritings
from tests.corpus_files import SCHEMES, Case, CorpusError, Expected, Operation, all_cases
from tests.corpus_notebooks import compose, hand_in

MIXTURE = (
    "right", "wrong", "broken", "right", "wrong", "hostile", "right", "wrong", "broken", "wrong",
    "right", "wrong", "hostile", "right", "wrong", "right", "wrong", "limits", "right", "wrong",
)  # fmt: skip
BLOCK = 100
CLASSES = {"broken": ("broken", "structure"), "hostile": ("hostile", "leaks"), "limits": ("limits",)}
# Cases of a folder that is no folder, or that lead to another submission's.
_NOT_REPEATED = frozenset({"link", "folder-link", "folder", "fifo", "remove", "rename", "sparse"})


@dataclass(frozen=True)
class Submission:
    """One submission.

    Attributes
    ----------
    student : str
    kind : str
        A word of `MIXTURE`.
    story : str
        The operator, or the case of the corpus.
    case : Case
        How it is composed.
    """

    student: str
    kind: str
    story: str
    case: Case


def submissions(count: int, seed: int = 1, *, whole: bool = True) -> Iterator[Submission]:
    """So many submissions; no two have the same bytes.

    Parameters
    ----------
    whole : bool
        Right and wrong ones train and plot as the released notebook does.
    """
    block = min(BLOCK, count // 2)
    seen: set[str] = set()
    for place in range(count):
        story = place if place < count - block else place - (count - block)
        kind = MIXTURE[story % len(MIXTURE)]
        numbers = random.Random(f"{seed} {place}")
        choice = random.Random(f"{seed} story {story}")
        name, operations = _operations(kind, choice, numbers)
        if whole and kind in ("right", "wrong"):
            operations += (Operation("whole"),)
        case = _distinct(Case(name, "", False, Expected(), operations, name), place, seen)
        yield Submission(f"s{place:05}", kind, name, case)


def write(chosen: Sequence[Submission], submitted: Path) -> None:
    """Hand them in below `submitted`."""
    for one in chosen:
        hand_in(one.student, one.case, submitted)


def _operations(
    kind: str, choice: random.Random, numbers: random.Random
) -> tuple[str, tuple[Operation, ...]]:
    """Name of the story, and the operations that tell it in this submission's words."""
    words = {scheme: numbers.choice(_right()[scheme]) for scheme in SCHEMES}
    if kind == "right":
        return kind, (*_functions(words), *_answers(numbers))
    if kind == "wrong":
        scheme = choice.choice(SCHEMES)
        operator = choice.choice([one for one in OPERATORS if scheme in one.schemes])
        written = [form for form in forms() if form.scheme == scheme and operator.change(form)]
        if written:
            form = numbers.choice(written)
            words[scheme] = form.text(operator.change(form))
        return f"{operator.name} ({scheme})", (*_functions(words), *_answers(numbers))
    name = choice.choice(_cases()[kind])
    case = all_cases()[name]
    own = (*_answers(numbers), *case.operations)
    for operations in ((*_functions(words), *own), own):
        try:
            compose(dataclasses.replace(case, operations=operations))
        except CorpusError:
            continue  # the case changes a piece of the plain function, which others do not have
        return name, operations
    return name, case.operations


def _distinct(case: Case, place: int, seen: set[str]) -> Case:
    """The case, with a file beside its notebook if another submission has the same bytes."""
    digest = hashlib.sha256(compose(case)).hexdigest()
    if digest in seen:
        note = Operation("file", ("notes.txt",), text=f"Submission {place}.")
        return dataclasses.replace(case, operations=(*case.operations, note))
    seen.add(digest)
    return case


def _functions(words: Mapping[str, str]) -> tuple[Operation, ...]:
    return tuple(Operation(scheme, text=text) for scheme, text in words.items())


def _answers(numbers: random.Random) -> tuple[Operation, ...]:
    cost = numbers.uniform(0.05, 0.9)
    return (Operation("answer", ("he",), text=f"The cost ends near {cost:.4f}."),)


@cache
def _right() -> Mapping[str, Sequence[str]]:
    """Right functions of each scheme."""
    found: dict[str, list[str]] = {scheme: [] for scheme in SCHEMES}
    for scheme, text in dict.fromkeys(rewritings()):
        if scheme in found:
            found[scheme].append(text)
    return found


@cache
def _cases() -> Mapping[str, Sequence[str]]:
    """The cases of the corpus that each kind may take."""
    return {
        kind: [
            name
            for name, case in all_cases().items()
            if name.partition("/")[0] in classes
            and not any(operation.name in _NOT_REPEATED for operation in case.operations)
        ]
        for kind, classes in CLASSES.items()
    }
