"""A course's own catalogue: read with exact errors, never released, shown where its signs are seen."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from autograder import cli
from autograder.assignment import AssignmentError, load_assignment
from autograder.course import Course
from autograder.grading.own_diagnosis import Seen, is_in, is_same, own_diagnosis
from autograder.grading.test_plan import Plan
from autograder.misconceptions.calls import Outcome
from autograder.own_mistakes import MISTAKES, OwnMistake, read_mistakes
from autograder.pages.class_summary import summarize
from autograder.pages.feedback import feedback_page
from autograder.sandbox import Limits, Preload, Sandbox
from autograder.verdicts import Status, SubmissionResult, TestResult
from tests.small_course import cell, notebook
from tests.test_marking import marked

SOLUTION = "def mean(xs):\n    ### BEGIN SOLUTION\n    return sum(xs) / len(xs)\n    ### END SOLUTION"
VISIBLE = "assert mean([1, 2, 3]) == 2, 'mean([1, 2, 3]) must be 2'"
HIDDEN = "assert callable(mean)\n### BEGIN HIDDEN TESTS\nassert mean([5, 7]) == 6\n### END HIDDEN TESTS"
CELLS = [
    cell(SOLUTION, grade_id="mean", solution=True),
    cell(VISIBLE, grade_id="mean_values", grade=True, locked=True, points=5),
    cell(HIDDEN, grade_id="mean_hidden", grade=True, locked=True, points=5),
]
SUM = """\
[[mistake]]
id = "sum-not-mean"
tests = ["mean_values", "mean_hidden"]
what = "You return the sum; the last step is missing."
why = "A sum grows with the number of values."
try = "Call it for one number, then for the same number twice."
when.calls = [{ function = "mean", arguments = [[1, 2, 3]], returns = 6 }]
"""
ENTRY = 'id = "a"\ntests = ["t"]\nwhat = "Said."\n'


@pytest.fixture
def course(tmp_path: Path) -> Course:
    folder = tmp_path / "source" / "ps1"
    folder.mkdir(parents=True)
    (folder / "ps1.ipynb").write_text(notebook(*CELLS))
    (folder / MISTAKES).write_text(SUM)
    return Course(tmp_path)


@pytest.fixture(scope="module")
def sandbox() -> Iterator[Sandbox]:
    with Sandbox("none", Limits(cell_s=20.0), preload=Preload(modules=("numpy",))) as sandbox:
        yield sandbox


def read(folder: Path, text: str) -> tuple[OwnMistake, ...]:
    (folder / MISTAKES).write_text(text)
    return read_mistakes(folder)


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("[[mistake]\n", "cannot be read as TOML: "),
        (
            "title = 1\n",
            " holds title; a part [[mistake]] for each mistake is wanted, and nothing else. Move ",
        ),
        (
            '[[mistake]]\nid = "No Good"\n',
            ', mistake 1 (No Good): id is "No Good"; wanted: small letters, digits ',
        ),
        ("[[mistake]]\n", ", mistake 1: id is missing; wanted: a text of 1 to 1,000 characters."),
        (
            '[[mistake]]\nid = "a"\ntests = "t"\n',
            'mistake 1 (a): tests is "t"; wanted: a list of IDs of tests, ',
        ),
        (f"[[mistake]]\n{ENTRY}", "(a): when is missing; wanted: at least one of when.verdict, when.error, "),
        (
            f"[[mistake]]\n{ENTRY}when.eror = 1",
            "(a): when.eror is not known; known are when.verdict, when.error,",
        ),
        (
            f"[[mistake]]\n{ENTRY}when.error = 5",
            "(a): when.error is 5; wanted: a text of 1 to 1,000 characters.",
        ),
        (
            f'[[mistake]]\n{ENTRY}when.verdict = "bad"',
            '(a): when.verdict is "bad"; wanted: one of wrong-answer, ',
        ),
        (f'[[mistake]]\n{ENTRY}when.cluster = "xy"', "wanted: the eight characters that the report shows."),
        (
            f'[[mistake]]\n{ENTRY}when.calls = [{{ function = "f", arguments = [1] }}]',
            "when.calls: what the call gives is []; wanted: one of returns, returns_none = true and raises.",
        ),
        (
            f'[[mistake]]\n{ENTRY}when.calls = [{{ function = "f", arguments = 1, returns = 1 }}]',
            "when.calls: arguments is 1; wanted: a list of the arguments, such as [[1, 2, 3]] for one list.",
        ),
        (
            f'[[mistake]]\n{ENTRY}when.calls = [{{ function = "f", arguments = [1979-05-27], returns = 1 }}]',
            'arguments is "1979-05-27"; wanted: numbers, texts, true, false, lists and tables.',
        ),
        (
            f"[[mistake]]\n{ENTRY}when.calls = [{{ function = 'f', returns = 1, "
            "arguments = [{ array = [[1], [2, 3]] }] }]",
            "wanted: numbers in rows of equal length in { array = [[1, 2], [3, 4]] }.",
        ),
        (
            f'[[mistake]]\n{ENTRY}when.error = "E"\n[[mistake]]\n{ENTRY}when.error = "E"',
            ", mistake 2: id 'a' is there twice. Choose another.",
        ),
    ],
)
def test_a_file_of_another_form_is_refused_with_entry_and_field(tmp_path: Path, text: str, said: str) -> None:
    with pytest.raises(AssignmentError) as refused:
        read(tmp_path, text)
    assert said in str(refused.value)
    assert str(tmp_path / MISTAKES) in str(refused.value)


def test_a_test_that_is_not_there_is_named_with_those_that_are(course: Course) -> None:
    (course.source("ps1") / MISTAKES).write_text(SUM.replace('"mean_hidden"', '"mean_hiden"'))
    with pytest.raises(
        AssignmentError, match=r"no test 'mean_hiden'; the tests are mean_values, mean_hidden\."
    ):
        load_assignment(course, "ps1")


def test_a_call_that_only_a_hidden_part_makes_is_refused(course: Course) -> None:
    (course.source("ps1") / MISTAKES).write_text(
        SUM.replace("[[1, 2, 3]], returns = 6", "[[5, 7]], returns = 12")
    )
    with pytest.raises(AssignmentError) as refused:
        load_assignment(course, "ps1")
    assert str(refused.value).endswith(
        "mistake 1 (sum-not-mean): the call of mean with [5, 7] stands in the hidden part of mean_hidden "
        "only, and students would learn of it by the hint. Take arguments that they may know."
    )


def test_it_is_read_with_the_notebook_counts_as_a_change_and_is_no_file_of_the_students(
    course: Course,
) -> None:
    known = load_assignment(course, "ps1")
    assert [one.id for one in known.mistakes] == ["sum-not-mean"]
    assert known.files == {}
    (course.source("ps1") / MISTAKES).write_text(SUM.replace("the last step", "one step"))
    assert load_assignment(course, "ps1").fingerprint != known.fingerprint


def test_release_checks_it_and_keeps_it_back(
    course: Course, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("autograder.cli.release.plan_of", lambda *args, **more: Plan())
    assert cli.main(["release", "ps1", "--course", str(course.root)]) == 0
    assert [path.name for path in course.release("ps1").iterdir()] == ["ps1.ipynb"]
    assert (
        "mistakes.toml (1 mistake) is not released. nbgrader's own generate_assignment and formgrader's "
        'Generate button would hand it out: add "mistakes.toml" to c.CourseDirectory.ignore in '
        "nbgrader_config.py.\n"
    ) in capsys.readouterr().out
    (course.root / "nbgrader_config.py").write_text(
        'c = get_config()\nc.CourseDirectory.ignore = ["mistakes.toml"]\n'
    )
    assert cli.main(["release", "ps1", "--course", str(course.root)]) == 0
    assert "mistakes.toml (1 mistake) is not released.\n" in capsys.readouterr().out
    (course.source("ps1") / MISTAKES).write_text(SUM.replace("when.calls", "when.call"))
    assert cli.main(["release", "ps1", "--course", str(course.root)]) == cli.EXIT_USAGE
    assert "when.call is not known" in capsys.readouterr().err


def results(sandbox: Sandbox, solution: str, catalogue: tuple[OwnMistake, ...]) -> tuple[TestResult, ...]:
    return marked(sandbox, CELLS, {"mean": solution}, mistakes=catalogue).tests


def test_the_hint_stands_on_visible_and_hidden_failures_alike(sandbox: Sandbox, course: Course) -> None:
    catalogue = load_assignment(course, "ps1").mistakes
    for test in results(sandbox, "def mean(xs):\n    return sum(xs)", catalogue):
        assert (test.misconception, test.hint, test.why, test.experiment, test.cluster) == (
            "sum-not-mean",
            "You return the sum; the last step is missing.",
            "A sum grows with the number of values.",
            "Call it for one number, then for the same number twice.",
            "",
        )
    other = results(sandbox, "def mean(xs):\n    return max(xs)", catalogue)
    assert [test.misconception for test in other] == [None, None]
    right = results(sandbox, "def mean(xs):\n    return sum(xs) / len(xs)", catalogue)
    assert [test.hint for test in right] == ["", ""]


def test_page_and_report_show_it_as_they_show_those_of_ours(sandbox: Sandbox, course: Course) -> None:
    tests = results(sandbox, "def mean(xs):\n    return sum(xs)", load_assignment(course, "ps1").mistakes)
    result = SubmissionResult("ada", "ps1", Status.GRADED, score=0.0, max_score=10.0, tests=tests)
    page = feedback_page(result)
    assert "You return the sum; the last step is missing." in page
    assert "A sum grows with the number of values." in page
    (mistake,) = summarize("ps1", [result]).mistakes
    assert (mistake.id, mistake.students, mistake.teacher_note) == ("sum-not-mean", 1, tests[0].hint)


def test_a_hidden_failure_is_told_by_visible_signs_only(sandbox: Sandbox, tmp_path: Path) -> None:
    # The function raises an error of its own choice for the hidden argument: no sign may see it.
    catalogue = read(
        tmp_path,
        f"[[mistake]]\n{ENTRY.replace(chr(34) + 't' + chr(34), chr(34) + 'mean_hidden' + chr(34))}"
        'when.error = "KeyError"\n',
    )
    solution = "def mean(xs):\n    if xs != [1, 2, 3]:\n        raise KeyError(str(xs))\n    return 2"
    assert [test.misconception for test in results(sandbox, solution, catalogue)] == [None, None]


def test_a_function_that_does_not_come_back_is_asked_once(tmp_path: Path) -> None:
    catalogue = read(
        tmp_path,
        f'[[mistake]]\n{ENTRY}when.calls = [{{ function = "f", arguments = [1], returns_none = true }}]\n'
        f'[[mistake]]\n{ENTRY.replace(chr(34) + "a", chr(34) + "b", 1)}when.error = "KeyError"\n',
    )
    seen = Seen("raised", "`f` raised KeyError: 1", "", "")
    found = own_diagnosis(catalogue, seen, lambda name, arguments: Outcome(None))
    assert found is not None
    assert (found.id, [one.id for one in found.further]) == ("a", ["b"])
    refused = own_diagnosis(catalogue, seen, lambda name, arguments: None)
    assert refused is not None
    assert refused.id == "b"


@pytest.mark.parametrize(
    ("signs", "seen", "fits"),
    [
        ('error = "KeyError"', Seen("raised", "`f` raised KeyError: 1", "", ""), True),
        ('error = "KeyError"', Seen("not-passed", "`f` raised KeyError: 1", "", ""), False),
        ('verdict = "timeout"', Seen("timeout", "", "", ""), True),
        ('says = "must be *"', Seen("wrong-answer", "f(2) must be 4", "", ""), True),
        ('code = "range(len(x))"', Seen("wrong-answer", "", "a = 1\nfor i in range( len(x) ):", ""), True),
        ('code = "range(len(x))"', Seen("wrong-answer", "", "range(\nlen(x))", ""), False),
        ('cluster = "3f9a01bc"', Seen("wrong-answer", "", "", "3f9a01bc"), True),
        ('cluster = "3f9a01bc"', Seen("wrong-answer", "", "", "3f9a01bd"), False),
    ],
)
def test_each_sign_is_compared_with_what_was_seen(tmp_path: Path, signs: str, seen: Seen, fits: bool) -> None:
    catalogue = read(tmp_path, f"[[mistake]]\n{ENTRY}when.{signs}\n")
    assert (own_diagnosis(catalogue, seen, lambda *_: None) is not None) is fits


@pytest.mark.parametrize(
    ("call", "found"),
    [
        ("raises = 'IndexError', line = 'x[* + 1]'", Outcome(None, "IndexError", "out of range")),
        ("raises = 'IndexError'", Outcome(3)),
        ("returns = [1, 2]", Outcome([1, 3])),
        ("returns = {a = 1}", Outcome({"a": 1, "b": 2})),
        ("returns_none = true", Outcome(0)),
        ("returns = 1", Outcome(None, "TypeError")),
    ],
)
def test_a_call_that_gives_something_else_is_no_sign(tmp_path: Path, call: str, found: Outcome) -> None:
    catalogue = read(
        tmp_path, f"[[mistake]]\n{ENTRY}when.calls = [{{ function = 'f', arguments = [1], {call} }}]\n"
    )
    assert own_diagnosis(catalogue, Seen("wrong-answer", "", "", ""), lambda *_: found) is None


def test_a_pattern_is_found_in_order_and_a_value_by_its_kind() -> None:
    assert is_in("for * in range(*)", "    for i in range( 3 ):")
    assert not is_in("a*a", "a")
    assert is_same({"W1": [[1.0]]}, {"W1": [[1]]})
    assert not is_same(10**400, 1.5)
    assert is_same(float("nan"), float("nan"))


def test_arguments_may_be_arrays(tmp_path: Path) -> None:
    catalogue = read(
        tmp_path,
        f"[[mistake]]\n{ENTRY}when.calls = [{{ function = 'f', arguments = [{{ array = [[1, 2]] }}], "
        "returns = [2] }]\n",
    )
    asked: list[object] = []

    def ask(name: str, arguments: object) -> Outcome:
        asked.append(arguments)
        return Outcome([2])

    assert own_diagnosis(catalogue, Seen("wrong-answer", "", "", ""), ask) is not None
    assert "array([[1, 2]])" in repr(asked)


def test_the_example_is_one(tmp_path: Path) -> None:
    example = Path(__file__).parents[1] / "examples" / "mistakes.toml"
    assert [one.id for one in read(tmp_path, example.read_text())] == ["square-not-double", "no-return"]
    assert cli.main(["new", str(tmp_path / "course")]) == 0
    course = Course(tmp_path / "course")
    (course.source("week1") / MISTAKES).write_text(example.read_text())
    assert len(load_assignment(course, "week1").mistakes) == 2
