"""The page of a soak: tables of its runs, side by side, and every difference in words."""

from __future__ import annotations

import os
import statistics
import sys
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from benchmarks.soak_run import Run, differences
from benchmarks.soak_submissions import BLOCK, Submission
from benchmarks.soak_watch import Lived, Sample, lived


def command(words: Sequence[str]) -> str:
    """How the soak was called; where it kept its runs is no one else's matter."""
    keep = words.index("--keep") if "--keep" in words else len(words)
    return " ".join(["python -m benchmarks.soak", *words[:keep], *words[keep + 2 :]])


def report(words: Sequence[str], chosen: Sequence[Submission], alone: Run, disturbed: Run) -> list[str]:
    """The page's lines."""
    kinds: dict[str, int] = {}
    for one in chosen:
        kinds[one.kind] = kinds.get(one.kind, 0) + 1
    mixture = ", ".join(f"{count} {kind}" for kind, count in kinds.items())
    cores = len(os.sched_getaffinity(0))
    first, last = rates(alone)
    python = f"{sys.version_info[0]}.{sys.version_info[1]}"
    told = differences(alone, disturbed)
    lines = [
        "# Soak: figures",
        "",
        f"`{command(words)}` ({cores} cores, Python {python}, load {os.getloadavg()[2]:.1f} in the last 15 "
        f"minutes; {mixture}).",
        "",
        "| | undisturbed | killed and resumed |",
        "| --- | --- | --- |",
        f"| submissions with a result | {len(alone.results)} | {len(disturbed.results)} |",
        f"| seconds in all | {alone.seconds:.0f} | {disturbed.seconds:.0f} |",
        f"| results on the disk at each SIGKILL | | {', '.join(map(str, disturbed.killed))} |",
        f"| whole results that were graded again | | {len(disturbed.graded_twice)} |",
        f"| results that differ from the undisturbed run's | | {len(_students(told))} |",
        f"| processes left running | {len(alone.left_running)} | {len(disturbed.left_running)} |",
        f"| files left over | {len(alone.left_files)} | {len(disturbed.left_files)} |",
        "",
        "Of the undisturbed run, one program from beginning to end (the first and last "
        f"{min(BLOCK, len(chosen) // 2)} have the same stories):",
        "",
        "| | first | last | change |",
        "| --- | --- | --- | --- |",
        _row("submissions an hour", first.an_hour, last.an_hour, "{:,.0f}"),
        _row("processes at a time (median)", first.processes, last.processes, "{:.0f}"),
        _row("temporary files at a time (median)", first.files, last.files, "{:.0f}"),
        _row("gradebook, bytes a submission", first.gradebook, last.gradebook, "{:,.0f}"),
        "",
        "Long-lived processes of each start, medians of its first and last quarter:",
        "",
        "| start | process | resident, MB | descriptors |",
        "| --- | --- | --- | --- |",
    ]
    starts = {"undisturbed": alone.samples[0]}
    starts |= {f"killed and resumed, {number}": one for number, one in enumerate(disturbed.samples, 1)}
    for name, samples in starts.items():
        lines += [_process_row(name, one) for one in lived(samples)]
    told += [f"{student}: graded again" for student in disturbed.graded_twice]
    if told:
        lines += ["", "Differences:", "", *(f"- {sentence}" for sentence in told)]
    return lines


def oversubscribed(alone: Run, others: Mapping[int, Run]) -> list[str]:
    """Lines on the runs with other numbers of workers."""
    if not others:
        return []
    lines = ["", "Other numbers of workers on the same cores:", ""]
    lines += ["| workers | seconds | results that differ from two workers' |", "| --- | --- | --- |"]
    told: list[str] = []
    for workers, run in others.items():
        found = differences(alone, run)
        lines.append(f"| {workers} | {run.seconds:.0f} | {len(_students(found))} |")
        told += [f"{workers} workers: {sentence}" for sentence in found]
    return lines + (["", *(f"- {sentence}" for sentence in told)] if told else [])


@dataclass(frozen=True)
class Rate:
    """What a block of submissions took."""

    an_hour: float
    processes: float
    files: float
    gradebook: float


def rates(run: Run) -> tuple[Rate, Rate]:
    """Of the first and of the last block, from the samples of a run that was not killed."""
    (samples,) = run.samples
    total = len(run.results)
    block = min(BLOCK, total // 2)
    first = [one for one in samples if 0 < one.done <= block]
    last = [one for one in samples if one.done >= total - block]
    return _rate(first), _rate(last)


def _rate(samples: Sequence[Sample]) -> Rate:
    begin, end = samples[0], samples[-1]
    count = max(1, end.done - begin.done)
    return Rate(
        3600 * count / max(1e-9, end.seconds - begin.seconds),
        statistics.median(len(one.processes) for one in samples),
        statistics.median(one.files for one in samples),
        (end.gradebook_bytes - begin.gradebook_bytes) / count,
    )


def _row(name: str, first: float, last: float, form: str) -> str:
    change = f"{100 * (last / first - 1):+.0f} %" if first else ""
    return f"| {name} | {form.format(first)} | {form.format(last)} | {change} |"


def _process_row(start: str, one: Lived) -> str:
    return (
        f"| {start} | {one.role} | {one.first_bytes / 1e6:.0f} to {one.last_bytes / 1e6:.0f} | "
        f"{one.first_descriptors:.0f} to {one.last_descriptors:.0f} |"
    )


def _students(sentences: Sequence[str]) -> set[str]:
    return {sentence.partition(":")[0] for sentence in sentences}
