"""Another language is refused by its name; whatever a person called a Python environment is Python."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from autograder import cli
from autograder.kernels import other_language
from tests.small_course import NAME, hand_in, make_course


@pytest.mark.parametrize(
    ("metadata", "language"),
    [
        ({}, ""),
        ({"kernelspec": {"name": "python3", "language": "python"}}, ""),
        ({"kernelspec": {"name": "conda-env-ml-py"}}, ""),
        ({"kernelspec": {"name": "my course 2026"}}, ""),
        ({"kernelspec": {"name": "xpython"}, "language_info": {"name": "python"}}, ""),
        ({"kernelspec": {"name": "ir", "language": "R"}}, "R"),
        ({"kernelspec": {"name": "conda-env-r", "language": "R"}}, "R"),
        ({"kernelspec": {"name": "conda-env-x-r"}, "language_info": {"name": "R"}}, "R"),
        ({"language_info": {"name": "julia"}}, "julia"),
        ({"kernelspec": {"name": "julia-1.10"}}, "julia"),
        ({"kernelspec": {"name": "xcpp17"}}, "xcpp"),
        ({"kernelspec": None, "language_info": 3}, ""),
    ],
)
def test_the_language_of_a_notebook(metadata: dict[str, Any], language: str) -> None:
    assert other_language(metadata) == language


@pytest.mark.parametrize("verb", ["release", "grade"])
def test_another_language_is_refused_by_name_and_nothing_is_written(
    verb: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    course = make_course(tmp_path)
    hand_in(course, "ada")
    path = course.source(NAME) / f"{NAME}.ipynb"
    path.write_text(path.read_text().replace('"language": "python"', '"language": "R"'))
    assert cli.main([verb, NAME, "--course", str(tmp_path)]) == cli.EXIT_USAGE
    assert capsys.readouterr().err == (
        f"autograder {verb}: {path} is a notebook of R; this program grades Python only. Choose a Python "
        "kernel in "
        "JupyterLab (menu Kernel, Change Kernel), or grade it with plain nbgrader.\n"
    )
    assert not course.release(NAME).exists()
    assert not course.gradebook.exists()
