"""What supervisor and worker send each other: frozen dataclasses, written and read as plain bytes.

A message is self-contained, so it crosses a socket, a queue or a network alike. Its layout:

    magic     4 bytes, `IUG1`: the format's name and version
    length    4 bytes, unsigned, big-endian: of the header
    header    JSON in UTF-8: {"kind": name of the class, field: value, ...}; `bytes` stand as their length
    body      those bytes, one after another, in the order in which the header names them

`read` takes every message as if it came from a stranger: exact fields and types, bounded sizes, finite
numbers, nothing left over. Nothing is unpickled, and no class but those of `MESSAGES` and what they hold is
ever built.

ProtocolError: the bytes are no message, or one that is not awaited.
"""

from __future__ import annotations

import dataclasses
import functools
import json
import math
import struct
import types
import typing
from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any

from autograder.assignment import Assignment
from autograder.grading.test_plan import Plan
from autograder.intake import SubmittedFolder
from autograder.sandbox import Limits
from autograder.verdicts import Status, TestResult, Verdict

MOST_HEADER_BYTES = 16 << 20
MOST_BODY_BYTES = 512 << 20  # a submission's files, what its cells wrote, and the notebook
MOST_ITEMS = 100_000  # of a list or a mapping
MOST_INTEGER = 2**53  # JSON's numbers are exact up to here
MOST_DEPTH = 20  # of the instructor's notebook metadata, the one value that has no type of its own

_MAGIC = b"IUG1"
_PREFIX = struct.Struct(">4sI")
MOST_MESSAGE_BYTES = _PREFIX.size + MOST_HEADER_BYTES + MOST_BODY_BYTES


class ProtocolError(Exception):
    """The bytes are no message of this protocol; the text says where they break it."""


@dataclass(frozen=True)
class Start:
    """To a new worker, first: all that it needs to know of the assignment.

    Attributes
    ----------
    assignment : Assignment
    tier : str
        The sandbox tier that must hold.
    limits : Limits
    modules : tuple of str
        Imported in the zygote before it forks.
    show_hidden : bool
        Whether autograded notebooks hold the text of hidden tests.
    cgroup : str
        The cgroup whose children limit the boxes, too; "" for none.
    """

    assignment: Assignment
    tier: str
    limits: Limits
    modules: tuple[str, ...] = ()
    show_hidden: bool = False
    cgroup: str = ""


@dataclass(frozen=True)
class InstructorRun:
    """To a worker: run the instructor's notebook beside these files, and answer with a `Memo`."""

    files: Mapping[str, bytes]


@dataclass(frozen=True)
class MakePlan:
    """To a worker: run the instructor's notebook as if it had been handed in, and answer with a `Plan`.

    Attributes
    ----------
    prove : bool
        Also without its answers.
    given_up : mapping of str to Verdict
        Tests that ended a worker before, by grade id: not run again.
    remembers : bool
        Send a `Memo` of the same run, too.
    """

    prove: bool = False
    given_up: Mapping[str, Verdict] = field(default_factory=dict)
    remembers: bool = False


@dataclass(frozen=True)
class Memo:
    """Results of long calculations: from the worker that made them, to the others.

    `content` is what the `export_memo` of the registered module gives; empty where the run gave none.
    """

    content: bytes


@dataclass(frozen=True)
class Job:
    """To a worker: grade this submission, and answer with a `JobResult`.

    Attributes
    ----------
    submitted : SubmittedFolder
        What was handed in.
    given_up : mapping of str to Verdict
        Tests that ended a worker before, by grade id, with the verdict they get.
    """

    submitted: SubmittedFolder
    given_up: Mapping[str, Verdict] = field(default_factory=dict)


@dataclass(frozen=True)
class Ready:
    """From a worker: its sandbox is up."""


@dataclass(frozen=True)
class Refused:
    """From a worker, last: it cannot work, and why."""

    reason: str


@dataclass(frozen=True)
class AtTest:
    """From a worker: the grade id of the test that begins; "" when it has ended."""

    grade_id: str


@dataclass(frozen=True)
class JobResult:
    """From a worker: what became of one submission.

    Attributes
    ----------
    status : Status
    reason : str
        Why it was rejected, or what failed in the machinery; "" when graded.
    tests : tuple of TestResult
        In the order of the assignment; empty where none ran.
    untouched : tuple of str
        Grade ids of solution and hand-graded cells that are as they were released.
    texts : mapping of str to str
        Grade id -> digest of what the student wrote for it (`intake.texts`).
    flags : tuple of str
        Why a person should look.
    limits_hit : tuple of str
        Verdicts of cells that were stopped.
    seconds : float
        Wall time it took.
    parts : mapping of str to float
        The same by part: intake, fork, cells, tests, diagnosis, rendering.
    notebook : bytes
        The autograded notebook; empty where no cell ran.
    files : mapping of str to bytes
        What stands beside it, by relative path.
    lacked_processor : bool
        A clock has ended something that may have waited for a processor, on a busy machine.
    alone : bool
        It is the result of a second try, with nothing beside it, because of that.
    """

    status: Status
    reason: str = ""
    tests: tuple[TestResult, ...] = ()
    untouched: tuple[str, ...] = ()
    texts: Mapping[str, str] = field(default_factory=dict)
    flags: tuple[str, ...] = ()
    limits_hit: tuple[str, ...] = ()
    seconds: float = 0.0
    parts: Mapping[str, float] = field(default_factory=dict)
    notebook: bytes = b""
    files: Mapping[str, bytes] = field(default_factory=dict)
    lacked_processor: bool = False
    alone: bool = False


Message = Start | InstructorRun | MakePlan | Plan | Memo | Job | Ready | Refused | AtTest | JobResult
MESSAGES: Mapping[str, type[Message]] = {kind.__name__: kind for kind in typing.get_args(Message)}
M = typing.TypeVar("M", bound=Message)


def write(message: Message) -> bytes:
    """The message as bytes.

    >>> write(AtTest("he_seed"))
    b'IUG1\\x00\\x00\\x00&{"kind":"AtTest","grade_id":"he_seed"}'
    """
    body: list[bytes] = []
    fields = _plain(message, type(message), body)
    text = json.dumps({"kind": type(message).__name__} | fields, ensure_ascii=False, separators=(",", ":"))
    header = text.encode("utf-8", "replace")
    return b"".join([_PREFIX.pack(_MAGIC, len(header)), header, *body])


def read(data: bytes, *awaited: type[M]) -> M:
    """The message in `data`, one of the classes `awaited`.

    Raises
    ------
    ProtocolError
        It is anything else.

    >>> read(write(AtTest("he_seed")), Ready, AtTest)
    AtTest(grade_id='he_seed')
    """
    header, body = _parts(data)
    kind = header.pop("kind", None)
    if kind not in [one.__name__ for one in awaited]:
        wanted = " or ".join(one.__name__ for one in awaited)
        raise ProtocolError(f"a message of kind {kind!r:.50}; {wanted} is awaited")
    reader = _Reader(body)
    message: M = reader.value(header, MESSAGES[str(kind)], str(kind))
    reader.require_end()
    return message


def _parts(data: bytes) -> tuple[dict[str, Any], memoryview]:
    """The header as JSON has it, and the body."""
    if len(data) < _PREFIX.size or data[: len(_MAGIC)] != _MAGIC:
        raise ProtocolError(f"{len(data)} bytes that do not begin as a message of this version does")
    _, length = _PREFIX.unpack_from(data)
    end = _PREFIX.size + length
    if length > MOST_HEADER_BYTES or end > len(data) or len(data) - end > MOST_BODY_BYTES:
        raise ProtocolError(f"a header of {length} bytes in a message of {len(data)}")
    try:
        header = json.loads(
            data[_PREFIX.size : end], object_pairs_hook=_without_twins, parse_constant=_refuse_constant
        )
    except (ValueError, RecursionError) as error:
        raise ProtocolError(f"a header that is not JSON: {error}") from None
    if not isinstance(header, dict):
        raise ProtocolError("a header that is no JSON object")
    return header, memoryview(data)[end:]


def _without_twins(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    found = dict(pairs)
    if len(found) != len(pairs):
        raise ValueError("a key stands twice in one object")
    return found


def _refuse_constant(name: str) -> None:
    raise ValueError(f"{name} is no number")


@functools.cache
def _fields(kind: type) -> dict[str, Any]:
    """The fields of a dataclass with their types."""
    hints = typing.get_type_hints(kind)
    return {item.name: hints[item.name] for item in dataclasses.fields(kind)}


def _plain(value: Any, kind: Any, body: list[bytes]) -> Any:
    """`value`, whose declared type is `kind`, as JSON has it; bytes go to `body`."""
    origin, arguments = typing.get_origin(kind), typing.get_args(kind)
    if origin is types.UnionType:
        return None if value is None else _plain(value, arguments[0], body)
    if origin is tuple:
        return [_plain(item, arguments[0], body) for item in value]
    if origin is Mapping:
        return {str(key): _plain(item, arguments[1], body) for key, item in value.items()}
    if dataclasses.is_dataclass(kind):
        return {name: _plain(getattr(value, name), of, body) for name, of in _fields(kind).items()}  # type: ignore[arg-type]
    if kind is bytes:
        body.append(value)
        return len(value)
    return value if kind is Any else kind(value)


class _Reader:
    """Builds values of declared types from a header and the body it describes."""

    def __init__(self, body: memoryview) -> None:
        self._body = body
        self._place = 0

    def require_end(self) -> None:
        """Raise `ProtocolError` unless the whole body has been taken."""
        if self._place != len(self._body):
            raise ProtocolError(f"{len(self._body) - self._place} bytes more than the header names")

    def value(self, plain: Any, kind: Any, where: str) -> Any:
        """The value of declared type `kind` that `plain` stands for; `where` names it in messages."""
        origin, arguments = typing.get_origin(kind), typing.get_args(kind)
        if origin is types.UnionType:  # X | None is the only one
            return None if plain is None else self.value(plain, arguments[0], where)
        if origin is tuple:
            items = _bounded(plain, list, where)
            return tuple(self.value(item, arguments[0], where) for item in items)
        if origin is Mapping:
            members = _bounded(plain, dict, where)
            return {_text(key, where): self.value(item, arguments[1], where) for key, item in members.items()}
        if dataclasses.is_dataclass(kind):
            return self._dataclass(plain, typing.cast(type, kind), where)
        if kind is bytes:
            return self._bytes(plain, where)
        if kind is Any:
            return _free(plain, where, MOST_DEPTH)
        return _scalar(plain, kind, where)

    def _dataclass(self, plain: Any, kind: type, where: str) -> Any:
        members, fields = _bounded(plain, dict, where), _fields(kind)
        if list(members) != list(fields):
            raise ProtocolError(
                f"{where} has the fields {', '.join(members)!r:.200}, not {', '.join(fields)}"
            )
        return kind(**{name: self.value(members[name], of, f"{where}.{name}") for name, of in fields.items()})

    def _bytes(self, plain: Any, where: str) -> bytes:
        length = _scalar(plain, int, where)
        if not 0 <= length <= len(self._body) - self._place:
            raise ProtocolError(
                f"{where} has {length} bytes, of {len(self._body) - self._place} that are left"
            )
        self._place += length
        return bytes(self._body[self._place - length : self._place])


def _bounded(plain: Any, kind: Any, where: str) -> Any:
    if type(plain) is not kind or len(plain) > MOST_ITEMS:
        raise ProtocolError(f"{where} is no {kind.__name__} of at most {MOST_ITEMS:,} items")
    return plain


def _scalar(plain: Any, kind: Any, where: str) -> Any:
    """A text, number, truth value or member of an enumeration."""
    if issubclass(kind, StrEnum):
        members = {str(member): member for member in kind}
        if type(plain) is not str or plain not in members:
            raise ProtocolError(f"{where} is {plain!r:.50}; one of {', '.join(members)} is wanted")
        return members[plain]
    if type(plain) is not kind:
        raise ProtocolError(f"{where} is of type {type(plain).__name__}; {kind.__name__} is wanted")
    if kind is str:
        return _text(plain, where)
    if kind is float and not math.isfinite(plain):
        raise ProtocolError(f"{where} is no finite number")
    if kind is int and abs(plain) > MOST_INTEGER:
        raise ProtocolError(f"{where} is beyond {MOST_INTEGER}")
    return plain


def _text(plain: str, where: str) -> str:
    try:
        plain.encode()
    except UnicodeEncodeError:
        raise ProtocolError(f"{where} is no text: it holds half a character") from None
    return plain


def _free(plain: Any, where: str, depth: int) -> Any:
    """A value of JSON's own types, of at most `depth` levels."""
    if depth == 0:
        raise ProtocolError(f"{where} is nested deeper than {MOST_DEPTH} levels")
    if isinstance(plain, list):
        return [_free(item, where, depth - 1) for item in _bounded(plain, list, where)]
    if isinstance(plain, dict):
        members = _bounded(plain, dict, where)
        return {_text(key, where): _free(item, where, depth - 1) for key, item in members.items()}
    return plain if plain is None else _scalar(plain, type(plain), where)
