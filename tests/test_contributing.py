"""The checklists of CONTRIBUTING.md, followed once in a copy of the tree, with the code that they show."""

from __future__ import annotations

import json
import os
import re
import shutil
import subprocess
import sys
import zipfile
from pathlib import Path

import pytest

from autograder.verdicts import results_document
from tests.example_results import ada, alan

ROOT = Path(__file__).parents[1]
PAGE = (ROOT / "CONTRIBUTING.md").read_text(encoding="utf-8")
COPIED = ("autograder", "docs", "init_utils", "packaging", "source", "tests")
LEFT_OUT = shutil.ignore_patterns("__pycache__", "api", "corpus", "browser", "*.png")
# What precedes a block: where its text goes. A block of `bash` is typed instead.
PLACES = (
    re.compile(r"In `(?P<file>[^`]+)`, below the line `(?P<line>[^`]+)`, add:$"),
    re.compile(r"and below the line `(?P<line>[^`]+)`, add:$"),
    re.compile(r"At the end of `(?P<file>[^`]+)`, add:$"),
    re.compile(r"Make `(?P<file>[^`]+)`:$"),
)


@pytest.fixture
def copy(tmp_path: Path) -> Path:
    """The tree, as far as the checklists touch it."""
    root = tmp_path / "copy"
    for name in COPIED:
        shutil.copytree(ROOT / name, root / name, ignore=LEFT_OUT)
    shutil.copy(ROOT / "pyproject.toml", root)
    return root


def follow(heading: str, root: Path) -> str:
    """Do what the steps below a heading say, in order; what the commands printed."""
    section = PAGE.split(f"\n## {heading}\n")[1].split("\n## ")[0]
    printed, file, done = "", "", 0
    for before, language, body in re.findall(r"(.*?)\n {3}```(\w+)\n(.*?) {3}```", section, re.DOTALL):
        text = re.sub(r"^ {3}", "", body, flags=re.MULTILINE)
        if language == "bash":
            printed += run(text, root)
        else:
            sentence = " ".join(before.split())
            [found] = [match for place in PLACES if (match := place.search(sentence))]
            named = found.groupdict()
            file = named.get("file") or file
            write(root / file, text, named.get("line"), at_end="At the end" in found[0])
        done += 1
    assert done == section.count("```") // 2
    return printed


def write(path: Path, text: str, line: str | None, *, at_end: bool) -> None:
    if line is not None:
        lines = path.read_text(encoding="utf-8").splitlines(keepends=True)
        [number] = [number for number, one in enumerate(lines) if one.strip() == line]
        lines.insert(number + 1, text)
        path.write_text("".join(lines), encoding="utf-8")
    elif at_end:
        path.write_text(path.read_text(encoding="utf-8") + "\n" + text, encoding="utf-8")
    else:
        assert not path.exists()
        path.write_text(text, encoding="utf-8")


def run(script: str, root: Path) -> str:
    """Type the lines of a block in a folder, with this Python first on the path and the copy's packages."""
    environment = os.environ | {
        "PATH": f"{Path(sys.executable).parent}{os.pathsep}{os.environ['PATH']}",
        "PYTHONPATH": str(root),
        "PYTHONDONTWRITEBYTECODE": "1",
    }
    done = subprocess.run(
        ["bash", "-euc", script], cwd=root, env=environment, capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout


@pytest.mark.slow
def test_a_misconception_is_added(copy: Path) -> None:
    printed = follow("Add a misconception", copy)
    assert re.search(r"\d+ passed", printed)
    assert "| `error-file` | The parameters are read from a file of the student's own. |" in (
        copy / "docs" / "misconceptions.md"
    ).read_text(encoding="utf-8")


def test_an_exporter_is_added(copy: Path) -> None:
    document = results_document("initialization", [ada(), alan()])
    (copy / "results.json").write_text(json.dumps(document), encoding="utf-8")
    printed = follow("Add an exporter", copy)
    written = (copy / "exports" / "initialization-totals.csv").read_text(encoding="utf-8").splitlines()
    scores = {result.student: result.score for result in (ada(), alan())}
    assert written[0] == "student,score"
    assert {row.split(",")[0] for row in written[1:]} == {
        name for name, score in scores.items() if score is not None
    }
    assert [name for name, score in scores.items() if f"{name} has no score: left out." in printed] == [
        name for name, score in scores.items() if score is None
    ]


def test_a_platform_is_added(copy: Path) -> None:
    with zipfile.ZipFile(copy / "sakai.zip", "w") as archive:
        notebook = copy / "source" / "initialization" / "initialization.ipynb"
        archive.write(notebook, "Week 1/Example, Ada(ada)/Submission attachment(s)/initialization.ipynb")
    printed = follow("Add a platform", copy)
    assert "sakai" in printed
    assert re.search(r"\bada\b", printed)
    assert not (copy / "submitted").exists()


@pytest.mark.slow
def test_an_assignment_is_added(copy: Path) -> None:
    follow("Add an assignment", copy)
    [result] = json.loads((copy / "results.json").read_text(encoding="utf-8"))["submissions"]
    assert (result["status"], result["score"], result["max_score"]) == ("graded", 10.0, 10.0)
    released = (copy / "release" / "mean" / "mean.ipynb").read_text(encoding="utf-8")
    assert "mean([1, 3])" in released
    assert "mean([5])" not in released
