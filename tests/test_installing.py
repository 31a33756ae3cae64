"""Every documented way to install takes our distributions from files, whatever a package index offers.

The index here is a folder with a package for each pinned name, and our two names beside them, in a higher
version and in the very same one. pip only resolves (`--dry-run --report`); nothing is downloaded or
installed.
"""

from __future__ import annotations

import json
import os
import re
import shutil
import subprocess
import sys
import zipfile
from pathlib import Path
from typing import Any

import pytest

import init_utils
from autograder.exporters import github, gradescope
from autograder.installation import DISTRIBUTIONS, FILE_NAMES, INSTALL_BOTH
from autograder.sandbox.wasm.runtime import requirements
from tests.test_dependencies import pinned

ROOT = Path(__file__).resolve().parents[1]
PAGES = [
    ROOT / "CONTRIBUTING.md",
    ROOT / "README.md",
    ROOT / "packaging" / "autograder" / "README.md",
    *sorted((ROOT / "docs").glob("*.md")),
]
HIGHER = "99.0"


def write_wheel(folder: Path, name: str, version: str) -> None:
    """A wheel that holds nothing but its name, listed in the index in `folder`."""
    stem = f"{name.replace('-', '_')}-{version}"
    place = folder / name
    place.mkdir(exist_ok=True)
    with zipfile.ZipFile(place / f"{stem}-py3-none-any.whl", "w") as archive:
        about = {
            "METADATA": f"Metadata-Version: 2.1\nName: {name}\nVersion: {version}\n",
            "WHEEL": "Wheel-Version: 1.0\nGenerator: test\nRoot-Is-Purelib: true\nTag: py3-none-any\n",
            "RECORD": "",
        }
        for file, text in about.items():
            archive.writestr(f"{stem}.dist-info/{file}", text)
    links = "".join(f'<a href="{path.name}">{path.name}</a>\n' for path in sorted(place.glob("*.whl")))
    (place / "index.html").write_text(f"<!DOCTYPE html><html><body>\n{links}</body></html>\n")


@pytest.fixture(scope="module")
def index(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A package index that offers packages of our names too."""
    folder = tmp_path_factory.mktemp("index")
    for name, version in pinned().items():
        write_wheel(folder, name, version)
    for name in DISTRIBUTIONS:
        for version in (HIGHER, init_utils.__version__):
            write_wheel(folder, name, version)
    return folder


def expanded(line: str, folder: Path, **variables: str) -> list[str]:
    """The words that a shell makes of a line, in a folder."""
    shown = subprocess.run(
        ["bash", "-c", f"printf '%s\\0' {line}"],
        cwd=folder,
        env=os.environ | variables,
        capture_output=True,
        text=True,
        check=True,
    )
    return shown.stdout.split("\0")[:-1]


def resolved(words: list[str], folder: Path, index: Path) -> dict[str, Any]:
    """Where pip would take each package from, by name, if `pip install` got these words in `folder`."""
    command = [sys.executable, "-m", "pip", "install", "--quiet", "--dry-run", "--ignore-installed"]
    command += ["--report", "-", "--no-build-isolation", "--index-url", index.as_uri(), *words]
    clean = {key: value for key, value in os.environ.items() if not key.startswith(("PIP_", "UV_"))}
    done = subprocess.run(
        command,
        cwd=folder,
        env=clean | {"PIP_CONFIG_FILE": os.devnull, "PIP_DISABLE_PIP_VERSION_CHECK": "1"},
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    return {one["metadata"]["name"]: one["download_info"] for one in json.loads(done.stdout)["install"]}


def ours(packages: dict[str, Any]) -> dict[str, str]:
    """The addresses of our distributions among those resolved."""
    return {name: packages[name]["url"] for name in DISTRIBUTIONS if name in packages}


def documented(*wanted: str) -> list[Any]:
    """The lines of README and docs that install something of ours and hold one of `wanted`."""
    found = []
    for page in PAGES:
        for line in page.read_text(encoding="utf-8").splitlines():
            words = line.partition("-m pip install ")[2]
            if any(part in words for part in wanted):
                found.append(pytest.param(words, id=f"{page.relative_to(ROOT)}: {words[:30]}"))
    return found


def of_wheels(folder: Path, *names: str) -> dict[str, str]:
    return {
        name: (folder / file).as_uri()
        for name, file in zip(DISTRIBUTIONS, FILE_NAMES, strict=True)
        if name in names
    }


CLONE = {"init-utils": ROOT.as_uri(), "init-utils-autograder": (ROOT / "packaging" / "autograder").as_uri()}


@pytest.mark.parametrize("words", documented("--editable"))
def test_a_clone_is_installed_from_itself(words: str, index: Path) -> None:
    assert ours(resolved(expanded(words, ROOT), ROOT, index)) == CLONE


@pytest.mark.slow
@pytest.mark.parametrize(
    ("script", "installed"),
    [
        (".devcontainer/install", ["init-utils", "init-utils-autograder"]),
        ("binder/postBuild", ["init-utils"]),
    ],
)
def test_containers_and_binder_install_the_clone_from_itself(
    script: str, installed: list[str], index: Path
) -> None:
    (words,) = re.findall(r"-m pip install (.*)", (ROOT / script).read_text(encoding="utf-8"))
    assert ours(resolved(expanded(words, ROOT), ROOT, index)) == {name: CLONE[name] for name in installed}


@pytest.mark.slow
@pytest.mark.parametrize("what", ["program", "test", "dev"])
def test_make_installs_the_clone_from_itself(what: str, index: Path, tmp_path: Path) -> None:
    recipe = subprocess.run(
        ["make", "--dry-run", "--always-make", f"VENV={tmp_path}", f"{tmp_path}/.installed-{what}"],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=True,
    ).stdout
    (words,) = re.findall(r"-m pip .*? install (.*)", recipe)
    packages = resolved(expanded(words, ROOT), ROOT, index)
    assert ours(packages) == CLONE
    assert ("ruff" in packages, "pytest" in packages) == (what == "dev", what in ("dev", "test"))


@pytest.mark.parametrize("words", documented(".whl"))
def test_wheels_are_installed_from_the_files_named(
    words: str, built_wheels: Path, index: Path, tmp_path: Path
) -> None:
    names = DISTRIBUTIONS if re.search(r"init_utils_autograder-\S*\.whl", words) else DISTRIBUTIONS[:1]
    beside = [*(built_wheels / name for name in FILE_NAMES), ROOT / "constraints.txt"]
    for file in beside:
        shutil.copy(file, tmp_path)
    packages = resolved(expanded(words, tmp_path), tmp_path, index)
    assert ours(packages) == of_wheels(tmp_path, *names)


def test_gradescopes_container_installs_the_bundles_files(
    built_wheels: Path, index: Path, tmp_path: Path
) -> None:
    files = {name: (built_wheels / name).read_bytes() for name in FILE_NAMES}
    bundle = gradescope.bundle("initialization", {}, files, "numpy==2.4.6\n")
    source = tmp_path / "source"
    source.mkdir()
    for name, content in bundle.items():
        (source / name).write_bytes(content)
    words, runtime = re.findall(r"-m pip install (.*?)(?:; then)?$", gradescope.SETUP, re.MULTILINE)
    packages = resolved(expanded(words, tmp_path, root=str(tmp_path)), tmp_path, index)
    assert ours(packages) == of_wheels(source, *DISTRIBUTIONS)
    (source / "wasm.txt").write_text(requirements())
    with pytest.raises(AssertionError, match="DO NOT MATCH THE HASHES"):  # the index has other files
        resolved(expanded(runtime, tmp_path, root=str(tmp_path)), tmp_path, index)


def test_the_workflow_installs_the_files_beside_it(built_wheels: Path, index: Path, tmp_path: Path) -> None:
    files = {name: (built_wheels / name).read_bytes() for name in FILE_NAMES}
    released = {"initialization.ipynb": b"{}"}
    for name, content in github.bundle("initialization", released, files, "numpy==2.4.6\n").items():
        (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / name).write_bytes(content)
    workflow = (tmp_path / ".github" / "workflows" / "classroom.yml").read_text()
    (words,) = re.findall(r"-m pip install (.*)", workflow)
    packages = resolved(expanded(words, tmp_path), tmp_path, index)
    assert ours(packages) == of_wheels(tmp_path / github.FOLDER, *DISTRIBUTIONS)


@pytest.mark.slow
def test_the_next_step_in_messages_names_both_files(built_wheels: Path, index: Path) -> None:
    (words,) = re.findall(r"-m pip install (.*?) \(in a clone", INSTALL_BOTH)
    assert ours(resolved(expanded(words, built_wheels), built_wheels, index)) == of_wheels(
        built_wheels, *DISTRIBUTIONS
    )


def test_the_index_is_hostile_to_whoever_gives_one_file_or_a_name(built_wheels: Path, index: Path) -> None:
    """What the lines above avoid: shows that this index would be used."""
    alone = ours(resolved([FILE_NAMES[1]], built_wheels, index))
    assert alone["init-utils"] == (index / "init-utils" / FILE_NAMES[0]).as_uri()
    by_name = ours(resolved(["init-utils"], built_wheels, index))
    assert by_name["init-utils"] == (index / "init-utils" / f"init_utils-{HIGHER}-py3-none-any.whl").as_uri()


def test_no_line_of_the_repository_installs_ours_by_name() -> None:
    listed = subprocess.run(["git", "ls-files"], cwd=ROOT, capture_output=True, text=True, check=True)
    by_name = re.compile(
        r"""pip3? (?:install|wheel|download)\b.*[\s'"]init[-_]utils(?:[-_]autograder)?(?=[\s'"\[=<>~`]|$)"""
    )
    refused_here = (Path(__file__).name, "test_install_cell.py")
    found = []
    for name in listed.stdout.splitlines():
        path = ROOT / name
        if path.suffix in (".png", ".jpg") or path.name in refused_here or not path.is_file():
            continue
        lines = path.read_text(encoding="utf-8", errors="replace").splitlines()
        found += [f"{name}: {line.strip()}" for line in lines if by_name.search(line)]
    assert found == []
