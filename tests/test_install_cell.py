"""Notebooks for Colab: a released notebook with a first cell that installs the students' wheel."""

from __future__ import annotations

import copy
import json
import subprocess
import sys
from pathlib import Path
from typing import Any

import nbformat
import pytest

from autograder.assignment import parse_assignment
from autograder.code_cell import install_line
from autograder.installation import FILE_NAMES
from autograder.intake import plan_submission
from tests.programs import FOLDER, program

ROOT = Path(__file__).resolve().parents[1]
install_cell = program("install_cell")
ADDRESS = f"https://example.org/course/releases/download/v0.1.0/{FILE_NAMES[0]}"


def released(name: str) -> dict[str, Any]:
    return json.loads((ROOT / "release" / name / f"{name}.ipynb").read_text(encoding="utf-8"))


@pytest.mark.parametrize("name", install_cell.NOTEBOOKS)
def test_one_cell_comes_first_and_the_others_stay_as_they_are(name: str) -> None:
    notebook = released(name)
    before = copy.deepcopy(notebook)
    made = install_cell.with_install_cell(notebook, ADDRESS)
    assert notebook == before
    first, *others = made["cells"]
    assert first["source"] == [f"%pip install --quiet {ADDRESS}"]
    assert others == before["cells"]
    assert {key: made[key] for key in made if key != "cells"} == {
        key: before[key] for key in before if key != "cells"
    }
    nbformat.validate(made)


def test_every_released_notebook_gets_one() -> None:
    assert sorted(install_cell.NOTEBOOKS) == sorted(path.name for path in (ROOT / "release").iterdir())


@pytest.mark.parametrize(
    "line",
    [
        f"%pip install --quiet {ADDRESS}",
        f"!pip install '{ADDRESS}'",
        f"%pip install -q {ADDRESS}#sha256={'0' * 64}",
        f"%pip install --quiet emfs:{FILE_NAMES[0]}",
        f"%pip install /content/{FILE_NAMES[0]}[jupyter]",
    ],
)
def test_the_grader_flags_no_cell_that_installs_the_students_wheel_alone(line: str) -> None:
    assert install_line(f"{line}\n", {"numpy", "init_utils"}) == ""


@pytest.mark.parametrize(
    "line",
    [
        f"%pip install {ADDRESS} seaborn",
        "%pip install init-utils",
        "%pip install init_utils",
        f"%pip install https://example.org/{FILE_NAMES[0]}.zip",
        f"%pip install https://example.org/not_{FILE_NAMES[0]}",
        "%pip install -r requirements.txt",
        "%pip install",
    ],
)
def test_it_flags_every_other_line_that_installs(line: str) -> None:
    assert install_line(f"%pip install {ADDRESS}\n{line}\n", {"numpy", "init_utils"}) == line


def test_a_wheel_that_the_assignment_does_not_import_is_flagged() -> None:
    assert install_line(f"%pip install {ADDRESS}", {"numpy"}) == f"%pip install {ADDRESS}"


def test_a_submission_of_the_copy_for_colab_has_no_flag() -> None:
    handed_in = install_cell.with_install_cell(released("initialization"), ADDRESS)
    path = ROOT / "source" / "initialization" / "initialization.ipynb"
    assignment = parse_assignment("initialization", path.read_text(encoding="utf-8"), {}, path.name)
    submission = plan_submission(json.dumps(handed_in).encode(), assignment)
    assert submission.flags == ()


@pytest.mark.parametrize(
    "address",
    [
        ADDRESS,
        f"{ADDRESS}#sha256={'0' * 64}",
        f"https://localhost:8000/{FILE_NAMES[0]}",
        f"emfs:{FILE_NAMES[0]}",
        f"emfs:/drive/files/{FILE_NAMES[0]}",
    ],
)
def test_addresses_of_the_wheel_are_taken(address: str) -> None:
    made = install_cell.with_install_cell(released("initialization"), address)
    assert made["cells"][0]["source"] == [f"%pip install --quiet {address}"]


@pytest.mark.parametrize(
    "address",
    [
        "",
        "init-utils",
        "init_utils==0.1.0",
        FILE_NAMES[0],
        f"http://example.org/{FILE_NAMES[0]}",
        f"https://example.org/{FILE_NAMES[1]}",
        "https://example.org/init_utils-0.1.0.tar.gz",
        f"https://example.org/{FILE_NAMES[0]} numpy",
        f"https://example.org/{FILE_NAMES[0]}\nimport os",
        f"https://user@example.org/{FILE_NAMES[0]}",
        f"https://example.org/{FILE_NAMES[0]}#egg=other",
    ],
)
def test_a_name_and_any_other_address_are_refused(address: str) -> None:
    with pytest.raises(install_cell.AddressError) as caught:
        install_cell.with_install_cell(released("initialization"), address)
    assert str(caught.value) == (
        f"got {address!r}; expected the address of the students' wheel, "
        "https://.../init_utils-VERSION-py3-none-any.whl. `make release` writes the file to dist/; attach "
        "it to a release and copy the link."
    )


def test_the_program_writes_both_notebooks_and_says_where(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.chdir(tmp_path)
    assert install_cell.main([ADDRESS]) == 0
    assert capsys.readouterr().out.splitlines() == [
        "dist/colab/initialization.ipynb",
        "dist/colab/deeper.ipynb",
    ]
    for name in install_cell.NOTEBOOKS:
        written = json.loads((tmp_path / "dist" / "colab" / f"{name}.ipynb").read_text(encoding="utf-8"))
        assert written == install_cell.with_install_cell(released(name), ADDRESS)


@pytest.mark.parametrize(
    ("words", "told"),
    [
        ([], "Name the address of the students' wheel: make colab WHEEL=https://.../init_utils-VERSION-py3-none-any.whl"),
        (["init-utils"], "got 'init-utils'; expected the address of the students' wheel, "),
    ],
)  # fmt: skip
def test_what_is_missing_or_wrong_is_said_and_nothing_written(words: list[str], told: str) -> None:
    done = subprocess.run(
        [sys.executable, FOLDER / "install_cell.py", *words], capture_output=True, text=True, check=False
    )
    assert (done.returncode, done.stderr) == (2, "")
    assert done.stdout.startswith(told)
