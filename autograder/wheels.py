"""The two wheels of this program and the versions it runs with, for bundles that install it elsewhere.

In a clone they are built. Where the program was installed from wheels there is nothing to build from, and the
folder with the two files is named: `--wheels DIR`.

WheelError (a `CourseError`): there are no such files, the build failed, or the program is not installed; the
text names the next step.
"""

from __future__ import annotations

import importlib.metadata
import importlib.util
import subprocess
import sys
import tempfile
from pathlib import Path

from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

from autograder.course import CourseError
from autograder.installation import DISTRIBUTIONS, FILE_NAMES, INSTALL_BOTH

CLONE = Path(__file__).parent.parent
PROJECTS = (CLONE, CLONE / "packaging" / "autograder")
BUILD_SECONDS = 300


class WheelError(CourseError):
    """The wheels or the versions cannot be had here."""


def wheels(folder: Path | None = None) -> dict[str, bytes]:
    """Content of both wheels by file name: those of `folder`, else those that the clone's sources make now.

    Raises
    ------
    WheelError
        `folder` lacks one, or no folder is given outside of a clone, or the build failed.
    """
    if folder is not None:
        return _read(folder)
    if not all((project / "pyproject.toml").is_file() for project in PROJECTS):
        raise WheelError(
            f"the bundle carries this program as two files, {' and '.join(FILE_NAMES)}. Name the folder that "
            "you installed them from: --wheels DIR (in a clone `make release` writes them to dist/)."
        )
    with tempfile.TemporaryDirectory() as built:
        _build(Path(built))
        return _read(Path(built))


def constraints() -> str:
    """`name==version` of all that both distributions need, as installed here: lines for pip's --constraint.

    Packages that are not installed here (for another system) are left out, and so are the two themselves.

    Raises
    ------
    WheelError
        The program runs from a folder of sources that is not installed.
    """
    found: dict[str, str] = {}
    seen: set[tuple[str, str]] = set()
    waiting = [(Requirement(name), "") for name in DISTRIBUTIONS]
    while waiting:
        requirement, extra = waiting.pop()
        if requirement.marker is not None and not requirement.marker.evaluate({"extra": extra}):
            continue
        name = canonicalize_name(requirement.name)
        for wanted in requirement.extras | {""}:
            if (name, wanted) in seen:
                continue
            seen.add((name, wanted))
            try:
                distribution = importlib.metadata.distribution(name)
            except importlib.metadata.PackageNotFoundError:
                if name in DISTRIBUTIONS:
                    raise WheelError(
                        f"{name} is not installed here, so the versions that it runs with are unknown. "
                        f"{INSTALL_BOTH}"
                    ) from None
                continue
            found[name] = distribution.version
            waiting += [(Requirement(text), wanted) for text in distribution.requires or ()]
    return "".join(
        f"{name}=={version}\n" for name, version in sorted(found.items()) if name not in DISTRIBUTIONS
    )


def _read(folder: Path) -> dict[str, bytes]:
    missing = [name for name in FILE_NAMES if not (folder / name).is_file()]
    if missing:
        found = ", ".join(sorted(path.name for path in folder.glob("*.whl"))) or "no wheel"
        raise WheelError(
            f"--wheels {folder}: expected {' and '.join(missing)}, the version that runs here; found {found}."
            " In a clone `make release` writes both files to dist/."
        )
    return {name: (folder / name).read_bytes() for name in FILE_NAMES}


def _build(folder: Path) -> None:
    # pip is in every environment that `make` or the README's lines made, and fetches the builder itself.
    command = [sys.executable, "-m", "pip", "wheel", "--no-deps", "--wheel-dir", str(folder)]
    if importlib.util.find_spec("hatchling"):
        command.append("--no-build-isolation")
    command += map(str, PROJECTS)
    done = subprocess.run(command, capture_output=True, text=True, timeout=BUILD_SECONDS, check=False)
    if done.returncode:
        last = "\n".join((done.stdout + done.stderr).strip().splitlines()[-5:])
        raise WheelError(
            f"the wheels could not be built from {CLONE}. Without a network, install the builder before "
            "(pip install hatchling), or name a folder that holds both files: --wheels DIR. "
            f"pip wrote:\n{last}"
        )
