"""What student code sees in place of what it shares with the code beside it: built-in names, modules, the
machine's size.

A notebook may replace `len` for itself. The code that runs its cells and answers for it (this package,
IPython, the libraries that the zygote loaded) has looked its own names up in the original module. It may also
write `np.random.seed = 3`: this package has NumPy and the standard library as they were.
"""

from __future__ import annotations

import builtins
import os
import sys
import types
from typing import Any

_NOT_COPIED = frozenset({"sys", "builtins"})  # this package itself changes what they hold
_PAGES = ("SC_PHYS_PAGES", "SC_AVPHYS_PAGES")


def separate_builtins(shell: Any) -> None:
    """Give the notebook, and what it imports as `builtins`, a copy of the module."""
    copy = types.ModuleType("builtins", builtins.__doc__)
    # `exit` and `quit` of a notebook are IPython's, among its variables.
    vars(copy).update(vars(builtins) | {"get_ipython": shell.get_ipython})
    for name in ("exit", "quit"):
        vars(copy).pop(name, None)
    sys.modules["builtins"] = copy
    shell.user_module.__dict__["__builtins__"] = copy
    shell.user_module.__dict__["__builtin__"] = copy


def separate_modules() -> None:
    """Give the modules of this package copies of those of NumPy and the standard library that they use."""
    package = __name__.rpartition(".")[0]
    copied = (sys.stdlib_module_names | {"numpy"}) - _NOT_COPIED
    copies: dict[str, types.ModuleType] = {}
    for name, module in list(sys.modules.items()):
        if name.startswith(f"{package}."):
            for key, value in list(vars(module).items()):
                if isinstance(value, types.ModuleType) and value.__name__.partition(".")[0] in copied:
                    vars(module)[key] = _copy_of(value, copies)


def _copy_of(module: types.ModuleType, copies: dict[str, types.ModuleType]) -> types.ModuleType:
    """A copy of the module with its submodules, from `copies` where it is there."""
    name = module.__name__
    if name not in copies:
        copies[name] = types.ModuleType(name, module.__doc__)
        vars(copies[name]).update(vars(module))
        for key, value in list(vars(module).items()):
            if isinstance(value, types.ModuleType) and value.__name__.startswith(f"{name}."):
                vars(copies[name])[key] = _copy_of(value, copies)
    return copies[name]


def hide_memory_size(limit_bytes: int) -> None:
    """Let `os.sysconf` tell the limit as the machine's memory: the kernel's own answer is refused."""
    original = os.sysconf
    pages = {name: limit_bytes // original("SC_PAGE_SIZE") for name in _PAGES}
    answers: dict[Any, int] = pages | {os.sysconf_names[name]: count for name, count in pages.items()}

    def sysconf(name: str | int, /) -> int:
        return answers[name] if name in answers else original(name)

    os.sysconf = sysconf
