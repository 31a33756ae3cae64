"""The student's own line that raised: what the box reports of it, as data.

The grader asks for it only with inputs of its own that anyone may know, from a state that has seen nothing
hidden. It chooses a hint, never a mark.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from types import MappingProxyType

MOST_CHARACTERS = 400
MOST_VALUES = 20


@dataclass(frozen=True)
class Value:
    """One value in the student's frame.

    Attributes
    ----------
    kind : str
        Name of its type.
    text : str
        A number, text, list of numbers or shape as Python writes it; "" for others.
    """

    kind: str
    text: str = ""


@dataclass(frozen=True)
class RaisedLine:
    """Where a call raised, in the student's own text.

    Attributes
    ----------
    number : int
        The line's number in its cell, from 1.
    line : str
        Its text, without indentation.
    expression : str
        The part of the text that raised; "" where it is not known.
    values : mapping of str to Value
        The names in that part.

    >>> RaisedLine(3, "x = f(n)", "f(n)", {"n": Value("int", "4")}).values["n"].kind
    'int'
    """

    number: int
    line: str
    expression: str = ""
    values: Mapping[str, Value] = field(default_factory=lambda: MappingProxyType({}))
