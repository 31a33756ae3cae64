"""Mutation operators written by the author of the catalogue: each makes one of its mistakes."""

from __future__ import annotations

from collections.abc import Callable

from benchmarks.student_forms import DRAWN, SCALED, Form, Operator, replaced, swapped


def _factor(text: str) -> Callable[[Form], dict[str, str]]:
    return replaced(factor=text)


KNOWN: tuple[Operator, ...] = (
    # the factor
    Operator("no factor", ("factor-missing",), _factor(""), DRAWN),
    Operator("factor of Xavier", ("factor-xavier",), _factor(" * np.sqrt(1 / {p})"), ("he",)),
    Operator("factor of He", ("factor-he",), _factor(" * np.sqrt(2 / {p})"), ("xavier",)),
    Operator("times 0.01", ("factor-small",), _factor(" * 0.01"), DRAWN),
    Operator("times 100", ("factor-large",), _factor(" * 100"), ("random",)),
    Operator("times 10", ("factor-ten",), _factor(" * 10"), SCALED),
    Operator("10 left over", ("factor-times-ten",), replaced(factor="{factor} * 10"), SCALED),
    Operator("no root", ("factor-no-root",), _factor(" * (2 / {p})"), ("he",)),
    Operator("no root of 1", ("factor-no-root",), _factor(" * (1 / {p})"), ("xavier",)),
    Operator("root of 2 only", ("factor-root-of-numerator",), _factor(" * np.sqrt(2) / {p}"), ("he",)),
    Operator("this layer", ("factor-this-layer",), swapped("factor", "{p}", "{n}"), SCALED),
    Operator("first layer", ("factor-first-layer",), swapped("factor", "{p}", "{a}[0]"), SCALED),
    Operator("last layer", ("factor-last-layer",), swapped("factor", "{p}", "{a}[-1]"), SCALED),
    Operator("number of layers", ("factor-number-of-layers",), swapped("factor", "{p}", "len({a})"), SCALED),
    Operator("Glorot", ("factor-glorot",), _factor(" * np.sqrt(2 / ({p} + {n}))"), SCALED),
    Operator("divided", ("factor-inverted",), _factor(" / np.sqrt(2 / {p})"), ("he",)),
    Operator("multiplied inside", ("factor-multiplied-inside",), _factor(" * np.sqrt(2 * {p})"), ("he",)),
    Operator("numerator 3", ("factor-other-numerator",), _factor(" * np.sqrt(3 / {p})"), SCALED),
    Operator(
        "size of the matrix", ("factor-size-of-matrix",), _factor(" * np.sqrt(2 / ({n} * {p}))"), ("he",)
    ),
    Operator("whole division", ("factor-integer-division",), _factor(" * np.sqrt(2 // {p})"), ("he",)),
    # the draw
    Operator("rand", ("rand-for-randn",), replaced(draw="np.random.rand({n}, {p})"), DRAWN),
    Operator("uniform", ("rand-for-randn",), replaced(draw="np.random.uniform(-1, 1, ({n}, {p}))"), DRAWN),
    Operator(
        "randint", ("integers-drawn",), replaced(draw="np.random.randint(0, 9, ({n}, {p}))", factor=""), DRAWN
    ),
    Operator("abs", ("sign-lost",), replaced(draw="np.abs({draw})"), DRAWN),
    Operator("minus", ("sign-flipped",), replaced(draw="-{draw}"), DRAWN),
    Operator("shift", ("draw-shifted",), replaced(factor="{factor} + 1"), DRAWN),
    Operator("squared", ("values-squared",), replaced(draw="np.square({draw})"), DRAWN),
    Operator("extra draw", ("draws-extra",), replaced(between="np.random.randn()"), DRAWN),
    Operator("ones", ("weights-not-zero",), replaced(draw="np.ones(({n}, {p}))"), ("zeros",)),
    Operator(
        "random for zeros",
        ("weights-not-zero", "seed-missing"),
        replaced(draw="np.random.randn({n}, {p})"),
        ("zeros",),
    ),
    Operator("ones for random", ("weights-constant",), replaced(draw="np.ones(({n}, {p}))"), ("random",)),
    Operator("zeros for random", ("weights-zero",), replaced(draw="np.zeros(({n}, {p}))"), DRAWN),
    Operator("transposed after", ("draw-transposed",), replaced(draw="np.random.randn({p}, {n}).T"), DRAWN),
    # the seed
    Operator("no seed", ("seed-missing",), replaced(seed=""), DRAWN),
    Operator("seed outside", ("seed-outside",), replaced(seed="", outside="np.random.seed(3)"), DRAWN),
    Operator("seed 1", ("seed-other",), replaced(seed="np.random.seed(1)"), DRAWN),
    Operator("seed 42", ("seed-other",), replaced(seed="np.random.seed(42)"), DRAWN),
    Operator("seed in the loop", ("seed-in-loop",), replaced(seed="", between="np.random.seed(3)"), DRAWN),
    Operator(
        "seed of the layer", ("seed-per-layer",), replaced(seed="", between="np.random.seed({l})"), DRAWN
    ),
    Operator("seed after", ("seed-after-draw",), replaced(seed="", after="np.random.seed(3)"), DRAWN),
    Operator(
        "seed of random",
        ("seed-of-other-module", "error-import"),
        replaced(seed="import random; random.seed(3)"),
        DRAWN,
    ),
    Operator("seed assigned", ("seed-assigned",), replaced(seed="np.random.seed = 3"), DRAWN),
    Operator(
        "new generator",
        ("generator-new",),
        replaced(seed="rng = np.random.default_rng(3)", draw="rng.standard_normal(({n}, {p}))"),
        DRAWN,
    ),
    # biases
    Operator("ones in b", ("bias-not-zero",), replaced(bias="np.ones(({n}, 1))")),
    Operator("random b", ("bias-random",), replaced(bias="np.random.randn({n}, 1)"), DRAWN),
    Operator("flat b", ("bias-flat",), replaced(bias="np.zeros({n})")),
    Operator("row b", ("bias-row",), replaced(bias="np.zeros((1, {n}))")),
    Operator("b is 0", ("bias-scalar",), replaced(bias="0")),
    Operator("one b", ("bias-single",), replaced(bias="np.zeros((1, 1))")),
    Operator("b of the layer before", ("bias-previous-layer",), replaced(bias="np.zeros(({p}, 1))")),
    Operator("b like W", ("bias-like-weights",), replaced(bias="np.zeros(({n}, {p}))")),
    Operator("b in three dimensions", ("bias-dimensions",), replaced(bias="np.zeros(({n}, 1, 1))")),
    Operator("no b", ("biases-missing",), replaced(bias="")),
    # shapes
    Operator("transposed", ("weights-transposed",), replaced(draw="np.zeros(({p}, {n}))"), ("zeros",)),
    Operator("drawn transposed", ("weights-transposed",), replaced(draw="np.random.randn({p}, {n})"), DRAWN),
    Operator("square", ("weights-square",), replaced(draw="np.random.randn({n}, {n})"), DRAWN),
    Operator("square of zeros", ("weights-square",), replaced(draw="np.zeros(({n}, {n}))"), ("zeros",)),
    Operator("flat W", ("weights-flat",), replaced(draw="np.random.randn({n})"), DRAWN),
    Operator("first size in W", ("index-first-layer",), replaced(draw="np.zeros(({n}, {a}[0]))"), ("zeros",)),
    Operator("one row", ("weights-one-row",), replaced(draw="np.random.randn(1, {p})"), DRAWN),
    # keys and layers
    Operator("small w", ("keys-letter-case",), swapped("key_w", "W", "w")),
    Operator("capital B", ("keys-letter-case",), swapped("key_b", "b", "B")),
    Operator("underscore", ("keys-spelled",), swapped("key_w", "W", "W_")),
    Operator("key without number", ("keys-without-number",), replaced(key_w="'W'", key_b="'b'")),
    Operator(
        "L for l",
        ("key-last-for-l", "dict-made-in-loop"),
        replaced(key_w="'W' + str(len({a}))", key_b="'b' + str(len({a}))"),
    ),
    Operator(
        "keys from 0", ("keys-shifted",), replaced(key_w="'W' + str({l} - 1)", key_b="'b' + str({l} - 1)")
    ),
    Operator("starts at 2", ("first-layer-missing",), swapped("header", "range(1,", "range(2,")),
    Operator("ends early", ("last-layer-missing",), swapped("header", "L):", "L - 1):")),
    Operator("dict in the loop", ("dict-made-in-loop",), replaced(between="{make}", make="")),
    Operator("return in the loop", ("return-in-loop",), replaced(after="{return}")),
    Operator("no return", ("returns-none",), replaced(**{"return": ""})),
    Operator("list", ("lists-not-arrays",), replaced(draw="[[0.0] * {p} for _ in range({n})]"), ("zeros",)),
    # errors
    Operator("randn of a tuple", ("randn-tuple",), replaced(draw="np.random.randn(({n}, {p}))"), DRAWN),
    Operator("randn of a list", ("randn-tuple",), replaced(draw="np.random.randn([{n}, {p}])"), DRAWN),
    Operator("randn with size", ("randn-size",), replaced(draw="np.random.randn(size=({n}, {p}))"), DRAWN),
    Operator("zeros of two", ("zeros-two-arguments",), replaced(draw="np.zeros({n}, {p})"), ("zeros",)),
    Operator("zeros of two in b", ("zeros-two-arguments",), replaced(bias="np.zeros({n}, 1)")),
    Operator("nested shape", ("zeros-nested-shape",), replaced(bias="np.zeros((({n}, {p}), 1))")),
    Operator("caret", ("power-by-caret",), _factor(" * (2 / {p}) ^ 0.5"), ("he",)),
    Operator("number in the key", ("key-number-not-text",), replaced(key_w="'W' + {l}")),
    Operator("key times", ("key-multiplied",), replaced(key_w="'W' * str({l})")),
    Operator("format without letter", ("key-format",), replaced(key_w="'W%' % {l}")),
    Operator("range of a tuple", ("range-tuple",), swapped("header", "range(1, L)", "range((1, L))")),
    Operator(
        "range of the list", ("error-range-of-list",), swapped("header", "range(1, L)", "range(1, {a})")
    ),
    Operator("past the end", ("error-index",), swapped("header", "L):", "L + 1):")),
    Operator("no dict", ("dict-not-made",), replaced(make="")),
    Operator("list for dict", ("list-for-dict",), replaced(make="{dict} = []")),
    Operator("round index", ("error-round-brackets",), replaced(bias="np.zeros(({a}({l}), 1))")),
    Operator("square call", ("error-square-brackets",), replaced(bias="np.zeros[{n}, 1]")),
    Operator("list times", ("error-list-arithmetic",), _factor(" * np.sqrt(2 / {a})"), ("he",)),
    Operator("sqrt of two", ("sqrt-two-arguments",), _factor(" * np.sqrt(2, {p})"), ("he",)),
    Operator("shape of the list", ("list-attribute",), replaced(between="m = {a}.shape[0]")),
    Operator("append to the dict", ("dict-append",), replaced(after="{dict}.append(0)")),
    Operator("no np", ("prefix-missing",), replaced(draw="randn({n}, {p})"), DRAWN),
    Operator("np.randn", ("function-elsewhere",), replaced(draw="np.randn({n}, {p})"), DRAWN),
    Operator("misspelled", ("error-attribute",), replaced(bias="np.zeroes(({n}, 1))")),
    Operator("math", ("error-import",), _factor(" * math.sqrt(2 / {p})"), ("he",)),
    Operator("unknown name", ("error-name",), replaced(bias="np.zeros((n_units, 1))")),
    Operator("self", ("self-parameter",), replaced(arguments="self, {a}")),
    Operator("half a size", ("size-not-whole",), replaced(bias="np.zeros(({n} / 1, 1))")),
    Operator(
        "function not called", ("function-not-called",), replaced(draw="np.random.randn"), ("random", "he")
    ),
    Operator("key left out", ("right-side-empty",), replaced(bias="  ")),
    Operator("no colon", ("colon-missing",), swapped("header", "):", ")")),
    Operator("curly quotes", ("curly-quotes",), swapped("key_w", "'W", "\N{LEFT SINGLE QUOTATION MARK}W")),
    Operator("bracket open", ("bracket-not-closed",), replaced(bias="np.zeros(({n}, 1)")),
)
