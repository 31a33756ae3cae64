"""What a soak must show, claim by claim: whether it held, and the figures that say so."""

from __future__ import annotations

import statistics
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

from benchmarks.soak_run import Run, differences
from benchmarks.soak_submissions import BLOCK
from benchmarks.soak_watch import Lived, Sample, lived

NEAR = 0.20  # how much the last hundred may differ from the first
MORE_BYTES, MORE_DESCRIPTORS = 10_000_000, 4  # of a long-lived process, from its first quarter to its last
SETTLED = 2  # results at either end of a block that are left out: there not all workers are busy


@dataclass(frozen=True)
class Claim:
    """One claim: what must hold, whether it did (None: not measured), and by which figures."""

    name: str
    held: bool | None
    told: str


@dataclass(frozen=True)
class Block:
    """What a hundred submissions took, or what there was while they ran (medians)."""

    an_hour: float
    cpu_s: float | None
    each_s: float
    processes: float
    temporary: float
    kept: float
    gradebook: float


@dataclass(frozen=True)
class Kind:
    """Long-lived processes of one role in one start: means over them, and the one that grew most."""

    start: str
    role: str
    count: int
    first_bytes: float
    last_bytes: float
    most_bytes: float
    first_descriptors: float
    last_descriptors: float
    most_descriptors: float


def claims(alone: Run, disturbed: Run, count: int) -> list[Claim]:
    """All that the soak is made to show."""
    told = differences(alone, disturbed)
    students = {sentence.partition(":")[0] for sentence in told}
    first, last = blocks(alone)
    grown = kinds(alone, disturbed)
    runs = (alone, disturbed)
    left = sum(len(run.left_running) for run in runs), sum(len(run.left_files) for run in runs)
    results = min(len(run.results) for run in runs)
    kills = " and ".join(f"{done:,}" for done in disturbed.killed)
    return [
        Claim("killed twice and resumed", len(disturbed.killed) == 2, f"at {kills} of {count:,} results"),
        Claim("no result is lost", results == count, f"{results:,} of {count:,}"),
        Claim(
            "results and points equal those of the undisturbed run",
            not students,
            f"{len(students):,} of {count:,} differ",
        ),
        Claim(
            "no whole result is graded again", not disturbed.graded_twice, f"{len(disturbed.graded_twice)}"
        ),
        Claim("nothing is left", not any(left), f"{left[0]} processes, {left[1]} files"),
        _near("submissions an hour", first.an_hour, last.an_hour),
        _near("CPU seconds of a submission", first.cpu_s, last.cpu_s),
        _no_more("processes", first.processes, last.processes),
        _no_more("temporary files", first.temporary, last.temporary),
        _no_more("files in the caches", first.kept, last.kept),
        _near("gradebook, bytes a submission", first.gradebook, last.gradebook),
        _flat("memory", grown, lambda one: one.most_bytes, MORE_BYTES, 1e6, " MB"),
        _flat("descriptors", grown, lambda one: one.most_descriptors, MORE_DESCRIPTORS, 1, ""),
    ]


def blocks(run: Run) -> tuple[Block, Block]:
    """The first and the last hundred (of fewer than two hundred: the halves) of a run that was not killed."""
    (samples,) = run.samples
    size = min(BLOCK, len(run.results) // 2)
    total = max(
        size, len(run.results) - len(run.again_alone)
    )  # what runs again, alone, comes after all others
    first = _between(samples, SETTLED, size - SETTLED)
    last = _between(samples, total - size + SETTLED, total - SETTLED)
    return _block(first, run.each_s[:size]), _block(last, run.each_s[-size:])


def kinds(alone: Run, disturbed: Run) -> list[Kind]:
    """Every kind of long-lived process, start by start."""
    starts = {"undisturbed": alone.samples[0]}
    starts |= {f"killed and resumed, {number}": one for number, one in enumerate(disturbed.samples, 1)}
    found = []
    for name, samples in starts.items():
        processes = lived(samples)
        for role in dict.fromkeys(one.role for one in processes):
            found.append(_kind(name, role, [one for one in processes if one.role == role]))
    return found


def change(first: float | None, last: float | None) -> str:
    """By how much the last differs from the first, in percent."""
    return f"{100 * (last / first - 1):+.0f} %" if first and last is not None else ""


def _between(samples: Sequence[Sample], begin: int, end: int) -> list[Sample]:
    """From the first sample that has so many results to the first that has those."""
    found = []
    for one in samples:
        if one.done >= begin:
            found.append(one)
        if one.done >= end:
            break
    return found or [samples[-1]]


def _block(samples: Sequence[Sample], each_s: Sequence[float]) -> Block:
    begin, end = samples[0], samples[-1]
    count = max(1, end.done - begin.done)
    counted = begin.cpu_s is not None and end.cpu_s is not None
    return Block(
        3600 * count / max(1e-9, end.seconds - begin.seconds),
        (end.cpu_s - begin.cpu_s) / count if counted else None,  # type: ignore[operator]
        statistics.median(each_s),
        statistics.median(len(one.processes) for one in samples),
        statistics.median(one.files for one in samples),
        statistics.median(one.kept_files for one in samples),
        (end.gradebook_bytes - begin.gradebook_bytes) / count,
    )


def _kind(start: str, role: str, processes: Sequence[Lived]) -> Kind:
    return Kind(
        start,
        role,
        len(processes),
        statistics.mean(one.first_bytes for one in processes),
        statistics.mean(one.last_bytes for one in processes),
        max(one.last_bytes - one.first_bytes for one in processes),
        statistics.mean(one.first_descriptors for one in processes),
        statistics.mean(one.last_descriptors for one in processes),
        max(one.last_descriptors - one.first_descriptors for one in processes),
    )


def _near(name: str, first: float | None, last: float | None) -> Claim:
    name = f"{name}: last within {100 * NEAR:.0f} % of first"
    if first is None or last is None:
        return Claim(name, None, "no cgroup could be made")
    return Claim(name, abs(last - first) <= NEAR * first, change(first, last))


def _no_more(name: str, first: float, last: float) -> Claim:
    held = last <= first + max(NEAR * first, SETTLED)
    return Claim(f"no more {name} at the end", held, f"{first:.0f} and {last:.0f}")


def _flat(
    name: str, found: Sequence[Kind], more: Callable[[Kind], float], limit: float, unit: float, word: str
) -> Claim:
    """Which long-lived process grew most."""
    claim = f"flat {name} of each long-lived process (within {limit / unit:.0f}{word})"
    if not found:
        return Claim(claim, None, "too short: no process was there long enough")
    most = max(found, key=more)
    return Claim(claim, more(most) <= limit, f"at most {more(most) / unit:+.0f}{word} ({most.role})")


def mixture(kinds_of: Sequence[str]) -> Mapping[str, int]:
    """How many there are of each kind."""
    return {kind: kinds_of.count(kind) for kind in dict.fromkeys(kinds_of)}
