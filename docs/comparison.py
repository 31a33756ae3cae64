"""Write docs/comparison.md: every published figure that this coursework reproduces, next to ours.

The published figures are those of tests/data/published.json; ours come from the instructor's notebooks and
from `init_utils`, run now. Takes about a quarter of a minute.

    python docs/comparison.py [FILE]
"""

from __future__ import annotations

import itertools
import json
import math
import sys
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

import numpy as np
from solutions import ROOT, instructor_functions

from init_utils import (
    backward_propagation,
    compute_loss,
    datasets,
    forward_propagation,
    load_image_dataset,
    predict_dec,
    train,
    update_parameters,
)

PUBLISHED = json.loads((ROOT / "tests" / "data" / "published.json").read_text(encoding="utf-8"))
NAMES = ("zeros", "random", "he")
IMAGES_LEARNING_RATE = 0.002  # one for all four; the published one is not known
IMAGES_METHODS = (("zeros", "zeros"), ("random_x10", "random"), ("he", "he"), ("xavier", "xavier"))

HEAD = """\
# Published figures and ours

Written by `python docs/comparison.py`, never by hand. The published figures are those of the exercise as
it has been published and copied for years, and of one experiment on photographs. Ours are computed from
the instructor's notebooks in `source/` and from `init_utils`.
"""

TRACES = """\
Layers 2-10-5-1, ReLU, learning rate 0.01, 300 points. *Loop* is a loop over the four public functions in
the published order of operations; *train* is `init_utils.train`, the fast engine. The random run is
chaotic: reordering the examples alone moves its later costs by 0.4 % in the median and 3 % at worst, so
its last digits differ between machines. The tests ask for 1e-12 (zeros, he) and 5 % (random).
"""
FOUR_WAYS = f"""\
Layers 67500-5-5-1, tanh, 1,000 iterations. The published photographs may not be redistributed, so ours
are others (crops of scikit-learn's two sample pictures), and only the pattern can agree: zeros stay at ln
2, the large random start falls slowly from far above and ends there, He and Xavier learn all hundred
pictures. Our learning rate is {IMAGES_LEARNING_RATE} for all four; the published one is not known.
`tests/test_assignment_deeper.py` asks for the pattern in each of ten seeds.
"""


def expected_outputs() -> Iterator[str]:
    """The example calls of the exercises: printed numbers against ours."""
    functions = instructor_functions("initialization")
    yield "## Expected outputs of the exercises\n"
    yield "Published with eight decimals: a deviation up to 5e-9 is rounding.\n"
    rows = []
    for name in NAMES:
        published = PUBLISHED["initializers"][name]
        ours = functions[f"initialize_parameters_{name}"](list(published["layers_dims"]))
        for key in ("W1", "b1", "W2", "b2"):
            deviation = float(np.abs(np.array(published[key], dtype=float) - ours[key]).max())
            shape = " × ".join(str(size) for size in ours[key].shape)
            rows.append((name, str(published["layers_dims"]), key, shape, f"{deviation:.1e}"))
    yield from table(("start", "layers_dims", "array", "shape", "largest deviation"), rows)


def traces() -> Iterator[str]:
    """Costs every 1,000 iterations of the three runs, and accuracies."""
    functions = instructor_functions("initialization")
    data = datasets.load()
    network = PUBLISHED["network"]
    yield "## Three runs of 15,000 iterations\n"
    yield TRACES
    accuracies = []
    for name in NAMES:
        start = functions[f"initialize_parameters_{name}"](list(network["layers_dims"]))
        published = PUBLISHED["training"][name]
        looped, final = _loop(data.train_X, data.train_Y, start, network)
        fast = train(data.train_X, data.train_Y, start, network["learning_rate"], network["num_iterations"])
        yield f"### {name}\n"
        rows = []
        for iteration, cost in published["cost_at_iteration"].items():
            ours = looped[int(iteration)]
            quick = fast.history.costs[int(iteration) // 1000]
            rows.append((iteration, cost, six(ours), relative(cost, ours), six(quick), relative(cost, quick)))
        yield from table(("iteration", "published", "loop", "deviation", "train", "deviation"), rows)
        for part, X, Y in (("train", data.train_X, data.train_Y), ("test", data.test_X, data.test_Y)):
            figures = [_accuracy(parameters, X, Y) for parameters in (final, fast.parameters)]
            published_accuracy = published[f"{part}_accuracy"]
            worst = max(abs(figure - published_accuracy) for figure in figures)
            shown = (percent(figure) for figure in (published_accuracy, *figures))
            accuracies.append((name, part, *shown, f"{worst:.1e}"))
    yield "### Accuracies\n"
    yield from table(("start", "points", "published", "loop", "train", "largest deviation"), accuracies)


def four_ways() -> Iterator[str]:
    """The four starts on photographs: the published table, and ours on other photographs."""
    initialize = instructor_functions("deeper")["initialize_parameters"]
    published = PUBLISHED["deep_images"]
    data = load_image_dataset()
    yield "## Four starts on photographs of 67,500 numbers\n"
    yield FOUR_WAYS
    runs = {
        theirs: train(
            data.train_X,
            data.train_Y,
            initialize(list(published["layers_dims"]), method, "tanh"),
            IMAGES_LEARNING_RATE,
            published["iterations"],
            hidden="tanh",
            record_every=published["cost_every"],
        )
        for theirs, method in IMAGES_METHODS
    }
    rows = []
    for name, run in runs.items():
        accuracy = _accuracy(run.parameters, data.train_X, data.train_Y, hidden="tanh")
        rows.append(
            (
                name,
                " → ".join(six(float(published[name]["cost"][place])) for place in (0, -1)),
                " → ".join(six(run.history.costs[place]) for place in (0, -1)),
                f"{100 * published[name]['accuracy']:.0f} %",
                percent(accuracy),
                f"{100 * (accuracy - published[name]['accuracy']):+.1f} points",
            )
        )
    yield from table(
        (
            "start",
            "cost at 0 → 900, published",
            "ours",
            "train accuracy, published",
            "ours",
            "deviation",
        ),
        rows,
    )
    yield "Cost every 100 iterations, published / ours / difference:\n"
    yield from table(
        ("iteration", *runs),
        [
            (
                str(100 * index),
                *(
                    f"{six(float(published[name]['cost'][index]))} / {six(run.history.costs[index])} / "
                    f"{run.history.costs[index] - float(published[name]['cost'][index]):+.6f}"
                    for name, run in runs.items()
                ),
            )
            for index in range(len(published["zeros"]["cost"]))
        ],
    )


def six(cost: float) -> str:
    """A cost with six decimals; `inf` as it is."""
    return f"{float(cost):.6f}"


def percent(accuracy: float) -> str:
    """An accuracy as the notebooks print it.

    >>> percent(0.9933)
    '99.3 %'
    """
    return f"{100 * accuracy:.1f} %"


def relative(published: str, ours: float) -> str:
    """The relative deviation as text; `0` when both are the same number, infinite ones too."""
    wanted = float(published)
    if wanted == ours:
        return "0"
    return f"{abs(ours - wanted) / abs(wanted):.1e}" if math.isfinite(ours) else "not finite"


def table(head: Sequence[str], rows: Sequence[Sequence[str]]) -> Iterator[str]:
    """Lines of a Markdown table and an empty one."""
    for row in itertools.chain((head, ["---"] * len(head)), rows):
        yield "| " + " | ".join(row) + " |"
    yield ""


def _loop(X: Any, Y: Any, parameters: Any, network: Any) -> tuple[list[float], Any]:
    costs = []
    for _ in range(network["num_iterations"]):
        a3, cache = forward_propagation(X, parameters)
        costs.append(float(compute_loss(a3, Y)))
        grads = backward_propagation(X, Y, cache)
        parameters = update_parameters(parameters, grads, network["learning_rate"])
    return costs, parameters


def _accuracy(parameters: Any, X: Any, Y: Any, hidden: Any = "relu") -> float:
    return float(np.mean(predict_dec(parameters, X, hidden=hidden) == Y))


def main(words: list[str]) -> None:
    """Write the page."""
    path = Path(words[0]) if words else ROOT / "docs" / "comparison.md"
    lines = itertools.chain([HEAD], expected_outputs(), traces(), four_ways())
    path.write_text("\n".join(lines).rstrip("\n") + "\n", encoding="utf-8")


if __name__ == "__main__":
    main(sys.argv[1:])
