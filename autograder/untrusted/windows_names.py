"""Names that Windows gives to no file and no folder, and why."""

from __future__ import annotations

import re
import sys

# Devices, in every folder, whatever follows a dot; Windows takes the raised digits for the others.
_DEVICE = re.compile(
    r"(?:con|conin\$|conout\$|prn|aux|nul|(?:com|lpt)[0-9\u00b9\u00b2\u00b3]) *(?:\..*)?",
    re.IGNORECASE | re.DOTALL,
)
_SIGNS = frozenset('<>:"|?*\\/')


def windows_fault(name: str) -> str:
    """Why Windows cannot hold a file or folder of that name; "" where it can.

    >>> windows_fault("ada"), windows_fault("console"), windows_fault("Aux.txt")
    ('', '', 'Windows keeps this name for a device')
    >>> windows_fault("what?"), windows_fault("ada.")
    ('Windows allows no ? in a name', 'Windows leaves out the end of a name that ends in a dot or space')
    """
    if _DEVICE.fullmatch(name):
        return "Windows keeps this name for a device"
    if signs := [sign for sign in name if sign in _SIGNS]:
        return f"Windows allows no {signs[0]} in a name"
    if any(sign < " " for sign in name):
        return "Windows allows no control character in a name"
    if name != name.rstrip(" ."):
        return "Windows leaves out the end of a name that ends in a dot or space"
    return ""


def fault_here(name: str) -> str:
    """Why this system cannot hold a file or folder of that name, as far as Windows is asked."""
    return windows_fault(name) if is_windows() else ""


def is_windows() -> bool:
    """Whether this is Windows."""
    return sys.platform == "win32"
