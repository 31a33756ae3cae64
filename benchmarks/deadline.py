"""A deadline hour as a discrete-event simulation: how long do verdicts take, and how many cores are needed?

    python -m benchmarks.deadline               writes benchmarks/deadline.md
    python -m benchmarks.deadline --price 0.02  with another price of a core for an hour

Submissions arrive within one hour, most of them late (the rate grows linearly, so that half of them come in
the last 18 minutes), and are graded by so many cores, first come, first served. What one submission takes is
drawn from what the soak measured (`benchmarks/soak.json`): most are ordinary, a few use up their time limit.
The soak's wall times are those of a machine that may have had other work; they are scaled so that their mean
is the processor time of a submission that `benchmarks/grading.md` tells. Before that the model is checked on
the wall times as they are: the soak's own class, all handed in at once, on its own number of workers, must
take what the soak took.

For more than `SCALED_FROM` submissions a random part of them is simulated on as large a part of the cores.
"""

from __future__ import annotations

import argparse
import heapq
import json
import math
import random
import re
import sys
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

PAGE = Path(__file__).with_suffix(".md")
MEASURED = Path(__file__).with_name("soak.json")
GRADING = Path(__file__).with_name("grading.md")
HOUR_S = 3600.0
CLASSES = (1_000, 100_000, 10_000_000)
PATIENCE_S = 60.0  # of nineteen in twenty students, at most, for the verdict
PRICE = 0.05  # assumed, in dollars, of a core for an hour
SCALED_FROM = 20_000


@dataclass(frozen=True)
class Measured:
    """What a soak measured.

    Attributes
    ----------
    each_s : tuple of float
        Wall seconds of each submission in its worker.
    workers : int
    seconds : float
        From the first result to the last.
    cpu_s : float
        Processor seconds of a submission with two workers, as `benchmarks.grading` measured them.
    command : str
    """

    each_s: tuple[float, ...]
    workers: int
    seconds: float
    cpu_s: float
    command: str

    @property
    def scaled_s(self) -> list[float]:
        """What each submission would take on a core of its own."""
        factor = self.cpu_s * len(self.each_s) / sum(self.each_s)
        return [factor * seconds for seconds in self.each_s]

    @classmethod
    def read(cls, path: Path = MEASURED) -> Measured:
        """What `benchmarks.soak` wrote."""
        data = json.loads(path.read_text(encoding="utf-8"))
        told = re.search(r"\| ours, 2 workers \| ([\d.]+) \|", GRADING.read_text(encoding="utf-8"))
        assert told is not None
        return cls(**data | {"each_s": tuple(data["each_s"]), "cpu_s": float(told[1])})


@dataclass(frozen=True)
class Outcome:
    """How long verdicts took: median, 95th percentile and longest wait in seconds; when the last one came."""

    median_s: float
    p95_s: float
    longest_s: float
    end_s: float


def simulate(arrivals_s: Sequence[float], services_s: Sequence[float], cores: int) -> Outcome:
    """Serve in the order of arrival; the next submission takes the core that is free first.

    Examples
    --------
    >>> simulate([0.0, 0.0, 1.0], [2.0, 2.0, 2.0], cores=1)
    Outcome(median_s=4.0, p95_s=5.0, longest_s=5.0, end_s=6.0)
    """
    free = [0.0] * cores
    waits, end = [], 0.0
    for arrival, service in zip(arrivals_s, services_s, strict=True):
        done = max(arrival, free[0]) + service
        heapq.heapreplace(free, done)
        waits.append(done - arrival)
        end = max(end, done)
    waits.sort()
    return Outcome(waits[len(waits) // 2], waits[min(len(waits) - 1, int(0.95 * len(waits)))], waits[-1], end)


def deadline_arrivals(count: int, numbers: random.Random) -> list[float]:
    """Moments in an hour whose rate grows linearly from nothing, sorted."""
    return sorted(HOUR_S * math.sqrt(numbers.random()) for _ in range(count))


def cores_needed(count: int, sample_s: Sequence[float], numbers: random.Random) -> tuple[int, Outcome]:
    """The fewest cores that give nineteen of twenty verdicts within `PATIENCE_S`, and what comes of it."""
    part = min(count, SCALED_FROM)
    arrivals = deadline_arrivals(part, numbers)
    services = numbers.choices(sample_s, k=part)
    low, high = 1, max(2, part)
    while low < high:
        middle = (low + high) // 2
        if simulate(arrivals, services, middle).p95_s <= PATIENCE_S:
            high = middle
        else:
            low = middle + 1
    return math.ceil(low * count / part), simulate(arrivals, services, low)


def check(measured: Measured, numbers: random.Random) -> float:
    """Seconds of the soak's own class on its own workers in the simulation: the median of 51 orders."""
    found = []
    for _ in range(51):
        services = list(measured.each_s)
        numbers.shuffle(services)
        found.append(simulate([0.0] * len(services), services, measured.workers).end_s)
    return sorted(found)[25]


def main(words: Sequence[str]) -> int:
    """Check, simulate, print and write the page."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--price", type=float, default=PRICE, help="of a core for an hour, in dollars")
    parser.add_argument("--no-page", action="store_true", help=f"print, and leave {PAGE.name} as it is")
    options = parser.parse_args(words)
    page = "\n".join(report(Measured.read(), options.price, random.Random(options.seed)))
    print(page)
    if not options.no_page:
        PAGE.write_text(page + "\n", encoding="utf-8")
    return 0


def report(measured: Measured, price: float, numbers: random.Random) -> list[str]:
    """The page's lines."""
    mean_s = sum(measured.each_s) / len(measured.each_s)
    simulated_s = check(measured, numbers)
    lines = [
        "# A deadline hour: simulated",
        "",
        f"`python -m benchmarks.deadline`, from what `{measured.command}` measured: {len(measured.each_s)} "
        f"submissions, {mean_s:.2f} s each in a worker on average. A submission takes {measured.cpu_s:.2f} s "
        "of processor time ([grading](grading.md)).",
        "",
        f"The model against the measurement: that class on {measured.workers} workers takes "
        f"{simulated_s:.0f} s in the simulation; it took {measured.seconds:.0f} s "
        f"({100 * (simulated_s / measured.seconds - 1):+.0f} %).",
        "",
        f"Enough cores for nineteen of twenty verdicts within {PATIENCE_S:.0f} s, where all hand in within "
        f"an hour and half of them in its last 18 minutes. Money: {price:.2f} dollars a core-hour (an "
        "assumption), all cores rented for the whole hour. A core does one submission at a time and nothing "
        "else.",
        "",
        "| submissions | cores | core-hours of work | dollars | median, s | 95 %, s | longest, s | "
        "results a second at the end |",
        "|" + " --- |" * 8,
    ]
    for count in CLASSES:
        cores, outcome = cores_needed(count, measured.scaled_s, numbers)
        rate = 2 * count / HOUR_S
        lines.append(
            f"| {count:,} | {cores:,} | {count * measured.cpu_s / HOUR_S:,.1f} | {cores * price:,.2f} | "
            f"{outcome.median_s:.1f} | {outcome.p95_s:.0f} | {outcome.longest_s:.0f} | {rate:,.1f} |"
        )
    return lines


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
