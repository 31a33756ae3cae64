"""A run in words: what its figures show about its start.

A table of conditions; the sentence of the first that holds names what can be seen on screen.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass

CHANCE = math.log(2.0)  # cost of answering 0.5 to everything


@dataclass(frozen=True)
class Evidence:
    """The figures that a diagnosis is made from.

    Attributes
    ----------
    start_cost, cost : float
        At iteration 0 and now.
    start_norms, norms : sequence of float
        Gradient norm of each layer, at iteration 0 and now.
    ranks : sequence of int
        Of each W, now.
    copies : bool
        Whether in some hidden layer of several neurons all neurons have the same weights.
    start_saturated : float
        Share of outputs below 0.01 or above 0.99 at iteration 0.
    train_accuracy, test_accuracy : float
    iteration : int
    """

    start_cost: float
    cost: float
    start_norms: Sequence[float]
    norms: Sequence[float]
    ranks: Sequence[int]
    copies: bool
    start_saturated: float
    train_accuracy: float
    test_accuracy: float
    iteration: int


def _moved(evidence: Evidence) -> float:
    return (evidence.start_cost - evidence.cost) / evidence.start_cost if evidence.start_cost else 0.0


def _ratio(norms: Sequence[float]) -> float:
    return max(norms) / min(norms) if min(norms) > 0 else math.inf


Condition = Callable[[Evidence], bool]
Words = Callable[[Evidence], str]

RULES: tuple[tuple[Condition, Words], ...] = (
    (
        lambda e: not math.isfinite(e.cost) or not all(map(math.isfinite, e.norms)),
        lambda e: "the weights overflowed: a smaller learning rate or gain is needed",
    ),
    (
        lambda e: max(e.norms) == 0 and max(e.start_norms) == 0,
        lambda e: "every gradient is exactly 0: the network cannot move",
    ),
    (
        # With as many examples of each class the last bias's gradient is rounding, not learning.
        lambda e: max(e.norms) < 1e-12 and max(e.start_norms) < 1e-12,
        lambda e: "every gradient is 0 but for rounding: the network cannot move",
    ),
    (
        lambda e: all(rank == 0 for rank in e.ranks),
        lambda e: "all weights stay 0: only the last bias can move",
    ),
    (
        lambda e: e.copies,
        lambda e: "neurons of a layer are copies of each other and stay so: rank 1",
    ),
    (
        lambda e: e.iteration == 0 and e.start_cost > 3 * CHANCE,
        lambda e: (
            f"starts {e.start_cost / CHANCE:,.0f} times above chance: "
            f"{e.start_saturated:.0%} of the outputs saturated"
        ),
    ),
    (
        lambda e: e.iteration == 0 and _ratio(e.start_norms) > 1_000,
        lambda e: f"gradients differ by a factor of {_ratio(e.start_norms):,.0g} between layers",
    ),
    (lambda e: e.iteration == 0, lambda e: "ready: gradients of similar size in every layer"),
    (
        lambda e: e.train_accuracy >= 0.95 and e.train_accuracy - e.test_accuracy > 0.1,
        lambda e: f"fits the training points, less so new ones ({e.test_accuracy:.0%})",
    ),
    (
        lambda e: e.train_accuracy >= 0.95,
        lambda e: f"learned: {e.train_accuracy:.0%} of the training points right",
    ),
    (
        lambda e: e.start_cost > 3 * CHANCE,
        lambda e: f"spent its steps coming down from a cost of {e.start_cost:,.0f}",
    ),
    (
        lambda e: abs(_moved(e)) < 0.01,
        lambda e: f"hardly moves: the cost changed by {abs(_moved(e)):.1%}",
    ),
    (lambda e: _moved(e) < 0, lambda e: "the cost rises: the learning rate is too high"),
    (lambda e: True, lambda e: f"learning: the cost fell by {_moved(e):.0%}"),
)


def diagnose(evidence: Evidence) -> str:
    """The first sentence of `RULES` whose condition holds.

    Examples
    --------
    >>> diagnose(Evidence(0.693, 0.693, (0.0,), (0.0,), (0,), True, 0.0, 0.5, 0.5, 0))
    'every gradient is exactly 0: the network cannot move'
    """
    return next(words(evidence) for condition, words in RULES if condition(evidence))
