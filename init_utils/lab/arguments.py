"""What was written in `lab(...)` as candidates and settings."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from init_utils.lab.candidates import Candidate, Initializer, built_in_candidates
from init_utils.lab.settings import LIMITS, LabSettings, SettingsError

PREFIX = "initialize_parameters_"  # of the exercises' names; left out in the lab


def read_arguments(
    functions: Sequence[Initializer], named: Mapping[str, Any]
) -> tuple[list[Candidate], LabSettings]:
    """The candidates and the settings of a call.

    Parameters
    ----------
    functions : sequence of callable of layers_dims
    named : mapping of str
        Settings by their names, and functions by the names that their runs are to have.

    Returns
    -------
    list of Candidate
        The functions in the order of the call, then the built-in ones; the built-in He only if no function
        was given.
    LabSettings

    Raises
    ------
    SettingsError
        An argument is neither a function nor a setting, or a value is outside its limit.
    """
    settings = {name: value for name, value in named.items() if name in LIMITS}
    own = [Candidate(_short_name(function), function, _name_of(function)) for function in functions]
    for name, function in named.items():
        if name in LIMITS:
            continue
        if not callable(function):
            raise SettingsError(f"the lab has no setting {name!r}; it has compare, {', '.join(LIMITS)}")
        own.append(Candidate(name, function, f"{name}={_name_of(function)}"))
    for candidate in own:
        if not callable(candidate.function):
            raise SettingsError(f"{candidate.function!r} is not a function of layers_dims")
    taken = {candidate.name for candidate in own} | ({"He"} if own else set())
    built_in = [candidate for candidate in built_in_candidates() if candidate.name not in taken]
    return own + built_in, LabSettings().replace(**settings)


def _short_name(function: Initializer) -> str:
    """`he` for `initialize_parameters_he`."""
    name = _name_of(function)
    return name.removeprefix(PREFIX) or name


def _name_of(function: Initializer) -> str:
    return getattr(function, "__name__", type(function).__name__)
