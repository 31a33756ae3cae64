"""What a file is, by its first bytes and its ending; nothing of it is run or unpacked."""

from __future__ import annotations

import re

_HEAD_BYTES = 4_000_000
# First bytes -> what it is.
_MAGIC = (
    (b"%PDF", "a PDF"),
    (b"Rar!", "a RAR archive"),
    (b"7z\xbc\xaf\x27\x1c", "a 7-Zip archive"),
    (b"\x1f\x8b", "a gzip archive"),
    (b"PK\x03\x04", "a zip file"),
    (b"\x89PNG", "a picture"),
    (b"\xff\xd8\xff", "a picture"),
)
_ENDINGS = {
    ".py": "a Python file", ".docx": "a Word file", ".doc": "a Word file", ".html": "a web page",
    ".htm": "a web page", ".tar": "a tar archive", ".gdoc": "a link to Google Docs", ".webloc": "a link",
    ".url": "a link", ".md": "a text file", ".txt": "a text file", ".rtf": "a text file",
}  # fmt: skip


def is_notebook(content: bytes) -> bool:
    """Whether the bytes are a notebook's, whatever the file is called.

    >>> is_notebook(b'{"cells": [], "nbformat": 4}'), is_notebook(b'{"a": 1}'), is_notebook(b"nbformat")
    (True, False, False)
    """
    text = content[:_HEAD_BYTES] + content[-_HEAD_BYTES:]
    if text[:2] in (b"\xff\xfe", b"\xfe\xff"):
        text = text.replace(b"\0", b"")[2:]
    text = text.removeprefix(b"\xef\xbb\xbf").lstrip()
    return (
        text[:1] == b"{"
        and b'"nbformat"' in text
        and re.search(rb'"(cells|worksheets)"\s*:', text) is not None
    )


def kind_of(name: str, content: bytes = b"") -> str:
    """What the file is, in words; "" where neither its bytes nor its ending say so.

    >>> kind_of("work.py"), kind_of("scan", b"%PDF-1.7"), kind_of("data.csv")
    ('a Python file', 'a PDF', '')
    """
    ending = f".{name.casefold().rpartition('.')[2]}"
    if ending in (".docx", ".doc"):
        return _ENDINGS[ending]
    found = next((words for first, words in _MAGIC if content.startswith(first)), "")
    return found or _ENDINGS.get(ending, "")


def with_kind(name: str, content: bytes = b"") -> str:
    """The name, and in brackets what the file is where that is known.

    >>> with_kind("work.py")
    'work.py (a Python file)'
    """
    kind = kind_of(name, content)
    return f"{name} ({kind})" if kind else name
