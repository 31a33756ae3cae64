"""An exception as data: its class by name, and what it holds as far as that is plain data."""

from __future__ import annotations

import builtins
from typing import Any

from . import crossing

# This module's own: a student may replace the shared ones.
globals()["__builtins__"] = vars(builtins).copy()
MOST_ATTRIBUTES = 20


def class_and_contents(error: BaseException) -> dict[str, Any]:
    """Module and path of its class, its arguments and attributes; what does not cross is left out."""
    kind = type(error)
    try:
        module, path = type.__getattribute__(kind, "__module__"), type.__getattribute__(kind, "__qualname__")
        arguments = BaseException.args.__get__(error)  # type: ignore[attr-defined]
        attributes = dict(BaseException.__getattribute__(error, "__dict__"))
    except Exception:  # noqa: BLE001 (a student's metaclass may raise anything)
        return {"error_class": ["", ""], "error_bases": [], "error_arguments": None, "error_attributes": {}}
    return {
        "error_class": [str(module)[:100], str(path)[:100]],
        "error_bases": error_classes(kind)[1:],
        "error_arguments": tuple(arguments) if _crosses(arguments) else None,
        "error_attributes": {
            name: value
            for name, value in list(attributes.items())[:MOST_ATTRIBUTES]
            if type(name) is str and not name.startswith("__") and _crosses(value)
        },
    }


def error_classes(kind: type) -> list[list[str]]:
    """Module and path of an exception's class and of those below it, down to the first built-in one."""
    found = []
    for one in type.mro(kind)[:MOST_ATTRIBUTES]:
        try:
            names = [type.__getattribute__(one, name) for name in ("__module__", "__qualname__")]
        except Exception:  # noqa: BLE001 (a student's metaclass may raise anything)
            break
        found.append([str(name)[:100] for name in names])
        if names[0] == "builtins":
            break
    return found


def _crosses(value: Any) -> bool:
    buffers: list[bytes] = []
    try:
        crossing.encode(value, buffers)
    except Exception:  # noqa: BLE001 (student code may have put anything into an exception)
        return False
    return sum(map(len, buffers)) < 1 << 20
