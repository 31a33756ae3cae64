"""The catalogue of mistakes: an id, what the student reads, what the teacher reads."""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType

from autograder.misconceptions.catalogue.anything import ANY
from autograder.misconceptions.catalogue.cell_text import TEXT
from autograder.misconceptions.catalogue.entry import EXAMPLES, Misconception
from autograder.misconceptions.catalogue.errors import ERRORS
from autograder.misconceptions.catalogue.factor import FACTOR
from autograder.misconceptions.catalogue.methods import GENERAL
from autograder.misconceptions.catalogue.random_numbers import DRAW
from autograder.misconceptions.catalogue.state import SEED
from autograder.misconceptions.catalogue.structure import STRUCTURE
from autograder.misconceptions.catalogue.unknown import UNKNOWN

_ALL = (*STRUCTURE, *SEED, *DRAW, *FACTOR, *ERRORS, *TEXT, *GENERAL, *UNKNOWN, *ANY)
CATALOGUE: Mapping[str, Misconception] = MappingProxyType({entry.id: entry for entry in _ALL})
# A test is told apart as wrong by these, and its mistake is not: they do not count as named.
NOT_FOUND = frozenset(
    {"error-other", "syntax-error", "factor-unknown", "values-unrecognised", "works-in-part"}
    | {"keys-missing", "weights-shape", "bias-shape", "any-error"}
)

__all__ = ["CATALOGUE", "EXAMPLES", "NOT_FOUND", "Misconception"]
