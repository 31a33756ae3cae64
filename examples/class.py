"""Example classes: what students might hand in, and the score each test must give them.

Every submission is written from the release, as a student would: the stub in a solution cell is replaced,
now and then a cell is added. Right answers come in several styles; each wrong one has one mistake that real
classes make. `autograder demo` grades this class, and the tests compare the grader's scores with
`expected_scores`.

`CLASS` is 35 submissions of `initialization`; `DEEPER_CLASS` a few of `deeper`. Long because it is a table.
As a program it writes both into a course:

    python examples/class.py DIR      writes DIR/submitted/<student>/<assignment>/<assignment>.ipynb
"""

from __future__ import annotations

import json
import re
import sys
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

ASSIGNMENT = "initialization"
STUB = re.compile(r"(?m)^( *)# YOUR CODE HERE\n\1raise NotImplementedError\(\)")
ZEROS, RANDOM, HE = "initialize_parameters_zeros", "initialize_parameters_random", "initialize_parameters_he"

POINTS = {
    "zeros_shapes": 5,
    "zeros_values": 10,
    "random_shapes": 5,
    "random_values": 15,
    "random_seed": 10,
    "he_shapes": 5,
    "he_values": 20,
    "he_seed": 10,
}
DEEPER_POINTS = {
    "xavier_shapes": 5,
    "xavier_values": 15,
    "xavier_seed": 10,
    "general_shapes": 5,
    "general_values": 25,
    "general_seed": 10,
}
ALL_TESTS = tuple(POINTS)
ZEROS_TESTS = ("zeros_shapes", "zeros_values")
RANDOM_TESTS = ("random_shapes", "random_values", "random_seed")
HE_TESTS = ("he_shapes", "he_values", "he_seed")
SHAPES_AND_VALUES = tuple(test for test in ALL_TESTS if not test.endswith("_seed"))


@dataclass(frozen=True)
class Body:
    """Lines that stand where the release says YOUR CODE HERE."""

    lines: str


@dataclass(frozen=True)
class Whole:
    """The whole text of a cell."""

    text: str


@dataclass(frozen=True)
class Student:
    """One submission.

    Attributes
    ----------
    name : str
        The student's id.
    story : str
        What is right, odd or wrong about it, for whoever reads the demo's table.
    cells : mapping of str to Body or Whole
        By grade id; cells not named stay as released.
    fails : tuple of str
        Tests that give 0 points; all others give full points.
    extra : mapping of str to str
        Code cells of the student's own, by the grade id of the cell they stand before.
    rejected : bool
        The file is no notebook at all.
    """

    name: str
    story: str
    cells: Mapping[str, Body | Whole] = field(default_factory=dict)
    fails: tuple[str, ...] = ()
    extra: Mapping[str, str] = field(default_factory=dict)
    rejected: bool = False


def expected_scores(student: Student) -> dict[str, float]:
    """Points for each test, by grade id."""
    possible = DEEPER_POINTS if student in DEEPER_CLASS else POINTS
    return {test: 0.0 if test in student.fails else float(points) for test, points in possible.items()}


# ------------------------------------------------------------------ what students write

RIGHT_ZEROS = Body(
    """\
parameters["W" + str(l)] = np.zeros((layers_dims[l], layers_dims[l - 1]))
parameters["b" + str(l)] = np.zeros((layers_dims[l], 1))"""
)
RIGHT_RANDOM = Body(
    """\
parameters["W" + str(l)] = np.random.randn(layers_dims[l], layers_dims[l - 1]) * 10
parameters["b" + str(l)] = np.zeros((layers_dims[l], 1))"""
)
RIGHT_HE = Body(
    """\
scale = np.sqrt(2 / layers_dims[l - 1])
parameters["W" + str(l)] = np.random.randn(layers_dims[l], layers_dims[l - 1]) * scale
parameters["b" + str(l)] = np.zeros((layers_dims[l], 1))"""
)
RIGHT: dict[str, Body | Whole] = {ZEROS: RIGHT_ZEROS, RANDOM: RIGHT_RANDOM, HE: RIGHT_HE}
ANSWERS: dict[str, Body | Whole] = {
    "observations_random": Whole(
        "The cost starts at infinity and falls to about 0.38, slower and slower. It learns at all because "
        "the neurons differ now. Another seed gives other numbers, but it would still start far too high."
    ),
    "observations_he": Whole(
        "The cost starts below 1 and ends near 0.07; after about 7,000 iterations it is already better than "
        "the large random start ever was. The weights have the right size, so nothing saturates."
    ),
}

_COMPREHENSIONS = """\
def {name}(layers_dims):
    np.random.seed(3)
    pairs = list(zip(layers_dims[1:], layers_dims[:-1]))
    weights = {{f"W{{k}}": {weights} for k, (n, n_prev) in enumerate(pairs, start=1)}}
    biases = {{f"b{{k}}": np.zeros((n, 1)) for k, (n, _) in enumerate(pairs, start=1)}}
    return {{**weights, **biases}}
"""
_GENERATOR = """\
def {name}(layers_dims):
    rng = {generator}
    parameters = {{}}
    for l in range(1, len(layers_dims)):
        parameters[f"W{{l}}"] = rng.{draw}((layers_dims[l], layers_dims[l - 1])) * {scale}
        parameters[f"b{{l}}"] = np.zeros((layers_dims[l], 1))
    return parameters
"""
_CHANGES_ITS_LIST = """\
def initialize_parameters_he(layers_dims):
    np.random.seed(3)
    parameters = {"layers": len(layers_dims) - 1, "method": "he"}
    n_prev = layers_dims.pop(0)
    l = 1
    while layers_dims:
        n = layers_dims.pop(0)
        parameters["W" + str(l)] = np.random.randn(n, n_prev) * np.sqrt(2.0 / n_prev)
        parameters["b" + str(l)] = np.zeros((n, 1))
        n_prev = n
        l += 1
    return parameters
"""
_WITH_HELPER = """\
def {name}(sizes):
    return build_layers(sizes, {scale})
"""
_HELPER = """\
SEED = 3


def build_layers(sizes, scale):
    np.random.seed(SEED)
    parameters = {}
    for layer in range(1, len(sizes)):
        shape = (sizes[layer], sizes[layer - 1])
        parameters["W%d" % layer] = np.random.randn(*shape) * scale(sizes[layer - 1])
        parameters["b%d" % layer] = np.zeros((sizes[layer], 1))
    return parameters
"""
_RETURN_INSIDE = """\
def {name}(layers_dims):
    np.random.seed(3)
    parameters = {{}}
    L = len(layers_dims)

    for l in range(1, L):
        parameters["W" + str(l)] = {weights}
        parameters["b" + str(l)] = np.zeros((layers_dims[l], 1))
        return parameters
"""
_NO_SEED = """\
def {name}(layers_dims):
    parameters = {{}}
    L = len(layers_dims)

    for l in range(1, L):
        parameters["W" + str(l)] = np.random.randn(layers_dims[l], layers_dims[l - 1]) * {scale}
        parameters["b" + str(l)] = np.zeros((layers_dims[l], 1))

    return parameters
"""
_HE_SCALE = "np.sqrt(2 / layers_dims[l - 1])"
_DRAW = "np.random.randn(layers_dims[l], layers_dims[l - 1])"
_ZERO_BIAS = '\nparameters["b" + str(l)] = np.zeros((layers_dims[l], 1))'


def _weights(expression: str) -> Body:
    """The loop body with these weights and right biases."""
    return Body(f'parameters["W" + str(l)] = {expression}{_ZERO_BIAS}')


def _all_three(change: str, to: str) -> dict[str, Body | Whole]:
    """The right bodies with one piece of text changed in each."""
    return {
        name: Body(body.lines.replace(change, to)) for name, body in RIGHT.items() if isinstance(body, Body)
    }


CLASS = (
    # -------------------------------------------------------------- right, in several styles
    Student("ada", "right, as the release suggests", RIGHT | ANSWERS),
    Student(
        "benoit",
        "right, with comprehensions",
        {
            ZEROS: Whole(_COMPREHENSIONS.format(name=ZEROS, weights="np.zeros((n, n_prev))")),
            RANDOM: Whole(_COMPREHENSIONS.format(name=RANDOM, weights="np.random.randn(n, n_prev) * 10")),
            HE: Whole(
                _COMPREHENSIONS.format(name=HE, weights="np.random.randn(n, n_prev) * np.sqrt(2 / n_prev)")
            ),
        }
        | ANSWERS,
    ),
    Student(
        "chandra",
        "right, with RandomState(3)",
        RIGHT
        | {
            RANDOM: Whole(
                _GENERATOR.format(
                    name=RANDOM, generator="np.random.RandomState(3)", draw="standard_normal", scale="10.0"
                )
            ),
            HE: Whole(
                _GENERATOR.format(
                    name=HE,
                    generator="np.random.RandomState(seed=3)",
                    draw="standard_normal",
                    scale=_HE_SCALE,
                )
            ),
        },
    ),
    Student(
        "dmitri",
        "right, np.random.normal and integer zeros",
        {
            ZEROS: Body(
                RIGHT_ZEROS.lines.replace("1]))", "1]), dtype=int)").replace(", 1))", ", 1), dtype=int)")
            ),
            RANDOM: _weights("np.random.normal(0, 10, (layers_dims[l], layers_dims[l - 1]))"),
            HE: _weights(
                f"np.random.normal(0.0, {_HE_SCALE}, size=(layers_dims[l], layers_dims[l - 1])).astype(float)"
            ),
        },
    ),
    Student(
        "eunice",
        "right, np.matrix and float32 zeros (odd, accepted)",
        {
            ZEROS: Body(RIGHT_ZEROS.lines.replace("1]))", "1]), dtype=np.float32)")),
            RANDOM: _weights(f"np.asmatrix({_DRAW} * 10)"),
            HE: RIGHT_HE,
        },
    ),
    Student(
        "fatima",
        "right, with a function of her own in an extra cell",
        {
            ZEROS: Whole(_WITH_HELPER.format(name=ZEROS, scale="lambda n: 0.0")),
            RANDOM: Whole(_WITH_HELPER.format(name=RANDOM, scale="lambda n: 10.0")),
            HE: Whole(_WITH_HELPER.format(name=HE, scale="lambda n: (2 / n) ** 0.5")),
        },
        extra={ZEROS: _HELPER},
    ),
    Student(
        "goran",
        "right, prints a lot",
        RIGHT | {HE: Body(RIGHT_HE.lines + '\nprint("layer", l, "weights:", parameters["W" + str(l)])')},
    ),
    Student(
        "hana",
        "right, adds keys and empties the list it was given (said, not punished)",
        RIGHT | {HE: Whole(_CHANGES_ITS_LIST)} | ANSWERS,
    ),
    # -------------------------------------------------------------- not finished
    Student("ines", "handed in as released", fails=ALL_TESTS),
    Student(
        "jonas", "half finished: he is missing", {ZEROS: RIGHT_ZEROS, RANDOM: RIGHT_RANDOM}, fails=HE_TESTS
    ),
    Student(
        "kofi",
        "stub deleted, only the comment left: IndentationError",
        RIGHT | {HE: Body("# YOUR CODE HERE")},
        fails=HE_TESTS,
    ),
    Student(
        "lucia",
        "a bracket missing: SyntaxError",
        RIGHT | {RANDOM: Body(RIGHT_RANDOM.lines.replace(" - 1])", " - 1]"))},
        fails=RANDOM_TESTS,
    ),
    Student(
        "marek",
        "an endless loop in zeros, the rest right",
        RIGHT | {ZEROS: Body("while l > 0:\n    pass")},
        fails=ZEROS_TESTS,
    ),
    # -------------------------------------------------------------- shapes, keys, types
    Student(
        "nadia",
        "weights transposed",
        _all_three("layers_dims[l], layers_dims[l - 1])", "layers_dims[l - 1], layers_dims[l])"),
        fails=SHAPES_AND_VALUES,
    ),
    Student(
        "omar", "biases of shape (n,)", _all_three("(layers_dims[l], 1)", "layers_dims[l]"), SHAPES_AND_VALUES
    ),
    Student("priya", "keys W0, b0, ...", _all_three("str(l)", "str(l - 1)"), fails=ALL_TESTS),
    Student(
        "quinn",
        "the answers of the examples, typed in",
        {
            ZEROS: Whole(
                f"def {ZEROS}(layers_dims):\n"
                '    return {"W1": np.zeros((2, 3)), "b1": np.zeros((2, 1)), "W2": np.zeros((1, 2)), '
                '"b2": np.zeros((1, 1))}\n'
            ),
            RANDOM: Whole(
                f"def {RANDOM}(layers_dims):\n"
                "    W1 = np.array([[17.88628473, 4.36509851, 0.96497468], "
                "[-18.63492703, -2.77388203, -3.54758979]])\n"
                "    W2 = np.array([[-0.82741481, -6.27000677]])\n"
                '    return {"W1": W1, "b1": np.zeros((2, 1)), "W2": W2, "b2": np.zeros((1, 1))}\n'
            ),
            HE: RIGHT_HE,
        },
        fails=ZEROS_TESTS + RANDOM_TESTS,
    ),
    Student(
        "rosa",
        "return inside the loop",
        {
            ZEROS: RIGHT_ZEROS,
            RANDOM: Whole(_RETURN_INSIDE.format(name=RANDOM, weights=f"{_DRAW} * 10")),
            HE: Whole(_RETURN_INSIDE.format(name=HE, weights=f"{_DRAW} * {_HE_SCALE}")),
        },
        fails=RANDOM_TESTS + HE_TESTS,
    ),
    Student(
        "said",
        "returns an empty dictionary",
        {name: Whole(f"def {name}(layers_dims):\n    return {{}}\n") for name in RIGHT},
        fails=ALL_TESTS,
    ),
    Student("tove", "weights without biases", _all_three(_ZERO_BIAS, ""), fails=ALL_TESTS),
    Student(
        "ugo",
        "lists instead of arrays",
        _all_three("np.zeros((layers_dims[l], 1))", "[[0.0]] * layers_dims[l]"),
        fails=ALL_TESTS,
    ),
    # -------------------------------------------------------------- seeds
    Student(
        "vera",
        "no seed",
        {
            ZEROS: RIGHT_ZEROS,
            RANDOM: Whole(_NO_SEED.format(name=RANDOM, scale="10")),
            HE: Whole(_NO_SEED.format(name=HE, scale=_HE_SCALE)),
        },
        fails=("random_values", "random_seed", "he_values", "he_seed"),
    ),
    Student(
        "wanda",
        "seed outside the function",
        RIGHT | {HE: Whole("np.random.seed(3)\n\n\n" + _NO_SEED.format(name=HE, scale=_HE_SCALE))},
        fails=("he_values", "he_seed"),
    ),
    Student(
        "xenia",
        "seed set again for every layer",
        RIGHT
        | {
            RANDOM: Body("np.random.seed(3)\n" + RIGHT_RANDOM.lines),
            HE: Body("np.random.seed(3)\n" + RIGHT_HE.lines),
        },
        fails=("random_values", "he_values"),
    ),
    Student(
        "yusuf",
        "default_rng(3): other numbers",
        RIGHT
        | {
            HE: Whole(
                _GENERATOR.format(
                    name=HE, generator="np.random.default_rng(3)", draw="standard_normal", scale=_HE_SCALE
                )
            )
        },
        fails=("he_values",),
    ),
    # -------------------------------------------------------------- formulas
    Student(
        "zoe",
        "He with sqrt(1/n): that is Xavier",
        RIGHT | {HE: _weights(f"{_DRAW} * np.sqrt(1 / layers_dims[l - 1])")} | ANSWERS,
        fails=("he_values",),
    ),
    Student(
        "amir",
        "random times 0.01, He with 2/n",
        RIGHT | {RANDOM: _weights(f"{_DRAW} * 0.01"), HE: _weights(f"{_DRAW} * (2 / layers_dims[l - 1])")},
        fails=("random_values", "he_values"),
    ),
    Student(
        "bella",
        "rand for randn",
        RIGHT
        | {
            RANDOM: _weights("np.random.rand(layers_dims[l], layers_dims[l - 1]) * 10"),
            HE: _weights(f"np.random.rand(layers_dims[l], layers_dims[l - 1]) * {_HE_SCALE}"),
        },
        fails=("random_values", "he_values"),
    ),
    Student(
        "carlos",
        "random biases drawn between the weights",
        RIGHT
        | {
            HE: Body(
                f'parameters["W" + str(l)] = {_DRAW} * {_HE_SCALE}\n'
                'parameters["b" + str(l)] = np.random.randn(layers_dims[l], 1)'
            )
        },
        fails=("he_values",),
    ),
    Student(
        "dina",
        "He always with layers_dims[0]",
        RIGHT | {HE: _weights(f"{_DRAW} * np.sqrt(2 / layers_dims[0])")},
        fails=("he_values",),
    ),
    # -------------------------------------------------------------- Python
    Student(
        "emil",
        "1 typed for l",
        RIGHT | {HE: _weights(f"np.random.randn(layers_dims[1], layers_dims[1 - 1]) * {_HE_SCALE}")},
        fails=HE_TESTS,
    ),
    Student(
        "farah",
        "renamed the function",
        RIGHT | {HE: Whole(_NO_SEED.format(name="he_initialization", scale=_HE_SCALE))},
        fails=HE_TESTS,
    ),
    Student(
        "gil",
        "np.float, gone from NumPy",
        RIGHT | {ZEROS: Body(RIGHT_ZEROS.lines.replace("1]))", "1]), dtype=np.float)"))},
        fails=ZEROS_TESTS,
    ),
    Student(
        "hugo",
        "randn((a, b)), and a variable that does not exist",
        {
            ZEROS: RIGHT_ZEROS,
            RANDOM: _weights("np.random.randn((layers_dims[l], layers_dims[l - 1])) * 10"),
            HE: _weights(f"{_DRAW} * np.sqrt(2 / n_prev)"),
        },
        fails=RANDOM_TESTS + HE_TESTS,
    ),
    Student("iris", "a file cut off on the way", rejected=True),
)


# ------------------------------------------------------------------ the second assignment

XAVIER, GENERAL = "initialize_parameters_xavier", "initialize_parameters"
_GENERAL_BODY = """\
if method == "auto":
    method = "he" if hidden == "relu" else "xavier"
if method not in ("zeros", "random", "xavier", "he"):
    raise ValueError("method must be zeros, random, xavier, he or auto, not " + repr(method))
for l in range(1, L):
    n, n_prev = layers_dims[l], layers_dims[l - 1]
    if method == "zeros":
        factor = 0
    elif method == "random":
        factor = 10
    elif method == "xavier":
        factor = np.sqrt(1 / n_prev)
    else:
        factor = np.sqrt(2 / n_prev)
    parameters["W" + str(l)] = np.random.randn(n, n_prev) * factor
    parameters["b" + str(l)] = np.zeros((n, 1))"""
RIGHT_DEEPER: dict[str, Body | Whole] = {
    XAVIER: _weights(f"{_DRAW} * np.sqrt(1 / layers_dims[l - 1])"),
    GENERAL: Body(_GENERAL_BODY),
}
_BY_TABLE = """\
def initialize_parameters(layers_dims, method, hidden):
    gains = {"zeros": 0.0, "xavier": 1.0, "he": 2.0, "auto": {"relu": 2.0, "tanh": 1.0}[hidden]}
    if method != "random" and method not in gains:
        raise ValueError(f"unknown method {method}")
    rng = np.random.RandomState(3)
    parameters = {}
    for l, (n_prev, n) in enumerate(zip(layers_dims, layers_dims[1:]), start=1):
        factor = 10.0 if method == "random" else (gains[method] / n_prev) ** 0.5
        parameters[f"W{l}"] = factor * rng.randn(n, n_prev)
        parameters[f"b{l}"] = np.zeros((n, 1))
    return parameters
"""
_REUSES_XAVIER = """\
def initialize_parameters(layers_dims, method, hidden):
    parameters = initialize_parameters_xavier(layers_dims)
    if method == "auto":
        method = {"relu": "he", "tanh": "xavier"}[hidden]
    for l in range(1, len(layers_dims)):
        n_prev = layers_dims[l - 1]
        changes = {"xavier": 1, "he": 2**0.5, "zeros": 0, "random": 10 * n_prev**0.5}
        if method not in changes:
            raise ValueError(method)
        parameters["W" + str(l)] *= changes[method]
    return parameters
"""
_DEEPER_ANSWER: dict[str, Body | Whole] = {
    "observations_depth": Whole(
        "Xavier keeps the variance for tanh, whose slope at 0 is 1; ReLU halves it, which He makes up for. "
        "In three layers the factor is under 3, in 50 it is 33 million."
    )
}
GENERAL_TESTS = ("general_shapes", "general_values", "general_seed")

DEEPER_CLASS = (
    Student("ada", "right, with a chain of ifs", RIGHT_DEEPER | _DEEPER_ANSWER),
    Student("benoit", "right, with a table of gains", RIGHT_DEEPER | {GENERAL: Whole(_BY_TABLE)}),
    Student("chandra", "right, rescales his own Xavier", RIGHT_DEEPER | {GENERAL: Whole(_REUSES_XAVIER)}),
    Student("ines", "handed in as released", fails=tuple(DEEPER_POINTS)),
    Student(
        "jonas",
        "half finished: the general function is missing",
        {XAVIER: RIGHT_DEEPER[XAVIER]},
        fails=GENERAL_TESTS,
    ),
    Student(
        "nadia",
        "Xavier's weights transposed",
        RIGHT_DEEPER
        | {
            XAVIER: _weights(
                "np.random.randn(layers_dims[l - 1], layers_dims[l]) / np.sqrt(layers_dims[l - 1])"
            )
        },
        fails=("xavier_shapes", "xavier_values"),
    ),
    Student(
        "vera",
        "auto the wrong way round",
        RIGHT_DEEPER | {GENERAL: Body(_GENERAL_BODY.replace('== "relu"', '== "tanh"'))},
        fails=("general_values",),
    ),
    Student(
        "zoe",
        "He's factor in Xavier, no error for an unknown method",
        {
            XAVIER: _weights(f"{_DRAW} * {_HE_SCALE}"),
            GENERAL: Body(_GENERAL_BODY.replace('    raise ValueError("', '    print("')),
        },
        fails=("xavier_values", "general_values"),
    ),
)


# ------------------------------------------------------------------ writing it


def submission(released: Mapping[str, Any], student: Student) -> dict[str, Any]:
    """The notebook that `student` hands in, made from the released notebook (nbformat 4, as parsed JSON)."""
    cells: list[dict[str, Any]] = []
    for cell in released["cells"]:
        grade_id = cell["metadata"].get("nbgrader", {}).get("grade_id")
        if grade_id in student.extra:
            cells.append(_own_cell(f"own-{len(cells)}", student.extra[grade_id]))
        cells.append(cell | {"source": _written(cell, student.cells.get(grade_id))})
    return dict(released) | {"cells": cells}


def write_class(released: Path, course: Path, students: tuple[Student, ...] = CLASS) -> list[Path]:
    """Write every submission to `course/submitted/`; the paths written.

    Parameters
    ----------
    released : Path
        The notebook of the release; its name is the assignment's.
    course : Path
        A course's folder.
    """
    text = released.read_text(encoding="utf-8")
    paths = []
    for student in students:
        path = course / "submitted" / student.name / released.stem / released.name
        path.parent.mkdir(parents=True, exist_ok=True)
        if student.rejected:
            path.write_text(text[: len(text) // 2], encoding="utf-8")
        else:
            notebook = submission(json.loads(text), student)
            path.write_text(json.dumps(notebook, indent=1, ensure_ascii=False) + "\n", encoding="utf-8")
        paths.append(path)
    return paths


def _written(cell: Mapping[str, Any], written: Body | Whole | None) -> str:
    released = "".join(cell["source"])
    if written is None:
        return released
    if isinstance(written, Whole):
        return written.text.rstrip("\n")
    stub = STUB.search(released)
    if stub is None:
        raise ValueError(f"cell {cell['id']!r} of the release has no stub to replace; is the release stale?")
    lines = "\n".join(stub[1] + line for line in written.lines.split("\n"))
    return released[: stub.start()] + lines + released[stub.end() :]


def _own_cell(cell_id: str, text: str) -> dict[str, Any]:
    return {
        "cell_type": "code",
        "execution_count": None,
        "id": cell_id,
        "metadata": {},
        "outputs": [],
        "source": text.rstrip("\n"),
    }


def main(words: list[str]) -> int:
    """Write both classes into the folder named on the command line."""
    if len(words) != 1:
        print("usage: python examples/class.py DIR", file=sys.stderr)
        return 2
    release = Path(__file__).resolve().parents[1] / "release"
    for assignment, students in ((ASSIGNMENT, CLASS), ("deeper", DEEPER_CLASS)):
        paths = write_class(release / assignment / f"{assignment}.ipynb", Path(words[0]), students)
        print(f"{len(paths)} submissions of {assignment} written to {Path(words[0]) / 'submitted'}")
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
