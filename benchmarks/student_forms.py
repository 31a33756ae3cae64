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


DRAWN = ("random", "he", "xavier")
SCALED = ("he", "xavier")


def replaced(**parts: str) -> Callable[[Form], dict[str, str]]:
    """Replace parts by texts in which {n}, {p}, {l}, {a} and the form's own parts stand."""
    return lambda form: {name: text.format(**form.parts) for name, text in parts.items()}


def swapped(part: str, old: str, new: str) -> Callable[[Form], dict[str, str]]:
    """Replace a piece of one part, where it stands there."""

    def change(form: Form) -> dict[str, str]:
        text = form.parts[part]
        before, after = old.format(**form.parts), new.format(**form.parts)
        return {part: text.replace(before, after)} if before in text else {}

    return change


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
        own = draws if form.scheme in DRAWN else zeros
        for draw, bias, comment in itertools.product(own, biases, comments):
            parts = {
                "draw": draw.format(**form.parts),
                "bias": bias.format(**form.parts),
                "between": comment,
            }
            yield form.scheme, form.text(parts)
