"""What can be said of a network at one moment from its training points: silent neurons, unreached points.

A neuron passes a point on if its activation is above 0 (ReLU), or if |a| <= 0.99 (tanh); what it does not
pass on leaves (almost) no gradient behind.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]
Bools = NDArray[np.bool_]

SATURATED_TANH = 0.99  # |a| above it passes nothing on
ALIKE = 1e-6  # largest difference between the neurons of a layer, as a share of its largest activation
CONFIDENT = 0.99  # probability of the answer given


@dataclass(frozen=True)
class LayerFacts:
    """A hidden layer on the training points.

    Attributes
    ----------
    size : int
        Neurons.
    silent : int
        Neurons that pass no point on.
    unreached : float
        Share of the points that no neuron passes on.
    unreached_wrong : float
        Share of the unreached points that get the wrong answer; 0 if there are none.
    alike : bool
        Whether several neurons all give the same activation for every point.
    """

    size: int
    silent: int
    unreached: float
    unreached_wrong: float
    alike: bool


def layer_facts(a: Floats, wrong: Bools, hidden: str) -> LayerFacts:
    """The facts of a hidden layer.

    Parameters
    ----------
    a : float64 array, (n, m)
        Activations on the training points.
    wrong : bool array, (m,)
        Which points get the wrong answer.
    hidden : str
        `relu` or `tanh`.

    Examples
    --------
    >>> layer_facts(np.array([[0.0, 0.0, 2.0], [0.0, 0.0, 0.0]]), np.array([True, False, False]), "relu")
    LayerFacts(size=2, silent=1, unreached=0.6666666666666666, unreached_wrong=0.5, alike=False)
    """
    passed = a > 0 if hidden == "relu" else np.abs(a) <= SATURATED_TANH
    unreached = ~passed.any(axis=0)
    with np.errstate(invalid="ignore"):  # infinite activations
        spread = float(np.max(a.max(axis=0) - a.min(axis=0)))
    return LayerFacts(
        size=len(a),
        silent=int(np.sum(~passed.any(axis=1))),
        unreached=float(unreached.mean()),
        unreached_wrong=float(wrong[unreached].mean()) if unreached.any() else 0.0,
        alike=len(a) > 1 and spread <= ALIKE * float(np.abs(a).max()),
    )


def wrong_answers(outputs: Floats, Y: NDArray[Any]) -> Bools:
    """Which points, (m,), are on the wrong side of 0.5."""
    wrong: Bools = (outputs > 0.5).ravel() != (Y > 0.5).ravel()
    return wrong


def confident_wrong_share(outputs: Floats, Y: NDArray[Any]) -> float:
    """Share of the points whose class gets a probability below 1 - `CONFIDENT`.

    Examples
    --------
    >>> confident_wrong_share(np.array([[0.001, 0.001, 0.6]]), np.array([[1, 0, 1]]))
    0.3333333333333333
    """
    sure = np.maximum(outputs, 1 - outputs) > CONFIDENT
    return float(np.mean(sure.ravel() & wrong_answers(outputs, Y)))


def worst_class_accuracy(outputs: Floats, Y: NDArray[Any]) -> float:
    """Share of right answers in the class that has the smaller one: 0 where one class is never answered."""
    wrong, labels = wrong_answers(outputs, Y), Y.ravel() > 0.5
    return min(float(1 - wrong[labels == one].mean()) for one in np.unique(labels))


def relative_change(W: Floats, before: Floats) -> float:
    """Size of W - `before` against the size of `before`; inf where that was 0 and W is not.

    Examples
    --------
    >>> relative_change(np.array([[3.0, 6.0]]), np.array([[3.0, 4.0]]))
    0.4
    """
    with np.errstate(over="ignore"):
        moved, size = float(np.linalg.norm(W - before)), float(np.linalg.norm(before))
    if moved == 0:
        return 0.0
    return moved / size if size else float("inf")
