"""How fast the page's engine trains in a browser: with all that the views need, and its bare loop, in turns.

In the same browser the innermost loop is timed against WebAssembly with SIMD. Run from a checkout with
chromium installed; writes `benchmarks/page.md`.
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
# `page_simd.wat`, assembled by wabt 1.0.39.
SIMD = (
    "AGFzbQEAAAABCAFgBH9/f38AAwIBAAUDAQAEBxcCBm1lbW9yeQIACmFjY3VtdWxhdGUAAAqgAQGdAQICfwR7IAH9CgMAIQYg"
    "Af0KAwghByAB/QoDECEIIAH9CgMYIQkgA0EDdCEFIAAgBWohBANAIAAgAP0ABAAgBiAC/QAEAP3yASAHIAIgBWr9AAQA/fIB"
    "/fABIAggAiAFQQF0av0ABAD98gH98AEgCSACIAVBA2xq/QAEAP3yAf3wAf3wAf0LBAAgAkEQaiECIABBEGoiACAESQ0ACws="
)
WANTED = 2  # times as fast, or SIMD is not worth a second engine
CALLS = 200_000  # of the innermost loop
CALLS_A_STEP = 51  # rows of products in a step of 2-10-5-1, 205 of them, four at a time
PROGRAM = """async ([iterations, rounds, simd, calls]) => {
  const { LabEngine } = await import("/engine/lab.js");
  const { Descent, accumulate } = await import("/engine.js");
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

  // The innermost loop: ten rows of 300 numbers, each the sum of four others.
  const bytes = Uint8Array.from(atob(simd), (letter) => letter.charCodeAt(0));
  const { instance } = await WebAssembly.instantiate(bytes);
  const m = 300;
  const ways = [0, 1].map(() => new Float64Array(8 * m));
  ways[1] = new Float64Array(instance.exports.memory.buffer, 0, 8 * m);
  for (const numbers of ways)
    numbers.forEach((_, at) => { numbers[at] = at < 4 ? [0.5, -0.25, 0.125, -0.375][at] : (at % 7) / 8; });
  const plain = () => {
    const [numbers] = ways;
    const rows = numbers.subarray(m);
    for (let call = 0; call < calls; call += 1)
      accumulate(numbers, m * (5 + (call % 3)), numbers, 0, 1, 4, rows, m);
  };
  const wasm = () => {
    for (let call = 0; call < calls; call += 1)
      instance.exports.accumulate(8 * m * (5 + (call % 3)), 0, 8 * m, m);
  };
  await timed(plain);
  await timed(wasm);
  const loops = [];
  for (let round = 0; round < rounds; round += 1) loops.push([await timed(plain), await timed(wasm)]);
  if (ways[0].some((number, at) => Math.abs(number - ways[1][at]) > 1e-9 * Math.abs(number)))
    throw new Error("the two loops differ");
  return [taken, loops];
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
        taken, loops = page.evaluate(PROGRAM, [ITERATIONS, ROUNDS, SIMD, CALLS])
        browser.close()
    server.shutdown()
    text = table(taken, loops, load)
    (REPOSITORY / "benchmarks" / "page.md").write_text(text, encoding="utf-8")
    print(text)


def table(taken: list[list[float]], loops: list[list[float]], load: float) -> str:
    """The figures as a page."""
    bare, recorded = (list(column) for column in zip(*taken, strict=True))
    ratios = [with_records / alone for with_records, alone in zip(recorded, bare, strict=True)]
    rates = [ITERATIONS / seconds for seconds in recorded]
    plain, simd = (list(column) for column in zip(*loops, strict=True))
    gains = [one / other for one, other in zip(plain, simd, strict=True)]
    step = statistics.median(bare) / ITERATIONS
    saved = CALLS_A_STEP * (statistics.median(plain) - statistics.median(simd)) / CALLS
    whole = step / (step - saved)
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
        f"| the innermost loop {CALLS:,} times in JavaScript, seconds | {spread(plain, 3)} |",
        f"| the same in WebAssembly with SIMD, seconds | {spread(simd, 3)} |",
        f"| the innermost loop in JavaScript, compared with SIMD | {spread(gains, 2)} |",
        "",
        f"WebAssembly with SIMD is wanted only if it makes training {WANTED} times as fast. The innermost "
        f"loop alone is {statistics.median(gains):.1f} times as fast in it. A step has {CALLS_A_STEP} such "
        f"loops and more; with these in SIMD, and nothing lost between the two languages, the estimate for "
        f"a step is {whole:.1f}. No such step was built: the page has one engine, in JavaScript.",
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
