"""Mends of the function as a whole: its arguments, its loop, its keys, what it makes and what it returns."""

from __future__ import annotations

import ast
import re
from collections.abc import Callable, Mapping
from types import MappingProxyType

from autograder.misconceptions.mending.cell import Cell, Mended, Store, has_draw
from autograder.misconceptions.site import last_name

_SIZES = re.compile(r"(n_)?(layers?|dims?|sizes?)(_?(dims?|sizes?|layers?))?", re.IGNORECASE)

_Mend = Callable[[Cell], "Mended | None"]


def mend_function(cell: Cell, mistake_id: str) -> Mended | None:
    """The cell with the mistake taken out; None where no mend is known."""
    mend = _MENDS.get(mistake_id)
    return mend(cell) if mend is not None else None


def _with_one_argument(cell: Cell) -> Mended | None:
    """(self, dims), (), (n_x, n_y), (dims, scale), (*dims): one argument, which the body uses."""
    arguments = cell.function.args
    names = [argument.arg for argument in (*arguments.posonlyargs, *arguments.args)]
    if arguments.vararg is not None and not names:
        names = [arguments.vararg.arg]
    used = [node.id for node in cell.nodes() if isinstance(node, ast.Name)]
    stored = {
        node.id for node in cell.nodes() if isinstance(node, ast.Name) and isinstance(node.ctx, ast.Store)
    }
    outside = sorted({name for name in used if _SIZES.fullmatch(name)} - stored - set(names))
    own = [name for name in names if name in used and name not in ("self", "cls")]
    sizes = next((name for name in own if _SIZES.fullmatch(name)), "")
    first = sizes or (outside[0] if outside else own[0] if own else "layers_dims")
    others = [f"{name}=1" for name in names if name != first]
    header = re.compile(
        rf"(def[ \t]+{re.escape(cell.function.name)}[ \t]*)\(.*?\)([ \t]*(?:->.*?)?:)", re.DOTALL
    )
    new = header.sub(lambda found: f"{found[1]}({', '.join([first, *others])}){found[2]}", cell.text, count=1)
    return Mended(new) if new != cell.text and new.count("\n") == cell.text.count("\n") else None


def _named_argument(cell: Cell) -> Mended | None:
    """The sizes are called otherwise in the body than in the brackets of the function."""
    return _with_one_argument(cell) if not _uses_its_argument(cell) else None


def _uses_its_argument(cell: Cell) -> bool:
    return any(isinstance(node, ast.Name) and node.id == cell.sizes() for node in cell.nodes())


def _with_dictionary(cell: Cell) -> Mended | None:
    name = cell.dictionary()
    return cell.with_first(f"{name} = {{}}") if name else None


def _with_return(cell: Cell) -> Mended | None:
    """The dictionary is returned at the end."""
    name = cell.dictionary()
    if not name:
        return None
    for node in cell.nodes():
        if isinstance(node, ast.Return) and cell.path_to(node)[1] is cell.function:
            return Mended(cell.replaced(node, f"return {name}"))
    return cell.with_last(f"return {name}")


def _return_behind_loop(cell: Cell) -> Mended | None:
    name = cell.dictionary()
    inside = [
        node
        for node in cell.nodes()
        if isinstance(node, ast.Return)
        and any(isinstance(outer, (ast.For, ast.While)) for outer in cell.path_to(node))
    ]
    if not inside or not name:
        return None
    text = cell.replaced(inside[0], "pass")
    if any(isinstance(statement, ast.Return) for statement in cell.function.body):
        return Mended(text)
    last = cell.function.body[-1].end_lineno
    assert last is not None
    lines = text.split("\n")
    lines.insert(last, " " * cell.function.body[0].col_offset + f"return {name}")
    return Mended("\n".join(lines), last + 1)


def _dictionary_before_loop(cell: Cell) -> Mended | None:
    name = cell.dictionary()
    for node in cell.nodes():
        is_made = isinstance(node, ast.Assign) and any(
            isinstance(target, ast.Name) and target.id == name for target in node.targets
        )
        if is_made and any(isinstance(outer, (ast.For, ast.While)) for outer in cell.path_to(node)):
            assert isinstance(node, ast.Assign)
            first = cell.function.body[0]
            lines = cell.replaced(node, "pass").split("\n")
            lines.insert(first.lineno - 1, " " * first.col_offset + f"{name} = {{}}")
            return Mended("\n".join(lines), first.lineno)
    return None


def _whole_range(cell: Cell) -> Mended | None:
    """The loop over a range runs over all layers."""
    for node in cell.nodes():
        if isinstance(node, ast.For) and isinstance(node.target, ast.Name) and _is_range(node.iter):
            return Mended(cell.replaced(node.iter, f"range(1, len({cell.sizes()}))"))
    return None


def _is_range(node: ast.expr) -> bool:
    return isinstance(node, ast.Call) and last_name(node.func) == "range"


def _with_keys(cell: Cell) -> Mended | None:
    """Every key is the letter and the number of the layer."""
    stores = cell.stores()
    numbers = [number for store in stores if (number := _number_of(cell, store))]
    number = numbers[0] if numbers else _number_of_loop(cell)
    if not number or len(stores) > 2:
        return None
    letters = [store.letter for store in stores]
    if len(stores) == 2 and set(letters) != {"W", "b"}:
        letters = ["W", "b"]
    text = cell.text
    for store, letter in sorted(
        zip(stores, letters, strict=True), key=lambda pair: -pair[0].statement.lineno
    ):
        base = store.target.value
        while isinstance(base, (ast.Call, ast.Attribute)):  # parameters.setdefault(l, {})
            base = base.func if isinstance(base, ast.Call) else base.value
        target = f"{cell.segment(base)}[{letter!r} + str({number})]"
        text = Cell(text, cell.tree, cell.function).replaced(store.target, target)
    return Mended(text)


def _number_of(cell: Cell, store: Store) -> str:
    """The layer's number as the key has it; "" where it has none."""
    for node in ast.walk(store.target.slice):
        if isinstance(node, ast.FormattedValue):
            return cell.segment(node.value)
        if isinstance(node, ast.Call) and node.args and last_name(node.func) in ("str", "format"):
            return "" if _is_fixed(cell, node.args[0]) else cell.segment(node.args[0])
        if isinstance(node, ast.BinOp) and isinstance(node.op, ast.Mod):
            return cell.segment(node.right)
    return ""


def _is_fixed(cell: Cell, node: ast.expr) -> bool:
    """Whether a number does not change in the loop."""
    names = {part.id for part in ast.walk(node) if isinstance(part, ast.Name)}
    turning = {
        part.id
        for loop in cell.nodes()
        if isinstance(loop, (ast.For, ast.While))
        for part in ast.walk(loop)
        if isinstance(part, ast.Name) and isinstance(part.ctx, ast.Store)
    }
    return not names & turning


def _number_of_loop(cell: Cell) -> str:
    for node in cell.nodes():
        if isinstance(node, ast.While):
            names = [part.id for part in ast.walk(node.test) if isinstance(part, ast.Name)]
            return names[0] if names else ""
        if isinstance(node, ast.For):
            target = node.target.elts[0] if isinstance(node.target, ast.Tuple) else node.target
            name = target.id if isinstance(target, ast.Name) else ""
            starts_at_0 = (
                isinstance(node.iter, ast.Call) and _is_range(node.iter) and len(node.iter.args) == 1
            )
            return f"{name} + 1" if starts_at_0 and name else name
    return ""


def _without_own_sizes(cell: Cell) -> Mended | None:
    """The function gives its argument another value, or changes it."""
    for node in cell.nodes():
        changed: ast.expr | None = node.targets[0] if isinstance(node, ast.Assign) else None
        if isinstance(node, ast.Expr) and isinstance(node.value, ast.Call):
            called = node.value.func
            changed = called.value if isinstance(called, ast.Attribute) else None
        if isinstance(changed, ast.Name) and changed.id == cell.sizes():
            assert isinstance(node, ast.stmt)
            return cell.without(node)
    return None


def _with_normal_numbers(cell: Cell) -> Mended | None:
    """Weights that are constant, whole or zero hide the seed: normal numbers of the same shape instead."""
    for store in cell.stores():
        if store.letter != "W":
            continue
        for node in ast.walk(store.statement.value):
            if isinstance(node, ast.Call) and last_name(node.func) in (
                *("zeros", "ones", "full", "empty", "randint", "eye"),
            ):
                shape = _shape_of(cell, node)
                return Mended(cell.replaced(node, f"np.random.standard_normal({shape})")) if shape else None
            if isinstance(node, ast.Call) and last_name(node.func) in (
                "astype",
                "int",
                "round",
                "trunc",
                "floor",
            ):
                inner = node.func.value if last_name(node.func) == "astype" else node.args[0]  # type: ignore[attr-defined]
                return Mended(cell.replaced(node, cell.segment(inner))) if has_draw(inner) else None
    return None


def _with_global_generator(cell: Cell) -> Mended | None:
    """A generator of the function's own gives way to NumPy's global one."""
    for node in cell.nodes():
        if isinstance(node, ast.Call) and last_name(node.func) == "default_rng":
            return Mended(cell.replaced(node, "np.random"))
    return None


def _shape_of(cell: Cell, node: ast.Call) -> str:
    """The text of the shape that a call asks for; "" where it is not written out."""
    for part in (*node.args, *(word.value for word in node.keywords)):
        if isinstance(part, (ast.Tuple, ast.List)):
            return cell.segment(part)
    if last_name(node.func) == "eye" and len(node.args) == 2:
        return f"({', '.join(cell.segment(part) for part in node.args)})"
    return ""


_MENDS: Mapping[str, _Mend] = MappingProxyType(
    {
        "error-signature": _with_one_argument,
        "self-parameter": _with_one_argument,
        "argument-starred": _with_one_argument,
        "global-for-argument": _named_argument,
        "error-name": _named_argument,
        "dict-not-made": _with_dictionary,
        "returns-none": _with_return,
        "returns-not-a-dict": _with_return,
        "return-in-loop": _return_behind_loop,
        "dict-made-in-loop": _dictionary_before_loop,
        "first-layer-missing": _whole_range,
        "last-layer-missing": _whole_range,
        "layers-hard-coded": _whole_range,
        "keys-without-number": _with_keys,
        "keys-not-text": _with_keys,
        "keys-spelled": _with_keys,
        "key-last-for-l": _with_keys,
        "bias-stored-as-weights": _with_keys,
        "answer-pasted": _without_own_sizes,
        "sizes-reversed": _without_own_sizes,
        "generator-new": _with_global_generator,
        "weights-zero": _with_normal_numbers,
        "weights-constant": _with_normal_numbers,
        "integers-drawn": _with_normal_numbers,
    }
)
