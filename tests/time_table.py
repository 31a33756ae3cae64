"""Prints how long each group of tests took, beside what it may take: `python -m tests.time_table REPORT.xml`.

The report is pytest's own (`--junit-xml`). `--files` lists every file below its group. A group that took
longer than it may is marked; on a busy machine that is no mistake, so the exit status stays 0.
"""

from __future__ import annotations

import argparse
import sys
from collections import defaultdict
from collections.abc import Mapping
from pathlib import Path
from xml.etree import ElementTree

# Groups by the beginnings of their modules' names, and the seconds that each may take on 2 cores: 45 minutes
# together, so that `.ci/run` stays under 60.
GROUPS: Mapping[str, tuple[tuple[str, ...], int]] = {
    "corpus of submissions": (("tests.test_corpus",), 660),
    "browser": (("tests.browser",), 360),
    "class runs, examiner, rendering": (
        (
            "tests.test_class_run", "tests.test_examiner", "tests.test_rendering",
            "tests.test_instructor_run", "tests.test_supervisor", "tests.test_worker_process",
            "tests.test_protocol",
        ),
        300,
    ),
    "sandbox": (("tests.test_sandbox",), 240),
    "nbgrader": (("tests.test_nbgrader", "tests.test_engine_equals_nbgrader", "tests.test_feedback"), 240),
    "lab": (("tests.test_lab", "tests.test_kernel"), 120),
    "misconceptions": (("tests.test_mis", "tests.mistakes"), 120),
    "mathematics, training, data": (
        (
            "tests.test_network", "tests.test_checks", "tests.test_training", "tests.test_datasets",
            "tests.test_images", "tests.test_diagnostics", "tests.test_plotting", "tests.test_comparison",
            "tests.test_published_figures", "init_utils",
        ),
        120,
    ),
    "installing and documentation": (
        (
            "tests.test_install", "tests.test_wheels", "tests.test_readme", "tests.test_contributing",
            "tests.test_docs",
        ),
        240,
    ),
    "everything else": ((), 300),
}  # fmt: skip


def read_report(text: str) -> dict[str, list[float]]:
    """The seconds of each test, by its module as pytest names it.

    Examples
    --------
    >>> read_report('<testsuite><testcase classname="tests.test_a" time="1.5"/></testsuite>')
    {'tests.test_a': [1.5]}
    """
    seconds = defaultdict(list)
    for case in ElementTree.fromstring(text).iter("testcase"):
        seconds[case.get("classname", "")].append(float(case.get("time", "0")))
    return dict(seconds)


def group_of(module: str) -> str:
    """The first group whose beginnings match, or the last one."""
    matching = (name for name, (starts, _) in GROUPS.items() if starts and module.startswith(starts))
    return next(matching, list(GROUPS)[-1])


def time_table(seconds: Mapping[str, list[float]], files: bool = False) -> str:
    """A Markdown table: a row per group, with its files below it where `files` is set, and the sum."""
    rows = ["| tests | number | took, s | may take, s |", "| --- | ---: | ---: | ---: |"]
    for group, (_, allowed) in GROUPS.items():
        members = {module: times for module, times in sorted(seconds.items()) if group_of(module) == group}
        took = sum(map(sum, members.values()))
        mark = " (longer than it may)" if took > allowed else ""
        rows.append(f"| {group} | {sum(map(len, members.values()))} | {took:.0f}{mark} | {allowed} |")
        if files:
            rows += [
                f"| &nbsp; {name} | {len(times)} | {sum(times):.0f} | |" for name, times in members.items()
            ]
    count = sum(map(len, seconds.values()))
    total = sum(map(sum, seconds.values()))
    rows.append(f"| **all** | {count} | {total:.0f} | {sum(allowed for _, allowed in GROUPS.values())} |")
    return "\n".join(rows)


def main() -> None:
    """Read the arguments, print the table."""
    parser = argparse.ArgumentParser(description="How long each group of tests took.")
    parser.add_argument("report", type=Path, help="what pytest wrote with --junit-xml")
    parser.add_argument("--files", action="store_true", help="list every file below its group")
    arguments = parser.parse_args()
    seconds = read_report(arguments.report.read_text(encoding="utf-8"))
    sys.stdout.write(time_table(seconds, arguments.files) + "\n")


if __name__ == "__main__":
    main()
