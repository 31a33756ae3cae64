"""The student's own line that raised: its text, the part of it, the values of the names in that part.

Reported on request only. Kinds and texts are of exact built-in types: no method of the student's is called.
"""

from __future__ import annotations

import builtins
import types
from ast import Name, parse, walk
from itertools import islice
from linecache import getline
from types import ModuleType
from typing import Any

from numpy import ndarray

MOST_CHARACTERS = 400
MOST_VALUES = 20
MOST_LINES = 12
_PLAIN = (int, float, bool, str, type(None))


def raised_line(error: BaseException, names: dict[str, Any]) -> dict[str, Any] | None:
    """The last line that belongs to the namespace `names`, as plain data; None where there is none."""
    last = None
    trace = error.__traceback__
    while trace is not None:
        if trace.tb_frame.f_globals is names:
            last = trace
        trace = trace.tb_next
    if last is None:
        return None
    code = last.tb_frame.f_code
    places = next(islice(code.co_positions(), last.tb_lasti // 2, None), (last.tb_lineno, None, None, None))
    expression = _text_at(code.co_filename, *places)
    return {
        "number": last.tb_lineno,
        "line": getline(code.co_filename, last.tb_lineno).strip()[:MOST_CHARACTERS],
        "expression": expression,
        "values": _values(expression, last.tb_frame),
    }


def _text_at(filename: str, first: int | None, last: int | None, start: int | None, end: int | None) -> str:
    if first is None or last is None or start is None or end is None or last - first >= MOST_LINES:
        return ""
    lines = [getline(filename, number).encode() for number in range(first, last + 1)]
    lines[-1] = lines[-1][:end]  # before the start is cut off: both may be in one line
    lines[0] = lines[0][start:]
    text = b"".join(lines).decode("utf-8", "replace")
    return text if len(text) <= MOST_CHARACTERS else ""


def _values(expression: str, frame: types.FrameType) -> dict[str, list[str]]:
    try:
        tree = parse(f"({expression})")
    except SyntaxError:
        return {}
    found: dict[str, list[str]] = {}
    known = {**vars(builtins), **frame.f_globals, **frame.f_locals}
    for node in walk(tree):
        if isinstance(node, Name) and node.id in known and len(found) < MOST_VALUES:
            value = known[node.id]
            found[node.id[:100]] = [type(value).__name__[:100], _shown(value)]
    return found


def _shown(value: Any) -> str:
    kind = type(value)
    if kind in _PLAIN:
        text = repr(value) if kind is not int or abs(value) < 10**30 else ""
    elif kind in (list, tuple):
        is_plain = len(value) <= 20 and all(type(item) in (int, float) for item in value)
        text = repr(value) if is_plain else ""
    elif kind is ndarray:
        text = repr(value.shape)
    elif kind is ModuleType:
        text = str(value.__name__)
    else:
        text = ""
    return text if len(text) <= 100 else ""
