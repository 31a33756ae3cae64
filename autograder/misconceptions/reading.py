"""What the text of a solution cell tells where behaviour leaves it open. The text is parsed, never run.

Used for cells that do not compile, for functions that are not found, and to tell apart mistakes that behave
alike (no seed at all, or one outside the function).
"""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator

from autograder import code_cell

_SIZES = re.compile(r"(n_)?(layers?|dims?|sizes?)(_?(dims?|sizes?|layers?))?", re.IGNORECASE)
_QUOTES = ("invalid character", "invalid non-printable")
_BRACKETS = (
    "never closed",
    "unmatched",
    "does not match",
    "unterminated",
    "EOF",
    "forgot a comma",
    "f-string",
)


def parse(source: str) -> ast.Module | SyntaxError:
    """The tree of the cell `source`, or why there is none."""
    try:
        return code_cell.parse(source)
    except SyntaxError as error:
        return error


def name_syntax_error(error: SyntaxError) -> tuple[str, str]:
    """The id and what to show of a cell that does not compile.

    >>> name_syntax_error(parse("for l in range(3):\\n    # W\\n"))[0]
    'loop-body-empty'
    """
    shown = f"line {error.lineno}: {error.msg}" if error.lineno else str(error.msg)
    if isinstance(error, IndentationError):
        is_empty = "expected an indented block" in error.msg
        return ("loop-body-empty" if is_empty else "indentation"), shown
    for marks, mistake_id in ((_QUOTES, "curly-quotes"), (_BRACKETS, "bracket-not-closed")):
        if any(mark in error.msg for mark in marks):
            return mistake_id, shown
    return "syntax-error", shown


def name_missing_function(source: str, wanted: str) -> tuple[str, str]:
    """Why there is no function `wanted`, and what stands there instead.

    >>> name_missing_function("def init_he(dims): return {}", "initialize_parameters_he")
    ('function-renamed', '`init_he`')
    """
    tree = parse(source)
    if isinstance(tree, SyntaxError):
        return name_syntax_error(tree)
    for outer in tree.body:
        if isinstance(outer, ast.ClassDef) and any(d.name == wanted for d in _functions(outer)):
            return "function-in-class", ""
        is_other = isinstance(outer, ast.FunctionDef) and outer.name != wanted
        if is_other and any(inner.name == wanted for inner in _functions(outer)):
            return "function-nested", ""
    targets = (node.targets for node in tree.body if isinstance(node, ast.Assign))
    if any(isinstance(name, ast.Name) and name.id == wanted for names in targets for name in names):
        return "function-overwritten", ""
    names = [node.name for node in tree.body if isinstance(node, (ast.FunctionDef, ast.ClassDef))]
    if names and wanted not in names:
        return "function-renamed", ", ".join(f"`{name[:60]}`" for name in names[:3])
    return "function-missing", ""


def refine_missing_seed(source: str) -> str:
    """Which kind of missing seed it is, as far as the text tells.

    >>> refine_missing_seed("np.random.seed(3)\\ndef f(dims):\\n    return np.random.randn(*dims)")
    'seed-outside'
    """
    tree = parse(source)
    if isinstance(tree, SyntaxError):
        return "seed-missing"
    for node in ast.walk(tree):
        if isinstance(node, ast.Assign) and any(_dotted(t).endswith("random.seed") for t in node.targets):
            return "seed-assigned"
    inside = {id(node) for function in _functions(tree) for node in ast.walk(function)}
    calls = [(node, _dotted(node.func)) for node in ast.walk(tree) if isinstance(node, ast.Call)]
    seeds = [(node, name) for node, name in calls if name.endswith("seed") and node.args]
    if any(id(node) not in inside for node, _ in seeds) and not any(id(node) in inside for node, _ in seeds):
        return "seed-outside"
    draws = [node.lineno for node, name in calls if id(node) in inside and _is_global_draw(name)]
    if not draws:
        return "seed-missing"
    if any(name == "random.seed" for _, name in seeds) and not _imports_random_from_numpy(tree):
        return "seed-of-other-module"
    generators = ("RandomState", "default_rng", "Generator", "manual_seed")
    if any(name.rpartition(".")[2] in generators and node.args for node, name in calls):
        return "generator-not-used"
    if seeds and all(node.lineno > min(draws) for node, _ in seeds):
        return "seed-after-draw"
    return "seed-missing"


def keeps_generator_outside(source: str) -> bool:
    """Whether a function draws from a generator that was made once, outside, and never seeded again."""
    tree = parse(source)
    if isinstance(tree, SyntaxError):
        return False
    made = {
        target.id
        for node in tree.body
        if isinstance(node, ast.Assign) and isinstance(node.value, ast.Call)
        if _dotted(node.value.func).rpartition(".")[2] in ("RandomState", "default_rng")
        for target in node.targets
        if isinstance(target, ast.Name)
    }
    names = {_dotted(n.func) for f in _functions(tree) for n in ast.walk(f) if isinstance(n, ast.Call)}
    stored = {
        node.id
        for function in _functions(tree)
        for node in ast.walk(function)
        if isinstance(node, ast.Name) and isinstance(node.ctx, ast.Store)
    }
    return any(
        generator not in stored
        and f"{generator}.seed" not in names
        and any(name.startswith(f"{generator}.") for name in names)
        for generator in made
    )


def sizes_from_outside(source: str, function: str) -> str:
    """The variable from outside that `function` takes its layer sizes from, or "".

    >>> sizes_from_outside("def f(layer_dims):\\n    return len(layers_dims)", "f")
    'layers_dims'
    """
    tree = parse(source)
    if isinstance(tree, SyntaxError):
        return ""
    for node in _functions(tree):
        if node.name == function:
            names = [item for item in ast.walk(node) if isinstance(item, ast.Name)]
            own = {item.id for item in names if isinstance(item.ctx, ast.Store)}
            own |= {item.arg for item in ast.walk(node) if isinstance(item, ast.arg)}
            outside = sorted({item.id for item in names} - own)
            return next((name for name in outside if _SIZES.fullmatch(name)), "")
    return ""


def has_loop(source: str) -> bool:
    """Whether the text has a loop or a comprehension; True when it cannot be parsed."""
    tree = parse(source)
    kinds = (ast.For, ast.While, ast.comprehension)
    return isinstance(tree, SyntaxError) or any(isinstance(node, kinds) for node in ast.walk(tree))


def _functions(tree: ast.AST) -> Iterator[ast.FunctionDef]:
    return (node for node in ast.walk(tree) if isinstance(node, ast.FunctionDef))


def _dotted(node: ast.AST) -> str:
    """`np.random.seed` for the expression of that name; "" for what is no chain of names."""
    names: list[str] = []
    while isinstance(node, ast.Attribute):  # not by recursion: a chain may be thousands long
        names.append(node.attr)
        node = node.value
    first = node.id if isinstance(node, ast.Name) else ""
    return ".".join([first, *reversed(names)])


def _is_global_draw(name: str) -> bool:
    parts = name.split(".")
    draws = ("randn", "rand", "normal", "standard_normal", "random", "uniform", "randint", "random_sample")
    return parts[-1] in draws and (len(parts) == 1 or parts[-2] == "random")


def _imports_random_from_numpy(tree: ast.Module) -> bool:
    return any(isinstance(node, ast.ImportFrom) and node.module == "numpy" for node in ast.walk(tree))
