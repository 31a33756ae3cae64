"""The lab on the site: `docs/try.html` and the front page around it, from disk, with the network off."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page, expect

from docs.lab_page import write_lab_page
from docs.solutions import ROOT
from tests.browser.live_jupyter import Console

pytestmark = [pytest.mark.browser, pytest.mark.slow]  # a browser

SIZES = {"desk": (1280, 900), "phone": (390, 844)}
QUICK = "#pace=0&iterations=200"


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The site's two pages as `make docs` writes them; of the front page the frame alone."""
    folder = tmp_path_factory.mktemp("site")
    (folder / "docs").mkdir()
    write_lab_page(folder)
    front = (ROOT / "docs" / "index.md").read_text(encoding="utf-8")
    frame = front[front.index("<iframe") : front.index("</iframe>") + len("</iframe>")]
    style = (ROOT / "docs" / "_static" / "site.css").read_text(encoding="utf-8")
    (folder / "docs" / "index.html").write_text(
        f"<!doctype html><title>init-utils</title><style>{style}</style>{frame}", encoding="utf-8"
    )
    return folder / "docs"


@pytest.fixture(params=SIZES)
def page(browser: Browser, console: Console, request: pytest.FixtureRequest) -> Iterator[Page]:
    """A page of either size, offline; a request for anything but a file, or an error, fails the test."""
    width, height = SIZES[request.param]
    context = browser.new_context(viewport={"width": width, "height": height}, offline=True)
    page = context.new_page()
    asked: list[str] = []
    page.on("request", lambda request: asked.append(request.url))
    console.watch(page)
    yield page
    context.close()
    assert [url for url in asked if not url.startswith(("file:", "blob:", "data:", "about:"))] == []
    assert console.errors == []


def press_until(page: Page, key: str, name: str) -> None:
    """Press a key until the button of this name has the focus."""
    button = page.get_by_role("button", name=name, exact=True)
    for _ in range(60):
        page.keyboard.press(key)
        if button.evaluate("node => node === document.activeElement"):
            return
    raise AssertionError(f"{key} never reaches {name}")


def test_the_lab_of_the_site_trains_by_keyboard_alone(page: Page, site: Path):
    page.goto((site / "try.html").as_uri() + QUICK)
    page.wait_for_selector(".initlab .il-transport")
    press_until(page, "Tab", "Train")
    page.keyboard.press("Enter")
    page.wait_for_selector(".initlab[data-status=finished]", timeout=60_000)
    expect(page.locator(".il-status")).to_contain_text("Finished: He cost")
    press_until(page, "Shift+Tab", "Reset")
    page.keyboard.press("Space")
    page.wait_for_selector(".initlab[data-status=ready]")
    assert page.evaluate("document.documentElement.scrollWidth") == page.viewport_size["width"]  # type: ignore[index]


def test_the_lab_of_the_front_page_trains_in_its_frame(page: Page, site: Path):
    page.goto((site / "index.html").as_uri())
    frame = page.frame_locator("iframe.lab-page")
    field = frame.get_by_label("This experiment as text")
    field.fill(QUICK.removeprefix("#"))
    field.press("Enter")
    frame.get_by_role("button", name="Train", exact=True).press("Enter")
    expect(frame.locator(".initlab[data-status=finished]")).to_have_count(1, timeout=60_000)
    assert page.evaluate("document.documentElement.scrollWidth") == page.viewport_size["width"]  # type: ignore[index]
