"""Which cell of the student's notebook stands for which cell of the instructor's.

What the student *wrote* decides, not what the metadata claims. In order, each cell taken at most once:

1. A locked or test cell is where its text is, whatever id that cell claims (swapped or lost metadata).
2. A solution is where its id is, else in the last cell that defines its function.
3. A locked or test cell that was edited is where its id is, or where most of its lines are; what was typed
   there is shown to a person. Unless the function of a missing solution was typed there (merged cells): then
   the cell is the student's code.
4. An answer to be graded by hand is where its id is, else at its place between the cells around it. When the
   prompt itself was left as it was, texts beside it are the answer.

A cell that was turned into another type is turned back. Of several copies the last that was worked on counts;
the others stay as cells of the student's own. Nothing a student writes in metadata gains a point: ids only
say where to look.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from itertools import islice

from autograder.assignment import Assignment, AssignmentCell, Role
from autograder.code_cell import assigned_names, defined_functions, has_statements
from autograder.intake.plan import SubmittedCell

SIMILAR = 0.6  # of the lines shared: an edited copy; two different cells of an assignment share far fewer

_LONGEST_PARSED = 20_000  # characters; no written answer is longer
_ALL_PARSED = 500_000  # characters of a notebook; a million of `a;` take the parser some four seconds

_SPACE_AT_END = re.compile(r"(?<!\s)[^\S\n]++(?=\n)|(?<=\n)[^\S\n]++(?=\n)")
_LINE = re.compile(r"\S[^\n]*")


@dataclass
class Match:
    """What was decided.

    Attributes
    ----------
    cells : sequence of SubmittedCell
    taken : dict of int to AssignmentCell
        The instructor's cell that a student's cell (by number) stands for.
    found : dict of int to int
        The reverse: number of the student's cell by the instructor's index.
    near : dict of int to int
        For an instructor's cell that was merged into a student's: beside which cell to put it back.
    edited : set of int
        Numbers of the cells that stand for a locked cell and hold another text.
    answers : dict of int to list of int
        Numbers of the cells that hold the answer beside that of the answer's own cell, by its number.
    flags : list of str
    handed_out : frozenset of str
        Every line of the released notebook, without space around it.
    """

    cells: Sequence[SubmittedCell]
    taken: dict[int, AssignmentCell] = field(default_factory=dict)
    found: dict[int, int] = field(default_factory=dict)
    near: dict[int, int] = field(default_factory=dict)
    edited: set[int] = field(default_factory=set)
    answers: dict[int, list[int]] = field(default_factory=dict)
    flags: list[str] = field(default_factory=list)
    handed_out: frozenset[str] = frozenset()
    _statements: dict[int, bool] = field(default_factory=dict)
    _parsed: int = 0

    def take(self, cell: SubmittedCell, original: AssignmentCell) -> None:
        """Let `cell` stand for `original`."""
        self.taken[cell.number] = original
        self.found[original.index] = cell.number

    def free(self) -> list[SubmittedCell]:
        """The cells that stand for none yet."""
        return [cell for cell in self.cells if cell.number not in self.taken]

    def claiming(self, original: AssignmentCell) -> list[SubmittedCell]:
        """The free cells whose metadata name `original`."""
        return [cell for cell in self.free() if cell.claimed_id == original.grade_id is not None]

    def used_in_answers(self) -> set[int]:
        """Numbers of the cells that are part of an answer already."""
        return {number for numbers in self.answers.values() for number in numbers}

    def is_handed_out(self, cell: SubmittedCell) -> bool:
        """Whether every line of the cell is one of the released notebook's."""
        return all(line in self.handed_out for line in _stripped(cell.source))

    def has_statements(self, cell: SubmittedCell) -> bool:
        """Whether it is Python that does something: no prose, no mere comments.

        Each cell is parsed once. Beyond what a person writes nothing is parsed, and taken for code.
        """
        if cell.number not in self._statements:
            length = len(cell.source)
            if length > min(_LONGEST_PARSED, _ALL_PARSED - self._parsed):
                return True
            self._parsed += length
            self._statements[cell.number] = has_statements(cell.source)
        return self._statements[cell.number]


def match(cells: Sequence[SubmittedCell], assignment: Assignment) -> Match:
    """Decide for every cell of the student's what it stands for."""
    lines = (line for original in assignment.cells for line in _lines(original.released_source))
    result = Match(cells, handed_out=frozenset(lines))
    locked = [original for original in assignment.cells if original.locked]
    solutions = [original for original in assignment.cells if original.role is Role.SOLUTION]
    answers = [cell for cell in assignment.by_hand if not cell.is_task]
    _take_exact(result, locked)
    open_ids = {original.grade_id for original in locked if original.index not in result.found}
    _take_solutions(result, solutions, open_ids)
    _take_edited(result, locked, solutions)
    _take_claimed_answers(result, answers)
    _take_exact(result, [cell for cell in assignment.cells if cell.role is Role.FREE])
    _take_answers_by_place(result, answers, assignment)
    for original in solutions:
        if original.index not in result.found:
            result.flags.append(
                f"The cell {original.grade_id} is missing, and no other defines its function."
            )
    return result


def same_text(source: str, original: AssignmentCell) -> bool:
    """Whether `source` is what was handed out, but for space at ends of lines and of the cell."""
    return _plain(source) in {_plain(original.released_source), _plain(original.stored_source)}


def is_answered(source: str, original: AssignmentCell) -> bool:
    """Whether anything was written: the text is neither empty nor the prompt."""
    return bool(source.strip()) and not same_text(source, original)


def _defined_names(source: str) -> frozenset[str]:
    return defined_functions(source) | assigned_names(source)


def _wanted_names(original: AssignmentCell) -> frozenset[str]:
    """The names that a solution must define: its functions, else what it assigns."""
    return defined_functions(original.released_source) or assigned_names(original.released_source)


def _take_exact(result: Match, originals: Iterable[AssignmentCell]) -> None:
    by_text: dict[str, list[SubmittedCell]] = {}
    for cell in result.free():
        by_text.setdefault(_plain(cell.source), []).append(cell)
    for original in originals:
        same = by_text.get(_plain(original.released_source), [])
        same = [cell for cell in same if cell.number not in result.taken]
        named = [cell for cell in same if cell.claimed_id == original.grade_id is not None]
        if candidates := named or same:
            # Of copies of a test the last, so that it sees the last of the copied solutions.
            result.take(candidates[-1 if original.role is Role.TEST else 0], original)


def _take_solutions(result: Match, solutions: list[AssignmentCell], open_ids: set[str | None]) -> None:
    missing = []
    for original in solutions:
        claiming = result.claiming(original)
        worked_on = [cell for cell in claiming if is_answered(cell.source, original)]
        # A copy that was turned into text is the student's note, if code was written beside it.
        right_type = [cell for cell in worked_on if cell.cell_type == original.cell_type]
        if candidates := right_type or worked_on or claiming:
            result.take(candidates[-1], original)
        else:
            missing.append(original)
    for original in missing:
        wanted = _wanted_names(original)
        defining = [
            cell
            for cell in result.free()
            if cell.claimed_id not in open_ids
            and wanted & _defined_names(cell.source)
            and _is_python(result, cell)
        ]
        code = [cell for cell in defining if cell.cell_type == "code"]
        if candidates := code or defining:
            result.take(candidates[-1], original)
        elif elsewhere := _defined_in_taken(result, wanted):
            result.found[original.index] = elsewhere[-1]


def _defined_in_taken(result: Match, wanted: frozenset[str]) -> list[int]:
    """Numbers of cells that stand for another solution and define `wanted` too (merged cells)."""
    return [
        cell.number
        for cell in result.cells
        if cell.number in result.taken
        and result.taken[cell.number].role is Role.SOLUTION
        and wanted & _defined_names(cell.source)
    ]


def _take_edited(result: Match, locked: list[AssignmentCell], solutions: list[AssignmentCell]) -> None:
    for original in locked:
        if original.index in result.found:
            continue
        claiming = result.claiming(original)
        merged = [
            (cell, solution)
            for solution in solutions
            for cell in reversed(claiming)  # of copies the last stands for the solution
            if solution.index not in result.found and _wanted_names(solution) & _defined_names(cell.source)
        ]
        for cell, solution in merged:
            if solution.index not in result.found:
                if cell.number not in result.taken:
                    result.take(cell, solution)
                result.found[solution.index] = cell.number
            result.near.setdefault(original.index, cell.number)
        if not merged and claiming:
            result.take(claiming[-1], original)
            result.edited.add(claiming[-1].number)
    known = {original.grade_id for original in [*locked, *solutions]} - {None}
    # A cell of many more lines than any locked one cannot be an edited copy; it may have millions.
    longest = max((_lines(original.released_source).total() for original in locked), default=0)
    most = int(longest * (2 / SIMILAR - 1)) + 1
    strangers = [
        cell
        for cell in result.free()
        if cell.claimed_id not in known and 0 < len(list(islice(_stripped(cell.source), most + 1))) <= most
    ]
    lines = {cell.number: _lines(cell.source) for cell in strangers}
    for original in locked:
        if original.index in result.found or original.index in result.near:
            continue
        wanted = _lines(original.released_source)
        rated = [
            (_similarity(lines[cell.number], wanted), cell)
            for cell in strangers
            if cell.number not in result.taken
        ]
        best = max(rated, key=lambda pair: pair[0], default=(0.0, None))
        if best[1] is not None and best[0] >= SIMILAR:
            result.take(best[1], original)
            result.edited.add(best[1].number)


def _take_claimed_answers(result: Match, answers: list[AssignmentCell]) -> None:
    for original in answers:
        claiming = result.claiming(original)
        worked_on = [cell for cell in claiming if is_answered(cell.source, original)]
        if candidates := worked_on or claiming:
            result.take(candidates[-1], original)
        if len({_plain(cell.source) for cell in worked_on}) > 1:
            result.flags.append(
                f"The answer {original.grade_id} is there {len(worked_on)} times; read them all."
            )


def _take_answers_by_place(result: Match, answers: list[AssignmentCell], assignment: Assignment) -> None:
    for original in answers:
        number = result.found.get(original.index)
        if number is None:
            earlier = [
                cell.index for cell in assignment.cells[: original.index] if cell.index in result.found
            ]
            beside = _texts_after(result, result.found[earlier[-1]] if earlier else -1, original)
            if not beside:
                continue
            number = beside[0].number
            result.take(beside[0], original)
            if is_answered(beside[0].source, original):
                result.answers[number] = [cell.number for cell in beside[1:]]
        if number not in result.answers and not is_answered(result.cells[number].source, original):
            beside = _texts_before(result, number, original) + _texts_after(result, number, original)
            numbers = [cell.number for cell in beside if is_answered(cell.source, original)]
            result.answers[number] = numbers or _typed_into_prompt(result, original)


def _typed_into_prompt(result: Match, original: AssignmentCell) -> list[int]:
    """The edited locked text just before an untouched answer: some students write under the question."""
    number = result.found.get(original.index - 1)
    if number is None or number not in result.edited or result.taken[number].cell_type != "markdown":
        return []
    return [number]


def _texts_after(result: Match, number: int, original: AssignmentCell) -> list[SubmittedCell]:
    """The student's own texts between cell `number` and the next that stands for an instructor's cell."""
    found = []
    used = result.used_in_answers()
    for cell in result.cells[number + 1 :]:
        if cell.number in result.taken:
            break
        if cell.number not in used and _could_answer(result, cell, original):
            found.append(cell)
    return found


def _texts_before(result: Match, number: int, original: AssignmentCell) -> list[SubmittedCell]:
    """The same, back from cell `number`."""
    found: list[SubmittedCell] = []
    used = result.used_in_answers()
    for cell in reversed(result.cells[:number]):
        if cell.number in result.taken:
            break
        if cell.number not in used and _could_answer(result, cell, original):
            found.insert(0, cell)
    return found


def _could_answer(result: Match, cell: SubmittedCell, original: AssignmentCell) -> bool:
    """Whether it can be an answer of that type: code to code, and to a text a text or what is no Python.

    A cell without a line of the student's own is none: a piece of the instructor's text that was split.
    """
    if result.is_handed_out(cell) and not (cell.source.strip() and same_text(cell.source, original)):
        return False
    if original.cell_type == "code":
        return cell.cell_type == "code"
    return cell.cell_type != "code" or not result.has_statements(cell)


def _is_python(result: Match, cell: SubmittedCell) -> bool:
    return cell.cell_type == "code" or result.has_statements(cell)


def _plain(source: str) -> str:
    return _SPACE_AT_END.sub("", source.strip())


def _lines(source: str) -> Counter[str]:
    return Counter(_stripped(source))


def _stripped(source: str) -> Iterator[str]:
    """The lines that are not blank, without space around them, one at a time."""
    return (found[0].rstrip() for found in _LINE.finditer(source))


def _similarity(first: Counter[str], second: Counter[str]) -> float:
    """Share of lines in common, 0 to 1 (Dice's coefficient)."""
    shared = sum(min(count, second[line]) for line, count in first.items() if line in second)
    return 2 * shared / max(first.total() + second.total(), 1)
