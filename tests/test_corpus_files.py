"""The reader of the corpus: what it reads, what it refuses, and that reader, composer and README agree."""

from __future__ import annotations

import json
import re
from collections import Counter
from pathlib import Path

import pytest

from tests.corpus_files import (
    CORPUS,
    FORMS,
    USAGES,
    Case,
    CorpusError,
    Expected,
    Operation,
    all_cases,
    read_cases,
)
from tests.corpus_notebooks import NOTEBOOK, ON_BYTES, ON_FOLDER, ON_NOTEBOOK, compose, hand_in, student_of

HEAD = "=== name\nWhy it is there.\nexpect: full points\n"


def read(text: str) -> Case:
    """The only case of a text."""
    (case,) = read_cases(text, "broken.txt")
    return case


def steps(text: str) -> list[tuple[str, tuple[str, ...], dict[str, str], str]]:
    """The operations of a case with that body."""
    operations = read(HEAD + text).operations
    return [(one.name, one.words, dict(one.options), one.text) for one in operations]


def sources(text: str) -> dict[str, str]:
    """The cells' texts by grade id, after the operations."""
    notebook = json.loads(compose(read(HEAD + text)))
    return {
        cell["metadata"].get("nbgrader", {}).get("grade_id", ""): cell["source"] for cell in notebook["cells"]
    }


# ---------------------------------------------------------------- what is read


def test_a_case_has_a_name_a_reason_verdicts_flags_answers_and_operations() -> None:
    text = """What the class is about.

=== slow-and-wrong fast
It is slow.
expect: zeros_* wrong-answer, he_seed memory or timeout
flag: first
flag: second: with a colon
answered: he
# %% reverse
# %% answer he
Because.

"""
    assert read(text) == Case(
        name="slow-and-wrong",
        reason="It is slow.",
        fast=True,
        expected=Expected(
            verdicts={
                "zeros_shapes": ("wrong-answer",),
                "zeros_values": ("wrong-answer",),
                "he_seed": ("memory", "timeout"),
            },
            flags=("first", "second: with a colon"),
            answered=frozenset({"observations_he"}),
        ),
        operations=(
            Operation("reverse", where="broken.txt, line 9"),
            Operation("answer", ("he",), {}, "Because.", "broken.txt, line 10"),
        ),
        where="broken.txt, line 3",
    )


@pytest.mark.parametrize(
    ("line", "expected"),
    [
        ("full points", Expected()),
        ("no points", Expected(no_points=True)),
        ("rejected: it holds a list: `[]`", Expected(rejected="it holds a list: `[]`")),
        ("he_seed raised", Expected({"he_seed": ("raised",)})),
    ],
)
def test_what_must_come_out_is_one_line(line: str, expected: Expected) -> None:
    assert read(f"=== name\nWhy.\nexpect: {line}\n").expected == expected


def test_a_text_below_keeps_its_inner_blank_lines_and_indents_and_loses_those_at_its_end() -> None:
    assert steps("# %% he\n\n\ndef f():\n    pass\n\n\n# %% whole\n") == [
        ("he", (), {}, "\n\ndef f():\n    pass"),
        ("whole", (), {}, ""),
    ]


def test_words_and_texts_in_quotes_are_python_strings_with_repeats_and_sums() -> None:
    assert steps("""# %% file 'a b: "c"'*2+'.txt': "\\t'x'"*3\n""") == [
        ("file", ('a b: "c"a b: "c".txt',), {}, "\t'x'\t'x'\t'x'")
    ]
    assert steps("# %% replace '\\n' by '\\r\\n' times 1\n") == [
        ("replace", ("\n",), {"by": "\r\n", "times": "1"}, "")
    ]


def test_groups_and_schemes_stand_for_grade_ids() -> None:
    (step,) = read(HEAD + "# %% delete zeros tests he_* setup\n").operations
    assert step.cells == (
        "initialize_parameters_zeros",
        "zeros_shapes", "zeros_values", "random_shapes", "random_values", "random_seed",
        "he_shapes", "he_values", "he_seed",
        "he_shapes", "he_values", "he_seed",
        "setup",
    )  # fmt: skip


# ---------------------------------------------------------------- what is refused


OPERATIONS = ", ".join(FORMS)
KEYS = "one line `expect: ...`, lines `flag: TEXT`, `answered: random he`, then `# %% OPERATION`"
VERDICTS = (
    "`full points`, `no points`, `rejected: TEXT` or `TESTS VERDICT, ...` with tests, zeros_*, random_*, "
    "he_*, zeros_shapes, zeros_values, random_shapes, random_values, random_seed, he_shapes, he_values, "
    "he_seed and "
    "bad-type, crashed, internal-error, memory, not-found, partial, raised, timeout, too-much-output, "
    "wrong-answer; `A or B` where either may come"
)


@pytest.mark.parametrize(
    ("text", "message"),
    [
        (
            "=== Name\n",
            "line 1: got `=== Name`; expected `=== NAME` or `=== NAME fast`; a name is of a-z, 0-9 and -",
        ),
        (
            "=== name slow\n",
            "line 1: got `=== name slow`; expected `=== NAME` or `=== NAME fast`; "
            "a name is of a-z, 0-9 and -",
        ),
        (
            HEAD + "\n" + HEAD,
            "line 5: got `=== name`; expected a name of its own; broken.txt, line 1 has this one",
        ),
        (
            "Preface.\n=== name\nexpect: full points\n",
            "line 2: got `=== name`; expected a line below it that says what the case is there for",
        ),
        ("=== name\nWhy.\n", "line 1: got `=== name`; expected a line `expect: ...` below its reason"),
        ("=== name\nWhy.\nexpects: full points\n", f"line 3: got `expects: full points`; expected {KEYS}"),
        (HEAD + "expect: no points\n", f"line 4: got `expect: no points`; expected {KEYS}"),
        (HEAD + "answered: zeros\n", f"line 4: got `answered: zeros`; expected {KEYS}"),
        (
            "=== name\nWhy.\nexpect: he_sed raised\n",
            f"line 3: got `expect: he_sed raised`; expected {VERDICTS}",
        ),
        (
            "=== name\nWhy.\nexpect: he_seed wrong\n",
            f"line 3: got `expect: he_seed wrong`; expected {VERDICTS}",
        ),
        (HEAD + "# %% delte setup\n", f"line 4: got `# %% delte setup`; expected one of {OPERATIONS}"),
        (HEAD + "\n# %% move he\n", "line 5: got `# %% move he`; expected `# %% move CELL to PLACE`"),
        (
            HEAD + "# %% move tests to end\n",
            "line 4: got `# %% move tests to end`; expected `# %% move CELL to PLACE`",
        ),
        (
            HEAD + "# %% reverse\nx = 1\n",
            "line 4: got `# %% reverse with a text`; expected `# %% reverse`, which takes none",
        ),
        (
            HEAD + "# %% he: 'a'\nb\n",
            "line 4: got `# %% he: 'a' with a text below`; expected the text in one of the two places",
        ),
        (
            HEAD + "# %% remove 'a\n",
            "line 4: got `# %% remove 'a`; expected words, literals in quotes, "
            "and `: 'literal'` only at the end",
        ),
        (
            HEAD + "# %% remove '\\x'\n",
            "line 4: got `# %% remove '\\x'`; expected a literal as Python reads it: "
            "'text', 'x'*100, 'a'+'b'*3",
        ),
    ],
)
def test_a_file_that_cannot_be_read_is_refused_with_file_line_and_what_may_stand_there(
    text: str, message: str
) -> None:
    with pytest.raises(CorpusError) as caught:
        read_cases(text, "broken.txt")
    assert str(caught.value) == f"broken.txt, {message}"


def test_an_operation_on_a_cell_that_is_not_there_names_those_that_are() -> None:
    with pytest.raises(CorpusError) as caught:
        compose(read(HEAD + "# %% strip-metadata\n# %% cell-ids x\n# %% delete setup\n"))
    assert str(caught.value) == "broken.txt, line 6: got the cell `setup`; expected one of "
    with pytest.raises(CorpusError, match="line 4: got the cell `set_up`; expected one of setup, "):
        compose(read(HEAD + "# %% delete set_up\n"))


# ---------------------------------------------------------------- what is composed


def test_a_solution_that_is_not_given_is_that_of_right_plain() -> None:
    right = {step.name: step.text for step in all_cases()["right/plain"].operations}
    composed = sources("# %% he\ndef initialize_parameters_he(d): ...\n")
    assert composed["initialize_parameters_zeros"] == right["zeros"]
    assert composed["initialize_parameters_random"] == right["random"]
    assert composed["initialize_parameters_he"] == "def initialize_parameters_he(d): ..."


def test_lines_inside_stand_before_the_loop_of_the_right_solution() -> None:
    assert sources("# %% inside zeros\nimport os\nos.abort()\n")["initialize_parameters_zeros"] == (
        "def initialize_parameters_zeros(layers_dims):\n"
        "    parameters = {}\n"
        "    L = len(layers_dims)\n"
        "    import os\n"
        "    os.abort()\n"
        "    for l in range(1, L):\n"
        '        parameters["W" + str(l)] = np.zeros((layers_dims[l], layers_dims[l - 1]))\n'
        '        parameters["b" + str(l)] = np.zeros((layers_dims[l], 1))\n'
        "    return parameters"
    )


def test_operations_follow_one_another_on_notebook_bytes_and_folder(tmp_path: Path) -> None:
    text = (
        "# %% file mine.txt: 'x'\n# %% cut 7\n# %% set setup: ''\n# %% remove mine.txt\n# %% rename b.ipynb\n"
    )
    hand_in("readable/name", read(HEAD + text), tmp_path)
    folder = tmp_path / student_of("readable/name") / "initialization"
    assert {path.name: path.read_bytes() for path in folder.iterdir()} == {"b.ipynb": b'{\n "cel'}
    assert NOTEBOOK == "initialization.ipynb"


# ---------------------------------------------------------------- the files as they are


def test_no_class_has_lost_cases() -> None:
    counts = Counter(name.split("/")[0] for name in all_cases())
    least = {
        "accepted": 75, "broken": 49, "hostile": 105, "leaks": 10, "limits": 39, "mistakes": 102,
        "readable": 42, "right": 5, "structure": 52, "written": 12,
    }  # fmt: skip
    assert counts.keys() == least.keys()
    assert [name for name in least if counts[name] < least[name]] == []


def test_the_cases_of_a_file_stand_in_alphabetical_order() -> None:
    for path in CORPUS.glob("*.txt"):
        names = re.findall(r"^=== (\S+)", path.read_text(encoding="utf-8"), re.MULTILINE)
        assert names == sorted(names), path.name


def test_reasons_are_sentences() -> None:
    for name, case in all_cases().items():
        assert case.reason.endswith("."), f"{name}: {case.reason}"
        assert len(case.reason) <= 110, f"{name}: {case.reason}"


def test_each_operation_is_done_on_one_of_notebook_bytes_and_folder() -> None:
    done = [*ON_NOTEBOOK, *ON_BYTES, *ON_FOLDER]
    assert sorted(done) == sorted(FORMS)


def test_each_operation_is_used() -> None:
    used = {step.name for case in all_cases().values() for step in case.operations}
    assert used == set(FORMS)


def test_the_readme_lists_every_operation_as_it_is_written() -> None:
    text = (CORPUS / "README.md").read_text(encoding="utf-8")
    assert re.findall(r"^\| `(.+?)` \|", text, re.MULTILINE) == list(USAGES)


def test_the_readme_lists_every_class() -> None:
    text = (CORPUS / "README.md").read_text(encoding="utf-8")
    assert sorted(re.findall(r"`(\w+)\.txt`", text.split("##")[0])) == sorted(
        path.stem for path in CORPUS.glob("*.txt")
    )
