"""The student's process: runs cells, answers calls, forks on request.

It exchanges messages (`message_format`) over one socket. Student code runs in this very process and can forge
every answer: the other side checks the form and trusts nothing else. So this file is written for
honest work and clear reports; the walls are elsewhere (`lockdown`, `keeper`, and the reader's strictness).

| request | answer |
| --- | --- |
| `fork` and a socket | a child that serves that socket from the same state; the parent continues |
| `setup` files | puts them into the working directory |
| `cell` source | outputs, error |
| `call` name, arguments | what the function returned or raised, what it printed, which arguments it changed |
| `operate` operation, arguments | the same of an operation on an object that stayed here |
| `fetch` name | what the name is, and its value if that is plain data |
| `files` most bytes, names | what lies in the working directory otherwise than it was given |
| `place` names, folders, files, links | lets these lie there |
"""

from __future__ import annotations

import builtins
import contextlib
import os
import socket
import threading
from collections import ChainMap
from collections.abc import Mapping
from importlib import import_module
from os import WNOHANG, close, fork, makedirs, set_inheritable, waitpid
from random import getstate, setstate
from socket import socket as socket_socket
from time import perf_counter, sleep
from traceback import format_exception
from types import ModuleType
from typing import Any, NoReturn

from . import crossing, message_format, raised
from .box_files import BoxFiles
from .callbacks import Callbacks, in_place, names_of_test, receive
from .deadline import OutOfTime, Used, deadline, prepare
from .function_facts import function_facts
from .handles import OPERATIONS, Handles
from .own_error import class_and_contents
from .random_states import RANDOM_STATES, reseed, set_random_states
from .shell import LooseText, Outputs, Shell, TooMuchOutput, connect, message, type_name
from .student_view import separate_builtins

# This module's own: a student may replace the shared ones.
globals()["__builtins__"] = vars(builtins).copy()
MAX_TRACEBACK_CHARS = 4000


class StudentServer:
    """One process of the student's, serving one socket.

    Parameters
    ----------
    shell : Shell
        The warm shell, this process's copy.
    end : socket
        Where requests come from.
    limits : mapping
        `output_bytes`, `output_hard_bytes`, `value_bytes`, `absolute`.
    loose : LooseText
        What is written to descriptors 1 and 2.
    """

    def __init__(self, shell: Shell, end: socket.socket, limits: Mapping[str, int], loose: LooseText) -> None:
        self._shell, self._socket, self._limits = shell, end, limits
        self._counts_waiting = bool(limits["absolute"])
        self._outputs = Outputs(limits["output_bytes"], limits["output_hard_bytes"])
        self._loose = loose
        self._children: list[int] = []
        self._pid = os.getpid()
        self._files = BoxFiles(os.getcwd())  # a notebook may go elsewhere
        self._classes = crossing.KnownClasses(shell.user_ns.get, _module)
        self._objects = crossing.Objects(first=1)
        self._handles = Handles()
        self._is_calling = False
        self._replaced: dict[str, Any] = {}  # the notebook's own, where a test has set the name
        self._own = ChainMap(self._replaced, shell.user_ns)
        self._marks = frozenset[tuple[str, int, int, int]](), False
        self._answers = {
            "fork": self._fork,
            "setup": self._set_up,
            "cell": self._run_cell,
            "call": self._call,
            "operate": self._call,
            "fetch": self._fetch,
            "files": self._held_files,
            "place": self._place_files,
        }
        prepare()
        connect(shell, self._outputs)
        separate_builtins(shell)

    def serve(self) -> NoReturn:
        """Answer requests until the other side closes the channel."""
        while True:
            self.answer_one()

    def files_were_copied(self) -> None:
        """Go on in a copy of the working directory."""
        self._files.renumber_given()

    def answer_one(self) -> None:
        """Wait for one request and answer it."""
        try:
            header, buffers, descriptors = receive(self._socket)
            reply = self._answers[header["op"]](header, buffers, descriptors)
        except (OSError, message_format.WireError):
            os._exit(0)
        except BaseException:  # noqa: BLE001 (student code may have changed anything; this process is done)
            os._exit(70)
        if os.getpid() != self._pid:
            os._exit(0)  # a process that student code forked has come back here; it may not answer
        self._socket.sendall(reply)

    def _fork(self, header: dict[str, Any], _: list[memoryview], descriptors: list[int]) -> bytes:
        self._children = [pid for pid in self._children if not _is_over(pid)]
        (descriptor,) = descriptors
        state = getstate()
        try:
            pid = _fork_or_make_room()
        except OSError:
            close(descriptor)
            return message_format.pack({"ok": False})
        if pid:
            close(descriptor)
            self._children.append(pid)
            _reap_the_dead()  # cells go on in the child, which could make no room of them
            return message_format.pack({"ok": True})
        self._socket.close()
        set_inheritable(descriptor, False)
        self._socket = socket_socket(fileno=descriptor)
        self._children = []
        self._pid = os.getpid()
        from .signals import declare_state  # of Linux's filter of system calls

        declare_state()
        if header["continues"]:
            setstate(state)  # the module seeds itself anew in every child
        else:
            reseed()
        return message_format.pack({"ok": True, "pid": os.getpid()})

    def _set_up(self, header: dict[str, Any], buffers: list[memoryview], _: list[int]) -> bytes:
        for name, data in message_format.decode(header["value"], buffers).items():
            folder = os.path.dirname(name)
            if folder:
                makedirs(folder, exist_ok=True)
            with open(name, "wb") as file:
                file.write(data.tobytes())
        self._files.remember_given()
        return message_format.pack({"ok": True})

    def _run_cell(self, header: dict[str, Any], buffers: list[memoryview], _: list[int]) -> bytes:
        source = message_format.decode(header["value"], buffers)
        self._outputs.start()
        self._loose.skip()
        start = perf_counter()
        before = self._marks if self._marks[1] else self._files.marks()
        error: BaseException | None = None
        used: Used | None = None
        try:
            with deadline(header["seconds"], header["wall_s"], counts_waiting=self._counts_waiting) as used:
                result = self._shell.run_cell(source, store_history=True)  # type: ignore[no-untyped-call]
                error = result.error_before_exec or result.error_in_exec
        except BaseException as stop:  # noqa: BLE001 (whatever student code raised outside the shell's own net)
            error = stop
        with contextlib.suppress(TooMuchOutput):
            self._loose.read_into(self._outputs)
        self._marks = self._files.marks()
        crossing.look_for_overwritten_names()
        report = {
            "seconds": perf_counter() - start,
            "verdict": _verdict(error),
            "error_type": "" if error is None else type_name(type(error)),
            "error_message": message(error) if error is not None else "",
            "outputs": self._outputs.take(),
            "repeatable": threading.active_count() == 1 and self._marks == before and before[1],
            "waited_s": 0.0 if used is None else used.waited_s,
        }
        try:
            return message_format.pack({}, report)
        except message_format.UnsupportedValueError:
            text = "[the outputs of this cell cannot be kept: too large, or not plain data]\n"
            report["outputs"] = [{"output_type": "stream", "name": "stderr", "text": text}]
            return message_format.pack({}, report)

    def _call(self, header: dict[str, Any], buffers: list[memoryview], _: list[int]) -> bytes:
        self._outputs.start()
        self._loose.skip()
        objects = self._objects if header["objects"] else None
        gives_handles = header["handles"] is True
        callbacks = Callbacks(self._own, self._answers, objects, self._printed, self._handles, gives_handles)
        args, kwargs, states, names = crossing.decode_all(
            header["values"], buffers, self._classes, objects, callbacks.function
        )
        given = (*args, *kwargs.values())
        before = self._argument_bytes(given)
        report: dict[str, Any] = {"kind": "data", "changed": [], "names": {}}
        error: BaseException | None = None
        result: Any = None
        if header["op"] == "operate":
            function: Any = OPERATIONS[header["name"]]
        else:
            function = self._own.get(header["name"])
        if not callable(function):
            known = "is not callable" if header["name"] in self._shell.user_ns else "is not defined"
            return self._answer({"kind": "absent", "error_message": f"{header['name']} {known}"}, [None])
        is_nested, self._is_calling = self._is_calling, True
        if not is_nested:
            set_random_states(states)
        replaced = {name: callbacks.callback(number) for name, number in header["replaced"].items()}
        files, start = self._files.look(), perf_counter()
        try:
            with (
                deadline(header["seconds"], header["wall_s"], counts_waiting=self._counts_waiting) as used,
                callbacks.open(self._socket),
                in_place(self._shell, replaced),
                names_of_test(self._shell.user_ns, names, self._replaced),
            ):
                result = function(*args, **kwargs)
        except BaseException as raised:  # noqa: BLE001 (whatever student code raised is the answer)
            error = raised
            result = None
        self._is_calling = is_nested
        report["from_callback"] = error is not None and error is callbacks.raised
        report["seconds"] = perf_counter() - start
        report["processor_s"], report["waited_s"] = used.seconds(), used.waited_s
        report["written"], report["removed"] = self._files.changed_since(files)
        if error is not None:
            report |= _raised(error) | class_and_contents(error)
            if header["explain"]:
                report["raised_line"] = _raised_line(error, self._shell.user_ns)
        shared = [name for name, state in states.items() if state is not None and not is_nested]
        report["random_states"] = {name: RANDOM_STATES[name][0]() for name in shared}
        after = self._argument_bytes(given)
        changed = [i for i, (old, new) in enumerate(zip(before, after, strict=True)) if old != new]
        report["changed"] = [i for i in changed if i < len(args)]
        values = [result, *(given[i] for i in changed if objects is not None)]
        return self._answer(report, values, objects, self._handles if gives_handles else None)

    def _fetch(self, header: dict[str, Any], buffers: list[memoryview], _: list[int]) -> bytes:
        self._outputs.start()
        self._loose.skip()
        names = self._shell.user_ns
        if header["name"] not in names:
            return self._answer({"kind": "absent"}, [None])
        value = names[header["name"]]
        if isinstance(value, ModuleType):
            return self._answer({"kind": "module"}, [str(value.__name__)])
        handles = self._handles if header["handles"] else None
        if callable(value) and not crossing.is_data(type(value)):
            facts = function_facts(value)
            if handles is not None and not facts["is_function"] and "error_classes" not in facts:
                facts["handle"] = value
            return self._answer(
                {"kind": "callable", "names": {"": type_name(type(value))}}, [facts], handles=handles
            )
        return self._answer({"kind": "data"}, [value], self._objects if header["objects"] else None, handles)

    def _answer(
        self,
        report: dict[str, Any],
        values: list[Any],
        objects: crossing.Objects | None = None,
        handles: Handles | None = None,
    ) -> bytes:
        texts = self._printed()
        plain = message_format.plain_report() | texts | report
        buffers: list[bytes] = []
        names: dict[str, str] = {}
        try:
            stays = None if handles is None else handles.tree
            trees = crossing.encode_all(values, buffers, names, objects, stays)
            report_tree = message_format.encode(plain | {"names": names | plain["names"]}, buffers)
            answer = {"report": report_tree, "values": trees}
            return message_format.to_bytes(answer, buffers, self._limits["value_bytes"])
        except message_format.UnsupportedValueError as error:
            plain |= {"error_message": str(error), "names": {error.path: error.type_name}}
        except BaseException as error:  # noqa: BLE001 (a subclass of the student's may raise while it is read)
            plain |= {"error_message": f"its value cannot be read: {type_name(type(error))}"}
        buffers = []
        report_tree = message_format.encode(plain | {"verdict": "bad-type"}, buffers)
        return message_format.to_bytes({"report": report_tree, "values": []}, buffers)

    def _printed(self) -> dict[str, str]:
        """What was printed since this was asked last, by stream."""
        texts: dict[str, str] = {"stdout": "", "stderr": ""}
        with contextlib.suppress(TooMuchOutput):
            self._loose.read_into(self._outputs)
        for output in self._outputs.take():
            if output["output_type"] == "stream":
                texts[output["name"]] += output["text"]
        self._outputs.start()
        return texts

    def _argument_bytes(self, arguments: tuple[Any, ...]) -> list[Any]:
        """A comparable form of each argument; None for one that no longer is plain data."""
        forms: list[Any] = []
        for argument in arguments:
            buffers: list[bytes] = []
            try:
                (tree,) = crossing.encode_all([argument], buffers, {}, None, self._handles.tree)
                forms.append((tree, buffers))
            except Exception:  # noqa: BLE001 (student code may have put anything into a list it was given)
                forms.append(None)
        return forms

    def _held_files(self, header: dict[str, Any], buffers: list[memoryview], _: list[int]) -> bytes:
        names = message_format.decode(header["value"], buffers)
        return message_format.pack({}, self._files.held(int(header["bytes"]), names))

    def _place_files(self, header: dict[str, Any], buffers: list[memoryview], _: list[int]) -> bytes:
        return message_format.pack({}, self._files.place(message_format.decode(header["value"], buffers)))


def _module(name: str) -> Any:
    """The module of a class that a test's argument is of."""
    with contextlib.suppress(ImportError, ValueError):
        return import_module(name)
    return None


def _is_over(pid: int) -> bool:
    """Whether a child has ended; reaps it."""
    try:
        return waitpid(pid, WNOHANG)[0] != 0
    except ChildProcessError:
        return True


def _reap_the_dead() -> None:
    """Reap children of the cells that nobody waits for: they count as processes until then."""
    with contextlib.suppress(ChildProcessError):
        while waitpid(-1, WNOHANG)[0]:
            pass


def _fork_or_make_room() -> int:
    """`os.fork`; at the limit, again and for a second at most while dead children of the cells are reaped."""
    for _ in range(100):
        try:
            return fork()
        except BlockingIOError:
            _reap_the_dead()
            sleep(0.01)  # some of them may be about to end
    return fork()


def _verdict(error: BaseException | None) -> str | None:
    table: tuple[tuple[type[BaseException], str], ...] = (
        (OutOfTime, "timeout"),
        (TooMuchOutput, "too-much-output"),
        (MemoryError, "memory"),
        (SystemExit, "crashed"),
        (BaseException, "raised"),
    )
    return next((verdict for kind, verdict in table if isinstance(error, kind)), None)


def _raised(error: BaseException) -> dict[str, Any]:
    """What a call's exception is: the nearest built-in type, its text, the student's lines."""
    own = type_name(type(error))
    built_in = next(
        kind.__name__
        for kind in type(error).__mro__
        if kind.__module__ == "builtins" and getattr(builtins, kind.__name__, None) is kind
    )
    text = message(error) if built_in == own else f"{own}: {message(error)}"
    try:
        lines = format_exception(error.with_traceback(error.__traceback__.tb_next), limit=-8)  # type: ignore[union-attr]
        trace = "".join(lines)[-MAX_TRACEBACK_CHARS:]
    except Exception:  # noqa: BLE001 (a student's exception may fail while it is shown)
        trace = ""
    return {"verdict": _verdict(error), "error_type": built_in, "error_message": text, "traceback": trace}


def _raised_line(error: BaseException, names: dict[str, Any]) -> dict[str, Any] | None:
    try:
        return raised.raised_line(error, names)
    except Exception:  # noqa: BLE001 (a student may have replaced whatever this uses; the error itself counts)
        return None
