"""The interactive lab: retrain and compare initializers, live, inside JupyterLab.

`lab(initialize_parameters_zeros, initialize_parameters_he, dataset="moons")` opens it; `docs/lab.md` is
its manual. The package is callable, so that `from init_utils import lab` and `from init_utils.lab import
lab` both give something to call. The widget's libraries load at the first call.
"""

from __future__ import annotations

import sys
import types
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from init_utils.lab.widget import Lab

__all__ = ["lab"]


def lab(*functions: Any, **options: Any) -> Lab:
    """Open the lab on these initializers; `Lab` lists the options.

    Parameters
    ----------
    *functions : callable of layers_dims
        Also as `name=function`.
    **options
        Settings (`dataset="moons"`, `learning_rate=0.1`, ...) and `compare`.

    Returns
    -------
    Lab
        A widget that shows itself as the last value of a cell; nothing trains until Train is pressed, or
        `.run(block=True)` is called.
    """
    from init_utils.lab.widget import Lab  # about 0.2 s of imports: only when a lab is opened

    return Lab(*functions, **options)


class _CallableModule(types.ModuleType):
    """This package as a function."""

    def __call__(self, *functions: Any, **options: Any) -> Lab:
        return lab(*functions, **options)


sys.modules[__name__].__class__ = _CallableModule
