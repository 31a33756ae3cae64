"""Packages of this installation that an instance reads: pure Python, and nothing of the grader."""

from __future__ import annotations

import hashlib
import importlib.metadata
import shutil
import tempfile
from collections.abc import Iterable
from pathlib import Path

from packaging.requirements import Requirement

# What IPython and the students' notebooks need of pure Python; the rest is linked into the interpreter.
ROOTS = ("ipython", "matplotlib-inline", "ipywidgets")
_COMPILED = (".so", ".pyd", ".dylib")


def copied_packages(root: Path, roots: Iterable[str] = ROOTS) -> Path:
    """A folder below `root` with the packages of these distributions and of all that they need; kept.

    A distribution with compiled parts is left out.
    """
    found = _pure_distributions(roots)
    versions = "\0".join(f"{name} {found[name].version}" for name in sorted(found))
    target = root / f"packages-{hashlib.sha256(versions.encode()).hexdigest()[:16]}"
    if not target.exists():
        made = Path(tempfile.mkdtemp(dir=root))
        for distribution in found.values():
            _copy(distribution, made / "packages")
        try:
            (made / "packages").rename(target)
        except OSError:
            if not target.exists():
                raise
        shutil.rmtree(made, ignore_errors=True)
    return target


def module_names(roots: Iterable[str] = ROOTS) -> set[str]:
    """What `copied_packages` lets an instance import, by the first parts of the names."""
    paths = [path for one in _pure_distributions(roots).values() for path in one.files or ()]
    return {path.parts[0].removesuffix(".py") for path in paths if path.suffix == ".py"}


def _pure_distributions(roots: Iterable[str]) -> dict[str, importlib.metadata.Distribution]:
    found: dict[str, importlib.metadata.Distribution] = {}
    seen: set[str] = set()
    waiting = list(roots)
    while waiting:
        name = waiting.pop()
        if name in seen:
            continue
        seen.add(name)
        try:
            distribution = importlib.metadata.distribution(name)
        except importlib.metadata.PackageNotFoundError:
            continue
        if any(str(path).endswith(_COMPILED) for path in distribution.files or ()):
            continue
        found[name] = distribution
        for text in distribution.requires or ():
            needed = Requirement(text)
            if needed.marker is None or needed.marker.evaluate({"extra": ""}):
                waiting.append(needed.name.lower())
    return found


def _copy(distribution: importlib.metadata.Distribution, target: Path) -> None:
    for path in distribution.files or ():
        if ".." in path.parts or path.suffix == ".pyc" or path.is_absolute():
            continue
        place = target / path
        place.parent.mkdir(parents=True, exist_ok=True)
        shutil.copyfile(str(distribution.locate_file(path)), place)
