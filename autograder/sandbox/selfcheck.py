"""Does the sandbox hold on this machine? Every forbidden act is tried in the real one.

Nothing is inferred from versions or settings: a box is made as for a submission, and small programs try what
no notebook may do (`acts`) and use up each resource (`trials`). A tier holds when every act was refused and
every limit did its work. Reports are kept on disk for the same engine, user, kernel and start of the machine.
Not pure: it makes what the acts need (a gradebook, a neighbour, servers, a victim), and
looks afterwards whether they are unharmed.
"""

from __future__ import annotations

import contextlib
import dataclasses
import json
import os
import platform
import secrets
import shutil
import socket
import subprocess
import sys
import tempfile
import textwrap
import time
from collections.abc import Callable, Container, Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from autograder.sandbox import caches, engine_copy, tier_parts
from autograder.sandbox.acts import ACTS, PRELUDE, Act
from autograder.sandbox.policy import TIERS, UNASKED, Limits, Preload, SandboxError, require_tier
from autograder.sandbox.trials import LIMITS, SLOWEST, TRIALS
from autograder.sandbox.zygote_command import SYSTEM_FOLDERS

if TYPE_CHECKING:
    from autograder.sandbox.box import Box
    from autograder.sandbox.launcher import Sandbox

REFUSED, POSSIBLE, BROKEN = "refused", "possible", "not tried"
PATIENCE = 6.0
MOST_FOLDER_BYTES = 70  # of the path: Linux allows 107 for that of a socket
LIGHT = Preload(modules=("numpy",))
ENDLESS = ("-c", "import time; time.sleep(600)")


@dataclass(frozen=True)
class Row:
    """One act and how it went: `refused`, `possible` or `not tried` (which counts as possible)."""

    id: str
    what: str
    outcome: str
    detail: str = ""


@dataclass(frozen=True)
class Report:
    """All rows for one tier.

    Attributes
    ----------
    tier : str
    rows : tuple of Row
    seconds : float
        What the check took.
    obstacle : str
        Why the tier could not be tried at all; "" when it was.
    """

    tier: str
    rows: tuple[Row, ...]
    seconds: float = 0.0
    obstacle: str = ""

    @property
    def holds(self) -> bool:
        """Whether every act was tried and refused."""
        return not self.obstacle and bool(self.rows) and all(row.outcome == REFUSED for row in self.rows)

    def to_dict(self) -> dict[str, Any]:
        """The report as plain data, `holds` among it."""
        return dataclasses.asdict(self) | {
            "rows": [dataclasses.asdict(row) for row in self.rows],
            "holds": self.holds,
        }

    @classmethod
    def from_dict(cls, data: Mapping[str, Any]) -> Report:
        """The report that `to_dict` wrote."""
        rows = tuple(Row(**row) for row in data["rows"])
        return cls(str(data["tier"]), rows, float(data["seconds"]), str(data["obstacle"]))


def run(tier: str) -> Report:
    """Try every forbidden act in the sandbox of `tier`.

    A busy machine needs longer until a limit has done its work: what was not refused is tried once more with
    more time. Every act must be refused once.

    Raises
    ------
    SandboxError
        There is no such tier at all.
    """
    if tier in TIERS and (obstacle := tier_parts.missing_part(tier)) is not None:
        return Report(tier, (), obstacle=obstacle)
    report = _run_once(require_tier(tier), LIMITS, _ALL)
    if tier == "none" or report.holds or not report.rows:
        return report
    patient = dataclasses.replace(LIMITS, cell_s=LIMITS.cell_s * PATIENCE)
    again = _run_once(tier, patient, {row.id for row in report.rows if row.outcome != REFUSED})
    better = {row.id: row for row in again.rows}
    rows = tuple(better.get(row.id, row) for row in report.rows)
    return Report(tier, rows, report.seconds + again.seconds, again.obstacle)


def _run_once(tier: str, limits: Limits, ids: Container[str]) -> Report:
    from autograder.sandbox.launcher import Sandbox  # a report that is remembered needs none

    start = time.monotonic()
    obstacle = tier_parts.obstacle(tier)
    if obstacle is not None:
        return Report(tier, (), obstacle=obstacle)
    try:
        with _stage() as given, Sandbox(tier, limits, preload=LIGHT) as sandbox:
            rows = _try_everything(sandbox, given, ids)
    except SandboxError as error:
        return Report(tier, (), time.monotonic() - start, str(error))
    return Report(tier, tuple(rows), time.monotonic() - start)


def remembered(tier: str) -> Report:
    """The report for this engine, user, kernel and start of the machine: from disk, or made now and kept."""
    path = _cache_path(tier)
    with contextlib.suppress(OSError, ValueError, KeyError, TypeError):
        return Report.from_dict(json.loads(path.read_text(encoding="utf-8")))
    report = run(tier)
    if report.holds:
        with contextlib.suppress(OSError):
            path.parent.mkdir(parents=True, exist_ok=True)
            made = path.with_suffix(f".{os.getpid()}")
            made.write_text(json.dumps(report.to_dict()), encoding="utf-8")
            made.replace(path)
    return report


def require(tier: str) -> str:
    """`tier`, when it holds on this machine; the tier `none` promises nothing, and is taken as it is.

    Raises
    ------
    SandboxError
        It does not hold; the text names the first act that was possible, and the next step.
    """
    if require_tier(tier) == "none":
        return tier
    report = remembered(tier)
    if report.holds:
        return tier
    raise SandboxError(
        f"the tier {tier!r} does not hold on this machine: {_why_not(report)}. "
        "`autograder doctor` shows all acts and how to get a higher tier; "
        "`--isolation` names a lower one, for submissions you trust."
    )


def _why_not(report: Report) -> str:
    failed = [f"{row.what} ({row.outcome}: {row.detail})" for row in report.rows if row.outcome != REFUSED]
    return report.obstacle or "; ".join(failed[:3])


def best_tier(tell: Callable[[str], object] | None = None, *, weakest: str = UNASKED[-1]) -> str:
    """The strongest tier that holds on this machine, none below `weakest`.

    Parameters
    ----------
    tell : callable, optional
        Gets why each stronger tier is not taken.
    weakest : str
        Without it, the tiers `landlock` and `none` are not taken: they have to be named.

    Raises
    ------
    SandboxError
        None of them holds; the text says why not, and what to do.
    """
    reasons = []
    for tier in TIERS[: TIERS.index(weakest) + 1]:
        if tier == "none":
            return tier
        report = remembered(tier)
        if report.holds:
            return tier
        reasons.append(f"{tier}: {_why_not(report)}")
        if tell is not None:
            tell(f"Not in the tier {reasons[-1]}.")
    lower = [tier for tier in TIERS if TIERS.index(tier) > TIERS.index(weakest)]
    named = " or ".join(f"--isolation {tier}" for tier in lower)
    raise SandboxError(
        f"no tier of isolation that may be taken holds on this machine. {'. '.join(reasons)}. `autograder "
        f"doctor` compares the tiers and says how to get one; a weaker one has to be named: {named}."
    )


@contextlib.contextmanager
def _stage() -> Iterator[dict[str, Any]]:
    """What the acts go for: files, servers, a process, a secret in memory and environment."""
    folder = Path(tempfile.mkdtemp(prefix="autograder-stage-", dir=_folder_for_a_socket()))
    folder.chmod(0o755)
    names = {"gradebook": "gradebook.db", "neighbour": "submitted/ada/work.ipynb"}
    paths = {key: folder / name for key, name in names.items()}
    canary = secrets.token_hex(16)
    for path in paths.values():
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(f"secret {canary}", encoding="utf-8")
        # World-readable and writable: it must be the sandbox that refuses, not the file's mode.
        path.chmod(0o666)
    variable = "AUTOGRADER_CANARY"
    os.environ[variable] = canary
    abstract = f"autograder-{secrets.token_hex(8)}"
    with contextlib.ExitStack() as stack:
        stack.callback(shutil.rmtree, folder, ignore_errors=True)
        stack.callback(os.environ.pop, variable, None)
        tcp = stack.enter_context(socket.create_server(("127.0.0.1", 0)))
        if hasattr(socket, "AF_UNIX"):
            for address in ("\0" + abstract, str(folder / "socket")):
                server = stack.enter_context(socket.socket(socket.AF_UNIX))
                server.bind(address)
                server.listen()
            (folder / "socket").chmod(0o666)
        command = tier_parts.unprivileged([sys.executable, *ENDLESS], tier_parts.python_paths())
        victim = subprocess.Popen(command, stdin=subprocess.DEVNULL, cwd="/")
        stack.callback(victim.wait)
        stack.callback(victim.kill)
        yield {
            "port": tcp.getsockname()[1],
            "abstract": abstract,
            "socket_file": str(folder / "socket"),
            "course": str(folder),
            **{key: str(path) for key, path in paths.items()},
            "grader": str(Path(__file__)),
            "homes": _homes(),
            "shown": [
                parent for path in tier_parts.python_paths() for parent in map(str, Path(path).parents)
            ],
            "variable": variable,
            "victim": victim.pid,
            "loose": 5,
            "canary_head": canary[:16],
            "canary_tail_reversed": canary[:15:-1],
        }
        if victim.poll() is not None:
            raise SandboxError("a process outside the box was ended from inside it")


def _folder_for_a_socket() -> str:
    """The folder for temporary files, or `/tmp` where that one's path is too long for a socket in it."""
    own = tempfile.gettempdir()
    if not hasattr(socket, "AF_UNIX") or len(os.fsencode(own)) <= MOST_FOLDER_BYTES:
        return own
    if not os.access("/tmp", os.W_OK):
        raise SandboxError(
            f"the folder for temporary files, {own}, has a path of {len(os.fsencode(own))} bytes; at most "
            f"{MOST_FOLDER_BYTES} fit before the name of a socket. Set TMPDIR to a shorter one."
        )
    return "/tmp"


def _homes() -> list[str]:
    """Folders of people. The account of a service may have `/` or a system's folder, which a box has too."""
    own = os.path.expanduser("~")  # noqa: PTH111 - Path.home raises where there is none
    shown = ("/usr", *SYSTEM_FOLDERS)
    a_persons = Path(own).is_absolute() and not any(
        Path(folder).is_relative_to(own) or Path(own).is_relative_to(folder) for folder in shown
    )
    return ["/home", own] if a_persons else ["/home"]


def _try_everything(sandbox: Sandbox, given: Mapping[str, Any], ids: Container[str]) -> list[Row]:
    """Acts, limits, and the one limit that takes seconds of waiting, side by side."""
    limits = [name for name in TRIALS if name in ids]
    with ThreadPoolExecutor(2) as pool:
        acts = pool.submit(_try_acts, sandbox, given, [act for act in ACTS if act.id in ids])
        slow = pool.submit(lambda: [_try_limit(sandbox, name) for name in limits if name == SLOWEST])
        others = [_try_limit(sandbox, name) for name in limits if name != SLOWEST]
        return [*acts.result(), *slow.result(), *others]


def _try_acts(sandbox: Sandbox, given: Mapping[str, Any], acts: Sequence[Act]) -> list[Row]:
    with sandbox.box() as box:
        prepared = box.run_cell(f"given = {dict(given)!r}\n{PRELUDE}")
        if prepared.verdict is not None:
            return [Row(act.id, act.what, BROKEN, prepared.error or "") for act in acts]
        return [_try_act(box, act) for act in acts]


def _try_act(box: Box, act: Act) -> Row:
    source = "\n".join(
        (
            "def act():",
            textwrap.indent(act.body, "    "),
            "try: outcome = str(act() or '')[:200]",
            "except (OSError, ImportError, ValueError, *missing) as error:",
            "    refusal = f'{type(error).__name__}: {error}'[:200]",
        )
    )
    with box.open_test() as process:
        done = process.run_inside(source)
        outcome, refusal = process.fetch("outcome"), process.fetch("refusal")
    if refusal.verdict is None:
        return Row(act.id, act.what, REFUSED, str(refusal.value))
    if done.verdict is None and outcome.verdict is None:
        return Row(act.id, act.what, POSSIBLE if outcome.value else REFUSED, str(outcome.value))
    # Killed by the filter, or broken by something we did not foresee: no proof either way.
    return Row(act.id, act.what, BROKEN, done.error or "")


def _try_limit(sandbox: Sandbox, name: str) -> Row:
    what, try_it = TRIALS[name]
    try:
        problem = try_it(sandbox)
    except SandboxError as error:
        problem = str(error)
    return Row(name, what, POSSIBLE if problem else REFUSED, problem or "")


_ALL = frozenset(act.id for act in ACTS) | set(TRIALS)


def _cache_path(tier: str) -> Path:
    """Where a report lies: named by everything that could change its outcome."""
    boot = Path("/proc/sys/kernel/random/boot_id")
    parts = [tier, engine_copy.fingerprint(), sys.version, sys.prefix]
    if tier != "wasm":  # of whose walls the kernel is no part: a report goes with a container's image
        parts += [
            boot.read_text(encoding="ascii").strip() if boot.exists() else "",
            platform.release(),
            str(tier_parts.find_bwrap()),
            str(os.geteuid() if hasattr(os, "geteuid") else ""),
        ]
    name = caches.digest("\0".join(parts).encode())
    return caches.cache_root() / f"selfcheck-{tier}-{name}.json"
