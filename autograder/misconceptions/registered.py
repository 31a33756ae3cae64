"""What an assignment has of its own in the catalogue, named in the metadata of the instructor's notebook.

    "metadata": {"autograder": {"diagnosis": "initializers"}}

names the module `autograder.misconceptions.initializers`, whose `REGISTERED` says which tests it knows. The
rest of the grader knows no assignment; without a name, failures are told as those of any function are.
"""

from __future__ import annotations

import importlib
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

from autograder.misconceptions.diagnosed import Diagnosis


class UnknownDiagnosisError(Exception):
    """The metadata names no diagnosis that is there; the text says what it names."""


@dataclass(frozen=True)
class Support:
    """What the notebooks of one kind of assignment stand on.

    Attributes
    ----------
    packages : tuple of str
        Packages that come with the grader and that notebooks import: they are found in every box, also where
        they are installed from a clone, and a change of theirs can change a grade.
    modules : tuple of str
        Imported ahead beside what the instructor's notebook imports.
    slow_modules : tuple of str
        The same; they take long and pay only for a class.
    warm : tuple of str
        Those of the slow modules whose function `warm` makes them ready.
    memo_module : str
        Its `export_memo` and `import_memo` hand on the results of long calculations, and what its `MEMO` was
        given: pictures of figures. "" without one.
    """

    packages: tuple[str, ...] = ()
    modules: tuple[str, ...] = ()
    slow_modules: tuple[str, ...] = ()
    warm: tuple[str, ...] = ()
    memo_module: str = ""


@dataclass(frozen=True)
class Registered:
    """What one kind of assignment has of its own: a diagnosis, the questions of its tests, its packages.

    Attributes
    ----------
    scheme_of : callable
        scheme_of(grade_id, function) is what `diagnose` calls the function that this test is about; None
        where it knows nothing of it.
    diagnose : callable
        As `autograder.misconceptions.diagnosis.diagnose`.
    seed : int
        With what the exercise seeds the global generators.
    support : Support
    questions : mapping of str to str
        What a test asks, for the student, by the last word of its grade id.
    """

    scheme_of: Callable[[str, str], str | None]
    diagnose: Callable[..., Diagnosis | None]
    seed: int
    support: Support = Support()
    questions: Mapping[str, str] = field(default_factory=dict)


def registered(metadata: Mapping[str, Any]) -> Registered | None:
    """The diagnosis that a notebook's metadata names; None where it names none.

    Raises
    ------
    UnknownDiagnosisError
        There is none of that name.

    >>> registered({}) is None
    True
    >>> found = registered({"autograder": {"diagnosis": "initializers"}})
    >>> found.scheme_of("he_seed", "initialize_parameters_he")
    'he'
    """
    own = metadata.get("autograder")
    name = own.get("diagnosis") if isinstance(own, Mapping) else None
    if name is None:
        return None
    module = None
    if isinstance(name, str) and re.fullmatch(r"[a-z]+", name):
        try:
            module = importlib.import_module(f"autograder.misconceptions.{name}")
        except ModuleNotFoundError:
            module = None
    found = getattr(module, "REGISTERED", None)
    if not isinstance(found, Registered):
        raise UnknownDiagnosisError(
            f"the notebook's metadata names the diagnosis {name!r} (autograder.diagnosis), and there is none "
            'of that name. Known is "initializers"; or take the name out.'
        )
    return found
