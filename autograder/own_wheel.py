"""This program as a wheel, and the versions it runs with: no package index has either.

In a clone the wheel is built; where the program was installed from a wheel, the wheel is put together
again from the installed files. Called by `autograder export` for bundles that install the program
elsewhere (Gradescope, GitHub).

WheelError (a `CourseError`): neither works; the text says how to make one.
"""

from __future__ import annotations

import base64
import hashlib
import importlib.metadata
import importlib.util
import io
import subprocess
import sys
import tempfile
import tomllib
import zipfile
from collections.abc import Iterable, Mapping
from pathlib import Path

from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

from autograder.course import CourseError

DISTRIBUTION = "init-utils"
EXTRA = "grading"
CLONE = Path(__file__).parent.parent
NOT_IN_A_WHEEL = ("RECORD", "INSTALLER", "REQUESTED", "direct_url.json")
BUILD_SECONDS = 300


class WheelError(CourseError):
    """No wheel can be had here."""


def own_wheel(given: Path | None = None) -> tuple[str, bytes]:
    """File name and content of the wheel: the one given, built from the clone, or put together again.

    Raises
    ------
    WheelError
        There is no way to one.
    """
    if given is not None:
        if given.suffix != ".whl" or not given.is_file():
            raise WheelError(f"--wheel {given}: expected a file that ends in .whl.")
        return given.name, given.read_bytes()
    if (CLONE / "pyproject.toml").is_file():
        return built_wheel(CLONE)
    try:
        return repacked_wheel(importlib.metadata.distribution(DISTRIBUTION))
    except importlib.metadata.PackageNotFoundError:
        raise WheelError(
            f"{DISTRIBUTION} is neither installed from a wheel nor run from its clone. In the clone: "
            "pip wheel --no-deps . -w dist; then give the file as --wheel."
        ) from None


def built_wheel(clone: Path) -> tuple[str, bytes]:
    """The wheel that the clone's sources make now.

    Raises
    ------
    WheelError
        The build failed; its last lines follow.
    """
    with tempfile.TemporaryDirectory() as folder:
        # pip is in every environment that `make` or the README's lines made, and fetches the builder itself.
        command = [sys.executable, "-m", "pip", "wheel", "--no-deps", "--wheel-dir", folder, str(clone)]
        if importlib.util.find_spec("hatchling"):
            command.insert(4, "--no-build-isolation")
        done = subprocess.run(command, capture_output=True, text=True, timeout=BUILD_SECONDS, check=False)
        wheels = sorted(Path(folder).glob("*.whl"))
        if done.returncode or not wheels:
            last = "\n".join((done.stdout + done.stderr).strip().splitlines()[-5:])
            raise WheelError(
                f"the wheel could not be built from {clone}. Without a network, install the builder before "
                f"(pip install hatchling), or give a wheel as --wheel. pip said:\n{last}"
            )
        return wheels[-1].name, wheels[-1].read_bytes()


def repacked_wheel(distribution: importlib.metadata.Distribution) -> tuple[str, bytes]:
    """The wheel that `distribution` was installed from, put together from its files.

    Raises
    ------
    WheelError
        It was installed in another way (editable), or files of it are gone.
    """
    files: dict[str, bytes] = {}
    for path in distribution.files or ():
        name = path.as_posix()
        if ".." in path.parts or "__pycache__" in path.parts or path.name in NOT_IN_A_WHEEL:
            continue
        try:
            files[name] = Path(str(path.locate())).read_bytes()
        except OSError as error:
            raise WheelError(f"the installed {DISTRIBUTION} lacks {name}: install it again.") from error
    info = next((name.partition("/")[0] for name in files if name.endswith(".dist-info/WHEEL")), None)
    if info is None or "autograder/__init__.py" not in files:
        raise WheelError(
            f"{DISTRIBUTION} was not installed from a wheel. In its clone: pip wheel --no-deps . -w dist; "
            "then give the file as --wheel."
        )
    tag = next(
        line.partition(":")[2].strip()
        for line in files[f"{info}/WHEEL"].decode().splitlines()
        if line.startswith("Tag:")
    )
    record = [f"{name},sha256={_digest(content)},{len(content)}" for name, content in files.items()]
    files[f"{info}/RECORD"] = "\n".join([*record, f"{info}/RECORD,,", ""]).encode()
    return f"{info.removesuffix('.dist-info')}-{tag}.whl", zip_bytes(files)


def constraints(extras: Iterable[str] = (EXTRA,)) -> str:
    """`name==version` of everything the program needs, as installed here, one a line for pip's --constraint.

    Packages that are not installed here (for another system) are left out.
    """
    found: dict[str, str] = {}
    seen: set[tuple[str, str]] = set()
    waiting = [(Requirement(text), extra) for text in _own_requirements() for extra in extras]
    while waiting:
        requirement, extra = waiting.pop()
        if requirement.marker is not None and not requirement.marker.evaluate({"extra": extra}):
            continue
        name = canonicalize_name(requirement.name)
        for wanted in requirement.extras | {""}:
            if (name, wanted) in seen or name == DISTRIBUTION:
                continue
            seen.add((name, wanted))
            try:
                distribution = importlib.metadata.distribution(name)
            except importlib.metadata.PackageNotFoundError:
                continue
            found[name] = distribution.version
            waiting += [(Requirement(text), wanted) for text in distribution.requires or ()]
    return "".join(f"{name}=={version}\n" for name, version in sorted(found.items()))


def zip_bytes(files: Mapping[str, bytes], programs: Iterable[str] = ()) -> bytes:
    """A zip file that is the same for the same content; `programs` may be executed when unpacked."""
    executable = set(programs)
    memory = io.BytesIO()
    with zipfile.ZipFile(memory, "w", zipfile.ZIP_DEFLATED) as archive:
        for name in sorted(files):
            entry = zipfile.ZipInfo(name)  # the date is 1980: nothing of this machine in the file
            entry.compress_type = zipfile.ZIP_DEFLATED
            entry.create_system = 3  # Unix, so that the mode counts
            entry.external_attr = (0o100755 if name in executable else 0o100644) << 16
            archive.writestr(entry, files[name])
    return memory.getvalue()


def _own_requirements() -> list[str]:
    project = CLONE / "pyproject.toml"
    if not project.is_file():
        return importlib.metadata.distribution(DISTRIBUTION).requires or []
    data = tomllib.loads(project.read_text("utf-8"))["project"]
    return [*data["dependencies"], *data["optional-dependencies"][EXTRA]]


def _digest(content: bytes) -> str:
    return base64.urlsafe_b64encode(hashlib.sha256(content).digest()).rstrip(b"=").decode()
