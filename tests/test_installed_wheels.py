"""Both wheels, installed outside of the clone: the program works from what they carry.

pip may not use the network here: it installs the wheels alone, and the packages that they need come from this
environment. `.ci/installed_wheels` installs them with what they need, as documented.
"""

from __future__ import annotations

import hashlib
import json
import os
import shutil
import subprocess
import sys
import venv
from pathlib import Path

import pytest

from autograder.installation import DISTRIBUTIONS, FILE_NAMES

ROOT = Path(__file__).resolve().parents[1]
pytestmark = pytest.mark.slow


def environment(folder: Path, *wheels: Path) -> Path:
    """A new environment with these wheels; its folder of programs."""
    venv.create(folder, with_pip=False)
    programs = folder / ("Scripts" if os.name == "nt" else "bin")
    command = [
        sys.executable,
        "-m",
        "pip",
        "--python",
        str(programs / "python"),
        "install",
        "--quiet",
        "--no-index",
    ]
    subprocess.run([*command, "--no-deps", *map(str, wheels)], check=True)
    (packages,) = folder.glob("lib/python*/site-packages")
    others = [path for path in sys.path if path.endswith("site-packages")]
    (packages / "this_environment.pth").write_text("\n".join(others))
    return programs


def run(command: list[str | Path], folder: Path) -> subprocess.CompletedProcess[str]:
    """A command in a folder that is not the clone's."""
    clean = {key: value for key, value in os.environ.items() if key != "PYTHONPATH"}
    return subprocess.run(command, cwd=folder, env=clean, capture_output=True, text=True, check=False)


@pytest.fixture(scope="module")
def both(built_wheels: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The programs of an environment that holds both wheels."""
    return environment(tmp_path_factory.mktemp("both"), *(built_wheels / name for name in FILE_NAMES))


def test_doctor_names_both_wheels_with_their_hashes(both: Path, built_wheels: Path, tmp_path: Path) -> None:
    done = run([both / "autograder", "doctor", "--isolation", "none", "--json"], tmp_path)
    assert done.returncode == 0, done.stderr
    document = json.loads(done.stdout)
    assert document["installation_faults"] == []
    expected = [
        (
            name,
            "wheel",
            str(built_wheels / file),
            hashlib.sha256((built_wheels / file).read_bytes()).hexdigest(),
        )
        for name, file in zip(DISTRIBUTIONS, FILE_NAMES, strict=True)
    ]
    found = document["distributions"]
    assert [(one["name"], one["origin"], one["source"], one["sha256"]) for one in found] == expected
    assert all(Path(one["package"]).is_relative_to(both.parent) for one in found)


def test_a_class_is_graded_reported_and_returned_from_what_the_wheels_carry(
    both: Path, tmp_path: Path
) -> None:
    shutil.copytree(ROOT / "source" / "initialization", tmp_path / "source" / "initialization")
    handed_in = tmp_path / "submitted" / "ada" / "initialization"
    shutil.copytree(ROOT / "source" / "initialization", handed_in)
    verbs: list[list[str | Path]] = [
        ["release", "initialization"],
        ["grade", "initialization", "--isolation", "none"],
        ["feedback", "initialization"],
        ["report", "initialization"],
    ]
    for words in verbs:
        done = run([both / "autograder", *words], tmp_path)
        assert done.returncode == 0, (words, done.stdout, done.stderr)
    feedback = (tmp_path / "feedback" / "ada" / "initialization" / "initialization.html").read_text()
    assert "<style>" in feedback
    assert (tmp_path / "reports" / "initialization" / "report.html").stat().st_size > 10_000


def test_a_bundle_from_an_installed_program_wants_the_folder_of_its_wheels(
    both: Path, built_wheels: Path, tmp_path: Path
) -> None:
    shutil.copytree(ROOT / "source" / "initialization", tmp_path / "source" / "initialization")
    export: list[str | Path] = [both / "autograder", "export", "gradescope", "initialization"]
    refused = run(export, tmp_path)
    assert refused.returncode == 2
    assert "Name the folder that you installed them from: --wheels DIR" in refused.stderr
    done = run([*export, "--wheels", built_wheels], tmp_path)
    assert done.returncode == 0, done.stderr


def test_students_have_neither_the_grader_nor_its_program(built_wheels: Path, tmp_path: Path) -> None:
    programs = environment(tmp_path / "students", built_wheels / FILE_NAMES[0])
    program = "import init_utils, init_utils.lab.widget; print(init_utils.__file__); init_utils.load_dataset"
    done = run([programs / "python", "-c", program], tmp_path)
    assert done.returncode == 0, done.stderr
    assert Path(done.stdout.strip()).is_relative_to(tmp_path / "students")
    assert not (programs / "autograder").exists()
    assert (
        "No module named 'autograder'"
        in run([programs / "python", "-c", "import autograder"], tmp_path).stderr
    )
