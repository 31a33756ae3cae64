"""What lets others open the notebooks: the container, Binder, the badges of the README."""

from __future__ import annotations

import json
import re
import subprocess
import urllib.parse
from pathlib import Path

import pytest

from tests.programs import program

ROOT = Path(__file__).resolve().parents[1]
README = (ROOT / "README.md").read_text(encoding="utf-8")
NOTEBOOKS = ("initialization", "deeper")
CONTAINER = json.loads((ROOT / ".devcontainer" / "devcontainer.json").read_text(encoding="utf-8"))
SCRIPTS = (".devcontainer/install", "binder/postBuild")
BADGE = re.compile(r"\[!\[[^\]]*\]\([^)]*\)\]\(([^)]*)\)")
badges = program("badges")
WRITTEN = badges.with_badges(README, "https://github.com/someone/init-utils")


def links(place: str) -> list[str]:
    """Where the badges in one row of the table lead, once they are written."""
    (row,) = (line for line in WRITTEN.splitlines() if line.startswith(f"| {place} |"))
    return BADGE.findall(row)


@pytest.mark.parametrize("script", SCRIPTS)
def test_scripts_are_bash_that_stops_at_an_error_and_can_be_started(script: str) -> None:
    path = ROOT / script
    lines = path.read_text(encoding="utf-8").splitlines()
    assert lines[0] == "#!/usr/bin/env bash"
    assert "set -euo pipefail" in lines
    subprocess.run(["bash", "-n", path], check=True)
    listed = subprocess.run(
        ["git", "ls-files", "-s", script], cwd=ROOT, capture_output=True, text=True, check=True
    )
    assert listed.stdout.startswith("100755 ")


def test_the_container_has_the_form_that_its_readers_expect() -> None:
    assert set(CONTAINER) == {"name", "image", "postCreateCommand", "customizations"}
    assert re.fullmatch(r"mcr\.microsoft\.com/devcontainers/python:3\.\d+-\w+", CONTAINER["image"])
    assert CONTAINER["postCreateCommand"].split() == ["bash", ".devcontainer/install"]
    editor = CONTAINER["customizations"]["vscode"]
    assert set(editor) == {"extensions", "settings"}
    assert all(re.fullmatch(r"[\w-]+\.[\w-]+", extension) for extension in editor["extensions"])
    assert editor["settings"] == {
        "python.defaultInterpreterPath": "${containerWorkspaceFolder}/.venv/bin/python"
    }


def test_the_container_opens_a_copy_of_a_notebook_that_is_released() -> None:
    (opened,) = CONTAINER["customizations"]["codespaces"]["openFiles"]
    assert opened.startswith("workspace/")
    assert (ROOT / "release" / opened.removeprefix("workspace/")).is_file()
    copied = re.findall(r"release/(\w+)", (ROOT / ".devcontainer" / "install").read_text(encoding="utf-8"))
    assert copied == list(NOTEBOOKS)


def test_containers_and_binder_have_the_python_whose_versions_are_pinned() -> None:
    asked = (ROOT / "binder" / "runtime.txt").read_text(encoding="utf-8")
    assert asked == "python-3.11\n"
    assert ":3.11-" in CONTAINER["image"]


def test_binder_finds_nothing_that_it_would_read_before_these_two_files() -> None:
    assert sorted(path.name for path in (ROOT / "binder").iterdir()) == ["postBuild", "runtime.txt"]


def test_both_notebooks_have_a_badge_for_colab_that_opens_the_copy_with_the_cell() -> None:
    prefix = "https://colab.research.google.com/github/someone/init-utils/blob/colab/"
    assert links("Colab") == [f"{prefix}{name}.ipynb" for name in NOTEBOOKS]


def test_both_notebooks_have_a_badge_for_binder_that_opens_the_released_one() -> None:
    found = [urllib.parse.urlsplit(address) for address in links("Binder")]
    assert {one.path for one in found} == {"/v2/gh/someone/init-utils/main"}
    opened = [urllib.parse.parse_qs(one.query)["urlpath"][0].removeprefix("lab/tree/") for one in found]
    assert opened == [f"release/{name}/{name}.ipynb" for name in NOTEBOOKS]
    assert all((ROOT / path).is_file() for path in opened)


def test_codespaces_has_one_badge() -> None:
    assert links("Codespaces") == ["https://codespaces.new/someone/init-utils"]


def test_the_readme_has_no_badge_that_leads_nowhere() -> None:
    known = [address for address in BADGE.findall(README) if "/OWNER/" in address or "/ACCOUNT/" in address]
    assert known == []
    assert "make badges REPOSITORY=https://github.com/ACCOUNT/NAME" in README or BADGE.findall(README)


def test_badges_are_written_between_the_marks_and_can_be_written_again() -> None:
    assert badges.with_badges(WRITTEN, "https://github.com/someone/init-utils.git") == WRITTEN
    before, after = README.split(badges.BEGIN)[0], README.split(badges.END)[1]
    assert WRITTEN.startswith(before)
    assert WRITTEN.endswith(after)


@pytest.mark.parametrize("address", ["someone/init-utils", "https://example.org/a/b", "https://github.com/a"])
def test_what_is_no_repository_gets_no_badges(address: str) -> None:
    with pytest.raises(badges.RepositoryError) as caught:
        badges.table(address)
    assert str(caught.value) == (
        f"got {address!r}; expected the address of your copy of this repository, https://github.com/ACCOUNT/NAME."
    )
