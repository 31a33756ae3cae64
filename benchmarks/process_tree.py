"""What a command costs as a whole: wall time, and CPU seconds of it and of every process it started.

A cgroup (version 2) made for the command counts each process that it started, however it ended. Where none
can be made (it takes root or a delegated cgroup) the times of the processes that were waited for are added
up: a lower bound, and `Cost.source` says so.
"""

from __future__ import annotations

import os
import resource
import subprocess
import sys
import time
import uuid
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

CGROUP_ROOTS = (Path("/sys/fs/cgroup"), Path("/sys/fs/cgroup/unified"))
WHOLE_TREE = "cgroup"
WAITED_FOR = "waited for (a lower bound)"
# The shell enters the cgroup before it becomes the command, so that nothing of the command runs outside.
_ENTER = 'echo $$ > "$1/cgroup.procs" && shift && exec "$@"'


@dataclass(frozen=True)
class Cost:
    """One command: exit code, what it printed, wall and CPU seconds, and where the CPU seconds come from."""

    code: int
    output: str
    wall: float
    cpu: float
    source: str


def run(
    command: Sequence[str],
    *,
    cwd: Path,
    environment: Mapping[str, str] | None = None,
    watch: Callable[[int], None] | None = None,
    silent: bool = False,
) -> Cost:
    """Run a command to its end and return its cost.

    Parameters
    ----------
    watch
        Is called with the process id as soon as the command runs.
    silent
        What the command writes to stderr is not shown.
    """
    group = new_group()
    before = resource.getrusage(resource.RUSAGE_CHILDREN)
    started = time.perf_counter()
    process = subprocess.Popen(
        [*entering(group), *command],
        cwd=cwd,
        env=environment,
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL if silent else None,
        text=True,
    )
    if watch is not None:
        watch(process.pid)
    output, _ = process.communicate()
    wall = time.perf_counter() - started
    if group is None:
        after = resource.getrusage(resource.RUSAGE_CHILDREN)
        cpu = after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime
        return Cost(process.returncode, output, wall, cpu, WAITED_FOR)
    await_empty(group)
    cpu = usage_s(group)
    remove(group)
    return Cost(process.returncode, output, wall, cpu, WHOLE_TREE)


def new_group() -> Path | None:
    """A cgroup for a command; None where none can be made."""
    for root in CGROUP_ROOTS:
        if not (root / "cgroup.procs").is_file():
            continue
        group = root / f"init-utils-benchmark-{uuid.uuid4().hex}"
        try:
            group.mkdir()
        except OSError:
            continue
        if os.access(group / "cgroup.procs", os.W_OK):
            return group
        group.rmdir()
    return None


def entering(group: Path | None) -> list[str]:
    """What stands before a command's words so that it runs in the group."""
    return ["sh", "-c", _ENTER, "sh", str(group)] if group else []


def usage_s(group: Path) -> float:
    """CPU seconds of all that ran in the group."""
    lines = (group / "cpu.stat").read_text(encoding="ascii").splitlines()
    values = dict(line.split() for line in lines)
    return int(values["usage_usec"]) / 1e6


def await_empty(group: Path) -> None:
    """Wait for what the command left running; after ten seconds name it and go on."""
    for _ in range(100):
        processes = (group / "cgroup.procs").read_text(encoding="ascii").split()
        if not processes:
            return
        time.sleep(0.1)
    print(f"Still running after the command has ended: processes {', '.join(processes)}.", file=sys.stderr)


def remove(group: Path) -> None:
    """Remove an empty group."""
    try:
        group.rmdir()
    except OSError as error:
        print(f"{group} stays: {error.strerror}.", file=sys.stderr)
