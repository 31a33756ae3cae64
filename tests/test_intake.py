"""Intake: hostile and broken bytes, folders, and which cell stands for which."""

# ruff: noqa: E501 - exact texts that people read stand on one line

from __future__ import annotations

import dataclasses
import importlib.util
import json
import os
import time
import tracemalloc
from importlib import metadata
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from autograder.assignment import Assignment, Role, parse_assignment
from autograder.intake import (
    IntakeLimits,
    PlannedCell,
    Rejection,
    Submission,
    plan_submission,
    read_submission,
)
from autograder.intake.folder import _installed_modules
from autograder.intake.matching import match
from autograder.intake.notebook import read_notebook
from autograder.intake.plan import SubmittedCell
from autograder.intake.strict_json import JsonError, JsonReader
from autograder.intake.texts import answer_digests

Cell = dict[str, Any]
SAVE = "Open it in JupyterLab, save it and hand it in again."


def cell(source: str | list[str], kind: str = "code", grade_id: str | None = None, **flags: Any) -> Cell:
    metadata: dict[str, Any] = {}
    if grade_id is not None:
        known = {"grade": False, "solution": False, "locked": False, "task": False, "schema_version": 3}
        metadata["nbgrader"] = known | {"grade_id": grade_id, "cell_type": kind} | flags
    made: Cell = {"cell_type": kind, "metadata": metadata, "source": source}
    return made | ({"outputs": [], "execution_count": None} if kind == "code" else {})


def notebook(cells: Any, **top: Any) -> bytes:
    return json.dumps({"cells": cells, "metadata": {}, "nbformat": 4, "nbformat_minor": 5} | top).encode()


SETUP = cell("import numpy as np\nfrom math import sqrt", grade_id="setup", locked=True)
DOUBLE = cell(
    "def double(x):\n    ### BEGIN SOLUTION\n    return 2 * x\n    ### END SOLUTION",
    grade_id="double",
    solution=True,
)
TEST_DOUBLE = cell(
    "assert double(1) == 2\nprint('visible')\n### BEGIN HIDDEN TESTS\nassert double(7) == 14\n### END HIDDEN TESTS",
    grade_id="double_values", grade=True, locked=True, points=3,
)  # fmt: skip
PROMPT = cell("### Say\n\nWhat did you see?", "markdown", "say-prompt", locked=True)
SAY = cell("A model answer", "markdown", "say", grade=True, solution=True, points=5)
HALVE = cell(
    "def halve(x):\n    ### BEGIN SOLUTION\n    return x / 2\n    ### END SOLUTION",
    grade_id="halve",
    solution=True,
)
TEST_HALVE = cell("assert halve(4) == 2", grade_id="halve_values", grade=True, locked=True, points=2)
TEXT = cell("# Two functions", "markdown")

SOURCE = [TEXT, SETUP, DOUBLE, TEST_DOUBLE, PROMPT, SAY, HALVE, TEST_HALVE]
ASSIGNMENT = parse_assignment("pair", notebook(SOURCE).decode(), {"data.csv": b"1,2\n"}, "source")
STUB = "# YOUR CODE HERE\nraise NotImplementedError()"

MY_DOUBLE = "def double(x):\n    return x + x"
MY_HALVE = "def halve(x):\n    return x * 0.5"


def released() -> list[Cell]:
    """The student's version of the notebook, as the release has it."""
    cells: list[Cell] = json.loads(notebook(SOURCE))["cells"]
    for made, original in zip(cells, ASSIGNMENT.cells, strict=True):
        made["source"] = original.released_source
    return cells


def answered() -> list[Cell]:
    """The same with both functions and the answer written."""
    cells = released()
    cells[2]["source"] = MY_DOUBLE
    cells[5]["source"] = "I saw a lot."
    cells[6]["source"] = MY_HALVE
    return cells


def plan(cells: list[Cell], assignment: Assignment = ASSIGNMENT) -> Submission:
    made = plan_submission(notebook(cells), assignment)
    _check_invariants(made, assignment)
    return made


def _check_invariants(made: Submission, assignment: Assignment) -> None:
    """What every plan promises, whatever was handed in."""
    ids = [one.grade_id for one in made.cells if one.grade_id is not None]
    assert len(ids) == len(set(ids))
    for original in assignment.cells:
        if original.locked:
            one = made.by_grade_id[str(original.grade_id)]
            assert (one.source, one.origin, one.role) == (original.source, "instructor", original.role)
    assert {one.grade_id for one in made.cells if one.role is Role.TEST} == {
        c.grade_id for c in assignment.tests
    }
    assert {one.grade_id for one in made.cells if one.role is Role.TASK_BY_HAND} == {"say"}
    assert not any("14" in one.source for one in made.cells if one.runs)


def ids_in_order(made: Submission) -> list[str]:
    return [one.grade_id or one.source.splitlines()[0] for one in made.cells]


def running(made: Submission) -> list[str]:
    return [one.source for one in made.cells if one.runs]


# Strict JSON


def walk(text: bytes) -> None:
    reader = JsonReader(text)
    reader.skip()
    reader.end()


@pytest.mark.parametrize(
    ("text", "said"),
    [
        (b'{"a": NaN}', "line 1, column 7: a value is due, but there is `NaN}`"),
        (b'{"a": -Infinity}', "line 1, column 7: a value is due, but there is `-Infinity}`"),
        (b'{"a": 1,}', "line 1, column 9: a key in double quotes is due, but there is `}`"),
        (b'{"a": [1, 2,]}', "line 1, column 13: a value is due, but there is `]}`"),
        (b'{"a": 01}', "line 1, column 8: `,` or `}` is due, but there is `1}`"),
        (b"{'a': 1}", "line 1, column 2: a key in double quotes is due, but there is `'a': 1}`"),
        (b'{"a": "tab\there"}', 'line 1, column 7: a value is due, but there is `"tab\there"}`'),
        (b'{"a": "\\x41"}', 'line 1, column 7: a value is due, but there is `"\\x41"}`'),
        # These reached `json.loads`, or passed, with the regular expressions of Python before 3.11.5.
        (b'{"a": "\\u", "b": 1}', 'line 1, column 7: a value is due, but there is `"\\u", "b": 1}`'),
        (b'{"a": 1.}', "line 1, column 8: `,` or `}` is due, but there is `.}`"),
        (b'{"a": 1e+}', "line 1, column 8: `,` or `}` is due, but there is `e+}`"),
        (b'{"a": 1} {}', "line 1, column 10: the end of the file is due, but there is `{}`"),
        (b'{"a": [1', "line 1, column 9: the file ends where `,` or `]` is due; it was cut short"),
        (b'{"a"', "line 1, column 5: the file ends where `:` is due; it was cut short"),
        (b'{\n "a":\n  trve}', "line 3, column 3: a value is due, but there is `trve}`"),
        (b"[" * 101, "line 1, column 101: lists and objects lie more than 100 deep inside each other"),
    ],
)
def test_what_is_no_json_is_named_with_its_place(text: bytes, said: str) -> None:
    with pytest.raises(JsonError) as error:
        walk(text)
    assert str(error.value) == said


@pytest.mark.parametrize(
    "text",
    [
        b"0",
        b"-1.5e+10",
        b'""',
        b'"\\u00e9\\\\"',
        b"[]",
        b"{}",
        b'[1, "a", [], {"b": null}, true]',
        b"[1, 2, 3]",  # was refused with Python before 3.11.5
        b'["a", 1.5, "b", 2e3, null]',
        b"[" + b"1," * 2_500 + b"1]",
        b"1" * 100_000,
    ],
)
def test_what_is_json_is_walked_over(text: bytes) -> None:
    walk(b" " + text + b"\n")


def test_a_key_that_comes_twice_is_refused() -> None:
    reader = JsonReader(b'{"cells": [], "\\u0063ells": []}')
    with pytest.raises(JsonError) as error:
        [reader.skip() for _ in reader.members()]
    assert str(error.value) == 'line 1, column 27: the key `"\\u0063ells"` comes twice in one object'


def test_half_a_surrogate_pair_becomes_the_replacement_character() -> None:
    assert JsonReader(rb'"a\ud800b\ud83d\ude00"').read_string() == "a\ufffdb😀"


# Bytes of a notebook


def minimal(source: Any = "x = 1") -> bytes:
    return notebook([cell(source)])


@pytest.mark.parametrize(
    ("data", "said"),
    [
        (b"", "The file is empty. Hand in the notebook again."),
        (b" \n\t\n", "The file is empty. Hand in the notebook again."),
        (b"<!DOCTYPE html><html></html>", "The file is a web page (HTML), not a notebook; use File > Download in JupyterLab."),
        (b"PK\x03\x04rest", "The file is a zip archive, not a notebook; unpack it and hand in the .ipynb file."),
        (b"%PDF-1.7", "The file is a PDF, not a notebook; hand in the .ipynb file."),
        (b"[]", f"The file is not a notebook: it holds a list, not an object. {SAVE}"),
        (b"{}", f"The file is not a notebook: `nbformat` is missing. {SAVE}"),
        (b"def double(x):\n", f"The notebook is not readable JSON: line 1, column 1: a value is due, but there is `def double(x):`. {SAVE}"),
        (minimal()[:-30], f"The notebook is not readable JSON: line 1, column 127: the file ends inside a text; it was cut short. {SAVE}"),
        (minimal().replace(b"x = 1", b"x = '\xe9'"), f"The notebook is not text in UTF-8: byte 0xE9 is out of place. {SAVE}"),
        (notebook([], nbformat=5), f"The notebook's format is 5; formats 3 and 4 are read. {SAVE}"),
        (notebook([], nbformat=2), f"The notebook's format is 2; formats 3 and 4 are read. {SAVE}"),
        (notebook([], nbformat="4"), f"The notebook's format is unknown; formats 3 and 4 are read. {SAVE}"),
        (notebook([], nbformat=10**400), f"The notebook's format is unknown; formats 3 and 4 are read. {SAVE}"),
        (notebook({"a": 1}), f"The notebook is damaged: its `cells` are an object, not a list. {SAVE}"),
        (b'{"nbformat": 4, "metadata": {}}', f"The notebook is damaged: it has no list of cells. {SAVE}"),
        (notebook([7]), f"The notebook is damaged: cell 1 is a number, not an object. {SAVE}"),
        (notebook([cell("x"), {"cell_type": "code"}]), f"The notebook is damaged: cell 2 has no `source`. {SAVE}"),
        (minimal(None), f"The notebook is damaged: cell 1 has null as its `source`; a text or a list of texts is wanted. {SAVE}"),
        (minimal(["x", 1]), f"The notebook is damaged: cell 1 has a list as its `source`; a text or a list of texts is wanted. {SAVE}"),
        (notebook([cell("x", "spell")]), f"The notebook is damaged: cell 1 has the type `spell`; code, markdown or raw is wanted. {SAVE}"),
        (notebook([{"source": "x", "cell_type": ["code"]}]), f"The notebook is damaged: cell 1 has the type unknown; code, markdown or raw is wanted. {SAVE}"),
        (notebook([cell("")] * 2001), "The notebook has more than 2,000 cells; hand in one with fewer."),
        (minimal("a" * 10_000_001), "The notebook's cells hold more than 10,000,000 characters; keep data in files."),
    ],
)  # fmt: skip
def test_a_broken_notebook_is_rejected_with_one_sentence(data: bytes, said: str) -> None:
    with pytest.raises(Rejection) as error:
        read_notebook(data)
    assert str(error.value) == said


@pytest.mark.parametrize(
    "change",
    [
        lambda data: data,
        lambda data: b"\xef\xbb\xbf" + data,
        lambda data: data.decode().encode("utf-16"),
        lambda data: data.decode().encode("utf-16-le"),
        lambda data: data.decode().encode("utf-32-be"),
        lambda data: data.replace(b", ", b",\r\n"),
        lambda data: data.replace(b'"nbformat_minor": 5', b'"nbformat_minor": 99'),
        lambda data: data.replace(b'"execution_count": null', b'"execution_count": ' + b"9" * 50_000),
        lambda data: data.replace(b"[]", b'[{"output_type": 7, "data": [[{}]]}]'),
        lambda data: data.replace(b'"metadata": {}', b'"metadata": [1]'),
    ],
)
def test_an_unusual_notebook_is_read_as_any_other(change: Any) -> None:
    (one,) = read_notebook(change(minimal(["é = 1\n", "y = 2"])))
    assert (one.cell_type, one.source) == ("code", "é = 1\ny = 2")


def test_a_large_notebook_in_another_encoding_is_not_copied() -> None:
    data = minimal("x" * 5_000).decode().encode("utf-16")
    with pytest.raises(Rejection) as error:
        read_notebook(data, IntakeLimits(notebook_bytes=20_000))
    assert str(error.value) == f"The notebook has {len(data):,} bytes of UTF-16. {SAVE}"


def test_line_ends_of_windows_in_a_cell_become_plain() -> None:
    assert read_notebook(minimal("a\r\nb\rc"))[0].source == "a\nb\nc"


def test_format_3_is_read() -> None:
    worksheet = {
        "cells": [
            {"cell_type": "heading", "level": 2, "source": ["Two\n", "lines"], "metadata": {}},
            {
                "cell_type": "code",
                "input": ["x = 1\n", "y"],
                "language": "python",
                "outputs": [],
                "metadata": {},
            },
            {"cell_type": "markdown", "source": "text", "metadata": {"nbgrader": {"grade_id": "say"}}},
        ]
    }
    data = json.dumps(
        {"nbformat": 3, "nbformat_minor": 0, "worksheets": [worksheet], "metadata": {}}
    ).encode()
    assert [(one.cell_type, one.source, one.claimed_id) for one in read_notebook(data)] == [
        ("markdown", "## Two lines", None),
        ("code", "x = 1\ny", None),
        ("markdown", "text", "say"),
    ]


@pytest.mark.parametrize(
    "outputs",
    [
        b'"' + b"A" * 20_000_000 + b'"',
        b'"' + rb"\n" * 10_000_000 + b'"',
        b"[" + b"1," * 10_000_000 + b"1]",
        b"[" + b'"0123456789012345\\n",' * 1_000_000 + b'""]',
        '"€"'.encode() * 1 + b" " * 20_000_000,
    ],
    ids=["picture", "escapes", "numbers", "lines", "spaces"],
)
def test_twenty_megabytes_of_outputs_take_next_to_no_memory(outputs: bytes) -> None:
    data = minimal().replace(b'"outputs": []', b'"outputs": ' + outputs)
    tracemalloc.start()
    try:
        assert read_notebook(data)[0].source == "x = 1"
        most = tracemalloc.get_traced_memory()[1]
    finally:
        tracemalloc.stop()
    assert most < 10_000_000


@pytest.mark.slow
@pytest.mark.parametrize("piece", [b"[],", b'{"a":1},', b'"",', b"0,"])
def test_a_hundred_megabytes_of_anything_end_within_bounds(piece: bytes) -> None:
    many = b"[" + piece * (95_000_000 // len(piece)) + b"1]"
    data = minimal().replace(b'"outputs": []', b'"outputs": ' + many)
    start = time.process_time()
    try:
        read_notebook(data)
    except Rejection as rejection:
        assert "it holds more than 2,000,000 values" in str(rejection)  # noqa: PT017 - either end is right
    assert time.process_time() - start < 60


# Folders


def hand_in(folder: Path, files: dict[str, bytes]) -> Path:
    for name, content in files.items():
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(content)
    return folder


def rejected(folder: Path, limits: IntakeLimits | None = None) -> str:
    with pytest.raises(Rejection) as error:
        read_submission(folder, ASSIGNMENT, limits)
    return str(error.value)


def test_a_plain_submission_has_its_files_and_no_flags(tmp_path: Path) -> None:
    hand_in(tmp_path, {"pair.ipynb": notebook(answered()), "mine/extra.txt": b"x", "timestamp.txt": b"now"})
    submission = read_submission(tmp_path, ASSIGNMENT)
    assert submission.flags == ()
    assert submission.files == {"mine/extra.txt": b"x", "data.csv": b"1,2\n"}
    assert submission.by_grade_id["say"].answered


def test_stored_outputs_do_not_change_the_plan_and_a_letter_of_code_does() -> None:
    cells = answered()
    first = plan(cells)
    cells[2]["outputs"] = [{"output_type": "stream", "name": "stdout", "text": "All tests passed"}]
    assert plan(cells) == first
    cells[2]["source"] += " "
    assert plan(cells) != first


@pytest.mark.parametrize(
    "name", ["numpy.py", "random.py", "init_utils.py", "init_utils/__init__.py", "math.so", "sitecustomize.py",
             "numpy/core.py", "sqrt.pth"]
)  # fmt: skip
def test_a_file_that_would_replace_a_module_is_left_out(tmp_path: Path, name: str) -> None:
    hand_in(tmp_path, {"pair.ipynb": notebook(answered()), name: b"isclose = lambda *a, **k: True"})
    submission = read_submission(tmp_path, ASSIGNMENT)
    module = name.split("/")[0].split(".")[0]
    if module == "sqrt":  # no module of that name: let in
        assert name in submission.files
    else:
        assert name not in submission.files
        assert submission.flags == (f"{name} would replace the module {module}; it was left out.",)


def test_a_module_of_the_students_own_comes_along(tmp_path: Path) -> None:
    hand_in(tmp_path, {"pair.ipynb": notebook(answered()), "my_tools.py": b"a = 1", "numpy_notes.txt": b"b"})
    assert {"my_tools.py", "numpy_notes.txt"} < set(read_submission(tmp_path, ASSIGNMENT).files)


def test_a_changed_data_file_of_the_assignment_is_put_right(tmp_path: Path) -> None:
    hand_in(tmp_path, {"pair.ipynb": notebook(answered()), "data.csv": b"9,9\n"})
    submission = read_submission(tmp_path, ASSIGNMENT)
    assert submission.files["data.csv"] == b"1,2\n"
    assert submission.flags == ("data.csv differs from the assignment's; the assignment's was used.",)


def test_a_missing_notebook_is_named(tmp_path: Path) -> None:
    assert (
        rejected(tmp_path) == "There is no notebook pair.ipynb in the submission; hand it in under that name."
    )


def test_a_single_notebook_under_another_name_is_graded_and_pointed_out(tmp_path: Path) -> None:
    hand_in(tmp_path, {"pair (1).ipynb": notebook(answered()), ".ipynb_checkpoints/pair.ipynb": b"old"})
    submission = read_submission(tmp_path, ASSIGNMENT)
    assert submission.flags == ("The notebook was handed in as pair (1).ipynb; pair.ipynb is wanted.",)


def test_several_notebooks_without_the_right_name_are_not_guessed_at(tmp_path: Path) -> None:
    hand_in(tmp_path, {"a.ipynb": b"", "b.ipynb": b""})
    assert rejected(tmp_path) == (
        "There is no pair.ipynb, but several other notebooks (a.ipynb, b.ipynb); hand in one."
    )


def test_a_notebook_in_a_folder_below_is_found(tmp_path: Path) -> None:
    hand_in(tmp_path, {"pair/pair.ipynb": notebook(answered())})
    assert read_submission(tmp_path, ASSIGNMENT).notebook_path == "pair/pair.ipynb"


def test_a_link_is_never_followed(tmp_path: Path) -> None:
    secret = hand_in(tmp_path / "other", {"pair.ipynb": notebook(answered())})
    mine = hand_in(tmp_path / "mine", {"pair.ipynb": notebook(answered())})
    (mine / "book.db").symlink_to(secret / "pair.ipynb")
    (mine / "folder").symlink_to(secret)
    submission = read_submission(mine, ASSIGNMENT)
    assert set(submission.files) == {"data.csv"}
    assert submission.flags == (
        "book.db is a link or a device, not a file; it was left out.",
        "folder is a link or a device, not a file; it was left out.",
    )
    linked = tmp_path / "linked"
    linked.mkdir()
    (linked / "pair.ipynb").symlink_to(secret / "pair.ipynb")
    assert rejected(linked) == "pair.ipynb is a link or a device, not a file; hand in the notebook itself."
    whole = tmp_path / "whole"
    whole.symlink_to(secret)
    assert rejected(whole) == "The submission whole is not a folder of its own; hand it in again."
    assert (
        rejected(tmp_path / "absent") == "The submission absent is not a folder of its own; hand it in again."
    )


@pytest.mark.skipif(not hasattr(os, "mkfifo"), reason="this system has no FIFOs")
def test_a_fifo_blocks_nothing(tmp_path: Path) -> None:
    hand_in(tmp_path, {"pair.ipynb": notebook(answered())})
    os.mkfifo(tmp_path / "data.fifo")
    assert read_submission(tmp_path, ASSIGNMENT).flags == (
        "data.fifo is a link or a device, not a file; it was left out.",
    )
    (tmp_path / "pair.ipynb").unlink()
    os.mkfifo(tmp_path / "pair.ipynb")
    assert rejected(tmp_path) == "pair.ipynb is a link or a device, not a file; hand in the notebook itself."


def test_a_file_too_large_is_not_read(tmp_path: Path) -> None:
    hand_in(tmp_path, {"pair.ipynb": notebook(answered())})
    with (tmp_path / "huge.bin").open("wb") as file:
        file.truncate(10**12)  # sparse: a terabyte by its size, nothing on the disk
    assert read_submission(tmp_path, ASSIGNMENT).flags == (
        "huge.bin (1,000,000,000,000 bytes) goes beyond the limits; it was left out.",
    )
    with (tmp_path / "pair.ipynb").open("wb") as file:
        file.truncate(10**12)
    assert rejected(tmp_path) == (
        "The notebook has 1,000,000,000,000 bytes; at most 100,000,000 are read. Clear its outputs and hand it in again."
    )


def test_many_files_and_deep_folders_are_cut(tmp_path: Path) -> None:
    files = {f"f{number:02}.txt": b"x" for number in range(30)}
    hand_in(tmp_path, {"pair.ipynb": notebook(answered()), "/".join("abcdefghijk") + "/x.txt": b""} | files)
    few = read_submission(tmp_path, ASSIGNMENT, IntakeLimits(files=3))
    assert set(few.files) == {"f00.txt", "f01.txt", "f02.txt", "data.csv"}
    assert len(few.flags) == 21
    deep = read_submission(tmp_path, ASSIGNMENT)
    assert deep.flags == ("a/b/c/d/e/f/g/h/i lies more than 8 folders deep; it was left out.",)
    cut = read_submission(tmp_path, ASSIGNMENT, IntakeLimits(entries=5))
    assert cut.flags == ("The folder holds more than 5 names; the rest was left out.",)


# Matching


def test_the_untouched_release_keeps_every_cell_in_its_place() -> None:
    made = plan(released())
    assert made.flags == ()
    assert [one.instructor_index for one in made.cells] == list(range(len(SOURCE)))
    assert not made.by_grade_id["say"].answered


def test_lost_metadata_change_nothing() -> None:
    bare = [one | {"metadata": {}} for one in answered()]
    assert plan(bare).cells == plan(answered()).cells


def test_tests_and_locked_cells_are_the_instructors_whatever_was_handed_in() -> None:
    cells = answered()
    cells[1]["source"] = "np = None"
    cells[3]["source"] = "pass"
    cells[3]["metadata"]["nbgrader"] |= {"points": 1000, "solution": True, "locked": False}
    made = plan(cells)
    assert made.by_grade_id["setup"].typed == "np = None"
    assert made.by_grade_id["double_values"].typed == "pass"
    assert made.flags == (
        "Cell 2: setup is locked; what was typed there does not run.",
        "Cell 4: double_values is locked; what was typed there does not run.",
    )
    assert running(made) == [SETUP["source"], MY_DOUBLE, MY_HALVE]


def test_code_typed_into_a_locked_cell_does_not_run_while_the_solution_cell_is_there() -> None:
    cells = answered()
    cells[2]["source"] = ASSIGNMENT.cells[2].released_source
    cells[1]["source"] += "\n" + MY_DOUBLE
    made = plan(cells)
    assert MY_DOUBLE not in "".join(running(made))
    assert MY_DOUBLE in made.by_grade_id["setup"].typed


def test_deleted_tests_come_back_behind_their_solution() -> None:
    cells = answered()
    del cells[7], cells[3], cells[1]
    made = plan(cells)
    assert ids_in_order(made) == [
        "# Two functions", "setup", "double", "double_values", "say-prompt", "say", "halve", "halve_values",
    ]  # fmt: skip
    assert [one.number for one in made.cells] == [0, None, 1, None, 2, 3, 4, None]
    assert made.flags == (
        "The cell double_values was missing; it was put back.",
        "The cell halve_values was missing; it was put back.",
    )


def test_an_empty_notebook_gets_all_that_is_locked_and_the_prompts() -> None:
    made = plan([])
    assert ids_in_order(made) == ["setup", "double_values", "say-prompt", "say", "halve_values"]
    assert made.by_grade_id["say"].note == "it was missing and was put back."
    assert made.flags[0] == "The cell double is missing, and no other defines its function."


def test_reordered_cells_keep_the_students_order() -> None:
    cells = answered()
    order = [0, 1, 6, 7, 4, 5, 2, 3]
    made = plan([cells[place] for place in order])
    assert [one.instructor_index for one in made.cells] == order
    assert made.flags == ()


def test_swapped_ids_are_seen_through() -> None:
    cells = answered()
    cells[2]["metadata"], cells[3]["metadata"] = cells[3]["metadata"], cells[2]["metadata"]
    made = plan(cells)
    assert [one.grade_id for one in made.cells][2:4] == ["double", "double_values"]
    assert running(made) == [SETUP["source"], MY_DOUBLE, MY_HALVE]


def test_a_solution_moved_into_a_cell_of_its_own_is_found() -> None:
    cells = answered()
    del cells[2]
    cells.insert(0, cell("# mine\n" + MY_DOUBLE))
    made = plan(cells)
    assert made.cells[0].grade_id == "double"
    assert made.flags == ()


def test_a_template_left_behind_does_not_hide_that_all_its_cells_run() -> None:
    cells = released()
    cells.insert(3, cell(MY_DOUBLE))
    assert MY_DOUBLE in running(plan(cells))


def test_merged_cells_count() -> None:
    cells = answered()
    merged = cell(
        MY_DOUBLE + "\n\n" + cells[3]["source"] + "\n\n" + MY_HALVE, grade_id="double_values", grade=True
    )
    made = plan([cells[0], cells[1], merged, cells[4], cells[5], cells[7]])
    assert merged["source"] in running(made)
    assert ids_in_order(made)[2:4] == ["double", "double_values"]


def test_everything_in_one_cell_counts() -> None:
    cells = answered()
    merged = "\n".join(one["source"] for one in cells if one["cell_type"] == "code")
    made = plan([cell(merged, grade_id="setup", locked=True)])
    assert running(made) == [merged, SETUP["source"]]
    assert [one.grade_id for one in made.cells if one.role is Role.TEST] == ["double_values", "halve_values"]


def test_of_copies_the_last_that_was_worked_on_stands_for_the_cell_and_all_run() -> None:
    cells = answered()
    second = cell("def double(x):\n    return 3 * x", grade_id="double", solution=True)
    template = released()[2]
    made = plan([*cells[:3], second, template, *cells[3:]])
    assert [one.grade_id for one in made.cells[2:5]] == [None, "double", None]
    assert len(running(made)) == 5


def test_a_copied_test_runs_at_its_last_place() -> None:
    cells = answered()
    made = plan([*cells, cells[2], cells[3]])
    assert [one.grade_id for one in made.cells][-1] == "double_values"
    assert made.cells[3].role is Role.FREE


def test_a_solution_turned_into_text_is_code_again() -> None:
    cells = answered()
    cells[2] = cell(MY_DOUBLE, "markdown", "double", solution=True)
    made = plan(cells)
    assert MY_DOUBLE in running(made)
    assert made.flags == ("Cell 3: double had become a markdown cell; it is a code cell again.",)


def test_an_old_version_kept_as_text_stays_text() -> None:
    cells = answered()
    old = cell("def double(x):\n    return 3 * x", "markdown", "double", solution=True)
    made = plan([*cells, old])
    assert running(made) == [SETUP["source"], MY_DOUBLE, MY_HALVE]
    assert made.cells[-1].cell_type == "markdown"


def test_an_unknown_id_gives_no_rights() -> None:
    made = plan([*answered(), cell("evil = 1", grade_id="bonus", grade=True, points=100)])
    assert (made.cells[-1].role, made.cells[-1].grade_id) == (Role.FREE, None)


# Written answers


def answer(cells: list[Cell]) -> PlannedCell:
    return plan(cells).by_grade_id["say"]


def test_an_answer_below_an_untouched_prompt_is_the_answer() -> None:
    cells = answered()
    cells[5]["source"] = "YOUR ANSWER HERE"
    one = answer([*cells[:6], cell("I saw circles.", "markdown"), *cells[6:]])
    assert (one.source, one.answered) == ("I saw circles.", True)
    assert one.note == "the answer say was written in a cell beside its own."


def test_an_answer_in_a_code_cell_or_a_raw_cell_is_read() -> None:
    for kind in ("code", "raw"):
        cells = answered()
        cells[5] = cell("I saw circles.", kind, "say", grade=True, solution=True, points=5)
        one = answer(cells)
        assert (one.source, one.answered, one.cell_type) == ("I saw circles.", True, "markdown")


def test_an_answer_typed_into_the_prompt_is_shown() -> None:
    cells = released()
    cells[4]["source"] += "\n\nI saw circles."
    one = answer(cells)
    assert one.answered
    assert one.source.endswith("I saw circles.")


def test_an_answer_whose_cell_lost_its_metadata_is_found_by_its_place() -> None:
    cells = [one | {"metadata": {}} for one in answered()]
    cells.insert(6, cell("And squares.", "markdown"))
    assert answer(cells).source == "I saw a lot.\n\nAnd squares."


def test_an_emptied_answer_is_not_answered() -> None:
    cells = answered()
    cells[5]["source"] = "  \n"
    assert not answer(cells).answered


def test_a_deleted_answer_is_put_back_and_waits_for_a_person() -> None:
    cells = answered()
    del cells[5]
    made = plan(cells)
    assert made.by_grade_id["say"].answered
    assert made.by_grade_id["say"].source == (
        "[This cell was missing. The answer may be one of the other texts of the notebook.]"
    )
    assert made.flags == (
        "The answer say was missing; its cell was put back. Look whether another text is the answer, and give "
        "points by hand.",
    )
    assert plan([]).by_grade_id["say"].answered


def test_a_deleted_answer_in_code_is_put_back_as_a_comment() -> None:
    by_hand = cell("# YOUR ANSWER", "code", "sketch", grade=True, solution=True, points=5)
    assignment = parse_assignment("code", notebook([*SOURCE[:4], by_hand]).decode(), {}, "source")
    made = plan_submission(notebook(answered()[:4]), assignment)
    assert made.by_grade_id["sketch"].source.startswith("# [This cell was missing.")


def test_two_answers_are_pointed_out() -> None:
    cells = answered()
    again = cell("Something else.", "markdown", "say", grade=True, solution=True, points=5)
    made = plan([*cells, again])
    assert made.by_grade_id["say"].source == "Something else."
    assert made.flags == ("The answer say is there 2 times; read them all.",)


def test_hostile_text_in_an_answer_breaks_nothing() -> None:
    for text in ("-" * 100_000 + "1", "(" * 100_000, "\0", "x" + ".a" * 5_000, "\ud800"):
        cells = [one | {"metadata": {}} for one in answered()]
        cells[5] = cell(text)
        plan(cells)


def test_of_very_many_cells_few_are_parsed(monkeypatch: pytest.MonkeyPatch) -> None:
    """Whether a cell is prose or Python was asked for every answer that was missing, a minute long."""
    parsed: list[str] = []
    monkeypatch.setattr(
        "autograder.intake.matching.has_statements", lambda source: parsed.append(source) is None
    )
    cells = [cell("a;" * 9_000) for _ in range(500)]
    assert len(plan(cells).cells) > 500
    assert 400_000 < sum(map(len, parsed)) <= 500_000
    assert len(parsed) == 500_000 // 18_000


def test_a_text_of_very_many_lines_takes_little_more_memory_than_itself() -> None:
    text = "\n".join(f"{number:x}" for number in range(400_000))
    cells = [SubmittedCell(0, "markdown", text, None)]
    tracemalloc.start()
    try:
        match(cells, ASSIGNMENT)
        most = tracemalloc.get_traced_memory()[1]
    finally:
        tracemalloc.stop()
    assert most < 6 * len(text)


def test_points_belong_to_the_pictures_of_an_answer_too() -> None:
    def digest(picture: str) -> str:
        cells = answered()
        cells[5] |= {"attachments": {"image.png": {"image/png": picture}}}
        return answer_digests(plan(cells), ASSIGNMENT)["say"]

    assert digest("AAAA") == digest("AAAA") != digest("BBBB")


def test_pictures_that_an_answer_does_not_show_are_flagged() -> None:
    cells = answered()
    cells[5] |= {"attachments": {name: {"image/png": "AAAA"} for name in ("a b.png", "old.png")}}
    cells[5]["source"] = "See ![](attachment:a%20b.png)."
    flag = "Cell 6: say has pictures that its text does not show (old.png); they were left out."
    assert flag in plan(cells).flags
    cells[5]["source"] += " ![](attachment:old.png)"
    assert not [flag for flag in plan(cells).flags if "pictures" in flag]


def test_pictures_beyond_the_limit_are_left_out_and_the_text_stays() -> None:
    attached = {"attachments": {"a.png": {"image/png": "A" * 100, "text/html": "x"}}}
    cells = [cell("one", "markdown") | attached, cell("two", "markdown") | attached]
    read = read_notebook(notebook(cells), IntakeLimits(picture_characters=150))
    assert [one.pictures for one in read] == [{"a.png": {"image/png": "A" * 100}}, {}]
    assert [one.source for one in read] == ["one", "two"]
    together = "the notebook's pictures together may hold 112 bytes"
    assert [one.left_out for one in read] == [{}, {"a.png": together}]


def test_a_small_picture_after_one_that_is_too_large_is_kept() -> None:
    sizes = (200, 100)
    cells = [cell("x", "markdown") | {"attachments": {"a.png": {"image/png": "A" * size}}} for size in sizes]
    read = read_notebook(notebook(cells), IntakeLimits(picture_characters=150))
    assert [bool(one.pictures) for one in read] == [False, True]


def test_pictures_that_are_not_kept_are_flagged_with_the_reason() -> None:
    cells = answered()
    attached = {f"p{number}.png": {"image/png": "AAAA"} for number in range(52)}
    cells[5] |= {"attachments": attached | {"w.pdf": {"application/pdf": "AAAA"}, "not-shown": 1}}
    cells[5]["source"] = " ".join(f"![](attachment:{name})" for name in (*attached, "w.pdf"))
    flags = [flag for flag in plan(cells).flags if "lacks" in flag]
    assert flags == [
        "Cell 6: say lacks what its text shows (p50.png, p51.png, w.pdf), because one text may hold 50."
    ]
    cells[5]["attachments"] = {"w.pdf": {"application/pdf": "AAAA"}}
    flags = [flag for flag in plan(cells).flags if "lacks" in flag]
    assert flags == ["Cell 6: say lacks what its text shows (w.pdf), because it is no picture."]


TELL = cell("Another", "markdown", "tell", grade=True, solution=True, points=5)
TWO_ANSWERS = parse_assignment("pair", notebook([*SOURCE, TELL]).decode(), {}, "source")


def test_of_two_missing_answers_and_two_texts_neither_is_lost_nor_given_no_points_unread() -> None:
    code = [cell(one.released_source, one.cell_type, one.grade_id) for one in TWO_ANSWERS.cells[:4]]
    texts = [cell("The first answer.", "markdown"), cell("The second answer.", "markdown")]
    plan = plan_submission(notebook([*code, *texts]), TWO_ANSWERS)
    assert [plan.by_grade_id[grade_id].answered for grade_id in ("say", "tell")] == [True, True]
    shown = "\n".join(one.source for one in plan.cells)
    assert "The first answer." in shown
    assert "The second answer." in shown


@settings(max_examples=150, deadline=None)
@given(
    st.lists(
        st.tuples(
            st.sampled_from(
                [*(one.released_source for one in TWO_ANSWERS.cells), "my own text", "It falls.", "x = 1", ""]
            ),
            st.sampled_from(["code", "markdown", "raw"]),
            st.sampled_from(
                [None, "setup", "double", "double_values", "say", "tell", "say-prompt", "nobody"]
            ),
        ),
        max_size=12,
    )
)
def test_every_plan_holds_each_cell_of_the_assignment_once(cells: list[tuple[str, str, str | None]]) -> None:
    made = [cell(source, kind, grade_id) for source, kind, grade_id in cells]
    planned = plan_submission(notebook(made), TWO_ANSWERS).cells
    for original in TWO_ANSWERS.cells:
        count = sum(one.instructor_index == original.index for one in planned)
        needed = original.locked or original.role is Role.TASK_BY_HAND
        assert count == 1 or (count == 0 and not needed)
    shown = "\n".join(text for one in planned for text in (one.source, one.typed))
    own = [source for source, _, _ in cells if source in ("my own text", "It falls.")]
    assert [source for source in own if source not in shown] == []


def test_the_only_file_that_is_a_notebook_is_taken_whatever_its_ending(tmp_path: Path) -> None:
    for number, name in enumerate(["pair.ipynb.txt", "PAIR.IPYNB", "pair.json", "pair"]):
        hand_in(tmp_path / str(number), {name: notebook(answered()), "notes.txt": b"x"})
        submission = read_submission(tmp_path / str(number), ASSIGNMENT)
        assert submission.flags == (f"The notebook was handed in as {name}; pair.ipynb is wanted.",)
        assert name not in submission.files


def test_the_assignments_other_notebooks_are_neither_flagged_nor_taken_for_the_work(tmp_path: Path) -> None:
    released = notebook(
        [
            {**cell("")} | {"source": item.released_source, "cell_type": item.cell_type}
            for item in ASSIGNMENT.cells
        ]
    )
    hand_in(tmp_path, {"pair.ipynb": released, "second.ipynb": notebook(answered())})
    submission = read_submission(tmp_path, dataclasses.replace(ASSIGNMENT, siblings=("second.ipynb",)))
    assert submission.flags == ()
    assert "second.ipynb" not in submission.files


def test_a_rejection_names_what_is_there(tmp_path: Path) -> None:
    hand_in(tmp_path, {"pair.py": b"x = 1", "hw.rar": b"Rar!\x1a", "report.pdf": b"%PDF-1.7"})
    assert rejected(tmp_path) == (
        "There is no notebook pair.ipynb in the submission, only hw.rar (a RAR archive), pair.py (a Python file), "
        "report.pdf (a PDF); hand in the notebook under that name."
    )


def test_another_notebook_beside_the_graded_one_is_flagged(tmp_path: Path) -> None:
    hand_in(tmp_path, {"pair.ipynb": notebook(answered()), "pair-1.ipynb": notebook(answered())})
    submission = read_submission(tmp_path, ASSIGNMENT)
    assert submission.flags == ("pair-1.ipynb is beside pair.ipynb and is not graded.",)


def test_an_untouched_notebook_beside_one_with_work_asks_a_person(tmp_path: Path) -> None:
    released = notebook(
        [
            {**cell("")} | {"source": item.released_source, "cell_type": item.cell_type}
            for item in ASSIGNMENT.cells
        ]
    )
    hand_in(tmp_path, {"pair.ipynb": released, "pair (1).ipynb": notebook(answered())})
    assert rejected(tmp_path) == (
        "pair.ipynb is as it was handed out, and pair (1).ipynb beside it holds work. Which one counts? A person "
        "renames it to pair.ipynb and grades again."
    )
    (tmp_path / "pair (1).ipynb").write_bytes(released)
    assert (
        read_submission(tmp_path, ASSIGNMENT).flags[0]
        == "pair (1).ipynb is beside pair.ipynb and is not graded."
    )


def test_a_cell_that_installs_a_package_is_flagged() -> None:
    submission = plan([*answered(), cell("!python3 -m pip install -q seaborn")])
    said = [flag for flag in submission.flags if "install" in flag]
    assert said == [
        "Cell 9: `!python3 -m pip install -q seaborn` installs nothing: there is no network while a "
        "notebook is graded. What it needs must be installed where the grader runs."
    ]


def test_every_module_of_what_is_installed_is_known() -> None:
    editable = {str(one.name).replace("-", "_") for one in metadata.distributions()}
    installed = _installed_modules()
    # A distribution may name a module that lies in its package.
    named = {name for name in metadata.packages_distributions() if importlib.util.find_spec(name)}
    assert {*named, *editable} - installed == set()
    assert {"", "__pycache__", "os"} & installed == set()
