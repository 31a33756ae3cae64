"""What a lab trains on and how: one frozen record, and the one table of the limits of its fields.

Values outside the limits, which are what a browser and two cores can carry, are refused. The lab's forms and
its manual take the limits from `LIMITS`.

>>> LabSettings(dataset="moons", learning_rate=0.1).changes()
{'dataset': 'moons', 'learning_rate': 0.1}
"""

from __future__ import annotations

import dataclasses
import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Literal

MOST_RUNS = 4  # side by side


class SettingsError(ValueError):
    """A setting is not usable; the text names it, the value got and the values wanted."""


@dataclass(frozen=True)
class OneOf:
    """A field that takes one of a few words."""

    values: tuple[str, ...]

    @property
    def words(self) -> str:
        """The limit as the manual and the form print it."""
        return " ".join(self.values)

    def check(self, name: str, value: object) -> None:
        """Raise `SettingsError` for a value that is not allowed."""
        if value not in self.values:
            raise SettingsError(f"{name} is {value!r}; expected one of {', '.join(self.values)}")


@dataclass(frozen=True)
class WholeNumber:
    """A field that takes a whole number from `low` to `high`, both included, or None if it is `optional`."""

    low: int
    high: int
    optional: bool = False

    @property
    def words(self) -> str:
        """The limit as the manual and the form print it."""
        return f"{'None, or ' if self.optional else ''}{self.low:,} to {self.high:,}"

    def check(self, name: str, value: object) -> None:
        """Raise `SettingsError` for a value that is not allowed."""
        if value is None and self.optional:
            return
        if isinstance(value, bool) or not isinstance(value, int) or not self.low <= value <= self.high:
            raise SettingsError(
                f"{name} is {value!r}; expected a whole number from {self.low:,} to {self.high:,}"
            )


@dataclass(frozen=True)
class Number:
    """A field that takes a finite number from `low` to `high`, both included."""

    low: float
    high: float

    @property
    def words(self) -> str:
        """The limit as the manual and the form print it."""
        low, high = (f"{bound:,f}".rstrip("0").rstrip(".") for bound in (self.low, self.high))
        return f"{low} to {high}"

    def check(self, name: str, value: object) -> None:
        """Raise `SettingsError` for a value that is not allowed."""
        is_number = isinstance(value, (int, float)) and not isinstance(value, bool)
        if not is_number or not math.isfinite(value) or not self.low <= value <= self.high:  # type: ignore[arg-type, operator]
            raise SettingsError(f"{name} is {value!r}; expected a number from {self.low:g} to {self.high:g}")


@dataclass(frozen=True)
class LayerSizes:
    """A field that takes a tuple of up to `most` sizes from `low` to `high`, both included."""

    most: int
    low: int
    high: int

    @property
    def words(self) -> str:
        """The limit as the manual and the form print it."""
        return f"up to {self.most} sizes of {self.low} to {self.high}"

    def check(self, name: str, value: object) -> None:
        """Raise `SettingsError` for a value that is not allowed."""
        if not isinstance(value, tuple) or len(value) > self.most:
            raise SettingsError(f"{name} is {value!r}; expected up to {self.most} layer sizes, as (10, 5)")
        for size in value:
            WholeNumber(self.low, self.high).check(name, size)


@dataclass(frozen=True)
class NumberPerRun:
    """A field that takes a finite number from `low` to `high`, or such numbers by the names of runs."""

    low: float
    high: float

    @property
    def words(self) -> str:
        """The limit as the manual and the form print it."""
        return Number(self.low, self.high).words

    def check(self, name: str, value: object) -> None:
        """Raise `SettingsError` for a value that is not allowed."""
        number = Number(self.low, self.high)
        if not isinstance(value, Mapping):
            number.check(name, value)
            return
        for run, one in value.items():
            number.check(f"{name}[{run!r}]", one)


Limit = OneOf | WholeNumber | Number | NumberPerRun | LayerSizes

LIMITS: dict[str, Limit] = {
    "dataset": OneOf(("circles", "moons", "xor", "spirals", "blobs")),
    "noise": Number(0.0, 1.0),
    "points": WholeNumber(20, 2_000),
    "data_seed": WholeNumber(0, 999_999_999),
    "hidden_layers": LayerSizes(most=6, low=1, high=64),
    "hidden": OneOf(("relu", "tanh")),
    "learning_rate": Number(1e-6, 100.0),
    "iterations": WholeNumber(1, 1_000_000),
    "gain": NumberPerRun(0.0, 1_000.0),
    "seed": WholeNumber(0, 2**32 - 1, optional=True),
    "pace": Number(0.0, 120.0),
    "strip_seeds": WholeNumber(2, 30),
}


@dataclass(frozen=True)
class LabSettings:
    """The state of a lab's controls; `LIMITS` holds what each field may be.

    Attributes
    ----------
    dataset : str
    noise : float
        Standard deviation of what is added to each coordinate.
    points : int
        Examples to train on; a third as many again are kept for testing.
    data_seed : int
        Seed of the training examples; the test examples use the next one. 1 gives the published circles.
    hidden_layers : tuple of int
        Units of each hidden layer.
    hidden : str
        Activation of the hidden layers.
    learning_rate : float
    iterations : int
        Steps of gradient descent.
    gain : float, or mapping of str to float
        Every weight (not the biases) is multiplied by it before training. By the names of runs: each by its
        own, those left out by 1.
    seed : int or None
        None: each function with the seed that is written in it. A number: that one put in its place.
    pace : float
        Seconds that a whole training takes on screen at least; 0 is as fast as possible.
    strip_seeds : int
        Seeds per scheme in the seed strip.
    """

    dataset: str = "circles"
    noise: float = 0.05
    points: int = 300
    data_seed: int = 1
    hidden_layers: tuple[int, ...] = (10, 5)
    hidden: Literal["relu", "tanh"] = "relu"
    learning_rate: float = 0.01
    iterations: int = 15_000
    gain: float | Mapping[str, float] = 1.0
    seed: int | None = None
    pace: float = 2.0
    strip_seeds: int = 10

    def __post_init__(self) -> None:
        """Check every field against `LIMITS`.

        Raises
        ------
        SettingsError
        """
        for name, limit in LIMITS.items():
            limit.check(name, getattr(self, name))

    @property
    def layers_dims(self) -> list[int]:
        """Layer sizes as the students' functions take them: two inputs, the hidden layers, one output."""
        return [2, *self.hidden_layers, 1]

    def gain_of(self, run: str) -> float:
        """The gain of one run.

        Examples
        --------
        >>> settings = LabSettings(gain={"random": 0.3})
        >>> settings.gain_of("random"), settings.gain_of("he")
        (0.3, 1.0)
        """
        return self.gain.get(run, 1.0) if isinstance(self.gain, Mapping) else self.gain

    def replace(self, **changes: Any) -> LabSettings:
        """The same with some fields changed; lists of layer sizes are taken as tuples.

        Raises
        ------
        SettingsError
            A name is unknown or a value is outside its range.
        """
        unknown = [name for name in changes if name not in FIELD_NAMES]
        if unknown:
            raise SettingsError(f"the lab has no setting {unknown[0]!r}; it has {', '.join(FIELD_NAMES)}")
        if isinstance(changes.get("hidden_layers"), list):
            changes["hidden_layers"] = tuple(changes["hidden_layers"])
        return dataclasses.replace(self, **changes)

    def changes(self) -> dict[str, Any]:
        """The fields that differ from the published experiment."""
        return {
            item.name: getattr(self, item.name)
            for item in dataclasses.fields(self)
            if getattr(self, item.name) != item.default
        }


FIELD_NAMES = tuple(item.name for item in dataclasses.fields(LabSettings))


def code_line(arguments: Sequence[str], settings: LabSettings, compare: Sequence[str] | None = None) -> str:
    """The line of Python that opens a lab in this state.

    Parameters
    ----------
    arguments : sequence of str
        The functions as written in the call, for example `he=initialize_parameters_he`.
    compare : sequence of str, optional
        Names of the runs to show, where they are not just the functions given.

    Examples
    --------
    >>> code_line(["my_init"], LabSettings(noise=0.2))
    'lab(my_init, noise=0.2)'
    """
    words = list(arguments)
    words += [f"{name}={value!r}" for name, value in settings.changes().items()]
    if compare is not None:
        words.append(f"compare={list(compare)!r}")
    return f"lab({', '.join(words)})"
