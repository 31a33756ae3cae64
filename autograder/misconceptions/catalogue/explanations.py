"""Why a mistake matters, and what to try: the second and third part of every hint.

One sentence on what the mistake does to the network; one small experiment to run, never the answer. Mistakes
of one kind share both. The first part, what happened, is the entry's own.
"""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType

from autograder.misconceptions import failures
from autograder.misconceptions.entry import Misconception, Row, entries_of

WHY: Mapping[str, str] = MappingProxyType(
    {
        **failures.WHY,
        "shape": (
            "The forward pass multiplies W with the layer before, so a wrong shape stops the network or "
            "gives it the wrong units."
        ),
        "bias-shape": (
            "A bias of another shape is stretched by NumPy when it is added, so the layer gets wrong "
            "numbers and no error tells you."
        ),
        "keys": "Training looks up each layer by its key, so a layer that it cannot find stops the network.",
        "return": (
            "What the function makes is lost when it ends; without the dictionary that it returns, the "
            "network has no weights to start from."
        ),
        "layers": (
            "A network with a layer left out is another network: training stops at the gap, or learns less "
            "than it could."
        ),
        "types": (
            "Training multiplies and adds arrays in every step, and another type makes a step slow or "
            "wrong, or stops it."
        ),
        "seed": (
            "Without one fixed seed each run starts the network somewhere else, so two runs cannot be "
            "compared and nobody can check yours."
        ),
        "start": (
            "The network would train, but it starts from other weights than all the others, so no run of "
            "yours can be compared with theirs."
        ),
        "same": (
            "Units that start with the same weights get the same gradients, so they stay copies of each "
            "other, and the whole layer learns no more than one unit."
        ),
        "zero": (
            "Here we want to see what happens when all units start alike; other weights would hide just "
            "that effect from you."
        ),
        "bias": (
            "The weights already make the units differ, so a bias needs no help; a start other than 0 only "
            "moves every unit off its middle."
        ),
        "scale": (
            "With another factor the signal grows or fades from layer to layer, so that training starts "
            "slowly or not at all."
        ),
        "spread": (
            "Such numbers push the units to one side or change their spread, so the signal has another size"
            " than planned."
        ),
        "stopped": (
            "A function that stops gives back nothing, so the network has no weights, and no test behind "
            "this one can run."
        ),
        "cell": (
            "A cell that Python cannot read defines nothing, so the function does not exist and every test "
            "that needs it fails."
        ),
        "name": (
            "The notebook calls the function by its name; when it finds none, no weights are made and every"
            " test of this part fails."
        ),
        "choice": (
            "One function should serve every network, and the wrong method makes the signal fade or grow "
            "with depth."
        ),
        "time": (
            "This function runs before any training; while it does not end, no network is made, and the "
            "grader has to stop it."
        ),
    }
)
EXPERIMENTS: Mapping[str, str] = MappingProxyType(
    {
        **failures.EXPERIMENTS,
        "shapes": (
            "Call the function with three different layer sizes and print the shape of each array. Write "
            "down beside it what you would expect, row by row."
        ),
        "keys": (
            "Call the function for a net with two layers and print the keys that come back. Compare each of"
            " them, letter by letter, with the ones in the text."
        ),
        "rounds": (
            "Print l in each round of the loop for a net with four sizes, and count: how many rounds are "
            "there, and which one is missing?"
        ),
        "returned": (
            "Call the function in a new cell and print the type of what comes back; then read its last line"
            " and look at where that line stands."
        ),
        "types": (
            "Print the type of each value that you return, and compare it with the type of an array that "
            "NumPy made for you."
        ),
        "twice": (
            "Call the function twice with the same sizes in one cell and compare the first weight of both; "
            "then restart the kernel and do it again."
        ),
        "layers": (
            "Print the first two numbers of W1 and of W2, each divided by its own factor: are they the same"
            " in both layers? They should differ."
        ),
        "draws": (
            "Set the seed in a new cell, draw a handful of plain normal numbers, and compare them in order "
            "with the first row of your W1."
        ),
        "histogram": (
            "Draw a thousand numbers with your line and look at their histogram: where is its middle, how "
            "far does it reach, and is any number negative?"
        ),
        "ratio": (
            "Set the seed and draw plain normal numbers in the shape of W1. Divide your W1 by them: which "
            "number is left, and how does it change with the sizes?"
        ),
        "biases": (
            "Print b1 for a net with three layers and look at it. How many rows and columns are there, and "
            "which numbers stand in them?"
        ),
        "units": (
            "Print W1 and look for two entries that differ; then train for a few steps and compare two "
            "units of the first layer."
        ),
        "call": (
            "Run the call alone in a new cell with small numbers, and put a question mark behind the name "
            "of the function to see what it takes."
        ),
        "cell": (
            "Run only this cell and read the last line of the message. Then take out one line after the "
            "other until the cell runs."
        ),
        "methods": (
            "Call the function once for each method that the text lists and print the first weight of each:"
            " which of them are the same, and which stop?"
        ),
        "small": (
            "Call the function with the sizes 2 and 3 and print a line in each round, so that you see which"
            " round does not end."
        ),
    }
)

# Why and experiment of each group of the catalogue; the entries below differ.
OF_GROUP: Mapping[str, tuple[str, str]] = MappingProxyType(
    {
        "Structure of what is returned": ("keys", "keys"),
        "State and seed": ("seed", "twice"),
        "The random numbers": ("start", "draws"),
        "The factor": ("scale", "ratio"),
        "The function stops with an error": ("stopped", "line"),
        "The text of the cell": ("cell", "cell"),
        "The function that picks a method": ("choice", "methods"),
        "Wrong, and not recognised": ("start", "draws"),
        **failures.OF_GROUP,
    }
)
OF_ENTRY: Mapping[str, tuple[str, str]] = MappingProxyType(
    {
        **dict.fromkeys(
            ("weights-transposed", "weights-flat", "weights-square", "weights-shape", "weights-dimensions"),
            ("shape", "shapes"),
        ),
        **dict.fromkeys(
            ("weights-one-row", "index-first-layer", "index-one-for-l", "index-off-by-one"),
            ("shape", "shapes"),
        ),
        **dict.fromkeys(
            (
                "bias-scalar",
                "bias-flat",
                "bias-row",
                "bias-previous-layer",
                "bias-like-weights",
                "bias-shape",
            ),
            ("bias-shape", "biases"),
        ),
        **dict.fromkeys(("bias-single", "bias-dimensions", "bias-layer-number"), ("bias-shape", "biases")),
        **dict.fromkeys(
            ("keys-exchanged", "bias-stored-as-weights", "factor-inside-brackets", "sizes-reversed"),
            ("shape", "shapes"),
        ),
        **dict.fromkeys(("returns-none", "returns-not-a-dict", "keys-missing-all"), ("return", "returned")),
        **dict.fromkeys(
            (
                "return-in-loop",
                "dict-made-in-loop",
                "first-layer-missing",
                "last-layer-missing",
                "key-last-for-l",
            ),
            ("layers", "rounds"),
        ),
        **dict.fromkeys(
            ("lists-not-arrays", "template-none", "not-an-array", "not-numeric"), ("types", "types")
        ),
        "not-finite": ("types", "histogram"),
        "seed-in-loop": ("same", "layers"),
        "seed-per-layer": ("start", "draws"),
        "seed-other": ("start", "draws"),
        "layers-hard-coded": ("layers", "rounds"),
        "global-for-argument": ("layers", "shapes"),
        "answer-pasted": ("layers", "shapes"),
        "weights-not-zero": ("zero", "units"),
        "weights-zero": ("same", "units"),
        "weights-constant": ("same", "units"),
        "bias-random": ("bias", "biases"),
        "bias-not-zero": ("bias", "biases"),
        **dict.fromkeys(
            ("rand-for-randn", "integers-drawn", "draw-shifted", "sign-lost", "values-squared"),
            ("spread", "histogram"),
        ),
        "factor-inside-root": ("spread", "histogram"),
        **dict.fromkeys(
            ("error-name", "error-import", "prefix-missing", "name-before-value", "builtin-overwritten"),
            ("stopped", "names"),
        ),
        "dict-not-made": ("stopped", "names"),
        **dict.fromkeys(
            ("randn-tuple", "randn-size", "zeros-two-arguments", "zeros-nested-shape", "range-tuple"),
            ("stopped", "call"),
        ),
        **dict.fromkeys(
            (
                "error-attribute",
                "function-elsewhere",
                "sqrt-two-arguments",
                "call-arguments",
                "module-called",
            ),
            ("stopped", "call"),
        ),
        **dict.fromkeys(
            (
                "error-index",
                "index-by-size",
                "index-tuple",
                "index-not-whole",
                "index-is-list",
                "number-indexed",
            ),
            ("stopped", "index"),
        ),
        "error-signature": ("name", "restart"),
        "self-parameter": ("name", "restart"),
        "argument-starred": ("layers", "rounds"),
        "error-recursion": ("time", "small"),
        "endless-loop": ("time", "small"),
        "memory-exhausted": ("time", "shapes"),
        "process-ended": ("time", "restart"),
        "template-untouched": ("name", "returned"),
        **dict.fromkeys(
            (
                "function-renamed",
                "function-in-class",
                "function-nested",
                "function-overwritten",
                "function-missing",
            ),
            ("name", "restart"),
        ),
        "works-in-part": ("layers", "shapes"),
        **failures.OF_ENTRY,
    }
)


def explanation(mistake_id: str, group: str) -> tuple[str, str]:
    """Why the mistake matters, and a small experiment."""
    why, experiment = OF_ENTRY.get(mistake_id, OF_GROUP[group])
    return WHY[why], EXPERIMENTS[experiment]


def entries(group: str, *rows: Row) -> tuple[Misconception, ...]:
    """The entries of one group with their explanations, in the order of the documentation."""
    return entries_of(group, rows, explanation)
