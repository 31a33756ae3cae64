"""The diagnosis of initializers, as assignments register it: by grade id (`he_...`) and function."""

from __future__ import annotations

from autograder.misconceptions.diagnosis import DIAGNOSED, diagnose
from autograder.misconceptions.formulas import SEED
from autograder.misconceptions.registered import Registered

# The catalogue knows these and no others: `random_walk` is none of its business.
_FUNCTIONS = frozenset({"initialize_parameters", *(f"initialize_parameters_{name}" for name in DIAGNOSED)})


def _scheme(grade_id: str, function: str) -> str | None:
    prefix = grade_id.partition("_")[0]
    return prefix if prefix in DIAGNOSED and function in _FUNCTIONS else None


REGISTERED = Registered(_scheme, diagnose, SEED)
