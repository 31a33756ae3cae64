"""Failures of any function in any assignment, named by how it ended. Data only."""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType

from autograder.misconceptions.entry import Row, entries_of

GROUP = "Any assignment"
# Why it matters, and what to try: catalogues of assignments use these, too.
WHY: Mapping[str, str] = MappingProxyType(
    {
        "nothing": (
            "A function that stops gives back nothing, so no check behind this one can pass, however good "
            "the rest of it is."
        ),
        "undefined": (
            "What stands below a line that stops is never run, so the function does not exist and no check "
            "of it can pass."
        ),
    }
)
EXPERIMENTS: Mapping[str, str] = MappingProxyType(
    {
        "line": (
            "Copy the line that stopped into a new cell and give its names small values by hand. Run its "
            "parts one by one until one of them stops."
        ),
        "names": (
            "Print the name in the line just before the one that stopped; restart the kernel first, so that"
            " no old cell helps it along."
        ),
        "index": (
            "Print the index and the length of the list in each round; the last round before the stop tells"
            " which of the two is off."
        ),
        "restart": (
            "Restart the kernel, run all cells from the top, and look at which cell stops first and at what"
            " line; then call the function once."
        ),
        "arrays": (
            "Print the shape of each array in the line above the one that stopped, and write down which "
            "shapes would fit together."
        ),
        "smallest": (
            "Call the function with the smallest argument that you can think of, and print a line in each "
            "round or at each call."
        ),
        "kinds": (
            "Print the type of each name in the line that stopped, just before it; one of them is not what "
            "you expect it to be."
        ),
    }
)
OF_GROUP: Mapping[str, tuple[str, str]] = MappingProxyType({GROUP: ("nothing", "line")})
OF_ENTRY: Mapping[str, tuple[str, str]] = MappingProxyType(
    {
        **dict.fromkeys(
            ("cell-asks-input", "cell-imports-elsewhere", "cell-stopped", "any-not-found"),
            ("undefined", "restart"),
        ),
        **dict.fromkeys(("any-attribute", "any-type", "any-bad-type", "any-value"), ("nothing", "kinds")),
        "any-name": ("nothing", "names"),
        "any-shape": ("nothing", "arrays"),
        "any-index": ("nothing", "index"),
        **dict.fromkeys(
            ("any-recursion", "any-timeout", "any-memory", "any-output", "any-process-ended"),
            ("nothing", "smallest"),
        ),
    }
)
NOT_FOUND = frozenset({"any-error"})  # it says how the failure shows, and does not name the mistake
_ROWS: tuple[Row, ...] = (
    (
        "cell-asks-input",
        "The cell that defines the function stopped before it, {found}. `input()` waits for somebody to "
        "type, and nobody is there while the notebook is graded.",
        "input() above the definition: the cell stops there.",
    ),
    (
        "cell-imports-elsewhere",
        "The cell that defines the function stopped before it, {found}. That module is not on the machine "
        "that grades, as those of Colab are not: leave its line out, or put it into a cell of its own.",
        "An import above the definition that fails here, such as google.colab.",
    ),
    (
        "cell-stopped",
        "The cell that defines the function stopped before it, {found}.",
        "A line above the definition stops the cell.",
    ),
    (
        "any-name",
        "Your code uses a name that does not exist in that place: is it spelled as it was when it was made?",
        "NameError.",
    ),
    (
        "any-attribute",
        "What stands before the dot has nothing of the name behind it: is it the kind of value that you "
        "think?",
        "AttributeError.",
    ),
    (
        "any-type",
        "A value of the wrong kind went into an operation or a call: a text for a number, a list for one of"
        " its entries, or one argument too many.",
        "TypeError.",
    ),
    ("any-index", "An index or a key was asked for that is not there.", "IndexError or KeyError."),
    (
        "any-shape",
        "Two arrays met whose shapes do not fit together.",
        "ValueError of NumPy's on shapes: broadcast, dot, reshape.",
    ),
    ("any-value", "A value is of the right kind, but not one that can be used there.", "ValueError."),
    ("any-zero-division", "Something is divided by zero.", "ZeroDivisionError."),
    ("any-recursion", "The function calls itself without an end.", "RecursionError."),
    ("any-import", "A module is imported that is not on the machine that grades.", "ImportError."),
    ("any-timeout", "The function was stopped because it took longer than is allowed.", "Time limit."),
    ("any-memory", "The function asked for more memory than is allowed.", "Memory limit."),
    ("any-process-ended", "The function ended the whole program, and not only itself.", "exit() or a crash."),
    ("any-output", "The function printed more than is allowed.", "Output limit."),
    (
        "any-bad-type",
        "What the function gives back is of a kind that cannot be checked.",
        "A result that does not leave the student's process.",
    ),
    (
        "any-not-found",
        "The notebook has no function of that name when it is graded from the top.",
        "The name is not defined after all cells have run.",
    ),
    ("any-error", "The function stopped with an error.", "Another error."),
)


def _explanation(mistake_id: str, group: str) -> tuple[str, str]:
    why, experiment = OF_ENTRY.get(mistake_id, OF_GROUP[group])
    return WHY[why], EXPERIMENTS[experiment]


ANY = entries_of(GROUP, _ROWS, _explanation)
