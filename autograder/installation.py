"""The two distributions of this program as they are installed here.

`look_up` reads what the installer wrote down (PEP 610, direct_url.json), `faults` says what is wrong with it:
two versions, a distribution taken from a package index by name, a package imported from another folder.
"""

from __future__ import annotations

import importlib.metadata
import json
import sys
from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path
from urllib.parse import urlsplit
from urllib.request import url2pathname

import init_utils

PACKAGES = {
    "init-utils": Path(init_utils.__file__).parent,
    "init-utils-autograder": Path(__file__).parent,
}
DISTRIBUTIONS = tuple(PACKAGES)
FILE_NAMES = tuple(
    f"{name.replace('-', '_')}-{init_utils.__version__}-py3-none-any.whl" for name in DISTRIBUTIONS
)
INSTALL_BOTH = (
    f"Install both files again, in one call: python -m pip install {' '.join(FILE_NAMES)} "
    "(in a clone: make demo)"
)


class Origin(StrEnum):
    """Where a distribution was installed from."""

    EDITABLE = "editable"
    WHEEL = "wheel"
    INDEX = "index"
    ABSENT = "not installed"


@dataclass(frozen=True)
class Installed:
    """One distribution as it is installed here.

    Attributes
    ----------
    name : str
    package : Path
        The folder that its package is imported from.
    origin : Origin
    version : str
        As the installer wrote it down; empty when it is not installed.
    source : str
        The clone's folder, or the address of the wheel; empty when unknown.
    sha256 : str
        Of the wheel, in hexadecimal; empty when unknown.
    place : Path or None
        The folder that the package should be imported from.
    """

    name: str
    package: Path
    origin: Origin
    version: str = ""
    source: str = ""
    sha256: str = ""
    place: Path | None = None

    def to_dict(self) -> dict[str, str]:
        """For JSON."""
        return {
            "name": self.name,
            "version": self.version,
            "origin": str(self.origin),
            "source": self.source,
            "sha256": self.sha256,
            "package": str(self.package),
        }


def installed() -> list[Installed]:
    """Both distributions."""
    return [look_up(name, package) for name, package in PACKAGES.items()]


def look_up(name: str, package: Path, path: Sequence[str] | None = None) -> Installed:
    """How the distribution `name`, whose package is imported from `package`, is installed.

    Parameters
    ----------
    name : str
    package : Path
    path : sequence of str, optional
        Folders to search in place of `sys.path`.
    """
    search = sys.path if path is None else list(path)
    distribution = next(iter(importlib.metadata.distributions(name=name, path=search)), None)
    if distribution is None:
        return Installed(name, package, Origin.ABSENT)
    place = Path(str(distribution.locate_file(package.name)))
    written = distribution.read_text("direct_url.json")
    if written is None:
        return Installed(name, package, Origin.INDEX, distribution.version, place=place)
    document = json.loads(written)
    address = urlsplit(document["url"])
    source = url2pathname(address.path) if address.scheme == "file" else document["url"]
    if document.get("dir_info", {}).get("editable"):
        above = [folder / package.name for folder in (Path(source), *Path(source).parents)]
        place = next((folder for folder in above if (folder / "__init__.py").is_file()), place)
        return Installed(name, package, Origin.EDITABLE, distribution.version, source, place=place)
    sha256 = document.get("archive_info", {}).get("hashes", {}).get("sha256", "")
    return Installed(name, package, Origin.WHEEL, distribution.version, source, sha256, place)


def faults(found: Sequence[Installed], running: str = init_utils.__version__) -> list[str]:
    """What is wrong with an installation, a sentence each with the next step.

    Parameters
    ----------
    found : sequence of Installed
    running : str
        The version of the code that is imported.
    """
    return [fault for one in found if (fault := _fault(one, running)) is not None]


def _fault(one: Installed, running: str) -> str | None:
    if one.origin is Origin.ABSENT:
        return f"{one.name} is not installed; its code runs from {one.package} all the same. {INSTALL_BOTH}"
    if one.origin is Origin.INDEX:
        return (
            f"{one.name} {one.version} was installed by name, from a package index, where the name is not "
            f"ours. {INSTALL_BOTH}"
        )
    if one.version != running:
        return (
            f"{one.name} is installed in version {one.version}, but the code of version {running} runs. "
            f"Both distributions must have one version. {INSTALL_BOTH}"
        )
    if one.place is not None and one.place.resolve() != one.package.resolve():
        return (
            f"{one.package.name} is imported from {one.package}, but {one.name} is installed in {one.place}: "
            "another folder comes first on Python's path. Leave that folder, or take it out of PYTHONPATH."
        )
    return None
