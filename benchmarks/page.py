"""How fast the page's engine trains in a browser: with all that the views need, and its bare loop, in turns.

Run from a checkout with chromium installed; writes `benchmarks/page.md`.
"""

from __future__ import annotations

import functools
import http.server
import os
import platform
import statistics
import sys
import threading
from pathlib import Path
from typing import Any

REPOSITORY = Path(__file__).resolve().parents[1]
sys.path.insert(0, str(REPOSITORY))

from playwright.sync_api import sync_playwright  # noqa: E402 - after the path to our own modules

from tests.browser.live_jupyter import launch  # noqa: E402

ROUNDS = 3
ITERATIONS = 15_000
PROGRAM = """async ([iterations, rounds]) => {
  const { LabEngine } = await import("/engine/lab.js");
  const { Descent } = await import("/engine.js");
  const { builtInStart } = await import("/engine/starts.js");
  const { makeData } = await import("/engine/datasets.js");
  const dims = [2, 10, 5, 1];
  const settings = { compare: ["He"], iterations, pace: 0 };
  const { train } = makeData({ dataset: "circles", noise: 0.05, points: 300, data_seed: 1 });
  const how = { dims, learningRate: 0.01, hidden: "relu" };
  const bare = () => {
    new Descent(train, builtInStart("He", dims, null), how).advance(iterations);
  };
  const recorded = async () => {
    const engine = new LabEngine({ functions: [], dims, settings }, () => {});
    await engine.act("train");
    while ((await engine.work(30)) !== null);
  };
  const timed = async (work) => {
    const began = performance.now();
    await work();
    return (performance.now() - began) / 1000;
  };
  await timed(bare);
  await timed(recorded); // the compiler of the browser has seen both
  const taken = [];
  for (let round = 0; round < rounds; round += 1) taken.push([await timed(bare), await timed(recorded)]);
  return taken;
}"""


class Quiet(http.server.SimpleHTTPRequestHandler):
    """The sources of the front end, without a word."""

    def log_message(self, *_of: Any) -> None:
        """Nothing."""


def main() -> None:
    """Measure, print and write the table."""
    load = os.getloadavg()[0]
    handler = functools.partial(Quiet, directory=str(REPOSITORY / "init_utils" / "lab" / "src"))
    server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), handler)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    with sync_playwright() as playwright:
        browser = launch(playwright)
        page = browser.new_page()
        page.goto(f"http://127.0.0.1:{server.server_port}/")
        taken = page.evaluate(PROGRAM, [ITERATIONS, ROUNDS])
        browser.close()
    server.shutdown()
    text = table(taken, load)
    (REPOSITORY / "benchmarks" / "page.md").write_text(text, encoding="utf-8")
    print(text)


def table(taken: list[list[float]], load: float) -> str:
    """The figures as a page."""
    bare, recorded = (list(column) for column in zip(*taken, strict=True))
    ratios = [with_records / alone for with_records, alone in zip(recorded, bare, strict=True)]
    rates = [ITERATIONS / seconds for seconds in recorded]
    lines = [
        "# The lab's page in a browser",
        "",
        f"Written by `benchmarks/page.py`: {platform.system()}, {os.cpu_count()} cores, Chromium; load of "
        f"the machine before the run {load:.1f}. One run of {ITERATIONS:,} iterations, 2-10-5-1, 300 points; "
        f"{ROUNDS} rounds, the two in turns.",
        "",
        "| what | median | range |",
        "| --- | --- | --- |",
        f"| the bare loop, seconds | {spread(bare, 2)} |",
        f"| with all records, seconds | {spread(recorded, 2)} |",
        f"| gradient steps a second, with all records | {spread(rates, 0)} |",
        f"| with all records, compared with the bare loop | {spread(ratios, 3)} |",
        "",
    ]
    return "\n".join(lines)


def spread(values: list[float], digits: int) -> str:
    """Median, and the range."""
    median, least, most = (
        f"{value:,.{digits}f}" for value in (statistics.median(values), min(values), max(values))
    )
    return f"{median} | {least} to {most}"


if __name__ == "__main__":
    main()
