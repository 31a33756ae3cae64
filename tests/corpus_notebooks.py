"""Composes the corpus: from the release and a case's small files to a submitted folder.

A case is a folder `tests/corpus/<class>/<name>/`:

- `cells.txt`: sections `# %% zeros`, `# %% random`, `# %% he` (a solution's text; where absent the right one
  of `tests/corpus/right.txt`), `# %% before X`, `# %% after X` (a code cell of the student's own beside a
  solution), `# %% answer random`, `# %% answer he`;
- `edits.json`: a list of operations on the notebook, its bytes or the folder (`EDITS`);
- `notebook.ipynb`: the notebook's bytes as they are, in place of a composed one;
- `files/`: what lies beside the notebook;
- `expected.json`: `verdicts` (every test that is not passed with full points) or `nothing_earned` (no test
  is passed, how is a matter of timing), `flags` (texts that must be among the flags), `answered`, or `status`
  and `reason` of a rejection; `fast`: also in `make test`.

Training and plots are left out of the composed notebook, so that some hundreds run in minutes; the edit
`whole` leaves them in.
"""

from __future__ import annotations

import copy
import json
import os
from collections.abc import Callable
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parents[1]
CORPUS = ROOT / "tests" / "corpus"
ASSIGNMENT = "initialization"
NOTEBOOK = f"{ASSIGNMENT}.ipynb"
SCHEMES = ("zeros", "random", "he")

Cell = dict[str, Any]
Edit = dict[str, Any]


@dataclass
class Draft:
    """A submission while it is composed: a notebook, then bytes, then a folder.

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
    options: dict[str, Any] = field(default_factory=dict)

    @property
    def cells(self) -> list[Cell]:
        """The notebook's cells."""
        cells: list[Cell] = self.notebook["cells"]
        return cells

    def place(self, grade_id: str) -> int:
        """Where the cell of that grade id is."""
        return next(place for place, cell in enumerate(self.cells) if grade_id_of(cell) == grade_id)


def all_cases() -> list[str]:
    """Every case as `<class>/<name>`, sorted."""
    return sorted(path.parent.relative_to(CORPUS).as_posix() for path in CORPUS.glob("*/*/expected.json"))


def expected(case: str) -> dict[str, Any]:
    """What must come out."""
    read: dict[str, Any] = json.loads((CORPUS / case / "expected.json").read_text(encoding="utf-8"))
    return read


def student_of(case: str) -> str:
    """The student's id under which a case is handed in."""
    return case.replace("/", "-")


def hand_in(case: str, submitted: Path) -> None:
    """Write the case into `submitted/<student>/initialization/`."""
    folder = submitted / student_of(case) / ASSIGNMENT
    folder.mkdir(parents=True)
    edits: list[Edit] = _json(CORPUS / case / "edits.json") or []
    (folder / NOTEBOOK).write_bytes(compose(case, edits))
    for path in sorted((CORPUS / case / "files").rglob("*")):
        if path.is_file():
            target = folder / path.relative_to(CORPUS / case / "files")
            target.parent.mkdir(parents=True, exist_ok=True)
            target.write_bytes(path.read_bytes())
    for edit in edits:
        if edit["op"] == "folder":
            _edit_folder(folder, edit)


def compose(case: str, edits: list[Edit]) -> bytes:
    """The notebook's bytes."""
    raw = CORPUS / case / "notebook.ipynb"
    if raw.is_file():
        return raw.read_bytes()
    released = _release()
    templates = {grade_id_of(cell): cell["source"] for cell in released["cells"] if grade_id_of(cell)}
    draft = Draft(copy.deepcopy(released), templates)
    if not any(edit["op"] == "whole" for edit in edits):
        draft.notebook["cells"] = [
            cell for cell in draft.cells if cell["cell_type"] != "code" or grade_id_of(cell)
        ]
    sections = read_sections(CORPUS / "right.txt")
    own = CORPUS / case / "cells.txt"
    sections |= read_sections(own) if own.is_file() else {}
    for name, text in sections.items():
        _write_section(draft, name, text)
    for edit in edits:
        if edit["op"] in EDITS:
            EDITS[edit["op"]](draft, edit)
    draft.data = json.dumps(draft.notebook, indent=1, ensure_ascii=False).encode()
    for edit in edits:
        if edit["op"] in BYTE_EDITS:
            BYTE_EDITS[edit["op"]](draft, edit)
    return draft.data


def read_sections(path: Path) -> dict[str, str]:
    """The sections of a `cells.txt`, by name."""
    sections: dict[str, str] = {}
    name = ""
    for line in path.read_bytes().decode().split("\n"):
        if line.startswith("# %% "):
            name = line.removeprefix("# %% ").strip()
            sections[name] = ""
        else:
            sections[name] += line + "\n"
    return {name: text.removesuffix("\n").removesuffix("\n") for name, text in sections.items()}


def grade_id_of(cell: Cell) -> str:
    """The grade id that a well-formed cell names, or ""."""
    known = cell["metadata"].get("nbgrader") if isinstance(cell["metadata"], dict) else None
    grade_id = known.get("grade_id") if isinstance(known, dict) else None
    return grade_id if isinstance(grade_id, str) else ""


@cache
def _release() -> dict[str, Any]:
    notebook: dict[str, Any] = json.loads(
        (ROOT / "release" / ASSIGNMENT / NOTEBOOK).read_text(encoding="utf-8")
    )
    for cell in notebook["cells"]:
        cell["source"] = "".join(cell["source"])
        cell.pop("id", None)
    return notebook


def _json(path: Path) -> Any:
    return json.loads(path.read_text(encoding="utf-8")) if path.is_file() else None


def _write_section(draft: Draft, name: str, text: str) -> None:
    where, _, what = name.rpartition(" ")
    if where == "answer":
        draft.cells[draft.place(f"observations_{what}")]["source"] = text
        return
    place = draft.place(f"initialize_parameters_{what}")
    if not where:
        draft.cells[place]["source"] = text
    else:
        draft.cells.insert(place + (where == "after"), new_cell({"source": text}))


def new_cell(edit: Edit, like: Cell | None = None) -> Cell:
    """A cell from an edit's `type`, `source`, `grade_id`; metadata from `like`."""
    kind = edit.get("type", "code")
    metadata = copy.deepcopy(like["metadata"]) if like else {}
    if "grade_id" in edit:
        metadata = {
            "nbgrader": {"grade_id": edit["grade_id"], "grade": True, "locked": True, "solution": False}
        }
    cell: Cell = {"cell_type": kind, "metadata": metadata, "source": edit.get("source", "")}
    return cell | ({"outputs": [], "execution_count": None} if kind == "code" else {})


def _with_type(cell: Cell, kind: str) -> Cell:
    kept = {key: value for key, value in cell.items() if key not in ("outputs", "execution_count")}
    return kept | {"cell_type": kind} | ({"outputs": [], "execution_count": None} if kind == "code" else {})


# Operations on the notebook


def _template(draft: Draft, edit: Edit) -> None:
    wanted = [edit["cell"]] if "cell" in edit else [f"initialize_parameters_{scheme}" for scheme in SCHEMES]
    for grade_id in wanted:
        draft.cells[draft.place(grade_id)]["source"] = draft.templates[grade_id]


def _delete(draft: Draft, edit: Edit) -> None:
    del draft.cells[draft.place(edit["cell"])]


def _set(draft: Draft, edit: Edit) -> None:
    place = draft.place(edit["cell"])
    draft.cells[place] = _with_type(draft.cells[place], edit.get("type", draft.cells[place]["cell_type"]))
    draft.cells[place]["source"] = edit.get("source", draft.cells[place]["source"])


def _append(draft: Draft, edit: Edit) -> None:
    draft.cells[draft.place(edit["cell"])]["source"] += edit["source"]


def _insert(draft: Draft, edit: Edit) -> None:
    like = draft.cells[draft.place(edit["like"])] if "like" in edit else None
    cell = new_cell(edit, like)
    if cell["source"] == "TEMPLATE":
        cell["source"] = draft.templates[edit["like"]]
    place = draft.place(edit["before"]) if "before" in edit else draft.place(edit["after"]) + 1
    draft.cells.insert(place, cell)


def _move(draft: Draft, edit: Edit) -> None:
    cell = draft.cells.pop(draft.place(edit["cell"]))
    draft.cells.insert(_target(draft, edit["to"]), cell)


def _copy(draft: Draft, edit: Edit) -> None:
    draft.cells.insert(_target(draft, edit["to"]), copy.deepcopy(draft.cells[draft.place(edit["cell"])]))


def _target(draft: Draft, to: str) -> int:
    if to in ("start", "end"):
        return 0 if to == "start" else len(draft.cells)
    return draft.place(to)


def _merge(draft: Draft, edit: Edit) -> None:
    metadata = copy.deepcopy(draft.cells[draft.place(edit["as"])]["metadata"])
    text = "\n\n".join(draft.cells[draft.place(grade_id)]["source"] for grade_id in edit["cells"])
    place = draft.place(edit.get("at", edit["cells"][0]))
    draft.cells[place]["source"] = text
    kept = draft.cells[place]
    draft.notebook["cells"] = [
        cell for cell in draft.cells if cell is kept or grade_id_of(cell) not in edit["cells"]
    ]
    kept["metadata"] = metadata


def _merge_all(draft: Draft, edit: Edit) -> None:
    code = [cell for cell in draft.cells if cell["cell_type"] == "code"]
    code[0]["source"] = "\n\n".join(cell["source"] for cell in code)
    draft.notebook["cells"] = [code[0]]


def _swap(key: str) -> Callable[[Draft, Edit], None]:
    def swap(draft: Draft, edit: Edit) -> None:
        first, second = (draft.cells[draft.place(grade_id)] for grade_id in edit["cells"])
        first[key], second[key] = second[key], first[key]

    return swap


def _reverse(draft: Draft, edit: Edit) -> None:
    draft.cells.reverse()


def _strip_metadata(draft: Draft, edit: Edit) -> None:
    for cell in draft.cells:
        cell["metadata"] = {}


def _metadata(draft: Draft, edit: Edit) -> None:
    cell = draft.cells[draft.place(edit["cell"])]
    if "raw" in edit:
        cell["metadata"] = edit["raw"]
    else:
        cell["metadata"] |= {"tags": edit.get("tags", [])}
        cell["metadata"]["nbgrader"] |= edit.get("nbgrader", {})


def _outputs(draft: Draft, edit: Edit) -> None:
    draft.cells[draft.place(edit["cell"])]["outputs"] = edit["outputs"]


def _fill_outputs(draft: Draft, edit: Edit) -> None:
    count = int(edit["bytes"])
    text: Any = "A" * count if edit["kind"] == "picture" else ["all tests passed\n"] * (count // 24)
    data = {"image/png": text} if edit["kind"] == "picture" else {"text/plain": text}
    output = {"output_type": "display_data", "metadata": {}, "data": data}
    draft.cells[draft.place(edit["cell"])]["outputs"] = [output]


def _repeat(draft: Draft, edit: Edit) -> None:
    cell = dict(edit["cell"])
    if cell["source"].startswith("LONG:"):
        cell["source"] = "x" * int(cell["source"].removeprefix("LONG:"))
    draft.cells.extend([cell] * int(edit["times"]))


def _top(draft: Draft, edit: Edit) -> None:
    draft.notebook |= {key: value for key, value in edit.items() if key != "op"}


def _source(draft: Draft, edit: Edit) -> None:
    for cell in draft.cells:
        cell["source"] = cell["source"].splitlines(keepends=True) if edit["as"] == "lines" else cell["source"]


def _cell_ids(draft: Draft, edit: Edit) -> None:
    for cell in draft.cells:
        cell["id"] = edit["as"]


def _nbformat3(draft: Draft, edit: Edit) -> None:
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


EDITS: dict[str, Callable[[Draft, Edit], None]] = {
    "template": _template, "delete": _delete, "set": _set, "append": _append, "insert": _insert,
    "move": _move, "copy": _copy, "merge": _merge, "merge-all": _merge_all, "swap-sources": _swap("source"),
    "swap-metadata": _swap("metadata"), "reverse": _reverse, "strip-metadata": _strip_metadata,
    "metadata": _metadata, "outputs": _outputs, "fill-outputs": _fill_outputs, "repeat": _repeat, "top": _top,
    "source": _source, "cell-ids": _cell_ids, "nbformat3": _nbformat3,
}  # fmt: skip


# Operations on the notebook's bytes


def _encode(draft: Draft, edit: Edit) -> None:
    draft.data = draft.data.decode().encode(edit["as"])


def _cut(draft: Draft, edit: Edit) -> None:
    draft.data = draft.data[: edit["bytes"]]


def _cut_in_text(draft: Draft, edit: Edit) -> None:
    draft.data = draft.data[: draft.data.index(b'"source": "') + 30]


def _bytes(draft: Draft, edit: Edit) -> None:
    if "replace" in edit:
        old, new = (text.encode() for text in edit["replace"])
        draft.data = draft.data.replace(old, new, edit.get("count", -1))
    draft.data += edit.get("append", "").encode()


def _minify(draft: Draft, edit: Edit) -> None:
    draft.data = json.dumps(draft.notebook, separators=(",", ":")).encode()


def _ascii(draft: Draft, edit: Edit) -> None:
    draft.data = json.dumps(draft.notebook, ensure_ascii=True).encode()


BYTE_EDITS: dict[str, Callable[[Draft, Edit], None]] = {
    "encode": _encode, "cut": _cut, "cut-in-text": _cut_in_text, "bytes": _bytes, "minify": _minify,
    "ascii": _ascii,
}  # fmt: skip


# Operations on the folder


def _edit_folder(folder: Path, edit: Edit) -> None:
    name = next(
        (edit[key] for key in ("remove", "link", "mkdir", "fifo", "sparse", "write") if key in edit), ""
    )
    place = folder / name
    if "rename" in edit:
        target = folder / edit["rename"]
        target.parent.mkdir(exist_ok=True)
        (folder / NOTEBOOK).rename(target)
    elif "folder-link" in edit:
        (folder / NOTEBOOK).unlink()
        folder.rmdir()
        folder.symlink_to(edit["folder-link"])
    else:
        place.unlink(missing_ok=True)
        if "link" in edit:
            place.symlink_to(edit["to"])
        elif "mkdir" in edit:
            place.mkdir()
        elif "write" in edit:
            place.parent.mkdir(exist_ok=True)
            place.write_bytes(b"beside the notebook")
        elif "fifo" in edit:
            os.mkfifo(place)
        elif "sparse" in edit:
            with place.open("wb") as file:
                file.truncate(edit["bytes"])
