"""The lab at eleven widths with one to four runs: nothing is cut off or overlaps, and it fits one screen."""

from __future__ import annotations

import dataclasses
from collections.abc import Callable
from typing import Any

import pytest
from playwright.sync_api import Page, expect

from init_utils.lab.diagnosis import Evidence, diagnose
from init_utils.lab.facts import LayerFacts
from tests.browser.conftest import show
from tests.browser.live_jupyter import Server, write_notebook
from tests.browser.test_lab import FUNCTIONS, ask_kernel, root, settle

pytestmark = pytest.mark.browser

WIDTHS = (300, 360, 480, 560, 600, 760, 825, 945, 1200, 1500, 2000)
RUNS = ["zeros", "random", "he", "Xavier"]
SCREEN = 595  # of 1280 x 720, inside JupyterLab with its side bar, where the lab is 825 wide
OPEN = (
    "one = lab(initialize_parameters_zeros, initialize_parameters_random, initialize_parameters_he, "
    f"compare={RUNS}, iterations=2_000, pace=0)\none"
)
MEASURE = """() => {
  const lab = document.querySelector('.initlab');
  const box = lab.getBoundingClientRect();
  const LEFT_OUT = '.il-hidden, .il-status, .il-popover, option, input, select';
  const name = (node) => node.className || node.tagName;
  const words = (node) => [...node.childNodes].some((one) => one.nodeType === 3 && one.data.trim());
  const seen = [...lab.querySelectorAll('*')]
    .filter((node) => node.checkVisibility() && !node.closest(LEFT_OUT));
  const over = ({ scrollWidth, clientWidth, scrollHeight, clientHeight }) =>
    clientWidth && (scrollWidth > clientWidth + 1 || scrollHeight > clientHeight + 2);
  const clipped = seen.filter((node) => over(node) && getComputedStyle(node).display !== 'inline');
  const outside = seen.filter((node) => {
    const { left, right, width } = node.getBoundingClientRect();
    return width && (right > box.right + 1 || left < box.left - 1);
  });
  const small = seen.filter((node) => words(node) && parseFloat(getComputedStyle(node).fontSize) < 12);
  const parts = seen.filter((node) => node.matches(
    '.il-run > *, .il-told > *, .il-figures > div, .il-cost, .il-tabs, .il-form > *, .il-transport > *,'
    + ' .il-caption, .il-layer'));
  const overlaps = parts.flatMap((one, index) => parts.slice(index + 1).filter((other) => {
    if (one.contains(other) || other.contains(one)) return false;
    const [a, b] = [one.getBoundingClientRect(), other.getBoundingClientRect()];
    return Math.min(a.right, b.right) - Math.max(a.left, b.left) > 1
      && Math.min(a.bottom, b.bottom) - Math.max(a.top, b.top) > 1;
  }).map((other) => `${name(one)} ${name(other)}`));
  const size = (selector) => [...lab.querySelectorAll(selector)].filter((node) => node.checkVisibility())
    .map((node) => node.getBoundingClientRect()).map(({ width, height }) => Math.min(width, height));
  return {
    faults: [...clipped.map(name), ...outside.map(name), ...small.map(name), ...overlaps],
    bottom: lab.querySelector('.il-tabs').getBoundingClientRect().bottom - box.top,
    boundary: Math.min(...size('.il-boundary')),
    neuron: Math.min(...size('.il-neuron')),
    cost: Math.min(...size('.il-cost canvas')),
    runs: size('.il-run').length,
    nets: size('.il-edges').length,
  };
}"""


def measure(page: Page, width: int) -> dict[str, Any]:
    """What stands where when the lab is this wide."""
    page.evaluate(
        """(width) => {
          const lab = document.querySelector('.initlab');
          lab.parentElement.style.width = lab.style.width = `${width}px`;
        }""",
        width,
    )
    settle(page)
    settle(page)
    measured: dict[str, Any] = page.evaluate(MEASURE)
    return measured


def check_another_seed(page: Page) -> None:
    """What a seed does not change is said beside the name; the sentence keeps its two lines."""
    note = root(page).locator(".il-seed-note").first
    ask_kernel(page, "setattr(one, 'seed', 5), one.run(), None")
    expect(root(page)).to_have_attribute("data-status", "finished")
    expect(note).to_have_text("same for every seed")  # zeros
    settle(page)
    found = page.evaluate(MEASURE)
    assert (found["faults"], found["bottom"] <= SCREEN) == ([], True)
    ask_kernel(page, "setattr(one, 'seed', None), one.run(), None")
    expect(root(page)).to_have_attribute("data-status", "finished")
    expect(note).to_have_text("")


@pytest.mark.slow
@pytest.mark.parametrize("count", [4, 3, 2, 1])
def test_nothing_is_cut_off_or_overlaps_at_any_width(
    lab_server: Server, browser_page: Page, count: int
) -> None:
    notebook = write_notebook(lab_server.root / f"fits-{count}.ipynb", FUNCTIONS, OPEN)
    browser_page.set_viewport_size({"width": 2300, "height": 1400})
    show(browser_page, lab_server, notebook)
    ask_kernel(browser_page, f"setattr(one, 'compare', {RUNS[:count]}), one.run(), None")
    expect(root(browser_page)).to_have_attribute("data-status", "finished")
    for width in WIDTHS:
        found = measure(browser_page, width)
        assert (width, found["faults"]) == (width, [])
        assert found["runs"] == (1 if width <= 580 else count)
        assert found["nets"] == (count if count <= 2 and width > 580 else 0)
        assert found["neuron"] >= (44 if width <= 580 else 24)
        assert found["boundary"] >= 130
        assert found["cost"] >= 130
        if width == 825:
            assert found["bottom"] <= SCREEN
            check_another_seed(browser_page)


NOTHING = LayerFacts(size=10, silent=0, unreached=0.0, unreached_wrong=0.0, alike=False)
CAUSES = {
    "silent": dataclasses.replace(NOTHING, silent=10),
    "silent for some": dataclasses.replace(NOTHING, unreached=0.61, unreached_wrong=0.6),
    "alike": dataclasses.replace(NOTHING, alike=True),
    "none": NOTHING,
}


def sentences() -> list[str]:
    """Of every state with every cause, with many digits."""
    states = [
        {"iteration": 0, "earlier": 0},
        {"norms": (0.0,)},
        {"norms": (0.0,), "bias_norms": (0.0,)},
        {"cost": 0.47},
        {"cost": 0.595},
        {"cost": 0.6},
        {"train_accuracy": 0.993, "test_accuracy": 0.805, "worst_class": 0.99},
        {"cost": float("inf")},
    ]
    facts: dict[str, Any] = {
        **{"iteration": 15_000, "earlier": 14_000, "cost": 0.6, "earlier_cost": 0.6},
        **{"norms": (0.1,), "bias_norms": (0.1,), "train_accuracy": 0.5, "test_accuracy": 0.5},
        **{"worst_class": 0.0},
    }
    return [
        diagnose(Evidence(**facts | state, confident_wrong=wrong, layers=(layer,), hidden=hidden))
        for state in states
        for layer in CAUSES.values()
        for wrong in (0.47, 0.0)
        for hidden in ("relu", "tanh")
    ]


@pytest.mark.slow
def test_every_sentence_has_at_most_two_lines_below_four_runs(lab_server: Server, browser_page: Page) -> None:
    notebook = write_notebook(lab_server.root / "sentences.ipynb", FUNCTIONS, OPEN)
    browser_page.set_viewport_size({"width": 2300, "height": 1400})
    show(browser_page, lab_server, notebook)
    measure(browser_page, 825)
    tall = browser_page.evaluate(
        """(sentences) => {
          const words = document.querySelector('.il-words');
          return sentences.filter((sentence) => {
            words.textContent = sentence;
            return words.getBoundingClientRect().height > 33;
          });
        }""",
        [sentence.capitalize() for sentence in sentences()],
    )
    assert tall == []


@pytest.mark.slow
def test_a_neuron_is_reached_by_arrows_pinned_by_enter_and_left_by_escape(
    opened: Callable[..., Page],
) -> None:
    page = opened(FUNCTIONS, OPEN)
    lab = root(page)
    cells = lab.get_by_role("grid", name="he: hidden neurons", exact=True).get_by_role("gridcell")
    expect(cells).to_have_count(15)
    assert cells.evaluate_all("nodes => nodes.filter((node) => node.tabIndex === 0).length") == 1
    cells.first.focus()
    card = lab.get_by_role("note")
    expect(card).to_contain_text("Layer 1, neuron 1 of 10: active on")
    expect(card).to_contain_text("Its line: ")
    page.keyboard.press("ArrowRight")
    page.keyboard.press("ArrowDown")
    expect(card).to_contain_text("Layer 2, neuron 2 of 5")
    expect(lab.locator(".il-ringed")).to_have_count(4)  # the same neuron of every run
    page.keyboard.press("Enter")
    lab.get_by_role("button", name="Reset", exact=True).focus()
    expect(card).to_be_visible()
    page.keyboard.press("Escape")
    expect(card).to_be_hidden()


@pytest.mark.slow
@pytest.mark.parametrize("count", [4, 2, 1])
def test_the_card_never_covers_the_boundary_of_its_own_run(opened: Callable[..., Page], count: int) -> None:
    page = opened(FUNCTIONS, OPEN)
    ask_kernel(page, f"setattr(one, 'compare', {RUNS[:count]})")
    expect(root(page).locator(".il-run")).to_have_count(count)
    card = root(page).get_by_role("note")
    for run in range(count):
        root(page).locator(".il-net").nth(run).locator(".il-neuron").nth(2).hover()
        expect(card).to_contain_text(RUNS[run])
        over, own = card.bounding_box(), root(page).locator(".il-boundary").nth(run).bounding_box()
        assert over is not None
        assert own is not None
        assert over["x"] >= own["x"] + own["width"] or over["x"] + over["width"] <= own["x"]


@pytest.mark.slow
def test_one_run_stands_as_a_net_whose_columns_the_arrows_follow(opened: Callable[..., Page]) -> None:
    page = opened(FUNCTIONS, OPEN)
    ask_kernel(page, "setattr(one, 'compare', ['he'])")
    lab = root(page)
    expect(lab.locator(".il-run")).to_have_count(1)
    net = lab.get_by_role("img", name="he: the net, its edges as wide as |w|; largest of W1 ")
    expect(net).to_be_visible()
    first, last = (lab.locator(f"[data-place='0,{neuron}']").bounding_box() for neuron in (0, 9))
    deeper, boundary = (
        lab.locator("[data-place='1,0']").bounding_box(),
        lab.locator(".il-boundary").bounding_box(),
    )
    assert first is not None
    assert last is not None
    assert deeper is not None
    assert boundary is not None
    assert first["x"] == last["x"] < deeper["x"] < boundary["x"]
    lab.locator("[data-place='0,0']").focus()
    page.keyboard.press("ArrowDown")
    page.keyboard.press("ArrowRight")
    expect(lab.get_by_role("note")).to_contain_text("Layer 2, neuron 2 of 5")
