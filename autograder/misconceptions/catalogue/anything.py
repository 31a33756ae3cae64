"""Failures of any function in any assignment, named by how it ended."""

from __future__ import annotations

from autograder.misconceptions.catalogue.entry import entries

ANY = entries(
    "Any assignment",
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
