"""What lets others open the notebooks: the container, Binder, the badges of the README."""

from __future__ import annotations

import json
import re
import subprocess
import urllib.parse
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[1]
README = (ROOT / "README.md").read_text(encoding="utf-8")
NOTEBOOKS = ("initialization", "deeper")
CONTAINER = json.loads((ROOT / ".devcontainer" / "devcontainer.json").read_text(encoding="utf-8"))
SCRIPTS = (".devcontainer/install", "binder/postBuild")
BADGE = re.compile(r"\[!\[[^\]]*\]\([^)]*\)\]\(([^)]*)\)")


def badges(place: str) -> list[str]:
    """Where the badges in one row of README's table lead."""
    (row,) = (line for line in README.splitlines() if line.startswith(f"| {place} |"))
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
    prefix = "https://colab.research.google.com/github/OWNER/init-utils/blob/colab/"
    assert badges("Colab") == [f"{prefix}{name}.ipynb" for name in NOTEBOOKS]


def test_both_notebooks_have_a_badge_for_binder_that_opens_the_released_one() -> None:
    found = [urllib.parse.urlsplit(address) for address in badges("Binder")]
    assert {one.path for one in found} == {"/v2/gh/OWNER/init-utils/main"}
    opened = [urllib.parse.parse_qs(one.query)["urlpath"][0].removeprefix("lab/tree/") for one in found]
    assert opened == [f"release/{name}/{name}.ipynb" for name in NOTEBOOKS]
    assert all((ROOT / path).is_file() for path in opened)


def test_codespaces_has_one_badge() -> None:
    assert badges("Codespaces") == ["https://codespaces.new/OWNER/init-utils"]


def test_the_readme_says_whom_the_badges_name() -> None:
    assert "`OWNER/init-utils` stands for your copy of this repository on GitHub." in README
