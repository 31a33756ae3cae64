"""Composes the corpus: from the release and a case's operations to a submitted folder.

Training and plots are left out of the composed notebook, so that some hundreds run in minutes; the operation
`whole` leaves them in.
"""

from __future__ import annotations

import copy
import json
import os
import textwrap
from collections.abc import Callable
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

from tests.corpus_files import ROOT, SCHEMES, Case, CorpusError, Operation, all_cases, cells_of

ASSIGNMENT = "initialization"
NOTEBOOK = f"{ASSIGNMENT}.ipynb"
RIGHT = "right/plain"  # whose solutions stand where a case has none of its own

Cell = dict[str, Any]


@dataclass
class Draft:
    """A submission while it is composed: a notebook, then bytes.

    Attributes
    ----------
    notebook : dict
    templates : dict
        The released text of each cell, by grade id.
    data : bytes
        The notebook's bytes, once it is written.
    """

    notebook: dict[str, Any]
    templates: dict[str, str]
    data: bytes = b""

    @property
    def cells(self) -> list[Cell]:
        """The notebook's cells."""
        cells: list[Cell] = self.notebook["cells"]
        return cells

    def place(self, word: str) -> int:
        """Where the cell of that grade id or scheme is."""
        ids = [grade_id_of(cell) for cell in self.cells]
        (grade_id,) = cells_of(word)
        if grade_id not in ids:
            raise CorpusError(f"got the cell `{grade_id}`; expected one of {', '.join(filter(None, ids))}")
        return ids.index(grade_id)

    def cell(self, word: str) -> Cell:
        """The cell of that grade id or scheme."""
        return self.cells[self.place(word)]


def student_of(case: str) -> str:
    """The student's id under which a case is handed in."""
    return case.replace("/", "-")


def hand_in(name: str, case: Case, submitted: Path) -> None:
    """Write the case into `submitted/<student>/initialization/`."""
    folder = submitted / student_of(name) / ASSIGNMENT
    folder.mkdir(parents=True)
    (folder / NOTEBOOK).write_bytes(compose(case))
    for operation in case.operations:
        if operation.name in ON_FOLDER:
            ON_FOLDER[operation.name](folder, operation)


def compose(case: Case) -> bytes:
    """The notebook's bytes."""
    released = _release()
    templates = {grade_id_of(cell): cell["source"] for cell in released["cells"] if grade_id_of(cell)}
    draft = Draft(copy.deepcopy(released), templates)
    if not any(operation.name == "whole" for operation in case.operations):
        draft.notebook["cells"] = [
            cell for cell in draft.cells if cell["cell_type"] != "code" or grade_id_of(cell)
        ]
    operations = (*all_cases()[RIGHT].operations, *case.operations)
    for operation in operations:
        if operation.name in ON_NOTEBOOK:
            try:
                ON_NOTEBOOK[operation.name](draft, operation)
            except CorpusError as error:
                raise CorpusError(f"{operation.where}: {error}") from None
    draft.data = json.dumps(draft.notebook, indent=1, ensure_ascii=False).encode()
    for operation in operations:
        if operation.name in ON_BYTES:
            ON_BYTES[operation.name](draft, operation)
    return draft.data


def grade_id_of(cell: Cell) -> str:
    """The grade id that a well-formed cell names, or ""."""
    known = cell["metadata"].get("nbgrader") if isinstance(cell["metadata"], dict) else None
    grade_id = known.get("grade_id") if isinstance(known, dict) else None
    return grade_id if isinstance(grade_id, str) else ""


def new_cell(text: str, kind: str = "code") -> Cell:
    """A cell of a student's own."""
    return _with_type({"cell_type": kind, "metadata": {}, "source": text}, kind)


@cache
def _release() -> dict[str, Any]:
    notebook: dict[str, Any] = json.loads(
        (ROOT / "release" / ASSIGNMENT / NOTEBOOK).read_text(encoding="utf-8")
    )
    for cell in notebook["cells"]:
        cell["source"] = "".join(cell["source"])
        cell.pop("id", None)
    return notebook


def _with_type(cell: Cell, kind: str) -> Cell:
    kept = {key: value for key, value in cell.items() if key not in ("outputs", "execution_count")}
    return kept | {"cell_type": kind} | ({"outputs": [], "execution_count": None} if kind == "code" else {})


# Operations on the notebook


def _solution(draft: Draft, step: Operation) -> None:
    draft.cell(step.name)["source"] = step.text


def _inside(draft: Draft, step: Operation) -> None:
    cell = draft.cell(step.words[0])
    size = "    L = len(layers_dims)\n"
    if cell["source"].count(size) != 1:
        raise CorpusError(f"got a function without the line `{size.strip()}`; expected the right one")
    cell["source"] = cell["source"].replace(size, size + textwrap.indent(step.text, "    ") + "\n")


def _empty_dictionaries(draft: Draft, step: Operation) -> None:
    for scheme in SCHEMES:
        draft.cell(scheme)["source"] = f"def initialize_parameters_{scheme}(layers_dims):\n    return {{}}"


def _answer(draft: Draft, step: Operation) -> None:
    draft.cell(f"observations_{step.words[0]}")["source"] = step.text


def _insert(draft: Draft, step: Operation) -> None:
    cell = new_cell(step.text, step.options.get("as", "code"))
    if "like" in step.options:
        cell["metadata"] = copy.deepcopy(draft.cell(step.options["like"])["metadata"])
    if "named" in step.options:
        marked = {"grade_id": step.options["named"], "grade": True, "locked": True, "solution": False}
        cell["metadata"] = {"nbgrader": marked}
    draft.cells.insert(draft.place(step.words[0]) + (step.name == "after"), cell)


def _set(draft: Draft, step: Operation) -> None:
    for grade_id in step.cells:
        draft.cell(grade_id)["source"] = step.text


def _append(draft: Draft, step: Operation) -> None:
    draft.cell(step.words[0])["source"] += step.text


def _replace_in(draft: Draft, step: Operation) -> None:
    cell = draft.cell(step.words[0])
    cell["source"] = cell["source"].replace(step.options["old"], step.options["new"])


def _turn(draft: Draft, step: Operation) -> None:
    for grade_id in step.cells:
        draft.cells[draft.place(grade_id)] = _with_type(draft.cell(grade_id), step.options["into"])


def _template(draft: Draft, step: Operation) -> None:
    for grade_id in step.cells:
        draft.cell(grade_id)["source"] = draft.templates[grade_id]


def _template_below(draft: Draft, step: Operation) -> None:
    (grade_id,) = step.cells
    released = draft.cell(grade_id) | {"source": draft.templates[grade_id]}
    draft.cells.insert(draft.place(grade_id) + 1, copy.deepcopy(released))


def _delete(draft: Draft, step: Operation) -> None:
    for grade_id in step.cells:
        del draft.cells[draft.place(grade_id)]


def _move(draft: Draft, step: Operation) -> None:
    cell = draft.cells.pop(draft.place(step.words[0]))
    draft.cells.insert(_target(draft, step.options["to"]), cell)


def _copy(draft: Draft, step: Operation) -> None:
    for grade_id in step.cells:
        draft.cells.insert(_target(draft, step.options["to"]), copy.deepcopy(draft.cell(grade_id)))


def _target(draft: Draft, to: str) -> int:
    if to in ("start", "end"):
        return 0 if to == "start" else len(draft.cells)
    return draft.place(to)


def _merge(draft: Draft, step: Operation) -> None:
    metadata = copy.deepcopy(draft.cell(step.options["as"])["metadata"])
    kept = draft.cell(step.options.get("at", step.cells[0]))
    kept["source"] = "\n\n".join(draft.cell(grade_id)["source"] for grade_id in step.cells)
    draft.notebook["cells"] = [
        cell for cell in draft.cells if cell is kept or grade_id_of(cell) not in step.cells
    ]
    kept["metadata"] = metadata


def _merge_all(draft: Draft, step: Operation) -> None:
    code = [cell for cell in draft.cells if cell["cell_type"] == "code"]
    code[0]["source"] = "\n\n".join(cell["source"] for cell in code)
    draft.notebook["cells"] = [code[0]]


def _swap(key: str) -> Callable[[Draft, Operation], None]:
    def swap(draft: Draft, step: Operation) -> None:
        first, second = (draft.cell(word) for word in step.words)
        first[key], second[key] = second[key], first[key]

    return swap


def _reverse(draft: Draft, step: Operation) -> None:
    draft.cells.reverse()


def _repeat(draft: Draft, step: Operation) -> None:
    cell = new_cell(step.text, step.options.get("as", "code"))
    draft.cells.extend([cell] * int(step.words[0]))


def _nbgrader(draft: Draft, step: Operation) -> None:
    for grade_id in step.cells:
        draft.cell(grade_id)["metadata"]["nbgrader"] |= _json(step, grade_id)


def _tags(draft: Draft, step: Operation) -> None:
    for grade_id in step.cells:
        draft.cell(grade_id)["metadata"]["tags"] = _json(step, grade_id)


def _metadata(draft: Draft, step: Operation) -> None:
    for grade_id in step.cells:
        draft.cell(grade_id)["metadata"] = _json(step, grade_id)


def _json(step: Operation, grade_id: str) -> Any:
    return json.loads(step.text.replace("CELL", grade_id))


def _strip_metadata(draft: Draft, step: Operation) -> None:
    for cell in draft.cells:
        cell["metadata"] = {}


def _cell_ids(draft: Draft, step: Operation) -> None:
    for cell in draft.cells:
        cell["id"] = step.words[0]


def _outputs(draft: Draft, step: Operation) -> None:
    draft.cell(step.words[0])["outputs"] = json.loads(step.text)


def _fill_outputs(draft: Draft, step: Operation) -> None:
    count = int(step.options["bytes"])
    data: dict[str, Any] = {
        "pictures": {"image/png": "A" * count},
        "lines": {"text/plain": ["all tests passed\n"] * (count // 24)},
    }[step.options["with"]]
    draft.cell(step.words[0])["outputs"] = [{"output_type": "display_data", "metadata": {}, "data": data}]


def _top(draft: Draft, step: Operation) -> None:
    draft.notebook |= json.loads(step.text)


def _sources(draft: Draft, step: Operation) -> None:
    for cell in draft.cells:
        cell["source"] = {"lines": cell["source"].splitlines(keepends=True), "text": cell["source"]}[
            step.options["as"]
        ]


def _nbformat3(draft: Draft, step: Operation) -> None:
    cells = []
    for cell in draft.cells:
        if cell["cell_type"] == "code":
            kept = {"input": cell["source"], "prompt_number": 1, "language": "python", "outputs": []}
            cells.append({"cell_type": "code", "metadata": cell["metadata"]} | kept)
        elif cell["source"].startswith("## "):
            heading = {"level": 2, "source": cell["source"].split("\n")[0].removeprefix("## ")}
            cells.append({"cell_type": "heading", "metadata": {}} | heading)
            rest = "\n".join(cell["source"].split("\n")[1:])
            cells.append({"cell_type": "markdown", "metadata": cell["metadata"], "source": rest})
        else:
            cells.append(cell)
    sheets = [{"cells": cells, "metadata": {}}]
    draft.notebook = {"metadata": {"name": ""}, "nbformat": 3, "nbformat_minor": 0, "worksheets": sheets}


def _nothing(draft: Draft, step: Operation) -> None:
    """`whole` is looked at before the first operation."""


ON_NOTEBOOK: dict[str, Callable[[Draft, Operation], None]] = {
    "zeros": _solution, "random": _solution, "he": _solution, "inside": _inside,
    "empty-dictionaries": _empty_dictionaries, "answer": _answer, "after": _insert,
    "before": _insert, "set": _set, "append": _append, "replace-in": _replace_in, "turn": _turn,
    "template": _template, "template-below": _template_below, "delete": _delete, "move": _move, "copy": _copy,
    "merge": _merge, "merge-all": _merge_all, "swap-texts": _swap("source"),
    "swap-metadata": _swap("metadata"), "reverse": _reverse, "repeat": _repeat, "whole": _nothing,
    "nbgrader": _nbgrader, "tags": _tags, "metadata": _metadata, "strip-metadata": _strip_metadata,
    "cell-ids": _cell_ids, "outputs": _outputs, "fill-outputs": _fill_outputs, "top": _top,
    "sources": _sources, "nbformat3": _nbformat3,
}  # fmt: skip


# Operations on the notebook's bytes


def _encode(draft: Draft, step: Operation) -> None:
    draft.data = draft.data.decode().encode(step.words[0])


def _minify(draft: Draft, step: Operation) -> None:
    draft.data = json.dumps(draft.notebook, separators=(",", ":")).encode()


def _ascii(draft: Draft, step: Operation) -> None:
    draft.data = json.dumps(draft.notebook, ensure_ascii=True).encode()


def _cut(draft: Draft, step: Operation) -> None:
    draft.data = draft.data[: int(step.words[0])]


def _cut_in_text(draft: Draft, step: Operation) -> None:
    draft.data = draft.data[: draft.data.index(b'"source": "') + 30]


def _replace(draft: Draft, step: Operation) -> None:
    old, new = step.words[0].encode(), step.options["by"].encode()
    draft.data = draft.data.replace(old, new, int(step.options.get("times", -1)))


def _append_bytes(draft: Draft, step: Operation) -> None:
    draft.data += step.text.encode()


def _notebook(draft: Draft, step: Operation) -> None:
    draft.data = step.text.encode()


def _notebook_hex(draft: Draft, step: Operation) -> None:
    draft.data = bytes.fromhex(step.text) * int(step.options.get("times", 1))


ON_BYTES: dict[str, Callable[[Draft, Operation], None]] = {
    "encode": _encode, "minify": _minify, "ascii": _ascii, "cut": _cut, "cut-in-text": _cut_in_text,
    "replace": _replace, "append-bytes": _append_bytes, "notebook": _notebook, "notebook-hex": _notebook_hex,
}  # fmt: skip


# Operations on the folder


def _file(folder: Path, step: Operation) -> None:
    path = folder / step.words[0]
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(step.text, encoding="utf-8", newline="")


def _remove(folder: Path, step: Operation) -> None:
    (folder / step.words[0]).unlink()


def _rename(folder: Path, step: Operation) -> None:
    target = folder / step.words[0]
    target.parent.mkdir(exist_ok=True)
    (folder / NOTEBOOK).rename(target)


def _link(folder: Path, step: Operation) -> None:
    _free(folder, step).symlink_to(step.options["to"])


def _folder(folder: Path, step: Operation) -> None:
    _free(folder, step).mkdir()


def _fifo(folder: Path, step: Operation) -> None:
    os.mkfifo(_free(folder, step))


def _sparse(folder: Path, step: Operation) -> None:
    with _free(folder, step).open("wb") as file:
        file.truncate(int(step.options["bytes"]))


def _folder_link(folder: Path, step: Operation) -> None:
    (folder / NOTEBOOK).unlink()
    folder.rmdir()
    folder.symlink_to(step.words[0])


def _free(folder: Path, step: Operation) -> Path:
    place = folder / step.words[0]
    place.unlink(missing_ok=True)
    return place


ON_FOLDER: dict[str, Callable[[Path, Operation], None]] = {
    "file": _file, "remove": _remove, "rename": _rename, "link": _link, "folder": _folder, "fifo": _fifo,
    "sparse": _sparse, "folder-link": _folder_link,
}  # fmt: skip
