"""The process that examiners are forked from: everything is imported, no submission was seen.

| order | answer |
| --- | --- |
| `spawn`, a socket; modules to import first | `spawned`: a fork serves the socket (`server`) |
| `end` | `ended`: the fork has ended; whether it had used up its processor time |
| end of file | ends, and the fork with it |
"""

from __future__ import annotations

import contextlib
import gc
import importlib
import os
import socket
import sys
from collections.abc import Callable, Collection, Mapping
from typing import Any, NoReturn

from autograder.assignment import AssignmentCell
from autograder.examiner.examiner import Examiner
from autograder.examiner.faults import told
from autograder.examiner.places import Handled
from autograder.examiner.server import ExaminerServer
from autograder.sandbox.enclosure import CHANNEL, Enclosure
from autograder.sandbox.inside import callbacks, message_format

MakeExaminer = Callable[[bool, Mapping[str, Handled] | None], Examiner]


def serve(
    control: socket.socket,
    enclosure: Enclosure,
    make_examiner: MakeExaminer,
    cells: Mapping[int, AssignmentCell],
    modules: Collection[str],
    ahead: Collection[str] = (),
) -> NoReturn:
    """Wall this process in, and fork examiners from it as they are ordered.

    Parameters
    ----------
    control : socket
        Whence the orders come.
    make_examiner : callable
        Makes an examiner; given True, one that finds what the test cells import, define and set; and where
        objects may come as handles.
    cells, modules
        As `ExaminerServer` takes them.
    ahead : collection of str
        Modules to import before there are walls: behind them is no folder to write to.
    """
    try:
        for name in enclosure.packages:
            importlib.import_module(name)  # its parts are found through it, wherever it lies
        for name in ahead:
            _load(name)
        enclosure.enter(control.fileno())
        gc.freeze()
        control.sendall(message_format.pack({"op": "ready", "failed": ""}))
    except BaseException as error:  # noqa: BLE001 -- without walls nothing runs here
        with contextlib.suppress(OSError):
            control.sendall(message_format.pack({"op": "ready", "failed": told(error)}))
        os._exit(71)
    pid = 0
    while True:
        order, _, descriptors = callbacks.receive(control)
        if order["op"] == "end":
            is_used_up = enclosure.end(pid)
            control.sendall(message_format.pack({"op": "ended", "is_used_up": is_used_up}))
            continue
        for name in order["load"]:
            _load(name)
        pid = enclosure.fork()
        if not pid:
            control.detach()
            _examine(descriptors[0], enclosure, make_examiner, order, cells, modules)
        os.close(descriptors[0])
        control.sendall(message_format.pack({"op": "spawned"}))


def _load(name: str) -> None:
    """Import a module; where that fails, leave nothing half imported: the test fails to import it then."""
    before = set(sys.modules)
    try:
        importlib.import_module(name)
    except Exception:  # noqa: BLE001 -- whatever a module does
        for half in set(sys.modules) - before:
            del sys.modules[half]


def _examine(
    descriptor: int,
    enclosure: Enclosure,
    make_examiner: MakeExaminer,
    order: Mapping[str, Any],
    cells: Mapping[int, AssignmentCell],
    modules: Collection[str],
) -> NoReturn:
    """Be the examiner of one submission."""
    try:
        enclosure.close_in(descriptor)
        end = socket.socket(fileno=CHANNEL)
        server = ExaminerServer(
            end, make_examiner(order["with_tests"], order["handles"]), cells, modules, callbacks.receive
        )
    except BaseException as error:  # noqa: BLE001 -- as above; it is read as the answer to the first order
        answer = {"op": "fault", "is_sandbox": True, "told": told(error)}
        with contextlib.suppress(OSError):
            os.write(CHANNEL, message_format.pack(answer))
        os._exit(71)
    server.serve()
