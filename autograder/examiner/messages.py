"""The sentences a student reads when a test did not pass for reasons other than the test's own words.

Nothing here repeats what a student's code chose (an error's text, a type's name) when the check is hidden:
it could carry the hidden input out.
"""

from __future__ import annotations

import builtins
from collections.abc import Callable, Mapping

from autograder.verdicts import Verdict

HIDDEN_FAILED = "A hidden check failed."
HIDDEN_UNUSABLE = "A hidden check could not use the result: is it of the right kind and shape?"
_ERROR_CHARACTERS = 400
_DATA_TYPES = {
    "None": "None",
    "NoneType": "None",
    "bool": "a bool",
    "int": "an int",
    "float": "a float",
    "str": "a text",
    "list": "the list",
    "tuple": "a tuple",
    "dict": "a dict",
    "set": "a set",
    "ndarray": "the array",
    "function": "a function",
    "generator": "a generator",
    "module": "a module",
}

FAILURES: Mapping[Verdict, Callable[[str], str]] = {
    Verdict.NOT_FOUND: lambda what: f"{what} is not defined. Was it renamed, or is its cell broken?",
    Verdict.TIMEOUT: lambda what: f"{what} took too long and was stopped. Look for a loop that never ends.",
    Verdict.MEMORY: lambda what: f"{what} needed more memory than is allowed.",
    Verdict.CRASHED: lambda what: f"{what} ended the whole process (exit() or a crash) instead of returning.",
    Verdict.TOO_MUCH_OUTPUT: lambda what: f"{what} printed more than is allowed and was stopped.",
    Verdict.BAD_TYPE: lambda what: (
        f"{what}, which cannot be checked. Numbers, text, lists, tuples, dicts and NumPy arrays can."
    ),
    Verdict.RAISED: lambda what: f"{what} raised an error.",
    Verdict.INTERNAL_ERROR: lambda what: f"The grader failed on {what}; a person will look at it.",
}


def known_type(name: str, *, strict: bool = False) -> str:
    """A type's name in words; with `strict` a name that is not a common one is not repeated.

    >>> known_type("ndarray"), known_type("Mine"), known_type("Mine", strict=True)
    ('the array', 'a Mine', 'an object')
    """
    short = name.rpartition(".")[2]
    if short in _DATA_TYPES:
        return _DATA_TYPES[short]
    if strict or not short.isidentifier() or len(short) > 60:
        return "an object"
    return f"a {short}"


def raised_message(function: str, error_type: str, error_message: str, hidden: bool) -> str:
    """What the student's code raised, without its own words when the check is hidden.

    >>> raised_message("f", "KeyError", "'W1'", hidden=False)
    "`f` raised KeyError: 'W1'"
    >>> raised_message("f", "KeyError", "'W1'", hidden=True)
    '`f` raised KeyError in a hidden check. Try it with other layer sizes.'
    """
    known = isinstance(getattr(builtins, error_type, None), type)
    if hidden:
        shown = error_type if known else "an error"
        return f"`{function}` raised {shown} in a hidden check. Try it with other layer sizes."
    text = f"`{function}` raised {error_type or 'an error'}"
    return (f"{text}: {error_message}" if error_message else text)[:_ERROR_CHARACTERS]
