"""What a name means in an instructor's test cell: the order in which the examiner looks it up.

Its own names and those of earlier test cells; then imports, definitions and literals of the instructor's
non-solution cells; then builtins; only then the student's. So a student's `all` or `isinstance` shadows
nothing. Of the instructor's cells only imports, `def`, `class` and assignments of literals are ever run here,
and each only when a test asks for its name: statements that could call the student's code never are.

No answer, no points: a name that any solution cell of the instructor's notebook binds, changes or deletes is
the student's, always, whatever a locked cell or an earlier test has made of it. A literal counts only where
nothing else touches its name.
"""

from __future__ import annotations

import ast
import builtins
import sys
from collections import Counter
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from typing import Any, Protocol

from autograder.assignment import Assignment, Role
from autograder.code_cell import imported_modules, statements
from autograder.examiner.left_names import left_for_later_cells
from autograder.examiner.read_names import names_read_in_functions
from autograder.examiner.touched_names import bound_names, touched_names

_Definition = ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef


class StudentNames(Protocol):
    """Where names come from that only the student has."""

    def fetch(self, name: str) -> Any:
        """The value, or a stand-in that can be called; KeyError when there is none."""

    def unbind(self, name: str) -> None:
        """Take the name away in the student's process, for the rest of this test cell."""

    def rebind(self, name: str, value: Any) -> bool:
        """Give a name back that was taken away; False when `value` is not what stood there."""


@dataclass(frozen=True)
class Provided:
    """One name that the instructor's cells provide, and the statement that does."""

    index: int
    statement: ast.stmt


class InstructorNames:
    """Imports, definitions and literals of an assignment's non-solution cells, by name.

    Parameters
    ----------
    assignment : Assignment
    """

    def __init__(self, assignment: Assignment) -> None:
        self._provided: dict[str, list[Provided]] = {}
        given = [
            cell
            for cell in assignment.cells
            if cell.cell_type == "code" and cell.role in (Role.LOCKED, Role.FREE)
        ]
        imported = frozenset(
            name
            for cell in given
            for statement in statements(cell.source)
            if isinstance(statement, ast.Import)
            for name in _names_of_import(statement)
        )
        # By place of the solution cell.
        self._answers = {
            cell.index: touched_names(statements(cell.source), imported)
            for cell in assignment.cells
            if cell.role is Role.SOLUTION and cell.cell_type == "code"
        }
        self._all_answers = frozenset[str]().union(*self._answers.values())
        solutions = {
            cell.index: statements(cell.source)
            for cell in assignment.cells
            if cell.role is Role.SOLUTION and cell.cell_type == "code"
        }
        self._bound_by_answers = {place: bound_names(cell) for place, cell in solutions.items()}
        self.read_by_solution = frozenset[str]().union(*map(names_read_in_functions, solutions.values()))
        self.solution_functions = frozenset(
            statement.name
            for cell in assignment.cells
            if cell.role is Role.SOLUTION and cell.cell_type == "code"
            for statement in statements(cell.source)
            if isinstance(statement, _Definition)
        )
        # Imported by the instructor's text, they may be imported here where a student's name stands for one.
        self.modules = frozenset(
            module
            for cell in assignment.cells
            if cell.cell_type == "code"
            for module in imported_modules(cell.source)
        )
        self.left_by_tests = left_for_later_cells(assignment)
        for cell in given:
            self._add(cell.index, cell.source)
        self._leave_out_changed_literals(cell.source for cell in given)

    def with_tests(self, cells: Iterable[tuple[int, str]]) -> InstructorNames:
        """The same, with what these test cells (index, source) import, define and set to literals."""
        more = object.__new__(InstructorNames)
        more.solution_functions, more.modules = self.solution_functions, self.modules
        more.left_by_tests, more.read_by_solution = self.left_by_tests, self.read_by_solution
        more._answers, more._all_answers = self._answers, self._all_answers
        more._bound_by_answers = self._bound_by_answers
        more._provided = {name: list(provided) for name, provided in self._provided.items()}
        for index, source in cells:
            more._add(index, source)
        return more

    def find(self, name: str, index: int) -> Provided | None:
        """The last statement before cell `index` that provides `name`, else the first after it."""
        provided = self._provided.get(name, [])
        before = [item for item in provided if item.index < index]
        if before:
            return before[-1]
        return provided[0] if provided else None

    def is_answer(self, name: str) -> bool:
        """Whether a solution cell binds the name."""
        return any(name in names for names in self._bound_by_answers.values())

    def known_before(self, index: int) -> frozenset[str]:
        """Names that the instructor's cells before cell `index` provide, answers included."""
        provided = {name for name, found in self._provided.items() if found[0].index < index}
        bound = (names for place, names in self._bound_by_answers.items() if place < index)
        return frozenset(provided).union(*bound)

    def answers_between(self, before: int, index: int) -> frozenset[str]:
        """Names that solution cells after cell `before` and before cell `index` touch.

        Where a test runs again after later ones (`before` is not before `index`), those of all solution
        cells: what the later ones have made of them is no answer either.
        """
        if before >= index:
            return self._all_answers
        touched = (names for place, names in self._answers.items() if before < place < index)
        return frozenset[str]().union(*touched)

    def _add(self, index: int, source: str) -> None:
        for statement in statements(source):
            for name in _names_provided(statement):
                if name not in self._all_answers:
                    self._provided.setdefault(name, []).append(Provided(index, statement))

    def _leave_out_changed_literals(self, sources: Iterable[str]) -> None:
        """What another statement of these cells touches too is not what the literal says."""
        touches: Counter[str] = Counter()
        for source in sources:
            for statement in statements(source):
                touches.update(touched_names([statement]))
        for name, provided in list(self._provided.items()):
            is_literal = any(isinstance(one.statement, ast.Assign | ast.AnnAssign) for one in provided)
            if is_literal and touches[name] > 1:
                del self._provided[name]


class ExaminerNamespace(dict[str, Any]):
    """The globals of the test cells of one submission.

    CPython calls `__missing__` for lookups at module level, from nested functions and from comprehensions
    alike, because the mapping is not an exact dict.
    """

    def __init__(self, instructor: InstructorNames, student: StudentNames) -> None:
        super().__init__(__name__="__main__")
        self._instructor = instructor
        self._student = student
        self._index = 0
        self._looking_up: set[str] = set()
        self._set_by_tests: set[str] = set()

    def move_to(self, index: int) -> None:
        """From now on names are looked up from the instructor's cell `index`.

        What earlier tests made of names that solution cells in between touch is forgotten.
        """
        for name in self._instructor.answers_between(self._index, index) if index != self._index else ():
            dict.pop(self, name, None)
        self._index = index

    def replace(self, names: Mapping[str, Any], index: int) -> None:
        """Put the names at cell `index` in place of all; functions that tests defined look here, too."""
        dict.clear(self)
        dict.update(self, names)
        self._index = index

    def of_instructor(self, name: str) -> Any:
        """What test cells or the instructor's cells hold under `name`; None where it is the student's."""
        if not dict.__contains__(self, name) and self._instructor.find(name, self._index) is None:
            return None
        try:
            return self[name]
        except Exception:  # noqa: BLE001 -- the instructor's own definition failed: then there is no class
            return None

    def set_for_student(self) -> dict[str, tuple[Any, bool]]:
        """What tests have set of the names that the solution's functions read; whether an answer has it, too.

        An answer's name is the student's: where the student has none, the test's does not count as one.
        """
        return {
            name: (dict.__getitem__(self, name), self._instructor.is_answer(name))
            for name in sorted(self._set_by_tests & self._instructor.read_by_solution)
            if dict.__contains__(self, name) and not hasattr(builtins, name)
        }

    def get(self, name: str, default: Any = None) -> Any:
        """The value of a name, the student's included (`globals().get("x")`); `default` where it has none."""
        if name not in self:
            return default
        return self[name]

    def keys(self) -> Any:
        """The names as `dir()` tells them."""
        return dict.fromkeys(self.names()).keys()

    def names(self) -> NotebookNames:
        """What `dir()` gives: the names of tests, of the instructor, and the answers that the student has."""
        own = list(dict.keys(self))
        known = self._instructor.known_before(self._index).difference(own)
        return NotebookNames(self, sorted([*own, *(name for name in known if name in self)]))

    def _dir(self, *of: Any) -> list[str]:
        """`dir` for test cells."""
        if of:
            return dir(*of)
        caller = sys._getframe(1).f_locals
        return self.names() if caller is self else sorted(caller)

    def __missing__(self, name: str) -> Any:
        provided = self._instructor.find(name, self._index)
        if provided is not None and name not in self._looking_up:
            self._looking_up.add(name)
            try:
                _run_statement(provided.statement, self)
            finally:
                self._looking_up.discard(name)
            if dict.__contains__(self, name):
                return dict.__getitem__(self, name)
        if name == "dir":
            return self._dir
        if hasattr(builtins, name):
            return getattr(builtins, name)
        return self._student.fetch(name)

    def __contains__(self, name: object) -> bool:
        if dict.__contains__(self, name):
            return True
        try:
            self[name]  # type: ignore[index]  # a key that is no text is simply absent
        except (KeyError, TypeError):
            return False
        return not hasattr(builtins, str(name))

    def __setitem__(self, name: str, value: Any) -> None:
        if not self._student.rebind(name, value):
            super().__setitem__(name, value)
            if not self._looking_up:
                self._set_by_tests.add(name)

    def __delitem__(self, name: str) -> None:
        if dict.__contains__(self, name):
            super().__delitem__(name)
        else:
            self[name]  # KeyError, so NameError in the test cell, when nobody has it
            self._student.unbind(name)


class NotebookNames(list[str]):
    """Names as `dir()` gives them; `in` also finds the student's names that are not listed."""

    def __init__(self, names: ExaminerNamespace, listed: list[str]) -> None:
        super().__init__(listed)
        self._names = names

    def __contains__(self, name: object) -> bool:
        return list.__contains__(self, name) or name in self._names


def _names_provided(statement: ast.stmt) -> list[str]:
    for kind, names in _PROVIDERS.items():
        if isinstance(statement, kind):
            return names(statement)
    return []


def _names_of_import(statement: Any) -> list[str]:
    from_future = isinstance(statement, ast.ImportFrom) and statement.module == "__future__"
    return [
        alias.asname or alias.name.split(".")[0]
        for alias in statement.names
        if alias.name != "*" and not from_future
    ]


def _names_of_assignment(statement: Any) -> list[str]:
    targets = statement.targets if isinstance(statement, ast.Assign) else [statement.target]
    flat = [name for target in targets for name in getattr(target, "elts", [target])]
    if not all(isinstance(name, ast.Name) for name in flat):
        return []
    try:
        ast.literal_eval(statement.value)
    except (ValueError, TypeError, SyntaxError, MemoryError, RecursionError):
        return []
    return [name.id for name in flat]


_PROVIDERS: Mapping[type[ast.stmt], Callable[[Any], list[str]]] = {
    ast.Import: _names_of_import,
    ast.ImportFrom: _names_of_import,
    ast.FunctionDef: lambda statement: [statement.name],
    ast.AsyncFunctionDef: lambda statement: [statement.name],
    ast.ClassDef: lambda statement: [statement.name],
    ast.Assign: _names_of_assignment,
    ast.AnnAssign: lambda statement: _names_of_assignment(statement) if statement.value else [],
}


def _run_statement(statement: ast.stmt, namespace: ExaminerNamespace) -> None:
    module = ast.Module(body=[statement], type_ignores=[])
    code = compile(module, "<instructor's cell>", "exec", dont_inherit=True)
    exec(code, namespace)  # noqa: S102 -- the instructor's own text, never a student's
