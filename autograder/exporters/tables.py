"""CSV that a spreadsheet opens without running anything.

A cell that starts with = + - @ (or a tab or line break before one) is a formula to Excel, LibreOffice and
Google Sheets, and a student chooses their own name. Such text gets an apostrophe in front; numbers stay
numbers. Where `;` or a tab separates cells, a cell also starts behind each of those inside a text, and behind
a line break: an apostrophe is put there as well. `read_table` takes the apostrophes off again. Signs that
turn the direction of text are shown by their names. Source: OWASP, "CSV Injection".
"""

from __future__ import annotations

import csv
import io
import re
from collections.abc import Iterable, Sequence

from autograder.untrusted.text import shown_unseen

# ASCII, and the full-width forms that some spreadsheets read as the same signs.
FORMULA_STARTS = "=+-@\t\r\n＝＋－＠"
NUMBER = re.compile(r"[+-]?(\d+\.?\d*|\.\d+)([eE][+-]?\d+)?")

# A place inside a text where another cell may start, with a sign behind it.
_SIGN_BEHIND = rf"(?=[ \"'\u00a0]*+[{re.escape(FORMULA_STARTS)}])"
_SEPARATOR = r"([;\t\r\n\v\f\x1c-\x1e\x85\u2028\u2029])"
_START_INSIDE = re.compile(_SEPARATOR + _SIGN_BEHIND)
_MADE_SAFE_INSIDE = re.compile(_SEPARATOR + "'" + _SIGN_BEHIND)

Cell = str | int | float | None


def write_table(header: Sequence[str], rows: Iterable[Sequence[Cell]]) -> str:
    """CSV text with CRLF line ends (RFC 4180), safe cells, `header` first."""
    text = io.StringIO()
    writer = csv.writer(text)
    for row in (header, *rows):
        writer.writerow([safe_cell(cell) for cell in row])
    return text.getvalue()


def read_table(text: str) -> list[list[str]]:
    """Rows of CSV text, comma or semicolon separated, with or without a byte-order mark.

    What `write_table` made safe reads back as it was, but for signs shown by their names.
    """
    text = text.removeprefix("\ufeff")
    first = text.partition("\n")[0]
    separator = ";" if first.count(";") > first.count(",") else ","
    rows = csv.reader(io.StringIO(text, newline=""), delimiter=separator)
    return [[original_cell(cell) for cell in row] for row in rows if row]


def safe_cell(cell: Cell) -> str:
    """The text of a cell; what a spreadsheet would run gets an apostrophe in front.

    >>> safe_cell("=1+1"), safe_cell("-3.5"), safe_cell(-3.5), safe_cell("+49 30"), safe_cell(None)
    ("'=1+1", '-3.5', '-3.5', "'+49 30", '')
    """
    if cell is None:
        return ""
    if isinstance(cell, (int, float)) and not isinstance(cell, bool):
        return number_text(cell)
    text = _START_INSIDE.sub(r"\1'", shown_unseen(str(cell)))
    return f"'{text}" if is_formula(text.lstrip("'")) else text


def original_cell(text: str) -> str:
    """What `safe_cell` was given."""
    bare = text[1:] if text[:1] == "'" and is_formula(text.lstrip("'")) else text
    return _MADE_SAFE_INSIDE.sub(r"\1", bare)


def is_formula(text: str) -> bool:
    """Whether a spreadsheet might run `text`: spaces before the sign do not help."""
    bare = text.lstrip(" \u00a0")
    return bare[:1] != "" and bare[0] in FORMULA_STARTS and NUMBER.fullmatch(text.strip()) is None


def number_text(number: float) -> str:
    """A number without a needless fraction; at most six decimals.

    >>> number_text(70), number_text(62.5), number_text(1 / 3)
    ('70', '62.5', '0.333333')
    """
    text = f"{number:.6f}".rstrip("0").rstrip(".")
    return "0" if text == "-0" else text
