"""Kinds of random generators: their state is data, and is checked before a generator gets it.

NumPy takes a position in its table of numbers without looking at it, so every part of a state is bounded
here.
"""

from __future__ import annotations

import builtins
import random
from random import Random
from typing import Any

import numpy as np
from numpy import dtype, ndarray
from numpy.random import Generator, RandomState

from .ends import Reader, Writer
from .errors import WireError
from .kinds import Kind

# This module's own: a student may replace the shared ones.
globals()["__builtins__"] = vars(builtins).copy()
BIT_GENERATORS = {
    kind.__name__: kind
    for kind in (
        np.random.MT19937,
        np.random.PCG64,
        np.random.PCG64DXSM,
        np.random.Philox,
        np.random.SFC64,
    )
}
# Parts of a state that count something, and the largest that they may be; the others are any number.
BOUNDS = {"pos": 624, "buffer_pos": 4, "has_uint32": 1, "has_gauss": 1, "uinteger": 2**32 - 1}
WORDS = 624  # of the Mersenne Twister


def is_numpy_state(state: Any) -> bool:
    """Whether it is what `np.random.get_state()` returns."""
    if type(state) is not tuple or len(state) != 5:
        return False
    name, words, place, has_gauss, gauss = state
    return (
        name == "MT19937"
        and type(words) is ndarray
        and words.dtype == dtype("<u4")
        and words.shape == (WORDS,)
        and type(place) is int
        and 0 <= place <= WORDS
        and type(has_gauss) is int
        and has_gauss in (0, 1)
        and type(gauss) is float
    )


def is_python_state(state: Any) -> bool:
    """Whether it is what `random.getstate()` returns."""
    if type(state) is not tuple or len(state) != 3:
        return False
    version, words, gauss = state
    return (
        version == 3
        and type(words) is tuple
        and len(words) == WORDS + 1
        and all(type(word) is int and 0 <= word < 2**32 for word in words)
        and words[-1] <= WORDS
        and (gauss is None or type(gauss) is float)
    )


def _write_generator(writer: Writer, value: np.random.Generator, path: str, depth: int) -> list[Any]:
    bits = value.bit_generator
    if type(bits) not in BIT_GENERATORS.values():
        raise writer.refusal(value, path)
    return ["Generator", type(bits).__name__, writer.tree(bits.state, path, depth + 1)]


def _read_generator(reader: Reader, parts: list[Any], depth: int) -> np.random.Generator:
    name, tree = reader.exactly(parts, 2)
    kind = BIT_GENERATORS.get(name) if type(name) is str else None
    if kind is None:
        raise WireError("a random generator of a kind that is not on the list")
    bits = kind(0)
    state = reader.value(tree, depth + 1)
    if not _is_like(state, bits.state, ""):
        raise WireError("a random generator has a state that is none")
    bits.state = state
    return Generator(bits)


def _is_like(state: Any, known: Any, name: str) -> bool:
    """Whether a state has the form of one that NumPy made, and counts within bounds."""
    if isinstance(known, dict):
        return (
            type(state) is dict
            and state.keys() == known.keys()
            and all(_is_like(state[key], known[key], key) for key in known)
        )
    if isinstance(known, ndarray):
        return type(state) is ndarray and state.dtype == known.dtype and state.shape == known.shape
    if isinstance(known, str):
        return bool(state == known)
    return type(state) is int and 0 <= state <= BOUNDS.get(name, 2**128 - 1)


def _write_legacy(writer: Writer, value: np.random.RandomState, path: str, depth: int) -> list[Any]:
    state: Any = value.get_state()
    if not isinstance(state, tuple) or state[0] != "MT19937":
        raise writer.refusal(value, path)
    return ["RandomState", writer.tree(state, path, depth + 1)]


def _read_legacy(reader: Reader, parts: list[Any], depth: int) -> np.random.RandomState:
    state = reader.value(reader.exactly(parts, 1)[0], depth + 1)
    if not is_numpy_state(state):
        raise WireError("a random generator has a state that is none")
    made = RandomState(0)
    made.set_state(state)
    return made


def _write_python(writer: Writer, value: random.Random, path: str, depth: int) -> list[Any]:
    return ["Random", writer.tree(value.getstate(), path, depth + 1)]


def _read_python(reader: Reader, parts: list[Any], depth: int) -> random.Random:
    state = reader.value(reader.exactly(parts, 1)[0], depth + 1)
    if not is_python_state(state):
        raise WireError("a random generator has a state that is none")
    made = Random(0)
    made.setstate(state)
    return made


def _change_generator(old: np.random.Generator, new: np.random.Generator) -> bool:
    if type(old.bit_generator) is not type(new.bit_generator):
        return False
    old.bit_generator.state = new.bit_generator.state
    return True


def _change_legacy(old: np.random.RandomState, new: np.random.RandomState) -> bool:
    old.set_state(new.get_state())
    return True


def _change_python(old: random.Random, new: random.Random) -> bool:
    old.setstate(new.getstate())
    return True


KINDS = (
    Kind("Generator", (np.random.Generator,), _write_generator, _read_generator, change=_change_generator),
    Kind("RandomState", (np.random.RandomState,), _write_legacy, _read_legacy, change=_change_legacy),
    Kind("Random", (random.Random,), _write_python, _read_python, change=_change_python),
)
