"""Pictures: axes in, axes out. The two published plot names draw on the current axes and return None.

`load_dataset` and `plot_decision_boundary` keep the published contract: a cell often ends with the latter,
and a returned value would be printed, or even count as points. Everything else here takes `ax=None` and
returns it. Red is class 0 and blue is class 1, as published; red and blue stay apart in every common kind
of colour blindness, and the points differ in shape as well. Colours and marks of classes and of schemes are
those of `schemes`, as in the lab. Both axes of the plane have one scale: a ring is round.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any

import matplotlib.pyplot as plt
import numpy as np
from matplotlib.axes import Axes
from matplotlib.colors import ListedColormap
from numpy.typing import NDArray

from init_utils import datasets
from init_utils.schemes import CLASSES, MARKS, Identity, dash_of, identify, scheme_of

REGIONS = ListedColormap([one.region for one in CLASSES], name="red_blue")


def load_dataset(is_plot: bool = True) -> datasets.Dataset:
    """The published data, after drawing the training points on the current axes.

    Parameters
    ----------
    is_plot : bool
        False leaves out the picture (a call form of some public copies).

    Returns
    -------
    train_X (2, 300) float64, train_Y (1, 300) int64, test_X (2, 100), test_Y (1, 100)
    """
    data = datasets.load()
    if is_plot:
        plot_points(data.train_X, data.train_Y, plt.gca())
    return data


def plot_decision_boundary(model: Callable[[NDArray[np.float64]], Any], X: Any, y: Any) -> None:
    """Draw a model's two regions and the points on the current axes; a title and limits set before stay.

    Parameters
    ----------
    model : callable
        Takes points (k, 2), returns k classes: `lambda x: predict_dec(parameters, x.T)`.
    X : (2, m) float
    y : (1, m)
    """
    ax = plt.gca()
    plot_boundary(model, X, y, ax)
    if plt.get_backend().lower() in _WINDOWS:
        plt.show()  # as published: a script shows its windows one by one


def plot_boundary(
    model: Callable[[NDArray[np.float64]], Any],
    X: Any,
    y: Any,
    ax: Axes | None = None,
    *,
    resolution: int = 200,
) -> Axes:
    """The axes, with a model's two regions, the boundary between them, and the points.

    Parameters
    ----------
    model, X, y
        As for `plot_decision_boundary`.
    ax : Axes, optional
        The current ones when left out. Limits set before decide what part of the plane is drawn.
    resolution : int
        Grid points a side.

    Raises
    ------
    ValueError
        X does not have two rows, or the model does not return one value a point.
    """
    ax = plt.gca() if ax is None else ax
    X = np.asarray(X)
    if X.ndim != 2 or X.shape[0] != 2:
        raise ValueError(f"X has shape {X.shape}; expected (2, m): only data in the plane can be drawn.")
    spans = [
        _span(ax.get_xlim(), ax.get_autoscalex_on(), X[0]),
        _span(ax.get_ylim(), ax.get_autoscaley_on(), X[1]),
    ]
    across, up = (np.linspace(low, high, resolution) for low, high in spans)
    grid = np.column_stack([axis.ravel() for axis in np.meshgrid(across, up)])
    classes = np.asarray(model(grid))
    if classes.size != len(grid):
        raise ValueError(
            f"the model returned shape {classes.shape} for {len(grid)} points; expected one class a point, "
            "as in plot_decision_boundary(lambda x: predict_dec(parameters, x.T), X, y)."
        )
    regions = classes.reshape(resolution, resolution).astype(float)
    ax.contourf(across, up, regions, levels=[-0.5, 0.5, 1.5], colors=REGIONS.colors, zorder=0)
    if regions.min() < 0.5 < regions.max():
        ax.contour(across, up, regions, levels=[0.5], colors="0.25", linewidths=1.0, zorder=1)
    return plot_points(X, y, ax)


def plot_points(X: Any, y: Any, ax: Axes | None = None) -> Axes:
    """The axes, with the points of class 0 as red discs and of class 1 as blue crosses.

    Parameters
    ----------
    X : (2, m) float
    y : (1, m) or (m,)
    """
    ax = plt.gca() if ax is None else ax
    X, labels = np.asarray(X), np.asarray(y).ravel()
    for value, one in enumerate(CLASSES):
        mine = labels == value
        ax.scatter(
            X[0, mine],
            X[1, mine],
            s=28,
            c=one.colour,
            marker=_marker(one.mark),
            edgecolors="white",
            linewidths=0.6,
            label=f"y = {value} ({one.name})",
            zorder=2,
        )
    ax.set_aspect("equal", adjustable="box")
    ax.set_xlabel("x1")
    ax.set_ylabel("x2")
    return ax


def plot_costs(
    histories: Any, ax: Axes | None = None, *, log: bool = False, title: str | None = None
) -> Axes:
    """The axes, with cost against iteration.

    Parameters
    ----------
    histories : History, or mapping of name to History, or sequence of costs
        Histories come from `training.train`; each has the colour, dash and mark of the scheme
        that it is named after. Bare costs are drawn against their position, labelled as such.
    log : bool
        A logarithmic cost axis. Infinite costs (the published random start) are not drawn; the label says so.
    """
    ax = plt.gca() if ax is None else ax
    named: Mapping[str, Any] = histories if isinstance(histories, Mapping) else {"": histories}
    in_iterations = True
    for (name, history), identity in zip(named.items(), identify(list(named)), strict=True):
        if hasattr(history, "costs"):
            iterations, costs = np.asarray(history.iterations), np.asarray(history.costs, dtype=float)
        else:
            costs = np.asarray(history, dtype=float)
            iterations, in_iterations = np.arange(costs.size), False
        finite = np.isfinite(costs)
        missing = int(costs.size - finite.sum())
        label = name + (f" ({missing} infinite or NaN, not drawn)" if missing else "")
        ax.plot(iterations[finite], costs[finite], label=label or None, **_curve(identity))
    if log:
        ax.set_yscale("log")
    ax.set_xlabel("iteration" if in_iterations else "record")
    ax.set_ylabel("cost")
    if title is not None:
        ax.set_title(title)
    if any(line.get_label() and not str(line.get_label()).startswith("_") for line in ax.lines):
        ax.legend()
    return ax


def plot_images(
    images: NDArray[np.float64], labels: Any = None, columns: int = 8, shape: Sequence[int] = (150, 150, 3)
) -> Any:
    """A figure with one small picture a column of `images`.

    Parameters
    ----------
    images : (height * width * 3, k) float
        Values in [0, 1], as `images.load_image_dataset` gives them.
    labels : (1, k) or (k,), optional
        Written under the pictures.
    """
    count = images.shape[1]
    rows = -(-count // columns)
    figure, axes = plt.subplots(rows, columns, figsize=(1.2 * columns, 1.35 * rows), squeeze=False)
    names = [""] * count if labels is None else [f"y = {int(label)}" for label in np.asarray(labels).ravel()]
    for index, ax in enumerate(axes.ravel()):
        ax.set_axis_off()
        if index < count:
            ax.imshow(images[:, index].reshape(shape))
            ax.set_title(names[index], fontsize=8)
    return figure


def curve_style(name: str) -> dict[str, Any]:
    """Colour, dash and mark of the scheme that a run is named after, for `Axes.plot`.

    >>> curve_style("he")["color"] == curve_style("He")["color"]
    True
    """
    return _curve(identify([name])[0])


def _marker(mark: str) -> Any:
    """A mark of `schemes` as matplotlib takes it."""
    return [(x, -y) for x, y in MARKS[mark]] or "o"


def _curve(identity: Identity) -> dict[str, Any]:
    """How the curve of a run is drawn."""
    scheme, dash = scheme_of(identity), dash_of(identity)
    line = {"linestyle": (0, dash) if dash else "-", "color": scheme.colour}
    return {**line, "marker": _marker(scheme.mark), "markevery": 0.2, "markersize": 7}


# Backends that open a window; inline and file backends are not among them.
_WINDOWS = frozenset(
    [
        "tkagg",
        "qtagg",
        "qt5agg",
        "gtk3agg",
        "gtk4agg",
        "macosx",
        "wxagg",
        "tkcairo",
        "qtcairo",
        "gtk3cairo",
        "gtk4cairo",
    ]
)


def _span(limits: tuple[float, float], automatic: bool, values: NDArray[np.float64]) -> tuple[float, float]:
    """What part of an axis is drawn: the limits set before, else the data and a margin of 1, as published."""
    if automatic:
        return float(values.min()) - 1.0, float(values.max()) + 1.0
    return min(limits), max(limits)
