"""The catalogue of mistakes: an id, what the student reads, what the teacher reads. Data only.

A hint names the mistake and the place to look, never the answer, an expected value or a size. `{W}` stands
for the first array that is wrong (W1, W2, ...), `{error}` for what the student's own function raised,
`{scheme}` and `{Scheme}` for the name of the initialization asked for, `{found}` for the student's own
number or name; `docs/misconceptions.md` shows them with the values of `EXAMPLES`. What is wrong with the
structure of a result is worded by `init_utils.checks`, for the grader as for the notebook; `checked` is an
example of that sentence.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType

EXAMPLES: Mapping[str, str] = MappingProxyType(
    {
        "W": "W2",
        "error": "NameError: name 'm' is not defined",
        "scheme": "He initialization",
        "Scheme": "He initialization",
        "found": "...",
    }
)

STRUCTURE = "Structure of what is returned"
SEED = "State and seed"
DRAW = "The random numbers"
FACTOR = "The factor"
ERRORS = "The function stops with an error"
TEXT = "The text of the cell"
GENERAL = "The function that picks a method"
UNKNOWN = "Wrong, and not recognised"


@dataclass(frozen=True)
class Misconception:
    """One entry.

    Attributes
    ----------
    id : str
        Kebab-case; never changes once published.
    group : str
        The heading in the documentation.
    hint : str
        For the student, with placeholders; "" where the sentence always comes from `init_utils.checks`.
    teacher_note : str
        For the teacher: one sentence on what the student did.
    checked : str
        What `init_utils.checks` says of such a mistake, for one example; "" where it does not know it.
    """

    id: str
    group: str
    hint: str
    teacher_note: str
    checked: str = ""


def _entries(group: str, *rows: tuple[str, str, str] | tuple[str, str, str, str]) -> list[Misconception]:
    return [Misconception(name, group, hint, note, *checked) for name, hint, note, *checked in rows]


_ALL = [
    *_entries(
        STRUCTURE,
        (
            "weights-transposed",
            "",
            "W has shape (n_prev, n) instead of (n, n_prev).",
            "W1 has the wrong shape; it must be (layers_dims[1], layers_dims[0]). Did you swap the "
            "dimensions?",
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
            "W1 has the wrong shape; it must be (layers_dims[1], layers_dims[0]). Only one size is "
            "used: weights join each unit to each unit of the layer before.",
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
            "b1 has the wrong shape; it must be (layers_dims[1], 1). One dimension is not a column: "
            "ask for two.",
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
    ),
    *_entries(
        SEED,
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
            "The function takes the sizes from {found}, a variable outside it: use what it is given as "
            "argument.",
            "A global (such as layers_dims of another cell) is read in place of the argument.",
        ),
        (
            "answer-pasted",
            "The function gives the same result whatever layers_dims is: use what it is given.",
            "The example's answer is pasted in, or sizes are fixed.",
        ),
    ),
    *_entries(
        DRAW,
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
            "Your weights are whole numbers: draw from the standard normal distribution and keep the "
            "fractions.",
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
            "From {W} on the numbers come later in the row than they should: something else is drawn "
            "between.",
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
    ),
    *_entries(
        FACTOR,
        (
            "factor-missing",
            "Your {W} equals the standard normal numbers as they are drawn: the factor of {scheme} is "
            "missing.",
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
            "Your {W} is scaled with the number of all its entries: only the units of the layer before "
            "count.",
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
            "Your {W} has the root of a number over n_prev, as it should, but the number is not the "
            "right one.",
            "sqrt(c/n_prev) with another c (3, 4, 6 ...), or the right factor times a constant.",
        ),
        (
            "factor-unknown",
            "Your {W} is the right draw times a factor that is wrong: look at the factor only.",
            "Right random numbers, a factor of no known form.",
        ),
    ),
    *_entries(
        ERRORS,
        (
            "error-name",
            "{error}. A name is used that does not exist: a typing error, or a variable from elsewhere?",
            "A name that does not exist (typing error, or a global the notebook does not have).",
        ),
        (
            "error-import",
            "{error}. The module is not imported under that name: the notebook has NumPy as np.",
            "math, random, numpy or torch is used without importing it.",
        ),
        (
            "dict-not-made",
            "{error}. The dictionary is used before it is made: `parameters = {{}}` belongs before the loop.",
            "parameters is used without being made first.",
        ),
        (
            "np-float",
            "{error}. This name is gone from modern NumPy: leave the dtype out, or use float.",
            "np.float, np.int or another alias that NumPy 1.24 removed.",
        ),
        (
            "error-attribute",
            "{error}. There is no function of that name there: look at its spelling.",
            "A misspelled or non-existent NumPy function (np.zeroes, np.rand).",
        ),
        (
            "randn-tuple",
            "{error}. randn takes its sizes one by one, randn(a, b), without inner brackets.",
            "randn((a, b)) with a tuple (rand as well).",
        ),
        (
            "zeros-two-arguments",
            "{error}. np.zeros takes the shape as one argument: both sizes in a pair of brackets of "
            "their own.",
            "np.zeros(a, b) without the tuple.",
        ),
        (
            "error-index",
            "{error}. An index goes past the end of layers_dims: where does the loop end, and what is "
            "its largest l?",
            "The loop or an index goes past the end of layers_dims, or a fixed number of layers is assumed.",
        ),
        (
            "error-key",
            "{error}. A key is read that was not stored before: to store, write parameters[key] = array.",
            "A key is read before it is set.",
        ),
        (
            "error-signature",
            "{error}. The function must take one argument in first place, as in the template.",
            "The function's parameters were changed (self added, more or fewer arguments).",
        ),
        (
            "error-list-arithmetic",
            "{error}. The whole list stands where one number is meant: layers_dims[...] with an index.",
            "Arithmetic with layers_dims itself, the index is missing.",
        ),
        (
            "error-range-of-list",
            "{error}. range and sizes want a number: len(layers_dims), or one entry of it.",
            "range(layers_dims) or a list as a size.",
        ),
        (
            "error-round-brackets",
            "{error}. An index stands in square brackets: layers_dims[l].",
            "layers_dims(l): round brackets for an index.",
        ),
        (
            "error-square-brackets",
            "{error}. A function is called with round brackets.",
            "np.zeros[...] or randn[...]: square brackets for a call.",
        ),
        (
            "key-number-not-text",
            "{error}. A number cannot be added to text: 'W' + str(l).",
            "'W' + l without str.",
        ),
        (
            "size-not-whole",
            "{error}. A size of an array must be a whole number: is / used where a size is made?",
            "A float as a size (layers_dims[l] / 2, or sqrt inside the shape).",
        ),
        (
            "error-none",
            "{error}. Something is None here: a None of the template, or the result of a function that "
            "returns "
            "nothing.",
            "None is indexed, called or calculated with.",
        ),
        (
            "error-product",
            "{error}. Two arrays are multiplied or added whose shapes do not fit: only a number must be "
            "multiplied here.",
            "dot or * of arrays of shapes that do not fit.",
        ),
        (
            "error-division-by-zero",
            "{error}. Look at what stands under the fraction: which index, and is it ever 0?",
            "Division by zero (l - 1 in place of layers_dims[l-1], ...).",
        ),
        (
            "error-recursion",
            "The function calls itself without end: name the NumPy function you mean.",
            "Endless recursion.",
        ),
        (
            "endless-loop",
            "The function does not come to an end: does the loop's condition ever become false?",
            "Time limit: an endless loop (while without l += 1), or very slow.",
        ),
        (
            "memory-exhausted",
            "The function asks for more memory than there is: look at the sizes of the arrays.",
            "Memory limit.",
        ),
        (
            "process-ended",
            "The function ends the whole program: leave out exit, quit and the like.",
            "exit(), quit(), a crash of the process.",
        ),
        (
            "error-other",
            "The function stops with {error}.",
            "The function raises an error of no known pattern.",
        ),
    ),
    *_entries(
        TEXT,
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
    ),
    *_entries(
        GENERAL,
        (
            "method-not-handled",
            "One of the methods that the exercise lists is refused: {error}.",
            "general: a listed method is missing or misspelled.",
        ),
        (
            "methods-alike",
            "Two methods give the same numbers: does the function look at `method`?",
            "general: the argument method is ignored, or an if-chain falls through.",
        ),
        (
            "auto-swapped",
            "'auto' picks the two the wrong way round: which of them was derived for ReLU?",
            "general: auto gives Xavier for relu and He for tanh.",
        ),
        (
            "auto-ignores-hidden",
            "'auto' gives the same for 'relu' and 'tanh': it must look at `hidden`.",
            "general: auto does not look at hidden.",
        ),
        (
            "unknown-method-accepted",
            "A method that does not exist must raise ValueError; yours returns something.",
            "general: an unknown method is accepted silently.",
        ),
        (
            "unknown-method-other-error",
            "A method that does not exist must raise ValueError; yours raises another error.",
            "general: an unknown method raises something other than ValueError.",
        ),
    ),
    *_entries(
        UNKNOWN,
        (
            "values-unrecognised",
            "{found}",
            "Wrong values of no known pattern: read the code.",
        ),
        (
            "works-in-part",
            "The function is right for some layer sizes and stops for others: {error}.",
            "Raises for some layer sizes only.",
        ),
    ),
]

CATALOGUE: Mapping[str, Misconception] = MappingProxyType({entry.id: entry for entry in _ALL})
