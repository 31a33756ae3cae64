"""Imports and literals of a test cell's visible part that a later cell of the notebook needs.

In nbgrader one process runs everything, so an answer may use a name that an earlier test imported or set.
Only what students read anyway is given to their process, and never a name that an answer binds.
"""

from __future__ import annotations

import ast
from collections.abc import Mapping

from autograder.assignment import Assignment, AssignmentCell, Role
from autograder.code_cell import statements
from autograder.examiner.cell_code import first_hidden_line
from autograder.examiner.touched_names import bound_names, loaded_names


def left_for_later_cells(assignment: Assignment) -> Mapping[str, str]:
    """Statements to run at the place of a test, by its grade id; without tests that leave nothing needed."""
    code = [cell for cell in assignment.cells if cell.cell_type == "code"]
    others = [cell for cell in code if cell.role is not Role.TEST]
    answers = [bound_names(statements(cell.source)) for cell in others if cell.role is Role.SOLUTION]
    found = {}
    for test in assignment.tests:
        wanted: set[str] = set()
        before = [bound_names(statements(cell.source)) for cell in others if cell.index < test.index]
        known = frozenset[str]().union(*before)
        for later in (cell for cell in others if cell.index > test.index):
            body = statements(later.source)
            wanted |= loaded_names(body) - known
            known |= bound_names(body)
        wanted -= frozenset[str]().union(*answers)
        needed = [one for one in _plain(test) if bound_names([one]) & wanted]
        if needed and test.grade_id:
            found[test.grade_id] = "\n".join(map(ast.unparse, needed))
    return found


def _plain(test: AssignmentCell) -> list[ast.stmt]:
    """Imports and assignments of literals in the visible part."""
    end = first_hidden_line(test)
    visible = [one for one in statements(test.source) if end is None or (one.end_lineno or 0) < end]
    return [one for one in visible if isinstance(one, ast.Import | ast.ImportFrom) or _is_literal(one)]


def _is_literal(statement: ast.stmt) -> bool:
    if not isinstance(statement, ast.Assign):
        return False
    try:
        ast.literal_eval(statement.value)
    except (ValueError, TypeError, SyntaxError, MemoryError, RecursionError):
        return False
    return all(isinstance(target, ast.Name) for target in statement.targets)
