"""What an error of the student's function means, and which of their lines raised it.

The sentences are those of the grader's catalogue, so that notebook and feedback say the same.
"""

from __future__ import annotations

import linecache
import re
import sysconfig
import traceback
from pathlib import Path

_OURS = str(Path(__file__).resolve().parent)
_LIBRARIES = tuple({*(sysconfig.get_paths()[name] for name in ("stdlib", "purelib", "platlib")), _OURS})

_SHAPED = r"([\w.]*\b(?:zeros|ones|empty|standard_normal|random|random_sample))\("
_SPREAD = r"\b(randn|rand)\("
_LIST = r"'(list|numpy\.ndarray)' object cannot be interpreted|only .* arrays can be"

# Type of the error, pattern in its text, pattern in the expression that raised it, what it means. The first
# row that fits counts; {} is what the last group of the expression's pattern found.
_MEANINGS: tuple[tuple[type[Exception], str, str, str], ...] = (
    (
        TypeError,
        r"as a data type|at most \d positional arg|[Oo]rder (must|not)|takes from \d to",
        _SHAPED,
        "{} takes the shape as one argument: both sizes in a pair of brackets of their own.",
    ),
    (
        TypeError,
        r"'(tuple|list|numpy\.ndarray)' object cannot be interpreted|only .* arrays",
        _SPREAD,
        "{} takes its sizes one by one, {}(a, b), without inner brackets.",
    ),
    (
        TypeError,
        r"keyword argument",
        _SPREAD,
        "{} knows no such argument: it takes its sizes one by one, without a name.",
    ),
    (
        TypeError,
        r"'tuple' object cannot be interpreted",
        r"\brange\(",
        "range takes its start and its end as two numbers, without inner brackets.",
    ),
    (
        TypeError,
        r"'float' object cannot be interpreted",
        r"\brange\(",
        "range counts in whole numbers: where does the fraction come from?",
    ),
    (TypeError, _LIST, "", "range and sizes want a number: len(layers_dims), or one entry of it."),
    (
        TypeError,
        r"'tuple' object cannot be interpreted",
        "",
        "There is one pair of brackets too many: a size in the shape is itself in brackets.",
    ),
    (
        TypeError,
        r"'float' object cannot be interpreted",
        "",
        "A size of an array must be a whole number: is / used where a size is made?",
    ),
    (TypeError, r"can only concatenate str", "", "A number cannot be added to text: 'W' + str(l)."),
    (
        TypeError,
        r"'NoneType'",
        "",
        "Something is None here: a None of the template, or the result of a function that returns nothing.",
    ),
    (
        TypeError,
        r"multiply sequence by|operand.*'list'|concatenate list|real number, not list|operand type.*'list'",
        "",
        "The whole list stands where one number is meant: layers_dims[...] with an index.",
    ),
    (
        TypeError,
        r"'(list|tuple)' object is not callable",
        "",
        "An index stands in square brackets: layers_dims[l].",
    ),
    (
        TypeError,
        r"'module' object is not callable",
        "",
        "That name is a whole module; the name of one of its functions is missing behind the dot.",
    ),
    (
        TypeError,
        r"object is not callable",
        "",
        "A value stands directly before a round bracket, which Python reads as a call: is a sign such as * "
        "missing between them?",
    ),
    (
        TypeError,
        r"(builtin_function_or_method|function|method|Dispatcher)' object is not subscriptable",
        "",
        "A function is called with round brackets.",
    ),
    (
        TypeError,
        r"'(int|float|numpy\.int64)' object is not subscriptable",
        "",
        "A number stands before the square bracket; the list of sizes is meant there.",
    ),
    (
        TypeError,
        r"'(int|float)' object is not iterable",
        "",
        "A loop runs over several things, a single number is one: it lacks range or a list.",
    ),
    (
        TypeError,
        r"indices must be integers or slices, not str",
        "",
        "That is a list or a set, which has no keys: parameters must be a dictionary.",
    ),
    (
        TypeError,
        r"indices must be integers or slices, not float",
        "",
        "An index counts places: it must be a whole number.",
    ),
    (
        TypeError,
        r"indices must be integers or slices, not tuple",
        "",
        "Two numbers stand in one index; layers_dims has one entry for each index.",
    ),
    (
        ValueError,
        r"math domain error|nonnegative input",
        "",
        "There is no real root of a negative number: look at signs and indices under the root.",
    ),
    (
        ValueError,
        r"broadcast|not aligned|mismatch|matmul",
        "",
        "Two arrays are multiplied or added whose shapes do not fit: only a number must be multiplied here.",
    ),
    (
        ValueError,
        r"negative dimensions",
        "",
        "A size is negative: look at what is subtracted, and where the index bracket closes.",
    ),
    (ValueError, r"cannot reshape", "", "An array cannot be reshaped to another number of entries."),
    (
        IndexError,
        r"list index out of range",
        "",
        "An index goes past the end of layers_dims: where does the loop end, and what is its largest l?",
    ),
    (
        KeyError,
        "",
        r"\w\[",
        "A key is read that was not stored before: to store, write parameters[key] = array.",
    ),
    (
        NameError,
        r"name '(zeros|ones|empty|randn|rand|sqrt|random|seed|dot)'",
        "",
        "That is a function of NumPy's, which must be called by its full name.",
    ),
    (
        NameError,
        r"name '(math|numpy|torch|tf)'",
        "",
        "The module is not imported under that name: the notebook has NumPy as np.",
    ),
    (
        NameError,
        r"name 'parameters'|variable 'parameters'",
        "",
        "The dictionary is used before it is made: `parameters = {{}}` belongs before the loop.",
    ),
    (
        UnboundLocalError,
        "",
        "",
        "The name gets its value further down in the same function, after it is used.",
    ),
    (
        NameError,
        "",
        "",
        "A name is used that does not exist: a typing error, or a variable from elsewhere?",
    ),
    (
        AttributeError,
        r"module 'numpy",
        r"\b(randn|rand|random\.(?:zeros|ones|sqrt|empty))\b",
        "NumPy has a function of that name in another of its parts: random numbers in np.random, the rest "
        "in np.",
    ),
    (
        AttributeError,
        r"module '",
        "",
        "There is no function of that name there: look at its spelling.",
    ),
    (
        AttributeError,
        r"'dict' object",
        r"\.(append|add|push|insert|extend)\b",
        "A dictionary has no such function: a value is stored under its key, in square brackets.",
    ),
    (
        AttributeError,
        r"'dict' object",
        "",
        "What is in a dictionary is reached by its key in square brackets, not by a dot.",
    ),
    (
        AttributeError,
        r"'(list|tuple)' object",
        "",
        "That is a plain list, not an array: the number of its entries is given by len.",
    ),
    (
        ZeroDivisionError,
        "",
        "",
        "Look at what stands under the fraction: which index, and is it ever 0?",
    ),
    (RecursionError, "", "", "The function calls itself without end: name the NumPy function you mean."),
)


def explain(error: Exception) -> tuple[str, str]:
    """What the error means, and the student's line that raised it; "" for what is not known.

    >>> explain(ValueError("math domain error"))[0]
    'There is no real root of a negative number: look at signs and indices under the root.'
    """
    function, number, line, expression = _raised_in(error)
    shown = line if len(line) <= 120 else line[:117] + "..."
    place = f"Line {number}: {shown}" if line else ""
    if isinstance(error, NotImplementedError):
        name = function if line else "The function"
        return f"{name} is not written yet: put your code in place of `raise NotImplementedError()`.", place
    text = str(error)
    for kind, in_text, in_expression, meaning in _MEANINGS:
        found = re.search(in_expression, expression)
        if isinstance(error, kind) and found and re.search(in_text, text):
            name = found[found.lastindex or 0]
            return meaning.format(name, name), place
    return "", place


def _raised_in(error: Exception) -> tuple[str, int, str, str]:
    """Function, number, text and raising expression of the last line that is no library's and not ours."""
    for frame in reversed(traceback.extract_tb(error.__traceback__)):
        if frame.line and not frame.filename.startswith(_LIBRARIES):
            whole = linecache.getline(frame.filename, frame.lineno or 0)
            same_line = frame.end_lineno == frame.lineno and frame.end_colno is not None
            part = whole.encode()[frame.colno : frame.end_colno] if same_line else whole.encode()
            return frame.name, frame.lineno or 0, frame.line, part.decode(errors="replace")
    return "", 0, "", ""
