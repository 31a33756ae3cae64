"""Draw docs/boundaries.png: what the published network has learned after 15,000 steps from three starts.

python docs/make_pictures.py [FILE]
"""

from __future__ import annotations

import sys
from pathlib import Path

import matplotlib as mpl

mpl.use("Agg")

import matplotlib.pyplot as plt
import numpy as np
from solutions import ROOT, instructor_functions

from init_utils import compute_loss, datasets, forward_propagation, predict_dec, train
from init_utils.plotting import curve_style, plot_boundary

LAYERS_DIMS = [2, 10, 5, 1]
STARTS = (
    ("Zeros", "zeros"),
    ("Large random numbers (× 10)", "random"),
    ("He", "he"),
)


def draw_boundaries(path: Path, num_iterations: int = 15000) -> None:
    """Write the three decision boundaries side by side to `path` (PNG)."""
    functions = instructor_functions("initialization")
    data = datasets.load()
    figure, axes = plt.subplots(1, 3, figsize=(12.6, 4.6), layout="constrained")
    for ax, (title, name) in zip(axes, STARTS, strict=True):
        start = functions[f"initialize_parameters_{name}"](list(LAYERS_DIMS))
        parameters, _ = train(data.train_X, data.train_Y, start, num_iterations=num_iterations)
        cost = compute_loss(forward_propagation(data.train_X, parameters)[0], data.train_Y)
        ax.set(xlim=(-1.5, 1.5), ylim=(-1.5, 1.5), aspect="equal")
        plot_boundary(lambda x, parameters=parameters: predict_dec(parameters, x.T), *data[:2], ax)
        shares = [
            np.mean(predict_dec(parameters, X) == Y)
            for X, Y in ((data.train_X, data.train_Y), (data.test_X, data.test_Y))
        ]
        ax.set_title(f"     {title}", fontsize=13, fontweight="bold", loc="left")
        style = {key: curve_style(name)[key] for key in ("color", "marker")}  # as in the lab
        ax.plot(0.025, 1.038, **style, markersize=11, transform=ax.transAxes, clip_on=False)
        ax.set_xlabel(
            f"cost {cost:.6f}, accuracy {100 * shares[0]:.1f} % train, {100 * shares[1]:.1f} % test"
        )
        ax.set_ylabel("")
        ax.set_xticks([])
        ax.set_yticks([])
    figure.savefig(path, dpi=110, metadata={"Software": None})
    plt.close(figure)


if __name__ == "__main__":
    draw_boundaries(Path(sys.argv[1]) if len(sys.argv) > 1 else ROOT / "docs" / "boundaries.png")
