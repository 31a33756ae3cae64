"""The lab when its kernel is busy, restarted, killed or out of reach, and what stays of it in the file."""

from __future__ import annotations

import json
import re
from collections.abc import Callable
from pathlib import Path

import pytest
from nbconvert import HTMLExporter
from playwright.sync_api import Page, WebSocketRoute, expect

from tests.browser.conftest import show
from tests.browser.live_jupyter import Console, Server, open_notebook, write_notebook
from tests.browser.test_lab import FUNCTIONS, HE, OPEN, button, clock, root, scrub, settle, wait_for

pytestmark = [pytest.mark.browser, pytest.mark.slow]

GONE = "The kernel no longer knows this lab: run its cell again."
BUSY = "Waiting for the kernel: another cell is running."
LOST = "Waiting for the kernel: the connection is lost."
KERNEL = "window.jupyterapp.shell.currentWidget.sessionContext.session.kernel"


def say(page: Page, words: str) -> None:
    expect(root(page).locator(".il-waiting")).to_have_text(words, timeout=15_000)


def await_silence(page: Page) -> None:
    """Until the kernel says nothing more: the end of something asked before would show it as idle."""
    page.evaluate(
        f"""() => {{
            const listen = () => {{ window.heardAt = performance.now(); }};
            listen();
            {KERNEL}.iopubMessage.connect(listen);
        }}"""
    )
    page.wait_for_function("() => performance.now() - window.heardAt > 2_000")


def start_in_kernel(page: Page, code: str) -> None:
    """Start a cell's code and do not wait for it."""
    page.evaluate(f"(code) => {{ {KERNEL}.requestExecute({{ code, store_history: false }}); }}", code)


def test_a_kernel_busy_with_another_cell_is_waited_for(opened: Callable[..., Page]) -> None:
    page = opened(FUNCTIONS, OPEN)
    await_silence(page)
    # It keeps the interpreter to itself: a subshell, which need not wait for a cell, waits for this one.
    start_in_kernel(page, "import ctypes, time\ntime.sleep(1)\nctypes.PyDLL(None).sleep(20)")
    page.wait_for_function(f"() => {KERNEL}.status === 'busy'")
    page.wait_for_timeout(2_000)
    button(page, "Train").click()
    say(page, BUSY)
    wait_for(page, "finished")
    say(page, "")


@pytest.mark.parametrize(
    "end",
    [f"{KERNEL}.restart()", f"{KERNEL}.requestExecute({{ code: 'import os; os.kill(os.getpid(), 9)' }})"],
    ids=["restarted", "killed"],
)
def test_a_kernel_that_was_restarted_or_killed_is_not_waited_for(
    opened: Callable[..., Page], console: Console, end: str
) -> None:
    page = opened(FUNCTIONS, OPEN)
    button(page, "Train").click()
    wait_for(page, "finished")
    console.expected += ["comm", "Canceled", "Kernel"]  # JupyterLab's own complaints
    page.evaluate(f"() => {{ {end}; }}")
    say(page, GONE)
    expect(button(page, "Train again")).to_be_disabled()
    scrub(page, 0)
    assert clock(page) == 0  # the slider needs no kernel


def test_a_lost_connection_is_not_taken_for_the_end(
    lab_server: Server, browser_page: Page, console: Console
) -> None:
    console.expected += ["WebSocket", "Failed to", "Connection", "fetch", "Kernel"]  # JupyterLab's own
    connected: list[WebSocketRoute] = []
    is_lost = False

    def connect(socket: WebSocketRoute) -> None:
        if is_lost:
            socket.close(code=1006)
        else:
            socket.connect_to_server()
            connected.append(socket)

    browser_page.route_web_socket(re.compile("/channels"), connect)
    notebook = write_notebook(lab_server.root / "lost.ipynb", FUNCTIONS, OPEN)
    show(browser_page, lab_server, notebook)
    is_lost = True
    for socket in connected:
        socket.close(code=4000)
    button(browser_page, "Train").click()
    say(browser_page, LOST)


def saved(page: Page, server: Server) -> Path:
    page.evaluate("window.jupyterapp.commands.execute('docmanager:save')")
    return server.root / str(page.evaluate("window.jupyterapp.shell.currentWidget.context.path"))


def stills(page: Page) -> list[bool]:
    """Of each still picture on the page: whether it is seen."""
    settle(page)
    seen: list[bool] = page.evaluate(
        "[...document.querySelectorAll('.initlab-still')].map((node) => node.checkVisibility())"
    )
    return seen


def test_the_picture_is_hidden_while_the_view_lives_and_shown_by_a_reopened_file(
    lab_server: Server, opened: Callable[..., Page], console: Console
) -> None:
    page = opened(FUNCTIONS, OPEN)
    assert stills(page) == [False]
    button(page, "Train").click()
    wait_for(page, "finished")
    page.wait_for_function("document.querySelector('.initlab-still img').alt.includes('15,000 of 15,000')")
    file = saved(page, lab_server)
    outputs = json.loads(file.read_text())["cells"][1]["outputs"]
    assert [set(output["data"]) for output in outputs] == [
        {"application/vnd.jupyter.widget-view+json", "text/plain"},
        {"text/html", "text/plain"},
    ]
    assert "".join(outputs[1]["data"]["text/plain"]).endswith("Run the cell to go on.")

    page.evaluate(f"() => {KERNEL}.shutdown()")
    console.expected.append("")  # of a widget without a kernel
    open_notebook(page, lab_server.lab_url(file.name))
    assert root(page).count() == 0
    assert stills(page) == [True]
    picture = page.locator(".initlab-still")
    assert "iteration 15,000 of 15,000" in str(picture.locator("img").get_attribute("alt"))
    expect(picture).to_contain_text("Run the cell to go on.")
    # JupyterLab's own line stands above it.
    above = page.locator(".jp-OutputArea-child").nth(0).bounding_box()
    below = picture.bounding_box()
    assert above is not None
    assert below is not None
    assert above["y"] < below["y"]

    exported, _ = HTMLExporter(template_name="lab").from_filename(str(file))
    assert exported.count('class="initlab-still') == 1
    assert "iteration 15,000 of 15,000" in exported


def test_two_labs_hide_their_own_pictures(opened: Callable[..., Page]) -> None:
    page = opened(FUNCTIONS, f"first = lab({HE})\nfirst", f"second = lab({HE})\nsecond")
    expect(root(page)).to_have_count(2)
    assert stills(page) == [False, False]
