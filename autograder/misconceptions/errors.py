"""What the error of a student's function tells: a table of types and patterns of messages."""

from __future__ import annotations

import re

# (names of types, pattern in the message, id of the catalogue); the first row that fits counts.
_TABLE: tuple[tuple[str, str, str], ...] = (
    ("NotImplementedError", r"", "template-untouched"),
    ("timeout TimeoutError", r"", "endless-loop"),
    ("memory MemoryError", r"", "memory-exhausted"),
    ("crashed SystemExit KeyboardInterrupt too-much-output", r"", "process-ended"),
    ("bad-type", r"", "not-an-array"),
    ("RecursionError", r"", "error-recursion"),
    ("NameError UnboundLocalError", r"'(parameters|params|param|parameter|result|d)'", "dict-not-made"),
    ("NameError", r"'(math|random|np|numpy|torch|tf|scipy|keras|nn)'", "error-import"),
    ("ModuleNotFoundError ImportError", r"", "error-import"),
    ("NameError UnboundLocalError", r"", "error-name"),
    ("AttributeError", r"deprecated alias|np\.(float|int|bool|object)\b", "np-float"),
    ("AttributeError", r"numpy.* has no attribute '(float|int|bool|object|str|float_)'", "np-float"),
    ("AttributeError", r"'NoneType' object", "error-none"),
    ("AttributeError", r"", "error-attribute"),
    ("TypeError", r"'NoneType'", "error-none"),
    ("TypeError", r"'tuple' object cannot be interpreted as an integer", "randn-tuple"),
    ("TypeError", r"annot interpret '.*' as a data type|data type .* not understood", "zeros-two-arguments"),
    ("TypeError", r"'float(64)?' object cannot be interpreted as an integer", "size-not-whole"),
    ("TypeError", r"'list' object cannot be interpreted as an integer", "error-range-of-list"),
    ("TypeError", r"positional argument|unexpected keyword|required keyword", "error-signature"),
    ("TypeError", r"takes .* argument|got multiple values", "error-signature"),
    ("TypeError", r"'(list|tuple)' object is not callable", "error-round-brackets"),
    (
        "TypeError",
        r"(function|method|module).* object (is not subscriptable|does not support)",
        "error-square-brackets",
    ),
    ("TypeError", r"concatenate str|must be str, not int", "key-number-not-text"),
    (
        "TypeError numpy.exceptions.UFuncTypeError UFuncTypeError UFuncNoLoopError _UFuncNoLoopError",
        r"ufunc 'add'.*(<U|StrDType)",
        "key-number-not-text",
    ),
    (
        "TypeError",
        r"unsupported operand|can't multiply sequence|can only concatenate list",
        "error-list-arithmetic",
    ),
    ("IndexError", r"", "error-index"),
    ("KeyError", r"", "error-key"),
    ("ZeroDivisionError", r"", "error-division-by-zero"),
    ("ValueError", r"broadcast|not aligned|mismatch|matmul", "error-product"),
)


def name_error(error_type: str, message: str) -> str:
    """The id of the catalogue for an error.

    Parameters
    ----------
    error_type : str
        Name of the exception's class, or of a verdict (`timeout`, `memory`, `crashed`, `bad-type`).

    >>> name_error("TypeError", "'tuple' object cannot be interpreted as an integer")
    'randn-tuple'
    """
    for types, pattern, mistake_id in _TABLE:
        if error_type in types.split() and re.search(pattern, message):
            return mistake_id
    return "error-other"


def error_text(error_type: str, message: str) -> str:
    """Type and first line of the message, capped at 160 characters.

    >>> error_text("IndexError", "list index out of range")
    'IndexError: list index out of range'
    """
    lines = message.strip().splitlines()
    text = f"{error_type}: {lines[0]}" if lines else error_type
    text = text.rstrip(".")
    return text if len(text) <= 160 else text[:159] + "…"
