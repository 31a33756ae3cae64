"""Right initializers as the public writes them, and mutation operators that each make one mistake.

A form is a template and the parts that fill it; an operator replaces parts. So an operator works on every
form that has the part it changes, and two operators make a pair when they change different parts.
"""

from __future__ import annotations

import itertools
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field

Parts = Mapping[str, str]
SCHEMES = ("zeros", "random", "he", "xavier")

_LOOPS: Mapping[str, Mapping[str, str]] = {
    "for": {
        "size": "L = len({a})",
        "header": "for l in range(1, L):",
        "l": "l",
        "n": "{a}[l]",
        "p": "{a}[l - 1]",
    },
    "last": {
        "size": "L = len({a}) - 1",
        "header": "for l in range(1, L + 1):",
        "l": "l",
        "n": "{a}[l]",
        "p": "{a}[l - 1]",
    },
    "from-zero": {
        "size": "",
        "header": "for i in range(len({a}) - 1):",
        "l": "(i + 1)",
        "n": "{a}[i + 1]",
        "p": "{a}[i]",
    },
    "while": {
        "size": "L, l = len({a}), 0",
        "header": "while l < L - 1:",
        "before": "l += 1",
        "l": "l",
        "n": "{a}[l]",
        "p": "{a}[l - 1]",
    },
    "zip": {
        "size": "",
        "header": "for l, (n_prev, n) in enumerate(zip({a}[:-1], {a}[1:]), start=1):",
        "l": "l",
        "n": "n",
        "p": "n_prev",
    },
    "named": {
        "size": "",
        "header": "for l in range(1, len({a})):",
        "before": "n, n_prev = {a}[l], {a}[l - 1]",
        "l": "l",
        "n": "n",
        "p": "n_prev",
    },
}
_KEYS: Mapping[str, str] = {
    "str": "'{letter}' + str({l})",
    "f": 'f"{letter}{{{l}}}"',
    "format": "'{letter}{{}}'.format({l})",
    "percent": "'{letter}%d' % {l}",
}
FACTORS: Mapping[str, Sequence[str]] = {
    "zeros": ("",),
    "random": (" * 10",),
    "he": (" * np.sqrt(2 / {p})", " * np.sqrt(2. / {p})", " * (2 / {p}) ** 0.5", " / np.sqrt({p} / 2)"),
    "xavier": (" * np.sqrt(1 / {p})", " / np.sqrt({p})", " * (1 / {p}) ** 0.5"),
}


@dataclass(frozen=True)
class Form:
    """A right initializer, in parts."""

    name: str
    scheme: str
    parts: Parts

    def text(self, changes: Parts | None = None) -> str:
        """The cell, with some parts replaced."""
        parts = {**self.parts, **(changes or {})}
        lines = [parts["outside"], f"def initialize_parameters_{self.scheme}({parts['arguments']}):"]
        lines += [f"    {parts[name]}" for name in ("seed", "make", "size") if parts[name]]
        lines += [f"    {parts['header']}"]
        inner = [parts["before"], parts["between"]]
        inner += [f"{parts['dict']}[{parts['key_w']}] = {parts['draw']}{parts['factor']}"]
        inner += [f"{parts['dict']}[{parts['key_b']}] = {parts['bias']}" if parts["bias"] else ""]
        inner += [parts["after"]]
        lines += [f"        {line}" for line in inner if line]
        lines += [f"    {parts['return']}"] if parts["return"] else []
        return "\n".join(line for line in lines if line) + "\n"


def forms() -> list[Form]:
    """Right forms of every scheme: loops, keys, factors and names in the ways of public solutions."""
    found = []
    names = itertools.cycle((("layers_dims", "parameters"), ("layer_dims", "params"), ("dims", "result")))
    for scheme in SCHEMES:
        for (loop, words), (key, pattern), factor in itertools.product(
            _LOOPS.items(), _KEYS.items(), FACTORS[scheme]
        ):
            argument, made = next(names)
            found.append(
                Form(f"{loop}-{key}", scheme, _parts(scheme, words, pattern, factor, argument, made))
            )
    return found


def _parts(
    scheme: str, words: Mapping[str, str], key: str, factor: str, argument: str, made: str
) -> dict[str, str]:
    filled = {name: text.format(a=argument) for name, text in words.items()}
    n, p = filled["n"], filled["p"]
    return {
        "outside": "",
        "arguments": argument,
        "seed": "" if scheme == "zeros" else "np.random.seed(3)",
        "make": f"{made} = {{}}",
        "size": filled["size"],
        "header": filled["header"],
        "before": filled.get("before", ""),
        "between": "",
        "dict": made,
        "key_w": key.format(letter="W", l=filled["l"]),
        "key_b": key.format(letter="b", l=filled["l"]),
        "draw": f"np.zeros(({n}, {p}))" if scheme == "zeros" else f"np.random.randn({n}, {p})",
        "factor": factor.format(p=p),
        "bias": f"np.zeros(({n}, 1))",
        "after": "",
        "return": f"return {made}",
        # for operators
        "a": argument,
        "l": filled["l"],
        "n": n,
        "p": p,
    }


@dataclass(frozen=True)
class Operator:
    """One mistake that can be made in a right form.

    Attributes
    ----------
    name : str
    ids : tuple of str
        Names of the catalogue that are right for it.
    change : callable
        From the form to the parts that it replaces; {} where it does not apply.
    schemes : tuple of str
    blind : bool
        Written by someone who had not read the catalogue.
    """

    name: str
    ids: tuple[str, ...]
    change: Callable[[Form], dict[str, str]] = field(compare=False)
    schemes: tuple[str, ...] = SCHEMES
    blind: bool = False


_DRAWN = ("random", "he", "xavier")
_SCALED = ("he", "xavier")


def _set(**parts: str) -> Callable[[Form], dict[str, str]]:
    """Replace parts by texts in which {n}, {p}, {l}, {a} and the form's own parts stand."""
    return lambda form: {name: text.format(**form.parts) for name, text in parts.items()}


def _swap(part: str, old: str, new: str) -> Callable[[Form], dict[str, str]]:
    """Replace a piece of one part, where it stands there."""

    def change(form: Form) -> dict[str, str]:
        text = form.parts[part]
        before, after = old.format(**form.parts), new.format(**form.parts)
        return {part: text.replace(before, after)} if before in text else {}

    return change


def _factor(text: str) -> Callable[[Form], dict[str, str]]:
    return _set(factor=text)


OPERATORS: tuple[Operator, ...] = (
    # the factor
    Operator("no factor", ("factor-missing",), _factor(""), _DRAWN),
    Operator("factor of Xavier", ("factor-xavier",), _factor(" * np.sqrt(1 / {p})"), ("he",)),
    Operator("factor of He", ("factor-he",), _factor(" * np.sqrt(2 / {p})"), ("xavier",)),
    Operator("times 0.01", ("factor-small",), _factor(" * 0.01"), _DRAWN),
    Operator("times 100", ("factor-large",), _factor(" * 100"), ("random",)),
    Operator("times 10", ("factor-ten",), _factor(" * 10"), _SCALED),
    Operator("10 left over", ("factor-times-ten",), _set(factor="{factor} * 10"), _SCALED),
    Operator("no root", ("factor-no-root",), _factor(" * (2 / {p})"), ("he",)),
    Operator("no root of 1", ("factor-no-root",), _factor(" * (1 / {p})"), ("xavier",)),
    Operator("root of 2 only", ("factor-root-of-numerator",), _factor(" * np.sqrt(2) / {p}"), ("he",)),
    Operator("this layer", ("factor-this-layer",), _swap("factor", "{p}", "{n}"), _SCALED),
    Operator("first layer", ("factor-first-layer",), _swap("factor", "{p}", "{a}[0]"), _SCALED),
    Operator("last layer", ("factor-last-layer",), _swap("factor", "{p}", "{a}[-1]"), _SCALED),
    Operator("number of layers", ("factor-number-of-layers",), _swap("factor", "{p}", "len({a})"), _SCALED),
    Operator("Glorot", ("factor-glorot",), _factor(" * np.sqrt(2 / ({p} + {n}))"), _SCALED),
    Operator("divided", ("factor-inverted",), _factor(" / np.sqrt(2 / {p})"), ("he",)),
    Operator("multiplied inside", ("factor-multiplied-inside",), _factor(" * np.sqrt(2 * {p})"), ("he",)),
    Operator("numerator 3", ("factor-other-numerator",), _factor(" * np.sqrt(3 / {p})"), _SCALED),
    Operator(
        "size of the matrix", ("factor-size-of-matrix",), _factor(" * np.sqrt(2 / ({n} * {p}))"), ("he",)
    ),
    Operator("whole division", ("factor-integer-division",), _factor(" * np.sqrt(2 // {p})"), ("he",)),
    # the draw
    Operator("rand", ("rand-for-randn",), _set(draw="np.random.rand({n}, {p})"), _DRAWN),
    Operator("uniform", ("rand-for-randn",), _set(draw="np.random.uniform(-1, 1, ({n}, {p}))"), _DRAWN),
    Operator(
        "randint", ("integers-drawn",), _set(draw="np.random.randint(0, 9, ({n}, {p}))", factor=""), _DRAWN
    ),
    Operator("abs", ("sign-lost",), _set(draw="np.abs({draw})"), _DRAWN),
    Operator("minus", ("sign-flipped",), _set(draw="-{draw}"), _DRAWN),
    Operator("shift", ("draw-shifted",), _set(factor="{factor} + 1"), _DRAWN),
    Operator("squared", ("values-squared",), _set(draw="np.square({draw})"), _DRAWN),
    Operator("extra draw", ("draws-extra",), _set(between="np.random.randn()"), _DRAWN),
    Operator("ones", ("weights-not-zero",), _set(draw="np.ones(({n}, {p}))"), ("zeros",)),
    Operator(
        "random for zeros",
        ("weights-not-zero", "seed-missing"),
        _set(draw="np.random.randn({n}, {p})"),
        ("zeros",),
    ),
    Operator("ones for random", ("weights-constant",), _set(draw="np.ones(({n}, {p}))"), ("random",)),
    Operator("zeros for random", ("weights-zero",), _set(draw="np.zeros(({n}, {p}))"), _DRAWN),
    Operator("transposed after", ("draw-transposed",), _set(draw="np.random.randn({p}, {n}).T"), _DRAWN),
    # the seed
    Operator("no seed", ("seed-missing",), _set(seed=""), _DRAWN),
    Operator("seed outside", ("seed-outside",), _set(seed="", outside="np.random.seed(3)"), _DRAWN),
    Operator("seed 1", ("seed-other",), _set(seed="np.random.seed(1)"), _DRAWN),
    Operator("seed 42", ("seed-other",), _set(seed="np.random.seed(42)"), _DRAWN),
    Operator("seed in the loop", ("seed-in-loop",), _set(seed="", between="np.random.seed(3)"), _DRAWN),
    Operator("seed of the layer", ("seed-per-layer",), _set(seed="", between="np.random.seed({l})"), _DRAWN),
    Operator("seed after", ("seed-after-draw",), _set(seed="", after="np.random.seed(3)"), _DRAWN),
    Operator(
        "seed of random",
        ("seed-of-other-module", "error-import"),
        _set(seed="import random; random.seed(3)"),
        _DRAWN,
    ),
    Operator("seed assigned", ("seed-assigned",), _set(seed="np.random.seed = 3"), _DRAWN),
    Operator(
        "new generator",
        ("generator-new",),
        _set(seed="rng = np.random.default_rng(3)", draw="rng.standard_normal(({n}, {p}))"),
        _DRAWN,
    ),
    # biases
    Operator("ones in b", ("bias-not-zero",), _set(bias="np.ones(({n}, 1))")),
    Operator("random b", ("bias-random",), _set(bias="np.random.randn({n}, 1)"), _DRAWN),
    Operator("flat b", ("bias-flat",), _set(bias="np.zeros({n})")),
    Operator("row b", ("bias-row",), _set(bias="np.zeros((1, {n}))")),
    Operator("b is 0", ("bias-scalar",), _set(bias="0")),
    Operator("one b", ("bias-single",), _set(bias="np.zeros((1, 1))")),
    Operator("b of the layer before", ("bias-previous-layer",), _set(bias="np.zeros(({p}, 1))")),
    Operator("b like W", ("bias-like-weights",), _set(bias="np.zeros(({n}, {p}))")),
    Operator("b in three dimensions", ("bias-dimensions",), _set(bias="np.zeros(({n}, 1, 1))")),
    Operator("no b", ("biases-missing",), _set(bias="")),
    # shapes
    Operator("transposed", ("weights-transposed",), _set(draw="np.zeros(({p}, {n}))"), ("zeros",)),
    Operator("drawn transposed", ("weights-transposed",), _set(draw="np.random.randn({p}, {n})"), _DRAWN),
    Operator("square", ("weights-square",), _set(draw="np.random.randn({n}, {n})"), _DRAWN),
    Operator("square of zeros", ("weights-square",), _set(draw="np.zeros(({n}, {n}))"), ("zeros",)),
    Operator("flat W", ("weights-flat",), _set(draw="np.random.randn({n})"), _DRAWN),
    Operator("first size in W", ("index-first-layer",), _set(draw="np.zeros(({n}, {a}[0]))"), ("zeros",)),
    Operator("one row", ("weights-one-row",), _set(draw="np.random.randn(1, {p})"), _DRAWN),
    # keys and layers
    Operator("small w", ("keys-letter-case",), _swap("key_w", "W", "w")),
    Operator("capital B", ("keys-letter-case",), _swap("key_b", "b", "B")),
    Operator("underscore", ("keys-spelled",), _swap("key_w", "W", "W_")),
    Operator("key without number", ("keys-without-number",), _set(key_w="'W'", key_b="'b'")),
    Operator(
        "L for l",
        ("key-last-for-l", "dict-made-in-loop"),
        _set(key_w="'W' + str(len({a}))", key_b="'b' + str(len({a}))"),
    ),
    Operator("keys from 0", ("keys-shifted",), _set(key_w="'W' + str({l} - 1)", key_b="'b' + str({l} - 1)")),
    Operator("starts at 2", ("first-layer-missing",), _swap("header", "range(1,", "range(2,")),
    Operator("ends early", ("last-layer-missing",), _swap("header", "L):", "L - 1):")),
    Operator("dict in the loop", ("dict-made-in-loop",), _set(between="{make}", make="")),
    Operator("return in the loop", ("return-in-loop",), _set(after="{return}")),
    Operator("no return", ("returns-none",), _set(**{"return": ""})),
    Operator("list", ("lists-not-arrays",), _set(draw="[[0.0] * {p} for _ in range({n})]"), ("zeros",)),
    # errors
    Operator("randn of a tuple", ("randn-tuple",), _set(draw="np.random.randn(({n}, {p}))"), _DRAWN),
    Operator("randn of a list", ("randn-tuple",), _set(draw="np.random.randn([{n}, {p}])"), _DRAWN),
    Operator("randn with size", ("randn-size",), _set(draw="np.random.randn(size=({n}, {p}))"), _DRAWN),
    Operator("zeros of two", ("zeros-two-arguments",), _set(draw="np.zeros({n}, {p})"), ("zeros",)),
    Operator("zeros of two in b", ("zeros-two-arguments",), _set(bias="np.zeros({n}, 1)")),
    Operator("nested shape", ("zeros-nested-shape",), _set(bias="np.zeros((({n}, {p}), 1))")),
    Operator("caret", ("power-by-caret",), _factor(" * (2 / {p}) ^ 0.5"), ("he",)),
    Operator("number in the key", ("key-number-not-text",), _set(key_w="'W' + {l}")),
    Operator("key times", ("key-multiplied",), _set(key_w="'W' * str({l})")),
    Operator("format without letter", ("key-format",), _set(key_w="'W%' % {l}")),
    Operator("range of a tuple", ("range-tuple",), _swap("header", "range(1, L)", "range((1, L))")),
    Operator("range of the list", ("error-range-of-list",), _swap("header", "range(1, L)", "range(1, {a})")),
    Operator("past the end", ("error-index",), _swap("header", "L):", "L + 1):")),
    Operator("no dict", ("dict-not-made",), _set(make="")),
    Operator("list for dict", ("list-for-dict",), _set(make="{dict} = []")),
    Operator("round index", ("error-round-brackets",), _set(bias="np.zeros(({a}({l}), 1))")),
    Operator("square call", ("error-square-brackets",), _set(bias="np.zeros[{n}, 1]")),
    Operator("list times", ("error-list-arithmetic",), _factor(" * np.sqrt(2 / {a})"), ("he",)),
    Operator("sqrt of two", ("sqrt-two-arguments",), _factor(" * np.sqrt(2, {p})"), ("he",)),
    Operator("shape of the list", ("list-attribute",), _set(between="m = {a}.shape[0]")),
    Operator("append to the dict", ("dict-append",), _set(after="{dict}.append(0)")),
    Operator("no np", ("prefix-missing",), _set(draw="randn({n}, {p})"), _DRAWN),
    Operator("np.randn", ("function-elsewhere",), _set(draw="np.randn({n}, {p})"), _DRAWN),
    Operator("misspelled", ("error-attribute",), _set(bias="np.zeroes(({n}, 1))")),
    Operator("math", ("error-import",), _factor(" * math.sqrt(2 / {p})"), ("he",)),
    Operator("unknown name", ("error-name",), _set(bias="np.zeros((n_units, 1))")),
    Operator("self", ("self-parameter",), _set(arguments="self, {a}")),
    Operator("half a size", ("size-not-whole",), _set(bias="np.zeros(({n} / 1, 1))")),
    Operator("function not called", ("function-not-called",), _set(draw="np.random.randn"), ("random", "he")),
    Operator("key left out", ("right-side-empty",), _set(bias="  ")),
    Operator("no colon", ("colon-missing",), _swap("header", "):", ")")),
    Operator("curly quotes", ("curly-quotes",), _swap("key_w", "'W", "\N{LEFT SINGLE QUOTATION MARK}W")),
    Operator("bracket open", ("bracket-not-closed",), _set(bias="np.zeros(({n}, 1)")),
)


def rewritings() -> Iterator[tuple[str, str]]:
    """Scheme and text of functions that are right, written differently: no two are equal."""
    draws = (
        "np.random.randn({n}, {p})",
        "np.random.standard_normal(({n}, {p}))",
        "np.random.normal(0, 1, ({n}, {p}))",
        "np.random.normal(size=({n}, {p}))",
        "np.random.randn({n} * {p}).reshape({n}, {p})",
        "np.random.standard_normal([{n}, {p}])",
        "np.random.randn(*({n}, {p}))",
    )
    zeros = (
        "np.zeros(({n}, {p}))",
        "np.zeros([{n}, {p}])",
        "np.full(({n}, {p}), 0.0)",
        "np.ones(({n}, {p})) * 0",
        "np.zeros({n} * {p}).reshape({n}, {p})",
        "-np.zeros(shape=({n}, {p}))",
        "np.array([[0.0] * {p}] * {n})",
    )
    biases = (
        "np.zeros(({n}, 1))",
        "np.zeros([{n}, 1])",
        "np.zeros({n}).reshape(-1, 1)",
        "np.zeros(({n}, 1), dtype=float)",
        "np.full(({n}, 1), 0)",
        "np.zeros({n})[:, None]",
        "np.array([[0.0]] * {n})",
        "-np.zeros(({n}, 1))",
    )
    comments = ("", "# one layer after the other")
    for form in forms():
        own = draws if form.scheme in _DRAWN else zeros
        for draw, bias, comment in itertools.product(own, biases, comments):
            parts = {
                "draw": draw.format(**form.parts),
                "bias": bias.format(**form.parts),
                "between": comment,
            }
            yield form.scheme, form.text(parts)
