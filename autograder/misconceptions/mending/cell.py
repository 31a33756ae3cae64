"""A student's function as text and tree, and changes of its text that leave every other line where it is."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from dataclasses import dataclass

from autograder import code_cell

# What stands in the dictionary where the student's line is taken out; the prober puts something right there.
GAP = "left open by the grader"

DRAWS = frozenset(
    {"randn", "rand", "normal", "standard_normal", "random", "random_sample", "uniform", "randint", "gauss"}
)


@dataclass(frozen=True)
class Mended:
    """The student's text with one mistake taken out.

    Attributes
    ----------
    text : str
    line_added : int
        The number of a line that was put in; 0 where none was.
    silent : frozenset of str
        Beginnings of ids of which nothing can be said in this text, because what shows them was taken out.
    """

    text: str
    line_added: int = 0
    silent: frozenset[str] = frozenset()


@dataclass(frozen=True)
class Store:
    """One statement `NAME[KEY] = VALUE`.

    Attributes
    ----------
    statement : ast.Assign
    target : ast.Subscript
    letter : str
        `W` or `b`, as the key tells; "" where it does not.
    """

    statement: ast.Assign
    target: ast.Subscript
    letter: str


@dataclass(frozen=True)
class Cell:
    """The text of a cell that can be parsed, and the function in it."""

    text: str
    tree: ast.Module
    function: ast.FunctionDef

    def segment(self, node: ast.expr | ast.stmt) -> str:
        """The text of a node."""
        return ast.get_source_segment(self.text, node) or ""

    def replaced(self, node: ast.expr | ast.stmt, text: str) -> str:
        """The cell with another text in a node's place; the lines after it keep their numbers."""
        assert node.end_lineno is not None
        assert node.end_col_offset is not None
        lines = [line.encode() for line in self.text.split("\n")]
        head = lines[node.lineno - 1][: node.col_offset]
        tail = lines[node.end_lineno - 1][node.end_col_offset :]
        missing = "\n" * (node.end_lineno - node.lineno - text.count("\n"))
        new = f"({text}{missing})" if missing and isinstance(node, ast.expr) else text + missing
        middle = (head + new.encode() + tail).decode().split("\n")
        before = [line.decode() for line in lines[: node.lineno - 1]]
        return "\n".join([*before, *middle, *(line.decode() for line in lines[node.end_lineno :])])

    def with_first(self, statement: str) -> Mended:
        """The cell with a statement before the first one of the function."""
        first = self.function.body[0]
        lines = self.text.split("\n")
        lines.insert(first.lineno - 1, " " * first.col_offset + statement)
        return Mended("\n".join(lines), first.lineno)

    def with_last(self, statement: str) -> Mended:
        """The cell with a statement after the last one of the function."""
        last = self.function.body[-1]
        assert last.end_lineno is not None
        lines = self.text.split("\n")
        lines.insert(last.end_lineno, " " * self.function.body[0].col_offset + statement)
        return Mended("\n".join(lines), last.end_lineno + 1)

    def nodes(self) -> Iterator[ast.AST]:
        """Every node of the function."""
        return ast.walk(self.function)

    def stores(self) -> list[Store]:
        """The statements that store under a key, in order."""
        found = []
        for node in self.nodes():
            if isinstance(node, ast.Assign) and isinstance(node.targets[0], ast.Subscript):
                target = node.targets[0]
                texts = [
                    part.value
                    for part in ast.walk(target.slice)
                    if isinstance(part, ast.Constant) and isinstance(part.value, str)
                ]
                letters = [character for text in texts for character in text if character.isalpha()]
                letter = {"w": "W", "b": "b"}.get(letters[0].lower(), "") if letters else ""
                found.append(Store(node, target, letter))
        return sorted(found, key=lambda store: store.statement.lineno)

    def dictionary(self) -> str:
        """The name of the dictionary that is filled; "" where none is."""
        names = [store.target.value.id for store in self.stores() if isinstance(store.target.value, ast.Name)]
        if names:
            return max(names, key=names.count)
        made = [
            target.id
            for node in self.nodes()
            if isinstance(node, ast.Assign) and isinstance(node.value, ast.Dict)
            for target in node.targets
            if isinstance(target, ast.Name)
        ]
        return made[0] if made else ""

    def sizes(self) -> str:
        """The name of the first parameter; "" where there is none."""
        return self.function.args.args[0].arg if self.function.args.args else ""

    def statement_of(self, node: ast.AST) -> ast.stmt | None:
        """The innermost statement that holds a node."""
        return next((outer for outer in self.path_to(node) if isinstance(outer, ast.stmt)), None)

    def path_to(self, node: ast.AST) -> list[ast.AST]:
        """The nodes from a node up to the function, the node first."""
        parents = {child: outer for outer in self.nodes() for child in ast.iter_child_nodes(outer)}
        path = [node]
        while path[-1] in parents:
            path.append(parents[path[-1]])
        return path

    def without(self, statement: ast.stmt, silent: frozenset[str] = frozenset()) -> Mended:
        """The cell without a statement."""
        return Mended(self.replaced(statement, "pass"), silent=silent)

    def with_gap(self, store: Store) -> Mended:
        """The cell with nothing of the student's stored there."""
        silent = {
            "W": {"weights-", "factor-", "draw", "sign-", "values-", "integers-", "rand-", "generator-new"}
        }
        quiet = silent.get(store.letter, {"bias-", "biases-"})
        return Mended(self.replaced(store.statement.value, repr(GAP)), silent=frozenset(quiet))


def cell_of(source: str, name: str) -> Cell | None:
    """The function `name` at the top level of a text; None where the text or the function is not there."""
    text = code_cell.as_python(source)
    try:
        tree = code_cell.parse(text)
    except SyntaxError:
        return None
    found = [node for node in tree.body if isinstance(node, ast.FunctionDef) and node.name == name]
    return Cell(text, tree, found[-1]) if found else None


def has_draw(node: ast.AST) -> bool:
    """Whether random numbers are drawn in an expression."""
    return any(
        isinstance(part, (ast.Attribute, ast.Name))
        and (part.attr if isinstance(part, ast.Attribute) else part.id) in DRAWS
        for part in ast.walk(node)
    )
