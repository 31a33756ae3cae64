"""Calls every public name of `init_utils` where something is missing: `python -m tests.public_names numba`.

Run in a process of its own, because what is missing must be missing from the first import on. `test_without`
starts it, and compares what was called with `init_utils.__all__`.
"""

from __future__ import annotations

import importlib.util
import json
import sys
import threading
import time
from collections.abc import Callable
from concurrent import futures
from typing import Any

JUPYTER = (
    "ipykernel", "jupyter_client", "jupyter_core", "jupyter_server", "jupyterlab", "nbclient", "nbconvert",
    "nbformat", "notebook",
)  # fmt: skip


def hide_modules(*names: str) -> None:
    """Importing them fails, and looking for them finds nothing, as where they are not installed."""
    for name in names:
        sys.modules[name] = None
        assert importlib.util.find_spec(name) is None


def hide_threads() -> None:
    """No thread starts, no pool of threads can be made, and there is no clock of one, as in WebAssembly."""

    def refuse(*_arguments: Any, **_options: Any) -> None:
        raise RuntimeError("can't start new thread")

    threading.Thread.start = refuse
    futures.ThreadPoolExecutor.__init__ = refuse
    del time.thread_time


HIDE: dict[str, Callable[[], None]] = {
    "numba": lambda: hide_modules("numba", "llvmlite"),
    "threads": hide_threads,
    "JupyterLab": lambda: hide_modules(*JUPYTER),
}


def call_all() -> dict[str, Any]:
    """What each public name gave, in words of JSON."""
    import matplotlib

    matplotlib.use("agg")
    import numpy as np

    import init_utils as iu

    X, Y, test_X, test_Y = iu.load_dataset(is_plot=False)
    X, Y, test_X, test_Y = X[:, :20], Y[:, :20], test_X[:, :10], test_Y[:, :10]

    def start(layers_dims: list[int]) -> dict[str, Any]:
        np.random.seed(3)
        return {
            key: value
            for layer in range(1, len(layers_dims))
            for key, value in (
                (f"W{layer}", np.random.randn(layers_dims[layer], layers_dims[layer - 1])),
                (f"b{layer}", np.zeros((layers_dims[layer], 1))),
            )
        }

    parameters = start([2, 3, 1])
    a, cache = iu.forward_propagation(X, parameters)
    gradients = iu.backward_propagation(X, Y, cache)
    result = iu.train(X, Y, parameters, 0.1, 30, record_every=10, memo=False)
    many = iu.train_many([parameters] * 3, X, Y, 0.1, 30, record_every=10, threads=3)
    seen: list[int] = []

    def saw(record: Any) -> None:
        seen.append(record.iteration)

    iu.train(X, Y, parameters, 0.1, 30, record_every=10, watch=iu.Watch(progress=False, callback=saw))
    try:
        iu.train(X, Y, {"W1": np.ones((1, 3)), "b1": np.zeros((1, 1))})
    except iu.ParameterError as error:
        refusal = str(error)
    return {
        "sigmoid": float(iu.sigmoid(0)),
        "relu": float(iu.relu(-1.0)),
        "forward_propagation": a.shape,
        "backward_propagation": sorted(gradients),
        "compute_loss": float(iu.compute_loss(a, Y)),
        "compute_stable_loss": float(iu.compute_stable_loss(np.zeros((1, 2)), np.array([[0, 1]]))),
        "update_parameters": sorted(iu.update_parameters(parameters, gradients, 0.1)),
        "predict": iu.predict(X, Y, parameters).shape,
        "predict_dec": iu.predict_dec(parameters, X).shape,
        "load_dataset": [array.shape for array in iu.load_dataset()],
        "plot_decision_boundary": iu.plot_decision_boundary(lambda x: iu.predict_dec(parameters, x.T), X, Y),
        "plot_costs": type(iu.plot_costs({"run": result.history})).__name__,
        "train": result.history.costs.tolist(),
        "train_many": [
            one.history.costs.tolist() == result.history.costs.tolist()
            and all(np.array_equal(one.parameters[key], result.parameters[key]) for key in parameters)
            for one in many
        ],
        "Watch": seen,
        "descend": [record.iteration for record in iu.descend(X, Y, parameters, 0.1, 5, record_every=2)],
        "load_image_dataset": iu.load_image_dataset(n_train=4, n_test=2, side=4)[0].shape,
        "ParameterError": refusal,
        "hand_in": repr(iu.hand_in()),
        "lab": use_lab(iu.lab, start),
    }


def use_lab(lab: Callable[..., Any], initializer: Callable[[list[int]], Any]) -> dict[str, Any]:
    """What every button of a lab leaves behind."""
    one = lab(mine=initializer, compare=["mine", "Xavier"], iterations=40, points=40, strip_seeds=3)
    one.step()
    stepped = one.session.iteration
    one.train()
    trained = one.session.iteration, str(one.status)
    one.compare_seeds()
    strip, compared = one.strip, str(one.status)
    one.reset()
    one.new_seed()
    return {
        "step": stepped,
        "train": trained,
        "compare_seeds": [strip["done"], strip["total"], compared],
        "costs": [len(set(row["costs"])) for row in strip["rows"]],
        "run": [summary.cost is not None for summary in one.run(block=True)],
        "shown": sorted(one._repr_mimebundle_()),
    }


if __name__ == "__main__":
    HIDE[sys.argv[1]]()
    sys.stdout.write("\n" + json.dumps(call_all()))
