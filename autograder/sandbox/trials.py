"""What uses up each resource of a box: small programs, and what must become of them.

A trial gets a sandbox and returns what went wrong, "" when the limit did its work.
"""

from __future__ import annotations

import contextlib
import dataclasses
import secrets
import time
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import TYPE_CHECKING

from autograder.sandbox.policy import MEBIBYTE, Limits
from autograder.verdicts import Verdict

if TYPE_CHECKING:
    from autograder.sandbox.launcher import Sandbox

Trial = Callable[["Sandbox"], str]

# Small enough that using them up takes a moment.
LIMITS = Limits(
    cell_s=2.0,
    submission_s=180.0,
    cpu_s=30.0,
    memory_bytes=256 * MEBIBYTE,
    processes=24,
    output_bytes=MEBIBYTE // 4,
    output_hard_bytes=2 * MEBIBYTE,
    disk_bytes=16 * MEBIBYTE,
    file_bytes=8 * MEBIBYTE,
    files=256,
)
# The one that takes seconds of waiting.
SLOWEST = "limit-time"


def _stopped_by(source: str, *verdicts: Verdict, share: float = 1.0) -> Trial:
    """A trial that a cell ends in one of these verdicts within a share of its time, and the box works on."""

    def trial(sandbox: Sandbox) -> str:
        limits = dataclasses.replace(sandbox.limits, cell_s=sandbox.limits.cell_s * share)
        with sandbox.box(limits=limits) as box:
            run = box.run_cell(source)
            after = box.run_cell("after = 1")
        if run.verdict not in verdicts:
            return f"ended as {run.verdict or 'passed'}: {run.error or ''}"
        return "" if after.verdict is None else f"the next cell ended as {after.verdict}"

    return trial


def _keeps_to(source: str, name: str, most: float) -> Trial:
    """A trial whose cell counts in `name` how far it came."""

    def trial(sandbox: Sandbox) -> str:
        with sandbox.box() as box:
            run = box.run_cell(source)
            if run.verdict in (Verdict.CRASHED, Verdict.MEMORY):
                return ""
            with box.open_test() as process:
                count = process.fetch(name)
        reached = count.value if isinstance(count.value, int) else -1
        return (
            ""
            if 0 <= reached <= most
            else f"came to {count.value!r}, at most {most:g} is allowed: {run.error or ''}"
        )

    return trial


def _leaves_no_note(sandbox: Sandbox) -> str:
    note = secrets.token_hex(8)
    places = ["/tmp", "/dev/shm", "/var/tmp", "/box", "/caches", "."]
    look = "\n".join(
        (
            "import os",
            "found = []",
            f"places = {places!r} + [os.environ['HOME'], os.environ['MPLCONFIGDIR']]",
            f"paths = [os.path.join(place, {note!r}) for place in places]",
            "for path in paths:",
            "    try: found.append(open(path).read())",
            "    except OSError: pass",
            "for path in paths:",
            "    try: open(path, 'w').write(path)",
            "    except OSError: pass",
        )
    )
    with sandbox.box() as first:
        first.run_cell(look)
        with sandbox.box() as second:
            second.run_cell(look)
            with second.open_test() as process:
                found = process.fetch("found")
            second.run_cell("for path in paths:\n    if os.path.exists(path): os.unlink(path)")
    return "" if found.verdict is None and found.value == [] else f"the next box found {found.value!r}"


def _leaves_no_process(sandbox: Sandbox) -> str:
    mark = secrets.token_hex(8)
    source = "\n".join(
        (
            "import os, subprocess",
            f"mark = {{'MARK': {mark!r}}}",
            "for _ in range(4 * hasattr(os, 'fork')):",
            "    subprocess.Popen(['sleep', '600'], env=mark, start_new_session=True)",
        )
    )
    count = _COUNT if sandbox.tier == "full" else ""
    with sandbox.box() as box:
        box.run_cell(source)
        if count:
            with box.open_test() as process:
                process.run_inside(count)
                alive = process.fetch("alive")
            # The keeper, the notebook's state, its checkpoint, and the process that counts.
            if not isinstance(alive.value, list) or len(alive.value) > 4:
                return f"processes in the box after the cell: {alive.value!r}"
    deadline = time.monotonic() + 5
    while _processes_with(mark) and time.monotonic() < deadline:
        time.sleep(0.02)
    left = _processes_with(mark)
    return f"still running after the end: {left}" if left else ""


def _processes_with(mark: str) -> list[int]:
    """Numbers of this machine's processes whose environment holds `mark`, as far as we may look."""
    found = []
    for place in Path("/proc").glob("[0-9]*/environ"):
        with contextlib.suppress(OSError):
            if mark.encode() in place.read_bytes():
                found.append(int(place.parent.name))
    return found


_COUNT = """
import os
def is_running(pid):
    try: return open(f'/proc/{pid}/stat').read().rpartition(')')[2].split()[0] not in 'ZX'
    except OSError: return False
alive = [pid for pid in os.listdir('/proc') if pid.isdigit() and is_running(pid)]
"""
_FORKS = """
import os, time
born = 0
while born < 500:
    try: pid = os.fork()
    except (OSError, AttributeError): break
    if pid == 0: time.sleep(600)
    born += 1
"""
_MEMORY_SUM = f"""
import os, time
hoards = []
while not hasattr(os, 'fork'):  # one process has all, then
    hoards.append(b'x' * {LIMITS.memory_bytes // 2})
for _ in range(4):
    if os.fork() == 0:
        hoard = b'x' * {LIMITS.memory_bytes // 2}
        time.sleep(600)
time.sleep(600)
"""
_DISK = """
written = 0
try:
    for i in range(64):
        with open(f'{i}.bin', 'wb') as file:
            file.write(bytes(1 << 20))
        written += 1
        import time; time.sleep(0.01)
except OSError: pass
"""
_FILES = """
import time
made = 0
try:
    for i in range(2000):
        open(f'{i}.txt', 'x').close()
        made += 1
        if i % 100 == 0: time.sleep(0.06)
except OSError: pass
"""
_DEAF = "import signal, time\nsignal.signal(signal.SIGALRM, signal.SIG_IGN)\nwhile True: time.sleep(0.01)"
_FLOOD = "while True: print('x' * 1000)"

TRIALS: Mapping[str, tuple[str, Trial]] = {
    SLOWEST: ("run for ever, deaf to signals", _stopped_by(_DEAF, Verdict.TIMEOUT, share=0.5)),
    "limit-output": (
        "print without end",
        _stopped_by(_FLOOD, Verdict.TOO_MUCH_OUTPUT),
    ),
    "limit-memory": (
        "take more memory than allowed in one process",
        _stopped_by(f"hoard = b'x' * {2 * LIMITS.memory_bytes}", Verdict.MEMORY),
    ),
    "limit-memory-sum": (
        "take more memory than allowed in several processes",
        _stopped_by(_MEMORY_SUM, Verdict.MEMORY),
    ),
    "limit-processes": ("start hundreds of processes", _keeps_to(_FORKS, "born", LIMITS.processes + 8)),
    "limit-disk": ("fill the disk", _keeps_to(_DISK, "written", LIMITS.disk_bytes / MEBIBYTE + 8)),
    "limit-files": ("make thousands of files", _keeps_to(_FILES, "made", LIMITS.files * 3)),
    "no-notes": ("leave a note for the next student", _leaves_no_note),
    "no-processes": ("leave a process behind", _leaves_no_process),
}
