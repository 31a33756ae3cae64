"""What shows in the text of the cell."""

from __future__ import annotations

from autograder.misconceptions.catalogue.explanations import entries

TEXT = entries(
    "The text of the cell",
    (
        "template-untouched",
        "The exercise is still as it was handed out: write your lines in place of the marked ones.",
        "The solution cell is as released.",
    ),
    (
        "loop-body-empty",
        "After `for` or `def` there are only comments: Python needs a line of code there.",
        "A comment-only body: IndentationError.",
    ),
    (
        "indentation",
        "The cell's indentation is wrong ({found}): all lines of a block start at the same place.",
        "Another IndentationError or TabError.",
    ),
    (
        "bracket-not-closed",
        "The cell does not compile ({found}): count the brackets and quotes of that line.",
        "A bracket or quote is not closed, or closed too often.",
    ),
    (
        "curly-quotes",
        "The cell does not compile ({found}): quotes or signs were pasted from a text program. Type "
        "them anew.",
        "Typographic quotes or signs pasted from a document.",
    ),
    (
        "syntax-error",
        "The cell does not compile ({found}).",
        "Another syntax error.",
    ),
    (
        "function-renamed",
        "The function must keep its name; your cell defines {found}.",
        "The function was renamed.",
    ),
    (
        "function-in-class",
        "The function stands inside a class: it must stand by itself, at the left edge.",
        "The function was made a method.",
    ),
    (
        "function-nested",
        "The function stands inside another one: it must stand by itself, at the left edge.",
        "The function is defined inside another function.",
    ),
    (
        "function-overwritten",
        "The name of the function is used for something else, which cannot be called.",
        "The function's name was assigned another value.",
    ),
    (
        "function-missing",
        "The function is not there.",
        "The function is not defined (cell emptied or deleted).",
    ),
    (
        "block-not-indented",
        "The line after `for`, `if` or `def` must stand further to the right than that line "
        "itself ({found}).",
        "The body of a loop or function at the same indentation as its header.",
    ),
    (
        "right-side-empty",
        "Nothing stands to the right of the equals sign ({found}): the template's gap is still to be filled.",
        "The template's `W = ` was left empty.",
    ),
    (
        "colon-missing",
        "A colon is missing ({found}): the first line of `for`, `if`, `while` and `def` ends in one.",
        "for or def without its colon.",
    ),
    (
        "return-outside",
        "`return` ({found}) stands outside the function: it must be as far to the right as the function's "
        "other lines.",
        "return at the left edge: the body ended before it.",
    ),
    (
        "assigned-to-call",
        "The left side of an equals sign ({found}) must be a name or a place in the dictionary, not a "
        "calculation or a call.",
        "parameters('W1') = ...: round brackets on the left of =.",
    ),
)
