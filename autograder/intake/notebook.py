"""The bytes of a notebook -> its cells: type, text and claimed grade id; and the pictures pasted
into texts; nothing else of it is read.

Reads formats 3 and 4 (any minor version) in UTF-8, with or without a byte order mark, and in UTF-16 and
UTF-32. Refuses everything else with one sentence. Stored outputs, tags and other metadata are walked over and
dropped.
"""

from __future__ import annotations

import codecs
import json
from collections.abc import Iterator
from dataclasses import dataclass, field, replace

from autograder.intake.plan import IntakeLimits, Rejection, SubmittedCell
from autograder.intake.strict_json import JsonError, JsonReader

_CHUNK = 1 << 20
_MOST_LEFT_OUT = 1_000  # names of pictures in one text
_SAVE_AGAIN = "Open it in JupyterLab, save it and hand it in again."
_CELL_TYPES = {3: ("code", "markdown", "raw", "heading", "html"), 4: ("code", "markdown", "raw")}

# What people hand in by mistake under the name of a notebook, by the first bytes (lower case).
_MISTAKES = (
    (b"<", "The file is a web page (HTML), not a notebook; use File > Download in JupyterLab."),
    (b"pk\x03\x04", "The file is a zip archive, not a notebook; unpack it and hand in the .ipynb file."),
    (b"\x1f\x8b", "The file is a gzip archive, not a notebook; unpack it and hand in the .ipynb file."),
    (b"%pdf", "The file is a PDF, not a notebook; hand in the .ipynb file."),
    (b"version https://git-lfs", "The file is a Git LFS pointer, not the notebook; hand in the file itself."),
)


@dataclass
class _RawCell:
    """One cell while it is read; None where the notebook is silent or has another type."""

    cell_type: str | None = None
    texts: dict[str, str | None] = field(default_factory=dict)  # "source", "input": format 3 uses both
    level: int | None = None
    claimed_id: str | None = None
    pictures: dict[str, dict[str, str]] = field(default_factory=dict)
    left_out: dict[str, str] = field(default_factory=dict)
    problem: str = ""


@dataclass
class _RawNotebook:
    """The parts of a notebook that count, before the format is known."""

    nbformat: int | None = None
    has_nbformat: bool = False
    cells: list[_RawCell] | None = None
    worksheets: list[_RawCell] | None = None
    problem: str = ""


def read_notebook(data: bytes, limits: IntakeLimits | None = None) -> tuple[SubmittedCell, ...]:
    """The cells of the notebook `data`, in order.

    Raises
    ------
    Rejection
        It is no notebook of format 3 or 4, or beyond the limits.

    Examples
    --------
    >>> read_notebook(b'{"cells": [{"cell_type": "raw", "source": ["a\\\\n", "b"]}], "nbformat": 4}')
    (SubmittedCell(number=0, cell_type='raw', source='a\\nb', claimed_id=None),)
    """
    limits = limits or IntakeLimits()
    if len(data) > limits.notebook_bytes:
        raise too_large(len(data), limits)
    reader = JsonReader(_to_utf8(data, limits), limits.json_values, limits.json_depth)
    try:
        if reader.kind() != "an object":
            kind = reader.kind()
            reader.skip()
            reader.end()
            raise Rejection(f"The file is not a notebook: it holds {kind}, not an object. {_SAVE_AGAIN}")
        notebook = _read_top(reader, limits)
        reader.end()
    except JsonError as error:
        raise Rejection(f"The notebook is not readable JSON: {error}. {_SAVE_AGAIN}") from error
    return tuple(_finished(notebook, limits))


def too_large(size: int, limits: IntakeLimits) -> Rejection:
    """The rejection of a notebook of `size` bytes."""
    return Rejection(
        f"The notebook has {size:,} bytes; at most {limits.notebook_bytes:,} are read. "
        "Clear its outputs and hand it in again."
    )


def _to_utf8(data: bytes, limits: IntakeLimits) -> bytes:
    start = data[:200].lstrip().lower()
    if not start:
        if data.strip():
            return data
        raise Rejection("The file is empty. Hand in the notebook again.")
    for beginning, sentence in _MISTAKES:
        if start.startswith(beginning):
            raise Rejection(sentence)
    encoding = json.detect_encoding(data[:8])
    if encoding in ("utf-8", "utf-8-sig"):
        data = data.removeprefix(codecs.BOM_UTF8)
        for _ in _decoded(data, "utf-8"):
            pass
        return data
    if len(data) > limits.notebook_bytes // 4:  # there will be two copies of it
        raise Rejection(f"The notebook has {len(data):,} bytes of {encoding.upper()}. {_SAVE_AGAIN}")
    return b"".join(text.encode("utf-8", "replace") for text in _decoded(data, encoding))


def _decoded(data: bytes, encoding: str) -> Iterator[str]:
    """`data` as text, piece by piece: the whole could take four bytes a character."""
    decoder = codecs.getincrementaldecoder(encoding)()
    view = memoryview(data)
    try:
        for start in range(0, len(data), _CHUNK):
            yield decoder.decode(bytes(view[start : start + _CHUNK]), start + _CHUNK >= len(data))
    except UnicodeDecodeError as error:
        raise Rejection(
            f"The notebook is not text in {encoding.upper()}: byte 0x{error.object[error.start]:02X} is "
            f"out of place. {_SAVE_AGAIN}"
        ) from error


def _read_top(reader: JsonReader, limits: IntakeLimits) -> _RawNotebook:
    notebook = _RawNotebook()
    for key in reader.members():
        if key == "nbformat":
            notebook.has_nbformat = True
            notebook.nbformat = reader.read_integer()
        elif key == "cells":
            notebook.cells = _read_cells(reader, limits, notebook)
        elif key == "worksheets" and reader.kind() == "a list":
            notebook.worksheets = []
            for _ in reader.elements():
                notebook.worksheets += _read_worksheet(reader, limits, notebook)
        else:
            reader.skip()
    return notebook


def _read_worksheet(reader: JsonReader, limits: IntakeLimits, notebook: _RawNotebook) -> list[_RawCell]:
    cells: list[_RawCell] = []
    if reader.kind() != "an object":
        reader.skip()
        return cells
    for key in reader.members():
        if key == "cells":
            cells = _read_cells(reader, limits, notebook)
        else:
            reader.skip()
    return cells


def _read_cells(reader: JsonReader, limits: IntakeLimits, notebook: _RawNotebook) -> list[_RawCell]:
    cells: list[_RawCell] = []
    if reader.kind() != "a list":
        notebook.problem = notebook.problem or f"its `cells` are {reader.kind()}, not a list"
        reader.skip()
        return cells
    for place in reader.elements():
        if place == limits.cells:
            raise Rejection(f"The notebook has more than {limits.cells:,} cells; hand in one with fewer.")
        cells.append(_read_cell(reader, limits))
        if cells[-1].problem and not notebook.problem:
            notebook.problem = f"cell {place + 1} {cells[-1].problem}"
    return cells


def _read_cell(reader: JsonReader, limits: IntakeLimits) -> _RawCell:
    cell = _RawCell()
    if reader.kind() != "an object":
        cell.problem = f"is {reader.kind()}, not an object"
        reader.skip()
        return cell
    for key in reader.members():
        if key in ("source", "input"):
            kind = reader.kind()
            text = cell.texts[key] = _read_text(reader)
            if text is None:
                cell.problem = f"has {kind} as its `{key}`; a text or a list of texts is wanted"
        elif key == "cell_type" and reader.kind() == "a text":
            cell.cell_type = reader.read_string()
        elif key == "level":
            cell.level = reader.read_integer()
        elif key == "metadata" and reader.kind() == "an object":
            cell.claimed_id = _read_claimed_id(reader)
        elif key == "attachments" and reader.kind() == "an object":
            _read_pictures(reader, limits, cell)
        else:
            reader.skip()
    return cell


def _read_text(reader: JsonReader) -> str | None:
    """A text, or a list of texts joined; None, skipped, when it is anything else."""
    if reader.kind() == "a text":
        return reader.read_string()
    if reader.kind() != "a list":
        reader.skip()
        return None
    lines: list[str] = []
    right = True
    for _ in reader.elements():
        if reader.kind() == "a text":
            lines.append(reader.read_string())
        else:
            right = False
            reader.skip()
    return "".join(lines) if right else None


def _read_pictures(reader: JsonReader, limits: IntakeLimits, cell: _RawCell) -> None:
    """Put the pictures pasted into a cell there, by name and type; and why anything else is not kept."""
    for name in reader.members():
        why = "it is no picture"
        if len(cell.pictures) >= limits.pictures and name not in cell.pictures:
            why = f"one text may hold {limits.pictures}"
            reader.skip()
        elif reader.kind() != "an object":
            reader.skip()
        else:
            for mime in reader.members():
                encoded = _read_text(reader)
                if mime.startswith("image/") and encoded is not None:
                    cell.pictures.setdefault(name, {})[mime] = encoded
        if name not in cell.pictures and len(cell.left_out) < _MOST_LEFT_OUT:
            cell.left_out[name] = why


def _read_claimed_id(reader: JsonReader) -> str | None:
    claimed = None
    for key in reader.members():
        if key != "nbgrader" or reader.kind() != "an object":
            reader.skip()
            continue
        for name in reader.members():
            if name == "grade_id" and reader.kind() == "a text":
                claimed = reader.read_string()
            else:
                reader.skip()
    return claimed


def _finished(notebook: _RawNotebook, limits: IntakeLimits) -> Iterator[SubmittedCell]:
    if not notebook.has_nbformat:
        raise Rejection(f"The file is not a notebook: `nbformat` is missing. {_SAVE_AGAIN}")
    cells = {3: notebook.worksheets, 4: notebook.cells}.get(notebook.nbformat or 0)
    if notebook.nbformat not in _CELL_TYPES:
        raise Rejection(
            f"The notebook's format is {_name(notebook.nbformat)}; formats 3 and 4 are read. {_SAVE_AGAIN}"
        )
    if notebook.problem:
        raise Rejection(f"The notebook is damaged: {notebook.problem}. {_SAVE_AGAIN}")
    if cells is None:
        raise Rejection(f"The notebook is damaged: it has no list of cells. {_SAVE_AGAIN}")
    if sum(len(text or "") for cell in cells for text in cell.texts.values()) > limits.source_characters:
        most = f"{limits.source_characters:,}"
        raise Rejection(f"The notebook's cells hold more than {most} characters; keep data in files.")
    room = limits.picture_characters
    why = f"the notebook's pictures together may hold {room * 3 // 4:,} bytes"
    for number, cell in enumerate(cells):
        size = sum(len(text) for kinds in cell.pictures.values() for text in kinds.values())
        if size > room:
            cell = replace(cell, pictures={}, left_out=cell.left_out | dict.fromkeys(cell.pictures, why))
        else:
            room -= size
        yield _upgraded(number, cell, notebook.nbformat)


def _upgraded(number: int, cell: _RawCell, nbformat: int) -> SubmittedCell:
    if cell.cell_type not in _CELL_TYPES[nbformat]:
        raise Rejection(
            f"The notebook is damaged: cell {number + 1} has the type {_name(cell.cell_type)}; code, "
            f"markdown or raw is wanted. {_SAVE_AGAIN}"
        )
    text = cell.texts.get("input" if nbformat == 3 and cell.cell_type == "code" else "source")
    if text is None:
        raise Rejection(f"The notebook is damaged: cell {number + 1} has no `source`. {_SAVE_AGAIN}")
    text = text.replace("\r\n", "\n").replace("\r", "\n")
    cell_type = cell.cell_type
    if cell_type == "heading":
        text = "#" * min(max(cell.level or 1, 1), 6) + " " + " ".join(text.split("\n"))
    kind = _TYPE_NOW.get(cell_type, cell_type)
    return SubmittedCell(number, kind, text, cell.claimed_id, cell.pictures, cell.left_out)


_TYPE_NOW = {"heading": "markdown", "html": "markdown"}  # of format 3


def _name(value: int | str | None) -> str:
    return "unknown" if value is None else str(value) if isinstance(value, int) else f"`{str(value)[:40]}`"
