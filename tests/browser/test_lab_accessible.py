"""The lab for those who see little, no colours, or use no mouse: axe-core, dark theme, 200 % zoom, grey."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Browser, Page, expect

from tests.browser.conftest import show
from tests.browser.live_jupyter import Server, write_notebook
from tests.browser.test_lab import FUNCTIONS, ask_kernel, open_tab, root, settle, wait_for
from tests.browser.test_lab_fits import MEASURE

pytestmark = [pytest.mark.browser, pytest.mark.slow]

OPEN = (
    "one = lab(initialize_parameters_zeros, initialize_parameters_random, initialize_parameters_he, "
    "iterations=300, pace=0, strip_seeds=2)\none"
)
TABS = ("Gradients", "Outputs", "Scale", "Seeds", "Depth", "Similarity", "Table", "Python")
DARK = "window.jupyterapp.commands.execute('apputils:change-theme', {theme: 'JupyterLab Dark'})"
RULES = {"runOnly": ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"]}


def complaints(page: Page) -> list[str]:
    """What axe-core finds in the lab: rule, and the element."""
    settle(page)
    found = Axe().run(page, context=".initlab", options=RULES).response["violations"]
    return [
        f"{rule['id']}: {node['html'][:200]} {node.get('failureSummary', '')[-200:]}"
        for rule in found
        for node in rule["nodes"]
    ]


@pytest.mark.parametrize("theme", ["light", "dark"])
def test_axe_finds_nothing_in_any_tab(opened: Callable[..., Page], theme: str) -> None:
    page = opened(FUNCTIONS, OPEN)
    if theme == "dark":
        page.evaluate(DARK)
    expect(root(page)).to_have_attribute("data-theme", theme)
    found = {"before the first training": complaints(page)}
    ask_kernel(page, "(one.run(), None)")
    wait_for(page, "finished")
    for tab in TABS:
        open_tab(page, tab)
        found[tab] = complaints(page)
    root(page).locator(".il-neuron").first.focus()
    page.keyboard.press("Enter")
    found["card"] = complaints(page)
    for group in range(5):
        root(page).locator("details").nth(group).evaluate("node => { node.open = true; }")
        found[f"settings {group}"] = complaints(page)
    ask_kernel(page, "setattr(one, 'compare', ['he'])")
    expect(root(page).locator(".il-run")).to_have_count(1)
    found["one run"] = complaints(page)
    assert {where: what for where, what in found.items() if what} == {}


def test_at_200_percent_the_lab_reflows(browser: Browser, lab_server: Server) -> None:
    context = browser.new_context(viewport={"width": 640, "height": 360}, device_scale_factor=2)
    page = context.new_page()
    show(page, lab_server, write_notebook(lab_server.root / "zoomed.ipynb", FUNCTIONS, OPEN))
    settle(page)
    assert page.evaluate(MEASURE)["faults"] == []
    assert page.evaluate("document.querySelector('.initlab').scrollWidth <= innerWidth")
    context.close()


def tab_to(page: Page, is_there: str, most: int = 60) -> None:
    """Press Tab until the element that has the focus is the one meant: a condition on `node`."""
    for _ in range(most):
        if page.evaluate(f"(() => {{ const node = document.activeElement; return {is_there}; }})()"):
            return
        page.keyboard.press("Tab")
    pytest.fail(f"Tab pressed {most} times does not lead to what is {is_there}")


def test_the_lab_is_walked_with_the_keyboard_alone(opened: Callable[..., Page]) -> None:
    page = opened(FUNCTIONS, OPEN)
    lab = root(page)
    lab.locator(".il-train").focus()  # whatever stands before the lab is the page's
    page.keyboard.press("Tab")
    tab_to(page, "node.classList.contains('il-step')")
    page.keyboard.press("Enter")
    expect(lab.locator(".il-clock")).to_have_text("1 of 300")
    page.keyboard.press("Shift+Tab")
    tab_to(page, "node.classList.contains('il-train')")
    page.keyboard.press("Enter")
    wait_for(page, "finished")
    tab_to(page, "node.classList.contains('il-slider')")
    page.keyboard.press("Home")
    expect(lab.locator(".il-clock")).to_have_text("0 of 300")
    tab_to(page, "node.tagName === 'SUMMARY'")
    page.keyboard.press("Enter")
    expect(lab.locator("details[open]")).to_have_count(1)
    page.keyboard.press("Tab")
    page.keyboard.press("Escape")
    expect(lab.locator("details[open]")).to_have_count(0)
    tab_to(page, "node.classList.contains('il-neuron')")
    page.keyboard.press("ArrowRight")
    expect(lab.get_by_role("note")).to_contain_text("Layer 1, neuron 2 of 10")
    page.keyboard.press("Enter")
    page.keyboard.press("Escape")
    expect(lab.get_by_role("note")).to_be_hidden()
    tab_to(page, "node.classList.contains('il-tab')")
    page.keyboard.press("ArrowRight")
    expect(lab.get_by_role("tab", name="Outputs")).to_have_attribute("aria-selected", "true")
    expect(lab.get_by_role("tab", name="Outputs")).to_be_focused()
