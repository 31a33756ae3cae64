"""Pairs of students whose texts are alike: for a person to look at, never a verdict.

Code is read as tokens: comments and layout do not count, and a name that a student may choose is any name, so
renaming hides nothing. Written answers are read as words. Texts share *passages*, runs of some tokens. What
the instructor wrote (released text, reference solution, mark scheme) and what many students wrote is
subtracted first: where an exercise has one right answer, right answers are alike. What is left of a text must
be large enough to compare. Source: Schleimer, Wilkerson and Aiken, "Winnowing" (SIGMOD 2003), here without
sampling.
"""

from __future__ import annotations

import builtins
import keyword
import math
import re
from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from itertools import combinations

CODE_PASSAGE = 10  # tokens in a passage
WORDS_PASSAGE = 4
# One token of one's own makes as many passages as a passage has tokens: three alike may be chance.
FEWEST_CODE_PASSAGES, FEWEST_WORDS_PASSAGES = 3 * CODE_PASSAGE, 3 * WORDS_PASSAGE
LEAST_SHARE = 0.5  # of the smaller text's passages
MANY, MOST_OWNERS = 5, 30  # a passage that more students have (or a fifth of a class between) is subtracted
MOST_CHARACTERS = 20_000  # of one text
MOST_PAIRS = 200

_TOKEN = re.compile(
    r"""(?P<skip>\#[^\n]*|[ \t\r\f]+|\\\n)
    |(?P<newline>\n)
    |(?P<text>[A-Za-z]{0,3}(?:\"{3}.*?\"{3}|'{3}.*?'{3}|"(?:\\.|[^"\\\n])*"|'(?:\\.|[^'\\\n])*'))
    |(?P<number>\d[\w.]*)
    |(?P<name>\w+)
    |(?P<sign>.)""",
    re.VERBOSE | re.DOTALL,
)
_KEPT_NAMES = frozenset(keyword.kwlist) | frozenset(dir(builtins))
_WORD = re.compile(r"[^\W_]+")

Passage = tuple[str, ...]


@dataclass(frozen=True)
class Answer:
    """What one student wrote for one question.

    Attributes
    ----------
    student, question : str
    text : str
    is_code : bool
    """

    student: str
    question: str
    text: str
    is_code: bool


@dataclass(frozen=True)
class Pair:
    """Two answers that are more alike than the exercise explains.

    Attributes
    ----------
    first, second : Answer
        By student's id.
    passages : int
        How many passages they share that neither the instructor nor many others wrote.
    share : float
        Their part of the shorter answer's passages, 0 to 1.
    first_lines, second_lines : frozenset of int
        Lines of each text with such passages, from 0.
    """

    first: Answer
    second: Answer
    passages: int
    share: float
    first_lines: frozenset[int]
    second_lines: frozenset[int]


def similar_pairs(answers: Iterable[Answer], known: Iterable[str]) -> list[Pair]:
    """Pairs to look at, the most alike first; at most 200.

    Parameters
    ----------
    answers : iterable of Answer
    known : iterable of str
        The instructor's texts: as released, with solutions, mark schemes.
    """
    questions: dict[tuple[str, bool], list[Answer]] = defaultdict(list)
    for answer in answers:
        questions[answer.question, answer.is_code].append(answer)
    texts = [text[:MOST_CHARACTERS] for text in known]
    given = {is_code: {p for text in texts for p in _passages(text, is_code)} for is_code in (True, False)}
    pairs = [
        pair
        for (_, is_code), group in sorted(questions.items())
        for pair in _pairs_of_question(group, given[is_code])
    ]
    pairs.sort(key=lambda pair: (-pair.share, -pair.passages, pair.first.student, pair.second.student))
    return pairs[:MOST_PAIRS]


def by_students(pairs: Iterable[Pair]) -> list[tuple[Pair, ...]]:
    """The pairs of the same two students together; those who share most first."""
    groups: dict[tuple[str, str], list[Pair]] = defaultdict(list)
    for pair in pairs:
        groups[pair.first.student, pair.second.student].append(pair)
    return sorted(map(tuple, groups.values()), key=lambda group: -sum(pair.passages for pair in group))


def tokens(text: str, *, is_code: bool) -> list[tuple[str, int]]:
    """What counts of a text, each with its line from 0.

    >>> [token for token, _ in tokens("W = np.ones(n)  # start", is_code=True)]
    ['name', '=', 'name', '.', 'ones', '(', 'name', ')']
    >>> tokens("The cost\\nFalls.", is_code=False)
    [('the', 0), ('cost', 0), ('falls', 1)]
    """
    if not is_code:
        lines = enumerate(text.split("\n"))
        return [(word.casefold(), number) for number, line in lines for word in _WORD.findall(line)]
    return list(_code_tokens(text))


def _code_tokens(text: str) -> Iterator[tuple[str, int]]:
    line, before = 0, ""
    for found in _TOKEN.finditer(text):
        kind, written = found.lastgroup, found.group()
        if kind == "name":
            is_kept = before == "." or written in _KEPT_NAMES
            token = written if is_kept else "name"
        elif kind in ("text", "number"):
            token = str(kind)
        else:
            token = written
        if kind not in ("skip", "newline") and not (kind == "text" and before in ("", "\n", ":")):
            yield token, line
        if kind != "skip" and not (kind == "newline" and before == ":"):
            before = written
        line += written.count("\n")


def _passages(text: str, is_code: bool) -> dict[Passage, set[int]]:
    """Passage -> the lines on which it stands."""
    length = CODE_PASSAGE if is_code else WORDS_PASSAGE
    read = tokens(text, is_code=is_code)
    found: dict[Passage, set[int]] = defaultdict(set)
    for start in range(len(read) - length + 1):
        run = read[start : start + length]
        found[tuple(token for token, _ in run)].update(line for _, line in run)
    return found


def _pairs_of_question(group: Sequence[Answer], given: set[Passage]) -> Iterator[Pair]:
    own = []
    for answer in group:
        passages = _passages(answer.text[:MOST_CHARACTERS], answer.is_code)
        own.append({passage: lines for passage, lines in passages.items() if passage not in given})
    owners: dict[Passage, list[int]] = defaultdict(list)
    for place, passages in enumerate(own):
        for passage in passages:
            owners[passage].append(place)
    fewest = FEWEST_CODE_PASSAGES if group[0].is_code else FEWEST_WORDS_PASSAGES
    many = min(max(MANY, math.ceil(len(group) / 5)), MOST_OWNERS)
    rare = {passage: places for passage, places in owners.items() if len(places) <= many}
    shared = Counter(pair for places in rare.values() for pair in combinations(places, 2))
    left = [sum(passage in rare for passage in passages) for passages in own]
    for (one, other), count in shared.items():
        share = count / min(left[one], left[other])
        if count >= fewest and share >= LEAST_SHARE:
            first, second = sorted((one, other), key=lambda place: group[place].student)
            both = [passage for passage in own[first] if passage in own[second] and passage in rare]
            yield Pair(
                group[first],
                group[second],
                count,
                share,
                frozenset().union(*(own[first][passage] for passage in both)),
                frozenset().union(*(own[second][passage] for passage in both)),
            )
