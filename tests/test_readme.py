"""README and docs/: commands run, links lead somewhere, the example of JSON is what the program writes."""

from __future__ import annotations

import json
import re
import shlex
import shutil
import subprocess
import sys
import zipfile
from pathlib import Path

import pytest

from autograder import cli
from autograder.verdicts import SubmissionResult, Verdict

ROOT = Path(__file__).parents[1]
README = (ROOT / "README.md").read_text(encoding="utf-8")
PAGES = [ROOT / "README.md", *sorted((ROOT / "docs").glob("*.md"))]
ROSTER = """\
Student,ID,SIS User ID,SIS Login ID,Section,Initialization (4711)
    Points Possible,,,,,100
"Ada, Example",1,s1,ada,One,
"Zoe, Example",2,s2,zoe,One,
"""


def blocks(language: str) -> list[str]:
    """The fenced blocks of the README in one language."""
    return re.findall(rf"```{language}\n(.*?)```", README, re.DOTALL)


def commands() -> list[list[str]]:
    """Every command of the program `autograder` in the README, as words, in order."""
    lines = "".join(blocks("bash")).splitlines()
    words = [shlex.split(line, comments=True) for line in lines]
    return [line[1:] for line in words if line and Path(line[0]).name == "autograder"]


@pytest.fixture(scope="module")
def course(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A clone's folders, and the files that the README's commands name."""
    root = tmp_path_factory.mktemp("readme")
    for name in ("source", "release"):
        shutil.copytree(ROOT / name, root / name)
    (root / "canvas.csv").write_text(ROSTER, encoding="utf-8")
    class_folder = root / "class"
    subprocess.run(
        [sys.executable, ROOT / "examples" / "class.py", class_folder], check=True, capture_output=True
    )
    shutil.copytree(ROOT / "source", class_folder / "source")
    with zipfile.ZipFile(root / "submissions.zip", "w") as archive:
        for number, student in enumerate(("ada", "zoe"), start=1):
            notebook = class_folder / "submitted" / student / "initialization" / "initialization.ipynb"
            archive.write(notebook, f"{student}_{number}_{number}_initialization.ipynb")
    return root


def test_the_readme_shows_every_verb_but_those_for_the_machine() -> None:
    assert [verb for verb in cli.VERBS if verb not in {words[0] for words in commands()}] == ["doctor"]


@pytest.mark.slow
def test_the_commands_work_as_typed_one_after_the_other(
    course: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.chdir(course)
    codes = {}
    for words in commands():
        typed = [str(course / "class") if word == "DIR" else word for word in words]
        codes[" ".join(words)] = cli.main(typed)
    assert codes == {" ".join(words): cli.EXIT_OK for words in commands()}, capsys.readouterr().out
    written = json.loads((course / "results.json").read_text(encoding="utf-8"))
    assert [entry["student"] for entry in written["submissions"]] == ["ada"]


def test_the_json_shown_reads_as_a_result_with_no_key_that_the_program_lacks() -> None:
    [block] = blocks("json")
    document = json.loads(block)
    [shown] = document["submissions"]
    result = SubmissionResult.from_dict(shown | {"assignment": document["assignment"]})
    assert [key for key in shown if key not in result.to_dict()] == []
    assert [key for key in shown["tests"][0] if key not in result.tests[0].to_dict()] == []


def test_every_verdict_is_named() -> None:
    assert [verdict for verdict in Verdict if f"`{verdict}`" not in README] == []


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.name)
def test_every_link_to_a_file_leads_to_one(page: Path) -> None:
    text = page.read_text(encoding="utf-8")
    targets = [target for target in re.findall(r"\]\(([^)#]+)\)", text) if "://" not in target]
    assert targets or page.name != "README.md", "the README links nothing"
    assert [target for target in targets if not (page.parent / target).exists()] == []


@pytest.mark.parametrize("page", ["README.md", "docs/instructors.md"])
def test_teachers_are_told_how_a_terminal_finds_the_program(page: str) -> None:
    assert "`source .venv/bin/activate`" in (ROOT / page).read_text(encoding="utf-8")


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.name)
def test_no_page_calls_the_roster_by_the_name_that_nbgrader_export_writes(page: Path) -> None:
    assert "--roster grades.csv" not in page.read_text(encoding="utf-8")


def test_every_make_target_it_names_exists() -> None:
    made = re.findall(r"^([a-z-]+):", (ROOT / "Makefile").read_text(encoding="utf-8"), re.MULTILINE)
    named = re.findall(r"`make ([a-z-]+)`|^make ([a-z-]+)", README, re.MULTILINE)
    assert [target for pair in named for target in pair if target and target not in made] == []
