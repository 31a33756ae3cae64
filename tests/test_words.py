"""Words that the repository does without; docs/glossary.md has the terms in their place."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]
FOLDERS = ("autograder", "benchmarks", "docs", "examples", "init_utils", "packaging", "tests")
# Pattern -> what to write.
DISCOURAGED = {
    r"\bcalled by (?:`|the |tests|notebooks|structure)": "nothing: imports say it",
    r"\blonger than (?:most|other) modules\b": "nothing",
    r"\brooms\b|\broom of the grader\b": "packages, modules, layers",
    r"\bhouse\b": "the project",
    r"\bone file an? ": "one file per ...",
    r"\bburied\b": "ended, removed",
    r"\bnobody looks\b": "ignored because of their location",
    r"\bha(?:s|ve) no voice\b": "prints nothing, is not asked",
    r"\bexaminees?\b": "box, or student's process",
    r"\brehears(?:al|als|ed|es)\b": "instructor's run",
    r"\bsurroundings\b": "environment, or what the box sees",
    r"\b_untold\b|\b_MANY\b|\b_LOOK_S\b|\bgoes_on\b": "a name that says what it holds",
}
MADE = ("docs/api/", "init_utils/lab/static/", "tests/corpus/")


def files() -> list[Path]:
    """Python, JavaScript and Markdown of the repository that people write."""
    found = [path for folder in FOLDERS for path in (ROOT / folder).rglob("*")] + list(ROOT.glob("*.md"))
    return sorted(
        path
        for path in found
        if path.suffix in {".py", ".js", ".md"}
        and path != Path(__file__)
        and not path.relative_to(ROOT).as_posix().startswith(MADE)
    )


@pytest.mark.parametrize("pattern", DISCOURAGED)
def test_no_file_uses_it(pattern: str) -> None:
    word = re.compile(pattern, re.IGNORECASE)
    found = [
        f"{path.relative_to(ROOT)}:{number}: {line.strip()}"
        for path in files()
        for number, line in enumerate(path.read_text(encoding="utf-8").splitlines(), 1)
        if word.search(line)
    ]
    assert found == [], f"write instead: {DISCOURAGED[pattern]}"


def test_the_search_reads_every_kind_of_file() -> None:
    names = {path.name for path in files()}
    assert {"README.md", "glossary.md", "structure.py", "test_architecture.py"} <= names
    assert any(path.suffix == ".js" for path in files())
