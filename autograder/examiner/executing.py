"""What a test may not do outside the student's process with a file that the answer wrote: execute it.

A test that executes, imports or loads such a file runs the student's code. It ends there; where the
instructor's own run does that, the plan runs it inside.
"""

from __future__ import annotations

import os
import sys
from collections.abc import Callable, Mapping
from typing import Any, NoReturn

_STARTS = frozenset({"subprocess.Popen", "os.system", "os.exec", "os.posix_spawn", "os.spawn"})


def watch_executing(shown: Callable[[], Mapping[str, bytes]], stop: Callable[[str], NoReturn]) -> None:
    """From now on, and for good, call `stop` with the name when a shown file is executed in this process.

    Parameters
    ----------
    shown : callable
        Gives the files that are shown now.
    stop : callable
        Raises what ends the test.
    """

    def watching(event: str, arguments: tuple[Any, ...]) -> None:
        find = _FINDERS.get(event)
        if find is None:
            return
        files = shown()
        if files and (name := find(files, arguments)):
            stop(name)

    sys.addaudithook(watching)


def compiled_file(files: Mapping[str, bytes], arguments: tuple[Any, ...]) -> str:
    """The file whose text, or a line of it, is compiled, or under whose name; "" for none.

    >>> files = {"code.txt": b"x = 1\\nimport os\\n"}
    >>> [compiled_file(files, (text, "<string>")) for text in ("x = 1\\nimport os", "import os", "y = 2")]
    ['code.txt', 'code.txt', '']
    """
    source, where = arguments
    named = _named(files, (where,))
    if named:
        return named
    text = source.encode("utf-8", "replace") if isinstance(source, str) else source
    if not isinstance(text, bytes) or not text.strip():
        return ""
    text = text.strip()
    for name, data in files.items():
        if text in data and (text == data.strip() or text in map(bytes.strip, data.splitlines())):
            return name
    return ""


def _unmarshalled(files: Mapping[str, bytes], arguments: tuple[Any, ...]) -> str:
    data = arguments[0] if arguments else b""
    code = bytes(data) if isinstance(data, bytes | bytearray | memoryview) else b""
    return next((name for name, content in files.items() if code and code in content), "")


def _named(files: Mapping[str, bytes], arguments: tuple[Any, ...]) -> str:
    """The file that one of the arguments, or a word in it, names; "" for none."""
    for argument in arguments:
        if isinstance(argument, list | tuple):
            if found := _named(files, tuple(argument)):
                return found
        elif isinstance(argument, str | bytes | os.PathLike):
            path = os.fsdecode(argument)
            for word in (path, *path.split()):
                relative = os.path.relpath(word) if word and "\0" not in word else ""
                if relative in files:
                    return relative
    return ""


_FINDERS: Mapping[str, Callable[[Mapping[str, bytes], tuple[Any, ...]], str]] = {
    "compile": compiled_file,
    "marshal.loads": _unmarshalled,
    "ctypes.dlopen": _named,
    **dict.fromkeys(_STARTS, _named),
}
