"""When the compiled loop may be used: it is, as soon as using it costs nothing that anyone would feel.

Compiling takes 2 to 4 seconds, once a machine; the result is kept on disk and read back in some 50 ms,
beside the half second that importing numba takes. Nobody who has clicked "run" waits for the compiler:
where a person is watching and nothing is on disk yet, NumPy does the work and another process fills the
cache meanwhile. A script, a test or a grader compiles at once.

`python -m init_utils.kernel` fills the cache; `ready()` says whether it is filled; the lab calls
`warm(block=False)`. The cache is a folder of the user's (`cache_folder()`), so installed files may be
read-only; without numba or without a folder that can be written, everything works on NumPy.
"""

from __future__ import annotations

import contextlib
import hashlib
import importlib.metadata
import importlib.util
import os
import platform
import subprocess
import sys
import threading
from collections.abc import Callable
from pathlib import Path
from typing import Any

PACKAGE = Path(__file__).parent
SOURCE = PACKAGE / "compiled.py"

_lock = threading.Lock()
_state: dict[str, Any] = {"take_steps": None, "broken": False, "warming": None}  # guarded by _lock


def available() -> bool:
    """Whether numba is installed and has not failed here before. Imports nothing.

    >>> isinstance(available(), bool)
    True
    """
    return not _state["broken"] and importlib.util.find_spec("numba") is not None


def ready() -> bool:
    """Whether `load()` returns without compiling: the loop is in memory or in the cache on disk."""
    return available() and (_state["take_steps"] is not None or (cache_folder() / "ready").is_file())


def load() -> Callable[..., None]:
    """The compiled loop (`compiled.take_steps`), from memory, from disk, or compiled now.

    Raises
    ------
    ImportError
        There is no numba.
    """
    with _lock:
        if _state["take_steps"] is None:
            _state["take_steps"] = _load(cache_folder())
        return _state["take_steps"]  # type: ignore[no-any-return]


def warm(*, block: bool = True) -> bool:
    """Fill the cache, here and now or (`block=False`) in another process; return whether it is filled.

    Never raises: where the cache cannot be filled, NumPy goes on doing the work.
    """
    if not available():
        return False
    if block:
        try:
            load()
        except Exception:  # noqa: BLE001 - numba fails in many ways on machines it does not know
            _state["broken"] = True
        return not _state["broken"]
    if ready():
        return True
    with _lock:
        if _state["warming"] is None:
            # Waiting in a thread of its own, so that the finished process is collected; a daemon, so that
            # nobody waits for it at exit.
            thread = threading.Thread(target=_run_warming, name="init_utils-warm", daemon=True)
            _state["warming"] = thread
            with contextlib.suppress(RuntimeError):  # no threads here: NumPy goes on doing the work
                thread.start()
    return False


def usable() -> bool:
    """Whether to use the compiled loop now; starts filling the cache when it is cold (see the module)."""
    if not available():
        return False
    if ready():
        return warm()
    if someone_is_watching():
        return warm(block=False)
    return _writable(cache_folder()) and warm()


def cache_folder() -> Path:
    """Where this source, compiled for this machine by these versions, is kept."""
    if os.environ.get("NUMBA_CACHE_DIR"):
        base = Path(os.environ["NUMBA_CACHE_DIR"])
    elif os.name == "nt" and os.environ.get("LOCALAPPDATA"):
        base = Path(os.environ["LOCALAPPDATA"])
    elif sys.platform == "darwin":
        base = Path(os.path.expanduser("~/Library/Caches"))  # noqa: PTH111 - Path.expanduser raises without a home
    else:
        base = Path(os.environ.get("XDG_CACHE_HOME") or os.path.expanduser("~/.cache"))  # noqa: PTH111
    return base / "init-utils" / _fingerprint()


def someone_is_watching() -> bool:
    """Whether a person sees the output as it comes: a terminal, or a notebook in a browser.

    Front ends allow a kernel to ask for input; programs that execute notebooks do not.
    """
    shell = sys.modules["IPython"].get_ipython() if "IPython" in sys.modules else None
    kernel = getattr(shell, "kernel", None)
    if kernel is not None:
        return bool(getattr(kernel, "_allow_stdin", False))
    try:
        return sys.stdout.isatty()
    except (AttributeError, ValueError):  # no stdout, or a closed one
        return False


def _fingerprint() -> str:
    """Changes with whatever makes numba compile again: versions, processor, the source file."""
    stat = SOURCE.stat()
    parts = [str(SOURCE), str(stat.st_mtime_ns), str(stat.st_size), platform.python_version(), _processor()]
    for name in ("numba", "llvmlite", "numpy"):
        try:
            parts.append(importlib.metadata.version(name))
        except importlib.metadata.PackageNotFoundError:
            parts.append("none")
    parts += [f"{key}={value}" for key, value in sorted(os.environ.items()) if key.startswith("NUMBA_")]
    return hashlib.sha256("\n".join(parts).encode()).hexdigest()[:16]


def _processor() -> str:
    try:
        lines = Path("/proc/cpuinfo").read_text().splitlines()
        return platform.machine() + next(line for line in lines if line.startswith(("flags", "Features")))
    except (OSError, StopIteration):
        return platform.machine() + platform.processor()


def _load(folder: Path) -> Callable[..., None]:
    import numba

    config: Any = numba.config
    before = config.CACHE_DIR
    cache = _writable(folder) or (folder / "ready").is_file()
    config.CACHE_DIR = str(folder)  # read when a function is decorated; other code's caches stay theirs
    try:
        from init_utils import compiled

        take_steps = compiled.compile_for(numba.types.float64, cache=cache)
    finally:
        config.CACHE_DIR = before
    if cache and not (folder / "ready").is_file():
        (folder / "ready").touch()
    return take_steps


def _writable(folder: Path) -> bool:
    if folder.parts[0] == "~":  # this user has no home, and it would be made in the current folder
        return False
    try:
        folder.mkdir(parents=True, exist_ok=True)
    except OSError:
        return False
    return os.access(folder, os.W_OK)


def _run_warming() -> None:
    environment = os.environ | {
        "PYTHONPATH": os.pathsep.join([str(PACKAGE.parent), *filter(None, [os.environ.get("PYTHONPATH")])])
    }
    nothing = subprocess.DEVNULL
    command = [sys.executable, "-m", "init_utils.kernel"]
    with contextlib.suppress(OSError):  # no processes here: NumPy goes on doing the work
        subprocess.run(command, env=environment, stdin=nothing, stdout=nothing, stderr=nothing, check=False)


if __name__ == "__main__":
    # The module that fills the cache is the imported one, so that there is one state and one lock.
    from init_utils import kernel

    sys.exit(0 if kernel.warm() else 1)
