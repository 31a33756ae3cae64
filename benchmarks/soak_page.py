"""The page of a soak: what held and what did not, the figures of its runs, and every difference in words."""

from __future__ import annotations

import os
import sys
from collections.abc import Mapping, Sequence
from pathlib import Path

from benchmarks.soak_claims import Claim, Kind, blocks, change, kinds, mixture
from benchmarks.soak_run import Run, differences
from benchmarks.soak_submissions import BLOCK, Submission

HELD = {True: "yes", False: "**no**", None: "not measured"}


def command(words: Sequence[str]) -> str:
    """How the soak was called; where it kept its runs is no one else's matter."""
    keep = words.index("--keep") if "--keep" in words else len(words)
    return " ".join(["python -m benchmarks.soak", *words[:keep], *words[keep + 2 :]])


def hardware() -> str:
    """Cores, processor and memory of this machine, and its Python."""
    try:
        lines = Path("/proc/cpuinfo").read_text(encoding="utf-8").splitlines()
    except OSError:
        lines = []
    names = [line.partition(":")[2].strip() for line in lines if line.startswith("model name")]
    memory_bytes = os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES")
    return (
        f"{len(os.sched_getaffinity(0))} cores{f' ({names[0]})' if names else ''}, "
        f"{memory_bytes / 1e9:.0f} GB of memory, Python {sys.version_info[0]}.{sys.version_info[1]}"
    )


def report(
    words: Sequence[str],
    chosen: Sequence[Submission],
    workers: int,
    shown: Sequence[Claim],
    alone: Run,
    disturbed: Run,
) -> list[str]:
    """The page's lines."""
    first, last = blocks(alone)
    size = min(BLOCK, len(chosen) // 2)
    parts = ", ".join(f"{count:,} {kind}" for kind, count in mixture([one.kind for one in chosen]).items())
    lines = [
        "# Soak: figures",
        "",
        f"`{command(words)}`: {len(chosen):,} distinct submissions ({parts}), {workers} workers. "
        f"{hardware()}; load of the last 15 minutes at the end {os.getloadavg()[2]:.1f}.",
        "",
        "| claim | held | figures |",
        "| --- | --- | --- |",
        *(f"| {one.name} | {HELD[one.held]} | {one.told} |" for one in shown),
        "",
        "| | undisturbed | killed and resumed |",
        "| --- | --- | --- |",
        f"| starts of the program | {len(alone.samples)} | {len(disturbed.samples)} |",
        f"| ran again alone at the end: a busy machine may have failed them | {len(alone.again_alone)} | "
        f"{len(disturbed.again_alone)} |",
        f"| seconds to the last result, all starts | {_seconds(alone):,.0f} | {_seconds(disturbed):,.0f} |",
        f"| CPU seconds of a submission, starts included | {_cpu(alone)} | {_cpu(disturbed)} |",
        "",
        f"The first and last {size} submissions of the undisturbed run, which have the same stories (CPU "
        "seconds are those of the whole process tree, counted by a cgroup):",
        "",
        "| | first | last | change |",
        "| --- | --- | --- | --- |",
        _row("submissions an hour", first.an_hour, last.an_hour, "{:,.0f}"),
        _row("CPU seconds of a submission", first.cpu_s, last.cpu_s, "{:.2f}"),
        _row("seconds of a submission in its worker (median)", first.each_s, last.each_s, "{:.2f}"),
        _row("processes at a time (median)", first.processes, last.processes, "{:.0f}"),
        _row("temporary files at a time (median)", first.temporary, last.temporary, "{:.0f}"),
        _row("files in the caches (median)", first.kept, last.kept, "{:.0f}"),
        _row("gradebook, bytes a submission", first.gradebook, last.gradebook, "{:,.0f}"),
        "",
        "Long-lived processes of each start, early and late (medians of the memory in the first and last "
        "quarter of their life, the fewest descriptors in each half), on average over the processes of a "
        "kind, and (most) the growth of the one that grew most.",
        "",
        "| start | process | number | MB resident, first | last | most | descriptors, first | last | most |",
        "|" + " --- |" * 9,
        *(_kind_row(one) for one in kinds(alone, disturbed)),
    ]
    told = differences(alone, disturbed)
    told += [f"{student}: graded again" for student in disturbed.graded_twice]
    told += [f"left: {one}" for run in (alone, disturbed) for one in (*run.left_running, *run.left_files)]
    if told:
        lines += ["", "Differences, and what was left:", "", *(f"- {sentence}" for sentence in told)]
    return lines


def oversubscribed(workers: int, alone: Run, others: Mapping[int, Run]) -> list[str]:
    """Lines on the runs with other numbers of workers than the undisturbed run's."""
    if not others:
        return []
    lines = ["", "Other numbers of workers on the same cores:", ""]
    lines += [
        f"| workers | seconds | CPU seconds of a submission | results that differ from {workers} workers' |",
        "| --- | --- | --- | --- |",
    ]
    told: list[str] = []
    for number, run in others.items():
        found = differences(alone, run)
        students = {sentence.partition(":")[0] for sentence in found}
        lines.append(f"| {number} | {_seconds(run):,.0f} | {_cpu(run)} | {len(students)} |")
        told += [f"{number} workers: {sentence}" for sentence in found]
    return lines + (["", *(f"- {sentence}" for sentence in told)] if told else [])


def _seconds(run: Run) -> float:
    """From each start of the program to the last result that it brought."""
    starts = [samples for samples in run.samples if samples]
    return sum(next(one.seconds for one in each if one.done == each[-1].done) for each in starts)


def _cpu(run: Run) -> str:
    """CPU seconds of all starts for each result."""
    used = [samples[-1].cpu_s for samples in run.samples if samples]
    counted = [one for one in used if one is not None]
    return f"{sum(counted) / max(1, len(run.results)):.2f}" if counted else ""


def _row(name: str, first: float | None, last: float | None, form: str) -> str:
    figures = ["" if one is None else form.format(one) for one in (first, last)]
    return f"| {name} | {figures[0]} | {figures[1]} | {change(first, last)} |"


def _kind_row(one: Kind) -> str:
    memory = f"{one.first_bytes / 1e6:.0f} | {one.last_bytes / 1e6:.0f} | {one.most_bytes / 1e6:+.1f}"
    descriptors = f"{one.first_descriptors:.0f} | {one.last_descriptors:.0f} | {one.most_descriptors:+.0f}"
    return f"| {one.start} | {one.role} | {one.count} | {memory} | {descriptors} |"
