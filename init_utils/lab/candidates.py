"""Initializers as the lab sees them: the student's functions, four built-in ones, their starting weights.

A student's function is called once per seed, in the calling thread, and NumPy's global random state is
restored afterwards. These functions contain `np.random.seed(3)`: for another seed, `np.random.seed` and
`RandomState` are replaced during the call by ones that use that seed whatever constant they are given.
`default_rng` is left alone, so a function that draws from it "ignores the seed", and the lab reports that.

The built-in initializers take the lab's seed as a second argument and draw from `default_rng`. No seed makes
them give the numbers of the exercises, which come from `RandomState(3)`: handed in as an answer, they fail.
"""

from __future__ import annotations

import contextlib
import io
import threading
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any, cast

import numpy as np
from numpy.typing import NDArray

from init_utils.checks import find_structural_mistake

Parameters = dict[str, NDArray[np.float64]]
Initializer = Callable[[list[int]], Any]
BuiltIn = Callable[[list[int], int], Parameters]

# The built-in initializers' seed when the lab has none. It is larger than any seed that can be chosen there,
# so choosing one always gives other weights.
OWN_SEED = 2**32

# np.random.seed is one for the whole process: only one function at a time may have it replaced.
_RANDOM_LOCK = threading.RLock()


@dataclass(frozen=True)
class Candidate:
    """One initializer that may be compared.

    Attributes
    ----------
    name : str
        What the lab calls it.
    function : callable of layers_dims, or of layers_dims and the seed for a built-in one
    argument : str
        How it is written in the call of `lab`; "" for a built-in one.
    """

    name: str
    function: Initializer | BuiltIn
    argument: str = ""

    @property
    def built_in(self) -> bool:
        """Whether it came with the lab."""
        return not self.argument

    def call(self, layers_dims: list[int], seed: int | None) -> Any:
        """What the function returns for a copy of `layers_dims`; a student's own seed is kept with None."""
        with seeded(seed):
            if self.built_in:
                return cast(BuiltIn, self.function)(list(layers_dims), OWN_SEED if seed is None else seed)
            return cast(Initializer, self.function)(list(layers_dims))


@dataclass(frozen=True)
class Start:
    """Starting weights, or why there are none.

    Attributes
    ----------
    parameters : dict of float64 arrays, or None
        Copies. None when the function is not usable.
    message : str
        What is wrong with the function, in words of the parameter check; "" when nothing is.
    """

    parameters: Parameters | None
    message: str = ""

    def scaled(self, gain: float) -> Start:
        """The same with every W, no b, multiplied by `gain`."""
        if self.parameters is None or gain == 1:
            return self
        factors = {"W": gain, "b": 1.0}
        return Start({key: value * factors[key[0]] for key, value in self.parameters.items()})


def built_in_candidates() -> list[Candidate]:
    """The four initializers that come with the lab."""
    return [
        Candidate("He", _he),
        Candidate("Xavier", _xavier),
        Candidate("constant 0.5", _constant),
        Candidate("small 0.01", _small),
    ]


def draw_start(candidate: Candidate, layers_dims: list[int], seed: int | None) -> Start:
    """Call the initializer once and check what it returns; nothing it does is raised.

    Parameters
    ----------
    layers_dims : list of int
        A copy is passed, so a function that changes its argument changes nothing here.
    seed : int or None
        None leaves the function's own seed in place; a built-in one then draws from `OWN_SEED`.
    """
    try:
        # What a student's function prints belongs to no cell while a control is moved: it is dropped.
        with contextlib.redirect_stdout(io.StringIO()), np.errstate(all="ignore"):
            result = candidate.call(layers_dims, seed)
    except (Exception, SystemExit, RecursionError) as error:  # noqa: BLE001 - whatever a student's code raises is shown
        return Start(None, message=f"{type(error).__name__}: {error}" if str(error) else type(error).__name__)
    mistake = find_structural_mistake(result, list(layers_dims))
    if mistake is not None:
        return Start(None, message=mistake.message)
    depth = len(layers_dims) - 1
    parameters: Parameters = {}
    for layer in range(1, depth + 1):
        parameters[f"W{layer}"] = np.array(result[f"W{layer}"], dtype=np.float64)
        parameters[f"b{layer}"] = np.array(result[f"b{layer}"], dtype=np.float64)
    return Start(parameters)


def seed_note(one: Start, other: Start) -> str:
    """A note on a function that gives the same weights for two chosen seeds; "" for one that follows them.

    Parameters
    ----------
    one, other : Start
        The weights from two different seeds, both chosen by the lab.
    """
    if one.parameters is None or other.parameters is None:
        return ""
    weights = [(one.parameters[key], other.parameters[key]) for key in one.parameters if key[0] == "W"]
    if any(not np.array_equal(first, second) for first, second in weights):
        return ""
    if all(np.all(first == first.flat[0]) for first, _ in weights):
        return "draws nothing: the same for every seed"
    return "ignores the seed"


@contextlib.contextmanager
def seeded(seed: int | None) -> Iterator[None]:
    """Inside, `np.random.seed(...)` and `np.random.RandomState(...)` use `seed`, whatever they are given.

    The global state is put back at the end. With None the functions keep their own constants. The global
    generator starts from 0 (or from `seed`), so that a function that forgets to seed repeats all the same.
    """
    with _RANDOM_LOCK:
        original_seed, original_class = np.random.seed, np.random.RandomState

        class Reseeded(original_class):  # type: ignore[misc, valid-type]
            """A `RandomState` that ignores the seed it is given."""

            def __init__(self, _ignored: object = None) -> None:
                super().__init__(seed)

        state = np.random.get_state()
        original_seed(0 if seed is None else seed)
        if seed is not None:
            np.random.seed = lambda *_ignored, **_named: original_seed(seed)
            np.random.RandomState = Reseeded  # type: ignore[assignment, misc]
        try:
            yield
        finally:
            np.random.seed, np.random.RandomState = original_seed, original_class  # type: ignore[misc]
            np.random.set_state(state)


def _random(layers_dims: list[int], seed: int, scale: Callable[[int], float]) -> Parameters:
    rng = np.random.default_rng(seed)
    parameters: Parameters = {}
    for layer in range(1, len(layers_dims)):
        here, before = layers_dims[layer], layers_dims[layer - 1]
        parameters[f"W{layer}"] = rng.standard_normal((here, before)) * scale(before)
        parameters[f"b{layer}"] = np.zeros((here, 1))
    return parameters


def _xavier(layers_dims: list[int], seed: int) -> Parameters:
    return _random(layers_dims, seed, lambda before: (1 / before) ** 0.5)


def _he(layers_dims: list[int], seed: int) -> Parameters:
    return _random(layers_dims, seed, lambda before: (2 / before) ** 0.5)


def _small(layers_dims: list[int], seed: int) -> Parameters:
    return _random(layers_dims, seed, lambda before: 0.01)


def _constant(layers_dims: list[int], seed: int) -> Parameters:
    """The same for every seed."""
    return {
        name: np.full((layers_dims[layer], columns), value)
        for layer in range(1, len(layers_dims))
        for name, columns, value in ((f"W{layer}", layers_dims[layer - 1], 0.5), (f"b{layer}", 1, 0.0))
    }
