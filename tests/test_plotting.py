"""Pictures: the published names return None and keep what was set; the others give their axes back."""

from __future__ import annotations

import subprocess
import sys

import matplotlib.pyplot as plt
import numpy as np
import pytest
from matplotlib.colors import to_rgb

from init_utils import datasets, plotting
from init_utils.plotting import curve_style
from init_utils.schemes import CLASSES, SCHEMES
from init_utils.training import History


@pytest.fixture(autouse=True)
def plain_figures():
    plt.switch_backend("agg")
    yield
    plt.close("all")


DATA = datasets.load()


def inner(x):
    """Class 1 inside a circle, as `predict_dec` would say it: (1, k) booleans."""
    return (np.sum(x**2, axis=1) < 0.8).reshape(1, -1)


def test_load_dataset_draws_both_classes_and_returns_the_data():
    loaded = plotting.load_dataset()
    assert isinstance(loaded, tuple)
    train_X, train_Y, test_X, test_Y = loaded
    assert (train_X.shape, train_Y.shape, test_X.shape, test_Y.shape) == (
        (2, 300),
        (1, 300),
        (2, 100),
        (1, 100),
    )
    sizes = [len(points.get_offsets()) for points in plt.gca().collections]
    assert sizes == [150, 150]


def test_load_dataset_can_leave_out_the_picture():
    plotting.load_dataset(is_plot=False)
    assert plt.get_fignums() == []


def test_decision_boundary_returns_none_and_keeps_title_and_limits():
    plt.title("Model with He initialization")
    axes = plt.gca()
    axes.set_xlim([-1.5, 1.5])
    axes.set_ylim([-1.5, 1.5])
    assert plotting.plot_decision_boundary(inner, DATA.train_X, DATA.train_Y) is None
    assert plt.gca() is axes
    assert axes.get_title() == "Model with He initialization"
    assert (axes.get_xlim(), axes.get_ylim()) == ((-1.5, 1.5), (-1.5, 1.5))
    assert (axes.get_xlabel(), axes.get_ylabel()) == ("x1", "x2")


def test_boundary_asks_the_model_once_for_a_grid_of_200_by_200():
    asked = []

    def model(x):
        asked.append(x)
        return inner(x)

    plotting.plot_decision_boundary(model, DATA.train_X, DATA.train_Y)
    assert [x.shape for x in asked] == [(40000, 2)]
    low, high = DATA.train_X.min(axis=1) - 1, DATA.train_X.max(axis=1) + 1
    assert asked[0].min(axis=0) == pytest.approx(low)
    assert asked[0].max(axis=0) == pytest.approx(high)


def test_grid_covers_what_is_seen():
    plt.gca().set_xlim([-0.2, 0.2])
    asked = []
    plotting.plot_decision_boundary(lambda x: asked.append(x) or inner(x), DATA.train_X, DATA.train_Y)
    assert (asked[0][:, 0].min(), asked[0][:, 0].max()) == pytest.approx((-0.2, 0.2))


def test_regions_are_where_the_model_says_and_red_is_class_0():
    figure, ax = plt.subplots(figsize=(4, 4), dpi=50)
    ax.set_position([0, 0, 1, 1])
    ax.set(xlim=(-2, 2), ylim=(-2, 2))
    plotting.plot_boundary(inner, np.array([[5.0], [5.0]]), np.array([[0]]), ax=ax)
    figure.canvas.draw()
    pixels = np.asarray(figure.canvas.buffer_rgba())[..., :3] / 255
    below, above = (to_rgb(colour) for colour in plotting.REGIONS.colors)
    assert below[0] > below[2]
    assert above[2] > above[0]
    assert pixels[100, 100] == pytest.approx(above, abs=0.01)
    assert pixels[10, 10] == pytest.approx(below, abs=0.01)


def test_one_class_everywhere_is_drawn_without_a_warning():
    ax = plotting.plot_boundary(lambda x: np.zeros(len(x)), DATA.train_X, DATA.train_Y)
    ax.figure.canvas.draw()


def test_a_model_or_data_of_the_wrong_shape_is_explained():
    with pytest.raises(ValueError, match=r"the model returned shape \(1, 2\) for 40000 points"):
        plotting.plot_decision_boundary(lambda x: np.zeros((1, 2)), DATA.train_X, DATA.train_Y)
    with pytest.raises(ValueError, match=r"X has shape \(300, 2\); expected \(2, m\)"):
        plotting.plot_decision_boundary(inner, DATA.train_X.T, DATA.train_Y)


def brightness(colour):
    return float(np.dot([0.2126, 0.7152, 0.0722], to_rgb(colour)))


def seen_without_red_cones(colour):
    """Protanopia, roughly: red and green are one channel."""
    red, green, blue = to_rgb(colour)
    return np.array([0.11 * red + 0.89 * green, blue])


def test_classes_stay_apart_for_colour_blind_readers():
    red, blue = (one.colour for one in CLASSES)
    assert CLASSES[0].mark != CLASSES[1].mark
    assert np.linalg.norm(seen_without_red_cones(red) - seen_without_red_cones(blue)) > 0.4
    below, above = plotting.REGIONS.colors
    assert np.linalg.norm(seen_without_red_cones(below) - seen_without_red_cones(above)) > 0.2
    assert min(brightness(below), brightness(above)) > 2 * max(brightness(red), brightness(blue))


def history(costs, every=1000):
    return History(every * np.arange(len(costs)), np.array(costs))


def test_costs_are_drawn_against_iterations():
    ax = plotting.plot_costs(history([0.8, 0.5, 0.2]), title="He")
    assert ax.lines[0].get_xdata().tolist() == [0, 1000, 2000]
    assert (ax.get_xlabel(), ax.get_ylabel(), ax.get_title()) == ("iteration", "cost", "He")


def test_a_curve_has_the_identity_of_the_scheme_that_it_is_named_after():
    ax = plotting.plot_costs({"he": history([0.8, 0.5]), "zeros": history([0.7, 0.7])})
    colours = {scheme.name: scheme.colour for scheme in SCHEMES}
    assert [line.get_color() for line in ax.lines] == [colours["He"], colours["zeros"]]
    assert len({str(line.get_marker()) for line in ax.lines}) == 2


def test_rings_are_round():
    assert plotting.plot_points(DATA.train_X, DATA.train_Y).get_aspect() == 1
    plotting.plot_decision_boundary(inner, DATA.train_X, DATA.train_Y)
    assert plt.gca().get_aspect() == 1


def test_infinite_costs_are_left_out_and_said_so():
    _, ax = plt.subplots()
    again = plotting.plot_costs(
        {"random": history([np.inf, 0.6]), "he": history([0.8, 0.5])}, ax=ax, log=True
    )
    assert again is ax
    labels = [text.get_text() for text in ax.get_legend().get_texts()]
    assert labels == ["random (1 infinite or NaN, not drawn)", "he"]
    assert ax.get_yscale() == "log"
    assert ax.lines[0]._dash_pattern != ax.lines[1]._dash_pattern  # get_linestyle says "--" of every dash


def test_bare_costs_are_not_called_iterations():
    assert plotting.plot_costs([0.8, 0.5]).get_xlabel() == "record"


def test_pictures_are_drawn_in_rows():
    images = np.linspace(0, 1, 4 * 4 * 3 * 5).reshape(48, 5)
    figure = plotting.plot_images(images, np.array([[0, 1, 0, 1, 1]]), columns=3, shape=(4, 4, 3))
    drawn = [ax for ax in figure.axes if ax.images]
    assert (len(figure.axes), [ax.get_title() for ax in drawn]) == (
        6,
        ["y = 0", "y = 1", "y = 0", "y = 1", "y = 1"],
    )


def test_published_names_can_all_be_imported_at_once(warnings_option):
    code = (
        "import matplotlib; matplotlib.use('agg')\n"
        "import matplotlib.pyplot as plt\n"
        "from init_utils import *\n"
        "train_X, train_Y, test_X, test_Y = load_dataset()\n"
        "start = {'W1': __import__('numpy').zeros((1, 2)), 'b1': __import__('numpy').zeros((1, 1))}\n"
        "plot_decision_boundary(lambda x: predict_dec(start, x.T), train_X, train_Y)\n"
        "a, cache = forward_propagation(train_X, start)\n"
        "assert compute_loss(a, train_Y) > 0.69\n"
        "assert callable(sigmoid) and callable(relu) and callable(train) and callable(train_many)\n"
        "update_parameters(start, backward_propagation(train_X, train_Y, cache), 0.1)\n"
        "predict(train_X, train_Y, start)\n"
    )
    finished = subprocess.run(
        [sys.executable, *warnings_option, "-c", code],
        capture_output=True,
        text=True,
        timeout=120,
        check=True,
    )
    assert (finished.stdout, finished.stderr) == ("Accuracy: 0.5\n", "")


def test_importing_the_package_loads_nothing_heavy():
    code = (
        "import sys, init_utils\n"
        "from init_utils import sigmoid\n"
        "assert not {'matplotlib', 'sklearn', 'numba', 'IPython'} & set(sys.modules)\n"
        "assert 'train' in dir(init_utils)\n"
    )
    subprocess.run([sys.executable, "-c", code], check=True, timeout=60)


def test_a_run_has_the_colour_dash_and_mark_of_the_scheme_it_is_named_after() -> None:
    styles = [curve_style(name) for name in ("zeros", "random", "xavier", "he", "small")]
    for key in ("color", "linestyle", "marker"):
        assert len({str(style[key]) for style in styles}) == len(styles)
    assert curve_style("initialize_parameters_he") == curve_style("He")
