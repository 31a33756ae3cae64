"""The examiner of one submission in a process of its own: orders of the worker in, outcomes out.

| order | answer |
| --- | --- |
| `files`: what the answer has written at a test's place | `shown` |
| `visible`: a test cell by its place, the student's process | `outcome`, or `put_aside` |
| `hidden`: a test put aside, what its process has used | `outcome` |
| `again`: the same, with another process | `outcome` |
| `end` | `loaded`: the modules that it has imported |

Instead of an outcome `fault` is answered where code of ours fails. Before it answers it may ask `ended`: the
student's process is gone, which limit was it?
"""

from __future__ import annotations

import os
import random
import socket
import sys
from collections.abc import Callable, Collection, Mapping
from typing import Any, NoReturn

import numpy as np

from autograder.assignment import AssignmentCell
from autograder.examiner.examiner import Examiner
from autograder.examiner.faults import told
from autograder.examiner.outcomes import TestOutcome, outcome_fields, read_outcome
from autograder.examiner.put_aside import PutAside
from autograder.sandbox import SandboxError, StudentProcess
from autograder.sandbox.inside import message_format
from autograder.verdicts import Verdict

Receive = Callable[[socket.socket], tuple[dict[str, Any], list[memoryview], list[int]]]


class ExaminerServer:
    """One examiner that answers over a socket.

    Parameters
    ----------
    end : socket
    examiner : Examiner
    cells : mapping of int to AssignmentCell
        The assignment's cells by their place.
    modules : collection of str
        Modules of which the worker wants to know whether a test has imported them.
    receive : callable
        Reads a message, and the descriptors that came with it.
    """

    def __init__(
        self,
        end: socket.socket,
        examiner: Examiner,
        cells: Mapping[int, AssignmentCell],
        modules: Collection[str],
        receive: Receive,
    ) -> None:
        self._receive = receive
        self._end, self._examiner, self._cells = end, examiner, cells
        self._unloaded = {name for name in modules if name not in sys.modules}
        self._aside: dict[int, tuple[PutAside, StudentProcess]] = {}

    def serve(self) -> NoReturn:
        """Answer until the worker says `end`, or hangs up."""
        self._examiner.refuse_strangers_code()
        np.random.seed()
        random.seed()
        answers: Mapping[str, Callable[[dict[str, Any], list[int]], dict[str, Any]]] = {
            "visible": self._visible,
            "hidden": self._hidden,
            "again": self._again,
        }
        while True:
            order, buffers, descriptors = self._receive(self._end)
            if order["op"] == "files":
                written = message_format.decode(order["value"], buffers)
                self._examiner.show_files({name: data.tobytes() for name, data in written.items()})
                self._send({"op": "shown"})
                continue
            if order["op"] == "end":
                self._send(
                    {"op": "loaded", "modules": [name for name in self._unloaded if name in sys.modules]}
                )
                os._exit(0)
            try:
                answer = answers[order["op"]](order, descriptors)
            except Exception as error:  # noqa: BLE001 -- the worker decides what a fault of ours costs
                answer = {"op": "fault", "is_sandbox": isinstance(error, SandboxError), "told": told(error)}
            self._send(answer)

    def _visible(self, order: dict[str, Any], descriptors: list[int]) -> dict[str, Any]:
        process = self._borrowed(order, descriptors)
        for number in order["over"]:
            if number in self._aside:
                self._aside[number][1].let_go()
        before = self._before(order)
        outcome = self._examiner.run_visible(self._cells[order["cell"]], process, before)
        if isinstance(outcome, PutAside):
            self._aside[order["number"]] = outcome, process
            said = outcome_fields(outcome.said)
            return {"op": "put_aside", "said": said, "begun": outcome.has_begun, "process": process.report()}
        return self._answer(outcome, process)

    def _hidden(self, order: dict[str, Any], descriptors: list[int]) -> dict[str, Any]:
        put_aside, process = self._aside[order["number"]]
        process.told_the_time(order["process"])
        return self._answer(self._examiner.run_hidden(put_aside), process)

    def _again(self, order: dict[str, Any], descriptors: list[int]) -> dict[str, Any]:
        cell, said = self._cells[order["cell"]], order["said"]
        if order["number"] in self._aside:
            put_aside, _ = self._aside[order["number"]]
        else:  # the examiner in which the visible part ran is gone
            said = read_outcome(said, cell.points)
            put_aside = self._examiner.put_aside_elsewhere(cell, said, self._before(order))
        process = self._borrowed(order, descriptors)
        return self._answer(self._examiner.run_again_hidden(put_aside, process), process)

    def _before(self, order: dict[str, Any]) -> tuple[AssignmentCell, ...] | None:
        return None if order["after"] is None else tuple(self._cells[place] for place in order["after"])

    def _borrowed(self, order: dict[str, Any], descriptors: list[int]) -> StudentProcess:
        return StudentProcess.borrowed(order["process"], descriptors, self._ended)

    def _answer(self, outcome: TestOutcome, process: StudentProcess) -> dict[str, Any]:
        report = process.report()
        process.let_go()
        return {"op": "outcome", "outcome": outcome_fields(outcome), "process": report}

    def _ended(self) -> Verdict | None:
        """Which limit of the box has ended the student's process."""
        self._send({"op": "ended"})
        answer, _, _ = self._receive(self._end)
        return None if answer["verdict"] is None else Verdict(answer["verdict"])

    def _send(self, message: dict[str, Any]) -> None:
        self._end.sendall(message_format.pack(message))
