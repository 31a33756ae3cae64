"""Names that the functions of the instructor's solution read from the notebook.

What a test sets under such a name is set for the student's functions, too, during that test's calls.
"""

from __future__ import annotations

import ast
import symtable
from collections.abc import Iterable


def names_read_in_functions(statements: Iterable[ast.stmt]) -> frozenset[str]:
    """The notebook's names that functions and classes among these statements read.

    >>> cell = "def f(x):\\n    y = x\\n    return g(y) + len(w)\\nz = q"
    >>> sorted(names_read_in_functions(ast.parse(cell).body))
    ['g', 'len', 'w']
    """
    text = ast.unparse(ast.Module(list(statements), type_ignores=[]))
    found: set[str] = set()
    tables = list(symtable.symtable(text, "<solution>", "exec").get_children())
    while tables:
        table = tables.pop()
        found |= {symbol.get_name() for symbol in table.get_symbols() if symbol.is_global()}
        tables += table.get_children()
    return frozenset(found)
