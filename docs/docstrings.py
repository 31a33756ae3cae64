"""From the docstrings as they are written, with Markdown's backticks and tables, to what numpydoc reads."""

from __future__ import annotations

import re
from collections.abc import Iterable


def restructured(lines: Iterable[str]) -> list[str]:
    """The lines of a docstring as reStructuredText; doctests stay as they are.

    >>> restructured(["The sum of |z|, `f(*x)`s."])
    ['The sum of \\\\|z\\\\|, ``f(*x)``\\\\ s.']
    >>> restructured(["A sentence.", "", "Returns", "-------", "int", "", ">>> f()", "1"])[-5:]
    ['Examples', '--------', '', '>>> f()', '1']
    """
    blocks = re.split(r"\n(?:[ \t]*\n)+", "\n".join(lines))
    has_section = any(re.search(r"^-{4,}$", block, re.MULTILINE) for block in blocks)
    is_headed = any(re.match(r"Examples?\n-", block) for block in blocks)
    written = []
    is_in_section = False
    for block in blocks:
        is_in_section |= re.search(r"^-{4,}$", block, re.MULTILINE) is not None
        if block.lstrip().startswith(">>>"):
            if has_section and not is_headed:
                written.append("Examples\n--------")
                is_headed = True
            written.append(block)
        elif _is_drawn(block) or (not is_in_section and re.fullmatch(r"( {4}.*\n?)+", block)):
            written.append("::\n\n" + re.sub("^", "    ", block, flags=re.MULTILINE))
        else:
            written.append(_prose(block))
    return "\n\n".join(written).split("\n")


def _is_drawn(block: str) -> bool:
    """Whether the lines of a paragraph are those of a table, or of a tree of exceptions."""
    return re.search(r"^ *\| *-{3,}|[└├]──", block, re.MULTILINE) is not None


def _prose(block: str) -> str:
    """One paragraph: code in double backticks, a bar or a star is only that."""
    parts = re.split(r"(`+)(.+?)\1", block, flags=re.DOTALL)
    text = ""
    for number in range(0, len(parts), 3):
        plain = re.sub(r"(\*(?!\*)|\|)", r"\\\1", parts[number])
        is_glued = number > 0 and plain[:1].isalnum()
        text += ("\\ " if is_glued else "") + plain
        if number + 2 < len(parts):
            text += f"``{parts[number + 2].strip()}``"
    return text
