"""What instructors see while the service runs: the queue, the rate, the last results, who needs a person."""

from __future__ import annotations

import datetime
from typing import Any

from autograder.serve.entries import Brief, Entry
from autograder.serve.grader import Grader
from autograder.serve.queue import Queue

_HOUR_S = 3_600.0
_MOST_LAST = 20
_MOST_ATTENTION = 50
_LOOKED_AT = 2_000


def live_view(queue: Queue, grader: Grader, now: float) -> dict[str, Any]:
    """The state as data for JSON; `now` in seconds since 1970."""
    waiting = queue.waiting()
    finished = queue.finished(_LOOKED_AT)
    newest: dict[tuple[str, str, str], tuple[Entry, Brief]] = {}
    for entry, brief in finished:
        newest.setdefault(entry.work, (entry, brief))
    attention = [
        _about(entry) | {"reason": brief.attention} for entry, brief in newest.values() if brief.attention
    ]
    return {
        "waiting": len(waiting),
        "running": [entry.student for entry in waiting if queue.is_running(entry)],
        "done": queue.count_finished(),
        "last_hour": sum(brief.finished_at > now - _HOUR_S for _, brief in finished),
        "seconds_each": round(queue.seconds_each, 2),
        "oldest_wait_s": round(max((now - entry.accepted_at for entry in waiting), default=0.0), 1),
        "fault": _fault(queue, grader),
        "last": [_line(entry, brief) for entry, brief in finished[:_MOST_LAST]],
        "attention": attention[:_MOST_ATTENTION],
    }


def _fault(queue: Queue, grader: Grader) -> str:
    """What stands in the way, and what of the queue cannot be read."""
    fault = grader.fault if grader.is_alive else "the grader has ended; start the service again."
    damaged = "".join(f" {path} cannot be read; it is left there, and not graded." for path in queue.damaged)
    return f"{fault}{damaged}".strip()


def _about(entry: Entry) -> dict[str, Any]:
    return {
        "id": entry.id,
        "student": entry.student,
        "assignment": entry.assignment,
        "feedback": f"feedback/{entry.id}",
    }


def _line(entry: Entry, brief: Brief) -> dict[str, Any]:
    finished = datetime.datetime.fromtimestamp(brief.finished_at, datetime.UTC)
    return _about(entry) | {
        "finished_at": finished.isoformat(timespec="seconds"),
        "status": str(brief.status),
        "score": brief.score,
        "max_score": brief.max_score,
        "seconds": round(brief.finished_at - entry.accepted_at, 1),
    }
