"""Mistakes in the random numbers."""

from __future__ import annotations

from autograder.misconceptions.catalogue.explanations import entries

DRAW = entries(
    "The random numbers",
    (
        "weights-not-zero",
        "Your {W} is not zero: this exercise starts every weight at exactly 0.",
        "zeros: the weights are random, ones or another constant.",
    ),
    (
        "weights-zero",
        "Your {W} is all zero: here the weights must be drawn at random.",
        "Weights are all zero where they should be random.",
    ),
    (
        "weights-constant",
        "Every entry of {W} is the same number: draw a number of its own for each entry.",
        "One number fills the whole matrix.",
    ),
    (
        "bias-random",
        "The biases are random: they start at exactly 0, and drawing them also shifts the weights "
        "that follow.",
        "The biases are drawn at random, too.",
    ),
    (
        "bias-not-zero",
        "The biases are not zero: they start at exactly 0.",
        "The biases are ones or another value.",
    ),
    (
        "rand-for-randn",
        "Your numbers spread evenly over an interval: that is `rand` (uniform). The exercise wants "
        "the standard "
        "normal distribution.",
        "Uniform instead of normal numbers (rand, random, uniform).",
    ),
    (
        "integers-drawn",
        "Your weights are whole numbers: draw from the standard normal distribution and keep the fractions.",
        "randint, or the weights cast to int.",
    ),
    (
        "generator-new",
        "Your numbers come from np.random.default_rng: it has other numbers for the same seed. "
        "Use np.random.seed and np.random.randn.",
        "default_rng(3) instead of np.random.seed(3).",
    ),
    (
        "generator-python",
        "Your numbers come from Python's `random` module: use np.random.",
        "random.gauss or the like instead of np.random.",
    ),
    (
        "draw-transposed",
        "Your {W} holds the right numbers in another order: draw it in its final shape, not "
        "transposed or "
        "reshaped.",
        "W is drawn with rows and columns swapped, then transposed or reshaped.",
    ),
    (
        "layers-reversed",
        "The last layer is drawn first: go through the layers from 1 upwards.",
        "The loop runs from the last layer to the first.",
    ),
    (
        "draws-extra",
        "From {W} on the numbers come later in the row than they should: something else is drawn between.",
        "Further random numbers are drawn before or between the weights.",
    ),
    (
        "draw-shifted",
        "A number is added to the random numbers of {W}: their mean should be 0.",
        "A mean that is not zero: normal(1, s), randn() + c.",
    ),
    ("sign-flipped", "Your {W} has the wrong sign in every entry.", "All signs are flipped."),
    (
        "sign-lost",
        "Your {W} has lost its minus signs: the entries are negative as often as positive.",
        "abs() of the right numbers.",
    ),
    (
        "values-rounded",
        "Your {W} is right but rounded: keep all digits.",
        "The right values rounded, or in half precision.",
    ),
    (
        "values-squared",
        "Your {W} holds squares of random numbers: look for a misplaced ** or bracket.",
        "The random numbers are squared.",
    ),
    (
        "factor-inside-root",
        "Your {W} is nowhere a plain multiple of the random numbers: is the draw itself inside "
        "np.sqrt or "
        "np.exp?",
        "The random numbers went through a root or another function.",
    ),
)
