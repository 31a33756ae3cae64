"""Functions that stop with an error."""

from __future__ import annotations

from autograder.misconceptions.catalogue.explanations import entries

ERRORS = entries(
    "The function stops with an error",
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
        "{error}. np.zeros takes the shape as one argument: both sizes in a pair of brackets of their own.",
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
    (
        "power-by-caret",
        "{error}. In Python `^` compares bits; a power is written with two stars.",
        "^ for a power (x ^ 0.5).",
    ),
    (
        "key-multiplied",
        "{error}. Text is joined to text with a plus sign; no other sign of arithmetic works between them.",
        "'W' * str(l), 'W' - l: text in arithmetic.",
    ),
    (
        "key-format",
        "{error}. The text has a gap for a number that is not written as Python wants it, or the number does "
        "not fit the gap.",
        "'W%' % i, '%d' % 'l', '{{}}'.format(): a format that does not fit.",
    ),
    (
        "function-not-called",
        "{error}. A function stands there without its brackets, so that the function itself is used and not "
        "what it gives.",
        "A function is used without being called: randn * 10, parameters = dict.",
    ),
    (
        "tuple-arithmetic",
        "{error}. Sizes in brackets are a pair, and a pair takes no part in arithmetic: look at where the "
        "brackets close.",
        "Arithmetic with a tuple: np.zeros((n, 1) * 0.1).",
    ),
    (
        "dict-arithmetic",
        "{error}. The whole dictionary stands where one of its arrays is meant.",
        "Arithmetic with the dict itself.",
    ),
    (
        "randn-size",
        "{error}. randn knows no such argument: it takes its sizes one by one, without a name.",
        "randn(size=(a, b)): a keyword of np.random.normal.",
    ),
    (
        "range-tuple",
        "{error}. range takes its start and its end as two numbers, without inner brackets.",
        "range((1, L)).",
    ),
    (
        "range-not-whole",
        "{error}. range counts in whole numbers: where does the fraction come from?",
        "range of a float: range(L / 2).",
    ),
    (
        "len-of-number",
        "{error}. A single number has no length; the list of sizes has one.",
        "len of a number.",
    ),
    (
        "loop-over-number",
        "{error}. A loop runs over several things, a single number is one: it lacks range or a list.",
        "for l in L: a number is looped over.",
    ),
    (
        "seed-not-number",
        "{error}. A seed is one whole number, without quotes or brackets of its own.",
        "np.random.seed with text, a float or a tuple.",
    ),
    (
        "sqrt-two-arguments",
        "{error}. np.sqrt takes one number; a comma stands where a sign of arithmetic is meant.",
        "np.sqrt(2, n).",
    ),
    (
        "zeros-nested-shape",
        "{error}. There is one pair of brackets too many: a size in the shape is itself in brackets.",
        "np.zeros(((a, b), 1)): a shape inside the shape.",
    ),
    (
        "module-called",
        "{error}. That name is a whole module; the name of one of its functions is missing behind the dot.",
        "np.random(a, b): a module is called.",
    ),
    (
        "builtin-overwritten",
        "{error}. A name of Python's own was given another value earlier, in this cell or another.",
        "A builtin was assigned to: str = 'W', len = 3.",
    ),
    (
        "operator-missing",
        "{error}. A value stands directly before a round bracket, which Python reads as a call: is a sign "
        "such as * missing between them?",
        "2(...), 'W'(str(l)): the operator before a bracket is missing.",
    ),
    (
        "unpacking",
        "{error}. More or fewer names stand on the left than there are values.",
        "for l, n in layers_dims: tuple unpacking that does not fit.",
    ),
    (
        "list-for-dict",
        "{error}. That is a list or a set, which has no keys: parameters must be a dictionary.",
        "parameters = [] or set(), then parameters['W1'] = ...",
    ),
    (
        "stored-in-no-dict",
        "{error}. Something is stored in a thing that cannot be changed so; the dictionary is meant.",
        "Item assignment to a tuple, text, number or class.",
    ),
    (
        "number-indexed",
        "{error}. A number stands before the square bracket; the list of sizes is meant there.",
        "l[layers_dims]: a number is indexed.",
    ),
    (
        "index-tuple",
        "{error}. Two numbers stand in one index; layers_dims has one entry for each index.",
        "layers_dims[l, l - 1], or a pair of enumerate as an index.",
    ),
    (
        "index-not-whole",
        "{error}. An index counts places: it must be a whole number.",
        "layers_dims[l / 2]: a float as an index.",
    ),
    (
        "index-is-list",
        "{error}. A whole list stands in the index; one number is meant.",
        "layers_dims[layers_dims]: a list as an index.",
    ),
    (
        "index-by-size",
        "{error}. The loop hands out the entries of the list, not their places, and an entry is used as a "
        "place.",
        "for l in layers_dims: layers_dims[l].",
    ),
    (
        "index-of-shape",
        "{error}. The array has fewer dimensions than the index of its shape asks for.",
        "x.shape[1] of a vector.",
    ),
    (
        "list-emptied",
        "{error}. The list is taken apart by pop until nothing is left.",
        "pop from an empty list.",
    ),
    (
        "list-assigned",
        "{error}. A list has no place of that number yet.",
        "W[l] = ... with an empty list.",
    ),
    (
        "dict-append",
        "{error}. A dictionary has no such function: a value is stored under its key, in square brackets.",
        "parameters.append(...): a list's method on a dict.",
    ),
    (
        "dict-attribute",
        "{error}. What is in a dictionary is reached by its key in square brackets, not by a dot.",
        "parameters.W1.",
    ),
    (
        "list-attribute",
        "{error}. That is a plain list, not an array: the number of its entries is given by len.",
        "layers_dims.shape, .size, .length: an attribute of arrays on a list.",
    ),
    (
        "number-attribute",
        "{error}. That is a single number, and has nothing behind a dot.",
        "layers_dims[l].shape.",
    ),
    (
        "function-elsewhere",
        "{error}. NumPy has a function of that name in another of its parts: random numbers in np.random, "
        "the rest in np.",
        "np.randn, np.random.zeros: the right name in the wrong module.",
    ),
    (
        "prefix-missing",
        "{error}. That is a function of NumPy's, which must be called by its full name.",
        "randn, zeros or sqrt without np.",
    ),
    (
        "name-before-value",
        "{error}. The name gets its value further down in the same function, after it is used.",
        "A local name is read before it is assigned: L = len(L).",
    ),
    (
        "self-parameter",
        "{error}. `self` belongs to functions inside a class; this function stands by itself.",
        "def f(self, layers_dims).",
    ),
    (
        "argument-starred",
        "A star stands before the argument, so that the function gets a tuple with the list of sizes in it "
        "and not the list itself.",
        "def f(*layers_dims).",
    ),
    (
        "call-arguments",
        "{error}. The function that is called there takes other arguments.",
        "A NumPy function or a helper of the student's gets arguments that it does not take.",
    ),
    (
        "draw-bounds",
        "{error}. The bounds or the spread of the draw are not possible: is a root taken of a negative "
        "number, or is something divided by 0?",
        "uniform with NaN bounds, normal with a negative scale.",
    ),
    (
        "root-of-negative",
        "{error}. There is no real root of a negative number: look at signs and indices under the root.",
        "math.sqrt of a negative number.",
    ),
    (
        "reshape-size",
        "{error}. An array cannot be reshaped to another number of entries.",
        "reshape to a shape of another size.",
    ),
    (
        "size-negative",
        "{error}. A size is negative: look at what is subtracted, and where the index bracket closes.",
        "layers_dims[0] - 9 as a size: the bracket closes too early.",
    ),
    (
        "text-to-number",
        "{error}. Text that is no number cannot be turned into one.",
        "int('W'), float('W1').",
    ),
    (
        "array-of-unequal",
        "{error}. Rows of different lengths do not make an array.",
        "np.array of lists of different lengths.",
    ),
    (
        "own-assert",
        "{error}. An assert in your own function does not hold.",
        "The student's own assert fails.",
    ),
    (
        "dict-changed-in-loop",
        "{error}. The loop runs over the dictionary that it fills.",
        "A dict is changed while it is looped over.",
    ),
    (
        "input-called",
        "{error}. The function asks for input, and nobody is there to type an answer.",
        "input() in the function.",
    ),
)
