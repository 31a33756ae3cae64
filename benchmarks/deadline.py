"""A deadline hour as a discrete-event simulation: how long do verdicts take, and how many cores are needed?

    python -m benchmarks.deadline               writes benchmarks/deadline.md, and figures in docs/scale.md
    python -m benchmarks.deadline --price 0.02  with another price of a core for an hour

Submissions arrive within one hour, most of them late (the rate grows linearly, so that half of them come in
the last 18 minutes), and are graded by so many cores, first come, first served. What one submission takes is
drawn from what the soak measured (`benchmarks/soak.json`): most are ordinary, a few use up their time limit.
Where the soak's machine had other work (a submission took half as long again as its processor time, or more),
its wall times are scaled so that their mean is that processor time. Before that the model is checked on the
wall times as they are: the soak's own class, all handed in at once, on its own number of workers, must take
what the soak took; once with its own times, once with those of a random half. And the waits of the students
who handed in within a minute (`benchmarks/serve.json`) are compared with those of the model.

For more than `SCALED_FROM` submissions a random part of them is simulated on as large a part of the cores.
"""

from __future__ import annotations

import argparse
import dataclasses
import heapq
import json
import math
import random
import re
import sys
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from benchmarks.soak_page import HELD

PAGE = Path(__file__).with_suffix(".md")
MEASURED = Path(__file__).with_name("soak.json")
WAITED = Path(__file__).with_name("serve.json")
GRADING = Path(__file__).with_name("grading.md")
SCALE = Path(__file__).resolve().parents[1] / "docs" / "scale.md"
QUIET = 1.5  # wall seconds for each second of processor time, at most
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
    command, hardware : str
    load : float
        Of the machine, in the soak's last 15 minutes.
    workers : int
    seconds : float
        From the first result to the last.
    cpu_s : float
        Processor seconds of a submission, of the whole process tree; where the soak could not count them,
        those that `benchmarks.grading` measured.
    coordinator_s : float
        Of these, the seconds of the program's first process; 0 where the soak did not measure them.
    gradebook_bytes : float
        By which a submission makes the gradebook larger.
    each_s : tuple of float
        Wall seconds of each submission in its worker.
    claims : tuple of (str, bool or None, str)
        As `benchmarks.soak_claims.Claim`.
    again_alone : int
        How many submissions ran again at the end, alone, because the busy machine may have failed them.
    others : mapping of str to int
        How many results differed, by the number of workers of further runs.
    """

    command: str
    hardware: str
    load: float
    workers: int
    seconds: float
    cpu_s: float
    coordinator_s: float
    gradebook_bytes: float
    each_s: tuple[float, ...]
    claims: tuple[tuple[str, bool | None, str], ...]
    again_alone: int
    others: Mapping[str, int]

    @property
    def mean_s(self) -> float:
        """Wall seconds of a submission in its worker."""
        return sum(self.each_s) / len(self.each_s)

    @property
    def is_quiet(self) -> bool:
        """Whether a submission took about as long as its processor time: nothing else ran."""
        return self.mean_s <= QUIET * self.cpu_s

    @property
    def scaled_s(self) -> list[float]:
        """What each submission would take on a core of its own."""
        factor = 1.0 if self.is_quiet else self.cpu_s / self.mean_s
        return [factor * seconds for seconds in self.each_s]

    @classmethod
    def read(cls, path: Path = MEASURED) -> Measured:
        """What `benchmarks.soak` wrote."""
        data = json.loads(path.read_text(encoding="utf-8"))
        cpu_s = data["cpu_s"] or _figure(r"\| ours, 2 workers \| ([\d.]+) \|", GRADING)
        claims = tuple(tuple(one) for one in data["claims"])
        return cls(**data | {"each_s": tuple(data["each_s"]), "cpu_s": cpu_s, "claims": claims})


@dataclass(frozen=True)
class Waited:
    """What the students of `benchmarks.serve` waited for.

    Attributes
    ----------
    workers : int
    arrivals_s : list of float
        Seconds after the first one at which each was accepted.
    services_s : list of float
        Seconds of each in its worker.
    waits_s : list of float
        From acceptance to verdict.
    """

    workers: int
    arrivals_s: list[float]
    services_s: list[float]
    waits_s: list[float]

    @classmethod
    def read(cls, path: Path = WAITED) -> Waited:
        """What `benchmarks.serve` wrote."""
        return cls(**json.loads(path.read_text(encoding="utf-8")))

    @property
    def outcome(self) -> Outcome:
        """What was measured, as the simulation tells it."""
        end_s = max(arrival + wait for arrival, wait in zip(self.arrivals_s, self.waits_s, strict=True))
        return Outcome.of(self.waits_s, end_s)


@dataclass(frozen=True)
class Outcome:
    """How long verdicts took: median, 95th percentile and longest wait in seconds; when the last one came."""

    median_s: float
    p95_s: float
    longest_s: float
    end_s: float

    @classmethod
    def of(cls, waits_s: Sequence[float], end_s: float) -> Outcome:
        """Of these waits, in any order."""
        waits = sorted(waits_s)
        p95_s = waits[min(len(waits) - 1, int(0.95 * len(waits)))]
        return cls(waits[len(waits) // 2], p95_s, waits[-1], end_s)


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
    return Outcome.of(waits, end)


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


@dataclass(frozen=True)
class Hour:
    """A class that hands in within an hour: the cores that it needs, and what comes of it."""

    submissions: int
    cores: int
    work_hours: float
    outcome: Outcome

    @property
    def results_a_second(self) -> float:
        """At the end of the hour, where twice as many come as on average."""
        return 2 * self.submissions / HOUR_S


def hours(measured: Measured, numbers: random.Random) -> list[Hour]:
    """The deadline hour of each class of `CLASSES`."""
    scaled_s = measured.scaled_s
    found = []
    for count in CLASSES:
        cores, outcome = cores_needed(count, scaled_s, numbers)
        found.append(Hour(count, cores, count * sum(scaled_s) / len(scaled_s) / HOUR_S, outcome))
    return found


def main(words: Sequence[str]) -> int:
    """Check, simulate, print and write the page, and the figures of docs/scale.md."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--price", type=float, default=PRICE, help="of a core for an hour, in dollars")
    parser.add_argument("--no-page", action="store_true", help="print, and leave the pages as they are")
    options = parser.parse_args(words)
    page, scale = pages(Measured.read(), options.price, options.seed)
    print(page)
    if not options.no_page:
        PAGE.write_text(page, encoding="utf-8")
        SCALE.write_text(scale, encoding="utf-8")
    return 0


def pages(measured: Measured, price: float = PRICE, seed: int = 1) -> tuple[str, str]:
    """Text of deadline.md, and of docs/scale.md with these figures in it."""
    numbers = random.Random(seed)
    checks = [*model_checks(measured, numbers), "", *wait_checks(Waited.read())]
    simulated = hours(measured, numbers)
    table = hours_table(simulated, price)
    page = "\n".join([*report(measured, price), *checks, "", *table]) + "\n"
    scale = SCALE.read_text(encoding="utf-8")
    scale = filled(scale, "soak", soak_lines(measured))
    scale = filled(scale, "deadline", [*checks, "", *table, "", *gives_way(measured, simulated)])
    return page, scale


def filled(text: str, name: str, lines: Sequence[str]) -> str:
    """A page with these lines between its two comments of that name."""
    begin, end = f"<!-- figures: {name} -->\n", f"<!-- end of figures: {name} -->\n"
    before, rest = text.split(begin)
    return before + begin + "\n".join(["", *lines, "", ""]) + end + rest.split(end)[1]


def report(measured: Measured, price: float) -> list[str]:
    """The page's lines before the figures."""
    scaling = (
        "taken as they are"
        if measured.is_quiet
        else f"scaled to its {measured.cpu_s:.2f} s of processor time, because other work ran beside it"
    )
    return [
        "# A deadline hour: simulated",
        "",
        f"`python -m benchmarks.deadline`, from what `{measured.command}` measured: {len(measured.each_s):,} "
        f"submissions, {measured.mean_s:.2f} s each in a worker on average, {scaling}.",
        "",
        f"Enough cores for nineteen of twenty verdicts within {PATIENCE_S:.0f} s, where all hand in within "
        f"an hour and half of them in its last 18 minutes. Money: {price:.2f} dollars a core-hour (an "
        "assumption), all cores rented for the whole hour. A core does one submission at a time and nothing "
        "else.",
        "",
    ]


def model_checks(measured: Measured, numbers: random.Random) -> list[str]:
    """The model against the soak: with the times of all submissions, and with those of half of them."""
    half = tuple(numbers.sample(measured.each_s, len(measured.each_s) // 2))
    lines = [
        f"The model against the measurement: the soak's {len(measured.each_s):,} submissions, handed in at "
        f"once, on its {measured.workers} workers, first result to last.",
        "",
        "| times drawn from | simulated, s | measured, s | difference |",
        "| --- | --- | --- | --- |",
    ]
    for name, sample in (("all submissions", measured.each_s), ("half of them, at random", half)):
        simulated_s = check(dataclasses.replace(measured, each_s=sample), numbers)
        simulated_s *= len(measured.each_s) / len(sample)
        difference = f"{100 * (simulated_s / measured.seconds - 1):+.0f} %"
        lines.append(f"| {name} | {simulated_s:,.0f} | {measured.seconds:,.0f} | {difference} |")
    if measured.again_alone:
        lines += [
            "",
            f"The model leaves out that {measured.again_alone} of them ran again at the end, one at a time, "
            "because the busy machine may have failed them.",
        ]
    return lines


def wait_checks(waited: Waited) -> list[str]:
    """The model against the waits of a class that handed in within a minute."""
    simulated = simulate(waited.arrivals_s, waited.services_s, waited.workers)
    lines = [
        f"The model against waits: {len(waited.waits_s)} students who handed in within "
        f"{waited.arrivals_s[-1]:.0f} s (`python -m benchmarks.serve`), each with the seconds that the "
        f"submission took in its worker, on {waited.workers} worker{'s' * (waited.workers > 1)}.",
        "",
        "| acceptance to verdict | simulated, s | measured, s | difference |",
        "| --- | --- | --- | --- |",
    ]
    for name, field in (("median", "median_s"), ("95 %", "p95_s"), ("longest", "longest_s")):
        one, other = getattr(simulated, field), getattr(waited.outcome, field)
        lines.append(f"| {name} | {one:.1f} | {other:.1f} | {100 * (one / other - 1):+.0f} % |")
    return lines


def hours_table(simulated: Sequence[Hour], price: float) -> list[str]:
    """Cores, hours and money."""
    lines = [
        "| submissions | cores | core-hours of work | dollars | median, s | 95 %, s | longest, s | "
        "results a second at the end |",
        "|" + " --- |" * 8,
    ]
    for one in simulated:
        outcome = one.outcome
        lines.append(
            f"| {one.submissions:,} | {one.cores:,} | {one.work_hours:,.1f} | {one.cores * price:,.2f} | "
            f"{outcome.median_s:.1f} | {outcome.p95_s:.0f} | {outcome.longest_s:.0f} | "
            f"{one.results_a_second:,.1f} |"
        )
    return lines


def soak_lines(measured: Measured) -> list[str]:
    """What the soak showed, for docs/scale.md."""
    lines = [
        f"`{measured.command}`: {len(measured.each_s):,} submissions, {measured.hardware}; load "
        f"{measured.load:.1f} (of the last 15 minutes).",
        "",
        "| claim | held | figures |",
        "| --- | --- | --- |",
        *claim_rows(measured),
    ]
    for workers, count in measured.others.items():
        lines.append(f"| the same results with --workers {workers} | {HELD[not count]} | {count:,} differ |")
    return lines


def claim_rows(measured: Measured) -> list[str]:
    """What held and what did not, as the soak's own page has it."""
    return [f"| {name} | {HELD[held]} | {told} |" for name, held, told in measured.claims]


def gives_way(measured: Measured, simulated: Sequence[Hour]) -> list[str]:
    """What gives way first in each class, for docs/scale.md."""
    small, large, huge = simulated
    writes, books = "", ""
    if measured.coordinator_s:
        at_most = 1 / measured.coordinator_s
        writes = (
            f" The coordinator used {1000 * measured.coordinator_s:,.0f} ms of processor time for each "
            f"result of the soak, so that it can write {at_most:,.0f} a second at most; "
            f"{large.results_a_second:,.0f} a second come at the end of the hour."
        )
        books = f" It takes {math.ceil(huge.results_a_second / at_most):,} coordinators at least."
    return [
        f"- **{small.submissions:,}** ({_cores(small)}): nothing. A laptop has as many.",
        f"- **{large.submissions:,}** ({_cores(large)}): the single machine. So many cores are a small "
        "[cluster](cluster.md). A run has one coordinator, and a gradebook in SQLite one writer."
        f"{writes}",
        f"- **{huge.submissions:,}** ({_cores(huge)}): the single coordinator. "
        f"{huge.results_a_second:,.0f} results a second come at the end of the hour; divide the class into "
        f"courses with a coordinator and a gradebook each.{books} All gradebooks together have "
        f"{huge.submissions * measured.gradebook_bytes / 1e9:,.0f} GB.",
    ]


def _cores(hour: Hour) -> str:
    return f"{hour.cores:,} core{'s' * (hour.cores > 1)}"


def _figure(told: str, page: Path) -> float:
    found = re.search(told, page.read_text(encoding="utf-8"))
    assert found is not None, f"{page.name} has no figure like {told}"
    return float(found[1])


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
