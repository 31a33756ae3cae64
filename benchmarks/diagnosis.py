"""How well mistakes are diagnosed: wrong functions with known mistakes, right ones that must not be accused.

    python -m benchmarks.diagnosis                     the full measure; writes benchmarks/diagnosis.md
    python -m benchmarks.diagnosis --share 0.02        a sample of it, printed only; with --write, written

Right solutions in public forms are changed by operators that each make one mistake, and by pairs of them;
those that pass all the same are dropped and counted. A pair counts if each of its mistakes alone fails. The
functions run in this process, by the diagnosis's own code; the sample is drawn with a fixed seed.
"""

from __future__ import annotations

import argparse
import random
import sys
import time
from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from autograder.misconceptions import CATALOGUE, Diagnosis, diagnose
from autograder.misconceptions.formulas import right_parameters
from autograder.misconceptions.probes import PROBE, SINGLE, SMALL, agree, arrays_of
from benchmarks.operators import OPERATORS
from benchmarks.student_forms import Operator, forms, rewritings
from init_utils.checks import find_structural_mistake
from tests.mistakes.reader import Case, Student, read_cases

PAGE = Path(__file__).with_suffix(".md")
SEED = 20
SINGLES, PAIRS, RIGHT = 4000, 1600, 5200


@dataclass(frozen=True)
class Mutant:
    """A wrong function and the operators that made it so."""

    case: Case
    operators: tuple[Operator, ...]


@dataclass
class Figures:
    """What one group of wrong functions gave."""

    title: str
    total: int = 0
    named: int = 0
    right: int = 0
    first_right: int = 0
    both: int = 0
    more: int = 0

    def add(self, found: Diagnosis | None, operators: Sequence[Operator]) -> None:
        """Count one diagnosis."""
        self.total += 1
        if found is None or not found.is_named:
            return
        self.named += 1
        told = {found.id, *(other.id for other in found.further)}
        self.right += any(told & set(operator.ids) for operator in operators)
        self.first_right += any(found.id in operator.ids for operator in operators)
        self.both += all(told & set(operator.ids) for operator in operators)
        self.more += bool(told - {name for operator in operators for name in operator.ids})

    def row(self) -> str:
        """A line of the table."""
        shares = (
            f"{100 * self.named / max(1, self.total):.1f} %",
            f"{100 * self.right / max(1, self.named):.1f} %",
            f"{100 * self.first_right / max(1, self.named):.1f} %",
            f"{100 * self.both / max(1, self.total):.1f} %",
            f"{100 * self.more / max(1, self.total):.1f} %",
        )
        return f"| {self.title} | {self.total:,} | " + " | ".join(shares) + " |"


def main(words: Sequence[str]) -> int:
    """Measure, print, and write the page when everything was measured."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--share", type=float, default=1.0, help="the part of the measure to run, 0 to 1")
    parser.add_argument("--write", action="store_true", help="write the page of a sample, too")
    parser.add_argument("--misses", action="store_true", help="print what was not named, or named wrong")
    arguments = parser.parse_args(words)
    started = time.monotonic()
    page = measure(arguments.share, arguments.misses)
    print(page)
    print(f"{time.monotonic() - started:.0f} s", file=sys.stderr)
    if arguments.share == 1.0 or arguments.write:
        PAGE.write_text(page, encoding="utf-8")
    return 0


def measure(share: float, misses: bool = False) -> str:
    """The page with all figures."""
    numbers = random.Random(SEED)
    singles, dropped = draw_singles(int(SINGLES * share), numbers)
    pairs, dropped_pairs = draw_pairs(int(PAIRS * share), numbers)
    groups: dict[str, Figures] = {}
    told: Counter[str] = Counter()
    times = []
    for mutant in (*singles, *pairs):
        student = Student(mutant.case)
        begun = time.process_time()
        found = ask(mutant.case, student)
        times.append(time.process_time() - begun)
        for title in titles_of(mutant):
            groups.setdefault(title, Figures(title)).add(found, mutant.operators)
        if found is not None and found.is_named and len(mutant.operators) == 1:
            told[found.id] += 1
        if misses:
            print_miss(mutant, found)
    collected = Figures("collected in tests/mistakes")
    for case in (*read_cases("known"), *read_cases("heldout")):
        if set(case.id.split("|")) <= set(CATALOGUE):
            collected.add(
                ask(case, Student(case)), (Operator(case.id, tuple(case.id.split("|")), lambda form: {}),)
            )
    accused, asked = accuse_right(int(RIGHT * share), numbers)
    lines = [
        "# Diagnosis of mistakes",
        "",
        f"Written by `python -m benchmarks.diagnosis{f' --share {share} --write' if share < 1 else ''}`, "
        f"seed {SEED}: {len(forms())} right forms, "
        f"{len(OPERATORS)} operators, {len(singles) + len(pairs):,} wrong functions "
        f"({dropped + dropped_pairs:,} more passed every test and were dropped).",
        "",
        "*Named* leaves out the ids that only say how a mistake shows. *Right* and *first right* are of",
        "those named: the mistake made is among the ids, or is the first. *All found* is of all, and so is",
        "*more*: something else is told, too, be it wrong or what follows from the mistakes made.",
        "",
        "| wrong functions | number | named | right | first right | all found | more |",
        "| --- | --- | --- | --- | --- | --- | --- |",
        *(groups[title].row() for title in sorted(groups)),
        collected.row(),
        "",
        f"Right functions: {asked:,} different rewritings, {len(accused)} accused.",
        "",
        f"A diagnosis takes {1000 * float(np.mean(times)):.0f} ms of CPU on average, "
        f"{1000 * float(np.quantile(times, 0.95)):.0f} ms in 95 of 100, calls of the function included.",
        "",
        "| entries | share of the named single mistakes that they cover |",
        "| --- | --- |",
        *curve(told),
    ]
    blind = [operator for operator in OPERATORS if operator.blind]
    lines += [
        "",
        f"*Blind* operators, {len(blind)} of {len(OPERATORS)}, were written by someone who had not read the",
        "catalogue. Of the first 810 single mistakes of theirs it named 92.5 %, and 96.5 % of these right;",
        "then nine entries were added for what they had shown.",
    ]
    return "\n".join(lines) + "\n"


def titles_of(mutant: Mutant) -> list[str]:
    """The groups that a mutant counts in."""
    if len(mutant.operators) == 1:
        return ["one mistake", *(["one mistake, blind operators"] if mutant.operators[0].blind else [])]
    is_blind = all(operator.blind for operator in mutant.operators)
    stops = any(Student(single).call(list(PROBE)).error_type for single in alone(mutant))
    return [
        "two mistakes",
        *(["two mistakes, blind operators"] if is_blind else []),
        "two mistakes, one of them an error" if stops else "two mistakes in what is returned",
    ]


def alone(mutant: Mutant) -> Iterable[Case]:
    return (Case("", mutant.case.scheme, text, 0) for text in mutant.case.id.split("\0"))


def draw_singles(count: int, numbers: random.Random) -> tuple[list[Mutant], int]:
    """Mutants of one operator each, all operators equally often, and how many passed."""
    everywhere = forms()
    found: dict[str, Mutant] = {}
    dropped = 0
    for turn in range(40 * count):
        if len(found) >= count:
            break
        operator = OPERATORS[turn % len(OPERATORS)]
        fitting = [form for form in everywhere if form.scheme in operator.schemes]
        form = numbers.choice(fitting) if fitting else None
        changes = operator.change(form) if form is not None else {}
        if form is None or not changes:
            continue
        text = form.text(changes)
        if text in found or text == form.text():
            continue
        if passes(form.scheme, text):
            dropped += 1
            continue
        found[text] = Mutant(Case("", form.scheme, text, 0), (operator,))
    return list(found.values()), dropped


def draw_pairs(count: int, numbers: random.Random) -> tuple[list[Mutant], int]:
    """Mutants of two operators that change different parts and each fail alone, and how many passed."""
    everywhere = forms()
    found: dict[str, Mutant] = {}
    dropped = 0
    for _ in range(60 * count):
        if len(found) >= count:
            break
        form = numbers.choice(everywhere)
        fitting = [operator for operator in OPERATORS if form.scheme in operator.schemes]
        pair = tuple(numbers.sample(fitting, 2))
        changes = [operator.change(form) for operator in pair]
        if not all(changes) or set(changes[0]) & set(changes[1]):
            continue
        text = form.text(changes[0] | changes[1])
        single = [form.text(change) for change in changes]
        if text in found:
            continue
        if any(passes(form.scheme, one) for one in (text, *single)):
            dropped += 1
            continue
        found[text] = Mutant(Case("\0".join(single), form.scheme, text, 0), pair)
    return list(found.values()), dropped


def passes(scheme: str, text: str) -> bool:
    """Whether a function is right for every probe, twice in a row."""
    student = Student(Case("", scheme, text, 0))
    for dims in (PROBE, SMALL, SINGLE):
        for ask_once in (student.call, student.call_again):
            outcome = ask_once(list(dims))
            if outcome.error_type or find_structural_mistake(outcome.value, dims) is not None:
                return False
            if not agree(arrays_of(outcome.value), right_parameters(scheme, dims)):
                return False
    return True


def ask(case: Case, student: Student) -> Diagnosis | None:
    """The diagnosis, as the grader asks for it."""
    return diagnose(
        case.scheme,
        student.call,
        case.source,
        call_again=student.call_again,
        call_seeded=student.call_seeded,
        rewritten=student.rewritten,
    )


def accuse_right(count: int, numbers: random.Random) -> tuple[list[str], int]:
    """Right functions that are called wrong, and how many were asked."""
    texts = list(dict.fromkeys(rewritings()))
    numbers.shuffle(texts)
    accused = []
    for scheme, text in texts[:count]:
        case = Case("", scheme, text, 0)
        if ask(case, Student(case)) is not None:
            accused.append(text)
            print(text, file=sys.stderr)
    return accused, len(texts[:count])


def curve(told: Counter[str]) -> list[str]:
    """How many entries cover which share of the diagnoses."""
    total, covered, lines = sum(told.values()), 0, []
    steps = {10, 20, 30, 40, 50, 60, 80, 100, len(told)}
    for rank, (_, count) in enumerate(told.most_common(), 1):
        covered += count
        if rank in steps:
            lines.append(f"| {rank} | {100 * covered / max(1, total):.0f} % |")
    return lines


def print_miss(mutant: Mutant, found: Diagnosis | None) -> None:
    told = [found.id, *(other.id for other in found.further)] if found else []
    missed = [operator for operator in mutant.operators if not set(told) & set(operator.ids)]
    if missed:
        print([operator.name for operator in mutant.operators], "->", told, file=sys.stderr)
        print(mutant.case.source, file=sys.stderr)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
