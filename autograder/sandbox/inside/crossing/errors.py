"""What goes wrong when a value crosses.

WireError                      the bytes are not what the format allows; the text names the rule they break
└── UnsupportedValueError      the value has a type that does not cross
"""

from __future__ import annotations

import builtins

# This module's own: a student may replace the shared ones.
globals()["__builtins__"] = vars(builtins).copy()
MAX_NAME_LENGTH = 120


class WireError(Exception):
    """The bytes are not what the format allows; the text names the rule they break."""


class UnsupportedValueError(WireError):
    """A value does not cross: `type_name` is its type's name, `path` where it stands ("" for the whole)."""

    def __init__(self, type_name: str, path: str, reason: str = "") -> None:
        self.type_name, self.path = type_name, path
        where = f" at {path}" if path else ""
        super().__init__(reason or f"a value of type {type_name}{where} cannot leave the student's process")


def name_of_type(kind: type) -> str:
    """The type's dotted name, without `builtins` and `__main__`, whatever its metaclass says."""
    try:
        module, name = type.__getattribute__(kind, "__module__"), kind.__qualname__
    except Exception:  # noqa: BLE001 (a student's metaclass may raise anything)
        return "object"
    full = str(name) if module in ("builtins", "__main__") else f"{module}.{name}"
    return full[:MAX_NAME_LENGTH]
