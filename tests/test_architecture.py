"""The directions of docs/architecture.md, enforced: who imports what, and who prints. Nothing is run."""

from __future__ import annotations

import ast
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]


@dataclass(frozen=True)
class Module:
    """One file: its dotted name, its tree, and the names it imports, wherever in the file."""

    name: str
    tree: ast.Module
    imports: frozenset[str]

    def reaches(self, *packages: str) -> set[str]:
        """Those imports that are one of `packages` or inside it."""
        return {name for name in self.imports if any(inside(name, package) for package in packages)}


def inside(name: str, package: str) -> bool:
    return name == package or name.startswith(package + ".")


def imported_names(tree: ast.AST, package: str) -> Iterator[str]:
    """Dotted names of everything that is imported; `from a import b` gives `a` and `a.b`."""
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            base = node.module or ""
            if node.level:
                parents = package.split(".")[: len(package.split(".")) - node.level + 1]
                base = ".".join([*parents, *([base] if base else [])])
            yield base
            yield from (f"{base}.{alias.name}" for alias in node.names)
        elif isinstance(node, ast.Call):
            function = ast.unparse(node.func)
            is_by_name = function in ("importlib.import_module", "import_module", "__import__")
            if is_by_name and node.args and isinstance(node.args[0], ast.Constant):
                yield str(node.args[0].value)


@cache
def modules() -> dict[str, Module]:
    found = {}
    for package in ("init_utils", "autograder"):
        for path in sorted((ROOT / package).rglob("*.py")):
            parts = path.relative_to(ROOT).with_suffix("").parts
            is_package = parts[-1] == "__init__"
            name = ".".join(parts[:-1] if is_package else parts)
            parent = name if is_package else name.rpartition(".")[0]
            tree = ast.parse(path.read_text(encoding="utf-8"))
            found[name] = Module(name, tree, frozenset(imported_names(tree, parent)))
    return found


def within(*packages: str) -> list[Module]:
    chosen = [module for name, module in modules().items() if any(inside(name, p) for p in packages)]
    assert chosen, packages
    return chosen


def breaking(chosen: list[Module], *forbidden: str) -> dict[str, set[str]]:
    return {module.name: reached for module in chosen if (reached := module.reaches(*forbidden))}


def test_what_students_import_never_imports_the_grader() -> None:
    assert breaking(within("init_utils"), "autograder", "nbgrader") == {}


PICTURES = ("matplotlib", "ipywidgets", "IPython", "anywidget")


def test_only_plots_the_lab_and_progress_know_pictures_and_widgets() -> None:
    allowed = {"init_utils.plotting": {"matplotlib"}, "init_utils.progress": {"ipywidgets", "IPython"}}
    found = breaking(within("init_utils"), *PICTURES)
    tops = {name: {item.partition(".")[0] for item in reached} for name, reached in found.items()}
    beyond = {
        name: reached - allowed.get(name, set())
        for name, reached in tops.items()
        if not inside(name, "init_utils.lab")
    }
    assert {name: rest for name, rest in beyond.items() if rest} == {}


@pytest.mark.parametrize("room", ["network", "training", "datasets", "kernel", "checks", "diagnostics"])
def test_rooms_of_numbers_do_not_reach_pictures_through_others(room: str) -> None:
    start = f"init_utils.{room}"
    seen: set[str] = set()
    waiting = [start]
    while waiting:
        name = waiting.pop()
        if name in seen or name == "init_utils.progress":  # loads widgets only when there is a notebook
            continue
        seen.add(name)
        assert breaking(within(name), *PICTURES) == {}, f"{start} reaches {name}"
        waiting += [
            other
            for module in within(name)
            for other in module.imports
            if other in modules() and inside(other, "init_utils") and other != "init_utils"
        ]


ROOMS = {
    "network": {"checks"},
    "checks": set[str](),
    "datasets": {"memo"},
    "memo": set[str](),
    "kernel": {"compiled"},
    "diagnostics": {"checks", "network"},
    "plotting": {"network", "datasets"},
}


def other_rooms(package: str, room: str) -> set[str]:
    """Rooms of the package that modules of this one import."""
    found = {
        other.split(".")[1]
        for module in within(f"{package}.{room}")
        for other in module.reaches(package)
        if "." in other
    }
    return found - {room}


@pytest.mark.parametrize("room", ROOMS)
def test_a_room_imports_only_the_rooms_it_may(room: str) -> None:
    assert other_rooms("init_utils", room) <= ROOMS[room]


def test_what_runs_beside_the_student_imports_nothing_of_the_grader() -> None:
    inner = within("autograder.sandbox.inside")
    found = breaking(inner, "autograder")
    outside = {
        name: {item for item in reached if not inside(item, "autograder.sandbox.inside")}
        for name, reached in found.items()
    }
    assert {name: rest for name, rest in outside.items() if rest} == {}
    assert breaking(inner, "nbgrader", "nbformat", "nbclient", "pickle") == {}


def test_only_three_modules_know_nbgrader() -> None:
    allowed = {"autograder.gradebook.book", "autograder.nbgrader_plugin", "autograder.release"}
    assert set(breaking(within("autograder"), "nbgrader")) <= allowed


RESULTS = {"verdicts", "course"}
GRADER_ROOMS: dict[str, set[str]] = {
    "verdicts": set(),
    "course": set(),
    "assignment": {"course"},
    "wire": {"sandbox"},  # the one format of both sides lies inside, where nothing else can be imported
    "sandbox": {"verdicts", "wire"},
    "intake": {"assignment", "sandbox"},
    "examiner": {"assignment", "sandbox", "verdicts", "wire"},
    "misconceptions": set(),
    "storage": RESULTS,
    "collected": {"course", "storage"},
    "gradebook": RESULTS | {"assignment", "collected", "storage"},
    "grading": RESULTS
    | {"assignment", "examiner", "gradebook", "intake", "misconceptions", "sandbox", "storage"},
    "nbgrader_plugin": RESULTS | {"assignment", "gradebook", "grading", "sandbox", "storage"},
    "exporters": RESULTS | {"own_wheel"},
    "pages": RESULTS | {"exporters"},
    "nbgrader_feedback": RESULTS | {"assignment", "gradebook", "pages", "storage"},
    "downloads": {"collected", "course", "exporters"},
    "collect": {"collected", "course", "downloads"},
    "own_wheel": {"course"},
    "release": {"course", "gradebook"},
    "demo": RESULTS | {"release"},
}


@pytest.mark.parametrize("room", GRADER_ROOMS)
def test_a_room_of_the_grader_imports_only_the_rooms_it_may(room: str) -> None:
    assert other_rooms("autograder", room) <= GRADER_ROOMS[room]


def test_every_room_of_the_grader_has_its_directions() -> None:
    rooms = {module.name.split(".")[1] for module in within("autograder") if "." in module.name}
    assert rooms - set(GRADER_ROOMS) == {"cli", "__main__"}


READERS_OF_RESULTS = ("autograder.pages", "autograder.exporters")


@pytest.mark.parametrize("room", READERS_OF_RESULTS)
def test_reports_and_exports_read_only_results(room: str) -> None:
    allowed = ("autograder.verdicts", "autograder.course", *READERS_OF_RESULTS)
    # The zip for Gradescope carries this program, so it needs the file of its own wheel.
    also = {"autograder.exporters.gradescope": ("autograder.own_wheel",)}
    for module in within(room):
        reached = module.reaches("autograder", "init_utils") - {"autograder"}
        may = (*allowed, *also.get(module.name, ()))
        assert {name for name in reached if not any(inside(name, one) for one in may)} == set(), module.name


def test_data_about_results_imports_only_the_standard_library() -> None:
    for name in ("autograder.verdicts", "autograder.course"):
        tops = {item.partition(".")[0] for item in modules()[name].imports}
        assert tops <= set(sys.stdlib_module_names), name


def test_diagnosis_is_pure() -> None:
    chosen = [m for m in within("autograder.misconceptions") if not m.name.endswith("__main__")]
    assert breaking(chosen, "os", "pathlib", "subprocess", "time", "datetime", "random.seed") == {}
    reached = {name for module in chosen for name in module.reaches("autograder")} - {"autograder"}
    assert all(inside(name, "autograder.misconceptions") for name in reached)


def test_nothing_is_unpickled() -> None:
    assert (
        breaking(within("init_utils", "autograder"), "pickle", "dill", "cloudpickle", "joblib", "marshal")
        == {}
    )


# Where printing is part of the published contract or the purpose: module -> functions.
MAY_PRINT = {
    "init_utils.network": {"predict"},
    "init_utils.training": {"_print_cost"},  # train(print_cost=True)
    "init_utils.progress": {"_write"},  # the bar of a terminal
    "init_utils.images": {"load_image_dataset"},  # pictures that cannot be read, by name
    "init_utils.checks.cells": {"_call_checked"},
}


def printing(module: Module) -> set[str]:
    """Functions that call print or write to a standard stream ("" is the module itself)."""
    found: set[str] = set()

    def visit(node: ast.AST, function: str) -> None:
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
            function = function or node.name
        if isinstance(node, ast.Call):
            name = ast.unparse(node.func)
            if name in ("print", "sys.stdout.write", "sys.stderr.write", "sys.stdout.flush"):
                found.add(function)
        for child in ast.iter_child_nodes(node):
            visit(child, function)

    visit(module.tree, "")
    return found


def test_only_the_command_line_prints() -> None:
    # The inside of the sandbox is the student's process: its stdout is the student's.
    elsewhere = [
        module
        for module in modules().values()
        if not inside(module.name, "autograder.cli") and not inside(module.name, "autograder.sandbox.inside")
    ]
    found = {module.name: printing(module) - MAY_PRINT.get(module.name, set()) for module in elsewhere}
    assert {name: functions for name, functions in found.items() if functions} == {}


def test_the_reading_of_imports_sees_every_form() -> None:
    text = (
        "import a.b\nfrom c import d\nfrom . import e\nfrom .f import g\n"
        "def late():\n    import h\n    return importlib.import_module('i')\n"
    )
    assert set(imported_names(ast.parse(text), "p.q")) >= {
        "a.b",
        "c",
        "c.d",
        "p.q",
        "p.q.e",
        "p.q.f.g",
        "h",
        "i",
    }
