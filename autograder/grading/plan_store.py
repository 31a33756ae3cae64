"""Plans that were made, by the content of the assignment and of the engine, and the tier they hold for."""

from __future__ import annotations

import contextlib
import hashlib
from pathlib import Path

from autograder.assignment import Assignment
from autograder.grading import protocol
from autograder.grading.fingerprints import engine_fingerprint
from autograder.grading.test_plan import Plan
from autograder.sandbox.caches import cache_root
from autograder.storage import StorageError, write_whole

KEPT_PLANS = 100


def read_plan(assignment: Assignment, tier: str) -> Plan:
    """The plan that `keep_plan` stored; an empty one without it."""
    try:
        return protocol.read(_path(assignment, tier).read_bytes(), Plan)
    except (OSError, protocol.ProtocolError):
        return Plan()


def keep_plan(assignment: Assignment, tier: str, plan: Plan) -> None:
    """Store a plan where the next run finds it, and forget the oldest ones; a full disk may refuse it."""
    path = _path(assignment, tier)
    with contextlib.suppress(OSError, StorageError):  # it can be made again
        path.parent.mkdir(parents=True, exist_ok=True)
        write_whole(path, protocol.write(plan))
        by_age = sorted(path.parent.glob("*.bin"), key=lambda file: file.stat().st_mtime)
        for old in by_age[:-KEPT_PLANS]:
            old.unlink(missing_ok=True)


def _path(assignment: Assignment, tier: str) -> Path:
    key = hashlib.sha256(f"{assignment.fingerprint} {engine_fingerprint()} {tier}".encode()).hexdigest()
    return cache_root() / "plans" / f"{key[:32]}.bin"
