"""What runs on a worker of the cluster: one supervisor with a warm sandbox for each thread, and the task.

Task and result are bytes of `grading.protocol`; nothing of a student's is pickled. A worker knows no course.
On the scheduler runs what ends the sandboxes of a coordinator that is gone.
"""

from __future__ import annotations

import queue
from typing import Any

from distributed import Reschedule, SchedulerPlugin, WorkerPlugin, get_worker

from autograder.grading import protocol
from autograder.grading.fingerprints import engine_fingerprint
from autograder.grading.protocol import Job, Memo, Refused, Start
from autograder.grading.supervisor import Supervisor, WorkersError
from autograder.grading.test_plan import Plan

_OTHER_VERSION = (
    "the grader of this worker is not the coordinator's, or stands on other versions. Every machine needs "
    "the same two wheels, the same build of Python (python -VV), and the same versions of NumPy, matplotlib, "
    "IPython and scikit-learn: docs/cluster.md has the commands."
)
_FORGOTTEN = "its scheduler has forgotten this run. The same command goes on from there."


class Sandboxes(WorkerPlugin):  # type: ignore[misc]  # optional: mypy does not look into it
    """Sandboxes for one notebook of an assignment, as many as the worker has threads.

    Parameters
    ----------
    name : str
        Of this run and notebook; no other has it.
    start, memo, plan : bytes
        Messages of `protocol`, as a local supervisor would send them to its workers.
    packages : tuple of str
        Packages that the assignment registers: a worker must have the same.
    engine : str
        The coordinator's `engine_fingerprint(packages)`.
    """

    def __init__(
        self, name: str, start: bytes, memo: bytes, plan: bytes, packages: tuple[str, ...], engine: str
    ) -> None:
        self.name = name
        self._start, self._memo, self._plan = start, memo, plan
        self._packages, self._engine = packages, engine
        self._refusal = ""
        self._free: queue.SimpleQueue[Supervisor] | None = None
        self._all: list[Supervisor] = []
        self._ended = False

    def setup(self, worker: Any) -> None:
        """Begin to warm a sandbox for each thread of the worker."""
        if engine_fingerprint(self._packages) != self._engine:
            self._refusal = _OTHER_VERSION
            return
        start = protocol.read(self._start, Start)
        memo = protocol.read(self._memo, Memo).content
        plan = protocol.read(self._plan, Plan)
        self._free = queue.SimpleQueue()
        for _ in range(worker.state.nthreads):
            supervisor = Supervisor(start, workers=1, runs_again=False, memo=memo, plan=plan)
            self._all.append(supervisor)
            self._free.put(supervisor)

    def teardown(self, worker: Any) -> None:
        """End the sandboxes, those at work too."""
        self._ended = True
        while self._all:
            self._all.pop().close()

    def grade(self, job: bytes) -> bytes:
        """The `JobResult` of one `Job`, or `Refused` where this machine cannot work; bytes in, bytes out.

        Raises
        ------
        Reschedule
            The worker is leaving: another one has to take the job.
        """
        if self._refusal or self._free is None:
            return protocol.write(Refused(self._refusal))
        supervisor = self._free.get()
        try:
            if self._ended:
                raise Reschedule
            supervisor.give([("", protocol.read(job, Job))])
            [(_, result)] = supervisor.results()
        except Exception as error:
            if self._ended:
                raise Reschedule from error
            if isinstance(error, WorkersError):
                return protocol.write(Refused(str(error)))
            raise
        finally:
            self._free.put(supervisor)
        return protocol.write(result)


class Ending(SchedulerPlugin):  # type: ignore[misc]  # as above
    """On the scheduler: a coordinator that is gone, killed for one, leaves no sandboxes on the workers.

    Parameters
    ----------
    client : str
        The coordinator's name at the scheduler.
    name : str
        Of its `Sandboxes`, and of this plugin.
    """

    def __init__(self, client: str, name: str) -> None:
        self.client, self.name = client, name

    def remove_client(self, scheduler: Any, client: str) -> None:
        """End the sandboxes of the client whose connection has ended, if it is this one."""
        if client == self.client:
            scheduler.remove_plugin(self.name)
            if self.name in scheduler.worker_plugins:
                scheduler.loop.add_callback(scheduler.unregister_worker_plugin, None, self.name)


def grade(name: str, job: bytes) -> bytes:
    """The task: have the plugin of this name grade one submission, on whatever worker this is."""
    plugin: Sandboxes | None = get_worker().plugins.get(name)
    return protocol.write(Refused(_FORGOTTEN)) if plugin is None else plugin.grade(job)
