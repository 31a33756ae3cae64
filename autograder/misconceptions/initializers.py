"""What assignments on initializers register: a diagnosis, by grade id and function, and `init_utils`."""

from __future__ import annotations

from autograder.misconceptions.diagnosis import DIAGNOSED, diagnose
from autograder.misconceptions.formulas import SEED
from autograder.misconceptions.registered import Registered, Support

# The catalogue knows these and no others: `random_walk` is none of its business.
_FUNCTIONS = frozenset({"initialize_parameters", *(f"initialize_parameters_{name}" for name in DIAGNOSED)})


def _scheme(grade_id: str, function: str) -> str | None:
    prefix = grade_id.partition("_")[0]
    return prefix if prefix in DIAGNOSED and function in _FUNCTIONS else None


REGISTERED = Registered(
    _scheme,
    diagnose,
    SEED,
    Support(
        packages=("init_utils",),
        modules=("init_utils.checks", "init_utils.lab.widget"),  # opening the lab loads the widget late
        # Each takes a second: the compiled training loop, and what draws data where no memo does.
        slow_modules=("init_utils.compiled", "init_utils.kernel", "scipy.sparse", "sklearn.datasets"),
        warm=("init_utils.kernel",),
        memo_module="init_utils.memo",
    ),
    {
        "shapes": "Are all arrays there, with the right shapes?",
        "values": "Are the numbers right?",
        "seed": "Are the numbers the same on every call?",
    },
)
