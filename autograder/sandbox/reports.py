"""The reports of a student's process, checked and turned into plain objects.

No field is trusted: each has exactly the type it must have (no subclass, no array), is capped, and its
texts can be written as UTF-8. A report of another form is refused (`WireError`) and counts as no answer: so
is one whose reading raises anything that is not foreseen here, because only the student's process can be
the cause of that.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any, TypeVar

from autograder.raised_line import MOST_CHARACTERS, MOST_VALUES, RaisedLine, Value
from autograder.sandbox import wire
from autograder.sandbox.changed_files import ChangedFiles, changed_files_of
from autograder.sandbox.policy import Limits
from autograder.verdicts import Verdict

T = TypeVar("T")

MAX_TEXT = 10_000
MAX_STDOUT = 256 << 10
MOST_BASES = 20
MAX_OUTPUTS = 250
MAX_NAMES = 250
KINDS = ("data", "callable", "module", "absent")
# What the process may report about itself; `internal-error` and the like are not its to claim.
CLAIMS = {
    "raised": Verdict.RAISED,
    "memory": Verdict.MEMORY,
    "crashed": Verdict.CRASHED,
    "timeout": Verdict.TIMEOUT,
    "too-much-output": Verdict.TOO_MUCH_OUTPUT,
    "bad-type": Verdict.BAD_TYPE,
}
SENTENCES = {
    Verdict.TIMEOUT: "stopped: the time limit is over",
    Verdict.MEMORY: "stopped: it used more memory than is allowed",
    Verdict.CRASHED: "the process ended (exit, a signal, or a limit of the system)",
    Verdict.TOO_MUCH_OUTPUT: "stopped: it printed more than is allowed",
}


@dataclass(frozen=True)
class CellRun:
    """What running one cell did.

    Attributes
    ----------
    outputs : list of dict
        Outputs of nbformat 4, capped and of the right form; not yet sanitised.
    error : str or None
        The exception as `Type: text`, or why the cell was stopped.
    verdict : Verdict or None
        None when the cell ran through; else `raised`, `crashed`, `timeout`, `memory`, `too-much-output`.
    seconds : float
        Wall time.
    kept : bool
        Whether the cell's effects are in the state; False when it hung or crashed and was undone.
    error_type : str
        The exception's type name ("" when there was none).
    repeatable : bool
        False when running the cell again may do something else: it changed files, or a thread of it may still
        be running.
    waited_s : float
        How long it may have waited for a processor, as its process says; 0 for what took no time.
    """

    outputs: list[dict[str, Any]]
    error: str | None = None
    verdict: Verdict | None = None
    seconds: float = 0.0
    kept: bool = True
    error_type: str = ""
    repeatable: bool = True
    waited_s: float = 0.0


@dataclass(frozen=True)
class Answer:
    """What a call or a look at a name gave.

    Attributes
    ----------
    verdict : Verdict or None
        None when there is a value; `not-found` when the name is absent, or is called and is not callable.
    value : object
        Plain data and arrays; for a module its dotted name.
    error_type : str
        The nearest built-in type of what student code raised ("" when it raised nothing).
    error_message : str
        Its text, after `OwnName: ` when its type is not built in.
    stdout, stderr : str
        What was printed meanwhile, capped.
    error_class : tuple of str
        Module and path of the exception's own class, as the student's process says.
    error_bases : tuple of (str, str)
        The same of the classes below it, down to the first built-in one.
    error_arguments : tuple or None
        What it was made with; None where that is not plain data.
    error_attributes : dict
        What it holds, as far as that is plain data.
    from_callback : bool
        What was raised came out of a function that the call had handed over.
    random_states : dict
        Of each global generator whose state came with the call, the state after it.
    files : ChangedFiles
        What a call has made of the files in the working directory.
    changed_arguments : tuple of int
        Positions of arguments that the call changed.
    type_names : dict of str to str
        Path (`['W1']`, "" for the whole) -> type name, where a part crossed as its base only.
    kind : {"data", "callable", "module", "absent"}
    traceback : str
        The student's lines, capped.
    raised_line : RaisedLine or None
        The student's line that raised, where the caller asked for it.
    seconds : float
        As the student's process counted; of a call that was stopped, or of all calls together, as measured.
    processor_s : float
        Processor time, as the student's process counted; of one that gave no answer, what it was allowed.
    limit_s : float
        The limit that a call which was stopped has passed; 0 for others, and where it was another limit.
    calls : int
        How many calls there were where that limit is for all of them, or is their number.
    lost : bool
        The process has ended: this is no answer of its own.
    waited_s : float
        As of a `CellRun`.
    """

    verdict: Verdict | None
    value: Any = None
    error_type: str = ""
    error_message: str = ""
    stdout: str = ""
    stderr: str = ""
    files: ChangedFiles = field(default_factory=ChangedFiles)
    changed_arguments: tuple[int, ...] = ()
    type_names: Mapping[str, str] = field(default_factory=dict)
    kind: str = "data"
    traceback: str = ""
    raised_line: RaisedLine | None = None
    error_class: tuple[str, str] = ("", "")
    error_bases: tuple[tuple[str, str], ...] = ()
    error_arguments: tuple[Any, ...] | None = None
    error_attributes: dict[str, Any] = field(default_factory=dict)
    from_callback: bool = False
    random_states: dict[str, Any] = field(default_factory=dict)
    seconds: float = 0.0
    processor_s: float = 0.0
    limit_s: float = 0.0
    calls: int = 1
    lost: bool = False
    waited_s: float = 0.0


def failed_cell(verdict: Verdict, seconds: float = 0.0, waited_s: float = 0.0) -> CellRun:
    """A cell that gave no report: it hung, crashed, or the box was gone already."""
    sentence = SENTENCES.get(verdict, str(verdict))
    output = {"output_type": "stream", "name": "stderr", "text": f"[{sentence}]\n"}
    return CellRun([output], error=sentence, verdict=verdict, seconds=seconds, kept=False, waited_s=waited_s)


def failed_answer(
    verdict: Verdict,
    seconds: float = 0.0,
    limit_s: float = 0.0,
    calls: int = 1,
    *,
    processor_s: float = 0.0,
    waited_s: float = 0.0,
) -> Answer:
    """A call that gave no report, or one that was stopped at a limit."""
    return Answer(
        verdict,
        error_message=SENTENCES.get(verdict, str(verdict)),
        seconds=seconds,
        processor_s=processor_s,
        limit_s=limit_s,
        calls=calls,
        lost=True,
        waited_s=waited_s,
    )


def cell_run_of(message: wire.Message, limits: Limits) -> CellRun:
    """The report on a cell.

    Raises
    ------
    WireError
        It has not the form of one.
    """
    return read_report(lambda: _cell_run(message))


def answer_of(
    message: wire.Message,
    classes: wire.KnownClasses | None = None,
    objects: wire.Objects | None = None,
    handles: Callable[[list[Any]], Any] | None = None,
) -> Answer:
    """The report on a call or a name; members of enums are of `classes`, what crossed before of `objects`.

    `handles` makes a stand-in of what an object that stayed there crosses as; without it none may come.

    Raises
    ------
    WireError
        It has not the form of one.
    """
    return read_report(lambda: _answer(message, classes or wire.KnownClasses(), objects, handles))


def read_report(read: Callable[[], T]) -> T:
    """What `read` makes of a report from a box.

    Raises
    ------
    WireError
        `read` raised, whatever it was: the report is malformed.
    """
    try:
        return read()
    except wire.WireError:
        raise
    except Exception as error:  # noqa: BLE001 (whatever a forged report causes is the box's failure)
        raise wire.WireError(f"a report that cannot be read: {type(error).__name__}") from None


def _cell_run(message: wire.Message) -> CellRun:
    report = _dict(message.tree("value"))
    verdict = _claim(report)
    error_type = _text(report, "error_type", 200)
    text = _text(report, "error_message", MAX_TEXT)
    items = _list(report, "outputs")
    return CellRun(
        outputs=[output for item in items[:MAX_OUTPUTS] if (output := _output(item)) is not None],
        error=None if verdict is None else f"{error_type}: {text}",
        verdict=verdict,
        seconds=_seconds(report),
        kept=verdict not in (Verdict.TIMEOUT, Verdict.MEMORY, Verdict.TOO_MUCH_OUTPUT),
        error_type=error_type,
        repeatable=report.get("repeatable") is True,
        waited_s=_seconds(report, "waited_s"),
    )


def _answer(
    message: wire.Message,
    classes: wire.KnownClasses,
    objects: wire.Objects | None,
    handles: Callable[[list[Any]], Any] | None,
) -> Answer:
    report = _dict(message.tree("report"))
    kind = report.get("kind")
    if type(kind) is not str or kind not in KINDS:
        raise wire.WireError("a report of an unknown kind")
    verdict = Verdict.NOT_FOUND if kind == "absent" else _claim(report)
    names = _dict(report.get("names"))
    values: list[Any] = []
    try:
        values = message.values(classes, objects, handles)
    except wire.UnsupportedValueError as error:
        verdict, names = Verdict.BAD_TYPE, {error.path: error.type_name}
    if verdict is None and not values:
        raise wire.WireError("an answer without its value")
    value = values[0] if verdict is None else None
    if kind == "module" and verdict is None and type(value) is not str:
        raise wire.WireError("a module without a name")
    changed = _list(report, "changed")
    if any(type(i) is not int or i < 0 for i in changed):
        raise wire.WireError("a report whose changed arguments are none")
    return Answer(
        verdict=verdict,
        value=value,
        error_type=_text(report, "error_type", 200),
        error_message=_text(report, "error_message", MAX_TEXT),
        stdout=_text(report, "stdout", MAX_STDOUT),
        stderr=_text(report, "stderr", MAX_STDOUT),
        files=changed_files_of(report),
        changed_arguments=tuple(sorted(set(changed))),
        type_names={
            path[:200]: name[:200]
            for path, name in list(names.items())[:MAX_NAMES]
            if type(path) is str and type(name) is str
        },
        kind=kind,
        traceback=_text(report, "traceback", MAX_TEXT),
        raised_line=_raised_line(report.get("raised_line")),
        from_callback=report.get("from_callback") is True,
        random_states=_random_states(report),
        **_own_error(report),
        seconds=_seconds(report),
        processor_s=_seconds(report, "processor_s"),
        waited_s=_seconds(report, "waited_s"),
    )


def _claim(report: Mapping[Any, Any]) -> Verdict | None:
    claim = report.get("verdict")
    if claim is None:
        return None
    if type(claim) is not str or claim not in CLAIMS:
        raise wire.WireError("a report with a verdict that is not its to give")
    return CLAIMS[claim]


def _own_error(report: Mapping[Any, Any]) -> dict[str, Any]:
    """The name of an exception's class, and what the exception holds."""
    named, arguments = _list(report, "error_class"), report.get("error_arguments")
    if len(named) != 2 or (arguments is not None and type(arguments) is not tuple):
        raise wire.WireError("a report of an error of another form than one")
    attributes = _dict(report.get("error_attributes"))
    if any(type(part) is not str for part in named):
        raise wire.WireError("a report of an error of another form than one")
    bases = _list(report, "error_bases")
    if any(type(one) is not list or [type(part) for part in one] != [str, str] for one in bases):
        raise wire.WireError("a report of an error with bases that are none")
    return {
        "error_class": tuple(part[:200] for part in named),
        "error_bases": tuple((module[:200], path[:200]) for module, path in bases[:MOST_BASES]),
        "error_arguments": arguments,
        "error_attributes": {
            name: value
            for name, value in attributes.items()
            if type(name) is str and name.isidentifier() and not name.startswith("__")
        },
    }


def _random_states(report: Mapping[Any, Any]) -> dict[str, Any]:
    states = _dict(report.get("random_states"))
    checks = {"numpy": wire.is_numpy_state, "random": wire.is_python_state}
    if any(type(name) is not str or name not in checks or not checks[name](states[name]) for name in states):
        raise wire.WireError("a report with the state of a random generator that is none")
    return states


def _raised_line(item: Any) -> RaisedLine | None:
    if item is None:
        return None
    report = _dict(item)
    number, values = report.get("number"), _dict(report.get("values"))
    if type(number) is not int or not 0 < number < 1_000_000 or len(values) > MOST_VALUES:
        raise wire.WireError("a report of a line that is none")
    shown = {}
    for name, value in values.items():
        is_pair = type(value) is list and len(value) == 2 and all(type(text) is str for text in value)
        if type(name) is not str or not name.isidentifier() or not is_pair:
            raise wire.WireError("a report of a line with values that are none")
        shown[name[:100]] = Value(value[0][:100], value[1][:100])
    line, expression = (_text(report, key, MOST_CHARACTERS) for key in ("line", "expression"))
    return RaisedLine(number, line, expression, shown)


def _output(item: Any) -> dict[str, Any] | None:
    """An nbformat 4 output with the fields of its type and no others; None for what is none."""
    kind = item.get("output_type") if type(item) is dict else None
    if type(kind) is not str:
        return None
    if kind == "stream":
        name, text = item.get("name"), item.get("text")
        if type(name) is str and name in ("stdout", "stderr") and type(text) is str:
            return {"output_type": "stream", "name": name, "text": text}
        return None
    if kind == "error":
        words, lines = [item.get("ename"), item.get("evalue")], item.get("traceback")
        if type(lines) is list and all(type(word) is str for word in (*words, *lines)):
            ename, evalue = (str(word)[:MAX_TEXT] for word in words)
            return {"output_type": "error", "ename": ename, "evalue": evalue, "traceback": lines[:500]}
        return None
    if kind not in ("display_data", "execute_result"):
        return None
    data, metadata = _bundle(item.get("data")), _bundle(item.get("metadata"))
    if data is None or metadata is None:
        return None
    output: dict[str, Any] = {"output_type": kind, "data": data, "metadata": metadata}
    if kind == "execute_result":
        count = item.get("execution_count")
        output["execution_count"] = count if type(count) is int and 0 <= count < 10**6 else None
    return output


def _bundle(data: Any) -> dict[str, Any] | None:
    """A MIME bundle or its metadata: keys are strings, values JSON."""
    if type(data) is not dict:
        return None
    bundle = {key[:200]: value for key, value in data.items() if type(key) is str}
    return {key: value for key, value in bundle.items() if _is_json(value)}


def _is_json(value: Any) -> bool:
    if type(value) is dict:
        return all(type(key) is str and _is_json(part) for key, part in value.items())
    if type(value) is list:
        return all(_is_json(part) for part in value)
    if type(value) is float:
        return value == value and abs(value) != float("inf")
    return value is None or type(value) in (bool, int, str)


def _dict(value: Any) -> dict[Any, Any]:
    if type(value) is not dict:
        raise wire.WireError("a report that is no dict")
    return value


def _list(report: Mapping[Any, Any], name: str) -> list[Any]:
    value = report.get(name)
    if type(value) is not list:
        raise wire.WireError(f"a report whose {name!r} is no list")
    return value


def _text(report: Mapping[Any, Any], name: str, length: int) -> str:
    value = report.get(name)
    if type(value) is not str:
        raise wire.WireError(f"a report whose {name!r} is no text")
    return value if len(value) <= length else value[:length] + "[cut here]"


def _seconds(report: Mapping[Any, Any], name: str = "seconds") -> float:
    value = report.get(name)
    if (type(value) is not int and type(value) is not float) or value != value:
        raise wire.WireError("a report without its seconds")
    return float(min(max(value, 0.0), 1e6))  # bounded first: an integer may be beyond every float
