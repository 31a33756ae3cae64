"""The catalogue of mistakes: an id, what the student reads, what the teacher reads.

In hints `{W}` stands for the first array that is wrong (W1, W2, ...), `{error}` for what the student's own
function raised and in which line, `{scheme}` and `{Scheme}` for the name of the initialization asked for;
`docs/misconceptions.md` shows them with the values of `EXAMPLES`. What is wrong with the structure of a
result is worded by `init_utils.checks`, for the grader as for the notebook; `checked` is an example of that
sentence.
"""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType

from autograder.misconceptions.catalogue.cell_text import TEXT
from autograder.misconceptions.catalogue.errors import ERRORS
from autograder.misconceptions.catalogue.factor import FACTOR
from autograder.misconceptions.catalogue.methods import GENERAL
from autograder.misconceptions.catalogue.random_numbers import DRAW
from autograder.misconceptions.catalogue.state import SEED
from autograder.misconceptions.catalogue.structure import STRUCTURE
from autograder.misconceptions.catalogue.unknown import UNKNOWN
from autograder.misconceptions.entry import Misconception
from autograder.misconceptions.failures import ANY
from autograder.misconceptions.failures import NOT_FOUND as FAILURES_NOT_FOUND

_ALL = (*STRUCTURE, *SEED, *DRAW, *FACTOR, *ERRORS, *TEXT, *GENERAL, *UNKNOWN, *ANY)
CATALOGUE: Mapping[str, Misconception] = MappingProxyType({entry.id: entry for entry in _ALL})
# A test is told apart as wrong by these, and its mistake is not: they do not count as named.
NOT_FOUND = frozenset(
    {"error-other", "syntax-error", "factor-unknown", "values-unrecognised", "works-in-part"}
    | {"keys-missing", "weights-shape", "bias-shape"}
    | FAILURES_NOT_FOUND
)
EXAMPLES: Mapping[str, str] = MappingProxyType(
    {
        "W": "W2",
        "error": "NameError: name 'm' is not defined, in line 5 of the cell (`W = m`)",
        "scheme": "He initialization",
        "Scheme": "He initialization",
        "found": "...",
    }
)

__all__ = ["CATALOGUE", "EXAMPLES", "NOT_FOUND", "Misconception"]
