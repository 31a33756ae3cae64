"""Time the training engines against the published loop; write benchmarks/training.md.

    python benchmarks/training.py [--quick] [--output FILE]

Every row is a ratio of wall times taken in one run of this program, each the best of several turns taken in
rotation, so that a busy machine slows all rows alike; its load stands beside the table. The published loop is
the loop over the four public functions of `init_utils`; `bare_loop` does the same and checks nothing.
"""

from __future__ import annotations

import argparse
import os
import platform
import sys
import time
from collections.abc import Callable
from pathlib import Path

import numpy as np

from init_utils import datasets, kernel
from init_utils.images import load_image_dataset
from init_utils.network import (
    backward_propagation,
    compute_loss,
    forward_propagation,
    update_parameters,
)
from init_utils.training import Descent, Watch, train, train_many

LAYERS = [2, 10, 5, 1]
WIDE_LAYERS = [67_500, 5, 5, 1]
ITERATIONS = 15_000
QUIET = Watch(progress=False)
# Loops are timed in many turns over a hundredth of their iterations: short turns find a quiet moment on a
# busy machine.
PART, TURNS_PER_PART = 100, 20


def start(layers_dims: list[int], seed: int = 3, scale: float | None = None) -> dict[str, np.ndarray]:
    """A He start, or one of the given scale."""
    rng = np.random.RandomState(seed)
    parameters = {}
    for layer in range(1, len(layers_dims)):
        above, below = layers_dims[layer], layers_dims[layer - 1]
        parameters[f"W{layer}"] = rng.randn(above, below) * (scale or np.sqrt(2 / below))
        parameters[f"b{layer}"] = np.zeros((above, 1))
    return parameters


def public_loop(X, Y, parameters, learning_rate, iterations, hidden="relu"):
    """What a student's notebook does."""
    for _ in range(iterations):
        a3, cache = forward_propagation(X, parameters, hidden)
        cost = compute_loss(a3, Y)
        gradients = backward_propagation(X, Y, cache, hidden)
        parameters = update_parameters(parameters, gradients, learning_rate)
    return parameters, cost


def bare_loop(X, Y, parameters, learning_rate, iterations, hidden="relu"):
    """The same four functions for three layers, returning the same things, with nothing checked."""
    with np.errstate(all="ignore"):
        for _ in range(iterations):
            a3, cache = bare_forward(X, parameters, hidden)
            cost = bare_loss(a3, Y)
            gradients = bare_backward(X, Y, cache, hidden)
            parameters = bare_update(parameters, gradients, learning_rate)
    return parameters, cost


def bare_forward(X, parameters, hidden):
    W1, b1 = parameters["W1"], parameters["b1"]
    W2, b2 = parameters["W2"], parameters["b2"]
    W3, b3 = parameters["W3"], parameters["b3"]
    z1 = np.dot(W1, X) + b1
    a1 = np.maximum(0, z1) if hidden == "relu" else np.tanh(z1)
    z2 = np.dot(W2, a1) + b2
    a2 = np.maximum(0, z2) if hidden == "relu" else np.tanh(z2)
    z3 = np.dot(W3, a2) + b3
    a3 = 1 / (1 + np.exp(-z3))
    return a3, (z1, a1, W1, b1, z2, a2, W2, b2, z3, a3, W3, b3)


def bare_loss(a3, Y):
    logprobs = np.multiply(-np.log(a3), Y) + np.multiply(-np.log(1 - a3), 1 - Y)
    return 1.0 / Y.shape[1] * np.nansum(logprobs)


def bare_backward(X, Y, cache, hidden):
    _z1, a1, _W1, _b1, _z2, a2, W2, _b2, _z3, a3, W3, _b3 = cache
    dz3 = 1.0 / X.shape[1] * (a3 - Y)
    dW3 = np.dot(dz3, a2.T)
    db3 = np.sum(dz3, axis=1, keepdims=True)
    da2 = np.dot(W3.T, dz3)
    dz2 = np.multiply(da2, np.int64(a2 > 0)) if hidden == "relu" else da2 * (1 - a2 * a2)
    dW2 = np.dot(dz2, a1.T)
    db2 = np.sum(dz2, axis=1, keepdims=True)
    da1 = np.dot(W2.T, dz2)
    dz1 = np.multiply(da1, np.int64(a1 > 0)) if hidden == "relu" else da1 * (1 - a1 * a1)
    dW1 = np.dot(dz1, X.T)
    db1 = np.sum(dz1, axis=1, keepdims=True)
    return {
        "dz3": dz3, "dW3": dW3, "db3": db3, "da2": da2, "dz2": dz2, "dW2": dW2, "db2": db2,
        "da1": da1, "dz1": dz1, "dW1": dW1, "db1": db1,
    }  # fmt: skip


def bare_update(parameters, gradients, learning_rate):
    updated = {}
    for layer in range(1, len(parameters) // 2 + 1):
        updated[f"W{layer}"] = parameters[f"W{layer}"] - learning_rate * gradients[f"dW{layer}"]
        updated[f"b{layer}"] = parameters[f"b{layer}"] - learning_rate * gradients[f"db{layer}"]
    return updated


def matrix_products(X, parameters, iterations):
    """The matrix products of the wide net and nothing else: what no loop can do without."""
    W1, W2, W3 = (parameters[f"W{layer}"] for layer in (1, 2, 3))
    small = np.ones((5, X.shape[1]))
    for _ in range(iterations):
        np.dot(W1, X), np.dot(W2, small), np.dot(W3, small)
        np.dot(small[:1], small.T), np.dot(W3.T, small[:1])
        np.dot(small, small.T), np.dot(W2.T, small)
        np.dot(small, X.T)


def float32_steps(X, Y, parameters, learning_rate, iterations):
    """The compiled loop in float32; returns a function that runs it once."""
    from numba import types

    from init_utils import compiled
    from init_utils.engines import CompiledEngine

    take_steps = compiled.compile_for(types.float32, cache=False)
    layers = [(parameters[f"W{layer}"], parameters[f"b{layer}"]) for layer in (1, 2, 3)]

    def run():
        engine = CompiledEngine(X, Y.astype(float), layers, learning_rate, "relu")
        arguments = [
            value.astype(np.float32) if getattr(value, "dtype", None) == np.float64 else value
            for value in engine._arguments
        ]
        take_steps(iterations, *arguments)
        weights = arguments[5]
        return weights, engine

    return run


def best_times(jobs: dict[str, Callable[[], object]], turns: int) -> dict[str, float]:
    """Seconds of each job: the best of several turns, taken in rotation."""
    best = dict.fromkeys(jobs, float("inf"))
    for _ in range(turns):
        for name, job in jobs.items():
            begin = time.perf_counter()
            job()
            best[name] = min(best[name], time.perf_counter() - begin)
    return best


def small_net(turns: int) -> list[tuple[str, float, str]]:
    """Rows for the published net."""
    data = datasets.load()
    X, Y = data.train_X, data.train_Y
    kernel.warm()
    he = start(LAYERS)
    options = {"memo": False, "watch": QUIET}
    three = [start(LAYERS), start(LAYERS, scale=10.0), {k: 0 * v for k, v in start(LAYERS).items()}]
    many = [start(LAYERS, seed) for seed in range(100)]
    jobs: dict[str, Callable[[], object]] = {
        "bare": lambda: bare_loop(X, Y, he, 0.01, ITERATIONS // PART),
        "loop": lambda: public_loop(X, Y, he, 0.01, ITERATIONS // PART),
        "bare, tanh": lambda: bare_loop(X, Y, he, 0.01, ITERATIONS // PART, "tanh"),
        "loop, tanh": lambda: public_loop(X, Y, he, 0.01, ITERATIONS // PART, "tanh"),
        "numpy": lambda: train(X, Y, he, 0.01, ITERATIONS // PART, engine="numpy", **options),
    }
    seconds = {name: PART * part for name, part in best_times(jobs, TURNS_PER_PART * turns).items()}
    if kernel.available():
        jobs = {
            "compiled": lambda: train(X, Y, he, engine="compiled", **options),
            "compiled, tanh": lambda: train(X, Y, he, engine="compiled", hidden="tanh", **options),
            "float32": float32_steps(X, Y, he, 0.01, ITERATIONS),
            "3 in turn": lambda: train_many(three, X, Y, threads=1, watch=QUIET),
            "3, 2 threads": lambda: train_many(three, X, Y, threads=2, watch=QUIET),
        }
        seconds |= best_times(jobs, turns)
        hundred = {
            "100, 1 thread": lambda: train_many(many, X, Y, threads=1, watch=QUIET),
            "100, 2 threads": lambda: train_many(many, X, Y, threads=2, watch=QUIET),
        }
        seconds |= best_times(hundred, 1)
    rows = [
        ("bare NumPy loop, unchecked", seconds["bare"], ratio(seconds, "bare", "bare")),
        ("**published loop** (four public functions)", seconds["loop"], ratio(seconds, "loop", "bare")),
        ("published loop, tanh", seconds["loop, tanh"], ratio(seconds, "loop, tanh", "bare, tanh")),
        ("NumPy engine", seconds["numpy"], speed(seconds, "numpy", "loop")),
    ]
    if "compiled" in seconds:
        rows += [
            ("**compiled engine**", seconds["compiled"], speed(seconds, "compiled", "loop")),
            (
                "compiled engine, tanh",
                seconds["compiled, tanh"],
                speed(seconds, "compiled, tanh", "loop, tanh"),
            ),
            ("compiled loop in float32 (not used)", seconds["float32"], speed(seconds, "float32", "loop")),
            ("3 runs, 1 thread", seconds["3 in turn"], "1.00 x one after another"),
            (
                "3 runs, 2 threads",
                seconds["3, 2 threads"],
                f"{seconds['3, 2 threads'] / seconds['3 in turn']:.2f} x one after another",
            ),
            ("100 runs, 1 thread", seconds["100, 1 thread"], "1.00 x one after another"),
            (
                "100 runs, 2 threads",
                seconds["100, 2 threads"],
                f"{seconds['100, 2 threads'] / seconds['100, 1 thread']:.2f} x one after another",
            ),
        ]
    return rows


def wide_net(turns: int, iterations: int) -> list[tuple[str, float, str]]:
    """Rows for 67,500 inputs and 100 examples."""
    # Photographs, not noise: on noise descent is chaotic, and even reordering the examples changes the costs.
    X, Y, _, _ = load_image_dataset(n_test=2)
    he = start(WIDE_LAYERS)
    costs = {}

    costs["loop"] = train(
        X, Y, he, 0.001, iterations, hidden="tanh", record_every=iterations - 1, engine="numpy", memo=False
    ).history.costs[-1]  # the bits of the loop over the public functions

    def engine():
        run = Descent(X, Y, he, 0.001, hidden="tanh")
        run.advance(iterations - 1)
        costs["engine"] = run.record().published_cost
        run.advance(1)
        return run.parameters

    part = max(1, iterations // 10)
    seconds = best_times(
        {
            "products": lambda: matrix_products(X, he, part),
            "loop": lambda: public_loop(X, Y, he, 0.001, part, "tanh"),
            "engine": engine,
        },
        turns,
    )
    seconds |= {name: iterations / part * seconds[name] for name in ("products", "loop")}
    difference = abs(costs["engine"] / costs["loop"] - 1)
    return [
        ("bare matrix products", seconds["products"], "1.00 x bare products"),
        ("published loop", seconds["loop"], f"{seconds['loop'] / seconds['products']:.2f} x bare products"),
        (
            "wide engine, decomposition and last W1 included",
            seconds["engine"],
            f"{speed(seconds, 'engine', 'loop')}; cost differs by {difference:.0e}",
        ),
    ]


def ratio(seconds: dict[str, float], name: str, base: str) -> str:
    return f"{seconds[name] / seconds[base]:.2f} x bare loop"


def speed(seconds: dict[str, float], name: str, base: str) -> str:
    return f"{seconds[base] / seconds[name]:.1f} times as fast as the published loop"


def table(rows: list[tuple[str, float, str]]) -> str:
    lines = ["| what | seconds | in this run |", "| --- | ---: | --- |"]
    return "\n".join(lines + [f"| {what} | {seconds:.3f} | {note} |" for what, seconds, note in rows])


def report(small: str, wide: str, iterations: int, load: tuple[float, float]) -> str:
    processor = platform.processor() or platform.machine()
    names = [key for key in sorted(os.environ) if key.startswith(("OPENBLAS_", "OMP_", "MKL_"))]
    settings = ", ".join(f"{key}={os.environ[key]}" for key in names) or "none"
    return f"""# Training speed

Written by `python benchmarks/training.py` (`make bench`). Python {platform.python_version()},
NumPy {np.__version__}, {os.cpu_count()} cores ({processor}), BLAS settings: {settings}.
Load of the machine (1 minute average): {load[0]:.1f} before and {load[1]:.1f} after; on a quiet machine it is
near 0 before. Above 0 two threads have less than two cores to themselves, and their rows say little.
Each time is wall time, the best of 15 turns; loops over the public functions, and bare ones, the best of 300
turns over a hundredth of their iterations.

## The published net: 2-10-5-1, 300 points, {ITERATIONS:,} iterations

{small}

- One run stays on one thread: an iteration takes about 4 microseconds, less than waking another thread
  twice would. Two threads are for two runs.
- float32 is not used: its He cost at iteration 14,000 is off by 3e-5, and the engine keeps nine digits.

## 67,500 inputs: 67500-5-5-1 tanh, 100 examples, {iterations} iterations

{wide}
"""


def main() -> int:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument(
        "--quick", action="store_true", help="one turn, fewer wide iterations; writes nothing"
    )
    parser.add_argument("--output", type=Path, default=Path(__file__).with_suffix(".md"))
    arguments = parser.parse_args()
    load = os.getloadavg()[0] if hasattr(os, "getloadavg") else float("nan")
    iterations = 20 if arguments.quick else 200
    small = table(small_net(1 if arguments.quick else 15))
    wide = table(wide_net(1 if arguments.quick else 15, iterations))
    after = os.getloadavg()[0] if hasattr(os, "getloadavg") else float("nan")
    text = report(small, wide, iterations, (load, after))
    print(text)
    if not arguments.quick:
        arguments.output.write_text(text, encoding="utf-8")
        print(f"Written to {arguments.output}.")
    return 0


if __name__ == "__main__":
    sys.exit(main())
