"""The student's process where it is an instance of WebAssembly: one turn answers one request.

Its host (`autograder.sandbox.wasm`) copies the instance's memory between turns: that is its fork. The same
code as in the other tiers answers (`student_server`); its end of the channel is a function of the host.
"""

from __future__ import annotations

from . import hosts_clock  # isort: skip (what is loaded later takes the clocks by name)

import builtins
import gc
import importlib
import io
import json
import os
import sys
import types
from pathlib import Path
from typing import Any

from _host import call  # of the WebAssembly CPython

from . import hosts_deadline

sys.modules[f"{__package__}.deadline"] = hosts_deadline
from . import crossing, message_format, random_states, shell, warming  # noqa: E402

# Taken by name when this module is loaded, and used by no request that comes here.
_LACKING = [name for name in ("WNOHANG", "fork", "set_inheritable", "waitpid") if not hasattr(os, name)]
for _name in _LACKING:
    setattr(os, _name, None)

from . import student_server  # noqa: E402

for _name in _LACKING:
    delattr(os, _name)

# This module's own: a student may replace the shared ones.
globals()["__builtins__"] = vars(builtins).copy()
_compile, _exec = compile, exec

_server: student_server.StudentServer | None = None
_shell: shell.Shell | None = None
_streams: tuple[Any, Any] | None = None  # the notebook's, while its instance is at rest


class Door:
    """The end of the channel: the host's function takes a message, and for an empty one gives the next."""

    def receive(self) -> tuple[dict[str, Any], list[memoryview], list[int]]:
        """The next request."""
        header, buffers = message_format.unpack(call(b""))
        return header, buffers, []

    def sendall(self, message: bytes) -> None:
        """Give an answer, or call a function of the test."""
        call(message)


class NoLooseText:
    """What is written to descriptors 1 and 2 behind Python's back: the host drops it."""

    def skip(self) -> None:
        """Nothing."""

    def read_into(self, outputs: shell.Outputs) -> None:
        """Nothing."""


def take_over() -> None:
    """Run what the host asks for here, not among the notebook's names.

    The runtime's own way goes by `ast`, `compile` and `exec` as they are by then.
    """
    reactor: Any = importlib.import_module("_reactor")
    reactor._run_turn = _run_turn


def _run_turn(source: str, *_: object) -> None:
    global _streams
    own, (sys.stdout, sys.stderr) = (sys.stdout, sys.stderr), _streams or (sys.stdout, sys.stderr)
    try:
        _exec(_compile(source, "<turn>", "exec"), globals())
    finally:  # the runtime writes what is left in its own streams, not in a notebook's
        _streams = getattr(sys, "stdout", None), getattr(sys, "stderr", None)
        sys.stdout, sys.stderr = own


def warm_up(modules: list[str], warm: list[str]) -> None:
    """Load what a first cell would; tell which modules are not there."""
    global _shell
    _keep_fonts_in_memory()
    _shell, missing = warming.load(modules, warm)
    call(json.dumps(missing).encode())


def learn(modules: list[str]) -> None:
    """Tell what cells load late; in an instance whose memory is put back then."""
    assert _shell is not None
    call(json.dumps(warming.loaded_late(_shell, warming.cells_to_try(modules))).encode())


def settle(late: list[str]) -> None:
    """Load what cells load late; the memory is copied now."""
    warming.load_late(late)
    crossing.take_in_libraries()
    # What is imported from here on is beside the notebook, or linked in.
    sys.path[:0] = [""]
    sys.argv = [""]
    gc.collect()
    gc.freeze()  # what is never looked through again stays the same in every image
    hosts_clock.rest()


def _keep_fonts_in_memory() -> None:
    """Read fonts whole: descriptors that are open do not come along into a copy of the memory."""
    from matplotlib import ft2font

    def read(path: Any, *args: Any, **kwargs: Any) -> ft2font.FT2Font:
        return ft2font.FT2Font(io.BytesIO(Path(path).read_bytes()), *args, **kwargs)

    font_manager: Any = importlib.import_module("matplotlib.font_manager")
    font_manager.ft2font = types.SimpleNamespace(**vars(ft2font) | {"FT2Font": read})


def become_box(limits: dict[str, Any]) -> None:
    """Be the first student process of a box."""
    global _server
    hosts_clock.go_on()
    os.chdir("/box")
    random_states.reseed()
    assert _shell is not None
    _server = student_server.StudentServer(_shell, Door(), limits, NoLooseText())  # type: ignore[arg-type]


def forked(*, continues: bool) -> None:
    """Go on as a copy of the instance whose memory this was."""
    hosts_clock.go_on()
    assert _server is not None
    _server.files_were_copied()
    if not continues:
        random_states.reseed()


def turn() -> None:
    """Answer one request."""
    assert _server is not None
    _server.answer_one()
    hosts_clock.rest()


def take_memo(module: str) -> None:
    """Take results of long calculations; tell how many."""
    entries = importlib.import_module(module).import_memo(call(b""))
    call(str(int(entries)).encode())
