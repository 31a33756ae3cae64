"""Mends of the line that raised: the same call, index or operation as it should be written.

A mend is a guess, which another run tries out. Where none is known, the product with the failing part loses
that part, or the whole value is left open.
"""

from __future__ import annotations

import ast
import difflib
from collections.abc import Callable, Mapping
from types import MappingProxyType

import numpy as np

from autograder.misconceptions.mending.cell import Cell, Mended, has_draw
from autograder.misconceptions.site import Site, last_name

# From the cell, the expression that raised, and what is known of it.
_Mend = Callable[[Cell, ast.expr, Site], "str | None"]

MOST_LINES = 12  # that one expression reaches over
_FACTOR = frozenset({"factor-"})
_IN_NUMPY, _IN_RANDOM = frozenset(dir(np)), frozenset(dir(np.random))


def mend_line(cell: Cell, mistake_id: str, site: Site) -> Mended | None:
    """The cell with the expression that raised mended, or taken out; None where it is not found."""
    node = _find(cell, site)
    if node is None:
        return None
    mend = _MENDS.get(mistake_id)
    text = mend(cell, node, site) if mend is not None else None
    if text is not None:
        return Mended(text)
    return _take_out(cell, node)


def _find(cell: Cell, site: Site) -> ast.expr | None:
    """The node of the expression that raised."""
    if site.node is None:
        return None
    wanted, kind = _shape_of(site.node), type(site.node)
    near = [
        node
        for node in cell.nodes()
        if isinstance(node, kind) and abs(node.lineno - site.raised.number) <= MOST_LINES
    ]
    found = [node for node in near if _shape_of(node) == wanted]
    return min(found, key=lambda node: abs(node.lineno - site.raised.number), default=None)


def _shape_of(node: ast.expr) -> str:
    """The tree as text, whether it is read or stored to."""
    return ast.dump(node).replace("Store()", "Load()")


def _take_out(cell: Cell, node: ast.expr) -> Mended | None:
    """The cell without the failing part."""
    statement = cell.statement_of(node)
    store = next((store for store in cell.stores() if store.statement is statement), None)
    if store is None:
        if isinstance(statement, (ast.Expr, ast.Assert)):
            return cell.without(statement)
        return None
    path = cell.path_to(node)
    if store.target in path:
        return None
    failing: ast.AST = node
    for outer in path:
        if isinstance(outer, ast.BinOp):
            sides = [outer.left, outer.right]
            kept = [side for side in sides if has_draw(side) and side is not failing]
            if len(kept) == 1 and not (failing in sides and has_draw(failing)):
                return Mended(cell.replaced(outer, cell.segment(kept[0])), silent=_FACTOR)
        failing = outer
    return cell.with_gap(store)


def _call(cell: Cell, function: ast.expr, arguments: list[ast.expr]) -> str:
    return f"{cell.segment(function)}({', '.join(cell.segment(part) for part in arguments)})"


def _spread(cell: Cell, node: ast.expr, site: Site) -> str | None:
    """randn((a, b)), randn(size=(a, b)), range((1, L)): the brackets are taken off."""
    if not isinstance(node, ast.Call):
        return None
    given = [*node.args, *(word.value for word in node.keywords)]
    parts = [
        cell.segment(item)
        for part in given
        for item in (part.elts if isinstance(part, (ast.Tuple, ast.List)) else [part])
    ]
    if len(parts) == len(given) == 1:
        parts = [f"*{parts[0]}"]
    return cell.replaced(node, f"{cell.segment(node.func)}({', '.join(parts)})")


def _gather(cell: Cell, node: ast.expr, site: Site) -> str | None:
    """zeros(a, b): the sizes in brackets of their own."""
    if not isinstance(node, ast.Call):
        return None
    sizes = ", ".join(cell.segment(part) for part in node.args)
    return cell.replaced(node, f"{cell.segment(node.func)}(({sizes}))")


def _gather_behind_spread(cell: Cell, node: ast.expr, site: Site) -> str | None:
    """normal(0, 1, a, b): mean and spread stand before the sizes."""
    if not isinstance(node, ast.Call) or site.callee not in ("normal", "uniform") or len(node.args) < 4:
        return None
    parts = [cell.segment(part) for part in node.args]
    return cell.replaced(node, f"{cell.segment(node.func)}({parts[0]}, {parts[1]}, ({', '.join(parts[2:])}))")


def _flatten_shape(cell: Cell, node: ast.expr, site: Site) -> str | None:
    """zeros(((a, b), 1)): the inner pair gives way to its first size."""
    if not isinstance(node, ast.Call) or not node.args or not isinstance(node.args[0], ast.Tuple):
        return None
    shape = node.args[0]
    inner = next((part for part in shape.elts if isinstance(part, (ast.Tuple, ast.List)) and part.elts), None)
    return cell.replaced(inner, cell.segment(inner.elts[0])) if inner is not None else None


def _lengths(cell: Cell, node: ast.expr, site: Site) -> str | None:
    """range(1, layers_dims): the length of the list."""
    if site.callee != "range" or not isinstance(node, ast.Call) or not node.args:
        return None
    return cell.replaced(node.args[-1], f"len({cell.segment(node.args[-1])})")


def _divide(cell: Cell, node: ast.expr, site: Site) -> str | None:
    if not isinstance(node, ast.Call) or len(node.args) != 2:
        return None
    first, second = (cell.segment(part) for part in node.args)
    return cell.replaced(node, f"{cell.segment(node.func)}(({first}) / ({second}))")


def _round_brackets(cell: Cell, node: ast.expr, site: Site) -> str | None:
    if not isinstance(node, ast.Subscript):
        return None
    is_pair = isinstance(node.slice, ast.Tuple)
    parts = node.slice.elts if isinstance(node.slice, ast.Tuple) else [node.slice]
    if is_pair and last_name(node.value) not in ("randn", "rand"):  # zeros[n, 1]
        shape = ", ".join(cell.segment(part) for part in parts)
        return cell.replaced(node, f"{cell.segment(node.value)}(({shape}))")
    return cell.replaced(node, _call(cell, node.value, parts))


def _square_brackets(cell: Cell, node: ast.expr, site: Site) -> str | None:
    if not isinstance(node, ast.Call) or len(node.args) != 1:
        return None
    return cell.replaced(node, f"{cell.segment(node.func)}[{cell.segment(node.args[0])}]")


def _power(cell: Cell, node: ast.expr, site: Site) -> str | None:
    return cell.replaced(node, cell.segment(node).replace("^", "**"))


def _joined_text(cell: Cell, node: ast.expr, site: Site) -> str | None:
    """'W' + l, 'W' * str(l), 'W%' % l: the letter and the number as text."""
    if not isinstance(node, ast.BinOp):
        return None
    left = node.left
    if isinstance(left, ast.Constant) and isinstance(left.value, str):
        letters = "".join(character for character in left.value if character.isalpha())
        return cell.replaced(node, f"{letters[:1]!r} + str({cell.segment(node.right)})")
    return cell.replaced(node, f"str({cell.segment(left)}) + str({cell.segment(node.right)})")


def _made_again(cell: Cell, node: ast.expr, site: Site) -> str | None:
    """A list, a class or a text is filled like a dictionary: a dictionary is made in its place."""
    target = node.value if isinstance(node, ast.Subscript) else None
    if isinstance(target, ast.Attribute):  # parameters.get['W1'] = ...
        return cell.replaced(target, cell.segment(target.value))
    name = target.id if isinstance(target, ast.Name) else ""
    for made in cell.nodes():
        if isinstance(made, ast.Assign) and any(
            isinstance(part, ast.Name) and part.id == name for part in made.targets
        ):
            return cell.replaced(made.value, "{}")
    return None


def _length_of_list(cell: Cell, node: ast.expr, site: Site) -> str | None:
    """layers_dims.shape, .size, .length: its length."""
    if not isinstance(node, ast.Attribute):
        return None
    length = f"len({cell.segment(node.value)})"
    return cell.replaced(node, f"({length},)" if node.attr == "shape" else length)


def _full_name(cell: Cell, node: ast.expr, site: Site) -> str | None:
    """randn, np.randn, math.sqrt, random.randn: the function where NumPy has it."""
    name = last_name(node)
    parent = cell.path_to(node)[1] if len(cell.path_to(node)) > 1 else None
    if isinstance(node, ast.Name) and isinstance(parent, ast.Attribute):  # a module that is not there
        node, name = parent, parent.attr
    module = "np" if name in _IN_NUMPY else "np.random" if name in _IN_RANDOM else ""
    return cell.replaced(node, f"{module}.{name}") if module else None


def _spelled(cell: Cell, node: ast.expr, site: Site) -> str | None:
    """np.zeroes: the nearest name that NumPy has."""
    if not isinstance(node, ast.Attribute):
        return None
    known = _IN_RANDOM if last_name(node.value) == "random" else _IN_NUMPY
    near = difflib.get_close_matches(node.attr, sorted(known), 1)
    return cell.replaced(node, f"{cell.segment(node.value)}.{near[0]}") if near else None


def _known_name(cell: Cell, node: ast.expr, site: Site) -> str | None:
    """A name that does not exist: what is meant by it, as far as its place tells."""
    if not isinstance(node, ast.Name):
        return None
    path = cell.path_to(node)
    if any(isinstance(outer, ast.Subscript) and node in ast.walk(outer.slice) for outer in path) and (
        node.id in ("W", "w", "B", "b")
    ):
        return cell.replaced(node, repr(node.id))
    if node.id == "string":
        return cell.replaced(node, "str")
    if isinstance(path[1], ast.Return) and cell.dictionary():
        return cell.replaced(node, cell.dictionary())
    if any(isinstance(outer, ast.Call) and last_name(outer.func) == "range" for outer in path):
        return cell.replaced(node, f"len({cell.sizes()})")
    names = {part.id for part in cell.nodes() if isinstance(part, ast.Name) and part.id != node.id}
    near = difflib.get_close_matches(node.id, sorted(names - {"np"}), 1, 0.75)
    return cell.replaced(node, near[0]) if near else None


def _loop_of(cell: Cell, node: ast.expr) -> ast.For | None:
    inside = (outer for outer in cell.path_to(node) if isinstance(outer, ast.For))
    return next(inside, None)


def _shorter(cell: Cell, node: ast.expr, site: Site) -> str | None:
    """An index past the end: the loop makes one round less."""
    loop = _loop_of(cell, node)
    if loop is None or not isinstance(loop.iter, ast.Call) or last_name(loop.iter.func) != "range":
        return None
    end = loop.iter.args[-1] if len(loop.iter.args) < 3 else loop.iter.args[1]
    return cell.replaced(end, f"{cell.segment(end)} - 1")


def _counted(cell: Cell, node: ast.expr, site: Site) -> str | None:
    """for l in layers_dims, for l in L: the places of the list from 1."""
    loop = _loop_of(cell, node) if not isinstance(node, ast.Name) else None
    loop = loop or next(
        (part for part in cell.nodes() if isinstance(part, ast.For) and part.iter is node), None
    )
    return cell.replaced(loop.iter, f"range(1, len({cell.sizes()}))") if loop is not None else None


def _drawn(cell: Cell, node: ast.expr, site: Site) -> str | None:
    """np.random(a, b): the function that draws."""
    if not isinstance(node, ast.Call) or not cell.segment(node.func).endswith("random"):
        return None
    return cell.replaced(node.func, f"{cell.segment(node.func)}.randn")


def _whole(cell: Cell, node: ast.expr, site: Site) -> str | None:
    """zeros((n / 1, 1)): the sizes that are fractions, made whole."""
    if not isinstance(node, ast.Call) or not node.args or not isinstance(node.args[0], ast.Tuple):
        return None
    sizes = [
        f"int({cell.segment(part)})" if isinstance(part, ast.BinOp) else cell.segment(part)
        for part in node.args[0].elts
    ]
    return cell.replaced(node.args[0], f"({', '.join(sizes)})")


_MENDS: Mapping[str, _Mend] = MappingProxyType(
    {
        "randn-tuple": _spread,
        "randn-size": _spread,
        "range-tuple": _spread,
        "zeros-two-arguments": _gather,
        "call-arguments": _gather_behind_spread,
        "zeros-nested-shape": _flatten_shape,
        "error-range-of-list": _lengths,
        "sqrt-two-arguments": _divide,
        "error-square-brackets": _round_brackets,
        "error-round-brackets": _square_brackets,
        "power-by-caret": _power,
        "key-number-not-text": _joined_text,
        "key-multiplied": _joined_text,
        "key-format": _joined_text,
        "list-for-dict": _made_again,
        "stored-in-no-dict": _made_again,
        "function-not-called": _made_again,
        "list-attribute": _length_of_list,
        "prefix-missing": _full_name,
        "function-elsewhere": _full_name,
        "error-import": _full_name,
        "error-attribute": _spelled,
        "error-name": _known_name,
        "error-index": _shorter,
        "index-by-size": _counted,
        "loop-over-number": _counted,
        "module-called": _drawn,
        "size-not-whole": _whole,
    }
)
