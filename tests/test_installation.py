"""What is known of the two distributions as they are installed, and what is called a fault."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path
from typing import Any

import init_utils
from autograder import installation
from autograder.installation import INSTALL_BOTH, Installed, Origin, faults, installed, look_up

VERSION = init_utils.__version__
WHEEL = Installed(
    "init-utils",
    Path("/site/init_utils"),
    Origin.WHEEL,
    VERSION,
    "/dist/w.whl",
    place=Path("/site/init_utils"),
)


def install(site: Path, name: str, document: dict[str, Any] | None) -> None:
    """What an installer writes down about a distribution, in the folder `site`."""
    info = site / f"{name.replace('-', '_')}-0.1.0.dist-info"
    info.mkdir(parents=True)
    (info / "METADATA").write_text(f"Metadata-Version: 2.1\nName: {name}\nVersion: 0.1.0\n")
    if document is not None:
        (info / "direct_url.json").write_text(json.dumps(document))


def test_here_both_are_editable_and_without_a_fault() -> None:
    root = Path(__file__).resolve().parents[1]
    found = installed()
    assert [(one.name, one.package, one.version) for one in found] == [
        ("init-utils", root / "init_utils", VERSION),
        ("init-utils-autograder", root / "autograder", VERSION),
    ]
    assert faults(found) == []


def test_a_wheel_is_known_by_its_file_and_hash(tmp_path: Path) -> None:
    archive = {"hash": "sha256=ab", "hashes": {"sha256": "ab"}}
    install(tmp_path, "init-utils", {"url": "file:///my%20dist/init_utils.whl", "archive_info": archive})
    package = tmp_path / "init_utils"
    assert look_up("init-utils", package, [str(tmp_path)]) == Installed(
        "init-utils", package, Origin.WHEEL, "0.1.0", "/my dist/init_utils.whl", "ab", package
    )


def test_an_editable_one_belongs_to_the_package_above_its_project_file(tmp_path: Path) -> None:
    clone = tmp_path / "clone"
    project = clone / "packaging" / "autograder"
    project.mkdir(parents=True)
    (clone / "autograder").mkdir()
    (clone / "autograder" / "__init__.py").touch()
    install(tmp_path, "init-utils-autograder", {"url": project.as_uri(), "dir_info": {"editable": True}})
    found = look_up("init-utils-autograder", clone / "autograder", [str(tmp_path)])
    assert (found.origin, found.source, found.place) == (Origin.EDITABLE, str(project), clone / "autograder")


def test_without_an_address_it_came_from_an_index(tmp_path: Path) -> None:
    install(tmp_path, "init-utils", None)
    found = look_up("init-utils", tmp_path / "init_utils", [str(tmp_path)])
    assert faults([found]) == [
        "init-utils 0.1.0 was installed by name, from a package index, where the name is not ours. "
        + INSTALL_BOTH
    ]


def test_a_folder_that_is_not_installed_says_so(tmp_path: Path) -> None:
    found = look_up("init-utils", tmp_path / "init_utils", [str(tmp_path)])
    assert faults([found]) == [
        f"init-utils is not installed; its code runs from {tmp_path}/init_utils all the same. {INSTALL_BOTH}"
    ]


def test_another_version_than_the_code_that_runs_is_a_fault() -> None:
    assert faults([WHEEL, replace(WHEEL, name="init-utils-autograder", version="0.0.9")]) == [
        f"init-utils-autograder is installed in version 0.0.9, but the code of version {VERSION} runs. "
        f"Both distributions must have one version. {INSTALL_BOTH}"
    ]


def test_a_package_that_hides_the_installed_one_is_a_fault() -> None:
    assert faults([replace(WHEEL, package=Path("/home/ada/init_utils"))]) == [
        "init_utils is imported from /home/ada/init_utils, but init-utils is installed in /site/init_utils: "
        "another folder comes first on Python's path. Leave that folder, or take it out of PYTHONPATH."
    ]


def test_the_next_step_names_the_files_of_this_version() -> None:
    assert (
        f"Install both files again, in one call: python -m pip install init_utils-{VERSION}-py3-none-any.whl "
        f"init_utils_autograder-{VERSION}-py3-none-any.whl (in a clone: make demo)"
    ) == INSTALL_BOTH
    assert set(installation.DISTRIBUTIONS) == {"init-utils", "init-utils-autograder"}
