"""Whether there is a front end that can show a widget."""

from __future__ import annotations

import sys

from IPython.core.getipython import get_ipython


def has_front_end() -> bool:
    """Whether someone can see a widget: a kernel whose client answers questions.

    nbclient (nbconvert, nbgrader, papermill) tells the kernel that it takes no input; JupyterLab,
    Notebook and VS Code do take it. Colab and JupyterLite have kernels of their own and a person in front.
    """
    if sys.platform == "emscripten" or "google.colab" in sys.modules:
        return True
    kernel = getattr(get_ipython(), "kernel", None)
    return bool(getattr(kernel, "_allow_stdin", False))
