"""What student code sees in place of what it shares with the code beside it: built-in names, the machine's
size.

A notebook may replace `len` for itself. The code that runs its cells and answers for it (this package,
IPython, the libraries that the zygote loaded) has looked its own names up in the original module.
"""

from __future__ import annotations

import builtins
import os
import sys
from types import ModuleType
from typing import Any

_PAGES = ("SC_PHYS_PAGES", "SC_AVPHYS_PAGES")


def separate_builtins(shell: Any) -> None:
    """Give the notebook, and what it imports as `builtins`, a copy of the module."""
    copy = ModuleType("builtins", builtins.__doc__)
    # `exit` and `quit` of a notebook are IPython's, among its variables.
    vars(copy).update(vars(builtins) | {"get_ipython": shell.get_ipython})
    for name in ("exit", "quit"):
        vars(copy).pop(name, None)
    sys.modules["builtins"] = copy
    shell.user_module.__dict__["__builtins__"] = copy
    shell.user_module.__dict__["__builtin__"] = copy


def hide_memory_size(limit_bytes: int) -> None:
    """Let `os.sysconf` tell the limit as the machine's memory: the kernel's own answer is refused."""
    original = os.sysconf
    pages = {name: limit_bytes // original("SC_PAGE_SIZE") for name in _PAGES}
    answers: dict[Any, int] = pages | {os.sysconf_names[name]: count for name, count in pages.items()}

    def sysconf(name: str | int, /) -> int:
        return answers[name] if name in answers else original(name)

    os.sysconf = sysconf
