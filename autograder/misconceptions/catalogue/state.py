"""Mistakes with the seed, and with state that outlives a call."""

from __future__ import annotations

from autograder.misconceptions.catalogue.explanations import entries

SEED = entries(
    "State and seed",
    (
        "state-between-calls",
        "The second call gives another result than the first: the function uses something that it "
        "made or "
        "changed outside itself. Make it anew inside, in every call.",
        "A generator, dict or counter outside the function (or a mutable default) carries state on.",
    ),
    (
        "seed-missing",
        "Two calls give different numbers: no seed is set inside the function.",
        "The function sets no seed.",
    ),
    (
        "seed-outside",
        "The seed is set outside the function, so only its first call is repeatable. Set it inside.",
        "np.random.seed stands outside the function.",
    ),
    (
        "seed-after-draw",
        "The seed is set after the numbers were drawn. Set it first.",
        "np.random.seed stands after the draws.",
    ),
    (
        "seed-assigned",
        "`np.random.seed = 3` puts a number in place of the function. Call it: np.random.seed(...).",
        "np.random.seed is assigned to instead of called.",
    ),
    (
        "seed-of-other-module",
        "You seed Python's `random`, and draw from np.random: these are two generators. Seed the one "
        "you use.",
        "random.seed is set, numbers come from np.random.",
    ),
    (
        "generator-not-used",
        "You make a seeded generator and draw from another one: draw from the generator you made.",
        "RandomState(3) or default_rng(3) is made, but np.random.randn draws.",
    ),
    (
        "seed-in-loop",
        "Every layer starts with the same random numbers: the seed is set inside the loop. Set it "
        "once, before.",
        "The seed is set in each round of the loop.",
    ),
    (
        "seed-per-layer",
        "Every layer is drawn with a seed of its own: set the seed that the exercise names once, "
        "before the loop.",
        "The seed depends on the layer (seed(l), seed(3 + l)).",
    ),
    (
        "seed-other",
        "Your numbers are those of seed {found}: the exercise asks for another one.",
        "Another seed than 3.",
    ),
    (
        "layers-hard-coded",
        "The number of layers is written into the function: take it from the length of layers_dims.",
        "Works for a fixed number of layers only.",
        "There is no layer after layer 2. Is the number of layers written into the function, instead of "
        "taken from the length of layers_dims?",
    ),
    (
        "global-for-argument",
        "The function takes the sizes from {found}, a variable outside it: use what it is given as argument.",
        "A global (such as layers_dims of another cell) is read in place of the argument.",
    ),
    (
        "answer-pasted",
        "The function gives the same result whatever layers_dims is: use what it is given.",
        "The example's answer is pasted in, or sizes are fixed.",
    ),
)
