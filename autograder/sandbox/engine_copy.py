"""What runs inside a box, as files that an unprivileged process may read; named by its content."""

from __future__ import annotations

import compileall
import hashlib
import importlib.util
import shutil
import tempfile
from collections.abc import Iterable, Mapping
from pathlib import Path

from autograder.sandbox.policy import SandboxError


def fingerprint() -> str:
    """A hash of everything that runs inside or decides how it runs."""
    return _fingerprint([Path(__file__).parent])


def copied_engine(root: Path, folders: Mapping[str, Path]) -> Path:
    """A copy of `engine_folders` where an unprivileged process may read it; kept by content."""
    target = root / f"engine-{_fingerprint(folders.values())}"
    if not target.exists():
        made = Path(tempfile.mkdtemp(dir=root))
        made.chmod(0o755)
        fill_engine(made / "engine", folders)
        try:
            (made / "engine").rename(target)
        except OSError:
            if not target.exists():
                raise
        shutil.rmtree(made, ignore_errors=True)
    return target


def engine_folders(packages: Iterable[str] = ()) -> dict[str, Path]:
    """Name in the box -> folder of the engine's inside, and of each of `packages`.

    Raises
    ------
    SandboxError
        A package is not installed.
    """
    return {"inside": Path(__file__).parent / "inside"} | {name: package_folder(name) for name in packages}


def fill_engine(target: Path, folders: Mapping[str, Path]) -> None:
    """Copy `engine_folders` to `target`, compiled, with modes for everybody."""
    for name, source in folders.items():
        shutil.copytree(source, target / name, ignore=shutil.ignore_patterns("__pycache__"))
    compileall.compile_dir(target, quiet=2)  # the zygote may not write, and would compile every time
    for path in (target, *target.rglob("*")):
        path.chmod(0o755 if path.is_dir() else 0o644)


def _fingerprint(folders: Iterable[Path]) -> str:
    total = hashlib.sha256()
    for folder in folders:
        for path in sorted(path for path in folder.rglob("*") if path.is_file() and path.suffix != ".pyc"):
            total.update(f"{path.relative_to(folder)}\0{path.stat().st_size}\0".encode())
            total.update(path.read_bytes())
    return total.hexdigest()[:16]


def package_folder(name: str) -> Path:
    """Where the package `name` lies.

    Raises
    ------
    SandboxError
        It is not installed.
    """
    specification = importlib.util.find_spec(name)
    if specification is None or not specification.submodule_search_locations:
        raise SandboxError(f"the package {name} is not installed beside the grader")
    return Path(specification.submodule_search_locations[0])
