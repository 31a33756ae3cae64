"""What stands in a code cell: its Python, the modules it imports, the names it defines.

A notebook's cell may hold what only IPython understands: magics (`%time f()`, `%%capture`), shell lines
(`!ls`), help (`f?`). `as_python` puts a statement of Python in place of each, on the same line with the same
indentation, so that line numbers stay. Only text is looked at: nothing runs, and IPython is not imported. The
time is linear in the length of the text, whoever wrote it.
"""

from __future__ import annotations

import ast
import re
import warnings
from collections.abc import Collection, Iterator
from typing import NamedTuple

# Cell magics whose body is Python that runs in the notebook's namespace.
_PYTHON_BODIES = frozenset({"capture", "prun", "time"})

_BLANK_LINES = re.compile(r"(?:[^\S\n]*\n)*+")
_INDENT = re.compile(r"[ \t]*")
_PROMPTS = (
    (re.compile(r">>>(?: |$)", re.MULTILINE), re.compile(r"^(?:>>>|\.\.\.)(?: |$)", re.MULTILINE)),
    (
        re.compile(r"In \[\d+\]:(?: |$)", re.MULTILINE),
        re.compile(r"^(?:In \[\d+\]:|[ \t]*\.{3,}:)(?: |$)", re.MULTILINE),
    ),
)
_CELL_MAGIC = re.compile(r"%%(\w+)[^\n?]*$", re.MULTILINE)
_ESCAPED = re.compile(r"[ \t]*[%!?,;/]")
_TIMED = re.compile(r"([ \t]*)%time[ \t]+(?=[^\s\\-])")  # `%time y = f()` runs the rest of its line as Python
_CONTINUED_LINE = re.compile(r"(?:[^\n\\]|\\\n|\\)*+")
_ASKABLE = re.compile(r"[\w*\]]")  # what `?` asks about ends in one of these
_ASKED_OF_IPYTHON = re.compile(r"\s*(?:%(?=\w)|!)")
_TOKEN = re.compile(
    r'''
    (?P<string> """ (?: [^\\"]++ | \\. | "(?!"") )*+ (?: """ | \Z )
              | \'\'\' (?: [^\\']++ | \\. | '(?!'') )*+ (?: \'\'\' | \Z )
              | " (?: [^\\"\n]++ | \\. )*+ "?
              | ' (?: [^\\'\n]++ | \\. )*+ '? )
  | (?P<comment> \#[^\n]* )
  | (?P<continued> \\\n )
  | (?P<newline> \n )
  | (?P<opening> [(\[{] )
  | (?P<closing> [)\]}] )
  | (?P<operator> (?: \*\*|//|<<|>>|[=!<>+\-*/%&|^@:] )= )
  | (?P<assign> = )
  | (?P<question> \?\?? )
  | (?P<space> [^\S\n]++ )
  | (?P<code> [^\s"'\#\\()\[\]{}=!<>+\-*/%&|^@:?]++ | . )
    ''',
    re.VERBOSE | re.DOTALL,
)

_DEFINITION = re.compile(r"^(?:async[ \t]+)?(?:def|class)[ \t]+(\w+)", re.MULTILINE)
_ASSIGNMENT = re.compile(r"^(\w+)[ \t]*=(?!=)", re.MULTILINE)


class _Piece(NamedTuple):
    """A piece of the cell: where it ends, and what stands for it in Python."""

    end: int
    python: str
    is_replaced: bool = False  # it is a `pass` in place of something that only IPython understands


def as_python(source: str) -> str:
    """The cell's text as Python, with as many lines as before.

    As IPython does, an indentation of the whole cell and pasted prompts (`>>>`, `In [1]:`) are taken off. A
    magic, a shell line and a question become `pass`; `%time y = f()` becomes `y = f()`; a value that is asked
    of IPython becomes `get_ipython()`. A cell magic whose body is no Python (`%%bash`, `%%html`) leaves
    nothing.

    >>> print(as_python("%matplotlib inline\\nif show:\\n    !ls\\nfiles = !ls"))
    pass
    if show:
        pass
    files = get_ipython()
    """
    return _translate(source)[0]


def parse(source: str, filename: str = "<cell>") -> ast.Module:
    """The tree of the cell.

    Raises
    ------
    SyntaxError
        It is not Python, or what Python's parser refuses in another way: null bytes, nesting without end.
    """
    return _tree(as_python(source), filename)


def statements(source: str) -> list[ast.stmt]:
    """The statements of the cell; none when it is not Python."""
    try:
        return parse(source).body
    except SyntaxError:
        return []


def has_statements(source: str) -> bool:
    """Whether the cell is Python that does something: no prose, no mere comments or magics.

    >>> has_statements("%matplotlib inline\\nx = 1"), has_statements("Because the start is zero, isn't it?")
    (True, False)
    """
    python, replaced = _translate(source)
    try:
        return any(statement.lineno not in replaced for statement in _tree(python, "<cell>").body)
    except SyntaxError:
        return False


def imported_modules(source: str) -> tuple[str, ...]:
    """Dotted names of what the cell imports, wherever in it, each once; `from a import b` gives a and a.b.

    A cell that is not Python is read line by line. Relative imports are left out.

    >>> imported_modules("%%time\\nimport numpy as np\\nfrom init_utils import lab")
    ('numpy', 'init_utils', 'init_utils.lab')
    """
    try:
        tree = parse(source)
    except SyntaxError:
        lines = (line.split() for line in source.split("\n"))
        names = [words[1] for words in lines if len(words) > 1 and words[0] in ("import", "from")]
        return tuple(dict.fromkeys(name.rstrip(",;") for name in names if not name.startswith(".")))
    return tuple(dict.fromkeys(name for node in ast.walk(tree) for name in _modules_of(node)))


def defined_functions(source: str) -> frozenset[str]:
    """Functions and classes that the text defines at its left edge, whether or not it is valid Python."""
    return frozenset(_DEFINITION.findall(source))


def assigned_names(source: str) -> frozenset[str]:
    """Names that the text assigns at its left edge, whether or not it is valid Python."""
    return frozenset(_ASSIGNMENT.findall(source))


def mentions_definition(source: str, function: str) -> bool:
    """Whether a definition of `function` stands anywhere in the text, at its left edge or further in."""
    return re.search(rf"\bdef[ \t]+{re.escape(function)}\b", source) is not None


def ends_with_semicolon(source: str) -> bool:
    """Whether the last line of code ends in `;`: a notebook does not show that value.

    >>> ends_with_semicolon("plt.plot(x);  # no text\\n"), ends_with_semicolon("x  # first; second")
    (True, False)
    """
    last = ""
    for found in _TOKEN.finditer(source):
        if found.lastgroup not in ("comment", "newline", "space", "continued"):
            last = found[0]
    return last.endswith(";")


def _tree(python: str, filename: str) -> ast.Module:
    try:
        with warnings.catch_warnings(action="ignore"):  # on a stranger's `"\\d"` or `1 is 1`
            return ast.parse(python, filename)
    except SyntaxError:
        raise
    except (ValueError, RecursionError, MemoryError) as error:
        raise SyntaxError(str(error) or "too deeply nested") from error


def _translate(source: str) -> tuple[str, set[int]]:
    """The cell as Python, and the numbers (from 1) of the lines where `pass` was put."""
    text = _left_aligned(source.replace("\r\n", "\n").replace("\r", "\n"))
    parts: list[str] = []
    replaced: set[int] = set()
    position, line = 0, 1
    for piece in _pieces(text):
        breaks = text.count("\n", position, piece.end)
        parts.append(piece.python + "\n" * (breaks - piece.python.count("\n")))
        if piece.is_replaced:
            replaced.add(line)
        position, line = piece.end, line + breaks
    return "".join(parts), replaced


def _pieces(text: str) -> Iterator[_Piece]:
    """The text from its beginning to its end, piece by piece, each as Python."""
    position = 0
    while magic := _CELL_MAGIC.match(text, _skip_blank_lines(text, position)):
        yield _Piece(magic.start(), "")
        position = magic.end() if magic[1] in _PYTHON_BODIES else len(text)
        yield _Piece(position, "pass", is_replaced=True)
    while position < len(text):
        if timed := _TIMED.match(text, position):
            position = timed.end()
            yield _Piece(position, timed[1])
        piece = _logical_line(text, position)
        yield piece
        position = piece.end
        if position < len(text):
            position += 1
            yield _Piece(position, "\n")


def _logical_line(text: str, start: int) -> _Piece:
    """The line of Python that begins at `start`, with what continues it, or the line of IPython's."""
    if _ESCAPED.match(text, start):
        return _Piece(_end_of_continued_line(text, start), _indent_at(text, start) + "pass", is_replaced=True)
    depth, has_assignment, is_question, end = 0, False, False, len(text)
    for found in _TOKEN.finditer(text, start):
        kind = found.lastgroup
        if kind == "newline" and depth <= 0:
            end = found.start()
            break
        depth += {"opening": 1, "closing": -1}.get(kind or "", 0)
        if kind == "assign" and depth == 0 and not has_assignment:
            has_assignment = True
            if _ASKED_OF_IPYTHON.match(text, found.end()):  # what follows has no strings, no brackets
                value_end = _end_of_continued_line(text, found.end())
                return _Piece(value_end, f"{text[start : found.end()]} get_ipython()")
        if kind not in ("newline", "space"):
            is_question = kind == "question" and _ASKABLE.match(text, found.start() - 1) is not None
    code = text[start:end]
    if is_question and "\n" not in code:
        return _Piece(end, _indent_at(text, start) + "pass", is_replaced=True)
    return _Piece(end, code)


def _left_aligned(text: str) -> str:
    """Without the indentation of the first line that is not blank, and without pasted prompts."""
    start = _skip_blank_lines(text, 0)
    if indent := _indent_at(text, start):
        text = "\n".join(line.removeprefix(indent) for line in text.split("\n"))
        start = _skip_blank_lines(text, 0)
    for first, every in _PROMPTS:
        if first.match(text, start):
            text = every.sub("", text)
    return text


def _skip_blank_lines(text: str, position: int) -> int:
    """Where the first line at or after `position` begins that is not blank."""
    return _match_anywhere(_BLANK_LINES, text, position).end()


def _indent_at(text: str, position: int) -> str:
    return _match_anywhere(_INDENT, text, position)[0]


def _end_of_continued_line(text: str, position: int) -> int:
    """Where the line ends, and the lines that a backslash joins to it."""
    return _match_anywhere(_CONTINUED_LINE, text, position).end()


def _match_anywhere(pattern: re.Pattern[str], text: str, position: int) -> re.Match[str]:
    found = pattern.match(text, position)
    assert found is not None  # these patterns match the empty text too
    return found


def _modules_of(node: ast.AST) -> Iterator[str]:
    if isinstance(node, ast.Import):
        yield from (alias.name for alias in node.names)
    elif isinstance(node, ast.ImportFrom) and node.module and not node.level:
        yield node.module
        yield from (f"{node.module}.{alias.name}" for alias in node.names if alias.name != "*")


def install_line(source: str, present: Collection[str] = ()) -> str:
    """The first line of a cell that installs a package; "" where none does.

    A line that only installs wheels, by file or address, of modules that are `present` anyway does not count.

    >>> install_line("import os\\n!pip install -q seaborn\\n"), install_line("# !pip install seaborn")
    ('!pip install -q seaborn', '')
    >>> install_line("%pip install --quiet https://host/course-0.1.0-py3-none-any.whl", {"course"})
    ''
    """
    for found in _INSTALLS.finditer(source):
        wanted = [word.strip("\"'") for word in found["what"].split() if not word.startswith("-")]
        wheels = [_WHEEL.fullmatch(word) for word in wanted]
        if not wheels or not all(wheel and wheel["name"] in present for wheel in wheels):
            return found[0].strip()
    return ""


_WHEEL = re.compile(r"(?:\S*[/:])?(?P<name>\w+)-[^\s/]+\.whl(?:\[[\w,]*\])?(?:#\S*)?")
_INSTALLS = re.compile(
    r"^[ \t]*[!%][ \t]*(?:\S*python[\d.]*[ \t]+-m[ \t]+|\{sys\.executable\}[ \t]+-m[ \t]+|uv[ \t]+)?"
    r"(?:pip[\d.]*|conda|mamba)[ \t]+install\b(?P<what>.*)",
    re.MULTILINE,
)
