"""The hand-in page in a browser: the link, a notebook chosen or dropped, the verdict, and the live page."""

from __future__ import annotations

import socket
import threading
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Page, expect

from autograder.serve.links import Person
from tests import small_course

uvicorn = pytest.importorskip("uvicorn", reason="the service's packages are not installed (extra `serve`)")
pytest.importorskip("starlette", reason="the service's packages are not installed (the extra `serve`)")
pytestmark = [pytest.mark.browser, pytest.mark.slow]

DROP = """([name, text]) => {
  const data = new DataTransfer();
  data.items.add(new File([text], name));
  dispatchEvent(new DragEvent("drop", { dataTransfer: data, bubbles: true, cancelable: true }));
}"""


@pytest.fixture
def served(tmp_path: Path) -> Iterator[Any]:
    """A service that listens; its grader is not started."""
    from tests.serve_client import Served

    made = Served(small_course.make_course(tmp_path))
    with socket.create_server(("127.0.0.1", 0)) as listening:
        server = uvicorn.Server(uvicorn.Config(made.app, lifespan="off", log_level="critical", ws="none"))
        thread = threading.Thread(target=server.run, kwargs={"sockets": [listening]})
        thread.start()
        made.address = f"http://127.0.0.1:{listening.getsockname()[1]}"
        yield made
        server.should_exit = True
        thread.join()


def link(served: Any, name: str, role: str = "student") -> str:
    return f"{served.address}/#{served.links.token(Person(name, role), 1)}"


@pytest.mark.parametrize("way", ["chosen", "dropped"])
def test_a_notebook_becomes_a_verdict_and_a_link_to_the_feedback(
    served: Any, browser_page: Page, tmp_path: Path, way: str
) -> None:
    from tests.serve_client import PARTIAL, PASSED, graded

    page = browser_page
    page.set_viewport_size({"width": 390, "height": 800})
    page.goto(link(served, "ada"))
    expect(page.locator("#who")).to_have_text("You are ada")
    assert page.url == f"{served.address}/", "the secret does not stay in the address"
    notebook = tmp_path / "ps1.ipynb"
    notebook.write_text("{}", encoding="utf-8")
    if way == "chosen":
        page.locator("#file").focus()
        page.set_input_files("#file", notebook)
    else:
        page.evaluate(DROP, ["ps1.ipynb", "{}"])
    expect(page.locator("#state-title")).to_have_text("Accepted")
    expect(page.locator("#state-text")).to_contain_text("You may close this page: it is kept.")
    served.finish(graded("ada", PASSED, PARTIAL))
    expect(page.locator("#state-title")).to_have_text("10 of 10 points so far")
    expect(page.locator("#tests .badge")).to_have_text(["✓ Passed", "◌ Told after the deadline"])
    expect(page.locator("#feedback")).to_be_focused()
    assert page.evaluate("document.documentElement.scrollWidth <= innerWidth")
    page.keyboard.press("Enter")
    expect(page.get_by_role("heading", level=1)).to_have_text("Ps1")


def test_a_file_that_is_no_notebook_is_named_and_not_sent(
    served: Any, browser_page: Page, tmp_path: Path
) -> None:
    browser_page.goto(link(served, "ada"))
    expect(browser_page.locator("#form")).to_be_visible()
    (tmp_path / "essay.txt").write_text("words", encoding="utf-8")
    browser_page.set_input_files("#file", tmp_path / "essay.txt")
    expect(browser_page.get_by_role("alert")).to_have_text(
        "essay.txt is not a notebook. Its name should end in .ipynb."
    )
    assert served.queue.waiting() == []


def test_the_live_page_shows_what_is_handed_in_now(served: Any, browser_page: Page) -> None:
    from tests.serve_client import PASSED, graded

    served.queue.accept("ada", small_course.NAME, small_course.NAME, b"{}")
    served.finish(graded("ada", PASSED))
    browser_page.goto(link(served, "grace", "instructor"))
    browser_page.get_by_role("link", name="What happens now").click()
    expect(browser_page.locator("#last")).to_contain_text("10 of 10")
    expect(browser_page.locator("#last").get_by_role("link", name="ada")).to_be_visible()
    expect(browser_page.locator("#attention")).to_have_text("Nobody.")
