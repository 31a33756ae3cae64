"""What is loaded before the first submission, so that no fork loads it again."""

from __future__ import annotations

import contextlib
import gc
import importlib
import os
import sys

import numpy as np

from . import crossing, figures, shell

MATPLOTLIB, PYPLOT = "matplotlib", "matplotlib.pyplot"
_FIGURE = "%matplotlib inline\nimport matplotlib.pyplot as plt\nplt.plot([1, 2])\nplt.show()"
_CELLS = (
    "1 / 0",
    "import asyncio\nawait asyncio.sleep(0)",
    "%%time\nprint(1)",
    "!true",
    "import warnings\nwarnings.warn('x')\n{'a': [1]}",
)


def warm_up(modules: list[str], warm: list[str]) -> tuple[shell.Shell, list[str]]:
    """The shell, after everything a first cell would load; and the modules that are not installed.

    Without `matplotlib.pyplot` among the modules nothing of figures is loaded: a notebook that draws all the
    same loads it then. Without `matplotlib` no cell is run ahead, either: enough for the self-check.
    """
    gc.disable()  # looking through what is imported frees nothing, and takes a sixth of the time
    shared_shell, missing = load(modules, warm)
    if cells := cells_to_try(modules):
        _run_a_notebook(cells)
    crossing.take_in_libraries()
    gc.freeze()
    gc.enable()
    return shared_shell, missing


def load(modules: list[str], warm: list[str]) -> tuple[shell.Shell, list[str]]:
    """As `warm_up`, without what cells load late."""
    with_figures = PYPLOT in modules
    if with_figures:
        importlib.import_module(MATPLOTLIB).use("Agg")
    missing = []
    for name in modules:
        if not _load(name):
            missing.append(name)
    for name in warm:  # what a module loads on its first use, every fork would load anew
        importlib.import_module(name).warm()
    if with_figures:
        _draw_a_figure()
        figures.install()
    shared_shell = shell.make_shell()
    if with_figures:
        # As a Jupyter kernel does: figures become outputs at the end of their cell, without a magic command.
        shared_shell.enable_matplotlib("inline")  # type: ignore[no-untyped-call]
    if cells_to_try(modules):
        _keep_list_of_fonts()
    return shared_shell, missing


def cells_to_try(modules: list[str]) -> tuple[str, ...]:
    """Cells that show what a notebook with these modules loads late."""
    if PYPLOT in modules:
        return (_FIGURE, *_CELLS)
    return _CELLS if MATPLOTLIB in modules else ()


def _load(name: str) -> bool:
    """Import the module `name`, or the name of a module that loads it when asked; whether it is there."""
    try:
        importlib.import_module(name)
    except ImportError:
        parent, _, last = name.rpartition(".")
        with contextlib.suppress(Exception):  # whoever imports it reads why it fails
            getattr(importlib.import_module(parent), last)
            return True
        return False
    return True


def _keep_list_of_fonts() -> None:
    """Have it in the caches: in a box, where they cannot be written, a student would read of it."""
    folder = importlib.import_module(MATPLOTLIB).get_cachedir()  # it remembers the answer
    if not any(name.startswith("fontlist") for name in os.listdir(folder)):
        importlib.import_module("matplotlib.font_manager")


def _draw_a_figure() -> None:
    """Fill matplotlib's caches: fonts, glyphs, the parser of formulas, colour maps."""
    import io

    import matplotlib
    import matplotlib.pyplot as plt

    with matplotlib.rc_context():
        figure, axes = plt.subplots()
        axes.contourf(np.arange(9.0).reshape(3, 3), cmap=plt.cm.Spectral)
        axes.scatter([0, 1], [0, 1], c=[0, 1], cmap=plt.cm.Spectral)
        axes.plot([0, 1], label="$W_1$")
        axes.set(title="0123456789 abcdefghijklmnopqrstuvwxyz", xlabel="iterations", ylabel="cost")
        axes.legend()
        figure.savefig(io.BytesIO(), format="png", bbox_inches="tight")
        plt.close("all")


def _run_a_notebook(cells: tuple[str, ...]) -> None:
    """Learn in a throw-away fork what cells load late (magics, tracebacks), and load it here."""
    reader, writer = os.pipe()
    pid = os.fork()
    if pid == 0:
        os.close(reader)
        with contextlib.suppress(BaseException):
            os.write(writer, "\n".join(loaded_late(shell.Shell.instance(), cells)).encode()[:60000])
        os._exit(0)
    os.close(writer)
    with open(reader, encoding="utf-8") as file:
        names = file.read().split("\n")
    os.waitpid(pid, 0)
    load_late(names)


def loaded_late(throwaway: shell.Shell, cells: tuple[str, ...]) -> list[str]:
    """Modules that these cells load; the process is of no further use."""
    before = set(sys.modules)
    shell.connect(throwaway, shell.Outputs(1 << 20, 1 << 24))
    for source in cells:
        throwaway.run_cell(source, store_history=True)  # type: ignore[no-untyped-call]
    return sorted(set(sys.modules) - before)


def load_late(names: list[str]) -> None:
    """Load these modules; some exist only in a running cell, and are loaded there."""
    for name in names:
        with contextlib.suppress(Exception):
            importlib.import_module(name)
