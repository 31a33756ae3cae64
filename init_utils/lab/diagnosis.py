"""A run in words: a state and at most one cause, from facts that hold now.

Two tables of conditions; of each the first that holds gives its words. The facts are those of the training
points. Nothing is said of the start unless it is still so. A sentence has two lines below a picture: a state
that is followed by a cause is said shorter.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import NamedTuple

from init_utils.lab.facts import LayerFacts
from init_utils.lab.words import percent

LOOKING_BACK = 1_000  # iterations over which a cost is said to fall, rise or stand still
MOVING = 0.01  # relative change of the cost in that time
LEARNED = 0.95  # share of right answers ...
LEARNED_EACH = 0.9  # ... and of those in each class: answering the larger class alone is not learning
GAP = 0.1  # between right answers on training and test points, worth a word
ROUNDING = 1e-12  # a bias whose gradient is below it does not move
UNREACHED = 0.1  # share of points that reach no neuron, worth a word ...
UNREACHED_WRONG = 0.5  # ... if so many of them get the wrong answer
CONFIDENT_WRONG = 0.1  # share of points, worth a word


@dataclass(frozen=True)
class Evidence:
    """The facts that a diagnosis is made from.

    Attributes
    ----------
    iteration, earlier : int
        Now, and the moment `LOOKING_BACK` iterations ago or the nearest one before it that was kept.
    cost, earlier_cost : float
    norms, bias_norms : sequence of float
        Gradient norms of each W and b now.
    train_accuracy, test_accuracy, worst_class : float
        Shares of right answers; `worst_class` in the training points' class that has the smaller one.
    confident_wrong : float
        Share of the training points that are wrong with a probability above 0.99.
    layers : sequence of LayerFacts
        Of each hidden layer.
    hidden : str
        `relu` or `tanh`.
    """

    iteration: int
    earlier: int
    cost: float
    earlier_cost: float
    norms: Sequence[float]
    bias_norms: Sequence[float]
    train_accuracy: float
    test_accuracy: float
    worst_class: float
    confident_wrong: float
    layers: Sequence[LayerFacts]
    hidden: str


Condition = Callable[[Evidence], bool]
Words = Callable[[Evidence], str]


def diagnose(evidence: Evidence) -> str:
    """The state, and its cause unless the run has learned.

    Examples
    --------
    >>> silent = LayerFacts(10, 10, 1.0, 0.5, True)
    >>> diagnose(Evidence(9, 0, 0.7, 0.7, (0.0,), (0.0,), 0.5, 0.5, 0.0, 0.0, [silent], "relu"))
    'cannot move; layer 1 is silent'
    """
    state = next(state for state in STATES if state.holds(evidence))
    cause = next((words for holds, words in CAUSES if holds(evidence)), None)
    if cause is None or state.before_cause is None:
        return state.alone(evidence)
    return f"{state.before_cause(evidence)}; {cause(evidence)}"


def _change(evidence: Evidence) -> float:
    """Of the cost since `earlier`, as a share of it; negative while it falls."""
    return evidence.cost / evidence.earlier_cost - 1 if evidence.earlier_cost else 0.0


def _change_in_words(evidence: Evidence) -> str:
    steps = evidence.iteration - evidence.earlier
    if _change(evidence) == 0:
        return f"the cost has not changed in {steps:,} steps"
    return f"{_size_of_change(evidence)} in {steps:,} steps"


def _size_of_change(evidence: Evidence) -> str:
    change = _change(evidence)
    size = abs(change)
    shown = percent(size) if size >= MOVING else percent(size, 1)
    return f"cost {'down' if change < 0 else 'up'} {shown}"


def _moves_output_bias(evidence: Evidence) -> bool:
    return max(evidence.bias_norms) > ROUNDING


def _cannot_move(evidence: Evidence) -> str:
    if _moves_output_bias(evidence):
        return "cannot move but for the output bias"
    return "cannot move: weight gradients exactly 0"


def _cannot_move_shortly(evidence: Evidence) -> str:
    return f"only b{len(evidence.norms)} moves" if _moves_output_bias(evidence) else "cannot move"


def _learned(evidence: Evidence) -> str:
    right = percent(evidence.train_accuracy, 1)
    if evidence.train_accuracy - evidence.test_accuracy > GAP:
        new = percent(evidence.test_accuracy, 1)
        return f"learned: {right} of training, {new} of test points right"
    return f"learned: {right} of the training points right"


def _first(evidence: Evidence, holds: Callable[[LayerFacts], bool]) -> int:
    """The number of the first hidden layer of which it holds; 0 if of none."""
    return next((number for number, layer in enumerate(evidence.layers, start=1) if holds(layer)), 0)


def _is_silent(layer: LayerFacts) -> bool:
    return layer.silent == layer.size


def _is_passed_by(layer: LayerFacts) -> bool:
    return layer.unreached >= UNREACHED and layer.unreached_wrong >= UNREACHED_WRONG


def _is_alike(layer: LayerFacts) -> bool:
    return layer.alike


def _silent_words(evidence: Evidence) -> str:
    quality = "silent" if evidence.hidden == "relu" else "saturated"
    return f"layer {_first(evidence, _is_silent)} is {quality}"


def _passed_by_words(evidence: Evidence) -> str:
    number = _first(evidence, _is_passed_by)
    quality = "silent" if evidence.hidden == "relu" else "saturated"
    return f"layer {number} is {quality} for {percent(evidence.layers[number - 1].unreached)} of the points"


def _alike_words(evidence: Evidence) -> str:
    number = _first(evidence, _is_alike)
    return f"all {evidence.layers[number - 1].size} neurons of layer {number} are alike"


class State(NamedTuple):
    """What a run does, as one row of `STATES`.

    Attributes
    ----------
    holds : callable
    alone : callable
        Its words.
    before_cause : callable or None
        Its words where a cause follows; None: no cause is said.
    """

    holds: Condition
    alone: Words
    before_cause: Words | None


STATES: tuple[State, ...] = (
    State(
        lambda e: not all(map(math.isfinite, (e.cost, *e.norms, *e.bias_norms))),
        lambda e: "diverged: numbers overflow",
        None,
    ),
    State(lambda e: max(e.norms) == 0, _cannot_move, _cannot_move_shortly),
    State(lambda e: e.iteration == 0, lambda e: "not trained yet", lambda e: "not trained yet"),
    State(lambda e: e.train_accuracy >= LEARNED and e.worst_class >= LEARNED_EACH, _learned, None),
    State(lambda e: abs(_change(e)) >= MOVING, lambda e: f"moving: {_change_in_words(e)}", _size_of_change),
    State(lambda e: True, lambda e: f"stands still: {_change_in_words(e)}", lambda e: "stands still"),
)
CAUSES: tuple[tuple[Condition, Words], ...] = (
    (lambda e: _first(e, _is_silent) > 0, _silent_words),
    (lambda e: _first(e, _is_passed_by) > 0, _passed_by_words),
    (lambda e: _first(e, _is_alike) > 0, _alike_words),
    (
        lambda e: e.confident_wrong >= CONFIDENT_WRONG,
        lambda e: f"{percent(e.confident_wrong)} of the points are confident and wrong",
    ),
)
