"""Numbers for Prometheus: counts and times, no names."""

from __future__ import annotations

from prometheus_client import CollectorRegistry, Counter, Gauge, Histogram, generate_latest

from autograder.serve.grader import Grader
from autograder.serve.queue import Queue

_ACKNOWLEDGED_S = (0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0, 10.0)


class Metrics:
    """What the service counts.

    Parameters
    ----------
    queue : Queue
    grader : Grader
    """

    def __init__(self, queue: Queue, grader: Grader) -> None:
        self._registry = CollectorRegistry()
        self.accepted = Counter(
            "autograder_submissions_accepted", "Submissions accepted", registry=self._registry
        )
        self.refused = Counter(
            "autograder_submissions_refused",
            "Submissions not accepted, by status",
            ["status"],
            registry=self._registry,
        )
        self.acknowledged = Histogram(
            "autograder_acknowledgement_seconds",
            "From the last byte of a notebook to its acceptance",
            buckets=_ACKNOWLEDGED_S,
            registry=self._registry,
        )
        waiting = Gauge("autograder_queue_length", "Submissions without a verdict", registry=self._registry)
        waiting.set_function(lambda: len(queue.waiting()))
        seconds = Gauge(
            "autograder_submission_seconds", "Time of one submission, smoothed", registry=self._registry
        )
        seconds.set_function(lambda: queue.seconds_each)
        faulty = Gauge(
            "autograder_grader_stands_still", "1 while nothing can be graded", registry=self._registry
        )
        faulty.set_function(lambda: float(bool(grader.fault) or not grader.is_alive))
        done = Gauge("autograder_submissions_done", "Submissions with an outcome", registry=self._registry)
        done.set_function(queue.count_finished)

    def text(self) -> bytes:
        """All of it in Prometheus's text format."""
        text: bytes = generate_latest(self._registry)
        return text
