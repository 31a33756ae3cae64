"""Reads the student functions of this folder and calls them as the grader does: fresh each time."""

from __future__ import annotations

import contextlib
import gc
import io
import linecache
import random
import re
import signal
import types
import warnings
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import numpy as np

from autograder.misconceptions import Outcome
from autograder.misconceptions.calls import Ways
from autograder.raised_line import RaisedLine, Value
from autograder.sandbox.inside.raised import raised_line

HERE = Path(__file__).parent
NAMES = {"general": "initialize_parameters"}
LIMIT_S = 0.3
NEW_STATE = np.random.seed  # students put a number in its place


@dataclass(frozen=True)
class Case:
    """One student function: what should be said of it (`id`), its scheme, the text of its cell."""

    id: str
    scheme: str
    source: str
    number: int

    def __str__(self) -> str:
        return f"{self.number}-{self.id}-{self.scheme}"


def read_cases(name: str) -> list[Case]:
    """The cases of `name`.txt, in order."""
    parts = re.split(
        r"^=== (\S+) (\S+)[^\n]*\n", (HERE / f"{name}.txt").read_text(encoding="utf-8"), flags=re.M
    )
    rows = zip(parts[1::3], parts[2::3], parts[3::3], strict=True)
    return [Case(name, scheme, source, number) for number, (name, scheme, source) in enumerate(rows, 1)]


class Student:
    """A student's cell, run anew for every call, as in a fresh process; counts its calls."""

    def __init__(self, case: Case) -> None:
        self.case = case
        self.calls = 0

    def call(self, *args: Any) -> Outcome:
        self.calls += 1
        return self._outcome(args, 1)

    def call_again(self, *args: Any) -> Outcome:
        return self._outcome(args, 2)

    def call_seeded(self, *args: Any) -> Outcome:
        return self._outcome(args, 1, seed=3)

    def rewritten(self, source: str) -> Ways:
        """The ways to ask the function of another text of the cell."""
        other = Student(replace(self.case, source=source))
        return Ways(other.call, other.call_again, other.call_seeded)

    def function(self) -> Callable[..., Any] | None:
        """The function of that cell, None when there is none."""
        namespace: dict[str, Any] = {"np": np}
        with contextlib.suppress(Exception), contextlib.redirect_stdout(io.StringIO()):
            exec(compiled(self.case.source), namespace)  # noqa: S102 -- our own test data
        found = namespace.get(NAMES.get(self.case.scheme, f"initialize_parameters_{self.case.scheme}"))
        return found if callable(found) else None

    def _outcome(self, args: tuple[Any, ...], times: int, seed: int | None = None) -> Outcome:
        with numpy_as_before(), contextlib.redirect_stdout(io.StringIO()), deadline():
            function = self.function()
            NEW_STATE(seed)
            random.seed(seed)
            if function is None:
                return Outcome(None, "not-found", "")
            try:
                for _ in range(times):
                    value = function(*(list(item) if isinstance(item, list) else item for item in args))
            except SystemExit:
                return Outcome(None, "crashed", "")
            except Exception as error:  # noqa: BLE001 -- whatever a student's code raises
                return raised(error, function.__globals__)
            return Outcome(value)


def compiled(source: str) -> types.CodeType:
    """The cell's code, its lines known to tracebacks."""
    name = f"<cell {hash(source)}>"
    linecache.cache[name] = (len(source), None, source.splitlines(keepends=True), name)
    return compile(source, name, "exec")


def raised(error: Exception, names: dict[str, Any]) -> Outcome:
    """What the box reports of an error: the nearest built-in type, its text, the student's line."""
    built_in = next(kind.__name__ for kind in type(error).__mro__ if kind.__module__ == "builtins")
    own = type(error).__name__
    text = str(error) if own == built_in else f"{own}: {error}"
    line = raised_line(error, names)
    if line is not None:
        values = {name: Value(*value) for name, value in line.pop("values").items()}
        return Outcome(None, built_in, text, RaisedLine(**line, values=values))
    return Outcome(None, built_in, text)


@contextlib.contextmanager
def numpy_as_before() -> Iterator[None]:
    """Undo what a student's cell does to np.random, and keep the global random states."""
    of_numpy, of_python = np.random.get_state(), random.getstate()
    try:
        with np.errstate(all="ignore"), warnings.catch_warnings():
            warnings.simplefilter("ignore")  # np.matrix is to be deprecated, and accepted
            yield
    finally:
        np.random.seed = NEW_STATE
        np.random.set_state(of_numpy)
        random.setstate(of_python)


@contextlib.contextmanager
def deadline(limit_s: float = LIMIT_S) -> Iterator[None]:
    """A TimeoutError inside code that uses more than `limit_s` seconds of this process's time."""

    def stop(signum: int, frame: object) -> None:
        raise TimeoutError

    before = signal.signal(signal.SIGPROF, stop)
    # What other tests left for the collector is not this function's time, nor the place for its error.
    gc.disable()
    signal.setitimer(signal.ITIMER_PROF, limit_s)
    try:
        yield
    finally:
        signal.setitimer(signal.ITIMER_PROF, 0)
        gc.enable()
        signal.signal(signal.SIGPROF, before)
