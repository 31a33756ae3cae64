"""What a lab trains on and how: one frozen record, checked field by field, and the Python that says it.

Called by `session` and `widget`. Refuses values outside the ranges that a browser and two cores can carry.

>>> LabSettings(dataset="moons", learning_rate=0.1).changes()
{'dataset': 'moons', 'learning_rate': 0.1}
"""

from __future__ import annotations

import dataclasses
import math
from dataclasses import dataclass
from typing import Any, Literal

DATASETS = ("circles", "moons", "xor", "spirals", "blobs")
ACTIVATIONS = ("relu", "tanh")
MOST_HIDDEN_LAYERS = 6
MOST_UNITS = 64
# Whole-number fields and their ranges, both ends included.
INTEGER_RANGES = {
    "points": (20, 2_000),
    "data_seed": (0, 999_999_999),
    "iterations": (1, 1_000_000),
    "strip_seeds": (2, 30),
}
NUMBER_RANGES = {
    "noise": (0.0, 1.0),
    "learning_rate": (1e-6, 100.0),
    "gain": (0.0, 1_000.0),
    "pace": (0.0, 120.0),
}


class SettingsError(ValueError):
    """A setting is not usable; the text names it, the value got and the values wanted."""


@dataclass(frozen=True)
class LabSettings:
    """The state of a lab's controls.

    Attributes
    ----------
    dataset : str
        One of `circles moons xor spirals blobs`.
    noise : float
        Standard deviation of what is added to each coordinate, 0 to 1.
    points : int
        Examples to train on, 20 to 2,000; a third as many again are kept for testing.
    data_seed : int
        Seed of the training examples; the test examples use the next one. 1 gives the published circles.
    hidden_layers : tuple of int
        Units of each hidden layer; up to 6 layers of 1 to 64.
    hidden : str
        Activation of the hidden layers: `relu` or `tanh`.
    learning_rate : float
    iterations : int
        Steps of gradient descent.
    gain : float
        Every weight (not the biases) is multiplied by it before training.
    seed : int or None
        None: each function with the seed that is written in it. A number: that one put in its place.
    pace : float
        Seconds that a whole training takes on screen at least; 0 is as fast as it goes.
    strip_seeds : int
        Seeds a scheme in the seed strip, 2 to 30.
    """

    dataset: str = "circles"
    noise: float = 0.05
    points: int = 300
    data_seed: int = 1
    hidden_layers: tuple[int, ...] = (10, 5)
    hidden: Literal["relu", "tanh"] = "relu"
    learning_rate: float = 0.01
    iterations: int = 15_000
    gain: float = 1.0
    seed: int | None = None
    pace: float = 2.0
    strip_seeds: int = 10

    def __post_init__(self) -> None:
        """Check every field.

        Raises
        ------
        SettingsError
        """
        _one_of("dataset", self.dataset, DATASETS)
        _one_of("hidden", self.hidden, ACTIVATIONS)
        for name, (low, high) in INTEGER_RANGES.items():
            _whole(name, getattr(self, name), low, high)
        for name, (lowest, highest) in NUMBER_RANGES.items():
            _number(name, getattr(self, name), lowest, highest)
        if self.seed is not None:
            _whole("seed", self.seed, 0, 2**32 - 1)
        layers = self.hidden_layers
        if not isinstance(layers, tuple) or not 0 <= len(layers) <= MOST_HIDDEN_LAYERS:
            wanted = f"up to {MOST_HIDDEN_LAYERS} layer sizes, as (10, 5)"
            raise SettingsError(f"hidden_layers is {layers!r}; expected {wanted}")
        for size in layers:
            _whole("hidden_layers", size, 1, MOST_UNITS)

    @property
    def layers_dims(self) -> list[int]:
        """Layer sizes as the students' functions take them: two inputs, the hidden layers, one output."""
        return [2, *self.hidden_layers, 1]

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


def code_line(arguments: list[str], settings: LabSettings, compare: list[str] | None = None) -> str:
    """The line of Python that opens a lab in this state.

    Parameters
    ----------
    arguments : list of str
        The functions as written in the call, for example `he=initialize_parameters_he`.
    compare : list of str, optional
        Names of the runs to show, where they are not just the functions given.

    Examples
    --------
    >>> code_line(["my_init"], LabSettings(noise=0.2))
    'lab(my_init, noise=0.2)'
    """
    words = list(arguments)
    words += [f"{name}={value!r}" for name, value in settings.changes().items()]
    if compare is not None:
        words.append(f"compare={compare!r}")
    return f"lab({', '.join(words)})"


def _one_of(name: str, value: object, allowed: tuple[str, ...]) -> None:
    if value not in allowed:
        raise SettingsError(f"{name} is {value!r}; expected one of {', '.join(allowed)}")


def _whole(name: str, value: object, low: int, high: int) -> None:
    if isinstance(value, bool) or not isinstance(value, int) or not low <= value <= high:
        raise SettingsError(f"{name} is {value!r}; expected a whole number from {low:,} to {high:,}")


def _number(name: str, value: object, low: float, high: float) -> None:
    good = isinstance(value, (int, float)) and not isinstance(value, bool) and math.isfinite(value)
    if not good or not low <= float(value) <= high:  # type: ignore[arg-type]
        raise SettingsError(f"{name} is {value!r}; expected a number from {low:g} to {high:g}")
