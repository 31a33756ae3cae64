"""nbgrader's AUTOTEST: where the assertions that it stands for are kept once they are written out.

`### AUTOTEST f(1)` and `### HASHED AUTOTEST f(1)` leave the assertions to nbgrader, which takes their values
from a run of the instructor's notebook and their form from the course's `autotests.yml`. They are written
out once (`nbgrader_bridge.autotests`); the notebook with them lies in `.autograder/`, named by everything
that it was made from, and stands for the instructor's wherever that is read.
"""

from __future__ import annotations

import hashlib
import json
import re
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from autograder.course import Course
from autograder.notebook_document import read_document, source_of


@dataclass(frozen=True)
class Autotests:
    """What the assertions of one notebook are made from, and where they are kept.

    Attributes
    ----------
    cell : int
        The first cell that leaves its assertions to nbgrader, from 0.
    templates : Path or None
        The course's `autotests.yml`; None where there is none.
    file_name : str
        What the course calls it.
    kept : Path
        The notebook with its assertions, made or not.
    """

    cell: int
    templates: Path | None
    file_name: str
    kept: Path


def autotests_of(
    course: Course, notebook: Path, text: str, files: Mapping[str, bytes], config: Mapping[str, Any]
) -> Autotests | None:
    """The autotests of a notebook; None where it has none.

    Parameters
    ----------
    course : Course
    notebook : Path
    text : str
        What it holds.
    files : mapping of str to bytes
        What lies beside it.
    config : mapping
        The course's configuration of nbgrader.
    """
    settings = config.get("InstantiateTests", {})
    delimiter = str(settings.get("autotest_delimiter", "AUTOTEST"))
    if delimiter not in text:
        return None
    cells = read_document(text, str(notebook))["cells"]
    found = [index for index, cell in enumerate(cells) if has_autotest(cell, delimiter)]
    if not found:
        return None
    file_name = str(settings.get("autotest_filename", "autotests.yml"))
    places = (notebook.parent / file_name, course.root / file_name)
    templates = next((path for path in places if path.is_file()), None)
    digest = hashlib.sha256(json.dumps([notebook.name, text, repr(settings)]).encode())
    for name, content in sorted(files.items()):
        digest.update(f"{name}\0{len(content)}\0".encode() + content)
    if templates is not None:
        digest.update(templates.read_bytes())
    kept = course.root / ".autograder" / ".autotests" / f"{digest.hexdigest()[:32]}.ipynb"
    return Autotests(found[0], templates, file_name, kept)


def has_autotest(cell: Mapping[str, Any], delimiter: str = "AUTOTEST") -> bool:
    """Whether a cell leaves assertions to nbgrader.

    >>> has_autotest({"cell_type": "code", "source": "x = 1\\n  # HASHED AUTOTEST f(x)"})
    True
    >>> has_autotest({"cell_type": "code", "source": "# no AUTOTEST here"})
    False
    """
    pattern = rf"^[ \t]*#+[ \t]*(?:HASHED[ \t]+)?{re.escape(delimiter)}\b"
    text = source_of(cell) or ""
    return cell["cell_type"] == "code" and re.search(pattern, text, re.MULTILINE) is not None
