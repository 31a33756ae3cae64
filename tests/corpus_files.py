"""Reads the cases of the corpus from `tests/corpus/<class>.txt`; tests/corpus/README.md describes the format.

Refuses, with file, line, what stands there and what may stand there: an unknown or malformed operation,
verdict or key; a case without a reason or without a verdict; a name that is taken.
"""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from functools import cache
from itertools import pairwise
from pathlib import Path

from autograder.verdicts import Verdict

ROOT = Path(__file__).resolve().parents[1]
CORPUS = ROOT / "tests" / "corpus"
TESTS = (
    "zeros_shapes", "zeros_values", "random_shapes", "random_values", "random_seed",
    "he_shapes", "he_values", "he_seed",
)  # fmt: skip
SCHEMES = ("zeros", "random", "he")
GROUPS = {
    "tests": TESTS,
    "solutions": tuple(f"initialize_parameters_{scheme}" for scheme in SCHEMES),
} | {f"{scheme}_*": tuple(test for test in TESTS if test.startswith(scheme)) for scheme in SCHEMES}
VERDICTS = frozenset(str(verdict) for verdict in Verdict) - {"passed"}

# Every operation as it is written: capitals stand for words of the case, `...` for one or more, [] for what
# may be left out; TEXT is what stands below the line, or a literal behind a colon at its end.
USAGES = (
    # Solutions and answers
    "zeros TEXT", "random TEXT", "he TEXT", "inside SCHEME TEXT", "empty-dictionaries", "answer SCHEME TEXT",
    # Cells
    "after CELL [as TYPE] [like CELL] [named ID] TEXT", "before CELL [as TYPE] [like CELL] [named ID] TEXT",
    "set CELL... TEXT", "append CELL TEXT", "replace-in CELL old OLD new NEW", "turn CELL... into TYPE",
    "template CELL...", "template-below CELL", "delete CELL...", "move CELL to PLACE",
    "copy CELL... to PLACE", "merge CELL... as CELL [at CELL]", "merge-all", "swap-texts CELL CELL",
    "swap-metadata CELL CELL", "reverse", "repeat COUNT [as TYPE] TEXT", "whole",
    # What a cell carries besides its text
    "nbgrader CELL... TEXT", "tags CELL... TEXT", "metadata CELL... TEXT", "strip-metadata", "cell-ids ID",
    "outputs CELL TEXT", "fill-outputs CELL with KIND bytes COUNT",
    # The notebook as a whole
    "top TEXT", "sources as FORM", "nbformat3",
    # Its bytes
    "encode ENCODING", "minify", "ascii", "cut BYTES", "cut-in-text", "replace OLD by NEW [times COUNT]",
    "append-bytes TEXT", "notebook TEXT", "notebook-hex [times COUNT] TEXT",
    # The folder
    "file NAME TEXT", "remove NAME", "rename NAME", "link NAME to TARGET", "folder NAME", "fifo NAME",
    "sparse NAME bytes COUNT", "folder-link TARGET",
)  # fmt: skip

_LITERAL = r"""(?:'(?:\\.|[^'\\])*'|"(?:\\.|[^"\\])*")(?:\*\d+)?"""
_WORD = re.compile(rf"(?:{_LITERAL})(?:\+{_LITERAL})*|[^\s'\"]+(?<!:)")
_PIECE = re.compile(r"""('(?:\\.|[^'\\])*'|"(?:\\.|[^"\\])*")(?:\*(\d+))?""")


class CorpusError(ValueError):
    """A file of the corpus cannot be read as cases."""


@dataclass(frozen=True)
class Form:
    """How an operation is written, taken from its line of `USAGES`.

    Attributes
    ----------
    usage : str
    words : tuple of (int, int)
        The smallest and largest number of words behind the name.
    options : dict of str to bool
        The words that announce another one, and whether each must be there.
    text : bool
        Whether a text belongs to it.
    """

    usage: str
    words: tuple[int, int]
    options: Mapping[str, bool]
    text: bool


@dataclass(frozen=True)
class Operation:
    """One step from the released notebook to what is handed in."""

    name: str
    words: tuple[str, ...] = ()
    options: Mapping[str, str] = field(default_factory=dict)
    text: str = ""
    where: str = ""

    @property
    def cells(self) -> tuple[str, ...]:
        """The grade ids that its words name, groups and schemes written out."""
        return tuple(grade_id for word in self.words for grade_id in cells_of(word))


@dataclass(frozen=True)
class Expected:
    """What must come out.

    Attributes
    ----------
    verdicts : dict of str to tuple of str
        For every test that is not passed, the verdicts that it may get.
    no_points : bool
        No test is passed; by which verdict is a matter of timing.
    rejected : str or None
        The submission is rejected, and this is part of the reason.
    flags : tuple of str
        Each is part of a flag.
    answered : frozenset of str
        The written answers that are not empty.
    """

    verdicts: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    no_points: bool = False
    rejected: str | None = None
    flags: tuple[str, ...] = ()
    answered: frozenset[str] = frozenset()


@dataclass(frozen=True)
class Case:
    """One submission of the corpus."""

    name: str
    reason: str
    fast: bool
    expected: Expected
    operations: tuple[Operation, ...]
    where: str


@cache
def all_cases() -> Mapping[str, Case]:
    """Every case under `<class>/<name>`, sorted."""
    cases = {
        f"{path.stem}/{case.name}": case
        for path in sorted(CORPUS.glob("*.txt"))
        for case in read_cases(path.read_text(encoding="utf-8"), path.relative_to(ROOT).as_posix())
    }
    return dict(sorted(cases.items()))


def read_cases(text: str, file: str) -> list[Case]:
    """The cases of one file's text; `file` is its name in messages.

    Examples
    --------
    >>> case, = read_cases('''Preface.
    ...
    ... === one-key-short
    ... The last layer is missing.
    ... expect: zeros_* wrong-answer
    ... # %% zeros
    ... def initialize_parameters_zeros(layers_dims): ...
    ... ''', "right.txt")
    >>> case.expected.verdicts
    {'zeros_shapes': ('wrong-answer',), 'zeros_values': ('wrong-answer',)}
    """
    cases: dict[str, Case] = {}
    for number, lines in _blocks(text, "=== ", 1):
        where = f"{file}, line {number}"
        name, *marks = lines[0].removeprefix("=== ").split() or [""]
        if marks not in ([], ["fast"]) or not re.fullmatch(r"[a-z0-9-]+", name):
            raise _unreadable(where, lines[0], "`=== NAME` or `=== NAME fast`; a name is of a-z, 0-9 and -")
        if name in cases:
            raise _unreadable(where, lines[0], f"a name of its own; {cases[name].where} has this one")
        cases[name] = _case(name, bool(marks), lines[1:], file, number + 1)
    return list(cases.values())


def cells_of(word: str) -> tuple[str, ...]:
    """The grade ids that a word stands for: a group's, the solution of a scheme, or the one that it is."""
    if word in SCHEMES:
        return (f"initialize_parameters_{word}",)
    return GROUPS.get(word, (word,))


def form_of(usage: str) -> Form:
    """How to read an operation, from its usage.

    Examples
    --------
    >>> form = form_of("merge CELL... as CELL [at CELL]")
    >>> form.words, form.options, form.text
    ((1, 99), {'as': True, 'at': False}, False)
    """
    described = usage.partition(" ")[2]
    options = {word: not bracket for bracket, word in re.findall(r"(\[?)([a-z]+) [A-Z]+", described)}
    plain = re.sub(r"\[?[a-z]+ [A-Z]+\]?", "", described).split()
    words = [word for word in plain if word != "TEXT"]
    most = 99 if any(word.endswith("...") for word in words) else len(words)
    return Form(usage, (len(words), most), options, "TEXT" in plain)


FORMS = {usage.split()[0]: form_of(usage) for usage in USAGES}


def _blocks(text: str, mark: str, first: int) -> Iterator[tuple[int, list[str]]]:
    """The pieces of a text that begin with a marked line, each with that line's number."""
    lines = text.split("\n")
    starts = [place for place, line in enumerate(lines) if line.startswith(mark)]
    for start, end in pairwise([*starts, len(lines)]):
        yield first + start, lines[start:end]


def _case(name: str, fast: bool, lines: list[str], file: str, number: int) -> Case:
    where = f"{file}, line {number - 1}"
    start = next((place for place, line in enumerate(lines) if line.startswith("# %% ")), len(lines))
    head = [(number + place, line) for place, line in enumerate(lines[:start]) if line.strip()]
    if not head or re.match("(expect|flag|answered): ", head[0][1]):
        raise _unreadable(where, f"=== {name}", "a line below it that says what the case is there for")
    operations = tuple(
        _operation(block, f"{file}, line {at}")
        for at, block in _blocks("\n".join(lines[start:]), "# %% ", number + start)
    )
    return Case(name, head[0][1], fast, _expected(name, head[1:], file, where), operations, where)


def _expected(name: str, head: list[tuple[int, str]], file: str, where: str) -> Expected:
    outcome: str | None = None
    no_points, rejected = False, None
    verdicts: dict[str, tuple[str, ...]] = {}
    flags: list[str] = []
    answered: set[str] = set()
    for number, line in head:
        key, _, value = line.partition(": ")
        if key == "flag" and value:
            flags.append(value)
        elif key == "answered" and set(value.split()) <= {"random", "he"}:
            answered |= {f"observations_{scheme}" for scheme in value.split()}
        elif key == "expect" and outcome is None:
            outcome = value
            if value.startswith("rejected: "):
                rejected = value.removeprefix("rejected: ")
            elif value == "no points":
                no_points = True
            elif value != "full points":
                verdicts = _verdicts(value, f"{file}, line {number}", line)
        else:
            wanted = (
                "one line `expect: ...`, lines `flag: TEXT`, `answered: random he`, then `# %% OPERATION`"
            )
            raise _unreadable(f"{file}, line {number}", line, wanted)
    if outcome is None:
        raise _unreadable(where, f"=== {name}", "a line `expect: ...` below its reason")
    return Expected(verdicts, no_points, rejected, tuple(flags), frozenset(answered))


def _verdicts(value: str, where: str, line: str) -> dict[str, tuple[str, ...]]:
    verdicts: dict[str, tuple[str, ...]] = {}
    for part in value.split(", "):
        word, _, written = part.partition(" ")
        allowed = tuple(written.split(" or "))
        if not set(cells_of(word)) <= set(TESTS) or not set(allowed) <= VERDICTS:
            wanted = (
                "`full points`, `no points`, `rejected: TEXT` or `TESTS VERDICT, ...` with tests, "
                f"{', '.join(f'{scheme}_*' for scheme in SCHEMES)}, {', '.join(TESTS)} and "
                f"{', '.join(sorted(VERDICTS))}; `A or B` where either may come"
            )
            raise _unreadable(where, line, wanted)
        verdicts |= dict.fromkeys(cells_of(word), allowed)
    return verdicts


def _operation(lines: list[str], where: str) -> Operation:
    head = lines[0].removeprefix("# %% ").strip()
    text = "\n".join(lines[1:]).rstrip("\n")
    name, words, inline = _words(head, where, lines[0])
    if name not in FORMS:
        raise _unreadable(where, lines[0], f"one of {', '.join(FORMS)}")
    form = FORMS[name]
    options: dict[str, str] = {}
    plain: list[str] = []
    rest = iter(words)
    for word in rest:
        if word in form.options:
            options[word] = next(rest, "")
        else:
            plain.append(word)
    least, most = form.words
    missing = [word for word, needed in form.options.items() if needed and word not in options]
    single = [*options.values()] if "CELL..." in form.usage else [*plain, *options.values()]
    group = "CELL" in form.usage and any(len(cells_of(word)) > 1 for word in single)
    if not least <= len(plain) <= most or missing or "" in options.values() or group:
        raise _unreadable(where, lines[0], f"`# %% {form.usage}`")
    if not form.text and (text or inline is not None):
        raise _unreadable(where, lines[0] + " with a text", f"`# %% {form.usage}`, which takes none")
    if inline is not None and text:
        raise _unreadable(where, lines[0] + " with a text below", "the text in one of the two places")
    return Operation(name, tuple(plain), options, text if inline is None else inline, where)


def _words(head: str, where: str, line: str) -> tuple[str, list[str], str | None]:
    """The name, the words, and the literal behind a colon, if there is one."""
    name, words, inline = "", [], None
    place = 0
    while place < len(head):
        if head[place] == " ":
            place += 1
            continue
        colon = re.match(r":\s+(?=['\"])", head[place:])
        place += colon.end() if colon else 0
        found = _WORD.match(head, place)
        if not found or (colon and found.end() != len(head)):
            raise _unreadable(where, line, "words, literals in quotes, and `: 'literal'` only at the end")
        word = found.group()
        place = found.end()
        value = _value(word, where, line) if word[0] in "'\"" else word
        if colon:
            inline = value
        elif not name:
            name = value
        else:
            words.append(value)
    return name, words, inline


def _value(literal: str, where: str, line: str) -> str:
    """What `'ab'*2+'c'` stands for."""
    try:
        return "".join(ast.literal_eval(text) * int(times or 1) for text, times in _PIECE.findall(literal))
    except (SyntaxError, ValueError):
        raise _unreadable(where, line, "a literal as Python reads it: 'text', 'x'*100, 'a'+'b'*3") from None


def _unreadable(where: str, got: str, wanted: str) -> CorpusError:
    return CorpusError(f"{where}: got `{got}`; expected {wanted}")
