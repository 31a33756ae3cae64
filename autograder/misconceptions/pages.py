"""The catalogue as a page for teachers: `docs/misconceptions.md`."""

from __future__ import annotations

from itertools import groupby

from autograder.misconceptions.catalogue import CATALOGUE, EXAMPLES

_HEAD = """\
# Mistakes that are recognised

Generated from `autograder/misconceptions/catalogue/` by `python -m autograder.misconceptions`; do not edit
by hand.

When a test of an initializer fails, the grader calls the student's function for a few layer sizes of its own
and compares what comes back with what every known mistake gives: with seed 3 each wrong formula has its own
numbers. Up to 6 calls for one initializer (20 for the function that picks a method), each in its own process.
Errors are named from the line that raised them. Independent mistakes are found by explaining away: with the
seed set by the grader, with rows and columns exchanged, with the factor divided out. What stops the function
hides the rest, so that one place is written as it should be, or its value left open, and the student's text
runs again: at most 4 times. The id stands in the
JSON results (`misconception`) and in the class report, the hint in the student's feedback. Hints name the
mistake and the place to look, never the answer. Structural mistakes come before wrong values, and a
function that is right for every probe is never named here. A function whose text, name or arguments keep it
from running is named from the text of its cell.

What is wrong with the structure is said as the same check says it in the notebook, so that the sentence
depends on the key and the shape that are wrong; the table shows one example of each.
"""

# What stands for the student's own number, name or line.
_FOUND = {
    "seed-other": {"found": "1"},
    "global-for-argument": {"found": "`layers_dims`"},
    "function-renamed": {"found": "`initialize_he`"},
    "indentation": {"found": "line 5: unexpected indent"},
    "bracket-not-closed": {"found": "line 5: '(' was never closed"},
    "curly-quotes": {"found": "line 5: invalid character '“' (U+201C)"},
    "syntax-error": {"found": "line 5: invalid syntax"},
    "block-not-indented": {"found": "line 5: expected an indented block after 'for' statement on line 4"},
    "right-side-empty": {"found": "line 5"},
    "colon-missing": {"found": "line 5: expected ':'"},
    "return-outside": {"found": "line 9"},
    "cell-asks-input": {"found": "in line 1 (`k = input()`), with EOFError"},
    "cell-imports-elsewhere": {
        "found": "in line 1 (`from google.colab import drive`), with ModuleNotFoundError: No module named "
        "'google'"
    },
    "cell-stopped": {"found": "in line 2 (`x = 1 / 0`), with ZeroDivisionError: division by zero"},
    "assigned-to-call": {"found": "line 5: cannot assign to function call here. Maybe you meant '=='?"},
    "values-unrecognised": {"found": "W1 is right, W2 is not: some entries are right and some are not."},
}


def catalogue_page() -> str:
    """The whole page as Markdown, ending in one newline."""
    parts = [_HEAD, f"\n{len(CATALOGUE)} entries.\n"]
    for group, entries in groupby(CATALOGUE.values(), key=lambda entry: entry.group):
        parts.append(
            f"\n## {group}\n\n| id | what the student did | what the student reads |\n| --- | --- | --- |\n"
        )
        for entry in entries:
            hint = entry.hint.format(**{**EXAMPLES, **_FOUND.get(entry.id, {})})
            shown = " Or: ".join(sentence for sentence in (entry.checked, hint) if sentence)
            cells = (f"`{entry.id}`", entry.teacher_note, shown)
            parts.append("| " + " | ".join(cell.replace("|", "\\|") for cell in cells) + " |\n")
    parts.append(
        "\n## Why it matters, and what to try\n\n"
        "The second part of each hint, and the third, which is told from the second different\n"
        "submission with the same mistake.\n\n| why it matters | try this | entries |\n| --- | --- | --- |\n"
    )
    shared: dict[tuple[str, str], list[str]] = {}
    for entry in CATALOGUE.values():
        shared.setdefault((entry.why, entry.experiment), []).append(f"`{entry.id}`")
    parts += [f"| {why} | {experiment} | {', '.join(ids)} |\n" for (why, experiment), ids in shared.items()]
    return "".join(parts)
