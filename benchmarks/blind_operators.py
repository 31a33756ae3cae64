"""Mutation operators written by someone who had not read the catalogue.

They come from wrong functions in public copies and questions, from the text of the exercises, and from what
beginners in Python and NumPy do in general. The list was complete before its author saw the catalogue; which
of the catalogue's names are right for each operator was looked up afterwards (`NAMES`); the list stayed as
it was.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence

from benchmarks.student_forms import DRAWN, SCALED, SCHEMES, Form, Operator, replaced, swapped

_Change = Callable[[Form], dict[str, str]]
_PLAIN_LOOP = "for l in range(1, L):"


def _in_plain_loop(**parts: str) -> _Change:
    """Replace parts of the forms that loop as the exercise's own template does."""
    change = replaced(**parts)
    return lambda form: change(form) if form.parts["header"] == _PLAIN_LOOP else {}


def _with_str(**parts: str) -> _Change:
    """Replace parts of the forms that make their keys as the exercise's own text does."""
    change = replaced(**parts)
    return lambda form: change(form) if "str(" in form.parts["key_w"] else {}


_WRITTEN: Sequence[tuple[str, _Change, tuple[str, ...]]] = (
    # the factor
    ("a thousandth", replaced(factor=" * 0.001"), DRAWN),
    ("a tenth", replaced(factor=" * 0.1"), DRAWN),
    ("factor as a comment", replaced(factor="  # * 10"), DRAWN),
    ("root of the 2 only", replaced(factor=" * np.sqrt(2) / {p}"), ("he",)),
    ("root of the size only", replaced(factor=" * 2 / np.sqrt({p})"), ("he",)),
    ("size of this layer", replaced(factor=" * np.sqrt(2 / {n})"), ("he",)),
    ("roots of this layer", replaced(factor=" * np.sqrt(2) / np.sqrt({n})"), ("he",)),
    ("mean of both layers", replaced(factor=" * np.sqrt(2 / ({p} + {n}))"), SCALED),
    ("six over both layers", replaced(factor=" * np.sqrt(6 / ({p} + {n}))"), SCALED),
    ("fraction upside down", replaced(factor=" * np.sqrt({p} / 2)"), ("he",)),
    ("divided by the factor", replaced(factor=" / np.sqrt(2 / {p})"), ("he",)),
    ("size in the numerator", replaced(factor=" * np.sqrt(2 * {p})"), ("he",)),
    ("times the root of the size", replaced(factor=" * np.sqrt({p})"), SCALED),
    ("size of the input for all", replaced(factor=" * np.sqrt(2 / {a}[0])"), ("he",)),
    ("number of layers", replaced(factor=" * np.sqrt(2 / len({a}))"), ("he",)),
    ("sum of the sizes", replaced(factor=" * np.sqrt(2 / sum({a}))"), ("he",)),
    ("three for two", replaced(factor=" * np.sqrt(3 / {p})"), ("he",)),
    ("a hundredth left over", replaced(factor=" * np.sqrt(2 / {p}) * 0.01"), ("he",)),
    ("plus for times", replaced(factor=" + 10"), ("random",)),
    ("factor added", replaced(factor=" + np.sqrt(2 / {p})"), ("he",)),
    ("square for root", replaced(factor=" * np.square(2 / {p})"), ("he",)),
    ("half without brackets", replaced(factor=" * (2 / {p}) ** 1 / 2"), ("he",)),
    ("whole division", replaced(factor=" * np.sqrt(2 // {p})"), ("he",)),
    ("one less, outside the bracket", replaced(factor=" * np.sqrt(2 / ({n} - 1))"), ("he",)),
    ("number of the layer before", replaced(factor=" * np.sqrt(2 / ({l} - 1))"), ("he",)),
    ("sqrt without np", replaced(factor=" * sqrt(2 / {p})"), ("he",)),
    ("sqrt misspelt", replaced(factor=" * np.sqr(2 / {p})"), ("he",)),
    ("sqrt in square brackets", replaced(factor=" * np.sqrt[2 / {p}]"), ("he",)),
    ("comma for the fraction", replaced(factor=" * np.sqrt(2, {p})"), ("he",)),
    ("whole list in the fraction", replaced(factor=" * np.sqrt(2 / {a})"), ("he",)),
    ("list called", replaced(factor=" * np.sqrt(2 / {a}({l} - 1))"), ("he",)),
    ("matrix product with a number", replaced(factor=" @ 10"), ("random",)),
    ("times forgotten", replaced(factor=" 10"), ("random",)),
    ("ten inside the brackets", replaced(draw="np.random.randn({n}, {p} * 10)", factor=""), ("random",)),
    (
        "factor inside the brackets",
        replaced(draw="np.random.randn({n}, {p} * np.sqrt(2 / {p}))", factor=""),
        ("he",),
    ),
    # the numbers
    ("rand", replaced(draw="np.random.rand({n}, {p})"), DRAWN),
    ("random of one tuple", replaced(draw="np.random.random(({n}, {p}))"), DRAWN),
    ("uniform around zero", replaced(draw="np.random.uniform(-1, 1, ({n}, {p}))"), DRAWN),
    ("whole numbers", replaced(draw="np.random.randint(0, 10, ({n}, {p}))"), DRAWN),
    ("rows and columns exchanged", replaced(draw="np.random.randn({p}, {n})"), DRAWN),
    ("zeros exchanged", replaced(draw="np.zeros(({p}, {n}))"), ("zeros",)),
    ("turned", replaced(draw="np.random.randn({n}, {p}).T"), DRAWN),
    ("normal of the sizes", replaced(draw="np.random.normal({n}, {p})"), DRAWN),
    ("normal with loose sizes", replaced(draw="np.random.normal(0, 1, {n}, {p})"), DRAWN),
    ("standard_normal with loose sizes", replaced(draw="np.random.standard_normal({n}, {p})"), DRAWN),
    ("randn of a tuple", replaced(draw="np.random.randn(({n}, {p}))"), DRAWN),
    ("randn in square brackets", replaced(draw="np.random.randn[{n}, {p}]"), DRAWN),
    ("randn without random", replaced(draw="np.randn({n}, {p})"), DRAWN),
    ("randn alone", replaced(draw="randn({n}, {p})"), DRAWN),
    ("random without np", replaced(draw="random.randn({n}, {p})"), DRAWN),
    ("randn misspelt", replaced(draw="np.random.rndn({n}, {p})"), DRAWN),
    ("a new generator", replaced(draw="np.random.default_rng(3).standard_normal(({n}, {p}))"), DRAWN),
    ("sizes without signs", replaced(draw="np.abs(np.random.randn({n}, {p}))"), DRAWN),
    ("all ones", replaced(draw="np.ones(({n}, {p}))"), SCHEMES),
    ("zeros again", replaced(draw="np.zeros(({n}, {p}))"), DRAWN),
    ("one size", replaced(draw="np.random.randn({n})"), DRAWN),
    ("one column", replaced(draw="np.random.randn({n}, 1)"), DRAWN),
    ("square", replaced(draw="np.random.randn({n}, {n})"), DRAWN),
    ("zeros of loose sizes", replaced(draw="np.zeros({n}, {p})"), ("zeros",)),
    ("zero for zeros", replaced(draw="np.zero(({n}, {p}))"), ("zeros",)),
    ("random for zeros", replaced(draw="np.random.randn({n}, {p}) * 0.01"), ("zeros",)),
    ("identity", replaced(draw="np.eye({n}, {p})"), ("zeros",)),
    ("zeros_like of the sizes", replaced(draw="np.zeros_like(({n}, {p}))"), ("zeros",)),
    ("lists for an array", replaced(draw="[[0] * {p}] * {n}"), ("zeros",)),
    ("cut to whole numbers", replaced(draw="np.random.randn({n}, {p}).astype(int)"), DRAWN),
    ("rounded", replaced(draw="np.round(np.random.randn({n}, {p}), 2)"), DRAWN),
    # the seed
    ("seed 1", replaced(seed="np.random.seed(1)"), DRAWN),
    ("seed 42", replaced(seed="np.random.seed(42)"), DRAWN),
    ("no seed", replaced(seed=""), DRAWN),
    ("seed in the loop", replaced(seed="", between="np.random.seed(3)"), DRAWN),
    ("seed twice", replaced(between="np.random.seed(3)"), DRAWN),
    ("seed from the layer", replaced(between="np.random.seed({l})"), DRAWN),
    ("state that is thrown away", replaced(seed="np.random.RandomState(3)"), DRAWN),
    ("generator that is not used", replaced(seed="rng = np.random.default_rng(3)"), DRAWN),
    ("Python's own seed", replaced(outside="import random", seed="random.seed(3)"), DRAWN),
    ("seed at the end", replaced(seed="", **{"return": "np.random.seed(3)\n    {return}"}), DRAWN),
    ("seed above the function", replaced(outside="np.random.seed(3)", seed=""), DRAWN),
    ("a look at the numbers", replaced(seed="{seed}\n    print(np.random.randn(2, 2))"), DRAWN),
    # the biases
    ("flat biases", replaced(bias="np.zeros({n})"), SCHEMES),
    ("flat biases by a comma", replaced(bias="np.zeros(({n},))"), SCHEMES),
    ("biases in a row", replaced(bias="np.zeros((1, {n}))"), SCHEMES),
    ("biases of the layer before", replaced(bias="np.zeros(({p}, 1))"), SCHEMES),
    ("biases of one", replaced(bias="np.ones(({n}, 1))"), SCHEMES),
    ("random biases", replaced(bias="np.random.randn({n}, 1)"), DRAWN),
    ("small random biases", replaced(bias="np.random.randn({n}, 1) * 0.01"), DRAWN),
    ("one zero", replaced(bias="0"), SCHEMES),
    ("biases like the weights", replaced(bias="np.zeros(({n}, {p}))"), SCHEMES),
    ("biases of loose sizes", replaced(bias="np.zeros({n}, 1)"), SCHEMES),
    ("biases of the layer's number", replaced(bias="np.zeros(({l}, 1))"), SCHEMES),
    ("biases of the whole list", replaced(bias="np.zeros(({a}, 1))"), SCHEMES),
    ("biases None", replaced(bias="None"), SCHEMES),
    ("biases a list", replaced(bias="[0] * {n}"), SCHEMES),
    ("no biases", replaced(bias=""), SCHEMES),
    # the keys
    ("small w", swapped("key_w", "W", "w"), SCHEMES),
    ("large B", swapped("key_b", "b", "B"), SCHEMES),
    ("underscore", swapped("key_w", "W", "W_"), SCHEMES),
    ("weights' key twice", replaced(key_b="{key_w}"), SCHEMES),
    ("keys exchanged", replaced(key_w="{key_b}", key_b="{key_w}"), SCHEMES),
    ("always the same key", replaced(key_w="'W'", key_b="'b'"), SCHEMES),
    ("only the number", replaced(key_w="{l}"), SCHEMES),
    ("a tuple of both", _with_str(key_w="'W', str({l})"), SCHEMES),
    ("number not made a string", _with_str(key_w="'W' + {l}"), SCHEMES),
    ("string for str", _with_str(key_w="'W' + string({l})"), SCHEMES),
    ("str in square brackets", _with_str(key_w="'W' + str[{l}]"), SCHEMES),
    ("letter without quotes", _with_str(key_w="W + str({l})"), SCHEMES),
    ("f forgotten", swapped("key_w", 'f"', '"'), SCHEMES),
    ("key of the layer before", _with_str(key_w="'W' + str({l} - 1)"), SCHEMES),
    (
        "a dictionary per layer",
        replaced(dict="{dict}.setdefault({l}, {{}})", key_w="'W'", key_b="'b'"),
        SCHEMES,
    ),
    # the loop
    ("one layer short", _in_plain_loop(header="for l in range(1, L - 1):"), SCHEMES),
    ("from zero", _in_plain_loop(header="for l in range(L):"), SCHEMES),
    ("from zero, one short", _in_plain_loop(header="for l in range(L - 1):"), SCHEMES),
    ("from the second", _in_plain_loop(header="for l in range(2, L):"), SCHEMES),
    ("one too many", _in_plain_loop(header="for l in range(1, L + 1):"), SCHEMES),
    ("over the sizes", _in_plain_loop(header="for l in {a}:"), SCHEMES),
    ("over a number", _in_plain_loop(header="for l in L:"), SCHEMES),
    ("range of the list", _in_plain_loop(header="for l in range(1, {a}):"), SCHEMES),
    ("two layers always", _in_plain_loop(header="for l in range(1, 3):"), SCHEMES),
    ("L without len", _in_plain_loop(size="L = {a}"), SCHEMES),
    ("L forgotten", _in_plain_loop(size=""), SCHEMES),
    # the dictionary and what is returned
    ("no return", replaced(**{"return": ""}), SCHEMES),
    ("return in the loop", replaced(after="{return}"), SCHEMES),
    ("print for return", replaced(**{"return": "print({dict})"}), SCHEMES),
    ("values returned", replaced(**{"return": "return {dict}.values()"}), SCHEMES),
    ("last pair returned", replaced(**{"return": "return {dict}[{key_w}], {dict}[{key_b}]"}), SCHEMES),
    ("return misspelt", replaced(**{"return": "return paramters"}), SCHEMES),
    ("a list for the dictionary", replaced(make="{dict} = []"), SCHEMES),
    ("dict not called", replaced(make="{dict} = dict"), SCHEMES),
    ("dictionary made in the loop", replaced(make="", between="{dict} = {{}}"), SCHEMES),
    ("no dictionary", replaced(make=""), SCHEMES),
    ("dictionary outside", replaced(outside="{dict} = {{}}", make=""), SCHEMES),
    ("dictionary as default", replaced(arguments="{a}, {dict}={{}}", make=""), SCHEMES),
    ("dictionary called", replaced(dict="{dict}.get"), SCHEMES),
    # the arguments
    ("sizes one by one", replaced(arguments="n_x, n_h, n_y"), SCHEMES),
    ("no argument", replaced(arguments=""), SCHEMES),
    ("starred argument", replaced(arguments="*{a}"), SCHEMES),
    ("another name", replaced(arguments="sizes_of_layers"), SCHEMES),
    ("a second argument", replaced(arguments="{a}, scale"), SCHEMES),
    ("sizes of its own", replaced(make="{a} = [2, 4, 1]\n    {make}"), SCHEMES),
    ("list grows", replaced(make="{a}.append(1)\n    {make}"), SCHEMES),
    ("list turned round", replaced(make="{a}.reverse()\n    {make}"), SCHEMES),
    # afterwards
    ("length one", replaced(after="{dict}[{key_w}] /= np.linalg.norm({dict}[{key_w}])"), DRAWN),
    ("factor once more", replaced(after="{dict}[{key_w}] = {dict}[{key_w}] * 10"), ("random",)),
    ("wrong assertion", replaced(after="assert {dict}[{key_w}].shape == ({p}, {n})"), SCHEMES),
    ("mean taken away", replaced(after="{dict}[{key_w}] -= np.mean({dict}[{key_w}])"), DRAWN),
    # Python's own
    ("colon forgotten", lambda form: {"header": form.parts["header"].rstrip(":")}, SCHEMES),
    ("bracket forgotten", replaced(draw="np.zeros(({n}, {p})"), ("zeros",)),
    ("two equals signs", replaced(bias="= np.zeros(({n}, 1))"), SCHEMES),
    ("return too far left", replaced(**{"return": "\n{return}"}), SCHEMES),
)

NAMES: Mapping[str, tuple[str, ...]] = {}


def blind_operators() -> tuple[Operator, ...]:
    """The operators of this list, with the catalogue's names for their mistakes."""
    return tuple(
        Operator(name, NAMES[name], change, schemes, blind=True) for name, change, schemes in _WRITTEN
    )
