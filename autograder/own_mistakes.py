"""A course's own catalogue of mistakes: `mistakes.toml` beside the instructor's notebook, as data.

Nothing of it is run: a mistake is described by what can be seen of it (an error, a line of code, what the
function gives for some arguments) and worded in plain texts. Students do not get the file, but they read its
texts, so it may not depend on what is hidden: a call that only a hidden part of a test makes is refused.

AssignmentError (a `CourseError`): the file is not of this form; the text names entry and field.
"""

from __future__ import annotations

import ast
import json
import re
import tomllib
from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, NoReturn

from autograder import code_cell
from autograder.assignment_cell import AssignmentCell, Role
from autograder.marks import AssignmentError

MISTAKES = "mistakes.toml"
VERDICTS = (
    "wrong-answer", "partial", "raised", "not-found", "bad-type", "timeout", "memory", "crashed",
    "too-much-output",
)  # fmt: skip
_MOST_BYTES = 1_000_000
_MOST_CHARACTERS = 1_000


@dataclass(frozen=True)
class KnownCall:
    """What the function gives for some arguments where the mistake is made.

    Attributes
    ----------
    function : str
    arguments : str
        JSON of a list; `{"array": [...]}` in it is a NumPy array.
    returns : str
        JSON of what it returns; "" where it raises.
    raises : str
        The name of the error; "" where it returns.
    line : str
        A pattern for the student's line that raises; "" for any.
    """

    function: str
    arguments: str
    returns: str = ""
    raises: str = ""
    line: str = ""


@dataclass(frozen=True)
class Signs:
    """How the mistake shows; all that is given must be so. "" and () stand for what is not given.

    Attributes
    ----------
    verdict, error : str
        How a visible check ended, and the name of the error that it stopped with.
    says : str
        A pattern for the message that the student reads of the test.
    code : str
        A pattern for one line of the cell that defines the function.
    cluster : str
        What the report calls failures that behave alike.
    calls : tuple of KnownCall
    """

    verdict: str = ""
    error: str = ""
    says: str = ""
    code: str = ""
    cluster: str = ""
    calls: tuple[KnownCall, ...] = ()


@dataclass(frozen=True)
class OwnMistake:
    """One entry.

    Attributes
    ----------
    id : str
    tests : tuple of str
        Grade ids: it is looked for where one of these tests did not pass.
    what, why, experiment : str
        For the student: what happened, what it does ("" for none), what to try ("" for none).
    when : Signs
    """

    id: str
    tests: tuple[str, ...]
    what: str
    why: str
    experiment: str
    when: Signs


def read_mistakes(folder: Path) -> tuple[OwnMistake, ...]:
    """The catalogue of the assignment whose source is in `folder`; empty without the file.

    Raises
    ------
    AssignmentError
        It cannot be read, or is not of this form.
    """
    path = folder / MISTAKES
    if not path.is_file():
        return ()
    try:
        content = path.read_bytes()
        document = tomllib.loads(content[: _MOST_BYTES + 1].decode("utf-8-sig"))
    except (OSError, ValueError) as error:
        raise AssignmentError(f"{path} cannot be read as TOML: {error}. Correct that place.") from None
    if len(content) > _MOST_BYTES:
        raise AssignmentError(f"{path} has {len(content):,} bytes; {_MOST_BYTES:,} are read. Shorten it.")
    entries = document.get("mistake")
    if (
        list(document) != ["mistake"]
        or not isinstance(entries, list)
        or not all(isinstance(entry, dict) for entry in entries)
    ):
        raise AssignmentError(
            f"{path} holds {', '.join(document) or 'nothing'}; a part [[mistake]] for each mistake is "
            "wanted, and nothing else. Move what stands above the first [[mistake]] below it."
        )
    found = tuple(
        _Entry(f"{path}, mistake {number}", entry).read() for number, entry in enumerate(entries, start=1)
    )
    for number, one in enumerate(found, start=1):
        if one.id in [other.id for other in found[: number - 1]]:
            raise AssignmentError(f"{path}, mistake {number}: id {one.id!r} is there twice. Choose another.")
    return found


def refuse_unknown(mistakes: Sequence[OwnMistake], cells: Sequence[AssignmentCell], folder: Path) -> None:
    """Raise `AssignmentError` for a test that is not there, and for a call that only a hidden part makes.

    Parameters
    ----------
    cells : sequence of AssignmentCell
        Of all notebooks of the assignment.
    """
    tests = [cell for cell in cells if cell.role is Role.TEST and cell.grade_id]
    known = [cell.grade_id for cell in tests]
    for number, one in enumerate(mistakes, start=1):
        where = f"{folder / MISTAKES}, mistake {number} ({one.id})"
        for test in one.tests:
            if test not in known:
                raise AssignmentError(
                    f"{where}: there is no test {test!r}; the tests are "
                    f"{', '.join(map(str, known)) or 'none'}. Take the ID from the notebook."
                )
        for call in one.when.calls:
            wanted = (call.function, json.loads(call.arguments))
            shown = [cell for cell in tests if wanted in _calls(cell.released_source)]
            hidden = [cell for cell in tests if wanted in _calls(cell.source)]
            if hidden and not shown:
                raise AssignmentError(
                    f"{where}: the call of {call.function} with {call.arguments[1:-1]} stands in the hidden "
                    f"part of {hidden[0].grade_id} only, and students would learn of it by the hint. Take "
                    "arguments that they may know."
                )


class _Entry:
    """One table of the file; every fault is told with the entry and the field."""

    def __init__(self, where: str, fields: Mapping[str, Any]) -> None:
        name = fields.get("id")
        self._where = f"{where} ({name})" if isinstance(name, str) and name else where
        self._fields = fields

    def read(self) -> OwnMistake:
        self._only(self._fields, ("id", "tests", "when", "what", "why", "try"), "")
        mistake_id = self._text(self._fields, "id", "")
        if not re.fullmatch(r"[a-z0-9]+(-[a-z0-9]+)*", mistake_id):
            self._refuse("id", mistake_id, 'small letters, digits and single hyphens, such as "sum-not-mean"')
        tests = self._fields.get("tests")
        if not isinstance(tests, list) or not tests or not all(isinstance(test, str) for test in tests):
            self._refuse("tests", tests, 'a list of IDs of tests, such as ["mean_values"]')
        return OwnMistake(
            mistake_id,
            tuple(tests),
            self._text(self._fields, "what", ""),
            self._optional(self._fields, "why", ""),
            self._optional(self._fields, "try", ""),
            self._signs(),
        )

    def _signs(self) -> Signs:
        fields = self._fields.get("when")
        names = ("verdict", "error", "says", "code", "cluster", "calls")
        if not isinstance(fields, dict) or not fields:
            self._refuse("when", fields, f"at least one of {', '.join(f'when.{name}' for name in names)}")
        self._only(fields, names, "when.")
        texts = {name: self._optional(fields, name, "when.") for name in names[:-1]}
        if texts["verdict"] and texts["verdict"] not in VERDICTS:
            self._refuse("when.verdict", texts["verdict"], f"one of {', '.join(VERDICTS)}")
        if texts["error"] and not texts["error"].isidentifier():
            self._refuse("when.error", texts["error"], 'the name of an error, such as "IndexError"')
        if texts["cluster"] and not re.fullmatch("[0-9a-f]{8}", texts["cluster"]):
            self._refuse("when.cluster", texts["cluster"], "the eight characters that the report shows")
        calls = fields.get("calls", [])
        if not isinstance(calls, list) or not all(isinstance(call, dict) for call in calls):
            self._refuse(
                "when.calls", calls, 'a list such as [{function = "mean", arguments = [[1, 2]], returns = 3}]'
            )
        return Signs(**texts, calls=tuple(self._call(call) for call in calls))

    def _call(self, fields: Mapping[str, Any]) -> KnownCall:
        at = "when.calls: "
        self._only(fields, ("function", "arguments", "returns", "returns_none", "raises", "line"), at)
        function = self._text(fields, "function", at)
        if not function.isidentifier():
            self._refuse(f"{at}function", function, "the name of a function")
        ends = [name for name in ("returns", "returns_none", "raises") if name in fields]
        if len(ends) != 1:
            self._refuse(f"{at}what the call gives", ends, "one of returns, returns_none = true and raises")
        if ends == ["returns_none"] and fields["returns_none"] is not True:
            self._refuse(f"{at}returns_none", fields["returns_none"], "true")
        if "line" in fields and ends != ["raises"]:
            self._refuse(f"{at}line", fields["line"], "a line only together with raises")
        arguments = fields.get("arguments")
        if not isinstance(arguments, list):
            self._refuse(
                f"{at}arguments", arguments, "a list of the arguments, such as [[1, 2, 3]] for one list"
            )
        returns = "null" if ends == ["returns_none"] else ""
        return KnownCall(
            function,
            self._json(arguments, f"{at}arguments", with_arrays=True),
            self._json(fields["returns"], f"{at}returns") if ends == ["returns"] else returns,
            self._optional(fields, "raises", at),
            self._optional(fields, "line", at),
        )

    def _json(self, value: Any, name: str, *, with_arrays: bool = False) -> str:
        for part in _parts(value):
            if not isinstance(part, (str, int, float, bool, list, dict)):
                self._refuse(name, str(part), "numbers, texts, true, false, lists and tables")
            is_array = with_arrays and isinstance(part, dict) and "array" in part
            if isinstance(part, dict) and is_array and (len(part) > 1 or _shape(part["array"]) is None):
                self._refuse(name, part, "numbers in rows of equal length in { array = [[1, 2], [3, 4]] }")
        return json.dumps(value)

    def _text(self, fields: Mapping[str, Any], name: str, at: str) -> str:
        value = fields.get(name)
        if not isinstance(value, str) or not value.strip() or len(value) > _MOST_CHARACTERS:
            self._refuse(f"{at}{name}", value, f"a text of 1 to {_MOST_CHARACTERS:,} characters")
        return " ".join(value.split())

    def _optional(self, fields: Mapping[str, Any], name: str, at: str) -> str:
        return self._text(fields, name, at) if name in fields else ""

    def _only(self, fields: Mapping[str, Any], known: Collection[str], at: str) -> None:
        for name in fields:
            if name not in known:
                names = ", ".join(f"{at}{one}" for one in known)
                raise AssignmentError(
                    f"{self._where}: {at}{name} is not known; known are {names}. Correct the name, or take "
                    "it out."
                )

    def _refuse(self, name: str, got: Any, wanted: str) -> NoReturn:
        told = "is missing" if got is None else f"is {_shown(got)}"
        raise AssignmentError(f"{self._where}: {name} {told}; wanted: {wanted}.")


def _shown(value: Any) -> str:
    text = value if isinstance(value, str) else json.dumps(value, default=str)
    text = f'"{text}"' if isinstance(value, str) else text
    return text if len(text) <= 80 else f"{text[:77]}..."


def _parts(value: Any) -> Iterator[Any]:
    yield value
    inner = value if isinstance(value, list) else value.values() if isinstance(value, dict) else ()
    for item in inner:
        yield from _parts(item)


def _shape(value: Any) -> tuple[int, ...] | None:
    """The shape of a number or of lists of numbers; None where rows differ or something else is in them."""
    if isinstance(value, (int, float)) and not isinstance(value, bool):
        return ()
    if not isinstance(value, list):
        return None
    shapes = {_shape(item) for item in value}
    if len(shapes) > 1 or None in shapes:
        return None
    return (len(value), *(next(iter(shapes), None) or ()))


def _calls(source: str) -> list[tuple[str, Any]]:
    """Every call by name with literal arguments in a test's text: the function, and the arguments."""
    found = []
    for statement in code_cell.statements(source):
        for node in ast.walk(statement):
            if isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and not node.keywords:
                try:
                    found.append((node.func.id, [_literal(argument) for argument in node.args]))
                except ValueError:
                    continue
    return found


def _literal(node: ast.expr) -> Any:
    """The value of a literal as JSON has it, and of `np.array(literal)`."""
    if isinstance(node, ast.Call) and ast.unparse(node.func).endswith("array") and len(node.args) == 1:
        return {"array": _literal(node.args[0])}
    try:
        return json.loads(json.dumps(ast.literal_eval(node)))
    except TypeError as error:  # bytes, sets and complex numbers
        raise ValueError(str(error)) from error
