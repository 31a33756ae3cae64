"""What instructors see while the service runs: the queue, the rate, the last results, who needs a person."""

from __future__ import annotations

import datetime
from typing import Any

from autograder.serve.entries import Entry, Outcome
from autograder.serve.grader import Grader
from autograder.serve.queue import Queue
from autograder.verdicts import Status

_HOUR_S = 3_600.0
_MOST_LAST = 20
_MOST_ATTENTION = 50
_LOOKED_AT = 2_000


def live_view(queue: Queue, grader: Grader, now: float) -> dict[str, Any]:
    """The state as data for JSON; `now` in seconds since 1970."""
    waiting = queue.waiting()
    finished = queue.finished(_LOOKED_AT)
    newest: dict[tuple[str, str, str], tuple[Entry, Outcome]] = {}
    for entry, outcome in finished:
        newest.setdefault(entry.work, (entry, outcome))
    attention = [
        _about(entry) | {"reason": reason} for entry, outcome in newest.values() if (reason := _why(outcome))
    ]
    return {
        "waiting": len(waiting),
        "running": [entry.student for entry in waiting if queue.is_running(entry)],
        "done": queue.count_finished(),
        "last_hour": sum(outcome.finished_at > now - _HOUR_S for _, outcome in finished),
        "seconds_each": round(queue.seconds_each, 2),
        "oldest_wait_s": round(max((now - entry.accepted_at for entry in waiting), default=0.0), 1),
        "fault": grader.fault if grader.is_alive else "the grader has ended; start the service again.",
        "last": [_line(entry, outcome) for entry, outcome in finished[:_MOST_LAST]],
        "attention": attention[:_MOST_ATTENTION],
    }


def _about(entry: Entry) -> dict[str, Any]:
    return {
        "id": entry.id,
        "student": entry.student,
        "assignment": entry.assignment,
        "feedback": f"feedback/{entry.id}",
    }


def _line(entry: Entry, outcome: Outcome) -> dict[str, Any]:
    finished = datetime.datetime.fromtimestamp(outcome.finished_at, datetime.UTC)
    return _about(entry) | {
        "finished_at": finished.isoformat(timespec="seconds"),
        "status": str(outcome.result.status),
        "score": outcome.result.score,
        "max_score": outcome.result.max_score,
        "seconds": round(outcome.finished_at - entry.accepted_at, 1),
    }


def _why(outcome: Outcome) -> str:
    """Why a person should look at it; "" where nobody needs to."""
    result = outcome.result
    if result.status is Status.INTERNAL_ERROR:
        return f"the grader failed: {result.reason}"
    if result.status is Status.REJECTED:
        return f"could not be read: {result.reason}"
    if result.open_points:
        return f"{result.open_points:g} points are open: the grader failed there"
    return "; ".join(result.flags)
