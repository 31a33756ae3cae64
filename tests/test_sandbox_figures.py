"""Figures of the sandbox look as those of IPython's own inline backend."""

from __future__ import annotations

import io

import matplotlib
import numpy as np
import pytest
from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.figure import Figure
from PIL import Image

from autograder.sandbox import Preload, Sandbox
from autograder.sandbox.inside.figures import cropped_png, png
from autograder.sandbox.policy import WITHOUT_FIGURES


def figure_with(draw) -> Figure:
    figure = Figure()
    FigureCanvasAgg(figure)
    draw(figure)
    return figure


def tight_save(figure) -> bytes:
    stream = io.BytesIO()
    figure.savefig(stream, format="png", bbox_inches="tight", facecolor=figure.get_facecolor())
    return stream.getvalue()


def pixels(png: bytes) -> np.ndarray:
    with Image.open(io.BytesIO(png)) as picture:
        return np.asarray(picture.convert("RGB")).astype(float)


def costs(figure):
    axes = figure.subplots()
    axes.plot(np.linspace(0.7, 0.1, 15))
    axes.set(title="Learning rate = 0.01", xlabel="iterations", ylabel="cost")


def boundary(figure):
    axes = figure.subplots()
    x, y = np.meshgrid(np.linspace(-1.5, 1.5, 60), np.linspace(-1, 1.5, 60))
    axes.contourf(x, y, (x**2 + y**2 < 1).astype(float), cmap="Spectral")
    axes.scatter([0, 1, -1], [1, 0, 0], c=[0, 1, 1], cmap="Spectral")
    axes.set_title("Model with He initialization")


def two_axes_on_grey(figure):
    figure.set_facecolor("0.8")
    first, second = figure.subplots(1, 2)
    first.hist([1, 2, 2, 3])
    second.imshow(np.eye(4))


def legend_and_texts(figure):
    axes = figure.subplots()
    axes.plot(np.linspace(0.7, 0.1, 15), label="He")
    axes.legend()
    axes.text(2, 0.3, "a note")
    axes.text(3, 0.3, "")
    axes.annotate("lowest", (14, 0.1), xytext=(9, 0.2), arrowprops={"arrowstyle": "->"})
    figure.text(0.5, 0.02, "two starts")
    figure.suptitle("Costs")


def ink_of(picture):
    drawn = (picture != picture[0, 0]).any(axis=2)
    rows, columns = np.flatnonzero(drawn.any(axis=1)), np.flatnonzero(drawn.any(axis=0))
    return picture[rows[0] : rows[-1] + 1, columns[0] : columns[-1] + 1]


@pytest.mark.parametrize("draw", [costs, boundary, two_axes_on_grey, legend_and_texts])
def test_a_cropped_figure_shows_what_the_tight_one_does_with_nearly_its_margin(draw):
    assert_nearly_the_same(pixels(cropped_png(figure_with(draw))), pixels(tight_save(figure_with(draw))))


def assert_nearly_the_same(ours, theirs):
    """Two pictures differ by a margin, and by what is drawn a part of a pixel elsewhere."""
    # matplotlib's box of a text is a little larger than its ink.
    assert np.abs(np.array(ours.shape) - theirs.shape).max() <= 4
    ours, theirs = ink_of(ours), ink_of(theirs)
    assert np.abs(np.array(ours.shape) - theirs.shape).max() <= 1
    height, width = np.minimum(ours.shape, theirs.shape)[:2]
    # Same ink: averages of 8x8 blocks agree wherever a line may be shifted by a pixel.
    blocks = [
        picture[: height // 8 * 8, : width // 8 * 8]
        .reshape(height // 8, 8, width // 8, 8, 3)
        .mean(axis=(1, 3))
        for picture in (ours, theirs)
    ]
    assert np.abs(blocks[0] - blocks[1]).mean() < 4
    assert np.abs(ours.mean() - theirs.mean()) < 2


def outside_legend(figure):
    axes = figure.subplots()
    axes.plot([1, 2], label="x")
    axes.legend(loc="upper left", bbox_to_anchor=(1.2, 1))


def constrained(figure):
    figure.set_layout_engine("constrained")
    figure.subplots().plot([1, 2])


def text_over_the_edge(figure):
    figure.subplots().text(1.2, 0.5, "far out", transform=figure.axes[0].transAxes)


def arrow_over_the_edge(figure):
    axes = figure.subplots()
    axes.annotate("", (1.3, 0.5), (0.5, 0.5), "axes fraction", arrowprops={}, annotation_clip=False)


def figures_text_below(figure):
    figure.subplots()
    figure.text(0.5, -0.1, "below")


def unclipped(figure):
    figure.subplots().plot([0, 1], [-1, 2], clip_on=False)


def table(figure):
    figure.subplots().table([["1"]], loc="center")


def inset(figure):
    figure.subplots().inset_axes([0.5, 0.5, 0.4, 0.4])


@pytest.mark.parametrize(
    "draw",
    [
        outside_legend,
        text_over_the_edge,
        arrow_over_the_edge,
        figures_text_below,
        unclipped,
        table,
        inset,
        constrained,
        lambda figure: None,
    ],
)
def test_what_a_crop_cannot_show_takes_the_long_way(draw):
    assert cropped_png(figure_with(draw)) is None


def test_a_transparent_save_takes_the_long_way():
    with matplotlib.rc_context({"savefig.transparent": True}):
        assert cropped_png(figure_with(costs)) is None


def test_an_artist_that_raises_takes_the_long_way():
    figure = figure_with(costs)
    figure.axes[0].lines[0].draw = lambda renderer: 1 / 0
    assert cropped_png(figure) is None


def test_a_figure_that_pyplot_has_drawn_is_not_drawn_again(monkeypatch):
    figure = figure_with(costs)
    expected = cropped_png(figure_with(costs))
    figure.canvas.draw()
    monkeypatch.setattr(Figure, "draw", None)  # whoever draws now, fails
    assert cropped_png(figure) == expected


@pytest.mark.parametrize(
    "change",
    [
        lambda figure: figure.axes[0].set_title("another"),
        lambda figure: figure.set_size_inches(3, 2),
        lambda figure: figure.set_dpi(50),
        lambda figure: figure.axes[0].lines[0].set_color("red"),
    ],
    ids=["title", "size", "dpi", "colour"],
)
def test_a_figure_changed_after_it_was_drawn_is_drawn_again(change):
    drawn, fresh = figure_with(costs), figure_with(costs)
    drawn.canvas.draw()
    for figure in (drawn, fresh):
        change(figure)
    assert cropped_png(drawn) == cropped_png(fresh)


def test_a_png_has_the_picture_its_resolution_and_opacity_where_some_is_missing():
    picture = np.random.default_rng(1).integers(0, 256, (5, 7, 4), dtype=np.uint8)
    for opacity, mode in ((picture[:, :, 3], "RGBA"), (255, "RGB")):
        picture[:, :, 3] = opacity
        with Image.open(io.BytesIO(png(picture, 72.0))) as read:
            assert read.mode == mode
            assert read.info["dpi"] == pytest.approx((72, 72), abs=0.02)
            assert np.array_equal(np.asarray(read), picture[:, :, : len(mode)])


def test_a_notebook_that_draws_unexpectedly_shows_its_figures_and_no_word_more():
    with Sandbox("none", preload=Preload(modules=WITHOUT_FIGURES)) as sandbox, sandbox.box() as box:
        drawn = box.run_cell("import matplotlib.pyplot as plt\nplt.plot([1, 2]);")
        again = box.run_cell("%matplotlib inline\nplt.plot([1, 2])\nplt.show()")
    assert [output["output_type"] for output in drawn.outputs] == ["display_data"]
    assert [output["data"]["text/plain"] for output in again.outputs] == ["<Figure size 640x480 with 1 Axes>"]
    assert all(output["data"]["image/png"] for output in (*drawn.outputs, *again.outputs))
