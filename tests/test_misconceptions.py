"""The catalogue, the diagnosis and the page in docs/; the student functions are in tests/mistakes/."""

from __future__ import annotations

import itertools
import random
import re
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from autograder.misconceptions import CATALOGUE, NOT_FOUND, Diagnosis, Outcome, diagnose
from autograder.misconceptions.catalogue import EXAMPLES
from autograder.misconceptions.errors import error_text, name_error
from autograder.misconceptions.failures import ANY
from autograder.misconceptions.formulas import SCHEMES, right_parameters
from autograder.misconceptions.pages import catalogue_page
from autograder.misconceptions.probes import PROBE
from autograder.misconceptions.reading import (
    name_missing_function,
    name_syntax_error,
    parse,
    refine_missing_seed,
)
from autograder.misconceptions.wording import diagnosis_of
from autograder.raised_line import RaisedLine, Value
from tests.mistakes.reader import Case, Student, read_cases

PAGE = Path(__file__).parents[1] / "docs" / "misconceptions.md"
KNOWN = read_cases("known")
HELD_OUT = read_cases("heldout")
RIGHT = read_cases("right")
SEVERAL = read_cases("several")
OF_ANY_ASSIGNMENT = {entry.id for entry in ANY}  # named by how a check ended: tests/test_diagnosing.py


def told(case: Case) -> Diagnosis | None:
    student = Student(case)
    return diagnose(case.scheme, student.call, case.source, call_again=student.call_again)


# ---------------------------------------------------------------- wrong functions are named


@pytest.mark.parametrize("case", KNOWN, ids=str)
def test_each_entry_recognises_the_function_that_has_its_mistake(case: Case) -> None:
    found = told(case)
    assert found is not None
    assert (case.id, found.hint) == (found.id, found.hint)


def test_every_entry_has_a_function_that_has_its_mistake() -> None:
    assert set(CATALOGUE) - OF_ANY_ASSIGNMENT == {case.id for case in KNOWN}


def test_at_least_nine_in_ten_functions_that_the_catalogue_was_not_made_from_are_named() -> None:
    named = {}
    for case in HELD_OUT:
        student = Student(case)
        found = diagnose(case.scheme, student.call, case.source)
        named[str(case)] = found is not None and found.id in case.id.split("|")
    assert len(named) >= 60
    assert sum(named.values()) >= 0.9 * len(named), [name for name, right in named.items() if not right]


def test_without_the_text_of_the_cell_behaviour_alone_names_them() -> None:
    running = [case for case in HELD_OUT if Student(case).function() is not None]
    for case in running:
        student = Student(case)
        found = diagnose(case.scheme, student.call, call_again=student.call_again)
        assert found is not None
        assert found.id != "values-unrecognised"


@pytest.mark.parametrize("case", SEVERAL, ids=str)
def test_every_independent_mistake_is_told_in_the_order_of_mending(case: Case) -> None:
    student = Student(case)
    found = diagnose(
        case.scheme,
        student.call,
        case.source,
        call_again=student.call_again,
        call_seeded=student.call_seeded,
        rewritten=student.rewritten,
    )
    assert found is not None
    told_ids = [found.id, *(other.id for other in found.further)]
    assert set(told_ids) == set(case.id.split(","))
    assert told_ids[1:] == [mistake for mistake in case.id.split(",") if mistake != told_ids[0]]


def test_one_mistake_alone_has_no_other_beside_it() -> None:
    beside = {}
    for case in [*KNOWN, *HELD_OUT]:
        student = Student(case)
        found = diagnose(case.scheme, student.call, case.source, call_seeded=student.call_seeded)
        if found is not None and found.further:
            beside[case.id] = [other.id for other in found.further]
    # In each the second is there: the seed after each draw is in the loop, these biases are rows or have the
    # size of another layer, and the weights of a wrong shape have no factor either.
    assert beside == {
        "seed-after-draw": ["seed-in-loop"],
        "weights-transposed": ["bias-row"],
        "weights-shape": ["factor-missing"],
        "index-one-for-l|index-first-layer": ["bias-previous-layer"],
        "index-off-by-one|index-first-layer|weights-shape|error-index": ["bias-previous-layer"],
    }


def test_what_is_not_found_is_not_called_named() -> None:
    named = {case.id: found.is_named for case in KNOWN if (found := told(case)) is not None}
    assert {name for name, is_named in named.items() if not is_named} == NOT_FOUND - OF_ANY_ASSIGNMENT


# ---------------------------------------------------------------- right functions are not


@pytest.mark.parametrize("case", RIGHT, ids=str)
def test_a_right_function_is_never_called_wrong(case: Case) -> None:
    assert told(case) is None
    assert diagnose(case.scheme, Student(case).call, case.source) is None


SEEDS = {
    "np.random.seed(3)": "np.random",
    "rng = np.random.RandomState(3)": "rng",
    "rng = np.random; rng.seed(3)": "rng",
}
DRAWS = (
    "{rng}.randn(n, p) * s",
    "s * {rng}.standard_normal((n, p))",
    "{rng}.normal(0, s, (n, p))",
    "{rng}.normal(size=n * p, scale=s).reshape((n, p))",
    "np.multiply({rng}.randn(n, p), s).astype(np.float32)",
    "np.asmatrix({rng}.randn(n, p)) * s",
)
FACTORS = {
    "zeros": ("0", "0.0"),
    "random": ("10", "1e1"),
    "he": ("np.sqrt(2 / p)", "(2.0 / p) ** 0.5", "np.sqrt(2) / np.sqrt(p)", "1 / np.sqrt(p / 2)"),
    "xavier": ("np.sqrt(1 / p)", "p ** -0.5"),
}
BIASES = (
    "np.zeros((n, 1))",
    "np.zeros([n, 1], dtype=int)",
    "np.zeros(n).reshape(-1, 1)",
    "np.array([[0.0]] * n, dtype=np.float32)",
    "np.asmatrix(np.zeros((n, 1)))",
    "-np.zeros((n, 1))",
)
BODIES = (
    """
    parameters = {{}}
    for l in range(1, len(dims)):
        n, p = dims[l], dims[l - 1]
        s = {factor}
        parameters["W" + str(l)] = {draw}
        parameters["b" + str(l)] = {bias}
    return parameters
""",
    """
    parameters = {{"L": len(dims), "dims": list(dims)}}
    l = 0
    while len(dims) > 1:
        p = dims.pop(0)
        n = dims[0]
        l += 1
        s = {factor}
        parameters.update({{f"W{{l}}": {draw}, f"b{{l}}": {bias}}})
    return parameters
""",
)


def test_no_combination_of_accepted_forms_is_called_wrong() -> None:
    count = 0
    for scheme, factors in FACTORS.items():
        name = f"initialize_parameters_{scheme}"
        for seed, draw, factor, bias in itertools.product(SEEDS, DRAWS, factors, BIASES):
            body = BODIES[(count + count // len(BIASES)) % 2]
            text = body.format(draw=draw.format(rng=SEEDS[seed]), factor=factor, bias=bias)
            case = Case("right", scheme, f"def {name}(dims):\n    {seed}{text}", count)
            assert told(case) is None, case.source
            count += 1
    assert count == 3 * 6 * 10 * 6


def test_a_slow_function_that_was_right_so_far_is_not_called_wrong() -> None:
    answers = iter([Outcome(right_parameters("he", PROBE)), Outcome(right_parameters("he", PROBE))])
    assert diagnose("he", lambda dims: next(answers, Outcome(None, "timeout", ""))) is None


# ---------------------------------------------------------------- what is said


def test_hints_name_the_array_that_is_wrong_and_not_the_answer() -> None:
    hints = {case.id: found.hint for case in KNOWN if (found := told(case)) is not None}
    assert hints["factor-xavier"] == (
        'With method="he": Your W1 equals standard normal × sqrt(1/n_prev): that is Xavier. '
        "He initialization has another factor."
    )
    assert hints["factor-first-layer"] == (
        "Your W2 is scaled with the size of the input in every layer: the layer just before is meant."
    )
    assert hints["weights-transposed"] == (
        "W1 has the wrong shape; it must be (layers_dims[1], layers_dims[0]). Did you swap the dimensions?"
    )
    assert hints["dict-not-made"] == (
        "NameError: name 'parameters' is not defined, in line 4 of the cell "
        '(`parameters["W" + str(l)] = np.zeros((layers_dims[l], layers_dims[l - 1]))`). '
        "The dictionary is used before it is made: "
        "`parameters = {}` belongs before the loop."
    )
    for name, told_hint in hints.items():
        hint = re.sub(r"in line \d+ of the cell \(`[^`]*`\)", "", told_hint)  # the student's own line
        assert not re.search(r"\d+\.\d\d", hint), name
        assert not re.search(r"\(\d+, |\[\d+, ", hint), name
        assert "sqrt(2/" not in hint or name == "factor-he", name


def test_the_first_wrong_array_is_named_though_the_first_is_right() -> None:
    case = Case(
        "x",
        "he",
        "def initialize_parameters_he(d):\n"
        "    np.random.seed(3)\n"
        "    r = {}\n"
        "    for l in range(1, len(d)):\n"
        "        r[f'W{l}'] = np.random.randn(d[l], d[l-1]) * np.sqrt(2 / d[l-1])\n"
        "        r[f'b{l}'] = np.zeros((d[l], 1))\n"
        "        np.random.rand(1)\n"
        "    return r\n",
        0,
    )
    found = told(case)
    assert found is not None
    assert (found.id, found.hint) == (
        "values-unrecognised",
        "W1 is right, W2 is not: the entries differ in no simple way: are seed, kind of random numbers and "
        "order of draws as asked?",
    )


def test_seed_is_told_before_layers_and_shape_before_seed() -> None:
    two_layers = (
        "def initialize_parameters_random(d):\n"
        "    return {'W1': np.random.randn(d[1], d[0]), 'b1': np.zeros((d[1], 1)),\n"
        "            'W2': np.random.randn(d[2], d[1]), 'b2': np.zeros((d[2], 1))}\n"
    )
    transposed = two_layers.replace("d[1], d[0]", "d[0], d[1]")
    assert [
        found.id for text in (two_layers, transposed) if (found := told(Case("x", "random", text, 0)))
    ] == [
        "seed-missing",
        "weights-transposed",
    ]


def test_state_that_earlier_cells_moved_on_is_still_told_as_state() -> None:
    case = next(case for case in HELD_OUT if case.id == "state-between-calls")
    used = Case(case.id, case.scheme, case.source + "initialize_parameters_random([3, 2, 1])\n", 0)
    found = told(used)
    assert found is not None
    assert found.id == "state-between-calls"


def test_the_same_function_is_always_told_the_same() -> None:
    case = next(case for case in KNOWN if case.id == "bias-random")
    assert told(case) == told(case)


def test_calls_are_few() -> None:
    most: dict[str, int] = {}
    for case in [*KNOWN, *HELD_OUT, *RIGHT]:
        student = Student(case)
        diagnose(case.scheme, student.call, case.source)
        most[case.scheme] = max(most.get(case.scheme, 0), student.calls)
    assert most == {"zeros": 3, "random": 4, "he": 4, "xavier": 4, "general": 18}


def test_an_unknown_scheme_is_refused() -> None:
    with pytest.raises(
        ValueError, match=r"unknown scheme 'lecun'; known are zeros, random, he, xavier, general"
    ):
        diagnose("lecun", lambda dims: Outcome({}))


# ---------------------------------------------------------------- parts


def test_right_parameters_are_the_published_ones() -> None:
    he = right_parameters("he", [2, 4, 1])
    assert he["W1"][1].round(8).tolist() == [0.09649747, -1.8634927]
    assert he["W2"].round(8).tolist() == [[-0.03098412, -0.33744411, -0.92904268, 0.62552248]]
    assert right_parameters("random", [3, 2, 1])["W2"].round(8).tolist() == [[-0.82741481, -6.27000677]]
    assert not any(array.any() for array in right_parameters("zeros", [3, 2, 1]).values())
    assert np.allclose(he["W1"] / np.sqrt(2), right_parameters("xavier", [2, 4, 1])["W1"])
    assert list(SCHEMES) == ["zeros", "random", "he", "xavier"]


def test_an_error_that_no_line_of_the_students_raised_is_told_by_its_type() -> None:
    refused = Outcome(None, "TypeError", "initialize() takes 2 positional arguments but 3 were given")
    assert name_error(refused) == "error-signature"
    assert name_error(Outcome(None, "ModuleNotFoundError", "No module named 'torch'")) == "error-import"
    assert name_error(Outcome(None, "OSError", "disk")) == "error-other"
    assert error_text(Outcome(None, "ValueError", "first line\nsecond line")) == "ValueError: first line"
    assert len(error_text(Outcome(None, "ValueError", "x" * 500))) == 160


@pytest.mark.parametrize(
    ("line", "values", "told"),
    [
        ("np.random.randn([a, b])", {"a": Value("int", "2")}, "randn-tuple"),
        ("np.zeros([a, 'b'])", {"a": Value("int", "2")}, "error-other"),
        ("np.zeros((dims, 1))", {"dims": Value("list", "[2, 3]")}, "error-range-of-list"),
        ("range((1, L))", {"L": Value("int", "2")}, "range-tuple"),
        ("range(dims)", {"dims": Value("list", "[2, 3]")}, "error-range-of-list"),
        ("np.zeros(((a, b), 1))", {}, "zeros-nested-shape"),
        ("x ^ 0.5", {"x": Value("float", "2.0")}, "power-by-caret"),
        ("'W' * str(l)", {}, "key-multiplied"),
        ("np.random.randn(size=(a, b))", {}, "randn-size"),
    ],
)
def test_the_same_error_is_told_by_the_call_that_raised_it(
    line: str, values: dict[str, Value], told: str
) -> None:
    message = "'tuple' object cannot be interpreted as an integer"
    assert name_error(Outcome(None, "TypeError", message, RaisedLine(2, line, line, values))) == told


def test_whatever_the_box_reports_of_a_line_the_answer_is_an_entry() -> None:
    numbers = random.Random(5)
    texts = (
        "",
        "(",
        "x[" * 400,
        "f(" * 90 + ")" * 90,
        "a.b.c",
        "lambda: x",
        "x if y else z",
        "\0",
        "f'{x}'",
        "[*x]",
    )
    kinds = ("list", "int", "", "x" * 100, "tuple", "str")
    types = (
        "TypeError",
        "ValueError",
        "NameError",
        "AttributeError",
        "IndexError",
        "OverflowError",
        "Nothing",
    )
    for _ in range(2000):
        text = numbers.choice(texts)
        values = {name: Value(numbers.choice(kinds), numbers.choice(texts)) for name in "xya"}
        raised = RaisedLine(1, numbers.choice(texts), text, values)
        outcome = Outcome(None, numbers.choice(types), numbers.choice(texts), raised)
        assert name_error(outcome) in CATALOGUE
        assert error_text(outcome)


def test_a_cell_that_does_not_compile_is_told_by_its_text() -> None:
    error = parse("def f(:\n    pass\n")
    assert isinstance(error, SyntaxError)
    assert name_syntax_error(error, "def f(:\n    pass\n")[0] == "syntax-error"
    assert isinstance(parse("%matplotlib inline\n!ls\nx = 1\n"), object)
    assert not isinstance(parse("%matplotlib inline\n!ls\nx = 1\n"), SyntaxError)
    assert isinstance(parse("x = '\0'"), SyntaxError)
    assert name_missing_function("", "initialize_parameters_he") == ("function-missing", "")


def test_entries_have_ids_in_kebab_case_and_end_their_sentences() -> None:
    for entry in CATALOGUE.values():
        assert re.fullmatch(r"[a-z]+(-[a-z]+)*", entry.id)
        for sentence in (entry.checked, entry.hint.format(**EXAMPLES)):
            assert not sentence or sentence[-1] in ".?", entry.id
        assert entry.checked or entry.hint, entry.id
        assert entry.teacher_note.endswith("."), entry.id


def test_what_the_page_shows_is_what_students_read() -> None:
    """A sentence of `init_utils.checks` is shown as it is told; no hint stands there that is never told."""
    hints: dict[str, set[str]] = {}
    for case in KNOWN:
        if (found := told(case)) is not None:
            hints.setdefault(found.id, set()).add(found.hint)
    for entry in CATALOGUE.values():
        if entry.id in OF_ANY_ASSIGNMENT:
            continue
        if entry.checked:
            assert entry.checked in hints[entry.id], entry.id
        else:
            gap = "something of the student's"
            pattern = re.escape(entry.hint.format(**dict.fromkeys(EXAMPLES, gap))).replace(
                re.escape(gap), ".+"
            )
            whole = re.compile(f'(With method="[a-z]+": )?{pattern}', re.DOTALL)
            assert all(whole.fullmatch(hint) for hint in hints[entry.id]), entry.id


def test_an_entry_without_a_hint_of_its_own_wants_the_sentence_of_the_check() -> None:
    assert diagnosis_of("bias-flat", hint="b1 lies flat.").hint == "b1 lies flat."
    with pytest.raises(ValueError, match="bias-flat has no hint of its own"):
        diagnosis_of("bias-flat")


def test_the_page_in_docs_is_current() -> None:
    assert PAGE.read_text(encoding="utf-8") == catalogue_page(), "run `python -m autograder.misconceptions`"


def test_no_answer_whatever_breaks_the_diagnosis() -> None:
    numbers = random.Random(11)
    odd: tuple[Any, ...] = (
        None,
        "text",
        10**400,
        [],
        [[1, 2], [3]],
        {"W1": 1},
        np.array("x"),
        np.full((11, 4), 1e308),
        np.full((11, 4), -(2**63)),
        np.zeros((11, 4)),
        np.zeros((11, 1), dtype=np.uint8),
        np.full((11, 1), 5e-324),
        np.zeros((4, 11)),
        np.zeros((0, 4)),
    )
    right = {scheme: right_parameters(scheme, PROBE) for scheme in SCHEMES}
    said = set()
    for _ in range(600):
        scheme = numbers.choice(list(SCHEMES))

        def call(*args: Any, scheme: str = scheme) -> Outcome:
            value: Any = dict(right[scheme])
            for _ in range(numbers.randrange(3)):
                value[numbers.choice(list(value))] = numbers.choice(odd)
            return Outcome(numbers.choice(odd) if numbers.random() < 0.1 else value)

        found = diagnose(scheme, call, numbers.choice(("", "def (", "x = 1", "\0")), call_again=call)
        said.add(found and found.id)
    assert len(said) > 10


def test_a_chain_of_names_longer_than_the_stack_is_read() -> None:
    source = f"def f(dims):\n    x{'.a' * 2000}()\n    return np.random.randn(*dims)"
    assert refine_missing_seed(source) == "seed-missing"
