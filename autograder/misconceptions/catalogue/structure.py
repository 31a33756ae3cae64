"""What is wrong with the structure of a result."""

from __future__ import annotations

from autograder.misconceptions.catalogue.explanations import entries

STRUCTURE = entries(
    "Structure of what is returned",
    (
        "weights-transposed",
        "",
        "W has shape (n_prev, n) instead of (n, n_prev).",
        "W1 has the wrong shape; it must be (layers_dims[1], layers_dims[0]). Did you swap the dimensions?",
    ),
    (
        "weights-flat",
        "",
        "W is a number or a vector instead of a matrix.",
        "W1 has the wrong shape; it must be (layers_dims[1], layers_dims[0]). Weights have two "
        "dimensions: ask for rows and columns.",
    ),
    (
        "weights-square",
        "",
        "Both dimensions of W use the same entry of layers_dims.",
        "W1 has the wrong shape; it must be (layers_dims[1], layers_dims[0]). Rows and columns "
        "both use layers_dims[l]: which entry is the layer before?",
    ),
    (
        "weights-shape",
        "",
        "W has a wrong shape that fits no known pattern.",
        "W1 has the wrong shape; it must be (layers_dims[1], layers_dims[0]). Do both dimensions come from "
        "layers_dims, at l and at l-1?",
    ),
    (
        "weights-dimensions",
        "",
        "W has three or more dimensions.",
        "W1 has the wrong shape; it must be (layers_dims[1], layers_dims[0]). Weights have two dimensions, "
        "not more.",
    ),
    (
        "index-first-layer",
        "",
        "W uses the size of the input in every layer.",
        "W2 has the wrong shape; it must be (layers_dims[2], layers_dims[1]). It uses "
        "layers_dims[0] in every layer: is an index a fixed number, or the digit 1 typed for "
        "the letter l?",
    ),
    (
        "index-one-for-l",
        "",
        "The digit 1 typed for the letter l in an index or a key.",
        "W2 has the wrong shape; it must be (layers_dims[2], layers_dims[1]). It has the shape "
        "of W1: is the digit 1 typed for the letter l?",
    ),
    (
        "index-off-by-one",
        "",
        "An index of layers_dims is shifted, so that arrays have the shape of another layer.",
        "W1 has the wrong shape; it must be (layers_dims[1], layers_dims[0]). It has the shape "
        "of W2: is the index of layers_dims one off?",
    ),
    (
        "bias-scalar",
        "",
        "The bias is a single number.",
        "b1 has the wrong shape; it must be (layers_dims[1], 1). A single number is not a "
        "column: ask for two dimensions.",
    ),
    (
        "bias-flat",
        "",
        "The bias has shape (n,) instead of (n, 1).",
        "b1 has the wrong shape; it must be (layers_dims[1], 1). One dimension is not a column: ask for two.",
    ),
    (
        "bias-row",
        "",
        "The bias has shape (1, n), a row.",
        "b1 has the wrong shape; it must be (layers_dims[1], 1). It lies on its side: rows come first.",
    ),
    (
        "bias-previous-layer",
        "",
        "The bias has the size of the layer before.",
        "b1 has the wrong shape; it must be (layers_dims[1], 1). It has one entry for each unit "
        "of the layer before: each unit of the layer itself has a bias.",
    ),
    (
        "bias-like-weights",
        "",
        "The bias has the shape of a weight matrix.",
        "b1 has the wrong shape; it must be (layers_dims[1], 1). It has the shape of weights: a "
        "bias has one column.",
    ),
    (
        "bias-shape",
        "",
        "The bias has a wrong shape that fits no known pattern.",
        "b1 has the wrong shape; it must be (layers_dims[1], 1). Does the number of rows come from "
        "layers_dims, at l?",
    ),
    (
        "bias-single",
        "",
        "The bias is one number in a matrix, (1, 1).",
        "b1 has the wrong shape; it must be (layers_dims[1], 1). One number serves all units: "
        "each unit has its own bias.",
    ),
    (
        "returns-none",
        "",
        "The return statement is missing or never reached.",
        "The function returned None; it must return the dictionary `parameters` with the keys "
        "W1, b1, W2, b2, ... Is there a `return parameters` at its end?",
    ),
    (
        "returns-not-a-dict",
        "",
        "Something other than a dict is returned, such as a tuple or one array.",
        "The function returned a tuple; it must return the dictionary `parameters` with the "
        "keys W1, b1, W2, b2, ...",
    ),
    (
        "keys-missing-all",
        "",
        "An empty dict is returned: nothing was stored, or the loop makes no round.",
        "The dictionary is empty. Store W and b in it for every layer, then return it.",
    ),
    (
        "keys-not-text",
        "",
        "The keys of the dict are not strings.",
        "The keys are not text; they must be strings like 'W1' and 'b1'.",
    ),
    (
        "keys-letter-case",
        "",
        "Keys in the wrong case (w1, B1).",
        "The dictionary has 'w1' for 'W1': W is a capital letter, b a small one.",
    ),
    (
        "keys-shifted",
        "",
        "Keys shifted by one (W0 ... or W2 ... instead of W1 ...).",
        "The keys start at 0; layers are counted from 1: W1 joins the input to the first layer. "
        "Does the loop start at 1, or is the key made with the wrong number?",
    ),
    (
        "keys-without-number",
        "",
        "The number of the layer is not part of the key ('W', 'Wl').",
        "The dictionary has the key 'W': the number of the layer is not put into the text. Use "
        "'W' + str(l) or f'W{l}'.",
    ),
    (
        "keys-spelled",
        "",
        "Keys in another spelling (W_1, weights1, W 1).",
        "The dictionary has the key 'W_1'; a key is only the letter and the number, as 'W1'.",
    ),
    (
        "keys-missing",
        "",
        "Single keys are missing in no known pattern.",
        "The key 'b3' is missing: every layer needs its W and its b.",
    ),
    (
        "biases-missing",
        "",
        "W for every layer, but no b.",
        "The dictionary has W for every layer but no b: a layer has both.",
    ),
    (
        "weights-missing",
        "",
        "b for every layer, but no W.",
        "The dictionary has b for every layer but no W: a layer has both.",
    ),
    (
        "return-in-loop",
        "",
        "The return statement is inside the loop, so that only layer 1 is made.",
        "Only W1 and b1 are there. Is `return` inside the loop, so that the function ends in "
        "its first round? It belongs after the loop, as far left as `for`.",
    ),
    (
        "dict-made-in-loop",
        "",
        "The dict is made anew in each round, or each layer overwrites the last one.",
        "Only the last layer is there. Is the dictionary made inside the loop, anew in every round?",
    ),
    (
        "first-layer-missing",
        "",
        "The loop starts at 2.",
        "W1 and b1 are missing: the first round of the loop must have l = 1.",
    ),
    (
        "last-layer-missing",
        "",
        "The loop ends one layer early, or return comes one round early in a net of two layers.",
        "W and b of the last layer are missing: there is a layer for every entry of layers_dims "
        "but the first. Where does the loop end (range leaves out its end)? Is `return` after "
        "the loop?",
    ),
    (
        "lists-not-arrays",
        "",
        "Nested lists (or tuples) are returned instead of arrays.",
        "W1 is a list; expected a NumPy array. Lists have no matrix product.",
    ),
    (
        "template-none",
        "",
        "The template's None was left in place.",
        "W1 is None: the template's None has still to be replaced.",
    ),
    (
        "not-an-array",
        "Something you return is no array of numbers: make every W and b a NumPy array of floats.",
        "A value of a type that is no array of numbers (text, function, generator, array of objects).",
        "W1 is a str; expected a NumPy array of numbers.",
    ),
    (
        "not-numeric",
        "",
        "An array of objects, text, truth values or complex numbers.",
        "b1 is an array of bool; expected real numbers (float64).",
    ),
    (
        "not-finite",
        "",
        "NaN or infinity among the values.",
        "W1 holds NaN or infinity; expected finite numbers. Is the memory of np.empty left as "
        "it is, or something divided by 0?",
    ),
    (
        "weights-one-row",
        "",
        "W has a single row or column: one of the sizes is left out.",
        "W1 has the wrong shape; it must be (layers_dims[1], layers_dims[0]). Only one size is "
        "used: weights join each unit to each unit of the layer before.",
    ),
    (
        "keys-exchanged",
        "",
        "W is stored under the key of b, and b under that of W.",
        "W1 has the wrong shape; it must be (layers_dims[1], layers_dims[0]). W1 holds a column and b1 a "
        "matrix: are the two keys exchanged?",
    ),
    (
        "bias-stored-as-weights",
        "",
        "The bias is stored under the key of the weights, which it overwrites.",
        "W1 has the wrong shape; it must be (layers_dims[1], layers_dims[0]). It is a column, and there is "
        "no b1: is the bias stored under the key of the weights?",
    ),
    (
        "bias-layer-number",
        "",
        "The bias has l rows, the number of the layer, instead of layers_dims[l].",
        "b1 has the wrong shape; it must be (layers_dims[1], 1). Each bias has as many rows as the number "
        "of its layer: how many units has the layer?",
    ),
    (
        "factor-inside-brackets",
        "",
        "A size is multiplied: randn(n, n_prev * 10).",
        "W1 has the wrong shape; it must be (layers_dims[1], layers_dims[0]). One side is too long by a "
        "whole factor: does a factor stand inside the brackets of the sizes?",
    ),
    (
        "sizes-reversed",
        "",
        "layers_dims is reversed before it is used.",
        "W1 has the wrong shape; it must be (layers_dims[1], layers_dims[0]). The weights have the sizes of "
        "the network read from its end: is layers_dims turned round?",
    ),
    (
        "bias-dimensions",
        "",
        "The bias has three or more dimensions.",
        "b1 has the wrong shape; it must be (layers_dims[1], 1). A bias has two dimensions, rows and "
        "one column, not more.",
    ),
    (
        "key-last-for-l",
        "Only the last layer is there. Is the key made with the number of layers, L, where l is meant?",
        "The number of layers in every key (L for l): each layer overwrites the last.",
        "Every layer is stored under one key, 'W6', each over the one before. Is the key made with the "
        "number of layers, L, where l is meant?",
    ),
)
