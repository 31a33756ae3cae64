"""Wrong factors."""

from __future__ import annotations

from autograder.misconceptions.catalogue.explanations import entries

FACTOR = entries(
    "The factor",
    (
        "factor-missing",
        "Your {W} equals the standard normal numbers as they are drawn: the factor of {scheme} is missing.",
        "The scaling factor is missing.",
    ),
    (
        "factor-xavier",
        "Your {W} equals standard normal × sqrt(1/n_prev): that is Xavier. {Scheme} has another factor.",
        "sqrt(1/n_prev), Xavier's factor.",
    ),
    (
        "factor-he",
        "Your {W} equals standard normal × sqrt(2/n_prev): that is He. {Scheme} has another factor.",
        "sqrt(2/n_prev), He's factor.",
    ),
    (
        "factor-glorot",
        "Your {W} is scaled with the units of both sides, n_prev + n: that is Glorot's average. {Scheme} "
        "takes the "
        "layer before only.",
        "sqrt(2/(n_prev + n)) or sqrt(6/(n_prev + n)).",
    ),
    (
        "factor-ten",
        "Your {W} is scaled by a fixed power of 10: that is the factor of the random start. {Scheme} has "
        "another.",
        "The factor 10 of the random start alone.",
    ),
    (
        "factor-times-ten",
        "Your {W} has the right factor and, on top of it, the 10 of the exercise before.",
        "The right factor times 10: the line was copied from random.",
    ),
    (
        "factor-small",
        "Your {W} is scaled down by a fixed small number: look at what factor this exercise asks for.",
        "× 0.01, 0.1 or 0.001 (the usual small start), or / 10.",
    ),
    (
        "factor-large",
        "Your {W} is scaled by a larger power of 10 than this exercise asks for.",
        "× 100 or × 1000.",
    ),
    (
        "factor-root-of-numerator",
        "Your {W} equals standard normal × sqrt(2)/n_prev: the root must hold the whole fraction. "
        "Look at "
        "the brackets.",
        "sqrt(2)/n_prev: the bracket of the root closes too early.",
    ),
    (
        "factor-no-root",
        "Your {W} is scaled by the fraction itself: its square root is missing.",
        "2/n_prev (or 1/n_prev): no square root.",
    ),
    (
        "factor-squared",
        "Your {W} is scaled by the square of the fraction: the text asks for its square root.",
        "(2/n_prev)²: np.square or ** 2 for the root.",
    ),
    (
        "factor-one-less",
        "Your {W} is scaled with a size that is one too small: 1 is taken from the size itself, not from "
        "the index. Where does the index bracket close?",
        "layers_dims[l] - 1 for layers_dims[l-1].",
    ),
    (
        "weights-normed",
        "Your {W} is divided by its own length, so that all its entries together have length 1: the factor "
        "depends on the layer before only.",
        "W / np.linalg.norm(W).",
    ),
    (
        "factor-root-twice",
        "Your {W} is scaled by the root of the root: take it once.",
        "The square root is taken twice.",
    ),
    (
        "factor-this-layer",
        "Your {W} is scaled with the size of its own layer: the layer before is meant.",
        "n instead of n_prev in the factor (layers_dims[l] for layers_dims[l-1]).",
    ),
    (
        "factor-first-layer",
        "Your {W} is scaled with the size of the input in every layer: the layer just before is meant.",
        "layers_dims[0] (or a fixed index, or 1 typed for l) in the factor of every layer.",
    ),
    (
        "factor-last-layer",
        "Your {W} is scaled with the size of the output in every layer: the layer just before is meant.",
        "layers_dims[-1] in the factor of every layer.",
    ),
    (
        "factor-other-layer",
        "Your {W} is scaled with the size of another layer: look at the index in the factor.",
        "Another index in the factor: the layer after, two before, or a fixed one.",
    ),
    (
        "factor-number-of-layers",
        "Your {W} is scaled with the number of layers, or of this layer: the number of units in the "
        "layer "
        "before is meant.",
        "len(layers_dims), L or l in place of n_prev.",
    ),
    (
        "factor-size-of-matrix",
        "Your {W} is scaled with the number of all its entries: only the units of the layer before count.",
        "n × n_prev (W.size) in place of n_prev.",
    ),
    (
        "factor-integer-division",
        "Your {W} is scaled with a whole-number division (//), which drops the fraction: use /.",
        "2 // n_prev.",
    ),
    (
        "factor-inverted",
        "Your {W} is divided by the factor, or the fraction in the root is upside down: larger layers "
        "need smaller weights.",
        "Divided instead of multiplied: sqrt(n_prev/2).",
    ),
    (
        "factor-multiplied-inside",
        "Your {W} grows with the layer before: in the root there must be a division, not a product.",
        "sqrt(2 × n_prev).",
    ),
    (
        "factor-constant-root",
        "Your {W} has a factor that is the same in every layer: the size of the layer before has no part "
        "in it.",
        "sqrt(2) or another fixed root only.",
    ),
    (
        "factor-other-numerator",
        "Your {W} has the root of a number over n_prev, as it should, but the number is not the right one.",
        "sqrt(c/n_prev) with another c (3, 4, 6 ...), or the right factor times a constant.",
    ),
    (
        "factor-unknown",
        "Your {W} is the right draw times a factor that is wrong: look at the factor only.",
        "Right random numbers, a factor of no known form.",
    ),
)
