"""Figures of the instructor's run are looked up by all that decides their pixels, and by nothing less."""

from __future__ import annotations

from base64 import b64decode
from collections.abc import Callable, Iterator
from pathlib import Path

import matplotlib as mpl
import matplotlib.pyplot as plt
import numpy as np
import pytest
from matplotlib.axes import Axes
from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.colors import get_named_colors_mapping
from matplotlib.figure import Figure
from matplotlib.font_manager import fontManager
from matplotlib.lines import Line2D
from matplotlib.text import Text
from matplotlib.ticker import FuncFormatter, ScalarFormatter

from autograder.assignment import Assignment, Role, load_assignment
from autograder.course import Course
from autograder.grading.instructor_run import (
    instructors_files,
    memo_path,
    modules_to_preload,
    run_instructors_notebook,
)
from autograder.grading.registration import support_of
from autograder.sandbox import Box, Preload, Sandbox
from autograder.sandbox.inside import drawn_state
from autograder.sandbox.inside.drawn_state import DrawingCode
from autograder.sandbox.inside.figure_setting import SETTING
from tests.test_sandbox_figures import assert_nearly_the_same, pixels

ROOT = Path(__file__).parents[1]


@pytest.fixture(scope="module")
def code() -> DrawingCode:
    return DrawingCode()


@pytest.fixture(autouse=True)
def _close_figures() -> Iterator[None]:
    yield
    plt.close("all")


def drawing() -> Figure:
    """Curves, points, regions, a picture, a legend and texts; made anew, the same every time."""
    figure, axes = plt.subplots(2, 2, sharex="col")
    first, second, third, fourth = axes.ravel()
    first.plot(np.linspace(0.7, 0.1, 15), label="He")
    first.legend()
    first.annotate("lowest", (14, 0.1), xytext=(9, 0.2), arrowprops={"arrowstyle": "->"})
    second.scatter([0, 1, -1], [1, 0, 0], c=[0, 1, 1], cmap="Spectral")
    second.set_aspect("equal")
    third.contourf(np.arange(9.0).reshape(3, 3), levels=[0, 3, 9], colors=["red", "blue"])
    third.set(title=f"Start: {'he'}", xlabel="x1")
    fourth.imshow(np.eye(4))
    figure.suptitle("Four")
    return figure


def key_of(code: DrawingCode, change: Callable[[Figure], object] = lambda figure: None) -> str | None:
    """The key of the drawing after a change; it is closed then, so that the next has its number."""
    figure = drawing()
    change(figure)
    key = code.key(figure)
    plt.close(figure)
    return key


@pytest.fixture(scope="module")
def plain_key(code: DrawingCode) -> str | None:
    return key_of(code)


def test_the_same_figure_made_anew_has_the_same_key_whatever_the_addresses(code: DrawingCode) -> None:
    first = key_of(code, Figure.tight_layout)
    kept = [drawing() for _ in range(3)]
    plt.close("all")
    assert first is not None
    assert first == key_of(code, Figure.tight_layout)
    assert len(kept) == 3


def test_looking_at_a_figure_does_not_change_its_key(code: DrawingCode, plain_key: str | None) -> None:
    assert key_of(code, lambda figure: (repr(figure), figure.transFigure.inverted())) == plain_key


CHANGES: list[Callable[[Figure], object]] = [
    lambda figure: figure.axes[0].lines[0].get_ydata().__setitem__(3, 0.55),
    lambda figure: figure.axes[0].lines[0].set_color("red"),
    lambda figure: figure.axes[0].lines[0].set_alpha(0.999),
    lambda figure: figure.axes[0].lines[0].set_clip_on(False),
    lambda figure: figure.axes[0].set_ylim(0, 1.5),
    lambda figure: figure.axes[0].set_yscale("log"),
    lambda figure: figure.axes[0].grid(),
    lambda figure: figure.axes[0].invert_xaxis(),
    lambda figure: figure.axes[0].yaxis.set_major_formatter(ScalarFormatter(useOffset=False)),
    lambda figure: figure.axes[0].tick_params(labelsize=9),
    lambda figure: figure.axes[0].get_legend().set_visible(False),
    lambda figure: figure.axes[0].texts[0].set_fontweight("bold"),
    lambda figure: figure.axes[1].collections[0].set_array([0, 1, 0]),
    lambda figure: figure.axes[1].collections[0].set_cmap("viridis"),
    lambda figure: figure.axes[2].set_title("Start: random"),
    lambda figure: figure.axes[2].xaxis.label.set_fontsize(11),
    lambda figure: figure.axes[3].images[0].set_interpolation("bilinear"),
    lambda figure: figure.axes[3].images[0].set_clim(0, 2),
    lambda figure: figure.axes[3].set_axis_off(),
    lambda figure: figure.axes[3].remove(),
    lambda figure: figure.set_facecolor("0.9"),
    lambda figure: figure.set_dpi(99),
    lambda figure: figure.set_size_inches(5, 5),
    lambda figure: figure.add_artist(Line2D([0, 1], [0, 1])),
    lambda figure: figure.subplots_adjust(left=0.2),
    lambda figure: figure.axes[0].set_position([0.1, 0.1, 0.3, 0.3]),
    lambda figure: figure.axes[0].twinx(),
    lambda figure: figure.canvas._set_device_pixel_ratio(2),
]


@pytest.mark.parametrize("change", CHANGES)
def test_a_figure_that_differs_in_one_thing_has_another_key(
    code: DrawingCode, plain_key: str | None, change: Callable[[Figure], object]
) -> None:
    assert key_of(code, change) not in (None, plain_key)


@pytest.mark.parametrize(
    "setting", [{"path.simplify": False}, {"text.hinting": "none"}, {"savefig.pad_inches": 0.2}]
)
def test_settings_that_are_read_while_drawing_are_part_of_the_key(
    code: DrawingCode, setting: dict[str, object]
) -> None:
    figure = drawing()
    before = code.key(figure)
    with mpl.rc_context(setting):
        assert code.key(figure) not in (None, before)


def test_fonts_colours_the_handling_of_errors_and_the_language_are_part_of_the_key(
    code: DrawingCode, monkeypatch: pytest.MonkeyPatch
) -> None:
    figure = drawing()
    before = code.key(figure)
    with np.errstate(divide="raise"):
        assert code.key(figure) not in (None, before)
    with monkeypatch.context() as changed:
        changed.setattr(fontManager, "ttflist", fontManager.ttflist[:-1])
        assert code.key(figure) not in (None, before)
    with monkeypatch.context() as changed:
        changed.setitem(get_named_colors_mapping(), "red", "#00ff00")  # type: ignore[arg-type]
        assert code.key(figure) is None
    with monkeypatch.context() as changed:
        changed.setattr(drawn_state, "setlocale", lambda category: "de_DE")
        assert code.key(figure) not in (None, before)
    assert code.key(figure) == before


class LoudLine(Line2D):
    """A line of the notebook's own."""


def replaced_method(figure: Figure) -> None:
    figure.axes[0].lines[0].draw = lambda renderer: None  # type: ignore[method-assign]


def replaced_method_of_canvas(figure: Figure) -> None:
    figure.canvas.draw = lambda: None  # type: ignore[method-assign]


UNKNOWN: list[Callable[[Figure], object]] = [
    replaced_method,
    replaced_method_of_canvas,
    lambda figure: figure.add_artist(LoudLine([0, 1], [0, 1])),
    lambda figure: figure.axes[0].xaxis.set_major_formatter(FuncFormatter(lambda value, place: "x")),
    lambda figure: figure.axes[0].lines[0].set_agg_filter(lambda image, dpi: (image, 0, 0)),
    lambda figure: (
        figure.axes[0].lines[0].set_transform(LoudLine([0], [0]).get_transform) or replaced_method(figure)
    ),
    lambda figure: figure.axes[0].set_yscale("function", functions=(lambda x: x, lambda x: x)),
    lambda figure: figure.axes[0].callbacks.connect("ylim_changed", lambda axes: axes.set_title("late")),
    lambda figure: figure.canvas.mpl_connect("draw_event", lambda event: event.canvas.figure.clear()),
    lambda figure: figure.axes[0].set_axes_locator(lambda axes, renderer: axes.get_position()),
]


@pytest.mark.parametrize("change", UNKNOWN)
def test_a_figure_in_which_code_of_the_notebook_has_a_part_has_no_key(
    code: DrawingCode, change: Callable[[Figure], object]
) -> None:
    assert key_of(code, change) is None


@pytest.mark.parametrize(
    ("owner", "name"),
    [(Axes, "draw"), (Text, "draw"), (Line2D, "zorder"), (FigureCanvasAgg, "get_renderer"), (np, "log10")],
)
def test_no_figure_has_a_key_while_code_that_draws_is_replaced(
    code: DrawingCode, owner: object, name: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    figure = drawing()
    with monkeypatch.context() as changed:
        changed.setattr(owner, name, lambda *args: None)
        assert code.key(figure) is None
    assert code.key(figure) is not None


FOUND = "from init_utils.memo import MEMO\nprint(sum('png' in one for one in MEMO._results.values()))"
DRAW = (
    "import matplotlib.pyplot as plt\nfigure, axes = plt.subplots()\naxes.plot([1, {y}])\naxes.set_aspect(2)"
)


@pytest.fixture
def sandbox() -> Iterator[Sandbox]:
    support = support_of(load_assignment(Course(ROOT), "initialization"))
    preload = Preload(packages=support.packages, memo_module=support.memo_module)
    with Sandbox("none", preload=preload) as sandbox:
        yield sandbox


def pictures(box: Box, *cells: str) -> list[str]:
    return [
        output["data"]["image/png"]
        for cell in cells
        for output in box.run_cell(cell).outputs
        if "image/png" in output.get("data", {})
    ]


def memo_after(sandbox: Sandbox, *cells: str, remembers: bool = True) -> bytes:
    with sandbox.box(remembers=remembers) as box:
        for cell in cells:
            box.run_cell(cell)
        with box.open_test() as process:
            process.run_inside(
                "from init_utils.memo import export_memo\nimport numpy\n"
                "memo = numpy.frombuffer(export_memo(), numpy.uint8)"
            )
            memo = process.fetch("memo").value
    assert isinstance(memo, np.ndarray)
    return memo.tobytes()


def found(box: Box) -> str:
    return str(box.run_cell(FOUND).outputs[0]["text"])


@pytest.mark.slow
def test_a_known_figure_is_looked_up_and_what_can_be_seen_of_it_later_is_as_if_it_was_drawn(
    sandbox: Sandbox,
) -> None:
    look = (
        "\nimport numpy\ndisplay(figure)\nprint(axes.get_position().bounds, axes.get_xlim(), "
        "numpy.asarray(figure.canvas.buffer_rgba()).sum(), len(figure.canvas.tostring_argb()))"
    )
    right = DRAW.format(y=2)
    with sandbox.box() as box:
        drawn = pictures(box, right)
        seen = box.run_cell(right + look).outputs
    assert sandbox.add_memo(memo_after(sandbox, right)) == 1
    with sandbox.box() as box:
        assert pictures(box, right) == drawn
        assert found(box) == "1\n"
        assert box.run_cell(right + look).outputs == seen
        assert pictures(box, DRAW.format(y=3)) not in ([], drawn)
        assert found(box) == "1\n"


@pytest.mark.slow
def test_what_a_students_notebook_draws_or_draws_with_a_warning_is_not_remembered(sandbox: Sandbox) -> None:
    glyph = DRAW.format(y=2) + "\naxes.set_title('\\u4f60');"
    assert sandbox.add_memo(memo_after(sandbox, DRAW.format(y=2), remembers=False)) == 0
    assert sandbox.add_memo(memo_after(sandbox, glyph)) == 0
    with sandbox.box() as box:
        shown = box.run_cell(glyph).outputs
    assert [one.get("name", one["output_type"]) for one in shown] == ["stderr", "display_data"]
    assert "Glyph 20320" in shown[0]["text"]


def cells_of(assignment: Assignment) -> list[str]:
    return [
        cell.source for cell in assignment.cells if cell.cell_type == "code" and cell.role is not Role.TEST
    ]


@pytest.mark.slow
@pytest.mark.parametrize(
    ("name", "right", "wrong", "in_all", "of_wrong"),
    [
        ("initialization", "np.sqrt(2 / layers_dims[l - 1])", "np.sqrt(1 / layers_dims[l - 1])", 7, 5),
        ("deeper", "np.sqrt(1 / layers_dims[l - 1])", "np.sqrt(3 / layers_dims[l - 1])", 3, 3),
    ],
)
def test_every_figure_is_what_drawing_gives_pixel_by_pixel_and_nearly_what_ipython_saves(
    name: str, right: str, wrong: str, in_all: int, of_wrong: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    assignment = load_assignment(Course(ROOT), name)
    support = support_of(assignment)
    preload = Preload(
        modules=modules_to_preload(assignment, with_slow_ones=False),
        packages=support.packages,
        memo_module=support.memo_module,
    )
    files = instructors_files(ROOT / "source" / name)
    cells = cells_of(assignment)
    mistaken = [cell.replace(right, wrong, 1) for cell in cells]
    assert mistaken != cells
    with Sandbox("none", preload=preload) as sandbox:
        memo = run_instructors_notebook(sandbox, assignment, files)
        assert b"\x89PNG" not in memo
        drawn = []
        for version in (cells, mistaken):
            with sandbox.box(files) as box:
                drawn.append(pictures(box, *version))
                assert found(box) == "0\n"
        sandbox.add_memo(memo)
        for version, expected, hits in zip((cells, mistaken), drawn, (in_all, of_wrong), strict=True):
            with sandbox.box(files) as box:
                assert pictures(box, *version) == expected
                assert len(expected) == in_all
                assert found(box) == f"{hits}\n"
    monkeypatch.setenv(SETTING, "plain")
    with Sandbox("none", preload=preload) as sandbox:
        sandbox.add_memo(memo)  # its trainings
        with sandbox.box(files) as box:
            as_ipython_saves = pictures(box, *cells)
    assert len(as_ipython_saves) == in_all
    for ours, theirs in zip(drawn[0], as_ipython_saves, strict=True):
        assert_nearly_the_same(pixels(b64decode(ours)), pixels(b64decode(theirs)))


def test_the_setting_for_plain_figures_makes_another_memo(monkeypatch: pytest.MonkeyPatch) -> None:
    assignment = load_assignment(Course(ROOT), "initialization")
    usual = memo_path(assignment)
    monkeypatch.setenv(SETTING, "plain")
    assert memo_path(assignment) != usual


@pytest.mark.slow
def test_plain_figures_are_saved_as_ipython_saves_them(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv(SETTING, "plain")
    preload = Preload(packages=("init_utils",), memo_module="init_utils.memo")
    ask = "from IPython.core import pylabtools\nprint(pylabtools.print_figure.__module__)"
    with Sandbox("none", preload=preload) as sandbox:
        assert sandbox.add_memo(memo_after(sandbox, DRAW.format(y=2))) == 0
        with sandbox.box() as box:
            assert box.run_cell(ask).outputs[0]["text"] == "IPython.core.pylabtools\n"
