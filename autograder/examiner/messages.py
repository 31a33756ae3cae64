"""The sentences a student reads when a test did not pass for reasons other than the test's own words.

All but `HIDDEN_FAILED` are said of visible checks only. Once student code has been called with something
hidden, whatever it chooses (an error's type and text, a key, a shape) could carry the hidden input out: of a
hidden part a student learns that it did not pass, in this sentence or in a plain string of the instructor's.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping

from autograder.verdicts import Verdict

HIDDEN_FAILED = (
    "A hidden check did not pass. Try the function with other arguments than the visible checks use."
)
# Of a test that runs in the student's process; what it says there is the student's word.
INSIDE_FAILED = "This test did not pass. It runs in your notebook as a whole: run its cell there to see why."
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


def timeout_message(function: str, limit_s: float, calls: int) -> str:
    """What is said of a function that was stopped: one call that did not end, or many that were slow.

    It names limits and no measured time: the same code is told the same on every machine.

    Parameters
    ----------
    limit_s : float
        The limit that was passed; 0 where it was the number of calls, or the clock of all calls.
    calls : int

    Examples
    --------
    >>> timeout_message("`f`", 15.0, 1)
    '`f` did not end and was stopped: a call may take 15 s. Look for a loop that never ends.'
    >>> timeout_message("`f`", 240.0, 9)
    '`f` is slow: its calls may take 240 s together. Look for work that is done too often.'
    >>> print(timeout_message("`f`", 0.0, 1001).replace(": ", ":\\n"))
    `f` was called 1,001 times and the test was stopped:
    the test calls it until it returns what ends the test. Check what it returns.
    """
    if limit_s and calls > 1:
        return (
            f"{function} is slow: its calls may take {round(limit_s, 1):g} s together. "
            "Look for work that is done too often."
        )
    if limit_s:
        return (
            f"{function} did not end and was stopped: a call may take {round(limit_s, 1):g} s. "
            "Look for a loop that never ends."
        )
    if calls > 1:
        return (
            f"{function} was called {calls:,} times and the test was stopped: "
            "the test calls it until it returns what ends the test. Check what it returns."
        )
    return FAILURES[Verdict.TIMEOUT](function)


def known_type(name: str) -> str:
    """A type's name in words.

    >>> known_type("ndarray"), known_type("Mine")
    ('the array', 'a Mine')
    """
    short = name.rpartition(".")[2]
    if short in _DATA_TYPES:
        return _DATA_TYPES[short]
    if not short.isidentifier() or len(short) > 60:
        return "an object"
    return f"a {short}"


def any_of(name: str) -> str:
    """Any value of a type, in words.

    >>> any_of("ndarray"), any_of("list"), any_of("NoneType")
    ('an array', 'a list', 'None')
    """
    shown = known_type(name)
    article = "an" if shown[4:5] in tuple("aeiou") else "a"
    return f"{article} {shown[4:]}" if shown.startswith("the ") else shown


def raised_message(function: str, error_type: str, error_message: str) -> str:
    """What the student's code raised in a visible check.

    >>> raised_message("f", "KeyError", "'W1'")
    "`f` raised KeyError: 'W1'"
    """
    text = f"`{function}` raised {error_type or 'an error'}"
    return (f"{text}: {error_message}" if error_message else text)[:_ERROR_CHARACTERS]
