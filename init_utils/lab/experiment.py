"""An experiment as data: settings, and the starting weights of each function for some seeds.

A page that is made with it trains the functions again without calling them. What stands in a file may have
been written by anyone: `read_experiment` takes only what `experiment` could have written.
"""

from __future__ import annotations

import base64
import itertools
import json
import zlib
from collections.abc import Callable, Mapping, Sequence
from dataclasses import fields
from typing import Any

import numpy as np

from init_utils.lab.candidates import Candidate, Start, built_in_candidates, draw_start, seed_note
from init_utils.lab.settings import MOST_RUNS, LabSettings, SettingsError

SEEDS = range(1, 11)  # of which the starting weights are stored, beside the function's own seed
OWN = "own"
NO_EXPERIMENT = "it is no experiment of a lab"
TEXTS = ("name", "argument", "message", "note")  # of a function
LARGEST = (
    20_000_000  # characters of an experiment: as many as four functions of the largest network, and more
)
Draw = Callable[[Candidate, list[int], int | None], Start]


class ExperimentError(ValueError):
    """A text is no experiment; the error's text says what is wrong with it."""


def experiment(
    candidates: Sequence[Candidate],
    settings: LabSettings,
    compare: Sequence[str] | None = None,
    seeds: Sequence[int] = SEEDS,
    draw: Draw = draw_start,
) -> dict[str, Any]:
    """What `read_experiment` and `src/page.js` read.

    Parameters
    ----------
    candidates : sequence of Candidate
        Functions are called here, with their own seeds and for `seeds`; built-in ones are drawn in the page.
    settings : LabSettings
        Weights are stored for their layer sizes.
    compare : sequence of str, optional
        Names of the runs; by default the functions, or the built-in starts if there are none.
    seeds : sequence of int
    draw : callable
        `draw_start`, or one that remembers.
    """
    own = [one for one in candidates if not one.built_in]
    return {
        "functions": [_stored(one, settings.layers_dims, seeds, draw) for one in own],
        "dims": settings.layers_dims,
        "settings": _settings_in_json(settings, compare),
    }


def _stored(candidate: Candidate, layers_dims: list[int], seeds: Sequence[int], draw: Draw) -> dict[str, Any]:
    """A function's starting weights, in the form that `src/engine/starts.js` reads."""
    own = draw(candidate, layers_dims, None)
    starts = {str(seed): draw(candidate, layers_dims, seed) for seed in (seeds if own.parameters else ())}
    return {
        "name": candidate.name,
        "argument": candidate.argument,
        "message": own.message,
        "note": seed_note(*list(starts.values())[:2]) if len(starts) > 1 else "",
        "starts": {
            seed: _weights(start)
            for seed, start in [(OWN, own), *starts.items()]
            if start.parameters is not None
        },
    }


def _weights(start: Start) -> str:
    """W1 row by row, b1, ..., WL, bL as float64 in base64."""
    parameters = start.parameters or {}
    layers = range(1, len(parameters) // 2 + 1)
    parts = [parameters[f"{kind}{layer}"].ravel() for layer in layers for kind in "Wb"]
    return base64.b64encode(np.concatenate(parts).astype("<f8").tobytes()).decode()


def _settings_in_json(settings: LabSettings, compare: Sequence[str] | None) -> dict[str, Any]:
    values = {item.name: getattr(settings, item.name) for item in fields(settings)}
    chosen = {} if compare is None else {"compare": list(compare)}
    return values | {"hidden_layers": list(settings.hidden_layers)} | chosen


def packed(made: Mapping[str, Any]) -> str:
    """An experiment as letters, digits, `+`, `/` and `=`; weights that are alike take little."""
    return base64.b64encode(zlib.compress(json.dumps(made).encode(), 9)).decode()


def unpacked(text: str) -> dict[str, Any]:
    """What `packed` packed, read by `read_experiment`.

    Raises
    ------
    ExperimentError
        It is none.
    """
    reader = zlib.decompressobj()
    try:
        written = reader.decompress(base64.b64decode(text, validate=True), LARGEST).decode()
    except (zlib.error, ValueError) as error:
        raise ExperimentError(NO_EXPERIMENT) from error
    if not reader.eof:  # too long, or cut
        raise ExperimentError(NO_EXPERIMENT)
    return read_experiment(written)


def read_experiment(text: str) -> dict[str, Any]:
    """The experiment that a text holds, with nothing else that stands in it.

    Raises
    ------
    ExperimentError
        It is not one that `experiment` writes.

    Examples
    --------
    >>> read_experiment('{"functions": [], "dims": [2, 3, 1], "settings": {"hidden_layers": [4]}}')
    Traceback (most recent call last):
        ...
    init_utils.lab.experiment.ExperimentError: dims are [2, 3, 1]; the settings have 2-4-1
    """
    try:
        found = json.loads(text)
        functions, dims, settings = found["functions"], found["dims"], dict(found["settings"])
        compare = settings.pop("compare", None)
        checked = LabSettings().replace(**settings)
        stored = [_read_function(one, checked.layers_dims) for one in functions]
    except SettingsError as error:
        raise ExperimentError(str(error)) from error
    except (ValueError, TypeError, KeyError, AttributeError, RecursionError) as error:
        if isinstance(error, ExperimentError):
            raise
        raise ExperimentError(NO_EXPERIMENT) from error
    if dims != checked.layers_dims:
        sizes = "-".join(map(str, checked.layers_dims))
        raise ExperimentError(f"dims are {dims!r:.40}; the settings have {sizes}")
    names = [one["name"] for one in stored]
    if len(set(names)) < len(names):
        raise ExperimentError("two functions have the same name")
    known = [*names, *(one.name for one in built_in_candidates())]
    chosen = {} if compare is None else {"compare": _read_compare(compare, known)}
    return {
        "functions": stored,
        "dims": checked.layers_dims,
        "settings": _settings_in_json(checked, None) | chosen,
    }


def _read_function(value: Mapping[str, Any], layers_dims: list[int]) -> dict[str, Any]:
    texts = {key: value[key] for key in TEXTS}
    if not all(isinstance(one, str) for one in texts.values()) or not texts["name"] or not texts["argument"]:
        raise TypeError
    size = 8 * sum(here * (before + 1) for before, here in itertools.pairwise(layers_dims))
    starts = dict(value["starts"])
    for seed, weights in starts.items():
        if seed != OWN and not (seed.isascii() and seed.isdigit()):
            raise ExperimentError(f"a seed is {seed!r:.40}")
        if len(base64.b64decode(weights, validate=True)) != size:
            raise ExperimentError(f"the weights of seed {seed} are not those of {layers_dims}")
    return texts | {"starts": starts}


def _read_compare(value: object, known: Sequence[str]) -> list[str]:
    names = [name for name in value if name in known] if isinstance(value, list) else []
    if names != value or not 1 <= len(names) <= MOST_RUNS or len(set(names)) < len(names):
        raise ExperimentError(f"compare is {value!r:.80}; expected 1 to {MOST_RUNS} of {', '.join(known)}")
    return names


def json_in_html(value: object) -> str:
    """JSON that ends no script element, whatever its texts are."""
    return json.dumps(value).replace("<", "\\u003c")
