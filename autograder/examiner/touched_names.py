"""Names that a cell binds, changes or deletes: what a solution cell touches is the student's, always.

Only text is looked at, so names that come through an alias (`e = d; e[k] = 1`), `exec`, `globals()`,
`setattr` or `import *` are not seen; what rests on those shows when the assignment runs without its answers.
"""

from __future__ import annotations

import ast
from collections.abc import Iterable

_Function = ast.FunctionDef | ast.AsyncFunctionDef | ast.Lambda
_COMPREHENSIONS = (ast.ListComp, ast.SetComp, ast.DictComp, ast.GeneratorExp)


def touched_names(statements: Iterable[ast.stmt], modules: frozenset[str] = frozenset()) -> frozenset[str]:
    """Names of the notebook that these statements bind, change or delete.

    A name is changed by an assignment to an item or attribute of it, by an augmented assignment, and by a
    call of a method on it, also inside functions; `np.zeros(3)` does not change `np` where that is one of
    `modules`, or imported here.

    >>> cell = "a = 1\\nb[0] += 1\\nc.append(2)\\ndel d\\ndef e(x): x = 1; f.g = 2"
    >>> sorted(touched_names(ast.parse(cell).body))
    ['a', 'b', 'c', 'd', 'e', 'f']
    """
    seen = _Seen()
    for statement in statements:
        seen.visit(statement)
    return frozenset(seen.bound | seen.changed | (seen.called - seen.modules - modules))


def bound_names(statements: Iterable[ast.stmt]) -> frozenset[str]:
    """Names of the notebook that these statements bind."""
    seen = _Seen()
    for statement in statements:
        seen.visit(statement)
    return frozenset(seen.bound)


def loaded_names(statements: Iterable[ast.stmt]) -> frozenset[str]:
    """Names that these statements read, wherever in them."""
    nodes = (node for statement in statements for node in ast.walk(statement))
    return frozenset(
        node.id for node in nodes if isinstance(node, ast.Name) and isinstance(node.ctx, ast.Load)
    )


class _Seen(ast.NodeVisitor):
    """Collects the names that a walk through statements meets, by what is done to them."""

    def __init__(self) -> None:
        self.bound: set[str] = set()
        self.changed: set[str] = set()
        self.called: set[str] = set()  # a method of it
        self.modules: set[str] = set()
        # Of the functions and classes around: names declared global, and names of their own.
        self._globals: list[frozenset[str]] = []
        self._own: list[frozenset[str]] = []

    def visit_Name(self, node: ast.Name) -> None:
        if not isinstance(node.ctx, ast.Load):
            self._bind(node.id)

    def visit_Import(self, node: ast.Import) -> None:
        for alias in node.names:
            name = alias.asname or alias.name.split(".")[0]
            self._bind(name)
            self.modules.add(name)

    def visit_ImportFrom(self, node: ast.ImportFrom) -> None:
        for alias in node.names:
            self._bind(alias.asname or alias.name)

    def visit_FunctionDef(self, node: ast.FunctionDef) -> None:
        self._visit_function(node)

    def visit_AsyncFunctionDef(self, node: ast.AsyncFunctionDef) -> None:
        self._visit_function(node)

    def visit_Lambda(self, node: ast.Lambda) -> None:
        self._visit_function(node)

    def visit_ClassDef(self, node: ast.ClassDef) -> None:
        self._bind(node.name)
        for outer in (*node.decorator_list, *node.bases, *node.keywords):
            self.visit(outer)
        self._visit_scope(node.body)

    def visit_ExceptHandler(self, node: ast.ExceptHandler) -> None:
        if node.name:
            self._bind(node.name)
        self.generic_visit(node)

    def visit_MatchAs(self, node: ast.MatchAs) -> None:
        if node.name:
            self._bind(node.name)
        self.generic_visit(node)

    def visit_MatchStar(self, node: ast.MatchStar) -> None:
        if node.name:
            self._bind(node.name)

    def visit_MatchMapping(self, node: ast.MatchMapping) -> None:
        if node.rest:
            self._bind(node.rest)
        self.generic_visit(node)

    def visit_Attribute(self, node: ast.Attribute) -> None:
        self._visit_part(node)

    def visit_Subscript(self, node: ast.Subscript) -> None:
        self._visit_part(node)

    def visit_Call(self, node: ast.Call) -> None:
        if isinstance(node.func, ast.Attribute) and (name := self._base(node.func)):
            self.called.add(name)
        self.generic_visit(node)

    def generic_visit(self, node: ast.AST) -> None:
        if isinstance(node, _COMPREHENSIONS):
            # The loop's variable is the comprehension's own; a walrus in it binds outside.
            for inner in ast.walk(node):
                if isinstance(inner, ast.NamedExpr):
                    self._bind(inner.target.id)
                elif isinstance(inner, ast.Call):
                    self.visit_Call(inner)
            return
        super().generic_visit(node)

    def _visit_part(self, node: ast.Attribute | ast.Subscript) -> None:
        name = self._base(node)
        if name and not isinstance(node.ctx, ast.Load):
            self.changed.add(name)
        self.generic_visit(node)

    def _visit_function(self, node: _Function) -> None:
        if not isinstance(node, ast.Lambda):
            self._bind(node.name)
            for decorator in node.decorator_list:
                self.visit(decorator)
        for default in (*node.args.defaults, *filter(None, node.args.kw_defaults)):
            self.visit(default)
        arguments = frozenset(inner.arg for inner in ast.walk(node.args) if isinstance(inner, ast.arg))
        self._visit_scope(node.body if isinstance(node.body, list) else [node.body], arguments)

    def _visit_scope(self, body: Iterable[ast.AST], arguments: frozenset[str] = frozenset()) -> None:
        """The inside of a function or class: only what it declares global is of the notebook."""
        body = list(body)
        nodes = [inner for node in body for inner in ast.walk(node)]
        of_notebook = frozenset(name for node in nodes if isinstance(node, ast.Global) for name in node.names)
        stored = frozenset(
            node.id for node in nodes if isinstance(node, ast.Name) and not isinstance(node.ctx, ast.Load)
        )
        self._globals.append(of_notebook)
        self._own.append((stored | arguments) - of_notebook)
        for node in body:
            self.visit(node)
        self._globals.pop()
        self._own.pop()

    def _bind(self, name: str) -> None:
        if not self._globals or name in self._globals[-1]:
            self.bound.add(name)

    def _base(self, node: ast.expr) -> str:
        """`d` in `d[k].x`; "" where the expression begins with no name of the notebook."""
        while isinstance(node, ast.Attribute | ast.Subscript):
            node = node.value
        is_of_notebook = isinstance(node, ast.Name) and not any(node.id in own for own in self._own)
        return node.id if is_of_notebook and isinstance(node, ast.Name) else ""
