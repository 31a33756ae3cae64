"""How fast the lab is in a real browser, what its frames weigh, and what it costs without a front end.

Run from a checkout with chromium installed; writes `benchmarks/lab.md` and, with `--picture`, `docs/lab.png`.
Every figure is measured several times in one run; the machine's load stands beside them.
"""

from __future__ import annotations

import argparse
import os
import platform
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path

REPOSITORY = Path(__file__).resolve().parents[1]
sys.path.insert(0, str(REPOSITORY))

from playwright.sync_api import Locator, Page, sync_playwright  # noqa: E402 - after the path to our own modules

from init_utils.lab.layout import FrameLayout  # noqa: E402
from init_utils.lab.settings import MOST_RUNS  # noqa: E402
from tests.browser.live_jupyter import (  # noqa: E402
    find_chromium,
    jupyter_server,
    launch,
    open_notebook,
    run_all,
    write_notebook,
)

FUNCTIONS = """
import numpy as np
from init_utils import lab

def scaled(dims, scale):
    np.random.seed(3)
    return {key: value for l in range(1, len(dims)) for key, value in (
        (f"W{l}", np.random.randn(dims[l], dims[l - 1]) * scale(dims[l - 1])),
        (f"b{l}", np.zeros((dims[l], 1))))}

def initialize_parameters_zeros(layers_dims):
    return scaled(layers_dims, lambda n: 0.0)

def initialize_parameters_random(layers_dims):
    return scaled(layers_dims, lambda n: 10.0)

def initialize_parameters_he(layers_dims):
    return scaled(layers_dims, lambda n: (2 / n) ** 0.5)

_ = lab()  # the libraries and the engine are loaded, as they are by the end of the assignment
"""
OPEN = "one = lab(initialize_parameters_zeros, initialize_parameters_random, initialize_parameters_he)\none"
# Notes every drawn frame and every change of status, with the browser's clock.
WATCH = """() => {
  window.seen = { frames: [], statuses: [], last: '' };
  document.addEventListener('initlab:frame', (event) =>
    seen.frames.push([event.detail.iteration, event.detail.ms]));
  const node = document.querySelector('.initlab');
  const note = () => { // the attribute is also written when it stays the same
    const { status } = node.dataset;
    if (status !== seen.last) seen.statuses.push([performance.now(), status]);
    seen.last = status;
  };
  note();
  new MutationObserver(note)
    .observe(node, { attributes: true, attributeFilter: ['data-status'] });
}"""
PRESS = """async ([word, status]) => {
  const node = document.querySelector('.initlab');
  seen.frames = [];
  seen.statuses = [];
  const began = performance.now();
  node.querySelector(`.il-${word}`).click();
  const reached = () => seen.statuses.find(([, now]) => now === status);
  while (!reached()) {
    if (performance.now() - began > 60_000) throw new Error(`no ${status} after ${word}: ${seen.statuses}`);
    await new Promise((done) => setTimeout(done, 2));
  }
  return { began, ended: reached()[0] };
}"""
INSERT_AND_TIME = """async (code) => {
  const app = window.jupyterapp;
  await app.commands.execute('notebook:insert-cell-below');
  app.shell.currentWidget.content.activeCell.model.sharedModel.setSource(code);
  const before = document.querySelectorAll('.initlab').length;
  const began = performance.now();
  const drawn = new Promise((done) => document.addEventListener('initlab:frame', done, { once: true }));
  app.commands.execute('notebook:run-cell');
  await drawn;
  return performance.now() - began;
}"""
HEADLESS = """
import json, statistics, time
{functions}
def opened():
    began = time.perf_counter()
    own = (initialize_parameters_zeros, initialize_parameters_random, initialize_parameters_he)
    lab(*own)._repr_mimebundle_()
    return time.perf_counter() - began
print(statistics.median(opened() for _ in range(9)))
"""
ROUNDS = 3
MOMENTS = 189  # kept of a training, about as many as ever


def main() -> None:
    """Measure, print and write the table."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--picture", action="store_true", help="also write docs/lab.png")
    parser.add_argument("--only-picture", action="store_true", help="write docs/lab.png and measure nothing")
    arguments = parser.parse_args()
    if find_chromium() is None:
        raise SystemExit("no chromium found: apt-get install chromium")
    load = os.getloadavg()[0]
    with tempfile.TemporaryDirectory() as folder:
        write_notebook(Path(folder) / "lab.ipynb", FUNCTIONS, OPEN)
        with jupyter_server(Path(folder)) as server, sync_playwright() as playwright:
            browser = launch(playwright)
            page = browser.new_page(viewport={"width": 1500, "height": 1100})
            open_notebook(page, server.lab_url("lab.ipynb"))
            page.evaluate("window.jupyterapp.commands.execute('application:toggle-left-area')")
            run_all(page)
            page.wait_for_selector(".initlab canvas")
            page.evaluate(WATCH)
            if arguments.picture or arguments.only_picture:
                take_picture(page)
            if arguments.only_picture:
                return
            setting(page, "Xavier").check()
            close_settings(page)
            rows = measure(page)
            rows.append(("opening, from the keystroke to the first frame", *opening(page), "< 0.5 s"))
            browser.close()
    rows += weights()
    rows.append(("headless, beyond imports", *headless(), "< 0.05 s"))
    text = table(rows, load)
    (REPOSITORY / "benchmarks" / "lab.md").write_text(text, encoding="utf-8")
    print(text)


def measure(page: Page) -> list[tuple[str, str, str, str]]:
    """Live training at the default pace, without a pace, and Stop."""
    rows = []
    for pace, words in ((2.0, "default pace"), (0.0, "no pace")):
        set_trait(page, "Shown in", str(int(pace)))
        taken, rates, drawing = [], [], []
        for _ in range(ROUNDS):
            times = press(page, "train", "finished")
            frames = page.evaluate("seen.frames")
            taken.append((times["ended"] - times["began"]) / 1000)
            rates.append(len({iteration for iteration, _ in frames}) / taken[-1])
            drawing += [ms for _, ms in frames]
        rows.append((f"4 runs x 15,000 iterations, {words}", *spread(taken, "s"), "<= 3 s"))
        rows.append((f"drawing a frame of 4 runs, {words}", *spread(drawing, "ms"), "< 10 ms"))
        rows.append((f"different frames drawn a second, {words}", *spread(rates, "/s"), ">= 20 /s"))
    set_trait(page, "Shown in", "60")
    delays = []
    for _ in range(ROUNDS):
        press(page, "train", "running")
        page.wait_for_timeout(400)
        times = press(page, "stop", "stopped")
        delays.append((times["ended"] - times["began"]) / 1000)
    rows.append(("Stop, from the click to the word on screen", *spread(delays, "s"), "<= 0.25 s"))
    return rows


def opening(page: Page) -> tuple[str, str]:
    """A further lab in a new cell, several times."""
    return spread([float(page.evaluate(INSERT_AND_TIME, OPEN)) / 1000 for _ in range(ROUNDS)], "s")


def headless() -> tuple[str, str]:
    """What `lab(...)` and its picture cost in a plain process."""
    program = HEADLESS.replace("{functions}", FUNCTIONS)
    taken = []
    for _ in range(3):
        done = subprocess.run(
            [sys.executable, "-c", program], cwd=REPOSITORY, capture_output=True, text=True, check=True
        )
        taken.append(float(done.stdout))
    return spread(taken, "s")


def weights() -> list[tuple[str, str, str, str]]:
    """What the frames of four runs weigh, by the layout that both sides use."""
    rows = []
    for hidden, limit in (((10, 5), 5), ((64,) * 6, 80)):
        layout = FrameLayout((2, *hidden, 1))
        size = MOST_RUNS * (8 * layout.floats_per_run + 4 * layout.parameters_per_run)
        words = "-".join(map(str, hidden))
        rows.append(
            (f"a frame of 4 runs of {words}", f"{size / 1e3:.1f} kB", "exact", "< 8 kB" if limit == 5 else "")
        )
        total = f"{MOMENTS * size / 1e6:.2g} MB"
        rows.append((f"{MOMENTS} moments of 4 runs of {words}", total, "exact", f"< {limit} MB"))
    return rows


def take_picture(page: Page) -> None:
    """The lab at the end of a training, as `docs/lab.png`."""
    set_trait(page, "Shown in", "2")
    page.set_viewport_size({"width": 1240, "height": 1200})
    setting(page, "Xavier").check()
    close_settings(page)
    press(page, "train", "finished")
    page.locator(".initlab").scroll_into_view_if_needed()
    page.wait_for_timeout(500)
    page.evaluate("document.activeElement.blur()")
    page.locator(".initlab").screenshot(path=str(REPOSITORY / "docs" / "lab.png"))
    page.set_viewport_size({"width": 1500, "height": 1100})


def setting(page: Page, label: str) -> Locator:
    """The control of this label, with the words opened that it stands behind."""
    control = page.get_by_label(label, exact=True).first
    control.evaluate("node => { node.closest('details').open = true; }")
    return control


def close_settings(page: Page) -> None:
    page.evaluate("for (const one of document.querySelectorAll('.initlab details')) one.open = false")


def set_trait(page: Page, label: str, value: str) -> None:
    setting(page, label).select_option(value)
    close_settings(page)


def press(page: Page, word: str, status: str) -> dict[str, float]:
    """Click a button inside the page and wait there: the clock of Playwright's pipe is left out."""
    times: dict[str, float] = page.evaluate(PRESS, [word, status])
    return times


def spread(values: list[float], unit: str) -> tuple[str, str]:
    """Median, and the range."""
    write: Callable[[float], str] = lambda value: f"{value:.1f}" if unit in ("/s", "ms") else f"{value:.3f}"  # noqa: E731
    return (
        f"{write(statistics.median(values))} {unit}",
        f"{write(min(values))} to {write(max(values))} {unit}",
    )


def table(rows: list[tuple[str, str, str, str]], load: float) -> str:
    """The figures as a page."""
    lines = [
        "# The lab in a real browser",
        "",
        f"Written by `benchmarks/lab.py`: {platform.system()}, {os.cpu_count()} cores, Python "
        f"{platform.python_version()}, Chromium without a graphics card; load of the machine before the run "
        f"{load:.1f}. {ROUNDS} rounds each.",
        "",
        "| what | median | range | wanted |",
        "| --- | --- | --- | --- |",
        *(f"| {' | '.join(row)} |" for row in rows),
        "",
    ]
    return "\n".join(lines)


if __name__ == "__main__":
    start = time.perf_counter()
    main()
    print(f"{time.perf_counter() - start:.0f} s")
