"""The program: its help, its errors, its exit codes."""

from __future__ import annotations

import subprocess
import sys
from importlib import metadata
from pathlib import Path

import pytest

import init_utils
from autograder import cli
from autograder.installation import DISTRIBUTIONS


def test_help_lists_every_verb(capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit) as ended:
        cli.main(["--help"])
    assert ended.value.code == 0
    shown = " ".join(capsys.readouterr().out.split())
    for verb, summary in cli.VERBS.items():
        assert f"{verb} {summary}" in shown


@pytest.mark.parametrize("verb", cli.VERBS)
def test_help_of_a_verb_explains_it_and_shows_an_example(
    verb: str, capsys: pytest.CaptureFixture[str]
) -> None:
    with pytest.raises(SystemExit) as ended:
        cli.main([verb, "--help"])
    assert ended.value.code == 0
    shown = capsys.readouterr().out
    assert shown.startswith(f"usage: autograder {verb}")
    assert f"autograder {verb}" in shown.split("\n", maxsplit=1)[1], "no example of the command"
    assert "grades.csv" not in shown, "`nbgrader export` writes over a file of that name"


def test_without_a_verb_the_help_is_shown_and_it_is_a_usage_error(capsys: pytest.CaptureFixture[str]) -> None:
    assert cli.main([]) == cli.EXIT_USAGE
    shown = capsys.readouterr()
    assert shown.out == ""
    assert shown.err.startswith("usage: autograder")
    assert "grade what students handed in" in shown.err


def test_the_version_is_that_of_both_distributions(capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit) as ended:
        cli.main(["--version"])
    assert ended.value.code == 0
    assert capsys.readouterr().out == f"autograder {init_utils.__version__}\n"
    assert {metadata.version(name) for name in DISTRIBUTIONS} == {init_utils.__version__}


def test_an_unknown_verb_is_a_usage_error(capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit) as ended:
        cli.main(["grad"])
    assert ended.value.code == cli.EXIT_USAGE
    assert "invalid choice: 'grad'" in capsys.readouterr().err


def test_a_course_error_is_one_line_and_exit_code_2(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    code = cli.main(["grade", "nothing", "--course", str(tmp_path)])
    shown = capsys.readouterr()
    assert code == cli.EXIT_USAGE
    assert shown.err == (
        f"autograder grade: no assignment 'nothing' in {tmp_path}: expected source/nothing/NOTEBOOK.ipynb. "
        "Known here: none. Go into the folder that holds source/, or name it: --course DIR\n"
    )


def test_an_incomplete_installation_names_the_command_that_completes_it(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setitem(sys.modules, "rich.console", None)
    monkeypatch.delitem(sys.modules, "autograder.cli.gradebook", raising=False)
    assert cli.main(["gradebook", "copy", "sqlite:///a.db", "sqlite:///b.db"]) == cli.EXIT_USAGE
    assert capsys.readouterr().err == (
        "autograder gradebook: the package 'rich.console' is not installed, but init-utils-autograder needs "
        "it. Install both files again, in one call: python -m pip install init_utils-0.1.0-py3-none-any.whl "
        "init_utils_autograder-0.1.0-py3-none-any.whl (in a clone: make demo)\n"
    )


def test_the_module_runs_as_the_program_does() -> None:
    shown = subprocess.run(
        [sys.executable, "-m", "autograder", "--help"], capture_output=True, text=True, check=True
    ).stdout
    assert shown.startswith("usage: autograder")
