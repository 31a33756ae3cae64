"""The lab's page in a real browser: opened from disk, with the network off."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from pathlib import Path

import nbformat
import pytest
from playwright.sync_api import Browser, Page, expect

from docs.solutions import ROOT, instructor_functions
from init_utils.lab.__main__ import main
from init_utils.lab.exporter import LabExporter
from init_utils.lab.page import POLICY
from init_utils.lab.widget import Lab
from tests.browser.live_jupyter import Console

pytestmark = [pytest.mark.browser, pytest.mark.slow]  # a training of 15,000 iterations, several times

SOLVED = ROOT / "source" / "initialization" / "initialization.ipynb"
SIZES = {"desk": (1280, 900), "phone": (390, 844)}
FINISHED = ".initlab[data-status=finished]"
RESULTS = (
    "Finished: zeros cost 0.693, test 50.0 %; random cost 0.381, test 86.0 %; he cost 0.0648, test 96.0 %"
)
QUICK = "pace=0&iterations=200"
Open = Callable[..., Page]


@pytest.fixture(scope="module")
def written(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A page of the solved notebook's functions."""
    page = tmp_path_factory.mktemp("page") / "page.html"
    assert main([str(page), "--functions", str(SOLVED)]) == 0
    return page


@pytest.fixture
def opened(browser: Browser, console: Console, written: Path) -> Iterator[Open]:
    """Open the page, or another one, from disk, offline."""
    contexts = []

    def open_page(
        state: str = "", path: Path = written, size: str = "desk", ready: str = ".initlab .il-transport"
    ) -> Page:
        width, height = SIZES[size]
        context = browser.new_context(viewport={"width": width, "height": height}, offline=True)
        contexts.append(context)
        page = context.new_page()
        console.watch(page)
        page.goto(f"{path.as_uri()}#{state}")
        page.wait_for_selector(ready)
        return page

    yield open_page
    for context in contexts:
        context.close()
    assert console.errors == []


def engine_of(page: Page) -> str | None:
    """Where it works, once that is decided."""
    expect(page.locator("html")).to_have_attribute("data-engine", re.compile(".+"), timeout=5_000)
    return page.locator("html").get_attribute("data-engine")


@pytest.mark.parametrize("size", SIZES)
def test_the_published_run_is_trained_without_python(opened: Open, size: str):
    page = opened("pace=0", size=size)
    assert engine_of(page) == "workers"
    page.get_by_role("button", name="Train", exact=True).click()
    page.wait_for_selector(FINISHED, timeout=120_000)
    assert len(page.workers) == 3  # one for each run
    expect(page.locator(".il-status")).to_have_text(RESULTS)
    width = SIZES[size][0]
    assert page.evaluate("document.documentElement.scrollWidth") == width


def test_where_workers_are_forbidden_the_page_trains_and_stays_responsive(
    opened: Open, written: Path, console: Console, tmp_path: Path
):
    console.expected.append("worker-src 'none'")
    strict = POLICY.replace("worker-src blob:", "worker-src 'none'")
    path = tmp_path / "strict.html"
    path.write_text(written.read_text(encoding="utf-8").replace(POLICY, strict), encoding="utf-8")
    page = opened("pace=0", path)
    page.get_by_role("button", name="Train", exact=True).click()
    assert engine_of(page) == "page"
    page.get_by_role("button", name="Pause").click()  # between two slices
    expect(page.locator(".il-status")).to_have_text("Paused")
    page.get_by_role("button", name="Go on").click()
    page.wait_for_selector(FINISHED, timeout=120_000)
    expect(page.locator(".il-status")).to_have_text(RESULTS)


def test_the_keyboard_is_enough(opened: Open):
    page = opened(QUICK)
    page.keyboard.press("Tab")
    expect(page.get_by_role("button", name="Train", exact=True)).to_be_focused()
    page.keyboard.press("Enter")
    page.wait_for_selector(FINISHED)
    for _ in range(60):
        page.keyboard.press("Tab")
        if page.get_by_role("button", name="Copy link").evaluate("node => node === document.activeElement"):
            break
    expect(page.get_by_role("button", name="Copy link")).to_be_focused()


def test_a_link_opens_exactly_this_experiment(opened: Open):
    page = opened(QUICK)
    page.locator("summary").filter(has_text="circles, 300 points").click()
    page.get_by_label("Dataset").select_option("moons")
    expect(page.get_by_label("This experiment as text")).to_have_value("dataset=moons&iterations=200&pace=0")
    other = opened(page.url.partition("#")[2])
    expect(other.locator("summary").filter(has_text="moons, 300 points")).to_have_count(1)


@pytest.mark.parametrize(
    ("state", "sentence"),
    [
        (
            "iterations=1e9",
            "Not opened: iterations is 1000000000; expected a whole number from 1 to 1,000,000.",
        ),
        ("noise=NaN", 'Not opened: noise is "NaN"; expected a number from 0 to 1.'),
        (
            "compare=<img src=x onerror=alert(1)>",
            'Not opened: compare names "<img src=x onerror=alert(1)>"; '
            "the lab has zeros, random, he, Xavier, constant 0.5, small 0.01.",
        ),
    ],
)
def test_a_hostile_state_is_refused_with_a_sentence(opened: Open, state: str, sentence: str):
    page = opened(state)
    expect(page.locator(".page-state [role=status]")).to_have_text(sentence)
    expect(page.locator("img")).to_have_count(0)
    expect(page.get_by_label("This experiment as text")).to_have_value("")
    page.get_by_label("This experiment as text").fill(state)
    page.get_by_label("This experiment as text").press("Enter")
    expect(page.locator(".page-state [role=status]")).to_have_text(sentence)


def test_sizes_that_are_not_stored_are_refused_with_the_reason(opened: Open):
    page = opened("hidden_layers=4")
    expect(page.locator(".il-broken").first).to_contain_text(
        "This page holds the weights of this function for 2-10-5-1 only: for 2-4-1 open the lab in Python."
    )


def test_inside_a_sandboxed_frame_it_trains_and_gives_its_state_as_text(
    opened: Open, written: Path, tmp_path: Path
):
    outer = tmp_path / "outer.html"
    outer.write_text(
        f'<!doctype html><title>A course</title><iframe src="{written.as_uri()}" sandbox="allow-scripts" '
        'width="900" height="800"></iframe>',
        encoding="utf-8",
    )
    frame = opened("", outer, ready="iframe").frame_locator("iframe")
    field = frame.get_by_label("This experiment as text")
    field.fill(QUICK)
    field.press("Enter")
    frame.get_by_role("button", name="Train", exact=True).click()
    expect(frame.locator(FINISHED)).to_have_count(1)
    frame.get_by_role("button", name="Select as text").click()
    expect(frame.locator(".page-state [role=status]")).to_have_text(
        "The text is selected: copy it with Ctrl+C."
    )


def test_the_lab_of_an_exported_notebook_trains_in_the_page(opened: Open, tmp_path: Path, console: Console):
    functions = instructor_functions("initialization").values()
    output = Lab(*functions, live=False, iterations=200, pace=0)._repr_mimebundle_()
    cell = nbformat.v4.new_code_cell("lab()", outputs=[nbformat.v4.new_output("display_data", output)])
    text, _ = LabExporter().from_notebook_node(nbformat.v4.new_notebook(cells=[cell]))
    path = tmp_path / "mine.html"
    path.write_text(text, encoding="utf-8")
    console.expected += [
        "net::ERR_INTERNET_DISCONNECTED",
        "MathJax",
        "require",
    ]  # of nbconvert's own template
    page = opened("", path, ready="iframe.initlab-living")
    expect(page.locator(".initlab-still")).to_be_hidden()
    page.locator("iframe.initlab-living").scroll_into_view_if_needed()
    frame = page.frame_locator("iframe.initlab-living")
    expect(frame.locator(".initlab canvas").first).to_be_visible()
    frame.get_by_role("button", name="Train", exact=True).click()
    expect(frame.locator(FINISHED)).to_have_count(1)
    expect(frame.locator(".il-status")).to_contain_text("Finished: zeros cost 0.693")
    page.locator("iframe.initlab-living").evaluate("node => { node.srcdoc = '<p>hostile'; }")
    assert page.evaluate("document.querySelector('iframe.initlab-living').contentDocument") is None


def test_every_tab_draws(opened: Open):
    page = opened(QUICK)
    for tab in ("Outputs", "Depth", "Similarity", "Table", "Python"):
        page.get_by_role("tab", name=tab).click()
    page.get_by_role("tab", name="Depth").click()
    expect(page.locator(".il-ratios li").first).to_contain_text("He: activations × ")
    expect(page.locator(".il-missing")).to_have_text(
        "No curve for zeros, random, he: this page holds the weights of a function for one network only. "
        "The lab in Python draws its curve."
    )
    page.get_by_role("tab", name="Seeds").click()
    page.get_by_role("button", name="Compare seeds").click()
    expect(page.locator(".il-pairs")).to_contain_text("From the same seed", timeout=60_000)
