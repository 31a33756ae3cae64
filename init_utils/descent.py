"""One run of gradient descent that can be paused, looked at and resumed, and the records it gives.

`Descent` is what the lab drives and what `training` is written over. It imports no widget and no pyplot.
"""

from __future__ import annotations

import time
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np

from init_utils.checks import ParameterError, as_examples, as_labels, layers_of
from init_utils.engines import make_engine
from init_utils.network import Array, Hidden, compute_loss, compute_stable_loss, hidden_activation

# Work between two looks at the stop signal; a fifth of a second is felt, 20 ms is the limit asked for.
SLICE_S = 0.008


def _work_s() -> float:
    """Seconds that this thread has worked; of the process where Python has no threads (WebAssembly)."""
    return time.thread_time() if hasattr(time, "thread_time") else time.process_time()


@dataclass(frozen=True)
class ActivationSpread:
    """How one layer's activations are spread over units and examples.

    Attributes
    ----------
    mean, std : float
        Of all activations of the layer.
    saturated : float
        Share, in [0, 1], of units and examples that pass (almost) no gradient: activation exactly 0 for ReLU,
        |a| > 0.99 for tanh, outside [0.01, 0.99] for the sigmoid of the output layer.
    """

    mean: float
    std: float
    saturated: float


@dataclass(frozen=True)
class StepRecord:
    """One look at a run.

    Attributes
    ----------
    iteration : int
        Steps taken before this look.
    cost : float
        Mean cross-entropy in nats from the last pre-activation: finite while the parameters are.
    gradient_norms : tuple of float
        Frobenius norm of dW1, ..., dWL; exactly 0.0 where the layer cannot move.
    activations : tuple of ActivationSpread, or None
        One a layer, when asked for.
    published_cost : float
        The same cost as the published `compute_loss` gives it: inf where an output is saturated and wrong.
    bias_gradient_norms : tuple of float
        Norm of db1, ..., dbL.
    """

    iteration: int
    cost: float
    gradient_norms: tuple[float, ...]
    activations: tuple[ActivationSpread, ...] | None = None
    published_cost: float = float("nan")
    bias_gradient_norms: tuple[float, ...] = ()


class Descent:
    """Full-batch gradient descent from one start.

    Parameters
    ----------
    X : (n_x, m) float
    Y : (1, m), 0 or 1
    parameters : dict
        W1, b1, ..., WL, bL in any accepted form; copied, extra keys left out.
    learning_rate : float
    hidden : "relu" or "tanh"
    engine : "auto", "compiled", "numpy" or "wide"
        The choice is made here, once: a run never changes engines. `.engine` says which it is.

    Raises
    ------
    ParameterError, ValueError
        As `forward_propagation` and `compute_loss` do.

    >>> start = {"W1": np.zeros((1, 1)), "b1": np.zeros((1, 1))}
    >>> run = Descent(np.ones((1, 2)), np.array([[1, 1]]), start, learning_rate=1.0)
    >>> run.advance(1)
    >>> run.iteration, run.parameters["W1"].tolist()
    (1, [[0.5]])
    """

    def __init__(
        self,
        X: Any,
        Y: Any,
        parameters: Mapping[str, Any],
        learning_rate: float = 0.01,
        *,
        hidden: Hidden = "relu",
        engine: str = "auto",
    ) -> None:
        hidden_activation(hidden)  # refuses an unknown name
        X = as_examples(X).astype(np.float64, copy=False)
        layers = layers_of(parameters, X.shape[0])
        if layers[-1][0].shape[0] != 1:
            raise ParameterError(
                f"W{len(layers)} has {layers[-1][0].shape[0]} rows; expected 1: the output layer has "
                "one unit, the probability of class 1. Is the last entry of layers_dims 1?"
            )
        self._Y = as_labels(Y, X[:1]).astype(np.float64, copy=False)
        self._hidden = hidden
        self._engine = make_engine(engine, X, self._Y, layers, float(learning_rate), hidden)
        self._steps_per_s = 2000.0
        self.iteration = 0

    @property
    def engine(self) -> str:
        """The engine that takes the steps: "compiled", "numpy" or "wide"."""
        return self._engine.name

    @property
    def parameters(self) -> dict[str, Array]:
        """Copies of the present ones, float64."""
        return self._engine.parameters()

    def advance(self, steps: int) -> None:
        """Take `steps` steps; bit-identical however the steps are cut."""
        self._engine.advance(steps)
        self.iteration += steps

    def advance_within(self, steps: int, seconds: float = SLICE_S) -> int:
        """Take as many steps as fit in about `seconds` of work, from 1 to `steps`; return how many."""
        taken = max(1, min(steps, int(self._steps_per_s * seconds)))
        start = _work_s()  # work, not waiting: a busy machine must not make slices tiny
        self.advance(taken)
        measured = taken / max(_work_s() - start, 1e-6)
        # A slow slice counts at once; a fast one at most doubles the next, so that no guess overshoots.
        self._steps_per_s = min(measured, 2 * self._steps_per_s)
        return taken

    def record(self, *, activations: bool = False) -> StepRecord:
        """Cost and gradient norms at the present parameters, and the layers' activations on request."""
        seen = self._engine.look()
        return StepRecord(
            iteration=self.iteration,
            cost=compute_stable_loss(seen.z[-1], self._Y),
            gradient_norms=seen.norms,
            activations=self._spreads(seen.a) if activations else None,
            published_cost=float(compute_loss(seen.a[-1], self._Y)),
            bias_gradient_norms=seen.bias_norms,
        )

    def _spreads(self, activations: list[Array]) -> tuple[ActivationSpread, ...]:
        spreads = []
        for layer, a in enumerate(activations, start=1):
            if layer == len(activations):
                saturated = (a < 0.01) | (a > 0.99)
            else:
                saturated = a == 0 if self._hidden == "relu" else np.abs(a) > 0.99
            with np.errstate(all="ignore"):
                spreads.append(ActivationSpread(float(a.mean()), float(a.std()), float(saturated.mean())))
        return tuple(spreads)
