"""What a test may unpickle outside the student's process: arrays and plain data, no object of another class.

Who unpickles bytes of a stranger's runs the stranger's code: a pickle names what is called. So a name that is
not known to be harmless ends the test; where the instructor's own run does that, the plan runs it inside.
"""

from __future__ import annotations

import sys
from collections.abc import Callable
from typing import Any, NoReturn

_OF_NUMPY = frozenset({"_reconstruct", "scalar", "_frombuffer", "ndarray", "dtype"})
HARMLESS = {
    "builtins": frozenset({"set", "frozenset", "complex", "bytearray", "range", "slice"}),
    "collections": frozenset({"OrderedDict", "Counter", "deque"}),
    "_codecs": frozenset({"encode"}),
    "datetime": frozenset({"date", "datetime", "time", "timedelta"}),
    **dict.fromkeys(
        ("numpy", "numpy.core.multiarray", "numpy._core.multiarray", "numpy._core.numeric"), _OF_NUMPY
    ),
    "numpy.core.numeric": _OF_NUMPY,
}


def watch_unpickling(stop: Callable[[str], NoReturn]) -> None:
    """From now on, and for good, call `stop` with the name when something else is unpickled in this process.

    Parameters
    ----------
    stop : callable
        Raises what ends the test.
    """

    def watching(event: str, arguments: tuple[Any, ...]) -> None:
        if event == "pickle.find_class":
            module, name = arguments
            if type(module) is not str or type(name) is not str or name not in HARMLESS.get(module, ()):
                stop(f"{module}.{name}")

    sys.addaudithook(watching)
