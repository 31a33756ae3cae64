"""Mends of a text that Python cannot read, and of one in which the function is not found under its name."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator

from autograder import code_cell
from autograder.misconceptions.mending.cell import GAP, Mended

_TYPED = str.maketrans(
    {
        "\N{LEFT SINGLE QUOTATION MARK}": "'",
        "\N{RIGHT SINGLE QUOTATION MARK}": "'",
        "\N{LEFT DOUBLE QUOTATION MARK}": '"',
        "\N{RIGHT DOUBLE QUOTATION MARK}": '"',
        "\N{DOUBLE LOW-9 QUOTATION MARK}": '"',
        "\N{EN DASH}": "-",
        "\N{EM DASH}": "-",
        "\N{MINUS SIGN}": "-",
        "\N{MULTIPLICATION SIGN}": "*",
        "\N{NO-BREAK SPACE}": " ",
    }
)
_STORE = re.compile(r"(?P<start>\s*\w+\s*\[(?P<key>[^=]*)\]\s*=).*")
_CALLED = re.compile(r"(\s*\w+)\s*\((.*)\)\s*=(?!=)")
_VALUES = {
    "w": frozenset(
        {"weights-", "factor-", "draw", "sign-", "values-", "integers-", "rand-", "generator-new"}
    ),
    "b": frozenset({"bias-", "biases-"}),
}
_MOST_TRIES = 40


def mend_text(source: str) -> Mended | None:
    """A text that compiles further than `source`, with as many lines; None where none is found.

    >>> mend_text("for l in range(3)\\n    print(l)\\n").text
    'for l in range(3):\\n    print(l)\\n'
    """
    text = code_cell.as_python(source)
    error = _error_of(text)
    if error is None:
        return None
    for _, candidate in zip(range(_MOST_TRIES), _candidates(text, error), strict=False):
        left = _error_of(candidate.text)
        if left is None or (left.lineno or 0) > (error.lineno or 0):
            return candidate
    return None


def _error_of(text: str) -> SyntaxError | None:
    """Why Python does not read the text."""
    try:
        tree = code_cell.parse(text)
    except SyntaxError as error:
        return error
    for statement in tree.body:
        if isinstance(statement, ast.Return):
            return SyntaxError("'return' outside function", ("", statement.lineno, 0, ""))
    return None


def _candidates(text: str, error: SyntaxError) -> Iterator[Mended]:
    """Changes of one line, the likeliest first."""
    lines = text.split("\n")
    number = min(error.lineno or 1, len(lines))
    line = lines[number - 1]

    def with_line(new: str, silent: frozenset[str] = frozenset()) -> Mended:
        return Mended("\n".join([*lines[: number - 1], new, *lines[number:]]), silent=silent)

    code, comment = _apart(line)
    if error.msg == "'return' outside function":
        yield with_line("    " + line.lstrip())
        return
    if isinstance(error, IndentationError):
        yield from _indented(lines, number)
        return
    if line.translate(_TYPED) != line:
        yield Mended(text.translate(_TYPED))
    yield with_line(f"{code}:{comment}")
    called = _CALLED.match(line)
    if called:
        yield with_line(f"{called[1]}[{called[2]}] ={line[called.end() :]}")
    for ending in (")", "))", "]", "'", '"', "']", "')"):
        yield with_line(code + ending + comment)
    place = (error.offset or 1) - 1
    yield with_line(line[:place] + line[place + 1 :])
    stored = _STORE.match(line)
    if stored:
        letters = [character.lower() for character in stored["key"] if character.isalpha()]
        silent = _VALUES.get(letters[0], frozenset()) if letters else frozenset[str]()
        yield with_line(f"{stored['start']} {GAP!r}", silent)
    yield with_line(re.match(r"\s*", line)[0] + "pass")  # type: ignore[index]


def _apart(line: str) -> tuple[str, str]:
    """The code of a line, and the comment behind it."""
    code, sign, comment = line.partition("#")
    return code.rstrip(), f"  {sign}{comment}" if sign else ""


def _indented(lines: list[str], number: int) -> Iterator[Mended]:
    """A line as far to the right as the one before, or further; then all lines of its block."""

    def text(new: list[str]) -> Mended:
        return Mended("\n".join(new))

    line = lines[number - 1]
    before = next((one for one in reversed(lines[: number - 1]) if one.strip()), "")
    indent = " " * (len(before) - len(before.lstrip()))
    further = indent + "    "
    opens = before.rstrip().endswith(":")
    if opens:
        end = number
        while end < len(lines) and lines[end].strip() and not lines[end].lstrip().startswith("return"):
            end += 1
        block = ["    " + one for one in lines[number - 1 : end]]
        yield text([*lines[: number - 1], *block, *lines[end:]])
    yield text([*lines[: number - 1], (further if opens else indent) + line.lstrip(), *lines[number:]])
    if opens:
        yield text([*lines[: number - 2], f"{before} pass", *lines[number - 1 :]])


def mend_name(source: str, name: str) -> Mended | None:
    """A text in which the only other function, or that of a class, has the name `name`, too."""
    try:
        tree = code_cell.parse(source)
    except SyntaxError:
        return None
    text = code_cell.as_python(source)
    functions = [node for node in tree.body if isinstance(node, ast.FunctionDef)]
    for node in tree.body:
        if isinstance(node, ast.ClassDef) and any(
            isinstance(inner, ast.FunctionDef) and inner.name == name for inner in node.body
        ):
            return Mended(f"{text}\n{name} = {node.name}().{name}\n")
    if len(functions) == 1 and functions[0].name != name:
        return Mended(f"{text}\n{name} = {functions[0].name}\n")
    return None
