"""An IPython shell without a kernel: it runs cells and collects what Jupyter would have shown.

Streams, rich displays, results and errors become outputs of nbformat 4, in order and up to a cap. Made once
in the zygote; every submission gets it by fork.
"""

from __future__ import annotations

import builtins
import codecs
import contextlib
import getpass
import io
import os
import subprocess
import sys
from collections.abc import Iterator, Mapping
from typing import Any, NoReturn

from IPython.core.displayhook import DisplayHook
from IPython.core.displaypub import DisplayPublisher
from IPython.core.interactiveshell import InteractiveShell
from traitlets import Type
from traitlets.config import Config

# This module's own: a student may replace the shared ones.
globals()["__builtins__"] = vars(builtins).copy()
MAX_OUTPUTS = 200
MAX_TRACEBACK_LINES, MAX_TRACEBACK_LINE = 200, 4000
CUT = "\n[output cut here: the notebook printed more than is kept]\n"


class TooMuchOutput(BaseException):
    """The cell wrote more than the hard cap; it is stopped."""


class Outputs:
    """The outputs of one cell, as nbformat 4 wants them.

    Parameters
    ----------
    keep_bytes : int
        Text and data kept for one cell; what comes after is dropped and replaced by one line.
    hard_bytes : int
        Written in all, kept or not; beyond it the cell is stopped.
    """

    def __init__(self, keep_bytes: int, hard_bytes: int) -> None:
        self.keep_bytes, self.hard_bytes = keep_bytes, hard_bytes
        self.start()

    def start(self) -> None:
        """Forget everything: a new cell begins."""
        self._items: list[dict[str, Any]] = []
        self._text: list[str] = []
        self._stream = ""
        self._kept = self._written = 0
        self._cut = self._clear_next = False
        self._shown: dict[str, list[dict[str, Any]]] = {}

    def take(self) -> list[dict[str, Any]]:
        """The outputs so far."""
        self._end_stream()
        return self._items

    def write(self, name: str, text: str) -> None:
        """Text for the stream `stdout` or `stderr`."""
        if not text:
            return
        self._forget_if_asked()
        room = self._count(len(text))
        if name != self._stream:
            self._end_stream()
            self._stream = name
        if room:
            self._text.append(text[:room])
        if room < len(text) and not self._cut:
            self._text.append(CUT)
            self._cut = True

    def add(self, output: dict[str, Any], size: int, display_id: str | None = None) -> None:
        """A whole output of about `size` bytes."""
        self._forget_if_asked()
        self._end_stream()
        if self._count(size) < size or len(self._items) >= MAX_OUTPUTS:
            if not self._cut:
                self._items.append({"output_type": "stream", "name": "stderr", "text": CUT})
            self._cut = True
            return
        self._items.append(output)
        if display_id is not None:
            self._shown.setdefault(display_id, []).append(output)

    def update(self, display_id: str, data: dict[str, Any], metadata: dict[str, Any], size: int) -> None:
        """Replace what was shown under `display_id` in this cell."""
        if self._count(size) == size:
            for output in self._shown.get(display_id, ()):
                output["data"], output["metadata"] = data, metadata

    def clear(self, wait: bool) -> None:
        """Forget the outputs, now or with the next one."""
        if wait:
            self._clear_next = True
            return
        self._stream, self._text, self._items, self._kept, self._cut = "", [], [], 0, False

    def _forget_if_asked(self) -> None:
        if self._clear_next:
            self._clear_next = False
            self.clear(wait=False)

    def _end_stream(self) -> None:
        if self._text:
            text = "".join(self._text)
            self._items.append({"output_type": "stream", "name": self._stream, "text": text})
        self._stream, self._text = "", []

    def _count(self, size: int) -> int:
        self._written += size
        if self._written > self.hard_bytes:
            raise TooMuchOutput("the cell wrote more than the limit on output")
        room = max(0, min(size, self.keep_bytes - self._kept))
        self._kept += room
        return room


class Stream(io.TextIOBase):
    """`sys.stdout` or `sys.stderr` of the student's process."""

    def __init__(self, name: str, outputs: Outputs) -> None:
        self._name, self._outputs = name, outputs

    name = property(lambda self: f"<{self._name}>")
    encoding = property(lambda self: "utf-8")
    errors = property(lambda self: "replace")

    def writable(self) -> bool:
        """True."""
        return True

    def write(self, text: str) -> int:
        """Collect `text`; a non-string is refused as files do."""
        if not isinstance(text, str):
            raise TypeError(f"write() argument must be str, not {type(text).__name__}")
        self._outputs.write(self._name, str.__str__(text))
        return len(text)

    def fileno(self) -> int:
        """The process's own descriptor of the stream: what subprocesses write to."""
        return 1 if self._name == "stdout" else 2


class _Publisher(DisplayPublisher):
    def publish(
        self,
        data: dict[str, Any],
        metadata: dict[str, Any] | None = None,
        source: object = None,
        *,
        transient: Mapping[str, Any] | None = None,
        update: bool = False,
        **_: object,
    ) -> None:
        display_id = (transient or {}).get("display_id")
        data, metadata, size = _bundle(data), dict(metadata or {}), _size(data)
        if update and display_id is not None:
            Shell.outputs.update(display_id, data, metadata, size)
            return
        output = {"output_type": "display_data", "data": data, "metadata": metadata}
        Shell.outputs.add(output, size, display_id)

    def clear_output(self, wait: bool = False) -> None:
        Shell.outputs.clear(wait)


class _Hook(DisplayHook):
    def start_displayhook(self) -> None:
        self._is_active = True

    def write_output_prompt(self) -> None:
        pass

    def write_format_data(self, format_dict: dict[str, Any], md_dict: dict[str, Any] | None = None) -> None:
        output = {
            "output_type": "execute_result",
            "execution_count": self.prompt_count,
            "data": _bundle(format_dict),
            "metadata": dict(md_dict or {}),
        }
        Shell.outputs.add(output, _size(format_dict))

    def finish_displayhook(self) -> None:
        self._is_active = False


class Shell(InteractiveShell):
    """IPython as a notebook sees it, with `outputs` in place of a frontend."""

    displayhook_class = Type(_Hook)
    display_pub_class = Type(_Publisher)
    outputs: Outputs

    def enable_gui(self, gui: str | None = None) -> None:
        """Nothing: there is no event loop of a window."""

    def ask_exit(self) -> NoReturn:
        """What `exit` and `quit` do: end the cell."""
        raise SystemExit("exit")

    def system(self, command: str) -> None:
        """Run a shell line; what it prints becomes the cell's output."""
        command = self.var_expand(command, depth=1)  # type: ignore[no-untyped-call]
        null, pipe = subprocess.DEVNULL, subprocess.PIPE
        with subprocess.Popen(
            command, shell=True, stdin=null, stdout=pipe, stderr=subprocess.STDOUT
        ) as child:
            assert child.stdout is not None  # it is a pipe
            text = codecs.getincrementaldecoder("utf-8")("replace")
            try:
                while chunk := child.stdout.read1(1 << 16):  # type: ignore[attr-defined]
                    Shell.outputs.write("stdout", text.decode(chunk))
            finally:
                child.kill()
        self.user_ns["_exit_code"] = child.returncode

    def _showtraceback(self, etype: type, evalue: BaseException, stb: list[str]) -> None:
        name, value = type_name(etype), message(evalue)
        lines = [str(line)[:MAX_TRACEBACK_LINE] for line in stb[:MAX_TRACEBACK_LINES]]
        output = {"output_type": "error", "ename": name, "evalue": value, "traceback": lines}
        Shell.outputs.add(output, sum(map(len, lines)))

    @contextlib.contextmanager
    def _tee(self, channel: str) -> Iterator[None]:
        """Nothing: IPython would keep in memory all that a notebook prints, for a history never read."""
        yield

    def init_readline(self) -> None:
        """Nothing: there is no keyboard."""


def make_shell() -> Shell:
    """The shell, ready to run cells; there is one per process."""
    config = Config()
    config.HistoryManager.enabled = False
    config.HistoryManager.hist_file = ":memory:"
    config.InteractiveShell.colors = "nocolor"
    config.InteractiveShell.banner1 = ""
    Shell.clear_instance()
    # Its constructor shows nothing, but its traits want the attribute from the first display on.
    Shell.outputs = Outputs(1 << 20, 1 << 24)
    shell = Shell.instance(config=config)
    InteractiveShell._instance = shell  # type: ignore[assignment]
    return shell


def connect(shell: Shell, outputs: Outputs) -> None:
    """Make `outputs` receive what the shell and the process's streams show; `input()` raises EOFError."""
    Shell.outputs = outputs
    sys.stdout, sys.stderr = Stream("stdout", outputs), Stream("stderr", outputs)
    sys.__stdout__, sys.__stderr__ = sys.stdout, sys.stderr  # type: ignore[misc,assignment]
    builtins.input = _refuse_input
    getpass.getpass = _refuse_input


class LooseText:
    """What was written to descriptors 1 and 2 behind Python's back, for example by a subprocess.

    Parameters
    ----------
    descriptor : int
        An open file that descriptors 1 and 2 append to.
    """

    def __init__(self, descriptor: int) -> None:
        self._descriptor, self._seen = descriptor, 0

    def skip(self) -> None:
        """Leave out what was written so far: other processes of the box share the file."""
        self._seen = os.fstat(self._descriptor).st_size

    def read_into(self, outputs: Outputs) -> None:
        """Move what is new to the outputs."""
        size = os.fstat(self._descriptor).st_size
        self._seen = min(self._seen, size)
        if size > self._seen:
            data = os.pread(self._descriptor, min(size - self._seen, outputs.keep_bytes), self._seen)
            self._seen = size
            outputs.write("stdout", data.decode("utf-8", "replace"))


def type_name(kind: type) -> str:
    """The bare name of an exception's type, whatever its metaclass says."""
    try:
        return str(kind.__name__)[:120]
    except Exception:  # noqa: BLE001 (a student's metaclass may raise anything)
        return "Exception"


def message(error: BaseException | None) -> str:
    """The text of an exception, whatever its `__str__` does."""
    try:
        return str(str(error))[:4000]
    except Exception as failure:  # noqa: BLE001 (a student's __str__ may raise anything)
        return f"(its text cannot be read: {type_name(type(failure))})"


def _refuse_input(*_: object, **__: object) -> NoReturn:
    raise EOFError(
        "input() has nobody to answer it while the notebook is graded. Use a value instead, such as n = 3."
    )


def _bundle(data: Mapping[str, Any]) -> dict[str, Any]:
    return {str(mime): _text(value) for mime, value in data.items()}


def _text(value: Any) -> Any:
    # Formatters return PNG and PDF as bytes; notebooks hold them as base64.
    if isinstance(value, bytes):
        import base64

        return base64.b64encode(value).decode("ascii")
    return value


def _size(data: Mapping[str, Any]) -> int:
    return sum(len(value) if isinstance(value, str | bytes) else len(repr(value)) for value in data.values())
