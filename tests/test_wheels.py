"""The two wheels: what each holds, and the errors when they cannot be had; the versions for a bundle."""

from __future__ import annotations

import subprocess
import zipfile
from email import message_from_bytes
from email.message import Message
from importlib import metadata
from pathlib import Path, PurePosixPath

import pytest

import init_utils
from autograder import wheels
from autograder.installation import DISTRIBUTIONS, FILE_NAMES

ROOT = Path(__file__).resolve().parents[1]
PACKAGES = {"init-utils": "init_utils", "init-utils-autograder": "autograder"}
FILES = dict(zip(PACKAGES, FILE_NAMES, strict=True))


def contents(wheel: Path) -> list[PurePosixPath]:
    return [PurePosixPath(name) for name in zipfile.ZipFile(wheel).namelist()]


def metadata_of(wheel: Path) -> Message:
    archive = zipfile.ZipFile(wheel)
    (name,) = (name for name in archive.namelist() if name.endswith(".dist-info/METADATA"))
    return message_from_bytes(archive.read(name))


def tracked(folder: str) -> set[str]:
    """Files of the clone below `folder` that git knows, and new ones that it does not ignore."""
    command = ["git", "ls-files", "--cached", "--others", "--exclude-standard", folder]
    listed = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=True).stdout
    return {name for name in listed.splitlines() if (ROOT / name).is_file()}


@pytest.mark.parametrize("distribution", PACKAGES)
def test_a_wheel_holds_its_package_whole_and_nothing_else(distribution: str, built_wheels: Path) -> None:
    package = PACKAGES[distribution]
    held = {
        str(path) for path in contents(built_wheels / FILES[distribution]) if ".dist-info" not in str(path)
    }
    sources_of_the_lab = {name for name in tracked(package) if name.startswith("init_utils/lab/src/")}
    assert held == tracked(package) - sources_of_the_lab
    assert {PurePosixPath(name).parts[0] for name in held} == {package}
    assert f"{package}/py.typed" in held


def test_what_students_install_holds_no_line_of_the_grader(built_wheels: Path) -> None:
    archive = zipfile.ZipFile(built_wheels / FILES["init-utils"])
    assert [name for name in archive.namelist() if name.startswith("autograder")] == []
    code = [name for name in archive.namelist() if name.endswith(".py")]
    assert [name for name in code if b"import autograder" in archive.read(name)] == []
    (entry_points,) = (name for name in archive.namelist() if name.endswith("entry_points.txt"))
    assert archive.read(entry_points).decode().split() == [
        *("[nbconvert.exporters]", "html_with_lab", "=", "init_utils.lab.exporter:LabExporter")
    ]


def test_both_have_one_version_and_the_grader_is_pinned_to_it(built_wheels: Path) -> None:
    students, grader = (metadata_of(built_wheels / FILES[name]) for name in PACKAGES)
    assert (students["Version"], grader["Version"]) == (init_utils.__version__,) * 2
    required = [text for text in grader.get_all("Requires-Dist", []) if text.startswith("init-utils")]
    assert required == [f"init-utils=={init_utils.__version__}"]


@pytest.mark.parametrize("distribution", PACKAGES)
def test_the_public_index_refuses_an_upload_and_the_license_comes_along(
    distribution: str, built_wheels: Path
) -> None:
    wheel = built_wheels / FILES[distribution]
    assert "Private :: Do Not Upload" in metadata_of(wheel).get_all("Classifier", [])
    (name,) = (name for name in map(str, contents(wheel)) if name.endswith("licenses/LICENSE"))
    assert zipfile.ZipFile(wheel).read(name) == (ROOT / "LICENSE").read_bytes()


def test_the_same_sources_make_the_same_bytes(built_wheels: Path) -> None:
    assert wheels.wheels() == {name: (built_wheels / name).read_bytes() for name in FILE_NAMES}


def test_a_folder_that_lacks_one_is_refused_with_what_it_holds(tmp_path: Path) -> None:
    students, grader = FILE_NAMES
    (tmp_path / students).touch()
    (tmp_path / "init_utils_autograder-0.0.9-py3-none-any.whl").touch()
    with pytest.raises(wheels.WheelError) as refused:
        wheels.wheels(tmp_path)
    assert str(refused.value) == (
        f"--wheels {tmp_path}: expected {grader}, the version that runs here; found {students}, "
        "init_utils_autograder-0.0.9-py3-none-any.whl. In a clone `make release` writes both files to dist/."
    )


def test_installed_from_wheels_the_folder_has_to_be_named(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setattr(wheels, "PROJECTS", (tmp_path,))
    with pytest.raises(wheels.WheelError) as refused:
        wheels.wheels()
    assert str(refused.value) == (
        f"the bundle carries this program as two files, {' and '.join(FILE_NAMES)}. "
        "Name the folder that you installed them from: --wheels DIR "
        "(in a clone `make release` writes them to dist/)."
    )


def test_a_build_that_fails_shows_its_last_lines_and_the_next_step(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    (tmp_path / "pyproject.toml").write_text("[build-system]\nrequires = []\nbuild-backend = 'nothing'\n")
    monkeypatch.setattr(wheels, "PROJECTS", (tmp_path,))
    with pytest.raises(wheels.WheelError) as refused:
        wheels.wheels()
    assert str(refused.value).startswith(
        f"the wheels could not be built from {wheels.CLONE}. Without a network, "
    )
    assert "or name a folder that holds both files: --wheels DIR. pip wrote:\n" in str(refused.value)


def test_constraints_name_the_versions_that_are_installed_and_not_our_own() -> None:
    lines = wheels.constraints().splitlines()
    assert f"numpy=={metadata.version('numpy')}" in lines
    assert f"nbgrader=={metadata.version('nbgrader')}" in lines
    names = [line.partition("==")[0] for line in lines]
    assert names == sorted(set(names))
    assert not set(names) & set(DISTRIBUTIONS)
