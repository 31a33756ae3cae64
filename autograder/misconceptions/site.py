"""What the student's line did when it raised: call, operation, index or attribute, and what went into it.

The line and the values of its names come from the box; the text is parsed here, never run.
"""

from __future__ import annotations

import ast
import re
import warnings
from dataclasses import dataclass, field

from autograder.raised_line import RaisedLine

# Kinds that several types of Python share.
_KINDS = {
    "builtin_function_or_method": "function",
    "method": "function",
    "type": "function",
    "ufunc": "function",
    "_ArrayFunctionDispatcher": "function",
    "float64": "float",
    "float32": "float",
    "int64": "int",
    "bool": "int",
    "NoneType": "None",
}
_OF_CALLS = {
    "str": "str",
    "format": "str",
    "len": "int",
    "int": "int",
    "round": "int",
    "float": "float",
    "list": "list",
    "tuple": "tuple",
    "dict": "dict",
    "range": "range",
    "sqrt": "float",
    "enumerate": "enumerate",
    "zip": "zip",
}
_ARRAYS = frozenset(
    {"zeros", "ones", "empty", "full", "randn", "rand", "normal", "standard_normal", "uniform", "array"}
    | {"random", "randint", "zeros_like", "ones_like", "arange", "dot", "multiply"}
)
_OPERATORS: dict[type[ast.operator], str] = {
    ast.Add: "+",
    ast.Sub: "-",
    ast.Mult: "*",
    ast.Div: "/",
    ast.FloorDiv: "//",
    ast.Mod: "%",
    ast.Pow: "**",
    ast.BitXor: "^",
    ast.MatMult: "@",
}
_STORE = re.compile(r"(\w+)\s*\[.*\]\s*=[^=]")


@dataclass(frozen=True)
class Site:
    """The failing part of the student's line.

    Attributes
    ----------
    raised : RaisedLine
    node : ast.expr or None
        The expression that raised; None where the text does not tell.
    """

    raised: RaisedLine
    node: ast.expr | None = field(compare=False)

    @property
    def where(self) -> str:
        """The line in words: ``line 5 (`x = y`)``."""
        line = self.raised.line.replace("`", "'")
        short = line if len(line) <= 90 else line[:89] + "…"
        return f"line {self.raised.number} of the cell (`{short}`)" if line else f"line {self.raised.number}"

    @property
    def callee(self) -> str:
        """The last name of the function that is called; "" where nothing is."""
        return last_name(self.node.func) if isinstance(self.node, ast.Call) else ""

    @property
    def operator(self) -> str:
        """The sign of the operation that raised; "" where it is none."""
        return _OPERATORS.get(type(self.node.op), "") if isinstance(self.node, ast.BinOp) else ""

    @property
    def owner(self) -> ast.expr | None:
        """What stands before the dot, the index, or the brackets of the call."""
        node = self.node
        if isinstance(node, (ast.Attribute, ast.Subscript)):
            return node.value
        return node.func if isinstance(node, ast.Call) else None

    @property
    def parts(self) -> list[ast.expr]:
        """What goes into it: a call's arguments, both sides of an operation, an index."""
        node = self.node
        if isinstance(node, ast.Call):
            return [*node.args, *(keyword.value for keyword in node.keywords)]
        if isinstance(node, ast.BinOp):
            return [node.left, node.right]
        return [node.slice] if isinstance(node, ast.Subscript) else []

    @property
    def stored_name(self) -> str:
        """NAME of a line `NAME[...] = ...`; "" for others."""
        found = _STORE.match(self.raised.line)
        return found[1] if found else ""

    def kind(self, node: ast.expr | None) -> str:
        """What kind of value `node` is: `list`, `tuple`, `str`, `int`, `function`, ...; "" where unknown."""
        if isinstance(node, ast.Constant):
            return _kind(type(node.value).__name__)
        if isinstance(node, ast.JoinedStr):
            return "str"
        if isinstance(node, ast.Name):
            value = self.raised.values.get(node.id)
            return _kind(value.kind) if value else ""
        if isinstance(node, ast.BinOp):
            return self._of_operation(node)
        if isinstance(node, ast.Call):
            name = last_name(node.func)
            is_method = isinstance(node.func, ast.Attribute)
            return "ndarray" if name in _ARRAYS and is_method else _OF_CALLS.get(name, "")
        if isinstance(node, ast.Subscript):
            return self._of_index(node)
        if isinstance(node, ast.Attribute):
            return self._of_attribute(node)
        if isinstance(node, ast.UnaryOp):
            return self.kind(node.operand)
        table = {ast.List: "list", ast.ListComp: "list", ast.Tuple: "tuple", ast.Dict: "dict", ast.Set: "set"}
        return next((kind for shape, kind in table.items() if isinstance(node, shape)), "")

    def elements(self, node: ast.expr) -> list[str]:
        """Kinds of the elements of a list or tuple that is written out."""
        return [self.kind(item) for item in node.elts] if isinstance(node, (ast.Tuple, ast.List)) else []

    def _of_operation(self, node: ast.BinOp) -> str:
        kinds = {self.kind(node.left), self.kind(node.right)}
        for kind in ("str", "ndarray", "list", "tuple"):
            if kind in kinds:
                return kind
        if isinstance(node.op, ast.Div) and kinds <= {"int", "float"}:
            return "float"
        return "float" if "float" in kinds else "int" if kinds == {"int"} else ""

    def _of_index(self, node: ast.Subscript) -> str:
        owner = self.kind(node.value)
        if isinstance(node.slice, ast.Slice):
            return owner
        value = self.raised.values.get(node.value.id) if isinstance(node.value, ast.Name) else None
        if value is not None and owner in ("list", "tuple") and value.text:
            return "float" if "." in value.text else "int"
        return ""

    def _of_attribute(self, node: ast.Attribute) -> str:
        if node.attr == "shape":
            return "tuple"
        module = self.raised.values.get(node.value.id) if isinstance(node.value, ast.Name) else None
        is_function = node.attr in (*_ARRAYS, "sqrt") and (module is None or module.kind == "module")
        return "function" if is_function else ""


def site_of(raised: RaisedLine | None) -> Site | None:
    """The failing part of a reported line, or None when no line was reported."""
    if raised is None:
        return None
    return Site(raised, _expression(raised.expression) or _expression(raised.line))


def last_name(node: ast.expr) -> str:
    """`randn` for `np.random.randn`; "" for what ends in no name."""
    return node.attr if isinstance(node, ast.Attribute) else node.id if isinstance(node, ast.Name) else ""


def _expression(text: str) -> ast.expr | None:
    """The tree of an expression, or None."""
    try:
        with warnings.catch_warnings(action="ignore"):  # on a stranger's `"\\d"` or `1 (2)`
            return ast.parse(f"({text}\n)", mode="eval").body if text else None
    except (SyntaxError, ValueError, RecursionError, MemoryError):
        return None


def _kind(name: str) -> str:
    return _KINDS.get(name, name)
