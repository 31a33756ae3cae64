"""The instructor's notebook as JSON in format 4; one of format 3 is read as nbformat converts it.

AssignmentError (a `CourseError`): the file holds no notebook of these formats.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

from autograder.marks import AssignmentError

_TEXTS = {"heading": "markdown", "html": "markdown"}  # cell types of format 3 that are gone


def read_document(text: str | bytes, where: str) -> dict[str, Any]:
    """The notebook in `text`, its cells and their sources checked; `where` names it in messages.

    Raises
    ------
    AssignmentError
        It is not a notebook of format 3 or 4.
    """
    try:
        document = json.loads(text)
    except ValueError as error:
        raise _no_notebook(where, f"it is not JSON ({error})") from error
    form = document.get("nbformat") if isinstance(document, dict) else None
    if form not in (3, 4):
        raise _no_notebook(where, f"its format (nbformat) is {form!r}, and 4 or 3 is wanted")
    if form == 3:
        document = _upgraded(document)
    cells = document.get("cells")
    if not isinstance(cells, list):
        raise _no_notebook(where, "it has no list of cells")
    for index, cell in enumerate(cells):
        place = f"{where}, cell {index}"
        if not isinstance(cell, dict) or cell.get("cell_type") not in ("code", "markdown", "raw"):
            raise AssignmentError(f"{place} is not a code, markdown or raw cell.")
        if source_of(cell) is None:
            raise AssignmentError(f"{place} has no text as its source.")
    return dict(document)


def _no_notebook(where: str, reason: str) -> AssignmentError:
    return AssignmentError(
        f"{where} is not a notebook: {reason}. Put back an earlier copy, or open and save it in JupyterLab."
    )


def read_notebook_file(path: Path) -> dict[str, Any]:
    """The notebook in a file.

    Raises
    ------
    AssignmentError
        It cannot be read, or is no notebook of format 3 or 4.
    """
    try:
        return read_document(path.read_text(encoding="utf-8"), str(path))
    except (OSError, UnicodeDecodeError) as error:
        raise AssignmentError(f"{path} cannot be read: {error}") from error


def source_of(cell: Mapping[str, Any]) -> str | None:
    """A cell's text, whether it is stored in one piece or as lines; None where it is neither.

    >>> source_of({"source": ["a\\n", "b"]}), source_of({"source": 1}), source_of({})
    ('a\\nb', None, '')
    """
    return _text(cell.get("source", ""))


def _text(source: Any) -> str | None:
    if isinstance(source, list) and all(isinstance(line, str) for line in source):
        return "".join(source)
    return source if isinstance(source, str) else None


def _upgraded(old: Mapping[str, Any]) -> dict[str, Any]:
    """A notebook of format 3 as one of 4.4, which has no random cell ids yet; outputs are left out."""
    sheets = old.get("worksheets")
    raw = [
        cell
        for sheet in (sheets if isinstance(sheets, list) else ())
        if isinstance(sheet, dict)
        for cell in sheet.get("cells", ())
    ]
    metadata = old.get("metadata")
    kept: dict[str, Any] = {**metadata} if isinstance(metadata, dict) else {}
    kept.pop("name", None)
    languages = set(_languages(raw)) - {"python"}
    if languages and "kernelspec" not in kept:
        kept["language_info"] = {"name": min(languages)}
    return {
        "nbformat": 4,
        "nbformat_minor": 4,
        "metadata": kept,
        "cells": [_upgraded_cell(cell) for cell in raw],
    }


def _languages(cells: list[Any]) -> Iterator[str]:
    """Format 3 names the language in each code cell."""
    for cell in cells:
        if isinstance(cell, dict) and cell.get("cell_type") == "code":
            yield str(cell.get("language", "python")).casefold()


def _upgraded_cell(cell: Any) -> Any:
    if not isinstance(cell, dict):
        return cell
    kind, metadata = cell.get("cell_type"), cell.get("metadata", {})
    if kind == "code":
        return {
            "cell_type": "code",
            "execution_count": None,
            "metadata": metadata,
            "outputs": [],
            "source": cell.get("input", ""),
        }
    source = cell.get("source", "")
    if kind == "heading":
        source = f"{'#' * int(cell.get('level', 1))} {' '.join((_text(source) or '').splitlines())}"
    return {"cell_type": _TEXTS.get(str(kind), kind), "metadata": metadata, "source": source}
