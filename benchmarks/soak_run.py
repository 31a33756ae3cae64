"""What a soak has of one run of the class: results, samples, what was killed; and how two runs differ."""

from __future__ import annotations

import dataclasses
import json
import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from benchmarks.soak_watch import One, Sample

TIMES = ("seconds", "graded_at", "parts", "reused", "timestamp", "alone")
# What a function that draws without a seed gave.
_DRAWN = ("differ in no simple way", "every entry must be zero")
_UNSEEDED = re.compile(r"is -?[\d.]+(?:e[-+]?\d+)?;")


@dataclass
class Run:
    """One class graded, with as many starts of the program as it took.

    Attributes
    ----------
    results : dict of str to dict
        What lies on the disk, by student, without times.
    each_s : list of float
        What each submission took.
    samples : list of list of Sample
        Of each start.
    killed : list of int
        How many results were there at each SIGKILL of the program.
    graded_twice : list of str
        Students whose result was whole at a SIGKILL and is another one now.
    left_running, left_files : list of str
        After the last start had ended.
    points : dict of str to list
        What the gradebook says.
    again_alone : list of str
        Students whose submission ran again at the end, alone, because the busy machine may have failed it.
    """

    results: dict[str, dict[str, Any]] = field(default_factory=dict)
    each_s: list[float] = field(default_factory=list)
    samples: list[list[Sample]] = field(default_factory=list)
    killed: list[int] = field(default_factory=list)
    graded_twice: list[str] = field(default_factory=list)
    left_running: list[str] = field(default_factory=list)
    left_files: list[str] = field(default_factory=list)
    points: dict[str, list[Any]] = field(default_factory=dict)
    again_alone: list[str] = field(default_factory=list)

    def keep(self, path: Path) -> None:
        """Write it to a file, for `read`."""
        samples = [[_plain(sample) for sample in start] for start in self.samples]
        path.write_text(json.dumps(vars(self) | {"samples": samples}), encoding="utf-8")

    @classmethod
    def read(cls, path: Path) -> Run:
        """What `keep` wrote."""
        fields = json.loads(path.read_text(encoding="utf-8"))
        samples = [[_sample(plain) for plain in start] for start in fields["samples"]]
        return cls(**fields | {"samples": samples})


def comparable(result: Mapping[str, Any]) -> dict[str, Any]:
    """A stored result without times; numbers drawn without a seed always differ, and are left out."""
    plain = {key: value for key, value in result.items() if key not in TIMES}
    for test in plain.get("tests", ()):
        for key in ("message", "why"):
            if any(words in str(test.get(key)) for words in _DRAWN):
                test[key] = _UNSEEDED.sub("is NUMBER;", test[key])
    return plain


def differences(one: Run, other: Run) -> list[str]:
    """Sentences on every field in which the results or the gradebooks of two runs differ."""
    found = []
    for student in sorted(one.results.keys() | other.results.keys()):
        left, right = one.results.get(student), other.results.get(student)
        if left is None or right is None:
            found.append(f"{student}: no result in one of the runs")
            continue
        fields = _fields(left, right, "")
        found += [f"{student}: {field}" for field in fields]
    wrong = [name for name in one.points if one.points[name] != other.points.get(name)]
    return found + [f"{name}: other points in the gradebook" for name in wrong]


def faults(alone: Run, run: Run) -> list[str]:
    """What must not be, in a run beside the undisturbed one or in itself."""
    return [*differences(alone, run), *run.graded_twice, *run.left_running, *run.left_files]


def _fields(left: Any, right: Any, place: str) -> list[str]:
    """Each place at which two results differ, and what stands there."""
    if isinstance(left, dict) and isinstance(right, dict):
        return [
            one
            for key in sorted(left.keys() | right.keys())
            for one in _fields(left.get(key), right.get(key), f"{place}.{key}".lstrip("."))
        ]
    if isinstance(left, list) and isinstance(right, list) and len(left) == len(right):
        return [
            one
            for number, (a, b) in enumerate(zip(left, right, strict=True))
            for one in _fields(a, b, f"{place}[{number}]")
        ]
    return [] if left == right else [f"{place}: {str(left)[:120]!r} and {str(right)[:120]!r}"]


def _plain(sample: Sample) -> dict[str, Any]:
    processes = [[*key, *dataclasses.astuple(one)] for key, one in sample.processes.items()]
    return vars(sample) | {"processes": processes}


def _sample(plain: Mapping[str, Any]) -> Sample:
    processes = {(pid, start): One(*rest) for pid, start, *rest in plain["processes"]}
    return Sample(**dict(plain) | {"processes": processes})
