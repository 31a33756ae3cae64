"""The examiner's side of the conversation with one student's process, during one test cell.

A student's function is a stand-in here: calling it crosses to the student's process and comes back as plain
data; an object of the student's stays there and has a stand-in here (`handles`), where the instructor's run
had one at that place of the test. No object, code or exception of a student's ever arrives; an error is
raised anew (`student_errors`).
"""

from __future__ import annotations

import builtins
import contextlib
import importlib
import random
import sys
import types
from collections.abc import Callable, Iterator, Mapping
from typing import Any, NoReturn

import numpy as np

from autograder.examiner.callbacks import Callbacks, for_nothing, input_from, replaced
from autograder.examiner.error_classes import ErrorClasses
from autograder.examiner.exchange import Exchange, Stop
from autograder.examiner.handles import Handle, Held, held_by, is_ready_made, stand_in, use_of
from autograder.examiner.messages import FAILURES, any_of, known_type, raised_message, timeout_message
from autograder.examiner.places import place_of
from autograder.examiner.shared_seeds import go_on, put_back, seeded, take_seeds
from autograder.examiner.shown_files import ShownFiles
from autograder.examiner.student_errors import student_error
from autograder.examiner.student_function import StudentFunction
from autograder.sandbox import Answer, SandboxError, StudentProcess
from autograder.sandbox.inside.handles import DATA_TYPES, MOST_CLASSES
from autograder.sandbox.wire import (
    KnownClasses,
    UnsupportedValueError,
    WireError,
    no_class,
    pack_all,
)
from autograder.verdicts import Verdict

# Modules that may be imported afresh here when a student's name stands for one of them.
STUDENT_MODULES = frozenset(
    {"numpy", "math", "cmath", "random", "statistics", "itertools", "functools", "collections", "operator"}
    | {"copy", "time", "re", "string", "fractions", "decimal", "datetime", "json", "scipy"}
    | {"numpy.random", "numpy.linalg", "matplotlib", "matplotlib.pyplot", "sklearn", "sklearn.datasets"}
)
_NAME_CHARACTERS = 120
# Built-in functions that a test may replace for the student's code.
_ORIGINALS = {"input": builtins.input, "print": builtins.print}


class Link:
    """The examiner's side of the conversation with the processes of one submission.

    Parameters
    ----------
    solution_functions : frozenset of str
        Names that must be functions where a test asks for them.
    modules : frozenset of str
        What the instructor's cells import; a student's name for one of them stands for it here.
    of_instructor : callable
        What the instructor's cells hold under a name; None where it would be the student's.
    set_by_tests : callable
        What tests have set of the names that the solution's functions read, and whether an answer has it.
    files : ShownFiles, optional
        Where the test finds what the answer wrote.
    """

    def __init__(
        self,
        solution_functions: frozenset[str],
        modules: frozenset[str] = frozenset(),
        of_instructor: Callable[[str], Any] = no_class,
        set_by_tests: Callable[[], Mapping[str, tuple[Any, bool]]] = dict,
        files: ShownFiles | None = None,
    ) -> None:
        self._files = files
        self._set_by_tests = set_by_tests
        self._error_classes = ErrorClasses(self._made_by_test)
        self._solution_functions = solution_functions
        self._modules = STUDENT_MODULES | modules
        self._classes = KnownClasses(of_instructor, self._loaded_module)
        self._exchange = Exchange()
        self._stdin = sys.stdin

    def begin(self, exchange: Exchange) -> None:
        """Talk to the process of `exchange` from now on, where it was put aside if it was."""
        self._exchange, self._stdin = exchange, sys.stdin
        if self._files is not None:
            self._files.begin(exchange.files)
        if exchange.process is not None:
            exchange.process.classes = self._classes
            exchange.process.objects = exchange.objects
        if exchange.random_states is not None:
            np.random.set_state(exchange.random_states[0])
            random.setstate(exchange.random_states[1])
        go_on(exchange.seeded)

    def end(self) -> None:
        """The cell is over, or put aside: nothing may be asked until one begins."""
        self._exchange.seeded = seeded()
        self._exchange.random_states = (np.random.get_state(), random.getstate())
        self._exchange = Exchange()

    def stop(self, verdict: Verdict, message: str) -> NoReturn:
        """Fix the cell's verdict and end the cell."""
        self._exchange.fail(verdict, message)
        raise Stop

    def fetch(self, name: str) -> Any:
        """The student's value of `name`, or a stand-in for a function."""
        now = self._exchange
        if name in now.values:
            return now.values[name]
        if name in now.taken_away or now.process is None or name.startswith("__"):
            raise KeyError(name)
        now.asked[name] = None
        with self._handles_at(f"name {name}"):
            answer = self._ask(lambda process: process.fetch(name))
        if answer.kind == "absent":
            now.missing.add(name)
            raise KeyError(name)
        value = self._value_of(name, answer)
        if name in self._solution_functions and answer.kind == "data":
            kind = known_type(type(value).__name__)
            self.stop(Verdict.NOT_FOUND, f"`{name}` is not a function here: it is {kind}.")
        now.values[name] = value
        return value

    def call(self, name: str, args: tuple[Any, ...], kwargs: Mapping[str, Any]) -> Any:
        """The result of the student's function, as plain data or a handle."""
        if self._exchange.process is None:
            raise RuntimeError(f"{name} was called outside a test cell")
        place = place_of(f"call {name}", sys._getframe(1))
        return self._cross(name, place, args, kwargs)

    def operate(
        self, operation: str, handle: Handle, args: tuple[Any, ...], kwargs: Mapping[str, Any]
    ) -> Any:
        """What an operation on a student's object gives, as plain data or a handle."""
        now, held = self._exchange, held_by(handle)
        if now.process is None:
            raise LookupError("an object of the student's is used outside a test cell")
        if held.exchange is not now:
            self.refuse(handle, f"was made by another test: a {held.shown}")
        done = use_of(operation, args)
        if not now.places.allows(held.place, done):
            self.refuse(handle, f"is used here as the solution's is not: {known_type(held.shown)}")
        place = place_of(done, sys._getframe(1))
        return self._cross(f"{held.shown.rpartition('.')[2]}", place, args, kwargs, operation)

    def refuse(self, handle: Handle, why: str) -> NoReturn:
        """End the test cell: this cannot be done to a handle."""
        self._exchange.unknown = "An object", why
        self.stop(Verdict.BAD_TYPE, FAILURES[Verdict.BAD_TYPE](f"An object {why}"))

    def _made_by_test(self, name: str) -> NoReturn:
        self.stop(Verdict.BAD_TYPE, FAILURES[Verdict.BAD_TYPE](f"The test makes a {name} of its own"))

    def class_of(self, module: str, path: str) -> type | None:
        """A class of the instructor's, or of a library that the assignment imports."""
        found: type | None = self._classes.find(module, path, object)
        return found

    def _cross(
        self,
        name: str,
        place: str,
        args: tuple[Any, ...],
        kwargs: Mapping[str, Any],
        operation: str | None = None,
    ) -> Any:
        """What a call of the student's function `name`, or an operation, gives."""
        now = self._exchange
        assert now.process is not None
        stand_ins = (StudentFunction, Handle)
        now.values = {key: value for key, value in now.values.items() if issubclass(type(value), stand_ins)}
        seeds = take_seeds()
        functions = Callbacks(
            self._loaded_module, hidden=now.hidden, show=now.show_printed, number_of=self._number_of
        )
        replaced_names = self._replaced(functions)
        outer, now.process.functions = now.process.functions, functions

        names = self._names_for_student(functions)

        def question(process: StudentProcess) -> Answer:
            if operation is None:
                return process.call(
                    name, args, kwargs, random_state=seeds, replaced=replaced_names, names=names
                )
            return process.operate(
                operation, args, kwargs, random_state=seeds, replaced=replaced_names, names=names
            )

        try:
            with self._handles_at(place):
                answer = self._ask(question)
        except UnsupportedValueError as error:
            message = f"The test cell gives `{name}` an argument that cannot cross to the student's process"
            self.stop(Verdict.INTERNAL_ERROR, f"{message}: {error}")
        finally:
            if now.process is not None:
                now.process.functions = outer
        if self._files is not None:
            now.files |= self._files.change(answer.files)
        put_back(answer.random_states)
        now.show(answer)
        for number in answer.changed_arguments if operation is None else ():
            what = known_type(type(args[number]).__name__) if number < len(args) else "an argument"
            now.notes.append(f"`{name}` changes {what} that it is given. Work on a copy.")
        if answer.from_callback and functions.raised is not None:
            raise functions.raised
        if answer.verdict is Verdict.RAISED:
            if operation is not None and not now.places.catches(place, operation, answer.error_type):
                self.stop(Verdict.RAISED, raised_message(name, answer.error_type, answer.error_message))
            own = self._error_classes.of([list(one) for one in (answer.error_class, *answer.error_bases)])
            raise student_error(name, answer, self._classes, own)
        return self._value_of(name, answer, called=True)

    def _names_for_student(self, functions: Callbacks) -> dict[str, tuple[Any, bool]]:
        """What the test has set for the student's functions, as far as it crosses."""
        found = {}
        for name, (value, is_answer) in self._set_by_tests().items():
            try:
                pack_all({}, [value], None, functions.tree)
            except UnsupportedValueError:
                continue  # as if it were not set; where the solution needs it, the test runs inside
            found[name] = (value, is_answer)
        return found

    @contextlib.contextmanager
    def _handles_at(self, place: str) -> Iterator[None]:
        """Let objects come as handles in the block, where the plan has some at this place."""
        now = self._exchange
        if now.process is None:
            yield
            return
        outer = now.process.handles
        now.process.handles = (lambda parts: self._handle(place, parts)) if now.places.opens(place) else None
        try:
            yield
        finally:
            if now.process is not None:
                now.process.handles = outer

    def _handle(self, place: str, parts: list[Any]) -> Any:
        """The stand-in for an object that came as a handle, or a type of plain data; a stranger's word."""
        if parts[:1] == ["type"] and len(parts) == 2 and type(parts[1]) is str and parts[1] in DATA_TYPES:
            self._exchange.places.came(place)
            return DATA_TYPES[parts[1]]
        if len(parts) != 6 or parts[0] != "handle":
            raise WireError("a handle of another form than one")
        number, shown, special, classes, is_class = parts[1:]
        if type(number) is not int or type(shown) is not str or type(is_class) is not bool:
            raise WireError("a handle of another form than one")
        if type(special) is not list or not all(type(name) is str for name in special):
            raise WireError("a handle with special methods that are none")
        if type(classes) is not list or not all(_is_pair(pair) for pair in classes):
            raise WireError("a handle with classes that are none")
        now = self._exchange
        now.places.came(place)
        known = now.handles.get(number)
        if known is not None:
            return known
        named = tuple((module, path) for module, path in classes[:MOST_CLASSES])
        held = Held(number, place, shown[:_NAME_CHARACTERS], named, is_class, self, now)
        return now.handles.setdefault(number, stand_in(held, frozenset(special)))

    def _number_of(self, handle: Handle) -> int | None:
        """The number under which the student's process knows the object; None where it does not."""
        held = held_by(handle)
        return held.number if held.exchange is self._exchange else None

    def _replaced(self, functions: Callbacks) -> dict[str, int]:
        """What the test has put in place of built-in functions and `sys.stdin`, as functions handed over."""
        if self._exchange.hidden:
            return {}
        found = {name: replaced(name, _ORIGINALS, self._classes.of_notebook) for name in _ORIGINALS}
        if found["print"] is not None:
            found["print"] = for_nothing(found["print"])
        if sys.stdin is not self._stdin:
            found["stdin"] = sys.stdin.readline
            found["input"] = found["input"] or input_from(sys.stdin)
        return {name: functions.add(function) for name, function in found.items() if callable(function)}

    def unbind(self, name: str) -> None:
        """Take the name away in the student's process too: what relies on it then fails there."""
        self._exchange.taken_away[name] = self._exchange.values.pop(name, None)
        self._ask(lambda process: process.run_inside(f"_kept_by_the_test_{name} = {name}\ndel {name}"))

    def rebind(self, name: str, value: Any) -> bool:
        """Give the name back when `value` is what stood there."""
        taken_away = self._exchange.taken_away
        if name not in taken_away or taken_away[name] is not value:
            return False
        self._exchange.values[name] = taken_away.pop(name)
        kept = f"_kept_by_the_test_{name}"
        self._ask(lambda process: process.run_inside(f"{name} = {kept}\ndel {kept}"))
        return True

    def _ask(self, question: Callable[[StudentProcess], Any]) -> Any:
        """The answer; a fault of the sandbox ends the cell, and the test cannot catch it."""
        assert self._exchange.process is not None
        try:
            return question(self._exchange.process)
        except SandboxError as error:
            self._exchange.machinery = error
            raise Stop from error

    def _value_of(self, name: str, answer: Answer, called: bool = False) -> Any:
        if answer.verdict is not None:
            what = f"`{name}`"
            if answer.verdict is Verdict.BAD_TYPE:
                path, type_name = next(iter(answer.type_names.items()), ("", ""))
                where = "something that holds " if path else ""
                of, kind = f"{what} {'returned' if called else 'is'}", f"{where}{known_type(type_name)}"
                if is_ready_made(type_name):
                    self._exchange.unknown = of, kind
                what = f"{of} {kind}"
            message = FAILURES[answer.verdict](what)
            if answer.verdict is Verdict.TIMEOUT:
                message = timeout_message(what, answer.limit_s, answer.calls)
            self.stop(answer.verdict, message)
        if answer.kind == "callable" and not called:
            facts = answer.value if type(answer.value) is dict else {}
            error_class = self._error_classes.of(facts.get("error_classes"))
            if error_class is not None:
                return error_class
            if issubclass(type(facts.get("handle")), Handle | type):
                return facts["handle"]
            return StudentFunction(name, self.call, facts)
        self._exchange.places.gave(
            f"`{name}` {'returned' if called else 'is'}", any_of(type(answer.value).__name__)
        )
        if answer.kind == "module":
            return self._module(name, str(answer.value))
        return answer.value

    def _module(self, name: str, dotted: str) -> types.ModuleType:
        if dotted not in self._modules:
            self.stop(Verdict.BAD_TYPE, FAILURES[Verdict.BAD_TYPE](f"`{name}` is a module"))
        return importlib.import_module(dotted)

    def _loaded_module(self, dotted: str) -> types.ModuleType | None:
        """A module whose classes a student's process may name: one of the instructor's, or below one."""
        if dotted in self._modules and dotted not in sys.modules:
            with contextlib.suppress(Exception):  # whatever a module does at its top level
                importlib.import_module(dotted)
        roots = {name.partition(".")[0] for name in self._modules}
        return sys.modules.get(dotted) if dotted.partition(".")[0] in roots else None


def _is_pair(value: Any) -> bool:
    return type(value) is list and len(value) == 2 and all(type(part) is str for part in value)
