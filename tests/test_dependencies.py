"""What both distributions declare is what their packages import, and what `constraints.txt` pins."""

from __future__ import annotations

import ast
import sys
import tomllib
from collections.abc import Iterator, Set
from importlib import metadata
from pathlib import Path
from typing import Any

import pytest
from packaging.requirements import Requirement
from packaging.specifiers import SpecifierSet
from packaging.utils import canonicalize_name

ROOT = Path(__file__).resolve().parents[1]
OURS = {"init_utils", "autograder", "tests", "benchmarks", "docs", "solutions"}
# A clone's wheels are built with it where it is installed; pip fetches it elsewhere.
OPTIONAL = {"hatchling"}
# Of the extra `jupyter`: it imports our exporter, not the other way round.
FOUND_BY_JUPYTER = {"nbconvert"}
# Of the extra `test`: started as programs or options of pytest, never imported.
PROGRAMS_OF_TESTS = {"coverage", "hatchling", "jupyterhub", "notebook", "pytest-xdist"}
# No distribution has them; `_host` and `_reactor` are modules of the WebAssembly CPython.
BUILT_IN = {"__main__", "_host", "_reactor"}
BY_NAME = {"import_module", "find_spec", "__import__", "importorskip"}


def imported(*folders: str, absent: Set[str] = frozenset()) -> set[str]:
    """Distributions that the Python files below `folders` import, lazily and by name included.

    Those in `absent` need not be installed; they are named as their modules are.
    """
    providers = metadata.packages_distributions()
    found: set[str] = set()
    for folder in folders:
        for path in sorted((ROOT / folder).rglob("*.py")):
            for name in top_names(ast.parse(path.read_text(encoding="utf-8"))):
                if name in sys.stdlib_module_names or name in OURS or name in BUILT_IN:
                    continue
                if name not in providers and canonicalize_name(name) in absent:
                    found.add(canonicalize_name(name))
                    continue
                assert name in providers, f"{path.relative_to(ROOT)} imports {name}, which is not installed"
                found |= {canonicalize_name(provider) for provider in providers[name]}
    return found


def top_names(tree: ast.AST) -> Iterator[str]:
    """First parts of everything that is imported or looked for by name."""
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            yield from (alias.name.partition(".")[0] for alias in node.names)
        elif isinstance(node, ast.ImportFrom) and not node.level:
            yield (node.module or "").partition(".")[0]
        elif isinstance(node, ast.Call) and ast.unparse(node.func).rpartition(".")[2] in BY_NAME:
            constants = (argument for argument in node.args[:1] if isinstance(argument, ast.Constant))
            yield from (str(constant.value).partition(".")[0] for constant in constants)


def table(project: str = ".") -> dict[str, Any]:
    """The `pyproject.toml` in the folder `project`."""
    return tomllib.loads((ROOT / project / "pyproject.toml").read_text(encoding="utf-8"))


def students() -> list[Requirement]:
    return [Requirement(text) for text in table()["project"]["dependencies"]]


def graders() -> list[Requirement]:
    """Without `init-utils` itself, which the build adds."""
    hook = table("packaging/autograder")["tool"]["hatch"]["metadata"]["hooks"]["custom"]
    return [Requirement(text) for text in hook["dependencies"]]


def extras(project: str = ".") -> dict[str, list[Requirement]]:
    listed = table(project)["project"]["optional-dependencies"]
    return {extra: [Requirement(text) for text in texts] for extra, texts in listed.items()}


def names(requirements: list[Requirement]) -> set[str]:
    return {canonicalize_name(requirement.name) for requirement in requirements}


def test_students_get_exactly_what_init_utils_imports() -> None:
    assert imported("init_utils") - FOUND_BY_JUPYTER == names(students())
    assert names(extras()["jupyter"]) >= FOUND_BY_JUPYTER


def test_instructors_get_exactly_what_autograder_imports() -> None:
    assert imported("autograder", absent=optional()) - OPTIONAL - optional() == names(graders())


def test_the_extra_of_tests_is_what_they_import_beyond_both() -> None:
    wanted = names(extras("packaging/autograder")["test"])
    site = names(extras("packaging/autograder")["docs"])
    chosen = optional()
    both = names(students()) | names(graders())
    found = imported("tests", "benchmarks", "examples", "docs", absent=site | chosen | wanted) - both
    assert found - site - chosen == wanted - PROGRAMS_OF_TESTS
    assert wanted >= PROGRAMS_OF_TESTS


def optional() -> set[str]:
    """What a course chooses: its tests are left out where it is not installed."""
    chosen = extras("packaging/autograder")
    return set().union(*(names(chosen[extra]) for extra in ("dask", "postgresql", "serve", "wasm")))


def test_jupyterlab_and_nbgrader_come_to_students_with_extras_only() -> None:
    found = {extra: names(requirements) for extra, requirements in extras().items()}
    assert found == {"jupyter": {"ipykernel", "jupyterlab", "nbconvert"}, "hub": {"nbgrader"}}
    assert not names(students()) & (found["jupyter"] | found["hub"])


def test_only_the_compiled_loop_is_left_out_in_a_browser() -> None:
    browser = {"sys_platform": "emscripten"}
    left_out = {one.name for one in students() if one.marker and not one.marker.evaluate(browser)}
    assert left_out == {"numba", "llvmlite"}


@pytest.mark.parametrize("project", [".", "packaging/autograder"])
def test_both_read_the_one_version(project: str) -> None:
    assert "version" in table(project)["project"]["dynamic"]
    path = ROOT / project / table(project)["tool"]["hatch"]["version"]["path"]
    assert path.resolve() == ROOT / "init_utils" / "__init__.py"


def pinned() -> dict[str, str]:
    """The versions of `constraints.txt`, by name."""
    lines = (ROOT / "constraints.txt").read_text(encoding="utf-8").splitlines()
    pairs = (line.split("==") for line in lines if not line.startswith("#"))
    return {canonicalize_name(name): version for name, version in pairs}


def name_of(distribution: metadata.Distribution) -> str:
    return canonicalize_name(distribution.metadata["Name"])


def test_every_requirement_is_pinned() -> None:
    lists = [students(), graders(), *extras().values(), *extras("packaging/autograder").values()]
    assert sorted(set().union(*map(names, lists)) - set(pinned())) == []


def test_the_pinned_versions_install_on_the_oldest_python_that_is_promised() -> None:
    oldest = table()["project"]["requires-python"].removeprefix(">=") + ".0"
    installed = [one for one in metadata.distributions() if pinned().get(name_of(one)) == one.version]
    assert len(installed) > 50
    wanted = {name_of(one): one.metadata.get("Requires-Python", "") for one in installed}
    assert {name: text for name, text in wanted.items() if oldest not in SpecifierSet(text)} == {}
