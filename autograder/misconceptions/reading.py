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
_OPEN_ASSIGNMENT = re.compile(r"=\s*(#.*)?$")
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


def name_syntax_error(error: SyntaxError, source: str) -> tuple[str, str]:
    """The id and what to show of the cell `source`, which does not compile.

    >>> cell = "for l in range(3):\\n    # W\\n"
    >>> name_syntax_error(parse(cell), cell)[0]
    'loop-body-empty'
    """
    shown = f"line {error.lineno}: {error.msg}" if error.lineno else str(error.msg)
    lines = code_cell.as_python(source).splitlines()
    if isinstance(error, IndentationError):
        if "expected an indented block" not in error.msg:
            return "indentation", shown
        return ("loop-body-empty" if _is_body_empty(error, lines) else "block-not-indented"), shown
    at = lines[error.lineno - 1] if error.lineno and error.lineno <= len(lines) else ""
    if error.msg == "invalid syntax" and _OPEN_ASSIGNMENT.search(at):
        return "right-side-empty", f"line {error.lineno}"
    if error.msg.startswith("cannot assign to"):
        return "assigned-to-call", shown
    if error.msg == "expected ':'":
        return "colon-missing", shown
    for marks, mistake_id in ((_QUOTES, "curly-quotes"), (_BRACKETS, "bracket-not-closed")):
        if any(mark in error.msg for mark in marks):
            return mistake_id, shown
    return "syntax-error", shown


def _is_body_empty(error: SyntaxError, lines: list[str]) -> bool:
    """Whether a block has no line of code; else its lines stand too far to the left.

    The line after its header stands no further to the right. It belongs to the block if it is as far to the
    right as the header, and no `return`.
    """
    header = re.search(r"on line (\d+)", error.msg)
    start = int(header[1]) if header else 0
    code = [line for line in lines[start:] if line.strip() and not line.lstrip().startswith("#")]
    if not code or not start:
        return True
    indents = [len(line) - len(line.lstrip()) for line in (lines[start - 1], code[0])]
    return indents[0] != indents[1] or re.match(r"\s*(return|def|class)\b", code[0]) is not None


def name_missing_function(source: str, wanted: str) -> tuple[str, str]:
    """Why there is no function `wanted`, and what stands there instead.

    >>> name_missing_function("def init_he(dims): return {}", "initialize_parameters_he")
    ('function-renamed', '`init_he`')
    """
    tree = parse(source)
    if isinstance(tree, SyntaxError):
        return name_syntax_error(tree, source)
    for outer in tree.body:
        if any(isinstance(node, ast.Return) for node in _outside(outer)):
            return "return-outside", f"line {outer.lineno}"
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


def _outside(statement: ast.stmt) -> Iterator[ast.AST]:
    """What stands in a statement of the module, outside functions and classes."""
    waiting: list[ast.AST] = [statement]
    while waiting:
        node = waiting.pop()
        if not isinstance(node, (ast.FunctionDef, ast.AsyncFunctionDef, ast.ClassDef, ast.Lambda)):
            yield node
            waiting += ast.iter_child_nodes(node)


def first_parameter(source: str, function: str) -> str:
    """The name of the first parameter of `function`; "" where it has none or is not found.

    >>> first_parameter("def f(self, layers_dims): pass", "f")
    'self'
    """
    tree = parse(source)
    found = [] if isinstance(tree, SyntaxError) else [d for d in _functions(tree) if d.name == function]
    return next((node.args.args[0].arg for node in found if node.args.args), "")


def is_starred(source: str, function: str) -> bool:
    """Whether all that `function` takes is a starred argument.

    >>> is_starred("def f(*dims): pass", "f")
    True
    """
    tree = parse(source)
    found = [] if isinstance(tree, SyntaxError) else [d for d in _functions(tree) if d.name == function]
    return any(node.args.vararg is not None and not node.args.args for node in found)


def has_fixed_key(source: str) -> bool:
    """Whether a loop stores under a key that is made with other names than the loop's own.

    >>> has_fixed_key("for l in range(1, L):\\n    p['W' + str(L)] = l")
    True
    """
    tree = parse(source)
    loops = [] if isinstance(tree, SyntaxError) else [n for n in ast.walk(tree) if isinstance(n, ast.For)]
    for loop in loops:
        stored = {n.id for n in ast.walk(loop) if isinstance(n, ast.Name) and isinstance(n.ctx, ast.Store)}
        for node in ast.walk(loop):
            if isinstance(node, ast.Subscript) and isinstance(node.ctx, ast.Store):
                names = {n.id for n in ast.walk(node.slice) if isinstance(n, ast.Name)} - {"str"}
                if names and not names & stored:
                    return True
    return False


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
