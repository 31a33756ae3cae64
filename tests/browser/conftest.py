"""Fixtures of the tests in a real browser.

`browser_page` is a page whose console errors fail the test at its end; `lab_server` serves one folder to
all tests of a session. Where there is no Chromium the tests skip, with a line that says how to get one;
in CI that is a failure.
"""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page, expect, sync_playwright

from tests.browser.live_jupyter import (
    HOW_TO_GET_CHROMIUM,
    Console,
    Server,
    find_chromium,
    jupyter_server,
    launch,
    open_notebook,
    run_all,
    write_notebook,
)

VIEWPORT = {"width": 1500, "height": 1100}
expect.set_options(
    timeout=20_000
)  # for machines that are busy with other things; nobody waits when all is well


@pytest.fixture(scope="session")
def browser() -> Iterator[Browser]:
    """A headless Chromium."""
    if find_chromium() is None:
        if os.environ.get("CI"):
            pytest.fail(f"{HOW_TO_GET_CHROMIUM}; in CI this is a failure", pytrace=False)
        pytest.skip(HOW_TO_GET_CHROMIUM)
    with sync_playwright() as playwright:
        browser = launch(playwright)
        yield browser
        browser.close()


@pytest.fixture
def console() -> Console:
    """What `browser_page` complains about."""
    return Console()


@pytest.fixture
def browser_page(browser: Browser, console: Console) -> Iterator[Page]:
    """A fresh page, 1500 by 1100; an error in its console fails the test."""
    context = browser.new_context(viewport=VIEWPORT, accept_downloads=True)
    page = context.new_page()
    console.watch(page)
    yield page
    context.close()
    assert console.errors == []


@pytest.fixture(scope="session")
def lab_server(tmp_path_factory: pytest.TempPathFactory, browser: Browser) -> Iterator[Server]:
    """JupyterLab on an empty folder."""
    with jupyter_server(tmp_path_factory.mktemp("served")) as server:
        yield server


@pytest.fixture
def opened(lab_server: Server, browser_page: Page, request: pytest.FixtureRequest) -> Callable[..., Page]:
    """Open a notebook of these cells in JupyterLab and run all of them; the page shows a lab then."""

    def open_cells(*cells: str) -> Page:
        notebook = write_notebook(lab_server.root / f"{request.node.name}.ipynb".replace("/", "-"), *cells)
        show(browser_page, lab_server, notebook)
        return browser_page

    return open_cells


def show(page: Page, server: Server, notebook: Path) -> None:
    """Open a notebook with the side panel closed, run it, and wait for its lab."""
    open_notebook(page, server.lab_url(notebook.name))
    page.evaluate("window.jupyterapp.commands.execute('application:toggle-left-area')")
    run_all(page)
    page.wait_for_selector(".initlab canvas", timeout=30_000)
