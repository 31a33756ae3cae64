"""The directions of docs/architecture.md, enforced: who imports what, and who prints. One import is run."""

from __future__ import annotations

import ast
import re
import subprocess
import sys
from collections.abc import Collection, Iterable, Iterator, Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path

import pytest

from autograder.cli import VERBS

ROOT = Path(__file__).parents[1]


@dataclass(frozen=True)
class Module:
    """One file: its dotted name, its tree, and the names it imports, wherever in the file."""

    name: str
    tree: ast.Module
    imports: frozenset[str]

    def uses(self, known: Collection[str]) -> set[str]:
        """Those of the `known` modules that are imported; `from a import b` is `a.b` if that is a module."""
        parents = {name.rpartition(".")[0] for name in self.imports if name in known}
        taken_from = {name.rpartition(".")[0] for name in self.imports if name not in known}
        return {
            name for name in self.imports if name in known and (name not in parents or name in taken_from)
        }

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


# What each package (or module beside the packages) may import of its own distribution, from the bottom to the
# top: a row names only rows above it in this table. No row and no test below has an exception.
STUDENTS: dict[str, set[str]] = {
    "checks": set(),
    "memo": set(),
    "compiled": set(),
    "network": {"checks"},
    "kernel": {"compiled"},
    "progress": {"kernel"},
    "published_points": set(),
    "datasets": {"published_points"},
    "images": {"datasets"},
    "engines": {"kernel", "network"},
    "descent": {"checks", "engines", "network"},
    "diagnostics": {"checks", "network"},
    "training": {"descent", "memo", "network", "progress"},
    "handing_in": set(),
    "schemes": set(),
    "plotting": {"datasets", "network", "schemes"},
    "lab": {"checks", "datasets", "descent", "diagnostics", "network", "schemes", "training"},
}

RESULTS = {"verdicts", "course"}
GRADER: dict[str, set[str]] = {
    "verdicts": set(),
    "verdict_words": {"verdicts"},
    "isolation": set(),
    "untrusted": set(),
    "course": {"untrusted"},
    "course_settings": {"course"},
    "new_course": {"course", "course_settings"},
    "code_cell": set(),
    "raised_line": set(),
    "misconceptions": {"code_cell", "raised_line"},
    "sandbox": {"raised_line", "untrusted", "verdicts"},
    "installation": set(),
    "wheels": {"course", "installation"},
    "kernels": set(),
    "meant_notebooks": set(),
    "marks": {"course"},
    "assignment_cell": {"marks"},
    "notebook_document": {"marks"},
    "own_mistakes": {"assignment_cell", "code_cell", "marks"},
    "autotests": {"course", "notebook_document"},
    "assignment": {
        "assignment_cell",
        "autotests",
        "course",
        "course_settings",
        "kernels",
        "marks",
        "notebook_document",
        "own_mistakes",
    },
    "intake": {"assignment", "code_cell", "meant_notebooks", "sandbox", "untrusted"},
    "examiner": {"assignment", "code_cell", "sandbox", "verdicts"},
    "locks": set(),
    "shared": set(),
    "storage": RESULTS | {"locks", "shared"},
    "several_notebooks": {"storage", "verdicts"},
    "collected": {"course", "storage"},
    "grading": RESULTS
    | {
        "assignment",
        "code_cell",
        "course_settings",
        "examiner",
        "intake",
        "misconceptions",
        "own_mistakes",
        "sandbox",
        "several_notebooks",
        "storage",
        "untrusted",
    },
    "exporters": RESULTS | {"isolation", "untrusted"},
    "feedback_archives": {"collected", "course", "exporters", "untrusted", "verdicts"},
    "regrading": {"exporters", "verdicts"},
    "removed_points": {"course", "exporters", "storage"},
    "lacking_modules": {"assignment", "assignment_cell", "code_cell", "course", "grading", "sandbox"},
    "similarity": set(),
    "pages": RESULTS
    | {"code_cell", "exporters", "several_notebooks", "similarity", "untrusted", "verdict_words"},
    "nbgrader_bridge": RESULTS
    | {
        "assignment",
        "autotests",
        "collected",
        "course_settings",
        "grading",
        "intake",
        "kernels",
        "pages",
        "notebook_document",
        "own_mistakes",
        "removed_points",
        "sandbox",
        "several_notebooks",
        "storage",
        "untrusted",
    },
    "nbgrader_plugin": {"nbgrader_bridge"},
    "nbgrader_feedback": {"nbgrader_bridge"},
    "class_options": {"grading", "sandbox", "verdicts"},
    "class_students": {"course"},
    "cluster": RESULTS | {"grading"},
    "class_run": RESULTS
    | {
        "assignment",
        "class_options",
        "class_students",
        "cluster",
        "grading",
        "intake",
        "nbgrader_bridge",
        "sandbox",
        "shared",
        "storage",
    },
    "plan_run": {"assignment", "course", "grading", "sandbox"},
    "downloads": {"collected", "course", "exporters", "meant_notebooks", "untrusted"},
    "collect": {"collected", "course", "downloads", "untrusted"},
    "demo": RESULTS | {"nbgrader_bridge"},
    "teacher_comments": RESULTS | {"storage"},
}
GRADER["class_answers"] = RESULTS | {"assignment", "similarity", "untrusted"}
GRADER["class_pages"] = RESULTS | {
    "assignment", "class_answers", "collected", "grading", "nbgrader_bridge", "pages",
    "removed_points", "storage", "teacher_comments", "untrusted",
}  # fmt: skip
GRADER["course_pages"] = RESULTS | {"class_pages", "pages", "storage"}
GRADER["serve"] = RESULTS | {
    "assignment", "class_answers", "class_options", "class_run", "collected", "nbgrader_bridge", "pages",
    "sandbox", "storage", "teacher_comments",
}  # fmt: skip
GRADER["cli"] = set(GRADER)
GRADER["__main__"] = {"cli"}

TABLES = {"init_utils": STUDENTS, "autograder": GRADER}
ROWS = [(distribution, package) for distribution, table in TABLES.items() for package in table]


def imported_packages(distribution: str, package: str) -> set[str]:
    """Packages of the same distribution that modules of this one import."""
    chosen = within(f"{distribution}.{package}")
    found = {name.split(".")[1] for module in chosen for name in module.reaches(distribution) if "." in name}
    return found - {package}


@pytest.mark.parametrize(("distribution", "package"), ROWS)
def test_a_package_imports_only_what_its_row_names(distribution: str, package: str) -> None:
    assert imported_packages(distribution, package) <= TABLES[distribution][package]


@pytest.mark.parametrize("distribution", TABLES)
def test_a_row_names_only_rows_above_it(distribution: str) -> None:
    above: set[str] = set()
    for package, row in TABLES[distribution].items():
        assert row <= above, f"{package} imports something above it"
        above.add(package)


@pytest.mark.parametrize("distribution", TABLES)
def test_every_package_has_a_row(distribution: str) -> None:
    found = {name.split(".")[1] for name in modules() if inside(name, distribution) and "." in name}
    assert found == set(TABLES[distribution])


# Of the diagnosis: what any assignment has. The rest belongs to the coursework, and is registered by name.
GENERAL_DIAGNOSIS = {"anything", "calls", "diagnosed", "entry", "failures", "registered"}
# What else of the coursework the grader may import, and where: the version, and the folder of the wheel.
COURSEWORK = {
    "autograder.cli": {"init_utils", "init_utils.__version__"},
    "autograder.installation": {"init_utils"},
}


def is_general(name: str) -> bool:
    own, diagnosis = "autograder.misconceptions.", name.removeprefix("autograder.misconceptions.")
    return not name.startswith(own) or diagnosis in GENERAL_DIAGNOSIS


def test_the_general_grader_imports_nothing_of_this_coursework() -> None:
    found = {}
    for module in within("autograder"):
        if not is_general(module.name):
            continue
        reached = {name for name in module.uses(modules()) if not is_general(name)}
        reached |= module.reaches("init_utils") - COURSEWORK.get(module.name, set())
        if reached:
            found[module.name] = reached
    assert found == {}


def test_the_general_grader_names_nothing_of_this_coursework() -> None:
    """In code: examples in docstrings and help may be of any assignment."""
    words = re.compile(r"init_utils|initializ|layers_dims|zeros_(?:shapes|values)|he_(?:shapes|values|seed)")
    by_names = (*COURSEWORK, "autograder.demo", "autograder.misconceptions.registered")
    found = {
        (module.name, node.value)
        for module in within("autograder")
        if is_general(module.name) and not any(inside(module.name, name) for name in by_names)
        for node in ast.walk(module.tree)
        if isinstance(node, ast.Constant) and isinstance(node.value, str)
        if words.search(node.value) and not is_docstring(node, module.tree)
    }
    assert found == set()


def is_docstring(text: ast.Constant, tree: ast.Module) -> bool:
    return any(isinstance(node, ast.Expr) and node.value is text for node in ast.walk(tree))


def test_what_a_worker_loads_for_any_assignment_holds_no_catalogue() -> None:
    code = "import sys, autograder.grading.worker; print(*sys.modules)"
    run = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True, cwd=ROOT)
    loaded = run.stdout.split()
    assert [name for name in loaded if inside(name, "init_utils") or not is_general(name)] == []


def test_the_command_that_grades_loads_nothing_that_only_workers_or_pages_need() -> None:
    code = "import sys, autograder.cli.grade; print(*sys.modules)"
    run = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True, cwd=ROOT)
    late = {"numpy", "jinja2", "mistune", "latex2mathml", "packaging", "nbgrader", "sqlalchemy", "IPython"}
    assert late & set(run.stdout.split()) == set()


def circles(imports: Mapping[str, Iterable[str]]) -> list[list[str]]:
    """The groups of names that reach each other (Tarjan's strongly connected components), each sorted."""
    order: dict[str, int] = {}
    lowest: dict[str, int] = {}
    open_names: list[str] = []
    found: list[list[str]] = []

    def visit(name: str) -> None:
        order[name] = lowest[name] = len(order)
        open_names.append(name)
        for other in imports[name]:
            if other not in order:
                visit(other)
            if other in open_names:
                lowest[name] = min(lowest[name], lowest[other])
        if lowest[name] == order[name]:
            place = open_names.index(name)
            group = sorted(open_names[place:])
            del open_names[place:]
            if len(group) > 1:
                found.append(group)

    for name in imports:
        if name not in order:
            visit(name)
    return sorted(found)


def test_circles_of_any_length_are_found_and_nothing_else() -> None:
    assert circles({"a": ["b"], "b": ["c"], "c": []}) == []
    assert circles({"a": ["b"], "b": ["a"], "c": ["a"]}) == [["a", "b"]]
    both = {"a": ["b"], "b": ["c"], "c": ["a", "d"], "d": ["e"], "e": ["d"], "f": ["f", "a"]}
    assert circles(both) == [["a", "b", "c"], ["d", "e"]]


def test_no_modules_import_each_other_in_a_circle() -> None:
    assert circles({name: module.uses(modules()) for name, module in modules().items()}) == []


# Libraries that belong to some packages alone, lazy imports included.
BRIDGE = ("autograder.nbgrader_bridge",)
LIBRARIES = {
    "matplotlib": ("init_utils.plotting", "init_utils.lab", "autograder.sandbox.inside"),
    "IPython": ("init_utils.lab", "autograder.sandbox.inside"),
    "ipywidgets": ("init_utils.lab",),
    "anywidget": ("init_utils.lab",),
    "numba": ("init_utils.kernel", "init_utils.compiled"),
    "sklearn": ("init_utils.images", "init_utils.published_points"),
    "rich": ("autograder.cli",),
    **dict.fromkeys(("dask", "distributed"), ("autograder.cluster",)),
    **dict.fromkeys(("starlette", "uvicorn", "prometheus_client"), ("autograder.serve",)),
    **dict.fromkeys(("nh3", "mistune"), ("autograder.untrusted",)),
    **dict.fromkeys(("nbgrader", "nbformat", "sqlalchemy", "alembic"), BRIDGE),
    "nbconvert": (*BRIDGE, "autograder.untrusted.typesetting", "init_utils.lab.exporter"),
}


@pytest.mark.parametrize("library", LIBRARIES)
def test_a_library_is_known_only_to_the_packages_it_belongs_to(library: str) -> None:
    users = breaking(list(modules().values()), library)
    assert {name for name in users if not any(inside(name, owner) for owner in LIBRARIES[library])} == set()


def test_what_students_import_never_imports_the_grader() -> None:
    assert breaking(within("init_utils"), "autograder", "nbgrader") == {}


@pytest.mark.parametrize("package", ["network", "training", "datasets", "kernel", "checks", "diagnostics"])
def test_numbers_do_not_reach_pictures_through_other_packages(package: str) -> None:
    reached: set[str] = set()
    waiting = [package]
    while waiting:
        name = waiting.pop()
        reached.add(name)
        waiting += imported_packages("init_utils", name) - reached
    assert reached & {"plotting", "lab"} == set()


def test_what_runs_beside_the_student_imports_nothing_of_the_grader() -> None:
    inner = within("autograder.sandbox.inside")
    found = breaking(inner, "autograder")
    outside = {
        name: {item for item in reached if not inside(item, "autograder.sandbox.inside")}
        for name, reached in found.items()
    }
    assert {name: rest for name, rest in outside.items() if rest} == {}
    assert breaking(inner, "nbgrader", "nbformat", "nbclient") == {}


@pytest.mark.parametrize("reader", ["autograder.pages", "autograder.exporters"])
def test_reports_and_exports_import_nothing_of_what_students_import(reader: str) -> None:
    assert breaking(within(reader), "init_utils") == {}


def test_verbs_import_no_verbs() -> None:
    verbs = [f"autograder.cli.{verb}" for verb in VERBS]
    for verb in verbs:
        others = set(verbs) - {verb}
        assert breaking(within(verb), *others) == {}, verb


def test_data_about_results_imports_only_the_standard_library() -> None:
    untrusted = ("autograder.untrusted.text", "autograder.untrusted.windows_names")
    chosen = ("autograder.verdicts", "autograder.course", *untrusted)
    for name in chosen:
        others = {item for item in modules()[name].imports if not any(inside(item, one) for one in chosen)}
        tops = {item.partition(".")[0] for item in others}
        assert tops <= set(sys.stdlib_module_names), name


def test_diagnosis_is_pure() -> None:
    chosen = [m for m in within("autograder.misconceptions") if not m.name.endswith("__main__")]
    assert breaking(chosen, "os", "pathlib", "subprocess", "time", "datetime", "random.seed") == {}
    reached = {name for module in chosen for name in module.reaches("autograder")} - {"autograder"}
    pure = ("autograder.misconceptions", "autograder.code_cell", "autograder.raised_line")
    assert all(any(inside(name, package) for package in pure) for name in reached)


def test_nothing_is_unpickled() -> None:
    everything = within("init_utils", "autograder")
    assert breaking(everything, "_pickle", "dill", "cloudpickle", "joblib", "marshal", "shelve") == {}
    # A figure's state is written into a hash, and read by nobody: this takes what writes, and nothing else.
    writes = {"pickle", "pickle.Pickler", "pickle.PickleBuffer"}
    assert breaking(everything, "pickle") == {"autograder.sandbox.inside.drawn_state": writes}


# Where printing is part of the published contract or the purpose: module -> functions.
MAY_PRINT = {
    "init_utils.network": {"predict"},
    "init_utils.training": {"_print_cost"},  # train(print_cost=True)
    "init_utils.progress": {"_write"},  # the bar of a terminal
    "init_utils.images": {"load_image_dataset"},  # pictures that cannot be read, by name
    "init_utils.checks.cells": {"_call_checked"},
    "init_utils.lab.__main__": {"main"},
    "init_utils.checks.failures": {"_show"},  # plain Python's excepthook
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


@pytest.mark.parametrize("distribution", TABLES)
def test_the_page_on_architecture_names_every_package(distribution: str) -> None:
    page = (ROOT / "docs" / "architecture.md").read_text(encoding="utf-8")
    section = page.split(f"## Packages of `{distribution}`")[1].split("\n## ")[0]
    cells = re.findall(r"^\| (`.*?) \|", section, re.MULTILINE)
    named = {name for cell in cells for name in re.findall(r"`(\w+)`", cell)}
    found = {name.split(".")[1] for name in modules() if inside(name, distribution) and "." in name}
    assert named == found - {"__main__"}
