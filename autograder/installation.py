"""The two distributions of this program as they are installed here, and the versions of what they need."""

from __future__ import annotations

import importlib.metadata

from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

from autograder.course import CourseError

DISTRIBUTIONS = ("init-utils", "init-utils-autograder")


class InstallationError(CourseError):
    """This program runs without being installed; the text names the next step."""


def constraints() -> str:
    """`name==version` of all that both distributions need, as installed here: lines for pip's --constraint.

    Packages that are not installed here (for another system) are left out, and so are the two themselves.

    Raises
    ------
    InstallationError
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
                    raise InstallationError(
                        f"{name} is not installed here, so the versions that it runs with are unknown. "
                        "In the clone type: make demo"
                    ) from None
                continue
            found[name] = distribution.version
            waiting += [(Requirement(text), wanted) for text in distribution.requires or ()]
    return "".join(
        f"{name}=={version}\n" for name, version in sorted(found.items()) if name not in DISTRIBUTIONS
    )
